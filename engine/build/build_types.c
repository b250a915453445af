// Where the types of a fast build come from: a library that nobody runs, linked of objects of the
// full compiler that declare exactly what the sources declare now. Most edits change the inside of
// functions only, so the object that was compiled last will do; for others a source is compiled
// without what its functions do. The library goes into the fast build as it is, in a section that
// is not loaded (refit.h).
//   objects/<declarations>.types    an object with the types of all sources that declare that
//   objects/<units>.typeset         the library, as an object that carries it
#include "build_internal.h"

#include "build_link.h"
#include "refit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES_MAX = 256 << 20 };

#define TYPES_SECTION ".hotloop_types" // reflect_table_open looks for it

const char *build_types_path(const Run *run, const Unit *unit)
{
    uint64_t key = hash_combine(run->build->tools.identity, unit->scan->scan.declarations);
    key = hash_combine(key, hash_bytes(unit->source, strlen(unit->source)));
    return build_object_path(run, key, ".types");
}

void build_types_keep(Run *run)
{
    for (uint32_t i = 0; i < run->unit_count; i++) {
        Unit *unit = &run->units[i];
        if (unit->scan && unit->scan->scan.is_sure && unit->object) {
            const char *path = build_types_path(run, unit);
            (void)unlink(path); // one that was compiled for this only knows less
            (void)link(unit->object, path);
        }
    }
}

// A full object has its own types; a fast one those of what declares the same.
static bool find_types(Run *run, Unit *unit)
{
    if (!unit->fast_object) {
        unit->types = unit->object;
        return true;
    }
    unit->types = build_types_path(run, unit);
    return build_link_is_whole(unit->types);
}

const char *build_types_write_stripped(Run *run, const Unit *unit, const char *stripped,
                                       size_t stripped_bytes, uint32_t number)
{
    const char *path = build_temporary_path(run, number, ".stripped.c");
    const char *text = arena_format(&run->build->scratch, "# 1 \"%s\"\n%.*s\n", unit->source,
                                    (int)stripped_bytes, stripped);
    return build_publish(run, path, text, strlen(text)) ? path : NULL;
}

const char *build_types_strip(Run *run, const Unit *unit, uint32_t number)
{
    Arena *scratch = &run->build->scratch;
    FileBytes source;
    const char *stripped;
    size_t stripped_bytes;
    bool ok = file_read(scratch, unit->source, BUILD_FILE_BYTES_MAX, &source, NULL)
              && scan_strip((const char *)source.data, source.size_bytes, scratch, &stripped,
                            &stripped_bytes);
    return ok ? build_types_write_stripped(run, unit, stripped, stripped_bytes, number) : NULL;
}

typedef struct Wanted {
    BuildJob *jobs;
    Unit **units;
    const char **stripped, **objects, **texts;
    uint32_t count; // of the units; each has two jobs
} Wanted;

static bool prepare(Run *run, Wanted *wanted)
{
    Arena *scratch = &run->build->scratch;
    wanted->jobs = ARENA_NEW(scratch, BuildJob, 2 * run->unit_count);
    wanted->units = ARENA_NEW(scratch, Unit *, run->unit_count);
    wanted->stripped = ARENA_NEW(scratch, const char *, run->unit_count);
    wanted->objects = ARENA_NEW(scratch, const char *, run->unit_count);
    wanted->texts = ARENA_NEW(scratch, const char *, run->unit_count);
    for (uint32_t i = 0; i < run->unit_count; i++) {
        Unit *unit = &run->units[i];
        uint32_t at = wanted->count;
        if (find_types(run, unit)) {
            continue;
        }
        wanted->stripped[at] = build_types_strip(run, unit, i);
        if (!wanted->stripped[at]) {
            return false;
        }
        wanted->objects[at] = build_temporary_path(run, i, ".types");
        const BuildTools *tools = &run->build->tools;
        wanted->texts[at] = build_temporary_path(run, i, ".i");
        wanted->jobs[2 * at].argv = build_tools_types(tools, unit->source, wanted->stripped[at],
                                                      wanted->objects[at], scratch);
        wanted->jobs[2 * at + 1].argv = build_tools_preprocess_stripped(
            tools, unit->source, wanted->stripped[at], false, wanted->texts[at], scratch);
        wanted->units[at] = unit;
        wanted->count++;
    }
    return true;
}

bool build_types_declare_the_same(Run *run, const Unit *unit, const char *path)
{
    Arena *scratch = &run->build->scratch;
    size_t mark = scratch->used_bytes;
    FileBytes text;
    Scan scan = {0};
    bool ok = file_read(scratch, path, TEXT_BYTES_MAX, &text, NULL)
              && scan_text((const char *)text.data, text.size_bytes, scratch, &scan, NULL)
              && scan.is_sure && scan.declarations == unit->scan->scan.declarations;
    arena_reset(scratch, mark);
    return ok;
}

static Outcome compile_types(Run *run, bool *ok)
{
    Wanted wanted = {0};
    BuildJobLimits limits = build_job_limits(run);
    Outcome outcome = OUTCOME_DONE;
    *ok = prepare(run, &wanted);
    if (*ok && !build_jobs_run(wanted.jobs, 2 * wanted.count, &limits, &run->build->scratch)) {
        outcome = OUTCOME_CANCELLED;
    }
    for (uint32_t i = 0; i < wanted.count; i++) {
        *ok = *ok && outcome == OUTCOME_DONE && build_job_is_ok(&wanted.jobs[2 * i])
              && build_job_is_ok(&wanted.jobs[2 * i + 1])
              && build_types_declare_the_same(run, wanted.units[i], wanted.texts[i])
              && rename(wanted.objects[i], wanted.units[i]->types) == 0;
        (void)unlink(wanted.objects[i]);
        (void)unlink(wanted.stripped[i]);
        (void)unlink(wanted.texts[i]);
    }
    return outcome;
}

static Outcome link_types(Run *run, const char *typeset)
{
    Arena *scratch = &run->build->scratch;
    const char **objects = ARENA_NEW(scratch, const char *, run->unit_count);
    const char *library = build_temporary_path(run, UINT32_MAX, ".typelib");
    const char *wrapped = build_temporary_path(run, UINT32_MAX, ".typeset");
    BuildJobLimits limits = build_job_limits(run);
    Outcome outcome = OUTCOME_CANCELLED;
    for (uint32_t i = 0; i < run->unit_count; i++) {
        objects[i] = run->units[i].types;
    }
    BuildJob job = {.argv = build_tools_link_types(&run->build->tools, objects, run->unit_count,
                                                   library, scratch)};
    if (build_jobs_run(&job, 1, &limits, scratch)) {
        outcome = OUTCOME_DONE;
        if (build_job_is_ok(&job) && refit_wrap(library, TYPES_SECTION, wrapped, NULL)
            && rename(wrapped, typeset) == 0) {
            run->types = typeset;
        }
    }
    (void)unlink(library);
    (void)unlink(wrapped);
    return outcome;
}

// Of all units' types.
static const char *typeset_path(const Run *run)
{
    uint64_t key = 1;
    for (uint32_t i = 0; i < run->unit_count; i++) {
        const char *path = run->units[i].types;
        key = hash_combine(key, hash_bytes(path, strlen(path)));
    }
    // A .types that was compiled for its types only gives way to a full one under the same name.
    return build_object_path(run, key, ".typeset");
}

const char *build_types_guess(Run *run)
{
    for (uint32_t i = 0; i < run->unit_count; i++) {
        Unit *unit = &run->units[i];
        const KeptScan *known = unit->scan;
        unit->scan = known ? known : build_scan_find(run->build, unit);
        bool found = (unit->scan || !unit->fast_object) && find_types(run, unit);
        unit->scan = known;
        if (!found) {
            return NULL;
        }
    }
    const char *typeset = typeset_path(run);
    return build_link_is_whole(typeset) ? typeset : NULL;
}

Outcome build_types_make(Run *run)
{
    bool ok;
    Outcome outcome = compile_types(run, &ok);
    if (outcome != OUTCOME_DONE || !ok) {
        return outcome;
    }
    const char *typeset = typeset_path(run);
    if (build_link_is_whole(typeset)) {
        build_touch(typeset);
        run->types = typeset;
        return OUTCOME_DONE;
    }
    return link_types(run, typeset);
}
