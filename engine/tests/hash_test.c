// The state's hash over compilers and levels: the same game with the same input gives the same hash
// after every tick, whatever it was built with, and a recording of one build verifies with another.
#include "session.h"

#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICKS "600"
enum { TICK_COUNT = 600 };

static const char KEYS[] = "5 key RIGHT down\n40 key RIGHT up\n60 tap SPACE\n80 key W down\n"
                           "120 key W up\n130 tap SPACE 4\n200 tap ENTER\n220 key RIGHT down\n"
                           "300 tap SPACE 8\n420 key RIGHT up\n";

typedef struct Build {
    const char *compiler, *flags;
} Build;

static const Build BUILDS[] = {{"gcc", "-O0"},   {"gcc", "-O1"},   {"gcc", "-O2"},
                               {"gcc", "-O3"},   {"clang", "-O0"}, {"clang", "-O1"},
                               {"clang", "-O2"}, {"clang", "-O3"}};
// With what the stack held, or a compiler's pattern, between the fields.
static const Build SOILED[] = {{"gcc", "-DSOILED -O0 -ftrivial-auto-var-init=pattern"},
                               {"gcc", "-DSOILED -O0 -ftrivial-auto-var-init=uninitialized"},
                               {"gcc", "-DSOILED -O2 -ftrivial-auto-var-init=uninitialized"},
                               {"clang", "-DSOILED -O0 -ftrivial-auto-var-init=pattern"},
                               {"clang", "-DSOILED -O2 -ftrivial-auto-var-init=uninitialized"}};
enum {
    BUILD_COUNT = sizeof(BUILDS) / sizeof(BUILDS[0]),
    SOILED_COUNT = sizeof(SOILED) / sizeof(SOILED[0])
};

static bool is_here(const Build *build)
{
    return place_has_program(build->compiler);
}

static const char *record(Place *place, const char *game, const Build *build, const char *file)
{
    place_write(place, "keys.txt", KEYS, IN_PLACE);
    const Output *said = PLACE_HOTLOOP(
        place, "run", place_path(place, game), "--headless", "--fast", "--ticks", TICKS, "--seed",
        "5", "--script", "keys.txt", "--record", file, "--cc", build->compiler, "--cflags",
        build->flags, "--assets", TEST_SOURCE_DIR "/assets");
    if (said->exit_code != 0) {
        fail_msg("%s %s: exit %d: %s%s", build->compiler, build->flags, said->exit_code, said->err,
                 said->out);
    }
    return place_text(place, "%s", said->out);
}

static const Output *verify(Place *place, const char *game, const Build *build, const char *file)
{
    return PLACE_HOTLOOP(place, "verify", file, "--game", place_path(place, game), "--cc",
                         build->compiler, "--cflags", build->flags, "--assets",
                         TEST_SOURCE_DIR "/assets");
}

static void verify_same(Place *place, const char *game, const Build *build, const char *file)
{
    const Output *said = verify(place, game, build, file);
    if (said->exit_code != 0 || !strstr(said->out, "same: " TICKS " ticks")) {
        fail_msg("%s %s: exit %d: %s%s", build->compiler, build->flags, said->exit_code, said->out,
                 said->err);
    }
}

// The hashes that the file has, one for each of its ticks.
static void read_hashes(Place *place, const char *file, uint64_t hashes[TICK_COUNT])
{
    Fault damage = {0}, fault;
    ReplayEvent event = {0};
    ReplayReader *reader = replay_open(place_path(place, file), &damage, &fault);
    int at = 0;
    assert_non_null(reader);
    for (replay_next(reader, &event); event.kind != REPLAY_EVENT_END; replay_next(reader, &event)) {
        if (event.kind == REPLAY_EVENT_TICK) {
            assert_true(event.has_hash && at < TICK_COUNT);
            hashes[at++] = event.hash;
        }
    }
    assert_int_equal(at, TICK_COUNT);
    replay_close(reader);
}

// Records with each build; all of a file's hashes must be those of the first one's.
static void compare_builds(Place *place, const char *game, const Build *builds, int count)
{
    static uint64_t first[TICK_COUNT], other[TICK_COUNT];
    for (int i = 0; i < count; i++) {
        if (!is_here(&builds[i])) {
            continue;
        }
        const char *file = place_text(place, "%d.replay", i);
        (void)record(place, game, &builds[i], file);
        read_hashes(place, file, i == 0 ? first : other);
        for (int tick = 0; i > 0 && tick < TICK_COUNT; tick++) {
            if (other[tick] != first[tick]) {
                fail_msg("%s by %s %s: tick %d has another hash than by %s %s", game,
                         builds[i].compiler, builds[i].flags, tick + 1, builds[0].compiler,
                         builds[0].flags);
            }
        }
    }
}

// ------------------------------------------------------------------------------------------- cases

static void every_build_has_the_same_hash_in_every_tick(Place *place)
{
    // Scenario: a game full of padding, unions, bit-fields, copies of structs, pointers to every
    // kind of thing, variables that optimisers take apart, memory that comes and goes, by gcc and
    // clang at each level.
    // Expect: 600 equal hashes; each recording verifies with the build after the one it is by.
    place_game(place, "holes.c", "game/holes.c");
    compare_builds(place, "game", BUILDS, BUILD_COUNT);
    for (int i = 0; i < BUILD_COUNT; i++) {
        const Build *next = &BUILDS[(i + 3) % BUILD_COUNT];
        if (is_here(&BUILDS[i]) && is_here(next)) {
            verify_same(place, "game", next, place_text(place, "%d.replay", i));
        }
    }
}

static void bytes_between_the_fields_do_not_matter(Place *place)
{
    // Scenario: the same with automatic variables that are filled with a pattern, or not at all.
    // Expect: one hash in each tick.
    place_game(place, "holes.c", "game/holes.c");
    compare_builds(place, "game", SOILED, SOILED_COUNT);
}

static void the_sample_games_agree(Place *place)
{
    // Scenario: each of the sample games is recorded by gcc -O0 and verified with the others.
    // Expect: they come out the same.
    static const char *const GAMES[] = {"platformer", "pong", "fire"};
    static const int OTHERS[] = {2, 3, 4, 6};
    for (size_t i = 0; i < COUNT_OF(GAMES); i++) {
        const char *game = place_text(place, TEST_SOURCE_DIR "/game/%s", GAMES[i]);
        (void)record(place, game, &BUILDS[0], place_text(place, "%s.replay", GAMES[i]));
        for (size_t k = 0; k < COUNT_OF(OTHERS); k++) {
            if (is_here(&BUILDS[OTHERS[k]])) {
                verify_same(place, game, &BUILDS[OTHERS[k]],
                            place_text(place, "%s.replay", GAMES[i]));
            }
        }
    }
}

static void a_rule_that_changed_shows_with_another_compiler(Place *place)
{
    // Scenario: a recording by gcc -O0 is verified by clang -O2 (else gcc -O2) after a function was
    // changed; and unchanged, but with a macro that the recorded build did not have.
    // Expect: diverged, exit 3, both builds are named; with the macro the same, and after the
    // change not comparable.
    const Build other = {is_here(&BUILDS[6]) ? "clang" : "gcc", "-O2"};
    const Build defined = {"gcc", "-O1 -DNOTHING"};
    place_game(place, "holes.c", "game/holes.c");
    (void)record(place, "game", &BUILDS[0], "first.replay");
    verify_same(place, "game", &defined, "first.replay");
    place_edit(place, "game/holes.c", "return x * 2;", "return x * 3;", RENAMED);
    const Output *said = verify(place, "game", &other, "first.replay");
    assert_int_equal(said->exit_code, 3);
    assert_non_null(strstr(said->out, "diverged"));
    assert_non_null(strstr(said->out, "recorded with `gcc -O0`"));
    said = verify(place, "game", &defined, "first.replay");
    assert_int_equal(said->exit_code, 1);
    assert_non_null(strstr(said->out, "not comparable"));
    assert_non_null(strstr(said->out, "-DNOTHING"));
}

static void hashes_of_another_kind_are_not_compared(Place *place)
{
    // Scenario: a file of an earlier hotloop, which does not say what kind its hashes are of.
    // Expect: not comparable, exit 1, and why; no word of a divergence.
    Fault damage, fault;
    ReplayBuild build;
    ReplayCheck check = {.hash = 12345};
    hl_input input = {0};
    uint64_t at;
    place_game(place, "holes.c", "game/holes.c");
    (void)record(place, "game", &BUILDS[0], "now.replay");
    ReplayReader *reader = replay_open(place_path(place, "now.replay"), &damage, &fault);
    assert_non_null(reader);
    ReplayFacts facts = *replay_facts(reader);
    assert_true(replay_build(reader, 0, &build, &at));
    char *kind = strstr(facts.machine, ", hash");
    assert_non_null(kind);
    *kind = '\0';
    ReplayWriter *writer =
        replay_create(place_path(place, "old.replay"), &facts, &build, NULL, &fault);
    assert_non_null(writer);
    assert_true(replay_put_tick(writer, &input, &check, &fault));
    assert_true(replay_finish(writer, check.hash, &fault));
    replay_close(reader);
    const Output *said = verify(place, "game", &BUILDS[0], "old.replay");
    assert_int_equal(said->exit_code, 1);
    assert_non_null(strstr(said->out, "not comparable"));
    assert_non_null(strstr(said->out, "hashed the state in another way"));
    assert_null(strstr(said->out, "diverged"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(every_build_has_the_same_hash_in_every_tick),
        CASE(bytes_between_the_fields_do_not_matter),
        CASE(the_sample_games_agree),
        CASE(a_rule_that_changed_shows_with_another_compiler),
        CASE(hashes_of_another_kind_are_not_compared),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
