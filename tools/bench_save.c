// From a save to the first call of the new code, beside the bare compile and link commands in the
// same run; and the frames of the game meanwhile.
#include "bench_running.h"

#include <stdio.h>
#include <string.h>

static const double FRAME_NS = 1e9 / 60;

// --------------------------------------------------------------------------------- bare commands

enum { FILES = 10, FILE_FUNCTIONS = 10 }; // 2,500 lines

// What somebody without us would type: the same flags, through the driver.
typedef struct Bare {
    const char *folder, *source;
    const char *whole[64], *unit[64], *link[64]; // of one file in one call; of ten: the two
    bool is_one;
} Bare;

static size_t put_words(Bench *bench, const char **out, const char *command_text)
{
    size_t count = 0;
    for (char *word = strtok(arena_copy_text(&bench->keep, command_text), " "); word && count < 40;
         word = strtok(NULL, " ")) {
        out[count++] = word;
    }
    return count;
}

static const char *in_folder(Bench *bench, const Bare *bare, const char *name)
{
    return arena_format(&bench->keep, "%s/%s", bare->folder, name);
}

static void make_bare(Bench *bench, Bare *bare, bool is_one, const char *command_text)
{
    size_t words = put_words(bench, bare->unit, command_text);
    const char *library = in_folder(bench, bare, "bare.so");
    bare->is_one = is_one;
    bare->source = in_folder(bench, bare, "file_0.c");
    memcpy(bare->whole, bare->unit, words * sizeof(bare->whole[0]));
    const char *unit_end[] = {"-c", "-o", in_folder(bench, bare, "file_0.o"), bare->source};
    const char *whole_end[] = {"-shared", "-o", library, bare->source, "-lm"};
    const char *link_end[] = {bare->unit[0], "-shared", "-o", library, "-lm"};
    memcpy(bare->unit + words, unit_end, sizeof(unit_end));
    memcpy(bare->whole + words, whole_end, sizeof(whole_end));
    memcpy(bare->link, link_end, sizeof(link_end));
    size_t count = COUNT_OF(link_end);
    for (unsigned i = 0; i < FILES; i++) {
        bare->link[count++] = in_folder(bench, bare, arena_format(&bench->keep, "file_%u.o", i));
    }
    bare->link[count] = in_folder(bench, bare, "main.o");
}

// The other files' objects, which a save of one of them does not touch.
static bool compile_others(Bench *bench, const Bare *bare, const char *game_folder, Fault *fault)
{
    const char *command[64];
    memcpy(command, bare->unit, sizeof(command));
    size_t end = 0;
    while (command[end]) {
        end++;
    }
    for (unsigned i = 1; i <= FILES; i++) {
        const char *name = i == FILES ? "main" : arena_format(&bench->keep, "file_%u", i);
        command[end - 2] = in_folder(bench, bare, arena_format(&bench->keep, "%s.o", name));
        command[end - 1] = arena_format(&bench->keep, "%s/%s.c", game_folder, name);
        if (!session_run(command)) {
            return fault_set(fault, FAULT_BUILD, "%s: the bare compiler failed", command[end - 1]);
        }
    }
    return true;
}

// The same text through the bare commands.
static bool timed_bare(const Bare *bare, const char *text, double *whole_ns, Fault *fault)
{
    if (!session_save(bare->source, text, strlen(text), SAVE_RENAME, 0, NULL, fault)) {
        return false;
    }
    uint64_t begin_ns = mono_ns();
    bool ok = bare->is_one ? running_niced(bare->whole)
                           : running_niced(bare->unit) && running_niced(bare->link);
    *whole_ns = (double)(mono_ns() - begin_ns);
    return ok || fault_set(fault, FAULT_BUILD, "the bare compiler failed on %s", bare->source);
}

// ----------------------------------------------------------------------------- save to first call

typedef struct SaveSamples {
    Samples *whole, *bare, *over, *build, *load, *wait; // of the whole: built, ready, first call
} SaveSamples;

// One save, until the new code has run its first tick.
static bool timed_save(Session *session, const char *source, const char *text,
                       const SaveSamples *samples, double *whole_ns, Fault *fault)
{
    uint64_t saved_ns;
    json_t *event;
    if (!session_save(source, text, strlen(text), SAVE_RENAME, 0, &saved_ns, fault)
        || !running_reload(session, &event, fault)) {
        return false;
    }
    uint64_t built_ns = event_number(event, "built_ns");
    uint64_t ready_ns = event_number(event, "ready_ns");
    uint64_t first_ns = event_number(event, "first_tick_ns");
    *whole_ns = (double)(first_ns - saved_ns);
    samples_add(samples->build, (double)(built_ns - saved_ns));
    samples_add(samples->load, (double)(ready_ns - built_ns));
    samples_add(samples->wait, (double)(first_ns - ready_ns));
    json_decref(event);
    return true;
}

// Both, in turns which is first.
static bool save_round(Session *session, int round, const char *source, const char *text,
                       const Bare *bare, const SaveSamples *samples, Fault *fault)
{
    double whole_ns = 0, bare_ns = 0;
    bool ok = round % 2 || timed_bare(bare, text, &bare_ns, fault);
    running_pause(round);
    ok = ok && timed_save(session, source, text, samples, &whole_ns, fault);
    running_pause(round + 5);
    ok = ok && (round % 2 == 0 || timed_bare(bare, text, &bare_ns, fault));
    samples_add(samples->whole, whole_ns);
    samples_add(samples->bare, bare_ns);
    samples_add(samples->over, whole_ns - bare_ns);
    return ok;
}

static void save_rows(Bench *bench, const char *name, const SaveSamples *samples)
{
    double whole_ns = samples_median(samples->whole), bare_ns = samples_median(samples->bare);
    bench_row_ns(bench, arena_format(&bench->keep, "  %s: save to first call", name),
                 samples->whole, 0,
                 arena_format(&bench->keep, "bare commands %s, ratio %.2f",
                              bench_ns_text(bench, bare_ns), whole_ns / bare_ns));
    // What disturbs only adds, so the least of each tells most on a busy machine.
    bench_row_ns(bench, "    over the bare compile and link", samples->over, 10e6,
                 arena_format(&bench->keep, "least of each: %s over",
                              bench_ns_text(bench, samples_at(samples->whole, 0)
                                                       - samples_at(samples->bare, 0))));
    bench_row_ns(bench, "    of it, from the library to ready", samples->load, 0, "");
    bench_row_ns(bench, "    and from there to its first call", samples->wait, FRAME_NS,
                 "half a period on average");
}

// A game of one file or ten, by one of the compilers.
typedef struct SaveCase {
    const char *id, *name, *compiler;
    bool is_one;
} SaveCase;

static const char *case_text(Arena *arena, const SaveCase *one, unsigned edit)
{
    return one->is_one ? bench_game_text(arena, GAME_LARGE, edit)
                       : bench_many_text(arena, 0, FILE_FUNCTIONS, edit);
}

static const char *case_folder(Bench *bench, const SaveCase *one, Fault *fault)
{
    if (!one->is_one) {
        return bench_many_folder(bench, one->id, FILES, FILE_FUNCTIONS, 1);
    }
    const char *folder = arena_format(&bench->keep, "%s/%s", bench->folder, one->id);
    const char *source = arena_format(&bench->keep, "%s/file_0.c", folder);
    const char *text = case_text(&bench->keep, one, 1);
    (void)(file_make_dirs(folder, 0700, fault)
           && session_save(source, text, strlen(text), SAVE_RENAME, 0, NULL, fault));
    return folder;
}

static bool prepare_bare(Bench *bench, const SaveCase *one, const char *folder, const Build *build,
                         Bare *bare, Fault *fault)
{
    *bare = (Bare){.folder = arena_format(&bench->keep, "%s/bare-%s", bench->folder, one->id)};
    make_bare(bench, bare, one->is_one, build_command_text(build));
    return file_make_dirs(bare->folder, 0700, fault)
           && (one->is_one || compile_others(bench, bare, folder, fault));
}

static void one_save(Bench *bench, const SaveCase *one, int rounds)
{
    Session session;
    Fault fault = {0};
    Build *build = NULL;
    Bare bare;
    SaveSamples samples = {bench_samples(bench), bench_samples(bench), bench_samples(bench),
                           bench_samples(bench), bench_samples(bench), bench_samples(bench)};
    const char *folder = case_folder(bench, one, &fault);
    const char *args[] = {folder, "--headless", "--cc", one->compiler, NULL};
    bool ok = bench_build_by(bench, folder, one->compiler, &build, &fault) != NULL
              && prepare_bare(bench, one, folder, build, &bare, &fault);
    if (ok && running_begin(bench, &session, args, &fault)) {
        const char *source = arena_format(&bench->keep, "%s/file_0.c", folder);
        for (int i = 0; i <= rounds && ok; i++) {
            const char *text = case_text(&bench->keep, one, (unsigned)i + 2);
            ok = save_round(&session, i, source, text, &bare, &samples, &fault);
        }
        (void)session_stop(&session);
    } else {
        ok = false;
    }
    build_close(build);
    if (ok) {
        save_rows(bench, one->name, &samples);
    } else {
        bench_failed(bench, one->name, &fault);
    }
}

void bench_save(Bench *bench)
{
    static const SaveCase CASES[] = {{"save-gcc-1", "gcc, one file", "gcc", true},
                                     {"save-clang-1", "clang, one file", "clang", true},
                                     {"save-gcc-10", "gcc, one of ten files", "gcc", false},
                                     {"save-clang-10", "clang, one of ten files", "clang", false}};
    bench_heading(bench, "From a save to the first call of the new code, 2,500 lines");
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        one_save(bench, &CASES[i],
                 CASES[i].is_one ? bench_rounds(bench, 12, 3) : bench_rounds(bench, 24, 8));
    }
}

// ----------------------------------------------------------------------------- frames meanwhile

// The beginnings of the game's updates, as it logs them.
typedef struct Pace {
    Samples *longest, *calm;   // between two updates, of each window
    Samples *work, *calm_work; // processor time from one to the next: the longest, the median
    uint32_t frames, late, calm_frames, calm_late;
    uint64_t last_ns, last_used_ns;
} Pace;

enum { WINDOW_MS = 350 };

// Follows the game until `end_ns` of its time; without a reload `*reloaded_ns` stays as it is.
static bool follow(Session *session, Pace *pace, uint64_t *end_ns, bool is_calm, Fault *fault)
{
    Samples *longest = is_calm ? pace->calm : pace->longest;
    Samples *work = is_calm ? pace->calm_work : pace->work;
    double most_ns = 0, most_used_ns = 0;
    while (pace->last_ns < *end_ns) {
        json_t *event = session_event(session, SESSION_WAIT_MS);
        unsigned long long at_ns, used_ns;
        if (!event) {
            return fault_set(fault, FAULT_GAME, "the game logs no more");
        }
        if (event_is(event, "reload")) {
            *end_ns = event_number(event, "first_tick_ns") + WINDOW_MS * NS_PER_MS;
        }
        if (event_is(event, "log")
            && sscanf(event_text(event, "text"), "at %llu %llu", &at_ns, &used_ns) == 2) {
            double took_ns = (double)(at_ns - pace->last_ns);
            double used = (double)(used_ns - pace->last_used_ns);
            most_ns = took_ns > most_ns ? took_ns : most_ns;
            most_used_ns = used > most_used_ns ? used : most_used_ns;
            *(is_calm ? &pace->calm_frames : &pace->frames) += 1;
            *(is_calm ? &pace->calm_late : &pace->late) += took_ns > 2 * FRAME_NS;
            pace->last_ns = at_ns;
            pace->last_used_ns = used_ns;
        }
        json_decref(event);
    }
    samples_add(longest, most_ns);
    samples_add(work, most_used_ns);
    return true;
}

// What has come is thrown away, up to now.
static bool catch_up(Session *session, Pace *pace, Fault *fault)
{
    Pace ignored = *pace;
    static Samples unread;
    unread.count = 0;
    ignored.calm = ignored.calm_work = &unread;
    uint64_t now_ns = mono_ns();
    bool ok = follow(session, &ignored, &now_ns, true, fault);
    pace->last_ns = ignored.last_ns;
    pace->last_used_ns = ignored.last_used_ns;
    return ok;
}

static bool pace_round(Bench *bench, Session *session, const char *source, unsigned edit,
                       Pace *pace, Fault *fault)
{
    const char *text = bench_game_text(&bench->keep, GAME_PACED, edit);
    uint64_t begin_ns, end_ns;
    if (!catch_up(session, pace, fault)) {
        return false;
    }
    begin_ns = mono_ns();
    end_ns = UINT64_MAX; // until the reload says when
    if (!session_save(source, text, strlen(text), SAVE_RENAME, 0, NULL, fault)
        || !follow(session, pace, &end_ns, false, fault)) {
        return false;
    }
    end_ns = pace->last_ns + (pace->last_ns - begin_ns); // as long again, without a save
    return follow(session, pace, &end_ns, true, fault);
}

static void pace_rows(Bench *bench, const Pace *pace)
{
    bench_row_ns(bench, "  the longest time between two ticks", pace->longest, 2 * FRAME_NS,
                 arena_format(&bench->keep, "as long without a save: %s",
                              bench_ns_text(bench, samples_median(pace->calm))));
    bench_row(bench, "  ticks more than two periods after the one before",
              arena_format(&bench->keep, "%u", pace->late),
              arena_format(&bench->keep, "of %u; without a save %u of %u", pace->frames,
                           pace->calm_late, pace->calm_frames),
              "none more", pace->late <= pace->calm_late);
    bench_row_ns(bench, "  the most processor time of one frame", pace->work, 0,
                 arena_format(&bench->keep, "without a save: %s",
                              bench_ns_text(bench, samples_median(pace->calm_work))));
}

void bench_pace(Bench *bench)
{
    static const char NAME[] = "paced";
    Session session;
    Fault fault = {0};
    Pace pace = {.longest = bench_samples(bench),
                 .calm = bench_samples(bench),
                 .work = bench_samples(bench),
                 .calm_work = bench_samples(bench)};
    bench_heading(bench, "Frames from a save to 350 ms after the swap, 2,500 lines, gcc");
    const char *folder = bench_game_folder(bench, NAME, GAME_PACED, 1);
    const char *source = arena_format(&bench->keep, "%s/%s.c", folder, NAME);
    const char *args[] = {folder, "--headless", NULL};
    bool ok = running_begin(bench, &session, args, &fault);
    for (int i = 0; i < bench_rounds(bench, 12, 4) && ok; i++) {
        ok = pace_round(bench, &session, source, (unsigned)i + 2, &pace, &fault);
    }
    (void)(session.pid ? session_stop(&session) : 0);
    if (ok) {
        pace_rows(bench, &pace);
    } else {
        bench_failed(bench, "  frames", &fault);
    }
}
