// The game's own build command: run on a save of a source, stopped by a newer one. It writes into
// the folder that is watched, so what it writes itself must not start it again: a path counts as
// saved only when its content is another one than when the command began, and what is new or no
// code only while nothing runs.
#include "change_internal.h"

#include <string.h>

enum { DROPPED_MAX_MS = 5000 }; // as change_build.c, and against a command that edits its sources

bool change_open_command(Change *change, const BuildCommandConfig *config, Fault *fault)
{
    Fault ignored; // the folder of the library may have to be made first
    change->command_folder = arena_copy_text(&change->memory, config->folder);
    change->command = build_command_open(config, fault);
    if (!change->command || !watch_folder(change->watch, config->folder, fault)) {
        return false;
    }
    change->sources = ARENA_NEW(&change->memory, BuildSources, 1);
    change->spare_sources = ARENA_NEW(&change->memory, BuildSources, 1);
    change->warned = ARENA_NEW(&change->memory, ChangeResult, 1);
    (void)watch_file(change->watch, change->config.library_path, &ignored);
    return true;
}

// Whether a save of code has changed anything since the command last looked.
static bool is_new_content(Change *change, const char *path)
{
    uint64_t content;
    pthread_mutex_lock(&change->lock);
    bool is_listed = build_sources_find(change->sources, path, &content);
    pthread_mutex_unlock(&change->lock);
    if (!is_listed) {
        return !atomic_load(&change->is_running);
    }
    return build_source_content(path) != content;
}

void change_command_work(Change *change, const WatchChange *what, Work *work)
{
    bool is_running = atomic_load(&change->is_running);
    if (what->kind == WATCH_RESCAN) {
        work->runs = true;
        work->noisy = false;
        work->any = !is_running;
        return;
    }
    if (strcmp(what->path, change->config.library_path) == 0) { // somebody ran it by hand
        work->noisy = false;
        work->gone = false;
        work->any = !is_running;
        return;
    }
    switch (build_path_kind(what->path, change->command_folder, change->config.library_path)) {
    case BUILD_PATH_CODE:
        work->any = what->kind == WATCH_GONE ? !is_running : is_new_content(change, what->path);
        work->cancels = true;
        break;
    case BUILD_PATH_OTHER:
        work->noisy = false;
        work->any = !is_running;
        break;
    default:
        work->any = false;
        break;
    }
    work->runs = work->any;
}

static void list_sources(Change *change)
{
    build_sources_list(change->spare_sources, change->command_folder, change->config.library_path);
    pthread_mutex_lock(&change->lock);
    BuildSources *before = change->sources;
    change->sources = change->spare_sources;
    change->spare_sources = before;
    pthread_mutex_unlock(&change->lock);
}

static void take_report(Change *change, ChangeResult *result)
{
    if (!result->report.ok) {
        result->kind = CHANGE_BUILD_FAILED;
        change_push(change, result);
    } else if (result->report.warning_count > 0) {
        result->kind = CHANGE_WARNINGS;
        *change->warned = *result;
    }
}

CommandOutcome change_run_command(Change *change, const Work *work)
{
    uint64_t now_ns = mono_ns();
    bool must_end = change->dropped_since_ns != 0
                    && now_ns - change->dropped_since_ns > DROPPED_MAX_MS * NS_PER_MS;
    if (work->noisy && change->dropped_since_ns == 0) {
        change_push(change, change_new_result(change, CHANGE_BUILD_STARTED, work));
    }
    ChangeResult *result = change_new_result(change, CHANGE_NOTE, work);
    list_sources(change);
    atomic_store(&change->is_running, true);
    bool has_ended = build_command_run(
        change->command, must_end ? change->quit_fd : change->cancel_fd, &result->report);
    if (!has_ended) {
        change->dropped_since_ns = change->dropped_since_ns ? change->dropped_since_ns : now_ns;
        return COMMAND_DROPPED;
    }
    list_sources(change); // with what it has written
    atomic_store(&change->is_running, false);
    change->dropped_since_ns = 0;
    result->built_ns = result->report.finished_ns;
    take_report(change, result);
    return result->report.ok ? COMMAND_DONE : COMMAND_FAILED;
}
