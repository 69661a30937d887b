/* Prints the versions of the libraries that the C programs are compared with. */

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdio.h>

int main(void)
{
    printf("libcurl %s\n", curl_version_info(CURLVERSION_NOW)->version);
    printf("cJSON %s\n", cJSON_Version());
    return 0;
}
