/* Drawing with GDI, with additions: smooth round shapes, and characters beyond U+FFFF in any font. */

#ifndef PAINT_H
#define PAINT_H

#include <windows.h>

#define COLOR_PAPER RGB(255, 255, 255)
#define COLOR_BAND RGB(246, 247, 249)
#define COLOR_LINE RGB(222, 225, 230)
#define COLOR_INK RGB(31, 35, 41)
#define COLOR_DIM RGB(102, 110, 122)
#define COLOR_BRAND RGB(37, 99, 235)
#define COLOR_CHOSEN RGB(224, 234, 252)
#define COLOR_GOOD RGB(21, 128, 61)
#define COLOR_WAIT RGB(161, 78, 8)
#define COLOR_BAD RGB(185, 28, 28)
#define COLOR_ERROR_BAR RGB(253, 236, 234)

enum { FONT_BODY, FONT_STRONG, FONT_SMALL, FONT_NAME, FONT_SUBTITLE, FONT_TITLE, FONTS };

/* Created once from the system's message font, for the resolution of the screen. */
void paint_open(void);
void paint_close(void);
HFONT paint_font(int font);

/* Converts a length at 96 dots per inch to the resolution of this screen. */
int paint_scaled(int length);

/* Draws one line, vertically centred, and truncates it with an ellipsis. Returns the width of the text. In a line with
   emoji and right-to-left text, the pieces between the emoji keep their order. */
int paint_text(HDC dc, const RECT *rect, int font, COLORREF color, const WCHAR *text);
int paint_text_width(HDC dc, int font, const WCHAR *text);
int paint_line_height(int font);

void paint_fill(HDC dc, const RECT *rect, COLORREF color);

/* A rectangle with rounded corners, or a circle. opacity: 0 to 255. */
void paint_round(HDC dc, const RECT *rect, int radius, COLORREF color, int opacity);

/* The same, with a border of one pixel. */
void paint_framed(HDC dc, const RECT *rect, int radius, COLORREF color, COLORREF frame);

/* The avatar of a visitor: the first letter of the name on a colour that depends on the id. */
void paint_portrait(HDC dc, int left, int top, int size, const char *id, const WCHAR *name, int online,
                    COLORREF behind);

/* A small badge with a word, right-aligned at `right`. Returns its width. */
int paint_badge(HDC dc, int right, int middle, COLORREF color, const WCHAR *word);

#endif
