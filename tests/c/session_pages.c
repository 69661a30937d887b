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

/* What a window does: a page is started, and asked for from a timer. */
static void started_pages(void)
{
    upscope_sessions *walk = walk_of(NULL);
    upscope_pending *first = NULL, *second = NULL;
    char *page = UNSET;
    size_t sessions = 0;
    upscope_status status;

    /* Two at once come in the order of their start. */
    CHECK(upscope_sessions_start_next(walk, NULL, NULL, &first, &page) == UPSCOPE_OK, "%s", shown(page));
    CHECK(upscope_sessions_start_next(walk, NULL, NULL, &second, &page) == UPSCOPE_OK, "%s", shown(page));
    CHECK(upscope_pending_wait(first, 10000, &page) == UPSCOPE_OK, "%s", shown(page));
    sessions += read_page(page);
    upscope_string_free(page);
    CHECK(upscope_pending_wait(second, 10000, &page) == UPSCOPE_OK, "%s", shown(page));
    sessions += read_page(page);
    upscope_string_free(page);
    upscope_pending_free(first);
    upscope_pending_free(second);
    CHECK(upscope_sessions_next(walk, &page) == UPSCOPE_OK, "%s", shown(page));
    sessions += read_page(page);
    upscope_string_free(page);
    CHECK(sessions == 120, "%u sessions", (unsigned)sessions);

    CHECK(upscope_sessions_start_next(walk, NULL, NULL, &first, &page) == UPSCOPE_OK, "%s", shown(page));
    status = upscope_pending_wait(first, 10000, &page);
    CHECK(status == UPSCOPE_DONE && page == NULL, "%s: %s", upscope_status_name(status), shown(page));
    upscope_pending_free(first);
    upscope_sessions_free(walk);
}

/* Given up, a started page is still the next one. */
static void a_started_page_that_is_cancelled(void)
{
    upscope_sessions *walk = walk_of(NULL);
    upscope_pending *pending = NULL;
    char *page = UNSET;
    upscope_status status;

    sandbox_set("/faults", "[{\"delay_ms\": 30000}]");
    CHECK(upscope_sessions_start_next(walk, NULL, NULL, &pending, &page) == UPSCOPE_OK, "%s", shown(page));
    CHECK(upscope_pending_wait(pending, 100, &page) == UPSCOPE_PENDING && page == NULL, "%s", shown(page));
    upscope_pending_cancel(pending);
    status = upscope_pending_wait(pending, 10000, &page);
    check_error(status, page, UPSCOPE_CANCELLED, "cancelled", "a page");
    upscope_pending_free(pending);
    sandbox_set("/faults", "[]");
    CHECK(upscope_sessions_next(walk, &page) == UPSCOPE_OK && read_page(page) == 50, "%s", shown(page));
    upscope_string_free(page);
    /* And freed with its walk while it is on its way. */
    sandbox_set("/faults", "[{\"delay_ms\": 30000}]");
    CHECK(upscope_sessions_start_next(walk, NULL, NULL, &pending, &page) == UPSCOPE_OK, "%s", shown(page));
    upscope_sessions_free(walk);
    upscope_pending_free(pending);
    sandbox_set("/reset", NULL);
}

static void fetched_ahead(void)
{
    upscope_sessions *walk = walk_of(NULL);
    size_t sessions = 0;
    char *page = UNSET;
    upscope_status status;

    upscope_sessions_prefetch(walk, 1);
    CHECK(upscope_sessions_next(walk, &page) == UPSCOPE_OK, "%s", shown(page));
    sessions += read_page(page);
    upscope_string_free(page);
    while ((status = upscope_sessions_next(walk, &page)) == UPSCOPE_OK && sessions < 1000) {
        sessions += read_page(page);
        upscope_string_free(page);
    }
    CHECK(status == UPSCOPE_DONE && sessions == 120, "%s after %u", upscope_status_name(status), (unsigned)sessions);
    upscope_sessions_free(walk);
    /* Left while a page is on its way. */
    walk = walk_of(NULL);
    upscope_sessions_prefetch(walk, 1);
    CHECK(upscope_sessions_next(walk, &page) == UPSCOPE_OK, "%s", shown(page));
    upscope_string_free(page);
    upscope_sessions_free(walk);
    upscope_sessions_prefetch(NULL, 1);
}

int main(int argc, char **argv)
{
    (void)argc;
    sandbox_set("/reset", NULL);
    all_of_them();
    a_page_that_failed_is_asked_for_again();
    no_endless_walk();
    narrowed();
    started_pages();
    a_started_page_that_is_cancelled();
    fetched_ahead();
    return checks_end(argv[0], 500);
}
