/* NULL in every place of every function: a status and a set out-pointer, never a crash, and nothing sent. */

#include "calls.h"
#include "silent_service.h"

static upscope_client *client;

static void operations_take_null(void)
{
    char *out;
    upscope_status status;
    size_t i;

    for (i = 0; i < OPERATIONS; i++) {
        const char *name = operations[i].name;

        out = UNSET;
        status = operations[i].call(NULL, "{}", &out);
        check_error(status, out, UPSCOPE_INVALID_ARGUMENT, "client", name);
        out = UNSET;
        status = operations[i].call(NULL, NULL, &out);
        check_error(status, out, UPSCOPE_INVALID_ARGUMENT, "client", name);
        status = operations[i].call(client, "{}", NULL);
        CHECK(status == UPSCOPE_INVALID_ARGUMENT, "%s: %d", name, (int)status);
        status = operations[i].call(NULL, NULL, NULL);
        CHECK(status == UPSCOPE_INVALID_ARGUMENT, "%s: %d", name, (int)status);

        out = UNSET;
        status = upscope_call(NULL, name, "{}", &out);
        check_error(status, out, UPSCOPE_INVALID_ARGUMENT, "client", name);
        status = upscope_call(client, name, "{}", NULL);
        CHECK(status == UPSCOPE_INVALID_ARGUMENT, "%s: %d", name, (int)status);
    }
    out = UNSET;
    status = upscope_call(client, NULL, "{}", &out);
    check_error(status, out, UPSCOPE_INVALID_ARGUMENT, "operation", "no operation");
    CHECK(upscope_call(NULL, NULL, NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");
}

/* A request that is NULL counts as {}, so a required key is missing. */
static void null_is_an_empty_request(void)
{
    size_t i;

    for (i = 0; i < OPERATIONS; i++) {
        char *out = UNSET;
        upscope_status status;

        if (operations[i].required == NULL) continue;
        status = operations[i].call(client, NULL, &out);
        check_error(status, out, UPSCOPE_INVALID_ARGUMENT, operations[i].required, operations[i].name);
    }
}

static void clients(const char *config)
{
    upscope_client *made = (upscope_client *)UNSET;
    char *error = UNSET;
    upscope_status status;

    status = upscope_client_new(config, NULL, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "NULL", "no place for a client");
    status = upscope_client_new(config, &made, NULL);
    CHECK(status == UPSCOPE_INVALID_ARGUMENT && made == NULL, "%d", (int)status);
    CHECK(upscope_client_new(config, NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");
    CHECK(upscope_client_new(NULL, NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");
    /* The test's runner leaves no key in the environment. */
    made = (upscope_client *)UNSET;
    error = UNSET;
    status = upscope_client_new(NULL, &made, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "api_key", "no key");
    CHECK(made == NULL, "a client");
}

static void pages(void)
{
    upscope_sessions *walk = (upscope_sessions *)UNSET;
    char *error = UNSET;
    upscope_status status;

    status = upscope_sessions_open(NULL, NULL, &walk, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "client", "a walk without a client");
    CHECK(walk == NULL, "a walk");
    error = UNSET;
    status = upscope_sessions_open(client, NULL, NULL, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "NULL", "no place for a walk");
    walk = (upscope_sessions *)UNSET;
    status = upscope_sessions_open(client, NULL, &walk, NULL);
    CHECK(status == UPSCOPE_INVALID_ARGUMENT && walk == NULL, "%d", (int)status);
    CHECK(upscope_sessions_open(NULL, NULL, NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");

    error = UNSET;
    status = upscope_sessions_next(NULL, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "pages", "no walk");
    CHECK(upscope_sessions_next(NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");
    CHECK(upscope_sessions_open(client, NULL, &walk, &error) == UPSCOPE_OK && error == NULL, "%s", shown(error));
    CHECK(upscope_sessions_next(walk, NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");
    {
        upscope_pending *pending = (upscope_pending *)UNSET;
        error = UNSET;
        status = upscope_sessions_start_next(NULL, NULL, NULL, &pending, &error);
        check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "pages", "upscope_sessions_start_next");
        CHECK(pending == NULL, "what was there before");
        error = UNSET;
        status = upscope_sessions_start_next(walk, NULL, NULL, NULL, &error);
        check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "NULL", "upscope_sessions_start_next");
        pending = (upscope_pending *)UNSET;
        status = upscope_sessions_start_next(walk, NULL, NULL, &pending, NULL);
        CHECK(status == UPSCOPE_INVALID_ARGUMENT && pending == NULL, "another status");
    }
    upscope_sessions_free(walk);
}

static void started_calls(void)
{
    upscope_pending *pending = (upscope_pending *)UNSET;
    char *error = UNSET;
    upscope_status status;

    status = upscope_start(NULL, "get_usage", NULL, NULL, NULL, &pending, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "client", "a start without a client");
    CHECK(pending == NULL, "a call");
    pending = (upscope_pending *)UNSET;
    error = UNSET;
    status = upscope_start(client, NULL, NULL, NULL, NULL, &pending, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "operation", "a start of nothing");
    CHECK(pending == NULL, "a call");
    error = UNSET;
    status = upscope_start(client, "get_usage", NULL, NULL, NULL, NULL, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "NULL", "no place for a call");
    pending = (upscope_pending *)UNSET;
    status = upscope_start(client, "get_usage", NULL, NULL, NULL, &pending, NULL);
    CHECK(status == UPSCOPE_INVALID_ARGUMENT && pending == NULL, "%d", (int)status);
    CHECK(upscope_start(NULL, NULL, NULL, NULL, NULL, NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");

    error = UNSET;
    status = upscope_pending_wait(NULL, 0, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "pending", "no call");
    CHECK(upscope_pending_wait(NULL, 0, NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");
    upscope_pending_cancel(NULL);
    upscope_pending_free(NULL);
}

static void the_rest(void)
{
    char *out = UNSET;
    upscope_status status = upscope_parse_webhook(NULL, &out);

    check_error(status, out, UPSCOPE_INVALID_ARGUMENT, "body", "no webhook body");
    CHECK(upscope_parse_webhook("{\"id\": \"s_1\"}", NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");
    CHECK(upscope_parse_webhook(NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");
    upscope_string_free(NULL);
    upscope_client_free(NULL);
    upscope_sessions_free(NULL);
    upscope_set_logger(NULL, NULL, 0);
    upscope_set_logger(NULL, NULL, 5);
}

int main(int argc, char **argv)
{
    char config[200], *out = UNSET;
    upscope_status status;

    (void)argc;
    CHECK(silent_service_open(config, sizeof config), "no free port");
    client = client_of(config);
    operations_take_null();
    null_is_an_empty_request();
    clients(config);
    pages();
    started_calls();
    the_rest();
    CHECK(silent_service_connections() == 0, "a connection");
    /* The service does count what comes. */
    status = upscope_get_usage(client, NULL, &out);
    check_error(status, out, UPSCOPE_TIMEOUT, "deadline", "a call that is sent");
    CHECK(silent_service_connections() == 1, "none, or more");
    upscope_client_free(client);
    return checks_end(argv[0], 400);
}
