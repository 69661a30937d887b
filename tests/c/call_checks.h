/* Finds the function of an operation, and checks error objects. */

#ifndef CALL_CHECKS_H
#define CALL_CHECKS_H

#include "check.h"
#include "json_values.h"
#include "operations.h"

/* The value of an out-pointer before a call. The library must replace it and must not read it. */
#define UNSET ((char *)&unset_target)
static char unset_target;

static inline typed_function function_of(const char *name)
{
    size_t i;

    for (i = 0; i < OPERATIONS; i++) {
        if (strcmp(operations[i].name, name) == 0) return operations[i].call;
    }
    return NULL;
}

/* Checks that `error` is a complete error object with status `wanted` and a message that contains `named`; frees it.
 * `about` describes the call in failure messages. */
static inline void check_error(upscope_status found, char *error, upscope_status wanted, const char *named,
                               const char *about)
{
    char text[2000];
    int is_set = error != NULL && error != UNSET;

    CHECK(found == wanted, "%s: %s", about, upscope_status_name(found));
    CHECK(is_set, "%s: %s", about, error == NULL ? "NULL" : "not set");
    if (!is_set) return;
    CHECK(json_integer(error, "/error/status", -1) == wanted, "%s: %s", about, error);
    json_text(error, "/error/code", text, sizeof text);
    CHECK(strcmp(text, upscope_status_name(wanted)) == 0, "%s: %s", about, error);
    CHECK(json_text(error, "/error/message", text, sizeof text), "%s: %s", about, error);
    CHECK(strlen(text) > 10 && strstr(text, named) != NULL, "%s: the message must contain %s: %s", about, named, text);
    if (wanted == UPSCOPE_INVALID_ARGUMENT) {
        CHECK(json_is(error, "/error/http_status", NULL), "%s: %s", about, error);
        CHECK(json_is(error, "/error/retryable", "false"), "%s: %s", about, error);
        CHECK(json_is(error, "/error/may_have_applied", "false"), "%s: %s", about, error);
    }
    upscope_string_free(error);
}

/* Creates a client from a valid configuration. */
static inline upscope_client *client_of(const char *config)
{
    upscope_client *client = NULL;
    char *error = UNSET;

    CHECK(upscope_client_new(config, &client, &error) == UPSCOPE_OK, "%s", shown(error));
    CHECK(client != NULL && error == NULL, "%s", shown(error));
    return client;
}

#endif
