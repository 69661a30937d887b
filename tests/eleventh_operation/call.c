#include <stdio.h>
#include "upscope.h"

int main(void)
{
    upscope_client *client;
    char *json;
    upscope_status status = upscope_client_new(NULL, &client, &json);
    if (status == UPSCOPE_OK) {
        status = upscope_rename_visitor(client, "{\"visitor_id\":\"1234\",\"name\":\"Ann Lee\",\"renamer\":{\"id\":\"7\"},"
                                                "\"reason\":\"She asked for it.\"}", &json);
    }
    puts(json);
    upscope_string_free(json);
    upscope_client_free(client);
    return (int)status;
}
