#include "portrait.hpp"

#include <string>

namespace {

struct Face {
    std::string letter;
    double hue = 0;
    bool online = false;
};

const char key[] = "face";

std::string first_letter(const std::string &name)
{
    const char *at = name.c_str();
    while (*at != '\0' && !g_unichar_isalnum(g_utf8_get_char(at))) at = g_utf8_next_char(at);
    if (*at == '\0') return "?";
    char bytes[6];
    return std::string(bytes, static_cast<size_t>(g_unichar_to_utf8(g_unichar_toupper(g_utf8_get_char(at)), bytes)));
}

void circle(cairo_t *cairo, double x, double y, double radius)
{
    cairo_new_path(cairo);
    cairo_arc(cairo, x, y, radius, 0, 2 * G_PI);
}

gboolean draw(GtkWidget *widget, cairo_t *cairo, gpointer)
{
    const Face *face = static_cast<const Face *>(g_object_get_data(G_OBJECT(widget), key));
    if (face == nullptr) return GDK_EVENT_PROPAGATE;
    const double size = gtk_widget_get_allocated_width(widget), middle = size / 2;
    double red, green, blue;

    gtk_hsv_to_rgb(face->hue, 0.42, 0.78, &red, &green, &blue);
    circle(cairo, middle, middle, middle);
    cairo_set_source_rgb(cairo, red, green, blue);
    cairo_fill(cairo);

    PangoLayout *layout = gtk_widget_create_pango_layout(widget, face->letter.c_str());
    PangoFontDescription *font = pango_font_description_copy(
        pango_context_get_font_description(gtk_widget_get_pango_context(widget)));
    pango_font_description_set_absolute_size(font, size * 0.42 * PANGO_SCALE);
    pango_font_description_set_weight(font, PANGO_WEIGHT_SEMIBOLD);
    pango_layout_set_font_description(layout, font);
    int width, height;
    pango_layout_get_pixel_size(layout, &width, &height);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_move_to(cairo, middle - width / 2.0, middle - height / 2.0);
    pango_cairo_show_layout(cairo, layout);
    pango_font_description_free(font);
    g_object_unref(layout);

    if (face->online) {
        const double radius = size > 50 ? 7 : 5, at = size - radius - 0.5;
        circle(cairo, at, at, radius + 2);
        cairo_set_source_rgb(cairo, 1, 1, 1);
        cairo_fill(cairo);
        circle(cairo, at, at, radius);
        cairo_set_source_rgb(cairo, 0.13, 0.69, 0.33);
        cairo_fill(cairo);
    }
    return GDK_EVENT_PROPAGATE;
}

}  // namespace

GtkWidget *portrait_new(int size)
{
    GtkWidget *area = gtk_drawing_area_new();
    gtk_widget_set_size_request(area, size, size);
    gtk_widget_set_valign(area, GTK_ALIGN_CENTER);
    g_signal_connect(area, "draw", G_CALLBACK(draw), nullptr);
    return area;
}

void portrait_show(GtkWidget *portrait, const Visitor &visitor)
{
    Face *face = new Face;
    face->letter = first_letter(visitor.name);
    face->hue = (g_str_hash(visitor.id.c_str()) % 360) / 360.0;
    face->online = visitor.online;
    g_object_set_data_full(G_OBJECT(portrait), key, face, [](gpointer data) { delete static_cast<Face *>(data); });
    gtk_widget_queue_draw(portrait);
}
