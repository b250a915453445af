// Two units may each have a type of one tag. Where the new build has several, what lies in the heap
// under that tag is what the pointers to it say, each of a field of one unit. Where none says it,
// and the old types do not either, nobody knows: that is refused.
#include "migrate_parts.h"

typedef struct Doubt {
    Migrate *migrate;
    const uint8_t *old;
    uint32_t *said;  // by block: the new type that pointers say; 0: none, UINT32_MAX: they differ
    uint32_t *queue; // blocks whose type is known now, whose own pointers are still to be heard
    uint32_t count;
} Doubt;

static void hear(void *with, uint64_t word, const Want *want)
{
    Doubt *doubt = with;
    Migrate *migrate = doubt->migrate;
    const Block *block = migrate_block_at(&migrate->map, word);

    if (!block || !migrate->shapes[block->shape].is_doubtful
        || migrate->shapes[block->shape].from != want->from
        || word - block->from >= migrate_block_bytes(migrate, block)) {
        return;
    }
    Named there = migrate_types_named(migrate_to(migrate), migrate->shapes[block->shape].tag);
    uint32_t index = (uint32_t)(block - migrate->map.blocks);
    uint32_t *said = &doubt->said[index];
    for (uint32_t i = 0; i < there.count; i++) {
        if (there.types[i] != want->to) {
            continue;
        }
        if (*said == 0) {
            uint32_t shape = migrate_shape_into(migrate, block->shape, want->to);
            migrate->shapes[shape].is_doubtful = true;
            migrate->shapes[block->shape].blocks--;
            migrate->shapes[shape].blocks++;
            migrate->map.blocks[index].shape = shape & 0x3fffffff;
            doubt->queue[doubt->count++] = index;
        }
        *said = *said && *said != want->to ? UINT32_MAX : want->to;
    }
}

static bool has_doubt(const Migrate *migrate)
{
    bool has_doubt = false;
    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        has_doubt |= migrate->shapes[i].is_doubtful && migrate->shapes[i].blocks > 0;
    }
    return has_doubt;
}

static void refuse(Migrate *migrate, const Shape *shape)
{
    char text[MIGRATE_TEXT_MAX];
    (void)text_format(text, sizeof text,
                      "several types of the new build are called %s, and no pointer says which of "
                      "them its allocations are: give one another name, or start afresh",
                      shape->tag);
    migrate_note_named(migrate->notes, MIGRATE_REFUSED, shape->tag,
                       arena_copy_text(migrate->arena, text));
}

void migrate_settle_doubts(Migrate *migrate, const MigrateMemory *memory)
{
    Map *map = &migrate->map;
    Doubt doubt = {.migrate = migrate, .old = memory->old};
    Ear ear = {hear, &doubt};

    if (!has_doubt(migrate)) {
        return;
    }
    migrate_map_index(migrate);
    doubt.said = ARENA_NEW(migrate->arena, uint32_t, map->block_count + 1);
    doubt.queue = ARENA_NEW(migrate->arena, uint32_t, map->block_count + 1);
    migrate_hear_variables(migrate, &ear, memory);
    for (uint32_t i = 0; i < map->block_count; i++) {
        if (!migrate->shapes[map->blocks[i].shape].is_doubtful) {
            migrate_hear_block(migrate, &ear, memory->old, &map->blocks[i]);
        }
    }
    for (uint32_t i = 0; i < doubt.count; i++) {
        migrate_hear_block(migrate, &ear, memory->old, &map->blocks[doubt.queue[i]]);
    }
    for (uint32_t i = 0; i < map->block_count; i++) {
        const Shape *shape = &migrate->shapes[map->blocks[i].shape];
        bool is_unknown = doubt.said[i] == 0 && shape->is_unsure;
        if (shape->is_doubtful && (is_unknown || doubt.said[i] == UINT32_MAX)) {
            refuse(migrate, shape);
        }
    }
}
