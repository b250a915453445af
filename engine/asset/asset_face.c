// Glyphs are rendered when they are first asked for and packed into rows from left to right. The
// atlas grows downwards at the end of its arena, so pixels that a frame in flight borrowed stay
// where they are.
#include "asset_parts.h"

#include <string.h>

enum {
    SLOTS = 16384, // power of two
    SLOTS_USED_MAX = SLOTS / 4 * 3,
    ATLAS_H_MAX = 8192,
    ATLAS_W_MIN = 256,
    GAP_PX = 1, // so that filtering does not pull in a neighbour
    // No side of a glyph or line of at most 256 px is near this, but a damaged font may ask for
    // gigabytes: FreeType renders up to 32767 x 32767.
    GLYPH_SIDE_MAX = 1024,
    BOX_CODE = 0xFFFF // a noncharacter: every font shows its box for it
};

static int atlas_width(int size_px)
{
    int width = ATLAS_W_MIN;
    while (width < 16 * size_px) {
        width *= 2;
    }
    return width;
}

// Adds `rows` of empty pixels. They follow the ones before without a gap, because nothing else is
// pushed into this arena once it has an atlas.
static bool grow_atlas(AssetFace *face, int rows)
{
    if (face->atlas_h + rows > ATLAS_H_MAX) {
        return false;
    }
    uint32_t *added = arena_try_push(&face->memory, sizeof(uint32_t) * (size_t)face->atlas_w,
                                     sizeof(uint32_t), (size_t)rows);
    if (!added) {
        return false;
    }
    face->pixels = face->pixels ? face->pixels : added;
    face->atlas_h += rows;
    return true;
}

static bool open_ttf(AssetFace *face, const uint8_t *data, size_t size_bytes, int size_px,
                     char why[ASSET_WHY_BYTES])
{
    SDL_RWops *source = SDL_RWFromConstMem(data, (int)size_bytes);
    face->ttf = source ? TTF_OpenFontRW(source, 1, size_px) : NULL;
    if (!face->ttf) {
        (void)text_format(why, ASSET_WHY_BYTES, "not a font: %s", TTF_GetError());
        return false;
    }
    int line = TTF_FontLineSkip(face->ttf), height = TTF_FontHeight(face->ttf);
    if (line <= 0 || line > GLYPH_SIDE_MAX || height <= 0 || height > GLYPH_SIDE_MAX) {
        (void)text_format(why, ASSET_WHY_BYTES, "not a good font: a line of %d pixels at size %d",
                          line, size_px);
        return false;
    }
    face->size_px = size_px;
    face->line_px = (float)line;
    face->ascent_px = (float)TTF_FontAscent(face->ttf);
    return true;
}

bool asset_face_open(AssetFace *face, const uint8_t *data, size_t size_bytes, int size_px,
                     char why[ASSET_WHY_BYTES])
{
    *face = (AssetFace){.atlas_w = atlas_width(size_px)};
    size_t reserve_bytes = SLOTS * sizeof(GlyphSlot)
                           + sizeof(uint32_t) * (size_t)face->atlas_w * ATLAS_H_MAX + PAGE_BYTES;
    Fault fault;
    bool ok = open_ttf(face, data, size_bytes, size_px, why);
    if (ok && !arena_open(&face->memory, 0, reserve_bytes, &fault)) {
        (void)text_format(why, ASSET_WHY_BYTES, "%s", fault.text);
        ok = false;
    }
    if (ok) {
        face->slots = arena_try_push(&face->memory, sizeof(GlyphSlot), _Alignof(GlyphSlot), SLOTS);
        ok = face->slots && grow_atlas(face, (int)face->line_px + GAP_PX);
        if (!ok) {
            (void)text_format(why, ASSET_WHY_BYTES, "no memory for its glyphs");
        }
    }
    if (!ok) {
        asset_face_close(face);
    }
    return ok;
}

void asset_face_close(AssetFace *face)
{
    if (face->ttf) {
        TTF_CloseFont(face->ttf);
    }
    arena_close(&face->memory);
    *face = (AssetFace){0};
}

// The slot of `code_point`, or the free one where it belongs. There always is a free one.
static GlyphSlot *find_slot(const AssetFace *face, uint32_t code_point)
{
    uint32_t at = code_point * 2654435761u; // Knuth's multiplicative hash
    for (at = at >> 18;; at++) {
        GlyphSlot *slot = &face->slots[at % SLOTS];
        if (slot->code_plus_1 == 0 || slot->code_plus_1 == code_point + 1) {
            return slot;
        }
    }
}

// Finds room for w x h in the row or begins a new one.
static bool place(AssetFace *face, int w, int h, int *x, int *y)
{
    if (face->pen_x + w > face->atlas_w) {
        face->row_y += face->row_h + GAP_PX;
        face->pen_x = 0;
        face->row_h = 0;
    }
    int missing = face->row_y + h - face->atlas_h;
    int line = (int)face->line_px + GAP_PX;
    if (w > face->atlas_w
        || (missing > 0 && !grow_atlas(face, missing > line ? missing : line)
            && !grow_atlas(face, missing))) {
        return false;
    }
    *x = face->pen_x;
    *y = face->row_y;
    face->pen_x += w + GAP_PX;
    face->row_h = h > face->row_h ? h : face->row_h;
    return true;
}

static uint32_t alpha_at(const SDL_Surface *picture, int x, int y)
{
    const uint8_t *row = (const uint8_t *)picture->pixels + (size_t)y * (size_t)picture->pitch;
    uint32_t argb; // SDL_ttf documents ARGB for blended text
    memcpy(&argb, row + sizeof(argb) * (size_t)x, sizeof(argb));
    return argb >> 24;
}

// The part of `picture` that is not empty: SDL_ttf renders a whole line's height.
static SDL_Rect find_ink(const SDL_Surface *picture)
{
    int x0 = picture->w, y0 = picture->h, x1 = 0, y1 = 0;
    for (int y = 0; y < picture->h; y++) {
        for (int x = 0; x < picture->w; x++) {
            if (alpha_at(picture, x, y) > 0) {
                x0 = x < x0 ? x : x0;
                y0 = y < y0 ? y : y0;
                x1 = x + 1 > x1 ? x + 1 : x1;
                y1 = y + 1;
            }
        }
    }
    return x1 > 0 ? (SDL_Rect){x0, y0, x1 - x0, y1 - y0} : (SDL_Rect){0};
}

// White, so that a tint gives the colour.
static void copy_ink(AssetFace *face, const SDL_Surface *picture, SDL_Rect ink, int to_x, int to_y)
{
    for (int y = 0; y < ink.h; y++) {
        uint32_t *to = face->pixels + (size_t)(to_y + y) * (size_t)face->atlas_w + to_x;
        for (int x = 0; x < ink.w; x++) {
            to[x] = 0xffffff00u | alpha_at(picture, ink.x + x, ink.y + y);
        }
    }
}

static bool is_side_sane(int value)
{
    return value > -GLYPH_SIDE_MAX && value < GLYPH_SIDE_MAX;
}

// False when there was no room. A glyph without ink (a space) has only its advance.
static bool render(AssetFace *face, uint32_t code_point, AssetGlyph *glyph)
{
    int min_x, max_x, min_y, max_y, advance, x, y;
    *glyph = (AssetGlyph){0};
    if (TTF_GlyphMetrics32(face->ttf, code_point, &min_x, &max_x, &min_y, &max_y, &advance) != 0
        || !is_side_sane(min_x) || !is_side_sane(max_x) || !is_side_sane(min_y)
        || !is_side_sane(max_y) || !is_side_sane(advance)) {
        return true;
    }
    glyph->advance = (float)advance;
    SDL_Surface *picture =
        TTF_RenderGlyph32_Blended(face->ttf, code_point, (SDL_Color){255, 255, 255, 255});
    SDL_Rect ink = picture ? find_ink(picture) : (SDL_Rect){0};
    bool placed = ink.w == 0 || place(face, ink.w, ink.h, &x, &y);
    if (ink.w > 0 && placed) {
        copy_ink(face, picture, ink, x, y);
        // SDL_ttf moves a glyph that begins left of the pen or above the line to the picture's
        // edge. Source: SDL_ttf 2.20, TTF_Size_Internal, xstart and ystart.
        int above = max_y - (int)face->ascent_px;
        glyph->x = (int16_t)x;
        glyph->y = (int16_t)y;
        glyph->w = (int16_t)ink.w;
        glyph->h = (int16_t)ink.h;
        glyph->bearing_x = (float)(ink.x + (min_x < 0 ? min_x : 0));
        glyph->top = (float)(ink.y - (above > 0 ? above : 0));
    }
    SDL_FreeSurface(picture);
    return placed;
}

AssetGlyph asset_face_glyph(AssetFace *face, uint32_t code_point, bool *added)
{
    *added = false;
    code_point = code_point > 0x10FFFF ? BOX_CODE : code_point;
    GlyphSlot *slot = find_slot(face, code_point);
    if (slot->code_plus_1 == 0 && !TTF_GlyphIsProvided32(face->ttf, code_point)) {
        // All that the font lacks share one box: a million of them must not fill the atlas.
        code_point = BOX_CODE;
        slot = find_slot(face, code_point);
    }
    if (slot->code_plus_1 != 0) {
        return slot->glyph;
    }
    AssetGlyph glyph = {0};
    if (face->slot_count >= SLOTS_USED_MAX || !render(face, code_point, &glyph)) {
        face->full = true;
    }
    if (face->slot_count < SLOTS_USED_MAX) {
        *slot = (GlyphSlot){code_point + 1, glyph};
        face->slot_count++;
        *added = glyph.w > 0;
    }
    return glyph;
}
