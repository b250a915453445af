// `hotloop verify`: recordings run again with the present code. State has one address, so every
// file has a process of its own: this one starts them, shows how far they are, and collects what
// they say.
#include "app.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char HELP[] =
    "Usage: hotloop verify FILE... [-j N] [--game FOLDER | --so PATH]\n"
    "\n"
    "Runs each recording with the present code, as fast as it can, and compares the state's hash.\n"
    "\n"
    "  -j N           so many at a time (default: one for each processor)\n"
    "  --game FOLDER  the game's sources; without it the game's name is looked for here, in game/\n"
    "                 and where hotloop was built\n"
    "  --so PATH      a library of your own build\n"
    "  --cc COMPILER, --cflags FLAGS, --assets DIR   as for `hotloop run`\n"
    "\n"
    "Exit codes: 0 all came out the same, 3 one did not (the tick and its first field are said), 1 "
    "one could\n"
    "not be run, or is not comparable: recorded on another CPU or libc, with other flags than -O "
    "and\n"
    "-g (or with a build that is not ours), or by a hotloop that hashed the state otherwise.\n";

enum { AT_ONCE_MAX = 64, TICKS_A_REPORT = 65536 };

// ------------------------------------------------------------------------------------ one
// recording

static bool wait_for_build(App *app)
{
    while (app->wants_first && !app->quit) {
        app_take_changes(app);
        mono_sleep_until(mono_ns() + NS_PER_MS / 2);
    }
    return !app->quit && live_game(&app->live);
}

static int say(const char *kind, const char *format, ...) BASE_PRINTF(2, 3);
static int say(const char *kind, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    printf("%s %s\n", kind, text);
    fflush(stdout);
    return strcmp(kind, "same") == 0       ? EXIT_OK
           : strcmp(kind, "diverged") == 0 ? EXIT_DIVERGED
                                           : EXIT_GAME;
}

// Not all that differs is the game's new rule: C leaves some things to the compiler.
static void say_builds(const App *app, char *out, size_t out_bytes)
{
    ReplayBuild build;
    uint64_t at;
    bool known = replay_build(app->replay, 0, &build, &at);
    bool other = known && build.content != app->live.now.content;
    if (other && strcmp(build.compiler, app->compiler) != 0) {
        (void)text_format(out, out_bytes,
                          "; recorded with `%s`, and this build is made with `%s`: what C leaves "
                          "open (the order of arguments, what is undefined) may differ",
                          build.compiler, app->compiler);
    } else {
        (void)text_format(out, out_bytes, "%s",
                          other ? "; this is another build than the recorded one" : "");
    }
}

static int say_difference(const App *app, const LiveVerify *verify)
{
    char why[300], builds[600];
    say_builds(app, builds, sizeof(builds));
    if (!app_is_comparable(app->replay, app->compiler, why, sizeof(why))) {
        return say("incomparable", "%s (it comes out differently from tick %llu on)", why,
                   (unsigned long long)verify->moment);
    }
    return say("diverged", "at tick %llu: %s; hash %016llx, recorded %016llx%s",
               (unsigned long long)verify->moment, verify->where, (unsigned long long)verify->got,
               (unsigned long long)verify->wanted, builds);
}

static int verify_all(App *app)
{
    LiveVerify verify = {0};
    Fault fault;
    char why[300] = "";
    uint64_t first = replay_first(app->replay), count = replay_last(app->replay) - first;
    uint64_t begin_ns = mono_ns();
    while (!verify.ended && !verify.diverged) {
        if (!live_verify(&app->live, TICKS_A_REPORT, &verify, &fault)) {
            return say("failed", "tick %llu: %s", (unsigned long long)app->live.moment, fault.text);
        }
        printf("progress %llu %llu\n", (unsigned long long)(app->live.moment - first),
               (unsigned long long)count);
        fflush(stdout);
    }
    if (replay_changed_on_disk(app->replay)) {
        return say("failed", "the file was changed while it was played; run it again");
    }
    if (verify.diverged) {
        return say_difference(app, &verify);
    }
    if (verify.other_structs) {
        return say(
            "incomparable",
            "recorded with other structs than this build's%s%s%s: its %llu ticks were played, "
            "those from tick %llu on not verified",
            verify.others[0] ? " (" : "", verify.others, verify.others[0] ? ")" : "",
            (unsigned long long)verify.ticks, (unsigned long long)(verify.others_from + 1));
    }
    double seconds = (double)(mono_ns() - begin_ns) / 1e9;
    bool comparable = app_is_comparable(app->replay, app->compiler, why, sizeof(why));
    return say("same", "%llu ticks, %.2f million a second%s%s%s", (unsigned long long)verify.ticks,
               seconds > 0 ? (double)verify.ticks / seconds / 1e6 : 0.0,
               verify.checked == 0 ? "; no hash in it to compare" : "", comparable ? "" : "; ",
               comparable ? "" : why);
}

// The child's side: `hotloop verify --one FILE ...`.
static int verify_one(const RunOptions *options)
{
    Fault fault;
    App *app = app_open_quiet(options, &fault);
    int exit_code;
    if (!app) {
        return say("failed", "%s", fault.text);
    }
    if (!wait_for_build(app)) {
        exit_code = say("failed", "%s",
                        app->refused.kind ? app->refused.text : "the game could not be built");
    } else if (app->live.stopped.kind != FAULT_NONE) {
        exit_code = say("failed", "%s", app->live.stopped.text);
    } else {
        exit_code = verify_all(app);
    }
    app_close_quiet(app);
    return exit_code;
}

// ---------------------------------------------------------------------------------------- all of
// them

typedef struct Child {
    const char *file;
    pid_t pid;
    int fd;
    char line[4096];
    size_t used;
    uint64_t done, count;
    int exit_code;
} Child;

typedef struct Verifying {
    char **files;
    int file_count, next, running, done;
    int at_once, exit_code, same;
    bool shows_bar;
    Child children[AT_ONCE_MAX];
    const char *self;
    RunOptions options;
} Verifying;

static void show_bar(const Verifying *all)
{
    enum { WIDTH = 32 };
    if (!all->shows_bar) {
        return;
    }
    double part = 0;
    for (int i = 0; i < all->at_once; i++) {
        const Child *child = &all->children[i];
        part += child->pid && child->count > 0 ? (double)child->done / (double)child->count : 0;
    }
    double share = ((double)all->done + part) / all->file_count;
    int filled = (int)(share * WIDTH);
    filled = filled < WIDTH ? filled : WIDTH;
    fprintf(stderr, "\r[%.*s%*s] %3.0f%%  %d of %d ", filled, "################################",
            WIDTH - filled, "", share * 100, all->done, all->file_count);
}

static void hide_bar(const Verifying *all)
{
    if (all->shows_bar) {
        fprintf(stderr, "\r%60s\r", "");
    }
}

static void add_option(char **argv, int *argc, const char *name, const char *value)
{
    if (value) {
        argv[(*argc)++] = (char *)(uintptr_t)name;
        argv[(*argc)++] = (char *)(uintptr_t)value;
    }
}

static bool start(Verifying *all, Child *child)
{
    char *argv[20];
    int argc = 0, ends[2];
    posix_spawn_file_actions_t actions;
    *child = (Child){.file = all->files[all->next++], .fd = -1};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    argv[argc++] = (char *)(uintptr_t)all->self;
    argv[argc++] = (char[]){"verify"};
    add_option(argv, &argc, "--one", child->file);
    add_option(argv, &argc, "--game", all->options.game);
    add_option(argv, &argc, "--so", all->options.so);
    add_option(argv, &argc, "--cc", all->options.compiler);
    add_option(argv, &argc, "--cflags", all->options.flags);
    add_option(argv, &argc, "--assets", all->options.assets);
    argv[argc] = NULL;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    int error = posix_spawn(&child->pid, all->self, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    child->fd = ends[0];
    if (error != 0) {
        close(ends[0]);
        child->pid = 0;
        fprintf(stderr, "hotloop verify: %s: %s\n", all->self, strerror(error));
        return false;
    }
    all->running++;
    return true;
}

static void take_line(Verifying *all, Child *child, const char *line)
{
    unsigned long long done, count;
    char word[16] = "";
    int length = 0;
    if (sscanf(line, "progress %llu %llu", &done, &count) == 2) {
        child->done = done;
        child->count = count;
        return;
    }
    (void)sscanf(line, "%15s %n", word, &length);
    const char *kind = strcmp(word, "incomparable") == 0 ? "not comparable" : word;
    hide_bar(all);
    printf("%s: %s%s%s\n", child->file, kind, line[length] ? ": " : "", line + length);
    fflush(stdout);
}

static void finish(Verifying *all, Child *child)
{
    int status = 0;
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_GAME;
    if (!WIFEXITED(status)) {
        hide_bar(all);
        printf("%s: failed: the game's code ended the process (%s)\n", child->file,
               strsignal(WTERMSIG(status)));
    }
    // A difference is what one came for; it is not hidden by another file's trouble.
    all->exit_code = code == EXIT_DIVERGED || all->exit_code == EXIT_DIVERGED ? EXIT_DIVERGED
                     : code != EXIT_OK                                        ? code
                                                                              : all->exit_code;
    all->same += code == EXIT_OK;
    close(child->fd);
    *child = (Child){0};
    all->running--;
    all->done++;
}

static void read_child(Verifying *all, Child *child)
{
    ssize_t got = read(child->fd, child->line + child->used, sizeof(child->line) - 1 - child->used);
    if (got <= 0) {
        if (got == 0 || errno != EINTR) {
            finish(all, child);
        }
        return;
    }
    child->used += (size_t)got;
    child->line[child->used] = '\0';
    char *end;
    while ((end = strchr(child->line, '\n')) != NULL) {
        *end = '\0';
        take_line(all, child, child->line);
        child->used -= (size_t)(end + 1 - child->line);
        memmove(child->line, end + 1, child->used + 1);
    }
    if (child->used == sizeof(child->line) - 1) {
        child->used = 0; // no line of ours is that long
    }
}

static int run_all(Verifying *all)
{
    while (all->next < all->file_count || all->running > 0) {
        struct pollfd fds[AT_ONCE_MAX];
        for (int i = 0; i < all->at_once; i++) {
            Child *child = &all->children[i];
            if (!child->pid && all->next < all->file_count && !start(all, child)) {
                all->exit_code = EXIT_GAME;
                all->done++;
            }
            fds[i] = (struct pollfd){.fd = child->pid ? child->fd : -1, .events = POLLIN};
        }
        if (all->running > 0 && poll(fds, (nfds_t)all->at_once, -1) > 0) {
            for (int i = 0; i < all->at_once; i++) {
                if (fds[i].revents) {
                    read_child(all, &all->children[i]);
                }
            }
        }
        show_bar(all);
    }
    hide_bar(all);
    if (all->file_count > 1) {
        printf("%d of %d came out the same\n", all->same, all->file_count);
    }
    return all->exit_code;
}

int app_verify(int argc, char **argv)
{
    enum { OPT_ONE = 256 };
    static const struct option OPTIONS[] = {{"one", required_argument, NULL, OPT_ONE},
                                            APP_GAME_OPTIONS,
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    static Verifying all;
    char self[FILE_PATH_MAX];
    const char *one = NULL;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t at_once = cores > 0 ? (uint64_t)cores : 1;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "hj:", OPTIONS, NULL)) != -1;) {
        switch (option) {
        case 'h':
            fputs(HELP, stdout);
            return EXIT_OK;
        case 'j':
            if (!text_to_u64(optarg, 1, AT_ONCE_MAX, &at_once)) {
                fprintf(stderr, "hotloop verify: -j %s: expected a number from 1 to %d\n", optarg,
                        AT_ONCE_MAX);
                return EXIT_USAGE;
            }
            break;
        case OPT_ONE:
            one = optarg;
            break;
        default:
            if (app_take_game_option(option, optarg, &all.options)) {
                break;
            }
            fprintf(stderr,
                    "hotloop verify: %s: no such option, or its value is missing (hotloop "
                    "verify --help)\n",
                    argv[optind - 1]);
            return EXIT_USAGE;
        }
    }
    if (one) {
        all.options.replay = one;
        return app_find_game(&all.options) ? verify_one(&all.options) : EXIT_GAME;
    }
    if (optind == argc) {
        fprintf(stderr, "hotloop verify: which files? (hotloop verify --help)\n");
        return EXIT_USAGE;
    }
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length <= 0) {
        fprintf(stderr, "hotloop verify: /proc/self/exe: %s\n", strerror(errno));
        return EXIT_BUG;
    }
    self[length] = '\0';
    all.self = self;
    all.files = argv + optind;
    all.file_count = argc - optind;
    all.at_once = (int)at_once;
    all.shows_bar = isatty(STDERR_FILENO);
    return run_all(&all);
}
