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
    char *response;
    size_t room;
};

static inline struct raw_socket raw_open(const char *port)
{
    struct raw_socket raw;
    struct sockaddr_in address;
    int one = 1;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    raw.descriptor = socket(AF_INET, SOCK_STREAM, 0);
    raw.room = 128 * 1024;
    raw.response = malloc(raw.room);
    if (raw.response == NULL || connect(raw.descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        fail("no connection", port);
    setsockopt(raw.descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return raw;
}

static inline void raw_close(struct raw_socket *raw)
{
    close(raw->descriptor);
    free(raw->response);
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

/* Sends a request. Returns the length of the response's body, which is at the end of raw->response. */
static inline size_t raw_call(struct raw_socket *raw, const char *request, size_t length)
{
    size_t have = 0, total = 0, body = 0;
    ssize_t count = send(raw->descriptor, request, length, MSG_NOSIGNAL);

    if (count != (ssize_t)length) fail("raw socket", "cannot send");
    while (total == 0 || have < total) {
        count = recv(raw->descriptor, raw->response + have, raw->room - 1 - have, 0);
        if (count <= 0) fail("raw socket", "the response is truncated");
        have += (size_t)count;
        if (total == 0) {
            char *end, *length_header;

            raw->response[have] = 0;
            end = strstr(raw->response, "\r\n\r\n");
            if (end == NULL) continue;
            length_header = strstr(raw->response, "Content-Length: ");
            if (strncmp(raw->response, "HTTP/1.1 200 ", 13) != 0 || length_header == NULL || length_header > end)
                fail("raw socket", "unexpected response");
            body = (size_t)atol(length_header + 16);
            total = (size_t)(end + 4 - raw->response) + body;
            if (total >= raw->room) {
                raw->room = total + 1;
                raw->response = realloc(raw->response, raw->room);
                if (raw->response == NULL) fail("no memory", NULL);
            }
        }
    }
    return body;
}

#endif
