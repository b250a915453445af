// The small picture of the moment under the mouse, above the bar of time. One of the build that
// plays is drawn beside the game, which goes on; what another build made is gone to, and back
// again, while the game stands still.
#include "app.h"

#include <string.h>

enum {
    THUMB_CMDS_MAX = 20000,
    SPARE_NS = 3000000,  // of a frame, for all that comes after a look at another moment
    REST_NS = 150000000, // that the mouse lies still: then a look may take longer than a frame has
};

// What a jump and back would take from what is seen of this moment: drawn by hl_debug_ calls, said
// by HL_WATCH.
struct Kept {
    DrawList debug;
    HostWatch watches[HOST_WATCHES_MAX];
};

static bool open_thumb(App *app)
{
    AppBar *bar = &app->bar;
    if (!bar->thumb_opened) {
        bar->thumb_opened = true;
        bar->kept = ARENA_NEW(&app->keep, struct Kept, 1);
        bar->has_lists = draw_open(&bar->thumb, NULL) && draw_open(&bar->no_debug, NULL);
    }
    return bar->has_lists;
}

void app_bar_close(App *app)
{
    draw_close(&app->bar.thumb);
    draw_close(&app->bar.no_debug);
}

void app_bar_moved(App *app)
{
    app->bar.has_looked = app->bar.has_thumb = false;
}

static bool is_by_this_build(const App *app, uint64_t moment)
{
    TimelineMoment about;
    LiveSpan span;
    if (!live_span(&app->live, &span)) {
        return false;
    }
    TimelinePlace place = {span.branch, moment - app->live.base};
    return timeline_moment(app->live.timeline, place, &about)
           && about.build == (uint32_t)app->live.generation;
}

// Going there and back changes nothing: the moment that is shown is of the build that plays, so it
// comes back as it is, byte for byte; no loop is let go of, and nothing of the game runs but its
// draw() - not its .migrate either, which moments of older builds would need.
static bool can_look(const App *app, const LiveSpan *span, uint64_t moment)
{
    uint64_t first, last;
    bool is_loops = live_loop_span(&app->live, &first, &last);
    return app->paused && app->steps == 0 && app->live.stopped.kind == FAULT_NONE
           && !app->live.rejoins && app->live.loop != LIVE_LOOP_RECORD && moment != span->here
           && moment <= span->last && app->bar.broken != app->live.generation
           && (!is_loops
               || (moment >= first && moment <= last && span->here >= first && span->here <= last))
           && is_by_this_build(app, span->here)
           && (!app->live.now.game->migrate || is_by_this_build(app, moment));
}

// Gone to while the game stands still: a moment of another build, put into the terms of this one.
static void draw_moment(App *app)
{
    AppBar *bar = &app->bar;
    AppCanvas canvas = app_canvas(app);
    Fault fault;
    draw_reset(&bar->thumb, (float)canvas.w, (float)canvas.h);
    if (app->live.fitted != app->live.generation || app->live.stopped.kind != FAULT_NONE) {
        return; // an older build's, which cannot be had in the structs of this one
    }
    live_trails_show(&app->live);
    bar->has_thumb = host_draw(app->live.host, app->live.now.game, 1, &bar->thumb, &fault);
    if (!bar->has_thumb) { // its draw() cannot stand that moment: not tried again
        bar->broken = app->live.generation;
    }
}

// By going there and back again.
static void go_and_look(App *app, const LiveSpan *span, uint64_t moment)
{
    AppBar *bar = &app->bar;
    Host *host = app->live.host;
    struct Kept *kept = bar->kept;
    LivePlace reached;
    Fault fault;
    draw_reset(&bar->no_debug, 0, 0);
    kept->debug = host->debug;
    memcpy(kept->watches, host->watches, sizeof(kept->watches));
    host->debug = bar->no_debug;
    if (live_seek(&app->live, (LivePlace){span->branch, moment}, &reached, &fault)) {
        draw_moment(app);
        if (!live_seek(&app->live, (LivePlace){span->branch, span->here}, &reached, &fault)) {
            app_note(app, LOG_ERROR, "%s", fault.text);
        }
    }
    bar->no_debug = host->debug;
    host->debug = kept->debug;
    memcpy(host->watches, kept->watches, sizeof(kept->watches));
}

// Draws a moment of this build off the screen while the game goes on, or stands still.
static void look_beside(App *app, const LiveSpan *span, uint64_t moment)
{
    AppBar *bar = &app->bar;
    AppCanvas canvas = app_canvas(app);
    Fault fault;
    draw_reset(&bar->thumb, (float)canvas.w, (float)canvas.h);
    bar->has_thumb = live_peek(&app->live, (LivePlace){span->branch, moment}, &bar->thumb, &fault);
    if (!bar->has_thumb && fault.kind != FAULT_MEMORY) {
        bar->broken = app->live.generation; // its draw() cannot stand it: not tried again
        log_line(LOG_INFO, "no small pictures above the bar of time until the next build: %s",
                 fault.text);
    }
}

static void look_at(App *app, const LiveSpan *span, uint64_t moment, bool is_beside)
{
    AppBar *bar = &app->bar;
    uint64_t begin_ns = mono_ns();
    bar->has_thumb = false;
    if (is_beside) {
        look_beside(app, span, moment);
    } else {
        go_and_look(app, span, moment);
    }
    bar->has_looked = true;
    bar->thumb_moment = moment;
    bar->thumb_branch = span->branch;
    bar->thumb_generation = app->live.generation;
    bar->thumb_history = app->live.histories;
    bar->looked_ns = mono_ns();
    bar->look_ns = bar->looked_ns - begin_ns;
}

// While the game plays, there has to be time for it: as much as the last one took before the next
// tick is due, and as much again since that one. A mouse that lies still gets its picture anyway.
static bool has_time(const App *app)
{
    const AppBar *bar = &app->bar;
    uint64_t now_ns = mono_ns(), clock_ns = platform_now_ns(app->platform);
    if (app->paused || now_ns - bar->moved_ns > REST_NS) {
        return true;
    }
    return now_ns - bar->looked_ns >= bar->look_ns
           && clock_ns + bar->look_ns + SPARE_NS <= app->due_ns;
}

// While it plays the bar grows, and with that the moment under a mouse that lies still becomes
// another one: the picture stays as long as it is of the same pixel.
static bool has_looked(const App *app, const LiveSpan *span, const InspectTime *time,
                       uint64_t moment)
{
    const AppBar *bar = &app->bar;
    const PlatformInfo *info = platform_info(app->platform);
    float w = (float)info->window_w, h = (float)info->window_h;
    float x = platform_mouse_px(app->platform).x;
    bool is_near = bar->thumb_moment >= inspect_time_moment(time, w, h, x - 1)
                   && bar->thumb_moment <= inspect_time_moment(time, w, h, x + 1);
    return bar->has_looked && (app->paused ? bar->thumb_moment == moment : is_near)
           && bar->thumb_branch == span->branch && bar->thumb_generation == app->live.generation
           && bar->thumb_history == app->live.histories;
}

// A picture of a moment that was under the mouse just now is better than none: none would flicker.
static bool is_recent(const App *app, const LiveSpan *span)
{
    const AppBar *bar = &app->bar;
    return !app->paused && bar->has_looked && bar->thumb_branch == span->branch
           && bar->thumb_generation == app->live.generation
           && bar->thumb_history == app->live.histories && mono_ns() - bar->looked_ns < REST_NS;
}

void app_thumb_show(App *app, const LiveSpan *span, InspectTime *time)
{
    AppBar *bar = &app->bar;
    uint64_t moment = app_bar_under(app, time);
    bool is_beside = moment != span->here && moment <= span->last
                     && bar->broken != app->live.generation
                     && live_can_peek(&app->live, (LivePlace){span->branch, moment});
    bool may = is_beside || can_look(app, span, moment);
    if (may && !has_looked(app, span, time, moment) && has_time(app) && open_thumb(app)) {
        look_at(app, span, moment, is_beside);
    }
    bool is_it = has_looked(app, span, time, moment) || (may && is_recent(app, span));
    if (is_it && bar->has_thumb && bar->thumb.cmd_count <= THUMB_CMDS_MAX) {
        time->thumb = &bar->thumb;
        time->thumb_moment = moment;
    }
}
