#include "details.hpp"

#include "portrait.hpp"
#include "probe.hpp"
#include "widgets.hpp"

Details::Details(Console &console) : console_(console)
{
    static const char *const names[facts] = {"E-mail", "Lookup code", "Place", "Device",
                                             "Current page", "Tags", "Last seen", "Recent sessions"};
    portrait_ = portrait_new(68);
    name_ = label("", {"visitor-name"});
    gtk_label_set_selectable(GTK_LABEL(name_), TRUE);
    gtk_widget_set_can_focus(name_, FALSE);
    state_ = label("", {"dim"});
    GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 3);
    gtk_widget_set_valign(words, GTK_ALIGN_CENTER);
    gtk_container_add(GTK_CONTAINER(words), name_);
    gtk_container_add(GTK_CONTAINER(words), state_);
    GtkWidget *head = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 18);
    gtk_container_add(GTK_CONTAINER(head), portrait_);
    gtk_box_pack_start(GTK_BOX(head), words, TRUE, TRUE, 0);

    start_ = styled(gtk_button_new_with_mnemonic("_Start co-browsing"), {"start"});
    stop_ = styled(gtk_button_new_with_mnemonic("S_top session"), {"stop"});
    gtk_widget_set_tooltip_text(start_, "Opens this visitor's page in your browser");
    GtkWidget *buttons = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 10);
    gtk_container_add(GTK_CONTAINER(buttons), start_);
    gtk_container_add(GTK_CONTAINER(buttons), stop_);
    g_signal_connect_swapped(start_, "clicked", G_CALLBACK(+[](Console *model) { model->start_cobrowsing(); }),
                             &console_);
    g_signal_connect_swapped(stop_, "clicked", G_CALLBACK(+[](Console *model) { model->stop_session(); }),
                             &console_);

    GtkWidget *grid = gtk_grid_new();
    gtk_grid_set_row_spacing(GTK_GRID(grid), 12);
    gtk_grid_set_column_spacing(GTK_GRID(grid), 28);
    for (int i = 0; i < facts; i++) {
        facts_[i] = label("", {});
        gtk_label_set_selectable(GTK_LABEL(facts_[i]), TRUE);
        gtk_widget_set_can_focus(facts_[i], FALSE);
        gtk_widget_set_hexpand(facts_[i], TRUE);
        gtk_grid_attach(GTK_GRID(grid), label(names[i], {"fact"}), 0, i, 1, 1);
        gtk_grid_attach(GTK_GRID(grid), facts_[i], 1, i, 1, 1);
    }

    GtkWidget *visitor = styled(gtk_box_new(GTK_ORIENTATION_VERTICAL, 26), {"details"});
    gtk_container_add(GTK_CONTAINER(visitor), head);
    gtk_container_add(GTK_CONTAINER(visitor), buttons);
    gtk_container_add(GTK_CONTAINER(visitor), gtk_separator_new(GTK_ORIENTATION_HORIZONTAL));
    gtk_container_add(GTK_CONTAINER(visitor), grid);

    GtkWidget *nobody = styled(gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), {"details"});
    gtk_box_pack_start(GTK_BOX(nobody),
                       empty_page("avatar-default-symbolic", "No visitor selected",
                                  "Select the visitor you are talking to, or search for the four-digit code that the "
                                  "visitor reads out."),
                       TRUE, TRUE, 0);
    stack_ = gtk_stack_new();
    gtk_stack_add_named(GTK_STACK(stack_), nobody, "nobody");
    gtk_stack_add_named(GTK_STACK(stack_), visitor, "visitor");

    probe::position(start_, "start");
    probe::position(stop_, "stop");
}

void Details::update()
{
    const Visitor *visitor = console_.chosen();
    gtk_stack_set_visible_child_name(GTK_STACK(stack_), visitor == nullptr ? "nobody" : "visitor");
    if (visitor == nullptr) return;

    portrait_show(portrait_, *visitor);
    set_text(name_, visitor->name);
    set_text(state_, visitor->in_session ? "In a session now"
                     : visitor->waits    ? "Online, and waiting for a call"
                     : visitor->online   ? "Online"
                                         : "Offline");
    const std::string *const values[facts] = {&visitor->email, &visitor->code, &visitor->location, &visitor->device,
                                              &visitor->page, &visitor->tags, &visitor->seen, &visitor->sessions};
    for (int i = 0; i < facts; i++) {
        set_text(facts_[i], values[i]->empty() ? "–" : *values[i]);
        gtk_widget_set_tooltip_text(facts_[i], values[i]->empty() ? nullptr : values[i]->c_str());
    }
    gtk_widget_set_sensitive(start_, !console_.linking());
    gtk_widget_set_sensitive(stop_, visitor->in_session && !console_.stopping());
    probe::event("details %s %s session %d", visitor->id.c_str(), gtk_label_get_text(GTK_LABEL(name_)),
                 gtk_widget_get_sensitive(stop_));
}
