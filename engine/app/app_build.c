// `hotloop build`: what `hotloop run` does on a save, once and without a session.
#include "app.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { LIBRARY_BYTES_MAX = 1 << 30 };

static const char HELP[] =
    "Usage: hotloop build GAME [options]   compile a folder of .c files once, with what `hotloop "
    "run`\n"
    "                                      compiles it with (see hotloop.conf in the README)\n"
    "\n"
    "  -o FILE          write the library to FILE, for `hotloop run --so FILE`; without it its\n"
    "                   path is printed, in a folder that the next builds go to, too\n"
    "  --cc COMPILER    compile with this instead of what hotloop.conf, $CC or cc name\n"
    "  --cflags FLAGS   added to the compiler's flags, split at blanks\n"
    "  --help           this text\n"
    "\n"
    "Exit code: 0 built, 1 not built (errors are on standard error), 2 wrong usage.\n";

typedef struct BuildOptions {
    const char *game, *output, *compiler, *flags;
} BuildOptions;

static bool refuse(const char *word, const char *why)
{
    fprintf(stderr, "hotloop build: %s: %s (hotloop build --help)\n", word, why);
    return false;
}

// The option that argv[*at] is, or NULL; *value gets what belongs to it.
static const char **option_of(BuildOptions *options, const char *word, const char **value)
{
    const struct {
        const char *name;
        const char **place;
    } all[] = {
        {"-o", &options->output}, {"--cc", &options->compiler}, {"--cflags", &options->flags}};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        size_t length = strlen(all[i].name);
        if (strncmp(word, all[i].name, length) == 0
            && (word[length] == '\0' || (word[1] == '-' && word[length] == '='))) {
            *value = word[length] ? word + length + 1 : NULL;
            return all[i].place;
        }
    }
    return NULL;
}

static bool parse(BuildOptions *options, int argc, char **argv)
{
    static const char *const NAMES[] = {"-o", "--cc", "--cflags", "--help"};
    bool only_words = false;
    for (int i = 1; i < argc; i++) {
        const char *value = NULL, **place = NULL;
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (!only_words && argv[i][0] == '-') {
            place = option_of(options, argv[i], &value);
            if (!place) {
                const char *nearest = text_nearest(argv[i], NAMES, COUNT_OF(NAMES));
                char text[100];
                (void)text_format(text, sizeof(text), "is no option%s%s%s",
                                  nearest ? "; did you mean " : "", nearest ? nearest : "",
                                  nearest ? "?" : "");
                return refuse(argv[i], text);
            }
            if (!value && i + 1 == argc) {
                return refuse(argv[i], "needs a value");
            }
            *place = value ? value : argv[++i];
        } else if (options->game) {
            return refuse(argv[i], "one game at a time");
        } else {
            options->game = argv[i];
        }
    }
    return options->game
           || refuse("which game?", "give a folder of .c files, such as game/platformer");
}

// Readable once somebody wants it to end: compilers have process groups of their own, so that
// Ctrl-C reaches this process alone.
static int open_cancel(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    return signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool copy_library(Arena *arena, const char *from, const char *to, Fault *fault)
{
    FileBytes bytes;
    return file_read(arena, from, LIBRARY_BYTES_MAX, &bytes, fault)
           && file_write(to, bytes.data, bytes.size_bytes, fault);
}

static int finish(Arena *arena, const BuildOptions *options, const BuildReport *report)
{
    Fault fault;
    double ms = (double)(report->finished_ns - report->started_ns) / 1e6;
    app_print_diagnostics(report);
    if (!report->ok) {
        log_line(LOG_ERROR, "%s: not built: %u error%s", options->game, report->error_count,
                 report->error_count == 1 ? "" : "s");
        return EXIT_GAME;
    }
    if (options->output && !copy_library(arena, report->library_path, options->output, &fault)) {
        log_line(LOG_ERROR, "%s", fault.text);
        return EXIT_GAME;
    }
    log_line(LOG_INFO, "%s: built in %.0f ms, %u of %u files compiled", options->game, ms,
             report->units_compiled, report->units);
    printf("%s\n", options->output ? options->output : report->library_path);
    return fflush(stdout) == 0 ? EXIT_OK : EXIT_GAME;
}

static int build_once(Arena *arena, const BuildOptions *options)
{
    Fault fault;
    RunOptions run = {.game = options->game};
    AppPaths *paths = ARENA_NEW(arena, AppPaths, 1);
    BuildReport *report = ARENA_NEW(arena, BuildReport, 1);
    if (!app_find_paths(paths, &run, &fault)) {
        fprintf(stderr, "hotloop: %s\n", fault.text);
        return EXIT_GAME;
    }
    BuildConfig config = {.game_folder = options->game,
                          .api_folder = paths->api,
                          .stub_path = paths->stub[0] ? paths->stub : NULL,
                          .work_folder = paths->work,
                          .compiler = options->compiler,
                          .flags = options->flags};
    int cancel_fd = open_cancel();
    Build *build = build_open(&config, &fault);
    if (!build) {
        fprintf(stderr, "hotloop: %s\n", fault.text);
        return EXIT_GAME;
    }
    int exit_code = EXIT_GAME;
    if (build_run(build, cancel_fd, report)) {
        exit_code = finish(arena, options, report);
    } else {
        log_line(LOG_ERROR, "%s: stopped; nothing was built", options->game);
    }
    build_close(build);
    if (cancel_fd >= 0) {
        close(cancel_fd);
    }
    return exit_code;
}

int app_build(int argc, char **argv)
{
    BuildOptions options = {0};
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(HELP, stdout);
            return EXIT_OK;
        }
    }
    if (!parse(&options, argc, argv)
        || (!file_is_folder(options.game) && !app_refuse_game(options.game))) {
        return EXIT_USAGE;
    }
    Arena arena;
    Fault fault;
    if (!arena_open(&arena, 0, (size_t)LIBRARY_BYTES_MAX + (64u << 20), &fault)) {
        fprintf(stderr, "hotloop: %s\n", fault.text);
        return EXIT_BUG;
    }
    int exit_code = build_once(&arena, &options);
    arena_close(&arena);
    return exit_code;
}
