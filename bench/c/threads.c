/*
 * Many threads on one client, against as many threads with a raw socket each: threads PORT THREADS MILLISECONDS ROUNDS
 *
 * Prints a line for each slice: client, threads, round, calls per second, nanoseconds of CPU of one call.
 * With ROUNDS 0 our client alone runs, for one slice: what `strace` is to see.
 */

#include <pthread.h>

#include "four_calls.h"
#include "raw_socket.h"

#define MOST_THREADS 256

static upscope_client *client;
static struct raw_socket sockets[MOST_THREADS];
static char *request;
static long long slice_end;
static long long slice_length;
static pthread_barrier_t start;

struct worker {
    struct raw_socket *raw; /* NULL: our client. */
    long calls;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    size_t length = strlen(request);

    pthread_barrier_wait(&start);
    while (wall_now() < slice_end) {
        if (worker->raw != NULL) raw_call(worker->raw, request, length);
        else call_ours(client, &four_calls[0]);
        worker->calls++;
    }
    return NULL;
}

static void slice(int is_raw, int threads, int round)
{
    pthread_t handles[MOST_THREADS];
    struct worker workers[MOST_THREADS];
    long calls = 0;
    long long wall, cpu;
    int at;

    pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
    for (at = 0; at < threads; at++) {
        workers[at].raw = is_raw ? &sockets[at] : NULL;
        workers[at].calls = 0;
        if (pthread_create(&handles[at], NULL, work, &workers[at]) != 0) fail("no thread", NULL);
    }
    wall = wall_now();
    cpu = cpu_now();
    slice_end = wall + slice_length;
    pthread_barrier_wait(&start);
    for (at = 0; at < threads; at++) {
        pthread_join(handles[at], NULL);
        calls += workers[at].calls;
    }
    wall = wall_now() - wall;
    cpu = cpu_now() - cpu;
    pthread_barrier_destroy(&start);
    /* The first round connects. */
    if (round >= 0) {
        printf("%s %d %d %.0f %lld\n", is_raw ? "raw" : "upscope", threads, round, (double)calls * 1e9 / (double)wall,
               cpu / (calls == 0 ? 1 : calls));
    }
}

int main(int argc, char **argv)
{
    int threads, rounds, round, at;

    if (argc != 5) fail("usage", "threads PORT THREADS MILLISECONDS ROUNDS");
    threads = atoi(argv[2]);
    slice_length = atoll(argv[3]) * 1000000;
    rounds = atoi(argv[4]);
    if (threads < 1 || threads > MOST_THREADS) fail("how many threads", argv[2]);
    client = client_of("127.0.0.1", argv[1], "v1.3");
    request = raw_request("GET", four_calls[0].path, NULL, argv[1]);
    if (rounds == 0) {
        slice(0, threads, 0);
        return 0;
    }
    for (at = 0; at < threads; at++) sockets[at] = raw_open(argv[1]);
    for (round = -1; round < rounds; round++) {
        slice(round % 2 == 0, threads, round);
        slice(round % 2 != 0, threads, round);
    }
    for (at = 0; at < threads; at++) raw_close(&sockets[at]);
    free(request);
    upscope_client_free(client);
    return 0;
}
