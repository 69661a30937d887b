#include "probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define TICK_MS 10
#define TICKS_A_LINE 20
#define MOST_PLACES 32

static FILE *file;
static double last_tick, worst;
static int ticks, draws;

static double milliseconds(void)
{
    static LARGE_INTEGER frequency;
    LARGE_INTEGER now;

    if (frequency.QuadPart == 0) QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&now);
    return (double)now.QuadPart * 1000.0 / (double)frequency.QuadPart;
}

static void CALLBACK tick(HWND window, UINT message, UINT_PTR id, DWORD time)
{
    double now = milliseconds(), late = now - last_tick - TICK_MS;

    (void)window;
    (void)message;
    (void)id;
    (void)time;
    if (late > worst) worst = late;
    last_tick = now;
    if (++ticks == TICKS_A_LINE) {
        probe_event("ticks %d worst %.1f draws %d", ticks, worst, draws);
        ticks = draws = 0;
        worst = 0;
    }
}

void probe_open(const WCHAR *name)
{
    file = _wfopen(name, L"wb");
    last_tick = milliseconds();
    if (file != NULL) SetTimer(NULL, 0, TICK_MS, tick);
}

void probe_close(void)
{
    if (file != NULL) fclose(file);
    file = NULL;
}

/* Only the conversions that are used here, because %ls of the C runtime converts to a code page. */
void probe_event(const char *format, ...)
{
    char utf8[4000], piece[64];
    const char *at;
    va_list values;

    if (file == NULL) return;
    fprintf(file, "%.1f ", milliseconds());
    va_start(values, format);
    for (at = format; *at != '\0'; at++) {
        if (*at != '%') {
            fputc(*at, file);
        } else if (strncmp(at, "%ls", 3) == 0) {
            text_to_utf8(va_arg(values, const WCHAR *), utf8, sizeof utf8);
            /* Each event is one line. */
            while (utf8[strcspn(utf8, "\r\n")] != '\0') utf8[strcspn(utf8, "\r\n")] = ' ';
            fputs(utf8, file);
            at += 2;
        } else if (at[1] == 's') {
            fputs(va_arg(values, const char *), file);
            at++;
        } else if (at[1] == 'd') {
            snprintf(piece, sizeof piece, "%d", va_arg(values, int));
            fputs(piece, file);
            at++;
        } else if (strncmp(at, "%.1f", 4) == 0) {
            snprintf(piece, sizeof piece, "%.1f", va_arg(values, double));
            fputs(piece, file);
            at += 3;
        }
    }
    va_end(values);
    fputc('\n', file);
    fflush(file);
}

void probe_position(HWND window, const char *name)
{
    static struct {
        HWND window;
        RECT rect;
        BOOL visible;
    } known[MOST_PLACES];
    RECT rect;
    BOOL visible = IsWindowVisible(window);
    int i;

    if (file == NULL) return;
    GetWindowRect(window, &rect);
    for (i = 0; i < MOST_PLACES && known[i].window != NULL && known[i].window != window; i++) continue;
    if (i == MOST_PLACES) return;
    if (known[i].window != NULL && known[i].visible == visible && EqualRect(&known[i].rect, &rect)) return;
    known[i].window = window;
    known[i].rect = rect;
    known[i].visible = visible;
    if (visible) {
        probe_event("position %s %d %d %d %d", name, (int)rect.left, (int)rect.top, (int)(rect.right - rect.left),
                    (int)(rect.bottom - rect.top));
    } else {
        probe_event("position %s hidden", name);
    }
}

void probe_shown(void)
{
    FILETIME created, ended, kernel, user, now;
    ULARGE_INTEGER from, to;

    GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user);
    GetSystemTimeAsFileTime(&now);
    from.LowPart = created.dwLowDateTime;
    from.HighPart = created.dwHighDateTime;
    to.LowPart = now.dwLowDateTime;
    to.HighPart = now.dwHighDateTime;
    probe_event("shown after %d", (int)((to.QuadPart - from.QuadPart) / 10000));
}

void probe_draw(void)
{
    draws++;
}

void probe_key(const MSG *message)
{
    if (file == NULL || message->message != WM_KEYDOWN) return;
    probe_event("key %d late %d", (int)message->wParam, (int)(GetTickCount() - message->time));
}
