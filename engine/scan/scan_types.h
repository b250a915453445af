// How large the unit's types are and in which registers they travel, as far as that decides whether
// tcc and gcc agree about a function. Not a compiler's table: what is not plain is `is_known`
// false.
#ifndef SCAN_TYPES_H
#define SCAN_TYPES_H
#include "scan_parts.h"

typedef struct ScanTypes ScanTypes;

// By a name outside of functions.
enum {
    FUNCTION_ODD_RESULT = 1, // tcc's caller writes over its own variables
    FUNCTION_MIXED = 2,      // takes or gives a struct in other registers than gcc's
    FUNCTION_STATIC = 4,
    FUNCTION_POINTER = 8, // not a function but a pointer to such
    VARIABLE = 16,        // not a function at all
    VARIABLE_STATIC = 32,
    FUNCTION_SYSTEM = 64,   // declared in a header of the system's
    FUNCTION_VARIADIC = 128 // gives a struct, and takes more arguments than it says
};

// Reads all declarations outside of bodies; tokens are paired. Lives in `scratch`.
const ScanTypes *scan_types_read(const ScanTokens *tokens, Arena *scratch);
// What is known of that name: a set of the above.
uint32_t scan_types_function(const ScanTypes *types, uint32_t word);
// Whether a result of this type (a typedef's name, or a tag) is FUNCTION_ODD_RESULT.
bool scan_types_is_odd(const ScanTypes *types, uint32_t word);
// Whether there are bit-fields in it, or in what it holds.
bool scan_types_has_bits(const ScanTypes *types, uint32_t word);
// Whether there are bytes between its members, or bits; of the last member of a union, behind it.
bool scan_types_has_padding(const ScanTypes *types, uint32_t word, bool is_tag);
// Whether it is a typedef's name, and of a struct or union.
bool scan_types_is_struct(const ScanTypes *types, uint32_t word);

// Fills in the refusals. `types` is NULL where brackets do not match; `bodies` are none then.
void scan_refusals(const ScanTokens *tokens, const ScanBodies *bodies, const ScanTypes *types,
                   Arena *scratch, Arena *arena, Scan *scan);

#endif
