/* Answers are read without a JSON library: by JSON pointer, as structs, and as nlohmann::json from structs. */

#include "check.h"
#include "upscope.hpp"

#include <clocale>
#include <limits>

namespace {

using namespace upscope;

/** Text for messages. */
std::string shown_of(const std::optional<std::string> &text) { return text ? "\"" + *text + "\"" : "nothing"; }

void strings() {
    const JsonView json(R"( {"a": {"b": ["x", {"c": "deep"}]}, "": "empty", "a/b": "slash", "m~n": "tilde",
        "~1": "tilde one", " ": "space", "e\u0000f": "NUL", "quoted\"key": "quote", "n": null, "num": 5, "t": true,
        "obj": {}, "list": [], "01": "leading", "\u00e9": "e", "dot.key": "dot"} )");
    const struct {
        const char *pointer;
        std::optional<std::string> wanted;
    } all[] = {
        {"/a/b/0", "x"},
        {"/a/b/1/c", "deep"},
        {"/", "empty"},
        {"/a~1b", "slash"},
        {"/m~0n", "tilde"},
        {"/~01", "tilde one"},
        {"/ ", "space"},
        {"/quoted\"key", "quote"},
        {"/\xc3\xa9", "e"},
        {"/01", "leading"},
        {"/dot.key", "dot"},
        {"", {}},
        {"a", {}},
        {"a/b/0", {}},
        {"/nothing", {}},
        {"/n", {}},
        {"/num", {}},
        {"/t", {}},
        {"/obj", {}},
        {"/list", {}},
        {"/list/0", {}},
        {"/a/b/2", {}},
        {"/a/b/-", {}},
        {"/a/b/-1", {}},
        {"/a/b/00", {}},
        {"/a/b/+0", {}},
        {"/a/b/0x0", {}},
        {"/a/b/18446744073709551616", {}},
        {"/a/b/18446744073709551615", {}},
        {"/a/b/0/", {}},
        {"/a/b/", {}},
        {"/a/b/1/c/", {}},
        {"/m~2n", {}},
        {"/m~", {}},
        {"/a ", {}},
        {"//a", {}},
    };
    for (const auto &each : all) {
        const std::optional<std::string> found = json.string(each.pointer);
        CHECK(found == each.wanted, "%s: %s", each.pointer, shown_of(found).c_str());
    }
    CHECK(json.string(std::string_view("/e\0f", 4)) == "NUL", "a key with a NUL");
    CHECK(JsonView("\"text\"").string() == "text" && JsonView(" \"\" ").string("") == "", "the whole text");
}

void of_equal_keys_the_last_one_counts() {
    const JsonView json(R"({"a": 1, "a": {"b": "first"}, "\u0061": {"b": "x", "b": "last"}, "n": "x", "n": null})");
    CHECK(json.string("/a/b") == "last", "%s", shown_of(json.string("/a/b")).c_str());
    CHECK(!json.string("/n"), "a null");
    const JsonView other(R"({"a": "x", "a": 5})");
    CHECK(!other.string("/a") && other.integer("/a") == 5, "%s", shown_of(other.string("/a")).c_str());
}

void characters() {
    const auto text = [](const char *json) { return JsonView(json).string(); };
    CHECK(text(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t", "escapes");
    CHECK(text(R"("\u00e9\u20ac\ud83d\ude00")") == "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "characters");
    CHECK(text(R"("\ud800")") == "\xef\xbf\xbd", "a lone surrogate");
    CHECK(text(R"("a\udc00b")") == "a\xef\xbf\xbd""b", "a lone surrogate");
    CHECK(text(R"("\ud800\u0041")") == "\xef\xbf\xbd""A", "a lone surrogate before a letter");
    CHECK(text(R"("\ud800\ud83d\ude00")") == "\xef\xbf\xbd\xf0\x9f\x98\x80", "a lone surrogate before a pair");
    CHECK(text(R"("\ud800\n")") == "\xef\xbf\xbd\n", "a lone surrogate before an escape");
    CHECK(!text(R"("\ud800\u00")") && !text(R"("\ud800\x")") && !text(R"("\u12")"), "broken escapes");
    CHECK(!text(R"("a\u0000b")") && !text(R"("\u0000")"), "a NUL");
    /* The rest of such a text can be read. */
    const JsonView json(R"({"a": "\u0000", "b": "\udfff", "\ud800": "key", "c": "x"})");
    CHECK(json.string("/c") == "x" && !json.string("/a") && json.string("/\xef\xbf\xbd") == "key", "the rest");
    CHECK(json.json("/a") == "\"\\u0000\"", "%s", shown_of(json.json("/a")).c_str());
}

void integers_numbers_and_booleans() {
    const struct {
        const char *json;
        std::optional<std::int64_t> integer;
        std::optional<double> number;
        std::optional<bool> boolean;
    } all[] = {
        {"0", 0, 0.0, {}},
        {"-0", 0, 0.0, {}},
        {"5", 5, 5.0, {}},
        {"-17", -17, -17.0, {}},
        {"9223372036854775807", std::numeric_limits<std::int64_t>::max(), 9223372036854775807.0, {}},
        {"-9223372036854775808", std::numeric_limits<std::int64_t>::min(), -9223372036854775808.0, {}},
        {"9223372036854775808", {}, 9223372036854775808.0, {}},
        {"-9223372036854775809", {}, -9223372036854775808.0, {}},
        {"100000000000000000000", {}, 1e20, {}},
        {"1.0", {}, 1.0, {}},
        {"1e3", {}, 1000.0, {}},
        {"-2.5E-1", {}, -0.25, {}},
        {"0.1", {}, 0.1, {}},
        {"1e999", {}, {}, {}},
        {"true", {}, {}, true},
        {"false", {}, {}, false},
        {"null", {}, {}, {}},
        {"\"5\"", {}, {}, {}},
        {"\"true\"", {}, {}, {}},
        {"[5]", {}, {}, {}},
        {"{}", {}, {}, {}},
        {"01", {}, {}, {}},
        {"5 5", {}, {}, {}},
        {"nan", {}, {}, {}},
        {"", {}, {}, {}},
    };
    for (const char *locale : {"C", "de_DE.UTF-8", "fr_FR.UTF-8", "pl_PL.UTF-8", "German"}) {
        if (std::setlocale(LC_ALL, locale) == nullptr) continue;
        for (const auto &each : all) {
            const JsonView json(each.json);
            CHECK(json.integer() == each.integer, "%s as an integer", each.json);
            CHECK(json.number() == each.number, "%s as a number: %g", each.json, json.number().value_or(-1));
            CHECK(json.boolean() == each.boolean, "%s as a boolean", each.json);
        }
    }
    std::setlocale(LC_ALL, "C");
}

void arrays() {
    const JsonView json(R"({"v": [ {"id": "a"} ,{"id":"b"}, 5, null, ["x"] ], "e": [ ], "o": {"a": 1}})");
    CHECK(json.size("/v") == 5 && json.size("/v/4") == 1 && json.size("/e") == 0, "%u",
          static_cast<unsigned>(json.size("/v")));
    CHECK(json.size("/o") == 0 && json.size("/none") == 0 && json.size("") == 0, "no arrays");
    std::string ids;
    for (const JsonView &item : json.items("/v")) ids += item.string("/id").value_or("?") + ",";
    CHECK(ids == "a,b,?,?,?,", "%s", ids.c_str());
    for (const char *pointer : {"/e", "/o", "/none", ""}) {
        for (const JsonView &item : json.items(pointer)) CHECK(false, "%s", std::string(item.text()).c_str());
    }
    const JsonItems items = json.items("/v");
    JsonItems::iterator at = items.begin();
    CHECK(at++->text() == R"({"id": "a"})" && at->text() == R"({"id":"b"})", "%s", std::string(at->text()).c_str());
    CHECK((++at)->integer() == 5 && !(++at)->integer() && at != items.end(), "the elements");
    CHECK((++at)->items().begin()->string() == "x" && ++at == items.end(), "the last element");
    /* Broken arrays have no values. */
    for (const char *broken : {"[1,]", "[1", "[1 2]", "[1}", "[,]"}) {
        CHECK(JsonView(broken).size() == 0, "%s", broken);
    }
    const std::string deep = std::string(1000000, '[') + std::string(1000000, ']');
    CHECK(JsonView(deep).size() == 0, "a million levels");
}

void values_are_read() {
    const Value value = Value::raw(R"({"a": [1, "x"]})");
    CHECK(value.string("/a/1") == "x" && value.integer("/a/0") == 1, "a value");
    CHECK(Value("te\"xt").string() == "te\"xt" && Value(1.5).number() == 1.5 && Value(true).boolean() == true, "a value");
    const Object object{{"a", 1}, {"b", "x"}, {"a", 2}};
    CHECK(object.find("a")->integer() == 2 && object.find("b")->string() == "x" && !object.find("c"), "an object");
}

const char visitor_json[] = R"({
    "short_id": "1234", "unique_id": 42, "name": "Anna \u00c5 \ud800", "email": null, "is_online": true,
    "is_in_session": "yes", "tags": ["a", "b"], "identities": ["x", 5], "added_at": "2024-02-29T12:00:00.5+01:00",
    "location_city": "a\u0000b", "later": [1, {"x": null}], "a\u0000b": 1,
    "sessions": [
        {"id": 7, "length_seconds": 61, "went_live": false, "team": {"id": "t", "domain": "acme.example"},
         "agents": [{"id": "u_1", "name": "Joe"}, null, 5], "features_used": [],
         "metadata": {"ticket": "T-1", "vip": true, "n": 1.5, "vip": false}},
        null,
        {"id": "s_8", "length_seconds": 1.5, "call_length_seconds": 99999999999999999999, "team": 5, "metadata": []}
    ]})";

template <typename Model>
void check_visitor(const Model &visitor) {
    CHECK(visitor.short_id == "1234" && visitor.unique_id == "42", "%s", shown_of(visitor.unique_id).c_str());
    CHECK(visitor.name == "Anna \xc3\x85 \xef\xbf\xbd" && !visitor.email, "%s", shown_of(visitor.name).c_str());
    CHECK(visitor.is_online == true && !visitor.is_in_session && !visitor.is_supported, "booleans");
    CHECK(visitor.tags == std::vector<std::string>({"a", "b"}) && !visitor.identities, "lists");
    CHECK(visitor.sessions && visitor.sessions->size() == 2, "%d sessions", visitor.sessions.has_value());
    const Session &session = visitor.sessions->at(0), &other = visitor.sessions->at(1);
    CHECK(session.id == "7" && session.length_seconds == 61 && session.went_live == false, "a session");
    CHECK(session.team && session.team->domain == "acme.example", "a team");
    CHECK(session.agents && session.agents->size() == 1 && session.agents->at(0).name == "Joe", "an agent");
    CHECK(session.features_used && session.features_used->empty() && !session.ended_at, "lists and times");
    CHECK(session.metadata && session.metadata->find("ticket")->string() == "T-1", "metadata");
    CHECK(session.metadata->find("vip")->boolean() == false && session.metadata->members().size() == 4, "metadata");
    CHECK(other.id == "s_8" && !other.length_seconds && !other.call_length_seconds && !other.team && !other.metadata,
          "types");
}

void structs_are_read() {
    const std::optional<Visitor> visitor = JsonView(visitor_json).as<Visitor>();
    CHECK(visitor.has_value(), "no visitor");
    check_visitor(*visitor);
    const JsonView extra(visitor->extra);
    CHECK(extra.string("/is_in_session") == "yes" && extra.json("/later") == R"([1, {"x": null}])", "%s",
          visitor->extra.c_str());
    CHECK(extra.size("/identities") == 2 && extra.json("/location_city") == R"("a\u0000b")", "%s",
          visitor->extra.c_str());
    CHECK(extra.integer(std::string_view("/a\0b", 4)) == 1 && !extra.json("/email") && !extra.json("/tags"), "%s",
          visitor->extra.c_str());
    const Session &session = visitor->sessions->at(0), &other = visitor->sessions->at(1);
    CHECK(session.extra == "{}" && session.string("/metadata/ticket") == "T-1", "%s", session.extra.c_str());
    CHECK(JsonView(other.extra).integer("/team") == 5 && JsonView(other.extra).number("/length_seconds") == 1.5, "%s",
          other.extra.c_str());
    CHECK(session.text().find("{\"id\": 7,") == 0, "%s", session.text().c_str());

    for (const char *text : {"", "5", "null", "[]", "[{}]", "\"x\"", "{", "{}}"}) {
        CHECK(!JsonView(text).as<Visitor>(), "%s", text);
    }
    const std::optional<Visitor> empty = JsonView(" {} ").as<Visitor>();
    CHECK(empty && !empty->short_id && empty->extra == "{}", "an empty object");
    CHECK(Visitor().extra == "{}" && Session().extra == "{}" && Session().text().empty(), "new objects");
    /* The last of equal keys also decides what remains in `extra`. */
    const auto equal = JsonView(R"({"name": "a", "name": [], "email": {}, "email": "e", "x": 1, "x": 2})").as<Visitor>();
    CHECK(!equal->name && equal->email == "e" && equal->extra == R"({"name": "a","name": [],"x": 1,"x": 2})" && JsonView(equal->extra).integer("/x") == 2, "%s", equal->extra.c_str());

    const std::vector<Visitor> list = JsonView(R"({"v": [{"name": "a"}, null, {"name": "b"}]})").list<Visitor>("/v");
    CHECK(list.size() == 2 && list[1].name == "b", "%u", static_cast<unsigned>(list.size()));
    CHECK(JsonView("[{}, 1]").list<Session>().size() == 1 && JsonView("{}").list<Session>().empty(), "lists");
}

void a_session_keeps_its_text() {
    const std::string text = R"({"id": "s_1", "visitor_id": "v", "later": 5})";
    const Session session(text);
    CHECK(session.text() == text && session.id == "s_1" && session.visitor_id == "v", "%s", session.text().c_str());
    CHECK(session.extra == R"({"later": 5})" && session.integer("/later") == 5, "%s", session.extra.c_str());
    const Session unreadable("[]");
    CHECK(unreadable.text() == "[]" && !unreadable.id && unreadable.extra == "{}", "%s", unreadable.extra.c_str());
    Session moved = session;
    moved.id = "s_2";
    CHECK(session.id == "s_1" && moved.text() == text, "a copy");
}

void times() {
    const auto milliseconds = [](const char *text) -> std::optional<std::int64_t> {
        const std::optional<Time> time = parse_time(text);
        if (!time) return std::nullopt;
        return time->time_since_epoch().count();
    };
    const struct {
        const char *text;
        std::optional<std::int64_t> wanted;
    } all[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2022-01-11T18:01:49.700Z", 1641924109700},
        {"2022-01-11T18:01:49+00:00", 1641924109000},
        {"2022-01-11T19:31:49.7+01:30", 1641924109700},
        {"2022-01-11T15:01:49.700123456-03:00", 1641924109700},
        {"2024-02-29T23:59:60Z", 1709251200000},
        {"2000-03-01T00:00:00Z", 951868800000},
        {"1969-12-31T23:59:59.999Z", -1},
        {"0001-01-01T00:00:00Z", -62135596800000},
        {"9999-12-31T23:59:59Z", 253402300799000},
        {"2023-02-29T00:00:00Z", {}},
        {"1900-02-29T00:00:00Z", {}},
        {"2023-04-31T00:00:00Z", {}},
        {"2023-08-31T00:00:00Z", 1693440000000},
        {"2023-13-01T00:00:00Z", {}},
        {"2023-00-01T00:00:00Z", {}},
        {"2023-01-00T00:00:00Z", {}},
        {"2023-01-01T24:00:00Z", {}},
        {"2023-01-01T00:60:00Z", {}},
        {"2023-01-01T00:00:00", {}},
        {"2023-01-01T00:00:00.Z", {}},
        {"2023-01-01T00:00:00+1:00", {}},
        {"2023-01-01T00:00:00+01:00 ", {}},
        {"2023-01-01T00:00:00Zx", {}},
        {"2023-01-01 00:00:00Z", {}},
        {"2023-1-1T00:00:00Z", {}},
        {"", {}},
    };
    for (const auto &each : all) {
        const std::optional<std::int64_t> found = milliseconds(each.text);
        CHECK(found == each.wanted, "%s: %lld", each.text, static_cast<long long>(found.value_or(-1)));
    }
    const std::chrono::system_clock::time_point converted = *parse_time("2022-01-11T18:01:49.700Z");
    CHECK(converted < std::chrono::system_clock::now(), "a time in the future");
}

#ifdef NLOHMANN_JSON_VERSION_MAJOR

void structs_convert_to_and_from_nlohmann() {
    using nlohmann::json;
    const Visitor visitor = json::parse(R"({"short_id": "1", "unique_id": 42, "is_online": true, "tags": ["a"],
        "later": {"x": [1]}, "name": 5.5, "sessions": [{"id": "s", "metadata": {"n": 1, "s": "x"},
        "agents": [{"id": "u", "sessions": [{"id": "t"}]}]}]})").get<Visitor>();
    CHECK(visitor.short_id == "1" && visitor.unique_id == "42" && visitor.name == "5.5", "a visitor");
    CHECK(visitor.sessions->at(0).agents->at(0).sessions->at(0).id == "t", "a session of an agent");
    const json wanted = json::parse(R"({"short_id": "1", "unique_id": "42", "is_online": true, "tags": ["a"],
        "later": {"x": [1]}, "name": "5.5", "sessions": [{"id": "s", "metadata": {"n": 1, "s": "x"},
        "agents": [{"id": "u", "sessions": [{"id": "t"}]}]}]})");
    CHECK(json(visitor) == wanted, "%s", json(visitor).dump().c_str());
    CHECK(nlohmann::ordered_json(visitor).at("short_id") == "1", "ordered");
    Visitor made;
    made.name = "Joe \"X\"";
    made.sessions.emplace().emplace_back().id = "s_1";
    CHECK(json(made) == json::parse(R"({"name": "Joe \"X\"", "sessions": [{"id": "s_1"}]})"), "%s",
          json(made).dump().c_str());
    const std::vector<Session> sessions = json::parse(R"([{"id": "a"}, {"id": "b"}])").get<std::vector<Session>>();
    CHECK(sessions.size() == 2 && sessions[1].id == "b" && json(sessions).size() == 2, "a list");
    bool threw = false;
    try {
        static_cast<void>(json::parse("[1]").get<Visitor>());
    } catch (const json::exception &) {
        threw = true;
    }
    CHECK(threw, "a list as a visitor");
}

#endif

/* Whether an expression with a type compiles. */
template <typename T, typename = void>
struct CanIterateTemporary : std::false_type {};
template <typename T>
struct CanIterateTemporary<T, std::void_t<decltype(std::declval<T &&>().items("/x"))>> : std::true_type {};
static_assert(!CanIterateTemporary<Answer>::value && !CanIterateTemporary<Session>::value, "elements would dangle");

static_assert(std::is_aggregate_v<Visitor> && std::is_aggregate_v<Usage>, "structs for responses are aggregates");
static_assert(std::is_constructible_v<Client, const char *> && std::is_constructible_v<Client, char *>, "a key");
static_assert(std::is_constructible_v<Client, std::string> && std::is_constructible_v<Client, std::string_view>, "");
static_assert(std::is_constructible_v<Client, const char (&)[4]> && std::is_constructible_v<Client, Config>, "");
static_assert(!std::is_constructible_v<Client, std::nullptr_t> && !std::is_constructible_v<Client, int>, "no key");
static_assert(!std::is_convertible_v<const char *, Client>, "a key is not a client");

void clients_are_created_from_a_key() {
    const std::string text = "key";
    const char *const none = nullptr;
    const Client literal("key"), string(text), view{std::string_view(text)}, braces({"key"}), config(Config{"key"});
    CHECK(literal.handle() && string.handle() && view.handle() && braces.handle() && config.handle(), "no client");
    const Client list{{"key"}}, string_list({text}), copy_list({std::string(text)}), two({"key", "http://127.0.0.1:1"});
    CHECK(list.handle() && string_list.handle() && copy_list.handle() && two.handle(), "no client");
    CHECK(Client("key").handle() && Client{"key"}.handle() && Client(text.c_str()).handle(), "no client");
    CHECK(Client::create("key") && Client::create(text) && Client::create({"key"}), "no client");
    CHECK(Client::create("a\nb").error().status() == UPSCOPE_INVALID_ARGUMENT, "a key with a line break");
    CHECK(Client::create(std::string("a\0b", 3)).error().message().find("NUL") != std::string::npos, "a NUL");
    /* Such as the result of std::getenv. */
    const Result<Client> missing = Client::create(none);
    CHECK(!missing && missing.error().message().find("api_key") != std::string::npos, "%s",
          missing ? "a client" : missing.error().what());
    bool threw = false;
    try {
        const Client client(none);
    } catch (const InvalidArgumentError &) {
        threw = true;
    }
    CHECK(threw, "a client without a key");
}

} // namespace

int main(int, char **argv) {
    strings();
    of_equal_keys_the_last_one_counts();
    characters();
    integers_numbers_and_booleans();
    arrays();
    values_are_read();
    structs_are_read();
    a_session_keeps_its_text();
    times();
#ifdef NLOHMANN_JSON_VERSION_MAJOR
    structs_convert_to_and_from_nlohmann();
#endif
    clients_are_created_from_a_key();
    return checks_end(argv[0], 150);
}
