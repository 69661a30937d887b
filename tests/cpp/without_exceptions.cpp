/* The functions that return a Result, built with -fno-exceptions -fno-rtti. */

#include "sandbox.hpp"
#include "second_translation_unit.h"

namespace {

using namespace upscope;

void results(const Client &client) {
    Result<Answer> usage = client.try_get_usage();
    CHECK(usage && usage->text().find("\"usage\"") != std::string_view::npos, "%d", usage.has_value());
    const Answer kept = std::move(usage).value();
    CHECK(!kept.text().empty(), "%s", kept.c_str());
    const Result<Answer> nobody = client.try_get_visitor({"nobody"});
    CHECK(!nobody && nobody.error().code() == "not_found" && nobody.error().http_status() == 404, "%d",
          nobody.has_value());
    const Result<Answer> nul = client.try_get_visitor({std::string("a\0b", 3)});
    CHECK(!nul && nul.error().status() == UPSCOPE_INVALID_ARGUMENT, "%d", nul.has_value());
    Config config;
    config.base_url = "ftp://127.0.0.1/";
    CHECK(Client::create(config).error().status() == UPSCOPE_INVALID_ARGUMENT, "a client");
    CHECK(try_parse_webhook("{\"id\":\"s_1\"}")->text() == "{\"id\":\"s_1\"}", "no session");
    CHECK(!try_parse_webhook("{}"), "a session");
}

void values_and_structs(const Client &client) {
    const Result<Answer> usage = client.try_get_usage();
    CHECK(usage->integer("/usage/visitors/online_now") == usage->as<Usage>()->visitors->online_now, "another number");
    CHECK(!usage->string("/usage/none") && !usage->as<Visitor>(), "a value");
    CHECK(Client::create("key").has_value() && !Client::create("a\nb"), "a key");
}

void loops(const Client &client) {
    sandbox::reset("[null, {\"status\": 500}]");
    ListSessions once;
    once.options.emplace().max_retries = 0;
    Result<Sessions> sessions = client.try_sessions(once);
    int count = 0;
    for (const Session &session : *sessions) count += session.text().empty() ? 0 : 1;
    CHECK(count == 50 && sessions->failure() && sessions->failure()->status() == UPSCOPE_SERVER_ERROR, "%d", count);
    for (const Session &session : *sessions) count += session.text().empty() ? 0 : 1;
    CHECK(count > 100 && !sessions->failure(), "%d", count);
    Result<Pages> pages = client.try_session_pages();
    count = 0;
    while (*pages->try_next()) ++count;
    CHECK(count == 3, "%d", count);
    Result<Pending<std::optional<Answer>>> last = pages->try_start_next();
    CHECK(last->try_get() && !last->try_get()->has_value(), "a page");
}

void started(const Client &client) {
    Result<Pending<Answer>> usage = client.try_start(GetUsage{}, [](Result<Answer>) {});
    CHECK(usage && usage->try_get(), "%d", usage.has_value());
    const Result<Pending<Answer>> rejected = client.try_start("get_usage", "{\"x\": 1}");
    CHECK(!rejected && rejected.error().operation() == "get_usage", "%d", rejected.has_value());
    set_logger([](int, std::string_view) {});
    CHECK(client.try_call("get_usage", "{}").has_value(), "no usage");
    set_logger(nullptr);
#if !defined(__GLIBCXX__) || defined(_GLIBCXX_HAS_GTHREADS)
    CHECK(client.try_start_future(GetUsage{}).get().has_value(), "no usage");
    CHECK(!client.try_start_future(GetVisitor{}).get().has_value(), "a visitor");
#endif
}

} // namespace

int main(int, char **argv) {
    const Result<Client> client = Client::create(sandbox::config());
    sandbox::reset();
    results(*client);
    values_and_structs(*client);
    loops(*client);
    started(*client);
    CHECK(status_of_caught_error() == UPSCOPE_INVALID_ARGUMENT, "%d", status_of_caught_error());
    return checks_end(argv[0], 20);
}
