// Recordings: which game one is of, whether it can be compared, and `hotloop info`.
#include "app.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EDITS_SHOWN = 100 };

void app_compiler(const RunOptions *options, char *out, size_t out_bytes)
{
    if (options->so) {
        (void)text_format(out, out_bytes, "%s", "");
        return;
    }
    BuildConfig config = {
        .game_folder = options->game, .compiler = options->compiler, .flags = options->flags};
    build_compiler_text(&config, out, out_bytes);
}

// The next word of `text` that decides what a build computes; *length 0: no more. Which compiler it
// is does not, nor how much it optimises, warns or tells the debugger: state is hashed by fields,
// and -ffp-contract=off is among the flags of all builds.
static const char *next_decisive(const char *text, size_t *length)
{
    static const char *const LEVELS[] = {"-O", "-O0", "-O1", "-O2", "-O3", "-Os", "-Oz", "-Og"};
    for (;; text += *length) {
        text += strspn(text, " \t");
        *length = strcspn(text, " \t");
        bool is_level = false;
        for (size_t i = 0; i < COUNT_OF(LEVELS); i++) {
            is_level |= strlen(LEVELS[i]) == *length && memcmp(LEVELS[i], text, *length) == 0;
        }
        bool is_silent = is_level || strncmp(text, "-g", 2) == 0 || strncmp(text, "-W", 2) == 0
                         || strncmp(text, "-pipe", 5) == 0;
        if (*length == 0 || !is_silent) {
            return text;
        }
    }
}

// "gcc -O0" and "clang -O2" compute the same, "gcc -DSPEED=2" and "gcc" need not.
static bool computes_alike(const char *a, const char *b)
{
    size_t in_a, in_b;
    if (!a[0] || !b[0]) {
        return a[0] == b[0]; // of somebody's own, with flags that nobody knows
    }
    a = strstr(a, " -") ? strstr(a, " -") : "";
    b = strstr(b, " -") ? strstr(b, " -") : "";
    do {
        a = next_decisive(a, &in_a);
        b = next_decisive(b, &in_b);
        if (in_a != in_b || memcmp(a, b, in_a) != 0) {
            return false;
        }
        a += in_a;
        b += in_b;
    } while (in_a > 0);
    return true;
}

bool app_is_comparable(const ReplayReader *replay, const char *compiler, char *why,
                       size_t why_bytes)
{
    char machine[sizeof(((ReplayFacts *)0)->machine)];
    const ReplayFacts *facts = replay_facts(replay);
    ReplayBuild build;
    uint64_t at;
    live_machine(machine, sizeof(machine));
    size_t cpu_and_libc = strlen(machine) - strlen(LIVE_HASH_KIND);
    if (!strstr(facts->machine, LIVE_HASH_KIND)
        && strncmp(facts->machine, machine, cpu_and_libc) == 0) {
        (void)text_format(why, why_bytes,
                          "recorded by a hotloop that hashed the state in another way (%s)",
                          facts->made_by);
        return false;
    }
    if (strcmp(facts->machine, machine) != 0) {
        (void)text_format(why, why_bytes, "recorded on %s, and this is %s", facts->machine,
                          machine);
        return false;
    }
    if (replay_build(replay, 0, &build, &at) && !computes_alike(build.compiler, compiler)) {
        (void)text_format(why, why_bytes, "recorded with `%s`, and this build is made with `%s`",
                          build.compiler[0] ? build.compiler : "a build of somebody's own",
                          compiler[0] ? compiler : "a build of somebody's own");
        return false;
    }
    return true;
}

// --------------------------------------------------------------------------------------- the game

// Is `folder` the game called `id`? Only its name is looked at, and that it holds sources.
static bool is_game(const char *folder, const char *id, char *out)
{
    char resolved[FILE_PATH_MAX], name[256];
    if (!file_is_folder(folder) || !realpath(folder, resolved)) {
        return false;
    }
    file_base_name(name, sizeof(name), resolved);
    if (strcmp(name, id) != 0) {
        return false;
    }
    (void)text_format(out, FILE_PATH_MAX, "%s", resolved);
    return true;
}

static bool search_game(const char *id, char *out)
{
    static const char *const PLACES[] = {".", "%s", "game/%s", "../%s", "../game/%s"};
    char candidate[FILE_PATH_MAX], self[FILE_PATH_MAX];
    for (size_t i = 0; i < COUNT_OF(PLACES); i++) {
        const char *mark = strstr(PLACES[i], "%s");
        (void)text_format(candidate, sizeof(candidate), "%.*s%s",
                          mark ? (int)(mark - PLACES[i]) : 1, PLACES[i], mark ? id : "");
        if (is_game(candidate, id, out)) {
            return true;
        }
    }
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length > 0) {
        self[length] = '\0';
        char *slash = strrchr(self, '/');
        (void)text_format(candidate, sizeof(candidate), "%.*s/../game/%s", (int)(slash - self),
                          self, id);
        return is_game(candidate, id, out);
    }
    return false;
}

bool app_find_game(RunOptions *options)
{
    static char found[FILE_PATH_MAX]; // for the life of the process: one command, one game
    Fault fault;
    if (options->game || options->so) {
        return true;
    }
    ReplayReader *replay = replay_open(options->replay, NULL, &fault);
    if (!replay) {
        fprintf(stderr, "hotloop: %s\n", fault.text);
        return false;
    }
    const char *id = replay_facts(replay)->game_id;
    bool ok = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(id) && id[0]
              && search_game(id, found);
    if (!ok) {
        fprintf(stderr,
                "hotloop: %s is of a game called %s, which is neither here nor in game/: say which "
                "folder it is with --game FOLDER (or --so PATH)\n",
                options->replay, id);
    }
    options->game = ok ? found : NULL;
    replay_close(replay);
    return ok;
}

// ------------------------------------------------------------------------------------------- info

static const char INFO_HELP[] =
    "Usage: hotloop info FILE [--json]\n"
    "\n"
    "What a recording holds: which game, when and where it was made, how "
    "long it is, what the\n"
    "game read, and whether the file is whole.\n";

static json_t *builds_of(const ReplayReader *replay)
{
    json_t *rows = json_array();
    ReplayBuild build;
    uint64_t at;
    char content[20];
    for (uint32_t i = 0; replay_build(replay, i, &build, &at); i++) {
        (void)text_format(content, sizeof(content), "%016llx", (unsigned long long)build.content);
        json_array_append_new(rows, json_pack("{s:I,s:s,s:o}", "from", (json_int_t)at, "content",
                                              content, "compiler", app_text(build.compiler)));
    }
    return rows;
}

static json_t *outside_of(const ReplayReader *replay)
{
    json_t *rows = json_array();
    ReplayOutside outside;
    for (uint32_t i = 0; replay_outside(replay, i, &outside); i++) {
        json_array_append_new(rows, json_pack("{s:s,s:o,s:b,s:I,s:I}", "kind",
                                              outside.kind == REPLAY_FILE ? "file" : "save", "name",
                                              app_text(outside.name), "present", outside.present,
                                              "bytes", (json_int_t)outside.size_bytes, "moment",
                                              (json_int_t)outside.at));
    }
    return rows;
}

static json_t *edits_of(const ReplayReader *replay)
{
    json_t *rows = json_array();
    const char *path, *value;
    uint64_t at;
    for (uint32_t i = 0; i < EDITS_SHOWN && replay_edit(replay, i, &path, &value, &at); i++) {
        json_array_append_new(rows, json_pack("{s:o,s:o,s:I}", "path", app_text(path), "value",
                                              app_text(value), "moment", (json_int_t)at));
    }
    return rows;
}

static void print_json(const char *path, const ReplayReader *replay, const Fault *damage)
{
    const ReplayFacts *facts = replay_facts(replay);
    ReplaySummary sum;
    char hash[20];
    replay_summary(replay, &sum);
    (void)text_format(hash, sizeof(hash), "%016llx", (unsigned long long)sum.hash);
    json_t *object =
        json_pack("{s:o,s:I,s:o,s:o,s:o,s:I,s:I,s:i,s:i,s:i,s:I,s:o,s:o}", "file", app_text(path),
                  "bytes", (json_int_t)sum.file_bytes, "game", app_text(facts->game_id), "title",
                  app_text(facts->title), "state_type", app_text(facts->state_type), "state_size",
                  (json_int_t)facts->state_size, "arena_bytes", (json_int_t)facts->arena_bytes,
                  "seed", (int)facts->seed, "tick_rate", (int)facts->tick_rate, "api",
                  (int)facts->api, "recorded", (json_int_t)facts->recorded_s, "made_by",
                  app_text(facts->made_by), "machine", app_text(facts->machine));
    json_object_set_new(object, "seed", json_integer((json_int_t)facts->seed));
    json_t *more = json_pack(
        "{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:b,s:o,s:o,s:o,s:o}", "first",
        (json_int_t)sum.first, "last", (json_int_t)sum.last, "ticks", (json_int_t)sum.ticks,
        "restarts", (json_int_t)sum.restarts, "hashes", (json_int_t)sum.hashes, "keyframes",
        (json_int_t)sum.keyframes, "rewinds", (json_int_t)sum.rewinds, "undone",
        (json_int_t)sum.undone, "input_bytes", (json_int_t)sum.input_bytes, "hash_bytes",
        (json_int_t)sum.hash_bytes, "keyframe_bytes", (json_int_t)sum.keyframe_bytes,
        "outside_bytes", (json_int_t)sum.outside_bytes, "finished", sum.finished, "hash",
        sum.finished ? json_string(hash) : json_null(), "builds", builds_of(replay), "outside",
        outside_of(replay), "damage", damage->kind ? app_text(damage->text) : json_null());
    json_object_update_new(object, more);
    json_object_set_new(object, "edits", edits_of(replay));
    json_object_set_new(object, "values_bytes", json_integer((json_int_t)sum.values_bytes));
    json_object_set_new(object, "types_bytes", json_integer((json_int_t)sum.types_bytes));
    char *text = json_dumps(object, JSON_INDENT(2));
    puts(text ? text : "{}");
    free(text);
    json_decref(object);
}

static void print_builds(const ReplayReader *replay)
{
    ReplayBuild build;
    uint64_t at;
    for (uint32_t i = 0; replay_build(replay, i, &build, &at); i++) {
        printf("%-12s%016llx from moment %llu%s%s\n", i == 0 ? "builds" : "",
               (unsigned long long)build.content, (unsigned long long)at,
               build.compiler[0] ? ", by " : "", build.compiler);
    }
}

static void print_outside(const ReplayReader *replay)
{
    ReplayOutside outside;
    for (uint32_t i = 0; replay_outside(replay, i, &outside); i++) {
        printf("%-12s%s %s, %zu bytes%s, read after moment %llu\n", i == 0 ? "read" : "",
               outside.kind == REPLAY_FILE ? "file" : "save", outside.name, outside.size_bytes,
               outside.present ? "" : " (it was not there)", (unsigned long long)outside.at);
    }
}

static void print_edits(const ReplayReader *replay)
{
    const char *path, *value;
    uint64_t at;
    for (uint32_t i = 0; i < EDITS_SHOWN && replay_edit(replay, i, &path, &value, &at); i++) {
        printf("%-12s%s = %s, moment %llu\n", i == 0 ? "set" : "", path, value,
               (unsigned long long)at);
    }
}

static void print_text(const char *path, const ReplayReader *replay, const Fault *damage)
{
    const ReplayFacts *facts = replay_facts(replay);
    ReplaySummary sum;
    char when[64] = "?";
    time_t recorded = (time_t)facts->recorded_s;
    struct tm parts;
    replay_summary(replay, &sum);
    if (localtime_r(&recorded, &parts)) {
        (void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &parts);
    }
    double seconds = (double)(sum.last - sum.first) / (facts->tick_rate ? facts->tick_rate : 60);
    printf("%-12s%s, %llu bytes\n", "file", path, (unsigned long long)sum.file_bytes);
    printf("%-12s%s%s%s%s\n", "game", facts->game_id, facts->title[0] ? " (" : "", facts->title,
           facts->title[0] ? ")" : "");
    printf("%-12s%s by %s on %s\n", "recorded", when, facts->made_by, facts->machine);
    printf("%-12smoments %llu to %llu: %.1f s at %u ticks a second\n", "length",
           (unsigned long long)sum.first, (unsigned long long)sum.last, seconds, facts->tick_rate);
    printf("%-12s%llu ticks, %llu restarts, %llu edits, %llu jumps back (%llu moments undone)\n",
           "", (unsigned long long)sum.ticks, (unsigned long long)sum.restarts,
           (unsigned long long)sum.edits, (unsigned long long)sum.rewinds,
           (unsigned long long)sum.undone);
    printf("%-12s%llu ticks with a hash, %llu keyframes\n", "to check",
           (unsigned long long)sum.hashes, (unsigned long long)sum.keyframes);
    printf("%-12s%s, %llu bytes; arena of %llu MiB; seed %u; API %u\n", "state", facts->state_type,
           (unsigned long long)facts->state_size, (unsigned long long)facts->arena_bytes >> 20,
           facts->seed, facts->api);
    print_builds(replay);
    print_outside(replay);
    print_edits(replay);
    printf(
        "%-12sinput %llu, hashes %llu, values %llu, keyframes %llu, types %llu, read by the game "
        "%llu bytes\n",
        "in it", (unsigned long long)sum.input_bytes, (unsigned long long)sum.hash_bytes,
        (unsigned long long)sum.values_bytes, (unsigned long long)sum.keyframe_bytes,
        (unsigned long long)sum.types_bytes, (unsigned long long)sum.outside_bytes);
    if (sum.finished) {
        printf("%-12swhole; the state's hash at its end is %016llx\n", "end",
               (unsigned long long)sum.hash);
    } else {
        printf("%-12scut: it plays up to moment %llu\n", "end", (unsigned long long)sum.last);
    }
    if (damage->kind) {
        printf("%-12s%s\n", "damage", damage->text);
    }
}

int app_info(int argc, char **argv)
{
    static const struct option OPTIONS[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool as_json = false;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "h", OPTIONS, NULL)) != -1;) {
        if (option == 'h') {
            fputs(INFO_HELP, stdout);
            return EXIT_OK;
        }
        if (option != 'j') {
            fprintf(stderr, "hotloop info: %s: there is only --json (hotloop info --help)\n",
                    argv[optind - 1]);
            return EXIT_USAGE;
        }
        as_json = true;
    }
    if (optind + 1 != argc) {
        fprintf(stderr, "hotloop info: %s (hotloop info --help)\n",
                optind == argc ? "which file?" : "one file at a time");
        return EXIT_USAGE;
    }
    Fault fault, damage = {0};
    ReplayReader *replay = replay_open(argv[optind], &damage, &fault);
    if (!replay) {
        fprintf(stderr, "hotloop: %s\n", fault.text);
        return EXIT_GAME;
    }
    (as_json ? print_json : print_text)(argv[optind], replay, &damage);
    replay_close(replay);
    return EXIT_OK;
}
