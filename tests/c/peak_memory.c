/* The peak memory of a call with a large response is at most twice the size of the response plus 16 MB. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "call_checks.h"

#define MEGABYTE (1024L * 1024L)

enum { RESPONSE_MEGABYTES = 48, CHUNK = 64 * 1024 };

static int listener;

/* Responds to one request with RESPONSE_MEGABYTES of JSON, from a small buffer. */
static void *serve(void *unused)
{
    static const char start[] = "{\"usage\":{\"text\":\"", end[] = "\"}}";
    static char chunk[CHUNK];
    char head[200], request[4096];
    long left = RESPONSE_MEGABYTES * MEGABYTE;
    int connection = accept(listener, NULL, NULL);

    if (read(connection, request, sizeof request) <= 0) return NULL;
    memset(chunk, 'x', sizeof chunk);
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %ld\r\n\r\n",
             left + (long)(sizeof start + sizeof end) - 2);
    if (write(connection, head, strlen(head)) < 0 || write(connection, start, sizeof start - 1) < 0) return NULL;
    while (left > 0) {
        ssize_t sent = write(connection, chunk, left < CHUNK ? (size_t)left : CHUNK);
        if (sent <= 0) return NULL;
        left -= sent;
    }
    if (write(connection, end, sizeof end - 1) < 0) return NULL;
    close(connection);
    return unused;
}

/* Peak resident memory in bytes. */
static long peak_bytes(void)
{
    char line[200];
    long kilobytes = -1;
    FILE *status = fopen("/proc/self/status", "r");

    while (status != NULL && fgets(line, sizeof line, status) != NULL) sscanf(line, "VmHWM: %ld", &kilobytes);
    if (status != NULL) fclose(status);
    return kilobytes * 1024L;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    char config[300], *response = UNSET;
    upscope_client *client;
    pthread_t server;
    long before, used;

    (void)argc;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 1) == 0, "no listener");
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0, "no address");
    pthread_create(&server, NULL, serve, NULL);
    snprintf(config, sizeof config,
             "{\"api_key\": \"key\", \"base_url\": \"http://127.0.0.1:%u\", \"proxy\": \"\", \"max_retries\": 0}",
             (unsigned)ntohs(address.sin_port));
    client = client_of(config);
    before = peak_bytes();
    CHECK(upscope_get_usage(client, NULL, &response) == UPSCOPE_OK, "%.200s", shown(response));
    used = peak_bytes() - before;
    CHECK(response != NULL && (long)strlen(response) > RESPONSE_MEGABYTES * MEGABYTE, "%.100s", shown(response));
    CHECK(before > 0 && used < (2 * RESPONSE_MEGABYTES + 16) * MEGABYTE, "%ld MB", used / MEGABYTE);
    printf("    peak_memory: %ld MB for a response of %d MB\n", used / MEGABYTE, RESPONSE_MEGABYTES);
    upscope_string_free(response);
    upscope_client_free(client);
    pthread_join(server, NULL);
    close(listener);
    return checks_end(argv[0], 7);
}
