// The window: header, error bar, the two tabs, and the status line.

#ifndef AGENT_CONSOLE_WINDOW_HPP
#define AGENT_CONSOLE_WINDOW_HPP

#include <gtk/gtk.h>

#include <string>

#include "console.hpp"
#include "details.hpp"
#include "history.hpp"
#include "visitor_list.hpp"

class Window : public View {
public:
    Window(Console &console, unsigned refresh_ms);
    ~Window() override;
    Window(const Window &) = delete;
    Window &operator=(const Window &) = delete;

    void visitors_changed() override;
    void chosen_changed() override;
    void history_changed() override;
    void busy_changed() override;
    void error_changed() override;
    void show_notice(const std::string &notice) override;
    bool open_link(const char *link) override;

private:
    GtkWidget *make_error_bar();
    GtkWidget *make_status_line();
    void show_busy(bool shown);
    gboolean pressed(const GdkEventKey &key);
    void cancel();

    Console &console_;
    VisitorList list_;
    Details details_;
    History history_;
    GtkWidget *window_, *tabs_;
    GtkWidget *error_bar_, *error_text_, *again_;
    GtkWidget *status_, *busy_, *spinner_, *busy_text_, *cancel_;
    guint refreshing_, busy_soon_ = 0;
};

// The window for a failed start: shows what is missing and how to set it.
void show_setup(const std::string &message);

#endif
