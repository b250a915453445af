// Runs a call into the game so that nothing that it does ends the session: crash, abort, exit, a
// jump to nowhere, a full stack and an endless loop end the call, and say why. The call runs on a
// stack of its own between two gaps of address space, so that neither too deep a recursion nor a
// local array written over its end reaches ours. What the call changed about the process - FPU
// mode, signal mask and handlers, locale, working folder - is put back.
//
// One thing cannot be had from inside: when the game is stopped in the middle of a library's
// function (of libc, say), that may hold a lock for ever. The report then says `doubt`, and the
// caller saves the session and starts the process again.
//
//   guard.c        running a call, leaving it        guard_fault.c    signals, what they mean
//   guard_watch.c  the watchdog                      guard_frames.c   the calls that led there
//   guard_hooks.c  libc's exit, abort, longjmp ... as the game sees them
//   guard_jump.c   setjmp and longjmp       guard_hooks_process.c  signals, threads, processes
//   guard_print.c  counting what it prints
//   guard_process.c  what a call may have changed about the process
//
// One guard a process, of the thread that opened it.
#ifndef GUARD_H
#define GUARD_H
#include "arena.h"

enum {
    GUARD_MODULES_MAX = 8,
    GUARD_FRAMES_MAX = 64,
    GUARD_CODE_MAX = 320, // images of the game at a time
    GUARD_REGISTERS = 17  // of x86-64 by their DWARF numbers, 16 is rip
};

typedef enum GuardEnd {
    GUARD_RETURNED,
    GUARD_STOPPED,    // guard_stop: the runtime ended it (HL_ASSERT, a full arena ...)
    GUARD_SIGNAL,     // `signal`: SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT ...
    GUARD_STACK_FULL, // the stack of the call was used up
    GUARD_HUNG,       // it did not return in time
    GUARD_EXITED,     // exit, _exit, quick_exit: `exit_code`, `text`
    GUARD_ABORTED,    // abort; or assert: `text`, `file`, `line`
    GUARD_JUMPED      // longjmp to a place that is no more
} GuardEnd;

// What the instruction wanted of `address`.
typedef enum GuardAccess { GUARD_UNKNOWN, GUARD_READ, GUARD_WRITE, GUARD_EXECUTE } GuardAccess;

// What the call had changed and is as it was again; bits.
enum {
    GUARD_FPU = 1 << 0,      // rounding, traps, flush to zero
    GUARD_MASK = 1 << 1,     // signals that were blocked
    GUARD_HANDLERS = 1 << 2, // of signals
    GUARD_LOCALE = 1 << 3,
    GUARD_FOLDER = 1 << 4, // the working one
    GUARD_LIMITS = 1 << 5, // setrlimit
    GUARD_TIMERS = 1 << 6, // alarm, setitimer
    GUARD_UMASK = 1 << 7,
    // Seen, and not put back:
    GUARD_CHILD = 1 << 8,       // fork, system, popen
    GUARD_THREADS = 1 << 9,     // pthread_create, thrd_create
    GUARD_AT_EXIT = 1 << 10,    // atexit: dropped
    GUARD_DESCRIPTOR = 1 << 11, // it wanted to close one that is ours: refused
    GUARD_PROGRAM = 1 << 12,    // exec: refused
    GUARD_PRINTS = 1 << 13      // more than GuardConfig.prints_per_s: dropped
};

typedef struct GuardReport {
    GuardEnd end;
    int signal, code; // siginfo_t's
    int exit_code;
    GuardAccess access;
    bool has_address;
    uintptr_t address;    // that was accessed
    uintptr_t pc;         // of the instruction that did it
    uint64_t ran_ns;      // GUARD_HUNG: for how long
    uint32_t frame_count; // innermost first; the first is pc, the others return addresses
    uintptr_t frames[GUARD_FRAMES_MAX];
    uintptr_t frame_sp[GUARD_FRAMES_MAX]; // the canonical frame address of each; 0: not known
    bool frames_cut;                      // there were more
    bool has_registers;
    uint64_t registers[GUARD_REGISTERS]; // of the innermost frame
    uint8_t stack[2048]; // bytes from rsp on, for a look at variables; stack_bytes of them
    uint32_t stack_bytes;
    bool stray; // on another thread, which the game started; it is parked
    bool doubt; // a lock of a library may be held for ever
    // Where the libraries of `frames` lay (and this program), for a report that is read in another
    // process: guard_rebase. The game's own images are not among them. Only with `doubt`.
    struct {
        uintptr_t first, end; // of its code
        uint64_t name_hash;
    } modules[GUARD_MODULES_MAX];
    uint32_t module_count;
    char doubt_in[64];         // the library's function
    char call[12];             // which call it was, for whoever runs several; "" not said
    char text[512], file[256]; // what abort, exit, assert or guard_stop had to say
    int line;
} GuardReport;

typedef struct GuardConfig {
    uint64_t hang_ns; // 0: no watchdog
    bool stands_back; // for good: calls are plain calls that only guard_stop ends; no signal is
                      // caught, no thread started
    uint32_t prints_per_s; // calls of stdio that may print to stdout and stderr; 0: any number
    bool own_stack; // false: calls run on the caller's stack (sanitizers follow only that one)
    // Called on the watchdog's thread when a call neither returns nor can be interrupted: it has
    // blocked signals or sits in a lock. Does not return. NULL: abort().
    void (*give_up)(void *with, const GuardReport *report);
    void *with;
} GuardConfig;

typedef struct Guard Guard;
typedef void GuardCall(void *a, void *b);

// NULL and *fault when signals or memory cannot be had. In `arena`.
Guard *guard_open(Arena *arena, const GuardConfig *config, Fault *fault);
// The one of this process; NULL before guard_open and after guard_close.
Guard *guard_of_process(void);
void guard_close(Guard *guard); // puts the handlers back as they were; NULL is fine
// Is somebody tracing us who wants to see crashes himself - gdb, rr, valgrind? Says who: "gdb
// (process 123)". A debugger may come later: ask once a second.
bool guard_is_traced(char *who, size_t who_bytes);
// Until it is told otherwise: faults are the debugger's, and nobody counts the time.
void guard_stand_back(Guard *guard, bool stands_back);
void guard_set_hang(Guard *guard, uint64_t hang_ns);

// Where game code is: only there, and in library functions known to hold no lock, may a call be
// left at any instruction. Replaces what was known.
typedef struct GuardCode {
    uintptr_t first, end;
} GuardCode;
void guard_set_code(Guard *guard, const GuardCode *code, size_t count);

// Runs call(a, b). True: it returned, *report is untouched but for nothing. False: it was ended,
// and *report says how. Costs some 20 ns. Not from within a call.
bool guard_run(Guard *guard, GuardCall *call, void *a, void *b, GuardReport *report);
// Ends the call that runs, from inside it, with report.end GUARD_STOPPED. `caller`: where in the
// game's code (0: here).
_Noreturn void guard_stop(Guard *guard, uintptr_t caller);
// The call that runs did something that it may not, but can go on to its end (a sanitizer's
// report): it counts as GUARD_ABORTED then, with this text and the calls that led here. The first
// one counts.
void guard_blame(Guard *guard, const char *text);
bool guard_is_running(const Guard *guard); // a call, on this thread
// What calls have changed about the process since the last time this was asked, GUARD_ bits; and
// the name of a function that did it (valid for ever; NULL). Cheap when nothing was.
unsigned guard_take_changes(Guard *guard, const char **by);
// Looks whether the process is as it was - handlers, mask, folder, locale, descriptors - and puts
// it back. Some microseconds: once a second. GUARD_ bits.
unsigned guard_check_process(Guard *guard);
// Descriptors that are ours, whatever the game does: noted now, compared by guard_check_process.
void guard_keep_descriptors(Guard *guard);
// For what we open later: which are open before, and what is open then and was not is ours, too. No
// call runs in between.
typedef struct GuardDescriptors {
    uint64_t is_open[16];
} GuardDescriptors;
void guard_see_descriptors(GuardDescriptors *before);
void guard_keep_new_descriptors(Guard *guard, const GuardDescriptors *before);
// For a report of another process, which had its libraries elsewhere: moves the frames that lie in
// them to where they are here.
void guard_rebase(GuardReport *report);
// True when a thread that is not ours has crashed since the last time: *report is about that.
bool guard_take_stray(Guard *guard, GuardReport *report);
// Has the game started a thread with a function that lies there? It may run for ever, so that code
// has to stay where it is.
bool guard_has_thread_in(const Guard *guard, uintptr_t first, uintptr_t end);
// A crash outside of every call is our own: a line with addresses to stderr, then the default.

// What the game is to call instead of libc's functions. For gamelib, which puts them into a
// library's import table once it is loaded.
const NamedFunction *guard_hooks(void);

#endif
