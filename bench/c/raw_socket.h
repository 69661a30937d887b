/* A blocking socket that sends a prepared request and reads up to Content-Length: the minimum cost of a call. */

#ifndef RAW_SOCKET_H
#define RAW_SOCKET_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

struct raw_socket {
    int descriptor;
    char *answer;
    size_t room;
};

static inline struct raw_socket raw_open(const char *port)
{
    struct raw_socket raw;
    struct sockaddr_in place;
    int one = 1;

    memset(&place, 0, sizeof place);
    place.sin_family = AF_INET;
    place.sin_port = htons((unsigned short)atoi(port));
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    raw.descriptor = socket(AF_INET, SOCK_STREAM, 0);
    raw.room = 128 * 1024;
    raw.answer = malloc(raw.room);
    if (raw.answer == NULL || connect(raw.descriptor, (struct sockaddr *)&place, sizeof place) != 0)
        fail("no connection", port);
    setsockopt(raw.descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return raw;
}

static inline void raw_close(struct raw_socket *raw)
{
    close(raw->descriptor);
    free(raw->answer);
}

/* Prepares a request. The caller frees it. */
static inline char *raw_request(const char *method, const char *path, const char *body, const char *port)
{
    size_t room = strlen(path) + 400 + (body == NULL ? 0 : strlen(body));
    char *request = malloc(room), length[80] = "";

    if (request == NULL) fail("no memory", NULL);
    if (body != NULL) {
        snprintf(length, sizeof length, "Content-Type: application/json\r\nContent-Length: %lu\r\n",
                 (unsigned long)strlen(body));
    }
    snprintf(request, room, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nX-Api-Key: bench-key\r\n"
             "Accept: application/json\r\n%s\r\n%s", method, path, port, length, body == NULL ? "" : body);
    return request;
}

/* Sends a request. Returns the length of the response's body, which is at the end of raw->answer. */
static inline size_t raw_call(struct raw_socket *raw, const char *request, size_t length)
{
    size_t have = 0, whole = 0, body = 0;
    ssize_t count = send(raw->descriptor, request, length, MSG_NOSIGNAL);

    if (count != (ssize_t)length) fail("raw socket", "cannot send");
    while (whole == 0 || have < whole) {
        count = recv(raw->descriptor, raw->answer + have, raw->room - 1 - have, 0);
        if (count <= 0) fail("raw socket", "the response is truncated");
        have += (size_t)count;
        if (whole == 0) {
            char *end, *said;

            raw->answer[have] = 0;
            end = strstr(raw->answer, "\r\n\r\n");
            if (end == NULL) continue;
            said = strstr(raw->answer, "Content-Length: ");
            if (strncmp(raw->answer, "HTTP/1.1 200 ", 13) != 0 || said == NULL || said > end)
                fail("raw socket", "unexpected response");
            body = (size_t)atol(said + 16);
            whole = (size_t)(end + 4 - raw->answer) + body;
            if (whole >= raw->room) {
                raw->room = whole + 1;
                raw->answer = realloc(raw->answer, raw->room);
                if (raw->answer == NULL) fail("no memory", NULL);
            }
        }
    }
    return body;
}

#endif
