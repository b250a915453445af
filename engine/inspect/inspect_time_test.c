#include "inspect_time.h"
#include "ui_theme.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// Contents: the room, reading a picture, where a moment is, what is drawn, what is said, any values

typedef struct Room {
    InspectTime time;
    float width_px, height_px;
    hl_vec2 mouse_px;
    DrawList over;
    Fault fault;
} Room;

// The colours by which the parts of the picture are known.
static const uint32_t HANDLE = UI_INK, TRACK = UI_EDGE, PAST = UI_WARN_INK;
static const uint32_t LOOP_END = UI_GOOD_INK, FORK = 0x8ab8ffffu;
static const float SIZES[][2] = {{480, 270},   {320, 180},  {960, 540},  {1920, 1080},
                                 {3840, 2160}, {200, 1200}, {1900, 90},  {160, 64},
                                 {333, 217},   {641, 481},  {7680, 4320}};

static int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    *state = room;
    room->width_px = 480;
    room->height_px = 270;
    room->mouse_px = (hl_vec2){-1, -1};
    room->time = (InspectTime){.shown = true, .here = 430, .last = 622, .tick_rate = 60};
    return draw_open(&room->over, &room->fault) ? 0 : 1;
}

static int leave(void **state)
{
    Room *room = *state;
    draw_close(&room->over);
    free(room);
    return 0;
}

// ------------------------------------------------------------------------------- reading a picture

static hl_rectf box_of(const DrawList *over, const DrawCmd *cmd)
{
    if (cmd->kind == DRAW_TEXT) {
        float width = draw_text_width(cmd->p[2], over->text + cmd->first);
        return (hl_rectf){cmd->p[0], cmd->p[1], width, cmd->p[2]};
    }
    assert_int_equal(cmd->kind, DRAW_RECT);
    return (hl_rectf){cmd->p[0], cmd->p[1], cmd->p[2], cmd->p[3]};
}

static void assert_inside(const Room *room, uint32_t at)
{
    hl_rectf box = box_of(&room->over, &room->over.cmds[at]);
    assert_true(isfinite(box.x) && isfinite(box.y) && isfinite(box.w) && isfinite(box.h));
    if (box.x < 0 || box.y < 0 || box.x + box.w > room->width_px
        || box.y + box.h > room->height_px) {
        fail_msg("command %u at %g %g, %g x %g, is outside of %g x %g", at, (double)box.x,
                 (double)box.y, (double)box.w, (double)box.h, (double)room->width_px,
                 (double)room->height_px);
    }
}

static void assert_apart(const Room *room, uint32_t first, uint32_t second)
{
    const DrawList *over = &room->over;
    hl_rectf a = box_of(over, &over->cmds[first]), b = box_of(over, &over->cmds[second]);
    if (a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h) {
        fail_msg("\"%s\" and \"%s\" overlap at %g x %g", over->text + over->cmds[first].first,
                 over->text + over->cmds[second].first, (double)room->width_px,
                 (double)room->height_px);
    }
}

// Draws, and checks what holds for every picture: all of it in the window, no text over another.
static void look(Room *room)
{
    draw_reset(&room->over, room->width_px, room->height_px);
    inspect_time_frame(&room->time, room->width_px, room->height_px, room->mouse_px, &room->over);
    assert_int_equal(room->over.dropped, 0); // so every number was finite
    for (uint32_t i = 0; i < room->over.cmd_count; i++) {
        assert_inside(room, i);
        for (uint32_t k = 0; room->over.cmds[i].kind == DRAW_TEXT && k < i; k++) {
            if (room->over.cmds[k].kind == DRAW_TEXT) {
                assert_apart(room, k, i);
            }
        }
    }
}

static bool shows(const Room *room, const char *words, hl_rectf *box)
{
    for (uint32_t i = 0; i < room->over.cmd_count; i++) {
        const DrawCmd *cmd = &room->over.cmds[i];
        if (cmd->kind == DRAW_TEXT && strstr(room->over.text + cmd->first, words)) {
            *box = box_of(&room->over, cmd);
            return true;
        }
    }
    return false;
}

static void assert_shows(const Room *room, const char *words)
{
    hl_rectf box;
    if (!shows(room, words, &box)) {
        fail_msg("\"%s\" is not there", words);
    }
}

static void assert_hides(const Room *room, const char *words)
{
    hl_rectf box;
    if (shows(room, words, &box)) {
        fail_msg("\"%s\" is there", words);
    }
}

// The rectangles of a colour that are at least as wide as that; the index-th of them in *box.
static int count_rects(const Room *room, uint32_t rgba, float least_w, int index, hl_rectf *box)
{
    int count = 0;
    for (uint32_t i = 0; i < room->over.cmd_count; i++) {
        const DrawCmd *cmd = &room->over.cmds[i];
        if (cmd->kind == DRAW_RECT && cmd->rgba == rgba && cmd->p[2] >= least_w
            && count++ == index) {
            *box = box_of(&room->over, cmd);
        }
    }
    return count;
}

static hl_rectf rect_of(const Room *room, uint32_t rgba, int index)
{
    hl_rectf box = {0};
    assert_true(count_rects(room, rgba, 0, index, &box) > index);
    return box;
}

static hl_rectf track_of(const Room *room)
{
    return rect_of(room, TRACK, 1); // the edge of the panel has its colour
}

static uint64_t moment_at(const Room *room, float x)
{
    return inspect_time_moment(&room->time, room->width_px, room->height_px, x);
}

static void set_size(Room *room, size_t which)
{
    room->width_px = SIZES[which][0];
    room->height_px = SIZES[which][1];
}

// ------------------------------------------------------------------------------- where a moment is

static void ends_of_the_track_are_first_and_last(void **state)
{
    // Scenario: histories of 0, 1, 36,000 and 5 million moments and of all there can be, in windows
    // of many sizes; asked at both ends of the track, beside it, and at what is not a number.
    // Expect: exactly the first and the last moment, nothing outside, never less to the right.
    Room *room = *state;
    static const uint64_t SPANS[][2] = {{0, 0},        {7, 7},       {7, 8},
                                        {1201, 37201}, {0, 5000000}, {0, UINT64_MAX}};
    for (size_t i = 0; i < COUNT_OF(SIZES) * COUNT_OF(SPANS); i++) {
        uint64_t first = SPANS[i % COUNT_OF(SPANS)][0], last = SPANS[i % COUNT_OF(SPANS)][1];
        set_size(room, i / COUNT_OF(SPANS));
        room->time.first = first;
        room->time.here = room->time.last = last;
        look(room);
        hl_rectf track = track_of(room);
        assert_true(moment_at(room, track.x) == first);
        assert_true(moment_at(room, track.x + track.w) == last);
        assert_true(moment_at(room, 0) == first && moment_at(room, -INFINITY) == first);
        assert_true(moment_at(room, NAN) == first);
        assert_true(moment_at(room, room->width_px) == last && moment_at(room, INFINITY) == last);
        assert_true(moment_at(room, nextafterf(track.x + track.w, 0)) <= last);
        uint64_t before = first;
        for (float x = 0; x < room->width_px; x++) {
            uint64_t moment = moment_at(room, x);
            assert_true(moment >= before && moment <= last);
            before = moment;
        }
    }
}

static void the_nearest_moment_is_taken(void **state)
{
    // Scenario: moments 100 to 110; asked shortly before and behind the middle between two.
    // Expect: the nearer one each time.
    Room *room = *state;
    room->time.first = 100;
    room->time.here = room->time.last = 110;
    look(room);
    hl_rectf track = track_of(room);
    for (uint64_t i = 0; i < 10; i++) {
        float middle = track.x + track.w * ((float)i + 0.5f) / 10;
        assert_int_equal(moment_at(room, middle - 0.1f), 100 + i);
        assert_int_equal(moment_at(room, middle + 0.1f), 101 + i);
    }
}

static void parts_stand_at_their_moments(void **state)
{
    // Scenario: the moment shown, a loop and a fork go through a history of 61 moments.
    // Expect: the middle of the handle, the inner edges of the loop's marks and the fork are where
    // the mouse finds those moments.
    Room *room = *state;
    room->time.first = 40;
    room->time.last = 100;
    room->time.has_loop = true;
    room->time.fork_count = 1;
    for (size_t i = 0; i < 7; i++) { // of the rest a moment may be less than a pixel wide
        set_size(room, i);
        for (uint64_t moment = 40; moment < 100; moment++) {
            room->time.here = room->time.loop_first = room->time.forks[0] = moment;
            room->time.loop_last = moment + 1;
            look(room);
            int handle_at = count_rects(room, HANDLE, 0, -1, NULL) - 1;
            hl_rectf handle = rect_of(room, HANDLE, handle_at);
            hl_rectf begin = rect_of(room, LOOP_END, 0), end = rect_of(room, LOOP_END, 1);
            hl_rectf fork = rect_of(room, FORK, 0);
            assert_int_equal(moment_at(room, handle.x + handle.w / 2), moment);
            assert_int_equal(moment_at(room, begin.x + begin.w), moment);
            assert_int_equal(moment_at(room, end.x), moment + 1);
            assert_int_equal(moment_at(room, fork.x + fork.w / 2), moment);
        }
    }
}

static void the_mouse_is_on_it_or_not(void **state)
{
    // Scenario: the corners of the bar and the pixels around them; what is not a number.
    // Expect: it lies along the bottom, takes the mouse in it and leaves the game the rest.
    Room *room = *state;
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        set_size(room, i);
        float w = room->width_px, h = room->height_px;
        hl_rectf box = inspect_time_rect(w, h);
        assert_true(box.x == 0 && box.w == w && box.y + box.h == h);
        assert_true(box.h >= 24 && box.h <= 136 && box.h <= h / 2 + 3);
        assert_true(inspect_time_hit(w, h, (hl_vec2){0, box.y}));
        assert_true(inspect_time_hit(w, h, (hl_vec2){w - 1, h - 1}));
        assert_false(inspect_time_hit(w, h, (hl_vec2){w / 2, box.y - 1}));
        assert_false(inspect_time_hit(w, h, (hl_vec2){w / 2, h}));
        assert_false(inspect_time_hit(w, h, (hl_vec2){-1, h - 1}));
        assert_false(inspect_time_hit(w, h, (hl_vec2){w, h - 1}));
        assert_false(inspect_time_hit(w, h, (hl_vec2){NAN, h - 1}));
        assert_false(inspect_time_hit(w, h, (hl_vec2){1, NAN}));
    }
}

// ----------------------------------------------------------------------------------- what is drawn

static void the_part_behind_is_filled(void **state)
{
    // Scenario: the moment shown a quarter, then all of the way through history.
    // Expect: the track filled so far in the colour of the past; none of that colour at the newest.
    Room *room = *state;
    hl_rectf box;
    room->time.here = 100;
    room->time.last = 400;
    look(room);
    hl_rectf track = track_of(room), past = rect_of(room, PAST, 0);
    assert_true(past.x == track.x && past.h == track.h);
    assert_true(fabsf(past.w - track.w / 4) <= 1);
    room->time.here = 400;
    look(room);
    assert_int_equal(count_rects(room, PAST, 0, -1, &box), 0);
}

static void forks_and_loops_of_forgotten_time_are_left_out(void **state)
{
    // Scenario: two forks in history, one before, one behind it; a loop before it, then one that
    // begins there and ends in it.
    // Expect: two forks; no loop; one whose first mark is at the track's beginning.
    Room *room = *state;
    hl_rectf box;
    room->time.first = 100;
    room->time.fork_count = 4;
    memcpy(room->time.forks, (uint64_t[]){99, 100, 622, 623}, 4 * sizeof(uint64_t));
    room->time.has_loop = true;
    room->time.loop_first = 10;
    room->time.loop_last = 99;
    look(room);
    assert_int_equal(count_rects(room, FORK, 3, -1, &box), 2); // their caps
    assert_int_equal(count_rects(room, LOOP_END, 0, -1, &box), 0);
    room->time.loop_last = 300;
    look(room);
    assert_int_equal(count_rects(room, LOOP_END, 0, 0, &box), 2);
    assert_true(box.x + box.w == track_of(room).x);
}

static void thinned_time_is_striped(void **state)
{
    // Scenario: the same history with every moment left, and with some gone.
    // Expect: more is drawn for the second, and a word says what it means.
    Room *room = *state;
    look(room);
    uint32_t plain = room->over.cmd_count;
    assert_hides(room, "thinned");
    room->time.thinned = true;
    look(room);
    assert_true(room->over.cmd_count > plain + 50);
    assert_shows(room, "old time thinned");
}

static const uint32_t LOG_INK = UI_DIM_INK, RELOAD_INK = 0x5fd7d7ffu, FAULT_INK = UI_BAD_INK;

static void what_happened_is_marked(void **state)
{
    // Scenario: a reload, a fault, 1,000 lines of the game, marks before and behind history; the
    // mouse on the fault, and between marks.
    // Expect: one mark each at its moment, a pixel of lines at most once; the tip has the text, cut
    // to its first line; no tip's text where nothing is.
    static InspectMark marks[1004];
    Room *room = *state;
    hl_rectf box;
    room->time.first = 100;
    marks[0] = (InspectMark){INSPECT_MARK_RELOAD, 300, "build 2"};
    marks[1] = (InspectMark){INSPECT_MARK_FAULT, 301, "null\nand more"};
    marks[2] = (InspectMark){INSPECT_MARK_FAULT, 99, "before"};
    marks[3] = (InspectMark){INSPECT_MARK_FAULT, 623, "behind"};
    for (uint64_t i = 0; i < 1000; i++) {
        marks[4 + i] = (InspectMark){INSPECT_MARK_LOG, 400 + i / 10, "line"};
    }
    room->time.marks = marks;
    room->time.mark_count = COUNT_OF(marks);
    look(room);
    assert_int_equal(count_rects(room, RELOAD_INK, 0, 0, &box), 1);
    assert_int_equal(moment_at(room, box.x + box.w / 2), 300);
    assert_int_equal(count_rects(room, FAULT_INK, 0, 0, &box), 1);
    assert_in_range(count_rects(room, LOG_INK, 0, -1, NULL), 50, 200);
    room->mouse_px = (hl_vec2){box.x + 1, 262};
    look(room);
    assert_shows(room, "null");
    assert_hides(room, "and more");
    room->mouse_px.x = 20;
    look(room);
    assert_hides(room, "null");
    assert_null(inspect_time_mark(&room->time, room->width_px, room->height_px, room->mouse_px));
}

static void another_compilers_code_is_hardly_a_mark(void **state)
{
    // Scenario: the full compiler's code takes over at one moment, a reload is at another; both at
    // one.
    // Expect: a mark of less than half the reload's area; where both are the reload's is seen.
    Room *room = *state;
    hl_rectf tier, reload;
    InspectMark marks[] = {{INSPECT_MARK_TIER, 300, "build 2, by the compiler"},
                           {INSPECT_MARK_RELOAD, 200, "build 2"}};
    room->time.marks = marks;
    room->time.mark_count = COUNT_OF(marks);
    look(room);
    assert_int_equal(count_rects(room, RELOAD_INK, 0, 0, &reload), 1);
    tier = rect_of(room, LOG_INK, count_rects(room, LOG_INK, 0, -1, NULL) - 1); // on the track
    assert_int_equal(moment_at(room, tier.x + tier.w / 2), 300);
    assert_true(2 * tier.w * tier.h < reload.w * reload.h);
    marks[0].moment = 200;
    room->mouse_px = (hl_vec2){reload.x + 1, 262};
    assert_string_equal(
        inspect_time_mark(&room->time, room->width_px, room->height_px, room->mouse_px)->text,
        "build 2");
}

static void ends_of_a_loop_can_be_held(void **state)
{
    // Scenario: the mouse goes over a loop from left to right, on the track and above the bar; a
    // loop of one moment; none.
    // Expect: nothing, the first end, its inside, the last end, nothing; nothing above; both ends
    // of a short one can be had; none without a loop. The one under the mouse is seen to be
    // thicker.
    Room *room = *state;
    room->time.has_loop = true;
    for (uint64_t length = 0; length < 200; length += 199) {
        InspectHandle seen[5] = {0};
        int count = 0;
        room->time.loop_first = 200;
        room->time.loop_last = 200 + length;
        for (float x = 0; x < room->width_px; x += 0.5f) {
            InspectHandle one = inspect_time_handle(&room->time, room->width_px, room->height_px,
                                                    (hl_vec2){x, 255});
            assert_int_equal(inspect_time_handle(&room->time, room->width_px, room->height_px,
                                                 (hl_vec2){x, 100}),
                             INSPECT_NO_HANDLE);
            if (count == 0 || seen[count - 1] != one) {
                assert_true(count < 5);
                seen[count++] = one;
            }
        }
        assert_int_equal(count, length ? 5 : 4);
        assert_int_equal(seen[1], INSPECT_LOOP_FIRST);
        assert_int_equal(seen[count - 2], INSPECT_LOOP_LAST);
    }
    look(room);
    int plain = count_rects(room, LOOP_END, 3, -1, NULL);
    room->mouse_px = (hl_vec2){rect_of(room, LOOP_END, 0).x, 255};
    look(room);
    assert_int_equal(count_rects(room, LOOP_END, 3, -1, NULL), plain + 1);
    room->time.has_loop = false;
    assert_int_equal(
        inspect_time_handle(&room->time, room->width_px, room->height_px, room->mouse_px),
        INSPECT_NO_HANDLE);
}

static void memory_is_told(void **state)
{
    // Scenario: history of half a megabyte of 512, of 100 of them, and of a size that is not told.
    // Expect: both numbers; none.
    Room *room = *state;
    room->time.budget_bytes = 512u << 20;
    room->time.used_bytes = 512u << 10;
    look(room);
    assert_shows(room, "0.5/512 MB");
    room->time.used_bytes = 100u << 20;
    look(room);
    assert_shows(room, "100/512 MB");
    room->time.budget_bytes = 0;
    look(room);
    assert_hides(room, "MB");
}

// Of a moment: something of every kind, turned, clipped, on layers and by cameras.
static void draw_picture(DrawList *picture)
{
    static const hl_vertex CORNERS[3] = {{.x = 0, .y = 0}, {.x = 300, .y = 0}, {.x = 0, .y = 150}};
    static const uint16_t INDICES[3] = {0, 1, 2};
    static const uint32_t PIXELS[4] = {HL_RED, HL_GREEN, HL_BLUE, HL_WHITE};
    hl_cam camera = {.x = 100, .y = 50, .zoom = 2, .angle = 0.5f};
    draw_reset(picture, 320, 180);
    draw_rect(picture, (hl_rectf){0, 0, 1000, 1000}, HL_RED); // below the clear
    draw_clear(picture, 0x123456ff);
    draw_layer(picture, 5);
    draw_rect(picture, (hl_rectf){10, 20, 30, 40}, HL_YELLOW);
    draw_layer(picture, -5);
    draw_clip(picture, (hl_rectf){160, 90, 500, 500});
    draw_circle(picture, 160, 90, 50, HL_GREEN);
    draw_clip(picture, (hl_rectf){-50, -50, 10, 10}); // leaves nothing
    draw_circle(picture, 160, 90, 51, HL_GREEN);
    draw_clip(picture, (hl_rectf){0});
    draw_camera(picture, &camera);
    draw_line(picture, 0, 0, 100, 100, 3, HL_WHITE);
    draw_mesh(picture, 0, CORNERS, 3, INDICES, 3);
    draw_camera(picture, NULL);
    draw_text(picture, 4, 4, 16, HL_WHITE, "HELLO");
    draw_pixels(picture, PIXELS, 2, 2, (hl_rectf){200, 100, 20, 20});
}

// A line is half a unit beside its ends, whatever a unit is.
static bool has_corner(const DrawTriangles *triangles, float x, float y)
{
    for (uint32_t i = 0; i < triangles->vertex_count; i++) {
        const DrawVertex *one = &triangles->vertices[i];
        if (fabsf(one->x - x) < 0.3f && fabsf(one->y - y) < 0.3f) {
            return true;
        }
    }
    return false;
}

static void a_small_picture_is_the_same_picture(void **state)
{
    // Scenario: a picture with everything in it, in the corner of a window; as triangles, beside
    // the picture's own. Expect: all of it within the box; each corner of each triangle where the
    // box has that point; in the picture's order of layers.
    Room *room = *state;
    static DrawList picture;
    static DrawTriangles big, small;
    hl_rectf box = {300, 40, 160, 90};
    assert_true(draw_open(&picture, &room->fault));
    assert_true(draw_triangles_open(&big, &room->fault)
                && draw_triangles_open(&small, &room->fault));
    draw_picture(&picture);
    draw_reset(&room->over, 480, 270);
    inspect_time_thumb(&picture, box, &room->over);
    assert_int_equal(room->over.dropped, 0);
    draw_triangulate(&picture, &big);
    draw_triangulate(&room->over, &small);
    for (uint32_t i = 0; i < small.batch_count; i++) {
        hl_rectf clip = small.batches[i].clip;
        assert_true(clip.w <= 0
                    || (clip.x >= box.x && clip.y >= box.y
                        && clip.x + clip.w <= box.x + box.w + 0.01f
                        && clip.y + clip.h <= box.y + box.h + 0.01f));
    }
    for (uint32_t i = 0; i < big.vertex_count; i++) {
        const DrawVertex *one = &big.vertices[i];
        bool is_circle = one->r == 0x40 && one->g == 0xd0; // with fewer corners when it is small
        if (!is_circle && !has_corner(&small, box.x + one->x / 2, box.y + one->y / 2)) {
            fail_msg("a corner at %g %g is not there", (double)one->x, (double)one->y);
        }
    }
    const DrawVertex *last = &small.vertices[small.vertex_count - 1]; // of the highest layer
    assert_true(last->r == 0xff && last->g == 0xd0 && last->b == 0x40);
    draw_triangles_close(&big);
    draw_triangles_close(&small);
    draw_close(&picture);
}

static void a_picture_stands_above_the_mouse(void **state)
{
    // Scenario: the picture of the moment under the mouse; of another moment; in a low window.
    // Expect: it is drawn, within the window and above the bar; it is not.
    Room *room = *state;
    static DrawList picture;
    hl_rectf box;
    assert_true(draw_open(&picture, &room->fault));
    draw_reset(&picture, 320, 180);
    draw_clear(&picture, 0x123456ff);
    room->time.thumb = &picture;
    room->mouse_px = (hl_vec2){3, 260};
    room->time.thumb_moment = moment_at(room, 3);
    look(room);
    assert_int_equal(count_rects(room, 0x123456ff, 0, 0, &box), 1);
    assert_true(box.w == 112 && box.h == 63);
    assert_true(box.y + box.h < inspect_time_rect(480, 270).y);
    room->time.thumb_moment++;
    look(room);
    assert_int_equal(count_rects(room, 0x123456ff, 0, 0, &box), 0);
    room->time.thumb_moment--;
    room->height_px = 190;
    room->mouse_px.y = 180;
    look(room);
    assert_int_equal(count_rects(room, 0x123456ff, 0, 0, &box), 0);
    draw_close(&picture);
}

// ------------------------------------------------------------------------------------ what is said

static void words_say_where_it_is(void **state)
{
    // Scenario: 3.2 s behind the newest; at the newest; one tick, a minute and hours behind it.
    // Expect: how far behind in words of that size, and both tick numbers.
    Room *room = *state;
    look(room);
    assert_shows(room, "-3.2 s");
    assert_shows(room, "tick 430 / 622");
    room->time.here = 622;
    room->height_px = 100; // without the marks, which say "now" as well
    look(room);
    assert_shows(room, "now");
    room->time.here = 621;
    look(room);
    assert_shows(room, "-0.017 s");
    assert_hides(room, "now");
    room->time.last = 621 + 65 * 60;
    look(room);
    assert_shows(room, "-1:05");
    room->time.last = 5000000;
    look(room);
    assert_shows(room, "-23:08:42");
    assert_shows(room, "tick 621 / 5000000");
}

static void words_say_what_is_not_as_usual(void **state)
{
    // Scenario: nothing special; then a branch, keys held both ways, a loop.
    // Expect: not a word; then one for each.
    Room *room = *state;
    static const char *const NEVER[] = {"branch", "rewind", "forward", "loop"};
    look(room);
    for (size_t i = 0; i < COUNT_OF(NEVER); i++) {
        assert_hides(room, NEVER[i]);
    }
    room->time.branch = 2;
    room->time.speed = -4;
    room->time.has_loop = true;
    room->time.loop_first = 180;
    room->time.loop_last = 300;
    look(room);
    assert_shows(room, "branch 2");
    assert_shows(room, "rewind 4x");
    assert_shows(room, "loop 2.0 s");
    room->time.speed = 64;
    look(room);
    assert_shows(room, "forward 64x");
    room->time.speed = 0.5f;
    look(room);
    assert_shows(room, "forward 0.5x");
}

static void marks_count_back_from_the_newest(void **state)
{
    // Scenario: histories of half a second, ten seconds, ten minutes and a day.
    // Expect: marks in round numbers, right of older ones; some in every window that has room.
    Room *room = *state;
    static const struct {
        uint64_t last;
        const char *nearer, *older;
    } CASES[] = {{30, "-0.1 s", "-0.2 s"},
                 {622, "-2 s", "-10 s"},
                 {36000, "-2:00", "-8:00"},
                 {5000000, "-4:00:00", "-20:00:00"}};
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        hl_rectf nearer, older;
        room->time.here = room->time.last = CASES[i].last;
        look(room);
        assert_true(shows(room, CASES[i].nearer, &nearer));
        assert_true(shows(room, CASES[i].older, &older));
        assert_true(older.x < nearer.x);
        hl_rectf track = track_of(room);
        assert_true(nearer.y >= track.y + track.h);
    }
}

static void a_tip_names_the_moment_under_the_mouse(void **state)
{
    // Scenario: the mouse beside the bar, then over it from edge to edge in many windows.
    // Expect: no tip; then one above the bar that names what inspect_time_moment says.
    Room *room = *state;
    char words[64];
    hl_rectf box;
    room->mouse_px = (hl_vec2){100, 100};
    look(room);
    uint32_t without = room->over.cmd_count;
    room->mouse_px = (hl_vec2){100, 260};
    look(room);
    assert_true(room->over.cmd_count > without);
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        set_size(room, i);
        for (float part = 0; part < 1; part += 0.09f) {
            room->mouse_px = (hl_vec2){room->width_px * part, room->height_px - 1};
            look(room);
            uint64_t moment = moment_at(room, room->mouse_px.x);
            (void)text_format(words, sizeof(words), "  tick %" PRIu64, moment);
            if (!shows(room, words, &box)) {
                fail_msg("no \"%s\" at %g", words, (double)room->mouse_px.x);
            }
            assert_true(box.y + box.h <= inspect_time_rect(room->width_px, room->height_px).y);
        }
    }
}

static void a_single_moment_is_now(void **state)
{
    // Scenario: a history of one moment, with the mouse over it; then of two.
    // Expect: all of it is that moment, without a division by nothing; both can be reached.
    Room *room = *state;
    room->time.first = room->time.here = room->time.last = 7;
    room->mouse_px = (hl_vec2){240, 260};
    look(room);
    assert_shows(room, "now  tick 7"); // the tip
    assert_shows(room, "tick 7 / 7");
    assert_int_equal(moment_at(room, 240), 7);
    room->time.last = 8;
    look(room);
    assert_int_equal(moment_at(room, 239), 7);
    assert_int_equal(moment_at(room, 241), 8);
}

// -------------------------------------------------------------------------------------- any values

static const uint64_t ODD[] = {0, 1, 2, 599, 36000, 5000000, UINT64_MAX - 1, UINT64_MAX};
static const float ODD_SPEEDS[] = {0, -0.001f, 1e30f, -INFINITY, NAN};
static const int ODD_RATES[] = {60, 0, -5, 1, 1000, INT32_MAX};

static uint32_t draw_number(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

static uint64_t odd_moment(uint64_t *seed)
{
    return ODD[draw_number(seed) % COUNT_OF(ODD)] - draw_number(seed) % 2;
}

static InspectTime odd_time(uint64_t *seed)
{
    InspectTime time = {.shown = true,
                        .first = odd_moment(seed),
                        .here = odd_moment(seed),
                        .last = odd_moment(seed),
                        .tick_rate = ODD_RATES[draw_number(seed) % COUNT_OF(ODD_RATES)],
                        .has_loop = draw_number(seed) % 2,
                        .loop_first = odd_moment(seed),
                        .loop_last = odd_moment(seed),
                        .fork_count = draw_number(seed) % 100, // more than there are
                        .branch = draw_number(seed) % 2 * UINT32_MAX,
                        .thinned = draw_number(seed) % 2,
                        .speed = ODD_SPEEDS[draw_number(seed) % COUNT_OF(ODD_SPEEDS)]};
    for (uint32_t i = 0; i < INSPECT_FORKS_MAX; i++) {
        time.forks[i] = odd_moment(seed);
    }
    return time;
}

static void no_value_draws_outside_the_window(void **state)
{
    // Scenario: 4,000 times anything: moments in any order up to the largest number, rates of 0 and
    // less, speeds that are no numbers, more forks than there can be; windows of many sizes.
    // Expect: a picture in the window, of a bounded number of commands; a moment of what there is.
    Room *room = *state;
    uint64_t seed = 1;
    for (int i = 0; i < 4000; i++) {
        set_size(room, draw_number(&seed) % COUNT_OF(SIZES));
        room->time = odd_time(&seed);
        room->mouse_px = (hl_vec2){(float)(draw_number(&seed) % 8000), room->height_px - 2};
        look(room);
        assert_true(room->over.cmd_count > 4 && room->over.cmd_count < 2000);
        uint64_t first = room->time.first;
        uint64_t last = room->time.last < first ? first : room->time.last;
        uint64_t moment = moment_at(room, room->mouse_px.x);
        assert_true(moment >= first && moment <= last);
    }
}

static void windows_without_room_are_left_alone(void **state)
{
    // Scenario: no window to speak of, or what is no number; a bar that is not shown.
    // Expect: no command, no mouse taken; the moment stays the one that is shown.
    Room *room = *state;
    static const float NONE[][2] = {{0, 0},    {1, 1},    {800, 0},         {0, 600},
                                    {100, 60}, {-5, -5},  {NAN, 270},       {480, NAN},
                                    {159, 64}, {160, 63}, {INFINITY, 1e30f}};
    for (size_t i = 0; i < COUNT_OF(NONE); i++) {
        float w = NONE[i][0], h = NONE[i][1];
        draw_reset(&room->over, 480, 270);
        inspect_time_frame(&room->time, w, h, (hl_vec2){0, 0}, &room->over);
        assert_int_equal(room->over.cmd_count + room->over.dropped, 0);
        assert_false(inspect_time_hit(w, h, (hl_vec2){0, 0}));
        assert_int_equal(inspect_time_moment(&room->time, w, h, 50), 430);
    }
    room->time.shown = false;
    look(room);
    assert_int_equal(room->over.cmd_count, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(ends_of_the_track_are_first_and_last),
        CASE(the_nearest_moment_is_taken),
        CASE(parts_stand_at_their_moments),
        CASE(the_mouse_is_on_it_or_not),
        CASE(the_part_behind_is_filled),
        CASE(forks_and_loops_of_forgotten_time_are_left_out),
        CASE(thinned_time_is_striped),
        CASE(what_happened_is_marked),
        CASE(another_compilers_code_is_hardly_a_mark),
        CASE(ends_of_a_loop_can_be_held),
        CASE(memory_is_told),
        CASE(a_small_picture_is_the_same_picture),
        CASE(a_picture_stands_above_the_mouse),
        CASE(words_say_where_it_is),
        CASE(words_say_what_is_not_as_usual),
        CASE(marks_count_back_from_the_newest),
        CASE(a_tip_names_the_moment_under_the_mouse),
        CASE(a_single_moment_is_now),
        CASE(no_value_draws_outside_the_window),
        CASE(windows_without_room_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
