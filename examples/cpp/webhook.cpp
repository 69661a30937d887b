#include "webhook.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_head = 16 * 1024;
constexpr std::size_t max_body = 1024 * 1024;
constexpr auto receive_timeout = std::chrono::seconds(5);

class Socket {
public:
    explicit Socket(int number) : number_(number) {
        if (number < 0) throw std::system_error(errno, std::generic_category(), "socket");
    }
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;
    ~Socket() { close(number_); }
    int number() const { return number_; }

    bool wait(short events, int milliseconds) const {
        pollfd waiting{number_, events, 0};
        return poll(&waiting, 1, milliseconds) == 1;
    }

private:
    int number_;
};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
    });
    return text;
}

/** Reads more data before the deadline; false if there is none. */
bool read_more(const Socket &connection, std::string &text, Clock::time_point end) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    char part[4096];
    if (left <= 0 || !connection.wait(POLLIN, static_cast<int>(left))) return false;
    const ssize_t count = recv(connection.number(), part, sizeof part, 0);
    if (count > 0) text.append(part, static_cast<std::size_t>(count));
    return count > 0;
}

/** The value of a header in lower case. `name` is in lower case. */
std::string header(const std::string &head, const std::string &name) {
    const std::string small = lower(head);
    const std::size_t at = small.find("\r\n" + name + ":");
    if (at == std::string::npos) return "";
    const std::size_t begin = at + name.size() + 3;
    std::string value = small.substr(begin, small.find("\r\n", begin) - begin);
    value.erase(0, value.find_first_not_of(" \t"));
    value.erase(value.find_last_not_of(" \t") + 1);
    return value;
}

/** Handles one request. Returns the HTTP status for the response. */
int serve(const Socket &connection, const std::string &path, const std::function<int(const std::string &)> &take) {
    const Clock::time_point end = Clock::now() + receive_timeout;
    std::string text;
    std::size_t body = std::string::npos;
    while ((body = text.find("\r\n\r\n")) == std::string::npos) {
        if (text.size() > max_head) return 431;
        if (!read_more(connection, text, end)) return 408;
    }
    const std::string head = text.substr(0, body + 2);
    text.erase(0, body + 4);
    if (head.compare(0, path.size() + 6, "POST " + path + " ") != 0) return 404;
    const std::string length = header(head, "content-length");
    if (length.empty() || length.size() > 9 || length.find_first_not_of("0123456789") != std::string::npos) return 411;
    const std::size_t size = std::strtoul(length.c_str(), nullptr, 10);
    if (size > max_body) return 413;
    while (text.size() < size) {
        if (!read_more(connection, text, end)) return 408;
    }
    text.resize(size);
    return take(text);
}

void answer(const Socket &connection, int status) {
    const std::string text =
        "HTTP/1.1 " + std::to_string(status) + " -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    /* A failure to send is ignored. */
    (void)!send(connection.number(), text.data(), text.size(), MSG_NOSIGNAL);
    shutdown(connection.number(), SHUT_WR);
    /* Closing with unread data would reset the connection and lose the response. */
    const Clock::time_point end = Clock::now() + std::chrono::seconds(1);
    std::string rest;
    while (read_more(connection, rest, end)) rest.clear();
}

} // namespace

void receive_webhooks(unsigned short port, const std::string &path, const std::function<void(unsigned short)> &ready,
                      const std::function<int(const std::string &)> &take, const std::function<bool()> &stop) {
    const Socket listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    setsockopt(listener.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto *address = reinterpret_cast<sockaddr *>(&place);
    socklen_t size = sizeof place;
    if (bind(listener.number(), address, size) != 0 || listen(listener.number(), 16) != 0 ||
        getsockname(listener.number(), address, &size) != 0) {
        throw std::system_error(errno, std::generic_category(), "listening on 127.0.0.1:" + std::to_string(port));
    }
    ready(ntohs(place.sin_port));
    while (!stop()) {
        if (!listener.wait(POLLIN, 200)) continue;
        const int number = accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC);
        if (number < 0) continue;
        const Socket connection(number);
        answer(connection, serve(connection, path, take));
    }
}
