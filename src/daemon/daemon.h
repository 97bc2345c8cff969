/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The daemon: everything that lives as long as the process, and the lifecycle thread that moves it.
 *
 * Used by: main.  Uses: every folder.
 *
 * Threads: all of this belongs to the lifecycle thread (the main thread), except `config`, `pending`
 * and the reload's outcome, which others read under `lock`, and the parts that say themselves that
 * they are thread-safe.
 */
#ifndef GOXEL_DAEMON_DAEMON_H
#define GOXEL_DAEMON_DAEMON_H

#include <pthread.h>
#include <stdbool.h>

#include "config/config.h"
#include "core/workspace.h"
#include "daemon/events.h"
#include "http/front.h"
#include "lifecycle/health.h"
#include "lifecycle/machine.h"
#include "lifecycle/requests.h"
#include "rpc/rpc.h"
#include "work/pool.h"

/* The course of a stop; see shutdown.c. */
struct goxel_shutdown {
    int64_t phase_began_ms; /* monotonic */
    int64_t drain_until_ms;
    int64_t timeout_ms; /* for this stop, or -1: performance.shutdown_timeout_ms */
    bool by_signal;     /* a signal asked for it, first or later */
    bool skip_drain;    /* and then a second one, or it was forced */
    bool cut;           /* CLOSE_CONNECTIONS: the rest was disconnected */
};

/* Start-up phases: how many of the table are done when each is. */
enum goxel_phase { GOXEL_PHASE_NONE, GOXEL_PHASE_ENVIRONMENT, GOXEL_PHASE_PROCESS, GOXEL_PHASE_CORE };

struct goxel_daemon {
    /* from the command line */
    char *config_path; /* absolute; NULL: none */
    const struct goxel_config_override *overrides;
    size_t override_count;
    /* parts, in the order in which they come and the reverse of that in which they go */
    struct goxel_events events;
    int pid_fd;
    struct goxel_machine *machine;
    struct goxel_requests *requests;
    struct goxel_health *health;
    struct goxel_workspace *workspace;
    struct goxel_pool *pool;
    struct goxel_rpc *rpc;
    struct goxel_front *front;
    struct goxel_shutdown shutdown;
    size_t phases_done;
    /* shared */
    pthread_mutex_t lock;
    struct goxel_config *config; /* effective */
    enum goxel_option *pending;  /* options whose new value waits */
    size_t pending_count;
    bool reload_ok;
    int64_t reload_ms; /* wall clock of the last accepted configuration */
};

/* The effective configuration as a counted reference; any thread. `ctx` is the daemon. */
struct goxel_config *goxel_daemon_config(void *ctx);

/* Makes the lifecycle thread look; any thread. `ctx` is the daemon. */
void goxel_daemon_wake(void *ctx);

/* startup.c: walks the phases; undoes on failure. */
int goxel_daemon_start(struct goxel_daemon *daemon, struct goxel_detail *detail);
void goxel_daemon_undo(struct goxel_daemon *daemon, enum goxel_phase down_to); /* `down_to` stays done */
bool goxel_daemon_started(void *ctx, struct goxel_detail *detail); /* validates STARTING → RUNNING */

/* reload.c: applies the logging options. */
int goxel_daemon_open_log(const struct goxel_config *config, struct goxel_detail *detail);

/*
 * reload.c: load, validate, compare, apply; on failure nothing has changed. The report is the JSON of
 * POST /reload in both cases.
 */
int goxel_daemon_reload(struct goxel_daemon *daemon, struct goxel_buf *report, struct goxel_detail *detail);
void goxel_daemon_write_pending(void *ctx, struct goxel_json_writer *w, const char *key);
void goxel_daemon_last_reload(void *ctx, bool *ret_ok, int64_t *ret_success_ms, size_t *ret_pending);

/* shutdown.c: one step of the stop; returns milliseconds until the next, or -1 when it is complete. */
void goxel_shutdown_begin(struct goxel_daemon *daemon);
int64_t goxel_shutdown_step(struct goxel_daemon *daemon);

/* loop.c: from STARTING to STOPPED; returns what the process ends with. */
int goxel_daemon_run(struct goxel_daemon *daemon, struct goxel_detail *detail);

#endif
