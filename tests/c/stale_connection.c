/* An idle connection that the server has closed is not used again: a POST is sent once and succeeds. */

#include "sandbox.h"

enum { ROUNDS = 20 };

/* The number of POSTs that the service received. */
static int posts(void)
{
    char *journal = sandbox_control("GET", "/requests", NULL);
    const char *at = journal;
    int count = 0;

    while (at != NULL && (at = strstr(at, "\"POST\"")) != NULL) {
        count++;
        at++;
    }
    upscope_string_free(journal);
    return count;
}

int main(int argc, char **argv)
{
    upscope_client *client = sandbox_client("sandbox-key", ", \"max_retries\": 0");
    int i;

    (void)argc;
    sandbox_set("/reset", NULL);
    sandbox_set("/visitors", "{\"short_id\": \"V\", \"is_online\": true}");
    for (i = 0; i < ROUNDS; i++) {
        sandbox_set("/faults", "[{\"drop\": \"after_response\"}]");
        upscope_string_free(call_ok(client, "get_usage", NULL));
        /* This uses another connection. When it returns, the server has closed the first one. */
        CHECK(posts() == i, "%d POSTs before round %d", posts(), i);
        upscope_string_free(call_ok(client, "create_watch_url",
                                      "{\"visitor_id\": \"V\", \"agent\": {\"id\": \"1\"}}"));
        CHECK(posts() == i + 1, "%d POSTs after round %d", posts(), i);
    }
    upscope_client_free(client);
    return checks_end(argv[0], 6 * ROUNDS);
}
