/* Started calls, their callbacks and futures, pages without waiting, and the logger, beside the sandbox. */

#include "sandbox.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace {

using namespace upscope;
using namespace std::chrono_literals;

constexpr auto patience = 10s;

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/** What callbacks tell the test's own thread. */
class Told {
public:
    void tell(std::string what) {
        const std::lock_guard<std::mutex> lock(mutex_);
        what_.push_back(std::move(what));
        thread_ = std::this_thread::get_id();
        changed_.notify_all();
    }
    /** Waits until so many were told, and gives the last one. */
    std::string last(std::size_t count) {
        std::unique_lock<std::mutex> lock(mutex_);
        const bool came = changed_.wait_for(lock, patience, [&] { return what_.size() >= count; });
        CHECK(came && what_.size() == count, "%u times", static_cast<unsigned>(what_.size()));
        return what_.empty() ? "nothing" : what_.back();
    }
    std::thread::id thread() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return thread_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> what_;
    std::thread::id thread_;
};

Done<Answer> into(Told &told) {
    return [&told](Result<Answer> answer) { told.tell(answer ? std::string(answer->text()) : answer.error().code()); };
}

/** Milliseconds a piece of work takes. */
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

void a_call_is_waited_for(const Client &client) {
    sandbox::start_anew();
    Pending<Answer> usage = client.start(GetUsage{});
    CHECK(holds(usage.get().text(), "usage"), "no usage");
    CHECK(usage.ready() && usage.wait_for(0ms) && usage.wait_for(1h * 24 * 365 * 1000), "not ready");
    CHECK(holds(usage.get().text(), "usage"), "not a second time");
    Pending<Answer> by_name = client.start("get_visitor", "{\"visitor_id\": \"nobody\"}");
    fails<NotFoundError>("nobody", [&] { by_name.get(); });
    CHECK(by_name.try_get().error().status() == UPSCOPE_NOT_FOUND, "found");
    fails<InvalidArgumentError>("no such key", [&] { (void)client.start("get_usage", "{\"x\": 1}"); });
    fails<InvalidArgumentError>("no id", [&] { (void)client.start(GetVisitor{}); });

    Pending<Answer> moved = std::move(usage);
    CHECK(holds(moved.get().text(), "usage"), "no usage");
    CHECK(usage.try_get().error().status() == UPSCOPE_INVALID_ARGUMENT, "of a call that was moved away");
    moved = client.start(GetVisitor{"nobody"});
    fails<NotFoundError>("nobody", [&] { moved.get(); });
}

void what_runs_can_be_polled_and_cancelled(const Client &client) {
    sandbox::start_anew("[{\"delay_ms\": 30000}, {\"delay_ms\": 30000}]");
    Told told;
    Pending<Answer> slow = client.start(GetUsage{}, into(told));
    CHECK(!slow.ready() && !slow.wait_for(20ms) && !slow.wait_for(-1s) && !slow.wait_for(1us), "ready");
    const long long took = time_of([&] {
        slow.cancel();
        fails<CallCancelledError>("cancelled", [&] { slow.get(); });
    });
    CHECK(took < 1000, "%lld ms", took);
    CHECK(told.last(1) == "cancelled", "%s", told.last(1).c_str());

    /* Dropped, it is neither waited for nor told of. */
    std::optional<Pending<Answer>> dropped = client.start(GetUsage{}, into(told));
    const long long dropping = time_of([&] { dropped.reset(); });
    CHECK(dropping < 1000, "%lld ms", dropping);
    told.last(1);

    sandbox::start_anew("[{\"delay_ms\": 30000}]");
    GetUsage bounded;
    bounded.options.emplace().timeout_ms = 100;
    fails<CallTimeoutError>("too slow", [&] { client.start(bounded).get(); });
}

void callbacks_are_told_once(const Client &client) {
    sandbox::start_anew();
    Told told;
    Pending<Answer> usage = client.start(GetUsage{}, into(told));
    CHECK(holds(told.last(1), "usage"), "%s", told.last(1).c_str());
    CHECK(told.thread() != std::this_thread::get_id(), "told on the caller's thread");
    CHECK(holds(usage.get().text(), "usage"), "no usage");
    Pending<Answer> nobody = client.start(GetVisitor{"nobody"}, into(told));
    CHECK(told.last(2) == "not_found", "%s", told.last(2).c_str());

    /* What a callback throws ends nothing, and its thread goes on to serve. */
    for (int i = 0; i < 3; ++i) {
        Pending<Answer> throwing = client.start(GetUsage{}, [](Result<Answer>) { throw std::runtime_error("mine"); });
        CHECK(throwing.wait_for(patience) && holds(throwing.get().text(), "usage"), "no usage");
    }
    Pending<Answer> after = client.start(GetUsage{}, into(told));
    told.last(3);
}

void a_callback_may_destroy_its_own_call(const Client &client) {
    sandbox::start_anew("[{\"delay_ms\": 50}]");
    Told told;
    std::mutex mutex;
    std::optional<Pending<Answer>> own;
    const std::string kept = "captured by the callback, and longer than a short string";
    std::unique_lock<std::mutex> starting(mutex);
    own = client.start(GetUsage{}, [&, kept](Result<Answer> answer) {
        const std::lock_guard<std::mutex> started(mutex);
        own.reset();
        /* The function is still there, with what it captured, and may call the library. */
        const Result<Answer> again = client.try_get_usage();
        told.tell(kept + (answer && again ? ", well" : ", badly"));
    });
    starting.unlock();
    CHECK(told.last(1) == kept + ", well", "%s", told.last(1).c_str());
    const std::lock_guard<std::mutex> done(mutex);
    CHECK(!own, "still there");
}

void destroying_waits_for_a_running_callback(const Client &client) {
    sandbox::start_anew();
    Told entered;
    std::promise<void> gate;
    std::future<void> open = gate.get_future();
    std::atomic<bool> through{false};
    std::optional<Pending<Answer>> call = client.start(GetUsage{}, [&](Result<Answer>) {
        entered.tell("in");
        open.wait();
        through = true;
    });
    entered.last(1);
    std::thread opener([&] { gate.set_value(); });
    call.reset();
    CHECK(through, "the callback was not waited for");
    opener.join();
}

void futures(const Client &client) {
    sandbox::start_anew("[null, null, null, {\"delay_ms\": 100}]");
    std::future<Answer> usage = client.start_future(GetUsage{});
    CHECK(usage.wait_for(patience) == std::future_status::ready && holds(usage.get().text(), "usage"), "no usage");
    fails<NotFoundError>("nobody", [&] { client.start_future(GetVisitor{"nobody"}).get(); });
    fails<InvalidArgumentError>("no id", [&] { client.start_future(GetVisitor{}).get(); });
    fails<InvalidArgumentError>("a NUL", [&] { client.start_future(GetVisitor{std::string(1, '\0')}).get(); });
    CHECK(client.try_start_future(GetVisitor{"nobody"}).get().error().status() == UPSCOPE_NOT_FOUND, "found");
    CHECK(client.try_start_future(GetVisitor{}).get().error().status() == UPSCOPE_INVALID_ARGUMENT, "found");
    /* A future that nobody waits for does no harm, and outlives its client. */
    (void)client.start_future(GetUsage{});
    std::future<Answer> outliving;
    {
        const Client other(sandbox::config());
        outliving = other.start_future(GetUsage{});
    }
    CHECK(holds(outliving.get().text(), "usage"), "no usage");
}

void many_at_once(const Client &client) {
    sandbox::start_anew();
    std::vector<std::future<Answer>> all;
    for (int i = 0; i < 100; ++i) all.push_back(client.start_future(GetUsage{}));
    int well = 0;
    for (std::future<Answer> &one : all) well += holds(one.get().text(), "usage") ? 1 : 0;
    CHECK(well == 100, "%d", well);
    /* Dropped at any moment of their lives. */
    std::atomic<int> told{0};
    for (int i = 0; i < 300; ++i) {
        Pending<Answer> call = client.start(GetUsage{}, [&told](Result<Answer>) { ++told; });
        if (i % 3 == 0) call.wait_for(std::chrono::microseconds(i * 10));
        if (i % 3 == 1) call.cancel();
    }
    const int then = told;
    client.get_usage();
    CHECK(told == then, "%d told after they were dropped", told - then);
}

void pages_without_waiting(const Client &client) {
    sandbox::start_anew();
    Pages pages = client.session_pages();
    std::size_t count = 0;
    for (;;) {
        const std::optional<Answer> page = pages.start_next().get();
        if (!page) break;
        CHECK(holds(page->text(), "cobrowsing_sessions"), "%.80s", page->c_str());
        ++count;
    }
    CHECK(count == 3, "%u pages", static_cast<unsigned>(count));

    Told told;
    Pages again = client.session_pages();
    std::vector<Pending<std::optional<Answer>>> ahead;
    for (int i = 0; i < 4; ++i) {
        ahead.push_back(again.start_next([&told](Result<std::optional<Answer>> page) {
            told.tell(!page ? page.error().code() : *page ? "a page" : "the end");
        }));
    }
    told.last(4);
    CHECK(ahead[2].get().has_value() && !ahead[3].get().has_value(), "pages out of order");
    sandbox::start_anew("[{\"status\": 404}]");
    Pages failing = client.session_pages();
    fails<NotFoundError>("a page", [&] { failing.start_next().get(); });
}

void lines_are_told_and_may_throw(const Client &client) {
    sandbox::start_anew();
    Told told;
    set_logger([&](int, std::string_view message) {
        told.tell(std::string(message));
        throw std::runtime_error("mine");
    });
    fails<NotFoundError>("nobody", [&] { client.get_visitor({"nobody"}); });
    const std::string line = told.last(1);
    CHECK(holds(line, "/visitors/nobody") && holds(line, "404"), "%s", line.c_str());
    set_logger(nullptr);
}

void the_logger_is_told_and_changed(const Client &client) {
    const std::string kept = "captured by the logger, and longer than a short string";
    Told told;
    set_logger([&told, kept](int level, std::string_view message) {
        /* It sets another one, and is still there with what it captured. */
        set_logger([&told](int, std::string_view) { told.tell("the second"); });
        told.tell(kept + std::to_string(level) + std::string(message));
    });
    client.get_usage();
    const std::string first = told.last(1);
    CHECK(holds(first, kept + "4") && holds(first, "GET") && holds(first, "/usage"), "%s", first.c_str());
    client.get_usage();
    CHECK(told.last(2) == "the second", "%s", told.last(2).c_str());
    set_logger(nullptr);
    client.get_usage();
    told.last(2);
    /* Threads that log while others change the logger. */
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

} // namespace

int main(int, char **argv) {
    const Client client(sandbox::config());
    a_call_is_waited_for(client);
    what_runs_can_be_polled_and_cancelled(client);
    callbacks_are_told_once(client);
    a_callback_may_destroy_its_own_call(client);
    destroying_waits_for_a_running_callback(client);
    futures(client);
    many_at_once(client);
    pages_without_waiting(client);
    lines_are_told_and_may_throw(client);
    the_logger_is_told_and_changed(client);
    return checks_end(argv[0], 60);
}
