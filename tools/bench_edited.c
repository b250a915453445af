// The structs of a running game are edited: how long the frame of the swap is, and what a loop
// costs whose first moment is from before.
#include "bench_migrate.h"

#include "bench_inside.h"
#include "bench_running.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const size_t HISTORY_BYTES = 512u << 20; // as hotloop run has it

// ---------------------------------------------------------------------------------- in a session

typedef struct EditedCase {
    MobGame game;
    MobLayout layout;
    const char *what;
    double longest_ns; // the budget: two periods, or no more than is felt as a stop
} EditedCase;

typedef struct Edited {
    Samples *swap, *longest, *calm; // ns
} Edited;

// The next "swapped NS" or "calm NS" that the game logs.
static bool next_longest(Session *session, const char *word, double *ns, Fault *fault)
{
    for (;;) {
        json_t *event = session_wait(session, "log", SESSION_WAIT_MS);
        if (!event) {
            session_print_log(session);
            return fault_set(fault, FAULT_GAME, "the game logged no \"%s\"", word);
        }
        const char *text = event_text(event, "text");
        size_t length = strlen(word);
        bool found = strncmp(text, word, length) == 0 && text[length] == ' ';
        *ns = found ? strtod(text + length, NULL) : 0;
        json_decref(event);
        if (found) {
            return true;
        }
    }
}

// A build that is refused is an answer, too, and no reload will come.
static bool wait_for_swap(Session *session, json_t **reload, Fault *fault)
{
    for (;;) {
        json_t *event = session_event(session, SESSION_WAIT_MS);
        if (!event) {
            session_print_log(session);
            return fault_set(fault, FAULT_GAME, "no reload came");
        }
        if (event_is(event, "reload")) {
            *reload = event;
            return true;
        }
        if (event_is(event, "refused") || event_is(event, "build_failed")) {
            (void)fault_set(fault, FAULT_GAME, "%s: %s", event_text(event, "event"),
                            event_text(event, "reason"));
            json_decref(event);
            return false;
        }
        json_decref(event);
    }
}

static bool edit_once(Bench *bench, Session *session, const MobGame *game, MobLayout layout,
                      Edited *edited, Fault *fault)
{
    json_t *reload = NULL;
    double calm_ns, longest_ns;
    if (!next_longest(session, "calm", &calm_ns, fault)
        || !bench_mob_source(bench, game, layout, fault)
        || !wait_for_swap(session, &reload, fault)) {
        return false;
    }
    double swap_ns = (double)event_number(reload, "swap_ns");
    json_decref(reload);
    if (!next_longest(session, "swapped", &longest_ns, fault)) {
        return false;
    }
    if (layout != MOB_FIRST) { // on the way back fields go, and nothing has to move
        samples_add(edited->swap, swap_ns);
        samples_add(edited->longest, longest_ns);
        samples_add(edited->calm, calm_ns);
    }
    return true;
}

static void edited_rows(Bench *bench, const EditedCase *one, const Edited *edited)
{
    size_t size_bytes = (size_t)one->game.count * MOB_BYTES;
    double copy_ns = bench_copy_ns(bench, size_bytes), ns = samples_median(edited->swap);
    bench_row_ns(bench, one->what, edited->longest, one->longest_ns,
                 arena_format(&bench->keep, "longest without a swap %s",
                              bench_ns_text(bench, samples_median(edited->calm))));
    bench_row_ns(bench, "    of it, live_swap (swap_ns)", edited->swap, 0,
                 arena_format(&bench->keep, "%.1f x memcpy of %.1f MB, %s", ns / copy_ns,
                              (double)size_bytes / 1e6, bench_ns_text(bench, copy_ns)));
}

static void one_edited(Bench *bench, const EditedCase *one)
{
    Session session = {0};
    Fault fault = {0};
    Edited edited = {bench_samples(bench), bench_samples(bench), bench_samples(bench)};
    const char *folder = arena_format(&bench->keep, "%s/%s", bench->folder, one->game.name);
    const char *args[] = {folder, "--headless", NULL};
    bool ok = bench_mob_source(bench, &one->game, MOB_FIRST, &fault)
              && running_begin(bench, &session, args, &fault);
    for (int i = 0; i < bench_rounds(bench, 12, 4) && ok; i++) {
        ok = edit_once(bench, &session, &one->game, one->layout, &edited, &fault)
             && edit_once(bench, &session, &one->game, MOB_FIRST, &edited, &fault);
    }
    (void)(session.pid ? session_stop(&session) : 0);
    if (ok) {
        edited_rows(bench, one, &edited);
    } else {
        bench_failed(bench, one->what, &fault);
    }
}

// --------------------------------------------------------------------------------- in this process

// What a frame over an edit consists of, in processor time of the frame's thread: a machine that
// does other things as well says nothing about more than that.
typedef struct FrameCost {
    Samples *swap, *first; // live_swap, and the tick after it, with what it has to remember
    Samples *later;        // the longest of those that follow: on the wall, for it may wait
} FrameCost;

static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static bool time_tick(Inside *inside, double *cpu, double *wall, Fault *fault)
{
    static const hl_input NO_INPUT;
    LiveTick did;
    uint64_t begin_ns = mono_ns(), begin_cpu_ns = cpu_ns();
    bool ok = live_tick(&inside->live, &NO_INPUT, &did, fault);
    *cpu = (double)(cpu_ns() - begin_cpu_ns);
    *wall = (double)(mono_ns() - begin_ns);
    return ok;
}

// The swap, and two thirds of a second of play at 60 Hz.
static bool swap_once(Inside *inside, const char *library, const FrameCost *cost, Fault *fault)
{
    enum { LATER_TICKS = 40 };
    GameLib lib;
    uint64_t swap_ns;
    double cpu = 0, wall = 0, longest = 0;
    if (!inside_load(inside, library, &lib, NULL, fault)) {
        return false;
    }
    uint64_t begin_ns = cpu_ns();
    bool ok = live_swap(&inside->live, &lib, &swap_ns, fault);
    samples_add(cost->swap, (double)(cpu_ns() - begin_ns));
    ok = ok && time_tick(inside, &cpu, &wall, fault);
    samples_add(cost->first, cpu);
    for (int i = 0; i < LATER_TICKS && ok; i++) {
        ok = time_tick(inside, &cpu, &wall, fault);
        longest = wall > longest ? wall : longest;
        mono_sleep_until(mono_ns() + NS_PER_S / 60);
    }
    samples_add(cost->later, longest);
    return ok;
}

static bool swap_many(Bench *bench, const char *const *libraries, const FrameCost *cost,
                      Fault *fault)
{
    Inside *inside = inside_open(bench, bench->folder, HISTORY_BYTES, fault);
    if (inside) {
        inside->live.config.kept = true; // as hotloop run does
    }
    bool ok = inside && inside_load_and_swap(inside, libraries[0], fault);
    for (int i = 0; i < 20 && ok; i++) {
        (void)inside_frame_ns(inside);
    }
    for (int i = 0; i < bench_rounds(bench, 16, 6) && ok; i++) {
        ok = swap_once(inside, libraries[(i + 1) % 2], cost, fault);
    }
    inside_close(inside);
    return ok;
}

static bool build_both(Bench *bench, const MobGame games[2], Build *builds[2],
                       const char *libraries[2], Fault *fault)
{
    bool ok = true;
    for (int i = 0; i < 2 && ok; i++) {
        const char *folder = arena_format(&bench->keep, "%s/%s", bench->folder, games[i].name);
        MobLayout layout = i == 0 ? MOB_FIRST : MOB_INSERTED;
        ok = bench_mob_source(bench, &games[i], layout, fault)
             && (libraries[i] = bench_build(bench, folder, &builds[i], fault)) != NULL;
    }
    return ok;
}

static void bench_frames(Bench *bench)
{
    static const MobGame GAMES[2] = {{"frame-first", 1000000, false},
                                     {"frame-edited", 1000000, false}};
    static const char WHAT[] = "  1,000,000, history full, in this process: live_swap";
    Fault fault = {0};
    Build *builds[2] = {NULL, NULL};
    const char *libraries[2];
    FrameCost cost = {bench_samples(bench), bench_samples(bench), bench_samples(bench)};
    if (build_both(bench, GAMES, builds, libraries, &fault)
        && swap_many(bench, libraries, &cost, &fault)) {
        bench_row_ns(bench, WHAT, cost.swap, 50e6,
                     arena_format(&bench->keep, "processor time; least %s",
                                  bench_ns_text(bench, samples_at(cost.swap, 0))));
        bench_row_ns(bench, "    the tick after it", cost.first, 50e6,
                     arena_format(&bench->keep, "processor time; least %s",
                                  bench_ns_text(bench, samples_at(cost.first, 0))));
        bench_row_ns(bench, "    the longest of the next 40, on the wall", cost.later, 50e6, "");
    } else {
        bench_failed(bench, WHAT, &fault);
    }
    build_close(builds[0]);
    build_close(builds[1]);
}

// ------------------------------------------------------------------------------------------- loops

typedef struct LoopCost {
    Samples *before;        // ticks that jump back, ns: of one build
    Samples *first, *later; // the first one after a swap to other structs, and those after it
} LoopCost;

// Until the loop jumps back again; how long the tick took that did.
static bool until_wrapped(Inside *inside, double *took_ns, Fault *fault)
{
    static const hl_input NO_INPUT;
    LiveTick did = {0};
    for (int i = 0; i < 1000 && !did.wrapped; i++) {
        uint64_t begin_ns = mono_ns();
        if (!live_tick(&inside->live, &NO_INPUT, &did, fault)) {
            return false;
        }
        *took_ns = (double)(mono_ns() - begin_ns);
    }
    if (inside->live.stopped.kind != FAULT_NONE) {
        *fault = inside->live.stopped;
        return false;
    }
    return did.wrapped || fault_set(fault, FAULT_GAME, "the loop did not jump back");
}

static bool begin_loop(Inside *inside, Fault *fault)
{
    enum { LOOP_TICKS = 30 };
    LiveLoop now;
    bool ok = live_loop_next(&inside->live, &now, fault);
    for (int i = 0; i < LOOP_TICKS && ok; i++) {
        (void)inside_frame_ns(inside);
    }
    return ok && live_loop_next(&inside->live, &now, fault)
           && (now == LIVE_LOOP_PLAY || fault_set(fault, FAULT_GAME, "there is no loop"));
}

static bool loop_round(Inside *inside, const char *const *libraries, LoopCost *cost, Fault *fault)
{
    enum { PASSES = 6 };
    double ns;
    bool ok = inside_load_and_swap(inside, libraries[0], fault);
    for (int i = 0; i < 40 && ok; i++) {
        (void)inside_frame_ns(inside);
    }
    ok = ok && begin_loop(inside, fault);
    for (int i = 0; i < PASSES && ok; i++) {
        ok = until_wrapped(inside, &ns, fault);
        samples_add(cost->before, ns);
    }
    ok = ok && inside_load_and_swap(inside, libraries[1], fault);
    for (int i = 0; i < PASSES && ok; i++) {
        ok = until_wrapped(inside, &ns, fault);
        samples_add(i == 0 ? cost->first : cost->later, ns);
    }
    live_loop_off(&inside->live);
    return ok;
}

static void bench_loops(Bench *bench)
{
    static const MobGame GAMES[2] = {{"loop-first", 100000, false}, {"loop-edited", 100000, false}};
    static const char WHAT[] = "  the first jump back after the edit";
    Fault fault = {0};
    Build *builds[2] = {NULL, NULL};
    const char *libraries[2];
    LoopCost cost = {bench_samples(bench), bench_samples(bench), bench_samples(bench)};
    bench_heading(bench, "A loop from before an edit of the struct of 100,000 objects");
    bool ok = build_both(bench, GAMES, builds, libraries, &fault);
    for (int i = 0; i < bench_rounds(bench, 5, 2) && ok; i++) {
        Inside *inside = inside_open(bench, bench->folder, HISTORY_BYTES, &fault);
        ok = inside && loop_round(inside, libraries, &cost, &fault);
        inside_close(inside);
    }
    build_close(builds[0]);
    build_close(builds[1]);
    if (!ok) {
        bench_failed(bench, WHAT, &fault);
        return;
    }
    double before_ns = samples_median(cost.before), later_ns = samples_median(cost.later);
    bench_row_ns(bench, WHAT, cost.first, 0, "");
    bench_row_ns(bench, "  each one after it", cost.later, 0,
                 arena_format(&bench->keep, "before the edit %s", bench_ns_text(bench, before_ns)));
    bench_row(bench, "    by one before the edit",
              arena_format(&bench->keep, "%.1f x", later_ns / before_ns), "", "<= 2 x",
              later_ns <= 2 * before_ns);
}

void bench_edited(Bench *bench)
{
    static const EditedCase CASES[] = {
        {{"live10k", 10000, false}, MOB_MANY, "  10,000 (0.6 MB): the longest frame", 2e9 / 60},
        {{"live100k", 100000, false},
         MOB_INSERTED,
         "  100,000 in one array: the longest frame",
         2e9 / 60},
        {{"livesingle", 100000, true},
         MOB_INSERTED,
         "  100,000 single ones: the longest frame",
         2e9 / 60},
        {{"live1m", 1000000, false},
         MOB_INSERTED,
         "  1,000,000 in one array: the longest frame",
         50e6},
    };
    bench_heading(bench, "A field inserted while hotloop run plays, history kept, 60 Hz");
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        one_edited(bench, &CASES[i]);
    }
    bench_frames(bench);
    bench_loops(bench);
}
