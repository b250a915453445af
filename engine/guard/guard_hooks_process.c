// libc's functions that change the process, as the game sees them. See guard_hooks.c.
#include "guard_process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Contents: refusing and following, signals, at exit, folder and locale, limits and timers, floats,
// children, other programs, descriptors, system calls by number, the table.

// -------------------------------------------------------------------------- refusing and following

// Notes it; -1 and errno, as most functions of libc fail.
static int refuse(Guard *guard, unsigned bit, const char *name, int error)
{
    guard_note(guard, bit, name);
    errno = error;
    return -1;
}

// What is to be put back after the call.
static void follow(unsigned bit, const char *name)
{
    Guard *guard = guard_hook_game();
    if (guard) {
        guard_process_before(guard, bit, name);
    }
}

// What is let happen, and told.
static void tell(unsigned bit, const char *name)
{
    Guard *guard = guard_hook_game();
    if (guard) {
        guard_note(guard, bit, name);
    }
}

// ---------------------------------------------------------------------------------------- signals

// False: it is ours, and stays as it is.
static bool may_handle(int number, const char *name)
{
    Guard *guard = guard_hook_game();
    if (!guard) {
        return true;
    }
    if (guard_is_ours(number)) {
        (void)refuse(guard, GUARD_HANDLERS, name, EINVAL);
        return false;
    }
    guard_process_before_handler(guard, number, name);
    return true;
}

static int hook_sigaction(int number, const struct sigaction *action, struct sigaction *before)
{
    return !action || may_handle(number, "sigaction") ? sigaction(number, action, before) : -1;
}

static sighandler_t hook_signal(int number, sighandler_t handler)
{
    return may_handle(number, "signal") ? signal(number, handler) : SIG_ERR;
}

static sighandler_t hook_sysv_signal(int number, sighandler_t handler)
{
    return may_handle(number, "sysv_signal") ? sysv_signal(number, handler) : SIG_ERR;
}

// The stack that our handlers run on.
static int hook_sigaltstack(const stack_t *stack, stack_t *before)
{
    Guard *guard = guard_hook_call();
    return stack && guard ? refuse(guard, GUARD_HANDLERS, "sigaltstack", EPERM)
                          : sigaltstack(stack, before);
}

// Faults of the thread's own instructions: the kernel ends a program that blocks them and has one.
static bool is_own_fault(int number)
{
    return number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL
           || number == SIGTRAP || number == SIGABRT || number == SIGSYS;
}

// Takes out of `wanted` what must not be blocked there. True: there was something.
static bool leave_out(sigset_t *wanted, bool in_call)
{
    bool found = false;
    for (int number = 1; number < PROCESS_SIGNALS; number++) {
        bool out = in_call ? guard_is_ours(number) : is_own_fault(number);
        if (out && sigismember(wanted, number) == 1) {
            (void)sigdelset(wanted, number);
            found = true;
        }
    }
    return found;
}

// What to hand on instead of `set`. A game that blocks everything for a moment and lets go again
// has not done wrong, so refusals are told after the call, if it still holds on by then.
static const sigset_t *allowed(int how, const sigset_t *set, sigset_t *room, const char *name)
{
    Guard *guard;
    HookPlace place = guard_hook_place(&guard);
    if (!set || (place != HOOK_CALL && place != HOOK_THREAD)) {
        return set;
    }
    memcpy(room, set, sizeof(*room));
    bool found = leave_out(room, place == HOOK_CALL);
    if (place == HOOK_CALL) {
        guard_process_before(guard, GUARD_MASK, name);
        bool blocks = how == SIG_BLOCK || how == SIG_SETMASK;
        if (found || how != SIG_BLOCK) {
            atomic_store(&guard->saved->mask_refused, blocks && found);
        }
    }
    return how == SIG_UNBLOCK ? set : room;
}

static int hook_sigprocmask(int how, const sigset_t *set, sigset_t *before)
{
    sigset_t room;
    return sigprocmask(how, allowed(how, set, &room, "sigprocmask"), before);
}

static int hook_pthread_sigmask(int how, const sigset_t *set, sigset_t *before)
{
    sigset_t room;
    return pthread_sigmask(how, allowed(how, set, &room, "pthread_sigmask"), before);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static sighandler_t hook_sigset(int number, sighandler_t handler)
{
    follow(GUARD_MASK, "sigset");
    return may_handle(number, "sigset") ? sigset(number, handler) : SIG_ERR;
}

static int hook_sigignore(int number)
{
    return may_handle(number, "sigignore") ? sigignore(number) : -1;
}

static int hook_siginterrupt(int number, int interrupts)
{
    return may_handle(number, "siginterrupt") ? siginterrupt(number, interrupts) : -1;
}

static int hook_sighold(int number)
{
    Guard *guard = guard_hook_game();
    if (guard && guard_is_ours(number)) {
        return refuse(guard, GUARD_MASK, "sighold", EINVAL);
    }
    follow(GUARD_MASK, "sighold");
    return sighold(number);
}

// By number: signal n is bit n - 1.
static int without_ours(int mask)
{
    Guard *guard = guard_hook_game();
    for (int number = 1; guard && number < 32; number++) {
        if (guard_is_ours(number)) {
            mask &= ~(1 << (number - 1));
        }
    }
    return mask;
}

static int hook_sigblock(int mask)
{
    follow(GUARD_MASK, "sigblock");
    return sigblock(without_ours(mask));
}

static int hook_sigsetmask(int mask)
{
    follow(GUARD_MASK, "sigsetmask");
    return sigsetmask(without_ours(mask));
}
#pragma GCC diagnostic pop

// ---------------------------------------------------------------------------------------- at exit

// libc's, declared in no header. atexit itself is part of every library, and calls this.
int __cxa_atexit(void (*function)(void *), void *with, void *library);
int __cxa_at_quick_exit(void (*function)(void *), void *library);

// Dropped: it would run when the library is unloaded, long after the state that it knows.
static bool drops(const char *name)
{
    Guard *guard = guard_hook_game();
    if (guard) {
        guard_note(guard, GUARD_AT_EXIT, name);
    }
    return guard != NULL;
}

static int hook_cxa_atexit(void (*function)(void *), void *with, void *library)
{
    return drops("atexit") ? 0 : __cxa_atexit(function, with, library);
}

static int hook_cxa_at_quick_exit(void (*function)(void *), void *library)
{
    return drops("at_quick_exit") ? 0 : __cxa_at_quick_exit(function, library);
}

static int hook_on_exit(void (*function)(int, void *), void *with)
{
    return drops("on_exit") ? 0 : on_exit(function, with);
}

// ------------------------------------------------------------------------------ folder and locale

static int hook_chdir(const char *path)
{
    follow(GUARD_FOLDER, "chdir");
    return chdir(path);
}

static int hook_fchdir(int fd)
{
    follow(GUARD_FOLDER, "fchdir");
    return fchdir(fd);
}

static int hook_chroot(const char *path)
{
    Guard *guard = guard_hook_game();
    return guard ? refuse(guard, GUARD_FOLDER, "chroot", EPERM) : chroot(path);
}

static mode_t hook_umask(mode_t mode)
{
    follow(GUARD_UMASK, "umask");
    return umask(mode);
}

static char *hook_setlocale(int category, const char *name)
{
    if (name) {
        follow(GUARD_LOCALE, "setlocale");
    }
    return setlocale(category, name);
}

// Of this thread only.
static locale_t hook_uselocale(locale_t wanted)
{
    Guard *guard = guard_hook_call();
    if (guard && wanted) {
        guard_process_before(guard, GUARD_LOCALE, "uselocale");
    }
    return uselocale(wanted);
}

// ------------------------------------------------------------------------------ limits and timers

// The hard limit is left where it is: lowered, it could not be put back.
static int set_limit(int resource, const struct rlimit *wanted, const char *name)
{
    Guard *guard = guard_hook_game();
    struct rlimit now;
    struct rlimit limit = *wanted;
    if (guard && getrlimit((__rlimit_resource_t)resource, &now) == 0) {
        guard_process_before(guard, GUARD_LIMITS, name);
        limit.rlim_max = limit.rlim_max < now.rlim_max ? now.rlim_max : limit.rlim_max;
    }
    return setrlimit((__rlimit_resource_t)resource, &limit);
}

static int hook_setrlimit(int resource, const struct rlimit *limit)
{
    return set_limit(resource, limit, "setrlimit");
}

static int hook_prlimit(pid_t pid, int resource, const struct rlimit *limit, struct rlimit *before)
{
    bool is_self = pid == 0 || pid == getpid();
    if (!limit || !is_self) {
        return prlimit(pid, (__rlimit_resource_t)resource, limit, before);
    }
    if (before && getrlimit((__rlimit_resource_t)resource, before) != 0) {
        return -1;
    }
    return set_limit(resource, limit, "prlimit");
}

// All of the state's reserved address space would have to be filled.
static int hook_mlockall(int flags)
{
    Guard *guard = guard_hook_game();
    return guard ? refuse(guard, GUARD_LIMITS, "mlockall", EPERM) : mlockall(flags);
}

static unsigned hook_alarm(unsigned seconds)
{
    follow(GUARD_TIMERS, "alarm");
    return alarm(seconds);
}

static useconds_t hook_ualarm(useconds_t first, useconds_t interval)
{
    follow(GUARD_TIMERS, "ualarm");
    return ualarm(first, interval);
}

static int hook_setitimer(int which, const struct itimerval *timer, struct itimerval *before)
{
    follow(GUARD_TIMERS, "setitimer");
    return setitimer((__itimer_which_t)which, timer, before);
}

static int hook_timer_create(clockid_t clock, struct sigevent *event, timer_t *timer)
{
    Guard *guard = guard_hook_game();
    if (guard) {
        guard_process_before(guard, GUARD_TIMERS, "timer_create");
    }
    int result = timer_create(clock, event, timer);
    if (guard && result == 0) {
        guard_process_add_timer(guard, *timer);
    }
    return result;
}

static int hook_timer_delete(timer_t timer)
{
    Guard *guard = guard_hook_game();
    if (guard) {
        guard_process_drop_timer(guard, timer);
    }
    return timer_delete(timer);
}

// ----------------------------------------------------------------------------------------- floats

// guard_run compares the control words and puts them back; here it only learns a name.
static void name_float(const char *name)
{
    Guard *guard = guard_hook_call();
    if (guard) {
        atomic_store(&guard->changed_by, name);
    }
}

static int hook_fesetround(int mode)
{
    name_float("fesetround");
    return fesetround(mode);
}

static int hook_fesetenv(const fenv_t *environment)
{
    name_float("fesetenv");
    return fesetenv(environment);
}

static int hook_feupdateenv(const fenv_t *environment)
{
    name_float("feupdateenv");
    return feupdateenv(environment);
}

static int hook_feholdexcept(fenv_t *environment)
{
    name_float("feholdexcept");
    return feholdexcept(environment);
}

static int hook_fesetmode(const femode_t *mode)
{
    name_float("fesetmode");
    return fesetmode(mode);
}

static int hook_feenableexcept(int exceptions)
{
    name_float("feenableexcept");
    return feenableexcept(exceptions);
}

static int hook_fedisableexcept(int exceptions)
{
    name_float("fedisableexcept");
    return fedisableexcept(exceptions);
}

// --------------------------------------------------------------------------------------- children

// What is printed and not written yet would come out of both.
static int fork_as(const char *name, pid_t (*real)(void))
{
    Guard *guard = guard_hook_game();
    if (!guard) {
        return real();
    }
    guard_note(guard, GUARD_CHILD, name);
    (void)fflush(stdout);
    pid_t child = real();
    if (child == 0) {
        guard_process_become_child(guard);
    }
    return child;
}

static pid_t hook_fork(void)
{
    return fork_as("fork", fork);
}

// A vfork would return from this frame before the parent does; a fork is allowed to take its place.
static pid_t hook_vfork(void)
{
    return fork_as("vfork", fork);
}

static pid_t hook__Fork(void)
{
    return fork_as("_Fork", _Fork);
}

// The parent would end.
static int hook_daemon(int keeps_folder, int keeps_files)
{
    Guard *guard = guard_hook_game();
    return guard ? refuse(guard, GUARD_CHILD, "daemon", EPERM) : daemon(keeps_folder, keeps_files);
}

static int hook_system(const char *command)
{
    tell(GUARD_CHILD, "system");
    return system(command);
}

static FILE *hook_popen(const char *command, const char *mode)
{
    tell(GUARD_CHILD, "popen");
    return popen(command, mode);
}

static int hook_posix_spawn(pid_t *child, const char *path, const posix_spawn_file_actions_t *files,
                            const posix_spawnattr_t *attributes, char *const argv[],
                            char *const envp[])
{
    tell(GUARD_CHILD, "posix_spawn");
    return posix_spawn(child, path, files, attributes, argv, envp);
}

static int hook_posix_spawnp(pid_t *child, const char *file,
                             const posix_spawn_file_actions_t *files,
                             const posix_spawnattr_t *attributes, char *const argv[],
                             char *const envp[])
{
    tell(GUARD_CHILD, "posix_spawnp");
    return posix_spawnp(child, file, files, attributes, argv, envp);
}

// --------------------------------------------------------------------------------- other programs

// The session would be gone. In a child that the game forked it is what one does; what that becomes
// may outlive us.
static bool may_become(const char *name)
{
    Guard *guard = NULL;
    switch (guard_hook_place(&guard)) {
    case HOOK_CALL:
    case HOOK_THREAD:
        (void)refuse(guard, GUARD_PROGRAM, name, EPERM);
        return false;
    case HOOK_CHILD:
        (void)prctl(PR_SET_PDEATHSIG, 0);
        return true;
    case HOOK_PLAIN:
        break;
    }
    return true;
}

static int hook_execv(const char *path, char *const argv[])
{
    return may_become("execv") ? execv(path, argv) : -1;
}

static int hook_execve(const char *path, char *const argv[], char *const envp[])
{
    return may_become("execve") ? execve(path, argv, envp) : -1;
}

static int hook_execvp(const char *file, char *const argv[])
{
    return may_become("execvp") ? execvp(file, argv) : -1;
}

static int hook_execvpe(const char *file, char *const argv[], char *const envp[])
{
    return may_become("execvpe") ? execvpe(file, argv, envp) : -1;
}

static int hook_fexecve(int fd, char *const argv[], char *const envp[])
{
    return may_become("fexecve") ? fexecve(fd, argv, envp) : -1;
}

static int hook_execveat(int folder, const char *path, char *const argv[], char *const envp[],
                         int flags)
{
    return may_become("execveat") ? execveat(folder, path, argv, envp, flags) : -1;
}

enum { EXEC_WORDS_MAX = 256 };

// Up to the NULL that ends them; false: too many.
static bool collect(char *argv[EXEC_WORDS_MAX], const char *first, va_list args)
{
    const char *word = first;
    for (size_t i = 0; i < EXEC_WORDS_MAX; i++) {
        memcpy(&argv[i], &word, sizeof(word)); // exec's types say that it would change the words
        if (!word) {
            return true;
        }
        word = va_arg(args, const char *);
    }
    errno = E2BIG;
    return false;
}

static int hook_execl(const char *path, const char *first, ...)
{
    char *argv[EXEC_WORDS_MAX];
    va_list args;
    va_start(args, first);
    bool fits = may_become("execl") && collect(argv, first, args);
    va_end(args);
    return fits ? execv(path, argv) : -1;
}

static int hook_execlp(const char *file, const char *first, ...)
{
    char *argv[EXEC_WORDS_MAX];
    va_list args;
    va_start(args, first);
    bool fits = may_become("execlp") && collect(argv, first, args);
    va_end(args);
    return fits ? execvp(file, argv) : -1;
}

static int hook_execle(const char *path, const char *first, ...)
{
    char *argv[EXEC_WORDS_MAX];
    va_list args;
    va_start(args, first);
    bool fits = may_become("execle") && collect(argv, first, args);
    char *const *envp = fits ? va_arg(args, char *const *) : NULL;
    va_end(args);
    return fits ? execve(path, argv, envp) : -1;
}

// Who the process is: other rights than those that the session's files were opened with.
#define REFUSE_IDENTITY(name, parameters, arguments)                                               \
    static int hook_##name parameters                                                              \
    {                                                                                              \
        Guard *guard = guard_hook_game();                                                          \
        return guard ? refuse(guard, GUARD_LIMITS, #name, EPERM) : name arguments;                 \
    }
REFUSE_IDENTITY(setuid, (uid_t id), (id))
REFUSE_IDENTITY(setgid, (gid_t id), (id))
REFUSE_IDENTITY(seteuid, (uid_t id), (id))
REFUSE_IDENTITY(setegid, (gid_t id), (id))
REFUSE_IDENTITY(setreuid, (uid_t real, uid_t effective), (real, effective))
REFUSE_IDENTITY(setregid, (gid_t real, gid_t effective), (real, effective))
REFUSE_IDENTITY(setresuid, (uid_t real, uid_t effective, uid_t saved), (real, effective, saved))
REFUSE_IDENTITY(setresgid, (gid_t real, gid_t effective, gid_t saved), (real, effective, saved))
REFUSE_IDENTITY(setgroups, (size_t count, const gid_t *groups), (count, groups))
REFUSE_IDENTITY(initgroups, (const char *user, gid_t group), (user, group))
REFUSE_IDENTITY(setsid, (void), ())
REFUSE_IDENTITY(setpgid, (pid_t process, pid_t group), (process, group))

static int hook_prctl(int option, unsigned long a, unsigned long b, unsigned long c,
                      unsigned long d)
{
    Guard *guard = guard_hook_game();
    bool is_ours = option == PR_SET_PDEATHSIG || option == PR_SET_SECCOMP
                   || option == PR_SET_DUMPABLE || option == PR_SET_MM;
    return guard && is_ours ? refuse(guard, GUARD_LIMITS, "prctl", EPERM)
                            : prctl(option, a, b, c, d);
}

// ------------------------------------------------------------------------------------ descriptors

// The guard when `fd` is to stay open whatever the game does.
static Guard *owner_of(int fd)
{
    Guard *guard = guard_hook_game();
    return guard && guard_process_owns(guard, fd) ? guard : NULL;
}

static int hook_close(int fd)
{
    Guard *guard = owner_of(fd);
    return guard ? refuse(guard, GUARD_DESCRIPTOR, "close", EBADF) : close(fd);
}

// In the runs between those that are ours.
static int close_between(unsigned first, unsigned last, int flags, const char *name)
{
    Guard *guard = guard_hook_game();
    int result = 0;
    if (!guard || (flags & (int)CLOSE_RANGE_CLOEXEC) != 0) {
        return close_range(first, last, flags);
    }
    for (unsigned fd = first; fd <= last && fd < PROCESS_DESCRIPTORS && result == 0; fd++) {
        if (guard_process_owns(guard, (int)fd)) {
            guard_note(guard, GUARD_DESCRIPTOR, name);
            result = fd > first ? close_range(first, fd - 1, flags) : 0;
            first = fd + 1;
        }
    }
    return result == 0 && first <= last ? close_range(first, last, flags) : result;
}

static int hook_close_range(unsigned first, unsigned last, int flags)
{
    return close_between(first, last, flags, "close_range");
}

static void hook_closefrom(int first)
{
    (void)close_between(first > 0 ? (unsigned)first : 0, ~0u, 0, "closefrom");
}

static int hook_dup2(int from, int to)
{
    Guard *guard = from != to ? owner_of(to) : NULL;
    return guard ? refuse(guard, GUARD_DESCRIPTOR, "dup2", EBADF) : dup2(from, to);
}

static int hook_dup3(int from, int to, int flags)
{
    Guard *guard = owner_of(to);
    return guard ? refuse(guard, GUARD_DESCRIPTOR, "dup3", EBADF) : dup3(from, to, flags);
}

// stdin, stdout and stderr are the only streams of ours that a game can get hold of.
static int hook_fclose(FILE *file)
{
    Guard *guard = owner_of(fileno(file));
    return guard ? refuse(guard, GUARD_DESCRIPTOR, "fclose", EBADF) : fclose(file);
}

static FILE *hook_freopen(const char *path, const char *mode, FILE *file)
{
    Guard *guard = owner_of(fileno(file));
    if (guard) {
        (void)refuse(guard, GUARD_DESCRIPTOR, "freopen", EBADF);
        return NULL;
    }
    return freopen(path, mode, file);
}

// -------------------------------------------------------------------------- system calls by number

static long hook_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    switch (number) {
    case SYS_exit:
    case SYS_exit_group:
        guard_hook_exit_now((int)a);
    case SYS_close:
        return hook_close((int)a);
    case SYS_close_range:
        return hook_close_range((unsigned)a, (unsigned)b, (int)c);
    case SYS_dup2:
        return hook_dup2((int)a, (int)b);
    case SYS_dup3:
        return hook_dup3((int)a, (int)b, (int)c);
    case SYS_fork:
    case SYS_vfork:
        return hook_fork();
    case SYS_execve:
    case SYS_execveat:
        return may_become("execve") ? syscall(number, a, b, c, d, e, f) : -1;
    default:
        return syscall(number, a, b, c, d, e, f);
    }
}

// -------------------------------------------------------------------------------------- the table

#define HOOK(name, function)                                                                       \
    {                                                                                              \
        name, (void *)function                                                                     \
    }

// ------------------------------------------------------------------------ signals that it sends

// One that the game sends to itself and that would end the program, or stop it, ends the call.
static void end_if_fatal(int number, const char *name)
{
    Guard *guard = guard_hook_call();
    struct sigaction now;
    bool is_fault = number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL
                    || number == SIGTRAP || number == SIGABRT; // those are told with their place
    if (!guard || number <= 0 || is_fault) {
        return;
    }
    bool is_ours = number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGKILL
                   || number == SIGSTOP;
    bool is_harmless =
        number == SIGCHLD || number == SIGURG || number == SIGWINCH || number == SIGCONT;
    bool is_default = sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_DFL;
    if (is_ours || (is_default && !is_harmless)) {
        const char *word = sigabbrev_np(number);
        guard_hook_end(guard, GUARD_EXITED, "%s(SIG%s)", name, word ? word : "?");
    }
}

static int hook_raise(int number)
{
    end_if_fatal(number, "raise");
    return raise(number);
}

static int hook_kill(pid_t pid, int number)
{
    if (pid == getpid() || pid == 0 || pid == -1 || pid == -getpgrp()) {
        end_if_fatal(number, "kill");
    }
    return kill(pid, number);
}

static int hook_pthread_kill(pthread_t thread, int number)
{
    end_if_fatal(number, "pthread_kill");
    return pthread_kill(thread, number);
}

static const NamedFunction OF_PROCESS[] = {
    HOOK("raise", hook_raise),
    HOOK("kill", hook_kill),
    HOOK("pthread_kill", hook_pthread_kill),
    HOOK("sigaction", hook_sigaction),
    HOOK("signal", hook_signal),
    HOOK("bsd_signal", hook_signal),
    HOOK("ssignal", hook_signal),
    HOOK("sysv_signal", hook_sysv_signal),
    HOOK("__sysv_signal", hook_sysv_signal),
    HOOK("sigaltstack", hook_sigaltstack),
    HOOK("sigprocmask", hook_sigprocmask),
    HOOK("pthread_sigmask", hook_pthread_sigmask),
    HOOK("sigset", hook_sigset),
    HOOK("sigignore", hook_sigignore),
    HOOK("siginterrupt", hook_siginterrupt),
    HOOK("sighold", hook_sighold),
    HOOK("sigblock", hook_sigblock),
    HOOK("sigsetmask", hook_sigsetmask),
    HOOK("__cxa_atexit", hook_cxa_atexit),
    HOOK("__cxa_at_quick_exit", hook_cxa_at_quick_exit),
    HOOK("on_exit", hook_on_exit),
    HOOK("chdir", hook_chdir),
    HOOK("fchdir", hook_fchdir),
    HOOK("chroot", hook_chroot),
    HOOK("umask", hook_umask),
    HOOK("setlocale", hook_setlocale),
    HOOK("uselocale", hook_uselocale),
    HOOK("setrlimit", hook_setrlimit),
    HOOK("setrlimit64", hook_setrlimit),
    HOOK("prlimit", hook_prlimit),
    HOOK("prlimit64", hook_prlimit),
    HOOK("mlockall", hook_mlockall),
    HOOK("alarm", hook_alarm),
    HOOK("ualarm", hook_ualarm),
    HOOK("setitimer", hook_setitimer),
    HOOK("timer_create", hook_timer_create),
    HOOK("timer_delete", hook_timer_delete),
    HOOK("fesetround", hook_fesetround),
    HOOK("fesetenv", hook_fesetenv),
    HOOK("feupdateenv", hook_feupdateenv),
    HOOK("feholdexcept", hook_feholdexcept),
    HOOK("fesetmode", hook_fesetmode),
    HOOK("feenableexcept", hook_feenableexcept),
    HOOK("fedisableexcept", hook_fedisableexcept),
    HOOK("fork", hook_fork),
    HOOK("__fork", hook_fork),
    HOOK("vfork", hook_vfork),
    HOOK("_Fork", hook__Fork),
    HOOK("daemon", hook_daemon),
    HOOK("system", hook_system),
    HOOK("popen", hook_popen),
    HOOK("posix_spawn", hook_posix_spawn),
    HOOK("posix_spawnp", hook_posix_spawnp),
    HOOK("execv", hook_execv),
    HOOK("execve", hook_execve),
    HOOK("execvp", hook_execvp),
    HOOK("execvpe", hook_execvpe),
    HOOK("fexecve", hook_fexecve),
    HOOK("execveat", hook_execveat),
    HOOK("execl", hook_execl),
    HOOK("execlp", hook_execlp),
    HOOK("execle", hook_execle),
    HOOK("setuid", hook_setuid),
    HOOK("setgid", hook_setgid),
    HOOK("seteuid", hook_seteuid),
    HOOK("setegid", hook_setegid),
    HOOK("setreuid", hook_setreuid),
    HOOK("setregid", hook_setregid),
    HOOK("setresuid", hook_setresuid),
    HOOK("setresgid", hook_setresgid),
    HOOK("setgroups", hook_setgroups),
    HOOK("initgroups", hook_initgroups),
    HOOK("setsid", hook_setsid),
    HOOK("setpgid", hook_setpgid),
    HOOK("prctl", hook_prctl),
    HOOK("close", hook_close),
    HOOK("__close", hook_close),
    HOOK("close_range", hook_close_range),
    HOOK("closefrom", hook_closefrom),
    HOOK("dup2", hook_dup2),
    HOOK("dup3", hook_dup3),
    HOOK("fclose", hook_fclose),
    HOOK("freopen", hook_freopen),
    HOOK("freopen64", hook_freopen),
    HOOK("syscall", hook_syscall),
};

const NamedFunction *guard_hooks_of_process(size_t *count)
{
    *count = COUNT_OF(OF_PROCESS);
    return OF_PROCESS;
}
