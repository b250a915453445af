// What the files of reflect_value share: reflect_value.c (numbers), reflect_value_names.c
// (enumerators), reflect_value_text.c (texts).
#ifndef REFLECT_VALUE_PARTS_H
#define REFLECT_VALUE_PARTS_H
#include "reflect_value.h"

typedef struct ReflectNumber {
    bool is_real, is_negative;
    uint64_t whole; // two's complement where it is negative
    long double real;
} ReflectNumber;

ReflectNumber reflect_read_number(const ReflectLeaf *leaf, const uint8_t *bytes);
ReflectFit reflect_write_number(const ReflectLeaf *leaf, uint8_t *bytes,
                                const ReflectNumber *number);
bool reflect_leaf_is_signed(const ReflectLeaf *leaf);
// NULL: the number has no name.
const ReflectEnumerator *reflect_find_enumerator(const ReflectLeaf *leaf, uint64_t value);

// False: the value's name is gone and the number means something else now, or nothing.
bool reflect_convert_enumerator(const ReflectLeaf *from, const ReflectLeaf *to, uint64_t *value);

#endif
