#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gamelib.h"
#include "gamelib_source.h"

// The game that every library here is built from; the -D options of a case bend it.
static const char GAME[] =
    "#include \"hotloop.h\"\n"
    "#ifndef VALUE\n"
    "#define VALUE 1\n"
    "#endif\n"
    "typedef struct Game { int x; } Game;\n"
    "HL_TWEAK(SPEED, 2, 0, 5);\n"
    "HL_TWEAK(JUMP, 220, 0, 500);\n"
    "#ifdef BAD_TWEAKS\n"
    "HL_TWEAK(UPSIDE_DOWN, 1, 5, 0);\n"
    "HL_TWEAK(ENDLESS, 1, 0, __builtin_inff());\n"
    "HL_TWEAK(NAN_TWEAK, __builtin_nanf(\"\"), 0, 1);\n"
    "static const hl_tweak no_value HL_SECTION(\"hl_tweaks\")\n"
    "    = {\"no_value\", \"f\", 1, 0, 1, 0, 2};\n"
    "static const hl_tweak astray HL_SECTION(\"hl_tweaks\")\n"
    "    = {(const char *)4096, \"f\", 1, &JUMP, 1, 0, 2};\n"
    "HL_TWEAK(LAST, 7, 0, 9);\n"
    "#endif\n"
    "#ifdef BODY\n"
    "BODY\n"
    "#endif\n"
    "static void init(Game *g, hl_tick *t) { (void)t; g->x = (int)(JUMP + SPEED); }\n"
    "static void update(Game *g, hl_tick *t) { (void)t; g->x = VALUE; }\n"
    "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"
    "#ifdef CONSTRUCTOR\n"
    "#include <signal.h>\n"
    "#include <stdlib.h>\n"
    "#include <unistd.h>\n"
    "__attribute__((constructor)) static void start(void) { CONSTRUCTOR; }\n"
    "#endif\n"
    "#ifndef FIELDS\n"
    "#define FIELDS .title = \"Test\"\n"
    "#endif\n"
    "#ifndef NO_GAME\n"
    "HL_GAME(Game, init, update, draw, FIELDS);\n"
    "#else\n"
    "void *keep[] = {init, update, draw};\n"
    "#endif\n";

#define ARGUMENTS_MAX 16

typedef struct Fixture {
    char folder[64]; // all of the test's files
    char copies[80]; // private copies go here
    char good[80];   // a good library
    GameLibConfig config;
    Arena memory;
    FileBytes good_bytes;
} Fixture;

static const char *in_folder(Fixture *fixture, const char *name)
{
    return arena_format(&fixture->memory, "%s/%s", fixture->folder, name);
}

static void run(char *const arguments[])
{
    pid_t child;
    int status;

    assert_int_equal(posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// Builds `name` from game.c with up to four more arguments; returns its path.
static const char *build(Fixture *fixture, const char *name, const char *a, const char *b,
                         const char *c, const char *d)
{
    const char *path = in_folder(fixture, name);
    const char *more[] = {a, b, c, d};
    char *arguments[ARGUMENTS_MAX] = {0};
    size_t count = 0;
    const char *first[] = {"cc",
                           "-w",
                           "-shared",
                           "-fPIC",
                           "-I" TEST_SOURCE_DIR "/engine/api",
                           "-o",
                           path,
                           in_folder(fixture, "game.c")};

    for (size_t i = 0; i < COUNT_OF(first); i++) {
        arguments[count++] = arena_copy_text(&fixture->memory, first[i]);
    }
    for (size_t i = 0; i < COUNT_OF(more) && more[i]; i++) {
        arguments[count++] = arena_copy_text(&fixture->memory, more[i]);
    }
    run(arguments);
    return path;
}

static void write_bytes(const char *path, const void *bytes, size_t size_bytes)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size_bytes, file), size_bytes);
    assert_int_equal(fclose(file), 0);
}

static int open_everything(void **state)
{
    static Fixture fixture;
    Fault fault = {0};

    assert_true(arena_open(&fixture.memory, 0, 256u << 20, &fault));
    snprintf(fixture.folder, sizeof fixture.folder, "/tmp/gamelib_test_XXXXXX");
    assert_non_null(mkdtemp(fixture.folder));
    snprintf(fixture.copies, sizeof fixture.copies, "%s/copies", fixture.folder);
    assert_int_equal(mkdir(fixture.copies, 0700), 0);
    fixture.config = (GameLibConfig){.folder = fixture.copies, .self_path = "/proc/self/exe"};
    write_bytes(in_folder(&fixture, "game.c"), GAME, sizeof GAME - 1);
    snprintf(fixture.good, sizeof fixture.good, "%s",
             build(&fixture, "good.so", "-g", "-O1", NULL, NULL));
    assert_true(file_read(&fixture.memory, fixture.good, 1u << 24, &fixture.good_bytes, &fault));
    *state = &fixture;
    return 0;
}

static int close_everything(void **state)
{
    Fixture *fixture = *state;
    char remove[] = "rm", recursive[] = "-rf";

    run((char *[]){remove, recursive, fixture->folder, NULL});
    arena_close(&fixture->memory);
    return 0;
}

static size_t count_entries(const char *folder)
{
    DIR *dir = opendir(folder);
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir)) {
        count++;
    }
    closedir(dir);
    return count;
}

static void assert_nothing_left(const Fixture *fixture)
{
    assert_int_equal(count_entries(fixture->copies), 2); // . and ..
}

static void expect_refused(const Fixture *fixture, const char *path, FaultKind kind,
                           const char *words)
{
    GameLib lib;
    Fault fault = {0};

    assert_false(gamelib_open(&lib, path, &fixture->config, &fault));
    if (!strstr(fault.text, words) || !strstr(fault.text, path)) {
        fail_msg("\"%s\" does not say \"%s\" of %s", fault.text, words, path);
    }
    assert_int_equal(fault.kind, kind);
    assert_null(lib.handle);
    assert_nothing_left(fixture);
}

static int value_of(const GameLib *lib)
{
    int state = 0;

    lib->game->update(&state, NULL);
    return state;
}

// A copy of the good library, `size_bytes` long; then `changed_at` on overwritten.
static const char *bent(Fixture *fixture, const char *name, size_t size_bytes, size_t changed_at,
                        const void *change, size_t change_bytes)
{
    const char *path = in_folder(fixture, name);
    uint8_t *bytes = arena_push(&fixture->memory, 1, 16, size_bytes + 1);

    memcpy(bytes, fixture->good_bytes.data, size_bytes);
    memcpy(bytes + changed_at, change, change_bytes);
    write_bytes(path, bytes, size_bytes);
    return path;
}

// -------------------------------------------------------------------------------------- good ones

static void good_library_is_loaded(void **state)
{
    // Scenario: a plain game, built with -g.
    // Expect: descriptor, image, symbols, tweaks and build-id are there; its functions run; the
    // copy is private (0700), differs from the original, and is gone after the close.
    Fixture *fixture = *state;
    GameLib lib;
    Fault fault = {0};
    struct stat info;
    uint64_t content = 0;
    uintptr_t offset = 99;
    assert_true(gamelib_check(fixture->good, &content, &fault));
    assert_true(gamelib_open(&lib, fixture->good, &fixture->config, &fault));
    assert_true(lib.content == content && content != 0);
    assert_string_equal(lib.game->title, "Test");
    assert_int_equal(value_of(&lib), 1);
    assert_true(lib.has_debug_info);
    assert_true(lib.build_id_hash != 0);
    assert_true((uintptr_t)lib.game >= lib.image_first && (uintptr_t)lib.game < lib.image_end);
    assert_string_equal(gamelib_symbol_at(&lib, (uintptr_t)lib.game->update, &offset),
                        "hl_thunk_update");
    assert_int_equal(offset, 0);
    assert_string_equal(gamelib_symbol_at(&lib, (uintptr_t)lib.game + 9, &offset), "hotloop_game");
    assert_int_equal(offset, 9);
    assert_null(gamelib_symbol_at(&lib, lib.image_first, NULL));
    assert_null(gamelib_symbol_at(&lib, (uintptr_t)&lib, NULL));
    assert_int_equal(lib.tweak_count, 2);
    assert_int_equal(stat(lib.path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(strncmp(lib.path, fixture->copies, strlen(fixture->copies)), 0);
    assert_true(gamelib_close(&lib));
    assert_nothing_left(fixture);
    assert_true(gamelib_close(&lib));
}

static void stripped_libraries_are_loaded(void **state)
{
    // Scenario: no debug info; no symbol table (-s); no section headers at all.
    // Expect: all run; what is missing is said by the flags, and exported names are still found.
    Fixture *fixture = *state;
    GameLib lib;
    Fault fault = {0};
    uint8_t zero[sizeof(Elf64_Ehdr)] = {0};
    const char *path = build(fixture, "stripped.so", "-s", NULL, NULL, NULL);
    assert_true(gamelib_open(&lib, path, &fixture->config, &fault));
    assert_false(lib.has_debug_info);
    assert_string_equal(gamelib_symbol_at(&lib, (uintptr_t)lib.game, NULL), "hotloop_game");
    assert_null(gamelib_symbol_at(&lib, (uintptr_t)lib.game->update, NULL));
    assert_true(gamelib_close(&lib));
    path = bent(fixture, "sstripped.so", fixture->good_bytes.size_bytes,
                offsetof(Elf64_Ehdr, e_shoff), zero, sizeof(Elf64_Off));
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, zero, 4, offsetof(Elf64_Ehdr, e_shnum)), 4);
    close(fd);
    assert_true(gamelib_open(&lib, path, &fixture->config, &fault));
    assert_int_equal(value_of(&lib), 1);
    assert_int_equal(lib.symbol_count, 0);
    assert_true(gamelib_close(&lib));
    assert_nothing_left(fixture);
}

static void unsound_tweaks_are_dropped(void **state)
{
    // Scenario: tweaks with max below min, an infinite max, a NaN, no value, and a stray pointer,
    // among good ones; compiled with and without optimisation, which spaces them differently.
    // Expect: the three good ones, whole; writing through one changes what the game computes.
    Fixture *fixture = *state;
    static const char *const levels[] = {"-O0", "-O2", "-Os"};
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        GameLib lib;
        Fault fault = {0};
        const char *path = build(fixture, "tweaks.so", "-DBAD_TWEAKS", levels[i], NULL, NULL);
        assert_true(gamelib_open(&lib, path, &fixture->config, &fault));
        assert_int_equal(lib.tweak_count, 3);
        assert_string_equal(lib.tweaks[0].name, "SPEED");
        assert_string_equal(lib.tweaks[2].name, "LAST");
        for (uint32_t k = 0; k < lib.tweak_count; k++) {
            if (strcmp(lib.tweaks[k].name, "JUMP") == 0) {
                int game = 0;
                assert_true(*lib.tweaks[k].value == 220 && lib.tweaks[k].max == 500);
                *lib.tweaks[k].value = 400;
                lib.game->init(&game, NULL);
                assert_int_equal(game, 402);
            }
        }
        assert_true(gamelib_close(&lib));
    }
}

// --------------------------------------------------------------------------------- incomplete ones

static void truncated_files_are_incomplete(void **state)
{
    // Scenario: the good library cut at every 13th length and at the last 80.
    // Expect: FAULT_INCOMPLETE each time, never a load.
    Fixture *fixture = *state;
    size_t whole = fixture->good_bytes.size_bytes;
    for (size_t size_bytes = 0; size_bytes < whole;
         size_bytes += size_bytes + 80 < whole ? 13 : 1) {
        Fault fault = {0};
        const char *path = in_folder(fixture, "cut.so");
        write_bytes(path, fixture->good_bytes.data, size_bytes);
        assert_false(gamelib_check(path, NULL, &fault));
        if (fault.kind != FAULT_INCOMPLETE) {
            fail_msg("%zu bytes: %s", size_bytes, fault.text);
        }
    }
    expect_refused(fixture, in_folder(fixture, "cut.so"), FAULT_INCOMPLETE, "incomplete");
}

static void zero_tails_are_incomplete(void **state)
{
    // Scenario: full size, but the end is still zeros, from 32 bytes up to all of it (shorter
    // tails change nothing but fields that are zero anyway).
    // Expect: FAULT_INCOMPLETE each time.
    Fixture *fixture = *state;
    size_t whole = fixture->good_bytes.size_bytes;
    uint8_t *bytes = arena_push(&fixture->memory, 1, 16, whole);
    memcpy(bytes, fixture->good_bytes.data, whole);
    for (size_t tail = 32; tail <= whole; tail += tail + 100 < whole && tail > 200 ? 29 : 1) {
        Fault fault = {0};
        const char *path = in_folder(fixture, "tail.so");
        memset(bytes + whole - tail, 0, tail);
        write_bytes(path, bytes, whole);
        assert_false(gamelib_check(path, NULL, &fault));
        if (fault.kind != FAULT_INCOMPLETE) {
            fail_msg("tail of %zu bytes: %s", tail, fault.text);
        }
    }
}

static void file_open_for_writing_is_incomplete(void **state)
{
    // Scenario: a whole library that a linker still has open for writing; then it closes it. The
    // file is also opened for writing while we hold it open ourselves.
    // Expect: incomplete while it is open, good afterwards, and a later writer is not disturbed.
    Fixture *fixture = *state;
    const char *path = bent(fixture, "busy.so", fixture->good_bytes.size_bytes, 0, "", 0);
    Fault fault = {0};
    int writer = open(path, O_RDWR | O_CLOEXEC);
    assert_true(writer >= 0);
    assert_false(gamelib_check(path, NULL, &fault));
    assert_int_equal(fault.kind, FAULT_INCOMPLETE);
    close(writer);
    assert_true(gamelib_check(path, NULL, &fault));
    GameSource source;
    assert_true(gamelib_source_open(&source, path, &fault));
    writer = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK); // blocked, if a lease were still held
    assert_true(writer >= 0);
    close(writer);
    gamelib_source_close(&source);
}

static void change_during_the_copy_is_noticed(void **state)
{
    // Scenario: one byte changes, or the file shrinks, after it was read and before it is loaded.
    // Expect: FAULT_INCOMPLETE; unchanged, it is the same.
    Fixture *fixture = *state;
    const char *path = bent(fixture, "race.so", fixture->good_bytes.size_bytes, 0, "", 0);
    GameSource source;
    Fault fault = {0};
    assert_true(gamelib_source_open(&source, path, &fault));
    assert_true(gamelib_source_same(&source, path, &fault));
    int writer = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(writer, "!", 1, 4000), 1);
    close(writer);
    assert_false(gamelib_source_same(&source, path, &fault));
    assert_int_equal(fault.kind, FAULT_INCOMPLETE);
    assert_int_equal(truncate(path, 100), 0);
    fault = (Fault){0};
    assert_false(gamelib_source_same(&source, path, &fault));
    assert_int_equal(fault.kind, FAULT_INCOMPLETE);
    gamelib_source_close(&source);
}

// Overwrites `path` in place with two builds in turn, in two pieces each, until it is killed.
static void keep_writing(const char *path, FileBytes first, FileBytes second)
{
    for (int i = 0;; i++) {
        FileBytes bytes = i % 2 ? second : first;
        size_t half = bytes.size_bytes / 2;
        int fd = open(path, O_WRONLY | O_CREAT | (i % 3 ? O_TRUNC : 0) | O_CLOEXEC, 0700);
        if (write(fd, bytes.data, half) < 0
            || write(fd, bytes.data + half, bytes.size_bytes - half) < 0
            || ftruncate(fd, (off_t)bytes.size_bytes) != 0) {
            _exit(1);
        }
        close(fd);
        mono_sleep_until(mono_ns() + (uint64_t)(i % 7) * NS_PER_MS / 10);
    }
}

static void builds_in_a_row_are_never_mixed(void **state)
{
    // Scenario: another process overwrites the file in place without end, alternating between two
    // builds, while it is opened until 300 openings succeeded.
    // Expect: every opening is one of the two whole builds, or FAULT_INCOMPLETE.
    Fixture *fixture = *state;
    const char *path = build(fixture, "row.so", "-DVALUE=10", NULL, NULL, NULL);
    const char *other = build(fixture, "row2.so", "-DVALUE=20", "-g", NULL, NULL);
    FileBytes ten = {0}, twenty = {0};
    uint64_t deadline_ns = mono_ns() + 10 * NS_PER_S; // only a hang reaches it
    int good = 0, status;
    Fault fault = {0};
    assert_true(file_read(&fixture->memory, path, 1u << 24, &ten, &fault));
    assert_true(file_read(&fixture->memory, other, 1u << 24, &twenty, &fault));
    pid_t writer = fork();
    if (writer == 0) {
        keep_writing(path, ten, twenty);
    }
    while (good < 300 && mono_ns() < deadline_ns) {
        GameLib lib;
        if (!gamelib_open(&lib, path, &fixture->config, &fault)) {
            if (fault.kind != FAULT_INCOMPLETE) {
                kill(writer, SIGKILL);
                fail_msg("%s", fault.text);
            }
            continue;
        }
        uint64_t content = hash_bytes(ten.data, ten.size_bytes);
        int value = value_of(&lib);
        good += value == (lib.content == content ? 10 : 20);
        assert_true(gamelib_close(&lib));
    }
    kill(writer, SIGKILL);
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(good, 300);
    assert_nothing_left(fixture);
}

// ------------------------------------------------------------------------------------ foreign ones

static void foreign_files_are_refused_by_name(void **state)
{
    // Scenario: a text, an empty file, a directory, a FIFO, a device, nothing at all, an object
    // file, an executable, an archive.
    // Expect: each is refused at once, and the message says what it is.
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "text.so");
    write_bytes(path, "int x;\n", 7);
    expect_refused(fixture, path, FAULT_LIBRARY, "not a library");
    write_bytes(path, "", 0);
    expect_refused(fixture, path, FAULT_INCOMPLETE, "empty");
    write_bytes(path, "!<arch>\n/   ", 12);
    expect_refused(fixture, path, FAULT_LIBRARY, "archive");
    path = in_folder(fixture, "fifo.so");
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_refused(fixture, path, FAULT_LIBRARY, "FIFO");
    expect_refused(fixture, fixture->folder, FAULT_LIBRARY, "directory");
    expect_refused(fixture, "/dev/null", FAULT_LIBRARY, "device");
    expect_refused(fixture, in_folder(fixture, "none.so"), FAULT_FILE, "No such file");
    path = build(fixture, "object.so", "-c", NULL, NULL, NULL);
    expect_refused(fixture, path, FAULT_LIBRARY, "object file");
    path = bent(fixture, "program.so", fixture->good_bytes.size_bytes, offsetof(Elf64_Ehdr, e_type),
                &(uint16_t){ET_EXEC}, 2);
    expect_refused(fixture, path, FAULT_LIBRARY, "executable");
    expect_refused(fixture, "/proc/self/exe", FAULT_LIBRARY, "executable");
}

static void other_machines_are_named(void **state)
{
    // Scenario: the same library marked as built for aarch64, for an unknown machine, with 32-bit
    // pointers, big-endian.
    // Expect: both machines are named.
    Fixture *fixture = *state;
    size_t whole = fixture->good_bytes.size_bytes;
    uint16_t arm = EM_AARCH64, x86 = EM_X86_64, odd = 31000;
    bool on_arm = memcmp(fixture->good_bytes.data + offsetof(Elf64_Ehdr, e_machine), &arm, 2) == 0;
    const char *path =
        bent(fixture, "arm.so", whole, offsetof(Elf64_Ehdr, e_machine), on_arm ? &x86 : &arm, 2);
    expect_refused(fixture, path, FAULT_LIBRARY, on_arm ? "for x86-64" : "for aarch64");
    expect_refused(fixture, path, FAULT_LIBRARY, on_arm ? "is aarch64" : "is x86-64");
    path = bent(fixture, "odd.so", whole, offsetof(Elf64_Ehdr, e_machine), &odd, 2);
    expect_refused(fixture, path, FAULT_LIBRARY, "machine number 31000");
    path = bent(fixture, "short.so", whole, EI_CLASS, (uint8_t[]){ELFCLASS32}, 1);
    expect_refused(fixture, path, FAULT_LIBRARY, "32-bit pointers");
    path = bent(fixture, "big.so", whole, EI_DATA, (uint8_t[]){ELFDATA2MSB}, 1);
    expect_refused(fixture, path, FAULT_LIBRARY, "big-endian");
}

static void broken_bytes_are_judged_without_harm(void **state)
{
    // Scenario: 6,000 copies of a good library with random bytes changed, many of them in the
    // header and the tables; some are cut as well.
    // Expect: every one gets an answer, and reading on in those that pass touches nothing outside
    // (the sanitizer would say).
    Fixture *fixture = *state;
    size_t whole = fixture->good_bytes.size_bytes, passed = 0;
    uint8_t *bytes = arena_push(&fixture->memory, 1, 16, whole);
    const char *path = in_folder(fixture, "broken.so");
    Elf64_Ehdr head;
    srand(5);
    memcpy(&head, fixture->good_bytes.data, sizeof head);
    for (int round = 0; round < 6000; round++) {
        Fault fault = {0};
        size_t size_bytes = rand() % 4 == 0 ? (size_t)rand() % whole : whole;
        memcpy(bytes, fixture->good_bytes.data, whole);
        for (int flips = 1 + rand() % 8; flips > 0; flips--) {
            size_t from = rand() % 3 == 0 ? head.e_shoff : 0;
            size_t span = rand() % 2 == 0 ? 1024 : whole;
            bytes[(from + (size_t)rand() % span) % whole] = (uint8_t)rand();
        }
        write_bytes(path, bytes, size_bytes);
        passed += gamelib_check(path, NULL, &fault);
        assert_true(fault.kind == FAULT_NONE || fault.kind == FAULT_INCOMPLETE
                    || fault.kind == FAULT_LIBRARY);
        // The readers behind gamelib_open, on bytes of exactly that size.
        uint8_t *exact = malloc(size_bytes + 1);
        memcpy(exact, bytes, size_bytes);
        uint8_t *end = realloc(exact, size_bytes ? size_bytes : 1);
        GameElf elf;
        GameElfDynamic dynamic;
        Elf64_Shdr a, b;
        if (gamelib_elf_open(&elf, end, size_bytes, path, NULL)
            && gamelib_elf_dynamic(&elf, &dynamic)) {
            (void)gamelib_elf_runs_code(&elf, &dynamic);
            (void)gamelib_elf_build_id(&elf);
            (void)gamelib_elf_find(&elf, "hl_tweaks", &a);
            (void)gamelib_elf_symbols(&elf, &a, &b);
            for (uint64_t i = 0; i < dynamic.entry_count; i++) {
                const char *name = gamelib_elf_needed(&elf, &dynamic, i);
                assert_true(!name || strlen(name) < size_bytes);
            }
        }
        free(end);
    }
    assert_true(passed > 0 && passed < 6000);
}

// --------------------------------------------------------------------------- broken promises

static void missing_names_are_named(void **state)
{
    // Scenario: a call of a misspelt hl_ function, of another unknown function, and a needed
    // library that is gone. Expect: the name, a near match for the first, and the missing library.
    Fixture *fixture = *state;
    const char *path = build(fixture, "typo.so", "-DCONSTRUCTOR=",
                             "-DBODY=void hl_clera(void);"
                             "void f(void){hl_clera();}",
                             NULL, NULL);
    expect_refused(fixture, path, FAULT_LIBRARY, "hl_clera");
    expect_refused(fixture, path, FAULT_LIBRARY, "did you mean hl_clear?");
    path = build(fixture, "typo2.so",
                 "-DBODY=void zzz_unheard_of(void);"
                 "void f(void){zzz_unheard_of();}",
                 NULL, NULL, NULL);
    expect_refused(fixture, path, FAULT_LIBRARY, "zzz_unheard_of, which nobody defines");
    const char *needed = build(fixture, "libneeded.so", "-DNO_GAME", "-DBODY=void n(void){}",
                               "-Wl,-soname,libneeded.so", NULL);
    path = build(fixture, "needs.so", "-DBODY=void n(void);void f(void){n();}", needed, NULL, NULL);
    assert_int_equal(unlink(needed), 0);
    expect_refused(fixture, path, FAULT_LIBRARY, "needs the library libneeded.so");
    GameLibConfig no_trial = {.folder = fixture->copies};
    GameLib lib;
    Fault fault = {0};
    assert_false(gamelib_open(&lib, path, &no_trial, &fault));
    assert_non_null(strstr(fault.text, "needs the library libneeded.so"));
    assert_nothing_left(fixture);
}

static void unsound_descriptors_are_refused(void **state)
{
    // Scenario: no HL_GAME; descriptors of another version and size, and with each field out of
    // its range.
    // Expect: each refused in words that name the field and the numbers; nothing stays loaded.
    Fixture *fixture = *state;
    static const struct {
        const char *option, *words;
    } cases[] = {
        {"-DNO_GAME", "is HL_GAME in it?"},
        {"-DFIELDS=.api=2", "built for API 2, this hotloop speaks 1"},
        {"-DFIELDS=.size=96", "has 96 bytes"},
        {"-DFIELDS=.state_size=0", "state has 0 bytes"},
        {"-DFIELDS=.state_size=(size_t)65<<30", "64 GiB"},
        {"-DFIELDS=.state_align=3", "aligned to 3"},
        {"-DFIELDS=.state_align=8192", "aligned to 8192"},
        {"-DFIELDS=.width=5000", ".width is 5000"},
        {"-DFIELDS=.height=-1", ".height is -1"},
        {"-DFIELDS=.tick_rate=1001", ".tick_rate is 1001"},
        {"-DFIELDS=.arena=(size_t)65<<30", ".arena"},
        {"-DFIELDS=.update=0", "update is missing"},
        {"-DFIELDS=.draw=(void*)4096", "draw is no function"},
        {"-DFIELDS=.init=(void*)&JUMP", "init is no function"},
        {"-DFIELDS=.title=(char*)4096", ".title"},
        {"-DFIELDS=.state_type=0", "state type"},
        {"-DFIELDS=.id=\"../x\"", ".id \"../x\""},
        {"-DFIELDS=.id=\"\"", ".id \"\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *path = build(fixture, "unsound.so", cases[i].option, NULL, NULL, NULL);
        expect_refused(fixture, path, FAULT_LIBRARY, cases[i].words);
    }
    const char *path = build(fixture, "noise.so", "-DNO_GAME",
                             "-DBODY=const char hotloop_game[4]={1};", NULL, NULL);
    expect_refused(fixture, path, FAULT_LIBRARY, "hotloop");
}

static void bad_constructors_die_alone(void **state)
{
    // Scenario: constructors that crash, abort, exit with 0, close all descriptors and exit, and
    // never return (with a helper process of their own); one in a needed library.
    // Expect: we live on, and the message says what happened.
    Fixture *fixture = *state;
    static const struct {
        const char *option, *words;
    } cases[] = {
        {"-DCONSTRUCTOR=*(volatile int*)0=1",
         "crashed (SIGSEGV) in a trial load; previous code kept"},
        {"-DCONSTRUCTOR=abort()", "crashed (SIGABRT) in a trial load; previous code kept"},
        {"-DCONSTRUCTOR=exit(0)", "ended the program (exit 0) in a trial load; previous code kept"},
        {"-DCONSTRUCTOR=for(int i=0;i<99;i++)close(i);_exit(7)",
         "ended the program (exit 7) in a trial load; previous code kept"},
        {"-DCONSTRUCTOR=fork();for(;;)pause()",
         "did not return within 2 s in a trial load; previous code kept"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *path = build(fixture, "bad.so", cases[i].option, NULL, NULL, NULL);
        expect_refused(fixture, path, FAULT_LIBRARY, cases[i].words);
        if (i + 2 == COUNT_OF(cases)) {
            GameLibConfig nobody = {.folder = fixture->copies, .self_path = "/nonexistent"};
            GameLib lib;
            Fault fault = {0};
            assert_false(gamelib_open(&lib, path, &nobody, &fault));
            assert_non_null(strstr(fault.text, "could not be run"));
        }
    }
    const char *needed = build(fixture, "libcrash.so", "-DNO_GAME", "-DBODY=void n(void){}",
                               cases[0].option, "-Wl,-soname,libcrash.so");
    const char *folder = arena_format(&fixture->memory, "-Wl,-rpath,%s", fixture->folder);
    const char *path =
        build(fixture, "needs.so", "-DBODY=void n(void);void f(void){n();}", needed, folder, NULL);
    expect_refused(fixture, path, FAULT_LIBRARY, "crashed (SIGSEGV)");
}

static void good_constructors_are_run(void **state)
{
    // Scenario: a constructor that behaves, and an IFUNC that is resolved while loading.
    // Expect: tried, then loaded; both have had their effect.
    Fixture *fixture = *state;
    GameLib lib;
    Fault fault = {0};
    const char *path = build(fixture, "start.so", "-DBODY=static int started;",
                             "-DCONSTRUCTOR=started=42", "-DVALUE=started", NULL);
    assert_true(gamelib_open(&lib, path, &fixture->config, &fault));
    assert_int_equal(value_of(&lib), 42);
    assert_true(gamelib_close(&lib));
    path = build(fixture, "ifunc.so",
                 "-DBODY=static int f(void){return 43;}static void*r(void){return f;}"
                 "int chosen(void)__attribute__((ifunc(\"r\")));",
                 "-DVALUE=chosen()", NULL, NULL);
    assert_true(gamelib_open(&lib, path, &fixture->config, &fault));
    assert_int_equal(value_of(&lib), 43);
    assert_true(gamelib_close(&lib));
    assert_nothing_left(fixture);
}

// ------------------------------------------------------------------------- while it is loaded

static void original_may_change_while_loaded(void **state)
{
    // Scenario: the file is overwritten in place by a new build while loaded, opened again, then
    // deleted; the older build comes back and is opened a second time.
    // Expect: the running code is never disturbed; each opening is the content of its time; equal
    // content has an equal number.
    Fixture *fixture = *state;
    GameLib first, second, third;
    Fault fault = {0};
    const char *path = build(fixture, "live.so", "-DVALUE=10", NULL, NULL, NULL);
    const char *other = build(fixture, "other.so", "-DVALUE=20", NULL, NULL, NULL);
    FileBytes old = {0}, new = {0};
    assert_true(file_read(&fixture->memory, path, 1u << 24, &old, &fault));
    assert_true(file_read(&fixture->memory, other, 1u << 24, &new, &fault));
    assert_true(gamelib_open(&first, path, &fixture->config, &fault));
    write_bytes(path, new.data, new.size_bytes);
    assert_int_equal(value_of(&first), 10);
    assert_true(gamelib_open(&second, path, &fixture->config, &fault));
    assert_int_equal(value_of(&second), 20);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(value_of(&first), 10);
    assert_int_equal(value_of(&second), 20);
    write_bytes(path, old.data, old.size_bytes);
    assert_true(gamelib_open(&third, path, &fixture->config, &fault));
    assert_int_equal(value_of(&third), 10);
    assert_true(third.content == first.content && third.content != second.content);
    assert_true(third.image_first != first.image_first);
    assert_true(gamelib_close(&first) && gamelib_close(&second) && gamelib_close(&third));
    assert_nothing_left(fixture);
}

static void staying_image_is_reported(void **state)
{
    // Scenario: a library that asks never to be unloaded, opened, closed and opened again.
    // Expect: the close says that it stays; the file is gone; the second one is an image of its
    // own.
    Fixture *fixture = *state;
    GameLib first, second;
    Fault fault = {0};
    const char *path = build(fixture, "stays.so", "-Wl,-z,nodelete", "-DVALUE=5", NULL, NULL);
    assert_true(gamelib_open(&first, path, &fixture->config, &fault));
    uintptr_t image = first.image_first;
    assert_false(gamelib_close(&first));
    assert_nothing_left(fixture);
    assert_true(gamelib_open(&second, path, &fixture->config, &fault));
    assert_true(second.image_first != image);
    assert_false(gamelib_close(&second));
    assert_nothing_left(fixture);
}

static void own_names_win_when_asked(void **state)
{
    // Scenario: a foreign library with a global function of a name that the program has, too.
    // Expect: with own_names_first it calls its own (where no sanitizer forbids it).
    Fixture *fixture = *state;
    GameLib lib;
    Fault fault = {0};
    GameLibConfig config = fixture->config;
    const char *path = build(fixture, "names.so", "-DBODY=int getpid(void){return 77;}",
                             "-DVALUE=getpid()", NULL, NULL);
    config.own_names_first = true;
    assert_true(gamelib_open(&lib, path, &config, &fault));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_int_equal(value_of(&lib), 77);
#endif
    assert_true(gamelib_close(&lib));
}

static void missing_folder_is_replaced(void **state)
{
    // Scenario: the folder for private copies does not exist, is a file, or is /proc.
    // Expect: the copy goes elsewhere, the game runs, and nothing stays behind there.
    Fixture *fixture = *state;
    const char *const folders[] = {in_folder(fixture, "no/such"), fixture->good, "/proc"};
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        GameLib lib;
        Fault fault = {0};
        char path[FILE_PATH_MAX];
        GameLibConfig config = {.folder = folders[i]};
        assert_true(gamelib_open(&lib, fixture->good, &config, &fault));
        assert_int_equal(value_of(&lib), 1);
        memcpy(path, lib.path, sizeof path);
        assert_true(file_exists(path));
        assert_true(gamelib_close(&lib));
        assert_false(file_exists(path));
    }
}

// In a world of its own where no folder takes code: 0 good, 1 bad, 2 the system allows no such
// world.
static int open_without_folders(Fixture *fixture, const char *path)
{
    GameLib lib;
    Fault fault = {0};
    char through_fd[64];
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    unsetenv("XDG_RUNTIME_DIR");
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
        || mount("none", fixture->copies, "tmpfs", 0, "size=4k") != 0
        || mount("none", "/var/tmp", "tmpfs", MS_NOEXEC, NULL) != 0) {
        return 2;
    }
    int folder = open(fixture->copies, O_PATH | O_CLOEXEC); // /tmp is about to be covered
    if (mount("none", "/tmp", "tmpfs", MS_NOEXEC, NULL) != 0) {
        return 2;
    }
    snprintf(through_fd, sizeof through_fd, "/proc/self/fd/%d", fd);
    GameLibConfig config = {.folder = arena_format(&fixture->memory, "/proc/self/fd/%d", folder),
                            .self_path = fixture->config.self_path};
    for (int i = 0; i < 3; i++) {
        if (!gamelib_open(&lib, through_fd, &config, &fault)) {
            fprintf(stderr, "%s\n", fault.text);
            return 1;
        }
        if (value_of(&lib) != 42 || strncmp(lib.path, "/proc/", 6) != 0
            || count_entries(config.folder) != 2 || count_entries("/tmp") != 2
            || count_entries("/var/tmp") != 2 || !gamelib_close(&lib)) {
            return 1;
        }
    }
    return 0;
}

static void memory_serves_where_no_folder_does(void **state)
{
    // Scenario: the folder for copies is full, /tmp and /var/tmp are noexec; the library has a
    // constructor, which is tried in another process.
    // Expect: it is loaded from memory; nothing is left in the folders. Needs the right to mount.
    Fixture *fixture = *state;
    int status;
    const char *path = build(fixture, "memory.so", "-DBODY=static int started;",
                             "-DCONSTRUCTOR=started=42", "-DVALUE=started", NULL);
    pid_t child = fork();
    if (child == 0) {
        _exit(open_without_folders(fixture, path));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 2) {
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static size_t count_maps(const char *of_folder, size_t *in_folder_count)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[8192];
    size_t count = 0;

    assert_non_null(maps);
    *in_folder_count = 0;
    while (fgets(line, sizeof line, maps)) {
        count++;
        *in_folder_count += strstr(line, of_folder) != NULL && !strstr(line, "(deleted)");
    }
    fclose(maps);
    return count;
}

static void thousand_loads_leak_nothing(void **state)
{
    // Scenario: 1,000 openings and closings of two builds in turn, with refused ones in between.
    // Expect: as many descriptors and files as before, no mapping of a copy, and the number of
    // mappings has not grown with the loads.
    Fixture *fixture = *state;
    const char *refused = build(fixture, "refused.so", "-DFIELDS=.tick_rate=-1", NULL, NULL, NULL);
    const char *other = build(fixture, "other.so", "-DVALUE=2", NULL, NULL, NULL);
    size_t maps_before = 0, fds_before = 0, ours = 0;
    for (int i = 0; i < 1010; i++) {
        GameLib lib;
        Fault fault = {0};
        if (i == 10) {
            maps_before = count_maps(fixture->copies, &ours);
            fds_before = count_entries("/proc/self/fd");
        }
        assert_true(gamelib_open(&lib, i % 2 ? other : fixture->good, &fixture->config, &fault));
        assert_int_equal(value_of(&lib), i % 2 ? 2 : 1);
        assert_true(gamelib_close(&lib));
        if (i % 10 == 0) {
            assert_false(gamelib_open(&lib, refused, &fixture->config, &fault));
        }
    }
    assert_true(count_maps(fixture->copies, &ours) < maps_before + 50);
    assert_int_equal(ours, 0);
    assert_int_equal(count_entries("/proc/self/fd"), fds_before);
    assert_nothing_left(fixture);
}

// ----------------------------------------------------------------------------------- its variables

// A game of its own source text, and one more file; `second` and the options may be NULL.
static const char *build_text(Fixture *fixture, const char *name, const char *text,
                              const char *second, const char *const options[])
{
    const char *path = in_folder(fixture, name);
    const char *first[] = {"cc", "-w", "-shared", "-fPIC", "-I" TEST_SOURCE_DIR "/engine/api",
                           "-o", path};
    const char *texts[] = {text, second};
    char *arguments[ARGUMENTS_MAX] = {0};
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(first); i++) {
        arguments[count++] = arena_copy_text(&fixture->memory, first[i]);
    }
    for (size_t i = 0; i < COUNT_OF(texts) && texts[i]; i++) {
        arguments[count] = arena_format(&fixture->memory, "%s.%zu.c", path, i);
        write_bytes(arguments[count++], texts[i], strlen(texts[i]));
    }
    for (size_t i = 0; options && options[i]; i++) {
        assert_true(count < ARGUMENTS_MAX - 1);
        arguments[count++] = arena_copy_text(&fixture->memory, options[i]);
    }
    run(arguments);
    return path;
}

#define GAME_OF(BODY)                                                                              \
    "#include \"hotloop.h\"\n"                                                                     \
    "typedef struct Game { int x; } Game;\n"                                                       \
    "static void init(Game *g, hl_tick *t) { (void)g; (void)t; }\n"                                \
    "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n" BODY                   \
    "\nHL_GAME(Game, init, update, draw, .title = \"Variables\");\n"

// update adds 1 to a static of its own and to the middle of 100 KB, and tells their sum.
static const char VARIABLES[] =
    GAME_OF("int hp = 7;\n"
            "static volatile int shared = 1;\n"
            "static char big[100 * 1024];\n"
            "static const char *volatile word = \"a literal of the game\";\n"
            "static int *volatile to_hp = &hp;\n"
            "int other(void);\n"
            "__attribute__((constructor)) static void start(void) { hp += 35; big[0] = 5; }\n"
            "static void update(Game *g, hl_tick *t) {\n"
            "    static int calls = 3;\n"
            "    static volatile _Bool completed;\n"
            "    completed = 1; calls++; big[50 * 1024]++; *to_hp += 1;\n"
            "    g->x = calls + big[50 * 1024] + shared + other() + (word[0] == 'a');\n"
            "}\n");
static const char OTHER[] =
    "static volatile int shared = 20; int other(void) { return shared++; }\n";

// Which pages of [first, end) are of a file, by /proc/self/maps; ~0: some are not mapped at all.
static size_t file_pages(uintptr_t first, uintptr_t end)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[8192];
    size_t mapped = 0, of_file = 0;

    assert_non_null(maps);
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to, inode;
        if (sscanf(line, "%lx-%lx %*s %*s %*s %lu", &from, &to, &inode) == 3 && from < end
            && to > first) {
            size_t pages = ((to < end ? to : end) - (from > first ? from : first)) / PAGE_BYTES;
            mapped += pages;
            of_file += inode ? pages : 0;
        }
    }
    fclose(maps);
    return mapped == (end - first) / PAGE_BYTES ? of_file : SIZE_MAX;
}

static bool is_read_only(uintptr_t address)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[8192], access[8];
    bool found = false;

    assert_non_null(maps);
    while (!found && fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        found =
            sscanf(line, "%lx-%lx %7s", &from, &to, access) == 3 && address >= from && address < to;
    }
    fclose(maps);
    return found && strncmp(access, "r--", 3) == 0;
}

static int *variable(const GameLib *lib, const char *name, uint32_t nth)
{
    size_t size_bytes = 0;
    uintptr_t address = gamelib_symbol(lib, name, nth, &size_bytes);

    assert_true(address >= lib->globals_first && address + size_bytes <= lib->globals_end);
    assert_int_equal(size_bytes, sizeof(int));
    return (int *)address;
}

static int initial_of(const GameLib *lib, const int *of)
{
    int value;

    memcpy(&value, lib->globals_initial + ((uintptr_t)of - lib->globals_first), sizeof value);
    return value;
}

// The name in the list of globals that begins with `name`, the nth that does; NULL: too few.
static const GameLibSymbol *listed(const GameLib *lib, const char *name, uint32_t wanted)
{
    const GameLibSymbol *symbol;
    const char *found;
    uintptr_t before = 0;

    for (uint32_t cursor = 0, nth; gamelib_next_global(lib, &cursor, &symbol, &found, &nth);) {
        assert_true(symbol->address >= before && symbol->size_bytes > 0);
        assert_true(symbol->address >= lib->globals_first
                    && symbol->address + symbol->size_bytes <= lib->globals_end);
        assert_true(gamelib_symbol(lib, found, nth, NULL) == symbol->address);
        before = symbol->address;
        if (strncmp(found, name, strlen(name)) == 0 && wanted-- == 0) {
            return symbol;
        }
    }
    return NULL;
}

static void expect_followed(const char *path, const GameLibConfig *config)
{
    GameLib opened, lib;
    Fault fault = {0};

    if (!gamelib_open(&opened, path, config, &fault)) {
        fail_msg("%s", fault.text);
    }
    lib = opened; // users keep copies
    assert_true(lib.globals_first % PAGE_BYTES == 0 && lib.globals_end % PAGE_BYTES == 0);
    assert_true(lib.globals_first >= lib.image_first && lib.globals_end <= lib.image_end);
    assert_int_equal(file_pages(lib.globals_first, lib.globals_end), 0);
    int *hp = variable(&lib, "hp", 0);
    assert_int_equal(*hp, 42);
    assert_int_equal(variable(&lib, "shared", 0)[0] + variable(&lib, "shared", 1)[0], 21);
    assert_int_equal(gamelib_symbol(&lib, "shared", 2, NULL), 0);
    assert_int_equal(gamelib_symbol(&lib, "share", 0, NULL), 0);
    assert_int_equal(gamelib_symbol(&lib, "~", 0, NULL), 0);
    assert_int_equal(value_of(&lib), 4 + 1 + 1 + 20 + 1);
    assert_int_equal(*hp, 43);
    assert_int_equal(initial_of(&lib, hp), 42);
    *variable(&lib, "shared", variable(&lib, "shared", 0)[0] == 1 ? 0 : 1) = 1000;
    assert_int_equal(value_of(&lib), 5 + 2 + 1000 + 21 + 1);
    const GameLibSymbol *big = listed(&lib, "big", 0);
    assert_true(big && big->size_bytes == 100 * 1024);
    assert_int_equal(lib.globals_initial[big->address - lib.globals_first], 5);
    memcpy((void *)lib.globals_first, lib.globals_initial, lib.globals_end - lib.globals_first);
    assert_int_equal(value_of(&lib), 4 + 1 + 1 + 20 + 1);
    assert_non_null(listed(&lib, "calls", 0));
    assert_true(listed(&lib, "shared", 1) && !listed(&lib, "shared", 2));
    assert_true(listed(&lib, "completed", 0) && !listed(&lib, "completed", 1));
    assert_null(listed(&lib, "_GLOBAL", 0));
    assert_null(listed(&lib, "__", 0));
    uintptr_t text = gamelib_text(&lib, "a literal of the game");
    assert_true(text >= lib.text_first && text < lib.text_end);
    assert_string_equal((const char *)text, "a literal of the game");
    assert_int_equal(gamelib_text(&lib, "a literal of no game"), 0);
    assert_int_equal(gamelib_text(&lib, "a literal of the"), 0);
    assert_true(gamelib_close(&opened));
    assert_int_equal(file_pages(lib.image_first, lib.image_end), SIZE_MAX);
}

static void variables_are_in_memory_of_our_own(void **state)
{
    // Scenario: a game of two files with a function-local static, two statics of one name, .bss of
    // 100 KB, a constructor and a static of the name of a start-up variable; linked in all the ways
    // that lay it out differently, and with the address sanitizer where we have it ourselves.
    // Expect: no page of the globals is of the file; they hold what the constructor left; the
    // game's code and we see each other's writes; the initial copy puts everything back; names,
    // literals and the list are right, and the close leaves no mapping.
    Fixture *fixture = *state;
    static const char *const ways[][4] = {{"-O0"},
                                          {"-O2", "-Wl,-z,now"},
                                          {"-Wl,-z,norelro"},
                                          {"-Wl,-z,noseparate-code"},
                                          {"-Wl,-z,lazy", "-g"},
#ifdef __SANITIZE_ADDRESS__
                                          {"-fsanitize=address"},
#endif
                                          {"-fuse-ld=gold"},
                                          {"-fuse-ld=lld"}};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        const char *linker = strstr(ways[i][0], "-fuse-ld=");
        char program[64];
        snprintf(program, sizeof program, "/usr/bin/ld.%s", linker ? ways[i][0] + 9 : "bfd");
        if (linker && !file_exists(program)) {
            continue; // a linker that this machine does not have
        }
        expect_followed(build_text(fixture, "variables.so", VARIABLES, OTHER, ways[i]),
                        &fixture->config);
        assert_nothing_left(fixture);
    }
}

static void library_without_variables_has_no_globals(void **state)
{
    // Scenario: a game without a single variable, linked without start-up code; and one without a
    // symbol table, whose variables have no names.
    // Expect: an empty range and an empty list; memory of our own, but nothing in the list.
    Fixture *fixture = *state;
    static const char *const bare[] = {"-nostartfiles", "-Wl,-z,now", NULL};
    static const char *const stripped[] = {"-s", "-fvisibility=hidden", NULL};
    GameLib lib;
    Fault fault = {0};
    const char *path =
        build_text(fixture, "bare.so",
                   GAME_OF("static void update(Game *g, hl_tick *t) { g->x = 6; }"), NULL, bare);
    assert_true(gamelib_open(&lib, path, &fixture->config, &fault));
    assert_true(lib.globals_first == lib.globals_end);
    assert_null(listed(&lib, "", 0));
    assert_true(gamelib_text(&lib, "Variables") != 0);
    assert_int_equal(value_of(&lib), 6);
    assert_true(gamelib_close(&lib));
    path = build_text(fixture, "nameless.so", VARIABLES, OTHER, stripped);
    assert_true(gamelib_open(&lib, path, &fixture->config, &fault));
    assert_true(lib.globals_end - lib.globals_first > 100 * 1024);
    assert_int_equal(file_pages(lib.globals_first, lib.globals_end), 0);
    assert_null(listed(&lib, "", 0));
    assert_int_equal(gamelib_symbol(&lib, "hp", 0, NULL), 0);
    assert_int_equal(value_of(&lib), 4 + 1 + 1 + 20 + 1);
    assert_true(gamelib_close(&lib));
    lib = (GameLib){0};
    assert_int_equal(gamelib_symbol(&lib, "hp", 0, NULL), 0);
    assert_int_equal(gamelib_text(&lib, "hp"), 0);
    assert_null(listed(&lib, "", 0));
}

// -------------------------------------------------------------------------------------- its calls

// update adds up what it gets from functions called in every way that there is. exit and abort
// are declared anew, so that hooks may return a number.
static const char CALLS[] =
    "int exit(int); int abort(void); int atoi(const char *);\n"
    "int own_function(void) { return 1; }\n"
    "static int (*in_data)(int) = exit;\n"
    "int (*const in_relro[2])(int) = {0, exit};\n"
    "static int other(int x) { return 7; }\n"
    "int (*volatile changed)(int) = exit;\n"
    "struct __attribute__((packed)) { char odd; int (*f)(void); } packed"
    " = {1, abort};\n"
    "static int at_start;\n"
    "__attribute__((constructor)) static void start(void) {\n"
    "    changed = other; at_start = atoi(\"4\");\n"
    "}\n" GAME_OF("static void update(Game *g, hl_tick *t) {\n"
                  "    int (*volatile f)(int) = in_data;\n"
                  "    int (*volatile r)(int) = in_relro[1];\n"
                  "    g->x = exit(1) + f(2) + r(3) + changed(4) + abort()\n"
                  "         + packed.f() + own_function() + at_start\n"
                  "         + atoi(\"5\");\n"
                  "}\n");

static int hook_exit(int code)
{
    return code * 100;
}

static int hook_abort(void)
{
    return 10000;
}

static int hook_atoi(const char *text)
{
    return text[0] == '5' ? 100000 : -1;
}

static int hook_own(void)
{
    return -1000000;
}

static void hooks_are_called_instead(void **state)
{
    // Scenario: a game calls exit and abort directly, by a pointer among its data, one in read-only
    // data and one that is not aligned; a constructor has changed another one and called atoi; a
    // function of its own has a hook's name. Linked with and without RELRO, lazily, without a PLT,
    // by three linkers, loaded with its own names first; first without hooks for atoi.
    // Expect: every call goes to its hook, but for what the constructor did and the game's own
    // function; what is read-only stays so; the next library gets no hooks by itself.
    Fixture *fixture = *state;
    static const char *const ways[][4] = {
        {"-O0"},
        {"-O2", "-Wl,-z,now"},
        {"-O2", "-Wl,-z,lazy"},
        {"-O2", "-fno-plt"},
        {"-Wl,-z,norelro"},
        {"-Wl,-z,relro,-z,now", "-Wl,-Bsymbolic", "-fvisibility=hidden"},
        {"-fuse-ld=gold", "-Wl,-z,now"},
        {"-fuse-ld=lld", "-Wl,-z,now"},
        {"-fuse-ld=lld", "-fno-plt"},
    };
    const NamedFunction hooks[] = {{"exit", (void *)hook_exit},
                                   {"abort", (void *)hook_abort},
                                   {"own_function", (void *)hook_own},
                                   {"atoi", (void *)hook_atoi},
                                   {NULL, NULL}};
    GameLibConfig config = fixture->config;
    config.hooks = hooks;
    for (size_t i = 0; i < 2 * COUNT_OF(ways); i++) {
        const char *const *way = ways[i / 2];
        char program[64];
        GameLib lib;
        Fault fault = {0};
        const char *linker = strstr(way[0], "-fuse-ld=");
        snprintf(program, sizeof program, "/usr/bin/ld.%s", linker ? linker + 9 : "bfd");
        if (!file_exists(program)) {
            continue; // a linker that this machine does not have
        }
        config.own_names_first = i % 2 == 1;
        if (!gamelib_open(&lib, build_text(fixture, "calls.so", CALLS, NULL, way), &config,
                          &fault)) {
            fail_msg("%s", fault.text);
        }
        assert_int_equal(value_of(&lib), 100 + 200 + 300 + 7 + 10000 + 10000 + 1 + 4 + 100000);
        size_t pages = lib.globals_end - lib.globals_first;
        assert_memory_equal((void *)lib.globals_first, lib.globals_initial, pages);
        assert_true(strstr(way[0], "norelro") || is_read_only(lib.globals_first - 1));
        assert_true(gamelib_close(&lib));
    }
    GameLib plain;
    Fault fault = {0};
    const char *path = build_text(fixture, "plain.so",
                                  GAME_OF("int atoi(const char *);\n"
                                          "static void update(Game *g, hl_tick *t) {\n"
                                          "    g->x = atoi(\"5\"); }\n"),
                                  NULL, NULL);
    assert_true(gamelib_open(&plain, path, &fixture->config, &fault));
    assert_int_equal(value_of(&plain), 5);
    assert_true(gamelib_close(&plain));
    assert_nothing_left(fixture);
}

// -------------------------------------------------------------------------------------- its place

// In a process of its own: takes over the copy, at that address, and plays. 0: all is well.
static int play_at(const char *address, const char *copy)
{
    uintptr_t at = strtoull(address, NULL, 16);
    GameLibConfig config = {.folder = "/tmp", .is_copy = true, .at = at};
    GameLib lib;
    Fault fault = {0};

    if (!gamelib_open(&lib, copy, &config, &fault)) {
        fprintf(stderr, "%s\n", fault.text);
        return 1;
    }
    if (lib.image_first != at || value_of(&lib) != 1 || strcmp(lib.path, copy) != 0) {
        return 2;
    }
    if (!gamelib_close(&lib)) {
        return 3;
    }
    return file_exists(copy) ? 4 : 0;
}

static int play_elsewhere(Fixture *fixture, uintptr_t at, const char *copy)
{
    char *address = arena_format(&fixture->memory, "%zx", (size_t)at);
    char self[] = "/proc/self/exe", option[] = "--play-at";
    char *arguments[] = {self, option, address, arena_copy_text(&fixture->memory, copy), NULL};
    pid_t child;
    int status;

    assert_int_equal(posix_spawn(&child, self, NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void another_process_loads_it_at_the_same_address(void **state)
{
    // Scenario: small and large libraries, and one that wants an alignment, loaded anywhere, where
    // nothing ever is, and near the stack; each copy is then opened by another process, whose
    // address space is laid out anew, at the same address.
    // Expect: both have exactly that address and play; the second process takes the copy over and
    // removes it.
    Fixture *fixture = *state;
    uintptr_t stack = (uintptr_t)&stack & ~(uintptr_t)((2u << 20) - 1);
    const uintptr_t places[] = {0, 0x7ea000000000, 0x7ea000201000, stack - (64u << 20)};
    const char *const libraries[] = {
        build(fixture, "small.so", NULL, NULL, NULL, NULL),
        build(fixture, "large.so", "-DBODY=char big[5000000]={1};", NULL, NULL, NULL),
        build(fixture, "empty.so", "-DBODY=char big[5000000];", NULL, NULL, NULL),
        build(fixture, "aligned.so", "-Wl,-z,max-page-size=0x200000", NULL, NULL, NULL)};
    for (size_t i = 0; i < COUNT_OF(libraries) * COUNT_OF(places); i++) {
        const char *path = libraries[i / COUNT_OF(places)];
        GameLibConfig config = fixture->config;
        GameLib lib;
        Fault fault = {0};
        config.at = places[i % COUNT_OF(places)];
        bool is_aligned = strstr(path, "aligned") != NULL;
        bool may = !is_aligned || config.at % (2u << 20) == 0;
        if (gamelib_open(&lib, path, &config, &fault) != may) {
            fail_msg("%s at %#zx: %s", path, (size_t)config.at, fault.text);
        }
        if (!may) {
            assert_int_equal(fault.kind, FAULT_MEMORY);
            continue;
        }
        assert_true(config.at == 0 || lib.image_first == config.at);
        assert_int_equal(value_of(&lib), 1);
        assert_int_equal(play_elsewhere(fixture, lib.image_first, lib.path), 0);
        assert_true(gamelib_close(&lib));
        assert_nothing_left(fixture);
    }
}

static void a_taken_address_is_refused(void **state)
{
    // Scenario: a library is to be loaded where there is memory already, into the middle of a page,
    // over the end of the address space, behind it.
    // Expect: FAULT_MEMORY that names library and address; that memory is untouched and no
    // other mapping is left; a copy to take over stays where it is, and opens elsewhere.
    Fixture *fixture = *state;
    Arena taken;
    Fault fault = {0};
    GameLib lib;
    GameLibConfig config = fixture->config;
    const uintptr_t places[] = {0x7ea000000000, 0x7ea000000001, 0x7fffffffe000, UINTPTR_MAX - 4095};
    const char *copy = build(fixture, "copy.so", NULL, NULL, NULL, NULL);
    size_t ours, maps;
    config.is_copy = true;
    assert_true(arena_open(&taken, 0x7ea000002000, PAGE_BYTES, &fault));
    *ARENA_NEW(&taken, int, 1) = 77;
    for (size_t i = 0; i < 2 * COUNT_OF(places); i++) {
        maps = i < COUNT_OF(places) ? 0 : count_maps(fixture->copies, &ours);
        config.at = places[i % COUNT_OF(places)];
        assert_false(gamelib_open(&lib, copy, &config, &fault));
        assert_int_equal(fault.kind, FAULT_MEMORY);
        assert_non_null(strstr(fault.text, "copy.so: cannot be loaded at 0x"));
        assert_null(lib.handle);
        assert_true(maps == 0 || count_maps(fixture->copies, &ours) <= maps);
        assert_true(file_exists(copy));
    }
    assert_int_equal(*(int *)(void *)taken.base, 77);
    arena_close(&taken);
    config.at = places[0];
    assert_true(gamelib_open(&lib, copy, &config, &fault));
    assert_true(lib.image_first == places[0]);
    GameLib again;
    assert_false(gamelib_open(&again, copy, &config, &fault));
    assert_non_null(strstr(fault.text, "loaded already"));
    assert_int_equal(value_of(&lib), 1);
    assert_true(gamelib_close(&lib));
    assert_false(file_exists(copy));
}

static void a_copy_is_checked_like_any_other(void **state)
{
    // Scenario: copies to take over: one cut short, one whose constructor exits, one that is gone.
    // Expect: each is refused with its name; what is there stays there; nothing new appears.
    Fixture *fixture = *state;
    GameLibConfig config = fixture->config;
    const char *const paths[] = {
        bent(fixture, "short.so", fixture->good_bytes.size_bytes / 2, 0, "", 0),
        build(fixture, "exits.so", "-DCONSTRUCTOR=_exit(3)", NULL, NULL, NULL),
        in_folder(fixture, "gone.so")};
    config.is_copy = true;
    config.at = 0x7ea000000000;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        GameLib lib;
        Fault fault = {0};
        bool was_there = file_exists(paths[i]);
        assert_false(gamelib_open(&lib, paths[i], &config, &fault));
        assert_non_null(strstr(fault.text, paths[i]));
        assert_int_equal(file_exists(paths[i]), was_there);
        assert_nothing_left(fixture);
    }
}

// -------------------------------------------------------------------------------------- the names

// The function that a line of hotloop.h declares; false: none.
static bool declared_name(const char *line, char *name, size_t name_bytes)
{
    static const char *const others[] = {"static", "typedef", "struct", "enum", "//", "#"};
    const char *at;
    size_t length;

    if (!((line[0] >= 'a' && line[0] <= 'z') || line[0] == '_')) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (strncmp(line, others[i], strlen(others[i])) == 0) {
            return false;
        }
    }
    for (at = strstr(line, "hl_"); at; at = strstr(at + length, "hl_")) {
        length = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (at[length] == '(') {
            return text_format(name, name_bytes, "%.*s", (int)length, at);
        }
    }
    return false;
}

static void api_names_are_those_of_the_header(void **state)
{
    // Scenario: hotloop.h is read line by line for what it declares without defining it.
    // Expect: exactly the names in GAMELIB_API_NAMES.
    FILE *header = fopen(TEST_SOURCE_DIR "/engine/api/hotloop.h", "re");
    char line[1024], name[64];
    size_t declared = 0;
    (void)state;
    assert_non_null(header);
    while (fgets(line, sizeof line, header)) {
        if (!declared_name(line, name, sizeof name)) {
            continue;
        }
        bool found = false;
        for (size_t i = 0; i < GAMELIB_API_NAME_COUNT; i++) {
            found = found || strcmp(GAMELIB_API_NAMES[i], name) == 0;
        }
        if (!found) {
            fail_msg("%s is declared in hotloop.h and not in GAMELIB_API_NAMES", name);
        }
        declared++;
    }
    fclose(header);
    assert_int_equal(declared, GAMELIB_API_NAME_COUNT);
}

static void other_libraries_have_names(void **state)
{
    (void)state;
    // Scenario: the address of a function of libc, three bytes into it, and one on the stack.
    // Expect: its name and how far; nothing for the stack.
    char name[64];
    uintptr_t offset = 1;
    assert_true(gamelib_foreign_at((uintptr_t)&abs, name, sizeof(name), &offset));
    assert_string_equal(name, "abs");
    assert_int_equal(offset, 0);
    assert_true(gamelib_foreign_at((uintptr_t)&abs + 3, name, sizeof(name), &offset));
    assert_string_equal(name, "abs");
    assert_int_equal(offset, 3);
    assert_false(gamelib_foreign_at((uintptr_t)name, name, sizeof(name), &offset));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_library_is_loaded),
        cmocka_unit_test(other_libraries_have_names),
        cmocka_unit_test(stripped_libraries_are_loaded),
        cmocka_unit_test(unsound_tweaks_are_dropped),
        cmocka_unit_test(truncated_files_are_incomplete),
        cmocka_unit_test(zero_tails_are_incomplete),
        cmocka_unit_test(file_open_for_writing_is_incomplete),
        cmocka_unit_test(change_during_the_copy_is_noticed),
        cmocka_unit_test(builds_in_a_row_are_never_mixed),
        cmocka_unit_test(foreign_files_are_refused_by_name),
        cmocka_unit_test(other_machines_are_named),
        cmocka_unit_test(broken_bytes_are_judged_without_harm),
        cmocka_unit_test(missing_names_are_named),
        cmocka_unit_test(unsound_descriptors_are_refused),
        cmocka_unit_test(bad_constructors_die_alone),
        cmocka_unit_test(good_constructors_are_run),
        cmocka_unit_test(original_may_change_while_loaded),
        cmocka_unit_test(staying_image_is_reported),
        cmocka_unit_test(own_names_win_when_asked),
        cmocka_unit_test(missing_folder_is_replaced),
        cmocka_unit_test(memory_serves_where_no_folder_does),
        cmocka_unit_test(variables_are_in_memory_of_our_own),
        cmocka_unit_test(library_without_variables_has_no_globals),
        cmocka_unit_test(hooks_are_called_instead),
        cmocka_unit_test(another_process_loads_it_at_the_same_address),
        cmocka_unit_test(a_taken_address_is_refused),
        cmocka_unit_test(a_copy_is_checked_like_any_other),
        cmocka_unit_test(thousand_loads_leak_nothing),
        cmocka_unit_test(api_names_are_those_of_the_header),
    };

    if (argc == 3 && strcmp(argv[1], "--trial-load") == 0) {
        return gamelib_trial_main(argv[2]);
    }
    if (argc == 4 && strcmp(argv[1], "--play-at") == 0) {
        return play_at(argv[2], argv[3]);
    }
    return cmocka_run_group_tests(tests, open_everything, close_everything);
}
