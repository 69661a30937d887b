/* The library speaks UTF-8, Windows UTF-16. Neither of these functions goes by way of an ANSI code page. */

#ifndef TEXT_H
#define TEXT_H

#include <windows.h>

/* What does not fit into `size` units is cut off, never within a character. */
void text_from_utf8(const char *utf8, WCHAR *out, int size);

/* Gives 0, and "", when it does not fit into `size` bytes. */
int text_to_utf8(const WCHAR *text, char *out, int size);

/* Appends, and cuts off what does not fit. */
void text_append(WCHAR *text, int size, const WCHAR *more);

#endif
