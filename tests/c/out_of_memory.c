/* If memory runs out during a call, the call fails with an error that says so. The program continues, and later calls work.
 * The server runs in its own process. */

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

enum { RESPONSE_BYTES = 3 * 1024 * 1024 };

/* Megabytes that are free during a call: from enough for small allocations to enough for the whole call. */
static const int free_megabytes[] = {2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 24, 32};
enum { STEPS = sizeof free_megabytes / sizeof *free_megabytes };

/* Responds to /large with RESPONSE_BYTES of JSON outside ASCII, and to other paths with {}. */
static void serve(int listener)
{
    static const char start[] = "{\"text\":\"", end[] = "\"}", small[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    size_t length = sizeof start - 1 + RESPONSE_BYTES + sizeof end - 1, i;
    char *body = malloc(length), head[100], request[4096];

    if (body == NULL) return;
    memcpy(body, start, sizeof start - 1);
    for (i = 0; i < RESPONSE_BYTES; i += 2) memcpy(body + sizeof start - 1 + i, "\xc3\xa9", 2);
    memcpy(body + sizeof start - 1 + RESPONSE_BYTES, end, sizeof end - 1);
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %lu\r\n\r\n", (unsigned long)length);
    for (;;) {
        int connection = accept(listener, NULL, NULL);

        if (connection < 0) return;
        /* One process per connection, because connections stay open. */
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

/* Limits the address space to its current size plus `bytes`; a negative number removes the limit. */
static void limit_memory(long bytes)
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

/* Checks and frees a response, or an error that names the shortage. Returns whether the call succeeded. */
static int check_result(upscope_status status, char *text, int is_post, const char *about)
{
    if (status == UPSCOPE_OK) {
        CHECK(text != NULL && strlen(text) > RESPONSE_BYTES, "%s: %.100s", about, shown(text));
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

/* Makes the call with little memory, then with more in each step. */
static void call_with_little_memory(const upscope_client *client, const char *request, const char *about)
{
    int i, succeeded = 0;

    for (i = 0; i < STEPS; i++) {
        char *text = UNSET;
        upscope_status status;

        limit_memory(free_megabytes[i] * MEGABYTE);
        status = upscope_request(client, request, &text);
        limit_memory(-1);
        succeeded += check_result(status, text, request == post_large, about);
        text = UNSET;
        CHECK(upscope_request(client, "{\"method\": \"GET\", \"path\": \"/small\"}", &text) == UPSCOPE_OK, "%s: %s",
              about, shown(text));
        upscope_string_free(text);
    }
    CHECK(succeeded > 0 && succeeded < STEPS, "%s: %d of %d succeeded", about, succeeded, STEPS);
}

/* What `on_done` received. */
static struct { upscope_status status; size_t length; int names_shortage; } callback;

static void on_done(void *unused, upscope_status status, const char *text)
{
    (void)unused;
    callback.length = strlen(text);
    callback.names_shortage = strstr(text, "ran out of memory") != NULL;
    callback.status = status;
}

/* The thread of the call, its result and each copy of the result need memory. */
static void start_with_little_memory(const upscope_client *client)
{
    int i, succeeded = 0, callback_ok = 0;

    for (i = 0; i < STEPS; i++) {
        upscope_pending *pending = NULL;
        char *text = NULL, *copy = NULL;
        upscope_status status;

        limit_memory(free_megabytes[i] * MEGABYTE);
        status = upscope_start(client, "request", get_large, on_done, NULL, &pending, &text);
        if (status != UPSCOPE_OK) {
            limit_memory(-1);
            check_error(status, text, UPSCOPE_INTERNAL, "cannot start a thread", "start");
            continue;
        }
        status = upscope_pending_wait(pending, 60000, &text);
        limit_memory(-1);
        succeeded += check_result(status, text, 0, "started");
        /* Now that there is memory, the copy is complete. */
        status = upscope_pending_wait(pending, 60000, &copy);
        check_result(status, copy, 0, "copied");
        upscope_pending_free(pending);
        callback_ok += callback.status == UPSCOPE_OK;
        CHECK(callback.status == UPSCOPE_OK ? callback.length > RESPONSE_BYTES : callback.names_shortage, "%d",
              (int)callback.status);
    }
    CHECK(succeeded > 0 && succeeded < STEPS && callback_ok > 0, "%d and %d of %d succeeded", succeeded, callback_ok,
          STEPS);
}

/* The copy of a long value needs memory. */
static void read_value_with_little_memory(void)
{
    const size_t length = 32 * MEGABYTE;
    char *json = (char *)malloc(length + 1), *value = UNSET;
    upscope_status status;

    memset(json, 'a', length);
    memcpy(json, "[\"\\n", 4);
    memcpy(json + length - 2, "\"]", 3);
    limit_memory(16 * MEGABYTE);
    status = upscope_json_get(json, "/0", &value);
    limit_memory(-1);
    check_error(status, value, UPSCOPE_INTERNAL, "ran out of memory", "json_get");
    value = UNSET;
    CHECK(upscope_json_get(json, "/0", &value) == UPSCOPE_OK, "%.100s", shown(value));
    CHECK(strlen(value) == length - 5, "%lu bytes", (unsigned long)strlen(value));
    upscope_string_free(value);
    free(json);
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
    /* Freed memory returns to the system, so that the next call cannot use it. */
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
        /* End the server if this program aborts. */
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
    call_with_little_memory(plain, get_large, "GET");
    call_with_little_memory(plain, post_large, "POST");
    call_with_little_memory(ascii, get_large, "ASCII");
    call_with_little_memory(ascii, post_large, "ASCII POST");
    start_with_little_memory(plain);
    read_value_with_little_memory();
    upscope_client_free(plain);
    upscope_client_free(ascii);
    kill(service, SIGTERM);
    return checks_end(argv[0], 100);
}
