#include <string.h>

#include "carry_parts.h"

// Contents: reading, the index, finding.

// A library that was built with the address sanitizer has red zones around its literals, which
// these functions pass over.
#define ANY_BYTES __attribute__((no_sanitize_address))

enum { TEXTS_MAX = 1 << 16, BACK_MAX = 4096, END_BYTES = 4 };

typedef struct Text {
    uint64_t address;
    uint32_t length;
    uint32_t next_whole, next_end; // with the same hash
} Text;

// The texts of the new build's read-only data: everything between two zero bytes.
struct CarryTexts {
    Text *texts;
    uint32_t count, mask;
    uint32_t *wholes, *ends; // by hash of the whole, of the last bytes: linkers share endings
};

// -------------------------------------------------------------------------------------- reading

ANY_BYTES static uint8_t byte_at(uint64_t address)
{
    return *(const uint8_t *)(uintptr_t)address;
}

static bool in_text(const CarrySide *side, uint64_t address)
{
    return address - side->lib->text_first < side->lib->text_end - side->lib->text_first;
}

// Its length; false: it does not end.
ANY_BYTES static bool measure(const CarrySide *side, uint64_t address, uint64_t *length)
{
    uint64_t end = address;
    while (end < side->lib->text_end && byte_at(end) != 0) {
        end++;
    }
    *length = end - address;
    return end < side->lib->text_end && *length < UINT32_MAX;
}

ANY_BYTES bool carry_same_text(const CarrySide *a, uint64_t text_a, const CarrySide *b,
                               uint64_t text_b)
{
    if (!in_text(a, text_a) || !in_text(b, text_b)) {
        return false;
    }
    while (byte_at(text_a) == byte_at(text_b)) {
        if (byte_at(text_a) == 0) {
            return true;
        }
        if (++text_a >= a->lib->text_end || ++text_b >= b->lib->text_end) {
            return false;
        }
    }
    return false;
}

ANY_BYTES bool carry_read_text(const CarrySide *side, uint64_t address, char *out, size_t out_bytes)
{
    size_t at = 0;
    if (!in_text(side, address)) {
        return false;
    }
    while (at + 1 < out_bytes && address + at < side->lib->text_end && byte_at(address + at)) {
        out[at] = (char)byte_at(address + at);
        at++;
    }
    out[at] = 0;
    return true;
}

// ------------------------------------------------------------------------------------ the index

// FNV-1a: it has to be of this file, for the red zones.
ANY_BYTES static uint32_t hash_text(uint64_t address, uint64_t length)
{
    uint32_t hash = 2166136261u;
    for (uint64_t i = 0; i < length; i++) {
        hash = (hash ^ byte_at(address + i)) * 16777619u;
    }
    return hash ^ hash >> 15;
}

static uint32_t hash_end(uint64_t address, uint64_t length)
{
    uint64_t bytes = length < END_BYTES ? length : END_BYTES;
    return hash_text(address + length - bytes, bytes);
}

static void add_text(CarryTexts *texts, uint64_t address, uint64_t length)
{
    Text *text = &texts->texts[texts->count];
    uint32_t *whole = &texts->wholes[hash_text(address, length) & texts->mask];
    uint32_t *end = &texts->ends[hash_end(address, length) & texts->mask];
    *text = (Text){address, (uint32_t)length, *whole, *end};
    *whole = *end = texts->count++;
}

// Where there is more than fits, the linear search of gamelib finds the rest.
ANY_BYTES static void build_index(Carry *carry)
{
    const GameLib *lib = carry->to.lib;
    uint64_t bytes = lib->text_end - lib->text_first, most = bytes / 2 + 1;
    uint32_t heads = 16;

    carry->texts = ARENA_NEW(carry->arena, CarryTexts, 1);
    most = most < TEXTS_MAX ? most : TEXTS_MAX;
    while (heads < most) {
        heads *= 2;
    }
    carry->texts->texts = arena_try_push(carry->arena, sizeof(Text), _Alignof(Text), most);
    carry->texts->wholes = arena_try_push(carry->arena, sizeof(uint32_t), 4, heads);
    carry->texts->ends = arena_try_push(carry->arena, sizeof(uint32_t), 4, heads);
    if (!carry->texts->texts || !carry->texts->wholes || !carry->texts->ends) {
        *carry->texts = (CarryTexts){0};
        return;
    }
    carry->texts->mask = heads - 1;
    memset(carry->texts->wholes, 0xff, heads * sizeof(uint32_t));
    memset(carry->texts->ends, 0xff, heads * sizeof(uint32_t));
    for (uint64_t at = lib->text_first; at < lib->text_end && carry->texts->count < most; at++) {
        uint64_t length;
        if (byte_at(at) == 0) {
            continue;
        }
        if (!measure(&carry->to, at, &length)) {
            break;
        }
        add_text(carry->texts, at, length);
        at += length;
    }
}

// -------------------------------------------------------------------------------------- finding

static uint64_t find_indexed(Carry *carry, uint64_t address, uint64_t length)
{
    const CarryTexts *texts = carry->texts;
    if (texts->count == 0) {
        return 0;
    }
    for (uint32_t i = texts->wholes[hash_text(address, length) & texts->mask]; i != CARRY_NONE;
         i = texts->texts[i].next_whole) {
        const Text *text = &texts->texts[i];
        if (text->length == length
            && carry_same_text(&carry->from, address, &carry->to, text->address)) {
            return text->address;
        }
    }
    for (uint32_t i = texts->ends[hash_end(address, length) & texts->mask];
         i != CARRY_NONE && length >= END_BYTES; i = texts->texts[i].next_end) {
        const Text *text = &texts->texts[i];
        uint64_t there = text->address + text->length - length;
        if (text->length > length && carry_same_text(&carry->from, address, &carry->to, there)) {
            return there;
        }
    }
    return 0;
}

static uint64_t find_moved(const Carry *carry, uint64_t address, int64_t delta)
{
    uint64_t there = address + (uint64_t)delta;
    return carry_same_text(&carry->from, address, &carry->to, there) ? there : 0;
}

ANY_BYTES static uint64_t find_slowly(const Carry *carry, uint64_t address, uint64_t length)
{
    const GameLib *lib = carry->to.lib;
    uint64_t last = lib->text_end - lib->text_first;
    for (uint64_t at = 0; at + length < last; at++) {
        if (byte_at(lib->text_first + at) == byte_at(address)
            && carry_same_text(&carry->from, address, &carry->to, lib->text_first + at)) {
            return lib->text_first + at;
        }
    }
    return 0;
}

// Most texts stay where they were, from the start of the read-only data, or move with the last one.
static uint64_t find(Carry *carry, uint64_t address, uint64_t length)
{
    int64_t straight = (int64_t)(carry->to.lib->text_first - carry->from.lib->text_first);
    uint64_t there = find_moved(carry, address, carry->text_delta);
    if (!there) {
        there = find_moved(carry, address, straight);
    }
    if (!there && !carry->texts) {
        build_index(carry);
    }
    if (!there) {
        there = find_indexed(carry, address, length);
    }
    // Short endings, and what had no room in the index.
    if (!there && (length < END_BYTES || carry->texts->count == TEXTS_MAX || !carry->texts->mask)) {
        there = find_slowly(carry, address, length);
    }
    if (there) {
        carry->text_delta = (int64_t)(there - address);
    }
    return there;
}

// One byte and a zero may be the beginning of a wide text, which is known by what follows.
ANY_BYTES static bool may_be_wide(const CarrySide *side, uint64_t address)
{
    return address % 2 == 0 && address + 4 <= side->lib->text_end && byte_at(address + 3) == 0;
}

// Any zero is an empty text; an empty wide text is four.
ANY_BYTES static uint64_t find_empty(const Carry *carry)
{
    const GameLib *lib = carry->to.lib;
    uint32_t zeros = 0;
    for (uint64_t at = lib->text_first; at < lib->text_end; at++) {
        zeros = byte_at(at) == 0 ? zeros + 1 : 0;
        if (zeros >= 8 && (at + 1) % 4 == 0) {
            return at + 1 - 4;
        }
    }
    return 0;
}

ANY_BYTES uint64_t carry_text(Carry *carry, uint64_t word)
{
    uint64_t length, start = word, there = 0;

    if (!in_text(&carry->from, word) || !measure(&carry->from, word, &length)) {
        return 0;
    }
    while (start > carry->from.lib->text_first && word - start < BACK_MAX
           && byte_at(start - 1) != 0) {
        start--;
    }
    if (length == 0 && start == word) {
        return find_empty(carry);
    }
    if (start < word) { // into the middle: the same place of the same text
        there = find(carry, start, length + (word - start));
    }
    if (there) {
        return there + (word - start);
    }
    if (length == 0) {
        return find_empty(carry);
    }
    return length == 1 && may_be_wide(&carry->from, word) ? 0 : find(carry, word, length);
}
