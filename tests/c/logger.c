/* Log lines contain no secrets at any level, and respect max_level. */

#include <pthread.h>

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

int main(int argc, char **argv)
{
    (void)argc;
    sandbox_set("/reset", NULL);
    sandbox_set("/visitors", "{\"short_id\": \"V\", \"is_online\": true}");
    start_logging(5);
    secrets();
    levels();
    two_threads_turn_logging_off();
    return checks_end(argv[0], 50);
}
