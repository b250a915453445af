// What was said, each line with the tick at which it was. A click goes there.
#include "panel_parts.h"

#include <stdio.h>
#include <string.h>

static const UiTone TONES[] = {
    [LOG_INFO] = UI_PLAIN, [LOG_WARNING] = UI_WARN, [LOG_ERROR] = UI_BAD};

void panels_log(Panels *panels, LogLevel level, uint64_t tick, bool has_place, LivePlace place,
                const char *text)
{
    LogPanel *log = &panels->log;
    if (!log->lines) {
        size_t bytes = PANEL_LINES_MAX * (sizeof(Line) + sizeof(uint64_t)) + PAGE_BYTES;
        if (log->memory.base || !arena_open(&log->memory, 0, bytes, NULL)) {
            return;
        }
        log->lines = ARENA_NEW(&log->memory, Line, PANEL_LINES_MAX);
        log->matched = ARENA_NEW(&log->memory, uint64_t, PANEL_LINES_MAX);
    }
    Line *line = &log->lines[log->count++ % PANEL_LINES_MAX];
    line->level = level;
    line->tick = tick;
    line->has_place = has_place;
    line->place = place;
    text_clean(line->text, sizeof(line->text), text, false);
}

// ------------------------------------------------------------------------------ which are shown

static const Line *line_at(const LogPanel *log, uint64_t number)
{
    return &log->lines[number % PANEL_LINES_MAX];
}

static uint64_t oldest(const LogPanel *log)
{
    return log->count > PANEL_LINES_MAX ? log->count - PANEL_LINES_MAX : 0;
}

// Only lines that are new are looked at, or all when it is asked for others.
static void match(LogPanel *log)
{
    bool is_same = strcmp(log->query, log->of_query) == 0
                   && memcmp(log->level, log->of_level, sizeof(log->level)) == 0;
    if (!is_same) {
        memcpy(log->of_query, log->query, sizeof(log->of_query));
        memcpy(log->of_level, log->level, sizeof(log->of_level));
        log->matched_first = log->matched_end = log->looked = 0;
    }
    uint64_t first = oldest(log);
    while (log->matched_first < log->matched_end
           && log->matched[log->matched_first % PANEL_LINES_MAX] < first) {
        log->matched_first++; // the ring has lost it
    }
    for (log->looked = log->looked > first ? log->looked : first; log->looked < log->count;
         log->looked++) {
        const Line *line = line_at(log, log->looked);
        if (log->level[line->level] && panel_text_has(line->text, log->query)) {
            log->matched[log->matched_end++ % PANEL_LINES_MAX] = log->looked;
        }
    }
}

// ---------------------------------------------------------------------------------------- a frame

static void put_line(Panels *panels, const Line *line, float tick_px)
{
    Ui *ui = panels->ui;
    const PanelView *view = panels->view;
    char tick[32];
    bool can_go = line->has_place && view->has_span && line->place.moment >= view->span.first;
    bool is_here = line->has_place && view->has_span && line->place.moment == view->span.here
                   && line->place.branch == view->span.branch;
    bool hovered = ui_row_ground(ui, ui_row_height(ui) - 1);
    (void)text_format(tick, sizeof(tick), "%llu", (unsigned long long)line->tick);
    float left = ui_cursor_x(ui);
    float inset = tick_px - ui_width_of(ui, tick) - ui_width_of(ui, "0");
    (void)ui_fold(ui, "##line", "", UI_PLAIN, UI_LEAF, 0, ui_room_x(ui));
    // When the button goes down: until it comes up another line may be here.
    if (ui_was_clicked(ui) && can_go) {
        panels->requests->seek = true;
        panels->requests->seek_to = line->place;
    }
    bool over = ui_is_hovered(ui);
    panels->log.pointed |= over;
    ui_same_line_at(ui, left + (inset > 0 ? inset : 0));
    ui_text(ui, is_here ? UI_ACCENT : UI_DIM, "%s", tick);
    ui_same_line_at(ui, left + tick_px);
    bool is_cut = ui_width_of(ui, line->text) > ui_room_x(ui);
    ui_text(ui, TONES[line->level], "%s", line->text);
    if (hovered && over) {
        ui_tip_begin(ui);
        if (is_cut) {
            ui_text_wrapped(ui, UI_PLAIN, line->text);
        }
        ui_text(ui, UI_DIM, can_go ? "a click shows this moment" : "its moment is not remembered");
        if (!view->paused && panels->log.follows) {
            ui_text(ui, UI_DIM, "new lines wait below while the mouse is here");
        }
        ui_tip_end(ui);
    }
}

static void put_head(Panels *panels)
{
    LogPanel *log = &panels->log;
    Ui *ui = panels->ui;
    float letter = ui_width_of(ui, "0");
    ui_next_width(ui, ui_room_x(ui) - 26 * letter);
    (void)ui_input(ui, "##search", "search", log->query, sizeof(log->query), NULL);
    ui_same_line(ui);
    (void)ui_toggle(ui, "info", &log->level[LOG_INFO], TONES[LOG_INFO]);
    ui_same_line(ui);
    (void)ui_toggle(ui, "warnings", &log->level[LOG_WARNING], TONES[LOG_WARNING]);
    ui_same_line(ui);
    (void)ui_toggle(ui, "errors", &log->level[LOG_ERROR], TONES[LOG_ERROR]);
}

// It follows what is said, until somebody scrolls up. Lines stand still under the mouse: what runs
// away cannot be clicked.
static void follow(Panels *panels, bool was_pointed)
{
    LogPanel *log = &panels->log;
    bool is_at_end = ui_is_scrolled_down(panels->ui);
    bool is_turned = panels->input.wheel.y > 0;
    log->follows = is_at_end || (log->follows && was_pointed && !is_turned);
    if (log->follows && !log->pointed) {
        ui_scroll_down(panels->ui);
    }
}

void panel_log(Panels *panels)
{
    LogPanel *log = &panels->log;
    Ui *ui = panels->ui;
    put_head(panels);
    ui_dense(ui, true);
    if (ui_child_begin(ui, "lines", 0, 0) && log->lines) {
        match(log);
        bool was_pointed = log->pointed;
        log->pointed = false;
        uint64_t newest = log->count > 0 ? line_at(log, log->count - 1)->tick : 0;
        char widest[32];
        (void)text_format(widest, sizeof(widest), "%llu00", (unsigned long long)newest);
        float tick_px = ui_width_of(ui, widest);
        UiRows rows = ui_rows(ui, log->matched_end - log->matched_first, ui_row_height(ui));
        while (ui_rows_next(ui, &rows)) {
            for (uint64_t i = rows.first; i < rows.end; i++) {
                const Line *line =
                    line_at(log, log->matched[(log->matched_first + i) % PANEL_LINES_MAX]);
                ui_push(ui, line);
                put_line(panels, line, tick_px);
                ui_pop(ui);
            }
        }
        follow(panels, was_pointed);
    }
    if (!log->lines) {
        ui_text(ui, UI_DIM, "nothing was said yet: hl_log(t, \"...\")");
    }
    ui_child_end(ui);
    ui_dense(ui, false);
}
