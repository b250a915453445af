// What the files of guard share.
#ifndef GUARD_INTERNAL_H
#define GUARD_INTERNAL_H
#include "guard.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <ucontext.h>

#define GUARD_STACK_BYTES ((size_t)8 << 20)
#define GUARD_GAP_BYTES   ((size_t)1 << 30)
enum { GUARD_THREADS_MAX = 256 };

// Reads another frame's memory on purpose.
#define GUARD_UNCHECKED __attribute__((no_sanitize("address"), noinline))

typedef struct GuardSaved GuardSaved; // guard_process.c: the process as it should be

struct Guard {
    GuardConfig config;
    pthread_t thread; // whose calls are guarded
    pid_t tid;
    // The call that runs:
    jmp_buf out;
    _Atomic uint64_t serial;  // odd: a call runs
    volatile bool is_running; // the same, for signal handlers
    bool has_left;            // `out` was taken: *report is filled
    bool is_blamed;           // guard_blame: *report is filled
    GuardReport *report;
    uint32_t mxcsr; // control words as they were before it
    uint16_t fpu_control;
    uintptr_t stack_first, stack_end; // of calls; all of the thread's stack without one of our own
    Arena stack;
    // Signals:
    Arena signal_stack;
    sigset_t mask;            // of the thread, outside of calls
    volatile bool is_telling; // frames are being read; a fault there ends that
    sigjmp_buf told;
    GuardCode code[GUARD_CODE_MAX];
    size_t code_count;
    // The watchdog:
    pthread_t watchdog;
    bool has_watchdog;
    int watch_fd; // eventfd: it is to look again, or to end
    _Atomic bool watch_ends;
    _Atomic uint64_t hang_ns;
    _Atomic uint64_t hung_ns; // for how long the call has not returned; 0: nothing of the kind
    _Atomic bool insists;     // it has waited long enough for a library function to return
    uintptr_t landing; // where the library function that runs would have returned to; 0: none
    // Threads that the game has started, by their first functions:
    _Atomic uint32_t thread_count; // may be more than there is room for
    _Atomic uintptr_t threads[GUARD_THREADS_MAX];
    // What the game prints:
    _Atomic uint64_t print_s; // the second that `prints` counts in
    _Atomic uint64_t prints;  // in characters, of which a line counts as 64
    // A crash on a thread of the game's:
    _Atomic int stray_state; // 0 none, 1 being written, 2 there
    GuardReport stray;
    // What calls change about the process (guard_process.c):
    _Atomic unsigned changes;    // GUARD_ bits since the last guard_take_changes
    _Atomic unsigned to_restore; // of them those that have to be put back after this call
    const char *_Atomic changed_by;
    GuardSaved *saved;
};

// The call that runs on this thread ends here. The report is the call's: fill it first.
_Noreturn void guard_leave(Guard *guard);
// For hooks: report of the running call, with `end` and the calls that lead here.
GuardReport *guard_tell(Guard *guard, GuardEnd end);

bool guard_is_way_in(uintptr_t pc); // an address in guard_run, or in what it calls calls with

// guard_fault.c
bool guard_catch_signals(Guard *guard, Fault *fault);
void guard_uncatch_signals(Guard *guard);
int guard_watch_signal(void);          // that the watchdog sends
bool guard_is_ours(int signal_number); // the game may neither handle nor block it
_Noreturn void guard_landed(void);     // for the assembler
// guard_frames.c
void guard_warm_up(void);
// Of the interrupted machine, or (NULL) of the caller.
void guard_frames(Guard *guard, const ucontext_t *machine, GuardReport *report);
void guard_forget_frames(void); // libraries have come or gone
// guard_watch.c
bool guard_watch_begin(Guard *guard, Fault *fault);
void guard_watch_end(Guard *guard);
// guard_process.c
bool guard_process_open(Guard *guard, Arena *arena, Fault *fault);
void guard_process_close(Guard *guard);
void guard_process_restore(Guard *guard, bool all); // what guard->to_restore says, or all of it
void guard_note(Guard *guard, unsigned change, const char *by); // any thread

#endif
