#include "app.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

static const char HELP[] =
    "Usage: hotloop COMMAND ...\n"
    "\n"
    "  run GAME          build a folder of .c files, run it, and swap it on every save\n"
    "  run --so PATH     the same with a library of your own build\n"
    "  build GAME        compile it once, with `run`'s flags; exit code 0 or 1\n"
    "  new NAME          make a new game\n"
    "  ctl COMMAND       talk to the running session: pause, seek, loop, save ... (ctl --help)\n"
    "  replay FILE       play a recorded session with the present code\n"
    "  verify FILE...    run recordings again and compare every tick; exit code 3 if one differs\n"
    "  diff A@T B@T      two moments of recordings, field by field\n"
    "  info FILE         what a recording holds\n"
    "  export FILE -o X  a recording as X: movie.mp4, movie.gif or frames/%05d.png\n"
    "  help [COMMAND]    this text, or that command's\n"
    "  --version         what this is\n"
    "\n"
    "Every command has --help.\n";

static int print_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    char why[256];
    DirtyMethod method = dirty_probe(why, sizeof(why));
    printf("hotloop %s, API %u, replay format %u\n", HOTLOOP_VERSION, HL_API_VERSION,
           REPLAY_FORMAT_VERSION);
    printf("history by %s%s%s%s, deltas in %s\n", dirty_method_name(method), why[0] ? " (" : "",
           why, why[0] ? ")" : "", delta_method());
    return EXIT_OK;
}

static int play_replay(int argc, char **argv)
{
    RunOptions options;
    int exit_code;
    return app_parse_replay(argc, argv, &options, &exit_code) ? app_run(&options) : exit_code;
}

static int run_game(int argc, char **argv)
{
    RunOptions options;
    int exit_code;
    return app_parse_run(argc, argv, &options, &exit_code) ? app_run(&options) : exit_code;
}

static int print_help(int argc, char **argv);

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} COMMANDS[] = {
    {"run", run_game},          {"build", app_build},         {"new", app_new},
    {"replay", play_replay},    {"verify", app_verify},       {"diff", app_diff},
    {"info", app_info},         {"export", app_export},       {"ctl", app_ctl},
    {"help", print_help},       {"--help", print_help},       {"-h", print_help},
    {"version", print_version}, {"--version", print_version},
};

static int dispatch(int argc, char **argv)
{
    const char *names[COUNT_OF(COMMANDS)];
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++) {
        names[i] = COMMANDS[i].name;
        if (strcmp(argv[0], COMMANDS[i].name) == 0) {
            return COMMANDS[i].run(argc, argv);
        }
    }
    const char *nearest = text_nearest(argv[0], names, COUNT_OF(names));
    if (!nearest && file_is_folder(argv[0])) {
        fprintf(stderr, "hotloop: %s is a folder; did you mean `hotloop run %s`?\n", argv[0],
                argv[0]);
    } else {
        fprintf(stderr, "hotloop: %s is no command%s%s%s (hotloop --help lists them)\n", argv[0],
                nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
    }
    return EXIT_USAGE;
}

static int print_help(int argc, char **argv)
{
    if (argc > 1) {
        char *help[] = {argv[1], (char[]){"--help"}, NULL};
        return dispatch(2, help);
    }
    fputs(HELP, stdout);
    return EXIT_OK;
}

// Whoever starts us may have closed the standard files. The next file that is opened would then get
// such a number, and a line for the terminal would land in a recording or in the events.
static void hold_standard_files(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        close(fd);
    }
}

#ifdef __SANITIZE_ADDRESS__
// What the drivers' libraries keep until they exit is theirs; our own leaks are still found.
// Source: LeakSanitizer's documentation, "Suppressions".
HL_EXPORT const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libdbus\nleak:libpulse\nleak:libX11\nleak:libGL\nleak:libEGL\nleak:_dri.so\n"
           "leak:libasound\nleak:libudev\nleak:libSDL2\n";
}
#endif

#ifdef __SANITIZE_ADDRESS__
// A game that was built with -fsanitize=address -fsanitize-recover=address goes on after a report,
// so that its tick can end in order and be undone. The runtime's own mistakes end the program as
// before: it is built without recovery.
HL_EXPORT const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "halt_on_error=0";
}

// "SUMMARY: AddressSanitizer: heap-buffer-overflow game.c:12 in update".
static void on_sanitizer_report(const char *text)
{
    const char *summary = strstr(text, "SUMMARY: ");
    char line[400];
    summary = summary ? summary + 9 : text;
    (void)text_format(line, sizeof(line), "%.*s", (int)strcspn(summary, "\n"), summary);
    guard_blame(guard_of_process(), line);
}
#endif

int main(int argc, char **argv)
{
    (void)prctl(PR_SET_NAME, "hotloop"); // started anew through /proc/self/exe it is called "exe"
#ifdef __SANITIZE_ADDRESS__
    __asan_set_error_report_callback(on_sanitizer_report);
#endif
    if (argc >= 3 && strcmp(argv[1], "--trial-load") == 0) {
        return gamelib_trial_main(argv[2]); // this program's own child: see gamelib.h
    }
    hold_standard_files();
    if (argc < 2) {
        fputs(HELP, stderr);
        return EXIT_USAGE;
    }
    return dispatch(argc - 1, argv + 1);
}
