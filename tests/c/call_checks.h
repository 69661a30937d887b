/* Looking up the function of an operation, and calls that look at the error object they hand out. */

#ifndef CALL_CHECKS_H
#define CALL_CHECKS_H

#include "check.h"
#include "json_pick.h"
#include "operations.h"

/* What an out-pointer holds before a call: nobody may leave it there, or read it. */
#define UNSET ((char *)&unset_place)
static char unset_place;

static inline typed_function function_of(const char *name)
{
    size_t i;

    for (i = 0; i < OPERATIONS; i++) {
        if (strcmp(operations[i].name, name) == 0) return operations[i].call;
    }
    return NULL;
}

/* Checks that `error` is a whole error object of that status whose message names `named`; frees it. */
static inline void check_error(upscope_status found, char *error, upscope_status wanted, const char *named,
                               const char *about)
{
    char text[2000];
    int whole = error != NULL && error != UNSET;

    CHECK(found == wanted, "%s: %s", about, upscope_status_name(found));
    CHECK(whole, "%s: %s", about, error == NULL ? "NULL" : "what was there before");
    if (!whole) return;
    CHECK(json_integer(json_pick(error, "error.status"), -1) == wanted, "%s: %s", about, error);
    json_text(json_pick(error, "error.code"), text, sizeof text);
    CHECK(strcmp(text, upscope_status_name(wanted)) == 0, "%s: %s", about, error);
    CHECK(json_text(json_pick(error, "error.message"), text, sizeof text), "%s: %s", about, error);
    CHECK(strlen(text) > 10 && strstr(text, named) != NULL, "%s is to name %s: %s", about, named, text);
    if (wanted == UPSCOPE_INVALID_ARGUMENT) {
        CHECK(json_is(json_pick(error, "error.http_status"), "null"), "%s: %s", about, error);
        CHECK(json_is(json_pick(error, "error.retryable"), "false"), "%s: %s", about, error);
        CHECK(json_is(json_pick(error, "error.may_have_applied"), "false"), "%s: %s", about, error);
    }
    upscope_string_free(error);
}

/* A client made of `config`, which is to be good. */
static inline upscope_client *client_of(const char *config)
{
    upscope_client *client = NULL;
    char *error = UNSET;

    CHECK(upscope_client_new(config, &client, &error) == UPSCOPE_OK, "%s", shown(error));
    CHECK(client != NULL && error == NULL, "%s", shown(error));
    return client;
}

#endif
