// The watchdog: a thread that looks a few times in each period whether the same call still runs. It
// counts its own looks instead of asking a clock, so a process that was stopped (SIGSTOP, a
// debugger, a laptop's lid) did not hang.
#include "guard_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    LOOKS = 8, // in the time that a call is given
    LOOK_MAX_MS = 250,
    INSIST_NS = 500000000, // for a library's function to return, before the call ends in the middle
    GIVE_UP_NS = 1500000000 // for the signal to have any effect
};

static int look_ms(const Guard *guard)
{
    uint64_t hang_ns = atomic_load(&guard->hang_ns);
    if (hang_ns == 0) {
        return -1;
    }
    uint64_t ms = hang_ns / LOOKS / NS_PER_MS;
    return ms < 1 ? 1 : ms > LOOK_MAX_MS ? LOOK_MAX_MS : (int)ms;
}

static _Noreturn void give_up(Guard *guard, uint64_t hung_ns)
{
    static GuardReport report;
    report = (GuardReport){.end = GUARD_HUNG, .ran_ns = hung_ns, .doubt = true};
    (void)text_format(report.doubt_in, sizeof(report.doubt_in), "?");
    if (guard->config.give_up) {
        guard->config.give_up(guard->config.with, &report);
    }
    abort();
}

static void act(Guard *guard, uint64_t hung_ns)
{
    char who[80];
    uint64_t hang_ns = atomic_load(&guard->hang_ns);
    if (guard->config.stands_back || guard_is_traced(who, sizeof(who))) {
        return;
    }
    atomic_store(&guard->hung_ns, hung_ns);
    atomic_store(&guard->insists, hung_ns >= hang_ns + INSIST_NS);
    if (hung_ns >= hang_ns + INSIST_NS + GIVE_UP_NS) {
        give_up(guard, hung_ns);
    }
    syscall(SYS_tgkill, getpid(), guard->tid, guard_watch_signal());
}

static void *watch(void *with)
{
    Guard *guard = with;
    uint64_t serial = 0, hung_ns = 0;
    while (!atomic_load(&guard->watch_ends)) {
        int ms = look_ms(guard);
        struct pollfd wake = {.fd = guard->watch_fd, .events = POLLIN};
        if (poll(&wake, 1, ms) != 0) {
            uint64_t count;
            (void)!read(guard->watch_fd, &count, sizeof(count));
            hung_ns = 0;
            continue;
        }
        uint64_t now = atomic_load_explicit(&guard->serial, memory_order_relaxed);
        hung_ns = now % 2 == 1 && now == serial ? hung_ns + (uint64_t)ms * NS_PER_MS : 0;
        serial = now;
        if (hung_ns > 0 && hung_ns >= atomic_load(&guard->hang_ns)) {
            act(guard, hung_ns);
        }
    }
    return NULL;
}

bool guard_watch_begin(Guard *guard, Fault *fault)
{
    sigset_t all, was;
    guard->watch_fd = eventfd(0, EFD_CLOEXEC);
    if (guard->watch_fd < 0) {
        return fault_set(fault, FAULT_MEMORY, "eventfd: %s", strerror(errno));
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &was); // signals are for the frame loop's thread
    int error = pthread_create(&guard->watchdog, NULL, watch, guard);
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    if (error != 0) {
        return fault_set(fault, FAULT_MEMORY, "no thread for the watchdog: %s", strerror(error));
    }
    guard->has_watchdog = true;
    (void)pthread_setname_np(guard->watchdog, "hotloop guard");
    return true;
}

void guard_watch_end(Guard *guard)
{
    if (guard->has_watchdog) {
        atomic_store(&guard->watch_ends, true);
        guard_set_hang(guard, 0);
        pthread_join(guard->watchdog, NULL);
        guard->has_watchdog = false;
    }
    if (guard->watch_fd >= 0) {
        close(guard->watch_fd);
        guard->watch_fd = -1;
    }
}
