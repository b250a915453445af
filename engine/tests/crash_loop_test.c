// Game code that crashes, hangs, aborts, exits and worse, in the real executable. Whatever it does,
// the tick is undone - the hash says so -, the session lives, the reason is said with file and
// line, and the next good save goes on from the last good tick. The deeds are in games/deeds.c.
#include "session.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char SOURCE[] = "game/deeds.c";
static const char RULES[] = "/* more rules */", PICTURE[] = "/* more picture */";
static const int SECOND = 60; // ticks; a build that dies before is put aside

// ASan follows only the stack that it knows, so there calls have none of their own, and memcpy and
// its like are its own, which may hold locks.
#ifdef __SANITIZE_ADDRESS__
enum { IS_ASAN = 1 };
#else
enum { IS_ASAN = 0 };
#endif

// A deed and how its call has to end. `end` and `text` may be NULL: any.
typedef struct Deed {
    const char *name, *end, *text;
    bool has_line; // a line of the game is marked "at NAME", and the report points there
} Deed;

// ---------------------------------------------------------------------------------- small helpers

static void contains(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fail_msg("\"%s\" is not in \"%s\"", part, text);
    }
}

static bool is_true(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

// A text that outlives the next 63 of place_text.
typedef struct Kept {
    char text[4096];
} Kept;

static Kept keep(const char *text)
{
    Kept kept;
    assert_true(strlen(text) < sizeof(kept.text));
    memcpy(kept.text, text, strlen(text) + 1);
    return kept;
}

static Kept hash_of(Session *session)
{
    return keep(field_text(SESSION_TELL(session, "hash"), "hash"));
}

static void is_same(Kept a, Kept b)
{
    assert_string_equal(a.text, b.text);
}

static long long tick_of(Session *session)
{
    return field_number(SESSION_TELL(session, "status"), "tick");
}

static bool stands_still(Session *session)
{
    return json_is_string(json_object_get(SESSION_TELL(session, "status"), "fault"));
}

static void has_no(Session *session, const char *name)
{
    size_t index;
    const json_t *event;
    (void)session_count(session, name); // reads them all
    json_array_foreach(session->seen, index, event)
    {
        if (strcmp(field_text(event, "event"), name) == 0) {
            fail_msg("there was a %s: %s", name, field_text(event, "text"));
        }
    }
}

// The game with three lines above it that choose what it does.
static void write_deed(Place *place, const char *deed, const char *call, long long tick)
{
    char *text = place_read(place, TEST_GAMES "/deeds.c", NULL);
    char *whole = malloc(strlen(text) + 256);
    assert_non_null(whole);
    (void)sprintf(whole, "#define DEED \"%s\"\n#define CALL \"%s\"\n#define AT   %lld\n%s", deed,
                  call, tick, text);
    place_write(place, SOURCE, whole, RENAMED);
    free(whole);
    free(text);
}

// The line that ends in "at NAME".
static long long line_of(Place *place, const char *name)
{
    char *text = place_read(place, SOURCE, NULL);
    const char *at = strstr(text, place_text(place, "// at %s\n", name));
    long long line = 1;
    if (!at) {
        fail_msg("no line is marked \"at %s\"", name);
    }
    for (const char *byte = text; byte < at; byte++) {
        line += *byte == '\n';
    }
    free(text);
    return line;
}

// Another content each time, so that it is another build.
static void write_peace(Place *place)
{
    write_deed(place, "nothing", "update", 1000000000LL + place->text_count);
}

// The good game, paused; hangs are ended soon.
static Session *start_paused(Place *place)
{
    write_peace(place);
    Session *session =
        SESSION_START(place, place->game, "--headless", "--seed", "7", "--hang", "400");
    (void)session_wait(session, "reload");
    (void)session_wait_tick(session, 5);
    (void)SESSION_TELL(session, "pause");
    return session;
}

// With the code as it is saved now, paused again when it had stood still.
static void take_build(Session *session)
{
    (void)session_wait(session, "reload");
    (void)SESSION_TELL(session, "pause");
}

// The last good tick is followed by the next one, with a good build, and none has been lost.
static void goes_on(Session *session)
{
    write_peace(session->place);
    take_build(session);
    long long tick = tick_of(session);
    assert_false(stands_still(session));
    (void)SESSION_TELL(session, "resume");
    const char *text = session_wait_tick(session, tick + 5);
    assert_int_equal(place_number(text, "count "), place_number(text, "tick "));
    (void)SESSION_TELL(session, "pause");
}

static void is_fault_of(Session *session, const json_t *fault, const Deed *deed, const char *call)
{
    const char *text = field_text(fault, "text");
    assert_string_equal(field_text(fault, "call"), call);
    if (deed->end && strcmp(deed->end, field_text(fault, "end")) != 0) {
        fail_msg("%s: \"%s\" ended as %s", deed->name, text, field_text(fault, "end"));
    }
    if (deed->text && !strstr(text, deed->text)) {
        fail_msg("%s: \"%s\" has no \"%s\"", deed->name, text, deed->text);
    }
    if (deed->has_line) {
        long long line = line_of(session->place, deed->name);
        const char *where = place_text(session->place, "deeds.c:%lld", line);
        contains(field_text(fault, "where"), where);
        contains(field_text(fault, "report"), where);
    }
}

// A build that does its deed in its first tick. The session is paused before and behind.
static const json_t *does(Session *session, const Deed *deed)
{
    long long tick = tick_of(session);
    Kept before = hash_of(session);
    write_deed(session->place, deed->name, "update", tick + 1);
    take_build(session);
    Kept swapped = hash_of(session);
    (void)SESSION_ASK(session, "step"); // no answer when it takes the process along
    const json_t *fault = session_wait(session, "fault");
    is_fault_of(session, fault, deed, "update");
    assert_true(is_true(fault, "is_undone"));
    assert_int_equal(tick_of(session), tick);
    bool aside = field_number(fault, "put_aside") > 0;
    assert_int_equal(stands_still(session), !aside);
    is_same(hash_of(session), aside ? before : swapped);
    return fault;
}

// One after the other, in one session; then it goes on.
static void do_all(Place *place, const Deed *deeds, size_t count)
{
    Session *session = start_paused(place);
    pid_t first = session->game_pid;
    for (size_t i = 0; i < count; i++) {
        const json_t *fault = does(session, &deeds[i]);
        if (field_number(fault, "put_aside") == 0 && !IS_ASAN) {
            fail_msg("%s: %s: not put aside", deeds[i].name, field_text(fault, "text"));
        }
    }
    goes_on(session);
    assert_true(session->game_pid == first || IS_ASAN); // all in one process
    session_quit(session);
}

#define DO_ALL(place, deeds) do_all((place), (deeds), sizeof(deeds) / sizeof((deeds)[0]))

// ------------------------------------------------------------------------------------ young builds

static void crashes_of_young_builds(Place *place)
{
    // Scenario: builds that crash in their first tick, one after the other (D46-49).
    // Expect: each is named in words with its line, undone to the same hash, and put aside; the
    // build before plays on, and a good one goes on from there.
    static const Deed DEEDS[] = {
        {"segv_read", "signal", "null pointer, likely `m`", true},
        {"segv_write", "signal", "wrote to address", true},
        {"segv_execute", "signal", "called address", true},
        {"wild", "signal", "wild address", true},
        {"far_away", "signal", "0x123456789000", true},
        {"call_null", "signal", "null function pointer", true},
        {"jump_to_rubbish", "signal", "called address 0x7000", true},
        {"sigbus", "signal", "shorter", true},
        {"sigfpe", "signal", "divided an integer by zero", true},
        {"sigill", "signal", "sigill()", true},
        {"sigtrap", "signal", "breakpoint", true},
        {"privileged", "signal", NULL, true},
        {"raise_segv", "signal", "SIGSEGV", true},
        {"inlined", "signal", "armour_of()", true},
        {"float_traps", "signal", "floating-point exceptions", true},
    };
    DO_ALL(place, DEEDS);
}

static void ends_of_young_builds(Place *place)
{
    // Scenario: builds that end the program on purpose, or jump out (D50, D54, D55).
    // Expect: as for crashes; no process ends.
    static const Deed DEEDS[] = {
        {"abort_it", "aborted", "abort()", true},
        {"assert_it", "aborted", "g->count < 0", true},
        {"hl_assert", "stopped", "HL_ASSERT(g->count < 0)", true},
        {"exit_it", "exit", "exit(3)", true},
        {"exit_at_once", "exit", "_exit(4)", true},
        {"exit_quickly", "exit", "quick_exit(5)", true},
        {"exit_by_pointer", "exit", "exit(6)", true},
        {"exit_thread", "exit", "pthread_exit", true},
    };
    DO_ALL(place, DEEDS);
}

static void full_stacks_of_young_builds(Place *place)
{
    // Scenario: recursion without end; a frame larger than the stack (D51).
    // Expect: the stack is named as the reason.
    static const Deed DEEDS[] = {
        {"recursion", "stack", "recursion without end in deeper()", false},
        {"large_frame", "stack", "local variables", true},
    };
    do_all(place, DEEDS, IS_ASAN ? 1 : 2); // our own stack ends in 1 GiB of nothing
}

static void hangs_of_young_builds(Place *place)
{
    // Scenario: loops and waits without end, in the game and inside libc's functions (D52).
    // Expect: the watchdog ends each; libc is left in order, so the process stays.
    static const Deed DEEDS[] = {
        {"endless", "hang", "still running", false},
        {"endless_format", "hang", "endless_format()", false},
        {"endless_print", "hang", "endless_print()", false},
        {"endless_sleep", "hang", "endless_sleep()", false},
    };
    DO_ALL(place, DEEDS);
}

static void crashes_inside_libc_that_hold_no_lock(Place *place)
{
    // Scenario: memcpy and strlen of NULL, a comparison of qsort's that crashes.
    // Expect: the game's line is named, not libc's; the process stays.
    static const Deed DEEDS[] = {
        {"in_memcpy", "signal", "memcpy()", true},
        {"in_strlen", "signal", "strlen()", true},
        {"in_qsort", "signal", "compare_badly()", true},
    };
    DO_ALL(place, DEEDS);
}

static void a_jump_to_a_place_of_an_earlier_call(Place *place)
{
    // Scenario: longjmp to where the tick before had called setjmp (D55).
    // Expect: caught, with the line; the tick is undone.
    static const Deed DEED = {"long_jump", "longjmp", "earlier call", true};
    Session *session = start_paused(place);
    long long tick = tick_of(session);
    write_deed(place, "long_jump", "update", tick + 2);
    take_build(session);
    (void)SESSION_TELL(session, "step");
    (void)SESSION_ASK(session, "step");
    is_fault_of(session, session_wait(session, "fault"), &DEED, "update");
    assert_int_equal(tick_of(session), tick + 1);
    goes_on(session);
    session_quit(session);
}

// ------------------------------------------------------- what the process itself does not survive

// The process may be replaced: what counts is the state, and that it goes on.
static void does_somehow(Session *session, const Deed *deed)
{
    (void)does(session, deed);
    goes_on(session);
}

static void locks_that_are_held_for_ever(Place *place)
{
    // Scenario: a game dies or hangs in the middle of malloc, free and printf, frees what is no
    // block or frees it twice, waits for a mutex that is its own (D53, D59).
    // Expect: where the lock cannot be given back the process is replaced, at the same tick with
    // the same hash; the next good save goes on.
    static const Deed DEEDS[] = {
        {"in_printf", NULL, "in_printf()", true},
        {"double_free", NULL, NULL, true},
        {"wild_free", NULL, NULL, true},
        {"deadlock", "hang", NULL, false},
        {"endless_malloc", "hang", "still", false},
    };
    Session *session = start_paused(place);
    for (size_t i = 0; i < sizeof(DEEDS) / sizeof(DEEDS[0]); i++) {
        does_somehow(session, &DEEDS[i]);
    }
    session_quit(session);
}

static void a_lock_that_is_held_in_draw(Place *place)
{
    // Scenario: draw dies in the middle of free and of printf, in every picture.
    // Expect: the process is replaced once each, not again and again: the tick stays, and the next
    // good save goes on from it.
    static const Deed DEEDS[] = {{"double_free", NULL, NULL, true},
                                 {"in_printf", NULL, NULL, true}};
    Session *session = start_paused(place);
    for (int i = 0; i < 2; i++) {
        long long tick = tick_of(session);
        write_deed(place, DEEDS[i].name, "draw", tick + 1);
        take_build(session);
        (void)SESSION_ASK(session, "step");
        const json_t *fault = session_wait(session, "fault");
        contains(field_text(fault, "report"), place_text(place, "%s()", DEEDS[i].name));
        assert_in_range(tick_of(session), tick, tick + 1);
        goes_on(session);
    }
    assert_true(session_count(session, "resumed") <= 2);
    session_quit(session);
}

static void a_hang_that_hears_no_signal(Place *place)
{
    // Scenario: a game blocks all signals by a system call of its own and loops (D53).
    // Expect: the process is replaced (another pid), at the same tick with the same hash.
    static const Deed DEED = {"endless_deaf", "hang", "still running", false};
    Session *session = start_paused(place);
    pid_t first = session->game_pid;
    (void)does(session, &DEED);
    assert_int_not_equal(session->game_pid, first);
    assert_int_equal(session_count(session, "resumed"), 1);
    goes_on(session);
    session_quit(session);
}

static void a_stack_that_is_overwritten(Place *place)
{
    // Scenario: 100,000 bytes written over a small local array; a return to a wild address.
    // Expect: the tick is undone whatever is left of the stack; it goes on.
    static const Deed DEEDS[] = {{"overrun", NULL, NULL, false},
                                 {"jump_to_stack", NULL, NULL, false}};
    if (IS_ASAN) {
        skip(); // without a stack of its own, what is written over is the runtime's
    }
    Session *session = start_paused(place);
    for (size_t i = 0; i < sizeof(DEEDS) / sizeof(DEEDS[0]); i++) {
        does_somehow(session, &DEEDS[i]);
    }
    session_quit(session);
}

static void a_heap_that_is_overwritten(Place *place)
{
    // Scenario: malloc memory is written over its end; then everything is freed (D59).
    // Expect: it is found at once or later, or does no harm; either way the session plays on, for
    // longer than it takes to find it.
    Session *session = start_paused(place);
    write_deed(place, "heap_overflow", "update", tick_of(session) + 1);
    take_build(session);
    (void)SESSION_ASK(session, "step", "30");
    for (int i = 0; i < 3; i++) {
        goes_on(session);
    }
    session_quit(session);
}

static void an_exit_that_nobody_can_catch(Place *place)
{
    // Scenario: exit by a system call of the game's own; by the name that dlsym finds.
    // Expect: the session comes back, at most a second (of ticks) is lost.
    static const char *const DEEDS[] = {"exit_raw", "exit_by_name"};
    Session *session = start_paused(place);
    (void)SESSION_TELL(session, "step", "100");
    for (size_t i = 0; i < 2; i++) {
        long long tick = tick_of(session);
        write_deed(place, DEEDS[i], "update", tick + 1);
        take_build(session);
        (void)SESSION_ASK(session, "step");
        (void)session_wait(session, "resumed");
        write_peace(place);
        take_build(session);
        assert_true(tick_of(session) <= tick);
        assert_true(tick_of(session) >= tick - SECOND);
        goes_on(session);
    }
    session_quit(session);
}

// -------------------------------------------------------------------------------------- old builds

static void a_build_that_dies_later_stands_still(Place *place)
{
    // Scenario: a build plays for more than a second, then crashes, hangs, exits.
    // Expect: it stands at the last good tick with the same hash; play is refused with the reason;
    // the next save - a bad one, too - goes on from there.
    static const Deed DEEDS[] = {
        {"segv_read", "signal", "null pointer", true},
        {"endless", "hang", NULL, false},
        {"exit_it", "exit", NULL, true},
        {"recursion", "stack", NULL, false},
    };
    Session *session = start_paused(place);
    for (size_t i = 0; i < sizeof(DEEDS) / sizeof(DEEDS[0]); i++) {
        long long tick = tick_of(session);
        write_deed(place, DEEDS[i].name, "update", tick + SECOND + 3);
        take_build(session);
        (void)SESSION_TELL(session, "step", place_text(place, "%d", SECOND + 2));
        Kept hash = hash_of(session);
        (void)SESSION_ASK(session, "step");
        const json_t *fault = session_wait(session, "fault");
        is_fault_of(session, fault, &DEEDS[i], "update");
        assert_int_equal(field_number(fault, "put_aside"), 0);
        assert_true(stands_still(session));
        assert_int_equal(tick_of(session), tick + SECOND + 2);
        is_same(hash_of(session), hash);
        (void)SESSION_ASK(session, "resume");
        contains(field_text(session->reply, "error"), "stopped");
    }
    goes_on(session);
    session_quit(session);
}

// A session that stands still after `deed`, one second and two ticks behind where it began.
static Session *start_dead(Place *place, const char *deed, const char *call)
{
    Session *session = start_paused(place);
    write_deed(place, deed, call, tick_of(session) + SECOND + 3);
    take_build(session);
    (void)SESSION_ASK(session, "step", place_text(place, "%d", SECOND + 10));
    (void)session_wait(session, "fault");
    return session;
}

static void rewind_and_restart_after_a_crash(Place *place)
{
    // Scenario: a game that stands still after a crash is rewound, played into it again, and
    // restarted.
    // Expect: the past can be shown as it was; the second crash is the same one; a restart plays.
    Session *session = start_dead(place, "segv_read", "update");
    Kept hash = hash_of(session);
    long long tick = tick_of(session);
    (void)SESSION_TELL(session, "back", "20");
    assert_int_equal(tick_of(session), tick - 20);
    assert_false(stands_still(session));
    (void)SESSION_TELL(session, "seek", "end");
    is_same(hash_of(session), hash);
    (void)SESSION_TELL(session, "back", "5");
    (void)SESSION_TELL(session, "resume");
    (void)session_wait(session, "fault");
    assert_int_equal(tick_of(session), tick);
    is_same(hash_of(session), hash);
    (void)SESSION_TELL(session, "restart");
    assert_false(stands_still(session));
    (void)session_wait(session, "restart");
    (void)SESSION_TELL(session, "resume");
    const char *text = session_wait_tick(session, 20);
    assert_int_equal(place_number(text, "count "), place_number(text, "tick "));
    (void)SESSION_TELL(session, "pause");
    goes_on(session);
    session_quit(session);
}

static void crashes_at_every_tick_are_no_flood(Place *place)
{
    // Scenario: a game crashes in its first tick, and there is no build before it; then it is saved
    // five times, never better; then it is mended (D63).
    // Expect: one event and one report a save; nothing more comes while it stands.
    write_deed(place, "segv_read", "update", 1);
    Session *session = SESSION_START(place, place->game, "--headless", "--seed", "7");
    const json_t *fault = session_wait(session, "fault");
    assert_int_equal(field_number(fault, "put_aside"), 0);
    for (int i = 2; i <= 6; i++) {
        (void)SESSION_TELL(session, "status");
        size_t said = strlen(session_errors(session));
        for (int asked = 0; asked < 5; asked++) {
            assert_true(stands_still(session));
        }
        assert_int_equal(strlen(session_errors(session)), said);
        assert_int_equal(session_count(session, "fault"), i - 1);
        place_edit(place, SOURCE, RULES, place_text(place, "g->noise[%d] = 1; %s", i, RULES),
                   RENAMED);
        (void)session_wait(session, "fault");
    }
    assert_true(strlen(session_errors(session)) < 64 * 1024);
    write_peace(place);
    (void)session_wait(session, "reload");
    const char *text = session_wait_tick(session, 5);
    assert_int_equal(place_number(text, "count "), place_number(text, "tick "));
    session_quit(session);
}

// ------------------------------------------------------------------------------------ init, draw

static void the_very_first_init(Place *place)
{
    // Scenario: the first init of a session crashes, hangs, exits; each is saved over the one
    // before; then it is good (D62).
    // Expect: a message each; the session lives; the good one begins at tick 1.
    static const Deed DEEDS[] = {
        {"segv_read", "signal", NULL, true}, {"endless", "hang", NULL, false},
        {"exit_it", "exit", NULL, true},     {"assert_it", "aborted", NULL, false},
        {"recursion", "stack", NULL, false}, {"fill_arena", "stopped", "Mob", false}};
    write_deed(place, DEEDS[0].name, "init", 1);
    Session *session = SESSION_START(place, place->game, "--headless", "--seed", "7", "--hang",
                                     "300", "--arena", "64M");
    size_t count = sizeof(DEEDS) / sizeof(DEEDS[0]);
    for (size_t i = 0; i < count; i++) {
        const json_t *fault = session_wait(session, "fault");
        is_fault_of(session, fault, &DEEDS[i], "init");
        assert_int_equal(field_number(fault, "put_aside"), 0);
        assert_true(stands_still(session));
        if (i + 1 < count) {
            write_deed(place, DEEDS[i + 1].name, "init", 1);
        }
    }
    write_peace(place);
    const char *text = session_wait_tick(session, 5);
    assert_int_equal(place_number(text, "tick "), 5);
    assert_int_equal(place_number(text, "count "), 5);
    session_quit(session);
}

static void init_at_a_restart(Place *place)
{
    // Scenario: a build whose init crashes is taken while the game plays; then it is restarted.
    // Expect: the crash is said and the session lives; a good save begins anew.
    Session *session = start_paused(place);
    write_deed(place, "segv_read", "init", 0);
    take_build(session);
    (void)SESSION_TELL(session, "step", "5");
    (void)SESSION_ASK(session, "restart");
    const json_t *fault = session_wait(session, "fault");
    assert_string_equal(field_text(fault, "call"), "init");
    write_peace(place);
    (void)session_wait(session, "reload");
    (void)SESSION_TELL(session, "resume");
    const char *text = session_wait_tick(session, 10);
    assert_int_equal(place_number(text, "count "), place_number(text, "tick "));
    session_quit(session);
}

static void a_crash_in_draw_costs_no_tick(Place *place)
{
    // Scenario: draw crashes, hangs, exits, fills the stack, in builds that are young (D61).
    // Expect: put aside; the tick that was drawn stays, with the state that it had behind update.
    static const Deed DEEDS[] = {{"segv_read", "signal", NULL, true},
                                 {"endless", "hang", NULL, false},
                                 {"abort_it", "aborted", NULL, true},
                                 {"exit_it", "exit", NULL, true},
                                 {"recursion", "stack", NULL, false}};
    Session *session = start_paused(place);
    for (size_t i = 0; i < sizeof(DEEDS) / sizeof(DEEDS[0]); i++) {
        long long tick = tick_of(session);
        write_deed(place, DEEDS[i].name, "draw", tick + 1);
        take_build(session);
        (void)SESSION_ASK(session, "step");
        const json_t *fault = session_wait(session, "fault");
        is_fault_of(session, fault, &DEEDS[i], "draw");
        assert_int_equal(tick_of(session), tick + 1);
        Kept hash = hash_of(session);
        (void)SESSION_TELL(session, "back");
        (void)SESSION_TELL(session, "seek", "end");
        assert_int_equal(tick_of(session), tick + 1);
        is_same(hash_of(session), hash);
    }
    goes_on(session);
    session_quit(session);
}

static void a_crash_in_draw_of_an_old_build(Place *place)
{
    // Scenario: draw crashes after more than a second; then it is mended.
    // Expect: it stands at that tick, said once; from there it goes on.
    Session *session = start_dead(place, "segv_read", "draw");
    long long tick = tick_of(session);
    assert_true(stands_still(session));
    for (int i = 0; i < 20; i++) { // frames pass, and draw is not tried in each
        assert_int_equal(tick_of(session), tick);
    }
    assert_int_equal(session_count(session, "fault"), 1);
    goes_on(session);
    session_quit(session);
}

// ---------------------------------------------------------------------------- what is not the
// game's

typedef struct Change {
    const char *deed, *warning;
} Change;

// What /proc says of the process that plays, as one text: signals, umask, limits, folder.
static Kept process_facts(Session *session)
{
    Place *place = session->place;
    const Output *said = PLACE_RUN(
        place, "sh", "-c",
        place_text(place,
                   "cd /proc/%d && grep -E '^(SigBlk|SigIgn|SigCgt|Umask)' status && cat limits && "
                   "readlink cwd",
                   (int)session->game_pid));
    assert_int_equal(said->exit_code, 0);
    return keep(said->out);
}

// What only the game can tell: the newest "facts" behind `tick`, without the number of the build.
static Kept game_facts(Session *session)
{
    const char *text = session_wait_log(session, "facts of ");
    return keep(strchr(text, ':'));
}

static void what_a_call_changes_is_put_back(Place *place)
{
    // Scenario: builds change the process in their first tick, and play on (D58, D64).
    // Expect: a warning that names it; behind the call everything is as it was; no fault.
    static const Change CHANGES[] = {
        {"round_up", "float"},       {"flush_to_zero", "float"},  {"block_signals", "signals"},
        {"change_locale", "locale"}, {"change_folder", "folder"}, {"lower_limit", "setrlimit"},
        {"mask_files", "umask"},     {"leave_word", "atexit"},    {"take_signals", "signal"},
        {"set_alarm", "setitimer"},  {"fork_it", "fork"},         {"become_another", "exec"},
        {"run_a_program", "system"},
    };
    Session *session = start_paused(place);
    (void)SESSION_TELL(session, "step", "10");
    Kept game = game_facts(session), process = process_facts(session);
    for (size_t i = 0; i < sizeof(CHANGES) / sizeof(CHANGES[0]); i++) {
        long long tick = tick_of(session);
        write_deed(place, CHANGES[i].deed, "update", tick + 1);
        take_build(session);
        (void)SESSION_TELL(session, "step", "10");
        contains(field_text(session_wait(session, "warning"), "text"), CHANGES[i].warning);
        is_same(process_facts(session), process);
        (void)SESSION_TELL(session, "step", "5");
        is_same(game_facts(session), game);
        assert_int_equal(tick_of(session), tick + 15);
    }
    has_no(session, "fault");
    goes_on(session);
    session_quit(session);
    assert_null(strstr(session_errors(session), "AT EXIT OF A GAME"));
}

// How many processes there are whose parent is `parent`.
static int count_children(pid_t parent)
{
    DIR *all = opendir("/proc");
    int count = 0;
    assert_non_null(all);
    for (struct dirent *entry; (entry = readdir(all));) {
        char path[300], line[512] = "";
        (void)snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        FILE *file = entry->d_name[0] >= '0' && entry->d_name[0] <= '9' ? fopen(path, "re") : NULL;
        if (file) {
            const char *behind = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
            count += behind && behind[2] != 'Z' && strtol(behind + 3, NULL, 10) == parent;
            (void)fclose(file);
        }
    }
    (void)closedir(all);
    return count;
}

static void a_forked_child_is_no_second_session(Place *place)
{
    // Scenario: a game forks in every tick; parent and child do what comes next (D56).
    // Expect: one warning; one session: no event and no log line comes twice; the children are
    // gone.
    Session *session = start_paused(place);
    place_edit(place, SOURCE, RULES, "if (fork() != 0) (void)wait(NULL);", RENAMED);
    take_build(session);
    int children = count_children(session->game_pid);
    (void)SESSION_TELL(session, "step", "20");
    (void)session_wait(session, "warning");
    assert_int_equal(session_count(session, "warning"), 1);
    assert_int_equal(count_children(session->game_pid), children);
    goes_on(session);
    session_quit(session);
    long long last = -1;
    size_t index;
    const json_t *event;
    json_array_foreach(session->seen, index, event)
    {
        const char *text = json_string_value(json_object_get(event, "text"));
        if (text && strncmp(text, "count ", 6) == 0) {
            assert_true(place_number(text, "count ") > last);
            last = place_number(text, "count ");
        }
    }
}

static void descriptors_that_are_not_its_own(Place *place)
{
    // Scenario: a game closes all descriptors from 3 to 1023 (D65).
    // Expect: said in words; events, control and the watch of the sources still work.
    Session *session = start_paused(place);
    write_deed(place, "close_all", "update", tick_of(session) + 1);
    take_build(session);
    (void)SESSION_ASK(session, "step", "5"); // its connection is as new as those of the game
    contains(field_text(session_wait(session, "warning"), "text"), "descriptor");
    goes_on(session);
    session_quit(session);
}

static void a_thread_that_crashes(Place *place)
{
    // Scenario: a thread of the game's crashes some time after the tick that started it (D57).
    // Expect: said, with the line and that it was a thread; the session lives and goes on.
    Session *session = start_paused(place);
    write_deed(place, "thread_crash", "update", tick_of(session) + 1);
    take_build(session);
    (void)SESSION_TELL(session, "resume");
    const json_t *fault = session_wait(session, "fault");
    assert_string_equal(field_text(fault, "call"), "thread");
    contains(field_text(fault, "report"), "crash_alone()");
    goes_on(session);
    session_quit(session);
}

static void a_thread_that_lives_at_a_reload(Place *place)
{
    // Scenario: a thread runs code of a build for ever; two more builds come (D57).
    // Expect: a warning; its code stays where it is, so nothing crashes.
    Session *session = start_paused(place);
    write_deed(place, "thread_alive", "update", tick_of(session) + 1);
    take_build(session);
    (void)SESSION_TELL(session, "step", "5");
    contains(field_text(session_wait(session, "warning"), "text"), "thread");
    for (int i = 0; i < 3; i++) {
        goes_on(session);
        place_edit(place, SOURCE, RULES, place_text(place, "g->noise[%d] = 7; %s", i, RULES),
                   RENAMED);
        take_build(session);
        (void)SESSION_TELL(session, "step", "200");
    }
    goes_on(session);
    has_no(session, "fault");
    has_no(session, "resumed");
    session_quit(session);
}

// --------------------------------------------------------------------------------------- too much

static void a_full_arena_names_the_type(Place *place)
{
    // Scenario: more memory than there is; a size that overflows (D68).
    // Expect: the type is named, the tick undone.
    static const Deed DEEDS[] = {{"fill_arena", "stopped", "Mob", false},
                                 {"overflow_size", "stopped", "Mob", false}};
    DO_ALL(place, DEEDS);
}

static void more_drawing_than_there_is_room_for(Place *place)
{
    // Scenario: draw makes 10 million calls, at places that are no numbers, too (D66).
    // Expect: no fault; the game plays on, and a picture can be made.
    Session *session = start_paused(place);
    place_edit(place, SOURCE, PICTURE,
               "for (int i = 0; i < 10000000; i++) hl_pixel(c, (float)(i % 320), (float)(i % 180), "
               "HL_WHITE); hl_rect(c, __builtin_nanf(\"\"), 5, __builtin_inff(), 7, HL_RED); "
               "hl_circle(c, 5, __builtin_nanf(\"\"), -1, HL_RED); hl_line(c, 1e38f, -1e38f, 3, 3, "
               "__builtin_nanf(\"\"), HL_RED); hl_text(c, __builtin_nanf(\"\"), 1, 1e30f, "
               "HL_RED, \"text\");",
               RENAMED);
    // Drawing so much takes its time, and somebody else's work may go on beside this test.
    (void)session_wait(session, "reload");
    (void)SESSION_TELL(session, "step", "2");
    (void)SESSION_TELL(session, "screenshot", "shot.png");
    assert_true(place_exists(place, "shot.png"));
    write_peace(place);
    take_build(session);
    session_quit(session);
}

static void a_flood_of_prints_is_bounded(Place *place)
{
    // Scenario: a game prints 20,000 lines a tick (D67).
    // Expect: what gets out is a small part of it, and it is said that something was dropped.
    write_deed(place, "print_flood", "update", 1);
    Session *session = SESSION_START(place, place->game, "--headless", "--seed", "7");
    (void)session_wait_tick(session, 60);
    session_quit(session);
    struct stat about;
    assert_int_equal(stat(session->out, &about), 0);
    assert_true(about.st_size < 8 << 20); // of some 40 MB
    contains(session_errors(session), "dropped");
}

// ------------------------------------------------------------------------------------ constructors

static void constructors_of_a_new_build(Place *place)
{
    // Scenario: constructors crash, exit, abort, hang; in between and at last a good save (A13).
    // Expect: each build is refused with the reason, and the code before plays on undisturbed.
    static const char *const BAD[] = {"*(volatile int *)8 = 1;", "exit(3);", "abort();",
                                      "for (;;) sink++;"};
    Session *session = start_paused(place);
    (void)SESSION_TELL(session, "resume");
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        write_peace(place);
        place_edit(place, SOURCE, "static void init(",
                   place_text(place,
                              "__attribute__((constructor)) static void begin(void) { %s }\n"
                              "static void init(",
                              BAD[i]),
                   RENAMED);
        const json_t *refused = session_wait(session, "refused");
        char *words = json_dumps(refused, 0);
        contains(words, "constructor");
        free(words);
        long long tick = tick_of(session);
        (void)session_wait_tick(session, tick + 5);
    }
    has_no(session, "fault");
    goes_on(session);
    session_quit(session);
}

// ------------------------------------------------------------------------ loops, replays, fixed
// runs

static void a_crash_in_a_loop(Place *place)
{
    // Scenario: two seconds are played in a loop; a build crashes in its middle; it is mended.
    // Expect: put aside and said; the loop goes round with the build before, and with the next.
    Session *session = start_paused(place);
    (void)SESSION_TELL(session, "step", "60");
    long long moment = field_number(SESSION_TELL(session, "status"), "moment");
    long long tick = tick_of(session);
    (void)SESSION_TELL(session, "loop", place_text(place, "%lld", moment - 40),
                       place_text(place, "%lld", moment));
    (void)SESSION_TELL(session, "resume");
    write_deed(place, "segv_read", "update", tick - 20);
    (void)session_wait(session, "fault");
    write_peace(place);
    (void)session_wait(session, "reload");
    assert_false(stands_still(session));
    (void)SESSION_TELL(session, "resume");
    for (int round = 0; round < 2; round++) {
        long long at;
        do {
            const char *text = session_wait_log(session, "count ");
            assert_int_equal(place_number(text, "count "), place_number(text, "tick "));
            at = place_number(text, "tick ");
        } while (at > tick - 30);
        do {
            at = place_number(session_wait_log(session, "count "), "tick ");
        } while (at < tick - 10);
    }
    session_quit(session);
}

static void fixed_runs_end_with_the_hash_of_the_last_good_tick(Place *place)
{
    // Scenario: `run --ticks 90` of builds that die in tick 50, of a good one for 49.
    // Expect: exit code 1, "after 49 ticks" and the same hash, whatever it was that they did.
    static const char *const DEEDS[] = {"segv_read", "recursion", "exit_it",
                                        "abort_it",  "endless",   "overrun",
                                        "in_printf", "hl_assert", "double_free"};
    write_peace(place);
    const Output *said =
        PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--seed", "7", "--ticks", "49");
    assert_int_equal(said->exit_code, 0);
    Kept good = keep(strstr(said->out, "hash "));
    for (size_t i = 0; i < sizeof(DEEDS) / sizeof(DEEDS[0]); i++) {
        if (IS_ASAN && strcmp(DEEDS[i], "overrun") == 0) {
            continue; // without a stack of its own, what is written over is the runtime's
        }
        write_deed(place, DEEDS[i], "update", 50);
        said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--seed", "7", "--ticks",
                             "90", "--hang", "300");
        const char *hash = strstr(said->out, "hash ");
        if (said->exit_code != 1 || !hash || strcmp(hash, good.text) != 0) {
            fail_msg("%s: exit %d, %s not %s", DEEDS[i], said->exit_code, said->out, good.text);
        }
        if (!strstr(said->err, "deeds.c:")) { // asking for no memory, it has no more than the name
            contains(said->err, place_text(place, "%s() of the game", DEEDS[i]));
        }
    }
}

static void a_fixed_run_that_cannot_be_interrupted(Place *place)
{
    // Scenario: `run --ticks 90` of a game that blocks all signals and loops.
    // Expect: exit code 1 and why; no hash, because that tick cannot be undone from outside.
    write_deed(place, "endless_deaf", "update", 50);
    const Output *said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--ticks",
                                       "90", "--hang", "300");
    assert_int_equal(said->exit_code, 1);
    contains(said->err, "update() of the game was still running");
    assert_null(strstr(said->out, "hash"));
}

static void a_replay_that_crashes(Place *place)
{
    // Scenario: a good recording is played with code that crashes in its middle.
    // Expect: exit code 1 and the report; the recording stays whole and plays with the good code.
    write_peace(place);
    const Output *said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--seed", "7",
                                       "--ticks", "80", "--record", "run.hlr");
    assert_int_equal(said->exit_code, 0);
    Kept good = keep(strstr(said->out, "hash "));
    write_deed(place, "segv_read", "update", 50);
    said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--replay", "run.hlr");
    assert_int_equal(said->exit_code, 1);
    contains(said->err, place_text(place, "deeds.c:%lld", line_of(place, "segv_read")));
    write_peace(place);
    said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--replay", "run.hlr");
    assert_int_equal(said->exit_code, 0);
    contains(said->out, good.text);
}

static void a_recording_that_ends_in_a_crash(Place *place)
{
    // Scenario: a session is recorded while builds crash, are put aside and mended.
    // Expect: the recording is whole: it plays to its end with the good code.
    write_peace(place);
    Session *session = SESSION_START(place, place->game, "--headless", "--seed", "7", "--record",
                                     place_path(place, "run.hlr"));
    (void)session_wait_tick(session, 5);
    (void)SESSION_TELL(session, "pause");
    for (int i = 0; i < 2; i++) {
        write_deed(place, "segv_read", "update", tick_of(session) + 1);
        take_build(session);
        (void)SESSION_ASK(session, "step");
        (void)session_wait(session, "fault");
        goes_on(session);
    }
    long long tick = tick_of(session);
    session_quit(session);
    const Output *said =
        PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--replay", "run.hlr");
    contains(said->out, place_text(place, "after %lld ticks", tick));
}

static void many_crashes_leave_nothing_behind(Place *place)
{
    // Scenario: one build crashes, is rewound and crashes again, 50 times.
    // Expect: the same hash each time; neither descriptors nor memory grow.
    Session *session = start_dead(place, "segv_read", "update");
    Kept hash = hash_of(session);
    long long pages = 0;
    int files = 0;
    for (int i = 0; i < 50; i++) {
        (void)SESSION_TELL(session, "back", "2");
        (void)SESSION_ASK(session, "resume");
        (void)session_wait(session, "fault");
        if (i == 20 || i == 49) {
            const char *path = place_text(place, "/proc/%d/statm", (int)session->game_pid);
            long long now = strtoll(strchr(PLACE_RUN(place, "cat", path)->out, ' '), NULL, 10);
            int open_now = place_count_files(
                place, place_text(place, "/proc/%d/fdinfo", (int)session->game_pid));
            assert_true(i == 20 || now - pages < 2048 || IS_ASAN); // 8 MB; ASan keeps what is freed
            assert_true(open_now > 3 && (i == 20 || open_now <= files + 2));
            pages = now;
            files = open_now;
        }
    }
    is_same(hash_of(session), hash);
    has_no(session, "resumed");
    goes_on(session);
    session_quit(session);
}

// ---------------------------------------------------------------------------------- from outside

static void ended_from_outside(Session *session)
{
    pid_t game = session->game_pid;
    session_signal(session, SIGTERM);
    int code = session_wait_end(session);
    assert_true(code == 0 || code == 128 + SIGTERM);
    assert_int_equal(kill(game, 0), -1);
    assert_int_equal(place_count_files(session->place, "run"), 0);
}

static void sigterm_while_it_hangs(Place *place)
{
    // Scenario: a game loops for ever, deaf as well, and nobody counts the time; SIGTERM (H109).
    // Expect: gone, no process and no file is left.
    static const char *const DEEDS[] = {"endless", "endless_sleep", "endless_deaf", "deadlock"};
    for (size_t i = 0; i < sizeof(DEEDS) / sizeof(DEEDS[0]); i++) {
        write_deed(place, DEEDS[i], "update", 7);
        Session *session =
            SESSION_START(place, place->game, "--headless", "--seed", "7", "--hang", "0");
        (void)session_wait_tick(session, 5);
        place_nap_ms(100); // into the loop; earlier is a case as well
        ended_from_outside(session);
    }
}

static void sigterm_while_it_stands_still(Place *place)
{
    // Scenario: SIGTERM after a crash, while it is said on screen; with a recording (H109).
    // Expect: exit 0, the recording is whole.
    write_deed(place, "segv_read", "update", 80);
    Session *session = SESSION_START(place, place->game, "--headless", "--seed", "7", "--record",
                                     place_path(place, "run.hlr"));
    (void)session_wait(session, "fault");
    session_signal(session, SIGTERM);
    assert_int_equal(session_wait_end(session), 0);
    (void)session_wait(session, "quit");
    const Output *said = PLACE_HOTLOOP(place, "info", "run.hlr");
    assert_int_equal(said->exit_code, 0);
    contains(said->out, "79");
}

static void too_little_memory_is_said(Place *place)
{
    // Scenario: address space, descriptors and data are limited before it starts (H110).
    // Expect: it plays, or ends in order with a message that names what it could not have: 1 when
    // the game could not be had, 70 when we could not begin.
    static const char *const LIMITS[] = {"-v 200000", "-v 2000000", "-n 6", "-n 12", "-d 10000"};
    if (IS_ASAN) {
        skip(); // it asks for terabytes of address space before we begin
    }
    write_peace(place);
    for (size_t i = 0; i < sizeof(LIMITS) / sizeof(LIMITS[0]); i++) {
        const Output *said = PLACE_RUN(
            place, "sh", "-c",
            place_text(place, "ulimit %s; exec '%s' run game --headless --fast --ticks 20 --seed 7",
                       LIMITS[i], HOTLOOP));
        bool ok =
            said->exit_code == 0
            || ((said->exit_code == 1 || said->exit_code == 70) && strstr(said->err, "hotloop: "));
        if (!ok) {
            fail_msg("ulimit %s: exit %d: %s", LIMITS[i], said->exit_code, said->err);
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest crashes[] = {
        CASE(crashes_of_young_builds),
        CASE(ends_of_young_builds),
        CASE(full_stacks_of_young_builds),
        CASE(hangs_of_young_builds),
        CASE(crashes_inside_libc_that_hold_no_lock),
        CASE(a_jump_to_a_place_of_an_earlier_call),
        CASE(locks_that_are_held_for_ever),
        CASE(a_lock_that_is_held_in_draw),
        CASE(a_hang_that_hears_no_signal),
        CASE(a_stack_that_is_overwritten),
        CASE(a_heap_that_is_overwritten),
        CASE(an_exit_that_nobody_can_catch),
        CASE(a_build_that_dies_later_stands_still),
        CASE(rewind_and_restart_after_a_crash),
        CASE(crashes_at_every_tick_are_no_flood),
        CASE(the_very_first_init),
        CASE(init_at_a_restart),
        CASE(a_crash_in_draw_costs_no_tick),
        CASE(a_crash_in_draw_of_an_old_build),
        CASE(what_a_call_changes_is_put_back),
        CASE(a_forked_child_is_no_second_session),
        CASE(descriptors_that_are_not_its_own),
        CASE(a_thread_that_crashes),
        CASE(a_thread_that_lives_at_a_reload),
        CASE(a_full_arena_names_the_type),
        CASE(more_drawing_than_there_is_room_for),
        CASE(a_flood_of_prints_is_bounded),
        CASE(constructors_of_a_new_build),
        CASE(a_crash_in_a_loop),
        CASE(fixed_runs_end_with_the_hash_of_the_last_good_tick),
        CASE(a_fixed_run_that_cannot_be_interrupted),
        CASE(a_replay_that_crashes),
        CASE(a_recording_that_ends_in_a_crash),
        CASE(many_crashes_leave_nothing_behind),
        CASE(sigterm_while_it_hangs),
        CASE(sigterm_while_it_stands_still),
        CASE(too_little_memory_is_said),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(crashes, NULL, NULL);
}
