// The avatar of a visitor: the first letter of the name on a colour that depends on the id.

#ifndef AGENT_CONSOLE_PORTRAIT_HPP
#define AGENT_CONSOLE_PORTRAIT_HPP

#include <gtk/gtk.h>

#include "answers.hpp"

GtkWidget *portrait_new(int size);
void portrait_show(GtkWidget *portrait, const Visitor &visitor);

#endif
