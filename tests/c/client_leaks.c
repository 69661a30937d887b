/* Creates and frees ten thousand clients, some with idle connections and started calls. No descriptor, thread or memory
 * leaks. */

#include <dirent.h>
#include <malloc.h>
#include <time.h>

#include "sandbox.h"

/* The allocator's own use varies by up to SLACK. A leak of eight bytes per client would exceed it. */
enum { CLIENTS = 10000, CALLING = 100, MAX_POLLS = 100, SLACK = 64 * 1024 };

static int entries(const char *folder)
{
    DIR *open = opendir(folder);
    int count = 0;

    if (open == NULL) return -1;
    while (readdir(open) != NULL) count++;
    closedir(open);
    return count;
}

static void create_and_free(int number)
{
    upscope_client *client = sandbox_client("sandbox-key", "");

    if (number % CALLING == 0) upscope_string_free(call_ok(client, "get_usage", "{}"));
    if (number % (10 * CALLING) == 0) {
        upscope_pending *pending = NULL;
        char *error = NULL;
        CHECK(upscope_start(client, "get_usage", NULL, NULL, NULL, &pending, &error) == UPSCOPE_OK, "%s", shown(error));
        upscope_pending_free(pending);
    }
    upscope_client_free(client);
}

/* Threads may end a little after their client. */
static void wait_for_threads(int wanted)
{
    struct timespec pause = {0, 50000000};
    int i;

    for (i = 0; i < MAX_POLLS && entries("/proc/self/task") > wanted; i++) nanosleep(&pause, NULL);
}

int main(int argc, char **argv)
{
    int descriptors, threads, i;
    size_t bytes, left;

    (void)argc;
    threads = entries("/proc/self/task");
    /* Warm up: allocations that happen once, such as tables and the arenas of threads. */
    for (i = 0; i < 10 * CALLING; i++) create_and_free(i);
    wait_for_threads(threads);
    descriptors = entries("/proc/self/fd");
    bytes = mallinfo2().uordblks;
    for (i = 0; i < CLIENTS; i++) create_and_free(i);
    wait_for_threads(threads);
    left = mallinfo2().uordblks;
    CHECK(entries("/proc/self/task") == threads, "%d threads, then %d", threads, entries("/proc/self/task"));
    CHECK(entries("/proc/self/fd") == descriptors, "%d, then %d", descriptors, entries("/proc/self/fd"));
    CHECK(left <= bytes + SLACK, "%lu bytes, then %lu", (unsigned long)bytes, (unsigned long)left);
    return checks_end(argv[0], 20000);
}
