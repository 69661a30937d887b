/* The search box and the list of visitors below it. */

#ifndef VISITOR_LIST_H
#define VISITOR_LIST_H

#include "console.h"

void visitor_list_create(HWND parent, struct console *console);
void visitor_list_close(void);
void visitor_list_layout(const RECT *place);
void visitor_list_show(int shown);
void visitor_list_focus_search(void);

/* Shows what the console has now. Rows are changed in place: the chosen one stays chosen, and the scroll place too. */
void visitor_list_update(void);

/* What stands behind: the search box's frame, and a word where the list is empty. */
void visitor_list_paint(HDC dc);
void visitor_list_draw(const DRAWITEMSTRUCT *item);
int visitor_list_row_height(void);

/* The search box has changed: searches after a pause in typing; at once for Enter. */
void visitor_list_typed(void);
void visitor_list_search_now(void);
void visitor_list_notify(const NMHDR *told);

#define TIMER_TYPING 2

#endif
