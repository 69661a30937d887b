/* How the demo tells its story: numbered steps, fields as text, errors, and a count of what went wrong. */

#ifndef TELL_H
#define TELL_H

#include <stdio.h>

#include "json_pick.h"
#include "upscope.h"

/* Any of upscope_get_usage, upscope_list_visitors, ... */
typedef upscope_status (*operation)(const upscope_client *, const char *, char **);

static int step_number, faults;

static inline void step(const char *title)
{
    printf("\n%2d  %s\n", ++step_number, title);
}

static inline void expect(int holds, const char *what)
{
    if (holds) return;
    printf("    WRONG: %s\n", what);
    faults++;
}

/* A field as readable text; "-" for null and for what is not there. */
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

    printf("    %s, HTTP status %s, worth a retry: %s\n", text(json, "error.code", code, sizeof code),
           text(json, "error.http_status", http, sizeof http), text(json, "error.retryable", retry, sizeof retry));
    printf("    \"%s\"\n", text(json, "error.message", message, sizeof message));
}

/* Calls, and gives the answer, to be freed; NULL when the call failed, which is told and counted. */
static inline char *ask(const upscope_client *client, operation call, const char *request)
{
    char *json;

    if (call(client, request, &json) == UPSCOPE_OK) return json;
    print_error(json);
    faults++;
    upscope_string_free(json);
    return NULL;
}

#endif
