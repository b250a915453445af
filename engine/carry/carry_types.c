#include <string.h>

#include "carry_parts.h"

// Contents: what types hold, pointers in them.

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
