/* Reads values from JSON text with upscope_json_get. */

#ifndef JSON_VALUES_H
#define JSON_VALUES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upscope.h"

/* The value at a pointer; NULL if there is none. The caller frees it. */
static inline char *json_value(const char *json, const char *pointer)
{
    char *value;

    if (upscope_json_get(json, pointer, &value) == UPSCOPE_OK) return value;
    upscope_string_free(value);
    return NULL;
}

/* Whether the value at a pointer is this; NULL stands for none. */
static inline int json_is(const char *json, const char *pointer, const char *expected)
{
    char *value = json_value(json, pointer);
    int same = value == NULL ? expected == NULL : expected != NULL && strcmp(value, expected) == 0;

    upscope_string_free(value);
    return same;
}

/* Copies a value. Returns 0, and "", if there is none or it does not fit. */
static inline int json_text(const char *json, const char *pointer, char *out, size_t size)
{
    char *value = json_value(json, pointer);
    int fits = value != NULL && strlen(value) < size;

    snprintf(out, size, "%s", fits ? value : "");
    upscope_string_free(value);
    return fits;
}

/* An integer; `otherwise` if there is none. */
static inline long json_integer(const char *json, const char *pointer, long otherwise)
{
    char *value = json_value(json, pointer);
    char *end = value;
    long number = value == NULL ? 0 : strtol(value, &end, 10);
    int is_number = end != value && *end == '\0';

    upscope_string_free(value);
    return is_number ? number : otherwise;
}

/* The number of elements of an array without nulls. */
static inline size_t json_count(const char *json, const char *pointer)
{
    char *array = json_value(json, pointer), index[32];
    size_t count = 0;

    for (;; count++) {
        char *element;
        snprintf(index, sizeof index, "/%lu", (unsigned long)count);
        element = json_value(array, index);
        if (element == NULL) break;
        upscope_string_free(element);
    }
    upscope_string_free(array);
    return count;
}

#endif
