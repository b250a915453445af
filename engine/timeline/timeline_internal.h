// What the files of the module share. The frame loop's thread owns all of it; the worker sees what
// a job of it names and the store (which has a lock); a reader sees a way that stays as it is.
#ifndef TIMELINE_INTERNAL_H
#define TIMELINE_INTERNAL_H
#include <pthread.h>
#include <stdatomic.h>

#include "timeline.h"
#include "worker.h"

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
} Store;

bool store_open(Store *store, size_t reserve_bytes, Fault *fault);
void store_close(Store *store);
// Room for `bytes`, aligned to a page; 0 when the address space or the system's memory is used up.
uint32_t store_take(Store *store, size_t bytes);
void store_give(Store *store, uint32_t unit, size_t bytes); // as taken
uint8_t *store_at(const Store *store, uint32_t unit);
size_t store_used_bytes(const Store *store);
// Gives free memory back to the system until `keep` units of it are left.
void store_trim(Store *store, uint32_t keep);
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

enum { FLAG_RESTART = 1, FLAG_FIRST_OF_BUILD = 2 };

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
} Range;

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
    Edge made[2];  // GROUP: whole, merged; BLOCK, LONGEST: merged; PACK: whole, merged
    uint64_t at[FAN];
    bool ok[2];
} Job;

struct Timeline {
    Arena keep, dirty_arena, worker_arena;
    Dirty *dirty;
    Worker *worker;
    size_t budget_bytes;
    Range ranges[TIMELINE_RANGES_MAX]; // [0] is the state (memory NULL: none yet)
    uint32_t range_count, next_page;
    Store store;
    Branch branches[TIMELINE_BRANCHES_MAX + 1];
    uint32_t next_branch;
    Branch *branch; // where we stand ...
    uint64_t at;    // ... and at which moment
    uint64_t floor; // no moment before it can be reached
    uint64_t left_count, captured, delta_bytes;
    bool thinned;
    uint32_t readers;
    uint64_t promised; // room of the jobs that are under way: counts as used
    Job jobs[JOBS];
    // The block that is being written: the last of `tip`, whose inputs are still here.
    Branch *tip;
    Arena inputs;
    uint64_t inputs_bytes;
    _Alignas(64) uint8_t input_shadow[512];
    uint64_t thin_at[3]; // moments on the way here up to which blocks have been looked at
    const Branch *thin_for;
    Arena pages, deltas, unpacked, touched;           // the frame thread's buffers
    Arena job_merge, job_out, job_pack, job_unpacked; // the worker's
};

// timeline.c
Range *range_of_page(Timeline *timeline, uint32_t page);
bool timeline_clean(Timeline *timeline, Fault *fault); // take and settle: nothing is dirty any more

// timeline_blocks.c
uint64_t edge_room(const Edge *edge); // bytes in the store
// The plain bytes of an edge; unpacked into `scratch` (behind what it holds) when they are packed.
const uint8_t *edge_bytes(const Store *store, const Edge *edge, Arena *scratch);
void edge_free(Timeline *timeline, Edge *edge);
Block *block_at(const Timeline *timeline, const Branch *branch, uint32_t index);
// The block of `branch` (itself, not its parents) that leads to `at`; NULL: none.
Block *block_of(const Timeline *timeline, const Branch *branch, uint64_t at, uint32_t *index);
void block_drop_group(Timeline *timeline, Block *block, uint32_t group);
void block_drop(Timeline *timeline, Branch *branch, uint32_t index); // first or last of it
bool blocks_put(Timeline *timeline, const TimelineMoment *moment, const uint8_t *edge,
                size_t edge_bytes);
void blocks_seal(Timeline *timeline);  // the open block's inputs go to the store
void blocks_pump(Timeline *timeline);  // takes what the worker has made
void blocks_quiet(Timeline *timeline); // waits for it
bool blocks_moment(Timeline *timeline, const Branch *branch, uint64_t at, TimelineMoment *moment);

// timeline_tree.c
Branch *branch_by_id(const Timeline *timeline, uint32_t id);
Branch *branch_owner(Branch *branch, uint64_t at);    // whose own moment `at` is, on the way to it
Branch *branch_fork(Timeline *timeline);              // where we stand; NULL: no room
void branch_drop(Timeline *timeline, Branch *branch); // with what forked from it
void branch_join(Timeline *timeline, Branch *parent, Branch *child); // the parent goes on as it
void branch_cut(Timeline *timeline, Branch *branch, uint64_t last);  // forgets what is later
bool branch_is_behind(const Branch *behind, const Branch *branch);
uint64_t branch_meet(const Branch *a, uint64_t a_at, const Branch *b, uint64_t b_at);

// timeline_seek.c
uint64_t seek_reachable(const Timeline *timeline, Branch *branch, uint64_t at);
typedef bool EdgeUse(void *with, const uint8_t *edge);
// Hands over the edges between two moments on the way to `branch`, whichever is later.
bool walk(const Timeline *timeline, Branch *branch, uint64_t from, uint64_t to, Arena *scratch,
          EdgeUse *use, void *with);

// timeline_thin.c
// True when history, with what the worker is making, has no room for `more` bytes.
bool is_over_budget(const Timeline *timeline, uint64_t more);
uint64_t spare_bytes(const Timeline *timeline); // kept free, for what the worker makes
void thin(Timeline *timeline);

#endif
