#include "tweak_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SOURCE_MAX = 16 << 20, // of one file
    INCLUDES_MAX = 64,     // headers that are looked into
    INCLUDE_DEPTH = 8
};

// A source file as it was read.
typedef struct Source {
    char path[FILE_PATH_MAX]; // without symlinks: what is replaced is the file itself
    struct stat was;
    FileBytes bytes;
} Source;

static bool open_source(Arena *arena, const char *path, Source *source, Fault *fault)
{
    char whole[PATH_MAX];
    if (!realpath(path, whole) || !text_format(source->path, sizeof(source->path), "%s", whole)
        || stat(source->path, &source->was) != 0) {
        return fault_set(fault, FAULT_FILE, "%s: %s; nothing is written", path, strerror(errno));
    }
    return file_read(arena, source->path, SOURCE_MAX, &source->bytes, fault);
}

// -------------------------------------------------------------------------------------- replacing

static bool is_untouched(const Source *source)
{
    struct stat now;
    return stat(source->path, &now) == 0 && now.st_ino == source->was.st_ino
           && now.st_dev == source->was.st_dev && now.st_size == source->was.st_size
           && now.st_mtim.tv_sec == source->was.st_mtim.tv_sec
           && now.st_mtim.tv_nsec == source->was.st_mtim.tv_nsec;
}

// What stands at [at, end) becomes `text`.
static bool put_parts(int fd, const Source *source, size_t at, size_t end, const char *text)
{
    const uint8_t *data = source->bytes.data;
    return file_put(fd, data, at) && file_put(fd, text, strlen(text))
           && file_put(fd, data + end, source->bytes.size_bytes - end);
}

static bool replace(const Source *source, size_t at, size_t end, const char *text, Fault *fault)
{
    char temporary[FILE_PATH_MAX];
    const char *path = source->path;
    if (access(path, W_OK) != 0) {
        return fault_set(fault, FAULT_FILE, "%s cannot be written: %s", path, strerror(errno));
    }
    if (!text_format(temporary, sizeof(temporary), "%s.%d-%llx.tmp", path, (int)getpid(),
                     (unsigned long long)mono_ns())) {
        return fault_set(fault, FAULT_FILE, "%s: the path is too long", path);
    }
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fault_set(fault, FAULT_FILE, "%s: cannot write beside it: %s", path,
                         strerror(errno));
    }
    // The owner first: to change it takes bits off the mode. Somebody else's file that this user
    // may write becomes this user's, as with an editor.
    bool is_owned = fchown(fd, source->was.st_uid, source->was.st_gid) == 0;
    bool ok = (is_owned || errno == EPERM) && fchmod(fd, source->was.st_mode & 07777u) == 0
              && put_parts(fd, source, at, end, text) && fsync(fd) == 0;
    int why = errno;
    ok = close(fd) == 0 && ok;
    if (ok && !is_untouched(source)) {
        unlink(temporary);
        return fault_set(fault, FAULT_USAGE,
                         "%s has changed underneath, in this very moment: somebody else writes it. "
                         "Nothing is written",
                         path);
    }
    if (!ok || rename(temporary, path) != 0) {
        why = ok ? errno : why;
        unlink(temporary);
        return fault_set(fault, FAULT_FILE, "%s: not written: %s; it is as it was", path,
                         strerror(why));
    }
    return true;
}

// ----------------------------------------------------------------------------------- where it is

typedef struct Hunt {
    const TweakKeep *keep;
    Arena arena;
    uint32_t looked; // files
} Hunt;

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static TweakFound hunt_in(Hunt *hunt, const char *path, uint32_t depth, Source *source,
                          TweakPlace *place, Fault *fault);

// In the headers that a file includes. `fault` stays that of the file when they have it neither.
static TweakFound hunt_in_includes(Hunt *hunt, const Source *from, uint32_t depth, Source *source,
                                   TweakPlace *place, Fault *fault)
{
    char name[FILE_PATH_MAX], folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    (void)text_format(folder, sizeof(folder), "%.*s", (int)(base_name(from->path) - from->path),
                      from->path);
    for (uint32_t i = 0; hunt->looked < INCLUDES_MAX
                         && tweak_include((const char *)from->bytes.data, from->bytes.size_bytes, i,
                                          name, sizeof(name));
         i++) {
        Fault inner;
        if (!file_join(path, folder, name) || !file_exists(path)) {
            continue; // of another folder, by -I: not the game's own
        }
        TweakFound found = hunt_in(hunt, path, depth + 1, source, place, &inner);
        if (found != TWEAK_NOT_HERE) {
            *fault = inner;
            return found;
        }
    }
    return TWEAK_NOT_HERE;
}

static TweakFound hunt_in(Hunt *hunt, const char *path, uint32_t depth, Source *source,
                          TweakPlace *place, Fault *fault)
{
    const TweakKeep *keep = hunt->keep;
    hunt->looked++;
    if (!open_source(&hunt->arena, path, source, fault)) {
        return depth == 0 ? TWEAK_REFUSED : TWEAK_NOT_HERE;
    }
    TweakFound found =
        tweak_find((const char *)source->bytes.data, source->bytes.size_bytes,
                   base_name(source->path), keep->name, keep->function, place, fault);
    if (found != TWEAK_NOT_HERE || depth == INCLUDE_DEPTH) {
        return found;
    }
    Source *from = ARENA_NEW(&hunt->arena, Source, 1);
    *from = *source;
    return hunt_in_includes(hunt, from, depth, source, place, fault);
}

// ----------------------------------------------------------------------------------------- keeping

static void literal_text(const char *sign, const char *literal, size_t bytes,
                         char out[TWEAK_LITERAL_MAX])
{
    (void)text_format(out, TWEAK_LITERAL_MAX, "%s%.*s", sign, (int)bytes, literal);
}

static bool is_as_loaded(const TweakKeep *keep, const TweakPlace *place, const char *literal,
                         const TweakKept *kept, Fault *fault)
{
    TweakValue stands = keep->loaded;
    char loaded[64];
    if (!tweak_read(literal, place->bytes, place->is_negative, &stands)) {
        return fault_set(
            fault, FAULT_USAGE,
            "%s, line %u: %s of %s is no number that could be read; nothing is written", kept->path,
            place->line, kept->was, keep->name);
    }
    if (tweak_is_equal(&stands, &keep->loaded)) {
        return true;
    }
    tweak_text(&keep->loaded, loaded, sizeof(loaded));
    return fault_set(fault, FAULT_USAGE,
                     "%s has changed underneath: %s is %s there (line %u), and the build that "
                     "plays began with %s. Nothing is written; once that is built, keep it again",
                     kept->path, keep->name, kept->was, place->line, loaded);
}

// With the sign, if that changes. False: what stands between sign and number would be lost.
static bool write_at(const Source *source, const TweakPlace *place, const char *literal,
                     bool is_negative, Fault *fault)
{
    char text[TWEAK_LITERAL_MAX + 1];
    size_t at = place->at, end = place->at + place->bytes;
    bool keeps_sign = place->has_sign ? place->is_negative == is_negative : !is_negative;
    if (!keeps_sign && place->has_sign) {
        if (place->is_apart) {
            return fault_set(fault, FAULT_USAGE,
                             "%s, line %u: something stands between the number and its sign, which "
                             "has to go; change it by hand. Nothing is written",
                             source->path, place->line);
        }
        at = place->sign_at;
    }
    (void)text_format(text, sizeof(text), "%s%s", !keeps_sign && is_negative ? "-" : "", literal);
    return replace(source, at, end, text, fault);
}

static bool keep_at(const TweakKeep *keep, const Source *source, const TweakPlace *place,
                    TweakKept *kept, Fault *fault)
{
    const char *literal = (const char *)source->bytes.data + place->at;
    char now[TWEAK_LITERAL_MAX], wanted[64];
    bool is_negative;
    (void)text_format(kept->path, sizeof(kept->path), "%s", source->path);
    kept->line = place->line;
    literal_text(place->is_negative ? "-" : "", literal, place->bytes, kept->was);
    if (!is_as_loaded(keep, place, literal, kept, fault)) {
        return false;
    }
    if (tweak_is_equal(&keep->loaded, &keep->value)) {
        kept->is_same = true;
        (void)text_format(kept->now, sizeof(kept->now), "%s", kept->was);
        return true;
    }
    if (!tweak_write(literal, place->bytes, &keep->value, now, &is_negative)) {
        tweak_text(&keep->value, wanted, sizeof(wanted));
        return fault_set(fault, FAULT_USAGE,
                         "%s is %s, which cannot be written like %s in %s, line %u; nothing is "
                         "written",
                         keep->name, wanted, kept->was, kept->path, kept->line);
    }
    literal_text(is_negative ? "-" : "", now, strlen(now), kept->now);
    return write_at(source, place, now, is_negative, fault);
}

bool tweak_keep(const TweakKeep *keep, TweakKept *kept, Fault *fault)
{
    Hunt hunt = {.keep = keep};
    TweakPlace place;
    *kept = (TweakKept){0};
    if (!arena_open(&hunt.arena, 0, 2ull << 30, fault)) {
        return false;
    }
    Source *source = ARENA_NEW(&hunt.arena, Source, 1);
    bool ok = hunt_in(&hunt, keep->path, 0, source, &place, fault) == TWEAK_FOUND
              && keep_at(keep, source, &place, kept, fault);
    arena_close(&hunt.arena);
    if (!ok) {
        *kept = (TweakKept){0};
    }
    return ok;
}

// --------------------------------------------------------------------------------- only looking

typedef struct Census {
    Arena arena;
    const char *const *names;
    uint32_t count, looked; // looked: files
    bool *declared;
} Census;

static void count_in(Census *census, const char *path, uint32_t depth)
{
    Source *source = ARENA_NEW(&census->arena, Source, 1);
    char name[FILE_PATH_MAX], folder[FILE_PATH_MAX], header[FILE_PATH_MAX];
    Words words;
    TweakPlace place;
    census->looked++;
    if (!open_source(&census->arena, path, source, NULL)) {
        return;
    }
    const char *text = (const char *)source->bytes.data;
    size_t bytes = source->bytes.size_bytes;
    if (tweak_words(text, bytes, &census->arena, &words)) {
        for (uint32_t i = 0; i < census->count; i++) {
            census->declared[i] |=
                tweak_find_word(&words, "", census->names[i], "", &place, NULL) == TWEAK_FOUND;
        }
    }
    (void)text_format(folder, sizeof(folder), "%.*s", (int)(base_name(source->path) - source->path),
                      source->path);
    for (uint32_t i = 0; depth < INCLUDE_DEPTH && census->looked < INCLUDES_MAX
                         && tweak_include(text, bytes, i, name, sizeof(name));
         i++) {
        if (file_join(header, folder, name) && file_exists(header)) {
            count_in(census, header, depth + 1);
        }
    }
}

void tweak_declared(const char *path, const char *const *names, uint32_t count, bool *declared)
{
    Census census = {.names = names, .count = count, .declared = declared};
    memset(declared, 0, count * sizeof(*declared));
    if (count > 0 && arena_open(&census.arena, 0, 8ull << 30, NULL)) {
        count_in(&census, path, 0);
        arena_close(&census.arena);
    }
}
