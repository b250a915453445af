#include "app.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

// Set by SIGINT and its like, read by the loop: the one thing a signal handler can reach.
static volatile sig_atomic_t stop_requested;
static volatile uint64_t stop_requested_ns; // of the handler alone
static volatile pid_t stop_keeper;          // who would insist; 0: nobody

enum { STOP_AGAIN_MS = 500, STOP_ALONE_S = 2 };

enum { COMPILER_NICENESS = 10 }; // a build must not cost the game a frame

// A second signal ends the process at once, so a game that hangs can still be stopped. But not when
// it comes on the heels of the first: timeout(1) signals its child and then its group, and the
// session shall still end in order.
static void request_stop(int signal_number)
{
    uint64_t now_ns = mono_ns(); // clock_gettime may be called here. Source: signal-safety(7)
    if (!stop_requested) {
        stop_requested = 1;
        stop_requested_ns = now_ns;
        if (stop_keeper != 0 && getppid() != stop_keeper) {
            (void)alarm(STOP_ALONE_S); // or a game that hangs would stay for ever: nobody is left
        }
    } else if (now_ns - stop_requested_ns > STOP_AGAIN_MS * NS_PER_MS) {
        (void)signal(signal_number, SIG_DFL);
        (void)raise(signal_number); // taken when the handler returns
    }
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = request_stop}, before;
    sigaddset(&action.sa_mask, SIGINT); // one at a time
    sigaddset(&action.sa_mask, SIGTERM);
    sigaddset(&action.sa_mask, SIGHUP);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, &before);
    if (before.sa_handler == SIG_IGN) {
        sigaction(SIGHUP, &before, NULL); // started by nohup(1)
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); // a file size limit makes recording stop, not the game
}

bool app_wake_on(App *app, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return fd < 0 || epoll_ctl(app->wake_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool open_assets(App *app, Fault *fault)
{
    const char *folders[APP_FOLDERS_MAX];
    for (size_t i = 0; i < app->paths.asset_count; i++) {
        folders[i] = app->paths.assets[i];
    }
    app->assets = asset_open(folders, app->paths.asset_count, fault);
    app->watch = app->assets ? watch_open(fault) : NULL;
    if (!app->watch) {
        return false;
    }
    for (size_t i = 0; i < app->paths.asset_count; i++) {
        Fault ignored; // a folder that is not there has nothing to watch
        if (file_is_folder(app->paths.assets[i])) {
            (void)watch_folder(app->watch, app->paths.assets[i], &ignored);
        }
    }
    // Its descriptor wakes nobody: an asset that changed is seen in the next frame, and a save of
    // the game's source, which lies in one of these folders, costs no frame of its own.
    return true;
}

// For comparing one path with another: without "." and "..". A file that is not there yet is named
// by its folder.
static const char *absolute(App *app, const char *path)
{
    char here[FILE_PATH_MAX], joined[FILE_PATH_MAX];
    char *real = realpath(path, NULL);
    if (real) {
        path = arena_copy_text(&app->keep, real);
        free(real);
        return path;
    }
    if (!getcwd(here, sizeof(here)) || !file_join(joined, here, path)) {
        return path;
    }
    char *slash = strrchr(joined, '/');
    const char *name = arena_copy_text(&app->keep, slash + 1);
    *slash = '\0';
    real = realpath(joined, NULL);
    path = arena_format(&app->keep, "%s/%s", real ? real : joined, name);
    free(real);
    return path;
}

static bool open_change(App *app, Fault *fault)
{
    RunOptions *options = &app->options;
    if (options->build) {
        options->so = absolute(app, options->so);
    }
    BuildConfig build = {.game_folder = app->options.game,
                         .api_folder = app->paths.api,
                         .stub_path = app->paths.stub[0] ? app->paths.stub : NULL,
                         .work_folder = app->paths.work,
                         .compiler = app->options.compiler,
                         .flags = app->options.flags,
                         .niceness = COMPILER_NICENESS,
                         .tiers = app_tiers(&app->options)};
    BuildCommandConfig command = {.command = app->options.build,
                                  .folder =
                                      app->options.build ? absolute(app, options->sources) : NULL,
                                  .library = app->options.so,
                                  .api_folder = app->paths.api,
                                  .niceness = COMPILER_NICENESS};
    ChangeConfig config = {.game_folder = app->options.game,
                           .library_path = app->options.so,
                           .build = app->options.game ? &build : NULL,
                           .command = app->options.build ? &command : NULL,
                           .gamelib = {.folder = app->paths.session,
                                       .hooks = guard_hooks(),
                                       .self_path = app->paths.self,
                                       .own_names_first = app->options.so != NULL},
                           .known = app->live.offered};
    app->change = change_open(&config, fault);
    return app->change && app_wake_on(app, change_fd(app->change));
}

static bool open_inputs(App *app, Fault *fault)
{
    const RunOptions *options = &app->options;
    if (options->script && !(app->script = script_open(options->script, fault))) {
        return false;
    }
    if (options->replay) {
        Fault damage = {0};
        app->replay = replay_open(options->replay, &damage, fault);
        if (!app->replay) {
            return false;
        }
        if (damage.kind != FAULT_NONE) {
            log_line(LOG_WARNING, "%s", damage.text);
        }
        app->options.seed = replay_facts(app->replay)->seed;
        app->wants_from = options->has_from;
    }
    return true;
}

// By which means, and when it is not the best one, why.
static void announce_history(const App *app)
{
    char why[256] = "";
    DirtyMethod method = app->options.dirty;
    if (app->options.history_bytes == 0) {
        log_line(LOG_INFO, "history: none (--history 0)");
        return;
    }
    if (method == DIRTY_BEST) {
        method = dirty_probe(why, sizeof(why));
    }
    log_line(LOG_INFO, "history: %zu MiB, by %s%s%s%s", app->options.history_bytes >> 20,
             dirty_method_name(method), why[0] ? " (" : "", why, why[0] ? ")" : "");
}

static void announce_start(App *app)
{
    if (app_keep_is_next(app)) {
        app_keep_announce(app);
        return;
    }
    events_put(&app->events, "start", 0,
               json_pack("{s:i,s:s,s:o}", "pid", (int)getpid(), "game", app->paths.game_id,
                         "socket", app_text(control_path(app->control))));
    log_line(LOG_INFO, "%s: %s", app->paths.game_id,
             app->options.game    ? "building, then watching its folder; save a file to see it now"
             : app->options.build ? "running its build command, then on every save"
                                  : "watching the library; build it to see it now");
    announce_history(app);
}

static bool open_basics(App *app, Fault *fault)
{
    app->wake_fd = epoll_create1(EPOLL_CLOEXEC);
    if (app->wake_fd < 0) {
        return fault_set(fault, FAULT_MEMORY, "epoll: %s", strerror(errno));
    }
    return app_find_paths(&app->paths, &app->options, fault)
           && app_enter_session(&app->paths, fault) && open_inputs(app, fault)
           && sound_open(&app->sound, fault) && draw_open(&app->game_draw, fault)
           && draw_open(&app->next_draw, fault) && draw_open(&app->over_draw, fault)
           && app_open_panels(app, fault) && open_assets(app, fault);
}

// Its picture is there at once: nothing has to be built for it.
static bool open_resumed(App *app, Fault *fault)
{
    if (!live_game(&app->live)) {
        return true;
    }
    app->wants_first = false;
    if (!app_open_platform(app, fault)) {
        return false;
    }
    guard_keep_descriptors(app->guard); // all is open, and no code of the game has run
    app_keep_say(app);
    return true;
}

static bool open_session(App *app, Fault *fault)
{
    if (!events_open(&app->events, app->options.events, fault) || !open_basics(app, fault)
        || !(app->control = control_open(app->options.socket, fault))
        || !app_wake_on(app, control_fd(app->control))) {
        return false;
    }
    app_keep_resume(app);
    announce_start(app);
    return open_change(app, fault) && open_resumed(app, fault);
}

bool app_open_platform(App *app, Fault *fault)
{
    AppCanvas canvas = app_canvas(app);
    PlatformConfig config = {.null = app->options.headless,
                             .fast = app->options.fast,
                             .software = app->options.software,
                             .no_sound = app->options.no_sound,
                             .title = canvas.title,
                             .memory_path = app->paths.window[0] ? app->paths.window : NULL,
                             .canvas_w = canvas.w,
                             .canvas_h = canvas.h,
                             .smooth = canvas.smooth};
    Fault ignored;
    char windows[FILE_PATH_MAX];
    if (!config.null && !config.memory_path
        && file_home(windows, FILE_HOME_STATE, "windows", &ignored)
        && file_join(app->paths.window, windows, app->paths.game_id)) {
        config.memory_path = app->paths.window;
    }
    app->platform = platform_open(&app->keep, &config, fault);
    if (!app->platform) {
        return false;
    }
    app_recall_panels(app);
    app->due_ns = platform_now_ns(app->platform);
    app->fps_from_ns = mono_ns();
    return true;
}

// Another CPU, libc or compiler is no fault of the game's, nor are structs that have changed since.
static void report_divergence(App *app)
{
    char why[300], which[300];
    if (live_replay_is_other(&app->live, which, sizeof(which))) {
        log_line(LOG_INFO,
                 "%s was recorded with other structs than this build's%s%s%s: it was played, and "
                 "cannot be compared",
                 app->options.replay, which[0] ? " (" : "", which, which[0] ? ")" : "");
    } else if (app_is_comparable(app->replay, app->compiler, why, sizeof(why))) {
        ReplayBuild build;
        uint64_t at;
        bool other =
            replay_build(app->replay, 0, &build, &at) && build.content != app->live.now.content;
        log_line(LOG_ERROR,
                 "%s: diverged: it was recorded with hash %016llx%s; `hotloop verify %s` finds the "
                 "first tick",
                 app->options.replay, (unsigned long long)app->live.replay_hash,
                 other ? ", by another build than this one" : "", app->options.replay);
        app->exit_code = EXIT_DIVERGED;
    } else {
        log_line(LOG_WARNING, "%s: not comparable: %s", app->options.replay, why);
        app->exit_code = EXIT_GAME;
    }
}

static void finish(App *app)
{
    Fault fault;
    inspect_forget_toasts(&app->inspect); // a picture to compare has no passing words on it
    if (app->options.screenshot && app->platform
        && !app_screenshot(app, app->options.screenshot, &fault)) {
        log_line(LOG_ERROR, "%s", fault.text);
        app->exit_code = app->exit_code ? app->exit_code : EXIT_GAME;
    }
    uint64_t hash = live_hash(&app->live);
    if (live_game(&app->live) && (app->options.ticks > 0 || app->replay)) {
        printf("hash %016llx after %llu ticks\n", (unsigned long long)hash,
               (unsigned long long)live_tick_number(&app->live));
        fflush(stdout);
    }
    if (app->live.replay_ended && app->live.replay_finished && app->live.replay_hash != 0
        && app->live.replay_hash != hash) {
        report_divergence(app);
    }
    if (app->live.synced > 0) {
        printf("synctest: %llu ticks run %d times more, %llu differed\n",
               (unsigned long long)app->live.synced, app->options.synctest,
               (unsigned long long)app->live.desyncs);
        fflush(stdout);
    }
    if (app->live.seams_checked > 0 && app->options.synctest > 0) {
        printf("synctest: %llu ticks of fast builds run again by the full ones, %llu differed\n",
               (unsigned long long)app->live.seams_checked, (unsigned long long)app->live.seams);
        fflush(stdout);
    }
    char text[20];
    (void)text_format(text, sizeof(text), "%016llx", (unsigned long long)hash);
    events_put(&app->events, "quit", live_tick_number(&app->live),
               json_pack("{s:s,s:I,s:i}", "hash", text, "ticks", (json_int_t)app->ticks_run,
                         "exit_code", app->exit_code));
}

// In the reverse order of opening; everything accepts what was never opened.
static void close_session(App *app)
{
    change_close(app->change);
    app_drop_ready(app);
    live_close(&app->live);
    guard_close(app->guard);
    app_close_panels(app);
    platform_close(app->platform);
    control_close(app->control);
    watch_close(app->watch);
    asset_close(app->assets);
    script_close(app->script);
    replay_close(app->replay);
    app_bar_close(app);
    draw_close(&app->over_draw);
    draw_close(&app->next_draw);
    draw_close(&app->game_draw);
    sound_close(&app->sound);
    events_close(&app->events);
    if (!keeper_is_there(&app->link)) { // it is the keeper's, so that another process can go on
        app_leave_session(&app->paths);
    }
    if (app->wake_fd >= 0) {
        close(app->wake_fd);
    }
}

static uint32_t fresh_seed(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t bits = hash_combine((uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec, (uint64_t)getpid());
    return (uint32_t)bits;
}

static App *make_app(const RunOptions *options, Fault *fault)
{
    Arena keep;
    if (!arena_open(&keep, 0, 256u << 20, fault)) {
        return NULL;
    }
    App *app = ARENA_NEW(&keep, App, 1);
    app->keep = keep;
    app->options = *options;
    app->events.fd = -1;
    app->wake_fd = -1;
    app->link = (KeeperLink){.page = -1, .socket = -1, .folder = -1};
    app->slow = 1;
    app->wants_first = true;
    app->scrub.bar = options->stays;
    if (!options->has_seed) {
        app->options.seed = fresh_seed();
    }
    return app;
}

static void free_app(App *app)
{
    close_session(app);
    Arena keep = app->keep;
    arena_close(&keep);
}

App *app_open_quiet(const RunOptions *options, Fault *fault)
{
    RunOptions quiet = *options;
    quiet.headless = quiet.fast = quiet.quiet = true;
    quiet.history_bytes = 0;
    App *app = make_app(&quiet, fault);
    if (!app) {
        return NULL;
    }
    if (!open_basics(app, fault) || !open_change(app, fault)) {
        free_app(app);
        return NULL;
    }
    return app;
}

void app_close_quiet(App *app)
{
    free_app(app);
}

static int run_session(App *app)
{
    Fault fault;
    int exit_code = EXIT_GAME;
    app_keep_inherit(app);
    if (open_session(app, &fault)) {
        while (!app->quit && !stop_requested) {
            app_frame(app);
            app_keep_frame(app);
        }
        (void)alarm(0);
        app->link.words.stopping = true;
        keeper_tell(&app->link);
        finish(app);
        exit_code = app->exit_code;
    } else {
        fprintf(stderr, "hotloop: %s\n", fault.text);
        exit_code = fault.kind == FAULT_USAGE ? EXIT_USAGE : EXIT_GAME;
    }
    KeeperLink link = app->link;
    free_app(app);
    keeper_end(&link, exit_code);
    keeper_close(&link);
    return exit_code;
}

int app_run(const RunOptions *options)
{
    Fault fault;
    if (geteuid() != getuid()) {
        fprintf(stderr, "hotloop: it runs code that it compiles, so it does not run setuid\n");
        return EXIT_USAGE;
    }
    App *app = make_app(options, &fault);
    if (!app) {
        fprintf(stderr, "hotloop: %s\n", fault.text);
        return EXIT_BUG;
    }
    int exit_code;
    // Before anything else: from here on there may be two of us.
    if (!app_keep_begin(&app->paths, &app->link, &app->keep, options, &exit_code)) {
        Arena keep = app->keep;
        arena_close(&keep);
        return exit_code;
    }
    stop_keeper = (pid_t)app->link.orders.keeper;
    catch_signals();
    return run_session(app);
}
