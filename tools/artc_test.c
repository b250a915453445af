// Runs the artc that was built beside this test on folders of its own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Place {
    char folder[64], art[96], png[96], sound[96], wav[96], said[96];
} Place;

static const char SHEET[] = "cell 2 2\no = #102030\nframe one\n.o\no.\nframe two\noo\noo\n";
static const char TUNE[] = "rate 8000\ntone sine from 200 to 400 for 0.1 volume 0.5\n"
                           "voice v square release 0.01\nnotes c4 - . e4 x2\n";

static void place_open(Place *place)
{
    strcpy(place->folder, "/tmp/artc-test-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->art, sizeof place->art, "%s/a.art.txt", place->folder);
    snprintf(place->png, sizeof place->png, "%s/a.png", place->folder);
    snprintf(place->sound, sizeof place->sound, "%s/a.sound.txt", place->folder);
    snprintf(place->wav, sizeof place->wav, "%s/a.wav", place->folder);
    snprintf(place->said, sizeof place->said, "%s/said", place->folder);
}

static void place_close(const Place *place)
{
    unlink(place->art);
    unlink(place->png);
    unlink(place->sound);
    unlink(place->wav);
    unlink(place->said);
    assert_int_equal(rmdir(place->folder), 0);
}

static void put(const char *path, const void *bytes, size_t size_bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size_bytes, file), size_bytes);
    assert_int_equal(fclose(file), 0);
}

static long size_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return -1;
    }
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    return size;
}

// The exit code, or -1 when it died of a signal; what it said on stderr goes to place->said.
static int run(const Place *place, const char *option)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (!freopen(place->said, "w", stderr) || !freopen("/dev/null", "w", stdout)) {
            _exit(99);
        }
        // Their own default is 1, which is artc's code for a mistake in a source.
        setenv("ASAN_OPTIONS", "exitcode=77", 1);
        setenv("UBSAN_OPTIONS", "exitcode=77", 1);
        execl(TEST_BUILD_DIR "/artc", "artc", option ? option : place->folder, place->folder, NULL);
        _exit(99);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_said(const Place *place, const char *words)
{
    char text[4096];
    FILE *file = fopen(place->said, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    if (!strstr(text, words)) {
        fail_msg("expected \"%s\" in \"%s\"", words, text);
    }
}

static void a_folder_is_made_and_checked(void **state)
{
    // Scenario: a sheet and a sound are made, then checked, then a colour and a note are edited.
    // Expect: both files appear, the check agrees with them, and names each after its edit.
    Place place;
    (void)state;
    place_open(&place);
    put(place.art, SHEET, sizeof SHEET - 1);
    put(place.sound, TUNE, sizeof TUNE - 1);
    assert_int_equal(run(&place, "--check"), 1);
    assert_int_equal(run(&place, NULL), 0);
    assert_true(size_of(place.png) > 50);
    // 8 steps of an eighth of a second at 8000 samples of 2 bytes, and the header.
    assert_int_equal(size_of(place.wav), 44 + 8 * 1000 * 2);
    assert_int_equal(run(&place, "--check"), 0);

    char edited[sizeof SHEET];
    memcpy(edited, SHEET, sizeof SHEET);
    edited[strlen("cell 2 2\no = #1")] = '7';
    put(place.art, edited, sizeof edited - 1);
    put(place.sound, TUNE, sizeof TUNE - 4);
    assert_int_equal(run(&place, "--check"), 1);
    assert_said(&place, "a.png: differs from its source at pixel 1, 0");
    assert_said(&place, "a.wav: has 16044 bytes, its source makes 8044");
    place_close(&place);
}

static void mistakes_have_a_place(void **state)
{
    // Scenario: one source after the other with one mistake in it.
    // Expect: exit code 1, file:line:column and what was expected; no output is written.
    static const struct {
        const char *art, *sound, *said;
    } CASES[] = {
        {"cell 2 2\nframe a\n..\n.\n", NULL,
         "a.art.txt:4:2: expected a row of 2 characters, found 1"},
        {"cell 2 2\nframe a\n..\n.x\n", NULL, "a.art.txt:4:2: 'x' has no colour"},
        {"cell 2 2\nframe a\n..\n", NULL, "the frame ends after 1 of 2 rows"},
        {"cell 2 2\n\no = #12z456\n", NULL, "a.art.txt:3:8: expected two digits 0-9 or a-f"},
        {"frame a\n..\n", NULL, "a.art.txt:1:1: expected a line 'cell WIDTH HEIGHT'"},
        {"cell 2000 2000\nframe a\nframe b\n", NULL, "2 frames make a picture of 4000 x 2000"},
        {"cel 2 2\n", NULL, "a.art.txt:1:1: expected cell, columns, frame or a colour"},
        {NULL, "tone saw from 100 fro 1\n", "a.sound.txt:1:19: expected volume, attack"},
        {NULL, "tone sow\n", "a.sound.txt:1:6: expected square, pulse25"},
        {NULL, "tone saw from 100\n", "a tone needs a wave"},
        {NULL, "tone saw from 100 for 1e9\n",
         "a.sound.txt:1:23: expected for, a number from 0 to 60"},
        {NULL, "voice v sine\nnotes c4 h4\n", "a.sound.txt:2:10: expected a note"},
        {NULL, "notes c4\n", "expected a line 'voice NAME WAVE'"},
        {NULL, "; nothing\n", "expected a tone or notes"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        Place place;
        place_open(&place);
        const char *text = CASES[i].art ? CASES[i].art : CASES[i].sound;
        put(CASES[i].art ? place.art : place.sound, text, strlen(text));
        assert_int_equal(run(&place, NULL), 1);
        assert_said(&place, CASES[i].said);
        assert_int_equal(size_of(place.png), -1);
        assert_int_equal(size_of(place.wav), -1);
        place_close(&place);
    }
}

static void any_bytes_are_survived(void **state)
{
    // Scenario: the good sources with bytes overwritten, cut off, or replaced by noise.
    // Expect: exit code 0 or 1 each time; never a signal, never a sanitizer's own code.
    uint32_t luck = 7;
    (void)state;
    for (int round = 0; round < 60; round++) {
        Place place;
        char bytes[sizeof SHEET + sizeof TUNE];
        const char *source = round & 1 ? TUNE : SHEET;
        size_t size = strlen(source);
        memcpy(bytes, source, size);
        for (int i = 0; i < (round % 10 == 0 ? 200 : 3); i++) {
            luck = luck * 1664525u + 1013904223u;
            bytes[(luck >> 8) % size] = (char)(luck >> 24);
        }
        size = round % 3 == 0 ? (luck >> 10) % size : size;
        place_open(&place);
        put(round & 1 ? place.sound : place.art, bytes, size);
        int code = run(&place, NULL);
        assert_in_range(code, 0, 1);
        place_close(&place);
    }
}

static void an_empty_folder_is_said(void **state)
{
    // Scenario: a folder without sources, and a command line without a folder.
    // Expect: exit code 1 and a line about it; exit code 2 and the usage.
    Place place;
    (void)state;
    place_open(&place);
    assert_int_equal(run(&place, NULL), 1);
    assert_said(&place, "holds no .art.txt and no .sound.txt");
    assert_int_equal(run(&place, "--nonsense"), 2);
    assert_said(&place, "usage: artc");
    place_close(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_made_and_checked),
        cmocka_unit_test(mistakes_have_a_place),
        cmocka_unit_test(any_bytes_are_survived),
        cmocka_unit_test(an_empty_folder_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
