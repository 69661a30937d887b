/* The chosen visitor, and what can be done with him or her. */

#ifndef DETAILS_H
#define DETAILS_H

#include "console.h"

void details_create(HWND parent, struct console *console);
void details_layout(const RECT *place);
void details_show(int shown);
void details_update(void);
void details_paint(HDC dc);
/* Gives 0 for what is not a part of this. */
int details_draw(const DRAWITEMSTRUCT *item);

#endif
