/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bounded queue and the threads that empty it.
 *
 * Used by: http, rpc, mesh, store, daemon.  Uses: base.
 *
 * Life: one pool a daemon, made in start-up phase 5 and destroyed in SHUTDOWN_PHASE_STOP_WORKERS.
 * Tasks are embedded in what they work on and belong to the submitter again as soon as `run` was
 * called; the pool allocates nothing for them. Every function is thread-safe except `destroy`.
 */
#ifndef GOXEL_WORK_POOL_H
#define GOXEL_WORK_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/detail.h"

struct goxel_pool;

struct goxel_task {
    void (*run)(struct goxel_task *task); /* on a worker */
    struct goxel_task *next;              /* the pool's */
    int64_t queued_ns;                    /* monotonic, since when it waits; the pool's */
};

struct goxel_pool_options {
    unsigned workers;    /* threads, 1 … GOXEL_POOL_WORKERS_MAX */
    unsigned queue_size; /* tasks that may wait, 1 …; and as many long ones for their turn */
};

#define GOXEL_POOL_WORKERS_MAX 256

struct goxel_pool_stats {
    unsigned workers, busy;
    unsigned busy_long; /* of those: with long tasks */
    size_t queued, queue_size;
    size_t queued_long; /* beside them: long tasks that wait for others to end */
    size_t queue_peak;  /* of both together */
    uint64_t submitted, refused, done;
    int64_t oldest_run_ms; /* how long the longest-running task has been at it; 0 when all are idle */
};

/* DAEMON_ERROR_QUEUE_INIT_FAILED or DAEMON_ERROR_THREAD_POOL_INIT_FAILED; the workers leave signals to others (base/thread.h). */
int goxel_pool_create(const struct goxel_pool_options *options, struct goxel_detail *detail,
                      struct goxel_pool **ret_pool);

/* At once: 0, or GOXEL_ERROR_OVERLOADED when `queue_size` tasks wait already, long ones for their turn not among them. */
int goxel_pool_submit(struct goxel_pool *pool, struct goxel_task *task);

/* For a task that was admitted once and goes on after waiting for something: never refused, runs next. */
void goxel_pool_resubmit(struct goxel_pool *pool, struct goxel_task *task);

/*
 * From `run`, once it is known that it takes long. It begins: it goes on, and its worker counts as one with a long task until
 * `run` returns. It does not: all workers but one have a long task already, or others were there first; the task waits and is the
 * pool's, until its `run` is called anew, which then begins at once. Long tasks wait in their order; what is not known as long
 * passes them while they may not begin, and does not once they may. On a thread that is none of the pool's it begins.
 * GOXEL_ERROR_OVERLOADED: it does not, and `queue_size` others wait for their turn already; it is the caller's still.
 */
int goxel_pool_begin_long(struct goxel_pool *pool, struct goxel_task *task, bool *ret_begins);

/* Are there more tasks that may run than idle workers? It may have changed on return. */
bool goxel_pool_lacks_workers(struct goxel_pool *pool);

/* More or fewer workers, and another bound; surplus workers leave after the task in hand. Waiting tasks stay. */
int goxel_pool_resize(struct goxel_pool *pool, const struct goxel_pool_options *options,
                      struct goxel_detail *detail);

void goxel_pool_get_stats(struct goxel_pool *pool, struct goxel_pool_stats *ret_stats);

/* Runs what waits, then ends the workers and joins them. NULL is fine. */
void goxel_pool_destroy(struct goxel_pool *pool);

#endif
