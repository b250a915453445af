#include "inspect_time.h"
#include "ui_theme.h"

#include <inttypes.h>

// Contents: where it lies, words, track, marks of time, text, tip. Three rows of font pixels,
// scaled like the rest of inspect: what is said about the moment, the track, the marks of time
// below it.
enum {
    NARROWEST_PX = 160, // of a window that has room for it, and the largest that can be one
    LOWEST_PX = 64,
    LARGEST_PX = 32768,
    MARKS_FROM_PX = 120, // a lower window goes without the marks: the game is to stay in sight
    GLYPH = 8,
    PAD = 8, // left and right of the track: half of the handle has room there
    TEXT_Y = 3,
    TRACK_Y = 15,
    TRACK_HIGH = 7,
    LOW_HIGH = 25,
    LABEL_Y = 25,
    FULL_HIGH = 34,
    LABEL_CELLS = 9, // "-10:00:00"
    AGE_CELLS = 7,   // "-12.3 s": what stands behind it stays in its place
    NEAR = 4,        // font pixels in which the mouse is on a mark
    MARK_CELLS = 44, // of its text in a tip
    THUMB_W = 112,   // font pixels; no higher than that
    THUMB_FROM_PX = 200,
    WORDS_BYTES = 64
};
static const uint32_t INK = UI_INK, DIM_INK = UI_DIM_INK, PANEL = 0x16171ce8u;
static const uint32_t AMBER = UI_WARN_INK, GREEN = UI_GOOD_INK, BLUE = 0x8ab8ffffu,
                      RED = UI_BAD_INK;
static const uint32_t EDGE = UI_EDGE, TRACK = UI_EDGE, BEHIND = 0x8b8a86ffu;
static const uint32_t BAND = 0x8fd69480u, DARK = 0x16171cffu, SHADE = 0x16171c00u;

static const double LONGEST_S = 1e15; // that is told: more does not fit a whole number

// The places of one frame, in pixels.
typedef struct Bar {
    DrawList *over;
    float scale; // of a font pixel; 0: the window has no room
    float width, top, bottom;
    float left, right; // of the track
    bool has_marks;
} Bar;

// --------------------------------------------------------------------------------- where it lies

static Bar bar_of(float width_px, float height_px, DrawList *over)
{
    // The other way round these would let through what is not a number.
    bool has_room = width_px >= NARROWEST_PX && width_px <= LARGEST_PX && height_px >= LOWEST_PX
                    && height_px <= LARGEST_PX;
    if (!has_room) {
        return (Bar){0};
    }
    float high = height_px / 270, wide = width_px / 480; // as in inspect.c
    float scale = (float)(int)(high < wide ? high : wide);
    scale = scale < 1 ? 1 : scale > 4 ? 4 : scale;
    bool has_marks = height_px >= MARKS_FROM_PX;
    return (Bar){.over = over,
                 .scale = scale,
                 .width = width_px,
                 .top = height_px - scale * (has_marks ? FULL_HIGH : LOW_HIGH),
                 .bottom = height_px,
                 .left = PAD * scale,
                 .right = width_px - PAD * scale,
                 .has_marks = has_marks};
}

hl_rectf inspect_time_rect(float width_px, float height_px)
{
    Bar bar = bar_of(width_px, height_px, NULL);
    return (hl_rectf){0, bar.top, bar.width, bar.bottom - bar.top};
}

bool inspect_time_hit(float width_px, float height_px, hl_vec2 mouse_px)
{
    hl_rectf box = inspect_time_rect(width_px, height_px);
    return mouse_px.x >= box.x && mouse_px.x < box.x + box.w && mouse_px.y >= box.y
           && mouse_px.y < box.y + box.h;
}

// How many moments lie behind the first one.
static uint64_t span_of(const InspectTime *time)
{
    return time->last > time->first ? time->last - time->first : 0;
}

static uint64_t clamped(const InspectTime *time, uint64_t moment)
{
    uint64_t last = time->first + span_of(time);
    return moment < time->first ? time->first : moment > last ? last : moment;
}

uint64_t inspect_time_moment(const InspectTime *time, float width_px, float height_px, float x_px)
{
    Bar bar = bar_of(width_px, height_px, NULL);
    uint64_t span = span_of(time);
    if (bar.scale == 0) {
        return clamped(time, time->here); // a window that became too small moves nothing
    }
    if (!(x_px > bar.left)) {
        return time->first;
    }
    if (x_px >= bar.right) {
        return time->first + span;
    }
    double left = (double)bar.left, part = ((double)x_px - left) / ((double)bar.right - left);
    uint64_t moments = (uint64_t)(part * (double)span + 0.5);
    return time->first + (moments < span ? moments : span);
}

static float whole(float px)
{
    return (float)(int)(px + 0.5f);
}

// A single moment is the newest, so it stands at the right.
static float x_of(const Bar *bar, const InspectTime *time, uint64_t moment)
{
    uint64_t span = span_of(time), at = clamped(time, moment) - time->first;
    double part = span > 0 ? (double)at / (double)span : 1;
    return whole(bar->left + (bar->right - bar->left) * (float)part);
}

// ------------------------------------------------------------------------------------------- words

static double seconds_of(const InspectTime *time, uint64_t moments)
{
    return (double)moments / (time->tick_rate > 0 ? time->tick_rate : 1);
}

// Behind `before`: "0.5 s", "12 s", "1:05", "1:02:03".
static void duration_words(char out[WORDS_BYTES], const char *before, double seconds, int decimals)
{
    uint64_t full = (uint64_t)(seconds < LONGEST_S ? seconds : LONGEST_S);
    unsigned minutes = (unsigned)(full / 60 % 60), rest = (unsigned)(full % 60);
    if (full < 60) {
        (void)text_format(out, WORDS_BYTES, "%s%.*f s", before, decimals, seconds);
    } else if (full < 3600) {
        (void)text_format(out, WORDS_BYTES, "%s%u:%02u", before, minutes, rest);
    } else {
        (void)text_format(out, WORDS_BYTES, "%s%" PRIu64 ":%02u:%02u", before, full / 3600, minutes,
                          rest);
    }
}

// As many decimals as one tick of an ordinary game shows in.
static int decimals_of(double seconds)
{
    return seconds < 0.1 ? 3 : seconds < 1 ? 2 : 1;
}

// How far a moment lies behind the newest.
static void age_words(char out[WORDS_BYTES], const InspectTime *time, uint64_t moment)
{
    uint64_t behind = time->first + span_of(time) - clamped(time, moment);
    double seconds = seconds_of(time, behind);
    if (behind == 0) {
        (void)text_format(out, WORDS_BYTES, "now");
        return;
    }
    duration_words(out, "-", seconds, decimals_of(seconds));
}

// ------------------------------------------------------------------------------------------- track

static float track_y(const Bar *bar)
{
    return bar->top + TRACK_Y * bar->scale;
}

// From x0 to x1, reaching so many font pixels over the track's edges.
static void put_on_track(const Bar *bar, float x0, float x1, float beyond, uint32_t rgba)
{
    float y = track_y(bar) - beyond * bar->scale;
    float high = (TRACK_HIGH + 2 * beyond) * bar->scale;
    draw_rect(bar->over, (hl_rectf){x0, y, x1 - x0, high}, rgba);
}

// Where time has thinned out: stripes that get stronger with age, as the oldest part has the
// largest gaps.
static void put_stripes(const Bar *bar)
{
    float step = 4 * bar->scale, long_px = bar->right - bar->left;
    for (float x = bar->left + step / 2; x + bar->scale <= bar->right; x += step) {
        uint32_t alpha = (uint32_t)(208 * (bar->right - x) / long_px);
        put_on_track(bar, x, x + bar->scale, 0, SHADE | alpha);
    }
}

// Where the loop is; false: there is none, or its time is forgotten.
static bool loop_ends(const Bar *bar, const InspectTime *time, float *x0, float *x1)
{
    bool is_turned = time->loop_first > time->loop_last;
    uint64_t first = is_turned ? time->loop_last : time->loop_first;
    uint64_t last = is_turned ? time->loop_first : time->loop_last;
    *x0 = x_of(bar, time, first);
    *x1 = x_of(bar, time, last);
    return time->has_loop && last >= time->first && first <= time->first + span_of(time);
}

InspectHandle inspect_time_handle(const InspectTime *time, float width_px, float height_px,
                                  hl_vec2 mouse_px)
{
    Bar bar = bar_of(width_px, height_px, NULL);
    float x0, x1, x = mouse_px.x;
    if (bar.scale == 0 || !inspect_time_hit(width_px, height_px, mouse_px)
        || !loop_ends(&bar, time, &x0, &x1)) {
        return INSPECT_NO_HANDLE;
    }
    // They stand outside of the loop, and so does most of what takes hold of them: inside of a
    // short loop a click still goes to its moment.
    float out = NEAR * bar.scale, in = bar.scale;
    bool is_first = x >= x0 - out && x <= x0 + in, is_last = x >= x1 - in && x <= x1 + out;
    return is_first && (!is_last || x < (x0 + x1) / 2) ? INSPECT_LOOP_FIRST
           : is_last                                   ? INSPECT_LOOP_LAST
                                                       : INSPECT_NO_HANDLE;
}

static void put_loop(const Bar *bar, const InspectTime *time)
{
    float x0, x1, end = 2 * bar->scale;
    if (!loop_ends(bar, time, &x0, &x1)) {
        return;
    }
    put_on_track(bar, x0, x1, 1, BAND);
    put_on_track(bar, x0 - end, x0, 2, GREEN); // the marks stand outside of what loops
    put_on_track(bar, x1, x1 + end, 2, GREEN);
}

static void put_forks(const Bar *bar, const InspectTime *time)
{
    uint32_t count = time->fork_count < INSPECT_FORKS_MAX ? time->fork_count : INSPECT_FORKS_MAX;
    float scale = bar->scale, y = track_y(bar);
    for (uint32_t i = 0; i < count; i++) {
        if (clamped(time, time->forks[i]) == time->forks[i]) {
            float x = x_of(bar, time, time->forks[i]) - whole(scale / 2);
            put_on_track(bar, x - scale, x + 2 * scale, 0, DARK); // parts it from any colour
            put_on_track(bar, x, x + scale, 0, BLUE);
            draw_rect(bar->over, (hl_rectf){x - scale, y - 3 * scale, 3 * scale, 2 * scale}, BLUE);
            draw_rect(bar->over, (hl_rectf){x, y - scale, scale, scale}, BLUE);
        }
    }
}

// Under the mouse, or held: that it can be moved is seen.
static void put_grip(const Bar *bar, const InspectTime *time, InspectHandle handle)
{
    float x0, x1, scale = bar->scale;
    if (handle == INSPECT_NO_HANDLE || !loop_ends(bar, time, &x0, &x1)) {
        return;
    }
    // While one is dragged over the other they change places.
    bool is_left = (handle == INSPECT_LOOP_FIRST) == (time->loop_first <= time->loop_last);
    float x = is_left ? x0 - 3 * scale : x1;
    put_on_track(bar, x, x + 3 * scale, 3, GREEN);
}

// Rows above the track, the more important the higher.
static void put_mark_of(const Bar *bar, const InspectTime *time, const InspectMark *mark)
{
    static const struct {
        float wide, high;
        uint32_t ink;
    } LOOKS[] = {
        [INSPECT_MARK_TIER] = {1, 1, UI_DIM_INK},    [INSPECT_MARK_LOG] = {1, 2, UI_DIM_INK},
        [INSPECT_MARK_EDIT] = {2, 3, UI_ACCENT_INK}, [INSPECT_MARK_SAVE] = {2, 3, 0xd7a6ffffu},
        [INSPECT_MARK_RELOAD] = {2, 3, 0x5fd7d7ffu}, [INSPECT_MARK_FAULT] = {3, 4, UI_BAD_INK}};
    float scale = bar->scale, wide = LOOKS[mark->kind].wide * scale;
    float high = LOOKS[mark->kind].high * scale;
    float x = x_of(bar, time, mark->moment) - whole(wide / 2);
    draw_rect(bar->over, (hl_rectf){x, track_y(bar) - high, wide, high}, LOOKS[mark->kind].ink);
}

static bool is_known(const InspectTime *time, const InspectMark *mark)
{
    return clamped(time, mark->moment) == mark->moment && mark->kind <= INSPECT_MARK_FAULT;
}

static void put_happened(const Bar *bar, const InspectTime *time)
{
    for (int kind = INSPECT_MARK_TIER; kind <= INSPECT_MARK_FAULT; kind++) {
        float last_x = -1; // of a thousand lines a second one pixel each is enough
        for (uint32_t i = 0; i < time->mark_count; i++) {
            const InspectMark *mark = &time->marks[i];
            if ((int)mark->kind != kind || !is_known(time, mark)) {
                continue;
            }
            float x = x_of(bar, time, mark->moment);
            if (x < last_x || x > last_x) {
                put_mark_of(bar, time, mark);
            }
            last_x = x;
        }
    }
}

const InspectMark *inspect_time_mark(const InspectTime *time, float width_px, float height_px,
                                     hl_vec2 mouse_px)
{
    Bar bar = bar_of(width_px, height_px, NULL);
    const InspectMark *best = NULL;
    float best_off = 0;
    if (bar.scale == 0 || !inspect_time_hit(width_px, height_px, mouse_px)) {
        return NULL;
    }
    for (uint32_t i = 0; i < time->mark_count; i++) {
        const InspectMark *mark = &time->marks[i];
        float off = x_of(&bar, time, mark->moment) - mouse_px.x;
        off = off < 0 ? -off : off;
        bool is_better =
            !best || mark->kind > best->kind || (mark->kind == best->kind && off <= best_off);
        if (is_known(time, mark) && off <= NEAR * bar.scale && is_better) {
            best = mark;
            best_off = off;
        }
    }
    return best;
}

static void put_handle(const Bar *bar, float x)
{
    float half = 1.5f * bar->scale;
    put_on_track(bar, x - half - bar->scale, x + half + bar->scale, 3, DARK);
    put_on_track(bar, x - half, x + half, 2, INK);
}

static void put_track(const Bar *bar, const InspectTime *time)
{
    bool is_past = clamped(time, time->here) < time->first + span_of(time);
    float here = x_of(bar, time, time->here);
    put_on_track(bar, bar->left, bar->right, 0, TRACK);
    put_on_track(bar, bar->left, here, 0, is_past ? AMBER : BEHIND);
    if (time->thinned) {
        put_stripes(bar);
    }
    if (time->has_loop) {
        put_loop(bar, time);
    }
    put_forks(bar, time);
    put_happened(bar, time);
    put_handle(bar, here);
}

// ----------------------------------------------------------------------------------- marks of time

// The shortest time, of those that people count in, that is at least `least_px` long on the track.
static double step_seconds(double second_px, double least_px)
{
    static const double STEPS[] = {0.1, 0.2, 0.5, 1,   2,   5,    10,   15,
                                   30,  60,  120, 300, 600, 1800, 3600, 7200};
    size_t at = 0;
    while (at < COUNT_OF(STEPS) - 1 && STEPS[at] * second_px < least_px) {
        at++;
    }
    double step = STEPS[at];
    while (step * second_px < least_px) {
        step *= 2;
    }
    return step;
}

static void put_mark(const Bar *bar, float x, float high)
{
    float y = track_y(bar) + TRACK_HIGH * bar->scale;
    draw_rect(bar->over, (hl_rectf){whole(x - bar->scale / 2), y, bar->scale, high * bar->scale},
              DIM_INK);
}

// Centred below `x`, within the window. False: it would touch what begins at *free_until.
static bool put_label(const Bar *bar, float x, const char *words, float *free_until)
{
    float size = GLYPH * bar->scale, width = draw_text_width(size, words);
    float most = bar->width - width - 2 * bar->scale;
    float least = 2 * bar->scale, left = whole(x - width / 2);
    left = left < least ? least : left < most ? left : most;
    if (left + width + size > *free_until) {
        return false;
    }
    draw_text(bar->over, left, bar->top + LABEL_Y * bar->scale, size, DIM_INK, words);
    *free_until = left;
    return true;
}

// Counted back from the newest moment, like everything that is said about time here.
static void put_marks(const Bar *bar, const InspectTime *time)
{
    double seconds = seconds_of(time, span_of(time)), long_px = (double)(bar->right - bar->left);
    float free_until = bar->width + GLYPH * bar->scale;
    char words[WORDS_BYTES];
    (void)put_label(bar, bar->right, "now", &free_until);
    if (seconds <= 0) {
        return;
    }
    double second_px = long_px / seconds;
    double step = step_seconds(second_px, (double)(LABEL_CELLS * GLYPH * bar->scale));
    bool has_fifths = step * second_px / 5 >= (double)(5 * bar->scale);
    for (int fifth = 1; fifth * step * second_px / 5 <= long_px; fifth++) {
        float x = bar->right - (float)(fifth * step * second_px / 5);
        if (fifth % 5 == 0) {
            duration_words(words, "-", fifth / 5 * step, step < 1 ? 1 : 0);
            put_mark(bar, x, put_label(bar, x, words, &free_until) ? 2 : 1);
        } else if (has_fifths) {
            put_mark(bar, x, 1);
        }
    }
}

// -------------------------------------------------------------------------------------------- text

// The row of words: filled from both ends by what is put first; what finds no room is left out.
typedef struct Row {
    const Bar *bar;
    float left, right;
} Row;

static bool row_has(const Row *row, float width)
{
    return row->left + width <= row->right;
}

static void put_words(Row *row, uint32_t ink, const char *words, float x)
{
    const Bar *bar = row->bar;
    draw_text(bar->over, x, bar->top + TEXT_Y * bar->scale, GLYPH * bar->scale, ink, words);
}

static void put_left(Row *row, uint32_t ink, const char *words, int least_cells)
{
    float size = GLYPH * row->bar->scale, width = draw_text_width(size, words);
    float least = (float)least_cells * size;
    if (row_has(row, width)) {
        put_words(row, ink, words, row->left);
        row->left += (width > least ? width : least) + 2 * size;
    }
}

static void put_right(Row *row, uint32_t ink, const char *words)
{
    float size = GLYPH * row->bar->scale, width = draw_text_width(size, words);
    if (row_has(row, width)) {
        put_words(row, ink, words, row->right - width);
        row->right -= width + 2 * size;
    }
}

static void put_speed(Row *row, float speed)
{
    char words[WORDS_BYTES];
    if (speed < 0 || speed > 0) { // a number, and not 0
        (void)text_format(words, sizeof(words), "%s %gx", speed < 0 ? "rewind" : "forward",
                          (double)(speed < 0 ? -speed : speed));
        put_left(row, AMBER, words, 0);
    }
}

static void put_loop_words(Row *row, const InspectTime *time)
{
    char words[WORDS_BYTES];
    uint64_t a = time->loop_first, b = time->loop_last;
    double seconds = seconds_of(time, a < b ? b - a : a - b);
    duration_words(words, "loop ", seconds, decimals_of(seconds));
    put_left(row, GREEN, words, 0);
}

static void put_text(const Bar *bar, const InspectTime *time)
{
    Row row = {.bar = bar, .left = bar->left, .right = bar->right};
    char words[WORDS_BYTES];
    uint64_t here = clamped(time, time->here), last = time->first + span_of(time);
    age_words(words, time, here);
    put_left(&row, here < last ? AMBER : INK, words, AGE_CELLS);
    (void)text_format(words, sizeof(words), "tick %" PRIu64 " / %" PRIu64, here, last);
    put_right(&row, INK, words);
    put_speed(&row, time->speed);
    if (time->branch != 0) {
        (void)text_format(words, sizeof(words), "branch %u", time->branch);
        put_left(&row, BLUE, words, 0);
    }
    if (time->has_loop) {
        put_loop_words(&row, time);
    }
    if (time->thinned) {
        put_left(&row, DIM_INK, "old time thinned", 0);
    }
    if (time->budget_bytes > 0) {
        double used = (double)time->used_bytes / (1 << 20);
        (void)text_format(words, sizeof(words), "%.*f/%" PRIu64 " MB", used < 10 ? 1 : 0, used,
                          time->budget_bytes >> 20);
        put_right(&row, DIM_INK, words);
    }
}

// --------------------------------------------------------------------------------------------- tip

// What stands in it, from below: when, what happened there, what it looked like.
typedef struct Tip {
    char when[2 * WORDS_BYTES], what[4 * MARK_CELLS + 8];
    hl_rectf thumb; // only its size until it is placed; 0: none
    float width, high;
} Tip;

// So many letters of the first line of a text.
static void cut_text(char *out, size_t out_bytes, const char *text, int cells)
{
    const char *at = text;
    while (*at && *at != '\n' && cells > 0) {
        (void)text_next(&at);
        cells--;
    }
    (void)text_format(out, out_bytes, "%.*s%s", (int)(at - text), text,
                      *at && *at != '\n' ? "..." : "");
}

static Tip tip_of(const Bar *bar, const InspectTime *time, uint64_t moment, const InspectMark *mark)
{
    Tip tip = {.what = ""};
    char age[WORDS_BYTES];
    float scale = bar->scale, size = GLYPH * scale;
    age_words(age, time, moment);
    (void)text_format(tip.when, sizeof(tip.when), "%s  tick %" PRIu64, age, moment);
    tip.width = draw_text_width(size, tip.when);
    tip.high = 14 * scale;
    if (mark && mark->text && mark->text[0]) {
        int cells = (int)(bar->width / size) - 5;
        cut_text(tip.what, sizeof(tip.what), mark->text, cells < MARK_CELLS ? cells : MARK_CELLS);
        float width = draw_text_width(size, tip.what);
        tip.width = width > tip.width ? width : tip.width;
        tip.high += 11 * scale;
    }
    tip.width += size;
    const DrawList *thumb = time->thumb;
    if (thumb && time->thumb_moment == moment && bar->bottom >= THUMB_FROM_PX && thumb->width > 0
        && thumb->height > 0) {
        float longer = thumb->width > thumb->height ? thumb->width : thumb->height;
        float by = THUMB_W * scale / longer;
        tip.thumb.w = whole(thumb->width * by);
        tip.thumb.h = whole(thumb->height * by);
        float width = tip.thumb.w + 4 * scale;
        tip.width = width > tip.width ? width : tip.width;
        tip.high += tip.thumb.h + 2 * scale;
    }
    return tip;
}

static void put_tip(const Bar *bar, const InspectTime *time, hl_vec2 mouse)
{
    const InspectMark *mark = inspect_time_mark(time, bar->width, bar->bottom, mouse);
    uint64_t moment = inspect_time_moment(time, bar->width, bar->bottom, mouse.x);
    float scale = bar->scale, x = x_of(bar, time, moment), size = GLYPH * scale;
    Tip tip = tip_of(bar, time, moment, mark);
    float y = bar->top - tip.high - scale, most = bar->width - tip.width;
    put_on_track(bar, x - whole(scale / 2), x - whole(scale / 2) + scale, 2, INK);
    if (y < 0 || most < 0) {
        return;
    }
    float left = whole(x - tip.width / 2);
    left = left < 0 ? 0 : left > most ? most : left;
    draw_rect(bar->over, (hl_rectf){left, y, tip.width, tip.high}, PANEL);
    draw_rect(bar->over, (hl_rectf){left, y + tip.high - scale, tip.width, scale}, DIM_INK);
    float text_y = y + tip.high - 11 * scale;
    draw_text(bar->over, left + size / 2, text_y, size, INK, tip.when);
    if (tip.what[0]) {
        text_y -= 11 * scale;
        draw_text(bar->over, left + size / 2, text_y, size,
                  mark->kind == INSPECT_MARK_FAULT ? RED : DIM_INK, tip.what);
    }
    if (tip.thumb.w > 0) {
        tip.thumb.x = left + whole((tip.width - tip.thumb.w) / 2);
        tip.thumb.y = y + 2 * scale;
        inspect_time_thumb(time->thumb, tip.thumb, bar->over);
    }
}

void inspect_time_frame(const InspectTime *time, float width_px, float height_px, hl_vec2 mouse_px,
                        DrawList *over)
{
    Bar bar = bar_of(width_px, height_px, over);
    if (!time->shown || bar.scale == 0) {
        return;
    }
    draw_rect(over, (hl_rectf){0, bar.top, bar.width, bar.bottom - bar.top}, PANEL);
    draw_rect(over, (hl_rectf){0, bar.top, bar.width, bar.scale}, EDGE);
    put_text(&bar, time);
    if (bar.has_marks) {
        put_marks(&bar, time);
    }
    put_track(&bar, time);
    put_grip(&bar, time,
             time->held ? time->held : inspect_time_handle(time, width_px, height_px, mouse_px));
    if (inspect_time_hit(width_px, height_px, mouse_px)) {
        put_tip(&bar, time, mouse_px);
    }
}
