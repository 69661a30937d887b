/*
 * Our client alone, for tools that watch a process: repeat PORT CALL COUNT
 *
 * What COUNT calls cost on a warm connection is the difference between two counts, in which start and end cancel out.
 * Prints how many allocations the calls made, when `count_allocations.so` is loaded.
 * BENCH_PLANTED_STEPS: so many useless steps in each call, to prove that a check sees them.
 */

#include "four_calls.h"

/* Of count_allocations.so. */
__attribute__((weak)) extern unsigned long allocations_so_far(void);

static volatile unsigned long planted;

int main(int argc, char **argv)
{
    const char *steps = getenv("BENCH_PLANTED_STEPS");
    unsigned long before = 0, plant = steps == NULL ? 0 : strtoul(steps, NULL, 10), step;
    const struct call *call;
    upscope_client *client;
    long count;

    if (argc != 4) fail("usage", "repeat PORT CALL COUNT");
    call = call_named(argv[2]);
    /* By name: a look-up in a call would show. */
    client = client_of("localhost", argv[1], "v1.3");
    for (count = 0; count < 20; count++) call_ours(client, call);
    if (allocations_so_far) before = allocations_so_far();
    for (count = 0; count < atol(argv[3]); count++) {
        call_ours(client, call);
        for (step = 0; step < plant; step++) planted = step;
    }
    if (allocations_so_far) printf("%lu\n", allocations_so_far() - before);
    upscope_client_free(client);
    return 0;
}
