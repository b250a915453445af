// Variables and functions while they are being read: one walk over every entry of every unit.
#ifndef REFLECT_VARIABLES_H
#define REFLECT_VARIABLES_H
#include "reflect_types.h"

// What is looked for.
typedef enum FoundKind {
    FOUND_TABLE,
    // For a library that takes its types from this one, and that another compiler made: what the
    // optimiser dropped here may be there. Variables of which only the value is left as well, and
    // functions without code.
    FOUND_WIDE,
    FOUND_PLACES,  // no types: they come from elsewhere; only what lies somewhere
    FOUND_NUMBERED // the same, with what lies nowhere, and so with its numbers among namesakes
} FoundKind;

typedef struct FoundVariable {
    uint64_t root; // the entry that stands for it, however often it is copied
    uint32_t file, line;
    uint32_t node;  // its type
    bool is_hidden; // most likely an automatic one: it counts, but is not listed
    bool is_folded; // only its value is left: it does not even count
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
    FoundKind kind;
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

static inline bool reflect_takes_types(const Found *found)
{
    return found->kind == FOUND_TABLE || found->kind == FOUND_WIDE;
}

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
bool reflect_find_all(Found *found, FoundKind kind, Dies *dies, Types *types, Texts *texts);

// ---- reflect_copies.c

void reflect_found_open(Found *found, FoundKind kind, Dies *dies, Types *types, Texts *texts);
// Of copies of one the one that says most is kept.
void reflect_add_variable(Found *found, const FoundVariable *variable);
bool reflect_is_flexible(const Types *types, uint32_t node);
// Tells those of one name in one function apart by their order, as their blocks. False: no room.
bool reflect_number_blocks(Found *found);
// Writes what was found, once the types are in the table; without types what reflect_join left.
// False: no room.
bool reflect_write_variables(Found *found, Arena *arena, ReflectTable *table);

// ---- reflect_symbols.c

// Data of the file's symbols, by address.
typedef struct Symbols {
    bool are_read;
    SortKey *keys; // index: into the others
    uint64_t *bytes;
    const char **names; // only if asked for
    uint32_t count;
} Symbols;
void reflect_read_symbols(Symbols *symbols, const Found *found, bool with_names);
// Of the largest there; `at_least`: at least.
uint64_t reflect_symbol_bytes(const Symbols *symbols, uint64_t address, uint64_t at_least);
// Whether a variable can be of that size: false when there are symbols that its name stands in
// (update.calls, calls.3), and none of them is.
bool reflect_symbol_fits(const Symbols *symbols, const ReflectVariable *variable, uint64_t bytes);

// ---- reflect_functions.c

// `die` is a subprogram: takes its code, if it has some.
void reflect_add_function(Found *found, Die *die);
// Those that have code.
bool reflect_write_functions(Found *found, Arena *arena, ReflectTable *table);

#endif
