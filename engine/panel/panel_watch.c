// What HL_WATCH and HL_PLOT name in the game. Plots are of the ticks since the panel was opened; a
// jump back in time takes the curve back as well.
#include "panel_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static Samples *samples_of(WatchPanel *watch, const char *name)
{
    uint64_t hash = hash_bytes(name, strlen(name));
    for (uint32_t i = 0; i < watch->plot_count; i++) {
        if (watch->plots[i].name == hash) {
            return &watch->plots[i];
        }
    }
    if (watch->plot_count == HOST_WATCHES_MAX) {
        return NULL;
    }
    Samples *samples = &watch->plots[watch->plot_count++];
    samples->name = hash;
    samples->count = 0;
    return samples;
}

static void take(Samples *samples, uint64_t tick, double value)
{
    while (samples->count > 0 && samples->ticks[(samples->count - 1) % PANEL_SAMPLES_MAX] >= tick) {
        samples->count--; // it is played anew
    }
    uint32_t at = samples->count++ % PANEL_SAMPLES_MAX;
    samples->ticks[at] = tick;
    samples->values[at] = (float)value;
}

static void put_plot(Panels *panels, const HostWatch *watch, uint64_t tick)
{
    Ui *ui = panels->ui;
    Samples *samples = samples_of(&panels->watch, watch->name);
    float values[PANEL_SAMPLES_MAX], low = INFINITY, high = -INFINITY;
    if (!samples) {
        return;
    }
    take(samples, tick, watch->last);
    float left = ui_cursor_x(ui), room = ui_room_x(ui), step = 2 * panels->scale;
    uint32_t count = samples->count < PANEL_SAMPLES_MAX ? samples->count : PANEL_SAMPLES_MAX;
    count = count < (uint32_t)(room / step) ? count : (uint32_t)(room / step);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = samples->values[(samples->count - count + i) % PANEL_SAMPLES_MAX];
        low = isfinite(values[i]) ? fminf(low, values[i]) : low;
        high = isfinite(values[i]) ? fmaxf(high, values[i]) : high;
    }
    ui_push_text(ui, watch->name);
    ui_text(ui, UI_LABEL, "%s", watch->name);
    ui_same_line(ui);
    ui_text(ui, UI_PLAIN, "%.6g", watch->last);
    if (low < high) {
        char range[64];
        (void)text_format(range, sizeof(range), "%.4g .. %.4g", (double)low, (double)high);
        ui_same_line_at(ui, left + room - ui_width_of(ui, range));
        ui_text(ui, UI_DIM, "%s", range);
    }
    int under = ui_plot(ui, "plot", values, (int)count, 0, 0, 0, 44 * panels->scale, -1, UI_ACCENT);
    if (under >= 0) {
        uint32_t at = (samples->count - count + (uint32_t)under) % PANEL_SAMPLES_MAX;
        ui_tip_begin(ui);
        ui_text(ui, UI_PLAIN, "%.6g", (double)values[under]);
        ui_text(ui, UI_DIM, "tick %llu", (unsigned long long)samples->ticks[at]);
        ui_tip_end(ui);
    }
    ui_space(ui);
    ui_pop(ui);
}

static void put_value(Panels *panels, const HostWatch *watch, float name_px)
{
    Ui *ui = panels->ui;
    float left = ui_cursor_x(ui);
    panel_text(ui, UI_LABEL, watch->name, name_px - ui_width_of(ui, "0"));
    ui_same_line_at(ui, left + name_px);
    panel_text(ui, UI_PLAIN, watch->now, ui_room_x(ui));
}

static void put_break(Panels *panels, const PanelBreak *point)
{
    Ui *ui = panels->ui;
    PanelRequests *requests = panels->requests;
    char hits[40] = "";
    float left = ui_cursor_x(ui), room = ui_room_x(ui), letter = ui_width_of(ui, "0");
    if (point->hits > 0) {
        (void)text_format(hits, sizeof(hits), "%llu times", (unsigned long long)point->hits);
    }
    ui_push_text(ui, point->condition);
    panel_text(ui, UI_LABEL, point->condition, room - 20 * letter);
    ui_same_line_at(ui, left + room - 19 * letter);
    ui_text(ui, UI_DIM, "%s", hits);
    ui_same_line_at(ui, left + room - 8 * letter);
    if (ui_link(ui, "when?")) {
        requests->finds = true;
        (void)text_format(requests->find_when, PANEL_CONDITION_MAX, "%s", point->condition);
    }
    ui_same_line_at(ui, left + room - 1.5f * letter);
    if (ui_link(ui, "x")) {
        requests->break_off = point->number;
    }
    ui_pop(ui);
}

void panel_breaks(Panels *panels)
{
    const PanelView *view = panels->view;
    WatchPanel *watch = &panels->watch;
    bool done = false;
    ui_title(panels->ui, "where it pauses");
    for (uint32_t i = 0; i < view->break_count; i++) {
        put_break(panels, &view->breaks[i]);
    }
    (void)ui_input(panels->ui, "##break", "pause when: hero.hp <= 0", watch->typed,
                   sizeof(watch->typed), &done);
    if (done && watch->typed[0]) {
        panels->requests->breaks = true;
        (void)text_format(panels->requests->break_on, PANEL_CONDITION_MAX, "%s", watch->typed);
        watch->typed[0] = '\0';
    }
}

void panel_watch(Panels *panels)
{
    const Host *host = panels->view->live->host;
    Ui *ui = panels->ui;
    if (!host || host->watch_count == 0) {
        if (panels->plots.count == 0 && panels->view->break_count == 0) {
            ui_text_wrapped(ui, UI_DIM,
                            "Nothing is watched. In update():\n"
                            "    HL_WATCH(t, g->hero.pos)\n"
                            "    HL_PLOT(t, g->hero.vel.y)");
        }
        panel_plots(panels);
        panel_breaks(panels);
        return;
    }
    if (ui_child_begin(ui, "watches", 0, 0)) {
        float name_px = ui_room_x(ui) * 0.5f;
        ui_dense(ui, true);
        for (uint32_t i = 0; i < host->watch_count; i++) {
            if (!host->watches[i].is_plot) {
                put_value(panels, &host->watches[i], name_px);
            }
        }
        ui_dense(ui, false);
        for (uint32_t i = 0; i < host->watch_count; i++) {
            if (host->watches[i].is_plot) {
                put_plot(panels, &host->watches[i], host->state ? host->state->tick : 0);
            }
        }
        panel_plots(panels);
        panel_breaks(panels);
    }
    ui_child_end(ui);
}
