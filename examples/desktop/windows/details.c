#include "details.h"

#include "controls.h"
#include "paint.h"
#include "probe.h"

enum { EMAIL, CODE, LOCATION, DEVICE, PAGE, TAGS, SEEN, SESSIONS, FACTS };

static const WCHAR *const fact_names[FACTS] = {L"E-mail", L"Lookup code", L"Place", L"Device",
                                               L"Current page", L"Tags", L"Last seen", L"Recent sessions"};
static struct console *console;
static HWND window, name, state, start, stop, facts[FACTS];
static RECT area;
static int left, facts_top, shown_now = 1;

void details_create(HWND parent, struct console *model)
{
    int i;

    console = model;
    window = parent;
    name = control_text(parent, ID_NAME, L"");
    state = control_text(parent, ID_STATE, L"");
    start = control_button(parent, ID_START, L"&Start co-browsing");
    stop = control_button(parent, ID_STOP, L"S&top session");
    for (i = 0; i < FACTS; i++) facts[i] = control_text(parent, ID_FACT + i, L"");
}

void details_layout(const RECT *rect)
{
    int right, top = rect->top + paint_scaled(28), size = paint_scaled(68), words, i;

    area = *rect;
    left = rect->left + paint_scaled(34);
    right = rect->right - paint_scaled(34);
    words = left + size + paint_scaled(18);
    control_move(name, words, top + paint_scaled(6), right - words, paint_scaled(32));
    control_move(state, words, top + paint_scaled(40), right - words, paint_scaled(20));
    top += size + paint_scaled(24);
    control_move(start, left, top, paint_scaled(162), paint_scaled(36));
    control_move(stop, left + paint_scaled(172), top, paint_scaled(126), paint_scaled(36));
    facts_top = top + paint_scaled(36 + 24 + 22);
    for (i = 0; i < FACTS; i++) {
        int from = left + paint_scaled(134);
        control_move(facts[i], from, facts_top + paint_scaled(31) * i, right - from, paint_scaled(22));
    }
    probe_position(start, "start");
    probe_position(stop, "stop");
}

static void show(void)
{
    int how = shown_now && console->chosen.id[0] != '\0' ? SW_SHOWNA : SW_HIDE, i;

    ShowWindow(name, how);
    ShowWindow(state, how);
    ShowWindow(start, how);
    ShowWindow(stop, how);
    for (i = 0; i < FACTS; i++) ShowWindow(facts[i], how);
    probe_position(start, "start");
    probe_position(stop, "stop");
}

void details_show(int shown)
{
    shown_now = shown;
    show();
}

void details_update(void)
{
    const struct visitor *visitor = &console->chosen;
    static int shown_before;
    WCHAR number[16], read_back[NAME_UNITS];
    RECT picture;
    const WCHAR *values[FACTS];
    int i;

    show();
    /* The parts that are not controls: the avatar, and everything on the first paint. */
    SetRect(&picture, left, area.top, left + paint_scaled(80), area.top + paint_scaled(110));
    InvalidateRect(window, shown_before ? &picture : &area, FALSE);
    shown_before = visitor->id[0] != '\0';
    if (!shown_before) return;
    wsprintfW(number, L"%d", visitor->sessions);
    values[EMAIL] = visitor->email;
    values[CODE] = visitor->code;
    values[LOCATION] = visitor->location;
    values[DEVICE] = visitor->device;
    values[PAGE] = visitor->page;
    values[TAGS] = visitor->tags;
    values[SEEN] = visitor->seen;
    values[SESSIONS] = number;
    control_set_text(name, visitor->name);
    control_set_text(state, visitor->in_session ? L"In a session now"
                            : visitor->waits    ? L"Online, and waiting for a call"
                            : visitor->online   ? L"Online"
                                                : L"Offline");
    for (i = 0; i < FACTS; i++) control_set_text(facts[i], values[i][0] == L'\0' ? L"\x2013" : values[i]);
    EnableWindow(start, !call_runs(&console->calls[CALL_LINK]));
    EnableWindow(stop, visitor->in_session && !call_runs(&console->calls[CALL_STOP]));
    GetWindowTextW(name, read_back, NAME_UNITS);
    probe_event("details %s %ls session %d", visitor->id, read_back, IsWindowEnabled(stop) ? 1 : 0);
}

static void center(HDC dc, int top, int font, COLORREF color, const WCHAR *text)
{
    RECT rect = area;

    rect.top = top;
    rect.bottom = top + paint_scaled(30);
    rect.left += (area.right - area.left - paint_text_width(dc, font, text)) / 2;
    paint_text(dc, &rect, font, color, text);
}

static void paint_nobody(HDC dc)
{
    int middle = (area.top + area.bottom) / 2, size = paint_scaled(64), x = (area.left + area.right - size) / 2;
    RECT head = {x + size * 5 / 16, middle - size * 2 + size * 3 / 16, 0, 0}, body;

    /* A person icon. */
    head.right = head.left + size * 6 / 16;
    head.bottom = head.top + size * 6 / 16;
    paint_round(dc, &head, size, RGB(196, 202, 210), 255);
    SetRect(&body, x + size * 2 / 16, head.bottom + size / 16, x + size * 14 / 16, head.bottom + size * 7 / 16);
    paint_round(dc, &body, size * 5 / 16, RGB(196, 202, 210), 255);
    center(dc, middle - paint_scaled(40), FONT_SUBTITLE, COLOR_INK, L"No visitor selected");
    center(dc, middle - paint_scaled(8), FONT_BODY, COLOR_DIM, L"Select the visitor you are talking to, or search for");
    center(dc, middle + paint_scaled(12), FONT_BODY, COLOR_DIM, L"the four-digit code that the visitor reads out.");
}

void details_paint(HDC dc)
{
    RECT line = area, word;
    int i;

    if (!shown_now) return;
    paint_fill(dc, &area, COLOR_PAPER);
    if (console->chosen.id[0] == '\0') {
        paint_nobody(dc);
        return;
    }
    paint_portrait(dc, left, area.top + paint_scaled(28), paint_scaled(68), console->chosen.id, console->chosen.name,
                   console->chosen.online, COLOR_PAPER);
    line.left = left;
    line.right -= paint_scaled(34);
    line.top = facts_top - paint_scaled(22);
    line.bottom = line.top + 1;
    paint_fill(dc, &line, COLOR_LINE);
    for (i = 0; i < FACTS; i++) {
        SetRect(&word, left, facts_top + paint_scaled(31) * i, left + paint_scaled(130),
                facts_top + paint_scaled(31) * i + paint_scaled(22));
        paint_text(dc, &word, FONT_BODY, COLOR_DIM, fact_names[i]);
    }
}

int details_draw(const DRAWITEMSTRUCT *item)
{
    if (item->CtlID == ID_NAME) {
        control_draw_text(item, FONT_TITLE, COLOR_INK, COLOR_PAPER);
    } else if (item->CtlID == ID_STATE) {
        control_draw_text(item, FONT_BODY, COLOR_DIM, COLOR_PAPER);
    } else if (item->CtlID == ID_START) {
        control_draw_button(item, LOOK_PRIMARY, COLOR_PAPER);
    } else if (item->CtlID == ID_STOP) {
        control_draw_button(item, LOOK_DANGER, COLOR_PAPER);
    } else if (item->CtlID >= ID_FACT && item->CtlID < ID_FACT + FACTS) {
        control_draw_text(item, FONT_BODY, COLOR_INK, COLOR_PAPER);
    } else {
        return 0;
    }
    return 1;
}
