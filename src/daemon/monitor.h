/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The health monitor: a thread that runs the checks every health.check_interval_ms and reports them.
 *
 * Used by: daemon.  Uses: http (its probe), lifecycle, config, work, base.
 *
 *   responsive  the lifecycle thread answers a ping; GET /version comes back over a connection of our own, on a
 *               slot that clients cannot use up; no worker has been at one request for heartbeat_timeout_ms.
 *               While the front stops and takes no connections nothing can be told, and nothing is reported
 *   memory      resident memory is at most limits.max_memory_mb
 *   queue       the request queue is not full
 *   script      health.health_check_script ends with 0 in script_timeout_ms; ok when there is none. No round
 *               waits for it: it is reported when it ends, and never runs twice at a time
 *
 * When a check of health.recover_on has failed (as many times in a row as the threshold) and
 * health.restart_on_failure is on, the monitor posts a `recover` request, and again each round while that lasts.
 *
 * Life: made in phase 5, when the front is there; destroyed before the front. Its only effects are reports and
 * posts; it never moves the state. `beat` and `wake` are for the lifecycle thread; the rest says itself.
 */
#ifndef GOXEL_DAEMON_MONITOR_H
#define GOXEL_DAEMON_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/detail.h"
#include "config/config.h"
#include "http/front.h"
#include "lifecycle/health.h"
#include "lifecycle/feed.h"
#include "lifecycle/requests.h"
#include "work/pool.h"

struct goxel_monitor;

struct goxel_monitor_options {
    struct goxel_config *(*config)(void *ctx); /* a counted reference; any thread */
    void (*wake)(void *ctx); /* makes the lifecycle thread take a turn, which calls `beat` */
    /* The connection that GET /version is asked on; NULL: goxel_front_probe, as whose contract it has. For tests. */
    int (*connect)(void *ctx, struct goxel_detail *detail, int *ret_fd);
    int64_t patience_ms; /* with a thread that should answer at once; 0: 5000. For tests. */
    void *ctx;
    struct goxel_front *front;
    struct goxel_pool *pool;
    struct goxel_health *health;
    struct goxel_requests *requests;
    struct goxel_feed *feed; /* is told of checks that fail or heal */
    struct goxel_rpc *rpc;   /* tended after each round; NULL: none */
};

/* DAEMON_ERROR_HEALTH_MONITOR_FAILED. The first round begins after one interval. */
int goxel_monitor_create(const struct goxel_monitor_options *options, struct goxel_detail *detail,
                         struct goxel_monitor **ret_monitor);
/* Kills a script that runs, ends a round that waits, joins: well under a second. NULL is fine. */
void goxel_monitor_destroy(struct goxel_monitor *monitor);

/* The lifecycle thread took a turn: the answer to a ping. NULL is fine. */
void goxel_monitor_beat(struct goxel_monitor *monitor);
/* The configuration changed: the interval, counted from the last round, is the new one. NULL is fine. */
void goxel_monitor_wake(struct goxel_monitor *monitor);

/*
 * For the forgetting of attempts. Monotonic time (ms) at which a check of recover_on was last seen failed, past its
 * threshold or not, 0 for never; and whether each of them has gone well since (false before the first round is over,
 * and for NULL). Any thread.
 */
int64_t goxel_monitor_last_failure_ms(const struct goxel_monitor *monitor, bool *ret_well_since);

#endif
