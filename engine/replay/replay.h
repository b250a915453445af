// The on-disk session. Everything that came from outside, in order - seed and facts, each tick's
// input, the files and saves that the game read - and what it must come out as: a hash of the state
// after every tick, and every few seconds a keyframe to start from. Chunks, each with its length
// and checksum, only ever appended, so a file that was cut anywhere plays up to its last whole
// chunk. A replay is untrusted: every length, count, page number and size is checked before it is
// used. The format is described at the top of replay.c.
//
// It also says what the structs of each build are, as bytes that somebody else makes and reads, so
// that a keyframe can be read by a build that has others.
//
// A moment is what a tick, a restart or an edit leaves; moments are counted as in the session that
// was recorded, so a file that was cut out of the middle begins with a later one than 0.
#ifndef REPLAY_H
#define REPLAY_H
#include "file.h"
#include "hotloop.h"

#define REPLAY_FORMAT_VERSION 4u // what is written (3 would be one flipped bit away from 2)
#define REPLAY_FORMAT_OLDEST  2u // also read: without types

// What the file says about itself. All texts are clean and end.
typedef struct ReplayFacts {
    char game_id[64], title[128], state_type[64];
    uint64_t state_size, arena_bytes;
    uint32_t seed, tick_rate, api;
    int64_t recorded_s; // seconds since 1970
    char made_by[32];   // "hotloop 1.0.0"
    char machine[128];  // CPU and libc, as far as they decide what comes out: "x86_64 fma avx2,
                        // glibc 2.36"; another one is "not comparable"
} ReplayFacts;

// The code that played from some moment on.
typedef struct ReplayBuild {
    uint64_t content;   // hash of the library file
    char compiler[128]; // "gcc 12.2.0 -O2 -g ..."; "" when it was built by somebody else
    // For writing: what its types are, bytes to this module; NULL: not known. Kept in the file
    // once, however many builds have the same. A reader leaves it NULL: see replay_types.
    const uint8_t *types;
    size_t types_bytes; // more than REPLAY_TYPES_MAX count as not known
    bool is_same; // another compiler's code of the sources that played already: nothing that the
                  // game is told. Not of the first build
} ReplayBuild;
#define REPLAY_TYPES_MAX ((size_t)24 << 20)

// Outside bytes that a tick was given: the result of an hl_file or hl_load call.
typedef enum ReplayBytesKind {
    REPLAY_FILE = 1, // hl_file / hl_file_changed
    REPLAY_SAVE = 2  // hl_load
} ReplayBytesKind;

// What must have come out after a tick. `hash` is the state's; `pages` those whose content changed
// in it, ascending, each with a hash of what it holds now, so that a difference can be named. What
// a page number means is the caller's.
typedef struct ReplayCheck {
    uint64_t hash;
    const uint32_t *pages, *page_hashes;
    uint32_t page_count; // over 524,288 of them are written as not known
} ReplayCheck;

// A global or static variable whose value is not the one that it was loaded with.
typedef struct ReplayGlobal {
    const char *name;
    uint32_t nth; // of this name, in address order
    uint32_t size_bytes;
    const uint8_t *data;
} ReplayGlobal;

// A word of a keyframe that is an address in the game's library. In the data it is zero.
typedef enum ReplayPointerKind {
    REPLAY_POINTER_SYMBOL = 1, // function or object `name`, `addend` bytes into it
    REPLAY_POINTER_TEXT = 2    // string literal with the text `name`, `addend` bytes into it
} ReplayPointerKind;
typedef struct ReplayPointer {
    int32_t global; // which of `globals` it lies in; -1: in the arena
    uint64_t at;    // bytes from the arena's or the global's first; all 8 bytes in one page
    ReplayPointerKind kind;
    const char *name;
    uint64_t addend;
} ReplayPointer;

// A keyframe: the state at a moment.
typedef struct ReplayState {
    uint64_t at;           // the moment
    uint64_t used_bytes;   // of the arena; at most 1 GiB
    bool is_whole;         // all pages that are not all zero; false: those that changed since the
                           // keyframe before
    const uint32_t *pages; // ascending, each < used_bytes / 4096 rounded up
    uint32_t page_count;
    const uint8_t *data;         // page_count * 4096 bytes
    const ReplayGlobal *globals; // always all of them
    uint32_t global_count;
    const ReplayPointer *pointers; // in these pages and globals
    uint32_t pointer_count;
} ReplayState;

// ------------------------------------------------------------------------------------- writing

typedef struct ReplayWriter ReplayWriter;
// Creates `path` (refuses symlinks, FIFOs and folders; replaces a regular file) and writes facts,
// build and the state it begins with; `first` NULL: it begins at moment 0, before init(). Writes
// happen on the caller's thread into a buffer that is flushed at least once a second.
ReplayWriter *replay_create(const char *path, const ReplayFacts *facts, const ReplayBuild *build,
                            const ReplayState *first, Fault *fault);
// Each fails once (disk full ...), says so in *fault, and does nothing more after that but return
// true: the game plays on. Inputs are put 60 at a time or when one has waited for a second; nothing
// looks at the clock while none comes, so flush when the game pauses.
// `check` may be NULL: not known for this tick.
bool replay_put_tick(ReplayWriter *writer, const hl_input *input, const ReplayCheck *check,
                     Fault *fault);
// What the tick that is put next changed, as bytes that somebody else makes and reads, so that a
// difference can be named with both values. More than REPLAY_VALUES_MAX are not kept.
void replay_put_values(ReplayWriter *writer, const void *data, size_t size_bytes);
enum { REPLAY_VALUES_MAX = 8192 };
bool replay_put_bytes(ReplayWriter *writer, ReplayBytesKind kind, const char *name, bool present,
                      const void *data, size_t size_bytes, Fault *fault);
// A moment of its own: the state began afresh, init() runs before the next input.
bool replay_put_restart(ReplayWriter *writer, Fault *fault);
// A moment of its own: what lies at `path` in the state was given that value between two ticks.
// Both are clean texts, at most REPLAY_EDIT_MAX bytes together; what they mean is the caller's.
bool replay_put_edit(ReplayWriter *writer, const char *path, const char *value, Fault *fault);
enum { REPLAY_EDIT_MAX = 504 };
// From the next tick on this code plays.
bool replay_put_build(ReplayWriter *writer, const ReplayBuild *build, Fault *fault);
// state->at must be the moment of the last tick or restart put. One that is not whole is relative
// to the keyframe that replay_last_keyframe names.
bool replay_put_state(ReplayWriter *writer, const ReplayState *state, Fault *fault);
// The moment of the last keyframe that no jump back has undone; false: there is none, so the next
// must be whole.
bool replay_last_keyframe(const ReplayWriter *writer, uint64_t *at);
// Time went back: the last `moments` (ticks, restarts, edits), and what was read in them, did not
// happen. Readers never see them. The build that plays stays the same; if its first tick had come
// already, readers see no BUILD event of it any more, but replay_build still lists it.
bool replay_put_rewind(ReplayWriter *writer, uint64_t moments, Fault *fault);
bool replay_flush(ReplayWriter *writer, Fault *fault);
// The moment that the last put leads to.
uint64_t replay_written(const ReplayWriter *writer);
// Writes the end (state hash) and closes. `writer` is gone after it, whatever it returns. False
// also when the recording had failed before; *fault says what the file holds.
bool replay_finish(ReplayWriter *writer, uint64_t state_hash, Fault *fault);

// ------------------------------------------------------------------------------------- reading

typedef enum ReplayEventKind {
    REPLAY_EVENT_TICK,
    REPLAY_EVENT_BYTES,
    REPLAY_EVENT_RESTART,
    REPLAY_EVENT_EDIT,
    REPLAY_EVENT_BUILD,
    REPLAY_EVENT_END // of the file: whole (`finished`) or cut
} ReplayEventKind;

// Only what is said to belong to `kind` (and `kind` and `at`) is filled in.
typedef struct ReplayEvent {
    ReplayEventKind kind;
    uint64_t at; // TICK, RESTART, EDIT: the moment it leads to; else the one that was last
    const hl_input *input;      // TICK; valid until the next call
    bool has_hash;              // TICK
    uint64_t hash;              // TICK: 0 when not has_hash; END and finished
    ReplayBytesKind bytes_kind; // BYTES
    const char *name;           // and EDIT: the path
    bool present;
    const uint8_t *data; // borrowed until the reader is closed; followed by a 0 byte. EDIT: value
    size_t size_bytes;
    const ReplayBuild *build; // BUILD: not for the first, which replay_build has; borrowed
    uint32_t types;           // BUILD: number of its types, see replay_types; 0: not known
    bool finished;            // END: the recording was ended properly
} ReplayEvent;

typedef struct ReplayReader ReplayReader;
// Reads and checks the whole file. Fails FAULT_FORMAT (empty, not one of ours, other version,
// damaged before the first tick) or FAULT_FILE (missing, symlink loop, FIFO, folder, over 4 GiB). A
// file damaged or cut later opens; `*damage` (may be NULL) then says where and what is left. What
// is left is everything before the damage; where only a hash or a later keyframe is damaged,
// everything.
ReplayReader *replay_open(const char *path, Fault *damage, Fault *fault);
// The same of bytes in memory, which stay the caller's and must stay as they are; `name` is for
// messages.
ReplayReader *replay_open_bytes(const void *bytes, size_t size_bytes, const char *name,
                                Fault *damage, Fault *fault);
void replay_close(ReplayReader *reader); // NULL is fine
// True when the file on disk is no longer what was read (size, time or inode differ, or it is
// gone). Never of bytes in memory.
bool replay_changed_on_disk(const ReplayReader *reader);
const ReplayFacts *replay_facts(const ReplayReader *reader);
uint64_t replay_first(const ReplayReader *reader); // the moment before the first tick
uint64_t replay_last(const ReplayReader *reader);  // the last moment
// Events in order. Bytes come before the tick that asked for them; a keyframe is no event. A tick
// that repeats the input of the one before costs a few nanoseconds.
void replay_next(ReplayReader *reader, ReplayEvent *event);
void replay_rewind(ReplayReader *reader); // to the first event
// The state at the last keyframe at or before moment `at`, whole, in `arena`: the file's
// arena_bytes of room are needed, and up to REPLAY_STATE_EXTRA_BYTES more for what is not pages.
// False: there is none, start with init(). A keyframe that cannot be unpacked counts as none.
#define REPLAY_STATE_EXTRA_BYTES (1ull << 30)
bool replay_state(ReplayReader *reader, uint64_t at, Arena *arena, ReplayState *state);
// Number of the types that the build had which made the state that replay_state gives for `at`;
// where there is none, of the build that played first. 0: not known.
uint32_t replay_types_of_state(const ReplayReader *reader, uint64_t at);
// The bytes of types number `number`, in `arena`, as they were put; false: not known, or they
// cannot be unpacked.
bool replay_types(const ReplayReader *reader, uint32_t number, Arena *arena, const uint8_t **types,
                  size_t *size_bytes);
// The pages that changed in the tick that leads to `at`, in `arena`; false when they are not known.
bool replay_check(ReplayReader *reader, uint64_t at, Arena *arena, ReplayCheck *check);
// What replay_put_values was given for the tick that leads to `at`, in `arena`; false: nothing.
bool replay_values(ReplayReader *reader, uint64_t at, Arena *arena, const uint8_t **data,
                   size_t *size_bytes);
// The first moment from `at` on of which the file holds the whole state; false: there is none.
bool replay_next_state(const ReplayReader *reader, uint64_t at, uint64_t *moment);

// What there is in it, for `hotloop info`.
typedef struct ReplaySummary {
    uint64_t file_bytes, first, last;
    uint64_t ticks, restarts, edits, hashes, keyframes; // that stand, not those that were undone
    uint64_t rewinds, undone;                           // jumps back, and moments that they undid
    uint64_t input_bytes, hash_bytes, keyframe_bytes, outside_bytes, types_bytes,
        values_bytes; // in the file
    bool finished;
    uint64_t hash; // of the end, when finished
} ReplaySummary;
void replay_summary(const ReplayReader *reader, ReplaySummary *summary);
// The n-th build and the moment it came at; files and saves by name, the last of each. False past
// the end.
bool replay_build(const ReplayReader *reader, uint32_t n, ReplayBuild *build, uint64_t *at);
typedef struct ReplayOutside {
    ReplayBytesKind kind;
    const char *name;
    bool present;
    size_t size_bytes;
    uint64_t at; // the moment after which it was read
} ReplayOutside;
bool replay_outside(const ReplayReader *reader, uint32_t n, ReplayOutside *outside);
// The n-th edit, in order, and the moment it leads to.
bool replay_edit(const ReplayReader *reader, uint32_t n, const char **path, const char **value,
                 uint64_t *at);

#endif
