#include <string.h>

#include "carry_parts.h"

// Contents: what types hold, what is meant, pointers in them.

static const ReflectMember *members_of(const CarrySide *side, const ReflectType *type)
{
    return side->table->members + type->first_member;
}

bool carry_is_text(const ReflectType *array, const ReflectType *element)
{
    return array->kind == REFLECT_ARRAY && element->kind == REFLECT_INTEGER && element->is_char;
}

// ----------------------------------------------------------------------------- what types hold

static uint32_t find_traits(CarrySide *side, uint32_t type, int depth);

static uint32_t traits_at(CarrySide *side, uint32_t type, uint64_t offset, int depth)
{
    uint32_t traits = find_traits(side, type, depth);
    if ((traits & CARRY_HAS_WORDS) && offset % 8 != 0) {
        traits |= CARRY_HAS_ODD_WORDS;
    }
    return traits;
}

static uint32_t find_traits(CarrySide *side, uint32_t index, int depth)
{
    const ReflectType *type = reflect_type(side->table, index);
    uint32_t traits = CARRY_TRAITS_KNOWN;

    if (depth > CARRY_DEPTH_MAX) {
        return traits | CARRY_HAS_WORDS | CARRY_HAS_ODD_WORDS;
    }
    if (index < side->table->type_count && side->traits[index]) {
        return side->traits[index];
    }
    switch (type->kind) {
    case REFLECT_POINTER:
        traits |= CARRY_HAS_WORDS;
        break;
    case REFLECT_INTEGER: // an address may be kept in one
    case REFLECT_UNION:
    case REFLECT_UNKNOWN:
        traits |= type->bytes >= 8 || index == 0 ? CARRY_HAS_WORDS : 0;
        break;
    case REFLECT_ARRAY:
        traits |= traits_at(side, type->of, reflect_type(side->table, type->of)->bytes, depth + 1);
        break;
    case REFLECT_STRUCT:
        for (uint32_t i = 0; i < type->member_count; i++) {
            const ReflectMember *member = &members_of(side, type)[i];
            traits |= traits_at(side, member->type, member->offset_bits / 8, depth + 1);
        }
        break;
    default:
        break;
    }
    if (index < side->table->type_count) {
        side->traits[index] = (uint8_t)traits;
    }
    return traits;
}

uint32_t carry_traits(CarrySide *side, uint32_t type)
{
    return find_traits(side, type, 0);
}

// ---------------------------------------------------------------------------------- what is meant

static bool is_called_alike(const ReflectType *a, const ReflectType *b)
{
    return a->kind == b->kind && a->bytes == b->bytes && strcmp(a->name, b->name) == 0;
}

static bool find_thing(const ReflectTable *table, uint32_t index, uint64_t offset, uint32_t want,
                       int depth)
{
    const ReflectType *type = reflect_type(table, index);

    if (depth > CARRY_DEPTH_MAX
        || (offset == 0 && is_called_alike(type, reflect_type(table, want)))) {
        return true;
    }
    if (type->kind == REFLECT_ARRAY) {
        uint64_t bytes = reflect_type(table, type->of)->bytes;
        return bytes > 0 && find_thing(table, type->of, offset % bytes, want, depth + 1);
    }
    bool has_members = type->kind == REFLECT_STRUCT || type->kind == REFLECT_UNION;
    for (uint32_t i = 0; has_members && i < type->member_count; i++) {
        const ReflectMember *member = &table->members[type->first_member + i];
        uint64_t first = member->offset_bits / 8, bytes = reflect_type(table, member->type)->bytes;
        if (!member->bit_size && offset >= first && offset - first < bytes
            && find_thing(table, member->type, offset - first, want, depth + 1)) {
            return true;
        }
    }
    return false;
}

bool carry_thing_at(const ReflectTable *table, uint32_t type, uint64_t offset, uint32_t want)
{
    return find_thing(table, type, offset, want, 0);
}

static bool says_other(Carry *carry, uint32_t from, uint32_t to, int depth)
{
    const ReflectType *a = reflect_type(carry->from.table, from);
    const ReflectType *b = reflect_type(carry->to.table, to);

    if (a->kind != b->kind || depth > CARRY_DEPTH_MAX) {
        return false;
    }
    if (a->kind == REFLECT_POINTER) {
        const ReflectType *was = reflect_type(carry->from.table, a->of);
        const ReflectType *is = reflect_type(carry->to.table, b->of);
        return was->kind == REFLECT_STRUCT && is->kind == REFLECT_STRUCT
               && strcmp(was->name, is->name) != 0;
    }
    if (a->kind == REFLECT_ARRAY) {
        return says_other(carry, a->of, b->of, depth + 1);
    }
    const ReflectPairing *pairing =
        a->kind == REFLECT_STRUCT ? reflect_pairing(carry->match, from, to) : NULL;
    for (uint32_t i = 0; pairing && i < pairing->pair_count; i++) {
        const ReflectPair *pair = &pairing->pairs[i];
        if (pair->to_name && says_other(carry, pair->from_type, pair->to_type, depth + 1)) {
            return true;
        }
    }
    return false;
}

bool carry_says_other(Carry *carry, uint32_t from, uint32_t to)
{
    return (carry_traits(&carry->from, from) & CARRY_HAS_WORDS) && says_other(carry, from, to, 0);
}

// ------------------------------------------------------------------------------------- pointers

bool carry_next_pointer(const Carry *carry, CarryHolder holder, uint64_t *offset)
{
    const ReflectTable *table = carry->from.table;
    uint64_t bytes = holder.from ? reflect_type(table, holder.from)->bytes : 0;
    while (*offset < bytes && !reflect_pointer_at(table, holder.from, *offset)) {
        ++*offset;
    }
    return *offset < bytes;
}

// Only packed structs: what has a pointer is as long as a multiple of 8 bytes otherwise. The traits
// say where it is worth looking; they know integers and unions as well.
bool carry_is_odd(Carry *carry, CarryHolder holder)
{
    uint32_t traits = holder.from ? carry_traits(&carry->from, holder.from) : 0;
    bool is_short = holder.from && reflect_type(carry->from.table, holder.from)->bytes % 8 != 0;
    if (!(traits & CARRY_HAS_WORDS) || (!(traits & CARRY_HAS_ODD_WORDS) && !is_short)) {
        return false;
    }
    for (uint64_t at = 0; carry_next_pointer(carry, holder, &at); at++) {
        if (is_short || at % 8 != 0) {
            return true;
        }
    }
    return false;
}
