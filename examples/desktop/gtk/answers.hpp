// The parts of the service's responses that the window shows. All text is UTF-8.

#ifndef AGENT_CONSOLE_ANSWERS_HPP
#define AGENT_CONSOLE_ANSWERS_HPP

#include <string>
#include <vector>

struct Visitor {
    std::string id;
    std::string name;  // or another name for the visitor
    std::string email;
    std::string code;
    std::string location;
    std::string device;
    std::string page;
    std::string tags;
    std::string seen;  // as text
    std::string sessions;
    bool online = false;
    bool in_session = false;
    bool waits = false;  // waiting for a call
};

struct Session {
    std::string id;
    std::string visitor;
    std::string started;
    std::string agents;
    std::string length;
    std::string features;
    bool ongoing = false;
};

struct Failure {
    std::string message;
    bool retryable = false;
    bool may_have_applied = false;
};

std::vector<Visitor> read_visitors(const char *json);
Visitor read_visitor(const char *json);  // the response of get_visitor
std::vector<Session> read_sessions(const char *json);
bool is_last_page(const char *json);
std::string read_text(const char *json, const char *pointer);  // "" if there is none
Failure read_failure(const char *json);

#endif
