/* A connection that the service has closed while it was idle is not used again: a creation on it is sent once, and
 * whoever made the call sees nothing of it. */

#include "sandbox.h"

enum { ROUNDS = 20 };

/* How many POSTs the service has had. */
static int creations(void)
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
        upscope_string_free(call_well(client, "get_usage", NULL));
        /* Meanwhile, on another connection: by then the end of the first one has come. */
        CHECK(creations() == i, "%d creations before the %dth", creations(), i);
        upscope_string_free(call_well(client, "create_watch_url",
                                      "{\"visitor_id\": \"V\", \"agent\": {\"id\": \"1\"}}"));
        CHECK(creations() == i + 1, "%d creations after the %dth", creations(), i);
    }
    upscope_client_free(client);
    return checks_end(argv[0], 6 * ROUNDS);
}
