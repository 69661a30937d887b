/*
 * A complete ticket workflow: usage, visitor search, watch link, session, history. `make demo` runs it with a local
 * sandbox. If UPSCOPE_API_KEY (and optionally UPSCOPE_BASE_URL) is set, it calls that service, and only reads data unless
 * --write is given.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "open_link.h"
#include "demo_output.h"
#include "upscope.h"

#define AGENT_ID "helpdesk-7"
#define AGENT_NAME "Joe Smith"
/* A real account may have years of history. The demo reads only the first pages. */
#define MAX_PAGES 10

static upscope_client *client;
static char visitor_id[256] = "";
static char lookup_code[256] = "";
static char agent_id[256] = "";
/* Identifies the session of this run. */
static char ticket[32];
static char session_id[128] = "";

static void show_usage(void)
{
    static const char *const no_fields[] = {NULL};
    char online[24], day[24], now[24], month[24];
    char *json;

    step("Usage statistics of the account");
    json = call_or_print(client, "get_usage", no_fields);
    if (json == NULL) return;
    printf("    visitors: %s online, %s in the last 24 hours\n",
           text(json, "/usage/visitors/online_now", online, sizeof online),
           text(json, "/usage/visitors/last_24_hrs", day, sizeof day));
    printf("    sessions: %s now, %s in the last 30 days\n",
           text(json, "/usage/session_counts/now", now, sizeof now),
           text(json, "/usage/session_counts/last_30_days", month, sizeof month));
    upscope_string_free(json);
}

/*
 * In a helpdesk, the visitor reads out the code. The demo uses the code of a visitor who is in no session yet: one who
 * waits for a call, or else one who is online.
 */
static void choose_a_visitor(void)
{
    static const char *const fields[] = {"search", "online", "max_results", "5", NULL};
    char code[16], name[160];
    char *json, *visitor;
    unsigned i;

    step("Visitors who are online");
    json = call_or_print(client, "list_visitors", fields);
    if (json == NULL) return;
    for (i = 0; (visitor = element_at(json, "/visitors", i)) != NULL; i++) {
        int waits = has(visitor, "/is_waiting_for_call", "true");
        int has_code = strcmp(text(visitor, "/lookup_code", code, sizeof code), "-") != 0;
        int is_free = !has(visitor, "/is_in_session", "true");
        if (has_code && is_free && (waits || lookup_code[0] == '\0')) strcpy(lookup_code, code);
        printf("    %-4s  %s%s\n", code, text(visitor, "/name", name, sizeof name),
               waits ? " (waiting for a call)" : "");
        upscope_string_free(visitor);
    }
    if (i == 0) printf("    none\n");
    upscope_string_free(json);
}

static void find_the_visitor(void)
{
    const char *fields[] = {"search", lookup_code, "max_results", "1", NULL};
    char code[16], name[160], device[80], page[200];
    char *json, *visitor;

    step("Find a visitor by lookup code");
    if (lookup_code[0] == '\0') {
        printf("    no lookup code (--lookup-code CODE)\n");
        return;
    }
    json = call_or_print(client, "list_visitors", fields);
    if (json == NULL) return;
    visitor = value_at(json, "/visitors/0");
    expect(visitor != NULL, "no visitor has this lookup code");
    if (visitor != NULL) {
        text(visitor, "/short_id", visitor_id, sizeof visitor_id);
        printf("    %s: visitor \"%s\", %s\n", text(visitor, "/lookup_code", code, sizeof code), visitor_id,
               text(visitor, "/name", name, sizeof name));
        printf("    on %s, looking at %s\n", text(visitor, "/device_name", device, sizeof device),
               text(visitor, "/last_url", page, sizeof page));
    }
    upscope_string_free(visitor);
    upscope_string_free(json);
}

/* Returns the response with the sessions that are running; the caller frees it. */
static char *ongoing_sessions(void)
{
    static const char *const fields[] = {"ongoing_only", "true", NULL};

    return call_or_print(client, "list_sessions", fields);
}

/* Returns the visitor's session from that response, or NULL; the caller frees it. The account can have other sessions. */
static char *session_of_visitor(const char *json)
{
    char *session;
    unsigned i;

    for (i = 0; (session = element_at(json, "/cobrowsing_sessions", i)) != NULL; i++) {
        if (has(session, "/visitor_id", visitor_id)) return session;
        upscope_string_free(session);
    }
    return NULL;
}

static void watch(void)
{
    /* The permissions are booleans in the request: the definition of the operation says so. */
    const char *fields[] = {
        "visitor_id", visitor_id, "agent.id", AGENT_ID, "agent.name", AGENT_NAME, "metadata.ticket", ticket,
        "metadata.priority", "high", "permissions.allow_console", "false", "permissions.allow_type", "false", NULL,
    };
    char until[64];
    char *json, *link, *session;

    step("Create a watch link for " AGENT_NAME);
    json = call_or_print(client, "create_watch_url", fields);
    if (json == NULL) return;
    link = value_at(json, "/watch_url");
    text(json, "/expiration", until, sizeof until);
    upscope_string_free(json);
    expect(link != NULL, "no link");
    if (link == NULL) return;
    /* Whoever has the link can see the visitor's screen, so it is not printed. */
    printf("    a secret link of %u characters, valid until %s\n", (unsigned)strlen(link), until);
    if (!open_link_is_local(link)) {
        printf("    not opened, because it shows the screen of a real person\n");
        upscope_string_free(link);
        return;
    }
    expect(open_link(link) == 200, "the link does not open");
    upscope_string_free(link);

    step("The agent has opened the link: the session is running");
    json = ongoing_sessions();
    if (json == NULL) return;
    session = session_of_visitor(json);
    upscope_string_free(json);
    expect(session != NULL, "the visitor has no session");
    if (session == NULL) return;
    text(session, "/ended_at", until, sizeof until);
    expect(strcmp(until, "-") == 0, "the session has already ended");
    text(session, "/id", session_id, sizeof session_id);
    text(session, "/started_at", until, sizeof until);
    printf("    session %s since %s\n", session_id, until);
    upscope_string_free(session);
}

static void stop(void)
{
    const char *fields[] = {"visitor_id", visitor_id, NULL};
    char *json, *session;

    step("Stop the session");
    json = call_or_print(client, "stop_session", fields);
    upscope_string_free(json);
    if (json == NULL) return;
    json = ongoing_sessions();
    if (json == NULL) return;
    session = session_of_visitor(json);
    expect(session == NULL, "the session is still running");
    printf("    stopped\n");
    upscope_string_free(session);
    upscope_string_free(json);
}

/* Finds the session of this run on a page, and the id of an agent to look up. Counts the sessions. */
static int read_page(const char *json, unsigned *count)
{
    char found[128], ended[64], metadata[300];
    char *session;
    int ours = 0;

    for (*count = 0; (session = element_at(json, "/cobrowsing_sessions", *count)) != NULL; (*count)++) {
        if (agent_id[0] == '\0') {
            char *agent = value_at(session, "/agents/0/agent_identifier");
            if (agent != NULL && strlen(agent) < sizeof agent_id) strcpy(agent_id, agent);
            upscope_string_free(agent);
        }
        if (has(session, "/metadata/ticket", ticket)) {
            ours++;
            expect(has(session, "/metadata/priority", "high"), "the record does not have the priority");
            expect(has(session, "/id", session_id), "unexpected session");
            expect(has(session, "/visitor_id", visitor_id), "the session has another visitor");
            printf("    ours:   %s, ended %s\n            %s\n", text(session, "/id", found, sizeof found),
                   text(session, "/ended_at", ended, sizeof ended),
                   text(session, "/metadata", metadata, sizeof metadata));
        }
        upscope_string_free(session);
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
        unsigned count;
        ours += read_page(json, &count);
        printf("    page %d: %3u sessions, %s to %s\n", ++number, count,
               text(json, "/cobrowsing_sessions/0/id", first, sizeof first),
               text(json, "/last_id", last, sizeof last));
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
    const char *fields[] = {"external_id", agent_id, NULL};
    char id[80], name[120];
    char *json, *session;
    unsigned sessions;

    step("Look up an agent by external id");
    if (agent_id[0] == '\0') {
        printf("    no agent to look up (--agent ID)\n");
        return;
    }
    json = call_or_print(client, "lookup_agent", fields);
    if (json == NULL) return;
    expect(has(json, "/agent/agent_identifier", agent_id), "unexpected agent");
    for (sessions = 0; (session = element_at(json, "/agent/sessions", sessions)) != NULL; sessions++) {
        upscope_string_free(session);
    }
    printf("    \"%s\" is agent %s, %s; recent sessions: %u\n", agent_id, text(json, "/agent/id", id, sizeof id),
           text(json, "/agent/name", name, sizeof name), sessions);
    upscope_string_free(json);
}

static void authorize_on_premise(void)
{
    const char *fields[] = {"visitor_id", visitor_id, "agent.id", AGENT_ID, "agent.name", AGENT_NAME, NULL};
    char *json, *token;

    step("Create a token for an on-premise server");
    json = call_or_print(client, "authorize_onpremise_session", fields);
    if (json == NULL) return;
    expect(has(json, "/authorized", "true"), "not authorized");
    token = value_at(json, "/token");
    printf("    authorized, with a secret token of %u characters\n", token == NULL ? 0 : (unsigned)strlen(token));
    upscope_string_free(token);
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
    expect(strstr(text(json, "/error/message", message, sizeof message), "search") != NULL, "the key is not named");
    print_error(json);
    upscope_string_free(json);
}

/* Returns 0 if the value does not fit. */
static int set(char *out, size_t size, const char *value)
{
    return snprintf(out, size, "%s", value) < (int)size;
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
        if (strcmp(argv[i], "--lookup-code") == 0) fits = set(lookup_code, sizeof lookup_code, value);
        else if (strcmp(argv[i], "--visitor") == 0) fits = set(visitor_id, sizeof visitor_id, value);
        else if (strcmp(argv[i], "--agent") == 0) fits = set(agent_id, sizeof agent_id, value);
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
        strcpy(agent_id, AGENT_ID);
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
