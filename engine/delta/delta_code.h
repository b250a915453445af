// The three ways of writing and applying a delta. Inside the module and for its test only, which
// holds them against each other.
#ifndef DELTA_CODE_H
#define DELTA_CODE_H
#include "delta.h"

typedef struct DeltaCode {
    const char *name;
    // As delta_take_lines, but *hit is not NULL.
    size_t (*take)(uint8_t *out, const uint8_t *now, uint8_t *shadow, uint32_t lines,
                   DeltaWords words, bool *hit);
    // As delta_from_zero; a delta of nothing is its 8 bytes of zero.
    size_t (*from_zero)(uint8_t *out, const uint8_t *now);
    // As delta_apply_both; `shadow` may be NULL.
    size_t (*apply)(const uint8_t *delta, uint8_t *page, uint8_t *shadow);
} DeltaCode;

enum { DELTA_CODES_MAX = 3 };
// Those that this CPU can run, best first; the last one is plain C. Returns how many.
size_t delta_codes(const DeltaCode *codes[DELTA_CODES_MAX]);
#if defined(__x86_64__)
// NULL where the CPU, or the system, does not have it.
const DeltaCode *delta_code_avx512(void);
const DeltaCode *delta_code_avx2(void);
#endif

#endif
