/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The front: libmicrohttpd and the JSON streams behind our own acceptor.
 *
 * Used by: daemon.  Uses: rpc (dispatch), lifecycle, config, access, work, base.
 *
 * Cheap reads (/health, /stats, …) are answered on libmicrohttpd's threads; JSON-RPC goes through the
 * bounded queue to a worker, admin calls go to the lifecycle thread, and their connection is
 * suspended meanwhile.
 *
 * Life: one front a daemon. It is made in start-up phase 5, opened when the daemon is RUNNING, so that nobody who
 * came early is told that it is not, and ended by the lifecycle thread in steps, none of which blocks:
 *
 *   goxel_front_stop_accepting   no new clients; what the backlog holds is still taken
 *    or goxel_front_pause        before a re-exec: clients wait in the backlog for the next image
 *   goxel_front_drain            until goxel_front_connections() is 0 or the limit has passed
 *   goxel_front_abandon          what still waits gets 503 and is counted
 *   goxel_front_disconnect       what is still open is cut
 *   goxel_front_destroy          once no connection is left (before a re-exec, goxel_front_release first)
 */
#ifndef GOXEL_HTTP_FRONT_H
#define GOXEL_HTTP_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "access/policy.h"
#include "base/json.h"
#include "config/config.h"
#include "http/listener.h"
#include "lifecycle/feed.h"
#include "lifecycle/health.h"
#include "lifecycle/machine.h"
#include "lifecycle/requests.h"
#include "rpc/rpc.h"
#include "work/pool.h"

struct goxel_front;

/* Re-execs in place, across all images of this process. */
struct goxel_restart_figures {
    uint64_t restarts;   /* that somebody asked for */
    uint64_t recoveries; /* that the health monitor asked for */
    unsigned attempts;   /* recoveries that are not forgotten yet */
};

/* The projects that are kept, and the journal that edits are in before they are answered. */
struct goxel_store_figures {
    uint64_t records, groups, bytes; /* written; a group has one sync */
    uint64_t failures;               /* groups that could not be written */
    uint64_t unflushed;              /* bytes since the last checkpoint */
    double seconds;                  /* writing and syncing, in all */
    uint64_t damaged;                /* places of it, and projects, that were not as they had been written */
    uint64_t scrubbed;               /* rows of databases that were compared with their checksums */
    uint64_t projects, loaded;       /* kept, and of them those in memory */
    uint64_t refused;                /* those that are damaged */
    uint64_t disk_bytes;             /* of the databases, and of the journal since the last checkpoint */
};

/* What the daemon tells; every function may be called by any thread. */
struct goxel_front_ops {
    struct goxel_config *(*config)(void *ctx); /* a counted reference to the effective configuration */
    /* The options that wait for a restart, as a JSON array under `key`. */
    void (*write_pending)(void *ctx, struct goxel_json_writer *w, const char *key);
    /* Outcome and wall clock (ms) of the last reload; 1 and the start before the first. */
    void (*last_reload)(void *ctx, bool *ret_ok, int64_t *ret_success_ms, size_t *ret_pending);
    void (*wake)(void *ctx); /* a step of the end may have become possible */
    void (*restarts)(void *ctx, struct goxel_restart_figures *ret_figures);
    void (*store)(void *ctx, struct goxel_store_figures *ret_figures);
    struct goxel_policy *(*policy)(void *ctx); /* a counted reference: who may do how much now */
};

struct goxel_front_options {
    struct goxel_front_ops ops;
    void *ctx;
    struct goxel_rpc *rpc;
    struct goxel_pool *pool;
    struct goxel_machine *machine;
    struct goxel_requests *requests;
    struct goxel_health *health;
    struct goxel_feed *feed; /* outlives the front */
    const char *www;         /* folder of the web console's files, which are read now; NULL: none */
    unsigned io_threads;
    unsigned max_connections; /* beyond it, up to GOXEL_FRONT_SURPLUS more are let in to be told so */
};

/* Connections over the maximum that are answered 503; more wait in the backlog. */
#define GOXEL_FRONT_SURPLUS 64

/* Has the library what we need? DAEMON_ERROR_INVALID_ENVIRONMENT names what is missing. */
int goxel_front_check(struct goxel_detail *detail);

/*
 * The listeners are copied, and owned by the front from here on, on success only; clients wait in their backlog.
 * DAEMON_ERROR_SOCKET_CREATE_FAILED if threads or libmicrohttpd cannot be started. Files of `www` that cannot
 * be read are no reason not to serve: they are said in the log.
 */
int goxel_front_create(const struct goxel_front_options *options, const struct goxel_listener *listeners,
                       size_t count, struct goxel_detail *detail, struct goxel_front **ret_front);

/* Lifecycle thread, in this order. */
void goxel_front_open(struct goxel_front *front); /* begins to accept: once we can say that we are ready */
void goxel_front_stop_accepting(struct goxel_front *front); /* begins; ops.wake when done */
/* Begins to leave new clients to the backlog, without closing anything. goxel_front_stop_accepting may follow. */
void goxel_front_pause(struct goxel_front *front);
/* Whichever of the two was asked for last is complete. */
bool goxel_front_has_stopped_accepting(struct goxel_front *front);
/*
 * Lets clients that have been silent for `quiet_ms` go: long enough for a request that is on its way to arrive.
 * Returns milliseconds until it should be called again.
 */
#define GOXEL_FRONT_QUIET_MS 1000
int64_t goxel_front_drain(struct goxel_front *front, int64_t quiet_ms);
size_t goxel_front_abandon(struct goxel_front *front); /* how many requests were answered 503 */
void goxel_front_disconnect(struct goxel_front *front);
void goxel_front_destroy(struct goxel_front *front); /* NULL is fine */

size_t goxel_front_connections(struct goxel_front *front); /* open ones; any thread */

/* The listeners that are open, copied (at most GOXEL_LISTENERS_MAX); how many. Lifecycle thread. */
size_t goxel_front_listeners(struct goxel_front *front, struct goxel_listener *ret_listeners);
/* After a pause: they are the caller's from here on, and goxel_front_destroy does not close them. */
void goxel_front_release(struct goxel_front *front);

/*
 * A connection of our own through acceptor and I/O threads, on a slot that clients cannot use up and that no
 * figure or log counts. The caller's end, blocking and close-on-exec. Any thread, as long as the front accepts.
 * GOXEL_ERROR_FILE_ACCESS (errno), GOXEL_ERROR_OVERLOADED while an earlier one waits to be taken,
 * GOXEL_ERROR_SHUTTING_DOWN once no more is accepted. A probe that comes just then may see its end at once.
 */
int goxel_front_probe(struct goxel_front *front, struct goxel_detail *detail, int *ret_fd);

/* The statistics as one `name=value …` line, for the log. Any thread. */
void goxel_front_dump(struct goxel_front *front, struct goxel_buf *buf);

#endif
