#include "call.h"

#include "probe.h"

/* Runs on a thread of the library, which must not use windows. It only wakes up the GUI thread, which then gets the
   response. The response is not copied, so no unerased buffer contains a watch link. */
static void ended(void *user_data, upscope_status status, const char *json)
{
    struct call *call = user_data;

    (void)status;
    (void)json;
    PostMessageW(call->window, WM_CALL_ENDED, 0, (LPARAM)call);
}

static void finish(struct call *call, upscope_status status, char *json)
{
    /* Saved, because `done` may start the next call. */
    call_done done = call->done;

    probe_event("call %s ended %s", call->name, upscope_status_name(status));
    call->done = NULL;
    done(call->context, status, json);
    upscope_string_free(json);
}

static void begin(struct call *call, const char *name, call_done done, void *context)
{
    call_discard(call);
    call->name = name;
    call->done = done;
    call->context = context;
    probe_event("call %s started", name);
}

void call_start(struct call *call, const upscope_client *client, const char *operation, const char *const *fields,
                call_done done, void *context)
{
    upscope_status status;
    char *request, *error;

    begin(call, operation, done, context);
    status = upscope_json_build(operation, fields, &request);
    if (status != UPSCOPE_OK) {
        finish(call, status, request);
        return;
    }
    status = upscope_start(client, operation, request, ended, call, &call->pending, &error);
    upscope_string_free(request);
    if (status != UPSCOPE_OK) finish(call, status, error);
}

void call_start_next(struct call *call, upscope_sessions *pages, call_done done, void *context)
{
    upscope_status status;
    char *error;

    begin(call, "list_sessions", done, context);
    status = upscope_sessions_start_next(pages, ended, call, &call->pending, &error);
    if (status != UPSCOPE_OK) finish(call, status, error);
}

void call_cancel(struct call *call)
{
    upscope_pending_cancel(call->pending);
}

void call_discard(struct call *call)
{
    if (call->pending == NULL) return;
    /* From here on, `ended` does not run. A message that it has already posted has no effect. */
    upscope_pending_free(call->pending);
    call->pending = NULL;
    call->done = NULL;
    probe_event("call %s discarded", call->name);
}

void call_handle_message(struct call *call)
{
    upscope_status status;
    char *json;

    if (call->pending == NULL) return;
    status = upscope_pending_wait(call->pending, 0, &json);
    /* The message is from a previous call. */
    if (status == UPSCOPE_PENDING) return;
    upscope_pending_free(call->pending);
    call->pending = NULL;
    finish(call, status, json);
}
