#include <string.h>

#include "migrate_parts.h"

// Words that are addresses, or may be.
//
// Contents: loads and stores, what is said, outside, pointers, words of unknown meaning.

#define ADDRESS_BITS 48

enum { SLOT_LOST, SLOT_RETYPED, SLOT_VAGUE, SLOT_HIT }; // of a site's notes
enum { FEW_BLOCKS = 4096 };                             // they are in the nearest cache anyway

static uint64_t load_word(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static void store_word(const Run *run, uint8_t *bytes, uint64_t word)
{
    if (!run->in_place || load_word(bytes) != word) { // or its page would count as written
        memcpy(bytes, &word, sizeof word);
    }
}

static uint64_t address_in(uint64_t word)
{
    return (word << (64 - ADDRESS_BITS)) >> (64 - ADDRESS_BITS);
}

// ------------------------------------------------------------------------------------ what is said

static void pointer_text(const Run *run, const Found *found, const Want *want, uint64_t word,
                         char *text)
{
    char target[MIGRATE_PATH_MAX] = "", type[64];

    migrate_address_text(run->migrate, word, target, sizeof target);
    reflect_type_text(migrate_to(run->migrate), want->to, type, sizeof type);
    switch (found->verdict) {
    case WORD_RETYPED:
        (void)text_format(text, MIGRATE_TEXT_MAX, "pointed to %s, which is no %s now: it is NULL",
                          target, type);
        break;
    case WORD_HIT:
        (void)text_format(text, MIGRATE_TEXT_MAX,
                          "pointed to memory that was free, where something else is now: it is "
                          "NULL");
        break;
    case WORD_RAW:
        (void)text_format(text, MIGRATE_TEXT_MAX,
                          "points to a %s among the bytes of %s, which nobody can lay out anew: "
                          "give such memory its type (hl_new), or start afresh",
                          type, target);
        break;
    case WORD_VAGUE:
        (void)text_format(text, MIGRATE_TEXT_MAX,
                          "holds the address of %s, which is laid out otherwise now, in a field "
                          "that is no pointer: make it one, or start afresh",
                          target);
        break;
    default:
        (void)text_format(text, MIGRATE_TEXT_MAX,
                          "pointed to %s, which the new build does not have: it is NULL now",
                          target);
        break;
    }
}

static void note_pointer(Run *run, Site *site, const Found *found, uint64_t word,
                         const uint8_t *field)
{
    static const Want UNKNOWN = {0};
    char text[MIGRATE_TEXT_MAX];
    bool is_refused = found->verdict == WORD_RAW || found->verdict == WORD_VAGUE;
    int slot = is_refused                       ? SLOT_VAGUE
               : found->verdict == WORD_HIT     ? SLOT_HIT
               : found->verdict == WORD_RETYPED ? SLOT_RETYPED
                                                : SLOT_LOST;

    if (!migrate_counts(run, site, slot)) {
        pointer_text(run, found, site ? &site->want : &UNKNOWN, word, text);
        migrate_note(run, site, slot, is_refused ? MIGRATE_REFUSED : MIGRATE_GONE, field, text);
    }
}

// ----------------------------------------------------------------------------------------- outside

static bool is_outside(const MigrateOutside *outside, uint64_t word)
{
    return outside
           && (word - outside->first[0] < outside->span[0]
               || word - outside->first[1] < outside->span[1]);
}

// Where the byte will be: what is in the buffer is copied to where its element belongs.
static const void *place_of(const Run *run, const uint8_t *to)
{
    const Migrate *migrate = run->migrate;
    uint64_t offset = (uint64_t)(to - migrate->buffer);

    if (!run->buffered || offset >= migrate->buffer_bytes) {
        return to;
    }
    return run->buffered->place[offset / run->buffer_stride] + offset % run->buffer_stride;
}

static uint64_t turn(Run *run, uint64_t word, const Want *want, const uint8_t *to)
{
    if (run->quiet || !is_outside(run->outside, word)) {
        return word;
    }
    return run->outside->turn(run->outside->with, word, want ? want->from : 0, want ? want->to : 0,
                              place_of(run, to));
}

// ---------------------------------------------------------------------------------------- pointers

static inline uint64_t quotient_of(uint64_t value, uint64_t divisor, uint64_t inverse)
{
    uint64_t quotient = (uint64_t)(((unsigned __int128)value * inverse) >> 64);
    return quotient + (value - quotient * divisor >= divisor);
}

// To where the field led before: most fields point to the same place of many objects. From lane
// `done` on, up to the first one that leads elsewhere, which is returned. Always inlined, with one
// span of which all is in registers, and only one of the two places that are looked for.
static inline __attribute__((always_inline)) uint32_t
follow_near(const Run *run, const Span near, bool is_start, const uint64_t *words,
            const Lanes *lanes, uint64_t to, uint32_t done)
{
    bool in_place = run->in_place;
    uint64_t at = is_start ? 0 : near.inside, more = is_start ? 0 : near.out;

    for (; done < lanes->count; done++) {
        uint64_t word = words[done], offset = word - near.first;
        uint64_t index = (uint64_t)(((unsigned __int128)offset * near.inverse) >> 64);
        uint64_t inside = offset - index * near.stride;
        bool is_one_more = inside >= near.stride;
        index += is_one_more;
        inside -= is_one_more ? near.stride : 0;
        if (word && (offset >= near.bytes || inside != at || (!is_start && (at | index) == 0))) {
            break;
        }
        uint8_t *place = lanes->to[done] + to;
        uint64_t out = word ? near.to + index * near.new_stride + more : 0;
        if (!in_place || load_word(place) != out) { // or its page would count as written
            memcpy(place, &out, sizeof out);
        }
    }
    return done;
}

static uint32_t run_near(const Run *run, const Site *site, const uint64_t *words,
                         const Lanes *lanes, uint64_t to, uint32_t done)
{
    const Span *near = &site->near;
    bool is_start = near->from_type == site->want.from && near->to_type == site->want.to;

    return is_start ? follow_near(run, *near, true, words, lanes, to, done)
                    : follow_near(run, *near, false, words, lanes, to, done);
}

// The start of an element of the type that the pointer says, or the place in such an element where
// the field led before.
static inline bool find_element(const Migrate *migrate, Site *site, uint64_t word, uint64_t *out,
                                bool *is_one)
{
    const Map *map = &migrate->map;
    uint64_t place = word - map->first;

    if (place >= map->span) {
        return false;
    }
    const Spot *spot = &map->spots[map->grains[place >> map->grain_shift]];
    while (((uint64_t)spot->from << SPOT_UNIT_SHIFT) > place && spot > map->spots) {
        spot--;
    }
    const Shape *shape = &migrate->shapes[spot->shape];
    const Want *want = &site->want;
    uint64_t offset = place - ((uint64_t)spot->from << SPOT_UNIT_SHIFT);
    uint64_t to = map->first + ((uint64_t)spot->to << SPOT_UNIT_SHIFT);
    if (offset >= spot->count * shape->element_bytes || spot->count == UINT32_MAX) {
        return false;
    }
    if (shape->is_same) {
        *out = to + offset;
        return !want->is_retyped && !want->is_changed;
    }
    uint64_t index = quotient_of(offset, shape->stride, shape->inverse);
    uint64_t inside = offset - index * shape->stride;
    *out = to + index * shape->new_stride;
    *is_one = spot->count == 1;
    if (want->from == shape->from && want->to == shape->to) {
        return inside == 0;
    }
    const Span *near = &site->near;
    *out += near->out;
    return inside == near->inside && inside > 0 && near->from_type == shape->from
           && near->to_type == shape->to;
}

// The row or the array of elements that it led to: there will be more to it.
static void come_near(const Migrate *migrate, Site *site, uint64_t word)
{
    const Map *map = &migrate->map;
    const Row *row = map->row_count > 0 ? migrate_row_at(map, word) : NULL;
    const Block *block = row ? NULL : migrate_block_at(map, word);
    const Shape *shape = &migrate->shapes[row ? row->shape : block->shape];
    uint64_t inside = UINT64_MAX, out = 0;

    if (!row && (shape->is_same || shape->per != 1 || shape->tail)) {
        return;
    }
    if (site->near.from_type == shape->from && site->near.to_type == shape->to) {
        inside = site->near.inside; // it leads to the same place as before, of others
        out = site->near.out;
    }
    site->near = row ? row->span
                     : (Span){.first = block->from,
                              .bytes = block->count * shape->element_bytes,
                              .stride = shape->stride,
                              .inverse = shape->inverse,
                              .to = block->to,
                              .new_stride = shape->new_stride,
                              .from_type = shape->from,
                              .to_type = shape->to};
    site->near.inside = inside;
    site->near.out = out;
}

static uint64_t forward(Run *run, Site *site, uint64_t word, const uint8_t *field)
{
    uint64_t high = word - address_in(word);
    Found found = migrate_find_pointer(run->migrate, word - high, &site->want);

    if (found.verdict == WORD_OTHER) {
        return word;
    }
    if (found.verdict != WORD_FOUND) {
        note_pointer(run, site, &found, word - high, field);
        return 0;
    }
    if (found.span.bytes > 0) {
        site->near = found.span;
        const Row *row =
            run->migrate->map.row_count > 0 ? migrate_row_at(&run->migrate->map, word) : NULL;
        if (row && row->span.from_type == found.span.from_type && found.block->count == 1) {
            site->near = row->span;
            site->near.inside = found.span.inside;
            site->near.out = found.span.out;
        }
    }
    return found.word | high;
}

static uint64_t forget(Run *run, Site *site, const uint8_t *field)
{
    if (!migrate_counts(run, site, SLOT_LOST)) {
        migrate_note(run, site, SLOT_LOST, MIGRATE_GONE, field,
                     "was a pointer, which leads nowhere from a file: it is NULL");
    }
    return 0;
}

static uint64_t find_far(Run *run, Site *site, uint64_t word, const uint8_t *field,
                         const uint8_t *to)
{
    const Map *map = &run->migrate->map;
    uint64_t out;
    bool is_one = true;

    if (run->is_alone) {
        return forget(run, site, field);
    }
    if (address_in(word) - map->first >= map->span) {
        return turn(run, word, &site->want, to);
    }
    if (!find_element(run->migrate, site, word, &out, &is_one)) {
        return forward(run, site, word, field);
    }
    site->missed++;
    if (map->row_count > 0 || !is_one) {
        come_near(run->migrate, site, word);
    }
    return out;
}

// What will be looked up is on its way from memory while the lanes before are looked up.
static void prefetch(const Map *map, const uint64_t *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t offset = words[i] - map->first;
        if (offset < map->span) {
            __builtin_prefetch(&map->grains[offset >> map->grain_shift]);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t offset = words[i] - map->first;
        if (offset < map->span) {
            __builtin_prefetch(&map->spots[map->grains[offset >> map->grain_shift]]);
        }
    }
}

void migrate_run_pointers(Run *run, Site *site, const Lanes *lanes, uint64_t from, uint64_t to)
{
    const Map *map = &run->migrate->map;
    uint64_t words[LANES_MAX];

    for (uint32_t i = 0; i < lanes->count; i++) {
        words[i] = load_word(lanes->from[i] + from);
    }
    if (map->block_count > FEW_BLOCKS && site->missed > lanes->count / 4) {
        prefetch(map, words, lanes->count);
    }
    site->missed = 0;
    for (uint32_t i = run_near(run, site, words, lanes, to, 0); i < lanes->count;
         i = run_near(run, site, words, lanes, to, i + 1)) {
        uint8_t *place = lanes->to[i] + to;
        store_word(run, place, find_far(run, site, words[i], lanes->from[i] + from, place));
    }
}

// ------------------------------------------------------------------------ words of unknown meaning

// High bits that no address has are a tag, if what is below is the address of something.
static uint64_t forward_word(Run *run, uint64_t word, const uint8_t *field)
{
    uint64_t high = word - address_in(word);
    Found found = migrate_find_word(run->migrate, word - high);

    if (found.verdict == WORD_OTHER || (found.block && found.block->is_fixed)) {
        return word;
    }
    if (found.verdict == WORD_FOUND) {
        return found.word | high;
    }
    if (high) {
        return word; // a number, not an address
    }
    note_pointer(run, NULL, &found, word, field);
    return run->is_decided ? 0 : word;
}

uint64_t migrate_run_word(Run *run, uint64_t word, const uint8_t *field)
{
    bool is_ours =
        !run->is_alone && address_in(word) - run->migrate->map.first < run->migrate->map.span;
    return is_ours ? forward_word(run, word, field) : word;
}

static void fix_words(Run *run, uint64_t at, uint64_t count, const uint8_t *source, uint8_t *target)
{
    const Map *map = &run->migrate->map;

    for (; at + MIGRATE_WORD_BYTES <= count; at += MIGRATE_WORD_BYTES) {
        uint64_t word = load_word(source + at);
        if (address_in(word) - map->first < map->span) {
            store_word(run, target + at, forward_word(run, word, source + at));
        } else if (is_outside(run->outside, word)) {
            store_word(run, target + at, turn(run, word, NULL, target + at));
        }
    }
}

// One word: most integers of that size are none.
static void run_single_words(Run *run, const Lanes *lanes, uint64_t from, uint64_t to)
{
    uint64_t first = run->migrate->map.first, span = run->migrate->map.span;

    for (uint32_t i = 0; i < lanes->count; i++) {
        const uint8_t *source = lanes->from[i] + from;
        uint8_t *target = lanes->to[i] + to;
        uint64_t word = load_word(source);
        if (address_in(word) - first < span) {
            word = forward_word(run, word, source);
        } else if (is_outside(run->outside, word)) {
            word = turn(run, word, NULL, target);
        }
        store_word(run, target, word);
    }
}

void migrate_run_words(Run *run, bool is_aligned, uint64_t count, const Lanes *lanes, uint64_t from,
                       uint64_t to)
{
    const Map *map = &run->migrate->map;

    if (!is_aligned && count == MIGRATE_WORD_BYTES && !run->is_alone) {
        run_single_words(run, lanes, from, to);
        return;
    }
    for (uint32_t i = 0; i < lanes->count; i++) {
        const uint8_t *source = lanes->from[i] + from;
        uint8_t *target = lanes->to[i] + to;
        if (!run->in_place) {
            memcpy(target, source, count);
        }
        if (!run->is_alone) {
            uint64_t address = map->first + (uint64_t)(source - run->old);
            fix_words(run, is_aligned ? -address % MIGRATE_WORD_BYTES : 0, count, source, target);
        }
    }
}
