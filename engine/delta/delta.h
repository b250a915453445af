// The difference of two versions of a page as the bytes that differ. XOR: it leads from either one
// to the other. A delta is
//
//     8  line mask: bit n set when the n-th 64 bytes differ
//     then for each set line: 8 byte mask, and the XOR of each byte whose bit is set
//
// Written with AVX-512 VBMI2, AVX2 or plain C, whichever the CPU has; the bytes are the same.
#ifndef DELTA_H
#define DELTA_H
#include "base.h"

enum {
    DELTA_LINE_BYTES = 64,
    DELTA_PAGE_BYTES = 4096,
    DELTA_MAX_BYTES = 8 + 64 * 8 + DELTA_PAGE_BYTES, // of one page
    DELTA_NOTHING_BYTES = 8,                         // of one of nothing: that many zeroes
    DELTA_SLACK_BYTES = 64 // readable past what is applied, writable past what is written
};

// Words that somebody wants to hear about: [first, first + span). Zero span: none.
typedef struct DeltaWords {
    uint64_t first, span;
} DeltaWords;

// Writes the delta from `shadow` to `now` (both page-aligned) to `out`, which has room for
// DELTA_MAX_BYTES + DELTA_SLACK_BYTES, makes `shadow` equal to `now` and returns the bytes used; 0
// when they were equal. *hit (may be NULL) is set - never cleared - when a changed line of `now`
// holds an aligned word of `words`.
size_t delta_take(uint8_t *out, const uint8_t *now, uint8_t *shadow, DeltaWords words, bool *hit);
// The same for any whole number of lines up to 64 (inputs are 512 bytes): no words, and a delta of
// nothing is its 8 bytes of zero.
size_t delta_take_lines(uint8_t *out, const uint8_t *now, uint8_t *shadow, uint32_t lines);
// Has the first lines of a page and its shadow on their way from memory. Called for the next page
// just before delta_take of this one it saves a fifth: the CPU reads ahead by itself, but not
// across pages.
void delta_prefetch(const uint8_t *now, const uint8_t *shadow);
// XORs the delta into `page`; returns the bytes it occupies.
size_t delta_apply(const uint8_t *delta, uint8_t *page);
// The same into two pages that are equal.
size_t delta_apply_both(const uint8_t *delta, uint8_t *page, uint8_t *shadow);
// XORs what the delta does to the bytes [first, first + count) of a page into `bytes`, that many;
// returns the bytes it occupies.
size_t delta_apply_part(const uint8_t *delta, uint32_t first, uint32_t count, uint8_t *bytes);
// Writes the delta from an all-zero page to `now`: with `now` the XOR of several deltas this is
// their sum. 0 when it is all zero.
size_t delta_from_zero(uint8_t *out, const uint8_t *now);
// The bytes that `delta` occupies, without applying it.
size_t delta_size(const uint8_t *delta);
// "avx512", "avx2" or "plain": what is in use.
const char *delta_method(void);

#endif
