/* If the resolver hangs, calls end at their deadline, and the number of threads that wait for it is limited. */

#include <dirent.h>
#include <netdb.h>
#include <time.h>

#include "call_checks.h"

enum { TIMEOUT_MS = 200, LATE_MS = 100, MAX_LOOKUPS = 8, HANG_S = 4 };

/* Replaces the function of the system. */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    struct timespec hang = {HANG_S, 0};

    (void)host, (void)service, (void)hints, (void)found;
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
    return checks_end(argv[0], 70);
}
