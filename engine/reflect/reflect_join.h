// Types of one library, places of another: what reflect_table.h says of libraries that carry their
// types. The carried library is read once, wide (FOUND_WIDE), and is remembered with its table and
// with what of it can be asked for by name; of the other one only places are read (FOUND_PLACES).
#ifndef REFLECT_JOIN_H
#define REFLECT_JOIN_H
#include "reflect_variables.h"

typedef struct KnownVariable {
    ReflectVariable variable; // its address: of its own library, 0 is none
    uint32_t next;            // of its name, + 1
    uint32_t file, line;      // where it is declared
    bool is_placed, is_listed, is_flexible;
} KnownVariable;

// All variables of one unit, function and name.
typedef struct KnownName {
    const char *unit, *function, *name;
    uint32_t first; // + 1
    uint32_t count, placed, counted;
    uint32_t last_placed; // the only one, where there is one
} KnownName;

typedef struct KnownFunction {
    const char *unit, *name;
    uint32_t type; // 0: several of that name differ
    bool is_external;
} KnownFunction;

// Lies in the memory of the table that it belongs to. Texts are equal if their places are, those of
// the table as well.
typedef struct ReflectKnown {
    Texts texts;
    KnownVariable *variables;
    KnownName *names;
    KnownFunction *functions;
    uint32_t *name_slots, *function_slots; // number + 1; 0: free
    uint32_t variable_count, name_count, function_count, name_mask, function_mask;
} ReflectKnown;

// ---- reflect_carried.c

// The library that `library` carries, of which only the head is read: what its identity takes.
// *carried is NULL when it carries none. False: there is one, and it is damaged.
bool reflect_open_carried(Reflect *library, Reflect **carried, Fault *fault);
// Reads the rest of it, as far as a table needs it.
bool reflect_read_carried(Reflect *library, Reflect *carried, Fault *fault);
// Finds the source of units that were compiled from standard input, by what a line marker in it
// named: the only file of theirs that ends with ".c".
void reflect_name_sources(Dies *dies, Texts *texts);

// ---- reflect_table.c

bool reflect_table_wide(Reflect *reflect, Arena *arena, ReflectTable *table, ReflectKnown *known,
                        Fault *fault);
// `types` must outlive the table.
bool reflect_table_joined(Reflect *reflect, const ReflectTable *types, ReflectKnown *known,
                          Arena *arena, ReflectTable *table, Fault *fault);

// ---- reflect_join.c

// Takes what was found, once the table is written. False: no room.
bool reflect_know(ReflectKnown *known, const Found *found, Arena *arena);
// Gives the variables and functions that were found types, adds the variables that are only known.
// False: *fault, they are not of the same sources; or *needs_numbers, and FOUND_NUMBERED is to be
// found (NULL: it was).
bool reflect_join(Found *found, const ReflectKnown *known, const ReflectTable *types,
                  bool *needs_numbers, Fault *fault);

#endif
