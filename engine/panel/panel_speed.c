// Where the time goes: the last frames as bars of their parts, what history costs, what is drawn,
// what the state consists of.
#include "panel_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 5, TYPES_MAX = 64, AVERAGED = 60 };

static const struct {
    const char *name;
    hl_color color;
    size_t offset;
} PART[PARTS] = {
    {"ticks", 0x5ec4ffff, offsetof(PanelTimes, ticks)},
    {"capture", 0xb48effff, offsetof(PanelTimes, capture)},
    {"draw", 0x8fd694ff, offsetof(PanelTimes, draw)},
    {"panels", 0xf2c14eff, offsetof(PanelTimes, panels)},
    {"present", 0xff8f5eff, offsetof(PanelTimes, present)},
};
static const hl_color GROUND = 0x24262eff, OVER = 0xff6b5eff, MARK = 0xe8e6e3ff,
                      BUDGET = 0x8f8d9680;

static float part_of(const PanelTimes *times, int part)
{
    return *(const float *)(const void *)((const char *)times + PART[part].offset);
}

static const PanelTimes *frame_at(const SpeedPanel *speed, uint64_t number)
{
    return &speed->frames[number % PANEL_FRAMES_MAX];
}

static void take(SpeedPanel *speed, const PanelView *view)
{
    if (view->times) {
        speed->frames[speed->count++ % PANEL_FRAMES_MAX] = *view->times;
    }
}

// ------------------------------------------------------------------------------------------ graph

// A frame: its parts upon each other, and what is above them if it came late.
static void put_bar(Ui *ui, const PanelTimes *times, hl_rectf bar, float most_ms, float budget_ms)
{
    float bottom = bar.y + bar.h;
    for (int i = 0; i < PARTS && bottom > bar.y; i++) {
        float high = part_of(times, i) / most_ms * bar.h;
        high = high < bottom - bar.y ? high : bottom - bar.y;
        ui_draw_rect(ui, (hl_rectf){bar.x, bottom - high, bar.w, high}, PART[i].color);
        bottom -= high;
    }
    if (times->frame > budget_ms * 1.5f) { // a picture was missed
        float top = bar.y + bar.h - fminf(times->frame / most_ms, 1) * bar.h;
        ui_draw_rect(ui, (hl_rectf){bar.x, top, bar.w, 2}, OVER);
    }
    if (times->reload) {
        ui_draw_rect(ui, (hl_rectf){bar.x, bar.y, 1, bar.h}, MARK);
    }
}

static void put_tip(Ui *ui, const PanelTimes *times)
{
    ui_tip_begin(ui);
    ui_text(ui, UI_PLAIN, "%.2f ms from the one before%s", (double)times->frame,
            times->reload ? ", a build was taken" : "");
    for (int i = 0; i < PARTS; i++) {
        ui_text(ui, UI_DIM, "%-8s %6.2f ms", PART[i].name, (double)part_of(times, i));
    }
    ui_text(ui, UI_DIM, "%-8s %6.2f ms", "idle", (double)times->idle);
    ui_tip_end(ui);
}

static void put_graph(Panels *panels, float budget_ms)
{
    const SpeedPanel *speed = &panels->speed;
    Ui *ui = panels->ui;
    float scale = panels->scale, bar_w = 2 * scale, most_ms = budget_ms * 2;
    hl_rectf box = ui_canvas(ui, "frames", 0, 64 * scale);
    uint64_t count = speed->count < PANEL_FRAMES_MAX ? speed->count : PANEL_FRAMES_MAX;
    uint64_t shown = (uint64_t)(box.w / bar_w);
    shown = shown < count ? shown : count;
    ui_draw_rect(ui, box, GROUND);
    const PanelTimes *under = NULL;
    hl_vec2 mouse = ui_mouse(ui);
    for (uint64_t i = 0; i < shown; i++) {
        const PanelTimes *times = frame_at(speed, speed->count - shown + i);
        float x = box.x + box.w - (float)(shown - i) * bar_w;
        put_bar(ui, times, (hl_rectf){x, box.y, bar_w, box.h}, most_ms, budget_ms);
        under = mouse.x >= x && mouse.x < x + bar_w ? times : under;
    }
    float y = floorf(box.y + box.h / 2);
    char text[32];
    (void)text_format(text, sizeof(text), "%.1f ms", (double)budget_ms);
    ui_draw_line(ui, (hl_vec2){box.x, y}, (hl_vec2){box.x + box.w, y}, 1, BUDGET);
    ui_draw_text(ui, (hl_vec2){box.x + 3 * scale, y - ui_text_height(ui) - 1}, ui_color(UI_DIM),
                 text);
    if (under && ui_is_hovered(ui)) {
        put_tip(ui, under);
    }
}

// ------------------------------------------------------------------------------------------ parts

static void put_part(Panels *panels, const char *name, hl_color color, float mean, float most)
{
    Ui *ui = panels->ui;
    float scale = panels->scale, letter = ui_width_of(ui, "0");
    float left = ui_cursor_x(ui), size = ui_text_height(ui);
    hl_rectf box = ui_canvas(ui, name, size, size);
    ui_draw_rect(ui, (hl_rectf){box.x + 2 * scale, box.y + 3 * scale, 8 * scale, 8 * scale}, color);
    ui_same_line_at(ui, left + size + 2 * scale);
    ui_text(ui, UI_LABEL, "%s", name);
    ui_same_line_at(ui, left + size + 9 * letter);
    ui_text(ui, UI_PLAIN, "%6.2f ms", (double)mean);
    ui_same_line_at(ui, left + size + 19 * letter);
    ui_text(ui, UI_DIM, "%6.2f most", (double)most);
}

static void put_parts(Panels *panels)
{
    const SpeedPanel *speed = &panels->speed;
    uint64_t count = speed->count < AVERAGED ? speed->count : AVERAGED;
    float sum[PARTS + 1] = {0}, most[PARTS + 1] = {0};
    for (uint64_t i = 0; i < count; i++) {
        const PanelTimes *times = frame_at(speed, speed->count - 1 - i);
        for (int part = 0; part <= PARTS; part++) {
            float ms = part < PARTS ? part_of(times, part) : times->idle;
            sum[part] += ms;
            most[part] = fmaxf(most[part], ms);
        }
    }
    float by = count > 0 ? (float)count : 1;
    for (int part = 0; part <= PARTS; part++) {
        put_part(panels, part < PARTS ? PART[part].name : "idle",
                 part < PARTS ? PART[part].color : 0x4a4d59ff, sum[part] / by, most[part]);
    }
}

static void put_drawn(Ui *ui, const PanelView *view)
{
    ui_title(ui, "picture");
    ui_text(ui, UI_PLAIN, "%u commands in %u draw calls", view->draw_commands, view->draw_calls);
    if (view->draw_dropped > 0) {
        ui_text(ui, UI_BAD, "%u commands were dropped", view->draw_dropped);
    }
}

static void bytes_text(double bytes, char *out, size_t out_bytes)
{
    static const char *const UNITS[] = {"B", "KB", "MB", "GB"};
    size_t unit = 0;
    while (bytes >= 10000 && unit + 1 < COUNT_OF(UNITS)) {
        bytes /= 1024;
        unit++;
    }
    (void)text_format(out, out_bytes, bytes < 100 && unit > 0 ? "%.1f %s" : "%.0f %s", bytes,
                      UNITS[unit]);
}

static void put_history(Panels *panels)
{
    const Live *live = panels->view->live;
    Ui *ui = panels->ui;
    char used[32], all[32], each[32], bar[80];
    TimelineStats stats;
    ui_title(ui, "history");
    if (!live->timeline) {
        ui_text(ui, UI_DIM, "none is kept");
        return;
    }
    timeline_stats(live->timeline, &stats);
    bytes_text((double)stats.used_bytes, used, sizeof(used));
    bytes_text((double)stats.budget_bytes, all, sizeof(all));
    bytes_text(stats.captured > 0 ? (double)stats.delta_bytes / (double)stats.captured : 0, each,
               sizeof(each));
    (void)text_format(bar, sizeof(bar), "%s of %s", used, all);
    ui_progress(
        ui, stats.budget_bytes > 0 ? (float)stats.used_bytes / (float)stats.budget_bytes : 0, bar);
    ui_text(ui, UI_PLAIN, "%s a tick", each);
    ui_text(ui, UI_DIM, "%llu moments%s, %u branch%s", (unsigned long long)stats.moments,
            stats.thinned ? " (thinned)" : "", stats.branches, stats.branches == 1 ? "" : "es");
}

// ------------------------------------------------------------------------------------------ arena

static int compare_types(const void *a, const void *b)
{
    const HeapType *left = *(const HeapType *const *)a, *right = *(const HeapType *const *)b;
    return left->live_bytes < right->live_bytes ? 1 : left->live_bytes > right->live_bytes ? -1 : 0;
}

static void put_arena(Panels *panels)
{
    const Live *live = panels->view->live;
    Ui *ui = panels->ui;
    const HeapType *types[TYPES_MAX], *type;
    uint32_t cursor = 0, count = 0;
    char used[32], all[32];
    ui_title(ui, "state by type");
    if (!live->host || !live->host->heap) {
        ui_text(ui, UI_DIM, "there is no state yet");
        return;
    }
    while (count < TYPES_MAX && (type = heap_next_type(live->host->heap, &cursor))) {
        types[count++] = type;
    }
    qsort(types, count, sizeof(types[0]), compare_types);
    float left = ui_cursor_x(ui), letter = ui_width_of(ui, "0"), room = ui_room_x(ui);
    for (uint32_t i = 0; i < count; i++) {
        bytes_text((double)types[i]->live_bytes, used, sizeof(used));
        panel_text(ui, UI_LABEL, types[i]->name, room - 19 * letter);
        ui_same_line_at(ui, left + room - 18 * letter);
        ui_text(ui, UI_PLAIN, "%8s", used);
        ui_same_line_at(ui, left + room - 9 * letter);
        ui_text(ui, UI_DIM, "in %llu", (unsigned long long)types[i]->live_count);
    }
    bytes_text((double)heap_used_bytes(live->host->heap), used, sizeof(used));
    bytes_text((double)heap_capacity_bytes(live->host->heap), all, sizeof(all));
    ui_text(ui, UI_DIM, "%s in use, room for %s", used, all);
}

void panel_speed(Panels *panels)
{
    const PanelView *view = panels->view;
    Ui *ui = panels->ui;
    float budget_ms = view->refresh_hz > 1 ? (float)(1000 / view->refresh_hz) : 16.7f;
    take(&panels->speed, view);
    ui_dense(ui, true);
    put_graph(panels, budget_ms);
    if (ui_child_begin(ui, "numbers", 0, 0)) {
        put_parts(panels);
        put_drawn(ui, view);
        put_history(panels);
        put_arena(panels);
    }
    ui_child_end(ui);
    ui_dense(ui, false);
}
