#include <string.h>

#include "migrate_parts.h"

// An allocation of numbers has a tag that says as little in the new build as in the old one: what
// the fields that point to it say now is what the new code takes it for. Where all of them agree it
// becomes that. Bytes may be anything: they stay.

typedef struct Retarget {
    Migrate *migrate;
    const uint8_t *old;
    uint32_t *types; // by block: what pointers say; 0: nobody said, UINT32_MAX: they differ
} Retarget;

static bool is_number(const ReflectTable *table, uint32_t type)
{
    return reflect_is_number(reflect_type(table, type));
}

static void hear(Retarget *retarget, uint64_t word, const Want *want)
{
    Migrate *migrate = retarget->migrate;
    const ReflectTable *to = migrate_to(migrate);
    const Block *block = migrate_block_at(&migrate->map, word);

    if (!block || word - block->from >= migrate_block_bytes(migrate, block)
        || !is_number(to, want->to) || migrate->shapes[block->shape].number != want->from
        || migrate_is_byte(reflect_type(migrate_from(migrate), want->from))) {
        return;
    }
    uint32_t *type = &retarget->types[block - migrate->map.blocks];
    bool is_other = *type && *type != want->to;
    *type = is_other ? UINT32_MAX : want->to;
}

static void hear_all(Retarget *retarget, const Program *program, const Op *ops, uint32_t count,
                     const uint8_t *from)
{
    const ReflectTable *table = migrate_from(retarget->migrate);

    for (const Op *op = ops, *end = ops + count; op < end; op++) {
        if (op->kind == OP_LOOP) {
            for (uint64_t i = 0; i < op->count; i++) {
                hear_all(retarget, program, op + 1, op->body,
                         from + op->from + i * op->from_stride);
            }
            op += op->body;
        } else if (op->kind == OP_POINTER && is_number(table, program->sites[op->site].want.from)) {
            uint64_t word;
            memcpy(&word, from + op->from, sizeof word);
            hear(retarget, word, &program->sites[op->site].want);
        }
    }
}

static void hear_block(Retarget *retarget, const Block *block)
{
    const Shape *shape = &retarget->migrate->shapes[block->shape];
    const uint8_t *bytes = retarget->old + (block->from - retarget->migrate->map.first);
    uint64_t count = block->count * shape->per;

    for (uint64_t i = 0; i < count && shape->program; i++) {
        const Program *program = shape->program, *tail = shape->tail;
        const uint8_t *element = bytes + i * shape->stride;
        hear_all(retarget, program, program->ops, program->op_count, element);
        for (uint64_t k = shape->tail_skip; k < shape->tail_count; k++) {
            hear_all(retarget, tail, tail->ops, tail->op_count,
                     element + shape->tail_at + k * tail->from_bytes);
        }
    }
}

static uint32_t twin_type(Migrate *migrate, const uint8_t *bytes, uint32_t type)
{
    const ReflectTable *from = migrate_from(migrate);
    uint64_t offset;
    const ReflectVariable *variable = reflect_variable_at(from, (uintptr_t)bytes, &offset);
    const ReflectVariable *twin =
        variable && offset == 0 && variable->type == type
            ? migrate_twin(migrate, (uint32_t)(variable - from->variables))
            : NULL;
    return twin ? twin->type : 0;
}

// Programs for those that are pointers, or hold some.
static void hear_variables(Retarget *retarget, const MigrateMemory *memory)
{
    Migrate *migrate = retarget->migrate;

    for (uint32_t i = 0; i < memory->variable_count; i++) {
        uint32_t type = memory->variable_types[i];
        uint32_t twin =
            migrate_has_words(migrate, type) ? twin_type(migrate, memory->variables[i], type) : 0;
        if (twin) {
            const Program *program = migrate_program(migrate, type, twin);
            hear_all(retarget, program, program->ops, program->op_count, memory->variables[i]);
        }
    }
}

// Pointers of variables count as well: without them the fields' would be all there is.
static bool variables_say_other(Migrate *migrate, const MigrateMemory *memory)
{
    const ReflectTable *from = migrate_from(migrate), *to = migrate_to(migrate);

    for (uint32_t i = 0; i < memory->variable_count; i++) {
        const ReflectType *type = reflect_type(from, memory->variable_types[i]);
        if (type->kind == REFLECT_POINTER && is_number(from, type->of)) {
            uint32_t twin = twin_type(migrate, memory->variables[i], memory->variable_types[i]);
            const ReflectType *is = reflect_type(to, twin);
            if (is->kind == REFLECT_POINTER && is_number(to, is->of)
                && !reflect_same_type(migrate->match, type->of, is->of)) {
                return true;
            }
        }
    }
    return false;
}

void migrate_retarget(Migrate *migrate, const MigrateMemory *memory)
{
    Map *map = &migrate->map;
    Retarget retarget = {.migrate = migrate, .old = memory->old};

    if (!migrate->has_number_pointers && !variables_say_other(migrate, memory)) {
        return;
    }
    migrate_map_index(migrate);
    retarget.types = ARENA_NEW(migrate->arena, uint32_t, map->block_count + 1);
    for (uint32_t i = 0; i < map->block_count; i++) {
        hear_block(&retarget, &map->blocks[i]);
    }
    hear_variables(&retarget, memory);
    for (uint32_t i = 0; i < map->block_count; i++) {
        Block *block = &map->blocks[i];
        uint32_t type = retarget.types[i], shape = block->shape;
        if (type && type != UINT32_MAX && type != migrate->shapes[shape].to) {
            uint32_t other = migrate_shape_into(migrate, shape, type);
            migrate->shapes[shape].blocks--;
            migrate->shapes[other].blocks++;
            block->shape = other & 0x3fffffff;
        }
    }
}
