#include "build_jobs.h"

#include "build.h"
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE_MAX = 64, READ_BYTES = 65536, NO_PID_FD_LOOK_MS = 10 };

static void set_actions(posix_spawn_file_actions_t *actions, int input_fd, int write_fd)
{
    posix_spawn_file_actions_init(actions);
    if (input_fd >= 0) {
        posix_spawn_file_actions_adddup2(actions, input_fd, STDIN_FILENO);
    } else {
        posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    posix_spawn_file_actions_adddup2(actions, write_fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(actions, write_fd, STDERR_FILENO);
    child_close_others(actions);
}

unsigned build_jobs_core(void)
{
    cpu_set_t all;
    int here = sched_getcpu();
    bool is_one_of_two = here >= 0 && here < CPU_SETSIZE
                         && sched_getaffinity(0, sizeof(all), &all) == 0 && CPU_COUNT(&all) == 2
                         && CPU_ISSET((size_t)here, &all);
    return is_one_of_two ? (unsigned)here + 1 : 0;
}

// Left to itself Linux (6.18) starts two processes on one of two cores every other time, where they
// take turns until it looks again, 4 ms later: half of the time that they take. They are not bound
// to where they begin. With more cores there is a free one for each.
static void spread(const BuildJob *job, bool is_first, const BuildJobLimits *limits)
{
    cpu_set_t all, one;
    if (limits->core == 0 || sched_getaffinity(0, sizeof(all), &all) != 0) {
        return;
    }
    if (is_first) {
        one = all;
        CPU_CLR((size_t)limits->core - 1, &one);
    } else {
        CPU_ZERO(&one);
        CPU_SET((size_t)limits->core - 1, &one);
    }
    (void)sched_setaffinity(job->pid, sizeof(one), &one);
    (void)sched_setaffinity(job->pid, sizeof(all), &all);
}

static void start(BuildJob *job, bool is_first, const BuildJobLimits *limits, int input_fd)
{
    int ends[2];
    *job = (BuildJob){.argv = job->argv, .output = "", .pipe_fd = -1, .pid_fd = -1};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        job->start_error = errno;
        return;
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    set_actions(&actions, input_fd, ends[1]);
    child_fresh(&attributes, POSIX_SPAWN_SETPGROUP); // a compiler driver has children
    job->start_error =
        posix_spawn(&job->pid, job->argv[0], &actions, &attributes, job->argv, limits->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (job->start_error) {
        job->pid = 0;
        close(ends[0]);
        return;
    }
    // posix_spawn has no attribute for it. It comes before the driver has started its first child,
    // a millisecond later, so all of them have it; and losing that race costs nothing but speed.
    if (limits->niceness > 0) {
        (void)setpriority(PRIO_PROCESS, (id_t)job->pid, limits->niceness);
    }
    job->pipe_fd = ends[0];
    (void)fcntl(job->pipe_fd, F_SETFL, O_NONBLOCK);
    // Linux 5.3; without it the end is looked for every 10 ms. Source: pidfd_open(2).
    job->pid_fd = (int)syscall(SYS_pidfd_open, job->pid, 0);
    job->deadline_ns = mono_ns() + limits->timeout_ms * NS_PER_MS;
    spread(job, is_first, limits);
}

static void append_output(BuildJob *job, const char *bytes, size_t count, Arena *scratch)
{
    if (count > BUILD_OUTPUT_MAX - job->output_bytes) {
        count = BUILD_OUTPUT_MAX - job->output_bytes;
        job->output_was_cut = true;
    }
    if (job->output_bytes + count + 1 > job->capacity) {
        size_t capacity = (job->output_bytes + count + 1) * 2;
        char *larger = ARENA_NEW(scratch, char, capacity);
        if (job->buffer) {
            memcpy(larger, job->buffer, job->output_bytes);
        }
        job->buffer = larger;
        job->capacity = capacity;
        job->output = larger;
    }
    memcpy(job->buffer + job->output_bytes, bytes, count);
    job->output_bytes += count;
    job->buffer[job->output_bytes] = '\0';
}

static void read_output(BuildJob *job, Arena *scratch)
{
    char bytes[READ_BYTES];
    while (job->pipe_fd >= 0) {
        ssize_t got = read(job->pipe_fd, bytes, sizeof(bytes));
        if (got > 0) {
            append_output(job, bytes, (size_t)got, scratch);
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else {
            if (got == 0) {
                close(job->pipe_fd);
                job->pipe_fd = -1;
            }
            return;
        }
    }
}

static void reap(BuildJob *job)
{
    if (job->pipe_fd >= 0) {
        close(job->pipe_fd);
    }
    if (job->pid_fd >= 0) {
        close(job->pid_fd);
    }
    while (waitpid(job->pid, &job->status, 0) < 0 && errno == EINTR) {
    }
    job->pid = 0;
    job->pipe_fd = -1;
    job->pid_fd = -1;
}

// Before it is reaped: as long as it is a zombie, nobody else can have its number.
static void stop(BuildJob *job)
{
    (void)kill(-job->pid, SIGKILL);
    (void)kill(job->pid, SIGKILL); // should it be too young to lead its group
    reap(job);
}

static bool has_ended(const BuildJob *job)
{
    siginfo_t about = {0};
    return waitid(P_PID, (id_t)job->pid, &about, WEXITED | WNOHANG | WNOWAIT) == 0
           && about.si_pid == job->pid;
}

static int wait_ms(BuildJob *const *running, unsigned count)
{
    uint64_t now_ns = mono_ns(), first_ns = UINT64_MAX;
    bool must_look = false;
    for (unsigned i = 0; i < count; i++) {
        first_ns = running[i]->deadline_ns < first_ns ? running[i]->deadline_ns : first_ns;
        must_look |= running[i]->pid_fd < 0;
    }
    uint64_t left_ms = first_ns > now_ns ? (first_ns - now_ns) / NS_PER_MS + 1 : 0;
    return must_look && left_ms > NO_PID_FD_LOOK_MS ? NO_PID_FD_LOOK_MS : (int)left_ms;
}

// False when cancelled.
static bool wait_for_something(BuildJob *const *running, unsigned count, int cancel_fd)
{
    struct pollfd fds[2 * AT_ONCE_MAX + 1];
    nfds_t used = 0;
    fds[used++] = (struct pollfd){.fd = cancel_fd, .events = POLLIN};
    for (unsigned i = 0; i < count; i++) {
        fds[used++] = (struct pollfd){.fd = running[i]->pid_fd, .events = POLLIN};
        fds[used++] = (struct pollfd){.fd = running[i]->pipe_fd, .events = POLLIN};
    }
    (void)poll(fds, used, wait_ms(running, count));
    return !(fds[0].revents & POLLIN);
}

// True when the job is over.
static bool look_after(BuildJob *job, Arena *scratch)
{
    // Asked before reading, so that what it wrote last is read: once it has ended, no more comes
    // (but from a child of its own that keeps the pipe; that one is not waited for).
    bool ended = has_ended(job);
    read_output(job, scratch);
    if (ended) {
        reap(job);
    } else if (mono_ns() >= job->deadline_ns) {
        stop(job);
        job->timed_out = true;
        ended = true;
    }
    return ended;
}

bool build_jobs_run(BuildJob *jobs, uint32_t count, const BuildJobLimits *limits, Arena *scratch)
{
    BuildJob *running[AT_ONCE_MAX];
    unsigned running_count = 0, at_once = limits->at_once < 1 ? 1 : limits->at_once;
    at_once = at_once < AT_ONCE_MAX ? at_once : AT_ONCE_MAX;
    for (uint32_t next = 0; next < count || running_count > 0;) {
        while (next < count && running_count < at_once) {
            if (!jobs[next].is_begun) {
                start(&jobs[next], next == 0, limits, -1);
            }
            if (jobs[next].pid) {
                running[running_count++] = &jobs[next];
            }
            next++;
        }
        if (running_count == 0) {
            continue; // none of them could be started
        }
        if (!wait_for_something(running, running_count, limits->cancel_fd)) {
            for (unsigned i = 0; i < running_count; i++) {
                stop(running[i]);
            }
            return false;
        }
        for (unsigned i = 0; i < running_count;) {
            BuildJob *job = running[i];
            if (look_after(job, scratch)) {
                running[i] = running[--running_count];
                if (limits->ended) {
                    limits->ended(limits->with, job);
                }
            } else {
                i++;
            }
        }
    }
    return true;
}

void build_job_start(BuildJob *job, const BuildJobLimits *limits)
{
    start(job, true, limits, -1);
    job->is_begun = true;
}

bool build_job_begin(BuildJob *job, const BuildJobLimits *limits)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    start(job, false, limits, ends[0]);
    if (!job->pid) {
        close(ends[0]);
        close(ends[1]);
        return false;
    }
    job->is_begun = true;
    job->input_fds[0] = ends[0]; // as long as it is open nobody gets SIGPIPE
    job->input_fds[1] = ends[1];
    return true;
}

static void end_input(BuildJob *job)
{
    for (int i = 0; i < 2; i++) {
        if (job->input_fds[i] >= 0) {
            close(job->input_fds[i]);
        }
        job->input_fds[i] = -1;
    }
}

bool build_job_feed(BuildJob *job, const char *text)
{
    size_t bytes = strlen(text);
    bool ok = fcntl(job->input_fds[1], F_SETFL, O_NONBLOCK) == 0
              && write(job->input_fds[1], text, bytes) == (ssize_t)bytes;
    end_input(job);
    return ok;
}

void build_job_drop(BuildJob *job)
{
    end_input(job);
    stop(job);
    job->is_begun = false;
}

bool build_job_is_ok(const BuildJob *job)
{
    return job->start_error == 0 && !job->timed_out && WIFEXITED(job->status)
           && WEXITSTATUS(job->status) == 0;
}
