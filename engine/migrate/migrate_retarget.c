#include <string.h>

#include "migrate_parts.h"

// An allocation of numbers has a tag that says as little in the new build as in the old one: what
// the fields that point to it say now is what the new code takes it for. Where all of them agree it
// becomes that. Bytes may be anything: they stay.

typedef struct Retarget {
    Migrate *migrate;
    uint32_t *types; // by block: what pointers say; 0: nobody said, UINT32_MAX: they differ
} Retarget;

static bool is_number(const ReflectTable *table, uint32_t type)
{
    return reflect_is_number(reflect_type(table, type));
}

static void hear(void *with, uint64_t word, const Want *want)
{
    Retarget *retarget = with;
    Migrate *migrate = retarget->migrate;
    const ReflectTable *to = migrate_to(migrate);
    const Block *block = migrate_block_at(&migrate->map, word);

    if (!is_number(migrate_from(migrate), want->from) || !block
        || word - block->from >= migrate_block_bytes(migrate, block) || !is_number(to, want->to)
        || migrate->shapes[block->shape].number != want->from
        || migrate_is_byte(reflect_type(migrate_from(migrate), want->from))) {
        return;
    }
    uint32_t *type = &retarget->types[block - migrate->map.blocks];
    bool is_other = *type && *type != want->to;
    *type = is_other ? UINT32_MAX : want->to;
}

static void hear_all(const Ear *ear, const Program *program, const Op *ops, uint32_t count,
                     const uint8_t *from)
{
    for (const Op *op = ops, *end = ops + count; op < end; op++) {
        if (op->kind == OP_LOOP) {
            for (uint64_t i = 0; i < op->count; i++) {
                hear_all(ear, program, op + 1, op->body, from + op->from + i * op->from_stride);
            }
            op += op->body;
        } else if (op->kind == OP_POINTER) {
            uint64_t word;
            memcpy(&word, from + op->from, sizeof word);
            ear->hear(ear->with, word, &program->sites[op->site].want);
        }
    }
}

void migrate_hear_block(Migrate *migrate, const Ear *ear, const uint8_t *old, const Block *block)
{
    const Shape *shape = &migrate->shapes[block->shape];
    const Program *program = shape->program, *tail = shape->tail; // the shapes may grow in number
    const uint8_t *bytes = old + (block->from - migrate->map.first);
    uint64_t count = block->count * shape->per, stride = shape->stride;
    uint64_t tail_at = shape->tail_at, tail_skip = shape->tail_skip, tail_end = shape->tail_count;

    for (uint64_t i = 0; i < count && program; i++) {
        const uint8_t *element = bytes + i * stride;
        hear_all(ear, program, program->ops, program->op_count, element);
        for (uint64_t k = tail_skip; k < tail_end; k++) {
            hear_all(ear, tail, tail->ops, tail->op_count,
                     element + tail_at + k * tail->from_bytes);
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

void migrate_hear_variables(Migrate *migrate, const Ear *ear, const MigrateMemory *memory)
{
    for (uint32_t i = 0; i < memory->variable_count; i++) {
        uint32_t type = memory->variable_types[i];
        uint32_t twin =
            migrate_has_words(migrate, type) ? twin_type(migrate, memory->variables[i], type) : 0;
        if (twin) {
            const Program *program = migrate_program(migrate, type, twin);
            hear_all(ear, program, program->ops, program->op_count, memory->variables[i]);
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
    Retarget retarget = {.migrate = migrate};
    Ear ear = {hear, &retarget};

    if (!migrate->has_number_pointers && !variables_say_other(migrate, memory)) {
        return;
    }
    migrate_map_index(migrate);
    retarget.types = ARENA_NEW(migrate->arena, uint32_t, map->block_count + 1);
    for (uint32_t i = 0; i < map->block_count; i++) {
        migrate_hear_block(migrate, &ear, memory->old, &map->blocks[i]);
    }
    migrate_hear_variables(migrate, &ear, memory);
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
