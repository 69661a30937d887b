/* Clients of the sandbox that the test's runner has started, and its control interface. */

#ifndef SANDBOX_HPP
#define SANDBOX_HPP

#include <cstdio>
#include <cstdlib>
#include <string>

#include "check.h"
#include "upscope.hpp"

namespace sandbox {

inline std::string place(const char *variable) {
    const char *found = std::getenv(variable);
    if (found != nullptr) return found;
    std::fprintf(stderr, "%s is not set: run this by scripts/with-sandbox\n", variable);
    std::exit(2);
}

inline upscope::Config config() {
    upscope::Config wanted;
    wanted.api_key = place("UPSCOPE_API_KEY");
    wanted.base_url = place("UPSCOPE_BASE_URL");
    wanted.timeout_ms = 10000;
    return wanted;
}

/** The control interface; without a body a GET. */
inline std::string control(const char *path, const char *body = nullptr) {
    upscope::Config wanted;
    wanted.api_key = "none";
    wanted.base_url = place("UPSCOPE_SANDBOX_CONTROL");
    const upscope::Result<upscope::Client> client = upscope::Client::create(wanted);
    upscope::Request request;
    request.method = body == nullptr ? "GET" : "POST";
    request.path = path;
    if (body != nullptr) request.body = upscope::Value::raw(body);
    const upscope::Result<upscope::Answer> answer = client->try_request(request);
    CHECK(answer.has_value(), "%s: %s", path, answer ? "" : answer.error().what());
    return answer ? std::string(answer->text()) : std::string();
}

/** Forgets all that was, and uses up these faults, a JSON array, one for each request that comes. */
inline void start_anew(const char *faults = "[]") {
    control("/reset", "{}");
    control("/faults", faults);
}

} // namespace sandbox

#endif
