/* A server on loopback that counts connections and never responds, to check that nothing was sent. */

#ifndef SILENT_SERVER_H
#define SILENT_SERVER_H

#include <stdio.h>
#include <string.h>

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#define poll WSAPoll
#define close closesocket
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

static int silent_server = -1;

/* Listens on a free port and writes the configuration of a client for it. Returns 0 on failure. */
static inline int silent_server_open(char *config, size_t size)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;

#ifdef _WIN32
    WSADATA data;

    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 0;
#endif
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    silent_server = (int)socket(AF_INET, SOCK_STREAM, 0);
    if (silent_server < 0 || bind(silent_server, (struct sockaddr *)&address, sizeof address) != 0) return 0;
    if (listen(silent_server, 100) != 0) return 0;
    if (getsockname(silent_server, (struct sockaddr *)&address, &length) != 0) return 0;
    snprintf(config, size,
             "{\"api_key\": \"key\", \"base_url\": \"http://127.0.0.1:%u/v1.3\", \"timeout_ms\": 300, \"proxy\": \"\"}",
             (unsigned)ntohs(address.sin_port));
    return 1;
}

/* The number of connections since the last call of this function. */
static inline int silent_server_connections(void)
{
    struct pollfd waiting;
    int count = 0;

    waiting.fd = silent_server;
    waiting.events = POLLIN;
    while (poll(&waiting, 1, 0) == 1) {
        int connection = (int)accept(silent_server, NULL, NULL);
        if (connection < 0) break;
        close(connection);
        count++;
    }
    return count;
}

#endif
