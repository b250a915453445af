// The full build has just taken the place of the fast build of the same sources: do the two do the
// same? The last ticks that the fast one ran are run again by the full one, from the same state
// with the same input, and compared with what it had left. Nothing of that stays: what plays on is
// the full build with the state as it was.
#include "live_runs.h"

#include <stdlib.h>
#include <string.h>

// Contents: what ticks changed, one tick again, comparing, words, the check.

enum {
    SEAM_TICKS = 3, // without --synctest
    TICKS_KEPT = 64,
    PAGES_KEPT = 1 << 16,
    ALL_TICKS_KEPT = 1 << 20, // with it: hours
    ALL_PAGES_KEPT = 1 << 28,
    HASHED_BYTES_MAX = 1 << 20 // of a state that is hashed between two frames
};
#define BUDGET_NS (4 * NS_PER_MS) // of the frame that swaps
#define ALONE_NS  (NS_PER_MS / 5) // what it takes beside tick and fit

// ------------------------------------------------------------------------------ what ticks changed

// Which pages the full build may leave alone that the fast one changed, nobody knows afterwards.
typedef struct FastTick {
    TimelinePlace place;
    uint64_t first_page, page_count;
} FastTick;

struct LiveFastTicks {
    Arena ticks_memory, pages_memory;
    FastTick *ticks;
    uint32_t *pages;
    uint64_t tick_count, tick_max, page_count, page_max;
    uint64_t tick_ns; // what the quickest one took: what disturbs only adds; 0: none has run
};

void live_fast_begin(Live *live)
{
    LiveFastTicks *log = live->fast_ticks;
    if (!live->now.is_fast) {
        return;
    }
    if (!log) {
        bool all = live->config.synctest > 0;
        log = live->fast_ticks = ARENA_NEW(&live->keep, LiveFastTicks, 1);
        log->tick_max = all ? ALL_TICKS_KEPT : TICKS_KEPT;
        log->page_max = all ? ALL_PAGES_KEPT : PAGES_KEPT;
        Fault ignored;
        if (!arena_open(&log->ticks_memory, 0, log->tick_max * sizeof(FastTick), &ignored)
            || !arena_open(&log->pages_memory, 0, log->page_max * sizeof(uint32_t), &ignored)) {
            log->tick_max = log->page_max = 0; // then nothing is checked, which is said
        }
        log->ticks = (FastTick *)(void *)log->ticks_memory.base;
        log->pages = (uint32_t *)(void *)log->pages_memory.base;
    }
    log->tick_count = log->page_count = log->tick_ns = 0;
    arena_reset(&log->ticks_memory, 0);
    arena_reset(&log->pages_memory, 0);
}

void live_fast_end(Live *live)
{
    if (live->fast_ticks) {
        arena_close(&live->fast_ticks->ticks_memory);
        arena_close(&live->fast_ticks->pages_memory);
    }
}

void live_fast_ran(Live *live, uint64_t tick_ns)
{
    if (live->fast_ticks) {
        LiveFastTicks *log = live->fast_ticks;
        log->tick_ns = log->tick_ns && log->tick_ns < tick_ns ? log->tick_ns : tick_ns;
    }
}

// The oldest go, but for the few that are wanted.
static void make_room(LiveFastTicks *log)
{
    uint64_t kept = log->tick_count < SEAM_TICKS ? log->tick_count : SEAM_TICKS;
    uint64_t pages = 0;
    for (uint64_t i = 0; i < kept; i++) {
        FastTick *tick = &log->ticks[i];
        *tick = log->ticks[log->tick_count - kept + i];
        memmove(log->pages + pages, log->pages + tick->first_page,
                (size_t)tick->page_count * sizeof(uint32_t));
        tick->first_page = pages;
        pages += tick->page_count;
    }
    log->tick_count = kept;
    log->page_count = pages;
    arena_reset(&log->ticks_memory, (size_t)kept * sizeof(FastTick));
    arena_reset(&log->pages_memory, (size_t)pages * sizeof(uint32_t));
}

void live_fast_moment(Live *live, const TimelineCapture *took)
{
    LiveFastTicks *log = live->fast_ticks;
    if (!live->now.is_fast || !log || took->page_count > log->page_max / (2 * SEAM_TICKS)) {
        return;
    }
    if (log->tick_count == log->tick_max || log->page_count + took->page_count > log->page_max) {
        make_room(log);
    }
    FastTick *tick = arena_try_push(&log->ticks_memory, sizeof(FastTick), 8, 1);
    uint32_t *pages = arena_try_push(&log->pages_memory, sizeof(uint32_t), 4, took->page_count);
    if (!tick || !pages) {
        return;
    }
    *tick = (FastTick){.place = timeline_owner(live->timeline, timeline_here(live->timeline)),
                       .first_page = log->page_count,
                       .page_count = took->page_count};
    memcpy(pages, took->pages, took->page_count * sizeof(uint32_t));
    log->tick_count++;
    log->page_count += took->page_count;
}

static const FastTick *fast_tick(const Live *live, TimelinePlace place)
{
    const LiveFastTicks *log = live->fast_ticks;
    place = timeline_owner(live->timeline, place);
    for (uint64_t i = log ? log->tick_count : 0; i > 0; i--) {
        const FastTick *tick = &log->ticks[i - 1];
        if (tick->place.branch == place.branch && tick->place.at == place.at) {
            return tick;
        }
    }
    return NULL;
}

// ---------------------------------------------------------------------------------- one tick again

// Memory as of that moment, in the terms of the full build.
static bool go_to(Live *live, TimelinePlace to)
{
    TimelinePlace reached;
    Fault ignored;
    if (!timeline_seek(live->timeline, to, &reached, &ignored)) {
        return false;
    }
    live->fitted = live_build_here(live);
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
    return live_fit(live, &ignored) && reached.at == to.at;
}

static int by_address(const void *left, const void *right)
{
    const uint8_t *a = *(const uint8_t *const *)left, *b = *(const uint8_t *const *)right;
    return (a > b) - (a < b);
}

// What the second run left in the pages that one of the two may have changed.
static bool keep_second(Live *live, const FastTick *tick, LivePages *kept)
{
    const DirtySpan *spans;
    size_t count;
    Fault ignored;
    if (!timeline_written(live->timeline, &spans, &count, &ignored)) {
        return false;
    }
    size_t room = (size_t)tick->page_count + live_span_pages(spans, count);
    const uint8_t **pages = arena_try_push(&live->sync_memory, sizeof(void *), 16, room + 1);
    uint8_t *bytes = arena_try_push(&live->sync_memory, PAGE_BYTES, 16, room);
    size_t all = 0, n = 0;
    if (!pages || !bytes) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        for (uintptr_t at = spans[i].first; at < spans[i].end; at += PAGE_BYTES) {
            pages[all++] = (const uint8_t *)at;
        }
    }
    for (uint64_t i = 0; i < tick->page_count; i++) {
        uint32_t page = live->fast_ticks->pages[tick->first_page + i];
        pages[all] = timeline_page_memory(live->timeline, page);
        all += pages[all] != NULL;
    }
    qsort(pages, all, sizeof(*pages), by_address);
    for (size_t i = 0; i < all; i++) {
        if (live_is_the_games(live, pages[i]) && (n == 0 || pages[n - 1] != pages[i])) {
            pages[n] = pages[i];
            memcpy(bytes + n * PAGE_BYTES, pages[n], PAGE_BYTES);
            n++;
        }
    }
    *kept = (LivePages){pages, bytes, n};
    return true;
}

// Loads that nobody knows any more came from the disk just now.
static bool loads_are_known(const Live *live, const HostMark *mark, uint32_t fed)
{
    uint32_t loads = 0;
    for (uint32_t i = mark->notes; i < live->host->note_count; i++) {
        loads += live->host->notes[i].kind == REPLAY_SAVE;
    }
    return !live->outside_full || loads <= fed;
}

typedef enum Outcome { SAME, DIFFERS, ENDED_EARLY, NOT_KNOWN } Outcome;

// Whatever the run did beside the state is taken back; its debug drawing is that of the same tick.
static Outcome run_again(Live *live, TimelinePlace place, const TimelineMoment *moment,
                         Fault *fault)
{
    Host *host = live->host;
    Host *before = arena_try_push(&live->sync_memory, sizeof(Host), 16, 1);
    if (!before) {
        return NOT_KNOWN;
    }
    *before = *host;
    HostMark mark = host_mark(host);
    live_feed_saves(live, place);
    uint32_t fed = host->save_count;
    host->source = HOST_REPEATS;
    bool ok = host_update(host, live->now.game, &moment->input, moment->first_of_build, fault);
    bool is_known = loads_are_known(live, &mark, fed);
    host_take_back(host, &mark);
    before->debug = host->debug;
    before->state = host->state;
    before->heap = host->heap;
    before->report = host->report; // of a run that ended early
    before->stop_caller = host->stop_caller;
    before->call = host->call;
    *host = *before;
    return !ok ? ENDED_EARLY : is_known ? SAME : NOT_KNOWN;
}

// --------------------------------------------------------------------------------------- comparing

// Keeps of `again` the pages that memory holds otherwise.
static LiveDiffering differing_of(Live *live, LivePages *again)
{
    LiveDiffering differing = {.live = live, .pages = again->pages, .second = again->bytes};
    for (size_t i = 0; i < again->count; i++) {
        const uint8_t *page = again->pages[i], *bytes = again->bytes + i * PAGE_BYTES;
        if (memcmp(page, bytes, PAGE_BYTES) != 0) {
            differing.pages[differing.count] = page;
            memmove(differing.second + differing.count++ * PAGE_BYTES, bytes, PAGE_BYTES);
        }
    }
    return differing;
}

static void change_places(LiveDiffering *differing)
{
    uint8_t page[PAGE_BYTES];
    for (size_t i = 0; i < differing->count; i++) {
        uint8_t *memory = (uint8_t *)(uintptr_t)differing->pages[i];
        uint8_t *second = differing->second + i * PAGE_BYTES;
        memcpy(page, memory, PAGE_BYTES);
        memcpy(memory, second, PAGE_BYTES);
        memcpy(second, page, PAGE_BYTES);
    }
}

// Padding, and what else does not count, may differ.
static bool has_same_hash(Live *live, LiveDiffering *differing)
{
    uint64_t first = live_hash(live);
    change_places(differing);
    uint64_t second = live_hash(live);
    change_places(differing);
    return first == second;
}

// An asset that changed meanwhile is seen by the second run alone.
static bool saw_other_files(Live *live, LiveDiffering *differing)
{
    const HostState *first = live->host->state;
    HostState second;
    if (!live_read_second(differing, (uintptr_t)first, &second, sizeof(second))) {
        return false;
    }
    for (uint32_t i = 0; i < first->file_count && i < second.file_count; i++) {
        if (first->files[i].name_hash == second.files[i].name_hash
            && first->files[i].content != second.files[i].content) {
            return true;
        }
    }
    return false;
}

// Memory is as the fast build left it.
static Outcome compare(Live *live, LivePages *again, LiveDifference *found)
{
    LiveDiffering differing = differing_of(live, again);
    if (differing.count == 0) {
        return SAME;
    }
    if (saw_other_files(live, &differing)) {
        return NOT_KNOWN;
    }
    bool is_hashed = live->config.synctest > 0 || host_state_bytes(live->host) <= HASHED_BYTES_MAX;
    if (is_hashed && has_same_hash(live, &differing)) {
        return SAME;
    }
    bool has_name = live_name_difference(live, &differing, found);
    if (!has_name) {
        live_find_difference(live, &differing, found);
    }
    return has_name || is_hashed ? DIFFERS : SAME;
}

// ------------------------------------------------------------------------------------------- words

static void note_seam(Live *live, TimelinePlace place)
{
    LiveSeam *seam = &live->seam;
    seam->is_new = true;
    seam->moment = live->base + place.at;
    seam->tick = live_tick_number(live);
}

static void tell_field(Live *live, const LiveDifference *found)
{
    LiveSeam *seam = &live->seam;
    FieldView view;
    Fault ignored;
    char more[64] = "";
    if (!live_fields(live, &view, &ignored)
        || !field_name_by_type(&view, (uintptr_t)found->where, seam->field, sizeof(seam->field))) {
        memcpy(seam->field, found->name, sizeof(seam->field));
    }
    memcpy(seam->fast, found->first, sizeof(seam->fast));
    memcpy(seam->full, found->second, sizeof(seam->full));
    seam->more = found->more;
    if (found->more > 0) {
        (void)text_format(more, sizeof(more), " (and %u more field%s)", found->more,
                          found->more == 1 ? "" : "s");
    }
    (void)text_format(seam->text, sizeof(seam->text),
                      "tick %llu: %s was %s in the fast build, and is %s in the full one%s",
                      (unsigned long long)seam->tick, seam->field, seam->fast, seam->full, more);
}

static void tell_end(Live *live, const Fault *fault)
{
    LiveSeam *seam = &live->seam;
    (void)text_format(seam->text, sizeof(seam->text),
                      "tick %llu, which the fast build had run, ends early in the full one: %s",
                      (unsigned long long)seam->tick, fault->text);
}

static void skip(Live *live, const char *why)
{
    (void)text_format(live->seam.skipped, sizeof(live->seam.skipped), "%s", why);
}

// --------------------------------------------------------------------------------------- the check

static Outcome check_tick(Live *live, TimelinePlace place, const TimelineMoment *moment,
                          Fault *fault)
{
    const FastTick *tick = fast_tick(live, place);
    TimelinePlace before = {place.branch, place.at - 1};
    LivePages again;
    LiveDifference found;
    arena_reset(&live->sync_memory, 0);
    if (!tick || !go_to(live, before) || !live->host->state->started) {
        return NOT_KNOWN;
    }
    Outcome outcome = run_again(live, place, moment, fault);
    if (outcome == SAME && !keep_second(live, tick, &again)) {
        outcome = NOT_KNOWN;
    }
    if (!go_to(live, place)) {
        return NOT_KNOWN;
    }
    outcome = outcome == SAME ? compare(live, &again, &found) : outcome;
    bool is_seam = outcome == DIFFERS || outcome == ENDED_EARLY;
    if (is_seam && !live->seam.is_new) { // the first is what is told
        note_seam(live, place);
        if (outcome == DIFFERS) {
            tell_field(live, &found);
        } else {
            tell_end(live, fault);
        }
    }
    return outcome;
}

// How many there is time for; 0: the reason is noted.
static uint64_t ticks_to_check(Live *live, uint64_t swap_ns)
{
    uint64_t tick_ns = live->fast_ticks ? live->fast_ticks->tick_ns : 0;
    uint64_t cost_ns = tick_ns + 2 * swap_ns + ALONE_NS, count = BUDGET_NS / cost_ns;
    char why[160];
    if (live->config.synctest > 0) {
        return UINT64_MAX;
    }
    if (count == 0 && tick_ns < BUDGET_NS / 2) {
        return 1; // the swap took its time, on a busy machine: the price of one tick is small
    }
    if (count == 0) {
        (void)text_format(why, sizeof(why),
                          "to run a tick again would take some %.0f ms of a frame (the tick %.1f)",
                          (double)cost_ns / 1e6, (double)tick_ns / 1e6);
        skip(live, why);
    }
    return count < SEAM_TICKS ? count : SEAM_TICKS;
}

static bool can_check(Live *live, uint64_t fast)
{
    const char *why = live->config.replay             ? "a replay plays"
                      : !live->timeline               ? "no history is kept"
                      : live_is_past(live)            ? "an earlier moment is shown"
                      : live_build_here(live) != fast ? "the fast build ran no tick"
                      : !live_runs_begin(live)        ? "there is no memory for it"
                                                      : NULL;
    if (why) {
        skip(live, why);
    }
    return !why;
}

// The first of up to `count` ticks of that build up to here.
static uint64_t first_to_check(const Live *live, uint64_t fast, uint64_t count)
{
    TimelinePlace at = timeline_here(live->timeline);
    uint64_t first = at.at + 1;
    TimelineMoment moment;
    for (; at.at > 0 && count > 0 && timeline_moment(live->timeline, at, &moment); at.at--) {
        if (moment.build != (uint32_t)fast) {
            break;
        }
        if (!moment.edit && !moment.restart) {
            first = at.at;
            count--;
        }
    }
    return first;
}

// False: a tick ended early.
static bool check_from(Live *live, uint64_t first, uint64_t last, Fault *fault)
{
    TimelinePlace at = timeline_here(live->timeline);
    TimelineMoment moment;
    LiveSeam *seam = &live->seam;
    for (at.at = first; at.at <= last; at.at++) {
        if (!timeline_moment(live->timeline, at, &moment) || moment.edit || moment.restart) {
            continue;
        }
        Outcome outcome = check_tick(live, at, &moment, fault);
        if (outcome == NOT_KNOWN) {
            skip(live, "of some ticks what they were given, or what they changed, is not known");
            continue;
        }
        seam->checked++;
        seam->differed += outcome != SAME;
        if (outcome == ENDED_EARLY) {
            return false;
        }
        if (outcome == DIFFERS && live->config.synctest == 0) {
            break; // the frame has had enough of it
        }
    }
    return true;
}

bool live_seam_check(Live *live, uint64_t fast, uint64_t swap_ns, Fault *fault)
{
    live->seam = (LiveSeam){0};
    uint64_t count = can_check(live, fast) ? ticks_to_check(live, swap_ns) : 0;
    if (count == 0) {
        return true;
    }
    TimelinePlace here = timeline_here(live->timeline);
    bool ended = !check_from(live, first_to_check(live, fast, count), here.at, fault);
    live->seams_checked += live->seam.checked;
    live->seams += live->seam.differed;
    // The last tick may not have been looked at, and what was put there may be half of one.
    if (!go_to(live, here)) {
        (void)fault_set(&live->stopped, FAULT_LAYOUT,
                        "the moment that was played last cannot be had any more; F9 restarts");
    }
    // A lock may be held for ever then: whoever plays this has to move to a new process.
    return !ended || !live->host->report.doubt || live_end_call(live, true, fault);
}
