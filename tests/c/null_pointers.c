/* NULL for every parameter of every function: each returns a status and sets its out-pointer, nothing crashes and nothing is
 * sent. */

#include "call_checks.h"
#include "silent_server.h"

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
    CHECK(upscope_call(NULL, NULL, NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
}

/* A NULL request means {}, so a required key is missing. */
static void null_request_is_an_empty_object(void)
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
    upscope_client *created = (upscope_client *)UNSET;
    char *error = UNSET;
    upscope_status status;

    status = upscope_client_new(config, NULL, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "NULL", "client_new without client");
    status = upscope_client_new(config, &created, NULL);
    CHECK(status == UPSCOPE_INVALID_ARGUMENT && created == NULL, "%d", (int)status);
    CHECK(upscope_client_new(config, NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
    CHECK(upscope_client_new(NULL, NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
    /* The test runs without UPSCOPE_API_KEY. */
    created = (upscope_client *)UNSET;
    error = UNSET;
    status = upscope_client_new(NULL, &created, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "api_key", "no key");
    CHECK(created == NULL, "a client");
}

static void page_iterators(void)
{
    upscope_sessions *pages = (upscope_sessions *)UNSET;
    char *error = UNSET;
    upscope_status status;

    status = upscope_sessions_open(NULL, NULL, &pages, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "client", "sessions_open without a client");
    CHECK(pages == NULL, "an iterator");
    error = UNSET;
    status = upscope_sessions_open(client, NULL, NULL, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "NULL", "sessions_open without pages");
    pages = (upscope_sessions *)UNSET;
    status = upscope_sessions_open(client, NULL, &pages, NULL);
    CHECK(status == UPSCOPE_INVALID_ARGUMENT && pages == NULL, "%d", (int)status);
    CHECK(upscope_sessions_open(NULL, NULL, NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");

    error = UNSET;
    status = upscope_sessions_next(NULL, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "pages", "sessions_next without pages");
    CHECK(upscope_sessions_next(NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
    CHECK(upscope_sessions_open(client, NULL, &pages, &error) == UPSCOPE_OK && error == NULL, "%s", shown(error));
    CHECK(upscope_sessions_next(pages, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
    {
        upscope_pending *pending = (upscope_pending *)UNSET;
        error = UNSET;
        status = upscope_sessions_start_next(NULL, NULL, NULL, &pending, &error);
        check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "pages", "upscope_sessions_start_next");
        CHECK(pending == NULL, "not set");
        error = UNSET;
        status = upscope_sessions_start_next(pages, NULL, NULL, NULL, &error);
        check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "NULL", "upscope_sessions_start_next");
        pending = (upscope_pending *)UNSET;
        status = upscope_sessions_start_next(pages, NULL, NULL, &pending, NULL);
        CHECK(status == UPSCOPE_INVALID_ARGUMENT && pending == NULL, "a different status");
    }
    upscope_sessions_free(pages);
}

static void started_calls(void)
{
    upscope_pending *pending = (upscope_pending *)UNSET;
    char *error = UNSET;
    upscope_status status;

    status = upscope_start(NULL, "get_usage", NULL, NULL, NULL, &pending, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "client", "start without a client");
    CHECK(pending == NULL, "a call");
    pending = (upscope_pending *)UNSET;
    error = UNSET;
    status = upscope_start(client, NULL, NULL, NULL, NULL, &pending, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "operation", "start without an operation");
    CHECK(pending == NULL, "a call");
    error = UNSET;
    status = upscope_start(client, "get_usage", NULL, NULL, NULL, NULL, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "NULL", "start without pending");
    pending = (upscope_pending *)UNSET;
    status = upscope_start(client, "get_usage", NULL, NULL, NULL, &pending, NULL);
    CHECK(status == UPSCOPE_INVALID_ARGUMENT && pending == NULL, "%d", (int)status);
    CHECK(upscope_start(NULL, NULL, NULL, NULL, NULL, NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");

    error = UNSET;
    status = upscope_pending_wait(NULL, 0, &error);
    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, "pending", "pending_wait without pending");
    CHECK(upscope_pending_wait(NULL, 0, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
    upscope_pending_cancel(NULL);
    upscope_pending_free(NULL);
}

static void other_functions(void)
{
    char *out = UNSET;
    upscope_status status = upscope_parse_webhook(NULL, &out);

    check_error(status, out, UPSCOPE_INVALID_ARGUMENT, "body", "no webhook body");
    CHECK(upscope_parse_webhook("{\"id\": \"s_1\"}", NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
    CHECK(upscope_parse_webhook(NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
    upscope_string_free(NULL);
    upscope_client_free(NULL);
    upscope_sessions_free(NULL);
    upscope_set_logger(NULL, NULL, 0);
    upscope_set_logger(NULL, NULL, 5);
    upscope_client_set_logger(NULL, NULL, NULL, 5);
    upscope_client_set_logger(client, NULL, NULL, 5);
    upscope_client_close(NULL);
    out = UNSET;
    status = upscope_parse_webhook_n(NULL, 2, &out);
    check_error(status, out, UPSCOPE_INVALID_ARGUMENT, "body", "no webhook body");
    CHECK(upscope_parse_webhook_n("{\"id\": \"s_1\"}", 13, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
    out = UNSET;
    status = upscope_connection_info(NULL, &out);
    check_error(status, out, UPSCOPE_INVALID_ARGUMENT, "client", "connection_info without a client");
    CHECK(upscope_connection_info(client, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
}

int main(int argc, char **argv)
{
    char config[200], *out = UNSET;
    upscope_status status;

    (void)argc;
    CHECK(silent_server_open(config, sizeof config), "no free port");
    client = client_of(config);
    operations_take_null();
    null_request_is_an_empty_object();
    clients(config);
    page_iterators();
    started_calls();
    other_functions();
    CHECK(silent_server_connections() == 0, "a connection");
    /* The server counts connections. */
    status = upscope_get_usage(client, NULL, &out);
    check_error(status, out, UPSCOPE_TIMEOUT, "deadline", "a valid call");
    CHECK(silent_server_connections() == 1, "no connection, or several");
    upscope_client_free(client);
    return checks_end(argv[0], 400);
}
