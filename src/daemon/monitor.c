/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One thread that sleeps until the next round, and meanwhile watches over a script that has not ended.
 *
 * The script alone may take long, so no round waits for it: its outcome is reported when it comes, and
 * the next round starts another only once it has ended. Everything else of a round is bounded by
 * `patience_ms`, and ends at once when the monitor is destroyed: waits are for `changed` or `wake_fd`, and the
 * connection of the probe in hand is cut.
 */
#include "daemon/monitor.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/thread.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "daemon/script.h"
#include "daemon/talk.h"
#include "lifecycle/tell.h"

/* The lifecycle thread, acceptor and I/O threads do nothing that takes this long. */
#define PATIENCE_MS 5000

#define MIB ((int64_t)1 << 20)

struct goxel_monitor {
    struct goxel_monitor_options options;
    pthread_t thread;
    int wake_fd; /* an eventfd: the configuration changed, or `quit` was set */

    pthread_mutex_t lock; /* everything down to `well` */
    pthread_cond_t changed;
    uint64_t beats;
    bool quit;
    int probe_fd; /* the connection in use, -1 without one */
    int64_t last_failure_ms;
    bool well;

    /* the thread's own */
    int64_t rested_ms; /* since when it sleeps: the end of the last round */
    struct goxel_script script;
    int64_t script_began_ms;
    bool was_ok[GOXEL_CHECK_COUNT];
    bool failed[GOXEL_CHECK_COUNT];     /* its last run */
    bool well_since[GOXEL_CHECK_COUNT]; /* a run since the last failure of any that counts went well */
};

/* What one check found; `reason` is of no matter when it is ok. */
struct finding {
    bool ok;
    bool none; /* the check could not be made: that run is not reported at all */
    char reason[GOXEL_HEALTH_REASON_MAX];
};

static bool quitting(struct goxel_monitor *monitor)
{
    pthread_mutex_lock(&monitor->lock);
    bool quit = monitor->quit;
    pthread_mutex_unlock(&monitor->lock);
    return quit;
}

static void wake_thread(struct goxel_monitor *monitor)
{
    const uint64_t one = 1;

    /* Full is as good as written: it is readable. */
    while (write(monitor->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

/* ---- responsive ---- */

/* Until the lifecycle thread takes a turn. The time is the clock's that `changed` goes by. */
static bool ping(struct goxel_monitor *monitor, int64_t until_ms)
{
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    uint64_t before;
    bool answered;

    pthread_mutex_lock(&monitor->lock);
    before = monitor->beats;
    pthread_mutex_unlock(&monitor->lock);
    monitor->options.wake(monitor->options.ctx);
    pthread_mutex_lock(&monitor->lock);
    while (monitor->beats == before && !monitor->quit &&
           pthread_cond_timedwait(&monitor->changed, &monitor->lock, &until) != ETIMEDOUT)
        ;
    answered = monitor->beats != before;
    pthread_mutex_unlock(&monitor->lock);
    return answered;
}

static int connect_probe(const struct goxel_monitor *monitor, struct goxel_detail *detail, int *ret_fd)
{
    const struct goxel_monitor_options *options = &monitor->options;

    return options->connect ? options->connect(options->ctx, detail, ret_fd)
                            : goxel_front_probe(options->front, detail, ret_fd);
}

/* The connection is known to `destroy` as long as it is open. False: there is no time left for it. */
static bool hold_probe(struct goxel_monitor *monitor, int fd)
{
    pthread_mutex_lock(&monitor->lock);
    bool quit = monitor->quit;
    monitor->probe_fd = quit ? -1 : fd;
    pthread_mutex_unlock(&monitor->lock);
    return !quit;
}

static void let_probe_go(struct goxel_monitor *monitor)
{
    pthread_mutex_lock(&monitor->lock);
    monitor->probe_fd = -1;
    pthread_mutex_unlock(&monitor->lock);
}

/*
 * Acceptor and I/O threads, over a connection of our own. Any reply proves them, a refusal too: what the
 * configuration lets in is no matter of health.
 */
static int probe(struct goxel_monitor *monitor, int64_t until_ms, struct goxel_detail *detail)
{
    int64_t left_ms = until_ms - goxel_clock_ms();
    unsigned status;
    int fd = -1, code;

    code = connect_probe(monitor, detail, &fd);
    if (code)
        return code;
    code = GOXEL_ERROR_SHUTTING_DOWN;
    if (hold_probe(monitor, fd)) {
        code = goxel_talk(fd, "GET", "/version", left_ms > 1 ? left_ms : 1, NULL, detail, &status);
        let_probe_go(monitor);
    }
    (void)close(fd);
    return code;
}

static void check_responsive(struct goxel_monitor *monitor, const struct goxel_config *config,
                             struct finding *ret_finding)
{
    int64_t heartbeat_ms = goxel_config_int(config, GOXEL_OPT_HEALTH_HEARTBEAT_TIMEOUT_MS);
    int64_t most_ms = monitor->options.patience_ms ? monitor->options.patience_ms : PATIENCE_MS;
    int64_t patience_ms = heartbeat_ms < most_ms ? heartbeat_ms : most_ms;
    int64_t until_ms = goxel_clock_ms() + patience_ms;
    struct goxel_pool_stats stats;
    struct goxel_detail detail;
    int code;

    goxel_pool_get_stats(monitor->options.pool, &stats);
    if (stats.oldest_run_ms >= heartbeat_ms) {
        (void)snprintf(ret_finding->reason, sizeof(ret_finding->reason), "a request has run for %lld ms",
                       (long long)stats.oldest_run_ms);
        return;
    }
    if (!ping(monitor, until_ms)) {
        (void)snprintf(ret_finding->reason, sizeof(ret_finding->reason),
                       "the lifecycle thread has not answered for %lld ms", (long long)patience_ms);
        return;
    }
    goxel_detail_init(&detail);
    code = probe(monitor, until_ms, &detail);
    ret_finding->ok = !code;
    /* While the front stops or makes way for the next image it takes no connections, not ours either: no fault, but
     * no proof of health. */
    ret_finding->none = code == GOXEL_ERROR_SHUTTING_DOWN;
    (void)snprintf(ret_finding->reason, sizeof(ret_finding->reason), "GET /version from ourselves: %.200s",
                   detail.text[0] ? detail.text : goxel_error_text(code));
}

/* ---- memory, queue ---- */

static void check_memory(struct goxel_monitor *monitor, const struct goxel_config *config,
                         struct finding *ret_finding)
{
    int64_t limit_mb = goxel_config_int(config, GOXEL_OPT_LIMITS_MAX_MEMORY_MB);
    int64_t resident = limit_mb ? goxel_memory_usage().resident : 0;

    (void)monitor;
    ret_finding->ok = resident <= limit_mb * MIB;
    if (ret_finding->ok)
        return;
    (void)snprintf(ret_finding->reason, sizeof(ret_finding->reason),
                   "%lld MiB are resident, limits.max_memory_mb is %lld",
                   (long long)((resident + MIB - 1) / MIB), (long long)limit_mb);
    /* The one cache we have: what the allocator keeps of memory that was freed goes back to the system. */
    (void)malloc_trim(0);
}

static void check_queue(struct goxel_monitor *monitor, const struct goxel_config *config,
                        struct finding *ret_finding)
{
    struct goxel_pool_stats stats;

    (void)config;
    goxel_pool_get_stats(monitor->options.pool, &stats);
    ret_finding->ok = stats.queued < stats.queue_size;
    (void)snprintf(ret_finding->reason, sizeof(ret_finding->reason), "the queue is full: %zu requests wait",
                   stats.queued);
}

/* ---- what follows from a finding ---- */

static bool counts(const struct goxel_config *config, enum goxel_check check)
{
    const char *const *items;
    size_t count = goxel_config_list(config, GOXEL_OPT_HEALTH_RECOVER_ON, &items);

    for (size_t i = 0; i < count; i++) {
        if (!strcmp(items[i], goxel_check_name(check)))
            return true;
    }
    return false;
}

/* Once when it turns, not at each round. */
static void log_turn(struct goxel_monitor *monitor, enum goxel_check check, const struct finding *finding)
{
    struct goxel_check_figures figures;
    const char *name = goxel_check_name(check);

    goxel_health_figures(monitor->options.health, check, &figures);
    if (figures.ok == monitor->was_ok[check])
        return;
    monitor->was_ok[check] = figures.ok;
    if (figures.ok)
        goxel_log(GOXEL_LOG_INFO, "health check=%s ok=true", name);
    else
        goxel_log(GOXEL_LOG_WARN, "health check=%s ok=false failures=%u reason=%s", name, figures.in_a_row,
                  GOXEL_QUOTED(finding->reason));
}

/* Failures and quiet, for the forgetting of attempts: any failure counts here, not only past the threshold. */
static void keep_account(struct goxel_monitor *monitor, const struct goxel_config *config)
{
    bool failed = false, well = true;

    for (int check = 0; check < GOXEL_CHECK_COUNT; check++)
        failed = failed || (monitor->failed[check] && counts(config, check));
    if (failed)
        memset(monitor->well_since, 0, sizeof(monitor->well_since));
    for (int check = 0; check < GOXEL_CHECK_COUNT; check++)
        well = well && (monitor->well_since[check] || !counts(config, check));
    pthread_mutex_lock(&monitor->lock);
    if (failed)
        monitor->last_failure_ms = goxel_clock_ms();
    monitor->well = well;
    pthread_mutex_unlock(&monitor->lock);
}

static void report(struct goxel_monitor *monitor, enum goxel_check check, const struct finding *finding,
                   int64_t took_ms)
{
    struct goxel_health *health = monitor->options.health;
    bool before = goxel_health_check_ok(health, check), ok;

    goxel_health_report(health, check, finding->ok, took_ms, finding->reason);
    ok = goxel_health_check_ok(health, check);
    if (ok != before)
        goxel_tell_health(monitor->options.feed, check, ok, finding->reason, goxel_health_ok(health));
    monitor->failed[check] = !finding->ok;
    monitor->well_since[check] = finding->ok;
    log_turn(monitor, check, finding);
}

/* Asks for a recovery if this check is one that the daemon recovers from and has failed. */
static bool ask_to_recover(struct goxel_monitor *monitor, const struct goxel_config *config,
                           enum goxel_check check, const char *reason)
{
    struct goxel_trigger trigger = {.kind = GOXEL_TRIGGER_MONITOR};
    char what[GOXEL_HEALTH_REASON_MAX + 16];

    if (!goxel_config_bool(config, GOXEL_OPT_HEALTH_RESTART_ON_FAILURE) || !counts(config, check) ||
        goxel_health_check_ok(monitor->options.health, check))
        return false;
    (void)snprintf(what, sizeof(what), "%s: %s", goxel_check_name(check), reason);
    (void)goxel_utf8_printable(trigger.what, sizeof(trigger.what), what, strlen(what));
    (void)goxel_requests_post(monitor->options.requests, GOXEL_REQUEST_RECOVER, &trigger, NULL, NULL);
    return true;
}

/* ---- script ---- */

/* The outcome of a run, however it came about. */
static void report_script(struct goxel_monitor *monitor, const struct goxel_config *config, int code,
                          const struct goxel_detail *detail)
{
    struct finding finding = {.ok = code == 0};

    (void)snprintf(finding.reason, sizeof(finding.reason), "%s", detail->text);
    report(monitor, GOXEL_CHECK_SCRIPT, &finding, goxel_clock_ms() - monitor->script_began_ms);
    keep_account(monitor, config);
    (void)ask_to_recover(monitor, config, GOXEL_CHECK_SCRIPT, finding.reason);
}

/* Starts it, unless one runs still: it has a time limit of its own. */
static void begin_script(struct goxel_monitor *monitor, const struct goxel_config *config)
{
    const char *path = goxel_config_string(config, GOXEL_OPT_HEALTH_CHECK_SCRIPT);
    const char *argv[] = {path, NULL};
    struct goxel_detail detail;
    int code;

    if (!path[0])
        goxel_script_stop(&monitor->script);
    if (monitor->script.pid)
        return;
    goxel_detail_init(&detail);
    monitor->script_began_ms = goxel_clock_ms();
    code = path[0] ? goxel_script_start(&monitor->script, argv,
                                        goxel_config_int(config, GOXEL_OPT_HEALTH_SCRIPT_TIMEOUT_MS), &detail)
                   : 0;
    if (code || !path[0])
        report_script(monitor, config, code, &detail);
}

/* ---- the rounds ---- */

typedef void check_run(struct goxel_monitor *monitor, const struct goxel_config *config,
                       struct finding *ret_finding);

static check_run *const checks[] = {
    [GOXEL_CHECK_RESPONSIVE] = check_responsive,
    [GOXEL_CHECK_MEMORY] = check_memory,
    [GOXEL_CHECK_QUEUE] = check_queue,
};
#define CHECKS (sizeof(checks) / sizeof(checks[0]))

static void take_round(struct goxel_monitor *monitor, const struct goxel_config *config)
{
    struct finding findings[CHECKS] = {{.ok = false}};

    begin_script(monitor, config);
    for (size_t i = 0; i < CHECKS; i++) {
        int64_t began_ms = goxel_clock_ms();

        checks[i](monitor, config, &findings[i]);
        /* What was cut short says nothing. */
        if (quitting(monitor))
            return;
        if (!findings[i].none)
            report(monitor, (enum goxel_check)i, &findings[i], goxel_clock_ms() - began_ms);
    }
    keep_account(monitor, config);
    for (size_t i = 0; i < CHECKS; i++) {
        if (!findings[i].none && ask_to_recover(monitor, config, (enum goxel_check)i, findings[i].reason))
            return;
    }
}

/* Waits for `wake_fd`; meanwhile a script may end. */
static void doze(struct goxel_monitor *monitor, const struct goxel_config *config, int64_t wait_ms)
{
    struct pollfd wake = {.fd = monitor->wake_fd, .events = POLLIN};
    struct goxel_detail detail;
    int code = 0;

    if (!monitor->script.pid) {
        (void)poll(&wake, 1, wait_ms < 60000 ? (int)wait_ms : 60000);
        return;
    }
    goxel_detail_init(&detail);
    if (goxel_script_wait(&monitor->script, wait_ms, monitor->wake_fd, &detail, &code))
        report_script(monitor, config, code, &detail);
}

/*
 * Sleeps up to `until_ms`; false: it was woken before. The time since the last round counts in any case, or a daemon
 * that is reloaded again and again would never be looked at.
 */
static bool sleep_until(struct goxel_monitor *monitor, const struct goxel_config *config, int64_t until_ms)
{
    int64_t now_ms;
    eventfd_t wakes;

    while ((now_ms = goxel_clock_ms()) < until_ms) {
        doze(monitor, config, until_ms - now_ms);
        if (!eventfd_read(monitor->wake_fd, &wakes))
            return false;
    }
    return true;
}

static void *watch(void *arg)
{
    struct goxel_monitor *monitor = arg;

    while (!quitting(monitor)) {
        struct goxel_config *config = monitor->options.config(monitor->options.ctx);
        int64_t interval_ms = goxel_config_int(config, GOXEL_OPT_HEALTH_CHECK_INTERVAL_MS);

        if (sleep_until(monitor, config, monitor->rested_ms + interval_ms)) {
            take_round(monitor, config);
            if (monitor->options.rpc)
                goxel_rpc_tend(monitor->options.rpc);
            monitor->rested_ms = goxel_clock_ms();
        }
        goxel_config_unref(config);
    }
    goxel_script_stop(&monitor->script);
    return NULL;
}

/* ---- life ---- */

static void free_parts(struct goxel_monitor *monitor)
{
    if (monitor->wake_fd >= 0)
        (void)close(monitor->wake_fd);
    pthread_cond_destroy(&monitor->changed);
    pthread_mutex_destroy(&monitor->lock);
    free(monitor);
}

int goxel_monitor_create(const struct goxel_monitor_options *options, struct goxel_detail *detail,
                         struct goxel_monitor **ret_monitor)
{
    struct goxel_monitor *monitor = calloc(1, sizeof(*monitor));
    pthread_condattr_t monotonic;
    int err;

    if (!monitor)
        return goxel_fail(detail, DAEMON_ERROR_HEALTH_MONITOR_FAILED, "out of memory");
    monitor->options = *options;
    monitor->probe_fd = -1;
    monitor->rested_ms = goxel_clock_ms();
    for (int check = 0; check < GOXEL_CHECK_COUNT; check++)
        monitor->was_ok[check] = goxel_health_check_ok(options->health, check);
    pthread_mutex_init(&monitor->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&monitor->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    monitor->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    err = monitor->wake_fd < 0 ? errno : goxel_thread_start(&monitor->thread, watch, monitor);
    if (err) {
        free_parts(monitor);
        return goxel_fail_errno(detail, DAEMON_ERROR_HEALTH_MONITOR_FAILED, err,
                                "its thread cannot be started", NULL);
    }
    *ret_monitor = monitor;
    return 0;
}

void goxel_monitor_destroy(struct goxel_monitor *monitor)
{
    if (!monitor)
        return;
    pthread_mutex_lock(&monitor->lock);
    monitor->quit = true;
    if (monitor->probe_fd >= 0)
        (void)shutdown(monitor->probe_fd, SHUT_RDWR);
    pthread_cond_broadcast(&monitor->changed);
    pthread_mutex_unlock(&monitor->lock);
    wake_thread(monitor);
    pthread_join(monitor->thread, NULL);
    free_parts(monitor);
}

void goxel_monitor_beat(struct goxel_monitor *monitor)
{
    if (!monitor)
        return;
    pthread_mutex_lock(&monitor->lock);
    monitor->beats++;
    pthread_cond_broadcast(&monitor->changed);
    pthread_mutex_unlock(&monitor->lock);
}

void goxel_monitor_wake(struct goxel_monitor *monitor)
{
    if (monitor)
        wake_thread(monitor);
}

int64_t goxel_monitor_last_failure_ms(const struct goxel_monitor *monitor, bool *ret_well_since)
{
    /* The lock alone is written to. */
    struct goxel_monitor *locked = (struct goxel_monitor *)monitor;

    *ret_well_since = false;
    if (!monitor)
        return 0;
    pthread_mutex_lock(&locked->lock);
    int64_t last_ms = monitor->last_failure_ms;
    *ret_well_since = monitor->well;
    pthread_mutex_unlock(&locked->lock);
    return last_ms;
}
