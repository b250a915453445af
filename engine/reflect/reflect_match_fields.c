#include <string.h>

#include "reflect_match_parts.h"

// The fields of a struct as a tree.

enum { ANONYMOUS_MAX = 8 };

// A union of one member is no choice.
static bool is_own(const ReflectTable *table, const ReflectMember *member, int depth)
{
    const ReflectType *type = reflect_type(table, member->type);
    return !member->name[0] && depth < ANONYMOUS_MAX
           && (type->kind == REFLECT_STRUCT
               || (type->kind == REFLECT_UNION && type->member_count == 1));
}

static const char *path_of(ReflectMatch *match, const Field *above, const char *name)
{
    if (!name[0] || !above->path[0]) {
        return name[0] ? name : above->path;
    }
    return arena_format(match->arena, "%s.%s", above->path, name);
}

// Lists the members from `base_bits` on; only counts them where `out` is NULL. In an overlay, those
// of unions inside of it as well: they lie over each other anyway.
static uint32_t list(ReflectMatch *match, const ReflectTable *table, uint32_t index, Field *above,
                     uint64_t base_bits, Field *out, int depth)
{
    const ReflectType *type = reflect_type(table, index);
    uint32_t count = 0;

    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = &match_members(table, type)[i];
        const ReflectType *its = reflect_type(table, member->type);
        uint64_t bits = base_bits + member->offset_bits;
        bool is_union = !member->name[0] && its->kind == REFLECT_UNION;
        if (is_own(table, member, depth) || (is_union && above->is_overlay)) {
            count +=
                list(match, table, member->type, above, bits, out ? out + count : NULL, depth + 1);
        } else if (member->name[0] || is_union) {
            if (out) {
                out[count] = (Field){.name = member->name,
                                     .path = path_of(match, above, member->name),
                                     .type = member->type,
                                     .bits = bits,
                                     .bit_size = member->bit_size,
                                     .is_overlay = is_union,
                                     .how = REFLECT_GONE,
                                     .up = above};
            }
            count++;
        } // else padding
    }
    return count;
}

static bool has_fields(const ReflectTable *table, const Field *field)
{
    return field->is_overlay || reflect_type(table, field->type)->kind == REFLECT_STRUCT;
}

static void expand(ReflectMatch *match, const ReflectTable *table, Field *field)
{
    field->is_expanded = true;
    field->field_count = list(match, table, field->type, field, field->bits, NULL, 0);
    field->fields = ARENA_NEW(match->arena, Field, field->field_count + 1);
    (void)list(match, table, field->type, field, field->bits, field->fields, 0);
    for (uint32_t i = 0; i < field->field_count; i++) {
        if (field->fields[i].is_overlay) {
            expand(match, table, &field->fields[i]);
        }
    }
}

void match_expand(ReflectMatch *match, const ReflectTable *table, Field *field)
{
    if (!field->is_expanded && has_fields(table, field)) {
        expand(match, table, field);
    }
}

// Of a union its members, which are no choice of anybody's here: who asks has decided.
Field *match_top(ReflectMatch *match, const ReflectTable *table, uint32_t type)
{
    Field *top = ARENA_NEW(match->arena, Field, 1);
    *top = (Field){.name = "", .path = "", .type = type, .how = REFLECT_GONE};
    expand(match, table, top);
    return top;
}

Field *match_find(Field *above, const char *name)
{
    for (uint32_t i = 0; i < above->field_count; i++) {
        Field *field = &above->fields[i];
        if (field->is_overlay) {
            Field *inside = match_find(field, name);
            if (inside) {
                return inside;
            }
        } else if (strcmp(field->name, name) == 0) {
            return field;
        }
    }
    return NULL;
}

bool match_went_on(const Field *field)
{
    if (field->is_taken) {
        return true;
    }
    for (uint32_t i = 0; i < field->field_count; i++) {
        if (match_went_on(&field->fields[i])) {
            return true;
        }
    }
    return false;
}

void match_take(Field *old, Field *new_, ReflectHow how)
{
    old->twin = new_;
    new_->twin = old;
    old->how = how;
    old->is_taken = new_->is_taken = true;
    if (new_->up->is_overlay) { // there is room for one only
        new_->up->is_taken = true;
    }
}
