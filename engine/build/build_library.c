// Linking: one set of objects to a library under the name of its content. What is done to the
// finished file is in build_link.c.
#include "build_internal.h"

#include "build_link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

uint64_t build_content_of(Run *run)
{
    const BuildTools *tools = &run->build->tools;
    uint64_t content = hash_combine(tools->identity, tools->link_identity);
    for (uint32_t i = 0; i < tools->conf.file_count; i++) { // libraries of the game's own
        content = hash_combine(content, build_files_before(&run->files, tools->conf.files[i]));
    }
    for (uint32_t i = 0; i < run->unit_count; i++) {
        if (run->units[i].key == 0) {
            return 0; // something has never been compiled
        }
        content = hash_combine(content, run->units[i].key);
    }
    return content ? content : 1;
}

const char *build_library_path(const Run *run, uint64_t content)
{
    return arena_format(&run->build->scratch, "%s/%016llx.so", run->build->work_folder,
                        (unsigned long long)content);
}

// The linker names object files; the author knows sources.
static void name_sources(const Run *run, uint32_t first)
{
    for (uint32_t i = first; i < run->report->diagnostic_count; i++) {
        BuildDiagnostic *diagnostic = &run->report->diagnostics[i];
        for (uint32_t k = 0; k < run->unit_count; k++) {
            if (run->units[k].object && strcmp(diagnostic->file, run->units[k].object) == 0) {
                text_clean(diagnostic->file, sizeof(diagnostic->file), run->units[k].source, false);
            }
        }
    }
}

static bool finish_library(Run *run, const char *temporary, const char *library)
{
    const char *stub_path = run->build->tools.stub_path;
    if (stub_path && !build_link_drop_needed(temporary, stub_path)) {
        build_report_say(run->report, BUILD_ERROR, "%s: the linker wrote no usable library: %s",
                         temporary, strerror(errno));
        return false;
    }
    if (rename(temporary, library) != 0) {
        build_report_say(run->report, BUILD_ERROR, "%s: cannot be written: %s; make room there",
                         library, strerror(errno));
        return false;
    }
    return true;
}

static const char *temporary_library(const Run *run)
{
    return build_temporary_path(run, UINT32_MAX, ".link");
}

static const BuildNames *usable_names(const Run *run)
{
    const BuildTools *tools = &run->build->tools;
    const BuildNames *names = &run->build->names;
    bool is_usable = tools->links_directly && names->is_ready && !names->is_off
                     && names->of == tools->link_identity;
    return is_usable ? names : NULL;
}

void build_link_begin(Run *run)
{
    const BuildTools *tools = &run->build->tools;
    const BuildNames *names = usable_names(run);
    BuildJobLimits limits = build_job_limits(run);
    if (names && tools->links_by_script && !run->link.is_begun) {
        uint64_t build_id = hash_combine(run->sources, tools->fast_identity);
        run->link =
            (BuildJob){.argv = build_tools_link_waiting(
                           tools, names, build_id, temporary_library(run), &run->build->scratch)};
        (void)build_job_begin(&run->link, &limits);
    }
}

void build_link_drop(Run *run)
{
    if (run->link.is_begun) {
        build_job_drop(&run->link);
        run->link_fed = NULL;
        (void)unlink(temporary_library(run));
    }
}

static const char **all_objects(Run *run, uint32_t *count)
{
    const char **objects = ARENA_NEW(&run->build->scratch, const char *, run->unit_count + 2);
    *count = 0;
    for (uint32_t i = 0; i < run->unit_count; i++) {
        const Unit *unit = &run->units[i];
        objects[(*count)++] = unit->fast_object ? unit->fast_object : unit->object;
    }
    if (run->types) {
        objects[(*count)++] = run->types;
        if (run->build->tools.fast_library[0]) {
            objects[(*count)++] = run->build->tools.fast_library;
        }
    }
    return objects;
}

static bool feed_linker(Run *run, const char *script)
{
    if (script && build_job_feed(&run->link, script)) {
        run->link_fed = script;
        return true;
    }
    build_link_drop(run);
    return false;
}

void build_link_guess(Run *run)
{
    const char *types = run->link.is_begun ? build_types_guess(run) : NULL;
    if (types) {
        uint32_t count;
        run->types = types;
        const char **objects = all_objects(run, &count);
        (void)feed_linker(run, build_tools_link_script(objects, count, &run->build->scratch));
        run->types = NULL;
    }
}

// The linker that has begun is given these objects, or has been given them. False: there is none,
// or none any more.
static bool take_linker(Run *run, BuildJob *job, const char *const *objects, uint32_t count)
{
    if (!run->link.is_begun) {
        return false;
    }
    const char *script = build_tools_link_script(objects, count, &run->build->scratch);
    if (run->link_fed ? !script || strcmp(script, run->link_fed) != 0 : !feed_linker(run, script)) {
        build_link_drop(run);
        return false;
    }
    *job = run->link;
    run->link = (BuildJob){.argv = NULL};
    run->link_fed = NULL;
    return true;
}

static Outcome run_linker(Run *run, BuildJob *job, const BuildNames *names, const char *temporary)
{
    Arena *scratch = &run->build->scratch;
    uint32_t count;
    const char **objects = all_objects(run, &count);
    BuildJobLimits limits = build_job_limits(run);
    if (!names || !take_linker(run, job, objects, count)) {
        *job = (BuildJob){.argv = build_tools_link(&run->build->tools, names, objects, count,
                                                   temporary, scratch)};
    }
    return build_jobs_run(job, 1, &limits, scratch) ? OUTCOME_DONE : OUTCOME_CANCELLED;
}

// After a link with everything. One that the names did not help with although nothing new was
// needed (an archive's function, say) will not be helped the next time, either.
static void learn_names(Run *run, const char *library, bool has_tried)
{
    Build *build = run->build;
    BuildNames *names = &build->names;
    bool is_first = names->of != build->tools.link_identity;
    if (is_first) {
        Arena memory = names->memory;
        arena_reset(&memory, 0);
        *names = (BuildNames){.memory = memory, .of = build->tools.link_identity};
    }
    if (build_names_learn(names, library) || is_first) {
        (void)build_names_write(names, build_temporary_path(run, UINT32_MAX, ".names"));
    } else {
        names->is_off |= has_tried;
    }
}

static Outcome link_objects(Run *run, BuildJob *job, const char *temporary)
{
    const BuildTools *tools = &run->build->tools;
    const BuildNames *names = usable_names(run);
    if (names) {
        Outcome outcome = run_linker(run, job, names, temporary);
        // Warnings, too, are told by the real link: they may be about the stand-ins.
        if (outcome != OUTCOME_DONE || (build_job_is_ok(job) && job->output_bytes == 0)) {
            return outcome;
        }
    }
    Outcome outcome = run_linker(run, job, NULL, temporary);
    if (outcome == OUTCOME_DONE && build_job_is_ok(job) && tools->links_directly) {
        learn_names(run, temporary, names != NULL);
    }
    return outcome;
}

Outcome build_link_library(Run *run, const char *library)
{
    const char *temporary = temporary_library(run);
    BuildJob job;
    if (link_objects(run, &job, temporary) != OUTCOME_DONE) {
        (void)unlink(temporary);
        return OUTCOME_CANCELLED;
    }
    if (!build_job_is_ok(&job)) {
        build_say_job_failed(run->report, &job, "linker", run->build->given_folder);
    } else {
        build_parse(run->report, job.output, job.output_bytes);
        (void)finish_library(run, temporary, library);
    }
    name_sources(run, 0);
    (void)unlink(temporary);
    return OUTCOME_DONE;
}
