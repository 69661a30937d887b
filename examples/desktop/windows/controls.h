/* The controls' numbers, and how the buttons look. */

#ifndef CONTROLS_H
#define CONTROLS_H

#include <windows.h>

enum {
    ID_SEARCH = 100,
    ID_VISITORS,
    ID_NAME,
    ID_STATE,
    ID_START,
    ID_STOP,
    ID_SESSIONS,
    ID_COUNT,
    ID_MORE,
    ID_TAB_VISITORS,
    ID_TAB_HISTORY,
    ID_TROUBLE,
    ID_AGAIN,
    ID_DISMISS,
    ID_STATUS,
    ID_BUSY,
    ID_CANCEL,
    ID_FIND,
    ID_RELOAD,
    ID_FACT = 200 /* the first of them */
};

enum { LOOK_PLAIN, LOOK_PRIMARY, LOOK_DANGER, LOOK_TAB, LOOK_CHOSEN_TAB, LOOK_TROUBLE };

/* A child window with the window's text, which its parent draws: WM_DRAWITEM. */
HWND control_text(HWND parent, int id, const WCHAR *text);
HWND control_button(HWND parent, int id, const WCHAR *text);

/* Draws a button. behind: the colour of what it stands on. */
void control_draw_button(const DRAWITEMSTRUCT *item, int look, COLORREF behind);

/* Draws a line of text that a control_text holds. */
void control_draw_text(const DRAWITEMSTRUCT *item, int font, COLORREF color, COLORREF behind);

/* Leaves a control alone that stands there already: moving one means drawing it. */
void control_move(HWND control, int left, int top, int width, int height);

/* Leaves a control alone that has this text already. */
void control_set_text(HWND control, const WCHAR *text);

#endif
