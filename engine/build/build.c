// Contents: what the report says, one run, the public calls. build_internal.h says what the other
// files do.
#include "build_internal.h"

#include "build_link.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS_MAX = 4 }; // sources that change under the compiler again and again

// --------------------------------------------------------------------------- what the report says

// What the author called it: relative to where hotloop was started, if that is shorter.
void build_shorten(const char *cwd, char *path, size_t path_bytes)
{
    char shorter[FILE_PATH_MAX];
    size_t length = strlen(cwd);
    if (build_is_under(path, cwd)) {
        (void)text_format(shorter, sizeof(shorter), "%s", path + length + (length > 1));
        (void)text_format(path, path_bytes, "%s", shorter);
    }
}

static void shorten_in_text(const char *cwd, char *text)
{
    size_t length = strlen(cwd);
    for (char *at = strstr(text, cwd); at && length > 1; at = strstr(at + 1, cwd)) {
        if (at[length] == '/' && (at == text || strchr(" :'`", at[-1]))) {
            memmove(at, at + length + 1, strlen(at + length + 1) + 1);
        }
    }
}

static void add_source_line(Arena *reading, BuildDiagnostic *diagnostic)
{
    FileBytes bytes;
    char line[sizeof(diagnostic->source_line)];
    arena_reset(reading, 0);
    if (diagnostic->line < 1 || diagnostic->source_line[0]
        || !file_read(reading, diagnostic->file, BUILD_FILE_BYTES_MAX, &bytes, NULL)) {
        return;
    }
    const char *at = (const char *)bytes.data;
    for (int number = 1; at && number < diagnostic->line; number++) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    if (at) {
        (void)text_format(line, sizeof(line), "%.*s", (int)strcspn(at, "\r\n"), at);
        text_clean(diagnostic->source_line, sizeof(diagnostic->source_line), line, false);
    }
}

void build_report_finish(BuildReport *report, const char *cwd, Arena *reading)
{
    build_report_sort(report);
    for (uint32_t i = 0; i < report->diagnostic_count; i++) {
        BuildDiagnostic *diagnostic = &report->diagnostics[i];
        add_source_line(reading, diagnostic);
        build_shorten(cwd, diagnostic->file, sizeof(diagnostic->file));
        shorten_in_text(cwd, diagnostic->text);
    }
    report->finished_ns = mono_ns();
}

// ----------------------------------------------------------------------------------------- one run

static bool all_reused(const Run *run)
{
    for (uint32_t i = 0; i < run->unit_count; i++) {
        if (!run->units[i].is_reused) {
            return false;
        }
    }
    return true;
}

static void accept(Run *run, uint64_t content, const char *library)
{
    BuildReport *report = run->report;
    report->ok = true;
    report->content = content;
    report->sources = run->sources;
    report->nothing_changed = content == run->build->last_content;
    (void)text_format(report->library_path, sizeof(report->library_path), "%s", library);
    (void)text_format(run->build->last_library, sizeof(run->build->last_library), "%s", library);
    run->build->last_content = content;
}

// The library for exactly this content may be there already: from this session, before an undo, or
// from another instance.
static bool take_ready_library(Run *run)
{
    uint64_t content = build_content_of(run);
    const char *library = content ? build_library_path(run, content) : "";
    if (!content || !build_link_is_whole(library)) {
        return false;
    }
    build_touch(library);
    build_reuse(run);
    accept(run, content, library);
    return true;
}

static Outcome build_library(Run *run)
{
    if (!all_reused(run)) {
        Outcome outcome = build_compile(run);
        if (outcome != OUTCOME_DONE) {
            return outcome;
        }
    }
    build_reuse(run);
    build_remember_inputs(run);
    if (run->report->error_count > 0) {
        return OUTCOME_DONE;
    }
    uint64_t content = build_content_of(run);
    const char *library = build_library_path(run, content);
    if (!build_link_is_whole(library)) {
        Outcome outcome = build_link_library(run, library);
        if (outcome != OUTCOME_DONE || run->report->error_count > 0) {
            return outcome;
        }
        build_touch(library);
        build_tidy(run);
    }
    accept(run, content, library);
    return OUTCOME_DONE;
}

static void restart_report(BuildReport *report)
{
    uint64_t started_ns = report->started_ns;
    *report = (BuildReport){.started_ns = started_ns};
}

// hotloop.conf. What is wrong in it is an error like one of the compiler's: a build without half of
// its settings is nothing that anybody wants to see.
static bool take_settings(Run *run)
{
    Build *build = run->build;
    BuildConf *conf = ARENA_NEW(&build->scratch, BuildConf, 1);
    if (!build_conf_read(conf, build->game_folder, &build->scratch, run->report)) {
        return false;
    }
    if (conf->hash != build->tools.conf.hash) {
        build_tools_configure(&build->tools, conf);
    }
    return true;
}

// What the fast compiler finds before the system's headers.
static bool write_prelude(Run *run)
{
    Fault fault;
    const char *folder = run->build->tools.prelude_folder;
    const char *path = arena_format(&run->build->scratch, "%s/" SCAN_PRELUDE_NAME, folder);
    const char *inner = arena_format(&run->build->scratch, "%s/sys", folder);
    bool ok = file_exists(path)
              || (file_make_dirs(inner, 0700, &fault)
                  && build_publish(run, path, SCAN_PRELUDE, strlen(SCAN_PRELUDE)));
    if (!ok) {
        build_report_say(run->report, BUILD_ERROR, "%s: cannot be written: %s; make room there",
                         path, strerror(errno));
    }
    return ok;
}

bool build_prepare(Run *run, bool *cancelled)
{
    Build *build = run->build;
    Fault fault;
    *cancelled = false;
    if (!file_make_dirs(build->objects_folder, 0700, &fault)) {
        build_report_say(run->report, BUILD_ERROR, "%s", fault.text);
        return false;
    }
    if (!write_prelude(run)) {
        return false;
    }
    if (!take_settings(run)
        || !build_tools_prepare(&build->tools, run->report, &build->scratch, run->cancel_fd,
                                cancelled)) {
        return false;
    }
    *cancelled = !build_plan_once_filled(run);
    return !*cancelled && build_has_sources(run);
}

static Outcome run_once(Run *run)
{
    Build *build = run->build;
    bool cancelled;
    restart_report(run->report);
    arena_reset(&build->scratch, 0);
    if (!build_prepare(run, &cancelled)) {
        return cancelled ? OUTCOME_CANCELLED : OUTCOME_DONE;
    }
    if (take_ready_library(run)) {
        build_remember_inputs(run);
        return OUTCOME_DONE;
    }
    int lock = build_take_turn(run);
    if (lock == -2) {
        return OUTCOME_CANCELLED;
    }
    for (uint32_t i = 0; i < run->unit_count; i++) { // what the other instance has made meanwhile
        if (!run->units[i].is_reused) {
            build_plan_unit(run, &run->units[i]);
        }
    }
    Outcome outcome = build_library(run);
    if (lock >= 0) {
        close(lock);
    }
    return outcome;
}

bool build_run(Build *build, int cancel_fd, BuildReport *report)
{
    Outcome outcome = OUTCOME_AGAIN;
    Run run = {.build = build, .report = report, .cancel_fd = cancel_fd};
    *report = (BuildReport){.started_ns = mono_ns()};
    for (int round = 0; round < ROUNDS_MAX && outcome == OUTCOME_AGAIN; round++) {
        outcome = run_once(&run);
    }
    if (outcome == OUTCOME_AGAIN) {
        build_report_say(report, BUILD_ERROR,
                         "the sources changed again and again while they were compiled: save once "
                         "more when they are at rest");
    }
    if (report->ok && outcome == OUTCOME_DONE) {
        if (build_scan_orders(&run)) {
            build_types_keep(&run);
        } else {
            outcome = OUTCOME_CANCELLED;
        }
    }
    if (outcome != OUTCOME_CANCELLED) {
        build_report_finish(report, build->cwd, &build->reading);
        report->units = run.unit_count;
        report->sources = run.sources; // of a build that failed, too
    }
    return outcome != OUTCOME_CANCELLED;
}

// -------------------------------------------------------------------------------- the public calls

// Everything but the language: the parser reads English.
char **build_make_environment(Arena *keep, const char *more)
{
    size_t count = 0, used = 0;
    while (environ && environ[count]) {
        count++;
    }
    char **copy = ARENA_NEW(keep, char *, count + 3);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(environ[i], "LC_ALL=", 7) != 0 && strncmp(environ[i], "LANGUAGE=", 9) != 0) {
            copy[used++] = arena_copy_text(keep, environ[i]);
        }
    }
    copy[used++] = arena_copy_text(keep, "LC_ALL=C");
    if (more) {
        copy[used] = arena_copy_text(keep, more);
    }
    return copy;
}

static const char *absolute(Arena *keep, const char *path)
{
    char *real = realpath(path, NULL);
    const char *copy = arena_copy_text(keep, real ? real : path);
    free(real);
    return copy;
}

static void set_folders(Build *build, const BuildConfig *config)
{
    Arena *keep = &build->keep;
    char *cwd = getcwd(NULL, 0);
    build->cwd = arena_copy_text(keep, cwd ? cwd : "/");
    free(cwd);
    build->given_folder = arena_copy_text(keep, config->game_folder);
    build->game_folder = absolute(keep, config->game_folder);
    build->work_folder = absolute(keep, config->work_folder);
    build->objects_folder = arena_format(keep, "%s/objects", build->work_folder);
}

static void set_tools(Build *build, const BuildConfig *config)
{
    Arena *keep = &build->keep;
    const char *cc = getenv("CC");
    build->environment = build_make_environment(keep, NULL);
    build->tools = (BuildTools){
        .keep = &build->probe,
        .given = config->compiler ? arena_copy_text(keep, config->compiler) : NULL,
        .fallback = arena_copy_text(keep, cc && cc[strspn(cc, " \t")] ? cc : "cc"),
        .user_flags = config->flags ? arena_copy_text(keep, config->flags) : NULL,
        .api_folder = config->api_folder ? absolute(keep, config->api_folder) : NULL,
        .game_folder = build->game_folder,
        .stub_path = config->stub_path ? absolute(keep, config->stub_path) : NULL,
        .environment = build->environment,
        .prelude_folder = arena_format(keep, "%s/tcc", build->work_folder),
        .niceness = config->niceness,
    };
    build_tools_configure(&build->tools, &(BuildConf){0});
}

Build *build_open(const BuildConfig *config, Fault *fault)
{
    Arena arenas[6] = {0};
    static const size_t RESERVE[COUNT_OF(arenas)] = {
        16u << 20, 8u << 20, 512u << 20, 2u * BUILD_FILE_BYTES_MAX, 16u << 20, 16u << 20};
    assert(config->game_folder && config->work_folder);
    bool ok = file_make_dirs(config->work_folder, 0700, fault);
    for (size_t i = 0; i < COUNT_OF(arenas) && ok; i++) {
        ok = arena_open(&arenas[i], 0, RESERVE[i], fault);
    }
    if (!ok) {
        for (size_t i = 0; i < COUNT_OF(arenas); i++) {
            arena_close(&arenas[i]);
        }
        return NULL;
    }
    Build *build = ARENA_NEW(&arenas[0], Build, 1);
    build->keep = arenas[0];
    build->probe = arenas[1];
    build->scratch = arenas[2];
    build->reading = arenas[3];
    build->inputs_memory = arenas[4];
    build->names.memory = arenas[5];
    build->nonce = mono_ns();
    set_folders(build, config);
    build->niceness = config->niceness;
    build->tiers = config->tiers;
    build->scans = ARENA_NEW(&build->keep, KeptScan, BUILD_FILES_MAX);
    set_tools(build, config);
    return build;
}

void build_close(Build *build)
{
    if (!build) {
        return;
    }
    for (uint32_t i = 0; i < build->scan_count; i++) {
        arena_close(&build->scans[i].memory);
    }
    arena_close(&build->probe);
    arena_close(&build->scratch);
    arena_close(&build->reading);
    arena_close(&build->inputs_memory);
    build_names_close(&build->names);
    Arena keep = build->keep; // holds *build itself
    arena_close(&keep);
}

void build_compiler_text(const BuildConfig *config, char *out, size_t out_bytes)
{
    Arena arena;
    const char *cc = getenv("CC"), *compiler = config->compiler;
    out[0] = '\0';
    if (!arena_open(&arena, 0, 1u << 20, NULL)) {
        return;
    }
    BuildConf *conf = ARENA_NEW(&arena, BuildConf, 1);
    (void)build_conf_read(conf, config->game_folder, &arena, NULL);
    compiler = compiler ? compiler : conf->compiler;
    compiler = compiler ? compiler : cc && cc[0] ? cc : "cc";
    const char *text = arena_copy_text(&arena, compiler);
    for (uint32_t i = 0; i < conf->compile_count; i++) {
        text = arena_format(&arena, "%s %s", text, conf->compile[i]);
    }
    (void)text_format(out, out_bytes, "%s%s%s", text, config->flags && config->flags[0] ? " " : "",
                      config->flags ? config->flags : "");
    arena_close(&arena);
}

const char *build_command_text(const Build *build)
{
    return build->tools.ready ? build->tools.command_text : build->tools.wanted;
}
