// A table as bytes, for files that outlive the build they were made by: types, members, enumerators
// and variables with their names (no addresses, no functions). The same table always packs to the
// same bytes. Bytes are untrusted: everything is checked when they are read.
//
//   reflect_pack.c   the format, and writing it      reflect_unpack.c   reading it
#ifndef REFLECT_PACK_H
#define REFLECT_PACK_H
#include "reflect_table.h"

#define REFLECT_PACKED_MAX ((size_t)16 << 20) // no more is written, and none read

// What is reached from the types and variables that are wanted. Returns bytes in `arena`.
typedef struct ReflectPacked {
    const uint8_t *bytes; // NULL: there is no room, or it would be too large
    size_t size_bytes;
} ReflectPacked;
// All of `types` (indices) and what they consist of and point to; with every variable, if wanted.
// In the packed table the wanted types come first, in the order given: the first of them is its
// type 1. Variables are in the table's order, and have no address.
ReflectPacked reflect_pack(const ReflectTable *table, const uint32_t *types, uint32_t type_count,
                           bool with_variables, Arena *arena);
// FAULT_FORMAT: these are no such bytes; *table is empty then (FAULT_MEMORY: no room). Texts lie in
// `arena`, made harmless. Shapes are worked out anew, so that none of them can lie: no type holds
// itself or more than 1,048,576 leaves, no member lies outside of its struct.
bool reflect_unpack(const uint8_t *bytes, size_t size_bytes, Arena *arena, ReflectTable *table,
                    Fault *fault);

#endif
