/*
 * Repeats one call with libupscope, for tools that observe a process: repeat PORT CALL COUNT
 *
 * The difference between two runs with different COUNTs is the cost of calls without startup and shutdown.
 * Prints the number of allocations that the calls made, if `count_allocations.so` is preloaded.
 * BENCH_EXTRA_STEPS makes each call slower by that many steps, for the self-test of a check.
 */

#include "cases.h"

/* Defined in count_allocations.so. */
__attribute__((weak)) extern unsigned long allocations_so_far(void);

static volatile unsigned long sink;

int main(int argc, char **argv)
{
    const char *steps = getenv("BENCH_EXTRA_STEPS");
    unsigned long before = 0, extra = steps == NULL ? 0 : strtoul(steps, NULL, 10), step;
    const struct call *call;
    upscope_client *client;
    long count;

    if (argc != 4) fail("usage", "repeat PORT CALL COUNT");
    call = call_named(argv[2]);
    /* A host name, so that a name lookup in a call would be noticed. */
    client = client_of("localhost", argv[1], "v1.3");
    for (count = 0; count < 20; count++) call_upscope(client, call);
    if (allocations_so_far) before = allocations_so_far();
    for (count = 0; count < atol(argv[3]); count++) {
        call_upscope(client, call);
        for (step = 0; step < extra; step++) sink = step;
    }
    if (allocations_so_far) printf("%lu\n", allocations_so_far() - before);
    upscope_client_free(client);
    return 0;
}
