#include <string.h>

#include "reflect_value_parts.h"

// Enumerators of one build as those of another: by name, or-ed flags bit by bit.

static const ReflectEnumerator *enumerators_of(const ReflectLeaf *leaf)
{
    return leaf->table->enumerators + leaf->type->first_enumerator;
}

static const ReflectEnumerator *find_name(const ReflectLeaf *leaf, const char *name)
{
    for (uint32_t i = 0; i < leaf->type->enumerator_count; i++) {
        if (strcmp(enumerators_of(leaf)[i].name, name) == 0) {
            return &enumerators_of(leaf)[i];
        }
    }
    return NULL;
}

// An enumerator above INT64_MAX is kept as the negative number of the same bits.
const ReflectEnumerator *reflect_find_enumerator(const ReflectLeaf *leaf, uint64_t value)
{
    for (uint32_t i = 0; i < leaf->type->enumerator_count; i++) {
        if ((uint64_t)enumerators_of(leaf)[i].value == value) {
            return &enumerators_of(leaf)[i];
        }
    }
    return NULL;
}

static bool share_a_name(const ReflectLeaf *a, const ReflectLeaf *b)
{
    for (uint32_t i = 0; i < a->type->enumerator_count; i++) {
        if (find_name(b, enumerators_of(a)[i].name)) {
            return true;
        }
    }
    return false;
}

static bool is_one_bit(int64_t value)
{
    return value > 0 && (value & (value - 1)) == 0;
}

// What an enum's names are made of.
typedef struct Bits {
    bool are_all;   // none is made of bits that have no name
    bool are_alone; // and none of several
    bool has_high;  // 4 or more is among them: 0, 1, 2 are bits as well as they are a plain list
} Bits;

static Bits find_bits(const ReflectLeaf *leaf)
{
    Bits found = {.are_alone = true};
    int64_t bits = 0, all = 0;
    for (uint32_t i = 0; i < leaf->type->enumerator_count; i++) {
        int64_t value = enumerators_of(leaf)[i].value;
        bits |= is_one_bit(value) ? value : 0;
        all |= value;
        found.are_alone &= value == 0 || is_one_bit(value);
    }
    found.are_all = bits != 0 && (all & ~bits) == 0;
    found.has_high = (bits & ~(int64_t)3) != 0;
    return found;
}

// Whether the names are meant to be put together.
static bool are_flags(const ReflectLeaf *from, const ReflectLeaf *to)
{
    Bits old = find_bits(from), new_ = find_bits(to);
    return old.are_all
           && (old.has_high || (old.are_alone && new_.are_all && new_.are_alone && new_.has_high));
}

// A number that is made of names: each bit goes by its name. False: one of them is gone, or is no
// bit of its own any more.
static bool convert_flags(const ReflectLeaf *from, const ReflectLeaf *to, uint64_t *value)
{
    uint64_t rest = *value, made = 0;

    for (uint32_t i = 0; i < from->type->enumerator_count; i++) {
        const ReflectEnumerator *old = &enumerators_of(from)[i];
        if (!is_one_bit(old->value) || (rest & (uint64_t)old->value) == 0) {
            continue;
        }
        const ReflectEnumerator *new_ = find_name(to, old->name);
        if (!new_ || new_->value == 0 || (made & (uint64_t)new_->value)) {
            return false;
        }
        rest &= ~(uint64_t)old->value;
        made |= (uint64_t)new_->value;
    }
    if ((made | rest) == *value) {
        return true;
    }
    *value = made;
    return rest == 0; // bits without a name may be anything by now
}

bool reflect_convert_enumerator(const ReflectLeaf *from, const ReflectLeaf *to, uint64_t *value)
{
    bool has_name = false;

    if (!share_a_name(from, to)) {
        return true;
    }
    for (uint32_t i = 0; i < from->type->enumerator_count; i++) {
        const ReflectEnumerator *old = &enumerators_of(from)[i];
        if ((uint64_t)old->value == *value) {
            const ReflectEnumerator *there = find_name(to, old->name);
            has_name = true;
            if (there) {
                *value = (uint64_t)there->value;
                return true;
            }
        }
    }
    if ((int64_t)*value > 0 && (!has_name || !is_one_bit((int64_t)*value)) && are_flags(from, to)) {
        return convert_flags(from, to, value);
    }
    if (!has_name) {
        return true;
    }
    const ReflectEnumerator *meaning = reflect_find_enumerator(to, *value);
    return meaning && !find_name(from, meaning->name); // a new name for the number
}
