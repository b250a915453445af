#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crash.h"

// A game that does one bad deed, chosen by its state. "// @ name" marks a line for line_of().
static const char GAME[] =
    "#include <assert.h>\n"
    "#include <setjmp.h>\n"
    "#include <signal.h>\n"
    "#include <stdlib.h>\n"
    "#include <string.h>\n"
    "#include \"hotloop.h\"\n"
    "#include \"parts/inner.h\"\n"
    "#define APART __attribute__((noinline, noclone))\n"
    "typedef struct Mob { int x, hp; struct Mob *next; char name[16]; } Mob;\n"
    "typedef struct Game {\n"
    "    int deed, zero, low; Mob *boss; char *text; void (*on_hit)(int); char *wild;\n"
    "    uint64_t word;\n"
    "} Game;\n"
    "const int TABLE[4] = {1, 2, 3, 4};\n"
    "volatile int sink;\n"
    "static jmp_buf place;\n"
    "APART static void remember(void) { volatile char more[500]; more[9] = 1; "
    "if (setjmp(place)) sink = more[9]; }\n"
    "APART static int grow(int n)\n"
    "{\n"
    "    volatile int more[100] = {n};\n"
    "    return grow(n + more[0]) + more[1]; // @ grow\n"
    "}\n"
    "static int ping(int n);\n"
    "APART static int pong(int n)\n"
    "{\n"
    "    return ping(n + 1) + sink; // @ pong\n"
    "}\n"
    "APART static int ping(int n)\n"
    "{\n"
    "    return pong(n + 1) + sink; // @ ping\n"
    "}\n"
    "static inline __attribute__((always_inline)) void hurt(Mob *m)\n"
    "{\n"
    "    m->hp -= 1; // @ hurt\n"
    "}\n"
    "APART static void spin(void)\n"
    "{\n"
    "    for (;;)\n"
    "        sink = 1; // @ spin\n"
    "}\n"
    "APART static int compare(const void *a, const void *b)\n"
    "{\n"
    "    Mob *m = *(Mob *const *)a;\n"
    "    return m->hp - (b != 0); // @ compare\n"
    "}\n"
    "APART static void step(Game *g)\n"
    "{\n"
    "    switch (g->deed) {\n"
    "    case 1: sink = g->boss->hp; break; // @ read\n"
    "    case 2: hurt(g->boss); break; // @ inlined\n"
    "    case 3: sink = 7 / g->zero; break; // @ divide\n"
    "    case 4: __builtin_trap(); // @ trap\n"
    "    case 5: __asm__ volatile(\"int3\"); break; // @ int3\n"
    "    case 6: abort(); // @ abort\n"
    "    case 7: assert(g->zero > 0 && \"x) failed\"); break; // @ assert\n"
    "    case 8: exit(3); // @ exit\n"
    "    case 9: sink = grow(1); break;\n"
    "    case 10: sink = ping(1); break;\n"
    "    case 11: spin(); break;\n"
    "    case 12: g->text = (char *)\"hello\"; g->text[0] = 'j'; break; // @ literal\n"
    "    case 13: *(volatile int *)&TABLE[2] = 1; break; // @ const\n"
    "    case 14: sink = (int)strlen(g->text); break; // @ strlen\n"
    "    case 15: g->on_hit(3); sink = 1; break; // @ call\n"
    "    case 16: sink = *g->wild; break; // @ wild\n"
    "    case 17: free(g->wild); break; // @ free\n"
    "    case 18: remember(); longjmp(place, 1); // @ jump\n"
    "    case 19: sink = inner(g->boss ? &g->boss->hp : 0); break; // @ inner\n"
    "    case 20: qsort(&g->boss, 2, sizeof g->boss, compare); break; // @ sort\n"
    "    case 21: sink = g->low / g->zero; break; // @ lowest\n"
    "    case 22: raise(SIGSEGV); break; // @ raise\n"
    "    case 23: ((void (*)(void))g->wild)(); sink = 1; break; // @ rubbish\n"
    "    case 24: __asm__ volatile(\"movaps (%0), %%xmm0\" : : \"r\"(g->wild) : \"xmm0\");"
    " break; // @ aligned\n"
    "    case 25: sink = TABLE[g->low]; break; // @ index\n"
    "    case 26: sink = g->low + 0x7fffffff; break; // @ overflow\n"
    "    }\n"
    "}\n"
    "static void init(Game *g, hl_tick *t) { (void)g; (void)t; }\n"
    "static void update(Game *g, hl_tick *t)\n"
    "{\n"
    "    (void)t;\n"
    "    step(g); // @ update\n"
    "    sink = 2;\n"
    "}\n"
    "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"
    "HL_GAME(Game, init, update, draw);\n";
static const char INNER[] = "static inline int inner(const int *p)\n"
                            "{\n"
                            "    return *p + 1;\n"
                            "}\n";

typedef struct TestMob {
    int x, hp;
    struct TestMob *next;
    char name[16];
} TestMob;
typedef struct TestGame {
    int deed, zero, low;
    TestMob *boss;
    char *text;
    void (*on_hit)(int);
    char *wild;
    uint64_t word;
} TestGame;

enum { ARGUMENTS_MAX = 24 };

static struct {
    char folder[64];
    Arena memory, keep;
    Guard *guard;
    GameLib lib, plain, fast, checked; // -O1 -g as games are built, without -g, -O2 by clang, UBSan
    TestGame game;
    GuardReport report;
    Crash crash;
} now;

static const char *in_folder(const char *name)
{
    return arena_format(&now.memory, "%s/%s", now.folder, name);
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void build(GameLib *lib, const char *name, const char *options)
{
    GameLibConfig config = {.folder = in_folder("copies"), .hooks = guard_hooks()};
    char *arguments[ARGUMENTS_MAX] = {0};
    size_t count = 0;
    char *words = arena_format(&now.memory,
                               "%s -w -std=gnu11 -shared -fPIC -fvisibility=hidden "
                               "-Wl,-Bsymbolic -I" TEST_SOURCE_DIR "/engine/api %s -o %s",
                               options, in_folder("game/game.c"), in_folder(name));
    char *rest = NULL;
    pid_t child;
    int status;
    Fault fault = {0};

    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        assert_true(count < ARGUMENTS_MAX - 1);
        arguments[count++] = word;
    }
    assert_int_equal(posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (!gamelib_open(lib, in_folder(name), &config, &fault)) {
        fail_msg("%s", fault.text);
    }
}

static int open_everything(void **state)
{
    Fault fault = {0};

    (void)state;
    assert_true(arena_open(&now.memory, 0, 64u << 20, &fault));
    snprintf(now.folder, sizeof now.folder, "/tmp/crash_test_XXXXXX");
    assert_non_null(mkdtemp(now.folder));
    assert_int_equal(mkdir(in_folder("game"), 0700), 0);
    assert_int_equal(mkdir(in_folder("game/parts"), 0700), 0);
    assert_int_equal(mkdir(in_folder("copies"), 0700), 0);
    write_file("game/game.c", GAME);
    write_file("game/parts/inner.h", INNER);
    build(&now.lib, "lib.so", "gcc -O1 -g -ftrivial-auto-var-init=zero");
    build(&now.plain, "plain.so", "gcc -O1");
    build(&now.fast, "fast.so", "clang -O2 -g");
    build(&now.checked, "checked.so",
          "clang -O0 -g -fsanitize=undefined -fsanitize-trap=undefined");
    return 0;
}

static int close_everything(void **state)
{
    char *const arguments[] = {(char *)(uintptr_t) "rm", (char *)(uintptr_t) "-rf", now.folder,
                               NULL};
    pid_t child;
    int status;

    (void)state;
    gamelib_close(&now.lib);
    gamelib_close(&now.plain);
    gamelib_close(&now.fast);
    gamelib_close(&now.checked);
    assert_int_equal(posix_spawnp(&child, "rm", NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    arena_close(&now.memory);
    return 0;
}

static int line_of(const char *name)
{
    char mark[64];
    int line = 1;
    const char *at;

    snprintf(mark, sizeof mark, "// @ %s\n", name);
    at = strstr(GAME, mark);
    assert_non_null(at);
    for (const char *c = GAME; c < at; c++) {
        line += *c == '\n';
    }
    return line;
}

static void call_update(void *a, void *b)
{
    const GameLib *lib = a;

    lib->game->update(b, NULL);
}

static void explain_nothing(void *with, uintptr_t address, char *out, size_t out_bytes)
{
    (void)with;
    (void)text_format(out, out_bytes, "%s", address == 0x550000001000 ? "behind Mob[64]" : "");
}

static CrashContext context_of(const GameLib *const *images)
{
    return (CrashContext){.images = images,
                          .image_count = 1,
                          .game_folder = arena_format(&now.memory, "%s/game/", now.folder),
                          .call = "update",
                          .tick = 1234,
                          .generation = 3,
                          .explain = explain_nothing};
}

// The deed is done for real, under guard: now.report.
static void run_deed(const GameLib *lib, int deed)
{
    GuardConfig config = {.hang_ns = 100 * NS_PER_MS};
    GuardCode code = {lib->image_first, lib->image_end};
    Fault fault = {0};

#ifndef __SANITIZE_ADDRESS__ // it follows the stack that it knows
    config.own_stack = true;
#endif
    assert_true(arena_open(&now.keep, 0, 4u << 20, &fault));
    now.guard = guard_open(&now.keep, &config, &fault);
    if (!now.guard) {
        fail_msg("%s", fault.text);
    }
    guard_set_code(now.guard, &code, 1);
    now.game.deed = deed;
    assert_false(guard_run(now.guard, call_update, (void *)(uintptr_t)lib, &now.game, &now.report));
}

// ... and explained while its stack is still there: now.crash.
static void commit_deed(const GameLib *lib, int deed)
{
    CrashContext context = context_of(&lib);

    run_deed(lib, deed);
#ifdef __SANITIZE_ADDRESS__ // its own strlen() and the like hold no locks, but guard cannot know
    now.report.doubt = false;
#endif
    crash_explain(&now.crash, &now.report, &context);
    guard_close(now.guard);
    arena_close(&now.keep);
}

// `title` with the number of the line that is marked `mark` in place of "%d".
static void check_title(const char *mark, const char *title)
{
    char wanted[600];
    const char *at = strstr(title, "%d");

    assert_non_null(at);
    snprintf(wanted, sizeof wanted, "%.*s%d%s", (int)(at - title), title, line_of(mark), at + 2);
    assert_true(now.crash.is_set);
    assert_string_equal(now.crash.title, wanted);
}

static void check_frame(uint32_t index, const char *function, const char *file, const char *mark)
{
    const CrashFrame *frame = &now.crash.frames[index];

    assert_true(index < now.crash.frame_count);
    assert_string_equal(frame->function, function);
    assert_string_equal(frame->file, file);
    assert_int_equal(frame->line, line_of(mark));
}

// Scenario: step() reads a member of a null pointer.
// Expect: title with place, access, function and the pointer's name; the calls from step() up to
//         update() and not beyond it, each with its source; five lines around the place.
static void a_null_pointer(void **state)
{
    (void)state;
    commit_deed(&now.lib, 1);
    check_title("read", "game.c:%d read address 0x4 in step(): a null pointer, likely `g->boss`");
    check_frame(0, "step", "game.c", "read");
    check_frame(1, "update", "game.c", "update");
    assert_int_equal(now.crash.frame_count, 2);
    assert_string_equal(now.crash.frames[1].source, "step(g); // @ update");
    assert_int_equal(now.crash.source_count, CRASH_SOURCE_LINES);
    assert_int_equal(now.crash.source_at, 2);
    assert_int_equal(now.crash.source_first, line_of("read") - 2);
    assert_non_null(strstr(now.crash.source[2], "sink = g->boss->hp;"));
    assert_non_null(strstr(now.crash.hint, "`g->boss` is NULL"));
    assert_int_equal(now.crash.tick, 1234);
    assert_string_equal(now.crash.call, "update");
    commit_deed(&now.fast, 1);
    check_title("read", "game.c:%d read address 0x4 in step(): a null pointer, likely `g->boss`");
}

// Scenario: the function that crashes is inlined; another one of a header in a folder of the game.
// Expect: its own line, marked as inlined, and the place that it is inlined into.
static void inlined_functions(void **state)
{
    (void)state;
    commit_deed(&now.lib, 2);
    check_frame(0, "hurt", "game.c", "hurt");
    check_frame(1, "step", "game.c", "inlined");
    assert_true(now.crash.frames[0].is_inlined);
    assert_false(now.crash.frames[1].is_inlined);
    assert_non_null(strstr(now.crash.title, "in hurt(): a null pointer, likely `m`"));
    commit_deed(&now.lib, 19);
    assert_string_equal(now.crash.frames[0].file, "parts/inner.h");
    assert_non_null(strstr(now.crash.title, "parts/inner.h:3 read address"));
}

// Scenario: strlen() of a null pointer; a comparison that qsort() calls crashes.
// Expect: the library's function by name, and by whom it was called; what the library calls is the
//         game's own place.
static void through_a_library(void **state)
{
    (void)state;
    now.game.text = NULL;
    commit_deed(&now.lib, 14);
    check_title("strlen",
                "game.c:%d read address 0x0 in strlen(), called by step(): a null pointer, "
                "likely `g->text`");
    assert_non_null(strstr(now.crash.frames[0].library, ".so.")); // libc, or a sanitizer before it
    now.game.boss = NULL;
    commit_deed(&now.lib, 20);
    check_title("compare", "game.c:%d read address 0x4 in compare(): a null pointer, likely `m`");
    assert_non_null(strstr(now.crash.frames[1].library, ".so."));
    assert_true(strncmp(now.crash.frames[1].function, "qsort", 5) == 0);
    check_frame(2, "step", "game.c", "sort");
}

// Scenario: a null function pointer is called; one that leads nowhere.
// Expect: the place of the call, and that no function is there.
static void calls_to_nowhere(void **state)
{
    (void)state;
    commit_deed(&now.lib, 15);
    check_title("call", "game.c:%d called address 0x0 in step(): a null function pointer, likely "
                        "`g->on_hit`");
    now.game.wild = (char *)0x123456789000;
    commit_deed(&now.lib, 23);
    check_title("rubbish", "game.c:%d called address 0x123456789000 in step(): no code is there "
                           "(any more): a function pointer that is overwritten, or of a build that "
                           "was unloaded, likely `g->wild`");
    now.game.wild = (char *)0x4141414141414141;
    commit_deed(&now.lib, 23);
    check_title("rubbish",
                "game.c:%d called address 0x4141414141414141 in step(): that is the text "
                "\"AAAAAAAA\", written over a pointer or used as one, likely `g->wild`");
}

// Scenario: writing to a string literal, to a const.
// Expect: both are named.
static void read_only_data(void **state)
{
    (void)state;
    commit_deed(&now.lib, 12);
    assert_non_null(strstr(now.crash.title, "wrote to address 0x"));
    assert_non_null(
        strstr(now.crash.title, " in step(): the string literal \"hello\" is read-only"));
    commit_deed(&now.lib, 13);
    assert_non_null(strstr(now.crash.title, " in step(): the const `TABLE` is read-only"));
    assert_non_null(strstr(now.crash.hint, "copy"));
}

// Scenario: addresses that look like text, like floats, like memory that was never set, like
//           nothing, like -1; behind an allocation of the state; beyond all of them.
// Expect: what each looks like.
static void wild_addresses(void **state)
{
    static const struct {
        uint64_t address;
        const char *words;
    } CASES[] = {
        {0x6f6c6c6548, "read address 0x6f6c6c6548 in step(): that is the text \"Hello\""},
        {0x6548206f6c6c6548, "that is the text \"Hello He\""},
        {0x3f80000040200000, "as floats it is 2.5 and 1"},
        {0xa5a5a5a5a5a5a5a5, "the byte 0xa5 over and over"},
        {0x9123456789abcdef, "no such address can exist"},
        {0xffffffffffffffff, "just below 0"},
        {0x123456789000, "nothing is there"},
        {0x550000001000, "behind Mob[64]"},
        {0x550000002000, "beyond all that is allocated in the state"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        now.game.wild = (char *)CASES[i].address;
        commit_deed(&now.lib, 16);
        if (!strstr(now.crash.title, CASES[i].words)
            || !strstr(now.crash.title, "likely `g->wild`")) {
            fail_msg("%s", now.crash.title);
        }
    }
    now.game.wild = (char *)&now.game.word + 4;
    commit_deed(&now.lib, 24);
    assert_non_null(strstr(now.crash.title, "a multiple of 16"));
}

// Scenario: division by zero; of the lowest integer by -1.
// Expect: which of the two it was, and the divisor.
static void arithmetic(void **state)
{
    (void)state;
    commit_deed(&now.lib, 3);
    check_title("divide", "game.c:%d divided an integer by zero in step(): likely `g->zero`");
    now.game.zero = -1;
    now.game.low = INT32_MIN;
    commit_deed(&now.lib, 21);
    check_title("lowest", "game.c:%d divided the lowest integer by -1 in step(): the result has no "
                          "room");
    commit_deed(&now.fast, 21);
    check_title("lowest", "game.c:%d divided the lowest integer by -1 in step(): the result has no "
                          "room");
    now.game.zero = 0;
}

// Scenario: __builtin_trap, a breakpoint in the code, a signal that is raised.
// Expect: what each of them is.
static void stops_in_the_code(void **state)
{
    (void)state;
    commit_deed(&now.lib, 4);
    check_title("trap", "game.c:%d stopped itself in step(): __builtin_trap(), code that can never "
                        "be reached, or an end without return");
    commit_deed(&now.lib, 5);
    check_title("int3", "game.c:%d stopped in step(): a breakpoint in the code");
    commit_deed(&now.lib, 22);
    check_title("raise", "game.c:%d raised SIGSEGV in raise(), called by step()");
}

// Scenario: a build with -fsanitize=undefined that traps.
// Expect: which of the checks it was.
static void checks_that_trap(void **state)
{
    (void)state;
    now.game.low = 9;
    commit_deed(&now.checked, 25);
    check_title("index",
                "game.c:%d was stopped by -fsanitize=undefined in step(): an index outside "
                "of its array");
    commit_deed(&now.checked, 26);
    check_title("overflow", "game.c:%d was stopped by -fsanitize=undefined in step(): an integer "
                            "overflow");
}

// Scenario: abort(), a failed assert whose expression has guard's words in it, exit(3), a longjmp
//           that is too late.
// Expect: each by its name, with what it was given.
static void ways_out(void **state)
{
    (void)state;
    commit_deed(&now.lib, 6);
    check_title("abort", "game.c:%d called abort() in step()");
    commit_deed(&now.lib, 7);
    check_title("assert", "game.c:%d assert failed in step(): g->zero > 0 && \"x) failed\"");
    commit_deed(&now.lib, 8);
    check_title("exit", "game.c:%d called exit(3) in step(): the game wanted to end the program");
    commit_deed(&now.lib, 18);
    check_title("jump", "game.c:%d called longjmp() in step(): into a function that has returned");
    assert_string_equal(now.crash.frames[0].function, "step");
}

#ifndef __SANITIZE_ADDRESS__ // whose free() ends the program
// In another process: this one would wait for malloc's lock for ever.
static void commit_elsewhere(int deed, GuardReport *report)
{
    GuardReport *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    pid_t child;

    assert_true(shared != MAP_FAILED);
    child = fork();
    if (child == 0) {
        run_deed(&now.lib, deed);
        *shared = now.report;
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    *report = *shared;
    munmap(shared, sizeof *shared);
}
#endif

// Scenario: free() of what is no block, explained with the lock in doubt, then in a new process.
// Expect: the heap is damaged, and how to find who did it; first without a line, then with it.
static void heap_damage(void **state)
{
    (void)state;
#ifndef __SANITIZE_ADDRESS__
    const GameLib *images = &now.lib;
    CrashContext context = context_of(&images);
    now.game.wild = (char *)&now.game.word;
    commit_elsewhere(17, &now.report);
    assert_true(now.report.doubt);
    crash_explain(&now.crash, &now.report, &context);
    assert_string_equal(now.crash.title,
                        "the game found the heap damaged in free(), called by step(): a block was "
                        "freed twice, was none, or was written over its end");
    assert_non_null(strstr(now.crash.hint, "may hold a lock"));
    now.report.doubt = false;
    crash_explain(&now.crash, &now.report, &context);
    check_title("free", "game.c:%d found the heap damaged in free(), called by step(): a block was "
                        "freed twice, was none, or was written over its end");
    assert_non_null(strstr(now.crash.hint, "-fsanitize=address"));
#endif
}

// Scenario: a function that calls itself without end; two that call each other.
// Expect: the functions and lines; few frames, with how often they repeat.
static void full_stack(void **state)
{
    (void)state;
    commit_deed(&now.lib, 9);
    check_title("grow",
                "recursion without end in grow() (game.c:%d calls itself), all of the stack "
                "is used up");
    assert_true(now.crash.frame_count < 5);
    assert_true(now.crash.frames[now.crash.frame_count - 1].repeats > 40);
    assert_int_equal(now.crash.source_first + now.crash.source_at, line_of("grow"));
    commit_deed(&now.lib, 10);
    assert_non_null(strstr(now.crash.title, "recursion without end in p"));
    assert_non_null(strstr(now.crash.title, "calls on, back to itself"));
    assert_true(now.crash.frame_count < 6);
}

// Scenario: a loop without end.
// Expect: where it was, and for how long.
static void endless_loop(void **state)
{
    (void)state;
    commit_deed(&now.lib, 11);
    assert_true(strncmp(now.crash.title, "game.c:", 7) == 0);
    assert_non_null(strstr(now.crash.title, " was still running after 0."));
    assert_non_null(strstr(now.crash.title, " in spin(): a loop that never ends?"));
    assert_string_equal(now.crash.frames[1].function, "step");
}

// Scenario: a library without debug information.
// Expect: functions by their symbols, no lines, and a word about -g.
static void without_debug_information(void **state)
{
    (void)state;
    commit_deed(&now.plain, 1);
    assert_string_equal(now.crash.title, "the game read address 0x4 in step(): a null pointer");
    assert_string_equal(now.crash.frames[0].function, "step");
    assert_string_equal(now.crash.frames[0].file, "");
    assert_string_equal(now.crash.frames[1].function, "update");
    assert_int_equal(now.crash.frame_count, 2);
    assert_int_equal(now.crash.source_count, 0);
    assert_non_null(strstr(now.crash.hint, "-g"));
}

// Scenario: the source was changed since the build; it is gone; it is a folder.
// Expect: place and title stay, no source line is shown.
static void sources_that_changed(void **state)
{
    struct timespec later[2] = {{.tv_sec = time(NULL) + 5}, {.tv_sec = time(NULL) + 5}};
    struct timespec before[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    const char *path = in_folder("game/game.c"), *away = in_folder("game/away.c");

    (void)state;
    assert_int_equal(utimensat(AT_FDCWD, path, later, 0), 0);
    commit_deed(&now.lib, 1);
    check_title("read", "game.c:%d read address 0x4 in step(): a null pointer");
    assert_string_equal(now.crash.frames[0].source, "");
    assert_int_equal(now.crash.source_count, 0);
    assert_int_equal(rename(path, away), 0);
    commit_deed(&now.lib, 1);
    check_title("read", "game.c:%d read address 0x4 in step(): a null pointer");
    assert_int_equal(mkdir(path, 0700), 0);
    commit_deed(&now.lib, 1);
    check_title("read", "game.c:%d read address 0x4 in step(): a null pointer");
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rename(away, path), 0);
    assert_int_equal(utimensat(AT_FDCWD, path, before, 0), 0);
    commit_deed(&now.lib, 1);
    assert_int_equal(now.crash.source_count, CRASH_SOURCE_LINES);
}

// Scenario: reports with nothing in them, with everything wrong: counts too large, wild addresses,
//           control characters in texts, no images, no folder.
// Expect: a title all the same, bounded and harmless.
static void strange_reports(void **state)
{
    static GuardReport report;
    CrashContext context = {.images = NULL};
    char text[20000];

    (void)state;
    for (int end = GUARD_RETURNED; end <= GUARD_JUMPED; end++) {
        for (int signal_number = 0; signal_number < 70; signal_number++) {
            memset(&report, 0, sizeof report);
            report.end = (GuardEnd)end;
            report.signal = signal_number;
            report.frame_count = signal_number % 2 ? 3 : 1000;
            report.has_registers = true;
            report.stack_bytes = UINT32_MAX;
            report.pc = report.frames[0] = (uintptr_t)signal_number << 40;
            report.doubt = report.stray = true;
            memset(report.text, '\033', sizeof report.text - 1);
            memset(report.doubt_in, '\b', sizeof report.doubt_in - 1);
            crash_explain(&now.crash, &report, &context);
            assert_true(now.crash.title[0]);
            assert_true(crash_text(&now.crash, text, sizeof text) > 0);
            assert_null(strpbrk(text, "\033\b"));
        }
    }
}

// Scenario: HL_ASSERT with its own place; a full arena, of which only the caller is known.
// Expect: both with place, function and words.
static void faults_of_the_runtime(void **state)
{
    const GameLib *images = &now.lib;
    CrashContext context = context_of(&images);
    Fault fault = {0};

    (void)state;
    commit_deed(&now.lib, 6); // for its frames
    now.report.end = GUARD_STOPPED;
    fault_set(&fault, FAULT_GAME, "HL_ASSERT(g->boss) does not hold");
    snprintf(fault.file, sizeof fault.file, "some/where/game.c");
    fault.line = line_of("abort");
    crash_explain_fault(&now.crash, &fault, &now.report, &context);
    check_title("abort", "game.c:%d in step(): HL_ASSERT(g->boss) does not hold");
    fault.file[0] = 0;
    fault.line = 0;
    fault_set(&fault, FAULT_GAME, "the arena is full");
    crash_explain_fault(&now.crash, &fault, &now.report, &context);
    check_title("abort", "game.c:%d in step(): the arena is full");
    assert_int_equal(now.crash.end, GUARD_STOPPED);
    crash_explain_fault(&now.crash, &fault, NULL, &context);
    assert_string_equal(now.crash.title, "the arena is full");
}

// Scenario: a crash as text, with much room, with little, with none.
// Expect: title, source with its mark, calls, hint; no line wider than 100 columns; never more than
//         fits, and whole lines.
static void as_text(void **state)
{
    char text[8192], small[300];
    size_t length;

    (void)state;
    commit_deed(&now.lib, 9);
    snprintf(now.crash.undone, sizeof now.crash.undone, "Tick 1234 was undone.");
    length = crash_text(&now.crash, text, sizeof text);
    assert_int_equal(length, strlen(text));
    assert_non_null(strstr(text, "recursion without end"));
    assert_non_null(strstr(text, "in update(), build 3, tick 1234"));
    assert_non_null(strstr(text, "more of the same"));
    assert_non_null(strstr(text, "Tick 1234 was undone."));
    for (char *rest = NULL, *line = strtok_r(text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        assert_true(strlen(line) <= 100);
    }
    length = crash_text(&now.crash, small, sizeof small);
    assert_true(length < sizeof small && small[length] == 0 && small[length - 1] == '\n');
    assert_int_equal(crash_text(&now.crash, small, 1), 0);
    assert_int_equal(crash_text(&now.crash, NULL, 0), 0);
    now.crash.is_set = false;
    assert_int_equal(crash_text(&now.crash, small, sizeof small), 0);
}

// Scenario: every bit of what a call may have changed, alone and together, with little room.
// Expect: a sentence for each that says whether it was put back.
static void changes(void **state)
{
    char text[2048];

    (void)state;
    crash_changes(0, "x", "update", text, sizeof text);
    assert_string_equal(text, "");
    crash_changes(GUARD_FPU, "fesetround", "update", text, sizeof text);
    assert_string_equal(text,
                        "update() changed how floats are rounded or trap (fesetround); it was "
                        "put back");
    crash_changes(GUARD_LOCALE | GUARD_FOLDER, NULL, "draw", text, sizeof text);
    assert_string_equal(text, "draw() set another locale and changed the working folder; all of it "
                              "was put back");
    crash_changes(GUARD_CHILD, "system", "update", text, sizeof text);
    assert_string_equal(text, "update() started another process, which keeps running when the tick "
                              "is undone (system)");
    for (unsigned bit = 1; bit <= GUARD_PRINTS; bit <<= 1) {
        crash_changes(bit, NULL, NULL, text, sizeof text);
        assert_true(strlen(text) > 20);
    }
    crash_changes(~0u, "evil\033", "update", text, sizeof text);
    assert_null(strchr(text, '\033'));
    crash_changes(~0u, "evil", "update", text, 10);
    assert_int_equal(strlen(text), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_null_pointer),
        cmocka_unit_test(inlined_functions),
        cmocka_unit_test(through_a_library),
        cmocka_unit_test(calls_to_nowhere),
        cmocka_unit_test(read_only_data),
        cmocka_unit_test(wild_addresses),
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(stops_in_the_code),
        cmocka_unit_test(checks_that_trap),
        cmocka_unit_test(ways_out),
        cmocka_unit_test(heap_damage),
        cmocka_unit_test(full_stack),
        cmocka_unit_test(endless_loop),
        cmocka_unit_test(without_debug_information),
        cmocka_unit_test(sources_that_changed),
        cmocka_unit_test(strange_reports),
        cmocka_unit_test(faults_of_the_runtime),
        cmocka_unit_test(as_text),
        cmocka_unit_test(changes),
    };
    return cmocka_run_group_tests(tests, open_everything, close_everything);
}
