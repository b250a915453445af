// Contents: the work folder, keys, planning, compiling, linking, what the report says, one run, the
// public calls
//
// The work folder, shared by every instance on this game (one at a time: the lock file):
//   objects/<key>.dep   which files a source of that content included, for that compiler and flags
//   objects/<key>.o     the object for one content of the source and of all of those
//   objects/<key>.txt   what the compiler said about it, so that warnings stay
//   <content>.so        the library of one set of objects
// Nothing in it is ever changed, only added under its final name by a rename, and removed when old.
#include "build.h"

#include "build_files.h"
#include "build_link.h"
#include "build_report.h"
#include "build_tools.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LIBRARIES_KEPT = 16,
    OBJECT_FILES_KEPT = 3 * 512, // and those of the last build
    EMPTY_LOOK_MS = 50,
    EMPTY_LOOKS_MAX = 25,
    ROUNDS_MAX = 4, // sources that change under the compiler again and again
    LOCK_LOOK_MS = 5,
    INPUTS_MAX = 512
};

struct Build {
    Arena keep, probe, scratch, reading; // keep: as long as this; probe: of build_tools; the rest:
                                         // one run
    Arena inputs_memory;
    const char *given_folder; // as the caller named it
    const char *game_folder;  // absolute
    const char *work_folder, *objects_folder, *cwd;
    char **environment;
    BuildTools tools;
    const char **inputs; // beyond .c and .h below the folder
    uint32_t input_count;
    uint64_t last_content; // 0: none yet
    char last_library[FILE_PATH_MAX];
    uint64_t nonce; // makes temporary names ours
    uint32_t compiled_since_tidy;
};

// A .c file on its way to an object.
typedef struct Unit {
    const char *source;
    uint64_t source_key; // compiler, flags, path and content
    uint64_t key;        // and everything included; 0: not known before it is compiled
    bool is_reused;
    const char *object;                        // the final path, once `key` is known
    const char *new_object, *new_dependencies; // while it is compiled
    const char *const *included;
    uint32_t included_count;
    const char *said; // the compiler's output
    size_t said_bytes;
} Unit;

typedef struct Run {
    Build *build;
    BuildReport *report;
    BuildFiles files;
    Unit *units;
    uint32_t unit_count;
    uint64_t headers_key; // which headers there are at all
    uint64_t started_real_ns;
    int cancel_fd;
} Run;

typedef enum Outcome { OUTCOME_DONE, OUTCOME_CANCELLED, OUTCOME_AGAIN } Outcome;

// -------------------------------------------------------------------------------- the work folder

static const char *object_path(const Run *run, uint64_t key, const char *end)
{
    return arena_format(&run->build->scratch, "%s/%016llx%s", run->build->objects_folder,
                        (unsigned long long)key, end);
}

static const char *temporary_path(const Run *run, uint32_t number, const char *end)
{
    return arena_format(&run->build->scratch, "%s/tmp-%d-%llx-%u%s", run->build->objects_folder,
                        (int)getpid(), (unsigned long long)run->build->nonce, number, end);
}

// Whole or not at all, without the sync of file_write: after a power cut it is built again.
static bool publish(const Run *run, const char *path, const void *data, size_t size_bytes)
{
    const char *temporary = temporary_path(run, UINT32_MAX, ".part");
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    bool ok = write(fd, data, size_bytes) == (ssize_t)size_bytes;
    ok = close(fd) == 0 && ok && rename(temporary, path) == 0;
    if (!ok) {
        unlink(temporary);
    }
    return ok;
}

static void touch(const char *path)
{
    (void)utimensat(AT_FDCWD, path, NULL, 0); // what is in use is not old
}

typedef struct OldFile {
    struct timespec written;
    char name[256];
} OldFile;

static int newest_first(const void *a, const void *b)
{
    const struct timespec *x = &((const OldFile *)a)->written, *y = &((const OldFile *)b)->written;
    if (x->tv_sec != y->tv_sec) {
        return x->tv_sec > y->tv_sec ? -1 : 1;
    }
    return x->tv_nsec > y->tv_nsec ? -1 : x->tv_nsec < y->tv_nsec;
}

// Keeps the newest `kept` regular files whose name ends in `end`.
static void remove_old(Arena *scratch, const char *folder, const char *end, uint32_t kept)
{
    enum { LISTED_MAX = 8192 };
    DIR *dir = opendir(folder);
    if (!dir) {
        return;
    }
    size_t mark = scratch->used_bytes;
    OldFile *files = NULL;
    uint32_t count = 0;
    for (struct dirent *entry = readdir(dir); entry && count < LISTED_MAX; entry = readdir(dir)) {
        struct stat about;
        size_t length = strlen(entry->d_name);
        if (length < strlen(end) || strcmp(entry->d_name + length - strlen(end), end) != 0
            || fstatat(dirfd(dir), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0
            || !S_ISREG(about.st_mode)) {
            continue;
        }
        OldFile *file = ARENA_NEW(scratch, OldFile, 1); // one behind the other: an array
        files = files ? files : file;
        file->written = about.st_mtim;
        (void)text_format(file->name, sizeof(file->name), "%s", entry->d_name);
        count++;
    }
    if (count > kept) {
        qsort(files, count, sizeof(files[0]), newest_first);
    }
    for (uint32_t i = kept; i < count; i++) {
        (void)unlinkat(dirfd(dir), files[i].name, 0);
    }
    closedir(dir);
    arena_reset(scratch, mark);
}

static void tidy(Run *run)
{
    Build *build = run->build;
    remove_old(&build->scratch, build->work_folder, ".so", LIBRARIES_KEPT);
    if (build->compiled_since_tidy >= 64) {
        build->compiled_since_tidy = 0;
        remove_old(&build->scratch, build->objects_folder, "",
                   OBJECT_FILES_KEPT + 3 * run->unit_count);
    }
}

// Waits for its turn among the instances on this game. Returns the lock's descriptor; -1: none
// could be had, which is no reason not to build, since everything is published by renames; -2:
// cancelled.
static int take_turn(const Run *run)
{
    char path[FILE_PATH_MAX];
    uint64_t give_up_ns = mono_ns() + 2ull * BUILD_TIMEOUT_MS * NS_PER_MS;
    if (!file_join(path, run->build->work_folder, "lock")) {
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        struct pollfd cancel = {.fd = run->cancel_fd, .events = POLLIN};
        if (poll(&cancel, 1, LOCK_LOOK_MS) > 0) {
            close(fd);
            return -2;
        }
        if (mono_ns() > give_up_ns) {
            break;
        }
    }
    return fd;
}

// -------------------------------------------------------------------------------------------- keys

static bool is_under(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/') {
        length--;
    }
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || folder[length - 1] == '/');
}

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

static uint64_t key_of(Run *run, const Unit *unit, bool after)
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

static void plan_unit(Run *run, Unit *unit)
{
    uint64_t content = build_files_before(&run->files, unit->source);
    unit->source_key = hash_combine(run->build->tools.identity, hash_path(unit->source));
    unit->source_key = hash_combine(hash_combine(unit->source_key, run->headers_key), content);
    read_included(run, unit, object_path(run, unit->source_key, ".dep"));
    if (unit->included_count == 0) {
        return; // not compiled yet: the list has the source itself at least
    }
    unit->key = key_of(run, unit, false);
    unit->object = object_path(run, unit->key, ".o");
    unit->is_reused = build_link_is_whole(unit->object);
}

static bool has_fresh_empty(const Run *run)
{
    for (uint32_t i = 0; i < run->files.count; i++) {
        if (run->files.files[i].is_fresh_empty) {
            return true;
        }
    }
    return false;
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
        plan_unit(run, &run->units[i]);
    }
}

// Editors that truncate and then write leave a moment with an empty file. It is not built; but a
// file that stays empty is what its author wants.
static bool plan_once_filled(Run *run)
{
    size_t mark = run->build->scratch.used_bytes;
    for (int look = 0;; look++) {
        plan(run);
        if (!has_fresh_empty(run) || look == EMPTY_LOOKS_MAX) {
            return true;
        }
        struct pollfd cancel = {.fd = run->cancel_fd, .events = POLLIN};
        if (poll(&cancel, 1, EMPTY_LOOK_MS) > 0) {
            return false;
        }
        arena_reset(&run->build->scratch, mark);
    }
}

static bool has_sources(Run *run)
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

// --------------------------------------------------------------------------------------- compiling

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
    unit->key = key_of(run, unit, true);
    unit->object = object_path(run, unit->key, ".o");
    bool ok = publish(run, object_path(run, unit->source_key, ".dep"), list, list_bytes);
    if (unit->said_bytes) {
        ok = publish(run, object_path(run, unit->key, ".txt"), unit->said, unit->said_bytes) && ok;
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

static void say_job_failed(BuildReport *report, const BuildJob *job, const char *what,
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

static BuildJobLimits job_limits(const Run *run)
{
    cpu_set_t cores;
    int count = sched_getaffinity(0, sizeof(cores), &cores) == 0 ? CPU_COUNT(&cores) : 1;
    return (BuildJobLimits){(unsigned)count, BUILD_TIMEOUT_MS, run->cancel_fd,
                            run->build->environment};
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
    BuildJobLimits limits = job_limits(run);
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
        say_job_failed(run->report, job, "compiler", unit->source);
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

// Compiles what plan() found wanting. OUTCOME_AGAIN: a source changed while it was read, so nobody
// can tell which content an object is made of.
static Outcome compile(Run *run)
{
    Arena *scratch = &run->build->scratch;
    BuildJob *jobs = ARENA_NEW(scratch, BuildJob, run->unit_count);
    Unit **compiled = ARENA_NEW(scratch, Unit *, run->unit_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->unit_count; i++) {
        Unit *unit = &run->units[i];
        if (unit->is_reused) {
            continue;
        }
        unit->new_object = temporary_path(run, i, ".o");
        unit->new_dependencies = temporary_path(run, i, ".d");
        jobs[count].argv = build_tools_unit(&run->build->tools, unit->source, unit->new_object,
                                            unit->new_dependencies, scratch);
        compiled[count++] = unit;
    }
    BuildJobLimits limits = job_limits(run);
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

static void reuse(Run *run)
{
    for (uint32_t i = 0; i < run->unit_count; i++) {
        FileBytes said;
        Unit *unit = &run->units[i];
        if (unit->new_object || unit->key == 0) {
            continue;
        }
        touch(unit->object);
        touch(object_path(run, unit->source_key, ".dep"));
        if (file_read(&run->build->scratch, object_path(run, unit->key, ".txt"), BUILD_OUTPUT_MAX,
                      &said, NULL)) {
            build_parse(run->report, (const char *)said.data, said.size_bytes);
        }
    }
}

// ----------------------------------------------------------------------------------------- linking

static uint64_t content_of(const Run *run)
{
    const BuildTools *tools = &run->build->tools;
    uint64_t content = hash_combine(tools->identity, tools->link_identity);
    for (uint32_t i = 0; i < run->unit_count; i++) {
        if (run->units[i].key == 0) {
            return 0; // something has never been compiled
        }
        content = hash_combine(content, run->units[i].key);
    }
    return content ? content : 1;
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

static Outcome link_library(Run *run, const char *library)
{
    Arena *scratch = &run->build->scratch;
    const char *temporary = temporary_path(run, UINT32_MAX, ".link");
    const char **objects = ARENA_NEW(scratch, const char *, run->unit_count);
    for (uint32_t i = 0; i < run->unit_count; i++) {
        objects[i] = run->units[i].object;
    }
    BuildJobLimits limits = job_limits(run);
    BuildJob job = {
        .argv = build_tools_link(&run->build->tools, objects, run->unit_count, temporary, scratch)};
    if (!build_jobs_run(&job, 1, &limits, scratch)) {
        (void)unlink(temporary);
        return OUTCOME_CANCELLED;
    }
    if (!build_job_is_ok(&job)) {
        say_job_failed(run->report, &job, "linker", run->build->given_folder);
    } else {
        build_parse(run->report, job.output, job.output_bytes);
        (void)finish_library(run, temporary, library);
    }
    name_sources(run, 0);
    (void)unlink(temporary);
    return OUTCOME_DONE;
}

// ----------------------------------------------------------------------------- what the report
// says

// What the author called it: relative to where hotloop was started, if that is shorter.
static void shorten(const Build *build, char *path, size_t path_bytes)
{
    char shorter[FILE_PATH_MAX];
    size_t length = strlen(build->cwd);
    if (is_under(path, build->cwd)) {
        (void)text_format(shorter, sizeof(shorter), "%s", path + length + (length > 1));
        (void)text_format(path, path_bytes, "%s", shorter);
    }
}

static void shorten_in_text(const Build *build, char *text)
{
    size_t length = strlen(build->cwd);
    for (char *at = strstr(text, build->cwd); at && length > 1; at = strstr(at + 1, build->cwd)) {
        if (at[length] == '/' && (at == text || strchr(" :'`", at[-1]))) {
            memmove(at, at + length + 1, strlen(at + length + 1) + 1);
        }
    }
}

static void add_source_line(Build *build, BuildDiagnostic *diagnostic)
{
    FileBytes bytes;
    char line[sizeof(diagnostic->source_line)];
    arena_reset(&build->reading, 0);
    if (diagnostic->line < 1 || diagnostic->source_line[0]
        || !file_read(&build->reading, diagnostic->file, BUILD_FILE_BYTES_MAX, &bytes, NULL)) {
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

static void finish_report(Run *run)
{
    BuildReport *report = run->report;
    build_report_sort(report);
    for (uint32_t i = 0; i < report->diagnostic_count; i++) {
        BuildDiagnostic *diagnostic = &report->diagnostics[i];
        add_source_line(run->build, diagnostic);
        shorten(run->build, diagnostic->file, sizeof(diagnostic->file));
        shorten_in_text(run->build, diagnostic->text);
    }
    report->units = run->unit_count;
    report->finished_ns = mono_ns();
}

static void add_input(Build *build, const char *path)
{
    char real[FILE_PATH_MAX];
    bool is_listed = is_under(path, build->game_folder) && build_files_is_source(path);
    if (is_listed) { // unless what is listed is a symlink to elsewhere
        struct stat about;
        char *target =
            lstat(path, &about) == 0 && S_ISLNK(about.st_mode) ? realpath(path, NULL) : NULL;
        bool leads_out = target && text_format(real, sizeof(real), "%s", target)
                         && !is_under(real, build->game_folder);
        free(target);
        if (!leads_out) {
            return;
        }
        path = real;
    }
    for (uint32_t i = 0; i < build->input_count; i++) {
        if (strcmp(build->inputs[i], path) == 0) {
            return;
        }
    }
    if (build->input_count < INPUTS_MAX) {
        build->inputs[build->input_count++] = arena_copy_text(&build->inputs_memory, path);
    }
}

static void remember_inputs(Run *run)
{
    Build *build = run->build;
    // A unit that does not compile tells nothing about what it includes: what it included before
    // still counts, for the mistake may be there.
    if (!build->inputs || run->report->error_count == 0) {
        arena_reset(&build->inputs_memory, 0);
        build->inputs = ARENA_NEW(&build->inputs_memory, const char *, INPUTS_MAX);
        build->input_count = 0;
    }
    for (uint32_t i = 0; i < run->unit_count; i++) {
        for (uint32_t k = 0; k < run->units[i].included_count; k++) {
            add_input(build, run->units[i].included[k]);
        }
    }
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
    report->nothing_changed = content == run->build->last_content;
    (void)text_format(report->library_path, sizeof(report->library_path), "%s", library);
    (void)text_format(run->build->last_library, sizeof(run->build->last_library), "%s", library);
    run->build->last_content = content;
}

static const char *library_path(const Run *run, uint64_t content)
{
    return arena_format(&run->build->scratch, "%s/%016llx.so", run->build->work_folder,
                        (unsigned long long)content);
}

// The library for exactly this content may be there already: from this session, before an undo, or
// from another instance.
static bool take_ready_library(Run *run)
{
    uint64_t content = content_of(run);
    const char *library = content ? library_path(run, content) : "";
    if (!content || !build_link_is_whole(library)) {
        return false;
    }
    touch(library);
    reuse(run);
    accept(run, content, library);
    return true;
}

static Outcome build_library(Run *run)
{
    if (!all_reused(run)) {
        Outcome outcome = compile(run);
        if (outcome != OUTCOME_DONE) {
            return outcome;
        }
    }
    reuse(run);
    remember_inputs(run);
    if (run->report->error_count > 0) {
        return OUTCOME_DONE;
    }
    uint64_t content = content_of(run);
    const char *library = library_path(run, content);
    if (!build_link_is_whole(library)) {
        Outcome outcome = link_library(run, library);
        if (outcome != OUTCOME_DONE || run->report->error_count > 0) {
            return outcome;
        }
        touch(library);
        tidy(run);
    }
    accept(run, content, library);
    return OUTCOME_DONE;
}

static void restart_report(BuildReport *report)
{
    uint64_t started_ns = report->started_ns;
    *report = (BuildReport){.started_ns = started_ns};
}

static Outcome run_once(Run *run)
{
    Build *build = run->build;
    bool cancelled;
    Fault fault;
    restart_report(run->report);
    arena_reset(&build->scratch, 0);
    if (!file_make_dirs(build->objects_folder, 0700, &fault)) {
        build_report_say(run->report, BUILD_ERROR, "%s", fault.text);
        return OUTCOME_DONE;
    }
    if (!build_tools_prepare(&build->tools, run->report, &build->scratch, run->cancel_fd,
                             &cancelled)) {
        return cancelled ? OUTCOME_CANCELLED : OUTCOME_DONE;
    }
    if (!plan_once_filled(run)) {
        return OUTCOME_CANCELLED;
    }
    if (!has_sources(run)) {
        return OUTCOME_DONE;
    }
    if (take_ready_library(run)) {
        remember_inputs(run);
        return OUTCOME_DONE;
    }
    int lock = take_turn(run);
    if (lock == -2) {
        return OUTCOME_CANCELLED;
    }
    for (uint32_t i = 0; i < run->unit_count; i++) { // what the other instance has made meanwhile
        if (!run->units[i].is_reused) {
            plan_unit(run, &run->units[i]);
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
    if (outcome != OUTCOME_CANCELLED) {
        finish_report(&run);
    }
    return outcome != OUTCOME_CANCELLED;
}

// -------------------------------------------------------------------------------- the public calls

// Everything but the language: the parser reads English.
static char **make_environment(Arena *keep)
{
    size_t count = 0, used = 0;
    while (environ && environ[count]) {
        count++;
    }
    char **copy = ARENA_NEW(keep, char *, count + 2);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(environ[i], "LC_ALL=", 7) != 0 && strncmp(environ[i], "LANGUAGE=", 9) != 0) {
            copy[used++] = arena_copy_text(keep, environ[i]);
        }
    }
    copy[used] = arena_copy_text(keep, "LC_ALL=C");
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
    const char *cc = config->compiler ? config->compiler : getenv("CC");
    build->environment = make_environment(keep);
    build->tools = (BuildTools){
        .keep = &build->probe,
        .wanted = arena_copy_text(keep, cc && cc[strspn(cc, " \t")] ? cc : "cc"),
        .user_flags = config->flags ? arena_copy_text(keep, config->flags) : NULL,
        .api_folder = config->api_folder ? absolute(keep, config->api_folder) : NULL,
        .game_folder = build->game_folder,
        .stub_path = config->stub_path ? absolute(keep, config->stub_path) : NULL,
        .environment = build->environment,
    };
}

Build *build_open(const BuildConfig *config, Fault *fault)
{
    Arena arenas[5] = {0};
    static const size_t RESERVE[COUNT_OF(arenas)] = {16u << 20, 8u << 20, 512u << 20,
                                                     2u * BUILD_FILE_BYTES_MAX, 16u << 20};
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
    build->nonce = mono_ns();
    set_folders(build, config);
    set_tools(build, config);
    return build;
}

void build_close(Build *build)
{
    if (!build) {
        return;
    }
    arena_close(&build->probe);
    arena_close(&build->scratch);
    arena_close(&build->reading);
    arena_close(&build->inputs_memory);
    Arena keep = build->keep; // holds *build itself
    arena_close(&keep);
}

const char *build_input(const Build *build, uint32_t index)
{
    return index < build->input_count ? build->inputs[index] : NULL;
}

bool build_cares_about(const Build *build, const char *path)
{
    bool is_below = is_under(path, build->given_folder) || is_under(path, build->game_folder);
    if (is_below && build_files_is_source(path)) {
        return true;
    }
    for (uint32_t i = 0; i < build->input_count; i++) {
        if (strcmp(build->inputs[i], path) == 0) {
            return true;
        }
    }
    return false;
}

const char *build_command_text(const Build *build)
{
    return build->tools.ready ? build->tools.command_text : build->tools.wanted;
}
