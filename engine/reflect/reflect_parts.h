// What the files of reflect share: reflect.c (the file, its units, places), reflect_find.c (names,
// types, values), reflect_suspect.c (what stands on a source line).
#ifndef REFLECT_PARTS_H
#define REFLECT_PARTS_H
#include <elfutils/libdw.h>

#include "reflect.h"

enum { SCOPES_MAX = 64 };

// Addresses of the file, not of the process, in all of these.
typedef struct Span {
    uint64_t first, end;
    uint32_t unit;      // of a unit's span
    Dwarf_Die function; // of a function's span
} Span;

typedef struct Unit {
    Dwarf_Die head; // has the lines
    Dwarf_Die root; // has the functions: the same but for split debug information
    bool has_functions;
    Span *functions;
    size_t function_count;
} Unit;

struct Reflect {
    Arena memory; // of all here, the file's bytes too
    const char *path;
    // Of a library that another one carries: its bytes, and where they lie in the other's file.
    uint8_t *carried;
    uint64_t carried_first, carried_bytes;
    bool has_file; // sections are read from `file` when they are asked for; dwarf is NULL
    int file;
    Elf *elf;
    Dwarf *dwarf;
    bool has_cfi;   // it was asked for
    Dwarf_CFI *cfi; // rules of frames; NULL: there are none
    uint64_t bias;  // what the loader added to the file's addresses
    bool has_units;
    Unit *units;
    size_t unit_count;
    Span *spans;
    size_t span_count;
};

// The function that an instruction is in and the blocks and inlined calls in it, outermost first.
typedef struct Scopes {
    Unit *unit;
    Dwarf_Die die[SCOPES_MAX];
    size_t count;
} Scopes;

// ---- reflect.c

// For a table alone: of the file's bytes only the sections that it is made of are read, a third of
// all. Nothing else here may be asked of it.
Reflect *reflect_open_sections(const char *path, uintptr_t image_first, Fault *fault);
Reflect *reflect_new(const char *path, Fault *fault); // with nothing opened
// Finds the first address of the file, for the bias. False: it is no library.
bool reflect_find_image(Reflect *reflect, uintptr_t image_first);
Unit *reflect_unit_at(Reflect *reflect, uint64_t address); // NULL: none
void reflect_read_units(Reflect *reflect);
bool reflect_find_scopes(Reflect *reflect, uint64_t address, Scopes *scopes);
// The first child, the next sibling: false at the end and where the file is damaged.
bool reflect_child(Dwarf_Die *die, Dwarf_Die *child);
bool reflect_next(Dwarf_Die *die);

// ---- reflect_find.c

typedef enum ValueKind { VALUE_UNKNOWN, VALUE_IN_MEMORY, VALUE_KNOWN } ValueKind;

// What an expression of the source stands for.
typedef struct Value {
    Dwarf_Die type; // without typedefs and qualifiers
    bool has_type;  // false: void
    ValueKind kind;
    uint64_t word; // its address, or itself
} Value;

typedef struct Finder {
    Reflect *reflect;
    const ReflectMachine *machine;
    uint64_t registers[17];
    uint32_t known; // registers, a bit each
    uint64_t cfa;   // 0: not known
    Scopes scopes;
    size_t level_first, level_end; // scopes of the function, inlined or not, that is looked at
} Finder;

// False: nothing is known about the code there.
bool reflect_finder(Finder *finder, Reflect *reflect, const ReflectMachine *machine);
// A variable that the source may mean by `name` there.
bool reflect_variable(Finder *finder, const char *name, size_t length, Value *value);
// The member and where it lies in *of, which is a struct or a union.
bool reflect_member(Finder *finder, const Value *of, const char *name, size_t length, Value *member,
                    uint64_t *offset);
// Pointer or array: what it points to, or consists of. False: neither.
bool reflect_target(const Value *of, Value *target);
bool reflect_is(const Value *value, unsigned tag); // a DW_TAG_
uint64_t reflect_type_bytes(const Value *value);   // 0: not known, void
// The value as a number of its type's size and sign, read if it lies in memory.
bool reflect_load(const Finder *finder, const Value *value, uint64_t *word);

#endif
