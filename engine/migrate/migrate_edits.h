// The edits of migrate_test.c.
#ifndef MIGRATE_EDITS_H
#define MIGRATE_EDITS_H

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
    {
        "to_bool_any_value_is_true",
        "typedef struct Game { int a; float b; double z; unsigned char c; int d; } Game;",
        "g->a = 256; g->b = 0.25f; g->z = -0.0; g->c = 0; g->d = -1;",
        "#include <stdbool.h>\ntypedef struct Game { bool a, b, z, c, d; } Game;",
        "CHECK(g->a && g->b && !g->z && !g->c && g->d);\n CHECK(*(char *)&g->a == 1);\n",
        "",
    },
    {
        "floats_to_integers",
        "typedef struct Game { float a, b, c, d; double e; float f; } Game;",
        "g->a = 2.75f; g->b = __builtin_nanf(\"\"); g->c = __builtin_inff(); g->d = -1; g->e = 3e9;"
        "g->f = -7.5f;",
        "typedef struct Game { int a, b, c; unsigned d; int e; long f; } Game;",
        "CHECK(g->a == 2 && g->b == 0 && g->c == 2147483647 && g->d == 0);\n"
        "CHECK(g->e == 2147483647 && g->f == -7);\n",
        "lost Game.b, lost Game.c, lost Game.d, lost Game.e",
    },
    {
        "integers_to_floats",
        "typedef struct Game { int a, b; long c; unsigned long d; long e; } Game;",
        "g->a = 16777216; g->b = 16777217; g->c = (1l << 53) + 1; g->d = 1ul << 63; g->e = -3;",
        "typedef struct Game { float a, b; double c, d; long double e; } Game;",
        "CHECK(g->a == 16777216 && g->d == 9223372036854775808.0 && g->e == -3);\n",
        "lost Game.b, lost Game.c",
    },
    {
        "double_rounds_to_float_and_back",
        "typedef struct Game { double a, b; float c; long double d; } Game;",
        "g->a = 0.1; g->b = 1e300; g->c = 0.1f; g->d = 0.5L;",
        "typedef struct Game { float a, b; double c; float d; } Game;",
        "CHECK(g->a == 0.1f && g->c == (double)0.1f && g->d == 0.5f);\n",
        "lost Game.b",
    },
    {
        "enum_to_integer_and_back",
        "typedef enum K { A = 5, B = 300 } K; typedef struct Game { K a, b; int c; K d; } Game;",
        "g->a = A; g->b = B; g->c = 5; g->d = B;",
        "typedef enum K { A = 7, B = 300 } K; typedef struct Game { int a; unsigned char b; K c; K "
        "d; }"
        " Game;",
        "CHECK(g->a == 5 && g->b == 255 && g->c == 5 && g->d == B);\n",
        "lost Game.b",
    },
    {
        "flags_go_bit_by_bit",
        "enum F { WET = 1, HOT = 2, BIG = 4 }; typedef struct Game { enum F f; unsigned char n; } "
        "Game;",
        "g->f = WET | BIG; g->n = 3;",
        "enum F { BIG = 1, WET = 2, HOT = 4, NEW = 8 }; typedef struct Game { int n; enum F f; } "
        "Game;",
        "CHECK(g->f == (WET | BIG) && g->n == 3);\n",
        "",
    },
    {
        "anonymous_members_are_the_parents",
        "typedef struct Game { struct { int a, b; }; union { int i; float f; }; int c; } Game;",
        "g->a = 1; g->b = 2; g->f = 2.5f; g->c = 3;",
        "typedef struct Game { int c; struct { int b; double fresh; int a; };"
        " union { int i; float f; }; } Game;",
        "CHECK(g->a == 1 && g->b == 2 && g->c == 3 && g->f == 2.5f && g->fresh == 0);\n",
        "",
    },
    {
        "anonymous_union_gets_a_name",
        "typedef struct Game { int k; union { int i; float f; }; } Game;",
        "g->k = 1; g->f = 2.5f;",
        "typedef struct Game { long n; int k; union { int i; float f; } u; } Game;",
        "CHECK(g->k == 1 && g->u.f == 2.5f);\n",
        "",
    },
    {
        "union_loses_a_member",
        "typedef union U { int i; float f; long l; } U; typedef struct Game { U a, zero; } Game;",
        "g->a.i = 7;",
        "typedef union U { int i; float f; } U; typedef struct Game { U a, zero; } Game;",
        "CHECK(g->a.i == 7);\n",
        "said U.l",
    },
    {
        "union_whose_members_agree",
        "typedef struct A { int kind, x; } A; typedef struct B { int kind; float y; } B;"
        "typedef union U { A a; B b; } U; typedef struct Game { U u; int after; } Game;",
        "g->u.b.kind = 2; g->u.b.y = 1.5f; g->after = 3;",
        "typedef struct A { int kind, x, more; } A; typedef struct B { int kind; float y; } B;"
        "typedef union U { A a; B b; } U; typedef struct Game { U u; int after; } Game;",
        "CHECK(g->u.b.kind == 2 && g->u.b.y == 1.5f && g->u.a.more == 0 && g->after == 3);\n",
        "",
    },
    {
        "bit_fields_move_and_change_width",
        "typedef struct Game { unsigned a : 3, b : 9; int c : 5; unsigned long d : 40; bool e : 1; "
        "}"
        " Game;",
        "g->a = 5; g->b = 511; g->c = -16; g->d = 1ul << 39; g->e = 1;",
        "typedef struct Game { bool e : 1; unsigned long d : 41; int c : 4; unsigned a : 4, b : 8;"
        " int x; } Game;",
        "CHECK(g->a == 5 && g->b == 255 && g->c == -8 && g->d == 1ul << 39 && g->e && !g->x);\n",
        "lost Game.b, lost Game.c",
    },
    {
        "bit_field_becomes_a_number_and_back",
        "typedef struct Game { unsigned a : 3; int b; signed char c; } Game;",
        "g->a = 7; g->b = -3; g->c = 2;",
        "typedef struct Game { float a; int b : 3; unsigned c : 1; } Game;",
        "CHECK(g->a == 7 && g->b == -3 && g->c == 1);\n",
        "lost Game.c",
    },
    {
        "packed_and_aligned",
        "#pragma pack(push, 1)\ntypedef struct P { char c; double d; struct P *p; } P;\n"
        "#pragma pack(pop)\ntypedef struct Game { P *p; char z; } Game;",
        "g->p = NEW(P, 3); g->p[1].d = 2.5; g->p[1].p = &g->p[2]; g->p[2].p = g->p; g->z = 4;",
        "typedef struct P { char c; float v[8] __attribute__((aligned(64))); double d; struct P "
        "*p; } P;"
        "typedef struct Game { char z; P *p; } Game;",
        "CHECK(g->z == 4 && (uintptr_t)g->p % 64 == 0);\n CHECK(g->p[1].d == 2.5);\n"
        "CHECK(g->p[1].p == &g->p[2] && g->p[2].p == g->p && g->p[1].v[7] == 0);\n",
        "",
    },
    {
        "tags_of_all_kinds",
        "typedef struct mob { int a; } Mob; typedef int Cell; struct node { int v; struct node *n; "
        "};"
        "typedef struct Game { Mob **list; Cell *cells; struct node *nodes; float (*rows)[3];"
        " unsigned long *words; const char **names; } Game;",
        "g->list = NEW(Mob *, 2); g->list[1] = NEW(Mob, 1); g->list[1]->a = 4;"
        "g->cells = NEW(Cell, 3); g->cells[2] = 9; g->nodes = NEW(struct node, 2);"
        "g->nodes[0].n = &g->nodes[1]; g->nodes[1].v = 5; g->rows = alloc(\"float[3]\", 12, 4, 2);"
        "g->rows[1][2] = 1.5f; g->words = NEW(unsigned long, 2); g->words[1] = (uintptr_t)g->nodes;"
        "g->names = NEW(const char *, 2);",
        "typedef struct mob { long z; int a; } Mob; typedef short Cell;"
        "struct node { struct node *n; char c; int v; };"
        "typedef struct Game { const char **names; Mob **list; Cell *cells; struct node *nodes;"
        " float (*rows)[3]; unsigned long *words; } Game;",
        "CHECK(g->list[0] == 0 && g->list[1]->a == 4);\n CHECK(g->cells[2] == 9);\n"
        "CHECK(g->nodes[0].n == &g->nodes[1] && g->nodes[1].v == 5);\n CHECK(g->rows[1][2] == "
        "1.5f);\n"
        "CHECK(g->words[1] == (uintptr_t)g->nodes && g->names);\n",
        "",
    },
    {
        "pointer_says_another_struct_now",
        "typedef struct Mob { int a; } Mob; typedef struct Item { int b; } Item;"
        "typedef struct Game { Mob *m, *keep; Item *i; } Game;",
        "g->m = NEW(Mob, 1); g->keep = g->m; g->i = NEW(Item, 1);",
        "typedef struct Mob { int a; } Mob; typedef struct Item { int b; } Item;"
        "typedef struct Game { Item *m; Mob *keep; Item *i; } Game;",
        "CHECK(!g->m && g->keep && g->i);\n",
        "gone Game.m",
    },
    {
        "void_pointers_get_a_type_and_lose_it",
        "typedef struct Mob { int a; } Mob; typedef struct Game { void *m; Mob *n; void *odd; int "
        "x; }"
        " Game;",
        "g->m = NEW(Mob, 2); g->n = (Mob *)g->m + 1; g->n->a = 3; g->odd = &g->x;",
        "typedef struct Mob { double d; int a; } Mob;"
        "typedef struct Game { Mob *m; void *n; Mob *odd; int x; } Game;",
        "CHECK(g->m[1].a == 3 && g->n == &g->m[1] && !g->odd);\n",
        "gone Game.odd",
    },
    {
        "base_struct_at_the_start",
        "typedef struct Base { int id; } Base; typedef struct Mob { Base base; float w; } Mob;"
        "typedef struct Game { Mob *m; Base *b; Base *c; } Game;",
        "g->m = NEW(Mob, 3); g->b = &g->m[0].base; g->c = &g->m[2].base; g->c->id = 5;",
        "typedef struct Base { long more; int id; } Base;"
        "typedef struct Mob { float w; Base base; } Mob; typedef struct Game { Mob *m; Base *b; "
        "Base *c; }"
        " Game;",
        "CHECK(g->b == &g->m[0].base && g->c == &g->m[2].base && g->c->id == 5);\n",
        "",
    },
    {
        "pointers_into_arrays_inside",
        "typedef struct Mob { int a[4]; struct { float x, y; } p[2]; } Mob;"
        "typedef struct Game { int n; Mob mobs[5]; Mob *at, *end; int *i; float *f; int *past; } "
        "Game;",
        "g->at = &g->mobs[3]; g->end = g->mobs + 5; g->i = &g->mobs[2].a[3]; g->f = "
        "&g->mobs[1].p[1].y;"
        "g->past = g->mobs[4].a + 4; g->mobs[3].a[0] = 8;",
        "typedef struct Mob { double d; struct { float z, x, y; } p[3]; int a[6]; } Mob;"
        "typedef struct Game { Mob mobs[7]; int n; Mob *at, *end; int *i; float *f; int *past; } "
        "Game;",
        "CHECK(g->at == &g->mobs[3] && g->end == g->mobs + 5 && g->at->a[0] == 8);\n"
        "CHECK(g->i == &g->mobs[2].a[3] && g->f == &g->mobs[1].p[1].y);\n"
        "CHECK(g->past == g->mobs[4].a + 4);\n",
        "",
    },
    {
        "struct_becomes_an_array_and_back",
        "typedef struct V { float x; } V; typedef struct Game { V one; V many[3]; int i; } Game;",
        "g->one.x = 1; g->many[0].x = 2; g->many[1].x = 3; g->i = 4;",
        "typedef struct V { int id; float x; } V; typedef struct Game { V one[2]; V many; int "
        "i[2][2]; }"
        " Game;",
        "CHECK(g->one[0].x == 1 && g->one[1].x == 0 && g->many.x == 2 && g->i[0][0] == 4);\n"
        "CHECK(g->i[1][1] == 0);\n",
        "lost Game.many[1]",
    },
    {
        "nothing_lost_where_all_is_zero",
        "typedef struct B { float x; int n[3]; void *p; } B;"
        "typedef struct Game { B gone; B *body; union { int a; float b; } u; int row[6]; B into; } "
        "Game;",
        "g->gone.x = -0.0f;",
        "typedef struct B { float x; int n[3]; void *p; } B; typedef struct Game { B body;"
        " union { short a[2]; float b; } u; int row[2][3]; long into; } Game;",
        "CHECK(g->body.x == 0 && g->u.b == 0 && g->row[1][2] == 0);\n",
        "",
    },
    {
        "padding_is_not_carried",
        "typedef struct Mob { char c; int i; } Mob; typedef struct Game { Mob *m; } Game;",
        "g->m = NEW(Mob, 2); memset(g->m, 0xee, sizeof(Mob) * 2); g->m[0].c = 1; g->m[0].i = 2;"
        "g->m[1].c = 3; g->m[1].i = 4;",
        "typedef struct Mob { char c, d, e; int i; } Mob; typedef struct Game { Mob *m; } Game;",
        "CHECK(g->m[0].c == 1 && g->m[0].d == 0 && g->m[0].e == 0 && g->m[1].i == 4);\n",
        "",
    },
    {
        "wide_integers_and_atomics",
        "typedef struct Game { __int128 w; _Atomic int a; volatile float v; const long *p; long t; "
        "} Game;",
        "g->w = (__int128)1 << 100; g->a = 4; g->v = 2; g->p = &g->t;",
        "typedef struct Game { long t; const long *p; volatile double v; _Atomic long a; __int128 "
        "w; }"
        " Game;",
        "CHECK(g->w == (__int128)1 << 100 && g->a == 4 && g->v == 2 && g->p == &g->t);\n",
        "",
    },
    {
        "signature_of_a_function_pointer",
        "typedef void (*Think)(int); void a(int x) {} typedef struct Game { Think t; void *p; int "
        "z; } Game;",
        "g->t = a; g->p = (void *)a;",
        "typedef void (*Think)(int, float); void a(int x, float y) {}"
        "typedef struct Game { int z; Think t; void *p; } Game;",
        "CHECK((void *)g->t == (void *)a && g->p == (void *)a);\n",
        "",
    },
    {
        "integer_holds_a_place_inside",
        "typedef struct Mob { int a, b; } Mob; typedef struct Game { Mob *m; uintptr_t at; } Game;",
        "g->m = NEW(Mob, 4); g->at = (uintptr_t)&g->m[1].b;",
        "typedef struct Mob { int b, a, c; } Mob; typedef struct Game { Mob *m; uintptr_t at; } "
        "Game;",
        "",
        "refused Game.at",
    },
    {
        "address_in_an_integer_of_the_other_sign",
        "typedef struct Mob { int a; } Mob; typedef struct Game { Mob *m; uintptr_t at; long n; } "
        "Game;",
        "g->m = NEW(Mob, 40); g->at = (uintptr_t)&g->m[3]; g->n = -1;",
        "typedef struct Mob { int b, a; } Mob; typedef struct Game { Mob *m; long at; uintptr_t n; "
        "} Game;",
        "CHECK(g->at == (long)&g->m[3] && g->n == 0);\n",
        "lost Game.n",
    },
    {
        "bytes_carved_for_what_did_not_change",
        "typedef struct Mob { struct Mob *next; int a; } Mob; typedef struct Other { int x; } "
        "Other;"
        "typedef struct Game { char *arena; Mob *m; Other *o; unsigned char inside[128]; Mob *in; "
        "} Game;",
        "g->arena = NEW(char, 256); g->m = (Mob *)(g->arena + 32); g->m->a = 4; g->m->next = g->m "
        "+ 1;"
        "g->o = NEW(Other, 1); memcpy(g->arena, &g->o, 8);"
        "g->in = (Mob *)(((uintptr_t)g->inside + 15) & ~15ul); g->in->a = 5; g->in->next = g->in + "
        "1;",
        "typedef struct Mob { struct Mob *next; int a; } Mob; typedef struct Other { int y, x; } "
        "Other;"
        "typedef struct Game { char *arena; long fresh[2]; Mob *m; Other *o; unsigned char "
        "inside[128];"
        " Mob *in; } Game;",
        "Other *o; memcpy(&o, g->arena, 8);\n CHECK(o == g->o);\n"
        "CHECK(g->m == (Mob *)(g->arena + 32) && g->m->a == 4 && g->m->next == g->m + 1);\n"
        "CHECK(g->in->a == 5 && g->in->next == g->in + 1);\n"
        "CHECK((unsigned char *)g->in - g->inside < 16);\n",
        "",
    },
    {
        "moved_array_of_unions_and_texts",
        "typedef struct E { union { int i; void *p; } u[3]; char name[12]; } E;"
        "typedef struct Game { E e[3]; E *at; char *text; } Game;",
        "g->e[1].u[2].p = NEW(E, 2); g->e[2].u[0].i = 5; strcpy(g->e[2].name, \"abc\");"
        "g->at = &g->e[2]; g->text = g->e[2].name + 1;",
        "typedef struct E { char name[16]; union { int i; void *p; } u[4]; } E;"
        "typedef struct Game { E *at; E e[4]; char *text; } Game;",
        "CHECK(g->e[2].u[0].i == 5 && strcmp(g->e[2].name, \"abc\") == 0 && g->at == &g->e[2]);\n"
        "CHECK(g->e[1].u[2].p && g->text == g->e[2].name + 1);\n",
        "",
    },
    {
        "text_that_loses_its_end",
        "typedef struct Game { char a[8], b[8], c[8]; } Game;",
        "memcpy(g->a, \"abcd\", 5); memcpy(g->b, \"abc\", 4); memcpy(g->c, \"abcdef\", 7);",
        "typedef struct Game { char a[4], b[4], c[4]; } Game;",
        "CHECK(memcmp(g->a, \"abcd\", 4) == 0 && strcmp(g->b, \"abc\") == 0);\n"
        "CHECK(memcmp(g->c, \"abcd\", 4) == 0);\n",
        "lost Game.a, lost Game.c[4]",
    },
    {
        "arrays_of_numbers_become_what_pointers_say",
        "typedef struct Game { int *a, *at; short *b; unsigned char *raw; int *mixed, *kept; float "
        "*f; }"
        " Game; int *shared;",
        "g->a = NEW(int, 6); g->a[5] = -3; g->at = &g->a[5]; g->b = NEW(short, 3); g->b[1] = 300;"
        "g->mixed = g->kept = NEW(int, 2); g->f = NEW(float, 2); g->f[1] = 2.5f;"
        "g->raw = NEW(unsigned char, 3); g->raw[2] = 200;",
        "typedef struct Game { float *a, *at; unsigned char *b; int *raw; long *mixed; int *kept;"
        " double *f; } Game;",
        "CHECK(g->a[5] == -3 && g->a[0] == 0 && g->at == &g->a[5]);\n CHECK(g->b[1] == 255);\n"
        "CHECK(!g->mixed && g->kept && g->f[1] == 2.5);\n CHECK(!g->raw || g->raw[2] == 200);\n",
        "lost short, gone Game.raw, gone Game.mixed",
    },
    {
        "objects_of_a_type_that_is_gone",
        "typedef struct Mob { int hp; } Mob; typedef struct Game { Mob *mob; int *number; int "
        "score; }"
        " Game;",
        "g->mob = NEW(Mob, 1); g->mob->hp = 77; g->number = &g->mob->hp; g->score = 5;",
        "typedef struct Game { int score; void *mob; const int *number; } Game;",
        "CHECK(g->score == 5 && *(int *)g->mob == 77 && g->number == g->mob);\n",
        "",
    },
    {
        "allocations_of_nothing",
        "typedef struct Empty {} Empty; typedef struct Mob { int a; } Mob;"
        "typedef struct Game { Empty *e; Mob *none; Mob *m; char *zero; void *end; } Game;",
        "g->e = alloc(\"Empty\", 0, 1, 3); g->none = NEW(Mob, 0); g->m = NEW(Mob, 2); g->m[1].a = "
        "4;"
        "g->zero = NEW(char, 0); g->end = g->zero;",
        "typedef struct Empty {} Empty; typedef struct Mob { long l; int a; } Mob;"
        "typedef struct Game { Mob *m; Empty *e; Mob *none; char *zero; void *end; } Game;",
        "CHECK(g->e && g->none && g->m[1].a == 4 && g->zero && g->end == g->zero);\n",
        "",
    },
    {
        "pointer_to_a_struct_that_was_dissolved",
        "typedef struct V { float x, y; } V; typedef struct Mob { V pos; int id; } Mob;"
        "typedef struct Game { Mob *m; V *at; float *y; } Game;",
        "g->m = NEW(Mob, 2); g->m[1].pos.y = 2; g->at = &g->m[1].pos; g->y = &g->m[1].pos.y;",
        "typedef struct V { float x, y; } V; typedef struct Mob { int id; float x, y; } Mob;"
        "typedef struct Game { Mob *m; V *at; float *y; V keep; } Game;",
        "CHECK(g->m[1].y == 2 && !g->at && g->y == &g->m[1].y);\n",
        "gone Game.at",
    },
    {
        "pointers_to_pointers_and_rows",
        "typedef struct Mob { int a; } Mob; typedef struct Game { Mob *list[4]; Mob **pp, **end;"
        " int grid[3][4]; int (*row)[4]; void *any[3]; Mob ***deep; } Game;",
        "for (int i = 0; i < 4; i++) { g->list[i] = NEW(Mob, 1); g->list[i]->a = i; }"
        "g->pp = &g->list[2]; g->end = g->list + 4; g->grid[2][1] = 7; g->row = &g->grid[2];"
        "g->any[0] = g->list[3]; g->any[1] = &g->grid[1][1]; g->any[2] = g; g->deep = &g->pp;",
        "typedef struct Mob { long z[4]; int a; } Mob; typedef struct Game { int fresh; Mob "
        "***deep;"
        " int grid[4][6]; Mob *list[8]; Mob **pp, **end; int (*row)[6]; void *any[4]; } Game;",
        "for (int i = 0; i < 4; i++) CHECK(g->list[i]->a == i);\n CHECK(!g->list[4]);\n"
        "CHECK(g->pp == &g->list[2] && g->end == g->list + 4 && g->deep == &g->pp);\n"
        "CHECK(g->grid[2][1] == 7 && (!g->row || g->row == &g->grid[2]));\n"
        "CHECK(g->any[0] == g->list[3] && g->any[1] == &g->grid[1][1] && g->any[2] == g);\n",
        "",
    },
    {
        "addresses_in_an_array_of_integers",
        "typedef struct Mob { int a; } Mob; typedef struct Game { Mob *m; uintptr_t *slots; size_t "
        "n; }"
        " Game;",
        "g->m = NEW(Mob, 5); g->slots = NEW(uintptr_t, 5); g->n = 5;"
        "for (int i = 0; i < 5; i++) g->slots[i] = (uintptr_t)&g->m[4 - i];",
        "typedef struct Mob { double d; int a; } Mob; typedef struct Game { uintptr_t *slots; "
        "size_t n;"
        " Mob *m; } Game;",
        "CHECK(g->n == 5);\n for (int i = 0; i < 5; i++) CHECK(g->slots[i] == (uintptr_t)&g->m[4 - "
        "i]);\n",
        "",
    },
    {
        "enums_of_odd_values",
        "typedef enum A { LOW = -5, FAR = 100000, NEAR = 1 } A; enum B { WIDE = 1l << 40, SMALL = "
        "2 };"
        "typedef struct Game { A a, b, c, d; enum B e, f; enum { ONE, TWO } anon; unsigned char "
        "bits; }"
        " Game;",
        "g->a = LOW; g->b = FAR; g->c = NEAR; g->d = 55; g->e = WIDE; g->f = SMALL; g->anon = TWO;",
        "typedef enum A { NEAR = -7, LOW = 3, FAR = 200000 } A; enum B { SMALL = 1, WIDE = 1l << "
        "41 };"
        "typedef struct Game { A a, b, c, d; enum B e, f; enum { ZERO, ONE, TWO } anon; } Game;",
        "CHECK(g->a == LOW && g->b == FAR && g->c == NEAR && g->d == 55);\n"
        "CHECK(g->e == WIDE && g->f == SMALL && g->anon == TWO);\n",
        "",
    },
    {
        "enum_in_a_bit_field",
        "typedef enum K { A, B, C, D } K; typedef struct Game { K k : 3; unsigned n : 5; K old : "
        "4; } Game;",
        "g->k = C; g->n = 17; g->old = D;",
        "typedef enum K { Z, A, B, C } K; typedef struct Game { unsigned n : 5; K k : 4; K old : "
        "4; } Game;",
        "CHECK(g->k == C && g->n == 17);\n",
        "lost Game.old",
    },
    {
        "texts_in_rows",
        "typedef struct Game { char names[3][8]; char (*at)[8]; char *in; wchar_t wide[4]; } Game;",
        "strcpy(g->names[0], \"ann\"); strcpy(g->names[2], \"bob\"); g->in = &g->names[2][1];"
        "g->wide[1] = 0x1f600;",
        "typedef struct Game { int n; char names[5][16]; char *in; wchar_t wide[6]; } Game;",
        "CHECK(!strcmp(g->names[0], \"ann\") && !strcmp(g->names[2], \"bob\") && "
        "!g->names[4][0]);\n"
        "CHECK(g->in == &g->names[2][1] && g->wide[1] == 0x1f600);\n",
        "",
    },
    {
        "flexible_array_of_pointers_and_places_in_it",
        "typedef struct Mob { int a; } Mob; typedef struct Bag { short n; Mob *items[]; } Bag;"
        "typedef struct Game { Bag *bag; Mob **at, **end; } Game;",
        "g->bag = alloc(\"Bag\", sizeof(Bag) + 3 * sizeof(Mob *), 8, 1); g->bag->n = 3;"
        "for (int i = 0; i < 3; i++) { g->bag->items[i] = NEW(Mob, 1); g->bag->items[i]->a = i; }"
        "g->at = &g->bag->items[1]; g->end = g->bag->items + 3;",
        "typedef struct Mob { char c[20]; int a; } Mob; typedef struct Bag { long more; int n; Mob "
        "*items[]; }"
        " Bag; typedef struct Game { Bag *bag; Mob **at, **end; } Game;",
        "CHECK(g->bag->n == 3 && g->bag->more == 0);\n"
        "for (int i = 0; i < 3; i++) CHECK(g->bag->items[i]->a == i);\n"
        "CHECK(g->at == &g->bag->items[1] && g->end == g->bag->items + 3);\n",
        "",
    },
    {
        "struct_hack_with_one_element",
        "typedef struct Tile { short k; } Tile; typedef struct Level { int n; Tile tiles[1]; } "
        "Level;"
        "typedef struct Game { Level *l; } Game;",
        "g->l = alloc(\"Level\", sizeof(Level) + 9 * sizeof(Tile), 8, 1); g->l->n = 10;"
        "for (int i = 0; i < 10; i++) g->l->tiles[i].k = i + 1;",
        "typedef struct Tile { int k; char c; } Tile; typedef struct Level { double w; int n; Tile "
        "tiles[1]; }"
        " Level; typedef struct Game { Level *l; } Game;",
        "CHECK(g->l->n == 10);\n for (int i = 0; i < 10; i++) CHECK(g->l->tiles[i].k == i + 1);\n",
        "",
    },
    {
        "several_in_one_allocation",
        "typedef struct Mob { int a; char b; } Mob; typedef struct Game { Mob *m, *at; } Game;",
        "g->m = alloc(\"Mob\", 4 * sizeof(Mob), 8, 1); for (int i = 0; i < 4; i++) g->m[i].a = i;"
        "g->at = &g->m[3];",
        "typedef struct Mob { int a; double d; char b; } Mob; typedef struct Game { Mob *m, *at; } "
        "Game;",
        "for (int i = 0; i < 4; i++) CHECK(g->m[i].a == i && g->m[i].d == 0);\n CHECK(g->at == "
        "&g->m[3]);\n",
        "",
    },
    {
        "allocation_of_an_odd_size_is_refused",
        "typedef struct Mob { int a, b; } Mob; typedef struct Game { Mob *m; } Game;",
        "g->m = alloc(\"Mob\", sizeof(Mob) + 5, 8, 1); g->m->a = 3;",
        "typedef struct Mob { int a, c, b; } Mob; typedef struct Game { Mob *m; } Game;",
        "",
        "refused Mob",
    },
    {
        "union_of_pointers",
        "typedef struct A { int a; } A; typedef struct B { float b; } B;"
        "typedef struct Game { A *as; B *bs; struct { int kind; union { A *a; B *b; long n; }; } "
        "v[3]; }"
        " Game;",
        "g->as = NEW(A, 3); g->bs = NEW(B, 3); g->v[0].a = &g->as[1]; g->v[1].kind = 1;"
        "g->v[1].b = &g->bs[2]; g->v[2].kind = 2; g->v[2].n = -9;",
        "typedef struct A { long z; int a; } A; typedef struct B { float b; char c[9]; } B;"
        "typedef struct Game { A *as; B *bs; struct { union { A *a; B *b; long n; }; int kind; } "
        "v[4]; }"
        " Game;",
        "CHECK(g->v[0].a == &g->as[1] && g->v[1].b == &g->bs[2] && g->v[1].kind == 1);\n"
        "CHECK(g->v[2].n == -9 && g->v[2].kind == 2);\n",
        "",
    },
    {
        "complex_and_vectors",
        "typedef float v4 __attribute__((vector_size(16)));"
        "typedef struct Game { _Complex double c; v4 v; int z; } Game;",
        "g->c = 1 + 2i; g->v = (v4){1, 2, 3, 4}; g->z = 5;",
        "typedef float v4 __attribute__((vector_size(16)));"
        "typedef struct Game { int z; v4 v; _Complex double c; float f; } Game;",
        "CHECK(__real__ g->c == 1 && __imag__ g->c == 2 && g->v[3] == 4 && g->z == 5 && g->f == "
        "0);\n",
        "",
    },
    {
        "rename_said_for_what_lies_deeper",
        "typedef struct Mob { float px, py; int hp; } Mob; typedef struct Game { Mob m[2]; } Game;",
        "g->m[1].px = 1; g->m[1].py = 2; g->m[1].hp = 3;",
        "typedef struct V { float x, y; } V; typedef struct Mob { V pos; long health; } Mob;"
        "typedef struct Game { Mob m[2]; } Game;"
        "static const char w1[] __attribute__((section(\"hl_was\"), used)) = \"Mob.pos.x=px\";"
        "static const char w2[] __attribute__((section(\"hl_was\"), used)) = \"Mob.pos.y=py\";"
        "static const char w3[] __attribute__((section(\"hl_was\"), used)) = \"Mob.health=hp\";",
        "CHECK(g->m[1].pos.x == 1 && g->m[1].pos.y == 2 && g->m[1].health == 3);\n",
        "",
    },
};

#endif
