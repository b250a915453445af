#include <string.h>

#include "migrate_parts.h"

// Contents: lists, operations, checks, structs, arrays, programs.

// ------------------------------------------------------------------------------------------- lists

void *migrate_grow(Arena *arena, void *list, uint32_t count, uint32_t *room, size_t item_bytes)
{
    if (count < *room) {
        return list;
    }
    uint32_t more = *room ? *room * 2 : 16;
    void *next = arena_push(arena, item_bytes, 16, more);
    if (list) {
        memcpy(next, list, count * item_bytes);
    }
    *room = more;
    return next;
}

uint64_t migrate_inverse(uint64_t divisor)
{
    return divisor ? UINT64_MAX / divisor : 0;
}

// -------------------------------------------------------------------------------------- operations

Op *migrate_add_op(Maker *maker, OpKind kind, const Part *part, uint64_t count)
{
    Program *program = maker->program;

    program->ops = migrate_grow(maker->migrate->arena, program->ops, program->op_count,
                                &program->op_room, sizeof(Op));
    Op *op = &program->ops[program->op_count++];
    *op = (Op){.kind = (uint8_t)kind, .from = part->at / 8, .to = part->at_new / 8, .count = count};
    return op;
}

Site *migrate_add_site(Maker *maker, Op *op, const Part *part)
{
    Program *program = maker->program;
    const ReflectTable *from = migrate_from(maker->migrate), *to = migrate_to(maker->migrate);

    if (program->site_count == 0) {
        program->site_count = 1; // 0 is none
    }
    program->sites = migrate_grow(maker->migrate->arena, program->sites, program->site_count,
                                  &program->site_room, sizeof(Site));
    op->site = program->site_count++;
    Site *site = &program->sites[op->site];
    *site = (Site){
        .from_type = part->from,
        .to_type = part->to,
        .to_bits = part->bit_size_new,
        .from = {from, reflect_type(from, part->from), (uint32_t)(part->at % 8), part->bit_size},
        .to = {to, reflect_type(to, part->to), (uint32_t)(part->at_new % 8), part->bit_size_new},
    };
    return site;
}

// Read and written as eight bytes at once, so all of them have to be the element's.
void migrate_add_bits(Maker *maker, const Part *part)
{
    Program *program = maker->program;
    uint64_t from = part->at / 8, to = part->at_new / 8;
    uint64_t bit = part->at % 8, bit_new = part->at_new % 8, size = part->bit_size;
    Op *last = program->op_count > maker->barrier ? &program->ops[program->op_count - 1] : NULL;

    if (last && last->kind == OP_BITS && part->at == last->from * 8 + last->load + last->count
        && part->at_new == last->to * 8 + last->store + last->count
        && last->load + last->count + size <= 64 && last->store + last->count + size <= 64) {
        last->count += size;
        return;
    }
    if (from + 8 > maker->from_bytes) { // from further in front
        bit += (from + 8 - maker->from_bytes) * 8;
        from = maker->from_bytes - 8;
    }
    if (to + 8 > maker->to_bytes) {
        bit_new += (to + 8 - maker->to_bytes) * 8;
        to = maker->to_bytes - 8;
    }
    Op *op = migrate_add_op(maker, OP_BITS, part, size);
    op->from = from;
    op->to = to;
    op->load = (uint8_t)bit;
    op->store = (uint8_t)bit_new;
}

// Neighbours become one. Inside of structs that are the same also over the padding between them.
void migrate_add_copy(Maker *maker, OpKind kind, const Part *part, uint64_t bytes)
{
    Program *program = maker->program;
    uint64_t from = part->at / 8, to = part->at_new / 8;
    Op *last = program->op_count > maker->barrier ? &program->ops[program->op_count - 1] : NULL;

    if (bytes == 0) {
        return;
    }
    bool is_inside = maker->same > 0 && program->op_count > maker->same_first;
    if (last && last->kind == (uint8_t)kind) {
        uint64_t end = last->from + last->count, gap_max = is_inside ? 8 : 0;
        bool is_even = kind != OP_WORDS || last->count % MIGRATE_WORD_BYTES == 0;
        if (from >= end && from - end <= gap_max && to - last->to == from - last->from
            && (is_even || from == end) && (kind == OP_COPY || from == end)) {
            last->count += from - end + bytes;
            return;
        }
    }
    (void)migrate_add_op(maker, kind, part, bytes);
}

static void add_zone(Maker *maker, const Part *part, const ReflectType *a, const ReflectType *b)
{
    Program *program = maker->program;
    uint64_t stride = reflect_type(migrate_from(maker->migrate), a->of)->bytes;

    if (maker->loops > 0 || a->count < 2 || stride == 0) {
        return;
    }
    program->zones = migrate_grow(maker->migrate->arena, program->zones, program->zone_count,
                                  &program->zone_room, sizeof(Zone));
    program->zones[program->zone_count++] = (Zone){
        .from_first = part->at / 8,
        .from_end = part->at / 8 + a->count * stride,
        .from_stride = stride,
        .inverse = migrate_inverse(stride),
        .to_first = part->at_new / 8,
        .to_stride = reflect_type(migrate_to(maker->migrate), b->of)->bytes,
        .to_count = b->count,
        .from_type = a->of,
        .to_type = b->of,
    };
}

void migrate_add_difference(Maker *maker, uint32_t from, uint32_t to)
{
    Program *program = maker->program;

    for (uint32_t i = 0; i < program->difference_count; i++) {
        if (program->differences[i].from == from && program->differences[i].to == to) {
            return;
        }
    }
    program->differences =
        migrate_grow(maker->migrate->arena, program->differences, program->difference_count,
                     &program->difference_room, sizeof(Difference));
    program->differences[program->difference_count++] = (Difference){from, to};
}

// ------------------------------------------------------------------------------------------ checks

void migrate_make_check(Maker *maker, const Part *part, MigrateFate fate, const char *why)
{
    const ReflectType *type = reflect_type(migrate_from(maker->migrate), part->from);
    Op *op = migrate_add_op(maker, OP_CHECK, part, type->bytes);
    Site *site = migrate_add_site(maker, op, part);
    site->fate = fate;
    site->why = why;
}

// Elements from `first` on have no counterpart; each is looked at by itself.
static void check_rest(Maker *maker, const Part *part, const ReflectType *array, uint64_t first)
{
    uint64_t stride = reflect_type(migrate_from(maker->migrate), array->of)->bytes;
    Part rest = {.from = array->of, .at = part->at + first * stride * 8, .at_new = part->at_new};

    if (array->count > first && stride > 0) {
        Op *op = migrate_add_op(maker, OP_CHECK, &rest, (array->count - first) * stride);
        Site *site = migrate_add_site(maker, op, &rest);
        op->from_stride = stride;
        site->fate = MIGRATE_LOST;
        site->why = "the new build has no such element";
    }
}

// ----------------------------------------------------------------------------------------- structs

static void make_field(Maker *maker, const Part *whole, const ReflectPair *pair)
{
    Part part = {.from = pair->from_type,
                 .to = pair->to_type,
                 .at = whole->at + pair->from_bits,
                 .at_new = whole->at_new + pair->to_bits,
                 .bit_size = pair->from_bit_size,
                 .bit_size_new = pair->to_bit_size};

    if (pair->how == REFLECT_OVERLAY) {
        migrate_make_overlay(maker, &part);
    } else if (pair->how == REFLECT_GONE) {
        migrate_make_check(maker, &part, MIGRATE_LOST, "the new build has no such field");
    } else {
        if (pair->how == REFLECT_BY_GUESS) {
            migrate_make_check(maker, &part, MIGRATE_GUESS, "");
            maker->program->sites[maker->program->site_count - 1].to_name = pair->to_name;
        }
        migrate_make_part(maker, &part);
    }
}

static void make_struct(Maker *maker, const Part *part)
{
    Migrate *migrate = maker->migrate;
    bool is_same = reflect_same_type(migrate->match, part->from, part->to);

    if (is_same && !migrate_has_words(migrate, part->from)) {
        migrate_add_copy(maker, OP_COPY, part,
                         reflect_type(migrate_from(migrate), part->from)->bytes);
        return;
    }
    const ReflectPairing *pairing = reflect_pairing(migrate->match, part->from, part->to);
    if (is_same && maker->same == 0) {
        maker->same_first = maker->program->op_count;
    }
    maker->same += is_same;
    if (!is_same) {
        migrate_add_difference(maker, part->from, part->to);
    }
    for (uint32_t i = 0; i < pairing->pair_count; i++) {
        make_field(maker, part, &pairing->pairs[i]);
    }
    maker->same -= is_same;
}

// ------------------------------------------------------------------------------------------ arrays

static uint32_t dimensions(const ReflectTable *table, uint32_t type)
{
    uint32_t count = 0;
    while (reflect_type(table, type)->kind == REFLECT_ARRAY && count < MIGRATE_DEPTH_MAX) {
        type = reflect_type(table, type)->of;
        count++;
    }
    return count;
}

// A text that was whole has lost its end when it is cut.
static void check_text(Maker *maker, const Part *part, const ReflectType *a, const ReflectType *b)
{
    const ReflectType *element = reflect_type(migrate_from(maker->migrate), a->of);

    if (element->is_char && b->count > 0 && b->count < a->count) {
        Op *op = migrate_add_op(maker, OP_TEXT, part, a->count);
        op->body = (uint32_t)b->count;
        Site *site = migrate_add_site(maker, op, part);
        site->fate = MIGRATE_LOST;
        site->why = "the new array has no room for the end of the text";
    }
}

// The elements that both have, each made by the same operations; bytes where these are a copy.
static void make_elements(Maker *maker, const Part *part, uint64_t count)
{
    const ReflectTable *from = migrate_from(maker->migrate), *to = migrate_to(maker->migrate);
    uint32_t of = reflect_type(from, part->from)->of, of_new = reflect_type(to, part->to)->of;
    uint64_t stride = reflect_type(from, of)->bytes, new_stride = reflect_type(to, of_new)->bytes;
    uint32_t loop_at = maker->program->op_count, barrier = maker->barrier;
    Part element = {.from = of, .to = of_new};
    uint64_t from_bytes = maker->from_bytes, to_bytes = maker->to_bytes;

    if (reflect_same_type(maker->migrate->match, of, of_new)
        && (migrate_is_byte(reflect_type(from, of)) || !migrate_has_words(maker->migrate, of))) {
        bool has_words =
            migrate_is_byte(reflect_type(from, of)) && count * stride >= MIGRATE_WORD_BYTES;
        migrate_add_copy(maker, has_words ? OP_BYTES : OP_COPY, part, count * stride);
        return;
    }
    if (reflect_type(from, of)->kind == REFLECT_INTEGER && stride == MIGRATE_WORD_BYTES
        && reflect_same_type(maker->migrate->match, of, of_new)) {
        migrate_add_copy(maker, OP_WORDS, part, count * stride);
        return;
    }
    (void)migrate_add_op(maker, OP_LOOP, part, count);
    maker->barrier = loop_at + 1;
    maker->loops++;
    maker->from_bytes = stride;
    maker->to_bytes = new_stride;
    migrate_make_part(maker, &element);
    maker->from_bytes = from_bytes;
    maker->to_bytes = to_bytes;
    maker->loops--;
    Op *loop = &maker->program->ops[loop_at];
    loop->from_stride = stride;
    loop->to_stride = new_stride;
    loop->body = maker->program->op_count - loop_at - 1;
    maker->program->op_count -= loop->body == 0;
    maker->barrier = loop->body ? maker->program->op_count : barrier;
}

static void make_array(Maker *maker, const Part *part, const ReflectType *a, const ReflectType *b)
{
    const ReflectTable *from = migrate_from(maker->migrate), *to = migrate_to(maker->migrate);
    uint64_t count = a->count < b->count ? a->count : b->count;

    if (dimensions(from, part->from) != dimensions(to, part->to)) {
        migrate_make_check(maker, part, MIGRATE_REFUSED,
                           "it has another number of dimensions, and which element becomes which "
                           "is not said");
        return;
    }
    add_zone(maker, part, a, b);
    if (count > 0) {
        make_elements(maker, part, count);
    }
    check_text(maker, part, a, b);
    check_rest(maker, part, a, count);
}

// A single thing became element 0, or element 0 became the single thing.
static void make_first(Maker *maker, const Part *part, const ReflectType *a, const ReflectType *b)
{
    Part first = *part;

    if (b->kind == REFLECT_ARRAY) {
        first.to = b->of;
        migrate_make_part(maker, &first);
    } else {
        first.from = a->of;
        migrate_make_part(maker, &first);
        check_rest(maker, part, a, 1);
    }
}

static bool is_one(const ReflectType *type)
{
    return type->kind != REFLECT_ARRAY && type->kind != REFLECT_UNION
           && type->kind != REFLECT_UNKNOWN;
}

static bool is_array_of_one(const ReflectTable *table, const ReflectType *type)
{
    for (int i = 0; i < MIGRATE_DEPTH_MAX && type->kind == REFLECT_ARRAY && type->count > 0; i++) {
        type = reflect_type(table, type->of);
    }
    return is_one(type);
}

void migrate_make_part(Maker *maker, const Part *part)
{
    const ReflectTable *from = migrate_from(maker->migrate), *to = migrate_to(maker->migrate);
    const ReflectType *a = reflect_type(from, part->from), *b = reflect_type(to, part->to);

    if (maker->depth == MIGRATE_DEPTH_MAX) {
        migrate_make_check(maker, part, MIGRATE_REFUSED, "it lies too deep to be followed");
        return;
    }
    maker->depth++;
    if (a->kind == REFLECT_STRUCT && b->kind == REFLECT_STRUCT) {
        make_struct(maker, part);
    } else if (a->kind == REFLECT_ARRAY && b->kind == REFLECT_ARRAY) {
        make_array(maker, part, a, b);
    } else if (a->kind == REFLECT_UNION && b->kind == REFLECT_UNION) {
        migrate_make_union(maker, part);
    } else if ((a->kind == REFLECT_ARRAY) != (b->kind == REFLECT_ARRAY) && is_array_of_one(from, a)
               && is_array_of_one(to, b)) {
        make_first(maker, part, a, b);
    } else {
        migrate_make_leaf(maker, part);
    }
    maker->depth--;
}

// ---------------------------------------------------------------------------------------- programs

static bool stays(const Program *program, const Op *op)
{
    switch ((OpKind)op->kind) {
    case OP_ZERO:
        return true;
    case OP_COPY:
    case OP_WORDS:
    case OP_BYTES:
        return op->from == op->to;
    case OP_BITS:
        return op->from == op->to && op->load == op->store;
    case OP_POINTER:
        return op->from == op->to && !program->sites[op->site].want.is_retyped;
    case OP_LOOP:
        return op->from == op->to && op->from_stride == op->to_stride;
    default:
        return false;
    }
}

static bool has_pointers(const Op *ops, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (ops[i].kind == OP_POINTER || ops[i].kind == OP_WORDS || ops[i].kind == OP_BYTES) {
            return true;
        }
    }
    return false;
}

// What is left to do where an element stays as it is. Returns how many of `ops` were kept.
static uint32_t keep_pointers(const Op *ops, uint32_t count, Op *out)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (ops[i].kind == OP_LOOP) {
            if (has_pointers(&ops[i + 1], ops[i].body)) {
                out[kept] = ops[i];
                out[kept].body = keep_pointers(&ops[i + 1], ops[i].body, &out[kept + 1]);
                kept += out[kept].body + 1;
            }
            i += ops[i].body;
        } else if (ops[i].kind != OP_COPY && ops[i].kind != OP_ZERO && ops[i].kind != OP_BITS) {
            out[kept++] = ops[i];
        }
    }
    return kept;
}

static void finish(Maker *maker)
{
    Program *program = maker->program;

    migrate_add_zeros(maker);

    program->is_same = program->from_bytes == program->to_bytes && program->difference_count == 0;
    for (uint32_t i = 0; i < program->op_count && program->is_same; i++) {
        program->is_same = stays(program, &program->ops[i]);
    }
    for (uint32_t i = 1; i < program->zone_count; i++) { // members may have changed their order
        Zone zone = program->zones[i];
        uint32_t at = i;
        for (; at > 0 && program->zones[at - 1].from_first > zone.from_first; at--) {
            program->zones[at] = program->zones[at - 1];
        }
        program->zones[at] = zone;
    }
    if (program->is_same) {
        program->pointers = ARENA_NEW(maker->migrate->arena, Op, program->op_count + 1);
        program->pointer_count = keep_pointers(program->ops, program->op_count, program->pointers);
    }
}

Program *migrate_program(Migrate *migrate, uint32_t from, uint32_t to)
{
    uint64_t key = ((uint64_t)from << 32) | to;
    Program **head = &migrate->programs[(key * UINT64_C(0x9e3779b97f4a7c15)) >> 56];

    for (Program *program = *head; program; program = program->next) {
        if (program->from == from && program->to == to) {
            return program;
        }
    }
    Program *program = ARENA_NEW(migrate->arena, Program, 1);
    *program = (Program){.from = from, .to = to, .next = *head};
    *head = program;
    program->from_bytes = reflect_type(migrate_from(migrate), from)->bytes;
    program->to_bytes = reflect_type(migrate_to(migrate), to)->bytes;
    program->inverse = migrate_inverse(program->from_bytes);
    Maker maker = {.migrate = migrate,
                   .program = program,
                   .from_bytes = program->from_bytes,
                   .to_bytes = program->to_bytes};
    migrate_make_part(&maker, &(Part){.from = from, .to = to});
    finish(&maker);
    return program;
}
