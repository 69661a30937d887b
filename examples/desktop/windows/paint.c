#include "paint.h"

#include <math.h>
#include <string.h>
#include <usp10.h>

#define MOST_PIECES 32

static HFONT fonts[FONTS], emoji_fonts[FONTS];
static int dpi = 96;

int paint_scaled(int length)
{
    return MulDiv(length, dpi, 96);
}

HFONT paint_font(int font)
{
    return fonts[font];
}

static HFONT font_like(const LOGFONTW *base, const WCHAR *face, int percent, int weight)
{
    LOGFONTW wanted = *base;

    wanted.lfHeight = MulDiv(base->lfHeight, percent, 100);
    wanted.lfWeight = weight;
    wanted.lfQuality = CLEARTYPE_QUALITY;
    if (face != NULL) lstrcpynW(wanted.lfFaceName, face, LF_FACESIZE);
    return CreateFontIndirectW(&wanted);
}

/* Whether the system has this font, and does not substitute another. */
static int is_there(HDC dc, const LOGFONTW *base, const WCHAR *face)
{
    WCHAR found[LF_FACESIZE] = L"";
    HFONT font = font_like(base, face, 100, FW_NORMAL);
    HGDIOBJ before = SelectObject(dc, font);

    GetTextFaceW(dc, LF_FACESIZE, found);
    SelectObject(dc, before);
    DeleteObject(font);
    return lstrcmpiW(found, face) == 0;
}

void paint_open(void)
{
    static const struct {
        int percent, weight;
    } looks[FONTS] = {{108, FW_NORMAL}, {108, FW_SEMIBOLD}, {98, FW_NORMAL},
                      {118, FW_NORMAL}, {135, FW_NORMAL},   {190, FW_NORMAL}};
    static const WCHAR *const emoji_faces[] = {L"Segoe UI Emoji", L"Segoe UI Symbol", L"Noto Emoji", L"Symbola"};
    const WCHAR *emoji = NULL;
    NONCLIENTMETRICSW metrics;
    HDC screen = GetDC(NULL);
    size_t i;

    dpi = GetDeviceCaps(screen, LOGPIXELSX);
    memset(&metrics, 0, sizeof metrics);
    metrics.cbSize = sizeof metrics;
    SystemParametersInfoW(SPI_GETNONCLIENTMETRICS, sizeof metrics, &metrics, 0);
    for (i = 0; i < sizeof emoji_faces / sizeof *emoji_faces && emoji == NULL; i++) {
        if (is_there(screen, &metrics.lfMessageFont, emoji_faces[i])) emoji = emoji_faces[i];
    }
    for (i = 0; i < FONTS; i++) {
        fonts[i] = font_like(&metrics.lfMessageFont, NULL, looks[i].percent, looks[i].weight);
        emoji_fonts[i] = font_like(&metrics.lfMessageFont, emoji, looks[i].percent, FW_NORMAL);
    }
    ReleaseDC(NULL, screen);
}

static int is_high(WCHAR unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

/* Whether Uniscribe draws this character: TextOut of older systems shows a box for characters beyond U+FFFF. This
   includes the characters that join and vary emoji. */
static int is_beyond(const WCHAR *at)
{
    return is_high(at[0]) || (at[0] >= 0xDC00 && at[0] <= 0xDFFF) || at[0] == 0xFE0F || at[0] == 0x200D;
}

static int is_emoji(const WCHAR *at)
{
    /* U+1F000 to U+1FFFF. */
    return is_high(at[0]) && at[0] >= 0xD83C && at[0] <= 0xD83F;
}

struct piece {
    const WCHAR *text;
    int length, width, beyond;
    HFONT font;
    SCRIPT_STRING_ANALYSIS analysis; /* for characters beyond U+FFFF */
};

static void measure(HDC dc, struct piece *piece)
{
    SIZE size = {0, 0};
    const SIZE *analysed;

    SelectObject(dc, piece->font);
    piece->analysis = NULL;
    if (!piece->beyond) {
        GetTextExtentPoint32W(dc, piece->text, piece->length, &size);
    } else if (SUCCEEDED(ScriptStringAnalyse(dc, piece->text, piece->length, piece->length * 3 / 2 + 16, -1,
                                             SSA_GLYPHS | SSA_FALLBACK | SSA_LINK, 0, NULL, NULL, NULL, NULL, NULL,
                                             &piece->analysis))) {
        analysed = ScriptString_pSize(piece->analysis);
        if (analysed != NULL) size = *analysed;
    }
    piece->width = size.cx;
}

/* Latin, Greek and Cyrillic need no special handling, and are most text. */
static int is_plain(const struct piece *piece)
{
    int i;

    for (i = 0; i < piece->length; i++) {
        if (piece->text[i] >= 0x0530) return 0;
    }
    return 1;
}

/* Splits the text where the drawing method changes, and measures it. Returns the number of pieces. */
static int cut(HDC dc, int font, const WCHAR *text, struct piece *pieces)
{
    int count = 0;

    while (*text != L'\0' && count < MOST_PIECES) {
        struct piece *piece = &pieces[count++];
        piece->text = text;
        piece->beyond = is_beyond(text);
        piece->font = is_emoji(text) ? emoji_fonts[font] : fonts[font];
        while (*text != L'\0' && is_beyond(text) == piece->beyond) text++;
        piece->length = (int)(text - piece->text);
        /* Arabic, Hebrew, Thai: need shaping or right-to-left order, in a font that has them. */
        if (!piece->beyond && !is_plain(piece)) {
            piece->beyond = ScriptIsComplex(piece->text, piece->length, SIC_COMPLEX) == S_OK;
        }
        measure(dc, piece);
    }
    return count;
}

/* room: the available width for a piece that cannot be split. */
static void draw(HDC dc, int x, int baseline, struct piece *piece, int room)
{
    TEXTMETRICW metrics;
    RECT bounds;

    SelectObject(dc, piece->font);
    if (piece->analysis != NULL) {
        /* ScriptStringOut does not use the baseline. */
        GetTextMetricsW(dc, &metrics);
        SetTextAlign(dc, TA_LEFT | TA_TOP);
        SetRect(&bounds, x, baseline - metrics.tmAscent, x + room, baseline + metrics.tmDescent);
        ScriptStringOut(piece->analysis, x, bounds.top, piece->width > room ? ETO_CLIPPED : 0, &bounds, 0, 0, FALSE);
    } else {
        SetTextAlign(dc, TA_LEFT | TA_BASELINE);
        ExtTextOutW(dc, x, baseline, 0, NULL, piece->text, (UINT)piece->length, NULL);
    }
}

static int line(HDC dc, const RECT *rect, int font, COLORREF color, const WCHAR *text, int draws)
{
    static const WCHAR ellipsis[] = L"\x2026";
    struct piece pieces[MOST_PIECES];
    TEXTMETRICW metrics;
    SIZE dots = {0, 0};
    HGDIOBJ before = SelectObject(dc, fonts[font]);
    UINT align = GetTextAlign(dc);
    int count, i, whole = 0, x = 0, room = rect == NULL ? 0 : rect->right - rect->left, baseline = 0, cut_off;

    GetTextMetricsW(dc, &metrics);
    count = cut(dc, font, text, pieces);
    for (i = 0; i < count; i++) whole += pieces[i].width;
    cut_off = rect != NULL && whole > room;
    if (cut_off) {
        SelectObject(dc, fonts[font]);
        GetTextExtentPoint32W(dc, ellipsis, 1, &dots);
    }
    if (draws) {
        baseline = rect->top + (rect->bottom - rect->top - metrics.tmHeight) / 2 + metrics.tmAscent;
        SetTextColor(dc, color);
        SetBkMode(dc, TRANSPARENT);
    }
    for (i = 0; i < count && draws; i++) {
        struct piece *piece = &pieces[i];
        int left = room - x - dots.cx, fitting = 0;
        SIZE size = {0, 0};
        if (cut_off && piece->width > left) {
            if (piece->beyond && left > 0) {
                draw(dc, rect->left + x, baseline, piece, left);
                x += left;
            } else if (left > 0) {
                SelectObject(dc, piece->font);
                GetTextExtentExPointW(dc, piece->text, piece->length, left, &fitting, NULL, &size);
                GetTextExtentPoint32W(dc, piece->text, fitting, &size);
                piece->length = fitting;
                draw(dc, rect->left + x, baseline, piece, left);
                x += size.cx;
            }
            SelectObject(dc, fonts[font]);
            SetTextAlign(dc, TA_LEFT | TA_BASELINE);
            ExtTextOutW(dc, rect->left + x, baseline, 0, NULL, ellipsis, 1, NULL);
            x += dots.cx;
            break;
        }
        draw(dc, rect->left + x, baseline, piece, piece->width);
        x += piece->width;
    }
    for (i = 0; i < count; i++) {
        if (pieces[i].analysis != NULL) ScriptStringFree(&pieces[i].analysis);
    }
    SetTextAlign(dc, align);
    SelectObject(dc, before);
    return draws ? x : whole;
}

int paint_text(HDC dc, const RECT *rect, int font, COLORREF color, const WCHAR *text)
{
    return line(dc, rect, font, color, text, 1);
}

int paint_text_width(HDC dc, int font, const WCHAR *text)
{
    return line(dc, NULL, font, 0, text, 0);
}

int paint_line_height(int font)
{
    TEXTMETRICW metrics;
    HDC screen = GetDC(NULL);
    HGDIOBJ before = SelectObject(screen, fonts[font]);

    GetTextMetricsW(screen, &metrics);
    SelectObject(screen, before);
    ReleaseDC(NULL, screen);
    return metrics.tmHeight;
}

void paint_fill(HDC dc, const RECT *rect, COLORREF color)
{
    /* The fastest way to fill without a brush. */
    SetBkColor(dc, color);
    ExtTextOutW(dc, 0, 0, ETO_OPAQUE, rect, L"", 0, NULL);
}

/* The share of a pixel at this distance from the edge that is inside. */
static double covered(double inside)
{
    return inside <= -0.5 ? 0.0 : inside >= 0.5 ? 1.0 : inside + 0.5;
}

/* Shapes are cached, because each row uses the same few. */
struct shape {
    int width, height, radius, opacity;
    COLORREF color;
    HBITMAP bitmap;
};

#define MOST_SHAPES 64

static struct shape shapes[MOST_SHAPES];
static HDC shape_dc;

static HBITMAP shape_of(int width, int height, int radius, COLORREF color, int opacity)
{
    BITMAPINFO format;
    DWORD *pixels;
    HBITMAP bitmap;
    int x, y;

    memset(&format, 0, sizeof format);
    format.bmiHeader.biSize = sizeof format.bmiHeader;
    format.bmiHeader.biWidth = width;
    format.bmiHeader.biHeight = -height;
    format.bmiHeader.biPlanes = 1;
    format.bmiHeader.biBitCount = 32;
    bitmap = CreateDIBSection(NULL, &format, DIB_RGB_COLORS, (void **)&pixels, NULL, 0);
    if (bitmap == NULL) return NULL;
    for (y = 0; y < height; y++) {
        double down = fabs(y + 0.5 - height / 2.0) - (height / 2.0 - radius);
        for (x = 0; x < width; x++) {
            double along = fabs(x + 0.5 - width / 2.0) - (width / 2.0 - radius), outside, alpha;
            outside = along > 0 && down > 0 ? sqrt(along * along + down * down) : along > down ? along : down;
            alpha = covered(radius - outside) * opacity / 255.0;
            /* AlphaBlend needs premultiplied colours. */
            pixels[y * width + x] = (DWORD)(alpha * 255 + 0.5) << 24 | (DWORD)(alpha * GetRValue(color) + 0.5) << 16 |
                                    (DWORD)(alpha * GetGValue(color) + 0.5) << 8 |
                                    (DWORD)(alpha * GetBValue(color) + 0.5);
        }
    }
    return bitmap;
}

/* Finds a shape in the cache, or replaces the oldest one. */
static const struct shape *kept_shape(int width, int height, int radius, COLORREF color, int opacity)
{
    static int next;
    struct shape *shape;
    int i;

    for (i = 0; i < MOST_SHAPES; i++) {
        shape = &shapes[i];
        if (shape->bitmap != NULL && shape->width == width && shape->height == height && shape->radius == radius &&
            shape->color == color && shape->opacity == opacity) {
            return shape;
        }
    }
    shape = &shapes[next];
    next = (next + 1) % MOST_SHAPES;
    if (shape->bitmap != NULL) DeleteObject(shape->bitmap);
    shape->width = width;
    shape->height = height;
    shape->radius = radius;
    shape->color = color;
    shape->opacity = opacity;
    shape->bitmap = shape_of(width, height, radius, color, opacity);
    return shape;
}

void paint_round(HDC dc, const RECT *rect, int radius, COLORREF color, int opacity)
{
    int width = rect->right - rect->left, height = rect->bottom - rect->top;
    BLENDFUNCTION blend = {AC_SRC_OVER, 0, 255, AC_SRC_ALPHA};
    const struct shape *shape;
    HGDIOBJ before;

    if (width <= 0 || height <= 0) return;
    if (radius > width / 2) radius = width / 2;
    if (radius > height / 2) radius = height / 2;
    shape = kept_shape(width, height, radius, color, opacity);
    if (shape->bitmap == NULL) return;
    if (shape_dc == NULL) shape_dc = CreateCompatibleDC(NULL);
    before = SelectObject(shape_dc, shape->bitmap);
    GdiAlphaBlend(dc, rect->left, rect->top, width, height, shape_dc, 0, 0, width, height, blend);
    SelectObject(shape_dc, before);
}

void paint_framed(HDC dc, const RECT *rect, int radius, COLORREF color, COLORREF frame)
{
    RECT inner = *rect;

    paint_round(dc, rect, radius, frame, 255);
    InflateRect(&inner, -1, -1);
    paint_round(dc, &inner, radius - 1, color, 255);
}

static COLORREF color_of(const char *id)
{
    static const COLORREF colors[] = {RGB(86, 119, 191), RGB(186, 94, 115), RGB(64, 145, 134), RGB(150, 107, 178),
                                      RGB(184, 122, 62), RGB(96, 138, 74),  RGB(74, 132, 166), RGB(158, 112, 92)};
    unsigned hash = 5381;

    for (; *id != '\0'; id++) hash = hash * 33 + (unsigned char)*id;
    return colors[hash % (sizeof colors / sizeof *colors)];
}

void paint_portrait(HDC dc, int left, int top, int size, const char *id, const WCHAR *name, int online,
                    COLORREF behind)
{
    RECT rect = {left, top, left + size, top + size}, dot;
    WCHAR letter[2] = L"?";
    int large = size > paint_scaled(50), font = large ? FONT_TITLE : FONT_NAME, radius = paint_scaled(large ? 7 : 5), width;

    while (*name != L'\0' && !IsCharAlphaNumericW(*name)) name++;
    if (*name != L'\0') letter[0] = *name;
    CharUpperBuffW(letter, 1);
    paint_round(dc, &rect, size / 2, color_of(id), 255);
    width = paint_text_width(dc, font, letter);
    rect.left += (size - width) / 2;
    rect.right = rect.left + width;
    paint_text(dc, &rect, font, COLOR_PAPER, letter);
    if (!online) return;
    SetRect(&dot, left + size - 2 * radius - 2, top + size - 2 * radius - 2, left + size + 2, top + size + 2);
    paint_round(dc, &dot, size, behind, 255);
    InflateRect(&dot, -2, -2);
    paint_round(dc, &dot, size, RGB(34, 176, 84), 255);
}

int paint_badge(HDC dc, int right, int middle, COLORREF color, const WCHAR *word)
{
    int width = paint_text_width(dc, FONT_SMALL, word) + paint_scaled(16), half = paint_scaled(10);
    RECT rect = {right - width, middle - half, right, middle + half};

    paint_round(dc, &rect, half, color, 34);
    rect.left += paint_scaled(8);
    rect.right -= paint_scaled(8) - 1;
    paint_text(dc, &rect, FONT_SMALL, color, word);
    return width;
}

void paint_close(void)
{
    int i;

    for (i = 0; i < FONTS; i++) {
        DeleteObject(fonts[i]);
        DeleteObject(emoji_fonts[i]);
    }
    for (i = 0; i < MOST_SHAPES; i++) {
        if (shapes[i].bitmap != NULL) DeleteObject(shapes[i].bitmap);
    }
    memset(shapes, 0, sizeof shapes);
    if (shape_dc != NULL) DeleteDC(shape_dc);
    shape_dc = NULL;
}
