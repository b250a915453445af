#include <stdlib.h>
#include <string.h>

#include "migrate_parts.h"

// Where an address of the old heap is now: the block, the element, the field inside of it.
//
// Contents: the index, blocks, places in an element, pointers, words.

// --------------------------------------------------------------------------------------- the index

static int choose_shift(const Map *map)
{
    uint64_t each = map->span / (map->block_count + 1);
    int shift = MAP_GRAIN_SHIFT_MIN;

    while (shift < MAP_GRAIN_SHIFT_MAX && each >> (shift + 1) > 0) {
        shift++;
    }
    return shift;
}

void migrate_map_index(Migrate *migrate)
{
    Map *map = &migrate->map;
    map->grain_shift = choose_shift(map);
    uint64_t grains = (map->span >> map->grain_shift) + 2, at = 0;

    if (grains > map->grain_room) {
        map->grains = arena_push(migrate->arena, sizeof(uint32_t), 64, grains + grains / 4);
        map->grain_room = grains + grains / 4;
    }
    if (!map->known) {
        map->known = ARENA_NEW(migrate->arena, MapKnown, MAP_KNOWN_COUNT);
    }
    for (uint32_t i = 1; i < map->block_count; i++) {
        uint64_t grain = (map->blocks[i].from - map->first) >> map->grain_shift;
        while (at < grain) {
            map->grains[at++] = i - 1;
        }
    }
    while (at < grains) {
        map->grains[at++] = map->block_count ? map->block_count - 1 : 0;
    }
    map->is_open = true;
}

// Whether the block goes on with the row, and where the row's pitches are known, at the same.
static bool continues(const Map *map, uint32_t i, const Row *row)
{
    const Block *block = &map->blocks[i], *before = &map->blocks[i - 1];
    return block->shape == row->shape && block->count == 1
           && (row->span.stride == 0
               || (block->from - before->from == row->span.stride
                   && block->to - before->to == row->span.new_stride));
}

static uint32_t find_row(const Map *map, const Shape *shapes, uint32_t i, Row *row)
{
    const Block *first = &map->blocks[i];
    const Shape *shape = &shapes[first->shape];
    uint32_t count = 1;

    *row = (Row){.shape = first->shape};
    while (i + count < map->block_count && first->count == 1 && continues(map, i + count, row)) {
        if (count++ == 1) {
            row->span.stride = first[1].from - first->from;
            row->span.new_stride = first[1].to - first->to;
        }
    }
    row->span = (Span){.first = first->from,
                       .bytes = (count - 1) * row->span.stride + shape->element_bytes,
                       .stride = row->span.stride,
                       .inverse = migrate_inverse(row->span.stride),
                       .to = first->to,
                       .new_stride = row->span.new_stride,
                       .from_type = shape->from,
                       .to_type = shape->to,
                       .inside = UINT64_MAX};
    return count;
}

static void list_spots(Migrate *migrate)
{
    Map *map = &migrate->map;

    if (map->spot_room < map->block_count) {
        map->spot_room = map->block_count + map->block_count / 4;
        map->spots = ARENA_NEW(migrate->arena, Spot, map->spot_room);
    }
    for (uint32_t i = 0; i < map->block_count; i++) {
        const Block *block = &map->blocks[i];
        map->spots[i] =
            (Spot){(uint32_t)((block->from - map->first) >> SPOT_UNIT_SHIFT),
                   (uint32_t)((block->to - map->first) >> SPOT_UNIT_SHIFT), block->shape,
                   block->count < UINT32_MAX ? (uint32_t)block->count : UINT32_MAX};
    }
}

void migrate_map_rows(Migrate *migrate)
{
    Map *map = &migrate->map;
    Row row;

    list_spots(migrate);
    map->row_count = 0;
    for (uint32_t i = 0; i < map->block_count && map->row_count < ROWS_MAX;) {
        uint32_t count = find_row(map, migrate->shapes, i, &row);
        const Shape *shape = &migrate->shapes[row.shape];
        if (count >= ROW_BLOCKS_MIN && shape->per == 1 && !shape->tail && !shape->is_same) {
            map->rows = map->rows ? map->rows : ARENA_NEW(migrate->arena, Row, ROWS_MAX);
            map->rows[map->row_count++] = row;
        }
        i += count;
    }
}

const Row *migrate_row_at(const Map *map, uint64_t word)
{
    uint32_t first = 0, end = map->row_count;

    while (first < end) {
        uint32_t middle = (first + end) / 2;
        if (map->rows[middle].span.first + map->rows[middle].span.bytes <= word) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first < map->row_count && map->rows[first].span.first <= word ? &map->rows[first] : NULL;
}

uint64_t migrate_block_bytes(const Migrate *migrate, const Block *block)
{
    return block->count * migrate->shapes[block->shape].element_bytes;
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

// Bytes of which nothing is known, where the pointer says that there is a struct.
static bool is_carved(const ReflectTable *from, uint32_t type, uint64_t offset, uint32_t want)
{
    uint64_t bytes = reflect_type(from, want)->bytes;
    bool is_end = offset >= bytes && migrate_thing_at(from, type, offset - bytes, want);
    return !is_end && migrate_is_raw_at(from, type, offset);
}

static Verdict look_up(Migrate *migrate, const Program *program, uint64_t offset, const Want *want,
                       uint64_t *out);

// Low bits that the address of such a thing cannot have, if what is left is one's.
static uint64_t low_tag(const ReflectTable *from, uint32_t type, uint64_t offset, uint32_t want)
{
    uint64_t align = migrate_natural_align(from, want);
    uint64_t tag = offset & ((align < 16 ? align : 16) - 1);
    return tag && migrate_thing_at(from, type, offset - tag, want) ? tag : 0;
}

// Behind what the pointer says, where something else begins: one past the end of an array.
static bool is_end_of_thing(Migrate *migrate, const Program *program, uint64_t offset,
                            const Want *want)
{
    const ReflectTable *from = migrate_from(migrate);
    uint64_t bytes = reflect_type(from, want->from)->bytes;

    return bytes > 0 && offset >= bytes && is_known(migrate_to(migrate), want->to)
           && migrate_thing_at(from, program->from, offset - bytes, want->from);
}

// What the pointer says is not there.
static Verdict look_up_other(Migrate *migrate, const Program *program, uint64_t offset,
                             const Want *want, uint64_t *out)
{
    const ReflectTable *from = migrate_from(migrate);
    uint64_t tag = low_tag(from, program->from, offset, want->from);

    if (tag) {
        Verdict verdict = look_up(migrate, program, offset - tag, want, out);
        *out += tag;
        return verdict;
    }
    if (is_end_of_thing(migrate, program, offset, want)) {
        uint64_t bytes = reflect_type(from, want->from)->bytes;
        uint64_t more = reflect_type(migrate_to(migrate), want->to)->bytes;
        Verdict verdict = look_up(migrate, program, offset - bytes, want, out);
        *out += more;
        return verdict;
    }
    if (want->is_changed && is_carved(from, program->from, offset, want->from)) {
        return WORD_RAW;
    }
    // At the start it is the object, by another name.
    uint32_t wanted = offset == 0 ? 0 : want->from;
    return reflect_place(migrate->match, program->from, program->to, offset, wanted, out)
               ? WORD_FOUND
               : WORD_CUT;
}

// Where `offset` of the program's element is in the new one, and whether what is there is what the
// pointer says.
static Verdict look_up(Migrate *migrate, const Program *program, uint64_t offset, const Want *want,
                       uint64_t *out)
{
    const ReflectTable *from = migrate_from(migrate), *to = migrate_to(migrate);
    bool has_want = is_known(from, want->from), has_want_to = is_known(to, want->to);
    bool is_end = offset >= program->from_bytes;
    bool is_thing = has_want
                    && (migrate_thing_at(from, program->from, offset, want->from)
                        || (is_end && reflect_ends_with(from, program->from, want->from)));
    Verdict verdict = WORD_FOUND;

    if (has_want && !is_thing) {
        verdict = look_up_other(migrate, program, offset, want, out);
    } else if (!reflect_place(migrate->match, program->from, program->to, offset,
                              has_want ? want->from : 0, out)) {
        verdict = WORD_CUT;
    }
    if (verdict == WORD_FOUND && has_want_to && (is_thing || want->is_retyped) && !is_end
        && *out < program->to_bytes && !migrate_thing_at(to, program->to, *out, want->to)) {
        return WORD_RETYPED;
    }
    return verdict;
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

// The elements of an array among the fields of the element that the span is at.
static void step_into(Span *span, const Zone *zone, uint64_t from, uint64_t to)
{
    uint64_t count = (zone->from_end - zone->from_first) / zone->from_stride;
    *span = (Span){
        .first = from + zone->from_first,
        .bytes = (count < zone->to_count ? count : zone->to_count) * zone->from_stride,
        .stride = zone->from_stride,
        .inverse = zone->inverse,
        .to = to + zone->to_first,
        .new_stride = zone->to_stride,
        .from_type = zone->from_type,
        .to_type = zone->to_type,
    };
}

// Through arrays, each by one division, to the innermost element that the place surely lies in:
// `span` becomes theirs, with the place inside of each. From the span's element `index` on.
static Verdict place_in(Migrate *migrate, const Program *program, uint64_t index, uint64_t offset,
                        const Want *want, Span *span, uint64_t *word)
{
    const ReflectTable *from = migrate_from(migrate);
    uint64_t to = span->to + index * span->new_stride;

    for (int depth = 0; depth < MIGRATE_DEPTH_MAX; depth++) {
        if (offset == 0 && program->from == want->from && program->to == want->to) {
            *word = to;
            return WORD_FOUND;
        }
        const Zone *zone = zone_at(program, offset);
        if (!zone) {
            break;
        }
        uint64_t at = divide(offset - zone->from_first, zone->from_stride, zone->inverse);
        uint64_t inside = offset - zone->from_first - at * zone->from_stride;
        if (inside == 0 && zone->from_type != want->from
            && !(is_known(from, want->from)
                 && migrate_thing_at(from, zone->from_type, 0, want->from))) {
            break; // the end of something, maybe
        }
        if (at >= zone->to_count) {
            return WORD_CUT;
        }
        step_into(span, zone, span->first + index * span->stride, to);
        index = at;
        to = span->to + index * span->new_stride;
        offset = inside;
        program = migrate_program(migrate, zone->from_type, zone->to_type);
    }
    Verdict verdict = place_of(migrate, program, offset, want, &span->out);
    span->inside = offset;
    *word = to + span->out;
    return verdict;
}

// ---------------------------------------------------------------------------------------- pointers

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
    return is_placed(map, word) ? (Found){.verdict = WORD_HIT} : (Found){.word = word};
}

// The flexible array behind a struct.
static Verdict place_in_tail(Migrate *migrate, const Shape *shape, uint64_t to, uint64_t offset,
                             const Want *want, uint64_t *word)
{
    uint64_t bytes = shape->tail->from_bytes, index = (offset - shape->tail_at) / bytes;
    uint64_t inside = (offset - shape->tail_at) % bytes;
    Span span = {.to = to + shape->tail_at_new, .new_stride = shape->tail->to_bytes};

    if (inside > 0 && index < shape->tail_count) {
        return place_in(migrate, shape->tail, index, inside, want, &span, word);
    }
    *word = span.to + index * span.new_stride;
    return WORD_FOUND;
}

static bool ends_there(Migrate *migrate, const Shape *shape, const Want *want)
{
    const ReflectTable *from = migrate_from(migrate);
    return is_known(from, want->from) && !migrate_thing_at(from, shape->from, 0, want->from)
           && reflect_ends_with(from, shape->from, want->from);
}

static Found found_in(const Block *block, Verdict verdict, uint64_t word, const Span *span)
{
    Found found = {.word = verdict == WORD_FOUND ? word : 0, .verdict = verdict, .block = block};
    found.span = *span;
    return found;
}

// Into a block whose elements' types are known.
static Found find_inside(Migrate *migrate, uint64_t word, const Block *block, const Want *want)
{
    const Shape *shape = &migrate->shapes[block->shape];
    uint64_t offset = word - block->from, out = 0;
    uint64_t index = divide(offset, shape->stride, shape->inverse);
    uint64_t inside = offset - index * shape->stride, count = block->count * shape->per;
    Span span = {.first = block->from,
                 .bytes = count * shape->stride,
                 .stride = shape->stride,
                 .inverse = shape->inverse,
                 .to = block->to,
                 .new_stride = shape->new_stride,
                 .from_type = shape->from,
                 .to_type = shape->to,
                 .inside = UINT64_MAX};
    bool is_end = inside == 0 && index > 0 && ends_there(migrate, shape, want);

    if (inside == 0 && index == count && !is_end) {
        return found_in(block, WORD_FOUND, block->to + index * shape->new_stride, &(Span){0});
    }
    if (is_end) {
        index--;
        inside = shape->stride;
    }
    Verdict verdict;
    if (shape->tail && inside >= shape->tail_at) {
        verdict = place_in_tail(migrate, shape, block->to + index * shape->new_stride, inside, want,
                                &out);
        span = (Span){0};
    } else {
        verdict = place_in(migrate, shape->program, index, inside, want, &span, &out);
        span.bytes = is_end || (inside == 0 && index == 0) ? 0 : span.bytes;
    }
    return found_in(block, verdict, out, &span);
}

Found migrate_find_pointer(Migrate *migrate, uint64_t word, const Want *want)
{
    const Map *map = &migrate->map;
    const Block *block = migrate_block_at(map, word);

    if (!block || word - block->from > migrate_block_bytes(migrate, block)) {
        return no_block(migrate, word);
    }
    const Shape *shape = &migrate->shapes[block->shape];
    if (!shape->is_same) {
        return find_inside(migrate, word, block, want);
    }
    Verdict verdict = WORD_FOUND;
    bool is_end = word - block->from == migrate_block_bytes(migrate, block);
    if (shape->is_raw) {
        bool is_other = want->is_retyped && shape->number
                        && reflect_is_number(reflect_type(migrate_to(migrate), want->to));
        verdict = want->is_changed && !is_end ? WORD_RAW : is_other ? WORD_RETYPED : WORD_FOUND;
    } else if ((want->is_retyped || want->is_changed) && !is_end) {
        verdict = find_inside(migrate, word, block, want).verdict;
    }
    return found_in(block, verdict, block->to + (word - block->from), &(Span){0});
}

// ------------------------------------------------------------------------------------------- words

Found migrate_find_word(Migrate *migrate, uint64_t word)
{
    static const Want UNKNOWN = {0};
    const Map *map = &migrate->map;
    const Block *block = migrate_block_at(map, word);

    if (!block || word - block->from > migrate_block_bytes(migrate, block)) {
        return (Found){.word = word};
    }
    const Shape *shape = &migrate->shapes[block->shape];
    if (shape->is_same) {
        return (Found){block->to + (word - block->from), WORD_FOUND, block, {0}};
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
    return (Found){0, WORD_VAGUE, block, {0}};
}
