// What a swap costs a game that has data of its own: pointers into its code in the state, globals,
// a large state; and what a game of 100,000 lines costs beside one of 2,500. In this process, with
// the history that `hotloop run` keeps.
#include "bench_inside.h"

#include "session.h"

#include <string.h>

static const size_t HISTORY_BYTES = 512u << 20; // as hotloop run has it

// ------------------------------------------------------------------------------------------ swaps

// Two builds of one game, played in turns.
typedef struct Twins {
    Build *builds[2];
    const char *libraries[2];
} Twins;

static bool twins_open(Bench *bench, Twins *twins, const char *name, const BenchData *data,
                       Fault *fault)
{
    *twins = (Twins){0};
    for (unsigned i = 0; i < 2; i++) {
        const char *folder = arena_format(&bench->keep, "%s/%s-%u", bench->folder, name, i);
        const char *source = arena_format(&bench->keep, "%s/%s.c", folder, name);
        const char *text = bench_data_text(&bench->keep, data, i + 1);
        if (!file_make_dirs(folder, 0700, fault)
            || !session_save(source, text, strlen(text), SAVE_RENAME, 0, NULL, fault)
            || !(twins->libraries[i] = bench_build(bench, folder, &twins->builds[i], fault))) {
            return false;
        }
    }
    return true;
}

static void twins_close(Twins *twins)
{
    build_close(twins->builds[0]);
    build_close(twins->builds[1]);
}

typedef struct SwapCost {
    Samples *over, *swap, *plain, *load, *about, *plan, *prepare; // ns
    CarryReport last;
} SwapCost;

static SwapCost new_cost(Bench *bench)
{
    return (SwapCost){
        bench_samples(bench), bench_samples(bench), bench_samples(bench), bench_samples(bench),
        bench_samples(bench), bench_samples(bench), bench_samples(bench), {0}};
}

// The swap and the first frame of the new code, less a plain frame of the same moment.
static bool one_swap(Inside *inside, const char *library, SwapCost *cost, Fault *fault)
{
    enum { PLAIN_FRAMES = 40 };
    static Samples plain; // large
    plain.count = 0;
    for (int i = 0; i < PLAIN_FRAMES; i++) {
        samples_add(&plain, (double)inside_frame_ns(inside));
    }
    GameLib lib;
    InsideLoad took;
    uint64_t swap_ns;
    if (!inside_load(inside, library, &lib, &took, fault)) {
        return false;
    }
    uint64_t begin_ns = mono_ns();
    if (!live_swap(&inside->live, &lib, &swap_ns, fault)) {
        return false;
    }
    uint64_t held_ns = mono_ns() - begin_ns;
    samples_add(cost->over, (double)(held_ns + inside_frame_ns(inside)) - samples_median(&plain));
    samples_add(cost->swap, (double)swap_ns);
    samples_add(cost->plain, samples_median(&plain));
    samples_add(cost->load, (double)took.load_ns);
    samples_add(cost->about, (double)took.about_ns);
    samples_add(cost->plan, (double)took.plan_ns);
    samples_add(cost->prepare, (double)(took.load_ns + took.about_ns + took.plan_ns));
    cost->last = inside->live.carried;
    for (int i = 0; i < PLAIN_FRAMES; i++) { // the search for old images waits for quiet
        (void)inside_frame_ns(inside);
    }
    (void)live_housekeeping(&inside->live, UINT64_MAX);
    return true;
}

static bool take_swaps(Bench *bench, const char *const *libraries, int rounds, SwapCost *cost,
                       Fault *fault)
{
    Inside *inside = inside_open(bench, bench->folder, HISTORY_BYTES, fault);
    bool ok = inside && inside_load_and_swap(inside, libraries[0], fault);
    for (int i = 1; i <= rounds && ok; i++) {
        ok = one_swap(inside, libraries[i % 2], cost, fault);
    }
    inside_close(inside);
    return ok;
}

static bool swap_row(Bench *bench, const char *what, const char *name, const BenchData *data,
                     double budget_ns, SwapCost *cost)
{
    Fault fault = {0};
    Twins twins;
    *cost = new_cost(bench);
    bool ok = twins_open(bench, &twins, name, data, &fault)
              && take_swaps(bench, twins.libraries, bench_rounds(bench, 40, 12), cost, &fault);
    twins_close(&twins);
    if (!ok) {
        bench_failed(bench, what, &fault);
        return false;
    }
    bench_row_ns(bench, what, cost->over, budget_ns,
                 arena_format(&bench->keep, "plain %s, live_swap %s, %u carried",
                              bench_ns_text(bench, samples_median(cost->plain)),
                              bench_ns_text(bench, samples_median(cost->swap)),
                              cost->last.carried));
    return true;
}

static void ratio_row(Bench *bench, const char *what, Samples *large, Samples *small, double most)
{
    double ratio = samples_median(large) / samples_median(small);
    const char *beside =
        arena_format(&bench->keep, "%s and %s", bench_ns_text(bench, samples_median(large)),
                     bench_ns_text(bench, samples_median(small)));
    bench_row(bench, what, arena_format(&bench->keep, "%.1f x", ratio), beside,
              most > 0 ? arena_format(&bench->keep, "< %.1f x", most) : "",
              most > 0 ? ratio < most : -1);
}

void bench_carry(Bench *bench)
{
    const uint64_t SMALL = 64u << 20, LARGE = 1u << 30;
    SwapCost bare, pointers, globals, both, large;
    bench_heading(bench, "The frame of a swap over a plain one, history kept, code-only changes");
    (void)swap_row(bench, "  64 MiB of state", "bare64", &(BenchData){SMALL, 0, 0}, 0.2e6, &bare);
    bool ok = swap_row(bench, "  and 10,000 function pointers, to 100 functions", "pointers64",
                       &(BenchData){SMALL, 10000, 0}, 0.2e6, &pointers);
    (void)swap_row(bench, "  and 1,000 globals", "globals64", &(BenchData){SMALL, 0, 1000}, 1e6,
                   &globals);
    (void)swap_row(bench, "  and both", "both64", &(BenchData){SMALL, 10000, 1000}, 1.2e6, &both);
    ok = swap_row(bench, "  1 GiB of state and 10,000 function pointers", "pointers1g",
                  &(BenchData){LARGE, 10000, 0}, 0.2e6, &large)
         && ok;
    if (ok) {
        ratio_row(bench, "  1 GiB beside 64 MiB: live_swap", large.swap, pointers.swap, 1.5);
    }
}

// -------------------------------------------------------------------------------- 100,000 lines

static bool many_open(Bench *bench, Twins *twins, const char *name, unsigned files, Fault *fault)
{
    *twins = (Twins){0};
    const char *folder = bench_many_folder(bench, name, files, BENCH_FUNCTIONS, 1);
    const char *source = arena_format(&bench->keep, "%s/file_0.c", folder);
    twins->libraries[0] = bench_build(bench, folder, &twins->builds[0], fault);
    const char *text = bench_many_text(&bench->keep, 0, BENCH_FUNCTIONS, 2);
    return twins->libraries[0]
           && session_save(source, text, strlen(text), SAVE_RENAME, 0, NULL, fault)
           && (twins->libraries[1] = bench_build(bench, folder, &twins->builds[1], fault));
}

static bool many_rounds(Bench *bench, const char *name, unsigned files, SwapCost *cost,
                        Fault *fault)
{
    Twins twins;
    *cost = new_cost(bench);
    bool ok = many_open(bench, &twins, name, files, fault)
              && take_swaps(bench, twins.libraries, bench_rounds(bench, 40, 12), cost, fault);
    twins_close(&twins);
    return ok;
}

void bench_large(Bench *bench)
{
    enum { SMALL_FILES = 1, LARGE_FILES = 40 };
    Fault fault = {0};
    SwapCost small, large;
    bench_heading(bench, "A game of 100,000 lines in 40 files beside one of 2,500 in one");
    if (!many_rounds(bench, "many1", SMALL_FILES, &small, &fault)
        || !many_rounds(bench, "many40", LARGE_FILES, &large, &fault)) {
        bench_failed(bench, "  100,000 lines", &fault);
        return;
    }
    ratio_row(bench, "  preparation, beside the frames", large.prepare, small.prepare, 10);
    ratio_row(bench, "    of it, loading it (gamelib_open)", large.load, small.load, 0);
    ratio_row(bench, "    reading its debug information", large.about, small.about, 0);
    ratio_row(bench, "    the plan (live_prepare)", large.plan, small.plan, 0);
    ratio_row(bench, "  live_swap", large.swap, small.swap, 10);
    bench_row_ns(
        bench, "  2,500 lines: the frame of a swap over a plain one", small.over, 0,
        arena_format(&bench->keep, "%u carried, %u lost", small.last.carried, small.last.lost));
    bench_row_ns(
        bench, "  100,000 lines: the frame of a swap over a plain one", large.over, 0,
        arena_format(&bench->keep, "%u carried, %u lost", large.last.carried, large.last.lost));
}
