/*
 * Iterates over the elements of a JSON array in one pass. Use json_pick.h to read values of an element.
 *
 *     const char *visitor;
 *     for (visitor = json_first(json_pick(answer, "visitors")); visitor != NULL; visitor = json_next(visitor)) {
 *         json_value name = json_pick(visitor, "name");
 *     }
 */

#ifndef JSON_EACH_H
#define JSON_EACH_H

#include "json_pick.h"

/* The first element; NULL if the array is empty or the value is not an array. */
static inline const char *json_first(json_value array)
{
    const char *at;

    if (array.at == NULL || *array.at != '[') return NULL;
    at = json_skip_space(array.at + 1);
    return *at == ']' || *at == '\0' ? NULL : at;
}

/* The next element; NULL after the last one. */
static inline const char *json_next(const char *element)
{
    const char *at = json_skip_space(json_skip_value(element));

    if (*at != ',') return NULL;
    at = json_skip_space(at + 1);
    return *at == '\0' ? NULL : at;
}

#endif
