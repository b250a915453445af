#include "inspect.h"

#include <stdio.h>
#include <string.h>

enum { GLYPH = 8, PAD = 8, TOAST_MS = 2500, TOAST_WARNING_MS = 6000 };
static const uint32_t INK = 0xf2f0e8ffu, DIM_INK = 0xa8a49affu, PANEL = 0x16181de8u;
static const uint32_t RED = 0xff6b5bffu, AMBER = 0xffc857ffu, GREEN = 0x7bd88fffu;

// Where the next line of text goes, and how large text is: whole multiples of the 8x8 font.
typedef struct Pen {
    DrawList *over;
    float x, y, right, size;
} Pen;

static float line_height(const Pen *pen)
{
    return pen->size * 1.375f;
}

void inspect_toast(Inspect *inspect, uint64_t now_ns, LogLevel level, const char *text)
{
    uint32_t at = 0;
    while (at < inspect->toast_count && strcmp(inspect->toasts[at].text, text) != 0) {
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
    text_clean(toast->text, sizeof(toast->text), text, false);
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
                                       "F4",  "slow motion: 1, 1/2, 1/4, 1/10",
                                       "F5",  "pause, go on",
                                       "F6",  "record a moment; loop it; let go",
                                       "F7",  "step one tick",
                                       "F9",  "restart with fresh state",
                                       "F11", "fullscreen",
                                       "F12", "screenshot into the current folder",
                                       NULL};
    return KEYS;
}

static uint32_t level_ink(LogLevel level)
{
    return level == LOG_ERROR ? RED : level == LOG_WARNING ? AMBER : INK;
}

// How many bytes of `text` fit `columns`, broken at a blank where one is near.
static size_t line_length(const char *text, size_t columns)
{
    size_t length = strcspn(text, "\n");
    if (length <= columns) {
        return length;
    }
    for (size_t cut = columns; cut > columns / 2; cut--) {
        if (text[cut] == ' ') {
            return cut;
        }
    }
    return columns;
}

static size_t columns_of(const Pen *pen)
{
    float columns = (pen->right - pen->x) / pen->size;
    return columns < 8 ? 8 : (size_t)columns;
}

static size_t wrapped_lines(const Pen *pen, const char *text)
{
    size_t lines = 0, columns = columns_of(pen);
    do {
        text += line_length(text, columns);
        text += *text == ' ' || *text == '\n';
        lines++;
    } while (*text);
    return lines;
}

static float wrapped_width(const Pen *pen, const char *text)
{
    size_t widest = 0, columns = columns_of(pen);
    do {
        size_t length = line_length(text, columns);
        widest = length > widest ? length : widest;
        text += length;
        text += *text == ' ' || *text == '\n';
    } while (*text);
    return (float)widest * pen->size;
}

// Writes the text wrapped, moving the pen below it.
static void put_wrapped(Pen *pen, uint32_t ink, const char *text)
{
    size_t columns = columns_of(pen);
    do {
        char line[512];
        size_t length = line_length(text, columns);
        (void)text_format(line, sizeof(line), "%.*s", (int)length, text);
        draw_text(pen->over, pen->x, pen->y, pen->size, ink, line);
        pen->y += line_height(pen);
        text += length;
        text += *text == ' ' || *text == '\n';
    } while (*text);
}

static float text_height(const Pen *pen, const char *text)
{
    return (float)wrapped_lines(pen, text) * line_height(pen);
}

static Pen pen_at(const InspectView *view, DrawList *over, float y)
{
    // Two pixels a font pixel at 540 lines, three at 810: readable from a chair's distance.
    float scale = (float)(int)(view->height_px / 270);
    scale = scale < 1 ? 1 : scale > 4 ? 4 : scale;
    return (Pen){over, PAD * scale, y, view->width_px - PAD * scale, GLYPH * scale};
}

static void put_toasts(Inspect *inspect, const InspectView *view, DrawList *over)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < inspect->toast_count; i++) {
        if (inspect->toasts[i].until_ns > view->now_ns) {
            inspect->toasts[kept++] = inspect->toasts[i];
        }
    }
    inspect->toast_count = kept;
    float bottom = view->height_px;
    for (uint32_t i = kept; i-- > 0;) { // the newest lowest
        const InspectToast *toast = &inspect->toasts[i];
        Pen pen = pen_at(view, over, 0);
        float height = text_height(&pen, toast->text) + pen.size;
        bottom -= height;
        if (bottom < view->height_px / 2) {
            break; // half of the window at most
        }
        // No wider than its text: what the game shows beside it stays in sight.
        float width = wrapped_width(&pen, toast->text) + pen.x + pen.size;
        draw_rect(over, (hl_rectf){0, bottom, width, height - 2}, PANEL);
        draw_rect(over, (hl_rectf){0, bottom, pen.size / 2, height - 2}, level_ink(toast->level));
        pen.y = bottom + pen.size / 2;
        put_wrapped(&pen, level_ink(toast->level), toast->text);
    }
}

// Small words in the upper right corner: what is not as usual.
static void put_badges(const InspectView *view, DrawList *over)
{
    Pen pen = pen_at(view, over, 0);
    char text[160] = "";
    size_t used = 0;
    const Live *live = view->live;
    if (live->loop == LIVE_LOOP_RECORD) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, " REC %u ",
                                 live->timeline.input_count);
    } else if (live->loop == LIVE_LOOP_PLAY) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, " LOOP %u/%u ", live->loop_at,
                                 live->timeline.input_count);
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
    float width = draw_text_width(pen.size, text);
    uint32_t ink = live->loop == LIVE_LOOP_RECORD ? RED
                   : live->loop == LIVE_LOOP_PLAY ? GREEN
                                                  : INK;
    draw_rect(over, (hl_rectf){view->width_px - width, 0, width, pen.size * 2}, PANEL);
    draw_text(over, view->width_px - width, pen.size / 2, pen.size, ink, text);
}

static void put_diagnostic(Pen *pen, const BuildDiagnostic *diagnostic)
{
    char head[1200];
    uint32_t ink = diagnostic->severity == BUILD_ERROR     ? RED
                   : diagnostic->severity == BUILD_WARNING ? AMBER
                                                           : DIM_INK;
    if (diagnostic->file[0]) {
        (void)text_format(head, sizeof(head), "%s:%d:%d: %s", diagnostic->file, diagnostic->line,
                          diagnostic->column, diagnostic->text);
    } else {
        (void)text_format(head, sizeof(head), "%s", diagnostic->text);
    }
    put_wrapped(pen, ink, head);
    if (!diagnostic->source_line[0]) {
        return;
    }
    char source[300], caret[300];
    size_t column = 0;
    for (size_t i = 0; diagnostic->source_line[i] && i < sizeof(source) - 4; i++) {
        source[i] = diagnostic->source_line[i] == '\t' ? ' ' : diagnostic->source_line[i];
        source[i + 1] = '\0';
    }
    while (source[column] == ' ') { // shown from its first character that is one
        column++;
    }
    (void)text_format(caret, sizeof(caret), "  %s", source + column);
    size_t columns = columns_of(pen);
    caret[columns < sizeof(caret) ? columns : sizeof(caret) - 1] = '\0';
    draw_text(pen->over, pen->x, pen->y, pen->size, INK, caret);
    pen->y += line_height(pen);
    size_t at = diagnostic->column > (int)column ? (size_t)diagnostic->column - 1 - column : 0;
    if (diagnostic->column > 0 && at + 3 < columns) {
        draw_text(pen->over, pen->x + (float)(at + 2) * pen->size, pen->y, pen->size, AMBER, "^");
        pen->y += line_height(pen);
    }
}

static void put_failure(const Inspect *inspect, const InspectView *view, DrawList *over)
{
    Pen pen = pen_at(view, over, 0);
    const char *still = view->live->now.game ? "the previous code plays on" : "nothing to play yet";
    char head[200];
    // What is written on top of it decides its height, so the panel is drawn over a fixed part.
    float height = view->height_px * 0.6f;
    draw_rect(over, (hl_rectf){0, 0, view->width_px, height}, PANEL);
    draw_rect(over, (hl_rectf){0, 0, view->width_px, pen.size / 2}, RED);
    draw_clip(over, (hl_rectf){0, 0, view->width_px, height});
    pen.y = pen.size;
    if (!inspect->is_build) {
        put_wrapped(&pen, RED, "BUILD NOT TAKEN");
        pen.y += pen.size;
        put_wrapped(&pen, INK, inspect->refusal.text);
    } else {
        (void)text_format(head, sizeof(head), "BUILD FAILED: %u error%s - %s",
                          inspect->report.error_count, inspect->report.error_count == 1 ? "" : "s",
                          still);
        put_wrapped(&pen, RED, head);
        pen.y += pen.size / 2;
        for (uint32_t i = 0; i < inspect->report.diagnostic_count && pen.y < height; i++) {
            put_diagnostic(&pen, &inspect->report.diagnostics[i]);
            pen.y += pen.size / 4;
        }
    }
    draw_clip(over, (hl_rectf){0});
}

static void put_stopped(const InspectView *view, DrawList *over)
{
    const Fault *fault = &view->live->stopped;
    char text[2048];
    Pen pen = pen_at(view, over, 0);
    int length = 0;
    if (fault->file[0]) {
        length = snprintf(text, sizeof(text), "%s:%d: ", fault->file, fault->line);
    }
    (void)snprintf(
        text + length, sizeof(text) - (size_t)length,
        "%s\n\nThe tick ended there and the game stands still. Save a fix and it goes on "
        "from here; F9 restarts it.",
        fault->text);
    float height = text_height(&pen, text) + pen.size * 5;
    float top = view->height_px > height ? (view->height_px - height) / 2 : 0;
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
    float height = text_height(&pen, view->pause_text) + pen.size * 2;
    draw_rect(over, (hl_rectf){0, 0, view->width_px, height}, PANEL);
    draw_rect(over, (hl_rectf){0, 0, pen.size / 2, height}, AMBER);
    pen.y = pen.size;
    pen.right -= pen.size * 12; // the badges' corner
    put_wrapped(&pen, INK, view->pause_text);
}

static void put_help(const InspectView *view, DrawList *over)
{
    Pen pen = pen_at(view, over, 0);
    draw_rect(over, (hl_rectf){0, 0, view->width_px, view->height_px}, PANEL);
    pen.y = pen.size * 2;
    put_wrapped(&pen, AMBER, "hotloop: edit the game's source and save; it changes while it runs");
    pen.y += pen.size;
    for (const char *const *key = inspect_keys(); *key; key += 2) {
        draw_text(over, pen.x, pen.y, pen.size, GREEN, key[0]);
        draw_text(over, pen.x + pen.size * 5, pen.y, pen.size, INK, key[1]);
        pen.y += pen.size * 1.5f;
    }
}

void inspect_frame(Inspect *inspect, const InspectView *view, DrawList *over)
{
    if (view->live->stopped.kind != FAULT_NONE) {
        put_stopped(view, over);
    } else if (view->pause_text[0] && view->paused) {
        put_pause(view, over);
    }
    if (inspect->has_failure) {
        put_failure(inspect, view, over);
    }
    put_toasts(inspect, view, over);
    if (inspect->help) {
        put_help(view, over);
    }
    put_badges(view, over);
}
