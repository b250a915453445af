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

// The last sample that is not of a later tick than the one that is shown, + 1.
static uint32_t end_at(const Samples *samples, uint64_t tick)
{
    uint32_t end = samples->count;
    for (uint32_t i = 0;
         i < PANEL_SAMPLES_MAX && end > 0 && samples->ticks[(end - 1) % PANEL_SAMPLES_MAX] > tick;
         i++) {
        end--;
    }
    return end;
}

// How many there are before `end`: what was written over since is of later ticks.
static uint32_t count_before(const Samples *samples, uint32_t end, uint32_t most)
{
    uint32_t count = 0;
    while (count < most && count < end && count < PANEL_SAMPLES_MAX) {
        uint64_t tick = samples->ticks[(end - count - 1) % PANEL_SAMPLES_MAX];
        if (count > 0 && tick >= samples->ticks[(end - count) % PANEL_SAMPLES_MAX]) {
            break;
        }
        count++;
    }
    return count;
}

// The name, the value, and at the right the range, as far as there is room for it.
static void put_plot_head(Panels *panels, const char *name, const char *value, const char *range)
{
    Ui *ui = panels->ui;
    float left = ui_cursor_x(ui), room = ui_room_x(ui), letter = ui_width_of(ui, "0");
    float value_px = ui_width_of(ui, value) + letter, range_px = ui_width_of(ui, range) + letter;
    bool has_room = room - value_px - range_px > 8 * letter;
    float name_px = room - value_px - (has_room ? range_px : 0);
    panel_text(ui, UI_LABEL, name, name_px > letter ? name_px : letter);
    ui_same_line(ui);
    ui_text(ui, UI_PLAIN, "%s", value);
    if (has_room) {
        ui_same_line_at(ui, left + room - range_px + letter);
        ui_text(ui, UI_DIM, "%s", range);
    }
}

static void put_curve(Panels *panels, const Samples *samples, const float *values, uint32_t first,
                      uint32_t count)
{
    Ui *ui = panels->ui;
    int under = ui_plot(ui, "plot", values, (int)count, 0, 0, 0, 44 * panels->scale, -1, UI_ACCENT);
    if (under >= 0) {
        uint32_t at = (first + (uint32_t)under) % PANEL_SAMPLES_MAX;
        ui_tip_begin(ui);
        ui_text(ui, UI_PLAIN, "%.6g", (double)values[under]);
        ui_text(ui, UI_DIM, "tick %llu", (unsigned long long)samples->ticks[at]);
        ui_tip_end(ui);
    }
}

// In the past: what it was up to there, as far as it was seen.
static void put_plot(Panels *panels, const HostWatch *watch, uint64_t tick)
{
    Ui *ui = panels->ui;
    Samples *samples = samples_of(&panels->watch, watch->name);
    float values[PANEL_SAMPLES_MAX], low = INFINITY, high = -INFINITY;
    char value[40] = "-", range[64] = "";
    if (!samples) {
        return;
    }
    if (watch->seen_tick == tick) {
        take(samples, tick, watch->last);
    }
    uint32_t end = end_at(samples, tick), most = (uint32_t)(ui_room_x(ui) / (2 * panels->scale));
    uint32_t count = count_before(samples, end, most);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = samples->values[(end - count + i) % PANEL_SAMPLES_MAX];
        low = isfinite(values[i]) ? fminf(low, values[i]) : low;
        high = isfinite(values[i]) ? fmaxf(high, values[i]) : high;
    }
    if (count > 0 && samples->ticks[(end - 1) % PANEL_SAMPLES_MAX] == tick) {
        (void)text_format(value, sizeof(value), "%.6g", (double)values[count - 1]);
    }
    if (low < high) {
        (void)text_format(range, sizeof(range), "%.4g .. %.4g", (double)low, (double)high);
    }
    ui_push_text(ui, watch->name);
    put_plot_head(panels, watch->name, value, range);
    put_curve(panels, samples, values, end - count, count);
    ui_space(ui);
    ui_pop(ui);
}

// What was said in another tick is not what is seen.
static void put_value(Panels *panels, const HostWatch *watch, float name_px, uint64_t tick)
{
    Ui *ui = panels->ui;
    float left = ui_cursor_x(ui);
    bool is_now = watch->seen_tick == tick;
    char text[sizeof(watch->now) + 40];
    (void)text_format(text, sizeof(text), "%s", watch->now);
    if (!is_now) {
        (void)text_format(text, sizeof(text), "%s (tick %llu)", watch->now,
                          (unsigned long long)watch->seen_tick);
    }
    panel_text(ui, UI_LABEL, watch->name, name_px - ui_width_of(ui, "0"));
    ui_same_line_at(ui, left + name_px);
    bool is_cut = panel_text(ui, is_now ? UI_PLAIN : UI_DIM, text, ui_room_x(ui));
    if (is_cut && ui_is_hovered(ui)) {
        ui_tip_begin(ui);
        ui_text_wrapped(ui, UI_PLAIN, text);
        ui_tip_end(ui);
    }
}

// Those of an older build that this one does not name any more are gone, once it has run.
static bool is_gone(WatchPanel *panel, const Live *live, const HostWatch *watch, uint64_t tick)
{
    if (panel->generation != live->generation) {
        panel->since_tick = panel->generation ? tick : 0;
        panel->generation = live->generation;
    }
    return panel->since_tick > 0 && tick > panel->since_tick
           && watch->seen_tick <= panel->since_tick;
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

bool panel_ask(Panels *panels, const char *label, const char *hint, char *typed, size_t bytes)
{
    WatchPanel *watch = &panels->watch;
    bool done = false;
    if (watch->asks_again == label) {
        watch->asks_again = NULL;
        ui_focus(panels->ui);
    }
    (void)ui_input(panels->ui, label, hint, typed, bytes, &done);
    done = done && ui_is_pressed(panels->ui, HL_KEY_ENTER) && typed[strspn(typed, " ")];
    watch->asks_again = done ? label : watch->asks_again;
    return done;
}

void panel_breaks(Panels *panels)
{
    const PanelView *view = panels->view;
    WatchPanel *watch = &panels->watch;
    ui_title(panels->ui, "where it pauses");
    for (uint32_t i = 0; i < view->break_count; i++) {
        put_break(panels, &view->breaks[i]);
    }
    if (panel_ask(panels, "##break", "pause when: hero.hp <= 0", watch->typed,
                  sizeof(watch->typed))) {
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
        uint64_t tick = host->state ? host->state->tick : 0;
        ui_dense(ui, true);
        for (uint32_t i = 0; i < host->watch_count; i++) {
            const HostWatch *watch = &host->watches[i];
            if (!watch->is_plot && !is_gone(&panels->watch, panels->view->live, watch, tick)) {
                put_value(panels, watch, name_px, tick);
            }
        }
        ui_dense(ui, false);
        for (uint32_t i = 0; i < host->watch_count; i++) {
            const HostWatch *watch = &host->watches[i];
            if (watch->is_plot && !is_gone(&panels->watch, panels->view->live, watch, tick)) {
                put_plot(panels, watch, tick);
            }
        }
        panel_plots(panels);
        panel_breaks(panels);
    }
    ui_child_end(ui);
}
