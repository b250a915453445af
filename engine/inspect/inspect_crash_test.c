#include "inspect.h"
#include "ui_theme.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// Contents: the room, reading a picture, what is told, small and wild, hidden, beside other panels,
// a build that was put aside

typedef struct Room {
    Live live;
    hl_game game;
    Inspect inspect;
    InspectView view;
    BuildReport report;
    Crash crash;
    DrawList over;
    char all[65536]; // texts of a picture
    Fault fault;
} Room;

static const uint32_t INK = UI_INK, DIM_INK = UI_DIM_INK, AMBER = UI_WARN_INK;
static const uint32_t VEIL = 0x0a0b0ea0u, MARKED = UI_BAD_BAR;
static const float SIZES[][2] = {
    {480, 270},  {320, 180}, {960, 540}, {1280, 720}, {1920, 1080}, {3840, 2160}, {7680, 4320},
    {200, 1200}, {1900, 90}, {160, 64},  {333, 217},  {641, 481},   {5120, 1440}, {480, 800}};

static CrashFrame *add_call(Room *room, const char *function, const char *file, int line,
                            const char *source)
{
    CrashFrame *frame = &room->crash.frames[room->crash.frame_count++];
    *frame = (CrashFrame){.line = line};
    (void)text_format(frame->function, sizeof(frame->function), "%s", function);
    (void)text_format(frame->file, sizeof(frame->file), "%s", file);
    (void)text_format(frame->source, sizeof(frame->source), "%s", source);
    return frame;
}

static void set_text(char *out, size_t out_bytes, const char *text)
{
    (void)text_format(out, out_bytes, "%s", text);
}

// What a null pointer in an ordinary game looks like.
static void crash_of_null(Room *room)
{
    static const char *const LINES[] = {
        "    for (int i = 0; i < 64; i++) {", "\tMob *m = mob_at(w, i);",
        "        m->x += m->speed * t->dt;", "        if (m->x > w->right) {",
        "            m->x = w->left;"};
    Crash *crash = &room->crash;
    *crash = (Crash){.is_set = true,
                     .tick = 1234,
                     .generation = 7,
                     .source_first = 98,
                     .source_at = 2,
                     .source_count = 5};
    set_text(crash->call, sizeof(crash->call), "update");
    set_text(crash->title, sizeof(crash->title),
             "mobs.c:100 read address 0x8 in step(): a null pointer, likely `m`");
    set_text(crash->hint, sizeof(crash->hint), "A search that found nothing: look at mob_at().");
    set_text(crash->undone, sizeof(crash->undone), "tick 1234 was undone");
    for (uint32_t i = 0; i < 5; i++) {
        set_text(crash->source[i], sizeof(crash->source[i]), LINES[i]);
    }
    CrashFrame *frame = add_call(room, "step", "mobs.c", 100, "m->x += m->speed * t->dt;");
    frame->is_inlined = true;
    (void)add_call(room, "step_all", "mobs.c", 260, "step(w, t);");
    (void)add_call(room, "mobs_update", "mobs.c", 301, "step_all(&state->world, t);");
}

static int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    *state = room;
    room->live.now.game = &room->game; // no more is looked at than whether there is one
    room->view = (InspectView){.live = &room->live,
                               .now_ns = NS_PER_S,
                               .width_px = 960,
                               .height_px = 540,
                               .slow = 1,
                               .pause_text = "",
                               .crash = &room->crash};
    crash_of_null(room);
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

static const char *words_of(const Room *room, const DrawCmd *cmd)
{
    return cmd->kind == DRAW_TEXT ? room->over.text + cmd->first : "";
}

static hl_rectf box_of(const Room *room, const DrawCmd *cmd)
{
    if (cmd->kind == DRAW_TEXT) {
        float width = draw_text_width(cmd->p[2], words_of(room, cmd));
        return (hl_rectf){cmd->p[0], cmd->p[1], width, cmd->p[2]};
    }
    assert_int_equal(cmd->kind, DRAW_RECT);
    return (hl_rectf){cmd->p[0], cmd->p[1], cmd->p[2], cmd->p[3]};
}

static void assert_inside(const Room *room, const DrawCmd *cmd)
{
    hl_rectf box = box_of(room, cmd);
    float w = room->view.width_px, h = room->view.height_px;
    assert_true(isfinite(box.x) && isfinite(box.y) && isfinite(box.w) && isfinite(box.h));
    if (box.x < 0 || box.y < 0 || box.x + box.w > w || box.y + box.h > h) {
        fail_msg("%g %g, %g x %g (\"%s\") is outside of %g x %g", (double)box.x, (double)box.y,
                 (double)box.w, (double)box.h, words_of(room, cmd), (double)w, (double)h);
    }
}

static void assert_apart(const Room *room, const DrawCmd *one, const DrawCmd *other)
{
    hl_rectf a = box_of(room, one), b = box_of(room, other);
    if (a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h) {
        fail_msg("\"%s\" and \"%s\" overlap at %g x %g", words_of(room, one), words_of(room, other),
                 (double)room->view.width_px, (double)room->view.height_px);
    }
}

// Draws, and checks what holds for every picture: all of it in the window, no text over another, no
// line break in a text. Returns all words in order, a blank between two texts.
static const char *look(Room *room)
{
    DrawList *over = &room->over;
    size_t used = 0;
    draw_reset(over, room->view.width_px, room->view.height_px);
    inspect_frame(&room->inspect, &room->view, over);
    assert_int_equal(over->dropped, 0); // so every number was finite
    room->all[0] = '\0';
    for (uint32_t i = 0; i < over->cmd_count; i++) {
        const DrawCmd *cmd = &over->cmds[i];
        assert_inside(room, cmd);
        if (cmd->kind != DRAW_TEXT) {
            continue;
        }
        assert_null(strchr(words_of(room, cmd), '\n'));
        for (uint32_t k = 0; k < i; k++) {
            if (over->cmds[k].kind == DRAW_TEXT) {
                assert_apart(room, &over->cmds[k], cmd);
            }
        }
        used += (size_t)snprintf(room->all + used, sizeof(room->all) - used, "%s%s",
                                 used ? " " : "", words_of(room, cmd));
        assert_true(used < sizeof(room->all));
    }
    return room->all;
}

static void assert_tells(const char *all, const char *words)
{
    if (!strstr(all, words)) {
        fail_msg("\"%s\" is not in \"%s\"", words, all);
    }
}

static void assert_silent(const char *all, const char *words)
{
    if (strstr(all, words)) {
        fail_msg("\"%s\" is in \"%s\"", words, all);
    }
}

// The first text with these words.
static const DrawCmd *text_with(const Room *room, const char *words)
{
    for (uint32_t i = 0; i < room->over.cmd_count; i++) {
        if (strstr(words_of(room, &room->over.cmds[i]), words)) {
            return &room->over.cmds[i];
        }
    }
    fail_msg("no text has \"%s\"", words);
    return NULL;
}

static const DrawCmd *text_that_is(const Room *room, const char *words)
{
    for (uint32_t i = 0; i < room->over.cmd_count; i++) {
        if (strcmp(words_of(room, &room->over.cmds[i]), words) == 0) {
            return &room->over.cmds[i];
        }
    }
    fail_msg("no text is \"%s\"", words);
    return NULL;
}

static const DrawCmd *rect_of_colour(const Room *room, uint32_t rgba)
{
    for (uint32_t i = 0; i < room->over.cmd_count; i++) {
        const DrawCmd *cmd = &room->over.cmds[i];
        if (cmd->kind == DRAW_RECT && cmd->rgba == rgba) {
            return cmd;
        }
    }
    return NULL;
}

static void set_size(Room *room, const float size[2])
{
    room->view.width_px = size[0];
    room->view.height_px = size[1];
}

// ------------------------------------------------------------------------------------ what is told

static void a_crash_says_what_where_and_what_next(void **state)
{
    // Scenario: a null pointer in an update, in windows of three usual sizes.
    // Expect: what happened, where, the lines around it, the calls, what became of the tick, what
    // to do and the keys; below it a veil over the whole window.
    Room *room = *state;
    static const float USUAL[][2] = {{960, 540}, {1920, 1080}, {3840, 2160}};
    for (size_t i = 0; i < COUNT_OF(USUAL); i++) {
        set_size(room, USUAL[i]);
        const char *all = look(room);
        assert_tells(all, "STOPPED in update(), build 7, tick 1234");
        assert_tells(all, "mobs.c:100 read address 0x8 in");
        assert_tells(all, "likely `m`");
        assert_tells(all, "look at mob_at().");
        assert_tells(all, "98     for (int i = 0; i < 64; i++) {");
        assert_tells(all, "102             m->x = w->left;");
        assert_tells(all, "step()  inlined mobs.c:100");
        assert_tells(all, "mobs_update() mobs.c:301");
        assert_tells(all, "tick 1234 was undone");
        assert_tells(all, "Fix it and save: the game goes on from here.");
        assert_tells(all, "F8 hold: rewind F9 restart Ctrl+C copy Esc hide this");
        hl_rectf veil = box_of(room, &room->over.cmds[0]);
        assert_int_equal(room->over.cmds[0].rgba, VEIL);
        assert_true(veil.x == 0 && veil.y == 0 && veil.w == USUAL[i][0] && veil.h == USUAL[i][1]);
        // The title is the largest of it.
        assert_true(text_with(room, "read address")->p[2] > text_with(room, "inlined")->p[2]);
    }
}

static void the_line_is_marked(void **state)
{
    // Scenario: the crash is in the third line of five, then in the first.
    // Expect: a band behind that line only, and its number stands out.
    Room *room = *state;
    static const char *const NUMBERS[] = {" 98", " 99", "100", "101", "102"};
    for (int at = 2; at >= 0; at -= 2) {
        room->crash.source_at = at;
        (void)look(room);
        hl_rectf band = box_of(room, rect_of_colour(room, MARKED));
        for (int i = 0; i < 5; i++) {
            const DrawCmd *number = text_that_is(room, NUMBERS[i]);
            float y = box_of(room, number).y, high = number->p[2];
            bool is_in = band.y <= y && band.y + band.h >= y + high && band.h < 2 * high;
            assert_int_equal(is_in, i == at);
            assert_int_equal(number->rgba == AMBER, i == at);
        }
    }
}

static void calls_tell_of_recursions_and_libraries(void **state)
{
    // Scenario: a function that called itself 4,127 times more, called by a library's, whose names
    // are not known in one case.
    // Expect: it is there once with how often; the library's frames are dimmer than the game's.
    Room *room = *state;
    room->crash.frame_count = 1;
    room->crash.frames[0].repeats = 4127;
    room->crash.frames[0].is_inlined = false;
    CrashFrame *frame = add_call(room, "qsort_r", "", 0, "");
    set_text(frame->library, sizeof(frame->library), "libc.so.6");
    frame = add_call(room, "?", "", 0, "");
    set_text(frame->library, sizeof(frame->library), "libc.so.6");
    const char *all = look(room);
    assert_tells(all, "step()  x 4128 mobs.c:100");
    assert_tells(all, "qsort_r() libc.so.6 ? libc.so.6");
    assert_int_equal(text_with(room, "step()")->rgba, INK);
    assert_true(text_with(room, "qsort_r()")->rgba < DIM_INK);
}

static void a_game_that_never_began_is_told_so(void **state)
{
    // Scenario: init() calls exit, and there are neither lines of source, nor a hint, nor calls.
    // Expect: no rewind, for there is nothing before; the rest stands without holes.
    Room *room = *state;
    room->crash = (Crash){.is_set = true, .title = "exit(3) was called", .call = "init"};
    const char *all = look(room);
    assert_string_equal(all,
                        "STOPPED in init(), build 0, tick 0 exit(3) was called Fix it and save: "
                        "the game starts with it. F9 restart Ctrl+C copy Esc hide this");
}

// ---------------------------------------------------------------------------------- small and wild

static void the_most_important_stays_in_small_windows(void **state)
{
    // Scenario: the crash in every window from 240 x 120 to 600 x 400.
    // Expect: place and reason, how to go on and the keys are always there; whoever is told of a
    // source line sees the marked one.
    Room *room = *state;
    for (float width = 240; width <= 600; width += 24) {
        for (float height = 120; height <= 400; height += 10) {
            set_size(room, (float[]){width, height});
            const char *all = look(room);
            assert_tells(all, "mobs.c:100");
            assert_tells(all, "save");
            assert_tells(all, "F9");
            assert_tells(all, "Ctrl+C");
            if (strstr(all, "98  ") || strstr(all, "99 ")) {
                assert_tells(all, "100 ");
                assert_non_null(rect_of_colour(room, MARKED));
            }
        }
    }
}

static void calls_that_have_no_room_are_counted(void **state)
{
    // Scenario: 48 calls, one of them a recursion of 1,000, in windows of all heights.
    // Expect: what is shown and what is said to be more are all of them, in order from the first.
    Room *room = *state;
    room->crash.frame_count = 0;
    for (int i = 0; i < CRASH_FRAMES_MAX; i++) {
        char name[16];
        (void)text_format(name, sizeof(name), "call%d", i);
        CrashFrame *frame = add_call(room, name, "deep.c", i + 1, "deeper(n - 1);");
        frame->repeats = i == 40 ? 999 : 0;
    }
    bool had_none = false, had_some = false;
    for (float height = 100; height <= 2200; height += 20) {
        set_size(room, (float[]){height * 16 / 9, height});
        const char *all = look(room);
        int shown = 0;
        char words[32];
        for (; shown < CRASH_FRAMES_MAX; shown++) {
            (void)text_format(words, sizeof(words), "call%d() deep.c:%d", shown, shown + 1);
            if (!strstr(all, words)) {
                break;
            }
        }
        (void)text_format(words, sizeof(words), "... %d more calls", 1047 - shown);
        if (shown > 0) {
            assert_tells(all, words);
        }
        had_none |= shown == 0;
        had_some |= shown > 10;
    }
    assert_true(had_none && had_some);
    room->crash.frames_cut = true;
    assert_tells(look(room), "more calls, and deeper ones");
}

static void long_paths_keep_their_end(void **state)
{
    // Scenario: a file in very deep folders.
    // Expect: the end of the path, with file and line, behind three dots.
    Room *room = *state;
    CrashFrame *frame = &room->crash.frames[1];
    size_t used = 0;
    while (used + 20 < sizeof(frame->file)) {
        used += (size_t)snprintf(frame->file + used, sizeof(frame->file) - used, "folder/");
    }
    (void)snprintf(frame->file + used, sizeof(frame->file) - used, "deep.c");
    for (size_t i = 0; i < 3; i++) {
        set_size(room, SIZES[i * 2]);
        (void)look(room);
        const char *place = words_of(room, text_with(room, "deep.c:260"));
        assert_int_equal(strncmp(place, "...", 3), 0);
    }
}

// Everything as long as it goes, of letters, of two bytes each, or of bytes that are no text.
static void fill(Room *room, int kind)
{
    static const char *const PIECES[] = {"many words ", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\xae",
                                         "\xff\x1b[31m\n\t\x80", "W"};
    Crash *crash = &room->crash;
    char text[700] = "";
    const char *piece = PIECES[kind];
    for (size_t used = 0; used + strlen(piece) < sizeof(text); used += strlen(piece)) {
        memcpy(text + used, piece, strlen(piece) + 1);
    }
    *crash = (Crash){.is_set = true,
                     .tick = UINT64_MAX,
                     .generation = UINT64_MAX,
                     .frame_count = CRASH_FRAMES_MAX,
                     .frames_cut = true,
                     .source_first = 2147483600,
                     .source_at = 4,
                     .source_count = CRASH_SOURCE_LINES};
    set_text(crash->call, sizeof(crash->call), text);
    set_text(crash->title, sizeof(crash->title), text);
    set_text(crash->hint, sizeof(crash->hint), text);
    set_text(crash->undone, sizeof(crash->undone), text);
    for (int i = 0; i < CRASH_FRAMES_MAX; i++) {
        CrashFrame *frame = &crash->frames[i];
        set_text(frame->function, sizeof(frame->function), text);
        set_text(frame->file, sizeof(frame->file), text);
        set_text(frame->source, sizeof(frame->source), text);
        set_text(frame->library, sizeof(frame->library), i % 3 ? "" : text);
        frame->line = frame->column = 2147483600 + i;
        frame->repeats = i % 2 ? UINT32_MAX : 0;
        frame->is_inlined = i % 5 == 0;
    }
    for (int i = 0; i < CRASH_SOURCE_LINES; i++) {
        set_text(crash->source[i], sizeof(crash->source[i]), text);
    }
}

static void anything_stays_in_the_window_and_apart(void **state)
{
    // Scenario: every field full to its end with words, with letters of many bytes, with bytes that
    // are no text, with one word; and all of them empty; in windows of many sizes.
    // Expect: all of it in the window, no text over another, no control character.
    Room *room = *state;
    for (int kind = 0; kind < 5; kind++) {
        if (kind < 4) {
            fill(room, kind);
        } else {
            room->crash =
                (Crash){.is_set = true, .source_at = -1, .frame_count = 48, .source_count = 5};
        }
        for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
            set_size(room, SIZES[i]);
            const char *all = look(room);
            assert_true(room->over.cmd_count > 0);
            assert_null(strpbrk(all, "\x1b\n\t"));
        }
    }
}

static void counts_beyond_the_arrays_are_survived(void **state)
{
    // Scenario: a crash that says it has a thousand calls and lines, and marks a line before them.
    // Expect: no more is read than there is.
    Room *room = *state;
    room->crash.frame_count = room->crash.source_count = 1000;
    room->crash.source_at = -5;
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        set_size(room, SIZES[i]);
        (void)look(room);
    }
    room->crash.source_at = 800;
    (void)look(room);
    assert_null(rect_of_colour(room, MARKED));
}

static void windows_without_room_are_left_alone(void **state)
{
    // Scenario: windows of no size, of one pixel, with no height, with no width.
    // Expect: no command.
    Room *room = *state;
    static const float NONE[][2] = {{0, 0}, {1, 1}, {800, 0}, {0, 600}, {100, 600}, {800, 20}};
    for (size_t i = 0; i < COUNT_OF(NONE); i++) {
        set_size(room, NONE[i]);
        (void)look(room);
        assert_int_equal(room->over.cmd_count, 0);
    }
}

// ------------------------------------------------------------------------------------------ hidden

static void the_panel_makes_way_for_the_picture(void **state)
{
    // Scenario: the panel is hidden, shown and hidden; then the next crash comes, without a picture
    // between them.
    // Expect: no veil and one line that says what happened and which key; the panel again; and the
    // new crash is shown at once.
    Room *room = *state;
    (void)look(room);
    room->inspect.crash_hidden = true;
    room->view.paused = true;
    const char *all = look(room);
    assert_tells(all, "mobs.c:100 read address");
    assert_tells(all, "Esc: what happened");
    assert_tells(all, "PAUSED");
    assert_silent(all, "F9");
    assert_null(rect_of_colour(room, VEIL));
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        set_size(room, SIZES[i]);
        (void)look(room);
    }
    room->inspect.crash_hidden = false;
    assert_tells(look(room), "F9");
    room->inspect.crash_hidden = true;
    assert_silent(look(room), "F9");
    room->crash.tick++;
    assert_tells(look(room), "F9");
    assert_false(room->inspect.crash_hidden);
    room->inspect.crash_hidden = true;
    room->view.crash = NULL; // it goes on, and comes to the same place again
    assert_string_equal(look(room), " PAUSED ");
    room->view.crash = &room->crash;
    assert_tells(look(room), "F9");
    room->crash.is_set = false;
    assert_silent(look(room), "F9");
}

// ------------------------------------------------------------------------------ beside other
// panels

static void add_error(Room *room, const char *text)
{
    BuildReport *report = &room->report;
    BuildDiagnostic *one = &report->diagnostics[report->diagnostic_count++];
    *one = (BuildDiagnostic){.severity = BUILD_ERROR, .line = 12, .column = 3, .file = "hero.c"};
    set_text(one->text, sizeof(one->text), text);
    set_text(one->source_line, sizeof(one->source_line), "  x = 1");
    report->error_count++;
}

static void a_fix_that_does_not_compile_is_shown_above(void **state)
{
    // Scenario: the game stands still and the fix has an error, with one line; then with many; with
    // notices below.
    // Expect: the error at the top, the crash below it and the notice at the bottom, nothing over
    // another in any size; it does not say that anything plays on.
    Room *room = *state;
    add_error(room, "expected ';'");
    inspect_failed_build(&room->inspect, &room->report);
    room->view.building = room->view.muted = room->view.paused = true;
    inspect_toast(&room->inspect, NS_PER_S, LOG_INFO, "copied");
    const char *all = look(room);
    assert_tells(all, "expected ';'");
    assert_tells(all, "mobs.c:100");
    assert_tells(all, "building  muted");
    assert_tells(all, "copied");
    assert_silent(all, "plays on");
    assert_true(text_with(room, "expected")->p[1] < text_with(room, "STOPPED")->p[1]);
    assert_true(text_with(room, "Ctrl+C")->p[1] < text_with(room, "copied")->p[1]);
    for (int i = 0; i < 49; i++) {
        add_error(room, "another error that takes some more words to explain, and then a few more");
    }
    inspect_failed_build(&room->inspect, &room->report);
    for (int i = 0; i < INSPECT_TOASTS; i++) {
        char words[400];
        memset(words, 'a' + i, sizeof(words) - 1);
        words[sizeof(words) - 1] = '\0';
        inspect_toast(&room->inspect, NS_PER_S, LOG_ERROR, words);
    }
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        set_size(room, SIZES[i]);
        (void)look(room);
    }
}

static void a_crash_is_shown_over_a_pause_and_without_a_game(void **state)
{
    // Scenario: a crash while the game had paused itself; then one of the only build there is.
    // Expect: the crash, not the pause and not that it waits for a first build.
    Room *room = *state;
    room->view.paused = true;
    room->view.pause_text = "the boss appears";
    const char *all = look(room);
    assert_silent(all, "boss");
    assert_tells(all, "mobs.c:100");
    room->live.now.game = NULL;
    assert_silent(look(room), "Nothing to play");
}

// -------------------------------------------------------------------- a build that was put aside

static void a_build_put_aside_is_told_until_the_next(void **state)
{
    // Scenario: a build that died in its first second is put aside; then the game is looked at for
    // an hour; then the next build comes.
    // Expect: what and where at the top, in less than a third of the window, badges beside or below
    // it; an error of a newer build takes its place; nothing after a good one.
    Room *room = *state;
    room->view.crash = NULL;
    room->view.paused = true;
    inspect_report(&room->inspect,
                   "build 7 crashed after 0.3 s and was put aside; build 6 plays on",
                   "game.c:12 read address 0x0 in update(): a null pointer\n    boss->hp -= 1;");
    for (int hour = 0; hour < 2; hour++) {
        const char *all = look(room);
        assert_tells(all, "build 7 crashed after 0.3 s");
        assert_tells(all, "game.c:12");
        assert_tells(all, "read address 0x0 in update()");
        assert_tells(all, "boss->hp -= 1;");
        assert_tells(all, "PAUSED");
        hl_rectf panel = box_of(room, &room->over.cmds[0]);
        assert_true(panel.y + panel.h <= room->view.height_px / 3);
        room->view.now_ns += 3600 * NS_PER_S;
    }
    add_error(room, "expected ';'");
    inspect_failed_build(&room->inspect, &room->report);
    assert_silent(look(room), "build 7");
    inspect_good_build(&room->inspect);
    assert_string_equal(look(room), " PAUSED ");
}

static void what_two_compilers_do_differently_is_a_warning(void **state)
{
    // Scenario: a tick that tcc's code did otherwise; then a build of the sources whose fast build
    // plays fails; then one of other sources.
    // Expect: what differs and what is done about it, with no word of mending; that the fast build
    // of these sources plays; that the previous code does.
    Room *room = *state;
    room->view.crash = NULL;
    inspect_report_warning(&room->inspect, "tcc's code of hero.c did not do the same",
                           "tick 12: Game.x was 1 in the fast build, and is 2 in the full one",
                           "The compiler's code plays on, and tcc is left out.");
    const char *all = look(room);
    assert_tells(all, "tcc's code of hero.c");
    assert_tells(all, "Game.x was 1");
    assert_tells(all, "tcc is left out");
    assert_silent(all, "Mend it");
    inspect_report(&room->inspect, "build 7 was put aside", "");
    assert_tells(look(room), "Mend it");
    room->live.now.sources = room->report.sources = 5;
    room->live.now.is_fast = true;
    add_error(room, "expected ';'");
    inspect_failed_build(&room->inspect, &room->report);
    assert_tells(look(room), "the fast build of these sources plays");
    room->report.sources = 6;
    inspect_failed_build(&room->inspect, &room->report);
    assert_tells(look(room), "the previous code plays on");
}

static void reports_of_any_length_stay_compact(void **state)
{
    // Scenario: title and text of thousands of bytes, of no text at all, and of none; with and
    // without a crash of the older build, in windows of many sizes.
    // Expect: no more than a third of the window, and the end of what is cut says so.
    Room *room = *state;
    char text[4000];
    for (int kind = 0; kind < 3; kind++) {
        memset(text, kind == 0 ? 'x' : 0xff, sizeof(text) - 1);
        text[kind == 2 ? 0 : sizeof(text) - 1] = '\0';
        inspect_report(&room->inspect, text, text);
        for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
            set_size(room, SIZES[i]);
            room->view.crash = NULL;
            const char *all = look(room);
            hl_rectf panel = box_of(room, &room->over.cmds[0]);
            assert_true(panel.y + panel.h <= room->view.height_px / 3);
            if (kind == 0 && SIZES[i][1] < 300) {
                assert_tells(all, "...");
            }
            room->view.crash = &room->crash;
            (void)look(room);
        }
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_crash_says_what_where_and_what_next),
        CASE(the_line_is_marked),
        CASE(calls_tell_of_recursions_and_libraries),
        CASE(a_game_that_never_began_is_told_so),
        CASE(the_most_important_stays_in_small_windows),
        CASE(calls_that_have_no_room_are_counted),
        CASE(long_paths_keep_their_end),
        CASE(anything_stays_in_the_window_and_apart),
        CASE(counts_beyond_the_arrays_are_survived),
        CASE(windows_without_room_are_left_alone),
        CASE(the_panel_makes_way_for_the_picture),
        CASE(a_fix_that_does_not_compile_is_shown_above),
        CASE(a_crash_is_shown_over_a_pause_and_without_a_game),
        CASE(a_build_put_aside_is_told_until_the_next),
        CASE(what_two_compilers_do_differently_is_a_warning),
        CASE(reports_of_any_length_stay_compact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
