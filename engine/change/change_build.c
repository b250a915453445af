#include "change_internal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

// For so long builds may be dropped because of newer saves; then one is let through. A tool that
// writes a source twice a second would otherwise keep every build from ending.
enum { DROPPED_MAX_MS = 5000 };

typedef struct BuildLane {
    Change *change;
    uint64_t dropped_since_ns; // 0: the last one was not dropped
    bool has_announced;        // CHANGE_BUILD_STARTED is out, and nothing has answered it yet
    bool has_told_command;
    bool plays_fast;       // the last save was answered with a fast build
    BuildFast fast;        // how the last fast build went
    uint64_t fast_sources; // of which sources
} BuildLane;

// Hands the watcher the files to watch beside the folder.
static void pass_inputs(Change *change)
{
    const char *path;
    uint64_t one = 1;
    uint32_t count = change->input_count; // written by this thread only
    for (uint32_t i = 0; (path = build_input(change->build, i)) != NULL; i++) {
        bool is_known = count == INPUTS_WATCHED_MAX;
        for (uint32_t k = 0; k < count && !is_known; k++) {
            is_known = strcmp(change->inputs[k], path) == 0;
        }
        if (!is_known) { // the watcher does not look behind input_count
            (void)text_format(change->inputs[count++], FILE_PATH_MAX, "%s", path);
        }
    }
    if (count > change->input_count) {
        pthread_mutex_lock(&change->lock);
        change->input_count = count;
        pthread_mutex_unlock(&change->lock);
        ssize_t written = write(change->command_fd, &one, sizeof(one));
        (void)written;
    }
}

static void announce(BuildLane *lane, const Work *work)
{
    if (work->noisy && !lane->has_announced) {
        change_push(lane->change, change_new_result(lane->change, CHANGE_BUILD_STARTED, work));
        lane->has_announced = true;
    }
}

static void refuse(BuildLane *lane, ChangeResult *result)
{
    Change *change = lane->change;
    result->kind = CHANGE_REFUSED;
    // Only what lies in the library itself: a full disk may be better next time.
    change->refused = result->fault.kind == FAULT_LIBRARY ? result->report.content : 0;
    change_push(change, result);
}

static void deliver(BuildLane *lane, ChangeResult *result)
{
    Change *change = lane->change;
    result->kind = CHANGE_READY;
    change->delivered = result->report.content;
    change->refused = change->known = 0;
    change_push(change, result);
    if (result->report.warning_count > 0) {
        result->lib = (GameLib){0}; // went with CHANGE_READY
        result->kind = CHANGE_WARNINGS;
        change_push(change, result);
    }
}

static void answer_unchanged(BuildLane *lane, const Work *work, ChangeResult *result)
{
    if (!work->noisy && !lane->has_announced) {
        return;
    }
    result->kind = CHANGE_UNCHANGED;
    if (result->report.content == lane->change->refused) {
        (void)fault_set(&result->fault, FAULT_LIBRARY,
                        "%s: still the build that was refused; the code that runs keeps running",
                        lane->change->config.game_folder);
    }
    change_push(lane->change, result);
}

// False: the library is not whole.
static bool load(BuildLane *lane, const Work *work, ChangeResult *result)
{
    if (gamelib_open(&result->lib, result->report.library_path, &lane->change->gamelib_config,
                     &result->fault)) {
        if (!work->forced && result->lib.content == lane->change->known) {
            lane->change->delivered = result->report.content;
            (void)gamelib_close(&result->lib);
            answer_unchanged(lane, work, result);
        } else {
            (void)change_read_about(&result->lib, NULL);
            result->lib.sources = result->report.sources;
            if (result->report.sources == lane->fast_sources) {
                result->report.fast = lane->fast;
            }
            deliver(lane, result);
        }
        return true;
    }
    result->lib = (GameLib){0};
    if (result->fault.kind == FAULT_INCOMPLETE) {
        return false;
    }
    refuse(lane, result);
    return true;
}

static uint64_t failure_of(const BuildReport *report)
{
    uint64_t failure = 1;
    for (uint32_t i = 0; i < report->diagnostic_count; i++) {
        const BuildDiagnostic *one = &report->diagnostics[i];
        failure = hash_combine(failure, hash_bytes(one->file, strlen(one->file)));
        failure = hash_combine(failure, hash_bytes(one->text, strlen(one->text)));
        failure = hash_combine(failure, ((uint64_t)one->line << 32) | (uint32_t)one->column);
    }
    return failure ? failure : 1;
}

static bool take_report(BuildLane *lane, const Work *work, ChangeResult *result)
{
    Change *change = lane->change;
    const BuildReport *report = &result->report;
    result->built_ns = report->finished_ns;
    uint64_t failed = change->failed;
    change->failed = report->ok ? 0 : failure_of(report);
    if (!report->ok) {
        // A build that nobody asked for, such as the one behind a watch on new headers, has no news
        // to tell when it fails as the one before did.
        if (work->noisy || lane->has_announced || change->failed != failed) {
            result->kind = CHANGE_BUILD_FAILED;
            change_push(change, result);
        }
    } else if (!work->forced
               && (report->content == change->delivered || report->content == change->refused)) {
        answer_unchanged(lane, work, result);
    } else {
        return load(lane, work, result);
    }
    return true;
}

// Before the first result: with the game on screen it would be half a page over its picture.
static void tell_command(BuildLane *lane)
{
    Change *change = lane->change;
    const char *command = build_command_text(change->build);
    if (change->known) { // the process before has said it
        lane->has_told_command = true;
    }
    if (!lane->has_told_command && command[0] == '/') {
        lane->has_told_command = true;
        change_push_note(change, change->command_note, "sources are built with %s", command);
    }
}

// A fast build comes between two full ones, so there has to be one before it - unless nobody wants
// full ones.
static bool wants_fast(const Change *change)
{
    return change->tiers == BUILD_TIERS_FAST
           || (change->tiers == BUILD_TIERS_BOTH && change->delivered != 0);
}

// The library is loaded, or it is not for use, which is nothing to tell: the full build comes.
static void load_fast(BuildLane *lane, ChangeResult *result)
{
    Change *change = lane->change;
    GameLib *lib = &result->lib;
    if (!gamelib_open(lib, result->report.library_path, &change->gamelib_config, &result->fault)) {
        *lib = (GameLib){0};
        (void)unlink(result->report.library_path);
    } else if (!change_read_about(lib, &result->fault)) {
        (void)gamelib_close(lib);
    } else {
        lib->sources = result->report.sources;
        lib->is_fast = true;
        result->built_ns = result->report.finished_ns;
        lane->plays_fast = true;
        lane->has_announced = false;
        deliver(lane, result);
        return;
    }
    (void)text_format(lane->fast.why_not, sizeof(lane->fast.why_not), "%s", result->fault.text);
}

// False when a newer save dropped the build.
static bool build_fast(BuildLane *lane, const Work *work)
{
    Change *change = lane->change;
    lane->plays_fast = false;
    if (!wants_fast(change)) {
        return true;
    }
    ChangeResult *result = change_new_result(change, CHANGE_NOTE, work);
    if (!build_run_fast(change->build, change->wake_fd, &result->report)) {
        return false;
    }
    lane->fast = result->report.fast;
    lane->fast_sources = result->report.sources;
    if (result->report.ok && result->report.content == change->delivered && !work->forced) {
        lane->plays_fast = true; // and the full build, which was dropped, is made again
        answer_unchanged(lane, work, result);
        lane->has_announced = false;
    } else if (result->report.ok) {
        load_fast(lane, result);
    }
    return true;
}

// What the frame lane found out about fast code since the last build.
static void take_distrust(Change *change)
{
    for (;;) {
        Distrust one = {0};
        pthread_mutex_lock(&change->lock);
        if (change->distrust_count > 0) {
            one = change->distrust[--change->distrust_count];
        }
        pthread_mutex_unlock(&change->lock);
        if (!one.file[0]) {
            return;
        }
        build_distrust(change->build, one.file, one.why);
    }
}

// False when a newer save dropped the build.
static bool build_and_load(BuildLane *lane, const Work *work)
{
    Change *change = lane->change;
    bool must_end = lane->dropped_since_ns != 0
                    && mono_ns() - lane->dropped_since_ns > DROPPED_MAX_MS * NS_PER_MS;
    int cancel_fd = must_end ? change->quit_fd : change->wake_fd;
    take_distrust(change);
    if (!build_fast(lane, work)) {
        return false;
    }
    if (lane->plays_fast && change->tiers == BUILD_TIERS_FAST) {
        return true;
    }
    for (int tries = 0; tries < 2; tries++) {
        ChangeResult *result = change_new_result(change, CHANGE_NOTE, work);
        if (!build_run(change->build, cancel_fd, &result->report)) {
            return false;
        }
        tell_command(lane);
        if (take_report(lane, work, result)) {
            return true;
        }
        // Left behind by a crash or a full disk: it is made once more.
        (void)unlink(result->report.library_path);
    }
    refuse(lane, change->result);
    return true;
}

// False when a newer save dropped the build: *work is to be merged with it.
static bool build_once(BuildLane *lane, const Work *work)
{
    Change *change = lane->change;
    announce(lane, work);
    if (!build_and_load(lane, work)) {
        // Where each save is seen at once nobody waits for the end of a build.
        lane->dropped_since_ns = lane->plays_fast         ? 0
                                 : lane->dropped_since_ns ? lane->dropped_since_ns
                                                          : mono_ns();
        return false;
    }
    lane->dropped_since_ns = 0;
    lane->has_announced = false;
    pass_inputs(change);
    return true;
}

void change_build_run(Change *change)
{
    BuildLane lane = {.change = change};
    Work work = {0};
    while (change_wait_work(change, &work, -1)) {
        if (!work.any) {
            continue;
        }
        if (work.changes > 1 || work.gone) {
            change_settle(change, &work);
        }
        if (build_once(&lane, &work)) {
            work = (Work){0};
            (void)build_rest(change->build, change->wake_fd);
        } else {
            work.changes = 0; // those have been waited for
        }
    }
}
