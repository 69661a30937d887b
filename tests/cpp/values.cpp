/* What upscope.hpp does without the library: it writes requests and reads error objects. */

#include "check.h"
#include "upscope.hpp"

#include <clocale>
#include <limits>
#include <sstream>

namespace {

using namespace upscope;

std::string text_of(const Value &value) {
    return value.invalid() == detail::Invalid::none ? value.text() : "invalid";
}

void values_are_written() {
    const struct {
        Value value;
        const char *wanted;
    } all[] = {
        {nullptr, "null"},
        {true, "true"},
        {false, "false"},
        {0, "0"},
        {-5, "-5"},
        {18446744073709551615u, "18446744073709551615"},
        {std::numeric_limits<long long>::min(), "-9223372036854775808"},
        {1.5, "1.5"},
        {0.1, "0.1"},
        {0.1f, "0.10000000149011612"},
        {1e300, "1e+300"},
        {-0.0, "-0"},
        {1.0 / 3.0, "0.3333333333333333"},
        {0.1 + 0.2, "0.30000000000000004"},
        {5e-324, "4.94065645841247e-324"},
        {"", "\"\""},
        {"a \"b\" \\ /", "\"a \\\"b\\\" \\\\ /\""},
        {"\x01\n\t\x1f\x7f", "\"\\u0001\\u000a\\u0009\\u001f\x7f\""},
        {"\xc5\x81\xc3\xb3""d\xc5\xba \xf0\x9f\x98\x80", "\"\xc5\x81\xc3\xb3""d\xc5\xba \xf0\x9f\x98\x80\""},
        {std::string("text"), "\"text\""},
        {std::string_view("texture").substr(0, 4), "\"text\""},
        {Object{}, "{}"},
        {Object{{"a", 1}, {"b \"", Object{{"c", nullptr}}}}, "{\"a\":1,\"b \\\"\":{\"c\":null}}"},
        {Value::raw(" [1, {\"a\": null}] "), " [1, {\"a\": null}] "},
        {Value::raw("-0.5e+3"), "-0.5e+3"},
    };
    for (const auto &each : all) CHECK(text_of(each.value) == each.wanted, "%s", each.value.text().c_str());
}

void invalid_json_is_found() {
    const char *broken[] = {
        "", "1 2", "{", "}", "[1,]", "[,1]", "[1}", "{\"a\"}", "{\"a\":1,}", "{1:2}", "01", "1.", ".5", "+1", "1e", "-",
        "nul", "nullx", "true false", "'a'", "\"a", "\"\\", "\"\n\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"",
        "\"\\udc00\"", "\"\\ud800\\u0041\"", "1, \"path\": \"/x\"",
    };
    for (const char *text : broken) {
        CHECK(Value::raw(text).invalid() == detail::Invalid::not_json, "%s", text);
    }
    CHECK(Value::raw(std::string("1\0", 2)).invalid() == detail::Invalid::nul, "a NUL");
    CHECK(Value(std::string("a\0b", 3)).invalid() == detail::Invalid::nul, "a NUL");
    CHECK(Value(Object{{"a", std::string("\0", 1)}}).invalid() == detail::Invalid::nul, "a NUL");
    CHECK(Value(Object{{std::string("\0", 1), 1}}).invalid() == detail::Invalid::nul, "a NUL");
    CHECK(Value(std::numeric_limits<double>::infinity()).invalid() == detail::Invalid::not_finite, "infinite");
    CHECK(Value(std::numeric_limits<float>::quiet_NaN()).invalid() == detail::Invalid::not_finite, "NaN");
    /* 128 levels are allowed, and a million do not overflow the stack. */
    const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
    CHECK(Value::raw(nested(128)).invalid() == detail::Invalid::none, "128 levels");
    CHECK(Value::raw(nested(1000000)).invalid() == detail::Invalid::not_json, "a million levels");
    CHECK(Value::raw(std::string(1000000, '[')).invalid() == detail::Invalid::not_json, "a million brackets");
}

/** A locale with a decimal comma. If the machine has none, this test shows nothing. */
void the_locale_does_not_change_numbers() {
    bool set = false;
    for (const char *name : {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "pl_PL.UTF-8", "German"}) {
        set = set || std::setlocale(LC_ALL, name) != nullptr;
    }
    CHECK(text_of(1.5) == "1.5", "%s", text_of(1.5).c_str());
    CHECK(text_of(-2.5e-10) == "-2.5e-10", "%s", text_of(-2.5e-10).c_str());
    if (!set) std::printf("    values: no locale with a decimal comma here\n");
    std::setlocale(LC_ALL, "C");
}

template <typename T>
std::string problem_of(const T &request) {
    detail::Writer writer;
    writer.write(request);
    return writer.problem();
}

void problems_name_the_key() {
    CreateWatchUrl watch;
    watch.visitor_id = "v";
    watch.agent.id = "7";
    CHECK(problem_of(watch).empty(), "%s", problem_of(watch).c_str());
    watch.metadata = Object{{"n", std::numeric_limits<double>::quiet_NaN()}};
    CHECK(problem_of(watch).find("\"metadata.n\" is a number") == 0, "%s", problem_of(watch).c_str());
    watch.agent.name = std::string("Joe\0Smith", 9);
    CHECK(problem_of(watch).find("\"agent.name\" holds a NUL") == 0, "%s", problem_of(watch).c_str());
    Request request{"POST", "/x"};
    request.body = Value::raw("1, \"path\": \"/y\"");
    CHECK(problem_of(request).find("\"body\" is not one JSON value") == 0, "%s", problem_of(request).c_str());
}

void appended_text_is_complete_and_can_be_erased() {
    /* The text is complete whether or not it moved. */
    std::string text;
    std::string wanted;
    for (int i = 0; i < 1000; ++i) {
        detail::append(text, "a piece of text, ");
        wanted += "a piece of text, ";
    }
    CHECK(text == wanted, "%u characters", static_cast<unsigned>(text.size()));
    detail::erase(text.data(), text.size());
    CHECK(text.find_first_not_of('\0') == std::string::npos, "%s", text.c_str());
}

ErrorObject object_of(upscope_status status, const char *text) {
    const Error error = detail::read_error(status, text);
    return ErrorObject{error.code(),        error.status(),     error.message(),        error.operation(),
                       error.http_status(), error.api_error(),  error.api_message(),    error.request_id(),
                       error.attempts(),    error.retryable(),  error.retry_after_ms(), error.may_have_applied()};
}

void error_objects_are_read() {
    const ErrorObject full = object_of(6, R"({"error": {"code": "rate_limited", "status": 6,
        "message": "Wait \u00e9\ud83d\ude00 \"a\"\n.", "operation": "get_usage", "http_status": 429,
        "api_error": "slow {down}", "api_message": "Too many\u2026", "request_id": "r_1", "attempts": 3, "retryable": true, "retry_after_ms": 18446744073709551615,
        "may_have_applied": true, "later": [{"a": null}]}})");
    CHECK(full.code == "rate_limited" && full.status == 6, "%s", full.code.c_str());
    CHECK(full.message == "Wait \xc3\xa9\xf0\x9f\x98\x80 \"a\"\n.", "%s", full.message.c_str());
    CHECK(full.operation == "get_usage" && full.http_status == 429, "%s", full.message.c_str());
    CHECK(full.api_error == "slow {down}" && full.attempts == 3, "%s", full.message.c_str());
    CHECK(full.api_message == "Too many\xe2\x80\xa6" && full.request_id == "r_1", "%s", full.message.c_str());
    CHECK(full.retryable && full.may_have_applied, "%d %d", full.retryable, full.may_have_applied);
    CHECK(full.retry_after_ms == std::numeric_limits<std::int64_t>::max(), "%d", full.retry_after_ms.has_value());

    const ErrorObject least = object_of(13, R"({"error":{"code":"internal","status":13,"message":"m",
        "operation":null,"http_status":null,"api_error":null,"api_message":null,"request_id":null,"attempts":0,"retryable":false,"retry_after_ms":null,
        "may_have_applied":false}})");
    CHECK(least.message == "m" && !least.operation && !least.http_status && !least.api_error, "%s",
          least.message.c_str());
    CHECK(!least.api_message && !least.request_id, "%s", least.message.c_str());
    CHECK(!least.retry_after_ms && !least.retryable && !least.may_have_applied, "%s", least.message.c_str());

    /* If the text is not an error object, the error is made from the status. */
    const char *unreadable[] = {nullptr, "", "{}", "[]", "null", "{\"error\":{}}", "{\"error\":{\"code\":5}}",
                                "{\"error\":{\"code\":\"x\"}} x", "{\"error\":{\"code\":\"x\"}", "{\"code\":\"x\"}",
                                "{\"error\":{\"code\":\"x\",\"attempts\":-1}}",
                                "{\"error\":{\"code\":\"x\",\"attempts\":99999999999}}",
                                "{\"error\":{\"code\":\"x\",\"retryable\":\"true\"}}"};
    for (const char *text : unreadable) {
        const ErrorObject found = object_of(UPSCOPE_TIMEOUT, text);
        CHECK(found.code == "timeout" && found.status == UPSCOPE_TIMEOUT, "%s: %s", shown(text), found.code.c_str());
        CHECK(found.message.find("cannot be read") != std::string::npos, "%s", found.message.c_str());
    }
}

/** Whether a type can be printed, and so could end up in a log. */
template <typename T, typename = void>
struct IsPrintable : std::false_type {};
template <typename T>
struct IsPrintable<T, std::void_t<decltype(std::declval<std::ostream &>() << std::declval<const T &>())>>
    : std::true_type {};

static_assert(IsPrintable<std::string>::value, "the trait works");
static_assert(!IsPrintable<Answer>::value && !IsPrintable<Result<Answer>>::value, "a link could be printed");
static_assert(!IsPrintable<Config>::value, "a key could be printed");

template <typename T>
constexpr bool is_move_only =
    !std::is_copy_constructible_v<T> && std::is_nothrow_move_constructible_v<T> && std::is_move_assignable_v<T>;

static_assert(is_move_only<Client> && is_move_only<Answer> && is_move_only<Pending<Answer>>, "");
static_assert(is_move_only<Pages> && !std::is_copy_constructible_v<Sessions>, "");
static_assert(std::is_nothrow_copy_constructible_v<Error>, "exceptions must be copyable");
static_assert(!std::is_convertible_v<const char *, Naked>, "text must not convert to a boolean");
static_assert(std::is_aggregate_v<CreateWatchUrl> && std::is_aggregate_v<Config>, "requests must be aggregates");

} // namespace

int main(int, char **argv) {
    values_are_written();
    invalid_json_is_found();
    the_locale_does_not_change_numbers();
    problems_name_the_key();
    appended_text_is_complete_and_can_be_erased();
    error_objects_are_read();
    return checks_end(argv[0], 100);
}
