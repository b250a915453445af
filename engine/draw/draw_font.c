#include "draw_parts.h"

#include "draw_font_data.h" // made by tools/fontc.c

static const DrawImage builtin_image = {
    .w = FONT_ATLAS_W, .h = FONT_ATLAS_H, .pixels = font_texels};

const DrawImage *draw_builtin_image(void)
{
    return &builtin_image;
}

hl_vec2 draw_glyph_texel(uint32_t code_point)
{
    bool has = code_point >= FONT_FIRST && code_point <= FONT_LAST;
    uint32_t cell = has ? code_point - FONT_FIRST : FONT_BOX;
    // Around each glyph is an empty texel.
    return (hl_vec2){(float)(cell % FONT_COLUMNS * FONT_PITCH + 1),
                     (float)(cell / FONT_COLUMNS * FONT_PITCH + 1)};
}

hl_vec2 draw_white_uv(void)
{
    hl_vec2 cell = {FONT_WHITE % FONT_COLUMNS * FONT_PITCH, FONT_WHITE / FONT_COLUMNS * FONT_PITCH};
    return (hl_vec2){(cell.x + FONT_PITCH * 0.5f) / FONT_ATLAS_W,
                     (cell.y + FONT_PITCH * 0.5f) / FONT_ATLAS_H};
}
