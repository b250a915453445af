// What a unit says after an edit, from the functions that are other ones than before (scan.h,
// scan_strip_unchanged): preprocessing and reading all of it takes as long as compiling it. Only
// against a text of which it has been shown, when nobody waited, that its other functions add
// nothing to what it declares.
#include "build_internal.h"

#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES_MAX = 256 << 20 };

// The source as it was first looked at in this run; its text is in `arena`.
static bool read_source(Run *run, const Unit *unit, Arena *arena, FileBytes *source)
{
    return file_read(arena, unit->source, BUILD_FILE_BYTES_MAX, source, NULL)
           && hash_bytes(source->data, source->size_bytes)
                  == build_files_before(&run->files, unit->source);
}

const BuildPart *build_part_begin(Run *run, const Unit *unit, uint32_t number)
{
    Arena *scratch = &run->build->scratch, *reading = &run->build->reading;
    const KeptScan *kept = build_scan_find(run->build, unit);
    BuildPart *part = ARENA_NEW(scratch, BuildPart, 1);
    FileBytes source;
    if (!kept || !kept->is_proven || kept->around != build_scan_around(run)) {
        return NULL;
    }
    arena_reset(reading, 0);
    if (!read_source(run, unit, reading, &source)
        || !scan_strip_unchanged((const char *)source.data, source.size_bytes, &kept->parts,
                                 scratch, &part->text, &part->text_bytes)) {
        return NULL;
    }
    part->path = build_types_write_stripped(run, unit, part->text, part->text_bytes, number);
    return part->path ? part : NULL;
}

const KeptScan *build_part_read(Run *run, const Unit *unit, const BuildPart *part, const char *path)
{
    Arena *scratch = &run->build->scratch;
    KeptScan *kept = ARENA_NEW(scratch, KeptScan, 1);
    FileBytes text;
    bool ok = file_read(scratch, path, TEXT_BYTES_MAX, &text, NULL)
              && scan_text((const char *)text.data, text.size_bytes, scratch, &kept->scan, NULL)
              && build_scan_is_unchanged(run, unit);
    if (ok && scan_asks(part->text, part->text_bytes, scratch, &kept->asked)) {
        kept->asks = true;
        kept->asked.place.file = unit->source;
    }
    return ok ? kept : NULL;
}

// ---------------------------------------------------------------------------- when nobody waits

static bool wants_proof(Run *run, const Unit *unit)
{
    const KeptScan *kept = build_scan_known(run, unit);
    return kept && !kept->is_proven && kept->scan.is_sure && kept->scan.refusal_count == 0
           && !kept->asks;
}

// Notes the parts of a source whose text declares the same without what its functions do.
static void prove(Run *run, Unit *unit, const char *stripped_text)
{
    KeptScan *kept = build_scan_find(run->build, unit);
    Arena *reading = &run->build->reading;
    FileBytes source;
    unit->scan = kept;
    if (!build_types_declare_the_same(run, unit, stripped_text)) {
        return;
    }
    arena_reset(reading, 0);
    kept->is_proven = read_source(run, unit, reading, &source)
                      && scan_parts((const char *)source.data, source.size_bytes, &kept->memory,
                                    &kept->parts);
    kept->around = build_scan_around(run);
}

static bool prove_all(Run *run)
{
    Arena *scratch = &run->build->scratch;
    BuildJobLimits limits = build_job_limits(run);
    BuildJob *jobs = ARENA_NEW(scratch, BuildJob, run->unit_count);
    Unit **units = ARENA_NEW(scratch, Unit *, run->unit_count);
    const char **sources = ARENA_NEW(scratch, const char *, run->unit_count);
    const char **texts = ARENA_NEW(scratch, const char *, run->unit_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->unit_count; i++) {
        Unit *unit = &run->units[i];
        sources[count] = wants_proof(run, unit) ? build_types_strip(run, unit, i) : NULL;
        if (sources[count]) {
            units[count] = unit;
            texts[count] = build_temporary_path(run, i, ".i");
            jobs[count].argv = build_tools_preprocess_stripped(
                &run->build->tools, unit->source, sources[count], texts[count], scratch);
            count++;
        }
    }
    bool ok = build_jobs_run(jobs, count, &limits, scratch);
    for (uint32_t i = 0; i < count; i++) {
        if (ok && build_job_is_ok(&jobs[i])) {
            prove(run, units[i], texts[i]);
        }
        (void)unlink(sources[i]);
        (void)unlink(texts[i]);
    }
    return ok;
}

bool build_rest(Build *build, int cancel_fd)
{
    bool cancelled = false;
    if (!build->wants_rest || build->tiers == BUILD_TIERS_FULL) {
        return true;
    }
    arena_reset(&build->scratch, 0);
    BuildReport *report = ARENA_NEW(&build->scratch, BuildReport, 1);
    Run run = {.build = build, .report = report, .cancel_fd = cancel_fd};
    if (build_prepare(&run, &cancelled) && build->tools.fast_command) {
        cancelled = !build_scan_missing(&run) || !prove_all(&run);
    }
    build->wants_rest = cancelled;
    return !cancelled;
}
