// Looking at the past: F8 held, keys that go somewhere, and the requests of `hotloop ctl` that name
// a moment. Also what is made of history: files and clips. The bar is in app_bar.c.
#include "app.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIP_SECONDS = 10, FORWARD_TICKS = 4 };
static const double FASTEST = 64; // times the game's own speed

// ------------------------------------------------------------------------------------ the past

static void report_seek(App *app)
{
    LiveSpan span;
    if (live_span(&app->live, &span)) {
        events_put(&app->events, "seek", live_tick_number(&app->live),
                   json_pack("{s:I,s:I,s:I,s:I}", "moment", (json_int_t)span.here, "first",
                             (json_int_t)span.first, "last", (json_int_t)span.last, "branch",
                             (json_int_t)span.branch));
    }
}

bool app_time_seek(App *app, LivePlace to, Fault *fault)
{
    LivePlace reached;
    LiveLoop loop = app->live.loop;
    bool was_stopped = app->live.stopped.kind != FAULT_NONE;
    if (!live_seek(&app->live, to, &reached, fault)) {
        return false;
    }
    app_bar_moved(app);
    platform_silence(app->platform);
    if (loop != app->live.loop) {
        app_report_loop(app);
    }
    if (was_stopped) {
        app_set_paused(app, true, "");
    }
    return true;
}

// Moments from here; negative: back. False: there are none that way.
static bool seek_by(App *app, int64_t moments)
{
    LiveSpan span;
    Fault fault;
    if (!live_span(&app->live, &span)) {
        if (live_remember(&app->live, &fault)) {
            return false; // it begins here
        }
        app_note(app, LOG_WARNING, "%s", fault.text);
        return false;
    }
    uint64_t to = span.here;
    if (moments < 0) {
        uint64_t back = (uint64_t)-moments;
        to = span.here - span.first > back ? span.here - back : span.first;
    } else {
        uint64_t ahead = (uint64_t)moments;
        to = span.last - span.here > ahead ? span.here + ahead : span.last;
    }
    return to != span.here && app_time_seek(app, (LivePlace){span.branch, to}, &fault);
}

void app_time_back(App *app, int64_t moments)
{
    (void)seek_by(app, -moments);
    report_seek(app);
}

void app_time_show(App *app, LivePlace place)
{
    Fault fault;
    app_set_paused(app, true, "");
    if (app_time_seek(app, place, &fault)) {
        report_seek(app);
    } else {
        app_note(app, LOG_WARNING, "%s", fault.text);
    }
}

bool app_time_step(App *app)
{
    if (!live_recorded_ahead(&app->live)) {
        return false;
    }
    app_breaks_before(app);
    bool went = seek_by(app, 1);
    if (went) {
        app_breaks_after(app);
    }
    return went;
}

// ------------------------------------------------------------------------------- keys and the bar

static bool is_held(const AppScrub *scrub)
{
    return scrub->holds_key || scrub->holds_bar || scrub->holds_range || scrub->handle;
}

void app_time_hold(App *app)
{
    AppScrub *scrub = &app->scrub;
    if (!is_held(scrub)) {
        scrub->goes_on = !app->paused;
        scrub->since_ns = scrub->last_ns = mono_ns();
        scrub->rest = 0;
        app_set_paused(app, true, "");
    }
}

void app_time_let_go(App *app)
{
    if (!is_held(&app->scrub)) {
        report_seek(app);
        if (app->scrub.goes_on) {
            app_set_paused(app, false, "");
        }
    }
}

// Twice as fast with each second that the key is held.
static double hold_speed(const AppScrub *scrub)
{
    double held = (double)(mono_ns() - scrub->since_ns) / 1e9;
    return fmin(exp2(floor(held)), FASTEST);
}

float app_time_hold_speed(const App *app)
{
    return (float)hold_speed(&app->scrub) * (app->scrub.forward ? 1.0f : -1.0f);
}

static void run_ahead(App *app)
{
    // Nothing is recorded any further: the game itself, faster.
    app->steps = app->steps > 0 ? app->steps : FORWARD_TICKS;
}

static void follow_key(App *app, bool forward)
{
    AppScrub *scrub = &app->scrub;
    uint64_t now_ns = mono_ns();
    double passed = (double)(now_ns - scrub->last_ns) / 1e9;
    scrub->last_ns = now_ns;
    scrub->rest += fmin(passed, 0.1) * live_tick_rate(&app->live) * hold_speed(scrub);
    int64_t moments = (int64_t)scrub->rest;
    if (moments == 0) {
        return;
    }
    scrub->rest -= (double)moments;
    if (!forward) {
        (void)seek_by(app, -moments);
    } else if (live_is_past(&app->live)) {
        (void)seek_by(app, moments);
    } else {
        run_ahead(app);
    }
}

static void hold_key(App *app, const PlatformEvents *events)
{
    bool held = (events->f_held & (1u << 7)) != 0; // F8
    // With Ctrl it jumps; that is let go before F8 is, maybe, and then nothing is to begin.
    held = held && (app->scrub.holds_key || !app->scrub.jumps);
    if (held && live_game(&app->live)) {
        app_time_hold(app);
        app->scrub.holds_key = true;
        app->scrub.forward = events->shift;
        follow_key(app, events->shift);
    } else if (app->scrub.holds_key) {
        app->scrub.holds_key = false;
        app_time_let_go(app);
    }
}

void app_time_frame(App *app, const PlatformEvents *events)
{
    app->scrub.jumps = (events->f_held & (1u << 7)) && (events->ctrl || app->scrub.jumps);
    hold_key(app, events);
    if (app->options.headless) {
        return;
    }
    if (app_shows_bar(app) || is_held(&app->scrub)) {
        app_bar_mouse(app, events);
    } else {
        app->bar.is_hovered = false;
        platform_keep_mouse(app->platform, app_panels_have_mouse(app));
    }
}

void app_stay_at_end(App *app)
{
    app_set_paused(app, true, "");
    app_note(app, LOG_INFO, "the end of the replay: F8 goes back, closing the window ends it");
}

// --------------------------------------------------------------------------------- ways by key

// The end of the next branch, so that all are seen in turn.
static void next_branch(App *app, const LiveSpan *span)
{
    TimelineBranch branches[TIMELINE_BRANCHES_MAX], *next = NULL, *lowest = NULL;
    size_t count = timeline_branches(app->live.timeline, branches, COUNT_OF(branches));
    count = count < COUNT_OF(branches) ? count : COUNT_OF(branches);
    for (size_t i = 0; i < count; i++) {
        TimelineBranch *one = &branches[i];
        if (one->id > span->branch && (!next || one->id < next->id)) {
            next = one;
        }
        lowest = !lowest || one->id < lowest->id ? one : lowest;
    }
    next = next ? next : lowest;
    if (!next || next->id == span->branch) {
        app_note(app, LOG_INFO,
                 "there is no other branch: one begins when you play on from the past");
        return;
    }
    app_time_show(app, (LivePlace){next->id, app->live.base + next->last});
    app_note(app, LOG_INFO, "branch %u of %zu", next->id, count);
}

static void set_loop_end(App *app, const LiveSpan *span, bool is_last)
{
    uint64_t first, last;
    Fault fault;
    if (!live_loop_span(&app->live, &first, &last)) {
        first = is_last ? span->first : span->here;
        last = is_last ? span->here : span->last;
    }
    if (is_last) {
        last = span->here;
    } else {
        first = span->here;
    }
    if (live_loop_between(&app->live, first, last, &fault)) {
        app_report_loop(app);
    } else {
        app_note(app, LOG_WARNING, "%s", fault.text);
    }
}

bool app_is_time_key(unsigned f)
{
    return f == 3 || (f >= 6 && f <= 8);
}

void app_time_key(App *app, unsigned f, bool shift)
{
    LiveSpan span;
    Fault fault;
    uint64_t moment;
    if (!live_game(&app->live)) {
        return;
    }
    if (!live_remember(&app->live, &fault) || !live_span(&app->live, &span)) {
        app_note(app, LOG_WARNING, "%s", fault.text);
        return;
    }
    if (f == 3) {
        next_branch(app, &span);
    } else if (f == 6) {
        set_loop_end(app, &span, shift);
    } else if (f == 7 && app_next_mark(app, !shift, &moment)) {
        app_time_show(app, (LivePlace){span.branch, moment});
    } else if (f == 7) {
        app_note(app, LOG_INFO,
                 shift ? "nothing is marked before this" : "nothing is marked after this");
    } else if (f == 8) {
        app_time_show(app, (LivePlace){span.branch, shift ? span.last : span.first});
    }
}

// ------------------------------------------------------------------------------ files out of
// history

static bool begin_save(App *app, const char *path, uint64_t first, uint64_t last, Fault *fault)
{
    return live_save_begin(&app->live, path, first, last, fault);
}

static void start_export(App *app, const char *replay)
{
    char *argv[16];
    char out[FILE_PATH_MAX];
    int argc = 0;
    (void)text_format(out, sizeof(out), "%s", app->saving.movie);
    argv[argc++] = app->paths.self;
    argv[argc++] = (char[]){"export"};
    argv[argc++] = (char *)(uintptr_t)replay;
    argv[argc++] = (char[]){"-o"};
    argv[argc++] = out;
    argv[argc++] = app->options.so ? (char[]){"--so"} : (char[]){"--game"};
    argv[argc++] = (char *)(uintptr_t)(app->options.so ? app->options.so : app->options.game);
    if (app->options.assets) {
        argv[argc++] = (char[]){"--assets"};
        argv[argc++] = (char *)(uintptr_t)app->options.assets;
    }
    argv[argc++] = (char[]){"--quiet"};
    argv[argc] = NULL;
    if (posix_spawn(&app->saving.exporter, app->paths.self, NULL, NULL, argv, environ) != 0) {
        app->saving.exporter = 0;
        app_note(app, LOG_ERROR, "%s: %s; %s is kept", app->paths.self, strerror(errno), replay);
    }
}

void app_clip(App *app)
{
    LiveSpan span;
    Fault fault;
    char path[FILE_PATH_MAX];
    if (app->saving.exporter) {
        app_note(app, LOG_WARNING, "the clip before this one is still being made");
        return;
    }
    if (!live_span(&app->live, &span)) {
        app_note(app, LOG_WARNING, "there is no history to make a clip of");
        return;
    }
    do { // never over a file that is there
        app->shots++;
        (void)text_format(path, sizeof(path), "%s-%u.replay", app->paths.game_id, app->shots);
        (void)text_format(app->saving.movie, sizeof(app->saving.movie), "%s-%u.mp4",
                          app->paths.game_id, app->shots);
    } while (file_exists(path) || file_exists(app->saving.movie));
    uint64_t length = (uint64_t)live_tick_rate(&app->live) * CLIP_SECONDS;
    uint64_t first = span.here - span.first > length ? span.here - length : span.first;
    if (begin_save(app, path, first, span.here, &fault)) {
        app->saving.is_clip = true;
    } else {
        app_note(app, LOG_WARNING, "no clip: %s", fault.text);
    }
}

static void report_saved(App *app, const LiveSaved *saved)
{
    json_t *event = saved->ok
                        ? json_pack("{s:b,s:o,s:I,s:I,s:o}", "ok", 1, "file", app_text(saved->path),
                                    "first", (json_int_t)saved->first, "last",
                                    (json_int_t)saved->last, "note", app_text(saved->note))
                        : app_failed("%s", saved->fault.text);
    events_put(&app->events, "save", live_tick_number(&app->live), json_deep_copy(event));
    if (app->saving.client) {
        control_reply(app->control, app->saving.client, event);
        app->saving.client = 0;
    } else {
        json_decref(event);
    }
    if (!saved->ok) {
        app_note(app, LOG_ERROR, "%s", saved->fault.text);
    } else {
        app_note(app, LOG_INFO, "%s: moments %llu to %llu%s%s", saved->path,
                 (unsigned long long)saved->first, (unsigned long long)saved->last,
                 saved->note[0] ? "; " : "", saved->note);
        app_mark(app, INSPECT_MARK_SAVE, saved->path);
    }
}

static void poll_exporter(App *app)
{
    int status;
    if (app->saving.exporter && waitpid(app->saving.exporter, &status, WNOHANG) > 0) {
        app->saving.exporter = 0;
        if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_OK) {
            app_note(app, LOG_INFO, "clip: %s", app->saving.movie);
            events_put(&app->events, "clip", live_tick_number(&app->live),
                       json_pack("{s:o}", "file", app_text(app->saving.movie)));
        } else {
            app_note(app, LOG_WARNING,
                     "no movie was made (the terminal says why); the replay is "
                     "kept, `hotloop export` can try again");
        }
    }
}

void app_time_poll(App *app)
{
    LiveSaved saved;
    if (app->live.save && live_save_done(&app->live, &saved)) {
        report_saved(app, &saved);
        if (app->saving.is_clip && saved.ok) {
            start_export(app, saved.path);
        }
        app->saving.is_clip = false;
    }
    poll_exporter(app);
}

// --------------------------------------------------------------------------------------------- ctl

// "1200", "-60", "+60", "start", "end", "-2.5s": a moment.
static bool moment_of(const LiveSpan *span, int rate, const char *text, uint64_t *moment)
{
    char *end;
    if (strcmp(text, "start") == 0 || strcmp(text, "end") == 0) {
        *moment = text[0] == 's' ? span->first : span->last;
        return true;
    }
    bool relative = text[0] == '-' || text[0] == '+';
    errno = 0;
    double value = strtod(text, &end);
    if (end == text || errno || !isfinite(value) || fabs(value) > 1e15) {
        return false;
    }
    if (strcmp(end, "s") == 0) {
        value *= rate;
    } else if (*end || value != floor(value)) {
        return false;
    }
    value += relative ? (double)span->here : 0;
    *moment = value < (double)span->first  ? span->first
              : value > (double)span->last ? span->last
                                           : (uint64_t)value;
    return true;
}

static json_t *place_reply(App *app)
{
    LiveSpan span;
    (void)live_span(&app->live, &span);
    return json_pack("{s:b,s:I,s:I,s:I,s:I,s:I,s:b,s:b}", "ok", 1, "tick",
                     (json_int_t)live_tick_number(&app->live), "moment",
                     (json_int_t)app->live.moment, "first", (json_int_t)span.first, "last",
                     (json_int_t)span.last, "branch", (json_int_t)span.branch, "past",
                     live_is_past(&app->live), "paused", app->paused);
}

static bool span_of(App *app, LiveSpan *span, Fault *fault)
{
    return live_remember(&app->live, fault) && live_span(&app->live, span);
}

json_t *app_ctl_seek(App *app, const ControlRequest *request)
{
    LiveSpan span;
    Fault fault;
    uint64_t branch, moment;
    if (request->argc < 2 || request->argc > 3) {
        return app_failed(
            "seek: expected a moment: 1200, -60, -2.5s, start or end; and a branch, if "
            "it is another one (`branches` lists them)");
    }
    if (!span_of(app, &span, &fault)) {
        return app_failed("%s", fault.text);
    }
    branch = span.branch;
    if (request->argc == 3) {
        if (!text_to_u64(request->argv[2], 0, UINT32_MAX, &branch)) {
            return app_failed("seek: %s is no branch; `branches` lists them", request->argv[2]);
        }
        span.last = app->live.base + timeline_last(app->live.timeline, (uint32_t)branch);
        span.first = live_first_of(&app->live, (uint32_t)branch);
    }
    if (!moment_of(&span, live_tick_rate(&app->live), request->argv[1], &moment)) {
        return app_failed("seek %s: expected a moment: 1200, -60, -2.5s, start or end",
                          request->argv[1]);
    }
    app_set_paused(app, true, "");
    if (!app_time_seek(app, (LivePlace){(uint32_t)branch, moment}, &fault)) {
        return app_failed("%s", fault.text);
    }
    report_seek(app);
    return place_reply(app);
}

json_t *app_ctl_back(App *app, const ControlRequest *request)
{
    LiveSpan span;
    Fault fault;
    uint64_t count = 1;
    if (request->argc > 1 && !text_to_u64(request->argv[1], 1, UINT32_MAX, &count)) {
        return app_failed("back %s: expected a whole number from 1", request->argv[1]);
    }
    if (!span_of(app, &span, &fault)) {
        return app_failed("%s", fault.text);
    }
    app_set_paused(app, true, "");
    app_time_back(app, (int64_t)count);
    return place_reply(app);
}

json_t *app_ctl_branches(App *app, const ControlRequest *request)
{
    LiveSpan span;
    Fault fault;
    (void)request;
    if (!span_of(app, &span, &fault)) {
        return app_failed("%s", fault.text);
    }
    TimelineBranch branches[TIMELINE_BRANCHES_MAX];
    size_t count = timeline_branches(app->live.timeline, branches, COUNT_OF(branches));
    json_t *rows = json_array();
    for (size_t i = 0; i < count && i < COUNT_OF(branches); i++) {
        const TimelineBranch *branch = &branches[i];
        json_array_append_new(rows,
                              json_pack("{s:I,s:I,s:I,s:I,s:b}", "branch", (json_int_t)branch->id,
                                        "parent", (json_int_t)branch->parent.branch, "from",
                                        (json_int_t)(app->live.base + branch->parent.at), "last",
                                        (json_int_t)(app->live.base + branch->last), "here",
                                        branch->id == span.branch));
    }
    return json_pack("{s:b,s:o}", "ok", 1, "branches", rows);
}

json_t *app_ctl_history(App *app, const ControlRequest *request)
{
    LiveSpan span;
    Fault fault;
    TimelineStats stats;
    (void)request;
    if (!span_of(app, &span, &fault)) {
        return app_failed("%s", fault.text);
    }
    timeline_stats(app->live.timeline, &stats);
    return json_pack("{s:b,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:b}", "ok", 1, "method",
                     dirty_method_name(timeline_method(app->live.timeline)), "moment",
                     (json_int_t)span.here, "first", (json_int_t)span.first, "last",
                     (json_int_t)span.last, "moments", (json_int_t)stats.moments, "used_bytes",
                     (json_int_t)stats.used_bytes, "budget_bytes", (json_int_t)stats.budget_bytes,
                     "branches", (json_int_t)stats.branches, "thinned", stats.thinned);
}

json_t *app_ctl_save(App *app, const ControlRequest *request)
{
    LiveSpan span;
    Fault fault;
    if (request->argc != 2 && request->argc != 4) {
        return app_failed("save: expected FILE, or FILE FROM TO (moments: 1200, -60, -2.5s, start, "
                          "end)");
    }
    if (!span_of(app, &span, &fault)) {
        return app_failed("%s", fault.text);
    }
    uint64_t first = span.first, last = span.last;
    int rate = live_tick_rate(&app->live);
    for (int i = 2; i < request->argc; i++) {
        if (!moment_of(&span, rate, request->argv[i], i == 2 ? &first : &last)) {
            return app_failed("save: %s is no moment: 1200, -60, -2.5s, start or end",
                              request->argv[i]);
        }
    }
    if (!begin_save(app, request->argv[1], first, last, &fault)) {
        return app_failed("%s", fault.text);
    }
    app->saving.client = request->client;
    return NULL; // answered once it is written
}

json_t *app_ctl_clip(App *app, const ControlRequest *request)
{
    (void)request;
    if (app->live.save || app->saving.exporter) {
        return app_failed("a file is still being made");
    }
    app_clip(app);
    return app->live.save ? json_pack("{s:b,s:o}", "ok", 1, "file", app_text(app->saving.movie))
                          : app_failed("there is no history to make a clip of");
}

json_t *app_ctl_loop(App *app, const ControlRequest *request)
{
    LiveSpan span;
    Fault fault;
    uint64_t first = 0, last = 0;
    if (request->argc == 2 && strcmp(request->argv[1], "off") == 0) {
        live_loop_off(&app->live);
        app_report_loop(app);
    } else if (request->argc == 3) {
        int rate = live_tick_rate(&app->live);
        if (!span_of(app, &span, &fault)) {
            return app_failed("%s", fault.text);
        }
        if (!moment_of(&span, rate, request->argv[1], &first)
            || !moment_of(&span, rate, request->argv[2], &last)) {
            return app_failed("loop: expected two moments: 1200, -60, -2.5s, start or end");
        }
        if (!live_loop_between(&app->live, first, last, &fault)) {
            return app_failed("%s", fault.text);
        }
        app_report_loop(app);
        app_set_paused(app, false, "");
    } else if (request->argc == 1) {
        (void)app_loop(app);
    } else {
        return app_failed("loop: expected nothing (as F6), two moments, or off");
    }
    const char *names[] = {"off", "record", "play"};
    return json_pack("{s:b,s:s,s:I,s:I}", "ok", 1, "state", names[app->live.loop], "tick",
                     (json_int_t)live_tick_number(&app->live), "moment",
                     (json_int_t)app->live.moment);
}
