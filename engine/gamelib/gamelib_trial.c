#include "gamelib_trial.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "gamelib.h"

// What the child writes to descriptor 3: TRIAL_BEGUN before it loads; then TRIAL_DONE, or TRIAL_NO
// and the loader's text.
#define TRIAL_FD          3
#define TRIAL_BEGUN       '.'
#define TRIAL_DONE        "ok"
#define TRIAL_NO          "no "
#define TRIAL_START_NS    (10 * NS_PER_S) // for the program to start on a busy machine
#define TRIAL_LOAD_NS     (2 * NS_PER_S)  // for the constructors
#define TRIAL_PATIENCE_NS NS_PER_MS

// -------------------------------------------------------------------------------------- the child

int gamelib_trial_main(const char *path)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    struct rlimit no_core = {0, 0};
    const char *error;

    // A constructor that dies shall do so in the plain way, by its signal and without a core file,
    // and not outlive us when it hangs.
    for (size_t i = 0; i < COUNT_OF(fatal); i++) {
        signal(fatal[i], SIG_DFL);
    }
    setrlimit(RLIMIT_CORE, &no_core);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (write(TRIAL_FD, &(char){TRIAL_BEGUN}, 1) != 1) {
        return EXIT_USAGE; // nobody listens: run by hand
    }
    if (dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
        return write(TRIAL_FD, TRIAL_DONE, strlen(TRIAL_DONE)) > 0 ? EXIT_OK : EXIT_GAME;
    }
    error = dlerror();
    if (write(TRIAL_FD, TRIAL_NO, strlen(TRIAL_NO)) > 0 && error) {
        (void)!write(TRIAL_FD, error, strlen(error));
    }
    return EXIT_GAME;
}

// ------------------------------------------------------------------------------------- the parent

static void quiet_files(posix_spawn_file_actions_t *files, int report_fd)
{
    posix_spawn_file_actions_init(files);
    posix_spawn_file_actions_adddup2(files, report_fd, TRIAL_FD);
    posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(files, 0, 1);
    posix_spawn_file_actions_adddup2(files, 0, 2);
    posix_spawn_file_actions_addclosefrom_np(files, TRIAL_FD + 1);
}

// posix_spawn and not fork: forking a program of 100 MB costs a frame.
static int start_child(pid_t *child, const char *self_path, const char *copy, int report_fd)
{
    char self[FILE_PATH_MAX], option[] = "--trial-load", path[FILE_PATH_MAX];
    char *arguments[] = {self, option, path, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int error;

    if (!text_format(self, sizeof self, "%s", self_path)
        || !text_format(path, sizeof path, "%s", copy)) {
        return ENAMETOOLONG;
    }
    quiet_files(&files, report_fd);
    child_fresh(&attributes, POSIX_SPAWN_SETPGROUP); // what a constructor starts is killed, too
    error = posix_spawn(child, self, &files, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

// Collects what the child says until it is done, gone, or its time is over.
static bool listen_to(int fd, char words[TRIAL_WORDS_MAX])
{
    uint64_t deadline_ns = mono_ns() + TRIAL_START_NS;
    size_t have = 0;
    bool in_time = true;

    words[0] = 0;
    while (have < TRIAL_WORDS_MAX - 1 && strcmp(words, ".ok") != 0) {
        struct pollfd ready = {fd, POLLIN, 0};
        uint64_t now_ns = mono_ns();
        if (now_ns >= deadline_ns) {
            in_time = false;
            break;
        }
        if (poll(&ready, 1, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1) <= 0) {
            continue; // the clock above decides
        }
        ssize_t got = read(fd, words + have, TRIAL_WORDS_MAX - 1 - have);
        if (got <= 0) {
            break;
        }
        if (have == 0) {
            deadline_ns = mono_ns() + TRIAL_LOAD_NS;
        }
        have += (size_t)got;
        words[have] = 0;
    }
    return in_time;
}

// Waits for the end until `deadline_ns` without collecting it: the process number stays ours, so
// the group can still be killed by it.
static bool ends_by_itself(pid_t child, uint64_t deadline_ns)
{
    siginfo_t info = {0};

    while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT | WNOHANG) == 0
           && info.si_pid == 0) {
        if (mono_ns() >= deadline_ns) {
            return false;
        }
        mono_sleep_until(mono_ns() + TRIAL_PATIENCE_NS);
    }
    return info.si_pid == child;
}

// The pipe is closed a moment before the exit status is there; a child that closed it by itself and
// lives on is one that hangs.
static bool reap(pid_t child, bool kill_now, int *status)
{
    bool by_itself = !kill_now && ends_by_itself(child, mono_ns() + TRIAL_LOAD_NS);

    kill(-child, SIGKILL);
    while (waitpid(child, status, 0) < 0 && errno == EINTR) {
    }
    return by_itself;
}

static TrialResult died(char words[TRIAL_WORDS_MAX], bool by_itself, int status)
{
    if (!by_itself) {
        text_format(words, TRIAL_WORDS_MAX, "did not return within %d s",
                    (int)(TRIAL_LOAD_NS / NS_PER_S));
    } else if (WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        text_format(words, TRIAL_WORDS_MAX, "crashed (SIG%s)", name ? name : "?");
    } else {
        text_format(words, TRIAL_WORDS_MAX, "ended the program (exit %d)", WEXITSTATUS(status));
    }
    return TRIAL_DIED;
}

TrialResult gamelib_trial_run(const char *self_path, const char *copy, char words[TRIAL_WORDS_MAX])
{
    int ends[2], error, status = 0;
    pid_t child;
    bool in_time, by_itself;
    char heard[TRIAL_WORDS_MAX];

    if (pipe2(ends, O_CLOEXEC) != 0) {
        text_format(words, TRIAL_WORDS_MAX, "%s", strerror(errno));
        return TRIAL_FAILED;
    }
    error = start_child(&child, self_path, copy, ends[1]);
    close(ends[1]);
    if (error) {
        close(ends[0]);
        text_format(words, TRIAL_WORDS_MAX, "%s: %s", self_path, strerror(error));
        return TRIAL_FAILED;
    }
    in_time = listen_to(ends[0], heard);
    close(ends[0]);
    by_itself = reap(child, !in_time || strcmp(heard, ".ok") == 0, &status);
    if (strcmp(heard, ".ok") == 0) {
        return TRIAL_GOOD;
    }
    if (strncmp(heard, ".no ", 4) == 0) {
        text_format(words, TRIAL_WORDS_MAX, "%s", heard + 4);
        return TRIAL_REFUSED;
    }
    if (heard[0] != TRIAL_BEGUN) {
        text_format(words, TRIAL_WORDS_MAX, "%s did not answer --trial-load", self_path);
        return TRIAL_FAILED;
    }
    return died(words, by_itself, status);
}
