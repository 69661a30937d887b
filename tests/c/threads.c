/* Eight threads share a client. Each gets its own responses, also while calls of other threads fail. */

#include <pthread.h>

#include "sandbox.h"

enum { THREADS = 8, CALLS = 25 };

/* CHECK counts without a lock, so each thread records its results and the main thread checks them. */
struct worker {
    pthread_t thread;
    int number, succeeded, failed_as_expected, done;
    char *kept;
};

static upscope_client *client;

static void *work(void *argument)
{
    struct worker *worker = (struct worker *)argument;
    char request[64], id[32];
    int i;

    for (i = 0; i < CALLS; i++) {
        char *json;
        snprintf(id, sizeof id, "T%d", worker->number);
        snprintf(request, sizeof request, "{\"visitor_id\": \"%s\"}", id);
        if (upscope_get_visitor(client, request, &json) == UPSCOPE_OK &&
            json_is(json, "/visitor/short_id", id)) {
            worker->succeeded++;
        }
        if (i == 0) worker->kept = json;
        else upscope_string_free(json);
        if (upscope_get_visitor(client, "{\"visitor_id\": \"nobody\"}", &json) == UPSCOPE_NOT_FOUND) {
            worker->failed_as_expected++;
        }
        upscope_string_free(json);
    }
    worker->done = 1;
    return NULL;
}

int main(int argc, char **argv)
{
    struct worker workers[THREADS];
    char body[64];
    int i;

    (void)argc;
    sandbox_set("/reset", NULL);
    client = sandbox_client("sandbox-key", "");
    memset(workers, 0, sizeof workers);
    for (i = 0; i < THREADS; i++) {
        workers[i].number = i;
        snprintf(body, sizeof body, "{\"short_id\": \"T%d\"}", i);
        sandbox_set("/visitors", body);
    }
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0, "no thread %d", i);
    }
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(workers[i].thread, NULL) == 0, "no thread %d", i);
        CHECK(workers[i].done, "thread %d has not ended", i);
        CHECK(workers[i].succeeded == CALLS, "thread %d: %d, first %s", i, workers[i].succeeded, shown(workers[i].kept));
        CHECK(workers[i].failed_as_expected == CALLS, "thread %d: %d", i, workers[i].failed_as_expected);
        /* Allocated by another thread. */
        upscope_string_free(workers[i].kept);
    }
    upscope_client_free(client);
    return checks_end(argv[0], 5 * THREADS);
}
