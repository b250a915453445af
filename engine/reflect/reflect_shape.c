#include <string.h>

#include "reflect_types.h"

// Which types are the same. A shape is what two builds compare; within one table two types are the
// same when all that they reach is, through pointers as well: they are told apart step by step,
// those first that differ themselves, then those that point to different ones, until no more are.
//
// Contents: sizes, alignment, shapes, declarations, classes, writing.

enum { DEEP_MAX = 100, CHAIN_MAX = 32, ROUNDS_MAX = 64 };
#define TYPE_BYTES_MAX (UINT64_C(1) << 40)

enum { NOT_YET, AT_IT, DONE };

// ---------------------------------------------------------------------------------------- sizes

static uint64_t set_bytes(Types *types, uint32_t at, int depth)
{
    TypeNode *node = &types->nodes[at];
    uint64_t bytes;

    if (node->type.kind != REFLECT_ARRAY || node->bytes_state == DONE) {
        return node->type.bytes;
    }
    if (node->bytes_state == AT_IT || depth == DEEP_MAX) { // an array of itself: damaged
        reflect_dies_break(types->dies, 0);
        return 0;
    }
    node->bytes_state = AT_IT;
    bytes = set_bytes(types, node->type.of, depth + 1);
    if (node->is_vector && bytes) { // how many there are is not said everywhere
        node->type.count = node->type.count ? node->type.count : node->type.bytes / bytes;
    }
    if (__builtin_mul_overflow(bytes, node->type.count, &bytes) || bytes > TYPE_BYTES_MAX) {
        bytes = 0;
    }
    while (node->is_vector && bytes & (bytes - 1)) { // of three: as long as one of four
        bytes += bytes & -bytes;
    }
    node->type.bytes = bytes;
    node->bytes_state = DONE;
    return bytes;
}

// ------------------------------------------------------------------------------------ alignment

// What is in it is done already.
static void set_align(Types *types, TypeNode *node)
{
    ReflectType *type = &node->type;

    if (type->kind == REFLECT_ARRAY) {
        reflect_raise_align(type,
                            node->is_vector ? type->bytes : types->nodes[type->of].type.align);
    } else if (type->kind == REFLECT_STRUCT || type->kind == REFLECT_UNION) {
        for (uint32_t i = 0; i < type->member_count; i++) {
            const ReflectMember *member = &types->members[type->first_member + i];
            uint32_t align = types->nodes[member->type].type.align;
            if (align && member->offset_bits % (align * UINT64_C(8)) == 0) {
                reflect_raise_align(type, align);
            }
        }
    }
}

// --------------------------------------------------------------------------------------- shapes

// Here and not hash_combine, for there are a million of them; good enough for a shape, which is
// compared with few others.
static uint64_t mix(uint64_t hash, uint64_t more)
{
    hash = (hash ^ more) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return mix(hash, hash_bytes(text, strnlen(text, TEXT_BYTES_MAX)));
}

// What a pointer points to: kind and name, through pointers and arrays to what has a name.
static uint64_t hash_target(const Types *types, uint64_t hash, uint32_t at)
{
    const ReflectType *type = &types->nodes[at].type;

    for (int i = 0; i < CHAIN_MAX; i++) {
        hash = mix(hash, (uint64_t)type->kind);
        if (type->kind != REFLECT_POINTER && type->kind != REFLECT_ARRAY) {
            break;
        }
        hash = mix(hash, type->count);
        type = &types->nodes[type->of].type;
    }
    return hash_text(hash, type->name);
}

static uint64_t set_shape(Types *types, uint32_t at, int depth);

static uint64_t hash_members(Types *types, uint64_t hash, const ReflectType *type, int depth)
{
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = &types->members[type->first_member + i];
        hash = hash_text(hash, member->name);
        hash = mix(hash, member->offset_bits);
        hash = mix(hash, member->bit_size);
        hash = mix(hash, set_shape(types, member->type, depth + 1));
    }
    return mix(hash, type->member_count);
}

static uint64_t hash_type(Types *types, const ReflectType *type, int depth)
{
    uint64_t hash = mix((uint64_t)type->kind, type->bytes);

    hash = mix(hash, (uint64_t)type->is_signed | (uint64_t)type->is_bool << 1
                         | (uint64_t)type->is_char << 2);
    switch (type->kind) {
    case REFLECT_INTEGER:
    case REFLECT_FLOAT:
        return hash;
    case REFLECT_UNKNOWN:
        return hash_text(hash, type->name);
    case REFLECT_POINTER:
        return hash_target(types, hash, type->of);
    case REFLECT_ARRAY:
        hash = mix(hash, type->count);
        return mix(hash, set_shape(types, type->of, depth + 1));
    case REFLECT_ENUM:
        hash = hash_text(hash, type->name);
        for (uint32_t i = 0; i < type->enumerator_count; i++) {
            const ReflectEnumerator *one = &types->enumerators[type->first_enumerator + i];
            hash = mix(hash_text(hash, one->name), (uint64_t)one->value);
        }
        return hash;
    case REFLECT_FUNCTION:
        hash = mix(hash, set_shape(types, type->of, depth + 1));
        return hash_members(types, hash, type, depth);
    default:
        return hash_members(types, hash_text(hash, type->name), type, depth);
    }
}

static uint64_t set_shape(Types *types, uint32_t at, int depth)
{
    TypeNode *node = &types->nodes[at];

    if (node->state == DONE) {
        return node->type.shape;
    }
    if (node->state == AT_IT || depth == DEEP_MAX) { // a struct in itself: damaged
        reflect_dies_break(types->dies, 0);
        return 0;
    }
    node->state = AT_IT;
    node->type.shape = hash_type(types, &node->type, depth);
    set_align(types, node);
    node->state = DONE;
    return node->type.shape;
}

// --------------------------------------------------------------------------------- declarations

static bool has_tag(const TypeNode *node)
{
    return (node->type.kind == REFLECT_STRUCT || node->type.kind == REFLECT_UNION
            || node->type.kind == REFLECT_ENUM)
           && node->type.name[0];
}

// A set of nodes by hash; 0 is none.
typedef struct NodeSet {
    uint32_t *slots, mask;
} NodeSet;

static bool open_set(NodeSet *set, Arena *scratch, uint32_t count)
{
    uint32_t room = 64;

    while (room < count * 2) {
        room *= 2;
    }
    *set = (NodeSet){arena_try_push(scratch, sizeof(uint32_t), _Alignof(uint32_t), room), room - 1};
    return set->slots != NULL;
}

static bool is_same_tag(const TypeNode *a, const TypeNode *b)
{
    return a->type.kind == b->type.kind && strcmp(a->type.name, b->type.name) == 0;
}

static uint32_t *slot_of_tag(const Types *types, const NodeSet *set, const TypeNode *node)
{
    uint64_t hash = hash_text((uint64_t)node->type.kind, node->type.name);
    uint32_t slot = (uint32_t)hash & set->mask;

    while (set->slots[slot] && !is_same_tag(&types->nodes[set->slots[slot]], node)) {
        slot = (slot + 1) & set->mask;
    }
    return &set->slots[slot];
}

// A struct that is only declared in one unit is the one of that tag that another unit defines. Two
// units may define different ones: then it stays open which is meant.
static bool pair_declarations(Types *types)
{
    NodeSet set;
    bool is_needed = false;
    bool *is_open; // of a definition: another unit has a different one

    for (uint32_t i = 1; i < types->node_count; i++) {
        is_needed |= types->nodes[i].is_declaration && has_tag(&types->nodes[i]);
        types->nodes[i].same = i;
    }
    if (!is_needed) {
        return true;
    }
    is_open = arena_try_push(types->scratch, sizeof *is_open, 1, types->node_count);
    if (!is_open || !open_set(&set, types->scratch, types->node_count)) {
        return false;
    }
    for (uint32_t i = 1; i < types->node_count; i++) {
        TypeNode *node = &types->nodes[i];
        if (!node->is_declaration && has_tag(node)) {
            uint32_t *slot = slot_of_tag(types, &set, node);
            *slot = *slot ? *slot : i;
            is_open[*slot] |= types->nodes[*slot].type.shape != node->type.shape;
        }
    }
    for (uint32_t i = 1; i < types->node_count; i++) {
        TypeNode *node = &types->nodes[i];
        if (node->is_declaration && has_tag(node)) {
            uint32_t definition = *slot_of_tag(types, &set, node);
            node->same = definition && !is_open[definition] ? definition : i;
        }
    }
    return true;
}

// -------------------------------------------------------------------------------------- classes

static uint64_t hash_alone(const TypeNode *node)
{
    uint64_t hash = hash_text(node->type.shape, node->type.name);

    return mix(hash, node->is_declaration);
}

static uint64_t hash_reached(const Types *types, const uint64_t *hashes, uint32_t at)
{
    const ReflectType *type = &types->nodes[at].type;
    uint64_t hash = mix(hashes[at], hashes[types->nodes[type->of].same]);

    for (uint32_t i = 0; i < type->member_count; i++) {
        uint32_t member = types->members[type->first_member + i].type;
        hash = mix(hash, hashes[types->nodes[member].same]);
    }
    return hash;
}

// How many different ones there are; each node's `same` becomes the first of its kind when `join`.
static uint32_t count_classes(Types *types, NodeSet *set, const uint64_t *hashes, bool join)
{
    uint32_t count = 0;

    memset(set->slots, 0, (set->mask + 1) * sizeof *set->slots);
    for (uint32_t i = 1; i < types->node_count; i++) {
        uint32_t slot;
        if (types->nodes[i].same != i) {
            continue;
        }
        slot = (uint32_t)hashes[i] & set->mask;
        while (set->slots[slot] && hashes[set->slots[slot]] != hashes[i]) {
            slot = (slot + 1) & set->mask;
        }
        count += set->slots[slot] == 0;
        set->slots[slot] = set->slots[slot] ? set->slots[slot] : i;
        if (join) {
            types->nodes[i].same = set->slots[slot];
            reflect_raise_align(&types->nodes[set->slots[slot]].type, types->nodes[i].type.align);
        }
    }
    return count;
}

static bool find_classes(Types *types, uint32_t *class_count)
{
    uint32_t last = 0, count;
    uint64_t *now = arena_try_push(types->scratch, sizeof *now, 8, types->node_count);
    uint64_t *next = arena_try_push(types->scratch, sizeof *next, 8, types->node_count);
    NodeSet set;

    if (!now || !next || !open_set(&set, types->scratch, types->node_count)) {
        return false;
    }
    for (uint32_t i = 0; i < types->node_count; i++) {
        now[i] = i ? hash_alone(&types->nodes[i]) : 0;
    }
    count = count_classes(types, &set, now, false);
    for (int round = 0; round < ROUNDS_MAX && count != last; round++) {
        uint64_t *swap = now;
        for (uint32_t i = 1; i < types->node_count; i++) {
            next[i] = hash_reached(types, now, i);
        }
        next[0] = 0;
        now = next;
        next = swap;
        last = count;
        count = count_classes(types, &set, now, false);
    }
    *class_count = count_classes(types, &set, now, true);
    return true;
}

// -------------------------------------------------------------------------------------- writing

typedef struct Output {
    ReflectType *types;
    ReflectMember *members;
    ReflectEnumerator *enumerators;
} Output;

static bool open_output(const Types *types, Arena *arena, ReflectTable *table, Output *output,
                        uint32_t class_count)
{
    uint32_t members = 0, enumerators = 0;

    for (uint32_t i = 1; i < types->node_count; i++) {
        if (types->nodes[i].same == i) {
            members += types->nodes[i].type.member_count;
            enumerators += types->nodes[i].type.enumerator_count;
        }
    }
    output->types = arena_try_push(arena, sizeof(ReflectType), 8, class_count + 1);
    output->members = arena_try_push(arena, sizeof(ReflectMember), 8, members);
    output->enumerators = arena_try_push(arena, sizeof(ReflectEnumerator), 8, enumerators);
    table->types = output->types;
    table->members = output->members;
    table->enumerators = output->enumerators;
    return output->types && output->members && output->enumerators;
}

static uint32_t index_of(const Types *types, uint32_t node)
{
    uint32_t same = types->nodes[node].same;

    return types->nodes[types->nodes[same].same].index; // a declaration's definition's first
}

static void write_type(const Types *types, const TypeNode *node, Texts *texts, Output *output,
                       ReflectTable *table)
{
    ReflectType *type = &output->types[node->index];

    *type = node->type;
    type->name = reflect_text(texts, node->type.name);
    type->of = index_of(types, node->type.of);
    type->first_member = table->member_count;
    type->first_enumerator = table->enumerator_count;
    for (uint32_t i = 0; i < type->member_count; i++) {
        ReflectMember *member = &output->members[table->member_count++];
        *member = types->members[node->type.first_member + i];
        member->name = reflect_text(texts, member->name);
        member->type = index_of(types, member->type);
    }
    for (uint32_t i = 0; i < type->enumerator_count; i++) {
        ReflectEnumerator *enumerator = &output->enumerators[table->enumerator_count++];
        *enumerator = types->enumerators[node->type.first_enumerator + i];
        enumerator->name = reflect_text(texts, enumerator->name);
    }
}

bool reflect_types_write(Types *types, Texts *texts, ReflectTable *table)
{
    uint32_t class_count;
    Output output;

    for (uint32_t i = 1; i < types->node_count; i++) {
        (void)set_bytes(types, i, 0);
    }
    for (uint32_t i = 0; i < types->node_count; i++) {
        (void)set_shape(types, i, 0);
    }
    if (types->dies->is_broken || !pair_declarations(types) || !find_classes(types, &class_count)
        || !open_output(types, texts->arena, table, &output, class_count)) {
        return false;
    }
    table->type_count = 1;
    output.types[0] = (ReflectType){.name = ""};
    for (uint32_t i = 1; i < types->node_count; i++) {
        if (types->nodes[i].same == i) {
            types->nodes[i].index = table->type_count++;
        }
    }
    for (uint32_t i = 1; i < types->node_count; i++) {
        if (types->nodes[i].same == i) {
            write_type(types, &types->nodes[i], texts, &output, table);
        } else {
            types->nodes[i].index = index_of(types, i);
        }
    }
    return true;
}
