#include "window.hpp"

#include "probe.hpp"
#include "style.hpp"
#include "widgets.hpp"

namespace {

// Faster calls show no progress indicator.
constexpr guint busy_after_ms = 200;

GtkWidget *new_window(GtkWidget *tabs)
{
    GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    GtkWidget *header = gtk_header_bar_new();
    GtkCssProvider *looks = gtk_css_provider_new();

    gtk_css_provider_load_from_data(looks, style, -1, nullptr);
    gtk_style_context_add_provider_for_screen(gtk_widget_get_screen(window), GTK_STYLE_PROVIDER(looks),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    g_object_unref(looks);
    gtk_header_bar_set_show_close_button(GTK_HEADER_BAR(header), TRUE);
    gtk_header_bar_set_title(GTK_HEADER_BAR(header), "Agent console");
    if (tabs != nullptr) {
        gtk_header_bar_set_custom_title(GTK_HEADER_BAR(header), tabs);
        gtk_header_bar_pack_start(GTK_HEADER_BAR(header), label("Agent console", {"program"}));
    }
    gtk_window_set_titlebar(GTK_WINDOW(window), header);
    gtk_window_set_title(GTK_WINDOW(window), "Agent console");
    gtk_window_set_icon_name(GTK_WINDOW(window), "system-users");
    gtk_window_set_default_size(GTK_WINDOW(window), 980, 640);
    g_signal_connect(window, "destroy", G_CALLBACK(gtk_main_quit), nullptr);
    return window;
}

}  // namespace

Window::Window(Console &console, unsigned refresh_ms)
    : console_(console), list_(console), details_(console), history_(console)
{
    GtkWidget *visitors = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
    gtk_container_add(GTK_CONTAINER(visitors), list_.widget());
    gtk_box_pack_start(GTK_BOX(visitors), details_.widget(), TRUE, TRUE, 0);

    tabs_ = gtk_stack_new();
    gtk_stack_add_titled(GTK_STACK(tabs_), visitors, "visitors", "Visitors");
    gtk_stack_add_titled(GTK_STACK(tabs_), history_.widget(), "history", "History");
    GtkWidget *switcher = gtk_stack_switcher_new();
    gtk_stack_switcher_set_stack(GTK_STACK_SWITCHER(switcher), GTK_STACK(tabs_));
    g_signal_connect_swapped(tabs_, "notify::visible-child", G_CALLBACK(+[](Window *self) {
                                 const char *tab = gtk_stack_get_visible_child_name(GTK_STACK(self->tabs_));
                                 probe::event("tab %s", tab);
                                 if (g_strcmp0(tab, "history") == 0 && self->console_.history().empty()) {
                                     self->console_.load_history();
                                 }
                             }), this);

    GtkWidget *all = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_container_add(GTK_CONTAINER(all), make_error_bar());
    gtk_box_pack_start(GTK_BOX(all), tabs_, TRUE, TRUE, 0);
    gtk_container_add(GTK_CONTAINER(all), make_status_line());
    window_ = new_window(switcher);
    gtk_container_add(GTK_CONTAINER(window_), all);

    int number = 0;
    GList *buttons = gtk_container_get_children(GTK_CONTAINER(switcher));
    for (GList *at = buttons; at != nullptr; at = at->next) {
        probe::position(GTK_WIDGET(at->data), number++ == 0 ? "visitors-tab" : "history-tab");
    }
    g_list_free(buttons);
    probe::position(window_, "window");
    probe::keys(window_);
    g_signal_connect(window_, "key-press-event", G_CALLBACK(+[](GtkWidget *, GdkEventKey *key, gpointer self) {
                         return static_cast<Window *>(self)->pressed(*key);
                     }), this);

    refreshing_ = g_timeout_add(refresh_ms, [](gpointer model) -> gboolean {
        static_cast<Console *>(model)->refresh();
        return G_SOURCE_CONTINUE;
    }, &console_);
    console_.show_on(this);
    gtk_widget_show_all(window_);
    list_.update();
    details_.update();
    list_.focus_search();
}

Window::~Window()
{
    g_source_remove(refreshing_);
    if (busy_soon_ != 0) g_source_remove(busy_soon_);
}

gboolean Window::pressed(const GdkEventKey &key)
{
    const bool control = (key.state & gtk_accelerator_get_default_mod_mask()) == GDK_CONTROL_MASK;
    if (key.keyval == GDK_KEY_F5) {
        console_.reload();
    } else if (control && key.keyval == GDK_KEY_f) {
        gtk_stack_set_visible_child_name(GTK_STACK(tabs_), "visitors");
        list_.focus_search();
    } else if (control && key.keyval == GDK_KEY_q) {
        gtk_widget_destroy(window_);
    } else if (key.keyval == GDK_KEY_Escape && console_.busy() != nullptr) {
        cancel();
    } else {
        return GDK_EVENT_PROPAGATE;
    }
    return GDK_EVENT_STOP;
}

void Window::cancel()
{
    probe::event("cancel");
    console_.cancel();
}

GtkWidget *Window::make_error_bar()
{
    GtkWidget *bar = styled(gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12), {"error-bar"});
    GtkWidget *close = styled(gtk_button_new_from_icon_name("window-close-symbolic", GTK_ICON_SIZE_MENU), {"flat"});
    error_text_ = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(error_text_), 0);
    gtk_label_set_line_wrap(GTK_LABEL(error_text_), TRUE);
    gtk_label_set_selectable(GTK_LABEL(error_text_), TRUE);
    gtk_widget_set_can_focus(error_text_, FALSE);
    again_ = gtk_button_new_with_mnemonic("Try _again");
    gtk_widget_set_tooltip_text(close, "Dismiss");
    gtk_widget_set_no_show_all(again_, TRUE);
    for (GtkWidget *button : {again_, close}) gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    gtk_container_add(GTK_CONTAINER(bar), gtk_image_new_from_icon_name("dialog-warning-symbolic", GTK_ICON_SIZE_MENU));
    gtk_box_pack_start(GTK_BOX(bar), error_text_, TRUE, TRUE, 0);
    gtk_container_add(GTK_CONTAINER(bar), again_);
    gtk_container_add(GTK_CONTAINER(bar), close);
    g_signal_connect_swapped(again_, "clicked", G_CALLBACK(+[](Console *model) { model->try_again(); }), &console_);
    g_signal_connect_swapped(close, "clicked", G_CALLBACK(+[](Console *model) { model->dismiss(); }), &console_);
    error_bar_ = gtk_revealer_new();
    // No animation: a click could miss a moving button.
    gtk_revealer_set_transition_type(GTK_REVEALER(error_bar_), GTK_REVEALER_TRANSITION_TYPE_NONE);
    gtk_container_add(GTK_CONTAINER(error_bar_), bar);
    probe::position(again_, "again");
    probe::position(close, "dismiss");
    return error_bar_;
}

GtkWidget *Window::make_status_line()
{
    GtkWidget *line = styled(gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12), {"status"});
    gtk_widget_set_size_request(line, -1, 40);
    status_ = label("", {"dim", "small"});
    spinner_ = gtk_spinner_new();
    busy_text_ = styled(gtk_label_new(""), {"small"});
    cancel_ = gtk_button_new_with_mnemonic("_Cancel");
    busy_ = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 10);
    for (GtkWidget *widget : {spinner_, busy_text_, cancel_}) {
        gtk_widget_set_valign(widget, GTK_ALIGN_CENTER);
        gtk_widget_show(widget);
        gtk_container_add(GTK_CONTAINER(busy_), widget);
    }
    gtk_widget_set_no_show_all(busy_, TRUE);
    gtk_box_pack_start(GTK_BOX(line), status_, TRUE, TRUE, 0);
    gtk_container_add(GTK_CONTAINER(line), busy_);
    g_signal_connect_swapped(cancel_, "clicked", G_CALLBACK(+[](Window *self) { self->cancel(); }), this);
    probe::position(cancel_, "cancel");
    probe::count_draws(spinner_);
    return line;
}

void Window::visitors_changed()
{
    list_.update();
    int online = 0;
    for (const Visitor &visitor : console_.visitors()) online += visitor.online ? 1 : 0;
    GDateTime *now = g_date_time_new_now_local();
    char *time = g_date_time_format(now, "%H:%M:%S");
    const size_t count = console_.visitors().size();
    char *text = g_strdup_printf("%zu visitor%s, %d online · %s", count, count == 1 ? "" : "s", online, time);
    set_text(status_, text);
    g_free(text);
    g_free(time);
    g_date_time_unref(now);
}

void Window::chosen_changed()
{
    details_.update();
}

void Window::history_changed()
{
    history_.update();
}

void Window::show_busy(bool shown)
{
    const char *what = console_.busy();
    if (shown && what != nullptr) set_text(busy_text_, what);
    if (shown == static_cast<bool>(gtk_widget_get_visible(busy_))) return;
    gtk_widget_set_visible(busy_, shown);
    g_object_set(spinner_, "active", shown, nullptr);
    if (shown) {
        probe::event("busy %s", gtk_label_get_text(GTK_LABEL(busy_text_)));
    } else {
        probe::event("idle");
    }
}

void Window::busy_changed()
{
    const bool busy = console_.busy() != nullptr;
    if (busy && busy_soon_ == 0 && !gtk_widget_get_visible(busy_)) {
        busy_soon_ = g_timeout_add(busy_after_ms, [](gpointer data) -> gboolean {
            Window *self = static_cast<Window *>(data);
            self->busy_soon_ = 0;
            self->show_busy(self->console_.busy() != nullptr);
            return G_SOURCE_REMOVE;
        }, this);
    } else if (busy_soon_ == 0) {
        show_busy(busy);
    }
}

void Window::error_changed()
{
    const ShownError *error = console_.shown_error();
    gtk_revealer_set_reveal_child(GTK_REVEALER(error_bar_), error != nullptr);
    if (error != nullptr) {
        set_text(error_text_, error->message);
        gtk_widget_set_visible(again_, error->retryable);
        probe::event("error retryable %d %s", error->retryable, gtk_label_get_text(GTK_LABEL(error_text_)));
    } else {
        probe::event("no error");
    }
}

void Window::show_notice(const std::string &notice)
{
    set_text(status_, notice);
    probe::event("notice %s", gtk_label_get_text(GTK_LABEL(status_)));
}

bool Window::open_link(const char *link)
{
    // Other schemes could start other programs.
    if (!g_str_has_prefix(link, "https://") && !g_str_has_prefix(link, "http://")) return false;
    // No GError is requested, because its message would contain the link.
    return gtk_show_uri_on_window(GTK_WINDOW(window_), link, GDK_CURRENT_TIME, nullptr);
}

void show_setup(const std::string &message)
{
    GtkWidget *window = new_window(nullptr);
    GtkWidget *page = empty_page("dialog-password-symbolic", "The API key is missing", message.c_str());
    GtkWidget *command = styled(gtk_label_new("UPSCOPE_API_KEY=your-key agent-console"), {"code"});
    GtkWidget *close = gtk_button_new_with_mnemonic("_Close");
    gtk_widget_set_halign(close, GTK_ALIGN_CENTER);
    gtk_label_set_selectable(GTK_LABEL(command), TRUE);
    gtk_widget_set_can_focus(command, FALSE);
    gtk_container_add(GTK_CONTAINER(page), command);
    gtk_container_add(GTK_CONTAINER(page), close);
    g_signal_connect_swapped(close, "clicked", G_CALLBACK(gtk_widget_destroy), window);
    gtk_container_add(GTK_CONTAINER(window), page);
    probe::position(window, "window");
    probe::event("setup %s", message.c_str());
    gtk_widget_show_all(window);
    gtk_widget_grab_focus(close);
}
