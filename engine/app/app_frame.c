// The order of things in a frame, top to bottom:
//
//   events of the window -> requests of ctl -> results of the change lane -> files that changed
//   -> the ticks that are due -> the picture -> what there is time for -> wait
//
// With --fast nothing waits, and with --headless as well nothing is drawn: then a frame is a batch
// of ticks between two looks at the rest of the world.
#include "app.h"

#include <math.h>
#include <poll.h>
#include <time.h>

enum {
    FAST_TICKS = 256,          // a batch without a picture
    BATCH_NS = 12000000,       // of ticks that nobody paces, before the next look at the world
    CATCH_UP_NS = 66666666,    // of game time a frame, where that is more than APP_TICKS_PER_FRAME
    WAIT_MAX_NS = 250000000,   // a signal does not end a wait
    HOUSEKEEPING_NS = 2000000, // of a frame that has no wait to do it in
};

static uint64_t tick_ns(const App *app)
{
    uint64_t slow = (uint64_t)app->slow;
    return NS_PER_S * slow / (uint64_t)live_tick_rate(&app->live);
}

static void drain_files(App *app)
{
    WatchChange change;
    while (watch_next(app->watch, &change)) {
        if (change.kind == WATCH_RESCAN) {
            asset_changed_all(app->assets);
        } else {
            asset_changed(app->assets, change.path);
        }
    }
    (void)asset_refresh(app->assets, mono_ns());
}

// What the last tick wished for.
static void grant_wishes(App *app)
{
    HostWishes *wishes = &app->live.host->wishes;
    if (wishes->quit) {
        app->quit = true;
    }
    if (wishes->pause) {
        log_line(LOG_INFO, "paused by the game: %s", wishes->pause_text);
        app_set_paused(app, true, wishes->pause_text);
        app->steps = 0; // it is a breakpoint: further steps are asked for anew
    }
    if (wishes->capture != 0 && panels_any_open(app->panels)) {
        app->panel.had_mouse = wishes->capture > 0; // once they are closed
    } else if (wishes->capture != 0) {
        platform_capture_mouse(app->platform, wishes->capture > 0);
    }
    for (int i = 0; i < 4; i++) {
        if (wishes->rumble[i].on) {
            platform_rumble(app->platform, i, wishes->rumble[i].low, wishes->rumble[i].high,
                            wishes->rumble[i].seconds);
        }
    }
    bool restart = wishes->restart;
    *wishes = (HostWishes){0};
    if (restart && !app->replay) { // a replay has it as an event
        app_restart(app);
    }
}

static bool session_has_ended(const App *app)
{
    return app->quit || (app->options.ticks > 0 && app->ticks_run >= app->options.ticks);
}

// What the script has the user do before the next tick. False: then this is not the time for it.
static bool act_by_script(App *app)
{
    bool was_paused = app->paused;
    app_actions(app, script_actions(app->script, app->ticks_run + 1));
    return !app->quit && (was_paused || !app->paused);
}

// A tick that was ended early wishes for nothing but the end: the game stands still and is looked
// at.
static void drop_wishes(App *app)
{
    HostWishes *wishes = &app->live.host->wishes;
    *wishes = (HostWishes){.any = wishes->quit, .quit = wishes->quit};
}

// Of the part of a replay that was asked for.
static bool is_at_end(const App *app)
{
    return app->options.has_to && app->live.moment >= app->options.to && app->replay;
}

static void end_replay(App *app)
{
    if (app->options.stays) {
        app_stay_at_end(app);
    } else {
        app->quit = true;
    }
}

static void report_tick(App *app, const LiveTick *did)
{
    app->ticks_run++;
    if (did->first_of_build || did->wrapped || did->forked) {
        app_report_ticked(app, did);
    }
    if (app->live.desync.is_new) {
        app_report_desync(app);
    }
}

// A save of the game's own, hl_save.
static void mark_saved(App *app)
{
    char text[96];
    (void)text_format(text, sizeof(text), "saved \"%s\"", app->live.host->saved);
    app_mark(app, INSPECT_MARK_SAVE, text);
    app->live.host->saved[0] = '\0';
}

// One tick with everything that belongs to it. False: no more for now.
static bool run_tick_with(App *app, const hl_input *input)
{
    LiveTick did;
    Fault fault;
    bool has_breaks = app->breaks.count > 0;
    if (has_breaks) {
        app_breaks_before(app);
    }
    bool ok = live_tick(&app->live, input, &did, &fault);
    if (did.ran) {
        report_tick(app, &did);
    }
    if (has_breaks && did.ran) {
        app_breaks_after(app);
    }
    // Now and not once a frame: a batch of ticks has more to say than there is room for.
    if (app->live.host->line_count > 0) {
        app_report_lines(app);
    }
    if (!ok) {
        drop_wishes(app);
        app_report_fault(app, &fault);
    }
    if (app->live.host->wishes.any) {
        grant_wishes(app);
    }
    if (app->live.host->saved[0]) {
        mark_saved(app);
    }
    if (app->sound.cmd_count > 0) {
        platform_play(app->platform, &app->sound);
        sound_reset(&app->sound);
    }
    if (did.replay_ended || is_at_end(app)) {
        end_replay(app);
    }
    app->quit |= session_has_ended(app);
    return ok && did.ran && !app->quit && !app->paused;
}

static bool run_tick(App *app)
{
    hl_input input;
    if (app->script && !act_by_script(app)) {
        return false;
    }
    platform_take_input(app->platform, &input);
    if (app->script) {
        script_apply(app->script, app->ticks_run + 1, &input);
    }
    return run_tick_with(app, &input);
}

// Paused, and it stays so: that a tick pauses is no reason to stop.
static bool run_step(App *app)
{
    uint64_t before = app->ticks_run;
    (void)run_tick(app);
    return app->ticks_run > before && !app->quit && app->live.stopped.kind == FAULT_NONE;
}

// A batch of them: a window that is asked for a million is still there meanwhile.
static void run_steps(App *app)
{
    uint64_t until_ns = mono_ns() + BATCH_NS;
    while (app->steps > 0 && app->paused) {
        app->steps--;
        if (app_time_step(app)) {
            continue;
        }
        if (!run_step(app)) {
            app->steps = 0;
        } else if (mono_ns() > until_ns) {
            break;
        }
    }
    if (app->steps == 0) {
        app_answer_step(app);
    }
}

static void run_due_ticks(App *app)
{
    uint64_t now_ns = platform_now_ns(app->platform), period_ns = tick_ns(app);
    // A tick that is due in a moment belongs to this picture: vsync and clock never quite agree.
    uint64_t slack_ns = app->options.fast ? 0 : period_ns / 16;
    // At 1,000 ticks a second there are 17 in each picture of a 60 Hz screen, without any stall.
    uint64_t most = CATCH_UP_NS / period_ns, ran = 0;
    most = most > APP_TICKS_PER_FRAME ? most : APP_TICKS_PER_FRAME;
    if (app->due_ns > now_ns + period_ns) {
        app->due_ns = now_ns + period_ns; // a build with a higher tick rate came
    }
    while (app->due_ns <= now_ns + slack_ns && ran < most && !app->paused) {
        app->due_ns += period_ns;
        ran++;
        if (!run_tick(app)) {
            break;
        }
    }
    if (app->due_ns + period_ns < now_ns) {
        app->due_ns = now_ns; // a stall: what was missed is not caught up with
    }
}

static void run_fast_ticks(App *app)
{
    uint64_t until_ns = mono_ns() + BATCH_NS;
    // Without window and script the input is the same from the first tick to the last.
    bool is_alone = app->options.headless && !app->script;
    hl_input input;
    if (is_alone) {
        platform_take_input(app->platform, &input);
    }
    for (int i = 0; !app->paused; i++) {
        // The clock costs as much as a small game's tick: it is not asked after each of them.
        bool goes_on = is_alone ? run_tick_with(app, &input) : run_tick(app);
        if (!goes_on || (app->options.headless && i == FAST_TICKS)
            || (i % 8 == 7 && mono_ns() > until_ns)) {
            break;
        }
    }
}

// --from: the nearest keyframe before it, and then as fast as it can, unseen and unheard.
static void run_to_from(App *app)
{
    Fault fault;
    uint64_t until_ns = mono_ns() + BATCH_NS;
    if (app->live.moment == replay_first(app->replay) && !app->has_joined) {
        app->has_joined = true;
        if (!live_replay_join(&app->live, app->options.from, &fault)) {
            app_report_fault(app, &fault);
        }
    }
    while (app->live.moment < app->options.from && mono_ns() < until_ns) {
        LiveTick did;
        if (!live_tick(&app->live, NULL, &did, &fault) || !did.ran) {
            app->wants_from = false;
            if (did.replay_ended) {
                log_line(LOG_WARNING, "--from %llu: the replay ends at %llu",
                         (unsigned long long)app->options.from,
                         (unsigned long long)replay_last(app->replay));
                end_replay(app);
            }
            return;
        }
        sound_reset(&app->sound);
        app->live.host->wishes = (HostWishes){0};
    }
    app->wants_from = app->live.moment < app->options.from;
    app->due_ns = platform_now_ns(app->platform);
}

// Keys that are pressed while the game stands still are for the crash screen: the tick after it is
// told of none of them.
static void keep_input_from_game(App *app)
{
    hl_input unseen;
    platform_take_input(app->platform, &unseen);
}

static void run_ticks(App *app)
{
    if (!live_game(&app->live)) {
        return;
    }
    if (app->live.stopped.kind != FAULT_NONE && app->platform) {
        keep_input_from_game(app);
    } else if (app->had_mouse && !app->paused) {
        app->had_mouse = false;
        platform_capture_mouse(app->platform, true); // as it was before it stood still
    }
    if (app->wants_from) {
        run_to_from(app);
    } else if (app->paused) {
        app->due_ns = platform_now_ns(app->platform);
        if (app->steps > 0) {
            run_steps(app);
        }
    } else if (app->options.fast) {
        run_fast_ticks(app);
    } else {
        run_due_ticks(app);
    }
}

static float alpha_now(const App *app)
{
    if (app->paused || app->options.fast || app->live.stopped.kind != FAULT_NONE) {
        return 1; // the state as it is
    }
    int64_t until = (int64_t)(app->due_ns - platform_now_ns(app->platform));
    float alpha = 1 - (float)until / (float)tick_ns(app);
    return fmaxf(0, fminf(1, alpha));
}

// game_draw becomes the picture of this moment, or stays the last whole one. While the game stands
// still its draw() is tried once for each moment: it may be what is broken.
static void draw_game(App *app)
{
    Fault fault;
    AppCanvas canvas = app_canvas(app);
    bool stopped = app->live.stopped.kind != FAULT_NONE;
    uint64_t moment = app->live.moment + 1;
    if (stopped && (app->drawn_stopped == moment || app->live.stopped.kind == FAULT_LAYOUT)) {
        return;
    }
    app->drawn_stopped = stopped ? moment : 0;
    draw_reset(&app->next_draw, (float)canvas.w, (float)canvas.h);
    if (live_draw(&app->live, alpha_now(app), &app->next_draw, &fault)) {
        DrawList whole = app->next_draw;
        app->next_draw = app->game_draw;
        app->game_draw = whole;
    } else if (!stopped) {
        app->drawn_stopped = moment;
        app_report_fault(app, &fault);
    }
}

// What went wrong and the help are over the panels, which are there for longer; notices and badges
// are not.
static bool goes_over_panels(const App *app)
{
    const Inspect *inspect = &app->inspect;
    return inspect->has_failure || inspect->has_report || inspect->help || app_crash_shown(app);
}

// Everything that is not the game, in its order. The tip of the bar is over the panels, with its
// small picture; their menus and tips are over the bar.
static void put_over(App *app, InspectView *view, const InspectTime *time)
{
    DrawList *over = &app->over_draw;
    float height_px = app->over_draw.height;
    float bar_px = inspect_time_rect(view->width_px, height_px).h;
    bool is_last = goes_over_panels(app), is_tip_last = app->bar.is_hovered;
    view->has_panels = !is_last && panels_any_open(app->panels);
    if (is_last) {
        app_panels_picture(app, bar_px);
    }
    inspect_frame(&app->inspect, view, over);
    if (!is_last && is_tip_last) {
        app_panels_picture(app, bar_px);
    }
    inspect_time_frame(time, view->width_px, height_px, platform_mouse_px(app->platform), over);
    if (!is_last && !is_tip_last) {
        app_panels_picture(app, bar_px);
    }
    inspect_answers(&app->inspect, view, over);
}

void app_picture(App *app)
{
    const PlatformInfo *info = platform_info(app->platform);
    app_time_spent(app, NULL);
    draw_game(app);
    app_time_spent(app, &app->panel.next.draw);
    draw_reset(&app->over_draw, (float)info->window_w, (float)info->window_h);
    InspectView view = {.live = &app->live,
                        .now_ns = mono_ns(),
                        .width_px = (float)info->window_w,
                        .height_px = (float)info->window_h,
                        .paused = app->paused,
                        .muted = app->muted,
                        .building = app->rebuilding,
                        .slow = app->slow,
                        .pause_text = app->pause_text,
                        .crash = app_crash_shown(app)};
    InspectTime time;
    app_time_view(app, &time);
    if (time.shown) { // notices go above it
        view.height_px -= inspect_time_rect(view.width_px, view.height_px).h;
    }
    put_over(app, &view, &time);
    app_time_spent(app, &app->panel.next.panels);
}

bool app_screenshot(App *app, const char *path, Fault *fault)
{
    app_picture(app);
    return platform_screenshot(app->platform, &app->game_draw, &app->over_draw, path, fault);
}

static void count_frame(App *app)
{
    uint64_t now_ns = mono_ns();
    app->frames++;
    if (now_ns - app->fps_from_ns >= NS_PER_S) {
        app->fps = (double)app->frames * 1e9 / (double)(now_ns - app->fps_from_ns);
        app->frames = 0;
        app->fps_from_ns = now_ns;
    }
}

// Until the next picture or tick is due, or something wakes us.
static void wait(App *app)
{
    const PlatformInfo *info = platform_info(app->platform);
    uint64_t now_ns = platform_now_ns(app->platform);
    bool idle = !live_game(&app->live) || app->paused || app->live.stopped.kind != FAULT_NONE;
    if (app->steps > 0) {
        return; // the next batch of them
    }
    if ((app->options.fast && !idle) || (info->vsync && info->has_display)) {
        (void)live_housekeeping(&app->live, HOUSEKEEPING_NS);
        return;
    }
    if (app->options.fast) { // the clock may be one that is turned by hand: really wait
        struct pollfd wake = {.fd = app->wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, 16);
        return;
    }
    uint64_t frame_ns = (uint64_t)(1e9 / (info->refresh_hz > 1 ? info->refresh_hz : 60));
    uint64_t next_ns = idle ? now_ns + frame_ns : app->due_ns;
    // With a window, interpolation wants a picture for every refresh; the slower clock is the
    // ticks'.
    if (!app->options.headless && next_ns > now_ns + frame_ns) {
        next_ns = now_ns + frame_ns;
    }
    next_ns = next_ns < now_ns + WAIT_MAX_NS ? next_ns : now_ns + WAIT_MAX_NS;
    if (next_ns > now_ns) {
        (void)live_housekeeping(&app->live, next_ns - now_ns);
        platform_wait_until(app->platform, next_ns, app->wake_fd);
    }
}

// Nothing came from the change lane yet: there is no window to keep alive, only somebody waiting.
static void wait_for_first(App *app)
{
    struct timespec nap = {0, 500000};
    app_take_changes(app);
    if (app->wants_first) {
        app_serve(app);
        nanosleep(&nap, NULL);
    }
}

void app_frame(App *app)
{
    if (app->wants_first) {
        wait_for_first(app);
        return;
    }
    app_time_frame_begin(app);
    PlatformEvents events = platform_poll(app->platform);
    app->quit |= events.quit;
    app_keys(app, &events);
    app_panels_input(app);
    app_time_frame(app, &events);
    app_serve(app);
    app_panels_apply(app);
    app_take_changes(app);
    drain_files(app);
    app_time_spent(app, NULL);
    run_ticks(app);
    app_time_ticked(app);
    app_guard_frame(app);
    app_time_poll(app);
    app_report_lines(app);
    if (app->quit) {
        return;
    }
    if (!(app->options.headless && app->options.fast)) {
        app_picture(app);
        platform_present(app->platform, &app->game_draw, &app->over_draw);
        app_time_presented(app);
        count_frame(app);
    } else {
        (void)live_housekeeping(&app->live, UINT64_MAX);
    }
    wait(app);
    app_time_spent(app, &app->panel.next.idle);
}
