// What a unit says after an edit, from the functions that are other ones than before (scan.h,
// scan_edit): preprocessing and reading all of it takes as long as compiling it. Only
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
    ScanEdit edit;
    if (!kept || !kept->is_proven || kept->around != build_scan_around(run)) {
        return NULL;
    }
    arena_reset(reading, 0);
    if (!read_source(run, unit, reading, &source)
        || !scan_edit((const char *)source.data, source.size_bytes, unit->source, &kept->parts,
                      scratch, &edit)) {
        return NULL;
    }
    *part = (BuildPart){
        .text = edit.stripped, .text_bytes = edit.stripped_bytes, .functions = edit.functions};
    if (!part->functions) {
        part->path = build_types_write_stripped(run, unit, part->text, part->text_bytes, number);
    }
    return part->path || part->functions ? part : NULL;
}

// The scan of a preprocessed text, in `scratch`.
static KeptScan *scan_part(Run *run, const Unit *unit, const BuildPart *part, const char *text,
                           size_t text_bytes)
{
    Arena *scratch = &run->build->scratch;
    KeptScan *kept = ARENA_NEW(scratch, KeptScan, 1);
    if (!scan_text(text, text_bytes, scratch, &kept->scan, NULL)
        || !build_scan_is_unchanged(run, unit)) {
        return NULL;
    }
    if (scan_asks(part->text, part->text_bytes, scratch, &kept->asked)) {
        kept->asks = true;
        kept->asked.place.file = unit->source;
    }
    return kept;
}

const KeptScan *build_part_scan(Run *run, const Unit *unit, const BuildPart *part)
{
    const KeptScan *before = build_scan_find(run->build, unit);
    const char *text =
        arena_format(&run->build->scratch, "%s%s", before->stripped, part->functions);
    KeptScan *kept = scan_part(run, unit, part, text, strlen(text));
    if (kept && kept->scan.is_sure) {
        kept->scan.declarations = before->scan.declarations;
    }
    return kept;
}

const KeptScan *build_part_read(Run *run, const Unit *unit, const BuildPart *part, const char *path)
{
    FileBytes text;
    return file_read(&run->build->scratch, path, TEXT_BYTES_MAX, &text, NULL)
               ? scan_part(run, unit, part, (const char *)text.data, text.size_bytes)
               : NULL;
}

// ---------------------------------------------------------------------------- when nobody waits

static bool wants_proof(Run *run, const Unit *unit)
{
    const KeptScan *kept = build_scan_known(run, unit);
    return kept && !kept->is_proven && !kept->is_asked && kept->scan.is_sure
           && kept->scan.refusal_count == 0 && !kept->asks;
}

// What is asked about one unit: its stripped text preprocessed, the same a line further down, and
// its macros.
enum { ASK_TEXT, ASK_MOVED, ASK_MACROS, ASKED };

typedef struct Question {
    Unit *unit;
    const char *source, *moved; // files
    const char *answers[ASKED];
} Question;

// Notes the parts of a source whose text declares the same without what its functions do.
static void prove(Run *run, const Question *question)
{
    Unit *unit = question->unit;
    KeptScan *kept = build_scan_find(run->build, unit);
    Arena *reading = &run->build->reading, *memory = &kept->memory;
    FileBytes source, text;
    unit->scan = kept;
    kept->is_asked = true;
    arena_reset(reading, 0);
    if (!build_types_declare_the_same(run, unit, question->answers[ASK_TEXT])
        || !read_source(run, unit, reading, &source)
        || !scan_parts((const char *)source.data, source.size_bytes, memory, &kept->parts)) {
        return;
    }
    kept->around = build_scan_around(run);
    kept->parts.moves = build_types_declare_the_same(run, unit, question->answers[ASK_MOVED]);
    if (file_read(memory, question->answers[ASK_TEXT], TEXT_BYTES_MAX, &text, NULL)) {
        kept->stripped = (const char *)text.data;
        arena_reset(reading, 0);
        if (file_read(reading, question->answers[ASK_MACROS], TEXT_BYTES_MAX, &text, NULL)) {
            scan_macros((const char *)text.data, memory, &kept->parts);
        }
    }
    kept->is_proven = build_scan_is_unchanged(run, unit); // all of that is of these files
}

// False: its text cannot be told apart, or written.
static bool ask(Run *run, Unit *unit, uint32_t number, Question *question, BuildJob *jobs)
{
    Arena *scratch = &run->build->scratch;
    const BuildTools *tools = &run->build->tools;
    FileBytes stripped;
    *question = (Question){.unit = unit, .source = build_types_strip(run, unit, number)};
    if (!question->source) {
        return false;
    }
    if (!file_read(scratch, question->source, TEXT_BYTES_MAX, &stripped, NULL)) {
        (void)unlink(question->source);
        return false;
    }
    const char *text = (const char *)stripped.data, *second = text + strcspn(text, "\n");
    const char *moved = arena_format(scratch, "%.*s\n%s", (int)(second - text), text, second);
    question->moved = build_temporary_path(run, number, ".moved.c");
    if (!build_publish(run, question->moved, moved, strlen(moved))) {
        (void)unlink(question->source);
        return false;
    }
    static const char *const ENDS[ASKED] = {".i", ".moved.i", ".macros"};
    for (int i = 0; i < ASKED; i++) {
        question->answers[i] = build_temporary_path(run, number, ENDS[i]);
        jobs[i].argv = build_tools_preprocess_stripped(
            tools, unit->source, i == ASK_MOVED ? question->moved : question->source,
            i == ASK_MACROS, question->answers[i], scratch);
    }
    return true;
}

static void forget(const Question *question)
{
    (void)unlink(question->source);
    (void)unlink(question->moved);
    for (int i = 0; i < ASKED; i++) {
        (void)unlink(question->answers[i]);
    }
}

static bool prove_all(Run *run)
{
    Arena *scratch = &run->build->scratch;
    BuildJobLimits limits = build_job_limits(run);
    BuildJob *jobs = ARENA_NEW(scratch, BuildJob, ASKED * run->unit_count);
    Question *questions = ARENA_NEW(scratch, Question, run->unit_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->unit_count; i++) {
        Unit *unit = &run->units[i];
        count +=
            wants_proof(run, unit) && ask(run, unit, i, &questions[count], &jobs[ASKED * count]);
    }
    bool ok = build_jobs_run(jobs, ASKED * count, &limits, scratch);
    for (uint32_t i = 0; i < count; i++) {
        bool is_answered = ok;
        for (uint32_t k = 0; k < ASKED; k++) {
            is_answered = is_answered && build_job_is_ok(&jobs[ASKED * i + k]);
        }
        if (is_answered) {
            prove(run, &questions[i]);
        }
        forget(&questions[i]);
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
