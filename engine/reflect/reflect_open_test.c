#include "reflect_table_testing.h"

#include <elf.h>
#include <pthread.h>

// Tables with memory of their own, and what is remembered of them.

enum { PLACE = 0x10000000, OTHER_PLACE = 0x30000000 };

static int open_folder(void **state)
{
    static Fixture fixture;

    open_fixture(&fixture);
    *state = &fixture;
    return 0;
}

static const char *make_library(Fixture *fixture, const char *name, const char *options,
                                const char *source)
{
    write_text(fixture, "it.c", source);
    build(fixture, name, arena_format(&fixture->memory, "gcc -g -O1 %s", options), "it.c");
    return in_folder(fixture, name);
}

static ReflectTable *open_table(const char *path, uintptr_t place)
{
    Fault fault = {0};
    ReflectTable *table = reflect_table_open(path, place, &fault);

    if (!table) {
        fail_msg("%s", fault.text);
    }
    return table;
}

static const ReflectVariable *named(const ReflectTable *table, const char *name)
{
    for (uint32_t i = 0; i < table->variable_count; i++) {
        if (strcmp(table->variables[i].name, name) == 0) {
            return &table->variables[i];
        }
    }
    fail_msg("no variable %s", name);
    return NULL;
}

static const char GAME[] = "typedef struct Mob { int hp; struct Mob *next; } Mob;\n"
                           "Mob mobs[4]; static int score;\n"
                           "static struct { int on, n; } pieces;\n"
                           "int add(int by) { pieces.n += by; return score += by; }\n"
                           "int on(void) { return pieces.n; }\n";

// Overwrites what the sections hold; what the file's tables say of them stays.
static void ruin_debug_information(const char *path)
{
    FILE *file = fopen(path, "r+b");
    Elf64_Ehdr head;
    Elf64_Shdr section;

    assert_non_null(file);
    assert_int_equal(fread(&head, sizeof head, 1, file), 1);
    for (int i = 0; i < head.e_shnum; i++) {
        assert_int_equal(fseek(file, (long)(head.e_shoff + (size_t)i * sizeof section), SEEK_SET),
                         0);
        assert_int_equal(fread(&section, sizeof section, 1, file), 1);
        if (section.sh_type == SHT_PROGBITS && !(section.sh_flags & SHF_ALLOC)) {
            assert_int_equal(fseek(file, (long)section.sh_offset, SEEK_SET), 0);
            for (uint64_t byte = 0; byte < section.sh_size; byte++) {
                assert_int_equal(fputc(0xff, file), 0xff);
            }
        }
    }
    assert_int_equal(fclose(file), 0);
}

// Scenario: a build is opened, closed, and opened again while its file cannot be read any more.
// Expect: the same table, and no error; that of the file is one where it was not seen before.
static void a_build_that_comes_again(void **state)
{
    Fixture *fixture = *state;
    Fault fault = {0};
    const char *path = make_library(fixture, "again.so", "-Wl,--build-id", GAME);
    const char *unseen = make_library(fixture, "unseen.so", "-Wl,--build-id -DUNSEEN=1",
                                      "struct Game { int a; } game;\n");
    ReflectTable *first = open_table(path, PLACE);
    ReflectTable *second = open_table(path, PLACE);

    assert_ptr_equal(first, second);
    reflect_table_close(first);
    assert_string_equal(named(second, "mobs")->name, "mobs");
    reflect_table_close(second);
    ruin_debug_information(path);
    ruin_debug_information(unseen);
    ReflectTable *again = open_table(path, PLACE);
    assert_ptr_equal(again, first);
    assert_string_equal(named(again, "mobs")->name, "mobs");
    reflect_table_close(again);
    assert_null(reflect_table_open(unseen, PLACE, &fault));
    assert_int_equal(fault.kind, FAULT_FORMAT);
}

static void check_moved(const ReflectTable *moved, const ReflectTable *read)
{
    assert_int_equal(moved->variable_count, read->variable_count);
    assert_int_equal(moved->function_count, read->function_count);
    assert_int_equal(moved->piece_count, read->piece_count);
    assert_int_equal(moved->type_count, read->type_count);
    for (uint32_t i = 0; i < read->variable_count; i++) {
        assert_int_equal(moved->variables[i].address, read->variables[i].address);
        assert_string_equal(moved->variables[i].name, read->variables[i].name);
        assert_int_equal(moved->variables[i].type, read->variables[i].type);
    }
    for (uint32_t i = 0; i < read->piece_count; i++) {
        assert_int_equal(moved->pieces[i].address, read->pieces[i].address);
    }
    for (uint32_t i = 0; i < read->function_count; i++) {
        assert_int_equal(moved->functions[i].address, read->functions[i].address);
    }
}

// Scenario: the same build at another place, and lower; whole variables, dropped ones, and those
//           that clang keeps in pieces. The first is closed before the others are used.
// Expect: what reading it there says; types are shared.
static void a_build_at_another_place(void **state)
{
    static const char *const COMPILERS[] = {"gcc -g -O1", "clang -g -O2"};
    static const uintptr_t PLACES[] = {OTHER_PLACE, 0x1000};
    Fixture *fixture = *state;

    write_text(fixture, "it.c", GAME);
    for (size_t c = 0; c < COUNT_OF(COMPILERS); c++) {
        build(fixture, "moved.so",
              arena_format(&fixture->memory, "%s -Wl,--build-id", COMPILERS[c]), "it.c");
        const char *path = in_folder(fixture, "moved.so");
        for (size_t p = 0; p < COUNT_OF(PLACES); p++) {
            ReflectTable *first = open_table(path, PLACE), *moved = open_table(path, PLACES[p]);
            const ReflectType *types = first->types;
            Fault fault = {0};
            ReflectTable read;
            Reflect *reflect = reflect_open(path, PLACES[p], &fault);
            assert_ptr_not_equal(first, moved);
            reflect_table_close(first);
            assert_ptr_equal(moved->types, types);
            assert_true(reflect_table(reflect, &fixture->memory, &read, &fault));
            check_moved(moved, &read);
            assert_true(c == 0 || read.piece_count > 0);
            assert_ptr_equal(reflect_variable_at(moved, named(moved, "mobs")->address + 5, NULL),
                             named(moved, "mobs"));
            reflect_close(reflect);
            reflect_table_close(moved);
        }
    }
}

// Scenario: libraries that are not the same though their build-ids are, or that have none: given by
//           hand, a stripped copy.
// Expect: each has its own.
static void builds_that_only_look_the_same(void **state)
{
    Fixture *fixture = *state;
    const char *one =
        make_library(fixture, "one.so", "-Wl,--build-id=0x12345678", "int a, both;\n");
    const char *two =
        make_library(fixture, "two.so", "-Wl,--build-id=0x12345678", "int a; float b, both;\n");
    ReflectTable *of_one = open_table(one, PLACE), *of_two = open_table(two, PLACE);

    assert_string_equal(of_one->types[named(of_one, "both")->type].name, "int");
    assert_string_equal(of_two->types[named(of_two, "both")->type].name, "float");
    run(fixture, ".", "strip -g -o stripped.so one.so");
    ReflectTable *stripped = open_table(in_folder(fixture, "stripped.so"), PLACE);
    assert_true(stripped->is_empty);
    assert_int_equal(stripped->variable_count, 0);
    reflect_table_close(stripped);
    reflect_table_close(of_one);
    reflect_table_close(of_two);

    const char *without = make_library(fixture, "none.so", "-Wl,--build-id=none", GAME);
    ReflectTable *first = open_table(without, PLACE), *second = open_table(without, PLACE);
    assert_ptr_not_equal(first, second);
    assert_ptr_not_equal(first->types, second->types);
    reflect_table_close(first);
    assert_string_equal(named(second, "mobs")->name, "mobs");
    reflect_table_close(second);
}

// What tables lie in: address space of nearly four GiB that nothing may touch yet.
static size_t count_reserved(void)
{
    FILE *file = fopen("/proc/self/maps", "r");
    unsigned long long first, end;
    char access[8], line[512];
    size_t count = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        assert_int_equal(sscanf(line, "%llx-%llx %7s", &first, &end, access), 3);
        count += strcmp(access, "---p") == 0 && end - first > 4000ull << 20
                 && end - first <= 4096ull << 20;
    }
    assert_int_equal(fclose(file), 0);
    return count;
}

// Scenario: sixty builds, one after the other; all of them open at once; none any more.
// Expect: every one is right all the time; few are kept that nobody has.
static void many_builds(void **state)
{
    enum { BUILDS = 60 };
    Fixture *fixture = *state;
    const char *paths[BUILDS];
    ReflectTable *tables[BUILDS];
    char name[32];

    for (unsigned i = 0; i < BUILDS; i++) {
        snprintf(name, sizeof name, "many%u.so", i);
        paths[i] = make_library(fixture, name, "-Wl,--build-id",
                                arena_format(&fixture->memory, "int x[%u];\n", i + 1));
    }
    size_t before = count_reserved();
    for (unsigned i = 0; i < BUILDS; i++) {
        ReflectTable *table = open_table(paths[i], PLACE);
        assert_int_equal(named(table, "x")->bytes, (i + 1) * sizeof(int));
        reflect_table_close(table);
    }
    assert_true(count_reserved() <= before + 5);
    for (unsigned i = 0; i < BUILDS; i++) {
        tables[i] = open_table(paths[i], PLACE + i % 2 * 4096);
    }
    for (unsigned i = 0; i < BUILDS; i++) {
        assert_int_equal(named(tables[i], "x")->bytes, (i + 1) * sizeof(int));
        reflect_table_close(tables[i]);
    }
    assert_true(count_reserved() <= before + 5);
}

typedef struct Worker {
    const char *const *paths;
    unsigned seed, wrong;
} Worker;

static void *open_and_close(void *argument)
{
    Worker *worker = argument;

    for (int i = 0; i < 300; i++) {
        unsigned which = (unsigned)rand_r(&worker->seed) % 8;
        uintptr_t place = PLACE + (uintptr_t)rand_r(&worker->seed) % 3 * 4096;
        Fault fault = {0};
        ReflectTable *table = reflect_table_open(worker->paths[which], place, &fault);
        const ReflectVariable *x = table ? &table->variables[table->variable_count - 1] : NULL;
        worker->wrong += !table || x->bytes != (which + 1) * sizeof(int)
                         || x->address - place > 1 << 20 || strcmp(x->name, "x") != 0;
        reflect_table_close(table);
    }
    return NULL;
}

// Scenario: four threads open and close eight builds at three places.
// Expect: each gets what it asked for.
static void many_threads(void **state)
{
    Fixture *fixture = *state;
    const char *paths[8];
    Worker workers[4];
    pthread_t threads[4];
    char name[32];

    for (unsigned i = 0; i < COUNT_OF(paths); i++) {
        snprintf(name, sizeof name, "thread%u.so", i);
        paths[i] = make_library(fixture, name, "-Wl,--build-id",
                                arena_format(&fixture->memory, "int x[%u];\n", i + 1));
    }
    for (unsigned i = 0; i < COUNT_OF(threads); i++) {
        workers[i] = (Worker){.paths = paths, .seed = i + 1};
        assert_int_equal(pthread_create(&threads[i], NULL, open_and_close, &workers[i]), 0);
    }
    for (unsigned i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].wrong, 0);
    }
}

// Writes `value` over the sizes that the packed sections of the file claim to unpack to.
static void claim_size(const char *path, uint64_t value)
{
    FILE *file = fopen(path, "r+b");
    Elf64_Ehdr head;
    Elf64_Shdr section;
    Elf64_Chdr packed;
    int changed = 0;

    assert_non_null(file);
    assert_int_equal(fread(&head, sizeof head, 1, file), 1);
    for (int i = 0; i < head.e_shnum; i++) {
        (void)fseek(file, (long)(head.e_shoff + (size_t)i * sizeof section), SEEK_SET);
        assert_int_equal(fread(&section, sizeof section, 1, file), 1);
        if (section.sh_flags & SHF_COMPRESSED) {
            (void)fseek(file, (long)section.sh_offset, SEEK_SET);
            assert_int_equal(fread(&packed, sizeof packed, 1, file), 1);
            packed.ch_size = value;
            (void)fseek(file, (long)section.sh_offset, SEEK_SET);
            assert_int_equal(fwrite(&packed, sizeof packed, 1, file), 1);
            changed++;
        }
    }
    assert_int_equal(fclose(file), 0);
    assert_true(changed > 0);
}

// Scenario: packed sections that claim to hold more, or less, than they do: a little, the whole
//           memory of any machine.
// Expect: damaged; nothing is asked for that cannot be.
static void lies_about_sizes(void **state)
{
    static const uint64_t SIZES[] = {
        0, 1, 100, 1 << 20, UINT64_C(1) << 33, UINT64_C(1) << 50, UINT64_MAX};
    Fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        const char *path = make_library(fixture, "lies.so", "-gz -Wl,--build-id=none", GAME);
        Fault fault = {0};
        ReflectTable *table = reflect_table_open(path, PLACE, &fault);
        assert_non_null(table);
        reflect_table_close(table);
        claim_size(path, SIZES[i]);
        table = reflect_table_open(path, PLACE, &fault);
        assert_null(table);
        assert_int_equal(fault.kind, FAULT_FORMAT);
        assert_non_null(strstr(fault.text, "lies.so"));
    }
}

// Scenario: files that are none, are missing, or are no libraries.
// Expect: a fault that names them.
static void what_cannot_be_opened(void **state)
{
    Fixture *fixture = *state;
    const char *const paths[] = {in_folder(fixture, "missing.so"), fixture->folder, "/dev/null",
                                 in_folder(fixture, "text.so"), in_folder(fixture, "empty.so")};

    write_text(fixture, "text.so", "int x;\n");
    write_text(fixture, "empty.so", "");
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        Fault fault = {0};
        assert_null(reflect_table_open(paths[i], PLACE, &fault));
        assert_non_null(strstr(fault.text, paths[i]));
        assert_true(fault.kind == FAULT_FILE || fault.kind == FAULT_FORMAT);
    }
    reflect_table_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_build_that_comes_again),
        cmocka_unit_test(a_build_at_another_place),
        cmocka_unit_test(builds_that_only_look_the_same),
        cmocka_unit_test(many_builds),
        cmocka_unit_test(many_threads),
        cmocka_unit_test(lies_about_sizes),
        cmocka_unit_test(what_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, open_folder, close_fixture);
}
