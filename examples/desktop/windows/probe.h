/*
 * Output for tests. With --probe FILE, the program writes what it shows, when events arrived, and the delays of timer and
 * keys. Without that option, nothing is recorded.
 */

#ifndef PROBE_H
#define PROBE_H

#include <windows.h>

/* Starts recording, and monitors the message loop with a 10 ms timer that does not need the window. */
void probe_open(const WCHAR *file);
void probe_close(void);

/* Writes one line: milliseconds and the text. %ls takes UTF-16 and is written as UTF-8. */
void probe_event(const char *format, ...);

/* Writes the position of a window on the screen if it has changed. */
void probe_position(HWND window, const char *name);

/* Writes the time since the start of the process. */
void probe_shown(void);

/* Counts how often the busy indicator is drawn. */
void probe_draw(void);

/* Writes a key event from the queue and its delay. */
void probe_key(const MSG *message);

#endif
