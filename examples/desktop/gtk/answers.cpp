#include "answers.hpp"

#include <glib.h>

#include <memory>

#include "upscope.h"

namespace {

struct FreeString {
    void operator()(char *string) const { upscope_string_free(string); }
};
using Json = std::unique_ptr<char, FreeString>;

// The value at a JSON pointer; null if there is none.
Json value(const char *json, const char *pointer)
{
    char *found;
    const upscope_status status = upscope_json_get(json, pointer, &found);
    Json owned(found);
    return status == UPSCOPE_OK ? std::move(owned) : nullptr;
}

// An element of an array; null after the last one.
Json element(const Json &array, size_t index)
{
    return array == nullptr ? nullptr : value(array.get(), ("/" + std::to_string(index)).c_str());
}

bool is_true(const char *json, const char *pointer)
{
    const Json found = value(json, pointer);
    return found != nullptr && found.get() == std::string("true");
}

std::string joined(const std::string &first, const char *between, const std::string &second)
{
    return first.empty() || second.empty() ? first + second : first + between + second;
}

std::string joined_texts(const char *json, const char *pointer)
{
    const Json array = value(json, pointer);
    std::string all;
    for (size_t i = 0; const Json text = element(array, i); i++) all = joined(all, ", ", text.get());
    return all;
}

std::string formatted(GDateTime *time, const char *format)
{
    char *written = g_date_time_format(time, format);
    std::string result = written == nullptr ? "" : written;
    g_free(written);
    return result;
}

// A time of the service, with any offset, in the local format; "" if there is none.
std::string in_words(const std::string &rfc3339)
{
    GDateTime *then = g_date_time_new_from_iso8601(rfc3339.c_str(), nullptr);
    if (then == nullptr) return "";
    GDateTime *local = g_date_time_to_local(then);
    GDateTime *now = g_date_time_new_now_local();
    const gint64 minutes = g_date_time_difference(now, local) / G_TIME_SPAN_MINUTE;
    std::string words;
    if (minutes < 1) {
        words = "just now";
    } else if (minutes < 60) {
        words = std::to_string(minutes) + (minutes == 1 ? " minute ago" : " minutes ago");
    } else if (g_date_time_get_day_of_year(now) == g_date_time_get_day_of_year(local) && minutes < 24 * 60) {
        words = "today, " + formatted(local, "%H:%M");
    } else {
        words = formatted(local, "%-d %b %Y, %H:%M");
    }
    g_date_time_unref(now);
    g_date_time_unref(local);
    g_date_time_unref(then);
    return words;
}

Visitor visitor_of(const char *object)
{
    Visitor visitor;
    visitor.id = read_text(object, "/short_id");
    visitor.email = read_text(object, "/email");
    for (const char *name : {"/name", "/nickname", "/call_name", "/email", "/unique_id"}) {
        if (visitor.name.empty()) visitor.name = read_text(object, name);
    }
    if (visitor.name.empty()) visitor.name = "Visitor " + visitor.id;
    visitor.code = read_text(object, "/lookup_code");
    visitor.location =
        joined(read_text(object, "/location_city"), ", ", read_text(object, "/location_country_name"));
    visitor.device = joined(read_text(object, "/browser_name"), " on ", read_text(object, "/device_name"));
    visitor.page = read_text(object, "/last_url");
    visitor.tags = joined_texts(object, "/tags");
    visitor.seen = in_words(read_text(object, "/last_seen_at"));
    const Json sessions = value(object, "/sessions");
    size_t count = 0;
    while (element(sessions, count) != nullptr) count++;
    visitor.sessions = std::to_string(count);
    visitor.online = is_true(object, "/is_online");
    visitor.in_session = is_true(object, "/is_in_session");
    visitor.waits = is_true(object, "/is_waiting_for_call");
    return visitor;
}

Session session_of(const char *object)
{
    Session session;
    session.id = read_text(object, "/id");
    session.visitor = read_text(object, "/visitor_id");
    session.started = in_words(read_text(object, "/started_at"));
    session.length = read_text(object, "/formatted_length");
    session.features = joined_texts(object, "/features_used");
    session.ongoing = value(object, "/ended_at") == nullptr;
    const Json agents = value(object, "/agents");
    for (size_t i = 0; const Json agent = element(agents, i); i++) {
        std::string name = read_text(agent.get(), "/name");
        if (name.empty()) name = read_text(agent.get(), "/email");
        if (name.empty()) name = read_text(agent.get(), "/agent_identifier");
        session.agents = joined(session.agents, ", ", name);
    }
    return session;
}

template <typename T>
std::vector<T> read_all(const char *json, const char *pointer, T (*read)(const char *))
{
    const Json array = value(json, pointer);
    std::vector<T> all;
    for (size_t i = 0; const Json object = element(array, i); i++) all.push_back(read(object.get()));
    return all;
}

}  // namespace

std::vector<Visitor> read_visitors(const char *json)
{
    return read_all(json, "/visitors", visitor_of);
}

Visitor read_visitor(const char *json)
{
    const Json visitor = value(json, "/visitor");
    return visitor == nullptr ? Visitor() : visitor_of(visitor.get());
}

std::vector<Session> read_sessions(const char *json)
{
    return read_all(json, "/cobrowsing_sessions", session_of);
}

bool is_last_page(const char *json)
{
    const Json has_more = value(json, "/has_more");
    return has_more != nullptr && has_more.get() == std::string("false");
}

std::string read_text(const char *json, const char *pointer)
{
    const Json text = value(json, pointer);
    return text == nullptr ? "" : text.get();
}

Failure read_failure(const char *json)
{
    Failure failure;
    failure.message = read_text(json, "/error/message");
    failure.retryable = is_true(json, "/error/retryable");
    failure.may_have_applied = is_true(json, "/error/may_have_applied");
    return failure;
}
