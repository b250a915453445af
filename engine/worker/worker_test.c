#include "worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct Fixture {
    Arena arena;
    Worker *worker;
    sem_t started, gate; // of the job that blocks
    uint32_t order[256];
    uint32_t done; // written by the worker, read when it is idle
    int nice_value;
    sigset_t mask;
    char name[16];
} Fixture;

static int setup(void **state)
{
    static Fixture fixture;
    Fault fault;
    fixture = (Fixture){0};
    assert_true(arena_open(&fixture.arena, 0, 1 << 20, &fault));
    sem_init(&fixture.started, 0, 0);
    sem_init(&fixture.gate, 0, 0);
    fixture.worker = worker_open(&fixture.arena, "a name that is too long", &fault);
    assert_non_null(fixture.worker);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    worker_close(fixture->worker);
    sem_destroy(&fixture->started);
    sem_destroy(&fixture->gate);
    arena_close(&fixture->arena);
    return 0;
}

static void block(void *with)
{
    Fixture *fixture = with;
    sem_post(&fixture->started);
    while (sem_wait(&fixture->gate) != 0) {
    }
}

typedef struct Numbered {
    Fixture *fixture;
    uint32_t number;
} Numbered;

static void note(void *with)
{
    Numbered *numbered = with;
    Fixture *fixture = numbered->fixture;
    fixture->order[fixture->done++] = numbered->number;
}

static void look_around(void *with)
{
    Fixture *fixture = with;
    errno = 0;
    fixture->nice_value = getpriority(PRIO_PROCESS, (id_t)gettid());
    pthread_sigmask(SIG_SETMASK, NULL, &fixture->mask);
    pthread_getname_np(pthread_self(), fixture->name, sizeof(fixture->name));
}

static void jobs_in_order(void **state)
{
    // Scenario: forty jobs are handed over while the first one still runs.
    // Expect: busy meanwhile, then all done in the order they came, then idle.
    Fixture *fixture = *state;
    Numbered numbered[40];
    assert_true(worker_is_idle(fixture->worker));
    assert_true(worker_do(fixture->worker, block, fixture));
    sem_wait(&fixture->started);
    for (uint32_t i = 0; i < COUNT_OF(numbered); i++) {
        numbered[i] = (Numbered){fixture, i};
        assert_true(worker_do(fixture->worker, note, &numbered[i]));
    }
    assert_false(worker_is_idle(fixture->worker));
    sem_post(&fixture->gate);
    worker_wait(fixture->worker);
    assert_true(worker_is_idle(fixture->worker));
    assert_int_equal(fixture->done, COUNT_OF(numbered));
    for (uint32_t i = 0; i < COUNT_OF(numbered); i++) {
        assert_int_equal(fixture->order[i], i);
    }
}

static void full_queue_says_no(void **state)
{
    // Scenario: more jobs than the queue holds, twice, so that its ring goes round.
    // Expect: exactly the one too many is refused, the rest is done, and then there is room again.
    Fixture *fixture = *state;
    Numbered numbered[WORKER_JOBS_MAX];
    for (uint32_t round = 0; round < 2; round++) {
        assert_true(worker_do(fixture->worker, block, fixture));
        sem_wait(&fixture->started);
        for (uint32_t i = 0; i < WORKER_JOBS_MAX; i++) {
            numbered[i] = (Numbered){fixture, i};
            assert_true(worker_do(fixture->worker, note, &numbered[i]));
        }
        assert_false(worker_do(fixture->worker, note, &numbered[0]));
        sem_post(&fixture->gate);
        worker_wait(fixture->worker);
        assert_int_equal(fixture->done, (round + 1) * WORKER_JOBS_MAX);
    }
}

static void close_finishes_what_waits(void **state)
{
    // Scenario: the worker is closed while jobs wait.
    // Expect: they are done when close returns.
    Fixture *fixture = *state;
    Numbered numbered[10];
    assert_true(worker_do(fixture->worker, block, fixture));
    for (uint32_t i = 0; i < COUNT_OF(numbered); i++) {
        numbered[i] = (Numbered){fixture, i};
        assert_true(worker_do(fixture->worker, note, &numbered[i]));
    }
    sem_post(&fixture->gate);
    worker_close(fixture->worker);
    fixture->worker = NULL;
    assert_int_equal(fixture->done, COUNT_OF(numbered));
    worker_close(NULL);
}

static void steps_back(void **state)
{
    // Scenario: a job looks at its own thread.
    // Expect: no signal gets there, it is nicer than we are, and it has its name as far as it fits.
    Fixture *fixture = *state;
    assert_true(worker_do(fixture->worker, look_around, fixture));
    worker_wait(fixture->worker);
    assert_int_equal(sigismember(&fixture->mask, SIGTERM), 1);
    assert_int_equal(sigismember(&fixture->mask, SIGINT), 1);
    assert_true(fixture->nice_value >= 5);
    assert_string_equal(fixture->name, "a name that is ");
    sigset_t ours;
    pthread_sigmask(SIG_SETMASK, NULL, &ours);
    assert_int_equal(sigismember(&ours, SIGTERM), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(jobs_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(full_queue_says_no, setup, teardown),
        cmocka_unit_test_setup_teardown(close_finishes_what_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(steps_back, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
