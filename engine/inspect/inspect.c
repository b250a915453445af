#include "inspect.h"
#include "inspect_crash.h"
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

void inspect_toast(Inspect *inspect, uint64_t now_ns, LogLevel level, const char *text)
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
    uint64_t shown_ms = level == LOG_INFO ? TOAST_MS : TOAST_WARNING_MS;
    *toast = (InspectToast){.level = level, .until_ns = now_ns + shown_ms * NS_PER_MS};
    memcpy(toast->text, clean, sizeof(clean));
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
}

void inspect_report(Inspect *inspect, const char *title, const char *text)
{
    inspect->has_report = true;
    text_clean(inspect->report_title, sizeof(inspect->report_title), title, false);
    text_clean(inspect->report_text, sizeof(inspect->report_text), text, true);
}

void inspect_good_build(Inspect *inspect)
{
    inspect->has_failure = false;
    inspect->has_report = false;
}

const char *const *inspect_keys(void)
{
    static const char *const KEYS[] = {"F1",   "this help",
                                       "F2",   "mute",
                                       "F3",   "the bar of time; Ctrl: next branch",
                                       "F4",   "slow motion: 1, 1/2, 1/4, 1/10",
                                       "F5",   "pause, go on",
                                       "F6",   "loop: begin, end, off; Ctrl: here",
                                       "F7",   "step; Shift: back; Ctrl: to a mark",
                                       "F8",   "hold: rewind; Shift: on; Ctrl: end",
                                       "F9",   "restart with fresh state",
                                       "F10",  "save the last 10 seconds as a clip",
                                       "F11",  "fullscreen",
                                       "F12",  "screenshot into the current folder",
                                       "F1-5", "Shift: see, tweak, log, time, plot",
                                       NULL};
    return KEYS;
}

static uint32_t level_ink(LogLevel level)
{
    return level == LOG_ERROR ? INSPECT_RED : level == LOG_WARNING ? INSPECT_AMBER : INSPECT_INK;
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

// Not above `highest`. Returns where they begin; without a list only that.
static float put_toasts(const Inspect *inspect, const InspectView *view, float highest,
                        DrawList *over)
{
    float bottom = view->height_px;
    for (uint32_t i = inspect->toast_count; i-- > 0;) { // the newest lowest
        const InspectToast *toast = &inspect->toasts[i];
        InspectPen pen = inspect_pen(view->width_px, view->height_px, over, 0);
        float height = inspect_text_height(&pen, toast->text) + pen.size;
        float most = inspect_line_height(&pen) * TOAST_LINES + pen.size;
        height = height < most ? height : most; // the whole of it is in the terminal
        height = height < bottom - highest ? height : bottom - highest; // a long one is cut
        if (height < pen.size * 2) {
            break;
        }
        bottom -= height;
        if (!over) {
            continue;
        }
        // No wider than its text: what the game shows beside it stays in sight.
        float width = inspect_text_width(&pen, toast->text) + pen.x + pen.size;
        width = width < view->width_px ? width : view->width_px;
        draw_rect(over, (hl_rectf){0, bottom, width, height - 2}, INSPECT_PANEL);
        draw_rect(over, (hl_rectf){0, bottom, pen.size / 2, height - 2}, level_ink(toast->level));
        pen.y = bottom + pen.size / 2;
        pen.bottom = bottom + height - 2;
        inspect_put_wrapped(&pen, level_ink(toast->level), toast->text);
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
    uint32_t ink = loop == LIVE_LOOP_RECORD ? INSPECT_RED
                   : loop == LIVE_LOOP_PLAY ? INSPECT_GREEN
                                            : INSPECT_INK;
    top = top < view->height_px - height ? top : view->height_px - height;
    draw_rect(over, (hl_rectf){view->width_px - width, top, width, height}, INSPECT_PANEL);
    pen.x = view->width_px - width;
    pen.y = top + pen.size / 2;
    inspect_put_wrapped(&pen, ink, text);
}

// The line that a diagnostic is about, from its first character that is no blank, and a caret under
// its column. Of a line that is too long, the part with the column in it.
static void put_source(InspectPen *pen, const BuildDiagnostic *diagnostic)
{
    const char *line = diagnostic->source_line;
    size_t length = strlen(line), blank = strspn(line, " \t");
    size_t byte = diagnostic->column > 0 ? (size_t)diagnostic->column - 1 : 0;
    bool has_caret = diagnostic->column > 0 && byte >= blank && byte <= length;
    InspectPen inner = *pen;
    inner.x += 2 * pen->size;
    size_t columns = inspect_columns(&inner);
    size_t at = has_caret ? inspect_cells_of(line + blank, byte - blank) : 0;
    size_t skip = at < columns ? 0 : at - columns / 2;
    const char *shown = line + blank + inspect_bytes_of(line + blank, skip);
    inspect_put_line(&inner, INSPECT_INK, shown, inspect_bytes_of(shown, columns));
    if (has_caret) {
        inner.x += (float)(at - skip) * pen->size;
        inspect_put_line(&inner, INSPECT_AMBER, "^", 1);
    }
    pen->y = inner.y;
}

static void head_of(const BuildDiagnostic *diagnostic, char *out, size_t out_bytes)
{
    char place[600];
    build_diagnostic_place(diagnostic, place, sizeof(place));
    (void)text_format(out, out_bytes, "%s%s%s", place, place[0] ? ": " : "", diagnostic->text);
}

static uint32_t severity_ink(BuildSeverity severity)
{
    return severity == BUILD_ERROR     ? INSPECT_RED
           : severity == BUILD_WARNING ? INSPECT_AMBER
                                       : INSPECT_DIM_INK;
}

// The one to mend: others often only follow from it. Larger than the rest where a line of it still
// holds a place and some words.
static void put_first(InspectPen *pen, const BuildDiagnostic *diagnostic)
{
    enum { FONT_PX = 8, LARGE_COLUMNS_MIN = 38 };
    char head[1200];
    InspectPen large = *pen;
    large.size += FONT_PX;
    if (inspect_columns(&large) < LARGE_COLUMNS_MIN) {
        large.size = pen->size;
    }
    head_of(diagnostic, head, sizeof(head));
    inspect_put_wrapped(&large, severity_ink(diagnostic->severity), head);
    if (diagnostic->source_line[0] && inspect_has_room(&large)) {
        put_source(&large, diagnostic);
    }
    pen->y = large.y + pen->size / 2;
}

// The list of the others: a line each.
static void put_next(InspectPen *pen, const BuildDiagnostic *diagnostic)
{
    char head[1200];
    InspectPen inner = *pen;
    inner.x += diagnostic->severity == BUILD_NOTE ? 2 * pen->size : 0;
    head_of(diagnostic, head, sizeof(head));
    inspect_put_cut(&inner, severity_ink(diagnostic->severity), head);
    pen->y = inner.y;
}

static void put_errors(const BuildReport *report, InspectPen *pen)
{
    char more[120];
    uint32_t shown = 0;
    float first_line = pen->y;
    pen->bottom -= inspect_line_height(pen); // for the line that says how many more there are
    for (uint32_t i = 0; i < report->diagnostic_count && inspect_has_room(pen); i++) {
        if (i == 0) {
            put_first(pen, &report->diagnostics[i]);
        } else {
            put_next(pen, &report->diagnostics[i]);
        }
        shown += report->diagnostics[i].severity == BUILD_ERROR;
    }
    pen->bottom += inspect_line_height(pen);
    if (report->error_count > shown) {
        float last_line = pen->bottom - inspect_line_height(pen);
        last_line = last_line > first_line ? last_line : first_line;
        pen->y = pen->y < last_line ? pen->y : last_line;
        (void)text_format(more, sizeof(more), "%u more in the terminal",
                          report->error_count - shown);
        inspect_put_wrapped(pen, INSPECT_DIM_INK, more);
    }
}

static void put_failure_text(const Inspect *inspect, const InspectView *view, InspectPen *pen)
{
    bool is_stopped =
        view->live->stopped.kind != FAULT_NONE || (view->crash && view->crash->is_set);
    const char *still = !view->live->now.game ? "nothing to play yet"
                        : is_stopped          ? "the game still waits for a fix"
                                              : "the previous code plays on";
    const BuildReport *report = &inspect->report;
    char head[200];
    pen->y = pen->size;
    if (!inspect->is_build) {
        inspect_put_wrapped(pen, INSPECT_RED, "BUILD NOT TAKEN");
        pen->y += pen->size;
        inspect_put_wrapped(pen, INSPECT_INK, inspect->refusal.text);
        return;
    }
    (void)text_format(head, sizeof(head), "BUILD FAILED: %u error%s - %s", report->error_count,
                      report->error_count == 1 ? "" : "s", still);
    inspect_put_wrapped(pen, INSPECT_RED, head);
    pen->y += pen->size / 2;
    put_errors(report, pen);
}

// As high as its text, but never so high that the game is out of sight.
static float failure_height(const Inspect *inspect, const InspectView *view)
{
    float most = view->height_px * 0.6f;
    InspectPen pen = inspect_pen(view->width_px, view->height_px, NULL, 0);
    pen.bottom = most - pen.size / 2;
    put_failure_text(inspect, view, &pen);
    float height = pen.y + pen.size / 2;
    return height < most ? height : most;
}

static void put_failure(const Inspect *inspect, const InspectView *view, DrawList *over)
{
    InspectPen pen = inspect_pen(view->width_px, view->height_px, over, 0);
    float height = failure_height(inspect, view);
    draw_rect(over, (hl_rectf){0, 0, view->width_px, height}, INSPECT_PANEL);
    draw_rect(over, (hl_rectf){0, 0, view->width_px, pen.size / 2}, INSPECT_RED);
    pen.bottom = view->height_px * 0.6f - pen.size / 2;
    put_failure_text(inspect, view, &pen);
}

static void put_report_text(const Inspect *inspect, InspectPen *pen)
{
    uint32_t lines = (uint32_t)((pen->bottom - pen->y) / inspect_line_height(pen));
    uint32_t used = inspect_put_lines(pen, INSPECT_RED, inspect->report_title, lines);
    (void)inspect_put_lines(pen, INSPECT_INK, inspect->report_text, lines - used);
}

// Of a build that was put aside: at the top, no higher than a third of the window, and no wider
// than its text. Returns how high it is; without a list only that.
static float put_report(const Inspect *inspect, const InspectView *view, DrawList *over)
{
    InspectPen pen = inspect_pen(view->width_px, view->height_px, NULL, 0);
    float edge = pen.size / 2;
    pen.y = edge * 1.5f;
    pen.bottom = view->height_px / 3 - edge;
    InspectPen measure = pen;
    put_report_text(inspect, &measure);
    float height = measure.y + edge;
    if (over) {
        float title = inspect_text_width(&pen, inspect->report_title);
        float text = inspect_text_width(&pen, inspect->report_text);
        float width = (title > text ? title : text) + pen.x + pen.size;
        width = width < view->width_px ? width : view->width_px;
        draw_rect(over, (hl_rectf){0, 0, width, height}, INSPECT_PANEL);
        draw_rect(over, (hl_rectf){0, 0, edge, height}, INSPECT_RED);
        pen.over = over;
        put_report_text(inspect, &pen);
    }
    return height;
}

static void put_stopped(const InspectView *view, float from_y, DrawList *over)
{
    const Fault *fault = &view->live->stopped;
    char text[2048], place[300];
    InspectPen pen = inspect_pen(view->width_px, view->height_px, over, 0);
    fault_place(fault, place, sizeof(place));
    (void)text_format(
        text, sizeof(text),
        "%s%s%s\n\nThe tick ended there and the game stands still. Save a fix and it goes on "
        "from here; F9 restarts it.",
        place, place[0] ? ": " : "", fault->text);
    float room = view->height_px - from_y, height = inspect_text_height(&pen, text) + pen.size * 5;
    height = height < room ? height : room;
    float top = from_y + (from_y > 0 ? 0 : (room - height) / 2);
    pen.bottom = top + height;
    draw_rect(over, (hl_rectf){0, 0, view->width_px, view->height_px}, 0x00000090u);
    draw_rect(over, (hl_rectf){0, top, view->width_px, height}, INSPECT_PANEL);
    draw_rect(over, (hl_rectf){0, top, view->width_px, pen.size / 2}, INSPECT_RED);
    pen.y = top + pen.size * 1.5f;
    inspect_put_wrapped(&pen, INSPECT_RED, "STOPPED");
    pen.y += pen.size / 2;
    inspect_put_wrapped(&pen, INSPECT_INK, text);
}

static void put_pause(const InspectView *view, float top, DrawList *over)
{
    InspectPen pen = inspect_pen(view->width_px, view->height_px, over, 0);
    pen.right -= pen.size * 12; // the badges' corner
    float height = inspect_text_height(&pen, view->pause_text) + pen.size * 2;
    float most = view->height_px / 2 - top;
    height = height < most ? height : most;
    draw_rect(over, (hl_rectf){0, top, view->width_px, height}, INSPECT_PANEL);
    draw_rect(over, (hl_rectf){0, top, pen.size / 2, height}, INSPECT_AMBER);
    pen.y = top + pen.size;
    pen.bottom = top + height;
    inspect_put_wrapped(&pen, INSPECT_INK, view->pause_text);
}

static void put_help(const InspectView *view, DrawList *over)
{
    InspectPen pen = inspect_pen(view->width_px, view->height_px, over, 0);
    draw_rect(over, (hl_rectf){0, 0, view->width_px, view->height_px}, INSPECT_PANEL);
    // Of a window of 320 x 180 the keys take every line.
    pen.y = view->height_px < 240 ? pen.size / 2 : pen.size * 2;
    inspect_put_wrapped(&pen, INSPECT_AMBER, "Edit the source, save, and see it run");
    pen.y += pen.size / 2;
    for (const char *const *key = inspect_keys(); *key && inspect_has_room(&pen); key += 2) {
        InspectPen right = pen;
        right.x += pen.size * 5;
        right.right = view->width_px; // the longest just fits 320 pixels
        draw_text(over, pen.x, pen.y, pen.size, INSPECT_GREEN, key[0]);
        inspect_put_wrapped(&right, INSPECT_INK, key[1]);
        pen.y = right.y + pen.size / 8;
    }
}

static void put_waiting(const InspectView *view, float top, DrawList *over)
{
    InspectPen pen = inspect_pen(view->width_px, view->height_px, over, 0);
    pen.y = top + pen.size * 3; // below the badges
    inspect_put_wrapped(&pen, INSPECT_INK,
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
                          .bottom = put_toasts(inspect, view, highest, NULL),
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
    float top = inspect->has_failure  ? failure_height(inspect, view)
                : inspect->has_report ? put_report(inspect, view, NULL)
                                      : 0;
    float badges = top; // below the errors, whose first line is as long as the window is wide
    if (crashed) {
        badges = put_crash(inspect, view, top, over);
    } else if (view->live->stopped.kind != FAULT_NONE) {
        put_stopped(view, top, over);
    } else if (view->pause_text[0] && view->paused) {
        put_pause(view, inspect->has_failure ? 0 : top, over);
    }
    if (inspect->has_failure) {
        put_failure(inspect, view, over);
    } else if (inspect->has_report) {
        (void)put_report(inspect, view, over);
    } else if (!view->live->now.game && !crashed) {
        put_waiting(view, top, over);
    }
    (void)put_toasts(inspect, view, view->height_px * (veiled ? 0.75f : 0.5f), over);
    if (inspect->help) {
        put_help(view, over);
    }
    if (!veiled) { // the panel has their words
        put_badges(view, badges, over);
    }
}
