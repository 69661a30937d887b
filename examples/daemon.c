/* Creates links for tickets: daemon < TICKETS. For each line "TICKET VISITOR AGENT" it prints "TICKET ok LINK", or why
 * there is no link. The key is in UPSCOPE_API_KEY. SIGTERM ends it at once, whatever the service does. A link is a
 * password: pass the output to the help desk, and do not log it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "upscope.h"

struct job { char ticket[100], visitor[200], agent[100]; upscope_pending *pending; };
static int events[2], failed; /* events: a pipe with 'd' for each job that is done, and 's' to shut down */

static void notify(char event) { while (write(events[1], &event, 1) < 0 && errno == EINTR) continue; }
static void on_signal(int number) { int saved = errno; (void)number; notify('s'); errno = saved; }

/* Prints the result of a job. Runs on a thread of the library. */
static void done(void *user_data, upscope_status status, const char *json)
{
    struct job *job = user_data;
    const char *outcome = "failed"; /* also UPSCOPE_HTTP_ERROR, UPSCOPE_BAD_RESPONSE and UPSCOPE_INTERNAL */
    char *text = NULL, *delay = NULL;

    upscope_json_get(json, status == UPSCOPE_OK ? "/watch_url" : "/error/message", &text);
    upscope_json_get(json, "/error/retry_after_ms", &delay); /* NULL if the service did not ask for a delay */
    switch (status) {
    case UPSCOPE_OK: outcome = "ok"; break;
    case UPSCOPE_INVALID_ARGUMENT: case UPSCOPE_NOT_FOUND: case UPSCOPE_CONFLICT: outcome = "rejected"; break;
    case UPSCOPE_RATE_LIMITED: case UPSCOPE_SERVER_ERROR: case UPSCOPE_TIMEOUT: case UPSCOPE_CONNECTION:
        outcome = "retry"; break; /* the library has already retried; a second link does no harm */
    case UPSCOPE_CANCELLED: outcome = "cancelled"; break; /* keep the ticket for the next start */
    case UPSCOPE_UNAUTHORIZED: case UPSCOPE_PAYMENT_REQUIRED: failed = 1; notify('s'); /* all calls will fail */
    }
    printf("%s %s %s%s%s\n", job->ticket, outcome, delay ? delay : "", delay ? " ms: " : "", text ? text : "");
    upscope_string_free(text);
    upscope_string_free(delay);
    upscope_pending_free(job->pending);
    free(job);
    notify('d');
}
static void start(const upscope_client *client, struct job *job)
{
    const char *fields[] = {"visitor_id", job->visitor, "agent.id", job->agent, "metadata.ticket", job->ticket, NULL};
    char *request, *error = NULL;
    upscope_status status = upscope_json_build("create_watch_url", fields, &request);

    if (status == UPSCOPE_OK)
        status = upscope_start(client, "create_watch_url", request, done, job, &job->pending, &error);
    if (status != UPSCOPE_OK) done(job, status, error ? error : request);
    upscope_string_free(request);
    upscope_string_free(error);
}
int main(void)
{
    struct sigaction action = {.sa_handler = on_signal}; /* without SA_RESTART, a signal ends a wait for input */
    struct pollfd waits[2] = {{.events = POLLIN}, {.events = POLLIN}};
    char line[500], event, *error;
    int reading = 1, running = 0;
    upscope_client *client;

    setvbuf(stdin, NULL, _IONBF, 0); /* poll does not know what stdio has read ahead */
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (pipe(events) || sigaction(SIGTERM, &action, NULL) || sigaction(SIGINT, &action, NULL)) return 2;
    if (upscope_client_new(NULL, &client, &error) != UPSCOPE_OK) return fprintf(stderr, "%s\n", error), 2;
    for (waits[1].fd = events[0]; reading || running > 0;) {
        waits[0].fd = reading && running < 32 ? STDIN_FILENO : -1;
        if (poll(waits, 2, -1) < 0) continue; /* a signal */
        if (waits[1].revents && read(events[0], &event, 1) == 1) {
            if (event == 'd') running--;
            else reading = 0, upscope_client_close(client); /* running calls end with UPSCOPE_CANCELLED */
        } else if (waits[0].revents && (reading = fgets(line, sizeof line, stdin) != NULL)) {
            struct job *job = calloc(1, sizeof *job);
            if (!job || sscanf(line, "%99s %199s %99s", job->ticket, job->visitor, job->agent) < 1) free(job);
            else running++, start(client, job);
        }
    }
    upscope_client_free(client);
    return failed;
}
