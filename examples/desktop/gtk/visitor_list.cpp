#include "visitor_list.hpp"

#include "portrait.hpp"
#include "probe.hpp"
#include "widgets.hpp"

namespace {

constexpr guint typing_pause_ms = 300;
const char id_key[] = "visitor-id";

const char *id_of(GtkListBoxRow *row)
{
    return static_cast<const char *>(g_object_get_data(G_OBJECT(row), id_key));
}

}  // namespace

VisitorList::VisitorList(Console &console) : console_(console)
{
    box_ = styled(gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), {"side"});
    gtk_widget_set_size_request(box_, 340, -1);

    entry_ = gtk_search_entry_new();
    gtk_entry_set_placeholder_text(GTK_ENTRY(entry_), "Name, e-mail, lookup code, online, #tag");
    gtk_container_add(GTK_CONTAINER(box_), entry_);
    g_signal_connect_swapped(entry_, "changed", G_CALLBACK(+[](VisitorList *self) {
                                 if (self->typing_ != 0) g_source_remove(self->typing_);
                                 self->typing_ = g_timeout_add(typing_pause_ms, [](gpointer data) -> gboolean {
                                     static_cast<VisitorList *>(data)->search_now();
                                     return G_SOURCE_REMOVE;
                                 }, self);
                             }), this);
    g_signal_connect_swapped(entry_, "activate", G_CALLBACK(+[](VisitorList *self) { self->search_now(); }), this);

    list_ = gtk_list_box_new();
    gtk_list_box_set_sort_func(GTK_LIST_BOX(list_), by_position, this, nullptr);
    g_signal_connect(list_, "row-selected", G_CALLBACK(+[](GtkListBox *, GtkListBoxRow *row, gpointer self) {
                         if (row == nullptr) return;
                         Console &model = static_cast<VisitorList *>(self)->console_;
                         const std::string id = id_of(row);
                         if (model.chosen() == nullptr || model.chosen()->id != id) model.choose(id);
                     }), this);
    scrolled_ = gtk_scrolled_window_new(nullptr, nullptr);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled_), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_container_add(GTK_CONTAINER(scrolled_), list_);

    nobody_ = empty_page("system-users-symbolic", "No visitors found", "");
    stack_ = gtk_stack_new();
    gtk_stack_add_named(GTK_STACK(stack_), gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), "nothing yet");
    gtk_stack_add_named(GTK_STACK(stack_), scrolled_, "list");
    gtk_stack_add_named(GTK_STACK(stack_), nobody_, "nobody");
    gtk_box_pack_start(GTK_BOX(box_), stack_, TRUE, TRUE, 0);

    probe::position(entry_, "search");
    probe::position(list_, "visitors");
}

VisitorList::~VisitorList()
{
    if (typing_ != 0) g_source_remove(typing_);
}

void VisitorList::focus_search()
{
    gtk_widget_grab_focus(entry_);
}

void VisitorList::search_now()
{
    if (typing_ != 0) g_source_remove(typing_);
    typing_ = 0;
    char *text = g_strstrip(g_strdup(gtk_entry_get_text(GTK_ENTRY(entry_))));
    if (console_.searched() != text) console_.search(text);
    g_free(text);
}

int VisitorList::by_position(GtkListBoxRow *one, GtkListBoxRow *other, gpointer self)
{
    const std::map<std::string, Row> &rows = static_cast<VisitorList *>(self)->rows_;
    const auto first = rows.find(id_of(one)), second = rows.find(id_of(other));
    if (first == rows.end() || second == rows.end()) return 0;
    return first->second.position - second->second.position;
}

VisitorList::Row VisitorList::make_row()
{
    Row row{};
    GtkWidget *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 1);
    row.portrait = portrait_new(38);
    row.name = label("", {"name"});
    row.detail = label("", {"dim", "small"});
    row.badge = styled(gtk_label_new(""), {"badge"});
    gtk_widget_set_valign(words, GTK_ALIGN_CENTER);
    gtk_widget_set_valign(row.badge, GTK_ALIGN_CENTER);
    gtk_widget_set_no_show_all(row.badge, TRUE);
    gtk_container_add(GTK_CONTAINER(words), row.name);
    gtk_container_add(GTK_CONTAINER(words), row.detail);
    gtk_container_add(GTK_CONTAINER(line), row.portrait);
    gtk_box_pack_start(GTK_BOX(line), words, TRUE, TRUE, 0);
    gtk_container_add(GTK_CONTAINER(line), row.badge);
    row.row = gtk_list_box_row_new();
    gtk_container_add(GTK_CONTAINER(row.row), line);
    gtk_widget_show_all(row.row);
    return row;
}

void VisitorList::fill(const Row &row, const Visitor &visitor)
{
    portrait_show(row.portrait, visitor);
    set_text(row.name, visitor.name);
    set_text(row.detail, !visitor.location.empty()    ? visitor.location
                         : !visitor.device.empty() ? visitor.device
                                                   : visitor.email);
    set_text(row.badge, visitor.in_session ? "in session" : "waiting");
    set_class(row.badge, "in-session", visitor.in_session);
    set_class(row.badge, "waits", !visitor.in_session);
    gtk_widget_set_visible(row.badge, visitor.in_session || visitor.waits);
}

void VisitorList::update()
{
    std::map<std::string, Row> gone;
    gone.swap(rows_);
    int position = 0;
    for (const Visitor &visitor : console_.visitors()) {
        const auto known = gone.find(visitor.id);
        Row row = known == gone.end() ? make_row() : known->second;
        row.position = position++;
        fill(row, visitor);
        if (known == gone.end()) {
            g_object_set_data_full(G_OBJECT(row.row), id_key, g_strdup(visitor.id.c_str()), g_free);
        } else {
            gone.erase(known);
        }
        rows_[visitor.id] = row;
    }
    for (const auto &entry : gone) gtk_widget_destroy(entry.second.row);
    for (const auto &entry : rows_) {
        GtkWidget *row = entry.second.row;
        if (gtk_widget_get_parent(row) == nullptr) gtk_container_add(GTK_CONTAINER(list_), row);
    }
    gtk_list_box_invalidate_sort(GTK_LIST_BOX(list_));

    // The selected visitor may be in the list again.
    const Visitor *chosen = console_.chosen();
    const auto row = chosen == nullptr ? rows_.end() : rows_.find(chosen->id);
    if (row != rows_.end()) gtk_list_box_select_row(GTK_LIST_BOX(list_), GTK_LIST_BOX_ROW(row->second.row));

    gtk_widget_show_all(nobody_);
    gtk_stack_set_visible_child_name(GTK_STACK(stack_), !console_.listed() ? "nothing yet"
                                     : rows_.empty()                       ? "nobody"
                                                                           : "list");
    write_to_probe();
}

void VisitorList::write_to_probe()
{
    GtkListBoxRow *selected = gtk_list_box_get_selected_row(GTK_LIST_BOX(list_));
    GtkAdjustment *down = gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scrolled_));
    int number = 0, boxes = 0;
    for (GtkListBoxRow *at; (at = gtk_list_box_get_row_at_index(GTK_LIST_BOX(list_), number)) != nullptr; number++) {
        const Row &row = rows_[id_of(at)];
        probe::event("row %s %s", id_of(at), gtk_label_get_text(GTK_LABEL(row.name)));
        for (GtkWidget *words : {row.name, row.detail}) {
            boxes += pango_layout_get_unknown_glyphs_count(gtk_label_get_layout(GTK_LABEL(words)));
        }
    }
    probe::event("characters without a glyph %d", boxes);
    probe::event("visitors %d selected %s scrolled %.0f", number, selected == nullptr ? "-" : id_of(selected),
                 gtk_adjustment_get_value(down));
}
