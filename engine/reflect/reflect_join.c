#include "reflect_join.h"

// By unit, function and name. Where a function has several variables of one name, which is which is
// a matter of their order; but each compiler and each setting leaves out others. Those that lie
// somewhere are certain: tcc leaves out no static one, and no automatic one lies anywhere for good.
//
// Contents: names, what is known, asking, joining variables, joining functions.

enum { NAMESAKES_MAX = 64 };

// ---------------------------------------------------------------------------------------- names

static uint64_t mix(uint64_t hash, const char *text)
{
    return (hash ^ (uint64_t)(uintptr_t)text) * UINT64_C(0x9E3779B97F4A7C15);
}

static uint32_t hash_names(const char *unit, const char *function, const char *name)
{
    return (uint32_t)(mix(mix(mix(0, name), function), unit) >> 32);
}

// Slots for so many things, twice as many at least. NULL: no room.
static uint32_t *make_slots(Arena *arena, uint32_t count, uint32_t *mask)
{
    *mask = 63;
    while (*mask < count * UINT64_C(2)) {
        *mask = *mask * 2 + 1;
    }
    return arena_try_push(arena, sizeof(uint32_t), _Alignof(uint32_t), (size_t)*mask + 1);
}

static uint32_t *slot_of_variable(const ReflectKnown *known, const ReflectVariable *like)
{
    uint32_t at = hash_names(like->unit, like->function, like->name) & known->name_mask;

    for (; known->name_slots[at]; at = (at + 1) & known->name_mask) {
        const KnownName *one = &known->names[known->name_slots[at] - 1];
        if (one->name == like->name && one->function == like->function && one->unit == like->unit) {
            break;
        }
    }
    return &known->name_slots[at];
}

static uint32_t *slot_of_function(const ReflectKnown *known, const char *unit, const char *name)
{
    uint32_t at = hash_names(unit, "", name) & known->function_mask;

    for (; known->function_slots[at]; at = (at + 1) & known->function_mask) {
        const KnownFunction *function = &known->functions[known->function_slots[at] - 1];
        if (function->name == name && function->unit == unit) {
            break;
        }
    }
    return &known->function_slots[at];
}

// --------------------------------------------------------------------------------- what is known

static bool is_placed(const ReflectVariable *variable)
{
    return variable->address || variable->piece_count || variable->is_thread_local;
}

static void know_variable(ReflectKnown *known, const Found *found, const FoundVariable *from)
{
    KnownVariable *to = &known->variables[known->variable_count++];
    uint32_t *slot;
    KnownName *name;

    to->variable = from->variable;
    to->variable.address = 0;
    to->variable.first_piece = to->variable.piece_count = 0;
    to->file = from->file;
    to->line = from->line;
    to->is_placed = is_placed(&from->variable);
    to->is_listed = !from->is_hidden;
    to->is_flexible = reflect_is_flexible(found->types, from->node);
    slot = slot_of_variable(known, &to->variable);
    if (*slot == 0) {
        *slot = ++known->name_count;
        known->names[*slot - 1] = (KnownName){.unit = to->variable.unit,
                                              .function = to->variable.function,
                                              .name = to->variable.name};
    }
    name = &known->names[*slot - 1];
    to->next = name->first;
    name->first = known->variable_count;
    to->variable.block = from->is_folded ? name->count : from->variable.block;
    name->count++;
    name->counted += !from->is_folded;
    name->placed += to->is_placed;
    name->last_placed = to->is_placed ? known->variable_count : name->last_placed;
}

static void know_function(ReflectKnown *known, const Found *found, const FoundFunction *from)
{
    const char *unit = from->function.unit, *name = from->function.name;
    uint32_t type = found->types->nodes[from->node].index;
    uint32_t *slot = slot_of_function(known, unit, name);
    KnownFunction *function;

    if (*slot == 0) {
        *slot = ++known->function_count;
        known->functions[*slot - 1] = (KnownFunction){unit, name, type, from->function.is_external};
        return;
    }
    function = &known->functions[*slot - 1];
    function->type = function->type == type ? type : 0;
}

bool reflect_know(ReflectKnown *known, const Found *found, Arena *arena)
{
    known->texts = *found->texts;
    known->variables = arena_try_push(arena, sizeof(KnownVariable), 8, found->variable_count);
    known->names = arena_try_push(arena, sizeof(KnownName), 8, found->variable_count);
    known->functions = arena_try_push(arena, sizeof(KnownFunction), 8, found->function_count);
    known->name_slots = make_slots(arena, found->variable_count, &known->name_mask);
    known->function_slots = make_slots(arena, found->function_count, &known->function_mask);
    if (!known->variables || !known->names || !known->functions || !known->name_slots
        || !known->function_slots) {
        return false;
    }
    for (int folded = 0; folded < 2; folded++) { // these behind the others
        for (uint32_t i = 0; i < found->variable_count; i++) {
            if (found->variables[i].is_folded == folded) {
                know_variable(known, found, &found->variables[i]);
            }
        }
    }
    for (uint32_t i = 0; i < found->function_count; i++) {
        know_function(known, found, &found->functions[i]);
    }
    return true;
}

// --------------------------------------------------------------------------------------- asking

// Of the variables of one name: those of the library that is joined.
typedef struct Here {
    uint32_t count, placed; // placed: at how many places; copies lie at one
    uint64_t address;       // of the last
    bool lacks_lines;       // their order is not that of the source
} Here;

typedef struct Join {
    Found *found;
    const ReflectKnown *known;
    const ReflectTable *types;
    Fault *fault;
    Symbols symbols;
    bool *needs_numbers; // NULL: they are there
    Here *here;          // by number of KnownName
    bool *is_taken;      // by number of KnownVariable
} Join;

// "update.calls"
static const char *whole_name(const ReflectVariable *variable, char *out, size_t out_bytes)
{
    (void)text_format(out, out_bytes, "%s%s%s", variable->function,
                      variable->function[0] ? "." : "", variable->name);
    return out;
}

static bool refuse_unknown(const Join *join, const ReflectVariable *variable)
{
    char name[256];

    return fault_set(join->fault, FAULT_FORMAT,
                     "%s: its variable %s (%s) is not among the types that it carries; it is not "
                     "used, and the full build takes its place",
                     join->found->dies->reflect->path, whole_name(variable, name, sizeof name),
                     variable->unit);
}

static bool refuse_several(const Join *join, const ReflectVariable *variable)
{
    char name[256];

    return fault_set(join->fault, FAULT_FORMAT,
                     "%s: which of several variables %s (%s) is of which type cannot be told; it "
                     "is not used, and the full build takes its place",
                     join->found->dies->reflect->path, whole_name(variable, name, sizeof name),
                     variable->unit);
}

static bool refuse_size(const Join *join, const ReflectVariable *variable, uint64_t bytes)
{
    char name[256];

    return fault_set(join->fault, FAULT_FORMAT,
                     "%s: its variable %s (%s) is not of %llu bytes, as the types that it carries "
                     "say; it is not used, and the full build takes its place",
                     join->found->dies->reflect->path, whole_name(variable, name, sizeof name),
                     variable->unit, (unsigned long long)bytes);
}

// --------------------------------------------------------------------------- joining variables

// An address that is not in memory is none.
static bool is_here(const Join *join, ReflectVariable *variable)
{
    if (variable->address && !reflect_dies_loaded(join->found->dies, variable->address, 0)) {
        variable->address = 0;
    }
    return is_placed(variable);
}

// Its type is not looked for here: `node` is the number of its name.
static void count_here(Join *join, FoundVariable *from)
{
    Here *here;

    from->node = *slot_of_variable(join->known, &from->variable);
    if (from->node == 0) {
        return;
    }
    here = &join->here[from->node - 1];
    here->count++;
    if (is_here(join, &from->variable)) {
        here->placed += from->variable.address == 0 || from->variable.address != here->address;
        here->address = from->variable.address;
        here->lacks_lines |= from->line == 0;
    }
}

// gcc's constants for __func__; where bodies were left out, it is not known, and no loss.
static bool is_function_name(const ReflectVariable *variable)
{
    return strcmp(variable->name, "__func__") == 0 || strcmp(variable->name, "__FUNCTION__") == 0
           || strcmp(variable->name, "__PRETTY_FUNCTION__") == 0;
}

// How many of those that lie somewhere are declared before this one. *is_certain becomes false
// where that cannot be told: several stand on one line, or in several files.
static uint32_t count_before(const Join *join, const KnownName *name, const KnownVariable *variable,
                             bool *is_certain)
{
    uint32_t count = 0;

    *is_certain &= variable->line > 0;
    for (uint32_t at = name->first; at; at = join->known->variables[at - 1].next) {
        const KnownVariable *one = &join->known->variables[at - 1];
        if (one->is_placed && one != variable) {
            count += one->line < variable->line;
            *is_certain &= one->line != variable->line && one->file == variable->file;
        }
    }
    return count;
}

// Several that lie somewhere: 0 where it is not certain which is which. A unit without lines is
// tcc's, has every static variable in the order of the source, and nothing else: it is certain
// where as many are known to lie somewhere. A unit of another compiler counts as the known one does
// where it has the same ones.
static uint32_t find_block(const Join *join, const KnownName *name, const Here *here,
                           const ReflectVariable *variable)
{
    bool is_certain = true;
    uint32_t found = 0;

    if (here->placed != name->placed || name->count > NAMESAKES_MAX
        || here->count != (here->lacks_lines ? here->placed : name->counted)) {
        return 0;
    }
    for (uint32_t at = name->first; at; at = join->known->variables[at - 1].next) {
        const KnownVariable *one = &join->known->variables[at - 1];
        uint32_t block = one->variable.block;
        if (!one->is_placed) {
            continue;
        }
        if (here->lacks_lines) {
            block = count_before(join, name, one, &is_certain);
        }
        found = block == variable->block ? at : found;
    }
    return is_certain ? found : 0;
}

// The number + 1 of the known variable that it is; 0: none is, or which cannot be told.
static uint32_t find_known(const Join *join, const KnownName *name, const Here *here,
                           const ReflectVariable *variable)
{
    if (here->placed > 1) {
        if (join->needs_numbers && !here->lacks_lines) {
            *join->needs_numbers = true;
            return 0;
        }
        return find_block(join, name, here, variable);
    }
    return name->count == 1 ? name->first : name->placed == 1 ? name->last_placed : 0;
}

// Takes over what is known of it.
static bool take_known(Join *join, FoundVariable *to, const KnownVariable *known)
{
    ReflectVariable here = to->variable, *variable = &to->variable;
    uint64_t bytes = join->types->types[known->variable.type].bytes;

    if (known->is_flexible) {
        bytes = here.address ? reflect_symbol_bytes(&join->symbols, here.address, bytes) : bytes;
    } else if (here.address && known->variable.type
               && !reflect_symbol_fits(&join->symbols, &here, bytes)) {
        return refuse_size(join, &here, bytes);
    }
    *variable = known->variable;
    variable->address = here.address;
    variable->first_piece = here.first_piece;
    variable->piece_count = here.piece_count;
    variable->is_thread_local |= here.is_thread_local;
    variable->bytes = bytes;
    if (!reflect_dies_loaded(join->found->dies, here.address, bytes)) {
        variable->address = 0;
    }
    return true;
}

static bool join_variable(Join *join, FoundVariable *variable)
{
    uint32_t number = variable->node, found;
    const KnownName *name = number ? &join->known->names[number - 1] : NULL;

    variable->is_hidden =
        !is_placed(&variable->variable) || (!name && is_function_name(&variable->variable));
    if (variable->is_hidden) {
        return true;
    }
    if (!name) {
        return refuse_unknown(join, &variable->variable);
    }
    found = find_known(join, name, &join->here[number - 1], &variable->variable);
    if (found == 0 && join->needs_numbers && *join->needs_numbers) {
        return false;
    }
    if (found == 0) {
        return refuse_several(join, &variable->variable);
    }
    join->is_taken[found - 1] = true;
    return take_known(join, variable, &join->known->variables[found - 1]);
}

// What is known and not here was dropped, as far as anybody can tell.
static bool add_missing(Join *join)
{
    Found *found = join->found;

    for (uint32_t i = 0; i < join->known->variable_count; i++) {
        const KnownVariable *known = &join->known->variables[i];
        FoundVariable *variables;
        if (join->is_taken[i] || !known->is_listed) {
            continue;
        }
        variables = reflect_grow(found->types->scratch, found->variables, found->variable_count,
                                 &found->variable_room, sizeof *variables);
        if (!variables) {
            return fault_set(join->fault, FAULT_MEMORY, "%s: its variables find no room",
                             found->dies->reflect->path);
        }
        found->variables = variables;
        variables[found->variable_count++] = (FoundVariable){.variable = known->variable};
    }
    return true;
}

static bool join_variables(Join *join)
{
    Found *found = join->found;
    uint32_t count = found->variable_count;

    for (uint32_t i = 0; i < count; i++) {
        count_here(join, &found->variables[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!join_variable(join, &found->variables[i])) {
            return false;
        }
    }
    return add_missing(join);
}

// --------------------------------------------------------------------------- joining functions

static void join_functions(const Join *join)
{
    for (uint32_t i = 0; i < join->found->function_count; i++) {
        ReflectFunction *function = &join->found->functions[i].function;
        uint32_t number = *slot_of_function(join->known, function->unit, function->name);
        if (number) {
            function->type = join->known->functions[number - 1].type;
            function->is_external = join->known->functions[number - 1].is_external;
        }
    }
}

bool reflect_join(Found *found, const ReflectKnown *known, const ReflectTable *types,
                  bool *needs_numbers, Fault *fault)
{
    Arena *scratch = found->types->scratch;
    Join join = {.found = found,
                 .known = known,
                 .types = types,
                 .fault = fault,
                 .needs_numbers = needs_numbers};

    join.here = arena_try_push(scratch, sizeof(Here), _Alignof(Here), known->name_count);
    join.is_taken = arena_try_push(scratch, sizeof(bool), 1, known->variable_count);
    if (!join.here || !join.is_taken || !reflect_number_blocks(found)) {
        return fault_set(fault, FAULT_MEMORY, "%s: its variables find no room",
                         found->dies->reflect->path);
    }
    reflect_read_symbols(&join.symbols, found, true);
    join_functions(&join);
    return join_variables(&join);
}
