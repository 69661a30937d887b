/*
 * Makes the four calls with each client, in interleaved rounds on warm connections: clients PORT ROUNDS
 *
 * Prints a line for each slice: call, client, round, and the CPU, wall and system time of one call in nanoseconds.
 */

#include <cjson/cJSON.h>

#include "cases.h"
#include "raw_socket.h"
#include "with_libcurl.h"

enum { RAW, UPSCOPE, LIBCURL, LIBCURL_CJSON, CLIENTS };

static const char *const client_names[CLIENTS] = {"raw", "upscope", "libcurl", "libcurl+cJSON"};

static struct raw_socket raw;
static upscope_client *client;

struct prepared {
    char *raw_request;
    size_t raw_length;
    char url[200];
    struct curl_call libcurl;
};

static struct prepared prepared[CALLS];

static void once(int by, int at)
{
    struct prepared *ready = &prepared[at];
    cJSON *tree;

    switch (by) {
        case RAW:
            raw_call(&raw, ready->raw_request, ready->raw_length);
            break;
        case UPSCOPE:
            call_upscope(client, &cases[at]);
            break;
        case LIBCURL:
            curl_perform(&ready->libcurl);
            break;
        default:
            curl_perform(&ready->libcurl);
            tree = cJSON_ParseWithLength(ready->libcurl.response, ready->libcurl.length);
            if (cJSON_GetObjectItemCaseSensitive(tree, cases[at].expected_key) == NULL) fail("cJSON", "not found");
            cJSON_Delete(tree);
    }
}

static void slice(int by, int at, int round)
{
    int repeats = cases[at].repeats, count;
    long long cpu, wall, system;

    /* Warms the caches again after another client. */
    for (count = 0; count < 5; count++) once(by, at);
    system = system_now();
    wall = wall_now();
    cpu = cpu_now();
    for (count = 0; count < repeats; count++) once(by, at);
    cpu = cpu_now() - cpu;
    wall = wall_now() - wall;
    system = (system_now() - system) * 1000;
    printf("%s %s %d %lld %lld %lld\n", cases[at].name, client_names[by], round, cpu / repeats, wall / repeats,
           system / repeats);
}

int main(int argc, char **argv)
{
    int round, rounds, at, turn;

    if (argc != 3) fail("usage", "clients PORT ROUNDS");
    rounds = atoi(argv[2]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    raw = raw_open(argv[1]);
    client = client_of("127.0.0.1", argv[1], "v1.3");
    for (at = 0; at < CALLS; at++) {
        const struct call *call = &cases[at];

        prepared[at].raw_request = raw_request(call->method, call->path, call->body, argv[1]);
        prepared[at].raw_length = strlen(prepared[at].raw_request);
        snprintf(prepared[at].url, sizeof prepared[at].url, "http://127.0.0.1:%s%s", argv[1], call->path);
        curl_open(&prepared[at].libcurl, prepared[at].url, call->body);
    }
    /* Each client comes first equally often. */
    for (round = 0; round < rounds; round++) {
        for (at = 0; at < CALLS; at++) {
            for (turn = 0; turn < CLIENTS; turn++) slice((turn + round) % CLIENTS, at, round);
        }
    }
    for (at = 0; at < CALLS; at++) {
        curl_close(&prepared[at].libcurl);
        free(prepared[at].raw_request);
    }
    raw_close(&raw);
    upscope_client_free(client);
    curl_global_cleanup();
    return 0;
}
