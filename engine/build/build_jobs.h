// Child processes for build: several at once, in process groups of their own, their output in
// memory. Private to build.
#ifndef BUILD_JOBS_H
#define BUILD_JOBS_H
#include "file.h"

#include <sys/types.h>

typedef struct BuildJob {
    char *const *argv; // argv[0] is a path: nothing is looked up
    // Filled by build_jobs_run.
    const char *output; // stdout and stderr, followed by a 0 byte; "" when there was none
    size_t output_bytes;
    bool output_was_cut; // more than BUILD_OUTPUT_MAX
    bool timed_out;      // stopped with its group
    int start_error;     // errno; not 0: it never ran
    int status;          // as waitpid(2) gives it
    // While it runs.
    pid_t pid;
    int pipe_fd, pid_fd;
    bool is_begun;    // by build_job_begin or build_job_start
    int input_fds[2]; // its standard input and our end of it, until it is fed
    uint64_t deadline_ns;
    char *buffer;
    size_t capacity;
} BuildJob;

typedef struct BuildJobLimits {
    unsigned at_once;
    unsigned timeout_ms; // of each
    int cancel_fd;       // -1: none
    char *const *environment;
    int niceness;  // 0: as important as this process
    unsigned core; // of two, from 1: where all but the first of them begin. 0: wherever it is
    // Called for each job as soon as it is over, while others run. NULL: nobody.
    void (*ended)(void *with, const BuildJob *job);
    void *with;
} BuildJobLimits;

// The core where this thread is, if there are two: see BuildJobLimits. 0: there are not.
unsigned build_jobs_core(void);
// Runs all of them; output lives in `scratch`. False when cancel_fd became readable: everything is
// stopped and reaped by then.
bool build_jobs_run(BuildJob *jobs, uint32_t count, const BuildJobLimits *limits, Arena *scratch);
// Starts one before its turn in build_jobs_run, which is to be called next.
void build_job_start(BuildJob *job, const BuildJobLimits *limits);
// Starts one that reads its standard input, before it is known what that will be: what it does up
// to there is done by then. It is fed once, then goes through build_jobs_run like all others; or is
// dropped. False: it could not be started, and there is nothing to drop.
bool build_job_begin(BuildJob *job, const BuildJobLimits *limits);
// All of its input. False: it takes no more, and is to be dropped.
bool build_job_feed(BuildJob *job, const char *text);
void build_job_drop(BuildJob *job);
// It ran, exited by itself and said that all went well.
bool build_job_is_ok(const BuildJob *job);

#endif
