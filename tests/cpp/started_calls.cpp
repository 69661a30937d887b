/* Started calls, callbacks, futures, started pages, and the logger, with the sandbox. */

#include "sandbox.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace {

using namespace upscope;
using namespace std::chrono_literals;

constexpr auto max_wait = 10s;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/** Collects what callbacks report, for the thread of the test. */
class Reports {
public:
    void add(std::string report) {
        const std::lock_guard<std::mutex> lock(mutex_);
        reports_.push_back(std::move(report));
        thread_ = std::this_thread::get_id();
        changed_.notify_all();
    }
    /** Waits for this many reports, and returns the last one. */
    std::string last(std::size_t count) {
        std::unique_lock<std::mutex> lock(mutex_);
        const bool arrived = changed_.wait_for(lock, max_wait, [&] { return reports_.size() >= count; });
        CHECK(arrived && reports_.size() == count, "%u reports", static_cast<unsigned>(reports_.size()));
        return reports_.empty() ? "nothing" : reports_.back();
    }
    std::thread::id thread() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return thread_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> reports_;
    std::thread::id thread_;
};

Done<Answer> into(Reports &reports) {
    return [&reports](Result<Answer> answer) {
        reports.add(answer ? std::string(answer->text()) : answer.error().code());
    };
}

/** The duration of `work` in milliseconds. */
template <typename Work>
long long time_of(Work work) {
    const auto began = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began).count();
}

template <typename Wanted, typename Call>
void fails(const char *what, Call call) {
    try {
        call();
        CHECK(false, "%s did not fail", what);
    } catch (const Wanted &) {
        CHECK(true, "%s", what);
    } catch (const std::exception &error) {
        CHECK(false, "%s: %s", what, error.what());
    }
}

void the_result_can_be_waited_for(const Client &client) {
    sandbox::reset();
    Pending<Answer> usage = client.start(GetUsage{});
    CHECK(contains(usage.get().text(), "usage"), "no usage");
    CHECK(usage.ready() && usage.wait_for(0ms) && usage.wait_for(1h * 24 * 365 * 1000), "not ready");
    CHECK(contains(usage.get().text(), "usage"), "no usage the second time");
    Pending<Answer> by_name = client.start("get_visitor", "{\"visitor_id\": \"nobody\"}");
    fails<NotFoundError>("nobody", [&] { by_name.get(); });
    CHECK(by_name.try_get().error().status() == UPSCOPE_NOT_FOUND, "found");
    fails<InvalidArgumentError>("no such key", [&] { (void)client.start("get_usage", "{\"x\": 1}"); });
    fails<InvalidArgumentError>("no id", [&] { (void)client.start(GetVisitor{}); });

    Pending<Answer> moved = std::move(usage);
    CHECK(contains(moved.get().text(), "usage"), "no usage");
    CHECK(usage.try_get().error().status() == UPSCOPE_INVALID_ARGUMENT, "a moved-from call");
    moved = client.start(GetVisitor{"nobody"});
    fails<NotFoundError>("nobody", [&] { moved.get(); });
}

void a_running_call_can_be_polled_and_cancelled(const Client &client) {
    sandbox::reset("[{\"delay_ms\": 30000}, {\"delay_ms\": 30000}]");
    Reports reports;
    Pending<Answer> slow = client.start(GetUsage{}, into(reports));
    CHECK(!slow.ready() && !slow.wait_for(20ms) && !slow.wait_for(-1s) && !slow.wait_for(1us), "ready");
    const long long took = time_of([&] {
        slow.cancel();
        fails<CallCancelledError>("cancelled", [&] { slow.get(); });
    });
    CHECK(took < 1000, "%lld ms", took);
    CHECK(reports.last(1) == "cancelled", "%s", reports.last(1).c_str());

    /* Destroying a call neither waits for it nor runs its callback. */
    std::optional<Pending<Answer>> dropped = client.start(GetUsage{}, into(reports));
    const long long dropping = time_of([&] { dropped.reset(); });
    CHECK(dropping < 1000, "%lld ms", dropping);
    reports.last(1);

    sandbox::reset("[{\"delay_ms\": 30000}]");
    GetUsage bounded;
    bounded.options.emplace().timeout_ms = 100;
    fails<CallTimeoutError>("too slow", [&] { client.start(bounded).get(); });
}

void callbacks_run_once(const Client &client) {
    sandbox::reset();
    Reports reports;
    Pending<Answer> usage = client.start(GetUsage{}, into(reports));
    CHECK(contains(reports.last(1), "usage"), "%s", reports.last(1).c_str());
    CHECK(reports.thread() != std::this_thread::get_id(), "the caller's thread");
    CHECK(contains(usage.get().text(), "usage"), "no usage");
    Pending<Answer> nobody = client.start(GetVisitor{"nobody"}, into(reports));
    CHECK(reports.last(2) == "not_found", "%s", reports.last(2).c_str());

    /* An exception in a callback is ignored, and the thread continues to serve calls. */
    for (int i = 0; i < 3; ++i) {
        Pending<Answer> throwing = client.start(GetUsage{}, [](Result<Answer>) { throw std::runtime_error("mine"); });
        CHECK(throwing.wait_for(max_wait) && contains(throwing.get().text(), "usage"), "no usage");
    }
    Pending<Answer> after = client.start(GetUsage{}, into(reports));
    reports.last(3);
}

void a_callback_may_destroy_its_own_call(const Client &client) {
    sandbox::reset("[{\"delay_ms\": 50}]");
    Reports reports;
    std::mutex mutex;
    std::optional<Pending<Answer>> own;
    const std::string kept = "captured by the callback, and longer than a short string";
    std::unique_lock<std::mutex> starting(mutex);
    own = client.start(GetUsage{}, [&, kept](Result<Answer> answer) {
        const std::lock_guard<std::mutex> started(mutex);
        own.reset();
        /* The function and its captures still exist, and it may call the library. */
        const Result<Answer> again = client.try_get_usage();
        reports.add(kept + (answer && again ? ", ok" : ", failed"));
    });
    starting.unlock();
    CHECK(reports.last(1) == kept + ", ok", "%s", reports.last(1).c_str());
    const std::lock_guard<std::mutex> done(mutex);
    CHECK(!own, "not destroyed");
}

void destroying_waits_for_a_running_callback(const Client &client) {
    sandbox::reset();
    Reports entered;
    std::promise<void> gate;
    std::future<void> open = gate.get_future();
    std::atomic<bool> finished{false};
    std::optional<Pending<Answer>> call = client.start(GetUsage{}, [&](Result<Answer>) {
        entered.add("in");
        open.wait();
        finished = true;
    });
    entered.last(1);
    std::thread opener([&] { gate.set_value(); });
    call.reset();
    CHECK(finished, "the callback had not finished");
    opener.join();
}

void futures(const Client &client) {
    sandbox::reset("[null, null, null, {\"delay_ms\": 100}]");
    std::future<Answer> usage = client.start_future(GetUsage{});
    CHECK(usage.wait_for(max_wait) == std::future_status::ready && contains(usage.get().text(), "usage"), "no usage");
    fails<NotFoundError>("nobody", [&] { client.start_future(GetVisitor{"nobody"}).get(); });
    fails<InvalidArgumentError>("no id", [&] { client.start_future(GetVisitor{}).get(); });
    fails<InvalidArgumentError>("a NUL", [&] { client.start_future(GetVisitor{std::string(1, '\0')}).get(); });
    CHECK(client.try_start_future(GetVisitor{"nobody"}).get().error().status() == UPSCOPE_NOT_FOUND, "found");
    CHECK(client.try_start_future(GetVisitor{}).get().error().status() == UPSCOPE_INVALID_ARGUMENT, "found");
    /* A future may be ignored, and may outlive its client. */
    (void)client.start_future(GetUsage{});
    std::future<Answer> outliving;
    {
        const Client other(sandbox::config());
        outliving = other.start_future(GetUsage{});
    }
    CHECK(contains(outliving.get().text(), "usage"), "no usage");
}

void many_at_once(const Client &client) {
    sandbox::reset();
    std::vector<std::future<Answer>> all;
    for (int i = 0; i < 100; ++i) all.push_back(client.start_future(GetUsage{}));
    int succeeded = 0;
    for (std::future<Answer> &one : all) succeeded += contains(one.get().text(), "usage") ? 1 : 0;
    CHECK(succeeded == 100, "%d", succeeded);
    /* Calls may be destroyed at any time. */
    std::atomic<int> runs{0};
    for (int i = 0; i < 300; ++i) {
        Pending<Answer> call = client.start(GetUsage{}, [&runs](Result<Answer>) { ++runs; });
        if (i % 3 == 0) call.wait_for(std::chrono::microseconds(i * 10));
        if (i % 3 == 1) call.cancel();
    }
    const int before = runs;
    client.get_usage();
    CHECK(runs == before, "%d callbacks ran after destruction", runs - before);
}

void pages_can_be_started(const Client &client) {
    sandbox::reset();
    Pages pages = client.session_pages();
    std::size_t count = 0;
    for (;;) {
        const std::optional<Answer> page = pages.start_next().get();
        if (!page) break;
        CHECK(contains(page->text(), "cobrowsing_sessions"), "%.80s", page->c_str());
        ++count;
    }
    CHECK(count == 3, "%u pages", static_cast<unsigned>(count));

    Reports reports;
    Pages again = client.session_pages();
    std::vector<Pending<std::optional<Answer>>> ahead;
    for (int i = 0; i < 4; ++i) {
        ahead.push_back(again.start_next([&reports](Result<std::optional<Answer>> page) {
            reports.add(!page ? page.error().code() : *page ? "a page" : "the end");
        }));
    }
    reports.last(4);
    CHECK(ahead[2].get().has_value() && !ahead[3].get().has_value(), "pages out of order");
    sandbox::reset("[{\"status\": 404}]");
    Pages failing = client.session_pages();
    fails<NotFoundError>("a page", [&] { failing.start_next().get(); });
}

void the_logger_may_throw(const Client &client) {
    sandbox::reset();
    Reports reports;
    set_logger([&](int, std::string_view message) {
        reports.add(std::string(message));
        throw std::runtime_error("mine");
    });
    fails<NotFoundError>("nobody", [&] { client.get_visitor({"nobody"}); });
    const std::string line = reports.last(1);
    CHECK(contains(line, "/visitors/nobody") && contains(line, "404"), "%s", line.c_str());
    set_logger(nullptr);
}

void the_logger_can_be_changed_while_it_runs(const Client &client) {
    const std::string kept = "captured by the logger, and longer than a short string";
    Reports reports;
    set_logger([&reports, kept](int level, std::string_view message) {
        /* It sets another logger. This function and its captures still exist. */
        set_logger([&reports](int, std::string_view) { reports.add("the second"); });
        reports.add(kept + std::to_string(level) + std::string(message));
    });
    client.get_usage();
    const std::string first = reports.last(1);
    CHECK(contains(first, kept + "4") && contains(first, "GET") && contains(first, "/usage"), "%s", first.c_str());
    client.get_usage();
    CHECK(reports.last(2) == "the second", "%s", reports.last(2).c_str());
    set_logger(nullptr);
    client.get_usage();
    reports.last(2);
    /* Threads log while others change the logger. */
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&client, i] {
            for (int j = 0; j < 50; ++j) {
                if (i == 0) set_logger([](int, std::string_view) {});
                else if (i == 1) set_logger(nullptr);
                else client.get_usage();
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    set_logger(nullptr);
}

void the_logger_of_a_client_ends_with_it(const Client &) {
    sandbox::reset(R"([{"delay_ms": 300}])");
    Reports reports;
    auto client = std::make_unique<Client>(sandbox::config());
    const auto captured = std::make_shared<std::string>("freed with the client");
    client->set_logger([&reports, captured](int, std::string_view) { reports.add(*captured); });
    const Pending<Answer> call = client->start(GetUsage{});
    client.reset();
    CHECK(captured.use_count() == 1, "the function of a destroyed client still exists");
    CHECK(contains(call.get().text(), "usage"), "the call did not continue");
    CHECK(reports.last(0) == "nothing", "the function of a destroyed client was called");
}

} // namespace

int main(int, char **argv) {
    const Client client(sandbox::config());
    the_result_can_be_waited_for(client);
    a_running_call_can_be_polled_and_cancelled(client);
    callbacks_run_once(client);
    a_callback_may_destroy_its_own_call(client);
    destroying_waits_for_a_running_callback(client);
    futures(client);
    many_at_once(client);
    pages_can_be_started(client);
    the_logger_may_throw(client);
    the_logger_can_be_changed_while_it_runs(client);
    the_logger_of_a_client_ends_with_it(client);
    return checks_end(argv[0], 60);
}
