// Contents: keys, planning. What a unit is made of, as one number, and from that which units have
// to be compiled.
#include "build_internal.h"

#include "build_link.h"

#include <poll.h>
#include <string.h>

enum { FILL_LOOK_MS = 50, FILL_LOOKS_MAX = 25 };

// -------------------------------------------------------------------------------------------- keys

static uint64_t hash_path(const char *path)
{
    return hash_bytes(path, strlen(path));
}

// The .dep file: one path after the other, each with its 0 byte.
static void read_included(Run *run, Unit *unit, const char *path)
{
    FileBytes bytes;
    Arena *scratch = &run->build->scratch;
    unit->included = NULL;
    unit->included_count = 0;
    if (!file_read(scratch, path, BUILD_OUTPUT_MAX, &bytes, NULL) || bytes.size_bytes == 0
        || bytes.data[bytes.size_bytes - 1] != 0) {
        return;
    }
    uint32_t count = 0;
    for (size_t i = 0; i < bytes.size_bytes; i++) {
        count += bytes.data[i] == 0;
    }
    const char **included = ARENA_NEW(scratch, const char *, count);
    const char *at = (const char *)bytes.data;
    for (uint32_t i = 0; i < count; i++) {
        included[i] = at;
        at += strlen(at) + 1;
    }
    unit->included = included;
    unit->included_count = count;
}

uint64_t build_key_of(Run *run, const Unit *unit, bool after)
{
    uint64_t key = unit->source_key;
    for (uint32_t i = 0; i < unit->included_count; i++) {
        const char *path = unit->included[i];
        uint64_t content =
            after ? build_files_after(&run->files, path) : build_files_before(&run->files, path);
        key = hash_combine(hash_combine(key, hash_path(path)), content);
    }
    return key;
}

// ---------------------------------------------------------------------------------------- planning

void build_plan_unit(Run *run, Unit *unit)
{
    uint64_t content = build_files_before(&run->files, unit->source);
    unit->source_key = hash_combine(run->build->tools.identity, hash_path(unit->source));
    unit->source_key = hash_combine(hash_combine(unit->source_key, run->headers_key), content);
    read_included(run, unit, build_object_path(run, unit->source_key, ".dep"));
    if (unit->included_count == 0) {
        return; // not compiled yet: the list has the source itself at least
    }
    unit->key = build_key_of(run, unit, false);
    unit->object = build_object_path(run, unit->key, ".o");
    unit->is_reused = build_link_is_whole(unit->object);
}

static bool has_unfinished(const Run *run)
{
    for (uint32_t i = 0; i < run->files.count; i++) {
        if (run->files.files[i].is_unfinished) {
            return true;
        }
    }
    return false;
}

// What is compiled, whichever compiler does it.
static void hash_sources(Run *run)
{
    const Build *build = run->build;
    run->around = run->headers_key;
    for (uint32_t i = 0; i < run->files.header_count; i++) {
        run->around =
            hash_combine(run->around, build_files_before(&run->files, run->files.headers[i]));
    }
    for (uint32_t i = 0; i < build->input_count; i++) {
        run->around = hash_combine(run->around, hash_path(build->inputs[i]));
        run->around = hash_combine(run->around, build_files_before(&run->files, build->inputs[i]));
    }
    run->sources = hash_combine(run->around, build->tools.identity);
    run->sources = hash_combine(run->sources, build->tools.link_identity);
    for (uint32_t i = 0; i < run->unit_count; i++) {
        const char *path = run->units[i].source;
        run->sources = hash_combine(run->sources, hash_path(path));
        run->sources = hash_combine(run->sources, build_files_before(&run->files, path));
    }
    run->sources = run->sources ? run->sources : 1;
}

// Lists the folder and decides for each unit whether it has to be compiled.
static void plan(Run *run)
{
    Build *build = run->build;
    build_files_list(&run->files, build->game_folder, &build->scratch, &build->reading);
    run->started_real_ns = build_files_real_ns();
    run->unit_count = run->files.unit_count;
    run->units = ARENA_NEW(&build->scratch, Unit, run->unit_count);
    // A new header can stand in front of one that was found elsewhere so far, or be asked for by
    // __has_include: then nothing compiled before may be trusted.
    run->headers_key = 1;
    for (uint32_t i = 0; i < run->files.header_count; i++) {
        run->headers_key = hash_combine(run->headers_key, hash_path(run->files.headers[i]));
        (void)build_files_before(&run->files, run->files.headers[i]);
    }
    for (uint32_t i = 0; i < run->unit_count; i++) {
        run->units[i].source = run->files.units[i];
        build_plan_unit(run, &run->units[i]);
    }
    hash_sources(run);
}

bool build_plan_once_filled(Run *run)
{
    size_t mark = run->build->scratch.used_bytes;
    for (int look = 0;; look++) {
        plan(run);
        if (!has_unfinished(run) || look == FILL_LOOKS_MAX) {
            return true;
        }
        struct pollfd cancel = {.fd = run->cancel_fd, .events = POLLIN};
        if (poll(&cancel, 1, FILL_LOOK_MS) > 0) {
            return false;
        }
        arena_reset(&run->build->scratch, mark);
    }
}

bool build_has_sources(Run *run)
{
    const char *folder = run->build->given_folder;
    if (run->files.is_missing) {
        build_report_say(run->report, BUILD_ERROR,
                         "the game's folder %s cannot be read: put it back; the code that runs "
                         "keeps running",
                         folder);
    } else if (run->files.is_too_many) {
        build_report_say(run->report, BUILD_ERROR,
                         "more than %d sources below %s: is this the game's own folder?",
                         BUILD_FILES_MAX / 2, folder);
    } else if (run->unit_count == 0) {
        build_report_say(run->report, BUILD_ERROR,
                         "no .c files below %s: add one that includes hotloop.h and ends with "
                         "HL_GAME(...); the code that runs keeps running",
                         folder);
    }
    return run->report->error_count == 0;
}
