// What opening, playing and finding share: the reader itself. Inside this module only.
#ifndef REPLAY_READ_H
#define REPLAY_READ_H
#include "replay_format.h"

#include <sys/stat.h>

typedef struct Bytes {
    ReplayBytesKind kind;
    bool present;
    const char *name;
    const uint8_t *data;
    size_t size_bytes;
    uint64_t at; // the moment after which it was read
} Bytes;

typedef struct Build {
    ReplayBuild build;
    uint64_t at;
} Build;

// What a BUILD part is about.
typedef struct BuildEvent {
    ReplayBuild build;
    uint32_t types;
} BuildEvent;

// One chunk as it is played: a later BACK may have undone some or all of its ticks.
typedef struct Part {
    size_t chunk_at;   // in the file
    size_t hashes_at;  // of TICKS: where the HASH chunk is; 0: there is none
    size_t values_at;  // the same of the VALS chunk
    uint64_t at;       // the moment before it
    uint32_t tag;      // TICKS, RESTART, EDIT, BYTES or BUILD
    uint32_t moments;  // that it leads on
    const void *about; // BYTES, EDIT: Bytes; BUILD: BuildEvent
} Part;

typedef struct Keyframe {
    uint64_t at;
    size_t chunk_at;
    bool is_whole;
    uint32_t types; // of the build that made it; 0: not known
    bool is_usable; // false: it or one that it is relative to is damaged
} Keyframe;

typedef struct Chunk {
    uint32_t tag;
    const uint8_t *payload;
    size_t payload_bytes;
    size_t at, next; // where it and the chunk after it begin
} Chunk;

// A HASH chunk's payload, looked at from outside.
typedef struct HashesHead {
    uint32_t count, numbers_bytes, numbers_coded, page_count;
    uint64_t hashed, known;
    uint8_t coding;
    const uint8_t *hashes, *numbers, *page_hashes;
} HashesHead;

// A VALS chunk's payload.
typedef struct ValuesHead {
    uint32_t count, size_bytes;
    uint64_t known;
    uint8_t coding;
    const uint8_t *data;
    size_t coded;
} ValuesHead;

// The TICKS chunk being played. `input` is changed in place, so a tick that repeats it costs
// nothing.
typedef struct Play {
    uint32_t part;    // the next one
    uint32_t left;    // ticks of the chunk that are still to come
    uint32_t repeats; // of them with the present input
    uint64_t at;      // moment
    uint64_t hashed;  // the lowest bit: the next tick has a hash, at `hash_at`
    const uint8_t *hash_at;
    const uint8_t *coded_at, *coded_end;
    hl_input input;
    uint8_t coded[TICKS_CODED_MAX];
} Play;

struct ReplayReader {
    Arena arena; // holds this struct, the file
    Arena kept;  // what was read from outside
    Arena parts_memory, keyframes_memory, builds_memory, types_memory;
    Arena scratch, found; // while something is put together
    const char *path;
    bool is_in_memory;
    struct stat about; // the file when it was read
    FileBytes file;
    ReplayFacts facts;
    bool has_state;
    uint64_t first, last;
    Part *parts;
    Keyframe *keyframes;
    Build *builds;
    size_t *types; // by number - 1: the TYPE chunk that holds it; 0: it is damaged
    uint32_t part_count, keyframe_count, build_count, types_count;
    uint32_t first_types, types_now; // of the build that it begins with; that was last
    uint32_t fresh_build;            // the BUILD part that no tick has played yet, + 1; 0: none
    const Bytes **outside;           // the last of each name
    uint32_t outside_count;
    uint64_t bytes_all;
    uint32_t bytes_count;
    uint32_t last_tag; // of the chunk before
    uint32_t next_number;
    ReplaySummary summary; // what is counted while reading
    Play play;
};

// The chunk at `at`, which was found to be right when the file was opened.
Chunk replay_chunk(const ReplayReader *reader, size_t at);
// NULL, or what is wrong.
const char *replay_get_hashes_head(const Chunk *chunk, HashesHead *head);
const char *replay_get_values_head(const Chunk *chunk, ValuesHead *head);
// The first keyframe can be unpacked. Any other is looked at when it is needed: unpacking all of
// them would make opening slow.
bool replay_first_state_is_sound(ReplayReader *reader);
// Fills reader->outside; false when there is no memory.
bool replay_list_outside(ReplayReader *reader);

#endif
