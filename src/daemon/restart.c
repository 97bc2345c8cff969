/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Restart in place, and recovery: the next image of the daemon takes over process, PID file and listeners.
 *
 *   POST /restart   RUNNING ── check, keep ──► STOPPING ── seven phases ──► STARTING, exec
 *   health monitor  RUNNING ── check, keep ──► ERROR ── phases in a hurry ──► STARTING, exec
 *                     └── too many attempts ──► ERROR ──► STOPPING, the end
 *
 * Whatever can be known is found out while everything still runs, so that a refusal changes nothing: the file, the
 * limits it would need, whether the program on the disk, which may be a newer one, takes it, whether every project
 * can be kept. A recovery that is refused or too soon leaves the daemon RUNNING and unhealthy, and is asked for again
 * by the monitor. What goes from image to image is the work of daemon/handover.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/handover.h"
#include "daemon/limits.h"

#define ERRORS_MAX (64u << 10)
#define CHECK_LIMIT_MS 10000
#define LOOK_AGAIN_MS 20

/* ---- whether ---- */

static int verdict(const struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_restart *restart = &daemon->restart;
    int64_t most = goxel_config_int(daemon->config, GOXEL_OPT_HEALTH_MAX_RESTART_ATTEMPTS);
    int64_t delay_ms = goxel_config_int(daemon->config, GOXEL_OPT_HEALTH_RESTART_DELAY_MS);
    int64_t ago_ms = goxel_clock_ms() - restart->last_recovery_ms;

    if (restart->figures.attempts >= most)
        return goxel_fail(detail, DAEMON_ERROR_MAX_RECOVERY_ATTEMPTS,
                          "%u recoveries did not help; health.max_restart_attempts is %lld",
                          restart->figures.attempts, (long long)most);
    if (restart->last_recovery_ms && ago_ms < delay_ms)
        return goxel_fail(detail, DAEMON_ERROR_RECOVERY_TOO_SOON,
                          "the last recovery was %lld ms ago; health.restart_delay_ms is %lld",
                          (long long)ago_ms, (long long)delay_ms);
    return 0;
}

bool goxel_restart_allowed(void *ctx, struct goxel_detail *detail)
{
    return verdict(ctx, detail) == 0;
}

bool goxel_restart_takes(const struct goxel_daemon *daemon, enum goxel_request_kind kind)
{
    const struct goxel_restart *restart = &daemon->restart;

    if (kind == GOXEL_REQUEST_RESTART)
        return restart->stage != GOXEL_RESTART_CHECKING;
    /* The monitor asks again in every round: one line of history for all until the next try. */
    return kind != GOXEL_REQUEST_RECOVER ||
           (restart->stage == GOXEL_RESTART_NONE && goxel_clock_ms() >= restart->not_before_ms &&
            goxel_machine_state(daemon->machine) == DAEMON_STATE_RUNNING);
}

void goxel_restart_forget(struct goxel_daemon *daemon)
{
    struct goxel_restart *restart = &daemon->restart;
    int64_t window_ms = goxel_config_int(daemon->config, GOXEL_OPT_HEALTH_RECOVERY_WINDOW_MS);
    int64_t since_ms;
    bool well;

    if (!restart->figures.attempts || !daemon->monitor || restart->stage != GOXEL_RESTART_NONE)
        return;
    since_ms = goxel_monitor_last_failure_ms(daemon->monitor, &well);
    if (since_ms < restart->last_recovery_ms)
        since_ms = restart->last_recovery_ms;
    if (!well || goxel_clock_ms() - since_ms < window_ms)
        return;
    goxel_log(GOXEL_LOG_INFO, "recovery attempts=%u forgotten after_ms=%lld", restart->figures.attempts,
              (long long)window_ms);
    pthread_mutex_lock(&daemon->lock);
    restart->figures.attempts = 0;
    pthread_mutex_unlock(&daemon->lock);
}

void goxel_restart_figures(void *ctx, struct goxel_restart_figures *ret_figures)
{
    struct goxel_daemon *daemon = ctx;

    pthread_mutex_lock(&daemon->lock);
    *ret_figures = daemon->restart.figures;
    pthread_mutex_unlock(&daemon->lock);
}

/* ---- the check ---- */

static void pass_over(void *ctx, enum goxel_option option, bool applied)
{
    (void)ctx, (void)option, (void)applied;
}

/* Of what will be in effect, which is not all that the file says. */
static int check_access(const struct goxel_daemon *daemon, struct goxel_config *wanted,
                        struct goxel_buf *errors, struct goxel_detail *detail)
{
    struct goxel_config *effective = NULL;
    int code = goxel_config_merge(daemon->config, wanted, GOXEL_LEVEL_REEXEC, pass_over, NULL, &effective);

    if (code)
        return goxel_fail(detail, code, "the configurations could not be compared");
    code = goxel_daemon_check_policy(effective, errors, detail);
    goxel_config_unref(effective);
    return code;
}

/* By ourselves first, because this says what is wrong: the first line of it. */
static int check_here(const struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    struct goxel_config *config = NULL;
    struct goxel_buf errors;
    int code;

    goxel_buf_init(&errors, ERRORS_MAX);
    code = goxel_daemon_load(daemon, daemon->settings, &errors, NULL, &config, detail);
    if (!code)
        code = check_access(daemon, config, &errors, detail);
    if (code && errors.len)
        goxel_fail(detail, code, "%.*s", (int)strcspn(errors.data, "\n"), errors.data);
    if (!code)
        code = goxel_daemon_check_limits(config, detail);
    goxel_buf_finish(&errors);
    goxel_config_unref(config);
    return code;
}

/* Then by what would come next. */
static int begin_check(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const char **argv = goxel_handover_arguments(daemon, "--check-config");
    struct goxel_detail why;
    int code;

    if (!argv)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "restart");
    goxel_detail_init(&why);
    code = goxel_script_start(&daemon->restart.check, argv, CHECK_LIMIT_MS, &why);
    free(argv);
    if (code)
        return goxel_fail(detail, GOXEL_ERROR_GENERAL, "the program cannot be started again: %.180s",
                          why.text);
    daemon->restart.stage = GOXEL_RESTART_CHECKING;
    return 0;
}

static int check(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int code = check_here(daemon, detail);

    return code ? code : begin_check(daemon, detail);
}

/* ---- asked for ---- */

static void answer(struct goxel_daemon *daemon, const struct goxel_trail *trail, int code,
                   const struct goxel_detail *detail)
{
    char report[64];
    struct goxel_request_result result = {.code = code, .detail = detail};

    if (!daemon->restart.asked)
        return;
    daemon->restart.asked = false;
    if (!code) {
        result.report_len = (size_t)snprintf(report, sizeof(report), "{\"state\":\"%s\"}",
                                             goxel_state_name(goxel_machine_state(daemon->machine)));
        result.report = report;
    }
    goxel_requests_finish(daemon->requests, &daemon->restart.run, trail->text, &result);
}

/* The way out of a failure that no restart in place mends: ERROR, for a recovery, then the end with `why`. */
static int end(struct goxel_daemon *daemon, enum goxel_goal goal, struct goxel_trail *trail, int why,
               struct goxel_detail *detail)
{
    const struct goxel_detail reason = *detail;
    int code = 0;

    if (goal == GOXEL_GOAL_RECOVER)
        code = goxel_daemon_move(daemon, trail, DAEMON_STATE_ERROR, detail);
    if (!code)
        code = goxel_daemon_move(daemon, trail, DAEMON_STATE_STOPPING, detail);
    if (code)
        return code;
    goxel_log(GOXEL_LOG_ERROR, "ending error=%s reason=%s", goxel_error_symbol(why),
              GOXEL_QUOTED(reason.text));
    daemon->shutdown.code = why;
    daemon->shutdown.detail = reason;
    *detail = reason;
    return 0;
}

/* Where no next image can be made, the supervisor has to start it. */
static int leave_to_supervisor(struct goxel_daemon *daemon, enum goxel_goal goal, struct goxel_trail *trail,
                               struct goxel_detail *detail)
{
    int why = goxel_fail(detail, GOXEL_ERROR_RESTART_ELSEWHERE,
                         daemon->rooted ? "confined by chroot, it cannot start itself"
                                        : "the path of the program is unknown");

    return end(daemon, goal, trail, why, detail);
}

static bool is_healthy(const struct goxel_daemon *daemon)
{
    const char *const *names;
    size_t count = goxel_config_list(daemon->config, GOXEL_OPT_HEALTH_RECOVER_ON, &names);

    for (size_t i = 0; i < count; i++) {
        for (int kind = 0; kind < GOXEL_CHECK_COUNT; kind++) {
            if (!strcmp(names[i], goxel_check_name(kind)) && !goxel_health_check_ok(daemon->health, kind))
                return false;
        }
    }
    return true;
}

/* Whether a recovery may be tried now. */
static int judge(struct goxel_daemon *daemon, struct goxel_trail *trail, struct goxel_detail *detail)
{
    struct goxel_restart *restart = &daemon->restart;
    int code;

    if (is_healthy(daemon))
        return goxel_fail(detail, DAEMON_ERROR_TRANSITION_FAILED, "it has become healthy meanwhile");
    code = verdict(daemon, detail);
    if (code == DAEMON_ERROR_MAX_RECOVERY_ATTEMPTS) {
        int ended = end(daemon, GOXEL_GOAL_RECOVER, trail, code, detail);

        return ended ? ended : code;
    }
    if (code)
        restart->not_before_ms = restart->last_recovery_ms +
                                 goxel_config_int(daemon->config, GOXEL_OPT_HEALTH_RESTART_DELAY_MS);
    return code;
}

static void put_off(struct goxel_daemon *daemon)
{
    if (daemon->restart.goal == GOXEL_GOAL_RECOVER)
        daemon->restart.not_before_ms = goxel_clock_ms() +
                                        goxel_config_int(daemon->config, GOXEL_OPT_HEALTH_RESTART_DELAY_MS);
}

bool goxel_restart_ask(struct goxel_daemon *daemon, struct goxel_request_run *run, enum goxel_goal goal,
                       struct goxel_trail *trail, struct goxel_detail *detail, int *ret_code)
{
    enum goxel_state state = goxel_machine_state(daemon->machine);

    *ret_code = 0;
    if (daemon->restart.stage == GOXEL_RESTART_LEAVING && daemon->restart.goal == goal)
        return false; /* it is under way */
    if (state != DAEMON_STATE_RUNNING)
        *ret_code = goxel_fail(detail, DAEMON_ERROR_INVALID_STATE_TRANSITION, "restart in %s",
                               goxel_state_name(state));
    else if (goal == GOXEL_GOAL_RECOVER)
        *ret_code = judge(daemon, trail, detail);
    if (*ret_code)
        return false;
    daemon->restart.goal = goal;
    if (daemon->rooted || !daemon->program) {
        *ret_code = leave_to_supervisor(daemon, goal, trail, detail);
        return false;
    }
    *ret_code = check(daemon, detail);
    if (*ret_code) {
        put_off(daemon);
        return false;
    }
    daemon->restart.run = *run;
    daemon->restart.asked = true;
    return true;
}

/* ---- steps ---- */

static void refuse(struct goxel_daemon *daemon, int code, const struct goxel_detail *detail)
{
    const struct goxel_trail trail = {""};

    goxel_log(GOXEL_LOG_ERROR, "%s refused reason=%s",
              daemon->restart.goal == GOXEL_GOAL_RECOVER ? "recovery" : "restart",
              GOXEL_QUOTED(detail->text));
    daemon->restart.stage = GOXEL_RESTART_NONE;
    put_off(daemon);
    answer(daemon, &trail, code, detail);
}

/* What an edit holds that does not end cannot be kept; without it, nothing else would be either. */
static int keep(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int code = goxel_daemon_keep_projects(daemon, detail);

    return code == GOXEL_ERROR_LOCKED ? 0 : code;
}

/* The phases of shutdown.c begin: by the move to STOPPING, or, for a recovery, in ERROR. */
static void leave(struct goxel_daemon *daemon)
{
    struct goxel_trail trail = {""};
    struct goxel_detail detail;
    bool recovers = daemon->restart.goal == GOXEL_GOAL_RECOVER;
    int code;

    goxel_detail_init(&detail);
    daemon->restart.stage = GOXEL_RESTART_LEAVING;
    code = goxel_daemon_move(daemon, &trail, recovers ? DAEMON_STATE_ERROR : DAEMON_STATE_STOPPING, &detail);
    if (code)
        daemon->restart.stage = GOXEL_RESTART_NONE;
    else if (recovers)
        goxel_shutdown_begin(daemon, GOXEL_GOAL_RECOVER);
    answer(daemon, &trail, code, &detail);
}

int64_t goxel_restart_step(struct goxel_daemon *daemon)
{
    struct goxel_detail detail, why;
    int code = 0;

    if (daemon->restart.stage != GOXEL_RESTART_CHECKING)
        return -1;
    goxel_detail_init(&detail);
    goxel_detail_init(&why);
    if (!goxel_script_wait(&daemon->restart.check, 0, -1, &why, &code))
        return LOOK_AGAIN_MS;
    if (code)
        code = goxel_fail(&detail, DAEMON_ERROR_CONFIG_INVALID, "%s --check-config: %.180s", daemon->program,
                          why.text);
    else
        code = keep(daemon, &detail);
    if (code)
        refuse(daemon, code, &detail);
    else
        leave(daemon);
    return 1;
}

void goxel_restart_drop(struct goxel_daemon *daemon)
{
    const struct goxel_trail trail = {""};
    struct goxel_detail detail;

    goxel_detail_init(&detail);
    goxel_script_stop(&daemon->restart.check);
    daemon->restart.stage = GOXEL_RESTART_NONE;
    if (daemon->restart.asked)
        answer(daemon, &trail, goxel_fail(&detail, GOXEL_ERROR_SHUTTING_DOWN, "a stop came first"), &detail);
}
