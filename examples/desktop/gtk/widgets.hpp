// Helpers that create common widgets.

#ifndef AGENT_CONSOLE_WIDGETS_HPP
#define AGENT_CONSOLE_WIDGETS_HPP

#include <gtk/gtk.h>

#include <initializer_list>
#include <string>

inline GtkWidget *styled(GtkWidget *widget, std::initializer_list<const char *> classes)
{
    for (const char *name : classes) gtk_style_context_add_class(gtk_widget_get_style_context(widget), name);
    return widget;
}

inline void set_class(GtkWidget *widget, const char *name, bool on)
{
    GtkStyleContext *context = gtk_widget_get_style_context(widget);
    if (on) {
        gtk_style_context_add_class(context, name);
    } else {
        gtk_style_context_remove_class(context, name);
    }
}

// A label that can be shortened.
inline GtkWidget *label(const char *text, std::initializer_list<const char *> classes)
{
    GtkWidget *made = gtk_label_new(text);
    gtk_label_set_xalign(GTK_LABEL(made), 0);
    gtk_label_set_ellipsize(GTK_LABEL(made), PANGO_ELLIPSIZE_END);
    return styled(made, classes);
}

// Changes a label only if its text differs.
inline void set_text(GtkWidget *widget, const std::string &text)
{
    if (text != gtk_label_get_text(GTK_LABEL(widget))) gtk_label_set_text(GTK_LABEL(widget), text.c_str());
}

// The placeholder for an empty page.
inline GtkWidget *empty_page(const char *icon, const char *title, const char *text)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 10);
    GtkWidget *image = styled(gtk_image_new_from_icon_name(icon, GTK_ICON_SIZE_DIALOG), {"dim"});
    GtkWidget *words = styled(gtk_label_new(text), {"dim"});
    gtk_image_set_pixel_size(GTK_IMAGE(image), 56);
    gtk_label_set_line_wrap(GTK_LABEL(words), TRUE);
    gtk_label_set_justify(GTK_LABEL(words), GTK_JUSTIFY_CENTER);
    gtk_label_set_max_width_chars(GTK_LABEL(words), 40);
    gtk_container_add(GTK_CONTAINER(box), image);
    gtk_container_add(GTK_CONTAINER(box), styled(gtk_label_new(title), {"empty-title"}));
    gtk_container_add(GTK_CONTAINER(box), words);
    gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
    gtk_widget_set_halign(box, GTK_ALIGN_CENTER);
    gtk_container_set_border_width(GTK_CONTAINER(box), 24);
    return box;
}

#endif
