/* upscope_parse_webhook_n reads exactly the given number of bytes, and refuses a NUL. */

#include <stdlib.h>

#include "call_checks.h"

static void check_session(const char *body, size_t length, const char *session)
{
    char *json = UNSET;

    CHECK(upscope_parse_webhook_n(body, length, &json) == UPSCOPE_OK, "%s", shown(json));
    CHECK(json != NULL && json != UNSET && strcmp(json, session) == 0, "%s", shown(json));
    upscope_string_free(json);
}

static void check_refused(const char *body, size_t length, const char *named)
{
    char *json = UNSET;
    upscope_status status = upscope_parse_webhook_n(body, length, &json);

    check_error(status, json, UPSCOPE_INVALID_ARGUMENT, named, "webhook");
}

int main(int argc, char **argv)
{
    static const char session[] = "{\"id\": \"s_1\", \"length_seconds\": 3}";
    static const size_t length = sizeof session - 1;
    char *exact = (char *)malloc(length), *padded = (char *)malloc(length + 2);

    (void)argc;
    if (exact == NULL || padded == NULL) return 2;
    /* Without a NUL after it: reading further is an error that sanitizers and valgrind find. */
    memcpy(exact, session, length);
    check_session(exact, length, session);
    memcpy(padded, session, length);
    padded[length] = 'x';
    padded[length + 1] = '\0';
    check_session(padded, length, session);
    check_refused(padded, length + 1, "JSON");
    check_refused(exact, length - 1, "JSON");
    check_refused(exact, 0, "JSON");

    /* The NUL at the end of a C string, and one within the body. An escaped one is part of the session. */
    check_refused(session, length + 1, "NUL at byte 34");
    check_refused("{\"id\": \"s\0_1\"}", 14, "NUL at byte 9");
    check_refused("\0", 1, "NUL at byte 0");
    check_session("{\"id\": \"s\\u0000\"}", 17, "{\"id\": \"s\\u0000\"}");

    check_refused("{\"id\": \"\xFF\"}", 11, "UTF-8");
    check_refused("{}", 2, "id");
    check_refused("[]", 2, "object");
    check_refused(NULL, 0, "NULL");
    check_refused(NULL, 5, "NULL");
    check_refused(session, (size_t)-1, "length");
    CHECK(upscope_parse_webhook_n(session, length, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
    CHECK(upscope_parse_webhook_n(NULL, 0, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
    free(exact);
    free(padded);
    return checks_end(argv[0], 70);
}
