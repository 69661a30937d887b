/* Output of the demo: numbered steps, fields as text, errors, and a count of failures. */

#ifndef DEMO_OUTPUT_H
#define DEMO_OUTPUT_H

#include <stdio.h>

#include "json_pick.h"
#include "upscope.h"

/* Any of upscope_get_usage, upscope_list_visitors, ... */
typedef upscope_status (*operation)(const upscope_client *, const char *, char **);

static int step_number, failures;

static inline void step(const char *title)
{
    printf("\n%2d  %s\n", ++step_number, title);
}

static inline void expect(int holds, const char *what)
{
    if (holds) return;
    printf("    FAILED: %s\n", what);
    failures++;
}

/* A field as text; "-" if it is null or missing. */
static inline const char *text(const char *json, const char *path, char *buffer, size_t size)
{
    json_value value = json_pick(json, path);

    if (!json_text(value, buffer, size) && value.at != NULL && *value.at != '"' && !json_is(value, "null")) {
        snprintf(buffer, size, "%.*s", (int)value.length, value.at);
    }
    if (buffer[0] == '\0') snprintf(buffer, size, "-");
    return buffer;
}

static inline void print_error(const char *json)
{
    char code[40], http[16], retry[8], message[600];

    printf("    %s, HTTP status %s, retryable: %s\n", text(json, "error.code", code, sizeof code),
           text(json, "error.http_status", http, sizeof http), text(json, "error.retryable", retry, sizeof retry));
    printf("    \"%s\"\n", text(json, "error.message", message, sizeof message));
}

/* Makes a call. Returns the response, which the caller frees. If the call fails, prints and counts that; returns NULL. */
static inline char *call_or_print(const upscope_client *client, operation call, const char *request)
{
    char *json;

    if (call(client, request, &json) == UPSCOPE_OK) return json;
    print_error(json);
    failures++;
    upscope_string_free(json);
    return NULL;
}

#endif
