/*
 * Goes through the elements of a JSON array in one pass; json_pick.h reads a value of each.
 *
 *     const char *visitor;
 *     for (visitor = json_first(json_pick(answer, "visitors")); visitor != NULL; visitor = json_next(visitor)) {
 *         json_value name = json_pick(visitor, "name");
 *     }
 */

#ifndef JSON_EACH_H
#define JSON_EACH_H

#include "json_pick.h"

/* The first element; NULL when there is none, or no array. */
static inline const char *json_first(json_value array)
{
    const char *at;

    if (array.at == NULL || *array.at != '[') return NULL;
    at = json_skip_space(array.at + 1);
    return *at == ']' || *at == '\0' ? NULL : at;
}

/* The element behind this one; NULL after the last. */
static inline const char *json_next(const char *element)
{
    const char *at = json_skip_space(json_skip_value(element));

    if (*at != ',') return NULL;
    at = json_skip_space(at + 1);
    return *at == '\0' ? NULL : at;
}

#endif
