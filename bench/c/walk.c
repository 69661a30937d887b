/*
 * A walk through pages of 100 sessions: walk PORT PAGES DELAY WORK AHEAD
 *
 * The service takes DELAY microseconds for a page, and the caller WORK for each. AHEAD 1: the next page is fetched
 * meanwhile. Prints: pages, milliseconds in all, of CPU, kB of memory after a tenth of the pages, the most kB ever.
 */

#include "measure.h"

int main(int argc, char **argv)
{
    char base[60], *page;
    long pages = 0, expected, delay, early = 0;
    long long began, cpu;
    upscope_client *client;
    upscope_sessions *walk;
    upscope_status status;
    struct timespec work;

    if (argc != 6) fail("usage", "walk PORT PAGES DELAY WORK AHEAD");
    expected = atol(argv[2]);
    delay = atol(argv[3]);
    work.tv_sec = 0;
    work.tv_nsec = atol(argv[4]) * 1000;
    snprintf(base, sizeof base, "walk-%ld-%ld", expected, delay);
    client = client_of("127.0.0.1", argv[1], base);
    began = wall_now();
    cpu = cpu_now();
    if (upscope_sessions_open(client, NULL, &walk, &page) != UPSCOPE_OK) fail("no walk", page);
    upscope_sessions_prefetch(walk, atoi(argv[5]));
    while ((status = upscope_sessions_next(walk, &page)) == UPSCOPE_OK) {
        pages++;
        if (pages == expected / 10) early = memory_of("VmHWM:");
        upscope_string_free(page);
        if (work.tv_nsec > 0) nanosleep(&work, NULL);
    }
    if (status != UPSCOPE_DONE) fail("the walk", page);
    if (pages != expected) fail("the walk", "not all pages");
    printf("%ld %.1f %.1f %ld %ld\n", pages, (double)(wall_now() - began) / 1e6, (double)(cpu_now() - cpu) / 1e6, early,
           memory_of("VmHWM:"));
    upscope_sessions_free(walk);
    upscope_client_free(client);
    return 0;
}
