/* A small HTTP listener on loopback for webhooks. In production, run it behind a web server with a TLS certificate. */

#ifndef WEBHOOK_HPP
#define WEBHOOK_HPP

#include <functional>
#include <string>

/**
 * Listens on 127.0.0.1 at this port, or at a free port for 0. Calls `ready` with the port. Calls `take` with the body
 * of each POST to `path`; its result is the HTTP status of the response. Returns when `stop` returns true, which is
 * checked every 0.2 seconds. Throws a std::system_error if it cannot listen.
 */
void receive_webhooks(unsigned short port, const std::string &path, const std::function<void(unsigned short)> &ready,
                      const std::function<int(const std::string &body)> &take, const std::function<bool()> &stop);

#endif
