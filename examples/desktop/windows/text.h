/* The library uses UTF-8, Windows UTF-16. These functions do not convert to an ANSI code page. */

#ifndef TEXT_H
#define TEXT_H

#include <windows.h>

/* Truncates the text to `size` units, never within a character. */
void text_from_utf8(const char *utf8, WCHAR *out, int size);

/* Returns 0, and "", if the text does not fit into `size` bytes. */
int text_to_utf8(const WCHAR *text, char *out, int size);

/* Appends, and truncates what does not fit. */
void text_append(WCHAR *text, int size, const WCHAR *more);

#endif
