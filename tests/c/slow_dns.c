/* If the resolver hangs, calls end at their deadline or when their client is closed, and the number of threads that wait for
 * it is limited. */

#include <dirent.h>
#include <netdb.h>
#include <pthread.h>
#include <time.h>

#include "call_checks.h"

enum { TIMEOUT_MS = 200, LATE_MS = 100, MAX_LOOKUPS = 8, HANG_S = 4 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int lookups;

/* Replaces the function of the system. */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    struct timespec hang = {HANG_S, 0};

    (void)host, (void)service, (void)hints, (void)found;
    pthread_mutex_lock(&lock);
    lookups++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    nanosleep(&hang, NULL);
    return EAI_AGAIN;
}

static long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

static int threads(void)
{
    DIR *open = opendir("/proc/self/task");
    struct dirent *entry;
    int count = 0;

    while (open != NULL && (entry = readdir(open)) != NULL) count += entry->d_name[0] != '.';
    if (open != NULL) closedir(open);
    return count;
}

struct call {
    upscope_client *client;
    upscope_status status;
    char *error;
    long ended;
};

static void *make_call(void *argument)
{
    struct call *call = (struct call *)argument;

    call->status = upscope_get_usage(call->client, NULL, &call->error);
    call->ended = milliseconds();
    return NULL;
}

static void closing_the_client_ends_the_call(void)
{
    struct call call = {0};
    pthread_t thread;
    long closed;

    call.client = client_of("{\"api_key\": \"key\", \"base_url\": \"https://closed.example\", \"proxy\": \"\"}");
    pthread_mutex_lock(&lock);
    lookups = 0;
    CHECK(pthread_create(&thread, NULL, make_call, &call) == 0, "no thread");
    while (lookups == 0) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    closed = milliseconds();
    upscope_client_close(call.client);
    pthread_join(thread, NULL);
    CHECK(call.ended - closed < 200, "%ld ms", call.ended - closed);
    check_error(call.status, call.error, UPSCOPE_CANCELLED, "looking up the host name, because the client was closed",
                "a closed client");
    upscope_client_free(call.client);
}

int main(int argc, char **argv)
{
    upscope_client *client = client_of("{\"api_key\": \"key\", \"base_url\": \"https://desk.example\", \"proxy\": \"\","
                                       " \"timeout_ms\": 200, \"max_retries\": 0}");
    int i;

    (void)argc;
    for (i = 0; i < MAX_LOOKUPS + 4; i++) {
        char *error = UNSET;
        long began = milliseconds();
        upscope_status status = upscope_get_usage(client, NULL, &error);
        long took = milliseconds() - began;

        /* Calls above the limit wait until a look-up ends. */
        check_error(status, error, UPSCOPE_TIMEOUT, "looking up the host name", "a look-up that hangs");
        CHECK(took >= TIMEOUT_MS - 1 && took < TIMEOUT_MS + LATE_MS, "%ld ms", took);
        CHECK(threads() <= 1 + MAX_LOOKUPS, "%d threads", threads());
    }
    upscope_client_free(client);
    closing_the_client_ends_the_call();
    return checks_end(argv[0], 75);
}
