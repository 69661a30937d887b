/* Shared by all programs of the benchmark: clocks, memory, errors, and a client of the server. */

#ifndef MEASURE_H
#define MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "upscope.h"

static inline void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why == NULL ? "" : why);
    exit(1);
}

static inline long long nanoseconds_of(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* User and system CPU time of this process with all its threads. */
static inline long long cpu_now(void)
{
    return nanoseconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

static inline long long wall_now(void)
{
    return nanoseconds_of(CLOCK_MONOTONIC);
}

/* System CPU time in microseconds. */
static inline long long system_now(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (long long)used.ru_stime.tv_sec * 1000000 + used.ru_stime.tv_usec;
}

/* A line of /proc/self/status in kB, such as "VmHWM:", the peak memory of this process. */
static inline long memory_of(const char *name)
{
    char line[200];
    long kilobytes = -1;
    FILE *file = fopen("/proc/self/status", "r");

    if (file == NULL) return -1;
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) kilobytes = atol(line + strlen(name));
    }
    fclose(file);
    return kilobytes;
}

/* A client with the default settings for http://HOST:PORT/BASE. */
static inline upscope_client *client_of(const char *host, const char *port, const char *base)
{
    char config[300], *error;
    upscope_client *client;

    snprintf(config, sizeof config, "{\"api_key\": \"bench-key\", \"base_url\": \"http://%s:%s/%s\", \"proxy\": \"\"}",
             host, port, base);
    if (upscope_client_new(config, &client, &error) != UPSCOPE_OK) fail("no client", error);
    return client;
}

#endif
