// Contents: paths, sources, places, running
#include "build_command.h"

#include "build_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FOLDERS_MAX = 64, DEPTH_MAX = 32, TAIL_BYTES = 400 };

struct BuildCommand {
    Arena keep, scratch, reading;
    const char *command, *folder, *library, *cwd;
    char **environment;
    int niceness;
};

// ------------------------------------------------------------------------------------------- paths

static bool has_end(const char *name, const char *end)
{
    size_t length = strlen(name), end_length = strlen(end);
    return length > end_length && strcmp(name + length - end_length, end) == 0;
}

static bool ends_in_any(const char *name, const char *const *ends, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (has_end(name, ends[i])) {
            return true;
        }
    }
    return false;
}

static bool is_dropping(const char *name)
{
    static const char *const ENDS[] = {"~", ".swp", ".swx", ".tmp", ".bak", ".orig"};
    return name[0] == '.' || name[0] == '#' || strcmp(name, "4913") == 0
           || ends_in_any(name, ENDS, COUNT_OF(ENDS));
}

// Below the folder that the library lies in, unless the sources lie there, too.
static bool is_in_output(const char *path, const char *folder, const char *library)
{
    const char *slash = strrchr(library, '/');
    char output[FILE_PATH_MAX];
    if (!slash || slash == library) {
        return false;
    }
    (void)text_format(output, sizeof(output), "%.*s", (int)(slash - library), library);
    return build_is_under(output, folder) && build_is_under(path, output);
}

BuildPathKind build_path_kind(const char *path, const char *folder, const char *library)
{
    static const char *const MADE[] = {".o",   ".a",   ".so",   ".d",    ".lo",   ".la",
                                       ".gch", ".dwo", ".gcno", ".gcda", ".ninja"};
    static const char *const CODE[] = {".c",   ".h",   ".cc",  ".cpp",   ".cxx", ".hh",  ".hpp",
                                       ".inc", ".inl", ".def", ".s",     ".S",   ".rs",  ".zig",
                                       ".mk",  ".in",  ".py",  ".cmake", ".sh",  ".conf"};
    static const char *const NAMES[] = {"Makefile", "GNUmakefile", "makefile", "CMakeLists.txt",
                                        "meson.build"};
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (is_dropping(name) || ends_in_any(name, MADE, COUNT_OF(MADE)) || strstr(path, "/CMakeFiles/")
        || is_in_output(path, folder, library)) {
        return BUILD_PATH_MADE;
    }
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        if (strcmp(name, NAMES[i]) == 0) {
            return BUILD_PATH_CODE;
        }
    }
    if (ends_in_any(name, CODE, COUNT_OF(CODE))) {
        return BUILD_PATH_CODE;
    }
    // Without an extension: a program that was linked, or what sed -i is about to rename.
    return strchr(name, '.') ? BUILD_PATH_OTHER : BUILD_PATH_MADE;
}

// ----------------------------------------------------------------------------------------- sources

uint64_t build_source_content(const char *path)
{
    uint8_t bytes[16384];
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return 0;
    }
    uint64_t content = 1;
    ssize_t got = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) ? 1 : 0;
    while (got > 0 && (got = read(fd, bytes, sizeof(bytes))) > 0) {
        content = hash_combine(content, hash_bytes(bytes, (size_t)got));
    }
    close(fd);
    return got < 0 || content == 0 ? 0 : content;
}

static uint32_t slot_of(const BuildSources *sources, uint64_t path)
{
    uint32_t slot = (uint32_t)(path % COUNT_OF(sources->paths));
    while (sources->paths[slot] != 0 && sources->paths[slot] != path) {
        slot = (slot + 1) % COUNT_OF(sources->paths);
    }
    return slot;
}

static uint64_t hash_path(const char *path)
{
    uint64_t hash = hash_bytes(path, strlen(path));
    return hash ? hash : 1;
}

static void add_source(BuildSources *sources, const char *path)
{
    uint64_t hash = hash_path(path);
    uint32_t slot = slot_of(sources, hash);
    if (sources->paths[slot] == 0 && sources->count < BUILD_SOURCES_MAX) {
        sources->paths[slot] = hash;
        sources->contents[slot] = build_source_content(path);
        sources->count++;
    }
}

static void list_below(BuildSources *sources, const char *below, const char *folder,
                       const char *library, int depth)
{
    char path[FILE_PATH_MAX];
    DIR *dir = depth < DEPTH_MAX ? opendir(below) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct stat about;
        if (entry->d_name[0] == '.' || !file_join(path, below, entry->d_name)
            || lstat(path, &about) != 0) {
            continue;
        }
        BuildPathKind kind = build_path_kind(path, folder, library);
        if (S_ISDIR(about.st_mode) && !is_in_output(path, folder, library)) {
            list_below(sources, path, folder, library, depth + 1);
        } else if (!S_ISDIR(about.st_mode) && kind == BUILD_PATH_CODE) {
            add_source(sources, path);
        }
    }
    if (dir) {
        closedir(dir);
    }
}

void build_sources_list(BuildSources *sources, const char *folder, const char *library)
{
    memset(sources, 0, sizeof(*sources));
    list_below(sources, folder, folder, library, 0);
}

bool build_sources_find(const BuildSources *sources, const char *path, uint64_t *content)
{
    uint32_t slot = slot_of(sources, hash_path(path));
    *content = sources->contents[slot];
    return sources->paths[slot] != 0;
}

// ------------------------------------------------------------------------------------------ places

// Compilers name files as they were given, seen from wherever make or ninja went.
typedef struct Folders {
    const char *paths[FOLDERS_MAX];
    uint32_t count;
} Folders;

static void add_folder(Folders *folders, const char *path)
{
    for (uint32_t i = 0; i < folders->count; i++) {
        if (strcmp(folders->paths[i], path) == 0) {
            return;
        }
    }
    if (folders->count < FOLDERS_MAX) {
        folders->paths[folders->count++] = path;
    }
}

// "make[1]: Entering directory '/x'", "ninja: Entering directory `/x'", and where the library is
// made.
static void find_folders(const BuildCommand *command, const char *said, Folders *folders,
                         Arena *scratch)
{
    static const char MARK[] = ": Entering directory ";
    const char *slash = strrchr(command->library, '/');
    add_folder(folders, command->cwd);
    add_folder(folders, command->folder);
    for (const char *at = strstr(said, MARK); at; at = strstr(at, MARK)) {
        at += strlen(MARK);
        size_t length = strcspn(at, "\n");
        if (length > 2) {
            const char *path = arena_format(scratch, "%.*s", (int)length - 2, at + 1);
            add_folder(folders,
                       path[0] == '/' ? path : arena_format(scratch, "%s/%s", command->cwd, path));
        }
    }
    if (slash && slash != command->library) {
        add_folder(folders, arena_format(scratch, "%.*s", (int)(slash - command->library),
                                         command->library));
    }
}

static void place_files(BuildReport *report, const Folders *folders)
{
    for (uint32_t i = 0; i < report->diagnostic_count; i++) {
        BuildDiagnostic *one = &report->diagnostics[i];
        char path[FILE_PATH_MAX];
        for (uint32_t k = 0; k < folders->count && one->file[0] && one->file[0] != '/'; k++) {
            if (!file_join(path, folders->paths[k], one->file) || !file_exists(path)) {
                continue;
            }
            char *real = realpath(path, NULL);
            (void)text_format(one->file, sizeof(one->file), "%s", real ? real : path);
            free(real);
        }
    }
}

// ----------------------------------------------------------------------------------------- running

// Build tools say last why they gave up.
static const char *tail_of(const BuildJob *job)
{
    size_t length = job->output_bytes;
    while (length > 0 && job->output[length - 1] == '\n') {
        length--;
    }
    const char *tail = length > TAIL_BYTES ? job->output + length - TAIL_BYTES : job->output;
    const char *line = tail == job->output ? NULL : strchr(tail, '\n');
    return line ? line + 1 : tail;
}

static void take_ended(BuildCommand *command, const BuildJob *job, BuildReport *report)
{
    Folders folders = {.count = 0};
    if (build_job_is_ok(job)) {
        build_parse(report, job->output, job->output_bytes);
        // It ended well, so whatever was called an error in passing was none.
        report->ok = file_exists(command->library);
        if (!report->ok) {
            build_report_say(report, BUILD_ERROR,
                             "`%s` ended well, but there is no %s: is that where it writes its "
                             "library to?",
                             command->command, command->library);
        }
    } else if (job->start_error || job->timed_out || WIFSIGNALED(job->status)) {
        build_say_job_failed(report, job, "command", command->command);
    } else {
        build_parse(report, job->output, job->output_bytes);
        if (report->error_count == 0) {
            build_report_say(report, BUILD_ERROR, "`%s` failed with exit code %d: %s",
                             command->command, WEXITSTATUS(job->status), tail_of(job));
        }
    }
    find_folders(command, job->output, &folders, &command->scratch);
    place_files(report, &folders);
}

bool build_command_run(BuildCommand *command, int cancel_fd, BuildReport *report)
{
    char *argv[] = {arena_copy_text(&command->scratch, "/bin/sh"),
                    arena_copy_text(&command->scratch, "-c"),
                    arena_copy_text(&command->scratch, command->command), NULL};
    BuildJob job = {.argv = argv};
    BuildJobLimits limits = {.at_once = 1,
                             .timeout_ms = BUILD_TIMEOUT_MS,
                             .cancel_fd = cancel_fd,
                             .environment = command->environment,
                             .niceness = command->niceness};
    *report = (BuildReport){.started_ns = mono_ns()};
    bool has_ended = build_jobs_run(&job, 1, &limits, &command->scratch);
    if (has_ended) {
        take_ended(command, &job, report);
        build_report_finish(report, command->cwd, &command->reading);
    }
    arena_reset(&command->scratch, 0);
    return has_ended;
}

static const char *absolute(Arena *keep, const char *cwd, const char *path)
{
    return path[0] == '/' ? arena_copy_text(keep, path) : arena_format(keep, "%s/%s", cwd, path);
}

BuildCommand *build_command_open(const BuildCommandConfig *config, Fault *fault)
{
    Arena arenas[3] = {0};
    static const size_t RESERVE[COUNT_OF(arenas)] = {1u << 20, 16u << 20,
                                                     2u * BUILD_FILE_BYTES_MAX};
    bool ok = true;
    for (size_t i = 0; i < COUNT_OF(arenas) && ok; i++) {
        ok = arena_open(&arenas[i], 0, RESERVE[i], fault);
    }
    if (!ok) {
        for (size_t i = 0; i < COUNT_OF(arenas); i++) {
            arena_close(&arenas[i]);
        }
        return NULL;
    }
    Arena *keep = &arenas[0];
    BuildCommand *command = ARENA_NEW(keep, BuildCommand, 1);
    char *cwd = getcwd(NULL, 0);
    command->cwd = arena_copy_text(keep, cwd ? cwd : "/");
    free(cwd);
    command->command = arena_copy_text(keep, config->command);
    command->folder = absolute(keep, command->cwd, config->folder);
    command->library = absolute(keep, command->cwd, config->library);
    command->niceness = config->niceness;
    command->environment = build_make_environment(
        keep, config->api_folder ? arena_format(keep, "HOTLOOP_API=%s", config->api_folder) : NULL);
    command->keep = arenas[0];
    command->scratch = arenas[1];
    command->reading = arenas[2];
    return command;
}

void build_command_close(BuildCommand *command)
{
    if (!command) {
        return;
    }
    arena_close(&command->scratch);
    arena_close(&command->reading);
    Arena keep = command->keep; // holds *command itself
    arena_close(&keep);
}
