/* upscope_connection_info says how the service is reached, and contains no secret. */

#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>

#include "call_checks.h"

/* Checks that the JSON has these parts, and none of the secrets of this test. */
static void check_info(const char *config, const char *const *parts)
{
    static const char *const secrets[] = {"sk_live_12345678", "pr0xy-s3cret", "pr0xy-user", "X-Api-Key"};
    upscope_client *client = client_of(config);
    char *json = UNSET;
    size_t i;

    CHECK(upscope_connection_info(client, &json) == UPSCOPE_OK && json != NULL && json != UNSET, "no JSON");
    for (; *parts != NULL; parts++) CHECK(strstr(json, *parts) != NULL, "%s in %s", *parts, json);
    for (i = 0; i < sizeof secrets / sizeof *secrets; i++) CHECK(strstr(json, secrets[i]) == NULL, "%s", json);
    upscope_string_free(json);
    upscope_client_free(client);
}

int main(int argc, char **argv)
{
    static const char *const direct[] = {
        "{\"base_url\":\"https://desk.example/api\",\"proxy\":null,\"proxy_reason\":\"the configuration's proxy is empty\",",
        "\"roots\":\"the operating system's store\"}", NULL};
    static const char *const configured[] = {"\"proxy\":\"http://proxy.example:8080\"", "the configuration's proxy", NULL};
    static const char *const environment[] = {"\"proxy\":\"socks5://127.0.0.1:1080\"", "variable ALL_PROXY", NULL};
    static const char *const exempt[] = {"\"proxy\":null", "NO_PROXY exempts desk.example", NULL};
    static const char *const in_url[] = {"\"base_url\":\"https://desk.example/", NULL};
    static const char *const roots[] = {"\"roots\":\"SSL_CERT_FILE=/caf\\u00e9.pem", NULL};
    static const char *const variables[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy",
                                            "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"};
    upscope_client *client;
    upscope_status status;
    char *json = UNSET;
    size_t i;

    (void)argc;
    for (i = 0; i < sizeof variables / sizeof *variables; i++) unsetenv(variables[i]);
    check_info("{\"api_key\": \"sk_live_12345678\", \"base_url\": \"https://desk.example/api/\", \"proxy\": \"\"}", direct);
    check_info("{\"api_key\": \"sk_live_12345678\", \"base_url\": \"https://desk.example\","
               " \"proxy\": \"http://pr0xy-user:pr0xy-s3cret@proxy.example:8080\"}", configured);
    setenv("ALL_PROXY", "socks5://pr0xy-user:pr0xy-s3cret@127.0.0.1:1080", 1);
    check_info("{\"api_key\": \"sk_live_12345678\", \"base_url\": \"https://desk.example\"}", environment);
    setenv("NO_PROXY", "desk.example", 1);
    check_info("{\"api_key\": \"sk_live_12345678\", \"base_url\": \"https://desk.example\"}", exempt);
    check_info("{\"api_key\": \"sk_live_12345678\", \"base_url\": \"https://desk.example/sk_live_12345678\"}", in_url);
    setenv("SSL_CERT_FILE", "/caf\xC3\xA9.pem", 1);
    check_info("{\"api_key\": \"sk_live_12345678\", \"proxy\": \"\", \"ascii_json\": true}", roots);

    client = client_of("{\"api_key\": \"sk_live_12345678\"}");
    status = upscope_connection_info(NULL, &json);
    check_error(status, json, UPSCOPE_INVALID_ARGUMENT, "client", "no client");
    CHECK(upscope_connection_info(client, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
    CHECK(upscope_connection_info(NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "a different status");
    upscope_client_free(client);
    return checks_end(argv[0], 40);
}
