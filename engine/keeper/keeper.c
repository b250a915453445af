#include "keeper_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STOP_FIRST_MS = 1000, // a session that has not heard by then is told again
    STOP_LAST_MS = 2000,  // and then not asked any more
    STOP_LOOK_MS = 100,
    OOM_MORE = 100 // of 1000: when memory runs out, the session goes before its keeper
};

typedef struct Keeper {
    KeeperLink *link;
    KeeperOrders orders; // of the process that runs
    pid_t session;
    int signals, socket;
    sigset_t mask_before;
    KeeperHistory history;
    KeeperDeaths deaths;
    int stop_signal;
    uint64_t stop_ns;
    bool told_again;
} Keeper;

// ---------------------------------------------------------------------------------- a new process

static void raise_oom_score(void)
{
    char text[32] = {0};
    int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    long score = read(fd, text, sizeof(text) - 1) > 0 ? strtol(text, NULL, 10) + OOM_MORE : 0;
    int length = snprintf(text, sizeof(text), "%ld", score < 1000 ? score : 1000);
    (void)!pwrite(fd, text, (size_t)length, 0);
    close(fd);
}

// In the child. A keeper that died before the wish to follow it was made is noticed, too.
static void become_session(Keeper *keeper)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != keeper->orders.keeper) {
        _exit(EXIT_OK);
    }
    raise_oom_score();
    (void)sigprocmask(SIG_SETMASK, &keeper->mask_before, NULL);
    keeper->link->orders = keeper->orders;
    keeper->link->socket = keeper->orders.link;
}

_Noreturn static void become_next(Keeper *keeper)
{
    const KeeperOrders *orders = &keeper->orders;
    const int stay[] = {keeper->link->page, orders->link, orders->lock, orders->store,
                        orders->history};
    become_session(keeper);
    keeper_leave_open(stay, COUNT_OF(stay));
    (void)execve("/proc/self/exe", keeper->link->argv, keeper->link->envp);
    log_line(LOG_ERROR, "the session cannot be started again: %s", strerror(errno));
    keeper_end(keeper->link, EXIT_BUG);
    _exit(EXIT_BUG);
}

// 0 in the child, which is the session; -1: there can be none.
static pid_t start(Keeper *keeper)
{
    int ends[2];
    KeeperOrders *orders = &keeper->orders;
    keeper_drop(&keeper->socket);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return -1;
    }
    keeper->socket = ends[0];
    orders->link = ends[1];
    orders->keeper = (int32_t)getpid();
    pid_t pid = keeper_put(keeper->link->page, PAGE_ORDERS, orders, sizeof(*orders)) ? fork() : -1;
    if (pid == 0 && orders->life > 1) {
        become_next(keeper);
    } else if (pid == 0) {
        become_session(keeper);
        keeper_drop(&keeper->socket);
        keeper_drop(&keeper->signals);
        return 0;
    }
    close(ends[1]);
    keeper->session = pid;
    return pid;
}

// ---------------------------------------------------------------------------------------- messages

static void take_messages(Keeper *keeper)
{
    KeeperMessage message;
    int fds[KEEPER_FDS_MAX];
    while (keeper->socket >= 0 && keeper_receive(keeper->socket, &message, fds)) {
        if (message.kind == KEEPER_OFFER) {
            keeper_take_offer(&keeper->history, fds);
        } else if (message.kind == KEEPER_HANDOVER) {
            keeper_take_handover(&keeper->history, fds);
        }
        for (int i = 0; i < KEEPER_FDS_MAX; i++) {
            keeper_drop(&fds[i]);
        }
    }
}

// --------------------------------------------------------------------------------------- its death

// Asked for, in order, or by a signal that means just that.
static bool is_end(const Keeper *keeper, int status, const KeeperWords *words, int *exit_code)
{
    if (WIFEXITED(status) && words->ended) {
        *exit_code = WEXITSTATUS(status);
        return true;
    }
    int by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    bool asked = by == SIGINT || by == SIGTERM || by == SIGHUP || by == SIGQUIT;
    if (keeper->stop_signal != 0 || asked || words->stopping) {
        *exit_code = words->ended              ? words->exit_code
                     : asked                   ? 128 + by
                     : keeper->stop_signal > 0 ? 128 + keeper->stop_signal
                     : by                      ? 128 + by
                                               : WEXITSTATUS(status);
        return true;
    }
    return false;
}

static void fill_orders(Keeper *keeper, int status, KeeperWhy why, const KeeperPulse *pulse)
{
    KeeperOrders *orders = &keeper->orders;
    orders->life++;
    orders->why = why;
    if (why != KEEPER_AGAIN) {
        orders->origin = why;
        orders->tries = orders->had_history && !pulse->has_history ? orders->tries + 1 : 0;
        orders->pid = (int32_t)keeper->session;
        orders->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        orders->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        if (pulse->moment > 0) { // else it died on its way back: what was reached stays what it was
            orders->was_tick = pulse->tick;
            orders->was_moment = pulse->moment;
        }
    } else {
        orders->tries++;
    }
    bool has = orders->tries < KEEPER_TRIES_MAX && keeper->history.gathered >= 0;
    orders->had_history = orders->had_history || pulse->has_history;
    orders->store = has ? keeper->history.gathered_store : -1;
    orders->history = has ? keeper->history.gathered : -1;
}

static void give_up(const KeeperWords *words, int status)
{
    char died[128];
    KeeperOrders last = {.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                         .exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0};
    keeper_say_death(&last, died, sizeof(died));
    log_line(LOG_ERROR,
             "the session's process %s, the third time within %d s and without getting anywhere: "
             "it is not started again. The sources, what the game saved%s%s are all kept; the same "
             "command begins anew",
             died, KEEPER_SOON_S, words->recording[0] ? " and the recording " : "",
             words->recording);
}

// True: another process goes on. False: it is over.
static bool bring_back(Keeper *keeper, int status, int *exit_code)
{
    KeeperWords words;
    KeeperPulse pulse;
    take_messages(keeper);
    (void)keeper_get(keeper->link->page, PAGE_WORDS, &words, sizeof(words));
    words.recording[sizeof(words.recording) - 1] =
        '\0'; // the session may have been out of its mind
    (void)keeper_get(keeper->link->page, PAGE_PULSE, &pulse, sizeof(pulse));
    if (is_end(keeper, status, &words, exit_code)) {
        return false;
    }
    bool asked = WIFEXITED(status) && WEXITSTATUS(status) == KEEPER_EXIT;
    KeeperWhy why = asked && words.again      ? KEEPER_AGAIN
                    : asked && words.restarts ? KEEPER_RESTART
                                              : KEEPER_DIED;
    if (why != KEEPER_AGAIN) {
        KeeperVerdict verdict = keeper_judge(&keeper->deaths, mono_ns(), why,
                                             WIFSIGNALED(status) ? WTERMSIG(status) : 0, &pulse);
        keeper->orders.paused = verdict.paused;
        keeper->orders.soon = verdict.soon;
        if (verdict.give_up) {
            give_up(&words, status);
            *exit_code = EXIT_BUG;
            return false;
        }
    }
    keeper_gather(&keeper->history);
    fill_orders(keeper, status, why, &pulse);
    if (start(keeper) > 0) {
        return true;
    }
    log_line(LOG_ERROR, "the session cannot be started again: %s", strerror(errno));
    *exit_code = EXIT_BUG;
    return false;
}

// ------------------------------------------------------------------------------------------
// signals

static bool is_traced(pid_t pid)
{
    char path[64], text[4096] = {0};
    (void)text_format(path, sizeof(path), "/proc/%d/status", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    const char *tracer = got > 0 ? strstr(text, "TracerPid:") : NULL;
    return tracer && strtol(tracer + 10, NULL, 10) > 0;
}

// To the session, and SIGCONT, or one that is stopped would not hear it.
static void tell_to_stop(Keeper *keeper, int signal_number)
{
    (void)kill(keeper->session, signal_number);
    (void)kill(keeper->session, SIGCONT);
}

// Ctrl-Z was meant for both; the keeper has taken its own, so it does what it would have done.
static void suspend(Keeper *keeper)
{
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGTSTP);
    (void)kill(keeper->session, SIGTSTP);
    (void)raise(SIGTSTP);
    (void)sigprocmask(SIG_UNBLOCK, &one, NULL); // here it stands until SIGCONT
    (void)sigprocmask(SIG_BLOCK, &one, NULL);
}

static void take_signals(Keeper *keeper)
{
    struct signalfd_siginfo info;
    while (read(keeper->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        int number = (int)info.ssi_signo;
        if (number == SIGTSTP) {
            suspend(keeper);
        } else if (number == SIGCONT) {
            (void)kill(keeper->session, SIGCONT);
        } else if (number != SIGCHLD) {
            if (info.ssi_code != SI_KERNEL || keeper->stop_signal == 0) {
                // The terminal's come to both, and a second one that soon does no harm.
                tell_to_stop(keeper, number);
            }
            keeper->stop_ns = keeper->stop_signal == 0 ? mono_ns() : keeper->stop_ns;
            keeper->stop_signal = number;
        }
    }
}

// A session that hangs does not hear the first signal; the second one ends it at once.
static void insist(Keeper *keeper)
{
    KeeperWords words;
    uint64_t since_ms = (mono_ns() - keeper->stop_ns) / NS_PER_MS;
    (void)keeper_get(keeper->link->page, PAGE_WORDS, &words, sizeof(words));
    if (since_ms < STOP_FIRST_MS || words.stopping || is_traced(keeper->session)) {
        return;
    }
    if (since_ms >= STOP_LAST_MS) {
        (void)kill(keeper->session, SIGKILL);
    } else if (!keeper->told_again) {
        keeper->told_again = true;
        tell_to_stop(keeper, keeper->stop_signal);
    }
}

static bool catch_signals(Keeper *keeper)
{
    sigset_t all;
    struct sigaction hangup;
    sigemptyset(&all);
    sigaddset(&all, SIGCHLD);
    sigaddset(&all, SIGINT);
    sigaddset(&all, SIGTERM);
    sigaddset(&all, SIGTSTP);
    sigaddset(&all, SIGCONT);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) {
        sigaddset(&all, SIGHUP); // else it was started by nohup(1)
    }
    keeper->signals = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
    return keeper->signals >= 0 && sigprocmask(SIG_BLOCK, &all, &keeper->mask_before) == 0;
}

// --------------------------------------------------------------------------------------------- run

static int wait_ms(const Keeper *keeper)
{
    return keeper->stop_signal ? STOP_LOOK_MS : keeper->history.mirror ? KEEPER_FOLLOW_MS : -1;
}

// A session that ended in order has removed its socket. One that was killed has not, and its memory
// may say anything.
static void remove_socket(const Keeper *keeper)
{
    KeeperWords words;
    struct stat about;
    (void)keeper_get(keeper->link->page, PAGE_WORDS, &words, sizeof(words));
    words.socket[sizeof(words.socket) - 1] = '\0';
    if (words.socket[0] && lstat(words.socket, &about) == 0 && S_ISSOCK(about.st_mode)) {
        (void)unlink(words.socket);
    }
}

static int keep(Keeper *keeper)
{
    int exit_code = EXIT_BUG;
    (void)prctl(PR_SET_NAME, "hotloop-keeper");
    for (;;) {
        struct pollfd news[] = {{.fd = keeper->signals, .events = POLLIN},
                                {.fd = keeper->socket, .events = POLLIN}};
        (void)poll(news, COUNT_OF(news), wait_ms(keeper));
        take_signals(keeper);
        take_messages(keeper);
        int status;
        if (waitpid(keeper->session, &status, WNOHANG) == keeper->session) {
            if (!bring_back(keeper, status, &exit_code)) {
                remove_socket(keeper);
                return exit_code;
            }
            continue;
        }
        if (news[1].revents & (POLLHUP | POLLERR)) {
            keeper_drop(&keeper->socket); // the session closed it; its end comes as SIGCHLD
        }
        if (keeper->stop_signal) {
            insist(keeper);
        } else {
            keeper_follow(&keeper->history);
        }
    }
}

KeeperRole keeper_begin(KeeperLink *link, Arena *arena, const char *session, int lock,
                        int *exit_code)
{
    keeper_alone(link, arena, session, lock);
    Keeper keeper = {.link = link,
                     .orders = link->orders,
                     .signals = -1,
                     .socket = -1,
                     .history = {.store = -1, .gathered_store = -1, .gathered = -1}};
    pid_t pid = link->page >= 0 && catch_signals(&keeper) ? start(&keeper) : -1;
    if (pid > 0) {
        *exit_code = keep(&keeper);
        keeper_forget(&keeper.history);
        keeper_drop(&keeper.socket);
        keeper_drop(&keeper.signals);
        (void)sigprocmask(SIG_SETMASK, &keeper.mask_before, NULL);
        return KEEPER_IS_OVER;
    }
    if (pid < 0) {
        log_line(LOG_WARNING,
                 "no second process could be started to keep this one (%s): should it die, the "
                 "session is lost",
                 strerror(errno));
        keeper_drop(&keeper.socket);
        if (keeper.signals >= 0) {
            (void)sigprocmask(SIG_SETMASK, &keeper.mask_before, NULL);
            keeper_drop(&keeper.signals);
        }
    }
    return KEEPER_IS_SESSION;
}
