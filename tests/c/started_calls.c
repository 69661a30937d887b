/* Started calls: callbacks, polling, cancelling, and freeing at any time. */

#include <pthread.h>
#include <time.h>

#include "sandbox.h"

enum { WAIT_MS = 10000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* What a callback received. */
struct callback {
    int runs;
    upscope_status status;
    char text[400];
    upscope_pending *to_free;
    pthread_t thread;
};

static void done(void *user_data, upscope_status status, const char *response_json)
{
    struct callback *callback = user_data;

    pthread_mutex_lock(&lock);
    upscope_pending_free(callback->to_free);
    callback->to_free = NULL;
    callback->runs++;
    callback->status = status;
    callback->thread = pthread_self();
    snprintf(callback->text, sizeof callback->text, "%s", response_json);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void wait_for_callback(struct callback *callback)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += WAIT_MS / 1000;
    pthread_mutex_lock(&lock);
    while (callback->runs == 0 && pthread_cond_timedwait(&changed, &lock, &end) == 0) continue;
    pthread_mutex_unlock(&lock);
    CHECK(callback->runs == 1, "%d runs", callback->runs);
}

static long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

static upscope_pending *started(const upscope_client *client, const char *operation, const char *request,
                                struct callback *callback)
{
    upscope_pending *pending = NULL;
    char *error = UNSET;

    upscope_status status =
        upscope_start(client, operation, request, callback == NULL ? NULL : done, callback, &pending, &error);

    CHECK(status == UPSCOPE_OK, "%s", shown(error));
    CHECK(pending != NULL && error == NULL, "%s", shown(error));
    return pending;
}

static void the_callback_runs_once_and_the_result_can_be_polled(const upscope_client *client)
{
    struct callback callback = {0};
    upscope_pending *pending = started(client, "get_usage", NULL, &callback);
    int i;

    wait_for_callback(&callback);
    CHECK(callback.status == UPSCOPE_OK && strstr(callback.text, "\"usage\"") != NULL, "%s", callback.text);
    CHECK(!pthread_equal(callback.thread, pthread_self()), "the caller's thread");
    for (i = 0; i < 2; i++) {
        char *text = UNSET;
        CHECK(upscope_pending_wait(pending, 0, &text) == UPSCOPE_OK, "%s", shown(text));
        CHECK(strncmp(text, callback.text, 100) == 0, "%s", text);
        upscope_string_free(text);
    }
    upscope_pending_free(pending);
    CHECK(callback.runs == 1, "%d runs", callback.runs);
}

static void the_callback_receives_an_error(const upscope_client *client)
{
    struct callback callback = {0};
    upscope_pending *pending = started(client, "get_visitor", "{\"visitor_id\": \"nobody\"}", &callback);

    wait_for_callback(&callback);
    CHECK(callback.status == UPSCOPE_NOT_FOUND && strstr(callback.text, "\"not_found\"") != NULL, "%s", callback.text);
    upscope_pending_free(pending);
}

static void a_running_call_is_pending_and_can_be_cancelled(const upscope_client *client)
{
    upscope_pending *pending;
    upscope_status status;
    char *text = UNSET;
    long began;

    sandbox_set("/faults", "[{\"delay_ms\": 30000}]");
    pending = started(client, "create_watch_url", "{\"visitor_id\": \"nobody\", \"agent\": {\"id\": \"1\"}}", NULL);
    CHECK(upscope_pending_wait(pending, 0, &text) == UPSCOPE_PENDING && text == NULL, "%s", shown(text));
    text = UNSET;
    CHECK(upscope_pending_wait(pending, 200, &text) == UPSCOPE_PENDING && text == NULL, "%s", shown(text));
    began = milliseconds();
    upscope_pending_cancel(pending);
    status = upscope_pending_wait(pending, WAIT_MS, &text);
    check_error(status, text, UPSCOPE_CANCELLED, "cancelled", "cancel");
    CHECK(milliseconds() - began < 200, "%ld ms", milliseconds() - began);
    CHECK(upscope_pending_wait(pending, 0, &text) == UPSCOPE_CANCELLED, "%s", shown(text));
    CHECK(strstr(text, "\"may_have_applied\":true") != NULL, "%s", text);
    upscope_string_free(text);
    upscope_pending_cancel(pending);
    upscope_pending_free(pending);
    sandbox_set("/reset", NULL);
}

static void freeing_does_not_wait_and_stops_the_callback(const upscope_client *client)
{
    struct callback callback[8];
    long began;
    int i;

    memset(callback, 0, sizeof callback);
    sandbox_set("/faults", "[{\"delay_ms\": 30000}, {\"delay_ms\": 30000}, {\"delay_ms\": 30000}, {\"delay_ms\": 30000}]");
    began = milliseconds();
    for (i = 0; i < 8; i++) upscope_pending_free(started(client, "get_usage", NULL, &callback[i]));
    CHECK(milliseconds() - began < 1000, "%ld ms", milliseconds() - began);
    for (i = 0; i < 8; i++) CHECK(callback[i].runs <= 1, "%d runs", callback[i].runs);
    sandbox_set("/reset", NULL);
}

static void a_callback_may_free_its_own_handle(const upscope_client *client)
{
    struct callback callback = {0};

    /* The lock makes the callback wait until the handle is stored. */
    pthread_mutex_lock(&lock);
    callback.to_free = started(client, "get_usage", NULL, &callback);
    pthread_mutex_unlock(&lock);
    wait_for_callback(&callback);
    CHECK(callback.status == UPSCOPE_OK && callback.to_free == NULL, "%s", callback.text);
}

static void a_started_call_outlives_its_client(void)
{
    struct callback callback = {0};
    upscope_client *client = sandbox_client("sandbox-key", "");
    upscope_pending *pending = started(client, "list_visitors", NULL, &callback);

    upscope_client_free(client);
    wait_for_callback(&callback);
    CHECK(callback.status == UPSCOPE_OK, "%s", callback.text);
    upscope_pending_free(pending);
}

static void bad_requests_start_nothing(const upscope_client *client)
{
    static const struct { const char *operation, *request, *named; } bad[] = {
        {"get_users", "{}", "get_usage"}, {"get_visitor", "{}", "visitor_id"}, {NULL, "{}", "operation"},
        {"get_usage", "[]", "object"},    {"get_usage", "\xff", "UTF-8"},
    };
    upscope_pending *pending = NULL;
    upscope_status status;
    char *error;
    size_t i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct callback callback = {0};
        pending = (upscope_pending *)(void *)&callback;
        error = UNSET;
        status = upscope_start(client, bad[i].operation, bad[i].request, done, &callback, &pending, &error);
        check_error(status, error, UPSCOPE_INVALID_ARGUMENT, bad[i].named, "start");
        CHECK(pending == NULL && callback.runs == 0, "%d runs", callback.runs);
    }
    error = UNSET;
    status = upscope_start(NULL, "get_usage", NULL, NULL, NULL, &pending, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "client", "start");
    error = UNSET;
    status = upscope_start(client, "get_usage", NULL, NULL, NULL, NULL, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "NULL", "start");
    CHECK(upscope_start(client, "get_usage", NULL, NULL, NULL, &pending, NULL) == UPSCOPE_INVALID_ARGUMENT, "NULL");
    error = UNSET;
    status = upscope_pending_wait(NULL, 0, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "pending", "wait");
    CHECK(upscope_pending_wait(NULL, 0, NULL) == UPSCOPE_INVALID_ARGUMENT, "NULL");
    upscope_pending_cancel(NULL);
    upscope_pending_free(NULL);
}

int main(int argc, char **argv)
{
    upscope_client *client = sandbox_client("sandbox-key", "");

    (void)argc;
    the_callback_runs_once_and_the_result_can_be_polled(client);
    the_callback_receives_an_error(client);
    a_running_call_is_pending_and_can_be_cancelled(client);
    freeing_does_not_wait_and_stops_the_callback(client);
    a_callback_may_free_its_own_handle(client);
    a_started_call_outlives_its_client();
    bad_requests_start_nothing(client);
    upscope_client_free(client);
    return checks_end(argv[0], 60);
}
