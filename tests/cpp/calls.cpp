/* Blocking calls of upscope::Client to the sandbox. */

#include "sandbox.hpp"
#include "second_translation_unit.h"

#include <algorithm>
#include <set>
#include <vector>

namespace {

using namespace upscope;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/** The first string after "key": in a text. */
std::string field(std::string_view text, const std::string &key) {
    const std::string start = "\"" + key + "\":\"";
    const std::size_t at = text.find(start);
    CHECK(at != std::string_view::npos, "%s in %.80s", key.c_str(), std::string(text).c_str());
    if (at == std::string_view::npos) return "";
    const std::string_view rest = text.substr(at + start.size());
    return std::string(rest.substr(0, rest.find('"')));
}

/** Checks that the call throws exactly this class of error, and returns the error. */
template <typename Wanted, typename Call>
Error fails(const char *what, Call call) {
    try {
        call();
    } catch (const Error &error) {
        try {
            throw;
        } catch (const Wanted &) {
            CHECK(true, "%s", what);
        } catch (...) {
            CHECK(false, "%s: %s: %s", what, error.code().c_str(), error.what());
        }
        return error;
    }
    CHECK(false, "%s did not fail", what);
    return Error(ErrorObject{});
}

std::string visitor_online(const Client &client) {
    return field(client.list_visitors({"online", 1}).text(), "short_id");
}

void every_operation(const Client &client) {
    CHECK(contains(client.get_usage().text(), "\"usage\""), "no usage");
    const std::string visitor = visitor_online(client);
    const Answer found = client.get_visitor({visitor});
    CHECK(field(found.text(), "short_id") == visitor, "%s", found.c_str());
    CHECK(found.text().size() == std::strlen(found.c_str()), "%u", static_cast<unsigned>(found.text().size()));

    CreateWatchUrl watch;
    watch.visitor_id = visitor;
    watch.agent = {"helpdesk-7", "Łukasz \"Joe\" 😀"};
    watch.branding = Branding{true, "https://desk.example/done"};
    watch.permissions.emplace().allow_click = false;
    watch.metadata = Object{{"ticket", "T-1"}, {"priority", 2}, {"weight", 1.5}, {"vip", true}};
    const Answer link = client.create_watch_url(watch);
    CHECK(contains(link.text(), "watch_url"), "no link");
    const std::string sent = sandbox::control("/requests");
    /* The journal contains the request as JSON in a string. */
    CHECK(contains(sent, R"(Łukasz \\\"Joe\\\" 😀)"), "%s", sent.c_str());
    CHECK(contains(sent, "T-1") && contains(sent, "on_end_url") && contains(sent, "allow_click"),
          "something was not sent");

    CHECK(contains(client.stop_session({visitor}).text(), "{"), "not stopped");
    CHECK(contains(client.lookup_agent({"john@acme.example"}).text(), "\"agent\""), "no agent");
    LookupAgent by_id;
    by_id.external_id = "nobody";
    fails<NotFoundError>("an unknown agent", [&] { client.lookup_agent(by_id); });
    CHECK(contains(client.list_sessions().text(), "cobrowsing_sessions"), "no sessions");
    CHECK(contains(client.authorize_onpremise_session({visitor, {"7", "Joe"}}).text(), "\"authorized\":true"),
          "not authorized");
    CHECK(contains(client.request({"GET", "/list", Object{{"max_results", 1}}}).text(), "visitors"), "no list");
    CHECK(contains(client.call("get_usage").text(), "\"usage\""), "no usage");
    CHECK(contains(client.call(GetVisitor{visitor}).text(), visitor), "no visitor");
    CHECK(contains(client.call("get_visitor", "{\"visitor_id\": \"" + visitor + "\"}").text(), visitor), "no visitor");

    fails<ConflictError>("deleting an online visitor", [&] { client.delete_visitor({visitor}); });
    const std::string offline = field(client.list_visitors({"-online", 1}).text(), "short_id");
    client.delete_visitor({offline});
    fails<NotFoundError>("a deleted visitor", [&] { client.get_visitor({offline}); });
    fails<InvalidArgumentError>("unconfirmed", [&] { client.delete_all_visitors({}); });
    client.delete_all_visitors({true});
    CHECK(!contains(client.list_visitors({"-online"}).text(), "short_id"), "visitors that were not deleted");
}

void options_are_for_one_call(const Client &client) {
    sandbox::reset("[{\"status\": 503}, {\"status\": 503}]");
    GetUsage usage;
    usage.options.emplace().max_retries = 0;
    CHECK(fails<ServerError>("not repeated", [&] { client.get_usage(usage); }).attempts() == 1, "repeated");
    client.get_usage();
    usage.options = CallOptions{};
    usage.options->extra_query = Object{{"later", "a b"}};
    client.get_usage(usage);
    CHECK(contains(sandbox::control("/requests"), "later=a%20b"), "the query was not sent");
    sandbox::reset("[{\"delay_ms\": 5000}]");
    usage.options = CallOptions{};
    usage.options->timeout_ms = 100;
    CHECK(fails<CallTimeoutError>("too slow", [&] { client.get_usage(usage); }).code() == "timeout", "another code");
}

void errors_have_all_keys_and_a_class(const Client &client) {
    sandbox::reset();
    const Error missing = fails<NotFoundError>("nobody", [&] { client.get_visitor({"nobody"}); });
    CHECK(missing.code() == "not_found" && missing.status() == UPSCOPE_NOT_FOUND, "%s", missing.what());
    CHECK(missing.operation() == "get_visitor" && missing.http_status() == 404, "%s", missing.what());
    CHECK(missing.api_error() == "not_found" && missing.attempts() == 1, "%s", missing.what());
    CHECK(!missing.retryable() && !missing.retry_after_ms() && !missing.may_have_applied(), "%s", missing.what());
    CHECK(missing.message() == missing.what() && !missing.message().empty(), "%s", missing.what());
    fails<ApiError>("nobody, as ApiError", [&] { client.get_visitor({"nobody"}); });
    fails<std::exception>("nobody, as std::exception", [&] { client.get_visitor({"nobody"}); });

    sandbox::reset("[{\"status\": 429, \"headers\": {\"Retry-After\": \"7\"}}]");
    GetUsage once;
    once.options.emplace().max_retries = 0;
    const Error limited = fails<RateLimitedError>("too often", [&] { client.get_usage(once); });
    CHECK(limited.retryable() && limited.retry_after_ms() == 7000, "%s", limited.what());
    sandbox::reset(R"([{"status": 402}, {"status": 418}, {"status": 200, "body": "{}"}, {"status": 500}])");
    fails<PaymentRequiredError>("402", [&] { client.get_usage(once); });
    fails<HttpError>("418", [&] { client.get_usage(once); });
    fails<BadResponseError>("no usage", [&] { client.get_usage(once); });
    CreateWatchUrl watch;
    watch.visitor_id = "v";
    watch.agent.id = "7";
    CHECK(fails<ServerError>("500", [&] { client.create_watch_url(watch); }).may_have_applied(), "nothing was sent");

    Config wanted = sandbox::config();
    wanted.api_key = "nonsense";
    fails<UnauthorizedError>("a wrong key", [&] { Client(wanted).get_usage(); });
    wanted.base_url = "http://127.0.0.1:1/";
    wanted.max_retries = 0;
    fails<TransportError>("a closed port", [&] { Client(wanted).get_usage(); });
    wanted.base_url = "ftp://127.0.0.1/";
    fails<InvalidArgumentError>("no such scheme", [&] { Client no(wanted); });
    CHECK(status_of_caught_error() == UPSCOPE_INVALID_ARGUMENT, "%d", status_of_caught_error());

    /* Copies are complete, and raise() throws the subclass even if the error was caught as the base class. */
    Error kept = missing;
    kept = limited;
    fails<RateLimitedError>("thrown again", [&] { kept.raise(); });
    /* A status that this header does not know. */
    ErrorObject later;
    later.code = "later";
    later.status = 77;
    CHECK(fails<Error>("an unknown status", [&] { Error(later).raise(); }).code() == "later", "a different code");
}

void a_nul_is_rejected_and_nothing_is_sent(const Client &client) {
    const std::string nul("12\0 34", 6);
    sandbox::reset();
    const auto rejected = [&](const char *what, auto call) {
        const Error error = fails<InvalidArgumentError>(what, call);
        CHECK(contains(error.message(), "NUL"), "%s: %s", what, error.what());
        CHECK(error.attempts() == 0 && !error.may_have_applied(), "%s", what);
    };
    rejected("an id", [&] { client.get_visitor({nul}); });
    rejected("a search", [&] { client.list_visitors({nul}); });
    rejected("a name", [&] { client.authorize_onpremise_session({"v", {"7", nul}}); });
    rejected("a key of metadata", [&] {
        CreateWatchUrl watch;
        watch.visitor_id = "v";
        watch.agent.id = "7";
        watch.metadata = Object{{nul, 1}};
        client.create_watch_url(watch);
    });
    rejected("an operation", [&] { client.call(std::string("get_usage\0x", 11)); });
    rejected("a request as text", [&] { client.call("get_usage", std::string("{}\0x", 4)); });
    rejected("an operation to start", [&] { client.start(std::string("get_usage\0x", 11), "{}").get(); });
    rejected("a request to start", [&] { client.start("get_usage", std::string("{}\0x", 4)).get(); });
    rejected("a typed request to start", [&] { client.start(GetVisitor{nul}).get(); });
    rejected("a session filter", [&] { client.sessions({nul}); });
    rejected("a configuration", [&] { Client no({nul}); });
    rejected("a webhook", [&] { parse_webhook(std::string("{\"id\":\"s_1\"}\0", 13)); });
    CHECK(contains(sandbox::control("/requests"), "\"requests\":[]"), "something was sent");
}

void results_instead_of_exceptions(const Client &client) {
    sandbox::reset();
    const Result<Answer> succeeded = client.try_get_usage();
    CHECK(succeeded && succeeded.has_value(), "no usage");
    CHECK(contains(succeeded->text(), "usage") && contains((*succeeded).text(), "usage"), "no usage");
    const Result<Answer> failed = client.try_get_visitor({"nobody"});
    CHECK(!failed && failed.error().status() == UPSCOPE_NOT_FOUND, "%d", failed.has_value());
    fails<NotFoundError>("value() of an error", [&] { failed.value(); });
    Answer moved = client.try_get_usage().value();
    CHECK(contains(moved.text(), "usage"), "%s", moved.c_str());
    CHECK(client.try_call("nothing").error().status() == UPSCOPE_INVALID_ARGUMENT, "called");
    CHECK(client.try_call("get_usage", "nonsense").error().operation() == "get_usage", "called");
}

void moved_from_objects_return_errors(const Client &) {
    sandbox::reset();
    Client first(sandbox::config());
    Client second = std::move(first);
    CHECK(contains(second.get_usage().text(), "usage"), "no usage");
    CHECK(first.try_get_usage().error().status() == UPSCOPE_INVALID_ARGUMENT, "a moved-from client");
    CHECK(first.try_start(GetUsage{}).error().status() == UPSCOPE_INVALID_ARGUMENT, "a moved-from client");
    CHECK(first.try_sessions().error().status() == UPSCOPE_INVALID_ARGUMENT, "a moved-from client");
    CHECK(first.try_connection_info().error().status() == UPSCOPE_INVALID_ARGUMENT, "a moved-from client");
    first.set_logger([](int, std::string_view) {});
    first.close();
    first = std::move(second);
    CHECK(contains(first.get_usage().text(), "usage"), "no usage");
    Answer one = first.get_usage();
    Answer two = std::move(one);
    CHECK(one.text().empty() && *one.c_str() == '\0' && contains(two.text(), "usage"), "%s", one.c_str());
    two = first.list_visitors();
    CHECK(contains(two.text(), "visitors"), "%s", two.c_str());
    CHECK(first.handle() != nullptr && second.handle() == nullptr, "handles");

    Sessions sessions = first.sessions();
    const std::optional<Session> first_session = sessions.next();
    Sessions moved = std::move(sessions);
    const std::optional<Session> next = moved.next();
    CHECK(first_session && next && first_session->text() != next->text(), "the same session again");
    CHECK(sessions.try_next().error().status() == UPSCOPE_INVALID_ARGUMENT, "moved-from sessions");
    /* The client may be destroyed first. */
    const Client *last = new Client(std::move(first));
    Sessions orphan = last->sessions();
    delete last;
    CHECK(orphan.next().has_value(), "no session");
}

/** The ids of sessions in a text. Ids of agents and teams do not start with s_. */
std::vector<std::string> ids_in(std::string_view text) {
    std::vector<std::string> ids;
    std::size_t at;
    while ((at = text.find("\"id\":\"s_")) != std::string_view::npos) {
        text = text.substr(at + 6);
        ids.emplace_back(text.substr(0, text.find('"')));
    }
    return ids;
}

/** The ids on all pages. */
std::vector<std::string> ids_of(Pages pages) {
    std::vector<std::string> ids;
    for (const Answer &page : pages) {
        for (const std::string &id : ids_in(page.text())) ids.push_back(id);
    }
    return ids;
}

void sessions_are_listed(const Client &client) {
    for (const Prefetch prefetch : {Prefetch::off, Prefetch::on}) {
        sandbox::reset();
        const std::vector<std::string> wanted = ids_of(client.session_pages({}, prefetch));
        CHECK(wanted.size() > 100, "%u sessions", static_cast<unsigned>(wanted.size()));
        std::vector<std::string> found;
        for (const Session &session : client.sessions({}, prefetch)) {
            detail::Scanner json(session.text());
            CHECK(json.value(nullptr) && json.at_end() && session.text().front() == '{', "%s", session.text().c_str());
            const std::vector<std::string> ids = ids_in(session.text());
            CHECK(ids.size() == 1, "%s", session.text().c_str());
            found.insert(found.end(), ids.begin(), ids.end());
        }
        CHECK(found == wanted, "%u sessions", static_cast<unsigned>(found.size()));
        ListSessions after;
        after.after_id = wanted[9];
        CHECK(ids_in(client.sessions(after, prefetch).next()->text()).at(0) == wanted[10], "a different session");
    }
    ListSessions none;
    none.updated_after = "2999-01-01T00:00:00Z";
    for (const Session &session : client.sessions(none)) CHECK(false, "%s", session.text().c_str());
    Sessions empty = client.sessions(none);
    CHECK(!empty.next() && !empty.next(), "a session");

    /* The iterators work with standard algorithms. */
    Sessions counted = client.sessions();
    CHECK(std::count_if(counted.begin(), counted.end(), [](const Session &) { return true; }) > 100, "counted");
}

void listing_can_continue_after_an_error(const Client &client) {
    ListSessions once;
    once.options.emplace().max_retries = 0;
    sandbox::reset("[null, {\"status\": 500}]");
    Sessions sessions = client.sessions(once);
    std::set<std::string> seen;
    const Error error = fails<ServerError>("the second page", [&] {
        for (const Session &session : sessions) seen.insert(session.text());
    });
    CHECK(error.operation() == "list_sessions" && seen.size() == 50, "%u", static_cast<unsigned>(seen.size()));
    CHECK(sessions.failure() && sessions.failure()->status() == UPSCOPE_SERVER_ERROR, "no failure");
    /* The next loop continues with the page that failed. */
    for (const Session &session : sessions) CHECK(seen.insert(session.text()).second, "seen twice");
    CHECK(seen.size() > 100 && !sessions.failure(), "%u", static_cast<unsigned>(seen.size()));

    for (const char *page : {"[1]", R"([{}, \"a\"])", "[[]]"}) {
        const std::string fault =
            std::string(R"([{"status": 200, "body": "{\"cobrowsing_sessions\": )") + page + "}\"}]";
        sandbox::reset(fault.c_str());
        fails<BadResponseError>(page, [&] {
            for (const Session &session : client.sessions()) {
                CHECK(session.text() == "{}", "%s", session.text().c_str());
            }
        });
    }
    sandbox::reset(R"([{"status": 200,
                             "body": "{\"cobrowsing_sessions\" :\n[ {\"a\" : \"}],{\"} , { \"b\":[[ ]]} ] }"}])");
    Sessions odd = client.sessions();
    const std::optional<Session> first = odd.next(), second = odd.next();
    CHECK(first && first->text() == "{\"a\" : \"}],{\"}", "%s", first ? first->text().c_str() : "none");
    CHECK(second && second->text() == "{ \"b\":[[ ]]}", "%s", second ? second->text().c_str() : "none");
    CHECK(!odd.next(), "a third one");
}

void webhooks(const Client &) {
    const std::string body = "{\"id\": \"s_1\", \"later\": [1]}";
    CHECK(parse_webhook(body).text() == body, "%s", parse_webhook(body).text().c_str());
    fails<InvalidArgumentError>("no session", [] { parse_webhook("{}"); });
    CHECK(!try_parse_webhook("ok"), "read");
}

/** A JSON type of the program. */
struct Length {
    static Length parse(const char *begin, const char *end) { return {static_cast<std::size_t>(end - begin)}; }
    std::size_t size;
};

void parsed_values(const Client &client) {
    sandbox::reset();
    const Answer usage = client.get_usage();
    CHECK(usage.parsed<Length>().size == usage.text().size(), "%u", static_cast<unsigned>(usage.parsed<Length>().size));
    CHECK(client.sessions().next()->parsed<Length>().size > 10, "a short session");
#ifdef NLOHMANN_JSON_VERSION_MAJOR
    CHECK(usage.parsed().at("usage").is_object(), "%s", usage.c_str());
    CHECK(client.sessions().next()->parsed().at("id").is_string(), "no id");
    CHECK(usage.parsed<nlohmann::ordered_json>().contains("usage"), "%s", usage.c_str());
#endif
}

/** Every struct for responses, from the responses of the sandbox. */
void structs(const Client &client) {
    sandbox::reset();
    const std::optional<Usage> usage = client.get_usage().as<Usage>();
    CHECK(usage && usage->visitors && usage->visitors->online_now >= 0 && usage->session_counts->now >= 0, "no usage");
    const Answer found = client.list_visitors({"online"});
    const std::vector<Visitor> visitors = found.list<Visitor>();
    CHECK(!visitors.empty() && visitors.size() == found.size("/visitors"), "%u",
          static_cast<unsigned>(visitors.size()));
    CHECK(found.string("/visitors/0/short_id") == visitors.at(0).short_id && visitors.at(0).is_online == true, "%s",
          visitors.at(0).short_id.value_or("none").c_str());
    CHECK(!found.as<Visitor>() && !found.as<Usage>() && found.as<Visitor>("/visitors/0"), "another struct");
    std::size_t count = 0;
    for (const JsonView &each : found.items("/visitors")) {
        CHECK(each.string("/short_id") == visitors.at(count).short_id, "%s", std::string(each.text()).c_str());
        CHECK(each.as<Visitor>()->extra == "{}", "%s", each.as<Visitor>()->extra.c_str());
        ++count;
    }
    CHECK(count == visitors.size(), "%u", static_cast<unsigned>(count));
    const std::string id = visitors.at(0).short_id.value();
    const std::optional<Visitor> visitor = client.get_visitor({id}).as<Visitor>();
    CHECK(visitor && visitor->short_id == id && visitor->lookup_code && parse_time(visitor->last_seen_at.value()), "%s",
          id.c_str());
    CreateWatchUrl watch;
    watch.visitor_id = id;
    watch.agent.id = "7";
    const Answer link = client.create_watch_url(watch);
    const std::optional<WatchUrl> url = link.as<WatchUrl>();
    CHECK(url && url->watch_url && link.string("/watch_url") == url->watch_url, "no link");
    CHECK(parse_time(url->expiration.value()) > std::chrono::system_clock::now(), "%s", url->expiration->c_str());
    const std::optional<Agent> agent = client.lookup_agent({"john@acme.example"}).as<Agent>();
    CHECK(agent && agent->email == "john@acme.example" && agent->sessions, "no agent");
    const Answer token = client.authorize_onpremise_session({id, {"7", "Joe"}});
    CHECK(token.as<OnpremiseToken>()->authorized == true && token.as<OnpremiseToken>()->token, "no token");
    CHECK(token.boolean("/authorized") == true, "not authorized");

    const Answer page = client.list_sessions();
    const std::optional<SessionPage> sessions = page.as<SessionPage>();
    CHECK(sessions && sessions->has_more == true && page.boolean("/has_more") == true, "one page");
    CHECK(sessions->cobrowsing_sessions->size() == page.list<Session>().size(), "another list");
    CHECK(sessions->last_id == sessions->cobrowsing_sessions->back().id, "%s", sessions->last_id->c_str());
    count = 0;
    for (const Session &session : client.sessions()) {
        CHECK(session.id && session.visitor_id && session.id == session.string("/id"), "%s", session.text().c_str());
        CHECK(session.started_at && parse_time(*session.started_at) && session.agents, "%s", session.text().c_str());
        CHECK(session.extra == "{}", "%s", session.extra.c_str());
        ++count;
    }
    CHECK(count > 100, "%u sessions", static_cast<unsigned>(count));
    CHECK(parse_webhook("{\"id\": 5, \"length_seconds\": 61}").length_seconds == 61, "no length");
    /* A lone surrogate does not end the loop. */
    sandbox::reset(R"([{"status": 200, "body": "{\"cobrowsing_sessions\": [{\"id\": \"\\ud800\"}]}"}])");
    CHECK(client.sessions().next()->id == "\xef\xbf\xbd", "a lone surrogate");
}

void version_and_operations(const Client &) {
    CHECK(version() == UPSCOPE_VERSION, "%s", std::string(version()).c_str());
    CHECK(UPSCOPE_CHECK_VERSION(), "%s", std::string(version()).c_str());
    CHECK(contains(operations(), "get_usage"), "%s", std::string(operations()).c_str());
}

void a_client_has_its_own_log(const Client &) {
    std::vector<std::string> all, own;
    set_logger([&](int, std::string_view line) { all.emplace_back(line); });
    {
        Client client(sandbox::config());
        all.clear();
        client.set_logger([&](int, std::string_view line) { own.emplace_back(line); });
        client.get_usage();
        CHECK(own.size() == 1 && contains(own[0], "/usage") && all.empty(), "%u", static_cast<unsigned>(own.size()));
        client.set_logger([&](int, std::string_view) { throw 1; });
        client.get_usage();
        CHECK(own.size() == 1 && all.empty(), "the previous function was called");
        client.set_logger([&](int, std::string_view line) { own.emplace_back(line); }, 0);
        client.get_usage();
        CHECK(own.size() == 1 && all.empty(), "level 0 logs");
        client.set_logger(nullptr);
        client.get_usage();
        CHECK(own.size() == 1 && all.size() == 1, "%u", static_cast<unsigned>(all.size()));
        Client assigned(sandbox::config());
        assigned.set_logger([&](int, std::string_view line) { own.emplace_back(line); });
        assigned = std::move(client);
        assigned.get_usage();
        CHECK(own.size() == 1, "the function of a client that was replaced");
    }
    set_logger(nullptr);
}

void connection_info_names_the_proxy(const Client &client) {
    const Answer info = client.connection_info();
    CHECK(info.string("/base_url") == sandbox::environment("UPSCOPE_BASE_URL"), "%s", info.c_str());
    Config config = sandbox::config();
    config.proxy = "http://user:hunter2@127.0.0.1:9";
    const Answer proxied = Client(config).connection_info();
    CHECK(contains(proxied.text(), "127.0.0.1:9") && !contains(proxied.text(), "hunter2"), "%s", proxied.c_str());
}

void a_closed_client_makes_no_calls(const Client &) {
    sandbox::reset();
    Client client(sandbox::config());
    client.get_usage();
    client.close();
    fails<CallCancelledError>("a closed client", [&] { client.get_usage(); });
    client.close();
}

} // namespace

int main(int, char **argv) {
    const Client client(sandbox::config());
    every_operation(client);
    options_are_for_one_call(client);
    errors_have_all_keys_and_a_class(client);
    a_nul_is_rejected_and_nothing_is_sent(client);
    results_instead_of_exceptions(client);
    moved_from_objects_return_errors(client);
    sessions_are_listed(client);
    listing_can_continue_after_an_error(client);
    webhooks(client);
    parsed_values(client);
    structs(client);
    version_and_operations(client);
    a_client_has_its_own_log(client);
    connection_info_names_the_proxy(client);
    a_closed_client_makes_no_calls(client);
    return checks_end(argv[0], 1000);
}
