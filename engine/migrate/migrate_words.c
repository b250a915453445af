#include <string.h>

#include "migrate_parts.h"

// Words that are addresses, or may be.
//
// Contents: loads and stores, what is said, outside, pointers, words of unknown meaning.

#define ADDRESS_BITS 48

enum { SLOT_LOST, SLOT_RETYPED, SLOT_VAGUE, SLOT_HIT }; // of a site's notes

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

// ---------------------------------------------------------------------------------- what is said

static void note_pointer(Run *run, Site *site, const Found *found, uint64_t word,
                         const uint8_t *field)
{
    char text[MIGRATE_TEXT_MAX], target[MIGRATE_PATH_MAX] = "", type[64];
    bool is_refused = found->verdict == WORD_RAW || found->verdict == WORD_VAGUE;
    int slot = is_refused                       ? SLOT_VAGUE
               : found->verdict == WORD_HIT     ? SLOT_HIT
               : found->verdict == WORD_RETYPED ? SLOT_RETYPED
                                                : SLOT_LOST;

    if (migrate_counts(run, site, slot)) {
        return;
    }
    migrate_address_text(run->migrate, word, target, sizeof target);
    reflect_type_text(migrate_to(run->migrate), site ? site->want.to : 0, type, sizeof type);
    switch (found->verdict) {
    case WORD_RETYPED:
        (void)text_format(text, sizeof text, "pointed to %s, which is no %s now: it is NULL",
                          target, type);
        break;
    case WORD_HIT:
        (void)text_format(text, sizeof text,
                          "pointed to memory that was free, where something else is now: it is "
                          "NULL");
        break;
    case WORD_RAW:
        (void)text_format(
            text, sizeof text,
            "points to a %s among the bytes of %s, which nobody can lay out anew: give "
            "such memory its type (hl_new), or start afresh",
            type, target);
        break;
    case WORD_VAGUE:
        (void)text_format(text, sizeof text,
                          "holds the address of %s, which is laid out otherwise now, in a field "
                          "that is no pointer: make it one, or start afresh",
                          target);
        break;
    default:
        (void)text_format(text, sizeof text,
                          "pointed to %s, which the new build does not have: it is NULL now",
                          target);
        break;
    }
    migrate_note(run, site, slot, is_refused ? MIGRATE_REFUSED : MIGRATE_GONE, field, text);
}

// --------------------------------------------------------------------------------------- outside

static bool is_outside(const MigrateOutside *outside, uint64_t word)
{
    return outside
           && (word - outside->first[0] < outside->span[0]
               || word - outside->first[1] < outside->span[1]);
}

static uint64_t turn(Run *run, uint64_t word, const Want *want, const uint8_t *to)
{
    if (run->quiet || !is_outside(run->outside, word)) {
        return word;
    }
    const void *place = (const void *)((uintptr_t)to + (uintptr_t)run->place);
    return run->outside->turn(run->outside->with, word, want ? want->from : 0, want ? want->to : 0,
                              place);
}

// -------------------------------------------------------------------------------------- pointers

// The usual case: the start of an element, of the type that the pointer says.
static bool find_element(const Migrate *migrate, uint64_t word, const Want *want, uint64_t *out)
{
    const Block *block = migrate_block_at(&migrate->map, word);

    if (!block) {
        return false;
    }
    const Shape *shape = &migrate->shapes[block->shape];
    uint64_t offset = word - block->from;
    if (offset >= block->count * shape->element_bytes) {
        return false;
    }
    if (shape->is_same) {
        *out = block->to + offset;
        return !want->is_retyped && !want->is_changed;
    }
    uint64_t index = (uint64_t)(((unsigned __int128)offset * shape->inverse) >> 64);
    uint64_t inside = offset - index * shape->stride;
    if (inside >= shape->stride) {
        index++;
        inside -= shape->stride;
    }
    *out = block->to + index * shape->new_stride;
    return inside == 0 && want->from == shape->from && want->to == shape->to;
}

static uint64_t forward(Run *run, Site *site, uint64_t word, const uint8_t *field)
{
    uint64_t high = word >> ADDRESS_BITS << ADDRESS_BITS;
    Found found = migrate_find_pointer(run->migrate, word - high, &site->want);

    if (found.verdict == WORD_OTHER) {
        return word;
    }
    if (found.verdict != WORD_FOUND) {
        note_pointer(run, site, &found, word - high, field);
        return 0;
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

void migrate_run_pointer(Run *run, const Op *op, Site *site, const uint8_t *from, uint8_t *to)
{
    const Map *map = &run->migrate->map;
    uint64_t word = load_word(from + op->from), out = word;

    if (word == 0) {
        store_word(run, to + op->to, 0);
        return;
    }
    if (run->is_alone) {
        out = forget(run, site, from + op->from);
    } else if (((word << 16) >> 16) - map->first < map->span) {
        if (!find_element(run->migrate, word, &site->want, &out)) {
            out = forward(run, site, word, from + op->from);
        }
    } else {
        out = turn(run, word, &site->want, to + op->to);
    }
    store_word(run, to + op->to, out);
}

// ----------------------------------------------------------------------- words of unknown meaning

// High bits that no address has are a tag, if what is below is the address of something.
static uint64_t forward_word(Run *run, uint64_t word, const uint8_t *field)
{
    uint64_t high = word >> ADDRESS_BITS << ADDRESS_BITS;
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
    return word;
}

void migrate_run_words(Run *run, const Op *op, bool is_aligned, uint64_t count, const uint8_t *from,
                       uint8_t *to)
{
    const Map *map = &run->migrate->map;
    const uint8_t *source = from + op->from;
    uint8_t *target = to + op->to;
    uint64_t at = 0;

    if (!run->in_place) {
        memcpy(target, source, count);
    }
    if (run->is_alone) {
        return;
    }
    if (is_aligned) {
        uint64_t address = run->element_at + (uint64_t)(source - run->element);
        at = -address % MIGRATE_WORD_BYTES;
    }
    for (; at + MIGRATE_WORD_BYTES <= count; at += MIGRATE_WORD_BYTES) {
        uint64_t word = load_word(source + at);
        if (((word << 16) >> 16) - map->first < map->span) {
            store_word(run, target + at, forward_word(run, word, source + at));
        } else if (is_outside(run->outside, word)) {
            store_word(run, target + at, turn(run, word, NULL, target + at));
        }
    }
}
