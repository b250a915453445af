#include "script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static Script *parse(const char *text)
{
    Fault fault = {0};
    Script *script = script_parse(text, "test.script", &fault);
    if (!script) {
        fail_msg("%s", fault.text);
    }
    return script;
}

// The input of one tick over an empty base.
static hl_input at(Script *script, uint64_t tick)
{
    hl_input input = {0};
    script_apply(script, tick, &input);
    return input;
}

static void assert_button(hl_button button, unsigned down, unsigned changes)
{
    assert_int_equal(button.down, down);
    assert_int_equal(button.changes, changes);
}

static void refused(const char *text, int line, const char *word)
{
    Fault fault = {0};
    Script *script = script_parse(text, "my.script", &fault);
    assert_null(script);
    assert_int_equal(fault.kind, FAULT_FORMAT);
    assert_int_equal(fault.line, line);
    assert_string_equal(fault.file, "my.script");
    char place[64];
    (void)snprintf(place, sizeof(place), "my.script:%d: ", line);
    assert_ptr_equal(strstr(fault.text, place), fault.text);
    if (!strstr(fault.text, word)) {
        fail_msg("\"%s\" does not say \"%s\"", fault.text, word);
    }
}

static void keys_keep_their_level(void **unused)
{
    // Scenario: a key goes down at tick 3 and up at tick 5; the lines are in the wrong order.
    // Expect: down from 3 to 4, and a half transition in ticks 3 and 5 only.
    (void)unused;
    Script *script = parse("5 key RIGHT up\n3 key right DOWN\n");
    assert_int_equal(script_last_tick(script), 5);
    static const unsigned DOWN[] = {0, 0, 1, 1, 0, 0}, CHANGES[] = {0, 0, 1, 0, 1, 0};
    for (unsigned i = 0; i < 6; i++) {
        assert_button(at(script, i + 1).key[HL_KEY_RIGHT], DOWN[i], CHANGES[i]);
    }
    script_close(script);
}

static void down_and_up_in_one_tick_is_two_changes(void **unused)
{
    // Scenario: down and up, and down-up-down, within one tick; a second down while it is down.
    // Expect: changes 2 with the key up; changes 3 with it down; no change for the repeated down.
    (void)unused;
    Script *script = parse("1 key A down\n1 key A up\n2 key A down\n2 key A up\n2 key A down\n"
                           "3 key A down\n");
    assert_button(at(script, 1).key[HL_KEY_A], 0, 2);
    assert_button(at(script, 2).key[HL_KEY_A], 1, 3);
    assert_button(at(script, 3).key[HL_KEY_A], 1, 0);
    script_close(script);
}

static void changes_saturate(void **unused)
{
    // Scenario: 200 half transitions in one tick.
    // Expect: never more than 127, and even, as the key ends where it began.
    (void)unused;
    static char text[200 * 16];
    for (int i = 0; i < 200; i++) {
        (void)snprintf(text + strlen(text), 16, "1 key A %s\n", i % 2 ? "up" : "down");
    }
    Script *script = parse(text);
    assert_button(at(script, 1).key[HL_KEY_A], 0, 126);
    script_close(script);
}

static void taps_hold_for_their_ticks(void **unused)
{
    // Scenario: a tap, one held for 3 ticks, and two taps in neighbouring ticks, later one first.
    // Expect: up again exactly then; the second of the neighbours is not swallowed.
    (void)unused;
    Script *script = parse("2 tap SPACE\n2 tap z 3\n3 tap x\n2 tap x");
    (void)at(script, 1);
    hl_input second = at(script, 2), third = at(script, 3), fourth = at(script, 4);
    assert_button(second.key[HL_KEY_SPACE], 1, 1);
    assert_button(third.key[HL_KEY_SPACE], 0, 1);
    assert_button(second.key[HL_KEY_Z], 1, 1);
    assert_button(fourth.key[HL_KEY_Z], 1, 0);
    assert_button(at(script, 5).key[HL_KEY_Z], 0, 1);
    assert_button(second.key[HL_KEY_X], 1, 1);
    assert_button(third.key[HL_KEY_X], 1, 2);
    assert_button(fourth.key[HL_KEY_X], 0, 1);
    assert_int_equal(script_last_tick(script), 5);
    script_close(script);
}

static void the_mouse_moves_clicks_and_turns(void **unused)
{
    // Scenario: two positions, a button and the wheel.
    // Expect: position stays, delta and wheel only in their tick.
    (void)unused;
    Script *script = parse("1 mouse 100 50\n2 mouse 90 55.5\n2 button LEFT down\n3 wheel 0 -1\n"
                           "3 wheel 0.5 -1");
    hl_input input = at(script, 1);
    assert_true(input.mouse.x == 100 && input.mouse.y == 50 && input.mouse_delta.x == 100);
    assert_int_equal(input.mouse_inside, 1);
    input = at(script, 2);
    assert_true(input.mouse_delta.x == -10 && input.mouse_delta.y == 5.5f);
    assert_button(input.key[HL_MOUSE_LEFT], 1, 1);
    input = at(script, 3);
    assert_true(input.mouse.x == 90 && input.mouse_delta.x == 0 && input.mouse_delta.y == 0);
    assert_true(input.wheel.x == 0.5f && input.wheel.y == -2);
    assert_true(at(script, 4).wheel.y == 0);
    script_close(script);
}

static void long_text_goes_on_in_the_next_tick(void **unused)
{
    // Scenario: 40 bytes of text whose 31st byte lies within an umlaut, a quote and a backslash.
    // Expect: each tick's text is terminated and cut between characters; nothing is lost.
    (void)unused;
    const char *all = "say it \"\\\" 89012345678901234567\xc3\xa4"
                      "23456789";
    Script *script = parse("1 text \"say it \\\"\\\\\\\" 89012345678901234567\xc3\xa4"
                           "23456789\" # x");
    hl_input first = at(script, 1), second = at(script, 2);
    assert_int_equal(first.text[31], 0);
    assert_int_equal(strlen(first.text) + strlen(second.text), strlen(all));
    assert_memory_equal(first.text, all, strlen(first.text));
    assert_string_equal(second.text, all + strlen(first.text));
    assert_int_equal((unsigned char)second.text[0] & 0xc0, 0xc0);
    assert_string_equal(at(script, 3).text, "");
    script_close(script);
}

static void pads_connect_press_and_release(void **unused)
{
    // Scenario: connect, a button, the left stick beyond the circle, a trigger, the cross, and the
    // plug pulled while a button is held.
    // Expect: the stick cut to length 1; when pulled all is released with its half transition.
    (void)unused;
    Script *script =
        parse("1 pad 1 connect\n2 pad 1 a down\n2 pad 1 left 1 -1\n2 pad 1 RIGHT 0.5 0\n"
              "2 pad 1 ltrigger 0.7\n3 pad 1 left down\n4 pad 1 disconnect");
    assert_int_equal(at(script, 1).pad[1].connected, 1);
    hl_pad pad = at(script, 2).pad[1];
    assert_button(pad.button[HL_PAD_A], 1, 1);
    assert_true(fabsf(pad.left.x - 0.70710678f) < 1e-6f && pad.left.y == -pad.left.x);
    assert_true(pad.right.x == 0.5f && pad.ltrigger == 0.7f && pad.rtrigger == 0);
    assert_button(at(script, 3).pad[1].button[HL_PAD_LEFT], 1, 1);
    hl_pad gone = {.button[HL_PAD_A] = {0, 1}, .button[HL_PAD_LEFT] = {0, 1}}, empty = {0};
    pad = at(script, 4).pad[1];
    assert_memory_equal(&pad, &gone, sizeof(pad));
    pad = at(script, 5).pad[1];
    assert_memory_equal(&pad, &empty, sizeof(pad));
    script_close(script);
}

static void without_focus_keys_are_released(void **unused)
{
    // Scenario: a key is held when the focus goes; another is pressed and text typed meanwhile.
    // Expect: released with one half transition, the others never arrive, later ones do.
    (void)unused;
    Script *script = parse("1 key A down\n2 focus off\n3 key B down\n3 text \"lost\"\n4 focus on\n"
                           "5 key B down\n5 text \"seen\"");
    assert_button(at(script, 1).key[HL_KEY_A], 1, 1);
    hl_input input = at(script, 2);
    assert_button(input.key[HL_KEY_A], 0, 1);
    assert_int_equal(input.focused, 0);
    input = at(script, 3);
    assert_button(input.key[HL_KEY_B], 0, 0);
    assert_string_equal(input.text, "");
    input = at(script, 4);
    assert_int_equal(input.focused, 1);
    assert_button(input.key[HL_KEY_A], 0, 0);
    input = at(script, 5);
    assert_button(input.key[HL_KEY_B], 1, 1);
    assert_string_equal(input.text, "seen");
    script_close(script);
}

static void a_base_input_shines_through(void **unused)
{
    // Scenario: somebody really holds Q and types while the script presses A, then loses focus.
    // Expect: Q and the text stay until then; Q is released once, and comes back with the focus.
    (void)unused;
    Script *script = parse("1 key A down\n2 text \"+\"\n3 focus off\n5 focus on");
    static const unsigned DOWN[] = {1, 1, 0, 0, 1}, CHANGES[] = {0, 0, 1, 0, 1};
    for (unsigned i = 0; i < 5; i++) {
        hl_input input = {.text = "hi", .focused = 1, .mouse = {3, 4}, .mouse_delta = {1, 1}};
        input.key[HL_KEY_Q].down = 1;
        script_apply(script, i + 1, &input);
        assert_button(input.key[HL_KEY_Q], DOWN[i], CHANGES[i]);
        assert_string_equal(input.text, i < 1 ? "hi" : i == 1 ? "hi+" : i < 4 ? "" : "hi");
        assert_true(input.mouse.x == 3 && input.mouse_delta.x == 1);
    }
    script_close(script);
}

static void only_what_it_should_be_is_set(void **unused)
{
    // Scenario: a script with one key, over a base full of other values.
    // Expect: one byte differs; reserved bytes stay zero over an empty base.
    (void)unused;
    Script *script = parse("1 key A down\n");
    hl_input base = {.window_w = 640, .window_h = 360, .focused = 1, .wheel = {1, 2}}, input = base;
    base.pad[2].connected = 1;
    input.pad[2].connected = 1;
    script_apply(script, 1, &input);
    base.key[HL_KEY_A] = (hl_button){1, 1};
    assert_memory_equal(&input, &base, sizeof(base));
    script_close(script);
}

static void actions_come_once(void **unused)
{
    // Scenario: actions at two ticks, asked for repeatedly.
    // Expect: each once, before its tick; they count for the last tick.
    (void)unused;
    Script *script = parse("7 do screenshot\n7 do Pause\n20 do back\n21 do clip\n"
                           "21 do bar\n70 do quit");
    assert_int_equal(script_actions(script, 6), 0);
    assert_int_equal(script_actions(script, 7), SCRIPT_SCREENSHOT | SCRIPT_PAUSE);
    assert_int_equal(script_actions(script, 7), 0);
    assert_int_equal(script_actions(script, 20), SCRIPT_BACK);
    assert_int_equal(script_actions(script, 21), SCRIPT_CLIP | SCRIPT_BAR);
    assert_int_equal(script_actions(script, 100), SCRIPT_QUIT);
    assert_int_equal(script_last_tick(script), 70);
    script_close(script);
}

static void the_example_in_the_source_is_right(void **unused)
{
    // Scenario: the example at the top of script.c, as it stands there.
    // Expect: it parses; the documentation cannot rot.
    (void)unused;
    FILE *file = fopen(TEST_SOURCE_DIR "/engine/script/script.c", "r");
    assert_non_null(file);
    char line[256], text[4096] = "";
    int lines = 0;
    while (fgets(line, sizeof(line), file) && strncmp(line, "//", 2) == 0) {
        if (strncmp(line, "//     ", 7) == 0) {
            (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", line + 7);
            lines++;
        }
    }
    (void)fclose(file);
    assert_true(lines >= 14);
    Script *script = parse(text);
    assert_int_equal(script_last_tick(script), 70);
    script_close(script);
}

static void empty_scripts_are_fine(void **unused)
{
    // Scenario: nothing, only comments, a byte order mark and Windows line ends.
    // Expect: a script without events; and one with.
    (void)unused;
    Script *script = parse("");
    assert_int_equal(script_last_tick(script), 0);
    assert_int_equal(script_actions(script, 1), 0);
    hl_input input = at(script, 1), empty = {0};
    assert_memory_equal(&input, &empty, sizeof(input));
    script_close(script);
    script = parse("\xef\xbb\xbf# nothing\r\n\r\n   \t\n3 tap A # jump\r\n");
    assert_int_equal(script_last_tick(script), 4);
    script_close(script);
    script_close(NULL);
}

static void wrong_words_name_the_nearest(void **unused)
{
    // Scenario: a typing mistake in each kind of word.
    // Expect: refused with file and line, and the word that was meant.
    (void)unused;
    refused("1 key RIHGT down", 1, "RIGHT");
    refused("# x\n\n1 kye A down", 3, "KEY");
    refused("1 key A dwon", 1, "DOWN");
    refused("1 button LFET down", 1, "LEFT");
    refused("1 pad 0 connect\n1 pad 0 STRAT down", 2, "START");
    refused("1 pad 0 conect", 1, "CONNECT");
    refused("1 do screnshot", 1, "SCREENSHOT");
    refused("1 focus ofn", 1, "O");
    refused("1 key HL_KEY_ESCAPE down", 1, "HL_KEY_ESCAPE");
}

static void wrong_numbers_are_refused(void **unused)
{
    // Scenario: ticks, coordinates and levels that are no number or out of range.
    // Expect: each refused at its line.
    (void)unused;
    refused("0 tap A", 1, "tick");
    refused("-1 tap A", 1, "tick");
    refused("1.5 tap A", 1, "tick");
    refused("99999999999999999999 tap A", 1, "tick");
    refused("1 tap A 0", 1, "1 or more");
    refused("1 mouse nan 1", 1, "nan");
    refused("1 mouse 0x10 1", 1, "0x10");
    refused("1 mouse 1e30 1", 1, "range");
    refused("1 mouse 1 ", 1, "missing");
    refused("1 mouse 1 2 3", 1, "too much");
    refused("1 wheel 1e9 0", 1, "range");
    refused("1 pad 4 connect", 1, "0 to 3");
    refused("1 pad 0 connect\n2 pad 0 left 2 0", 2, "range");
    refused("1 pad 0 connect\n2 pad 0 ltrigger 1.5", 2, "range");
    refused("1", 1, "what happens");
}

static void a_pad_that_is_not_there_is_said(void **unused)
{
    // Scenario: a button of a pad before it is connected, though its line comes later.
    // Expect: the line and the tick, whatever the order of lines.
    (void)unused;
    refused("5 pad 0 connect\n4 pad 0 A down", 2, "tick 4");
    refused("1 pad 0 connect\n4 pad 0 disconnect\n6 pad 0 rtrigger 1", 3, "not connected");
}

static void broken_text_is_refused(void **unused)
{
    // Scenario: an open quote, control characters, broken UTF-8, an endless line, too many words.
    // Expect: refused at the line, with nothing harmful echoed.
    (void)unused;
    refused("1 text \"open", 1, "closing");
    refused("1 text \"a\x1b[2J\"", 1, "control");
    refused("1 text \"a\xff\"", 1, "UTF-8");
    refused("1 \x1b[2J A", 1, "?[2J");
    refused("1 text a b c d e f g h", 1, "too many");
    static char line[5000] = "1 tap A\n1 text ";
    memset(line + strlen(line), 'x', 4000);
    refused(line, 2, "longer");
}

static void any_bytes_are_survived(void **unused)
{
    // Scenario: 20,000 small texts of random characters of the language.
    // Expect: each is a script or a fault with a line; no crash.
    (void)unused;
    static const char ALPHABET[] = "0123456789 \"\\#\n\tkeypadtapdoAconnect-.\xc3\xa4";
    hl_rng rng;
    hl_seed(&rng, 1, 1);
    for (int round = 0; round < 20000; round++) {
        char text[64] = "1 ";
        for (int i = 2; i < 63; i++) {
            text[i] = ALPHABET[hl_rand_int(&rng, 0, (int)sizeof(ALPHABET) - 2)];
        }
        Fault fault = {0};
        Script *script = script_parse(text, "random", &fault);
        assert_true(script || (fault.kind == FAULT_FORMAT && fault.line > 0));
        if (script) {
            (void)at(script, 1000);
        }
        script_close(script);
    }
}

static void files_are_read_and_missing_ones_said(void **unused)
{
    // Scenario: a script on disk, a missing one, a folder, and a binary file.
    // Expect: the first opens; the others are refused by name.
    (void)unused;
    char folder[] = "/tmp/script_test.XXXXXX", path[64];
    Fault fault = {0};
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/a.script", folder);
    assert_true(file_write(path, "1 tap A\n9 tap Q 3\n", 18, &fault));
    Script *script = script_open(path, &fault);
    assert_non_null(script);
    assert_int_equal(script_last_tick(script), 12);
    script_close(script);
    assert_true(file_write(path, "1 tap\0A\n", 8, &fault));
    assert_null(script_open(path, &fault));
    assert_non_null(strstr(fault.text, path));
    assert_int_equal(unlink(path), 0);
    assert_null(script_open(path, &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
    assert_non_null(strstr(fault.text, path));
    assert_null(script_open(folder, &fault));
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_keep_their_level),
        cmocka_unit_test(down_and_up_in_one_tick_is_two_changes),
        cmocka_unit_test(changes_saturate),
        cmocka_unit_test(taps_hold_for_their_ticks),
        cmocka_unit_test(the_mouse_moves_clicks_and_turns),
        cmocka_unit_test(long_text_goes_on_in_the_next_tick),
        cmocka_unit_test(pads_connect_press_and_release),
        cmocka_unit_test(without_focus_keys_are_released),
        cmocka_unit_test(a_base_input_shines_through),
        cmocka_unit_test(only_what_it_should_be_is_set),
        cmocka_unit_test(actions_come_once),
        cmocka_unit_test(the_example_in_the_source_is_right),
        cmocka_unit_test(empty_scripts_are_fine),
        cmocka_unit_test(wrong_words_name_the_nearest),
        cmocka_unit_test(wrong_numbers_are_refused),
        cmocka_unit_test(a_pad_that_is_not_there_is_said),
        cmocka_unit_test(broken_text_is_refused),
        cmocka_unit_test(any_bytes_are_survived),
        cmocka_unit_test(files_are_read_and_missing_ones_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
