/* A use after free that AddressSanitizer must find. The read is in the library. */

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
    printf("the use after free was not found\n");
    return 0;
}
