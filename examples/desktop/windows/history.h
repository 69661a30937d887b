/* The tab with sessions. The next page loads when the last row becomes visible or at the button. */

#ifndef HISTORY_H
#define HISTORY_H

#include "console.h"

void history_create(HWND parent, struct console *console);
void history_layout(const RECT *rect);
void history_show(int shown);
void history_update(void);
void history_draw(const DRAWITEMSTRUCT *item);
int history_row_height(void);
void history_notify(NMHDR *notification);

/* Posted, because a page must not be requested during painting. */
#define WM_LAST_ROW_SEEN (WM_APP + 3)

#endif
