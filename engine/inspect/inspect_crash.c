#include "inspect_crash.h"
#include "inspect_panel.h"

#include <stdio.h>
#include <string.h>

// Contents: words, source, calls, foot, how the room is shared, the frame.
//
// Each part of the panel is a function that writes with a pen, and with a pen without a list only
// measures. Room is given to the parts in the order of what one needs most, and then they are drawn
// from top to bottom: what got none is left out, and nothing overlaps.

enum {
    GLYPH = 8,
    COLUMNS_MOST = 128, // more is hard to read, and the picture beside it is worth more
    TABLE_COLUMNS = 84, // from here on a call is one line with its source
    TITLE_LINES = 3,    // when it is large
    TITLE_LINES_MOST = 5,
    HINT_LINES = 4,
    UNDONE_LINES = 3,
    CALLS_FIRST = 3, // of them are more important than the hint
    CALLS_MOST = 16  // the picture is to stay in sight; a copy has all of them
};
#define VEIL  0x0a0b0ea0u
#define PAPER ((UI_GROUND & 0xffffff00u) | 0xea)

typedef enum Part { HEAD, TITLE, HINT, SOURCE, CALLS, UNDONE, FIX, KEYS, PARTS } Part;

// How the parts stand, from the best look to what leaves most room.
typedef enum Space {
    AIRY,  // with much space around the parts; only when all of them fit
    DENSE, // with little
    PLAIN  // and the title in small letters
} Space;

typedef struct Screen {
    const Crash *crash;
    const char *words;
    char title[sizeof(((Crash *)0)->title)], hint[sizeof(((Crash *)0)->hint)];
    char undone[sizeof(((Crash *)0)->undone)];
    InspectPen pen; // its x and right: of everything on the panel
    float title_size;
    Space space;
    float margin, pad;   // around the panel, and in it
    float height[PARTS]; // 0: left out
    uint32_t source_lines, calls;
    bool call_sources; // a second line for each call
    float room;
} Screen;

// ------------------------------------------------------------------------------------------- words

// Above a part. What belongs together stands together.
static float gap_above(const Screen *screen, Part part)
{
    float gap = screen->pen.size * (screen->space == AIRY ? 1.0f : 0.5f);
    bool goes_on = part == TITLE || (part == FIX && screen->height[UNDONE] > 0);
    return part == HEAD ? 0 : goes_on ? gap / 2 : gap;
}

static uint32_t frames_of(const Crash *crash)
{
    return crash->frame_count < CRASH_FRAMES_MAX ? crash->frame_count : CRASH_FRAMES_MAX;
}

static uint32_t source_count(const Crash *crash)
{
    return crash->source_count < CRASH_SOURCE_LINES ? crash->source_count : CRASH_SOURCE_LINES;
}

static size_t cells(const char *text)
{
    return inspect_cells_of(text, strlen(text));
}

static uint32_t wrapped_lines(const InspectPen *pen, const char *text)
{
    return *text ? (uint32_t)(inspect_text_height(pen, text) / inspect_line_height(pen) + 0.5f) : 0;
}

static void put_head(const Screen *screen, InspectPen *pen)
{
    char line[160];
    const Crash *crash = screen->crash;
    InspectPen right = *pen;
    const char *words = screen->words + strspn(screen->words, " ");
    float width = draw_text_width(pen->size, words);
    (void)text_format(line, sizeof(line), "STOPPED in %s%s, build %llu, tick %llu", crash->call,
                      strcmp(crash->call, "constructor") == 0 ? "" : "()",
                      (unsigned long long)crash->generation, (unsigned long long)crash->tick);
    if (!crash->call[0]) {
        (void)text_format(line, sizeof(line), "STOPPED");
    }
    right.x = pen->right - width;
    if (*words && right.x > pen->x + pen->size * 12) {
        inspect_put_cut(&right, UI_DIM_INK, words);
        pen->right = right.x - pen->size;
    }
    inspect_put_cut(pen, UI_BAD_INK, line);
}

static void put_title(const Screen *screen, InspectPen *pen)
{
    size_t place = inspect_place_length(screen->title);
    inspect_put_placed(pen, place, UI_INK, screen->title, TITLE_LINES_MOST);
}

// ------------------------------------------------------------------------------------------ source

// The first of `lines` lines that are shown, with the marked one in their middle.
static uint32_t first_source(const Screen *screen)
{
    const Crash *crash = screen->crash;
    int at = crash->source_at - (int)screen->source_lines / 2;
    int most = (int)(source_count(crash) - screen->source_lines);
    return (uint32_t)(at < 0 ? 0 : at > most ? most : at);
}

static void put_source_line(const Screen *screen, InspectPen *pen, uint32_t which)
{
    const Crash *crash = screen->crash;
    char number[16], last[16];
    bool is_marked = (int)which == crash->source_at;
    InspectPen text = *pen;
    int digits =
        snprintf(last, sizeof(last), "%d", crash->source_first + (int)source_count(crash) - 1);
    (void)snprintf(number, sizeof(number), "%*d", digits, crash->source_first + (int)which);
    float high = inspect_line_height(pen), side = pen->size / 2;
    if (is_marked && pen->over) {
        hl_rectf band = {pen->x - side, pen->y - (high - pen->size) / 2,
                         pen->right - pen->x + 2 * side, high};
        draw_rect(pen->over, band, UI_BAD_BAR);
        band.w = side / 2;
        draw_rect(pen->over, band, UI_BAD_INK);
    }
    text.x += (float)(digits + 2) * pen->size;
    InspectPen left = *pen;
    left.right = text.x - pen->size;
    inspect_put_cut(&left, is_marked ? UI_WARN_INK : UI_FAINT_INK, number);
    inspect_put_cut(&text, is_marked ? UI_INK : UI_DIM_INK, crash->source[which]);
    pen->y = text.y;
}

static void put_source(const Screen *screen, InspectPen *pen)
{
    float pad = pen->size / 2;
    if (pen->over) {
        draw_rect(pen->over,
                  (hl_rectf){pen->x, pen->y, pen->right - pen->x, screen->height[SOURCE]},
                  UI_INSET);
    }
    InspectPen inner = *pen;
    inner.x += pad;
    inner.right -= pad;
    inner.y += pad;
    uint32_t first = first_source(screen);
    for (uint32_t i = 0; i < screen->source_lines; i++) {
        put_source_line(screen, &inner, first + i);
    }
}

static float source_height(const Screen *screen, uint32_t lines)
{
    return (float)lines * inspect_line_height(&screen->pen) + screen->pen.size * 0.75f;
}

// ------------------------------------------------------------------------------------------- calls

// "step()" and " inlined x 4128", which is how often it is there in a row.
static void call_name(const CrashFrame *frame, char name[160], char more[48])
{
    char repeats[24] = "";
    bool is_known = frame->function[0] && strcmp(frame->function, "?") != 0;
    if (frame->repeats > 0) {
        (void)text_format(repeats, sizeof(repeats), " x %u", frame->repeats + 1);
    }
    (void)text_format(name, 160, "%s%s", is_known ? frame->function : "?", is_known ? "()" : "");
    (void)text_format(more, 48, "%s%s", repeats, frame->is_inlined ? " inlined" : "");
}

// At most so many columns: of a long path its end, where the file and the line are.
static void call_place(const CrashFrame *frame, size_t columns, char *out, size_t out_bytes)
{
    char place[sizeof(frame->file) + 16];
    if (frame->file[0] && frame->line > 0) {
        (void)text_format(place, sizeof(place), "%s:%d", frame->file, frame->line);
    } else {
        (void)text_format(place, sizeof(place), "%s",
                          frame->file[0] ? frame->file : frame->library);
    }
    size_t wide = cells(place);
    if (wide <= columns || columns <= 3) {
        (void)text_format(out, out_bytes, "%s", place);
        return;
    }
    (void)text_format(out, out_bytes, "...%s", place + inspect_bytes_of(place, wide - columns + 3));
}

typedef struct CallColumns {
    float place_x, source_x; // source_x 0: has no column
} CallColumns;

// As wide as what stands in them, within limits: a name or a path that is too long is cut.
static CallColumns call_columns(const Screen *screen, const InspectPen *pen)
{
    size_t columns = inspect_columns(pen), name = 0, place = 0;
    char text[512], more[48];
    for (uint32_t i = 0; i < screen->calls; i++) {
        call_name(&screen->crash->frames[i], text, more);
        size_t wide = cells(text) + cells(more);
        name = wide > name ? wide : name;
        call_place(&screen->crash->frames[i], SIZE_MAX, text, sizeof(text));
        place = cells(text) > place ? cells(text) : place;
    }
    bool has_source = columns >= TABLE_COLUMNS;
    size_t name_most = has_source ? columns * 35 / 100 : columns / 2;
    name = name < name_most ? name : name_most;
    size_t place_most = columns * 30 / 100;
    place = place < place_most ? place : place_most;
    float place_x = pen->x + (float)(name + 2) * pen->size;
    return (CallColumns){place_x, has_source ? place_x + (float)(place + 2) * pen->size : 0};
}

// The piece of a line from `x` to `right`.
static InspectPen cell(const InspectPen *pen, float x, float right)
{
    InspectPen piece = *pen;
    piece.x = x;
    piece.right = right;
    return piece;
}

static void put_name(const CrashFrame *frame, InspectPen name)
{
    char text[160], more[48], shown[INSPECT_LINE_BYTES];
    call_name(frame, text, more);
    size_t columns = inspect_columns(&name), behind = cells(more);
    behind = behind < columns ? behind : 0;
    inspect_cut(shown, sizeof(shown), text, columns - behind);
    InspectPen rest = cell(&name, name.x + (float)cells(shown) * name.size, name.right);
    inspect_put_cut(&name, frame->library[0] ? UI_FAINT_INK : UI_INK, shown);
    if (behind > 0) {
        inspect_put_cut(&rest, frame->repeats > 0 ? UI_BAD_INK : UI_FAINT_INK, more);
    }
}

static void put_call(const CrashFrame *frame, const CallColumns *columns, bool own_line,
                     InspectPen *pen)
{
    char place[512];
    uint32_t place_ink = frame->library[0] ? UI_FAINT_INK : UI_WARN_INK;
    uint32_t source_ink = frame->library[0] ? UI_FAINT_INK : UI_DIM_INK;
    float place_end = columns->source_x > 0 ? columns->source_x - pen->size : pen->right;
    InspectPen piece = cell(pen, columns->place_x, place_end);
    put_name(frame, cell(pen, pen->x, columns->place_x - pen->size));
    call_place(frame, inspect_columns(&piece), place, sizeof(place));
    inspect_put_cut(&piece, place_ink, place);
    if (columns->source_x > 0) {
        piece = cell(pen, columns->source_x, pen->right);
        inspect_put_cut(&piece, source_ink, frame->source);
    }
    pen->y += inspect_line_height(pen);
    if (own_line && frame->source[0]) {
        piece = cell(pen, pen->x + 2 * pen->size, pen->right);
        inspect_put_cut(&piece, source_ink, frame->source);
        pen->y = piece.y;
    }
}

static uint32_t calls_wanted(const Crash *crash)
{
    return frames_of(crash) < CALLS_MOST ? frames_of(crash) : CALLS_MOST;
}

// How many lines calls take when `calls` of them are shown, with that of how many there are more.
static uint32_t call_lines(const Screen *screen, uint32_t calls, bool own_lines)
{
    const Crash *crash = screen->crash;
    uint32_t lines = calls + (calls < frames_of(crash) || crash->frames_cut);
    for (uint32_t i = 0; own_lines && i < calls; i++) {
        lines += crash->frames[i].source[0] != '\0';
    }
    return lines;
}

static void put_calls(const Screen *screen, InspectPen *pen)
{
    const Crash *crash = screen->crash;
    CallColumns columns = call_columns(screen, pen);
    uint64_t more = 0;
    for (uint32_t i = 0; i < frames_of(crash); i++) {
        if (i < screen->calls) {
            put_call(&crash->frames[i], &columns, screen->call_sources, pen);
        } else {
            more += 1 + (uint64_t)crash->frames[i].repeats;
        }
    }
    if (more > 0 || crash->frames_cut) {
        char line[80];
        (void)text_format(line, sizeof(line), "... %llu more call%s%s", (unsigned long long)more,
                          more == 1 ? "" : "s", crash->frames_cut ? ", and deeper ones" : "");
        inspect_put_cut(pen, UI_FAINT_INK, more > 0 ? line : "... deeper calls");
    }
}

// -------------------------------------------------------------------------------------------- foot

static bool has_begun(const Crash *crash)
{
    return strcmp(crash->call, "init") != 0 && strcmp(crash->call, "constructor") != 0;
}

static const char *fix_words(const Screen *screen)
{
    if (!has_begun(screen->crash)) {
        return "Fix it and save: the game starts with it.";
    }
    const char *words = "Fix it and save: the game goes on from here.";
    return cells(words) <= inspect_columns(&screen->pen) ? words : "Fix it and save to go on.";
}

static void put_keys(const Screen *screen, InspectPen *pen)
{
    const InspectKey keys[] = {{has_begun(screen->crash) ? "F8" : NULL, "hold: rewind"},
                               {"F9", "restart"},
                               {"Ctrl+C", "copy"},
                               {"Esc", "hide this"}};
    inspect_put_keys(pen, keys, COUNT_OF(keys));
}

// ------------------------------------------------------------------------------ sharing of the
// room

static bool take(Screen *screen, Part part, float height)
{
    float wanted = height + gap_above(screen, part);
    if (height <= 0 || screen->room < wanted) {
        return false;
    }
    screen->room -= wanted;
    screen->height[part] = height;
    return true;
}

// As many lines of `text` as there are, as may be and as fit.
static void take_text(Screen *screen, Part part, const char *text, float size, uint32_t most)
{
    InspectPen pen = screen->pen;
    pen.size = size;
    uint32_t lines = wrapped_lines(&pen, text);
    for (lines = lines < most ? lines : most; lines > 0; lines--) {
        if (take(screen, part, (float)lines * inspect_line_height(&pen))) {
            return;
        }
    }
}

// Large, when it stays short and leaves room for the rest.
static void take_title(Screen *screen)
{
    InspectPen pen = screen->pen;
    float step = GLYPH, most = screen->room * 0.3f;
    pen.size *= screen->space == PLAIN ? 1 : 2;
    for (; pen.size > screen->pen.size; pen.size -= step) {
        uint32_t lines = wrapped_lines(&pen, screen->title);
        // In three lines only when that is the last step that is larger than the rest.
        uint32_t lines_most = pen.size - step > screen->pen.size ? TITLE_LINES - 1 : TITLE_LINES;
        if (lines <= lines_most && (float)lines * inspect_line_height(&pen) <= most) {
            break;
        }
    }
    screen->title_size = pen.size;
    take_text(screen, TITLE, screen->title, pen.size, TITLE_LINES_MOST);
}

static void take_source(Screen *screen)
{
    uint32_t count = source_count(screen->crash);
    count = count > 3 && screen->space == PLAIN ? 3 : count;
    for (uint32_t lines = count; lines > 0; lines = lines > 3 ? 3 : lines > 1 ? 1 : 0) {
        if (take(screen, SOURCE, source_height(screen, lines))) {
            screen->source_lines = lines;
            return;
        }
    }
}

static bool take_calls(Screen *screen, uint32_t calls, bool own_lines)
{
    float height = (float)call_lines(screen, calls, own_lines) * inspect_line_height(&screen->pen);
    float had = screen->height[CALLS] > 0 ? screen->height[CALLS] + gap_above(screen, CALLS) : 0;
    if (calls == 0 || screen->room + had < height + gap_above(screen, CALLS)) {
        return false;
    }
    screen->room += had;
    screen->calls = calls;
    screen->call_sources = own_lines;
    return take(screen, CALLS, height);
}

static void take_more_calls(Screen *screen)
{
    uint32_t count = calls_wanted(screen->crash);
    bool is_table = inspect_columns(&screen->pen) >= TABLE_COLUMNS;
    if (!is_table && take_calls(screen, count, true)) {
        return;
    }
    for (uint32_t calls = count; calls > screen->calls; calls--) {
        if (take_calls(screen, calls, false)) {
            return;
        }
    }
}

// In the order of what one needs most.
static void share_room(Screen *screen)
{
    InspectPen keys = screen->pen;
    keys.over = NULL;
    keys.y = 0;
    put_keys(screen, &keys);
    float line = inspect_line_height(&screen->pen);
    uint32_t count = frames_of(screen->crash), first = count < CALLS_FIRST ? count : CALLS_FIRST;
    take_title(screen);
    (void)take(screen, FIX, line);
    (void)take(screen, KEYS, keys.y);
    (void)take(screen, HEAD, line);
    take_text(screen, UNDONE, screen->undone, screen->pen.size, UNDONE_LINES); // FIX moves up to it
    take_source(screen);
    while (first > 0 && !take_calls(screen, first, false)) {
        first--;
    }
    take_text(screen, HINT, screen->hint, screen->pen.size, HINT_LINES);
    take_more_calls(screen);
}

// ------------------------------------------------------------------------------------------- frame

static void put_part(const Screen *screen, Part part, InspectPen *pen)
{
    switch (part) {
    case HEAD:
        put_head(screen, pen);
        break;
    case TITLE:
        pen->size = screen->title_size;
        put_title(screen, pen);
        break;
    case HINT:
        (void)inspect_put_lines(pen, UI_DIM_INK, screen->hint, HINT_LINES);
        break;
    case SOURCE:
        put_source(screen, pen);
        break;
    case CALLS:
        put_calls(screen, pen);
        break;
    case UNDONE:
        (void)inspect_put_lines(pen, UI_DIM_INK, screen->undone, UNDONE_LINES);
        break;
    case FIX:
        inspect_put_cut(pen, UI_GOOD_INK, fix_words(screen));
        break;
    case KEYS:
    case PARTS:
        put_keys(screen, pen);
        break;
    }
}

static Screen screen_of(const InspectCrash *view, Space space, DrawList *over)
{
    float size = inspect_source_size(view->width_px, view->height_px),
          margin = size * (space == AIRY ? 1.5f : 0.5f);
    float pad = size * (space == AIRY ? 1.5f : 1);
    float width = view->width_px - 2 * margin, most = COLUMNS_MOST * size + 2 * pad;
    width = width < most ? width : most;
    float left = (float)(int)((view->width_px - width) / 2);
    Screen screen = {.crash = view->crash,
                     .words = view->words,
                     .space = space,
                     .margin = margin,
                     .pad = pad,
                     .room = view->bottom - view->top - 2 * margin - 2 * pad};
    screen.pen = (InspectPen){over, left + pad, 0, left + width - pad, view->bottom, size};
    text_clean(screen.title, sizeof(screen.title), view->crash->title, false);
    text_clean(screen.hint, sizeof(screen.hint), view->crash->hint, false);
    text_clean(screen.undone, sizeof(screen.undone), view->crash->undone, false);
    return screen;
}

// Is there anything that got no room?
static bool is_complete(const Screen *screen)
{
    const Crash *crash = screen->crash;
    const float *height = screen->height;
    bool has_texts = height[TITLE] > 0 && height[FIX] > 0 && height[KEYS] > 0 && height[HEAD] > 0
                     && (height[UNDONE] > 0 || !screen->undone[0]);
    InspectPen pen = screen->pen;
    uint32_t hint = wrapped_lines(&pen, screen->hint);
    hint = hint < HINT_LINES ? hint : HINT_LINES;
    return has_texts && screen->source_lines == source_count(crash)
           && screen->calls == calls_wanted(crash)
           && height[HINT] > ((float)hint - 0.5f) * inspect_line_height(&pen);
}

static float panel_height(const Screen *screen)
{
    float high = 2 * screen->pad;
    for (Part part = HEAD; part < PARTS; part++) {
        high += screen->height[part] > 0 ? screen->height[part] + gap_above(screen, part) : 0;
    }
    return high;
}

// Between what happened and what to do now.
static void put_rule(const Screen *screen, float y)
{
    const InspectPen *pen = &screen->pen;
    float thick = pen->size / GLYPH;
    draw_rect(pen->over, (hl_rectf){pen->x, y, pen->right - pen->x, thick}, UI_EDGE);
}

static void put_panel(const Screen *screen, const InspectCrash *view)
{
    float size = screen->pen.size, high = panel_height(screen), margin = screen->margin;
    // In the middle of the window, unless something else is there.
    float y = (view->height_px - high) / 2, lowest = view->bottom - margin - high;
    y = y < lowest ? y : lowest;
    y = (float)(int)(y > view->top + margin ? y : view->top + margin);
    float left = screen->pen.x - screen->pad, right = screen->pen.right + screen->pad;
    draw_rect(screen->pen.over, (hl_rectf){left, y, right - left, high}, PAPER);
    draw_rect(screen->pen.over, (hl_rectf){left, y, right - left, size / 4}, UI_BAD_INK);
    y += screen->pad;
    Part foot = screen->height[UNDONE] > 0 ? UNDONE : FIX;
    for (Part part = HEAD; part < PARTS; part++) {
        if (screen->height[part] <= 0) {
            continue;
        }
        if (part == foot && screen->space == AIRY) {
            put_rule(screen, y + (float)(int)(size / 4));
        }
        y += gap_above(screen, part);
        InspectPen pen = screen->pen;
        pen.y = y;
        pen.bottom = y + screen->height[part];
        put_part(screen, part, &pen);
        y += screen->height[part];
    }
}

static bool is_good(const Screen *screen)
{
    uint32_t calls = calls_wanted(screen->crash);
    calls = calls < CALLS_FIRST ? calls : CALLS_FIRST;
    bool has_calls = screen->calls >= calls && (calls == 0 || screen->height[CALLS] > 0);
    return screen->space == AIRY ? is_complete(screen) : screen->space == PLAIN || has_calls;
}

void inspect_crash_frame(const InspectCrash *view, DrawList *over)
{
    Screen screen;
    Space space = AIRY;
    draw_rect(over, (hl_rectf){0, 0, view->width_px, view->height_px}, VEIL);
    do {
        screen = screen_of(view, space++, over);
        share_room(&screen);
    } while (!is_good(&screen));
    if (screen.height[TITLE] > 0) {
        put_panel(&screen, view);
    }
}

float inspect_crash_strip(const InspectCrash *view, DrawList *over)
{
    static const char ESC[] = "Esc: what happened";
    InspectPen pen = inspect_pen(view->width_px, view->height_px, over, view->top);
    float high = pen.size * 2;
    if (view->top + high > view->bottom) {
        return view->top;
    }
    draw_rect(over, (hl_rectf){0, view->top, view->width_px, high}, PAPER);
    draw_rect(over, (hl_rectf){0, view->top, pen.size / 2, high}, UI_BAD_INK);
    pen.y = view->top + pen.size / 2;
    InspectPen right = pen;
    right.x = pen.right - draw_text_width(pen.size, ESC);
    if (right.x > pen.x + pen.size * 12) {
        inspect_put_cut(&right, UI_GOOD_INK, ESC);
        pen.right = right.x - pen.size * 2;
    }
    inspect_put_cut(&pen, UI_INK, view->crash->title);
    return view->top + high;
}

uint64_t inspect_crash_id(const Crash *crash)
{
    uint64_t id = hash_bytes(crash->title, strlen(crash->title));
    return hash_combine(hash_combine(id, crash->tick), crash->generation);
}
