/* The same calls with libcurl's easy interface, as its manual advises: one reused handle, the body in memory. */

#ifndef WITH_LIBCURL_H
#define WITH_LIBCURL_H

#include <curl/curl.h>

#include "measure.h"

struct curl_call {
    CURL *easy;
    struct curl_slist *headers;
    char *response;
    size_t length;
    size_t room;
};

static inline size_t curl_collect(char *bytes, size_t size, size_t count, void *data)
{
    struct curl_call *call = data;
    size_t more = size * count;

    if (call->length + more + 1 > call->room) {
        call->room = (call->length + more + 1) * 2;
        call->response = realloc(call->response, call->room);
        if (call->response == NULL) return 0;
    }
    memcpy(call->response + call->length, bytes, more);
    call->length += more;
    call->response[call->length] = 0;
    return more;
}

/* `call` must not move: the handle points to it. */
static inline void curl_open(struct curl_call *call, const char *url, const char *body)
{
    memset(call, 0, sizeof *call);
    call->easy = curl_easy_init();
    if (call->easy == NULL) fail("libcurl", "no handle");
    call->headers = curl_slist_append(NULL, "X-Api-Key: bench-key");
    call->headers = curl_slist_append(call->headers, "Accept: application/json");
    curl_easy_setopt(call->easy, CURLOPT_URL, url);
    curl_easy_setopt(call->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(call->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, curl_collect);
    curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
    if (body != NULL) {
        call->headers = curl_slist_append(call->headers, "Content-Type: application/json");
        curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, body);
    }
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

static inline void curl_perform(struct curl_call *call)
{
    long status = 0;
    CURLcode code;

    call->length = 0;
    code = curl_easy_perform(call->easy);
    if (code != CURLE_OK) fail("libcurl", curl_easy_strerror(code));
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) fail("libcurl", "unexpected response");
}

static inline void curl_close(struct curl_call *call)
{
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    free(call->response);
}

#endif
