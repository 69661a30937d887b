/* A host loads the DLL at run time and frees it during a call. The DLL stays loaded, and the call ends normally. */

#include <windows.h>

#include <stdlib.h>

#include "check.h"
#include "upscope.h"

typedef upscope_status (*new_function)(const char *, upscope_client **, char **);
typedef upscope_status (*start_function)(const upscope_client *, const char *, const char *, upscope_done_fn, void *,
                                         upscope_pending **, char **);
typedef upscope_status (*wait_function)(upscope_pending *, uint32_t, char **);

int main(int argc, char **argv)
{
    HMODULE library = LoadLibraryA("upscope.dll");
    union { FARPROC found; new_function client_new; } client_new;
    union { FARPROC found; start_function start; } start;
    union { FARPROC found; wait_function wait; } wait;
    upscope_client *client = NULL;
    upscope_pending *pending = NULL;
    char *text = NULL;
    int i;

    (void)argc;
    client_new.found = GetProcAddress(library, "upscope_client_new");
    start.found = GetProcAddress(library, "upscope_start");
    wait.found = GetProcAddress(library, "upscope_pending_wait");
    CHECK(client_new.found != NULL && start.found != NULL && wait.found != NULL, "a function is missing");
    CHECK(client_new.client_new(NULL, &client, &text) == UPSCOPE_OK, "%s", shown(text));
    CHECK(start.start(client, "get_usage", NULL, NULL, NULL, &pending, &text) == UPSCOPE_OK, "%s", shown(text));
    for (i = 0; i < 5; i++) FreeLibrary(library);
    CHECK(GetModuleHandleA("upscope.dll") == library, "unloaded");
    CHECK(wait.wait(pending, 10000, &text) == UPSCOPE_OK, "%s", shown(text));
    /* Nothing is freed, as in hosts that unload a DLL. */
    return checks_end(argv[0], 5);
}
