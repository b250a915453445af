#include <stdlib.h>
#include <string.h>

#include "migrate_parts.h"

// Where an address of the old heap is now: the block, the element, the field inside of it.
//
// Contents: the index, blocks, places in an element, pointers, words.

enum { GRAIN = 1 << MAP_GRAIN_SHIFT };

// ------------------------------------------------------------------------------------- the index

void migrate_map_index(Migrate *migrate)
{
    Map *map = &migrate->map;
    uint64_t grains = (map->span >> MAP_GRAIN_SHIFT) + 2, at = 0;

    if (grains > map->grain_room) {
        map->grains = arena_push(migrate->arena, sizeof(uint32_t), 64, grains + grains / 4);
        map->grain_room = grains + grains / 4;
    }
    if (!map->known) {
        map->known = ARENA_NEW(migrate->arena, MapKnown, MAP_KNOWN_COUNT);
    }
    for (uint32_t i = 0; i < map->block_count; i++) {
        // The first grain that begins at or behind the block; those before it are another's.
        uint64_t first = (map->blocks[i].from - map->first + GRAIN - 1) >> MAP_GRAIN_SHIFT;
        while (at < first && at < grains) {
            map->grains[at++] = i ? i - 1 : 0;
        }
    }
    while (at < grains) {
        map->grains[at++] = map->block_count ? map->block_count - 1 : 0;
    }
    map->is_open = true;
}

uint64_t migrate_block_bytes(const Migrate *migrate, const Block *block)
{
    return block->count * migrate->shapes[block->shape].element_bytes;
}

// The last block that begins at or before the address; NULL: none.
const Block *migrate_block_at(const Map *map, uint64_t word)
{
    uint64_t offset = word - map->first;

    if (offset >= map->span || map->block_count == 0) {
        return NULL;
    }
    uint32_t at = map->grains[offset >> MAP_GRAIN_SHIFT];
    while (at + 1 < map->block_count && map->blocks[at + 1].from <= word) {
        at++;
    }
    return map->blocks[at].from <= word ? &map->blocks[at] : NULL;
}

// ---------------------------------------------------------------------------- places in an element

static const Zone *zone_at(const Program *program, uint64_t offset)
{
    uint32_t first = 0, end = program->zone_count;

    while (first < end) {
        uint32_t middle = (first + end) / 2;
        if (program->zones[middle].from_end <= offset) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    const Zone *zone = first < program->zone_count ? &program->zones[first] : NULL;
    return zone && offset >= zone->from_first ? zone : NULL;
}

static uint64_t divide(uint64_t value, uint64_t divisor, uint64_t inverse)
{
    uint64_t quotient = (uint64_t)(((unsigned __int128)value * inverse) >> 64);
    return quotient + (value - quotient * divisor >= divisor);
}

static bool is_known(const ReflectTable *table, uint32_t type)
{
    return type != 0 && reflect_type(table, type)->kind != REFLECT_UNKNOWN;
}

// Where `offset` of the program's element is in the new one, and whether what is there is what the
// pointer says.
static Verdict look_up(Migrate *migrate, const Program *program, uint64_t offset, const Want *want,
                       uint64_t *out)
{
    const ReflectTable *from = migrate_from(migrate), *to = migrate_to(migrate);
    bool has_want = is_known(from, want->from), has_want_to = is_known(to, want->to);
    uint32_t wanted = has_want ? want->from : 0;
    bool is_thing = has_want
                    && (migrate_thing_at(from, program->from, offset, want->from)
                        || (offset == program->from_bytes
                            && reflect_ends_with(from, program->from, want->from)));

    if (has_want && !is_thing && offset == 0) {
        wanted = 0; // the object, by another name
    }
    if (!reflect_place(migrate->match, program->from, program->to, offset, wanted, out)) {
        return WORD_CUT;
    }
    if (has_want_to && (is_thing || want->is_retyped) && *out < program->to_bytes
        && offset < program->from_bytes && !migrate_thing_at(to, program->to, *out, want->to)) {
        return WORD_RETYPED;
    }
    return WORD_FOUND;
}

static Verdict place_of(Migrate *migrate, const Program *program, uint64_t offset, const Want *want,
                        uint64_t *out)
{
    uint64_t key = ((uint64_t)(uintptr_t)program >> 4) + offset * 0x9e3779b97f4a7c15ull
                   + want->from * 0xc2b2ae3d27d4eb4full + want->to * 0x165667b19e3779f9ull;
    MapKnown *known =
        &migrate->map
             .known[(key ^ key >> 29) * 0x9e3779b97f4a7c15ull >> 53 & (MAP_KNOWN_COUNT - 1)];

    if (known->program != program || known->offset != offset || known->want_from != want->from
        || known->want_to != want->to) {
        *known = (MapKnown){
            .program = program, .offset = offset, .want_from = want->from, .want_to = want->to};
        known->verdict = (uint32_t)look_up(migrate, program, offset, want, &known->result);
    }
    *out = known->result;
    return (Verdict)known->verdict;
}

// Through arrays, each by one division, to the innermost element that the place surely lies in.
static Verdict place_in(Migrate *migrate, const Program *program, uint64_t offset, const Want *want,
                        uint64_t *out)
{
    const ReflectTable *from = migrate_from(migrate);
    uint64_t base = 0;
    Verdict verdict;

    for (int depth = 0; depth < MIGRATE_DEPTH_MAX; depth++) {
        if (offset == 0 && program->from == want->from && program->to == want->to) {
            *out = base;
            return WORD_FOUND;
        }
        const Zone *zone = zone_at(program, offset);
        if (!zone) {
            break;
        }
        uint64_t index = divide(offset - zone->from_first, zone->from_stride, zone->inverse);
        uint64_t inside = offset - zone->from_first - index * zone->from_stride;
        if (inside == 0 && zone->from_type != want->from
            && !(is_known(from, want->from)
                 && reflect_begins_with(from, zone->from_type, want->from))) {
            break; // the end of something, maybe
        }
        if (index >= zone->to_count) {
            return WORD_CUT;
        }
        base += zone->to_first + index * zone->to_stride;
        offset = inside;
        program = migrate_program(migrate, zone->from_type, zone->to_type);
    }
    verdict = place_of(migrate, program, offset, want, out);
    *out += base;
    return verdict;
}

// --------------------------------------------------------------------------------------- pointers

static int by_place(const void *a, const void *b)
{
    const Placed *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

static void list_placed(Migrate *migrate)
{
    Map *map = &migrate->map;

    map->placed = arena_push(migrate->arena, sizeof(Placed), 16, map->moved_count + 1);
    for (uint32_t i = 0; i < map->block_count && map->placed_count < map->moved_count; i++) {
        const Block *block = &map->blocks[i];
        if (block->is_moved) {
            uint64_t bytes = block->count * migrate->shapes[block->shape].new_element_bytes;
            map->placed[map->placed_count++] = (Placed){block->to, block->to + bytes};
        }
    }
    qsort(map->placed, map->placed_count, sizeof(Placed), by_place);
}

// Whether memory was given out there that nobody had, or somebody else.
static bool is_placed(const Map *map, uint64_t word)
{
    uint32_t first = 0, end = map->placed_count;

    while (first < end) {
        uint32_t middle = (first + end) / 2;
        if (map->placed[middle].end <= word) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first < map->placed_count && word >= map->placed[first].first;
}

static Found no_block(Migrate *migrate, uint64_t word)
{
    const Map *map = &migrate->map;

    if (map->moved_count > 0 && !map->placed) {
        list_placed(migrate);
    }
    return is_placed(map, word) ? (Found){0, WORD_HIT, NULL} : (Found){word, WORD_OTHER, NULL};
}

// The flexible array behind a struct.
static Verdict place_in_tail(Migrate *migrate, const Shape *shape, uint64_t offset,
                             const Want *want, uint64_t *out)
{
    uint64_t bytes = shape->tail->from_bytes, index = (offset - shape->tail_at) / bytes;
    uint64_t inside = (offset - shape->tail_at) % bytes;
    Verdict verdict = WORD_FOUND;

    *out = 0;
    if (inside > 0 && index < shape->tail_count) {
        verdict = place_in(migrate, shape->tail, inside, want, out);
    }
    *out += shape->tail_at_new + index * shape->tail->to_bytes;
    return verdict;
}

static bool ends_there(Migrate *migrate, const Shape *shape, const Want *want)
{
    const ReflectTable *from = migrate_from(migrate);
    return is_known(from, want->from) && !reflect_begins_with(from, shape->from, want->from)
           && reflect_ends_with(from, shape->from, want->from);
}

// Into a block that is laid out otherwise now.
static Found find_inside(Migrate *migrate, uint64_t word, const Block *block, const Want *want)
{
    const Shape *shape = &migrate->shapes[block->shape];
    uint64_t offset = word - block->from, out;
    uint64_t index = divide(offset, shape->stride, shape->inverse);
    uint64_t inside = offset - index * shape->stride, count = block->count * shape->per;
    Verdict verdict;

    if (inside == 0 && ((shape->from == want->from && shape->to == want->to) || index == count)
        && !(index > 0 && ends_there(migrate, shape, want))) {
        return (Found){block->to + index * shape->new_stride, WORD_FOUND, block};
    }
    if (inside == 0 && index > 0 && ends_there(migrate, shape, want)) {
        index--;
        inside = shape->stride;
    }
    if (shape->tail && inside >= shape->tail_at) {
        verdict = place_in_tail(migrate, shape, inside, want, &out);
    } else {
        verdict = place_in(migrate, shape->program, inside, want, &out);
    }
    return (Found){verdict == WORD_FOUND ? block->to + index * shape->new_stride + out : 0, verdict,
                   block};
}

// Bytes of which nothing is known, where the pointer says that there is a struct.
static bool is_carved(Migrate *migrate, const Shape *shape, uint64_t inside, const Want *want)
{
    const ReflectTable *from = migrate_from(migrate);
    uint64_t bytes = reflect_type(from, want->from)->bytes;
    bool is_end = inside >= bytes
                  && migrate_thing_at(from, shape->from, inside - bytes, want->from);
    return want->is_changed && !is_end && migrate_is_raw_at(from, shape->from, inside)
           && !migrate_thing_at(from, shape->from, inside, want->from);
}

// A pointer that says something else now, into a block that stayed as it is; or one to a struct
// that changed, into bytes.
static Verdict check_target(Migrate *migrate, uint64_t word, const Block *block, const Want *want)
{
    const Shape *shape = &migrate->shapes[block->shape];
    uint64_t offset = word - block->from;
    bool is_end = offset == migrate_block_bytes(migrate, block);

    if (is_end || !is_known(migrate_to(migrate), want->to)) {
        return WORD_FOUND;
    }
    if (shape->is_raw) {
        return want->is_changed ? WORD_RAW : WORD_FOUND;
    }
    uint64_t inside = offset % shape->stride;
    if (shape->tail && inside >= shape->tail_at) {
        return WORD_FOUND;
    }
    if (want->is_retyped && !migrate_thing_at(migrate_to(migrate), shape->to, inside, want->to)) {
        return WORD_RETYPED;
    }
    return is_carved(migrate, shape, inside, want) ? WORD_RAW : WORD_FOUND;
}

// Low bits that the address of such a thing cannot have, if what is left is one's.
static uint64_t low_tag(Migrate *migrate, uint64_t word, const Block *block, const Want *want)
{
    const ReflectTable *from = migrate_from(migrate);
    const Shape *shape = &migrate->shapes[block->shape];
    uint64_t align = is_known(from, want->from) ? migrate_natural_align(from, want->from) : 1;
    uint64_t tag = word & ((align < 16 ? align : 16) - 1);

    if (tag == 0 || shape->is_raw || word - tag < block->from) {
        return 0;
    }
    uint64_t inside = (word - tag - block->from) % shape->stride;
    return migrate_thing_at(from, shape->from, inside, want->from) ? tag : 0;
}

Found migrate_find_pointer(Migrate *migrate, uint64_t word, const Want *want)
{
    const Map *map = &migrate->map;
    const Block *block = migrate_block_at(map, word);
    Found found;

    if (!block || word - block->from > migrate_block_bytes(migrate, block)) {
        return no_block(migrate, word);
    }
    const Shape *shape = &migrate->shapes[block->shape];
    uint64_t tag = (word & 15) ? low_tag(migrate, word, block, want) : 0;
    if (tag) {
        found = migrate_find_pointer(migrate, word - tag, want);
        found.word |= found.verdict == WORD_FOUND ? tag : 0;
        return found;
    }
    if (!shape->is_same) {
        found = find_inside(migrate, word, block, want);
        uint64_t inside = (word - block->from) % shape->stride;
        if (found.verdict == WORD_FOUND && !shape->tail
            && is_carved(migrate, shape, inside, want)) {
            found.verdict = WORD_RAW;
        }
        return found;
    }
    found = (Found){block->to + (word - block->from), WORD_FOUND, block};
    if (want->is_retyped || want->is_changed) {
        found.verdict = check_target(migrate, word, block, want);
        found.word = found.verdict == WORD_FOUND ? found.word : 0;
    }
    return found;
}

// ------------------------------------------------------------------------------------------ words

Found migrate_find_word(Migrate *migrate, uint64_t word)
{
    static const Want UNKNOWN = {0};
    const Map *map = &migrate->map;
    const Block *block = migrate_block_at(map, word);

    if (!block || word - block->from > migrate_block_bytes(migrate, block)) {
        return (Found){word, WORD_OTHER, NULL};
    }
    const Shape *shape = &migrate->shapes[block->shape];
    if (shape->is_same) {
        return (Found){block->to + (word - block->from), WORD_FOUND, block};
    }
    uint64_t inside = (word - block->from) % shape->stride;
    if (inside == 0
        || (!shape->tail && migrate_is_raw_at(migrate_from(migrate), shape->from, inside))) {
        return find_inside(migrate, word, block, &UNKNOWN);
    }
    // Low bits that no field's address can have are a tag.
    if (inside < MIGRATE_WORD_BYTES
        && migrate_is_in_leaf(migrate_from(migrate), shape->from, inside)) {
        Found found = find_inside(migrate, word - inside, block, &UNKNOWN);
        found.word += found.verdict == WORD_FOUND ? inside : 0;
        return found;
    }
    return (Found){0, WORD_VAGUE, block};
}
