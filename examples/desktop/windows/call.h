/*
 * At most one asynchronous call of one kind. A message reports its end on the GUI thread, so the window stays responsive.
 * Use it only on that thread.
 */

#ifndef CALL_H
#define CALL_H

#include <windows.h>

#include "upscope.h"

/* Posted to the window of a call, which passes the lParam to call_handle_message. */
#define WM_CALL_ENDED (WM_APP + 1)

/* json: the response or the error object; valid during the callback. */
typedef void (*call_done)(void *context, upscope_status status, const char *json);

/* Initialise with zeros and set `window` once. It must outlive the window, because messages point to it. */
struct call {
    HWND window;
    const char *name;
    upscope_pending *pending;
    call_done done;
    void *context;
};

/* Starts an operation. Cancels the previous one if it is still running. fields: as for upscope_json_build. */
void call_start(struct call *call, const upscope_client *client, const char *operation, const char *const *fields,
                call_done done, void *context);

/* The same for the next page of sessions. */
void call_start_next(struct call *call, upscope_sessions *pages, call_done done, void *context);

/* Cancels the call. `done` gets UPSCOPE_CANCELLED, or the result if the call has already ended. */
void call_cancel(struct call *call);

/* Cancels the call, if any, without calling `done`. Does not wait for the network. */
void call_discard(struct call *call);

/* Handles WM_CALL_ENDED. */
void call_handle_message(struct call *call);

static inline int call_runs(const struct call *call)
{
    return call->pending != NULL;
}

#endif
