// Sections: faces of a new version, what callers ask for. The fonts in use: a face for each file
// and size.
#include "asset_internal.h"

#include <string.h>

enum { FONT_SIZE_MIN = 4, FONT_SIZE_MAX = 256 };

// ------------------------------------------------------------------------ faces of a new version

static bool start_ttf(Assets *assets, char why[ASSET_WHY_BYTES])
{
    if (!assets->ttf_ready) {
        assets->ttf_ready = TTF_Init() == 0;
        if (!assets->ttf_ready) {
            (void)text_format(why, ASSET_WHY_BYTES, "fonts cannot be read: %s", TTF_GetError());
        }
    }
    return assets->ttf_ready;
}

static void drop_next_faces(Assets *assets)
{
    for (uint32_t i = 0; i < assets->font_count; i++) {
        asset_face_close(&assets->fonts[i].next);
    }
}

bool asset_open_next_faces(Assets *assets, Entry *entry, FileBytes file)
{
    AssetFace trial;
    if (!start_ttf(assets, entry->why)
        || !asset_face_open(&trial, file.data, file.size_bytes, 16, entry->why)) {
        return false;
    }
    asset_face_close(&trial);
    for (uint32_t i = 0; i < assets->font_count; i++) {
        Font *font = &assets->fonts[i];
        if (font->entry == entry
            && !asset_face_open(&font->next, file.data, file.size_bytes, font->face.size_px,
                                entry->why)) {
            drop_next_faces(assets);
            return false;
        }
    }
    return true;
}

static void show_face(Font *font)
{
    font->shown.atlas.w = font->face.atlas_w;
    font->shown.atlas.h = font->face.atlas_h;
    font->shown.atlas.pixels = font->face.pixels;
    font->shown.atlas.version++;
    font->shown.line_px = font->face.line_px;
    font->shown.ascent_px = font->face.ascent_px;
}

void asset_take_next_faces(Assets *assets, const Entry *entry)
{
    for (uint32_t i = 0; i < assets->font_count; i++) {
        Font *font = &assets->fonts[i];
        if (font->entry == entry) {
            asset_retire(assets,
                         &font->face.memory); // a frame in flight may still borrow its pixels
            asset_face_close(&font->face);
            font->face = font->next;
            font->next = (AssetFace){0};
            font->told_full = false;
            show_face(font);
        }
    }
}

bool asset_has_font(const Assets *assets, const Entry *entry)
{
    for (uint32_t i = 0; i < assets->font_count; i++) {
        if (assets->fonts[i].entry == entry) {
            return true;
        }
    }
    return false;
}

// -------------------------------------------------------------------------- what callers ask for

static Font *find_font(Assets *assets, const Entry *entry, int size_px)
{
    for (uint32_t i = 0; i < assets->font_count; i++) {
        if (assets->fonts[i].entry == entry && assets->fonts[i].face.size_px == size_px) {
            return &assets->fonts[i];
        }
    }
    return NULL;
}

static Font *add_font(Assets *assets, Entry *entry, int size_px)
{
    if (assets->font_count == FONTS_MAX) {
        if (!assets->told_fonts) {
            asset_add_note(assets, "%s at %d px: more than %d fonts and sizes; it is not used",
                           entry->name, size_px, FONTS_MAX);
        }
        assets->told_fonts = true;
        return NULL;
    }
    Font *font = &assets->fonts[assets->font_count];
    *font = (Font){.entry = entry};
    if (!start_ttf(assets, entry->why)
        || !asset_face_open(&font->face, entry->data.data, entry->data.size_bytes, size_px,
                            entry->why)) {
        memcpy(entry->unfit, entry->why, sizeof(entry->unfit));
        asset_wait_for_better(assets, entry);
        return NULL;
    }
    // Behind the keys that names can have.
    font->shown.atlas.key = NAMES_MAX + 1 + assets->font_count++;
    show_face(font);
    return font;
}

const AssetFont *asset_font(Assets *assets, const char *name, int size_px)
{
    size_px = size_px < FONT_SIZE_MIN ? FONT_SIZE_MIN : size_px;
    size_px = size_px > FONT_SIZE_MAX ? FONT_SIZE_MAX : size_px;
    Entry *entry = asset_use_entry(assets, name, false, true);
    if (!entry) {
        return NULL;
    }
    entry->as_font = true;
    Font *font = find_font(assets, entry, size_px);
    if (!font && entry->data.data && !entry->unfit[0]) {
        font = add_font(assets, entry, size_px);
    }
    return font ? &font->shown : NULL;
}

AssetGlyph asset_glyph(Assets *assets, const AssetFont *shown, uint32_t code_point)
{
    Font *font = NULL;
    for (uint32_t i = 0; i < assets->font_count && !font; i++) {
        font = &assets->fonts[i].shown == shown ? &assets->fonts[i] : NULL;
    }
    if (!font) {
        return (AssetGlyph){0};
    }
    bool added;
    AssetGlyph glyph = asset_face_glyph(&font->face, code_point, &added);
    if (added) {
        show_face(font);
    }
    if (font->face.full && !font->told_full) {
        font->told_full = true;
        asset_add_note(assets, "%s at %d px: its atlas is full; further characters stay blank",
                       font->entry->name, font->face.size_px);
    }
    return glyph;
}
