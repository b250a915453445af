// What the files of this module share and nobody else sees.
#ifndef DRAW_PARTS_H
#define DRAW_PARTS_H
#include "draw.h"

#define DRAW_TEXT_SIZE 8.0f // what a size of 0 means, and the font's own

// Makes sure that `memory`, which holds nothing but items of `item_bytes`, has room for `more`
// items behind the first `count`. False when that would be more than `max`, or the system refuses.
bool draw_room(Arena *memory, size_t item_bytes, size_t max, size_t count, size_t more);
// Where the glyph of a code point is in the built-in image, in texels; 8 x 8.
hl_vec2 draw_glyph_texel(uint32_t code_point);
// The middle of the built-in image's white cell, 0..1.
hl_vec2 draw_white_uv(void);
bool draw_is_finite(const float *values, size_t count);

#endif
