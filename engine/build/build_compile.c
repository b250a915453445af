// Compiling: the commands of all units that need it, what came of each, and what it included. Says
// also what to do when a compiler or linker did not end as they do.
#include "build_internal.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Takes the next path off a dependency list as compilers write it for make: "\ " is a space, "\#"
// and "$$" stand for themselves, a backslash at the end of a line goes on. False at the end.
// Source: gcc's libcpp/mkdeps.cc, munge().
static bool take_dependency(const char **text, char out[FILE_PATH_MAX])
{
    const char *at = *text;
    size_t length = 0;
    while (*at == ' ' || *at == '\n' || (*at == '\\' && at[1] == '\n')) {
        at += *at == '\\' ? 2 : 1;
    }
    while (*at && *at != ' ' && *at != '\n' && length < FILE_PATH_MAX - 1) {
        bool escaped = (*at == '\\' && (at[1] == ' ' || at[1] == '#' || at[1] == '\\'))
                       || (*at == '$' && at[1] == '$');
        if (*at == '\\' && at[1] == '\n') {
            break;
        }
        // gcc leaves backslashes alone that stand in front of anything but a space or '#'.
        if (escaped && at[1] == '\\') {
            size_t run = strspn(at, "\\");
            escaped = at[run] == ' ' || at[run] == '#';
        }
        at += escaped;
        out[length++] = *at++;
    }
    out[length] = '\0';
    *text = at;
    return length > 0;
}

// A list that names something that is not there was not understood (a line break in a name): then
// the unit counts on every header of the game.
static void read_new_included(Run *run, Unit *unit)
{
    FileBytes bytes;
    char path[FILE_PATH_MAX];
    Arena *scratch = &run->build->scratch;
    bool understood = false;
    uint32_t count = 0, room = run->files.header_count + 1;
    if (!file_read(scratch, unit->new_dependencies, BUILD_OUTPUT_MAX, &bytes, NULL)) {
        bytes = (FileBytes){(const uint8_t *)"", 0};
    }
    for (size_t i = 0; i < bytes.size_bytes; i++) {
        room += bytes.data[i] == ' ' || bytes.data[i] == '\n';
    }
    const char **included = ARENA_NEW(scratch, const char *, room);
    included[count++] = unit->source;
    const char *text = (const char *)bytes.data;
    if (strncmp(text, "o:", 2) == 0) {
        understood = true;
        text += 2;
        while (understood && take_dependency(&text, path)) {
            understood = file_exists(path);
            if (understood && strcmp(path, unit->source) != 0) {
                included[count++] = arena_copy_text(scratch, path);
            }
        }
    }
    if (!understood) {
        count = 1;
        for (uint32_t i = 0; i < run->files.header_count; i++) {
            included[count++] = run->files.headers[i];
        }
    }
    unit->included = included;
    unit->included_count = count;
}

static bool was_stable(Run *run, const Unit *unit)
{
    for (uint32_t i = 0; i < unit->included_count; i++) {
        if (!build_files_is_same(&run->files, unit->included[i], run->started_real_ns)) {
            return false;
        }
    }
    return true;
}

bool build_was_stable(Run *run)
{
    bool same = true;
    for (uint32_t i = 0; i < run->unit_count && same; i++) {
        same = build_files_is_same(&run->files, run->units[i].source, run->started_real_ns);
    }
    for (uint32_t i = 0; i < run->files.header_count && same; i++) {
        same = build_files_is_same(&run->files, run->files.headers[i], run->started_real_ns);
    }
    return same;
}

static bool publish_unit(Run *run, Unit *unit)
{
    size_t list_bytes = 0;
    for (uint32_t i = 0; i < unit->included_count; i++) {
        list_bytes += strlen(unit->included[i]) + 1;
    }
    char *list = ARENA_NEW(&run->build->scratch, char, list_bytes), *at = list;
    for (uint32_t i = 0; i < unit->included_count; i++) {
        at = stpcpy(at, unit->included[i]) + 1;
    }
    unit->key = build_key_of(run, unit, true);
    unit->object = build_object_path(run, unit->key, ".o");
    bool ok =
        build_publish(run, build_object_path(run, unit->source_key, ".dep"), list, list_bytes);
    if (unit->said_bytes) {
        ok = build_publish(run, build_object_path(run, unit->key, ".txt"), unit->said,
                           unit->said_bytes)
             && ok;
    }
    ok = ok && rename(unit->new_object, unit->object) == 0;
    if (!ok) {
        build_report_say(run->report, BUILD_ERROR, "%s: cannot be written: %s; make room there",
                         run->build->objects_folder, strerror(errno));
    }
    return ok;
}

// A compiler that did not end as compilers do.
static void say_job_trouble(BuildReport *report, const BuildJob *job, const char *what,
                            const char *about)
{
    if (job->start_error) {
        build_report_say(report, BUILD_ERROR, "the %s %s could not be started: %s", what,
                         job->argv[0], strerror(job->start_error));
    } else if (job->timed_out) {
        build_report_say(report, BUILD_ERROR,
                         "the %s took longer than %d s over %s and was stopped; save again to try "
                         "again, the code that runs keeps running",
                         what, BUILD_TIMEOUT_MS / 1000, about);
    } else if (WIFSIGNALED(job->status)) {
        build_report_say(report, BUILD_ERROR,
                         "the %s was killed by signal %d (%s) over %s: out of memory? Save again "
                         "to try again",
                         what, WTERMSIG(job->status), strsignal(WTERMSIG(job->status)), about);
    }
}

void build_say_job_failed(BuildReport *report, const BuildJob *job, const char *what,
                          const char *about)
{
    uint32_t errors = report->error_count;
    build_parse(report, job->output, job->output_bytes);
    say_job_trouble(report, job, what, about);
    if (report->error_count == errors) {
        build_report_say(report, BUILD_ERROR, "the %s failed over %s with exit code %d: %.300s",
                         what, about, WEXITSTATUS(job->status), job->output);
    }
}

static void remove_temporaries(const Run *run)
{
    for (uint32_t i = 0; i < run->unit_count; i++) {
        if (run->units[i].new_object) {
            (void)unlink(run->units[i].new_object);
            (void)unlink(run->units[i].new_dependencies);
        }
    }
}

BuildJobLimits build_job_limits(const Run *run)
{
    cpu_set_t cores;
    int count = sched_getaffinity(0, sizeof(cores), &cores) == 0 ? CPU_COUNT(&cores) : 1;
    return (BuildJobLimits){.at_once = (unsigned)count,
                            .timeout_ms = BUILD_TIMEOUT_MS,
                            .cancel_fd = run->cancel_fd,
                            .environment = run->build->environment,
                            .niceness = run->is_hurried ? 0 : run->build->niceness,
                            .core = run->is_hurried ? run->core : 0};
}

// gcc throws its JSON away when it stops at -fmax-errors (seen with gcc 12): such a unit is
// compiled once more for the text form, which ends at the same place.
static bool must_ask_in_text(const BuildJob *job)
{
    return !build_job_is_ok(job) && strstr(job->output, "terminated due to -fmax-errors")
           && !strstr(job->output, "error: ");
}

static bool ask_in_text(Run *run, BuildJob *job)
{
    BuildJobLimits limits = build_job_limits(run);
    Arena *scratch = &run->build->scratch;
    size_t count = 0;
    while (job->argv[count]) {
        count++;
    }
    char **argv = ARENA_NEW(scratch, char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        bool is_json = strcmp(job->argv[i], "-fdiagnostics-format=json") == 0;
        argv[i] = is_json ? arena_copy_text(scratch, "-fno-diagnostics-show-caret") : job->argv[i];
    }
    job->argv = argv;
    return build_jobs_run(job, 1, &limits, scratch);
}

static Outcome take_compiled(Run *run, Unit *unit, BuildJob *job)
{
    if (must_ask_in_text(job) && !ask_in_text(run, job)) {
        return OUTCOME_CANCELLED;
    }
    if (!build_job_is_ok(job)) {
        if (!build_was_stable(run)) { // half a file, perhaps: somebody is writing it
            return OUTCOME_AGAIN;
        }
        build_say_job_failed(run->report, job, "compiler", unit->source);
        return OUTCOME_DONE;
    }
    unit->said = job->output;
    unit->said_bytes = job->output_bytes;
    read_new_included(run, unit);
    if (!was_stable(run, unit)) {
        return OUTCOME_AGAIN;
    }
    build_parse(run->report, unit->said, unit->said_bytes);
    (void)publish_unit(run, unit);
    return OUTCOME_DONE;
}

Outcome build_compile(Run *run)
{
    Arena *scratch = &run->build->scratch;
    BuildJob *jobs = ARENA_NEW(scratch, BuildJob, run->unit_count);
    Unit **compiled = ARENA_NEW(scratch, Unit *, run->unit_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->unit_count; i++) {
        Unit *unit = &run->units[i];
        if (unit->is_reused || unit->fast_object) {
            continue;
        }
        unit->new_object = build_temporary_path(run, i, ".o");
        unit->new_dependencies = build_temporary_path(run, i, ".d");
        jobs[count].argv = build_tools_unit(&run->build->tools, unit->source, unit->new_object,
                                            unit->new_dependencies, scratch);
        compiled[count++] = unit;
    }
    BuildJobLimits limits = build_job_limits(run);
    Outcome outcome = OUTCOME_CANCELLED;
    if (build_jobs_run(jobs, count, &limits, scratch)) {
        outcome = OUTCOME_DONE;
        for (uint32_t i = 0; i < count && outcome == OUTCOME_DONE; i++) {
            outcome = take_compiled(run, compiled[i], &jobs[i]);
        }
        run->report->units_compiled += count;
        run->build->compiled_since_tidy += count;
    }
    remove_temporaries(run);
    return outcome;
}

void build_reuse(Run *run)
{
    for (uint32_t i = 0; i < run->unit_count; i++) {
        FileBytes said;
        Unit *unit = &run->units[i];
        if (unit->new_object || unit->key == 0) {
            continue;
        }
        build_touch(unit->object);
        build_touch(build_object_path(run, unit->source_key, ".dep"));
        if (file_read(&run->build->scratch, build_object_path(run, unit->key, ".txt"),
                      BUILD_OUTPUT_MAX, &said, NULL)) {
            build_parse(run->report, (const char *)said.data, said.size_bytes);
        }
    }
}
