#include <stdlib.h>

#include "reflect_variables.h"

// Which of the variables that were found are one, which of several of one name in a function each
// is, and how they are written into the table.
//
// Contents: copies, namesakes, writing.

enum { ENTRY_BYTES = 64, ROOM_MAX = 1 << 18, LEAST_ROOM = 256 };

// --------------------------------------------------------------------------------------- copies

static bool is_placed(const ReflectVariable *variable)
{
    return variable->address || variable->piece_count || variable->is_thread_local;
}

static bool says_more(const FoundVariable *one, const FoundVariable *other)
{
    bool is_one = is_placed(&one->variable), is_other = is_placed(&other->variable);

    return is_one != is_other ? is_one : one->variable.address < other->variable.address;
}

static FoundRoot *slot_of_root(const Found *found, uint64_t root)
{
    uint32_t mask = found->root_room - 1, at = reflect_place_of(root, mask);

    while (found->roots[at].number && found->roots[at].root != root) {
        at = (at + 1) & mask;
    }
    return &found->roots[at];
}

static bool make_roots(Found *found, uint32_t room)
{
    found->roots =
        arena_try_push(found->types->scratch, sizeof *found->roots, _Alignof(FoundRoot), room);
    found->root_room = found->roots ? room : 0;
    for (uint32_t i = 0; i < found->variable_count && found->roots; i++) {
        uint64_t root = found->variables[i].root;
        *slot_of_root(found, root) = (FoundRoot){root, i + 1};
    }
    return found->roots != NULL;
}

void reflect_found_open(Found *found, FoundKind kind, Dies *dies, Types *types, Texts *texts)
{
    uint64_t entries = dies->info.bytes / ENTRY_BYTES;
    uint32_t room = (uint32_t)(entries < ROOM_MAX ? entries : ROOM_MAX) + LEAST_ROOM;

    // Room for all in a usual file: memory that is not touched costs nothing, growing does.
    *found = (Found){.kind = kind, .dies = dies, .types = types, .texts = texts};
    found->variables = arena_try_push(types->scratch, sizeof *found->variables, 16, room);
    found->variable_room = found->variables ? room : 0;
}

void reflect_add_variable(Found *found, const FoundVariable *variable)
{
    FoundVariable *variables =
        reflect_grow(found->types->scratch, found->variables, found->variable_count,
                     &found->variable_room, sizeof *variables);
    FoundRoot *slot;

    found->variables = variables ? variables : found->variables;
    if (!variables
        || (found->variable_count * UINT64_C(2) >= found->root_room
            && !make_roots(found, found->root_room ? found->root_room * 4 : LEAST_ROOM * 4))) {
        reflect_dies_break(found->dies, variable->root);
        return;
    }
    slot = slot_of_root(found, variable->root);
    if (slot->number == 0) {
        *slot = (FoundRoot){variable->root, ++found->variable_count};
        variables[slot->number - 1] = *variable;
    } else if (says_more(variable, &variables[slot->number - 1])) {
        variables[slot->number - 1] = *variable;
    }
}

// ------------------------------------------------------------------------------------ namesakes

// Texts are kept once: they are equal if their places are.
static bool is_namesake(const ReflectVariable *a, const ReflectVariable *b)
{
    return a->name == b->name && a->function == b->function && a->unit == b->unit;
}

static uint64_t hash_name(const ReflectVariable *variable)
{
    uint64_t hash = (uint64_t)(uintptr_t)variable->name * UINT64_C(0x9E3779B97F4A7C15);

    hash = (hash ^ (uint64_t)(uintptr_t)variable->function) * UINT64_C(0x9E3779B97F4A7C15);
    hash = (hash ^ (uint64_t)(uintptr_t)variable->unit) * UINT64_C(0x9E3779B97F4A7C15);
    return hash >> 32;
}

static int in_source(const void *left, const void *right)
{
    const FoundVariable *a = *(FoundVariable *const *)left, *b = *(FoundVariable *const *)right;

    if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    return a->root < b->root ? -1 : a->root > b->root;
}

// The chain that ends with variable number `last` - 1, in the order of the source.
static void number_chain(Found *found, const uint32_t *before, uint32_t last, FoundVariable **chain)
{
    uint32_t count = 0;

    for (uint32_t at = last; at; at = before[at - 1]) {
        chain[count++] = &found->variables[at - 1];
    }
    qsort(chain, count, sizeof(FoundVariable *), in_source);
    for (uint32_t i = 0; i < count; i++) {
        chain[i]->variable.block = i;
    }
}

bool reflect_number_blocks(Found *found)
{
    uint32_t room = LEAST_ROOM, count = found->variable_count;
    Arena *scratch = found->types->scratch;
    uint32_t *last, *before;
    FoundVariable **chain;

    while (room < count * UINT64_C(2)) {
        room *= 2;
    }
    last = arena_try_push(scratch, sizeof *last, _Alignof(uint32_t), room);
    before = arena_try_push(scratch, sizeof *before, _Alignof(uint32_t), count);
    chain = arena_try_push(scratch, sizeof(FoundVariable *), _Alignof(FoundVariable *), count);
    if (!last || !before || !chain) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const ReflectVariable *variable = &found->variables[i].variable;
        uint32_t at = (uint32_t)hash_name(variable) & (room - 1);
        if (!variable->function[0] || found->variables[i].is_folded) {
            continue;
        }
        while (last[at] && !is_namesake(&found->variables[last[at] - 1].variable, variable)) {
            at = (at + 1) & (room - 1);
        }
        before[i] = last[at];
        last[at] = i + 1;
    }
    for (uint32_t i = 0; i < room; i++) {
        if (last[i] && before[last[i] - 1]) {
            number_chain(found, before, last[i], chain);
        }
    }
    return true;
}

// -------------------------------------------------------------------------------------- writing

// A struct that ends with an array of no size may have been given some with its initialiser: the
// symbol knows.
bool reflect_is_flexible(const Types *types, uint32_t node)
{
    const ReflectType *type = &types->nodes[node].type;

    for (int i = 0; i < 16 && type->kind == REFLECT_STRUCT && type->member_count > 0; i++) {
        type = &types->nodes[types->members[type->first_member + type->member_count - 1].type].type;
        if (type->kind == REFLECT_ARRAY && type->count == 0) {
            return true;
        }
    }
    return type->kind == REFLECT_ARRAY && type->count == 0;
}

// Pieces of what is loaded, in the process's addresses. False: damaged, or nothing is left.
static bool write_pieces(const Found *found, ReflectVariable *variable, ReflectPiece *pieces,
                         uint32_t *count)
{
    uint32_t first = *count;

    for (uint32_t i = 0; i < variable->piece_count; i++) {
        ReflectPiece piece = found->pieces[variable->first_piece + i];
        piece.bytes = piece.bytes ? piece.bytes : variable->bytes;
        if (piece.offset > variable->bytes || piece.bytes > variable->bytes - piece.offset
            || !reflect_dies_loaded(found->dies, piece.address, piece.stored_bytes)) {
            *count = first;
            return false;
        }
        piece.address += found->dies->reflect->bias;
        pieces[(*count)++] = piece;
    }
    variable->first_piece = first;
    return true;
}

// What only its type tells, once types are in the table. An address that is not in memory is none.
static void finish_variable(const Found *found, Symbols *symbols, FoundVariable *from)
{
    const Types *types = found->types;
    ReflectVariable *variable = &from->variable;

    if (!reflect_takes_types(found)) {
        return;
    }
    variable->type = types->nodes[from->node].index;
    variable->is_const |= reflect_types_const(types, from->node);
    variable->bytes = types->nodes[from->node].type.bytes;
    if (variable->address && reflect_is_flexible(types, from->node)) {
        if (!symbols->are_read) {
            reflect_read_symbols(symbols, found, false);
        }
        variable->bytes = reflect_symbol_bytes(symbols, variable->address, variable->bytes);
    }
    if (!reflect_dies_loaded(found->dies, variable->address, variable->bytes)) {
        variable->address = 0;
    }
}

// One that several units define, and the linker made one of, is one.
static bool is_same(const ReflectVariable *a, const ReflectVariable *b)
{
    return a->address && a->address == b->address && a->name == b->name
           && a->function == b->function;
}

// Those that are listed, by address. NULL: no room.
static SortKey *find_order(Found *found, uint32_t *listed)
{
    Arena *scratch = found->types->scratch;
    uint32_t count = found->variable_count;
    SortKey *keys = arena_try_push(scratch, sizeof *keys, _Alignof(SortKey), count);
    SortKey *room = arena_try_push(scratch, sizeof *keys, _Alignof(SortKey), count);
    Symbols symbols = {0};

    *listed = 0;
    if (!keys || !room || (reflect_takes_types(found) && !reflect_number_blocks(found))) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        FoundVariable *variable = &found->variables[i];
        finish_variable(found, &symbols, variable);
        if (!variable->is_hidden) {
            keys[(*listed)++] = (SortKey){variable->variable.address, i};
        }
    }
    reflect_sort(keys, room, *listed);
    return keys;
}

bool reflect_write_variables(Found *found, Arena *arena, ReflectTable *table)
{
    ReflectPiece *pieces = arena_try_push(arena, sizeof *pieces, 8, found->piece_count);
    uint32_t listed;
    const SortKey *keys = find_order(found, &listed);
    ReflectVariable *variables = arena_try_push(arena, sizeof *variables, 8, listed);

    if (!variables || !pieces || !keys) {
        return false;
    }
    table->variables = variables;
    table->pieces = pieces;
    for (uint32_t i = 0; i < listed; i++) {
        const ReflectVariable *from = &found->variables[keys[i].index].variable;
        ReflectVariable *variable = &variables[table->variable_count];
        if (i > 0 && is_same(&found->variables[keys[i - 1].index].variable, from)) {
            continue;
        }
        table->variable_count++;
        *variable = *from;
        if (variable->address) {
            variable->address += found->dies->reflect->bias;
        }
        if (!write_pieces(found, variable, pieces, &table->piece_count)) {
            variable->piece_count = 0;
        }
    }
    return true;
}
