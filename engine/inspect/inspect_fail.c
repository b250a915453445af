#include "inspect_fail.h"
#include "inspect_panel.h"

#include <string.h>

// Contents: parts, a failed build, a refused one, one that was put aside, a game that stands still,
// cards.
//
// Each screen is a card of the same parts: what happened and what still works, the place and the
// words, the line of source, the rest as a list, what to do. What it says is written by a function
// that with a pen without a list only measures.

enum {
    GLYPH = 8,
    COLUMNS_MOST = 128,     // as of the crash screen
    LARGE_COLUMNS_MIN = 38, // of a line that still holds a place and some words
    LARGE_LINES_MOST = 3,
    MARGIN_FROM_PX = 480, // a narrower window has no room around a card
    TITLE_LINES_MOST = 6,
    REPORT_LINES_MOST = 3,
    HEAD_BYTES = 1200
};
#define VEIL 0x0a0b0e90u

// About whom a card is.
typedef struct About {
    const Inspect *inspect;
    const InspectView *view;
} About;

typedef void Content(const About *about, InspectPen *pen);

// ------------------------------------------------------------------------------------------- parts

static void gap(InspectPen *pen)
{
    pen->y += pen->size / 2;
}

// What happened at the left, what still works at the right; below it where both have no room.
static void put_head(InspectPen *pen, const char *what, uint32_t ink, const char *still)
{
    InspectPen left = *pen, right = *pen;
    float width = draw_text_width(pen->size, still);
    right.x = pen->right - width;
    if (right.x < pen->x + draw_text_width(pen->size, what) + 2 * pen->size) {
        inspect_put_wrapped(pen, ink, what);
        inspect_put_wrapped(pen, UI_GOOD_INK, still);
        gap(pen);
        return;
    }
    inspect_put_cut(&left, ink, what);
    inspect_put_cut(&right, UI_GOOD_INK, still);
    pen->y = left.y;
    gap(pen);
}

static const char *what_still_works(const About *about)
{
    const InspectView *view = about->view;
    bool is_stopped =
        view->live->stopped.kind != FAULT_NONE || (view->crash && view->crash->is_set);
    // What the fast compiler took, and the full one does not.
    const GameLib *now = &view->live->now;
    bool is_fast = about->inspect && about->inspect->is_build && now->is_fast && now->sources != 0
                   && about->inspect->report.sources == now->sources;
    return !view->live->now.game ? "nothing to play yet"
           : is_stopped          ? "the game still waits for a fix"
           : is_fast             ? "the fast build of these sources plays"
                                 : "the previous code plays on";
}

// Larger than the rest where that leaves room for some words.
static void put_title(InspectPen *pen, size_t place, uint32_t ink, const char *text)
{
    InspectPen large = *pen;
    large.size += GLYPH;
    bool is_long =
        inspect_text_height(&large, text) > inspect_line_height(&large) * (LARGE_LINES_MOST + 0.5f);
    if (inspect_columns(&large) < LARGE_COLUMNS_MIN || is_long) {
        large.size = pen->size;
    }
    inspect_put_placed(&large, place, ink, text, TITLE_LINES_MOST);
    pen->y = large.y;
}

static void put_foot(InspectPen *pen, const char *fix, const InspectKey *keys, size_t count)
{
    pen->y += pen->size / 4;
    inspect_put_wrapped(pen, UI_GOOD_INK, fix);
    if (count > 0) {
        gap(pen);
        inspect_put_keys(pen, keys, count);
    }
}

static float foot_height(const InspectPen *pen, const char *fix, const InspectKey *keys,
                         size_t count)
{
    InspectPen measure = *pen;
    measure.over = NULL;
    measure.bottom = pen->y + 1e6f;
    put_foot(&measure, fix, keys, count);
    return measure.y - pen->y;
}

// ---------------------------------------------------------------------------------- a failed build

// The line that a diagnostic is about, from its first character that is no blank, and a caret under
// its column. Of a line that is too long, the part with the column in it, which is its end when the
// column is near that.
static void put_line_of(InspectPen *pen, const BuildDiagnostic *diagnostic)
{
    const char *line = diagnostic->source_line;
    size_t length = strlen(line), blank = strspn(line, " \t");
    size_t byte = diagnostic->column > 0 ? (size_t)diagnostic->column - 1 : 0;
    bool has_caret = diagnostic->column > 0 && byte >= blank && byte <= length;
    size_t columns = inspect_columns(pen);
    size_t at = has_caret ? inspect_cells_of(line + blank, byte - blank) : 0;
    size_t behind_end = inspect_cells_of(line + blank, length - blank) + 1;
    size_t skip = at < columns ? 0 : at - columns / 2;
    if (skip > 0 && skip > behind_end - columns) {
        skip = behind_end - columns;
    }
    const char *shown = line + blank + inspect_bytes_of(line + blank, skip);
    InspectPen inner = *pen;
    inspect_put_line(&inner, UI_INK, shown, inspect_bytes_of(shown, columns));
    if (has_caret) {
        inner.x += (float)(at - skip) * pen->size;
        inspect_put_line(&inner, UI_WARN_INK, "^", 1);
    }
    pen->y = inner.y;
}

// In an inset of its own, with its number, as the crash screen has it.
static void put_source(InspectPen *pen, const BuildDiagnostic *diagnostic)
{
    char number[16];
    float pad = pen->size / 2, line = inspect_line_height(pen);
    InspectPen inner = *pen;
    (void)text_format(number, sizeof(number), "%d", diagnostic->line);
    float aside = draw_text_width(pen->size, number) + 2 * pen->size;
    inner.x += pad + aside;
    inner.right -= pad;
    inner.y += pad + pad / 2;
    InspectPen measure = inner;
    measure.over = NULL;
    put_line_of(&measure, diagnostic);
    float end = measure.y + pad / 2;
    if (pen->over && end <= pen->bottom + pad) {
        float wide = pen->right - pen->x;
        draw_rect(pen->over, (hl_rectf){pen->x, pen->y + pad / 2, wide, end - pen->y - pad / 2},
                  UI_INSET);
        hl_rectf band = {pen->x, inner.y - (line - pen->size) / 2, wide, line};
        draw_rect(pen->over, band, UI_BAD_BAR);
        band.w = pen->size / 4;
        draw_rect(pen->over, band, UI_BAD_INK);
        InspectPen left = inner;
        left.x = pen->x + pad + pad / 2;
        left.right = inner.x;
        if (diagnostic->line > 0) {
            inspect_put_cut(&left, UI_WARN_INK, number);
        }
        put_line_of(&inner, diagnostic);
    }
    pen->y = end;
}

// "hero.c:6:14  expected ...". Returns how long the place is.
static size_t head_of(const BuildDiagnostic *diagnostic, char out[HEAD_BYTES])
{
    char place[600];
    build_diagnostic_place(diagnostic, place, sizeof(place));
    (void)text_format(out, HEAD_BYTES, "%s%s%s", place, place[0] ? " " : "", diagnostic->text);
    return strlen(place);
}

static uint32_t severity_ink(BuildSeverity severity)
{
    return severity == BUILD_ERROR ? UI_INK : severity == BUILD_WARNING ? UI_LABEL_INK : UI_DIM_INK;
}

// The one to mend: others often only follow from it.
static void put_first(InspectPen *pen, const BuildDiagnostic *diagnostic)
{
    char head[HEAD_BYTES];
    size_t place = head_of(diagnostic, head);
    put_title(pen, place, severity_ink(diagnostic->severity), head);
    if (diagnostic->source_line[0] && inspect_has_room(pen)) {
        put_source(pen, diagnostic);
    }
    gap(pen);
}

// The list of the others: a line each.
static void put_next(InspectPen *pen, const BuildDiagnostic *diagnostic)
{
    char head[HEAD_BYTES], line[INSPECT_LINE_BYTES];
    InspectPen inner = *pen;
    inner.x += diagnostic->severity == BUILD_NOTE ? 2 * pen->size : 0;
    size_t place = head_of(diagnostic, head);
    inspect_cut(line, sizeof(line), head, inspect_columns(&inner));
    inspect_put_placed(&inner, place, severity_ink(diagnostic->severity), line, 1);
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
        inspect_put_wrapped(pen, UI_DIM_INK, more);
    }
}

static void put_failed(const About *about, InspectPen *pen)
{
    static const char FIX[] = "Mend it and save: this goes away by itself.";
    const BuildReport *report = &about->inspect->report;
    char head[200];
    (void)text_format(head, sizeof(head), "BUILD FAILED: %u error%s", report->error_count,
                      report->error_count == 1 ? "" : "s");
    put_head(pen, head, UI_BAD_INK, what_still_works(about));
    float foot = foot_height(pen, FIX, NULL, 0);
    pen->bottom -= foot;
    put_errors(report, pen);
    pen->bottom += foot;
    put_foot(pen, FIX, NULL, 0);
}

// -------------------------------------------------------------------------------- a refused build

// Structs that cannot take the state, field by field; the first large.
static void put_fields(const Inspect *inspect, InspectPen *pen)
{
    char more[80];
    uint32_t shown = 0;
    pen->bottom -= inspect_line_height(pen); // for the line that says how many more there are
    for (; shown < inspect->field_count && inspect_has_room(pen); shown++) {
        const char *text = inspect->fields[shown];
        size_t name = strcspn(text, " :");
        if (shown == 0) {
            put_title(pen, name, UI_INK, text);
            gap(pen);
        } else {
            inspect_put_placed(pen, name, UI_INK, text, 2);
        }
    }
    pen->bottom += inspect_line_height(pen);
    uint32_t rest = inspect->field_count - shown + inspect->fields_more;
    if (rest > 0) {
        (void)text_format(more, sizeof(more), "... and %u more in the log (Shift+F3)", rest);
        inspect_put_cut(pen, UI_DIM_INK, more);
    }
}

static void put_refused_structs(const About *about, InspectPen *pen)
{
    static const char HELP[] = "What would help: take the change back, or say in the game's "
                               ".migrate function what becomes of it.";
    static const InspectKey KEYS[] = {{"F9", "run the new build, from its beginning"}};
    const Inspect *inspect = about->inspect;
    put_head(pen, "BUILD NOT TAKEN: the state does not fit", UI_BAD_INK, what_still_works(about));
    float foot = foot_height(pen, HELP, KEYS, COUNT_OF(KEYS)) + pen->size;
    pen->bottom -= foot;
    put_fields(inspect, pen);
    pen->bottom += foot;
    gap(pen);
    put_foot(pen, HELP, KEYS, COUNT_OF(KEYS));
}

static void put_refused(const About *about, InspectPen *pen)
{
    const Inspect *inspect = about->inspect;
    const char *text = inspect->refusal.text;
    if (inspect->field_count > 0) {
        put_refused_structs(about, pen);
        return;
    }
    put_head(pen, "BUILD NOT TAKEN", UI_BAD_INK, what_still_works(about));
    put_title(pen, inspect_place_length(text), UI_INK, text);
}

// ------------------------------------------------------------------- one that was put aside

static void put_aside(const About *about, InspectPen *pen)
{
    const Inspect *inspect = about->inspect;
    const char *text = inspect->report_text;
    uint32_t ink = inspect->is_warning ? UI_WARN_INK : UI_BAD_INK;
    (void)inspect_put_lines(pen, ink, inspect->report_title, REPORT_LINES_MOST);
    if (text[0] && inspect_has_room(pen)) {
        inspect_put_placed(pen, inspect_place_length(text), UI_INK, text, REPORT_LINES_MOST);
    }
    if (inspect_has_room(pen)) {
        inspect_put_cut(pen, UI_GOOD_INK, inspect->report_foot);
    }
}

// --------------------------------------------------------------------- a game that stands still

static void put_stopped(const About *about, InspectPen *pen)
{
    static const InspectKey KEYS[] = {{"F8", "hold: rewind"}, {"F9", "restart"}};
    const Fault *fault = &about->view->live->stopped;
    char text[2048], place[300];
    fault_place(fault, place, sizeof(place));
    (void)text_format(text, sizeof(text), "%s%s%s", place, place[0] ? " " : "", fault->text);
    put_head(pen, "STOPPED", UI_BAD_INK, "its last good picture is kept");
    put_title(pen, strlen(place), UI_INK, text);
    gap(pen);
    put_foot(pen, "Save a fix, and it goes on from here.", KEYS, COUNT_OF(KEYS));
}

// ------------------------------------------------------------------------------------------- cards

// Between `top` and `most` below it; in the middle of the window as far as that is so.
typedef struct Card {
    Content *content;
    float top, most;
    bool is_centred;
    uint32_t columns; // no wider than that; 0: as wide as it may be
} Card;

// Returns how high it is with the margin above it; without a list only that.
static float put_card(const About *about, const Card *card, DrawList *over)
{
    const InspectView *view = about->view;
    float size = inspect_source_size(view->width_px, view->height_px);
    float margin = view->width_px < MARGIN_FROM_PX ? 0 : (float)(int)(size / 2);
    uint32_t columns = card->columns > 0 ? card->columns : COLUMNS_MOST;
    float width = view->width_px - 2 * margin, widest = (float)columns * size + 2 * size;
    width = width < widest ? width : widest;
    float left = card->columns > 0 ? margin : (float)(int)((view->width_px - width) / 2);
    float top = card->top + margin;
    InspectPen pen = {.x = left + size,
                      .y = top + size * 0.75f,
                      .right = left + width - size,
                      .bottom = card->top + card->most - size * 0.5f,
                      .size = size};
    InspectPen measure = pen;
    card->content(about, &measure);
    float height = measure.y - top + size * 0.25f, most = card->most - margin;
    height = height < most ? height : most;
    if (over) {
        float middle = (view->height_px - height) / 2;
        float down = card->is_centred && middle > top ? (float)(int)(middle - top) : 0;
        hl_rectf box = {left, top + down, width, height};
        draw_rect(over, box, INSPECT_PANEL);
        bool is_warning = card->content == put_aside && about->inspect->is_warning;
        draw_rect(over, (hl_rectf){left, box.y, width, size / 4},
                  is_warning ? UI_WARN_INK : UI_BAD_INK);
        pen.over = over;
        pen.y += down;
        pen.bottom += down;
        card->content(about, &pen);
    }
    return margin + height;
}

// Of a build that was put aside: no wider than its text.
static Card aside_card(const Inspect *inspect, const InspectView *view)
{
    InspectPen pen = inspect_pen(view->width_px, view->height_px, NULL, 0);
    pen.size = inspect_source_size(view->width_px, view->height_px);
    float title = inspect_text_width(&pen, inspect->report_title);
    float text = inspect_text_width(&pen, inspect->report_text);
    float foot = inspect_text_width(&pen, inspect->report_foot);
    text = foot > text ? foot : text;
    uint32_t columns = (uint32_t)((title > text ? title : text) / pen.size);
    return (Card){put_aside, .most = view->height_px / 3, .columns = columns > 0 ? columns : 1};
}

// What a newer build did is said, not what an older one did. False: all is well.
static bool card_of(const Inspect *inspect, const InspectView *view, Card *card)
{
    if (inspect->has_failure) {
        // Never so high that the game is out of sight.
        *card =
            (Card){inspect->is_build ? put_failed : put_refused, .most = view->height_px * 0.6f};
    } else if (inspect->has_report) {
        *card = aside_card(inspect, view);
    }
    return inspect->has_failure || inspect->has_report;
}

float inspect_fail_height(const Inspect *inspect, const InspectView *view)
{
    Card card;
    const About about = {inspect, view};
    return card_of(inspect, view, &card) ? put_card(&about, &card, NULL) : 0;
}

void inspect_fail_frame(const Inspect *inspect, const InspectView *view, DrawList *over)
{
    Card card;
    const About about = {inspect, view};
    if (card_of(inspect, view, &card)) {
        (void)put_card(&about, &card, over);
    }
}

void inspect_fail_stopped(const InspectView *view, float top, DrawList *over)
{
    const About about = {NULL, view};
    const Card card = {put_stopped, top, view->height_px - top, .is_centred = true};
    draw_rect(over, (hl_rectf){0, 0, view->width_px, view->height_px}, VEIL);
    (void)put_card(&about, &card, over);
}
