/* Every status that a service can cause, over a real connection, and its error object. */

#include "sandbox.h"

static const struct {
    const char *key, *faults, *operation, *request;
    upscope_status status;
    const char *http_status, *api_error;
} cases[] = {
    {"sandbox-key", "[]", "get_usage", "{}", UPSCOPE_OK, NULL, NULL},
    {"nonsense", "[]", "get_usage", "{}", UPSCOPE_UNAUTHORIZED, "401", "invalid_api_key"},
    {"sandbox-expired", "[]", "get_usage", "{}", UPSCOPE_UNAUTHORIZED, "401", "no_subscription"},
    {"sandbox-no-api", "[]", "get_usage", "{}", UPSCOPE_UNAUTHORIZED, "401", "api_not_enabled"},
    {"sandbox-restricted", "[]", "get_usage", "{}", UPSCOPE_UNAUTHORIZED, "401", "please_contact_team"},
    {"sandbox-over-limit", "[]", "create_watch_url", "{\"visitor_id\": \"V\", \"agent\": {\"id\": \"1\"}}",
     UPSCOPE_PAYMENT_REQUIRED, "402", NULL},
    {"sandbox-key", "[]", "get_visitor", "{\"visitor_id\": \"nobody\"}", UPSCOPE_NOT_FOUND, "404", "not_found"},
    {"sandbox-key", "[]", "delete_visitor", "{\"visitor_id\": \"V\"}", UPSCOPE_CONFLICT, "409", NULL},
    {"sandbox-key",
     "[{\"status\": 429, \"headers\": {\"Retry-After\": \"7\"},"
     " \"body\": \"{\\\"error\\\":\\\"Too many requests\\\"}\"}]",
     "get_usage", "{}", UPSCOPE_RATE_LIMITED, "429", "Too many requests"},
    {"sandbox-key", "[{\"status\": 503, \"body\": \"<html>\"}]", "get_usage", "{}",
     UPSCOPE_SERVER_ERROR, "503", "null"},
    {"sandbox-key", "[{\"status\": 418}]", "get_usage", "{}", UPSCOPE_HTTP_ERROR, "418", "null"},
    {"sandbox-key", "[{\"status\": 302, \"headers\": {\"Location\": \"/v1.3/list\"}}]", "get_usage", "{}",
     UPSCOPE_HTTP_ERROR, "302", "null"},
    {"sandbox-key", "[{\"delay_ms\": 5000}]", "get_usage", "{\"options\": {\"timeout_ms\": 200}}", UPSCOPE_TIMEOUT,
     "null", "null"},
    {"sandbox-key", "[{\"drop\": \"before_response\"}, {\"drop\": \"before_response\"}]", "get_usage", "{}",
     UPSCOPE_CONNECTION, "null", "null"},
    {"sandbox-key", "[{\"status\": 200, \"body\": \"{\"}]", "get_usage", "{}", UPSCOPE_BAD_RESPONSE, "200", "null"},
    {"sandbox-key", "[{\"status\": 200, \"body\": \"{\\\"status\\\":\\\"ok\\\"}\"}]", "get_usage", "{}",
     UPSCOPE_BAD_RESPONSE, "200", "null"},
};

/* Whether a member of the error object has this value; "null" is null. */
static int error_is(const char *error, const char *pointer, const char *value)
{
    return json_is(error, pointer, strcmp(value, "null") == 0 ? NULL : value);
}

/* Checks the error object of case `i`, except status and message. */
static void check_details(size_t i, upscope_status status, const char *error)
{
    CHECK(json_is(error, "/error/operation", cases[i].operation), "case %u: %s", (unsigned)i, error);
    CHECK(error_is(error, "/error/http_status", cases[i].http_status), "case %u: %s", (unsigned)i, error);
    CHECK(json_integer(error, "/error/attempts", 0) >= 1, "case %u: %s", (unsigned)i, error);
    if (cases[i].api_error != NULL) {
        CHECK(error_is(error, "/error/api_error", cases[i].api_error), "case %u: %s", (unsigned)i, error);
    }
    if (status == UPSCOPE_RATE_LIMITED) {
        CHECK(json_is(error, "/error/retry_after_ms", "7000"), "%s", error);
        CHECK(json_is(error, "/error/retryable", "true"), "%s", error);
    }
}

static void every_status(void)
{
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        upscope_client *client = sandbox_client(cases[i].key, ", \"max_retries\": 0");
        char about[200], *answer = UNSET;
        upscope_status status;

        snprintf(about, sizeof about, "case %u, %s", (unsigned)i, upscope_status_name(cases[i].status));
        sandbox_set("/faults", cases[i].faults);
        status = upscope_call(client, cases[i].operation, cases[i].request, &answer);
        if (cases[i].status == UPSCOPE_OK) {
            CHECK(status == UPSCOPE_OK && !json_is(answer, "/usage", NULL), "%s: %s", about, shown(answer));
            upscope_string_free(answer);
        } else {
            if (answer != UNSET && answer != NULL) check_details(i, status, answer);
            check_error(status, answer, cases[i].status, cases[i].operation, about);
        }
        upscope_client_free(client);
    }
}

/* By default, two failures are retried if the call is safe to repeat. */
static void retries(void)
{
    upscope_client *client = sandbox_client("sandbox-key", "");
    char *json = UNSET;
    upscope_status status;

    sandbox_set("/faults", "[{\"status\": 503}, {\"drop\": \"mid_body\"}]");
    upscope_string_free(call_ok(client, "get_usage", NULL));
    sandbox_set("/faults", "[{\"status\": 503}, {\"status\": 503}, {\"status\": 503}]");
    status = upscope_get_usage(client, NULL, &json);
    CHECK(json_integer(json, "/error/attempts", 0) == 3, "%s", shown(json));
    check_error(status, json, UPSCOPE_SERVER_ERROR, "get_usage", "three failures");

    /* A POST may have taken effect, so it is not retried. */
    sandbox_set("/faults", "[{\"status\": 503}]");
    status = upscope_create_watch_url(client, "{\"visitor_id\": \"V\", \"agent\": {\"id\": \"1\"}}", &json);
    CHECK(json_integer(json, "/error/attempts", 0) == 1, "%s", shown(json));
    CHECK(json_is(json, "/error/may_have_applied", "true"), "%s", shown(json));
    check_error(status, json, UPSCOPE_SERVER_ERROR, "create_watch_url", "a POST that failed");
    upscope_client_free(client);
}

static void names(void)
{
    static const char *const known[] = {
        "ok", "invalid_argument", "unauthorized", "payment_required", "not_found", "conflict", "rate_limited",
        "server_error", "http_error", "timeout", "connection", "bad_response", "cancelled", "internal",
    };
    static const upscope_status others[] = {-1, 14, 99, 103, 2147483647};
    size_t i;

    for (i = 0; i < sizeof known / sizeof *known; i++) {
        const char *name = upscope_status_name((upscope_status)i);
        CHECK(strcmp(name, known[i]) == 0, "%u is %s", (unsigned)i, name);
    }
    CHECK(strcmp(upscope_status_name(UPSCOPE_DONE), "done") == 0 && UPSCOPE_DONE == 100, "a different value");
    CHECK(strcmp(upscope_status_name(UPSCOPE_PENDING), "pending") == 0 && UPSCOPE_PENDING == 101, "a different value");
    for (i = 0; i < sizeof others / sizeof *others; i++) {
        const char *name = upscope_status_name(others[i]);
        CHECK(strcmp(name, "unknown") == 0, "%d is %s", (int)others[i], name);
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    sandbox_set("/reset", NULL);
    sandbox_set("/visitors", "{\"short_id\": \"V\", \"is_online\": true}");
    every_status();
    retries();
    names();
    sandbox_set("/reset", NULL);
    return checks_end(argv[0], 200);
}
