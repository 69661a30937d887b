// The tab with sessions. The next page loads when the user scrolls to the end or presses the button.

#ifndef AGENT_CONSOLE_HISTORY_HPP
#define AGENT_CONSOLE_HISTORY_HPP

#include <gtk/gtk.h>

#include "console.hpp"

class History {
public:
    explicit History(Console &console);
    History(const History &) = delete;
    History &operator=(const History &) = delete;

    GtkWidget *widget() const { return box_; }
    void update();

private:
    Console &console_;
    GtkListStore *rows_;
    GtkWidget *box_, *stack_, *count_, *more_;
};

#endif
