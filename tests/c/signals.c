/* What the header says about signals: no SIGPIPE, no handlers, no changed mask, and calls that signals do not end. */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

#include "sandbox.h"
#include "silent_server.h"

enum { CALLS = 300, ABORTED = 20, BODY = 4 << 20, INTERVAL_US = 2000 };

static volatile sig_atomic_t alarms, pipes;
static volatile int sends, sends_with_sigpipe, other_writes;

static void count_alarm(int signal)
{
    (void)signal;
    alarms++;
}

static void count_pipe(int signal)
{
    (void)signal;
    pipes++;
}

/* The library's calls come here, because the program's symbols precede those of the C library. */
ssize_t send(int socket, const void *bytes, size_t size, int flags)
{
    sends++;
    if (!(flags & MSG_NOSIGNAL)) sends_with_sigpipe++;
    return sendto(socket, bytes, size, flags, NULL, 0);
}

static int is_socket(int file)
{
    int type;
    socklen_t size = sizeof type;

    return getsockopt(file, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

ssize_t write(int file, const void *bytes, size_t size)
{
    ssize_t (*original)(int, const void *, size_t);

    *(void **)&original = dlsym(RTLD_NEXT, "write");
    if (is_socket(file)) other_writes++;
    return original(file, bytes, size);
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
    ssize_t (*original)(int, const struct iovec *, int);

    *(void **)&original = dlsym(RTLD_NEXT, "writev");
    if (is_socket(file)) other_writes++;
    return original(file, parts, count);
}

static void *close_connections(void *unused)
{
    int i;

    for (i = 0; i < ABORTED; i++) {
        struct pollfd waiting;
        int connection;

        waiting.fd = silent_server;
        waiting.events = POLLIN;
        if (poll(&waiting, 1, 10000) != 1 || (connection = accept(silent_server, NULL, NULL)) < 0) break;
        close(connection);
    }
    return unused;
}

/* The server closes the connection while the library sends a large request. */
static void no_sigpipe(void)
{
    char config[300], *request = malloc(BODY + 100), *response;
    struct sigaction action;
    pthread_t server;
    upscope_client *client;
    int i, failed = 0;

    memset(&action, 0, sizeof action);
    action.sa_handler = count_pipe;
    CHECK(sigaction(SIGPIPE, &action, NULL) == 0, "errno %d", errno);
    CHECK(silent_server_open(config, sizeof config), "no server");
    strcpy(strrchr(config, '}'), ", \"max_retries\": 0}");
    client = client_of(config);
    strcpy(request, "{\"method\": \"POST\", \"path\": \"/large\", \"body\": \"");
    i = (int)strlen(request);
    memset(request + i, 'x', BODY);
    strcpy(request + i + BODY, "\"}");
    pthread_create(&server, NULL, close_connections, NULL);
    for (i = 0; i < ABORTED; i++) {
        upscope_status status = upscope_request(client, request, &response);
        failed += status == UPSCOPE_CONNECTION || status == UPSCOPE_TIMEOUT;
        upscope_string_free(response);
    }
    pthread_join(server, NULL);
    CHECK(failed == ABORTED, "%d", failed);
    CHECK(pipes == 0, "%d times SIGPIPE", (int)pipes);
    CHECK(sends >= ABORTED, "%d calls of send", sends);
    CHECK(sends_with_sigpipe == 0, "%d without MSG_NOSIGNAL", sends_with_sigpipe);
    CHECK(other_writes == 0, "%d calls of write or writev on sockets", other_writes);
    upscope_client_free(client);
    free(request);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Signals interrupt system calls: the handler is installed without SA_RESTART. */
static void signals_do_not_end_a_call(void)
{
    struct itimerval interval;
    struct sigaction action;
    upscope_client *client = sandbox_client("sandbox-key", ", \"max_retries\": 0");
    char config[300], *response;
    double begun;
    upscope_status status;
    int i, before;

    memset(&action, 0, sizeof action);
    action.sa_handler = count_alarm;
    sigaction(SIGALRM, &action, NULL);
    memset(&interval, 0, sizeof interval);
    interval.it_value.tv_usec = interval.it_interval.tv_usec = INTERVAL_US;
    setitimer(ITIMER_REAL, &interval, NULL);
    for (i = 0; i < CALLS; i++) upscope_string_free(call_ok(client, "get_usage", NULL));
    sandbox_set("/faults", "[{\"delay_ms\": 200}]");
    before = alarms;
    upscope_string_free(call_ok(client, "get_usage", NULL));
    CHECK(alarms - before >= 10, "%d signals during a call", (int)alarms - before);
    upscope_client_free(client);

    /* The deadline holds: a signal neither ends the wait nor begins it again. */
    CHECK(silent_server_open(config, sizeof config), "no server");
    client = client_of(config);
    begun = now();
    status = upscope_get_usage(client, NULL, &response);
    check_error(status, response, UPSCOPE_TIMEOUT, "deadline", "with signals");
    CHECK(now() - begun > 0.25 && now() - begun < 2, "%f seconds", now() - begun);
    memset(&interval, 0, sizeof interval);
    setitimer(ITIMER_REAL, &interval, NULL);
    upscope_client_free(client);
}

static int blocked_on_thread = -1;

static void read_mask(void *user_data, upscope_status status, const char *response)
{
    sigset_t mask;

    (void)user_data, (void)status, (void)response;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    blocked_on_thread = sigismember(&mask, SIGUSR1);
}

/* The handlers of all signals and this thread's mask are as before, and the library's threads inherit the mask. */
static void handlers_and_masks(void)
{
    enum { SIGNALS = 65 };
    static struct sigaction before[SIGNALS], after;
    sigset_t mask, mask_after;
    upscope_client *client;
    upscope_pending *pending;
    char *response;
    int i, changed = 0;

    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &mask, NULL);
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    for (i = 1; i < SIGNALS; i++) sigaction(i, NULL, &before[i]);
    client = sandbox_client("sandbox-key", "");
    CHECK(upscope_start(client, "get_usage", NULL, read_mask, NULL, &pending, &response) == UPSCOPE_OK, "%s",
          shown(response));
    CHECK(upscope_pending_wait(pending, 10000, &response) == UPSCOPE_OK, "%s", shown(response));
    upscope_string_free(response);
    /* Waits until the callback has returned, if it has begun; else the callback never runs. */
    for (i = 0; i < 1000 && blocked_on_thread == -1; i++) poll(NULL, 0, 10);
    upscope_pending_free(pending);
    CHECK(blocked_on_thread == 1, "%d", blocked_on_thread);
    upscope_string_free(call_ok(client, "get_usage", NULL));
    upscope_client_free(client);
    for (i = 1; i < SIGNALS; i++) {
        sigaction(i, NULL, &after);
        changed += before[i].sa_handler != after.sa_handler || before[i].sa_flags != after.sa_flags;
    }
    CHECK(changed == 0, "%d handlers changed", changed);
    pthread_sigmask(SIG_BLOCK, NULL, &mask_after);
    for (i = 1; i < SIGNALS; i++) {
        CHECK(sigismember(&mask, i) == sigismember(&mask_after, i), "signal %d", i);
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    handlers_and_masks();
    no_sigpipe();
    signals_do_not_end_a_call();
    return checks_end(argv[0], 380);
}
