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

static Scan scan_of(const char *text)
{
    Scan scan;
    assert_true(scan_text(text, strlen(text), &arena, &scan, NULL));
    return scan;
}

static uint64_t declared(const char *text)
{
    Scan scan = scan_of(text);
    assert_true(scan.is_sure);
    assert_int_not_equal(scan.declarations, 0);
    return scan.declarations;
}

static void test_same(void **state)
{
    // Scenario: pairs of texts that differ in what functions do, in values, comments and places.
    // Expect: they declare the same.
    static const char *const PAIRS[][2] = {
        {"int f(int a) { return a; }",
         "# 7 \"x.c\"\nint f ( int a )\n{ if (a) { a++; } return 3; }"},
        {"static float SPEED = 3.5f;", "static float SPEED = /* faster */ 4;"},
        {"static int a[] = {1, 2, 3}; int b;", "static int a[] = {4, 5, 0x6,}; int b;"},
        {"const char *n[] = {\"a\", \"b\"};", "const char *n[] = {\"one\", \"b\"};"},
        {"void f(void) { static int n = 1; n++; }", "void f(void) { int k; static int n = 2; }"},
        {"void f(void) { if (1) { } { static int n; } }",
         "void f(void) { while (0) { static int n; } }"},
        {"struct P { int x; } p = {1}, *q = &p;", "struct P { int x; } p = {2}, *q = 0;"},
        {"int f(a) int a; { return a; } int g;", "int f(a) int a; { return -a; } int g;"},
        {"struct P f(void) { return (struct P){1}; }",
         "struct P f(void) { return (struct P){.x = 2}; }"},
        {"int (*f(void))(int) { return 0; }", "int (*f(void))(int) { return g; }"},
        {"__attribute__((noinline)) int f(void) __attribute__((pure));",
         "__attribute__ ( (noinline) )\nint f(void)\n__attribute__((pure));"},
        {"int f(void) { int x = ({ int y = 3; y; }); return x; }", "int f(void) { return 5; }"},
        {"void f(int a[static 4]) { void g(int b[const static 4]); }",
         "void f(int a[static 4]) { }"},
        {"int a = (1, 2), b;", "int a = (3, 4), b;"},
        {"_Static_assert(1, \"x\"); int f(void) { return 1 ? 2 : 3; }",
         "_Static_assert(1, \"x\"); int f(void) { again: goto again; }"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(PAIRS); i++) {
        print_message("%s\n", PAIRS[i][0]);
        assert_int_equal(declared(PAIRS[i][0]), declared(PAIRS[i][1]));
    }
}

static void test_different(void **state)
{
    // Scenario: pairs of texts that differ in one declaration.
    // Expect: so do their hashes.
    static const char *const PAIRS[][2] = {
        {"int a;", "long a;"},
        {"int a;", "int b;"},
        {"struct S { int a; };", "struct S { int a, b; };"},
        {"static int a[] = {1, 2, 3};", "static int a[] = {1, 2, 3, 4};"},
        {"int (*a[])(int) = {f, g};", "int (*a[])(int) = {f, g, g};"},
        {"static char a[] = \"abc\";", "static char a[] = \"abcd\";"},
        {"static int a[] = {[3] = 1};", "static int a[] = {[4] = 1};"},
        {"typedef int R[]; R a = {1};", "typedef int R[]; R a = {1, 2};"},
        {"void f(void) { static int n; }", "void f(void) { int n; }"},
        {"void f(void) { static int n; }", "void f(void) { static short n; }"},
        {"void f(void) { static int n; }", "void f(void) { { static int n; } }"},
        {"void f(void) { const static int n; }", "void f(void) { volatile static int n; }"},
        {"void f(void) { static int n; } void g(void) { }",
         "void f(void) { } void g(void) { static int n; }"},
        {"void f(void) { struct S { int a; } s; }", "void f(void) { struct S { long a; } s; }"},
        {"void f(void) { for (struct S { int a; } s;;) { } }",
         "void f(void) { for (struct S { long a; } s;;) { } }"},
        {"void f(void) { int n[4]; static char c[sizeof n]; }",
         "void f(void) { int n[5]; static char c[sizeof n]; }"},
        {"void f(void) { g(({ static int n; n; })); }",
         "void f(void) { g(({ static long n; n; })); }"},
        {"int a = sizeof(struct S { int b; });", "int a = sizeof(struct S { long b; });"},
        {"void f(int a) { }", "void f(long a) { }"},
        {"int f(a) int a; { return a; }", "int f(a) long a; { return a; }"},
        {"#pragma pack(1)\nint a;", "#pragma pack(2)\nint a;"},
        {"__auto_type a = 1;", "__auto_type a = 1.5;"},
        {"void f(void) { switch (1) { case 1: typedef int T; } }",
         "void f(void) { switch (1) { case 1: typedef long T; } }"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(PAIRS); i++) {
        print_message("%s\n", PAIRS[i][0]);
        assert_int_not_equal(declared(PAIRS[i][0]), declared(PAIRS[i][1]));
    }
}

static void test_unsure(void **state)
{
    // Scenario: texts that are not understood.
    // Expect: scan_text says so, and no hash.
    static const char *const TEXTS[] = {"int f(void) {", "}",      "int a[3;",
                                        "int a",         "foo {}", "int f(a) int a;"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
        Scan scan = scan_of(TEXTS[i]);
        assert_false(scan.is_sure);
        assert_int_equal(scan.declarations, 0);
    }
}

static void test_refusal_place(void **state)
{
    // Scenario: the same words in a system header, unused, and in the unit's own file.
    // Expect: only the second are refused, with file and line.
    Scan scan = scan_of("# 1 \"/usr/include/math.h\" 1\nextern long double sqrtl(long double x);\n"
                        "extern double _Complex csqrt(void);\n# 5 \"a.c\" 2\nint a;\n"
                        "int f(void)\n{\n    return sqrtl(2) > _Alignof(_Complex float);\n}\n");
    (void)state;
    assert_true(scan.is_sure);
    assert_int_equal(scan.refusal_count, 2);
    assert_string_equal(scan.refusals[0].what, "long double");
    assert_string_equal(scan.refusals[1].what, "_Complex");
    assert_string_equal(scan.refusals[0].place.file, "a.c");
    assert_int_equal(scan.refusals[0].place.line, 8);
}

static void test_asks(void **state)
{
    // Scenario: sources that ask which compiler they are given to, and sources that do not.
    // Expect: the name and the line of the first question; nothing for guards and systems.
    static const char ASKS[] = "int a;\n#if 0 // __GNUC__\n#endif\n#  if defined(X) && \\\n"
                               "  defined(__GNUC__)\n#endif\n#ifdef linux\n#endif\n";
    static const char DOES_NOT[] =
        "#ifndef __GAME_H__\n#define __GAME_H__ __GNUC__\n#ifdef __linux__\n#endif\n#endif\n"
        "#if __STDC_VERSION__ >= 201112L && defined(__x86_64__) /* __clang__ */\n"
        "const char *s = \"\\\n#ifdef __GNUC__\"; /*\n#ifdef __GNUC__\n*/\n#endif\nint __GNUC__;\n";
    ScanRefusal refusal;
    (void)state;
    assert_true(scan_asks(ASKS, strlen(ASKS), &arena, &refusal));
    assert_string_equal(refusal.what, "__GNUC__");
    assert_int_equal(refusal.place.line, 4);
    assert_false(scan_asks(DOES_NOT, strlen(DOES_NOT), &arena, &refusal));
    assert_null(refusal.what);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_different, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_unsure, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_refusal_place, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_asks, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
