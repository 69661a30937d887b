/*
 * The same with libcurl, without parsing the response: first_call_libcurl BASE_URL
 *
 * SSL_CERT_FILE replaces the roots that libcurl was built with, so that both programs read the same file.
 */

#include "with_libcurl.h"

int main(int argc, char **argv)
{
    static struct curl_call call;
    const char *roots = getenv("SSL_CERT_FILE");
    char url[300];

    if (argc != 2) fail("usage", "first_call_libcurl BASE_URL");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    snprintf(url, sizeof url, "%s/usage", argv[1]);
    curl_open(&call, url, NULL);
    if (roots != NULL) curl_easy_setopt(call.easy, CURLOPT_CAINFO, roots);
    curl_perform(&call);
    curl_close(&call);
    curl_global_cleanup();
    return 0;
}
