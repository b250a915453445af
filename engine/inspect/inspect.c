#include "inspect.h"

#include <stdio.h>
#include <string.h>

enum {
    NARROWEST_PX = 160, // of a window that anything is written into
    LOWEST_PX = 64,
    GLYPH = 8,
    PAD = 8,
    TOAST_MS = 2500,
    TOAST_WARNING_MS = 6000,
    TOAST_LINES = 3
};
static const uint32_t INK = 0xf2f0e8ffu, DIM_INK = 0xa8a49affu, PANEL = 0x16181de8u;
static const uint32_t RED = 0xff6b5bffu, AMBER = 0xffc857ffu, GREEN = 0x7bd88fffu;

// Where the next line of text goes, how far lines reach, and how large text is: whole multiples of
// the 8x8 font. Lines that do not fit above `bottom` are left out.
typedef struct Pen {
    DrawList *over;
    float x, y, right, bottom, size;
} Pen;

static float line_height(const Pen *pen)
{
    return pen->size * 1.375f;
}

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

void inspect_good_build(Inspect *inspect)
{
    inspect->has_failure = false;
}

const char *const *inspect_keys(void)
{
    static const char *const KEYS[] = {"F1",  "this help",
                                       "F2",  "mute",
                                       "F3",  "the bar of time; right drag: loop",
                                       "F4",  "slow motion: 1, 1/2, 1/4, 1/10",
                                       "F5",  "pause, go on",
                                       "F6",  "loop: begin; end and play; let go",
                                       "F7",  "step one tick; Shift: back",
                                       "F8",  "hold: rewind; Shift: forward",
                                       "F9",  "restart with fresh state",
                                       "F10", "save the last 10 seconds as a clip",
                                       "F11", "fullscreen",
                                       "F12", "screenshot into the current folder",
                                       NULL};
    return KEYS;
}

static uint32_t level_ink(LogLevel level)
{
    return level == LOG_ERROR ? RED : level == LOG_WARNING ? AMBER : INK;
}

// Bytes of the first `columns` characters of the line that `text` begins with.
static size_t bytes_of(const char *text, size_t columns)
{
    const char *at = text;
    for (size_t i = 0; i < columns && *at && *at != '\n'; i++) {
        (void)text_next(&at);
    }
    return (size_t)(at - text);
}

static size_t cells_of(const char *text, size_t bytes)
{
    const char *at = text;
    size_t cells = 0;
    for (; (size_t)(at - text) < bytes && text_next(&at) != 0; cells++) {
    }
    return cells;
}

// How many bytes of `text` go into a line of so many columns, broken at a blank where one is near.
static size_t line_length(const char *text, size_t columns)
{
    size_t length = bytes_of(text, columns);
    if (text[length] == '\0' || text[length] == '\n') {
        return length;
    }
    for (size_t cut = length; cut > length / 2; cut--) {
        if (text[cut] == ' ') {
            return cut;
        }
    }
    return length;
}

static size_t columns_of(const Pen *pen)
{
    float columns = (pen->right - pen->x) / pen->size;
    return columns < 1 ? 1 : (size_t)columns;
}

static const char *next_line(const char *text, size_t length)
{
    text += length;
    return text + (*text == ' ' || *text == '\n');
}

static float text_height(const Pen *pen, const char *text)
{
    size_t lines = 0;
    do {
        text = next_line(text, line_length(text, columns_of(pen)));
        lines++;
    } while (*text);
    return (float)lines * line_height(pen);
}

static float text_width(const Pen *pen, const char *text)
{
    size_t widest = 0;
    do {
        size_t length = line_length(text, columns_of(pen)), cells = cells_of(text, length);
        widest = cells > widest ? cells : widest;
        text = next_line(text, length);
    } while (*text);
    return (float)widest * pen->size;
}

static bool has_room(const Pen *pen)
{
    return pen->y + pen->size <= pen->bottom;
}

// One line, moving the pen below it.
static void put_line(Pen *pen, uint32_t ink, const char *text, size_t length)
{
    char line[2048];                  // four bytes a column on the widest of screens
    if (pen->over && has_room(pen)) { // without a list: only measured
        (void)text_format(line, sizeof(line), "%.*s", (int)length, text);
        for (char *tab = line; (tab = strchr(tab, '\t')) != NULL;) {
            *tab = ' '; // the font has a box for it
        }
        draw_text(pen->over, pen->x, pen->y, pen->size, ink, line);
    }
    pen->y += line_height(pen);
}

static void put_wrapped(Pen *pen, uint32_t ink, const char *text)
{
    do {
        size_t length = line_length(text, columns_of(pen));
        put_line(pen, ink, text, length);
        text = next_line(text, length);
    } while (*text && has_room(pen));
}

static Pen pen_at(const InspectView *view, DrawList *over, float y)
{
    // Two pixels a font pixel at 540 lines, three at 810: readable from a chair's distance.
    float high = view->height_px / 270, wide = view->width_px / 480;
    float scale = (float)(int)(high < wide ? high : wide);
    scale = scale < 1 ? 1 : scale > 4 ? 4 : scale;
    return (Pen){.over = over,
                 .x = PAD * scale,
                 .y = y,
                 .right = view->width_px - PAD * scale,
                 .bottom = view->height_px,
                 .size = GLYPH * scale};
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

static void put_toasts(const Inspect *inspect, const InspectView *view, DrawList *over)
{
    float bottom = view->height_px, highest = view->height_px / 2; // half of the window at most
    for (uint32_t i = inspect->toast_count; i-- > 0;) {            // the newest lowest
        const InspectToast *toast = &inspect->toasts[i];
        Pen pen = pen_at(view, over, 0);
        float height = text_height(&pen, toast->text) + pen.size;
        float most = line_height(&pen) * TOAST_LINES + pen.size;
        height = height < most ? height : most; // the whole of it is in the terminal
        height = height < bottom - highest ? height : bottom - highest; // a long one is cut
        if (height < pen.size * 2) {
            break;
        }
        bottom -= height;
        // No wider than its text: what the game shows beside it stays in sight.
        float width = text_width(&pen, toast->text) + pen.x + pen.size;
        width = width < view->width_px ? width : view->width_px;
        draw_rect(over, (hl_rectf){0, bottom, width, height - 2}, PANEL);
        draw_rect(over, (hl_rectf){0, bottom, pen.size / 2, height - 2}, level_ink(toast->level));
        pen.y = bottom + pen.size / 2;
        pen.bottom = bottom + height - 2;
        put_wrapped(&pen, level_ink(toast->level), toast->text);
    }
}

// Small words in the upper right corner: what is not as usual.
static void put_badges(const InspectView *view, float top, DrawList *over)
{
    Pen pen = pen_at(view, over, 0);
    char text[160] = "";
    size_t used = 0;
    const Live *live = view->live;
    if (live->loop == LIVE_LOOP_RECORD) {
        uint64_t first = 0, last = 0;
        (void)live_loop_span(live, &first, &last);
        used += (size_t)snprintf(text + used, sizeof(text) - used, " LOOP FROM HERE %llu ",
                                 (unsigned long long)(last > first ? last - first : first - last));
    } else if (live->loop == LIVE_LOOP_PLAY) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, " LOOP %u/%u ", live->loop_at,
                                 live->loop_count);
    }
    if (view->paused) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, " PAUSED ");
    }
    if (view->slow > 1) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, " 1/%d ", view->slow);
    }
    if (view->building) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, " building ");
    }
    if (view->muted) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, " muted ");
    }
    if (used == 0) {
        return;
    }
    pen.right = view->width_px;
    pen.x = 0;
    float width = text_width(&pen, text), height = text_height(&pen, text) + pen.size;
    uint32_t ink = live->loop == LIVE_LOOP_RECORD ? RED
                   : live->loop == LIVE_LOOP_PLAY ? GREEN
                                                  : INK;
    top = top < view->height_px - height ? top : view->height_px - height;
    draw_rect(over, (hl_rectf){view->width_px - width, top, width, height}, PANEL);
    pen.x = view->width_px - width;
    pen.y = top + pen.size / 2;
    put_wrapped(&pen, ink, text);
}

// The line that a diagnostic is about, from its first character that is no blank, and a caret under
// its column. Of a line that is too long, the part with the column in it.
static void put_source(Pen *pen, const BuildDiagnostic *diagnostic)
{
    const char *line = diagnostic->source_line;
    size_t length = strlen(line), blank = strspn(line, " \t");
    size_t byte = diagnostic->column > 0 ? (size_t)diagnostic->column - 1 : 0;
    bool has_caret = diagnostic->column > 0 && byte >= blank && byte <= length;
    Pen inner = *pen;
    inner.x += 2 * pen->size;
    size_t columns = columns_of(&inner);
    size_t at = has_caret ? cells_of(line + blank, byte - blank) : 0;
    size_t skip = at < columns ? 0 : at - columns / 2;
    const char *shown = line + blank + bytes_of(line + blank, skip);
    put_line(&inner, INK, shown, bytes_of(shown, columns));
    if (has_caret) {
        inner.x += (float)(at - skip) * pen->size;
        put_line(&inner, AMBER, "^", 1);
    }
    pen->y = inner.y;
}

static void put_diagnostic(Pen *pen, const BuildDiagnostic *diagnostic)
{
    char head[1200];
    uint32_t ink = diagnostic->severity == BUILD_ERROR     ? RED
                   : diagnostic->severity == BUILD_WARNING ? AMBER
                                                           : DIM_INK;
    if (diagnostic->file[0]) {
        char place[600];
        build_diagnostic_place(diagnostic, place, sizeof(place));
        (void)text_format(head, sizeof(head), "%s: %s", place, diagnostic->text);
    } else {
        (void)text_format(head, sizeof(head), "%s", diagnostic->text);
    }
    put_wrapped(pen, ink, head);
    if (diagnostic->source_line[0] && has_room(pen)) {
        put_source(pen, diagnostic);
    }
}

static void put_errors(const BuildReport *report, Pen *pen)
{
    char more[120];
    uint32_t shown = 0;
    pen->bottom -= line_height(pen); // for the line that says how many more there are
    for (uint32_t i = 0; i < report->diagnostic_count && has_room(pen); i++) {
        put_diagnostic(pen, &report->diagnostics[i]);
        pen->y += pen->size / 4;
        shown += report->diagnostics[i].severity == BUILD_ERROR;
    }
    pen->bottom += line_height(pen);
    if (report->error_count > shown) {
        float last_line = pen->bottom - line_height(pen);
        pen->y = pen->y < last_line ? pen->y : last_line;
        (void)text_format(more, sizeof(more), "%u more in the terminal",
                          report->error_count - shown);
        put_wrapped(pen, DIM_INK, more);
    }
}

static void put_failure_text(const Inspect *inspect, const InspectView *view, Pen *pen)
{
    const char *still = view->live->now.game ? "the previous code plays on" : "nothing to play yet";
    const BuildReport *report = &inspect->report;
    char head[200];
    pen->y = pen->size;
    if (!inspect->is_build) {
        put_wrapped(pen, RED, "BUILD NOT TAKEN");
        pen->y += pen->size;
        put_wrapped(pen, INK, inspect->refusal.text);
        return;
    }
    (void)text_format(head, sizeof(head), "BUILD FAILED: %u error%s - %s", report->error_count,
                      report->error_count == 1 ? "" : "s", still);
    put_wrapped(pen, RED, head);
    pen->y += pen->size / 2;
    put_errors(report, pen);
}

// As high as its text, but never so high that the game is out of sight.
static float failure_height(const Inspect *inspect, const InspectView *view)
{
    float most = view->height_px * 0.6f;
    Pen pen = pen_at(view, NULL, 0);
    pen.bottom = most - pen.size / 2;
    put_failure_text(inspect, view, &pen);
    float height = pen.y + pen.size / 2;
    return height < most ? height : most;
}

static void put_failure(const Inspect *inspect, const InspectView *view, DrawList *over)
{
    Pen pen = pen_at(view, over, 0);
    float height = failure_height(inspect, view);
    draw_rect(over, (hl_rectf){0, 0, view->width_px, height}, PANEL);
    draw_rect(over, (hl_rectf){0, 0, view->width_px, pen.size / 2}, RED);
    pen.bottom = view->height_px * 0.6f - pen.size / 2;
    put_failure_text(inspect, view, &pen);
}

static void put_stopped(const InspectView *view, float from_y, DrawList *over)
{
    const Fault *fault = &view->live->stopped;
    char text[2048], place[300];
    Pen pen = pen_at(view, over, 0);
    fault_place(fault, place, sizeof(place));
    (void)text_format(
        text, sizeof(text),
        "%s%s%s\n\nThe tick ended there and the game stands still. Save a fix and it goes on "
        "from here; F9 restarts it.",
        place, place[0] ? ": " : "", fault->text);
    float room = view->height_px - from_y, height = text_height(&pen, text) + pen.size * 5;
    height = height < room ? height : room;
    float top = from_y + (from_y > 0 ? 0 : (room - height) / 2);
    pen.bottom = top + height;
    draw_rect(over, (hl_rectf){0, 0, view->width_px, view->height_px}, 0x00000090u);
    draw_rect(over, (hl_rectf){0, top, view->width_px, height}, PANEL);
    draw_rect(over, (hl_rectf){0, top, view->width_px, pen.size / 2}, RED);
    pen.y = top + pen.size * 1.5f;
    put_wrapped(&pen, RED, "STOPPED");
    pen.y += pen.size / 2;
    put_wrapped(&pen, INK, text);
}

static void put_pause(const InspectView *view, DrawList *over)
{
    Pen pen = pen_at(view, over, 0);
    pen.right -= pen.size * 12; // the badges' corner
    float height = text_height(&pen, view->pause_text) + pen.size * 2;
    height = height < view->height_px / 2 ? height : view->height_px / 2;
    draw_rect(over, (hl_rectf){0, 0, view->width_px, height}, PANEL);
    draw_rect(over, (hl_rectf){0, 0, pen.size / 2, height}, AMBER);
    pen.y = pen.size;
    pen.bottom = height;
    put_wrapped(&pen, INK, view->pause_text);
}

static void put_help(const InspectView *view, DrawList *over)
{
    Pen pen = pen_at(view, over, 0);
    draw_rect(over, (hl_rectf){0, 0, view->width_px, view->height_px}, PANEL);
    pen.y = pen.size * 2;
    put_wrapped(&pen, AMBER, "Edit the source, save, and see it run");
    pen.y += pen.size;
    for (const char *const *key = inspect_keys(); *key && has_room(&pen); key += 2) {
        Pen right = pen;
        right.x += pen.size * 5;
        right.right = view->width_px; // the longest just fits 320 pixels
        draw_text(over, pen.x, pen.y, pen.size, GREEN, key[0]);
        put_wrapped(&right, INK, key[1]);
        pen.y = right.y + pen.size / 8;
    }
}

static void put_waiting(const InspectView *view, DrawList *over)
{
    Pen pen = pen_at(view, over, 0);
    pen.y = pen.size * 3; // below the badges
    put_wrapped(&pen, INK,
                "Nothing to play yet: waiting for the first good build. The terminal says what is "
                "going on.");
}

void inspect_frame(Inspect *inspect, const InspectView *view, DrawList *over)
{
    drop_old_toasts(inspect, view->now_ns);
    if (view->width_px < NARROWEST_PX || view->height_px < LOWEST_PX) {
        return; // no room for a single word
    }
    if (view->live->stopped.kind != FAULT_NONE) {
        put_stopped(view, inspect->has_failure ? failure_height(inspect, view) : 0, over);
    } else if (view->pause_text[0] && view->paused) {
        put_pause(view, over);
    }
    if (inspect->has_failure) {
        put_failure(inspect, view, over);
    } else if (!view->live->now.game) {
        put_waiting(view, over);
    }
    put_toasts(inspect, view, over);
    if (inspect->help) {
        put_help(view, over);
    }
    // Below the errors, whose first line is as long as the window is wide.
    put_badges(view, inspect->has_failure ? failure_height(inspect, view) : 0, over);
}
