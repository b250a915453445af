#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "scan.h"
#include <cmocka.h>

static Arena arena;

static int open_arena(void **state)
{
    (void)state;
    return arena_open(&arena, 0, 1 << 28, NULL) ? 0 : -1;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(&arena);
    return 0;
}

// hotloop.h's, as they are there.
static const char RAND[] =
    "# 1 \"hotloop.h\"\n"
    "typedef struct hl_rng { uint64_t state, inc; } hl_rng;\n"
    "static inline uint32_t hl_rand(hl_rng *rng)\n{\n    uint64_t old = rng->state;\n"
    "    rng->state = old * 6364136223846793005ULL + (rng->inc | 1u);\n"
    "    uint32_t x = (uint32_t)(((old >> 18u) ^ old) >> 27u);\n    uint32_t turn = old >> 59u;\n"
    "    return (x >> turn) | (x << ((0u - turn) & 31u));\n}\n"
    "static inline int hl_rand_int(hl_rng *rng, int lo, int hi)\n{\n"
    "    uint32_t span = hi - lo + 1u, x = hl_rand(rng);\n"
    "    while (x > span) { x = hl_rand(rng); }\n    return lo + (int)(x % span);\n}\n"
    "static inline float hl_rand_float(hl_rng *rng, float lo, float hi)\n{\n"
    "    return lo + (hi - lo) * ((float)(hl_rand(rng) >> 8) * (1.0f / 16777216.0f));\n}\n"
    "void draw(int a, int b);\nvoid put(int a);\nint both(int a, int b);\n"
    "typedef struct Game { hl_rng rng, fx; int hp; struct Mob { int hp; hl_rng rng; } mobs[9]; } "
    "Game;\n"
    "# 1 \"game.c\"\n";

static const Scan *scan_of(const char *head, const char *text)
{
    Scan *scan = ARENA_NEW(&arena, Scan, 1);
    const char *all = arena_format(&arena, "%s%s", head, text);
    assert_true(scan_text(all, strlen(all), &arena, scan, NULL));
    assert_true(scan->is_sure);
    return scan;
}

static uint32_t orders_in(const char *text, const ScanOrder **orders)
{
    const Scan *scan = scan_of(RAND, text);
    uint32_t count;
    assert_true(scan_orders(&scan, 1, &arena, orders, &count, NULL));
    return count;
}

static void test_hotloop(void **state)
{
    // Scenario: two calls of hl_rand's kind in one argument list, with a game's own functions
    // between.
    // Expect: one warning with the place of the list, both calls and the state.
    const ScanOrder *orders;
    (void)state;
    assert_int_equal(orders_in("void update(Game *g)\n{\n    put(1);\n"
                               "    draw(hl_rand_int(&g->rng, 1, 2),\n"
                               "         3 + (int)hl_rand(&g->rng));\n}\n",
                               &orders),
                     1);
    assert_string_equal(orders[0].place.file, "game.c");
    assert_int_equal(orders[0].place.line, 4);
    assert_string_equal(orders[0].call, "draw");
    assert_string_equal(orders[0].first, "hl_rand_int");
    assert_string_equal(orders[0].second, "hl_rand");
    assert_string_equal(orders[0].state, "hl_rand's");
}

static void test_warned(void **state)
{
    // Scenario: texts in which the order of arguments decides.
    // Expect: one warning for each, about that state.
    static const char *const CASES[][2] = {
        {"static int roll(Game *g) { return hl_rand_int(&g->rng, 1, 6); }"
         "void f(Game *g) { draw(roll(g), roll(g)); }",
         "hl_rand's"},
        {"void f(Game *g) { both(1 + (int)hl_rand(&g->rng), both(2, (int)hl_rand(&g->rng))); }",
         "hl_rand's"},
        {"static int a(Game *g) { return (int)hl_rand(&g->rng); }"
         "static int b(Game *g) { return a(g); } static int c(Game *g) { return b(g) + 1; }"
         "void f(Game *g) { draw(c(g), (int)hl_rand(&g->rng)); }",
         "hl_rand's"},
        {"static unsigned seed = 1; static int rnd(void) { seed = seed * 5 + 1; return seed >> 3; }"
         "void f(void) { draw(rnd(), rnd()); }",
         "seed"},
        {"static int rnd(void) { static unsigned s = 9; s ^= s << 13; return s; }"
         "void f(void) { draw(rnd(), rnd()); }",
         "s"},
        {"int next; int id(void) { return next++; } void f(void) { draw(id(), id()); }", "next"},
        {"int next; int id(void) { return ++next; } void f(void) { draw(id(), id() ? 1 : 2); }",
         "next"},
        {"typedef struct { unsigned s; } Rng; unsigned r(Rng *p) { return p->s = p->s * 3 + 1; }"
         "void f(Rng *p) { draw(r(p), r(p)); }",
         "Rng"},
        {"typedef unsigned Seed; int r(Seed *p) { *p = *p * 3 + 1; return *p; }"
         "void f(Seed *p) { draw(r(p), r(p)); }",
         "Seed"},
        {"typedef struct { unsigned w[4]; } X; unsigned r(X *x) { unsigned t = x->w[3]; t ^= t << "
         "11;"
         "x->w[3] = x->w[2]; x->w[0] = t ^ (x->w[0] >> 19); return x->w[0]; }"
         "void f(X *x) { draw(r(x), r(x)); }",
         "X"},
        {"void f(Game *g) { hl_rng *r = &g->rng; draw(hl_rand(r), hl_rand(r)); }", "hl_rand's"},
        {"void f(Game *g, int i) { draw(hl_rand(&g->mobs[i].rng), hl_rand(&g->mobs[i].rng)); }",
         "hl_rand's"},
        {"static int deep(Game *g, int n) { return n ? deep(g, n - 1) : (int)hl_rand(&g->rng); }"
         "void f(Game *g) { draw(deep(g, 3), deep(g, 4)); }",
         "hl_rand's"},
        {"static int odd(Game *g, int n); static int even(Game *g, int n) { return n ? odd(g, n - "
         "1)"
         " : 0; } static int odd(Game *g, int n) { return n ? even(g, n - 1) : "
         "(int)hl_rand(&g->rng); }"
         "void f(Game *g) { draw(even(g, 3), odd(g, 4)); }",
         "hl_rand's"},
        {"void f(Game *g) { (*table[2])((int)hl_rand(&g->rng), (int)hl_rand(&g->rng)); }",
         "hl_rand's"},
        {"void f(Game *g) { int x = g->hp > 3 && both((int)hl_rand(&g->rng), "
         "(int)hl_rand(&g->rng)); }",
         "hl_rand's"},
        {"static int n; static int r(void) { return n = n * 7 + 3; } int a[9];"
         "void f(void) { a[r() % 9] += r(); }",
         "n"},
        {"static int n; static int r(void) { return n = n * 7 + 3; } int a[9], b[9];"
         "void f(void) { if (b[0]) { a[r()] = b[r()] + 1; } }",
         "n"},
        {"void f(Game *g) { draw(({ int n = (int)hl_rand(&g->rng); n; }), (int)hl_rand(&g->rng)); "
         "}",
         "hl_rand's"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const ScanOrder *orders;
        print_message("%s\n", CASES[i][0]);
        assert_int_equal(orders_in(CASES[i][0], &orders), 1);
        assert_string_equal(orders[0].state, CASES[i][1]);
    }
}

static void test_quiet(void **state)
{
    // Scenario: texts in which it does not: one call only, different states, sequenced, not
    // evaluated, not known.
    // Expect: no warning.
    static const char *const CASES[] = {
        "void f(Game *g) { put((int)hl_rand(&g->rng)); draw(1, (int)hl_rand(&g->rng)); }",
        "void f(Game *g) { draw((int)hl_rand(&g->rng), (int)hl_rand(&g->fx)); }",
        "void f(Game *g, Game *h) { draw((int)hl_rand(&g->rng), (int)hl_rand(&h->rng)); }",
        "void f(Game *g) { put(g->hp ? (int)hl_rand(&g->rng) : (int)hl_rand(&g->rng)); }",
        "void f(Game *g) { put((int)hl_rand(&g->rng) && hl_rand(&g->rng)); }",
        "void f(Game *g) { put(((int)hl_rand(&g->rng), (int)hl_rand(&g->rng))); }",
        "void f(Game *g) { put((int)hl_rand(&g->rng)); put((int)hl_rand(&g->rng)); }",
        "void f(Game *g) { draw(sizeof(hl_rand(&g->rng)), (int)hl_rand(&g->rng)); }",
        "void f(Game *g) { draw(_Generic(hl_rand(&g->rng), int: 1, default: 2), hl_rand(&g->rng)); "
        "}",
        "void f(Game *g) { if (hl_rand(&g->rng) > hl_rand(&g->rng)) { put(1); } }",
        "void f(Game *g) { int a[] = {(int)hl_rand(&g->rng), (int)hl_rand(&g->rng)}; put(a[0]); }",
        "void f(Game *g) { for (hl_rand(&g->rng); hl_rand(&g->rng); hl_rand(&g->rng)) { } }",
        "void f(Game *g, int (*roll)(Game *)) { draw(roll(g), roll(g)); }",
        "int roll(Game *g) { return hl_rand(&g->rng); }"
        "void f(Game *g, int (*roll)(Game *)) { draw(roll(g), roll(g)); }",
        "int roll(Game *g) { return hl_rand(&g->rng); }"
        "void f(Game *g, struct T { int (*roll)(Game *); } *t) { draw(t->roll(g), t->roll(g)); }",
        "static int local(int seed) { hl_rng r = {seed, 1}; return (int)hl_rand(&r); }"
        "void f(void) { draw(local(1), local(2)); }",
        "int hits; int hit(int a) { hits++; return a; } void f(void) { draw(hit(1), hit(2)); }",
        "int at; int get(void) { return at; } void f(void) { draw(get(), get()); }",
        "int last; int set(int a) { last = a; return last; } void f(void) { draw(set(1), set(2)); "
        "}",
        "int hurt(Game *g) { g->hp--; return g->mobs[0].hp; } void f(Game *g) { draw(hurt(g), "
        "hurt(g)); }",
        "static int cached; int load(void) { if (!cached) { cached = both(1, 2); } return cached; }"
        "void f(void) { draw(load(), load()); }",
        "int twice(int *p) { int a = *p; a += a; return a; } void f(int *p) { draw(twice(p), "
        "twice(p)); }",
        "void f(Game *g, int i, int k) { draw(hl_rand(&g->mobs[i].rng), hl_rand(&g->mobs[k].rng)); "
        "}",
        "static int n; static int r(void) { return n = n * 7 + 3; } int a[9];"
        "void f(void) { a[r() % 9] = r(); a[1] += r(); int k = r() - r(); }",
        "int sum(int n) { int s = 0; while (n--) { s += n; } return s; }"
        "void f(void) { draw(sum(3), sum(4)); }",
        "int len(const char *p) { int n = 0; while (*p++) { n++; } return n; }"
        "void f(const char *p) { draw(len(p), len(p)); }",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const ScanOrder *orders;
        print_message("%s\n", CASES[i]);
        assert_int_equal(orders_in(CASES[i], &orders), 0);
    }
}

static void test_units(void **state)
{
    // Scenario: the generator in one unit, the function that calls it in a second, the list in a
    // third; a static function of the same name elsewhere does nothing; a header's list is in all.
    // Expect: it is found through all of them, once, and the static one is not taken for it.
    static const char LIST[] = "# 3 \"shared.h\"\nstatic void g(void) { draw(roll(), roll()); }\n";
    const Scan *units[] = {
        scan_of("# 1 \"a.c\"\n", "unsigned seed; int rnd(void) { return seed = seed * 5 + 1; }"),
        scan_of("# 1 \"b.c\"\nint rnd(void);\n", "int roll(void) { return rnd() % 6; }"),
        scan_of(LIST, "# 1 \"c.c\"\nvoid f(void) { draw(rnd(), roll()); }"),
        scan_of(LIST,
                "# 1 \"d.c\"\nstatic int rnd(void) { return 4; } static int roll(void) { return 3;"
                " } void f(void) { draw(rnd(), roll()); }"),
    };
    const ScanOrder *orders;
    uint32_t count;
    (void)state;
    assert_true(scan_orders(units, COUNT_OF(units), &arena, &orders, &count, NULL));
    assert_int_equal(count, 2);
    assert_string_equal(orders[0].place.file, "c.c");
    assert_string_equal(orders[0].state, "seed");
    assert_string_equal(orders[1].place.file, "shared.h");
    assert_int_equal(orders[1].place.line, 3);
}

static void test_statics(void **state)
{
    // Scenario: two units with a static variable of the same name that both count, and a function
    // of each in one list.
    // Expect: no warning: they are two states.
    const Scan *units[] = {
        scan_of("", "static int n; int one(void) { return ++n; }"),
        scan_of("",
                "static int n; int two(void) { return ++n; } void f(void) { draw(one(), two()); }"),
    };
    const ScanOrder *orders;
    uint32_t count;
    (void)state;
    assert_true(scan_orders(units, COUNT_OF(units), &arena, &orders, &count, NULL));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hotloop, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_warned, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_quiet, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_units, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_statics, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
