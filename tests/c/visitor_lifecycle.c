/* One visitor through all ten operations. Its id would break a URL that is built without encoding. */

#include "open_link.h"
#include "sandbox.h"

#define ID "\"a/b?all=true#\xC3\xA9\""
#define OF_THE_VISITOR "{\"visitor_id\": " ID "}"
#define AGENT "\"agent\": {\"id\": \"crm-9\", \"name\": \"Joe Smith\"}"

static upscope_client *client;

static void check_field(const char *json, const char *path, const char *written)
{
    json_value value = json_pick(json, path);

    CHECK(json_is(value, written), "%s: %.*s", path, (int)value.length, shown(value.at));
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
                "{\"short_id\": " ID ", \"is_online\": true, \"lookup_code\": \"0042\", \"name\": \"Zo\xC3\xAB\"}");
    json = call_ok(client, "get_usage", NULL);
    CHECK(json_integer(json_pick(json, "usage.visitors.online_now"), 0) > 0, "%s", shown(json));
    same = call_ok(client, "request", "{\"method\": \"GET\", \"path\": \"/usage\"}");
    CHECK(strcmp(shown(json), shown(same)) == 0, "%s", shown(same));
    upscope_string_free(same);
    upscope_string_free(json);

    json = call_ok(client, "list_visitors", "{\"search\": \"0042\", \"max_results\": 1}");
    CHECK(json_count(json_pick(json, "visitors")) == 1, "%s", shown(json));
    check_field(json, "visitors.0.short_id", ID);
    upscope_string_free(json);

    json = call_ok(client, "get_visitor", OF_THE_VISITOR);
    check_field(json, "visitor.short_id", ID);
    check_field(json, "visitor.lookup_code", "\"0042\"");
    check_field(json, "visitor.name", "\"Zo\xC3\xAB\"");
    upscope_string_free(json);
}

static void session_is_watched_and_stopped(void)
{
    char link[300] = "";
    char *json;

    json = call_ok(client, "create_watch_url",
                     "{\"visitor_id\": " ID ", " AGENT ","
                     " \"metadata\": {\"ticket\": \"T-1\", \"big\": 12345678901234567890},"
                     " \"branding\": {\"naked\": \"page_only\", \"on_end_url\": null},"
                     " \"language\": \"de\", \"permissions\": {\"allow_type\": false},"
                     " \"viewer\": {\"id\": \"7\"}, \"initial_notes\": \"\"}");
    CHECK(json_text(json_pick(json, "watch_url"), link, sizeof link), "%s", shown(json));
    upscope_string_free(json);
    CHECK(open_link(link) == 200, "no session");

    json = call_ok(client, "list_sessions", "{\"ongoing_only\": true}");
    CHECK(json_count(json_pick(json, "cobrowsing_sessions")) == 1, "%s", shown(json));
    check_field(json, "cobrowsing_sessions.0.visitor_id", ID);
    check_field(json, "cobrowsing_sessions.0.metadata.ticket", "\"T-1\"");
    check_field(json, "cobrowsing_sessions.0.ended_at", "null");
    upscope_string_free(json);
    check_refusal(upscope_delete_visitor, OF_THE_VISITOR, UPSCOPE_CONFLICT, "409");

    upscope_string_free(call_ok(client, "stop_session", OF_THE_VISITOR));
    json = call_ok(client, "list_sessions", "{\"ongoing_only\": true}");
    CHECK(json_count(json_pick(json, "cobrowsing_sessions")) == 0, "%s", shown(json));
    upscope_string_free(json);
}

static void agents_and_tokens(void)
{
    char token[300];
    char *json = call_ok(client, "lookup_agent", "{\"external_id\": \"crm-9\"}");

    check_field(json, "agent.name", "\"Joe Smith\"");
    CHECK(json_count(json_pick(json, "agent.sessions")) == 1, "%s", shown(json));
    upscope_string_free(json);
    check_refusal(upscope_lookup_agent, "{\"email\": \"nobody@example.com\"}", UPSCOPE_NOT_FOUND, "404");

    json = call_ok(client, "authorize_onpremise_session", "{\"visitor_id\": " ID ", " AGENT "}");
    check_field(json, "authorized", "true");
    CHECK(json_text(json_pick(json, "token"), token, sizeof token) && token[0] != '\0', "no token");
    upscope_string_free(json);
}

static size_t visitors_found(const char *request)
{
    char *json = call_ok(client, "list_visitors", request);
    size_t count = json_count(json_pick(json, "visitors"));

    upscope_string_free(json);
    return count;
}

static void visitors_are_deleted(void)
{
    sandbox_set("/visitors", "{\"short_id\": " ID ", \"is_online\": false}");
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
    check_field(json, "id", "\"s_1\"");
    check_field(json, "metadata.ticket", "\"T-1\"");
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
    visitors_are_deleted();
    webhook();
    upscope_client_free(client);
    return checks_end(argv[0], 70);
}
