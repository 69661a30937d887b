/* Clients of the sandbox that scripts/with-sandbox started, and its control interface. */

#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdlib.h>

#include "call_checks.h"

static inline const char *sandbox_variable(const char *variable)
{
    const char *value = getenv(variable);

    if (value != NULL) return value;
    fprintf(stderr, "%s is not set: run this program with scripts/with-sandbox\n", variable);
    exit(2);
}

/* Creates a client with this key. `more` is further configuration, such as ", \"max_retries\": 0". */
static inline upscope_client *sandbox_client(const char *key, const char *more)
{
    char config[400];

    snprintf(config, sizeof config, "{\"api_key\": \"%s\", \"base_url\": \"%s\", \"timeout_ms\": 10000%s}", key,
             sandbox_variable("UPSCOPE_BASE_URL"), more);
    return client_of(config);
}

/* Makes a call that must succeed. The caller frees the response. */
static inline char *call_ok(const upscope_client *client, const char *operation, const char *request)
{
    char *response = UNSET;
    upscope_status status = upscope_call(client, operation, request, &response);
    int ok = status == UPSCOPE_OK && response != NULL && response != UNSET;

    CHECK(ok, "%s: %s", operation, response == UNSET ? "not set" : shown(response));
    return response == UNSET ? NULL : response;
}

/* Calls the control interface: sandbox_control("POST", "/faults", "[{\"status\": 503}]"). The caller frees the response. */
static inline char *sandbox_control(const char *method, const char *path, const char *body)
{
    char config[300], request[3000];
    upscope_client *client;
    char *response;

    snprintf(config, sizeof config, "{\"api_key\": \"none\", \"base_url\": \"%s\"}",
             sandbox_variable("UPSCOPE_SANDBOX_CONTROL"));
    snprintf(request, sizeof request, "{\"method\": \"%s\", \"path\": \"%s\"%s%s}", method, path,
             body == NULL ? "" : ", \"body\": ", body == NULL ? "" : body);
    client = client_of(config);
    response = call_ok(client, "request", request);
    upscope_client_free(client);
    return response;
}

static inline void sandbox_set(const char *path, const char *body)
{
    upscope_string_free(sandbox_control("POST", path, body));
}

#endif
