// One run with the fast compiler: tcc compiles what changed, refit makes its objects like those of
// the full compiler, and the library is linked of them, of the objects that are there, and of the
// types (build_types.c). A file that tcc cannot be trusted with goes to the full compiler; when
// that are all that changed, there is no fast build.
#include "build_internal.h"

#include "build_link.h"
#include "refit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// What is tried with one unit.
typedef struct Attempt {
    Unit *unit;
    const char *object, *text, *refitted;
    const BuildPart *part;          // NULL: all of it is read
    const char *failed;             // what tcc or refit had to say; NULL: nothing yet
    uint32_t compile_job, text_job; // text_job UINT32_MAX: it was read before
    bool is_slow;
    char why[256];
} Attempt;

typedef struct Fast {
    Run *run;
    Attempt *attempts;
    BuildJob *jobs;
    uint32_t count, job_count, compiles_left;
} Fast;

// --------------------------------------------------------------------------- what is not for tcc

static void make_slow(Attempt *attempt, const char *format, ...) BASE_PRINTF(2, 3);
static void make_slow(Attempt *attempt, const char *format, ...)
{
    va_list args;
    char said[512];
    va_start(args, format);
    (void)vsnprintf(said, sizeof(said), format, args);
    va_end(args);
    text_clean(attempt->why, sizeof(attempt->why), said, false);
    attempt->is_slow = true;
}

static const Distrusted *find_distrusted(Run *run, const Unit *unit)
{
    const Build *build = run->build;
    uint64_t path = hash_bytes(unit->source, strlen(unit->source));
    for (uint32_t i = 0; i < build->distrusted_count; i++) {
        if (build->distrusted[i].path == path) {
            bool is_same =
                build->distrusted[i].content == build_files_before(&run->files, unit->source);
            return is_same ? &build->distrusted[i] : NULL;
        }
    }
    return NULL;
}

void build_distrust(Build *build, const char *file, const char *why)
{
    FileBytes bytes;
    char path[FILE_PATH_MAX];
    bool ok = file[0] == '/' ? text_format(path, sizeof(path), "%s", file)
                             : file_join(path, build->cwd, file);
    arena_reset(&build->reading, 0);
    if (!ok || !file_read(&build->reading, path, BUILD_FILE_BYTES_MAX, &bytes, NULL)) {
        return; // it is gone, and so is what it did
    }
    Distrusted one = {hash_bytes(path, strlen(path)), hash_bytes(bytes.data, bytes.size_bytes), ""};
    (void)text_format(one.why, sizeof(one.why), "%s", why);
    uint32_t at = 0;
    while (at < build->distrusted_count && build->distrusted[at].path != one.path) {
        at++;
    }
    at = at < DISTRUSTED_MAX ? at : (uint32_t)(one.path % DISTRUSTED_MAX);
    build->distrusted_count += at == build->distrusted_count;
    build->distrusted[at] = one;
}

// The first line of what tcc said, without the place that it begins with where that is this file.
static const char *words_of(const Attempt *attempt, const BuildJob *job, Arena *scratch)
{
    const char *said = job->output;
    size_t length = strlen(attempt->unit->source);
    bool is_here = strncmp(said, attempt->unit->source, length) == 0 && said[length] == ':';
    const char *from = is_here ? said + length + 1 : said;
    return arena_format(scratch, "%s%.*s", is_here ? "line " : "", (int)strcspn(from, "\n"), from);
}

// From what the text says, before anything of it runs.
static void judge_text(Attempt *attempt)
{
    const Scan *scan = attempt->unit->scan ? &attempt->unit->scan->scan : NULL;
    if (!scan) {
        make_slow(attempt, "it could not be read");
    } else if (scan->refusal_count > 0) {
        make_slow(attempt, "line %d: %s: %s", scan->refusals[0].place.line, scan->refusals[0].what,
                  scan->refusals[0].why);
    } else if (attempt->unit->scan->asks) {
        const ScanRefusal *asked = &attempt->unit->scan->asked;
        const char *slash = strrchr(asked->place.file, '/');
        make_slow(attempt, "%s:%d: %s: %s", slash ? slash + 1 : asked->place.file,
                  asked->place.line, asked->what, asked->why);
    } else if (!scan->is_sure) {
        make_slow(attempt, "its braces are hidden in macros: what it declares cannot be told");
    }
}

// -------------------------------------------------------------------------------------- compiling

static uint32_t add_job(Fast *fast, char *const *argv)
{
    fast->jobs[fast->job_count] = (BuildJob){.argv = argv};
    return fast->job_count++;
}

// What the unit says: at once, or by what the preprocessor makes of it.
static void read_or_ask(Fast *fast, Attempt *attempt, uint32_t number)
{
    Run *run = fast->run;
    Unit *unit = attempt->unit;
    Arena *scratch = &run->build->scratch;
    const BuildTools *tools = &run->build->tools;
    const BuildPart *part = build_part_begin(run, unit, number);
    attempt->part = part;
    run->report->fast.parts += part != NULL;
    if (part && !part->path) {
        unit->scan = build_part_scan(run, unit, part);
        run->report->fast.as_written++;
        return;
    }
    attempt->text = build_temporary_path(run, number, ".i");
    attempt->text_job =
        add_job(fast, part ? build_tools_preprocess_stripped(tools, unit->source, part->path, false,
                                                             attempt->text, scratch)
                           : build_tools_preprocess(tools, unit->source, attempt->text, scratch));
}

static void add_attempt(Fast *fast, Unit *unit, uint32_t number)
{
    Run *run = fast->run;
    Arena *scratch = &run->build->scratch;
    const BuildTools *tools = &run->build->tools;
    Attempt *attempt = &fast->attempts[fast->count++];
    *attempt = (Attempt){.unit = unit, .text_job = UINT32_MAX};
    const Distrusted *distrusted = find_distrusted(run, unit);
    unit->scan = build_scan_known(run, unit);
    if (distrusted) {
        make_slow(attempt, "%s", distrusted->why);
        return;
    }
    if (unit->scan) {
        judge_text(attempt);
    }
    if (attempt->is_slow) {
        return;
    }
    attempt->object = build_temporary_path(run, number, ".tcc");
    attempt->refitted = build_temporary_path(run, number, ".fast");
    fast->compiles_left++;
    attempt->compile_job =
        add_job(fast, build_tools_fast(tools, unit->source, attempt->object, scratch));
    if (fast->job_count == 1) { // both are at work while the text is told from what it was
        BuildJobLimits limits = build_job_limits(run);
        build_job_start(fast->jobs, &limits);
        build_link_begin(run);
    }
    if (!unit->scan) {
        read_or_ask(fast, attempt, number);
    }
}

static void begin(Fast *fast, Run *run)
{
    Arena *scratch = &run->build->scratch;
    *fast = (Fast){.run = run};
    fast->attempts = ARENA_NEW(scratch, Attempt, run->unit_count);
    fast->jobs = ARENA_NEW(scratch, BuildJob, 2 * run->unit_count);
    for (uint32_t i = 0; i < run->unit_count; i++) {
        if (!run->units[i].is_reused) {
            add_attempt(fast, &run->units[i], i);
        }
    }
}

static void read_text(Fast *fast, Attempt *attempt)
{
    attempt->unit->scan =
        attempt->part ? build_part_read(fast->run, attempt->unit, attempt->part, attempt->text)
                      : build_scan_read(fast->run, attempt->unit, attempt->text);
}

static void refit(Fast *fast, Attempt *attempt)
{
    Run *run = fast->run;
    Fault fault;
    RefitSource source = {attempt->unit->source, run->build->cwd};
    const BuildJob *job = &fast->jobs[attempt->compile_job];
    if (!build_job_is_ok(job) || job->output_bytes > 0) {
        attempt->failed = words_of(attempt, job, &run->build->scratch);
    } else if (!refit_object(attempt->object, &source, attempt->refitted, &fault)) {
        attempt->failed = arena_copy_text(&run->build->scratch, fault.text);
    } else {
        attempt->unit->fast_object = attempt->refitted;
    }
}

// Most edits declare nothing new: the linker begins with the types that are there, before it is
// known that they are the right ones, and has done half of its work by then.
static void link_by_guess(Fast *fast)
{
    bool is_whole = true;
    for (uint32_t i = 0; i < fast->count; i++) {
        is_whole &= fast->attempts[i].unit->fast_object != NULL;
    }
    if (is_whole) {
        build_link_guess(fast->run);
    }
}

// What a job made is taken further while others run.
static void take_job(void *with, const BuildJob *job)
{
    Fast *fast = with;
    uint32_t number = (uint32_t)(job - fast->jobs);
    for (uint32_t i = 0; i < fast->count; i++) {
        Attempt *attempt = &fast->attempts[i];
        if (attempt->is_slow) {
            continue;
        }
        if (attempt->text_job == number && build_job_is_ok(job)) {
            read_text(fast, attempt);
        }
        if (attempt->compile_job == number) {
            refit(fast, attempt);
            if (--fast->compiles_left == 0) {
                link_by_guess(fast);
            }
        }
    }
}

// What came of one, once its jobs are done.
static void judge(Attempt *attempt)
{
    if (!attempt->is_slow) {
        judge_text(attempt);
    }
    if (!attempt->is_slow && !attempt->unit->fast_object) {
        make_slow(attempt, "%s", attempt->failed ? attempt->failed : "tcc could not be started");
    }
    if (attempt->is_slow) {
        attempt->unit->fast_object = NULL;
    }
}

static void clean(Fast *fast)
{
    for (uint32_t i = 0; i < fast->count; i++) {
        const Attempt *attempt = &fast->attempts[i];
        const char *part = attempt->part ? attempt->part->path : NULL;
        const char *files[] = {attempt->object, attempt->text, attempt->refitted, part};
        for (size_t k = 0; k < COUNT_OF(files); k++) {
            if (files[k]) {
                (void)unlink(files[k]);
            }
        }
    }
}

static void report_attempts(const Fast *fast)
{
    BuildFast *told = &fast->run->report->fast;
    for (uint32_t i = 0; i < fast->count; i++) {
        const Attempt *attempt = &fast->attempts[i];
        told->slow += attempt->is_slow;
        told->fast += !attempt->is_slow;
        if (i < BUILD_FAST_MAX) {
            text_clean(told->files[i].file, sizeof(told->files[i].file), attempt->unit->source,
                       false);
            told->files[i].is_slow = attempt->is_slow;
            (void)text_format(told->files[i].why, sizeof(told->files[i].why), "%s", attempt->why);
        }
    }
}

// ----------------------------------------------------------------------------------------- one run

static uint64_t fast_content(Run *run)
{
    uint64_t content = hash_combine(run->sources, run->build->tools.fast_identity);
    for (uint32_t i = 0; i < run->unit_count; i++) {
        content = hash_combine(content, run->units[i].fast_object != NULL);
    }
    content = hash_combine(content, hash_bytes(run->types, strlen(run->types)));
    return content ? content : 1;
}

static void accept(Run *run, uint64_t content, const char *library)
{
    BuildReport *report = run->report;
    report->ok = true;
    report->is_fast = true;
    report->content = content;
    (void)text_format(report->library_path, sizeof(report->library_path), "%s", library);
}

// All objects are there.
static Outcome link_fast(Run *run)
{
    Outcome outcome = build_types_make(run);
    if (outcome != OUTCOME_DONE) {
        return outcome;
    }
    if (!run->types) {
        (void)text_format(run->report->fast.why_not, sizeof(run->report->fast.why_not),
                          "its types could not be compiled alone");
        return OUTCOME_DONE;
    }
    uint64_t content = fast_content(run);
    const char *library = build_library_path(run, content);
    if (!build_link_is_whole(library)) {
        outcome = build_link_library(run, library);
        if (outcome != OUTCOME_DONE) {
            return outcome;
        }
        if (run->report->error_count > 0) { // a name that is only in tcc's own library, too
            text_clean(run->report->fast.why_not, sizeof(run->report->fast.why_not),
                       run->report->diagnostics[0].text, false);
            return OUTCOME_DONE;
        }
        build_tidy(run);
    }
    build_touch(library);
    accept(run, content, library);
    return OUTCOME_DONE;
}

static Outcome compile_and_link(Fast *fast)
{
    Run *run = fast->run;
    BuildJobLimits limits = build_job_limits(run);
    limits.ended = take_job;
    limits.with = fast;
    if (!build_jobs_run(fast->jobs, fast->job_count, &limits, &run->build->scratch)) {
        return OUTCOME_CANCELLED;
    }
    uint32_t good = 0;
    for (uint32_t i = 0; i < fast->count; i++) {
        judge(&fast->attempts[i]);
        good += !fast->attempts[i].is_slow;
    }
    report_attempts(fast);
    if (good == 0 || !build_was_stable(run)) {
        return OUTCOME_DONE;
    }
    if (good < fast->count) {
        build_link_drop(run); // it would wait for long
        run->is_hurried = false;
        Outcome outcome = build_compile(run);
        run->is_hurried = true;
        if (outcome != OUTCOME_DONE || run->report->error_count > 0) {
            return outcome;
        }
    }
    return link_fast(run);
}

static Outcome run_fast(Run *run)
{
    Fast fast;
    int lock = build_take_turn(run);
    if (lock == -2) {
        return OUTCOME_CANCELLED;
    }
    begin(&fast, run);
    Outcome outcome = compile_and_link(&fast);
    build_link_drop(run);
    clean(&fast);
    if (lock >= 0) {
        close(lock);
    }
    return outcome;
}

static bool is_wanted(Run *run)
{
    uint64_t content = build_content_of(run);
    uint32_t changed = 0;
    for (uint32_t i = 0; i < run->unit_count; i++) {
        changed += !run->units[i].is_reused;
    }
    return changed > 0 && !(content && build_link_is_whole(build_library_path(run, content)));
}

static Outcome prepare_and_run(Run *run)
{
    Build *build = run->build;
    bool cancelled;
    arena_reset(&build->scratch, 0);
    if (!build_prepare(run, &cancelled)) {
        return cancelled ? OUTCOME_CANCELLED : OUTCOME_DONE;
    }
    if (!build->tools.fast_command) {
        (void)text_format(run->report->fast.why_not, sizeof(run->report->fast.why_not), "%s",
                          build->tools.fast_why_not);
        return OUTCOME_DONE;
    }
    return is_wanted(run) ? run_fast(run) : OUTCOME_DONE;
}

bool build_run_fast(Build *build, int cancel_fd, BuildReport *report)
{
    Run run = {.build = build,
               .report = report,
               .cancel_fd = cancel_fd,
               .is_hurried = true,
               .core = build_jobs_core()};
    *report = (BuildReport){.started_ns = mono_ns()};
    if (build->tiers == BUILD_TIERS_FULL) {
        return true;
    }
    Outcome outcome = prepare_and_run(&run);
    bool ok = report->ok;
    for (uint32_t i = 0; i < report->fast.fast + report->fast.slow && i < BUILD_FAST_MAX; i++) {
        build_shorten(build->cwd, report->fast.files[i].file, sizeof(report->fast.files[i].file));
    }
    // What is wrong with the sources is told by the full compiler, in its words.
    report->diagnostic_count = report->error_count = report->warning_count = 0;
    report->ok = ok;
    report->sources = run.sources;
    report->units = run.unit_count;
    report->finished_ns = mono_ns();
    return outcome != OUTCOME_CANCELLED;
}
