#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gamelib.h"
#include "guard.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

// A game that does one deed a call: each function gets the State below and an int for a result.
static const char HEAD[] =
    "#define _GNU_SOURCE\n#include \"hotloop.h\"\n"
    "#include <assert.h>\n#include <err.h>\n#include <errno.h>\n#include <error.h>\n"
    "#include <fcntl.h>\n#include <fenv.h>\n#include <locale.h>\n#include <pthread.h>\n"
    "#include <sched.h>\n#include <setjmp.h>\n#include <signal.h>\n#include <spawn.h>\n"
    "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <sys/mman.h>\n"
    "#include <sys/prctl.h>\n#include <sys/resource.h>\n#include <sys/stat.h>\n"
    "#include <sys/syscall.h>\n#include <sys/time.h>\n#include <sys/wait.h>\n#include <threads.h>\n"
    "#include <time.h>\n#include <unistd.h>\n"
    "typedef struct S { int n, fd; const char *folder; jmp_buf jump; timer_t timer;\n"
    "    locale_t locale; } S;\n"
    "static void init(S *s, hl_tick *t) { (void)s; (void)t; }\n"
    "static void update(S *s, hl_tick *t) { (void)s; (void)t; }\n"
    "static void draw(const S *s, hl_canvas *c) { (void)s; (void)c; }\n"
    "HL_GAME(S, init, update, draw, .title = \"Hooks\");\n"
    "#define DEED(name) void name(S *s, int *r)\n";
static const char ENDS[] =
    "DEED(do_exit) { s->n++; exit(3); }\n"
    "DEED(do__exit) { _exit(4); }\n"
    "DEED(do__Exit) { _Exit(5); }\n"
    "DEED(do_quick_exit) { quick_exit(6); }\n"
    "DEED(do_raw_exit) { syscall(SYS_exit_group, 7); }\n"
    "static void (*const leave)(int) = exit;\n"
    "DEED(do_exit_by_pointer) { leave(8); }\n"
    "DEED(do_pthread_exit) { pthread_exit(0); }\n"
    "DEED(do_thrd_exit) { thrd_exit(9); }\n"
    "DEED(do_err) { errno = ENOENT; err(2, \"cannot open %s\", \"level\"); }\n"
    "DEED(do_errx) { errx(2, \"no more %s\", \"lives\"); }\n"
    "DEED(do_error) { error(2, EACCES, \"file %d\", 5); }\n"
    "DEED(do_error_0) { error(0, 0, \"only words\"); *r = 1; }\n"
    "DEED(do_abort) { abort(); }\n"
    "DEED(do_assert) { assert(s->n == 77); *r = 1; }\n"
    "DEED(do_assert_perror) { assert_perror(ENOMEM); }\n"
    "__attribute__((noinline)) static void write_over(volatile char *a, int n) {\n"
    "    for (int i = 0; i < n; i++) a[i] = 7; }\n"
    "DEED(do_smash) { volatile char a[16]; write_over(a, 40); *r = a[3]; }\n"
    "static void *thread_exit(void *a) { exit(1); return a; }\n"
    "DEED(do_thread_exit) { pthread_t t; pthread_create(&t, 0, thread_exit, 0);\n"
    "    pthread_join(t, 0); *r = 1; }\n"
    "static void last_words(void) { _exit(99); }\n"
    "DEED(do_atexit) { *r = atexit(last_words) == 0 && at_quick_exit(last_words) == 0\n"
    "    && on_exit((void (*)(int, void *))last_words, 0) == 0; }\n";
static const char JUMPS[] =
    "DEED(do_set) { if (setjmp(s->jump) == 0) *r = 1; else *r = 2; }\n"
    "DEED(do_jump) { longjmp(s->jump, 1); }\n"
    "DEED(do_set_and_return) { s->n = sigsetjmp(s->jump, 1); }\n"
    "static void deep(S *s, int n) { volatile char room[100]; room[n] = 1;\n"
    "    if (n < 50) deep(s, n + 1); else _longjmp(s->jump, 42); }\n"
    "DEED(do_good_jump) { volatile int before = 5;\n"
    "    int got = _setjmp(s->jump); if (got == 0) { before++; deep(s, 0); }\n"
    "    *r = got * 10 + before; }\n"
    "DEED(do_good_sigjump) { sigset_t set; sigemptyset(&set); sigaddset(&set, SIGUSR1);\n"
    "    if (sigsetjmp(s->jump, 1) == 0) { sigprocmask(SIG_BLOCK, &set, 0);\n"
    "        siglongjmp(s->jump, 1); }\n"
    "    sigprocmask(SIG_SETMASK, 0, &set); *r = sigismember(&set, SIGUSR1) ? 2 : 1; }\n"
    "__attribute__((noinline)) static void leave_jump(S *s) { volatile char room[600];\n"
    "    room[0] = 1; if (setjmp(s->jump)) room[1] = 2; }\n"
    "DEED(do_dead_jump) { leave_jump(s); longjmp(s->jump, 1); }\n"
    "DEED(do_rubbish_jump) { memset(s->jump, 0x5a, sizeof s->jump); longjmp(s->jump, 1); }\n"
    "DEED(do_null_jump) { longjmp(*(jmp_buf *)8, 1); }\n";
static const char CHANGES[] =
    "static void on_signal(int n) { (void)n; }\n"
    "DEED(do_handle_segv) { struct sigaction a = {.sa_handler = on_signal};\n"
    "    *r = sigaction(SIGSEGV, &a, 0) == -1 && errno == EINVAL\n"
    "        && signal(SIGABRT, on_signal) == SIG_ERR && signal(SIGTERM, SIG_IGN) == SIG_ERR; }\n"
    "DEED(do_handle_usr) { signal(SIGUSR1, on_signal); signal(SIGUSR1, SIG_IGN);\n"
    "    *r = signal(SIGUSR2, SIG_IGN) == SIG_DFL && raise(SIGUSR2) == 0; }\n"
    "DEED(do_handle_for_now) { void *was = signal(SIGUSR1, on_signal); raise(SIGUSR1);\n"
    "    signal(SIGUSR1, was); *r = 1; }\n"
    "DEED(do_sigaltstack) { static char room[65536]; stack_t s2 = {room, 0, sizeof room};\n"
    "    *r = sigaltstack(&s2, 0) == -1; }\n"
    "DEED(do_block) { sigset_t all; sigfillset(&all); pthread_sigmask(SIG_SETMASK, &all, 0);\n"
    "    sigprocmask(SIG_SETMASK, 0, &all);\n"
    "    *r = !sigismember(&all, SIGSEGV) && !sigismember(&all, SIGTERM)\n"
    "        && sigismember(&all, SIGUSR1); }\n"
    "DEED(do_block_for_now) { sigset_t all, was; sigfillset(&all);\n"
    "    sigprocmask(SIG_BLOCK, &all, &was); sigprocmask(SIG_SETMASK, &was, 0); *r = 1; }\n"
    "DEED(do_block_ours) { sigset_t one; sigemptyset(&one); sigaddset(&one, SIGSEGV);\n"
    "    *r = sigprocmask(SIG_BLOCK, &one, 0) == 0; }\n"
    "DEED(do_setlocale) { *r = setlocale(LC_ALL, \"C.UTF-8\") != 0; }\n"
    "DEED(do_locale_for_now) { setlocale(LC_ALL, \"C.UTF-8\"); setlocale(LC_ALL, \"C\");\n"
    "    *r = setlocale(LC_ALL, 0)[0] == 'C'; }\n"
    "DEED(do_uselocale) { s->locale = newlocale(LC_ALL_MASK, \"C.UTF-8\", 0);\n"
    "    *r = uselocale(s->locale) != 0; }\n"
    "DEED(do_chdir) { *r = chdir(\"/\") == 0; }\n"
    "DEED(do_chdir_and_die) { chdir(s->folder); umask(0); setlocale(LC_ALL, \"C.UTF-8\");\n"
    "    fesetround(FE_UPWARD); alarm(1000); signal(SIGUSR1, SIG_IGN);\n"
    "    struct rlimit l = {16, 16}; setrlimit(RLIMIT_NOFILE, &l); *(volatile int *)s->n = 1; }\n"
    "DEED(do_chroot) { *r = chroot(s->folder) == -1 && errno == EPERM; }\n"
    "DEED(do_umask) { *r = (int)umask(0777); }\n"
    "DEED(do_setrlimit) { struct rlimit l = {64, 64}; *r = setrlimit(RLIMIT_NOFILE, &l) == 0;\n"
    "    getrlimit(RLIMIT_NOFILE, &l); *r = *r && l.rlim_cur == 64; }\n"
    "DEED(do_prlimit) { struct rlimit l = {0, 0}, was; *r = prlimit(0, RLIMIT_CORE, 0, &was) == 0\n"
    "    && prlimit(getpid(), RLIMIT_STACK, &(struct rlimit){1 << 20, 1 << 20}, &l) == 0\n"
    "    && l.rlim_cur != 1 << 20; }\n"
    "DEED(do_timers) { struct itimerval t = {{0, 0}, {500, 0}}; alarm(1000);\n"
    "    setitimer(ITIMER_VIRTUAL, &t, 0); *r = timer_create(CLOCK_MONOTONIC, 0, &s->timer) == 0; "
    "}\n"
    "DEED(do_timer_for_now) { timer_t t; alarm(1000); alarm(0);\n"
    "    *r = timer_create(CLOCK_MONOTONIC, 0, &t) == 0 && timer_delete(t) == 0; }\n"
    "DEED(do_round) { *r = fesetround(FE_DOWNWARD) == 0 && fegetround() == FE_DOWNWARD; }\n"
    "DEED(do_mlockall) { *r = mlockall(MCL_CURRENT | MCL_FUTURE) == -1 && errno == EPERM; }\n"
    "DEED(do_identity) { *r = setuid(getuid()) == -1 && errno == EPERM && setsid() == -1\n"
    "    && prctl(PR_SET_DUMPABLE, 0) == -1 && prctl(PR_SET_NAME, \"game\") == 0; }\n";
static const char CHILDREN[] =
    "static int status_of(pid_t p) { int status = -1; waitpid(p, &status, 0);\n"
    "    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status); }\n"
    "DEED(do_fork) { pid_t p = fork(); if (p == 0) { s->n = 5; return; } *r = status_of(p); }\n"
    "DEED(do_fork_and_crash) { pid_t p = fork(); if (p == 0) *(volatile int *)8 = 1;\n"
    "    *r = status_of(p); }\n"
    "DEED(do_vfork_and_exit) { pid_t p = vfork(); if (p == 0) exit(17); *r = status_of(p); }\n"
    "DEED(do__Fork) { pid_t p = _Fork(); if (p == 0) _exit(18); *r = status_of(p); }\n"
    "DEED(do_fork_and_abort) { pid_t p = fork(); if (p == 0) abort(); *r = status_of(p); }\n"
    "DEED(do_fork_and_exec) { pid_t p = fork();\n"
    "    if (p == 0) { close(s->fd); execl(\"/bin/sh\", \"sh\", \"-c\", \"exit 19\", (char *)0); "
    "}\n"
    "    *r = status_of(p); }\n"
    "DEED(do_system) { int a = WEXITSTATUS(system(\"exit 20\")); char text[8] = \"\";\n"
    "    FILE *f = popen(\"echo 21\", \"r\"); fgets(text, 8, f); pclose(f);\n"
    "    char *argv[] = {\"sh\", \"-c\", \"exit 22\", 0}; pid_t p;\n"
    "    posix_spawnp(&p, \"sh\", 0, 0, argv, environ); *r = a + atoi(text) + status_of(p); }\n"
    "DEED(do_daemon) { *r = daemon(1, 1) == -1 && errno == EPERM; }\n"
    "static void *fork_there(void *a) { pid_t p = fork(); if (p == 0) return 0;\n"
    "    *(int *)a = status_of(p); return 0; }\n"
    "DEED(do_thread_fork) { pthread_t t; pthread_create(&t, 0, fork_there, r);\n"
    "    pthread_join(t, 0); }\n"
    "DEED(do_exec) { char *argv[] = {\"true\", 0}; *r = execv(\"/bin/true\", argv) == -1\n"
    "    && errno == EPERM && execve(\"/bin/true\", argv, environ) == -1\n"
    "    && execvp(\"true\", argv) == -1 && execvpe(\"true\", argv, environ) == -1\n"
    "    && execl(\"/bin/true\", \"true\", (char *)0) == -1\n"
    "    && execlp(\"true\", \"true\", (char *)0) == -1\n"
    "    && execle(\"/bin/true\", \"true\", (char *)0, environ) == -1\n"
    "    && fexecve(s->fd, argv, environ) == -1\n"
    "    && syscall(SYS_execve, \"/bin/true\", argv, environ) == -1; }\n"
    "static void *die(void *a) { *(volatile int *)8 = 1; return a; }\n"
    "static int nothing(void *a) { (void)a; return 0; }\n"
    "DEED(do_thread) { thrd_t t; *r = thrd_create(&t, nothing, 0) == thrd_success;\n"
    "    thrd_join(t, 0); }\n"
    "DEED(do_thread_crash) { pthread_t t; pthread_create(&t, 0, die, 0); pthread_join(t, 0); }\n";
static const char DESCRIPTORS[] =
    "DEED(do_close) { *r = close(s->fd) == -1 && errno == EBADF; }\n"
    "DEED(do_close_ways) { *r = syscall(SYS_close, s->fd) == -1 && dup2(0, s->fd) == -1\n"
    "    && dup3(0, s->fd, 0) == -1 && syscall(SYS_dup2, 0, s->fd) == -1\n"
    "    && dup2(s->fd, s->fd) == s->fd; }\n"
    "DEED(do_close_own) { int fd = open(\"/dev/null\", O_RDONLY); FILE *f = fopen(\"/dev/null\", "
    "\"r\");\n"
    "    int other = dup(fd); *r = fd >= 0 && dup2(fd, other) == other && close(other) == 0\n"
    "        && close(fd) == 0 && fclose(f) == 0; }\n"
    "DEED(do_close_all) { int fd = open(\"/dev/null\", O_RDONLY); closefrom(3);\n"
    "    *r = fcntl(fd, F_GETFD) == -1 && fcntl(s->fd, F_GETFD) != -1;\n"
    "    fd = open(\"/dev/null\", O_RDONLY); close_range(0, ~0u, 0);\n"
    "    *r = *r && fcntl(fd, F_GETFD) == -1 && fcntl(s->fd, F_GETFD) != -1; }\n"
    "DEED(do_close_streams) { *r = fclose(stdout) == EOF && freopen(\"/dev/null\", \"w\", stderr) "
    "== 0\n"
    "    && close(0) == -1; }\n";

typedef struct State { // the game's S
    int n, fd;
    const char *folder;
    jmp_buf jump;
    void *timer;
    locale_t locale;
} State;

static struct {
    char folder[64];
    GameLib library;
    Arena keep;
    Guard *guard;
    GuardReport report;
    State state;
    int result;
    unsigned changes; // of the last call
    const char *by;
    bool own_stack;
} now;

// -------------------------------------------------------------------------------------- fixtures

static void write_game(const char *path)
{
    const char *const texts[] = {HEAD, ENDS, JUMPS, CHANGES, CHILDREN, DESCRIPTORS};
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        fputs(texts[i], file);
    }
    assert_int_equal(fclose(file), 0);
}

static int build_library(void **unused)
{
    (void)unused;
    char path[96], command[512];
    Fault fault = {0};
    strcpy(now.folder, "/tmp/guard-hooks-XXXXXX");
    assert_non_null(mkdtemp(now.folder));
    (void)snprintf(path, sizeof(path), "%s/game.c", now.folder);
    write_game(path);
    (void)snprintf(command, sizeof(command),
                   "cc -w -shared -fPIC -O1 -g -fstack-protector-all -I" TEST_SOURCE_DIR
                   "/engine/api -o %s/game.so %s -lm",
                   now.folder, path);
    assert_int_equal(system(command), 0);
    (void)snprintf(path, sizeof(path), "%s/game.so", now.folder);
    GameLibConfig config = {.folder = now.folder, .hooks = guard_hooks()};
    if (!gamelib_open(&now.library, path, &config, &fault)) {
        fail_msg("%s", fault.text);
    }
    return 0;
}

static int remove_library(void **unused)
{
    (void)unused;
    char command[96];
    (void)gamelib_close(&now.library);
    (void)snprintf(command, sizeof(command), "rm -r %s", now.folder);
    return system(command);
}

static void open_guard_on(bool own_stack)
{
    Fault fault;
    assert_true(arena_open(&now.keep, 0, 1u << 20, &fault));
    now.own_stack = own_stack;
    GuardConfig config = {.own_stack = own_stack};
    now.guard = guard_open(&now.keep, &config, &fault);
    assert_non_null(now.guard);
    GuardCode code = {now.library.image_first, now.library.image_end};
    guard_set_code(now.guard, &code, 1);
    now.state = (State){.fd = -1, .folder = now.folder};
}

// Inside the test, as in guard_test: cmocka puts signal handlers of its own before it. Each case
// runs on a stack of the guard's and, as under the sanitizer, on the thread's.
static void run_case(void **state)
{
    void (*body)(void);
    memcpy(&body, state, sizeof(body));
#ifndef __SANITIZE_ADDRESS__
    open_guard_on(true);
    body();
    guard_close(now.guard);
    arena_close(&now.keep);
#endif
    open_guard_on(false);
    body();
    guard_close(now.guard);
    arena_close(&now.keep);
    now.guard = NULL;
}

// Runs a deed; what it changed is in now.changes and now.by.
static bool run(const char *deed)
{
    GuardCall *call;
    void *found = dlsym(now.library.handle, deed);
    if (!found) {
        fail_msg("the game has no %s", deed);
    }
    memcpy(&call, &found, sizeof(call));
    now.result = 0;
    now.report = (GuardReport){0};
    bool returned = guard_run(now.guard, call, &now.state, &now.result, &now.report);
    now.by = NULL;
    now.changes = guard_take_changes(now.guard, &now.by);
    return returned;
}

// It returned and found what it expected; `change` and `by` were told, and nothing else.
static void expect_told(const char *deed, unsigned change, const char *by)
{
    if (!run(deed)) {
        fail_msg("%s ended: %d %s", deed, (int)now.report.end, now.report.text);
    }
    if (now.result == 0 || now.changes != change
        || (by ? !now.by || strcmp(by, now.by) != 0 : now.by != NULL)) {
        fail_msg("%s: result %d, changes %#x by %s", deed, now.result, now.changes,
                 now.by ? now.by : "nobody");
    }
}

static void expect_end(const char *deed, GuardEnd end, int code, const char *text)
{
    if (run(deed)) {
        fail_msg("%s returned", deed);
    }
    if (now.report.end != end || now.report.exit_code != code || !strstr(now.report.text, text)
        || now.report.doubt) {
        fail_msg("%s: end %d, code %d, \"%s\"%s", deed, (int)now.report.end, now.report.exit_code,
                 now.report.text, now.report.doubt ? ", doubt" : "");
    }
    assert_true(now.report.pc >= now.library.image_first && now.report.pc < now.library.image_end);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) != -1;
}

// -------------------------------------------------------------------------------------- its ends

static void every_way_to_exit_ends_the_call(void)
{
    // Scenario: a game calls every function that ends a program, by name, by a pointer in read-only
    // data and by the number of the system call; afterwards one that does not.
    // Expect: the call ends with the code and the words; the first frame is the game's; the process
    // goes on, and what the game did before has happened.
    expect_end("do_exit", GUARD_EXITED, 3, "exit(3)");
    assert_int_equal(now.state.n, 1);
    expect_end("do__exit", GUARD_EXITED, 4, "_exit(4)");
    expect_end("do__Exit", GUARD_EXITED, 5, "_exit(5)");
    expect_end("do_quick_exit", GUARD_EXITED, 6, "quick_exit(6)");
    expect_end("do_raw_exit", GUARD_EXITED, 7, "_exit(7)");
    expect_end("do_exit_by_pointer", GUARD_EXITED, 8, "exit(8)");
    expect_end("do_pthread_exit", GUARD_EXITED, 0, "pthread_exit(0)");
    expect_end("do_thrd_exit", GUARD_EXITED, 9, "thrd_exit(9)");
    expect_end("do_err", GUARD_EXITED, 2, "cannot open level: No such file");
    expect_end("do_errx", GUARD_EXITED, 2, "no more lives");
    expect_end("do_error", GUARD_EXITED, 2, "file 5: Permission denied");
    expect_told("do_error_0", 0, NULL);
}

static void aborts_say_why(void)
{
    // Scenario: abort, a failed assert, assert_perror, a local array written over its end.
    // Expect: the call ends as aborted, with expression, file and line where there are some.
    expect_end("do_abort", GUARD_ABORTED, 0, "abort()");
    expect_end("do_assert", GUARD_ABORTED, 0, "assert(s->n == 77) failed in do_assert()");
    assert_non_null(strstr(now.report.file, "game.c"));
    assert_true(now.report.line > 30);
    expect_end("do_assert_perror", GUARD_ABORTED, 0, "Cannot allocate memory");
    now.state.n = 77;
    expect_told("do_assert", 0, NULL);
    now.state.n = 0;
    assert_false(run("do_smash"));
    assert_int_equal(now.report.end, GUARD_ABORTED);
    assert_non_null(strstr(now.report.text, "written over its end"));
}

static void a_thread_that_exits_ends_alone(void)
{
    // Scenario: a thread of the game's calls exit.
    // Expect: the thread ends and can be joined; it is told; the session lives.
    assert_true(run("do_thread_exit"));
    assert_int_equal(now.result, 1);
    assert_int_equal(now.changes, GUARD_THREADS);
}

static void functions_for_exit_are_dropped(void)
{
    // Scenario: a game registers functions with atexit, at_quick_exit and on_exit. They would end
    // the process with 99 when the library is unloaded or at exit.
    // Expect: told, and never run: the test's end is another one.
    assert_true(run("do_atexit"));
    assert_int_equal(now.result, 1);
    assert_int_equal(now.changes, GUARD_AT_EXIT);
}

// -------------------------------------------------------------------------------------- its jumps

static void jumps_within_a_call_are_the_games(void)
{
    // Scenario: longjmp from 50 calls deep; siglongjmp that restores the signal mask.
    // Expect: both arrive, with the value, and nothing is told.
    expect_told("do_good_jump", 0, NULL);
    assert_int_equal(now.result, 426);
    expect_told("do_good_sigjump", 0, NULL);
    assert_int_equal(now.result, 1);
}

static void jumps_out_of_a_call_end_it(void)
{
    // Scenario: longjmp to a place of an earlier call, of a function that has returned, to rubbish.
    // Expect: each ends the call and says so; a jmp_buf at a bad address is a crash like any other;
    // the next good jump works.
    assert_true(run("do_set"));
    expect_end("do_jump", GUARD_JUMPED, 0, "earlier call");
    assert_true(run("do_set_and_return"));
    expect_end("do_jump", GUARD_JUMPED, 0, "earlier call");
    expect_end("do_dead_jump", GUARD_JUMPED, 0, "has returned");
    expect_end("do_rubbish_jump", GUARD_JUMPED, 0, "longjmp()");
    assert_false(run("do_null_jump"));
    assert_int_equal(now.report.end, GUARD_SIGNAL);
    assert_true(run("do_good_jump"));
    assert_int_equal(now.result, 426);
}

// ------------------------------------------------------------------------------------ its changes

static void handlers_are_put_back(void)
{
    // Scenario: handlers for signals of ours, for others, one that is taken back within the call,
    // and a signal stack.
    // Expect: ours are refused, others are gone after the call, what was taken back is no change.
    struct sigaction before, after;
    sigaction(SIGSEGV, NULL, &before);
    expect_told("do_handle_segv", GUARD_HANDLERS, "signal");
    sigaction(SIGSEGV, NULL, &after);
    assert_true(before.sa_handler == after.sa_handler);
    expect_told("do_handle_usr", GUARD_HANDLERS, "signal");
    sigaction(SIGUSR1, NULL, &after);
    assert_true(after.sa_handler == SIG_DFL);
    sigaction(SIGUSR2, NULL, &after);
    assert_true(after.sa_handler == SIG_DFL);
    expect_told("do_handle_for_now", 0, NULL);
    expect_told("do_sigaltstack", GUARD_HANDLERS, "sigaltstack");
}

static void masks_are_put_back(void)
{
    // Scenario: everything blocked and left so; blocked and let go; only one of ours blocked.
    // Expect: ours never are; the mask is as it was; only what was left so is told.
    sigset_t mask;
    expect_told("do_block", GUARD_MASK, "pthread_sigmask");
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGUSR1), 0);
    expect_told("do_block_for_now", 0, NULL);
    expect_told("do_block_ours", GUARD_MASK, "sigprocmask");
}

static void folder_locale_and_umask_are_put_back(void)
{
    // Scenario: each is changed and left so, or changed and changed back; chroot.
    // Expect: as it was after the call; told only when left so; chroot is refused.
    char before[4096], after[4096];
    mode_t mode = umask(022);
    assert_non_null(getcwd(before, sizeof(before)));
    expect_told("do_chdir", GUARD_FOLDER, "chdir");
    assert_string_equal(getcwd(after, sizeof(after)), before);
    expect_told("do_chroot", GUARD_FOLDER, "chroot");
    expect_told("do_setlocale", GUARD_LOCALE, "setlocale");
    assert_string_equal(setlocale(LC_ALL, NULL), "C");
    expect_told("do_locale_for_now", 0, NULL);
    expect_told("do_uselocale", GUARD_LOCALE, "uselocale");
    assert_true(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
    freelocale(now.state.locale);
    expect_told("do_umask", GUARD_UMASK, "umask");
    assert_int_equal(now.result, 022);
    assert_int_equal(umask(mode), 022);
}

static void limits_and_timers_are_put_back(void)
{
    // Scenario: limits lowered, hard ones too; timers of all kinds set; a timer that is taken back.
    // Expect: in force within the call; as before after it, none runs; mlockall and changes of
    // identity are refused, a thread's name is not.
    struct rlimit before, after;
    struct itimerval timer;
    getrlimit(RLIMIT_NOFILE, &before);
    expect_told("do_setrlimit", GUARD_LIMITS, "setrlimit");
    getrlimit(RLIMIT_NOFILE, &after);
    assert_true(before.rlim_cur == after.rlim_cur && before.rlim_max == after.rlim_max);
    getrlimit(RLIMIT_STACK, &before);
    expect_told("do_prlimit", GUARD_LIMITS, "prlimit");
    getrlimit(RLIMIT_STACK, &after);
    assert_true(before.rlim_cur == after.rlim_cur && before.rlim_max == after.rlim_max);
    expect_told("do_timers", GUARD_TIMERS, "timer_create");
    getitimer(ITIMER_REAL, &timer);
    assert_true(timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0);
    getitimer(ITIMER_VIRTUAL, &timer);
    assert_true(timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0);
    expect_told("do_timer_for_now", 0, NULL);
    expect_told("do_mlockall", GUARD_LIMITS, "mlockall");
    expect_told("do_identity", GUARD_LIMITS, "prctl");
}

static void rounding_is_put_back_with_a_name(void)
{
    // Scenario: fesetround within a call.
    // Expect: in force there, as before afterwards, told with the function's name.
    expect_told("do_round", GUARD_FPU, "fesetround");
    assert_int_equal(fegetround(), FE_TONEAREST);
}

static void a_crash_puts_everything_back(void)
{
    // Scenario: folder, umask, locale, rounding, a timer, a handler and a limit are changed, then
    // the game crashes.
    // Expect: all as before, and each is told.
    char before[4096], after[4096];
    struct rlimit limit_before, limit_after;
    struct itimerval timer;
    struct sigaction handler;
    mode_t mode = umask(022);
    assert_non_null(getcwd(before, sizeof(before)));
    getrlimit(RLIMIT_NOFILE, &limit_before);
    now.state.n = 16;
    assert_false(run("do_chdir_and_die"));
    assert_int_equal(now.report.end, GUARD_SIGNAL);
    assert_string_equal(getcwd(after, sizeof(after)), before);
    assert_int_equal(umask(mode), 022);
    assert_string_equal(setlocale(LC_ALL, NULL), "C");
    assert_int_equal(fegetround(), FE_TONEAREST);
    getrlimit(RLIMIT_NOFILE, &limit_after);
    assert_true(limit_before.rlim_cur == limit_after.rlim_cur);
    assert_true(limit_before.rlim_max == limit_after.rlim_max);
    getitimer(ITIMER_REAL, &timer);
    assert_int_equal(timer.it_value.tv_sec, 0);
    sigaction(SIGUSR1, NULL, &handler);
    assert_true(handler.sa_handler == SIG_DFL);
    unsigned all =
        GUARD_FOLDER | GUARD_UMASK | GUARD_LOCALE | GUARD_LIMITS | GUARD_TIMERS | GUARD_HANDLERS;
    assert_int_equal(now.changes & all, all);
    assert_true(run("do_good_jump"));
    assert_int_equal(now.changes, 0);
}

// ----------------------------------------------------------------------------------- its children

static void children_end_with_their_call(void)
{
    // Scenario: forks whose child returns from the call, crashes, exits, aborts, runs a program;
    // from a thread; system, popen and posix_spawn; daemon.
    // Expect: no child comes back to us: each ends with the code that fits; all are told; what a
    // child does to its copy of the state is its own; daemon is refused.
    int runtime = getpid();
    const struct {
        const char *deed, *by;
        int status;
    } cases[] = {{"do_fork_and_crash", "fork", 1},
                 {"do_vfork_and_exit", "vfork", 17},
                 {"do__Fork", "_Fork", 18},
                 {"do_fork_and_exec", "fork", 19},
                 {"do_system", "posix_spawnp", 63}};
    now.state.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    guard_keep_descriptors(now.guard);
    assert_true(run("do_fork"));
    assert_int_equal(getpid(), runtime);
    assert_int_equal(now.result, 0);
    assert_int_equal(now.state.n, 0);
    assert_int_equal(now.changes, GUARD_CHILD);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect_told(cases[i].deed, GUARD_CHILD, cases[i].by);
        assert_int_equal(now.result, cases[i].status);
    }
    expect_told("do_fork_and_abort", GUARD_CHILD, "fork");
    assert_int_equal(now.result, 1);
    assert_true(run("do_thread_fork"));
    assert_int_equal(now.result, 0);
    assert_int_equal(now.changes, GUARD_CHILD | GUARD_THREADS);
    expect_told("do_daemon", GUARD_CHILD, "daemon");
    assert_true(is_open(now.state.fd));
    close(now.state.fd);
}

static void other_programs_are_refused(void)
{
    // Scenario: every exec there is, and its system call.
    // Expect: EPERM, told, and the process is still this one.
    expect_told("do_exec", GUARD_PROGRAM, "execve");
}

static void threads_are_told(void)
{
    // Scenario: a thread that ends in order, and one that crashes.
    // Expect: told; the crash is a stray one, the call is not harmed.
    GuardReport stray;
    expect_told("do_thread", GUARD_THREADS, "thrd_create");
    assert_true(run("do_thread_crash"));
    assert_int_equal(now.changes, GUARD_THREADS);
    assert_true(guard_take_stray(now.guard, &stray));
    assert_int_equal(stray.signal, SIGSEGV);
}

// -------------------------------------------------------------------------------- its descriptors

static void descriptors_of_ours_stay_open(void)
{
    // Scenario: a game closes one of ours in every way, all of them, the standard streams; its own.
    // Expect: refused, told, still the same file; its own are its own; after we have closed ours
    // ourselves, the number may be the game's.
    now.state.fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    guard_keep_descriptors(now.guard);
    expect_told("do_close", GUARD_DESCRIPTOR, "close");
    expect_told("do_close_ways", GUARD_DESCRIPTOR, "dup2");
    expect_told("do_close_own", 0, NULL);
    expect_told("do_close_all", GUARD_DESCRIPTOR, "close_range");
    expect_told("do_close_streams", GUARD_DESCRIPTOR, "close");
    assert_true(is_open(0) && is_open(1) && is_open(2));
    char byte = 1;
    assert_int_equal(read(now.state.fd, &byte, 1), 1);
    assert_int_equal(byte, 0);
    int ours = now.state.fd;
    close(ours);
    now.state.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(now.state.fd, ours);
    assert_true(run("do_close"));
    assert_int_equal(now.changes, 0);
    assert_false(is_open(ours));
}

// ----------------------------------------------------------------------------------- what is left

static void a_look_repairs_what_no_hook_saw(void)
{
    // Scenario: handler, mask, folder, locale and a standard stream are changed behind our back.
    // Expect: the look says which, and all are as before; the next one finds nothing; a handler
    // that went back to the default for SIGINT is left alone.
    char before[4096], after[4096];
    struct sigaction ours, other = {.sa_handler = SIG_IGN};
    sigset_t one;
    assert_non_null(getcwd(before, sizeof(before)));
    int in = dup(STDIN_FILENO);
    guard_keep_descriptors(now.guard);
    sigaction(SIGSEGV, NULL, &ours);
    assert_int_equal(guard_check_process(now.guard), 0);
    sigaction(SIGSEGV, &other, NULL);
    sigemptyset(&one);
    sigaddset(&one, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &one, NULL);
    assert_int_equal(chdir("/proc"), 0);
    assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
    close(STDIN_FILENO);
    assert_int_equal(guard_check_process(now.guard),
                     GUARD_HANDLERS | GUARD_MASK | GUARD_FOLDER | GUARD_LOCALE | GUARD_DESCRIPTOR);
    sigaction(SIGSEGV, NULL, &other);
    assert_true(other.sa_sigaction == ours.sa_sigaction);
    pthread_sigmask(SIG_SETMASK, NULL, &one);
    assert_int_equal(sigismember(&one, SIGUSR2), 0);
    assert_string_equal(getcwd(after, sizeof(after)), before);
    assert_string_equal(setlocale(LC_ALL, NULL), "C");
    assert_true(is_open(STDIN_FILENO));
    assert_int_equal(guard_check_process(now.guard), 0);
    assert_int_equal(dup2(in, STDIN_FILENO), STDIN_FILENO);
    close(in);
}

static void call_exit_of_a_library(void *a, void *b)
{
    (void)a;
    (void)b;
    exit(33); // this program's own calls have no hooks
}

static void a_library_that_exits_leaves_a_doubt(void)
{
    // Scenario: code that has no hooks calls exit during a call. In a process of its own, for part
    // of what libc does at exit has happened then.
    // Expect: the call ends with the code, and with the doubt that makes for a new start.
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        bool returned = guard_run(now.guard, call_exit_of_a_library, NULL, NULL, &now.report);
        _exit(!returned && now.report.end == GUARD_EXITED && now.report.exit_code == 33
                      && now.report.doubt
                  ? 7
                  : 8);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

static void outside_of_calls_it_is_the_real_thing(void)
{
    // Scenario: the game's functions are called without the guard, and with one that stands back,
    // in processes of their own.
    // Expect: the process exits with the game's code.
    for (int i = 0; i < 2; i++) {
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            guard_stand_back(now.guard, i == 1);
            void (*leave)(State * state, int *result);
            void *found = dlsym(now.library.handle, "do__exit");
            memcpy(&leave, &found, sizeof(leave));
            if (i == 1) {
                (void)run("do__exit");
            }
            leave(&now.state, &now.result);
            _exit(99);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 4);
    }
}

static void deeds_in_a_row_leave_nothing(void)
{
    // Scenario: 2,000 calls that exit, abort, change and fork in turn.
    // Expect: as many descriptors as before, and the guard works.
    now.state.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    guard_keep_descriptors(now.guard);
    int next = dup(0);
    close(next);
    for (int i = 0; i < 2000; i++) {
        static const char *const deeds[] = {"do_exit",  "do_assert", "do_chdir",
                                            "do_close", "do_timers", "do_chdir_and_die"};
        now.state.n = 16;
        (void)run(deeds[i % (int)COUNT_OF(deeds)]);
    }
    int after = dup(0);
    assert_int_equal(after, next);
    close(after);
    close(now.state.fd);
    assert_true(run("do_good_jump"));
    assert_int_equal(now.changes, 0);
}

#define CASE(body)                                                                                 \
    {                                                                                              \
#body, run_case, NULL, NULL, (void *)body                                                  \
    }

int main(void)
{
    // In one test after the other the guard is opened and closed, as the process goes on.
    const struct CMUnitTest tests[] = {
        CASE(every_way_to_exit_ends_the_call),
        CASE(aborts_say_why),
        CASE(a_thread_that_exits_ends_alone),
        CASE(functions_for_exit_are_dropped),
        CASE(jumps_within_a_call_are_the_games),
        CASE(jumps_out_of_a_call_end_it),
        CASE(handlers_are_put_back),
        CASE(masks_are_put_back),
        CASE(folder_locale_and_umask_are_put_back),
        CASE(limits_and_timers_are_put_back),
        CASE(rounding_is_put_back_with_a_name),
        CASE(a_crash_puts_everything_back),
        CASE(children_end_with_their_call),
        CASE(other_programs_are_refused),
        CASE(threads_are_told),
        CASE(descriptors_of_ours_stay_open),
        CASE(a_look_repairs_what_no_hook_saw),
        CASE(a_library_that_exits_leaves_a_doubt),
        CASE(outside_of_calls_it_is_the_real_thing),
        CASE(deeds_in_a_row_leave_nothing),
    };
    return cmocka_run_group_tests(tests, build_library, remove_library);
}
