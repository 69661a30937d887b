#include "text.h"

static int is_high_surrogate(WCHAR unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static void copy(WCHAR *out, int size, const WCHAR *text)
{
    int used = 0;

    for (; used < size - 1 && text[used] != L'\0'; used++) out[used] = text[used];
    if (used > 0 && is_high_surrogate(out[used - 1])) used--;
    out[used] = L'\0';
}

void text_from_utf8(const char *utf8, WCHAR *out, int size)
{
    int units = MultiByteToWideChar(CP_UTF8, 0, utf8, -1, NULL, 0);
    WCHAR *whole;

    out[0] = L'\0';
    if (units <= size) {
        MultiByteToWideChar(CP_UTF8, 0, utf8, -1, out, size);
        return;
    }
    whole = HeapAlloc(GetProcessHeap(), 0, (SIZE_T)units * sizeof *whole);
    if (whole == NULL) return;
    MultiByteToWideChar(CP_UTF8, 0, utf8, -1, whole, units);
    copy(out, size, whole);
    HeapFree(GetProcessHeap(), 0, whole);
}

int text_to_utf8(const WCHAR *text, char *out, int size)
{
    if (WideCharToMultiByte(CP_UTF8, 0, text, -1, out, size, NULL, NULL) > 0) return 1;
    out[0] = '\0';
    return 0;
}

void text_append(WCHAR *text, int size, const WCHAR *more)
{
    int used = lstrlenW(text);

    copy(text + used, size - used, more);
}
