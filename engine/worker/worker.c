#include "worker.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { WORKER_NICE = 5 };

typedef struct WorkerTask {
    WorkerJob *job;
    void *with;
} WorkerTask;

struct Worker {
    pthread_t thread;
    pthread_mutex_t lock;   // for everything below
    pthread_cond_t more;    // a job came, or the end did
    pthread_cond_t is_idle; // nothing waits or runs
    WorkerTask tasks[WORKER_JOBS_MAX];
    uint32_t first, count; // of the ring of those that wait
    bool running, closing;
    char name[16]; // as ps and gdb show it
};

static void *worker_main(void *argument)
{
    Worker *worker = argument;
    pthread_setname_np(pthread_self(), worker->name);
    // Of this thread alone: on Linux a thread has a nice value of its own (setpriority(2), NOTES).
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), WORKER_NICE);
    pthread_mutex_lock(&worker->lock);
    while (worker->count > 0 || !worker->closing) {
        if (worker->count == 0) {
            pthread_cond_wait(&worker->more, &worker->lock);
            continue;
        }
        WorkerTask task = worker->tasks[worker->first];
        worker->first = (worker->first + 1) % WORKER_JOBS_MAX;
        worker->count--;
        worker->running = true;
        pthread_mutex_unlock(&worker->lock);
        task.job(task.with);
        pthread_mutex_lock(&worker->lock);
        worker->running = false;
        if (worker->count == 0) {
            pthread_cond_broadcast(&worker->is_idle);
        }
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

// Signals are for the threads that know what to do about them: the mask is inherited at birth.
static int start_thread(Worker *worker)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&worker->thread, NULL, worker_main, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

Worker *worker_open(Arena *arena, const char *name, Fault *fault)
{
    Worker *worker = ARENA_NEW(arena, Worker, 1);
    text_format(worker->name, sizeof(worker->name), "%s", name);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->more, NULL);
    pthread_cond_init(&worker->is_idle, NULL);
    int error = start_thread(worker);
    if (error != 0) {
        fault_set(fault, FAULT_MEMORY, "cannot start the thread \"%s\": %s", name, strerror(error));
        return NULL;
    }
    return worker;
}

bool worker_do(Worker *worker, WorkerJob *job, void *with)
{
    pthread_mutex_lock(&worker->lock);
    assert(!worker->closing);
    bool has_room = worker->count < WORKER_JOBS_MAX;
    if (has_room) {
        uint32_t last = (worker->first + worker->count) % WORKER_JOBS_MAX;
        worker->tasks[last] = (WorkerTask){job, with};
        worker->count++;
        pthread_cond_signal(&worker->more);
    }
    pthread_mutex_unlock(&worker->lock);
    return has_room;
}

bool worker_is_idle(Worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    bool idle = worker->count == 0 && !worker->running;
    pthread_mutex_unlock(&worker->lock);
    return idle;
}

void worker_wait(Worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    while (worker->count > 0 || worker->running) {
        pthread_cond_wait(&worker->is_idle, &worker->lock);
    }
    pthread_mutex_unlock(&worker->lock);
}

void worker_close(Worker *worker)
{
    if (!worker) {
        return;
    }
    pthread_mutex_lock(&worker->lock);
    worker->closing = true;
    pthread_cond_signal(&worker->more);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    pthread_mutex_destroy(&worker->lock);
    pthread_cond_destroy(&worker->more);
    pthread_cond_destroy(&worker->is_idle);
}
