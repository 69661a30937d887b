/*
 * A complete ticket workflow: usage, visitor search, watch link, session, history. `make demo` runs it with a local
 * sandbox. If UPSCOPE_API_KEY (and optionally UPSCOPE_BASE_URL) is set, it calls that service, and only reads data unless
 * --write is given.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json_pick.h"
#include "open_link.h"
#include "demo_output.h"
#include "upscope.h"

#define AGENT_ID "helpdesk-7"
#define AGENT_NAME "Joe Smith"
/* A real account may have years of history. The demo reads only the first pages. */
#define MAX_PAGES 10

static upscope_client *client;
/* These three are JSON strings with quotes, ready for use in a request. */
static char visitor_id[300] = "";
static char lookup_code[300] = "";
static char agent_id[300] = "";
/* Identifies the session of this run. */
static char ticket[32];
static char session_id[128] = "";

static void show_usage(void)
{
    char online[24], day[24], now[24], month[24];
    char *json;

    step("Usage statistics of the account");
    json = call_or_print(client, upscope_get_usage, NULL);
    if (json == NULL) return;
    printf("    visitors: %s online, %s in the last 24 hours\n",
           text(json, "usage.visitors.online_now", online, sizeof online),
           text(json, "usage.visitors.last_24_hrs", day, sizeof day));
    printf("    sessions: %s now, %s in the last 30 days\n",
           text(json, "usage.session_counts.now", now, sizeof now),
           text(json, "usage.session_counts.last_30_days", month, sizeof month));
    upscope_string_free(json);
}

/* In a helpdesk, the visitor reads out the code. The demo uses the code of a visitor who waits for a call or is online. */
static void choose_a_visitor(void)
{
    char path[32], code[16], name[160];
    char *json;
    size_t i, count;

    step("Visitors who are online");
    json = call_or_print(client, upscope_list_visitors, "{\"search\": \"online\", \"max_results\": 5}");
    if (json == NULL) return;
    count = json_count(json_pick(json, "visitors"));
    for (i = 0; i < count; i++) {
        json_value visitor;
        int waits, has_code;
        snprintf(path, sizeof path, "visitors.%u", (unsigned)i);
        visitor = json_pick(json, path);
        waits = json_is(json_pick(visitor.at, "is_waiting_for_call"), "true");
        has_code = json_text(json_pick(visitor.at, "lookup_code"), code, sizeof code);
        if (has_code && (waits || lookup_code[0] == '\0')) json_quote(code, lookup_code, sizeof lookup_code);
        printf("    %-4s  %s%s\n", has_code ? code : "-", text(visitor.at, "name", name, sizeof name),
               waits ? " (waiting for a call)" : "");
    }
    if (count == 0) printf("    none\n");
    upscope_string_free(json);
}

static void find_the_visitor(void)
{
    char request[700], code[16], name[160], device[80], page[200];
    char *json;
    json_value id;

    step("Find a visitor by lookup code");
    if (lookup_code[0] == '\0') {
        printf("    no lookup code (--lookup-code CODE)\n");
        return;
    }
    snprintf(request, sizeof request, "{\"search\": %s, \"max_results\": 1}", lookup_code);
    json = call_or_print(client, upscope_list_visitors, request);
    if (json == NULL) return;
    id = json_pick(json, "visitors.0.short_id");
    expect(id.at != NULL && id.length < sizeof visitor_id, "no visitor has this lookup code");
    if (id.at != NULL && id.length < sizeof visitor_id) {
        snprintf(visitor_id, sizeof visitor_id, "%.*s", (int)id.length, id.at);
        printf("    %s: visitor %s, %s\n", text(json, "visitors.0.lookup_code", code, sizeof code), visitor_id,
               text(json, "visitors.0.name", name, sizeof name));
        printf("    on %s, looking at %s\n", text(json, "visitors.0.device_name", device, sizeof device),
               text(json, "visitors.0.last_url", page, sizeof page));
    }
    upscope_string_free(json);
}

static void watch(void)
{
    char request[1200], link[600], until[64];
    char *json;

    step("Create a watch link for " AGENT_NAME);
    snprintf(request, sizeof request,
             "{\"visitor_id\": %s, \"agent\": {\"id\": \"" AGENT_ID "\", \"name\": \"" AGENT_NAME "\"},"
             " \"metadata\": {\"ticket\": \"%s\", \"priority\": 2, \"vip\": true},"
             " \"permissions\": {\"allow_console\": false, \"allow_type\": false}}",
             visitor_id, ticket);
    json = call_or_print(client, upscope_create_watch_url, request);
    if (json == NULL) return;
    expect(json_text(json_pick(json, "watch_url"), link, sizeof link), "the link is too long");
    /* Whoever has the link can see the visitor's screen, so it is not printed. */
    printf("    a secret link of %u characters, valid until %s\n", (unsigned)strlen(link),
           text(json, "expiration", until, sizeof until));
    upscope_string_free(json);
    if (!open_link_is_local(link)) {
        printf("    not opened, because it shows the screen of a real person\n");
        return;
    }
    expect(open_link(link) == 200, "the link does not open");

    step("The agent has opened the link: the session is running");
    json = call_or_print(client, upscope_list_sessions, "{\"ongoing_only\": true}");
    if (json == NULL) return;
    expect(json_count(json_pick(json, "cobrowsing_sessions")) == 1, "expected exactly one ongoing session");
    expect(json_text(json_pick(json, "cobrowsing_sessions.0.id"), session_id, sizeof session_id), "no session id");
    expect(json_is(json_pick(json, "cobrowsing_sessions.0.visitor_id"), visitor_id), "the session has another visitor");
    expect(json_is(json_pick(json, "cobrowsing_sessions.0.ended_at"), "null"), "the session has already ended");
    text(json, "cobrowsing_sessions.0.started_at", until, sizeof until);
    printf("    session %s since %s\n", session_id, until);
    upscope_string_free(json);
}

static void stop(void)
{
    char request[400];
    char *json;

    step("Stop the session");
    snprintf(request, sizeof request, "{\"visitor_id\": %s}", visitor_id);
    json = call_or_print(client, upscope_stop_session, request);
    upscope_string_free(json);
    if (json == NULL) return;
    json = call_or_print(client, upscope_list_sessions, "{\"ongoing_only\": true}");
    if (json == NULL) return;
    expect(json_count(json_pick(json, "cobrowsing_sessions")) == 0, "the session is still running");
    printf("    stopped; no session is running\n");
    upscope_string_free(json);
}

/* Finds the session of this run on a page, and the id of an agent to look up. */
static int read_page(const char *json, size_t count)
{
    char path[48], found[128], ended[64];
    size_t i;
    int ours = 0;

    for (i = 0; i < count; i++) {
        json_value session, agent, metadata;
        snprintf(path, sizeof path, "cobrowsing_sessions.%u", (unsigned)i);
        session = json_pick(json, path);
        agent = json_pick(session.at, "agents.0.agent_identifier");
        if (agent_id[0] == '\0' && agent.at != NULL && *agent.at == '"' && agent.length < sizeof agent_id) {
            snprintf(agent_id, sizeof agent_id, "%.*s", (int)agent.length, agent.at);
        }
        metadata = json_pick(session.at, "metadata");
        if (strcmp(text(metadata.at, "ticket", found, sizeof found), ticket) != 0) continue;
        ours++;
        expect(json_is(json_pick(metadata.at, "priority"), "2"), "the record does not have the priority");
        expect(json_is(json_pick(metadata.at, "vip"), "true"), "the record does not have the VIP flag");
        expect(strcmp(text(session.at, "id", found, sizeof found), session_id) == 0, "unexpected session");
        expect(json_is(json_pick(session.at, "visitor_id"), visitor_id), "the session has another visitor");
        printf("    ours:   %s, ended %s\n            %.*s\n", found, text(session.at, "ended_at", ended, sizeof ended),
               (int)metadata.length, metadata.at);
    }
    return ours;
}

static void print_history(void)
{
    upscope_sessions *pages;
    upscope_status status;
    char *json, first[80], last[80];
    int number = 0, ours = 0;

    step("Session history, page by page");
    if (upscope_sessions_open(client, NULL, &pages, &json) != UPSCOPE_OK) {
        print_error(json);
        failures++;
        upscope_string_free(json);
        return;
    }
    while ((status = upscope_sessions_next(pages, &json)) == UPSCOPE_OK && number < MAX_PAGES) {
        size_t count = json_count(json_pick(json, "cobrowsing_sessions"));
        printf("    page %d: %3u sessions, %s to %s\n", ++number, (unsigned)count,
               text(json, "cobrowsing_sessions.0.id", first, sizeof first), text(json, "last_id", last, sizeof last));
        ours += read_page(json, count);
        upscope_string_free(json);
    }
    if (status == UPSCOPE_OK) {
        printf("    more pages are not read\n");
    } else if (status != UPSCOPE_DONE) {
        print_error(json);
        failures++;
    }
    upscope_string_free(json);
    upscope_sessions_free(pages);
    if (session_id[0] != '\0') expect(ours == 1, "the session is not in the history exactly once");
}

static void look_up_the_agent(void)
{
    char request[400], id[80], name[120];
    char *json;

    step("Look up an agent by external id");
    if (agent_id[0] == '\0') {
        printf("    no agent to look up (--agent ID)\n");
        return;
    }
    snprintf(request, sizeof request, "{\"external_id\": %s}", agent_id);
    json = call_or_print(client, upscope_lookup_agent, request);
    if (json == NULL) return;
    expect(json_is(json_pick(json, "agent.agent_identifier"), agent_id), "unexpected agent");
    printf("    %s is agent %s, %s; recent sessions: %u\n", agent_id, text(json, "agent.id", id, sizeof id),
           text(json, "agent.name", name, sizeof name), (unsigned)json_count(json_pick(json, "agent.sessions")));
    upscope_string_free(json);
}

static void authorize_on_premise(void)
{
    char request[500];
    char *json;

    step("Create a token for an on-premise server");
    snprintf(request, sizeof request,
             "{\"visitor_id\": %s, \"agent\": {\"id\": \"" AGENT_ID "\", \"name\": \"" AGENT_NAME "\"}}", visitor_id);
    json = call_or_print(client, upscope_authorize_onpremise_session, request);
    if (json == NULL) return;
    expect(json_is(json_pick(json, "authorized"), "true"), "not authorized");
    printf("    authorized, with a secret token of %u characters\n", (unsigned)json_pick(json, "token").length - 2);
    upscope_string_free(json);
}

static void show_errors(void)
{
    upscope_status status;
    char message[600];
    char *json;

    step("Error: a visitor who does not exist");
    status = upscope_get_visitor(client, "{\"visitor_id\": \"nobody-has-this-id\"}", &json);
    expect(status == UPSCOPE_NOT_FOUND, "expected not_found");
    print_error(json);
    upscope_string_free(json);

    step("Error: a misspelled key, found before anything is sent");
    status = upscope_list_visitors(client, "{\"serach\": \"online\"}", &json);
    expect(status == UPSCOPE_INVALID_ARGUMENT, "expected invalid_argument");
    expect(strstr(text(json, "error.message", message, sizeof message), "search") != NULL, "the key is not named");
    print_error(json);
    upscope_string_free(json);
}

static int usage(const char *program)
{
    fprintf(stderr, "usage: %s [--write] [--lookup-code CODE] [--visitor SHORT_ID] [--agent EXTERNAL_ID]\n", program);
    return 2;
}

int main(int argc, char **argv)
{
    const char *base_url = getenv("UPSCOPE_BASE_URL");
    const char *write_wanted = getenv("UPSCOPE_DEMO_WRITE");
    int may_write = write_wanted != NULL && strcmp(write_wanted, "1") == 0;
    char *error;
    int i, fits = 1;

    for (i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--write") == 0) {
            may_write = 1;
            continue;
        }
        if (value == NULL) return usage(argv[0]);
        if (strcmp(argv[i], "--lookup-code") == 0) fits = json_quote(value, lookup_code, sizeof lookup_code);
        else if (strcmp(argv[i], "--visitor") == 0) fits = json_quote(value, visitor_id, sizeof visitor_id);
        else if (strcmp(argv[i], "--agent") == 0) fits = json_quote(value, agent_id, sizeof agent_id);
        else return usage(argv[0]);
        if (!fits) return usage(argv[0]);
        i++;
    }
    snprintf(ticket, sizeof ticket, "T-%ld", (long)time(NULL));

    /* Without configuration, the API key and the base URL come from the environment. */
    if (upscope_client_new(NULL, &client, &error) != UPSCOPE_OK) {
        print_error(error);
        upscope_string_free(error);
        return 1;
    }
    printf("A helpdesk in C, with libupscope %s\n%s, %s\n", upscope_version(),
           base_url != NULL ? base_url : "the Upscope service", may_write ? "reading and writing" : "only reading");

    show_usage();
    if (visitor_id[0] == '\0' && lookup_code[0] == '\0') choose_a_visitor();
    if (visitor_id[0] == '\0') find_the_visitor();
    if (may_write && visitor_id[0] != '\0') {
        watch();
        if (session_id[0] != '\0') stop();
        json_quote(AGENT_ID, agent_id, sizeof agent_id);
    }
    print_history();
    look_up_the_agent();
    if (may_write && visitor_id[0] != '\0') authorize_on_premise();
    show_errors();

    if (may_write && base_url != NULL && open_link_is_local(base_url)) {
        expect(session_id[0] != '\0', "the local service had no session");
    }
    upscope_client_free(client);
    printf("\n%s\n", failures == 0 ? "All went as expected." : "Something went wrong; see above.");
    return failures == 0 ? 0 : 1;
}
