#include "console.hpp"

#include <utility>

Console::Console(upscope_client *client, Agent agent) : client_(client), agent_(std::move(agent)) {}

Console::~Console()
{
    for (Call *call : {&list_, &details_, &link_, &stop_, &page_}) call->discard();
    upscope_sessions_free(pages_);
    upscope_client_free(client_);
}

void Console::search(const std::string &text)
{
    searched_ = text;
    list(false);
}

void Console::refresh()
{
    if (!paused_ && !list_.running()) list(true);
}

void Console::list(bool quiet)
{
    quiet_ = quiet;
    paused_ = false;
    Call::Fields fields;
    if (!searched_.empty()) fields = {"search", searched_.c_str()};
    act(list_, "list_visitors", std::move(fields), [this](upscope_status status, const char *json) {
        if (status == UPSCOPE_OK) {
            visitors_ = read_visitors(json);
            listed_ = true;
            went_well(&list_);
            view_->visitors_changed();
            update_chosen_from_list();
        } else {
            failed(&list_, status, json, nullptr, [this] { list(false); });
            paused_ = shown_error() != nullptr && !shown_error_.retryable;
        }
    });
}

void Console::update_chosen_from_list()
{
    // A response for this visitor is pending and will be newer.
    if (details_.running()) return;
    for (const Visitor &visitor : visitors_) {
        if (visitor.id != chosen_.id) continue;
        chosen_ = visitor;
        view_->chosen_changed();
    }
}

void Console::choose(const std::string &visitor_id)
{
    for (const Visitor &visitor : visitors_) {
        if (visitor.id == visitor_id) chosen_ = visitor;
    }
    if (chosen_.id != visitor_id) {
        chosen_ = Visitor();
        chosen_.id = chosen_.name = visitor_id;
    }
    // Shows the data from the list at once.
    act(details_, "get_visitor", {"visitor_id", visitor_id.c_str()},
        [this, visitor_id](upscope_status status, const char *json) {
            if (status == UPSCOPE_OK) {
                chosen_ = read_visitor(json);
                went_well(&details_);
            } else {
                failed(&details_, status, json, nullptr, [this, visitor_id] { choose(visitor_id); });
            }
            view_->chosen_changed();
        });
    view_->chosen_changed();
}

void Console::start_cobrowsing()
{
    if (chosen() != nullptr && !link_.running()) watch(chosen_.id);
}

void Console::watch(const std::string &id)
{
    Call::Fields fields = {"visitor_id", id.c_str(), "agent.id", agent_.id.c_str(), "agent.name", agent_.name.c_str()};
    act(link_, "create_watch_url", std::move(fields), [this, id](upscope_status status, const char *json) {
        if (status == UPSCOPE_OK) {
            std::string link = read_text(json, "/watch_url");
            const bool opened = view_->open_link(link.c_str());
            // volatile, so that the compiler does not remove it.
            for (volatile char &byte : link) byte = '\0';
            went_well(&link_);
            view_->show_notice(opened ? "The session opens in your browser." : "No browser could be opened.");
        } else {
            failed(&link_, status, json, "a link may have been created", [this, id] { watch(id); });
        }
        view_->chosen_changed();
    });
    view_->chosen_changed();
}

void Console::stop_session()
{
    if (chosen() != nullptr && !stop_.running()) stop(chosen_.id);
}

void Console::stop(const std::string &id)
{
    act(stop_, "stop_session", {"visitor_id", id.c_str()},
        [this, id](upscope_status status, const char *json) {
            if (status == UPSCOPE_OK) {
                if (chosen_.id == id) chosen_.in_session = false;
                went_well(&stop_);
                view_->show_notice("The session has been stopped.");
                if (!list_.running()) list(true);
            } else {
                failed(&stop_, status, json, "the session may have been stopped", [this, id] { stop(id); });
            }
            view_->chosen_changed();
        });
}

void Console::load_history()
{
    if (history_complete_ || page_.running()) return;
    if (pages_ == nullptr) {
        char *error;
        const upscope_status status = upscope_sessions_open(client_, nullptr, &pages_, &error);
        if (status != UPSCOPE_OK) {
            failed(&page_, status, error, nullptr, [this] { load_history(); });
            upscope_string_free(error);
            return;
        }
    }
    page_.start_next(pages_, [this](upscope_status status, const char *json) {
        if (status == UPSCOPE_OK) {
            for (Session &session : read_sessions(json)) history_.push_back(std::move(session));
            history_complete_ = is_last_page(json);
            went_well(&page_);
        } else if (status == UPSCOPE_DONE) {
            history_complete_ = true;
            went_well(&page_);
        } else {
            failed(&page_, status, json, nullptr, [this] { load_history(); });
        }
        view_->history_changed();
    });
    view_->busy_changed();
    view_->history_changed();
}

void Console::cancel()
{
    for (Call *call : {&list_, &details_, &link_, &stop_, &page_}) {
        if (call != &list_ || !quiet_) call->cancel();
    }
}

void Console::try_again()
{
    const std::function<void()> again = std::exchange(again_, nullptr);
    dismiss();
    if (again) again();
}

void Console::dismiss()
{
    shown_error_ = ShownError();
    failed_call_ = nullptr;
    again_ = nullptr;
    view_->error_changed();
}

const char *Console::busy() const
{
    if (link_.running()) return "Preparing the session…";
    if (stop_.running()) return "Stopping the session…";
    if (list_.running() && !quiet_) return searched_.empty() ? "Loading visitors…" : "Searching…";
    if (page_.running()) return "Loading the history…";
    if (details_.running()) return "Loading the visitor…";
    return nullptr;
}

void Console::act(Call &call, const char *operation, Call::Fields fields, Call::Done done)
{
    call.start(client_, operation, std::move(fields), std::move(done));
    view_->busy_changed();
}

void Console::failed(const Call *call, upscope_status status, const char *json, const char *change,
                     std::function<void()> again)
{
    const Failure failure = read_failure(json);
    if (status == UPSCOPE_CANCELLED) {
        const bool changed = failure.may_have_applied && change != nullptr;
        view_->show_notice(changed ? std::string("Cancelled, but ") + change + "." : "Cancelled.");
    } else {
        shown_error_.message = failure.message;
        shown_error_.retryable = failure.retryable;
        failed_call_ = call;
        again_ = failure.retryable ? std::move(again) : nullptr;
        view_->error_changed();
    }
    view_->busy_changed();
}

void Console::went_well(const Call *call)
{
    if (failed_call_ == call) dismiss();
    view_->busy_changed();
}
