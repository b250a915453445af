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

static const Compiler COMPILERS[] = {
    {"gcc", "-O0", "-g"}, {"gcc", "-O1", "-g"}, {"gcc", "-O2", "-g"}, {"clang", "-O1", "-g"}};
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
    CarryForward forward; // NULL: the state stays where it is
    void *with;
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
    carry_forward(run->carry, run->forward, run->with);
    carry_globals(run->carry, &run->report, &run->fixture->memory);
}

static const char *fate_name(CarryFate fate)
{
    static const char *const names[] = {[CARRIED] = "carried",
                                        [CARRY_CHANGED] = "changed",
                                        [CARRY_LOST] = "lost",
                                        [CARRY_GONE] = "gone",
                                        [CARRY_GUESSED] = "guessed"};
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

static void statics_go_by_unit_and_function(void **state)
{
    // Scenario: two units have statics of the same names, in functions too; another unit is renamed
    // with its file, and a static moves from one file to the other.
    // Expect: each keeps its own; the only one of its name follows.
    EXPECT(state,
           .before =
               "static int count, mover; int more(int by);\n"
               "static int step(int by) { static int calls; return calls += by; }\n"
               "static void play(Game *g) { count += g->in[0]; mover += g->in[1]; g->out[0] = "
               "step(1) + more(100) + count + mover; }",
           .before_more = "static int count; static int lone; static int step(int by) { static int "
                          "calls; return calls += by; }\n"
                          "int more(int by) { count += by; lone += by; return step(by) + count + "
                          "lone; }",
           .after = "static int count; int more(int by); int moved(int by);\n"
                    "static int step(int by) { static int calls; return calls += by; }\n"
                    "static void play(Game *g) { g->out[0] = count++; g->out[1] = step(g->in[2]); "
                    "g->out[2] = more(g->in[2]); g->out[3] = moved(g->in[2]); }",
           .after_more = "static int count, mover; static int lone; static int step(int by) { "
                         "static int calls; return calls += by; }\n"
                         "int moved(int by) { return mover += by; }\n"
                         "int more(int by) { count += by; lone += by; return step(by) + 1000 * "
                         "(count / 100) + 10 * lone; }",
           .in = {3, 5, 0}, .out = {3, 1, 2100, 5}, .out_count = 4);
    EXPECT(state,
           .before = "int more(int by); static void play(Game *g) { g->out[0] = more(g->in[0]); }",
           .before_more = "static int lone; int shared; int more(int by) { static int calls; calls "
                          "+= by; shared += by; return (lone += by) + calls + shared; }",
           .more_before = "old.c",
           .after = "int more(int by); static void play(Game *g) { g->out[0] = more(g->in[1]); }",
           .after_more =
               "static int lone; int shared; int more(int by) { static int calls; calls += "
               "by; shared += by; return (lone += by) * 100 + calls * 10 + shared; }",
           .more_after = "new.c", .in = {4, 0}, .out = {444}, .out_count = 1);
}

static void what_is_gone_is_named(void **state)
{
    // Scenario: a global, a static and a function's static are removed or renamed, with and without
    // having been touched; a function is renamed.
    // Expect: those that are not at their initialisers are named with their values, no others.
    EXPECT(state,
           .before =
               "int gone = 1, untouched = 2; static int old_name; static int step(int by) { "
               "static int calls; static int idle; calls += by; idle += by / 100; return calls "
               "+ idle; }\n"
               "struct P { int x, y; } place = {1, 2};\n"
               "static void play(Game *g) { gone += g->in[0]; untouched += g->in[1]; old_name "
               "+= g->in[0]; place.y += g->in[0]; g->out[0] = step(g->in[0]) + gone + "
               "untouched + old_name; }",
           .after = "static int new_name = 3; static int walk(int by) { static int calls; return "
                    "calls += by; }\n"
                    "static void play(Game *g) { g->out[0] = walk(g->in[1]); g->out[1] = "
                    "new_name++; }",
           .in = {12}, .out = {0, 3}, .out_count = 2,
           .items = {"lost gone: gone (game.c) is not in the new build; it was 13",
                     "lost old_name: it was 12", "lost step.calls: it was 12",
                     "lost place: y was 14"});
}

static void constants_are_new(void **state)
{
    // Scenario: a table of constants changes; a variable becomes a constant, a constant a variable.
    // Expect: the new table; the variable is named if it was not at its initialiser.
    EXPECT(
        state,
        .before = "static const int table[3] = {1, 2, 3}; int live = 4, same = 5, both = 6; const "
                  "int fixed = 7;\n"
                  "static void play(Game *g) { live += g->in[0]; same += g->in[1]; both += "
                  "g->in[0]; g->out[0] = table[g->in[1]] + fixed + same; }",
        .after = "static const int table[3] = {9, 2, 3}; const int live = 4, same = 5, both = 66; "
                 "int fixed = 7;\n"
                 "static void play(Game *g) { g->out[0] = table[g->in[1]]; g->out[1] = *(volatile "
                 "const int *)&live; g->out[2] = fixed++; }",
        .in = {2, 0}, .out = {9, 4, 7}, .out_count = 3,
        .items = {"lost live: it was 6", "changed both: it was 8 and is 66"});
}

static void what_the_optimiser_dropped_is_named(void **state)
{
    // Scenario: a counter that the new build does not read; one that the old build did not read.
    // Expect: where a compiler leaves them out, they are named; where it does not, they go on.
    const Compiler kept = {"gcc", "-O0", "-g"}, dropped = {"gcc", "-O1", "-g"};
    const Case unread = {.before = "static int hits; static void play(Game *g) { hits += g->in[0]; "
                                   "g->out[0] = hits; }",
                         .after = "static int hits; static void play(Game *g) { hits = g->in[0]; "
                                  "g->out[0] = 1; }",
                         .in = {5},
                         .out = {1},
                         .out_count = 1,
                         .items = {"lost hits: it was 5"}};
    const Case read_now = {
        .before = "static int hits; static void play(Game *g) { hits = g->in[0]; "
                  "g->out[0] = 1; }",
        .after = "static int hits; static void play(Game *g) { g->out[0] = hits; "
                 "hits += g->in[0]; }",
        .in = {5},
        .out = {0},
        .out_count = 1,
        .items = {"lost hits: not known"}};
    Case going_on = read_now;

    expect_with(*state, &unread, &dropped, 1);
    expect_with(*state, &read_now, &dropped, 1);
    going_on.out[0] = 5;
    going_on.items[0] = NULL;
    expect_with(*state, &going_on, &kept, 1);
}

static void function_pointers_call_the_new_code(void **state)
{
    // Scenario: pointers to static and external functions in globals and in state; functions move
    // to other units, become static, are removed; one changes what it is called with.
    // Expect: the new code is called; what is gone is named, and what is there instead cannot be
    // called.
    EXPECT(
        state,
        .before = "static int walk(int by) { return by + 1; } int run(int by) { return by + 2; } "
                  "int far(int by); static int swim(int by) { return by + 4; }\n"
                  "Call now, table[3] = {walk, run}; struct { int n; Call call; } held; union { "
                  "Call call; long n; } either; Call started = walk;\n"
                  "static void play(Game *g) { now = run; table[2] = far; held.n = 1; held.call = "
                  "walk; either.call = far; started = swim; g->words[0] = walk; g->words[1] = "
                  "swim; g->out[0] = now(1) + table[g->in[0]](1) + held.call(1) + either.call(1) "
                  "+ started(1); }",
        .before_more = "int far(int by) { return by + 3; }",
        .after = "int unused(int by) { return 5; } int far(int by) { return by + 30; } static int "
                 "run(int by) { return by + 20; } int walk(int by);\n"
                 "Call now, table[3] = {walk, run}; struct { int n; Call call; } held; union { "
                 "Call call; long n; } either; Call started = walk;\n"
                 "static void play(Game *g) { g->out[0] = now(0); g->out[1] = table[0](0) + "
                 "table[1](0) + table[2](0); g->out[2] = held.call(held.n); g->out[3] = "
                 "either.call(0); g->out[4] = ((Call)g->words[0])(0); now = table[g->in[0]] = "
                 "held.call = either.call = run; held.n++; g->words[2] = started; started = "
                 "run; }",
        .after_more = "int walk(int by) { return by + 10; }", .in = {2},
        .out = {20, 60, 11, 30, 10}, .out_count = 5, .items = {"gone started: swim()"});
}

static void changed_signatures_follow_their_fields(void **state)
{
    // Scenario: a function takes one parameter more; one pointer to it changed alike, another did
    // not.
    // Expect: the first is carried, the second is named and cannot be called.
    EXPECT(state,
           .before = "typedef int (*Hit)(int); static int hit(int by) { return by; } Hit alike, "
                     "other; static void play(Game *g) { alike = hit; other = hit; g->out[0] = "
                     "alike(1) + other(1); }",
           .after =
               "typedef int (*Hit)(int, float); static int hit(int by, float f) { return by + f; "
               "} Hit alike; int (*other)(int); static void play(Game *g) { g->out[0] = "
               "alike(1, 2.5f); g->out[1] = other != (void *)hit && other != 0; other = 0; "
               "alike = g->in[0] ? hit : 0; }",
           .out = {3, 1}, .out_count = 2, .items = {"gone other: hit()"});
}

static void pointers_follow_what_they_point_to(void **state)
{
    // Scenario: pointers to variables, elements, members, ends and constants; the things change
    // their sizes and places; one is removed.
    // Expect: the same thing in the new build; NULL and a name where there is none.
    EXPECT(
        state,
        .before = "typedef struct V { int x, y; } V; int one = 1; V v[4]; static const int "
                  "table[4] = {1, 2, 3, 4}; int lost = 5; static long pad;\n"
                  "int *p, *q, *end, *first = &one; const int *c; int *gone; void *any; V "
                  "*whole;\n"
                  "static void play(Game *g) { p = &v[2].y; q = &v[g->in[0]].x; end = (int *)(v + "
                  "4); c = &table[g->in[0]]; gone = &lost; any = v; whole = &v[3]; first = "
                  "&v[1].y; lost += ++pad; v[2].y = 7; v[1].x = 9; g->words[0] = &v[2].y; "
                  "g->words[1] = &one; g->out[0] = *p + *q + *c + *gone + *first + whole->x; }",
        .after = "typedef struct V { int x; float w; int y; } V; static const int table[5] = {0, "
                 "20, 30, 40, 50}; V v[6]; int one = 1;\n"
                 "int *p, *q, *end, *first = &one; const int *c; int *gone; void *any; V "
                 "*whole;\n"
                 "static void play(Game *g) { g->out[0] = p == &v[2].y && *p == 7; g->out[1] = "
                 "*q; g->out[2] = end == (int *)(v + 4); g->out[3] = *c == table[g->in[0]] && c == "
                 "&table[g->in[0]]; g->out[4] = gone == 0; "
                 "g->out[5] = any == v; g->out[6] = whole == v + 3; g->out[7] = first == "
                 "&v[1].y; g->out[8] = g->words[0] == &v[2].y; g->out[9] = g->words[1] == &one; "
                 "p++, q++, end++, c++, gone++, whole++, first++; any = g; }",
        .in = {1}, .out = {1, 9, 1, 1, 1, 1, 1, 1, 1, 1}, .out_count = 10,
        .items = {"lost lost: was 6", "lost pad: it was 1", "gone gone: lost"});
}

static void literals_keep_their_text(void **state)
{
    // Scenario: pointers to string literals, to their middle, to one that shares its end; texts
    // that change, that go away, that are new in front of the others.
    // Expect: a live pointer keeps its text; an initialiser with another text wins.
    EXPECT(state,
           .before =
               "const char *title = \"Pong\", *help = \"press any key\", *live, *middle, "
               "*tail, *gone, *empty = \"x\"; static const char *names[3] = {\"ann\", "
               "\"bob\", \"cy\"};\n"
               "static void play(Game *g) { live = g->in[0] ? \"running\" : \"standing\"; "
               "middle = \"hello world\" + 6; tail = g->in[0] ? \"ning\" : \"no\"; gone = "
               "\"only here\"; empty = \"\"; help = \"pressed\"; names[1] = \"running\"; "
               "g->words[0] = live; g->out[0] = middle[0] + tail[0] + gone[0] + *names[g->in[0]] "
               "+ *help + *title; }",
           .after =
               "static int same(const char *a, const char *b) { return __builtin_strcmp(a, b) == "
               "0; } const char *fresh = \"new in front\"; const char *title = \"Pong 2\", "
               "*help = \"press any key\", *live, *middle, *tail, *gone, *empty = \"x\"; "
               "static const char *names[3] = {\"ann\", \"bob\", \"cyd\"};\n"
               "static void play(Game *g) { fresh = g->in[0] ? \"running\" : \"hello "
               "world\"; g->out[0] = same(title, \"Pong 2\"); g->out[1] = same(help, "
               "\"pressed\"); g->out[2] = same(live, \"running\"); g->out[3] = same(middle - 6, "
               "\"hello world\"); g->out[4] = same(tail, \"ning\"); g->out[5] = same(gone, "
               "\"only here\"); g->out[6] = same(empty, \"\"); g->out[7] = same(names[0], "
               "\"ann\") + same(names[1], \"running\") + same(names[2], \"cyd\"); g->out[8] = "
               "same(g->words[0], \"running\"); title = help = live = middle = tail = gone = "
               "empty = names[g->in[0]] = fresh; }",
           .in = {1}, .out = {1, 1, 1, 1, 1, 1, 1, 3, 1}, .out_count = 9,
           .items = {"changed title: was \"Pong\" and is \"Pong 2\"",
                     "changed names[2]: was \"cy\" and is \"cyd\""});
}

static void structs_go_by_member(void **state)
{
    // Scenario: members are added, removed, reordered, retyped; bit-fields; anonymous structs and
    // unions; packed structs with pointers.
    // Expect: by name; new ones have their initialiser, removed ones are named if they were
    // touched; a union keeps its bytes while its members stay as they are.
    EXPECT(state,
           .before =
               "typedef struct S { char a; int b; short c[2]; int gone; int bits : 5, more : 3; "
               "struct { int in1, in2; }; union { float f; int n; }; union { float g; int m; } "
               "named; } S; S s = {1, 2, {3, 4}, 5}; struct __attribute__((packed)) { char c; "
               "int *p; } packed; int aim; union { float f; int n; } odd;\n"
               "static void play(Game *g) { s.a += g->in[0]; s.b += g->in[0]; s.c[1] += "
               "g->in[0]; s.gone += g->in[0]; s.bits = -3; s.more = 2; s.in2 = 8; s.f = 1.5f; "
               "s.named.g = 2.5f; packed.c = 3; packed.p = &aim; odd.f = 4; g->out[0] = s.a + "
               "s.b + s.c[1] + s.gone + s.bits + s.more + s.in2 + s.f + s.named.g + packed.c + "
               "*packed.p + odd.n; }",
           .after =
               "typedef struct S { int fresh, bits : 6, more : 4; union { float g; int m; } named; "
               "long b; int c[3]; float in2; union { float f; int n; }; int in1; char a; } S; S s "
               "= {.fresh = 77, .a = 1, .b = 2, .c = {3, 4}}; struct __attribute__((packed)) { "
               "char c; int *p; short t; } packed; char shift[3]; int aim; union { double f; int "
               "n; } odd;\n"
               "static void play(Game *g) { g->out[0] = s.a; g->out[1] = s.b; g->out[2] = s.c[1]; "
               "g->out[3] = s.fresh; g->out[4] = s.bits; g->out[5] = s.more; g->out[6] = s.in2; "
               "g->out[7] = s.f * 10; g->out[8] = s.named.g * 10; g->out[9] = packed.c; "
               "g->out[10] = packed.p == &aim; g->out[11] = odd.f; S *volatile w = &s; w->a++; "
               "shift[0]++; packed.t++; *packed.p += 1; odd.n++; }",
           .in = {10}, .out = {11, 12, 14, 77, -3, 2, 8, 15, 25, 3, 1, 0}, .out_count = 12,
           .items = {"lost s.gone: was 15", "lost odd: which member"});
}

static void builds_without_debug_information_go_by_symbol(void **state)
{
    // Scenario: no -g. Variables, statics of two functions with one name, pointers, a literal; one
    // initialiser and one size change.
    // Expect: whole variables by symbol and size; what changed its size is named.
    const Compiler without[] = {{"gcc", "-O0", "-g0"},
                                {"gcc", "-O2", "-g0"},
                                {"clang", "-O0", "-g0"},
                                {"clang", "-O2", "-g0"}};
    const Case what = {
        .before =
            "int score = 1, given = 2; static double speed = 3; int row[3]; const char *live; "
            "static int walk(int by) { static int calls; return calls += by; } static int "
            "run(int by) { static int calls = 50; return calls += by; } Call now = walk; int "
            "*aim;\n"
            "static void play(Game *g) { score += g->in[0]; given += 5; speed += g->in[0]; "
            "row[1] = 4; live = g->in[0] ? \"running\" : \"standing\"; now = run; aim = "
            "&row[1]; g->out[0] = walk(g->in[0]) + run(g->in[0]) + now(1) + *live + speed; }",
        .after =
            "long front; int score = 1, given = 20; static double speed = 3; int row[5]; const "
            "char *live; static int walk(int by) { static int calls; return calls += by; } static "
            "int run(int by) { static int calls = 50; return calls += by; } Call now = walk; int "
            "*aim;\n"
            "static void play(Game *g) { g->out[0] = score++; g->out[1] = given++; g->out[2] = "
            "speed++; g->out[3] = row[1]++; g->out[4] = live[0]; g->out[5] = now(g->in[1]) == "
            "run(g->in[1]); g->out[6] = walk(g->in[1]); g->out[7] = run(g->in[1]); front++; live "
            "= g->in[0] ? \"running\" : \"standing\"; now = g->in[0] ? walk : run; aim = "
            "row; }",
        .in = {7, 0},
        .out = {8, 20, 10, 0, 'r', 1, 7, 58},
        .out_count = 8,
        .items = {"changed given: ", "lost row: bytes"}};

    expect_with(*state, &what, without, COUNT_OF(without));
}

// One pair of builds whose words are looked at from here.
static void open_run(Run *run, const Case *what)
{
    const Compiler compiler = {"gcc", "-O1", "-g"};
    run_first(run, what, &compiler);
}

static uint64_t old_word(const Run *run, int index)
{
    return (uintptr_t)run->game.words[index];
}

static void a_removed_function_has_a_grave(void **state)
{
    // Scenario: state points to a function that the next build does not have, and a later one does.
    // Expect: an address that cannot be called and knows its name, the same for each pointer, and
    // then the function again.
    Run run = {.fixture = *state}, again = {.fixture = *state};
    const char *unit = "", *function = "";
    bool gone = false;
    char name[64];
    const char with[] =
        "static int jump(int by) { return by + 1; } static int walk(int by) { return "
        "by; }\nstatic void play(Game *g) { g->words[0] = jump; g->words[1] = walk; "
        "g->words[2] = (char *)jump + 1; g->out[0] = jump(1); }";
    const char without[] = "static int walk(int by) { return by; }\nstatic void play(Game *g) { "
                           "g->words[1] = walk; }";
    const Case removal = {.before = with, .after = without};
    const Case return_ = {.before = without, .after = with};

    open_run(&run, &removal);
    uint64_t grave = carry_word(run.carry, old_word(&run, 0), &gone);
    assert_true(gone);
    assert_true(grave != 0 && grave % 8 == 0);
    assert_true(carry_grave_at(grave, &unit, &function));
    assert_string_equal(function, "jump");
    assert_non_null(strstr(unit, "game.c"));
    assert_true(carry_word(run.carry, old_word(&run, 0), &gone) == grave && gone);
    assert_true(carry_word(run.carry, old_word(&run, 2), &gone) == grave && gone);
    assert_false(carry_grave_at(grave + (1 << 12), &unit, &function));
    assert_true(carry_grave(unit, "jump") == grave);
    assert_true(carry_grave("other.c", "jump") != grave);
    carry_name(run.carry, old_word(&run, 0), name, sizeof name);
    assert_string_equal(name, "jump()");
    carry_name(run.carry, grave, name, sizeof name);
    assert_string_equal(name, "jump()");
    finish(&run);

    open_run(&again, &return_);
    uint64_t back = carry_word(again.carry, grave, &gone);
    assert_false(gone);
    assert_true(back == gamelib_symbol(&again.new_.lib, "jump", 0, NULL));
    finish(&again);
}

static void unknown_words_stay(void **state)
{
    // Scenario: words that are no addresses of the old image, or of nothing that has a name there;
    // wide literals, whose first bytes look like short ones.
    // Expect: they are returned as they are and nothing is gone.
    Run run = {.fixture = *state};
    bool gone = true;
    const Case what = {
        .before = "static void play(Game *g) { g->words[0] = L\"hello\"; g->words[1] = L\"h\"; "
                  "g->words[2] = u\"hi\"; g->words[3] = \"only here\"; }",
        .after = "static void play(Game *g) { g->words[0] = L\"hell\"; g->words[1] = \"h\"; "
                 "g->words[2] = \"hi\"; g->words[3] = L\"i\"; }"};
    const uint64_t others[] = {0, 1, UINT64_MAX, 0x550000000000, (uintptr_t)&run};

    open_run(&run, &what);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_true(carry_word(run.carry, others[i], &gone) == others[i]);
        assert_false(gone);
    }
    for (int i = 0; i < 4; i++) {
        assert_true(carry_word(run.carry, old_word(&run, i), &gone) == old_word(&run, i));
        assert_false(gone);
    }
    uint64_t head = run.old.lib.image_first + 8;
    assert_true(carry_word(run.carry, head, &gone) == head);
    assert_false(gone);
    finish(&run);
}

static void thread_locals_are_named(void **state)
{
    // Scenario: thread-local variables, touched and untouched.
    // Expect: named where the game has changed any.
    EXPECT(state,
           .before = "static _Thread_local int mine = 3; static void play(Game *g) { mine += "
                     "g->in[0]; g->out[0] = mine; }",
           .after =
               "static _Thread_local int mine = 3; static void play(Game *g) { g->out[0] = mine; "
               "mine += g->in[0]; }",
           .in = {1}, .out = {3}, .out_count = 1, .items = {"lost mine: thread-local"});
    EXPECT(state,
           .before = "static _Thread_local int mine = 3; static void play(Game *g) { mine += "
                     "g->in[0]; g->out[0] = mine; }",
           .after =
               "static _Thread_local int mine = 3; static void play(Game *g) { g->out[0] = mine; "
               "mine += g->in[0]; }",
           .in = {0}, .out = {3}, .out_count = 1);
}

static void flexible_arrays_keep_their_tail(void **state)
{
    // Scenario: a struct that ends with an array whose initialiser gives it its size.
    // Expect: all elements go on; where the size changed, what was touched behind is named.
    EXPECT(state,
           .before =
               "struct F { int n; long tail[]; } f = {1, {2, 3, 4}}, g2 = {1, {5, 6}};\n"
               "static void play(Game *g) { f.tail[2] += g->in[0]; f.n += g->in[0]; g2.tail[1] "
               "+= g->in[0]; g->out[0] = f.tail[g->in[1]] + g2.tail[1]; }",
           .after =
               "char front; struct F { int n; long tail[]; } f = {1, {2, 3, 4}}, g2 = {1, {5, 6, "
               "7}};\n"
               "static void play(Game *g) { g->out[0] = f.tail[2]++; g->out[1] = f.n++; g->out[2] "
               "= g2.tail[1]++; front++; }",
           .in = {10, 2}, .out = {14, 11, 6}, .out_count = 3, .items = {"lost g2: behind"});
}

static void a_crowd_is_counted(void **state)
{
    // Scenario: a thousand elements are cut from an array, all of them touched.
    // Expect: as many are counted as there are, and as many named as there is room for.
    Run run = {.fixture = *state};
    const Case what = {
        .before = "int cut[1001], alone = 1; static void play(Game *g) { for (int i = 0; i < 1001; "
                  "i++) cut[i] = i + 1; alone++; }",
        .after = "int cut[1]; static void play(Game *g) { g->out[0] = cut[0]++; }"};

    open_run(&run, &what);
    assert_int_equal(run.report.lost, 1001);
    assert_int_equal(run.report.carried, 1);
    assert_int_equal(run.report.item_count, CARRY_ITEMS_MAX);
    finish(&run);
}

static void members_are_found_where_they_are_now(void **state)
{
    // Scenario: members of a variable move into a new sub-struct and out of one, one has a new name
    // that can be guessed and one a name that HL_WAS tells; pointers point to all of them.
    // Expect: values and pointers go on; the guess is named, for once, and nothing else.
    EXPECT(
        state,
        .before = "typedef struct Mob { float x, y; int id; struct { int a, b; } pair; int hp; "
                  "short old; long last; } Mob; Mob mobs[3]; int *hp; float "
                  "*y; int *b; short *s;\n"
                  "static void play(Game *g) { for (int i = 0; i < 3; i++) { Mob *m = &mobs[i]; "
                  "m->x = g->in[0] + i; m->y = g->in[0] * 2 + i; m->id = i; m->pair.a = 10 + i; "
                  "m->pair.b = 20 + i; m->hp = 30 + i; m->old = 40 + i; m->last = 50; } hp = "
                  "&mobs[1].hp; y = &mobs[2].y; b = &mobs[1].pair.b; s = &mobs[2].old; g->out[0] = "
                  "mobs[g->in[1]].hp + *hp + *y + *b + *s + mobs[g->in[1]].last; }",
        .after =
            "typedef struct Mob { struct { float x, y; } pos; int id; int a, b; int "
            "health; short now; long last; } Mob; HL_WAS(Mob, now, old); Mob mobs[3]; int *hp; "
            "float *y; int *b; short *s;\n"
            "static void play(Game *g) { Mob *m = &mobs[2]; g->out[0] = m->pos.x++; g->out[1] = "
            "m->pos.y++; g->out[2] = m->id++; g->out[3] = m->a++; g->out[4] = m->b++; g->out[5] = "
            "m->health++; g->out[6] = m->now++; g->out[7] = m->last++; g->out[8] = m == mobs; "
            "g->out[9] = hp == &mobs[1].health; g->out[10] = y == &mobs[2].pos.y; g->out[11] = b "
            "== &mobs[1].b; g->out[12] = s == &mobs[2].now; }",
        .in = {5}, .out = {7, 12, 2, 12, 22, 32, 42, 50, 0, 1, 1, 1, 1}, .out_count = 13,
        .items = {"guessed Mob.hp: Mob.hp is taken to be Mob.health now; HL_WAS(Mob, health, hp)"});
}

static void unions_keep_their_bytes(void **state)
{
    // Scenario: an anonymous union of a struct and an array in a struct that grows; one that loses
    // a member to the struct itself; one whose member changed.
    // Expect: the first goes on as it is, the others are named.
    EXPECT(state,
           .before = "struct { int id; union { struct { float x, y, z; }; float v[3]; }; } "
                     "a; struct { union { int i; float f; }; int n; } b; struct { "
                     "union { int i; float f; }; int n; } c;\n"
                     "static void play(Game *g) { a.id = 1; a.y = g->in[0]; b.f = 1.5f; b.n = 2; "
                     "c.i = 4; c.n = 3; g->out[0] = a.v[1] + b.i + c.f + a.id + b.n + c.n; }",
           .after = "struct { int more; union { struct { float x, y, z; }; float v[3]; }; "
                    "int id; } a; struct { int i; float f; int n; } b; struct { "
                    "union { long i; float f; }; int n; } c;\n"
                    "static void play(Game *g) { g->out[0] = a.v[1]++; g->out[1] = a.id++; "
                    "g->out[2] = a.y++; g->out[3] = b.i++; g->out[4] = b.f++; g->out[5] = b.n++; "
                    "g->out[6] = c.i++; g->out[7] = c.n++; a.more++; }",
           .in = {7}, .out = {7, 1, 8, 0, 0, 2, 0, 3}, .out_count = 8,
           .items = {"lost b: decided", "lost c: decided"});
}

// The state is in another place, a page further on; its third word is gone.
typedef struct Moved {
    uint64_t first, bytes, gone;
    const ReflectTable *from;
    uint32_t asked; // with a type that is known
} Moved;

static uint64_t follow(void *with, uint64_t word, uint32_t want, uint32_t want_to, bool *gone)
{
    Moved *moved = with;
    (void)want_to;
    *gone = false;
    if (word - moved->first >= moved->bytes) {
        return word;
    }
    moved->asked += want != 0 && moved->from->types[want].kind != REFLECT_UNKNOWN;
    *gone = word == moved->gone;
    return *gone ? 0 : word + 4096;
}

static void pointers_into_the_state_are_forwarded(void **state)
{
    // Scenario: pointers into the state, which has moved: in variables that are as they were and in
    // one that is laid out otherwise, in integers, in unions, one to what is gone; and words that
    // point elsewhere.
    // Expect: each is asked about and follows, with its type where that is known; the gone one is
    // NULL and named; all else stays.
    Run run = {.fixture = *state};
    const Case what = {
        .before = "long *plain; struct { int n; long *at; unsigned long number; union "
                  "{ long *p; double d; } u; } same, other; void *gone; long away = "
                  "5, *there; struct __attribute__((packed)) { char c; long *at; } odd;\n"
                  "static void play(Game *g) { plain = &g->out[1]; same.at = &g->out[2]; "
                  "same.number = (unsigned long)&g->out[3]; same.u.p = &g->out[4]; other.at = "
                  "&g->out[5]; other.number = (unsigned long)&g->out[6]; other.u.p = &g->out[7]; "
                  "gone = &g->words[0]; there = &away; odd.at = &g->out[8]; same.n = other.n = "
                  "*there; if (g->in[0]) { away = *plain + *same.at + *same.u.p + *other.at + "
                  "*other.u.p + (long)gone + *odd.at; } }",
        .after = "long *plain; struct { int n; long *at; unsigned long number; union "
                 "{ long *p; double d; } u; } same; struct { long more; long *at; unsigned "
                 "long number; union { long *p; double d; } u; int n; } other; void *gone; "
                 "long away = 5, *there; struct __attribute__((packed)) { char c; "
                 "long *at; } odd;\n"
                 "static void play(Game *g) { long n = (long)g - 4096 * g->in[1]; (void)n; "
                 "char *base = (char *)g + 4096; long *out = (long *)(base + ((char *)g->out - "
                 "(char *)g)); g->out[0] = plain == &out[1]; g->out[1] = same.at == &out[2]; "
                 "g->out[2] = same.number == (unsigned long)&out[3]; g->out[3] = same.u.p == "
                 "&out[4]; g->out[4] = other.at == &out[5]; g->out[5] = other.number == (unsigned "
                 "long)&out[6]; g->out[6] = other.u.p == &out[7]; g->out[7] = gone == 0; g->out[8] "
                 "= there == &away; g->out[9] = odd.at == &out[8]; plain++; same.at++; "
                 "same.number++; same.u.p++; other.at++; other.number++; other.u.p++; gone = "
                 "&plain; there++; odd.at++; same.n++; other.n++; other.more++; away++; }",
        .out = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
        .out_count = 10,
        .items = {"gone gone: place in the state"}};

    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        Moved moved = {.first = (uintptr_t)&run.game,
                       .bytes = sizeof run.game,
                       .gone = (uintptr_t)&run.game.words[0],
                       .from = &run.old.table};
        run.forward = follow;
        run.with = &moved;
        run_first(&run, &what, &COMPILERS[i]);
        run.new_.lib.game->update(&run.game, NULL);
        check_values(&run, &what, COMPILERS[i].command);
        check_items(&run, &what, COMPILERS[i].command);
        assert_true(moved.asked >= 3);
        finish(&run);
    }
}

static void holders_may_be_laid_out_otherwise(void **state)
{
    // Scenario: a function pointer in a struct of the state whose signature changes with the
    // field, while the field moves in the struct; a pointer to the start of a struct and one to its
    // first member at one address.
    // Expect: the field's new type is found where the field is now.
    Run run = {.fixture = *state};
    const Case what = {
        .before =
            "typedef struct Held { int n; int (*hit)(int); int (*other)(int); } Held; Held "
            "held;\n"
            "static int first(int a) { return a; } static int second(int a) { return a + 1; "
            "}\n"
            "static void play(Game *g) { held.hit = first; held.other = second; g->words[0] = "
            "(void *)first; g->words[1] = (void *)second; g->out[0] = held.hit(1) + "
            "held.other(2); }",
        .after = "typedef struct Held { int (*other)(int); double more; int (*hit)(int, int); } "
                 "Held; Held held;\n"
                 "static int first(int a, int b) { return a + b; } static int second(int a) { "
                 "return a + 1; }\n"
                 "static void play(Game *g) { held.hit = first; held.other = second; g->out[0] = "
                 "held.hit(1, 2) + held.other(2); g->words[2] = (void *)first; g->words[3] = (void "
                 "*)second; }"};
    bool gone;

    open_run(&run, &what);
    run.new_.lib.game->update(&run.game, NULL);
    CarryHolder holder = carry_holder(run.carry, "Held", 24);
    assert_true(holder.from && holder.to);
    assert_true(carry_held_word(run.carry, old_word(&run, 0), holder, 8, &gone)
                == old_word(&run, 2));
    assert_false(gone);
    assert_true(carry_held_word(run.carry, old_word(&run, 1), holder, 16, &gone)
                == old_word(&run, 3));
    assert_false(gone);
    (void)carry_held_word(run.carry, old_word(&run, 0), holder, 16, &gone);
    assert_true(gone); // the other field takes no such function
    finish(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unchanged_initialiser_leaves_the_live_value),
        cmocka_unit_test(changed_initialiser_wins),
        cmocka_unit_test(numbers_go_by_value),
        cmocka_unit_test(enums_go_by_name),
        cmocka_unit_test(arrays_go_by_index),
        cmocka_unit_test(statics_go_by_unit_and_function),
        cmocka_unit_test(what_is_gone_is_named),
        cmocka_unit_test(constants_are_new),
        cmocka_unit_test(what_the_optimiser_dropped_is_named),
        cmocka_unit_test(function_pointers_call_the_new_code),
        cmocka_unit_test(changed_signatures_follow_their_fields),
        cmocka_unit_test(pointers_follow_what_they_point_to),
        cmocka_unit_test(literals_keep_their_text),
        cmocka_unit_test(structs_go_by_member),
        cmocka_unit_test(builds_without_debug_information_go_by_symbol),
        cmocka_unit_test(a_removed_function_has_a_grave),
        cmocka_unit_test(unknown_words_stay),
        cmocka_unit_test(thread_locals_are_named),
        cmocka_unit_test(flexible_arrays_keep_their_tail),
        cmocka_unit_test(a_crowd_is_counted),
        cmocka_unit_test(members_are_found_where_they_are_now),
        cmocka_unit_test(unions_keep_their_bytes),
        cmocka_unit_test(pointers_into_the_state_are_forwarded),
        cmocka_unit_test(holders_may_be_laid_out_otherwise),
    };

    return cmocka_run_group_tests(tests, open_everything, close_everything);
}
