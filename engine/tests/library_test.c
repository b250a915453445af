// `hotloop run --so`: a library that somebody else's build writes, whole or not. The case names of
// FAULTS.md, A1 to A16, are in the comments.
#include "session.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char LIBRARY[] = "lib/counter.so";

// A whole library of the counter game in its own file.
typedef struct Bytes {
    uint8_t *data;
    size_t size_bytes;
} Bytes;

static Bytes counter_with(Place *place, int step, const char *flags)
{
    Bytes made;
    place_library(place, "made.so", "counter.c", place_text(place, "-DSTEP=%d %s", step, flags));
    made.data = (uint8_t *)place_read(place, "made.so", &made.size_bytes);
    return made;
}

static void put(Place *place, Bytes library, Way way)
{
    place_write_bytes(place, LIBRARY, library.data, library.size_bytes, way);
}

// A session on the counter game in steps of 1; *next is the same in steps of 10.
static Session *start_counter(Place *place, Bytes *next)
{
    Bytes first = counter_with(place, 1, "");
    put(place, first, IN_PLACE);
    free(first.data);
    *next = counter_with(place, 10, "");
    Session *session = session_start_library(place, LIBRARY);
    (void)session_wait_tick(session, 5);
    return session;
}

static void wait_for_step(Session *session, int step)
{
    const char *text =
        session_wait_log(session, place_text(session->place, "new code: step %d ", step));
    assert_int_equal(place_number(text, "total "), place_number(text, "tick ") - 1 + step);
}

static void plays_on_with_step_1(Session *session)
{
    long long tick = field_number(SESSION_TELL(session, "status"), "tick");
    const char *text = session_wait_tick(session, tick + 10);
    assert_int_equal(place_number(text, "count "), place_number(text, "tick "));
}

static void replaced(Place *place, Way way)
{
    Bytes next;
    Session *session = start_counter(place, &next);
    put(place, next, way);
    free(next.data);
    const json_t *reload = session_wait(session, "reload");
    assert_int_equal(field_number(reload, "generation"), 2);
    wait_for_step(session, 10);
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 2);
    assert_int_equal(session_count(session, "refused"), 0);
}

static void replaced_by_mv(Place *place)
{
    // Scenario: mv new.so over it.
    // Expect: the new code runs on the state; one reload.
    replaced(place, MOVED);
}

static void replaced_by_cp_while_loaded(Place *place)
{
    // Scenario: A3, cp new.so over it: the loaded file's own bytes are replaced.
    // Expect: the running code does not notice; the new code runs after that; one reload.
    replaced(place, COPIED);
}

static void replaced_by_a_rename(Place *place)
{
    // Scenario: written beside it, renamed over it.
    // Expect: one reload.
    replaced(place, RENAMED);
}

static void replaced_as_ld_does(Place *place)
{
    // Scenario: removed, then written anew.
    // Expect: one reload.
    replaced(place, REMOVED_FIRST);
}

static void overwritten_in_place_while_loaded(Place *place)
{
    // Scenario: A3, other bytes are written over the old ones without a truncation.
    // Expect: one reload, of the whole new library.
    replaced(place, OVER_BYTES);
}

static void written_in_pieces_by_a_slow_linker(Place *place)
{
    // Scenario: truncated and written in five pieces with pauses.
    // Expect: one reload, when it is whole.
    replaced(place, IN_PIECES);
}

static void linked_straight_onto_the_loaded_file(Place *place)
{
    // Scenario: the compiler driver's own linker writes to the path that is watched.
    // Expect: one reload and no refusal.
    Bytes next;
    Session *session = start_counter(place, &next);
    free(next.data);
    place_library(place, LIBRARY, "counter.c", "-DSTEP=10");
    wait_for_step(session, 10);
    session_quit(session);
    assert_int_equal(session_count(session, "refused"), 0);
    assert_int_equal(session_count(session, "reload"), 2);
}

// What never becomes the library of the session: refused with `reason`, then the good one comes.
static void refused_then_replaced(Place *place, Bytes wrong, const char *reason)
{
    Bytes next;
    Session *session = start_counter(place, &next);
    put(place, wrong, RENAMED);
    const json_t *refused = session_wait_field(session, "refused", "reason", reason);
    assert_non_null(strstr(field_text(refused, "reason"), LIBRARY));
    plays_on_with_step_1(session);
    put(place, next, RENAMED);
    wait_for_step(session, 10);
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 2);
    assert_int_equal(session_count(session, "refused"), 1);
    free(next.data);
    free(wrong.data);
}

static void a1_truncated(Place *place)
{
    // Scenario: A1, cut at 60%, at a quarter, in its header; then the whole one.
    // Expect: "incomplete" each time, never loaded; the old code plays on; then the new one runs.
    static const size_t HUNDREDTHS[] = {60, 25, 0};
    Bytes next;
    Session *session = start_counter(place, &next);
    for (size_t i = 0; i < 3; i++) {
        size_t size_bytes = next.size_bytes * HUNDREDTHS[i] / 100 + 40;
        place_write_bytes(place, LIBRARY, next.data, size_bytes, COPIED);
        const json_t *refused = session_wait_field(session, "refused", "reason", "incomplete");
        assert_string_equal(field_text(refused, "kind"), "incomplete");
        plays_on_with_step_1(session);
    }
    put(place, next, COPIED);
    wait_for_step(session, 10);
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 2);
    free(next.data);
}

static void a2_full_size_with_a_zero_tail(Place *place)
{
    // Scenario: A2, all its length, but zeros from two thirds on; then the rest is written in
    // place.
    // Expect: "incomplete", the old code plays on; then the new one runs.
    Bytes next;
    Session *session = start_counter(place, &next);
    uint8_t *partly = calloc(1, next.size_bytes);
    assert_non_null(partly);
    memcpy(partly, next.data, next.size_bytes * 2 / 3);
    put(place, (Bytes){partly, next.size_bytes}, OVER_BYTES);
    free(partly);
    (void)session_wait_field(session, "refused", "reason", "incomplete");
    plays_on_with_step_1(session);
    put(place, next, OVER_BYTES);
    wait_for_step(session, 10);
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 2);
    free(next.data);
}

static void a3_overwritten_with_garbage_while_loaded(Place *place)
{
    // Scenario: A3, every byte of the loaded file is overwritten with 0xCC in place.
    // Expect: the running code does not notice; refused by name; the next good one runs.
    Bytes next;
    Session *session = start_counter(place, &next);
    uint8_t *garbage = malloc(next.size_bytes);
    assert_non_null(garbage);
    memset(garbage, 0xCC, next.size_bytes);
    put(place, (Bytes){garbage, next.size_bytes}, OVER_BYTES);
    free(garbage);
    (void)session_wait_field(session, "refused", "reason", "not a library");
    plays_on_with_step_1(session);
    put(place, next, OVER_BYTES);
    wait_for_step(session, 10);
    session_quit(session);
    free(next.data);
}

static void a4_deleted_by_a_failed_link(Place *place)
{
    // Scenario: A4, the file is removed and stays away; then it comes back with another step.
    // Expect: the game plays on with its own copy, says so, and takes the new one.
    Bytes next;
    Session *session = start_counter(place, &next);
    place_remove(place, LIBRARY);
    session_wait_words(session, "is gone");
    plays_on_with_step_1(session);
    put(place, next, IN_PLACE);
    wait_for_step(session, 10);
    session_quit(session);
    assert_int_equal(session_count(session, "refused"), 0);
    free(next.data);
}

static void a5_not_elf(Place *place)
{
    // Scenario: A5, a text file.
    // Expect: refused by name; the next good one runs.
    refused_then_replaced(place, (Bytes){(uint8_t *)strdup("#!/bin/sh\nexit 0\n"), 17},
                          "not a library");
}

static void a5_empty(Place *place)
{
    // Scenario: A5, an empty file.
    // Expect: it says that it is empty; the next good one runs.
    refused_then_replaced(place, (Bytes){calloc(1, 1), 0}, "empty");
}

static void a5_a_folder(Place *place)
{
    // Scenario: A5, a folder takes its place.
    // Expect: refused by name; the next good one runs.
    Bytes next;
    Session *session = start_counter(place, &next);
    place_remove(place, LIBRARY);
    assert_int_equal(mkdir(place_path(place, LIBRARY), 0755), 0);
    (void)session_wait_field(session, "refused", "reason", "a directory");
    plays_on_with_step_1(session);
    assert_int_equal(rmdir(place_path(place, LIBRARY)), 0);
    put(place, next, IN_PLACE);
    wait_for_step(session, 10);
    session_quit(session);
    free(next.data);
}

static void a5_a_fifo(Place *place)
{
    // Scenario: A5, a FIFO that nobody writes to takes its place.
    // Expect: refused by name, nothing hangs; the next good one runs.
    Bytes next;
    Session *session = start_counter(place, &next);
    assert_int_equal(mkfifo(place_path(place, "fifo"), 0600), 0);
    assert_int_equal(rename(place_path(place, "fifo"), place_path(place, LIBRARY)), 0);
    (void)session_wait_field(session, "refused", "reason", "a FIFO");
    plays_on_with_step_1(session);
    put(place, next, RENAMED);
    wait_for_step(session, 10);
    session_quit(session);
    free(next.data);
}

static void a6_for_another_machine(Place *place)
{
    // Scenario: A6, e_machine says RISC-V.
    // Expect: both machines are named.
    Bytes wrong = counter_with(place, 3, "");
    Elf64_Ehdr head;
    memcpy(&head, wrong.data, sizeof(head));
    head.e_machine = EM_RISCV;
    memcpy(wrong.data, &head, sizeof(head));
    refused_then_replaced(place, wrong, "built for riscv, this is ");
}

static Bytes built(Place *place, const char *source, const char *flags)
{
    Bytes made;
    place_library(place, "made.so", source, flags);
    made.data = (uint8_t *)place_read(place, "made.so", &made.size_bytes);
    return made;
}

static void a7_without_a_descriptor(Place *place)
{
    // Scenario: A7, a library that exports no hotloop_game.
    // Expect: it asks for HL_GAME.
    refused_then_replaced(
        place, built(place, "descriptor.c", "-DAPI=1 -DSIZE=sizeof(hl_game) -DDESCRIPTOR=other"),
        "HL_GAME");
}

static void a8_of_another_api_version(Place *place)
{
    // Scenario: A8, API version 99.
    // Expect: both numbers.
    Bytes wrong =
        built(place, "descriptor.c", "-DAPI=99 -DSIZE=sizeof(hl_game) -DDESCRIPTOR=hotloop_game");
    refused_then_replaced(place, wrong, "99");
}

static void a8_with_another_descriptor_size(Place *place)
{
    // Scenario: A8, a descriptor of 8 bytes.
    // Expect: both sizes.
    Bytes wrong =
        built(place, "descriptor.c", "-DAPI=HL_API_VERSION -DSIZE=8 -DDESCRIPTOR=hotloop_game");
    refused_then_replaced(place, wrong, place_text(place, "%zu", (size_t)8));
}

static void a9_an_undefined_symbol(Place *place)
{
    // Scenario: A9, a call of hl_rekt.
    // Expect: its name, and the near hl_rect.
    place_game(place, "counter.c", "bad.c");
    place_edit(place, "bad.c", "#include \"hotloop.h\"",
               "#include \"hotloop.h\"\nvoid hl_rekt(hl_canvas *c);", IN_PLACE);
    place_edit(place, "bad.c", "hl_clear(c, 0x203040ff);", "hl_rekt(c);", IN_PLACE);
    Bytes wrong = built(place, place_path(place, "bad.c"), "");
    refused_then_replaced(place, wrong, "hl_rekt, which nobody defines; did you mean hl_rect?");
}

static void a10_a_missing_library(Place *place)
{
    // Scenario: A10, it needs libgone.so, which is removed.
    // Expect: that name.
    place_write(place, "gone.c",
                "int gone_thing(void);\nint gone_thing(void)\n{\n    return 1;\n}\n", IN_PLACE);
    place_library(place, "libgone.so", place_path(place, "gone.c"), "-Wl,-soname,libgone.so");
    Bytes wrong =
        counter_with(place, 3, place_text(place, "-Wl,--no-as-needed -L%s -lgone", place->folder));
    place_remove(place, "libgone.so");
    refused_then_replaced(place, wrong, "libgone.so");
}

static void a11_without_debug_info(Place *place)
{
    // Scenario: A11, built without -g and stripped of its symbols.
    // Expect: it runs on the state like any other.
    Bytes next;
    Session *session = start_counter(place, &next);
    free(next.data);
    next = counter_with(place, 10, "-g0 -s");
    put(place, next, RENAMED);
    wait_for_step(session, 10);
    session_quit(session);
    free(next.data);
}

static void a13_a_constructor_that_crashes(Place *place)
{
    // Scenario: A13, a null pointer is written to while it loads.
    // Expect: refused, the signal is named, the session lives.
    refused_then_replaced(place, built(place, "poison.c", "-DPOISON=*(char*)0=1"), "SIGSEGV");
}

static void a13_a_constructor_that_hangs(Place *place)
{
    // Scenario: A13, an endless loop while it loads.
    // Expect: stopped and refused; the old code plays on all the while.
    refused_then_replaced(place, built(place, "poison.c", "-DPOISON=for(;;)pause()"),
                          "did not return");
}

static void a13_a_constructor_that_exits(Place *place)
{
    // Scenario: A13, exit(3) while it loads.
    // Expect: refused, the exit code is named, the session lives.
    refused_then_replaced(place, built(place, "poison.c", "-DPOISON=exit(3)"), "exit 3");
}

static void a13_a_constructor_that_behaves(Place *place)
{
    // Scenario: a constructor that does no harm.
    // Expect: it runs.
    Bytes next;
    Session *session = start_counter(place, &next);
    free(next.data);
    next = built(place, "poison.c", "-DPOISON=(void)getpid()");
    put(place, next, RENAMED);
    (void)session_wait_log(session, "poison runs");
    session_quit(session);
    free(next.data);
}

static void a14_the_same_content_again(Place *place)
{
    // Scenario: A14, touch; the same bytes by cp and by mv; then another step.
    // Expect: no reload for the former; generation 2 for the latter.
    Bytes next, same = counter_with(place, 1, "");
    put(place, same, IN_PLACE);
    Session *session = session_start_library(place, LIBRARY);
    (void)session_wait_tick(session, 5);
    assert_int_equal(PLACE_RUN(place, "touch", place_path(place, LIBRARY))->exit_code, 0);
    (void)session_wait(session, "unchanged");
    put(place, same, COPIED);
    (void)session_wait(session, "unchanged");
    put(place, same, MOVED);
    (void)session_wait(session, "unchanged");
    next = counter_with(place, 10, "");
    put(place, next, MOVED);
    assert_int_equal(field_number(session_wait(session, "reload"), "generation"), 2);
    session_quit(session);
    free(next.data);
    free(same.data);
}

static void a15_an_older_build_comes_back(Place *place)
{
    // Scenario: A15, step 1, step 10, and the bytes of step 1 again (an undo, git stash).
    // Expect: three generations; the last counts by 1 from where the second left off.
    Bytes next, first = counter_with(place, 1, "");
    Session *session = start_counter(place, &next);
    put(place, next, RENAMED);
    wait_for_step(session, 10);
    const char *text = session_wait_log(session, "count ");
    long long total = place_number(text, "count "), tick = place_number(text, "tick ");
    put(place, first, RENAMED);
    text = session_wait_log(session, "new code: step 1 ");
    assert_int_equal(place_number(text, "total "),
                     total + (place_number(text, "tick ") - tick - 1) * 10 + 1);
    assert_int_equal(field_number(SESSION_TELL(session, "status"), "generation"), 3);
    session_quit(session);
    free(next.data);
    free(first.data);
}

static void a16_of_two_changes_within_10_ms_the_last(Place *place)
{
    // Scenario: A16, step 10 and right behind it step 20, twenty rounds with other steps.
    // Expect: what runs in the end is the last, every time.
    Bytes next;
    Session *session = start_counter(place, &next);
    free(next.data);
    Bytes builds[2] = {counter_with(place, 10, ""), counter_with(place, 20, "")};
    for (int round = 0; round < 20; round++) {
        put(place, builds[round % 2], RENAMED);
        put(place, builds[(round + 1) % 2], RENAMED);
        (void)session_wait_log(session, round % 2 ? "new code: step 10 " : "new code: step 20 ");
        const char *text = session_wait_log(session, "count ");
        long long total = place_number(text, "count ");
        text = session_wait_log(session, "count ");
        assert_int_equal(place_number(text, "count ") - total, round % 2 ? 5 * 10 : 5 * 20);
    }
    session_quit(session);
    free(builds[0].data);
    free(builds[1].data);
}

static void a_link_that_is_turned_to_another_file(Place *place)
{
    // Scenario: the path is a symlink; it is turned to another library; then that one is replaced.
    // Expect: both are taken.
    Bytes next;
    place_library(place, "lib/one.so", "counter.c", "-DSTEP=1");
    place_library(place, "lib/two.so", "counter.c", "-DSTEP=10");
    assert_int_equal(symlink("one.so", place_path(place, LIBRARY)), 0);
    Session *session = session_start_library(place, LIBRARY);
    (void)session_wait_tick(session, 5);
    assert_int_equal(symlink("two.so", place_path(place, "lib/turned")), 0);
    assert_int_equal(rename(place_path(place, "lib/turned"), place_path(place, LIBRARY)), 0);
    wait_for_step(session, 10);
    next = counter_with(place, 30, "");
    place_write_bytes(place, "lib/two.so", next.data, next.size_bytes, RENAMED);
    (void)session_wait_log(session, "new code: step 30 ");
    session_quit(session);
    free(next.data);
}

static void not_there_yet(Place *place)
{
    // Scenario: the library does not exist when the session starts; then it is linked.
    // Expect: it waits, says so, and runs it.
    assert_int_equal(mkdir(place_path(place, "lib"), 0755), 0);
    Session *session = SESSION_START(place, "--so", place_path(place, LIBRARY), "--headless");
    session_wait_words(session, "not there yet");
    place_library(place, LIBRARY, "counter.c", "");
    (void)session_wait(session, "reload");
    (void)session_wait_tick(session, 5);
    session_quit(session);
}

static void its_own_names_stay_its_own(Place *place)
{
    // Scenario: the library exports functions named like one of the runtime's and one of a library
    // that the runtime is linked with.
    // Expect: it calls its own. (Not the second under AddressSanitizer, which has no
    // RTLD_DEEPBIND.)
    place_game(place, "counter.c", "own.c");
    place_edit(place, "own.c", "static void init(",
               "int live_tick(int x);\nint live_tick(int x) { return x + 41; }\n"
               "int ZSTD_isError(unsigned long x);\n"
               "int ZSTD_isError(unsigned long x) { return (int)x + 7; }\nstatic void init(",
               IN_PLACE);
    place_edit(place, "own.c", "/* more rules */",
               "if (t->reloaded) hl_log(t, \"own %d %d\", live_tick(1), ZSTD_isError(3));",
               IN_PLACE);
    place_library(place, "own.so", place_path(place, "own.c"), "-O0");
    Session *session = session_start_library(place, "own.so");
#ifdef __SANITIZE_ADDRESS__
    (void)session_wait_log(session, "own 42 ");
#else
    (void)session_wait_log(session, "own 42 10");
#endif
    session_quit(session);
}

static void a18_a19_libraries_that_cannot_be_unloaded(Place *place)
{
    // Scenario: A18 and A19, three builds in a row with a GNU_UNIQUE variable and a destructor for
    // the thread, each of which keeps dlclose from unloading them; no history that could need them.
    // Expect: each build runs on the state; the variable is warned of; status counts the images.
    static const char UNIQUE[] =
        "#include \"hotloop.h\"\n"
        "__asm__(\".pushsection .data\\n.globl only_one\\n.type only_one,@gnu_unique_object\\n\"\n"
        "        \".size only_one,4\\nonly_one: .long 7\\n.popsection\");\n"
        "extern int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);\n"
        "extern void *__dso_handle;\n"
        "static void at_end(void *p) { (void)p; }\n";
    place_game(place, "counter.c", "stays.c");
    place_edit(place, "stays.c", "#include \"hotloop.h\"\n", UNIQUE, IN_PLACE);
    place_edit(place, "stays.c", "/* more rules */",
               "if (t->reloaded) { __cxa_thread_atexit_impl(at_end, g, &__dso_handle); }",
               IN_PLACE);
    place_library(place, LIBRARY, place_path(place, "stays.c"), "-DSTEP=1");
    Session *session =
        SESSION_START(place, "--so", place_path(place, LIBRARY), "--headless", "--history", "0");
    (void)session_wait_tick(session, 5);
    session_wait_words(session, "unique in the process");
    for (int step = 2; step <= 4; step++) {
        place_library(place, "next.so", place_path(place, "stays.c"),
                      place_text(place, "-DSTEP=%d", step));
        assert_int_equal(rename(place_path(place, "next.so"), place_path(place, LIBRARY)), 0);
        (void)session_wait_log(session, place_text(place, "new code: step %d ", step));
    }
    assert_int_equal(field_number(SESSION_TELL(session, "status"), "images"), 4);
    session_quit(session);
}

static void a_library_linked_against_the_stub_calls_the_program(Place *place)
{
    // Scenario: --so with a library that needs libhotloop.so, whose functions are empty.
    // Expect: what it calls is hotloop's own: its log lines come.
    place_game(place, "counter.c", "counter.c");
    char folder[256];
    (void)snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(HOTLOOP, '/') - HOTLOOP), HOTLOOP);
    place_library(place, "game.so", "counter.c",
                  place_text(place, "-L%s -lhotloop -Wl,-rpath,%s", folder, folder));
    Session *session = session_start_library(place, "game.so");
    (void)session_wait_tick(session, 5);
    session_quit(session);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest library[] = {
        CASE(replaced_by_mv),
        CASE(replaced_by_cp_while_loaded),
        CASE(replaced_by_a_rename),
        CASE(replaced_as_ld_does),
        CASE(overwritten_in_place_while_loaded),
        CASE(written_in_pieces_by_a_slow_linker),
        CASE(linked_straight_onto_the_loaded_file),
        CASE(a1_truncated),
        CASE(a2_full_size_with_a_zero_tail),
        CASE(a3_overwritten_with_garbage_while_loaded),
        CASE(a4_deleted_by_a_failed_link),
        CASE(a5_not_elf),
        CASE(a5_empty),
        CASE(a5_a_folder),
        CASE(a5_a_fifo),
        CASE(a6_for_another_machine),
        CASE(a7_without_a_descriptor),
        CASE(a8_of_another_api_version),
        CASE(a8_with_another_descriptor_size),
        CASE(a9_an_undefined_symbol),
        CASE(a10_a_missing_library),
        CASE(a11_without_debug_info),
        CASE(a13_a_constructor_that_crashes),
        CASE(a13_a_constructor_that_hangs),
        CASE(a13_a_constructor_that_exits),
        CASE(a13_a_constructor_that_behaves),
        CASE(a14_the_same_content_again),
        CASE(a15_an_older_build_comes_back),
        CASE(a16_of_two_changes_within_10_ms_the_last),
        CASE(a18_a19_libraries_that_cannot_be_unloaded),
        CASE(a_link_that_is_turned_to_another_file),
        CASE(not_there_yet),
        CASE(its_own_names_stay_its_own),
        CASE(a_library_linked_against_the_stub_calls_the_program),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(library, NULL, NULL);
}
