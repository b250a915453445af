// What a call may change about the process, and putting it back. The hooks say what may have
// changed (guard_process_before), so a call that changes nothing costs nothing; after a crash, and
// once a second, everything is looked at. What the game put back itself was no change.
#include "guard_process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

// Contents: folder, locale, limits, timers, signals, descriptors, all of them, children, opening.

static const int ITIMERS[PROCESS_ITIMERS] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};

// ------------------------------------------------------------------------------ folder, locale ...

static void save_folder(GuardSaved *saved)
{
    int folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0 && saved->folder >= 0) { // the same number: the old one may be kept
        (void)dup3(folder, saved->folder, O_CLOEXEC);
        close(folder);
    } else if (folder >= 0) {
        saved->folder = folder;
    }
}

static bool put_folder_back(GuardSaved *saved)
{
    struct stat then, now;
    if (saved->folder < 0 || fstat(saved->folder, &then) != 0) {
        return false;
    }
    bool is_same = stat(".", &now) == 0 && now.st_dev == then.st_dev && now.st_ino == then.st_ino;
    return !is_same && fchdir(saved->folder) == 0;
}

static void save_locale(Guard *guard)
{
    const char *name = setlocale(LC_ALL, NULL);
    GuardSaved *saved = guard->saved;
    if (!name || !text_format(saved->locale, sizeof(saved->locale), "%s", name)) {
        saved->locale[0] = '\0';
    }
    if (pthread_equal(pthread_self(), guard->thread)) {
        saved->thread_locale = uselocale((locale_t)0);
    }
}

// Asking takes no lock, setting does: not after a call that may hold it for ever.
static bool put_locale_back(Guard *guard)
{
    GuardSaved *saved = guard->saved;
    const char *name = setlocale(LC_ALL, NULL);
    bool changed = false;
    if (uselocale((locale_t)0) != saved->thread_locale) {
        (void)uselocale(saved->thread_locale);
        changed = true;
    }
    if (saved->locale[0] && name && strcmp(name, saved->locale) != 0) {
        (void)setlocale(LC_ALL, saved->locale);
        changed = true;
    }
    return changed;
}

static bool put_umask_back(GuardSaved *saved)
{
    return umask(saved->umask) != saved->umask;
}

static void save_umask(GuardSaved *saved)
{
    saved->umask = umask(077); // there is no asking; stricter for the moment
    (void)umask(saved->umask);
}

static void save_limits(GuardSaved *saved)
{
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        (void)getrlimit((__rlimit_resource_t)i, &saved->limits[i]);
    }
}

static bool put_limits_back(GuardSaved *saved)
{
    bool changed = false;
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        struct rlimit now;
        const struct rlimit *then = &saved->limits[i];
        if (getrlimit((__rlimit_resource_t)i, &now) == 0
            && (now.rlim_cur != then->rlim_cur || now.rlim_max != then->rlim_max)) {
            changed = setrlimit((__rlimit_resource_t)i, then) == 0 || changed;
        }
    }
    return changed;
}

// ----------------------------------------------------------------------------------------- timers

static void save_timers(GuardSaved *saved)
{
    for (int i = 0; i < PROCESS_ITIMERS; i++) {
        (void)getitimer((__itimer_which_t)ITIMERS[i], &saved->itimers[i]);
    }
}

static bool is_set(const struct itimerval *timer)
{
    return timer->it_value.tv_sec != 0 || timer->it_value.tv_usec != 0;
}

// What remains of a timer changes by itself; whether it runs and how often does not.
static bool is_same_timer(const struct itimerval *a, const struct itimerval *b)
{
    return is_set(a) == is_set(b) && a->it_interval.tv_sec == b->it_interval.tv_sec
           && a->it_interval.tv_usec == b->it_interval.tv_usec;
}

static bool put_timers_back(GuardSaved *saved)
{
    bool changed = false;
    for (int i = 0; i < PROCESS_ITIMERS; i++) {
        struct itimerval now;
        __itimer_which_t which = (__itimer_which_t)ITIMERS[i];
        if (getitimer(which, &now) == 0 && !is_same_timer(&now, &saved->itimers[i])) {
            changed = setitimer(which, &saved->itimers[i], NULL) == 0 || changed;
        }
    }
    uint32_t count = atomic_exchange(&saved->timer_count, 0);
    for (uint32_t i = 0; i < count && i < PROCESS_TIMERS; i++) {
        changed = timer_delete(saved->timers[i]) == 0 || changed;
    }
    return changed;
}

void guard_process_add_timer(Guard *guard, timer_t timer)
{
    GuardSaved *saved = guard->saved;
    uint32_t at = atomic_load(&saved->timer_count);
    if (at < PROCESS_TIMERS) {
        saved->timers[at] = timer;
        atomic_store(&saved->timer_count, at + 1);
    }
}

void guard_process_drop_timer(Guard *guard, timer_t timer)
{
    GuardSaved *saved = guard->saved;
    uint32_t count = atomic_load(&saved->timer_count);
    for (uint32_t i = 0; i < count; i++) {
        if (saved->timers[i] == timer) {
            saved->timers[i] = saved->timers[count - 1];
            atomic_store(&saved->timer_count, count - 1);
            return;
        }
    }
}

// ---------------------------------------------------------------------------------------- signals

// Only the first word of a mask is the kernel's.
static bool is_same_mask(const sigset_t *a, const sigset_t *b)
{
    for (int number = 1; number < PROCESS_SIGNALS; number++) {
        if (sigismember(a, number) != sigismember(b, number)) {
            return false;
        }
    }
    return true;
}

static bool put_mask_back(Guard *guard)
{
    sigset_t now;
    bool refused = atomic_exchange(&guard->saved->mask_refused, false);
    if (pthread_sigmask(SIG_SETMASK, NULL, &now) != 0 || is_same_mask(&now, &guard->mask)) {
        return refused;
    }
    (void)pthread_sigmask(SIG_SETMASK, &guard->mask, NULL);
    return true;
}

// Without a handler the flags mean nothing; signal(2) sets some when it puts SIG_DFL back.
static bool is_same_handler(const struct sigaction *a, const struct sigaction *b)
{
    bool is_none = a->sa_handler == SIG_DFL || a->sa_handler == SIG_IGN;
    return a->sa_handler == b->sa_handler && (is_none || a->sa_flags == b->sa_flags);
}

static bool put_handlers_back(GuardSaved *saved)
{
    bool changed = false;
    uint64_t handled = atomic_exchange(&saved->handled, 0);
    for (int number = 1; number < PROCESS_SIGNALS; number++) {
        struct sigaction now;
        if ((handled >> (number - 1) & 1) != 0 && sigaction(number, NULL, &now) == 0
            && !is_same_handler(&now, &saved->handlers[number])) {
            changed = sigaction(number, &saved->handlers[number], NULL) == 0 || changed;
        }
    }
    return changed;
}

static void save_own_handlers(GuardSaved *saved)
{
    for (int number = 1; number < PROCESS_SIGNALS; number++) {
        if (guard_is_ours(number)) {
            (void)sigaction(number, NULL, &saved->ours[number]);
        }
    }
    saved->knows_ours = true;
}

// By ways that no hook sees: a constructor, a library of the game's.
static bool put_own_handlers_back(GuardSaved *saved)
{
    bool changed = false;
    if (!saved->knows_ours) {
        save_own_handlers(saved);
    }
    for (int number = 1; number < PROCESS_SIGNALS; number++) {
        struct sigaction now;
        if (!guard_is_ours(number) || sigaction(number, NULL, &now) != 0
            || is_same_handler(&now, &saved->ours[number])) {
            continue;
        }
        // Ours does this itself, so that the second Ctrl-C ends a runtime that does not answer.
        bool ends = number == SIGINT || number == SIGTERM || number == SIGHUP;
        if (!ends || now.sa_handler != SIG_DFL) {
            changed = sigaction(number, &saved->ours[number], NULL) == 0 || changed;
        }
    }
    return changed;
}

void guard_process_before_handler(Guard *guard, int number, const char *by)
{
    GuardSaved *saved = guard->saved;
    if (number < 1 || number >= PROCESS_SIGNALS) {
        return;
    }
    uint64_t bit = UINT64_C(1) << (number - 1);
    if ((atomic_load(&saved->handled) & bit) == 0
        && sigaction(number, NULL, &saved->handlers[number]) == 0) {
        atomic_fetch_or(&saved->handled, bit);
    }
    guard_process_before(guard, GUARD_HANDLERS, by);
}

// ------------------------------------------------------------------------------------ descriptors

static bool is_kept(const GuardSaved *saved, int fd)
{
    return fd >= 0 && fd < PROCESS_DESCRIPTORS && (saved->is_kept[fd / 64] >> (fd % 64) & 1) != 0;
}

static void forget(GuardSaved *saved, int fd)
{
    saved->is_kept[fd / 64] &= ~(UINT64_C(1) << (fd % 64));
}

static void keep(GuardSaved *saved, int fd)
{
    struct stat info;
    if (fd >= 0 && fd < PROCESS_DESCRIPTORS && fstat(fd, &info) == 0) {
        saved->descriptors[fd] = (ProcessDescriptor){info.st_dev, info.st_ino};
        saved->is_kept[fd / 64] |= UINT64_C(1) << (fd % 64);
    }
}

static bool is_what_it_was(const GuardSaved *saved, int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && info.st_dev == saved->descriptors[fd].device
           && info.st_ino == saved->descriptors[fd].inode;
}

// One that we have closed ourselves since may be anybody's by now.
bool guard_process_owns(Guard *guard, int fd)
{
    GuardSaved *saved = guard->saved;
    if (!is_kept(saved, fd)) {
        return false;
    }
    if (!is_what_it_was(saved, fd)) {
        forget(saved, fd);
        return false;
    }
    return true;
}

_Static_assert(sizeof(GuardDescriptors) * 8 == PROCESS_DESCRIPTORS, "a bit for each");

void guard_see_descriptors(GuardDescriptors *before)
{
    DIR *open_ones = opendir("/proc/self/fd");
    *before = (GuardDescriptors){0};
    for (struct dirent *entry; open_ones && (entry = readdir(open_ones)) != NULL;) {
        long fd = strtol(entry->d_name, NULL, 10);
        if (entry->d_name[0] != '.' && fd != dirfd(open_ones) && fd < PROCESS_DESCRIPTORS) {
            before->is_open[fd / 64] |= UINT64_C(1) << (fd % 64);
        }
    }
    if (open_ones) {
        closedir(open_ones);
    }
}

void guard_keep_new_descriptors(Guard *guard, const GuardDescriptors *before)
{
    GuardDescriptors now;
    guard_see_descriptors(&now);
    for (int fd = 0; fd < PROCESS_DESCRIPTORS; fd++) {
        if ((now.is_open[fd / 64] & ~before->is_open[fd / 64]) >> (fd % 64) & 1) {
            keep(guard->saved, fd);
        }
    }
}

void guard_keep_descriptors(Guard *guard)
{
    static const GuardDescriptors NONE;
    GuardSaved *saved = guard->saved;
    memset(saved->is_kept, 0, sizeof(saved->is_kept));
    guard_keep_new_descriptors(guard, &NONE);
    save_folder(saved);
    save_locale(guard);
    save_umask(saved);
    save_limits(saved);
    save_own_handlers(saved);
}

// Without one of the first three, the next file that anybody opens would receive what is printed.
static void fill_standard(int fd)
{
    int other = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (other >= 0 && other != fd) {
        (void)dup2(other, fd);
        close(other);
    }
}

// What the runtime closes itself - a pad that is pulled, a recording that ends - looks the same as
// what the game closed by a way that no hook sees, so of those a loss is forgotten without a word.
static bool look_at_descriptors(GuardSaved *saved)
{
    bool lost = false;
    for (int fd = 0; fd < PROCESS_DESCRIPTORS; fd++) {
        if (!is_kept(saved, fd) || is_what_it_was(saved, fd)) {
            continue;
        }
        forget(saved, fd);
        if (fd <= STDERR_FILENO) {
            if (fcntl(fd, F_GETFD) < 0) {
                fill_standard(fd);
            }
            keep(saved, fd);
            lost = true;
        }
    }
    return lost;
}

// ------------------------------------------------------------------------------------ all of them

void guard_process_before(Guard *guard, unsigned bit, const char *by)
{
    GuardSaved *saved = guard->saved;
    bool is_first = (atomic_load(&guard->to_restore) & bit) == 0;
    atomic_store(&saved->by[__builtin_ctz(bit)], by);
    if (!is_first) {
        return;
    }
    switch (bit) {
    case GUARD_LOCALE:
        save_locale(guard);
        break;
    case GUARD_FOLDER:
        save_folder(saved);
        break;
    case GUARD_LIMITS:
        save_limits(saved);
        break;
    case GUARD_TIMERS:
        save_timers(saved);
        break;
    case GUARD_UMASK:
        save_umask(saved);
        break;
    default: // the mask is in the guard, handlers are saved one by one
        break;
    }
    atomic_fetch_or(&guard->to_restore, bit);
}

// The GUARD_ bits of what had changed. `may_lock`: nobody is stopped in the middle of libc.
static unsigned put_back(Guard *guard, unsigned wanted, bool may_lock)
{
    GuardSaved *saved = guard->saved;
    unsigned changed = 0;
    changed |= wanted & GUARD_MASK && put_mask_back(guard) ? GUARD_MASK : 0u;
    changed |= wanted & GUARD_HANDLERS && put_handlers_back(saved) ? GUARD_HANDLERS : 0u;
    changed |= wanted & GUARD_FOLDER && put_folder_back(saved) ? GUARD_FOLDER : 0u;
    changed |= wanted & GUARD_LIMITS && put_limits_back(saved) ? GUARD_LIMITS : 0u;
    changed |= wanted & GUARD_TIMERS && put_timers_back(saved) ? GUARD_TIMERS : 0u;
    changed |= wanted & GUARD_UMASK && put_umask_back(saved) ? GUARD_UMASK : 0u;
    if (may_lock) {
        changed |= wanted & GUARD_LOCALE && put_locale_back(guard) ? GUARD_LOCALE : 0u;
    }
    return changed;
}

// Not timers, whose value before is only known where a hook has seen the change; nor limits, which
// SDL changes for its sound thread (RLIMIT_RTTIME).
static const unsigned EVERYTHING =
    GUARD_MASK | GUARD_HANDLERS | GUARD_FOLDER | GUARD_UMASK | GUARD_LOCALE;

void guard_process_restore(Guard *guard, bool all)
{
    GuardSaved *saved = guard->saved;
    if (guard_process_is_child(guard)) {
        _exit(all ? EXIT_GAME : EXIT_OK); // the window is the parent's, and so is what comes next
    }
    unsigned wanted = atomic_exchange(&guard->to_restore, 0);
    unsigned changed =
        put_back(guard, all ? wanted | EVERYTHING : wanted, !all || !guard->report->doubt);
    for (int i = 0; i < PROCESS_BITS; i++) {
        const char *by = atomic_exchange(&saved->by[i], NULL);
        if (changed >> i & 1) {
            guard_note(guard, 1u << i, by);
        }
    }
    atomic_fetch_and(&guard->to_restore, ~changed); // guard_note means well
}

unsigned guard_check_process(Guard *guard)
{
    GuardSaved *saved = guard->saved;
    unsigned pending = atomic_exchange(&guard->to_restore, 0); // of threads of the game
    unsigned changed = put_back(guard, pending | EVERYTHING, true);
    if (!guard->config.stands_back && put_own_handlers_back(saved)) {
        changed |= GUARD_HANDLERS;
    }
    if (look_at_descriptors(saved)) {
        changed |= GUARD_DESCRIPTOR;
    }
    return changed;
}

// --------------------------------------------------------------------------------------- children

bool guard_process_is_child(const Guard *guard)
{
    return atomic_load_explicit(&guard->saved->is_child, memory_order_relaxed);
}

// The call goes on, and on its way out it comes by guard_process_restore.
void guard_process_become_child(Guard *guard)
{
    atomic_store(&guard->saved->is_child, true);
    atomic_fetch_or(&guard->to_restore, GUARD_MASK);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); // an endless loop in it has no watchdog
}

// In the child of any fork, of a library's too. Ours fork only outside of calls.
static void after_fork(void)
{
    Guard *guard = guard_of_process();
    if (guard && !guard->config.stands_back && guard_is_running(guard)) {
        guard_process_become_child(guard);
    }
}

// A library that the game uses has called exit, which no hook sees. By now libc has run some of
// what is to run at exit, so the report leaves no doubt that the process is to be started again.
static void at_exit(int status, void *with)
{
    (void)with;
    Guard *guard = NULL;
    HookPlace place = guard_hook_place(&guard);
    if (place == HOOK_CHILD) {
        _exit(status);
    }
    if (place == HOOK_CALL) {
        GuardReport *report = guard_tell(guard, GUARD_EXITED);
        report->exit_code = status;
        report->doubt = true;
        (void)text_format(report->doubt_in, sizeof(report->doubt_in), "exit");
        (void)text_format(report->text, sizeof(report->text), "a library called exit(%d)", status);
        guard_leave(guard);
    }
}

static void register_once(void)
{
    (void)pthread_atfork(NULL, NULL, after_fork);
    (void)on_exit(at_exit, NULL);
}

// ---------------------------------------------------------------------------------------- opening

bool guard_process_open(Guard *guard, Arena *arena, Fault *fault)
{
    // Once a process, because libc cannot be told to forget them.
    static pthread_once_t registered = PTHREAD_ONCE_INIT;
    (void)fault;
    GuardSaved *saved = ARENA_NEW(arena, GuardSaved, 1);
    saved->folder = -1;
    guard->saved = saved;
    save_folder(saved);
    save_locale(guard);
    save_umask(saved);
    save_limits(saved);
    return pthread_once(&registered, register_once) == 0;
}

void guard_process_close(Guard *guard)
{
    if (guard->saved && guard->saved->folder >= 0) {
        close(guard->saved->folder);
    }
    guard->saved = NULL;
}
