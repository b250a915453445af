// Contents: the queue, work, threads, opening and closing, the public calls
#include "change.h"

#include "change_internal.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { QUIET_MS = 2, GONE_QUIET_MS = 50, SETTLE_MAX_MS = 1000 };

static void signal_fd(int fd)
{
    uint64_t one = 1;
    // Fails only when the counter is full: then it is readable already.
    ssize_t written = write(fd, &one, sizeof(one));
    (void)written;
}

static void clear_fd(int fd)
{
    uint64_t count;
    ssize_t got = read(fd, &count, sizeof(count));
    (void)got;
}

// --------------------------------------------------------------------------------------- the queue

// Takes entry `at` out; its slot can be used again.
static void drop_entry(Change *change, uint32_t at)
{
    change->unused[change->unused_count++] = change->queue[at];
    change->queue_count--;
    memmove(&change->queue[at], &change->queue[at + 1],
            (change->queue_count - at) * sizeof(change->queue[0]));
}

// A generation that nobody will see any more: its library, to be closed without the lock.
static bool take_overtaken(Change *change, GameLib *lib)
{
    for (uint32_t i = 0; i < change->queue_count; i++) {
        if (change->queue[i]->kind == CHANGE_READY) {
            *lib = change->queue[i]->lib;
            drop_entry(change, i);
            return true;
        }
    }
    return false;
}

static void make_room(Change *change)
{
    for (uint32_t i = 0; i < change->queue_count && change->unused_count == 0; i++) {
        if (change->queue[i]->kind != CHANGE_READY) {
            drop_entry(change, i); // there is one CHANGE_READY at most
        }
    }
}

void change_push(Change *change, const ChangeResult *result)
{
    GameLib overtaken = {0};
    pthread_mutex_lock(&change->lock);
    bool has_overtaken = result->kind == CHANGE_READY && take_overtaken(change, &overtaken);
    make_room(change);
    ChangeResult *slot = change->unused[--change->unused_count];
    *slot = *result;
    change->queue[change->queue_count++] = slot;
    signal_fd(change->ready_fd);
    pthread_mutex_unlock(&change->lock);
    if (has_overtaken && !gamelib_close(&overtaken)) {
        log_line(LOG_WARNING, "a build that was overtaken stays in memory: it cannot be unloaded");
    }
}

ChangeResult *change_new_result(Change *change, ChangeKind kind, const Work *work)
{
    ChangeResult *result = change->result;
    memset(result, 0, sizeof(*result));
    result->kind = kind;
    result->saved_ns = work->saved_ns;
    return result;
}

void change_push_note(Change *change, ChangeResult *result, const char *format, ...)
{
    va_list args;
    memset(result, 0, sizeof(*result));
    result->kind = CHANGE_NOTE;
    result->saved_ns = mono_ns();
    va_start(args, format);
    (void)vsnprintf(result->fault.text, sizeof(result->fault.text), format, args);
    va_end(args);
    change_push(change, result);
}

// -------------------------------------------------------------------------------------------- work

void change_merge_work(Work *into, const Work *more)
{
    into->any |= more->any;
    into->noisy |= more->noisy;
    into->forced |= more->forced;
    into->runs |= more->runs;
    into->cancels |= more->cancels;
    into->changes += more->changes;
    into->gone = more->any ? more->gone : into->gone;
    if (more->noticed_ns >= into->noticed_ns) {
        into->noticed_ns = more->noticed_ns;
        into->saved_ns = more->saved_ns;
    }
}

void change_add_work(Change *change, const Work *work)
{
    pthread_mutex_lock(&change->lock);
    change_merge_work(&change->work, work);
    atomic_store(&change->is_busy, true);
    pthread_mutex_unlock(&change->lock);
    if (work->cancels) {
        signal_fd(change->cancel_fd);
    }
    signal_fd(change->wake_fd);
}

bool change_shall_quit(Change *change)
{
    struct pollfd quit = {.fd = change->quit_fd, .events = POLLIN};
    return poll(&quit, 1, 0) > 0;
}

static void take_work(Change *change, Work *work)
{
    pthread_mutex_lock(&change->lock);
    clear_fd(change->wake_fd);
    clear_fd(change->cancel_fd);
    change_merge_work(work, &change->work);
    change->work = (Work){0};
    atomic_store(&change->is_busy, work->any);
    pthread_mutex_unlock(&change->lock);
}

static void set_idle(Change *change)
{
    pthread_mutex_lock(&change->lock);
    atomic_store(&change->is_busy, change->work.any);
    pthread_mutex_unlock(&change->lock);
}

bool change_wait_work(Change *change, Work *work, int timeout_ms)
{
    struct pollfd fds[] = {{.fd = change->quit_fd, .events = POLLIN},
                           {.fd = change->wake_fd, .events = POLLIN}};
    set_idle(change);
    while (poll(fds, COUNT_OF(fds), timeout_ms) < 0 && errno == EINTR) {
    }
    take_work(change, work);
    return !(fds[0].revents & POLLIN);
}

void change_settle(Change *change, Work *work)
{
    uint64_t give_up_ns = mono_ns() + SETTLE_MAX_MS * NS_PER_MS;
    struct pollfd wake = {.fd = change->wake_fd, .events = POLLIN};
    while (mono_ns() < give_up_ns && !change_shall_quit(change)
           && poll(&wake, 1, work->gone ? GONE_QUIET_MS : QUIET_MS) > 0) {
        take_work(change, work);
    }
}

// ----------------------------------------------------------------------------------------- threads

static void *run_watcher(void *change)
{
    change_watch_run(change);
    return NULL;
}

static void *run_lane(void *argument)
{
    Change *change = argument;
    if (change->config.game_folder) {
        change_build_run(change);
    } else {
        change_library_run(change);
    }
    return NULL;
}

// The threads take no signals but those of their own mistakes: timers, Ctrl-C and the like belong
// to the main thread.
static void block_signals(sigset_t *before)
{
    static const int OWN[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
    sigset_t blocked;
    sigfillset(&blocked);
    for (size_t i = 0; i < COUNT_OF(OWN); i++) {
        sigdelset(&blocked, OWN[i]);
    }
    pthread_sigmask(SIG_SETMASK, &blocked, before);
}

static bool start_threads(Change *change, Fault *fault)
{
    sigset_t before;
    block_signals(&before);
    int error = pthread_create(&change->watcher, NULL, run_watcher, change);
    change->has_watcher = error == 0;
    if (change->has_watcher) {
        (void)pthread_setname_np(change->watcher, "hotloop-watch");
        error = pthread_create(&change->lane, NULL, run_lane, change);
        change->has_lane = error == 0;
    }
    if (change->has_lane) {
        (void)pthread_setname_np(change->lane, "hotloop-change");
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0
           || fault_set(fault, FAULT_MEMORY, "cannot start a thread for saved files: %s",
                        strerror(error));
}

// ----------------------------------------------------------------------------- opening and closing

static const char *copy_or_null(Arena *memory, const char *text)
{
    return text ? arena_copy_text(memory, text) : NULL;
}

static void copy_config(Change *change, const ChangeConfig *config)
{
    Arena *memory = &change->memory;
    change->config = (ChangeConfig){.game_folder = copy_or_null(memory, config->game_folder),
                                    .library_path = copy_or_null(memory, config->library_path)};
    change->gamelib_config = (GameLibConfig){
        .folder = copy_or_null(memory, config->gamelib.folder),
        .self_path = copy_or_null(memory, config->gamelib.self_path),
        .own_names_first = config->gamelib.own_names_first,
        .hooks = config->gamelib.hooks,
    };
}

static void make_queue(Change *change)
{
    ChangeResult *slots = ARENA_NEW(&change->memory, ChangeResult, QUEUE_MAX);
    for (uint32_t i = 0; i < QUEUE_MAX; i++) {
        change->unused[change->unused_count++] = &slots[i];
    }
    change->result = ARENA_NEW(&change->memory, ChangeResult, 1);
    change->command_note = ARENA_NEW(&change->memory, ChangeResult, 1);
    change->watcher_result = ARENA_NEW(&change->memory, ChangeResult, 1);
    change->distrust = ARENA_NEW(&change->memory, Distrust, DISTRUST_MAX);
    void *inputs = arena_push(&change->memory, FILE_PATH_MAX, 1, INPUTS_WATCHED_MAX);
    change->inputs = inputs;
}

static bool open_fds(Change *change, Fault *fault)
{
    int *fds[] = {&change->ready_fd, &change->wake_fd, &change->quit_fd, &change->cancel_fd,
                  &change->command_fd};
    bool ok = true;
    // All of them, so that closing finds -1 or a real one.
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        *fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        ok &= *fds[i] >= 0;
    }
    return ok || fault_set(fault, FAULT_FILE, "cannot watch for saved files: %s", strerror(errno));
}

// The watch stands before the first build: what is saved during it is not missed.
static bool open_parts(Change *change, const ChangeConfig *config, Fault *fault)
{
    change->watch = watch_open(fault);
    if (!change->watch) {
        return false;
    }
    if (config->command) {
        return change_open_command(change, config->command, fault);
    }
    if (!config->game_folder) {
        return watch_file(change->watch, config->library_path, fault);
    }
    if (!watch_folder(change->watch, config->game_folder, fault)) {
        return false;
    }
    change->tiers = config->build->tiers;
    change->build = build_open(config->build, fault);
    return change->build != NULL;
}

Change *change_open(const ChangeConfig *config, Fault *fault)
{
    Arena memory;
    assert(config->game_folder ? config->build != NULL : config->library_path != NULL);
    if (!arena_open(&memory, 0, 16u << 20, fault)) {
        return NULL;
    }
    Change *change = ARENA_NEW(&memory, Change, 1);
    change->memory = memory;
    pthread_mutex_init(&change->lock, NULL);
    copy_config(change, config);
    make_queue(change);
    uint64_t now_ns = mono_ns();
    bool ok = open_fds(change, fault) && open_parts(change, config, fault);
    if (ok) {
        change->known = config->known;
        change->delivered =
            config->game_folder ? 0 : config->known; // a build is known by its sources
        change_add_work(change, &(Work){.any = true,
                                        .noisy = config->known == 0,
                                        .runs = true,
                                        .noticed_ns = now_ns,
                                        .saved_ns = now_ns});
        ok = start_threads(change, fault);
    }
    if (!ok) {
        change_close(change);
        return NULL;
    }
    return change;
}

void change_close(Change *change)
{
    if (!change) {
        return;
    }
    if (change->quit_fd >= 0) {
        signal_fd(change->quit_fd);
        signal_fd(change->wake_fd); // cancels a build
        signal_fd(change->cancel_fd);
    }
    if (change->has_lane) {
        pthread_join(change->lane, NULL);
    }
    if (change->has_watcher) {
        pthread_join(change->watcher, NULL);
    }
    for (uint32_t i = 0; i < change->queue_count; i++) {
        (void)gamelib_close(&change->queue[i]->lib);
    }
    build_close(change->build);
    build_command_close(change->command);
    watch_close(change->watch);
    int fds[] = {change->ready_fd, change->wake_fd, change->quit_fd, change->cancel_fd,
                 change->command_fd};
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    pthread_mutex_destroy(&change->lock);
    Arena memory = change->memory; // holds *change itself
    arena_close(&memory);
}

// -------------------------------------------------------------------------------- the public calls

bool change_take(Change *change, ChangeResult *result)
{
    pthread_mutex_lock(&change->lock);
    bool has = change->queue_count > 0;
    if (has) {
        *result = *change->queue[0];
        drop_entry(change, 0);
    }
    if (change->queue_count == 0) {
        clear_fd(change->ready_fd);
    }
    pthread_mutex_unlock(&change->lock);
    return has;
}

int change_fd(const Change *change)
{
    return change->ready_fd;
}

void change_poke(Change *change, bool force)
{
    uint64_t now_ns = mono_ns();
    change_add_work(change, &(Work){.any = true,
                                    .noisy = true,
                                    .forced = force,
                                    .runs = true,
                                    .cancels = true,
                                    .noticed_ns = now_ns,
                                    .saved_ns = now_ns});
}

void change_distrust(Change *change, const char *file, const char *why)
{
    pthread_mutex_lock(&change->lock);
    if (change->distrust_count < DISTRUST_MAX) {
        Distrust *one = &change->distrust[change->distrust_count++];
        (void)text_format(one->file, sizeof(one->file), "%s", file);
        (void)text_format(one->why, sizeof(one->why), "%s", why);
    }
    pthread_mutex_unlock(&change->lock);
}

bool change_is_busy(const Change *change)
{
    return atomic_load(&change->is_busy);
}
