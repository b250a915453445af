// Scalars of a type: read, written, converted into another build's type, as text. Values go as C
// assigns them, and what does not fit is told.
#ifndef REFLECT_VALUE_H
#define REFLECT_VALUE_H
#include "reflect_table.h"

// A scalar somewhere: a number, an enum, a bit-field of either.
typedef struct ReflectLeaf {
    const ReflectTable *table;
    const ReflectType *type;
    uint32_t bit, bit_size; // of a bit-field, from the leaf's first byte on; size 0: none
} ReflectLeaf;

typedef enum ReflectFit {
    REFLECT_FITS,
    REFLECT_CLAMPED, // out of the new type's range, NaN or infinity into an integer, beyond float's
                     // range, an integer that the new float cannot hold exactly: the nearest that
                     // it can is written, NaN gives 0
    REFLECT_NO_NAME  // an enumerator that is gone, and whose number means another one now, or
                     // nothing; or-ed flags of which one is gone: 0
} ReflectFit;

// The nth type; one of nothing, with the name "", where there is no such type.
const ReflectType *reflect_type(const ReflectTable *table, uint32_t type);
// Numbers, bools, chars and enums that are read here: integers up to 8 bytes, floats of 4, 8, 16.
bool reflect_is_number(const ReflectType *type);
bool reflect_is_color(const ReflectType *type); // hl_color, whose text is 0xrrggbbaa
// The old leaf's value as the new leaf's bytes; they are written in any case. Enums go by
// enumerator name: the number stays where it has no name, where its name is gone but a new name has
// the number, or where the two types share no name; or-ed flags go bit by bit. Plain numbers take a
// few nanoseconds; enumerators are looked up each time, so who has many of one type remembers.
ReflectFit reflect_convert(const ReflectLeaf *from, const uint8_t *old, const ReflectLeaf *to,
                           uint8_t *new_);
// Whether the programmer means the same by the two.
bool reflect_same_value(const ReflectLeaf *from, const uint8_t *old, const ReflectLeaf *to,
                        const uint8_t *new_);
bool reflect_same_bits(const ReflectLeaf *leaf, const uint8_t *a, const uint8_t *b);
// "12", "-0.5", "true", "IDLE"
void reflect_number_text(const ReflectLeaf *leaf, const uint8_t *bytes, char *out,
                         size_t out_bytes);
// The other way: C's spelling of numbers, enumerators by name or number, 'c', true, false. False:
// it is none, or does not fit; *why says so in a few words ("does not fit into unsigned char").
bool reflect_number_parse(const ReflectLeaf *leaf, const char *text, uint8_t *bytes,
                          const char **why);
// "int", "unsigned char", "Mob *", "float [3][4]", "void (*)(int)" as a C programmer names it.
void reflect_type_text(const ReflectTable *table, uint32_t type, char *out, size_t out_bytes);

#endif
