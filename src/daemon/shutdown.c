/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The seven phases of a stop, each a row: what begins it, and whether it is over.
 *
 *   INIT               /health says 503; serving goes on for shutdown_grace_ms
 *   STOP_ACCEPTING     no new clients; the backlog is taken
 *   DRAIN_REQUESTS     everything accepted is answered, at most for shutdown_timeout_ms, then 503
 *   CLOSE_CONNECTIONS  last replies leave, then what is still open is cut
 *   STOP_WORKERS       the pool runs empty
 *   CLEANUP_RESOURCES  projects are kept, before anything else that may hang; then threads and memory go
 *   COMPLETE           PID file
 *
 * A re-exec goes through the same phases, but leaves the listeners open and new clients in their backlog, and the PID
 * file where it is. A recovery does not wait for what may hang.
 *
 * No step waits: the poll loop calls again after the time that was asked for, or when woken.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/emergency.h"
#include "daemon/pidfile.h"

#define LOOK_AGAIN_MS 50
#define OVERRUN_MS 20000   /* what a phase may take beyond what it should */
#define EXTENSION_MS 10000 /* what a supervisor is asked for on top of what we expect */

/* How patient each goal is, in milliseconds; a drain of -1 is performance.shutdown_timeout_ms. */
static const struct patience {
    int64_t drain, quiet, last_replies, workers;
} patiences[] = {
    [GOXEL_GOAL_STOP] = {-1, GOXEL_FRONT_QUIET_MS, 1000, 10000},
    [GOXEL_GOAL_RESTART] = {-1, GOXEL_FRONT_QUIET_MS, 1000, 2000},
    [GOXEL_GOAL_RECOVER] = {700, 300, 100, 0},
};

static const struct patience *patience(const struct goxel_daemon *daemon)
{
    return &patiences[daemon->shutdown.goal];
}

static int64_t option(struct goxel_daemon *daemon, enum goxel_option which)
{
    return goxel_config_int(daemon->config, which);
}

static int64_t in_phase_ms(const struct goxel_daemon *daemon)
{
    return goxel_clock_ms() - daemon->shutdown.phase_began_ms;
}

/* Each `step` returns 0 when the phase is over, or milliseconds until it wants to look again. */

static int64_t step_init(struct goxel_daemon *daemon)
{
    int64_t left = option(daemon, GOXEL_OPT_PERFORMANCE_SHUTDOWN_GRACE_MS) - in_phase_ms(daemon);

    if (daemon->shutdown.goal != GOXEL_GOAL_STOP || daemon->shutdown.skip_drain || daemon->shutdown.diverted)
        return 0;
    return left > 0 ? left : 0;
}

static int64_t drain_ms(struct goxel_daemon *daemon)
{
    int64_t timeout_ms = patience(daemon)->drain;

    if (timeout_ms < 0)
        timeout_ms = daemon->shutdown.timeout_ms;
    return timeout_ms < 0 ? option(daemon, GOXEL_OPT_PERFORMANCE_SHUTDOWN_TIMEOUT_MS) : timeout_ms;
}

static void begin_stop_accepting(struct goxel_daemon *daemon)
{
    int64_t timeout_ms = drain_ms(daemon);

    daemon->shutdown.drain_until_ms = goxel_clock_ms() + timeout_ms;
    goxel_supervisor_extend(timeout_ms + patience(daemon)->workers + EXTENSION_MS);
    if (daemon->shutdown.goal == GOXEL_GOAL_STOP)
        goxel_front_stop_accepting(daemon->front);
    else
        goxel_front_pause(daemon->front);
}

static bool drain_is_over(const struct goxel_daemon *daemon)
{
    return daemon->shutdown.skip_drain || goxel_clock_ms() >= daemon->shutdown.drain_until_ms;
}

static int64_t step_stop_accepting(struct goxel_daemon *daemon)
{
    if (goxel_front_has_stopped_accepting(daemon->front) || drain_is_over(daemon))
        return 0;
    /* The backlog can be taken only while connections end. */
    goxel_front_drain(daemon->front, patience(daemon)->quiet);
    return LOOK_AGAIN_MS;
}

static int64_t step_drain(struct goxel_daemon *daemon)
{
    int64_t left = daemon->shutdown.drain_until_ms - goxel_clock_ms();
    int64_t next = goxel_front_drain(daemon->front, patience(daemon)->quiet);
    size_t abandoned;

    if (!goxel_front_connections(daemon->front))
        return 0;
    if (!drain_is_over(daemon))
        return next < left ? next : left;
    abandoned = goxel_front_abandon(daemon->front);
    goxel_log(abandoned ? GOXEL_LOG_WARN : GOXEL_LOG_INFO,
              "drain ended connections=%zu abandoned=%zu reason=%s", goxel_front_connections(daemon->front),
              abandoned, daemon->shutdown.skip_drain ? "second-signal" : "time");
    return 0;
}

/* The monitor looks at the front and the pool, which go. */
static void begin_close(struct goxel_daemon *daemon)
{
    goxel_monitor_destroy(daemon->monitor);
    daemon->monitor = NULL;
}

static int64_t step_close(struct goxel_daemon *daemon)
{
    int64_t limit_ms = patience(daemon)->last_replies;

    if (!goxel_front_connections(daemon->front))
        return 0;
    if (!daemon->shutdown.cut && in_phase_ms(daemon) >= limit_ms) {
        goxel_front_disconnect(daemon->front);
        daemon->shutdown.cut = true;
    }
    return in_phase_ms(daemon) < 2 * limit_ms ? LOOK_AGAIN_MS : 0;
}

/* A worker may have posted a request just before it went idle; the answer may need the pool again. */
static bool requests_wait(const struct goxel_daemon *daemon)
{
    for (int kind = 0; kind < GOXEL_REQUEST_COUNT; kind++) {
        /* Nobody waits for a recovery, and it is not taken while the daemon ends. */
        if (kind != GOXEL_REQUEST_RECOVER && goxel_requests_pending(daemon->requests, kind))
            return true;
    }
    return false;
}

/* Should even this thread be stuck, in a join or in the kernel, the end comes all the same. */
static void expect_end_of_phase(const struct goxel_daemon *daemon, int64_t in_ms)
{
    char reason[64];

    (void)snprintf(reason, sizeof(reason), "shutdown phase %s does not end",
                   goxel_shutdown_phase_name(daemon->shutdown.phase));
    goxel_emergency_deadline(in_ms + OVERRUN_MS, goxel_error_exit(GOXEL_ERROR_OPERATION_TIMEOUT), reason);
}

void goxel_daemon_progress(void *ctx)
{
    const struct goxel_daemon *daemon = ctx;

    goxel_supervisor_extend(EXTENSION_MS);
    goxel_supervisor_watchdog();
    if (daemon->shutdown.under_way)
        expect_end_of_phase(daemon, 0);
}

struct keeping {
    int code; /* the first that counts */
    struct goxel_detail detail;
};

static void note_kept(void *ctx, const char *id, const char *name, int code,
                      const struct goxel_detail *detail)
{
    struct keeping *keeping = ctx;

    if (!code) {
        goxel_log(GOXEL_LOG_DEBUG, "project kept id=%s name=%s", id, GOXEL_QUOTED(name));
        return;
    }
    goxel_log(GOXEL_LOG_ERROR, "project not kept id=%s name=%s error=%s reason=%s", id, GOXEL_QUOTED(name),
              goxel_error_symbol(code), GOXEL_QUOTED(detail->text));
    if (!keeping->code || keeping->code == GOXEL_ERROR_LOCKED) {
        keeping->code = code;
        keeping->detail = *detail;
    }
}

int goxel_daemon_keep_projects(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    struct keeping keeping = {.code = 0};
    int code;

    if (!daemon->store)
        return 0;
    goxel_supervisor_extend(EXTENSION_MS);
    code = goxel_store_flush_all(daemon->store, note_kept, &keeping, detail);
    if (!keeping.code)
        return code;
    *detail = keeping.detail;
    return keeping.code;
}

/* What hangs in there must not find its surroundings gone: exec, or the end of the process, takes it along. */
static int64_t leave_workers(struct goxel_daemon *daemon, const struct goxel_pool_stats *stats)
{
    goxel_log(GOXEL_LOG_ERROR, "workers do not stop busy=%u queued=%zu: leaving without them", stats->busy,
              stats->queued + stats->queued_long);
    daemon->shutdown.stuck = true;
    return 0;
}

static int64_t step_workers(struct goxel_daemon *daemon)
{
    struct goxel_pool_stats stats;

    /* Something hangs, and it need not be a worker: no thread is waited for. */
    daemon->shutdown.stuck = daemon->shutdown.goal == GOXEL_GOAL_RECOVER;
    if (daemon->shutdown.stuck)
        return 0;
    goxel_pool_get_stats(daemon->pool, &stats);
    if (!stats.busy && !stats.queued && !stats.queued_long && !requests_wait(daemon))
        return 0;
    return in_phase_ms(daemon) < patience(daemon)->workers ? LOOK_AGAIN_MS : leave_workers(daemon, &stats);
}

/* The first failure of all is what the process ends with. */
static void keep_last(struct goxel_daemon *daemon)
{
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    code = goxel_daemon_keep_projects(daemon, &detail);
    if (code == GOXEL_ERROR_LOCKED && daemon->shutdown.goal == GOXEL_GOAL_RECOVER)
        code = 0; /* what hangs holds it: it is in the log */
    if (code && !daemon->shutdown.code) {
        daemon->shutdown.code = code;
        daemon->shutdown.detail = detail;
    }
}

static int64_t step_cleanup(struct goxel_daemon *daemon)
{
    keep_last(daemon);
    if (daemon->shutdown.goal != GOXEL_GOAL_STOP) {
        daemon->listener_count = goxel_front_listeners(daemon->front, daemon->listeners);
        goxel_front_release(daemon->front);
    }
    if (!daemon->shutdown.stuck)
        goxel_daemon_undo(daemon, GOXEL_PHASE_PRIVILEGES);
    else if (daemon->shutdown.goal == GOXEL_GOAL_STOP)
        goxel_emergency_exit(
            goxel_error_exit(daemon->shutdown.code ? daemon->shutdown.code : GOXEL_ERROR_OPERATION_TIMEOUT),
            "workers do not stop");
    return 0;
}

static int64_t step_complete(struct goxel_daemon *daemon)
{
    if (daemon->shutdown.goal != GOXEL_GOAL_STOP)
        return 0;
    goxel_emergency_disarm();
    goxel_pidfile_drop(goxel_config_string(daemon->config, GOXEL_OPT_PROCESS_PID_FILE), daemon->pid_fd);
    daemon->pid_fd = -1;
    return 0;
}

static const struct {
    void (*begin)(struct goxel_daemon *daemon);
    int64_t (*step)(struct goxel_daemon *daemon);
} phases[SHUTDOWN_PHASE_COUNT] = {
    [SHUTDOWN_PHASE_INIT] = {NULL, step_init},
    [SHUTDOWN_PHASE_STOP_ACCEPTING] = {begin_stop_accepting, step_stop_accepting},
    [SHUTDOWN_PHASE_DRAIN_REQUESTS] = {NULL, step_drain},
    [SHUTDOWN_PHASE_CLOSE_CONNECTIONS] = {begin_close, step_close},
    [SHUTDOWN_PHASE_STOP_WORKERS] = {NULL, step_workers},
    [SHUTDOWN_PHASE_CLEANUP_RESOURCES] = {NULL, step_cleanup},
    [SHUTDOWN_PHASE_COMPLETE] = {NULL, step_complete},
};

/* What a phase is expected to take, at most. */
static int64_t allowance_ms(struct goxel_daemon *daemon, enum goxel_shutdown_phase phase)
{
    if (phase == SHUTDOWN_PHASE_INIT)
        return option(daemon, GOXEL_OPT_PERFORMANCE_SHUTDOWN_GRACE_MS);
    if (phase <= SHUTDOWN_PHASE_DRAIN_REQUESTS)
        return drain_ms(daemon);
    return phase == SHUTDOWN_PHASE_STOP_WORKERS ? patience(daemon)->workers : 0;
}

static void enter(struct goxel_daemon *daemon, enum goxel_shutdown_phase phase)
{
    daemon->shutdown.under_way = true;
    daemon->shutdown.phase = phase;
    expect_end_of_phase(daemon, allowance_ms(daemon, phase));
    if (goxel_machine_state(daemon->machine) == DAEMON_STATE_STOPPING)
        goxel_machine_set_phase(daemon->machine, phase);
    daemon->shutdown.phase_began_ms = goxel_clock_ms();
    goxel_log(GOXEL_LOG_DEBUG, "shutdown phase=%s begins", goxel_shutdown_phase_name(phase));
    if (phases[phase].begin)
        phases[phase].begin(daemon);
}

void goxel_shutdown_begin(struct goxel_daemon *daemon, enum goxel_goal goal)
{
    daemon->shutdown.goal = goal;
    if (goal == GOXEL_GOAL_STOP)
        goxel_supervisor_stopping();
    else
        goxel_supervisor_reloading();
    goxel_supervisor_extend(option(daemon, GOXEL_OPT_PERFORMANCE_SHUTDOWN_GRACE_MS) + EXTENSION_MS);
    enter(daemon, SHUTDOWN_PHASE_INIT);
}

int64_t goxel_shutdown_step(struct goxel_daemon *daemon)
{
    for (;;) {
        enum goxel_shutdown_phase phase = daemon->shutdown.phase;
        int64_t again_ms = phases[phase].step(daemon);

        if (again_ms > 0)
            return again_ms;
        goxel_log(GOXEL_LOG_INFO, "shutdown phase=%s took_ms=%lld", goxel_shutdown_phase_name(phase),
                  (long long)in_phase_ms(daemon));
        if (phase == SHUTDOWN_PHASE_COMPLETE)
            return -1;
        enter(daemon, phase + 1);
    }
}
