// What a literal of C says, and how somebody who writes like that would write another number. What
// was written is read again before it is believed.
#include "tweak_parts.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Contents: values, the parts of a literal, reading, writing.

enum { FLOAT_DIGITS = 9, DOUBLE_DIGITS = 17, POSITIONAL_MAX = 15, POSITIONAL_MIN = -5 };

// ---------------------------------------------------------------------------------------- values

static uint64_t carried(uint64_t bits, uint32_t bytes, bool is_signed)
{
    uint32_t unused = 64 - 8 * bytes;
    uint64_t top = bits << unused;
    return is_signed ? (uint64_t)((int64_t)top >> unused) : top >> unused;
}

static bool has_size(TweakKind kind, uint64_t bytes)
{
    return kind == TWEAK_REAL ? bytes == 4 || bytes == 8
                              : bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
}

bool tweak_value(TweakKind kind, uint64_t bytes, bool is_signed, const void *memory,
                 TweakValue *value)
{
    float single;
    *value = (TweakValue){.kind = kind, .is_signed = is_signed && kind == TWEAK_WHOLE};
    if (!has_size(kind, bytes)) {
        return false;
    }
    value->bytes = (uint32_t)bytes;
    if (kind != TWEAK_REAL) {
        memcpy(&value->whole, memory, value->bytes); // x86-64: the low bytes come first
        value->whole = kind == TWEAK_BOOL ? value->whole != 0
                                          : carried(value->whole, value->bytes, value->is_signed);
    } else if (bytes == sizeof(single)) {
        memcpy(&single, memory, sizeof(single));
        value->real = (double)single;
    } else {
        memcpy(&value->real, memory, sizeof(value->real));
    }
    return true;
}

bool tweak_is_equal(const TweakValue *a, const TweakValue *b)
{
    return a->kind == TWEAK_REAL
               ? memcmp(&a->real, &b->real, sizeof(a->real)) == 0 // -0 is not 0, and nan is nan
               : a->whole == b->whole;
}

static bool says(const char *text, double real, uint32_t bytes)
{
    return bytes == 4 ? strtof(text, NULL) == (float)real : strtod(text, NULL) == real;
}

// The fewest significant digits that give the number back.
static int digits_of(double real, uint32_t bytes)
{
    char text[64];
    int most = bytes == 4 ? FLOAT_DIGITS : DOUBLE_DIGITS, digits = 1;
    for (; digits < most; digits++) {
        (void)text_format(text, sizeof(text), "%.*e", digits - 1, real);
        if (says(text, real, bytes)) {
            break;
        }
    }
    return digits;
}

// Of 250 it is 2, of 0.004 -3.
static int exponent_of(double real, int digits)
{
    char text[64];
    (void)text_format(text, sizeof(text), "%.*e", digits - 1, real);
    const char *e = strchr(text, 'e');
    return e ? atoi(e + 1) : 0;
}

static void positional(char *out, size_t out_bytes, double real, int digits)
{
    int exponent = exponent_of(real, digits);
    int decimals = digits - 1 - exponent;
    (void)text_format(out, out_bytes, "%.*f", decimals > 0 ? decimals : 0, real);
}

static bool is_positional(int exponent)
{
    return exponent >= POSITIONAL_MIN && exponent <= POSITIONAL_MAX;
}

static void put_number(double real, uint32_t bytes, char *out, size_t out_bytes)
{
    int digits = digits_of(real, bytes);
    if (isfinite(real) && is_positional(exponent_of(real, digits))) {
        positional(out, out_bytes, real, digits);
    } else {
        (void)text_format(out, out_bytes, "%.*g", digits, real);
    }
}

void tweak_text(const TweakValue *value, char *out, size_t out_bytes)
{
    if (value->kind == TWEAK_BOOL) {
        (void)text_format(out, out_bytes, "%s", value->whole ? "true" : "false");
    } else if (value->kind == TWEAK_REAL) {
        put_number(value->real, value->bytes, out, out_bytes);
    } else if (value->is_signed) {
        (void)text_format(out, out_bytes, "%" PRId64, (int64_t)value->whole);
    } else if (value->is_color) {
        (void)text_format(out, out_bytes, "0x%08" PRIx64, value->whole);
    } else {
        (void)text_format(out, out_bytes, "%" PRIu64, value->whole);
    }
}

// ------------------------------------------------------------------------------ parts of a literal

typedef enum Base { BASE_TEN, BASE_HEX, BASE_OCTAL, BASE_TWO } Base;

typedef struct Literal {
    char body[TWEAK_LITERAL_MAX]; // with its prefix, without its suffix
    char suffix[4];
    Base base;
    bool is_real, has_exponent;
    bool is_upper;        // 0XFF, 0xFF, 1E5
    bool ends_in_dot;     // `1.`
    bool begins_with_dot; // `.5`
    size_t digits;        // of a whole one, behind the prefix
} Literal;

static Base base_of(const char *body)
{
    if (body[0] != '0') {
        return BASE_TEN;
    }
    char second = (char)tolower((unsigned char)body[1]);
    return second == 'x' ? BASE_HEX : second == 'b' ? BASE_TWO : BASE_OCTAL;
}

static bool is_digit_of(char c, Base base)
{
    return base == BASE_HEX ? isxdigit((unsigned char)c) != 0
                            : c >= '0'
                                  && c <= (base == BASE_TWO     ? '1'
                                           : base == BASE_OCTAL ? '7'
                                                                : '9');
}

static bool is_suffix(const char *suffix, bool is_real)
{
    static const char *const WHOLE[] = {"", "u", "l", "ul", "lu", "ll", "ull", "llu"};
    char lower[4];
    for (size_t i = 0; i < sizeof(lower); i++) {
        lower[i] = (char)tolower((unsigned char)suffix[i]);
    }
    if (is_real) {
        return !lower[0] || strcmp(lower, "f") == 0 || strcmp(lower, "l") == 0;
    }
    for (size_t i = 0; i < COUNT_OF(WHOLE); i++) {
        if (strcmp(lower, WHOLE[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void look_at_real(Literal *literal)
{
    const char *dot = strchr(literal->body, '.');
    literal->has_exponent = literal->base == BASE_HEX || strpbrk(literal->body, "eE");
    literal->begins_with_dot = literal->body[0] == '.';
    literal->ends_in_dot = dot && !isdigit((unsigned char)dot[1]);
    literal->is_upper = strpbrk(literal->body, "EXP") != NULL;
}

// False: a number that is none, or of a kind that C11 does not have.
static bool read_whole_digits(Literal *literal)
{
    size_t prefix = literal->base == BASE_HEX || literal->base == BASE_TWO ? 2 : 0;
    const char *digits = literal->body + prefix;
    literal->digits = strlen(digits);
    for (const char *at = digits; *at; at++) {
        if (!is_digit_of(*at, literal->base)) {
            return false;
        }
        literal->is_upper |= literal->base == BASE_HEX && *at >= 'A' && *at <= 'F';
    }
    return literal->digits > 0;
}

static bool take_apart(const char *text, size_t bytes, Literal *literal)
{
    *literal = (Literal){0};
    if (bytes == 0 || bytes >= sizeof(literal->body)) {
        return false;
    }
    memcpy(literal->body, text, bytes);
    literal->base = base_of(literal->body);
    bool is_hex = literal->base == BASE_HEX;
    literal->is_real = strpbrk(literal->body, is_hex ? ".pP" : ".eE") != NULL;
    literal->base = literal->is_real && !is_hex ? BASE_TEN : literal->base;
    // In 0xf the f is a digit; in 0x1p3f it is not.
    const char *letters = is_hex && !literal->is_real ? "uUlL" : "uUlLfF";
    size_t length = bytes;
    while (length > 1 && strchr(letters, literal->body[length - 1])) {
        length--;
    }
    if (bytes - length >= sizeof(literal->suffix)) {
        return false;
    }
    memcpy(literal->suffix, literal->body + length, bytes - length);
    literal->body[length] = '\0';
    if (!is_suffix(literal->suffix, literal->is_real)) {
        return false;
    }
    if (literal->is_real) {
        look_at_real(literal);
        return true;
    }
    return read_whole_digits(literal);
}

static bool has_suffix(const Literal *literal, char letter)
{
    return strchr(literal->suffix, letter) || strchr(literal->suffix, toupper(letter));
}

// ---------------------------------------------------------------------------------------- reading

static bool put_real(double real, TweakValue *value)
{
    if (value->kind == TWEAK_REAL) {
        value->real = value->bytes == 4 ? (double)(float)real : real;
        return true;
    }
    if (value->kind == TWEAK_BOOL) {
        value->whole = real != 0;
        return true;
    }
    if (!(real >= -9.2e18 && real <= 9.2e18)) {
        return false;
    }
    int64_t whole = (int64_t)real; // C cuts off what is behind the point
    value->whole = (uint64_t)whole;
    return carried(value->whole, value->bytes, value->is_signed) == value->whole;
}

static bool read_real(const Literal *literal, bool is_negative, TweakValue *value)
{
    char *end;
    errno = 0;
    double real = has_suffix(literal, 'f') ? (double)strtof(literal->body, &end)
                                           : strtod(literal->body, &end);
    if (*end != '\0' || end == literal->body || !isfinite(real)) {
        return false;
    }
    return put_real(is_negative ? -real : real, value);
}

// The type that C gives the literal: whether it has no sign, and whether it is of 32 bits.
static void type_of(const Literal *literal, uint64_t whole, bool *is_unsigned, bool *is_narrow)
{
    bool may_be_unsigned = literal->base != BASE_TEN || has_suffix(literal, 'u');
    *is_unsigned = has_suffix(literal, 'u');
    *is_narrow =
        !has_suffix(literal, 'l') && whole <= (may_be_unsigned ? UINT32_MAX : (uint64_t)INT32_MAX);
    *is_unsigned |= may_be_unsigned && whole > (*is_narrow ? (uint64_t)INT32_MAX : INT64_MAX);
    *is_unsigned |= whole > INT64_MAX;
}

static bool read_whole(const Literal *literal, bool is_negative, TweakValue *value)
{
    static const int RADIX[] = {10, 16, 8, 2};
    char *end;
    bool is_unsigned, is_narrow;
    errno = 0;
    const char *digits = literal->body + (literal->base == BASE_TWO ? 2 : 0);
    uint64_t whole = strtoull(digits, &end, RADIX[literal->base]);
    if (errno || *end != '\0') {
        return false;
    }
    type_of(literal, whole, &is_unsigned, &is_narrow);
    if (is_negative) {
        whole = (uint64_t)0 - whole;
        whole = is_narrow && is_unsigned ? whole & UINT32_MAX : whole;
    }
    if (value->kind == TWEAK_REAL) {
        double real = is_unsigned ? (double)whole : (double)(int64_t)whole;
        float single = is_unsigned ? (float)whole : (float)(int64_t)whole;
        value->real = value->bytes == 4 ? (double)single : real;
    } else {
        value->whole =
            value->kind == TWEAK_BOOL ? whole != 0 : carried(whole, value->bytes, value->is_signed);
    }
    return true;
}

bool tweak_read(const char *literal, size_t literal_bytes, bool is_negative, TweakValue *value)
{
    Literal parts;
    bool is_true = literal_bytes == 4 && memcmp(literal, "true", 4) == 0;
    if (is_true || (literal_bytes == 5 && memcmp(literal, "false", 5) == 0)) {
        value->whole = is_true;
        value->real = is_true;
        return !is_negative;
    }
    if (!take_apart(literal, literal_bytes, &parts)) {
        return false;
    }
    return parts.is_real ? read_real(&parts, is_negative, value)
                         : read_whole(&parts, is_negative, value);
}

// ---------------------------------------------------------------------------------------- writing

static void put_binary(uint64_t whole, size_t digits, char *out)
{
    size_t count = 1;
    while (count < 64 && whole >> count) {
        count++;
    }
    count = count > digits ? count : digits;
    *out++ = '0';
    *out++ = 'b';
    for (size_t i = count; i-- > 0;) {
        *out++ = i < 64 && (whole >> i & 1) ? '1' : '0';
    }
    *out = '\0';
}

static void put_whole(const Literal *like, uint64_t whole, char out[TWEAK_LITERAL_MAX])
{
    int digits = (int)(like->digits < 24 ? like->digits : 24);
    switch (like->base) {
    case BASE_TEN:
        (void)text_format(out, TWEAK_LITERAL_MAX, "%" PRIu64, whole);
        break;
    case BASE_HEX:
        (void)text_format(out, TWEAK_LITERAL_MAX, like->is_upper ? "0x%0*" PRIX64 : "0x%0*" PRIx64,
                          digits, whole);
        out[1] = like->body[1];
        break;
    case BASE_OCTAL:
        if (like->digits == 1) { // a plain 0 is where most decimal numbers begin
            (void)text_format(out, TWEAK_LITERAL_MAX, "%" PRIu64, whole);
        } else {
            (void)text_format(out, TWEAK_LITERAL_MAX, "0%0*" PRIo64, digits - 1, whole);
        }
        break;
    case BASE_TWO:
        put_binary(whole, like->digits < 64 ? like->digits : 64, out);
        out[1] = like->body[1];
        break;
    }
}

// "2.50e-03" to "2.5e-3", in place.
static void trim_exponent(char *text, bool is_upper)
{
    char mantissa[64];
    char *e = strchr(text, 'e');
    if (!e) {
        return;
    }
    (void)text_format(mantissa, sizeof(mantissa), "%.*s", (int)(e - text), text);
    int exponent = atoi(e + 1);
    (void)text_format(text, TWEAK_LITERAL_MAX, "%s%c%d", mantissa, is_upper ? 'E' : 'e', exponent);
}

static void put_real_text(const Literal *like, double real, uint32_t bytes,
                          char out[TWEAK_LITERAL_MAX])
{
    int digits = digits_of(real, bytes), exponent = exponent_of(real, digits);
    if (like->is_real && like->base == BASE_HEX) {
        (void)text_format(out, TWEAK_LITERAL_MAX, like->is_upper ? "%A" : "%a", real);
        return;
    }
    if (like->has_exponent || !is_positional(exponent)) {
        (void)text_format(out, TWEAK_LITERAL_MAX, "%.*e", digits - 1, real);
        trim_exponent(out, like->is_upper);
        return;
    }
    positional(out, TWEAK_LITERAL_MAX, real, digits);
    if (!strchr(out, '.')) {
        strcat(out, like->ends_in_dot ? "." : ".0");
    } else if (like->begins_with_dot && out[0] == '0') {
        memmove(out, out + 1, strlen(out));
    }
}

// `suffix` behind it, and does it say the value then?
static bool is_right(const char *body, const char *suffix, bool is_negative,
                     const TweakValue *value, char out[TWEAK_LITERAL_MAX])
{
    TweakValue read = *value;
    return text_format(out, TWEAK_LITERAL_MAX, "%s%s", body, suffix)
           && tweak_read(out, strlen(out), is_negative, &read) && tweak_is_equal(&read, value);
}

static bool write_real(const Literal *like, const TweakValue *value, bool is_negative,
                       char out[TWEAK_LITERAL_MAX])
{
    char body[TWEAK_LITERAL_MAX];
    double real = fabs(value->real);
    if (!isfinite(real)) {
        return false;
    }
    bool is_whole = real == floor(real) && real < 1e15;
    if (!like->is_real && is_whole && !(real == 0 && is_negative)) {
        put_whole(like, (uint64_t)real, body);
        if (is_right(body, like->suffix, is_negative, value, out)) {
            return true;
        }
    }
    const char *suffix = like->is_real ? like->suffix : value->bytes == 4 ? "f" : "";
    put_real_text(like, real, value->bytes, body);
    // What `f` cuts off a double, and what two roundings would make of a float.
    return is_right(body, suffix, is_negative, value, out)
           || is_right(body, "", is_negative, value, out)
           || (value->bytes == 4 && is_right(body, "f", is_negative, value, out));
}

static bool write_whole(const Literal *like, const TweakValue *value, bool is_negative,
                        char out[TWEAK_LITERAL_MAX])
{
    char body[TWEAK_LITERAL_MAX];
    uint64_t whole = is_negative ? (uint64_t)0 - value->whole : value->whole;
    if (like->is_real) {
        Literal plain = {.digits = 1};
        put_whole(&plain, whole, body);
        strcat(body, like->ends_in_dot ? "." : ".0");
    } else {
        put_whole(like, whole, body);
    }
    if (whole > INT64_MAX && !has_suffix(like, 'u')
        && is_right(body, "u", is_negative, value, out)) {
        return true; // else the compiler remarks on it
    }
    return is_right(body, like->suffix, is_negative, value, out)
           || is_right(body, "", is_negative, value, out);
}

bool tweak_write(const char *literal, size_t literal_bytes, const TweakValue *value,
                 char out[TWEAK_LITERAL_MAX], bool *is_negative)
{
    Literal like;
    bool is_word = literal_bytes > 0 && (literal[0] == 't' || literal[0] == 'f');
    out[0] = '\0';
    *is_negative = value->kind == TWEAK_REAL ? signbit(value->real) != 0
                                             : value->is_signed && (int64_t)value->whole < 0;
    if (is_word && value->kind == TWEAK_BOOL) {
        (void)text_format(out, TWEAK_LITERAL_MAX, "%s", value->whole ? "true" : "false");
        return true;
    }
    if (is_word) {
        like = (Literal){.body = "0", .digits = 1};
    } else if (!take_apart(literal, literal_bytes, &like)) {
        return false;
    }
    return value->kind == TWEAK_REAL ? write_real(&like, value, *is_negative, out)
                                     : write_whole(&like, value, *is_negative, out);
}
