// The bar of time: what it is given to show, what the mouse does on it, and what is marked on it.
// The small picture of the moment under the mouse: app_thumb.c.
#include "app.h"

#include <string.h>

// Contents: marks, what is shown, the mouse.

enum {
    MARKS_MAX = 512,  // of each of the two kinds below; the oldest go
    EDIT_MOMENTS = 60 // between two of one value that is dragged
};

// ------------------------------------------------------------------------------------------ marks

typedef struct Mark {
    InspectMarkKind kind;
    uint64_t history;    // live.histories then: another history has other moments
    TimelinePlace place; // of the branch that the moment is of
    char text[96];
} Mark;

// What happened, in two rings: lines of the game and edits are many, and push out
// no fault.
struct AppMarks {
    Mark lines[MARKS_MAX], others[MARKS_MAX];
    uint32_t line_count, other_count; // ever
    InspectMark shown[2 * MARKS_MAX]; // of this frame
};

static bool is_same(const Mark *a, const Mark *b)
{
    return a->kind == b->kind && a->history == b->history && a->place.branch == b->place.branch
           && a->place.at == b->place.at && strcmp(a->text, b->text) == 0;
}

// A value that is dragged is one edit, at the last moment of it.
static bool goes_on(const Mark *last, const Mark *mark)
{
    size_t path = strcspn(mark->text, " ");
    return mark->kind == INSPECT_MARK_EDIT && last->kind == INSPECT_MARK_EDIT
           && last->history == mark->history && last->place.branch == mark->place.branch
           && mark->place.at - last->place.at < EDIT_MOMENTS
           && strncmp(last->text, mark->text, path + 1) == 0;
}

void app_mark(App *app, InspectMarkKind kind, const char *text)
{
    Timeline *timeline = app->live.timeline;
    if (!timeline || app->options.quiet || (app->options.headless && app->options.fast)) {
        return;
    }
    if (!app->bar.marks) {
        app->bar.marks = ARENA_NEW(&app->keep, AppMarks, 1);
    }
    AppMarks *marks = app->bar.marks;
    bool is_line =
        kind == INSPECT_MARK_LOG || kind == INSPECT_MARK_EDIT || kind == INSPECT_MARK_TIER;
    Mark *ring = is_line ? marks->lines : marks->others;
    uint32_t *count = is_line ? &marks->line_count : &marks->other_count;
    Mark mark = {.kind = kind,
                 .history = app->live.histories,
                 .place = timeline_owner(timeline, timeline_here(timeline))};
    (void)text_format(mark.text, sizeof(mark.text), "%s", text);
    Mark *last = *count > 0 ? &ring[(*count - 1) % MARKS_MAX] : NULL;
    if (last && goes_on(last, &mark)) {
        *last = mark;
    } else if (!last || !is_same(last, &mark)) {
        ring[(*count)++ % MARKS_MAX] = mark;
    }
}

// Whether it lies in the past or the future of the branch that is shown.
static bool is_on_branch(const App *app, const Mark *mark, uint32_t branch)
{
    TimelinePlace there = {branch, mark->place.at};
    return mark->history == app->live.histories
           && mark->place.at <= timeline_last(app->live.timeline, branch)
           && timeline_owner(app->live.timeline, there).branch == mark->place.branch;
}

static uint32_t show_ring(App *app, const Mark *ring, uint32_t count, uint32_t branch,
                          uint32_t shown)
{
    for (uint32_t i = 0; i < count && i < MARKS_MAX; i++) {
        if (is_on_branch(app, &ring[i], branch)) {
            app->bar.marks->shown[shown++] =
                (InspectMark){.kind = ring[i].kind,
                              .moment = app->live.base + ring[i].place.at,
                              .text = ring[i].text};
        }
    }
    return shown;
}

static uint32_t list_marks(App *app, uint32_t branch)
{
    AppMarks *marks = app->bar.marks;
    if (!marks || !app->live.timeline) {
        return 0;
    }
    uint32_t shown = show_ring(app, marks->lines, marks->line_count, branch, 0);
    return show_ring(app, marks->others, marks->other_count, branch, shown);
}

bool app_next_mark(App *app, bool is_later, uint64_t *moment)
{
    LiveSpan span;
    bool found = false;
    if (!live_span(&app->live, &span)) {
        return false;
    }
    uint32_t count = list_marks(app, span.branch);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t at = app->bar.marks->shown[i].moment;
        bool is_way = app->bar.marks->shown[i].kind != INSPECT_MARK_TIER
                      && (is_later ? at > span.here : at < span.here && at >= span.first);
        if (is_way && (!found || (is_later ? at < *moment : at > *moment))) {
            *moment = at;
            found = true;
        }
    }
    return found;
}

// ---------------------------------------------------------------------------------- what is shown

// Each pass of a loop is a branch that ends where it is played just now. What the loop was made of
// has a future, too: with that on the bar both ends of the loop are there to be taken, and the
// scale is the same in every pass.
static uint64_t last_shown(const App *app, const LiveSpan *span)
{
    if (app->live.loop != LIVE_LOOP_PLAY) {
        return span->last;
    }
    uint64_t last = app->live.base + timeline_last(app->live.timeline, app->live.loop_last.branch);
    return last > span->last ? last : span->last;
}

bool app_shows_bar(const App *app)
{
    return live_game(&app->live)
           && (app->scrub.bar || (app->live.timeline && (app->paused || live_is_past(&app->live))));
}

static void add_forks(const App *app, const LiveSpan *span, InspectTime *time)
{
    TimelineBranch branches[TIMELINE_BRANCHES_MAX];
    size_t count = timeline_branches(app->live.timeline, branches, COUNT_OF(branches));
    count = count < COUNT_OF(branches) ? count : COUNT_OF(branches);
    for (size_t i = 0; i < count && time->fork_count < INSPECT_FORKS_MAX; i++) {
        uint64_t moment = app->live.base + branches[i].parent.at;
        if (branches[i].id != 0 && moment >= span->first && moment <= span->last) {
            time->forks[time->fork_count++] = moment;
        }
    }
}

uint64_t app_bar_under(const App *app, const InspectTime *time)
{
    const PlatformInfo *info = platform_info(app->platform);
    return inspect_time_moment(time, (float)info->window_w, (float)info->window_h,
                               platform_mouse_px(app->platform).x);
}

// What the mouse is about to make of the loop.
static void show_wish(const App *app, InspectTime *time)
{
    const AppScrub *scrub = &app->scrub;
    if (!scrub->holds_range && !scrub->handle) {
        return;
    }
    uint64_t under = app_bar_under(app, time), from = scrub->range_from;
    time->has_loop = true;
    time->loop_first = from < under ? from : under;
    time->loop_last = from < under ? under : from;
    time->held = !scrub->handle  ? INSPECT_NO_HANDLE
                 : under <= from ? INSPECT_LOOP_FIRST
                                 : INSPECT_LOOP_LAST;
}

static void show_memory(const App *app, InspectTime *time)
{
    TimelineStats stats;
    timeline_stats(app->live.timeline, &stats);
    time->used_bytes = stats.used_bytes;
    time->budget_bytes = stats.budget_bytes;
}

void app_time_view(App *app, InspectTime *time)
{
    LiveSpan span;
    *time = (InspectTime){.shown = app_shows_bar(app), .tick_rate = live_tick_rate(&app->live)};
    if (!live_span(&app->live, &span)) {
        time->shown = false;
        return;
    }
    time->first = span.first;
    time->here = span.here;
    time->last = last_shown(app, &span);
    time->branch = span.branch;
    time->thinned = span.thinned;
    time->has_loop = live_loop_span(&app->live, &time->loop_first, &time->loop_last);
    if (!time->shown) {
        return;
    }
    show_wish(app, time);
    if (app->scrub.holds_key) {
        time->speed = app_time_hold_speed(app);
    }
    add_forks(app, &span, time);
    show_memory(app, time);
    time->mark_count = list_marks(app, span.branch);
    time->marks = time->mark_count > 0 ? app->bar.marks->shown : NULL;
    if (app->bar.is_hovered) {
        app_thumb_show(app, &span, time);
    }
}

// -------------------------------------------------------------------------------------- the mouse

// What this pass of a loop has not come to yet is there in what the loop was made of.
static bool go_to(App *app, uint64_t moment, Fault *fault)
{
    LiveSpan span;
    if (!live_span(&app->live, &span) || moment == span.here) {
        return true;
    }
    uint32_t branch = moment > span.last ? app->live.loop_last.branch : span.branch;
    return app_time_seek(app, (LivePlace){branch, moment}, fault);
}

// To the same moment of what the loop was made of, into whose future its end can be dragged.
static void go_to_loops_branch(App *app)
{
    LiveSpan span;
    Fault fault;
    uint32_t branch = app->live.loop_last.branch;
    if (app->live.loop == LIVE_LOOP_PLAY && live_span(&app->live, &span) && span.branch != branch
        && !app_time_seek(app, (LivePlace){branch, span.here}, &fault)) {
        app_note(app, LOG_WARNING, "%s", fault.text);
    }
}

static void end_range(App *app, uint64_t to)
{
    LiveSpan span;
    Fault fault;
    uint64_t from = app->scrub.range_from;
    uint64_t first = from < to ? from : to, last = from < to ? to : from;
    if (live_span(&app->live, &span) && last > span.last) {
        go_to_loops_branch(app);
    }
    app->scrub.holds_range = false;
    app->scrub.handle = INSPECT_NO_HANDLE;
    if (first == last) {
        live_loop_off(&app->live);
        app_report_loop(app);
    } else if (live_loop_between(&app->live, first, last, &fault)) {
        app_report_loop(app);
        app->scrub.goes_on = true; // it is made to be watched
        app->scrub.bar = true;     // and its ends to be dragged
    } else {
        app_note(app, LOG_WARNING, "%s", fault.text);
    }
    app_time_let_go(app);
}

// The other end of the loop stays where it is.
static void take_handle(App *app, const InspectTime *time, InspectHandle handle)
{
    app_time_hold(app);
    go_to_loops_branch(app);
    app->scrub.handle = handle;
    app->scrub.range_from = handle == INSPECT_LOOP_FIRST ? time->loop_last : time->loop_first;
}

static void press(App *app, const PlatformEvents *events, const InspectTime *time,
                  InspectHandle handle)
{
    AppScrub *scrub = &app->scrub;
    if ((events->mouse_pressed & 1) && handle) {
        take_handle(app, time, handle);
    } else if (events->mouse_pressed & 1) {
        app_time_hold(app);
        scrub->holds_bar = true;
    } else if (events->mouse_pressed & 2) {
        app_time_hold(app);
        scrub->holds_range = true;
        scrub->range_from = app_bar_under(app, time);
    }
}

static bool is_held_here(const AppScrub *scrub)
{
    return scrub->holds_bar || scrub->holds_range || scrub->handle;
}

static void note_mouse(AppBar *bar, float x)
{
    if (x < bar->mouse_x || x > bar->mouse_x) {
        bar->mouse_x = x;
        bar->moved_ns = mono_ns();
    }
}

void app_bar_mouse(App *app, const PlatformEvents *events)
{
    const PlatformInfo *info = platform_info(app->platform);
    AppScrub *scrub = &app->scrub;
    float w = (float)info->window_w, h = (float)info->window_h;
    hl_vec2 mouse = platform_mouse_px(app->platform);
    InspectTime time;
    Fault fault;
    app->bar.is_hovered = false; // asks for no small picture here
    app_time_view(app, &time);
    bool panels = app_panels_have_mouse(app) && !is_held_here(scrub);
    bool over = time.shown && !panels && inspect_time_hit(w, h, mouse);
    platform_keep_mouse(app->platform, over || panels || is_held_here(scrub));
    uint64_t under = app_bar_under(app, &time);
    if (over && !is_held_here(scrub)) {
        press(app, events, &time, inspect_time_handle(&time, w, h, mouse));
    }
    if (scrub->holds_bar && !go_to(app, under, &fault)) {
        app_note(app, LOG_WARNING, "%s", fault.text);
    }
    if (scrub->holds_bar && !(events->mouse_held & 1)) {
        scrub->holds_bar = false;
        app_time_let_go(app);
    }
    if ((scrub->holds_range && !(events->mouse_held & 2))
        || (scrub->handle && !(events->mouse_held & 1))) {
        end_range(app, under);
    }
    app->bar.is_hovered = over && !is_held_here(scrub);
    note_mouse(&app->bar, mouse.x);
}
