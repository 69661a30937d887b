/* Output of the demo: numbered steps, fields as text, errors, and a count of failures. */

#ifndef DEMO_OUTPUT_H
#define DEMO_OUTPUT_H

#include <stdio.h>
#include <string.h>

#include "upscope.h"

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

/* The value at a JSON pointer, or NULL if there is none. The caller frees it. */
static inline char *value_at(const char *json, const char *pointer)
{
    char *value;

    if (upscope_json_get(json, pointer, &value) == UPSCOPE_OK) return value;
    upscope_string_free(value);
    return NULL;
}

/* The element of an array, such as element_at(json, "/visitors", 0); NULL after the last one. The caller frees it. */
static inline char *element_at(const char *json, const char *array, unsigned index)
{
    char pointer[64];

    snprintf(pointer, sizeof pointer, "%s/%u", array, index);
    return value_at(json, pointer);
}

/* A field as text; "-" if it is null or missing. */
static inline const char *text(const char *json, const char *pointer, char *buffer, size_t size)
{
    char *value = value_at(json, pointer);

    snprintf(buffer, size, "%s", value == NULL || value[0] == '\0' ? "-" : value);
    upscope_string_free(value);
    return buffer;
}

/* Whether a field has this value. */
static inline int has(const char *json, const char *pointer, const char *expected)
{
    char *value = value_at(json, pointer);
    int same = value != NULL && strcmp(value, expected) == 0;

    upscope_string_free(value);
    return same;
}

static inline void print_error(const char *json)
{
    char code[40], http[16], retry[8], message[600];

    printf("    %s, HTTP status %s, retryable: %s\n", text(json, "/error/code", code, sizeof code),
           text(json, "/error/http_status", http, sizeof http), text(json, "/error/retryable", retry, sizeof retry));
    printf("    \"%s\"\n", text(json, "/error/message", message, sizeof message));
}

/*
 * Builds a request from names and values, as upscope_json_build describes, and makes the call. Returns the response,
 * which the caller frees. If anything fails, prints and counts that; returns NULL.
 */
static inline char *call_or_print(const upscope_client *client, const char *operation, const char *const *fields)
{
    char *request, *json;
    upscope_status status = upscope_json_build(operation, fields, &request);

    if (status != UPSCOPE_OK) {
        json = request;
    } else {
        status = upscope_call(client, operation, request, &json);
        upscope_string_free(request);
    }
    if (status == UPSCOPE_OK) return json;
    print_error(json);
    failures++;
    upscope_string_free(json);
    return NULL;
}

#endif
