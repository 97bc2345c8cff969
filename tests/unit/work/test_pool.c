/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pool: order, the bound, resizing, and an end that loses nothing. */
#include "work/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/error.h"
#include "unit.h"

/* A gate that tasks wait at until it is opened, and counters of who came and went. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    int inside, through, refused;
    int order[64];
};

struct job {
    struct goxel_task task;
    struct gate *gate;
    struct goxel_pool *pool; /* of a long one */
    int number;
};

static void gate_init(struct gate *gate)
{
    *gate = (struct gate){.open = false};
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->changed, NULL);
}

static void gate_finish(struct gate *gate)
{
    pthread_cond_destroy(&gate->changed);
    pthread_mutex_destroy(&gate->lock);
}

static void gate_set(struct gate *gate, bool open)
{
    pthread_mutex_lock(&gate->lock);
    gate->open = open;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

/* Until so many are inside, through or refused: `count` is one of the gate's. */
static void gate_wait(struct gate *gate, const int *count, int least)
{
    pthread_mutex_lock(&gate->lock);
    while (*count < least)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

static void gate_count_refused(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->refused++;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

static void pass_gate(struct goxel_task *task)
{
    struct job *job = (struct job *)task;
    struct gate *gate = job->gate;

    pthread_mutex_lock(&gate->lock);
    gate->inside++;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open)
        pthread_cond_wait(&gate->changed, &gate->lock);
    gate->inside--;
    if (gate->through < 64)
        gate->order[gate->through] = job->number;
    gate->through++;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

static void jobs_init(struct job *jobs, int count, struct gate *gate)
{
    for (int i = 0; i < count; i++)
        jobs[i] = (struct job){.task = {.run = pass_gate}, .gate = gate, .number = i};
}

static struct goxel_pool *make_pool(unsigned workers, unsigned queue_size)
{
    const struct goxel_pool_options options = {workers, queue_size};
    struct goxel_pool *pool = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_pool_create(&options, NULL, &pool), 0);
    return pool;
}

static void submit(struct goxel_pool *pool, struct job *jobs, int count)
{
    for (int i = 0; i < count; i++)
        CU_ASSERT_EQUAL(goxel_pool_submit(pool, &jobs[i].task), 0);
}

static void one_worker_keeps_the_order(void)
{
    struct goxel_pool *pool = make_pool(1, 64);
    struct job jobs[40];
    struct gate gate;

    gate_init(&gate);
    jobs_init(jobs, 40, &gate);
    submit(pool, jobs, 40);
    gate_set(&gate, true);
    goxel_pool_destroy(pool);
    CU_ASSERT_EQUAL(gate.through, 40);
    for (int i = 0; i < 40; i++)
        CU_ASSERT_EQUAL(gate.order[i], i);
    gate_finish(&gate);
}

static void a_full_queue_refuses_at_once(void)
{
    struct goxel_pool *pool = make_pool(1, 3);
    struct goxel_pool_stats stats;
    struct job jobs[5];
    struct gate gate;

    gate_init(&gate);
    jobs_init(jobs, 5, &gate);
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &jobs[0].task), 0);
    gate_wait(&gate, &gate.inside, 1);
    submit(pool, jobs + 1, 3);
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &jobs[4].task), GOXEL_ERROR_OVERLOADED);
    goxel_pool_get_stats(pool, &stats);
    CU_ASSERT_EQUAL(stats.workers, 1);
    CU_ASSERT_EQUAL(stats.busy, 1);
    CU_ASSERT_EQUAL(stats.queued, 3);
    CU_ASSERT_EQUAL(stats.queue_peak, 3);
    CU_ASSERT_EQUAL(stats.submitted, 4);
    CU_ASSERT_EQUAL(stats.refused, 1);
    gate_set(&gate, true);
    gate_wait(&gate, &gate.through, 4);
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &jobs[4].task), 0);
    goxel_pool_destroy(pool);
    CU_ASSERT_EQUAL(gate.through, 5);
    gate_finish(&gate);
}

static void a_resubmitted_task_goes_first_and_is_never_refused(void)
{
    struct goxel_pool *pool = make_pool(1, 2);
    struct job jobs[4];
    struct gate gate;

    gate_init(&gate);
    jobs_init(jobs, 4, &gate);
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &jobs[0].task), 0);
    gate_wait(&gate, &gate.inside, 1);
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &jobs[1].task), 0);
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &jobs[2].task), 0);
    goxel_pool_resubmit(pool, &jobs[3].task);
    gate_set(&gate, true);
    goxel_pool_destroy(pool);
    const int expected[] = {0, 3, 1, 2};
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(gate.order[i], expected[i]);
    gate_finish(&gate);
}

static void a_pool_grows_and_shrinks_under_work(void)
{
    struct goxel_pool *pool = make_pool(1, 64);
    const struct goxel_pool_options four = {4, 64}, two = {2, 1}, none = {0, 8}, no_queue = {1, 0};
    struct goxel_pool_stats stats;
    struct job jobs[12];
    struct gate gate;

    gate_init(&gate);
    jobs_init(jobs, 12, &gate);
    submit(pool, jobs, 6);
    CU_ASSERT_EQUAL(goxel_pool_resize(pool, &four, NULL), 0);
    gate_wait(&gate, &gate.inside, 4); /* four run at the same time */
    CU_ASSERT_EQUAL(goxel_pool_resize(pool, &two, NULL), 0);
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &jobs[6].task), GOXEL_ERROR_OVERLOADED);
    gate_set(&gate, true);
    gate_wait(&gate, &gate.through, 6);
    CU_ASSERT_EQUAL(goxel_pool_resize(pool, &four, NULL), 0);
    gate_set(&gate, false);
    submit(pool, jobs + 6, 6);
    gate_wait(&gate, &gate.inside, 4);
    CU_ASSERT_EQUAL(goxel_pool_resize(pool, &none, NULL), DAEMON_ERROR_THREAD_POOL_INIT_FAILED);
    CU_ASSERT_EQUAL(goxel_pool_resize(pool, &no_queue, NULL), DAEMON_ERROR_QUEUE_INIT_FAILED);
    goxel_pool_get_stats(pool, &stats);
    CU_ASSERT_EQUAL(stats.workers, 4);
    CU_ASSERT_EQUAL(stats.busy, 4);
    gate_set(&gate, true);
    goxel_pool_destroy(pool);
    CU_ASSERT_EQUAL(gate.through, 12);
    gate_finish(&gate);
}

static void the_longest_run_is_told(void)
{
    struct goxel_pool *pool = make_pool(2, 4);
    struct goxel_pool_stats stats;
    struct job job;
    struct gate gate;

    gate_init(&gate);
    jobs_init(&job, 1, &gate);
    goxel_pool_get_stats(pool, &stats);
    CU_ASSERT_EQUAL(stats.oldest_run_ms, 0);
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &job.task), 0);
    gate_wait(&gate, &gate.inside, 1);
    do
        goxel_pool_get_stats(pool, &stats);
    while (stats.oldest_run_ms < 2); /* it grows while the task runs */
    CU_ASSERT_EQUAL(stats.busy, 1);
    gate_set(&gate, true);
    goxel_pool_destroy(pool);
    gate_finish(&gate);
}

static void pass_gate_at_length(struct goxel_task *task)
{
    struct job *job = (struct job *)task;

    bool begins;

    if (goxel_pool_begin_long(job->pool, task, &begins))
        gate_count_refused(job->gate);
    else if (begins && goxel_pool_begin_long(job->pool, task, &begins) == 0 && begins) /* it is one already */
        pass_gate(task);
}

static void make_long(struct job *jobs, int count, struct goxel_pool *pool)
{
    for (int i = 0; i < count; i++) {
        jobs[i].task.run = pass_gate_at_length;
        jobs[i].pool = pool;
    }
}

static void await_long(struct goxel_pool *pool, unsigned busy, size_t queued)
{
    struct goxel_pool_stats stats;

    do
        goxel_pool_get_stats(pool, &stats);
    while (stats.busy_long != busy || stats.queued_long != queued || stats.queued);
}

/* Submits them, as long ones, to a pool of one worker, which comes to the first of them when all are there. */
static void submit_long(struct goxel_pool *pool, struct job *jobs, int count)
{
    struct gate gate;
    struct job first;

    gate_init(&gate);
    jobs_init(&first, 1, &gate);
    make_long(jobs, count, pool);
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &first.task), 0);
    submit(pool, jobs, count);
    gate_set(&gate, true);
    await_long(pool, 1, (size_t)count - 1);
    gate_finish(&gate);
}

static void long_tasks_leave_a_worker_and_keep_their_order(void)
{
    struct goxel_pool *pool = make_pool(2, 64);
    struct gate gate, other;
    struct job jobs[20], brief[10];

    gate_init(&gate);
    gate_init(&other);
    gate_set(&other, true);
    jobs_init(jobs, 20, &gate);
    jobs_init(brief, 10, &other);
    make_long(jobs, 20, pool);
    for (int i = 0; i < 20; i++) {
        CU_ASSERT_EQUAL(goxel_pool_submit(pool, &jobs[i].task), 0);
        await_long(pool, 1, (size_t)i);
    }
    submit(pool, brief, 10);
    gate_wait(&other, &other.through, 10);
    await_long(pool, 1, 19);
    gate_set(&gate, true);
    goxel_pool_destroy(pool);
    CU_ASSERT_EQUAL(gate.through, 20);
    for (int i = 0; i < 20; i++)
        CU_ASSERT_EQUAL(gate.order[i], i);
    gate_finish(&gate);
    gate_finish(&other);
}

/* Each line has its own: as many long ones as may wait leave all the room there is for what is short. */
static void both_lines_have_a_bound(void)
{
    struct goxel_pool *pool = make_pool(2, 3);
    struct goxel_pool_stats stats;
    struct gate gate, other;
    struct job jobs[5], brief[5];

    gate_init(&gate);
    gate_init(&other);
    jobs_init(jobs, 5, &gate);
    jobs_init(brief, 5, &other);
    make_long(jobs, 5, pool);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(goxel_pool_submit(pool, &jobs[i].task), 0);
        await_long(pool, 1, (size_t)i);
    }
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &jobs[4].task), 0);
    gate_wait(&gate, &gate.refused, 1);
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &brief[0].task), 0);
    gate_wait(&other, &other.inside, 1);
    submit(pool, brief + 1, 3);
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &brief[4].task), GOXEL_ERROR_OVERLOADED);
    goxel_pool_get_stats(pool, &stats);
    CU_ASSERT_EQUAL(stats.queued, 3);
    CU_ASSERT_EQUAL(stats.queued_long, 3);
    CU_ASSERT_EQUAL(stats.queue_peak, 6);
    CU_ASSERT_EQUAL(stats.refused, 2);
    gate_set(&gate, true);
    gate_set(&other, true);
    goxel_pool_destroy(pool);
    CU_ASSERT_EQUAL(gate.through, 4);
    CU_ASSERT_EQUAL(other.through, 4);
    gate_finish(&gate);
    gate_finish(&other);
}

/* What has come before a long task may begin is done first, and what comes later waits for it, be there one worker. */
static void a_worker_alone_does_both_in_turn(void)
{
    struct goxel_pool *pool = make_pool(1, 64);
    struct job jobs[8];
    struct gate gate;

    gate_init(&gate);
    jobs_init(jobs, 8, &gate);
    submit_long(pool, jobs, 4);
    submit(pool, jobs + 4, 4);
    gate_set(&gate, true);
    goxel_pool_destroy(pool);
    const int expected[] = {0, 4, 5, 6, 7, 1, 2, 3};
    for (int i = 0; i < 8; i++)
        CU_ASSERT_EQUAL(gate.order[i], expected[i]);
    gate_finish(&gate);
}

/* However many come: there is always one that came later than the long task's turn. */
struct flood {
    struct goxel_task tasks[2];
    struct goxel_pool *pool;
    atomic_bool over;
};

static struct flood flood;

static void follow(struct goxel_task *task)
{
    if (!atomic_load(&flood.over))
        CU_ASSERT_EQUAL(goxel_pool_submit(flood.pool, task), 0);
}

static void a_long_task_is_not_passed_for_ever(void)
{
    struct goxel_pool *pool = make_pool(1, 64);
    struct job job;
    struct gate gate;

    gate_init(&gate);
    gate_set(&gate, true);
    jobs_init(&job, 1, &gate);
    make_long(&job, 1, pool);
    flood.pool = pool;
    atomic_store(&flood.over, false);
    for (int i = 0; i < 2; i++) {
        flood.tasks[i].run = follow;
        CU_ASSERT_EQUAL(goxel_pool_submit(pool, &flood.tasks[i]), 0);
    }
    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &job.task), 0);
    gate_wait(&gate, &gate.through, 1);
    atomic_store(&flood.over, true);
    goxel_pool_destroy(pool);
    gate_finish(&gate);
}

static void long_tasks_go_on_when_there_are_more_workers(void)
{
    const struct goxel_pool_options four = {4, 64};
    struct goxel_pool *pool = make_pool(1, 64);
    struct goxel_pool_stats stats;
    struct job jobs[6];
    struct gate gate;

    gate_init(&gate);
    jobs_init(jobs, 6, &gate);
    submit_long(pool, jobs, 6);
    CU_ASSERT_FALSE(goxel_pool_lacks_workers(pool));
    CU_ASSERT_EQUAL(goxel_pool_resize(pool, &four, NULL), 0);
    await_long(pool, 3, 3);
    goxel_pool_get_stats(pool, &stats);
    CU_ASSERT_EQUAL(stats.busy, 3);
    gate_set(&gate, true);
    goxel_pool_destroy(pool);
    CU_ASSERT_EQUAL(gate.through, 6);
    gate_finish(&gate);
}

static void note_mask(struct goxel_task *task)
{
    struct job *job = (struct job *)task;
    sigset_t mask;

    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    job->number = sigismember(&mask, SIGTERM) && sigismember(&mask, SIGHUP);
}

static void workers_take_no_signals(void)
{
    struct goxel_pool *pool = make_pool(1, 1);
    struct job job = {.task = {.run = note_mask}};
    sigset_t mask;

    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &job.task), 0);
    goxel_pool_destroy(pool);
    CU_ASSERT_EQUAL(job.number, 1);
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    CU_ASSERT_FALSE(sigismember(&mask, SIGTERM)); /* ours is as it was */
}

static void wrong_sizes_are_refused(void)
{
    const struct goxel_pool_options wrong[] = {{0, 1}, {GOXEL_POOL_WORKERS_MAX + 1, 1}, {1, 0}};
    struct goxel_pool *pool = NULL;

    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT(goxel_pool_create(&wrong[i], NULL, &pool) < 0);
        CU_ASSERT_PTR_NULL(pool);
    }
    goxel_pool_destroy(NULL);
}

const struct unit_suite pool_suite = {
    "pool",
    (const struct unit_test[]){
        {"one worker keeps the order", one_worker_keeps_the_order},
        {"a full queue refuses at once", a_full_queue_refuses_at_once},
        {"a resubmitted task goes first and is never refused",
         a_resubmitted_task_goes_first_and_is_never_refused},
        {"a pool grows and shrinks under work", a_pool_grows_and_shrinks_under_work},
        {"the longest run is told", the_longest_run_is_told},
        {"long tasks leave a worker, and keep their order", long_tasks_leave_a_worker_and_keep_their_order},
        {"both lines have a bound", both_lines_have_a_bound},
        {"a worker alone does both in turn", a_worker_alone_does_both_in_turn},
        {"a long task is not passed for ever", a_long_task_is_not_passed_for_ever},
        {"long tasks go on when there are more workers", long_tasks_go_on_when_there_are_more_workers},
        {"workers take no signals", workers_take_no_signals},
        {"wrong sizes are refused", wrong_sizes_are_refused},
        {NULL, NULL},
    },
};
