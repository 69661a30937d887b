/* An agent console for Windows: finds visitors, opens their page in a browser, and shows the session history. */

#include <windows.h>

#include <commctrl.h>
#include <shellapi.h>
#include <stdlib.h>

#include "answers.h"
#include "probe.h"
#include "window.h"

static int show_setup(const char *error)
{
    static const WCHAR missing[] =
        L"This program needs your account's secret REST API key, which an administrator of the account finds in the "
        L"settings.\r\n\r\nIt is read from the environment variable UPSCOPE_API_KEY and is not stored.";
    struct failure failure;
    const WCHAR *text = missing;

    if (GetEnvironmentVariableW(L"UPSCOPE_API_KEY", NULL, 0) > 0) {
        read_failure(error, &failure);
        text = failure.message;
    }
    probe_event("setup %ls", text);
    MessageBoxW(NULL, text, L"Agent console", MB_OK | MB_ICONINFORMATION);
    return 1;
}

int WINAPI WinMain(HINSTANCE program, HINSTANCE before, LPSTR line, int how)
{
    INITCOMMONCONTROLSEX controls = {sizeof controls, ICC_STANDARD_CLASSES | ICC_LISTVIEW_CLASSES};
    upscope_client *client;
    char *error;
    int count, i, refresh_ms = 5000, code;
    WCHAR **words = CommandLineToArgvW(GetCommandLineW(), &count);

    (void)before;
    (void)line;
    (void)how;
    for (i = 1; i + 1 < count && words != NULL; i += 2) {
        if (lstrcmpW(words[i], L"--probe") == 0) probe_open(words[i + 1]);
        if (lstrcmpW(words[i], L"--refresh-ms") == 0) refresh_ms = _wtoi(words[i + 1]);
    }
    LocalFree(words);
    InitCommonControlsEx(&controls);
    if (upscope_client_new("{\"timeout_ms\": 15000, \"user_agent\": \"agent-console/1.0\"}", &client, &error) ==
        UPSCOPE_OK) {
        code = window_run(program, client, (UINT)(refresh_ms < 100 ? 100 : refresh_ms));
    } else {
        code = show_setup(error);
        upscope_string_free(error);
    }
    probe_event("closed");
    probe_close();
    return code;
}
