// The two ways for CPUs with wide registers. Like plain C, both look at all lines first, without a
// branch, so that many reads from memory are under way at once - that is where the time goes (0.53
// us a page instead of 0.61, memory cold) - and then at the lines that differ, which are near by
// now. Source: Intel Intrinsics Guide; gcc's manual, "x86 Built-in Functions" and attribute target.
#include "delta_code.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi2,popcnt")))
#define AVX2   __attribute__((target("avx2,popcnt")))

enum { LINES_A_PAGE = DELTA_PAGE_BYTES / DELTA_LINE_BYTES };

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

// ---------------------------------------------------------------------------------------- AVX-512

AVX512 static inline __m512i line512(const uint8_t *page, size_t line)
{
    return _mm512_loadu_si512(page + line * DELTA_LINE_BYTES);
}

AVX512 static inline uint64_t differs512(const uint8_t *now, const uint8_t *shadow, size_t line)
{
    __m512i different = _mm512_xor_si512(line512(now, line), line512(shadow, line));

    return _mm512_test_epi64_mask(different, different) != 0;
}

AVX512 static uint64_t changed_lines512(const uint8_t *now, const uint8_t *shadow, uint32_t lines)
{
    uint64_t mask = 0;
    uint32_t line = 0;

    for (; line + 8 <= lines; line += 8) {
        uint64_t group = 0;
#pragma GCC unroll 8
        for (uint32_t k = 0; k < 8; k++) {
            group |= differs512(now, shadow, line + k) << k;
        }
        mask |= group << line;
    }
    for (; line < lines; line++) {
        mask |= differs512(now, shadow, line) << line;
    }
    return mask;
}

// Writes all 64 bytes, of which those behind the ones that count are overwritten by the next line:
// the store form of the compress instruction is many times slower on AMD's CPUs.
AVX512 static inline uint8_t *put_line512(uint8_t *out, __m512i different)
{
    uint64_t mask = _mm512_test_epi8_mask(different, different);

    store(out, mask);
    _mm512_storeu_si512(out + 8, _mm512_maskz_compress_epi8(mask, different));
    return out + 8 + __builtin_popcountll(mask);
}

AVX512 static size_t take512(uint8_t *out, const uint8_t *now, uint8_t *shadow, uint32_t lines,
                             DeltaWords words, bool *hit)
{
    __m512i first = _mm512_set1_epi64((long long)words.first);
    __m512i span = _mm512_set1_epi64((long long)words.span);
    uint64_t line_mask = changed_lines512(now, shadow, lines);
    uint32_t hits = 0;
    uint8_t *to = out + 8;

    store(out, line_mask);
    for (uint64_t left = line_mask; left; left &= left - 1) {
        size_t line = (size_t)__builtin_ctzll(left);
        __m512i fresh = line512(now, line);
        to = put_line512(to, _mm512_xor_si512(fresh, line512(shadow, line)));
        hits |= _mm512_cmplt_epu64_mask(_mm512_sub_epi64(fresh, first), span);
        _mm512_storeu_si512(shadow + line * DELTA_LINE_BYTES, fresh);
    }
    *hit |= hits != 0;
    return (size_t)(to - out);
}

AVX512 static size_t from_zero512(uint8_t *out, const uint8_t *now)
{
    uint64_t line_mask = 0;
    uint8_t *to = out + 8;

    for (uint32_t line = 0; line < LINES_A_PAGE; line++) {
        __m512i fresh = line512(now, line);
        if (_mm512_test_epi64_mask(fresh, fresh)) {
            line_mask |= UINT64_C(1) << line;
            to = put_line512(to, fresh);
        }
    }
    store(out, line_mask);
    return (size_t)(to - out);
}

AVX512 static size_t apply512(const uint8_t *delta, uint8_t *page, uint8_t *shadow)
{
    const uint8_t *from = delta + 8;

    for (uint64_t left = load(delta); left; left &= left - 1) {
        size_t line = (size_t)__builtin_ctzll(left);
        uint64_t mask = load(from);
        // A plain load of 64 bytes, the slack behind a delta: the load form of expand is slow, too.
        __m512i bytes = _mm512_maskz_expand_epi8(mask, _mm512_loadu_si512(from + 8));
        __m512i fresh = _mm512_xor_si512(line512(page, line), bytes);
        _mm512_storeu_si512(page + line * DELTA_LINE_BYTES, fresh);
        if (shadow) {
            _mm512_storeu_si512(shadow + line * DELTA_LINE_BYTES, fresh);
        }
        from += 8 + __builtin_popcountll(mask);
    }
    return (size_t)(from - delta);
}

const DeltaCode *delta_code_avx512(void)
{
    static const DeltaCode code = {"avx512", take512, from_zero512, apply512};

    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                   && __builtin_cpu_supports("avx512vbmi2")
               ? &code
               : NULL;
}

// ------------------------------------------------------------------------------------------- AVX2

// Half a line.
AVX2 static inline __m256i load256(const uint8_t *bytes)
{
    __m256i loaded;
    memcpy(&loaded, bytes, sizeof loaded);
    return loaded;
}

AVX2 static inline void store256(uint8_t *bytes, __m256i value)
{
    memcpy(bytes, &value, sizeof value);
}

AVX2 static inline uint64_t differs256(const uint8_t *now, const uint8_t *shadow, size_t line)
{
    const uint8_t *a = now + line * DELTA_LINE_BYTES, *b = shadow + line * DELTA_LINE_BYTES;
    __m256i any = _mm256_or_si256(_mm256_xor_si256(load256(a), load256(b)),
                                  _mm256_xor_si256(load256(a + 32), load256(b + 32)));

    return !_mm256_testz_si256(any, any);
}

AVX2 static uint64_t changed_lines256(const uint8_t *now, const uint8_t *shadow, uint32_t lines)
{
    uint64_t mask = 0;

    for (uint32_t line = 0; line < lines; line++) {
        mask |= differs256(now, shadow, line) << line;
    }
    return mask;
}

AVX2 static inline uint64_t nonzero_bytes(__m256i half)
{
    __m256i zero = _mm256_cmpeq_epi8(half, _mm256_setzero_si256());

    return (uint32_t)~_mm256_movemask_epi8(zero);
}

AVX2 static inline uint8_t *put_line256(uint8_t *out, __m256i low, __m256i high)
{
    uint64_t mask = nonzero_bytes(low) | nonzero_bytes(high) << 32;
    uint8_t bytes[DELTA_LINE_BYTES], *to = out + 8;

    store(out, mask);
    store256(bytes, low);
    store256(bytes + 32, high);
    if (mask == UINT64_MAX) { // whole lines of new bytes are the one common case that is dense
        memcpy(to, bytes, sizeof bytes);
        return to + sizeof bytes;
    }
    for (; mask; mask &= mask - 1) {
        *to++ = bytes[__builtin_ctzll(mask)];
    }
    return to;
}

// AVX2 compares signed words only: both sides are moved down by half the range.
AVX2 static inline int holds256(__m256i fresh, __m256i first, __m256i span)
{
    __m256i half = _mm256_set1_epi64x(INT64_MIN);
    __m256i at = _mm256_xor_si256(_mm256_sub_epi64(fresh, first), half);

    return _mm256_movemask_epi8(_mm256_cmpgt_epi64(_mm256_xor_si256(span, half), at));
}

AVX2 static size_t take256(uint8_t *out, const uint8_t *now, uint8_t *shadow, uint32_t lines,
                           DeltaWords words, bool *hit)
{
    __m256i first = _mm256_set1_epi64x((long long)words.first);
    __m256i span = _mm256_set1_epi64x((long long)words.span);
    uint64_t line_mask = changed_lines256(now, shadow, lines);
    int hits = 0;
    uint8_t *to = out + 8;

    store(out, line_mask);
    for (uint64_t left = line_mask; left; left &= left - 1) {
        size_t at = (size_t)__builtin_ctzll(left) * DELTA_LINE_BYTES;
        __m256i low = load256(now + at), high = load256(now + at + 32);
        to = put_line256(to, _mm256_xor_si256(low, load256(shadow + at)),
                         _mm256_xor_si256(high, load256(shadow + at + 32)));
        hits |= holds256(low, first, span) | holds256(high, first, span);
        store256(shadow + at, low);
        store256(shadow + at + 32, high);
    }
    *hit |= hits != 0;
    return (size_t)(to - out);
}

AVX2 static size_t from_zero256(uint8_t *out, const uint8_t *now)
{
    uint64_t line_mask = 0;
    uint8_t *to = out + 8;

    for (uint32_t line = 0; line < LINES_A_PAGE; line++) {
        __m256i low = load256(now + line * DELTA_LINE_BYTES);
        __m256i high = load256(now + line * DELTA_LINE_BYTES + 32);
        __m256i any = _mm256_or_si256(low, high);
        if (!_mm256_testz_si256(any, any)) {
            line_mask |= UINT64_C(1) << line;
            to = put_line256(to, low, high);
        }
    }
    store(out, line_mask);
    return (size_t)(to - out);
}

AVX2 static size_t apply256(const uint8_t *delta, uint8_t *page, uint8_t *shadow)
{
    const uint8_t *from = delta + 8;

    for (uint64_t left = load(delta); left; left &= left - 1) {
        size_t at = (size_t)__builtin_ctzll(left) * DELTA_LINE_BYTES;
        uint8_t bytes[DELTA_LINE_BYTES] = {0};
        uint64_t mask = load(from);
        from += 8;
        for (; mask; mask &= mask - 1) {
            bytes[__builtin_ctzll(mask)] = *from++;
        }
        for (size_t half = at; half < at + DELTA_LINE_BYTES; half += 32) {
            __m256i fresh = _mm256_xor_si256(load256(page + half), load256(bytes + (half - at)));
            store256(page + half, fresh);
            if (shadow) {
                store256(shadow + half, fresh);
            }
        }
    }
    return (size_t)(from - delta);
}

const DeltaCode *delta_code_avx2(void)
{
    static const DeltaCode code = {"avx2", take256, from_zero256, apply256};

    return __builtin_cpu_supports("avx2") ? &code : NULL;
}
#endif
