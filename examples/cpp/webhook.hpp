/* A small HTTP listener on loopback for the service's POSTs; in production behind the web server that has the
 * certificate. */

#ifndef WEBHOOK_HPP
#define WEBHOOK_HPP

#include <functional>
#include <string>

/**
 * Listens on 127.0.0.1 at this port, 0 for a free one, and hands the bodies of POSTs to `path` to `take`, which gives
 * the HTTP status to answer. `ready` is told the port. Returns when `stop` says so, which is asked every 0.2 seconds.
 * Throws a std::system_error when it cannot listen.
 */
void receive_webhooks(unsigned short port, const std::string &path, const std::function<void(unsigned short)> &ready,
                      const std::function<int(const std::string &body)> &take, const std::function<bool()> &stop);

#endif
