// The moments are walked once, with the places that the value and the pointers to it lie in, as far
// as they are known: at first where they lead now. At a moment at which a pointer leads to a place
// that is not among them, the walk begins again there, with that place as well. So it costs more
// only where a pointer leads to ever new places.
#include "live_trace.h"

#include "live_internal.h"
#include "timeline_trace.h"

#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

typedef struct Tracing {
    const Live *live;
    const char *path;
    LiveTraceUse *use;
    void *with;
    uint32_t build; // whose terms the way is in
    bool has_way;   // that build has such a path
    LiveWay way;
    TimelineSpot spots[TIMELINE_SPOTS_MAX];
    uint32_t spot_count;
    uint64_t used; // a bit each for those that the sample hangs on
    LiveSample sample;
    bool is_known; // the sample is that of the moment before, which is the next later one
    bool again;    // from `next` on
    uint64_t next;
} Tracing;

// ------------------------------------------------------------------------------------------ spots

static bool is_followed(const Live *live, uintptr_t address, size_t bytes)
{
    return timeline_page_at(live->timeline, (const uint8_t *)address) != UINT32_MAX
           && timeline_page_at(live->timeline, (const uint8_t *)address + bytes - 1) != UINT32_MAX;
}

static void add_spot(Tracing *tracing, uintptr_t address, uint32_t bytes)
{
    if (tracing->spot_count == TIMELINE_SPOTS_MAX) {
        tracing->spot_count = 0; // those of this moment come back one by one
    }
    tracing->spots[tracing->spot_count++] =
        (TimelineSpot){.address = (const void *)address, .bytes = bytes};
}

static int find_spot(const Tracing *tracing, uintptr_t address, uint32_t bytes)
{
    for (uint32_t i = 0; i < tracing->spot_count; i++) {
        if ((uintptr_t)tracing->spots[i].address == address && tracing->spots[i].bytes == bytes) {
            return (int)i;
        }
    }
    return -1;
}

// A hole, between the segments of a library or behind what is used, is an error here, not a crash.
static bool read_memory(uintptr_t address, void *out, size_t bytes)
{
    struct iovec to = {out, bytes}, from = {(void *)address, bytes};
    return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)bytes;
}

// Constants lie in no range, and are the same in every moment.
static bool read_constant(const Live *live, uintptr_t address, void *out, size_t bytes)
{
    LiveImages images;
    live_look(live, &images);
    for (uint32_t i = 0; i < images.view.image_count; i++) {
        const GameLib *lib = images.libs[i];
        if (address - lib->image_first < lib->image_end - lib->image_first
            && bytes <= lib->image_end - address) {
            return read_memory(address, out, bytes);
        }
    }
    return false;
}

typedef enum Got { GOT, GOT_NOTHING, GOT_TO_GO_AGAIN } Got;

static Got get(Tracing *tracing, const TimelineTraced *traced, uintptr_t address, uint32_t bytes,
               void *out)
{
    int spot = find_spot(tracing, address, bytes);
    if (spot >= 0) {
        memcpy(out, traced->bytes[spot], bytes);
        tracing->used |= UINT64_C(1) << spot;
        return GOT;
    }
    if (is_followed(tracing->live, address, bytes)) {
        add_spot(tracing, address, bytes);
        return GOT_TO_GO_AGAIN;
    }
    return read_constant(tracing->live, address, out, bytes) ? GOT : GOT_NOTHING;
}

// Where they are in the memory as it is: nearly always they were there before.
static void guess_spots(Tracing *tracing)
{
    const LiveWay *way = &tracing->way;
    uintptr_t values[LIVE_WAY_STEPS] = {0};
    tracing->spot_count = 0;
    for (uint32_t i = 0; i <= way->step_count; i++) {
        bool is_value = i == way->step_count;
        LiveReach reach = is_value ? way->value : way->steps[i];
        uintptr_t base = reach.from < 0 ? 0 : values[reach.from], address = base + reach.offset;
        uint32_t bytes = is_value ? way->bytes : sizeof(uintptr_t);
        if ((reach.from >= 0 && base == 0) || !is_followed(tracing->live, address, bytes)) {
            continue;
        }
        add_spot(tracing, address, bytes);
        if (!is_value && !read_memory(address, &values[i], sizeof(values[i]))) {
            values[i] = 0;
        }
    }
}

// ---------------------------------------------------------------------------------------- moments

static Got reach(Tracing *tracing, const TimelineTraced *traced, LiveReach reach,
                 const uintptr_t *values, uint32_t bytes, void *out)
{
    uintptr_t base = reach.from < 0 ? 0 : values[reach.from];
    return reach.from >= 0 && base == 0 ? GOT_NOTHING
                                        : get(tracing, traced, base + reach.offset, bytes, out);
}

static Got take_sample(Tracing *tracing, const TimelineTraced *traced)
{
    const LiveWay *way = &tracing->way;
    uintptr_t values[LIVE_WAY_STEPS];
    Got got = tracing->has_way ? GOT : GOT_NOTHING;
    tracing->used = 0;
    tracing->sample = (LiveSample){.leaf = way->leaf, .size_bytes = way->bytes};
    for (uint32_t i = 0; i < way->step_count && got == GOT; i++) {
        got = reach(tracing, traced, way->steps[i], values, sizeof(values[i]), &values[i]);
    }
    if (got == GOT) {
        got = reach(tracing, traced, way->value, values, way->bytes, tracing->sample.bytes);
    }
    tracing->sample.has = got == GOT;
    tracing->sample.value = got == GOT ? live_leaf_value(&way->leaf, tracing->sample.bytes) : 0;
    return got;
}

static bool on_moment(void *with, const TimelineTraced *traced)
{
    Tracing *tracing = with;
    uint32_t build = traced->build ? traced->build : (uint32_t)tracing->live->first_build;
    bool is_same = tracing->is_known && (traced->changed & tracing->used) == 0;
    tracing->again = build != tracing->build;
    tracing->next = traced->at;
    if (tracing->again) {
        tracing->build = build;
        return false;
    }
    if (!is_same && take_sample(tracing, traced) == GOT_TO_GO_AGAIN) {
        tracing->again = true;
        return false;
    }
    tracing->is_known = true;
    tracing->sample.moment = tracing->live->base + traced->at;
    return tracing->use(tracing->with, &tracing->sample);
}

static void take_way(Tracing *tracing)
{
    Fault ignored;
    tracing->has_way =
        live_way(tracing->live, tracing->build, tracing->path, &tracing->way, &ignored);
    if (tracing->has_way) {
        guess_spots(tracing);
    } else {
        tracing->way = (LiveWay){0};
        tracing->spot_count = 0;
    }
}

bool live_trace(const Live *live, const char *path, LivePlace from, uint64_t first,
                LiveTraceUse *use, void *with, Fault *fault)
{
    Tracing tracing = {.live = live, .path = path, .use = use, .with = with};
    TimelinePlace place = live_to_timeline(live, from);
    uint64_t to = live_to_timeline(live, (LivePlace){from.branch, first}).at;
    bool ok = true;
    if (live->timeline) {
        uint64_t oldest = live_first_of(live, from.branch) - live->base;
        to = to > oldest ? to : oldest;
    }
    tracing.build = (uint32_t)live->generation;
    if (!live->timeline) {
        return fault_set(fault, FAULT_USAGE, "no history is kept, so nothing of the past is known");
    }
    if (!live_way(live, live->generation, path, &tracing.way, fault)) {
        return false;
    }
    for (uint32_t of = 0; of != tracing.build || tracing.again;) {
        if (of != tracing.build) {
            of = tracing.build;
            take_way(&tracing);
        }
        tracing.again = tracing.is_known = false;
        ok = timeline_trace(live->timeline, place, to, tracing.spots, tracing.spot_count, on_moment,
                            &tracing);
        place.at = tracing.again ? tracing.next : place.at;
    }
    return ok || fault_set(fault, FAULT_USAGE, "branch %u is not there (any more)", from.branch);
}

static bool take_first(void *with, const LiveSample *sample)
{
    *(LiveSample *)with = *sample;
    return false;
}

bool live_trace_at(const Live *live, const char *path, LivePlace place, LiveSample *sample,
                   Fault *fault)
{
    *sample = (LiveSample){0};
    return live_trace(live, path, place, 0, take_first, sample, fault);
}
