#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "carry.h"

// A case is two builds of a game of one or two files. The first plays: it sets variables from
// g->in, and may leave words in g->words. Then everything is carried, and the second plays: what it
// leaves in g->out are the values that are checked.
#define GAME                                                                                       \
    "#include \"hotloop.h\"\n"                                                                     \
    "typedef struct Game { long in[8], out[16]; const void *words[8]; } Game;\n"                   \
    "typedef int (*Call)(int);\n"
#define GAME_END                                                                                   \
    "\nstatic void begin(Game *g, hl_tick *t) { (void)g; (void)t; }\n"                             \
    "static void update(Game *g, hl_tick *t) { (void)t; play(g); }\n"                              \
    "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"                        \
    "HL_GAME(Game, begin, update, draw, .title = \"Test\");\n"

enum { OUT_COUNT = 16, WORD_COUNT = 8, ITEMS_MAX = 16 };

typedef struct Game {
    long in[8], out[OUT_COUNT];
    const void *words[WORD_COUNT];
} Game;

typedef struct Compiler {
    const char *command, *optimise, *debug;
} Compiler;

static const Compiler COMPILERS[] = {{"gcc", "-O0", "-g"},   {"gcc", "-O1", "-g"},
                                     {"gcc", "-O2", "-g"},   {"clang", "-O0", "-g"},
                                     {"clang", "-O1", "-g"}, {"clang", "-O2", "-g"}};
typedef struct Fixture {
    char folder[64], copies[80];
    Arena memory;
    GameLibConfig config;
    uint32_t libraries;
} Fixture;

typedef struct Build {
    GameLib lib;
    Reflect *reflect;
    ReflectTable table;
} Build;

// What a case is made of; second files are NULL where there are none.
typedef struct Case {
    const char *before, *after;
    const char *before_more, *after_more; // a second file
    const char *more_before, *more_after; // its names; NULL: more.c
    long in[8], out[OUT_COUNT];
    int out_count;
    const char *items[ITEMS_MAX]; // "lost hits: 12" ... all that is to be named, and a part of why
} Case;

// One pair of builds, carried.
typedef struct Run {
    Fixture *fixture;
    Build old, new_;
    Carry *carry;
    CarryReport report;
    Game game;
} Run;

// --------------------------------------------------------------------------------------- builds

static void run_command(char *const arguments[])
{
    pid_t child;
    int status;

    assert_int_equal(posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fail_msg("%s failed", arguments[0]);
    }
}

static void write_text(const char *path, const char *a, const char *b, const char *c)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fprintf(file, "%s%s%s", a, b, c);
    assert_int_equal(fclose(file), 0);
}

static char *in_folder(Fixture *fixture, const char *name)
{
    return arena_format(&fixture->memory, "%s/%s", fixture->folder, name);
}

static void compile(Fixture *fixture, Build *build, const Compiler *compiler, const char *source,
                    const char *more, const char *more_name)
{
    char *library =
        arena_format(&fixture->memory, "%s/lib%u.so", fixture->folder, fixture->libraries++);
    char *main_path = in_folder(fixture, "game.c"), *more_path = in_folder(fixture, more_name);
    Arena *memory = &fixture->memory;
    char *arguments[] = {arena_copy_text(memory, compiler->command),
                         arena_copy_text(memory, compiler->optimise),
                         arena_copy_text(memory, compiler->debug),
                         arena_copy_text(memory, "-w"),
                         arena_copy_text(memory, "-shared"),
                         arena_copy_text(memory, "-fPIC"),
                         arena_copy_text(memory, "-fvisibility=hidden"),
                         arena_copy_text(memory, "-I" TEST_SOURCE_DIR "/engine/api"),
                         arena_copy_text(memory, "-o"),
                         library,
                         main_path,
                         more ? more_path : NULL,
                         NULL};
    Fault fault = {0};

    write_text(main_path, GAME, source, GAME_END);
    if (more) {
        write_text(more_path, GAME, more, "");
    }
    run_command(arguments);
    if (!gamelib_open(&build->lib, library, &fixture->config, &fault)) {
        fail_msg("%s", fault.text);
    }
    if (strcmp(compiler->debug, "-g") == 0) {
        build->reflect = reflect_open(build->lib.path, build->lib.image_first, &fault);
        assert_non_null(build->reflect);
        if (!reflect_table(build->reflect, memory, &build->table, &fault)) {
            fail_msg("%s", fault.text);
        }
    }
}

static CarryBuild of(const Build *build)
{
    return (CarryBuild){&build->lib, build->reflect ? &build->table : NULL};
}

static void close_build(Build *build)
{
    reflect_close(build->reflect);
    gamelib_close(&build->lib);
    *build = (Build){0};
}

// Everything but the second game's own turn.
static void run_first(Run *run, const Case *what, const Compiler *compiler)
{
    CarryBuild from, to;

    compile(run->fixture, &run->old, compiler, what->before, what->before_more,
            what->more_before ? what->more_before : "more.c");
    compile(run->fixture, &run->new_, compiler, what->after, what->after_more,
            what->more_after ? what->more_after : "more.c");
    from = of(&run->old);
    to = of(&run->new_);
    memcpy(run->game.in, what->in, sizeof run->game.in);
    run->old.lib.game->update(&run->game, NULL);
    run->carry = carry_open(&run->fixture->memory, &from, &to);
    carry_globals(run->carry, &run->report, &run->fixture->memory);
}

static const char *fate_name(CarryFate fate)
{
    static const char *const names[] = {[CARRIED] = "carried",
                                        [CARRY_CHANGED] = "changed",
                                        [CARRY_LOST] = "lost",
                                        [CARRY_GONE] = "gone"};
    return names[fate];
}

// "lost hits: 12" is an item of fate "lost" and name "hits" whose text has "12" in it.
static bool item_is(const CarryItem *item, const char *expected)
{
    char head[256];
    snprintf(head, sizeof head, "%s %s:", fate_name(item->fate), item->name);
    if (strncmp(expected, head, strlen(head)) != 0) {
        return false;
    }
    const char *part = expected + strlen(head);
    part += *part == ' ';
    return strstr(item->text, part) != NULL;
}

static bool is_expected(const CarryItem *item, const char *const *expected)
{
    for (int i = 0; i < ITEMS_MAX && expected[i]; i++) {
        if (item_is(item, expected[i])) {
            return true;
        }
    }
    return false;
}

static void print_items(const Run *run)
{
    for (uint32_t i = 0; i < run->report.item_count; i++) {
        const CarryItem *item = &run->report.items[i];
        print_message("%s %s: %s\n", fate_name(item->fate), item->name, item->text);
    }
}

static void check_items(const Run *run, const Case *what, const char *label)
{
    for (uint32_t i = 0; i < run->report.item_count; i++) {
        const CarryItem *item = &run->report.items[i];
        if (item->fate != CARRIED && !is_expected(item, what->items)) {
            fail_msg("%s: not expected: %s %s: %s", label, fate_name(item->fate), item->name,
                     item->text);
        }
    }
    for (int i = 0; i < ITEMS_MAX && what->items[i]; i++) {
        uint32_t at = 0;
        while (at < run->report.item_count && !item_is(&run->report.items[at], what->items[i])) {
            at++;
        }
        if (at == run->report.item_count) {
            print_items(run);
            fail_msg("%s: not named: %s", label, what->items[i]);
        }
    }
}

static void check_values(const Run *run, const Case *what, const char *label)
{
    for (int i = 0; i < what->out_count; i++) {
        if (run->game.out[i] != what->out[i]) {
            print_items(run);
            fail_msg("%s: out[%d] is %ld, not %ld", label, i, run->game.out[i], what->out[i]);
        }
    }
}

static void finish(Run *run)
{
    size_t used = run->fixture->memory.used_bytes;
    close_build(&run->old);
    close_build(&run->new_);
    assert_true(used > 0);
    arena_reset(&run->fixture->memory, 0);
}

static void expect_with(Fixture *fixture, const Case *what, const Compiler *compilers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Run run = {.fixture = fixture};
        char label[64];
        snprintf(label, sizeof label, "%s %s %s", compilers[i].command, compilers[i].optimise,
                 compilers[i].debug);
        run_first(&run, what, &compilers[i]);
        for (int w = 0; w < WORD_COUNT; w++) {
            bool gone;
            uint64_t word = (uintptr_t)run.game.words[w];
            word = carry_word(run.carry, word, &gone);
            run.game.words[w] = (const void *)(uintptr_t)word; // NOLINT
        }
        run.new_.lib.game->update(&run.game, NULL);
        check_values(&run, what, label);
        check_items(&run, what, label);
        finish(&run);
    }
}

#define EXPECT(state, ...)                                                                         \
    expect_with(*(state), &(const Case){__VA_ARGS__}, COMPILERS, COUNT_OF(COMPILERS))

static int open_everything(void **state)
{
    static Fixture fixture;
    Fault fault = {0};

    assert_true(arena_open(&fixture.memory, 0, 1u << 30, &fault));
    snprintf(fixture.folder, sizeof fixture.folder, "/tmp/carry_test_XXXXXX");
    assert_non_null(mkdtemp(fixture.folder));
    snprintf(fixture.copies, sizeof fixture.copies, "%s/copies", fixture.folder);
    assert_int_equal(mkdir(fixture.copies, 0700), 0);
    fixture.config = (GameLibConfig){.folder = fixture.copies};
    *state = &fixture;
    return 0;
}

static int close_everything(void **state)
{
    Fixture *fixture = *state;
    char remove[] = "rm", recursive[] = "-rf";

    run_command((char *[]){remove, recursive, fixture->folder, NULL});
    arena_close(&fixture->memory);
    return 0;
}

// ---------------------------------------------------------------------------------- initialisers

static void unchanged_initialiser_leaves_the_live_value(void **state)
{
    // Scenario: externs, statics, statics of functions and of blocks, with and without
    // initialisers; the code around them changes, not they. Expect: each goes on with its own live
    // value.
    EXPECT(
        state,
        .before = "int score = 3; static double speed = 1.5; static long none;\n"
                  "static int count(int by) { static int calls = 10; { static int calls; calls "
                  "+= by; if (by < 0) return calls; } return calls += by; }\n"
                  "static void play(Game *g) { score += g->in[0]; speed *= 2; none += g->in[1]; "
                  "g->out[0] = score + speed + none + count((int)g->in[0]); }",
        .after =
            "static int fresh = 9;\nstatic int count(int by) { static int calls = 10; { static "
            "int calls; calls += by; if (by < 0) return calls; } return calls += by; }\n"
            "static long none; int score = 3; static double speed = 1.5;\n"
            "static void play(Game *g) { g->out[0] = score++; g->out[1] = speed * 10; speed "
            "*= 3; g->out[2] = none++; g->out[3] = count(g->in[2]); g->out[4] = count(g->in[3]); "
            "g->out[5] = fresh++; }",
        .in = {4, 77, 0, -1}, .out = {7, 30, 77, 14, 3, 9}, .out_count = 6);
}

static void changed_initialiser_wins(void **state)
{
    // Scenario: one initialiser is changed, given or taken away; elements and members of others.
    // Expect: the new value of those, the live value of all else, and each change is named.
    EXPECT(
        state,
        .before = "typedef struct V { int x, y; float z; } V;\n"
                  "int speed = 5; int given; int taken = 8; int row[4] = {1, 2, 3, 4};\n"
                  "V v = {1, 2, 3}; char name[8] = \"hero\"; char same[8] = \"one\";\n"
                  "static void play(Game *g) { speed += g->in[0]; given = 6; taken = 9; for (int "
                  "i = 0; i < 4; i++) row[i] += 10; v.x += 10; v.y += 10; v.z += 10; name[0] = "
                  "'H'; same[0] = 'X'; }",
        .after = "typedef struct V { int x, y; float z; } V;\n"
                 "int speed = 7; int given = 2; int taken; int row[6] = {1, 2, 33, 4, 5, 6};\n"
                 "V v = {1, 22, 3}; char name[8] = \"heroine\"; char same[8] = \"one\";\n"
                 "static void play(Game *g) { g->out[0] = speed; g->out[1] = given; g->out[2] = "
                 "taken; g->out[3] = row[0] + 100 * row[1]; g->out[4] = row[2]; g->out[5] = "
                 "row[3] + 100 * row[4]; g->out[6] = v.x; g->out[7] = v.y; g->out[8] = v.z; "
                 "g->out[9] = name[0]; g->out[10] = same[0]; g->out[11] = row[5]; }",
        .in = {1}, .out = {7, 2, 0, 11 + 1200, 33, 14 + 500, 11, 22, 13, 'h', 'X', 6},
        .out_count = 12,
        .items = {"changed speed: was 6 and is 7", "changed given: was 6", "changed taken: was 9",
                  "changed row[2]: was 13 and is 33", "changed v.y: was 12 and is 22",
                  "changed name: was \"Hero\" and is \"heroine\""});
}

static void numbers_go_by_value(void **state)
{
    // Scenario: variables change their arithmetic type, with the same initialiser.
    // Expect: the C value, extended by the old type; what does not fit is named and starts afresh.
    EXPECT(
        state,
        .before = "int a; unsigned char b = 200; int c; float d = 0.1f; int e; double f; int h; "
                  "double i = 2.5; long j; _Bool k; int l = 3; int big = 300;\n"
                  "static void play(Game *g) { a = g->in[0]; b += 50; c = g->in[1]; d *= 2; e = "
                  "g->in[2]; f = g->in[0] * 0.25; h = g->in[0]; i += g->in[1]; j = g->in[3]; k = "
                  "g->in[1]; l += 4; big++; }",
        .after = "long a; int b = 200; unsigned char c; double d = 0.1; unsigned e; int f; _Bool "
                 "h; float i = 2.5f; double j; int k; float l = 3; unsigned char big = 44;\n"
                 "static void play(Game *g) { g->out[0] = a; g->out[1] = b; g->out[2] = c; "
                 "g->out[3] = d * 1000; g->out[4] = e; g->out[5] = f; g->out[6] = h; g->out[7] "
                 "= i; g->out[8] = j; g->out[9] = k; g->out[10] = l; g->out[11] = big; a++, "
                 "b++, c++, d++, e++, f++, h = !h, i++, j++, k++, l++, big++; }",
        .in = {-7, 1000, -1, (1L << 53) + 1}, .out = {-7, 250, 0, 200, 0, -1, 1, 1002, 0, 1, 7, 44},
        .out_count = 12,
        .items = {"lost c: was 1000", "lost e: was -1", "lost j: was 9007199254740993",
                  "changed big: was 301 and is 44"});
}

static void enums_go_by_name(void **state)
{
    // Scenario: enumerators are inserted, renamed and removed; flags are renumbered; arrays are
    // indexed by one.
    // Expect: a live value goes by its name, by its number where the name is gone and a new one has
    // it; a number that means another old name now is named.
    EXPECT(
        state,
        .before = "typedef enum S { IDLE, RUN, JUMP, DEAD } S; typedef enum F { A = 1, B = 2, C = "
                  "4 } F; typedef enum R { R0, ROLD, R2 } R; typedef enum G { G0, G1, G2 } G;\n"
                  "S state, start = RUN, odd; F flags; R renamed; G gone; int hits[4];\n"
                  "static void play(Game *g) { state = g->in[0]; start = g->in[1]; flags = "
                  "g->in[2]; renamed = g->in[3]; gone = g->in[3]; odd = g->in[4]; hits[g->in[0]] "
                  "= 5; }",
        .after = "typedef enum S { IDLE, NEW, RUN, JUMP, DEAD } S; typedef enum F { X = 1, A = 2, "
                 "B = 4, C = 8 } F; typedef enum R { R0, RNEW, R2 } R; typedef enum G { G0, G2 } "
                 "G;\n"
                 "S state, start = RUN, odd; F flags; R renamed; G gone; int hits[4];\n"
                 "static void play(Game *g) { g->out[0] = state; g->out[1] = start; g->out[2] = "
                 "flags; g->out[3] = renamed; g->out[4] = gone; g->out[5] = odd; g->out[6] = "
                 "hits[2]; state++, start++, flags++, renamed++, gone++, odd++, hits[2]++; }",
        .in = {2, 3, 5, 1, 77}, .out = {3, 4, 10, 1, 0, 77, 5}, .out_count = 7,
        .items = {"lost gone: was G1"});
}

static void arrays_go_by_index(void **state)
{
    // Scenario: arrays grow, shrink, get a dimension; a scalar becomes an array and back.
    // Expect: by index in each dimension; new elements have their initialiser; cut ones that are
    // not at theirs are named.
    EXPECT(
        state,
        .before = "int grow[2] = {1, 2}; int cut[4]; int grid[2][3]; int one; int many[3]; int "
                  "flat[4]; char text[16] = \"a\"; char low[4] = \"b\";\n"
                  "static void play(Game *g) { grow[1] = 9; cut[1] = 5; cut[3] = 6; grid[1][2] = "
                  "7; one = g->in[0]; many[0] = 3; many[2] = 8; flat[3] = 4; for (int i = 0; i "
                  "< 9; i++) text[i] = 'x'; low[0] = 'c'; }",
        .after = "int grow[4] = {1, 2, 3, 4}; int cut[2]; int grid[3][4]; int one[2]; int many; "
                 "int flat[2][2]; char text[8] = \"a\"; char low[6] = \"b\";\n"
                 "static void play(Game *g) { g->out[0] = grow[1]; g->out[1] = grow[3]; "
                 "g->out[2] = cut[1]; g->out[3] = grid[1][2]; g->out[4] = one[0] + one[1]; "
                 "g->out[5] = many; g->out[6] = flat[1][1]; g->out[7] = text[0]; g->out[8] = "
                 "low[0]; long i = g->in[1]; grow[i]++, cut[i]++, grid[i][i]++, one[i]++, many++, "
                 "flat[i][i]++, text[i]++, low[i]++; }",
        .in = {11, 1}, .out = {9, 4, 5, 7, 11, 3, 0, 'a', 'c'}, .out_count = 9,
        .items = {"lost cut[3]: was 6", "lost many[2]: was 8", "lost flat: 4",
                  "lost text: \"xxxxxxxxx\""});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unchanged_initialiser_leaves_the_live_value),
        cmocka_unit_test(changed_initialiser_wins),
        cmocka_unit_test(numbers_go_by_value),
        cmocka_unit_test(enums_go_by_name),
        cmocka_unit_test(arrays_go_by_index),
    };

    return cmocka_run_group_tests(tests, open_everything, close_everything);
}
