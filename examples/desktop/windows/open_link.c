#include "open_link.h"

#include <objbase.h>
#include <shellapi.h>
#include <string.h>

#include "text.h"

struct opening {
    HWND window;
    WCHAR link[2000];
};

static void forget(struct opening *opening)
{
    SecureZeroMemory(opening, sizeof *opening);
    HeapFree(GetProcessHeap(), 0, opening);
}

static DWORD WINAPI open_there(void *data)
{
    struct opening *opening = data;
    HWND window = opening->window;
    INT_PTR result;

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE);
    result = (INT_PTR)ShellExecuteW(NULL, L"open", opening->link, NULL, NULL, SW_SHOWNORMAL);
    forget(opening);
    CoUninitialize();
    PostMessageW(window, WM_LINK_OPENED, result > 32, 0);
    return 0;
}

void open_link(HWND window, const char *link)
{
    struct opening *opening = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof *opening);
    HANDLE thread = NULL;

    if (opening != NULL) {
        opening->window = window;
        MultiByteToWideChar(CP_UTF8, 0, link, -1, opening->link, sizeof opening->link / sizeof(WCHAR));
        /* With other schemes, the shell could start a program. */
        if (wcsncmp(opening->link, L"https://", 8) == 0 || wcsncmp(opening->link, L"http://", 7) == 0) {
            thread = CreateThread(NULL, 0, open_there, opening, 0, NULL);
        }
        if (thread == NULL) forget(opening);
    }
    if (thread == NULL) {
        PostMessageW(window, WM_LINK_OPENED, FALSE, 0);
    } else {
        CloseHandle(thread);
    }
}
