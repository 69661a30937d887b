/* Clients of the sandbox that the test's runner has started, and its control interface, through the library itself. */

#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdlib.h>

#include "call_checks.h"

static inline const char *sandbox_place(const char *variable)
{
    const char *place = getenv(variable);

    if (place != NULL) return place;
    fprintf(stderr, "%s is not set: run this by scripts/with-sandbox\n", variable);
    exit(2);
}

/* A client with that key; `more` is further configuration, such as ", \"max_retries\": 0". */
static inline upscope_client *sandbox_client(const char *key, const char *more)
{
    char config[400];

    snprintf(config, sizeof config, "{\"api_key\": \"%s\", \"base_url\": \"%s\", \"timeout_ms\": 10000%s}", key,
             sandbox_place("UPSCOPE_BASE_URL"), more);
    return client_of(config);
}

/* Calls, checks that it went well, and gives the answer: free it. */
static inline char *call_well(const upscope_client *client, const char *operation, const char *request)
{
    char *answer = UNSET;
    upscope_status status = upscope_call(client, operation, request, &answer);
    int well = status == UPSCOPE_OK && answer != NULL && answer != UNSET;

    CHECK(well, "%s: %s", operation, answer == UNSET ? "what was there before" : shown(answer));
    return answer == UNSET ? NULL : answer;
}

/* The control interface: sandbox_control("POST", "/faults", "[{\"status\": 503}]"). Free what it gives. */
static inline char *sandbox_control(const char *method, const char *path, const char *body)
{
    char config[300], request[3000];
    upscope_client *client;
    char *answer;

    snprintf(config, sizeof config, "{\"api_key\": \"none\", \"base_url\": \"%s\"}",
             sandbox_place("UPSCOPE_SANDBOX_CONTROL"));
    snprintf(request, sizeof request, "{\"method\": \"%s\", \"path\": \"%s\"%s%s}", method, path,
             body == NULL ? "" : ", \"body\": ", body == NULL ? "" : body);
    client = client_of(config);
    answer = call_well(client, "request", request);
    upscope_client_free(client);
    return answer;
}

static inline void sandbox_set(const char *path, const char *body)
{
    upscope_string_free(sandbox_control("POST", path, body));
}

#endif
