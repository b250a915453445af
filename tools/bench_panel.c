// What it costs to see everything: panels that are closed, the inspector on a million elements, the
// picture under a mouse that scrubs, a field plotted over ten minutes.
#include "bench_inside.h"

#include "live_trace.h"
#include "panel.h"

#include <string.h>

enum {
    ELEMENTS = 1000000,
    DIRTY_PAGES = 256,
    PLOT_TICKS = 36000,
    SCRUB_TICKS = 8000, // two of the longest merged edges: jumps there are as far as any
    MOVE_TICKS = 4
};
static const double FRAME_NS = 1e9 / 60, INSPECTOR_NS = 2e6, PLOT_NS = 50e6;

// PAGES of a large array are written in each tick; `vel` and what lies behind `list` are fields to
// be plotted, and with WIDER these lie elsewhere in their struct.
static const char GAME[] =
    "#include <hotloop.h>\n"
    "typedef struct Mob {\n"
    "#ifdef WIDER\n"
    "    int armor;\n"
    "#endif\n"
    "    float hp; struct Mob *next;\n"
    "} Mob;\n"
    "typedef struct Game { float vel; int *numbers; Mob *list; } Game;\n"
    "static void init(Game *g, hl_tick *t)\n"
    "{\n"
    "    g->numbers = hl_new(t, int, 1000000);\n"
    "    for (int i = 0; i < 8; i++) {\n"
    "        Mob *mob = hl_new(t, Mob, 1);\n"
    "        mob->next = g->list;\n"
    "        g->list = mob;\n"
    "    }\n"
    "}\n"
    "static void update(Game *g, hl_tick *t)\n"
    "{\n"
    "    g->vel = hl_sin((float)t->tick / 60);\n"
    "    for (Mob *mob = g->list; mob; mob = mob->next) mob->hp = 100 * g->vel;\n"
    "    for (unsigned i = 0; i < PAGES; i++) {\n"
    "        unsigned page = (unsigned)(t->tick * 2654435761u + i * 40503u) % 976;\n"
    "        for (unsigned k = 0; k < 4; k++) g->numbers[page * 1024 + k * 200] += (int)i + 1;\n"
    "    }\n"
    "}\n"
    "static void draw(const Game *g, hl_canvas *c)\n"
    "{\n"
    "    hl_clear(c, 0x202020ff);\n"
    "    for (int i = 0; i < 200; i++) hl_rect(c, i, g->numbers[i * 1024] % 180, 4, 4, HL_WHITE);\n"
    "}\n"
    "HL_GAME(Game, init, update, draw, .width = 320, .height = 180);\n";

typedef struct Seen {
    Inside *inside;
    Build *build;
    Panels *panels;
    DrawList over;
    PanelRequests requests;
    UiInput input;
    uint64_t now_ns;
} Seen;

static void seen_close(Seen *seen)
{
    panels_close(seen->panels);
    draw_close(&seen->over);
    inside_close(seen->inside);
    build_close(seen->build);
}

// The game, built and loaded; `defines` come before its source.
static bool load(Bench *bench, Seen *seen, const char *name, const char *defines, Fault *fault)
{
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX], text[4096];
    (void)text_format(folder, sizeof(folder), "%s/%s", bench->folder, name);
    (void)text_format(path, sizeof(path), "%s/game.c", folder);
    (void)text_format(text, sizeof(text), "%s%s", defines, GAME);
    if (!file_make_dirs(folder, 0700, fault) || !file_write(path, text, strlen(text), fault)) {
        return false;
    }
    build_close(seen->build);
    const char *library = bench_build(bench, folder, &seen->build, fault);
    if (!library
        || (!seen->inside && !(seen->inside = inside_open(bench, folder, 512u << 20, fault)))) {
        return false;
    }
    return inside_load_and_swap(seen->inside, library, fault);
}

static void play(Seen *seen, uint64_t ticks)
{
    for (uint64_t i = 0; i < ticks; i++) {
        (void)inside_frame_ns(seen->inside);
    }
}

// A game that writes so many pages a tick, played for `ticks`.
static bool seen_open(Bench *bench, Seen *seen, unsigned pages, uint64_t ticks, Fault *fault)
{
    char name[64], defines[64];
    *seen = (Seen){.now_ns = NS_PER_S};
    (void)text_format(name, sizeof(name), "panel-%u", pages);
    (void)text_format(defines, sizeof(defines), "#define PAGES %uu\n", pages);
    if (!load(bench, seen, name, defines, fault) || !(seen->panels = panels_open(fault))
        || !draw_open(&seen->over, fault)) {
        return false;
    }
    play(seen, ticks);
    return true;
}

static uint64_t panels_ns(Seen *seen)
{
    Live *live = &seen->inside->live;
    FieldView fields;
    Fault fault;
    uint64_t begin_ns = mono_ns();
    seen->input.width_px = 1280;
    seen->input.height_px = 720;
    seen->input.scale = 1;
    seen->input.mouse_inside = true;
    draw_reset(&seen->over, 1280, 720);
    if (panels_any_open(seen->panels)) {
        bool has_fields = live_fields(live, &fields, &fault);
        PanelView view = {.live = live,
                          .fields = has_fields ? &fields : NULL,
                          .no_fields = fault.text,
                          .now_ns = seen->now_ns,
                          .refresh_hz = 60};
        view.has_span = live_span(live, &view.span);
        panels_frame(seen->panels, &view, &seen->input, &seen->over, &seen->requests);
    }
    uint64_t took_ns = mono_ns() - begin_ns;
    seen->now_ns += NS_PER_S / 60;
    memset(seen->input.clicked, 0, sizeof(seen->input.clicked));
    return took_ns;
}

static const UiItem *item_of(const Seen *seen, const char *text, int n)
{
    uint32_t count;
    const UiItem *items = panels_items(seen->panels, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(items[i].text, text) == 0 && n-- == 0) {
            return &items[i];
        }
    }
    return NULL;
}

// On the nth item of that text.
static bool click(Seen *seen, const char *text, int n)
{
    const UiItem *item = item_of(seen, text, n);
    if (!item) {
        return false;
    }
    seen->input.mouse_px = (hl_vec2){item->box.x + item->box.w / 2, item->box.y + item->box.h / 2};
    (void)panels_ns(seen);
    seen->input.button[0] = seen->input.clicked[0] = true;
    (void)panels_ns(seen);
    seen->input.button[0] = false;
    (void)panels_ns(seen);
    (void)panels_ns(seen);
    return true;
}

// ------------------------------------------------------------------------------ closed, inspector

static void measure_closed(Bench *bench, Seen *seen)
{
    enum { CALLS = 1000 };
    Samples *closed = bench_samples(bench), *tick = bench_samples(bench);
    for (int i = 0; i < bench_rounds(bench, 500, 100); i++) {
        samples_add(tick, (double)inside_frame_ns(seen->inside));
        uint64_t begin_ns = mono_ns();
        for (int k = 0; k < CALLS; k++) {
            (void)panels_any_open(seen->panels);
            (void)panels_want_mouse(seen->panels);
            (void)panels_want_keys(seen->panels);
        }
        samples_add(closed, (double)(mono_ns() - begin_ns) / CALLS);
    }
    const char *beside = arena_format(&bench->keep, "a tick of this game: %s",
                                      bench_ns_text(bench, samples_median(tick)));
    bench_row_ns(bench, "all panels closed, a frame", closed, 1000, beside);
}

static void measure_inspector(Bench *bench, Seen *seen)
{
    Samples *small = bench_samples(bench), *large = bench_samples(bench);
    Fault fault;
    panel_set_open(seen->panels, PANEL_INSPECTOR, true);
    for (int i = 0; i < 8; i++) {
        (void)panels_ns(seen);
    }
    for (int i = 0; i < bench_rounds(bench, 300, 60); i++) {
        (void)inside_frame_ns(seen->inside);
        samples_add(small, (double)panels_ns(seen));
    }
    // The list of types, the allocations of this one, and the only one of them.
    if (!click(seen, "int", 0) || !click(seen, "int", 1) || !item_of(seen, "[3]", 0)) {
        (void)fault_set(&fault, FAULT_GAME, "the inspector does not show the numbers");
        bench_failed(bench, "inspector on a million elements", &fault);
        return;
    }
    for (int i = 0; i < bench_rounds(bench, 300, 60); i++) {
        (void)inside_frame_ns(seen->inside);
        seen->input.mouse_px = (hl_vec2){1100, 400};
        seen->input.wheel = (hl_vec2){0, i % 3 ? -40 : 30}; // it is scrolled meanwhile
        samples_add(large, (double)panels_ns(seen));
        seen->input.wheel = (hl_vec2){0};
    }
    panel_set_open(seen->panels, PANEL_INSPECTOR, false);
    const char *beside =
        arena_format(&bench->keep, "folded: %s", bench_ns_text(bench, samples_median(small)));
    bench_row_ns(bench, "inspector open on 1,000,000 elements, scrolled", large, INSPECTOR_NS,
                 beside);
}

// ------------------------------------------------------------------------------- scrubbing, plots

// A mouse move on the bar: the moment is gone to and drawn.
static void measure_scrub(Bench *bench, Seen *seen)
{
    Samples *near = bench_samples(bench), *far = bench_samples(bench);
    Live *live = &seen->inside->live;
    LiveSpan span;
    LivePlace reached;
    Fault fault;
    uint64_t random = 88172645463325252u, at = 0;
    if (!live_span(live, &span)) {
        return;
    }
    uint64_t moments = span.last - span.first;
    int rounds = bench_rounds(bench, 600, 100);
    for (int i = 0; i < 2 * rounds; i++) {
        bool is_near = i < rounds; // first the mouse moves along the bar, then it is all over it
        random = random * 6364136223846793005u + 1442695040888963407u;
        at = is_near ? (at + MOVE_TICKS) % moments : (random >> 33) % moments;
        uint64_t begin_ns = mono_ns();
        draw_reset(&seen->inside->draw, 320, 180);
        bool ok = live_seek(live, (LivePlace){span.branch, span.first + at}, &reached, &fault)
                  && live_draw(live, 1, &seen->inside->draw, &fault);
        if (!ok) {
            bench_failed(bench, "scrubbing", &fault);
            return;
        }
        samples_add(is_near ? near : far, (double)(mono_ns() - begin_ns));
    }
    (void)live_seek(live, (LivePlace){span.branch, span.last}, &reached, &fault);
    bench_row_ns(bench, "a mouse move on the bar, 4 ticks: moment, picture", near, FRAME_NS,
                 "256 dirty pages a tick");
    bench_row_ns(bench, "a jump to any of 8,000 ticks: the same", far, FRAME_NS,
                 "256 dirty pages a tick");
}

// The mouse lies on the bar or moves along it while the game plays: a small picture beside a tick.
static void measure_looks(Bench *bench, Seen *seen)
{
    Samples *near = bench_samples(bench), *far = bench_samples(bench);
    Live *live = &seen->inside->live;
    LiveSpan span;
    Fault fault;
    uint64_t random = 88172645463325252u;
    int rounds = bench_rounds(bench, 600, 100);
    for (int i = 0; i < 2 * rounds && live_span(live, &span); i++) {
        bool is_near = i < rounds;
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint64_t back = 1 + (random >> 33) % (is_near ? 60 : span.here - span.first);
        (void)inside_frame_ns(seen->inside);
        (void)live_span(live, &span);
        uint64_t begin_ns = mono_ns();
        draw_reset(&seen->inside->draw, 320, 180);
        if (!live_peek(live, (LivePlace){span.branch, span.here - back}, &seen->inside->draw,
                       &fault)) {
            bench_failed(bench, "a look at the past", &fault);
            return;
        }
        samples_add(is_near ? near : far, (double)(mono_ns() - begin_ns));
    }
    bench_row_ns(bench, "while it plays, the picture of one of the last 60 ticks", near, FRAME_NS,
                 "256 dirty pages a tick");
    bench_row_ns(bench, "of any of 8,000 ticks", far, FRAME_NS, "256 dirty pages a tick");
}

static void plot_rows(Bench *bench, Seen *seen, const char *path, const char *what)
{
    Samples *whole = bench_samples(bench), *more = bench_samples(bench);
    LiveSpan span;
    Live *live = &seen->inside->live;
    double value;
    for (int i = 0; i < bench_rounds(bench, 11, 5) && live_span(live, &span); i++) {
        LiveSeries series = {0};
        uint64_t first = span.last > PLOT_TICKS ? span.last - PLOT_TICKS : span.first;
        uint64_t begin_ns = mono_ns();
        (void)live_series_update(&series, live, path, (LivePlace){span.branch, span.last}, first,
                                 0);
        samples_add(whole, (double)(mono_ns() - begin_ns));
        if (!live_series_value(&series, first + 1, &value)) {
            Fault fault;
            (void)fault_set(&fault, FAULT_GAME, "%s is not known over all of history", path);
            bench_failed(bench, what, &fault);
        }
        for (int k = 0; k < 60 && live_span(live, &span); k++) {
            play(seen, 1);
            (void)live_span(live, &span);
            begin_ns = mono_ns();
            (void)live_series_update(&series, live, path, (LivePlace){span.branch, span.last},
                                     first + 1, 0);
            samples_add(more, (double)(mono_ns() - begin_ns));
        }
        live_series_close(&series);
    }
    bench_row_ns(bench, what, whole, PLOT_NS, path);
    bench_row_ns(bench, "  one tick more", more, 1e5, "a part of a frame");
}

static void measure_plot(Bench *bench)
{
    Seen seen;
    Fault fault;
    bool ok = seen_open(bench, &seen, 1, PLOT_TICKS, &fault);
    if (ok) {
        plot_rows(bench, &seen, "vel", "plot of 36,000 ticks of a field, out of history");
        plot_rows(bench, &seen, "list.next.next.hp", "of one behind three pointers");
        ok = load(bench, &seen, "panel-wider", "#define PAGES 1u\n#define WIDER\n", &fault);
    }
    if (ok) {
        play(&seen, PLOT_TICKS / 3);
        plot_rows(bench, &seen, "list.next.next.hp", "of the same, over an edit of its struct");
    } else {
        bench_failed(bench, "a plot of 36,000 ticks", &fault);
    }
    seen_close(&seen);
}

void bench_panel(Bench *bench)
{
    Seen seen;
    Fault fault;
    bench_heading(bench, "panels");
    if (seen_open(bench, &seen, DIRTY_PAGES, SCRUB_TICKS, &fault)) {
        measure_closed(bench, &seen);
        measure_inspector(bench, &seen);
        measure_scrub(bench, &seen);
        measure_looks(bench, &seen);
    } else {
        bench_failed(bench, "panels", &fault);
    }
    seen_close(&seen);
    measure_plot(bench);
}
