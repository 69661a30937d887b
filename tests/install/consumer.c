/* A program that uses the installed library. It checks that header and library have the same version, and makes a call. */

#include <stdio.h>
#include <string.h>
#include <upscope.h>

int main(void)
{
    upscope_client *client;
    char *json;
    upscope_status status;

    if (strcmp(upscope_version(), UPSCOPE_VERSION) != 0) {
        printf("the header has version %s, the library %s\n", UPSCOPE_VERSION, upscope_version());
        return 1;
    }
    status = upscope_client_new(NULL, &client, &json);
    if (status == UPSCOPE_OK) status = upscope_get_usage(client, NULL, &json);
    printf("%s: %.60s\n", upscope_status_name(status), json);
    upscope_string_free(json);
    upscope_client_free(client);
    return status == UPSCOPE_OK ? 0 : 1;
}
