/*
 * A helpdesk with co-browsing. Tickets are in SQLite. From a ticket, an agent opens the customer's screen, and the
 * records of the sessions are saved with the ticket. See README.md.
 */

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include <spawn.h>
#include <sys/wait.h>

#include <upscope.hpp>

#include "tickets.hpp"
#include "webhook.hpp"

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int) { interrupted = 1; }

/** A problem that the user can fix. */
struct Problem : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string environment(const char *name, const std::string &otherwise) {
    const char *found = std::getenv(name);
    return found == nullptr || *found == '\0' ? otherwise : found;
}

std::int64_t number(const std::string &text, const char *what, std::int64_t most) {
    std::size_t used = 0;
    std::int64_t found = -1;
    try {
        found = std::stoll(text, &used);
    } catch (const std::logic_error &) {
        used = 0;
    }
    if (used == 0 || used != text.size() || found < 0 || found > most) throw Problem(text + " is not a valid " + what);
    return found;
}

upscope::Client connect() {
    upscope::Config config;
    /* The API key and the base URL come from UPSCOPE_API_KEY and UPSCOPE_BASE_URL. */
    config.timeout_ms = 1000 * number(environment("HELPDESK_TIMEOUT", "30"), "number of seconds", 3600);
    config.user_agent = "helpdesk-example/1";
    return upscope::Client(config);
}

/** Waits for an asynchronous call. Ctrl-C ends it at once and throws a CallCancelledError. */
template <typename T>
T poll_until_done(const upscope::Pending<T> &call) {
    while (!call.wait_for(100ms)) {
        if (interrupted) call.cancel();
    }
    return call.get();
}

/** Finds the short id of the customer's visitor by lookup code, or by e-mail address if there is no code. */
std::string visitor_of(const upscope::Client &client, const Ticket &ticket) {
    const bool by_code = !ticket.lookup_code.empty();
    upscope::ListVisitors search;
    search.search = by_code ? ticket.lookup_code : ticket.email;
    search.max_results = by_code ? 1 : 10;
    const json answer = poll_until_done(client.start(search)).parsed();
    const json *best = nullptr;
    for (const json &visitor : answer.at("visitors")) {
        /* The search is fuzzy. Never open the screen of another person. */
        if (text_at(visitor, by_code ? "lookup_code" : "email") != *search.search) continue;
        if (text_at(visitor, "short_id").empty()) continue;
        if (best == nullptr || visitor.value("is_online", json()) == true) best = &visitor;
    }
    if (best == nullptr) throw Problem("nobody with " + *search.search + " has been on the website");
    return text_at(*best, "short_id");
}

/** Opens the link in the agent's browser. Whoever has the link can see the screen, so it goes nowhere else. */
void open_in_browser(const std::string &link) {
    if (link.compare(0, 8, "https://") != 0 && link.compare(0, 17, "http://127.0.0.1:") != 0) {
        throw Problem("the watch link is not an https URL");
    }
    const std::string browser = environment("BROWSER", "xdg-open");
    std::string program = browser, argument = link;
    char *const arguments[] = {program.data(), argument.data(), nullptr};
    pid_t child = 0;
    int status = posix_spawnp(&child, browser.c_str(), nullptr, nullptr, arguments, environ);
    if (status == 0 && waitpid(child, &status, 0) == child && status == 0) return;
    throw Problem("the browser " + browser + " cannot be started; set BROWSER");
}

/** The secret path of the webhook. Webhooks are not signed, so the path authenticates them. */
std::string hook_path(Tickets &tickets) {
    Tickets::Transaction transaction(tickets);
    std::optional<std::string> path = tickets.setting("hook_path");
    if (!path) {
        unsigned char random[16];
        std::ifstream source("/dev/urandom", std::ios::binary);
        if (!source.read(reinterpret_cast<char *>(random), sizeof random)) throw Problem("/dev/urandom cannot be read");
        path = "/hook/";
        for (const unsigned char byte : random) {
            *path += "0123456789abcdef"[byte >> 4];
            *path += "0123456789abcdef"[byte & 15];
        }
        tickets.set("hook_path", *path);
    }
    transaction.commit();
    return *path;
}

void cobrowse(Tickets &tickets, std::int64_t id, const std::string &agent, const std::string &name) {
    const std::optional<Ticket> ticket = tickets.find(id);
    if (!ticket) throw Problem("there is no ticket " + std::to_string(id));
    const upscope::Client client = connect();
    upscope::CreateWatchUrl watch;
    watch.visitor_id = visitor_of(client, *ticket);
    watch.agent = {agent, name};
    watch.initial_notes = "Ticket " + std::to_string(id) + ": " + ticket->subject;
    /* Returned with the session's record, to find the ticket. */
    watch.metadata = upscope::Object{{"ticket", id}};
    const std::string hook = environment("HELPDESK_HOOK", "");
    if (!hook.empty()) watch.webhook_url = hook + hook_path(tickets);
    open_in_browser(text_at(poll_until_done(client.start(watch)).parsed(), "watch_url"));
    std::cout << "ticket " << id << ": co-browsing with visitor " << watch.visitor_id << '\n';
}

/** Saves session records from webhooks, until Ctrl-C. */
void receive(Tickets &tickets, unsigned short port) {
    const std::string path = hook_path(tickets);
    const auto take = [&tickets](const std::string &body) {
        const upscope::Result<upscope::Session> session = upscope::try_parse_webhook(body);
        if (!session) {
            std::cerr << "webhook: " << session.error().message() << '\n';
            return 400;
        }
        try {
            const json record = session->parsed();
            Tickets::Transaction transaction(tickets);
            const bool ours = tickets.save(record);
            transaction.commit();
            std::cout << "session " << text_at(record, "id") << (ours ? ": filed" : ": not ours") << std::endl;
            return 200;
        } catch (const std::exception &error) {
            /* `sync` adds the records that are missed here. */
            std::cerr << "webhook: " << error.what() << '\n';
            return 500;
        }
    };
    receive_webhooks(
        port, path, [](unsigned short found) { std::cout << "listening on 127.0.0.1:" << found << std::endl; }, take,
        [] { return interrupted != 0; });
}

std::string utc(std::time_t time) {
    char text[32];
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

/** Saves all records that have changed since the last run. Each page is one transaction. */
void sync(Tickets &tickets) {
    const upscope::Client client = connect();
    /* One hour earlier than now, because clocks differ. Saving a record twice has no effect. */
    const std::string mark = utc(std::time(nullptr) - 3600);
    upscope::ListSessions changed;
    changed.updated_after = tickets.setting("synced_until");
    upscope::Pages pages = client.session_pages(changed);
    std::size_t seen = 0, filed = 0;
    while (const std::optional<upscope::Answer> page = poll_until_done(pages.start_next())) {
        const json sessions = page->parsed().at("cobrowsing_sessions");
        Tickets::Transaction transaction(tickets);
        for (const json &session : sessions) {
            ++seen;
            if (session.is_object() && !text_at(session, "id").empty()) filed += tickets.save(session) ? 1 : 0;
        }
        transaction.commit();
    }
    /* Set only at the end: after an error, the next run starts at the same position. */
    tickets.set("synced_until", mark);
    std::cout << seen << " sessions changed, " << filed << " filed\n";
}

void list(const Tickets &tickets) {
    for (const Ticket &ticket : tickets.all()) {
        std::cout << ticket.id << '\t' << ticket.subject << '\t' << ticket.email << '\t' << ticket.sessions
                  << " sessions\n";
    }
}

void show(const Tickets &tickets, std::int64_t id) {
    const std::optional<Ticket> ticket = tickets.find(id);
    if (!ticket) throw Problem("there is no ticket " + std::to_string(id));
    std::cout << "ticket " << id << ": " << ticket->subject << " (" << ticket->email << ")\n";
    for (const Record &record : tickets.records(id)) {
        std::cout << record.session << '\t' << record.started_at << '\t'
                  << (record.ended_at.empty() ? "running" : std::to_string(record.seconds) + " s") << '\t'
                  << record.agents << '\n';
    }
}

int usage() {
    std::cerr << "usage: helpdesk DATABASE open SUBJECT EMAIL [LOOKUP_CODE]\n"
                 "                         list\n"
                 "                         show TICKET\n"
                 "                         cobrowse TICKET AGENT_ID AGENT_NAME\n"
                 "                         receive PORT\n"
                 "                         sync\n";
    return 2;
}

int run(const std::vector<std::string> &words) {
    if (words.size() < 2) return usage();
    const std::string &command = words[1];
    const std::size_t more = words.size() - 2;
    const auto ticket = [&words] { return number(words[2], "ticket number", INT64_MAX); };
    const auto with = [&](const char *name, std::size_t least, std::size_t most) {
        return command == name && more >= least && more <= most;
    };
    if (with("open", 2, 3)) {
        const std::int64_t id = Tickets(words[0]).open(words[2], words[3], more == 3 ? words[4] : "");
        std::cout << "ticket " << id << '\n';
        return 0;
    }
    const bool known = with("list", 0, 0) || with("show", 1, 1) || with("cobrowse", 3, 3) || with("receive", 1, 1) ||
                       with("sync", 0, 0);
    if (!known) return usage();
    Tickets tickets(words[0]);
    if (command == "list") list(tickets);
    else if (command == "show") show(tickets, ticket());
    else if (command == "cobrowse") cobrowse(tickets, ticket(), words[3], words[4]);
    else if (command == "receive") receive(tickets, static_cast<unsigned short>(number(words[2], "port", 65535)));
    else sync(tickets);
    return 0;
}

} // namespace

int main(int argc, char **argv) {
    std::signal(SIGINT, interrupt);
    std::signal(SIGTERM, interrupt);
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (const upscope::CallCancelledError &) {
        std::cerr << "helpdesk: interrupted\n";
        return 130;
    } catch (const upscope::UnauthorizedError &error) {
        std::cerr << "helpdesk: " << error.message() << "\n(the key is taken from UPSCOPE_API_KEY)\n";
    } catch (const upscope::Error &error) {
        std::cerr << "helpdesk: " << error.message() << '\n';
        if (error.retryable()) std::cerr << "(trying again later may help)\n";
        if (error.may_have_applied()) std::cerr << "(the call may have had an effect anyway)\n";
    } catch (const std::exception &error) {
        std::cerr << "helpdesk: " << error.what() << '\n';
    }
    return 1;
}
