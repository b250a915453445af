// The fast tier: from a save to the first call of tcc's code, beside bare tcc, gcc -O0 and gcc -O2
// on the same text in the same run; how evenly; and whether both tiers make the same game.
#include "bench_running.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const double FRAME_NS = 1e9 / 60, OVER_TCC_NS = 5e6;

enum { FILES = 10, FILE_FUNCTIONS = 10 };

// ----------------------------------------------------------------------------- what it is beside

typedef enum Beside { BESIDE_TCC, BESIDE_O0, BESIDE_O2, BESIDES } Beside;

typedef struct TierCase {
    const char *id, *name, *tiers;
    bool is_one;      // one file, else one of ten
    BenchGame game;   // when it is
    double budget_ns; // save to first call
    int rounds, quick_rounds;
} TierCase;

typedef struct TierSamples {
    Samples *first, *ready, *beside[BESIDES], *over, *link, *load, *swap;
    uint32_t edits, fast, in_two_frames;
} TierSamples;

static const char *case_text(Bench *bench, const TierCase *one, unsigned edit)
{
    return one->is_one ? bench_game_text(&bench->keep, one->game, edit)
                       : bench_many_text(&bench->keep, 0, FILE_FUNCTIONS, edit);
}

static const char *case_folder(Bench *bench, const TierCase *one, Fault *fault)
{
    if (!one->is_one) {
        return bench_many_folder(bench, one->id, FILES, FILE_FUNCTIONS, 1);
    }
    const char *folder = arena_format(&bench->keep, "%s/%s", bench->folder, one->id);
    const char *text = case_text(bench, one, 1);
    bool ok = file_make_dirs(folder, 0700, fault)
              && session_save(arena_format(&bench->keep, "%s/file_0.c", folder), text, strlen(text),
                              SAVE_RENAME, 0, NULL, fault);
    return ok ? folder : NULL;
}

// One compiler alone on `source`, to an object: no link, no load.
static bool timed_compiler(Bench *bench, Beside beside, const char *source, Samples *samples)
{
    const char *object = arena_format(&bench->keep, "%s/beside.o", bench->folder);
    const char *const commands[BESIDES][12] = {
        {"/usr/bin/tcc", "-g", "-I" BENCH_API_DIR, "-c", "-o", object, source},
        {"/usr/bin/gcc", "-g", "-O0", "-fPIC", "-I" BENCH_API_DIR, "-c", "-o", object, source},
        {"/usr/bin/gcc", "-g", "-O2", "-fPIC", "-I" BENCH_API_DIR, "-c", "-o", object, source}};
    uint64_t begin_ns = mono_ns();
    bool ok = running_niced(commands[beside]);
    samples_add(samples, (double)(mono_ns() - begin_ns));
    return ok;
}

// ----------------------------------------------------------------------------- save to first call

// The next reload that a save gave: with two tiers the fast one is the first.
static bool timed_save(Bench *bench, Session *session, const char *source, const char *text,
                       TierSamples *samples, Fault *fault)
{
    uint64_t saved_ns;
    json_t *event;
    uint64_t begin_ns = mono_ns();
    const char *copy = arena_format(&bench->keep, "%s/beside.c", bench->folder);
    if (!session_save(copy, text, strlen(text), SAVE_RENAME, 0, NULL, fault)
        || !timed_compiler(bench, BESIDE_TCC, copy, samples->beside[BESIDE_TCC])) {
        return fault_set(fault, FAULT_BUILD, "bare tcc failed on %s", copy);
    }
    double tcc_ns = (double)(mono_ns() - begin_ns);
    running_pause((int)samples->edits);
    if (!session_save(source, text, strlen(text), SAVE_RENAME, 0, &saved_ns, fault)
        || !running_reload(session, &event, fault)) {
        return false;
    }
    uint64_t built_ns = event_number(event, "built_ns"), ready_ns = event_number(event, "ready_ns");
    uint64_t first_ns = event_number(event, "first_tick_ns");
    samples->edits++;
    samples->fast += strcmp(event_text(event, "tier"), "fast") == 0;
    samples->in_two_frames += (double)(first_ns - saved_ns) <= 2 * FRAME_NS;
    samples_add(samples->first, (double)(first_ns - saved_ns));
    samples_add(samples->ready, (double)(ready_ns - saved_ns));
    samples_add(samples->over, (double)(ready_ns - saved_ns) - tcc_ns);
    samples_add(samples->link, (double)(built_ns - saved_ns));
    samples_add(samples->load, (double)(ready_ns - built_ns));
    samples_add(samples->swap, (double)(first_ns - ready_ns));
    json_decref(event);
    return true;
}

static void save_rows(Bench *bench, const TierCase *one, TierSamples *samples)
{
    double tcc_ns = samples_median(samples->beside[BESIDE_TCC]);
    bench_row_ns(bench, arena_format(&bench->keep, "  %s: save to ready to be called", one->name),
                 samples->ready, one->budget_ns,
                 arena_format(&bench->keep, "tcc -c %s, gcc -O0 -c %s, -O2 -c %s",
                              bench_ns_text(bench, tcc_ns),
                              bench_ns_text(bench, samples_median(samples->beside[BESIDE_O0])),
                              bench_ns_text(bench, samples_median(samples->beside[BESIDE_O2]))));
    bench_row_ns(bench, "    over bare tcc of the same round", samples->over, OVER_TCC_NS, "");
    bench_row_ns(bench, "    of it, to the library on disk", samples->link, 0, "");
    bench_row_ns(bench, "    from there to ready", samples->load, 0, "");
    bench_row_ns(bench, "    from ready to the first tick", samples->swap, FRAME_NS,
                 "at 60 ticks a second: half a period on average");
    double most = samples_at(samples->ready, 0.95) / samples_median(samples->ready);
    bench_row(
        bench, "    95th of 100 by the median", arena_format(&bench->keep, "%.2fx", most),
        arena_format(&bench->keep, "%u edits, %u of them fast", samples->edits, samples->fast),
        "2x", most <= 2);
    double seen = 100.0 * samples->in_two_frames / (samples->edits ? samples->edits : 1);
    bench_row(bench, "    first tick, and its picture, within two frames of the save",
              arena_format(&bench->keep, "%.0f%%", seen), "", "95%", seen >= 95);
}

static bool slow_besides(Bench *bench, const TierCase *one, const TierSamples *samples)
{
    const char *copy = arena_format(&bench->keep, "%s/beside.c", bench->folder);
    const char *text = case_text(bench, one, 2);
    Fault fault;
    bool ok = session_save(copy, text, strlen(text), SAVE_RENAME, 0, NULL, &fault);
    for (int i = 0; i < bench_rounds(bench, 3, 1) && ok; i++) {
        ok = timed_compiler(bench, BESIDE_O0, copy, samples->beside[BESIDE_O0])
             && timed_compiler(bench, BESIDE_O2, copy, samples->beside[BESIDE_O2]);
    }
    return ok;
}

static void one_case(Bench *bench, const TierCase *one)
{
    Session session;
    Fault fault = {0};
    TierSamples samples = {.first = bench_samples(bench),
                           .ready = bench_samples(bench),
                           .over = bench_samples(bench),
                           .link = bench_samples(bench),
                           .load = bench_samples(bench),
                           .swap = bench_samples(bench)};
    for (int i = 0; i < BESIDES; i++) {
        samples.beside[i] = bench_samples(bench);
    }
    const char *folder = case_folder(bench, one, &fault);
    const char *tier = arena_format(&bench->keep, "--tier=%s", one->tiers);
    const char *args[] = {folder, "--headless", "--cc", "gcc", tier, NULL};
    bool ok = folder && slow_besides(bench, one, &samples)
              && running_begin(bench, &session, args, &fault);
    if (!ok) {
        bench_failed(bench, one->name, &fault);
        return;
    }
    const char *source = arena_format(&bench->keep, "%s/file_0.c", folder);
    int rounds = bench_rounds(bench, one->rounds, one->quick_rounds);
    for (int i = 0; i < rounds && ok; i++) {
        size_t mark = bench->keep.used_bytes;
        ok = timed_save(bench, &session, source, case_text(bench, one, (unsigned)i + 2), &samples,
                        &fault);
        arena_reset(&bench->keep, mark);
    }
    (void)session_stop(&session);
    if (ok) {
        save_rows(bench, one, &samples);
    } else {
        bench_failed(bench, one->name, &fault);
    }
}

// ----------------------------------------------------------------------------- the same game twice

// A number in the source becomes another one; what does not compile then is no edit.
static const char *edited(Arena *arena, const char *text, uint64_t *random)
{
    enum { TRIES = 200 };
    size_t length = strlen(text);
    for (int i = 0; i < TRIES; i++) {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        size_t at = (size_t)(*random >> 20) % length;
        bool is_number = text[at] >= '1' && text[at] <= '9' && at > 0
                         && strchr(" (,-", text[at - 1]) && strchr(" ),;.f", text[at + 1]);
        if (is_number) {
            char *copy = arena_copy_text(arena, text);
            copy[at] = (char)('1' + (copy[at] - '1' + 1 + (int)(*random >> 60) % 8) % 9);
            return copy;
        }
    }
    return NULL;
}

static const char *read_text(Arena *arena, const char *path)
{
    FileBytes bytes;
    return file_read(arena, path, 1 << 20, &bytes, NULL)
               ? arena_format(arena, "%.*s", (int)bytes.size_bytes, (const char *)bytes.data)
               : NULL;
}

typedef struct Twice {
    uint32_t same, differ, slow, none; // edits; of them without a fast build, without any
    uint32_t died, died_once;          // with both builds, which is the same, too; with one of them
    char first[200];
} Twice;

// What 600 ticks of that library come to: a hash, or 0 where the game died of the edit. In a
// process of its own, since nobody stands between such a game and this program.
static uint64_t play(Bench *bench, const char *library)
{
    enum { TICKS = 600, ENTER_TICK = 20, LIMIT_S = 60 };
    int ends[2];
    uint64_t hash = 0;
    if (pipe(ends) != 0) {
        return 0;
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        BenchLoop loop;
        Fault fault;
        alarm(LIMIT_S);
        bool ok = bench_inside_loop(bench, library, TICKS, ENTER_TICK, &loop, &fault);
        uint64_t played = ok ? loop.bare_hash | 1 : 0;
        _exit(write(ends[1], &played, sizeof(played)) == (ssize_t)sizeof(played) ? 0 : 1);
    }
    close(ends[1]);
    if (child < 0 || read(ends[0], &hash, sizeof(hash)) != (ssize_t)sizeof(hash)) {
        hash = 0;
    }
    close(ends[0]);
    if (child > 0) {
        (void)waitpid(child, NULL, 0);
    }
    return hash;
}

// Plays 600 ticks of both builds of the sources as they are.
static void play_twice(Bench *bench, Build *build, const char *what, Twice *twice)
{
    BuildReport *fast = ARENA_NEW(&bench->keep, BuildReport, 1);
    BuildReport *full = ARENA_NEW(&bench->keep, BuildReport, 1);
    (void)build_run_fast(build, -1, fast);
    (void)build_run(build, -1, full);
    if (!full->ok || !fast->ok) {
        twice->none += !full->ok;
        twice->slow += full->ok;
        return;
    }
    uint64_t by_fast = play(bench, fast->library_path), by_full = play(bench, full->library_path);
    if (by_fast != by_full && (by_fast == 0 || by_full == 0)) {
        twice->died_once++; // an index too large, say: C gives such a game no meaning
    } else if (by_fast == by_full) {
        twice->same++;
        twice->died += by_fast == 0;
    } else if (twice->differ++ == 0) {
        (void)text_format(twice->first, sizeof(twice->first), "%s", what);
    }
}

// Random edits of one of the demo games; all its files are compiled every other time, since the
// header that all of them include changes as well.
static bool edit_game(Bench *bench, const char *game, const char *const *files, const char *header,
                      int edits, Twice *twice, Fault *fault)
{
    Build *build = NULL;
    uint64_t random = 20261123;
    const char *folder = arena_format(&bench->keep, "%s/twice-%s", bench->folder, game);
    size_t count = 0;
    const char *texts[16];
    bool ok = file_make_dirs(folder, 0700, fault);
    for (; files[count] && ok; count++) {
        texts[count] = read_text(&bench->keep, arena_format(&bench->keep, "%s/game/%s/%s",
                                                            BENCH_SOURCE_DIR, game, files[count]));
        ok = texts[count] != NULL
             && session_save(arena_format(&bench->keep, "%s/%s", folder, files[count]),
                             texts[count], strlen(texts[count]), SAVE_RENAME, 0, NULL, fault);
    }
    ok = ok && bench_build_both(bench, folder, &build, fault);
    for (int i = 0; i < edits && ok; i++) {
        size_t mark = bench->keep.used_bytes;
        const char *file = files[(size_t)i % count];
        const char *path = arena_format(&bench->keep, "%s/%s", folder, file);
        const char *text = edited(&bench->keep, texts[(size_t)i % count], &random);
        const char *touched = arena_format(&bench->keep, "%s\nenum { TOUCHED_%d };\n", texts[0], i);
        if (text && (!header || strcmp(file, header) != 0)) {
            (void)build_rest(build, -1); // every other time only what is edited is read
            ok = (!header || i % 2 == 0
                  || session_save(arena_format(&bench->keep, "%s/%s", folder, header), touched,
                                  strlen(touched), SAVE_RENAME, 0, NULL, fault))
                 && session_save(path, text, strlen(text), SAVE_RENAME, 0, NULL, fault);
            if (ok) {
                play_twice(bench, build, path, twice);
            }
            ok = ok
                 && session_save(path, texts[(size_t)i % count], strlen(texts[(size_t)i % count]),
                                 SAVE_RENAME, 0, NULL, fault);
        }
        arena_reset(&bench->keep, mark);
    }
    build_close(build);
    return ok;
}

static void same_game(Bench *bench)
{
    static const char *const PONG[] = {"pong.c", NULL};
    static const char *const FOX[] = {"platformer.h", "body.c", "effects.c", "hero.c", "level.c",
                                      "platformer.c", "mobs.c", "view.c",    NULL};
    static const char *const FIRE[] = {"fire.c", NULL};
    Twice twice = {0};
    Fault fault = {0};
    int edits = bench_rounds(bench, 900, 12); // some hundreds of them are the same one again
    bool ok = edit_game(bench, "pong", PONG, NULL, edits * 2 / 5, &twice, &fault)
              && edit_game(bench, "fire", FIRE, NULL, edits / 5, &twice, &fault)
              && edit_game(bench, "platformer", FOX, "platformer.h", edits * 2 / 5, &twice, &fault);
    if (!ok) {
        bench_failed(bench, "  random edits of the demo games", &fault);
        return;
    }
    bench_row(bench, "  random edits of the demo games: the same hash after 600 ticks",
              arena_format(&bench->keep, "%u of %u", twice.same, twice.same + twice.differ),
              arena_format(
                  &bench->keep,
                  "%u died of it with both, %u with one, %u had their full build already, %u did "
                  "not compile%s%s",
                  twice.died, twice.died_once, twice.slow, twice.none,
                  twice.differ ? "; first: " : "", twice.first),
              "all", twice.differ == 0 && twice.same > 0);
}

void bench_tier(Bench *bench)
{
    static const TierCase CASES[] = {
        {"tier-1", "2,500 lines in one file", "both", true, GAME_LARGE, 20e6, 500, 10},
        {"tier-10", "one of ten files", "both", false, GAME_LARGE, 15e6, 100, 10},
        {"tier-huge", "100,000 lines in one file", "fast", true, GAME_HUGE, 200e6, 20, 3}};
    bench_heading(bench, "From a save to the fast compiler's code");
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        one_case(bench, &CASES[i]);
    }
    bench_heading(bench, "The same game by both compilers");
    same_game(bench);
}
