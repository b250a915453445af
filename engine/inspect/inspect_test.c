#include "inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// Contents: the room, reading a picture, builds, the running game, notices, keys and badges, sizes

typedef struct Room {
    Live live;
    hl_game game;
    Inspect inspect;
    BuildReport report;
    InspectView view;
    DrawList over;
    Arena arena; // of the printed pictures
    Fault fault;
} Room;

static int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    *state = room;
    room->live.now.game = &room->game; // no more is looked at than whether there is one
    // A loop is a part of history, so there is one; what it holds is not looked at.
    const TimelineConfig history = {.budget_bytes = 1u << 20, .method = DIRTY_MEMCMP};
    room->live.timeline = timeline_open(&history, &room->fault);
    room->view = (InspectView){.live = &room->live,
                               .now_ns = NS_PER_S,
                               .width_px = 480,
                               .height_px = 270,
                               .slow = 1,
                               .pause_text = ""};
    return room->live.timeline && draw_open(&room->over, &room->fault)
                   && arena_open(&room->arena, 0, 16u << 20, &room->fault)
               ? 0
               : 1;
}

static int leave(void **state)
{
    Room *room = *state;
    timeline_close(room->live.timeline);
    draw_close(&room->over);
    arena_close(&room->arena);
    free(room);
    return 0;
}

// ------------------------------------------------------------------------------- reading a picture

// The picture of now as draw_print writes it, a command a line.
static const char *look(Room *room)
{
    draw_reset(&room->over, room->view.width_px, room->view.height_px);
    inspect_frame(&room->inspect, &room->view, &room->over);
    assert_int_equal(room->over.dropped, 0);
    return draw_print(&room->over, &room->arena);
}

typedef struct Text {
    float x, y, size;
    char words[128];
} Text;

// The text command of one line, if it is one.
static bool read_text(const char *line, Text *text)
{
    const char *end = strchr(line, '\n'), *open = strchr(line, '"');
    if (sscanf(line, "text %f %f %f", &text->x, &text->y, &text->size) != 3 || !open) {
        return false;
    }
    while (*end != '"') {
        end--;
    }
    (void)text_format(text->words, sizeof(text->words), "%.*s", (int)(end - open - 1), open + 1);
    return true;
}

// The index-th text that contains `words`.
static bool find_text(const char *picture, const char *words, Text *text)
{
    for (const char *line = picture; (line = strchr(line, '\n')) != NULL && line[1];) {
        line++;
        if (read_text(line, text) && strstr(text->words, words)) {
            return true;
        }
    }
    return false;
}

static void assert_shows(const char *picture, const char *words)
{
    Text text;
    if (!find_text(picture, words, &text)) {
        fail_msg("\"%s\" is not in:\n%s", words, picture);
    }
}

static void assert_hides(const char *picture, const char *words)
{
    Text text;
    if (find_text(picture, words, &text)) {
        fail_msg("\"%s\" is in:\n%s", words, picture);
    }
}

// All texts in order, one blank between two: what a reader reads.
static const char *read_all(Room *room, const char *picture)
{
    char *all = arena_push(&room->arena, 1, 1, 65536);
    size_t used = 0;
    Text text;
    for (const char *line = picture; (line = strchr(line, '\n')) != NULL && line[1];) {
        line++;
        if (read_text(line, &text)) {
            used += (size_t)snprintf(all + used, 65536 - used, "%s%s", used ? " " : "", text.words);
        }
    }
    return all;
}

static void assert_inside(Room *room, const char *picture)
{
    float right = room->view.width_px, bottom = room->view.height_px;
    for (const char *line = picture; (line = strchr(line, '\n')) != NULL && line[1];) {
        float x, y, w, h;
        Text text;
        line++;
        if (read_text(line, &text)) {
            x = text.x;
            y = text.y;
            w = draw_text_width(text.size, text.words);
            h = text.size;
        } else if (sscanf(line, "rect %f %f %f %f", &x, &y, &w, &h) != 4) {
            fail_msg("neither a text nor a rectangle: %s", line);
        }
        if (x < 0 || y < 0 || x + w > right || y + h > bottom) {
            fail_msg("outside of %g x %g: %.*s", (double)right, (double)bottom,
                     (int)strcspn(line, "\n"), line);
        }
    }
}

// ------------------------------------------------------------------------------------------ builds

static void add_error(Room *room, int line, int column, const char *text, const char *source)
{
    BuildReport *report = &room->report;
    BuildDiagnostic *one = &report->diagnostics[report->diagnostic_count++];
    *one = (BuildDiagnostic){.severity = BUILD_ERROR, .line = line, .column = column};
    (void)text_format(one->file, sizeof(one->file), "%s", line ? "hero.c" : "");
    (void)text_format(one->text, sizeof(one->text), "%s", text);
    (void)text_format(one->source_line, sizeof(one->source_line), "%s", source);
    report->error_count++;
}

// The character of the source line that stands above the caret.
static char above_caret(const char *picture, const char *source)
{
    Text line, caret;
    assert_true(find_text(picture, "^", &caret));
    assert_true(find_text(picture, source, &line));
    assert_true(caret.y > line.y);
    assert_true(caret.x >= line.x);
    const char *at = line.words;
    for (int cell = (int)((caret.x - line.x) / line.size + 0.5f); cell > 0; cell--) {
        assert_int_not_equal(text_next(&at), 0);
    }
    return *at;
}

static void failed_build_shows_the_place_and_a_caret(void **state)
{
    // Scenario: a build with two errors, the first in an indented line; then a good one.
    // Expect: how many, what still works, file:line:column and text of both, the line and a caret
    // below its column; nothing after the good build.
    Room *room = *state;
    add_error(room, 12, 9, "expected ';' before '}' token", "    x = 1");
    add_error(room, 40, 5, "'speeed' undeclared", "    speeed();");
    inspect_failed_build(&room->inspect, &room->report);
    const char *picture = look(room);
    assert_shows(picture, "BUILD FAILED: 2 errors");
    assert_shows(picture, "the previous code plays on");
    const char *all = read_all(room, picture);
    assert_non_null(strstr(all, "hero.c:12:9 expected ';' before '}' token 12 x = 1 ^"));
    assert_non_null(strstr(all, "hero.c:40:5 'speeed' undeclared"));
    assert_shows(picture, "Mend it and save");
    assert_int_equal(above_caret(picture, "x = 1"), '1');
    room->live.now.game = NULL;
    assert_shows(look(room), "nothing to play yet");
    room->live.now.game = &room->game;
    inspect_good_build(&room->inspect);
    (void)look(room);
    assert_int_equal(room->over.cmd_count, 0);
}

static void caret_stands_under_the_column_behind_tabs_and_umlauts(void **state)
{
    // Scenario: columns count bytes; there are tabs and letters of two bytes before them; a column
    // behind the line's last character; one in the blanks before its first; none.
    // Expect: the caret under the right character; behind the last; none for the last two.
    Room *room = *state;
    Text text;
    add_error(room, 3, 10, "no", "\tint\tx = nope;");
    inspect_failed_build(&room->inspect, &room->report);
    assert_int_equal(above_caret(look(room), "int x = nope;"), 'n');
    room->report = (BuildReport){0};
    add_error(room, 3, 23, "no", "\t\tputs(\"\xc3\xa4\xc3\xb6\xc3\xbc\" \"\xc3\x9f\", 7);");
    inspect_failed_build(&room->inspect, &room->report);
    assert_int_equal(above_caret(look(room), "puts("), '7');
    room->report = (BuildReport){0};
    add_error(room, 3, 10, "no", "    x = 1");
    inspect_failed_build(&room->inspect, &room->report);
    assert_int_equal(above_caret(look(room), "x = 1"), '\0');
    room->report.diagnostics[0].column = 11;
    inspect_failed_build(&room->inspect, &room->report);
    room->report.diagnostics[0].column = 2;
    inspect_failed_build(&room->inspect, &room->report);
    assert_false(find_text(look(room), "^", &text));
    room->report.diagnostics[0].column = 0;
    inspect_failed_build(&room->inspect, &room->report);
    assert_false(find_text(look(room), "^", &text));
    assert_shows(look(room), "x = 1");
}

static void long_lines_show_the_part_with_the_column(void **state)
{
    // Scenario: a source line of 240 characters with the error near its end, in two window sizes.
    // Expect: the character of that column is in sight, with the caret under it, in the window.
    Room *room = *state;
    char source[241];
    memset(source, '.', 240);
    source[240] = '\0';
    memcpy(source + 217, "#bad", 4);
    add_error(room, 7, 218, "wrong", source);
    inspect_failed_build(&room->inspect, &room->report);
    for (float scale = 1; scale <= 4; scale++) {
        room->view.width_px = 480 * scale;
        room->view.height_px = 270 * scale;
        const char *picture = look(room);
        assert_int_equal(above_caret(picture, "#bad"), '#');
        assert_inside(room, picture);
    }
}

static void a_line_that_is_a_little_too_long_shows_its_end(void **state)
{
    // Scenario: the error is behind the last character of a line that is wider than the card.
    // Expect: as much before the column as fits, not half of it; the caret behind the last one.
    Room *room = *state;
    char source[72] = "";
    memset(source, '.', sizeof(source) - 1);
    memcpy(source + 35, "speed = 1", 9);
    add_error(room, 7, sizeof(source), "expected ';'", source);
    inspect_failed_build(&room->inspect, &room->report);
    room->view.width_px = 960;
    room->view.height_px = 540;
    const char *picture = look(room);
    assert_shows(picture, "speed = 1");
    assert_int_equal(above_caret(picture, "..."), '\0');
    assert_inside(room, picture);
}

static void the_first_error_is_large_and_the_rest_a_list(void **state)
{
    // Scenario: an error, its note, two more errors, in windows from 480 x 270 to 1920 x 1080.
    // Expect: from 960 x 540 on the first is written larger than the others, with its source line
    // and caret; the others have a line each, and theirs are not shown. All of it is in the window.
    Room *room = *state;
    Text first, other;
    add_error(room, 12, 9, "expected ';'", "    x = 1");
    add_error(room, 3, 1, "a note to it", "int x;");
    room->report.diagnostics[1].severity = BUILD_NOTE;
    room->report.error_count--;
    add_error(room, 40, 5,
              "'speeed' undeclared, and so many words that no window is wide enough "
              "for all of them in one line, be it of the size of a wall in a cinema "
              "where somebody shows what an error looks like to a thousand people",
              "    speeed();");
    add_error(room, 41, 5, "one more", "y");
    inspect_failed_build(&room->inspect, &room->report);
    for (float scale = 1; scale <= 4; scale++) {
        room->view.width_px = 480 * scale;
        room->view.height_px = 270 * scale;
        const char *picture = look(room);
        assert_true(find_text(picture, "expected ';'", &first));
        assert_true(find_text(picture, "'speeed' undeclared", &other));
        const char *all = read_all(room, picture);
        assert_non_null(strstr(all, "hero.c:12:9 expected ';'"));
        assert_non_null(strstr(all, "hero.c:40:5 'speeed' undeclared"));
        assert_true(scale == 1 ? first.size == other.size : first.size > other.size);
        assert_non_null(strstr(all, "hero.c:3:1 a note to it"));
        assert_non_null(strstr(all, "hero.c:41:5 one more"));
        assert_int_equal(above_caret(picture, "x = 1"), '1');
        assert_hides(picture, "speeed();");
        assert_hides(picture, "more in the terminal");
        assert_inside(room, picture);
    }
}

static void errors_without_a_place_are_shown_as_they_are(void **state)
{
    // Scenario: what a linker says has no file; more errors than the panel has room for.
    // Expect: its text alone; the panel ends where it ends.
    Room *room = *state;
    add_error(room, 0, 0, "undefined reference to 'hl_rekt'", "");
    for (int i = 1; i < BUILD_DIAGNOSTICS_MAX; i++) {
        add_error(room, i, 1, "and so on", "x");
    }
    inspect_failed_build(&room->inspect, &room->report);
    const char *picture = look(room);
    Text text;
    assert_true(find_text(picture, "undefined reference", &text));
    assert_string_equal(text.words, "undefined reference to 'hl_rekt'");
    assert_non_null(strstr(read_all(room, picture), "hero.c:1:1 and so on"));
    assert_hides(picture, "hero.c:20:1");
    assert_shows(picture, "more in the terminal");
    assert_inside(room, picture);
}

static void panel_is_as_high_as_its_errors(void **state)
{
    // Scenario: one short error; then fifty.
    // Expect: a low panel, without a word of more; then one of 60% of the window.
    Room *room = *state;
    add_error(room, 3, 1, "expected ';'", "x");
    inspect_failed_build(&room->inspect, &room->report);
    const char *picture = look(room);
    assert_true(room->over.cmds[0].kind == DRAW_RECT);
    assert_true(room->over.cmds[0].p[3] < room->view.height_px / 3);
    assert_hides(picture, "more in the terminal");
    for (int i = 1; i < BUILD_DIAGNOSTICS_MAX; i++) {
        add_error(room, i, 1, "and so on", "x");
    }
    inspect_failed_build(&room->inspect, &room->report);
    (void)look(room);
    assert_true(room->over.cmds[0].p[3] > room->view.height_px / 2);
    assert_true(room->over.cmds[0].p[3] <= room->view.height_px * 0.61f);
}

static void long_texts_wrap_between_words(void **state)
{
    // Scenario: an error of many words, one with a word wider than the window, one in UTF-8.
    // Expect: every word is there in order, within the width; no letter is cut in two.
    Room *room = *state;
    char text[400] = "";
    for (int i = 0; i < 30; i++) {
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%sword%d", i ? " " : "",
                       i);
    }
    add_error(room, 1, 0, text, "");
    inspect_failed_build(&room->inspect, &room->report);
    const char *picture = look(room);
    assert_inside(room, picture);
    assert_non_null(strstr(read_all(room, picture), text));

    room->report = (BuildReport){0};
    memset(text, 'm', 150);
    text[150] = '\0';
    add_error(room, 1, 0, text, "");
    inspect_failed_build(&room->inspect, &room->report);
    picture = look(room);
    assert_inside(room, picture);
    int letters = 0;
    for (const char *at = read_all(room, picture); *at; at++) {
        letters += *at == 'm';
    }
    assert_int_equal(letters, 150);

    room->report = (BuildReport){0};
    for (int i = 0; i < 130; i++) {
        memcpy(text + 2 * i, "\xc3\xa4", 3);
    }
    add_error(room, 1, 0, text, "");
    inspect_failed_build(&room->inspect, &room->report);
    picture = look(room);
    assert_inside(room, picture);
    for (const char *at = picture; *at;) {
        assert_int_not_equal(text_next(&at), 0xFFFD);
    }
}

static void refused_library_says_why(void **state)
{
    // Scenario: a library that cannot be loaded; then a compile error; then the library again.
    // Expect: the reason; the newer of the two each time.
    Room *room = *state;
    Fault fault;
    (void)fault_set(&fault, FAULT_LIBRARY, "game.so: exports no hotloop_game (is HL_GAME in it?)");
    inspect_refused(&room->inspect, &fault);
    const char *picture = look(room);
    assert_shows(picture, "BUILD NOT TAKEN");
    assert_non_null(strstr(read_all(room, picture), fault.text));
    add_error(room, 1, 1, "nope", "x");
    inspect_failed_build(&room->inspect, &room->report);
    picture = look(room);
    assert_shows(picture, "BUILD FAILED: 1 error");
    assert_hides(picture, "game.so");
    inspect_refused(&room->inspect, &fault);
    assert_hides(look(room), "nope");
}

static void refused_structs_name_the_fields(void **state)
{
    // Scenario: a build is refused for twelve fields; the window is small and large; then a library
    // that is none.
    // Expect: the first fields with what is wrong, how many more, what still works and what helps,
    // F9 as a key; of the library nothing of all that.
    Room *room = *state;
    static const float SIZES[][2] = {{640, 360}, {480, 270}, {1920, 1080}};
    Fault fault;
    (void)fault_set(&fault, FAULT_LAYOUT, "the state does not fit");
    inspect_refused(&room->inspect, &fault);
    for (int i = 0; i < 12; i++) {
        char text[80];
        (void)snprintf(text, sizeof(text), "Mob.f%d is not zero; it cannot be known", i);
        inspect_refused_field(&room->inspect, text);
    }
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        room->view.width_px = SIZES[i][0];
        room->view.height_px = SIZES[i][1];
        const char *picture = look(room), *all = read_all(room, picture);
        assert_non_null(strstr(all, "BUILD NOT TAKEN"));
        assert_non_null(strstr(all, "Mob.f0 is not zero; it cannot be known"));
        assert_non_null(strstr(all, "more in the log (Shift+F3)"));
        assert_non_null(strstr(all, "the previous code plays on"));
        assert_non_null(strstr(all, "What would help"));
        assert_non_null(strstr(all, "F9 run the new build"));
        assert_inside(room, picture);
    }
    (void)fault_set(&fault, FAULT_LIBRARY, "game.so: no");
    inspect_refused(&room->inspect, &fault);
    const char *all = read_all(room, look(room));
    assert_null(strstr(all, "Mob."));
    assert_null(strstr(all, "F9"));
}

static void a_summary_is_one_line_with_a_key(void **state)
{
    // Scenario: a summary that is longer than the window, and a short one, in small and large
    // windows.
    // Expect: one line each, cut where it is too long, with its key behind it, within the window.
    Room *room = *state;
    for (float scale = 1; scale <= 4; scale++) {
        Text text, key;
        room->view.width_px = 480 * scale;
        room->view.height_px = 270 * scale;
        inspect_forget_toasts(&room->inspect);
        inspect_summary(&room->inspect, room->view.now_ns, LOG_INFO, "Mob: +hp", "Shift+F3",
                        "details");
        const char *picture = look(room);
        assert_true(find_text(picture, "Mob: +hp", &text));
        assert_true(find_text(picture, "Shift+F3", &key));
        assert_true(key.x > text.x + draw_text_width(text.size, text.words));
        assert_inside(room, picture);
        inspect_forget_toasts(&room->inspect);
        char many[300];
        memset(many, 'x', sizeof(many) - 1);
        many[sizeof(many) - 1] = '\0';
        inspect_summary(&room->inspect, room->view.now_ns, LOG_INFO, many, "Shift+F3", "details");
        picture = look(room);
        assert_true(find_text(picture, "xxx...", &text));
        assert_true(find_text(picture, "Shift+F3", &key));
        assert_true(key.x > text.x + draw_text_width(text.size, text.words));
        assert_inside(room, picture);
    }
}

// -------------------------------------------------------------------------------- the running game

static void stopped_game_says_where_and_what_next(void **state)
{
    // Scenario: an assert that failed, alone and together with a failed build; a fault without a
    // place; a pause reason meanwhile.
    // Expect: file:line and text, what to do next; both panels, the one below the other.
    Room *room = *state;
    Text stopped, failed;
    (void)fault_set(&room->live.stopped, FAULT_GAME, "HL_ASSERT(hp > 0) does not hold");
    (void)text_format(room->live.stopped.file, sizeof(room->live.stopped.file), "hero.c");
    room->live.stopped.line = 77;
    room->view.paused = true;
    room->view.pause_text = "because";
    const char *picture = look(room);
    assert_shows(picture, "STOPPED");
    const char *all = read_all(room, picture);
    assert_non_null(strstr(all, "hero.c:77 HL_ASSERT(hp > 0) does not hold"));
    assert_non_null(strstr(all, "F9 restart"));
    assert_hides(picture, "because");
    add_error(room, 1, 1, "nope", "x");
    inspect_failed_build(&room->inspect, &room->report);
    picture = look(room);
    assert_true(find_text(picture, "nope", &failed));
    assert_true(find_text(picture, "HL_ASSERT(hp > 0)", &stopped));
    assert_true(stopped.y > failed.y);
    assert_inside(room, picture);
    inspect_good_build(&room->inspect);
    room->live.stopped.file[0] = '\0';
    assert_true(find_text(look(room), "HL_ASSERT(hp > 0)", &stopped));
    assert_string_equal(stopped.words, "HL_ASSERT(hp > 0) does not hold");
}

static void pause_shows_its_reason(void **state)
{
    // Scenario: a pause with a reason of one line, of many, without one; no pause.
    // Expect: the reason while paused, not under the badges; only the badge; nothing.
    Room *room = *state;
    Text badge, reason;
    room->view.paused = true;
    room->view.pause_text = "boss spawned at 3,4";
    const char *picture = look(room);
    assert_true(find_text(picture, "boss spawned", &reason));
    assert_true(find_text(picture, "PAUSED", &badge));
    assert_true(reason.x + draw_text_width(reason.size, reason.words) <= badge.x);
    room->view.pause_text = "one two three four five six seven eight nine ten eleven twelve "
                            "thirteen fourteen fifteen sixteen seventeen";
    picture = look(room);
    assert_shows(picture, "one two");
    assert_shows(picture, "seventeen");
    float lowest = 0, bottom = 0, w, h, x, y;
    for (const char *line = picture; (line = strchr(line, '\n')) != NULL && line[1];) {
        line++;
        if (read_text(line, &reason)) {
            lowest = reason.y + reason.size > lowest ? reason.y + reason.size : lowest;
        } else if (sscanf(line, "rect %f %f %f %f", &x, &y, &w, &h) == 4 && w > 400) {
            bottom = y + h;
        }
    }
    assert_true(lowest <= bottom); // its panel lies behind all of it
    room->view.pause_text = "";
    picture = look(room);
    assert_shows(picture, "PAUSED");
    room->view.paused = false;
    room->view.pause_text = "old";
    (void)look(room);
    assert_int_equal(room->over.cmd_count, 0);
}

static void without_a_game_it_says_that_it_waits(void **state)
{
    // Scenario: no build was good so far, and none has failed.
    // Expect: a sentence instead of an empty window.
    Room *room = *state;
    room->live.now.game = NULL;
    assert_shows(look(room), "Nothing to play yet");
}

// ----------------------------------------------------------------------------------------- notices

static void notices_pass_and_repeats_prolong_them(void **state)
{
    // Scenario: a notice at 1 s, the same again at 2 s, a warning at 1 s; looked at over time.
    // Expect: once, not twice; gone after its time counted from the repeat; warnings stay longer.
    Room *room = *state;
    Inspect *inspect = &room->inspect;
    inspect_toast(inspect, NS_PER_S, LOG_INFO, "saved");
    inspect_toast(inspect, NS_PER_S, LOG_WARNING, "careful");
    inspect_toast(inspect, 2 * NS_PER_S, LOG_INFO, "saved");
    assert_int_equal(inspect->toast_count, 2);
    room->view.now_ns = 4 * NS_PER_S; // the first one alone would be gone
    const char *picture = look(room);
    assert_shows(picture, "saved");
    assert_shows(picture, "careful");
    room->view.now_ns = 5 * NS_PER_S;
    picture = look(room);
    assert_hides(picture, "saved");
    assert_shows(picture, "careful");
    room->view.now_ns = 20 * NS_PER_S;
    (void)look(room);
    assert_int_equal(room->over.cmd_count, 0);
    assert_int_equal(inspect->toast_count, 0);
}

static void answers_are_over_panels(void **state)
{
    // Scenario: an answer and a line of the game's, an equal one of it again; panels come next, or
    // none. Expect: the line below the panels and the answer over them; else both at once.
    Room *room = *state;
    inspect_line(&room->inspect, NS_PER_S, LOG_INFO, "bounce");
    inspect_toast(&room->inspect, NS_PER_S, LOG_INFO, "it became so at 812");
    inspect_line(&room->inspect, NS_PER_S, LOG_INFO, "bounce");
    room->view.now_ns = NS_PER_S;
    room->view.has_panels = true;
    const char *below = look(room);
    assert_shows(below, "bounce");
    assert_hides(below, "it became so");
    draw_reset(&room->over, room->view.width_px, room->view.height_px);
    inspect_answers(&room->inspect, &room->view, &room->over);
    const char *above = draw_print(&room->over, &room->arena);
    assert_hides(above, "bounce");
    assert_shows(above, "it became so at 812");
    room->view.has_panels = false;
    const char *both = look(room);
    assert_shows(both, "bounce");
    assert_shows(both, "it became so at 812");
}

static void notices_of_any_bytes_are_harmless(void **state)
{
    // Scenario: escape codes and bytes that are no UTF-8, twice; a text of 2,000 characters; more
    // notices than are kept.
    // Expect: one notice for equal texts; a cut one; the newest are there, the newest lowest.
    Room *room = *state;
    char longest[2001];
    Text older, newest;
    inspect_toast(&room->inspect, NS_PER_S, LOG_INFO, "\x1b[31mred\xff");
    inspect_toast(&room->inspect, NS_PER_S, LOG_INFO, "\x1b[31mred\xff");
    assert_int_equal(room->inspect.toast_count, 1);
    assert_shows(look(room), "?[31mred?");
    memset(longest, 'y', 2000);
    longest[2000] = '\0';
    inspect_toast(&room->inspect, NS_PER_S, LOG_ERROR, longest);
    room->view.width_px = 320;
    room->view.height_px = 180;
    const char *picture = look(room);
    assert_shows(picture, "yyyyyyyy");
    assert_inside(room, picture);
    room->inspect.toast_count = 0;
    for (int i = 0; i < 20; i++) {
        char words[20];
        (void)text_format(words, sizeof(words), "notice %d.", i);
        inspect_toast(&room->inspect, NS_PER_S, LOG_INFO, words);
    }
    picture = look(room);
    assert_int_equal(room->inspect.toast_count, INSPECT_TOASTS);
    assert_hides(picture, "notice 1.");
    assert_true(find_text(picture, "notice 18.", &older));
    assert_true(find_text(picture, "notice 19.", &newest));
    assert_true(newest.y > older.y);
}

// --------------------------------------------------------------------------------- keys and badges

static void help_lists_every_key(void **state)
{
    // Scenario: the help, in the two smallest windows it is made for.
    // Expect: every key with what it does, all within the window.
    Room *room = *state;
    static const float SIZES[][2] = {{480, 270}, {320, 180}};
    room->inspect.help = true;
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        room->view.width_px = SIZES[i][0];
        room->view.height_px = SIZES[i][1];
        const char *picture = look(room);
        int keys = 0;
        for (const char *const *key = inspect_keys(); *key; key += 2, keys++) {
            Text name, does;
            assert_true(find_text(picture, key[0], &name));
            assert_true(find_text(picture, key[1], &does));
            assert_true(name.y == does.y);
        }
        assert_int_equal(keys, 13);
        assert_inside(room, picture);
    }
}

static void help_has_all_of_it_in_larger_windows(void **state)
{
    // Scenario: the help in windows from 640 x 360 up.
    // Expect: every key of the game, of time, of panels and of the bar, also with Shift and Ctrl;
    // all within the window, and no two texts over each other.
    Room *room = *state;
    static const float SIZES[][2] = {{640, 360},   {641, 481},   {1280, 720},
                                     {1920, 1080}, {2560, 1440}, {3840, 2160}};
    static const char *const KEYS[] = {"F1",       "F2",          "F3",
                                       "F4",       "F5",          "F6",
                                       "F7",       "F8",          "F9",
                                       "F10",      "F11",         "F12",
                                       "Shift+F1", "Shift+F2",    "Shift+F3",
                                       "Shift+F4", "Shift+F5",    "Ctrl+F1",
                                       "Ctrl+F3",  "Ctrl+F6",     "Ctrl+F7",
                                       "Ctrl+F8",  "left button", "right button",
                                       "drag",     "Esc",         "hide it, show it"};
    room->inspect.help = true;
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        room->view.width_px = SIZES[i][0];
        room->view.height_px = SIZES[i][1];
        const char *picture = look(room);
        for (size_t k = 0; k < COUNT_OF(KEYS); k++) {
            assert_shows(picture, KEYS[k]);
        }
        assert_inside(room, picture);
        for (uint32_t a = 0; a < room->over.cmd_count; a++) {
            for (uint32_t b = 0; b < a; b++) {
                const DrawCmd *one = &room->over.cmds[a], *two = &room->over.cmds[b];
                if (one->kind != DRAW_TEXT || two->kind != DRAW_TEXT) {
                    continue;
                }
                float wide_one = draw_text_width(one->p[2], room->over.text + one->first);
                float wide_two = draw_text_width(two->p[2], room->over.text + two->first);
                bool apart = one->p[0] >= two->p[0] + wide_two || two->p[0] >= one->p[0] + wide_one
                             || one->p[1] >= two->p[1] + two->p[2]
                             || two->p[1] >= one->p[1] + one->p[2];
                assert_true(apart);
            }
        }
    }
}

static void badges_show_what_is_not_as_usual(void **state)
{
    // Scenario: recording, looping, paused, slow, building, muted: each alone, then all.
    // Expect: the word for each; all of them within a small window.
    Room *room = *state;
    room->live.loop = LIVE_LOOP_RECORD;
    room->live.loop_first.at = 100;
    room->live.moment = 223;
    assert_shows(look(room), "LOOP FROM HERE 123");
    room->live.moment = 98; // seeking back past it: the loop will begin here
    assert_shows(look(room), "LOOP FROM HERE 2");
    room->live.loop = LIVE_LOOP_PLAY;
    room->live.loop_at = 45;
    room->live.loop_count = 123;
    assert_shows(look(room), "LOOP 45/123");
    room->live.loop = LIVE_LOOP_OFF;
    room->view.slow = 4;
    assert_shows(look(room), "1/4");
    room->view.slow = 1;
    room->view.building = true;
    assert_shows(look(room), "building");
    room->view.building = false;
    room->view.muted = true;
    assert_shows(look(room), "muted");
    room->view = (InspectView){.live = &room->live,
                               .width_px = 320,
                               .height_px = 180,
                               .paused = true,
                               .muted = true,
                               .building = true,
                               .slow = 10,
                               .pause_text = ""};
    room->live.loop = LIVE_LOOP_PLAY;
    room->live.loop_count = 5184000;
    room->live.loop_at = 5183999;
    const char *picture = look(room);
    const char *words = read_all(room, picture);
    static const char *const ALL[] = {"LOOP 5183999/5184000", "PAUSED", "1/10", "building",
                                      "muted"};
    for (size_t i = 0; i < COUNT_OF(ALL); i++) {
        if (!strstr(words, ALL[i])) {
            fail_msg("\"%s\" is not in \"%s\"", ALL[i], words);
        }
    }
    assert_inside(room, picture);
}

// ------------------------------------------------------------------------------------------- sizes

// Everything that can be on screen at once, and long.
static void fill(Room *room, bool stopped, bool failed)
{
    char text[2000];
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        text[i] = i % 13 == 12 ? ' ' : (char)('a' + i % 26);
    }
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 50; i++) {
        add_error(room, i + 1, i * 5, text, text);
    }
    if (failed) {
        inspect_failed_build(&room->inspect, &room->report);
    }
    for (int i = 0; i < INSPECT_TOASTS; i++) {
        inspect_toast(&room->inspect, NS_PER_S, LOG_ERROR, text + i);
    }
    room->view.paused = room->view.muted = room->view.building = true;
    room->view.slow = 10;
    room->view.pause_text = text;
    room->live.loop = LIVE_LOOP_RECORD;
    if (stopped) {
        (void)fault_set(&room->live.stopped, FAULT_GAME, "%s", text);
        (void)text_format(room->live.stopped.file, sizeof(room->live.stopped.file), "%s", text);
    }
    // The texts above end with this call; what the view borrows must not.
    room->view.pause_text = arena_copy_text(&room->arena, text);
}

static void nothing_is_drawn_outside_the_window(void **state)
{
    // Scenario: everything at once with long texts, in windows of many sizes.
    // Expect: all rectangles and texts lie in the window.
    Room *room = *state;
    static const float SIZES[][2] = {{480, 270},   {320, 180},   {960, 540},  {1920, 1080},
                                     {3840, 2160}, {7680, 4320}, {200, 1200}, {1900, 90},
                                     {160, 64},    {333, 217},   {640, 480}};
    for (unsigned which = 0; which < 8; which++) {
        *room = (Room){.live = room->live,
                       .game = room->game,
                       .view = room->view,
                       .over = room->over,
                       .arena = room->arena};
        room->live.stopped = (Fault){0};
        fill(room, which & 1, which & 2);
        room->inspect.help = which & 4;
        for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
            room->view.width_px = SIZES[i][0];
            room->view.height_px = SIZES[i][1];
            const char *picture = look(room);
            assert_true(room->over.cmd_count > 0);
            assert_inside(room, picture);
            arena_reset(&room->arena, sizeof(char[2000]));
        }
    }
}

static void windows_without_room_are_left_alone(void **state)
{
    // Scenario: the same in windows of 0 x 0, 1 x 1, no height, no width.
    // Expect: no command, no crash; notices pass all the same.
    Room *room = *state;
    static const float SIZES[][2] = {{0, 0}, {1, 1}, {800, 0}, {0, 600}, {100, 600}, {800, 20}};
    fill(room, true, true);
    room->inspect.help = true;
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        room->view.width_px = SIZES[i][0];
        room->view.height_px = SIZES[i][1];
        (void)look(room);
        assert_int_equal(room->over.cmd_count, 0);
    }
    assert_int_equal(room->inspect.toast_count, INSPECT_TOASTS);
    room->view.now_ns = 60 * NS_PER_S;
    (void)look(room);
    assert_int_equal(room->inspect.toast_count, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(failed_build_shows_the_place_and_a_caret),
        CASE(caret_stands_under_the_column_behind_tabs_and_umlauts),
        CASE(long_lines_show_the_part_with_the_column),
        CASE(a_line_that_is_a_little_too_long_shows_its_end),
        CASE(the_first_error_is_large_and_the_rest_a_list),
        CASE(errors_without_a_place_are_shown_as_they_are),
        CASE(panel_is_as_high_as_its_errors),
        CASE(long_texts_wrap_between_words),
        CASE(refused_library_says_why),
        CASE(refused_structs_name_the_fields),
        CASE(a_summary_is_one_line_with_a_key),
        CASE(stopped_game_says_where_and_what_next),
        CASE(pause_shows_its_reason),
        CASE(without_a_game_it_says_that_it_waits),
        CASE(notices_pass_and_repeats_prolong_them),
        CASE(answers_are_over_panels),
        CASE(notices_of_any_bytes_are_harmless),
        CASE(help_lists_every_key),
        CASE(help_has_all_of_it_in_larger_windows),
        CASE(badges_show_what_is_not_as_usual),
        CASE(nothing_is_drawn_outside_the_window),
        CASE(windows_without_room_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
