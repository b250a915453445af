#include <string.h>

#include "carry_parts.h"

// Contents: types, what they hold, sameness, signatures, members, places.

// ---------------------------------------------------------------------------------------- types

const ReflectType *carry_type(const CarrySide *side, uint32_t type)
{
    static const ReflectType unknown = {.name = ""};
    return type < side->table->type_count ? &side->table->types[type] : &unknown;
}

static const ReflectMember *members_of(const CarrySide *side, const ReflectType *type)
{
    return side->table->members + type->first_member;
}

bool carry_is_text(const ReflectType *array, const ReflectType *element)
{
    return array->kind == REFLECT_ARRAY && element->kind == REFLECT_INTEGER && element->is_char;
}

// ------------------------------------------------------------------------------- what they hold

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
    const ReflectType *type = carry_type(side, index);
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
        traits |= traits_at(side, type->of, carry_type(side, type->of)->bytes, depth + 1);
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

// ------------------------------------------------------------------------------------- sameness

static bool find_same(Carry *carry, uint32_t from, uint32_t to, int depth);

static bool same_enumerators(const Carry *carry, const ReflectType *a, const ReflectType *b)
{
    const ReflectEnumerator *as = carry->from.table->enumerators + a->first_enumerator;
    const ReflectEnumerator *bs = carry->to.table->enumerators + b->first_enumerator;
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

static bool same_members(Carry *carry, const ReflectType *a, const ReflectType *b, int depth)
{
    if (a->member_count != b->member_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->member_count; i++) {
        const ReflectMember *ma = &members_of(&carry->from, a)[i];
        const ReflectMember *mb = &members_of(&carry->to, b)[i];
        if (ma->offset_bits != mb->offset_bits || ma->bit_size != mb->bit_size
            || strcmp(ma->name, mb->name) != 0
            || !find_same(carry, ma->type, mb->type, depth + 1)) {
            return false;
        }
    }
    return true;
}

static bool same_pointers(const Carry *carry, const ReflectType *a, const ReflectType *b)
{
    bool is_function = carry_type(&carry->from, a->of)->kind == REFLECT_FUNCTION;
    if (is_function != (carry_type(&carry->to, b->of)->kind == REFLECT_FUNCTION)) {
        return false;
    }
    return !is_function || carry_same_signature(&carry->from, a->of, &carry->to, b->of);
}

static bool compare_types(Carry *carry, uint32_t from, uint32_t to, int depth)
{
    const ReflectType *a = carry_type(&carry->from, from), *b = carry_type(&carry->to, to);
    if (a->kind != b->kind || a->bytes != b->bytes || depth > CARRY_DEPTH_MAX) {
        return false;
    }
    switch (a->kind) {
    case REFLECT_INTEGER:
        return a->is_signed == b->is_signed && a->is_bool == b->is_bool;
    case REFLECT_ENUM:
        return same_enumerators(carry, a, b);
    case REFLECT_POINTER:
        return same_pointers(carry, a, b);
    case REFLECT_ARRAY:
        return a->count == b->count && find_same(carry, a->of, b->of, depth + 1);
    case REFLECT_STRUCT:
    case REFLECT_UNION:
        return same_members(carry, a, b, depth);
    default:
        return true;
    }
}

// Remembered by the pair: the two numbers and, in the lowest bits, 1 for no and 2 for yes.
static bool find_same(Carry *carry, uint32_t from, uint32_t to, int depth)
{
    uint64_t key = ((uint64_t)from << 33) | ((uint64_t)to << 2);
    uint64_t *known = &carry->same[(key * UINT64_C(0x9e3779b97f4a7c15)) >> 54];
    if ((*known & ~UINT64_C(3)) == key && (*known & 3)) {
        return (*known & 3) == 2;
    }
    bool same = compare_types(carry, from, to, depth);
    *known = key | (same ? 2 : 1);
    return same;
}

bool carry_same_type(Carry *carry, uint32_t from, uint32_t to)
{
    return find_same(carry, from, to, 0);
}

// ----------------------------------------------------------------------------------- signatures

// Passed in the same way and meant in the same way: what pointers point to counts by its name.
static bool is_alike(const CarrySide *a, uint32_t type_a, const CarrySide *b, uint32_t type_b,
                     int depth)
{
    const ReflectType *x = carry_type(a, type_a), *y = carry_type(b, type_b);
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
        return depth > 4 || carry_same_signature(a, type_a, b, type_b);
    case REFLECT_STRUCT:
    case REFLECT_UNION:
        return x->name[0] || y->name[0] ? strcmp(x->name, y->name) == 0 : x->shape == y->shape;
    default:
        return true;
    }
}

bool carry_same_signature(const CarrySide *a, uint32_t type_a, const CarrySide *b, uint32_t type_b)
{
    const ReflectType *x = carry_type(a, type_a), *y = carry_type(b, type_b);
    if (x->kind != REFLECT_FUNCTION || y->kind != REFLECT_FUNCTION) {
        return x->kind == y->kind; // not known on either side
    }
    if (x->member_count != y->member_count || !is_alike(a, x->of, b, y->of, 2)) {
        return false;
    }
    for (uint32_t i = 0; i < x->member_count; i++) {
        if (!is_alike(a, members_of(a, x)[i].type, b, members_of(b, y)[i].type, 2)) {
            return false;
        }
    }
    return true;
}

// -------------------------------------------------------------------------------------- members

bool carry_member(const CarrySide *side, uint32_t index, const char *name, ReflectMember *member,
                  int depth)
{
    const ReflectType *type = carry_type(side, index);
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *own = &members_of(side, type)[i];
        if (own->name[0] ? strcmp(own->name, name) == 0
                         : depth < 8 && carry_member(side, own->type, name, member, depth + 1)) {
            uint64_t inside = own->name[0] ? 0 : member->offset_bits;
            if (own->name[0]) {
                *member = *own;
            } else {
                member->offset_bits = own->offset_bits + inside;
            }
            return true;
        }
    }
    return false;
}

// --------------------------------------------------------------------------------------- places

static bool is_wanted(const CarrySide *side, const ReflectType *type, uint32_t want)
{
    const ReflectType *wanted = carry_type(side, want);
    return type->kind == wanted->kind && type->bytes == wanted->bytes
           && strcmp(type->name, wanted->name) == 0;
}

// Several things may start at one address. Whether the one that the pointer means is an inner one.
static bool is_further_in(const CarrySide *side, uint32_t index, uint32_t want)
{
    const ReflectType *type = carry_type(side, index);
    if (want == 0 || carry_type(side, want)->kind == REFLECT_UNKNOWN
        || is_wanted(side, type, want)) {
        return false;
    }
    for (int depth = 0; depth < CARRY_DEPTH_MAX; depth++) {
        if (type->kind == REFLECT_ARRAY) {
            index = type->of;
        } else if (type->kind == REFLECT_STRUCT && type->member_count > 0
                   && members_of(side, type)[0].offset_bits == 0) {
            index = members_of(side, type)[0].type;
        } else {
            return false;
        }
        type = carry_type(side, index);
        if (is_wanted(side, type, want)) {
            return true;
        }
    }
    return false;
}

bool carry_begins_with(const CarrySide *side, uint32_t type, uint32_t want)
{
    return is_wanted(side, carry_type(side, type), want) || is_further_in(side, type, want);
}

// The last member that begins there or before; of those that begin there, of a union, the first.
static const ReflectMember *member_at(const CarrySide *side, const ReflectType *type,
                                      uint64_t offset)
{
    for (uint32_t i = type->member_count; i-- > 0;) {
        const ReflectMember *member = &members_of(side, type)[i];
        if (member->offset_bits / 8 <= offset && member->bit_size == 0) {
            return member;
        }
    }
    return NULL;
}

static const ReflectType *pointer_at(const CarrySide *side, uint32_t index, uint64_t offset)
{
    for (int depth = 0; depth < CARRY_DEPTH_MAX; depth++) {
        const ReflectType *type = carry_type(side, index);
        const ReflectMember *member;
        if (type->kind == REFLECT_POINTER) {
            return offset == 0 ? type : NULL;
        }
        if (type->kind == REFLECT_ARRAY && carry_type(side, type->of)->bytes > 0) {
            index = type->of;
            offset %= carry_type(side, index)->bytes;
        } else if (type->kind == REFLECT_STRUCT && (member = member_at(side, type, offset))) {
            index = member->type;
            offset -= member->offset_bits / 8;
        } else {
            return NULL;
        }
    }
    return NULL;
}

uint32_t carry_pointee(const CarrySide *side, uint32_t index, uint64_t offset)
{
    const ReflectType *pointer = pointer_at(side, index, offset);
    return pointer ? pointer->of : 0;
}

bool carry_next_pointer(const Carry *carry, CarryHolder holder, uint64_t *offset)
{
    uint64_t bytes = holder.from ? carry_type(&carry->from, holder.from)->bytes : 0;
    while (*offset < bytes && !pointer_at(&carry->from, holder.from, *offset)) {
        ++*offset;
    }
    return *offset < bytes;
}

// Only packed structs: what has a pointer is as long as a multiple of 8 bytes otherwise. The traits
// say where it is worth looking; they know integers and unions as well.
bool carry_is_odd(Carry *carry, CarryHolder holder)
{
    uint32_t traits = holder.from ? carry_traits(&carry->from, holder.from) : 0;
    bool is_short = holder.from && carry_type(&carry->from, holder.from)->bytes % 8 != 0;
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
// The same for a pointer to `want`, which may also stand at the end of an array before that.
static const ReflectMember *member_meant(const CarrySide *side, const ReflectType *type,
                                         uint64_t offset, uint32_t want)
{
    const ReflectMember *member = offset < type->bytes ? member_at(side, type, offset) : NULL;
    if (want == 0 || (member && carry_begins_with(side, member->type, want))) {
        return member;
    }
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *before = &members_of(side, type)[i];
        const ReflectType *array = carry_type(side, before->type);
        if (array->kind == REFLECT_ARRAY && before->offset_bits / 8 + array->bytes == offset
            && carry_begins_with(side, array->of, want)) {
            return before;
        }
    }
    return member;
}

bool carry_ends_with(const CarrySide *side, uint32_t index, uint32_t want)
{
    const ReflectType *type = carry_type(side, index);
    return type->kind == REFLECT_ARRAY
               ? carry_begins_with(side, type->of, want)
               : type->kind == REFLECT_STRUCT && member_meant(side, type, type->bytes, want);
}

static bool find_place(Carry *carry, uint32_t from, uint32_t to, uint64_t offset,
                       const CarryField *field, uint64_t *out, int depth);

static bool place_in_struct(Carry *carry, const ReflectType *a, uint32_t to, uint64_t offset,
                            const CarryField *field, uint64_t *out, int depth)
{
    const ReflectMember *member = member_meant(&carry->from, a, offset, field ? field->from : 0);
    ReflectMember there;
    uint64_t inside, far;

    if (!member) {
        *out = carry_type(&carry->to, to)->bytes; // one past the end
        return offset == a->bytes;
    }
    inside = offset - member->offset_bits / 8;
    if (!member->name[0]) { // its members are ours
        const ReflectType *inner = carry_type(&carry->from, member->type);
        return inner->kind == REFLECT_STRUCT
               && place_in_struct(carry, inner, to, inside, field, out, depth + 1);
    }
    if (!carry_member(&carry->to, to, member->name, &there, 0) || there.bit_size
        || !find_place(carry, member->type, there.type, inside, field, &far, depth + 1)) {
        return false;
    }
    *out = there.offset_bits / 8 + far;
    return true;
}

static bool place_in_array(Carry *carry, const ReflectType *a, const ReflectType *b,
                           uint64_t offset, const CarryField *field, uint64_t *out, int depth)
{
    uint64_t bytes = carry_type(&carry->from, a->of)->bytes, far = 0;
    uint64_t bytes_there = carry_type(&carry->to, b->of)->bytes;
    if (bytes == 0) {
        return false;
    }
    uint64_t index = offset / bytes, inside = offset % bytes;
    if (index > b->count || (index == b->count && inside > 0)) {
        return false;
    }
    if (index < b->count && index < a->count
        && !find_place(carry, a->of, b->of, inside, field, &far, depth + 1)) {
        return false;
    }
    *out = index * bytes_there + far;
    return true;
}

static bool find_place(Carry *carry, uint32_t from, uint32_t to, uint64_t offset,
                       const CarryField *field, uint64_t *out, int depth)
{
    const ReflectType *a = carry_type(&carry->from, from), *b = carry_type(&carry->to, to);

    *out = offset;
    if (depth > CARRY_DEPTH_MAX) {
        return false;
    }
    if (carry_same_type(carry, from, to)) {
        return true;
    }
    if (offset == 0 && !is_further_in(&carry->from, from, field ? field->from : 0)) {
        return true;
    }
    if (a->kind == REFLECT_STRUCT && b->kind == REFLECT_STRUCT) {
        return place_in_struct(carry, a, to, offset, field, out, depth);
    }
    if (a->kind == REFLECT_ARRAY && b->kind == REFLECT_ARRAY) {
        return place_in_array(carry, a, b, offset, field, out, depth);
    }
    if (a->kind == REFLECT_ARRAY) { // what is kept is element 0
        return offset < carry_type(&carry->from, a->of)->bytes
               && find_place(carry, a->of, to, offset, field, out, depth + 1);
    }
    if (b->kind == REFLECT_ARRAY && offset < a->bytes) {
        return find_place(carry, from, b->of, offset, field, out, depth + 1);
    }
    if (offset == a->bytes) {
        *out = b->bytes;
        return true;
    }
    return a->bytes == b->bytes && a->kind == b->kind;
}

bool carry_place(Carry *carry, uint32_t from, uint32_t to, uint64_t offset, const CarryField *field,
                 uint64_t *out)
{
    return find_place(carry, from, to, offset, field, out, 0);
}
