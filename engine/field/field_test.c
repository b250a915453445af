#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <link.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "field.h"

// Types that the library here and this test are both made of.
#define BOTH(...) __VA_ARGS__ static const char TYPES[] = #__VA_ARGS__ "\n";
BOTH(
    typedef struct Vec { float x, y; } Vec; typedef enum {IDLE, JUMP = 5} Mood; typedef struct Mob {
        Vec pos;
        int hp;
        struct Mob *target;
        unsigned flags : 3;
        int armor : 6;
        Mood mood;
        char name[8];
        char letter;
        _Bool alive;
        double big;
        union {
            int id;
            float weight;
        };
        void *any;
        int (*act)(int);
        const char *said;
        short grid[2][3];
    } Mob;
    typedef struct Tail {
        int count;
        int items[];
    } Tail;
    typedef struct Game {
        Mob hero;
        Mob *mobs;
        int score;
        Vec path[4];
        Mob *none;
        long double precise;
        unsigned char raw;
    } Game;)

static const char FIRST[] = "int score = 3, lives = 7;\n"
                            "static int shared = 1;\n"
                            "const int FIXED = 4;\n"
                            "static const char *title = \"hello\";\n"
                            "Mob boss = {.hp = 9};\n"
                            "int jump(int k) { static int calls; calls += k; shared++;\n"
                            "    { static int calls = 50; calls += k; }\n"
                            "    return calls + title[0] + FIXED; }\n"
                            "Mob *mob_pointer; Tail *tail_pointer; Game *game_pointer;\n";
static const char SECOND[] =
    "static int shared = 2;\n"
    "static Vec spot = {1.5f, -2};\n"
    "int use(void) { static int once = 8; once++; shared++; spot.x++;\n"
    "    return shared + once; }\n"
    "#define SEVEN(n) int many##n##0, many##n##1, many##n##2, many##n##3, "
    "many##n##4, many##n##5, many##n##6;\n"
    "SEVEN(0) SEVEN(1) SEVEN(2) SEVEN(3) SEVEN(4) SEVEN(5) SEVEN(6) SEVEN(7) "
    "SEVEN(8) SEVEN(9)\n";

typedef struct Fixture {
    char folder[64];
    void *library;
    ReflectTable *table;
    Arena arena, scratch;
    Heap *heap;
    Game *game;
    Mob *mobs, *lone; // 5, and another allocation of 1
    Tail *tail;
    FieldView view;
} Fixture;

// -------------------------------------------------------------------------------------- fixture

static void write_source(const Fixture *fixture, const char *name, const char *text)
{
    char path[128];
    (void)text_format(path, sizeof(path), "%s/%s", fixture->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "%s%s", TYPES, text) > 0);
    assert_int_equal(fclose(file), 0);
}

static void compile(const Fixture *fixture)
{
    char command[512];
    pid_t child;
    int status;
    (void)text_format(command, sizeof(command),
                      "cd %s && cc -std=gnu11 -O0 -g -shared -fPIC hero.c mob.c -o game.so",
                      fixture->folder);
    char *words[] = {(char[]){"sh"}, (char[]){"-c"}, command, NULL};
    assert_int_equal(posix_spawnp(&child, "sh", NULL, NULL, words, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void *symbol(const Fixture *fixture, const char *name)
{
    void *found = dlsym(fixture->library, name);
    assert_non_null(found);
    return found;
}

static void fill(Fixture *fixture)
{
    Game *game = heap_alloc(fixture->heap, "Game", sizeof(Game), _Alignof(Game), 1);
    fixture->mobs = heap_alloc(fixture->heap, "Mob", sizeof(Mob), _Alignof(Mob), 5);
    fixture->lone = heap_alloc(fixture->heap, "struct Mob", sizeof(Mob), _Alignof(Mob), 1);
    fixture->tail = heap_alloc(fixture->heap, "Tail", sizeof(Tail) + 3 * sizeof(int), 8, 1);
    game->hero = (Mob){.pos = {12.5f, 0.1f},
                       .hp = -4,
                       .target = &fixture->mobs[3],
                       .flags = 5,
                       .armor = -3,
                       .mood = JUMP,
                       .name = "Fo\"x",
                       .letter = 'k',
                       .alive = 1,
                       .big = 0.1,
                       .id = 77,
                       .any = fixture->lone,
                       .act = (int (*)(int))symbol(fixture, "jump"),
                       .grid = {{1, 2, 3}, {4, 5, 6}}};
    game->mobs = fixture->mobs;
    game->score = 40;
    game->precise = 2.25L;
    fixture->mobs[3].hp = 33;
    fixture->lone->target = fixture->lone;
    fixture->tail->items[2] = 11;
    fixture->game = game;
}

static int open_fixture(void **state)
{
    static Fixture fixture;
    char path[128];
    struct link_map *map;
    Fault fault = {0};
    fixture = (Fixture){.folder = "/tmp/field-XXXXXX"};
    assert_non_null(mkdtemp(fixture.folder));
    write_source(&fixture, "hero.c", FIRST);
    write_source(&fixture, "mob.c", SECOND);
    compile(&fixture);
    (void)text_format(path, sizeof(path), "%s/game.so", fixture.folder);
    fixture.library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(fixture.library);
    assert_int_equal(dlinfo(fixture.library, RTLD_DI_LINKMAP, &map), 0);
    fixture.table = reflect_table_open(path, (uintptr_t)map->l_addr, &fault);
    assert_non_null(fixture.table);
    assert_true(arena_open(&fixture.arena, 0, 4u << 20, &fault));
    assert_true(arena_open(&fixture.scratch, 0, 4u << 20, &fault));
    fixture.heap = heap_init(arena_push(&fixture.arena, 1, PAGE_BYTES, 4u << 20), 4u << 20);
    assert_non_null(fixture.heap);
    fill(&fixture);
    fixture.view = (FieldView){.table = fixture.table,
                               .heap = fixture.heap,
                               .root_type = field_tag_type(fixture.table, "Game", sizeof(Game)),
                               .root = (uintptr_t)fixture.game};
    assert_int_not_equal(fixture.view.root_type, 0);
    *state = &fixture;
    return 0;
}

static int close_fixture(void **state)
{
    static const char *const FILES[] = {"hero.c", "mob.c", "game.so"};
    Fixture *fixture = *state;
    char path[128];
    reflect_table_close(fixture->table);
    assert_int_equal(dlclose(fixture->library), 0);
    arena_close(&fixture->arena);
    arena_close(&fixture->scratch);
    for (size_t i = 0; i < COUNT_OF(FILES); i++) {
        (void)text_format(path, sizeof(path), "%s/%s", fixture->folder, FILES[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(fixture->folder), 0);
    return 0;
}

// --------------------------------------------------------------------------------------- checks

static Field find(const Fixture *fixture, const char *path)
{
    Field field;
    Fault fault = {0};
    if (!field_find(&fixture->view, path, &field, &fault)) {
        fail_msg("%s: %s", path, fault.text);
    }
    return field;
}

static void assert_text(const Fixture *fixture, const char *path, const char *wanted)
{
    char text[400];
    Field field = find(fixture, path);
    field_text(&fixture->view, &field, text, sizeof(text));
    if (strcmp(text, wanted) != 0) {
        fail_msg("%s is %s, expected %s", path, text, wanted);
    }
}

static void assert_refused(const Fixture *fixture, const char *path, const char *part)
{
    Field field;
    Fault fault = {0};
    assert_false(field_find(&fixture->view, path, &field, &fault));
    assert_int_equal(fault.kind, FAULT_USAGE);
    if (!strstr(fault.text, part)) {
        fail_msg("%s: \"%s\" says nothing of \"%s\"", path, fault.text, part);
    }
}

static void assert_name(const Fixture *fixture, const void *address, const char *wanted)
{
    char name[FIELD_NAME_MAX];
    (void)field_name(&fixture->view, (uintptr_t)address, NULL, name, sizeof(name));
    assert_string_equal(name, wanted);
}

// Writes it as whoever owns the memory does.
static void set(const Fixture *fixture, const char *path, const char *text)
{
    uint8_t bytes[64];
    size_t size_bytes = sizeof(bytes);
    Fault fault = {0};
    Field field = find(fixture, path);
    if (!field_parse(&fixture->view, &field, text, bytes, &size_bytes, &fault)) {
        fail_msg("%s = %s: %s", path, text, fault.text);
    }
    memcpy((void *)field.address, bytes, size_bytes);
}

static void assert_not_set(const Fixture *fixture, const char *path, const char *text,
                           const char *part)
{
    uint8_t bytes[64];
    size_t size_bytes = sizeof(bytes);
    Fault fault = {0};
    Field field = find(fixture, path);
    assert_false(field_parse(&fixture->view, &field, text, bytes, &size_bytes, &fault));
    if (!strstr(fault.text, part)) {
        fail_msg("%s = %s: \"%s\" says nothing of \"%s\"", path, text, fault.text, part);
    }
}

// ---------------------------------------------------------------------------------------- cases

static void paths_lead_to_values(void **state)
{
    // Scenario: members, members of members, elements, through pointers, of allocations, variables.
    // Expect: each is found and its value is the one that was written there.
    const Fixture *fixture = *state;
    assert_text(fixture, "score", "40"); // the state's, not the variable
    assert_text(fixture, "hero.c:score", "3");
    assert_text(fixture, "lives", "7");
    assert_text(fixture, "hero.pos.x", "12.5");
    assert_text(fixture, "hero.pos.y", "0.1");
    assert_text(fixture, "hero.target->hp", "33");
    assert_text(fixture, "hero.target.hp", "33");
    assert_text(fixture, "mobs[3].hp", "33");
    assert_text(fixture, "mobs->hp", "0");
    assert_text(fixture, "hero.grid[1][2]", "6");
    assert_text(fixture, "Mob#0[3].hp", "33");
    assert_text(fixture, "Mob#1.target", "-> Mob#1");
    assert_text(fixture, "Tail.items[2]", "11");
    assert_text(fixture, "Game.score", "40");
    assert_text(fixture, "hero.id", "77");
    assert_text(fixture, "boss.hp", "9");
    assert_text(fixture, "jump.calls", "0");
    assert_text(fixture, "jump.calls#1", "50");
    assert_text(fixture, "mob.c:shared", "2");
    assert_text(fixture, "mob.c:use.once", "8");
    assert_text(fixture, "once", "8");
    assert_text(fixture, "spot.y", "-2");
}

static void allocations_go_by_address_too(void **state)
{
    // Scenario: TYPE@ADDRESS of an allocation, of an element in one, of a place in between.
    // Expect: the first two are found, the last is refused.
    const Fixture *fixture = *state;
    char path[64];
    (void)text_format(path, sizeof(path), "Mob@%p.target", (void *)fixture->lone);
    assert_text(fixture, path, "-> Mob#1");
    (void)text_format(path, sizeof(path), "Mob@%p.hp", (void *)&fixture->mobs[3]);
    assert_text(fixture, path, "33");
    (void)text_format(path, sizeof(path), "Mob@%p.hp", (void *)&fixture->mobs[3].hp);
    assert_refused(fixture, path, "begins at that address");
}

static void values_of_every_kind_are_one_line(void **state)
{
    // Scenario: numbers, bit-fields, enums, texts, pointers, structs, arrays.
    // Expect: as a C programmer writes them; floats with as many digits as it takes and no more.
    const Fixture *fixture = *state;
    assert_text(fixture, "hero.flags", "5");
    assert_text(fixture, "hero.armor", "-3");
    assert_text(fixture, "hero.mood", "JUMP");
    assert_text(fixture, "hero.name", "\"Fo\\\"x\"");
    assert_text(fixture, "hero.letter", "'k'");
    assert_text(fixture, "hero.alive", "true");
    assert_text(fixture, "hero.big", "0.1");
    assert_text(fixture, "precise", "2.25");
    assert_text(fixture, "hero.pos", "{x: 12.5, y: 0.1}");
    assert_text(fixture, "hero.grid", "[[1, 2, 3], [4, 5, 6]]");
    assert_text(fixture, "hero.target", "-> Mob#0[3]");
    assert_text(fixture, "hero.any", "-> Mob#1");
    assert_text(fixture, "hero.act", "jump()");
    assert_text(fixture, "mobs", "-> Mob#0[0]");
    assert_text(fixture, "none", "NULL");
    assert_text(fixture, "raw", "0");
    assert_text(fixture, "Tail.items", "[0, 0, 11]");
    fixture->game->hero.pos.x = 1.0f / 3;
    assert_text(fixture, "hero.pos.x", "0.33333334");
    fixture->game->hero.target = (Mob *)(void *)(fixture->mobs + 5);
    assert_text(fixture, "hero.target", "-> Mob#0 (its end)");
    assert_true(heap_free(fixture->heap, fixture->lone));
    char text[64], wanted[64];
    Field field = find(fixture, "hero.any");
    field_text(&fixture->view, &field, text, sizeof(text));
    (void)text_format(wanted, sizeof(wanted), "%p (nothing alive is there)", (void *)fixture->lone);
    assert_string_equal(text, wanted);
}

static void long_values_are_cut(void **state)
{
    // Scenario: a struct into a buffer that is too small for it, of every size.
    // Expect: it ends with a 0 and, when there is room for it, with three dots.
    const Fixture *fixture = *state;
    Field field = find(fixture, "hero");
    char text[2000];
    field_text(&fixture->view, &field, text, sizeof(text));
    size_t whole = strlen(text);
    assert_true(whole > 200 && text[whole - 1] == '}');
    for (size_t room = 1; room < whole; room += 7) {
        memset(text, 'X', sizeof(text));
        field_text(&fixture->view, &field, text, room);
        assert_true(strlen(text) < room);
        assert_true(room < 16 || strstr(text, "..."));
    }
}

static void wrong_paths_say_what_there_is(void **state)
{
    // Scenario: misspelt members and variables, indices past the end, NULL, nonsense.
    // Expect: how far it was understood, and the nearest right word.
    const Fixture *fixture = *state;
    assert_refused(fixture, "hero.poz", "hero has no member poz; did you mean pos?");
    assert_refused(fixture, "hero.pos.zzzzz", "hero.pos has no member zzzzz; there is x, y");
    assert_refused(fixture, "livse", "did you mean lives?");
    assert_refused(fixture, "spto.x", "did you mean spot?");
    assert_refused(fixture, "nothing", "there is hero, mobs, score, path");
    assert_refused(fixture, "hero.hp.x", "hero.hp is of type int, which has no members");
    assert_refused(fixture, "none->hp", "none is NULL");
    assert_refused(fixture, "path[4]", "path has 4 elements");
    assert_refused(fixture, "path[x]", "no index");
    assert_refused(fixture, "path[1", "without a ]");
    assert_refused(fixture, "mobs[5].hp", "fewer elements");
    assert_refused(fixture, "Mob.hp", "there are 2 of type Mob: Mob#0 is the first");
    assert_refused(fixture, "Mob#2.hp", "there are 2");
    assert_refused(fixture, "Mob#0.hp", "several elements");
    assert_refused(fixture, "shared", "hero.c:shared, mob.c:shared");
    assert_refused(fixture, "", "begins with no name");
    assert_refused(fixture, "hero.", "followed by no name");
    assert_refused(fixture, "hero pos", "neither .MEMBER");
    assert_refused(fixture, "elf.c:shared", "no such variable");
    assert_refused(fixture, "hero.act->x", "nothing that is known");
}

static void places_have_names(void **state)
{
    // Scenario: addresses in the state, allocations, variables, in between and nowhere.
    // Expect: the innermost field; texts as one; "several" only where there are; false outside.
    const Fixture *fixture = *state;
    char name[FIELD_NAME_MAX];
    Field field;
    assert_name(fixture, &fixture->game->hero, "hero.pos.x");
    assert_name(fixture, &fixture->game->path[2].y, "path[2].y");
    assert_name(fixture, &fixture->game->hero.name[5], "hero.name");
    assert_name(fixture, (uint8_t *)&fixture->game->hero.hp + 3, "hero.hp");
    assert_name(fixture, &fixture->mobs[4].grid[1][1], "Mob#0[4].grid[1][1]");
    assert_name(fixture, &fixture->lone->hp, "Mob#1.hp");
    assert_name(fixture, &fixture->tail->items[1], "Tail.items[1]");
    assert_name(fixture, symbol(fixture, "lives"), "lives");
    assert_name(fixture, symbol(fixture, "score"), "hero.c:score");
    assert_true(
        field_name(&fixture->view, (uintptr_t)&fixture->mobs[1].hp, &field, name, sizeof(name)));
    assert_int_equal(field.address, (uintptr_t)&fixture->mobs[1].hp);
    assert_false(field_name(&fixture->view, (uintptr_t)fixture, &field, name, sizeof(name)));
    assert_string_equal(name, "no place of the game's");
    assert_false(field_name(&fixture->view, (uintptr_t)fixture->heap, &field, name, sizeof(name)));
    assert_string_equal(name, "memory of nothing that is alive");
}

static void every_name_leads_back(void **state)
{
    // Scenario: every fourth byte of the state and all allocations, with an index and without.
    // Expect: what field_name calls it is found by field_find, at the same place.
    Fixture *fixture = *state;
    const uint8_t *spans[][2] = {
        {(uint8_t *)fixture->game, (uint8_t *)(fixture->game + 1)},
        {(uint8_t *)fixture->mobs, (uint8_t *)(fixture->mobs + 5)},
        {(uint8_t *)fixture->lone, (uint8_t *)(fixture->lone + 1)},
        {(uint8_t *)fixture->tail, (uint8_t *)fixture->tail + sizeof(Tail) + 12}};
    for (int pass = 0; pass < 2; pass++) {
        uint32_t named = 0;
        for (size_t i = 0; i < COUNT_OF(spans); i++) {
            for (const uint8_t *at = spans[i][0]; at < spans[i][1]; at += 4) {
                char name[FIELD_NAME_MAX];
                Field field;
                if (field_name(&fixture->view, (uintptr_t)at, &field, name, sizeof(name))) {
                    Field again = find(fixture, name);
                    assert_int_equal(again.address, field.address);
                    assert_int_equal(again.type, field.type);
                    named++;
                }
            }
        }
        assert_true(named > 150);
        field_index(&fixture->view, &fixture->scratch);
        assert_int_equal(fixture->view.block_count, 4);
    }
}

static void values_are_set_by_their_text(void **state)
{
    // Scenario: texts for numbers, bit-fields, enums, texts, pointers.
    // Expect: the value, and nothing beside it.
    const Fixture *fixture = *state;
    Mob *hero = &fixture->game->hero;
    set(fixture, "hero.pos.x", "0.33333334");
    assert_true(hero->pos.x == 1.0f / 3);
    set(fixture, "hero.hp", "-0x10");
    assert_int_equal(hero->hp, -16);
    set(fixture, "hero.flags", "7");
    assert_int_equal(hero->flags, 7);
    assert_int_equal(hero->armor, -3);
    set(fixture, "hero.armor", "-32");
    assert_int_equal(hero->armor, -32);
    assert_int_equal(hero->flags, 7);
    set(fixture, "hero.mood", "IDLE");
    assert_int_equal(hero->mood, IDLE);
    set(fixture, "hero.mood", "5");
    assert_int_equal(hero->mood, JUMP);
    set(fixture, "hero.name", "abcdefg");
    assert_string_equal(hero->name, "abcdefg");
    set(fixture, "hero.name", "\"a\\\"\\n\"");
    assert_memory_equal(hero->name, "a\"\n\0\0\0\0", 8);
    set(fixture, "hero.letter", "'z'");
    assert_int_equal(hero->letter, 'z');
    set(fixture, "hero.alive", "false");
    assert_false(hero->alive);
    set(fixture, "hero.target", "NULL");
    assert_null(hero->target);
    set(fixture, "hero.big", "1e300");
    assert_true(hero->big == 1e300);
    set(fixture, "boss.hp", "12");
    assert_text(fixture, "boss.hp", "12");
}

static void values_that_do_not_fit_are_refused(void **state)
{
    // Scenario: numbers out of range, words, long texts, addresses, structs, constants.
    // Expect: each is refused, and the reason names the type or what there is room for.
    const Fixture *fixture = *state;
    assert_not_set(fixture, "raw", "256", "unsigned char");
    assert_not_set(fixture, "hero.flags", "8", ": 3");
    assert_not_set(fixture, "hero.hp", "many", "int");
    assert_not_set(fixture, "hero.hp", "", "int");
    assert_not_set(fixture, "hero.hp", "3 apples", "int");
    assert_not_set(fixture, "hero.mood", "FLYING", "FLYING");
    assert_not_set(fixture, "hero.name", "12345678", "room for 7 letters");
    assert_not_set(fixture, "hero.target", "0x1234", "NULL only");
    assert_not_set(fixture, "hero.pos", "1", "such as .x");
    assert_not_set(fixture, "hero.grid", "1", "set in parts");
    assert_not_set(fixture, "FIXED", "1", "const");
}

static void texts_and_values_agree(void **state)
{
    // Scenario: a few thousand floats and doubles of every size, read as text and set by it.
    // Expect: the same bits as before.
    const Fixture *fixture = *state;
    uint64_t seed = 88172645463325252ull;
    char text[64];
    for (int i = 0; i < 4000; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        uint32_t half = (uint32_t)seed;
        memcpy(&fixture->game->hero.pos.x, &half, 4);
        memcpy(&fixture->game->hero.big, &seed, 8);
        bool is_number = fixture->game->hero.pos.x == fixture->game->hero.pos.x
                         && fixture->game->hero.big == fixture->game->hero.big;
        Vec before = fixture->game->hero.pos;
        double big = fixture->game->hero.big;
        Field field = find(fixture, "hero.pos.x");
        field_text(&fixture->view, &field, text, sizeof(text));
        if (!is_number || strstr(text, "inf")) {
            continue;
        }
        set(fixture, "hero.pos.x", text);
        assert_memory_equal(&before.x, &fixture->game->hero.pos.x, 4);
        field = find(fixture, "hero.big");
        field_text(&fixture->view, &field, text, sizeof(text));
        set(fixture, "hero.big", text);
        assert_memory_equal(&big, &fixture->game->hero.big, 8);
    }
}

static void the_tree_names_its_children(void **state)
{
    // Scenario: children of the state, a union's member, an array, a pointer, a number.
    // Expect: as many as counted, each found by the path that is put together of the names.
    const Fixture *fixture = *state;
    char name[FIELD_NAME_MAX], path[2 * FIELD_NAME_MAX];
    Field root = {.type = fixture->view.root_type, .address = fixture->view.root}, child;
    static const char *const NAMES[] = {"hero", "mobs", "score", "path", "none", "precise", "raw"};
    assert_int_equal(field_child_count(&fixture->view, &root), COUNT_OF(NAMES));
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        assert_true(field_child(&fixture->view, &root, i, &child, name, sizeof(name)));
        assert_string_equal(name, NAMES[i]);
    }
    assert_false(field_child(&fixture->view, &root, COUNT_OF(NAMES), &child, name, sizeof(name)));
    static const char *const PARENTS[] = {"hero", "path", "mobs", "hero.pos", "Mob#0", "Tail"};
    for (size_t i = 0; i < COUNT_OF(PARENTS); i++) {
        Field parent = find(fixture, PARENTS[i]);
        uint64_t count = field_child_count(&fixture->view, &parent);
        assert_true(count > 0);
        for (uint64_t n = 0; n < count; n++) {
            assert_true(field_child(&fixture->view, &parent, n, &child, name, sizeof(name)));
            field_join(PARENTS[i], name, path, sizeof(path));
            assert_int_equal(find(fixture, path).address, child.address);
        }
        assert_false(field_child(&fixture->view, &parent, count, &child, name, sizeof(name)));
    }
    Field number = find(fixture, "score");
    assert_int_equal(field_child_count(&fixture->view, &number), 0);
}

static void roots_are_state_variables_allocations(void **state)
{
    // Scenario: all roots, each name looked for again.
    // Expect: the state first, constants not at all, each variable and allocation once.
    const Fixture *fixture = *state;
    uint64_t cursor = 0;
    FieldRoot kind;
    Field field;
    char name[FIELD_NAME_MAX];
    uint32_t counts[3] = {0};
    while (field_next_root(&fixture->view, &cursor, &kind, &field, name, sizeof(name))) {
        counts[kind]++;
        assert_string_not_equal(name, "FIXED");
        if (kind != FIELD_STATE) {
            assert_int_equal(find(fixture, name).address, field.address);
        }
    }
    assert_int_equal(counts[FIELD_STATE], 1);
    assert_int_equal(counts[FIELD_VARIABLE], 13 + 70); // the many
    assert_int_equal(counts[FIELD_ALLOCATION], 3);
}

// A copy of the game's memory, elsewhere.
typedef struct Copy {
    const Fixture *fixture;
    Game game;
} Copy;

static bool read_copy(void *with, uintptr_t address, void *out, size_t bytes)
{
    const Copy *copy = with;
    uintptr_t first = (uintptr_t)copy->fixture->game;
    if (address < first || address + bytes > first + sizeof(Game)) {
        return false;
    }
    memcpy(out, (const uint8_t *)&copy->game + (address - first), bytes);
    return true;
}

static void a_view_may_read_elsewhere(void **state)
{
    // Scenario: a copy of the state with another value, read through a function.
    // Expect: its values; what the function does not have is "?".
    Fixture *fixture = *state;
    static Copy copy;
    copy = (Copy){fixture, *fixture->game};
    copy.game.score = 41;
    fixture->view.read = read_copy;
    fixture->view.with = &copy;
    assert_text(fixture, "score", "41");
    assert_text(fixture, "lives", "?");
    assert_text(fixture, "hero.target", "-> Mob#0[3]");
}

static void all_leaves_are_met_once(void **state)
{
    // Scenario: a walk over everything; the same with a copy in which a few values differ.
    // Expect: each leaf is found by its path; exactly those that differ are named, in order, with
    // both values; what lies behind a text's end counts, the bits beside a bit-field do not.
    Fixture *fixture = *state;
    static Copy copy;
    copy = (Copy){fixture, *fixture->game};
    FieldView other = fixture->view;
    other.read = read_copy;
    other.with = &copy;
    FieldWalk walk = {.view = &fixture->view};
    Field leaf;
    uint32_t count = 0;
    while (field_walk_next(&walk, &leaf)) {
        Field again = find(fixture, walk.path);
        assert_int_equal(again.address, leaf.address);
        assert_int_equal(again.bit_size, leaf.bit_size);
        count++;
    }
    assert_true(count > 150);
    copy.game.hero.pos.y = 7;
    copy.game.hero.armor = 4;
    copy.game.hero.name[7] = 'x';
    copy.game.hero.target = fixture->lone;
    copy.game.path[3].x = 1;
    static const char *const WANTED[][3] = {
        {"hero.pos.y", "0.1", "7"},
        {"hero.target", "-> Mob#0[3]", "-> Mob#1"},
        {"hero.armor", "-3", "4"},
        {"hero.name", "\"Fo\\\"x\"", "\"Fo\\\"x\" (behind the text's end)"},
        {"path[3].x", "0", "1"}};
    walk = (FieldWalk){.view = &fixture->view};
    FieldDifference difference;
    for (size_t i = 0; i < COUNT_OF(WANTED); i++) {
        assert_true(field_next_difference(&walk, &other, &difference));
        assert_string_equal(difference.path, WANTED[i][0]);
        assert_string_equal(difference.a, WANTED[i][1]);
        assert_string_equal(difference.b, WANTED[i][2]);
    }
}

static void reports_name_by_type(void **state)
{
    // Scenario: places of the state, of an element of an allocation, of a variable.
    // Expect: the state by its type; allocations of one type are not told apart.
    const Fixture *fixture = *state;
    char name[FIELD_NAME_MAX];
    assert_true(field_name_by_type(&fixture->view, (uintptr_t)&fixture->game->path[1].y, name,
                                   sizeof(name)));
    assert_string_equal(name, "Game.path[1].y");
    assert_true(
        field_name_by_type(&fixture->view, (uintptr_t)&fixture->mobs[2].hp, name, sizeof(name)));
    assert_string_equal(name, "Mob[2].hp");
    assert_true(
        field_name_by_type(&fixture->view, (uintptr_t)&fixture->lone->hp, name, sizeof(name)));
    assert_string_equal(name, "Mob.hp");
}

static void members_are_told_by_the_innermost_struct(void **state)
{
    // Scenario: a member of a member, elements, one of an anonymous union, a variable's member, a
    // variable that is a number, nothing at all.
    // Expect: the struct that has a name and the way from there; false where there is none.
    const Fixture *fixture = *state;
    const struct {
        const void *at;
        const char *name;
    } members[] = {{&fixture->game->hero.pos.x, "Vec.x"},
                   {&fixture->game->path[2].y, "Vec.y"},
                   {&fixture->mobs[4].grid[1][1], "Mob.grid[1][1]"},
                   {&fixture->lone->weight, "Mob.id"},
                   {&fixture->game->score, "Game.score"},
                   {&((Mob *)symbol(fixture, "boss"))->hp, "Mob.hp"}};
    char name[FIELD_NAME_MAX];
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        assert_true(
            field_member_name(&fixture->view, (uintptr_t)members[i].at, name, sizeof(name)));
        assert_string_equal(name, members[i].name);
    }
    assert_false(
        field_member_name(&fixture->view, (uintptr_t)symbol(fixture, "lives"), name, sizeof(name)));
    assert_false(field_member_name(&fixture->view, (uintptr_t)fixture, name, sizeof(name)));
    assert_string_equal(name, "");
}

static void texts_behind_pointers_are_read_where_they_can_be(void **state)
{
    // Scenario: a pointer to a string literal: without a function that reads, and with the heap's.
    // Expect: the address, said to be outside; the runtime's view (live) reads it.
    const Fixture *fixture = *state;
    char text[200];
    Field field = find(fixture, "title");
    field_text(&fixture->view, &field, text, sizeof(text));
    if (!strstr(text, "(outside the game)")) {
        fail_msg("%s", text);
    }
}

static void tags_are_types(void **state)
{
    // Scenario: tags as hl_new makes them, of the right size, a wrong one, and unknown.
    // Expect: structs with and without the word, base types, pointers; 0 where it is none.
    const Fixture *fixture = *state;
    const ReflectTable *table = fixture->table;
    uint32_t mob = field_tag_type(table, "Mob", sizeof(Mob));
    assert_int_not_equal(mob, 0);
    assert_int_equal(field_tag_type(table, "struct Mob", sizeof(Mob)), mob);
    assert_int_equal(field_tag_type(table, "Mob", sizeof(Mob) + 8), 0);
    assert_int_equal(field_tag_type(table, "Nobody", 8), 0);
    assert_int_equal(field_tag_type(table, "", 8), 0);
    uint32_t pointer = field_tag_type(table, "Mob *", 8);
    assert_int_equal(table->types[pointer].kind, REFLECT_POINTER);
    assert_int_equal(table->types[pointer].of, mob);
    assert_int_equal(table->types[field_tag_type(table, "int", 4)].kind, REFLECT_INTEGER);
    assert_int_not_equal(field_tag_type(table, "Tail", sizeof(Tail) + 12), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(paths_lead_to_values),
        CASE(allocations_go_by_address_too),
        CASE(values_of_every_kind_are_one_line),
        CASE(long_values_are_cut),
        CASE(wrong_paths_say_what_there_is),
        CASE(places_have_names),
        CASE(every_name_leads_back),
        CASE(values_are_set_by_their_text),
        CASE(values_that_do_not_fit_are_refused),
        CASE(texts_and_values_agree),
        CASE(the_tree_names_its_children),
        CASE(roots_are_state_variables_allocations),
        CASE(a_view_may_read_elsewhere),
        CASE(all_leaves_are_met_once),
        CASE(reports_name_by_type),
        CASE(members_are_told_by_the_innermost_struct),
        CASE(texts_behind_pointers_are_read_where_they_can_be),
        CASE(tags_are_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
