#include "answers.hpp"

#include <glib.h>

#include <cstring>

#include "json_each.h"
#include "json_pick.h"

namespace {

std::string text(json_value value)
{
    // Decoded text is never longer than its JSON.
    std::string decoded(value.length + 1, '\0');
    json_text(value, &decoded[0], decoded.size());
    decoded.resize(std::strlen(decoded.c_str()));
    return decoded;
}

std::string text(const char *object, const char *key)
{
    return text(json_pick(object, key));
}

bool is_true(const char *object, const char *key)
{
    return json_is(json_pick(object, key), "true");
}

std::string joined(const std::string &first, const char *between, const std::string &second)
{
    return first.empty() || second.empty() ? first + second : first + between + second;
}

std::string joined_texts(json_value array)
{
    std::string all;
    for (const char *at = json_first(array); at != nullptr; at = json_next(at)) {
        all = joined(all, ", ", text(json_pick(at, "")));
    }
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
    visitor.id = text(object, "short_id");
    visitor.email = text(object, "email");
    for (const char *key : {"name", "nickname", "call_name", "email", "unique_id"}) {
        if (visitor.name.empty()) visitor.name = text(object, key);
    }
    if (visitor.name.empty()) visitor.name = "Visitor " + visitor.id;
    visitor.code = text(object, "lookup_code");
    visitor.location = joined(text(object, "location_city"), ", ", text(object, "location_country_name"));
    visitor.device = joined(text(object, "browser_name"), " on ", text(object, "device_name"));
    visitor.page = text(object, "last_url");
    visitor.tags = joined_texts(json_pick(object, "tags"));
    visitor.seen = in_words(text(object, "last_seen_at"));
    visitor.sessions = std::to_string(json_count(json_pick(object, "sessions")));
    visitor.online = is_true(object, "is_online");
    visitor.in_session = is_true(object, "is_in_session");
    visitor.waits = is_true(object, "is_waiting_for_call");
    return visitor;
}

Session session_of(const char *object)
{
    Session session;
    session.id = text(object, "id");
    session.visitor = text(object, "visitor_id");
    session.started = in_words(text(object, "started_at"));
    session.length = text(object, "formatted_length");
    session.features = joined_texts(json_pick(object, "features_used"));
    session.ongoing = json_is(json_pick(object, "ended_at"), "null");
    const char *agent = json_first(json_pick(object, "agents"));
    for (; agent != nullptr; agent = json_next(agent)) {
        std::string name = text(agent, "name");
        if (name.empty()) name = text(agent, "email");
        if (name.empty()) name = text(agent, "agent_identifier");
        session.agents = joined(session.agents, ", ", name);
    }
    return session;
}

template <typename T>
std::vector<T> read_all(const char *json, const char *key, T (*read)(const char *))
{
    std::vector<T> all;
    for (const char *at = json_first(json_pick(json, key)); at != nullptr; at = json_next(at)) all.push_back(read(at));
    return all;
}

}  // namespace

std::vector<Visitor> read_visitors(const char *json)
{
    return read_all(json, "visitors", visitor_of);
}

Visitor read_visitor(const char *json)
{
    return visitor_of(json_pick(json, "visitor").at);
}

std::vector<Session> read_sessions(const char *json)
{
    return read_all(json, "cobrowsing_sessions", session_of);
}

bool is_last_page(const char *json)
{
    return json_is(json_pick(json, "has_more"), "false");
}

std::string read_text(const char *json, const char *path)
{
    return text(json_pick(json, path));
}

Failure read_failure(const char *json)
{
    Failure failure;
    failure.message = read_text(json, "error.message");
    failure.retryable = json_is(json_pick(json, "error.retryable"), "true");
    failure.may_have_applied = json_is(json_pick(json, "error.may_have_applied"), "true");
    return failure;
}

std::string quoted(const std::string &plain)
{
    // At most six bytes per character, and the quotes.
    std::string written(plain.size() * 6 + 16, '\0');
    json_quote(plain.c_str(), &written[0], written.size());
    written.resize(std::strlen(written.c_str()));
    return written;
}
