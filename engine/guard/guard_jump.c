// setjmp and longjmp as the game sees them. A longjmp out of the call would take the runtime's own
// frames with it, and one to a frame that has returned lands in rubbish: both end the call instead.
// Every setjmp is noted with the call that it happens in, because a jmp_buf kept in state looks as
// good in the next tick as it did in this one.
#include "guard_process.h"

// glibc's jmp_buf: rbx, rbp, r12 - r15, rsp, rip; rsp is disguised with a number of the thread.
// Source: glibc, sysdeps/x86_64/jmpbuf-offsets.h; sysdeps/unix/sysv/linux/x86_64/pointer_guard.h.
enum { JUMP_RSP = 6 };

static uintptr_t stack_pointer_of(const struct __jmp_buf_tag *buffer)
{
    uintptr_t value = (uintptr_t)buffer->__jmpbuf[JUMP_RSP];
    __asm__("rorq $17, %0\n\t"
            "xorq %%fs:0x30, %0"
            : "+r"(value)
            :
            : "cc");
    return value;
}

static ProcessJump *slot_of(Guard *guard, uintptr_t buffer)
{
    uint64_t mixed = (uint64_t)buffer * UINT64_C(0x9E3779B97F4A7C15);
    return &guard->saved->jumps[mixed >> 54 & (PROCESS_JUMPS - 1)];
}

void guard_jump_set(const void *buffer)
{
    Guard *guard = guard_hook_call();
    if (guard) {
        *slot_of(guard, (uintptr_t)buffer) = (ProcessJump){
            (uintptr_t)buffer, atomic_load_explicit(&guard->serial, memory_order_relaxed)};
    }
}

// setjmp returns to its caller twice, so nothing of ours may be on the stack when it is entered:
// note, then jump there with everything as it was.
#define NOTE_AND_GO(real)                                                                          \
    __asm__("pushq %rdi\n\t"                                                                       \
            ".cfi_adjust_cfa_offset 8\n\t"                                                         \
            "pushq %rsi\n\t"                                                                       \
            ".cfi_adjust_cfa_offset 8\n\t"                                                         \
            "subq $8, %rsp\n\t"                                                                    \
            ".cfi_adjust_cfa_offset 8\n\t"                                                         \
            "call guard_jump_set\n\t"                                                              \
            "addq $8, %rsp\n\t"                                                                    \
            ".cfi_adjust_cfa_offset -8\n\t"                                                        \
            "popq %rsi\n\t"                                                                        \
            ".cfi_adjust_cfa_offset -8\n\t"                                                        \
            "popq %rdi\n\t"                                                                        \
            ".cfi_adjust_cfa_offset -8\n\t"                                                        \
            "jmp " real "@PLT")

__attribute__((naked)) int guard_hook_setjmp(void *buffer)
{
    (void)buffer;
    NOTE_AND_GO("_setjmp");
}

__attribute__((naked)) int guard_hook_bsd_setjmp(void *buffer)
{
    (void)buffer;
    NOTE_AND_GO("setjmp");
}

__attribute__((naked)) int guard_hook_sigsetjmp(void *buffer, int saves_mask)
{
    (void)buffer;
    (void)saves_mask;
    NOTE_AND_GO("__sigsetjmp");
}

static bool is_on_stack(Guard *guard, uintptr_t sp)
{
    uintptr_t end = guard->stack_end;
    uintptr_t runtime = stack_pointer_of(&guard->out[0]);
    if (runtime >= guard->stack_first && runtime < end) {
        end = runtime; // calls share the stack with us
    }
    return sp >= guard->stack_first && sp < end;
}

// NULL: there is nothing against it.
static const char *objection(Guard *guard, const struct __jmp_buf_tag *buffer, uintptr_t here)
{
    const ProcessJump *jump = slot_of(guard, (uintptr_t)buffer);
    bool is_known = jump->buffer == (uintptr_t)buffer;
    uintptr_t target = stack_pointer_of(buffer);
    if (is_known && jump->serial != atomic_load_explicit(&guard->serial, memory_order_relaxed)) {
        return "longjmp() to a place that was set in an earlier call of the game";
    }
    if (!is_on_stack(guard, target)) {
        // A stack that the game has made itself, as coroutines do.
        return is_known ? NULL : "longjmp() to a place that is not in this call";
    }
    if (is_on_stack(guard, here) && target < here) {
        return "longjmp() into a function that has returned";
    }
    return NULL;
}

_Noreturn void guard_hook_longjmp(struct __jmp_buf_tag *buffer, int value)
{
    Guard *guard = guard_hook_call();
    const char *why =
        guard ? objection(guard, buffer, (uintptr_t)__builtin_frame_address(0)) : NULL;
    if (why) {
        guard_hook_end(guard, GUARD_JUMPED, "%s", why);
    }
    siglongjmp(buffer, value); // longjmp and _longjmp are the same function
}
