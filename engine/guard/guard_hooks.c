// libc's functions as the game sees them. Those that end the program end the call; those that would
// take something away from the runtime are refused; those that change the process are followed, so
// that it is put back after the call. Anywhere else than in a call or on a thread of the game's,
// and in processes that it forks, each is the real function.
#include "guard_process.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>

// Contents: places, ends, words, threads, the table. The other hooks: guard_jump.c and
// guard_hooks_process.c.

// ----------------------------------------------------------------------------------------- places

HookPlace guard_hook_place(Guard **guard)
{
    Guard *found = guard_of_process();
    *guard = found;
    if (!found || found->config.stands_back) {
        return HOOK_PLAIN;
    }
    if (guard_process_is_child(found)) {
        return HOOK_CHILD;
    }
    if (!pthread_equal(pthread_self(), found->thread)) {
        return HOOK_THREAD;
    }
    return found->is_running ? HOOK_CALL : HOOK_PLAIN;
}

Guard *guard_hook_call(void)
{
    Guard *guard;
    return guard_hook_place(&guard) == HOOK_CALL ? guard : NULL;
}

Guard *guard_hook_game(void)
{
    Guard *guard;
    HookPlace place = guard_hook_place(&guard);
    return place == HOOK_CALL || place == HOOK_THREAD ? guard : NULL;
}

// ------------------------------------------------------------------------------------------- ends

_Noreturn void guard_hook_end(Guard *guard, GuardEnd end, const char *format, ...)
{
    GuardReport *report = guard_tell(guard, end);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(report->text, sizeof(report->text), format, args);
    va_end(args);
    guard_leave(guard);
}

_Noreturn static void end_exited(Guard *guard, const char *name, int code)
{
    GuardReport *report = guard_tell(guard, GUARD_EXITED);
    report->exit_code = code;
    (void)text_format(report->text, sizeof(report->text), "%s(%d)", name, code);
    guard_leave(guard);
}

// What a thread of the game's does to end the program ends the thread. A child that the game forked
// must not do what the runtime does at exit: the window's connection is the parent's, too.
_Noreturn static void end_program(const char *name, int code, void (*really)(int code))
{
    Guard *guard;
    switch (guard_hook_place(&guard)) {
    case HOOK_CALL:
        end_exited(guard, name, code);
    case HOOK_THREAD:
        guard_note(guard, GUARD_THREADS, name);
        pthread_exit(NULL);
    case HOOK_CHILD:
        (void)fflush(stdout);
        _exit(code);
    case HOOK_PLAIN:
        break;
    }
    really(code);
    abort(); // it does not return, but its type does not say so
}

_Noreturn static void hook_exit(int code)
{
    end_program("exit", code, exit);
}

_Noreturn void guard_hook_exit_now(int code)
{
    end_program("_exit", code, _exit);
}

_Noreturn static void hook_quick_exit(int code)
{
    end_program("quick_exit", code, quick_exit);
}

_Noreturn static void hook_abort(void)
{
    Guard *guard = guard_hook_call();
    if (guard) {
        guard_hook_end(guard, GUARD_ABORTED, "abort() was called");
    }
    abort();
}

// -------------------------------------------------------------------------------- ends with words

_Noreturn static void end_asserted(Guard *guard, const char *file, unsigned line, const char *text)
{
    GuardReport *report = guard_tell(guard, GUARD_ABORTED);
    (void)text_format(report->text, sizeof(report->text), "%s", text);
    (void)text_format(report->file, sizeof(report->file), "%s", file ? file : "");
    report->line = (int)line;
    guard_leave(guard);
}

_Noreturn static void hook_assert_fail(const char *expression, const char *file, unsigned line,
                                       const char *function)
{
    Guard *guard = guard_hook_call();
    char text[sizeof(((GuardReport *)NULL)->text)];
    if (guard) {
        (void)text_format(text, sizeof(text), "assert(%s) failed%s%s%s", expression,
                          function ? " in " : "", function ? function : "", function ? "()" : "");
        end_asserted(guard, file, line, text);
    }
    __assert_fail(expression, file, line, function);
}

_Noreturn static void hook_assert(const char *expression, const char *file, int line)
{
    hook_assert_fail(expression, file, (unsigned)line, NULL);
}

_Noreturn static void hook_assert_perror_fail(int error, const char *file, unsigned line,
                                              const char *function)
{
    Guard *guard = guard_hook_call();
    char text[sizeof(((GuardReport *)NULL)->text)];
    if (guard) {
        (void)text_format(text, sizeof(text), "assert_perror failed in %s(): %s",
                          function ? function : "?", strerror(error));
        end_asserted(guard, file, line, text);
    }
    __assert_perror_fail(error, file, line, function);
}

// libc's, declared in no header.
_Noreturn void __stack_chk_fail(void);
_Noreturn void __chk_fail(void);

_Noreturn static void hook_stack_chk_fail(void)
{
    Guard *guard = guard_hook_call();
    if (guard) {
        guard_hook_end(guard, GUARD_ABORTED,
                       "a local array was written over its end (found by the stack protector)");
    }
    __stack_chk_fail();
}

_Noreturn static void hook_chk_fail(void)
{
    Guard *guard = guard_hook_call();
    if (guard) {
        guard_hook_end(guard, GUARD_ABORTED, "buffer overflow detected (by _FORTIFY_SOURCE)");
    }
    __chk_fail();
}

_Noreturn static void hook_fortify_fail(const char *what)
{
    Guard *guard = guard_hook_call();
    if (guard) {
        guard_hook_end(guard, GUARD_ABORTED, "%s detected", what);
    }
    abort();
}

// err.h and error.h: words to stderr, then exit, from within libc. The words are the report's.
_Noreturn static void end_err(const char *name, int code, bool with_errno, const char *format,
                              va_list args)
{
    int error = errno;
    char text[400] = "";
    Guard *guard = guard_hook_call();
    if (format) {
        (void)vsnprintf(text, sizeof(text), format, args);
    }
    if (guard) {
        GuardReport *report = guard_tell(guard, GUARD_EXITED);
        report->exit_code = code;
        (void)text_format(report->text, sizeof(report->text), "%s(%d): %s%s%s", name, code, text,
                          with_errno ? ": " : "", with_errno ? strerror(error) : "");
        guard_leave(guard);
    }
    (void)fprintf(stderr, "%s: %s%s%s\n", program_invocation_short_name, text,
                  with_errno ? ": " : "", with_errno ? strerror(error) : "");
    end_program(name, code, exit);
}

BASE_PRINTF(2, 3) _Noreturn static void hook_err(int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    end_err("err", code, true, format, args);
}

BASE_PRINTF(2, 3) _Noreturn static void hook_errx(int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    end_err("errx", code, false, format, args);
}

BASE_PRINTF(2, 0) _Noreturn static void hook_verr(int code, const char *format, va_list args)
{
    end_err("verr", code, true, format, args);
}

BASE_PRINTF(2, 0) _Noreturn static void hook_verrx(int code, const char *format, va_list args)
{
    end_err("verrx", code, false, format, args);
}

// error(3) goes on when its code is 0.
BASE_PRINTF(3, 4) static void hook_error(int code, int error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (code != 0) {
        errno = error;
        end_err("error", code, error != 0, format, args);
    }
    (void)vfprintf(stderr, format, args);
    (void)fprintf(stderr, "%s%s\n", error ? ": " : "", error ? strerror(error) : "");
    va_end(args);
}

// ---------------------------------------------------------------------------------------- threads

// The frame loop's thread would be gone, with the window still there.
static bool ends_frame_loop(void)
{
    Guard *guard;
    return guard_hook_place(&guard) == HOOK_CALL;
}

_Noreturn static void hook_pthread_exit(void *result)
{
    if (ends_frame_loop()) {
        end_exited(guard_of_process(), "pthread_exit", 0);
    }
    pthread_exit(result);
}

_Noreturn static void hook_thrd_exit(int result)
{
    if (ends_frame_loop()) {
        end_exited(guard_of_process(), "thrd_exit", result);
    }
    thrd_exit(result);
}

static void note_thread(const char *name, uintptr_t function)
{
    Guard *guard = guard_hook_game();
    if (guard) {
        guard_note(guard, GUARD_THREADS, name);
        uint32_t at = atomic_fetch_add(&guard->thread_count, 1);
        if (at < GUARD_THREADS_MAX) {
            atomic_store(&guard->threads[at], function);
        }
    }
}

bool guard_has_thread_in(const Guard *guard, uintptr_t first, uintptr_t end)
{
    uint32_t count = atomic_load(&guard->thread_count);
    bool found = count > GUARD_THREADS_MAX; // of the rest nothing is known
    for (uint32_t i = 0; i < count && !found; i++) {
        found = atomic_load(&guard->threads[i]) - first < end - first;
    }
    return found;
}

static int hook_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                               void *(*function)(void *), void *with)
{
    note_thread("pthread_create", (uintptr_t)function);
    return pthread_create(thread, attributes, function, with);
}

static int hook_thrd_create(thrd_t *thread, thrd_start_t function, void *with)
{
    note_thread("thrd_create", (uintptr_t)function);
    return thrd_create(thread, function, with);
}

// -------------------------------------------------------------------------------------- the table

// A function that does not return has a type of its own, which no pointer to data may be cast to.
#define HOOK(name, function)                                                                       \
    {                                                                                              \
        name, (void *)(uintptr_t)function                                                          \
    }

static const NamedFunction ENDS[] = {
    HOOK("exit", hook_exit),
    HOOK("_exit", guard_hook_exit_now),
    HOOK("_Exit", guard_hook_exit_now),
    HOOK("quick_exit", hook_quick_exit),
    HOOK("abort", hook_abort),
    HOOK("__assert_fail", hook_assert_fail),
    HOOK("__assert", hook_assert),
    HOOK("__assert_perror_fail", hook_assert_perror_fail),
    HOOK("__stack_chk_fail", hook_stack_chk_fail),
    HOOK("__chk_fail", hook_chk_fail),
    HOOK("__fortify_fail", hook_fortify_fail),
    HOOK("err", hook_err),
    HOOK("errx", hook_errx),
    HOOK("verr", hook_verr),
    HOOK("verrx", hook_verrx),
    HOOK("error", hook_error),
    HOOK("pthread_exit", hook_pthread_exit),
    HOOK("thrd_exit", hook_thrd_exit),
    HOOK("pthread_create", hook_pthread_create),
    HOOK("thrd_create", hook_thrd_create),
    HOOK("setjmp", guard_hook_bsd_setjmp),
    HOOK("_setjmp", guard_hook_setjmp),
    HOOK("__sigsetjmp", guard_hook_sigsetjmp),
    HOOK("longjmp", guard_hook_longjmp),
    HOOK("_longjmp", guard_hook_longjmp),
    HOOK("siglongjmp", guard_hook_longjmp),
    HOOK("__longjmp_chk", guard_hook_longjmp),
};

enum { HOOKS_MAX = 160 };

static struct {
    pthread_once_t once;
    NamedFunction hooks[HOOKS_MAX]; // those of all files
} table = {.once = PTHREAD_ONCE_INIT};

static size_t add_hooks(size_t at, const NamedFunction *more, size_t count)
{
    assert(at + count < HOOKS_MAX); // the last one is empty
    memcpy(table.hooks + at, more, count * sizeof(*more));
    return at + count;
}

static void fill_table(void)
{
    size_t process_count, print_count;
    const NamedFunction *process = guard_hooks_of_process(&process_count);
    const NamedFunction *prints = guard_hooks_of_prints(&print_count);
    size_t at = add_hooks(0, ENDS, COUNT_OF(ENDS));
    at = add_hooks(at, process, process_count);
    (void)add_hooks(at, prints, print_count);
}

const NamedFunction *guard_hooks(void)
{
    (void)pthread_once(&table.once, fill_table);
    return table.hooks;
}
