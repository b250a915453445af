// Figures of the running executable: its own clocks by its events file, and for the price of a
// frame a game that reads its thread's processor time.
#include "bench_running.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const double FRAME_NS = 1e9 / 60;

enum { NICENESS = 10 }; // app_run.c, COMPILER_NICENESS

typedef struct Niced {
    const char *const *command;
    bool ok;
} Niced;

static void *run_niced_thread(void *argument)
{
    Niced *niced = argument;
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS); // on Linux of this thread alone
    niced->ok = session_run(niced->command);
    return NULL;
}

// As nice as the runtime's own: on a busy machine what is nicer takes longer.
bool running_niced(const char *const *command)
{
    Niced niced = {.command = command};
    pthread_t thread;
    return pthread_create(&thread, NULL, run_niced_thread, &niced) == 0
           && pthread_join(thread, NULL) == 0 && niced.ok;
}

void running_pause(int round)
{
    mono_sleep_until(mono_ns() + 20 * NS_PER_MS + (uint64_t)(round * 7919 % 17) * NS_PER_MS
                     + (uint64_t)(round * 104729 % 1000) * 1000);
}

bool running_reload(Session *session, json_t **event, Fault *fault)
{
    *event = session_wait(session, "reload", SESSION_WAIT_MS);
    if (!*event) {
        session_print_log(session);
        return fault_set(fault, FAULT_GAME, "no reload came within %d s", SESSION_WAIT_MS / 1000);
    }
    return true;
}

bool running_begin(Bench *bench, Session *session, const char *const *args, Fault *fault)
{
    json_t *event = NULL;
    if (!session_start(session, bench->hotloop, bench->folder, args, fault)
        || !running_reload(session, &event, fault)) {
        (void)session_stop(session);
        return false;
    }
    json_decref(event);
    return true;
}

// A number that the game logged behind `word`; false when there is none within the time.
static bool logged(Session *session, const char *word, double *value)
{
    for (;;) {
        json_t *event = session_wait(session, "log", SESSION_WAIT_MS);
        if (!event) {
            return false;
        }
        const char *text = event_text(event, "text");
        bool found = strncmp(text, word, strlen(word)) == 0;
        *value = found ? strtod(text + strlen(word), NULL) : 0;
        json_decref(event);
        if (found) {
            return true;
        }
    }
}

// ---------------------------------------------------------------------------------------- frames

// A loop that only wakes up 60 times a second: no program that paces itself is cheaper. Returns its
// processor time a round, taken like the game takes it.
static double bare_wake_ns(void)
{
    enum { WAKES = 63 }; // one second, as long as one line of the game covers
    Samples wakes = {.count = 0};
    struct timespec before, now, period = {0, 16500000};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    for (int i = 0; i < WAKES; i++) {
        (void)ppoll(NULL, 0, &period, NULL);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        samples_add(&wakes, (double)(now.tv_sec - before.tv_sec) * 1e9
                                + (double)(now.tv_nsec - before.tv_nsec));
        before = now;
    }
    return samples_median(&wakes);
}

void bench_frame(Bench *bench)
{
    static const char WHAT[] = "  hotloop run --headless at 60 Hz, over a bare wake-up";
    Session session;
    Fault fault = {0};
    Samples *whole = bench_samples(bench), *bare = bench_samples(bench);
    Samples *over = bench_samples(bench);
    bench_heading(bench, "A frame around an empty game, processor time, no picture shown");
    const char *folder = bench_game_folder(bench, "meter", GAME_METER, 1);
    const char *args[] = {folder, "--headless", NULL};
    if (running_begin(bench, &session, args, &fault)) {
        double value, bare_ns = bare_wake_ns();
        for (int i = 0; i < bench_rounds(bench, 20, 5) && logged(&session, "frame ", &value); i++) {
            samples_add(whole, value);
            samples_add(bare, bare_ns);
            samples_add(over, value - bare_ns);
            bare_ns = bare_wake_ns(); // in the same second as the game's next line
        }
        (void)session_stop(&session);
        bench_row_ns(bench, WHAT, over, 50e3,
                     arena_format(&bench->keep, "%s, bare wake-up %s",
                                  bench_ns_text(bench, samples_median(whole)),
                                  bench_ns_text(bench, samples_median(bare))));
    } else {
        bench_failed(bench, WHAT, &fault);
    }
    bench_inside_frame(bench);
}

// ------------------------------------------------------------------- libraries of somebody's build

// Two libraries of one game, and the file that one is put over the other at.
typedef struct Pair {
    Build *builds[2];
    FileBytes bytes[2];
    const char *path;
} Pair;

static bool open_pair(Bench *bench, Pair *pair, const char *name, BenchGame game, Fault *fault)
{
    *pair = (Pair){0};
    for (unsigned i = 0; i < 2; i++) {
        const char *folder_name = arena_format(&bench->keep, "%s-%u", name, i);
        const char *folder = bench_game_folder(bench, folder_name, game, i + 1);
        const char *library = bench_build(bench, folder, &pair->builds[i], fault);
        if (!library || !file_read(&bench->keep, library, 64u << 20, &pair->bytes[i], fault)) {
            return false;
        }
    }
    const char *folder = arena_format(&bench->keep, "%s/so-%s", bench->folder, name);
    pair->path = arena_format(&bench->keep, "%s/%s.so", folder, name);
    return file_make_dirs(folder, 0700, fault)
           && session_save(pair->path, pair->bytes[0].data, pair->bytes[0].size_bytes, SAVE_RENAME,
                           0, NULL, fault);
}

static void close_pair(Pair *pair)
{
    build_close(pair->builds[0]);
    build_close(pair->builds[1]);
}

static bool put_library(const Pair *pair, int which, SaveStyle style, uint64_t *saved_ns,
                        Fault *fault)
{
    const FileBytes *bytes = &pair->bytes[which];
    return session_save(pair->path, bytes->data, bytes->size_bytes, style, 200, saved_ns, fault);
}

// ------------------------------------------------------------------------------------------- swaps

static bool take_swaps(Bench *bench, Session *session, const Pair *pair, Samples *whole,
                       Samples *alone, Fault *fault)
{
    for (int i = 1; i <= bench_rounds(bench, 25, 8); i++) {
        json_t *event;
        double value;
        // Until the game's meter holds plain frames again.
        if (!logged(session, "frame ", &value) || !logged(session, "frame ", &value)
            || !put_library(pair, i % 2, SAVE_RENAME, NULL, fault)
            || !running_reload(session, &event, fault)) {
            return false;
        }
        samples_add(alone, (double)event_number(event, "swap_ns"));
        json_decref(event);
        if (!logged(session, "swap ", &value)) {
            return fault_set(fault, FAULT_GAME, "the game did not log what the swap cost");
        }
        samples_add(whole, value);
    }
    return true;
}

void bench_swap(Bench *bench)
{
    static const char WHAT[] = "  hotloop run: all that the main thread does more";
    Session session;
    Fault fault = {0};
    Pair pair;
    Samples *whole = bench_samples(bench), *alone = bench_samples(bench);
    bench_heading(bench, "New code in the place of old, 64 MiB of state");
    const char *args[] = {"--so", NULL, "--headless", NULL};
    bool ok = open_pair(bench, &pair, "meter64", GAME_METER64, &fault);
    args[1] = pair.path;
    if (ok && running_begin(bench, &session, args, &fault)) {
        ok = take_swaps(bench, &session, &pair, whole, alone, &fault);
        (void)session_stop(&session);
    } else {
        ok = false;
    }
    close_pair(&pair);
    if (ok) {
        bench_row_ns(bench, WHAT, whole, 0.3e6, "");
        bench_row_ns(bench, "  of that, live_swap itself (swap_ns)", alone, 0, "");
    } else {
        bench_failed(bench, WHAT, &fault);
    }
    bench_inside_swap(bench);
}

// ------------------------------------------------------------------------- finished .so to first
// call

static bool take_libraries(Bench *bench, Session *session, const Pair *pair, SaveStyle style,
                           Samples *samples, Samples *loaded, Fault *fault)
{
    for (int i = 1; i <= bench_rounds(bench, 40, 12); i++) {
        uint64_t saved_ns;
        json_t *event;
        running_pause(i);
        if (!put_library(pair, i % 2, style, &saved_ns, fault)
            || !running_reload(session, &event, fault)) {
            return false;
        }
        samples_add(samples, (double)(event_number(event, "first_tick_ns") - saved_ns));
        samples_add(loaded, (double)(event_number(event, "ready_ns") - saved_ns));
        json_decref(event);
    }
    return true;
}

static void one_style(Bench *bench, SaveStyle style)
{
    const char *what = arena_format(&bench->keep, "  --so, %s", SAVE_STYLE_NAMES[style]);
    Session session;
    Fault fault = {0};
    Pair pair;
    Samples *samples = bench_samples(bench), *loaded = bench_samples(bench);
    const char *name = arena_format(&bench->keep, "lib%d", (int)style);
    bool ok = open_pair(bench, &pair, name, GAME_SMALL, &fault);
    const char *args[] = {"--so", pair.path, "--headless", NULL};
    if (ok && running_begin(bench, &session, args, &fault)) {
        ok = take_libraries(bench, &session, &pair, style, samples, loaded, &fault);
        (void)session_stop(&session);
    } else {
        ok = false;
    }
    close_pair(&pair);
    if (ok) {
        bench_row_ns(bench, what, samples, FRAME_NS,
                     arena_format(&bench->keep, "loaded after %s",
                                  bench_ns_text(bench, samples_median(loaded))));
    } else {
        bench_failed(bench, what, &fault);
    }
}

void bench_so(Bench *bench)
{
    bench_heading(bench, "From a finished library to its first call, a small game at 60 Hz");
    one_style(bench, SAVE_RENAME);
    one_style(bench, SAVE_IN_PLACE);
    one_style(bench, SAVE_TRUNCATE);
}

// ---------------------------------------------------------------------------------------- --fast

typedef struct FastGame {
    const char *name, *folder, *library;
    uint64_t ticks, enter_tick;
} FastGame;

// `hotloop run --fast --ticks N`: from the end of its first tick to that of its last.
static bool run_fast(Bench *bench, const FastGame *game, uint64_t *took_ns, char hash[20],
                     Fault *fault)
{
    char ticks[24], script[64];
    Session session;
    const char *script_path = arena_format(&bench->keep, "%s/enter.txt", bench->folder);
    (void)text_format(ticks, sizeof(ticks), "%llu", (unsigned long long)game->ticks);
    (void)text_format(script, sizeof(script), "%llu tap ENTER\n",
                      (unsigned long long)game->enter_tick);
    const char *args[16] = {game->folder, "--headless", "--fast", "--seed",
                            "1",          "--ticks",    ticks,    NULL};
    if (game->enter_tick) {
        args[7] = "--script";
        args[8] = script_path;
        if (!file_write(script_path, script, strlen(script), fault)) {
            return false;
        }
    }
    json_t *reload = NULL, *quit = NULL;
    if (session_start(&session, bench->hotloop, bench->folder, args, fault)
        && running_reload(&session, &reload, fault)) {
        quit = session_wait(&session, "quit", 10 * SESSION_WAIT_MS);
    }
    if (quit) {
        *took_ns = event_number(quit, "mono_ns") - event_number(reload, "first_tick_ns");
        (void)text_format(hash, 20, "%s", event_text(quit, "hash"));
    }
    bool ok = quit != NULL;
    json_decref(reload);
    json_decref(quit);
    (void)session_stop(&session);
    return ok || fault_set(fault, FAULT_GAME, "%s: --ticks %s did not end", game->name, ticks);
}

// `hotloop verify` of the same run: nanoseconds a tick, as it says itself; 0: it failed.
static double verify_ns(Bench *bench, const char *recording, const FastGame *game)
{
    double ticks_a_us = 0;
    char line[4096];
    FILE *pipe = popen(arena_format(&bench->keep, "'%s' verify '%s' --game '%s' 2>/dev/null",
                                    bench->hotloop, recording, game->folder),
                       "r");
    while (pipe && fgets(line, sizeof(line), pipe)) {
        const char *figure = strstr(line, " ticks, ");
        if (!figure || sscanf(figure, " ticks, %lf million", &ticks_a_us) != 1) {
            continue;
        }
    }
    bool ok = pipe && pclose(pipe) == 0 && ticks_a_us > 0;
    return ok ? 1e3 / ticks_a_us : 0;
}

// A recording of the run, which costs a look at the memory after every tick, is made once.
static bool record_run(Bench *bench, const FastGame *game, const char *recording)
{
    const char *script = game->enter_tick
                             ? arena_format(&bench->keep, " --script '%s/enter.txt'", bench->folder)
                             : "";
    uint64_t ticks = game->ticks < 500000 ? game->ticks : 500000;
    const char *command =
        arena_format(&bench->keep,
                     "'%s' run '%s' --headless --fast --seed 1 --ticks %llu --record '%s'%s "
                     ">/dev/null 2>&1",
                     bench->hotloop, game->folder, (unsigned long long)ticks, recording, script);
    return system(command) == 0;
}

static void one_verify(Bench *bench, const FastGame *game, double bare_ns)
{
    const char *recording = arena_format(&bench->keep, "%s/verify.replay", bench->folder);
    Samples *ratios = bench_samples(bench), *running = bench_samples(bench);
    bool ok = record_run(bench, game, recording);
    for (int i = 0; i < bench_rounds(bench, 9, 3) && ok; i++) {
        double ns = verify_ns(bench, recording, game);
        ok = ns > 0;
        samples_add(ratios, bare_ns / ns);
        samples_add(running, ns);
    }
    if (!ok) {
        Fault fault;
        (void)fault_set(&fault, FAULT_GAME, "the recording could not be verified");
        bench_failed(bench, game->name, &fault);
        return;
    }
    double ratio = samples_median(ratios);
    bool has_budget = strcmp(game->name, "empty") != 0;
    bench_row(
        bench, arena_format(&bench->keep, "  %s: hotloop verify by the bare loop", game->name),
        arena_format(&bench->keep, "%.2f", ratio),
        arena_format(&bench->keep, "%s a tick", bench_ns_text(bench, samples_median(running))),
        has_budget ? ">= 0.80" : "", has_budget ? ratio >= 0.8 : -1);
}

static void one_fast(Bench *bench, FastGame *game)
{
    Fault fault = {0};
    Samples *ratios = bench_samples(bench), *bare = bench_samples(bench);
    Samples *running = bench_samples(bench), *live = bench_samples(bench);
    bool ok = true, same = true;
    double ticks = (double)(game->ticks - 1);
    for (int i = 0; i < bench_rounds(bench, 9, 3) && ok; i++) {
        BenchLoop loop;
        uint64_t took_ns = 1;
        char hash[20] = "", bare_hash[20];
        ok = bench_inside_loop(bench, game->library, game->ticks, game->enter_tick, &loop, &fault)
             && run_fast(bench, game, &took_ns, hash, &fault);
        samples_add(ratios, (double)loop.bare_ns / (double)took_ns);
        samples_add(bare, (double)loop.bare_ns / ticks);
        samples_add(live, (double)loop.live_ns / ticks);
        samples_add(running, (double)took_ns / ticks);
        (void)text_format(bare_hash, sizeof(bare_hash), "%016llx",
                          (unsigned long long)loop.bare_hash);
        same = same && strcmp(hash, bare_hash) == 0;
    }
    if (!ok) {
        bench_failed(bench, game->name, &fault);
        return;
    }
    double ratio = samples_median(ratios);
    const char *beside =
        arena_format(&bench->keep, "bare %s a tick%s", bench_ns_text(bench, samples_median(bare)),
                     same ? ", same hash" : ", OTHER HASH");
    bool has_budget = strcmp(game->name, "empty") != 0;
    bench_row(bench,
              arena_format(&bench->keep, "  %s: ticks a second by the bare loop's", game->name),
              arena_format(&bench->keep, "%.2f", ratio), beside, has_budget ? ">= 0.90" : "",
              has_budget ? ratio >= 0.9 : -1);
    bench_row_ns(bench, "    a tick of hotloop run", running, 0,
                 arena_format(&bench->keep, "live_tick alone %s",
                              bench_ns_text(bench, samples_median(live))));
    one_verify(bench, game, samples_median(bare));
}

void bench_fast(Bench *bench)
{
    Fault fault = {0};
    Build *platformer = NULL, *large = NULL, *empty = NULL;
    const char *fox = BENCH_SOURCE_DIR "/game/platformer";
    const char *large_folder = bench_game_folder(bench, "fast-large", GAME_LARGE, 1);
    const char *empty_folder = bench_game_folder(bench, "fast-empty", GAME_EMPTY, 1);
    uint64_t scale = bench->quick ? 1 : 2;
    FastGame games[] = {
        {"platformer, title", fox, bench_build(bench, fox, &platformer, &fault), 400000 * scale, 0},
        {"platformer, playing", fox, NULL, 400000 * scale, 60},
        {"2,500 lines, 256 things", large_folder, bench_build(bench, large_folder, &large, &fault),
         10000 * scale, 0},
        {"empty", empty_folder, bench_build(bench, empty_folder, &empty, &fault), 4000000 * scale,
         0}};
    games[1].library = games[0].library;
    bench_heading(bench, "--headless --fast beside a bare loop that calls update()");
    for (size_t i = 0; i < COUNT_OF(games); i++) {
        if (games[i].library) {
            one_fast(bench, &games[i]);
        } else {
            bench_failed(bench, games[i].name, &fault);
        }
    }
    build_close(platformer);
    build_close(large);
    build_close(empty);
}
