#include "reflect_match.h"

#include <string.h>

#include "reflect_match_parts.h"

// Contents: opening, sameness, signatures, likeness, members.

// -------------------------------------------------------------------------------------- opening

ReflectMatch *reflect_match_open(Arena *arena, const ReflectTable *from, const ReflectTable *to,
                                 const ReflectRename *renames, uint32_t rename_count)
{
    ReflectMatch *match = ARENA_NEW(arena, ReflectMatch, 1);
    match->arena = arena;
    match->from = from;
    match->to = to;
    match->renames = renames;
    match->rename_count = rename_count;
    return match;
}

const ReflectTable *reflect_match_from(const ReflectMatch *match)
{
    return match->from;
}

const ReflectTable *reflect_match_to(const ReflectMatch *match)
{
    return match->to;
}

const ReflectMember *match_members(const ReflectTable *table, const ReflectType *type)
{
    return table->members + type->first_member;
}

// ------------------------------------------------------------------------------------- sameness

static bool find_same(ReflectMatch *match, uint32_t from, uint32_t to, int depth);

static bool same_enumerators(const ReflectMatch *match, const ReflectType *a, const ReflectType *b)
{
    const ReflectEnumerator *as = match->from->enumerators + a->first_enumerator;
    const ReflectEnumerator *bs = match->to->enumerators + b->first_enumerator;
    if (a->enumerator_count != b->enumerator_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->enumerator_count; i++) {
        if (as[i].value != bs[i].value || strcmp(as[i].name, bs[i].name) != 0) {
            return false;
        }
    }
    return true;
}

static bool same_members(ReflectMatch *match, const ReflectType *a, const ReflectType *b, int depth)
{
    if (a->member_count != b->member_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->member_count; i++) {
        const ReflectMember *ma = &match_members(match->from, a)[i];
        const ReflectMember *mb = &match_members(match->to, b)[i];
        if (ma->offset_bits != mb->offset_bits || ma->bit_size != mb->bit_size
            || strcmp(ma->name, mb->name) != 0
            || !find_same(match, ma->type, mb->type, depth + 1)) {
            return false;
        }
    }
    return true;
}

static bool same_pointers(const ReflectMatch *match, const ReflectType *a, const ReflectType *b)
{
    bool is_function = reflect_type(match->from, a->of)->kind == REFLECT_FUNCTION;
    if (is_function != (reflect_type(match->to, b->of)->kind == REFLECT_FUNCTION)) {
        return false;
    }
    return !is_function || reflect_same_signature(match->from, a->of, match->to, b->of);
}

static bool compare_types(ReflectMatch *match, uint32_t from, uint32_t to, int depth)
{
    const ReflectType *a = reflect_type(match->from, from), *b = reflect_type(match->to, to);
    if (a->kind != b->kind || a->bytes != b->bytes || depth > MATCH_DEPTH_MAX) {
        return false;
    }
    switch (a->kind) {
    case REFLECT_INTEGER:
        return a->is_signed == b->is_signed && a->is_bool == b->is_bool;
    case REFLECT_ENUM:
        return same_enumerators(match, a, b);
    case REFLECT_POINTER:
        return same_pointers(match, a, b);
    case REFLECT_ARRAY:
        return a->count == b->count && find_same(match, a->of, b->of, depth + 1);
    case REFLECT_STRUCT:
    case REFLECT_UNION:
        return same_members(match, a, b, depth);
    default:
        return true;
    }
}

// Remembered by the pair: the two numbers and, in the lowest bits, 1 for no and 2 for yes.
static bool find_same(ReflectMatch *match, uint32_t from, uint32_t to, int depth)
{
    uint64_t key = ((uint64_t)from << 33) | ((uint64_t)to << 2);
    uint64_t *known = &match->same[(key * UINT64_C(0x9e3779b97f4a7c15)) >> 54];
    if ((*known & ~UINT64_C(3)) == key && (*known & 3)) {
        return (*known & 3) == 2;
    }
    bool same = compare_types(match, from, to, depth);
    *known = key | (same ? 2 : 1);
    return same;
}

bool reflect_same_type(ReflectMatch *match, uint32_t from, uint32_t to)
{
    return find_same(match, from, to, 0);
}

// ----------------------------------------------------------------------------------- signatures

// Passed in the same way and meant in the same way: what pointers point to counts by its name.
static bool is_alike(const ReflectTable *a, uint32_t type_a, const ReflectTable *b, uint32_t type_b,
                     int depth)
{
    const ReflectType *x = reflect_type(a, type_a), *y = reflect_type(b, type_b);
    if (x->kind != y->kind) {
        return false;
    }
    switch (x->kind) {
    case REFLECT_INTEGER:
        return x->bytes == y->bytes && x->is_signed == y->is_signed && x->is_bool == y->is_bool;
    case REFLECT_FLOAT:
        return x->bytes == y->bytes;
    case REFLECT_ENUM:
        return x->bytes == y->bytes && strcmp(x->name, y->name) == 0;
    case REFLECT_POINTER:
    case REFLECT_ARRAY:
        return depth > 4 || is_alike(a, x->of, b, y->of, depth + 1);
    case REFLECT_FUNCTION:
        return depth > 4 || reflect_same_signature(a, type_a, b, type_b);
    case REFLECT_STRUCT:
    case REFLECT_UNION:
        return x->name[0] || y->name[0] ? strcmp(x->name, y->name) == 0 : x->shape == y->shape;
    default:
        return true;
    }
}

bool reflect_same_signature(const ReflectTable *a, uint32_t type_a, const ReflectTable *b,
                            uint32_t type_b)
{
    const ReflectType *x = reflect_type(a, type_a), *y = reflect_type(b, type_b);
    if (x->kind != REFLECT_FUNCTION || y->kind != REFLECT_FUNCTION) {
        return x->kind == y->kind; // not known on either side
    }
    if (x->member_count != y->member_count || !is_alike(a, x->of, b, y->of, 2)) {
        return false;
    }
    for (uint32_t i = 0; i < x->member_count; i++) {
        if (!is_alike(a, match_members(a, x)[i].type, b, match_members(b, y)[i].type, 2)) {
            return false;
        }
    }
    return true;
}

// ------------------------------------------------------------------------------------- likeness

bool match_is_alike(ReflectMatch *match, uint32_t from, uint32_t to)
{
    const ReflectType *a = reflect_type(match->from, from), *b = reflect_type(match->to, to);
    if (a->kind == REFLECT_ARRAY && b->kind == REFLECT_ARRAY) {
        return a->count == b->count && match_is_alike(match, a->of, b->of);
    }
    if (a->kind == REFLECT_POINTER && b->kind == REFLECT_POINTER) {
        return same_pointers(match, a, b) && is_alike(match->from, from, match->to, to, 0);
    }
    bool is_struct = a->kind == REFLECT_STRUCT || a->kind == REFLECT_UNION;
    if (a->kind == b->kind && (is_struct || a->kind == REFLECT_ENUM) && a->name[0]
        && strcmp(a->name, b->name) == 0) {
        return true;
    }
    return find_same(match, from, to, 0)
           && (a->kind != REFLECT_INTEGER || a->is_char == b->is_char);
}

// -------------------------------------------------------------------------------------- members

static bool find_member(const ReflectTable *table, uint32_t index, const char *name,
                        ReflectMember *member, int depth)
{
    const ReflectType *type = reflect_type(table, index);
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *own = &match_members(table, type)[i];
        if (own->name[0]) {
            if (strcmp(own->name, name) == 0) {
                *member = *own;
                return true;
            }
        } else if (depth < 8 && find_member(table, own->type, name, member, depth + 1)) {
            member->offset_bits += own->offset_bits;
            return true;
        }
    }
    return false;
}

bool reflect_member_named(const ReflectTable *table, uint32_t type, const char *name,
                          ReflectMember *member)
{
    return find_member(table, type, name, member, 0);
}
