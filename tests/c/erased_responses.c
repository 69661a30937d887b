/* Counts how often a text of a response is in memory after all responses are freed.
 *
 * Usage: erased_responses CONFIGURATION MASKED METHOD COUNT. Creates a client and makes COUNT calls in the way METHOD says.
 * Prints how often the text was in memory while there was a response, and how often at the end. MASKED is the text in
 * hexadecimal digits, masked as memory_search.h does it. tests/erased_memory.rs runs this program. */

#include <pthread.h>
#include <stdlib.h>

#include "memory_search.h"
#include "upscope.h"

#define REQUEST "{\"visitor_id\": \"V\", \"agent\": {\"id\": \"1\"}}"

static struct needle needle;
static int most_found;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int callback_runs;

static void search_memory(void)
{
    int found = found_in_memory(&needle);

    if (found > most_found) most_found = found;
}

static void done(void *user_data, upscope_status status, const char *response_json)
{
    (void)user_data;
    CHECK(response_json != NULL, "%d", (int)status);
    search_memory();
    pthread_mutex_lock(&lock);
    callback_runs++;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void call_once(const upscope_client *client)
{
    char *response;

    upscope_create_watch_url(client, REQUEST, &response);
    search_memory();
    upscope_string_free(response);
}

static void start_once(const upscope_client *client, upscope_done_fn on_done)
{
    upscope_pending *pending;
    char *response;
    int before = callback_runs;
    upscope_status status = upscope_start(client, "create_watch_url", REQUEST, on_done, NULL, &pending, &response);

    CHECK(status == UPSCOPE_OK, "%s", shown(response));
    status = upscope_pending_wait(pending, 10000, &response);
    CHECK(status != UPSCOPE_PENDING, "%d", (int)status);
    search_memory();
    upscope_string_free(response);
    pthread_mutex_lock(&lock);
    while (on_done != NULL && callback_runs == before) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    upscope_pending_free(pending);
}

static void read_pages(const upscope_client *client)
{
    upscope_sessions *pages;
    upscope_status status;
    char *page;

    status = upscope_sessions_open(client, NULL, &pages, &page);
    CHECK(status == UPSCOPE_OK, "%s", shown(page));
    upscope_sessions_prefetch(pages, 1);
    do {
        status = upscope_sessions_next(pages, &page);
        search_memory();
        upscope_string_free(page);
    } while (status == UPSCOPE_OK);
    CHECK(status == UPSCOPE_DONE, "%d", (int)status);
    upscope_sessions_free(pages);
}

int main(int argc, char **argv)
{
    const char *method = argc == 5 ? argv[3] : "";
    int count = argc == 5 ? atoi(argv[4]) : 0;
    upscope_client *client;
    char *error;
    size_t at;

    if (argc != 5) return 2;
    for (at = 0; argv[2][2 * at] != 0 && at < sizeof needle.masked; at++) {
        char digits[3] = {argv[2][2 * at], argv[2][2 * at + 1], 0};

        needle.masked[at] = (unsigned char)strtoul(digits, NULL, 16);
    }
    needle.length = at;
    if (upscope_client_new(argv[1], &client, &error) != UPSCOPE_OK) {
        printf("%s\n", error);
        return 1;
    }
    while (count-- > 0) {
        if (strcmp(method, "call") == 0) call_once(client);
        if (strcmp(method, "start") == 0) start_once(client, done);
        if (strcmp(method, "poll") == 0) start_once(client, NULL);
        if (strcmp(method, "walk") == 0) read_pages(client);
    }
    upscope_client_free(client);
    printf("%d %d\n", most_found, found_in_memory(&needle));
    return checks_failed == 0 ? 0 : 1;
}
