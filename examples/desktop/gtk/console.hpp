// The logic of the agent console, without a window: calls, their results, and retries. It notifies a View of each change.
// Use it only on the thread of the GTK main loop.

#ifndef AGENT_CONSOLE_CONSOLE_HPP
#define AGENT_CONSOLE_CONSOLE_HPP

#include <functional>
#include <string>
#include <vector>

#include "answers.hpp"
#include "call.hpp"
#include "upscope.h"

class View {
public:
    virtual ~View() = default;
    virtual void visitors_changed() = 0;
    virtual void chosen_changed() = 0;
    virtual void history_changed() = 0;
    virtual void busy_changed() = 0;
    virtual void error_changed() = 0;
    // Shows a short notice.
    virtual void show_notice(const std::string &notice) = 0;
    // Opens a secret link, without storing, showing or logging it. Returns whether that worked.
    virtual bool open_link(const char *link) = 0;
};

struct Agent {
    std::string id, name;
};

// The latest error. The window shows it until it is resolved.
struct ShownError {
    std::string message;
    bool retryable = false;
};

class Console {
public:
    // Takes ownership of the client.
    Console(upscope_client *client, Agent agent);
    // Cancels all calls, without waiting for the network.
    ~Console();
    Console(const Console &) = delete;
    Console &operator=(const Console &) = delete;

    void show_on(View *view) { view_ = view; }

    void search(const std::string &text);  // cancels the previous search
    void refresh();                        // repeats the search in the background, unless paused
    void reload() { list(false); }         // repeats the search for the user
    void choose(const std::string &visitor_id);
    void start_cobrowsing();
    void stop_session();
    void load_history();  // the next page
    void cancel();        // the calls that busy() reports
    void try_again();
    void dismiss();

    const std::vector<Visitor> &visitors() const { return visitors_; }
    bool listed() const { return listed_; }  // whether a response has arrived
    const std::string &searched() const { return searched_; }
    const Visitor *chosen() const { return chosen_.id.empty() ? nullptr : &chosen_; }
    bool linking() const { return link_.running(); }
    bool stopping() const { return stop_.running(); }
    const std::vector<Session> &history() const { return history_; }
    bool history_complete() const { return history_complete_; }
    bool loading_history() const { return page_.running(); }
    const char *busy() const;  // what is in progress, or nullptr
    const ShownError *shown_error() const { return shown_error_.message.empty() ? nullptr : &shown_error_; }

private:
    void list(bool quiet);
    void watch(const std::string &id);
    void stop(const std::string &id);
    void update_chosen_from_list();
    void act(Call &call, const char *operation, Call::Fields fields, Call::Done done);
    void failed(const Call *call, upscope_status status, const char *json, const char *change,
                std::function<void()> again);
    void went_well(const Call *call);

    upscope_client *client_;
    upscope_sessions *pages_ = nullptr;
    Agent agent_;
    View *view_ = nullptr;

    Call list_, details_, link_, stop_, page_;
    bool quiet_ = false;   // the list is loading in the background
    bool paused_ = false;  // automatic refresh is paused

    std::string searched_;
    std::vector<Visitor> visitors_;
    bool listed_ = false;
    Visitor chosen_;
    std::vector<Session> history_;
    bool history_complete_ = false;

    ShownError shown_error_;
    const Call *failed_call_ = nullptr;
    std::function<void()> again_;
};

#endif
