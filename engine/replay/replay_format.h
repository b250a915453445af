// What writer and reader share: the numbers of the format, described at the top of replay.c, and
// the coding of ticks. Inside this module only.
#ifndef REPLAY_FORMAT_H
#define REPLAY_FORMAT_H
#include "replay.h"

#define REPLAY_MAGIC "HLREPLAY"

// Four letters each, so that a hex dump reads well.
#define REPLAY_TAG(a, b, c, d)                                                                     \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define TAG_FACTS   REPLAY_TAG('F', 'A', 'C', 'T')
#define TAG_STATE   REPLAY_TAG('S', 'T', 'A', 'T')
#define TAG_TICKS   REPLAY_TAG('T', 'I', 'C', 'K')
#define TAG_BYTES   REPLAY_TAG('B', 'Y', 'T', 'E')
#define TAG_RESTART REPLAY_TAG('R', 'E', 'S', 'T')
#define TAG_REWIND  REPLAY_TAG('B', 'A', 'C', 'K')
#define TAG_END     REPLAY_TAG('E', 'N', 'D', ' ')

// Sizes of the parts, and every limit. A number from a file is compared with its limit before
// anything is reserved for it; the writer stops at the same limits.
enum {
    FILE_HEAD_BYTES = 16,
    CHUNK_HEAD_BYTES = 16,
    FACTS_BYTES = 612,
    STATE_HEAD_BYTES = 17, // first tick, size, coding
    TICKS_HEAD_BYTES = 9,  // count, size, coding
    BYTES_HEAD_BYTES = 13, // kind, present, name length, coding, size
    REWIND_BYTES = 8,
    END_BYTES = 16,
    INPUT_BYTES = 504,

    TICKS_MAX = 60,                       // in one chunk
    TICK_CODED_MAX = 2 * INPUT_BYTES + 1, // of one tick; reached by no input, see encode_tick
    NAME_MAX_BYTES = 255,                 // of a file or save
    BYTES_COUNT_MAX = 1 << 20,            // files and saves in a recording
    PARTS_MAX = 1 << 24,                  // chunks in a recording
    FLUSH_MS = 1000                       // the longest that an input waits in memory
};
#define STATE_MAX_BYTES     (1ull << 30)   // the first state
#define BYTES_MAX_BYTES     (256ull << 20) // one file or save
#define BYTES_ALL_MAX_BYTES (1ull << 30)   // all files and saves of a recording together
#define PAYLOAD_MAX_BYTES   (STATE_MAX_BYTES + (16ull << 20))
#define FILE_MAX_BYTES      (4ull << 30)

typedef enum ReplayCoding { CODING_PLAIN = 0, CODING_ZSTD = 1 } ReplayCoding;

// Little-endian, whatever the machine. Each returns where the next field goes or comes from.
uint8_t *put_u32(uint8_t *at, uint32_t value);
uint8_t *put_u64(uint8_t *at, uint64_t value);
uint32_t get_u32(const uint8_t *at);
uint64_t get_u64(const uint8_t *at);

void put_facts(uint8_t at[FACTS_BYTES], const ReplayFacts *facts);
// Cleans the texts; false when a text has no end or the tick rate is none.
bool get_facts(const uint8_t at[FACTS_BYTES], ReplayFacts *facts);

// Over tag, payload size and payload: a chunk is right as a whole or not at all. Reads the first 8
// bytes of `head`.
uint64_t chunk_hash(const uint8_t head[CHUNK_HEAD_BYTES], const uint8_t *payload,
                    size_t payload_bytes);

// `input` as its difference to `before`; returns the bytes used, at most TICK_CODED_MAX.
size_t encode_tick(uint8_t *out, const hl_input *before, const hl_input *input);
// Turns `*input`, which holds the tick before, into the tick coded at `at`. Returns the bytes used,
// 0 when they are not a tick.
size_t decode_tick(const uint8_t *at, size_t size_bytes, hl_input *input);
// What a game relies on: text that ends, zero reserved bytes, numbers that are numbers.
bool input_is_sound(const hl_input *input);
// 1..255 bytes of UTF-8 without control characters: names are shown and looked up.
bool name_is_sound(const char *name);

#endif
