#include "visitor_list.h"

#include <commctrl.h>
#include <string.h>

#include "controls.h"
#include "paint.h"
#include "probe.h"

#define TYPING_PAUSE_MS 300

static struct console *console;
static HWND window, edit, list;
static RECT box, area; /* the search box and the list */
static int updating, shown_now = 1;

void visitor_list_create(HWND parent, struct console *model)
{
    HINSTANCE program = (HINSTANCE)GetWindowLongPtrW(parent, GWLP_HINSTANCE);
    LVCOLUMNW column;

    console = model;
    window = parent;
    edit = CreateWindowExW(0, L"EDIT", L"", WS_CHILD | WS_VISIBLE | WS_TABSTOP | ES_AUTOHSCROLL, 0, 0, 0, 0, parent,
                           (HMENU)ID_SEARCH, program, NULL);
    SendMessageW(edit, WM_SETFONT, (WPARAM)paint_font(FONT_BODY), 0);
    SendMessageW(edit, EM_SETCUEBANNER, TRUE, (LPARAM)L"Name, e-mail, lookup code, online, #tag");
    SendMessageW(edit, EM_SETLIMITTEXT, SEARCH_UNITS - 1, 0);
    list = CreateWindowExW(0, WC_LISTVIEWW, L"Visitors", WS_CHILD | WS_VISIBLE | WS_TABSTOP | LVS_REPORT |
                           LVS_NOCOLUMNHEADER | LVS_SINGLESEL | LVS_SHOWSELALWAYS | LVS_OWNERDRAWFIXED, 0, 0, 0, 0,
                           parent, (HMENU)ID_VISITORS, program, NULL);
    ListView_SetExtendedListViewStyle(list, LVS_EX_DOUBLEBUFFER | LVS_EX_FULLROWSELECT);
    ListView_SetBkColor(list, COLOR_PAPER);
    memset(&column, 0, sizeof column);
    SendMessageW(list, LVM_INSERTCOLUMNW, 0, (LPARAM)&column);
}

int visitor_list_row_height(void)
{
    return paint_scaled(58);
}

/* The width of the list, without the scroll bar if it is visible. */
static void fit_column(void)
{
    RECT inner;

    GetClientRect(list, &inner);
    if (ListView_GetColumnWidth(list, 0) != inner.right) ListView_SetColumnWidth(list, 0, inner.right);
}

void visitor_list_layout(const RECT *rect)
{
    int margin = paint_scaled(12), height = paint_scaled(36), line = paint_line_height(FONT_BODY) + 2;

    SetRect(&box, rect->left + margin, rect->top + margin, rect->right - margin, rect->top + margin + height);
    SetRect(&area, rect->left, box.bottom + paint_scaled(8), rect->right - 1, rect->bottom);
    control_move(edit, box.left + margin, box.top + (height - line) / 2, box.right - box.left - 2 * margin, line);
    control_move(list, area.left, area.top, area.right - area.left, area.bottom - area.top);
    fit_column();
    probe_position(edit, "search");
    probe_position(list, "visitors");
}

static void show_list(void)
{
    ShowWindow(list, shown_now && console->visitor_count > 0 ? SW_SHOWNA : SW_HIDE);
}

void visitor_list_show(int shown)
{
    shown_now = shown;
    ShowWindow(edit, shown ? SW_SHOWNA : SW_HIDE);
    show_list();
    probe_position(edit, "search");
    probe_position(list, "visitors");
}

void visitor_list_focus_search(void)
{
    SetFocus(edit);
    SendMessageW(edit, EM_SETSEL, 0, -1);
}

static void put_text(int row, const WCHAR *text)
{
    WCHAR before[NAME_UNITS];
    LVITEMW item;

    memset(&item, 0, sizeof item);
    item.mask = LVIF_TEXT;
    item.iItem = row;
    if (row < ListView_GetItemCount(list)) {
        item.pszText = before;
        item.cchTextMax = NAME_UNITS;
        SendMessageW(list, LVM_GETITEMTEXTW, (WPARAM)row, (LPARAM)&item);
        if (lstrcmpW(before, text) == 0) return;
        item.pszText = (WCHAR *)text;
        SendMessageW(list, LVM_SETITEMTEXTW, (WPARAM)row, (LPARAM)&item);
    } else {
        item.pszText = (WCHAR *)text;
        SendMessageW(list, LVM_INSERTITEMW, 0, (LPARAM)&item);
    }
}

static void write_to_probe(void)
{
    int row, chosen = ListView_GetNextItem(list, -1, LVNI_SELECTED), count = ListView_GetItemCount(list);
    WCHAR text[NAME_UNITS];
    LVITEMW item;

    for (row = 0; row < count; row++) {
        memset(&item, 0, sizeof item);
        item.pszText = text;
        item.cchTextMax = NAME_UNITS;
        SendMessageW(list, LVM_GETITEMTEXTW, (WPARAM)row, (LPARAM)&item);
        probe_event("row %s %ls", console->visitors[row].id, text);
    }
    probe_event("visitors %d selected %s scrolled %d", count, chosen < 0 ? "-" : console->visitors[chosen].id,
                ListView_GetTopIndex(list));
}

void visitor_list_update(void)
{
    static struct visitor drawn[MOST_VISITORS];
    const UINT mark = LVIS_SELECTED | LVIS_FOCUSED;
    int row, chosen = -1, count = console->visitor_count;

    updating = 1;
    for (row = 0; row < count; row++) {
        put_text(row, console->visitors[row].name);
        if (memcmp(&drawn[row], &console->visitors[row], sizeof *drawn) != 0) ListView_RedrawItems(list, row, row);
        drawn[row] = console->visitors[row];
        if (strcmp(console->visitors[row].id, console->chosen.id) == 0) chosen = row;
    }
    while (ListView_GetItemCount(list) > count) ListView_DeleteItem(list, count);
    if (ListView_GetNextItem(list, -1, LVNI_SELECTED) != chosen) {
        ListView_SetItemState(list, -1, 0, LVIS_SELECTED);
        if (chosen >= 0) ListView_SetItemState(list, chosen, mark, mark);
    }
    updating = 0;
    show_list();
    fit_column();
    if (count == 0) InvalidateRect(window, &area, FALSE);
    probe_position(list, "visitors");
    write_to_probe();
}

void visitor_list_paint(HDC dc)
{
    RECT word = area;

    if (!shown_now) return;
    paint_framed(dc, &box, paint_scaled(8), COLOR_PAPER, RGB(200, 205, 212));
    if (!console->listed || console->visitor_count > 0) return;
    word.bottom = word.top + paint_scaled(120);
    word.left += (word.right - word.left - paint_text_width(dc, FONT_STRONG, L"No visitors found")) / 2;
    paint_text(dc, &word, FONT_STRONG, COLOR_DIM, L"No visitors found");
}

static void draw_row(HDC dc, RECT rect, const struct visitor *visitor, int chosen)
{
    int pad = paint_scaled(10), size = paint_scaled(38);
    COLORREF behind = chosen ? COLOR_CHOSEN : COLOR_PAPER;
    RECT words;

    paint_fill(dc, &rect, COLOR_PAPER);
    InflateRect(&rect, -paint_scaled(8), -1);
    if (chosen) paint_round(dc, &rect, paint_scaled(8), behind, 255);
    paint_portrait(dc, rect.left + pad, (rect.top + rect.bottom - size) / 2, size, visitor->id, visitor->name,
                   visitor->online, behind);
    words = rect;
    words.left += pad + size + paint_scaled(12);
    words.right -= pad;
    if (visitor->in_session || visitor->waits) {
        words.right -= paint_badge(dc, words.right, (rect.top + rect.bottom) / 2,
                                   visitor->in_session ? COLOR_GOOD : COLOR_WAIT,
                                   visitor->in_session ? L"in session" : L"waiting") + pad;
    }
    words.top = rect.top + paint_scaled(8);
    words.bottom = words.top + paint_scaled(20);
    paint_text(dc, &words, FONT_NAME, COLOR_INK, visitor->name);
    words.top = words.bottom + paint_scaled(1);
    words.bottom = words.top + paint_scaled(18);
    paint_text(dc, &words, FONT_SMALL, COLOR_DIM, visitor->location[0] != L'\0'    ? visitor->location
                                                         : visitor->device[0] != L'\0' ? visitor->device
                                                                                       : visitor->email);
}

/* Cache of drawn rows: scrolling and refreshing only copy them. */
struct row {
    struct visitor visitor;
    int chosen, width, height;
    HBITMAP picture;
};

#define MOST_ROWS 32

static struct row rows[MOST_ROWS];

static HBITMAP picture_of(HDC dc, const struct visitor *visitor, int chosen, int width, int height)
{
    static int next;
    RECT rect = {0, 0, width, height};
    struct row *row;
    HGDIOBJ before;
    HDC memory;
    int i;

    for (i = 0; i < MOST_ROWS; i++) {
        row = &rows[i];
        if (row->picture != NULL && row->chosen == chosen && row->width == width && row->height == height &&
            memcmp(&row->visitor, visitor, sizeof *visitor) == 0) {
            return row->picture;
        }
    }
    /* Replaces the oldest one. */
    row = &rows[next];
    next = (next + 1) % MOST_ROWS;
    if (row->picture != NULL) DeleteObject(row->picture);
    row->visitor = *visitor;
    row->chosen = chosen;
    row->width = width;
    row->height = height;
    row->picture = CreateCompatibleBitmap(dc, width, height);
    memory = CreateCompatibleDC(dc);
    before = SelectObject(memory, row->picture);
    draw_row(memory, rect, visitor, chosen);
    SelectObject(memory, before);
    DeleteDC(memory);
    return row->picture;
}

void visitor_list_draw(const DRAWITEMSTRUCT *item)
{
    const RECT *rect = &item->rcItem;
    int width = rect->right - rect->left, height = rect->bottom - rect->top;
    HGDIOBJ before;
    HDC memory;

    if (item->itemID >= (UINT)console->visitor_count) return;
    memory = CreateCompatibleDC(item->hDC);
    before = SelectObject(memory, picture_of(item->hDC, &console->visitors[item->itemID],
                                             (item->itemState & ODS_SELECTED) != 0, width, height));
    BitBlt(item->hDC, rect->left, rect->top, width, height, memory, 0, 0, SRCCOPY);
    SelectObject(memory, before);
    DeleteDC(memory);
}

void visitor_list_close(void)
{
    int i;

    for (i = 0; i < MOST_ROWS; i++) {
        if (rows[i].picture != NULL) DeleteObject(rows[i].picture);
    }
    memset(rows, 0, sizeof rows);
}

void visitor_list_typed(void)
{
    SetTimer(window, TIMER_TYPING, TYPING_PAUSE_MS, NULL);
}

void visitor_list_search_now(void)
{
    WCHAR text[SEARCH_UNITS], *end;
    const WCHAR *begin = text;

    KillTimer(window, TIMER_TYPING);
    GetWindowTextW(edit, text, SEARCH_UNITS);
    while (*begin == L' ') begin++;
    for (end = text + lstrlenW(text); end > begin && end[-1] == L' '; end--) end[-1] = L'\0';
    if (lstrcmpW(begin, console->searched) != 0) console_search(console, begin);
}

void visitor_list_notify(const NMHDR *notification)
{
    const NMLISTVIEW *change = (const NMLISTVIEW *)notification;
    const char *id;

    if (notification->code != LVN_ITEMCHANGED || updating) return;
    if (change->iItem < 0 || change->iItem >= console->visitor_count) return;
    if (!(change->uNewState & LVIS_SELECTED) || (change->uOldState & LVIS_SELECTED)) return;
    id = console->visitors[change->iItem].id;
    if (strcmp(id, console->chosen.id) != 0) console_choose(console, id);
}
