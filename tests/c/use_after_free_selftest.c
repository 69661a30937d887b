/* To be found by AddressSanitizer: a client is used after it was freed. The read is in the library, not here. */

#include "call_checks.h"

int main(void)
{
    upscope_client *client = NULL;
    char *json = NULL;

    if (upscope_client_new("{\"api_key\": \"key\", \"base_url\": \"http://127.0.0.1:1\"}", &client, &json) != UPSCOPE_OK) {
        return 2;
    }
    upscope_client_free(client);
    upscope_call(client, "get_usage", "{\"options\": {\"max_retries\": 0}}", &json);
    printf("a client was used after it was freed, and nobody noticed\n");
    return 0;
}
