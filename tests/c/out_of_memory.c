/* Memory that is short by about an answer's size: the call that meets it fails and says so, the program goes on, and
 * later calls work. The service runs in a process of its own. */

#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "call_checks.h"

#define MEGABYTE (1024L * 1024L)

enum { ANSWER_BYTES = 3 * 1024 * 1024 };

/* Megabytes that are free while a call is made, from what its small allocations need to more than all it takes. */
static const int free_megabytes[] = {2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 24, 32};
enum { STEPS = sizeof free_megabytes / sizeof *free_megabytes };

/* Answers /large with JSON of that many bytes outside ASCII, and anything else with little. */
static void serve(int listener)
{
    static const char start[] = "{\"text\":\"", end[] = "\"}", small[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    size_t length = sizeof start - 1 + ANSWER_BYTES + sizeof end - 1, i;
    char *body = malloc(length), head[100], request[4096];

    if (body == NULL) return;
    memcpy(body, start, sizeof start - 1);
    for (i = 0; i < ANSWER_BYTES; i += 2) memcpy(body + sizeof start - 1 + i, "\xc3\xa9", 2);
    memcpy(body + sizeof start - 1 + ANSWER_BYTES, end, sizeof end - 1);
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %lu\r\n\r\n", (unsigned long)length);
    for (;;) {
        int connection = accept(listener, NULL, NULL);

        if (connection < 0) return;
        /* One process for each connection: they are kept. */
        if (fork() != 0) {
            close(connection);
            continue;
        }
        while (read(connection, request, sizeof request) > 0) {
            int is_large = strstr(request, " /large ") != NULL;
            const char *at = is_large ? body : small;
            size_t left = is_large ? length : sizeof small - 1;

            memset(request, 0, sizeof request);
            if (is_large && write(connection, head, strlen(head)) < 0) break;
            while (left > 0) {
                ssize_t sent = write(connection, at, left);
                if (sent <= 0) break;
                at += sent;
                left -= (size_t)sent;
            }
        }
        _exit(0);
    }
}

/* Bounds the address space to what is in use and that much more; a negative number lifts the bound. */
static void bound_memory(long bytes)
{
    struct rlimit limit;
    long pages = 0;
    FILE *statm;

    if (getrlimit(RLIMIT_AS, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    if (bytes >= 0 && (statm = fopen("/proc/self/statm", "r")) != NULL) {
        if (fscanf(statm, "%ld", &pages) == 1) limit.rlim_cur = (rlim_t)(pages * sysconf(_SC_PAGESIZE) + bytes);
        fclose(statm);
    }
    setrlimit(RLIMIT_AS, &limit);
}

static const char get_large[] = "{\"method\": \"GET\", \"path\": \"/large\"}";
static const char post_large[] = "{\"method\": \"POST\", \"path\": \"/large\"}";

/* Checks an answer, or an error that names the shortage; frees it. Whether it was an answer. */
static int answered(upscope_status status, char *text, int is_post, const char *about)
{
    if (status == UPSCOPE_OK) {
        CHECK(text != NULL && strlen(text) > ANSWER_BYTES, "%s: %.100s", about, shown(text));
        upscope_string_free(text);
        return 1;
    }
    if (text != NULL && strstr(text, "before connecting") == NULL) {
        const char *flag = is_post ? "\"may_have_applied\":true" : "\"may_have_applied\":false";
        CHECK(strstr(text, flag) != NULL, "%s: %.400s", about, text);
    }
    check_error(status, text, UPSCOPE_CONNECTION, "ran out of memory", about);
    return 0;
}

/* With little memory, then with more and more. */
static void calls(const upscope_client *client, const char *request, const char *about)
{
    int i, well = 0;

    for (i = 0; i < STEPS; i++) {
        char *text = UNSET;
        upscope_status status;

        bound_memory(free_megabytes[i] * MEGABYTE);
        status = upscope_request(client, request, &text);
        bound_memory(-1);
        well += answered(status, text, request == post_large, about);
        text = UNSET;
        CHECK(upscope_request(client, "{\"method\": \"GET\", \"path\": \"/small\"}", &text) == UPSCOPE_OK, "%s: %s",
              about, shown(text));
        upscope_string_free(text);
    }
    CHECK(well > 0 && well < STEPS, "%s: %d of %d answered", about, well, STEPS);
}

/* How a started call ended; its text lives during `on_done` alone. */
static struct { upscope_status status; size_t length; int is_named; } told;

static void on_done(void *unused, upscope_status status, const char *text)
{
    (void)unused;
    told.length = strlen(text);
    told.is_named = strstr(text, "ran out of memory") != NULL;
    told.status = status;
}

/* The thread that calls, its result and each copy of it. */
static void started_calls(const upscope_client *client)
{
    int i, well = 0, told_well = 0;

    for (i = 0; i < STEPS; i++) {
        upscope_pending *pending = NULL;
        char *text = NULL, *copy = NULL;
        upscope_status status;

        bound_memory(free_megabytes[i] * MEGABYTE);
        status = upscope_start(client, "request", get_large, on_done, NULL, &pending, &text);
        if (status != UPSCOPE_OK) {
            bound_memory(-1);
            check_error(status, text, UPSCOPE_INTERNAL, "no thread", "start");
            continue;
        }
        status = upscope_pending_wait(pending, 60000, &text);
        bound_memory(-1);
        well += answered(status, text, 0, "started");
        /* A copy for which there is memory again is whole. */
        status = upscope_pending_wait(pending, 60000, &copy);
        answered(status, copy, 0, "copied");
        upscope_pending_free(pending);
        told_well += told.status == UPSCOPE_OK;
        CHECK(told.status == UPSCOPE_OK ? told.length > ANSWER_BYTES : told.is_named, "%d", (int)told.status);
    }
    CHECK(well > 0 && well < STEPS && told_well > 0, "%d and %d of %d answered", well, told_well, STEPS);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    char config[300];
    upscope_client *plain, *ascii;
    int listener;
    pid_t service;

    (void)argc;
#ifdef __GLIBC__
    /* What is freed goes back to the system, and does not serve the next call. */
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 10) == 0, "no listener");
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0, "no address");
    service = fork();
    if (service == 0) {
        signal(SIGCHLD, SIG_IGN);
        /* Also when this program aborts. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(listener);
        _exit(1);
    }
    close(listener);
    snprintf(config, sizeof config,
             "{\"api_key\": \"key\", \"base_url\": \"http://127.0.0.1:%u\", \"proxy\": \"\", \"max_retries\": 0}",
             (unsigned)ntohs(address.sin_port));
    plain = client_of(config);
    snprintf(config + strlen(config) - 1, sizeof config - strlen(config), ", \"ascii_json\": true}");
    ascii = client_of(config);
    calls(plain, get_large, "GET");
    calls(plain, post_large, "POST");
    calls(ascii, get_large, "ASCII");
    calls(ascii, post_large, "ASCII POST");
    started_calls(plain);
    upscope_client_free(plain);
    upscope_client_free(ascii);
    kill(service, SIGTERM);
    return checks_end(argv[0], 100);
}
