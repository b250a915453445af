#include <math.h>
#include <string.h>

#include "carry_parts.h"

// Contents: reading and writing, conversion, enumerators, sameness, texts.

typedef struct Number {
    bool is_real;
    __int128 whole;
    long double real;
} Number;

// -------------------------------------------------------------------------- reading and writing

static uint64_t read_bits(const uint8_t *bytes, uint32_t bit, uint32_t size)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < size; i++) {
        uint32_t at = bit + i;
        value |= (uint64_t)(bytes[at / 8] >> at % 8 & 1) << i;
    }
    return value;
}

static void write_bits(uint8_t *bytes, uint32_t bit, uint32_t size, uint64_t value)
{
    for (uint32_t i = 0; i < size; i++) {
        uint32_t at = bit + i;
        uint8_t mask = (uint8_t)(1u << at % 8);
        bytes[at / 8] = (uint8_t)((bytes[at / 8] & ~mask) | ((value >> i & 1) ? mask : 0));
    }
}

static uint32_t bits_of(const CarryLeaf *leaf)
{
    return leaf->bit_size ? leaf->bit_size : (uint32_t)leaf->type->bytes * 8;
}

static const ReflectEnumerator *enumerators_of(const CarryLeaf *leaf)
{
    return leaf->side->table->enumerators + leaf->type->first_enumerator;
}

static bool has_sign(const CarryLeaf *leaf)
{
    if (leaf->type->kind != REFLECT_ENUM) {
        return leaf->type->is_signed;
    }
    if (leaf->type->of) {
        return carry_type(leaf->side, leaf->type->of)->is_signed;
    }
    for (uint32_t i = 0; i < leaf->type->enumerator_count; i++) {
        if (enumerators_of(leaf)[i].value < 0) {
            return true;
        }
    }
    return leaf->type->is_signed;
}

bool carry_is_number(const ReflectType *type)
{
    if (type->kind == REFLECT_FLOAT) {
        return type->bytes == 4 || type->bytes == 8 || type->bytes == 16;
    }
    return (type->kind == REFLECT_INTEGER || type->kind == REFLECT_ENUM) && type->bytes > 0
           && type->bytes <= 8;
}

static Number read_number(const CarryLeaf *leaf, const uint8_t *bytes)
{
    Number number = {0};
    if (leaf->type->kind == REFLECT_FLOAT) {
        float single;
        double twice;
        number.is_real = true;
        if (leaf->type->bytes == 4) {
            memcpy(&single, bytes, sizeof single);
            number.real = single;
        } else if (leaf->type->bytes == 8) {
            memcpy(&twice, bytes, sizeof twice);
            number.real = twice;
        } else {
            memcpy(&number.real, bytes, sizeof number.real);
        }
        return number;
    }
    uint32_t size = bits_of(leaf);
    uint64_t value = 0;
    if (leaf->bit_size) {
        value = read_bits(bytes, leaf->bit, size);
    } else {
        memcpy(&value, bytes, leaf->type->bytes);
    }
    number.whole = value;
    if (has_sign(leaf) && size > 0 && (value >> (size - 1) & 1)) {
        number.whole -= (__int128)1 << size;
    }
    return number;
}

// ----------------------------------------------------------------------------------- conversion

static bool write_whole(const CarryLeaf *leaf, uint8_t *bytes, __int128 value)
{
    uint32_t size = bits_of(leaf);
    bool is_signed = has_sign(leaf);
    __int128 low = is_signed ? -((__int128)1 << (size - 1)) : 0;
    __int128 high = ((__int128)1 << (is_signed ? size - 1 : size)) - 1;
    if (value < low || value > high) {
        return false;
    }
    uint64_t bits = (uint64_t)value;
    if (leaf->bit_size) {
        write_bits(bytes, leaf->bit, size, bits);
    } else {
        memcpy(bytes, &bits, leaf->type->bytes);
    }
    return true;
}

static bool write_real(const CarryLeaf *leaf, uint8_t *bytes, const Number *number)
{
    long double real = number->is_real ? number->real : (long double)number->whole;
    long double kept = real;
    float single = (float)real;
    double twice = (double)real;

    if (leaf->type->bytes == 4) {
        kept = single;
        memcpy(bytes, &single, sizeof single);
    } else if (leaf->type->bytes == 8) {
        kept = twice;
        memcpy(bytes, &twice, sizeof twice);
    } else {
        memset(bytes, 0, sizeof real);
        memcpy(bytes, &real, 10); // x87: the rest is padding
    }
    if (number->is_real) {
        return !isfinite(real) || isfinite(kept); // rounding is what the new type asks for
    }
    return kept == real && (__int128)kept == number->whole;
}

static bool write_number(const CarryLeaf *leaf, uint8_t *bytes, const Number *number)
{
    if (leaf->type->kind == REFLECT_FLOAT) {
        return write_real(leaf, bytes, number);
    }
    if (leaf->type->is_bool) {
        return write_whole(leaf, bytes, number->is_real ? number->real != 0 : number->whole != 0);
    }
    if (!number->is_real) {
        return write_whole(leaf, bytes, number->whole);
    }
    if (!isfinite(number->real) || number->real >= 0x1p64L || number->real < -0x1p63L) {
        return false;
    }
    return write_whole(leaf, bytes, (__int128)number->real);
}

// ---------------------------------------------------------------------------------- enumerators

static const ReflectEnumerator *find_name(const CarryLeaf *leaf, const char *name)
{
    for (uint32_t i = 0; i < leaf->type->enumerator_count; i++) {
        if (strcmp(enumerators_of(leaf)[i].name, name) == 0) {
            return &enumerators_of(leaf)[i];
        }
    }
    return NULL;
}

static const ReflectEnumerator *find_value(const CarryLeaf *leaf, __int128 value)
{
    for (uint32_t i = 0; i < leaf->type->enumerator_count; i++) {
        if (enumerators_of(leaf)[i].value == value) {
            return &enumerators_of(leaf)[i];
        }
    }
    return NULL;
}

static bool share_a_name(const CarryLeaf *a, const CarryLeaf *b)
{
    for (uint32_t i = 0; i < a->type->enumerator_count; i++) {
        if (find_name(b, enumerators_of(a)[i].name)) {
            return true;
        }
    }
    return false;
}

static bool is_one_bit(__int128 value)
{
    return value > 0 && (value & (value - 1)) == 0;
}

// Whether the type's names are bits to be put together: 4 is among them, and none is made of bits
// that have no name.
static bool is_flags(const CarryLeaf *leaf)
{
    int64_t bits = 0, all = 0;
    for (uint32_t i = 0; i < leaf->type->enumerator_count; i++) {
        int64_t value = enumerators_of(leaf)[i].value;
        bits |= is_one_bit(value) ? value : 0;
        all |= value;
    }
    return (bits & ~(int64_t)3) != 0 && (all & ~bits) == 0;
}

// A number without a name of its own that is made of names: each bit goes by its name.
static bool convert_flags(const CarryLeaf *from, const CarryLeaf *to, __int128 *value)
{
    __int128 rest = *value, made = 0;

    if (*value <= 0 || !is_flags(from)) {
        return true;
    }
    for (uint32_t i = 0; i < from->type->enumerator_count; i++) {
        const ReflectEnumerator *old = &enumerators_of(from)[i];
        if (!is_one_bit(old->value) || (rest & old->value) == 0) {
            continue;
        }
        const ReflectEnumerator *new_ = find_name(to, old->name);
        if (!new_) {
            return false;
        }
        rest &= ~(__int128)old->value;
        made |= new_->value;
    }
    if ((made | rest) == *value) {
        return true;
    }
    *value = made;
    return rest == 0; // bits without a name may be anything by now
}

// False: the value's name is gone and the number means something else now, or nothing.
static bool convert_enumerator(const CarryLeaf *from, const CarryLeaf *to, __int128 *value)
{
    bool has_name = false;

    if (!share_a_name(from, to)) {
        return true;
    }
    for (uint32_t i = 0; i < from->type->enumerator_count; i++) {
        if (enumerators_of(from)[i].value == *value) {
            const ReflectEnumerator *there = find_name(to, enumerators_of(from)[i].name);
            has_name = true;
            if (there) {
                *value = there->value;
                return true;
            }
        }
    }
    if (!has_name) {
        return convert_flags(from, to, value);
    }
    const ReflectEnumerator *meaning = find_value(to, *value);
    return meaning && !find_name(from, meaning->name); // a new name for the number
}

bool carry_convert(const CarryLeaf *from, const uint8_t *old, const CarryLeaf *to, uint8_t *new_)
{
    Number number = read_number(from, old);
    if (from->type->kind == REFLECT_ENUM && to->type->kind == REFLECT_ENUM
        && !convert_enumerator(from, to, &number.whole)) {
        return false;
    }
    return write_number(to, new_, &number);
}

// ------------------------------------------------------------------------------------- sameness

bool carry_same_bits(const CarryLeaf *leaf, const uint8_t *a, const uint8_t *b)
{
    if (leaf->bit_size) {
        return read_bits(a, leaf->bit, leaf->bit_size) == read_bits(b, leaf->bit, leaf->bit_size);
    }
    bool is_long_double = leaf->type->kind == REFLECT_FLOAT && leaf->type->bytes == 16;
    return memcmp(a, b, is_long_double ? 10 : leaf->type->bytes) == 0;
}

bool carry_same_value(const CarryLeaf *from, const uint8_t *old, const CarryLeaf *to,
                      const uint8_t *new_)
{
    uint8_t made[32] = {0};
    Number before = read_number(from, old), after = read_number(to, new_);

    if (carry_convert(from, old, to, made) && carry_same_bits(to, made, new_)) {
        return true;
    }
    if (from->type->kind == REFLECT_ENUM && to->type->kind == REFLECT_ENUM) {
        return before.whole == after.whole;
    }
    // The same digits in the source: 0.1f became 0.1.
    return from->type->kind == REFLECT_FLOAT && to->type->kind == REFLECT_FLOAT
           && from->type->bytes < to->type->bytes && carry_convert(to, new_, from, made)
           && carry_same_bits(from, made, old);
}

// ---------------------------------------------------------------------------------------- texts

void carry_number_text(const CarryLeaf *leaf, const uint8_t *bytes, char *out, size_t out_bytes)
{
    Number number = read_number(leaf, bytes);
    const ReflectEnumerator *name =
        leaf->type->kind == REFLECT_ENUM ? find_value(leaf, number.whole) : NULL;

    if (name) {
        text_format(out, out_bytes, "%s", name->name);
    } else if (number.is_real) {
        text_format(out, out_bytes, "%.*Lg", leaf->type->bytes == 4 ? 7 : 15, number.real);
    } else if (leaf->type->is_bool) {
        text_format(out, out_bytes, "%s", number.whole ? "true" : "false");
    } else if (number.whole < 0) {
        text_format(out, out_bytes, "%lld", (long long)number.whole);
    } else {
        text_format(out, out_bytes, "%llu", (unsigned long long)number.whole);
    }
}
