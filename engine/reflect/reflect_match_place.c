#include <string.h>

#include "reflect_match_parts.h"

// Contents: what is meant, pointers, places.

// ------------------------------------------------------------------------------- what is meant

static bool is_wanted(const ReflectTable *table, const ReflectType *type, uint32_t want)
{
    const ReflectType *wanted = reflect_type(table, want);
    return type->kind == wanted->kind && type->bytes == wanted->bytes
           && strcmp(type->name, wanted->name) == 0;
}

// Several things may start at one address. Whether the one that the pointer means is an inner one.
static bool is_further_in(const ReflectTable *table, uint32_t index, uint32_t want)
{
    const ReflectType *type = reflect_type(table, index);
    if (want == 0 || reflect_type(table, want)->kind == REFLECT_UNKNOWN
        || is_wanted(table, type, want)) {
        return false;
    }
    for (int depth = 0; depth < MATCH_DEPTH_MAX; depth++) {
        if (type->kind == REFLECT_ARRAY) {
            index = type->of;
        } else if (type->kind == REFLECT_STRUCT && type->member_count > 0
                   && match_members(table, type)[0].offset_bits == 0) {
            index = match_members(table, type)[0].type;
        } else {
            return false;
        }
        type = reflect_type(table, index);
        if (is_wanted(table, type, want)) {
            return true;
        }
    }
    return false;
}

bool reflect_begins_with(const ReflectTable *table, uint32_t type, uint32_t want)
{
    return is_wanted(table, reflect_type(table, type), want) || is_further_in(table, type, want);
}

// The last member that begins there or before; of those that begin there, of a union, the first.
static const ReflectMember *member_at(const ReflectTable *table, const ReflectType *type,
                                      uint64_t offset)
{
    for (uint32_t i = type->member_count; i-- > 0;) {
        const ReflectMember *member = &match_members(table, type)[i];
        if (member->offset_bits / 8 <= offset && member->bit_size == 0) {
            return member;
        }
    }
    return NULL;
}

// It is an array of such things and ends there.
static bool ends_at(const ReflectTable *table, uint32_t index, uint64_t bits, uint64_t offset,
                    uint32_t want)
{
    const ReflectType *array = reflect_type(table, index);
    return array->kind == REFLECT_ARRAY && bits / 8 + array->bytes == offset
           && reflect_begins_with(table, array->of, want);
}

bool reflect_ends_with(const ReflectTable *table, uint32_t index, uint32_t want)
{
    const ReflectType *type = reflect_type(table, index);
    if (type->kind == REFLECT_ARRAY) {
        return reflect_begins_with(table, type->of, want);
    }
    for (uint32_t i = 0; type->kind == REFLECT_STRUCT && i < type->member_count; i++) {
        const ReflectMember *member = &match_members(table, type)[i];
        if (ends_at(table, member->type, member->offset_bits, type->bytes, want)) {
            return true;
        }
    }
    return false;
}

// ------------------------------------------------------------------------------------- pointers

uint32_t reflect_pointer_at(const ReflectTable *table, uint32_t index, uint64_t offset)
{
    for (int depth = 0; depth < MATCH_DEPTH_MAX; depth++) {
        const ReflectType *type = reflect_type(table, index);
        const ReflectMember *member;
        if (type->kind == REFLECT_POINTER) {
            return offset == 0 ? index : 0;
        }
        if (type->kind == REFLECT_ARRAY && reflect_type(table, type->of)->bytes > 0) {
            index = type->of;
            offset %= reflect_type(table, index)->bytes;
        } else if (type->kind == REFLECT_STRUCT && (member = member_at(table, type, offset))) {
            index = member->type;
            offset -= member->offset_bits / 8;
        } else {
            return 0;
        }
    }
    return 0;
}

uint32_t reflect_pointee(const ReflectTable *table, uint32_t type, uint64_t offset)
{
    return reflect_type(table, reflect_pointer_at(table, type, offset))->of;
}

// --------------------------------------------------------------------------------------- places

// A place in the old thing that is looked for, and what the pointer to it points to.
typedef struct Search {
    ReflectMatch *match;
    uint32_t want;
} Search;

static bool find_place(const Search *search, uint32_t from, uint32_t to, uint64_t offset,
                       uint64_t *out, int depth);

static bool is_flexible(const ReflectTable *table, uint32_t type)
{
    const ReflectType *its = reflect_type(table, type);
    return its->kind == REFLECT_ARRAY && its->count == 0;
}

static bool is_meant(const Search *search, const ReflectPair *pair, uint64_t offset)
{
    return search->want == 0 || pair->how == REFLECT_OVERLAY || pair->from_bits / 8 != offset
           || reflect_begins_with(search->match->from, pair->from_type, search->want);
}

// The last that begins there or before, unless an array of what is wanted ends there.
static const ReflectPair *pair_meant(const Search *search, const ReflectPairing *pairing,
                                     const ReflectType *a, uint64_t offset)
{
    const ReflectTable *table = search->match->from;
    const ReflectPair *found = NULL;

    for (uint32_t i = 0; i < pairing->pair_count; i++) {
        const ReflectPair *pair = &pairing->pairs[i];
        bool is_inside = offset < a->bytes || is_flexible(table, pair->from_type);
        if (is_inside && pair->from_bit_size == 0 && pair->from_bits / 8 <= offset
            && (!found || pair->from_bits >= found->from_bits)) {
            found = pair;
        }
    }
    if (search->want == 0
        || (found && reflect_begins_with(table, found->from_type, search->want))) {
        return found;
    }
    for (uint32_t i = 0; i < pairing->pair_count; i++) {
        const ReflectPair *pair = &pairing->pairs[i];
        if (ends_at(table, pair->from_type, pair->from_bits, offset, search->want)) {
            return pair;
        }
    }
    return found;
}

// The pointer means a struct of the old build that was taken apart.
static bool is_dissolved(const Search *search, uint32_t index, uint64_t offset,
                         const ReflectPair *found)
{
    const ReflectTable *table = search->match->from;
    for (int depth = 0; depth < MATCH_DEPTH_MAX; depth++) {
        const ReflectType *type = reflect_type(table, index);
        const ReflectMember *member =
            type->kind == REFLECT_STRUCT ? member_at(table, type, offset) : NULL;
        if (!member || member->type == found->from_type) {
            return false;
        }
        offset -= member->offset_bits / 8;
        index = member->type;
        if (offset == 0 && is_wanted(table, reflect_type(table, index), search->want)) {
            return true;
        }
    }
    return false;
}

static bool place_in_struct(const Search *search, uint32_t from, uint32_t to, uint64_t offset,
                            uint64_t *out, int depth)
{
    const ReflectType *a = reflect_type(search->match->from, from);
    const ReflectPairing *pairing = reflect_pairing(search->match, from, to);
    const ReflectPair *pair = pair_meant(search, pairing, a, offset);
    uint64_t far;

    if (!pair) { // one past the end; or between its members, where nothing is
        *out = reflect_type(search->match->to, to)->bytes;
        return offset == a->bytes;
    }
    uint64_t inside = offset - pair->from_bits / 8;
    if (!pair->to_name || pair->to_bit_size
        || (!is_meant(search, pair, offset) && is_dissolved(search, from, offset, pair))) {
        return false;
    }
    if (pair->how == REFLECT_OVERLAY) {
        far = inside;
    } else if (!find_place(search, pair->from_type, pair->to_type, inside, &far, depth + 1)) {
        return false;
    }
    *out = pair->to_bits / 8 + far;
    return true;
}

// An element that is cut off is gone, and so is the end behind it; the end of an array that has
// grown stays at its index.
static bool place_in_array(const Search *search, const ReflectType *a, const ReflectType *b,
                           uint64_t offset, uint64_t *out, int depth)
{
    uint64_t bytes = reflect_type(search->match->from, a->of)->bytes, far = 0;
    uint64_t bytes_there = reflect_type(search->match->to, b->of)->bytes;
    if (bytes == 0) {
        return false;
    }
    uint64_t index = offset / bytes, inside = offset % bytes;
    bool is_end = a->count > 0 && index == a->count && inside == 0;
    if ((a->count > 0 && index >= a->count && !is_end)
        || (b->count > 0 && (is_end ? index > b->count : index >= b->count))) {
        return false;
    }
    if (!is_end && !find_place(search, a->of, b->of, inside, &far, depth + 1)) {
        return false;
    }
    *out = index * bytes_there + far;
    return true;
}

// What is kept of the one is element 0, which the other fills.
static bool place_in_first(const Search *search, uint32_t from, uint32_t to, uint64_t offset,
                           uint64_t *out, int depth)
{
    const ReflectType *a = reflect_type(search->match->from, from);
    const ReflectType *b = reflect_type(search->match->to, to);
    const ReflectType *first = reflect_type(search->match->from, a->of);

    if (a->kind != REFLECT_ARRAY) {
        *out = reflect_type(search->match->to, b->of)->bytes; // its end
        return offset == a->bytes || find_place(search, from, b->of, offset, out, depth + 1);
    }
    if (offset == a->bytes && a->count == 1) {
        *out = b->bytes;
        return true;
    }
    return offset < first->bytes && find_place(search, a->of, to, offset, out, depth + 1);
}

static bool find_place(const Search *search, uint32_t from, uint32_t to, uint64_t offset,
                       uint64_t *out, int depth)
{
    const ReflectType *a = reflect_type(search->match->from, from);
    const ReflectType *b = reflect_type(search->match->to, to);

    *out = offset;
    if (depth > MATCH_DEPTH_MAX) {
        return false;
    }
    if (reflect_same_type(search->match, from, to)) {
        return true;
    }
    if (offset == 0 && !is_further_in(search->match->from, from, search->want)) {
        return true;
    }
    if (a->kind == REFLECT_STRUCT && b->kind == REFLECT_STRUCT) {
        return place_in_struct(search, from, to, offset, out, depth);
    }
    if (a->kind == REFLECT_ARRAY && b->kind == REFLECT_ARRAY) {
        return place_in_array(search, a, b, offset, out, depth);
    }
    if (a->kind == REFLECT_ARRAY || b->kind == REFLECT_ARRAY) {
        return place_in_first(search, from, to, offset, out, depth);
    }
    if (offset == a->bytes) {
        *out = b->bytes;
        return true;
    }
    if (a->kind == REFLECT_UNION && b->kind == REFLECT_UNION) {
        return offset < b->bytes && reflect_keeps_union(search->match, from, to);
    }
    return a->bytes == b->bytes && a->kind == b->kind;
}

bool reflect_place(ReflectMatch *match, uint32_t from, uint32_t to, uint64_t offset, uint32_t want,
                   uint64_t *out)
{
    Search search = {match, want};
    return find_place(&search, from, to, offset, out, 0);
}
