// What writing and reading a packed table share; the bytes are described at the top of
// reflect_pack.c. Inside this module only.
#ifndef REFLECT_PACKED_H
#define REFLECT_PACKED_H
#include "reflect_pack.h"

#define REFLECT_PACK_MAGIC "HLTY"
enum {
    REFLECT_PACK_VERSION = 1,
    PACKED_HEAD_BYTES = 5,
    PACKED_KIND_MASK = 15, // of a type's first byte
    PACKED_SIGNED = 16,
    PACKED_BOOL = 32,
    PACKED_CHAR = 64,
    PACKED_VECTOR = 128,
    PACKED_EXTERNAL = 1, // of a variable's last byte
    PACKED_CONST = 2,
    PACKED_THREAD_LOCAL = 4
};

static inline bool packed_has_target(ReflectKind kind)
{
    return kind == REFLECT_POINTER || kind == REFLECT_ARRAY || kind == REFLECT_ENUM
           || kind == REFLECT_FUNCTION;
}

static inline bool packed_has_members(ReflectKind kind)
{
    return kind == REFLECT_STRUCT || kind == REFLECT_UNION || kind == REFLECT_FUNCTION;
}

#endif
