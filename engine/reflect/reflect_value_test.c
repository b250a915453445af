#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reflect_value.h"

// Contents: types, numbers against the compiler, single values, bits, enumerators, texts.

// ---------------------------------------------------------------------------------------- types

#define WHOLE(its_name, its_bytes, its_sign)                                                       \
    {                                                                                              \
        .kind = REFLECT_INTEGER, .name = its_name, .bytes = its_bytes, .is_signed = its_sign       \
    }
#define REAL(its_name, its_bytes)                                                                  \
    {                                                                                              \
        .kind = REFLECT_FLOAT, .name = its_name, .bytes = its_bytes, .is_signed = true             \
    }
#define NAMES(its_name, first, count)                                                              \
    {                                                                                              \
        .kind = REFLECT_ENUM, .name = its_name, .bytes = 4, .of = UINT, .first_enumerator = first, \
        .enumerator_count = count                                                                  \
    }

enum { NONE, S8, U8, S16, U16, INT, UINT, S64, U64, F32, F64, F80, BOOL, CHAR, PLAIN_COUNT };
enum {
    MOOD = PLAIN_COUNT,
    MOOD_NOW,
    FLAGS,
    FLAGS_NOW,
    OTHER,
    SIGNED_ENUM,
    WIDE_ENUM,
    LIST,
    LIST_NOW,
    TWO_BITS,
    TWO_BITS_NOW,
    MOB,
    POINTER,
    TABLE_OF,
    ROW,
    FUNCTION,
    TO_FUNCTION,
    TO_ROW,
    ANONYMOUS,
    COLOR,
    TYPE_COUNT
};

static const ReflectType TYPES[TYPE_COUNT] = {
    [NONE] = {.name = ""},
    [S8] = WHOLE("signed char", 1, true),
    [U8] = WHOLE("unsigned char", 1, false),
    [S16] = WHOLE("short", 2, true),
    [U16] = WHOLE("unsigned short", 2, false),
    [INT] = WHOLE("int", 4, true),
    [UINT] = WHOLE("unsigned int", 4, false),
    [S64] = WHOLE("long", 8, true),
    [U64] = WHOLE("unsigned long", 8, false),
    [F32] = REAL("float", 4),
    [F64] = REAL("double", 8),
    [F80] = REAL("long double", 16),
    [BOOL] = {.kind = REFLECT_INTEGER, .name = "bool", .bytes = 1, .is_bool = true},
    [CHAR] =
        {.kind = REFLECT_INTEGER, .name = "char", .bytes = 1, .is_signed = true, .is_char = true},
    [MOOD] = NAMES("Mood", 0, 4),
    [MOOD_NOW] = NAMES("Mood", 4, 4),
    [FLAGS] = NAMES("Flags", 8, 4),
    [FLAGS_NOW] = NAMES("Flags", 12, 4),
    [OTHER] = NAMES("Other", 16, 2),
    [SIGNED_ENUM] = {.kind = REFLECT_ENUM,
                     .name = "Signed",
                     .bytes = 4,
                     .of = INT,
                     .first_enumerator = 18,
                     .enumerator_count = 2},
    [WIDE_ENUM] = {.kind = REFLECT_ENUM,
                   .name = "Wide",
                   .bytes = 8,
                   .of = U64,
                   .first_enumerator = 20,
                   .enumerator_count = 2},
    [LIST] = NAMES("List", 22, 3),
    [LIST_NOW] = NAMES("List", 25, 4),
    [TWO_BITS] = NAMES("Two", 29, 2),
    [TWO_BITS_NOW] = NAMES("Two", 31, 3),
    [MOB] = {.kind = REFLECT_STRUCT, .name = "Mob", .bytes = 8},
    [POINTER] = {.kind = REFLECT_POINTER, .name = "", .bytes = 8, .of = MOB},
    [TABLE_OF] = {.kind = REFLECT_ARRAY, .name = "", .bytes = 48, .of = ROW, .count = 3},
    [ROW] = {.kind = REFLECT_ARRAY, .name = "", .bytes = 16, .of = F32, .count = 4},
    [FUNCTION] = {.kind = REFLECT_FUNCTION, .name = "", .first_member = 0, .member_count = 3},
    [TO_FUNCTION] = {.kind = REFLECT_POINTER, .name = "", .bytes = 8, .of = FUNCTION},
    [TO_ROW] = {.kind = REFLECT_POINTER, .name = "", .bytes = 8, .of = ROW},
    [ANONYMOUS] = {.kind = REFLECT_STRUCT, .name = "", .bytes = 8},
    [COLOR] = WHOLE("hl_color", 4, false),
};

static const ReflectEnumerator ENUMERATORS[] = {
    {"IDLE", 0},
    {"RUN", 1},
    {"JUMP", 2},
    {"GONE", 3}, // MOOD
    {"RUN", 0},
    {"JUMP", 1},
    {"SWIM", 2},
    {"IDLE", 4}, // MOOD_NOW
    {"F_A", 1},
    {"F_B", 2},
    {"F_C", 4},
    {"F_AB", 3}, // FLAGS
    {"F_B", 1},
    {"F_A", 2},
    {"F_D", 4},
    {"F_C", 8}, // FLAGS_NOW
    {"X", 2},
    {"Y", 3}, // OTHER
    {"LOW", -2},
    {"HIGH", 5}, // SIGNED_ENUM
    {"HUGE_", INT64_MIN},
    {"TINY", 1}, // WIDE_ENUM: 1 << 63
    {"ONE", 0},
    {"TWO", 1},
    {"THREE", 2}, // LIST
    {"ONE", 0},
    {"NEW", 1},
    {"TWO", 2},
    {"THREE", 3}, // LIST_NOW
    {"BIT_A", 1},
    {"BIT_B", 2},
    {"BIT_A", 2},
    {"BIT_B", 4},
    {"BIT_C", 1} // TWO_BITS, .._NOW
};

static const ReflectMember MEMBERS[] = {
    {.name = "", .type = INT}, {.name = "", .type = POINTER}, {.name = "..."}};

static const ReflectTable TABLE = {.types = TYPES,
                                   .members = MEMBERS,
                                   .enumerators = ENUMERATORS,
                                   .type_count = TYPE_COUNT,
                                   .member_count = COUNT_OF(MEMBERS),
                                   .enumerator_count = COUNT_OF(ENUMERATORS)};

static ReflectLeaf leaf_of(uint32_t type)
{
    return (ReflectLeaf){.table = &TABLE, .type = &TYPES[type]};
}

// ---------------------------------------------------------------- numbers against the compiler

typedef union Any {
    int8_t s8;
    uint8_t u8;
    int16_t s16;
    uint16_t u16;
    int32_t s32;
    uint32_t u32;
    int64_t s64;
    uint64_t u64;
    float f32;
    double f64;
    long double f80;
    bool truth;
    uint8_t bytes[32];
} Any;

// A double's 53 bits are not enough for these: x87's 64 are.
static long double value_of(uint32_t type, const Any *any)
{
    switch (type) {
    case S8:
    case CHAR:
        return any->s8;
    case U8:
        return any->u8;
    case S16:
        return any->s16;
    case U16:
        return any->u16;
    case INT:
        return any->s32;
    case UINT:
        return any->u32;
    case S64:
        return any->s64;
    case U64:
        return any->u64;
    case F32:
        return any->f32;
    case F64:
        return any->f64;
    case F80:
        return any->f80;
    default:
        return any->truth;
    }
}

static bool is_real(uint32_t type)
{
    return type == F32 || type == F64 || type == F80;
}

static void range_of(uint32_t type, long double *low, long double *high)
{
    static const long double LOW[] = {[S8] = INT8_MIN,
                                      [S16] = INT16_MIN,
                                      [INT] = INT32_MIN,
                                      [S64] = INT64_MIN,
                                      [CHAR] = INT8_MIN};
    static const long double HIGH[] = {
        [S8] = INT8_MAX,   [U8] = UINT8_MAX,    [S16] = INT16_MAX, [U16] = UINT16_MAX,
        [INT] = INT32_MAX, [UINT] = UINT32_MAX, [S64] = INT64_MAX, [U64] = UINT64_MAX,
        [F32] = FLT_MAX,   [F64] = DBL_MAX,     [F80] = LDBL_MAX,  [CHAR] = INT8_MAX};
    *high = HIGH[type];
    *low = is_real(type)                                              ? -HIGH[type]
           : type == U8 || type == U16 || type == UINT || type == U64 ? 0
                                                                      : LOW[type];
}

// What C makes of it, where C says anything; else the nearest that there is.
static ReflectFit expected(uint32_t from, long double value, uint32_t to, long double *out)
{
    long double low, high;
    if (to == BOOL) {
        *out = value != 0;
        return REFLECT_FITS;
    }
    range_of(to, &low, &high);
    if (is_real(to)) {
        *out = to == F32 ? (float)value : to == F64 ? (double)value : value;
        if (isfinite(value) && !isfinite(*out)) {
            *out = value < 0 ? low : high;
            return REFLECT_CLAMPED;
        }
        return !is_real(from) && *out != value ? REFLECT_CLAMPED : REFLECT_FITS;
    }
    if (isnan(value)) {
        *out = 0;
        return REFLECT_CLAMPED;
    }
    long double cut = truncl(value);
    *out = cut < low ? low : cut > high ? high : cut;
    return *out == cut ? REFLECT_FITS : REFLECT_CLAMPED;
}

static void check_number(uint32_t from, const Any *any, uint32_t to)
{
    ReflectLeaf a = leaf_of(from), b = leaf_of(to);
    long double value = value_of(from, any), wanted;
    ReflectFit fit = expected(from, value, to, &wanted);
    Any made;

    memset(&made, 0xee, sizeof made);
    ReflectFit is = reflect_convert(&a, any->bytes, &b, made.bytes);
    long double got = value_of(to, &made);
    if (is != fit || !(got == wanted || (isnan(got) && isnan(wanted)))
        || (got == 0 && is_real(to) && is_real(from) && signbit(got) != signbit(wanted))) {
        fail_msg("%s %.20Lg to %s: %.20Lg (%d), expected %.20Lg (%d)", TYPES[from].name, value,
                 TYPES[to].name, got, is, wanted, fit);
    }
    assert_int_equal(made.bytes[TYPES[to].bytes], 0xee);
}

static void put(uint32_t type, long double value, Any *any)
{
    long double low, high;
    memset(any, 0, sizeof *any);
    if (type == BOOL) {
        any->truth = value != 0;
        return;
    }
    range_of(type, &low, &high);
    if (!is_real(type) && !(truncl(value) >= low && truncl(value) <= high)) {
        value = 0;
    }
    if (type == F32) {
        any->f32 = (float)value;
    } else if (type == F64) {
        any->f64 = (double)value;
    } else if (type == F80) {
        any->f80 = value;
    } else if (value < 0) {
        any->s64 = (int64_t)value;
    } else {
        any->u64 = (uint64_t)value;
    }
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return *seed >> 11 ^ *seed << 23;
}

// Scenario: edge values and random bits of every kind of number, to every kind of number.
// Expect: what C's conversion gives where it is defined, the nearest value and CLAMPED where not;
// nothing is written behind the value.
static void test_numbers(void **state)
{
    static const long double EDGES[] = {0,
                                        1,
                                        -1,
                                        0.25L,
                                        -0.25L,
                                        0.999L,
                                        -0.999L,
                                        2,
                                        127,
                                        128,
                                        -128,
                                        -129,
                                        127.9L,
                                        -128.9L,
                                        255,
                                        255.5L,
                                        256,
                                        32767,
                                        32768,
                                        -32769,
                                        65535,
                                        65536,
                                        16777216,
                                        16777217,
                                        2147483647,
                                        2147483648.0L,
                                        -2147483648.0L,
                                        -2147483649.0L,
                                        4294967295.0L,
                                        4294967296.0L,
                                        0x1p53L,
                                        0x1p53L + 1,
                                        -0x1p53L - 1,
                                        0x1p63L,
                                        0x1p63L - 1,
                                        -0x1p63L,
                                        -0x1p63L - 1,
                                        0x1p64L,
                                        0x1p64L - 1,
                                        1e30L,
                                        -1e30L,
                                        3.5e38L,
                                        -3.5e38L,
                                        1e308L,
                                        1.9e308L,
                                        1e4000L,
                                        1e-50L,
                                        1e-320L,
                                        INFINITY,
                                        -INFINITY,
                                        NAN,
                                        -0.0L};
    uint64_t seed = 1;
    Any any;

    (void)state;
    for (uint32_t from = S8; from < PLAIN_COUNT; from++) {
        for (uint32_t to = S8; to < PLAIN_COUNT; to++) {
            for (size_t i = 0; i < COUNT_OF(EDGES); i++) {
                put(from, EDGES[i], &any);
                check_number(from, &any, to);
            }
            for (int i = 0; i < 2000; i++) {
                memset(&any, 0, sizeof any);
                any.u64 = next_random(&seed) >> next_random(&seed) % 64;
                any.u64 = from == BOOL ? any.u64 & 1 : any.u64;
                if (from == F80) {
                    any.f80 = (long double)any.s64 / 1024;
                }
                check_number(from, &any, to);
            }
        }
    }
}

// --------------------------------------------------------------------------------------- bits

// Scenario: bit-fields of every width at every place, also across nine bytes, from and to numbers.
// Expect: the value, clamped where it does not fit; the bits beside it stay as they are.
static void test_bit_fields(void **state)
{
    (void)state;
    for (uint32_t bit = 0; bit < 8; bit++) {
        for (uint32_t size = 1; size <= 64; size++) {
            for (int sign = 0; sign < 2; sign++) {
                uint8_t before[16], after[16];
                ReflectLeaf number = leaf_of(S64), field = leaf_of(sign ? S64 : U64);
                int64_t low = sign ? (int64_t)(UINT64_MAX << (size - 1)) : 0, back;
                field.bit = bit;
                field.bit_size = size;
                memset(before, 0xa5, sizeof before);
                memcpy(after, before, sizeof after);
                assert_int_equal(reflect_convert(&number, (const uint8_t *)&low, &field, after),
                                 REFLECT_FITS);
                assert_int_equal(reflect_convert(&field, after, &number, (uint8_t *)&back),
                                 REFLECT_FITS);
                assert_true(back == low);
                for (uint32_t i = 0; i < sizeof after * 8; i++) {
                    if (i < bit || i >= bit + size) {
                        assert_int_equal(after[i / 8] >> i % 8 & 1, before[i / 8] >> i % 8 & 1);
                    }
                }
                if (low > INT64_MIN) {
                    low--;
                    assert_int_equal(reflect_convert(&number, (const uint8_t *)&low, &field, after),
                                     REFLECT_CLAMPED);
                    (void)reflect_convert(&field, after, &number, (uint8_t *)&back);
                    assert_true(back == low + 1);
                }
            }
        }
    }
}

// ---------------------------------------------------------------------------------- enumerators

static ReflectFit convert_enum(uint32_t from, uint32_t value, uint32_t to, uint32_t *out)
{
    ReflectLeaf a = leaf_of(from), b = leaf_of(to);
    *out = 0xeeeeeeee;
    return reflect_convert(&a, (const uint8_t *)&value, &b, (uint8_t *)out);
}

static void check_enum(uint32_t from, uint32_t value, uint32_t to, ReflectFit fit, uint32_t wanted)
{
    uint32_t out;
    assert_int_equal(convert_enum(from, value, to, &out), fit);
    assert_int_equal(out, wanted);
}

// Scenario: an enum whose names were reordered, removed and added.
// Expect: by name; a number without a name stays; one whose name is gone stays where a new name
// took the number, and is told where it means another old name or nothing.
static void test_enumerators(void **state)
{
    (void)state;
    check_enum(MOOD, 0, MOOD_NOW, REFLECT_FITS, 4);
    check_enum(MOOD, 1, MOOD_NOW, REFLECT_FITS, 0);
    check_enum(MOOD, 2, MOOD_NOW, REFLECT_FITS, 1);
    check_enum(MOOD, 77, MOOD_NOW, REFLECT_FITS, 77);
    check_enum(MOOD, 3, MOOD_NOW, REFLECT_NO_NAME, 0); // nothing
    check_enum(MOOD_NOW, 2, MOOD, REFLECT_NO_NAME, 0); // SWIM: JUMP is an old name
    check_enum(LIST_NOW, 1, LIST, REFLECT_NO_NAME, 0);
    check_enum(MOOD, 3, OTHER, REFLECT_FITS, 3); // no name in common
    check_enum(MOOD, 2, UINT, REFLECT_FITS, 2);
    check_enum(UINT, 2, MOOD_NOW, REFLECT_FITS, 2);
    check_enum(SIGNED_ENUM, (uint32_t)-2, INT, REFLECT_FITS, (uint32_t)-2);
    check_enum(SIGNED_ENUM, (uint32_t)-2, UINT, REFLECT_CLAMPED, 0);
}

// Scenario: the same, with names that are bits, alone and or-ed; a list that looks like two bits.
// Expect: bit by bit; told where one is gone; a list's numbers stay numbers.
static void test_flags(void **state)
{
    (void)state;
    check_enum(FLAGS, 5, FLAGS_NOW, REFLECT_FITS, 10); // A and C
    check_enum(FLAGS, 3, FLAGS_NOW, REFLECT_FITS, 3);  // F_AB is gone: A and B
    check_enum(FLAGS, 7, FLAGS_NOW, REFLECT_FITS, 11);
    check_enum(FLAGS, 0, FLAGS_NOW, REFLECT_FITS, 0);
    check_enum(FLAGS_NOW, 12, FLAGS, REFLECT_NO_NAME, 0); // D is gone
    check_enum(FLAGS, 5 | 16, FLAGS_NOW, REFLECT_NO_NAME, 0);
    check_enum(LIST, 3, LIST_NOW, REFLECT_FITS, 3);
    check_enum(TWO_BITS, 3, TWO_BITS_NOW, REFLECT_FITS, 6);
    check_enum(FLAGS, 2 | 4, MOOD, REFLECT_FITS, 6);
}

// --------------------------------------------------------------------------------------- same

// Scenario: initialisers as the two builds have them.
// Expect: the same by value, by enumerator, by number, by the digits in the source.
static void test_same_value(void **state)
{
    ReflectLeaf f32 = leaf_of(F32), f64 = leaf_of(F64), s32 = leaf_of(INT), mood = leaf_of(MOOD),
                now = leaf_of(MOOD_NOW);
    float single = 0.1f;
    double twice = 0.1, other = 0.10001;
    int32_t seven = 7;
    uint32_t run = 1, run_now = 0, jump_now = 1, swim_now = 2;

    (void)state;
    assert_true(reflect_same_value(&f32, (uint8_t *)&single, &f64, (uint8_t *)&twice));
    assert_false(reflect_same_value(&f32, (uint8_t *)&single, &f64, (uint8_t *)&other));
    twice = 7;
    assert_true(reflect_same_value(&s32, (uint8_t *)&seven, &f64, (uint8_t *)&twice));
    twice = 7.5;
    assert_false(reflect_same_value(&s32, (uint8_t *)&seven, &f64, (uint8_t *)&twice));
    assert_true(reflect_same_value(&mood, (uint8_t *)&run, &now, (uint8_t *)&run_now));
    assert_true(reflect_same_value(&mood, (uint8_t *)&run, &now, (uint8_t *)&jump_now));
    assert_false(reflect_same_value(&mood, (uint8_t *)&run, &now, (uint8_t *)&swim_now));
    assert_true(reflect_same_bits(&s32, (uint8_t *)&seven, (uint8_t *)&seven));
}

// ---------------------------------------------------------------------------------------- texts

static void check_parse(uint32_t type, const char *text, const char *wanted, const char *refusal)
{
    ReflectLeaf leaf = leaf_of(type);
    uint8_t bytes[32];
    const char *why = NULL;
    char is[128];

    memset(bytes, 0xee, sizeof bytes);
    bool ok = reflect_number_parse(&leaf, text, bytes, &why);
    if (!wanted) {
        assert_false(ok);
        assert_string_equal(why, refusal);
        assert_int_equal(bytes[0], 0xee);
        return;
    }
    if (!ok) {
        fail_msg("\"%s\": %s", text, why);
    }
    reflect_number_text(&leaf, bytes, is, sizeof is);
    assert_string_equal(is, wanted);
}

// Scenario: numbers as C spells them, names, letters, and what is none of it.
// Expect: read and written again, or refused with a reason and nothing written.
static void test_parse(void **state)
{
    (void)state;
    check_parse(INT, "12", "12", NULL);
    check_parse(INT, "-12", "-12", NULL);
    check_parse(INT, "0x10", "16", NULL);
    check_parse(INT, "0b101", "5", NULL);
    check_parse(INT, "010", "8", NULL);
    check_parse(INT, "12ul", "12", NULL);
    check_parse(INT, "1e3", "1000", NULL);
    check_parse(INT, "'A'", "65", NULL);
    check_parse(INT, "'\\n'", "10", NULL);
    check_parse(CHAR, "'\\0'", "0", NULL);
    check_parse(INT, "-2147483648", "-2147483648", NULL);
    check_parse(U64, "18446744073709551615", "18446744073709551615", NULL);
    check_parse(S64, "-9223372036854775808", "-9223372036854775808", NULL);
    check_parse(F32, "0.1", "0.1", NULL);
    check_parse(F32, "-0.5f", "-0.5", NULL);
    check_parse(F64, "0.1", "0.1", NULL);
    check_parse(F64, "0.30000000000000004", "0.30000000000000004", NULL);
    check_parse(F64, "nan", "nan", NULL);
    check_parse(F64, "-inf", "-inf", NULL);
    check_parse(F32, "16777217", "16777216", NULL);
    check_parse(F80, "1e4000", "1e+4000", NULL);
    check_parse(BOOL, "true", "true", NULL);
    check_parse(BOOL, "0", "false", NULL);
    check_parse(BOOL, "3", "true", NULL);
    check_parse(MOOD, "JUMP", "JUMP", NULL);
    check_parse(MOOD, "2", "JUMP", NULL);
    check_parse(MOOD, "9", "9", NULL);
    check_parse(SIGNED_ENUM, "LOW", "LOW", NULL);
    check_parse(WIDE_ENUM, "HUGE_", "HUGE_", NULL);
    check_parse(COLOR, "0x1b2430ff", "0x1b2430ff", NULL);
    check_parse(COLOR, "18", "0x00000012", NULL);
    check_parse(COLOR, "#ff8000", "0xff8000ff", NULL);
    check_parse(COLOR, "#FF800040", "0xff800040", NULL);
    check_parse(UINT, "#ff8000", "4286578943", NULL);
    check_parse(COLOR, "#ff80", NULL, "is no colour (0xrrggbbaa, or #rrggbb)");
    check_parse(COLOR, "#ff80000g", NULL, "is no colour (0xrrggbbaa, or #rrggbb)");
    check_parse(COLOR, "red", NULL, "is no colour (0xrrggbbaa, or #rrggbb)");
    check_parse(INT, "#ff8000", NULL, "is no number");
    check_parse(U8, "256", NULL, "does not fit into unsigned char");
    check_parse(U8, "-1", NULL, "does not fit into unsigned char");
    check_parse(INT, "2147483648", NULL, "does not fit into int");
    check_parse(INT, "inf", NULL, "does not fit into int");
    check_parse(F32, "1e39", NULL, "does not fit into float");
    check_parse(INT, "1.5", NULL, "is no whole number");
    check_parse(INT, "", NULL, "is no number");
    check_parse(INT, "12x", NULL, "is no number");
    check_parse(INT, "1 2", NULL, "is no number");
    check_parse(INT, "'AB'", NULL, "is no number");
    check_parse(MOOD, "FLY", NULL, "is none of its names, and no number");
    check_parse(BOOL, "yes", NULL, "is neither true nor false, nor a number");
}

// Scenario: every kind of type as text.
// Expect: as a C programmer writes them.
static void test_type_texts(void **state)
{
    static const struct {
        uint32_t type;
        const char *text;
    } TEXTS[] = {{INT, "int"},
                 {POINTER, "Mob *"},
                 {TABLE_OF, "float [3][4]"},
                 {FUNCTION, "void (int, Mob *, ...)"},
                 {TO_FUNCTION, "void (*)(int, Mob *, ...)"},
                 {TO_ROW, "float (*)[4]"},
                 {ANONYMOUS, "struct {...}"},
                 {NONE, "void"},
                 {TYPE_COUNT, "void"}};
    char text[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
        reflect_type_text(&TABLE, TEXTS[i].type, text, sizeof text);
        assert_string_equal(text, TEXTS[i].text);
    }
    reflect_type_text(&TABLE, TO_FUNCTION, text, 8);
    assert_string_equal(text, "void (*");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),     cmocka_unit_test(test_bit_fields),
        cmocka_unit_test(test_enumerators), cmocka_unit_test(test_flags),
        cmocka_unit_test(test_same_value),  cmocka_unit_test(test_parse),
        cmocka_unit_test(test_type_texts),
    };
    return cmocka_run_group_tests_name("reflect_value", tests, NULL, NULL);
}
