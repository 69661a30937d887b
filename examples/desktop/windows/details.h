/* The selected visitor and the actions for this visitor. */

#ifndef DETAILS_H
#define DETAILS_H

#include "console.h"

void details_create(HWND parent, struct console *console);
void details_layout(const RECT *rect);
void details_show(int shown);
void details_update(void);
void details_paint(HDC dc);
/* Returns 0 if the message is not for this part. */
int details_draw(const DRAWITEMSTRUCT *item);

#endif
