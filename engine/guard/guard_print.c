// What the game prints through stdio, counted: a loop that prints without end would fill the disk
// or the terminal's memory with what nobody reads, and the words of the runtime would be lost in
// it. Files that the game has opened itself are its own business.
#include "guard_process.h"

#include <stdio.h>

// Which argument of the function is the stream; PRINT_STDOUT: none, it is always stdout.
enum { PRINT_STDOUT, PRINT_FIRST, PRINT_SECOND, PRINT_CHAR = 4 };
enum { PRINT_CHARS = 64 }; // so many calls for one character count as one

static bool is_terminal_stream(int place, const void *first, const void *second)
{
    int which = place & ~PRINT_CHAR;
    const void *stream = which == PRINT_FIRST ? first : second;
    return which == PRINT_STDOUT || stream == stdout || stream == stderr;
}

// Called by the assembler below.
bool guard_may_print(int place, const void *first, const void *second)
{
    Guard *guard = guard_hook_game();
    uint32_t most = guard ? guard->config.prints_per_s : 0;
    if (most == 0 || !is_terminal_stream(place, first, second)) {
        return true;
    }
    uint64_t now_s = mono_ns() / NS_PER_S;
    if (atomic_exchange(&guard->print_s, now_s) != now_s) {
        atomic_store(&guard->prints, 0);
    }
    uint64_t weight = place & PRINT_CHAR ? 1 : PRINT_CHARS, all = (uint64_t)most * PRINT_CHARS;
    uint64_t before = atomic_fetch_add(&guard->prints, weight);
    if (before < all && before + weight >= all) {
        guard_note(guard, GUARD_PRINTS, NULL);
    }
    return before < all;
}

// The real function is entered with everything as it was, so that it stands in a report as if the
// game had called it, and so that no hook sits on the stack when it never returns. Its arguments
// may be anything: all registers that carry some are kept. A call that prints nothing returns 0.
#define PRINT_HOOK(name, place)                                                                    \
    __attribute__((naked)) static void hook_##name(void)                                           \
    {                                                                                              \
        __asm__("pushq %%rax\n\t"                                                                  \
                "pushq %%rdi\n\t"                                                                  \
                "pushq %%rsi\n\t"                                                                  \
                "pushq %%rdx\n\t"                                                                  \
                "pushq %%rcx\n\t"                                                                  \
                "pushq %%r8\n\t"                                                                   \
                "pushq %%r9\n\t"                                                                   \
                "subq $128, %%rsp\n\t"                                                             \
                ".cfi_adjust_cfa_offset 184\n\t"                                                   \
                "movups %%xmm0, (%%rsp)\n\t"                                                       \
                "movups %%xmm1, 16(%%rsp)\n\t"                                                     \
                "movups %%xmm2, 32(%%rsp)\n\t"                                                     \
                "movups %%xmm3, 48(%%rsp)\n\t"                                                     \
                "movups %%xmm4, 64(%%rsp)\n\t"                                                     \
                "movups %%xmm5, 80(%%rsp)\n\t"                                                     \
                "movups %%xmm6, 96(%%rsp)\n\t"                                                     \
                "movups %%xmm7, 112(%%rsp)\n\t"                                                    \
                "movq %%rsi, %%rdx\n\t"                                                            \
                "movq %%rdi, %%rsi\n\t"                                                            \
                "movl %0, %%edi\n\t"                                                               \
                "call guard_may_print\n\t"                                                         \
                "movzbl %%al, %%r11d\n\t"                                                          \
                "movups (%%rsp), %%xmm0\n\t"                                                       \
                "movups 16(%%rsp), %%xmm1\n\t"                                                     \
                "movups 32(%%rsp), %%xmm2\n\t"                                                     \
                "movups 48(%%rsp), %%xmm3\n\t"                                                     \
                "movups 64(%%rsp), %%xmm4\n\t"                                                     \
                "movups 80(%%rsp), %%xmm5\n\t"                                                     \
                "movups 96(%%rsp), %%xmm6\n\t"                                                     \
                "movups 112(%%rsp), %%xmm7\n\t"                                                    \
                "addq $128, %%rsp\n\t"                                                             \
                "popq %%r9\n\t"                                                                    \
                "popq %%r8\n\t"                                                                    \
                "popq %%rcx\n\t"                                                                   \
                "popq %%rdx\n\t"                                                                   \
                "popq %%rsi\n\t"                                                                   \
                "popq %%rdi\n\t"                                                                   \
                "popq %%rax\n\t"                                                                   \
                ".cfi_adjust_cfa_offset -184\n\t"                                                  \
                "testl %%r11d, %%r11d\n\t"                                                         \
                "jz 1f\n\t"                                                                        \
                "jmp " #name "@PLT\n"                                                              \
                "1:\n\t"                                                                           \
                "xorl %%eax, %%eax\n\t"                                                            \
                "ret"                                                                              \
                :                                                                                  \
                : "i"(place));                                                                     \
    }

PRINT_HOOK(printf, PRINT_STDOUT)
PRINT_HOOK(vprintf, PRINT_STDOUT)
PRINT_HOOK(puts, PRINT_STDOUT)
PRINT_HOOK(putchar, PRINT_STDOUT | PRINT_CHAR)
PRINT_HOOK(fprintf, PRINT_FIRST)
PRINT_HOOK(vfprintf, PRINT_FIRST)
PRINT_HOOK(fputs, PRINT_SECOND)
PRINT_HOOK(fputc, PRINT_SECOND | PRINT_CHAR)
PRINT_HOOK(putc, PRINT_SECOND | PRINT_CHAR)
PRINT_HOOK(__printf_chk, PRINT_STDOUT)
PRINT_HOOK(__vprintf_chk, PRINT_STDOUT)
PRINT_HOOK(__fprintf_chk, PRINT_FIRST)
PRINT_HOOK(__vfprintf_chk, PRINT_FIRST)

#define HOOK(name)                                                                                 \
    {                                                                                              \
#name, (void *)hook_##name                                                                 \
    }

static const NamedFunction PRINTS[] = {
    HOOK(printf),         HOOK(vprintf),      HOOK(puts),          HOOK(putchar),
    HOOK(fprintf),        HOOK(vfprintf),     HOOK(fputs),         HOOK(fputc),
    HOOK(putc),           HOOK(__printf_chk), HOOK(__vprintf_chk), HOOK(__fprintf_chk),
    HOOK(__vfprintf_chk),
};

const NamedFunction *guard_hooks_of_prints(size_t *count)
{
    *count = COUNT_OF(PRINTS);
    return PRINTS;
}
