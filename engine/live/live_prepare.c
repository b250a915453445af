// The part of a swap that needs no frame: which variable is which other's counterpart, and whose
// initialiser was changed. Worked out by a thread while the old build plays on.
#include "live_internal.h"

#include "worker.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PREPARED_BYTES_MAX ((size_t)1 << 30)

struct LivePrepared {
    Arena own, memory; // memory: of the way itself
    Worker *worker;
    int fd;           // readable when it is done
    GameLib from, to; // copies: the originals change places
    LiveStep step;
    LiveTags *tags;
    LivePlan plan;          // carry NULL: none is prepared
    uint64_t written_bytes; // of the state, when it is carried out
    atomic_bool is_done;
    bool is_wanted; // begun, and not asked for so far
    bool has_asked; // history for room
};

static void prepare(void *with)
{
    LivePrepared *prepared = with;
    CarryBuild from = {.lib = &prepared->from, .table = prepared->from.about};
    CarryBuild to = {.lib = &prepared->to, .table = prepared->to.about};
    prepared->plan.migration =
        live_migration_open(&prepared->memory, &prepared->step, prepared->tags);
    prepared->written_bytes = live_migration_bytes(prepared->plan.migration, prepared->tags);
    prepared->plan.carry = carry_open(&prepared->memory, &from, &to);
    atomic_store(&prepared->is_done, true);
    uint64_t one = 1;
    (void)!write(prepared->fd, &one, sizeof(one));
}

// Nothing depends on it: without it a swap takes as long as it takes.
void live_prepare_open(Live *live)
{
    Arena own;
    Fault ignored;
    if (live->config.replay || !arena_open(&own, 0, 1u << 20, &ignored)) {
        return;
    }
    LivePrepared *prepared = live->prepared = ARENA_NEW(&own, LivePrepared, 1);
    prepared->own = own;
    prepared->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (prepared->fd < 0 || !arena_open(&prepared->memory, 0, PREPARED_BYTES_MAX, &ignored)
        || !(prepared->worker = worker_open(&prepared->own, "hotloop swap", &ignored))) {
        live_prepare_close(live);
    }
}

void live_prepare_close(Live *live)
{
    LivePrepared *prepared = live->prepared;
    if (prepared) {
        Arena own = prepared->own;
        worker_close(prepared->worker);
        if (prepared->fd >= 0) {
            close(prepared->fd);
        }
        arena_close(&prepared->memory);
        live->prepared = NULL;
        arena_close(&own);
    }
}

void live_prepare_forget(Live *live)
{
    LivePrepared *prepared = live->prepared;
    if (prepared) {
        worker_wait(prepared->worker);
        prepared->plan.carry = NULL;
        prepared->is_wanted = prepared->has_asked = false;
    }
    if (live->timeline) {
        timeline_prepare(live->timeline, 0);
    }
}

bool live_prepare(Live *live, const GameLib *lib)
{
    LivePrepared *prepared = live->prepared;
    if (!prepared || !live->now.game) {
        return false;
    }
    live_prepare_forget(live);
    arena_reset(&prepared->memory, 0);
    prepared->from = live->now;
    prepared->to = *lib;
    prepared->step = (LiveStep){.from = &prepared->from, .to = &prepared->to, .is_first = true};
    prepared->tags = live_tags(live, &prepared->memory);
    atomic_store(&prepared->is_done, false);
    prepared->is_wanted = worker_do(prepared->worker, prepare, prepared);
    return prepared->is_wanted;
}

// The first tick after it writes down all that it changed: the room for that is made ready as well.
static bool has_room(Live *live, LivePrepared *prepared)
{
    const uint64_t much = 4u << 20;
    if (!live->timeline || prepared->written_bytes < much) {
        return true;
    }
    if (!prepared->has_asked) {
        prepared->has_asked = true;
        timeline_prepare(live->timeline, prepared->written_bytes);
    }
    return timeline_is_prepared(live->timeline);
}

bool live_is_prepared(Live *live)
{
    LivePrepared *prepared = live->prepared;
    uint64_t count;
    if (!prepared || !prepared->is_wanted || !atomic_load(&prepared->is_done)) {
        return !prepared || !prepared->is_wanted;
    }
    (void)!read(prepared->fd, &count, sizeof(count));
    prepared->is_wanted = !has_room(live, prepared);
    return !prepared->is_wanted;
}

int live_prepared_fd(const Live *live)
{
    return live->prepared ? live->prepared->fd : -1;
}

const LivePlan *live_prepared(const Live *live, const GameLib *from, const GameLib *to)
{
    const LivePrepared *prepared = live->prepared;
    bool fits = prepared && prepared->plan.carry && !prepared->is_wanted
                && prepared->from.handle == from->handle && prepared->to.handle == to->handle;
    return fits ? &prepared->plan : NULL;
}
