// What a call may change about the process, as guard_hooks.c and guard_process.c share it: what
// things were before, so that they can be put back. Inside the module only.
#ifndef GUARD_PROCESS_H
#define GUARD_PROCESS_H
#include "guard_internal.h"

#include <fenv.h>
#include <locale.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

enum {
    PROCESS_BITS = 8, // the GUARD_ bits below this are of things that are put back
    PROCESS_SIGNALS = 65,
    PROCESS_ITIMERS = 3,
    PROCESS_TIMERS = 32,        // timer_create's, alive at a time within a call
    PROCESS_DESCRIPTORS = 1024, // higher numbers are not kept
    PROCESS_JUMPS = 1024        // a power of two
};

// A place for longjmp, by the address of its jmp_buf.
typedef struct ProcessJump {
    uintptr_t buffer;
    uint64_t serial; // of the call that set it
} ProcessJump;

typedef struct ProcessDescriptor {
    dev_t device;
    ino_t inode;
} ProcessDescriptor;

// What it was before the first change within a call; until then as of guard_open, or of
// guard_keep_descriptors. Only the thread of the guard puts things back.
struct GuardSaved {
    const char *_Atomic by[PROCESS_BITS]; // who may have changed it
    _Atomic bool is_child;                // this process is one that the game forked
    // GUARD_FOLDER:
    int folder; // O_PATH; -1: not known
    // GUARD_LOCALE:
    char locale[1024];
    locale_t thread_locale;
    mode_t umask;
    struct rlimit limits[RLIM_NLIMITS];
    // GUARD_TIMERS:
    struct itimerval itimers[PROCESS_ITIMERS];
    timer_t timers[PROCESS_TIMERS];
    _Atomic uint32_t timer_count;
    // GUARD_MASK:
    _Atomic bool mask_refused; // the game believes that it has blocked signals of ours
    // GUARD_HANDLERS:
    struct sigaction handlers[PROCESS_SIGNALS]; // of signals that are the game's, where `handled`
    _Atomic uint64_t handled;                   // a bit a signal
    struct sigaction ours[PROCESS_SIGNALS];     // of signals that are ours
    bool knows_ours;
    // GUARD_DESCRIPTOR:
    ProcessDescriptor descriptors[PROCESS_DESCRIPTORS];
    uint64_t is_kept[PROCESS_DESCRIPTORS / 64];
    ProcessJump jumps[PROCESS_JUMPS];
};

// Before a change: remembers what is to be put back when the call has ended. Any thread.
void guard_process_before(Guard *guard, unsigned bit, const char *by);
void guard_process_before_handler(Guard *guard, int number, const char *by);
void guard_process_add_timer(Guard *guard, timer_t timer);
void guard_process_drop_timer(Guard *guard, timer_t timer);
// Is it ours, and open?
bool guard_process_owns(Guard *guard, int fd);
// After a fork by the game, in the child: it ends where its call does, and whatever it does to
// itself before is its own business.
void guard_process_become_child(Guard *guard);
bool guard_process_is_child(const Guard *guard);

// guard_jump.c: setjmp and longjmp.
void guard_jump_set(const void *buffer); // for the assembler
int guard_hook_setjmp(void *buffer);
int guard_hook_bsd_setjmp(void *buffer);
int guard_hook_sigsetjmp(void *buffer, int saves_mask);
_Noreturn void guard_hook_longjmp(struct __jmp_buf_tag *buffer, int value);

_Noreturn void guard_hook_exit_now(int code); // _exit
// guard_hooks_process.c: those of its hooks that change the process.
const NamedFunction *guard_hooks_of_process(size_t *count);

// guard_print.c
bool guard_may_print(int place, const void *first, const void *second); // for the assembler
const NamedFunction *guard_hooks_of_prints(size_t *count);

// Where a hook is called from.
typedef enum HookPlace {
    HOOK_PLAIN,  // no call runs on this thread, or nothing is contained: the real function
    HOOK_CALL,   // a call
    HOOK_THREAD, // a thread that the game started
    HOOK_CHILD   // a process that the game forked
} HookPlace;
HookPlace guard_hook_place(Guard **guard);
// The guard in a call; in a call or on a thread of the game. Else NULL.
Guard *guard_hook_call(void);
Guard *guard_hook_game(void);
// The call ends, from a hook, with words of its own.
_Noreturn void guard_hook_end(Guard *guard, GuardEnd end, const char *format, ...)
    BASE_PRINTF(3, 4);

#endif
