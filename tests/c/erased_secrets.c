/* Nothing is left in memory of a key and of a watch link once the client and the answer are freed. */

#include "memory_search.h"
#include "sandbox.h"

int main(int argc, char **argv)
{
    char config[1000], text[600], request[700], *of_environment = getenv("UPSCOPE_API_KEY"), *answer, *link;
    struct needle key, token;
    upscope_client *client;

    (void)argc;
    CHECK(of_environment != NULL, "no key");
    key = take(of_environment, strlen(of_environment));
    put(text, &key);
    snprintf(config, sizeof config, "{\"api_key\": \"%s\", \"base_url\": \"%s\"}", text,
             sandbox_place("UPSCOPE_BASE_URL"));
    client = client_of(config);
    memset(text, 0, sizeof text);
    memset(config, 0, sizeof config);
    CHECK(found_in_memory(&key) > 0, "the search finds nothing");

    answer = call_well(client, "list_visitors", "{\"max_results\": 1}");
    json_text(json_pick(answer, "visitors.0.short_id"), text, sizeof text);
    upscope_string_free(answer);
    snprintf(request, sizeof request, "{\"visitor_id\": \"%s\", \"agent\": {\"id\": \"1\"}}", text);
    answer = call_well(client, "create_watch_url", request);
    json_text(json_pick(answer, "watch_url"), text, sizeof text);
    /* Its end tells one link from another. */
    link = strlen(text) > 30 ? text + strlen(text) - 30 : text;
    token = take(link, strlen(link));
    memset(text, 0, sizeof text);
    CHECK(token.length == 30 && found_in_memory(&token) > 0, "the search finds nothing");
    upscope_string_free(answer);
    upscope_client_free(client);

    CHECK(found_in_memory(&key) == 0, "%d times the key", found_in_memory(&key));
    CHECK(found_in_memory(&token) == 0, "%d times the link", found_in_memory(&token));
    return checks_end(argv[0], 10);
}
