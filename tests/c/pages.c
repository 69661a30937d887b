/* The walk through the pages of sessions: each session once, in order, to the end, whatever becomes of the client. */

#include "sandbox.h"

static char last_seen[64];

/* Adds up a page, whose ids are to follow what came before. */
static size_t read_page(const char *json)
{
    size_t count = json_count(json_pick(json, "cobrowsing_sessions")), i;

    for (i = 0; i < count; i++) {
        char path[64], id[64];
        snprintf(path, sizeof path, "cobrowsing_sessions.%u.id", (unsigned)i);
        json_text(json_pick(json, path), id, sizeof id);
        CHECK(strcmp(id, last_seen) > 0, "%s after %s", id, last_seen);
        strcpy(last_seen, id);
    }
    return count;
}

static upscope_sessions *walk_of(const char *request)
{
    upscope_client *client = sandbox_client("sandbox-key", ", \"max_retries\": 0");
    upscope_sessions *walk = NULL;
    char *error = UNSET;

    CHECK(upscope_sessions_open(client, request, &walk, &error) == UPSCOPE_OK, "%s", shown(error));
    CHECK(error == NULL, "%s", shown(error));
    /* The walk goes on without it. */
    upscope_client_free(client);
    last_seen[0] = '\0';
    return walk;
}

static void all_of_them(void)
{
    upscope_sessions *walk = walk_of(NULL);
    size_t sessions = 0, pages = 0;
    char *page = UNSET;
    upscope_status status;

    while ((status = upscope_sessions_next(walk, &page)) == UPSCOPE_OK && pages < 10) {
        pages++;
        sessions += read_page(page);
        upscope_string_free(page);
        page = UNSET;
    }
    CHECK(status == UPSCOPE_DONE && page == NULL, "%s", upscope_status_name(status));
    page = UNSET;
    CHECK(upscope_sessions_next(walk, &page) == UPSCOPE_DONE && page == NULL, "more");
    CHECK(pages == 3 && sessions == 120, "%u sessions on %u pages", (unsigned)sessions, (unsigned)pages);
    upscope_sessions_free(walk);
}

static void a_page_that_failed_is_asked_for_again(void)
{
    upscope_sessions *walk = walk_of(NULL);
    size_t sessions = 0;
    char *page = UNSET;
    upscope_status status;

    CHECK(upscope_sessions_next(walk, &page) == UPSCOPE_OK, "%s", shown(page));
    sessions += read_page(page);
    upscope_string_free(page);
    sandbox_set("/faults", "[{\"status\": 500}]");
    page = UNSET;
    status = upscope_sessions_next(walk, &page);
    check_error(status, page, UPSCOPE_SERVER_ERROR, "list_sessions", "a page that fails");
    while (upscope_sessions_next(walk, &page) == UPSCOPE_OK && sessions < 1000) {
        sessions += read_page(page);
        upscope_string_free(page);
    }
    CHECK(sessions == 120, "%u sessions", (unsigned)sessions);
    upscope_sessions_free(walk);
}

/* A service that gives the same page for ever. */
static void no_endless_walk(void)
{
    const char *fault = "{\"status\": 200, \"body\": \"{\\\"cobrowsing_sessions\\\": [{\\\"id\\\": \\\"s_1\\\"}],"
                        " \\\"has_more\\\": true, \\\"last_id\\\": \\\"s_1\\\"}\"}";
    char faults[800];
    upscope_sessions *walk = walk_of(NULL);
    char *page = UNSET;
    upscope_status status;

    snprintf(faults, sizeof faults, "[%s, %s, %s]", fault, fault, fault);
    sandbox_set("/faults", faults);
    CHECK(upscope_sessions_next(walk, &page) == UPSCOPE_OK, "%s", shown(page));
    upscope_string_free(page);
    page = UNSET;
    status = upscope_sessions_next(walk, &page);
    check_error(status, page, UPSCOPE_BAD_RESPONSE, "last_id", "a page again");
    upscope_sessions_free(walk);
    sandbox_set("/faults", "[]");
}

static void narrowed(void)
{
    upscope_sessions *walk = walk_of("{\"after_id\": \"s_1100\"}");
    char *page = UNSET;

    CHECK(upscope_sessions_next(walk, &page) == UPSCOPE_OK && read_page(page) == 20, "%s", shown(page));
    upscope_string_free(page);
    CHECK(upscope_sessions_next(walk, &page) == UPSCOPE_DONE && page == NULL, "more");
    upscope_sessions_free(walk);
    /* Left in the middle, and not begun. */
    walk = walk_of(NULL);
    CHECK(upscope_sessions_next(walk, &page) == UPSCOPE_OK, "%s", shown(page));
    upscope_string_free(page);
    upscope_sessions_free(walk);
    upscope_sessions_free(walk_of("{\"ongoing_only\": true}"));
}

int main(int argc, char **argv)
{
    (void)argc;
    sandbox_set("/reset", NULL);
    all_of_them();
    a_page_that_failed_is_asked_for_again();
    no_endless_walk();
    narrowed();
    return checks_end(argv[0], 280);
}
