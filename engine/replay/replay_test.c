// Recording, playing what was recorded, and files that are broken, foreign or forged.
//
//   replay_test               the tests
//   replay_test --corpus DIR  writes the seeds of replay_fuzz.c into the folder DIR
#include "replay_testing.h"

#include "pack.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void a_session_comes_back_as_it_was(void **unused)
{
    // Scenario: a state, 200 ticks with checks, files, saves, restarts and a build between them,
    // played twice, the second time from the middle of a chunk on.
    // Expect: facts, builds, every event in its order, every check, bit for bit, both times.
    (void)unused;
    Place place = make_place();
    static uint8_t level[300000];
    for (size_t i = 0; i < sizeof(level); i++) {
        level[i] = (uint8_t)((uint32_t)i * 2654435761u >> 24);
    }
    ReplayState state = {.at = 100, .is_whole = true};
    ReplayWriter *writer = create(place.path, &state);
    assert_int_equal(replay_written(writer), 100);
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "a/\xc3\xa4.txt", true, "", 0, NULL));
    put_ticks(writer, 0, 130);
    assert_int_equal(replay_written(writer), 230);
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "level", true, level, sizeof(level), NULL));
    assert_true(replay_put_bytes(writer, REPLAY_SAVE, "slot", false, NULL, 0, NULL));
    put_ticks(writer, 130, 1);
    assert_true(replay_put_restart(writer, NULL));
    assert_true(replay_put_restart(writer, NULL));
    assert_true(replay_put_build(writer, &BUILD_2, NULL));
    put_ticks(writer, 131, 69);
    assert_int_equal(replay_written(writer), 302);
    assert_true(replay_finish(writer, 0x123456789abcdef0, NULL));

    ReplayReader *reader = open_whole(place.path);
    assert_memory_equal(replay_facts(reader), &FACTS, sizeof(FACTS));
    assert_int_equal(replay_first(reader), 100);
    assert_int_equal(replay_last(reader), 302);
    for (int round = 0; round < 2; round++) {
        expect_bytes(reader, REPLAY_FILE, "a/\xc3\xa4.txt", true, "", 0);
        expect_ticks(reader, 0, 130, 101);
        expect_bytes(reader, REPLAY_FILE, "level", true, level, sizeof(level));
        expect_bytes(reader, REPLAY_SAVE, "slot", false, NULL, 0);
        expect_ticks(reader, 130, 1, 231);
        expect_restart(reader, 232);
        expect_restart(reader, 233);
        expect_build(reader, &BUILD_2, 233);
        expect_ticks(reader, 131, 69, 234);
        expect_end(reader, true, 302, 0x123456789abcdef0);
        replay_rewind(reader);
        expect_bytes(reader, REPLAY_FILE, "a/\xc3\xa4.txt", true, "", 0);
        expect_ticks(reader, 0, 70, 101);
        replay_rewind(reader); // in the middle of a chunk
    }
    replay_close(reader);
    replay_close(NULL);
    remove_place(&place);
}

static void edits_are_moments_of_their_own(void **unused)
{
    // Scenario: ticks and edits, one of them undone by a jump back, one the longest that there is.
    // Expect: those that stand come in their order, each one moment on; they are counted and
    // listed.
    (void)unused;
    Place place = make_place();
    char longest[REPLAY_EDIT_MAX - 1];
    const char *path, *value;
    uint64_t at;
    ReplaySummary summary;
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    ReplayWriter *writer = create(place.path, NULL);
    put_ticks(writer, 0, 3);
    assert_true(replay_put_edit(writer, "hero.pos.x", "12.5", NULL));
    assert_true(replay_put_edit(writer, "name", "", NULL));
    put_ticks(writer, 3, 2);
    assert_true(replay_put_edit(writer, "gone", "1", NULL));
    put_ticks(writer, 9, 1);
    assert_true(replay_put_rewind(writer, 3, NULL));
    assert_true(replay_put_edit(writer, "n", longest, NULL));
    assert_int_equal(replay_written(writer), 7);
    put_ticks(writer, 4, 1);
    assert_true(replay_finish(writer, 7, NULL));

    ReplayReader *reader = open_whole(place.path);
    expect_ticks(reader, 0, 3, 1);
    expect_edit(reader, "hero.pos.x", "12.5", 4);
    expect_edit(reader, "name", "", 5);
    expect_ticks(reader, 3, 1, 6);
    expect_edit(reader, "n", longest, 7);
    expect_ticks(reader, 4, 1, 8);
    expect_end(reader, true, 8, 7);
    replay_summary(reader, &summary);
    assert_int_equal(summary.edits, 3);
    assert_true(replay_edit(reader, 2, &path, &value, &at));
    assert_string_equal(path, "n");
    assert_string_equal(value, longest);
    assert_int_equal(at, 7);
    assert_false(replay_edit(reader, 3, &path, &value, &at));
    replay_close(reader);
    remove_place(&place);
}

static void edits_that_are_none_are_refused(void **unused)
{
    // Scenario: texts that are too long, not clean or empty, for the writer; the same forged.
    // Expect: the writer says so once; a reader plays what came before and says the damage.
    (void)unused;
    static const struct {
        const char *payload;
        size_t bytes;
    } WRONG[] = {{"", 0},         {"\0", 1},       {"\0v", 2},   {"path", 4},
                 {"a\x1b\0v", 4}, {"a\0v\x01", 4}, {"a\0v\0", 4}};
    static Forge forge;
    static const uint8_t tick[1] = {1};
    Place place = make_place();
    Fault fault = {0};
    ReplayWriter *writer = create(place.path, NULL);
    assert_false(replay_put_edit(writer, "a\n", "1", &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
    assert_true(replay_put_edit(writer, "a", "1", NULL));
    assert_false(replay_finish(writer, 1, &fault));
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        forge_start(&forge, false);
        forge_ticks(&forge, 1, 1, 0, tick, 1);
        forge_chunk(&forge, TAG_EDIT, WRONG[i].payload, WRONG[i].bytes);
        bool is_damaged;
        uint64_t ticks;
        assert_true(play_bytes(forge.data, forge.size_bytes, &is_damaged, &ticks));
        assert_true(is_damaged && ticks == 1);
    }
    remove_place(&place);
}

// A tick, and a VALS chunk as it is given.
static ReplayReader *open_values(Forge *forge, uint64_t mask, uint32_t size, const char *data,
                                 size_t data_bytes, bool *is_damaged)
{
    static const uint8_t ticks[1] = {2};
    uint8_t payload[64];
    Fault damage = {0}, fault;
    forge_start(forge, false);
    forge_ticks(forge, 2, 1, CODING_PLAIN, ticks, 1);
    (void)put_u32(put_u64(put_u32(payload, 2), mask), size);
    payload[16] = CODING_PLAIN;
    memcpy(payload + VALUES_HEAD_BYTES, data, data_bytes);
    forge_chunk(forge, TAG_VALUES, payload, VALUES_HEAD_BYTES + data_bytes);
    ReplayReader *reader = replay_open_bytes(forge->data, forge->size_bytes, "x", &damage, &fault);
    assert_non_null(reader);
    *is_damaged = strstr(damage.text, "\"VALS\"") != NULL;
    return reader;
}

static void values_that_lie_are_none(void **unused)
{
    // Scenario: VALS chunks whose mask, size, or sizes inside are others than there is.
    // Expect: the ticks play; a chunk that makes no sense is named; values are there or not, whole.
    (void)unused;
    static Forge forge;
    static const struct {
        uint64_t mask;
        uint32_t size;
        const char *data;
        size_t data_bytes;
        bool is_damaged;
        size_t first, second; // bytes of each tick's; 0: none
    } CASES[] = {{3, 5, "\2ab\1c", 5, false, 2, 1}, {2, 3, "\2ab", 3, false, 0, 2},
                 {4, 3, "\2ab", 3, true, 0, 0},     {3, 3, "\2ab", 3, false, 2, 0},
                 {3, 3, "\7ab", 3, false, 0, 0},    {1, 9, "\2ab", 3, false, 0, 0},
                 {1, 1, "\0", 1, false, 0, 0},      {1, UINT32_MAX, "\2ab", 3, true, 0, 0},
                 {3, 1, "\377", 1, false, 0, 0}};
    Arena arena;
    assert_true(arena_open(&arena, 0, 1 << 20, NULL));
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        bool is_damaged;
        const uint8_t *data;
        size_t bytes;
        ReplayReader *reader = open_values(&forge, CASES[i].mask, CASES[i].size, CASES[i].data,
                                           CASES[i].data_bytes, &is_damaged);
        assert_int_equal(is_damaged, CASES[i].is_damaged);
        assert_int_equal(replay_last(reader), 2);
        assert_int_equal(replay_values(reader, 1, &arena, &data, &bytes), CASES[i].first > 0);
        assert_int_equal(bytes, CASES[i].first);
        assert_int_equal(replay_values(reader, 2, &arena, &data, &bytes), CASES[i].second > 0);
        assert_int_equal(bytes, CASES[i].second);
        assert_false(replay_values(reader, 3, &arena, &data, &bytes));
        replay_close(reader);
    }
    arena_close(&arena);
}

static void a_recording_may_begin_before_init(void **unused)
{
    // Scenario: no first state, no tick; and a restart and 3 ticks.
    // Expect: whole files that begin at moment 0; no state at any moment.
    (void)unused;
    Place place = make_place();
    Arena arena;
    ReplayState state;
    assert_true(arena_open(&arena, 0, 1 << 20, NULL));
    for (int ticks = 0; ticks < 4; ticks += 3) {
        ReplayWriter *writer = create(place.path, NULL);
        assert_true(ticks == 0 || replay_put_restart(writer, NULL));
        put_ticks(writer, 0, (uint32_t)ticks);
        assert_true(replay_finish(writer, 7, NULL));
        ReplayReader *reader = open_whole(place.path);
        assert_int_equal(replay_first(reader), 0);
        assert_int_equal(replay_last(reader), ticks ? 4 : 0);
        assert_false(replay_state(reader, 100, &arena, &state));
        if (ticks > 0) {
            expect_restart(reader, 1);
            expect_ticks(reader, 0, 3, 2);
        }
        expect_end(reader, true, ticks ? 4 : 0, 7);
        replay_close(reader);
    }
    arena_close(&arena);
    remove_place(&place);
}

static void what_was_undone_is_never_played(void **unused)
{
    // Scenario: 100 ticks, a file read and 70 more; back by 90 (into a chunk), 10 others; then a
    // loop of a restart and 5 ticks that goes back three times, its file read anew in each pass; a
    // tick that read a file and failed (back by 0); at last back to the very beginning.
    // Expect: 80 ticks, 10 others, the last pass; twice the same. After the last: nothing but what
    // came then.
    (void)unused;
    for (int is_long = 1; is_long >= 0; is_long--) {
        Place place = make_place();
        ReplayWriter *writer = create(place.path, NULL);
        put_ticks(writer, 0, 100);
        assert_true(replay_put_bytes(writer, REPLAY_FILE, "undone", true, "x", 1, NULL));
        put_ticks(writer, 100, 70);
        assert_true(replay_put_rewind(writer, 90, NULL));
        put_ticks(writer, 500, 10);
        for (uint32_t pass = 0; pass < 4; pass++) {
            assert_true(replay_put_restart(writer, NULL));
            assert_true(replay_put_bytes(writer, REPLAY_SAVE, "slot", true, &pass, 4, NULL));
            put_ticks(writer, 700 + 10 * pass, 5);
            assert_true(pass == 3 || replay_put_rewind(writer, 6, NULL));
        }
        assert_true(replay_put_bytes(writer, REPLAY_FILE, "failed", true, "x", 1, NULL));
        assert_true(replay_put_rewind(writer, 0, NULL));
        assert_int_equal(replay_written(writer), 96);
        if (!is_long) {
            assert_true(replay_put_rewind(writer, 96, NULL));
            put_ticks(writer, 900, 3);
        }
        assert_true(replay_finish(writer, 7, NULL));
        ReplayReader *reader = open_whole(place.path);
        assert_int_equal(replay_last(reader), is_long ? 96 : 3);
        for (int time = 0; time < 2; time++) {
            if (is_long) {
                uint32_t last_pass = 3;
                expect_ticks(reader, 0, 80, 1);
                expect_ticks(reader, 500, 10, 81);
                expect_restart(reader, 91);
                expect_bytes(reader, REPLAY_SAVE, "slot", true, &last_pass, 4);
                expect_ticks(reader, 730, 5, 92);
            } else {
                expect_ticks(reader, 900, 3, 1);
            }
            expect_end(reader, true, is_long ? 96 : 3, 7);
            replay_rewind(reader);
        }
        ReplaySummary summary;
        ReplayOutside outside;
        replay_summary(reader, &summary);
        assert_int_equal(summary.rewinds, is_long ? 5 : 6);
        assert_int_equal(summary.undone, 90 + 3 * 6 + (is_long ? 0 : 96));
        assert_int_equal(replay_outside(reader, 0, &outside), is_long);
        assert_false(replay_outside(reader, 1, &outside));
        replay_close(reader);
        remove_place(&place);
    }
}

static void the_build_outlives_a_jump_back(void **unused)
{
    // Scenario: a second build after 10 ticks, 10 more, back by 15; a third build, back by 2 before
    // it has played, 4 ticks.
    // Expect: no BUILD event for the second, since its first tick was undone; one for the third, in
    // its new place. replay_build lists all three, each from where its ticks are.
    (void)unused;
    Place place = make_place();
    ReplayWriter *writer = create(place.path, NULL);
    put_ticks(writer, 0, 10);
    assert_true(replay_put_build(writer, &BUILD_2, NULL));
    put_ticks(writer, 10, 10);
    assert_true(replay_put_rewind(writer, 15, NULL));
    put_ticks(writer, 20, 5);
    assert_true(replay_put_build(writer, &BUILD_3, NULL));
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "undone", true, "x", 1, NULL));
    assert_true(replay_put_rewind(writer, 2, NULL));
    put_ticks(writer, 30, 4);
    assert_true(replay_finish(writer, 1, NULL));
    ReplayReader *reader = open_whole(place.path);
    expect_ticks(reader, 0, 5, 1);
    expect_ticks(reader, 20, 3, 6);
    expect_build(reader, &BUILD_3, 8);
    expect_ticks(reader, 30, 4, 9);
    expect_end(reader, true, 12, 1);
    const ReplayBuild *const builds[] = {&BUILD, &BUILD_2, &BUILD_3};
    const uint64_t moments[] = {0, 5, 8};
    for (uint32_t i = 0; i < 4; i++) {
        ReplayBuild build;
        uint64_t at;
        assert_int_equal(replay_build(reader, i, &build, &at), i < 3);
        assert_true(i == 3 || memcmp(&build, builds[i], sizeof(build)) == 0);
        assert_int_equal(at, i < 3 ? moments[i] : 0);
    }
    replay_close(reader);
    remove_place(&place);
}

static void a_build_of_the_same_sources_says_so(void **unused)
{
    // Scenario: another build after two ticks, and one of its sources after two more.
    // Expect: both are there, and only the last says that it is the same.
    (void)unused;
    Place place = make_place();
    ReplayBuild same = BUILD_3;
    same.is_same = true;
    ReplayWriter *writer = create(place.path, NULL);
    put_ticks(writer, 0, 2);
    assert_true(replay_put_build(writer, &BUILD_2, NULL));
    put_ticks(writer, 2, 2);
    assert_true(replay_put_build(writer, &same, NULL));
    put_ticks(writer, 4, 2);
    assert_true(replay_finish(writer, 1, NULL));
    ReplayReader *reader = open_whole(place.path);
    for (uint32_t i = 0; i < 3; i++) {
        ReplayBuild build;
        uint64_t at;
        assert_true(replay_build(reader, i, &build, &at));
        assert_int_equal(build.is_same, i == 2);
        assert_int_equal(at, i * 2);
    }
    expect_ticks(reader, 0, 2, 1);
    expect_build(reader, &BUILD_2, 2);
    expect_ticks(reader, 2, 2, 3);
    expect_build(reader, &same, 4);
    expect_ticks(reader, 4, 2, 5);
    expect_end(reader, true, 6, 1);
    replay_close(reader);
    remove_place(&place);
}

// -------------------------------------------------------------------------------------- keyframes

enum { PAGES = 12 };

static const uint8_t TEXT[5] = {1, 2, 3, 4, 5};

// Keyframe `nth` at moment `at` with `count` of `pages`; each page has an address at its byte 8 *
// nth in a function that is named after the keyframe, and a global holds the keyframe's number.
static void put_keyframe(ReplayWriter *writer, uint32_t nth, bool is_whole, uint32_t used_pages,
                         const uint32_t *pages, uint32_t count)
{
    static uint8_t data[PAGES * PAGE];
    ReplayPointer pointers[PAGES + 1];
    uint8_t number[16] = {(uint8_t)nth};
    char name[16];
    Fault fault = {0};
    const ReplayGlobal globals[] = {{"number", nth, sizeof(number), number},
                                    {"text", 0, sizeof(TEXT), TEXT}};
    (void)snprintf(name, sizeof(name), "made_by_%u", nth);
    for (uint32_t i = 0; i < count; i++) {
        fill_page(data + (size_t)i * PAGE, pages[i], nth);
        pointers[i] = (ReplayPointer){-1, (uint64_t)pages[i] * PAGE + 8ull * nth,
                                      REPLAY_POINTER_SYMBOL, name, nth};
    }
    pointers[count] = (ReplayPointer){0, 8, REPLAY_POINTER_TEXT, name, 1};
    ReplayState state = {.at = replay_written(writer),
                         .used_bytes = (uint64_t)used_pages * PAGE - 5,
                         .is_whole = is_whole,
                         .pages = pages,
                         .page_count = count,
                         .data = data,
                         .globals = globals,
                         .global_count = 2,
                         .pointers = pointers,
                         .pointer_count = count + 1};
    if (!replay_put_state(writer, &state, &fault)) {
        fail_msg("%s", fault.text);
    }
}

// `made_by`: for each page the keyframe it must be of; 0: it must not be there.
static void expect_keyframe(ReplayReader *reader, uint64_t at, uint64_t wanted_at, uint32_t nth,
                            uint32_t used_pages, const uint8_t made_by[PAGES])
{
    Arena arena;
    ReplayState state;
    uint32_t pages = 0, pointers = 0;
    char name[16];
    assert_true(arena_open(&arena, 0, FACTS.arena_bytes + REPLAY_STATE_EXTRA_BYTES, NULL));
    assert_true(replay_state(reader, at, &arena, &state));
    assert_int_equal(state.at, wanted_at);
    assert_int_equal(state.used_bytes, (uint64_t)used_pages * PAGE - 5);
    assert_true(state.is_whole);
    for (uint32_t page = 0; page < PAGES; page++) {
        uint8_t wanted[PAGE];
        if (made_by[page] > 0) {
            fill_page(wanted, page, made_by[page]);
            assert_int_equal(state.pages[pages], page);
            assert_memory_equal(state.data + (size_t)pages * PAGE, wanted, PAGE);
            pages++;
        }
    }
    assert_int_equal(state.page_count, pages);
    assert_int_equal(state.global_count, 2);
    assert_string_equal(state.globals[0].name, "number");
    assert_int_equal(state.globals[0].nth, nth);
    assert_int_equal(state.globals[0].data[0], nth);
    assert_memory_equal(state.globals[1].data, TEXT, sizeof(TEXT));
    assert_int_equal(state.pointer_count, pages + 1);
    for (uint32_t i = 0; i < state.pointer_count; i++) {
        const ReplayPointer *pointer = &state.pointers[i];
        uint32_t made = pointer->global < 0 ? made_by[pointer->at / PAGE] : nth;
        (void)snprintf(name, sizeof(name), "made_by_%u", made);
        assert_string_equal(pointer->name, name);
        assert_int_equal(pointer->addend, pointer->global < 0 ? made : 1);
        assert_int_equal(pointer->at % PAGE, 8 * (pointer->global < 0 ? made : 1));
        pointers += pointer->global < 0;
    }
    assert_int_equal(pointers, pages);
    arena_close(&arena);
}

static void keyframes_are_put_together(void **unused)
{
    // Scenario: a whole keyframe, three with changes (the second with less memory in use, the third
    // with more again), another whole one; asked for at, between and after their moments.
    // Expect: the last writer of a page has it, with its addresses; pages that were not in use in
    // between are gone; globals are those of the last.
    (void)unused;
    Place place = make_place();
    ReplayWriter *writer = create(place.path, NULL);
    uint64_t at = 1;
    assert_false(replay_last_keyframe(writer, &at));
    put_ticks(writer, 0, 50);
    put_keyframe(writer, 1, true, 8, (const uint32_t[]){0, 1, 3, 5, 7}, 5);
    put_ticks(writer, 50, 50);
    put_keyframe(writer, 2, false, 9, (const uint32_t[]){1, 8}, 2);
    put_ticks(writer, 100, 50);
    put_keyframe(writer, 3, false, 6, (const uint32_t[]){3, 4}, 2);
    put_ticks(writer, 150, 50);
    put_keyframe(writer, 4, false, 12, (const uint32_t[]){0, 9}, 2);
    assert_true(replay_last_keyframe(writer, &at));
    assert_int_equal(at, 200);
    put_ticks(writer, 200, 50);
    put_keyframe(writer, 5, true, 12, (const uint32_t[]){11}, 1);
    assert_true(replay_finish(writer, 0, NULL));

    ReplayReader *reader = open_whole(place.path);
    Arena arena;
    ReplayState state;
    assert_true(arena_open(&arena, 0, 1 << 20, NULL));
    assert_false(replay_state(reader, 49, &arena, &state));
    arena_close(&arena);
    const uint8_t one[PAGES] = {1, 1, 0, 1, 0, 1, 0, 1}, two[PAGES] = {1, 2, 0, 1, 0, 1, 0, 1, 2};
    const uint8_t three[PAGES] = {1, 2, 0, 3, 3, 1}, four[PAGES] = {4, 2, 0, 3, 3, 1, 0, 0, 0, 4};
    const uint8_t five[PAGES] = {[11] = 5};
    expect_keyframe(reader, 50, 50, 1, 8, one);
    expect_keyframe(reader, 249, 200, 4, 12, four);
    expect_keyframe(reader, 99, 50, 1, 8, one);
    expect_keyframe(reader, 100, 100, 2, 9, two);
    expect_keyframe(reader, 150, 150, 3, 6, three);
    expect_keyframe(reader, UINT64_MAX, 250, 5, 12, five);
    replay_close(reader);
    remove_place(&place);
}

static void keyframes_of_the_undone_part_vanish(void **unused)
{
    // Scenario: keyframes at 10 (whole), 20 and 30 with changes; back to 20, then a keyframe with
    // changes at 25; back to 15.
    // Expect: the writer names 20, then 10, as the one that stands; so does the file. Going back to
    // before the first leaves none, and a keyframe with changes is refused then.
    (void)unused;
    Place place = make_place();
    ReplayWriter *writer = create(place.path, NULL);
    uint64_t at;
    put_ticks(writer, 0, 10);
    put_keyframe(writer, 1, true, 12, (const uint32_t[]){0, 1, 2, 3}, 4);
    put_ticks(writer, 10, 10);
    put_keyframe(writer, 2, false, 12, (const uint32_t[]){1}, 1);
    put_ticks(writer, 20, 10);
    put_keyframe(writer, 3, false, 12, (const uint32_t[]){2}, 1);
    assert_true(replay_put_rewind(writer, 10, NULL));
    assert_true(replay_last_keyframe(writer, &at));
    assert_int_equal(at, 20);
    put_ticks(writer, 20, 5);
    put_keyframe(writer, 4, false, 12, (const uint32_t[]){3}, 1);
    assert_true(replay_flush(writer, NULL));
    ReplayReader *reader = replay_open(place.path, NULL, NULL);
    expect_keyframe(reader, 100, 25, 4, 12, (const uint8_t[PAGES]){1, 2, 1, 4});
    replay_close(reader);
    assert_true(replay_put_rewind(writer, 10, NULL));
    assert_true(replay_last_keyframe(writer, &at));
    assert_int_equal(at, 10);
    reader = replay_open(place.path, NULL, NULL);
    expect_keyframe(reader, 100, 10, 1, 12, (const uint8_t[PAGES]){1, 1, 1, 1});
    replay_close(reader);
    assert_true(replay_put_rewind(writer, 10, NULL));
    assert_false(replay_last_keyframe(writer, &at));
    ReplayState state = {.at = 5};
    Fault fault = {0};
    assert_false(replay_put_state(writer, &state, &fault));
    assert_non_null(strstr(fault.text, "since none"));
    assert_false(replay_finish(writer, 0, NULL));
    remove_place(&place);
}

// ------------------------------------------------------------------------------------ what it
// costs

static void ticks_survive_their_coding(void **unused)
{
    // Scenario: 20,000 pairs of inputs that differ in none, some or all of their bytes.
    // Expect: decoding gives the second again, within the stated size; no change is one byte.
    (void)unused;
    hl_rng rng;
    hl_seed(&rng, 5, 1);
    for (int round = 0; round < 20000; round++) {
        hl_input before, now, decoded;
        uint8_t coded[TICK_CODED_MAX + 16];
        int density = round % 101;
        for (size_t i = 0; i < sizeof(now); i++) {
            uint8_t old = (uint8_t)hl_rand(&rng);
            ((uint8_t *)&before)[i] = old;
            ((uint8_t *)&now)[i] =
                hl_rand_int(&rng, 0, 99) < density ? (uint8_t)hl_rand(&rng) : old;
        }
        size_t used = replay_encode_tick(coded, &before, &now);
        assert_true(used < TICK_CODED_MAX);
        assert_true(density > 0 || used == 1);
        memcpy(&decoded, &before, sizeof(decoded));
        assert_int_equal(replay_decode_tick(coded, used, &decoded), used);
        assert_memory_equal(&decoded, &now, sizeof(now));
        assert_int_equal(replay_decode_tick(coded, used - 1, &decoded), 0);
    }
}

static void rows_of_equal_inputs_come_back(void **unused)
{
    // Scenario: 3,000 ticks whose input stays for 1, 2, 3 ... ticks, the all-zero input among them,
    // some undone.
    // Expect: each as it was.
    (void)unused;
    Place place = make_place();
    ReplayWriter *writer = create(place.path, NULL);
    static uint8_t keys[3100];
    uint32_t count = 0;
    for (uint32_t row = 0; count < 3000; row++) {
        for (uint32_t i = 0; i <= row % 130; i++) {
            hl_input input = {0};
            input.key[HL_KEY_A].down = row % 3 == 1;
            input.key[HL_KEY_B].down = row % 3 == 2;
            keys[count++] = (uint8_t)(row % 3);
            assert_true(replay_put_tick(writer, &input, NULL, NULL));
        }
        if (row % 7 == 6) {
            assert_true(replay_put_rewind(writer, row % 5, NULL));
            count -= row % 5;
        }
    }
    assert_true(replay_finish(writer, 0, NULL));
    ReplayReader *reader = open_whole(place.path);
    assert_int_equal(replay_last(reader), count);
    for (uint32_t i = 0; i < count; i++) {
        ReplayEvent event;
        hl_input input = {0};
        input.key[HL_KEY_A].down = keys[i] == 1;
        input.key[HL_KEY_B].down = keys[i] == 2;
        replay_next(reader, &event);
        assert_int_equal(event.kind, REPLAY_EVENT_TICK);
        assert_memory_equal(event.input, &input, sizeof(input));
        assert_false(event.has_hash);
    }
    expect_end(reader, true, count, 0);
    replay_close(reader);
    remove_place(&place);
}

static off_t file_bytes(const char *path)
{
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    return about.st_size;
}

static void quiet_ticks_cost_next_to_nothing(void **unused)
{
    // Scenario: a minute in which nobody touches anything, and one of play.
    // Expect: below one byte and below three bytes a tick.
    (void)unused;
    Place place = make_place();
    ReplayWriter *writer = create(place.path, NULL);
    hl_input input = make_input(1);
    for (int i = 0; i < 3600; i++) {
        assert_true(replay_put_tick(writer, &input, NULL, NULL));
    }
    assert_true(replay_finish(writer, 0, NULL));
    assert_true(file_bytes(place.path) < 3600 + 1000);
    writer = create(place.path, NULL);
    for (uint32_t i = 0; i < 3600; i++) {
        input = make_input(i);
        assert_true(replay_put_tick(writer, &input, NULL, NULL));
    }
    assert_true(replay_finish(writer, 0, NULL));
    assert_true(file_bytes(place.path) < 3 * 3600 + 1000);
    remove_place(&place);
}

static void a_minute_of_a_small_game_is_small(void **unused)
{
    // Scenario: 3,600 ticks, 3 changed pages in each, a key now and then.
    // Expect: below 100 KB, of which 72 KB are hashes; replay_summary says what takes how much.
    (void)unused;
    Place place = make_place();
    hl_rng rng;
    hl_seed(&rng, 1, 1);
    ReplayWriter *writer = create(place.path, NULL);
    for (uint32_t i = 0; i < 3600; i++) {
        hl_input input = make_input(i / 30);
        uint32_t pages[] = {0, 1 + i / 600, 0x1000000}, hashes[3];
        for (int n = 0; n < 3; n++) {
            hashes[n] = hl_rand(&rng);
        }
        ReplayCheck check = {(uint64_t)hl_rand(&rng) << 32 | hl_rand(&rng), pages, hashes, 3};
        assert_true(replay_put_tick(writer, &input, &check, NULL));
    }
    assert_true(replay_finish(writer, 0, NULL));
    ReplayReader *reader = open_whole(place.path);
    ReplaySummary summary;
    replay_summary(reader, &summary);
    assert_int_equal(summary.file_bytes, file_bytes(place.path));
    assert_int_equal(summary.hashes, 3600);
    assert_true(summary.file_bytes < 100000);
    assert_in_range(summary.hash_bytes, 72000, 90000);
    assert_in_range(summary.input_bytes, 1, 10000);
    replay_close(reader);
    remove_place(&place);
}

static void a_tick_may_change_very_many_pages(void **unused)
{
    // Scenario: ticks that change 300,000 pages each, one with more than a recording keeps, one
    // with none. Expect: all of them are known again but those of the one, of which the hash is.
    (void)unused;
    enum { MANY = 300000, TOO_MANY = CHECK_PAGES_MAX + 1 };
    static uint32_t pages[TOO_MANY], hashes[TOO_MANY];
    const uint32_t counts[] = {MANY, MANY, TOO_MANY, MANY, 0};
    Place place = make_place();
    Arena arena;
    ReplayCheck check;
    ReplayEvent event;
    hl_input input = make_input(0);
    for (uint32_t i = 0; i < TOO_MANY; i++) {
        pages[i] = 3 * i;
        hashes[i] = i * 2654435761u;
    }
    ReplayWriter *writer = create(place.path, NULL);
    for (uint32_t i = 0; i < COUNT_OF(counts); i++) {
        check = (ReplayCheck){i + 1, pages, hashes, counts[i]};
        assert_true(replay_put_tick(writer, &input, &check, NULL));
    }
    assert_true(replay_finish(writer, 0, NULL));
    assert_true(arena_open(&arena, 0, 64 << 20, NULL));
    ReplayReader *reader = open_whole(place.path);
    for (uint32_t i = 0; i < COUNT_OF(counts); i++) {
        arena_reset(&arena, 0);
        replay_next(reader, &event);
        assert_int_equal(event.hash, i + 1);
        bool is_known = counts[i] <= CHECK_PAGES_MAX;
        assert_int_equal(replay_check(reader, i + 1, &arena, &check), is_known);
        assert_int_equal(check.page_count, is_known ? counts[i] : 0);
        assert_memory_equal(check.pages, pages, (size_t)check.page_count * 4);
        assert_memory_equal(check.page_hashes, hashes, (size_t)check.page_count * 4);
    }
    assert_false(replay_check(reader, 0, &arena, &check));
    assert_false(replay_check(reader, 6, &arena, &check));
    replay_close(reader);
    arena_close(&arena);
    remove_place(&place);
}

static void what_is_in_it_is_listed(void **unused)
{
    // Scenario: the small file; and one that reads "b", "a", "b" as a file and "a" as a save.
    // Expect: the figures of the summary; the last of each name, by name.
    (void)unused;
    Place place = make_place();
    ReplaySummary summary;
    ReplayOutside outside;
    record_small(place.path);
    ReplayReader *reader = open_whole(place.path);
    replay_summary(reader, &summary);
    assert_int_equal(summary.first, 100);
    assert_int_equal(summary.last, 111);
    assert_int_equal(summary.ticks, 10);
    assert_int_equal(summary.restarts, 1);
    assert_int_equal(summary.hashes, 8);
    assert_int_equal(summary.keyframes, 2);
    assert_int_equal(summary.rewinds, 1);
    assert_int_equal(summary.undone, 3);
    assert_true(summary.keyframe_bytes > 0 && summary.outside_bytes > 0);
    assert_true(summary.finished && summary.hash == 0xfeed);
    replay_close(reader);

    ReplayWriter *writer = create(place.path, NULL);
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "b", true, "1", 1, NULL));
    put_ticks(writer, 0, 5);
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "a", true, "12", 2, NULL));
    put_ticks(writer, 0, 5);
    assert_true(replay_put_bytes(writer, REPLAY_SAVE, "a", false, NULL, 0, NULL));
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "b", true, "123", 3, NULL));
    assert_true(replay_finish(writer, 0, NULL));
    const ReplayOutside wanted[] = {{REPLAY_FILE, "a", true, 2, 5},
                                    {REPLAY_SAVE, "a", false, 0, 10},
                                    {REPLAY_FILE, "b", true, 3, 10}};
    reader = open_whole(place.path);
    for (uint32_t i = 0; i < COUNT_OF(wanted); i++) {
        assert_true(replay_outside(reader, i, &outside));
        assert_string_equal(outside.name, wanted[i].name);
        assert_int_equal(outside.kind, wanted[i].kind);
        assert_int_equal(outside.present, wanted[i].present);
        assert_int_equal(outside.size_bytes, wanted[i].size_bytes);
        assert_int_equal(outside.at, wanted[i].at);
    }
    assert_false(replay_outside(reader, COUNT_OF(wanted), &outside));
    replay_close(reader);
    remove_place(&place);
}

// ------------------------------------------------------------------------------ the world says no

static void e79_places_that_are_no_files_are_not_recorded_to(void **unused)
{
    // Scenario: recording to a symlink, a FIFO (with and without reader), a folder, a missing one.
    // Expect: refused with path and reason; what the symlink names is untouched.
    (void)unused;
    Place place = make_place();
    Fault fault = {0};
    const char *path = place.path;
    store(place.other, (const uint8_t *)"mine", 4);
    assert_int_equal(symlink("b.replay", path), 0);
    assert_null(replay_create(path, &FACTS, &BUILD, NULL, &fault));
    assert_non_null(strstr(fault.text, "symbolic link"));
    assert_int_equal(file_bytes(place.other), 4);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(replay_create(path, &FACTS, &BUILD, NULL, &fault));
    assert_non_null(strstr(fault.text, "FIFO"));
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    assert_null(replay_create(path, &FACTS, &BUILD, NULL, &fault));
    assert_non_null(strstr(fault.text, "not a regular file"));
    close(reader);
    assert_null(replay_create(place.folder, &FACTS, &BUILD, NULL, &fault));
    assert_non_null(strstr(fault.text, "folder"));
    assert_null(replay_create("/nowhere/x.replay", &FACTS, &BUILD, NULL, &fault));
    assert_non_null(strstr(fault.text, "/nowhere/x.replay"));
    assert_int_equal(fault.kind, FAULT_FILE);
    remove_place(&place);
}

static void e84_a_second_writer_is_refused(void **unused)
{
    // Scenario: two sessions record to one file; the second comes again when the first has ended.
    // Expect: refused by name, the first one's file is whole; then it may, and replaces the file.
    (void)unused;
    Place place = make_place();
    Fault fault = {0};
    ReplayWriter *writer = create(place.path, NULL);
    put_ticks(writer, 0, 60);
    assert_null(replay_create(place.path, &FACTS, &BUILD, NULL, &fault));
    assert_ptr_equal(strstr(fault.text, place.path), fault.text);
    assert_non_null(strstr(fault.text, "another session"));
    put_ticks(writer, 60, 60);
    assert_true(replay_finish(writer, 0, NULL));
    ReplayReader *reader = open_whole(place.path);
    expect_ticks(reader, 0, 120, 1);
    replay_close(reader);
    record_small(place.path);
    reader = open_whole(place.path);
    assert_int_equal(replay_last(reader), 111);
    replay_close(reader);
    remove_place(&place);
}

static uint64_t ticks_on_disk(const char *path)
{
    Fault damage = {0};
    ReplayReader *reader = replay_open(path, &damage, NULL);
    assert_non_null(reader);
    uint64_t ticks = replay_last(reader);
    assert_int_equal(damage.kind, FAULT_FORMAT); // not ended yet
    expect_ticks(reader, 0, (uint32_t)ticks, 1);
    expect_end(reader, false, ticks, 0);
    replay_close(reader);
    return ticks;
}

static void e81_inputs_reach_the_disk_in_time(void **unused)
{
    // Scenario: a running recording is looked at after 59, 60 and, a second after the 61st, 62
    // inputs; then it is flushed. Another one is killed after 70.
    // Expect: 0, 60, 62, 63 ticks; the one that was killed plays up to 60, with its checks.
    (void)unused;
    Place place = make_place();
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    ReplayWriter *writer = NULL;
    if (child == 0) {
        (void)alarm(30); // should the test fail before it kills us
        writer = create(place.other, NULL);
        put_ticks(writer, 0, 70);
        (void)!write(ready[1], "x", 1);
        for (;;) {
            (void)pause();
        }
    }
    writer = create(place.path, NULL);
    put_ticks(writer, 0, 59);
    assert_int_equal(ticks_on_disk(place.path), 0);
    put_ticks(writer, 59, 1);
    assert_int_equal(ticks_on_disk(place.path), 60);
    put_ticks(writer, 60, 1);
    mono_sleep_until(mono_ns() + FLUSH_MS * NS_PER_MS);
    put_ticks(writer, 61, 1);
    assert_int_equal(ticks_on_disk(place.path), 62);
    put_ticks(writer, 62, 1);
    assert_true(replay_flush(writer, NULL));
    assert_true(replay_flush(writer, NULL));
    assert_int_equal(ticks_on_disk(place.path), 63);
    assert_true(replay_finish(writer, 0, NULL));

    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(ticks_on_disk(place.other), 60);
    remove_place(&place);
}

static void record_to_a_full_disk(const char *path)
{
    // RLIMIT_FSIZE stands in for a full disk: a short write, then EFBIG. Source: setrlimit(2).
    struct rlimit limit = {6000, 6000};
    Fault fault = {0};
    ReplayState state = {0};
    int failures = 0;
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        _exit(2);
    }
    ReplayWriter *writer = replay_create(path, &FACTS, &BUILD, NULL, &fault);
    for (uint32_t i = 0; writer && i < 3000; i++) {
        TestCheck check;
        hl_input input = make_input(i);
        failures += !replay_put_tick(writer, &input, make_check(i, &check), &fault);
    }
    bool is_quiet = writer && replay_flush(writer, NULL) && replay_put_restart(writer, NULL)
                    && replay_put_bytes(writer, REPLAY_FILE, "x", true, "x", 1, NULL)
                    && replay_put_state(writer, &state, NULL) && replay_put_rewind(writer, 1, NULL)
                    && replay_put_build(writer, &BUILD_2, NULL);
    if (failures != 1 || !is_quiet || !strstr(fault.text, path) || !strstr(fault.text, "plays on")
        || !strstr(fault.text, "File too large")) {
        _exit(3);
    }
    _exit(replay_finish(writer, 0, &fault) || !strstr(fault.text, "not whole") ? 4 : 0);
}

static void e80_a_full_disk_ends_the_recording_not_the_game(void **unused)
{
    // Scenario: the disk is full after 6000 bytes.
    // Expect: said once; all that follows is quiet; the file ends with a whole chunk and plays.
    (void)unused;
    Place place = make_place();
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        record_to_a_full_disk(place.path);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    Fault damage;
    ReplayReader *reader = replay_open(place.path, &damage, NULL);
    assert_non_null(reader);
    assert_true(replay_last(reader) >= 60 && replay_last(reader) % 60 == 0);
    assert_non_null(strstr(damage.text, "was not ended")); // no half chunk is left
    replay_close(reader);
    remove_place(&place);
}

// What a writer is asked for and a reader would refuse, `nth` of them.
static bool put_nonsense(ReplayWriter *writer, int nth, Fault *fault)
{
    static const uint8_t page[2 * PAGE];
    static const uint32_t turned[] = {1, 0}, hashes[] = {1, 2};
    static char long_name[300];
    const ReplayGlobal no_name = {"", 0, 1, page}, escape = {"\x1b[2J", 0, 1, page};
    const ReplayPointer outside = {-1, 3 * PAGE, REPLAY_POINTER_SYMBOL, "f", 0};
    const ReplayPointer between = {-1, PAGE - 4, REPLAY_POINTER_SYMBOL, "f", 0};
    const ReplayPointer no_kind = {-1, 0, (ReplayPointerKind)3, "f", 0};
    const ReplayPointer no_global = {0, 0, REPLAY_POINTER_SYMBOL, "f", 0};
    const ReplayCheck check = {1, turned, hashes, 2};
    hl_input input = make_input(1);
    ReplayState state = {3, 2 * PAGE, true, (const uint32_t[]){0, 1}, 2, page, NULL, 0, NULL, 0};
    memset(long_name, 'x', 256);
    switch (nth) {
    case 0:
        return replay_put_bytes(writer, REPLAY_FILE, "", true, "x", 1, fault);
    case 1:
        return replay_put_bytes(writer, REPLAY_FILE, long_name, true, "x", 1, fault);
    case 2:
        return replay_put_bytes(writer, REPLAY_FILE, "\xff", true, "x", 1, fault);
    case 3:
        return replay_put_bytes(writer, REPLAY_FILE, "big", true, page, BYTES_MAX_BYTES + 1, fault);
    case 4:
        input.pad[1].left.y = NAN;
        return replay_put_tick(writer, &input, NULL, fault);
    case 5:
        return replay_flush(writer, fault) && replay_put_tick(writer, &input, &check, fault);
    case 6:
        return replay_put_rewind(writer, 4, fault);
    case 7:
        state.at = 2;
        break;
    case 8:
        state.used_bytes = FACTS.arena_bytes + 1;
        break;
    case 9:
        state.pages = turned;
        break;
    case 10:
        state.used_bytes = PAGE;
        break;
    case 11:
        state.globals = &no_name;
        state.global_count = 1;
        break;
    case 12:
        state.globals = &escape;
        state.global_count = 1;
        break;
    case 13:
    case 14:
    case 15:
    case 16:
        state.pointers =
            (const ReplayPointer *[]){&outside, &between, &no_kind, &no_global}[nth - 13];
        state.pointer_count = 1;
        break;
    default:
        return true;
    }
    return replay_put_state(writer, &state, fault);
}

static void what_a_reader_would_refuse_is_not_written(void **unused)
{
    // Scenario: an input that is not a number; names that are empty, too long or not UTF-8; a file
    // over the limits; pages, moments, names and addresses that make no sense.
    // Expect: the recording stops there and says why; it plays up to there.
    (void)unused;
    Place place = make_place();
    int nth = 0;
    for (;; nth++) {
        ReplayWriter *writer = create(place.path, NULL);
        Fault fault = {0};
        put_ticks(writer, 0, 3);
        bool ok = put_nonsense(writer, nth, &fault);
        assert_int_equal(replay_finish(writer, 0, NULL), ok);
        if (ok) {
            break;
        }
        assert_ptr_equal(strstr(fault.text, place.path), fault.text);
        assert_non_null(strstr(fault.text, "moment 3"));
        assert_int_equal(ticks_on_disk(place.path), 3);
    }
    assert_int_equal(nth, 17);
    remove_place(&place);
}

static void a_start_that_makes_no_sense_touches_nothing(void **unused)
{
    // Scenario: tick rates of 0 and 1001, an arena over 64 GiB, first states that are not whole,
    // too large for their arena or over 1 GiB, where another file is. Expect: refused by name; the
    // file that was there is untouched.
    (void)unused;
    Place place = make_place();
    store(place.path, (const uint8_t *)"mine", 4);
    for (int nth = 0; nth < 6; nth++) {
        ReplayFacts facts = FACTS;
        ReplayState state = {.is_whole = nth != 3};
        Fault fault = {0};
        facts.tick_rate = nth == 0 ? 0 : nth == 1 ? 1001 : 60;
        facts.arena_bytes = nth == 2 ? (64ull << 30) + 1 : nth == 5 ? 2ull << 30 : 1 << 20;
        state.used_bytes = nth == 4 ? (1 << 20) + 1 : nth == 5 ? (1 << 30) + 1 : 0;
        assert_null(replay_create(place.path, &facts, &BUILD, &state, &fault));
        assert_ptr_equal(strstr(fault.text, place.path), fault.text);
        assert_non_null(strstr(fault.text, "untouched"));
        assert_int_equal(file_bytes(place.path), 4);
    }
    remove_place(&place);
}

static void e82_a_change_on_disk_is_seen(void **unused)
{
    // Scenario: a file is opened and then appended to, rewritten with its size kept, replaced by
    // another of the same size, deleted; one in memory.
    // Expect: unchanged before, changed after; never for the one in memory. What was read still
    // plays.
    (void)unused;
    static uint8_t file[FILE_ROOM];
    Place place = make_place();
    for (int way = 0; way < 4; way++) {
        record_small(place.path);
        size_t size_bytes = load(place.path, file);
        const struct timespec old[2] = {{1000, 0}, {1000, 0}};
        assert_int_equal(utimensat(AT_FDCWD, place.path, old, 0), 0);
        ReplayReader *reader = open_whole(place.path);
        assert_false(replay_changed_on_disk(reader));
        if (way == 0) {
            assert_int_equal(truncate(place.path, (off_t)size_bytes + 1), 0);
            assert_int_equal(utimensat(AT_FDCWD, place.path, old, 0), 0);
        } else if (way == 1) {
            store(place.path, file, size_bytes);
        } else if (way == 2) {
            store(place.other, file, size_bytes);
            assert_int_equal(utimensat(AT_FDCWD, place.other, old, 0), 0);
            assert_int_equal(rename(place.other, place.path), 0);
        } else {
            assert_int_equal(unlink(place.path), 0);
        }
        assert_true(replay_changed_on_disk(reader));
        expect_ticks(reader, 0, 5, 101);
        replay_close(reader);
        reader = replay_open_bytes(file, size_bytes, place.path, NULL, NULL);
        assert_non_null(reader);
        assert_false(replay_changed_on_disk(reader));
        replay_close(reader);
    }
    remove_place(&place);
}

// ------------------------------------------------------------------------------ broken, foreign

static void expect_refused(const char *path, FaultKind kind, const char *why)
{
    Fault fault = {0}, damage;
    assert_null(replay_open(path, &damage, &fault));
    assert_int_equal(fault.kind, kind);
    assert_ptr_equal(strstr(fault.text, path), fault.text);
    assert_non_null(strstr(fault.text, why));
}

static void e70_an_empty_file_is_named(void **unused)
{
    // Scenario: a file of no bytes, and of the first 15.
    // Expect: refused with path and reason; NULL faults are fine.
    (void)unused;
    Place place = make_place();
    store(place.path, (const uint8_t *)"", 0);
    expect_refused(place.path, FAULT_FORMAT, "the file is empty");
    assert_null(replay_open(place.path, NULL, NULL));
    store(place.path, (const uint8_t *)"HLREPLAY\2\0\0\0\xf8\1", 15);
    expect_refused(place.path, FAULT_FORMAT, "cut after 15 bytes");
    remove_place(&place);
}

static void e71_a_foreign_file_is_named(void **unused)
{
    // Scenario: a program, and one byte of one.
    // Expect: refused as not a replay.
    (void)unused;
    static const uint8_t PROGRAM[20] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    Place place = make_place();
    for (size_t size_bytes = 1; size_bytes <= sizeof(PROGRAM); size_bytes += 19) {
        store(place.path, PROGRAM, size_bytes);
        expect_refused(place.path, FAULT_FORMAT, "not a hotloop replay");
    }
    remove_place(&place);
}

static void e72_another_version_is_named(void **unused)
{
    // Scenario: the version before, the one after, and inputs of another size.
    // Expect: refused with all numbers.
    (void)unused;
    static uint8_t file[FILE_ROOM];
    Place place = make_place();
    record_small(place.path);
    size_t size_bytes = load(place.path, file);
    file[8] = 1;
    store(place.path, file, size_bytes);
    expect_refused(place.path, FAULT_FORMAT, "format version 1 ");
    expect_refused(place.path, FAULT_FORMAT, "reads versions 2 and 4 ");
    file[8] = 3;
    store(place.path, file, size_bytes);
    expect_refused(place.path, FAULT_FORMAT, "format version 3 ");
    file[8] = 5;
    store(place.path, file, size_bytes);
    expect_refused(place.path, FAULT_FORMAT, "format version 5 ");
    file[8] = 4;
    file[12]--;
    store(place.path, file, size_bytes);
    expect_refused(place.path, FAULT_FORMAT, "inputs of 503 bytes");
    remove_place(&place);
}

static void e73_a_file_cut_anywhere_plays_up_to_there(void **unused)
{
    // Scenario: a small file with every kind of chunk, cut at each of its bytes.
    // Expect: refused before the first tick, opened with damage after; each chunk of ticks that is
    // whole is played, so there are 5, 8, 11 and, after the jump back, 10.
    (void)unused;
    static uint8_t file[FILE_ROOM];
    Place place = make_place();
    bool opened_before = false;
    uint64_t counts[16] = {0};
    record_small(place.path);
    size_t size_bytes = load(place.path, file);
    for (size_t cut = 0; cut < size_bytes; cut++) {
        bool is_damaged;
        uint64_t ticks;
        bool opened = play_bytes(file, cut, &is_damaged, &ticks);
        assert_true(!opened || is_damaged);
        assert_true(opened || !opened_before);
        assert_true(ticks < COUNT_OF(counts));
        counts[ticks] += opened;
        opened_before = opened;
    }
    for (uint32_t ticks = 0; ticks < COUNT_OF(counts); ticks++) {
        bool is_possible = ticks == 0 || ticks == 5 || ticks == 8 || ticks == 10 || ticks == 11;
        assert_int_equal(counts[ticks] > 0, is_possible);
    }
    remove_place(&place);
}

// Which chunk of the small file a flipped bit lies in, and what is left of the file without it.
typedef struct Struck {
    size_t at, next;
    uint32_t tag;
    uint64_t ticks_before;
    bool helps; // only: a reader does without it
} Struck;

static Struck find_struck(const uint8_t *file, size_t size_bytes, size_t byte)
{
    Struck struck = {.next = FILE_HEAD_BYTES};
    bool is_damaged, is_first = true;
    while (struck.next <= byte && struck.next < size_bytes) {
        is_first = is_first && struck.tag != TAG_STATE;
        struck.at = struck.next;
        struck.next = next_chunk(file, struck.at, &struck.tag);
    }
    struck.helps = struck.tag == TAG_HASHES || struck.tag == TAG_TYPES || struck.tag == TAG_VALUES
                   || (struck.tag == TAG_STATE && !is_first);
    (void)play_bytes(file, struck.at, &is_damaged, &struck.ticks_before);
    return struck;
}

// `file` has a bit turned in `byte`, which lies in `struck`.
static void expect_block_named(const uint8_t *file, size_t size_bytes, const Struck *struck,
                               size_t byte)
{
    Fault fault = {0}, damage = {0};
    char where[64];
    ReplayReader *reader = replay_open_bytes(file, size_bytes, "some.replay", &damage, &fault);
    const char *text = reader ? damage.text : fault.text;
    bool is_head = struck->tag == 0; // the file's, which says by itself what is wrong
    bool is_length = byte >= struck->at + 4 && byte < struck->at + 8;
    bool is_done_without = struck->helps && byte >= struck->at + 8;
    (void)snprintf(where, sizeof(where), "at byte %zu of %zu", struck->at, size_bytes);
    assert_true(text[0] != '\0');
    if (!is_head && !(struck->helps && is_length) && !strstr(text, where)) {
        fail_msg("byte %zu: %s", byte, text);
    }
    if (reader) {
        ReplaySummary summary;
        replay_summary(reader, &summary);
        assert_true(summary.ticks == (is_done_without ? 10 : struck->ticks_before));
    }
    replay_close(reader);
}

static void e74_a_flipped_bit_costs_its_block(void **unused)
{
    // Scenario: the small file, with each of its bits flipped in turn.
    // Expect: never silent; the block that it lies in is named by its place. In hashes, in types
    // and in the second keyframe all 10 ticks play, else those before it.
    (void)unused;
    static uint8_t file[FILE_ROOM];
    Place place = make_place();
    record_small(place.path);
    size_t size_bytes = load(place.path, file);
    Struck struck = find_struck(file, size_bytes, 0);
    for (size_t byte = 0; byte < size_bytes; byte++) {
        struck = byte < struck.next ? struck : find_struck(file, size_bytes, byte);
        for (int bit = 0; bit < 8; bit++) {
            bool is_damaged;
            uint64_t ticks;
            file[byte] ^= (uint8_t)(1u << bit);
            expect_block_named(file, size_bytes, &struck, byte);
            bool opened = bit != 0 || play_bytes(file, size_bytes, &is_damaged, &ticks);
            assert_true(bit != 0 || !opened || is_damaged);
            file[byte] ^= (uint8_t)(1u << bit);
        }
    }
    remove_place(&place);
}

static void a_damaged_keyframe_is_gone_around(void **unused)
{
    // Scenario: keyframes at 10 (whole), 20, 30 (both with changes) and 40 (whole); the one at 20
    // is damaged, once so that its checksum says it and once so that only unpacking does.
    // Expect: at 20 to 39 the state is that of 10, from 40 on that of 40; every tick plays.
    (void)unused;
    static uint8_t file[FILE_ROOM];
    Place place = make_place();
    for (int is_forged = 0; is_forged < 2; is_forged++) {
        ReplayWriter *writer = create(place.path, NULL);
        size_t places[5] = {0}, found = 0;
        for (uint32_t nth = 1; nth < 5; nth++) {
            put_ticks(writer, 10 * nth - 10, 10);
            put_keyframe(writer, nth, nth % 3 == 1, 12, (const uint32_t[]){0, nth}, 2);
        }
        assert_true(replay_finish(writer, 0, NULL));
        size_t size_bytes = load(place.path, file);
        for (size_t at = FILE_HEAD_BYTES; at < size_bytes;) {
            uint32_t tag;
            size_t next = next_chunk(file, at, &tag);
            places[found] = at;
            found += tag == TAG_STATE;
            at = next;
        }
        assert_int_equal(found, 4);
        uint8_t *head = file + places[1], *payload = head + CHUNK_HEAD_BYTES;
        payload[STATE_HEAD_BYTES] ^= 0xff; // its first page, or that the details are packed
        if (is_forged) {
            (void)put_u64(head + 12, replay_chunk_hash(head, payload, get_u32(head + 4)));
        }
        store(place.path, file, size_bytes);
        Fault damage;
        ReplayReader *reader = replay_open(place.path, &damage, NULL);
        assert_non_null(reader);
        assert_int_equal(damage.kind, is_forged ? FAULT_NONE : FAULT_FORMAT);
        assert_int_equal(strstr(damage.text, "this keyframe is left out") != NULL, !is_forged);
        expect_ticks(reader, 0, 40, 1);
        expect_end(reader, true, 40, 0);
        for (int time = 0; time < 2; time++) {
            expect_keyframe(reader, 39, 10, 1, 12, (const uint8_t[PAGES]){1, 1});
            expect_keyframe(reader, 20, 10, 1, 12, (const uint8_t[PAGES]){1, 1});
            expect_keyframe(reader, 40, 40, 4, 12, (const uint8_t[PAGES]){4, 0, 0, 0, 4});
        }
        ReplaySummary summary;
        replay_summary(reader, &summary);
        assert_int_equal(summary.keyframes, 2);
        replay_close(reader);
    }
    remove_place(&place);
}

static void e79_what_is_no_file_is_not_read(void **unused)
{
    // Scenario: nothing there, a FIFO, a folder, a symlink to itself, over 4 GiB (sparse).
    // Expect: refused at once with the path.
    (void)unused;
    Place place = make_place();
    const char *path = place.path;
    expect_refused(path, FAULT_FILE, "");
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_refused(path, FAULT_FILE, "");
    assert_int_equal(unlink(path), 0);
    expect_refused(place.folder, FAULT_FILE, "");
    assert_int_equal(symlink("a.replay", path), 0);
    expect_refused(path, FAULT_FILE, "");
    assert_int_equal(unlink(path), 0);
    store(path, (const uint8_t *)"HLREPLAY", 8);
    assert_int_equal(truncate(path, (off_t)FILE_MAX_BYTES + 1), 0);
    expect_refused(path, FAULT_FILE, "");
    remove_place(&place);
}

static void expect_forged(const Forge *forge, bool opens, bool is_said, uint64_t ticks)
{
    bool is_damaged;
    uint64_t played;
    assert_int_equal(play_bytes(forge->data, forge->size_bytes, &is_damaged, &played), opens);
    assert_true(!opens || is_damaged == is_said);
    assert_int_equal(played, ticks);
}

static void forge_end(Forge *forge, uint64_t last)
{
    uint8_t end[END_BYTES] = {0};
    (void)put_u64(end, last);
    forge_chunk(forge, TAG_END, end, sizeof(end));
}

// 8 MiB of zeros as a small zstd frame: a bomb.
static size_t make_bomb(uint8_t *out, size_t room_bytes)
{
    static uint8_t zeros[8 << 20];
    size_t coded = pack(out, room_bytes, zeros, sizeof(zeros), 19);
    assert_in_range(coded, 1, 2048);
    return coded;
}

static const uint8_t TWO_TICKS[] = {2}; // that repeat the zero before them

static void e75_bombs_are_refused_before_they_unpack(void **unused)
{
    // Scenario: states, ticks, page lists and files that say they are huge, or unpack to more or
    // less than they say.
    // Expect: a first state: refused; ticks and files: damage; a page list or a later state: as if
    // it were not there.
    (void)unused;
    static Forge forge;
    uint8_t bomb[2048];
    size_t bytes = make_bomb(bomb, sizeof(bomb));
    const uint32_t coded = (uint32_t)bytes;
    const ForgedState states[] = {
        {0, 1ull << 60, 1, 0, 1, 1, 0, 0, 1, 0, bomb, bytes},
        {0, STATE_MAX_BYTES + 1, 1, 0, 1, 1, 0, 0, 1, 0, bomb, bytes},
        {0, 4096, 1, 0, 1, UINT32_MAX, 0, 0, 1, 0, bomb, bytes},
        {0, 4096, 1, 1, 1, 1, 0, 0, 1, coded, bomb, bytes},
        {0, 4096, 1, 1, 1, 1, 0, 0, UINT32_MAX, coded, bomb, bytes},
        {0, 4096, 1, 1, 1, 1, 0, 0, 100 << 20, coded, bomb, bytes},
        {0, 4096, 1, 1, 0, 0, UINT32_MAX, 0, 8 << 20, coded, bomb, bytes},
        {0, 4096, 1, 1, 0, 0, GLOBALS_MAX, POINTERS_MAX, 8 << 20, coded, bomb, bytes},
        {0, 4096, 1, 1, 0, 0, 0, 1 << 20, 8 << 20, coded, bomb, bytes},
    };
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        forge_start(&forge, true);
        forge_state(&forge, &states[i]);
        expect_forged(&forge, false, true, 0);
        forge_start(&forge, false);
        forge_state(&forge, &states[i]);
        forge_ticks(&forge, 2, 1, CODING_PLAIN, TWO_TICKS, 1);
        forge_end(&forge, 2);
        bool is_for_later = i == 3 || i == 5 || i == 8; // found out when somebody asks for it
        expect_forged(&forge, true, !is_for_later, 2);
    }
    const uint32_t sizes[] = {60, TICKS_CODED_MAX, TICKS_CODED_MAX + 1, UINT32_MAX};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        forge_start(&forge, false);
        forge_ticks(&forge, 60, sizes[i], CODING_ZSTD, bomb, bytes);
        expect_forged(&forge, true, true, 0);
        forge_start(&forge, false);
        forge_ticks(&forge, 2, 1, CODING_PLAIN, TWO_TICKS, 1);
        uint8_t rest[8 + sizeof(bomb)] = {0};
        memcpy(rest + 8, bomb, bytes);
        const ForgedHashes hashes = {2, 1, 1, sizes[i], 1, coded, rest, 8 + bytes};
        forge_hashes(&forge, &hashes);
        forge_end(&forge, 2);
        expect_forged(&forge, true, i == 3, 2);
    }
    const uint64_t files[] = {BYTES_MAX_BYTES + 1, UINT64_MAX, 3};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        forge_start(&forge, false);
        forge_bytes(&forge, REPLAY_FILE, 1, 1, CODING_PLAIN, files[i], "ab");
        expect_forged(&forge, true, true, 0);
    }
}

static void e83_names_stay_inside_their_folder(void **unused)
{
    // Scenario: files and saves whose names lead elsewhere, written and forged; one that does not.
    // Expect: not recorded, and damage where a file holds them.
    (void)unused;
    static const char *const NAMES[] = {"../x", "/etc/passwd", "a/../../x", "..", "a//b", "a/b"};
    static Forge forge;
    Place place = make_place();
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        bool is_fine = i + 1 == COUNT_OF(NAMES);
        for (uint8_t kind = REPLAY_FILE; kind <= REPLAY_SAVE; kind++) {
            Fault fault = {0};
            ReplayWriter *writer = create(place.path, NULL);
            bool put =
                replay_put_bytes(writer, (ReplayBytesKind)kind, NAMES[i], true, "", 0, &fault);
            assert_int_equal(put, is_fine);
            assert_int_equal(replay_finish(writer, 0, NULL), is_fine);
            forge_start(&forge, false);
            forge_bytes(&forge, kind, 1, (uint16_t)strlen(NAMES[i]), 0, 0, NAMES[i]);
            forge_end(&forge, 0);
            expect_forged(&forge, true, !is_fine, 0);
        }
    }
    remove_place(&place);
}

static void forged_ticks_are_found(void **unused)
{
    // Scenario: chunks of ticks whose checksum is right and whose content is not, after 2 good
    // ticks: counts, sizes, codings, tokens, inputs that no player can give.
    // Expect: damage said, the 2 ticks play.
    (void)unused;
    static Forge good, forge;
    static const uint8_t ONE[] = {0, 0, 0}, NO_END[] = {0, 1, 7}, MORE[] = {0, 0, 0, 0};
    static const uint8_t OVER[] = {0, 255, 255, 255, 249, 0, 0}, CUT[] = {0, 100, 1, 2, 0};
    static const uint8_t MANY[] = {61};
    const struct {
        uint32_t count, size;
        uint8_t coding;
        const uint8_t *data;
        size_t data_bytes;
    } ticks[] = {
        {0, 0, 0, ONE, 0},       {61, 1, 0, MANY, 1},     {60, 1, 0, MANY, 1},
        {1, 0, 0, ONE, 0},       {1, 2, 0, ONE, 3},       {1, 3, 1, ONE, 3},
        {1, 3, 2, ONE, 3},       {1, 3, 0, NO_END, 3},    {1, 7, 0, OVER, 7},
        {1, 5, 0, CUT, 5},       {1, 4, 0, MORE, 4},      {2, 3, 0, ONE, 3},
        {3, 1, 0, TWO_TICKS, 1}, {1, 1, 0, TWO_TICKS, 1}, {UINT32_MAX, 3, 0, ONE, 3},
    };
    hl_input zero = {0}, wrong[4];
    memset(wrong, 0, sizeof(wrong));
    memset(wrong[0].text, 'x', sizeof(wrong[0].text));
    wrong[1].mouse.x = INFINITY;
    wrong[2].reserved[5] = 1;
    wrong[3].pad[3].reserved[2] = 1;
    forge_start(&good, false);
    forge_ticks(&good, 2, 1, CODING_PLAIN, TWO_TICKS, 1);
    for (size_t i = 0; i < COUNT_OF(ticks); i++) {
        forge = good;
        forge_ticks(&forge, ticks[i].count, ticks[i].size, ticks[i].coding, ticks[i].data,
                    ticks[i].data_bytes);
        expect_forged(&forge, true, true, 2);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        uint8_t coded[TICK_CODED_MAX + 1] = {0};
        size_t used = 1 + replay_encode_tick(coded + 1, &zero, &wrong[i]);
        forge = good;
        forge_ticks(&forge, 1, (uint32_t)used, CODING_PLAIN, coded, used);
        expect_forged(&forge, true, true, 2);
    }
}

static void forged_chunks_are_found(void **unused)
{
    // Scenario: chunks out of place, of unknown kinds and wrong sizes; going back too far; files
    // that make no sense; hashes of other ticks; keyframes of other moments and of none.
    // Expect: damage said, the 2 ticks before play.
    (void)unused;
    static Forge good, forge;
    static const uint8_t ZEROS[64] = {0};
    forge_start(&good, false);
    forge_ticks(&good, 2, 1, CODING_PLAIN, TWO_TICKS, 1);
    const uint32_t tags[] = {TAG_FACTS, TAG_BUILD, 0,          UINT32_MAX, TAG_END,  TAG_RESTART,
                             TAG_BYTES, TAG_TICKS, TAG_REWIND, TAG_HASHES, TAG_STATE};
    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        forge = good;
        forge_chunk(&forge, tags[i], "xyz", 3);
        expect_forged(&forge, true, true, 2);
    }
    uint8_t far[REWIND_BYTES];
    (void)put_u64(far, 3);
    forge = good;
    forge_chunk(&forge, TAG_REWIND, far, sizeof(far));
    expect_forged(&forge, true, true, 2);
    const struct {
        uint8_t kind, present;
        uint16_t name_bytes;
        uint8_t coding;
        uint64_t size;
        const char *rest;
    } bytes[] = {{0, 1, 1, 0, 1, "ab"},    {3, 1, 1, 0, 1, "ab"},   {1, 2, 1, 0, 1, "ab"},
                 {1, 1, 0, 0, 2, "ab"},    {1, 1, 300, 0, 0, "ab"}, {1, 1, 3, 0, 0, "ab"},
                 {1, 1, 1, 0, 2, "ab"},    {1, 1, 1, 1, 1, "ab"},   {1, 1, 1, 7, 1, "ab"},
                 {1, 1, 2, 0, 0, "\x1b["}, {1, 1, 1, 0, 0, "\xff"}};
    for (size_t i = 0; i < COUNT_OF(bytes); i++) {
        forge = good;
        forge_bytes(&forge, bytes[i].kind, bytes[i].present, bytes[i].name_bytes, bytes[i].coding,
                    bytes[i].size, bytes[i].rest);
        expect_forged(&forge, true, true, 2);
    }
    const ForgedHashes hashes[] = {
        {1, 1, 0, 0, 0, 0, ZEROS, 8},  {2, 4, 0, 0, 0, 0, ZEROS, 8},  {2, 1, 2, 0, 0, 0, ZEROS, 8},
        {2, 3, 0, 0, 0, 0, ZEROS, 8},  {2, 1, 0, 0, 0, 9, ZEROS, 16}, {2, 1, 0, 0, 0, 0, ZEROS, 9},
        {61, 1, 0, 0, 0, 0, ZEROS, 8}, {0, 0, 0, 0, 0, 0, ZEROS, 0},
    };
    for (size_t i = 0; i < COUNT_OF(hashes); i++) {
        forge = good;
        forge_hashes(&forge, &hashes[i]);
        forge_end(&forge, 2);
        expect_forged(&forge, true, true, 2);
    }
    const ForgedState states[] = {{.at = 1, .is_whole = 1}, {.at = 2}, {.at = 2, .is_whole = 2}};
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        forge = good;
        forge_state(&forge, &states[i]);
        forge_end(&forge, 2);
        expect_forged(&forge, true, true, 2);
    }
    forge = good;
    forge_hashes(&forge, &(ForgedHashes){2, 1, 1, 3, 0, 3, "12345678\1\0\0abcd", 15});
    forge_end(&forge, 2);
    expect_forged(&forge, true, false, 2); // a list that is longer than it needs to be
}

static void facts_are_made_harmless(void **unused)
{
    // Scenario: texts with escape codes; a text without end; tick rates of 0 and 1001; a first
    // moment without a state.
    // Expect: cleaned; refused.
    (void)unused;
    Place place = make_place();
    ReplayFacts facts = FACTS, got;
    uint64_t first;
    bool has_state;
    uint8_t at[FACTS_BYTES];
    (void)snprintf(facts.title, sizeof(facts.title), "\x1b[2Jhi\xff");
    ReplayWriter *writer = replay_create(place.path, &facts, &BUILD, NULL, NULL);
    assert_non_null(writer);
    assert_true(replay_finish(writer, 0, NULL));
    ReplayReader *reader = open_whole(place.path);
    assert_string_equal(replay_facts(reader)->title, "?[2Jhi?");
    replay_close(reader);
    replay_put_facts(at, &FACTS, 0, false);
    assert_null(replay_get_facts(at, &got, &first, &has_state));
    memset(at, 'x', 64);
    assert_non_null(replay_get_facts(at, &got, &first, &has_state));
    replay_put_facts(at, &FACTS, 1, false);
    assert_non_null(replay_get_facts(at, &got, &first, &has_state));
    for (uint32_t rate = 0; rate <= 1001; rate += 1001) {
        facts.tick_rate = rate;
        replay_put_facts(at, &facts, 0, false);
        assert_non_null(replay_get_facts(at, &got, &first, &has_state));
    }
    remove_place(&place);
}

static void bytes_behind_the_end_are_said(void **unused)
{
    // Scenario: another file was appended to a whole one.
    // Expect: all ticks, finished, and the damage says what follows.
    (void)unused;
    static uint8_t file[FILE_ROOM];
    Place place = make_place();
    record_small(place.path);
    size_t size_bytes = load(place.path, file);
    memcpy(file + size_bytes, file, size_bytes);
    store(place.path, file, 2 * size_bytes);
    Fault damage;
    ReplayReader *reader = replay_open(place.path, &damage, NULL);
    assert_non_null(reader);
    assert_non_null(strstr(damage.text, "follow the end"));
    assert_int_equal(replay_last(reader), 111);
    replay_close(reader);
    remove_place(&place);
}

static void random_changes_with_right_checksums_are_survived(void **unused)
{
    // Scenario: 3000 times the small file with some bytes of some chunks changed and the checksums
    // made right again, as an attacker would.
    // Expect: no crash; what opens plays to its end.
    (void)unused;
    static uint8_t file[FILE_ROOM], copy[FILE_ROOM];
    Place place = make_place();
    hl_rng rng;
    hl_seed(&rng, 9, 1);
    record_small(place.path);
    size_t size_bytes = load(place.path, file);
    int opened = 0;
    for (int round = 0; round < 3000; round++) {
        memcpy(copy, file, size_bytes);
        for (size_t at = FILE_HEAD_BYTES; at < size_bytes;) {
            uint8_t *head = copy + at, *payload = head + CHUNK_HEAD_BYTES;
            size_t payload_bytes = get_u32(head + 4);
            if (payload_bytes > 0 && hl_rand_int(&rng, 0, 3) == 0) {
                int last = (int)payload_bytes - 1;
                payload[hl_rand_int(&rng, 0, last < 40 ? last : 40)] = (uint8_t)hl_rand(&rng);
                payload[hl_rand_int(&rng, 0, last)] ^= (uint8_t)(1u << hl_rand_int(&rng, 0, 7));
            }
            (void)put_u64(head + 12, replay_chunk_hash(head, payload, payload_bytes));
            at += CHUNK_HEAD_BYTES + payload_bytes;
        }
        bool is_damaged;
        uint64_t ticks;
        opened += play_bytes(copy, size_bytes, &is_damaged, &ticks);
    }
    assert_true(opened > 100);
    remove_place(&place);
}

static void a_build_is_announced_once(void **unused)
{
    // Scenario: a build, two restarts and back by one of them; back by the other as well.
    // Expect: one BUILD event both times, in its place.
    (void)unused;
    Place place = make_place();
    for (int is_all = 0; is_all < 2; is_all++) {
        ReplayWriter *writer = create(place.path, NULL);
        put_ticks(writer, 0, 2);
        assert_true(replay_put_build(writer, &BUILD_2, NULL));
        assert_true(replay_put_restart(writer, NULL));
        assert_true(replay_put_restart(writer, NULL));
        assert_true(replay_put_rewind(writer, 1, NULL));
        assert_true(!is_all || replay_put_rewind(writer, 1, NULL));
        put_ticks(writer, 2, 1);
        assert_true(replay_finish(writer, 0, NULL));
        ReplayReader *reader = open_whole(place.path);
        expect_ticks(reader, 0, 2, 1);
        expect_build(reader, &BUILD_2, 2);
        if (!is_all) {
            expect_restart(reader, 3);
        }
        expect_ticks(reader, 2, 1, is_all ? 3 : 4);
        expect_end(reader, true, is_all ? 3 : 4, 0);
        replay_close(reader);
    }
    remove_place(&place);
}

// ------------------------------------------------------------------------------------------ types

static void expect_types(ReplayReader *reader, uint32_t number, const uint8_t *types,
                         size_t types_bytes)
{
    Arena arena;
    const uint8_t *got;
    size_t got_bytes;
    assert_true(arena_open(&arena, 0, 1 << 20, NULL));
    assert_int_equal(replay_types(reader, number, &arena, &got, &got_bytes), types != NULL);
    assert_int_equal(got_bytes, types_bytes);
    if (types) {
        assert_memory_equal(got, types, types_bytes);
    }
    arena_close(&arena);
}

static void every_keyframe_knows_its_types(void **unused)
{
    // Scenario: builds with the first types, the second, the first again, none, and none again,
    // with a keyframe after each; then time goes back to before the fourth. Expect: each keyframe
    // and each build has those that it was put with; the file holds each of the two only once; a
    // build put after the jump has its own.
    (void)unused;
    Place place = make_place();
    uint32_t first_page = 0;
    ReplayBuild one = with_types(&BUILD, TYPES_1, sizeof(TYPES_1));
    ReplayBuild two = with_types(&BUILD_2, TYPES_2, sizeof(TYPES_2));
    const ReplayBuild *const builds[] = {&two, &one, &BUILD_3, &BUILD_2};
    ReplayWriter *writer = create_with_types(place.path, NULL);
    put_ticks(writer, 0, 1);
    put_keyframe(writer, 0, true, 8, &first_page, 1);
    for (uint32_t i = 0; i < COUNT_OF(builds); i++) {
        assert_true(replay_put_build(writer, builds[i], NULL));
        put_ticks(writer, i + 1, 1);
        put_keyframe(writer, i + 1, true, 8, &first_page, 1);
    }
    assert_true(replay_put_rewind(writer, 1, NULL));
    assert_true(replay_put_build(writer, &two, NULL));
    put_ticks(writer, 9, 1);
    put_keyframe(writer, 9, true, 8, &first_page, 1);
    assert_true(replay_finish(writer, 1, NULL));
    ReplayReader *reader = open_whole(place.path);
    static const struct {
        const uint8_t *types;
        size_t types_bytes;
    } WANTED[] = {{TYPES_1, sizeof(TYPES_1)},
                  {TYPES_1, sizeof(TYPES_1)},
                  {TYPES_2, sizeof(TYPES_2)},
                  {TYPES_1, sizeof(TYPES_1)},
                  {NULL, 0},
                  {TYPES_2, sizeof(TYPES_2)}};
    for (uint64_t at = 0; at < COUNT_OF(WANTED); at++) {
        expect_types(reader, replay_types_of_state(reader, at), WANTED[at].types,
                     WANTED[at].types_bytes);
    }
    ReplayEvent event;
    for (uint64_t at = 0; at + 1 < COUNT_OF(WANTED);) {
        replay_next(reader, &event);
        at += event.kind == REPLAY_EVENT_TICK;
        if (event.kind == REPLAY_EVENT_BUILD) {
            expect_types(reader, event.types, WANTED[at + 1].types, WANTED[at + 1].types_bytes);
        }
    }
    static uint8_t file[FILE_ROOM];
    size_t size_bytes = load(place.path, file), at = FILE_HEAD_BYTES, types_bytes = 0;
    while (at < size_bytes) {
        uint32_t tag;
        size_t next = next_chunk(file, at, &tag);
        types_bytes += tag == TAG_TYPES ? next - at : 0;
        at = next;
    }
    assert_in_range(types_bytes, 1, 5 * (CHUNK_HEAD_BYTES + 9) + 13 + 60);
    ReplaySummary summary;
    replay_summary(reader, &summary);
    assert_int_equal(summary.types_bytes, types_bytes);
    replay_close(reader);
    remove_place(&place);
}

static void a_file_without_types_is_read(void **unused)
{
    // Scenario: a file of the version before, which has no types.
    // Expect: it opens whole; its types are not known.
    (void)unused;
    static uint8_t file[FILE_ROOM];
    Place place = make_place();
    ReplayWriter *writer = create(place.path, NULL);
    put_ticks(writer, 0, 3);
    assert_true(replay_put_build(writer, &BUILD_2, NULL));
    put_ticks(writer, 3, 1);
    assert_true(replay_finish(writer, 1, NULL));
    size_t size_bytes = load(place.path, file);
    file[8] = 2;
    store(place.path, file, size_bytes);
    ReplayReader *reader = open_whole(place.path);
    expect_ticks(reader, 0, 3, 1);
    expect_build(reader, &BUILD_2, 3);
    expect_types(reader, replay_types_of_state(reader, 4), NULL, 0);
    expect_types(reader, 1, NULL, 0);
    replay_close(reader);
    remove_place(&place);
}

static void types_that_are_too_large_are_not_known(void **unused)
{
    // Scenario: a build with a byte more of types than is kept; the next one has few again.
    // Expect: recorded on; of the first they are not known, of the second they are.
    (void)unused;
    Place place = make_place();
    uint8_t *large = calloc(1, REPLAY_TYPES_MAX + 1);
    assert_non_null(large);
    ReplayBuild first = with_types(&BUILD_2, large, REPLAY_TYPES_MAX + 1);
    ReplayBuild second = with_types(&BUILD_3, large, REPLAY_TYPES_MAX);
    ReplayWriter *writer = create_with_types(place.path, NULL);
    assert_true(replay_put_build(writer, &first, NULL));
    put_ticks(writer, 0, 1);
    assert_true(replay_put_build(writer, &second, NULL));
    put_ticks(writer, 1, 1);
    assert_true(replay_finish(writer, 1, NULL));
    ReplayReader *reader = open_whole(place.path);
    ReplayEvent event;
    Arena arena;
    const uint8_t *types;
    size_t types_bytes;
    assert_true(arena_open(&arena, 0, 2 * REPLAY_TYPES_MAX, NULL));
    replay_next(reader, &event);
    assert_int_equal(event.types, 0);
    expect_tick(reader, 0, 1);
    replay_next(reader, &event);
    assert_true(replay_types(reader, event.types, &arena, &types, &types_bytes));
    assert_int_equal(types_bytes, REPLAY_TYPES_MAX);
    arena_close(&arena);
    replay_close(reader);
    free(large);
    remove_place(&place);
}

static void put_types_head(uint8_t *payload, uint32_t number, uint32_t size, uint8_t coding)
{
    (void)put_u32(put_u32(payload, number), size);
    payload[8] = coding;
}

static void forged_types_are_found(void **unused)
{
    // Scenario: TYPE chunks with right checksums that make no sense: too short, of no size, larger
    // than the limit, of another length than they say, a number over the limit, one that is known
    // with bytes again, in the middle of nowhere; and one whose bytes cannot be unpacked.
    // Expect: said, and all ticks play; of the last the types cannot be had.
    (void)unused;
    static const struct {
        uint32_t number, size;
        uint8_t coding;
        size_t bytes;
        bool is_behind_ticks;
    } FORGED[] = {
        {1, 0, 0, 3, false},           {1, 4, 0, 8, false},  {1, 0, 0, 9, false},
        {1, 0x7fffffff, 1, 12, false}, {1, 4, 0, 12, false}, {70000, 4, 0, 13, false},
        {0, 4, 0, 13, false},          {1, 4, 2, 13, false}, {1, 4, 0, 13, true},
    };
    static Forge forge;
    uint8_t payload[64] = {0}, tick[2] = {1, 0};
    for (size_t i = 0; i <= COUNT_OF(FORGED); i++) {
        bool is_last = i == COUNT_OF(FORGED), is_behind = !is_last && FORGED[i].is_behind_ticks;
        forge_start(&forge, false);
        put_types_head(payload, is_last ? 1 : FORGED[i].number, is_last ? 4 : FORGED[i].size,
                       is_last ? 1 : FORGED[i].coding);
        for (int when = 0; when < 2; when++) {
            if (when == is_behind) {
                forge_chunk(&forge, TAG_TYPES, payload, is_last ? 13 : FORGED[i].bytes);
            }
            if (when == 0) {
                forge_ticks(&forge, 1, 1, CODING_PLAIN, tick, 1);
            }
        }
        forge_end(&forge, 1);
        expect_forged(&forge, true, !is_last, 1);
        Fault fault;
        ReplayReader *reader = replay_open_bytes(forge.data, forge.size_bytes, "x", NULL, &fault);
        assert_non_null(reader);
        expect_types(reader, replay_types_of_state(reader, 1), NULL, 0);
        replay_close(reader);
    }
}

// ------------------------------------------------------------------------------ the fuzzer's seeds

static void seed_start_only(ReplayWriter *writer)
{
    (void)writer;
}

static void seed_quiet(ReplayWriter *writer)
{
    for (int i = 0; i < 130; i++) {
        hl_input input = make_input(1);
        assert_true(replay_put_tick(writer, &input, NULL, NULL));
    }
}

static void seed_busy(ReplayWriter *writer)
{
    put_ticks(writer, 0, 60); // many enough to be packed
}

static void seed_restarts(ReplayWriter *writer)
{
    for (uint32_t i = 0; i < 3; i++) {
        put_ticks(writer, i, 1);
        assert_true(replay_put_restart(writer, NULL));
    }
    assert_true(replay_put_rewind(writer, 2, NULL));
}

static void seed_rewinds(ReplayWriter *writer)
{
    put_ticks(writer, 0, 20);
    assert_true(replay_put_rewind(writer, 7, NULL));
    put_ticks(writer, 50, 3);
    assert_true(replay_put_rewind(writer, 0, NULL));
    assert_true(replay_put_rewind(writer, 16, NULL));
    put_ticks(writer, 70, 2);
}

static void seed_builds(ReplayWriter *writer)
{
    put_ticks(writer, 0, 3);
    assert_true(replay_put_build(writer, &BUILD_2, NULL));
    put_ticks(writer, 3, 3);
    assert_true(replay_put_rewind(writer, 4, NULL));
    assert_true(replay_put_build(writer, &BUILD_3, NULL));
    put_ticks(writer, 6, 1);
}

static void seed_types(ReplayWriter *writer)
{
    const ReplayBuild builds[] = {with_types(&BUILD_2, TYPES_2, sizeof(TYPES_2)),
                                  with_types(&BUILD_3, TYPES_1, sizeof(TYPES_1)), BUILD_3,
                                  with_types(&BUILD_2, TYPES_2, sizeof(TYPES_2))};
    for (uint32_t i = 0; i < COUNT_OF(builds); i++) {
        assert_true(replay_put_build(writer, &builds[i], NULL));
        put_ticks(writer, i, 1);
        put_keyframe(writer, i + 1, true, 8, (const uint32_t[]){1}, 1);
    }
}

static void seed_files(ReplayWriter *writer)
{
    static const char level[600] = "####";
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "l/a.txt", true, level, 600, NULL));
    put_ticks(writer, 0, 1);
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "l/a.txt", true, "12", 2, NULL));
    assert_true(replay_put_bytes(writer, REPLAY_SAVE, "best", false, NULL, 0, NULL));
    put_ticks(writer, 1, 1);
    assert_true(replay_put_bytes(writer, REPLAY_SAVE, "slot", true, "abc", 3, NULL));
}

static void seed_keyframes(ReplayWriter *writer)
{
    put_keyframe(writer, 1, true, 8, (const uint32_t[]){0, 1, 3}, 3);
    put_ticks(writer, 0, 2);
    put_keyframe(writer, 2, false, 4, (const uint32_t[]){1}, 1);
    put_ticks(writer, 2, 2);
    put_keyframe(writer, 3, false, 9, (const uint32_t[]){0, 8}, 2);
    put_ticks(writer, 4, 2);
    assert_true(replay_put_rewind(writer, 3, NULL));
}

static void seed_edits(ReplayWriter *writer)
{
    put_ticks(writer, 0, 1);
    assert_true(replay_put_edit(writer, "hero.pos.x", "12.5", NULL));
    assert_true(replay_put_edit(writer, "title", "", NULL));
    put_ticks(writer, 1, 2);
    assert_true(replay_put_edit(writer, "hero.hp", "0", NULL));
    assert_true(replay_put_rewind(writer, 1, NULL));
}

static void seed_hashes(ReplayWriter *writer)
{
    uint32_t pages[150], hashes[150];
    for (uint32_t i = 0; i < COUNT_OF(pages); i++) {
        pages[i] = 3 * i;
        hashes[i] = i;
    }
    for (uint32_t i = 0; i < 4; i++) {
        hl_input input = make_input(i);
        ReplayCheck check = {i, pages, hashes, i == 2 ? 0 : 150};
        assert_true(replay_put_tick(writer, &input, &check, NULL));
    }
}

// The first, "small", has every kind of chunk but EDIT. Some are cut, so that a read past the last
// chunk is one past the end of the bytes.
static const struct {
    const char *name;
    void (*record)(ReplayWriter *writer);
    size_t cut_bytes;
} SEEDS[] = {
    {"small", NULL, 0},
    {"start", seed_start_only, 0},
    {"quiet", seed_quiet, 0},
    {"busy", seed_busy, 0},
    {"restarts", seed_restarts, 0},
    {"rewinds", seed_rewinds, 0},
    {"builds", seed_builds, 0},
    {"types", seed_types, 0},
    {"files", seed_files, CHUNK_HEAD_BYTES + END_BYTES},
    {"keyframes", seed_keyframes, 0},
    {"hashes", seed_hashes, 0},
    {"edits", seed_edits, 0},
    {"not_ended", seed_busy, CHUNK_HEAD_BYTES + END_BYTES},
    {"cut", seed_rewinds, 60},
};

static void record_seed(size_t nth, const char *path)
{
    if (!SEEDS[nth].record) {
        record_small(path);
        return;
    }
    ReplayWriter *writer = create(path, NULL);
    SEEDS[nth].record(writer);
    assert_true(replay_finish(writer, 0xfeed, NULL));
    assert_int_equal(truncate(path, file_bytes(path) - (off_t)SEEDS[nth].cut_bytes), 0);
}

static void the_seeds_are_those_in_the_repository(void **unused)
{
    // Scenario: the fuzzer's seeds are made anew.
    // Expect: engine/replay/corpus holds the same fourteen, each below 4 KiB, and no other; they
    // open. When the format changes: rm engine/replay/corpus/*, replay_test --corpus that folder.
    (void)unused;
    static uint8_t made[FILE_ROOM], kept[FILE_ROOM];
    const char *folder = TEST_SOURCE_DIR "/engine/replay/corpus";
    Place place = make_place();
    char path[512];
    for (size_t i = 0; i < COUNT_OF(SEEDS); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, SEEDS[i].name);
        record_seed(i, place.path);
        size_t size_bytes = load(place.path, made);
        assert_in_range(size_bytes, 1, 4095);
        if (size_bytes != load(path, kept) || memcmp(made, kept, size_bytes) != 0) {
            fail_msg("%s is another one; make it anew with replay_test --corpus %s", path, folder);
        }
        bool is_damaged;
        uint64_t ticks;
        assert_true(play_bytes(kept, size_bytes, &is_damaged, &ticks));
        assert_int_equal(is_damaged, SEEDS[i].cut_bytes > 0);
    }
    size_t count = 0;
    DIR *list = opendir(folder);
    assert_non_null(list);
    for (const struct dirent *entry; (entry = readdir(list));) {
        count += entry->d_name[0] != '.';
    }
    (void)closedir(list);
    assert_int_equal(count, COUNT_OF(SEEDS));
    remove_place(&place);
}

static int make_corpus(const char *folder)
{
    char path[512];
    for (size_t i = 0; i < COUNT_OF(SEEDS); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, SEEDS[i].name);
        record_seed(i, path);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--corpus") == 0) {
        return make_corpus(argv[2]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_comes_back_as_it_was),
        cmocka_unit_test(edits_are_moments_of_their_own),
        cmocka_unit_test(edits_that_are_none_are_refused),
        cmocka_unit_test(values_that_lie_are_none),
        cmocka_unit_test(a_recording_may_begin_before_init),
        cmocka_unit_test(what_was_undone_is_never_played),
        cmocka_unit_test(the_build_outlives_a_jump_back),
        cmocka_unit_test(a_build_of_the_same_sources_says_so),
        cmocka_unit_test(keyframes_are_put_together),
        cmocka_unit_test(keyframes_of_the_undone_part_vanish),
        cmocka_unit_test(ticks_survive_their_coding),
        cmocka_unit_test(rows_of_equal_inputs_come_back),
        cmocka_unit_test(quiet_ticks_cost_next_to_nothing),
        cmocka_unit_test(a_minute_of_a_small_game_is_small),
        cmocka_unit_test(a_tick_may_change_very_many_pages),
        cmocka_unit_test(what_is_in_it_is_listed),
        cmocka_unit_test(e79_places_that_are_no_files_are_not_recorded_to),
        cmocka_unit_test(e80_a_full_disk_ends_the_recording_not_the_game),
        cmocka_unit_test(e81_inputs_reach_the_disk_in_time),
        cmocka_unit_test(e82_a_change_on_disk_is_seen),
        cmocka_unit_test(e84_a_second_writer_is_refused),
        cmocka_unit_test(what_a_reader_would_refuse_is_not_written),
        cmocka_unit_test(a_start_that_makes_no_sense_touches_nothing),
        cmocka_unit_test(e70_an_empty_file_is_named),
        cmocka_unit_test(e71_a_foreign_file_is_named),
        cmocka_unit_test(e72_another_version_is_named),
        cmocka_unit_test(e73_a_file_cut_anywhere_plays_up_to_there),
        cmocka_unit_test(e74_a_flipped_bit_costs_its_block),
        cmocka_unit_test(a_damaged_keyframe_is_gone_around),
        cmocka_unit_test(e75_bombs_are_refused_before_they_unpack),
        cmocka_unit_test(e79_what_is_no_file_is_not_read),
        cmocka_unit_test(e83_names_stay_inside_their_folder),
        cmocka_unit_test(forged_ticks_are_found),
        cmocka_unit_test(forged_chunks_are_found),
        cmocka_unit_test(facts_are_made_harmless),
        cmocka_unit_test(bytes_behind_the_end_are_said),
        cmocka_unit_test(random_changes_with_right_checksums_are_survived),
        cmocka_unit_test(a_build_is_announced_once),
        cmocka_unit_test(every_keyframe_knows_its_types),
        cmocka_unit_test(a_file_without_types_is_read),
        cmocka_unit_test(types_that_are_too_large_are_not_known),
        cmocka_unit_test(forged_types_are_found),
        cmocka_unit_test(the_seeds_are_those_in_the_repository),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
