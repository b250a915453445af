// One thread beside the frame loop that does jobs in order. Owns nothing of what a job works on:
// who hands it over says when it may be touched again.
#ifndef WORKER_H
#define WORKER_H
#include "arena.h"

typedef struct Worker Worker;
typedef void WorkerJob(void *with);

enum { WORKER_JOBS_MAX = 64 }; // waiting at a time

// `arena` holds it until worker_close. The thread takes no signals and runs at a lower priority
// (nice 5, where the system allows it): frames come first.
Worker *worker_open(Arena *arena, const char *name, Fault *fault);
// False when the queue is full: do it later. Any thread.
bool worker_do(Worker *worker, WorkerJob *job, void *with);
// True when nothing waits or runs.
bool worker_is_idle(Worker *worker);
void worker_wait(Worker *worker);  // until it is
void worker_close(Worker *worker); // does what is still waiting, then ends; NULL is fine

#endif
