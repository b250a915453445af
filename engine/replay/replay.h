// The on-disk session. Everything that came from outside, in order: seed and facts, the first
// state, each tick's input, the files and saves that the game read. Chunks, each with its length
// and checksum, only ever appended, so a file that was cut anywhere plays up to its last whole
// chunk. A replay is untrusted: every length and count is checked before it is used. The format is
// described at the top of replay.c.
#ifndef REPLAY_H
#define REPLAY_H
#include "file.h"
#include "hotloop.h"

#define REPLAY_FORMAT_VERSION 1u

// What the file says about itself.
typedef struct ReplayFacts {
    char game_id[64], title[128], state_type[64];
    uint64_t state_size, arena_bytes, build_content;
    uint32_t seed, tick_rate, api;
    char machine[64]; // CPU family and libc, for "not comparable"
    char compiler_flags[256];
} ReplayFacts;

// Outside bytes that a tick was given: the result of an hl_file or hl_load call.
typedef enum ReplayBytesKind {
    REPLAY_FILE = 1, // hl_file / hl_file_changed
    REPLAY_SAVE = 2  // hl_load
} ReplayBytesKind;

typedef struct ReplayWriter ReplayWriter;
// Creates `path` (refuses symlinks, FIFOs and folders; replaces a regular file) and writes facts
// and first state: `first_state` may be NULL with 0 bytes when the recording starts before init().
// Writes happen on the caller's thread into a buffer that is flushed at least once a second.
ReplayWriter *replay_create(const char *path, const ReplayFacts *facts, const void *first_state,
                            size_t state_bytes, uint64_t first_tick, Fault *fault);
// Each fails once (disk full ...), says so in *fault, and does nothing more after that but return
// true: the game plays on. Inputs are put 60 at a time or when one has waited for a second; nothing
// looks at the clock while none comes, so flush when the game pauses.
bool replay_put_input(ReplayWriter *writer, const hl_input *input, Fault *fault);
bool replay_put_bytes(ReplayWriter *writer, ReplayBytesKind kind, const char *name, bool present,
                      const void *data, size_t size_bytes, Fault *fault);
bool replay_put_restart(ReplayWriter *writer, Fault *fault); // init() runs before the next input
// Time went back: the last `ticks` inputs since the start or the last restart, and the bytes read
// in them, did not happen (a loop jumped to its first tick). Readers never see them.
bool replay_put_rewind(ReplayWriter *writer, uint64_t ticks, Fault *fault);
bool replay_flush(ReplayWriter *writer, Fault *fault);
// Writes the end (last tick, state hash) and closes. `writer` is gone after it, whatever it
// returns. False also when the recording had failed before; *fault says what the file holds.
bool replay_finish(ReplayWriter *writer, uint64_t last_tick, uint64_t state_hash, Fault *fault);

typedef enum ReplayEventKind {
    REPLAY_EVENT_INPUT,
    REPLAY_EVENT_BYTES,
    REPLAY_EVENT_RESTART,
    REPLAY_EVENT_END // of the file: whole (`finished`) or cut
} ReplayEventKind;

typedef struct ReplayEvent {
    ReplayEventKind kind;
    hl_input input;             // INPUT
    ReplayBytesKind bytes_kind; // BYTES
    const char *name;
    bool present;
    const uint8_t *data; // borrowed until the reader is closed; followed by a 0 byte
    size_t size_bytes;
    bool finished;                  // END: the recording was ended properly
    uint64_t last_tick, state_hash; // END and finished
} ReplayEvent;

typedef struct ReplayReader ReplayReader;
// Reads and checks the whole file. Fails FAULT_FORMAT (empty, not one of ours, other version,
// damaged before the first tick) or FAULT_FILE (missing, symlink loop, FIFO, folder, over 4 GiB). A
// file damaged or cut later opens; `*damage` (may be NULL) then says where and what is left.
ReplayReader *replay_open(const char *path, Fault *damage, Fault *fault);
void replay_close(ReplayReader *reader); // NULL is fine
const ReplayFacts *replay_facts(const ReplayReader *reader);
// NULL when the recording starts before init().
const void *replay_first_state(const ReplayReader *reader, size_t *state_bytes,
                               uint64_t *first_tick);
uint64_t replay_tick_count(const ReplayReader *reader);
// The next event in file order. Bytes come before the input of the tick that asked for them.
void replay_next(ReplayReader *reader, ReplayEvent *event);
void replay_rewind(ReplayReader *reader);

#endif
