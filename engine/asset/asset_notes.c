// Notes: what is said about assets, a line each and once, in a ring that the caller empties. Names
// come from games, so lines are cleaned and there are never too many.
#include "asset_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void asset_add_note(Assets *assets, const char *format, ...)
{
    if (assets->note_count == NOTES_MAX) {
        assets->notes_lost++;
        return;
    }
    char raw[NOTE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    uint32_t at = (assets->note_first + assets->note_count++) % NOTES_MAX;
    text_clean(assets->notes[at], NOTE_BYTES, raw, false);
}

bool asset_take_note(Assets *assets, char *out, size_t out_bytes)
{
    if (assets->note_count > 0) {
        (void)text_format(out, out_bytes, "%s", assets->notes[assets->note_first]);
        assets->note_first = (assets->note_first + 1) % NOTES_MAX;
        assets->note_count--;
        return true;
    }
    if (assets->notes_lost > 0) {
        (void)text_format(out, out_bytes, "%u more lines about assets were left out",
                          assets->notes_lost);
        assets->notes_lost = 0;
        return true;
    }
    return false;
}

// The same thing about the same name is said once, until the file was good in between.
static bool is_news(Entry *entry, const char *what)
{
    uint64_t hash = hash_bytes(what, strlen(what)) | 1u;
    bool news = entry->told != hash;
    entry->told = hash;
    return news;
}

void asset_note_missing(Assets *assets, Entry *entry)
{
    if (!is_news(entry, "missing")) {
        return;
    }
    const char *meant = NULL;
    char where[NOTE_BYTES] = "";
    size_t used = 0;
    // A game that makes up names by the thousand must not pay for a look at the disk each time.
    bool is_heard = assets->note_count < NOTES_MAX;
    for (size_t i = 0; i < assets->folder_count && !meant && is_heard; i++) {
        const char *folder = assets->folders[i];
        arena_reset(&assets->scratch, 0);
        meant = asset_path_suggest(&assets->scratch, folder, entry->name);
        if (meant) {
            (void)text_format(where, sizeof(where), " (did you mean \"%s\" in %s?)", meant, folder);
        } else if (used < sizeof(where)) {
            (void)text_format(where + used, sizeof(where) - used, "%s%s", i ? ", " : " in ",
                              folder);
            used = strlen(where);
        }
    }
    asset_add_note(assets, "%s: not found%s; it is used as soon as it is there", entry->name,
                   where);
    arena_release(&assets->scratch);
}

void asset_note_bad(Assets *assets, Entry *entry)
{
    if (is_news(entry, entry->why)) {
        asset_add_note(assets, "%s: %s; %s", entry->name, entry->why,
                       entry->data.data && !entry->unfit[0]
                           ? "the last good one stays"
                           : "it is used as soon as the file is good");
    }
}
