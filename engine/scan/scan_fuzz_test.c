// Texts that are no C, or none any more: whatever is read is memory of ours, everything ends, and
// what is understood is said.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "scan.h"
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static const char EXAMPLE[] =
    "# 1 \"a.c\"\n# 1 \"/usr/include/math.h\" 1\nextern long double sqrtl(long double x);\n"
    "# 2 \"a.c\" 2\ntypedef struct __attribute__((packed)) V { float x, y, z; int n : 33; } V;\n"
    "static V (*make)(int), table[][2] = {{[0 ... 1] = {.x = 1e16 + 2.9}}, {{1}}};\n"
    "enum { A = 'x', B = sizeof(V) } e = (B); _Static_assert(1, \"\\u00e9\");\n"
    "#pragma pack(1)\nstatic unsigned seed = 0x1p3; int (*f(int a))(int b)\n{\n"
    "    static V v[] = {{1, 2}}; /* \" */ typedef int T; // '\n"
    "    for (struct S { T t; } s = {1};;) { seed = seed * 5 + (unsigned short)a; }\n"
    "    return ({ static int n; n++; }) ? (void *)0 : _Generic(a, int: 0)(f(1), f(2));\n}\n"
    "int g(a, b) int a; float b; { again: goto again; __asm__(\"nop\" : : \"r\"(a)); }\n"
    "#if 0\ndon't {\n#elif X\nint h(int n) {\n#else\nint h(long n) {\n#endif\n"
    "    draw(g(1, 2), h(3), *&n->x[2].y, sizeof(h(4))); <: :> <% %> }\n";

static void scan_all(const char *text, size_t size_bytes)
{
    Arena arena;
    assert_true(arena_open(&arena, 0, 1 << 28, NULL));
    Scan scans[2];
    const Scan *units[2] = {&scans[0], &scans[1]};
    const ScanOrder *orders;
    const char *stripped;
    size_t stripped_bytes;
    uint32_t count;
    for (int i = 0; i < 2; i++) {
        assert_true(scan_text(text, size_bytes, &arena, &scans[i], NULL));
    }
    assert_int_equal(scans[0].declarations, scans[1].declarations);
    assert_int_equal(scans[0].is_sure, scans[0].declarations != 0);
    assert_true(scan_orders(units, 2, &arena, &orders, &count, NULL));
    ScanRefusal refusal;
    bool asks = scan_asks(text, size_bytes, &arena, &refusal);
    assert_int_equal(asks, refusal.what != NULL);
    if (scan_strip(text, size_bytes, &arena, &stripped, &stripped_bytes)) {
        assert_int_equal(stripped[stripped_bytes], 0);
    }
    ScanParts parts;
    ScanEdit edit;
    if (scan_parts(text, size_bytes, &arena, &parts)) { // nothing is edited: nothing is another
        scan_macros("#define A 1\n#define B", &arena, &parts);
        assert_true(scan_edit(text, size_bytes, "a.c", &parts, &arena, &edit));
        assert_true(!edit.functions || edit.functions[0] == 0);
        if (parts.body_count > 0) { // and as if the first had been
            ((uint64_t *)(uintptr_t)parts.bodies)[0]++;
            assert_true(scan_edit(text, size_bytes, "a.c", &parts, &arena, &edit));
        }
    }
    arena_close(&arena);
}

// In memory that ends where the text does, so that a byte behind it is a crash under ASan.
static void scan_exact(const char *text, size_t size_bytes)
{
    char *copy = malloc(size_bytes + (size_bytes == 0));
    assert_non_null(copy);
    memcpy(copy, text, size_bytes);
    scan_all(copy, size_bytes);
    free(copy);
}

static void test_cut(void **state)
{
    // Scenario: a text with something of everything, cut behind and before each of its bytes.
    // Expect: nothing is read that is not there.
    (void)state;
    for (size_t i = 0; i < sizeof(EXAMPLE); i++) {
        scan_exact(EXAMPLE, i);
        scan_exact(EXAMPLE + i, sizeof(EXAMPLE) - 1 - i);
    }
}

static void test_changed(void **state)
{
    // Scenario: the same text with bytes changed, taken out and doubled at random.
    // Expect: the same.
    static const char BYTES[] = "(){}[];,=.*&:?\"'#\\\n/<>%x0f-+ ";
    uint32_t random = 1;
    (void)state;
    for (int i = 0; i < 3000; i++) {
        char text[sizeof(EXAMPLE)];
        size_t size_bytes = sizeof(EXAMPLE) - 1;
        memcpy(text, EXAMPLE, sizeof(EXAMPLE));
        for (uint32_t k = 0; k < 1 + (uint32_t)i % 5; k++) {
            random = random * 1664525u + 1013904223u;
            size_t at = (random >> 8) % (size_bytes - 1);
            if (random & 1) {
                text[at] = BYTES[(random >> 3) % (sizeof(BYTES) - 1)];
            } else {
                memmove(text + at, text + at + 1, --size_bytes - at);
            }
        }
        scan_exact(text, size_bytes);
    }
}

static void test_deep(void **state)
{
    // Scenario: 100,000 of one thing in each other, or behind each other, closed and not closed.
    // Expect: no stack runs out, and it ends soon.
    static const char *const PARTS[][2] = {
        {"(", ")"},
        {"{", "}"},
        {"[", "]"},
        {"struct {", "}"},
        {"struct S { struct S ", "};"},
        {"static int f(int a) {", "}"},
        {"int a = {", "};"},
        {"void f(void) { g(", ");}"},
        {"int f(int a, ", ")"},
        {"#if 1\n", "#endif\n"},
        {"1.5 + ", "1"},
        {"x = -", "1"},
        {"f(1.5 * ", ")"},
        {"(float)", "1.0"},
        {"*", "p"},
        {"a.", "b"},
        {"/*", "*/"},
        {"\"", ""},
        {"__attribute__((", "))"},
        {"typedef ", ""},
        {"int x[] = {[0] = 1, ", "}"},
        {"({ static int n; ", "})"},
        {"enum {", "}"},
        {"f(g(", "), h())"},
        {"\\\n", ""},
        {"void f(void) { a[", "]++; }"},
        {"_Generic(", ")"},
        {"sizeof ", "x"},
        {".a", ""},
    };
    enum { DEPTH = 100000 };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(PARTS); i++) {
        size_t open_bytes = strlen(PARTS[i][0]), close_bytes = strlen(PARTS[i][1]);
        char *text = malloc(DEPTH * (open_bytes + close_bytes));
        assert_non_null(text);
        print_message("%s\n", PARTS[i][0]);
        for (size_t k = 0; k < DEPTH; k++) {
            memcpy(text + k * open_bytes, PARTS[i][0], open_bytes);
            memcpy(text + DEPTH * open_bytes + k * close_bytes, PARTS[i][1], close_bytes);
        }
        scan_all(text, DEPTH * open_bytes);
        scan_all(text, DEPTH * (open_bytes + close_bytes));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
