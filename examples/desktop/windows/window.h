/* The window: header, error bar, the two tabs, and the line at the bottom. */

#ifndef WINDOW_H
#define WINDOW_H

#include <windows.h>

#include "upscope.h"

/* Takes the client over, runs until the window is closed, and gives the exit code. */
int window_run(HINSTANCE program, upscope_client *client, UINT refresh_ms);

#endif
