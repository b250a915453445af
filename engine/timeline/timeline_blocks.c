// The edges of history: sixteen to a group, sixteen groups to a block. The worker puts a full
// group's edges together and adds them up, then groups to blocks, then blocks to the longest edges,
// and packs what has become cold. It only reads what does not change any more; the frame thread
// takes over what it made, and waits for it before it frees anything.
#include "timeline_internal.h"

#include "pack.h"

#include <assert.h>
#include <string.h>

enum { PACK_LEVEL = 1 };

// ----------------------------------------------------------------------------------------- edges

uint64_t edge_room(const Edge *edge)
{
    return edge->packed ? edge->packed : edge->bytes + DELTA_SLACK_BYTES;
}

const uint8_t *edge_bytes(const Store *store, const Edge *edge, Arena *scratch)
{
    const uint8_t *data = edge->unit ? store_at(store, edge->unit) : NULL;
    if (!edge->packed || !data) {
        return data;
    }
    uint8_t *plain = arena_try_push(scratch, 1, 64, edge->bytes + DELTA_SLACK_BYTES);
    return plain && unpack(plain, edge->bytes, data, edge->packed) ? plain : NULL;
}

void edge_free(Timeline *timeline, Edge *edge)
{
    if (edge->unit) {
        store_give(&timeline->store, edge->unit, edge_room(edge));
    }
    *edge = (Edge){0};
}

// `bytes` to the store, packed when `packs` and it helps. Unit 0: no memory.
static Edge store_edge(Store *store, const uint8_t *data, uint64_t bytes, bool packs, Arena *buffer)
{
    Edge edge = {.bytes = bytes};
    uint8_t *out = packs ? buffer_room(buffer, pack_bound(bytes)) : NULL;
    if (out) {
        edge.packed = pack(out, buffer->used_bytes, data, bytes, PACK_LEVEL);
        data = edge.packed ? out : data;
    }
    edge.unit = store_take(store, edge_room(&edge));
    if (edge.unit) {
        memcpy(store_at(store, edge.unit), data, edge.packed ? edge.packed : bytes);
    }
    return edge;
}

static const uint32_t *edge_pages(const uint8_t *edge)
{
    return (const uint32_t *)(const void *)(edge + sizeof(EdgeHead));
}

static const uint8_t *edge_deltas(const uint8_t *edge)
{
    const EdgeHead *head = (const EdgeHead *)(const void *)edge;
    return edge + sizeof(EdgeHead) + (head->pages * sizeof(uint32_t) + 7) / 8 * 8;
}

typedef struct Cursor {
    const uint32_t *page, *end;
    const uint8_t *delta;
} Cursor;

// Page numbers ascend by range, and an edge's are sorted when it is made, so equal ones meet.
static bool merge(Timeline *timeline, const uint8_t *const *parts, uint32_t count, uint64_t *bytes)
{
    Cursor cursors[FAN];
    uint64_t room = sizeof(EdgeHead), pages = 0;
    for (uint32_t i = 0; i < count; i++) {
        const EdgeHead *head = (const EdgeHead *)(const void *)parts[i];
        cursors[i] = (Cursor){edge_pages(parts[i]), edge_pages(parts[i]) + head->pages,
                              edge_deltas(parts[i])};
        pages += head->pages;
    }
    room += pages * (sizeof(uint32_t) + DELTA_MAX_BYTES) + DELTA_SLACK_BYTES + 8;
    // Numbers at the front, deltas in a buffer of their own until their count is known.
    uint8_t *list = buffer_room(&timeline->job_merge, pages * sizeof(uint32_t) + 16);
    uint8_t *out = buffer_room(&timeline->job_out, room);
    if (!list || !out) {
        return false;
    }
    uint32_t *numbers = (uint32_t *)(void *)list, made = 0;
    uint8_t *deltas = out + sizeof(EdgeHead) + pages * sizeof(uint32_t) + 8, *at = deltas;
    _Alignas(64) uint8_t sum[DELTA_PAGE_BYTES + DELTA_SLACK_BYTES];
    for (;;) {
        uint32_t page = UINT32_MAX;
        for (uint32_t i = 0; i < count; i++) {
            page = cursors[i].page < cursors[i].end && *cursors[i].page < page ? *cursors[i].page
                                                                               : page;
        }
        if (page == UINT32_MAX) {
            break;
        }
        memset(sum, 0, DELTA_PAGE_BYTES);
        for (uint32_t i = 0; i < count; i++) {
            if (cursors[i].page < cursors[i].end && *cursors[i].page == page) {
                cursors[i].delta += delta_apply(cursors[i].delta, sum);
                cursors[i].page++;
            }
        }
        size_t n = delta_from_zero(at, sum);
        if (n > 0) {
            numbers[made++] = page;
            at += n;
        }
    }
    size_t delta_bytes = (size_t)(at - deltas);
    size_t head_bytes = sizeof(EdgeHead) + (made * sizeof(uint32_t) + 7) / 8 * 8;
    memcpy(out + sizeof(EdgeHead), numbers, made * sizeof(uint32_t));
    memmove(out + head_bytes, deltas, delta_bytes);
    *bytes = (head_bytes + delta_bytes + 7) / 8 * 8;
    *(EdgeHead *)(void *)out = (EdgeHead){.bytes = *bytes, .pages = made};
    return true;
}

Block *block_in(const Timeline *timeline, uint32_t unit)
{
    return (Block *)(void *)(timeline->blocks + (size_t)unit * PAGE_BYTES);
}

void block_touch(const Timeline *timeline, Block *block)
{
    block->stamp = atomic_load_explicit(&timeline->share.sequence, memory_order_relaxed);
}

static bool edge_unit(const Edge *edge, UnitUse *use, void *with)
{
    return !edge->unit || use(with, edge->unit, edge_room(edge));
}

bool block_units(const Block *block, UnitUse *use, void *with)
{
    bool ok = edge_unit(&block->merged, use, with) && edge_unit(&block->longest, use, with)
              && (!block->inputs_unit
                  || use(with, block->inputs_unit, block->inputs_bytes + DELTA_SLACK_BYTES));
    for (uint32_t g = 0; g < FAN && ok; g++) {
        const Group *group = &block->groups[g];
        ok = edge_unit(&group->whole, use, with) && edge_unit(&group->merged, use, with);
        for (uint32_t i = 0; i < FAN && ok; i++) {
            ok =
                !group->raw[i] || use(with, group->raw[i], group->raw_bytes[i] + DELTA_SLACK_BYTES);
        }
    }
    return ok;
}

// ------------------------------------------------------------------------------------ the worker

static void do_group(Job *job)
{
    Timeline *timeline = job->timeline;
    Block *block = block_in(timeline, job->units[0]);
    const Group *group = &block->groups[job->group];
    const uint8_t *parts[FAN];
    uint64_t bytes = 0, total = 0;
    for (uint32_t i = 0; i < FAN; i++) {
        parts[i] = store_at(&timeline->store, group->raw[i]);
        job->at[i] = total;
        total += group->raw_bytes[i];
    }
    if (merge(timeline, parts, FAN, &bytes)) {
        job->made[1] =
            store_edge(&timeline->store, timeline->job_out.base, bytes, false, &timeline->job_pack);
        job->ok[1] = job->made[1].unit != 0;
    }
    uint8_t *out = buffer_room(&timeline->job_out, total);
    for (uint32_t i = 0; out && i < FAN; i++) {
        memcpy(out + job->at[i], parts[i], group->raw_bytes[i]);
    }
    if (out) {
        job->made[0] = store_edge(&timeline->store, out, total, false, &timeline->job_pack);
        job->ok[0] = job->made[0].unit != 0;
    }
}

static void do_sum(Job *job)
{
    Timeline *timeline = job->timeline;
    const uint8_t *parts[FAN];
    uint64_t bytes;
    arena_reset(&timeline->job_unpacked, 0);
    for (uint32_t i = 0; i < FAN; i++) {
        Block *block = block_in(timeline, job->units[job->kind == JOB_BLOCK ? 0 : i]);
        const Edge *edge = job->kind == JOB_BLOCK ? &block->groups[i].merged : &block->merged;
        parts[i] = edge_bytes(&timeline->store, edge, &timeline->job_unpacked);
        if (!parts[i]) {
            return;
        }
    }
    if (merge(timeline, parts, FAN, &bytes)) {
        // A block's sum stays plain while there is room for it: a far seek takes several of them,
        // and unpacking one costs as much again as applying it.
        bool packs = job->kind == JOB_LONGEST || job->is_tight;
        job->made[0] =
            store_edge(&timeline->store, timeline->job_out.base, bytes, packs, &timeline->job_pack);
        job->ok[0] = job->made[0].unit != 0;
    }
}

static void do_pack(Job *job)
{
    Timeline *timeline = job->timeline;
    const Block *block = block_in(timeline, job->units[0]);
    const Group *group = &block->groups[job->group];
    const Edge *edges[3] = {&group->whole, &group->merged, &block->merged};
    for (int i = 0; i < (job->is_tight ? 3 : 2); i++) {
        if (edges[i]->unit && !edges[i]->packed) {
            job->made[i] = store_edge(&timeline->store, store_at(&timeline->store, edges[i]->unit),
                                      edges[i]->bytes, true, &timeline->job_pack);
            job->ok[i] = job->made[i].unit != 0;
        }
    }
}

static void work(void *with)
{
    enum { KEEP_BYTES = 64 << 20 };
    Job *job = with;
    if (job->kind == JOB_GROUP) {
        do_group(job);
    } else if (job->kind == JOB_PACK) {
        do_pack(job);
    } else {
        do_sum(job);
    }
    buffer_calm(&job->timeline->job_merge, KEEP_BYTES);
    buffer_calm(&job->timeline->job_out, KEEP_BYTES);
    buffer_calm(&job->timeline->job_pack, KEEP_BYTES);
    arena_reset(&job->timeline->job_unpacked, 0);
    atomic_store(&job->done, true);
}

// -------------------------------------------------------------------------------- asking for work

static uint64_t job_room(const Timeline *timeline, JobKind kind, const uint32_t *units,
                         uint32_t group, bool is_tight)
{
    const Block *block = block_in(timeline, units[0]);
    const Group *one = &block->groups[group];
    uint64_t room = 3 * (PAGE_BYTES + DELTA_SLACK_BYTES); // rounded up, up to three edges
    for (uint32_t i = 0; i < FAN; i++) {
        if (kind == JOB_GROUP) {
            room += 2 * one->raw_bytes[i]; // one after the other, and a sum that is no larger
        } else if (kind == JOB_BLOCK) {
            room += block->groups[i].merged.bytes;
        } else if (kind == JOB_LONGEST) {
            room += block_in(timeline, units[i])->merged.bytes;
        }
    }
    return kind == JOB_PACK
               ? room + one->whole.bytes + one->merged.bytes + (is_tight ? block->merged.bytes : 0)
               : room;
}

static bool ask(Timeline *timeline, JobKind kind, const uint32_t *units, uint32_t unit_count,
                uint32_t group)
{
    Job *job = NULL;
    for (uint32_t i = 0; i < JOBS && !job; i++) {
        job = timeline->jobs[i].in_use ? NULL : &timeline->jobs[i];
    }
    if (!job || timeline->readers > 0) {
        return false;
    }
    // Of the budget so much is used that sizes matter more than the time of a far seek.
    bool is_tight = is_over_budget(timeline, timeline->budget_bytes / 2);
    uint64_t room = job_room(timeline, kind, units, group, is_tight);
    // And as much again as comes in one capture of its kind: or that one would wait for the job.
    if (is_over_budget(timeline, room + room / 2)) {
        return false;
    }
    *job = (Job){.timeline = timeline,
                 .kind = kind,
                 .in_use = true,
                 .unit_count = unit_count,
                 .group = group,
                 .is_tight = is_tight,
                 .room = room};
    memcpy(job->units, units, unit_count * sizeof(*units));
    for (uint32_t i = 0; i < unit_count; i++) {
        block_in(timeline, units[i])->jobs++;
    }
    if (!worker_do(timeline->worker, work, job)) {
        for (uint32_t i = 0; i < unit_count; i++) {
            block_in(timeline, units[i])->jobs--;
        }
        job->in_use = false;
        return false;
    }
    timeline->promised += room;
    return true;
}

static void take_edge(Timeline *timeline, Edge *to, const Edge *made)
{
    edge_free(timeline, to);
    *to = *made;
}

static void take_group(Timeline *timeline, Job *job, Group *group)
{
    if (job->ok[0]) {
        for (uint32_t i = 0; i < FAN; i++) {
            store_give(&timeline->store, group->raw[i], group->raw_bytes[i] + DELTA_SLACK_BYTES);
            group->raw[i] = 0;
        }
        memcpy(group->at, job->at, sizeof(group->at));
        group->whole = job->made[0];
        group->has_whole = true;
    }
    if (job->ok[1]) {
        group->merged = job->made[1];
        group->has_merged = true;
    }
}

static void take_job(Timeline *timeline, Job *job)
{
    Block *block = block_in(timeline, job->units[job->unit_count - 1]);
    change_begin(timeline);
    block_touch(timeline, block);
    for (uint32_t i = 0; i < job->unit_count; i++) {
        block_in(timeline, job->units[i])->jobs--;
    }
    if (job->kind == JOB_GROUP) {
        take_group(timeline, job, &block->groups[job->group]);
    } else if (job->kind == JOB_PACK) {
        Group *group = &block->groups[job->group];
        if (job->ok[0]) {
            take_edge(timeline, &group->whole, &job->made[0]);
        }
        if (job->ok[1]) {
            take_edge(timeline, &group->merged, &job->made[1]);
        }
        if (job->ok[2]) {
            take_edge(timeline, &block->merged, &job->made[2]);
        }
    } else if (job->ok[0]) {
        *(job->kind == JOB_BLOCK ? &block->merged : &block->longest) = job->made[0];
        *(job->kind == JOB_BLOCK ? &block->has_merged : &block->has_longest) = true;
    }
    change_end(timeline);
    timeline->promised -= job->room;
    job->in_use = false;
}

static bool has_all_edges(const Group *group)
{
    for (uint32_t i = 0; i < FAN; i++) {
        if (!group->raw[i]) {
            return false; // the oldest end of history may begin in the middle of it
        }
    }
    return true;
}

static bool has_all_groups(const Block *block)
{
    if (block->count != BLOCK) {
        return false;
    }
    for (uint32_t i = 0; i < FAN; i++) {
        if (!block->groups[i].has_merged) {
            return false;
        }
    }
    return true;
}

// The sixteen blocks that end with the index-th, when all of them are full and summed up, and
// nobody is about to pack the sum of one.
static bool longest_units(const Timeline *timeline, const Branch *branch, uint32_t index,
                          uint32_t units[FAN])
{
    const Block *last = block_at(timeline, branch, index);
    if (index + 1 < FAN || (last->first + BLOCK) % LONGEST != 0) {
        return false;
    }
    for (uint32_t i = 0; i < FAN; i++) {
        const Block *block = block_at(timeline, branch, index + 1 - FAN + i);
        if (!block->has_merged || block->level > 1 || block->jobs > 0
            || block->first != last->first - (uint64_t)(FAN - 1 - i) * BLOCK) {
            return false;
        }
        units[i] = table_of(branch)[index + 1 - FAN + i];
    }
    return true;
}

// What could be made of the block now. One thing at a time.
static void look_for_work(Timeline *timeline, Branch *branch, uint32_t index)
{
    Block *block = block_at(timeline, branch, index);
    uint32_t unit = table_of(branch)[index], units[FAN];
    if (block->jobs > 0 || block->level > 0) {
        return;
    }
    uint64_t base = block->first / BLOCK * BLOCK;
    for (uint32_t g = 0; g < FAN; g++) {
        uint64_t first = base + g * FAN;
        bool full = first >= block->first && first + FAN <= block->first + block->count;
        if (full && !block->groups[g].has_whole && has_all_edges(&block->groups[g])) {
            (void)ask(timeline, JOB_GROUP, &unit, 1, g);
            return;
        }
    }
    bool cold =
        branch != timeline->branch || block->first + block->count + PACK_AFTER < branch->last;
    if (has_all_groups(block) && !block->has_merged) {
        (void)ask(timeline, JOB_BLOCK, &unit, 1, 0);
    } else if (!block->has_longest && longest_units(timeline, branch, index, units)) {
        (void)ask(timeline, JOB_LONGEST, units, FAN, 0);
    } else if (cold && block->packed < FAN) {
        Group *group = &block->groups[block->packed];
        if (!group->has_whole || ask(timeline, JOB_PACK, &unit, 1, block->packed)) {
            block->packed++;
        }
    }
}

void blocks_pump(Timeline *timeline)
{
    enum { LOOK_BACK = 40 };
    if (timeline->readers > 0) {
        return; // somebody reads what would be replaced
    }
    bool any = false;
    for (uint32_t i = 0; i < JOBS; i++) {
        Job *job = &timeline->jobs[i];
        if (job->in_use && atomic_load(&job->done)) {
            take_job(timeline, job);
        }
        any |= !job->in_use;
    }
    Branch *branch = timeline->branch;
    uint32_t count = any ? branch->block_count : 0;
    for (uint32_t i = 0; i < LOOK_BACK && i < count; i++) {
        look_for_work(timeline, branch, count - 1 - i);
    }
}

void blocks_quiet(Timeline *timeline)
{
    worker_wait(timeline->worker);
    for (uint32_t i = 0; i < JOBS; i++) {
        if (timeline->jobs[i].in_use) {
            take_job(timeline, &timeline->jobs[i]);
        }
    }
}

// ---------------------------------------------------------------------------------------- blocks

Block *block_at(const Timeline *timeline, const Branch *branch, uint32_t index)
{
    return block_in(timeline, table_of(branch)[index]);
}

Block *block_of(const Timeline *timeline, const Branch *branch, uint64_t at, uint32_t *index)
{
    uint32_t low = 0, high = __atomic_load_n(&branch->block_count, __ATOMIC_ACQUIRE);
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const Block *block = block_at(timeline, branch, middle);
        if (at <= block->first) {
            high = middle;
        } else if (at > block->first + block->count) {
            low = middle + 1;
        } else {
            *index = middle;
            return (Block *)(uintptr_t)block;
        }
    }
    return NULL;
}

void block_drop_group(Timeline *timeline, Block *block, uint32_t number)
{
    Group *group = &block->groups[number];
    if (block->jobs > 0) {
        blocks_quiet(timeline);
    }
    block_touch(timeline, block);
    for (uint32_t i = 0; i < FAN; i++) {
        if (group->raw[i]) {
            store_give(&timeline->store, group->raw[i], group->raw_bytes[i] + DELTA_SLACK_BYTES);
        }
    }
    edge_free(timeline, &group->whole);
    edge_free(timeline, &group->merged);
    *group = (Group){0};
}

void block_drop(Timeline *timeline, Branch *branch, uint32_t index)
{
    Block *block = block_at(timeline, branch, index);
    if (block->jobs > 0) {
        blocks_quiet(timeline);
    }
    for (uint32_t g = 0; g < FAN; g++) {
        block_drop_group(timeline, block, g);
    }
    edge_free(timeline, &block->merged);
    edge_free(timeline, &block->longest);
    if (block->inputs_unit) {
        store_give(&timeline->store, block->inputs_unit, block->inputs_bytes + DELTA_SLACK_BYTES);
    }
    store_give(&timeline->store, table_of(branch)[index], sizeof(Block));
    branch->block_count--;
    if (index == 0) {
        branch->block_first++;
    } else {
        arena_reset(&branch->table, branch->table.used_bytes - sizeof(uint32_t));
    }
}

void blocks_seal(Timeline *timeline)
{
    Branch *tip = timeline->tip;
    timeline->tip = NULL;
    if (!tip || tip->block_count == 0) {
        return;
    }
    Block *block = block_at(timeline, tip, tip->block_count - 1);
    change_begin(timeline);
    block_touch(timeline, block);
    block->inputs_bytes = timeline->inputs_bytes;
    block->inputs_unit = store_take(&timeline->store, block->inputs_bytes + DELTA_SLACK_BYTES);
    if (block->inputs_unit) {
        memcpy(store_at(&timeline->store, block->inputs_unit), timeline->inputs.base,
               block->inputs_bytes);
    }
    change_end(timeline);
}

static Block *open_block(Timeline *timeline, Branch *branch)
{
    blocks_seal(timeline);
    uint32_t unit = store_take(&timeline->store, sizeof(Block));
    uint32_t *entry =
        unit ? arena_try_push(&branch->table, sizeof(uint32_t), sizeof(uint32_t), 1) : NULL;
    if (!entry) {
        return NULL;
    }
    *entry = unit;
    Block *block = block_in(timeline, unit);
    memset(block, 0, sizeof(*block));
    block->first = branch->last;
    block->born = ++timeline->next_born;
    // A reader on another thread may be searching the branch: it finds the block finished or not.
    __atomic_store_n(&branch->block_count, branch->block_count + 1, __ATOMIC_RELEASE);
    timeline->tip = branch;
    timeline->inputs_bytes = 0;
    memset(timeline->input_shadow, 0, sizeof(timeline->input_shadow));
    return block;
}

static void put_input(Timeline *timeline, const hl_input *input)
{
    _Alignas(64) uint8_t lines[512] = {0};
    memcpy(lines, input, sizeof(*input));
    timeline->inputs_bytes += delta_take_lines(timeline->inputs.base + timeline->inputs_bytes,
                                               lines, timeline->input_shadow, 8);
}

bool blocks_put(Timeline *timeline, const TimelineMoment *moment, const uint8_t *edge,
                size_t edge_bytes_, uint32_t unit)
{
    Branch *branch = timeline->branch;
    Block *block = NULL;
    if (timeline->tip == branch && branch->last % BLOCK != 0) {
        block = block_at(timeline, branch, branch->block_count - 1);
    }
    bool is_there = unit != 0;
    unit = is_there ? unit : store_take(&timeline->store, edge_bytes_ + DELTA_SLACK_BYTES);
    if (!unit || (!block && !(block = open_block(timeline, branch)))) {
        return false;
    }
    if (!is_there) {
        memcpy(store_at(&timeline->store, unit), edge, edge_bytes_);
    }
    block_touch(timeline, block);
    uint64_t base = block->first / BLOCK * BLOCK, within = branch->last - base;
    Group *group = &block->groups[within / FAN];
    group->raw[within % FAN] = unit;
    group->raw_bytes[within % FAN] = edge_bytes_;
    uint32_t nth = block->count++;
    block->builds[nth] = moment->build;
    block->flags[nth] = (uint8_t)((moment->restart ? FLAG_RESTART : 0)
                                  | (moment->first_of_build ? FLAG_FIRST_OF_BUILD : 0)
                                  | (moment->edit ? FLAG_EDIT : 0));
    put_input(timeline, &moment->input);
    branch->last++;
    return true;
}

bool blocks_moment(Timeline *timeline, const Branch *branch, uint64_t at, TimelineMoment *moment)
{
    uint32_t index;
    const Block *block = block_of(timeline, branch, at, &index);
    if (!block) {
        return false;
    }
    const uint8_t *from = timeline->inputs.base;
    if (block->inputs_unit) { // sealed: all that a reader on another thread ever sees
        from = store_at(&timeline->store, block->inputs_unit);
    } else if (timeline->tip != branch || index + 1 != branch->block_count) {
        return false;
    }
    _Alignas(64) uint8_t lines[DELTA_PAGE_BYTES + DELTA_SLACK_BYTES];
    memset(lines, 0, 512);
    uint32_t nth = (uint32_t)(at - block->first - 1);
    for (uint32_t i = 0; i <= nth; i++) {
        from += delta_apply(from, lines);
    }
    moment->restart = (block->flags[nth] & FLAG_RESTART) != 0;
    moment->first_of_build = (block->flags[nth] & FLAG_FIRST_OF_BUILD) != 0;
    moment->edit = (block->flags[nth] & FLAG_EDIT) != 0;
    moment->build = block->builds[nth];
    memcpy(&moment->input, lines, sizeof(moment->input));
    return true;
}
