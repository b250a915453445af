#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard.h"

#include <dlfcn.h>
#include <fenv.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// A library made for the test plays the game.
static const char GAME[] =
    "#include <math.h>\n#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
    "#include <string.h>\n#include <unistd.h>\n#include <signal.h>\n#include <time.h>\n"
    "typedef struct { int n; int *nowhere; char *text; volatile int zero; } S;\n"
    "void fine(void *a, void *b) { S *s = a; s->n++; (void)b; }\n"
    "void read_null(void *a, void *b) { S *s = a; s->n++; *(int *)b = s->nowhere[2]; }\n"
    "void write_null(void *a, void *b) { S *s = a; (void)b; s->nowhere[1] = 3; }\n"
    "void divide(void *a, void *b) { S *s = a; *(int *)b = 7 / s->zero; }\n"
    "void trap(void *a, void *b) { (void)a; (void)b; __builtin_trap(); }\n"
    "void breakpoint(void *a, void *b) { (void)a; (void)b; __asm__(\"int3\"); }\n"
    "void wild(void *a, void *b) { (void)b; S *s = a; s->text = (char *)0x123456789abcdef0; "
    "s->text[0] = 1; }\n"
    "int sink;\n"
    "__attribute__((noinline)) int deep(int n) { char big[4000]; memset(big, n, sizeof big); "
    "int r = n > 100000000 ? 0 : deep(n + 1) + big[n % 4000]; sink += r; return r; }\n"
    "void overflow(void *a, void *b) { (void)a; *(int *)b = deep(0); }\n"
    "void over_the_end(void *a, void *b) { volatile char small[16]; (void)a; (void)b;\n"
    "  for (long i = 0; i < 1000000; i++) small[i] = 7; }\n"
    "void to_nowhere(void *a, void *b) { void (*f)(void) = (void (*)(void))0x1234; (void)a; "
    "(void)b; f(); sink++; }\n"
    "void in_strlen(void *a, void *b) { S *s = a; *(int *)b = (int)strlen(s->text); }\n"
    "void in_snprintf(void *a, void *b) { char t[9]; (void)a; *(int *)b = snprintf(t, 9, \"%s\", "
    "(char *)8); }\n"
    "static int to_buffer(char *t, const char *f, ...) { __builtin_va_list l; int n; "
    "__builtin_va_start(l, f);\n  n = vsnprintf(t, 9, f, l); __builtin_va_end(l); return n; }\n"
    "void in_vsnprintf(void *a, void *b) { char t[9]; (void)a; *(int *)b = to_buffer(t, \"%s\", "
    "(char *)8); }\n"
    "void in_free(void *a, void *b) { (void)a; (void)b; free((void *)0x10); }\n"
    "void in_printf(void *a, void *b) { (void)a; (void)b; printf(\"%s\\n\", (char *)8); }\n"
    "void spin(void *a, void *b) { S *s = a; (void)b; for (;;) s->zero++; }\n"
    "void spin_in_libc(void *a, void *b) { (void)a; (void)b; for (;;) free(malloc(100)); }\n"
    "void nap(void *a, void *b) { (void)a; (void)b; for (;;) sleep(100); }\n"
    "void lock(void *a, void *b) { pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER; (void)a; "
    "(void)b;\n  pthread_mutex_lock(&m); pthread_mutex_lock(&m); }\n"
    "void round_up(void *a, void *b) { (void)a; (void)b; unsigned c = 0x5f80; "
    "__asm__ volatile(\"ldmxcsr %0\" : : \"m\"(c)); }\n"
    "void round_and_die(void *a, void *b) { round_up(a, b); __asm__(\"std\"); trap(a, b); }\n"
    "void block_and_die(void *a, void *b) { sigset_t s; sigfillset(&s); sigdelset(&s, SIGILL);\n"
    "  sigprocmask(SIG_SETMASK, &s, 0); trap(a, b); }\n"
    "static void *die(void *a) { *(volatile int *)8 = 1; return a; }\n"
    "void thread(void *a, void *b) { pthread_t t; (void)a; (void)b;\n"
    "  pthread_create(&t, 0, die, 0); pthread_join(t, 0); }\n"
    "void smash(void *a, void *b) { (void)a; (void)b; __asm__ volatile(\"movq $0, %rbp; "
    "movq $0x1111, (%rsp); movq $0x5, %rsp; movq (%rsp), %rax\"); }\n";

typedef struct State {
    int n;
    int *nowhere;
    char *text;
    volatile int zero;
} State;

static struct {
    char folder[32];
    void *library;
    Arena keep;
    Guard *guard;
    GuardReport report;
    State state;
    int result;
} now;

static int build_library(void **unused)
{
    (void)unused;
    char path[64], command[256];
    strcpy(now.folder, "/tmp/guard-XXXXXX");
    assert_non_null(mkdtemp(now.folder));
    (void)snprintf(path, sizeof(path), "%s/game.c", now.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(GAME, file);
    fclose(file);
    (void)snprintf(command, sizeof(command), "cc -w -shared -fPIC -O1 -g -o %s/game.so %s -lm",
                   now.folder, path);
    assert_int_equal(system(command), 0);
    (void)snprintf(path, sizeof(path), "%s/game.so", now.folder);
    now.library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(now.library);
    return 0;
}

static int remove_library(void **unused)
{
    (void)unused;
    char command[64];
    dlclose(now.library);
    (void)snprintf(command, sizeof(command), "rm -r %s", now.folder);
    return system(command);
}

#ifdef __SANITIZE_ADDRESS__
static const bool OWN_STACK = false;
#else
static const bool OWN_STACK = true;
#endif

static void open_guard_with(uint64_t hang_ns)
{
    Fault fault;
    assert_true(arena_open(&now.keep, 0, 1u << 20, &fault));
    GuardConfig config = {.hang_ns = hang_ns, .own_stack = OWN_STACK};
    now.guard = guard_open(&now.keep, &config, &fault);
    assert_non_null(now.guard);
    uintptr_t address = (uintptr_t)dlsym(now.library, "fine");
    GuardCode code = {address / 4096 * 4096, address / 4096 * 4096 + 8192};
    guard_set_code(now.guard, &code, 1);
    now.state = (State){0};
}

typedef struct Case {
    void (*body)(void **unused);
    uint64_t hang_ns;
} Case;

// Inside the test: cmocka puts signal handlers of its own before it.
static void run_case(void **state)
{
    const Case *one = *state;
    open_guard_with(one->hang_ns);
    one->body(NULL);
}

static int close_guard(void **unused)
{
    (void)unused;
    guard_close(now.guard);
    now.guard = NULL;
    arena_close(&now.keep);
    return 0;
}

static GuardCall *function(const char *name)
{
    GuardCall *call;
    *(void **)&call = dlsym(now.library, name);
    assert_non_null(call);
    return call;
}

static bool run(const char *name)
{
    return guard_run(now.guard, function(name), &now.state, &now.result, &now.report);
}

static void assert_first_frame_is(const char *name)
{
    Dl_info place = {0};
    assert_true(now.report.frame_count > 0);
    for (uint32_t i = 0; i < now.report.frame_count; i++) {
        if (dladdr((void *)(now.report.frames[i] - (i > 0)), &place) && place.dli_sname
            && strcmp(place.dli_sname, name) == 0) {
            return;
        }
    }
    fail_msg("%s is none of the %u frames", name, now.report.frame_count);
}

static void a_call_that_returns(void **unused)
{
    // Scenario: a thousand calls that do nothing wrong.
    // Expect: all of them run.
    (void)unused;
    for (int i = 0; i < 1000; i++) {
        assert_true(run("fine"));
    }
    assert_int_equal(now.state.n, 1000);
}

static void faults_end_the_call(void **unused)
{
    // Scenario: each kind of fault, twice in a row.
    // Expect: the report says which, and the guard is as good as new.
    (void)unused;
    static const struct {
        const char *name;
        int signal;
    } CASES[] = {{"read_null", SIGSEGV}, {"write_null", SIGSEGV}, {"divide", SIGFPE},
                 {"trap", SIGILL},       {"breakpoint", SIGTRAP}, {"wild", SIGSEGV}};
    for (size_t i = 0; i < 2 * COUNT_OF(CASES); i++) {
        assert_false(run(CASES[i / 2].name));
        assert_int_equal(now.report.end, GUARD_SIGNAL);
        assert_int_equal(now.report.signal, CASES[i / 2].signal);
        assert_false(now.report.doubt);
        assert_first_frame_is(CASES[i / 2].name);
        assert_int_equal(now.report.frame_count, 1);
        assert_true(run("fine"));
    }
}

static void an_access_is_told(void **unused)
{
    // Scenario: reading element 2 and writing element 1 of a null array; an address that no memory
    // has.
    // Expect: address and direction; no address for the last.
    (void)unused;
    assert_false(run("read_null"));
    assert_true(now.report.has_address);
    assert_int_equal(now.report.address, 8);
    assert_int_equal(now.report.access, GUARD_READ);
    assert_false(run("write_null"));
    assert_int_equal(now.report.address, 4);
    assert_int_equal(now.report.access, GUARD_WRITE);
    assert_false(run("wild"));
    assert_false(now.report.has_address);
}

static void a_full_stack(void **unused)
{
    // Scenario: a recursion without end; three times.
    // Expect: said as such, with as many frames as fit; afterwards all is well.
    (void)unused;
    for (int i = 0; i < 3; i++) {
        assert_false(run("overflow"));
        assert_int_equal(now.report.end, GUARD_STACK_FULL);
        assert_true(now.report.frames_cut);
        assert_int_equal(now.report.frame_count, GUARD_FRAMES_MAX);
        assert_first_frame_is("deep");
        assert_true(run("fine"));
    }
}

static void an_array_written_over_its_end(void **unused)
{
    // Scenario: a local array is written a million bytes over its end, over all frames above it.
    // Expect: our own frames are none of them: the call ends at the end of its stack.
    (void)unused;
    if (!OWN_STACK) {
        skip();
    }
    assert_false(run("over_the_end"));
    assert_int_equal(now.report.signal, SIGSEGV);
    assert_int_equal(now.report.access, GUARD_WRITE);
    assert_true(run("fine"));
}

static void a_jump_to_nowhere(void **unused)
{
    // Scenario: a call of 0x1234; a stack pointer that points nowhere.
    // Expect: the caller is found; a stack that cannot be read is no reason to die.
    (void)unused;
    assert_false(run("to_nowhere"));
    assert_int_equal(now.report.pc, 0x1234);
    assert_int_equal(now.report.access, GUARD_EXECUTE);
    assert_first_frame_is("to_nowhere");
    assert_false(now.report.doubt);
    assert_false(run("smash"));
    assert_int_equal(now.report.signal, SIGSEGV);
    assert_true(run("fine"));
}

static void libraries_and_their_locks(void **unused)
{
    // Scenario: a crash inside strlen, snprintf, vsnprintf, free and printf.
    // Expect: the first three leave nothing behind; the others may hold a lock, and are named.
    (void)unused;
    if (!OWN_STACK) {
        skip(); // the sanitizer has all three itself
    }
    assert_false(run("in_strlen"));
    assert_false(now.report.doubt);
    assert_first_frame_is("in_strlen");
    assert_false(run("in_snprintf"));
    assert_false(now.report.doubt);
    assert_false(run("in_vsnprintf"));
    assert_false(now.report.doubt);
    assert_false(run("in_printf"));
    assert_true(now.report.doubt);
    assert_first_frame_is("in_printf");
    funlockfile(stdout); // what a new process would not need
    assert_false(run("in_free"));
    assert_true(now.report.doubt);
}

static void loops_without_end(void **unused)
{
    // Scenario: a loop in the game's code, one in malloc and free, and sleeping for ever.
    // Expect: all of them end, without doubt about locks.
    (void)unused;
    static const char *const CASES[] = {"spin", "spin_in_libc", "nap"};
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        assert_false(run(CASES[i]));
        assert_int_equal(now.report.end, GUARD_HUNG);
        assert_true(now.report.ran_ns >= 100 * NS_PER_MS);
        assert_false(now.report.doubt);
        assert_first_frame_is(CASES[i]);
        free(malloc(100));
        assert_true(run("fine"));
    }
}

static void a_lock_that_never_comes(void **unused)
{
    // Scenario: a mutex locked twice.
    // Expect: the call ends in the middle of it, and that is said.
    (void)unused;
    assert_false(run("lock"));
    assert_int_equal(now.report.end, GUARD_HUNG);
    assert_true(now.report.doubt);
    assert_true(run("fine"));
}

static void the_machine_is_as_it_was(void **unused)
{
    // Scenario: rounding changed by a call that returns and by one that dies with the direction of
    // strings reversed; signals blocked by one that dies.
    // Expect: all of it as before; the change is told once.
    (void)unused;
    const char *by;
    sigset_t before, after;
    sigprocmask(SIG_SETMASK, NULL, &before);
    assert_true(run("round_up"));
    assert_int_equal(fegetround(), FE_TONEAREST);
    assert_int_equal(guard_take_changes(now.guard, &by) & GUARD_FPU, GUARD_FPU);
    assert_int_equal(guard_take_changes(now.guard, &by), 0);
    assert_false(run("round_and_die"));
    volatile double third = 1.0, three = 3.0;
    third /= three;
    assert_true(third == 1.0 / 3.0);
    assert_false(run("block_and_die"));
    sigprocmask(SIG_SETMASK, NULL, &after);
    assert_memory_equal(&before, &after, 8); // 64 signals; the rest is never filled
}

static void a_thread_of_the_games(void **unused)
{
    // Scenario: a thread that the game starts and joins dereferences null.
    // Expect: the join returns, the crash is told as one of a thread.
    (void)unused;
    assert_true(run("thread"));
    assert_true(guard_take_stray(now.guard, &now.report));
    assert_true(now.report.stray);
    assert_int_equal(now.report.signal, SIGSEGV);
    assert_false(guard_take_stray(now.guard, &now.report));
}

static void stop_here(void *a, void *b)
{
    (void)b;
    guard_stop(a, 0);
}

static void stopping_from_inside(void **unused)
{
    // Scenario: the runtime ends a call from inside it.
    // Expect: said as such.
    (void)unused;
    assert_false(guard_run(now.guard, stop_here, now.guard, NULL, &now.report));
    assert_int_equal(now.report.end, GUARD_STOPPED);
}

static void our_own_crash_is_ours(void **unused)
{
    // Scenario: a crash outside of every call.
    // Expect: the process dies of it.
    (void)unused;
    pid_t child = fork();
    if (child == 0) {
        (void)!freopen("/dev/null", "w", stderr);
        function("trap")(&now.state, &now.result);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGILL);
}

int main(void)
{
#define GUARDED(name_, ns_)                                                                        \
    {                                                                                              \
        .name = #name_, .test_func = run_case, .teardown_func = close_guard,                       \
        .initial_state = &(Case)                                                                   \
        {                                                                                          \
            name_, ns_                                                                             \
        }                                                                                          \
    }
    const struct CMUnitTest tests[] = {
        GUARDED(a_call_that_returns, 0),
        GUARDED(faults_end_the_call, 0),
        GUARDED(an_access_is_told, 0),
        GUARDED(a_full_stack, 0),
        GUARDED(an_array_written_over_its_end, 0),
        GUARDED(a_jump_to_nowhere, 0),
        GUARDED(libraries_and_their_locks, 0),
        GUARDED(loops_without_end, 100 * NS_PER_MS),
        GUARDED(a_lock_that_never_comes, 100 * NS_PER_MS),
        GUARDED(the_machine_is_as_it_was, 0),
        GUARDED(a_thread_of_the_games, 0),
        GUARDED(stopping_from_inside, 0),
        GUARDED(our_own_crash_is_ours, 0),
    };
    return cmocka_run_group_tests(tests, build_library, remove_library);
}
