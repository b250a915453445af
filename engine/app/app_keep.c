// Two processes where there is somebody to play: the keeper and the session (keeper.h). And how a
// session begins again in a new process: with which options, and what is said of it.
#include "app.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

_Static_assert(sizeof(GuardReport) <= KEEPER_REPORT_BYTES, "raise KEEPER_REPORT_BYTES");

// ------------------------------------------------------------------------------------ two of them

// A run that has an end is somebody's measurement or test: it ends as it ends.
static bool is_for_somebody(const RunOptions *options)
{
    return options->ticks == 0 && !options->replay;
}

static bool wants_keeper(const RunOptions *options)
{
    char who[128];
    if (options->no_supervisor || !is_for_somebody(options)) {
        return false;
    }
    if (guard_is_traced(who, sizeof(who))) {
        log_line(LOG_INFO, "traced by %s: one process, which nobody brings back when it dies", who);
        return false;
    }
    return true;
}

// The keeper ends as the session did, for whoever waits for it.
static void die_alike(int exit_code)
{
    if (exit_code > 128 && exit_code < 128 + SIGRTMIN) {
        (void)signal(exit_code - 128, SIG_DFL);
        (void)raise(exit_code - 128);
    }
}

static void take_orders(AppPaths *paths, const KeeperLink *link)
{
    (void)text_format(paths->session, sizeof(paths->session), "%s", link->orders.session);
    paths->session_lock = link->orders.lock;
}

static bool enter_session(AppPaths *paths, int *exit_code)
{
    Fault fault;
    *exit_code = EXIT_GAME;
    if (app_enter_session(paths, &fault)) {
        return true;
    }
    fprintf(stderr, "hotloop: %s\n", fault.text);
    return false;
}

bool app_keep_begin(AppPaths *paths, KeeperLink *link, Arena *arena, const RunOptions *options,
                    int *exit_code)
{
    if (keeper_inherits(link, arena)) {
        take_orders(paths, link);
        return true;
    }
    if (!enter_session(paths, exit_code)) {
        return false;
    }
    if (!wants_keeper(options)) {
        keeper_alone(link, arena, paths->session, paths->session_lock);
        return true;
    }
    if (keeper_begin(link, arena, paths->session, paths->session_lock, exit_code)
        == KEEPER_IS_SESSION) {
        return true;
    }
    app_leave_session(paths);
    die_alike(*exit_code);
    return false;
}

// ------------------------------------------------------------------------------- one more of them

bool app_keep_is_next(const App *app)
{
    return app->link.orders.life > 1;
}

// "take.hlr" to "take-2.hlr": the file before ends where it ends.
static void next_recording(App *app)
{
    char *path = arena_push(&app->keep, 1, 1, FILE_PATH_MAX);
    const char *name = app->options.record, *slash = strrchr(name, '/'), *dot = strrchr(name, '.');
    int stem = dot && dot > (slash ? slash + 1 : name) ? (int)(dot - name) : (int)strlen(name);
    uint32_t number = app->link.words.recordings + 1;
    do {
        if (!text_format(path, FILE_PATH_MAX, "%.*s-%u%s", stem, name, number++, name + stem)) {
            return;
        }
    } while (file_exists(path));
    log_line(LOG_INFO, "%s ends there; the recording goes on in %s", app->link.words.recording,
             path);
    app->options.record = path;
}

void app_keep_inherit(App *app)
{
    const KeeperLink *link = &app->link;
    if (!app_keep_is_next(app)) {
        return;
    }
    if (!app->options.socket && link->words.socket[0]) {
        app->options.socket = arena_copy_text(&app->keep, link->words.socket);
    }
    if (app->options.record && link->words.recordings > 0) {
        next_recording(app);
    }
    app->options.seed = link->words.seed;
    app->ticks_run = link->pulse.session_ticks;
    app->muted = link->pulse.muted;
    app->paused = link->orders.paused;
    app->slow = link->pulse.slow > 0 ? link->pulse.slow : 1;
    app->resumed.waits = true;
    if (link->orders.origin == KEEPER_RESTART && link->words.report_bytes == sizeof(GuardReport)) {
        memcpy(&app->resumed.report, link->words.report, sizeof(GuardReport));
        app->resumed.has_report = true;
    }
}

static void say_how_it_ended(const App *app, char *out, size_t out_bytes)
{
    char died[160];
    const KeeperOrders *orders = &app->link.orders;
    if (orders->origin == KEEPER_RESTART) {
        (void)text_format(out, out_bytes,
                          "the session's process was started again at tick %llu: the game was "
                          "stopped in the middle of a library's function, which may have held a "
                          "lock",
                          (unsigned long long)orders->was_tick);
        return;
    }
    keeper_say_death(orders, died, sizeof(died));
    (void)text_format(out, out_bytes, "the session's process %s at tick %llu%s", died,
                      (unsigned long long)orders->was_tick,
                      orders->soon ? ", for the second time within a short while" : "");
}

static void say_what_is_there(App *app, char *out, size_t out_bytes)
{
    const KeeperOrders *orders = &app->link.orders;
    if (!app->resumed.has_history) {
        (void)text_format(
            out, out_bytes, "%s",
            app->options.history_bytes == 0 ? "the game begins anew: there is no history to go on "
                                              "from (--history 0)"
            : orders->had_history           ? "the game begins anew: its history could not be had "
                                              "back"
                                            : "the game begins anew: nothing was remembered yet");
        return;
    }
    char lost[80] = "";
    if (app->resumed.lost > 0) {
        (void)text_format(lost, sizeof(lost), "; at most %llu moments are lost",
                          (unsigned long long)app->resumed.lost);
    }
    LiveSpan span = {0};
    (void)live_span(&app->live, &span);
    (void)text_format(out, out_bytes, "it goes on from tick %llu, with %llu moments of history%s",
                      (unsigned long long)live_tick_number(&app->live),
                      (unsigned long long)(span.last - span.first), lost);
}

static const char *why_word(const KeeperOrders *orders)
{
    return orders->origin == KEEPER_RESTART ? "restart" : orders->signal ? "signal" : "exit";
}

void app_keep_announce(App *app)
{
    const KeeperOrders *orders = &app->link.orders;
    char how[512], what[400];
    say_how_it_ended(app, how, sizeof(how));
    say_what_is_there(app, what, sizeof(what));
    (void)text_format(app->resumed.text, sizeof(app->resumed.text), "%s; %s", how, what);
    events_put(&app->events, "resumed", live_tick_number(&app->live),
               json_pack("{s:i,s:s,s:o,s:s,s:i,s:i,s:b,s:b,s:I,s:I,s:o}", "pid", (int)getpid(),
                         "game", app->paths.game_id, "socket", app_text(control_path(app->control)),
                         "why", why_word(orders), "signal", (int)orders->signal, "exit_code",
                         (int)orders->exit_code, "history", app->resumed.has_history, "paused",
                         orders->paused, "moment", (json_int_t)app->live.moment, "lost",
                         (json_int_t)app->resumed.lost, "text", app_text(app->resumed.text)));
}

// -------------------------------------------------------------------------------- while it plays

void app_keep_say(App *app)
{
    if (!app->resumed.waits || !app->platform) {
        return;
    }
    app->resumed.waits = false;
    app_note(app, LOG_WARNING, "%s", app->resumed.text);
    app_breaks_recall(app);
    if (app->muted) {
        platform_set_mute(app->platform, true);
    }
    app->paused = false; // it was set so that no tick ran before this
    if (app->resumed.has_report && app->live.host) {
        app_crash_resumed(app);
        app_set_paused(app, app->link.before.paused, "");
    } else if (app->link.orders.paused) {
        app_set_paused(app, true, app->resumed.text);
    }
}

static void tell_once(App *app)
{
    KeeperWords *words = &app->link.words;
    const char *socket = control_path(app->control), *recording = app->options.record;
    bool is_new = app->live.writer && strcmp(words->recording, recording) != 0;
    if (!is_new && words->seed == app->options.seed && strcmp(words->socket, socket) == 0
        && strcmp(words->game_id, app->paths.game_id) == 0) {
        return;
    }
    words->seed = app->options.seed;
    (void)text_format(words->game_id, sizeof(words->game_id), "%s", app->paths.game_id);
    (void)text_format(words->socket, sizeof(words->socket), "%s", socket);
    if (is_new) {
        (void)text_format(words->recording, sizeof(words->recording), "%s", recording);
        words->recordings++;
    }
    keeper_tell(&app->link);
}

// Where the game's libraries are.
static void tell_places(App *app)
{
    const GameLib *libs[LIVE_RETIRED_MAX + 1];
    KeeperPlace places[LIVE_RETIRED_MAX + 1];
    const Live *live = &app->live;
    uint64_t key =
        hash_combine(hash_combine(live->generation, live->generations), live->retired_count);
    if (key == app->places_told || !live->now.handle) {
        return;
    }
    app->places_told = key;
    size_t count = live_libs(live, live->generation, libs);
    for (size_t i = 0; i < count; i++) {
        places[i] = (KeeperPlace){libs[i]->image_first, libs[i]->image_end - libs[i]->image_first};
    }
    keeper_tell_places(&app->link, places, count);
}

static void offer(App *app)
{
    uint64_t which = app->live.timeline ? app->live.histories : 0;
    if (which == app->offered || !keeper_is_there(&app->link)) {
        return;
    }
    TimelineHandles none = {-1, -1, -1};
    TimelineHandles handles = which ? timeline_handles(app->live.timeline) : none;
    keeper_offer(&app->link, &handles);
    app->offered = which;
}

void app_keep_frame(App *app)
{
    KeeperPulse pulse;
    memset(&pulse, 0, sizeof(pulse)); // it is compared by its bytes
    pulse.tick = live_tick_number(&app->live);
    pulse.moment = app->live.moment;
    pulse.ticks_run = app->ticks_run - app->link.pulse.session_ticks;
    pulse.session_ticks = app->link.pulse.session_ticks;
    pulse.trouble_ns = app->link.pulse.trouble_ns;
    pulse.paused = app->paused;
    pulse.muted = app->muted;
    pulse.has_history = app->live.timeline != NULL;
    pulse.slow = app->slow;
    if (app->live.host && !app->live.config.kept && app->link.page >= 0
        && is_for_somebody(&app->options)) {
        live_keep_history(&app->live);
    }
    if (app->live.stopped.kind != FAULT_NONE && app->live.end.report.end != GUARD_RETURNED) {
        pulse.trouble_ns = mono_ns() / NS_PER_S * NS_PER_S; // not anew in every frame
    }
    app_keep_say(app);
    tell_once(app);
    tell_places(app);
    offer(app);
    keeper_beat(&app->link, &pulse);
}

// --------------------------------------------------------------------------------- going on there

// As for the first build of a session, whose game has said its id by then.
static bool open_live(App *app, Fault *fault)
{
    if (!file_home(app->paths.saves, FILE_HOME_DATA, app->paths.game_id, fault)) {
        log_line(LOG_WARNING, "%s; the game runs, but cannot save", fault->text);
        app->paths.saves[0] = '\0';
    }
    LiveConfig config = {.game_id = app->paths.game_id,
                         .save_folder = app->paths.saves,
                         .assets = app->assets,
                         .sound = &app->sound,
                         .arena_bytes = app->options.arena_bytes,
                         .seed = app->options.seed,
                         .record_path = app->options.record,
                         .made_by = "hotloop " HOTLOOP_VERSION,
                         .compiler = app->compiler,
                         .history_bytes = app->options.history_bytes,
                         .kept = true,
                         .dirty = app->options.dirty,
                         .synctest = app->options.synctest,
                         .guard = app->guard};
    app_compiler(&app->options, app->compiler, sizeof(app->compiler));
    return live_open(&app->live, &config, fault) && app_wake_on(app, live_prepared_fd(&app->live));
}

static void give_room_back(App *app)
{
    for (uint32_t i = 0; i < app->link.held_count; i++) {
        arena_close(&app->link.held[i]);
    }
    app->link.held_count = 0;
}

void app_keep_resume(App *app)
{
    const KeeperOrders *orders = &app->link.orders;
    Fault fault = {0};
    if (!app_keep_is_next(app) || orders->history < 0 || orders->store < 0
        || app->options.history_bytes == 0) {
        give_room_back(app);
        return;
    }
    if (app->link.words.game_id[0]) {
        (void)text_format(app->paths.game_id, sizeof(app->paths.game_id), "%s",
                          app->link.words.game_id);
    }
    LiveKept kept = {.store = orders->store,
                     .history = orders->history,
                     .gamelib = {.folder = app->paths.session,
                                 .own_names_first = app->options.so != NULL,
                                 .hooks = guard_hooks()},
                     .held = app->link.held,
                     .held_count = app->link.held_count};
    if (!app_open_guard(app, &fault) || !open_live(app, &fault)
        || !live_resume(&app->live, &kept, &fault)) {
        log_line(LOG_WARNING, "%s; %s", fault.text,
                 orders->tries + 1 < KEEPER_TRIES_MAX ? "another process tries"
                                                      : "the game begins anew");
        keeper_start_again(&app->link, KEEPER_AGAIN, orders->store, orders->history);
        _exit(EXIT_BUG); // nothing can be started any more
    }
    app->resumed.has_history = true;
    give_room_back(app);
    app->resumed.lost =
        orders->was_moment > app->live.moment ? orders->was_moment - app->live.moment : 0;
    app->options.seed = app->live.config.seed;
    close(orders->store);
    close(orders->history);
}

_Noreturn void app_restart_in_place(App *app, const GuardReport *report)
{
    KeeperWords *words = &app->link.words;
    Fault fault;
    int store = -1, history = -1;
    if (app->live.timeline) {
        live_keep(&app->live); // how long the build has played, among others
        store = timeline_handles(app->live.timeline).store;
        history = memfd_create("hotloop-history", MFD_CLOEXEC);
        if (store >= 0 && history >= 0
            && !timeline_hand_over(app->live.timeline, history, &fault)) {
            close(history);
            history = -1; // what the keeper has followed is there, if anything
        }
    }
    words->report_bytes = sizeof(*report);
    memcpy(words->report, report, sizeof(*report));
    keeper_start_again(&app->link, KEEPER_RESTART, store, history);
    static const char WHY[] = "hotloop: the process cannot be started again: the session ends\n";
    (void)!write(STDERR_FILENO, WHY, sizeof(WHY) - 1);
    _exit(EXIT_BUG);
}
