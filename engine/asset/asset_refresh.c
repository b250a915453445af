// Changes on disk: which names a changed path means, and reading those again until they are good or
// given up.
#include "asset_internal.h"

#include <stdlib.h>

enum {
    RETRY_FIRST_MS = 20, // then twice as long each time
    RETRY_FOR_MS = 1000
};

static void mark_changed(Assets *assets, Entry *entry)
{
    entry->changed = !entry->refused;
    assets->any_waiting = true;
}

// All names that are `rest` or lie in a folder of that name; "" is all.
static void mark_below(Assets *assets, const char *rest)
{
    for (uint32_t i = 0; i < assets->entry_count; i++) {
        if (rest[0] == '\0' || asset_path_below(assets->entries[i].name, rest)) {
            mark_changed(assets, &assets->entries[i]);
        }
    }
}

void asset_changed(Assets *assets, const char *path)
{
    char given[FILE_PATH_MAX], real[FILE_PATH_MAX], folder[FILE_PATH_MAX];
    if (!asset_path_absolute(given, path) || !asset_path_real(real, path)) {
        return; // longer than any path that can be opened
    }
    for (size_t i = 0; i < assets->folder_count; i++) {
        const char *rest = asset_path_absolute(folder, assets->folders[i])
                               ? asset_path_below(given, folder)
                               : NULL;
        if (!rest && realpath(assets->folders[i], folder)) {
            rest = asset_path_below(real, folder);
        }
        if (rest) {
            mark_below(assets, rest);
        }
    }
    uint64_t place = asset_hash_text(real);
    for (uint32_t i = 0; i < assets->entry_count; i++) {
        if (assets->entries[i].place == place || assets->entries[i].target == place) {
            mark_changed(assets, &assets->entries[i]);
        }
    }
}

void asset_changed_all(Assets *assets)
{
    mark_below(assets, "");
}

static void set_deadlines(Entry *entry, uint64_t now_ns)
{
    entry->has_deadlines = true;
    entry->retry_step_ns = RETRY_FIRST_MS * NS_PER_MS;
    entry->retry_ns = now_ns + entry->retry_step_ns;
    entry->give_up_ns = now_ns + RETRY_FOR_MS * NS_PER_MS;
}

static bool retry(Assets *assets, Entry *entry, uint64_t now_ns)
{
    bool grew = asset_update_entry(assets, entry);
    if (!entry->waiting) {
        return grew;
    }
    if (now_ns >= entry->give_up_ns) {
        entry->waiting = false;
        asset_note_bad(assets, entry);
        return grew;
    }
    entry->retry_step_ns *= 2;
    entry->retry_ns = now_ns + entry->retry_step_ns;
    if (entry->retry_ns > entry->give_up_ns) {
        entry->retry_ns = entry->give_up_ns;
    }
    return grew;
}

static bool refresh_entry(Assets *assets, Entry *entry, uint64_t now_ns)
{
    if (entry->changed) {
        // A new write, a new chance: the full second begins again.
        entry->changed = false;
        entry->waiting = false;
        bool grew = asset_update_entry(assets, entry);
        set_deadlines(entry, now_ns);
        return grew;
    }
    if (entry->waiting && !entry->has_deadlines) {
        set_deadlines(entry, now_ns);
        return false;
    }
    return entry->waiting && now_ns >= entry->retry_ns && retry(assets, entry, now_ns);
}

bool asset_refresh(Assets *assets, uint64_t now_ns)
{
    assets->refresh++;
    asset_close_retired(assets, assets->refresh - 1);
    if (!assets->any_waiting) {
        return false;
    }
    bool grew = false;
    assets->any_waiting = false;
    for (uint32_t i = 0; i < assets->entry_count; i++) {
        Entry *entry = &assets->entries[i];
        grew |= refresh_entry(assets, entry, now_ns);
        assets->any_waiting |= entry->waiting;
    }
    return grew;
}
