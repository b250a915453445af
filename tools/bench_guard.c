// What it costs to contain the game: around each call, and from a crash to the next good tick. The
// guard, the game and its history are real; only what tells the user - debug information, a screen,
// a line in the log - is not here, because the session plays on without waiting for it.
#include "bench.h"

#include "live.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

// A game with a guard around it, and its past.
typedef struct Contained {
    Arena keep;
    Guard *guard;
    Assets *assets;
    SoundList sound;
    Live live;
} Contained;

static void contained_close(Contained *contained)
{
    if (contained) {
        Arena keep = contained->keep;
        live_close(&contained->live);
        guard_close(contained->guard);
        sound_close(&contained->sound);
        asset_close(contained->assets);
        arena_close(&keep);
    }
}

static bool load(Bench *bench, Contained *contained, const char *library, Fault *fault)
{
    GameLib lib;
    uint64_t swap_ns;
    GameLibConfig config = {.folder = arena_format(&contained->keep, "%s/private", bench->folder),
                            .hooks = guard_hooks()};
    return file_make_dirs(config.folder, 0700, fault) && gamelib_open(&lib, library, &config, fault)
           && live_swap(&contained->live, &lib, &swap_ns, fault);
}

static Contained *contained_open(Bench *bench, const char *library, const GuardConfig *guards,
                                 size_t history_bytes, Fault *fault)
{
    Arena keep;
    if (!arena_open(&keep, 0, 64u << 20, fault)) {
        return NULL;
    }
    Contained *contained = ARENA_NEW(&keep, Contained, 1);
    contained->keep = keep;
    const char *folder = bench->folder;
    LiveConfig config = {.game_id = "bench",
                         .save_folder = "",
                         .sound = &contained->sound,
                         .seed = 1,
                         .history_bytes = history_bytes,
                         .dirty = DIRTY_BEST};
    bool ok = (contained->guard = guard_open(&contained->keep, guards, fault)) != NULL
              && (contained->assets = asset_open(&folder, 1, fault)) != NULL
              && sound_open(&contained->sound, fault);
    config.guard = contained->guard;
    config.assets = contained->assets;
    if (!ok || !live_open(&contained->live, &config, fault)
        || !load(bench, contained, library, fault)) {
        contained_close(contained);
        return NULL;
    }
    return contained;
}

static const GuardConfig GUARDS = {.hang_ns = 2 * NS_PER_S, .own_stack = true};
static const GuardConfig STANDS_BACK = {.stands_back = true};

static bool tick(Contained *contained, BenchDeed deed, uint32_t pages, uint32_t number,
                 Fault *fault)
{
    LiveTick did;
    hl_input input = {.mouse = {(float)deed, (float)pages}, .wheel = {0, (float)number}};
    return live_tick(&contained->live, &input, &did, fault);
}

// ---------------------------------------------------------------------------------- around a call

enum { CALLS = 1000 }; // timed at once: one is shorter than a look at the clock

__attribute__((noinline)) static void empty_call(void *a, void *b)
{
    __asm__ volatile("" : : "r"(a), "r"(b) : "memory"); // or the compiler leaves it out
}

static double guarded_ns(Guard *guard, GuardReport *report)
{
    uint64_t begin_ns = mono_ns();
    for (int i = 0; i < CALLS; i++) {
        (void)guard_run(guard, empty_call, guard, NULL, report);
    }
    return (double)(mono_ns() - begin_ns) / CALLS;
}

static double bare_ns(Guard *guard)
{
    GuardCall *volatile call = empty_call; // as the game's is: not known before it runs
    uint64_t begin_ns = mono_ns();
    for (int i = 0; i < CALLS; i++) {
        call(guard, NULL);
    }
    return (double)(mono_ns() - begin_ns) / CALLS;
}

static void measure_calls(Bench *bench)
{
    static const char WHAT[] = "  guard_run around an empty call";
    Fault fault = {0};
    Samples *guarded = bench_samples(bench), *bare = bench_samples(bench);
    Arena keep;
    if (!arena_open(&keep, 0, 16u << 20, &fault)) {
        bench_failed(bench, WHAT, &fault);
        return;
    }
    Guard *guard = guard_open(&keep, &GUARDS, &fault);
    GuardReport *report = ARENA_NEW(&keep, GuardReport, 1);
    for (int i = 0; guard && i < bench_rounds(bench, 4000, 500); i++) {
        samples_add(guarded, guarded_ns(guard, report));
        samples_add(bare, bare_ns(guard));
    }
    if (guard) {
        bench_row_ns(bench, WHAT, guarded, 200,
                     arena_format(&bench->keep, "the bare call %.1f ns", samples_median(bare)));
    } else {
        bench_failed(bench, WHAT, &fault);
    }
    guard_close(guard);
    arena_close(&keep);
}

static double ticks_ns(Contained *contained)
{
    Fault fault;
    uint64_t begin_ns = mono_ns();
    for (int i = 0; i < CALLS; i++) {
        (void)tick(contained, DEED_NONE, 0, 0, &fault);
    }
    return (double)(mono_ns() - begin_ns) / CALLS;
}

// One game after the other: their memory has the same address, and a process has one guard.
static bool measure_ticks_with(Bench *bench, const char *library, const GuardConfig *guards,
                               Samples *samples, Fault *fault)
{
    Contained *contained = contained_open(bench, library, guards, 0, fault);
    for (int i = 0; contained && i < 10; i++) {
        samples_add(samples, ticks_ns(contained));
    }
    contained_close(contained);
    return contained != NULL;
}

static void measure_ticks(Bench *bench)
{
    static const char WHAT[] = "  live_tick of an empty game, without history";
    Fault fault = {0};
    Build *build = NULL;
    Samples *guarded = bench_samples(bench), *plain = bench_samples(bench);
    const char *folder = bench_game_folder(bench, "guarded", GAME_EMPTY, 1);
    const char *library = bench_build(bench, folder, &build, &fault);
    bool ok = library != NULL;
    for (int i = 0; ok && i < bench_rounds(bench, 60, 10); i++) {
        ok = measure_ticks_with(bench, library, &GUARDS, guarded, &fault)
             && measure_ticks_with(bench, library, &STANDS_BACK, plain, &fault);
    }
    if (ok) {
        bench_row_ns(bench, WHAT, guarded, 0,
                     arena_format(&bench->keep, "with a guard that stands back %s",
                                  bench_ns_text(bench, samples_median(plain))));
    } else {
        bench_failed(bench, WHAT, &fault);
    }
    build_close(build);
}

// ---------------------------------------------------------------------------------------- a crash

// The build is no new one any more, so a crash stops it instead of putting it aside; and the first
// ticks after a swap are slower.
static bool play_in(Contained *contained, Fault *fault)
{
    enum { TICKS = 120 };
    for (uint32_t i = 0; i < TICKS; i++) {
        if (!tick(contained, DEED_NONE, 0, 0, fault)) {
            return false;
        }
    }
    if (contained->live.timeline) {
        timeline_settle(contained->live.timeline);
    }
    return contained->live.timeline != NULL
           || fault_set(fault, FAULT_MEMORY, "%s", contained->live.history_fault.text);
}

// False with *fault when it did not end as that deed should, or was not undone.
static bool crash(Contained *contained, BenchDeed deed, uint32_t pages, uint32_t number,
                  Fault *fault)
{
    static const GuardEnd ENDS[DEED_COUNT] = {
        [DEED_SEGV] = GUARD_SIGNAL,    [DEED_FPE] = GUARD_SIGNAL,  [DEED_ILL] = GUARD_SIGNAL,
        [DEED_ABORT] = GUARD_ABORTED,  [DEED_EXIT] = GUARD_EXITED, [DEED_DEEP] = GUARD_STACK_FULL,
        [DEED_ASSERT] = GUARD_STOPPED, [DEED_HEAP] = GUARD_SIGNAL};
    Live *live = &contained->live;
    if (tick(contained, deed, pages, number, fault)) {
        return fault_set(fault, FAULT_GAME, "deed %d did nothing", (int)deed);
    }
    if (live->end.report.end != ENDS[deed] || !live->end.undone) {
        return fault_set(fault, FAULT_GAME, "deed %d: ended as %d, %s: %s", (int)deed,
                         (int)live->end.report.end, live->end.undone ? "undone" : "not undone",
                         fault->text);
    }
    live->stopped = (Fault){0}; // what the next good build does
    return true;
}

typedef struct Recovery {
    Samples *whole, *contained, *plain; // to the end of the next good tick; of the bad one; a tick
} Recovery;

// Of a crash the game says when it happened; before the stack is full there is the whole of it to
// be filled, so that is counted from the beginning of its tick.
static bool recover(Contained *contained, BenchDeed deed, uint32_t pages, uint32_t number,
                    Recovery *times, Fault *fault)
{
    enum { R12 = 12 };
    uint64_t begin_ns = mono_ns();
    if (!tick(contained, DEED_NONE, 0, 0, fault)) {
        return false;
    }
    samples_add(times->plain, (double)(mono_ns() - begin_ns));
    begin_ns = mono_ns();
    if (!crash(contained, deed, pages, number, fault)) {
        return false;
    }
    uint64_t contained_ns = mono_ns();
    if (!tick(contained, DEED_NONE, 0, 0, fault)) {
        return false;
    }
    uint64_t end_ns = mono_ns();
    const GuardReport *report = &contained->live.end.report;
    uint64_t at_ns = deed == DEED_SEGV ? report->registers[R12] : begin_ns;
    if (at_ns < begin_ns || at_ns > contained_ns) {
        return fault_set(fault, FAULT_GAME, "the game did not say when it crashed");
    }
    samples_add(times->whole, (double)(end_ns - at_ns));
    samples_add(times->contained, (double)(contained_ns - at_ns));
    return true;
}

static bool measure_recovery(Bench *bench, Contained *contained, BenchDeed deed, uint32_t pages,
                             const char *what, double budget_ns, Fault *fault)
{
    Recovery times = {bench_samples(bench), bench_samples(bench), bench_samples(bench)};
    uint64_t before = live_hash(&contained->live);
    for (int i = 0; i < bench_rounds(bench, 1000, 100); i++) {
        if (!recover(contained, deed, pages, (uint32_t)i, &times, fault)) {
            bench_failed(bench, what, fault);
            return false;
        }
    }
    if (live_hash(&contained->live) == before) {
        (void)fault_set(fault, FAULT_GAME, "the good ticks between the crashes did nothing");
        bench_failed(bench, what, fault);
        return false;
    }
    const char *undone = bench_ns_text(bench, samples_median(times.contained));
    const char *plain = bench_ns_text(bench, samples_median(times.plain));
    bench_row_ns(bench, what, times.whole, budget_ns,
                 arena_format(&bench->keep, "undone after %s; a tick %s", undone, plain));
    return true;
}

// ------------------------------------------------------------------------------ crashes in a row

// What a process could lose with every crash.
typedef struct Holdings {
    uint64_t resident_bytes, mappings, descriptors, threads, hash;
} Holdings;

static uint64_t count_entries(const char *folder)
{
    DIR *entries = opendir(folder);
    uint64_t count = 0;
    while (entries && readdir(entries)) {
        count++;
    }
    if (entries) {
        closedir(entries);
    }
    return count;
}

static Holdings look(Contained *contained)
{
    Holdings now = {.descriptors = count_entries("/proc/self/fd"),
                    .threads = count_entries("/proc/self/task"),
                    .hash = live_hash(&contained->live)};
    unsigned long long pages = 0;
    FILE *sizes = fopen("/proc/self/statm", "re");
    if (sizes) {
        if (fscanf(sizes, "%*u %llu", &pages) == 1) {
            now.resident_bytes = pages * PAGE_BYTES;
        }
        fclose(sizes);
    }
    FILE *maps = fopen("/proc/self/maps", "re");
    for (int c; maps && (c = fgetc(maps)) != EOF;) {
        now.mappings += c == '\n';
    }
    if (maps) {
        fclose(maps);
    }
    return now;
}

static bool crash_often(Contained *contained, uint32_t count, Samples *samples, Fault *fault)
{
    for (uint32_t i = 0; i < count; i++) {
        BenchDeed deed = (BenchDeed)(DEED_SEGV + i % (DEED_COUNT - DEED_SEGV));
        uint64_t begin_ns = mono_ns();
        if (!crash(contained, deed, i % 3 * 64, i, fault)) {
            return false;
        }
        samples_add(samples, (double)(mono_ns() - begin_ns));
    }
    return true;
}

static void row_of_count(Bench *bench, const char *what, uint64_t before, uint64_t after)
{
    bench_row(bench, what, arena_format(&bench->keep, "%+lld", (long long)(after - before)),
              arena_format(&bench->keep, "%llu before, %llu after", (unsigned long long)before,
                           (unsigned long long)after),
              "0", after == before);
}

static void rows_of_holdings(Bench *bench, const Holdings *before, const Holdings *after)
{
    enum { SLACK_BYTES = 256 << 10 }; // the kernel's counts are a few pages late
    double more = (double)after->resident_bytes - (double)before->resident_bytes;
    bench_row(bench, "  memory in use", arena_format(&bench->keep, "%+.0f KB", more / 1e3),
              arena_format(&bench->keep, "%.1f MB before, %.1f MB after",
                           (double)before->resident_bytes / 1e6,
                           (double)after->resident_bytes / 1e6),
              "256 KiB", more <= SLACK_BYTES);
    row_of_count(bench, "  mappings", before->mappings, after->mappings);
    row_of_count(bench, "  descriptors", before->descriptors, after->descriptors);
    row_of_count(bench, "  threads", before->threads, after->threads);
    bench_row(bench, "  hash of the state", before->hash == after->hash ? "same" : "other",
              arena_format(&bench->keep, "%016llx", (unsigned long long)after->hash), "same",
              before->hash == after->hash);
}

static void measure_row_of_crashes(Bench *bench, Contained *contained)
{
    enum { SETTLES = 240 }; // what is made once - caches, buffers, tables - has been made by then
    static const char WHAT[] = "  of all kinds in turn, to the tick undone";
    uint32_t count = (uint32_t)bench_rounds(bench, 10000, 1000);
    Fault fault = {0};
    Samples *samples = bench_samples(bench), *ignored = bench_samples(bench);
    bench_heading(bench, arena_format(&bench->keep, "%u crashes in a row", count));
    if (!crash_often(contained, SETTLES, ignored, &fault)) {
        bench_failed(bench, WHAT, &fault);
        return;
    }
    timeline_settle(contained->live.timeline);
    Holdings before = look(contained);
    before = look(contained); // the first look takes what looking takes
    if (!crash_often(contained, count, samples, &fault)) {
        bench_failed(bench, WHAT, &fault);
        return;
    }
    Holdings after = look(contained);
    bench_row_ns(bench, WHAT, samples, 0, "signals, exit, abort, full stacks, HL_ASSERT");
    rows_of_holdings(bench, &before, &after);
}

static void measure_crashes(Bench *bench)
{
    Fault fault = {0};
    Build *build = NULL;
    bench_heading(bench, "From a crash to the end of the next good tick, 64 MiB with history");
    const char *library =
        bench_build(bench, bench_game_folder(bench, "crash", GAME_CRASH, 1), &build, &fault);
    Contained *contained =
        library ? contained_open(bench, library, &GUARDS, 512u << 20, &fault) : NULL;
    if (contained && play_in(contained, &fault)) {
        (void)(measure_recovery(bench, contained, DEED_SEGV, 0, "  SIGSEGV", 1e6, &fault)
               && measure_recovery(bench, contained, DEED_SEGV, 256,
                                   "  SIGSEGV, after 256 random pages were written", 1e6, &fault)
               && measure_recovery(bench, contained, DEED_DEEP, 0,
                                   "  a full stack, filled from its beginning", 10e6, &fault)
               && measure_recovery(bench, contained, DEED_DEEP, 256,
                                   "  a full stack, after 256 random pages were written", 10e6,
                                   &fault));
        measure_row_of_crashes(bench, contained);
    } else {
        bench_failed(bench, "  a crash", &fault);
    }
    contained_close(contained);
    build_close(build);
}

void bench_guard(Bench *bench)
{
    bench_heading(bench, "What it costs to contain a call");
    measure_calls(bench);
    measure_ticks(bench);
    measure_crashes(bench);
}
