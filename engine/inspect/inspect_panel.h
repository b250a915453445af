// What the panels of inspect are written with: a pen that goes down a column of text in the 8x8
// font, scaled by whole pixels with the window. Only inspect*.c include it.
#ifndef INSPECT_PANEL_H
#define INSPECT_PANEL_H
#include "draw.h"

#define INSPECT_INK     0xf2f0e8ffu
#define INSPECT_DIM_INK 0xa8a49affu
#define INSPECT_PANEL   0x16181de8u
#define INSPECT_RED     0xff6b5bffu
#define INSPECT_AMBER   0xffc857ffu
#define INSPECT_GREEN   0x7bd88fffu

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

#endif
