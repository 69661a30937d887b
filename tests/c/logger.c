/* Log lines contain no secrets at any level, and respect max_level. */

#include <pthread.h>
#include <sched.h>

#include "sandbox.h"

/* More than this test logs. */
static char log_text[200000];
static int lines_at[7];

static void append_line(void *user_data, int32_t level, const char *message)
{
    size_t used = strlen(log_text);

    CHECK(user_data == lines_at, "another user_data");
    CHECK(level >= 1 && level <= 5 && message != NULL && message[0] != '\0', "%d", (int)level);
    lines_at[level >= 1 && level <= 5 ? level : 6]++;
    snprintf(log_text + used, sizeof log_text - used, "%s\n", message);
}

static void start_logging(int32_t max_level)
{
    memset(lines_at, 0, sizeof lines_at);
    log_text[0] = '\0';
    upscope_set_logger(append_line, lines_at, max_level);
}

static void check_absent(const char *secret)
{
    CHECK(secret[0] != '\0' && strstr(log_text, secret) == NULL, "%s, in:\n%s", secret, log_text);
}

/* Calls with secrets in their requests, responses and errors. */
static void secrets(void)
{
    upscope_client *client = sandbox_client("sandbox-key", "");
    char link[300], token[300];
    char *json;

    json = call_ok(client, "create_watch_url",
                     "{\"visitor_id\": \"V\", \"agent\": {\"id\": \"agent-id\"},"
                     " \"metadata\": {\"ticket\": \"T-secret\"}}");
    json_text(json, "/watch_url", link, sizeof link);
    upscope_string_free(json);
    json = call_ok(client, "authorize_onpremise_session",
                     "{\"visitor_id\": \"V\", \"agent\": {\"id\": \"1\", \"name\": \"Joe\"}}");
    json_text(json, "/token", token, sizeof token);
    upscope_string_free(json);
    upscope_string_free(call_ok(client, "list_visitors", "{\"search\": \"private@example.com\"}"));

    /* The service repeats the key in an error that is retried. */
    sandbox_set("/faults", "[{\"status\": 503, \"body\": \"{\\\"error\\\": \\\"key sandbox-key is busy\\\"}\"}]");
    upscope_string_free(call_ok(client, "get_usage", NULL));
    sandbox_set("/faults", "[{\"status\": 400, \"body\": \"{\\\"error\\\": \\\"key sandbox-key is bad\\\"}\"}]");
    CHECK(upscope_get_usage(client, NULL, &json) == UPSCOPE_HTTP_ERROR, "%s", shown(json));
    CHECK(strstr(json, "sandbox-key") == NULL, "%s", json);
    upscope_string_free(json);
    upscope_client_free(client);

    CHECK(strstr(log_text, "/visitors/V/watch_url") != NULL, "%s", log_text);
    CHECK(strstr(log_text, "POST") != NULL && strstr(log_text, "200") != NULL, "%s", log_text);
    CHECK(lines_at[4] > 5 && lines_at[5] > 5, "%d and %d lines", lines_at[4], lines_at[5]);
    CHECK(lines_at[2] == 1, "%d retries", lines_at[2]);
    check_absent("sandbox-key");
    check_absent(link);
    check_absent(strrchr(link, '/') == NULL ? "" : strrchr(link, '/') + 1);
    check_absent(token);
    check_absent("private");
    check_absent("T-secret");
    check_absent("agent-id");
    check_absent("X-Api-Key");
    check_absent("x-api-key");
}

static void levels(void)
{
    upscope_client *client = sandbox_client("sandbox-key", "");

    start_logging(2);
    sandbox_set("/faults", "[{\"status\": 503}]");
    upscope_string_free(call_ok(client, "get_usage", NULL));
    CHECK(lines_at[2] == 1 && lines_at[3] + lines_at[4] + lines_at[5] == 0, "%s", log_text);

    start_logging(5);
    upscope_set_logger(NULL, NULL, 5);
    upscope_string_free(call_ok(client, "get_usage", NULL));
    CHECK(log_text[0] == '\0', "%s", log_text);
    upscope_client_free(client);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int threads_inside;

/* Turns logging off once both threads are in this function. */
static void turn_off(void *user_data, int32_t level, const char *message)
{
    (void)user_data;
    (void)level;
    (void)message;
    pthread_mutex_lock(&lock);
    threads_inside++;
    pthread_cond_broadcast(&changed);
    while (threads_inside < 2) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    upscope_set_logger(NULL, NULL, 0);
}

/* Makes no checks, because only one thread may count them. */
static void *one_call(void *client)
{
    char *text;

    upscope_get_usage(client, NULL, &text);
    upscope_string_free(text);
    return NULL;
}

/* Two log functions call upscope_set_logger at the same time; neither waits for the other to return. */
static void two_threads_turn_logging_off(void)
{
    upscope_client *client = sandbox_client("sandbox-key", "");
    pthread_t other;

    upscope_set_logger(turn_off, NULL, 4);
    CHECK(pthread_create(&other, NULL, one_call, client) == 0, "no thread");
    one_call(client);
    pthread_join(other, NULL);
    CHECK(threads_inside == 2, "%d", threads_inside);
    upscope_string_free(call_ok(client, "get_usage", NULL));
    upscope_client_free(client);
}

/* A client with its own log function. */

struct own_log {
    pthread_mutex_t lock;
    int lines, late, retired;
};

static void own_line(void *user_data, int32_t level, const char *message)
{
    struct own_log *log = (struct own_log *)user_data;

    (void)level;
    /* Time for another thread to replace this function while it runs. */
    sched_yield();
    pthread_mutex_lock(&log->lock);
    log->lines += message[0] != '\0';
    log->late += log->retired;
    pthread_mutex_unlock(&log->lock);
}

static int lines_of(struct own_log *log)
{
    int lines;

    pthread_mutex_lock(&log->lock);
    lines = log->lines;
    log->lines = 0;
    pthread_mutex_unlock(&log->lock);
    return lines;
}

static void a_client_has_its_own_logger(void)
{
    upscope_client *client = sandbox_client("sandbox-key", ""), *other = sandbox_client("sandbox-key", "");
    struct own_log own = {PTHREAD_MUTEX_INITIALIZER, 0, 0, 0};

    start_logging(5);
    upscope_client_set_logger(client, own_line, &own, 5);
    upscope_string_free(call_ok(client, "get_usage", NULL));
    CHECK(lines_of(&own) == 2 && log_text[0] == '\0', "%s", log_text);
    upscope_string_free(call_ok(other, "get_usage", NULL));
    CHECK(lines_of(&own) == 0 && lines_at[4] == 1 && lines_at[5] == 1, "%s", log_text);

    /* Levels of the client, then the global function again. */
    start_logging(5);
    upscope_client_set_logger(client, own_line, &own, 4);
    upscope_string_free(call_ok(client, "get_usage", NULL));
    CHECK(lines_of(&own) == 1 && log_text[0] == '\0', "%s", log_text);
    upscope_client_set_logger(client, own_line, &own, 0);
    upscope_string_free(call_ok(client, "get_usage", NULL));
    CHECK(lines_of(&own) == 0 && log_text[0] == '\0', "%s", log_text);
    upscope_client_set_logger(client, NULL, NULL, 0);
    upscope_string_free(call_ok(client, "get_usage", NULL));
    CHECK(lines_of(&own) == 0 && lines_at[4] == 1 && lines_at[5] == 1, "%s", log_text);

    /* Without a global function. */
    upscope_set_logger(NULL, NULL, 0);
    upscope_client_set_logger(client, own_line, &own, 5);
    upscope_string_free(call_ok(client, "get_usage", NULL));
    CHECK(lines_of(&own) == 2, "no lines");
    upscope_client_set_logger(client, NULL, NULL, 5);
    upscope_string_free(call_ok(client, "get_usage", NULL));
    CHECK(lines_of(&own) == 0, "lines");
    upscope_client_set_logger(NULL, own_line, &own, 5);
    upscope_client_free(client);
    upscope_client_free(other);
}

struct worker {
    pthread_t thread;
    const upscope_client *client;
    pthread_mutex_t lock;
    int stop, calls;
};

static int worker_add(struct worker *worker, int calls, int stop)
{
    int total;

    pthread_mutex_lock(&worker->lock);
    worker->stop |= stop;
    total = worker->calls += calls;
    pthread_mutex_unlock(&worker->lock);
    return total;
}

static void *keep_calling(void *argument)
{
    struct worker *worker = (struct worker *)argument;
    int stop;

    do {
        char *json = NULL;
        upscope_get_usage(worker->client, NULL, &json);
        upscope_string_free(json);
        worker_add(worker, 1, 0);
        pthread_mutex_lock(&worker->lock);
        stop = worker->stop;
        pthread_mutex_unlock(&worker->lock);
    } while (!stop);
    return NULL;
}

/* Threads make calls while the log function is replaced. It must not run after that, not even if it was the global one. */
static void the_previous_logger_runs_no_more(void)
{
    enum { THREADS = 4, REPLACEMENTS = 60 };
    static struct own_log logs[REPLACEMENTS];
    upscope_client *client = sandbox_client("sandbox-key", "");
    struct worker workers[THREADS];
    int i, number, lines = 0;

    for (i = 0; i < THREADS; i++) {
        workers[i].client = client;
        workers[i].stop = workers[i].calls = 0;
        pthread_mutex_init(&workers[i].lock, NULL);
        CHECK(pthread_create(&workers[i].thread, NULL, keep_calling, &workers[i]) == 0, "no thread");
    }
    for (number = 0; number < REPLACEMENTS; number++) {
        struct own_log *log = &logs[number];
        pthread_mutex_init(&log->lock, NULL);
        if (number % 3 == 0) {
            upscope_set_logger(own_line, log, 5);
            upscope_client_set_logger(client, NULL, NULL, 0);
        } else {
            upscope_client_set_logger(client, own_line, log, 5);
        }
        if (number > 0) {
            pthread_mutex_lock(&logs[number - 1].lock);
            logs[number - 1].retired = 1;
            pthread_mutex_unlock(&logs[number - 1].lock);
        }
        /* Each thread makes a whole call with this function. */
        for (i = 0; i < THREADS; i++) {
            int calls = worker_add(&workers[i], 0, 0);
            while (worker_add(&workers[i], 0, 0) < calls + 2) sched_yield();
        }
    }
    for (i = 0; i < THREADS; i++) worker_add(&workers[i], 0, 1);
    for (i = 0; i < THREADS; i++) pthread_join(workers[i].thread, NULL);
    for (number = 0; number < REPLACEMENTS; number++) {
        CHECK(logs[number].late == 0, "%d lines after replacement %d", logs[number].late, number);
        CHECK(logs[number].lines >= 2 * THREADS, "%d lines before replacement %d", logs[number].lines, number);
        lines += logs[number].lines;
    }
    upscope_set_logger(NULL, NULL, 0);
    upscope_client_free(client);
    CHECK(lines > 0, "no lines");
}

int main(int argc, char **argv)
{
    (void)argc;
    sandbox_set("/reset", NULL);
    sandbox_set("/visitors", "{\"short_id\": \"V\", \"is_online\": true}");
    start_logging(5);
    secrets();
    levels();
    two_threads_turn_logging_off();
    a_client_has_its_own_logger();
    the_previous_logger_runs_no_more();
    return checks_end(argv[0], 200);
}
