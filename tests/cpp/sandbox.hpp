/* Clients of the sandbox that scripts/with-sandbox started, and its control interface. */

#ifndef SANDBOX_HPP
#define SANDBOX_HPP

#include <cstdio>
#include <cstdlib>
#include <string>

#include "check.h"
#include "upscope.hpp"

namespace sandbox {

inline std::string environment(const char *variable) {
    const char *value = std::getenv(variable);
    if (value != nullptr) return value;
    std::fprintf(stderr, "%s is not set: run this program with scripts/with-sandbox\n", variable);
    std::exit(2);
}

inline upscope::Config config() {
    upscope::Config config;
    config.api_key = environment("UPSCOPE_API_KEY");
    config.base_url = environment("UPSCOPE_BASE_URL");
    config.timeout_ms = 10000;
    return config;
}

/** Calls the control interface: POST with a body, GET without. */
inline std::string control(const char *path, const char *body = nullptr) {
    upscope::Config config;
    config.api_key = "none";
    config.base_url = environment("UPSCOPE_SANDBOX_CONTROL");
    const upscope::Result<upscope::Client> client = upscope::Client::create(config);
    upscope::Request request;
    request.method = body == nullptr ? "GET" : "POST";
    request.path = path;
    if (body != nullptr) request.body = upscope::Value::raw(body);
    const upscope::Result<upscope::Answer> response = client->try_request(request);
    CHECK(response.has_value(), "%s: %s", path, response ? "" : response.error().what());
    return response ? std::string(response->text()) : std::string();
}

/** Resets the sandbox and sets its faults, a JSON array with one element per request. */
inline void reset(const char *faults = "[]") {
    control("/reset", "{}");
    control("/faults", faults);
}

} // namespace sandbox

#endif
