/*
 * Reads one response of 10 MB in a new process with a warm connection: large PORT raw|upscope|libcurl|libcurl+cJSON
 *
 * The libcurl clients need BENCH_LIBCURL and are a separate program, because loaded libraries also use memory.
 * Prints the response's size in bytes, CPU and wall time in nanoseconds, and the memory before and at the peak in kB.
 */

#ifdef BENCH_LIBCURL
#include <cjson/cJSON.h>

#include "with_libcurl.h"
#endif

#include "cases.h"
#include "raw_socket.h"

static size_t received;

static void by_raw(const char *port, int is_large, long long *cpu, long long *wall)
{
    static struct raw_socket raw;
    char *request = raw_request("GET", is_large ? "/large/cobrowsing_sessions/list" : "/large/usage", NULL, port);

    if (!is_large) raw = raw_open(port);
    *wall = wall_now();
    *cpu = cpu_now();
    received = raw_call(&raw, request, strlen(request));
    *cpu = cpu_now() - *cpu;
    *wall = wall_now() - *wall;
    free(request);
}

static void by_upscope(const char *port, int is_large, long long *cpu, long long *wall)
{
    static upscope_client *client;
    upscope_status status;
    char *json;

    if (!is_large) client = client_of("127.0.0.1", port, "large");
    *wall = wall_now();
    *cpu = cpu_now();
    status = is_large ? upscope_list_sessions(client, NULL, &json) : upscope_get_usage(client, NULL, &json);
    if (status != UPSCOPE_OK) fail("large", json);
    /* strlen is not part of the call. */
    *cpu = cpu_now() - *cpu;
    *wall = wall_now() - *wall;
    received = strlen(json);
    *cpu -= cpu_now();
    *wall -= wall_now();
    upscope_string_free(json);
    *cpu += cpu_now();
    *wall += wall_now();
}

#ifdef BENCH_LIBCURL
static void by_libcurl(const char *port, int is_large, int parse, long long *cpu, long long *wall)
{
    static struct curl_call call;
    char url[200];

    snprintf(url, sizeof url, "http://127.0.0.1:%s/large/%s", port, is_large ? "cobrowsing_sessions/list" : "usage");
    if (is_large) curl_easy_setopt(call.easy, CURLOPT_URL, url);
    else curl_open(&call, url, NULL);
    *wall = wall_now();
    *cpu = cpu_now();
    curl_perform(&call);
    if (parse) {
        cJSON *tree = cJSON_ParseWithLength(call.response, call.length);

        if (tree == NULL) fail("cJSON", "not JSON");
        cJSON_Delete(tree);
    }
    *cpu = cpu_now() - *cpu;
    *wall = wall_now() - *wall;
    received = call.length;
}
#endif

int main(int argc, char **argv)
{
    long long cpu = 0, wall = 0;
    long before = 0;
    int is_large;

    if (argc != 3) fail("usage", "large PORT CLIENT");
    for (is_large = 0; is_large < 2; is_large++) {
        before = memory_of("VmRSS:");
        if (strcmp(argv[2], "raw") == 0) by_raw(argv[1], is_large, &cpu, &wall);
        else if (strcmp(argv[2], "upscope") == 0) by_upscope(argv[1], is_large, &cpu, &wall);
#ifdef BENCH_LIBCURL
        else by_libcurl(argv[1], is_large, strcmp(argv[2], "libcurl+cJSON") == 0, &cpu, &wall);
#else
        else fail("large", "built without libcurl");
#endif
    }
    printf("%lu %lld %lld %ld %ld\n", (unsigned long)received, cpu, wall, before, memory_of("VmHWM:"));
    return 0;
}
