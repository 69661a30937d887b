/* How often a text of the service's is in memory when everything that was handed out is freed.
 *
 * erased_responses CONFIGURATION MASKED HOW COUNT: makes a client, calls create_watch_url COUNT times, and prints how often
 * the text was found while there was an answer, and how often at the end. MASKED is the text in hexadecimal digits, each
 * byte changed as memory_search.h does. tests/erased_memory.rs runs it. */

#include <pthread.h>
#include <stdlib.h>

#include "memory_search.h"
#include "upscope.h"

#define REQUEST "{\"visitor_id\": \"V\", \"agent\": {\"id\": \"1\"}}"

static struct needle needle;
static int found_meanwhile;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int told;

static void note(void)
{
    int found = found_in_memory(&needle);

    if (found > found_meanwhile) found_meanwhile = found;
}

static void done(void *user_data, upscope_status status, const char *response_json)
{
    (void)user_data;
    CHECK(response_json != NULL, "%d", (int)status);
    note();
    pthread_mutex_lock(&lock);
    told++;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

/* How a call is made. */

static void calls(const upscope_client *client)
{
    char *answer;

    upscope_create_watch_url(client, REQUEST, &answer);
    note();
    upscope_string_free(answer);
}

static void starts(const upscope_client *client, upscope_done_fn on_done)
{
    upscope_pending *pending;
    char *answer;
    int before = told;
    upscope_status status = upscope_start(client, "create_watch_url", REQUEST, on_done, NULL, &pending, &answer);

    CHECK(status == UPSCOPE_OK, "%s", shown(answer));
    status = upscope_pending_wait(pending, 10000, &answer);
    CHECK(status != UPSCOPE_PENDING, "%d", (int)status);
    note();
    upscope_string_free(answer);
    pthread_mutex_lock(&lock);
    while (on_done != NULL && told == before) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    upscope_pending_free(pending);
}

static void walks(const upscope_client *client)
{
    upscope_sessions *pages;
    upscope_status status;
    char *page;

    status = upscope_sessions_open(client, NULL, &pages, &page);
    CHECK(status == UPSCOPE_OK, "%s", shown(page));
    upscope_sessions_prefetch(pages, 1);
    do {
        status = upscope_sessions_next(pages, &page);
        note();
        upscope_string_free(page);
    } while (status == UPSCOPE_OK);
    CHECK(status == UPSCOPE_DONE, "%d", (int)status);
    upscope_sessions_free(pages);
}

int main(int argc, char **argv)
{
    const char *how = argc == 5 ? argv[3] : "";
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
        if (strcmp(how, "call") == 0) calls(client);
        if (strcmp(how, "start") == 0) starts(client, done);
        if (strcmp(how, "poll") == 0) starts(client, NULL);
        if (strcmp(how, "walk") == 0) walks(client);
    }
    upscope_client_free(client);
    printf("%d %d\n", found_meanwhile, found_in_memory(&needle));
    return checks_failed == 0 ? 0 : 1;
}
