#include "app.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPT_SO = 256,
    OPT_HEADLESS,
    OPT_TICKS,
    OPT_FAST,
    OPT_SEED,
    OPT_SOFTWARE,
    OPT_SCRIPT,
    OPT_SCREENSHOT,
    OPT_EVENTS,
    OPT_ARENA,
    OPT_RECORD,
    OPT_REPLAY,
    OPT_ASSETS,
    OPT_SOCKET,
    OPT_CC,
    OPT_CFLAGS,
    OPT_BUILD,
    OPT_ON_ERROR,
    OPT_NO_SOUND,
    OPT_HISTORY,
    OPT_TRACK,
    OPT_SYNCTEST,
    OPT_FROM,
    OPT_TO,
    OPT_GAME,
    OPT_NO_SUPERVISOR,
    OPT_HANG,
    OPT_TIER,
    OPT_HELP
};

static const size_t HISTORY_DEFAULT = 512u << 20, HISTORY_MIN = 1u << 20;
static const size_t HISTORY_MAX = 64ull << 30;

static const struct option OPTIONS[] = {
    {"so", required_argument, NULL, OPT_SO},
    {"headless", no_argument, NULL, OPT_HEADLESS},
    {"ticks", required_argument, NULL, OPT_TICKS},
    {"fast", no_argument, NULL, OPT_FAST},
    {"seed", required_argument, NULL, OPT_SEED},
    {"software", no_argument, NULL, OPT_SOFTWARE},
    {"script", required_argument, NULL, OPT_SCRIPT},
    {"screenshot", required_argument, NULL, OPT_SCREENSHOT},
    {"events", required_argument, NULL, OPT_EVENTS},
    {"arena", required_argument, NULL, OPT_ARENA},
    {"record", required_argument, NULL, OPT_RECORD},
    {"replay", required_argument, NULL, OPT_REPLAY},
    {"assets", required_argument, NULL, OPT_ASSETS},
    {"socket", required_argument, NULL, OPT_SOCKET},
    {"cc", required_argument, NULL, OPT_CC},
    {"cflags", required_argument, NULL, OPT_CFLAGS},
    {"build", required_argument, NULL, OPT_BUILD},
    {"on-error", required_argument, NULL, OPT_ON_ERROR},
    {"no-sound", no_argument, NULL, OPT_NO_SOUND},
    {"history", required_argument, NULL, OPT_HISTORY},
    {"track", required_argument, NULL, OPT_TRACK},
    {"synctest", required_argument, NULL, OPT_SYNCTEST},
    {"from", required_argument, NULL, OPT_FROM},
    {"to", required_argument, NULL, OPT_TO},
    {"game", required_argument, NULL, OPT_GAME},
    {"hang", required_argument, NULL, OPT_HANG},
    {"no-supervisor", no_argument, NULL, OPT_NO_SUPERVISOR},
    {"tier", required_argument, NULL, OPT_TIER},
    {"help", no_argument, NULL, OPT_HELP},
    {0},
};

static const char HELP[] =
    "Usage: hotloop run GAME [options]        a folder of .c files: built, run, rebuilt on every "
    "save\n"
    "       hotloop run --so PATH [options]   a library of your own build: swapped when it "
    "changes\n"
    "       hotloop run [GAME] --build CMD --so PATH   the same, and CMD makes it on every save\n"
    "\n"
    "  --headless         no window and no sound; the session runs in the terminal\n"
    "  --ticks N          quit after N ticks, printing the state's hash\n"
    "  --fast             do not wait between ticks (with --headless: nothing is drawn, either)\n"
    "  --seed N           the game's random seed, 0..4294967295 (default: another one each time)\n"
    "  --software         draw without the graphics card\n"
    "  --no-sound         open no sound device\n"
    "  --script FILE      input by tick from a file, one event a line (see README)\n"
    "  --screenshot FILE  write the last picture as a PNG when the run ends\n"
    "  --events FILE      append one JSON object a line for everything that happens (see README)\n"
    "  --arena SIZE       memory for the game's state: 64M, 1G (default: what the game asks for)\n"
    "  --history SIZE     memory for the past, to rewind, loop and save (512M; 0: none). With\n"
    "                     --headless --fast it begins with the first wish for it, unless given\n"
    "  --track METHOD     how written memory is found: uffd, memfd, memcmp (default: the best)\n"
    "  --synctest N       take every tick back and run it again N times; exit code 3 if it "
    "differs\n"
    "  --record FILE      write the session to FILE: input, what was read, a hash of every tick\n"
    "  --replay FILE      play FILE; ends with the state's hash, exit code 3 when it differs\n"
    "  --from T, --to T   of the replay: begin and end at that moment\n"
    "  --assets DIR       look for assets here first\n"
    "  --socket PATH      listen for `hotloop ctl` here\n"
    "  --hang MS          end a call into the game that takes longer; 0: never (2000)\n"
    "  --no-supervisor    one process alone: when it is killed, so is the session\n"
    "  --tier TIER        both: a save runs what tcc makes of it, at once, until the compiler's "
    "own\n"
    "                     code is ready (default, where tcc is installed); full: wait for the\n"
    "                     compiler; fast: stay with tcc's\n"
    "  --cc COMPILER      compile with this instead of $CC or cc\n"
    "  --cflags FLAGS     added to the compiler's flags, split at blanks: --cflags \"-O0 "
    "-DCHEAT\"\n"
    "  --build CMD        your own build (make, ninja -C build ...), run by /bin/sh when a file "
    "in\n"
    "                     GAME (or here) is saved; its messages are shown, its library is --so\n"
    "  --on-error CMD     run CMD for the first error of a failed build; {file} {line} {column}\n"
    "                     {text} stand for it, each within its word: 'code -g {file}:{line}'\n"
    "  --help             this text\n"
    "\n"
    "Assets are looked for in GAME/assets, then assets/NAME two folders up, then GAME itself.\n";

static const char REPLAY_HELP[] =
    "Usage: hotloop replay FILE [GAME] [options]   play a recorded session with the present code\n"
    "\n"
    "  GAME, --game GAME  the folder of its sources; without it the game's name is looked for "
    "here,\n"
    "                     in game/ and where hotloop was built. Or --so PATH\n"
    "  --from T, --to T   begin and end at that moment (counted in ticks; see `hotloop info "
    "FILE`)\n"
    "  --headless         no window; ends with the file, exit code 3 when the state came out\n"
    "                     differently\n"
    "  --fast             as fast as it can\n"
    "\n"
    "In a window it stays at its end, to look back: the keys of `run` work, F5 plays on. All "
    "other\n"
    "options of `hotloop run` but --record, --script and --ticks can be given, too.\n";

// What a command line is read into.
typedef struct Parsing {
    const char *command; // for messages
    RunOptions *options;
    const char *words[2]; // that are no options
    int word_count, words_max;
} Parsing;

static void say_wrong_option(const char *command, const char *word, const char *name)
{
    const char *names[COUNT_OF(OPTIONS)];
    size_t count = 0;
    for (; OPTIONS[count].name; count++) {
        names[count] = OPTIONS[count].name;
    }
    const char *nearest = text_nearest(name, names, count);
    fprintf(stderr, "hotloop %s: %s is no option%s%s%s (hotloop %s --help lists them)\n", command,
            word, nearest ? "; did you mean --" : "", nearest ? nearest : "", nearest ? "?" : "",
            command);
}

static const struct option *option_named(const char *name)
{
    for (const struct option *option = OPTIONS; option->name; option++) {
        if (strcmp(option->name, name) == 0) {
            return option;
        }
    }
    return NULL;
}

// getopt_long takes any beginning of an option's name for it, so that a misspelt --tick would do
// what
// --ticks does today and something else tomorrow. Only whole names pass.
static bool names_are_whole(const char *command, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        char name[64];
        if (strncmp(argv[i], "--", 2) != 0) {
            continue;
        }
        const char *value = strchr(argv[i], '=');
        (void)text_format(name, sizeof(name), "%.*s", (int)strcspn(argv[i] + 2, "="), argv[i] + 2);
        const struct option *option = option_named(name);
        if (!option) {
            say_wrong_option(command, argv[i], name);
            return false;
        }
        if (option->has_arg == no_argument && value) {
            fprintf(stderr, "hotloop %s: --%s takes no value\n", command, name);
            return false;
        }
        if (option->has_arg == required_argument && !value && ++i == argc) {
            fprintf(stderr, "hotloop %s: --%s needs a value (hotloop %s --help)\n", command, name,
                    command);
            return false;
        }
    }
    return true;
}

static bool wrong_value(const char *option, const char *value, const char *expected)
{
    fprintf(stderr, "hotloop: %s %s: %s\n", option, value, expected);
    return false;
}

static bool take_time(RunOptions *options, int option, const char *value)
{
    uint64_t number = 0;
    switch (option) {
    case OPT_HISTORY:
        options->has_history = true;
        if (strcmp(value, "0") == 0) {
            options->history_bytes = 0;
            return true;
        }
        return (text_to_bytes(value, &options->history_bytes)
                && options->history_bytes >= HISTORY_MIN && options->history_bytes <= HISTORY_MAX)
               || wrong_value("--history", value,
                              "expected 0 or a size from 1M to 64G, such as 512M");
    case OPT_TRACK:
        return dirty_method_from(value, &options->dirty)
               || wrong_value("--track", value, "expected uffd, memfd, memcmp or best");
    case OPT_SYNCTEST:
        if (!text_to_u64(value, 1, 1000, &number)) {
            return wrong_value("--synctest", value, "expected a whole number from 1 to 1000");
        }
        options->synctest = (int)number;
        return true;
    case OPT_FROM:
        options->has_from = true;
        return text_to_u64(value, 0, UINT64_MAX / 2, &options->from)
               || wrong_value("--from", value, "expected a moment: a whole number of ticks");
    default:
        options->has_to = true;
        return text_to_u64(value, 0, UINT64_MAX / 2, &options->to)
               || wrong_value("--to", value, "expected a moment: a whole number of ticks");
    }
}

static bool take_tier(RunOptions *options, const char *value)
{
    static const struct {
        const char *name;
        BuildTiers tier;
    } TIERS[] = {
        {"full", BUILD_TIERS_FULL}, {"both", BUILD_TIERS_BOTH}, {"fast", BUILD_TIERS_FAST}};
    for (size_t i = 0; i < COUNT_OF(TIERS); i++) {
        if (strcmp(value, TIERS[i].name) == 0) {
            options->tier = TIERS[i].tier;
            options->has_tier = true;
            return true;
        }
    }
    return wrong_value("--tier", value, "expected fast, full or both");
}

static bool take(RunOptions *options, int option, const char *value)
{
    uint64_t number;
    switch (option) {
    case OPT_SO:
        options->so = value;
        return true;
    case OPT_HEADLESS:
        return options->headless = true;
    case OPT_FAST:
        return options->fast = true;
    case OPT_SOFTWARE:
        return options->software = true;
    case OPT_NO_SUPERVISOR:
        return options->no_supervisor = true;
    case OPT_NO_SOUND:
        return options->no_sound = true;
    case OPT_TICKS:
        return text_to_u64(value, 1, UINT64_MAX / 2, &options->ticks)
               || wrong_value("--ticks", value, "expected a whole number from 1");
    case OPT_HANG:
        options->has_hang = text_to_u64(value, 0, 24 * 3600 * 1000, &number);
        options->hang_ns = number * NS_PER_MS;
        return options->has_hang
               || wrong_value("--hang", value, "expected milliseconds, or 0 for never");
    case OPT_SEED:
        options->has_seed = text_to_u64(value, 0, UINT32_MAX, &number);
        options->seed = (uint32_t)number;
        return options->has_seed
               || wrong_value("--seed", value, "expected a whole number from 0 to 4294967295");
    case OPT_ARENA:
        return (text_to_bytes(value, &options->arena_bytes) && options->arena_bytes >= PAGE_BYTES
                && options->arena_bytes <= ARENA_STATE_MAX)
               || wrong_value("--arena", value, "expected a size from 4k to 64G, such as 64M");
    case OPT_SCRIPT:
        options->script = value;
        return true;
    case OPT_SCREENSHOT:
        options->screenshot = value;
        return true;
    case OPT_EVENTS:
        options->events = value;
        return true;
    case OPT_RECORD:
        options->record = value;
        return true;
    case OPT_REPLAY:
        options->replay = value;
        return true;
    case OPT_ASSETS:
        options->assets = value;
        return true;
    case OPT_SOCKET:
        options->socket = value;
        return true;
    case OPT_TIER:
        return take_tier(options, value);
    case OPT_CC:
        options->compiler = value;
        return true;
    case OPT_BUILD:
        options->build = value;
        return true;
    case OPT_ON_ERROR:
        options->on_error = value;
        return true;
    case OPT_GAME:
        options->game = value;
        return true;
    case OPT_HISTORY:
    case OPT_TRACK:
    case OPT_SYNCTEST:
    case OPT_FROM:
    case OPT_TO:
        return take_time(options, option, value);
    default:
        options->flags = value;
        return true;
    }
}

static bool refuse(const char *what, const char *why)
{
    fprintf(stderr, "hotloop: %s%s%s\n", what, what[0] ? ": " : "", why);
    return false;
}

// A name that is no folder: what was meant?
bool app_refuse_game(const char *game)
{
    char beside[FILE_PATH_MAX], text[FILE_PATH_MAX + 80];
    if (file_exists(game)) {
        return refuse(game, "is a file; give the folder that it is in");
    }
    if (file_join(beside, "game", game) && file_is_folder(beside)) {
        (void)text_format(text, sizeof(text), "there is no such folder; did you mean %s?", beside);
    } else {
        (void)text_format(text, sizeof(text),
                          "there is no such folder; `hotloop new %s` would make a game there",
                          game);
    }
    return refuse(game, text);
}

// With --build the folder is not built by us: it holds the sources of the library.
static bool take_build(RunOptions *options)
{
    if (!options->build) {
        return true;
    }
    if (!options->so) {
        return refuse("--build", "give --so PATH, too: the library that the command makes");
    }
    if (options->compiler || options->flags) {
        return refuse("--build", "--cc and --cflags are for games that hotloop builds itself");
    }
    options->sources = options->game ? options->game : ".";
    options->game = NULL;
    return file_is_folder(options->sources) || app_refuse_game(options->sources);
}

static bool is_complete(const RunOptions *options)
{
    bool has_end = options->ticks > 0 || options->replay;
    if (!options->game && !options->so) {
        return refuse("", "which game? Give a folder of .c files (game/platformer), or --so PATH");
    }
    if (options->game && options->so) {
        return refuse("a folder and --so PATH", "give one of them");
    }
    if (options->record && options->replay) {
        return refuse("--record and --replay", "give one of them");
    }
    if (options->script && options->replay) {
        return refuse("--script and --replay", "a replay has its own input; give one of them");
    }
    if ((options->has_from || options->has_to) && !options->replay) {
        return refuse("--from and --to", "are moments of a replay, and there is none");
    }
    if (options->has_from && options->has_to && options->from >= options->to) {
        return refuse("--from and --to", "the first has to come before the second");
    }
    if (options->synctest > 0 && options->history_bytes == 0) {
        return refuse("--synctest and --history 0", "it takes ticks back, which needs history");
    }
    bool wants_fast = options->has_tier && options->tier != BUILD_TIERS_FULL;
    if (wants_fast && options->so) {
        return refuse("--tier and --so", "a library of your own build comes from your compiler");
    }
    if (wants_fast && options->replay) {
        return refuse("--tier and --replay", "a replay is played with the full compiler's code");
    }
    if (options->assets && !file_is_folder(options->assets)) {
        return refuse(options->assets, "--assets: there is no such folder");
    }
    if (options->game && !file_is_folder(options->game)) {
        return app_refuse_game(options->game);
    }
    if (options->so && !options->build && has_end && !file_exists(options->so)) {
        return refuse(options->so,
                      "there is no such library, and --ticks or --replay would never end");
    }
    return true;
}

static bool add_word(Parsing *parsing, const char *word)
{
    if (parsing->word_count == parsing->words_max) {
        fprintf(stderr, "hotloop %s: %s: one %s at a time, and %s came first\n", parsing->command,
                word, parsing->words_max == 1 ? "game" : "file",
                parsing->words[parsing->word_count - 1]);
        return false;
    }
    parsing->words[parsing->word_count++] = word;
    return true;
}

// False: wrong, or --help; *exit_code says which.
static bool parse(Parsing *parsing, const char *help, int argc, char **argv, int *exit_code)
{
    RunOptions *options = parsing->options;
    *options = (RunOptions){.history_bytes = HISTORY_DEFAULT};
    *exit_code = EXIT_USAGE;
    opterr = 0;
    optind = 1;
    if (!names_are_whole(parsing->command, argc, argv)) {
        return false;
    }
    for (int option; (option = getopt_long(argc, argv, "-h", OPTIONS, NULL)) != -1;) {
        if (option == 1) { // "-": words that are no options come as option 1
            if (!add_word(parsing, optarg)) {
                return false;
            }
        } else if (option == OPT_HELP || option == 'h') {
            fputs(help, stdout);
            *exit_code = EXIT_OK;
            return false;
        } else if (option == '?') { // a short option: there is only -h
            say_wrong_option(parsing->command, argv[optind - 1], argv[optind - 1]);
            return false;
        } else if (!take(options, option, optarg)) {
            return false;
        }
    }
    for (; optind < argc; optind++) { // what follows "--"
        if (!add_word(parsing, argv[optind])) {
            return false;
        }
    }
    return true;
}

bool app_parse_run(int argc, char **argv, RunOptions *options, int *exit_code)
{
    Parsing parsing = {.command = "run", .options = options, .words_max = 1};
    if (!parse(&parsing, HELP, argc, argv, exit_code)) {
        return false;
    }
    options->game = parsing.word_count > 0 ? parsing.words[0] : options->game;
    return take_build(options) && is_complete(options);
}

bool app_parse_replay(int argc, char **argv, RunOptions *options, int *exit_code)
{
    Parsing parsing = {.command = "replay", .options = options, .words_max = 2};
    if (!parse(&parsing, REPLAY_HELP, argc, argv, exit_code)) {
        return false;
    }
    if (parsing.word_count == 0) {
        return refuse("", "replay: which file? (hotloop replay --help)");
    }
    options->replay = parsing.words[0];
    options->game = parsing.word_count > 1 ? parsing.words[1] : options->game;
    options->stays = !options->headless;
    return (options->so || app_find_game(options)) && take_build(options) && is_complete(options);
}

bool app_take_game_option(int option, const char *value, RunOptions *options)
{
    const char **const taken[] = {&options->game, &options->so, &options->compiler, &options->flags,
                                  &options->assets};
    if (option < APP_GAME_OPTION || option >= APP_GAME_OPTION + (int)COUNT_OF(taken)) {
        return false;
    }
    *taken[option - APP_GAME_OPTION] = value;
    return true;
}
