/* An exception that leaves a callback aborts the process, as the header says. It does not hang, and the program does not
 * continue. */

#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "sandbox.hpp"

namespace {

void throwing_log(void *, std::int32_t, const char *) { throw std::runtime_error("from a log function"); }

void throwing_done(void *, upscope_status, const char *) { throw std::runtime_error("from a done function"); }

upscope_client *new_client() {
    const std::string config = "{\"base_url\": \"" + sandbox::environment("UPSCOPE_BASE_URL") + "\", \"api_key\": \"" +
                               sandbox::environment("UPSCOPE_API_KEY") + "\"}";
    upscope_client *client = nullptr;
    char *error = nullptr;
    if (upscope_client_new(config.c_str(), &client, &error) != UPSCOPE_OK) _exit(3);
    return client;
}

void throw_from_log() {
    upscope_client *client = new_client();
    upscope_set_logger(throwing_log, nullptr, 5);
    char *response = nullptr;
    upscope_get_usage(client, nullptr, &response);
}

/* The exception does not reach the caller of the library either. */
void catch_from_log() {
    try {
        throw_from_log();
    } catch (const std::exception &) {
        _exit(4);
    }
}

void throw_from_done() {
    upscope_pending *pending = nullptr;
    char *json = nullptr;
    if (upscope_start(new_client(), "get_usage", nullptr, throwing_done, nullptr, &pending, &json) != UPSCOPE_OK) {
        _exit(3);
    }
    upscope_pending_wait(pending, 10000, &json);
    /* The callback may run a little after the end of the call. */
    sleep(10);
}

/** The signal that ends a process which runs `body`; 0 if it ends without one. */
int signal_of(void (*body)()) {
    const pid_t child = fork();
    if (child == 0) {
        /* Without the message of the abort. */
        if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(5);
        alarm(20);
        body();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

} // namespace

int main(int, char **argv) {
    CHECK(signal_of(throw_from_log) == SIGABRT, "another end of the process");
    CHECK(signal_of(catch_from_log) == SIGABRT, "another end of the process");
    CHECK(signal_of(throw_from_done) == SIGABRT, "another end of the process");
    return checks_end(argv[0], 3);
}
