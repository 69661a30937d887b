/* Makes the calls of the conformance vectors (tests/vectors/README.md) through upscope.hpp: with a typed request where
 * one can express the vector, otherwise with JSON. Prints at the end how many requests were typed. */

#include <cstdio>
#include <iostream>
#include <map>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

#include "upscope.hpp"

using nlohmann::ordered_json;

namespace {

/** Thrown if a typed request cannot express a vector. */
struct DoesNotFit {};

/** The members of an object, with the original text of their values. */
std::vector<std::pair<std::string, std::string_view>> members_as_written(std::string_view object) {
    std::vector<std::pair<std::string, std::string_view>> members;
    upscope::detail::Scanner json(object);
    std::string key;
    std::string_view raw;
    if (!json.take('{')) throw DoesNotFit();
    if (json.take('}')) return members;
    do {
        if (!json.string(&key) || !json.take(':') || !json.value(&raw)) throw DoesNotFit();
        for (const auto &other : members) {
            if (other.first == key) throw DoesNotFit();
        }
        members.emplace_back(key, raw);
    } while (json.take(','));
    if (!json.take('}')) throw DoesNotFit();
    return members;
}

/** Fills a struct from a JSON object, by the keys that the header lists. null counts as absent. */
class Fields {
public:
    explicit Fields(std::string_view object) {
        for (const auto &[key, raw] : members_as_written(object)) {
            if (raw != "null") members_.emplace(key, raw);
        }
    }

    template <typename Struct>
    void fill(Struct &to) {
        upscope::detail::members(*this, to);
        /* The struct has no member for the remaining keys. */
        if (!members_.empty()) throw DoesNotFit();
    }

    /* The header passes members as const because it reads them. The objects here are not const. */
    template <typename T>
    void member(const char *key, const std::optional<T> &to) {
        if (members_.count(key) > 0) set(take(key), const_cast<std::optional<T> &>(to));
    }
    template <typename T>
    void member(const char *key, const T &to) {
        if (members_.count(key) == 0) throw DoesNotFit();
        set(take(key), const_cast<T &>(to));
    }

private:
    std::string_view take(const char *key) {
        const auto member = members_.find(key);
        const std::string_view raw = member->second;
        members_.erase(member);
        return raw;
    }

    template <typename T>
    static T as(std::string_view raw, bool (ordered_json::*is)() const noexcept) {
        const ordered_json value = ordered_json::parse(raw, nullptr, false);
        if (value.is_discarded() || !(value.*is)()) throw DoesNotFit();
        return value.get<T>();
    }

    static void set(std::string_view raw, std::optional<upscope::Naked> &to) {
        if (raw == "\"page_only\"") to = upscope::Naked::page_only();
        else to = as<bool>(raw, &ordered_json::is_boolean);
    }
    template <typename T>
    static void set(std::string_view raw, std::optional<T> &to) {
        set(raw, to.emplace());
    }
    static void set(std::string_view raw, std::string &to) { to = as<std::string>(raw, &ordered_json::is_string); }
    static void set(std::string_view raw, bool &to) { to = as<bool>(raw, &ordered_json::is_boolean); }
    static void set(std::string_view raw, std::int64_t &to) {
        to = as<std::int64_t>(raw, &ordered_json::is_number_integer);
    }
    static void set(std::string_view raw, upscope::Value &to) { to = upscope::Value::raw(std::string(raw)); }
    static void set(std::string_view raw, upscope::Object &to) {
        for (const auto &[key, value] : members_as_written(raw)) to.add(key, scalar_or_raw(value));
    }
    template <typename Struct>
    static void set(std::string_view raw, Struct &to) {
        Fields(raw).fill(to);
    }

    /** Strings, booleans and numbers go through the header's own writer. */
    static upscope::Value scalar_or_raw(std::string_view raw) {
        const ordered_json value = ordered_json::parse(raw, nullptr, false);
        if (value.is_string()) return value.get<std::string>();
        if (value.is_boolean()) return value.get<bool>();
        if (value.is_number_integer()) return value.get<std::int64_t>();
        if (value.is_number_float()) return value.get<double>();
        return upscope::Value::raw(std::string(raw));
    }

    std::map<std::string, std::string_view> members_;
};

template <typename Request>
Request typed(const std::string &text) {
    /* Invalid JSON fits no struct. */
    upscope::detail::Scanner whole(text);
    if (!whole.value(nullptr) || !whole.at_end()) throw DoesNotFit();
    Request request;
    Fields(text).fill(request);
    return request;
}

int typed_calls = 0, text_calls = 0;

/** Calls the operation of this name. */
template <typename... Requests>
upscope::Answer make_call(const upscope::Client &client, const std::string &name, const std::string &text,
                          upscope::detail::List<Requests...>) {
    std::optional<upscope::Answer> answer;
    const auto try_as = [&](auto request) {
        if (upscope::detail::operation_of(request) != name) return;
        try {
            request = typed<decltype(request)>(text);
        } catch (const DoesNotFit &) {
            ++text_calls;
            answer = client.call(name, text);
            return;
        }
        ++typed_calls;
        answer = client.call(request);
    };
    (try_as(Requests{}), ...);
    if (answer) return std::move(*answer);
    std::cerr << "conformance_executor: the header has no " << name << '\n';
    std::exit(2);
}

/** All pages as an array. If no struct can express the request, list_sessions returns the error for it. */
std::string list_pages(const upscope::Client &client, const std::string &text) {
    upscope::ListSessions request;
    try {
        request = typed<upscope::ListSessions>(text);
        ++typed_calls;
    } catch (const DoesNotFit &) {
        ++text_calls;
        client.call("list_sessions", text);
    }
    std::string array;
    for (const upscope::Answer &page : client.session_pages(request)) {
        array += array.empty() ? '[' : ',';
        array += page.text();
    }
    return array + "]";
}

template <typename T>
ordered_json json_of(const std::optional<T> &value) {
    return value ? ordered_json(*value) : ordered_json(nullptr);
}

std::string error_object(const upscope::Error &error) {
    const ordered_json object = {{"error",
                                  {{"code", error.code()},
                                   {"status", error.status()},
                                   {"message", error.message()},
                                   {"operation", json_of(error.operation())},
                                   {"http_status", json_of(error.http_status())},
                                   {"api_error", json_of(error.api_error())},
                                   {"api_message", json_of(error.api_message())},
                                   {"request_id", json_of(error.request_id())},
                                   {"attempts", error.attempts()},
                                   {"retryable", error.retryable()},
                                   {"retry_after_ms", json_of(error.retry_after_ms())},
                                   {"may_have_applied", error.may_have_applied()}}}};
    return object.dump();
}

std::pair<upscope_status, std::string> call_result(const std::string &operation, const std::string &config,
                                               const std::string &request) {
    try {
        if (operation == "@parse_webhook") return {UPSCOPE_OK, upscope::parse_webhook(request).text()};
        const upscope::Client client(typed<upscope::Config>(config));
        if (operation == "@pages") return {UPSCOPE_DONE, list_pages(client, request)};
        return {UPSCOPE_OK, std::string(make_call(client, operation, request, upscope::detail::Requests()).text())};
    } catch (const upscope::Error &error) {
        return {error.status(), error_object(error)};
    }
}

std::string escaped(const std::string &text) {
    std::string line;
    for (const char letter : text) {
        switch (letter) {
        case '\\': line += "\\\\"; break;
        case '\n': line += "\\n"; break;
        case '\r': line += "\\r"; break;
        case '\t': line += "\\t"; break;
        default: line += letter;
        }
    }
    return line;
}

} // namespace

int main() {
#ifdef _WIN32
    /* Text mode would translate line endings. */
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
#endif
    std::string line;
    while (std::getline(std::cin, line)) {
        const std::size_t first = line.find('\t');
        const std::size_t second = first == std::string::npos ? first : line.find('\t', first + 1);
        if (second == std::string::npos) {
            std::cerr << "conformance_executor: a line must have three parts\n";
            return 2;
        }
        const auto [status, text] = call_result(line.substr(0, first), line.substr(first + 1, second - first - 1),
                                            line.substr(second + 1));
        std::cout << status << '\t' << escaped(text) << std::endl;
    }
    std::cerr << "C++: " << typed_calls << " typed requests, " << text_calls << " as text\n";
    return 0;
}
