/* A data race that ThreadSanitizer must find: one thread frees a client that another thread uses, which the header forbids.
 * Both accesses are in the library. */

#include <pthread.h>
#include <time.h>

#include "call_checks.h"

static upscope_client *client;

static void *use_client(void *nothing)
{
    char *json = NULL;

    upscope_call(client, "get_usage", "{\"options\": {\"max_retries\": 0}}", &json);
    upscope_string_free(json);
    return nothing;
}

int main(void)
{
    pthread_t thread;
    char *json = NULL;

    if (upscope_client_new("{\"api_key\": \"key\", \"base_url\": \"http://127.0.0.1:1\"}", &client, &json) != UPSCOPE_OK) {
        return 2;
    }
    if (pthread_create(&thread, NULL, use_client, NULL) != 0) return 2;
    /* The other thread finishes during the sleep. ThreadSanitizer does not take time as synchronization. */
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    upscope_client_free(client);
    pthread_join(thread, NULL);
    printf("the race was not found\n");
    return 0;
}
