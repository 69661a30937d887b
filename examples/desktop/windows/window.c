#include "window.h"

#include <math.h>
#include <string.h>

#include "console.h"
#include "controls.h"
#include "details.h"
#include "history.h"
#include "open_link.h"
#include "paint.h"
#include "probe.h"
#include "visitor_list.h"

/* TIMER_TYPING is 2. */
enum { TIMER_REFRESH = 1, TIMER_BUSY_SOON = 3, TIMER_SPIN = 4 };

/* Faster calls show no progress indicator. */
#define BUSY_AFTER_MS 200
#define SPIN_MS 80
#define SPOKES 8

static struct console console;
static HWND window, tab_visitors, tab_history, error_text, again, dismiss, status, busy, cancel;
static RECT header, error_band, body, status_band, spinner;
static int in_history, busy_shown, spin;

static void invalidate_all(void)
{
    RedrawWindow(window, NULL, NULL, RDW_INVALIDATE | RDW_ALLCHILDREN);
}

static int error_height(int width)
{
    RECT rect = {0, 0, width - paint_scaled(14 + 110 + 44 + 24 + 28), 0};
    WCHAR text[1000];
    HDC dc = GetDC(window);
    HGDIOBJ before = SelectObject(dc, paint_font(FONT_BODY));

    GetWindowTextW(error_text, text, sizeof text / sizeof *text);
    DrawTextW(dc, text, -1, &rect, DT_WORDBREAK | DT_CALCRECT | DT_NOPREFIX);
    SelectObject(dc, before);
    ReleaseDC(window, dc);
    return rect.bottom > paint_scaled(32) ? rect.bottom : paint_scaled(32);
}

static void layout(void)
{
    int pad = paint_scaled(14), height = paint_scaled(34), top, text, side = paint_scaled(340);
    int has_error = console.error_message[0] != L'\0';
    RECT client, rect;

    GetClientRect(window, &client);
    SetRect(&header, 0, 0, client.right, paint_scaled(54));
    top = (header.bottom - height) / 2;
    control_move(tab_visitors, client.right / 2 - paint_scaled(112), top, paint_scaled(108), height);
    control_move(tab_history, client.right / 2 + paint_scaled(4), top, paint_scaled(108), height);

    /* The error bar is at the bottom, where it only moves the lower edge of the lists. */
    SetRect(&status_band, 0, client.bottom - paint_scaled(42), client.right, client.bottom);
    text = has_error ? error_height(client.right) : 0;
    error_band = status_band;
    error_band.bottom = status_band.top;
    error_band.top = status_band.top - (has_error ? text + paint_scaled(20) : 0);
    control_move(error_text, pad + paint_scaled(28), error_band.top + paint_scaled(10),
               client.right - paint_scaled(14 + 110 + 44 + 24 + 28), text);
    top = (error_band.top + error_band.bottom - paint_scaled(30)) / 2;
    control_move(again, client.right - paint_scaled(14 + 36 + 106), top, paint_scaled(98), paint_scaled(30));
    control_move(dismiss, client.right - paint_scaled(14 + 30), top, paint_scaled(30), paint_scaled(30));
    ShowWindow(error_text, has_error ? SW_SHOWNA : SW_HIDE);
    ShowWindow(again, has_error && console.retryable ? SW_SHOWNA : SW_HIDE);
    ShowWindow(dismiss, has_error ? SW_SHOWNA : SW_HIDE);

    SetRect(&body, 0, header.bottom, client.right, error_band.top);
    rect = body;
    rect.right = side;
    /* Only the visible tab; the other one when it becomes visible. */
    if (in_history) {
        history_layout(&body);
    } else {
        visitor_list_layout(&rect);
        SetRect(&rect, side, body.top, body.right, body.bottom);
        details_layout(&rect);
    }

    top = status_band.top + paint_scaled(11);
    control_move(status, pad, top, client.right / 2, paint_scaled(20));
    control_move(cancel, client.right - pad - paint_scaled(84), status_band.top + paint_scaled(7), paint_scaled(84),
               paint_scaled(28));
    control_move(busy, client.right - pad - paint_scaled(84 + 12 + 160), top, paint_scaled(160), paint_scaled(20));
    SetRect(&spinner, client.right - pad - paint_scaled(84 + 12 + 160 + 26), status_band.top + paint_scaled(12),
            client.right - pad - paint_scaled(84 + 12 + 160 + 8), status_band.top + paint_scaled(30));
    probe_position(window, "window");
    probe_position(tab_visitors, "visitors-tab");
    probe_position(tab_history, "history-tab");
    probe_position(again, "again");
    probe_position(dismiss, "dismiss");
    probe_position(cancel, "cancel");
}

static void show_tab(int history)
{
    in_history = history;
    visitor_list_show(!history);
    details_show(!history);
    history_show(history);
    layout();
    invalidate_all();
    probe_event("tab %s", history ? "history" : "visitors");
    if (history && console.history == NULL) console_load_history(&console);
}

/* Callbacks of the console. */

static void show_notice(const WCHAR *notice)
{
    WCHAR read_back[TEXT_UNITS];

    control_set_text(status, notice);
    GetWindowTextW(status, read_back, TEXT_UNITS);
    probe_event("notice %ls", read_back);
}

static void visitors_changed(void)
{
    WCHAR text[100], time[40];
    int i, online = 0;

    visitor_list_update();
    for (i = 0; i < console.visitor_count; i++) online += console.visitors[i].online;
    GetTimeFormatW(LOCALE_USER_DEFAULT, 0, NULL, NULL, time, 40);
    wsprintfW(text, L"%d %s, %d online \x00B7 %s", console.visitor_count,
              console.visitor_count == 1 ? L"visitor" : L"visitors", online, time);
    control_set_text(status, text);
}

static void show_busy(int shown)
{
    const WCHAR *what = console_busy(&console);

    if (shown && what != NULL) control_set_text(busy, what);
    if (shown == busy_shown) return;
    busy_shown = shown;
    ShowWindow(busy, shown ? SW_SHOWNA : SW_HIDE);
    ShowWindow(cancel, shown ? SW_SHOWNA : SW_HIDE);
    if (shown) {
        SetTimer(window, TIMER_SPIN, SPIN_MS, NULL);
        probe_event("busy %ls", what);
    } else {
        KillTimer(window, TIMER_SPIN);
        probe_event("idle");
    }
    InvalidateRect(window, &status_band, FALSE);
    probe_position(cancel, "cancel");
}

static void busy_changed(void)
{
    static int soon;

    if (console_busy(&console) == NULL) {
        KillTimer(window, TIMER_BUSY_SOON);
        soon = 0;
        show_busy(0);
    } else if (busy_shown) {
        show_busy(1);
    } else if (!soon) {
        soon = 1;
        SetTimer(window, TIMER_BUSY_SOON, BUSY_AFTER_MS, NULL);
    }
}

static void error_changed(void)
{
    WCHAR read_back[1000];
    RECT changed;

    UnionRect(&changed, &error_band, &status_band);
    control_set_text(error_text, console.error_message);
    layout();
    UnionRect(&changed, &changed, &error_band);
    InvalidateRect(window, &changed, FALSE);
    GetWindowTextW(error_text, read_back, sizeof read_back / sizeof *read_back);
    if (console.error_message[0] != L'\0') {
        probe_event("error retryable %d %ls", console.retryable, read_back);
    } else {
        probe_event("no error");
    }
}

static void open_link_from_here(const char *link)
{
    open_link(window, link);
}

static const struct view view = {visitors_changed, details_update, history_update, busy_changed,
                                 error_changed,   show_notice,      open_link_from_here};

/* Messages of Windows. */

static void paint_spinner(HDC dc)
{
    double middle_x = (spinner.left + spinner.right) / 2.0, middle_y = (spinner.top + spinner.bottom) / 2.0;
    double radius = (spinner.right - spinner.left) / 2.0 - paint_scaled(3), turn = 6.283185307179586 / SPOKES;
    int i, half = paint_scaled(2);

    for (i = 0; i < SPOKES; i++) {
        int x = (int)(middle_x + radius * sin(turn * i) + 0.5), y = (int)(middle_y - radius * cos(turn * i) + 0.5);
        RECT dot = {x - half, y - half, x + half, y + half};
        paint_round(dc, &dot, half, COLOR_BRAND, 255 - 28 * ((spin - i + SPOKES) % SPOKES));
    }
    probe_draw();
}

static void paint_error_band(HDC dc)
{
    RECT mark = error_band, sign;

    paint_fill(dc, &error_band, COLOR_ERROR_BAR);
    mark.bottom = mark.top + 1;
    paint_fill(dc, &mark, RGB(243, 184, 178));
    sign.left = paint_scaled(14);
    sign.right = sign.left + paint_scaled(18);
    sign.top = (error_band.top + error_band.bottom - paint_scaled(18)) / 2;
    sign.bottom = sign.top + paint_scaled(18);
    paint_round(dc, &sign, paint_scaled(9), COLOR_BAD, 255);
    sign.left += (paint_scaled(18) - paint_text_width(dc, FONT_STRONG, L"!")) / 2;
    paint_text(dc, &sign, FONT_STRONG, COLOR_PAPER, L"!");
}

static void paint(void)
{
    PAINTSTRUCT painting;
    HDC screen = BeginPaint(window, &painting), dc;
    RECT client, edge;
    int width, height;
    HBITMAP picture;
    HGDIOBJ before;

    /* Double-buffered to avoid flicker; only the invalid area. */
    GetClientRect(window, &client);
    width = painting.rcPaint.right - painting.rcPaint.left;
    height = painting.rcPaint.bottom - painting.rcPaint.top;
    dc = CreateCompatibleDC(screen);
    picture = CreateCompatibleBitmap(screen, width, height);
    before = SelectObject(dc, picture);
    SetViewportOrgEx(dc, -painting.rcPaint.left, -painting.rcPaint.top, NULL);
    paint_fill(dc, &header, COLOR_BAND);
    SetRect(&edge, 0, header.bottom - 1, client.right, header.bottom);
    paint_fill(dc, &edge, COLOR_LINE);
    if (console.error_message[0] != L'\0') paint_error_band(dc);
    paint_fill(dc, &body, COLOR_PAPER);
    visitor_list_paint(dc);
    details_paint(dc);
    if (!in_history) {
        SetRect(&edge, paint_scaled(340) - 1, body.top, paint_scaled(340), body.bottom);
        paint_fill(dc, &edge, COLOR_LINE);
    }
    paint_fill(dc, &status_band, COLOR_BAND);
    SetRect(&edge, 0, status_band.top, client.right, status_band.top + 1);
    paint_fill(dc, &edge, COLOR_LINE);
    if (busy_shown) paint_spinner(dc);
    SetViewportOrgEx(dc, 0, 0, NULL);
    BitBlt(screen, painting.rcPaint.left, painting.rcPaint.top, width, height, dc, 0, 0, SRCCOPY);
    SelectObject(dc, before);
    DeleteObject(picture);
    DeleteDC(dc);
    EndPaint(window, &painting);
}

static void draw_error(const DRAWITEMSTRUCT *item)
{
    RECT rect = item->rcItem, needed = item->rcItem;
    WCHAR text[1000];
    HGDIOBJ before = SelectObject(item->hDC, paint_font(FONT_BODY));

    GetWindowTextW(item->hwndItem, text, sizeof text / sizeof *text);
    paint_fill(item->hDC, &rect, COLOR_ERROR_BAR);
    SetTextColor(item->hDC, RGB(127, 29, 29));
    SetBkMode(item->hDC, TRANSPARENT);
    DrawTextW(item->hDC, text, -1, &needed, DT_WORDBREAK | DT_CALCRECT | DT_NOPREFIX);
    rect.top += (rect.bottom - rect.top - (needed.bottom - needed.top)) / 2;
    DrawTextW(item->hDC, text, -1, &rect, DT_WORDBREAK | DT_NOPREFIX);
    SelectObject(item->hDC, before);
}

static void draw_item(const DRAWITEMSTRUCT *item)
{
    if (details_draw(item)) return;
    switch (item->CtlID) {
    case ID_VISITORS: visitor_list_draw(item); break;
    case ID_SESSIONS: history_draw(item); break;
    case ID_TAB_VISITORS: control_draw_button(item, in_history ? LOOK_TAB : LOOK_CHOSEN_TAB, COLOR_BAND); break;
    case ID_TAB_HISTORY: control_draw_button(item, in_history ? LOOK_CHOSEN_TAB : LOOK_TAB, COLOR_BAND); break;
    case ID_COUNT: control_draw_text(item, FONT_BODY, COLOR_DIM, COLOR_PAPER); break;
    case ID_MORE: control_draw_button(item, LOOK_PLAIN, COLOR_PAPER); break;
    case ID_ERROR_TEXT: draw_error(item); break;
    case ID_AGAIN:
    case ID_DISMISS: control_draw_button(item, LOOK_ERROR_BAR, COLOR_ERROR_BAR); break;
    case ID_STATUS: control_draw_text(item, FONT_SMALL, COLOR_DIM, COLOR_BAND); break;
    case ID_BUSY: control_draw_text(item, FONT_SMALL, COLOR_INK, COLOR_BAND); break;
    case ID_CANCEL: control_draw_button(item, LOOK_PLAIN, COLOR_BAND); break;
    }
}

static void cancel_now(void)
{
    if (!busy_shown) return;
    probe_event("cancel");
    console_cancel(&console);
}

static void command(int id, int what)
{
    switch (id) {
    case ID_SEARCH: if (what == EN_CHANGE) visitor_list_typed(); break;
    case IDOK: visitor_list_search_now(); break;
    case IDCANCEL:
    case ID_CANCEL: cancel_now(); break;
    case ID_START: console_start_cobrowsing(&console); break;
    case ID_STOP: console_stop_session(&console); break;
    case ID_MORE: console_load_history(&console); break;
    case ID_TAB_VISITORS: show_tab(0); break;
    case ID_TAB_HISTORY: show_tab(1); break;
    case ID_AGAIN: console_try_again(&console); break;
    case ID_DISMISS: console_dismiss(&console); break;
    case ID_RELOAD: console_reload(&console); break;
    case ID_FIND:
        if (in_history) show_tab(0);
        visitor_list_focus_search();
        break;
    }
}

static void timer(UINT_PTR id)
{
    switch (id) {
    case TIMER_REFRESH: console_refresh(&console); break;
    case TIMER_TYPING: visitor_list_search_now(); break;
    case TIMER_BUSY_SOON:
        KillTimer(window, TIMER_BUSY_SOON);
        show_busy(console_busy(&console) != NULL);
        break;
    case TIMER_SPIN:
        spin = (spin + 1) % SPOKES;
        InvalidateRect(window, &spinner, FALSE);
        break;
    }
}

static void create_children(void)
{
    visitor_list_create(window, &console);
    details_create(window, &console);
    history_create(window, &console);
    tab_visitors = control_button(window, ID_TAB_VISITORS, L"&Visitors");
    tab_history = control_button(window, ID_TAB_HISTORY, L"&History");
    error_text = control_text(window, ID_ERROR_TEXT, L"");
    again = control_button(window, ID_AGAIN, L"Try &again");
    dismiss = control_button(window, ID_DISMISS, L"\x00D7");
    status = control_text(window, ID_STATUS, L"");
    busy = control_text(window, ID_BUSY, L"");
    cancel = control_button(window, ID_CANCEL, L"&Cancel");
    ShowWindow(busy, SW_HIDE);
    ShowWindow(cancel, SW_HIDE);
}

static LRESULT CALLBACK handle(HWND handle, UINT message, WPARAM wide, LPARAM data)
{
    switch (message) {
    case WM_CREATE:
        window = handle;
        create_children();
        return 0;
    case WM_SIZE:
        if (wide == SIZE_MINIMIZED) return 0;
        layout();
        invalidate_all();
        return 0;
    case WM_GETMINMAXINFO:
        ((MINMAXINFO *)data)->ptMinTrackSize.x = paint_scaled(780);
        ((MINMAXINFO *)data)->ptMinTrackSize.y = paint_scaled(560);
        return 0;
    case WM_ERASEBKGND: return 1;
    case WM_PAINT: paint(); return 0;
    case WM_MEASUREITEM: {
        MEASUREITEMSTRUCT *item = (MEASUREITEMSTRUCT *)data;
        if (item->CtlID == ID_VISITORS) item->itemHeight = (UINT)visitor_list_row_height();
        if (item->CtlID == ID_SESSIONS) item->itemHeight = (UINT)history_row_height();
        return TRUE;
    }
    case WM_DRAWITEM: draw_item((const DRAWITEMSTRUCT *)data); return TRUE;
    case WM_CTLCOLOREDIT:
        SetTextColor((HDC)wide, COLOR_INK);
        SetBkColor((HDC)wide, COLOR_PAPER);
        return (LRESULT)GetStockObject(WHITE_BRUSH);
    case WM_COMMAND: command(LOWORD(wide), HIWORD(wide)); return 0;
    case WM_NOTIFY:
        if (((NMHDR *)data)->idFrom == ID_VISITORS) visitor_list_notify((NMHDR *)data);
        if (((NMHDR *)data)->idFrom == ID_SESSIONS) history_notify((NMHDR *)data);
        return 0;
    case WM_TIMER: timer(wide); return 0;
    case WM_CALL_ENDED: call_handle_message((struct call *)data); return 0;
    case WM_LAST_ROW_SEEN: console_load_history(&console); return 0;
    case WM_LINK_OPENED:
        show_notice(wide ? L"The session opens in your browser." : L"No browser could be opened.");
        return 0;
    case WM_DESTROY:
        console_close(&console);
        PostQuitMessage(0);
        return 0;
    }
    return DefWindowProcW(handle, message, wide, data);
}

/* The agent, as shown to the visitor and in the records. */
static void agent_here(WCHAR *id, WCHAR *name, DWORD size)
{
    DWORD length = size;

    if (GetEnvironmentVariableW(L"UPSCOPE_AGENT_ID", id, size) - 1 >= size - 1 && !GetUserNameW(id, &length)) {
        lstrcpynW(id, L"agent", (int)size);
    }
    if (GetEnvironmentVariableW(L"UPSCOPE_AGENT_NAME", name, size) - 1 >= size - 1) lstrcpynW(name, id, (int)size);
}

int window_run(HINSTANCE program, upscope_client *client, UINT refresh_ms)
{
    ACCEL keys[] = {{FVIRTKEY | FCONTROL, 'F', ID_FIND}, {FVIRTKEY, VK_F5, ID_RELOAD}};
    HACCEL accelerators = CreateAcceleratorTableW(keys, sizeof keys / sizeof *keys);
    WCHAR agent_id[64], agent_name[64];
    WNDCLASSEXW kind;
    MSG message;

    paint_open();
    agent_here(agent_id, agent_name, 64);
    memset(&kind, 0, sizeof kind);
    kind.cbSize = sizeof kind;
    kind.lpfnWndProc = handle;
    kind.hInstance = program;
    kind.hCursor = LoadCursorW(NULL, MAKEINTRESOURCEW(32512)); /* the arrow */
    kind.hIcon = LoadIconW(NULL, MAKEINTRESOURCEW(32512));     /* the default application icon */
    kind.lpszClassName = L"AgentConsole";
    RegisterClassExW(&kind);
    CreateWindowExW(WS_EX_CONTROLPARENT, kind.lpszClassName, L"Agent console", WS_OVERLAPPEDWINDOW | WS_CLIPCHILDREN,
                    CW_USEDEFAULT, CW_USEDEFAULT, paint_scaled(980), paint_scaled(680), NULL, NULL, program, NULL);
    if (window == NULL) return 1;
    console_open(&console, client, &view, window, agent_id, agent_name);
    show_tab(0);
    ShowWindow(window, SW_SHOWDEFAULT);
    layout();
    visitor_list_focus_search();
    /* Focus rectangles and mnemonics appear when the keyboard is first used. */
    SendMessageW(window, WM_CHANGEUISTATE, MAKEWPARAM(UIS_INITIALIZE, 0), 0);
    probe_shown();
    SetTimer(window, TIMER_REFRESH, refresh_ms, NULL);
    console_search(&console, L"");
    while (GetMessageW(&message, NULL, 0, 0) > 0) {
        probe_key(&message);
        if (TranslateAcceleratorW(window, accelerators, &message) || IsDialogMessageW(window, &message)) continue;
        TranslateMessage(&message);
        DispatchMessageW(&message);
    }
    DestroyAcceleratorTable(accelerators);
    visitor_list_close();
    paint_close();
    return (int)message.wParam;
}
