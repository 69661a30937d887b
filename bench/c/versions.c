/* Names the libraries that the programs in C are measured beside. */

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdio.h>

int main(void)
{
    printf("libcurl %s\n", curl_version_info(CURLVERSION_NOW)->version);
    printf("cJSON %s\n", cJSON_Version());
    return 0;
}
