#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "field.h"

static const char BEFORE[] =
    "typedef struct { float x, y; } Vec;\n"
    "typedef struct Mob { int hp; Vec pos; struct Mob *next; } Mob;\n"
    "typedef struct Game { Mob mobs[4]; Mob *boss; int score; float x, y; int gone; } Game;\n"
    "Game game; Mob lone; int lives = 3;\n";
static const char AFTER[] =
    "typedef struct { float x, y; } Vec;\n"
    "typedef struct Mob { int health; Vec pos; struct Mob *next; } Mob;\n"
    "static const char was[] __attribute__((section(\"hl_was\"), used)) = \"Mob.health=hp\";\n"
    "typedef struct Game { Mob mobs[4]; Mob *boss; int points; Vec at; } Game;\n"
    "static const char too[] __attribute__((section(\"hl_was\"), used)) = \"Game.points=score\";\n"
    "Game game; Mob lone; int lives = 3;\n";

typedef struct Fixture {
    char folder[64];
    ReflectTable *from, *to;
    Arena arena;
    ReflectMatch *match;
    uint32_t from_root, to_root;
} Fixture;

static ReflectTable *table_of(const Fixture *fixture, const char *name, const char *text)
{
    char source[128], library[128], command[400];
    int status;
    pid_t child;
    Fault fault = {0};
    (void)text_format(source, sizeof(source), "%s/%s.c", fixture->folder, name);
    (void)text_format(library, sizeof(library), "%s/%s.so", fixture->folder, name);
    (void)text_format(command, sizeof(command), "cc -std=gnu11 -g -shared -fPIC %s -o %s", source,
                      library);
    FILE *file = fopen(source, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    char *words[] = {(char[]){"sh"}, (char[]){"-c"}, command, NULL};
    assert_int_equal(posix_spawnp(&child, "sh", NULL, NULL, words, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ReflectTable *table = reflect_table_open(library, 0, &fault);
    assert_non_null(table);
    assert_int_equal(unlink(source), 0);
    assert_int_equal(unlink(library), 0);
    return table;
}

static uint32_t game_of(const ReflectTable *table)
{
    for (uint32_t i = 1; i < table->type_count; i++) {
        if (strcmp(table->types[i].name, "Game") == 0) {
            return i;
        }
    }
    fail_msg("there is no Game");
    return 0;
}

static int enter(void **state)
{
    static Fixture fixture;
    fixture = (Fixture){.folder = "/tmp/field-moved-XXXXXX"};
    assert_non_null(mkdtemp(fixture.folder));
    assert_true(arena_open(&fixture.arena, 0, 64u << 20, NULL));
    fixture.from = table_of(&fixture, "before", BEFORE);
    fixture.to = table_of(&fixture, "after", AFTER);
    fixture.match = reflect_match_open(&fixture.arena, fixture.from, fixture.to, NULL, 0);
    fixture.from_root = game_of(fixture.from);
    fixture.to_root = game_of(fixture.to);
    *state = &fixture;
    return 0;
}

static int leave(void **state)
{
    Fixture *fixture = *state;
    reflect_table_close(fixture->from);
    reflect_table_close(fixture->to);
    arena_close(&fixture->arena);
    assert_int_equal(rmdir(fixture->folder), 0);
    return 0;
}

// `now` NULL: it cannot be followed.
static void check(const Fixture *fixture, const char *path, const char *now)
{
    char out[FIELD_NAME_MAX];
    bool known = field_path_moved(fixture->match, fixture->from_root, fixture->to_root, path, out,
                                  sizeof(out));
    if (known != (now != NULL)) {
        fail_msg("%s: %s", path, known ? out : "is not followed");
    }
    if (now) {
        assert_string_equal(out, now);
    }
}

static void names_are_followed(void **state)
{
    // Scenario: fields with new names, by HL_WAS; in an array, behind pointers, in a variable.
    // Expect: the path with the new names; that of what kept its name as it was.
    check(*state, "score", "points");
    check(*state, "mobs[3].hp", "mobs[3].health");
    check(*state, "mobs[3].pos.y", "mobs[3].pos.y");
    check(*state, "boss->hp", "boss->health");
    check(*state, "boss->next->next.hp", "boss->next->next.health");
    check(*state, "lone.hp", "lone.health");
    check(*state, "lives", "lives");
    check(*state, "mobs[2]", "mobs[2]");
}

static void fields_that_moved_are_followed(void **state)
{
    // Scenario: two fields that became those of a struct. Expect: where they are now.
    check(*state, "x", "at.x");
    check(*state, "y", "at.y");
}

static void what_is_gone_is_said(void **state)
{
    // Scenario: a field that is gone, names that never were, allocations, texts that are no paths,
    // a path that is too long.
    // Expect: false, and nothing written beyond the room.
    Fixture *fixture = *state;
    char small[8];
    check(fixture, "gone", NULL);
    check(fixture, "mobs[1].nothing", NULL);
    check(fixture, "nothing", NULL);
    check(fixture, "Mob#3.hp", NULL);
    check(fixture, "mobs[1", NULL);
    check(fixture, "score[1]", NULL);
    check(fixture, "boss-hp", NULL);
    check(fixture, "", NULL);
    check(fixture, ".", NULL);
    assert_false(field_path_moved(fixture->match, fixture->from_root, fixture->to_root,
                                  "mobs[3].hp", small, sizeof(small)));
    assert_true(strlen(small) < sizeof(small));
}

#define CASE(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(names_are_followed),
        CASE(fields_that_moved_are_followed),
        CASE(what_is_gone_is_said),
    };
    return cmocka_run_group_tests_name("field_moved", tests, enter, leave);
}
