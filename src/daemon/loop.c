/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lifecycle thread: it alone moves the state, carries out requests, and steps a stop or a restart along.
 *
 * Every turn of the loop: wait for an event, post a signal as a request, carry out what is pending in
 * the order of the request table, and take the next step of what is under way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/detach.h"
#include "daemon/emergency.h"
#include "daemon/handover.h"
#include "lifecycle/tell.h"

#define REPORT_MAX (1u << 20)

/* The argument of a stop: this, or how long it may drain in decimal milliseconds. */
#define STOP_FORCE "force"

/* How often the loop looks around by itself, unless the watchdog wants it more often. */
#define TICK_MS 1000

int goxel_daemon_move(struct goxel_daemon *daemon, struct goxel_trail *trail, enum goxel_state to,
                      struct goxel_detail *detail)
{
    enum goxel_state from = goxel_machine_state(daemon->machine);
    size_t len = strlen(trail->text);
    int code = goxel_machine_move(daemon->machine, to, detail);

    if (code) {
        goxel_log(GOXEL_LOG_WARN, "state from=%s to=%s refused=%s reason=%s", goxel_state_name(from),
                  goxel_state_name(to), goxel_error_symbol(code), GOXEL_QUOTED(detail->text));
        return code;
    }
    goxel_log(GOXEL_LOG_INFO, "state from=%s to=%s", goxel_state_name(from), goxel_state_name(to));
    goxel_tell_move(daemon->feed, from, to);
    snprintf(trail->text + len, sizeof(trail->text) - len, "%s>%s", len ? "" : goxel_state_name(from),
             goxel_state_name(to));
    return 0;
}

/* ---- the requests, each a row; they fill in the report and return the outcome ---- */

static void report_state(const struct goxel_daemon *daemon, struct goxel_buf *report)
{
    goxel_buf_printf(report, "{\"state\":\"%s\"}", goxel_state_name(goxel_machine_state(daemon->machine)));
}

/* A second signal is somebody's impatience; systemd's SIGTERM after POST /shutdown is not. */
static void hurry(struct goxel_daemon *daemon)
{
    daemon->shutdown.skip_drain |= daemon->shutdown.by_signal;
    daemon->shutdown.by_signal = true;
}

/* What led to a re-exec leads to the end, unless the front is gone: the next image then stops. */
static int divert(struct goxel_daemon *daemon, struct goxel_trail *trail, struct goxel_detail *detail)
{
    if (daemon->shutdown.phase > SHUTDOWN_PHASE_DRAIN_REQUESTS) {
        daemon->shutdown.stop_came = true;
        return 0;
    }
    goxel_restart_drop(daemon);
    daemon->shutdown.diverted = true;
    if (goxel_machine_state(daemon->machine) != DAEMON_STATE_STOPPING)
        return goxel_daemon_move(daemon, trail, DAEMON_STATE_STOPPING, detail);
    goxel_shutdown_begin(daemon, GOXEL_GOAL_STOP);
    return 0;
}

static int run_stop(struct goxel_daemon *daemon, const struct goxel_request_run *run,
                    struct goxel_trail *trail, struct goxel_buf *report, struct goxel_detail *detail)
{
    bool stopping = goxel_machine_state(daemon->machine) == DAEMON_STATE_STOPPING;
    bool by_signal = (run->triggers & (1 << GOXEL_TRIGGER_SIGNAL)) != 0;
    int code = 0;

    if (daemon->restart.stage == GOXEL_RESTART_LEAVING) {
        code = divert(daemon, trail, detail);
    } else if (stopping && by_signal) {
        hurry(daemon);
        report_state(daemon, report);
        return 0;
    } else {
        goxel_restart_drop(daemon);
        code = goxel_daemon_move(daemon, trail, DAEMON_STATE_STOPPING, detail);
    }
    if (code)
        return code;
    daemon->shutdown.by_signal = by_signal;
    daemon->shutdown.skip_drain = !strcmp(run->argument, STOP_FORCE);
    if (run->argument[0] && !daemon->shutdown.skip_drain)
        daemon->shutdown.timeout_ms = strtoll(run->argument, NULL, 10);
    report_state(daemon, report);
    return 0;
}

/* With settings, or without: then those that were set before go. */
static int run_reload(struct goxel_daemon *daemon, const struct goxel_request_run *run,
                      struct goxel_trail *trail, struct goxel_buf *report, struct goxel_detail *detail)
{
    struct goxel_detail back;
    int code = goxel_daemon_move(daemon, trail, DAEMON_STATE_RELOADING, detail);

    if (code) {
        (void)goxel_log_reopen(NULL); /* whoever rotates it does not ask for the state */
        return code;
    }
    goxel_supervisor_reloading();
    code = goxel_daemon_reload(daemon, run->subject, report, detail);
    goxel_supervisor_ready();
    goxel_detail_init(&back);
    (void)goxel_daemon_move(daemon, trail, DAEMON_STATE_RUNNING, &back);
    return code;
}

static int run_dump(struct goxel_daemon *daemon, const struct goxel_request_run *run,
                    struct goxel_trail *trail, struct goxel_buf *report, struct goxel_detail *detail)
{
    struct goxel_buf line;

    (void)trail, (void)report, (void)detail;
    /* Over HTTP the caller has the figures; a signal's go to the log. */
    if (!(run->triggers & (1 << GOXEL_TRIGGER_SIGNAL)) || !daemon->front)
        return 0;
    goxel_buf_init(&line, REPORT_MAX);
    goxel_front_dump(daemon->front, &line);
    goxel_log(GOXEL_LOG_INFO, "statistics %s", line.data ? line.data : "");
    goxel_buf_finish(&line);
    return 0;
}

static int run_verbosity(struct goxel_daemon *daemon, const struct goxel_request_run *run,
                         struct goxel_trail *trail, struct goxel_buf *report, struct goxel_detail *detail)
{
    enum goxel_log_level level = GOXEL_LOG_DEBUG;

    (void)trail;
    if (run->argument[0]) {
        if (!goxel_log_level_parse(run->argument, &level))
            return goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, "level", run->argument,
                                    "error, warn, info or debug");
    } else if (goxel_log_get_level() == GOXEL_LOG_DEBUG) {
        goxel_log_level_parse(goxel_config_string(daemon->config, GOXEL_OPT_LOGGING_LEVEL), &level);
        if (level == GOXEL_LOG_DEBUG)
            level = GOXEL_LOG_INFO;
    }
    goxel_log_set_level(level);
    goxel_buf_printf(report, "{\"level\":\"%s\"}", goxel_log_level_name(level));
    return 0;
}

typedef int run_request(struct goxel_daemon *daemon, const struct goxel_request_run *run,
                        struct goxel_trail *trail, struct goxel_buf *report, struct goxel_detail *detail);

/* Restart and recovery have none: they are answered later, once they have been checked. */
static run_request *const runs[GOXEL_REQUEST_COUNT] = {
    [GOXEL_REQUEST_STOP] = run_stop,           [GOXEL_REQUEST_RELOAD] = run_reload,
    [GOXEL_REQUEST_SETTINGS] = run_reload,     [GOXEL_REQUEST_DUMP] = run_dump,
    [GOXEL_REQUEST_VERBOSITY] = run_verbosity,
};

static void carry_out(struct goxel_daemon *daemon, struct goxel_request_run *run)
{
    struct goxel_trail trail = {""};
    struct goxel_detail detail;
    struct goxel_buf report;
    struct goxel_request_result result = {0};

    goxel_detail_init(&detail);
    goxel_buf_init(&report, REPORT_MAX);
    if (runs[run->kind])
        result.code = runs[run->kind](daemon, run, &trail, &report, &detail);
    else if (goxel_restart_ask(daemon, run,
                               run->kind == GOXEL_REQUEST_RECOVER ? GOXEL_GOAL_RECOVER : GOXEL_GOAL_RESTART,
                               &trail, &detail, &result.code))
        return;
    else if (!result.code)
        report_state(daemon, &report);
    result.report = report.len ? report.data : NULL;
    result.report_len = report.len;
    result.detail = &detail;
    goxel_requests_finish(daemon->requests, run, trail.text, &result);
    goxel_buf_finish(&report);
}

static void carry_out_pending(struct goxel_daemon *daemon)
{
    struct goxel_request_run run;

    for (int kind = 0; kind < GOXEL_REQUEST_COUNT; kind++) {
        if (goxel_restart_takes(daemon, kind) && goxel_requests_take(daemon->requests, kind, &run))
            carry_out(daemon, &run);
    }
}

/*
 * One line for each request; repeated ones that the history folds are for debugging only. Those that change something are
 * an event.
 */
static void log_ended(void *ctx, const struct goxel_request_record *record)
{
    const struct goxel_daemon *daemon = ctx;
    const struct goxel_trigger *trigger = &record->trigger;
    bool failed = record->code != 0;

    goxel_log(
        failed              ? GOXEL_LOG_WARN
        : record->count > 1 ? GOXEL_LOG_DEBUG
                            : GOXEL_LOG_INFO,
        "request name=%s trigger=%s what=%s peer=%s pid=%ld uid=%ld moves=%s outcome=%s took_ms=%lld%s%s",
        goxel_request_row(record->kind)->name, goxel_trigger_kind_name(trigger->kind),
        GOXEL_QUOTED(trigger->what), trigger->peer[0] ? trigger->peer : "-", (long)trigger->pid,
        (long)trigger->uid, record->moves[0] ? record->moves : "-",
        failed ? goxel_error_symbol(record->code) : "ok", (long long)record->took_ms,
        failed ? " reason=" : "", failed ? GOXEL_QUOTED(record->reason) : "");
    if (record->kind != GOXEL_REQUEST_DUMP) /* which changes nothing */
        goxel_tell_request(daemon->feed, goxel_machine_state(daemon->machine), record);
}

/* ---- events ---- */

static void post_signal(struct goxel_daemon *daemon, const struct goxel_event *event)
{
    struct goxel_trigger trigger = {
        .kind = GOXEL_TRIGGER_SIGNAL,
        .signal = event->signal,
        .pid = event->pid,
        .uid = event->uid,
    };

    snprintf(trigger.what, sizeof(trigger.what), "SIG%s", sigabbrev_np(event->signal));
    for (int kind = 0; kind < GOXEL_REQUEST_COUNT; kind++) {
        const struct goxel_request_row *row = goxel_request_row(kind);

        if (row->signals[0] == event->signal || row->signals[1] == event->signal)
            goxel_requests_post(daemon->requests, kind, &trigger, NULL, NULL);
    }
}

/* One line for whoever asks the supervisor. */
static void tell_status(struct goxel_daemon *daemon)
{
    enum goxel_state state = goxel_machine_state(daemon->machine);
    struct goxel_pool_stats pool;

    if (!goxel_supervisor_present() || !daemon->front || !daemon->pool || !daemon->workspace)
        return;
    if (state == DAEMON_STATE_STOPPING) {
        goxel_supervisor_status("%s: %s, %zu connections", goxel_state_name(state),
                                goxel_shutdown_phase_name(daemon->shutdown.phase),
                                goxel_front_connections(daemon->front));
        return;
    }
    goxel_pool_get_stats(daemon->pool, &pool);
    goxel_supervisor_status(
        "%s, %s: %zu projects, %zu connections, %u of %u workers busy, %zu requests waiting",
        goxel_state_name(state), goxel_health_ok(daemon->health) ? "healthy" : "unhealthy",
        goxel_workspace_count(daemon->workspace), goxel_front_connections(daemon->front), pool.busy,
        pool.workers, pool.queued + pool.queued_long);
}

static void tick(struct goxel_daemon *daemon)
{
    enum goxel_state state = goxel_machine_state(daemon->machine);

    goxel_log_tick();
    /* While it ends, this thread is the one that counts; a supervisor's patience with the end is another matter. */
    if (state == DAEMON_STATE_STOPPING || goxel_health_check_ok(daemon->health, GOXEL_CHECK_RESPONSIVE))
        goxel_supervisor_watchdog();
    goxel_restart_forget(daemon);
    goxel_script_reap_orphans();
    tell_status(daemon);
}

static void handle(struct goxel_daemon *daemon, const struct goxel_event *event)
{
    goxel_monitor_beat(daemon->monitor);
    if (event->kind == GOXEL_EVENT_SIGNAL)
        post_signal(daemon, event);
    else if (event->kind == GOXEL_EVENT_TICK)
        tick(daemon);
}

/* Milliseconds until the next step, -1: only when something happens. False: complete. */
static bool step(struct goxel_daemon *daemon, int64_t *ret_timeout_ms)
{
    *ret_timeout_ms = goxel_restart_step(daemon);
    if (goxel_machine_state(daemon->machine) != DAEMON_STATE_STOPPING &&
        daemon->restart.stage != GOXEL_RESTART_LEAVING)
        return true;
    *ret_timeout_ms = goxel_shutdown_step(daemon);
    return *ret_timeout_ms >= 0;
}

/* Until the stop is complete, or what precedes a re-exec. */
static void loop(struct goxel_daemon *daemon)
{
    int64_t timeout_ms = -1;

    do {
        struct goxel_event event = goxel_events_wait(&daemon->events, timeout_ms);

        handle(daemon, &event);
        carry_out_pending(daemon);
    } while (step(daemon, &timeout_ms));
}

/* ---- the whole ---- */

static void enter_stopping(void *ctx, enum goxel_state from)
{
    struct goxel_daemon *daemon = ctx;

    (void)from;
    goxel_shutdown_begin(daemon, daemon->restart.stage == GOXEL_RESTART_LEAVING ? GOXEL_GOAL_RESTART
                                                                                : GOXEL_GOAL_STOP);
    tell_status(daemon);
}

void goxel_daemon_wake(void *ctx)
{
    struct goxel_daemon *daemon = ctx;

    goxel_events_wake(&daemon->events);
}

static int create_parts(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_machine_ops machine = {
        .started = goxel_daemon_started,
        .may_restart = goxel_restart_allowed,
        .enter = {[DAEMON_STATE_STOPPING] = enter_stopping},
    };
    const struct goxel_requests_ops requests = {goxel_daemon_wake, log_ended};

    daemon->machine = goxel_machine_create(&machine, daemon);
    daemon->requests = goxel_requests_create(&requests, daemon);
    daemon->health = goxel_health_create(
        (unsigned)goxel_config_int(daemon->config, GOXEL_OPT_HEALTH_FAILURE_THRESHOLD));
    daemon->feed = goxel_feed_create(
        (size_t)goxel_config_int(daemon->config, GOXEL_OPT_PERFORMANCE_MAX_CONNECTIONS) / 2);
    if (daemon->machine && daemon->requests && daemon->health && daemon->feed)
        return 0;
    return goxel_fail(detail, DAEMON_ERROR_GOXEL_INIT_FAILED, "out of memory");
}

static void destroy_parts(struct goxel_daemon *daemon)
{
    goxel_requests_destroy(daemon->requests);
    goxel_feed_destroy(daemon->feed);
    goxel_health_destroy(daemon->health);
    goxel_machine_destroy(daemon->machine);
    free(daemon->pending);
}

/* A stop that came while the phases ran is carried out from STARTING. */
static void take_early_signals(struct goxel_daemon *daemon)
{
    for (;;) {
        struct goxel_event event = goxel_events_wait(&daemon->events, 0);

        if (event.kind == GOXEL_EVENT_NONE)
            return;
        handle(daemon, &event);
    }
}

/* It serves: whoever waits for that is told. Nobody at the other end means that the start was given up. */
static int announce(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int64_t tick_ms = goxel_supervisor_watchdog_ms();
    bool heard;
    int code = 0;

    if (daemon->ready_fd >= 0) {
        code = goxel_detach_streams(detail);
        if (!code)
            code = goxel_daemon_open_log(daemon, daemon->config, detail);
        if (code)
            return code;
        heard = goxel_detach_report(daemon->ready_fd, EXIT_SUCCESS, NULL);
        daemon->ready_fd = -1;
        if (!heard)
            return goxel_fail(detail, GOXEL_ERROR_GENERAL, "whoever typed the command has given it up");
    }
    goxel_events_tick_every(&daemon->events, tick_ms && tick_ms < TICK_MS ? tick_ms : TICK_MS);
    goxel_events_wake(&daemon->events);
    tell_status(daemon);
    goxel_supervisor_ready();
    goxel_supervisor_watchdog();
    return 0;
}

static int run(struct goxel_daemon *daemon, struct goxel_trail *trail, struct goxel_detail *detail)
{
    int code = goxel_daemon_move(daemon, trail, DAEMON_STATE_RUNNING, detail);

    if (!code)
        goxel_front_open(daemon->front);
    return code;
}

static int start(struct goxel_daemon *daemon, struct goxel_trail *trail, struct goxel_detail *detail)
{
    struct goxel_detail unused;
    /* Without a word: there is no log yet, or no more. */
    int code = goxel_machine_move(daemon->machine, DAEMON_STATE_STARTING, detail);

    if (!code)
        code = goxel_daemon_start(daemon, detail);
    if (code) {
        goxel_detail_init(&unused);
        (void)goxel_machine_move(daemon->machine, DAEMON_STATE_ERROR, &unused);
        return code;
    }
    take_early_signals(daemon);
    if (goxel_requests_pending(daemon->requests, GOXEL_REQUEST_STOP)) {
        goxel_detach_report(daemon->ready_fd, goxel_error_exit(GOXEL_ERROR_SHUTTING_DOWN),
                            "goxel-daemon: stopped during its start");
        daemon->ready_fd = -1;
        goxel_events_wake(&daemon->events);
        return 0;
    }
    code = run(daemon, trail, detail);
    if (!code)
        code = announce(daemon, detail);
    if (code)
        goxel_daemon_undo(daemon, GOXEL_PHASE_NONE);
    return code;
}

/* The next image may not come after all: the end. A worker that hangs would be waited for, but by no exit. */
static int give_up(struct goxel_daemon *daemon, int code, const struct goxel_detail *detail)
{
    char reason[sizeof(detail->text) + 64];

    if (daemon->shutdown.stuck) {
        (void)snprintf(reason, sizeof(reason), "%s: %s", goxel_error_text(code), detail ? detail->text : "");
        goxel_daemon_close_sockets(daemon);
        goxel_emergency_exit(goxel_error_exit(code), reason);
    }
    goxel_daemon_undo(daemon, GOXEL_PHASE_NONE);
    return code;
}

static int serve(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    struct goxel_trail trail = {""};
    int code = start(daemon, &trail, detail);

    if (code)
        return code;
    loop(daemon);
    if (daemon->restart.stage == GOXEL_RESTART_LEAVING && daemon->shutdown.code) {
        /* A project could not be kept: whoever looks at the exit status is to see it. */
        if (detail)
            *detail = daemon->shutdown.detail;
        return give_up(daemon, daemon->shutdown.code, detail);
    }
    if (daemon->restart.stage == GOXEL_RESTART_LEAVING) {
        code = goxel_daemon_move(daemon, &trail, DAEMON_STATE_STARTING, detail);
        if (!code)
            code = goxel_handover_exec(daemon, detail);
        return give_up(daemon, code, detail);
    }
    code = goxel_daemon_move(daemon, &trail, DAEMON_STATE_STOPPED, detail);
    goxel_daemon_undo(daemon, GOXEL_PHASE_NONE);
    if (!code && daemon->shutdown.code) {
        code = daemon->shutdown.code;
        if (detail)
            *detail = daemon->shutdown.detail;
    }
    return code;
}

int goxel_daemon_run(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int code = create_parts(daemon, detail);

    daemon->shutdown.timeout_ms = -1;
    daemon->reload_ms = goxel_wall_ms();
    if (!code)
        goxel_handover_restore(daemon);
    if (!code)
        code = serve(daemon, detail);
    destroy_parts(daemon);
    return code;
}
