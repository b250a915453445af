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
    OPT_NO_SOUND,
    OPT_HELP
};

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
    {"no-sound", no_argument, NULL, OPT_NO_SOUND},
    {"help", no_argument, NULL, OPT_HELP},
    {0},
};

static const char HELP[] =
    "Usage: hotloop run GAME [options]        a folder of .c files: built, run, rebuilt on every "
    "save\n"
    "       hotloop run --so PATH [options]   a library of your own build: swapped when it "
    "changes\n"
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
    "  --record FILE      write seed, input and first state to FILE\n"
    "  --replay FILE      play FILE; ends with the state's hash, exit code 3 when it differs\n"
    "  --assets DIR       look for assets here first\n"
    "  --socket PATH      listen for `hotloop ctl` here\n"
    "  --cc COMPILER      compile with this instead of $CC or cc\n"
    "  --cflags FLAGS     added to the compiler's flags, split at blanks: --cflags \"-O0 "
    "-DCHEAT\"\n"
    "  --help             this text\n"
    "\n"
    "Assets are looked for in GAME/assets, then assets/NAME two folders up, then GAME itself.\n";

static void say_wrong_option(const char *word, const char *name)
{
    const char *names[COUNT_OF(OPTIONS)];
    size_t count = 0;
    for (; OPTIONS[count].name; count++) {
        names[count] = OPTIONS[count].name;
    }
    const char *nearest = text_nearest(name, names, count);
    fprintf(stderr, "hotloop run: %s is no option%s%s%s (hotloop run --help lists them)\n", word,
            nearest ? "; did you mean --" : "", nearest ? nearest : "", nearest ? "?" : "");
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
static bool names_are_whole(int argc, char **argv)
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
            say_wrong_option(argv[i], name);
            return false;
        }
        if (option->has_arg == no_argument && value) {
            fprintf(stderr, "hotloop run: --%s takes no value\n", name);
            return false;
        }
        if (option->has_arg == required_argument && !value && ++i == argc) {
            fprintf(stderr, "hotloop run: --%s needs a value (hotloop run --help)\n", name);
            return false;
        }
    }
    return true;
}

static bool wrong_value(const char *option, const char *value, const char *expected)
{
    fprintf(stderr, "hotloop run: %s %s: %s\n", option, value, expected);
    return false;
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
    case OPT_NO_SOUND:
        return options->no_sound = true;
    case OPT_TICKS:
        return text_to_u64(value, 1, UINT64_MAX / 2, &options->ticks)
               || wrong_value("--ticks", value, "expected a whole number from 1");
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
    case OPT_CC:
        options->compiler = value;
        return true;
    default:
        options->flags = value;
        return true;
    }
}

static bool refuse(const char *what, const char *why)
{
    fprintf(stderr, "hotloop run: %s%s%s\n", what, what[0] ? ": " : "", why);
    return false;
}

// A name that is no folder: what was meant?
static bool refuse_game(const char *game)
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
    if (options->assets && !file_is_folder(options->assets)) {
        return refuse(options->assets, "--assets: there is no such folder");
    }
    if (options->game && !file_is_folder(options->game)) {
        return refuse_game(options->game);
    }
    if (options->so && has_end && !file_exists(options->so)) {
        return refuse(options->so,
                      "there is no such library, and --ticks or --replay would never end");
    }
    return true;
}

bool app_parse_run(int argc, char **argv, RunOptions *options, int *exit_code)
{
    *options = (RunOptions){0};
    *exit_code = EXIT_USAGE;
    opterr = 0;
    if (!names_are_whole(argc, argv)) {
        return false;
    }
    for (int option; (option = getopt_long(argc, argv, "-h", OPTIONS, NULL)) != -1;) {
        if (option == 1) { // "-": words that are no options come as option 1
            if (options->game) {
                fprintf(stderr, "hotloop run: %s: one game at a time, and %s came first\n", optarg,
                        options->game);
                return false;
            }
            options->game = optarg;
        } else if (option == OPT_HELP || option == 'h') {
            fputs(HELP, stdout);
            *exit_code = EXIT_OK;
            return false;
        } else if (option == '?') { // a short option: there is only -h
            say_wrong_option(argv[optind - 1], argv[optind - 1]);
            return false;
        } else if (!take(options, option, optarg)) {
            return false;
        }
    }
    for (; optind < argc; optind++) { // what follows "--"
        if (options->game) {
            fprintf(stderr, "hotloop run: %s: one game at a time\n", argv[optind]);
            return false;
        }
        options->game = argv[optind];
    }
    return is_complete(options);
}
