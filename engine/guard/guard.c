#include "guard_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// A signal handler can reach nothing else.
static Guard *_Atomic the_guard;

Guard *guard_of_process(void)
{
    return atomic_load_explicit(&the_guard, memory_order_relaxed);
}

// ------------------------------------------------------------------------------------ the machine

// Rounding, masks of exceptions, denormals: what a call must give back as it was.
#define MXCSR_CONTROL 0xFFC0u

static uint32_t read_mxcsr(void)
{
    uint32_t value;
    __asm__ volatile("stmxcsr %0" : "=m"(value));
    return value;
}

static uint16_t read_fpu_control(void)
{
    uint16_t value;
    __asm__ volatile("fnstcw %0" : "=m"(value));
    return value;
}

static void put_fpu_back(const Guard *guard, bool was_left)
{
    if (was_left) { // in the middle of anything: the x87 stack may be full, strings may run
                    // backward
        __asm__ volatile("cld; fninit");
    }
    __asm__ volatile("ldmxcsr %0" : : "m"(guard->mxcsr));
    __asm__ volatile("fldcw %0" : : "m"(guard->fpu_control));
}

// call(a, b) with the stack pointer at `top` (NULL: where it is). The frame pointer stays that of
// this frame, so that debuggers and unwinders find their way back over the seam; gdb expects a
// caller's frame at a higher address, and the kernel maps our stack below the thread's.
__attribute__((naked, noinline)) static void call_on_stack(GuardCall *call, void *a, void *b,
                                                           void *top)
{
    (void)call;
    (void)a;
    (void)b;
    (void)top;
    __asm__("pushq %rbp\n\t"
            ".cfi_def_cfa_offset 16\n\t"
            ".cfi_offset %rbp, -16\n\t"
            "movq %rsp, %rbp\n\t"
            ".cfi_def_cfa_register %rbp\n\t"
            "testq %rcx, %rcx\n\t"
            "cmovnzq %rcx, %rsp\n\t"
            "movq %rdi, %rax\n\t"
            "movq %rsi, %rdi\n\t"
            "movq %rdx, %rsi\n\t"
            "callq *%rax\n\t"
            "movq %rbp, %rsp\n\t"
            "popq %rbp\n\t"
            ".cfi_def_cfa %rsp, 8\n\t"
            "ret");
}

// ---------------------------------------------------------------------------------------- opening

static bool open_stack(Guard *guard, Fault *fault)
{
    if (guard->config.own_stack) {
        uint8_t *first;
        if (!arena_open_stack(&guard->stack, GUARD_STACK_BYTES, GUARD_GAP_BYTES, &first, fault)) {
            return false;
        }
        // A stack that is used up costs four faults instead of two thousand.
        (void)arena_advise(first, GUARD_STACK_BYTES, ARENA_HUGE_PAGES);
        guard->stack_first = (uintptr_t)first;
        guard->stack_end = guard->stack_first + GUARD_STACK_BYTES;
        return true;
    }
    pthread_attr_t attributes;
    void *first;
    size_t bytes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
        return fault_set(fault, FAULT_MEMORY, "the thread's stack is not known");
    }
    pthread_attr_getstack(&attributes, &first, &bytes);
    pthread_attr_destroy(&attributes);
    guard->stack_first = (uintptr_t)first;
    guard->stack_end = guard->stack_first + bytes;
    return true;
}

Guard *guard_open(Arena *arena, const GuardConfig *config, Fault *fault)
{
    Guard *guard = ARENA_NEW(arena, Guard, 1);
    *guard = (Guard){.config = *config,
                     .thread = pthread_self(),
                     .tid = gettid(),
                     .mxcsr = read_mxcsr(),
                     .fpu_control = read_fpu_control(),
                     .watch_fd = -1};
    pthread_sigmask(SIG_SETMASK, NULL, &guard->mask);
    atomic_store(&guard->hang_ns, config->hang_ns);
    guard_warm_up();
    if (!open_stack(guard, fault) || !guard_process_open(guard, arena, fault)) {
        guard_close(guard);
        return NULL;
    }
    atomic_store(&the_guard, guard);
    if (config->stands_back) {
        return guard;
    }
    if (!guard_catch_signals(guard, fault) || !guard_watch_begin(guard, fault)) {
        guard_close(guard);
        return NULL;
    }
    return guard;
}

void guard_close(Guard *guard)
{
    if (!guard) {
        return;
    }
    guard_watch_end(guard);
    guard_uncatch_signals(guard);
    atomic_store(&the_guard, NULL);
    guard_process_close(guard);
    arena_close(&guard->stack);
}

void guard_stand_back(Guard *guard, bool stands_back)
{
    guard->config.stands_back = stands_back;
}

void guard_set_hang(Guard *guard, uint64_t hang_ns)
{
    atomic_store(&guard->hang_ns, hang_ns);
    uint64_t one = 1;
    if (guard->watch_fd >= 0) {
        (void)!write(guard->watch_fd, &one, sizeof(one));
    }
}

void guard_set_code(Guard *guard, const GuardCode *code, size_t count)
{
    guard->code_count = 0; // a handler that looks meanwhile finds none
    atomic_signal_fence(memory_order_seq_cst);
    count = count < GUARD_CODE_MAX ? count : GUARD_CODE_MAX;
    memcpy(guard->code, code, count * sizeof(*code));
    atomic_signal_fence(memory_order_seq_cst);
    guard->code_count = count;
    guard_forget_frames();
}

// ---------------------------------------------------------------------------------------- a call

static void begin(Guard *guard, GuardReport *report)
{
    guard->report = report;
    guard->has_left = false;
    guard->landing = 0;
    guard->is_blamed = false;
    guard->mxcsr = read_mxcsr();
    guard->fpu_control = read_fpu_control();
    uint64_t serial = atomic_load_explicit(&guard->serial, memory_order_relaxed);
    atomic_store_explicit(&guard->serial, serial + 1, memory_order_relaxed);
    guard->is_running = true;
    atomic_signal_fence(memory_order_seq_cst);
}

static void end(Guard *guard)
{
    atomic_signal_fence(memory_order_seq_cst);
    guard->is_running = false;
    uint64_t serial = atomic_load_explicit(&guard->serial, memory_order_relaxed);
    atomic_store_explicit(&guard->serial, serial + 1, memory_order_relaxed);
}

// Everything that a call may have bent, after one that did not return.
static void straighten(Guard *guard)
{
    put_fpu_back(guard, true);
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, &guard->mask, &now);
    guard_process_restore(guard, true);
    atomic_store(&guard->hung_ns, 0);
    atomic_store(&guard->insists, false);
    // What a stack that was filled to its end has touched is given back.
    if (guard->stack.base && guard->report->end == GUARD_STACK_FULL) {
        (void)arena_advise((void *)guard->stack_first, GUARD_STACK_BYTES, ARENA_DROP);
    }
}

bool guard_run(Guard *guard, GuardCall *call, void *a, void *b, GuardReport *report)
{
    begin(guard, report);
    // _setjmp does not save the signal mask: 3 ns instead of 100.
    if (_setjmp(guard->out) != 0) {
        guard = guard_of_process();
        end(guard);
        straighten(guard);
        return false;
    }
    bool own_stack = guard->stack.base && !guard->config.stands_back;
    call_on_stack(call, a, b, own_stack ? (void *)(guard->stack_end - 64) : NULL);
    end(guard);
    if (guard->is_blamed) {
        guard->is_blamed = false;
        straighten(guard);
        return false;
    }
    if (((read_mxcsr() ^ guard->mxcsr) & MXCSR_CONTROL) != 0
        || read_fpu_control() != guard->fpu_control) {
        put_fpu_back(guard, false);
        guard_note(guard, GUARD_FPU, NULL);
    }
    if (atomic_load_explicit(&guard->to_restore, memory_order_relaxed) != 0) {
        guard_process_restore(guard, false);
    }
    return true;
}

bool guard_is_way_in(uintptr_t pc)
{
    enum { CODE_BYTES = 36 }; // of call_on_stack; more would reach into its neighbour
    return pc - (uintptr_t)call_on_stack < CODE_BYTES;
}

bool guard_is_running(const Guard *guard)
{
    return guard && guard->is_running && pthread_equal(pthread_self(), guard->thread);
}

_Noreturn void guard_leave(Guard *guard)
{
    guard->is_running = false; // from here on a fault is our own
    _longjmp(guard->out, 1);
}

GuardReport *guard_tell(Guard *guard, GuardEnd end)
{
    GuardReport *report = guard->report;
    memset(report, 0, sizeof(*report));
    report->end = end;
    guard_frames(guard, NULL, report);
    return report;
}

void guard_blame(Guard *guard, const char *text)
{
    if (guard_is_running(guard) && !guard->is_blamed) {
        GuardReport *report = guard_tell(guard, GUARD_ABORTED);
        text_clean(report->text, sizeof(report->text), text, false);
        guard->is_blamed = true;
    }
}

_Noreturn void guard_stop(Guard *guard, uintptr_t caller)
{
    GuardReport *report = guard_tell(guard, GUARD_STOPPED);
    report->pc = caller ? caller : report->pc;
    guard_leave(guard);
}

unsigned guard_take_changes(Guard *guard, const char **by)
{
    if (atomic_load_explicit(&guard->changes, memory_order_relaxed) == 0) {
        return 0;
    }
    *by = atomic_exchange(&guard->changed_by, NULL);
    return atomic_exchange(&guard->changes, 0);
}

void guard_note(Guard *guard, unsigned change, const char *by)
{
    enum { TO_RESTORE = (1 << 8) - 1 };
    if (by) {
        atomic_store(&guard->changed_by, by);
    }
    atomic_fetch_or(&guard->to_restore, change & TO_RESTORE);
    atomic_fetch_or(&guard->changes, change);
}

bool guard_take_stray(Guard *guard, GuardReport *report)
{
    if (atomic_load_explicit(&guard->stray_state, memory_order_acquire) != 2) {
        return false;
    }
    *report = guard->stray;
    atomic_store(&guard->stray_state, 0);
    return true;
}

// ------------------------------------------------------------------------------------- debuggers

// In signal handlers, too: system calls and nothing else.
static long tracer_of_process(void)
{
    char text[4096];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;
    if (fd >= 0) {
        close(fd);
    }
    text[got > 0 ? got : 0] = '\0';
    const char *at = strstr(text, "TracerPid:");
    long number = 0;
    for (at = at ? at + 10 : ""; *at == ' ' || *at == '\t' || (*at >= '0' && *at <= '9'); at++) {
        number = *at >= '0' && *at <= '9' ? number * 10 + (*at - '0') : number;
    }
    return number;
}

static bool runs_in_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD"); // its core preloads a library into the program
    return preload && strstr(preload, "vgpreload");
}

bool guard_is_traced(char *who, size_t who_bytes)
{
    long tracer = tracer_of_process();
    if (runs_in_valgrind()) {
        (void)text_format(who, who_bytes, "valgrind");
        return true;
    }
    if (tracer == 0) {
        return false;
    }
    char path[64], name[64] = "";
    (void)text_format(path, sizeof(path), "/proc/%ld/comm", tracer);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, name, sizeof(name) - 1) : 0;
    if (fd >= 0) {
        close(fd);
    }
    name[got > 0 ? got : 0] = '\0';
    name[strcspn(name, "\n")] = '\0';
    (void)text_format(who, who_bytes, "%s (process %ld)", name[0] ? name : "a debugger", tracer);
    return true;
}
