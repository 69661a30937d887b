// What a test needs to know of the window: with --probe FILE the program writes there what it shows, when it was told
// what, and how late its timer and its keys were. Without it nothing of this happens.

#ifndef AGENT_CONSOLE_PROBE_HPP
#define AGENT_CONSOLE_PROBE_HPP

#include <gtk/gtk.h>

namespace probe {

// Begins to write, and to watch the main loop by a timer of 10 ms.
void open(const char *file);
void close();

// Writes one line: milliseconds of the monotonic clock, and the text.
void event(const char *format, ...) G_GNUC_PRINTF(1, 2);

// Writes where a widget is on the screen, whenever that changes.
void place(GtkWidget *widget, const char *name);

// Counts how often a widget is drawn.
void count_draws(GtkWidget *widget);

// Writes each key that reaches this window, and how late it does.
void keys(GtkWidget *window);

}  // namespace probe

#endif
