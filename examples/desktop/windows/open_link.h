/* Opens a watch link in the browser, on its own thread, because the shell can be slow. */

#ifndef OPEN_LINK_H
#define OPEN_LINK_H

#include <windows.h>

/* Posted afterwards; wParam: whether a browser was started. */
#define WM_LINK_OPENED (WM_APP + 2)

/* The link is passed to the shell and then erased. It is not stored, shown or logged. Only http and https links are
   opened. */
void open_link(HWND window, const char *link);

#endif
