/* A program that statically links libupscope and another Rust library. */

#include <stdint.h>
#include <stdio.h>
#include <upscope.h>

int32_t upscope_other_catches_a_panic(void);

int main(void)
{
    upscope_client *client;
    char *json;
    upscope_status status;

    if (upscope_other_catches_a_panic() != 1) {
        puts("the other library's panic was not caught");
        return 1;
    }
    status = upscope_client_new(NULL, &client, &json);
    if (status == UPSCOPE_OK) status = upscope_get_usage(client, NULL, &json);
    printf("%s: %.60s\n", upscope_status_name(status), json);
    upscope_string_free(json);
    upscope_client_free(client);
    return status == UPSCOPE_OK ? 0 : 1;
}
