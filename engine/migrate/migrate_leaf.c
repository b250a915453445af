#include <string.h>

#include "migrate_parts.h"

// Contents: numbers, enumerators, pointers, leaves, unions.

enum { ENUM_SPAN_MAX = 1024, UNION_MEMBERS_MAX = 64 };

// ----------------------------------------------------------------------------------------- numbers

static bool is_signed(const ReflectTable *table, const ReflectType *type)
{
    return type->kind == REFLECT_ENUM && type->of ? reflect_type(table, type->of)->is_signed
                                                  : type->is_signed;
}

static Scalar scalar_of(const ReflectTable *table, const ReflectType *type, uint32_t bit_size)
{
    if (bit_size || type->is_bool
        || (type->kind != REFLECT_INTEGER && type->kind != REFLECT_FLOAT)) {
        return SCALAR_OTHER;
    }
    if (type->kind == REFLECT_FLOAT) {
        return type->bytes == 4 ? SCALAR_F32 : type->bytes == 8 ? SCALAR_F64 : SCALAR_OTHER;
    }
    Scalar first = is_signed(table, type) ? SCALAR_I8 : SCALAR_U8;
    switch (type->bytes) {
    case 1:
        return first;
    case 2:
        return first + 1;
    case 4:
        return first + 2;
    case 8:
        return first + 3;
    default:
        return SCALAR_OTHER;
    }
}

// Whether every value of the one is one of the other.
static bool widens(Scalar from, Scalar to)
{
    if (from >= SCALAR_OTHER || to >= SCALAR_OTHER) {
        return false;
    }
    if (to >= SCALAR_F32) {
        uint32_t sizes = to == SCALAR_F32 ? 2 : 3; // 24 bits hold 16 of them, 53 hold 32
        return from < SCALAR_F32 ? from % 4 < sizes : from == SCALAR_F32 || to == from;
    }
    if (from >= SCALAR_F32) {
        return false;
    }
    bool from_signed = from < SCALAR_U8, to_signed = to < SCALAR_U8;
    uint32_t size = from % 4, size_new = to % 4;
    return from_signed == to_signed ? size <= size_new : !from_signed && size < size_new;
}

static bool are_same_bits(Maker *maker, const Part *part)
{
    return part->bit_size > 0 && part->bit_size == part->bit_size_new
           && part->at % 8 + part->bit_size <= 64 && part->at_new % 8 + part->bit_size <= 64
           && maker->from_bytes >= 8 && maker->to_bytes >= 8
           && reflect_same_type(maker->migrate->match, part->from, part->to);
}

// Integers that are read and written as eight bytes at once.
static bool are_whole(const Maker *maker, const Part *part, const ReflectType *a,
                      const ReflectType *b)
{
    return a->kind == REFLECT_INTEGER && b->kind == REFLECT_INTEGER && !a->is_bool && !b->is_bool
           && part->at % 8 + (part->bit_size ? part->bit_size : a->bytes * 8) <= 64
           && part->at_new % 8 + (part->bit_size_new ? part->bit_size_new : b->bytes * 8) <= 64
           && maker->from_bytes >= 8 && maker->to_bytes >= 8;
}

static __int128 low_of(const ReflectType *type, uint32_t bit_size)
{
    uint64_t bits = bit_size ? bit_size : type->bytes * 8;
    return type->is_signed ? -((__int128)1 << (bits - 1)) : 0;
}

static __int128 high_of(const ReflectType *type, uint32_t bit_size)
{
    uint64_t bits = bit_size ? bit_size : type->bytes * 8;
    return ((__int128)1 << (type->is_signed ? bits - 1 : bits)) - 1;
}

// What both integers can hold; of a float everything that the integer can.
static void set_range(Site *site, const ReflectType *a, const ReflectType *b)
{
    if (b->kind != REFLECT_INTEGER || b->bytes > 8) {
        return;
    }
    __int128 low = low_of(b, site->to.bit_size), high = high_of(b, site->to.bit_size);
    if (a->kind == REFLECT_INTEGER && a->bytes <= 8) {
        __int128 old_low = low_of(a, site->from.bit_size), old = high_of(a, site->from.bit_size);
        low = low > old_low ? low : old_low;
        high = high < old ? high : old;
    }
    site->low = (int64_t)low;
    site->span = (uint64_t)(high - low);
}

static void make_whole(Maker *maker, const Part *part, const ReflectType *a, const ReflectType *b)
{
    Op *op = migrate_add_op(maker, OP_WHOLE, part, part->bit_size ? part->bit_size : a->bytes * 8);
    uint64_t bit = part->at % 8, bit_new = part->at_new % 8;

    if (op->from + 8 > maker->from_bytes) {
        bit += (op->from + 8 - maker->from_bytes) * 8;
        op->from = maker->from_bytes - 8;
    }
    if (op->to + 8 > maker->to_bytes) {
        bit_new += (op->to + 8 - maker->to_bytes) * 8;
        op->to = maker->to_bytes - 8;
    }
    op->load = (uint8_t)bit;
    op->store = (uint8_t)bit_new;
    op->to_stride = part->bit_size_new ? part->bit_size_new : b->bytes * 8;
    Site *site = migrate_add_site(maker, op, part);
    site->from.bit = (uint32_t)bit; // from where the op reads
    site->to.bit = (uint32_t)bit_new;
    site->from.bit_size = (uint32_t)op->count;
    site->to.bit_size = (uint32_t)op->to_stride;
    set_range(site, a, b);
}

static void make_number(Maker *maker, const Part *part, const ReflectType *a, const ReflectType *b)
{
    Scalar from = scalar_of(migrate_from(maker->migrate), a, part->bit_size);
    Scalar to = scalar_of(migrate_to(maker->migrate), b, part->bit_size_new);
    OpKind kind = OP_NUMBER;

    if (part->bit_size == 0 && part->bit_size_new == 0
        && reflect_same_type(maker->migrate->match, part->from, part->to)) {
        bool may_be_address = a->kind == REFLECT_INTEGER && a->bytes == MIGRATE_WORD_BYTES;
        migrate_add_copy(maker, may_be_address ? OP_WORDS : OP_COPY, part, a->bytes);
        return;
    }
    if (are_same_bits(maker, part)) {
        migrate_add_bits(maker, part);
        return;
    }
    if (are_whole(maker, part, a, b)) {
        make_whole(maker, part, a, b);
        return;
    }
    if (widens(from, to)) {
        kind = OP_WIDEN;
    }
    Op *op = migrate_add_op(maker, kind, part, b->bytes);
    op->load = (uint8_t)from;
    op->store = (uint8_t)to;
    set_range(migrate_add_site(maker, op, part), a, b);
}

// ------------------------------------------------------------------------------------- enumerators

static bool span_of(const ReflectTable *table, const ReflectType *type, int64_t *first,
                    uint64_t *span)
{
    int64_t last = INT64_MIN;

    *first = INT64_MAX;
    for (uint32_t i = 0; i < type->enumerator_count; i++) {
        int64_t value = table->enumerators[type->first_enumerator + i].value;
        *first = value < *first ? value : *first;
        last = value > last ? value : last;
    }
    *span = type->enumerator_count ? (uint64_t)last - (uint64_t)*first + 1 : 0;
    return *span > 0 && *span <= ENUM_SPAN_MAX;
}

// What becomes of each number between the first and the last enumerator.
static void tabulate(Maker *maker, Site *site, int64_t first, uint64_t span)
{
    int64_t *values = ARENA_NEW(maker->migrate->arena, int64_t, span);
    uint8_t *fits = ARENA_NEW(maker->migrate->arena, uint8_t, span);

    for (uint64_t i = 0; i < span; i++) {
        int64_t value = first + (int64_t)i;
        uint8_t old[8], made[8] = {0};
        memcpy(old, &value, sizeof old);
        fits[i] = (uint8_t)reflect_convert(&site->from, old, &site->to, made);
        memcpy(&values[i], made, sizeof made);
    }
    site->enum_first = first;
    site->enum_count = (uint32_t)span;
    site->enum_values = values;
    site->enum_fits = fits;
}

static void make_enum(Maker *maker, const Part *part, const ReflectType *a)
{
    int64_t first;
    uint64_t span;
    bool is_plain = part->bit_size == 0 && part->bit_size_new == 0 && a->bytes <= 8;

    if (reflect_same_type(maker->migrate->match, part->from, part->to) && is_plain) {
        migrate_add_copy(maker, OP_COPY, part, a->bytes);
        return;
    }
    if (are_same_bits(maker, part)) {
        migrate_add_bits(maker, part);
        return;
    }
    migrate_add_difference(maker, part->from, part->to);
    if (is_plain && span_of(migrate_from(maker->migrate), a, &first, &span)) {
        Op *op = migrate_add_op(maker, OP_ENUM, part,
                                reflect_type(migrate_to(maker->migrate), part->to)->bytes);
        bool has_sign = is_signed(migrate_from(maker->migrate), a) || first < 0;
        op->load = (uint8_t)((has_sign ? SCALAR_I8 : SCALAR_U8)
                             + (a->bytes == 8   ? 3
                                : a->bytes == 4 ? 2
                                : a->bytes == 2 ? 1
                                                : 0));
        tabulate(maker, migrate_add_site(maker, op, part), first, span);
    } else {
        Op *op = migrate_add_op(maker, OP_NUMBER, part, 0);
        op->load = op->store = SCALAR_OTHER;
        (void)migrate_add_site(maker, op, part);
    }
}

// ---------------------------------------------------------------------------------------- pointers

static void make_pointer(Maker *maker, const Part *part, const ReflectType *a, const ReflectType *b)
{
    const ReflectTable *from = migrate_from(maker->migrate), *to = migrate_to(maker->migrate);
    bool was_function = reflect_type(from, a->of)->kind == REFLECT_FUNCTION;
    bool is_function = reflect_type(to, b->of)->kind == REFLECT_FUNCTION;

    if (was_function != is_function && a->of && b->of) {
        migrate_make_check(maker, part, MIGRATE_LOST,
                           "functions and data are not told apart by its new type");
        return;
    }
    Op *op = migrate_add_op(maker, OP_POINTER, part, MIGRATE_WORD_BYTES);
    Site *site = migrate_add_site(maker, op, part);
    site->want.from = a->of;
    site->want.to = b->of;
    if (is_function) {
        site->want.is_retyped = !reflect_same_signature(from, a->of, to, b->of);
    } else {
        bool are_numbers = reflect_is_number(reflect_type(from, a->of))
                           && reflect_is_number(reflect_type(to, b->of));
        maker->migrate->has_number_pointers |=
            are_numbers && !reflect_same_type(maker->migrate->match, a->of, b->of);
        site->want.is_retyped = migrate_is_retyped(maker->migrate, a->of, b->of);
        site->want.is_changed = !site->want.is_retyped && reflect_type(from, a->of)->bytes > 0
                                && reflect_type(to, b->of)->bytes > 0
                                && !reflect_same_type(maker->migrate->match, a->of, b->of);
    }
}

// ------------------------------------------------------------------------------------------ leaves

// Numbers of a kind that is not known here, such as __int128.
static bool is_same_bytes(Maker *maker, const Part *part, const ReflectType *a,
                          const ReflectType *b)
{
    return a->bytes > 0 && a->kind != REFLECT_STRUCT && a->kind != REFLECT_ARRAY
           && a->kind != REFLECT_UNION && a->bytes == b->bytes && a->kind == b->kind
           && reflect_same_type(maker->migrate->match, part->from, part->to)
           && part->bit_size == part->bit_size_new;
}

static const char *why_not(const ReflectType *a, const ReflectType *b)
{
    if (b->kind == REFLECT_UNION || a->kind == REFLECT_UNION) {
        return "which member of a union it is cannot be known";
    }
    if (a->kind == REFLECT_POINTER) {
        return "it was a pointer, and its new type is none";
    }
    return b->kind == REFLECT_POINTER ? "its new type is a pointer, which cannot take it"
                                      : "its new type cannot take it";
}

void migrate_make_leaf(Maker *maker, const Part *part)
{
    const ReflectType *a = reflect_type(migrate_from(maker->migrate), part->from);
    const ReflectType *b = reflect_type(migrate_to(maker->migrate), part->to);

    if (a->kind == REFLECT_POINTER && b->kind == REFLECT_POINTER) {
        make_pointer(maker, part, a, b);
    } else if (a->kind == REFLECT_ENUM && b->kind == REFLECT_ENUM && reflect_is_number(a)
               && reflect_is_number(b)) {
        make_enum(maker, part, a);
    } else if (reflect_is_number(a) && reflect_is_number(b)) {
        make_number(maker, part, a, b);
    } else if (is_same_bytes(maker, part, a, b)) {
        migrate_add_copy(maker, a->kind == REFLECT_FLOAT ? OP_COPY : OP_BYTES, part, a->bytes);
    } else {
        migrate_make_check(maker, part, MIGRATE_LOST, why_not(a, b));
    }
}

// ------------------------------------------------------------------------------------------ unions

static void copy_union(Maker *maker, const Part *part, uint64_t bytes)
{
    migrate_add_copy(maker, bytes >= MIGRATE_WORD_BYTES ? OP_WORDS : OP_COPY, part, bytes);
}

// What a smaller union has no room for.
static void check_tail(Maker *maker, const Part *part, uint64_t first, uint64_t bytes)
{
    Part tail = {.at = part->at + first * 8, .at_new = part->at_new};

    if (bytes > first) {
        Op *op = migrate_add_op(maker, OP_CHECK, &tail, bytes - first);
        Site *site = migrate_add_site(maker, op, &tail);
        site->fate = MIGRATE_LOST;
        site->why = "the new union has no room for it";
    }
}

static void keep_union(Maker *maker, const Part *part)
{
    const ReflectTable *from = migrate_from(maker->migrate), *to = migrate_to(maker->migrate);
    const ReflectType *a = reflect_type(from, part->from), *b = reflect_type(to, part->to);
    uint64_t kept = a->bytes < b->bytes ? a->bytes : b->bytes;

    copy_union(maker, part, kept);
    check_tail(maker, part, kept, a->bytes);
}

// Those of its members that the new one has as well, each with a program of its own.
static uint32_t list_members(Maker *maker, const Part *part, Program **members)
{
    const ReflectTable *from = migrate_from(maker->migrate), *to = migrate_to(maker->migrate);
    const ReflectType *a = reflect_type(from, part->from);
    uint32_t count = 0;

    for (uint32_t i = 0; i < a->member_count; i++) {
        const ReflectMember *old = &from->members[a->first_member + i];
        ReflectMember new_;
        bool is_there = old->name[0] && reflect_member_named(to, part->to, old->name, &new_);
        if (!is_there || old->bit_size || new_.bit_size || new_.offset_bits
            || count == UNION_MEMBERS_MAX) {
            return 0;
        }
        members[count++] = migrate_program(maker->migrate, old->type, new_.type);
    }
    return count;
}

static void try_union(Maker *maker, const Part *part)
{
    Program *members[UNION_MEMBERS_MAX];
    uint32_t count = list_members(maker, part, members);
    Op *op = migrate_add_op(maker, OP_UNION, part,
                            reflect_type(migrate_from(maker->migrate), part->from)->bytes);
    Site *site = migrate_add_site(maker, op, part);

    site->fate = MIGRATE_REFUSED;
    site->why = "which of the union's members it is cannot be known, and they are laid out "
                "otherwise now";
    if (count > 0) {
        Program **kept = ARENA_NEW(maker->migrate->arena, Program *, count);
        memcpy(kept, members, count * sizeof *kept);
        site->members = kept;
        site->member_count = count;
    }
}

// A member that is gone may have been what it held.
static void check_gone(Maker *maker, const Part *part)
{
    const ReflectTable *from = migrate_from(maker->migrate), *to = migrate_to(maker->migrate);
    const ReflectType *a = reflect_type(from, part->from);

    for (uint32_t i = 0; i < a->member_count; i++) {
        const ReflectMember *old = &from->members[a->first_member + i];
        ReflectMember new_;
        if (old->name[0] && !reflect_member_named(to, part->to, old->name, &new_)) {
            Part gone = {.from = old->type,
                         .at = part->at + old->offset_bits,
                         .at_new = part->at_new,
                         .bit_size = old->bit_size};
            migrate_make_check(maker, &gone, MIGRATE_SAID,
                               "the new union has no such member, and keeps its bytes");
            Site *site = &maker->program->sites[maker->program->site_count - 1];
            site->union_type = part->from;
            site->union_member = old->name;
        }
    }
}

void migrate_make_union(Maker *maker, const Part *part)
{
    Migrate *migrate = maker->migrate;

    if (reflect_same_type(migrate->match, part->from, part->to)) {
        copy_union(maker, part, reflect_type(migrate_from(migrate), part->from)->bytes);
        return;
    }
    migrate_add_difference(maker, part->from, part->to);
    if (reflect_keeps_union(migrate->match, part->from, part->to)) {
        keep_union(maker, part);
        check_gone(maker, part);
    } else {
        try_union(maker, part);
    }
}

void migrate_make_overlay(Maker *maker, const Part *part)
{
    if (part->to) {
        migrate_make_union(maker, part);
    } else {
        migrate_make_check(maker, part, MIGRATE_REFUSED,
                           "which of the union's members it is cannot be known, and the new build "
                           "has no such union");
    }
}
