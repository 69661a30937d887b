/* One visitor through all ten operations. Its id would break a URL that is built without encoding. */

#include "open_link.h"
#include "sandbox.h"

#define ID "a/b?all=true#\xC3\xA9"
#define QUOTED_ID "\"" ID "\""
#define OF_THE_VISITOR "{\"visitor_id\": " QUOTED_ID "}"
#define AGENT "\"agent\": {\"id\": \"crm-9\", \"name\": \"Joe Smith\"}"

static upscope_client *client;

static void check_field(const char *json, const char *pointer, const char *expected)
{
    char *value = json_value(json, pointer);

    CHECK(json_is(json, pointer, expected), "%s: %s", pointer, shown(value));
    upscope_string_free(value);
}

static void check_refusal(typed_function call, const char *request, upscope_status wanted, const char *named)
{
    char *out = UNSET;
    upscope_status status = call(client, request, &out);

    check_error(status, out, wanted, named, request);
}

static void visitor_is_found(void)
{
    char *json, *same;

    sandbox_set("/visitors",
                "{\"short_id\": " QUOTED_ID ", \"is_online\": true, \"lookup_code\": \"0042\", \"name\": \"Zo\xC3\xAB\"}");
    json = call_ok(client, "get_usage", NULL);
    CHECK(json_integer(json, "/usage/visitors/online_now", 0) > 0, "%s", shown(json));
    same = call_ok(client, "request", "{\"method\": \"GET\", \"path\": \"/usage\"}");
    CHECK(strcmp(shown(json), shown(same)) == 0, "%s", shown(same));
    upscope_string_free(same);
    upscope_string_free(json);

    json = call_ok(client, "list_visitors", "{\"search\": \"0042\", \"max_results\": 1}");
    CHECK(json_count(json, "/visitors") == 1, "%s", shown(json));
    check_field(json, "/visitors/0/short_id", ID);
    upscope_string_free(json);

    json = call_ok(client, "get_visitor", OF_THE_VISITOR);
    check_field(json, "/visitor/short_id", ID);
    check_field(json, "/visitor/lookup_code", "0042");
    check_field(json, "/visitor/name", "Zo\xC3\xAB");
    upscope_string_free(json);
}

/* The sessions of the visitor that are running. Others are running since the start. The caller frees `newest`. */
static unsigned running_sessions(char **newest)
{
    char *json = call_ok(client, "list_sessions", "{\"ongoing_only\": true}");
    size_t count = json_count(json, "/cobrowsing_sessions"), i;
    unsigned found = 0;

    *newest = NULL;
    for (i = 0; i < count; i++) {
        char path[64];
        char *session;

        snprintf(path, sizeof path, "/cobrowsing_sessions/%u", (unsigned)i);
        session = json_value(json, path);
        if (session != NULL && json_is(session, "/visitor_id", ID)) {
            found++;
            upscope_string_free(*newest);
            *newest = session;
        } else {
            upscope_string_free(session);
        }
    }
    upscope_string_free(json);
    return found;
}

static void session_is_watched_and_stopped(void)
{
    char link[300] = "";
    char *json;

    json = call_ok(client, "create_watch_url",
                     "{\"visitor_id\": " QUOTED_ID ", " AGENT ","
                     " \"metadata\": {\"ticket\": \"T-1\", \"big\": 12345678901234567890},"
                     " \"branding\": {\"naked\": \"page_only\", \"on_end_url\": null},"
                     " \"language\": \"de\", \"permissions\": {\"allow_type\": false},"
                     " \"viewer\": {\"id\": \"7\"}, \"initial_notes\": \"\"}");
    CHECK(json_text(json, "/watch_url", link, sizeof link), "%s", shown(json));
    upscope_string_free(json);
    CHECK(open_link(link) == 200, "no session");

    CHECK(running_sessions(&json) == 1, "%s", shown(json));
    check_field(json, "/metadata/ticket", "T-1");
    check_field(json, "/ended_at", NULL);
    upscope_string_free(json);
    check_refusal(upscope_delete_visitor, OF_THE_VISITOR, UPSCOPE_CONFLICT, "409");

    upscope_string_free(call_ok(client, "stop_session", OF_THE_VISITOR));
    CHECK(running_sessions(&json) == 0, "%s", shown(json));
}

static void agents_and_tokens(void)
{
    char token[300];
    char *json = call_ok(client, "lookup_agent", "{\"external_id\": \"crm-9\"}");

    check_field(json, "/agent/name", "Joe Smith");
    CHECK(json_count(json, "/agent/sessions") == 1, "%s", shown(json));
    upscope_string_free(json);
    check_refusal(upscope_lookup_agent, "{\"email\": \"nobody@example.com\"}", UPSCOPE_NOT_FOUND, "404");

    json = call_ok(client, "authorize_onpremise_session", "{\"visitor_id\": " QUOTED_ID ", " AGENT "}");
    check_field(json, "/authorized", "true");
    CHECK(json_text(json, "/token", token, sizeof token) && token[0] != '\0', "no token");
    upscope_string_free(json);
}

/* In a request that is built with snprintf, this name would add permissions. */
static void hostile_name_is_only_a_name(void)
{
    const char *name = "Joe\"}, \"permissions\": {\"allow_console\": true}, \"viewer\": {\"name\": \"Joe";
    const char *fields[] = {"visitor_id", ID, "agent.id", "crm-10", "agent.name", name, "metadata.name", name, NULL};
    const char *agent[] = {"external_id", "crm-10", NULL};
    char *request = UNSET, *json, *body;
    char link[300] = "", last[64];

    CHECK(upscope_json_build("create_watch_url", fields, &request) == UPSCOPE_OK, "%s", shown(request));
    json = call_ok(client, "create_watch_url", request);
    CHECK(json_text(json, "/watch_url", link, sizeof link), "%s", shown(json));
    upscope_string_free(json);
    upscope_string_free(request);

    json = sandbox_control("GET", "/requests", NULL);
    snprintf(last, sizeof last, "/requests/%u/body", (unsigned)json_count(json, "/requests") - 1);
    body = json_value(json, last);
    check_field(body, "/agent/name", name);
    check_field(body, "/permissions", NULL);
    check_field(body, "/viewer", NULL);
    upscope_string_free(body);
    upscope_string_free(json);

    CHECK(open_link(link) == 200, "no session");
    CHECK(upscope_json_build("lookup_agent", agent, &request) == UPSCOPE_OK, "%s", shown(request));
    json = call_ok(client, "lookup_agent", request);
    check_field(json, "/agent/name", name);
    check_field(json, "/agent/sessions/0/metadata/name", name);
    upscope_string_free(json);
    upscope_string_free(request);
    upscope_string_free(call_ok(client, "stop_session", OF_THE_VISITOR));
}

static size_t visitors_found(const char *request)
{
    char *json = call_ok(client, "list_visitors", request);
    size_t count = json_count(json, "/visitors");

    upscope_string_free(json);
    return count;
}

static void visitors_are_deleted(void)
{
    sandbox_set("/visitors", "{\"short_id\": " QUOTED_ID ", \"is_online\": false}");
    upscope_string_free(call_ok(client, "delete_visitor", OF_THE_VISITOR));
    check_refusal(upscope_get_visitor, OF_THE_VISITOR, UPSCOPE_NOT_FOUND, "404");
    check_refusal(upscope_stop_session, OF_THE_VISITOR, UPSCOPE_NOT_FOUND, "404");
    /* The "all=true" in the id deleted no other visitors. */
    CHECK(visitors_found("{\"search\": \"-online\"}") == 10, "other visitors were deleted");

    upscope_string_free(call_ok(client, "delete_all_visitors", "{\"all\": true}"));
    CHECK(visitors_found("{\"search\": \"-online\"}") == 0, "visitors that were not deleted");
    CHECK(visitors_found("{\"search\": \"online\", \"max_results\": 3}") == 3, "online visitors were deleted");
}

static void webhook(void)
{
    const char *body = "{\"id\": \"s_1\", \"new_field\": [1, {}], \"metadata\": {\"ticket\": \"T-1\"}}";
    char *json = UNSET;

    CHECK(upscope_parse_webhook(body, &json) == UPSCOPE_OK, "%s", shown(json));
    check_field(json, "/id", "s_1");
    check_field(json, "/metadata/ticket", "T-1");
    upscope_string_free(json);
}

int main(int argc, char **argv)
{
    (void)argc;
    sandbox_set("/reset", NULL);
    client = sandbox_client("sandbox-key", "");
    CHECK(strcmp(upscope_version(), UPSCOPE_VERSION) == 0, "%s", upscope_version());
    CHECK(upscope_version_number() == UPSCOPE_VERSION_NUMBER, "%#x", (unsigned)upscope_version_number());
    visitor_is_found();
    session_is_watched_and_stopped();
    agents_and_tokens();
    hostile_name_is_only_a_name();
    visitors_are_deleted();
    webhook();
    upscope_client_free(client);
    return checks_end(argv[0], 70);
}
