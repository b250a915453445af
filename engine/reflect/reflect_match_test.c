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

#include "reflect_match.h"

// Structs before and after an edit go through the compiler that builds the test, and what is paired
// is compared as text: "hp" by name, "hp>health(guess)", "gone(hp)", and behind the bar what is
// new.

#define WAS_MAX 4

typedef struct Edit {
    const char *name, *before, *after;
    const char *expect;
    ReflectRename was[WAS_MAX];
} Edit;

#define VEC "typedef struct Vec { float x, y; } Vec; "

#define EDIT(its_name, first, then, what, ...)                                                     \
    {                                                                                              \
        .name = its_name, .before = first, .after = then, .expect = what, .was = { __VA_ARGS__ }   \
    }

static const Edit EDITS[] = {
    EDIT("same", "int a; float b;", "int a; float b;", "a b |"),
    EDIT("inserted", "int a; float b;", "int a; short s; float b;", "a b | s"),
    EDIT("reordered", "int a; float b; char c;", "char c; int a; float b;", "a b c |"),
    EDIT("removed", "int a; float b;", "float b;", "gone(a) b |"),
    EDIT("retyped", "int hp;", "float hp;", "hp |"),
    EDIT("renamed", "int a, hp, b;", "int a, health, b;", "a hp>health(guess) b |"),
    EDIT("renamed_first", "int hp, b;", "int health, b;", "hp>health(guess) b |"),
    EDIT("renamed_last", "int b, hp;", "int b, health;", "b hp>health(guess) |"),
    EDIT("renamed_only", "int hp;", "int health;", "hp>health(guess) |"),
    EDIT("renamed_and_moved", "int a, hp, b;", "int a, b, health;", "a gone(hp) b | health"),
    EDIT("renamed_and_retyped", "int a, hp;", "int a; float health;", "a gone(hp) | health"),
    EDIT("renamed_and_signed", "int a, hp;", "int a; unsigned health;", "a gone(hp) | health"),
    EDIT("renamed_and_one_new", "int a, hp, b;", "int a, health, b, c;", "a gone(hp) b | health c"),
    EDIT("renamed_and_one_gone", "int a, hp, b, c;", "int a, health, b;",
         "a gone(hp) b gone(c) | health"),
    EDIT("two_renamed", "int a, b, c;", "int d, e, c;", "gone(a) gone(b) c | d e"),
    EDIT("swapped_neighbours", "int a, hp, b;", "int b, health, a;", "a gone(hp) b | health"),
    EDIT("renamed_bits", "unsigned a : 3, b : 4;", "unsigned a : 3, c : 4;", "a b>c(guess) |"),
    EDIT("renamed_wider_bits", "unsigned a : 3, b : 4;", "unsigned a : 3, c : 5;", "a gone(b) | c"),
    EDIT("bits_made_whole", "unsigned a : 3, b : 4;", "unsigned a, b : 4;", "a b |"),
    EDIT("renamed_pointer", "struct A *first; int n;", "struct A *head; int n;",
         "first>head(guess) n |"),
    EDIT("renamed_other_pointer", "struct A *first; int n;", "struct B *head; int n;",
         "gone(first) n | head"),
    EDIT("renamed_char", "char a; int n;", "signed char b; int n;", "gone(a) n | b"),
    EDIT("renamed_array", "int a[4]; int n;", "int b[4]; int n;", "a>b(guess) n |"),
    EDIT("renamed_longer_array", "int a[4]; int n;", "int b[5]; int n;", "gone(a) n | b"),

    EDIT("was", "int a, hp, c;", "float health; int a, c, d;", "a hp>health(was) c | d",
         {"T", "health", "hp"}),
    EDIT("was_of_another", "int a, hp, c;", "float health; int a, c, d;", "a gone(hp) c | health d",
         {"Other", "health", "hp"}),
    EDIT("was_and_new_of_the_name", "int hp;", "int health, hp;", "hp>health(was) | hp",
         {"T", "health", "hp"}),
    EDIT("was_is_old_news", "int health, hp;", "int health, hp, x;", "health hp | x",
         {"T", "health", "hp"}),
    EDIT("was_over_two_builds", "int a, c;", "int q; int e; int f;", "a>e(was) gone(c) | q f",
         {"T", "e", "b"}, {"T", "b", "a"}),
    EDIT("was_in_a_circle", "int a, z;", "int q; int e; int f;", "gone(a) gone(z) | q e f",
         {"T", "e", "b"}, {"T", "b", "e"}, {"T", "b", "b"}),
    EDIT("was_of_nothing", "int a, z;", "int a, y, z;", "a z | y", {"T", "y", "nothing"}),
    EDIT("was_for_nothing", "int a, z;", "int a;", "a gone(z) |", {"T", "y", "z"}),
    EDIT("was_of_two", "int a, z;", "int b, c, z;", "a>b(was) z | c", {"T", "b", "a"},
         {"T", "c", "a"}),
    EDIT("was_inside", "Vec pos; int n;", "float left; int n;", "pos.x>left(was) gone(pos.y) n |",
         {"T", "left", "pos.x"}),
    EDIT("was_out_of_one_that_stays", "struct { float x, y, z; } pos; int n;",
         "struct { float x, y; } pos; int n; float height;", "pos.x pos.y pos.z>height(was) n |",
         {"T", "height", "pos.z"}),
    EDIT("was_into_one_that_stays", "Vec pos; float height; int n;",
         "struct { float x, y, z; } pos; int n;", "pos.x pos.y height>pos.z(was) n |",
         {"T", "pos.z", "height"}),
    EDIT("was_by_typedef", "int hp, n;", "int n; int health, more;", "hp>health(was) n | more",
         {"TAlias", "health", "hp"}),
    EDIT("was_in_a_union", "union { int a; float b; }; int n;",
         "int m; union { int c; float b; }; int n;", "(union) n | m", {"T", "c", "a"}),

    EDIT("into_a_struct", "float x, y; int n;", "int n; struct { float x, y; } pos;",
         "x>pos.x(move) y>pos.y(move) n |"),
    EDIT("into_a_struct_with_more", "float x, y; int n;", "int n; struct { float x, y, z; } pos;",
         "x>pos.x(move) y>pos.y(move) n | pos.z"),
    EDIT("into_an_anonymous_struct", "float x, y; int n;", "int n; struct { float x, y; };",
         "x y n |"),
    EDIT("out_of_an_anonymous_struct", "struct { float x, y; }; int n;", "float x; int n; float y;",
         "x y n |"),
    EDIT("out_of_a_struct", "Vec pos; int n;", "float x, y; int n;",
         "pos.x>x(move) pos.y>y(move) n |"),
    EDIT("partly_out_of_a_struct", "Vec pos; int n;", "float x; int n;",
         "pos.x>x(move) gone(pos.y) n |"),
    EDIT("out_of_one_into_another", "struct { float x, y; } pos; int n;",
         "struct { int id; float x, y; } body; int n;",
         "pos.x>body.x(move) pos.y>body.y(move) n | body.id"),
    EDIT("into_two_levels", "float x, y; int n;",
         "int n; struct { struct { float x, y; } pos; } body;",
         "x>body.pos.x(move) y>body.pos.y(move) n |"),
    EDIT("into_three_levels", "float x; int n;",
         "int n; struct { struct { struct { float x; } c; } b; } a;", "x>a.b.c.x(move) n |"),
    EDIT("out_of_two_levels", "int n; struct { struct { float x, y; } pos; } body;",
         "float x, y; int n;", "n body.pos.x>x(move) body.pos.y>y(move) |"),
    EDIT("whole_into_a_struct", "Vec pos, speed; int n;", "int n; struct { Vec pos, speed; } body;",
         "pos>body.pos(move) speed>body.speed(move) n |"),
    EDIT("whole_out_of_a_struct", "int n; struct { Vec pos, speed; } body;",
         "Vec pos, speed; int n;", "n body.pos>pos(move) body.speed>speed(move) |"),
    EDIT("whole_and_part", "float x; Vec pos; int n;", "int n; struct { float x; Vec pos; } body;",
         "x>body.x(move) pos>body.pos(move) n |"),
    EDIT("ambiguous_in", "float x, y; int n;", "int n; Vec pos, speed;",
         "gone(x) gone(y) n | pos speed"),
    EDIT("ambiguous_out", "Vec pos, speed; int n;", "float x, y; int n;",
         "gone(pos) gone(speed) n | x y"),
    EDIT("half_ambiguous", "float x, y; int n;",
         "int n; struct { float x, y; } pos; struct { float x; } other;",
         "gone(x) y>pos.y(move) n | pos.x other"),
    EDIT("moved_with_another_type", "int x, y; int n;", "int n; Vec pos;",
         "gone(x) gone(y) n | pos"),
    EDIT("moved_one_retyped", "int x; float y; int n;", "int n; Vec pos;",
         "gone(x) y>pos.y(move) n | pos.x"),
    EDIT("struct_renamed_is_no_move", "Vec pos; int n, m;", "int n, m; Vec goal;",
         "gone(pos) n m | goal"),
    EDIT("struct_renamed_is_a_guess", "Vec pos; int n;", "Vec goal; int n;", "pos>goal(guess) n |"),
    EDIT("out_of_one_that_stays", "struct { float x, y, z; } pos; int n;",
         "struct { float x, y; } pos; float z; int n;", "pos n | z"),
    EDIT("move_and_guess", "float x, y; int hp, n;", "Vec pos; int health, n;",
         "x>pos.x(move) y>pos.y(move) hp>health(guess) n |"),
    EDIT("move_with_a_rest_and_no_guess", "float x, y; int hp, n;",
         "struct { float x, y, z; } pos; int health, n;",
         "x>pos.x(move) y>pos.y(move) gone(hp) n | pos.z health"),

    EDIT("union_kept", "int n; union { int i; float f; };", "int n, m; union { int i; float f; };",
         "n (union) | m"),
    EDIT("union_of_structs", "int n; union { struct { float x, y, z; }; float v[3]; };",
         "int n, m; union { struct { float x, y, z; }; float v[3]; };", "n (union) | m"),
    EDIT("union_with_more", "int n; union { int i; float f; };",
         "union { int i; float f; char raw[8]; }; int n;", "n (union) | raw"),
    EDIT("union_with_less", "int n; union { int i; float f; char c; };",
         "union { int i; float f; }; int n;", "n (union) |"),
    EDIT("union_member_changed", "int n; union { int i; float f; };",
         "int n, m; union { long i; float f; };", "n gone(union) | m i f"),
    EDIT("union_member_moved_out", "int n; union { int i; float f; };",
         "int n; union { int i; char c; }; float f;", "n gone(union) | i c f"),
    EDIT("union_dissolved", "int n; union { int i; float f; };", "int n; int i; float f;",
         "n gone(union) | i f"),
    EDIT("union_made", "int i; float f; int n;", "union { int i; float f; }; int n;",
         "i gone(f) n | f"),
    EDIT("union_of_one", "union { int i; }; int n;", "int m; int i; int n;", "i n | m"),
    EDIT("union_renamed", "int n; union { int i; float f; };", "int n; union { int a; float b; };",
         "n gone(union) | a b"),
    EDIT("union_got_a_name", "int n; union { int i; float f; };",
         "union { int i; float f; } u; int n;", "n (union)>u |"),
    EDIT("union_gave_up_its_name", "union { int i; float f; } u; int n;",
         "int n; union { int i; float f; };", "u>(union) n |"),
    EDIT("union_moved", "int n; union { int i; float f; };",
         "struct { union { int i; float f; }; } value; int n;", "n (union)>value |"),
    EDIT("union_and_field_into_it", "union { int i; float f; }; int k; int n;",
         "union { int i; float f; int k; }; int n;", "(union) gone(k) n | k"),
    EDIT("union_in_a_union", "int n; union { int i; union { float f; char c; }; };",
         "int n, m; union { int i; union { float f; char c; }; };", "n (union) | m"),
    EDIT("guess_beside_a_union", "union { int i; float f; }; int hp;",
         "union { int i; float f; }; int health;", "(union) hp>health(guess) |"),

    EDIT("nothing_at_all", "", "", "|"),
    EDIT("empty_struct_in_it", "struct {} e; int n;", "int m; struct {} e; int n;", "e n | m"),
    EDIT("flexible", "int n; int tail[];", "int n, m; int tail[];", "n tail | m"),
    EDIT("no_elements", "int n; int none[0];", "int none[0]; short m; int n;", "n none | m"),
};

// Both builds of all edits, as struct T_name.
typedef struct Fixture {
    char folder[64];
    ReflectTable *from, *to;
    Arena arena;
} Fixture;

extern char **environ;

static ReflectTable *compile(const Fixture *fixture, const char *name, const char *source)
{
    char path[128], library[128];
    Fault fault = {0};
    pid_t child;
    int status;

    (void)text_format(path, sizeof path, "%s/%s.c", fixture->folder, name);
    (void)text_format(library, sizeof library, "%s/%s.so", fixture->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(source, file) >= 0);
    assert_int_equal(fclose(file), 0);
    char *command[] = {(char[]){"gcc"},   (char[]){"-g"}, (char[]){"-shared"},
                       (char[]){"-fPIC"}, (char[]){"-w"}, (char[]){"-o"},
                       library,           path,           NULL};
    assert_int_equal(posix_spawnp(&child, "gcc", NULL, NULL, command, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    ReflectTable *table = reflect_table_open(library, 0, &fault);
    assert_string_equal(fault.text, "");
    assert_non_null(table);
    (void)unlink(path);
    (void)unlink(library);
    return table;
}

static char *sources(bool is_after)
{
    size_t room = 1 << 20, used = 0;
    char *text = malloc(room);

    assert_non_null(text);
    text[0] = 0;
    (void)text_format(text, room, VEC "struct A; struct B;\n");
    for (size_t i = 0; i < COUNT_OF(EDITS); i++) {
        used = strlen(text);
        (void)text_format(text + used, room - used,
                          "typedef struct T_%s { %s } TAlias_%s; struct T_%s v_%s;\n",
                          EDITS[i].name, is_after ? EDITS[i].after : EDITS[i].before, EDITS[i].name,
                          EDITS[i].name, EDITS[i].name);
    }
    return text;
}

static int open_fixture(void **state)
{
    static Fixture fixture;
    char *before = sources(false), *after = sources(true);

    (void)text_format(fixture.folder, sizeof fixture.folder, "/tmp/reflect_match_XXXXXX");
    assert_non_null(mkdtemp(fixture.folder));
    fixture.from = compile(&fixture, "before", before);
    fixture.to = compile(&fixture, "after", after);
    assert_true(arena_open(&fixture.arena, 0, 64 << 20, NULL));
    free(before);
    free(after);
    *state = &fixture;
    return 0;
}

static int close_fixture(void **state)
{
    Fixture *fixture = *state;
    reflect_table_close(fixture->from);
    reflect_table_close(fixture->to);
    arena_close(&fixture->arena);
    return rmdir(fixture->folder);
}

static uint32_t type_named(const ReflectTable *table, const char *name)
{
    for (uint32_t i = 1; i < table->type_count; i++) {
        if (table->types[i].kind == REFLECT_STRUCT && strcmp(table->types[i].name, name) == 0) {
            return i;
        }
    }
    fail_msg("no struct %s", name);
    return 0;
}

static void add(char *text, size_t room, const char *format, ...)
{
    size_t used = strlen(text);
    va_list more;
    va_start(more, format);
    vsnprintf(text + used, room - used, format, more);
    va_end(more);
}

static void pair_text(const ReflectPair *pair, char *text, size_t room)
{
    static const char *const HOW[] = {
        [REFLECT_BY_NAME] = "",         [REFLECT_BY_WAS] = "(was)", [REFLECT_BY_MOVE] = "(move)",
        [REFLECT_BY_GUESS] = "(guess)", [REFLECT_GONE] = "",        [REFLECT_OVERLAY] = ""};
    const char *from = pair->from_name[0] ? pair->from_name : "(union)";

    if (!pair->to_name) {
        assert_int_equal(pair->to_type, 0);
        add(text, room, pair->how == REFLECT_OVERLAY ? "gone%s " : "gone(%s) ", from);
        return;
    }
    const char *to = pair->to_name[0] ? pair->to_name : "(union)";
    add(text, room, strcmp(from, to) == 0 ? "%s%.0s%s " : "%s>%s%s ", from, to, HOW[pair->how]);
}

static void pairing_text(const ReflectPairing *pairing, char *text, size_t room)
{
    text[0] = 0;
    for (uint32_t i = 0; i < pairing->pair_count; i++) {
        pair_text(&pairing->pairs[i], text, room);
    }
    add(text, room, "|");
    for (uint32_t i = 0; i < pairing->added_count; i++) {
        add(text, room, " %s", pairing->added[i].to_name);
    }
}

// The place a path names, as the table's members say.
static void check_place(const ReflectTable *table, uint32_t type, const char *path, uint64_t bits,
                        uint32_t its_type)
{
    uint64_t at = 0;
    char copy[128], *rest = copy;

    (void)text_format(copy, sizeof copy, "%s", path);
    for (char *part = strsep(&rest, "."); part; part = strsep(&rest, ".")) {
        ReflectMember member;
        assert_true(reflect_member_named(table, type, part, &member));
        at += member.offset_bits;
        type = member.type;
    }
    assert_int_equal(at, bits);
    assert_int_equal(type, its_type);
}

static void check_places(const ReflectMatch *match, const ReflectPairing *pairing, uint32_t from,
                         uint32_t to)
{
    for (uint32_t i = 0; i < pairing->pair_count; i++) {
        const ReflectPair *pair = &pairing->pairs[i];
        if (pair->how != REFLECT_OVERLAY) {
            check_place(reflect_match_from(match), from, pair->from_name, pair->from_bits,
                        pair->from_type);
            if (pair->to_name) {
                check_place(reflect_match_to(match), to, pair->to_name, pair->to_bits,
                            pair->to_type);
            }
        }
    }
}

static const ReflectPairing *pair_edit(Fixture *fixture, const Edit *edit, ReflectMatch **match)
{
    char name[128];
    uint32_t count = 0;
    ReflectRename *was = ARENA_NEW(&fixture->arena, ReflectRename, WAS_MAX);

    for (; count < WAS_MAX && edit->was[count].type; count++) {
        was[count] = edit->was[count];
        bool is_alias = strcmp(was[count].type, "TAlias") == 0;
        if (is_alias || strcmp(was[count].type, "T") == 0) {
            was[count].type = arena_format(&fixture->arena, "%s_%s", was[count].type, edit->name);
        }
    }
    (void)text_format(name, sizeof name, "T_%s", edit->name);
    *match = reflect_match_open(&fixture->arena, fixture->from, fixture->to, was, count);
    uint32_t from = type_named(fixture->from, name), to = type_named(fixture->to, name);
    const ReflectPairing *pairing = reflect_pairing(*match, from, to);
    assert_ptr_equal(reflect_pairing(*match, from, to), pairing);
    check_places(*match, pairing, from, to);
    return pairing;
}

// Scenario: each of the edits above, one struct before and after.
// Expect: what is paired, how, what is gone and what is new; places as the compiler has them.
static void test_edits(void **state)
{
    Fixture *fixture = *state;
    int wrong = 0;

    for (size_t i = 0; i < COUNT_OF(EDITS); i++) {
        ReflectMatch *match;
        char text[1024];
        if (strcmp(EDITS[i].name, "was_by_typedef") == 0 && fixture->to->alias_count == 0) {
            continue;
        }
        pairing_text(pair_edit(fixture, &EDITS[i], &match), text, sizeof text);
        if (strcmp(text, EDITS[i].expect) != 0) {
            print_error("%s: { %s } to { %s }\n  is       %s\n  expected %s\n", EDITS[i].name,
                        EDITS[i].before, EDITS[i].after, text, EDITS[i].expect);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edits),
    };
    return cmocka_run_group_tests_name("reflect_match", tests, open_fixture, close_fixture);
}
