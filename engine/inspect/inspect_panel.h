// What the panels of inspect are written with: a pen that goes down a column of text in the 8x8
// font, scaled by whole pixels with the window. Only inspect*.c include it.
#ifndef INSPECT_PANEL_H
#define INSPECT_PANEL_H
#include "draw.h"
#include "ui_theme.h"

#define INSPECT_PANEL 0x16171ce8u // UI_GROUND, with more of the game behind it

enum { INSPECT_LINE_BYTES = 2048 }; // four bytes a column on the widest of screens

// Where the next line of text goes, how far lines reach, and how large text is: whole multiples of
// the 8x8 font. Lines that do not fit above `bottom` are left out.
typedef struct InspectPen {
    DrawList *over; // NULL: only measured
    float x, y, right, bottom, size;
} InspectPen;

// For a window of this size, with a margin left and right.
InspectPen inspect_pen(float width_px, float height_px, DrawList *over, float y);
float inspect_line_height(const InspectPen *pen);
bool inspect_has_room(const InspectPen *pen);
size_t inspect_columns(const InspectPen *pen); // at least 1

// Bytes of the first `columns` characters of the line that `text` begins with.
size_t inspect_bytes_of(const char *text, size_t columns);
size_t inspect_cells_of(const char *text, size_t bytes);
// How many bytes of `text` go into a line of so many columns, broken at a blank where one is near.
size_t inspect_line_length(const char *text, size_t columns);
// Of `text` as inspect_put_wrapped writes it.
float inspect_text_height(const InspectPen *pen, const char *text);
float inspect_text_width(const InspectPen *pen, const char *text);

// One line, moving the pen below it.
void inspect_put_line(InspectPen *pen, uint32_t ink, const char *text, size_t length);
void inspect_put_wrapped(InspectPen *pen, uint32_t ink, const char *text);
// At most so many lines; the last one ends with "..." when that is not all. Returns how many.
uint32_t inspect_put_lines(InspectPen *pen, uint32_t ink, const char *text, uint32_t most);
// One line of any bytes, with "..." at its end where it is too long.
void inspect_put_cut(InspectPen *pen, uint32_t ink, const char *text);
void inspect_cut(char *out, size_t out_bytes, const char *text, size_t columns);

// Beginning with a place, "game.c:12" or "hero.c:3:9": its bytes, else 0.
size_t inspect_place_length(const char *text);
// Text that begins with so many bytes of a place, in a colour of its own; at most so many lines.
void inspect_put_placed(InspectPen *pen, size_t place, uint32_t ink, const char *text,
                        uint32_t most);
// A row of keys, each on a cap, and what they do, as many rows as it takes. Entries without a key
// are left out.
typedef struct InspectKey {
    const char *key, *does;
} InspectKey;
void inspect_put_keys(InspectPen *pen, const InspectKey *keys, size_t count);
// Letters as elsewhere, or smaller so that a line of source fits: of the screens with sources.
float inspect_source_size(float width_px, float height_px);

#endif
