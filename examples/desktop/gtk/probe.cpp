#include "probe.hpp"

#include <cstdarg>
#include <cstdio>
#include <initializer_list>

namespace {

constexpr gint64 tick_us = 10 * 1000;
constexpr int ticks_a_line = 20;

FILE *file;
gint64 last_tick;
gint64 worst_us;
int ticks, draws;

gboolean tick(gpointer)
{
    const gint64 now = g_get_monotonic_time();
    const gint64 late = now - last_tick - tick_us;
    if (late > worst_us) worst_us = late;
    last_tick = now;
    if (++ticks == ticks_a_line) {
        probe::event("ticks %d worst %.1f draws %d", ticks, static_cast<double>(worst_us) / 1000, draws);
        ticks = draws = 0;
        worst_us = 0;
    }
    return G_SOURCE_CONTINUE;
}

gboolean write_position(gpointer data)
{
    GtkWidget *widget = GTK_WIDGET(data);
    const char *name = static_cast<const char *>(g_object_get_data(G_OBJECT(widget), "probe-name"));
    GtkWidget *top = gtk_widget_get_toplevel(widget);
    char *text;
    int x = 0, y = 0, left = 0, above = 0;

    // A widget is one pixel wide before its layout.
    if (gtk_widget_get_mapped(widget) && gtk_widget_get_allocated_width(widget) > 1 &&
        gtk_widget_translate_coordinates(widget, top, 0, 0, &x, &y)) {
        gdk_window_get_origin(gtk_widget_get_window(top), &left, &above);
        text = g_strdup_printf("position %s %d %d %d %d", name, left + x, above + y,
                               gtk_widget_get_allocated_width(widget), gtk_widget_get_allocated_height(widget));
    } else {
        text = g_strdup_printf("position %s hidden", name);
    }
    const char *before = static_cast<const char *>(g_object_get_data(G_OBJECT(widget), "probe-position"));
    if (g_strcmp0(before, text) != 0) probe::event("%s", text);
    g_object_set_data_full(G_OBJECT(widget), "probe-position", text, g_free);
    return G_SOURCE_REMOVE;
}

void look(GtkWidget *widget)
{
    // After the layout that is now in progress.
    g_idle_add_full(G_PRIORITY_LOW, write_position, g_object_ref(widget), g_object_unref);
}

gboolean on_key(GtkWidget *, GdkEventKey *key, gpointer)
{
    // A local X server uses the same clock.
    const guint32 now = static_cast<guint32>(g_get_monotonic_time() / 1000);
    probe::event("key %s late %d", gdk_keyval_name(key->keyval), static_cast<int>(now - key->time));
    return GDK_EVENT_PROPAGATE;
}

}  // namespace

void probe::open(const char *name)
{
    file = std::fopen(name, "w");
    if (file == nullptr) {
        g_printerr("%s cannot be written.\n", name);
        return;
    }
    last_tick = g_get_monotonic_time();
    g_timeout_add_full(G_PRIORITY_DEFAULT, tick_us / 1000, tick, nullptr, nullptr);
}

void probe::close()
{
    if (file != nullptr) std::fclose(file);
    file = nullptr;
}

void probe::event(const char *format, ...)
{
    if (file == nullptr) return;
    va_list values;
    std::fprintf(file, "%.1f ", static_cast<double>(g_get_monotonic_time()) / 1000);
    va_start(values, format);
    std::vfprintf(file, format, values);
    va_end(values);
    std::fputc('\n', file);
    std::fflush(file);
}

void probe::position(GtkWidget *widget, const char *name)
{
    if (file == nullptr) return;
    g_object_set_data(G_OBJECT(widget), "probe-name", const_cast<char *>(name));
    for (const char *signal : {"size-allocate", "map", "unmap"}) {
        g_signal_connect_after(widget, signal, G_CALLBACK(look), nullptr);
    }
}

void probe::count_draws(GtkWidget *widget)
{
    if (file == nullptr) return;
    g_signal_connect(widget, "draw", G_CALLBACK(+[](GtkWidget *, cairo_t *, gpointer) -> gboolean {
                         draws++;
                         return GDK_EVENT_PROPAGATE;
                     }),
                     nullptr);
}

void probe::keys(GtkWidget *window)
{
    if (file != nullptr) g_signal_connect(window, "key-press-event", G_CALLBACK(on_key), nullptr);
}
