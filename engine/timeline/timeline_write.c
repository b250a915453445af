// A timeline as a file that another process can adopt: see KeepHead. The one that ends writes it
// itself, and the mirror does it for one that could not. Nothing here asks malloc for anything.
#include "timeline_internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

typedef struct Out {
    int fd;
    uint64_t at;
    bool failed;
} Out;

static void put_at(Out *out, const void *data, size_t bytes, uint64_t at)
{
    const uint8_t *from = data;
    while (bytes > 0 && !out->failed) {
        ssize_t n = pwrite(out->fd, from, bytes, (off_t)at);
        if (n > 0) {
            from += n;
            at += (uint64_t)n;
            bytes -= (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            out->failed = true;
        }
    }
}

// What lies between the parts stays a hole, which is zero.
static void put(Out *out, const void *data, size_t bytes)
{
    put_at(out, data, bytes, out->at);
    out->at = (out->at + bytes + 7) / 8 * 8;
}

static void put_runs(Out *out, const uint8_t *memory, size_t bytes)
{
    uint32_t count = (uint32_t)(bytes / PAGE_BYTES);
    for (uint32_t first = 0; first < count;) {
        uint32_t end = first;
        while (end < count && !is_zero_page(memory + (size_t)end * PAGE_BYTES)) {
            end++;
        }
        if (end > first) {
            KeepRun run = {first, end - first};
            put(out, &run, sizeof(run));
            put(out, memory + (size_t)first * PAGE_BYTES, (size_t)run.count * PAGE_BYTES);
        }
        first = end + 1;
    }
    put(out, &(KeepRun){0, 0}, sizeof(KeepRun));
}

static uint32_t slot_of(const Timeline *timeline, const Branch *branch)
{
    return (uint32_t)(branch - timeline->branches);
}

static void put_branch(Out *out, const Timeline *timeline, const Branch *branch)
{
    KeepBranch kept = {.slot = slot_of(timeline, branch),
                       .parent = branch->parent ? slot_of(timeline, branch->parent) + 1 : 0,
                       .id = branch->id,
                       .block_count = branch->block_count,
                       .start = branch->start,
                       .last = branch->last,
                       .left_at = branch->left_at,
                       .closed = branch->closed};
    put(out, &kept, sizeof(kept));
    put(out, table_of(branch), branch->block_count * sizeof(uint32_t));
    for (uint32_t i = 0; i < branch->block_count; i++) {
        put(out, block_at(timeline, branch, i), sizeof(Block));
    }
}

static void put_range(Out *out, const Range *range)
{
    KeepRange kept = {.bytes = range->bytes,
                      .watched = range->watched,
                      .was = (uintptr_t)range->memory,
                      .first_page = range->first_page};
    put(out, &kept, sizeof(kept));
    put_runs(out, range->shadow, range->watched);
}

_Static_assert(sizeof(KeepHead) % 8 == 0, "parts begin at a multiple of 8");

static KeepHead head_of(const Timeline *timeline, uint64_t serial)
{
    KeepHead head = {
        .magic = KEEP_MAGIC,
        .version = KEEP_VERSION,
        .block_bytes = sizeof(Block),
        .store_serial = serial,
        .store_bytes = timeline->store.arena.reserve_bytes,
        .sequence = atomic_load(&timeline->share.sequence),
        .next_born = timeline->next_born,
        .at = timeline->at,
        .floor = timeline->floor,
        .left_count = timeline->left_count,
        .captured = timeline->captured,
        .delta_bytes = timeline->delta_bytes,
        .inputs_bytes = timeline->inputs_bytes,
        .branch = slot_of(timeline, timeline->branch),
        .tip = timeline->tip ? slot_of(timeline, timeline->tip) + 1 : 0,
        .next_branch = timeline->next_branch,
        .next_page = timeline->next_page,
        .thinned = timeline->thinned,
        .floor_build = timeline->floor_build,
    };
    memcpy(head.input_shadow, timeline->input_shadow, sizeof(head.input_shadow));
    return head;
}

// The hashes are those of the file as it can be read back.
static bool seal(Out *out, KeepHead *head, Fault *fault)
{
    Arena all;
    if (out->failed || ftruncate(out->fd, (off_t)out->at) != 0) {
        return fault_set(fault, FAULT_MEMORY, "no memory for handing history over: %s",
                         strerror(errno));
    }
    if (!arena_open_file(&all, out->fd, false, fault)) {
        return false;
    }
    head->bytes = out->at - sizeof(*head);
    head->hash = hash_bytes(all.base + sizeof(*head), head->bytes);
    head->own_hash = hash_bytes(head, sizeof(*head));
    arena_close(&all);
    put_at(out, head, sizeof(*head), 0);
    return !out->failed
           || fault_set(fault, FAULT_MEMORY, "no memory for handing history over: %s",
                        strerror(errno));
}

bool keep_write(const Timeline *timeline, const uint8_t *extra, uint64_t serial, int fd,
                Fault *fault)
{
    Out out = {.fd = fd, .at = sizeof(KeepHead), .failed = ftruncate(fd, 0) != 0};
    KeepHead head = head_of(timeline, serial);
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        if (timeline->branches[i].alive) {
            put_branch(&out, timeline, &timeline->branches[i]);
            head.branch_count++;
        }
    }
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        if (timeline->ranges[i].memory) {
            put_range(&out, &timeline->ranges[i]);
            head.range_count++;
        }
    }
    put(&out, timeline->inputs.base, timeline->inputs_bytes);
    put_runs(&out, extra, TIMELINE_EXTRA_BYTES);
    return seal(&out, &head, fault);
}

bool timeline_hand_over(Timeline *timeline, int fd, Fault *fault)
{
    if (!timeline->is_kept || timeline->changing > 0 || !timeline->ranges[0].memory) {
        return fault_set(fault, FAULT_MEMORY, "history cannot be handed over: %s",
                         !timeline->is_kept       ? "it is this process's own"
                         : timeline->changing > 0 ? "it was just being changed"
                                                  : "it has not begun");
    }
    atomic_store(&timeline->share.is_claimed, 1);
    uint64_t serial = atomic_load(&store_head(&timeline->store)->serial);
    return keep_write(timeline, timeline->keep.base + INDEX_EXTRA, serial, fd, fault);
}
