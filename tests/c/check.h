/* Counts checks and prints those that fail. */

#ifndef CHECK_H
#define CHECK_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int checks_made, checks_failed;

/* `what` and its arguments describe the value that was found. */
static inline void check_that(int holds, const char *file, int line, const char *condition, const char *what, ...)
{
    va_list arguments;

    checks_made++;
    if (holds) return;
    checks_failed++;
    printf("%s:%d: %s; found: ", file, line, condition);
    va_start(arguments, what);
    vprintf(what, arguments);
    va_end(arguments);
    printf("\n");
}

#define CHECK(condition, ...) check_that((condition) ? 1 : 0, __FILE__, __LINE__, #condition, __VA_ARGS__)

/* The exit code of the program. Fewer than `expected` checks are a failure: some were not executed. */
static inline int checks_end(const char *program, int expected)
{
    const char *name = strrchr(program, '/');

    if (checks_made < expected) {
        printf("%d checks were made, at least %d are expected\n", checks_made, expected);
        checks_failed++;
    }
    printf("    %s: %d checks, %d failed\n", name == NULL ? program : name + 1, checks_made, checks_failed);
    return checks_failed == 0 ? 0 : 1;
}

/* For printing text that may be NULL. */
static inline const char *shown(const char *text)
{
    return text == NULL ? "NULL" : text;
}

#endif
