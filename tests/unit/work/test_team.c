/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A team: the same is taken in the same order whoever works, and nobody waits for a worker that does not come. */
#include "work/team.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/error.h"
#include "unit.h"

#define JOBS 200

/* What jobs work on: their numbers, on desks that nobody else may touch meanwhile. */
struct board {
    size_t desks[GOXEL_TEAM_DESKS_MAX];
    atomic_int at_desk[GOXEL_TEAM_DESKS_MAX];
    atomic_size_t works, elsewhere; /* not on the caller's thread */
    atomic_bool crowded;            /* two at one desk */
    size_t takes, end_at;           /* end_at: take fails then; 0: never */
    bool out_of_order;
    pthread_t caller;
    bool slow; /* jobs wait until somebody else has worked, too */
};

static void work(void *ctx, size_t job, unsigned desk)
{
    struct board *board = ctx;

    if (atomic_fetch_add(&board->at_desk[desk], 1) != 0)
        atomic_store(&board->crowded, true);
    if (!pthread_equal(pthread_self(), board->caller))
        atomic_fetch_add(&board->elsewhere, 1);
    while (board->slow && atomic_load(&board->elsewhere) == 0)
        ;
    board->desks[desk] = job * job + 1;
    atomic_fetch_add(&board->works, 1);
    atomic_fetch_sub(&board->at_desk[desk], 1);
}

static int take(void *ctx, size_t job, unsigned desk)
{
    struct board *board = ctx;

    board->out_of_order |= job != board->takes++ || board->desks[desk] != job * job + 1 ||
                           !pthread_equal(pthread_self(), board->caller);
    if (atomic_load(&board->at_desk[desk]) != 0)
        atomic_store(&board->crowded, true);
    return board->takes == board->end_at ? 77 : 0;
}

static struct goxel_pool *make_pool(unsigned workers, unsigned queue_size)
{
    const struct goxel_pool_options options = {workers, queue_size};
    struct goxel_pool *pool = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_pool_create(&options, NULL, &pool), 0);
    return pool;
}

static void check_run(struct board *board, size_t count, unsigned desks, struct goxel_pool *pool)
{
    const struct goxel_team team = {count, desks, work, take, board};

    board->caller = pthread_self();
    CU_ASSERT_EQUAL(goxel_team_run(&team, pool), board->end_at ? 77 : 0);
    CU_ASSERT_EQUAL(board->takes, board->end_at ? board->end_at : count);
    CU_ASSERT(board->works >= board->takes && board->works <= board->takes + desks);
    CU_ASSERT_FALSE(board->out_of_order);
    CU_ASSERT_FALSE(board->crowded);
}

static void jobs_are_taken_in_order(void)
{
    struct goxel_pool *pool = make_pool(3, 64);

    for (unsigned desks = 1; desks <= GOXEL_TEAM_DESKS_MAX; desks++) {
        struct board alone = {0}, helped = {0}, cut = {.end_at = 13};

        check_run(&alone, JOBS, desks, NULL);
        CU_ASSERT_EQUAL(alone.elsewhere, 0);
        check_run(&helped, JOBS, desks, pool);
        check_run(&cut, JOBS, desks, pool);
    }
    struct board none = {0};
    check_run(&none, 0, 4, pool);
    goxel_pool_destroy(pool);
}

static void idle_workers_help(void)
{
    struct goxel_pool *pool = make_pool(2, 4);
    struct board board = {.slow = true};

    check_run(&board, JOBS, 4, pool);
    CU_ASSERT(board.elsewhere > 0);
    goxel_pool_destroy(pool);
}

static void desks_follow_the_pool(void)
{
    struct goxel_pool *pool = make_pool(2, 4);
    const struct goxel_pool_options many = {40, 4};

    CU_ASSERT_EQUAL(goxel_team_desks(NULL), 1);
    CU_ASSERT_EQUAL(goxel_team_desks(pool), 4);
    CU_ASSERT_EQUAL(goxel_pool_resize(pool, &many, NULL), 0);
    CU_ASSERT_EQUAL(goxel_team_desks(pool), GOXEL_TEAM_DESKS_MAX);
    goxel_pool_destroy(pool);
}

/* ---- a caller that is a worker ---- */

struct call {
    struct goxel_task task;
    struct goxel_pool *pool;
    struct board board;
};

static void run_call(struct goxel_task *task)
{
    struct call *call = (struct call *)task;

    check_run(&call->board, JOBS, 4, call->pool);
}

/* All workers lead teams at the same time, and the queue is full of those to come. */
static void workers_may_lead(void)
{
    struct goxel_pool *pool = make_pool(2, 6);
    struct call *calls = calloc(8, sizeof(*calls));
    int submitted = 0;

    for (int i = 0; i < 8; i++) {
        calls[i].task.run = run_call;
        calls[i].pool = pool;
        submitted += goxel_pool_submit(pool, &calls[i].task) == 0;
    }
    goxel_pool_destroy(pool);
    CU_ASSERT(submitted >= 6);
    for (int i = 0, taken = 0; i < 8; i++) {
        taken += calls[i].board.takes == JOBS;
        CU_ASSERT(i < 7 || taken == submitted);
    }
    free(calls);
}

/* Waits at a gate, so that its worker is busy. */
struct guard {
    struct goxel_task task;
    atomic_bool inside, open;
};

static void wait_at_gate(struct goxel_task *task)
{
    struct guard *guard = (struct guard *)task;

    atomic_store(&guard->inside, true);
    while (!atomic_load(&guard->open))
        ;
}

static void nobody_waits_for_busy_workers(void)
{
    struct goxel_pool *pool = make_pool(1, 1);
    struct guard guard = {.task = {.run = wait_at_gate}};
    struct board board = {0};

    CU_ASSERT_EQUAL(goxel_pool_submit(pool, &guard.task), 0);
    while (!atomic_load(&guard.inside))
        ;
    check_run(&board, JOBS, 4, pool);
    CU_ASSERT_EQUAL(board.elsewhere, 0);
    atomic_store(&guard.open, true);
    goxel_pool_destroy(pool);
}

/* A helper that was called and comes when all is over: what it was called for is gone by then. */
static void a_late_helper_finds_nothing(void)
{
    for (int i = 0; i < 300; i++) {
        struct goxel_pool *pool = make_pool(1, 8);
        struct board *board = calloc(1, sizeof(*board));

        check_run(board, 3, 2, pool);
        free(board);
        goxel_pool_destroy(pool);
    }
}

static void without_memory_the_caller_works_alone(void)
{
    struct goxel_pool *pool = make_pool(2, 8);
    struct board board = {0};

    unit_fail_allocation(0);
    check_run(&board, JOBS, 4, pool);
    unit_fail_allocation(-1);
    CU_ASSERT_EQUAL(board.elsewhere, 0);
    goxel_pool_destroy(pool);
}

const struct unit_suite team_suite = {
    "team",
    (const struct unit_test[]){
        {"jobs are taken in order", jobs_are_taken_in_order},
        {"idle workers help", idle_workers_help},
        {"desks follow the pool", desks_follow_the_pool},
        {"workers may lead", workers_may_lead},
        {"nobody waits for busy workers", nobody_waits_for_busy_workers},
        {"a late helper finds nothing", a_late_helper_finds_nothing},
        {"without memory the caller works alone", without_memory_the_caller_works_alone},
        {NULL, NULL},
    },
};
