#include "history.h"

#include <commctrl.h>
#include <string.h>

#include "controls.h"
#include "paint.h"
#include "probe.h"

enum { STARTED, VISITOR, AGENTS, LENGTH, FEATURES, COLUMNS };

static struct console *console;
static HWND window, list, count_text, more;

void history_create(HWND parent, struct console *model)
{
    static const WCHAR *const titles[COLUMNS] = {L"Started", L"Visitor", L"Agents", L"Length", L"Used"};
    LVCOLUMNW column;
    int i;

    console = model;
    window = parent;
    /* The list requests only visible rows (LVS_OWNERDATA), so that invisible rows cost nothing. */
    list = CreateWindowExW(0, WC_LISTVIEWW, L"Sessions", WS_CHILD | WS_TABSTOP | LVS_REPORT | LVS_OWNERDATA |
                           LVS_OWNERDRAWFIXED | LVS_SINGLESEL | LVS_SHOWSELALWAYS | LVS_NOSORTHEADER, 0, 0, 0, 0,
                           parent, (HMENU)ID_SESSIONS, (HINSTANCE)GetWindowLongPtrW(parent, GWLP_HINSTANCE), NULL);
    ListView_SetExtendedListViewStyle(list, LVS_EX_DOUBLEBUFFER | LVS_EX_FULLROWSELECT);
    SendMessageW(ListView_GetHeader(list), WM_SETFONT, (WPARAM)paint_font(FONT_BODY), 0);
    for (i = 0; i < COLUMNS; i++) {
        memset(&column, 0, sizeof column);
        column.mask = LVCF_TEXT | LVCF_WIDTH | LVCF_SUBITEM;
        column.pszText = (WCHAR *)titles[i];
        column.cx = paint_scaled(100);
        column.iSubItem = i;
        SendMessageW(list, LVM_INSERTCOLUMNW, (WPARAM)i, (LPARAM)&column);
    }
    count_text = control_text(parent, ID_COUNT, L"");
    more = control_button(parent, ID_MORE, L"Load &more");
}

int history_row_height(void)
{
    return paint_scaled(32);
}

void history_layout(const RECT *rect)
{
    static const int shares[COLUMNS] = {18, 15, 30, 13, 24};
    int below = paint_scaled(56), margin = paint_scaled(14), width, i, line = rect->bottom - below;

    control_move(list, rect->left, rect->top, rect->right - rect->left, line - rect->top);
    width = rect->right - rect->left - GetSystemMetrics(SM_CXVSCROLL) - 4;
    for (i = 0; i < COLUMNS; i++) {
        int share = width * shares[i] / 100;
        if (ListView_GetColumnWidth(list, i) != share) ListView_SetColumnWidth(list, i, share);
    }
    control_move(count_text, rect->left + margin, line + paint_scaled(18), paint_scaled(400), paint_scaled(20));
    control_move(more, rect->right - margin - paint_scaled(110), line + paint_scaled(11), paint_scaled(110),
               paint_scaled(34));
    probe_position(list, "sessions");
    probe_position(more, "more");
}

void history_show(int shown)
{
    ShowWindow(list, shown ? SW_SHOWNA : SW_HIDE);
    ShowWindow(count_text, shown ? SW_SHOWNA : SW_HIDE);
    ShowWindow(more, shown && !console->history_complete ? SW_SHOWNA : SW_HIDE);
    probe_position(list, "sessions");
    probe_position(more, "more");
}

void history_update(void)
{
    WCHAR text[80];
    int count = (int)console->history_count;

    wsprintfW(text, L"%d %s, %s", count, count == 1 ? L"session" : L"sessions",
              console->history_complete ? L"all loaded" : L"oldest first");
    control_set_text(count_text, text);
    /* Only new rows are drawn. */
    if (ListView_GetItemCount(list) != count) {
        SendMessageW(list, LVM_SETITEMCOUNT, (WPARAM)count, LVSICF_NOSCROLL | LVSICF_NOINVALIDATEALL);
    }
    EnableWindow(more, !call_runs(&console->calls[CALL_PAGE]));
    ShowWindow(more, IsWindowVisible(list) && !console->history_complete ? SW_SHOWNA : SW_HIDE);
    probe_position(more, "more");
    probe_event("history %d complete %d", ListView_GetItemCount(list), console->history_complete);
}

static const WCHAR *cell(const struct session *session, int column)
{
    switch (column) {
    case STARTED: return session->started;
    case VISITOR: return session->visitor;
    case AGENTS: return session->agents;
    case LENGTH: return session->length;
    default: return session->features;
    }
}

void history_draw(const DRAWITEMSTRUCT *item)
{
    int chosen = (item->itemState & ODS_SELECTED) != 0, i, x = item->rcItem.left;
    RECT rect = item->rcItem;

    if (item->itemID >= console->history_count) return;
    paint_fill(item->hDC, &rect, chosen ? COLOR_CHOSEN : item->itemID % 2 != 0 ? RGB(250, 251, 252) : COLOR_PAPER);
    for (i = 0; i < COLUMNS; i++) {
        int width = ListView_GetColumnWidth(list, i);
        rect.left = x + paint_scaled(6);
        rect.right = x + width - paint_scaled(6);
        paint_text(item->hDC, &rect, FONT_BODY, i == STARTED || i == AGENTS ? COLOR_INK : COLOR_DIM,
                   cell(&console->history[item->itemID], i));
        x += width;
    }
}

void history_notify(NMHDR *notification)
{
    if (notification->code == LVN_GETDISPINFOW) {
        LVITEMW *item = &((NMLVDISPINFOW *)notification)->item;
        if ((item->mask & LVIF_TEXT) && (size_t)item->iItem < console->history_count) {
            lstrcpynW(item->pszText, cell(&console->history[item->iItem], item->iSubItem), item->cchTextMax);
        }
    } else if (notification->code == LVN_ODCACHEHINT) {
        const NMLVCACHEHINT *seen = (const NMLVCACHEHINT *)notification;
        if (console->history_count > 0 && seen->iTo >= (int)console->history_count - 1) {
            PostMessageW(window, WM_LAST_ROW_SEEN, 0, 0);
        }
    }
}
