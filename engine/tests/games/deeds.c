// Counts ticks, in state and in a variable of its own, until it does a deed: what the runtime has
// to contain. crash_loop_test.c writes three lines above this text: which DEED, in which CALL, from
// which tick AT on. A line that ends in "at NAME" is where the report of NAME has to point.
#define _GNU_SOURCE
#pragma GCC diagnostic ignored "-Wunused-parameter" // most deeds need neither of the two
#include "hotloop.h"

#include <assert.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef DEED
#define DEED "nothing"
#define CALL "update"
#define AT   0
#endif

typedef struct Mob {
    int32_t hp, armour;
    float x, y;
} Mob;

typedef struct Game {
    int64_t count, tick;
    uint32_t noise[4096]; // four pages, of which each tick writes some
    Mob *mobs, *none;
    void (*nowhere)(void);
} Game;

static int64_t total; // undone with the state
static char log_of_globals[8192];
static jmp_buf mark;
static bool is_marked;
static volatile int zero, sink;
static volatile size_t plenty = 100000;

// ----------------------------------------------------------------------------------------- faults

static void segv_read(Game *g, hl_tick *t)
{
    Mob *m = g->none;
    sink = m->armour; // at segv_read
}

static void segv_write(Game *g, hl_tick *t)
{
    char *text = (char *)"a literal";
    *(volatile char *)text = 'A'; // at segv_write
}

static void segv_execute(Game *g, hl_tick *t)
{
    g->noise[0] = 0xc3; // a return, in memory that holds no code
    void (*volatile call)(void) = (void (*)(void))(uintptr_t)g->noise;
    call(); // at segv_execute
    sink = 1;
}

static void wild(Game *g, hl_tick *t)
{
    sink = *(volatile int *)0x4141414141414141; // at wild
}

static void far_away(Game *g, hl_tick *t)
{
    *(volatile int *)0x123456789000 = 1; // at far_away
}

static void call_null(Game *g, hl_tick *t)
{
    g->nowhere(); // at call_null
    sink = 1;
}

static void jump_to_rubbish(Game *g, hl_tick *t)
{
    void (*volatile call)(void) = (void (*)(void))(0x7000 + (uintptr_t)zero);
    call(); // at jump_to_rubbish
    sink = 1;
}

static void jump_to_stack(Game *g, hl_tick *t)
{
    __asm__ volatile("movq $0x5151515151515151, %%rax\n\tpushq %%rax\n\tret" ::: "rax", "memory");
}

static void sigbus(Game *g, hl_tick *t)
{
    char name[] = "/tmp/hotloop-deed-XXXXXX";
    int fd = mkstemp(name);
    (void)unlink(name);
    (void)!ftruncate(fd, 4096);
    volatile char *bytes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)!ftruncate(fd, 0);
    close(fd);
    bytes[5] = 1; // at sigbus
}

static void sigfpe(Game *g, hl_tick *t)
{
    sink = (int)g->count / zero; // at sigfpe
}

static void sigill(Game *g, hl_tick *t)
{
    __asm__ volatile("ud2"); // at sigill
}

static void sigtrap(Game *g, hl_tick *t)
{
    __asm__ volatile("int3"); // at sigtrap
}

static void privileged(Game *g, hl_tick *t)
{
    __asm__ volatile("hlt"); // at privileged
}

static void raise_segv(Game *g, hl_tick *t)
{
    (void)raise(SIGSEGV); // at raise_segv
    sink = 1;
}

static inline __attribute__((always_inline)) int armour_of(const Mob *m)
{
    return m->armour; // at inlined
}

static void inlined(Game *g, hl_tick *t)
{
    sink = armour_of(g->none); // called at inlined
}

// ---------------------------------------------------------------------------- ends of its own will

static void abort_it(Game *g, hl_tick *t)
{
    abort(); // at abort_it
}

static void assert_it(Game *g, hl_tick *t)
{
    assert(g->count < 0); // at assert_it
}

static void hl_assert(Game *g, hl_tick *t)
{
    HL_ASSERT(t, g->count < 0); // at hl_assert
}

static void exit_it(Game *g, hl_tick *t)
{
    exit(3); // at exit_it
}

static void exit_at_once(Game *g, hl_tick *t)
{
    _exit(4); // at exit_at_once
}

static void exit_quickly(Game *g, hl_tick *t)
{
    quick_exit(5); // at exit_quickly
}

static void exit_by_pointer(Game *g, hl_tick *t)
{
    void (*volatile leave)(int) = exit;
    leave(6); // at exit_by_pointer
}

static void exit_by_name(Game *g, hl_tick *t)
{
    void *name = dlsym(RTLD_DEFAULT, "exit");
    void (*leave)(int) = (void (*)(int))(uintptr_t)name;
    leave(7); // at exit_by_name
}

static void exit_thread(Game *g, hl_tick *t)
{
    pthread_exit(NULL); // at exit_thread
}

static void long_jump(Game *g, hl_tick *t)
{
    longjmp(mark, 1); // at long_jump
}

// ------------------------------------------------------------------------------------------ stacks

static __attribute__((noinline)) int deeper(volatile int *from)
{
    volatile int room[64];
    room[0] = *from + 1;
    int below = room[0] > 0 ? deeper(room) : 0;
    return below + room[0];
}

static void recursion(Game *g, hl_tick *t)
{
    volatile int first = 1;
    sink = deeper(&first);
}

static void large_frame(Game *g, hl_tick *t)
{
    volatile char *room = __builtin_alloca(plenty * 1000);
    room[0] = 1; // at large_frame
    sink = room[0];
}

static void overrun(Game *g, hl_tick *t)
{
    char small[16];
    memset(small, 0x11, plenty);
    sink = small[3];
}

// ------------------------------------------------------------------------------------------- hangs

static void endless(Game *g, hl_tick *t)
{
    for (;;) {
        g->noise[1]++; // at endless
    }
}

static void endless_format(Game *g, hl_tick *t)
{
    char text[512];
    for (;;) {
        (void)snprintf(text, sizeof(text), "%300.100f %s", (double)g->count, "text");
        sink += text[0];
    }
}

static void endless_malloc(Game *g, hl_tick *t)
{
    for (;;) {
        void *volatile bytes = malloc(3000);
        free(bytes);
    }
}

static void endless_print(Game *g, hl_tick *t)
{
    FILE *nowhere = fopen("/dev/null", "w");
    for (;;) {
        (void)fprintf(nowhere, "%d %s\n", sink, "text");
    }
}

static void endless_sleep(Game *g, hl_tick *t)
{
    for (;;) {
        sleep(1000);
    }
}

static void deadlock(Game *g, hl_tick *t)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
}

static long raw_call(long number, long a, long b, long c, long d)
{
    long result;
    register long fourth __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
}

static void endless_deaf(Game *g, hl_tick *t)
{
    uint64_t all = ~UINT64_C(0);
    (void)raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, sizeof(all));
    for (;;) {
        g->noise[1]++;
    }
}

static void exit_raw(Game *g, hl_tick *t)
{
    (void)raw_call(SYS_exit_group, 9, 0, 0, 0);
}

// ------------------------------------------------------------------------------------- inside libc

static void in_memcpy(Game *g, hl_tick *t)
{
    memcpy((char *)g->none + zero, g->noise, plenty / 10); // at in_memcpy
    sink = 1;
}

static void in_strlen(Game *g, hl_tick *t)
{
    sink = (int)strlen((const char *)g->none + zero); // at in_strlen
}

static void in_printf(Game *g, hl_tick *t)
{
    printf("%s and more\n", (const char *)(uintptr_t)(8 + zero)); // at in_printf
    sink = 1;
}

static void double_free(Game *g, hl_tick *t)
{
    char *volatile bytes = malloc(100);
    free(bytes);
    free(bytes); // at double_free
    sink = 1;
}

static void wild_free(Game *g, hl_tick *t)
{
    char *volatile bytes = (char *)g->noise + 8;
    free(bytes); // at wild_free
    sink = 1;
}

static void heap_overflow(Game *g, hl_tick *t)
{
    char *volatile blocks[64];
    for (int i = 0; i < 64; i++) {
        blocks[i] = malloc(2000);
    }
    memset(blocks[10], 0x41, plenty / 10);
    for (int i = 0; i < 64; i++) {
        free(blocks[i]);
    }
}

static int compare_badly(const void *a, const void *b)
{
    return *(const int *)a - *(const volatile int *)((uintptr_t)b & (uintptr_t)zero); // at in_qsort
}

static void in_qsort(Game *g, hl_tick *t)
{
    qsort(g->noise, 4096, sizeof(g->noise[0]), compare_badly); // called at in_qsort
}

// ------------------------------------------------------------------- changes of the whole process

static void round_up(Game *g, hl_tick *t)
{
    (void)fesetround(FE_UPWARD);
}

static void flush_to_zero(Game *g, hl_tick *t)
{
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
}

static void float_traps(Game *g, hl_tick *t)
{
    (void)feenableexcept(FE_DIVBYZERO);
    sink = (int)(1.0f / (float)zero + (float)g->count); // at float_traps
}

static void block_signals(Game *g, hl_tick *t)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, NULL);
}

static void change_locale(Game *g, hl_tick *t)
{
    (void)setlocale(LC_ALL, "C.UTF-8");
}

static void change_folder(Game *g, hl_tick *t)
{
    (void)!chdir("/");
}

static void lower_limit(Game *g, hl_tick *t)
{
    struct rlimit few = {16, 16};
    (void)setrlimit(RLIMIT_NOFILE, &few);
}

static void mask_files(Game *g, hl_tick *t)
{
    (void)umask(0777);
}

static void at_exit(void)
{
    fputs("AT EXIT OF A GAME\n", stderr);
}

static void leave_word(Game *g, hl_tick *t)
{
    (void)atexit(at_exit);
}

static void on_signal(int number)
{
    sink = number;
}

static void take_signals(Game *g, hl_tick *t)
{
    (void)signal(SIGUSR1, on_signal);
    (void)signal(SIGSEGV, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
}

static void set_alarm(Game *g, hl_tick *t)
{
    struct itimerval often = {{0, 1000}, {0, 1000}};
    (void)setitimer(ITIMER_REAL, &often, NULL);
}

static void fork_it(Game *g, hl_tick *t)
{
    pid_t child = fork();
    if (child != 0) { // what the child would do is play on
        hl_log(t, "child %d", (int)child);
        (void)waitpid(child, NULL, 0);
    }
    g->noise[2] = 1;
}

static void become_another(Game *g, hl_tick *t)
{
    (void)execl("/bin/true", "true", (char *)NULL);
}

static void run_a_program(Game *g, hl_tick *t)
{
    hl_log(t, "system says %d", system("exit 3") >> 8);
}

static void close_all(Game *g, hl_tick *t)
{
    for (int fd = 3; fd < 1024; fd++) {
        (void)close(fd);
    }
}

// ----------------------------------------------------------------------------------------- threads

static void *crash_alone(void *nothing)
{
    usleep(20000);
    sink = *(volatile int *)nothing; // at thread_crash
    return NULL;
}

static void thread_crash(Game *g, hl_tick *t)
{
    pthread_t thread;
    (void)pthread_create(&thread, NULL, crash_alone, g->none);
    (void)pthread_detach(thread);
}

static void *stay_alive(void *nothing)
{
    for (;;) { // in the code of this build, for ever
        usleep(1000);
        sink++;
    }
    return nothing;
}

static void thread_alive(Game *g, hl_tick *t)
{
    pthread_t thread;
    (void)pthread_create(&thread, NULL, stay_alive, g->none);
    (void)pthread_detach(thread);
}

// ------------------------------------------------------------------------------------- too much

static void fill_arena(Game *g, hl_tick *t)
{
    for (;;) {
        g->mobs = hl_new(t, Mob, 10000);
    }
}

static void overflow_size(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, SIZE_MAX / 2);
}

static void print_flood(Game *g, hl_tick *t)
{
    for (int i = 0; i < 20000; i++) {
        printf("a line of a flood, number %d\n", i);
    }
}

// -----------------------------------------------------------------------------------------
// choosing

static const struct {
    const char *name;
    void (*act)(Game *g, hl_tick *t);
} DEEDS[] = {
#define OFFER(name)                                                                                \
    {                                                                                              \
#name, name                                                                                \
    }
    OFFER(segv_read),     OFFER(segv_write),      OFFER(segv_execute),    OFFER(wild),
    OFFER(far_away),      OFFER(call_null),       OFFER(jump_to_rubbish), OFFER(jump_to_stack),
    OFFER(sigbus),        OFFER(sigfpe),          OFFER(sigill),          OFFER(sigtrap),
    OFFER(privileged),    OFFER(raise_segv),      OFFER(inlined),         OFFER(abort_it),
    OFFER(assert_it),     OFFER(hl_assert),       OFFER(exit_it),         OFFER(exit_at_once),
    OFFER(exit_quickly),  OFFER(exit_by_pointer), OFFER(exit_by_name),    OFFER(exit_thread),
    OFFER(long_jump),     OFFER(recursion),       OFFER(large_frame),     OFFER(overrun),
    OFFER(endless),       OFFER(endless_format),  OFFER(endless_malloc),  OFFER(endless_print),
    OFFER(endless_sleep), OFFER(deadlock),        OFFER(endless_deaf),    OFFER(exit_raw),
    OFFER(in_memcpy),     OFFER(in_strlen),       OFFER(in_printf),       OFFER(double_free),
    OFFER(wild_free),     OFFER(heap_overflow),   OFFER(in_qsort),        OFFER(round_up),
    OFFER(flush_to_zero), OFFER(float_traps),     OFFER(block_signals),   OFFER(change_locale),
    OFFER(change_folder), OFFER(lower_limit),     OFFER(mask_files),      OFFER(leave_word),
    OFFER(take_signals),  OFFER(set_alarm),       OFFER(fork_it),         OFFER(become_another),
    OFFER(run_a_program), OFFER(close_all),       OFFER(thread_crash),    OFFER(thread_alive),
    OFFER(fill_arena),    OFFER(overflow_size),   OFFER(print_flood),
};

static void act(const char *call, Game *g, hl_tick *t)
{
    for (size_t i = 0; i < sizeof(DEEDS) / sizeof(DEEDS[0]); i++) {
        if (strcmp(call, CALL) == 0 && strcmp(DEEDS[i].name, DEED) == 0) {
            DEEDS[i].act(g, t);
        }
    }
}

static void init(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, 100);
    act("init", g, t);
    hl_log(t, "init");
}

// What only the process itself can tell; everything else is in /proc.
static void tell_facts(hl_tick *t)
{
    hl_log(t, "facts of %lld: mxcsr %04x round %d locale %s", (long long)total,
           __builtin_ia32_stmxcsr() & 0xffc0u, fegetround(), setlocale(LC_ALL, NULL));
}

static void update(Game *g, hl_tick *t)
{
    g->count++;
    g->tick = (int64_t)t->tick;
    total++;
    g->noise[t->tick * 37 % 4096] = (uint32_t)t->tick;
    g->mobs[t->tick % 100].hp++;
    log_of_globals[t->tick % sizeof(log_of_globals)]++;
    if (t->tick % 5 == 0) {
        hl_log(t, "count %lld tick %llu", (long long)g->count, (unsigned long long)t->tick);
        tell_facts(t);
    }
    if (!is_marked && strcmp(DEED, "long_jump") == 0) {
        is_marked = true;
        (void)setjmp(mark);
        return;
    }
    if (t->tick == AT || (t->tick > AT && strcmp(DEED, "print_flood") == 0)) { // the rest once
        act("update", g, t);
    }
    /* more rules */
}

static void draw(const Game *g, hl_canvas *c)
{
    hl_clear(c, 0x203040ff);
    hl_text(c, 8, 8, 8, HL_WHITE, "count %lld", (long long)g->count);
    if (g->tick >= AT) { // not every tick is drawn
        act("draw", (Game *)(uintptr_t)g, NULL);
    }
    /* more picture */
}

HL_GAME(Game, init, update, draw, .title = "Deeds", .id = "deeds");
