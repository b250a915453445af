// What writer and reader share: the numbers of the format, described at the top of replay.c, and
// the coding of ticks and keyframes. Inside this module only.
#ifndef REPLAY_FORMAT_H
#define REPLAY_FORMAT_H
#include "replay.h"

#include <string.h>

#define REPLAY_MAGIC "HLREPLAY"

// Four letters each, so that a hex dump reads well.
#define REPLAY_TAG(a, b, c, d)                                                                     \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define TAG_FACTS   REPLAY_TAG('F', 'A', 'C', 'T')
#define TAG_BUILD   REPLAY_TAG('C', 'O', 'D', 'E')
#define TAG_TYPES   REPLAY_TAG('T', 'Y', 'P', 'E')
#define TAG_STATE   REPLAY_TAG('S', 'T', 'A', 'T')
#define TAG_TICKS   REPLAY_TAG('T', 'I', 'C', 'K')
#define TAG_HASHES  REPLAY_TAG('H', 'A', 'S', 'H')
#define TAG_BYTES   REPLAY_TAG('B', 'Y', 'T', 'E')
#define TAG_RESTART REPLAY_TAG('R', 'E', 'S', 'T')
#define TAG_VALUES  REPLAY_TAG('V', 'A', 'L', 'S')
#define TAG_EDIT    REPLAY_TAG('E', 'D', 'I', 'T')
#define TAG_REWIND  REPLAY_TAG('B', 'A', 'C', 'K')
#define TAG_END     REPLAY_TAG('E', 'N', 'D', ' ')

// Sizes of the parts, and every limit. A number from a file is compared with its limit before
// anything is reserved for it; the writer stops at the same limits.
enum {
    FILE_HEAD_BYTES = 16,
    CHUNK_HEAD_BYTES = 20,
    FACTS_BYTES = 461,
    BUILD_BYTES = 136,
    TYPES_HEAD_BYTES = 9, // number, size, coding
    STATE_HEAD_BYTES = 39,
    TICKS_HEAD_BYTES = 9,   // count, size, coding
    VALUES_HEAD_BYTES = 17, // count, mask, size, coding
    HASHES_HEAD_BYTES = 29, // count, two masks, size, coding, coded size
    BYTES_HEAD_BYTES = 13,  // kind, present, name length, coding, size
    REWIND_BYTES = 8,
    END_BYTES = 16,
    INPUT_BYTES = 504,
    POINTER_BYTES = 8,

    TICKS_MAX = 60,                       // in one chunk
    TICK_CODED_MAX = 2 * INPUT_BYTES + 2, // of one tick; reached by no input, see replay.c
    TICKS_CODED_MAX = TICKS_MAX * TICK_CODED_MAX + 1,
    NAME_MAX_BYTES = 255,        // of a file or save
    SYMBOL_MAX_BYTES = 4095,     // of a global's or a function's name
    CHECK_PAGES_MAX = 1 << 19,   // that changed in one tick: 2 GiB
    HASHES_PAGES_MAX = 1 << 20,  // in one chunk
    NUMBERS_MAX_BYTES = 6 << 20, // their page numbers: at most 5 bytes each, and the counts
    GLOBALS_MAX = 1 << 20,       // in a keyframe
    POINTERS_MAX = 1 << 22,      // in a keyframe
    STATE_PAGES_MAX = 1 << 18,   // in a keyframe: 1 GiB
    BYTES_COUNT_MAX = 1 << 20,   // files and saves in a recording
    BUILDS_MAX = 1 << 20,        // in a recording
    TYPES_COUNT_MAX = 1 << 16,   // different ones in a recording
    KEYFRAMES_MAX = 1 << 20,     // in a recording
    PARTS_MAX = 1 << 24,         // chunks in a recording
    FLUSH_MS = 1000              // the longest that an input waits in memory
};
#define MOMENTS_MAX (1ull << 48) // further on, counting in 64 bits is still safe
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
// The fuzzer looks for mistakes in reading; at full size it would only measure zstd.
#define BYTES_MAX_BYTES     (1ull << 20)
#define BYTES_ALL_MAX_BYTES (4ull << 20)
#define STATE_MAX_BYTES     (1ull << 20)
#define STATE_DETAILS_MAX   (1ull << 20)
#define TYPES_MAX_BYTES     (1ull << 20)
#else
#define BYTES_MAX_BYTES     (256ull << 20) // one file or save
#define BYTES_ALL_MAX_BYTES (1ull << 30)   // all files and saves of a recording together
#define STATE_MAX_BYTES     (1ull << 30)   // in use of the arena, where keyframes are made
#define STATE_DETAILS_MAX   (256ull << 20) // of a keyframe: all but its pages
#define TYPES_MAX_BYTES     REPLAY_TYPES_MAX
#endif
#define PAYLOAD_MAX_BYTES (STATE_MAX_BYTES + STATE_DETAILS_MAX + (64ull << 20))
#define FILE_MAX_BYTES    (4ull << 30)

typedef enum ReplayCoding { CODING_PLAIN = 0, CODING_ZSTD = 1 } ReplayCoding;

// Little-endian, whatever the machine. Each returns where the next field goes.
static inline uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        *at++ = (uint8_t)(value >> (8 * i));
    }
    return at;
}

static inline uint8_t *put_u64(uint8_t *at, uint64_t value)
{
    return put_u32(put_u32(at, (uint32_t)value), (uint32_t)(value >> 32));
}

static inline uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t get_u64(const uint8_t *at)
{
    return (uint64_t)get_u32(at) | (uint64_t)get_u32(at + 4) << 32;
}

// Seven bits a byte, the lowest first; the top bit says that more follow. At most 10 bytes.
enum { VARINT_MAX = 10 };
static inline uint8_t *put_varint(uint8_t *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        *at++ = (uint8_t)(value | 0x80);
    }
    *at++ = (uint8_t)value;
    return at;
}

// Bytes that are taken one field after the other. `ok` stays false after the first that was not
// there, and what is taken from then on is zero: look once, at the end.
typedef struct Taking {
    const uint8_t *at, *end;
    bool ok;
} Taking;

static inline uint64_t take_varint(Taking *from)
{
    uint64_t value = 0;
    for (unsigned shift = 0; from->ok && shift < 64; shift += 7) {
        if (from->at == from->end) {
            break;
        }
        uint8_t byte = *from->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    from->ok = false;
    return 0;
}

void replay_put_facts(uint8_t at[FACTS_BYTES], const ReplayFacts *facts, uint64_t first,
                      bool has_state);
// Cleans the texts. NULL, or what is wrong.
const char *replay_get_facts(const uint8_t at[FACTS_BYTES], ReplayFacts *facts, uint64_t *first,
                             bool *has_state);
void replay_put_build_fields(uint8_t at[BUILD_BYTES], const ReplayBuild *build);
bool replay_get_build_fields(const uint8_t at[BUILD_BYTES], ReplayBuild *build);
// NULL, or what is wrong with the numbers.
const char *replay_judge_facts(const ReplayFacts *facts);

// Over head and payload: a chunk is right as a whole or not at all. Reads the first 12 bytes of
// `head`.
uint64_t replay_chunk_hash(const uint8_t head[CHUNK_HEAD_BYTES], const uint8_t *payload,
                           size_t payload_bytes);
// `coded_bytes` at `from` become exactly `size_bytes` at `to`. False: they are not that.
bool replay_get_data(uint8_t coding, const uint8_t *from, size_t coded_bytes, void *to,
                     size_t size_bytes);

// `input` as its difference to `before`; returns the bytes used, less than TICK_CODED_MAX.
size_t replay_encode_tick(uint8_t *out, const hl_input *before, const hl_input *input);
// Turns `*input`, which holds the tick before, into the tick coded at `at`. Returns the bytes used,
// 0 when they are not a tick.
size_t replay_decode_tick(const uint8_t *at, size_t size_bytes, hl_input *input);
// What a game relies on: text that ends, zero reserved bytes, numbers that are numbers.
bool replay_input_is_sound(const hl_input *input);
// 1..255 bytes of UTF-8 without control characters that stay inside their folder: names are shown
// and looked up.
bool replay_name_is_sound(const char *name);
// UTF-8 without control characters, at most REPLAY_EDIT_MAX bytes. An edit's path and value.
bool replay_text_is_sound(const char *text);

// ------------------------------------------------------------------------------------ keyframes

// A STAT chunk's payload, looked at from outside: nothing is unpacked yet.
typedef struct StateHead {
    uint64_t at, used_bytes;
    bool is_whole;
    uint8_t details_coding, pages_coding;
    uint32_t page_count, global_count, pointer_count, details_bytes, details_coded;
    const uint8_t *details, *pages;
    size_t pages_coded;
} StateHead;

// NULL, or what is wrong.
const char *replay_get_state_head(const uint8_t *payload, size_t payload_bytes,
                                  uint64_t arena_bytes, StateHead *head);
// Everything but `data`, in `arena`, checked; false when it is not sound (or there is no room).
bool replay_get_state_details(const StateHead *head, Arena *arena, ReplayState *state);
// For the writer. NULL, or why a reader would refuse `state`.
const char *replay_judge_state(const ReplayState *state, uint64_t arena_bytes);
// The payload of `state`, made in `arena`; NULL when there is no room. `*payload_bytes`: its size.
uint8_t *replay_make_state(const ReplayState *state, Arena *arena, size_t *payload_bytes);
// Puts `data` to `out`, which has room for pack_bound(size_bytes), packed when that is smaller.
// Returns its bytes there.
size_t replay_put_data(uint8_t *out, const void *data, size_t size_bytes, uint8_t *coding);

#endif
