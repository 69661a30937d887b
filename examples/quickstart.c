/* Finds a visitor by lookup code: UPSCOPE_API_KEY=... ./quickstart 1234 */

#include <stdio.h>
#include "upscope.h"

static int failed(upscope_status status, char *error)
{
    fprintf(stderr, "%s: %s\n", upscope_status_name(status), error); /* {"error": {"message": ... */
    upscope_string_free(error);
    return 1;
}

int main(int argc, char **argv)
{
    const char *fields[] = {"search", argv[1], "max_results", "1", NULL};
    upscope_client *client;
    upscope_status status;
    char *request, *json, *id;

    if (argc < 2) return 2;
    status = upscope_client_new(NULL, &client, &json); /* the key comes from UPSCOPE_API_KEY */
    if (status != UPSCOPE_OK) return failed(status, json);

    status = upscope_json_build("list_visitors", fields, &request); /* {"search": "1234", "max_results": 1} */
    if (status != UPSCOPE_OK) return failed(status, request);
    status = upscope_list_visitors(client, request, &json); /* {"status": "ok", "visitors": [{"short_id": ... */
    if (status != UPSCOPE_OK) return failed(status, json);

    status = upscope_json_get(json, "/visitors/0/short_id", &id);
    puts(status == UPSCOPE_OK ? id : "no visitor has this code"); /* else UPSCOPE_ABSENT */
    upscope_string_free(id);
    upscope_string_free(json);
    upscope_string_free(request);
    upscope_client_free(client);
    return 0;
}
