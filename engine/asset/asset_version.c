// Sections: memory of old versions, reading, taking over a new version. How a file's content
// becomes the next version of a name, and what becomes of the last one.
#include "asset_internal.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX ((size_t)64 << 20)

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

// ------------------------------------------------------------------------- memory of old versions

void asset_retire(Assets *assets, Arena *arena)
{
    if (arena->base) {
        // Each name takes over at most one version a refresh, so this cannot run out.
        assets->retired[assets->retired_count++] = (Retired){*arena, assets->refresh};
    }
    *arena = (Arena){0};
}

void asset_close_retired(Assets *assets, uint64_t before_refresh)
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

uint64_t asset_hash_text(const char *text)
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
            return asset_path_real(real, next) ? asset_hash_text(real) : place;
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
        entry->place = asset_hash_text(real);
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
    if (entry->as_font && !asset_open_next_faces(assets, entry, candidate->file)) {
        if (asset_has_font(assets, entry) || !entry->data.data) {
            return false;
        }
        memcpy(candidate->unfit, entry->why, sizeof(candidate->unfit));
    }
    return true;
}

static void take_over(Assets *assets, Entry *entry, Candidate *candidate)
{
    // The old faces read from the old bytes, so they go first.
    asset_take_next_faces(assets, entry);
    asset_retire(assets, &entry->bytes);
    asset_retire(assets, &entry->pixels);
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

void asset_wait_for_better(Assets *assets, Entry *entry)
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
        asset_wait_for_better(assets, entry);
    }
}

bool asset_update_entry(Assets *assets, Entry *entry)
{
    ReadResult result = read_entry(assets, entry);
    if (result == READ_GOOD || result == READ_SAME || result == READ_UNFIT) {
        settle_good(assets, entry);
        return result == READ_GOOD;
    }
    entry->data.state = entry->data.data ? ASSET_STALE : ASSET_MISSING;
    if (result == READ_MISSING && !entry->data.data) {
        entry->waiting = false;
        asset_note_missing(assets, entry); // nothing is on its way, as far as we know
        return false;
    }
    if (result == READ_MISSING) {
        (void)say_bad(entry, "gone from the disk");
    }
    if (!entry->waiting) {
        asset_wait_for_better(assets, entry);
    }
    return false;
}
