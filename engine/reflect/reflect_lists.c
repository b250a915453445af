#include "reflect_lists.h"
#include <string.h>

// Contents: lists, texts, order.

enum { FIRST_ROOM = 1024, LIST_MAX = 1 << 22, TEXTS_BYTES = 64 << 10, FIRST_TEXTS = 4096 };

// ---------------------------------------------------------------------------------------- lists

void *reflect_grow(Arena *arena, void *list, uint32_t count, uint32_t *room, size_t item_bytes)
{
    uint32_t more = *room ? *room * 2 : FIRST_ROOM;
    void *next;

    if (count < *room) {
        return list;
    }
    next = more <= LIST_MAX ? arena_try_push(arena, item_bytes, 16, more) : NULL;
    if (next) {
        if (count > 0) {
            memcpy(next, list, count * item_bytes);
        }
        *room = more;
    }
    return next;
}

// ---------------------------------------------------------------------------------------- texts

static TextSlot *slot_of(const Texts *texts, uint32_t hash, const char *text, size_t bytes)
{
    uint32_t at = hash & (texts->slot_room - 1);

    for (;; at = (at + 1) & (texts->slot_room - 1)) {
        TextSlot *slot = &texts->slots[at];
        if (!slot->text
            || (slot->hash == hash && slot->bytes == bytes
                && memcmp(slot->text, text, bytes) == 0)) {
            return slot;
        }
    }
}

static bool make_slots(Texts *texts)
{
    TextSlot *old = texts->slots;
    uint32_t old_room = texts->slot_room, room = old_room ? old_room * 4 : FIRST_TEXTS;

    if (texts->text_count * UINT64_C(2) < old_room) {
        return true;
    }
    texts->slots = arena_try_push(texts->scratch ? texts->scratch : texts->arena, sizeof *old,
                                  _Alignof(TextSlot), room);
    if (!texts->slots) {
        texts->slots = old;
        return texts->text_count + 1 < old_room; // slower, as long as there is room
    }
    texts->slot_room = room;
    for (uint32_t i = 0; i < old_room; i++) {
        if (old[i].text) {
            *slot_of(texts, old[i].hash, old[i].text, old[i].bytes) = old[i];
        }
    }
    return true;
}

static char *copy_text(Texts *texts, const char *text, size_t bytes)
{
    char *copy;

    if (bytes > texts->left) {
        size_t room = bytes > TEXTS_BYTES ? bytes : TEXTS_BYTES;
        texts->room = arena_try_push(texts->arena, 1, 1, room);
        texts->left = texts->room ? room : 0;
        if (!texts->room) {
            return NULL;
        }
    }
    copy = memcpy(texts->room, text, bytes);
    texts->room += bytes;
    texts->left -= bytes;
    return copy;
}

const char *reflect_text(Texts *texts, const char *text)
{
    size_t bytes = text ? strnlen(text, TEXT_BYTES_MAX) + 1 : 1;
    uint32_t hash;
    TextSlot *slot;

    if (bytes == 1 || bytes > TEXT_BYTES_MAX || !make_slots(texts)) {
        return "";
    }
    hash = (uint32_t)hash_bytes(text, bytes);
    if (texts->above && texts->above->slot_room) {
        slot = slot_of(texts->above, hash, text, bytes);
        if (slot->text) {
            return slot->text;
        }
    }
    slot = slot_of(texts, hash, text, bytes);
    if (!slot->text) {
        char *copy = copy_text(texts, text, bytes);
        if (!copy) {
            return "";
        }
        *slot = (TextSlot){hash, (uint32_t)bytes, copy};
        texts->text_count++;
    }
    return slot->text;
}

// ---------------------------------------------------------------------------------------- order

void reflect_sort(SortKey *keys, SortKey *room, uint32_t count)
{
    enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };
    SortKey *from = keys, *to = room;
    uint64_t differs = 0;

    for (uint32_t i = 1; i < count; i++) {
        differs |= keys[i].key ^ keys[0].key;
    }
    for (unsigned shift = 0; shift < 64 && differs >> shift; shift += DIGIT_BITS) {
        uint32_t starts[DIGITS + 1] = {0};
        SortKey *swap = from;
        if ((differs >> shift & (DIGITS - 1)) == 0) {
            continue;
        }
        for (uint32_t i = 0; i < count; i++) {
            starts[(from[i].key >> shift & (DIGITS - 1)) + 1]++;
        }
        for (uint32_t i = 0; i < DIGITS; i++) {
            starts[i + 1] += starts[i];
        }
        for (uint32_t i = 0; i < count; i++) {
            to[starts[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
        }
        from = to;
        to = swap;
    }
    if (from != keys && count > 0) {
        memcpy(keys, from, count * sizeof *keys);
    }
}
