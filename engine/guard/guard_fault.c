// Signals: what the interrupted instruction did wrong, and whose it was. Inside a call the game's:
// the call ends. Outside of every call ours: a line that says where, and then what the system does
// with such a program - whoever watches over the process brings the session back.
#include "guard_internal.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int CAUGHT[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
enum { SIGNAL_STACK_BYTES = 256 << 10 };

// Handlers as they were before us, in the order of CAUGHT; the watchdog's last.
static struct sigaction before[COUNT_OF(CAUGHT) + 1];

int guard_watch_signal(void)
{
    return SIGRTMIN + 7; // nobody's, as far as we know: libc keeps the first few for itself
}

bool guard_is_ours(int signal_number)
{
    for (size_t i = 0; i < COUNT_OF(CAUGHT); i++) {
        if (CAUGHT[i] == signal_number) {
            return true;
        }
    }
    return signal_number == guard_watch_signal() || signal_number == SIGINT
           || signal_number == SIGTERM || signal_number == SIGHUP || signal_number == SIGPIPE
           || signal_number == SIGXFSZ;
}

// -------------------------------------------------------------------------------- what happened

// Page faults say what they wanted. Source: Intel SDM volume 3, 4.7: bit 1 a write, bit 4 a fetch.
static void read_access(const ucontext_t *machine, const siginfo_t *info, GuardReport *report)
{
    enum { TRAP_PAGE_FAULT = 14 };
    if (report->signal != SIGSEGV && report->signal != SIGBUS) {
        return;
    }
    uint64_t error = (uint64_t)machine->uc_mcontext.gregs[REG_ERR];
    if (machine->uc_mcontext.gregs[REG_TRAPNO] != TRAP_PAGE_FAULT) {
        return; // no page table has such an address, so the processor does not say which it was
    }
    report->has_address = true;
    report->address = (uintptr_t)info->si_addr;
    report->access = (error & 16) ? GUARD_EXECUTE : (error & 2) ? GUARD_WRITE : GUARD_READ;
}

static void read_machine(const ucontext_t *machine, GuardReport *report)
{
    // Source: System V ABI for AMD64, figure 3.36, "DWARF Register Number Mapping".
    static const int ORDER[GUARD_REGISTERS] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                                               REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                               REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
    for (int i = 0; i < GUARD_REGISTERS; i++) {
        report->registers[i] = (uint64_t)machine->uc_mcontext.gregs[ORDER[i]];
    }
    report->has_registers = true;
    report->pc = report->registers[16];
}

GUARD_UNCHECKED static void copy_stack(const Guard *guard, GuardReport *report)
{
    uintptr_t sp = report->registers[7];
    if (sp >= guard->stack_first && sp < guard->stack_end) {
        size_t left = guard->stack_end - sp;
        report->stack_bytes =
            (uint32_t)(left < sizeof(report->stack) ? left : sizeof(report->stack));
        for (uint32_t i = 0; i < report->stack_bytes; i++) {
            report->stack[i] = ((const volatile uint8_t *)sp)[i];
        }
    }
}

// The page below a stack's end, or a frame so large that it reached over several.
static bool is_stack_full(const Guard *guard, const GuardReport *report)
{
    enum { NEAR = 64 << 10 };
    uintptr_t sp = report->registers[7], gap = guard->config.own_stack ? GUARD_GAP_BYTES : NEAR;
    if (report->signal != SIGSEGV || !report->has_address) {
        return false;
    }
    bool below =
        report->address < guard->stack_first && guard->stack_first - report->address <= gap;
    return below && sp < guard->stack_first + NEAR;
}

static void describe(Guard *guard, int number, const siginfo_t *info, const ucontext_t *machine,
                     GuardReport *report)
{
    memset(report, 0, sizeof(*report));
    report->end = GUARD_SIGNAL;
    report->signal = number;
    report->code = info->si_code;
    read_machine(machine, report);
    read_access(machine, info, report);
    if (is_stack_full(guard, report)) {
        report->end = GUARD_STACK_FULL;
    }
    copy_stack(guard, report);
    guard_frames(guard, machine, report);
}

// ------------------------------------------------------------------------------------- whose it is

static bool is_game_code(const Guard *guard, uintptr_t pc)
{
    for (size_t i = 0; i < guard->code_count; i++) {
        if (pc - guard->code[i].first < guard->code[i].end - guard->code[i].first) {
            return true;
        }
    }
    return false;
}

// A thread that the game started: it stops here for good, and the frame loop hears of it.
static bool is_stray(Guard *guard, int number, const siginfo_t *info, const ucontext_t *machine)
{
    int none = 0;
    if (pthread_equal(pthread_self(), guard->thread)) {
        return false;
    }
    if (!atomic_compare_exchange_strong(&guard->stray_state, &none, 1)) {
        return is_game_code(guard, (uintptr_t)machine->uc_mcontext.gregs[REG_RIP]);
    }
    describe(guard, number, info, machine, &guard->stray);
    bool found = false;
    for (uint32_t i = 0; i < guard->stray.frame_count && !found; i++) {
        found = is_game_code(guard, guard->stray.frames[i] - (i > 0));
    }
    guard->stray.stray = true;
    atomic_store(&guard->stray_state, found ? 2 : 0);
    return found;
}

static void say(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
}

// Nothing here is guaranteed to work any more, so as little as possible is tried.
static void say_bug(int number, const GuardReport *report)
{
    char line[512];
    (void)snprintf(line, sizeof(line), "hotloop: bug: SIG%s in the runtime itself, at:\n",
                   sigabbrev_np(number) ? sigabbrev_np(number) : "?");
    say(line);
    for (uint32_t i = 0; i < report->frame_count && i < 16; i++) {
        Dl_info place = {0};
        bool known = dladdr((void *)report->frames[i], &place) && place.dli_fname;
        (void)snprintf(line, sizeof(line), "hotloop:   %s+%#zx\n", known ? place.dli_fname : "?",
                       report->frames[i] - (uintptr_t)(known ? place.dli_fbase : NULL));
        say(line);
    }
    say("hotloop: `addr2line -fe FILE OFFSET` names the lines; please report it\n");
}

static void give_to_system(int number)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigaction(number, &plain, NULL);
    // An instruction that faults does so again; a signal that was sent has to be sent again.
    if (number == SIGABRT || number == SIGTRAP || number == SIGSYS) {
        syscall(SYS_tgkill, getpid(), gettid(), number);
    }
}

// ------------------------------------------------------------------------------------- the handler

static void on_fault(int number, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    Guard *guard = guard_of_process();
    const ucontext_t *machine = context;
    char who[80];
    bool is_thread = guard && pthread_equal(pthread_self(), guard->thread);
    if (is_thread && guard->is_telling) { // damaged beyond reading: what is known has to do
        siglongjmp(guard->told, 1);
    }
    if (!guard || guard_is_traced(who, sizeof(who))) { // who has gone since he was noticed, is gone
        give_to_system(number);
        errno = saved_errno;
        return;
    }
    if (is_thread && guard->is_running) {
        describe(guard, number, info, machine, guard->report);
        guard_leave(guard);
    }
    if (is_stray(guard, number, info, machine)) {
        syscall(SYS_exit, 0); // only this thread
    }
    static GuardReport own; // large, and there is only one last time
    describe(guard, number, info, machine, &own);
    say_bug(number, &own);
    give_to_system(number);
    errno = saved_errno;
}

// ------------------------------------------------------------------------------------- the
// watchdog

// Where a library's function returns to when a hanging call was found in the middle of one: by then
// it holds no lock.
_Noreturn void guard_landed(void)
{
    guard_leave(guard_of_process());
}

__attribute__((naked, noinline)) static void landing(void)
{
    __asm__("andq $-16, %rsp\n\t"
            "call guard_landed\n\t"
            "ud2");
}

// The slot of the stack that leads out of the libraries, back into the game; NULL: not found.
GUARD_UNCHECKED static uintptr_t *way_out(const Guard *guard, const GuardReport *report)
{
    for (uint32_t i = 1; i < report->frame_count; i++) {
        uintptr_t slot = report->frame_sp[i - 1] - sizeof(uintptr_t);
        if (!is_game_code(guard, report->frames[i])) {
            continue;
        }
        bool fits = slot % sizeof(uintptr_t) == 0 && slot >= guard->stack_first
                    && slot < guard->stack_end
                    && *(const uintptr_t *)slot == report->frames[i]; // or it is not what we think
        return fits ? (uintptr_t *)slot : NULL;
    }
    return NULL;
}

static void on_watch(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    int saved_errno = errno;
    Guard *guard = guard_of_process();
    const ucontext_t *machine = context;
    uint64_t hung_ns = guard ? atomic_load(&guard->hung_ns) : 0;
    if (!guard || hung_ns == 0 || !guard->is_running || guard->is_telling) {
        return;
    }
    GuardReport *report = guard->report;
    if (guard->landing != 0) { // it is on its way out, or sits in a lock
        if (atomic_load(&guard->insists)) {
            report->doubt = true;
            guard_leave(guard);
        }
        return;
    }
    memset(report, 0, sizeof(*report));
    report->end = GUARD_HUNG;
    report->ran_ns = hung_ns;
    read_machine(machine, report);
    copy_stack(guard, report);
    guard_frames(guard, machine, report);
    uintptr_t *slot = report->doubt ? way_out(guard, report) : NULL;
    if (slot) {
        guard->landing = *slot;
        report->doubt = false; // unless it does not get there
        *slot = (uintptr_t)landing;
    } else if (!report->doubt || atomic_load(&guard->insists)) {
        guard_leave(guard);
    }
    errno = saved_errno;
}

// ----------------------------------------------------------------------------------------- opening

bool guard_catch_signals(Guard *guard, Fault *fault)
{
    if (!arena_open(&guard->signal_stack, 0, SIGNAL_STACK_BYTES, fault)) {
        return false;
    }
    stack_t stack = {.ss_sp = arena_push(&guard->signal_stack, 1, 16, SIGNAL_STACK_BYTES),
                     .ss_size = SIGNAL_STACK_BYTES};
    if (sigaltstack(&stack, NULL) != 0) {
        return fault_set(fault, FAULT_MEMORY, "sigaltstack: %s", strerror(errno));
    }
    // SA_NODEFER: a fault while frames of a damaged stack are read must reach us as well.
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    for (size_t i = 0; i < COUNT_OF(CAUGHT); i++) {
        sigaction(CAUGHT[i], &action, &before[i]);
    }
    action.sa_sigaction = on_watch;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(guard_watch_signal(), &action, &before[COUNT_OF(CAUGHT)]);
    return true;
}

void guard_uncatch_signals(Guard *guard)
{
    if (!guard->signal_stack.base) {
        return;
    }
    for (size_t i = 0; i < COUNT_OF(CAUGHT); i++) {
        sigaction(CAUGHT[i], &before[i], NULL);
    }
    sigaction(guard_watch_signal(), &before[COUNT_OF(CAUGHT)], NULL);
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    arena_close(&guard->signal_stack);
}
