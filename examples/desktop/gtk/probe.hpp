// Output for tests. With --probe FILE, the program writes what it shows, when events arrived, and the delays of timer and
// keys. Without that option, nothing is recorded.

#ifndef AGENT_CONSOLE_PROBE_HPP
#define AGENT_CONSOLE_PROBE_HPP

#include <gtk/gtk.h>

namespace probe {

// Starts recording, and monitors the main loop with a 10 ms timer.
void open(const char *file);
void close();

// Writes one line: monotonic time in milliseconds, and the text.
void event(const char *format, ...) G_GNUC_PRINTF(1, 2);

// Writes the position of a widget on the screen whenever it changes.
void position(GtkWidget *widget, const char *name);

// Counts how often a widget is drawn.
void count_draws(GtkWidget *widget);

// Writes each key event of this window and its delay.
void keys(GtkWidget *window);

}  // namespace probe

#endif
