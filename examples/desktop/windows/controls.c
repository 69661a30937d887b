#include "controls.h"

#include "answers.h"
#include "paint.h"

static HWND child(HWND parent, int id, const WCHAR *kind, const WCHAR *text, DWORD style)
{
    return CreateWindowExW(0, kind, text, WS_CHILD | WS_VISIBLE | style, 0, 0, 0, 0, parent, (HMENU)(INT_PTR)id,
                           (HINSTANCE)GetWindowLongPtrW(parent, GWLP_HINSTANCE), NULL);
}

HWND control_text(HWND parent, int id, const WCHAR *text)
{
    return child(parent, id, L"STATIC", text, SS_OWNERDRAW | SS_NOPREFIX);
}

HWND control_button(HWND parent, int id, const WCHAR *text)
{
    return child(parent, id, L"BUTTON", text, BS_OWNERDRAW | WS_TABSTOP);
}

void control_draw_button(const DRAWITEMSTRUCT *item, int look, COLORREF behind)
{
    static const struct {
        COLORREF face, pressed, frame, ink;
    } looks[] = {
        {COLOR_PAPER, RGB(238, 240, 243), RGB(200, 205, 212), COLOR_INK},
        {COLOR_BRAND, RGB(29, 78, 192), COLOR_BRAND, COLOR_PAPER},
        {COLOR_PAPER, RGB(253, 240, 239), RGB(226, 160, 156), COLOR_BAD},
        {COLOR_BAND, RGB(232, 235, 239), COLOR_BAND, COLOR_DIM},
        {COLOR_PAPER, COLOR_PAPER, RGB(205, 210, 217), COLOR_INK},
        {COLOR_PAPER, RGB(255, 246, 245), RGB(227, 163, 156), RGB(127, 29, 29)},
    };
    COLORREF face = looks[look].face, frame = looks[look].frame, ink = looks[look].ink;
    RECT rect = item->rcItem, focus;
    WCHAR text[80];
    HGDIOBJ before;
    int strong;

    GetWindowTextW(item->hwndItem, text, sizeof text / sizeof *text);
    if (item->itemState & ODS_SELECTED) face = looks[look].pressed;
    if (item->itemState & ODS_DISABLED) {
        if (look == LOOK_PRIMARY) {
            face = frame = RGB(172, 194, 245);
        } else {
            frame = COLOR_LINE;
            ink = RGB(170, 176, 185);
        }
    }
    paint_fill(item->hDC, &rect, behind);
    paint_framed(item->hDC, &rect, paint_scaled(7), face, frame);
    strong = look == LOOK_PRIMARY || look == LOOK_CHOSEN_TAB;
    before = SelectObject(item->hDC, paint_font(strong ? FONT_STRONG : FONT_BODY));
    SetBkMode(item->hDC, TRANSPARENT);
    SetTextColor(item->hDC, ink);
    DrawTextW(item->hDC, text, -1, &rect, DT_CENTER | DT_VCENTER | DT_SINGLELINE |
              (item->itemState & ODS_NOACCEL ? DT_HIDEPREFIX : 0));
    SelectObject(item->hDC, before);
    if ((item->itemState & ODS_FOCUS) && !(item->itemState & ODS_NOFOCUSRECT)) {
        focus = item->rcItem;
        InflateRect(&focus, -3, -3);
        SetTextColor(item->hDC, COLOR_INK);
        SetBkColor(item->hDC, COLOR_PAPER);
        DrawFocusRect(item->hDC, &focus);
    }
}

void control_draw_text(const DRAWITEMSTRUCT *item, int font, COLORREF color, COLORREF behind)
{
    WCHAR text[TEXT_UNITS];

    GetWindowTextW(item->hwndItem, text, TEXT_UNITS);
    paint_fill(item->hDC, &item->rcItem, behind);
    paint_text(item->hDC, &item->rcItem, font, color, text);
}

void control_move(HWND control, int left, int top, int width, int height)
{
    RECT now, wanted = {left, top, left + width, top + height};

    GetWindowRect(control, &now);
    MapWindowPoints(NULL, GetParent(control), (POINT *)&now, 2);
    if (!EqualRect(&now, &wanted)) MoveWindow(control, left, top, width, height, TRUE);
}

void control_set_text(HWND control, const WCHAR *text)
{
    WCHAR before[1000];

    GetWindowTextW(control, before, sizeof before / sizeof *before);
    if (lstrcmpW(before, text) == 0 && lstrlenW(text) < (int)(sizeof before / sizeof *before) - 1) return;
    SetWindowTextW(control, text);
    InvalidateRect(control, NULL, FALSE);
}
