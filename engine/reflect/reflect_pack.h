// A table as bytes, for files that outlive the build they were made by: types, members, enumerators
// and variables with their names (no addresses, no functions). The same table always packs to the
// same bytes. Bytes are untrusted: everything is checked when they are read.
#ifndef REFLECT_PACK_H
#define REFLECT_PACK_H
#include "reflect_table.h"

// What is reached from the types and variables that are wanted. Returns bytes in `arena`.
typedef struct ReflectPacked {
    const uint8_t *bytes;
    size_t size_bytes;
} ReflectPacked;
// All of `types` (indices) and what they consist of and point to; with every variable, if wanted.
ReflectPacked reflect_pack(const ReflectTable *table, const uint32_t *types, uint32_t type_count,
                           bool with_variables, Arena *arena);
// FAULT_FORMAT: these are no such bytes; *table is empty then. Texts lie in `arena`.
bool reflect_unpack(const uint8_t *bytes, size_t size_bytes, Arena *arena, ReflectTable *table,
                    Fault *fault);

#endif
