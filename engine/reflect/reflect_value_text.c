#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reflect_value_parts.h"

// Contents: numbers as text, types as text, reading numbers.

enum { NUMBER_MAX = 128, TYPE_MAX = 256, TYPE_DEEP_MAX = 12 };

// ------------------------------------------------------------------------------ numbers as text

// As few digits as give the same number again.
static void real_text(const ReflectLeaf *leaf, long double real, char *out, size_t out_bytes)
{
    int digits = leaf->type->bytes == 4 ? 6 : 15, most = leaf->type->bytes == 4   ? 9
                                                         : leaf->type->bytes == 8 ? 17
                                                                                  : 21;
    for (; digits <= most; digits++) {
        char text[NUMBER_MAX];
        (void)text_format(text, sizeof text, "%.*Lg", digits, real);
        (void)text_format(out, out_bytes, "%s", text);
        bool same = leaf->type->bytes == 4   ? strtof(text, NULL) == (float)real
                    : leaf->type->bytes == 8 ? strtod(text, NULL) == (double)real
                                             : strtold(text, NULL) == real;
        if (same || real != real) {
            return;
        }
    }
}

void reflect_number_text(const ReflectLeaf *leaf, const uint8_t *bytes, char *out, size_t out_bytes)
{
    ReflectNumber number = reflect_read_number(leaf, bytes);
    const ReflectEnumerator *name =
        leaf->type->kind == REFLECT_ENUM ? reflect_find_enumerator(leaf, number.whole) : NULL;

    if (name) {
        (void)text_format(out, out_bytes, "%s", name->name);
    } else if (number.is_real) {
        real_text(leaf, number.real, out, out_bytes);
    } else if (leaf->type->is_bool) {
        (void)text_format(out, out_bytes, "%s", number.whole ? "true" : "false");
    } else if (reflect_is_color(leaf->type) && !leaf->bit_size) {
        (void)text_format(out, out_bytes, "0x%08llx", (unsigned long long)number.whole);
    } else if (number.is_negative) {
        (void)text_format(out, out_bytes, "%lld", (long long)number.whole);
    } else {
        (void)text_format(out, out_bytes, "%llu", (unsigned long long)number.whole);
    }
}

// -------------------------------------------------------------------------------- types as text

// C's declarators are read from the inside out, so the text grows around `inner`.
static void declare(const ReflectTable *table, uint32_t index, const char *inner, char *out,
                    size_t out_bytes, int depth);

static void parameters_text(const ReflectTable *table, const ReflectType *type, char *out,
                            size_t out_bytes, int depth)
{
    size_t used = 0;
    (void)text_format(out, out_bytes, "%s", type->member_count ? "" : "void");
    for (uint32_t i = 0; i < type->member_count && used < out_bytes; i++) {
        const ReflectMember *parameter = &table->members[type->first_member + i];
        char text[TYPE_MAX];
        declare(table, parameter->type, "", text, sizeof text, depth + 1);
        (void)text_format(out + used, out_bytes - used, "%s%s", i > 0 ? ", " : "",
                          strcmp(parameter->name, "...") == 0 ? "..." : text);
        used += strlen(out + used);
    }
}

static const char *plain_name(const ReflectType *type)
{
    switch (type->kind) {
    case REFLECT_STRUCT:
        return "struct {...}";
    case REFLECT_UNION:
        return "union {...}";
    case REFLECT_ENUM:
        return "enum {...}";
    case REFLECT_UNKNOWN:
        return type->bytes ? "a type that is not known" : "void";
    default:
        return "...";
    }
}

static void declare(const ReflectTable *table, uint32_t index, const char *inner, char *out,
                    size_t out_bytes, int depth)
{
    const ReflectType *type = reflect_type(table, index);
    const ReflectType *of = reflect_type(table, type->of);
    char text[TYPE_MAX], more[TYPE_MAX];
    bool has_parts = type->kind == REFLECT_POINTER || type->kind == REFLECT_ARRAY
                     || type->kind == REFLECT_FUNCTION;

    if (!has_parts || type->name[0] || depth >= TYPE_DEEP_MAX) {
        const char *name = type->name[0] ? type->name : plain_name(type);
        name = strcmp(name, "_Bool") == 0 ? "bool" : name; // as everybody writes it
        (void)text_format(out, out_bytes, "%s%s%s", name, inner[0] ? " " : "", inner);
        return;
    }
    if (type->kind == REFLECT_POINTER) {
        bool is_bare = !of->name[0] && (of->kind == REFLECT_ARRAY || of->kind == REFLECT_FUNCTION);
        (void)text_format(text, sizeof text, is_bare ? "(*%s)" : "*%s", inner);
    } else if (type->kind == REFLECT_ARRAY && type->count) {
        (void)text_format(text, sizeof text, "%s[%llu]", inner, (unsigned long long)type->count);
    } else if (type->kind == REFLECT_ARRAY) {
        (void)text_format(text, sizeof text, "%s[]", inner);
    } else {
        parameters_text(table, type, more, sizeof more, depth);
        (void)text_format(text, sizeof text, "%s(%s)", inner, more);
    }
    declare(table, type->of, text, out, out_bytes, depth + 1);
}

void reflect_type_text(const ReflectTable *table, uint32_t type, char *out, size_t out_bytes)
{
    declare(table, type, "", out, out_bytes, 0);
}

// ------------------------------------------------------------------------------ reading numbers

static bool refuse(const char **why, const char *text)
{
    *why = text;
    return false;
}

// Behind a number: "f", "ul" and so on.
static bool ends_with(const char *end, const char *suffixes)
{
    while (*end && strchr(suffixes, tolower((unsigned char)*end))) {
        end++;
    }
    return *end == 0;
}

static bool read_letter(const char *text, ReflectNumber *number)
{
    static const char NAMES[] = "ntr0abfv\\'\"", VALUES[] = "\n\t\r\0\a\b\f\v\\'\"";
    size_t length = strlen(text);

    if (length == 3 && text[1] != '\\' && text[1] != '\'') {
        number->whole = (uint64_t)(int64_t)(signed char)text[1];
        number->is_negative = (signed char)text[1] < 0;
        return text[2] == '\'';
    }
    const char *escape = length == 4 && text[1] == '\\' ? strchr(NAMES, text[2]) : NULL;
    if (!escape || text[3] != '\'') {
        return false;
    }
    number->whole = (uint64_t)VALUES[escape - NAMES];
    return true;
}

static bool read_whole(const char *text, ReflectNumber *number)
{
    bool is_negative = text[0] == '-';
    const char *digits = text + (text[0] == '-' || text[0] == '+');
    bool is_binary = digits[0] == '0' && tolower((unsigned char)digits[1]) == 'b';
    char *end;

    if (!isdigit((unsigned char)digits[0])) {
        return false;
    }
    errno = 0;
    uint64_t value = strtoull(is_binary ? digits + 2 : digits, &end, is_binary ? 2 : 0);
    if (errno == ERANGE || end == digits + (is_binary ? 2 : 0) || !ends_with(end, "ul")
        || (is_negative && value > UINT64_C(1) << 63)) {
        return false;
    }
    *number = (ReflectNumber){.whole = is_negative ? -value : value,
                              .is_negative = is_negative && value != 0};
    return true;
}

static bool read_real(const char *text, ReflectNumber *number)
{
    char *end;
    *number = (ReflectNumber){.is_real = true};
    if (isspace((unsigned char)text[0])) {
        return false;
    }
    number->real = strtold(text, &end);
    return end != text && ends_with(end, "fl");
}

// "#rrggbb" or "#rrggbbaa", as other programs write colours.
static bool read_color(const char *text, ReflectNumber *number)
{
    size_t digits = strspn(text + 1, "0123456789abcdefABCDEF");
    if (text[1 + digits] || (digits != 6 && digits != 8)) {
        return false;
    }
    uint64_t rgba = strtoull(text + 1, NULL, 16);
    *number = (ReflectNumber){.whole = digits == 8 ? rgba : rgba << 8 | 0xff};
    return true;
}

static bool read_any(const ReflectLeaf *leaf, const char *text, ReflectNumber *number)
{
    *number = (ReflectNumber){0};
    for (uint32_t i = 0; leaf->type->kind == REFLECT_ENUM && i < leaf->type->enumerator_count;
         i++) {
        const ReflectEnumerator *named =
            &leaf->table->enumerators[leaf->type->first_enumerator + i];
        if (strcmp(named->name, text) == 0) {
            number->whole = (uint64_t)named->value;
            number->is_negative = named->value < 0 && reflect_leaf_is_signed(leaf);
            return true;
        }
    }
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        number->whole = text[0] == 't';
        return leaf->type->kind != REFLECT_ENUM;
    }
    if (text[0] == '\'') {
        return read_letter(text, number);
    }
    if (text[0] == '#' && leaf->type->kind == REFLECT_INTEGER && leaf->type->bytes == 4
        && !leaf->type->is_signed) {
        return read_color(text, number);
    }
    return read_whole(text, number) || read_real(text, number);
}

static const char *kind_refusal(const ReflectLeaf *leaf)
{
    return leaf->type->kind == REFLECT_ENUM ? "is none of its names, and no number"
           : leaf->type->is_bool            ? "is neither true nor false, nor a number"
           : reflect_is_color(leaf->type)   ? "is no colour (0xrrggbbaa, or #rrggbb)"
                                            : "is no number";
}

// What does not fit is told with the type's name, which has to last as long as the table.
static const char *fit_refusal(const ReflectLeaf *leaf)
{
    static const struct {
        uint64_t bytes;
        bool is_signed;
        const char *text;
    } TEXTS[] = {
        {1, true, "does not fit into signed char"}, {1, false, "does not fit into unsigned char"},
        {2, true, "does not fit into short"},       {2, false, "does not fit into unsigned short"},
        {4, true, "does not fit into int"},         {4, false, "does not fit into unsigned int"},
        {8, true, "does not fit into long"},        {8, false, "does not fit into unsigned long"}};
    if (leaf->bit_size) {
        return "does not fit into its bits";
    }
    if (leaf->type->kind == REFLECT_FLOAT) {
        return leaf->type->bytes == 4 ? "does not fit into float" : "does not fit into double";
    }
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
        if (TEXTS[i].bytes == leaf->type->bytes
            && TEXTS[i].is_signed == reflect_leaf_is_signed(leaf)) {
            return TEXTS[i].text;
        }
    }
    return "does not fit into its type";
}

bool reflect_number_parse(const ReflectLeaf *leaf, const char *text, uint8_t *bytes,
                          const char **why)
{
    uint8_t made[32] = {0};
    ReflectNumber number;
    ReflectLeaf at_start = *leaf; // a field's neighbours stay as they are until it is known to fit

    at_start.bit = 0;
    if (!read_any(leaf, text, &number)) {
        return refuse(why, kind_refusal(leaf));
    }
    bool is_real = leaf->type->kind == REFLECT_FLOAT;
    if (!is_real && number.is_real && number.real == number.real && number.real < 0x1p63L
        && number.real > -0x1p63L && (long double)(int64_t)number.real != number.real) {
        return refuse(why, "is no whole number");
    }
    if (!is_real && leaf->type->is_bool && number.is_real && number.real != number.real) {
        return refuse(why, kind_refusal(leaf));
    }
    // A float is what comes nearest to what was written, as in C.
    ReflectFit fit = reflect_write_number(&at_start, made, &number);
    bool is_rounded = is_real && !number.is_real;
    if (fit != REFLECT_FITS && !is_rounded) {
        return refuse(why, fit_refusal(leaf));
    }
    *why = NULL;
    (void)reflect_write_number(leaf, bytes, &number);
    return true;
}
