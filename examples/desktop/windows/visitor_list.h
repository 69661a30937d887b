/* The search box and the list of visitors. */

#ifndef VISITOR_LIST_H
#define VISITOR_LIST_H

#include "console.h"

void visitor_list_create(HWND parent, struct console *console);
void visitor_list_close(void);
void visitor_list_layout(const RECT *rect);
void visitor_list_show(int shown);
void visitor_list_focus_search(void);

/* Shows the current visitors. Rows are updated in place, so the selection and scroll position are kept. */
void visitor_list_update(void);

/* Paints the background: the border of the search box, and a text if the list is empty. */
void visitor_list_paint(HDC dc);
void visitor_list_draw(const DRAWITEMSTRUCT *item);
int visitor_list_row_height(void);

/* The search text has changed: searches after a pause in typing, or at once for Enter. */
void visitor_list_typed(void);
void visitor_list_search_now(void);
void visitor_list_notify(const NMHDR *notification);

#define TIMER_TYPING 2

#endif
