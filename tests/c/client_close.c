/* upscope_client_close ends calls in every state, from any thread and from callbacks. */

#include <pthread.h>
#include <time.h>

#include "sandbox.h"

enum { MAX_DELAY_MS = 200, WAIT_MS = 10000, STARTED = 40 };

/* One thread counts checks. The other threads record what happened. */
struct call {
    pthread_t thread;
    const upscope_client *client;
    upscope_sessions *pages; /* or NULL for an operation */
    const char *operation, *request;
    upscope_status status;
    char *json;
    long ended;
};

static long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

static void *make_call(void *argument)
{
    struct call *call = (struct call *)argument;

    call->json = UNSET;
    call->status = call->pages != NULL ? upscope_sessions_next(call->pages, &call->json)
                                       : upscope_call(call->client, call->operation, call->request, &call->json);
    call->ended = milliseconds();
    return NULL;
}

static void start_thread(struct call *call)
{
    CHECK(pthread_create(&call->thread, NULL, make_call, call) == 0, "no thread");
}

/* Waits until the sandbox has received `count` requests whose path contains `path`. */
static void wait_for_requests(const char *path, int count)
{
    long end = milliseconds() + WAIT_MS;
    int found = 0;

    while (found < count && milliseconds() < end) {
        char *json = sandbox_control("GET", "/requests", NULL);
        const char *at = json;
        for (found = 0; at != NULL && (at = strstr(at, path)) != NULL; at++) found++;
        upscope_string_free(json);
    }
    CHECK(found >= count, "%d requests for %s", found, path);
}

/* Every request hangs from now on. */
static void hang(int requests)
{
    char faults[STARTED * 30 + 10] = "[";
    int i;

    for (i = 0; i < requests; i++) strcat(faults, i == 0 ? "{\"delay_ms\": 30000}" : ", {\"delay_ms\": 30000}");
    strcat(faults, "]");
    sandbox_set("/reset", NULL);
    sandbox_set("/faults", faults);
}

/* Ends the thread of the call, which was closed at `closed`, and checks its result. */
static void check_closed(struct call *call, long closed, const char *about)
{
    pthread_join(call->thread, NULL);
    CHECK(call->ended - closed < MAX_DELAY_MS, "%s: %ld ms", about, call->ended - closed);
    check_error(call->status, call->json, UPSCOPE_CANCELLED, "closed", about);
}

static void a_call_that_waits_for_its_response(void)
{
    static const char *const requests[][3] = {
        {"get_usage", "{}", "\"may_have_applied\":false"},
        {"create_watch_url", "{\"visitor_id\": \"V\", \"agent\": {\"id\": \"1\"}}", "\"may_have_applied\":true"},
    };
    size_t i;

    for (i = 0; i < 2; i++) {
        upscope_client *client = sandbox_client("sandbox-key", "");
        struct call call = {0};
        long closed;
        call.client = client;
        call.operation = requests[i][0];
        call.request = requests[i][1];
        hang(1);
        start_thread(&call);
        wait_for_requests(i == 0 ? "usage" : "watch_url", 1);
        closed = milliseconds();
        upscope_client_close(client);
        CHECK(milliseconds() - closed < MAX_DELAY_MS, "upscope_client_close waited");
        pthread_join(call.thread, NULL);
        CHECK(strstr(call.json, requests[i][2]) != NULL, "%s", call.json);
        CHECK(call.ended - closed < MAX_DELAY_MS, "%ld ms", call.ended - closed);
        check_error(call.status, call.json, UPSCOPE_CANCELLED, "closed", requests[i][0]);
        upscope_client_free(client);
    }
}

static void a_call_that_waits_to_try_again(void)
{
    upscope_client *client = sandbox_client("sandbox-key", "");
    struct call call = {0};
    long closed;

    sandbox_set("/reset", NULL);
    sandbox_set("/faults", "[{\"status\": 503, \"headers\": {\"Retry-After\": \"9\"}}]");
    call.client = client;
    call.operation = "get_usage";
    start_thread(&call);
    wait_for_requests("usage", 1);
    closed = milliseconds();
    upscope_client_close(client);
    check_closed(&call, closed, "retry");
    upscope_client_free(client);
}

static void callers_that_wait_for_pages(void)
{
    upscope_client *client = sandbox_client("sandbox-key", "");
    upscope_sessions *pages = NULL;
    struct call calls[2];
    upscope_status status;
    char *json = UNSET;
    long closed;
    int i;

    memset(calls, 0, sizeof calls);
    CHECK(upscope_sessions_open(client, NULL, &pages, &json) == UPSCOPE_OK, "%s", shown(json));
    upscope_sessions_prefetch(pages, 1);
    hang(0);
    CHECK(upscope_sessions_next(pages, &json) == UPSCOPE_OK, "%s", shown(json));
    upscope_string_free(json);
    hang(1);
    for (i = 0; i < 2; i++) {
        calls[i].pages = pages;
        start_thread(&calls[i]);
    }
    closed = milliseconds();
    upscope_client_close(client);
    for (i = 0; i < 2; i++) {
        pthread_join(calls[i].thread, NULL);
        CHECK(calls[i].ended - closed < MAX_DELAY_MS, "%ld ms", calls[i].ended - closed);
        /* The prefetched page may have arrived before. */
        CHECK(calls[i].status == UPSCOPE_OK || calls[i].status == UPSCOPE_CANCELLED, "%s", shown(calls[i].json));
        upscope_string_free(calls[i].json);
    }
    json = UNSET;
    status = upscope_sessions_next(pages, &json);
    check_error(status, json, UPSCOPE_CANCELLED, "closed", "the next page");
    upscope_sessions_free(pages);
    upscope_client_free(client);
}

static void a_page_that_does_not_arrive(void)
{
    upscope_client *client = sandbox_client("sandbox-key", "");
    upscope_sessions *pages = NULL;
    struct call call = {0};
    char *json = UNSET;
    long closed;

    CHECK(upscope_sessions_open(client, NULL, &pages, &json) == UPSCOPE_OK, "%s", shown(json));
    hang(1);
    call.pages = pages;
    start_thread(&call);
    wait_for_requests("cobrowsing_sessions", 1);
    closed = milliseconds();
    upscope_client_close(client);
    check_closed(&call, closed, "page");
    upscope_sessions_free(pages);
    upscope_client_free(client);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int callbacks, cancelled;

static void count(void *user_data, upscope_status status, const char *response_json)
{
    (void)user_data;
    pthread_mutex_lock(&lock);
    callbacks++;
    cancelled += status == UPSCOPE_CANCELLED && strstr(response_json, "\"cancelled\"") != NULL;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* More than run at the same time, so that some are still in the queue. */
static void started_calls_end_and_run_their_callbacks(void)
{
    upscope_client *client = sandbox_client("sandbox-key", "");
    upscope_pending *pending[STARTED];
    struct timespec end;
    upscope_status status;
    char *json;
    long closed;
    int i;

    hang(STARTED);
    for (i = 0; i < STARTED; i++) {
        json = UNSET;
        CHECK(upscope_start(client, "get_usage", NULL, count, NULL, &pending[i], &json) == UPSCOPE_OK, "%s", shown(json));
    }
    wait_for_requests("usage", 1);
    closed = milliseconds();
    upscope_client_close(client);
    for (i = 0; i < STARTED; i++) {
        json = UNSET;
        status = upscope_pending_wait(pending[i], WAIT_MS, &json);
        check_error(status, json, UPSCOPE_CANCELLED, "c", "started");
    }
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += WAIT_MS / 1000;
    pthread_mutex_lock(&lock);
    while (callbacks < STARTED && pthread_cond_timedwait(&changed, &lock, &end) == 0) continue;
    pthread_mutex_unlock(&lock);
    CHECK(milliseconds() - closed < MAX_DELAY_MS, "%ld ms", milliseconds() - closed);
    CHECK(callbacks == STARTED && cancelled == STARTED, "%d, %d cancelled", callbacks, cancelled);
    for (i = 0; i < STARTED; i++) upscope_pending_free(pending[i]);
    upscope_client_free(client);
}

static void later_calls_end_immediately(void)
{
    upscope_client *client = sandbox_client("sandbox-key", ""), *other = sandbox_client("sandbox-key", "");
    upscope_sessions *pages = NULL;
    upscope_pending *pending = (upscope_pending *)UNSET;
    upscope_status status;
    char *json = UNSET;
    long began;

    hang(0);
    upscope_string_free(call_ok(client, "get_usage", NULL));
    CHECK(upscope_sessions_open(client, NULL, &pages, &json) == UPSCOPE_OK, "%s", shown(json));
    upscope_client_close(client);
    upscope_client_close(client);
    sandbox_set("/reset", NULL);
    began = milliseconds();
    json = UNSET;
    status = upscope_get_usage(client, NULL, &json);
    check_error(status, json, UPSCOPE_CANCELLED, "the client is closed", "get_usage");
    json = UNSET;
    status = upscope_start(client, "get_usage", NULL, count, NULL, &pending, &json);
    check_error(status, json, UPSCOPE_CANCELLED, "the client is closed", "start");
    CHECK(pending == NULL, "a handle");
    json = UNSET;
    status = upscope_sessions_next(pages, &json);
    check_error(status, json, UPSCOPE_CANCELLED, "the client is closed", "next");
    pending = (upscope_pending *)UNSET;
    json = UNSET;
    status = upscope_sessions_start_next(pages, NULL, NULL, &pending, &json);
    check_error(status, json, UPSCOPE_CANCELLED, "the client is closed", "start_next");
    CHECK(pending == NULL, "a handle");
    CHECK(milliseconds() - began < MAX_DELAY_MS, "%ld ms", milliseconds() - began);
    json = sandbox_control("GET", "/requests", NULL);
    CHECK(strstr(json, "usage") == NULL && strstr(json, "cobrowsing_sessions") == NULL, "%s", json);
    upscope_string_free(json);

    /* Without a call, the client still works, and so do other clients. */
    CHECK(upscope_connection_info(client, &json) == UPSCOPE_OK, "%s", shown(json));
    upscope_string_free(json);
    upscope_string_free(call_ok(other, "get_usage", NULL));
    upscope_sessions_free(pages);
    upscope_client_free(client);
    upscope_client_free(other);
    upscope_client_close(NULL);
}

static upscope_client *to_close;
static long closed_at;

static void close_in_done(void *user_data, upscope_status status, const char *response_json)
{
    (void)status;
    (void)response_json;
    closed_at = milliseconds();
    upscope_client_close((upscope_client *)user_data);
}

static void close_in_log(void *user_data, int32_t level, const char *message)
{
    (void)level;
    (void)message;
    upscope_client_close((upscope_client *)user_data);
}

static void callbacks_may_close(void)
{
    struct call call = {0};
    upscope_pending *pending = NULL;
    upscope_status status;
    char *json = UNSET;

    to_close = sandbox_client("sandbox-key", "");
    hang(1);
    call.client = to_close;
    call.operation = "get_usage";
    start_thread(&call);
    wait_for_requests("usage", 1);
    CHECK(upscope_start(to_close, "list_visitors", NULL, close_in_done, to_close, &pending, &json) == UPSCOPE_OK, "%s",
          shown(json));
    pthread_join(call.thread, NULL);
    upscope_pending_free(pending);
    CHECK(call.ended - closed_at < MAX_DELAY_MS, "%ld ms", call.ended - closed_at);
    check_error(call.status, call.json, UPSCOPE_CANCELLED, "closed", "closed in done");
    upscope_client_free(to_close);

    to_close = sandbox_client("sandbox-key", "");
    upscope_client_set_logger(to_close, close_in_log, to_close, 5);
    json = UNSET;
    status = upscope_get_usage(to_close, NULL, &json);
    check_error(status, json, UPSCOPE_CANCELLED, "closed", "closed in log");
    upscope_client_free(to_close);
}

/* Four threads close the client while four others make one call after another. */
static void *call_until_closed(void *argument)
{
    struct call *call = (struct call *)argument;

    do {
        char *json = NULL;
        call->status = upscope_get_usage(call->client, NULL, &json);
        upscope_string_free(json);
    } while (call->status == UPSCOPE_OK);
    return NULL;
}

static void *close_it(void *argument)
{
    upscope_client_close(((struct call *)argument)->client);
    return NULL;
}

static void many_threads(void)
{
    struct call calls[8];
    int round, i;

    hang(0);
    for (round = 0; round < 10; round++) {
        upscope_client *client = sandbox_client("sandbox-key", "");
        memset(calls, 0, sizeof calls);
        for (i = 0; i < 8; i++) {
            calls[i].client = client;
            pthread_create(&calls[i].thread, NULL, i < 4 ? call_until_closed : close_it, &calls[i]);
        }
        for (i = 0; i < 8; i++) pthread_join(calls[i].thread, NULL);
        for (i = 0; i < 4; i++) {
            CHECK(calls[i].status == UPSCOPE_CANCELLED, "%s", upscope_status_name(calls[i].status));
        }
        upscope_client_free(client);
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    a_call_that_waits_for_its_response();
    a_call_that_waits_to_try_again();
    a_page_that_does_not_arrive();
    callers_that_wait_for_pages();
    started_calls_end_and_run_their_callbacks();
    later_calls_end_immediately();
    callbacks_may_close();
    many_threads();
    sandbox_set("/reset", NULL);
    return checks_end(argv[0], 300);
}
