#include "migrate_testing.h"

// Edits as data: the structs before and after, code of the old build that fills the state, code of
// the new one that says whether what it reads is right, and what the report names.
typedef struct Edit {
    const char *name, *before, *fill, *after, *check;
    const char *says; // "lost Mob.hp": what the report names; a refusal ends the case
} Edit;

static const Edit EDITS[] = {
    {
        "field_inserted_in_the_middle",
        "typedef struct Mob { int id; float x, y; struct Mob *next; } Mob;"
        "typedef struct Game { int n; Mob *mobs; Mob *last; float *aim; } Game;",
        "g->n = 7; g->mobs = NEW(Mob, 5);"
        "for (int i = 0; i < 5; i++) { g->mobs[i].id = i; g->mobs[i].x = i * 1.5f;"
        " g->mobs[i].y = -i; g->mobs[i].next = &g->mobs[(i + 2) % 5]; }"
        "g->last = g->mobs + 5; g->aim = &g->mobs[3].y;",
        "typedef struct Mob { int id; double stamina; float x, y; struct Mob *next; } Mob;"
        "typedef struct Game { int n; Mob *mobs; int fresh; Mob *last; float *aim; } Game;",
        "CHECK(g->n == 7 && g->fresh == 0);\n"
        "for (int i = 0; i < 5; i++) {\n CHECK(g->mobs[i].id == i && g->mobs[i].x == i * 1.5f);\n"
        " CHECK(g->mobs[i].y == -i && g->mobs[i].stamina == 0);\n"
        " CHECK(g->mobs[i].next == &g->mobs[(i + 2) % 5]); }\n"
        "CHECK(g->last == g->mobs + 5);\n CHECK(g->aim == &g->mobs[3].y);\n",
        "",
    },
    {
        "single_blocks_grow_and_point_at_each_other",
        "typedef struct Mob { int id; struct Mob *next; void *any; } Mob;"
        "typedef struct Game { Mob *first; int keep; void *mine; } Game;",
        "for (int i = 0; i < 100; i++) { Mob *m = NEW(Mob, 1); m->id = i; m->next = g->first;"
        " m->any = m; g->first = m; } g->keep = 3; g->mine = g;",
        "typedef struct Mob { char name[40]; int id; struct Mob *next; void *any; } Mob;"
        "typedef struct Game { Mob *first; long pad[4]; int keep; void *mine; } Game;",
        "int i = 99;\nfor (Mob *m = g->first; m; m = m->next, i--) {\n"
        " CHECK(m->id == i && m->name[0] == 0);\n CHECK(m->any == m); }\n"
        "CHECK(i == -1 && g->keep == 3);\n CHECK(g->mine == g);\n",
        "",
    },
    {
        "numbers_convert_or_are_named",
        "typedef struct Mob { int a, b; unsigned char c; float f; double d; long l; bool t;"
        " unsigned u : 5; int s : 4; } Mob; typedef struct Game { Mob *m; } Game;",
        "g->m = NEW(Mob, 2); g->m[0] = (Mob){300, -5, 200, 2.5f, 1e300, 1l << 60, true, 31, -8};"
        "g->m[1] = (Mob){1, 1, 1, 1, 1, 1, 0, 1, 1};",
        "typedef struct Mob { unsigned char a; unsigned b; int c; double f; float d; int l; int t;"
        " unsigned u : 3; int s : 6; } Mob; typedef struct Game { Mob *m; } Game;",
        "CHECK(g->m[0].a == 255);\n CHECK(g->m[0].b == 0);\n CHECK(g->m[0].c == 200);\n"
        "CHECK(g->m[0].f == 2.5);\n CHECK(g->m[0].l == 2147483647);\n CHECK(g->m[0].t == 1);\n"
        "CHECK(g->m[0].u == 7);\n CHECK(g->m[0].s == -8);\n"
        "CHECK(g->m[1].a == 1 && g->m[1].b == 1 && g->m[1].l == 1 && g->m[1].u == 1);\n",
        "lost Mob.a, lost Mob.b, lost Mob.d, lost Mob.l, lost Mob.u",
    },
    {
        "enumerators_go_by_name",
        "typedef enum Kind { WALKER, FLYER, SWIMMER } Kind;"
        "typedef struct Game { Kind k[4]; int cost[3]; } Game;",
        "g->k[0] = WALKER; g->k[1] = FLYER; g->k[2] = SWIMMER; g->k[3] = 77;"
        "g->cost[0] = 10; g->cost[1] = 11; g->cost[2] = 12;",
        "typedef enum Kind { GHOST, WALKER, SWIMMER } Kind;"
        "typedef struct Game { Kind k[4]; int cost[3]; } Game;",
        "CHECK(g->k[0] == WALKER);\n CHECK(g->k[2] == SWIMMER && g->k[3] == 77);\n"
        "CHECK(g->cost[1] == 11);\n",
        "lost Game.k[1]",
    },
    {
        "gone_fields_are_named_when_not_zero",
        "typedef struct Mob { int hp, armor; float w; char name[8]; } Mob;"
        "typedef struct Game { Mob *m; int old; } Game;",
        "g->m = NEW(Mob, 3); g->m[2].armor = 7; g->m[1].armor = 9; g->m[0].w = -0.0f;"
        "g->old = 5; strcpy(g->m[1].name, \"orc\");",
        "typedef struct Mob { int hp; } Mob; typedef struct Game { Mob *m; } Game;",
        "CHECK(g->m[0].hp == 0);\n",
        "lost Game.old, lost Mob.armor, lost Mob.name",
    },
    {
        "arrays_grow_and_are_cut",
        "typedef struct Game { int items[4]; int cut[6]; int one; int many[3]; int grid[2][3];"
        " char name[16]; } Game;",
        "for (int i = 0; i < 4; i++) g->items[i] = i + 1; g->cut[5] = 12; g->cut[1] = 2;"
        "g->one = 9; g->many[0] = 4; g->many[2] = 6; g->grid[1][2] = 8;"
        "strcpy(g->name, \"long name here\");",
        "typedef struct Game { int items[8]; int cut[4]; int one[4]; int many; int grid[3][4];"
        " char name[8]; } Game;",
        "for (int i = 0; i < 8; i++) CHECK(g->items[i] == (i < 4 ? i + 1 : 0));\n"
        "CHECK(g->cut[1] == 2 && g->one[0] == 9 && g->one[1] == 0 && g->many == 4);\n"
        "CHECK(g->grid[1][2] == 8 && g->grid[2][2] == 0);\n"
        "CHECK(memcmp(g->name, \"long nam\", 8) == 0);\n",
        "lost Game.cut[5], lost Game.many[2], lost Game.name[8]",
    },
    {
        "pointers_into_what_is_gone_become_null",
        "typedef struct Mob { float w; int hp, armor; int items[4]; } Mob;"
        "typedef struct Game { Mob *m; int *armor, *item, *end, *hp; } Game;",
        "g->m = NEW(Mob, 3); g->armor = &g->m[1].armor; g->item = &g->m[2].items[3];"
        "g->end = g->m[1].items + 4; g->hp = &g->m[2].hp;",
        "typedef struct Mob { float w; int items[2]; int hp; } Mob;"
        "typedef struct Game { Mob *m; int *armor, *item, *end, *hp; } Game;",
        "CHECK(!g->armor && !g->item);\n CHECK(g->hp == &g->m[2].hp);\n",
        "gone Game.armor, gone Game.item, gone Game.end",
    },
    {
        "functions_go_by_name",
        "typedef void (*Think)(int); void a(int x) {} void b(int x) {} void c(int x) {}"
        "typedef struct Mob { Think think; int id; } Mob; typedef struct Game { Mob *m; } Game;",
        "g->m = NEW(Mob, 2); g->m[0].think = a; g->m[1].think = b;",
        "typedef void (*Think)(int); void b(int x) {} void a(int x) {}"
        "typedef struct Mob { int id; Think think; } Mob; typedef struct Game { Mob *m; } Game;",
        "CHECK(g->m[0].think == a && g->m[1].think == b);\n",
        "",
    },
    {
        "rename_is_a_guess",
        "typedef struct Mob { int id, hp, x; } Mob; typedef struct Game { Mob *m; } Game;",
        "g->m = NEW(Mob, 2); g->m[1].hp = 5;",
        "typedef struct Mob { int id, health, x; } Mob; typedef struct Game { Mob *m; } Game;",
        "CHECK(g->m[1].health == 5);\n",
        "guess Mob.hp",
    },
    {
        "rename_is_said",
        "typedef struct Mob { int id, hp, x; } Mob; typedef struct Game { Mob *m; } Game;",
        "g->m = NEW(Mob, 2); g->m[1].hp = 5;",
        "typedef struct Mob { float health; int id, x; } Mob; typedef struct Game { Mob *m; } Game;"
        "HL_WAS(Mob, health, hp);",
        "CHECK(g->m[1].health == 5);\n",
        "",
    },
    {
        "union_keeps_its_bytes",
        "typedef union U { int i; float f; void *p; } U;"
        "typedef struct Mob { U u; int id; } Mob; typedef struct Game { Mob *m, *n; } Game;",
        "g->m = NEW(Mob, 3); g->m[0].u.f = 1.5f; g->m[1].u.p = g->m; g->n = NEW(Mob, 1);"
        "g->m[2].u.p = g->n;",
        "typedef union U { int i; float f; void *p; char s[16]; } U;"
        "typedef struct Mob { int id; U u; } Mob; typedef struct Game { Mob *m, *n; } Game;",
        "CHECK(g->m[0].u.f == 1.5f);\n CHECK(g->m[1].u.p == g->m && g->m[2].u.p == g->n);\n",
        "",
    },
    {
        "union_that_cannot_be_decided",
        "typedef struct A { int x, y; } A; typedef union U { A a; float f[2]; } U;"
        "typedef struct Game { U zero, full; } Game;",
        "g->full.f[0] = 2;",
        "typedef struct A { int y, x; } A; typedef union U { A a; float f[2]; } U;"
        "typedef struct Game { U zero, full; } Game;",
        "",
        "refused Game.full",
    },
    {
        "address_in_an_integer",
        "typedef struct Mob { int a; } Mob;"
        "typedef struct Game { Mob *m; uintptr_t at, third; unsigned char raw[24]; } Game;",
        "g->m = NEW(Mob, 4); g->at = (uintptr_t)g->m; g->third = (uintptr_t)&g->m[3];"
        "Mob *p = &g->m[2]; size_t k = (8 - (uintptr_t)g->raw % 8) % 8;"
        "memcpy(g->raw + k, &p, 8);",
        "typedef struct Mob { long b; int a; } Mob;"
        "typedef struct Game { Mob *m; uintptr_t at, third; unsigned char raw[24]; } Game;",
        "CHECK(g->at == (uintptr_t)g->m && g->third == (uintptr_t)&g->m[3]);\n"
        "Mob *p; size_t k = (8 - (uintptr_t)g->raw % 8) % 8; memcpy(&p, g->raw + k, 8);\n"
        "CHECK(p == &g->m[2]);\n",
        "",
    },
    {
        "tagged_pointers_keep_their_tags",
        "typedef struct Mob { double d; int a; } Mob;"
        "typedef struct Game { Mob *m, *low, *high; uint64_t word, box; } Game;",
        "g->m = NEW(Mob, 4); g->low = (Mob *)((uintptr_t)&g->m[1] | 1);"
        "g->high = (Mob *)((uintptr_t)&g->m[2] | 0xfffaull << 48);"
        "g->word = (uintptr_t)&g->m[3] | 3; g->box = (uintptr_t)&g->m[1] | 0x7ff8ull << 48;",
        "typedef struct Mob { double d, e; int a; } Mob;"
        "typedef struct Game { Mob *m, *low, *high; uint64_t word, box; } Game;",
        "CHECK(g->low == (Mob *)((uintptr_t)&g->m[1] | 1));\n"
        "CHECK(g->high == (Mob *)((uintptr_t)&g->m[2] | 0xfffaull << 48));\n"
        "CHECK(g->word == ((uintptr_t)&g->m[3] | 3));\n"
        "CHECK(g->box == ((uintptr_t)&g->m[1] | 0x7ff8ull << 48));\n",
        "",
    },
    {
        "carved_bytes_are_refused",
        "typedef struct Mob { int a; } Mob; typedef struct Game { unsigned char *arena; Mob *m; }"
        " Game;",
        "g->arena = NEW(unsigned char, 256); g->m = (Mob *)(g->arena + 64); g->m->a = 4;",
        "typedef struct Mob { int z, a; } Mob; typedef struct Game { unsigned char *arena; Mob *m; "
        "}"
        " Game;",
        "",
        "refused Game.m",
    },
    {
        "flexible_array_behind_a_struct",
        "typedef struct Tile { short k; } Tile; typedef struct Level { int n; Tile tiles[]; } "
        "Level;"
        "typedef struct Game { Level *l; Tile *t; } Game;",
        "g->l = alloc(\"Level\", sizeof(Level) + 10 * sizeof(Tile), 8, 1); g->l->n = 10;"
        "for (int i = 0; i < 10; i++) g->l->tiles[i].k = i * 3; g->t = &g->l->tiles[4];",
        "typedef struct Tile { int k; char c; } Tile;"
        "typedef struct Level { double w; int n; Tile tiles[]; } Level;"
        "typedef struct Game { Level *l; Tile *t; } Game;",
        "CHECK(g->l->n == 10 && g->l->w == 0);\n"
        "for (int i = 0; i < 10; i++) CHECK(g->l->tiles[i].k == i * 3 && g->l->tiles[i].c == 0);\n"
        "CHECK(g->t == &g->l->tiles[4]);\n",
        "",
    },
    {
        "struct_with_a_new_name",
        "typedef struct Mob { int a; struct Mob *next; } Mob;"
        "typedef struct Game { Mob *m; Mob one; } Game;",
        "g->m = NEW(Mob, 2); g->m[1].a = 3; g->m[0].next = &g->m[1]; g->one.a = 8;",
        "typedef struct Enemy { int b, a; struct Enemy *next; } Enemy;"
        "typedef struct Game { Enemy *m; Enemy one; } Game;",
        "CHECK(g->m[1].a == 3 && g->m[0].next == &g->m[1] && g->one.a == 8);\n",
        "",
    },
    {
        "tag_that_says_nothing",
        "typedef struct Mob { int a; struct Mob *next; } Mob; typedef struct Game { Mob *m; } "
        "Game;",
        "g->m = alloc(\"__typeof__(*g->m)\", sizeof(Mob), 8, 3); g->m[2].a = 3;"
        "g->m[0].next = alloc(\"T\", sizeof(Mob), 8, 1); g->m[0].next->a = 6;",
        "typedef struct Mob { long b; int a; struct Mob *next; } Mob;"
        "typedef struct Game { Mob *m; } Game;",
        "CHECK(g->m[2].a == 3 && g->m[0].next->a == 6 && g->m[0].next->b == 0);\n",
        "",
    },
    {
        "field_into_and_out_of_a_struct",
        "typedef struct Mob { float x, y; int hp; struct { int a, b; } s; } Mob;"
        "typedef struct Game { Mob *m; float *aim; } Game;",
        "g->m = NEW(Mob, 2); g->m[1].x = 1; g->m[1].y = 2; g->m[1].hp = 3; g->m[1].s.a = 4;"
        "g->m[1].s.b = 5; g->aim = &g->m[1].y;",
        "typedef struct Vec { float x, y; } Vec; typedef struct Mob { int a, b; int hp; Vec pos; }"
        " Mob; typedef struct Game { Mob *m; float *aim; } Game;",
        "CHECK(g->m[1].pos.x == 1 && g->m[1].pos.y == 2 && g->m[1].hp == 3);\n"
        "CHECK(g->m[1].a == 4 && g->m[1].b == 5);\n CHECK(g->aim == &g->m[1].pos.y);\n",
        "",
    },
    {
        "pointer_to_a_field_of_another_type_now",
        "typedef struct Mob { int hp; float x; } Mob; typedef struct Game { Mob *m; int *p; float "
        "*q; }"
        " Game;",
        "g->m = NEW(Mob, 2); g->m[1].hp = 4; g->p = &g->m[1].hp; g->q = &g->m[1].x;",
        "typedef struct Mob { float hp; float x; } Mob;"
        "typedef struct Game { Mob *m; int *p; float *q; } Game;",
        "CHECK(g->m[1].hp == 4 && g->p == NULL);\n CHECK(g->q == &g->m[1].x);\n",
        "gone Game.p",
    },
    {
        "what_becomes_another_kind_of_thing_is_named",
        "typedef struct B { int x; } B; typedef struct Game { B body; int *p; B *far; int plain;"
        " int row[6]; } Game;",
        "g->body.x = 3; g->p = &g->plain; g->far = NEW(B, 1); g->plain = 6;",
        "typedef struct B { int x; } B; typedef struct Game { B *body; long p; B far;"
        " struct { int q; } plain; int row[2][3]; } Game;",
        "CHECK(!g->body && !g->p && !g->far.x && !g->plain.q);\n",
        "lost Game.body, lost Game.p, lost Game.far, lost Game.plain",
    },
    {
        "array_with_another_dimension_is_refused",
        "typedef struct Game { int row[6]; } Game;",
        "g->row[4] = 3;",
        "typedef struct Game { int row[2][3]; } Game;",
        "",
        "refused Game.row",
    },
};

static void edit_is_carried(void **state)
{
    // Scenario: a state that the old build's code made is migrated to the new build's structs.
    // Expect: the new build's code reads what the rules say, the report names what is lost and
    // nothing else, the heap is sound.
    const Edit *edit = *state;
    Test test = {0};
    char said[1024];

    test_build(&test, "gcc", edit->before, edit->fill, edit->after, edit->check);
    test_fill(&test);
    test_migrate(&test);
    test_said(&test, said, sizeof said);
    if (strcmp(said, edit->says) != 0) {
        for (uint32_t i = 0; i < test.report.item_count; i++) {
            print_message("  %s\n", test.report.items[i].text);
        }
    }
    assert_string_equal(said, edit->says);
    assert_true(test.done == (strncmp(edit->says, "refused", 7) != 0));
    assert_true(test.done || test.fault.text[0]);
    if (test.done) {
        int (*check)(void *);
        *(void **)&check = test_symbol(&test.after, "test_check");
        assert_int_equal(check(test.root), 0);
        assert_true(heap_check(test.heap, &test.fault));
    }
    test_close(&test);
}

int main(int argument_count, char **arguments)
{
    static struct CMUnitTest tests[COUNT_OF(EDITS)];

    if (argument_count > 1) {
        cmocka_set_test_filter(arguments[1]);
    }
    for (size_t i = 0; i < COUNT_OF(EDITS); i++) {
        tests[i] = (struct CMUnitTest){.name = EDITS[i].name,
                                       .test_func = edit_is_carried,
                                       .initial_state = (void *)(uintptr_t)&EDITS[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
