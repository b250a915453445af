// What the files of the module share. The frame loop's thread owns all of it; the worker sees what
// a job of it names and the store (which has a lock); a reader sees a way that stays as it is.
#ifndef TIMELINE_INTERNAL_H
#define TIMELINE_INTERNAL_H
#include <pthread.h>
#include <stdatomic.h>

#include "timeline_keep.h"
#include "worker.h"

// ---------------------------------------------------------------------------------------- sharing
// At the front of the index: all that the two processes say to each other.

#define SHARE_MAGIC UINT64_C(0x3178656449706f6c) // "lopIdex1"

typedef struct Share {
    uint64_t magic;
    uint64_t timeline_bytes;      // the same executable on both sides has the same
    uintptr_t self;               // where the index lies in its own process
    _Atomic uint64_t sequence;    // odd: it is being changed; 0: it is not kept
    _Atomic uint64_t seen;        // the mirror needs nothing that was given back before
    _Atomic uint32_t is_followed; // the mirror says so; the timeline takes it back
    _Atomic uint32_t is_claimed;  // somebody may still adopt what was given back
    _Atomic uint32_t wants_base;  // the mirror cannot get here from where it is
    _Atomic uint64_t punched;     // counts what was taken out of the initials
    _Atomic uint64_t read_up_to;  // the mirror has taken out what lies before it in the initials
    uint64_t extra_stamp;         // sequence of the last change of the extra area
} Share;

// In unit 0 of a kept store.
typedef struct StoreHead {
    uint64_t magic;
    _Atomic uint64_t serial; // counts how often something that was claimed was written over
} StoreHead;

// ------------------------------------------------------------------------------------ the store
// One reserved range, handed out in pages, so that the number of kernel mappings stays the same
// however long a session gets. A unit is a page; unit 0 is never handed out and means "nothing".

typedef struct Store {
    Arena arena;
    Arena maps;            // the two below
    uint64_t *taken;       // a bit a unit
    uint64_t *touched;     // units that have memory behind them
    uint32_t unit_count;   // that fit in the address space
    uint32_t top;          // no unit from here on was ever handed out
    uint32_t low;          // no unit below is free
    uint32_t trim_at;      // where giving back goes on
    _Atomic uint32_t used; // units handed out
    uint32_t spare;        // units that are free and touched
    pthread_mutex_t lock;
    bool is_open;
    // Of a kept one. What is given back waits in limbo until the mirror does not need it any more.
    Share *share; // NULL: not kept
    int fd;
    Arena limbo; // Given
    size_t limbo_first, limbo_count;
    uint64_t limbo_units;
} Store;

bool store_open(Store *store, size_t reserve_bytes, Fault *fault);
// In the memory file `fd` (a new one: -1), which is the store's from then on.
bool store_open_shared(Store *store, size_t reserve_bytes, Share *share, int fd, Fault *fault);
StoreHead *store_head(const Store *store);
// Of a store that was there before: false when that is not free. Then, after the last one, what
// nobody claimed is given back to the system.
bool store_claim(Store *store, uint32_t unit, size_t bytes);
void store_claimed(Store *store);
void store_close(Store *store);
// Room for `bytes`, aligned to a page; 0 when the address space or the system's memory is used up.
uint32_t store_take(Store *store, size_t bytes);
// Of what was taken only that much is needed. Nobody else may have been told of it yet.
void store_shrink(Store *store, uint32_t unit, size_t taken_bytes, size_t bytes);
void store_give(Store *store, uint32_t unit, size_t bytes); // as taken
uint8_t *store_at(const Store *store, uint32_t unit);
size_t store_used_bytes(const Store *store);
// Gives free memory back to the system, a few units at a time, until `keep` of them are left or
// `most` are given. Any thread.
void store_trim(Store *store, uint32_t keep, uint32_t most);
bool store_is_trim(Store *store, uint32_t keep);
void store_forget(Store *store); // everything that was handed out

// A buffer that grows and keeps what it holds; not zeroed.
uint8_t *buffer_room(Arena *buffer, size_t bytes);  // NULL: no memory
void buffer_calm(Arena *buffer, size_t keep_bytes); // gives it back when it is larger than that

// ----------------------------------------------------------------------------------------- edges
// An edge leads from one moment to another, and back: a head, the numbers of the pages that differ,
// and from the next multiple of 8 on a delta each.

typedef struct EdgeHead {
    uint64_t bytes; // of all, a multiple of 8
    uint32_t pages, reserved;
} EdgeHead;

typedef struct Edge {
    uint64_t bytes;  // plain
    uint64_t packed; // in the store; 0: plain
    uint32_t unit;   // 0: there is none
} Edge;

enum {
    FAN = 16,    // moments in a group, groups in a block, blocks in the longest edge
    BLOCK = 256, // moments
    LONGEST = 4096,
    GUARDED = 600,          // newest moments that are thinned only when nothing else is left
    PACK_AFTER = 2 * BLOCK, // moments that an edge stays plain
    JOBS = 16
};

// The edges to sixteen moments.
typedef struct Group {
    uint32_t raw[FAN]; // units of them one by one; 0: in the whole
    uint64_t raw_bytes[FAN];
    uint64_t at[FAN]; // in the whole
    Edge whole;       // all of them one after the other
    Edge merged;      // their sum, when the group is full and begins at a multiple of 16
    bool has_whole, has_merged;
} Group;

// Up to 256 moments first + 1 .. first + count of a branch; never across a multiple of 256.
typedef struct Block {
    uint64_t stamp; // the sequence at its last change
    uint64_t born;  // counts up; never the same for two
    uint64_t first;
    uint32_t count;
    uint32_t inputs_unit; // 0: still in the timeline's buffer, or none
    uint64_t inputs_bytes;
    uint8_t level;  // 0: every moment can be reached; 1, 2, 3: multiples of 16, 256, 4096
    uint8_t packed; // groups from the first on that have been packed
    uint8_t jobs;   // that read it
    bool has_merged, has_longest;
    Edge merged;  // of all, when it is full
    Edge longest; // of the 4096 moments that end with it
    uint32_t builds[BLOCK];
    uint8_t flags[BLOCK];
    Group groups[FAN];
} Block;

enum { FLAG_RESTART = 1, FLAG_FIRST_OF_BUILD = 2, FLAG_EDIT = 4 };

typedef struct Branch {
    bool alive;
    bool closed; // its end was forgotten: what is captured there is another branch
    uint32_t id;
    struct Branch *parent; // NULL: the root
    uint64_t start;        // the moment it forked from; of the root: 0
    uint64_t last, left_at;
    Arena table;                       // uint32_t: units of the blocks, in order
    uint32_t block_first, block_count; // in the table
} Branch;

typedef struct Range {
    uint8_t *memory, *shadow;
    size_t bytes, watched; // watched from the front; what lies behind is zero in every moment
    uint32_t first_page;
    Arena shadow_arena, mark_arena;
    uint64_t *marks; // a bit a page: changed on the way somewhere
    uint64_t *hits; // a bit a page: a word of the caller's was written there, see timeline_next_hit
    uint64_t initial_at, initial_bytes; // its contents in the file of initials; 0 bytes: none
} Range;

// The moment that the contents in the file of initials are those of. Of a range that was added
// later they are those of every moment up to then, so of this one, too.
typedef struct Base {
    uint64_t serial; // counts up; 0: none yet
    uint64_t at;
    uint64_t born; // of the block that leads there; 0: it is the oldest moment there is
} Base;

typedef enum JobKind { JOB_GROUP, JOB_BLOCK, JOB_LONGEST, JOB_PACK } JobKind;

// What the worker is asked for, and what it made.
typedef struct Job {
    struct Timeline *timeline;
    JobKind kind;
    bool in_use;
    atomic_bool done;
    uint32_t branch;
    uint32_t units[FAN]; // blocks that it reads
    uint32_t unit_count;
    uint32_t group;
    uint64_t room; // at most what it makes takes in the store
    bool is_tight; // a block's sum is packed as well
    Edge made[3];  // GROUP: whole, merged; BLOCK, LONGEST: merged; PACK: whole, merged, block's
    uint64_t at[FAN];
    bool ok[3];
} Job;

// Room for one large edge, whose memory the worker makes ready.
typedef struct Ready {
    Store *store;
    uint32_t unit; // 0: none
    size_t bytes, fill_bytes;
    atomic_bool is_filled;
} Ready;

enum {
    INPUT_ROOM = 8 + 8 * 8 + 512, // a delta of an input at most
    INPUTS_BYTES = BLOCK * INPUT_ROOM + DELTA_SLACK_BYTES,
    TABLE_BYTES = 64 << 20 // address space of a branch's table
};

// A kept one lies at the front of its index. What comes before the ranges, and they, is read by the
// mirror; what comes behind them is nobody else's business.
struct Timeline {
    Share share;
    uint32_t range_count, next_page;
    uint32_t next_branch;
    uint32_t readers;
    uint64_t next_born;
    Branch *branch;       // where we stand ...
    uint64_t at;          // ... and at which moment
    uint64_t floor;       // no moment before it can be reached
    uint32_t floor_build; // that made that one; 0: not known
    uint64_t left_count, captured, delta_bytes;
    bool thinned;
    Base base;
    uint64_t initials_end; // where the file of initials goes on
    // The block that is being written: the last of `tip`, whose inputs are still here.
    Branch *tip;
    Arena inputs;
    uint64_t inputs_bytes;
    _Alignas(64) uint8_t input_shadow[512];
    Branch branches[TIMELINE_BRANCHES_MAX + 1];
    Range ranges[TIMELINE_RANGES_MAX]; // [0] is the state (memory NULL: none yet)
    Arena keep, dirty_arena, worker_arena;
    Dirty *dirty;
    Worker *worker;
    size_t budget_bytes;
    Store store;
    uint8_t *blocks;   // unit 0 of where blocks are: of the store, but for a mirror's
    uint64_t promised; // room of the jobs that are under way: counts as used
    Job jobs[JOBS];
    Ready ready;
    atomic_bool is_trimming;
    uint64_t thin_at[3]; // moments on the way here up to which blocks have been looked at
    const Branch *thin_for;
    Arena pages, deltas, unpacked, touched, aside;    // the frame thread's buffers
    Arena job_merge, job_out, job_pack, job_unpacked; // the worker's
    bool is_kept;
    int index_fd, initials_fd; // -1: not kept
    uint32_t changing;         // how many are changing it, one within the other
    struct Adopting *adopting;
};

// Where things are in an index, behind the timeline itself.
#define INDEX_INPUTS ((sizeof(Timeline) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES)
#define INDEX_EXTRA  (INDEX_INPUTS + (INPUTS_BYTES / PAGE_BYTES + 1) * (size_t)PAGE_BYTES)
#define INDEX_TABLES (INDEX_EXTRA + TIMELINE_EXTRA_BYTES)
#define INDEX_BYTES  (INDEX_TABLES + (TIMELINE_BRANCHES_MAX + 1) * (size_t)TABLE_BYTES)

// timeline.c
// Without any moment or range. `store`: a descriptor that becomes the store's; -1: a new one.
Timeline *timeline_open_empty(const TimelineConfig *config, int store, Fault *fault);
// Range `range` (its first_page is set) with room for a shadow; watched for up to `watched` bytes,
// which the caller has put into its shadow.
bool range_open(Range *range, uint8_t *memory, size_t bytes, Fault *fault);
bool range_watch(Timeline *timeline, Range *range, size_t watched, Fault *fault);
Range *range_of_page(Timeline *timeline, uint32_t page);
bool timeline_clean(Timeline *timeline, Fault *fault); // take and settle: nothing is dirty any more

// timeline_blocks.c
uint64_t edge_room(const Edge *edge); // bytes in the store
// The plain bytes of an edge; unpacked into `scratch` (behind what it holds) when they are packed.
// NULL: there is none, or it is damaged, or there is no memory.
const uint8_t *edge_bytes(const Store *store, const Edge *edge, Arena *scratch);
void edge_free(Timeline *timeline, Edge *edge);
Block *block_in(const Timeline *timeline, uint32_t unit);
Block *block_at(const Timeline *timeline, const Branch *branch, uint32_t index);
void block_touch(const Timeline *timeline, Block *block); // it is changed now
typedef bool UnitUse(void *with, uint32_t unit, uint64_t bytes);
// Everything in the store that a block names, but for itself; false as soon as `use` says so.
bool block_units(const Block *block, UnitUse *use, void *with);
// The block of `branch` (itself, not its parents) that leads to `at`; NULL: none.
Block *block_of(const Timeline *timeline, const Branch *branch, uint64_t at, uint32_t *index);
void block_drop_group(Timeline *timeline, Block *block, uint32_t group);
void block_drop(Timeline *timeline, Branch *branch, uint32_t index); // first or last of it
// `unit`: where the edge is in the store already; 0: it is copied there.
bool blocks_put(Timeline *timeline, const TimelineMoment *moment, const uint8_t *edge,
                size_t edge_bytes, uint32_t unit);
void blocks_seal(Timeline *timeline);  // the open block's inputs go to the store
void blocks_pump(Timeline *timeline);  // takes what the worker has made
void blocks_quiet(Timeline *timeline); // waits for it
bool blocks_moment(Timeline *timeline, const Branch *branch, uint64_t at, TimelineMoment *moment);

// timeline_room.c
// Room in the store for an edge of up to `bytes`, which is shrunk when it is known how many it has.
// 0: no memory.
uint32_t room_take(Timeline *timeline, size_t bytes);
// What is free goes back to the system, beside the frames: that takes a millisecond for each MiB.
void room_trim(Timeline *timeline);
void room_forget(Timeline *timeline);           // what was made ready is not waited for any more
size_t history_bytes(const Timeline *timeline); // in use, without it

// timeline_tree.c
bool table_open(Timeline *timeline, const Branch *branch, Arena *table, Fault *fault);
void table_close(Timeline *timeline, Branch *branch);
uint32_t *table_of(const Branch *branch); // from its first block on
Branch *branch_by_id(const Timeline *timeline, uint32_t id);
Branch *branch_owner(Branch *branch, uint64_t at);    // whose own moment `at` is, on the way to it
Branch *branch_fork(Timeline *timeline);              // where we stand; NULL: no room
void branch_drop(Timeline *timeline, Branch *branch); // with what forked from it
void branch_join(Timeline *timeline, Branch *parent, Branch *child); // the parent goes on as it
void branch_cut(Timeline *timeline, Branch *branch, uint64_t last);  // forgets what is later
bool branch_is_behind(const Branch *behind, const Branch *branch);
uint64_t branch_meet(const Branch *a, uint64_t a_at, const Branch *b, uint64_t b_at);

// timeline_builds.c
uint32_t build_of(const Timeline *timeline, Branch *branch, uint64_t at); // on the way to it

// timeline_seek.c
uint64_t seek_reachable(const Timeline *timeline, Branch *branch, uint64_t at);

// timeline_way.c
// `edge` NULL: what was handed over so far goes away when it returns (only of walk_best).
typedef bool EdgeUse(void *with, const uint8_t *edge, uint64_t bytes);
// Hands over the edges between two moments on the way to `branch`, whichever is later. False: one
// of them is not there, or `use` said so.
bool walk(const Timeline *timeline, Branch *branch, uint64_t from, uint64_t to, Arena *scratch,
          EdgeUse *use, void *with);
// The same by the cheapest way, which may lead past either of them; the edges stay where they are
// until the caller resets `scratch`, or `use` is told otherwise. Not beside a game that goes on: it
// looks at the branch up to its end.
bool walk_best(const Timeline *timeline, Branch *branch, uint64_t from, uint64_t to, Arena *scratch,
               EdgeUse *use, void *with);

// timeline_thin.c
// True when history, with what the worker is making, has no room for `more` bytes.
bool is_over_budget(const Timeline *timeline, uint64_t more);
uint64_t spare_bytes(const Timeline *timeline); // kept free, for what the worker makes
void thin(Timeline *timeline);

// timeline_keep.c
// Makes an index and a file of initials; the timeline lies in the one.
Timeline *keep_open(Fault *fault);
void keep_close(Timeline *timeline);   // the last thing that is done with it
void change_begin(Timeline *timeline); // of anything but the extra area
void change_end(Timeline *timeline);
bool initial_write(Timeline *timeline, Range *range, Fault *fault); // what its shadow holds
void initial_drop(Timeline *timeline, Range *range);
bool base_write(Timeline *timeline, Fault *fault); // all of them, as of here
void base_serve(Timeline *timeline);               // when the mirror asks for it

// timeline_write.c
#define KEEP_MAGIC   UINT64_C(0x7065656b706f6f6c) // "loopkeep"
#define KEEP_VERSION 1u

// A timeline in a file: the head; then for each branch a KeepBranch, the units of its blocks and
// the blocks; for each range a KeepRange and its runs; the inputs of the open block; the runs of
// the extra area. Each part begins at a multiple of 8. Runs: KeepRun and the pages, until one has
// no pages; other pages are zero. The bytes of the edges are in the store.
typedef struct KeepHead {
    uint64_t magic;
    uint32_t version, block_bytes;
    uint64_t own_hash; // of the head, with zero here
    uint64_t hash;     // of all behind it
    uint64_t bytes;    // behind it
    uint64_t store_serial, store_bytes;
    uint64_t sequence, next_born;
    uint64_t at, floor, left_count, captured, delta_bytes, inputs_bytes;
    uint32_t branch, tip; // slots; tip + 1, 0: none
    uint32_t next_branch, next_page;
    uint32_t branch_count, range_count;
    uint32_t thinned, floor_build;
    uint8_t input_shadow[512];
} KeepHead;

typedef struct KeepBranch {
    uint32_t slot, parent; // + 1; 0: none
    uint32_t id, block_count;
    uint64_t start, last, left_at, closed;
} KeepBranch;

typedef struct KeepRange {
    uint64_t bytes, watched, was;
    uint32_t first_page, reserved;
} KeepRange;

typedef struct KeepRun {
    uint32_t first, count; // pages
} KeepRun;

// Of a timeline whose shadows are as of where it stands; `extra`: TIMELINE_EXTRA_BYTES; `serial`:
// of the store when it was like that.
bool keep_write(const Timeline *timeline, const uint8_t *extra, uint64_t serial, int fd,
                Fault *fault);
bool is_zero_page(const uint8_t *page);

// timeline_adopt.c
void adopting_end(Timeline *timeline);

// timeline_sound.c
// What came from another process's memory, or from a file, can be used without looking out of
// bounds. `unit_count`: that the store has.
// A byte that is neither true nor false becomes true; nobody is at work on a block.
void branch_tidy(Branch *branch);
void block_tidy(Block *block);
bool branches_are_sound(const Timeline *timeline, Fault *fault);
bool block_is_sound(const Block *block, uint32_t unit_count);
// Once each of them is sound, and their tables are in place.
bool blocks_are_in_order(const Timeline *timeline, Fault *fault);
bool edge_is_sound(const uint8_t *edge, uint64_t bytes);

#endif
