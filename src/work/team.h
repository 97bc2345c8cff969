/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Jobs in a row, done by the caller and by whatever workers of a pool are idle, and taken in their order.
 *
 * Used by: mesh.  Uses: work/pool.h.
 *
 *     job     0   1   2   3   4   5   6 …
 *     desk    0   1   2   3   0   1   2 …      four desks: job 4 begins once job 0 was taken
 *
 * A desk is where a job finds room to work, and where it leaves what came of it. What is taken, and in which order, is the
 * same however many workers help, none among them.
 *
 * Nobody waits for a worker that has not come: the caller does every job itself that no worker has begun. So it may be a worker of
 * the pool, with all others busy. A worker that comes too late finds nothing, and goes; so does one between two jobs, when there
 * is something else for it to do.
 */
#ifndef GOXEL_WORK_TEAM_H
#define GOXEL_WORK_TEAM_H

#include <stddef.h>

#include "work/pool.h"

#define GOXEL_TEAM_DESKS_MAX 8

struct goxel_team {
    size_t count;                                       /* of jobs */
    unsigned desks;                                     /* 1 … GOXEL_TEAM_DESKS_MAX */
    void (*work)(void *ctx, size_t job, unsigned desk); /* on any thread, several at a time */
    int (*take)(void *ctx, size_t job, unsigned desk);  /* on the caller's, in the order of jobs */
    void *ctx;
};

/*
 * What `take` returns unless it is 0, which ends it, or 0 once all were taken. On return nobody is at work any more. NULL for
 * the pool: the caller works alone, as it does without memory for a team.
 */
int goxel_team_run(const struct goxel_team *team, struct goxel_pool *pool);

/* How many desks are worth their room with that pool. */
unsigned goxel_team_desks(struct goxel_pool *pool);

#endif
