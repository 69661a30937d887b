/* The page iterator returns each session once and in order, even after its client is freed. */

#include "sandbox.h"

static char last_seen[64];

/* Returns the number of sessions on a page, and checks that their ids follow those of earlier pages. */
static size_t read_page(const char *json)
{
    size_t count = json_count(json, "/cobrowsing_sessions"), i;

    for (i = 0; i < count; i++) {
        char path[64], id[64];
        snprintf(path, sizeof path, "/cobrowsing_sessions/%u/id", (unsigned)i);
        json_text(json, path, id, sizeof id);
        CHECK(strcmp(id, last_seen) > 0, "%s after %s", id, last_seen);
        strcpy(last_seen, id);
    }
    return count;
}

static upscope_sessions *open_pages(const char *request)
{
    upscope_client *client = sandbox_client("sandbox-key", ", \"max_retries\": 0");
    upscope_sessions *pages = NULL;
    char *error = UNSET;

    CHECK(upscope_sessions_open(client, request, &pages, &error) == UPSCOPE_OK, "%s", shown(error));
    CHECK(error == NULL, "%s", shown(error));
    /* The iterator continues to work. */
    upscope_client_free(client);
    last_seen[0] = '\0';
    return pages;
}

static void all_pages_are_read(void)
{
    upscope_sessions *pages = open_pages(NULL);
    size_t sessions = 0, count = 0;
    char *page = UNSET;
    upscope_status status;

    while ((status = upscope_sessions_next(pages, &page)) == UPSCOPE_OK && count < 10) {
        count++;
        sessions += read_page(page);
        upscope_string_free(page);
        page = UNSET;
    }
    CHECK(status == UPSCOPE_DONE && page == NULL, "%s", upscope_status_name(status));
    page = UNSET;
    CHECK(upscope_sessions_next(pages, &page) == UPSCOPE_DONE && page == NULL, "more");
    CHECK(count == 3 && sessions == 120, "%u sessions on %u pages", (unsigned)sessions, (unsigned)count);
    upscope_sessions_free(pages);
}

static void a_failed_page_can_be_fetched_again(void)
{
    upscope_sessions *pages = open_pages(NULL);
    size_t sessions = 0;
    char *page = UNSET;
    upscope_status status;

    CHECK(upscope_sessions_next(pages, &page) == UPSCOPE_OK, "%s", shown(page));
    sessions += read_page(page);
    upscope_string_free(page);
    sandbox_set("/faults", "[{\"status\": 500}]");
    page = UNSET;
    status = upscope_sessions_next(pages, &page);
    check_error(status, page, UPSCOPE_SERVER_ERROR, "list_sessions", "a page that fails");
    while (upscope_sessions_next(pages, &page) == UPSCOPE_OK && sessions < 1000) {
        sessions += read_page(page);
        upscope_string_free(page);
    }
    CHECK(sessions == 120, "%u sessions", (unsigned)sessions);
    upscope_sessions_free(pages);
}

/* The service always returns the same page. */
static void a_repeated_page_is_an_error(void)
{
    const char *fault = "{\"status\": 200, \"body\": \"{\\\"cobrowsing_sessions\\\": [{\\\"id\\\": \\\"s_1\\\"}],"
                        " \\\"has_more\\\": true, \\\"last_id\\\": \\\"s_1\\\"}\"}";
    char faults[800];
    upscope_sessions *pages = open_pages(NULL);
    char *page = UNSET;
    upscope_status status;

    snprintf(faults, sizeof faults, "[%s, %s, %s]", fault, fault, fault);
    sandbox_set("/faults", faults);
    CHECK(upscope_sessions_next(pages, &page) == UPSCOPE_OK, "%s", shown(page));
    upscope_string_free(page);
    page = UNSET;
    status = upscope_sessions_next(pages, &page);
    check_error(status, page, UPSCOPE_BAD_RESPONSE, "last_id", "a repeated page");
    upscope_sessions_free(pages);
    sandbox_set("/faults", "[]");
}

static void filters_apply_and_iterators_may_be_freed_early(void)
{
    upscope_sessions *pages = open_pages("{\"after_id\": \"s_1100\"}");
    char *page = UNSET;

    CHECK(upscope_sessions_next(pages, &page) == UPSCOPE_OK && read_page(page) == 20, "%s", shown(page));
    upscope_string_free(page);
    CHECK(upscope_sessions_next(pages, &page) == UPSCOPE_DONE && page == NULL, "more");
    upscope_sessions_free(pages);
    /* Freed after the first page, and before it. */
    pages = open_pages(NULL);
    CHECK(upscope_sessions_next(pages, &page) == UPSCOPE_OK, "%s", shown(page));
    upscope_string_free(page);
    upscope_sessions_free(pages);
    upscope_sessions_free(open_pages("{\"ongoing_only\": true}"));
}

/* As a GUI program does it: it starts a page and polls from a timer. */
static void pages_can_be_started(void)
{
    upscope_sessions *pages = open_pages(NULL);
    upscope_pending *first = NULL, *second = NULL;
    char *page = UNSET;
    size_t sessions = 0;
    upscope_status status;

    /* Two pages that are started at once arrive in the order of their start. */
    CHECK(upscope_sessions_start_next(pages, NULL, NULL, &first, &page) == UPSCOPE_OK, "%s", shown(page));
    CHECK(upscope_sessions_start_next(pages, NULL, NULL, &second, &page) == UPSCOPE_OK, "%s", shown(page));
    CHECK(upscope_pending_wait(first, 10000, &page) == UPSCOPE_OK, "%s", shown(page));
    sessions += read_page(page);
    upscope_string_free(page);
    CHECK(upscope_pending_wait(second, 10000, &page) == UPSCOPE_OK, "%s", shown(page));
    sessions += read_page(page);
    upscope_string_free(page);
    upscope_pending_free(first);
    upscope_pending_free(second);
    CHECK(upscope_sessions_next(pages, &page) == UPSCOPE_OK, "%s", shown(page));
    sessions += read_page(page);
    upscope_string_free(page);
    CHECK(sessions == 120, "%u sessions", (unsigned)sessions);

    CHECK(upscope_sessions_start_next(pages, NULL, NULL, &first, &page) == UPSCOPE_OK, "%s", shown(page));
    status = upscope_pending_wait(first, 10000, &page);
    CHECK(status == UPSCOPE_DONE && page == NULL, "%s: %s", upscope_status_name(status), shown(page));
    upscope_pending_free(first);
    upscope_sessions_free(pages);
}

/* A page whose fetch was cancelled is still the next page. */
static void a_cancelled_page_is_fetched_again(void)
{
    upscope_sessions *pages = open_pages(NULL);
    upscope_pending *pending = NULL;
    char *page = UNSET;
    upscope_status status;

    sandbox_set("/faults", "[{\"delay_ms\": 30000}]");
    CHECK(upscope_sessions_start_next(pages, NULL, NULL, &pending, &page) == UPSCOPE_OK, "%s", shown(page));
    CHECK(upscope_pending_wait(pending, 100, &page) == UPSCOPE_PENDING && page == NULL, "%s", shown(page));
    upscope_pending_cancel(pending);
    status = upscope_pending_wait(pending, 10000, &page);
    check_error(status, page, UPSCOPE_CANCELLED, "cancelled", "a page");
    upscope_pending_free(pending);
    sandbox_set("/faults", "[]");
    CHECK(upscope_sessions_next(pages, &page) == UPSCOPE_OK && read_page(page) == 50, "%s", shown(page));
    upscope_string_free(page);
    /* The iterator and the started page are freed while the page is fetched. */
    sandbox_set("/faults", "[{\"delay_ms\": 30000}]");
    CHECK(upscope_sessions_start_next(pages, NULL, NULL, &pending, &page) == UPSCOPE_OK, "%s", shown(page));
    upscope_sessions_free(pages);
    upscope_pending_free(pending);
    sandbox_set("/reset", NULL);
}

static void pages_can_be_prefetched(void)
{
    upscope_sessions *pages = open_pages(NULL);
    size_t sessions = 0;
    char *page = UNSET;
    upscope_status status;

    upscope_sessions_prefetch(pages, 1);
    CHECK(upscope_sessions_next(pages, &page) == UPSCOPE_OK, "%s", shown(page));
    sessions += read_page(page);
    upscope_string_free(page);
    while ((status = upscope_sessions_next(pages, &page)) == UPSCOPE_OK && sessions < 1000) {
        sessions += read_page(page);
        upscope_string_free(page);
    }
    CHECK(status == UPSCOPE_DONE && sessions == 120, "%s after %u", upscope_status_name(status), (unsigned)sessions);
    upscope_sessions_free(pages);
    /* Freed during a prefetch. */
    pages = open_pages(NULL);
    upscope_sessions_prefetch(pages, 1);
    CHECK(upscope_sessions_next(pages, &page) == UPSCOPE_OK, "%s", shown(page));
    upscope_string_free(page);
    upscope_sessions_free(pages);
    upscope_sessions_prefetch(NULL, 1);
}

int main(int argc, char **argv)
{
    (void)argc;
    sandbox_set("/reset", NULL);
    all_pages_are_read();
    a_failed_page_can_be_fetched_again();
    a_repeated_page_is_an_error();
    filters_apply_and_iterators_may_be_freed_early();
    pages_can_be_started();
    a_cancelled_page_is_fetched_again();
    pages_can_be_prefetched();
    return checks_end(argv[0], 500);
}
