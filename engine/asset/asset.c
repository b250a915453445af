// Sections: notes, memory of old versions, reading, taking over a new version, names, what callers
// ask for, changes on disk, opening and closing
#include "asset_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAMES_MAX = 4096,
    NAME_SLOTS = 2 * NAMES_MAX, // power of two
    FOLDERS_MAX = 16,
    FONTS_MAX = 64,
    FONT_SIZE_MIN = 4,
    FONT_SIZE_MAX = 256,
    NOTES_MAX = 32,
    NOTE_BYTES = 512,
    NAME_BYTES = 256,
    // What one refresh can put aside, twice: it is closed at the next but one.
    RETIRED_MAX = 2 * (2 * NAMES_MAX + FONTS_MAX),
    RETRY_FIRST_MS = 20, // then twice as long each time
    RETRY_FOR_MS = 1000
};

#define FILE_BYTES_MAX ((size_t)64 << 20)
#define SCRATCH_BYTES  ((size_t)2 << 20)

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

// A file's content that may become the next version.
typedef struct Candidate {
    Arena bytes, pixels;
    FileBytes file;
    uint64_t content;
    AssetImage image;
    char unfit[ASSET_WHY_BYTES];
} Candidate;

typedef enum ReadResult {
    READ_GOOD,    // the candidate holds new content
    READ_SAME,    // what is on disk is what we have
    READ_UNFIT,   // the same, and it is not good for all that it was asked for as
    READ_MISSING, // no folder has the name
    READ_BAD      // entry->why says what is wrong with it
} ReadResult;

// ------------------------------------------------------------------------------------------ notes

static void add_note(Assets *assets, const char *format, ...) BASE_PRINTF(2, 3);
static void add_note(Assets *assets, const char *format, ...)
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

static void note_missing(Assets *assets, Entry *entry)
{
    if (!is_news(entry, "missing")) {
        return;
    }
    const char *meant = NULL;
    // A game that makes up names by the thousand must not pay for a look at the disk each time.
    bool is_heard = assets->note_count < NOTES_MAX;
    for (size_t i = 0; i < assets->folder_count && !meant && is_heard; i++) {
        arena_reset(&assets->scratch, 0);
        meant = asset_path_suggest(&assets->scratch, assets->folders[i], entry->name);
    }
    char hint[NAME_BYTES + 32] = "";
    if (meant) {
        (void)text_format(hint, sizeof(hint), " (did you mean \"%s\"?)", meant);
    }
    add_note(assets, "%s: not found%s%s%s; it is used as soon as it is there", entry->name,
             assets->folder_count > 0 ? " in " : "",
             assets->folder_count > 0 ? assets->folders[0] : "", hint);
    arena_release(&assets->scratch);
}

static void note_bad(Assets *assets, Entry *entry)
{
    if (is_news(entry, entry->why)) {
        add_note(assets, "%s: %s; %s", entry->name, entry->why,
                 entry->data.data && !entry->unfit[0] ? "the last good one stays"
                                                      : "it is used as soon as the file is good");
    }
}

// ------------------------------------------------------------------------- memory of old versions

static void retire(Assets *assets, Arena *arena)
{
    if (arena->base) {
        // Each name takes over at most one version a refresh, so this cannot run out.
        assets->retired[assets->retired_count++] = (Retired){*arena, assets->refresh};
    }
    *arena = (Arena){0};
}

static void close_retired(Assets *assets, uint64_t before_refresh)
{
    size_t closed = 0;
    while (closed < assets->retired_count && assets->retired[closed].refresh < before_refresh) {
        arena_close(&assets->retired[closed].arena);
        closed++;
    }
    assets->retired_count -= closed;
    memmove(assets->retired, assets->retired + closed,
            assets->retired_count * sizeof(assets->retired[0]));
}

static void drop(Candidate *candidate)
{
    arena_close(&candidate->bytes);
    arena_close(&candidate->pixels);
    *candidate = (Candidate){0};
}

// ---------------------------------------------------------------------------------------- reading

static uint64_t hash_text(const char *text)
{
    return hash_bytes(text, strlen(text));
}

// Follows symlinks to the end: the file whose writing changes this name, too.
static uint64_t hash_target(const char *path, uint64_t place)
{
    char link[FILE_PATH_MAX], next[FILE_PATH_MAX], real[FILE_PATH_MAX];
    (void)text_format(next, sizeof(next), "%s", path);
    for (int hops = 0; hops < 16; hops++) {
        ssize_t length = readlink(next, link, sizeof(link) - 1);
        if (length < 0) {
            return asset_path_real(real, next) ? hash_text(real) : place;
        }
        link[length] = '\0';
        char *slash = strrchr(next, '/');
        if (slash) {
            slash[1] = '\0'; // a link is relative to where it lies
        }
        char joined[FILE_PATH_MAX];
        if (!file_join(joined, slash ? next : "", link)) {
            return place;
        }
        memcpy(next, joined, sizeof(next));
    }
    return place;
}

// The first folder that has the name, in whatever shape; else its place in the first folder.
static bool find_path(const Assets *assets, Entry *entry, char path[FILE_PATH_MAX])
{
    char real[FILE_PATH_MAX];
    bool found = false;
    for (size_t i = 0; i < assets->folder_count && !found; i++) {
        found = file_join(path, assets->folders[i], entry->name) && file_exists(path);
    }
    if (found && asset_path_real(real, path)) {
        entry->place = hash_text(real);
        entry->target = hash_target(path, entry->place);
    }
    return found;
}

static ReadResult say_bad(Entry *entry, const char *why)
{
    (void)text_format(entry->why, sizeof(entry->why), "%s", why);
    return READ_BAD;
}

// "path: reason" to "reason": notes begin with the name already.
static const char *without_path(const char *text, const char *path)
{
    size_t length = strlen(path);
    return strncmp(text, path, length) == 0 && strncmp(text + length, ": ", 2) == 0
               ? text + length + 2
               : text;
}

static ReadResult read_bytes(const Assets *assets, Entry *entry, Candidate *candidate)
{
    char path[FILE_PATH_MAX];
    struct stat about;
    Fault fault = {0};
    if (!find_path(assets, entry, path)) {
        return READ_MISSING;
    }
    // An arena of the file's size: should it grow meanwhile, it is read again.
    size_t size_bytes = stat(path, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0
                                && (uint64_t)about.st_size <= FILE_BYTES_MAX
                            ? (size_t)about.st_size
                            : 0;
    if (!arena_open(&candidate->bytes, 0, size_bytes + PAGE_BYTES, &fault)
        || !file_read(&candidate->bytes, path, FILE_BYTES_MAX, &candidate->file, &fault)) {
        return say_bad(entry, without_path(fault.text, path));
    }
    if (candidate->file.size_bytes == 0) {
        return say_bad(entry, "the file is empty");
    }
    candidate->content = hash_bytes(candidate->file.data, candidate->file.size_bytes);
    return READ_GOOD;
}

// ---------------------------------------------------------------------- taking over a new version

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

// Opens the new version in every size in use, or in none.
static bool open_next_faces(Assets *assets, Entry *entry, FileBytes file)
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

static void take_next_faces(Assets *assets, const Entry *entry)
{
    for (uint32_t i = 0; i < assets->font_count; i++) {
        Font *font = &assets->fonts[i];
        if (font->entry == entry) {
            retire(assets, &font->face.memory); // a frame in flight may still borrow its pixels
            asset_face_close(&font->face);
            font->face = font->next;
            font->next = (AssetFace){0};
            font->told_full = false;
            show_face(font);
        }
    }
}

static bool has_font(const Assets *assets, const Entry *entry)
{
    for (uint32_t i = 0; i < assets->font_count; i++) {
        if (assets->fonts[i].entry == entry) {
            return true;
        }
    }
    return false;
}

// A picture has to stay a picture. But a level that somebody once asked for as a picture, by
// mistake, has to stay a level: there, the bytes are taken and only marked as unfit.
static bool is_good_for_use(Assets *assets, Entry *entry, Candidate *candidate)
{
    if (entry->as_picture
        && !asset_picture_decode(candidate->file.data, candidate->file.size_bytes,
                                 &candidate->pixels, &candidate->image, entry->why)) {
        if (entry->image.pixels || !entry->data.data) {
            return false;
        }
        memcpy(candidate->unfit, entry->why, sizeof(candidate->unfit));
    }
    if (entry->as_font && !open_next_faces(assets, entry, candidate->file)) {
        if (has_font(assets, entry) || !entry->data.data) {
            return false;
        }
        memcpy(candidate->unfit, entry->why, sizeof(candidate->unfit));
    }
    return true;
}

static void take_over(Assets *assets, Entry *entry, Candidate *candidate)
{
    // The old faces read from the old bytes, so they go first.
    take_next_faces(assets, entry);
    retire(assets, &entry->bytes);
    retire(assets, &entry->pixels);
    entry->bytes = candidate->bytes;
    entry->pixels = candidate->pixels;
    entry->data.content = candidate->content;
    entry->data.data = candidate->file.data;
    entry->data.size_bytes = candidate->file.size_bytes;
    entry->data.version++;
    entry->image.w = candidate->image.w;
    entry->image.h = candidate->image.h;
    entry->image.pixels = candidate->image.pixels;
    entry->image.version = entry->image.pixels ? entry->data.version : 0;
    entry->has_bad = false;
    memcpy(entry->unfit, candidate->unfit, sizeof(entry->unfit));
    *candidate = (Candidate){0};
}

static ReadResult read_entry(Assets *assets, Entry *entry)
{
    Candidate candidate = {0};
    ReadResult result = read_bytes(assets, entry, &candidate);
    if (result == READ_GOOD) {
        if (entry->data.data && candidate.content == entry->data.content) {
            result = entry->unfit[0] ? READ_UNFIT : READ_SAME;
        } else if (entry->has_bad && candidate.content == entry->bad_content) {
            result = say_bad(entry, entry->bad_why);
        } else if (is_good_for_use(assets, entry, &candidate)) {
            take_over(assets, entry, &candidate);
        } else {
            entry->has_bad = true;
            entry->bad_content = candidate.content;
            memcpy(entry->bad_why, entry->why, sizeof(entry->bad_why));
            result = READ_BAD;
        }
    }
    drop(&candidate);
    return result;
}

static void wait_for_better(Assets *assets, Entry *entry)
{
    entry->waiting = true;
    entry->has_deadlines = false;
    assets->any_waiting = true;
}

static void settle_good(Assets *assets, Entry *entry)
{
    entry->data.state = ASSET_GOOD;
    if (!entry->unfit[0]) {
        entry->waiting = false;
        entry->told = 0;
        return;
    }
    (void)say_bad(entry, entry->unfit);
    if (!entry->waiting) {
        wait_for_better(assets, entry);
    }
}

// Reads and settles what the entry's state is. True when a new version was taken over.
static bool update_entry(Assets *assets, Entry *entry)
{
    ReadResult result = read_entry(assets, entry);
    if (result == READ_GOOD || result == READ_SAME || result == READ_UNFIT) {
        settle_good(assets, entry);
        return result == READ_GOOD;
    }
    entry->data.state = entry->data.data ? ASSET_STALE : ASSET_MISSING;
    if (result == READ_MISSING && !entry->data.data) {
        entry->waiting = false;
        note_missing(assets, entry); // nothing is on its way, as far as we know
        return false;
    }
    if (result == READ_MISSING) {
        (void)say_bad(entry, "gone from the disk");
    }
    if (!entry->waiting) {
        wait_for_better(assets, entry);
    }
    return false;
}

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
            add_note(assets,
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
        add_note(assets,
                 "\"%.200s\": not a name inside the asset folders, so it is missing; write it "
                 "relative to them, without \"..\"",
                 name);
    }
    return entry;
}

// Read on the first use; NULL when there is no room for another name.
static Entry *use_entry(Assets *assets, const char *name, bool as_picture, bool as_font)
{
    if (!name) {
        return NULL;
    }
    uint64_t hash = hash_text(name);
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
            (void)update_entry(assets, entry);
        }
    }
    return entry;
}

// -------------------------------------------------------------------------- what callers ask for

AssetData asset_data(Assets *assets, const char *name)
{
    const Entry *entry = use_entry(assets, name, false, false);
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
        wait_for_better(assets, entry);
    }
}

AssetImage asset_image(Assets *assets, const char *name)
{
    Entry *entry = use_entry(assets, name, true, false);
    if (!entry) {
        return (AssetImage){0};
    }
    if (!entry->as_picture && !entry->refused) {
        use_as_picture(assets, entry);
    }
    return entry->image;
}

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
            add_note(assets, "%s at %d px: more than %d fonts and sizes; it is not used",
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
        wait_for_better(assets, entry);
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
    Entry *entry = use_entry(assets, name, false, true);
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
        add_note(assets, "%s at %d px: its atlas is full; further characters stay blank",
                 font->entry->name, font->face.size_px);
    }
    return glyph;
}

// -------------------------------------------------------------------------------- changes on disk

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
    uint64_t place = hash_text(real);
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
    bool grew = update_entry(assets, entry);
    if (!entry->waiting) {
        return grew;
    }
    if (now_ns >= entry->give_up_ns) {
        entry->waiting = false;
        note_bad(assets, entry);
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
        bool grew = update_entry(assets, entry);
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
    close_retired(assets, assets->refresh - 1);
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
    close_retired(assets, UINT64_MAX);
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
