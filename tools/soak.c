// soak: a session that is rebuilt a thousand times in a row.
//
//     soak [--folder | --so | --time | --structs] [N]
//
// With --time see soak_time.c, with --structs soak_structs.c. Edits a game's source (--folder) or
// puts a new library in the place of the old (--so) N times, in all the ways in which programs save
// files, half of them without waiting for the one before. Without either option both are done. Each
// edit carries its number in three places, and the game logs them in its first tick:
//
//     the last edit always wins      the number waited for comes, and none older after a newer
//     none is half-loaded            the three are the same; nothing fails, for all saved are good
//     nothing is lost                the state counts its updates over all of them
//     nothing grows                  memory, mappings, descriptors, threads, files, loaded images
//
// Exit code 1 when one of these does not hold.
//
// Contents: the game, events, samples, edits of the source, edits of the library, main
#include "soak.h"
#include "soak_figures.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SAMPLES = 10,
    ERRORS_SHOWN = 10,
    // live_images.c, KEPT_FOR_HISTORY, the two that played last, and those that played within the
    // 64 moments that history forgets at once: none of a source, a few of libraries.
    IMAGES_KEPT = 40,
    WARM_EDITS = 45 // before the first sample, so that as many are kept from then on
};

// Memory: each build lists the work folder, so that grows by a KiB a build until there are as many
// objects as are kept; the allocator's lists settle only slowly. A build that were not given back
// would be 100 KiB, every time.
static const FigureRule RULES[FIGURES] = {
    {"memory without history, KiB", true, 0, 1024, 0},
    {"of it not from files, KiB", true, 0, 1024, 0},
    // Four of its file and four of memory: its variables, and what is known of its types.
    {"mappings", true, 8, 6, 0},
    {"descriptors", true, 0, 0, 0},
    {"threads", true, 0, 0, 0},
    {"loaded builds", true, 0, 0, IMAGES_KEPT},
    {"files in the runtime folder", true, 1, 0, 0}, // its private copy
    {"files in TMPDIR", true, 0, 0, 0},
    {"libraries in the work folder", true, 0, 0, 17}, // build_work.c, LIBRARIES_KEPT
    {"objects in the work folder", true, 0, 0,
     700}, // build_work.c, OBJECT_FILES_KEPT, every 64 units
    {"entries of /tmp (not judged)", false, 0, 0, 0},
};

typedef struct Soak {
    Arena keep;
    char folder[FILE_PATH_MAX], hotloop[FILE_PATH_MAX];
    char game[FILE_PATH_MAX]; // the file that is edited
    Session session;
    unsigned edits;       // WARM_EDITS of them at first, all of which are waited for
    unsigned saved, seen; // numbers of the last edit saved and of the last one that ran
    unsigned reloads, unchanged, errors;
    unsigned never_ran; // swapped in and out again between two ticks
    unsigned ran;       // numbers that were seen at all
    uint64_t generation;
    uint32_t random;
    long samples[SAMPLES][FIGURES];
    unsigned sample_count;
} Soak;

static void complain(Soak *soak, const char *format, ...) BASE_PRINTF(2, 3);
static void complain(Soak *soak, const char *format, ...)
{
    if (soak->errors++ < ERRORS_SHOWN) {
        va_list args;
        va_start(args, format);
        fprintf(stderr, "  WRONG, at edit %u: ", soak->saved);
        vfprintf(stderr, format, args);
        fputc('\n', stderr);
        va_end(args);
    }
}

static uint32_t random_below(Soak *soak, uint32_t end)
{
    soak->random = soak->random * 1664525u + 1013904223u;
    return (soak->random >> 8) % end;
}

static void nap(Soak *soak, uint32_t longest_us)
{
    mono_sleep_until(mono_ns() + random_below(soak, longest_us) * UINT64_C(1000));
}

// ---------------------------------------------------------------------------------------- the game

static const char *game_text(Arena *arena, unsigned number)
{
    static const char FILLING[] =
        "// So that the file is longer than what is written at once: a reader in between then\n"
        "// sees a part of it, and the number at its end is another than the one at its "
        "beginning.\n";
    return arena_format(
        arena,
        "#include \"hotloop.h\"\n"
        "enum { FIRST = %u };\n"
        "%s%s%s%s%s%s%s%s"
        "static const char NAME[] = \"build %u\";\n"
        "static int last_number(void);\n"
        "typedef struct Game { uint64_t updates; const char *name; } Game;\n"
        "static void init(Game *g, hl_tick *t) { (void)g; (void)t; }\n"
        "static void update(Game *g, hl_tick *t)\n"
        "{\n"
        "    g->updates++;\n"
        "    if (t->reloaded) {\n"
        "        g->name = NAME;\n"
        "        hl_log(t, \"%%s first %%d last %%d kept %%d\", g->name, FIRST, last_number(),\n"
        "               g->updates == t->tick);\n"
        "    }\n"
        "}\n"
        "%s%s%s%s%s%s%s%s"
        "static void draw(const Game *g, hl_canvas *c) { hl_text(c, 8, 8, 8, HL_WHITE, \"%%s\", "
        "g->name); }\n"
        "HL_GAME(Game, init, update, draw, .tick_rate = 240);\n"
        "static int last_number(void) { return %u; }\n",
        number, FILLING, FILLING, FILLING, FILLING, FILLING, FILLING, FILLING, FILLING, number,
        FILLING, FILLING, FILLING, FILLING, FILLING, FILLING, FILLING, FILLING, number);
}

// ------------------------------------------------------------------------------------------ events

static void take_log(Soak *soak, const char *text)
{
    unsigned name = 0, first = 0, last = 0;
    int kept = 0;
    if (sscanf(text, "build %u first %u last %u kept %d", &name, &first, &last, &kept) != 4) {
        return;
    }
    if (name != first || name != last) {
        complain(soak, "half of two versions: %s", text);
    }
    if (!kept) {
        complain(soak, "the state was lost: %s", text);
    }
    if (name < soak->seen || name > soak->saved) {
        complain(soak, "build %u ran after build %u, and %u was saved last", name, soak->seen,
                 soak->saved);
    }
    soak->ran += name > soak->seen;
    soak->seen = name;
}

static void take_event(Soak *soak, const json_t *event)
{
    if (event_is(event, "log")) {
        take_log(soak, event_text(event, "text"));
    } else if (event_is(event, "reload")) {
        // A build that was swapped out again before its first tick has no event of its own.
        uint64_t generation = event_number(event, "generation");
        soak->reloads++;
        soak->never_ran += (unsigned)(generation - soak->generation - 1);
        if (generation <= soak->generation) {
            complain(soak, "generation %llu came after %llu", (unsigned long long)generation,
                     (unsigned long long)soak->generation);
        }
        soak->generation = generation;
    } else if (event_is(event, "unchanged")) {
        soak->unchanged++;
    } else if (event_is(event, "build_failed") || event_is(event, "refused")
               || event_is(event, "fault") || event_is(event, "quit")) {
        char *text = json_dumps(event, JSON_COMPACT);
        complain(soak, "%.1200s", text);
        free(text);
    }
}

// Until the last edit runs.
static bool wait_for_last(Soak *soak)
{
    uint64_t give_up_ns = mono_ns() + SESSION_WAIT_MS * NS_PER_MS;
    while (soak->seen != soak->saved) {
        json_t *event = session_event(&soak->session, 1000);
        if (event) {
            take_event(soak, event);
            json_decref(event);
        } else if (mono_ns() > give_up_ns) {
            complain(soak, "edit %u was saved and never ran; build %u still does", soak->saved,
                     soak->seen);
            session_print_log(&soak->session);
            return false;
        }
    }
    return true;
}

static void take_what_is_there(Soak *soak, int wait_ms)
{
    for (json_t *event; (event = session_event(&soak->session, wait_ms)) != NULL;) {
        take_event(soak, event);
        json_decref(event);
    }
}

// ----------------------------------------------------------------------------------------- samples

// Quiet: the last edit runs, no compiler does, and old builds were unloaded. -1: no answer.
static long quiet_images(Soak *soak)
{
    long images = -1;
    for (int i = 0; i < 100; i++) {
        json_t *status = session_ask(&soak->session, "status");
        bool building = json_is_true(json_object_get(status, "building"));
        images = status ? (long)event_number(status, "images") : -1;
        if (status && json_is_true(json_object_get(status, "failed"))) {
            complain(soak, "ctl status says that the last build failed");
        }
        if (status && event_number(status, "generation") != soak->generation) {
            complain(soak, "ctl status says generation %llu, events said %llu",
                     (unsigned long long)event_number(status, "generation"),
                     (unsigned long long)soak->generation);
        }
        json_decref(status);
        if (images <= IMAGES_KEPT && !building) {
            break;
        }
        take_what_is_there(soak, 50);
    }
    return images;
}

static void sample(Soak *soak)
{
    take_what_is_there(soak, 300); // an older build that came late would show here
    long *figures = soak->samples[soak->sample_count++];
    figures[IMAGES] = quiet_images(soak);
    take_what_is_there(soak, 100); // time to close the connection that asked
    figures_take(figures, soak->session.game_pid, soak->folder);
    fprintf(stderr,
            "  %4u edits, %4u of them ran; %ld KiB, %ld builds loaded, %ld mappings, %ld files\n",
            soak->saved, soak->ran, figures[RSS_KIB], figures[IMAGES], figures[MAPPINGS],
            figures[PRIVATE_FILES]);
}

// ------------------------------------------------------------------------------ edits of the
// source

// Half of the edits do not wait: single ones, and three in a row.
static bool waits(unsigned number)
{
    static const bool WAITS[8] = {true, false, true, false, false, false, true, true};
    return number <= WARM_EDITS || WAITS[number % 8];
}

static bool is_sample_due(const Soak *soak, unsigned number)
{
    unsigned counted = number - WARM_EDITS, all = soak->edits - WARM_EDITS;
    return number > WARM_EDITS && counted * SAMPLES / all > (counted - 1) * SAMPLES / all;
}

// What follows on every edit, of either kind. `nap_us`: the longest time to the next one.
static bool after_edit(Soak *soak, unsigned number, uint32_t nap_us)
{
    bool due = is_sample_due(soak, number);
    if (!due && !waits(number)) {
        nap(soak, nap_us);
        return true;
    }
    if (!wait_for_last(soak)) {
        return false;
    }
    if (due) {
        sample(soak);
    }
    return true;
}

static bool begin(Soak *soak, const char *const *args)
{
    Fault fault;
    if (!session_start(&soak->session, soak->hotloop, soak->folder, args, &fault)) {
        complain(soak, "%s", fault.text);
        return false;
    }
    return wait_for_last(soak);
}

static bool save_source(Soak *soak, unsigned number, SaveStyle style)
{
    Fault fault;
    size_t mark = soak->keep.used_bytes;
    const char *text = game_text(&soak->keep, number);
    soak->saved = number;
    bool ok =
        session_save(soak->game, text, strlen(text), style, random_below(soak, 3000), NULL, &fault);
    arena_reset(&soak->keep, mark);
    if (!ok) {
        complain(soak, "%s", fault.text);
    }
    return ok;
}

static void soak_folder(Soak *soak)
{
    enum { NAP_US = 60000 }; // about as long as a build takes: before, during and behind it
    Fault fault;
    char folder[FILE_PATH_MAX];
    const char *args[] = {folder, "--headless", "--cflags", "-O0", NULL};
    if (!file_join(folder, soak->folder, "game") || !file_make_dirs(folder, 0700, &fault)
        || !file_join(soak->game, folder, "game.c") || !save_source(soak, 1, SAVE_RENAME)
        || !begin(soak, args)) {
        complain(soak, "the session did not begin");
        return;
    }
    for (unsigned i = 1; i <= soak->edits; i++) {
        SaveStyle style = (SaveStyle)random_below(soak, SAVE_STYLES);
        if (!save_source(soak, i + 1, style) || !after_edit(soak, i, NAP_US)) {
            return;
        }
    }
}

// ----------------------------------------------------------------------------- edits of the
// library

// Compiles edit `number` to an object and a library beside the game.
static bool compile(Soak *soak, unsigned number, const char *object, const char *library)
{
    Fault fault;
    char source[FILE_PATH_MAX];
    const char *text = game_text(&soak->keep, number);
    const char *unit[] = {"cc", "-O0", "-g",   "-fPIC", "-I" SOAK_API_DIR,
                          "-c", "-o",  object, source,  NULL};
    const char *link[] = {"cc", "-shared", "-o", library, object, NULL};
    return file_join(source, soak->folder, "edit.c")
           && session_save(source, text, strlen(text), SAVE_RENAME, 0, NULL, &fault)
           && session_run(unit) && session_run(link);
}

// By the linker itself, straight to its place, or by somebody who copies it there.
static bool put_library(Soak *soak, unsigned number, const char *object, const char *library)
{
    Fault fault;
    FileBytes bytes;
    uint32_t style = random_below(soak, SAVE_STYLES + 1);
    soak->saved = number;
    if (style == SAVE_STYLES) {
        const char *link[] = {"cc", "-shared", "-o", soak->game, object, NULL};
        return session_run(link);
    }
    if (!file_read(&soak->keep, library, 16u << 20, &bytes, &fault)
        || !session_save(soak->game, bytes.data, bytes.size_bytes, (SaveStyle)style,
                         random_below(soak, 3000), NULL, &fault)) {
        complain(soak, "%s", fault.text);
        return false;
    }
    return true;
}

static void soak_library(Soak *soak)
{
    enum { NAP_US = 3000, AHEAD = 8 }; // compiled ahead, so that they can come faster than loading
    char objects[AHEAD][FILE_PATH_MAX], libraries[AHEAD][FILE_PATH_MAX];
    const char *args[] = {"--so", soak->game, "--headless", NULL};
    for (unsigned k = 0; k < AHEAD; k++) {
        (void)text_format(objects[k], FILE_PATH_MAX, "%s/ahead-%u.o", soak->folder, k);
        (void)text_format(libraries[k], FILE_PATH_MAX, "%s/ahead-%u.so", soak->folder, k);
    }
    (void)file_join(soak->game, soak->folder, "library");
    Fault fault;
    bool ok =
        file_make_dirs(soak->game, 0700, &fault) && compile(soak, 1, objects[0], libraries[0]);
    (void)file_join(soak->game, soak->folder, "library/game.so");
    if (!ok || !put_library(soak, 1, objects[0], libraries[0]) || !begin(soak, args)) {
        complain(soak, "the session did not begin");
        return;
    }
    for (unsigned i = 1; i <= soak->edits; i++) {
        size_t mark = soak->keep.used_bytes;
        for (unsigned k = 0; i % AHEAD == 1 && k < AHEAD; k++) {
            ok = ok
                 && compile(soak, i + k + 1, objects[(i + k) % AHEAD], libraries[(i + k) % AHEAD]);
        }
        ok = ok && put_library(soak, i + 1, objects[i % AHEAD], libraries[i % AHEAD]);
        arena_reset(&soak->keep, mark);
        if (!ok) {
            complain(soak, "the library could not be built or put in its place");
            return;
        }
        if (!after_edit(soak, i, NAP_US)) {
            return;
        }
    }
}

// -------------------------------------------------------------------------------------------- main

static bool run(const char *name, unsigned edits, void (*soak_it)(Soak *soak))
{
    Arena keep;
    Fault fault;
    if (!arena_open(&keep, 0, 256u << 20, &fault)) {
        fprintf(stderr, "soak: %s\n", fault.text);
        return false;
    }
    Soak *soak = ARENA_NEW(&keep, Soak, 1);
    soak->keep = keep;
    soak->edits = edits + WARM_EDITS;
    soak->random = 1;
    uint64_t begin_ns = mono_ns();
    printf("%s, %u edits\n", name, edits);
    fflush(stdout);
    if (session_find_hotloop(soak->hotloop, &fault)
        && session_folder_open(soak->folder, "soak", &fault)) {
        soak_it(soak);
        int exit_code = soak->session.pid ? session_stop(&soak->session) : EXIT_GAME;
        if (exit_code != EXIT_OK) {
            complain(soak, "the session ended with exit code %d", exit_code);
        }
        if (soak->sample_count > 0) {
            soak->errors +=
                figures_judge(RULES, soak->samples[0], soak->samples[soak->sample_count - 1]);
        }
    } else {
        complain(soak, "%s", fault.text);
    }
    if (soak->errors > 0) {
        printf("  kept for a look: %s\n", soak->folder);
    } else {
        session_folder_close(soak->folder);
    }
    printf("  %u of %u edits ran, %u were swapped out again before their first tick, the others "
           "were overtaken\n  %u reloads, %u unchanged, %u wrong, %.0f s\n",
           soak->ran, soak->saved, soak->never_ran, soak->reloads, soak->unchanged, soak->errors,
           (double)(mono_ns() - begin_ns) / 1e9);
    bool ok = soak->errors == 0;
    keep = soak->keep;
    arena_close(&keep);
    return ok;
}

// The number behind the options, if there is one.
static bool number_behind(int argc, char **argv, uint64_t lowest, uint64_t highest,
                          uint64_t *number)
{
    if (optind < argc && !text_to_u64(argv[optind], lowest, highest, number)) {
        fprintf(stderr, "soak: %s: expected a whole number from %llu to %llu\n", argv[optind],
                (unsigned long long)lowest, (unsigned long long)highest);
        return false;
    }
    return true;
}

static int run_edits(uint64_t edits, bool folder, bool library)
{
    bool ok = true;
    if (folder) {
        ok = run("A source, saved again and again", (unsigned)edits, soak_folder) && ok;
    }
    if (library) {
        ok = run("A library, built again and again", (unsigned)edits, soak_library) && ok;
    }
    return ok ? EXIT_OK : EXIT_GAME;
}

int main(int argc, char **argv)
{
    static const char HELP[] =
        "Usage: tools/soak [--folder | --so | --time | --structs] [N]\n\n"
        "  N          how many edits (1000)\n"
        "  --folder   only edits of a source\n"
        "  --so       only libraries of somebody's build\n"
        "  --time     N minutes of play (60), looked at again from all sides\n"
        "  --structs  N minutes (10) of random edits of a game's structs\n"
        "  --seed S   the first of those edits' seeds (1)\n";
    static const struct option OPTIONS[] = {{"folder", no_argument, NULL, 'f'},
                                            {"so", no_argument, NULL, 's'},
                                            {"time", no_argument, NULL, 't'},
                                            {"structs", no_argument, NULL, 'c'},
                                            {"seed", required_argument, NULL, 'S'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    uint64_t number = 0, seed = 1;
    int mode = 0;
    for (int option; (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1;) {
        bool is_seed = option == 'S' && text_to_u64(optarg, 1, UINT32_MAX, &seed);
        if (!is_seed && !strchr("fstc", option)) {
            fputs(HELP, option == 'h' ? stdout : stderr);
            return option == 'h' ? EXIT_OK : EXIT_USAGE;
        }
        mode = is_seed ? mode : option;
    }
    uint64_t lowest = mode == 't' || mode == 'c' ? 1 : SAMPLES;
    number = mode == 't' ? 60 : mode == 'c' ? 10 : 1000;
    if (!number_behind(argc, argv, lowest, 1000000, &number)) {
        return EXIT_USAGE;
    }
    if (mode == 't' || mode == 'c') {
        bool ok = mode == 't' ? soak_time(number) : soak_structs(number, seed);
        return ok ? EXIT_OK : EXIT_GAME;
    }
    return run_edits(number, mode != 's', mode != 'f');
}
