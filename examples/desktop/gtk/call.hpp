// One place for one kind of call. A call is started, and its end is told on the thread of the GTK main loop; until then
// the window goes on. To be used on that thread alone.

#ifndef AGENT_CONSOLE_CALL_HPP
#define AGENT_CONSOLE_CALL_HPP

#include <functional>
#include <string>

#include "upscope.h"

class Call {
public:
    // The answer, or the error object; valid while this runs.
    using Done = std::function<void(upscope_status status, const char *json)>;

    Call() = default;
    ~Call() { give_up(); }
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    // Starts an operation. One that still runs here is given up first.
    void start(const upscope_client *client, const char *operation, const std::string &request, Done done);

    // The same for the next page of a walk.
    void start_next(upscope_sessions *pages, Done done);

    // Ends the call; `done` is told UPSCOPE_CANCELLED, or the end that came first.
    void cancel();

    // Ends the call, if there is one, and its `done` is never told.
    void give_up();

    bool running() const { return pending_ != nullptr; }

private:
    static void ended(void *self, upscope_status status, const char *json);
    static int told(void *self);
    void finish(upscope_status status, char *json);

    upscope_pending *pending_ = nullptr;
    const char *name_ = "";
    Done done_;
};

#endif
