/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The seven phases of a stop, each a row: what begins it, and whether it is over.
 *
 *   INIT               /health says 503; serving goes on for shutdown_grace_ms
 *   STOP_ACCEPTING     no new clients; the backlog is taken
 *   DRAIN_REQUESTS     everything accepted is answered, at most for shutdown_timeout_ms, then 503
 *   CLOSE_CONNECTIONS  last replies leave, then what is still open is cut
 *   STOP_WORKERS       the pool runs empty and ends
 *   CLEANUP_RESOURCES  engine and projects
 *   COMPLETE           PID file
 *
 * No step waits: the poll loop calls again after the time that was asked for, or when woken.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/pidfile.h"

#define LAST_REPLIES_MS 1000 /* for 503s to leave, and again for cut connections to end */
#define WORKERS_LIMIT_MS 30000
#define LOOK_AGAIN_MS 50

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

    return left > 0 && !daemon->shutdown.skip_drain ? left : 0;
}

static void begin_stop_accepting(struct goxel_daemon *daemon)
{
    int64_t timeout_ms = daemon->shutdown.timeout_ms;

    if (timeout_ms < 0)
        timeout_ms = option(daemon, GOXEL_OPT_PERFORMANCE_SHUTDOWN_TIMEOUT_MS);
    daemon->shutdown.drain_until_ms = goxel_clock_ms() + timeout_ms;
    goxel_front_stop_accepting(daemon->front);
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
    goxel_front_drain(daemon->front, GOXEL_FRONT_QUIET_MS);
    return LOOK_AGAIN_MS;
}

static int64_t step_drain(struct goxel_daemon *daemon)
{
    int64_t left = daemon->shutdown.drain_until_ms - goxel_clock_ms();
    int64_t next = goxel_front_drain(daemon->front, GOXEL_FRONT_QUIET_MS);
    size_t abandoned;

    if (!goxel_front_connections(daemon->front))
        return 0;
    if (!drain_is_over(daemon))
        return next < left ? next : left;
    abandoned = goxel_front_abandon(daemon->front);
    goxel_log(abandoned ? GOXEL_LOG_WARN : GOXEL_LOG_INFO,
              "drain ended connections=%zu abandoned=%zu reason=%s", goxel_front_connections(daemon->front),
              abandoned, daemon->shutdown.skip_drain ? "second-signal" : "shutdown_timeout_ms");
    return 0;
}

static int64_t step_close(struct goxel_daemon *daemon)
{
    if (!goxel_front_connections(daemon->front))
        return 0;
    if (!daemon->shutdown.cut && in_phase_ms(daemon) >= LAST_REPLIES_MS) {
        goxel_front_disconnect(daemon->front);
        daemon->shutdown.cut = true;
    }
    return in_phase_ms(daemon) < 2 * LAST_REPLIES_MS ? LOOK_AGAIN_MS : 0;
}

/* A worker may have posted a request just before it went idle; the answer may need the pool again. */
static bool requests_wait(const struct goxel_daemon *daemon)
{
    for (int kind = 0; kind < GOXEL_REQUEST_COUNT; kind++) {
        if (goxel_requests_pending(daemon->requests, kind))
            return true;
    }
    return false;
}

static int64_t step_workers(struct goxel_daemon *daemon)
{
    struct goxel_pool_stats stats;

    goxel_front_destroy(daemon->front);
    daemon->front = NULL;
    goxel_pool_get_stats(daemon->pool, &stats);
    if (stats.busy || stats.queued || requests_wait(daemon)) {
        if (in_phase_ms(daemon) < WORKERS_LIMIT_MS)
            return LOOK_AGAIN_MS;
        goxel_log(GOXEL_LOG_ERROR, "workers do not stop busy=%u queued=%zu: leaving without them", stats.busy,
                  stats.queued);
        goxel_pidfile_drop(goxel_config_string(daemon->config, GOXEL_OPT_PROCESS_PID_FILE), daemon->pid_fd);
        _exit(goxel_error_exit(GOXEL_ERROR_OPERATION_TIMEOUT));
    }
    goxel_pool_destroy(daemon->pool);
    daemon->pool = NULL;
    return 0;
}

/* Projects live in memory: what was not saved is said once more before it goes. */
static void name_unsaved(struct goxel_daemon *daemon)
{
    struct goxel_slot **slots = NULL;
    size_t count = 0;

    if (goxel_workspace_list(daemon->workspace, &slots, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        const struct goxel_project *project = goxel_slot_read(slots[i]);

        if (goxel_project_is_modified(project))
            goxel_log(GOXEL_LOG_WARN, "project dropped unsaved name=\"%s\" voxels=%lld", project->name,
                      (long long)goxel_project_voxels(project));
        goxel_slot_done(slots[i]);
        goxel_slot_unref(slots[i]);
    }
    free(slots);
}

static int64_t step_cleanup(struct goxel_daemon *daemon)
{
    name_unsaved(daemon);
    goxel_daemon_undo(daemon, GOXEL_PHASE_PROCESS);
    return 0;
}

static int64_t step_complete(struct goxel_daemon *daemon)
{
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
    [SHUTDOWN_PHASE_CLOSE_CONNECTIONS] = {NULL, step_close},
    [SHUTDOWN_PHASE_STOP_WORKERS] = {NULL, step_workers},
    [SHUTDOWN_PHASE_CLEANUP_RESOURCES] = {NULL, step_cleanup},
    [SHUTDOWN_PHASE_COMPLETE] = {NULL, step_complete},
};

static void enter(struct goxel_daemon *daemon, enum goxel_shutdown_phase phase)
{
    goxel_machine_set_phase(daemon->machine, phase);
    daemon->shutdown.phase_began_ms = goxel_clock_ms();
    goxel_log(GOXEL_LOG_DEBUG, "shutdown phase=%s begins", goxel_shutdown_phase_name(phase));
    if (phases[phase].begin)
        phases[phase].begin(daemon);
}

void goxel_shutdown_begin(struct goxel_daemon *daemon)
{
    enter(daemon, SHUTDOWN_PHASE_INIT);
}

int64_t goxel_shutdown_step(struct goxel_daemon *daemon)
{
    for (;;) {
        enum goxel_shutdown_phase phase = goxel_machine_phase(daemon->machine);
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
