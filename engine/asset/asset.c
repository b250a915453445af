// Sections: names, what callers ask for, opening and closing. asset_parts.h says what the other
// files do.
#include "asset_internal.h"

#include <string.h>

enum {
    NAME_SLOTS = 2 * NAMES_MAX, // power of two
    // What one refresh can put aside, twice: it is closed at the next but one.
    RETIRED_MAX = 2 * (2 * NAMES_MAX + FONTS_MAX)
};

#define SCRATCH_BYTES ((size_t)2 << 20)

// ------------------------------------------------------------------------------------------ names

static uint16_t *find_name_slot(Assets *assets, const char *name, uint64_t hash)
{
    for (uint64_t at = hash;; at++) {
        uint16_t *slot = &assets->name_slots[at % NAME_SLOTS];
        const Entry *entry = *slot ? &assets->entries[*slot - 1] : NULL;
        if (!entry
            || (entry->name_hash == hash && strncmp(entry->name, name, NAME_BYTES - 1) == 0)) {
            return slot;
        }
    }
}

static Entry *add_entry(Assets *assets, const char *name, uint64_t hash)
{
    if (assets->entry_count == NAMES_MAX) {
        if (!assets->told_names) {
            asset_add_note(
                assets,
                "%.200s: more than %d names of assets were asked for; this and further new "
                "ones are missing until the next start",
                name, NAMES_MAX);
        }
        assets->told_names = true;
        return NULL;
    }
    Entry *entry = &assets->entries[assets->entry_count++];
    (void)text_format(entry->name, sizeof(entry->name), "%s", name);
    entry->name_hash = hash;
    entry->data.key = entry->image.key = assets->entry_count;
    entry->refused = !file_name_is_inside(name);
    if (entry->refused) {
        asset_add_note(
            assets,
            "\"%.200s\": not a name inside the asset folders, so it is missing; write it "
            "relative to them, without \"..\"",
            name);
    }
    return entry;
}

Entry *asset_use_entry(Assets *assets, const char *name, bool as_picture, bool as_font)
{
    if (!name) {
        return NULL;
    }
    uint64_t hash = asset_hash_text(name);
    uint16_t *slot = find_name_slot(assets, name, hash);
    if (*slot) {
        return &assets->entries[*slot - 1];
    }
    Entry *entry = add_entry(assets, name, hash);
    if (entry) {
        *slot = (uint16_t)assets->entry_count;
        entry->as_picture = as_picture;
        entry->as_font = as_font;
        if (!entry->refused) {
            (void)asset_update_entry(assets, entry);
        }
    }
    return entry;
}

// -------------------------------------------------------------------------- what callers ask for

AssetData asset_data(Assets *assets, const char *name)
{
    const Entry *entry = asset_use_entry(assets, name, false, false);
    return entry ? entry->data : (AssetData){0};
}

// The bytes that are there were loaded for another use; they stay what they are for that.
static void use_as_picture(Assets *assets, Entry *entry)
{
    entry->as_picture = true;
    if (!entry->data.data) {
        return;
    }
    if (asset_picture_decode(entry->data.data, entry->data.size_bytes, &entry->pixels,
                             &entry->image, entry->why)) {
        entry->image.version = entry->data.version;
    } else {
        memcpy(entry->unfit, entry->why, sizeof(entry->unfit));
        asset_wait_for_better(assets, entry);
    }
}

AssetImage asset_image(Assets *assets, const char *name)
{
    Entry *entry = asset_use_entry(assets, name, true, false);
    if (!entry) {
        return (AssetImage){0};
    }
    if (!entry->as_picture && !entry->refused) {
        use_as_picture(assets, entry);
    }
    return entry->image;
}

// ----------------------------------------------------------------------------- opening and closing

Assets *asset_open(const char *const *folders, size_t folder_count, Fault *fault)
{
    size_t size_bytes = sizeof(Assets) + NAMES_MAX * sizeof(Entry) + NAME_SLOTS * sizeof(uint16_t)
                        + RETIRED_MAX * sizeof(Retired) + FOLDERS_MAX * FILE_PATH_MAX + PAGE_BYTES;
    Arena memory, scratch;
    if (folder_count > FOLDERS_MAX) {
        (void)fault_set(fault, FAULT_USAGE, "%zu asset folders, more than the limit of %d",
                        folder_count, FOLDERS_MAX);
        return NULL;
    }
    for (size_t i = 0; i < folder_count; i++) {
        if (strlen(folders[i]) >= FILE_PATH_MAX) {
            (void)fault_set(fault, FAULT_FILE, "%s: the path is too long", folders[i]);
            return NULL;
        }
    }
    if (!arena_open(&memory, 0, size_bytes, fault)) {
        return NULL;
    }
    if (!arena_open(&scratch, 0, SCRATCH_BYTES, fault)) {
        arena_close(&memory);
        return NULL;
    }
    Assets *assets = ARENA_NEW(&memory, Assets, 1);
    assets->entries = ARENA_NEW(&memory, Entry, NAMES_MAX);
    assets->name_slots = ARENA_NEW(&memory, uint16_t, NAME_SLOTS);
    assets->retired = ARENA_NEW(&memory, Retired, RETIRED_MAX);
    for (size_t i = 0; i < folder_count; i++) {
        assets->folders[assets->folder_count++] = arena_copy_text(&memory, folders[i]);
    }
    assets->memory = memory;
    assets->scratch = scratch;
    return assets;
}

void asset_close(Assets *assets)
{
    if (!assets) {
        return;
    }
    for (uint32_t i = 0; i < assets->font_count; i++) {
        asset_face_close(&assets->fonts[i].face);
    }
    for (uint32_t i = 0; i < assets->entry_count; i++) {
        arena_close(&assets->entries[i].bytes);
        arena_close(&assets->entries[i].pixels);
    }
    asset_close_retired(assets, UINT64_MAX);
    if (assets->ttf_ready) {
        TTF_Quit();
    }
    arena_close(&assets->scratch);
    Arena memory = assets->memory; // it holds *assets itself
    arena_close(&memory);
}

const char *asset_folder(const Assets *assets, size_t index)
{
    return index < assets->folder_count ? assets->folders[index] : NULL;
}
