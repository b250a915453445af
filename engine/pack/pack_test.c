#include "pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { PLAIN_BYTES = 100000, GUARD_BYTES = 64, GUARD = 0x5a };

static uint8_t *new_bytes(size_t bytes)
{
    uint8_t *memory = malloc(bytes ? bytes : 1);
    assert_non_null(memory);
    return memory;
}

// Text-like: packs well, but not to nothing.
static void fill_packable(uint8_t *out, size_t bytes)
{
    uint32_t random = 12345;
    for (size_t i = 0; i < bytes; i++) {
        random = random * 1664525u + 1013904223u;
        out[i] = (uint8_t)('a' + (random >> 24) % 8);
    }
}

static void fill_noise(uint8_t *out, size_t bytes)
{
    uint64_t random = 88172645463325252u;
    for (size_t i = 0; i < bytes; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        out[i] = (uint8_t)random;
    }
}

static void there_and_back(void **state)
{
    // Scenario: text of every awkward size is packed at the lowest, a middle and the highest level.
    // Expect: smaller where that is possible, the same bytes back, nothing written past their end.
    (void)state;
    const size_t sizes[] = {300, 511, 4096, 65537, PLAIN_BYTES};
    const int levels[] = {1, 3, 19};
    uint8_t *plain = new_bytes(PLAIN_BYTES), *out = new_bytes(PLAIN_BYTES + GUARD_BYTES);
    uint8_t *packed = new_bytes(pack_bound(PLAIN_BYTES));
    fill_packable(plain, PLAIN_BYTES);
    for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        for (size_t l = 0; l < COUNT_OF(levels); l++) {
            size_t bytes = pack(packed, pack_bound(sizes[s]), plain, sizes[s], levels[l]);
            assert_in_range(bytes, 1, sizes[s] - 1);
            memset(out, GUARD, PLAIN_BYTES + GUARD_BYTES);
            assert_true(unpack(out, sizes[s], packed, bytes));
            assert_memory_equal(out, plain, sizes[s]);
            for (size_t i = 0; i < GUARD_BYTES; i++) {
                assert_int_equal(out[sizes[s] + i], GUARD);
            }
        }
    }
    free(plain);
    free(out);
    free(packed);
}

static void same_bytes_each_time(void **state)
{
    // Scenario: the same data is packed twice, with other data packed in between.
    // Expect: the same packed bytes.
    (void)state;
    uint8_t *plain = new_bytes(PLAIN_BYTES), *other = new_bytes(PLAIN_BYTES);
    size_t room = pack_bound(PLAIN_BYTES);
    uint8_t *first = new_bytes(room), *second = new_bytes(room);
    fill_packable(plain, PLAIN_BYTES);
    fill_noise(other, PLAIN_BYTES);
    size_t first_bytes = pack(first, room, plain, PLAIN_BYTES, 3);
    assert_int_equal(pack(second, room, other, PLAIN_BYTES, 3), 0);
    size_t second_bytes = pack(second, room, plain, PLAIN_BYTES, 3);
    assert_int_equal(first_bytes, second_bytes);
    assert_memory_equal(first, second, first_bytes);
    free(plain);
    free(other);
    free(first);
    free(second);
}

static void not_worth_it(void **state)
{
    // Scenario: noise, nothing at all, and text with too little room for the packed form.
    // Expect: 0 each time: keep it plain.
    (void)state;
    uint8_t *plain = new_bytes(PLAIN_BYTES), *packed = new_bytes(pack_bound(PLAIN_BYTES));
    fill_noise(plain, PLAIN_BYTES);
    assert_int_equal(pack(packed, pack_bound(PLAIN_BYTES), plain, PLAIN_BYTES, 1), 0);
    assert_int_equal(pack(packed, pack_bound(0), plain, 0, 1), 0);
    fill_packable(plain, PLAIN_BYTES);
    assert_int_equal(pack(packed, 1000, plain, PLAIN_BYTES, 1), 0);
    free(plain);
    free(packed);
}

static void wrong_size_refused(void **state)
{
    // Scenario: more or less is asked for than was packed; nothing is given.
    // Expect: refused, and not a byte behind the room that was named is touched.
    (void)state;
    uint8_t *plain = new_bytes(PLAIN_BYTES), *packed = new_bytes(pack_bound(PLAIN_BYTES));
    uint8_t *out = new_bytes(PLAIN_BYTES + GUARD_BYTES);
    fill_packable(plain, PLAIN_BYTES);
    size_t bytes = pack(packed, pack_bound(PLAIN_BYTES), plain, PLAIN_BYTES, 1);
    assert_true(bytes > 0);
    memset(out, GUARD, PLAIN_BYTES + GUARD_BYTES);
    assert_false(unpack(out, PLAIN_BYTES - 1, packed, bytes));
    assert_int_equal(out[PLAIN_BYTES - 1], GUARD);
    assert_false(unpack(out, PLAIN_BYTES + 1, packed, bytes));
    assert_false(unpack(out, 100, packed, bytes));
    for (size_t i = 1; i < GUARD_BYTES; i++) {
        assert_int_equal(out[PLAIN_BYTES + i], GUARD);
    }
    assert_false(unpack(out, PLAIN_BYTES, packed, 0));
    assert_false(unpack(out, 0, packed, 0));
    free(plain);
    free(packed);
    free(out);
}

static void damage_refused(void **state)
{
    // Scenario: the packed form is cut at every place, and each byte of it is flipped in turn.
    // Expect: a cut is always refused; a flip is refused or gives exactly as many bytes; the guard
    //         behind the room stays whole, whatever the damage claims.
    (void)state;
    enum { BYTES = 2000 };
    uint8_t plain[BYTES], out[BYTES + GUARD_BYTES], *packed = new_bytes(pack_bound(BYTES));
    fill_packable(plain, BYTES);
    size_t bytes = pack(packed, pack_bound(BYTES), plain, BYTES, 3), refused = 0;
    assert_true(bytes > 0);
    memset(out, GUARD, sizeof(out));
    for (size_t cut = 0; cut < bytes; cut++) {
        assert_false(unpack(out, BYTES, packed, cut));
    }
    for (size_t at = 0; at < bytes; at++) {
        for (int bit = 0; bit < 8; bit++) {
            packed[at] = (uint8_t)(packed[at] ^ 1u << bit);
            refused += !unpack(out, BYTES, packed, bytes);
            packed[at] = (uint8_t)(packed[at] ^ 1u << bit);
        }
    }
    assert_true(refused > 0);
    for (size_t i = 0; i < GUARD_BYTES; i++) {
        assert_int_equal(out[BYTES + i], GUARD);
    }
    free(packed);
}

static void one_context_for_many(void **state)
{
    // Scenario: texts of many sizes through one unpacker, each damaged first.
    // Expect: the same answer as from unpack each time, and the right bytes after a damaged one.
    (void)state;
    uint8_t *plain = new_bytes(PLAIN_BYTES), *out = new_bytes(PLAIN_BYTES);
    uint8_t *packed = new_bytes(pack_bound(PLAIN_BYTES));
    fill_packable(plain, PLAIN_BYTES);
    Unpacker *unpacker = unpacker_open();
    assert_non_null(unpacker);
    for (size_t bytes = 300; bytes < PLAIN_BYTES; bytes = bytes * 3 / 2) {
        size_t packed_bytes = pack(packed, pack_bound(PLAIN_BYTES), plain, bytes, 1);
        assert_true(packed_bytes > 0);
        packed[0] ^= 0x55; // no frame begins like this
        assert_false(unpack_with(unpacker, out, bytes, packed, packed_bytes));
        packed[0] ^= 0x55;
        assert_false(unpack_with(unpacker, out, bytes - 1, packed, packed_bytes));
        memset(out, 0, bytes);
        assert_true(unpack_with(unpacker, out, bytes, packed, packed_bytes));
        assert_memory_equal(out, plain, bytes);
    }
    unpacker_close(unpacker);
    unpacker_close(NULL);
    free(plain);
    free(out);
    free(packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back), cmocka_unit_test(same_bytes_each_time),
        cmocka_unit_test(not_worth_it),   cmocka_unit_test(wrong_size_refused),
        cmocka_unit_test(damage_refused), cmocka_unit_test(one_context_for_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
