#include "history.hpp"

#include "probe.hpp"
#include "widgets.hpp"

namespace {

enum { started, visitor, agents, length, features, columns };

const struct {
    const char *title;
    int width;
} headings[columns] = {{"Started", 170}, {"Visitor", 140}, {"Agents", 220}, {"Length", 120}, {"Used", 200}};

}  // namespace

History::History(Console &console) : console_(console)
{
    rows_ = gtk_list_store_new(columns, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
    GtkWidget *tree = gtk_tree_view_new_with_model(GTK_TREE_MODEL(rows_));
    g_object_unref(rows_);
    for (int i = 0; i < columns; i++) {
        GtkCellRenderer *cell = gtk_cell_renderer_text_new();
        g_object_set(cell, "ellipsize", PANGO_ELLIPSIZE_END, "ypad", 6, "xpad", 6, nullptr);
        GtkTreeViewColumn *column =
            gtk_tree_view_column_new_with_attributes(headings[i].title, cell, "text", i, nullptr);
        gtk_tree_view_column_set_resizable(column, TRUE);
        gtk_tree_view_column_set_sizing(column, GTK_TREE_VIEW_COLUMN_FIXED);
        gtk_tree_view_column_set_fixed_width(column, headings[i].width);
        gtk_tree_view_column_set_expand(column, i == agents || i == features);
        gtk_tree_view_append_column(GTK_TREE_VIEW(tree), column);
    }
    // Rows of equal height, so that invisible rows cost nothing.
    gtk_tree_view_set_fixed_height_mode(GTK_TREE_VIEW(tree), TRUE);

    GtkWidget *scrolled = gtk_scrolled_window_new(nullptr, nullptr);
    gtk_container_add(GTK_CONTAINER(scrolled), tree);
    g_signal_connect(scrolled, "edge-reached",
                     G_CALLBACK(+[](GtkScrolledWindow *, GtkPositionType edge, gpointer model) {
                         if (edge == GTK_POS_BOTTOM) static_cast<Console *>(model)->load_history();
                     }), &console_);

    stack_ = gtk_stack_new();
    gtk_stack_add_named(GTK_STACK(stack_), scrolled, "sessions");
    gtk_stack_add_named(GTK_STACK(stack_),
                        empty_page("document-open-recent-symbolic", "No sessions yet",
                                   "Sessions appear here after they have started."),
                        "empty");

    count_ = label("", {"dim"});
    more_ = gtk_button_new_with_mnemonic("Load _more");
    g_signal_connect_swapped(more_, "clicked", G_CALLBACK(+[](Console *model) { model->load_history(); }), &console_);
    GtkWidget *below = styled(gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12), {"more"});
    gtk_box_pack_start(GTK_BOX(below), count_, TRUE, TRUE, 0);
    gtk_container_add(GTK_CONTAINER(below), more_);

    box_ = styled(gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), {"history"});
    gtk_box_pack_start(GTK_BOX(box_), stack_, TRUE, TRUE, 0);
    gtk_container_add(GTK_CONTAINER(box_), below);

    probe::position(tree, "sessions");
    probe::position(more_, "more");
}

void History::update()
{
    const std::vector<Session> &sessions = console_.history();
    const int shown = gtk_tree_model_iter_n_children(GTK_TREE_MODEL(rows_), nullptr);
    for (size_t i = static_cast<size_t>(shown); i < sessions.size(); i++) {
        const Session &session = sessions[i];
        gtk_list_store_insert_with_values(rows_, nullptr, -1, started, session.started.c_str(), visitor,
                                          session.visitor.c_str(), agents, session.agents.c_str(), length,
                                          session.ongoing ? "running" : session.length.c_str(), features,
                                          session.features.c_str(), -1);
    }
    const std::string number = std::to_string(sessions.size()) + (sessions.size() == 1 ? " session" : " sessions");
    set_text(count_, console_.history_complete() ? number + ", all loaded" : number + ", oldest first");
    gtk_widget_set_sensitive(more_, !console_.loading_history());
    gtk_widget_set_visible(more_, !console_.history_complete());
    gtk_stack_set_visible_child_name(GTK_STACK(stack_),
                                     sessions.empty() && console_.history_complete() ? "empty" : "sessions");
    probe::event("history %zu complete %d", sessions.size(), console_.history_complete());
}
