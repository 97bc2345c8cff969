/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Restart in place, and recovery: the next image of the daemon takes over process, PID file and listeners.
 *
 *   POST /restart   RUNNING ── check ──► STOPPING ── seven phases ──► STARTING, exec
 *   health monitor  RUNNING ──► ERROR ── cool-down, check, phases in a hurry ──► STARTING, exec
 *                                 └── too many attempts ──► STOPPING, the end
 *
 * The check asks the program on the disk, which may be a newer one, whether it takes the configuration, while
 * everything still runs. What goes from image to image is the work of daemon/handover.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/handover.h"

#define ERRORS_MAX (64u << 10)
#define CHECK_LIMIT_MS 10000
#define LOOK_AGAIN_MS 20

/* ---- whether ---- */

int goxel_restart_verdict(const struct goxel_daemon *daemon, struct goxel_detail *detail)
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
    return goxel_restart_verdict(ctx, detail) == 0;
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

/* By ourselves first, because this says what is wrong: the first line of it. */
static int check_here(const struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    struct goxel_config *config = NULL;
    struct goxel_buf errors;
    int code;

    goxel_buf_init(&errors, ERRORS_MAX);
    code = goxel_daemon_load(daemon, &errors, NULL, &config, detail);
    if (code && errors.len)
        goxel_fail(detail, code, "%.*s", (int)strcspn(errors.data, "\n"), errors.data);
    goxel_buf_finish(&errors);
    goxel_config_unref(config);
    return code;
}

static int begin_check(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const char **argv = goxel_handover_arguments(daemon, "--check-config");
    int code;

    if (!argv)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "restart");
    code = goxel_script_start(&daemon->restart.check, argv, CHECK_LIMIT_MS, detail);
    free(argv);
    if (!code)
        daemon->restart.stage = GOXEL_RESTART_CHECKING;
    return code;
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

/* Where no next image can be made, the supervisor has to start it. */
static int leave_to_supervisor(struct goxel_daemon *daemon, struct goxel_trail *trail,
                               struct goxel_detail *detail)
{
    int code = goxel_daemon_move(daemon, trail, DAEMON_STATE_STOPPING, detail);

    if (!code)
        daemon->shutdown.code = goxel_fail(&daemon->shutdown.detail, GOXEL_ERROR_RESTART_ELSEWHERE,
                                           daemon->rooted ? "confined by chroot, it cannot start itself"
                                                          : "the path of the program is unknown");
    return code;
}

bool goxel_restart_ask(struct goxel_daemon *daemon, struct goxel_request_run *run, struct goxel_trail *trail,
                       struct goxel_detail *detail, int *ret_code)
{
    enum goxel_state state = goxel_machine_state(daemon->machine);

    *ret_code = 0;
    if (daemon->restart.stage != GOXEL_RESTART_NONE)
        return false; /* it is under way */
    if (state != DAEMON_STATE_RUNNING)
        *ret_code = goxel_fail(detail, DAEMON_ERROR_INVALID_STATE_TRANSITION, "restart in %s",
                               goxel_state_name(state));
    else if (daemon->rooted || !daemon->program)
        *ret_code = leave_to_supervisor(daemon, trail, detail);
    else
        *ret_code = check(daemon, detail);
    if (daemon->restart.stage != GOXEL_RESTART_CHECKING)
        return false;
    daemon->restart.goal = GOXEL_GOAL_RESTART;
    daemon->restart.run = *run;
    daemon->restart.asked = true;
    return true;
}

/* ---- recovery ---- */

static int give_up(struct goxel_daemon *daemon, struct goxel_trail *trail, int why,
                   const struct goxel_detail *detail)
{
    struct goxel_detail refused;

    goxel_detail_init(&refused);
    daemon->restart.stage = GOXEL_RESTART_NONE;
    goxel_log(GOXEL_LOG_ERROR, "recovery given up reason=\"%s\"", detail->text);
    if (!goxel_daemon_move(daemon, trail, DAEMON_STATE_STOPPING, &refused)) {
        daemon->shutdown.code = why;
        daemon->shutdown.detail = *detail;
    }
    return why;
}

/* In ERROR: on, or wait, or give up. */
static int go_on(struct goxel_daemon *daemon, struct goxel_trail *trail, struct goxel_detail *detail)
{
    int code = goxel_restart_verdict(daemon, detail);

    if (code == DAEMON_ERROR_MAX_RECOVERY_ATTEMPTS)
        return give_up(daemon, trail, code, detail);
    daemon->restart.stage = GOXEL_RESTART_WAITING;
    return code ? code : begin_check(daemon, detail);
}

int goxel_restart_recover(struct goxel_daemon *daemon, struct goxel_trail *trail, struct goxel_detail *detail)
{
    int code = goxel_daemon_move(daemon, trail, DAEMON_STATE_ERROR, detail);

    if (code)
        return code;
    daemon->restart.goal = GOXEL_GOAL_RECOVER;
    if (daemon->rooted || !daemon->program)
        return leave_to_supervisor(daemon, trail, detail);
    return go_on(daemon, trail, detail);
}

static void count_attempt(struct goxel_daemon *daemon)
{
    pthread_mutex_lock(&daemon->lock);
    daemon->restart.figures.attempts++;
    pthread_mutex_unlock(&daemon->lock);
    daemon->restart.last_recovery_ms = goxel_clock_ms();
}

/* ---- steps ---- */

static int64_t cooldown_left_ms(const struct goxel_daemon *daemon)
{
    int64_t until_ms = daemon->restart.last_recovery_ms +
                       goxel_config_int(daemon->config, GOXEL_OPT_HEALTH_RESTART_DELAY_MS);
    int64_t left_ms = until_ms - goxel_clock_ms();

    return left_ms > 0 ? left_ms : 1;
}

static int64_t step_waiting(struct goxel_daemon *daemon)
{
    struct goxel_trail trail = {""};
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    code = go_on(daemon, &trail, &detail);
    if (code == DAEMON_ERROR_RECOVERY_TOO_SOON)
        return cooldown_left_ms(daemon);
    if (code && daemon->restart.stage == GOXEL_RESTART_WAITING) {
        goxel_log(GOXEL_LOG_ERROR, "recovery failed reason=\"%s\"", detail.text);
        count_attempt(daemon);
    }
    return LOOK_AGAIN_MS;
}

/* The phases of shutdown.c begin: by the move to STOPPING, or, for a recovery, in ERROR. */
static void leave(struct goxel_daemon *daemon)
{
    struct goxel_trail trail = {""};
    struct goxel_detail detail;
    int code = 0;

    goxel_detail_init(&detail);
    daemon->restart.stage = GOXEL_RESTART_LEAVING;
    if (daemon->restart.goal == GOXEL_GOAL_RECOVER)
        goxel_shutdown_begin(daemon, GOXEL_GOAL_RECOVER);
    else
        code = goxel_daemon_move(daemon, &trail, DAEMON_STATE_STOPPING, &detail);
    if (code)
        daemon->restart.stage = GOXEL_RESTART_NONE;
    answer(daemon, &trail, code, &detail);
}

static void refuse(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_trail trail = {""};
    char reason[sizeof(detail->text)];

    snprintf(reason, sizeof(reason), "%s", detail->text);
    goxel_fail(detail, DAEMON_ERROR_CONFIG_INVALID, "%s --check-config: %.180s", daemon->program, reason);
    goxel_log(GOXEL_LOG_ERROR, "restart refused reason=\"%s\"", detail->text);
    if (daemon->restart.goal == GOXEL_GOAL_RECOVER) {
        count_attempt(daemon);
        daemon->restart.stage = GOXEL_RESTART_WAITING;
        return;
    }
    daemon->restart.stage = GOXEL_RESTART_NONE;
    answer(daemon, &trail, DAEMON_ERROR_CONFIG_INVALID, detail);
}

static int64_t step_checking(struct goxel_daemon *daemon)
{
    struct goxel_detail detail;
    int code = 0;

    goxel_detail_init(&detail);
    if (!goxel_script_wait(&daemon->restart.check, 0, -1, &detail, &code))
        return LOOK_AGAIN_MS;
    if (code)
        refuse(daemon, &detail);
    else
        leave(daemon);
    return 1;
}

int64_t goxel_restart_step(struct goxel_daemon *daemon)
{
    switch (daemon->restart.stage) {
    case GOXEL_RESTART_WAITING:
        return step_waiting(daemon);
    case GOXEL_RESTART_CHECKING:
        return step_checking(daemon);
    case GOXEL_RESTART_NONE:
    case GOXEL_RESTART_LEAVING: /* goxel_shutdown_step */
        break;
    }
    return -1;
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
