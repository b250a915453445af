// Fields over the last seconds of history. Nothing is sampled: what a field was in each moment is
// read from the timeline, a part in each frame where it is much, and what is known is kept. In the
// past the moment that is shown has a mark, and what comes after it is seen as well.
#include "panel_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Contents: which there are, their values, one of them, all of them.

enum { BUDGET_NS = 3000000, SECONDS_COUNT = 4 };
static const struct {
    const char *name;
    uint32_t seconds;
} SPANS[SECONDS_COUNT] = {{"5 s", 5}, {"20 s", 20}, {"1 min", 60}, {"10 min", 600}};

// ------------------------------------------------------------------------------ which there are

static uint32_t plot_at(const PlotPanel *plots, const char *path)
{
    uint32_t at = 0;
    while (at < plots->count && strcmp(plots->plots[at].path, path) != 0) {
        at++;
    }
    return at;
}

bool panel_has_plot(const Panels *panels, const char *path)
{
    return plot_at(&panels->plots, path) < panels->plots.count;
}

bool panel_plot(Panels *panels, const char *path, bool on)
{
    PlotPanel *plots = &panels->plots;
    uint32_t at = plot_at(plots, path);
    if (on && at == plots->count) {
        if (at == PANEL_PLOTS_MAX || !path[0] || strlen(path) >= LIVE_PATH_MAX) {
            return false;
        }
        Plot *plot = &plots->plots[plots->count++];
        *plot = (Plot){0};
        (void)text_format(plot->path, sizeof(plot->path), "%s", path);
        panels->changed = true;
    } else if (!on && at < plots->count) {
        live_series_close(&plots->plots[at].series);
        plots->count--;
        memmove(&plots->plots[at], &plots->plots[at + 1],
                (plots->count - at) * sizeof(plots->plots[0]));
        panels->changed = true;
    }
    return true;
}

void panel_plots_close(PlotPanel *plots)
{
    for (uint32_t i = 0; i < plots->count; i++) {
        live_series_close(&plots->plots[i].series);
    }
    plots->count = 0;
}

// ------------------------------------------------------------------------------------ their values

// What is seen of one, from `first` on.
typedef struct Shown {
    uint64_t first;
    int count, cursor; // cursor -1: it ends with the moment that is shown
    double low, high, last;
    bool has_last, has_nan;
    uint64_t nan_from; // of the last row of them
} Shown;

// The moments that the plots are of: up to here, and in the past a quarter of it ahead.
static void choose_span(const Panels *panels, uint64_t *first, uint64_t *last)
{
    const LiveSpan *span = &panels->view->span;
    uint64_t rate = (uint64_t)live_tick_rate(panels->view->live);
    uint64_t moments = SPANS[panels->plots.span].seconds * rate;
    moments = moments < LIVE_SERIES_MAX ? moments : LIVE_SERIES_MAX - 1;
    uint64_t ahead = span->last - span->here;
    *last = span->here + (ahead < moments / 4 ? ahead : moments / 4);
    *first = *last - span->first > moments ? *last - moments : span->first;
}

static void look(const Panels *panels, const Plot *plot, float *values, Shown *shown, uint64_t last)
{
    bool was_nan = false;
    uint64_t here = panels->view->span.here;
    shown->count = (int)(last - shown->first + 1);
    shown->low = INFINITY;
    shown->high = -INFINITY;
    shown->cursor = here < last ? (int)(here - shown->first) : -1;
    for (int i = 0; i < shown->count; i++) {
        double value = NAN;
        uint64_t moment = shown->first + (uint64_t)i;
        bool has = live_series_value(&plot->series, moment, &value);
        bool is_nan = has && isnan(value);
        values[i] = has ? (float)value : NAN;
        if (has && isfinite(value)) {
            shown->low = fmin(shown->low, value);
            shown->high = fmax(shown->high, value);
        }
        shown->nan_from = is_nan && !was_nan ? moment : shown->nan_from;
        shown->has_nan |= is_nan;
        was_nan = is_nan;
        if (moment == here) {
            shown->last = value;
            shown->has_last = has;
        }
    }
}

// ------------------------------------------------------------------------------------- one of them

static void put_head(Panels *panels, const Plot *plot, const Shown *shown)
{
    Ui *ui = panels->ui;
    char range[64] = "", value[40] = "nothing";
    float left = ui_cursor_x(ui), room = ui_room_x(ui), letter = ui_width_of(ui, "0");
    if (shown->low <= shown->high) {
        (void)text_format(range, sizeof(range), "%.4g .. %.4g", shown->low, shown->high);
    }
    if (shown->has_last) {
        (void)text_format(value, sizeof(value), isnan(shown->last) ? "nan" : "%.6g", shown->last);
    }
    float range_px = ui_width_of(ui, range), value_px = ui_width_of(ui, value);
    panel_text(ui, UI_LABEL, plot->path, room - range_px - value_px - 6 * letter);
    ui_same_line(ui);
    ui_text(ui, shown->has_last && isnan(shown->last) ? UI_BAD : UI_PLAIN, "%s", value);
    ui_same_line_at(ui, left + room - range_px - 3 * letter);
    ui_text(ui, UI_DIM, "%s", range);
    ui_same_line_at(ui, left + room - 1.5f * letter);
}

static void ask_for(Panels *panels, uint64_t moment)
{
    panels->requests->seek = true;
    panels->requests->seek_to = (LivePlace){panels->view->span.branch, moment};
}

static void put_tip(Panels *panels, const Plot *plot, uint64_t moment)
{
    Ui *ui = panels->ui;
    LiveSample sample;
    Fault ignored;
    char text[80] = "not known yet";
    LivePlace place = {panels->view->span.branch, moment};
    if (live_trace_at(panels->view->live, plot->path, place, &sample, &ignored)) {
        live_sample_text(&sample, text, sizeof(text));
    }
    ui_tip_begin(ui);
    ui_text(ui, UI_PLAIN, "%s", text);
    ui_text(ui, UI_DIM, "moment %llu; click: go there", (unsigned long long)moment);
    ui_tip_end(ui);
}

static void put_curve(Panels *panels, const Plot *plot, const float *values, const Shown *shown)
{
    Ui *ui = panels->ui;
    int under = ui_plot(ui, "plot", values, shown->count, 0, 0, 0, 44 * panels->scale,
                        shown->cursor, UI_ACCENT);
    bool clicked = ui_was_clicked(ui);
    if (under >= 0) {
        put_tip(panels, plot, shown->first + (uint64_t)under);
    }
    if (under >= 0 && clicked) {
        ask_for(panels, shown->first + (uint64_t)under);
    }
    if (shown->has_nan) {
        char text[64];
        (void)text_format(text, sizeof(text),
                          shown->nan_from == shown->first ? "nan already at moment %llu"
                                                          : "nan from moment %llu on",
                          (unsigned long long)shown->nan_from);
        if (ui_link(ui, text)) {
            ask_for(panels, shown->nan_from);
        }
    }
}

// False: it is to go.
static bool put_field(Panels *panels, Plot *plot, uint64_t budget_ns)
{
    Ui *ui = panels->ui;
    const PanelView *view = panels->view;
    Shown shown = {.low = INFINITY, .high = -INFINITY};
    uint64_t last = 0;
    bool stays = true;
    ui_push_text(ui, plot->path);
    if (view->has_span) {
        choose_span(panels, &shown.first, &last);
        LivePlace place = {view->span.branch, last};
        (void)live_series_update(&plot->series, view->live, plot->path, place, shown.first,
                                 budget_ns);
        look(panels, plot, panels->plots.values, &shown, last);
    } else {
        (void)fault_set(&plot->series.fault, FAULT_USAGE, "no history is kept");
    }
    put_head(panels, plot, &shown);
    if (ui_link(ui, "x")) {
        stays = false;
    }
    if (plot->series.fault.kind != FAULT_NONE) {
        ui_text_wrapped(ui, UI_WARN, plot->series.fault.text);
    } else {
        put_curve(panels, plot, panels->plots.values, &shown);
    }
    ui_space(ui);
    ui_pop(ui);
    return stays;
}

// ------------------------------------------------------------------------------------- all of them

static void put_spans(Panels *panels)
{
    for (uint32_t i = 0; i < SECONDS_COUNT; i++) {
        bool on = panels->plots.span == i;
        if (i > 0) {
            ui_same_line(panels->ui);
        }
        if (ui_toggle(panels->ui, SPANS[i].name, &on, UI_ACCENT) && on) {
            panels->plots.span = i;
            panels->changed = true;
        }
    }
}

static void put_asking(Panels *panels)
{
    PlotPanel *plots = &panels->plots;
    if (panel_ask(panels, "##field", "plot a field: hero.vel.y", plots->typed, sizeof(plots->typed))
        && panel_plot(panels, plots->typed, true)) {
        plots->typed[0] = '\0';
    }
}

void panel_plots(Panels *panels)
{
    PlotPanel *plots = &panels->plots;
    if (!plots->values) {
        plots->values = arena_try_push(&panels->memory, sizeof(float), 16, LIVE_SERIES_MAX);
    }
    ui_title(panels->ui, "fields over history");
    if (plots->count > 0) {
        put_spans(panels);
    }
    for (uint32_t i = 0; i < plots->count && plots->values;) {
        char path[PANEL_PATH_MAX];
        (void)text_format(path, sizeof(path), "%s", plots->plots[i].path);
        if (put_field(panels, &plots->plots[i], BUDGET_NS / plots->count)) {
            i++;
        } else {
            (void)panel_plot(panels, path, false);
        }
    }
    put_asking(panels);
}
