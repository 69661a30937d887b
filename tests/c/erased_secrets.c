/* After the client and the responses are freed, memory contains neither the API key nor the watch link. */

#include "memory_search.h"
#include "sandbox.h"

int main(int argc, char **argv)
{
    char config[1000], text[600], request[700], *environment_key = getenv("UPSCOPE_API_KEY"), *response, *link;
    struct needle key, token;
    upscope_client *client;

    (void)argc;
    CHECK(environment_key != NULL, "no UPSCOPE_API_KEY");
    key = mask_and_overwrite(environment_key, strlen(environment_key));
    unmask(text, &key);
    snprintf(config, sizeof config, "{\"api_key\": \"%s\", \"base_url\": \"%s\"}", text,
             sandbox_variable("UPSCOPE_BASE_URL"));
    client = client_of(config);
    memset(text, 0, sizeof text);
    memset(config, 0, sizeof config);
    CHECK(found_in_memory(&key) > 0, "the search finds nothing");

    response = call_ok(client, "list_visitors", "{\"max_results\": 1}");
    json_text(response, "/visitors/0/short_id", text, sizeof text);
    upscope_string_free(response);
    snprintf(request, sizeof request, "{\"visitor_id\": \"%s\", \"agent\": {\"id\": \"1\"}}", text);
    response = call_ok(client, "create_watch_url", request);
    json_text(response, "/watch_url", text, sizeof text);
    /* The end of the link is unique. */
    link = strlen(text) > 30 ? text + strlen(text) - 30 : text;
    token = mask_and_overwrite(link, strlen(link));
    memset(text, 0, sizeof text);
    CHECK(token.length == 30 && found_in_memory(&token) > 0, "the search finds nothing");
    upscope_string_free(response);
    upscope_client_free(client);

    CHECK(found_in_memory(&key) == 0, "the key %d times", found_in_memory(&key));
    CHECK(found_in_memory(&token) == 0, "the link %d times", found_in_memory(&token));
    return checks_end(argv[0], 10);
}
