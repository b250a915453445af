#include <string.h>

#include "migrate_parts.h"

// Programs carried out, element by element.
//
// Contents: copies, numbers, enumerators, checks, unions, the operations, blocks.

enum { SLOT_CHECK, SLOT_CLAMPED, SLOT_NO_NAME }; // of a site's notes
enum { BUFFER_BYTES = 1 << 14, UNION_BYTES_MAX = 4096 };

// ---------------------------------------------------------------------------------------- copies

// Most copies are short: two moves that overlap instead of a call.
static inline void copy_bytes(uint8_t *to, const uint8_t *from, uint64_t count)
{
    if (count == 4) {
        memcpy(to, from, 4);
    } else if (count == 8) {
        memcpy(to, from, 8);
    } else if (count > 8 && count <= 16) {
        uint64_t first, last;
        memcpy(&first, from, 8);
        memcpy(&last, from + count - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + count - 8, &last, 8);
    } else if (count > 16 && count <= 32) {
        uint64_t words[4];
        memcpy(words, from, 16);
        memcpy(words + 2, from + count - 16, 16);
        memcpy(to, words, 16);
        memcpy(to + count - 16, words + 2, 16);
    } else {
        memcpy(to, from, count);
    }
}

// --------------------------------------------------------------------------------------- numbers

static int64_t load_whole(const uint8_t *bytes, Scalar scalar)
{
    int64_t wide;
    int32_t middle;
    int16_t narrow;
    uint32_t middle_u;
    uint16_t narrow_u;

    switch (scalar) {
    case SCALAR_I8:
        return (int8_t)bytes[0];
    case SCALAR_U8:
        return bytes[0];
    case SCALAR_I16:
        memcpy(&narrow, bytes, sizeof narrow);
        return narrow;
    case SCALAR_U16:
        memcpy(&narrow_u, bytes, sizeof narrow_u);
        return narrow_u;
    case SCALAR_I32:
        memcpy(&middle, bytes, sizeof middle);
        return middle;
    case SCALAR_U32:
        memcpy(&middle_u, bytes, sizeof middle_u);
        return middle_u;
    default:
        memcpy(&wide, bytes, sizeof wide);
        return wide;
    }
}

static void widen(const Op *op, const uint8_t *from, uint8_t *to)
{
    if (op->load == SCALAR_F32) {
        float single;
        memcpy(&single, from, sizeof single);
        double twice = (double)single;
        memcpy(to, &twice, sizeof twice);
    } else if (op->store == SCALAR_F32) {
        float single = (float)load_whole(from, (Scalar)op->load);
        memcpy(to, &single, sizeof single);
    } else if (op->store == SCALAR_F64) {
        double twice = (double)load_whole(from, (Scalar)op->load);
        memcpy(to, &twice, sizeof twice);
    } else {
        int64_t value = load_whole(from, (Scalar)op->load);
        memcpy(to, &value, op->count);
    }
}

static void note_number(Run *run, Site *site, ReflectFit fit, const uint8_t *from,
                        const uint8_t *to)
{
    char text[MIGRATE_TEXT_MAX], was[64], is[64], type[64], bits[16] = "";
    int slot = fit == REFLECT_NO_NAME ? SLOT_NO_NAME : SLOT_CLAMPED;

    if (migrate_counts(run, site, slot)) {
        return;
    }
    reflect_number_text(&site->from, from, was, sizeof was);
    reflect_number_text(&site->to, to, is, sizeof is);
    reflect_type_text(migrate_to(run->migrate), site->to_type, type, sizeof type);
    if (site->to.bit_size) {
        (void)text_format(bits, sizeof bits, " : %u", site->to.bit_size);
    }
    if (fit == REFLECT_NO_NAME) {
        (void)text_format(text, sizeof text, "was %s, which %s has no more: %s", was, type, is);
    } else {
        (void)text_format(text, sizeof text, "was %s, which does not fit into %s%s: %s", was, type,
                          bits, is);
    }
    migrate_note(run, site, slot, MIGRATE_LOST, from, text);
}

static void convert(Run *run, Site *site, const uint8_t *from, uint8_t *to)
{
    ReflectFit fit = reflect_convert(&site->from, from, &site->to, to);
    if (fit != REFLECT_FITS) {
        note_number(run, site, fit, from, to);
    }
}

static void convert_enum(Run *run, const Op *op, Site *site, const uint8_t *from, uint8_t *to)
{
    uint64_t index = (uint64_t)load_whole(from, (Scalar)op->load) - (uint64_t)site->enum_first;
    if (index < site->enum_count && site->enum_fits[index] == REFLECT_FITS) {
        memcpy(to, &site->enum_values[index], op->count);
    } else {
        convert(run, site, from, to);
    }
}

// ---------------------------------------------------------------------------------------- checks

static bool is_zero(const uint8_t *bytes, uint64_t count)
{
    return count == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0);
}

static void note_value(Run *run, Site *site, const uint8_t *from)
{
    char path[MIGRATE_PATH_MAX] = "", value[MIGRATE_TEXT_MAX / 2] = "", text[MIGRATE_TEXT_MAX];
    const ReflectLeaf *bits = site->from.bit_size ? &site->from : NULL;

    if (!migrate_value_text(migrate_from(run->migrate), site->from_type, bits, from, path, value,
                            sizeof value)
        || migrate_counts(run, site, SLOT_CHECK)) {
        return;
    }
    if (site->fate == MIGRATE_GUESS) {
        char name[MIGRATE_PATH_MAX], whole[MIGRATE_PATH_MAX];
        uint64_t bit = (uint64_t)(from - run->element) * 8 + site->from.bit;
        migrate_name(run, bit, site->from_type, name, whole);
        const char *field = strrchr(name, '.');
        (void)text_format(
            text, sizeof text, "is taken to be %.*s.%s now; HL_WAS(%.*s, %s, %s) makes it certain",
            field ? (int)(field - name) : 0, name, site->to_name, field ? (int)(field - name) : 0,
            name, site->to_name, field ? field + 1 : name);
    } else if (path[0]) {
        (void)text_format(text, sizeof text, "was not zero (%s %s); %s", path, value, site->why);
    } else {
        (void)text_format(text, sizeof text, "was %s; %s", value, site->why);
    }
    migrate_note(run, site, SLOT_CHECK, site->fate, from, text);
}

static void check(Run *run, const Op *op, Site *site, const uint8_t *from)
{
    const uint8_t *bytes = from + op->from;

    if (site->from.bit_size) {
        static const uint8_t ZERO[16];
        if (!reflect_same_bits(&site->from, bytes, ZERO)) {
            note_value(run, site, bytes);
        }
        return;
    }
    if (is_zero(bytes, op->count)) {
        return;
    }
    uint64_t stride = op->from_stride ? op->from_stride : op->count;
    for (uint64_t at = 0; at + stride <= op->count; at += stride) {
        if (!is_zero(bytes + at, stride)) {
            note_value(run, site, bytes + at);
        }
    }
}

static void check_text(Run *run, const Op *op, Site *site, const uint8_t *from)
{
    const char *text = (const char *)from + op->from;
    size_t length = strnlen(text, op->count);
    if (length == op->body) { // a longer one is named by the elements that it loses
        note_value(run, site, from + op->from);
    }
}

// ---------------------------------------------------------------------------------------- unions

// Every member is tried. They agree where it does not matter which of them it is.
static bool try_members(Run *run, const Site *site, const uint8_t *from, uint8_t *to,
                        uint64_t bytes)
{
    uint8_t first[UNION_BYTES_MAX], other[UNION_BYTES_MAX];
    Run trial = *run;

    if (site->member_count == 0 || bytes > UNION_BYTES_MAX) {
        return false;
    }
    trial.quiet++;
    trial.in_place = false;
    for (uint32_t i = 0; i < site->member_count; i++) {
        const Program *member = site->members[i];
        uint8_t *out = i ? other : first;
        memset(out, 0, bytes);
        trial.found = 0;
        migrate_carry_out(&trial, member, member->ops, member->op_count, from, out);
        // What lies behind a short member is another's, or nothing.
        bool is_whole =
            is_zero(from + member->from_bytes, site->from.type->bytes - member->from_bytes);
        if (trial.found > 0 || !is_whole || (i && memcmp(first, other, bytes) != 0)) {
            return false;
        }
    }
    memcpy(to, first, bytes);
    return true;
}

static void run_union(Run *run, const Op *op, Site *site, const uint8_t *from, uint8_t *to)
{
    if (is_zero(from + op->from, op->count)) {
        return;
    }
    if (!try_members(run, site, from + op->from, to + op->to, site->to.type->bytes)
        && !migrate_counts(run, site, SLOT_CHECK)) {
        char text[MIGRATE_TEXT_MAX];
        (void)text_format(text, sizeof text,
                          "is not zero; %s: leave the members as they were, or start afresh",
                          site->why);
        migrate_note(run, site, SLOT_CHECK, MIGRATE_REFUSED, from + op->from, text);
    }
}

// ----------------------------------------------------------------------------------- operations

static void run_ops(Run *run, const Program *program, const Op *op, uint32_t count,
                    const uint8_t *from, uint8_t *to)
{
    for (const Op *end = op + count; op < end; op++) {
        Site *site = &program->sites[op->site];
        switch ((OpKind)op->kind) {
        case OP_COPY:
            copy_bytes(to + op->to, from + op->from, op->count);
            break;
        case OP_WORDS:
            migrate_run_words(run, op, false, op->count, from, to);
            break;
        case OP_BYTES:
            migrate_run_words(run, op, true, op->count, from, to);
            break;
        case OP_WIDEN:
            widen(op, from + op->from, to + op->to);
            break;
        case OP_NUMBER:
            convert(run, site, from + op->from, to + op->to);
            break;
        case OP_ENUM:
            convert_enum(run, op, site, from + op->from, to + op->to);
            break;
        case OP_POINTER:
            migrate_run_pointer(run, op, site, from, to);
            break;
        case OP_LOOP:
            for (uint64_t i = 0; i < op->count; i++) {
                run_ops(run, program, op + 1, op->body, from + op->from + i * op->from_stride,
                        to + op->to + i * op->to_stride);
            }
            op += op->body;
            break;
        case OP_CHECK:
            check(run, op, site, from);
            break;
        case OP_TEXT:
            check_text(run, op, site, from);
            break;
        case OP_UNION:
            run_union(run, op, site, from, to);
            break;
        }
    }
}

void migrate_carry_out(Run *run, const Program *program, const Op *ops, uint32_t count,
                       const uint8_t *from, uint8_t *to)
{
    run_ops(run, program, ops, count, from, to);
}

// ---------------------------------------------------------------------------------------- blocks

// One of the heap's old elements, which may be several of the type's, at `to`.
static void run_element(Run *run, const Shape *shape, const uint8_t *from, uint8_t *to)
{
    const Program *program = shape->program;

    memset(to, 0, shape->new_stride);
    run_ops(run, program, program->ops, program->op_count, from, to);
    for (uint64_t i = shape->tail_skip; i < shape->tail_count; i++) {
        const Program *tail = shape->tail;
        run_ops(run, tail, tail->ops, tail->op_count, from + shape->tail_at + i * tail->from_bytes,
                to + shape->tail_at_new + i * tail->to_bytes);
    }
}

static void set_element(Run *run, const Block *block, const uint8_t *from, uint64_t index)
{
    run->element = from;
    run->element_at = block->from + index * run->shape->stride;
    run->object = run->shape->objects + index;
}

// Straight to a new place, which holds anything.
static void run_moved(Run *run, const Block *block, const uint8_t *from, size_t room_bytes)
{
    const Shape *shape = run->shape;
    uint8_t *to = (uint8_t *)(uintptr_t)block->to;
    uint64_t count = block->count * shape->per, bytes = block->count * shape->new_element_bytes;

    for (uint64_t i = 0; i < count; i++) {
        set_element(run, block, from + i * shape->stride, i);
        run_element(run, shape, from + i * shape->stride, to + i * shape->new_stride);
    }
    memset(to + bytes, 0, room_bytes - bytes);
}

static void put(uint8_t *to, const uint8_t *from, uint64_t count)
{
    for (uint64_t done = 0; done < count; done += PAGE_BYTES) {
        uint64_t chunk = count - done < PAGE_BYTES ? count - done : PAGE_BYTES;
        if (memcmp(to + done, from + done, chunk) != 0) {
            memcpy(to + done, from + done, chunk);
        }
    }
}

// Some elements at a time by way of a buffer, so that equal memory is not written.
static void run_standing(Run *run, const Block *block, const uint8_t *from, size_t room_bytes)
{
    Migrate *migrate = run->migrate;
    const Shape *shape = run->shape;
    uint8_t *to = (uint8_t *)(uintptr_t)block->to;
    uint64_t count = block->count * shape->per, done = 0;
    uint64_t bytes = block->count * shape->new_element_bytes;

    while (done < count) {
        uint64_t at = done, used = 0;
        run->place =
            (int64_t)((uintptr_t)(to + done * shape->new_stride) - (uintptr_t)migrate->buffer);
        do {
            set_element(run, block, from + done * shape->stride, done);
            run_element(run, shape, run->element, migrate->buffer + used);
            used += shape->new_stride;
            done++;
        } while (done < count && used + shape->new_stride <= migrate->buffer_bytes);
        put(to + at * shape->new_stride, migrate->buffer, used);
    }
    run->place = 0;
    if (!is_zero(to + bytes, room_bytes - bytes)) {
        memset(to + bytes, 0, room_bytes - bytes);
    }
}

// Elements that stay as they are, but for their pointers.
static void run_same(Run *run, const Block *block, const uint8_t *from)
{
    const Shape *shape = run->shape;
    const Program *program = shape->program, *tail = shape->tail;
    uint8_t *to = (uint8_t *)(uintptr_t)block->to;
    uint64_t count = block->count * shape->per;

    run->in_place = true;
    if (shape->is_raw) {
        Op words = {.kind = OP_BYTES};
        set_element(run, block, from, 0);
        migrate_run_words(run, &words, true, migrate_block_bytes(run->migrate, block), from, to);
    } else if (program->pointer_count > 0 || (tail && tail->pointer_count > 0)) {
        for (uint64_t i = 0; i < count; i++) {
            const uint8_t *element = from + i * shape->stride;
            uint8_t *there = to + i * shape->stride;
            set_element(run, block, element, i);
            run_ops(run, program, program->pointers, program->pointer_count, element, there);
            for (uint64_t k = shape->tail_skip; k < shape->tail_count; k++) {
                uint64_t at = shape->tail_at + k * tail->from_bytes;
                run_ops(run, tail, tail->pointers, tail->pointer_count, element + at, there + at);
            }
        }
    }
    run->in_place = false;
}

static void run_block(Run *run, const Block *block, const uint8_t *from, const Heap *heap)
{
    const Shape *shape = run->shape;
    uint64_t bytes = block->count * shape->element_bytes;

    if (!shape->is_same) {
        size_t room_bytes = heap_room_bytes(heap, (const void *)(uintptr_t)block->to);
        if (block->is_moved) {
            run_moved(run, block, from, room_bytes);
        } else {
            run_standing(run, block, from, room_bytes);
        }
        run->notes->objects += block->count * shape->per;
        return;
    }
    if (block->is_moved) {
        uint8_t *to = (uint8_t *)(uintptr_t)block->to;
        memcpy(to, from, bytes);
        memset(to + bytes, 0, heap_room_bytes(heap, to) - bytes);
    }
    run_same(run, block, from);
}

static void make_buffer(Migrate *migrate)
{
    uint64_t bytes = BUFFER_BYTES;

    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        const Shape *shape = &migrate->shapes[i];
        if (!shape->is_same && shape->blocks > 0 && shape->new_stride > bytes) {
            bytes = shape->new_stride;
        }
    }
    if (bytes > migrate->buffer_bytes) {
        migrate->buffer = arena_push(migrate->arena, 1, 64, bytes);
        migrate->buffer_bytes = bytes;
    }
}

void migrate_run_blocks(Run *run, const MigrateMemory *memory)
{
    Migrate *migrate = run->migrate;
    const Map *map = &migrate->map;

    make_buffer(migrate);
    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        migrate->shapes[i].objects = 0;
    }
    for (uint32_t i = 0; i < map->block_count; i++) {
        const Block *block = &map->blocks[i];
        Shape *shape = &migrate->shapes[block->shape];
        run->shape = shape;
        run_block(run, block, memory->old + (block->from - map->first), memory->heap);
        shape->objects += block->count * shape->per;
    }
}
