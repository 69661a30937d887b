/* The window: header, error bar, the two tabs, and the status line. */

#ifndef WINDOW_H
#define WINDOW_H

#include <windows.h>

#include "upscope.h"

/* Takes ownership of the client, runs until the window is closed, and returns the exit code. */
int window_run(HINSTANCE program, upscope_client *client, UINT refresh_ms);

#endif
