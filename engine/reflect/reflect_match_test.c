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

// One struct before and after, and where pointers into it go: "a.b[2]>c[2]", "a>" to nowhere. A
// pointer's type is that of what it points to; "void a" says that it has none.
typedef struct Move {
    const char *name, *before, *after;
    const char *places;
} Move;

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

static const Move MOVES[] = {
    {"inserted", "int a, b;", "int a, n, b;", "a>a b>b void b>b"},
    {"reordered", "int a; float b;", "float b; int a;", "a>a b>b void b>b"},
    {"removed", "int a, b, c;", "int a, c;", "a>a b> c>c void b>"},
    {"retyped", "int n, a;", "int m, n; float a;", "a>a"},
    {"renamed_and_more", "int n, hp, b;", "int n, health, b; char more;", "n>n b>b hp>"},
    {"renamed", "int n, hp; float b;", "int n, health; double b;", "n>n hp>health b>b"},
    {"renamed_only", "float f; int n, hp, b;", "double f; int n, health, b;", "hp>health b>b"},
    {"moved_in", "float x, y; int n;", "int n; Vec pos;", "x>pos.x y>pos.y n>n void y>pos.y"},
    {"moved_out", "int n; Vec pos;", "float x, y; int n;", "pos.x>x pos.y>y pos> void pos>x n>n"},
    {"moved_whole", "int n; Vec pos, goal;", "struct { Vec pos; Vec goal; } body; int n;",
     "pos>body.pos pos.y>body.pos.y goal.y>body.goal.y goal>body.goal"},
    {"nested", "struct { int a; struct { int b, c; } in[3]; } out; int z;",
     "int z; struct { struct { int c, n, b; } in[4]; int a; } out;",
     "out.a>out.a out.in[2].c>out.in[2].c out.in[1].b>out.in[1].b out.in>out.in z>z "
     "out.in[1]>out.in[1]"},
    {"first_of_all", "struct { Vec pos; int id; } base; int n;",
     "int n; struct { int id; Vec pos; } base;",
     "base>base base.pos>base.pos base.pos.x>base.pos.x base.id>base.id void base>n"},
    {"longer", "int items[4]; float f;", "float f; int items[8];",
     "items[0]>items[0] items[3]>items[3] items[4]>items[4] f>f"},
    {"shorter", "int items[8]; float f;", "float f; int items[4];",
     "items[3]>items[3] items[4]> items[7]> items[8]>"},
    {"same_length", "int items[4]; float f;", "float f; double items[4];",
     "items[3]>items[3] items[4]>items[4]"},
    {"two_dimensions", "int n; int grid[3][4];", "int grid[4][5]; int n;",
     "grid[2][3]>grid[2][3] grid[1]>grid[1] grid[0][4]>grid[1][0]"},
    {"to_array", "int n; int one;", "int one[4]; int n;", "one>one[0] n>n"},
    {"struct_to_array", "int n; Vec one;", "Vec one[4]; int n;", "one>one[0] one.y>one[0].y"},
    {"from_array", "int n; Vec one[4];", "Vec one; int n;",
     "one[0]>one one[0].y>one.y one[1]> one[1].y>"},
    {"into_anonymous", "int n; float x, y;", "struct { float x, y; }; int n;", "x>x y>y n>n"},
    {"anonymous_union", "int n; union { int i; struct { float a, b; }; };",
     "union { int i; struct { float a, b; }; }; int n;", "i>i a>a b>b n>n"},
    {"lost_union", "int n; union { int i; float f; };", "union { long i; float f; }; int n;",
     "n>n i>"},
    {"to_bits", "int n; unsigned bits;", "unsigned bits : 7; int n;", "bits> n>n"},
    {"tail", "int n; int tail[];", "int n, m; int tail[];", "tail[0]>tail[0] tail[3]>tail[3]"},
    {"tail_of_structs", "int n; Vec tail[];", "int n, m; struct { int id; float y, x; } tail[];",
     "tail[2].y>tail[2].y tail[1].x>tail[1].x"},
    {"tail_made", "int n; int tail[2];", "int n, m; int tail[];",
     "tail[0]>tail[0] tail[1]>tail[1] tail[2]>tail[2]"},
    {"named_union", "int n; union { long l; float v[2]; } u;",
     "union { long l; float v[2]; char raw[16]; } u; int n;", "u>u u.v[1]>u.v[1] u.v[0]>u.v[0]"},
    {"lost_named_union", "int n; union { long l; float v[2]; } u;",
     "union { long l; double v[2]; } u; int n;", "u>u u.v[1]>"},
    {"end_of_it", "int n; float f;", "float f; int n, m;", "end>end"},
};

// Both builds of all of these, as struct T_name and struct M_name.
typedef struct Fixture {
    char folder[64];
    ReflectTable *from, *to;
    Arena arena;
} Fixture;

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
    (void)text_format(text, room,
                      VEC "struct A; struct B;\n"
                          "union Plain { int i; float f; } plain;\n"
                          "union More { int i; float f; char raw[16]; } more;\n"
                          "union Wider { int i; double f; } wider;\n"
                          "union Other { int i; float g; long k; } other;\n"
                          "union Renamed { int a; float b; } renamed;\n"
                          "union Deeper { Vec i; Vec f; } deeper;\n"
                          "union Parts { struct { int a, b; }; long whole; } parts;\n"
                          "union Moved { struct { int b, a; }; long whole; } moved;\n");
    for (size_t i = 0; i < COUNT_OF(EDITS); i++) {
        used = strlen(text);
        (void)text_format(text + used, room - used,
                          "typedef struct T_%s { %s } TAlias_%s; TAlias_%s v_%s;\n", EDITS[i].name,
                          is_after ? EDITS[i].after : EDITS[i].before, EDITS[i].name, EDITS[i].name,
                          EDITS[i].name);
    }
    for (size_t i = 0; i < COUNT_OF(MOVES); i++) {
        used = strlen(text);
        (void)text_format(text + used, room - used, "struct M_%s { %s }; struct M_%s w_%s;\n",
                          MOVES[i].name, is_after ? MOVES[i].after : MOVES[i].before, MOVES[i].name,
                          MOVES[i].name);
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

static uint32_t find_type(const ReflectTable *table, ReflectKind kind, const char *name)
{
    for (uint32_t i = 1; i < table->type_count; i++) {
        if (table->types[i].kind == kind && strcmp(table->types[i].name, name) == 0) {
            return i;
        }
    }
    fail_msg("no type %s", name);
    return 0;
}

static uint32_t type_named(const ReflectTable *table, const char *name)
{
    return find_type(table, REFLECT_STRUCT, name);
}

static uint32_t union_named(const ReflectTable *table, const char *name)
{
    return find_type(table, REFLECT_UNION, name);
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
        pairing_text(pair_edit(fixture, &EDITS[i], &match), text, sizeof text);
        if (strcmp(text, EDITS[i].expect) != 0) {
            print_error("%s: { %s } to { %s }\n  is       %s\n  expected %s\n", EDITS[i].name,
                        EDITS[i].before, EDITS[i].after, text, EDITS[i].expect);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

// Where "a.b[2]" is in a thing of that type, and what; "end" is the place behind it.
static uint64_t find_place(const ReflectTable *table, uint32_t type, const char *path,
                           uint32_t *its_type)
{
    uint64_t at = 0;
    if (strcmp(path, "end") == 0) {
        *its_type = 0;
        return table->types[type].bytes;
    }
    while (path[0]) {
        if (path[0] == '[') {
            char *end;
            type = table->types[type].of;
            at += strtoull(path + 1, &end, 10) * table->types[type].bytes;
            path = end + 1;
        } else {
            size_t length = strcspn(path, ".[");
            char name[64];
            ReflectMember member;
            (void)text_format(name, sizeof name, "%.*s", (int)length, path);
            if (!reflect_member_named(table, type, name, &member)) {
                fail_msg("no member %s", path);
            }
            at += member.offset_bits / 8;
            type = member.type;
            path += length;
        }
        path += path[0] == '.';
    }
    *its_type = type;
    return at;
}

// "void a>b"
static bool check_move(ReflectMatch *match, const Move *move, char *text, uint32_t from,
                       uint32_t to)
{
    const ReflectTable *old = reflect_match_from(match), *new_ = reflect_match_to(match);
    bool is_untyped = strncmp(text, "void ", 5) == 0;
    char *path = text + (is_untyped ? 5 : 0), *there = strchr(path, '>');
    uint32_t want, ignored;
    uint64_t is = 0;

    assert_non_null(there);
    *there++ = 0;
    uint64_t at = find_place(old, from, path, &want);
    bool found = reflect_place(match, from, to, at, is_untyped ? 0 : want, &is);
    bool right =
        found == (there[0] != 0) && (!found || is == find_place(new_, to, there, &ignored));
    if (!right) {
        print_error("%s: { %s } to { %s }: %s%s is at %lld, expected \"%s\"\n", move->name,
                    move->before, move->after, is_untyped ? "void " : "", path,
                    found ? (long long)is : -1LL, there);
    }
    return right;
}

static int check_moves(Fixture *fixture, const Move *move)
{
    ReflectMatch *match = reflect_match_open(&fixture->arena, fixture->from, fixture->to, NULL, 0);
    char name[64], places[512], *rest = places;
    int wrong = 0;

    (void)text_format(name, sizeof name, "M_%s", move->name);
    (void)text_format(places, sizeof places, "%s", move->places);
    uint32_t from = type_named(fixture->from, name), to = type_named(fixture->to, name);
    while (rest && rest[0]) {
        char *one = rest;
        char *space = strchr(one + (strncmp(one, "void ", 5) == 0 ? 5 : 0), ' ');
        rest = space ? space + 1 : NULL;
        if (space) {
            *space = 0;
        }
        wrong += !check_move(match, move, one, from, to);
    }
    return wrong;
}

// Scenario: pointers of every type to places in structs that were edited.
// Expect: the same member and element in the new struct, wherever it is; nowhere where it is gone.
static void test_places(void **state)
{
    int wrong = 0;
    for (size_t i = 0; i < COUNT_OF(MOVES); i++) {
        wrong += check_moves(*state, &MOVES[i]);
    }
    assert_int_equal(wrong, 0);
}

// Scenario: every place of every struct above, with every type that there is as what is wanted.
// Expect: an answer, and one that lies within the new struct or at its end.
static void test_any_place(void **state)
{
    Fixture *fixture = *state;
    ReflectMatch *match = reflect_match_open(&fixture->arena, fixture->from, fixture->to, NULL, 0);

    for (size_t i = 0; i < COUNT_OF(MOVES); i++) {
        char name[64];
        (void)text_format(name, sizeof name, "M_%s", MOVES[i].name);
        uint32_t from = type_named(fixture->from, name), to = type_named(fixture->to, name);
        for (uint64_t at = 0; at <= fixture->from->types[from].bytes + 1; at++) {
            for (uint32_t want = 0; want < fixture->from->type_count; want++) {
                uint64_t out;
                if (reflect_place(match, from, to, at, want, &out)
                    && strncmp(MOVES[i].name, "tail", 4) != 0
                    && out > fixture->to->types[to].bytes) {
                    fail_msg("%s: %llu goes to %llu", name, (unsigned long long)at,
                             (unsigned long long)out);
                }
            }
        }
    }
}

// Two values are written to one place.
static bool overlap(const ReflectTable *to, const ReflectPair *a, const ReflectPair *b)
{
    uint64_t bits_a = a->to_bit_size ? a->to_bit_size : to->types[a->to_type].bytes * 8;
    uint64_t bits_b = b->to_bit_size ? b->to_bit_size : to->types[b->to_type].bytes * 8;
    return a->to_name && b->to_name && a->to_bits < b->to_bits + bits_b
           && b->to_bits < a->to_bits + bits_a;
}

// Scenario: a hundred pairs of structs that have nothing to do with each other.
// Expect: a pairing; nothing is paired but by name, or moved, or guessed at as the only one.
static void test_strangers(void **state)
{
    Fixture *fixture = *state;
    ReflectMatch *match = reflect_match_open(&fixture->arena, fixture->from, fixture->to, NULL, 0);

    for (uint32_t from = 0; from < fixture->from->type_count; from++) {
        for (uint32_t to = 0; to < fixture->to->type_count; to++) {
            if (fixture->from->types[from].kind != REFLECT_STRUCT
                || fixture->to->types[to].kind != REFLECT_STRUCT) {
                continue;
            }
            const ReflectPairing *pairing = reflect_pairing(match, from, to);
            uint32_t guessed = 0;
            check_places(match, pairing, from, to);
            for (uint32_t i = 0; i < pairing->pair_count; i++) {
                guessed += pairing->pairs[i].how == REFLECT_BY_GUESS;
                for (uint32_t j = 0; j < i; j++) {
                    assert_false(overlap(fixture->to, &pairing->pairs[i], &pairing->pairs[j]));
                }
            }
            assert_true(guessed == 0 || (guessed == 1 && pairing->added_count == 0));
        }
    }
}

// Scenario: unions with a name, changed in several ways.
// Expect: their bytes are kept where the members that both have are laid out alike.
static void test_unions(void **state)
{
    static const struct {
        const char *from, *to;
        bool keeps;
    } PAIRS[] = {{"Plain", "Plain", true},   {"Plain", "More", true},  {"More", "Plain", true},
                 {"Plain", "Wider", false},  {"Plain", "Other", true}, {"Plain", "Renamed", true},
                 {"Plain", "Deeper", false}, {"Parts", "Parts", true}, {"Parts", "Moved", false}};
    Fixture *fixture = *state;
    ReflectMatch *match = reflect_match_open(&fixture->arena, fixture->to, fixture->to, NULL, 0);

    for (size_t i = 0; i < COUNT_OF(PAIRS); i++) {
        size_t used = fixture->arena.used_bytes;
        uint32_t from = union_named(fixture->to, PAIRS[i].from);
        uint32_t to = union_named(fixture->to, PAIRS[i].to);
        if (reflect_keeps_union(match, from, to) != PAIRS[i].keeps) {
            fail_msg("%s to %s", PAIRS[i].from, PAIRS[i].to);
        }
        assert_int_equal(fixture->arena.used_bytes, used);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edits),     cmocka_unit_test(test_places),
        cmocka_unit_test(test_any_place), cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_unions),
    };
    return cmocka_run_group_tests_name("reflect_match", tests, open_fixture, close_fixture);
}
