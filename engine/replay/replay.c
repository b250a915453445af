// The file
//
//     8  "HLREPLAY"
//     4  format version (REPLAY_FORMAT_VERSION)
//     4  size of one input (504)
//     then chunks until the end of the file
//
// A chunk
//
//     4  tag: four letters
//     4  payload bytes
//     8  XXH3 (64 bits) of the payload, seeded with the XXH3 of the 8 bytes above
//     n  payload
//
// All numbers are little-endian. FACT comes first, STAT second, END last; the others in the order
// in which things happened. A payload's data is `coding` 0: as it is, 1: one zstd frame.
//
//     FACT  64 game_id, 128 title, 64 state_type, 8 state_size, 8 arena_bytes, 8 build_content,
//           4 seed, 4 tick_rate, 4 api, 64 machine, 256 compiler_flags; texts end with a 0 byte
//     STAT  8 first_tick, 8 size, 1 coding, data: the state before the first tick. Size 0: the
//           recording starts before init()
//     TICK  4 count (1..60), 4 size, 1 coding, data: one coded tick after the other
//     BYTE  1 kind, 1 present, 2 name length, 1 coding, 8 size, name, data: what the next tick was
//           given by hl_file() or hl_load()
//     REST  nothing: init() runs before the next tick
//     BACK  8 ticks: so many ticks before this, and what was read in them, are undone
//     END   8 last_tick, 8 state_hash
//
// A tick is its 504 bytes XOR those of the tick before (the first in a chunk: XOR zero, so that a
// chunk can be read alone), as a row of tokens:
//
//     0        the tick ends; all further bytes are zero
//     1..127   so many bytes follow as they are
//     128..255 so many minus 127 zero bytes (1..128)
//
// A tick without change is therefore one byte, and a row of them next to nothing after zstd.
//
// hl_input is written bytewise: it has no padding, its reserved bytes are zero, and all machines
// that this runs on are little-endian. That and its size are asserted below.
//
// Sections: numbers, facts, ticks. Writing is in replay_write.c, reading in replay_read.c.
#include "replay_format.h"

#include <math.h>
#include <string.h>
#include <xxhash.h>

_Static_assert(sizeof(hl_input) == INPUT_BYTES,
               "hl_input changed: update INPUT_BYTES, input_is_sound and REPLAY_FORMAT_VERSION");
_Static_assert(sizeof(hl_pad) == HL_PAD_BUTTONS + 4 + 2 * sizeof(hl_vec2) + 2 * sizeof(float),
               "hl_pad has padding now: it can no longer be written bytewise");
_Static_assert(sizeof(hl_input)
                   == HL_KEYS + 3 * sizeof(hl_vec2) + 4 * sizeof(hl_pad) + 32 + 2 * 4 + 8,
               "hl_input has padding now: it can no longer be written bytewise");
_Static_assert(sizeof(ReplayFacts) == 616 && FACTS_BYTES == 64 + 128 + 64 + 24 + 12 + 64 + 256,
               "ReplayFacts changed: update put_facts, get_facts, FACTS_BYTES, the list above and "
               "REPLAY_FORMAT_VERSION");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "hl_input is written bytewise: a big-endian machine has to swap its fields");

// -------------------------------------------------------------------------------------- numbers

uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        *at++ = (uint8_t)(value >> (8 * i));
    }
    return at;
}

uint8_t *put_u64(uint8_t *at, uint64_t value)
{
    return put_u32(put_u32(at, (uint32_t)value), (uint32_t)(value >> 32));
}

uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint64_t get_u64(const uint8_t *at)
{
    return (uint64_t)get_u32(at) | (uint64_t)get_u32(at + 4) << 32;
}

uint64_t chunk_hash(const uint8_t head[CHUNK_HEAD_BYTES], const uint8_t *payload,
                    size_t payload_bytes)
{
    // XXH3 has no cheap way to go on from a finished hash, so the head's hash seeds the payload's.
    return XXH3_64bits_withSeed(payload, payload_bytes, XXH3_64bits(head, 8));
}

// ---------------------------------------------------------------------------------------- facts

static uint8_t *put_text(uint8_t *at, const char *text, size_t room_bytes)
{
    size_t length = strnlen(text, room_bytes - 1);
    memset(at, 0, room_bytes);
    memcpy(at, text, length);
    return at + room_bytes;
}

static const uint8_t *get_text(const uint8_t *at, char *text, size_t room_bytes, bool *ok)
{
    *ok = *ok && at[room_bytes - 1] == 0;
    if (*ok) {
        text_clean(text, room_bytes, (const char *)at, false);
    }
    return at + room_bytes;
}

void put_facts(uint8_t at[FACTS_BYTES], const ReplayFacts *facts)
{
    at = put_text(at, facts->game_id, sizeof(facts->game_id));
    at = put_text(at, facts->title, sizeof(facts->title));
    at = put_text(at, facts->state_type, sizeof(facts->state_type));
    at = put_u64(at, facts->state_size);
    at = put_u64(at, facts->arena_bytes);
    at = put_u64(at, facts->build_content);
    at = put_u32(at, facts->seed);
    at = put_u32(at, facts->tick_rate);
    at = put_u32(at, facts->api);
    at = put_text(at, facts->machine, sizeof(facts->machine));
    (void)put_text(at, facts->compiler_flags, sizeof(facts->compiler_flags));
}

bool get_facts(const uint8_t at[FACTS_BYTES], ReplayFacts *facts)
{
    bool ok = true;
    at = get_text(at, facts->game_id, sizeof(facts->game_id), &ok);
    at = get_text(at, facts->title, sizeof(facts->title), &ok);
    at = get_text(at, facts->state_type, sizeof(facts->state_type), &ok);
    facts->state_size = get_u64(at);
    facts->arena_bytes = get_u64(at + 8);
    facts->build_content = get_u64(at + 16);
    facts->seed = get_u32(at + 24);
    facts->tick_rate = get_u32(at + 28);
    facts->api = get_u32(at + 32);
    at = get_text(at + 36, facts->machine, sizeof(facts->machine), &ok);
    (void)get_text(at, facts->compiler_flags, sizeof(facts->compiler_flags), &ok);
    return ok && facts->tick_rate >= 1 && facts->tick_rate <= 1000;
}

// ---------------------------------------------------------------------------------------- ticks

enum { TOKEN_BYTES_MAX = 127, TOKEN_ZEROS_MAX = 128, TOKEN_ZEROS_FIRST = 128 };

static size_t count_zeros(const uint8_t *at, size_t limit)
{
    size_t count = 0;
    while (count < limit && at[count] == 0) {
        count++;
    }
    return count;
}

// How many bytes from here are worth writing as they are: up to three zeros in a row, which cost as
// much inside as the two tokens that would leave them out.
static size_t count_bytes(const uint8_t *at, size_t limit)
{
    size_t count = 0;
    while (count < limit && count_zeros(at + count, limit - count) < 3) {
        count++;
    }
    return count < TOKEN_BYTES_MAX ? count : TOKEN_BYTES_MAX;
}

size_t encode_tick(uint8_t *out, const hl_input *before, const hl_input *input)
{
    uint8_t delta[INPUT_BYTES];
    const uint8_t *old = (const uint8_t *)before, *now = (const uint8_t *)input;
    size_t end = 0, used = 0;
    for (size_t i = 0; i < INPUT_BYTES; i++) {
        delta[i] = old[i] ^ now[i];
        end = delta[i] ? i + 1 : end;
    }
    for (size_t at = 0; at < end;) {
        size_t zeros = count_zeros(delta + at, end - at);
        zeros = zeros < TOKEN_ZEROS_MAX ? zeros : TOKEN_ZEROS_MAX;
        if (zeros > 0) {
            out[used++] = (uint8_t)(TOKEN_ZEROS_FIRST + zeros - 1);
            at += zeros;
            continue;
        }
        size_t count = count_bytes(delta + at, end - at);
        out[used++] = (uint8_t)count;
        memcpy(out + used, delta + at, count);
        used += count;
        at += count;
    }
    out[used++] = 0;
    return used;
}

size_t decode_tick(const uint8_t *at, size_t size_bytes, hl_input *input)
{
    uint8_t *to = (uint8_t *)input;
    size_t done = 0, used = 0;
    while (used < size_bytes) {
        uint8_t token = at[used++];
        if (token == 0) {
            return used;
        }
        size_t count = token < TOKEN_ZEROS_FIRST ? token : token - (size_t)TOKEN_ZEROS_FIRST + 1;
        if (count > INPUT_BYTES - done) {
            return 0;
        }
        if (token < TOKEN_ZEROS_FIRST) {
            if (count > size_bytes - used) {
                return 0;
            }
            for (size_t i = 0; i < count; i++) {
                to[done + i] ^= at[used + i];
            }
            used += count;
        }
        done += count;
    }
    return 0; // no end
}

static bool is_finite(hl_vec2 v)
{
    return isfinite(v.x) && isfinite(v.y);
}

bool input_is_sound(const hl_input *input)
{
    static const uint8_t ZERO[sizeof(input->reserved)] = {0};
    bool ok = input->text[sizeof(input->text) - 1] == '\0' && is_finite(input->mouse)
              && is_finite(input->mouse_delta) && is_finite(input->wheel)
              && memcmp(input->reserved, ZERO, sizeof(ZERO)) == 0;
    for (size_t i = 0; i < COUNT_OF(input->pad); i++) {
        const hl_pad *pad = &input->pad[i];
        ok = ok && is_finite(pad->left) && is_finite(pad->right) && isfinite(pad->ltrigger)
             && isfinite(pad->rtrigger) && memcmp(pad->reserved, ZERO, sizeof(pad->reserved)) == 0;
    }
    return ok;
}

bool name_is_sound(const char *name)
{
    char clean[NAME_MAX_BYTES + 1];
    size_t length = strlen(name);
    if (length == 0 || length > NAME_MAX_BYTES) {
        return false;
    }
    text_clean(clean, sizeof(clean), name, false);
    return strcmp(clean, name) == 0;
}
