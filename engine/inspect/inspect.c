#include "inspect.h"
#include "inspect_crash.h"
#include "inspect_fail.h"
#include "inspect_help.h"
#include "inspect_panel.h"

#include <stdio.h>
#include <string.h>

enum {
    NARROWEST_PX = 160, // of a window that anything is written into
    LOWEST_PX = 64,
    TOAST_MS = 2500,
    TOAST_WARNING_MS = 6000,
    TOAST_LINES = 3,
    WORDS_BYTES = 160
};

static InspectToast *add_toast(Inspect *inspect, uint64_t now_ns, LogLevel level, const char *text,
                               const char *key, const char *does)
{
    char clean[INSPECT_TOAST_BYTES];
    uint32_t at = 0;
    text_clean(clean, sizeof(clean), text, false);
    while (at < inspect->toast_count && strcmp(inspect->toasts[at].text, clean) != 0) {
        at++;
    }
    if (at == inspect->toast_count) {
        if (inspect->toast_count == INSPECT_TOASTS) {
            memmove(&inspect->toasts[0], &inspect->toasts[1],
                    (INSPECT_TOASTS - 1) * sizeof(inspect->toasts[0]));
            inspect->toast_count--;
        }
        at = inspect->toast_count++;
    }
    InspectToast *toast = &inspect->toasts[at];
    uint64_t shown_ms = level == LOG_INFO && !key ? TOAST_MS : TOAST_WARNING_MS;
    *toast = (InspectToast){
        .level = level, .until_ns = now_ns + shown_ms * NS_PER_MS, .key = key, .does = does};
    memcpy(toast->text, clean, sizeof(clean));
    return toast;
}

void inspect_summary(Inspect *inspect, uint64_t now_ns, LogLevel level, const char *text,
                     const char *key, const char *does)
{
    (void)add_toast(inspect, now_ns, level, text, key, does);
}

void inspect_toast(Inspect *inspect, uint64_t now_ns, LogLevel level, const char *text)
{
    inspect_summary(inspect, now_ns, level, text, NULL, NULL);
}

void inspect_line(Inspect *inspect, uint64_t now_ns, LogLevel level, const char *text)
{
    add_toast(inspect, now_ns, level, text, NULL, NULL)->is_games = true;
}

void inspect_forget_toasts(Inspect *inspect)
{
    inspect->toast_count = 0;
}

void inspect_failed_build(Inspect *inspect, const BuildReport *report)
{
    inspect->has_failure = true;
    inspect->is_build = true;
    inspect->report = *report;
}

void inspect_refused(Inspect *inspect, const Fault *fault)
{
    inspect->has_failure = true;
    inspect->is_build = false;
    inspect->refusal = *fault;
    inspect->field_count = inspect->fields_more = 0;
}

void inspect_refused_field(Inspect *inspect, const char *text)
{
    if (inspect->field_count == INSPECT_FIELDS_MAX) {
        inspect->fields_more++;
        return;
    }
    char *field = inspect->fields[inspect->field_count++];
    text_clean(field, sizeof(inspect->fields[0]), text, false);
}

void inspect_report(Inspect *inspect, const char *title, const char *text)
{
    inspect->has_report = true;
    text_clean(inspect->report_title, sizeof(inspect->report_title), title, false);
    text_clean(inspect->report_text, sizeof(inspect->report_text), text, true);
    inspect->is_warning = false;
    (void)text_format(inspect->report_foot, sizeof(inspect->report_foot), "Mend it and save.");
}

void inspect_report_warning(Inspect *inspect, const char *title, const char *text, const char *foot)
{
    inspect_report(inspect, title, text);
    inspect->is_warning = true;
    text_clean(inspect->report_foot, sizeof(inspect->report_foot), foot, false);
}

void inspect_good_build(Inspect *inspect)
{
    inspect->has_failure = false;
    inspect->has_report = false;
}

static uint32_t level_ink(LogLevel level)
{
    return level == LOG_ERROR ? UI_BAD_INK : level == LOG_WARNING ? UI_WARN_INK : UI_INK;
}

static void drop_old_toasts(Inspect *inspect, uint64_t now_ns)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < inspect->toast_count; i++) {
        if (inspect->toasts[i].until_ns > now_ns) {
            inspect->toasts[kept++] = inspect->toasts[i];
        }
    }
    inspect->toast_count = kept;
}

// Room that the key and its words take at the end of a line.
static float key_width(const InspectPen *pen, const InspectToast *toast)
{
    return toast->key ? draw_text_width(pen->size, toast->key)
                            + draw_text_width(pen->size, toast->does) + pen->size * 3.5f
                      : 0;
}

// No wider than its text: what the game shows beside it stays in sight.
static void put_toast(const InspectToast *toast, InspectPen pen, hl_rectf box)
{
    float key = key_width(&pen, toast), least = pen.size * 20;
    bool has_key = key > 0 && pen.right - pen.x - key >= least;
    pen.right -= has_key ? key : 0;
    float width = inspect_text_width(&pen, toast->text), most = pen.right - pen.x;
    width = toast->key && draw_text_width(pen.size, toast->text) > most ? most : width;
    box.w = pen.x + width + pen.size + (has_key ? key : 0);
    draw_rect(pen.over, box, INSPECT_PANEL);
    draw_rect(pen.over, (hl_rectf){box.x, box.y, pen.size / 2, box.h}, level_ink(toast->level));
    InspectPen right = pen;
    if (toast->key) {
        inspect_put_cut(&pen, level_ink(toast->level), toast->text);
    } else {
        inspect_put_wrapped(&pen, level_ink(toast->level), toast->text);
    }
    if (has_key) {
        const InspectKey keys[] = {{toast->key, toast->does}};
        right.x += width + pen.size * 1.5f;
        right.right += key + pen.size;
        right.y -= pen.size / 4;
        inspect_put_keys(&right, keys, COUNT_OF(keys));
    }
}

typedef enum Whose { OURS = 1, THE_GAMES = 2, EVERYBODYS = 3 } Whose;

// Not above `highest`. Returns where they begin; without a list only that. What is not of `whose`
// has its room, too.
static float put_toasts(const Inspect *inspect, const InspectView *view, float highest, Whose whose,
                        DrawList *over)
{
    float bottom = view->height_px;
    for (uint32_t i = inspect->toast_count; i-- > 0;) { // the newest lowest
        const InspectToast *toast = &inspect->toasts[i];
        InspectPen pen = inspect_pen(view->width_px, view->height_px, over, 0);
        float line = inspect_line_height(&pen);
        float height = toast->key ? line : inspect_text_height(&pen, toast->text);
        // The whole of a long one is in the terminal.
        height = (height < line * TOAST_LINES ? height : line * TOAST_LINES) + pen.size;
        height = height < bottom - highest ? height : bottom - highest;
        if (height < pen.size * 2) {
            break;
        }
        bottom -= height;
        if (over && (whose & (toast->is_games ? THE_GAMES : OURS))) {
            pen.y = bottom + pen.size / 2;
            pen.bottom = bottom + height - 2;
            put_toast(toast, pen, (hl_rectf){0, bottom, 0, height - 2});
        }
    }
    return bottom;
}

// What is not as usual, each word between two blanks.
static void state_words(const InspectView *view, bool with_pause, char text[WORDS_BYTES])
{
    size_t used = 0;
    const Live *live = view->live;
    text[0] = '\0';
    if (live->loop == LIVE_LOOP_RECORD) {
        uint64_t first = 0, last = 0;
        (void)live_loop_span(live, &first, &last);
        used += (size_t)snprintf(text + used, WORDS_BYTES - used, " LOOP FROM HERE %llu ",
                                 (unsigned long long)(last > first ? last - first : first - last));
    } else if (live->loop == LIVE_LOOP_PLAY) {
        used += (size_t)snprintf(text + used, WORDS_BYTES - used, " LOOP %u/%u ", live->loop_at,
                                 live->loop_count);
    }
    if (view->paused && with_pause) {
        used += (size_t)snprintf(text + used, WORDS_BYTES - used, " PAUSED ");
    }
    if (view->slow > 1) {
        used += (size_t)snprintf(text + used, WORDS_BYTES - used, " 1/%d ", view->slow);
    }
    if (view->building) {
        used += (size_t)snprintf(text + used, WORDS_BYTES - used, " building ");
    }
    if (view->muted) {
        (void)snprintf(text + used, WORDS_BYTES - used, " muted ");
    }
}

// Small words in the upper right corner.
static void put_badges(const InspectView *view, float top, DrawList *over)
{
    InspectPen pen = inspect_pen(view->width_px, view->height_px, over, 0);
    char text[WORDS_BYTES];
    LiveLoop loop = view->live->loop;
    state_words(view, true, text);
    if (!text[0]) {
        return;
    }
    pen.right = view->width_px;
    pen.x = 0;
    float width = inspect_text_width(&pen, text),
          height = inspect_text_height(&pen, text) + pen.size;
    uint32_t ink = loop == LIVE_LOOP_RECORD ? UI_BAD_INK
                   : loop == LIVE_LOOP_PLAY ? UI_GOOD_INK
                                            : UI_INK;
    top = top < view->height_px - height ? top : view->height_px - height;
    draw_rect(over, (hl_rectf){view->width_px - width, top, width, height}, INSPECT_PANEL);
    pen.x = view->width_px - width;
    pen.y = top + pen.size / 2;
    inspect_put_wrapped(&pen, ink, text);
}

static void put_pause(const InspectView *view, float top, DrawList *over)
{
    InspectPen pen = inspect_pen(view->width_px, view->height_px, over, 0);
    pen.right -= pen.size * 12; // the badges' corner
    float height = inspect_text_height(&pen, view->pause_text) + pen.size * 2;
    float most = view->height_px / 2 - top;
    height = height < most ? height : most;
    draw_rect(over, (hl_rectf){0, top, view->width_px, height}, INSPECT_PANEL);
    draw_rect(over, (hl_rectf){0, top, pen.size / 2, height}, UI_WARN_INK);
    pen.y = top + pen.size;
    pen.bottom = top + height;
    inspect_put_wrapped(&pen, UI_INK, view->pause_text);
}

static void put_waiting(const InspectView *view, float top, DrawList *over)
{
    InspectPen pen = inspect_pen(view->width_px, view->height_px, over, 0);
    pen.y = top + pen.size * 3; // below the badges
    inspect_put_wrapped(&pen, UI_INK,
                        "Nothing to play yet: waiting for the first good build. The terminal says "
                        "what is going on.");
}

// The panel, or the line that says how to have it back. Returns where that ends.
static float put_crash(const Inspect *inspect, const InspectView *view, float top, DrawList *over)
{
    char words[WORDS_BYTES];
    float highest = view->height_px * 0.75f;
    state_words(view, false, words);
    InspectCrash crash = {.crash = view->crash,
                          .width_px = view->width_px,
                          .height_px = view->height_px,
                          .top = top,
                          .bottom = put_toasts(inspect, view, highest, EVERYBODYS, NULL),
                          .words = words};
    if (inspect->crash_hidden) {
        return inspect_crash_strip(&crash, over);
    }
    inspect_crash_frame(&crash, over);
    return top;
}

// A crash that was not seen yet is shown, even if the one before it was hidden.
static bool has_crash(Inspect *inspect, const InspectView *view)
{
    bool is_set = view->crash && view->crash->is_set;
    uint64_t shown = is_set ? inspect_crash_id(view->crash) : 0;
    if (shown != inspect->crash_shown) {
        inspect->crash_shown = shown;
        inspect->crash_hidden = false;
    }
    return is_set;
}

void inspect_frame(Inspect *inspect, const InspectView *view, DrawList *over)
{
    drop_old_toasts(inspect, view->now_ns);
    bool crashed = has_crash(inspect, view), veiled = crashed && !inspect->crash_hidden;
    if (view->width_px < NARROWEST_PX || view->height_px < LOWEST_PX) {
        return; // no room for a single word
    }
    // What a newer build did is said above what an older one did.
    float top = inspect_fail_height(inspect, view);
    float badges = top; // below the errors, whose first line is as long as the window is wide
    if (crashed) {
        badges = put_crash(inspect, view, top, over);
    } else if (view->live->stopped.kind != FAULT_NONE) {
        inspect_fail_stopped(view, top, over);
    } else if (view->pause_text[0] && view->paused) {
        put_pause(view, inspect->has_failure ? 0 : top, over);
    }
    inspect_fail_frame(inspect, view, over);
    if (top <= 0 && !view->live->now.game && !crashed) {
        put_waiting(view, top, over);
    }
    (void)put_toasts(inspect, view, view->height_px * (veiled ? 0.75f : 0.5f),
                     view->has_panels ? THE_GAMES : EVERYBODYS, over);
    if (inspect->help) {
        inspect_help_frame(view->width_px, view->height_px, over);
    }
    if (!veiled) { // the panel has their words
        put_badges(view, badges, over);
    }
}

void inspect_answers(const Inspect *inspect, const InspectView *view, DrawList *over)
{
    if (view->has_panels && view->width_px >= NARROWEST_PX && view->height_px >= LOWEST_PX) {
        (void)put_toasts(inspect, view, view->height_px * 0.5f, OURS, over);
    }
}
