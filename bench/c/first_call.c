/* A short program with one call over TLS, which reads the system's roots: first_call BASE_URL */

#include "measure.h"

int main(int argc, char **argv)
{
    upscope_client *client;
    char config[300], *json;

    if (argc != 2) fail("usage", "first_call BASE_URL");
    snprintf(config, sizeof config, "{\"api_key\": \"bench-key\", \"base_url\": \"%s\", \"proxy\": \"\"}", argv[1]);
    if (upscope_client_new(config, &client, &json) != UPSCOPE_OK) fail("no client", json);
    if (upscope_get_usage(client, NULL, &json) != UPSCOPE_OK) fail("no response", json);
    upscope_string_free(json);
    upscope_client_free(client);
    return 0;
}
