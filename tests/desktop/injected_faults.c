/*
 * Faults for the Linux console, loaded before libupscope, to check that its tests find them.
 * BLOCKING: upscope_start blocks as long as a network call. LEAKING: no string is freed.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <time.h>

#include "upscope.h"

#ifdef BLOCKING
typedef upscope_status (*start_fn)(const upscope_client *, const char *, const char *, upscope_done_fn, void *,
                                   upscope_pending **, char **);

upscope_status upscope_start(const upscope_client *client, const char *operation, const char *request_json,
                             upscope_done_fn done, void *user_data, upscope_pending **pending, char **error_json)
{
    const struct timespec call = {0, 80 * 1000 * 1000};
    start_fn start;

    *(void **)&start = dlsym(RTLD_NEXT, "upscope_start");
    nanosleep(&call, NULL);
    return start(client, operation, request_json, done, user_data, pending, error_json);
}
#endif

#ifdef LEAKING
void upscope_string_free(char *string)
{
    (void)string;
}
#endif
