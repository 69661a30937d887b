/*
 * Compares many threads on one client with as many threads on one raw socket each, in interleaved rounds:
 * threads PORT MILLISECONDS ROUNDS THREADS...
 *
 * Prints a line for each slice: client, threads, round, calls per second, CPU time of one call in nanoseconds.
 * With ROUNDS 0, only libupscope runs, for one slice; `perf` uses this.
 */

#include <pthread.h>

#include "cases.h"
#include "raw_socket.h"

#define MAX_THREADS 256
#define MAX_COUNTS 4

static struct raw_socket sockets[MAX_THREADS];
static char *request;
static size_t request_length;
static long long slice_end;
static long long slice_length;
static pthread_barrier_t turn;

struct worker {
    struct raw_socket *raw; /* NULL: use `client`. */
    upscope_client *client;
    long calls;
};

static void once(struct worker *worker)
{
    if (worker->raw != NULL) raw_call(worker->raw, request, request_length);
    else call_upscope(worker->client, &cases[0]);
}

static void *work(void *argument)
{
    struct worker *worker = argument;

    /* The first call of a thread is not measured. */
    once(worker);
    pthread_barrier_wait(&turn);
    pthread_barrier_wait(&turn);
    for (;;) {
        once(worker);
        if (wall_now() >= slice_end) return NULL;
        worker->calls++;
    }
}

/* `client` is NULL for raw sockets. */
static void slice(upscope_client *client, int threads, int round)
{
    pthread_t handles[MAX_THREADS];
    struct worker workers[MAX_THREADS];
    long calls = 0;
    long long cpu;
    int at;

    pthread_barrier_init(&turn, NULL, (unsigned)threads + 1);
    for (at = 0; at < threads; at++) {
        workers[at].raw = client == NULL ? &sockets[at] : NULL;
        workers[at].client = client;
        workers[at].calls = 0;
        if (pthread_create(&handles[at], NULL, work, &workers[at]) != 0) fail("no thread", NULL);
    }
    pthread_barrier_wait(&turn);
    cpu = cpu_now();
    slice_end = wall_now() + slice_length;
    pthread_barrier_wait(&turn);
    for (at = 0; at < threads; at++) {
        pthread_join(handles[at], NULL);
        calls += workers[at].calls;
    }
    cpu = cpu_now() - cpu;
    pthread_barrier_destroy(&turn);
    /* The first round opens the connections. */
    if (round >= 0) {
        printf("%s %d %d %.0f %lld\n", client == NULL ? "raw" : "upscope", threads, round,
               (double)calls * 1e9 / (double)slice_length, cpu / (calls == 0 ? 1 : calls));
    }
}

int main(int argc, char **argv)
{
    upscope_client *clients[MAX_COUNTS];
    int threads[MAX_COUNTS], counts = argc - 4, most = 0, rounds, round, at, order;

    if (counts < 1 || counts > MAX_COUNTS) fail("usage", "threads PORT MILLISECONDS ROUNDS THREADS...");
    slice_length = atoll(argv[2]) * 1000000;
    rounds = atoi(argv[3]);
    request = raw_request("GET", cases[0].path, NULL, argv[1]);
    request_length = strlen(request);
    for (at = 0; at < counts; at++) {
        threads[at] = atoi(argv[4 + at]);
        if (threads[at] < 1 || threads[at] > MAX_THREADS) fail("how many threads", argv[4 + at]);
        if (threads[at] > most) most = threads[at];
        clients[at] = client_of("127.0.0.1", argv[1], "v1.3");
    }
    if (rounds == 0) {
        slice(clients[0], threads[0], 0);
        return 0;
    }
    for (at = 0; at < most; at++) sockets[at] = raw_open(argv[1]);
    /* Each client comes first equally often. */
    for (round = -1; round < rounds; round++) {
        for (order = 0; order < 2 * counts; order++) {
            at = (order + round + 1) % (2 * counts);
            slice(at % 2 == 0 ? NULL : clients[at / 2], threads[at / 2], round);
        }
    }
    for (at = 0; at < most; at++) raw_close(&sockets[at]);
    for (at = 0; at < counts; at++) upscope_client_free(clients[at]);
    free(request);
    return 0;
}
