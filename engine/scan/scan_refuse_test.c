// The list of what tcc cannot be trusted with, proven: each program here is wrong with the tcc that
// is installed, and scan_text refuses it. A line that fails here is one that tcc has learned.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "scan.h"
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum Proof {
    LOUD,  // tcc, or the linker behind it, says something
    WRONG, // it says nothing, and the program does something else than gcc's
    RIGHT  // it is not refused, and does what gcc's does
} Proof;

typedef struct Case {
    Proof proof;
    const char *what;  // as ScanRefusal.what
    const char *first; // outside of functions
    const char *main;  // inside of main()
    const char *other; // another unit, which gcc compiles in any case; NULL: none
} Case;

static const Case CASES[] = {
    {LOUD, "_Thread_local", "static _Thread_local int n;", "printf(\"%d\", n);", NULL},
    {LOUD, "__thread", "static __thread int n;", "printf(\"%d\", n);", NULL},
    {LOUD, "_Atomic", "static _Atomic int n;", "printf(\"%d\", n);", NULL},
    {LOUD, "_Complex", "", "_Complex double z = 1; printf(\"%g\", __real__ z);", NULL},
    {LOUD, "__complex__", "", "__complex__ double z = 1; printf(\"%g\", __real__ z);", NULL},
    {LOUD, "__int128", "", "__int128 z = 1; printf(\"%d\", (int)(z << 3));", NULL},
    {LOUD, "__int128_t", "", "__int128_t z = 1; printf(\"%d\", (int)(z << 3));", NULL},
    {LOUD, "__uint128_t", "", "__uint128_t z = 1; printf(\"%d\", (int)(z << 3));", NULL},
    {LOUD, "__float128", "", "__float128 z = 1; printf(\"%d\", (int)z);", NULL},
    {LOUD, "_Float16", "", "_Float16 z = 1; printf(\"%d\", (int)z);", NULL},
    {LOUD, "_Decimal64", "", "_Decimal64 z = 1; printf(\"%d\", (int)z);", NULL},
    {LOUD, "__auto_type", "", "__auto_type n = 1; printf(\"%d\", n);", NULL},
    {LOUD, "__PRETTY_FUNCTION__", "", "printf(\"%s\", __PRETTY_FUNCTION__);", NULL},
    {LOUD, "__builtin_clz", "", "volatile unsigned n = 4; printf(\"%d\", __builtin_clz(n));", NULL},
    {LOUD, "__builtin_unreachable", "", "if (!stdout) { __builtin_unreachable(); }", NULL},
    {LOUD, "__sync_fetch_and_add", "static int n;", "__sync_fetch_and_add(&n, 1);", NULL},
    {LOUD, "__atomic_load_n", "static int n;", "printf(\"%d\", __atomic_load_n(&n, 5));", NULL},
    {LOUD, "a u, U or u8 literal", "", "printf(\"%d\", (int)u\"a\"[0]);", NULL},
    {LOUD, "a u, U or u8 literal", "", "printf(\"%s\", u8\"a\");", NULL},
    {LOUD, "_Pragma", "_Pragma(\"pack(1)\") struct S { char c; int n; };",
     "printf(\"%d\", (int)sizeof(struct S));", NULL},
    {LOUD, "asm", "",
     "float n = 4; __asm__(\"sqrtss %1, %0\" : \"=x\"(n) : \"x\"(n)); printf(\"%g\", n);", NULL},
    {WRONG, "asm", "__asm__(\".globl zz\\nzz: .long 7\\n\"); extern int zz;", "printf(\"%d\", zz);",
     NULL},
    {LOUD, "transparent_union",
     "typedef union { int *i; float *f; } U __attribute__((transparent_union));"
     "static int f(U u) { return u.i != 0; }",
     "int n; printf(\"%d\", f(&n));", NULL},
    {WRONG, "vector_size", "typedef float V __attribute__((vector_size(16)));",
     "printf(\"%d\", (int)sizeof(V));", NULL},
    {WRONG, "mode", "typedef int L __attribute__((mode(DI)));", "printf(\"%d\", (int)sizeof(L));",
     NULL},
    {LOUD, "__mode__", "typedef int L __attribute__((__mode__(QI)));",
     "printf(\"%d\", (int)sizeof(L));", NULL},
    {WRONG, "scalar_storage_order",
     "struct __attribute__((scalar_storage_order(\"big-endian\"))) S { int n; };",
     "struct S s = {1}; printf(\"%d\", *(char *)&s);", NULL},
    {WRONG, "packed", "enum __attribute__((packed)) E { A };",
     "printf(\"%d\", (int)sizeof(enum E));", NULL},
    {WRONG, "packed", "typedef enum { A } __attribute__((__packed__)) E;",
     "printf(\"%d\", (int)sizeof(E));", NULL},
    // At sixteen depths of the stack, since one can be right by chance.
    {WRONG, "_Alignas",
     "static int f(int n) { _Alignas(256) int a; a = n;"
     "int is = (uintptr_t)&a % 256 != 0; return n ? is | f(n - 1) : is; }",
     "printf(\"%d\", f(16));", NULL},
    {WRONG, "aligned",
     "static int f(int n) { __attribute__((aligned(256))) int a; a = n;"
     "int is = (uintptr_t)&a % 256 != 0; return n ? is | f(n - 1) : is; }",
     "printf(\"%d\", f(16));", NULL},
    {WRONG, "\\u in a literal", "", "printf(\"%s\", \"h\\u00e9\");", NULL},
    {WRONG, "NAN", "#include <math.h>",
     "float n = NAN; unsigned u; memcpy(&u, &n, 4); printf(\"%x\", u);", NULL},
    {WRONG, "long double", "static int same(long double a, long double b) { return a == b; }",
     "double d = 1, e = 1; printf(\"%d\", same(d, e));", NULL},
    {WRONG, "long double", "", "double d = 1e18; printf(\"%lld\", (long long)(d + 1.0L));", NULL},
    {WRONG, "a bit-field of more than 31 bits", "struct S { unsigned long n : 33; };",
     "struct S s = {1}; printf(\"%d\", s.n - 2 < 0);", NULL},
    {WRONG, "a designator of a designator",
     "struct P { int x, y; }; struct L { struct P p; int z; };",
     "struct P a = {1, 2}; struct L l = {.p = a, .p.y = 5}; printf(\"%d\", l.p.x);", NULL},
    {LOUD, "a designator of a designator",
     "struct P { int x, y; }; struct L { struct P a, b; int c[3]; };",
     "struct L l = {.b = {.y = 4}, .a.x = 2, .c[1] = 9, 10}; printf(\"%d\", l.c[2]);", NULL},
    {WRONG, "a function defined the old way", "int f(a, b) int a; float b; { return a + (int)b; }",
     "printf(\"%d\", f(1, 2.5));", NULL},
    {WRONG, "a small struct as a result",
     "typedef struct { float x, y, z; } V; static V g[2];"
     "static V make(float x) { V v = {x, 2, 3}; return v; }",
     "int lives = 7; g[0] = make(1); printf(\"%d\", lives);", NULL},
    {WRONG, "a small struct as a result",
     "typedef struct { float x, y, z; } V; static V g[2];"
     "static V make(float x) { V v = {x, 2, 3}; return v; }",
     "V (*f)(float) = make; int lives = 7; g[0] = f(1); printf(\"%d\", lives);", NULL},
    {WRONG, "a struct by value", "struct M { double d; int n; }; int f(struct M m);",
     "printf(\"%d\", f((struct M){1, 2}));",
     "struct M { double d; int n; }; int f(struct M m) { return m.n + (int)m.d * 10; }"},
    {WRONG, "a struct by value", "typedef struct M M; int f(M m); struct M { double d; int n; };",
     "printf(\"%d\", f((struct M){1, 2}));",
     "struct M { double d; int n; }; int f(struct M m) { return m.n + (int)m.d * 10; }"},
    {WRONG, "a struct by value", "struct M { float v[2]; }; int f(struct M m);",
     "printf(\"%d\", f((struct M){{1, 2}}));",
     "struct M { float v[2]; }; int f(struct M m) { return (int)(m.v[0] + m.v[1] * 10); }"},
    {WRONG, "a struct by value",
     "struct M { double d; int n; }; int f(struct M m) { return m.n + (int)m.d * 10; } int "
     "g(void);",
     "printf(\"%d\", g());",
     "struct M { double d; int n; }; int f(struct M m); int g(void) { return f((struct M){1, 2}); "
     "}"},
    {WRONG, "va_arg of a struct",
     "#include <stdarg.h>\nstruct V { double x, y; };"
     "static int f(int n, ...) { va_list a; va_start(a, n); struct V v = va_arg(a, struct V);"
     "va_end(a); return (int)(v.x + v.y * 10); }",
     "printf(\"%d\", f(1, (struct V){1, 2}));", NULL},
    {WRONG, "bit-fields that are initialised in a function",
     "struct F { _Bool a : 1, b : 1; char c; };"
     "static void fill(void) { volatile unsigned char n[64]; for (int i = 0; i < 64; i++) { n[i] = "
     "255; } }"
     "static int f(void) { struct F v = {0}; return v.b + v.a; }",
     "fill(); printf(\"%d\", f());", NULL},
    {WRONG, "bit-fields that are initialised in a function",
     "typedef struct { int n; struct { _Bool a : 1, b : 1; } f; } F;"
     "static void fill(void) { volatile unsigned char n[64]; for (int i = 0; i < 64; i++) { n[i] = "
     "255; } }"
     "static int g(F f) { return f.f.a + f.f.b; }"
     "static int f(void) { return g((F){.f.b = 1}); }",
     "fill(); printf(\"%d\", f());", NULL},
    {WRONG, "section", "static int n __attribute__((section(\"foo\"), used)) = 3;",
     "n++; printf(\"%d\", n);", NULL},
    {WRONG, "a literal's element", "static int n = \"hello\"[1];", "printf(\"%d\", n);", NULL},
    {WRONG, "a struct that is not initialised",
     "typedef struct { char c; int n; double d; } S; static S g;"
     "static void fill(void) { volatile unsigned char n[64]; for (int i = 0; i < 64; i++) { n[i] = "
     "255; } }"
     "static void f(void) { S s; s.c = 1; s.n = 2; s.d = 3; g = s; }",
     "fill(); f(); printf(\"%d\", ((unsigned char *)&g)[1]);", NULL},
    {WRONG, "a struct that is not initialised",
     "typedef struct { char c; int n; double d; } S; static S g[2];"
     "static void fill(void) { volatile unsigned char n[64]; for (int i = 0; i < 64; i++) { n[i] = "
     "255; } }"
     "static void f(void) { S s[1]; s[0].c = 1; s[0].n = 2; s[0].d = 3; memcpy(&g[1], &s[0], "
     "sizeof(S)); }",
     "fill(); f(); printf(\"%d\", ((unsigned char *)&g[1])[1]);", NULL},
    {WRONG, "a struct that is not initialised",
     "struct T { struct { int n; short s; } a[2]; }; static struct T g;"
     "static void fill(void) { volatile unsigned char n[64]; for (int i = 0; i < 64; i++) { n[i] = "
     "255; } }"
     "static void f(void) { struct T t; t.a[0].n = t.a[1].n = t.a[0].s = t.a[1].s = 3; g = t; }",
     "fill(); f(); printf(\"%d\", ((unsigned char *)&g)[6]);", NULL},
    {WRONG, "a struct as a result beside ...",
     "#include <stdarg.h>\nstruct B { int a[8]; };"
     "static struct B f(int n, ...) { va_list a; va_start(a, n); struct B b = {{va_arg(a, int)}};"
     "va_end(a); return b; }",
     "printf(\"%d\", f(2, 30, 400).a[0]);", NULL},
    {WRONG, "an element that is initialised twice", "static int n[6] = {[0 ... 5] = 3, [4] = 9};",
     "printf(\"%d\", n[4]);", NULL},
    {WRONG, "an element that is initialised twice",
     "static struct { int x; } s = {.x = 1, .x = 6};", "printf(\"%d\", s.x);", NULL},
    {WRONG, "an element that is initialised twice", "static int n[3] = {1, 2, 3, [1] = 9};",
     "printf(\"%d\", n[1]);", NULL},
    {WRONG, "a cast to unsigned short", "static signed char c = -1;",
     "long long n = (unsigned short)c; printf(\"%lld\", n);", NULL},
    {WRONG, "a cast to unsigned short", "static int8_t c = -1;",
     "float n = (uint16_t)c; printf(\"%g\", n);", NULL},
    {WRONG, "a pointer to an array of variable size", "",
     "volatile int n = 3; int b[3][4]; for (int i = 0; i < 12; i++) { (&b[0][0])[i] = i; }"
     "int (*q)[n + 1] = b; printf(\"%d\", q[1][1]);",
     NULL},
    {WRONG, "a function of libm's of constants", "#include <math.h>", "printf(\"%a\", cbrt(27.0));",
     NULL},
    {WRONG, "constants that are computed", "", "printf(\"%a\", 1e16 + 2.9999);", NULL},
    {WRONG, "constants that are computed", "static double k = (2 * 1e16 - 0.5 / 4) * 0.5 + 2.9999;",
     "printf(\"%a\", k + (double)(float)(1e16 + 2.9999));", NULL},
    // What looks like it and is right.
    {RIGHT, "",
     "#include <stdarg.h>\nstruct B { int a[8]; }; typedef struct { float x, y, z, w; } V;"
     "static int f(struct B b, V v, int n, ...) { va_list a; va_start(a, n); int s = 0;"
     "for (int i = 0; i < n; i++) { s = s * 10 + va_arg(a, int); } va_end(a);"
     "return s + b.a[0] + (int)v.w; }",
     "printf(\"%d\", f((struct B){{1}}, (V){1, 2, 3, 4}, 3, 4, 5, 6));", NULL},
    {RIGHT, "", "struct __attribute__((packed)) S { char c; int n; };",
     "printf(\"%d\", (int)sizeof(struct S));", NULL},
    {RIGHT, "", "typedef struct { char c; int n; } __attribute__((packed, aligned(8))) S;",
     "printf(\"%d\", (int)sizeof(S));", NULL},
    {RIGHT, "", "struct S { char c; int n __attribute__((aligned(16))); };",
     "printf(\"%d\", (int)offsetof(struct S, n));", NULL},
    {RIGHT, "",
     "static const int n __attribute__((section(\"foo\"), used)) = 3; extern int __start_foo;",
     "printf(\"%d\", __start_foo);", NULL},
    {RIGHT, "", "static void c(int *p) { printf(\"c%d\", *p); }",
     "__attribute__((cleanup(c))) int n = 4; printf(\"a\");", NULL},
    {RIGHT, "", "static int n; __attribute__((constructor)) static void c(void) { n = 5; }",
     "printf(\"%d\", n);", NULL},
    {RIGHT, "", "#pragma pack(push, 1)\nstruct S { char c; int n; };\n#pragma pack(pop)",
     "printf(\"%d\", (int)sizeof(struct S));", NULL},
    {RIGHT, "", "typedef struct { float x, y; } V; static V f(V v) { V w = {v.y, v.x}; return w; }",
     "int lives = 7; V v = f((V){1, 2}); printf(\"%g %g %d\", v.x, v.y, lives);", NULL},
    {RIGHT, "",
     "typedef struct V V; V f(V v); struct V { float x, y; }; struct W { V v; V *w; int (*g)(V); };"
     "V f(V v) { V w = {v.y, v.x}; return w; }",
     "V v = f((V){1, 2}); printf(\"%g %g\", v.x, v.y);", NULL},
    {RIGHT, "",
     "typedef struct { char c; int n; } S; typedef struct { float x, y; } V; static S g; static V "
     "h;"
     "static void fill(void) { volatile unsigned char n[64]; for (int i = 0; i < 64; i++) { n[i] = "
     "255; } }"
     "static void f(void) { S s = {.n = 2}; g = s; s.n = 3; S t; memset(&t, 0, sizeof(t)); g = t;"
     "S w; w.c = 1; w.n = 2; S *p = &w; g.n = p->n + w.c + (int)sizeof(w);"
     "V v; v.x = 1; v.y = 2; h = v; S u[2] = {{1, 2}}; g = u[1]; }",
     "fill(); f(); printf(\"%d %g\", ((unsigned char *)&g)[1], h.y);", NULL},
    {RIGHT, "", "typedef struct { float x, y, w, h; } R; R f(R r);",
     "R r = f((R){1, 2, 3, 4}); printf(\"%g %g\", r.x, r.h);",
     "typedef struct { float x, y, w, h; } R; R f(R r) { return (R){r.h, r.w, r.y, r.x}; }"},
    {RIGHT, "", "typedef struct { float x, y, z; } V; int f(V v);",
     "printf(\"%d\", f((V){1, 2, 3}));",
     "typedef struct { float x, y, z; } V; int f(V v) { return (int)(v.x + v.y * 10 + v.z * 100); "
     "}"},
    {RIGHT, "", "_Bool f(int n); unsigned char g(int n); short h(int n);",
     "printf(\"%d %d %d\", f(256) + 1, g(300) + 1, h(70000) + 1);",
     "_Bool f(int n) { return n; } unsigned char g(int n) { return n; } short h(int n) { return n; "
     "}"},
    {RIGHT, "", "",
     "int n = 5; int a[n]; for (int i = 0; i < n; i++) { a[i] = i * i; } printf(\"%d\", a[4]);",
     NULL},
    {RIGHT, "", "",
     "static void *to[] = {&&a, &&b}; goto *to[1]; a: printf(\"a\"); b: printf(\"b\");", NULL},
    {RIGHT, "", "#define K(x) _Generic((x), int: 1, float: 2, const char *: 3, default: 4)",
     "const char *s = \"\"; printf(\"%d%d%d%d\", K(1), K(1.0f), K(s), K(1u));", NULL},
};

static Arena arena;
static char folder[] = "/tmp/hl-refuse-XXXXXX";

static const char *in_folder(const char *name)
{
    return arena_format(&arena, "%s/%s", folder, name);
}

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

// What a command says, on both outputs; *status: how it ended.
static const char *output_of(const char *command, int *status)
{
    enum { TEXT_MAX = 1 << 20 };
    char *text = ARENA_NEW(&arena, char, TEXT_MAX);
    FILE *file =
        popen(arena_format(&arena, "cd %s && ( %s ) 2>&1 < /dev/null", folder, command), "r");
    assert_non_null(file);
    text[fread(text, 1, TEXT_MAX - 1, file)] = 0;
    *status = pclose(file);
    return text;
}

static int open_folder(void **state)
{
    (void)state;
    if (!arena_open(&arena, 0, 1 << 30, NULL) || !mkdtemp(folder)) {
        return -1;
    }
    if (mkdir(in_folder("sys"), 0700) != 0) {
        return -1;
    }
    write_text(SCAN_PRELUDE_NAME, SCAN_PRELUDE);
    return 0;
}

static int close_folder(void **state)
{
    static const char *const NAMES[] = {SCAN_PRELUDE_NAME, "a.c",     "b.c",      "tcc.o",
                                        "gcc.o",           "other.o", "with-tcc", "with-gcc"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        unlink(in_folder(NAMES[i]));
    }
    int result = rmdir(in_folder("sys"));
    result |= rmdir(folder);
    arena_close(&arena);
    return result;
}

static bool is_refused(const char *what)
{
    int status;
    const char *text = output_of("tcc -std=c11 -I. -E a.c", &status);
    Scan scan;
    assert_int_equal(status, 0);
    assert_true(scan_text(text, strlen(text), &arena, &scan, NULL));
    for (uint32_t i = 0; i < scan.refusal_count; i++) {
        print_message("    %s:%d: %s: %s\n", scan.refusals[i].place.file,
                      scan.refusals[i].place.line, scan.refusals[i].what, scan.refusals[i].why);
        if (strcmp(scan.refusals[i].what, what) == 0) {
            return true;
        }
    }
    // Where nothing is expected, anything is too much.
    return !*what && scan.refusal_count > 0;
}

// With tcc's library of helpers, as it is linked behind its objects.
static Proof behave(void)
{
    int compiled, status;
    const char *gcc =
        output_of("cc -std=gnu11 -w -O1 -ftrivial-auto-var-init=zero -c b.c -o other.o"
                  " && cc -std=gnu11 -w -O1 -ftrivial-auto-var-init=zero -c a.c -o gcc.o"
                  " && cc gcc.o other.o -lm -o with-gcc && ./with-gcc",
                  &status);
    const char *words = output_of("tcc -std=c11 -Wall -I. -c a.c -o tcc.o"
                                  " && cc -no-pie -z noexecstack tcc.o other.o -o with-tcc"
                                  " $(tcc -print-search-dirs | grep -o '/.*/libtcc1.a') -lm",
                                  &compiled);
    assert_int_equal(status, 0);
    if (compiled != 0 || *words) {
        print_message("    tcc: %.100s\n", words);
        return LOUD;
    }
    const char *tcc = output_of("./with-tcc", &status);
    print_message("    tcc: %s; gcc: %s\n", tcc, gcc);
    return status != 0 || strcmp(tcc, gcc) != 0 ? WRONG : RIGHT;
}

static void test_list(void **state)
{
    // Scenario: each of the programs is scanned, compiled with tcc and with gcc, and run.
    // Expect: what is refused is refused by tcc, too, or does something else than with gcc; what is
    // not refused does the same.
    size_t used_bytes = arena.used_bytes, wrong = 0;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const Case *is = &CASES[i];
        print_message("%s\n    %s %s\n", is->what, is->first, is->main);
        write_text("a.c",
                   arena_format(&arena,
                                "#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n"
                                "#include <string.h>\n%s\nint main(void)\n{\n%s\nreturn 0;\n}\n",
                                is->first, is->main));
        write_text("b.c", is->other ? is->other : "");
        bool is_refusal_right = is_refused(is->what) == (is->proof != RIGHT);
        bool is_proof_right = behave() == is->proof;
        if (!is_refusal_right || !is_proof_right) {
            print_message("    is %s\n",
                          is_refusal_right ? "not what tcc does" : "not refused as it should be");
            wrong++;
        }
        arena_reset(&arena, used_bytes);
    }
    assert_int_equal(wrong, 0);
}

static void test_prelude(void **state)
{
    // Scenario: a packed struct behind a header of libc's, with the prelude and without it.
    // Expect: without it tcc has lost the attribute; with it all is well.
    int status;
    (void)state;
    write_text("a.c", "#include <stdio.h>\nstruct S { char c; int n; } __attribute__((packed));\n"
                      "int main(void) { printf(\"%d\", (int)sizeof(struct S)); return 0; }\n");
    assert_string_equal(output_of("tcc -run a.c", &status), "8");
    assert_string_equal(output_of("tcc -I. -run a.c", &status), "5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_prelude),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
