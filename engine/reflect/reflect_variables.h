// Variables and functions while they are being read: one walk over every entry of every unit.
#ifndef REFLECT_VARIABLES_H
#define REFLECT_VARIABLES_H
#include "reflect_types.h"

typedef struct FoundVariable {
    uint64_t root; // the entry that stands for it, however often it is copied
    uint32_t line;
    uint32_t node;  // its type
    bool is_hidden; // most likely an automatic one: it counts, but is not listed
    ReflectVariable variable;
} FoundVariable;

typedef struct FoundRoot {
    uint64_t root;
    uint32_t number; // of the variable, + 1; 0: free
} FoundRoot;

typedef struct FoundFunction {
    uint32_t node;
    ReflectFunction function;
} FoundFunction;

typedef struct Found {
    Dies *dies;
    Types *types;
    Texts *texts;
    FoundVariable *variables;
    FoundFunction *functions;
    ReflectPiece *pieces;
    uint32_t variable_count, variable_room, function_count, function_room, piece_count, piece_room;
    FoundRoot *roots; // by what variables are copies of
    uint32_t root_room;
} Found;

// ---- reflect_location.c

typedef struct Place {
    uint64_t address; // of the file; 0: not known, or in pieces
    uint32_t first_piece, piece_count;
    bool is_thread_local;
} Place;
// Worth more than a glance: may be for good, not on a stack.
bool reflect_is_place(Block expression);
void reflect_locate(Found *found, const DieUnit *unit, Block expression, Place *place);

// ---- reflect_variables.c

// Walks everything; types are complete afterwards. False: damaged.
bool reflect_find_all(Found *found, Dies *dies, Types *types, Texts *texts);

// ---- reflect_copies.c

void reflect_found_open(Found *found, Dies *dies, Types *types, Texts *texts);
// Of copies of one the one that says most is kept.
void reflect_add_variable(Found *found, const FoundVariable *variable);
// Writes what was found, once the types are in the table. False: no room.
bool reflect_write_variables(Found *found, Arena *arena, ReflectTable *table);

// ---- reflect_functions.c

// `die` is a subprogram: takes its code, if it has some.
void reflect_add_function(Found *found, Die *die);
bool reflect_write_functions(Found *found, Arena *arena, ReflectTable *table);

#endif
