// At most one asynchronous call of one kind. Its end is reported on the thread of the GTK main loop, so the window stays
// responsive. Use it only on that thread.

#ifndef AGENT_CONSOLE_CALL_HPP
#define AGENT_CONSOLE_CALL_HPP

#include <functional>
#include <vector>

#include "upscope.h"

class Call {
public:
    // The response or the error object; valid during the callback.
    using Done = std::function<void(upscope_status status, const char *json)>;
    // Names and values in turn, as upscope_json_build takes them, without the NULL at the end.
    using Fields = std::vector<const char *>;

    Call() = default;
    ~Call() { discard(); }
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    // Starts an operation. Cancels the previous one if it is still running.
    void start(const upscope_client *client, const char *operation, Fields fields, Done done);

    // The same for the next page of sessions.
    void start_next(upscope_sessions *pages, Done done);

    // Cancels the call. `done` gets UPSCOPE_CANCELLED, or the result if the call has already ended.
    void cancel();

    // Cancels the call, if any, without calling `done`.
    void discard();

    bool running() const { return pending_ != nullptr; }

private:
    static void ended(void *self, upscope_status status, const char *json);
    static int handle_end(void *self);
    void finish(upscope_status status, char *json);

    upscope_pending *pending_ = nullptr;
    const char *name_ = "";
    Done done_;
};

#endif
