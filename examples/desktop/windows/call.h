/*
 * One place for one kind of call. A call is started, and its end is told on the window's thread, by a message; until
 * then the window goes on. To be used on that thread alone.
 */

#ifndef CALL_H
#define CALL_H

#include <windows.h>

#include "upscope.h"

/* Posted to the window that a call belongs to; it hands the lParam to call_told. */
#define WM_CALL_ENDED (WM_APP + 1)

/* json: the answer, or the error object; valid while this runs. */
typedef void (*call_done)(void *context, upscope_status status, const char *json);

/* Zeroed to begin with; `window` is set once. It has to outlive the window, because messages point to it. */
struct call {
    HWND window;
    const char *name;
    upscope_pending *pending;
    call_done done;
    void *context;
};

/* Starts an operation. One that still runs here is given up first. */
void call_start(struct call *call, const upscope_client *client, const char *operation, const char *request,
                call_done done, void *context);

/* The same for the next page of a walk. */
void call_start_next(struct call *call, upscope_sessions *pages, call_done done, void *context);

/* Ends the call; `done` is told UPSCOPE_CANCELLED, or the end that came first. */
void call_cancel(struct call *call);

/* Ends the call, if there is one, and its `done` is never told. Does not wait for the network. */
void call_give_up(struct call *call);

/* What the window does with WM_CALL_ENDED. */
void call_told(struct call *call);

static inline int call_runs(const struct call *call)
{
    return call->pending != NULL;
}

#endif
