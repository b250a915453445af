#include "inspect_panel.h"

#include <string.h>

enum {
    GLYPH = 8,
    PAD = 8,
    COLUMNS_WANTED = 100, // of source; letters are smaller than elsewhere to have them, down to:
    SCALE_LEAST = 2
};

InspectPen inspect_pen(float width_px, float height_px, DrawList *over, float y)
{
    // Two pixels a font pixel at 540 lines, three at 810: readable from a chair's distance.
    float high = height_px / 270, wide = width_px / 480;
    float scale = (float)(int)(high < wide ? high : wide);
    scale = scale < 1 ? 1 : scale > 4 ? 4 : scale;
    return (InspectPen){.over = over,
                        .x = PAD * scale,
                        .y = y,
                        .right = width_px - PAD * scale,
                        .bottom = height_px,
                        .size = GLYPH * scale};
}

float inspect_line_height(const InspectPen *pen)
{
    return pen->size * 1.375f;
}

size_t inspect_bytes_of(const char *text, size_t columns)
{
    const char *at = text;
    for (size_t i = 0; i < columns && *at && *at != '\n'; i++) {
        (void)text_next(&at);
    }
    return (size_t)(at - text);
}

size_t inspect_cells_of(const char *text, size_t bytes)
{
    const char *at = text;
    size_t cells = 0;
    for (; (size_t)(at - text) < bytes && text_next(&at) != 0; cells++) {
    }
    return cells;
}

size_t inspect_line_length(const char *text, size_t columns)
{
    size_t length = inspect_bytes_of(text, columns);
    if (text[length] == '\0' || text[length] == '\n') {
        return length;
    }
    for (size_t cut = length; cut > length / 2; cut--) {
        if (text[cut] == ' ') {
            return cut;
        }
    }
    return length;
}

size_t inspect_columns(const InspectPen *pen)
{
    float columns = (pen->right - pen->x) / pen->size;
    return columns < 1 ? 1 : (size_t)columns;
}

static const char *next_line(const char *text, size_t length)
{
    text += length;
    return text + (*text == ' ' || *text == '\n');
}

float inspect_text_height(const InspectPen *pen, const char *text)
{
    size_t lines = 0;
    do {
        text = next_line(text, inspect_line_length(text, inspect_columns(pen)));
        lines++;
    } while (*text);
    return (float)lines * inspect_line_height(pen);
}

float inspect_text_width(const InspectPen *pen, const char *text)
{
    size_t widest = 0;
    do {
        size_t length = inspect_line_length(text, inspect_columns(pen)),
               cells = inspect_cells_of(text, length);
        widest = cells > widest ? cells : widest;
        text = next_line(text, length);
    } while (*text);
    return (float)widest * pen->size;
}

bool inspect_has_room(const InspectPen *pen)
{
    return pen->y + pen->size <= pen->bottom;
}

void inspect_put_line(InspectPen *pen, uint32_t ink, const char *text, size_t length)
{
    char line[INSPECT_LINE_BYTES];
    if (pen->over && inspect_has_room(pen)) {
        (void)text_format(line, sizeof(line), "%.*s", (int)length, text);
        for (char *tab = line; (tab = strchr(tab, '\t')) != NULL;) {
            *tab = ' '; // the font has a box for it
        }
        draw_text(pen->over, pen->x, pen->y, pen->size, ink, line);
    }
    pen->y += inspect_line_height(pen);
}

void inspect_put_wrapped(InspectPen *pen, uint32_t ink, const char *text)
{
    do {
        size_t length = inspect_line_length(text, inspect_columns(pen));
        inspect_put_line(pen, ink, text, length);
        text = next_line(text, length);
    } while (*text && inspect_has_room(pen));
}

void inspect_cut(char *out, size_t out_bytes, const char *text, size_t columns)
{
    char clean[INSPECT_LINE_BYTES];
    text_clean(clean, sizeof(clean), text, false);
    if (inspect_cells_of(clean, strlen(clean)) <= columns) {
        (void)text_format(out, out_bytes, "%s", clean);
        return;
    }
    size_t dots = columns < 3 ? columns : 3;
    size_t length = inspect_bytes_of(clean, columns - dots);
    (void)text_format(out, out_bytes, "%.*s%.*s", (int)length, clean, (int)dots, "...");
}

void inspect_put_cut(InspectPen *pen, uint32_t ink, const char *text)
{
    char line[INSPECT_LINE_BYTES];
    inspect_cut(line, sizeof(line), text, inspect_columns(pen));
    inspect_put_line(pen, ink, line, strlen(line));
}

uint32_t inspect_put_lines(InspectPen *pen, uint32_t ink, const char *text, uint32_t most)
{
    uint32_t lines = 0;
    while (*text && lines < most && inspect_has_room(pen)) {
        size_t columns = inspect_columns(pen), length = inspect_line_length(text, columns);
        const char *rest = next_line(text, length);
        bool is_last =
            lines + 1 == most || pen->y + inspect_line_height(pen) + pen->size > pen->bottom;
        if (*rest && is_last) {
            char line[INSPECT_LINE_BYTES];
            (void)text_format(line, sizeof(line), "%.*s ...", (int)length, text);
            inspect_put_cut(pen, ink, line);
        } else {
            inspect_put_line(pen, ink, text, length);
        }
        text = rest;
        lines++;
    }
    return lines;
}

size_t inspect_place_length(const char *text)
{
    size_t length = strcspn(text, " ");
    const char *colon = memchr(text, ':', length);
    bool is_place = colon && colon[1] >= '0' && colon[1] <= '9';
    return is_place ? length : 0;
}

void inspect_put_placed(InspectPen *pen, size_t place, uint32_t ink, const char *text,
                        uint32_t most)
{
    size_t line = inspect_line_length(text, inspect_columns(pen));
    bool fits =
        text[line] == '\0' || (most > 1 && pen->y + inspect_line_height(pen) * 1.5f <= pen->bottom);
    if (place > 0 && place <= line && fits) {
        InspectPen rest = *pen;
        size_t words = place + strspn(text + place, " ");
        words = words < line ? words : line;
        rest.x += (float)inspect_cells_of(text, words) * pen->size;
        inspect_put_line(pen, UI_WARN_INK, text, place);
        inspect_put_line(&rest, ink, text + words, line - words);
        text = next_line(text, line);
        most--;
    }
    (void)inspect_put_lines(pen, ink, text, most);
}

void inspect_put_keys(InspectPen *pen, const InspectKey *keys, size_t count)
{
    float high = pen->size * 1.5f, x = pen->x;
    for (size_t i = 0; i < count; i++) {
        if (!keys[i].key) {
            continue;
        }
        float cap = draw_text_width(pen->size, keys[i].key) + pen->size;
        float width = cap + pen->size / 2 + draw_text_width(pen->size, keys[i].does);
        if (x > pen->x && x + width > pen->right) {
            x = pen->x;
            pen->y += high + pen->size / 4;
        }
        if (pen->over && x + width <= pen->right && pen->y + high <= pen->bottom) {
            float y = pen->y + (high - pen->size) / 2;
            draw_rect(pen->over, (hl_rectf){x, pen->y, cap, high}, UI_HELD);
            draw_text(pen->over, x + pen->size / 2, y, pen->size, UI_ACCENT_INK, keys[i].key);
            draw_text(pen->over, x + cap + pen->size / 2, y, pen->size, UI_INK, keys[i].does);
        }
        x += width + pen->size * 1.5f;
    }
    pen->y += high;
}

float inspect_source_size(float width_px, float height_px)
{
    InspectPen pen = inspect_pen(width_px, height_px, NULL, 0);
    float scale = pen.size / GLYPH;
    while (scale > SCALE_LEAST && width_px / (GLYPH * scale) < COLUMNS_WANTED) {
        scale--;
    }
    return GLYPH * scale;
}
