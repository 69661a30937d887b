/* The four measured calls: as requests to libupscope, and as HTTP requests. */

#ifndef CASES_H
#define CASES_H

#include "measure.h"

#define CALLS 4

struct call {
    const char *name;
    upscope_status (*function)(const upscope_client *client, const char *request_json, char **response_json);
    const char *request;
    const char *method;
    const char *path;
    const char *body;
    /* A key that the response must have. */
    const char *expected_key;
    /* Calls in one round, chosen so that each round takes about the same time. */
    int repeats;
};

#define WATCH_BODY \
    "\"agent\":{\"id\":\"7\",\"name\":\"Joe Smith\"},\"branding\":{\"naked\":true},\"metadata\":{\"ticket\":4711}"

static const struct call cases[CALLS] = {
    {"get_usage", upscope_get_usage, NULL, "GET", "/v1.3/usage", NULL, "usage", 250},
    {"get_visitor", upscope_get_visitor, "{\"visitor_id\":\"VISITOR42\"}", "GET", "/v1.3/visitors/VISITOR42", NULL,
     "visitor", 250},
    {"create_watch_url", upscope_create_watch_url, "{\"visitor_id\":\"VISITOR42\"," WATCH_BODY "}", "POST",
     "/v1.3/visitors/VISITOR42/watch_url", "{" WATCH_BODY "}", "watch_url", 250},
    {"list_sessions", upscope_list_sessions, NULL, "GET", "/v1.3/cobrowsing_sessions/list", NULL,
     "cobrowsing_sessions", 100},
};

static inline void call_upscope(const upscope_client *client, const struct call *call)
{
    char *json;

    if (call->function(client, call->request, &json) != UPSCOPE_OK) fail(call->name, json);
    upscope_string_free(json);
}

static inline const struct call *call_named(const char *name)
{
    int at;

    for (at = 0; at < CALLS; at++) {
        if (strcmp(cases[at].name, name) == 0) return &cases[at];
    }
    fail("unknown call", name);
    return NULL;
}

#endif
