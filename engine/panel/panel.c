#include "panel_parts.h"

#include <stdio.h>
#include <string.h>

// Contents: opening, what is remembered, places, a frame.

enum { LAYOUT_MAX = 256 << 10, GAP = 8, LEAST_H = 90, BADGE_H = 20 };

// --------------------------------------------------------------------------------------- opening

static const struct {
    const char *name, *title;
    float width, height; // at first, at scale 1; height 0: all there is
    bool at_right, at_bottom;
    void (*frame)(Panels *panels);
} KINDS[PANEL_KINDS] = {
    [PANEL_INSPECTOR] = {"inspector", "Inspector", 350, 0, true, false, panel_inspector},
    [PANEL_TWEAKS] = {"tweaks", "Tweaks", 288, 200, false, false, panel_tweaks},
    [PANEL_LOG] = {"log", "Log", 420, 150, false, true, panel_log},
    [PANEL_SPEED] = {"speed", "Performance", 270, 330, false, false, panel_speed},
    [PANEL_WATCH] = {"watch", "Watches and plots", 288, 260, false, false, panel_watch},
};

Panels *panels_open(Fault *fault)
{
    Arena own;
    if (!arena_open(&own, 0, sizeof(Panels) + LAYOUT_MAX + PAGE_BYTES, fault)) {
        return NULL;
    }
    Panels *panels = ARENA_NEW(&own, Panels, 1);
    panels->own = own;
    panels->plots.span = 1;
    panels->log.level[LOG_INFO] = panels->log.level[LOG_WARNING] = panels->log.level[LOG_ERROR] =
        true;
    return panels;
}

void panels_close(Panels *panels)
{
    if (!panels) {
        return;
    }
    Arena own = panels->own;
    ui_close(panels->ui);
    panel_plots_close(&panels->plots);
    tree_close(&panels->inspector.tree);
    arena_close(&panels->inspector.memory);
    arena_close(&panels->log.memory);
    arena_close(&panels->kept_memory);
    arena_close(&panels->memory);
    arena_close(&own);
}

const char *panel_name(PanelKind kind)
{
    return KINDS[kind].name;
}

bool panel_by_name(const char *name, PanelKind *kind)
{
    for (int i = 0; i < PANEL_KINDS; i++) {
        if (strcmp(KINDS[i].name, name) == 0) {
            *kind = (PanelKind)i;
            return true;
        }
    }
    return false;
}

bool panel_is_open(const Panels *panels, PanelKind kind)
{
    return panels->open[kind];
}

bool panels_any_open(const Panels *panels)
{
    bool any = false;
    for (int i = 0; i < PANEL_KINDS; i++) {
        any |= panels->open[i];
    }
    return any;
}

void panel_set_open(Panels *panels, PanelKind kind, bool open)
{
    panels->changed |= panels->open[kind] != open;
    panels->open[kind] = open;
}

// With the first panel that is drawn. False: there is no memory, and they stay closed.
static bool has_widgets(Panels *panels)
{
    Fault fault;
    if (panels->ui) {
        return true;
    }
    if (panels->no_ui.kind != FAULT_NONE || !arena_open(&panels->memory, 0, 64u << 20, &fault)) {
        return false;
    }
    panels->ui = ui_open(PANEL_IMAGE_KEY, &panels->no_ui);
    if (!panels->ui) {
        log_line(LOG_ERROR, "no panels: %s", panels->no_ui.text);
        return false;
    }
    if (panels->layout) {
        ui_put_layout(panels->ui, panels->layout);
    }
    panel_inspector_open(&panels->inspector, &panels->memory);
    panels->speed.frames = ARENA_NEW(&panels->memory, PanelTimes, PANEL_FRAMES_MAX);
    panels->watch.plots = ARENA_NEW(&panels->memory, Samples, HOST_WATCHES_MAX);
    return true;
}

// ------------------------------------------------------------------------------ what is remembered
//
//     hotloop panels 1
//     open inspector
//     pin hero.pos
//     plot hero.vel.y
//     layout
//     (what the widgets say, to the end)

static const char HEAD[] = "hotloop panels 1\n";

const char *panels_kept(Panels *panels, bool *changed)
{
    Arena *arena = &panels->kept_memory;
    bool moved = false;
    const char *layout = panels->layout ? panels->layout : "";
    if (!arena->base && !arena_open(arena, 0, 16u << 20, NULL)) {
        *changed = false;
        return "";
    }
    if (panels->ui) {
        layout = ui_layout(panels->ui, &moved);
    }
    *changed = panels->changed || moved;
    panels->changed = false;
    arena_reset(arena, 0);
    char *text = arena_format(arena, "%s", HEAD);
    for (int i = 0; i < PANEL_KINDS; i++) {
        text = panels->open[i] ? arena_format(arena, "%sopen %s\n", text, KINDS[i].name) : text;
    }
    for (uint32_t i = 0; i < panels->inspector.pin_count; i++) {
        text = arena_format(arena, "%spin %s\n", text, panels->inspector.pins[i]);
    }
    for (uint32_t i = 0; i < panels->plots.count; i++) {
        text = arena_format(arena, "%splot %s\n", text, panels->plots.plots[i].path);
    }
    return arena_format(arena, "%slayout\n%s", text, layout);
}

static void take_line(Panels *panels, const char *line)
{
    PanelKind kind;
    if (strncmp(line, "open ", 5) == 0 && panel_by_name(line + 5, &kind)) {
        panels->open[kind] = true;
    } else if (strncmp(line, "pin ", 4) == 0 && line[4]
               && !panel_is_pinned(&panels->inspector, line + 4)) {
        panel_turn_pin(panels, line + 4);
    } else if (strncmp(line, "plot ", 5) == 0) {
        (void)panel_plot(panels, line + 5, true);
    }
}

void panels_put_kept(Panels *panels, const char *text)
{
    if (strncmp(text, HEAD, strlen(HEAD)) != 0) {
        return; // nothing, or of another version
    }
    for (text += strlen(HEAD); *text;) {
        char line[PANEL_PATH_MAX + 8];
        size_t length = strcspn(text, "\n");
        bool is_whole = text_format(line, sizeof(line), "%.*s", (int)length, text);
        text += length + (text[length] == '\n');
        if (strcmp(line, "layout") == 0) {
            panels->layout = strlen(text) < LAYOUT_MAX ? arena_copy_text(&panels->own, text) : NULL;
            break;
        }
        if (is_whole) {
            take_line(panels, line);
        }
    }
    panels->changed = false;
}

void panels_follow(Panels *panels,
                   bool (*moved)(void *with, const char *path, char *out, size_t out_bytes),
                   void *with)
{
    char path[PANEL_PATH_MAX];
    for (uint32_t i = 0; panels && i < panels->inspector.pin_count; i++) {
        if (moved(with, panels->inspector.pins[i], path, sizeof(path))) {
            memcpy(panels->inspector.pins[i], path, sizeof(path));
            panels->changed = true;
        }
    }
    for (uint32_t i = 0; panels && i < panels->plots.count; i++) {
        Plot *plot = &panels->plots.plots[i];
        if (moved(with, plot->path, path, sizeof(path)) && strlen(path) < LIVE_PATH_MAX) {
            live_series_close(&plot->series);
            *plot = (Plot){0};
            memcpy(plot->path, path, sizeof(path));
            panels->changed = true;
        }
    }
}

// ----------------------------------------------------------------------------------------- places

// The largest part of a column that no open panel has.
static hl_rectf free_part(const Panels *panels, hl_rectf column, PanelKind but)
{
    hl_rectf best = {column.x, column.y, column.w, 0};
    for (int above = -1; above < PANEL_KINDS; above++) {
        const hl_rectf *over = above < 0 ? NULL : &panels->place[above];
        if (above >= 0 && (!panels->open[above] || above == (int)but || over->w <= 0)) {
            continue;
        }
        float top = over ? over->y + over->h + GAP * panels->scale : column.y;
        float bottom = column.y + column.h;
        for (int i = 0; i < PANEL_KINDS; i++) {
            const hl_rectf *one = &panels->place[i];
            bool beside = one->x >= column.x + column.w || one->x + one->w <= column.x;
            if (!panels->open[i] || i == (int)but || one->w <= 0 || beside) {
                continue;
            }
            bool is_below = one->y + one->h > top;
            float end = one->y - GAP * panels->scale;
            bottom = is_below && end < bottom ? end : bottom;
        }
        top = top > column.y ? top : column.y;
        if (bottom - top > best.h) {
            best.y = top;
            best.h = bottom - top;
        }
    }
    return best;
}

// Beside those that are open, as far as there is room: at its own edge, else in the next column.
static hl_rectf first_place(const Panels *panels, PanelKind kind)
{
    float scale = panels->scale, gap = GAP * scale;
    float all_w = panels->input.width_px;
    float all_h = panels->input.height_px - panels->view->free_bottom_px;
    float half = (all_w - 3 * gap) / 2;
    float w = KINDS[kind].width * scale < half ? KINDS[kind].width * scale : half;
    float high = KINDS[kind].height * scale, most = all_h * 0.55f; // so that two have room
    high = high < most ? high : most;
    float step = KINDS[kind].at_right ? -gap - w : gap + w;
    float x = KINDS[kind].at_right ? all_w - gap - w : gap;
    float top = KINDS[kind].at_right ? BADGE_H * scale : gap; // words such as PAUSED are there
    hl_rectf best = {x, top, w, 0};
    for (; x >= gap - 1 && x + w <= all_w; x += step) {
        hl_rectf room = free_part(panels, (hl_rectf){x, top, w, all_h - gap - top}, kind);
        best = room.h > best.h ? room : best;
        if (room.h >= LEAST_H * scale) {
            break;
        }
    }
    if (best.h < LEAST_H * scale) { // over another one: it can be moved
        best = (hl_rectf){best.x, top, w, all_h - gap - top};
    }
    float h = high > 0 && high < best.h ? high : best.h;
    return (hl_rectf){best.x, KINDS[kind].at_bottom ? best.y + best.h - h : best.y, w, h};
}

// ---------------------------------------------------------------------------------------- a frame

static void put_panel(Panels *panels, PanelKind kind)
{
    Ui *ui = panels->ui;
    bool open = true;
    if (!panels->was_open[kind]) {
        ui_window_front(ui, KINDS[kind].title);
    }
    if (ui_window_begin(ui, KINDS[kind].title, first_place(panels, kind), &open)) {
        KINDS[kind].frame(panels);
    }
    panels->place[kind] = ui_window_rect(ui);
    ui_window_end(ui);
    if (!open) {
        panel_set_open(panels, kind, false);
    }
}

void panels_frame(Panels *panels, const PanelView *view, const UiInput *input, DrawList *over,
                  PanelRequests *requests)
{
    if (!panels_any_open(panels) || !has_widgets(panels)) {
        return;
    }
    panels->view = view;
    panels->requests = requests;
    panels->input = *input;
    panels->scale = input->scale >= 1.5f ? 2 : 1;
    ui_begin(panels->ui, input);
    for (int i = 0; i < PANEL_KINDS; i++) {
        if (panels->open[i]) {
            put_panel(panels, (PanelKind)i);
        }
        panels->was_open[i] = panels->open[i];
    }
    ui_end(panels->ui, over);
    panels->view = NULL;
    panels->requests = NULL;
}

bool panels_want_mouse(const Panels *panels)
{
    return panels->ui && panels_any_open(panels) && ui_wants_mouse(panels->ui);
}

bool panels_want_keys(const Panels *panels)
{
    return panels->ui && panels_any_open(panels) && ui_wants_keys(panels->ui);
}

const UiItem *panels_items(const Panels *panels, uint32_t *count)
{
    *count = 0;
    return panels->ui && panels_any_open(panels) ? ui_items(panels->ui, count) : NULL;
}
