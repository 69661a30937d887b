// The selected visitor and the actions for this visitor.

#ifndef AGENT_CONSOLE_DETAILS_HPP
#define AGENT_CONSOLE_DETAILS_HPP

#include <gtk/gtk.h>

#include "console.hpp"

class Details {
public:
    explicit Details(Console &console);
    Details(const Details &) = delete;
    Details &operator=(const Details &) = delete;

    GtkWidget *widget() const { return stack_; }
    void update();

private:
    enum { email, code, location, device, page, tags, seen, sessions, facts };

    Console &console_;
    GtkWidget *stack_, *portrait_, *name_, *state_, *start_, *stop_, *facts_[facts];
};

#endif
