/* To be found by ThreadSanitizer: one thread frees a client that another one uses, which the header forbids. Both
 * sides of the race are in the library, not here. */

#include <pthread.h>
#include <time.h>

#include "call_checks.h"

static upscope_client *client;

static void *use(void *nothing)
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
    if (pthread_create(&thread, NULL, use, NULL) != 0) return 2;
    /* Long enough for the other thread to be through; to ThreadSanitizer time proves nothing. */
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    upscope_client_free(client);
    pthread_join(thread, NULL);
    printf("a client was freed while it was used, and nobody noticed\n");
    return 0;
}
