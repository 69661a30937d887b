#include "call.hpp"

#include <glib.h>

#include <utility>

#include "probe.hpp"

void Call::start(const upscope_client *client, const char *operation, Fields fields, Done done)
{
    discard();
    done_ = std::move(done);
    name_ = operation;
    probe::event("call %s started", name_);
    fields.push_back(nullptr);
    char *request;
    char *error;
    upscope_status status = upscope_json_build(operation, fields.data(), &request);
    if (status != UPSCOPE_OK) return finish(status, request);
    status = upscope_start(client, operation, request, ended, this, &pending_, &error);
    upscope_string_free(request);
    if (status != UPSCOPE_OK) finish(status, error);
}

void Call::start_next(upscope_sessions *pages, Done done)
{
    discard();
    done_ = std::move(done);
    name_ = "list_sessions";
    probe::event("call %s started", name_);
    char *error;
    const upscope_status status = upscope_sessions_start_next(pages, ended, this, &pending_, &error);
    if (status != UPSCOPE_OK) finish(status, error);
}

void Call::cancel()
{
    upscope_pending_cancel(pending_);
}

void Call::discard()
{
    if (pending_ == nullptr) return;
    // From here on, `ended` does not run. What it has posted is removed.
    upscope_pending_free(pending_);
    pending_ = nullptr;
    while (g_idle_remove_by_data(this)) continue;
    done_ = nullptr;
    probe::event("call %s discarded", name_);
}

// Runs on a thread of the library, which must not use widgets. It only wakes up the main loop, which then gets the
// response. The response is not copied, so no unerased buffer contains a watch link.
void Call::ended(void *self, upscope_status, const char *)
{
    g_idle_add_full(G_PRIORITY_DEFAULT, handle_end, self, nullptr);
}

int Call::handle_end(void *self)
{
    Call *call = static_cast<Call *>(self);
    char *json;
    const upscope_status status = upscope_pending_wait(call->pending_, 0, &json);
    if (status == UPSCOPE_PENDING) return G_SOURCE_REMOVE;
    upscope_pending_free(call->pending_);
    call->pending_ = nullptr;
    call->finish(status, json);
    return G_SOURCE_REMOVE;
}

void Call::finish(upscope_status status, char *json)
{
    probe::event("call %s ended %s", name_, upscope_status_name(status));
    // Moved, because `done` may start the next call.
    const Done done = std::exchange(done_, nullptr);
    done(status, json);
    upscope_string_free(json);
}
