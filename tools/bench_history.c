// What it costs to remember every tick: the timeline alone, over memory that is written as a game
// would. Nothing of what is timed here waits for a disk or a screen.
#include "bench.h"

#include "timeline.h"

#include <stdio.h>
#include <string.h>

static const size_t SMALL_BYTES = 64u << 20, LARGE_BYTES = 1u << 30, BUDGET_BYTES = 2ull << 30;

typedef struct History {
    Arena state;
    Timeline *timeline;
    uint8_t *memory;
    size_t bytes;
    uint64_t random;
    uint64_t ticks;
} History;

static uint64_t next(History *history)
{
    history->random ^= history->random << 13;
    history->random ^= history->random >> 7;
    history->random ^= history->random << 17;
    return history->random;
}

static void history_close(History *history)
{
    timeline_close(history->timeline);
    arena_close(&history->state);
}

// All of the memory is in use and populated.
static bool history_open(History *history, size_t bytes, Fault *fault)
{
    TimelineConfig config = {.budget_bytes = BUDGET_BYTES, .method = DIRTY_BEST};
    *history = (History){.bytes = bytes, .random = 88172645463325252u};
    if (!arena_open(&history->state, 0, bytes, fault)) {
        return false;
    }
    history->memory = arena_push(&history->state, 1, PAGE_BYTES, bytes);
    memset(history->memory, 1, bytes);
    history->timeline = timeline_open(&config, fault);
    if (!history->timeline
        || !timeline_begin(history->timeline, history->memory, bytes, bytes, fault)) {
        history_close(history);
        return false;
    }
    return true;
}

static bool capture(History *history, Fault *fault)
{
    TimelineMoment moment = {.build = 1};
    TimelineCapture did;
    moment.input.mouse.x = (float)history->ticks++;
    return timeline_capture(history->timeline, &moment, history->bytes, (DeltaWords){0}, &did,
                            fault);
}

// ---------------------------------------------------------------------------------------- capture

enum { PAGES_MAX = 256 };

typedef struct Captures {
    Samples *capture, *update, *bare, *copy; // ns; `bare`: the same writes where nobody watches
} Captures;

static Captures new_captures(Bench *bench)
{
    return (Captures){bench_samples(bench), bench_samples(bench), bench_samples(bench),
                      bench_samples(bench)};
}

// Four things of 16 bytes in each page.
static uint64_t update_ns(uint8_t *memory, const size_t *pages, uint32_t count, uint64_t value)
{
    uint64_t begin_ns = mono_ns();
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < 4; k++) {
            uint64_t *thing = (uint64_t *)(void *)(memory + pages[i] * PAGE_BYTES + k * 1024);
            thing[0] += value;
            thing[1] ^= value * 3;
        }
    }
    return mono_ns() - begin_ns;
}

static uint64_t copy_ns(uint8_t *to, const uint8_t *memory, const size_t *pages, uint32_t count)
{
    uint64_t begin_ns = mono_ns();
    for (uint32_t i = 0; i < count; i++) {
        memcpy(to + i * PAGE_BYTES, memory + pages[i] * PAGE_BYTES, PAGE_BYTES);
    }
    return mono_ns() - begin_ns;
}

// One tick of `count` random pages, and the same over `bare`, memory of the same size.
static bool one_tick(History *history, uint8_t *bare, uint8_t *copy, uint32_t count,
                     Captures *captures, Fault *fault)
{
    size_t pages[PAGES_MAX];
    for (uint32_t i = 0; i < count; i++) {
        pages[i] = next(history) % (history->bytes / PAGE_BYTES);
    }
    uint64_t value = next(history);
    if (bare) {
        samples_add(captures->bare, (double)update_ns(bare, pages, count, value));
        samples_add(captures->copy, (double)copy_ns(copy, bare, pages, count));
    }
    samples_add(captures->update, (double)update_ns(history->memory, pages, count, value));
    uint64_t begin_ns = mono_ns();
    bool ok = capture(history, fault);
    samples_add(captures->capture, (double)(mono_ns() - begin_ns));
    return ok;
}

static void ratio_row(Bench *bench, const char *what, double ratio, const char *beside,
                      double budget)
{
    bench_row(bench, what, arena_format(&bench->keep, "%.2f x", ratio), beside,
              arena_format(&bench->keep, "%.0f x", budget), ratio <= budget);
}

static void capture_rows(Bench *bench, Captures *many, Captures *few, Captures *large,
                         const char *method)
{
    double copy = samples_median(many->copy), bare = samples_median(many->bare);
    double update = samples_median(many->update), capture_of_many = samples_median(many->capture);
    double faults = update > bare ? update - bare : 0;
    bench_row_ns(bench, "  capture of 256 random pages of 64 MiB", many->capture, 150e3, method);
    ratio_row(bench, "  first writes and capture, of a copy of those pages",
              (faults + capture_of_many) / (copy > 0 ? copy : 1),
              arena_format(&bench->keep, "first writes %s, copy %s", bench_ns_text(bench, faults),
                           bench_ns_text(bench, copy)),
              4);
    bench_row_ns(bench, "  capture of 16 random pages", few->capture, 40e3, "");
    if (large->capture->count > 0) {
        double of_large = samples_median(large->capture);
        ratio_row(bench, "  256 random pages of 1 GiB, beside 64 MiB", of_large / capture_of_many,
                  bench_ns_text(bench, of_large), 2);
    }
}

static bool measure_captures(Bench *bench, History *small, History *large, Captures of[3],
                             Fault *fault)
{
    Arena beside;
    if (!arena_open(&beside, 0, SMALL_BYTES + PAGES_MAX * PAGE_BYTES, fault)) {
        return false;
    }
    uint8_t *bare = arena_push(&beside, 1, PAGE_BYTES, SMALL_BYTES);
    uint8_t *copy = arena_push(&beside, 1, PAGE_BYTES, PAGES_MAX * PAGE_BYTES);
    (void)arena_advise(bare, SMALL_BYTES, ARENA_SMALL_PAGES); // as what is watched has them
    memset(bare, 1, SMALL_BYTES);
    memset(copy, 1, PAGES_MAX * PAGE_BYTES);
    bool ok = true;
    for (int i = 0; ok && i < bench_rounds(bench, 3000, 400); i++) {
        ok = one_tick(small, bare, copy, 256, &of[0], fault)
             && one_tick(small, NULL, NULL, 16, &of[1], fault)
             && (large->timeline == NULL || i % 4
                 || one_tick(large, NULL, NULL, 256, &of[2], fault));
    }
    arena_close(&beside);
    return ok;
}

void bench_capture(Bench *bench)
{
    Fault fault = {0};
    History small, large;
    Captures of[3] = {new_captures(bench), new_captures(bench), new_captures(bench)};
    bench_heading(bench, "Remembering a tick");
    if (!history_open(&small, SMALL_BYTES, &fault)) {
        bench_failed(bench, "  capture", &fault);
        return;
    }
    if (!history_open(&large, LARGE_BYTES, &fault)) {
        bench_failed(bench, "  256 random pages of 1 GiB", &fault);
        large = (History){0};
    }
    if (measure_captures(bench, &small, &large, of, &fault)) {
        capture_rows(bench, &of[0], &of[1], &of[2],
                     dirty_method_name(timeline_method(small.timeline)));
    } else {
        bench_failed(bench, "  capture", &fault);
    }
    history_close(&large);
    history_close(&small);
}

// ------------------------------------------------------------------------------------------- seek

enum { HOT_PAGES = 2048, HOT_A_TICK = 256, ENTITIES = 32, ENTITIES_A_TICK = 4, ENTITY_BYTES = 128 };

// The pages' hashes added up: changing one page changes the sum without looking at the others.
typedef struct Oracle {
    uint64_t pages[HOT_PAGES];
    uint64_t sum;
    uint64_t *sums; // of every tick
} Oracle;

static uint64_t page_hash(const History *history, size_t page)
{
    uint64_t hash = hash_bytes(history->memory + page * PAGE_BYTES, PAGE_BYTES);
    return (hash ^ page) * 0x9E3779B97F4A7C15u;
}

static uint64_t sum_now(const History *history)
{
    uint64_t sum = 0;
    for (size_t page = 0; page < HOT_PAGES; page++) {
        sum += page_hash(history, page);
    }
    return sum;
}

// Things move: place and speed of four of the 32 in a page.
static void move_entities(History *history, Oracle *oracle)
{
    for (uint32_t i = 0; i < HOT_A_TICK; i++) {
        size_t page = next(history) % HOT_PAGES;
        for (uint32_t k = 0; k < ENTITIES_A_TICK; k++) {
            size_t entity = next(history) % ENTITIES;
            float *at =
                (float *)(void *)(history->memory + page * PAGE_BYTES + entity * ENTITY_BYTES);
            at[2] += (float)(next(history) % 1000) * 0.001f - 0.5f;
            at[3] += (float)(next(history) % 1000) * 0.001f - 0.5f;
            at[0] += at[2] * 0.016f;
            at[1] += at[3] * 0.016f;
        }
        oracle->sum -= oracle->pages[page];
        oracle->pages[page] = page_hash(history, page);
        oracle->sum += oracle->pages[page];
    }
}

static bool live_through(History *history, Oracle *oracle, uint64_t ticks, Fault *fault)
{
    for (size_t page = 0; page < HOT_PAGES; page++) {
        oracle->pages[page] = page_hash(history, page);
    }
    oracle->sum = oracle->sums[0] = sum_now(history);
    for (uint64_t tick = 1; tick <= ticks; tick++) {
        move_entities(history, oracle);
        if (!capture(history, fault)) {
            return false;
        }
        oracle->sums[tick] = oracle->sum;
    }
    timeline_settle(history->timeline);
    return true;
}

static bool seek_around(Bench *bench, History *history, const Oracle *oracle, uint64_t ticks,
                        Samples *seeks, uint64_t *wrong, double *most, Fault *fault)
{
    for (int i = 0; i < bench_rounds(bench, 10000, 1000); i++) {
        TimelinePlace to = {0, next(history) % (ticks + 1)}, reached;
        uint64_t begin_ns = mono_ns();
        if (!timeline_seek(history->timeline, to, &reached, fault)) {
            return false;
        }
        double took = (double)(mono_ns() - begin_ns);
        samples_add(seeks, took);
        *most = took > *most ? took : *most;
        *wrong += reached.at != to.at || sum_now(history) != oracle->sums[to.at];
    }
    return true;
}

static void seek_rows(Bench *bench, const History *history, Samples *seeks, uint64_t ticks,
                      uint64_t wrong, double most)
{
    static const double FRAME_NS = 16e6;
    const char *beside =
        arena_format(&bench->keep, "99 of 100: %s", bench_ns_text(bench, samples_at(seeks, 0.99)));
    bench_row_ns(bench,
                 arena_format(&bench->keep, "  to a random one of %lu ticks", (unsigned long)ticks),
                 seeks, FRAME_NS, beside);
    bench_row(bench, "  the longest way", bench_ns_text(bench, most), "",
              bench_ns_text(bench, FRAME_NS), most <= FRAME_NS);
    bench_row(bench, "  that led to other bytes than were there",
              arena_format(&bench->keep, "%lu", (unsigned long)wrong), "by hash", "0", wrong == 0);
    TimelineStats stats;
    timeline_stats(history->timeline, &stats);
    bool is_whole = ticks >= 36000;
    double used = (double)stats.used_bytes / 1e9;
    bench_row(bench, "  what history takes", arena_format(&bench->keep, "%.3f GB", used),
              arena_format(&bench->keep, "%.1f KB a tick", used * 1e6 / (double)ticks),
              is_whole ? "0.6 GB" : "", is_whole ? used <= 0.6 : -1);
}

void bench_seek(Bench *bench)
{
    Fault fault = {0};
    History history;
    uint64_t ticks = (uint64_t)bench_rounds(bench, 36000, 4000), wrong = 0;
    double most = 0;
    bench_heading(bench,
                  "Going anywhere: 256 of 2,048 pages written a tick, 4 of 32 things in each");
    if (!history_open(&history, SMALL_BYTES, &fault)) {
        bench_failed(bench, "  seek", &fault);
        return;
    }
    Oracle *oracle = ARENA_NEW(&bench->keep, Oracle, 1);
    oracle->sums = ARENA_NEW(&bench->keep, uint64_t, ticks + 1);
    Samples *seeks = bench_samples(bench);
    if (live_through(&history, oracle, ticks, &fault)
        && seek_around(bench, &history, oracle, ticks, seeks, &wrong, &most, &fault)) {
        seek_rows(bench, &history, seeks, ticks, wrong, most);
    } else {
        bench_failed(bench, "  seek", &fault);
    }
    history_close(&history);
}

// ------------------------------------------------------------------------------------------- undo

// Sixty ticks without a capture write 2,000 pages.
static void run_ahead(History *history)
{
    enum { TICKS = 60, UNDO_PAGES = 2000 };
    size_t stride = history->bytes / PAGE_BYTES / UNDO_PAGES;
    for (uint32_t tick = 0; tick < TICKS; tick++) {
        for (size_t i = tick; i < UNDO_PAGES; i += tick < TICKS / 2 ? 1 : 3) {
            history->memory[i * stride * PAGE_BYTES + tick * 8]++;
        }
    }
}

void bench_undo(Bench *bench)
{
    Fault fault = {0};
    History history;
    Samples *undo = bench_samples(bench);
    size_t pages = 0;
    bench_heading(bench, "Taking back what was not to be");
    if (!history_open(&history, SMALL_BYTES, &fault)) {
        bench_failed(bench, "  undo", &fault);
        return;
    }
    uint64_t before = hash_bytes(history.memory, history.bytes);
    bool ok = true;
    for (int i = 0; ok && i < bench_rounds(bench, 300, 60); i++) {
        run_ahead(&history);
        uint64_t begin_ns = mono_ns();
        ok = timeline_undo(history.timeline, &pages, &fault);
        samples_add(undo, (double)(mono_ns() - begin_ns));
    }
    if (ok && hash_bytes(history.memory, history.bytes) != before) {
        ok = fault_set(&fault, FAULT_GAME, "memory was not what it had been");
    }
    if (ok) {
        bench_row_ns(bench, "  60 ticks that wrote 2,000 pages", undo, 1e6,
                     arena_format(&bench->keep, "%zu pages", pages));
    } else {
        bench_failed(bench, "  undo", &fault);
    }
    history_close(&history);
}
