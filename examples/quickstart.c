/* Finds a visitor by lookup code: UPSCOPE_API_KEY=... ./quickstart 1234 */

#include <stdio.h>
#include "upscope.h"

int main(int argc, char **argv)
{
    upscope_client *client;
    upscope_status status;
    char request[64], *json;
    int code = 0;

    if (argc < 2 || sscanf(argv[1], "%4d", &code) != 1) return 2;
    snprintf(request, sizeof request, "{\"search\": \"%04d\", \"max_results\": 1}", code);

    status = upscope_client_new(NULL, &client, &json); /* the key comes from UPSCOPE_API_KEY */
    if (status == UPSCOPE_OK) {
        status = upscope_list_visitors(client, request, &json);
    }
    if (status == UPSCOPE_OK) {
        puts(json); /* {"status": "ok", "visitors": [{"short_id": ... */
    } else {
        fprintf(stderr, "%s: %s\n", upscope_status_name(status), json); /* {"error": {"message": ... */
    }
    upscope_string_free(json);
    upscope_client_free(client);
    return status == UPSCOPE_OK ? 0 : 1;
}
