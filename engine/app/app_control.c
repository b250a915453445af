// What the user can ask of a running session: each action once, named by F-keys, by lines of a
// script and by `hotloop ctl`.
#include "app.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void app_set_paused(App *app, bool paused, const char *why)
{
    (void)text_format(app->pause_text, sizeof(app->pause_text), "%s", paused ? why : "");
    if (app->paused != paused) {
        app->paused = paused;
        platform_set_sound_paused(app->platform, paused);
        app->due_ns = platform_now_ns(app->platform);
    }
    if (!paused) { // steps that have not run are no steps any more
        app->steps = 0;
        app_answer_step(app);
    }
}

static const char *loop_name(LiveLoop loop)
{
    return loop == LIVE_LOOP_RECORD ? "record" : loop == LIVE_LOOP_PLAY ? "play" : "off";
}

void app_report_loop(App *app)
{
    events_put(&app->events, "loop", live_tick_number(&app->live),
               json_pack("{s:s}", "state", loop_name(app->live.loop)));
}

LiveLoop app_loop(App *app)
{
    LiveLoop before = app->live.loop, now;
    Fault fault;
    if (!live_loop_next(&app->live, &now, &fault)) {
        app_note(app, LOG_WARNING, "%s", fault.text);
    }
    if (now == LIVE_LOOP_PLAY && before != now && app->paused) {
        app_set_paused(app, false, ""); // it is made to be watched
    }
    if (now != before) {
        app_report_loop(app);
        app_note(app, LOG_INFO, "%s",
                 now == LIVE_LOOP_RECORD ? "a loop begins at this moment; F6 ends it and plays it"
                 : now == LIVE_LOOP_PLAY ? "looping it: edit, save and watch; F6 lets go"
                                         : "let go of the loop");
    }
    return now;
}

AppCanvas app_canvas(const App *app)
{
    const hl_game *game = live_game(&app->live);
    return (AppCanvas){.w = game && game->width > 0 ? game->width : 320,
                       .h = game && game->height > 0 ? game->height : 180,
                       .smooth = game && game->smooth,
                       .title = game && game->title ? game->title : app->paths.game_id};
}

void app_fit_canvas(App *app)
{
    AppCanvas canvas = app_canvas(app);
    if (app->platform && live_game(&app->live)) {
        platform_set_canvas(app->platform, canvas.w, canvas.h, canvas.smooth, canvas.title);
    }
}

void app_restart(App *app)
{
    Fault fault;
    bool took_pending;
    LiveLoop loop = app->live.loop;
    if (!live_restart(&app->live, &took_pending, &fault)) {
        app_report_fault(app, &fault);
        return;
    }
    if (!live_game(&app->live)) {
        return;
    }
    if (took_pending) {
        uint64_t ready_ns = app->live.now.ready_ns;
        inspect_good_build(&app->inspect);
        app->reload = (AppReload){.waits = true, .is_fresh = true, .ready_ns = ready_ns};
        app_fit_canvas(app);
    }
    platform_silence(app->platform);
    platform_capture_mouse(app->platform, false); // init() asks for it again
    if (loop != app->live.loop) {
        app_report_loop(app);
    }
    events_put(&app->events, "restart", 0, NULL);
    app_note(app, LOG_INFO, "restarted with fresh state%s",
             took_pending ? ", and with the new build" : "");
}

// A player who starts a replay over means the replay from its first tick; init() followed by the
// input of some later tick would be nobody's game.
static void restart_by_user(App *app)
{
    if (app->replay) {
        Fault fault;
        if (!live_replay_join(&app->live, replay_first(app->replay), &fault)) {
            app_report_fault(app, &fault);
        }
        return;
    }
    app_restart(app);
}

static void step_back(App *app)
{
    app_set_paused(app, true, "");
    app_time_back(app, 1);
}

static void step(App *app, uint64_t ticks)
{
    app_set_paused(app, true, "");
    app->steps += ticks;
}

static void slower(App *app)
{
    app->slow = app->slow == 1 ? 2 : app->slow == 2 ? 4 : app->slow == 4 ? 10 : 1;
    app->due_ns = platform_now_ns(app->platform);
    log_line(LOG_INFO, "speed 1/%d", app->slow); // the picture has a badge for it
}

static void toggle_mute(App *app)
{
    app->muted = !app->muted;
    platform_set_mute(app->platform, app->muted);
}

static void shoot(App *app)
{
    char path[FILE_PATH_MAX];
    Fault fault;
    do { // never over a file that is there
        app->shots++;
        (void)text_format(path, sizeof(path), "%s-%u.png", app->paths.game_id, app->shots);
    } while (file_exists(path));
    if (app_screenshot(app, path, &fault)) {
        app_note(app, LOG_INFO, "screenshot: %s", path);
    } else {
        app_note(app, LOG_ERROR, "%s", fault.text);
    }
}

void app_actions(App *app, unsigned actions)
{
    if (actions == 0) {
        return;
    }
    if (actions & SCRIPT_PAUSE) {
        app_set_paused(app, !app->paused, "");
    }
    if (actions & SCRIPT_STEP) {
        step(app, 1);
    }
    if (actions & SCRIPT_BACK) {
        step_back(app);
    }
    if (actions & SCRIPT_CLIP) {
        app_clip(app);
    }
    if (actions & SCRIPT_BAR) {
        app->scrub.bar = !app->scrub.bar;
    }
    if (actions & SCRIPT_LOOP) {
        (void)app_loop(app);
    }
    if (actions & SCRIPT_RESTART) {
        restart_by_user(app);
    }
    if (actions & SCRIPT_SLOW) {
        slower(app);
    }
    if (actions & SCRIPT_MUTE) {
        toggle_mute(app);
    }
    if (actions & SCRIPT_HELP) {
        app->inspect.help = !app->inspect.help;
    }
    if (actions & SCRIPT_SCREENSHOT) {
        shoot(app);
    }
    if (actions & SCRIPT_QUIT) {
        app->quit = true;
    }
}

void app_keys(App *app, const PlatformEvents *events)
{
    static const unsigned ACTION[12] = {
        [0] = SCRIPT_HELP,  [1] = SCRIPT_MUTE,       [2] = SCRIPT_BAR,  [3] = SCRIPT_SLOW,
        [4] = SCRIPT_PAUSE, [5] = SCRIPT_LOOP,       [6] = SCRIPT_STEP, [8] = SCRIPT_RESTART,
        [9] = SCRIPT_CLIP,  [11] = SCRIPT_SCREENSHOT}; // F8 is held: app_time.c
    for (unsigned i = 0; i < 12; i++) {
        if ((events->f_pressed & (1u << i)) && events->ctrl && app_is_time_key(i + 1)) {
            app_time_key(app, i + 1, events->shift);
        } else if ((events->f_pressed & (1u << i)) && events->ctrl && i == 0) {
            app_walk_panels(app);
        } else if ((events->f_pressed & (1u << i)) && events->shift && i < PANEL_KINDS) {
            app_toggle_panel(app, (PanelKind)i);
        } else if (events->f_pressed & (1u << i)) {
            app_actions(app, i == 6 && events->shift ? SCRIPT_BACK : ACTION[i]);
            if (i == 10) {
                platform_toggle_fullscreen(app->platform);
            }
        }
    }
    bool is_typed = app_panels_have_keys(app); // into a panel
    if (app_crash_shown(app) && events->copy && !is_typed) {
        app_copy_crash(app);
    }
    if (app_crash_shown(app) && events->escape && !is_typed) {
        app->inspect.crash_hidden = !app->inspect.crash_hidden;
    }
    if (events->note[0]) {
        app_note(app, LOG_INFO, "%s", events->note);
    }
}

// ------------------------------------------------------------------------------------------- ctl

json_t *app_failed(const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return json_pack("{s:b,s:o}", "ok", 0, "error", app_text(text));
}

static json_t *status(App *app, const ControlRequest *request)
{
    (void)request;
    const Live *live = &app->live;
    const hl_game *game = live_game(live);
    json_t *reply = json_pack(
        "{s:b,s:i,s:s,s:o,s:I,s:I,s:b,s:s,s:i,s:f,s:i,s:i,s:i,s:b,s:b,s:I,s:I,s:o,s:I,s:b,s:b}",
        "ok", 1, "pid", (int)getpid(), "game", app->paths.game_id, "title",
        app_text(app_canvas(app).title), "tick", (json_int_t)live_tick_number(live), "generation",
        (json_int_t)live_number(live, live->generation), "paused", app->paused, "loop",
        loop_name(live->loop), "tick_rate", live_tick_rate(live), "fps", app->fps, "slow",
        app->slow, "images", (int)(live->retired_count + live->stuck_count) + (game ? 1 : 0),
        "draw_calls", app->platform ? (int)platform_draw_calls(app->platform) : 0, "building",
        app->rebuilding, "failed", app->inspect.has_failure, "seed", (json_int_t)app->options.seed,
        "state_bytes",
        (json_int_t)(live->host && live->host->state ? host_state_bytes(live->host) : 0), "fault",
        live->stopped.kind ? app_text(live->stopped.text) : json_null(), "moment",
        (json_int_t)live->moment, "past", live_is_past(live), "traced", app->traced);
    app_tiers_status(app, reply);
    return reply;
}

json_t *app_done(const App *app)
{
    return json_pack("{s:b,s:I,s:I,s:b}", "ok", 1, "tick", (json_int_t)live_tick_number(&app->live),
                     "moment", (json_int_t)app->live.moment, "paused", app->paused);
}

static json_t *ctl_pause(App *app, const ControlRequest *request)
{
    (void)request;
    app_set_paused(app, true, "");
    return app_done(app);
}

static json_t *ctl_resume(App *app, const ControlRequest *request)
{
    (void)request;
    if (app->live.stopped.kind != FAULT_NONE) {
        return app_failed("the game is stopped: %s; save a fix, or restart it",
                          app->live.stopped.text);
    }
    app_set_paused(app, false, "");
    return app_done(app);
}

static json_t *ctl_step(App *app, const ControlRequest *request)
{
    uint64_t ticks = 1;
    if (request->argc > 1 && !text_to_u64(request->argv[1], 1, 1000000000, &ticks)) {
        return app_failed("step %s: expected a whole number from 1", request->argv[1]);
    }
    if (!live_game(&app->live) || app->live.stopped.kind != FAULT_NONE) {
        return app_failed("no tick can run: %s",
                          live_game(&app->live) ? app->live.stopped.text : "there is no game yet");
    }
    app_answer_step(app);
    step(app, ticks);
    app->step_client = request->client;
    return NULL; // answered once they have run
}

void app_answer_step(App *app)
{
    if (app->step_client) {
        control_reply(app->control, app->step_client, app_done(app));
        app->step_client = 0;
    }
}

static json_t *ctl_restart(App *app, const ControlRequest *request)
{
    (void)request;
    restart_by_user(app);
    return app_done(app);
}

static json_t *ctl_screenshot(App *app, const ControlRequest *request)
{
    Fault fault;
    if (request->argc != 2) {
        return app_failed("screenshot: expected one file name");
    }
    if (!app_screenshot(app, request->argv[1], &fault)) {
        return app_failed("%s", fault.text);
    }
    return json_pack("{s:b,s:o,s:I}", "ok", 1, "file", app_text(request->argv[1]), "tick",
                     (json_int_t)live_tick_number(&app->live));
}

// The picture as text, which needs no eyes.
static json_t *ctl_frame(App *app, const ControlRequest *request)
{
    char hash[20];
    Arena arena;
    Fault fault;
    (void)request;
    if (!arena_open(&arena, 0, 256u << 20, &fault)) {
        return app_failed("%s", fault.text);
    }
    app_picture(app);
    (void)text_format(hash, sizeof(hash), "%016llx",
                      (unsigned long long)draw_hash(&app->game_draw));
    json_t *reply = json_pack("{s:b,s:s,s:I,s:I,s:o}", "ok", 1, "hash", hash, "tick",
                              (json_int_t)live_tick_number(&app->live), "commands",
                              (json_int_t)app->game_draw.cmd_count, "text",
                              json_string(draw_print(&app->game_draw, &arena)));
    arena_close(&arena);
    return reply;
}

static json_t *ctl_hash(App *app, const ControlRequest *request)
{
    char text[20];
    (void)request;
    (void)text_format(text, sizeof(text), "%016llx", (unsigned long long)live_hash(&app->live));
    return json_pack("{s:b,s:s,s:I}", "ok", 1, "hash", text, "tick",
                     (json_int_t)live_tick_number(&app->live));
}

static json_t *ctl_reload(App *app, const ControlRequest *request)
{
    (void)request;
    change_poke(app->change, true);
    return app_done(app);
}

static json_t *ctl_quit(App *app, const ControlRequest *request)
{
    (void)request;
    app->quit = true;
    return app_done(app);
}

static const struct {
    const char *name;
    json_t *(*carry_out)(App *app, const ControlRequest *request);
    bool needs_platform;
} COMMANDS[] = {
    // clang-format off: a line each
    {"status", status, false},
    {"pause", ctl_pause, true},
    {"resume", ctl_resume, true},
    {"step", ctl_step, true},
    {"back", app_ctl_back, true},
    {"seek", app_ctl_seek, true},
    {"loop", app_ctl_loop, true},
    {"branches", app_ctl_branches, true},
    {"history", app_ctl_history, true},
    {"save", app_ctl_save, true},
    {"clip", app_ctl_clip, true},
    {"get", app_ctl_get, false},
    {"set", app_ctl_set, true},
    {"tree", app_ctl_tree, false},
    {"types", app_ctl_types, false},
    {"break", app_ctl_break, true},
    {"when", app_ctl_when, true},
    {"tweak", app_ctl_tweak, true},
    {"panel", app_ctl_panel, true},
    {"restart", ctl_restart, true},
    {"screenshot", ctl_screenshot, true},
    {"frame", ctl_frame, true},
    {"hash", ctl_hash, false},
    {"reload", ctl_reload, false},
    {"plot", app_ctl_plot, true},
    {"quit", ctl_quit, false},
    // clang-format on
};

_Static_assert(COUNT_OF(COMMANDS) <= APP_CTL_MAX, "raise APP_CTL_MAX");

size_t app_ctl_names(const char **names)
{
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++) {
        names[i] = COMMANDS[i].name;
    }
    return COUNT_OF(COMMANDS);
}

static json_t *carry_out(App *app, const ControlRequest *request)
{
    const char *names[APP_CTL_MAX], *name = request->argv[0];
    size_t count = app_ctl_names(names);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return COMMANDS[i].needs_platform && !app->platform
                       ? app_failed("%s: the session is still building its first version", name)
                       : COMMANDS[i].carry_out(app, request);
        }
    }
    const char *nearest = text_nearest(name, names, count);
    return nearest ? app_failed("%s is no command; did you mean %s?", name, nearest)
                   : app_failed("%s is no command; `hotloop ctl --help` lists them", name);
}

void app_serve(App *app)
{
    ControlRequest request;
    while (control_take(app->control, &request)) {
        json_t *reply = carry_out(app, &request);
        if (reply) {
            control_reply(app->control, request.client, reply);
        }
    }
}
