/*
 * What a test needs to know of the window: with --probe FILE the program writes there what it shows, when it was told
 * what, and how late its timer and its keys were. Without it nothing of this happens.
 */

#ifndef PROBE_H
#define PROBE_H

#include <windows.h>

/* Begins to write, and to watch the message loop by a timer of 10 ms, which needs nothing of the window. */
void probe_open(const WCHAR *file);
void probe_close(void);

/* Writes one line: milliseconds, and the text; %ls takes UTF-16, and is written as UTF-8. */
void probe_event(const char *format, ...);

/* Writes where a window is on the screen, if that has changed since it was written last. */
void probe_place(HWND window, const char *name);

/* Writes how long after the process's start this is. */
void probe_shown(void);

/* Counts a drawing of the busy mark. */
void probe_draw(void);

/* Writes a key that was taken from the queue, and how late. */
void probe_key(const MSG *message);

#endif
