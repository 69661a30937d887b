/* Calls that are started: told, polled, cancelled, and freed whenever the program likes. */

#include <pthread.h>
#include <time.h>

#include "sandbox.h"

enum { PATIENCE_MS = 10000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* What a callback was told. */
struct told {
    int times;
    upscope_status status;
    char text[400];
    upscope_pending *to_free;
    pthread_t thread;
};

static void done(void *user_data, upscope_status status, const char *response_json)
{
    struct told *told = user_data;

    pthread_mutex_lock(&lock);
    upscope_pending_free(told->to_free);
    told->to_free = NULL;
    told->times++;
    told->status = status;
    told->thread = pthread_self();
    snprintf(told->text, sizeof told->text, "%s", response_json);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void wait_until_told(struct told *told)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_MS / 1000;
    pthread_mutex_lock(&lock);
    while (told->times == 0 && pthread_cond_timedwait(&changed, &lock, &end) == 0) continue;
    pthread_mutex_unlock(&lock);
    CHECK(told->times == 1, "told %d times", told->times);
}

static long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

static upscope_pending *started(const upscope_client *client, const char *operation, const char *request,
                                struct told *told)
{
    upscope_pending *pending = NULL;
    char *error = UNSET;

    CHECK(upscope_start(client, operation, request, told == NULL ? NULL : done, told, &pending, &error) == UPSCOPE_OK,
          "%s", shown(error));
    CHECK(pending != NULL && error == NULL, "%s", shown(error));
    return pending;
}

static void the_end_is_told_once_and_can_be_asked_for(const upscope_client *client)
{
    struct told told = {0};
    upscope_pending *pending = started(client, "get_usage", NULL, &told);
    int i;

    wait_until_told(&told);
    CHECK(told.status == UPSCOPE_OK && strstr(told.text, "\"usage\"") != NULL, "%s", told.text);
    CHECK(!pthread_equal(told.thread, pthread_self()), "told on the caller's thread");
    for (i = 0; i < 2; i++) {
        char *text = UNSET;
        CHECK(upscope_pending_wait(pending, 0, &text) == UPSCOPE_OK, "%s", shown(text));
        CHECK(strncmp(text, told.text, 100) == 0, "%s", text);
        upscope_string_free(text);
    }
    upscope_pending_free(pending);
    CHECK(told.times == 1, "told %d times", told.times);
}

static void a_failure_is_told(const upscope_client *client)
{
    struct told told = {0};
    upscope_pending *pending = started(client, "get_visitor", "{\"visitor_id\": \"nobody\"}", &told);

    wait_until_told(&told);
    CHECK(told.status == UPSCOPE_NOT_FOUND && strstr(told.text, "\"not_found\"") != NULL, "%s", told.text);
    upscope_pending_free(pending);
}

static void what_is_not_finished_is_pending_and_can_be_cancelled(const upscope_client *client)
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
    status = upscope_pending_wait(pending, PATIENCE_MS, &text);
    check_error(status, text, UPSCOPE_CANCELLED, "cancelled", "cancel");
    CHECK(milliseconds() - began < 200, "%ld ms", milliseconds() - began);
    CHECK(upscope_pending_wait(pending, 0, &text) == UPSCOPE_CANCELLED, "%s", shown(text));
    CHECK(strstr(text, "\"may_have_applied\":true") != NULL, "%s", text);
    upscope_string_free(text);
    upscope_pending_cancel(pending);
    upscope_pending_free(pending);
    sandbox_set("/reset", NULL);
}

static void freeing_does_not_wait_and_ends_the_telling(const upscope_client *client)
{
    struct told told[8];
    long began;
    int i;

    memset(told, 0, sizeof told);
    sandbox_set("/faults", "[{\"delay_ms\": 30000}, {\"delay_ms\": 30000}, {\"delay_ms\": 30000}, {\"delay_ms\": 30000}]");
    began = milliseconds();
    for (i = 0; i < 8; i++) upscope_pending_free(started(client, "get_usage", NULL, &told[i]));
    CHECK(milliseconds() - began < 1000, "%ld ms", milliseconds() - began);
    for (i = 0; i < 8; i++) CHECK(told[i].times <= 1, "told %d times", told[i].times);
    sandbox_set("/reset", NULL);
}

static void a_callback_may_free_its_own_handle(const upscope_client *client)
{
    struct told told = {0};

    /* The callback takes the lock first, so it finds the handle. */
    pthread_mutex_lock(&lock);
    told.to_free = started(client, "get_usage", NULL, &told);
    pthread_mutex_unlock(&lock);
    wait_until_told(&told);
    CHECK(told.status == UPSCOPE_OK && told.to_free == NULL, "%s", told.text);
}

static void a_started_call_outlives_its_client(void)
{
    struct told told = {0};
    upscope_client *client = sandbox_client("sandbox-key", "");
    upscope_pending *pending = started(client, "list_visitors", NULL, &told);

    upscope_client_free(client);
    wait_until_told(&told);
    CHECK(told.status == UPSCOPE_OK, "%s", told.text);
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
        struct told told = {0};
        pending = (upscope_pending *)(void *)&told;
        error = UNSET;
        status = upscope_start(client, bad[i].operation, bad[i].request, done, &told, &pending, &error);
        check_error(status, error, UPSCOPE_INVALID_ARGUMENT, bad[i].named, "start");
        CHECK(pending == NULL && told.times == 0, "told %d times", told.times);
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
    the_end_is_told_once_and_can_be_asked_for(client);
    a_failure_is_told(client);
    what_is_not_finished_is_pending_and_can_be_cancelled(client);
    freeing_does_not_wait_and_ends_the_telling(client);
    a_callback_may_free_its_own_handle(client);
    a_started_call_outlives_its_client();
    bad_requests_start_nothing(client);
    upscope_client_free(client);
    return checks_end(argv[0], 60);
}
