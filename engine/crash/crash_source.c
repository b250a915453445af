#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crash_parts.h"

// Source files as they were built. A file that was written after the library was copied may hold
// other lines at the numbers that the debug information has, and a wrong line is worse than none.

enum { SOURCE_LIMIT_BYTES = 4 << 20, TAB_COLUMNS = 4, LINE_BYTES = 400 };

// ----------------------------------------------------------------------------------------- paths

_Static_assert(FILE_PATH_MAX >= PATH_MAX, "realpath() writes that much");

static bool resolve(const char *path, char out[FILE_PATH_MAX])
{
    return realpath(path, out) != NULL;
}

void crash_open_folder(Teller *teller)
{
    const char *folder = teller->context->game_folder;

    if (!folder || !folder[0] || !resolve(folder, teller->folder)) {
        teller->folder[0] = 0;
    }
}

static void show_in_folder(const Teller *teller, const char *path, char *out, size_t out_bytes)
{
    size_t length = strlen(teller->folder);

    if (length > 0 && strncmp(path, teller->folder, length) == 0 && path[length] == '/') {
        text_clean(out, out_bytes, path + length + 1, false);
    }
}

void crash_show_path(const Teller *teller, const char *path, char *out, size_t out_bytes)
{
    char whole[FILE_PATH_MAX], name[256];

    out[0] = 0;
    if (!path[0]) {
        return;
    }
    show_in_folder(teller, path, out, out_bytes);
    if (!out[0] && resolve(path, whole)) {
        show_in_folder(teller, whole, out, out_bytes);
    }
    file_base_name(name, sizeof name, path);
    if (!out[0] && strcmp(name, "hotloop.h") == 0) {
        text_clean(out, out_bytes, name, false);
    }
    if (!out[0]) {
        size_t length = strlen(path); // the end of a path says more than its beginning
        text_clean(out, out_bytes, path + (length < out_bytes ? 0 : length - out_bytes + 1), false);
    }
}

// ----------------------------------------------------------------------------------------- files

static bool is_as_built(const char *path, const GameLib *lib)
{
    struct stat source, copy;

    if (stat(path, &source) != 0 || !S_ISREG(source.st_mode)) {
        return false;
    }
    return stat(lib->path, &copy) != 0 || source.st_mtim.tv_sec < copy.st_mtim.tv_sec
           || (source.st_mtim.tv_sec == copy.st_mtim.tv_sec
               && source.st_mtim.tv_nsec <= copy.st_mtim.tv_nsec);
}

static const char *file_text(Teller *teller, const GameLib *lib, const char *path)
{
    SourceFile *file;
    FileBytes bytes;
    Fault fault;

    for (size_t i = 0; i < teller->file_count; i++) {
        if (strcmp(teller->files[i].path, path) == 0) {
            return teller->files[i].text;
        }
    }
    if (teller->file_count == SOURCE_FILES_MAX) {
        return NULL;
    }
    file = &teller->files[teller->file_count++];
    (void)text_format(file->path, sizeof file->path, "%s", path);
    if (is_as_built(path, lib)
        && file_read(&teller->scratch, path, SOURCE_LIMIT_BYTES, &bytes, &fault)) {
        file->text = (const char *)bytes.data;
    }
    return file->text;
}

// Copies a line without its end, tabs as blanks.
static void copy_line(const char *text, char *out, size_t out_bytes)
{
    char line[LINE_BYTES];
    size_t used = 0;

    for (; *text && *text != '\n' && *text != '\r' && used + TAB_COLUMNS < sizeof line; text++) {
        if (*text != '\t') {
            line[used++] = *text;
            continue;
        }
        do {
            line[used++] = ' ';
        } while (used % TAB_COLUMNS != 0);
    }
    line[used] = 0;
    text_clean(out, out_bytes, line, false);
}

bool crash_source_line(Teller *teller, const GameLib *lib, const char *path, int line, char *out,
                       size_t out_bytes)
{
    const char *text = path[0] == '/' && line > 0 ? file_text(teller, lib, path) : NULL;

    for (int at = 1; text && at < line; at++) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    if (!text || !*text) {
        return false;
    }
    copy_line(text, out, out_bytes);
    return true;
}

// ----------------------------------------------------------------------- around the title's line

static size_t indentation(const char *line)
{
    size_t blanks = strspn(line, " ");

    return line[blanks] ? blanks : LINE_BYTES;
}

// What all of the lines are indented by says nothing.
static void take_off_indentation(Crash *crash)
{
    size_t least = LINE_BYTES;

    for (uint32_t i = 0; i < crash->source_count; i++) {
        size_t blanks = indentation(crash->source[i]);
        least = blanks < least ? blanks : least;
    }
    for (uint32_t i = 0; i < crash->source_count; i++) {
        char *line = crash->source[i];
        size_t off = strspn(line, " ");
        off = off < least ? off : least;
        memmove(line, line + off, strlen(line + off) + 1);
    }
}

void crash_find_source(Teller *teller)
{
    Crash *crash = teller->crash;
    const CrashFrame *frame = teller->place >= 0 ? &crash->frames[teller->place] : NULL;
    int image =
        frame ? crash_image_at(teller, crash_pc(teller->report, teller->raw_of[teller->place]))
              : -1;
    int first;

    if (image < 0 || !frame->source[0]) {
        return;
    }
    first = frame->line > CRASH_SOURCE_LINES / 2 ? frame->line - CRASH_SOURCE_LINES / 2 : 1;
    for (int i = 0; i < CRASH_SOURCE_LINES; i++) {
        if (!crash_source_line(teller, teller->context->images[image], frame->path, first + i,
                               crash->source[i], sizeof crash->source[i])) {
            break;
        }
        crash->source_count++;
    }
    crash->source_first = first;
    crash->source_at = frame->line - first;
    take_off_indentation(crash);
}
