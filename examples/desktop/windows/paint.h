/* Drawing by GDI, with what it lacks: smooth round shapes, and characters beyond U+FFFF in any font. */

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
#define COLOR_TROUBLE RGB(253, 236, 234)

enum { FONT_BODY, FONT_STRONG, FONT_SMALL, FONT_NAME, FONT_SUBTITLE, FONT_TITLE, FONTS };

/* Made from the system's message font, once, for the screen's resolution. */
void paint_open(void);
void paint_close(void);
HFONT paint_font(int font);

/* A length given for 96 dots per inch, for this screen. */
int paint_scaled(int length);

/* One line, in the middle of the place's height, cut off by an ellipsis. Gives the width that was used. Of a line that
   mixes emoji with writing from right to left, the pieces between the emoji stay in their order. */
int paint_text(HDC dc, const RECT *place, int font, COLORREF color, const WCHAR *text);
int paint_text_width(HDC dc, int font, const WCHAR *text);
int paint_line_height(int font);

void paint_fill(HDC dc, const RECT *place, COLORREF color);

/* A rectangle with round corners, or a circle. opacity: 0 to 255. */
void paint_round(HDC dc, const RECT *place, int radius, COLORREF color, int opacity);

/* The same, with a frame of one pixel. */
void paint_framed(HDC dc, const RECT *place, int radius, COLORREF color, COLORREF frame);

/* The round picture of a visitor: the first letter of the name, on a colour that stays the same for the same id. */
void paint_portrait(HDC dc, int left, int top, int size, const char *id, const WCHAR *name, int online,
                    COLORREF behind);

/* A small mark with a word in it, that ends at `right`. Gives its width. */
int paint_badge(HDC dc, int right, int middle, COLORREF color, const WCHAR *word);

#endif
