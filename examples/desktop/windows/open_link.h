/* Opens a watch link in the browser, on a thread of its own: the shell may take its time. */

#ifndef OPEN_LINK_H
#define OPEN_LINK_H

#include <windows.h>

/* Posted when it has been tried; wParam: whether a browser took it. */
#define WM_LINK_OPENED (WM_APP + 2)

/* The link is handed to the shell and then wiped: it is not kept, shown or logged. Nothing but http and https is
   opened. */
void open_link(HWND window, const char *link);

#endif
