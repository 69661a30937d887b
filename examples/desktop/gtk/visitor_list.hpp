// The search box and the list of visitors.

#ifndef AGENT_CONSOLE_VISITOR_LIST_HPP
#define AGENT_CONSOLE_VISITOR_LIST_HPP

#include <gtk/gtk.h>

#include <map>
#include <string>

#include "console.hpp"

class VisitorList {
public:
    explicit VisitorList(Console &console);
    ~VisitorList();
    VisitorList(const VisitorList &) = delete;
    VisitorList &operator=(const VisitorList &) = delete;

    GtkWidget *widget() const { return box_; }
    void focus_search();

    // Shows the current visitors. Existing rows are updated in place, so the selection and scroll position are kept.
    void update();

private:
    struct Row {
        GtkWidget *row, *portrait, *name, *detail, *badge;
        int position;
    };

    Row make_row();
    static void fill(const Row &row, const Visitor &visitor);
    void search_now();
    void write_to_probe();
    static int by_position(GtkListBoxRow *one, GtkListBoxRow *other, gpointer self);

    Console &console_;
    GtkWidget *box_, *entry_, *list_, *stack_, *nobody_, *scrolled_;
    std::map<std::string, Row> rows_;  // by the visitor's id
    guint typing_ = 0;                 // timer that waits for a pause in typing
};

#endif
