/* Requests with C++20 designated initializers. This file is only compiled. */

#include "upscope.hpp"

upscope::Answer watch(const std::string &key, const std::string &visitor);

upscope::Answer watch(const std::string &key, const std::string &visitor) {
    const upscope::Client client({.api_key = key, .timeout_ms = 5000, .user_agent = "desk/1"});
    for (const upscope::Session &session : client.sessions({.ongoing_only = true}, upscope::Prefetch::on)) {
        if (session.text().empty()) break;
    }
    client.list_visitors({.search = "online", .max_results = 5});
    client.get_visitor({visitor});
    client.get_visitor({.visitor_id = visitor, .options = {{.max_retries = 0}}});
    client.request({.method = "POST", .path = "/later", .query = upscope::Object{{"n", 1}}, .body = "text"});
    return client.create_watch_url({.visitor_id = visitor,
                                    .agent = {.id = "7", .name = "Joe"},
                                    .branding = {{.naked = upscope::Naked::page_only()}},
                                    .metadata = upscope::Object{{"ticket", 5}, {"vip", true}, {"tier", "gold"}},
                                    .permissions = {{.allow_click = false, .hide_private_details = true}},
                                    .webhook_url = "https://desk.example/hook"});
}
