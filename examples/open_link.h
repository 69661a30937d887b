/*
 * Opens a watch link like the page in an agent's browser does: with POST, because a GET starts no session. It is only for
 * the demo, whose links refer to a local service. Other links are refused, because a real link shows the screen of a real
 * person.
 */

#ifndef OPEN_LINK_H
#define OPEN_LINK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <winsock2.h>
#define OPEN_LINK_QUIETLY 0
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#define closesocket close
#define OPEN_LINK_QUIETLY MSG_NOSIGNAL
#endif

/* The prefix of the links of a local service. */
#define OPEN_LINK_LOCAL "http://127.0.0.1:"

static inline int open_link_is_local(const char *link)
{
    return strncmp(link, OPEN_LINK_LOCAL, strlen(OPEN_LINK_LOCAL)) == 0;
}

/* Sends `request`, then reads the first bytes of the response: "HTTP/1.1 200". */
static inline int open_link_exchange(int socket_fd, const char *request)
{
    char answer[13] = "";
    size_t length = strlen(request), done = 0;
    int count;

    while (done < length) {
        count = (int)send(socket_fd, request + done, length - done, OPEN_LINK_QUIETLY);
        if (count <= 0) return -1;
        done += (size_t)count;
    }
    for (done = 0; done < sizeof answer - 1; done += (size_t)count) {
        count = (int)recv(socket_fd, answer + done, sizeof answer - 1 - done, 0);
        if (count <= 0) return -1;
    }
    return strncmp(answer, "HTTP/1.", 7) == 0 ? atoi(answer + 9) : -1;
}

/* Starts the session of a link. Returns the HTTP status, or -1 if the link is not local or there is no response within 5 seconds. */
static inline int open_link(const char *link)
{
    struct sockaddr_in address;
#ifdef _WIN32
    WSADATA data;
    DWORD limit = 5000;
#else
    struct timeval limit = {5, 0};
#endif
    char request[512];
    char *path;
    unsigned long port;
    int socket_fd, length, status = -1;

    if (!open_link_is_local(link)) return -1;
    port = strtoul(link + strlen(OPEN_LINK_LOCAL), &path, 10);
    if (port == 0 || port > 65535 || *path != '/' || strpbrk(path, " \r\n#") != NULL) return -1;
    length = snprintf(request, sizeof request,
                      "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%lu\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                      path, port);
    if (length < 0 || (size_t)length >= sizeof request) return -1;

#ifdef _WIN32
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return -1;
#endif
    socket_fd = (int)socket(AF_INET, SOCK_STREAM, 0);
    if (socket_fd < 0) return -1;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(socket_fd, SOL_SOCKET, SO_RCVTIMEO, (const char *)&limit, sizeof limit);
    setsockopt(socket_fd, SOL_SOCKET, SO_SNDTIMEO, (const char *)&limit, sizeof limit);
    if (connect(socket_fd, (const struct sockaddr *)&address, sizeof address) == 0) {
        status = open_link_exchange(socket_fd, request);
    }
    closesocket(socket_fd);
    return status;
}

#endif
