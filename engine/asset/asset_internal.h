// What the files that work on a session's Assets share; asset_parts.h has the parts that know
// nothing of it.
#ifndef ASSET_INTERNAL_H
#define ASSET_INTERNAL_H
#include "asset_parts.h"

enum {
    NAMES_MAX = 4096,
    FOLDERS_MAX = 16,
    FONTS_MAX = 64,
    NOTES_MAX = 32,
    NOTE_BYTES = 512,
    NAME_BYTES = 256
};

// A name that somebody asked for, for the session.
typedef struct Entry {
    char name[NAME_BYTES];    // cut if it is too long to be a name anyway
    uint64_t name_hash;       // of all of it
    bool refused;             // not inside the folders; never read
    bool as_picture, as_font; // what it was asked for as
    AssetData data;
    AssetImage image; // pixels: NULL until asked for, and while never good
    Arena bytes, pixels;
    char why[ASSET_WHY_BYTES]; // what was wrong with the last reading
    // The data is fine as bytes, but not as the picture or font that it was asked for as, too: why
    // not; "" when all is well.
    char unfit[ASSET_WHY_BYTES];
    // The newest content that was refused, and why, so that a retry does not decode it again.
    bool has_bad;
    uint64_t bad_content;
    char bad_why[ASSET_WHY_BYTES];
    // Where it was last found, symlinks of folders resolved; and the file that a symlink there
    // leads to. Hashes of paths.
    uint64_t place, target;
    bool changed;       // to be read at the next refresh
    bool waiting;       // read badly: again at retry_ns, until give_up_ns
    bool has_deadlines; // false until the first refresh after the first failure tells the time
    uint64_t retry_ns, retry_step_ns, give_up_ns;
    uint64_t told; // hash of the last note about it, 0 since it was last good
} Entry;

typedef struct Font {
    Entry *entry;
    AssetFont shown;
    AssetFace face;
    AssetFace next; // of a new version that is not decided on yet
    bool told_full;
} Font;

typedef struct Retired {
    Arena arena;
    uint64_t refresh; // when it was put aside
} Retired;

struct Assets {
    Arena memory, scratch;
    const char *folders[FOLDERS_MAX];
    size_t folder_count;
    Entry *entries; // NAMES_MAX; they never move
    uint32_t entry_count;
    uint16_t *name_slots; // entry + 1; 0: free
    Font fonts[FONTS_MAX];
    uint32_t font_count;
    bool ttf_ready, told_names, told_fonts;
    bool any_waiting; // some entry is `changed` or `waiting`
    Retired *retired; // RETIRED_MAX, oldest first
    size_t retired_count;
    uint64_t refresh;
    char notes[NOTES_MAX][NOTE_BYTES];
    uint32_t note_first, note_count, notes_lost;
};

// ---- asset.c

// Read on the first use; NULL when there is no room for another name.
Entry *asset_use_entry(Assets *assets, const char *name, bool as_picture, bool as_font);

// ---- asset_notes.c

void asset_add_note(Assets *assets, const char *format, ...) BASE_PRINTF(2, 3);
void asset_note_missing(Assets *assets, Entry *entry);
void asset_note_bad(Assets *assets, Entry *entry); // because of entry->why

// ---- asset_version.c

uint64_t asset_hash_text(const char *text);
// Puts *arena aside for whoever still borrows from it; zeroed then.
void asset_retire(Assets *assets, Arena *arena);
// Closes what was put aside before that refresh.
void asset_close_retired(Assets *assets, uint64_t before_refresh);
// What is on disk is not good: asset_refresh tries again for a while.
void asset_wait_for_better(Assets *assets, Entry *entry);
// Reads and settles what the entry's state is. True when a new version was taken over.
bool asset_update_entry(Assets *assets, Entry *entry);

// ---- asset_font.c

// Opens the new version in every size in use, or in none. On failure entry->why says why.
bool asset_open_next_faces(Assets *assets, Entry *entry, FileBytes file);
// Shows what asset_open_next_faces has opened.
void asset_take_next_faces(Assets *assets, const Entry *entry);
bool asset_has_font(const Assets *assets, const Entry *entry);

#endif
