/*
 * Reads all pages of 100 sessions: pages PORT PAGES DELAY WORK PREFETCH
 *
 * The service takes DELAY microseconds for a page, and the caller WORK microseconds. PREFETCH is 0 or 1.
 * Prints the number of pages, wall and CPU time in milliseconds, and the peak memory after a tenth of the pages and at
 * the end in kB.
 */

#include "measure.h"

int main(int argc, char **argv)
{
    char base[60], *page;
    long count = 0, expected, delay, early = 0;
    long long began, cpu;
    upscope_client *client;
    upscope_sessions *pages;
    upscope_status status;
    struct timespec work;

    if (argc != 6) fail("usage", "pages PORT PAGES DELAY WORK PREFETCH");
    expected = atol(argv[2]);
    delay = atol(argv[3]);
    work.tv_sec = 0;
    work.tv_nsec = atol(argv[4]) * 1000;
    snprintf(base, sizeof base, "pages-%ld-%ld", expected, delay);
    client = client_of("127.0.0.1", argv[1], base);
    began = wall_now();
    cpu = cpu_now();
    if (upscope_sessions_open(client, NULL, &pages, &page) != UPSCOPE_OK) fail("no pages", page);
    upscope_sessions_prefetch(pages, atoi(argv[5]));
    while ((status = upscope_sessions_next(pages, &page)) == UPSCOPE_OK) {
        count++;
        if (count == expected / 10) early = memory_of("VmHWM:");
        upscope_string_free(page);
        if (work.tv_nsec > 0) nanosleep(&work, NULL);
    }
    if (status != UPSCOPE_DONE) fail("pages", page);
    if (count != expected) fail("pages", "some are missing");
    printf("%ld %.1f %.1f %ld %ld\n", count, (double)(wall_now() - began) / 1e6, (double)(cpu_now() - cpu) / 1e6, early,
           memory_of("VmHWM:"));
    upscope_sessions_free(pages);
    upscope_client_free(client);
    return 0;
}
