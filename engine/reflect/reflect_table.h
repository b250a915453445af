// What a library is made of, out of its debug information: every type that a variable of it can
// reach, every variable with its unit and function, every function. Read once, off the frame
// thread, into memory of the caller's; plain data from then on, that any thread may read.
//
// Numbers of types, members and the rest are indices into the table's arrays; type 0 is "unknown".
// Texts live in the table's arena.
#ifndef REFLECT_TABLE_H
#define REFLECT_TABLE_H
#include "reflect.h"

typedef enum ReflectKind {
    REFLECT_UNKNOWN, // void, or what cannot be read
    REFLECT_INTEGER, // char and bool as well
    REFLECT_FLOAT,
    REFLECT_ENUM,
    REFLECT_POINTER,
    REFLECT_FUNCTION,
    REFLECT_STRUCT,
    REFLECT_UNION,
    REFLECT_ARRAY // more dimensions are arrays of arrays
} ReflectKind;

#define REFLECT_COLOR "hl_color" // the name of that type; it is an integer

typedef struct ReflectType {
    ReflectKind kind;
    bool is_signed, is_bool, is_char; // is_char: plain `char`
    uint64_t bytes;
    const char *name; // "Mob" (tag or typedef, whichever is there), "int"; "" anonymous
    uint32_t of;      // pointer: to what; array: of what; enum: its integer; function: its result
    uint64_t count;   // array: elements; 0 for a flexible one
    uint32_t align;   // what _Alignas or a vector asks for, here or in a member; 0: nothing special
    // Struct, union; function: its parameters, without names but for "..." (more of any type).
    uint32_t first_member, member_count;
    uint32_t first_enumerator, enumerator_count; // enum
    // Equal for two types, of any two builds, that have the same members, of the same names, at the
    // same places, all the way down; what pointers point to counts by kind and name only.
    uint64_t shape;
} ReflectType;

typedef struct ReflectMember {
    const char *name; // "" anonymous
    uint32_t type;
    uint64_t offset_bits;
    uint32_t bit_size; // of a bit-field; 0: none
} ReflectMember;

typedef struct ReflectEnumerator {
    const char *name;
    int64_t value;
} ReflectEnumerator;

// clang's optimiser takes static structs apart, and keeps one of two values in a byte. The bytes
// [offset, offset + bytes) of the variable are then the integer base + factor * stored, where
// `stored` is the unsigned integer of stored_bytes at `address`; with factor 1 and base 0 they are
// the bytes at `address` themselves. What no piece covers was thrown away.
typedef struct ReflectPiece {
    uint64_t offset, bytes;
    uintptr_t address;
    uint64_t stored_bytes;
    int64_t factor, base;
} ReflectPiece;

typedef struct ReflectVariable {
    const char *name;
    const char *unit;     // the source it is defined in, absolute, without "." and ".."
    const char *function; // "" outside of functions
    uint32_t block; // of those of equal name in the function: which, in the order of the source
    uint32_t type;
    uintptr_t address; // 0: dropped by the optimiser, thread-local, or in pieces
    uint64_t bytes;    // more than its type's for a flexible array with an initialiser
    uint32_t first_piece, piece_count; // 0: it is whole
    bool is_external, is_const, is_thread_local;
} ReflectVariable;

typedef struct ReflectFunction {
    const char *name, *unit; // gcc's changed copies as the linker names them: "jump.constprop.0"
    uintptr_t address;
    uint64_t bytes; // of its code from there; 0: not known
    uint32_t type;
    bool is_external;
} ReflectFunction;

// "typedef float Speed;": names of types that have another name of their own, or none.
typedef struct ReflectAlias {
    const char *name;
    uint32_t type;
} ReflectAlias;

// "Type.old is Type.name now": what HL_WAS of hotloop.h left in the library.
typedef struct ReflectRename {
    const char *type, *name, *old;
} ReflectRename;

typedef struct ReflectTable {
    const ReflectType *types;
    const ReflectMember *members;
    const ReflectEnumerator *enumerators;
    const ReflectVariable *variables; // by address; those without one first
    const ReflectPiece *pieces;
    const ReflectFunction *functions; // by address
    const ReflectAlias *aliases;      // by name; several of one name where units differ
    const ReflectRename *renames;
    uint32_t type_count, member_count, enumerator_count, variable_count, piece_count,
        function_count, alias_count, rename_count;
    bool is_empty; // there is no debug information, or none of types (-g1)
} ReflectTable;

// FAULT_FORMAT: the debug information is damaged or of a kind that is not known (.dwo files). A
// library without any, which cannot be opened and is NULL here, gives an empty table. Some
// milliseconds for 100,000 lines. FAULT_MEMORY: it does not fit in `arena`. *table is empty then.
// What a library carries is not looked at.
bool reflect_table(Reflect *reflect, Arena *arena, ReflectTable *table, Fault *fault);
// The same with memory of its own, of the file that is loaded at `image_first`. NULL: *fault. A
// build that was opened before in this process, known by its build-id, is not read again: at the
// same place it is the same table, at another place one that shares all but variables and
// functions. What was closed is kept for a while. Any thread may open and close.
//
// A library may carry its types: a whole library, made of the same declarations, in a section
// .hotloop_types that is not loaded. The table then has the types, the aliases and the list of
// variables of the carried one, and the addresses and functions of the library itself, whose own
// debug information need not have types. They are joined by unit, function and name; what the
// carried one alone has is listed without an address. Carried libraries are remembered, too, so
// that types which come again are not read again. FAULT_FORMAT: they are damaged, have no build-id
// or no types, or are of other sources: a variable of the library is not among theirs, or has
// another size. So it is where one of several statics of one name in one function was dropped from
// the carried library or from this one: which is which is told by their order.
ReflectTable *reflect_table_open(const char *path, uintptr_t image_first, Fault *fault);
void reflect_table_close(ReflectTable *table); // NULL is fine
// The variable that `address` lies in, and how far; NULL: none.
const ReflectVariable *reflect_variable_at(const ReflectTable *table, uintptr_t address,
                                           uint64_t *offset);
// The function whose code `address` lies in, anywhere in it; NULL: none.
const ReflectFunction *reflect_function_at(const ReflectTable *table, uintptr_t address);
// "enemies[3].body.pos.x" for a place inside a variable of type `type`; "" at its first byte.
void reflect_path(const ReflectTable *table, uint32_t type, uint64_t offset, char *out,
                  size_t out_bytes);

#endif
