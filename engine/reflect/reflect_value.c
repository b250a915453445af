#include "reflect_value.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "reflect_value_parts.h"

// Contents: reading, writing, plain numbers, conversion, sameness.

const ReflectType *reflect_type(const ReflectTable *table, uint32_t type)
{
    static const ReflectType unknown = {.name = ""};
    return type < table->type_count ? &table->types[type] : &unknown;
}

bool reflect_is_color(const ReflectType *type)
{
    return type->kind == REFLECT_INTEGER && strcmp(type->name, REFLECT_COLOR) == 0;
}

bool reflect_is_number(const ReflectType *type)
{
    if (type->kind == REFLECT_FLOAT) {
        return type->bytes == 4 || type->bytes == 8 || type->bytes == 16;
    }
    return (type->kind == REFLECT_INTEGER || type->kind == REFLECT_ENUM) && type->bytes > 0
           && type->bytes <= 8;
}

// -------------------------------------------------------------------------------------- reading

static uint32_t bits_of(const ReflectLeaf *leaf)
{
    return leaf->bit_size ? leaf->bit_size : (uint32_t)leaf->type->bytes * 8;
}

static uint64_t mask_of(uint32_t bits)
{
    return bits < 64 ? (UINT64_C(1) << bits) - 1 : UINT64_MAX;
}

// In a packed struct a field of 64 bits may lie across nine bytes.
static uint64_t read_bits(const uint8_t *bytes, uint32_t bit, uint32_t size)
{
    unsigned __int128 wide = 0;
    memcpy(&wide, bytes + bit / 8, (bit % 8 + size + 7) / 8);
    return (uint64_t)(wide >> bit % 8) & mask_of(size);
}

static void write_bits(uint8_t *bytes, uint32_t bit, uint32_t size, uint64_t value)
{
    unsigned __int128 wide = 0, mask = (unsigned __int128)mask_of(size) << bit % 8;
    uint32_t count = (bit % 8 + size + 7) / 8;
    memcpy(&wide, bytes + bit / 8, count);
    wide = (wide & ~mask) | ((unsigned __int128)(value & mask_of(size)) << bit % 8);
    memcpy(bytes + bit / 8, &wide, count);
}

bool reflect_leaf_is_signed(const ReflectLeaf *leaf)
{
    if (leaf->type->kind != REFLECT_ENUM) {
        return leaf->type->is_signed;
    }
    if (leaf->type->of) {
        return reflect_type(leaf->table, leaf->type->of)->is_signed;
    }
    for (uint32_t i = 0; i < leaf->type->enumerator_count; i++) {
        if (leaf->table->enumerators[leaf->type->first_enumerator + i].value < 0) {
            return true;
        }
    }
    return leaf->type->is_signed;
}

// Copies of a size that is known are one instruction.
static uint64_t load(const uint8_t *bytes, uint64_t count)
{
    uint64_t value = 0;
    switch (count) {
    case 1:
        memcpy(&value, bytes, 1);
        break;
    case 2:
        memcpy(&value, bytes, 2);
        break;
    case 4:
        memcpy(&value, bytes, 4);
        break;
    case 8:
        memcpy(&value, bytes, 8);
        break;
    default:
        memcpy(&value, bytes, count);
        break;
    }
    return value;
}

static void store(uint8_t *bytes, uint64_t count, uint64_t value)
{
    switch (count) {
    case 1:
        memcpy(bytes, &value, 1);
        break;
    case 2:
        memcpy(bytes, &value, 2);
        break;
    case 4:
        memcpy(bytes, &value, 4);
        break;
    case 8:
        memcpy(bytes, &value, 8);
        break;
    default:
        memcpy(bytes, &value, count);
        break;
    }
}

static long double read_real(const ReflectLeaf *leaf, const uint8_t *bytes)
{
    float single;
    double twice;
    long double real;

    if (leaf->type->bytes == 4) {
        memcpy(&single, bytes, sizeof single);
        return single;
    }
    if (leaf->type->bytes == 8) {
        memcpy(&twice, bytes, sizeof twice);
        return twice;
    }
    memcpy(&real, bytes, sizeof real);
    return real;
}

ReflectNumber reflect_read_number(const ReflectLeaf *leaf, const uint8_t *bytes)
{
    if (leaf->type->kind == REFLECT_FLOAT) {
        return (ReflectNumber){.is_real = true, .real = read_real(leaf, bytes)};
    }
    uint32_t size = bits_of(leaf);
    uint64_t value =
        leaf->bit_size ? read_bits(bytes, leaf->bit, size) : load(bytes, leaf->type->bytes);
    bool is_negative = size > 0 && (value >> (size - 1) & 1) && reflect_leaf_is_signed(leaf);
    return (ReflectNumber){.whole = is_negative ? value | ~mask_of(size) : value,
                           .is_negative = is_negative};
}

// -------------------------------------------------------------------------------------- writing

static void store_whole(const ReflectLeaf *leaf, uint8_t *bytes, uint64_t value)
{
    if (leaf->bit_size) {
        write_bits(bytes, leaf->bit, leaf->bit_size, value);
    } else {
        store(bytes, leaf->type->bytes, value);
    }
}

static ReflectFit write_whole(const ReflectLeaf *leaf, uint8_t *bytes, uint64_t value,
                              bool is_negative)
{
    uint32_t size = bits_of(leaf);
    bool is_signed = reflect_leaf_is_signed(leaf);
    uint64_t high = is_signed ? mask_of(size) >> 1 : mask_of(size);
    uint64_t low = is_signed ? ~high : 0; // as two's complement
    ReflectFit fit = REFLECT_FITS;

    if (is_negative && (!is_signed || (int64_t)value < (int64_t)low)) {
        value = low;
        fit = REFLECT_CLAMPED;
    } else if (!is_negative && value > high) {
        value = high;
        fit = REFLECT_CLAMPED;
    }
    store_whole(leaf, bytes, value);
    return fit;
}

static long double whole_as_real(const ReflectNumber *number)
{
    return number->is_negative ? (long double)(int64_t)number->whole : (long double)number->whole;
}

// Rounding is what the new type asks for, but a number that had no fraction keeps all its digits.
static ReflectFit write_real(const ReflectLeaf *leaf, uint8_t *bytes, const ReflectNumber *number)
{
    long double real = number->is_real ? number->real : whole_as_real(number), kept = real;
    bool was_finite = isfinite(real), is_beyond = false;

    if (leaf->type->bytes == 4) {
        float single = (float)real;
        is_beyond = was_finite && !isfinite(single);
        single = is_beyond ? copysignf(FLT_MAX, single) : single;
        kept = single;
        memcpy(bytes, &single, sizeof single);
    } else if (leaf->type->bytes == 8) {
        double twice = (double)real;
        is_beyond = was_finite && !isfinite(twice);
        twice = is_beyond ? copysign(DBL_MAX, twice) : twice;
        kept = twice;
        memcpy(bytes, &twice, sizeof twice);
    } else {
        memset(bytes, 0, sizeof real);
        memcpy(bytes, &real, 10); // x87: the rest is padding
    }
    return is_beyond || (!number->is_real && kept != real) ? REFLECT_CLAMPED : REFLECT_FITS;
}

static ReflectFit write_cut(const ReflectLeaf *leaf, uint8_t *bytes, long double real)
{
    if (isnan(real)) {
        store_whole(leaf, bytes, 0);
        return REFLECT_CLAMPED;
    }
    if (real >= 0x1p64L || real < -0x1p63L) {
        (void)write_whole(leaf, bytes, real < 0 ? (uint64_t)INT64_MIN : UINT64_MAX, real < 0);
        return REFLECT_CLAMPED;
    }
    return real <= -1 ? write_whole(leaf, bytes, (uint64_t)(int64_t)real, true)
                      : write_whole(leaf, bytes, real < 0 ? 0 : (uint64_t)real, false);
}

ReflectFit reflect_write_number(const ReflectLeaf *leaf, uint8_t *bytes,
                                const ReflectNumber *number)
{
    if (leaf->type->kind == REFLECT_FLOAT) {
        return write_real(leaf, bytes, number);
    }
    if (leaf->type->is_bool) {
        store_whole(leaf, bytes, number->is_real ? number->real != 0 : number->whole != 0);
        return REFLECT_FITS;
    }
    return number->is_real ? write_cut(leaf, bytes, number->real)
                           : write_whole(leaf, bytes, number->whole, number->is_negative);
}

// -------------------------------------------------------------------------------- plain numbers
// What most conversions are, without the x87's long double and without bits.

static bool is_plain(const ReflectLeaf *leaf)
{
    return leaf->bit_size == 0
           && (leaf->type->kind == REFLECT_FLOAT
                   ? leaf->type->bytes <= 8
                   : leaf->type->kind == REFLECT_INTEGER && !leaf->type->is_bool);
}

static ReflectFit real_to_real(double real, uint64_t bytes, uint8_t *out)
{
    if (bytes == 8) {
        memcpy(out, &real, sizeof real);
        return REFLECT_FITS;
    }
    float single = (float)real;
    bool is_beyond = isfinite(real) && !isfinite(single);
    single = is_beyond ? copysignf(FLT_MAX, single) : single;
    memcpy(out, &single, sizeof single);
    return is_beyond ? REFLECT_CLAMPED : REFLECT_FITS;
}

// False: not so easy.
static bool whole_to_real(uint64_t value, bool is_negative, uint64_t bytes, uint8_t *out,
                          ReflectFit *fit)
{
    int64_t whole = (int64_t)value;
    if ((whole < 0) != is_negative || whole > INT64_C(1) << 53 || whole < -(INT64_C(1) << 53)) {
        return false;
    }
    double real = (double)whole;
    (void)real_to_real(real, bytes, out);
    *fit = bytes == 8 || (double)(float)real == real ? REFLECT_FITS : REFLECT_CLAMPED;
    return true;
}

// Cut to the type's bits and extended again it is the same.
static bool is_in_range(const ReflectType *type, uint64_t value, bool is_negative)
{
    uint32_t shift = 64 - (uint32_t)type->bytes * 8;
    uint64_t again =
        type->is_signed ? (uint64_t)((int64_t)(value << shift) >> shift) : value << shift >> shift;
    return again == value && (type->is_signed ? (int64_t)value < 0 : false) == is_negative;
}

static ReflectFit whole_to_whole(const ReflectLeaf *to, uint64_t value, bool is_negative,
                                 uint8_t *out)
{
    if (is_in_range(to->type, value, is_negative)) {
        store(out, to->type->bytes, value);
        return REFLECT_FITS;
    }
    return write_whole(to, out, value, is_negative);
}

static bool convert_plain(const ReflectLeaf *from, const uint8_t *old, const ReflectLeaf *to,
                          uint8_t *new_, ReflectFit *fit)
{
    const ReflectType *a = from->type, *b = to->type;

    if (a->kind == REFLECT_FLOAT) {
        double real = 0;
        float single = 0;
        if (a->bytes == 4) {
            memcpy(&single, old, sizeof single);
            real = single;
        } else {
            memcpy(&real, old, sizeof real);
        }
        if (b->kind == REFLECT_FLOAT) {
            *fit = real_to_real(real, b->bytes, new_);
            return true;
        }
        if (!(real > -0x1p63 && real < 0x1p63)) {
            return false;
        }
        *fit = whole_to_whole(to, (uint64_t)(int64_t)real, real <= -1, new_);
        return true;
    }
    uint32_t shift = 64 - (uint32_t)a->bytes * 8;
    uint64_t value = load(old, a->bytes);
    value = a->is_signed ? (uint64_t)((int64_t)(value << shift) >> shift) : value;
    bool is_negative = a->is_signed && (int64_t)value < 0;
    if (b->kind == REFLECT_FLOAT) {
        return whole_to_real(value, is_negative, b->bytes, new_, fit);
    }
    *fit = whole_to_whole(to, value, is_negative, new_);
    return true;
}

// ----------------------------------------------------------------------------------- conversion

static bool are_enums(const ReflectLeaf *from, const ReflectLeaf *to)
{
    return from->type->kind == REFLECT_ENUM && to->type->kind == REFLECT_ENUM;
}

ReflectFit reflect_convert(const ReflectLeaf *from, const uint8_t *old, const ReflectLeaf *to,
                           uint8_t *new_)
{
    ReflectFit fit;
    if (is_plain(from) && is_plain(to) && convert_plain(from, old, to, new_, &fit)) {
        return fit;
    }
    ReflectNumber number = reflect_read_number(from, old);
    uint64_t before = number.whole;
    if (are_enums(from, to) && !reflect_convert_enumerator(from, to, &number.whole)) {
        store_whole(to, new_, 0);
        return REFLECT_NO_NAME;
    }
    if (number.whole != before) { // what is above INT64_MAX is no negative number there
        number.is_negative = (int64_t)number.whole < 0 && reflect_leaf_is_signed(to);
    }
    return reflect_write_number(to, new_, &number);
}

// ------------------------------------------------------------------------------------- sameness

bool reflect_same_bits(const ReflectLeaf *leaf, const uint8_t *a, const uint8_t *b)
{
    if (leaf->bit_size) {
        return read_bits(a, leaf->bit, leaf->bit_size) == read_bits(b, leaf->bit, leaf->bit_size);
    }
    bool is_long_double = leaf->type->kind == REFLECT_FLOAT && leaf->type->bytes == 16;
    return memcmp(a, b, is_long_double ? 10 : leaf->type->bytes) == 0;
}

static bool converts_to(const ReflectLeaf *from, const uint8_t *old, const ReflectLeaf *to,
                        const uint8_t *new_)
{
    uint8_t made[32] = {0};
    return reflect_convert(from, old, to, made) == REFLECT_FITS
           && reflect_same_bits(to, made, new_);
}

static bool is_whole(const ReflectLeaf *leaf)
{
    return leaf->type->kind == REFLECT_INTEGER && !leaf->type->is_bool;
}

// -1 that is given to an unsigned, and ~0u to an int: C converts one into the other.
static bool wraps_to(const ReflectLeaf *from, const uint8_t *old, const ReflectLeaf *to,
                     const uint8_t *new_)
{
    if (!is_whole(from) || !is_whole(to)
        || reflect_leaf_is_signed(from) == reflect_leaf_is_signed(to)) {
        return false;
    }
    uint64_t bits = to->bit_size ? to->bit_size : to->type->bytes * 8;
    uint64_t was = reflect_read_number(from, old).whole;
    uint64_t above = bits < 64 ? was >> (bits - 1) : 0; // all ones, or none but the lowest
    bool fits = above <= 1 || above == UINT64_MAX >> (bits - 1);
    uint64_t differs = was ^ reflect_read_number(to, new_).whole;
    return fits && (bits < 64 ? differs << (64 - bits) : differs) == 0;
}

bool reflect_same_value(const ReflectLeaf *from, const uint8_t *old, const ReflectLeaf *to,
                        const uint8_t *new_)
{
    if (converts_to(from, old, to, new_) || wraps_to(from, old, to, new_)) {
        return true;
    }
    if (are_enums(from, to)) {
        return reflect_read_number(from, old).whole == reflect_read_number(to, new_).whole;
    }
    // The same digits in the source: 0.1f became 0.1.
    return from->type->kind == REFLECT_FLOAT && to->type->kind == REFLECT_FLOAT
           && from->type->bytes < to->type->bytes && converts_to(to, new_, from, old);
}
