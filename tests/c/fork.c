/* A child process can use its parent's client, and never uses the parent's connections, even if another thread was in a
 * call during the fork. */

#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox.h"

enum { CALLS = 50, CHILDREN = 8, FIRST_CALLS = 300 };

static upscope_client *client;
static volatile int stop;

/* Each process asks for its own visitor, so that a response to another process is noticed. */
static int ask(const char *who, int times)
{
    char request[100], expected[100];
    int i, wrong = 0;

    snprintf(request, sizeof request, "{\"visitor_id\": \"%s\"}", who);
    snprintf(expected, sizeof expected, "\"%s\"", who);
    for (i = 0; i < times; i++) {
        char *answer = NULL;
        if (upscope_get_visitor(client, request, &answer) != UPSCOPE_OK || strstr(answer, expected) == NULL) {
            printf("%s: %s\n", who, shown(answer));
            wrong++;
        }
        upscope_string_free(answer);
    }
    return wrong;
}

static void *keep_asking(void *wrong)
{
    while (!stop) *(int *)wrong += ask("parent", 1);
    return NULL;
}

static void *ask_once(void *unused)
{
    ask("parent", 1);
    return unused;
}

/* The process forks while another thread is connecting for the first time. */
static void a_fork_during_the_first_call(void)
{
    volatile int spin;
    int i, status, failed = 0;

    for (i = 0; i < FIRST_CALLS; i++) {
        pthread_t thread;
        pid_t child;
        client = sandbox_client("sandbox-key", "");
        pthread_create(&thread, NULL, ask_once, NULL);
        /* Delays the fork a little more each time, up to about 0.1 ms. */
        for (spin = 0; spin < i * 200; spin++) continue;
        child = fork();
        if (child == 0) {
            alarm(20);
            _exit(ask("parent", 1));
        }
        failed += waitpid(child, &status, 0) != child || status != 0;
        pthread_join(thread, NULL);
        upscope_client_free(client);
    }
    CHECK(failed == 0, "%d children failed or hung", failed);
}

struct slow_call {
    upscope_status status;
    char *json;
};

static void *ask_slowly(void *argument)
{
    struct slow_call *call = (struct slow_call *)argument;

    call->status = upscope_get_usage(client, NULL, &call->json);
    return NULL;
}

/* A child closes the client while a thread of its parent waits for a response. */
static void closing_in_a_child_leaves_the_parent_alone(void)
{
    struct slow_call call = {0};
    char *journal = NULL;
    pthread_t thread;
    pid_t child;
    int status = -1, arrived = 0;

    client = sandbox_client("sandbox-key", ", \"max_retries\": 0");
    CHECK(ask("parent", 1) == 0, "see above");
    sandbox_set("/faults", "[{\"delay_ms\": 500}]");
    pthread_create(&thread, NULL, ask_slowly, &call);
    while (!arrived) {
        journal = sandbox_control("GET", "/requests", NULL);
        arrived = strstr(journal, "/usage") != NULL;
        upscope_string_free(journal);
    }
    child = fork();
    if (child == 0) {
        char *json = NULL;
        alarm(20);
        if (ask("parent", 1) != 0) _exit(1);
        upscope_client_close(client);
        _exit(upscope_get_usage(client, NULL, &json) == UPSCOPE_CANCELLED ? 0 : 2);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0, "%d", status);
    pthread_join(thread, NULL);
    CHECK(call.status == UPSCOPE_OK, "%s", shown(call.json));
    upscope_string_free(call.json);
    CHECK(ask("parent", 1) == 0, "see above");
    /* A closed client is closed in a child, too. */
    upscope_client_close(client);
    child = fork();
    if (child == 0) {
        char *json = NULL;
        alarm(20);
        _exit(upscope_get_usage(client, NULL, &json) == UPSCOPE_CANCELLED ? 0 : 2);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0, "%d", status);
    upscope_client_free(client);
}

int main(int argc, char **argv)
{
    pthread_t threads[4];
    int wrong[4] = {0}, i, status;
    pid_t children[CHILDREN];

    (void)argc;
    client = sandbox_client("sandbox-key", "");
    sandbox_set("/visitors", "{\"short_id\": \"parent\"}");
    for (i = 0; i < CHILDREN; i++) {
        char visitor[60];
        snprintf(visitor, sizeof visitor, "{\"short_id\": \"child-%d\"}", i);
        sandbox_set("/visitors", visitor);
    }
    CHECK(ask("parent", 1) == 0, "see above");
    for (i = 0; i < 4; i++) pthread_create(&threads[i], NULL, keep_asking, &wrong[i]);
    for (i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            char who[40];
            snprintf(who, sizeof who, "child-%d", i);
            /* Ends a child that hangs, which the parent notices. */
            alarm(20);
            status = ask(who, CALLS) == 0 ? 0 : 1;
            upscope_client_free(client);
            fflush(stdout);
            _exit(status);
        }
    }
    for (i = 0; i < CHILDREN; i++) {
        status = -1;
        CHECK(children[i] > 0 && waitpid(children[i], &status, 0) == children[i], "no child %d", i);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child %d: %d", i, status);
    }
    stop = 1;
    for (i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        CHECK(wrong[i] == 0, "%d wrong answers", wrong[i]);
    }
    CHECK(ask("parent", 1) == 0, "see above");
    upscope_client_free(client);
    a_fork_during_the_first_call();
    closing_in_a_child_leaves_the_parent_alone();
    return checks_end(argv[0], 600);
}
