#include <string.h>

#include "migrate_parts.h"

// What no tag tells, a pointer does: from all that is known, through every typed pointer.

typedef struct Reach {
    Migrate *migrate;
    const uint8_t *old;
    uint32_t *queue; // blocks that are known and not looked through yet
    uint32_t count;
} Reach;

static void reach_word(Reach *reach, uint64_t word, uint32_t want)
{
    Migrate *migrate = reach->migrate;
    const ReflectType *type = reflect_type(migrate_from(migrate), want);
    const Block *found = migrate_block_at(&migrate->map, word);

    if (!found || type->bytes == 0 || type->kind == REFLECT_UNKNOWN
        || !migrate->shapes[found->shape].is_open
        || word - found->from >= migrate_block_bytes(migrate, found)
        || (word - found->from) % type->bytes != 0) {
        return;
    }
    uint32_t shape = migrate_open_shape(migrate, found->shape, want);
    if (shape != found->shape) {
        uint32_t index = (uint32_t)(found - migrate->map.blocks);
        migrate->shapes[found->shape].blocks--;
        migrate->shapes[shape].blocks++;
        migrate->map.blocks[index].shape = shape & 0x3fffffff;
        reach->queue[reach->count++] = index;
    }
}

static void look_through(Reach *reach, uint32_t index, const uint8_t *bytes, int depth)
{
    const ReflectTable *table = migrate_from(reach->migrate);
    const ReflectType *type = reflect_type(table, index);
    uint64_t word;

    if (depth > MIGRATE_DEPTH_MAX || !migrate_has_words(reach->migrate, index)) {
        return;
    }
    if (type->kind == REFLECT_POINTER) {
        memcpy(&word, bytes, sizeof word);
        reach_word(reach, word, type->of);
    } else if (type->kind == REFLECT_ARRAY) {
        uint64_t stride = reflect_type(table, type->of)->bytes;
        for (uint64_t i = 0; i < type->count; i++) {
            look_through(reach, type->of, bytes + i * stride, depth + 1);
        }
    } else if (type->kind == REFLECT_STRUCT || type->kind == REFLECT_UNION) {
        for (uint32_t i = 0; i < type->member_count; i++) {
            const ReflectMember *member = &table->members[type->first_member + i];
            if (!member->bit_size) {
                look_through(reach, member->type, bytes + member->offset_bits / 8, depth + 1);
            }
        }
    }
}

static void look_through_block(Reach *reach, const Block *block)
{
    const Shape *shape = &reach->migrate->shapes[block->shape];
    const uint8_t *bytes = reach->old + (block->from - reach->migrate->map.first);
    uint32_t type = shape->from, tail = shape->tail ? shape->tail->from : 0;
    uint64_t stride = shape->stride, tail_at = shape->tail_at, tail_count = shape->tail_count;
    uint64_t count = block->count * shape->per; // copies: the shapes may grow in number

    for (uint64_t i = 0; i < count && type; i++) {
        look_through(reach, type, bytes + i * stride, 0);
        for (uint64_t k = 0; tail && k < tail_count; k++) {
            uint64_t tail_stride = reflect_type(migrate_from(reach->migrate), tail)->bytes;
            look_through(reach, tail, bytes + i * stride + tail_at + k * tail_stride, 0);
        }
    }
}

void migrate_reach(Migrate *migrate, const MigrateMemory *memory)
{
    Map *map = &migrate->map;
    Reach reach = {.migrate = migrate, .old = memory->old};

    // Each block is put there once as known, and once more at most when it becomes known.
    reach.queue = arena_push(migrate->arena, sizeof(uint32_t), 4, (size_t)map->block_count * 2 + 1);
    migrate_map_index(migrate);
    for (uint32_t i = 0; i < map->block_count; i++) {
        const Shape *shape = &migrate->shapes[map->blocks[i].shape];
        if (!shape->is_raw && migrate_has_words(migrate, shape->from)) {
            reach.queue[reach.count++] = i;
        }
    }
    for (uint32_t i = 0; i < memory->variable_count; i++) {
        look_through(&reach, memory->variable_types[i], memory->variables[i], 0);
    }
    for (uint32_t at = 0; at < reach.count; at++) {
        look_through_block(&reach, &map->blocks[reach.queue[at]]);
    }
}
