/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The crew outlives the call for as long as a helper of it waits in the pool's queue: it is counted, by the caller and by
 * each of those.
 *
 * What holds: taken ≤ begun ≤ taken + desks; the desk of a job between `taken` and `begun` is its own. After `over` nobody
 * begins a job, and once `working` is 0 too, nobody looks at the caller's affairs again.
 */
#include "work/team.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#define HELPERS_MAX (GOXEL_TEAM_DESKS_MAX - 1)

struct crew;

struct helper {
    struct goxel_task task;
    struct crew *crew;
    bool called; /* waits in the queue, or runs */
};

struct crew {
    struct goxel_team team;
    struct goxel_pool *pool;
    pthread_mutex_t lock; /* everything below */
    pthread_cond_t ready; /* a job is done */
    unsigned refs;
    size_t begun, taken;
    unsigned working; /* helpers in the middle of a job */
    bool over;
    bool done[GOXEL_TEAM_DESKS_MAX];
    struct helper helpers[HELPERS_MAX];
};

/* ---- jobs; the lock is held, but for the job itself ---- */

static bool may_begin(const struct crew *crew)
{
    return !crew->over && crew->begun < crew->team.count && crew->begun < crew->taken + crew->team.desks;
}

static void do_job(struct crew *crew)
{
    size_t job = crew->begun++;
    unsigned desk = (unsigned)(job % crew->team.desks);

    pthread_mutex_unlock(&crew->lock);
    crew->team.work(crew->team.ctx, job, desk);
    pthread_mutex_lock(&crew->lock);
    crew->done[desk] = true;
}

static int take_job(struct crew *crew)
{
    size_t job = crew->taken;
    unsigned desk = (unsigned)(job % crew->team.desks);
    int code;

    crew->done[desk] = false;
    pthread_mutex_unlock(&crew->lock);
    code = crew->team.take(crew->team.ctx, job, desk);
    pthread_mutex_lock(&crew->lock);
    crew->taken++;
    return code;
}

/* Unlocks. */
static void leave(struct crew *crew)
{
    bool last = --crew->refs == 0;

    pthread_mutex_unlock(&crew->lock);
    if (!last)
        return;
    pthread_cond_destroy(&crew->ready);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

/* ---- helpers ---- */

static void help(struct goxel_task *task)
{
    struct helper *helper = (struct helper *)task;
    struct crew *crew = helper->crew;

    pthread_mutex_lock(&crew->lock);
    while (may_begin(crew) && !goxel_pool_lacks_workers(crew->pool)) {
        crew->working++;
        do_job(crew);
        crew->working--;
        pthread_cond_signal(&crew->ready);
    }
    helper->called = false;
    leave(crew);
}

static bool some_idle(struct goxel_pool *pool)
{
    struct goxel_pool_stats stats;

    goxel_pool_get_stats(pool, &stats);
    return stats.workers > stats.busy + stats.queued;
}

/* A helper for the next job, if a worker is there for it and one is free to be called. The lock is held. */
static void call_help(struct crew *crew)
{
    size_t i = 0;

    if (!may_begin(crew))
        return;
    while (i < HELPERS_MAX && crew->helpers[i].called)
        i++;
    if (i == HELPERS_MAX || !some_idle(crew->pool) ||
        goxel_pool_submit(crew->pool, &crew->helpers[i].task) != 0)
        return;
    crew->helpers[i].called = true;
    crew->refs++;
}

/* ---- the caller ---- */

static struct crew *create_crew(const struct goxel_team *team, struct goxel_pool *pool)
{
    struct crew *crew = calloc(1, sizeof(*crew));

    if (!crew)
        return NULL;
    crew->team = *team;
    crew->pool = pool;
    crew->refs = 1;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->ready, NULL);
    for (int i = 0; i < HELPERS_MAX; i++)
        crew->helpers[i] = (struct helper){.task = {.run = help}, .crew = crew};
    return crew;
}

static int lead(struct crew *crew)
{
    int code = 0;

    while (crew->taken < crew->team.count && !code) {
        call_help(crew);
        if (crew->done[crew->taken % crew->team.desks])
            code = take_job(crew);
        else if (may_begin(crew))
            do_job(crew);
        else
            pthread_cond_wait(&crew->ready, &crew->lock);
    }
    crew->over = true;
    while (crew->working > 0)
        pthread_cond_wait(&crew->ready, &crew->lock);
    return code;
}

static int run_alone(const struct goxel_team *team)
{
    int code = 0;

    for (size_t job = 0; job < team->count && !code; job++) {
        team->work(team->ctx, job, 0);
        code = team->take(team->ctx, job, 0);
    }
    return code;
}

int goxel_team_run(const struct goxel_team *team, struct goxel_pool *pool)
{
    struct crew *crew = NULL;
    int code;

    if (pool && team->count > 1 && team->desks > 1)
        crew = create_crew(team, pool);
    if (!crew)
        return run_alone(team);
    pthread_mutex_lock(&crew->lock);
    code = lead(crew);
    leave(crew);
    return code;
}

unsigned goxel_team_desks(struct goxel_pool *pool)
{
    struct goxel_pool_stats stats;

    if (!pool)
        return 1;
    goxel_pool_get_stats(pool, &stats);
    return stats.workers + 2 < GOXEL_TEAM_DESKS_MAX ? stats.workers + 2 : GOXEL_TEAM_DESKS_MAX;
}
