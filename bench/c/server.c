/*
 * The service for all measurements: server [THREADS]
 *
 * It builds its responses before the first request. Its threads, one for each core that it may use, share the
 * connections, so many connections cost no more than a few. Prints its port, and ends when standard input is closed.
 *
 *     /v1.3/...                            the four calls: usage 0.3 KB, visitor 1.5 KB, watch_url, 100 sessions 60 KB
 *     /large/cobrowsing_sessions/list      about 10 MB
 *     /pages-PAGES-MICROSECONDS/cobrowsing_sessions/list
 *                                          PAGES pages of 100 sessions, each after a delay of MICROSECONDS;
 *                                          such a connection gets its own thread
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_WORKERS 64
#define SESSIONS_OF_A_PAGE 100
#define SESSIONS_OF_LARGE 16600

struct text {
    char *bytes;
    size_t length;
};

static struct text usage, visitor, watch_url, sessions, large, page, missing;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static struct text with_head(const char *status, const char *body)
{
    size_t length = strlen(body);
    struct text response;

    response.bytes = malloc(length + 400);
    if (response.bytes == NULL) die("malloc");
    response.length = (size_t)snprintf(response.bytes, length + 400,
                                     "HTTP/1.1 %s\r\nContent-Type: application/json; charset=utf-8\r\n"
                                     "Cache-Control: max-age=0, private, must-revalidate\r\n"
                                     "X-Request-Id: 6b1f3f2e-6f0a-4f8e-9f0b-2c1d7a5e4c3b\r\n"
                                     "Content-Length: %lu\r\n\r\n%s",
                                     status, (unsigned long)length, body);
    return response;
}

static size_t add_session(char *out, int number)
{
    return (size_t)sprintf(
        out,
        "%s{\"id\": \"s_%d\", \"visitor_id\": \"VISITOR%d\", \"started_at\": \"2026-03-16T15:25:59.000Z\", "
        "\"ended_at\": \"2026-03-16T15:45:59.000+01:00\", \"length_seconds\": %d, \"call_length_seconds\": 0, "
        "\"formatted_length\": \"20 minutes\", \"formatted_call_length\": \"-\", \"went_live\": true, "
        "\"features_used\": [\"draw\", \"click\", \"scroll\"], \"agents\": [{\"id\": \"u_1\", \"name\": \"Joe Smith\", "
        "\"agent_identifier\": \"ext-123\", \"email\": \"joe@example.com\"}], \"team\": {\"id\": \"t_1\", "
        "\"domain\": \"example.com\"}, \"metadata\": {\"ticket\": %d, \"tier\": \"gold\", \"vip\": false, \"subject\": "
        "\"Cannot download the invoice of March from the account page\"}}",
        number == 0 ? "" : ", ", number, number, 1200 + number, number);
}

static struct text list_of(int count, const char *end)
{
    char *body = malloc((size_t)count * 700 + 200);
    size_t length;
    int number;
    struct text response;

    if (body == NULL) die("malloc");
    length = (size_t)sprintf(body, "{\"status\": \"ok\", \"cobrowsing_sessions\": [");
    for (number = 0; number < count; number++) length += add_session(body + length, number);
    strcpy(body + length, end);
    response = with_head("200 OK", body);
    free(body);
    return response;
}

static void make_responses(void)
{
    char body[4000];
    size_t length;

    usage = with_head("200 OK",
                      "{\"status\": \"ok\", \"usage\": {\"agents\": {\"last_30_days\": 10, \"today\": 0}, "
                      "\"session_counts\": {\"last_30_days\": 20, \"now\": 0, \"today\": 0}, \"session_seconds\": "
                      "{\"last_30_days\": 5000, \"today\": 0}, \"visitors\": {\"last_24_hrs\": 50000, "
                      "\"online_now\": 400}}}");
    length = (size_t)sprintf(
        body,
        "{\"status\": \"ok\", \"visitor\": {\"short_id\": \"VISITOR42\", \"unique_id\": \"user123\", \"lookup_code\": "
        "\"0042\", \"identities\": [\"Ann Example\", \"ann@example.com\"], \"tags\": [\"#client\", \"#gold\"], "
        "\"email\": \"ann@example.com\", \"name\": \"Ann Example\", \"nickname\": null, \"added_at\": "
        "\"2026-03-01T09:00:00.000Z\", \"first_seen_at\": \"2026-02-27T18:02:11.000Z\", \"last_seen_at\": "
        "\"2026-03-16T15:25:59.000Z\", \"api_key\": \"public-key\", \"integration\": \"\", \"call_name\": \"Ann\", "
        "\"is_supported\": true, \"is_waiting_for_call\": false, \"js_configuration\": true, \"location_country_name\": "
        "\"Switzerland\", \"watch_link\": \"https://example.com/agents/visitors/VISITOR42\", "
        "\"browser_name\": \"Chrome\", \"device_name\": \"Mac\", \"device_type\": \"desktop\", \"ip_address\": "
        "\"192.0.2.7\", \"is_online\": true, \"is_in_session\": false, \"last_url\": "
        "\"https://example.com/account/orders?page=2\", \"location_city\": \"Z\303\274rich\", \"location_country\": "
        "\"CH\", \"sessions\": [");
    length += add_session(body + length, 0);
    strcpy(body + length, "]}}");
    visitor = with_head("200 OK", body);
    watch_url = with_head("200 OK",
                          "{\"status\": \"ok\", \"watch_url\": \"https://viewer.example.com/w/VISITOR42?token="
                          "nobody-s-token-with-this-many-letters\", \"expiration\": \"2026-03-16T15:30:59.000Z\"}");
    sessions = list_of(SESSIONS_OF_A_PAGE, "], \"has_more\": false, \"last_id\": \"s_99\"}");
    large = list_of(SESSIONS_OF_LARGE, "], \"has_more\": false, \"last_id\": \"s_99\"}");
    /* send_page overwrites what differs between pages. */
    page = list_of(SESSIONS_OF_A_PAGE, "], \"has_more\": true , \"last_id\": \"s_00000000\"}");
    missing = with_head("404 Not Found", "{\"status\": \"error\", \"error\": \"not_found\"}");
}

static void send_all(int connection, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(connection, bytes, length, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return;
        bytes += sent;
        length -= (size_t)sent;
    }
}

/* Sends one page of sessions. `own` is this connection's copy of the page. */
static void send_page(int connection, const char *path, struct text *own)
{
    char *after, digits[24], *tail;
    long pages = 0, delay = 0, number = 1;
    struct timespec wait;

    if (sscanf(path, "/pages-%ld-%ld/", &pages, &delay) != 2) return;
    after = strstr(path, "after_id=s_");
    if (after != NULL && after < strstr(path, " ")) number = atol(after + 11) / SESSIONS_OF_A_PAGE + 1;
    if (own->bytes == NULL) {
        own->bytes = malloc(page.length);
        if (own->bytes == NULL) die("malloc");
        memcpy(own->bytes, page.bytes, page.length);
        own->length = page.length;
    }
    tail = own->bytes + own->length;
    snprintf(digits, sizeof digits, "%08ld", number * SESSIONS_OF_A_PAGE % 100000000);
    memcpy(tail - 10, digits, 8);
    memcpy(tail - 31, number < pages ? "true " : "false", 5);
    wait.tv_sec = delay / 1000000;
    wait.tv_nsec = delay % 1000000 * 1000;
    if (delay > 0) nanosleep(&wait, NULL);
    send_all(connection, own->bytes, own->length);
}

static int starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void answer(int connection, const char *request, struct text *own)
{
    const char *path = strchr(request, ' ');
    const char *below;
    const struct text *chosen = &missing;

    if (path == NULL) return;
    path++;
    below = strchr(path + 1, '/');
    if (below == NULL) below = path;
    if (starts(path, "/pages-")) {
        send_page(connection, path, own);
        return;
    }
    if (starts(below, "/usage ")) chosen = &usage;
    else if (starts(below, "/visitors/VISITOR42 ")) chosen = &visitor;
    else if (starts(below, "/visitors/VISITOR42/watch_url ")) chosen = &watch_url;
    else if (starts(below, "/cobrowsing_sessions/list ")) chosen = starts(path, "/large/") ? &large : &sessions;
    send_all(connection, chosen->bytes, chosen->length);
}

/* The length of the body that follows these headers. */
static size_t body_length(char *request, char *body)
{
    char *line = request;

    if (starts(request, "GET ")) return 0;
    while (line < body) {
        if (strncasecmp(line, "content-length:", 15) == 0) return (size_t)atol(line + 15);
        line = strstr(line, "\r\n") + 2;
    }
    return 0;
}

struct connection {
    int descriptor;
    size_t have;
    struct text own;
    char request[65536];
};

/* Appends received data; 0 if the connection has ended. */
static int receive(struct connection *connection)
{
    ssize_t more;

    do {
        more = recv(connection->descriptor, connection->request + connection->have,
                    sizeof connection->request - 1 - connection->have, 0);
    } while (more < 0 && errno == EINTR);
    if (more <= 0) return 0;
    connection->have += (size_t)more;
    connection->request[connection->have] = 0;
    return 1;
}

enum outcome { ANSWERED, OVER, TAKES_TIME };

/*
 * Answers all complete requests. A request with a delay is answered only if may_take_time. A request that is too long
 * ends the connection.
 */
static enum outcome answer_all(struct connection *connection, int may_take_time)
{
    char *request = connection->request, *end;
    size_t total;

    while (connection->have > 0 && (end = strstr(request, "\r\n\r\n")) != NULL) {
        total = (size_t)(end + 4 - request) + body_length(request, end + 4);
        if (connection->have < total) break;
        if (!may_take_time && starts(request, "GET /pages-")) return TAKES_TIME;
        answer(connection->descriptor, request, &connection->own);
        memmove(request, request + total, connection->have - total + 1);
        connection->have -= total;
    }
    return connection->have == sizeof connection->request - 1 ? OVER : ANSWERED;
}

static void end(struct connection *connection)
{
    close(connection->descriptor);
    free(connection->own.bytes);
    free(connection);
}

/* Thread that serves one connection. */
static void *serve_alone(void *argument)
{
    struct connection *connection = argument;

    while (answer_all(connection, 1) == ANSWERED && receive(connection)) continue;
    end(connection);
    return NULL;
}

static void start(void *(*run)(void *), void *argument)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, run, argument) != 0) die("a thread");
    pthread_detach(thread);
}

/* Thread that serves many connections. */
static void *serve_many(void *argument)
{
    struct epoll_event ready[64];
    int poll = *(int *)argument, count, at;

    for (;;) {
        count = epoll_wait(poll, ready, sizeof ready / sizeof *ready, -1);
        if (count < 0 && errno != EINTR) return NULL;
        for (at = 0; at < count; at++) {
            struct connection *connection = ready[at].data.ptr;
            enum outcome outcome = receive(connection) ? answer_all(connection, 0) : OVER;

            if (outcome == ANSWERED) continue;
            if (outcome == OVER) {
                end(connection);
                continue;
            }
            epoll_ctl(poll, EPOLL_CTL_DEL, connection->descriptor, NULL);
            start(serve_alone, connection);
        }
    }
}

static void *end_with_input(void *unused)
{
    (void)unused;
    while (getchar() != EOF) {
    }
    exit(0);
}

int main(int argc, char **argv)
{
    static int polls[MAX_WORKERS];
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, workers = argc > 1 ? atoi(argv[1]) : 1, at;

    if (workers < 1 || workers > MAX_WORKERS) workers = 1;
    make_responses();
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 256) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        die("listening");
    start(end_with_input, NULL);
    for (at = 0; at < workers; at++) {
        polls[at] = epoll_create1(0);
        if (polls[at] < 0) die("epoll");
        start(serve_many, &polls[at]);
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (at = 0;; at = (at + 1) % workers) {
        struct connection *connection = malloc(sizeof *connection);
        struct epoll_event event;

        if (connection == NULL) die("malloc");
        connection->have = 0;
        connection->own.bytes = NULL;
        connection->descriptor = accept(listener, NULL, NULL);
        if (connection->descriptor < 0) die("accept");
        setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        event.events = EPOLLIN;
        event.data.ptr = connection;
        if (epoll_ctl(polls[at], EPOLL_CTL_ADD, connection->descriptor, &event) != 0) die("epoll");
    }
}
