/* The ids of the controls, and the drawing of buttons. */

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
    ID_ERROR_TEXT,
    ID_AGAIN,
    ID_DISMISS,
    ID_STATUS,
    ID_BUSY,
    ID_CANCEL,
    ID_FIND,
    ID_RELOAD,
    ID_FACT = 200 /* the first of them */
};

enum { LOOK_PLAIN, LOOK_PRIMARY, LOOK_DANGER, LOOK_TAB, LOOK_CHOSEN_TAB, LOOK_ERROR_BAR };

/* A child window whose text is drawn by its parent (WM_DRAWITEM). */
HWND control_text(HWND parent, int id, const WCHAR *text);
HWND control_button(HWND parent, int id, const WCHAR *text);

/* Draws a button. behind: the background colour. */
void control_draw_button(const DRAWITEMSTRUCT *item, int look, COLORREF behind);

/* Draws the text of a control_text. */
void control_draw_text(const DRAWITEMSTRUCT *item, int font, COLORREF color, COLORREF behind);

/* Moves a control only if its position differs, because moving redraws it. */
void control_move(HWND control, int left, int top, int width, int height);

/* Changes the text of a control only if it differs. */
void control_set_text(HWND control, const WCHAR *text);

#endif
