#include "delta.h"
#include <string.h>

#include "delta_code.h"

// Contents: plain C, which one is in use, the calls.

enum { LINES_A_PAGE = DELTA_PAGE_BYTES / DELTA_LINE_BYTES };

_Static_assert(LINES_A_PAGE == 64, "the line mask has a bit for each line of a page");

static uint64_t load(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static void store(uint8_t *bytes, uint64_t word)
{
    memcpy(bytes, &word, sizeof word);
}

// ---------------------------------------------------------------------------------------- plain C

static uint64_t changed_lines(const uint8_t *now, const uint8_t *shadow, uint32_t lines)
{
    uint64_t mask = 0;

    for (uint32_t line = 0; line < lines; line++) {
        uint64_t any = 0;
        for (size_t at = line * DELTA_LINE_BYTES; at < (line + 1) * DELTA_LINE_BYTES; at += 8) {
            any |= load(now + at) ^ load(shadow + at);
        }
        mask |= (uint64_t)(any != 0) << line;
    }
    return mask;
}

// The byte mask and the bytes of one line that differs; returns where the next one goes. Within a
// word every byte is written and the place moves on only when it counts: a branch each costs more.
static uint8_t *put_line(uint8_t *out, const uint8_t *now, const uint8_t *shadow)
{
    uint8_t *to = out + 8;
    uint64_t mask = 0;

    for (uint32_t i = 0; i < DELTA_LINE_BYTES; i += 8) {
        uint64_t different = load(now + i) ^ load(shadow + i);
        for (uint32_t k = 0; different && k < 8; k++) {
            uint8_t byte = (uint8_t)(different >> (8 * k));
            *to = byte;
            to += byte != 0;
            mask |= (uint64_t)(byte != 0) << (i + k);
        }
    }
    store(out, mask);
    return to;
}

static bool line_holds(const uint8_t *now, DeltaWords words)
{
    bool holds = false;

    for (uint32_t i = 0; i < DELTA_LINE_BYTES; i += 8) {
        holds |= load(now + i) - words.first < words.span;
    }
    return holds;
}

static size_t plain_take(uint8_t *out, const uint8_t *now, uint8_t *shadow, uint32_t lines,
                         DeltaWords words, bool *hit)
{
    uint64_t line_mask = changed_lines(now, shadow, lines);
    uint8_t *to = out + 8;

    store(out, line_mask);
    for (uint64_t left = line_mask; left; left &= left - 1) {
        size_t at = (size_t)__builtin_ctzll(left) * DELTA_LINE_BYTES;
        to = put_line(to, now + at, shadow + at);
        *hit |= line_holds(now + at, words);
        memcpy(shadow + at, now + at, DELTA_LINE_BYTES);
    }
    return (size_t)(to - out);
}

static size_t plain_from_zero(uint8_t *out, const uint8_t *now)
{
    uint8_t zero[DELTA_PAGE_BYTES] = {0};
    bool hit = false;

    return plain_take(out, now, zero, LINES_A_PAGE, (DeltaWords){0}, &hit);
}

static size_t plain_apply(const uint8_t *delta, uint8_t *page, uint8_t *shadow)
{
    const uint8_t *from = delta + 8;

    for (uint64_t lines = load(delta); lines; lines &= lines - 1) {
        size_t line_at = (size_t)__builtin_ctzll(lines) * DELTA_LINE_BYTES;
        uint64_t mask = load(from);
        from += 8;
        for (; mask; mask &= mask - 1) {
            page[line_at + (size_t)__builtin_ctzll(mask)] ^= *from++;
        }
        if (shadow) {
            memcpy(shadow + line_at, page + line_at, DELTA_LINE_BYTES);
        }
    }
    return (size_t)(from - delta);
}

static const DeltaCode *plain_code(void)
{
    static const DeltaCode code = {"plain", plain_take, plain_from_zero, plain_apply};

    return &code;
}

// --------------------------------------------------------------------------- which one is in use

// Asked at every call: it is a look at a few bits that libgcc has read from the CPU, and a variable
// that remembers the answer would be the module's only one.
static const DeltaCode *best_code(void)
{
    const DeltaCode *code = NULL;

#if defined(__x86_64__)
    code = delta_code_avx512();
    if (!code) {
        code = delta_code_avx2();
    }
#endif
    return code ? code : plain_code();
}

size_t delta_codes(const DeltaCode *codes[DELTA_CODES_MAX])
{
    size_t count = 0;

#if defined(__x86_64__)
    if (delta_code_avx512()) {
        codes[count++] = delta_code_avx512();
    }
    if (delta_code_avx2()) {
        codes[count++] = delta_code_avx2();
    }
#endif
    codes[count++] = plain_code();
    return count;
}

const char *delta_method(void)
{
    return best_code()->name;
}

// --------------------------------------------------------------------------------------- the calls

size_t delta_take(uint8_t *out, const uint8_t *now, uint8_t *shadow, DeltaWords words, bool *hit)
{
    bool found = false;
    size_t bytes = best_code()->take(out, now, shadow, LINES_A_PAGE, words, &found);

    if (found && hit) {
        *hit = true;
    }
    return bytes > 8 ? bytes : 0;
}

size_t delta_take_lines(uint8_t *out, const uint8_t *now, uint8_t *shadow, uint32_t lines)
{
    bool hit = false;

    return best_code()->take(out, now, shadow, lines, (DeltaWords){0}, &hit);
}

void delta_prefetch(const uint8_t *now, const uint8_t *shadow)
{
    for (uint32_t line = 0; line < 4; line++) {
        __builtin_prefetch(now + line * DELTA_LINE_BYTES);
        __builtin_prefetch(shadow + line * DELTA_LINE_BYTES);
    }
}

size_t delta_apply(const uint8_t *delta, uint8_t *page)
{
    return best_code()->apply(delta, page, NULL);
}

size_t delta_apply_both(const uint8_t *delta, uint8_t *page, uint8_t *shadow)
{
    return best_code()->apply(delta, page, shadow);
}

size_t delta_from_zero(uint8_t *out, const uint8_t *now)
{
    size_t bytes = best_code()->from_zero(out, now);

    return bytes > 8 ? bytes : 0;
}

size_t delta_size(const uint8_t *delta)
{
    const uint8_t *from = delta + 8;

    for (uint64_t lines = load(delta); lines; lines &= lines - 1) {
        from += 8 + __builtin_popcountll(load(from));
    }
    return (size_t)(from - delta);
}

// `changed` are the bytes of a line that is set in `mask`, the line at `line_at` of the page.
static void apply_line_part(const uint8_t *changed, uint64_t mask, uint32_t line_at, uint32_t first,
                            uint32_t count, uint8_t *bytes)
{
    for (; mask; mask &= mask - 1) {
        uint32_t at = line_at + (uint32_t)__builtin_ctzll(mask);
        if (at - first < count) {
            bytes[at - first] ^= *changed;
        }
        changed++;
    }
}

size_t delta_apply_part(const uint8_t *delta, uint32_t first, uint32_t count, uint8_t *bytes)
{
    const uint8_t *from = delta + 8;

    for (uint64_t lines = load(delta); lines; lines &= lines - 1) {
        uint32_t line_at = (uint32_t)__builtin_ctzll(lines) * DELTA_LINE_BYTES;
        uint64_t mask = load(from);
        from += 8;
        if (line_at < first + count && first < line_at + DELTA_LINE_BYTES) {
            apply_line_part(from, mask, line_at, first, count, bytes);
        }
        from += __builtin_popcountll(mask);
    }
    return (size_t)(from - delta);
}
