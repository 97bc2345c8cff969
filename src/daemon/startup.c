/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Start-up: a table of phases walked up, and down again from where one failed.
 *
 *   environment   the system has what we need; who we shall be; no other daemon; run-time directories
 *   process       limits, signals, log, PID file
 *   detach        from the terminal, if so configured
 *   privileges    sockets are bound, then user, root directory and capabilities given up
 *   core          engine, projects, workers, front, health monitor
 *
 * An image made by a re-exec has been detached, has the PID file locked, and has given up its privileges: these
 * steps it takes over instead of doing them again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "daemon/chroot.h"
#include "daemon/daemon.h"
#include "daemon/detach.h"
#include "daemon/emergency.h"
#include "daemon/folders.h"
#include "daemon/limits.h"
#include "daemon/pidfile.h"

/* ---- environment ---- */

/* Children are awaited through a pidfd: Linux 5.3. */
static int check_system(struct goxel_detail *detail)
{
    int fd = pidfd_open(getpid(), 0);

    if (fd < 0)
        return goxel_fail_errno(detail, DAEMON_ERROR_INVALID_ENVIRONMENT, errno,
                                "Linux 5.3 or newer is needed: pidfd_open", "");
    close(fd);
    return goxel_front_check(detail);
}

static bool confines(const struct goxel_daemon *daemon)
{
    return goxel_config_bool(daemon->config, GOXEL_OPT_SECURITY_ENABLE_CHROOT) && !daemon->test_mode;
}

/* The path of `real` below `root`, which is `real_root`, from outside; what has to be freed. */
static int make_path_below(const char *root, const char *real_root, const char *real,
                           struct goxel_detail *detail, char **ret_path)
{
    size_t len = strlen(real_root);

    if (strncmp(real, real_root, len) != 0 || real[len] != '/')
        return goxel_fail(detail, DAEMON_ERROR_CONFIG_INVALID,
                          "the configuration, %.80s, lies outside of security.chroot_directory, %.80s: "
                          "no reload could read it",
                          real, root);
    if (asprintf(ret_path, "%s%s", root, real + len) < 0)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "%s", real);
    return 0;
}

/* A configuration outside could not be read any more; from here on its path begins with that of the root. */
static int check_confinement(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const char *root = goxel_config_string(daemon->config, GOXEL_OPT_SECURITY_CHROOT_DIRECTORY);
    char *real_root = NULL, *real = NULL, *path = NULL;
    int code = confines(daemon) ? goxel_chroot_check(root, detail) : 0;

    if (code || !confines(daemon) || !daemon->config_path)
        return code;
    if (!(real_root = realpath(root, NULL)))
        code = goxel_fail_errno(detail, DAEMON_ERROR_CHROOT_FAILED, errno,
                                "security.chroot_directory:", root);
    else if (!(real = realpath(daemon->config_path, NULL)))
        code = goxel_fail_errno(detail, DAEMON_ERROR_CONFIG_INVALID, errno, "realpath", daemon->config_path);
    else
        code = make_path_below(root, real_root, real, detail, &path);
    if (!code) {
        free(daemon->config_path);
        daemon->config_path = path;
    }
    free(real);
    free(real_root);
    return code;
}

/* What an earlier image gave up, the next has not got back: a state that says otherwise is none of ours. */
static int check_heritage(const struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    struct goxel_identity identity;
    int code = geteuid() ? 0 : goxel_identity_resolve(daemon->config, daemon->test_mode, detail, &identity);

    if (code || geteuid() || !identity.changes)
        return code;
    return goxel_fail(detail, DAEMON_ERROR_INVALID_ENVIRONMENT,
                      "a state was handed over, but this is still root; unset LISTEN_FDS");
}

static int start_environment(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int code = check_system(detail);

    if (!code)
        code = check_confinement(daemon, detail);
    if (!code)
        code = goxel_identity_resolve(daemon->config, daemon->test_mode || daemon->restart.reexeced, detail,
                                      &daemon->identity);
    if (!code && daemon->restart.reexeced)
        return check_heritage(daemon, detail);
    if (code)
        return code;
    if (goxel_config_bool(daemon->config, GOXEL_OPT_PROCESS_CREATE_PID_FILE))
        code = goxel_pidfile_check(goxel_config_string(daemon->config, GOXEL_OPT_PROCESS_PID_FILE), detail);
    if (!code)
        code = goxel_folders_make(daemon, detail);
    if (!code)
        code = goxel_folders_foresee(daemon, detail);
    return code;
}

static void stop_environment(struct goxel_daemon *daemon)
{
    (void)daemon; /* folders stay */
}

/* ---- process ---- */

/* Every signal of the request table. */
static int open_events(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int signals[2 * GOXEL_REQUEST_COUNT + 1];
    size_t count = 0;

    for (int kind = 0; kind < GOXEL_REQUEST_COUNT; kind++) {
        for (size_t i = 0; i < 2; i++) {
            if (goxel_request_row(kind)->signals[i])
                signals[count++] = goxel_request_row(kind)->signals[i];
        }
    }
    signals[count] = 0;
    return goxel_events_open(&daemon->events, signals, detail);
}

static void stop_process(struct goxel_daemon *daemon)
{
    goxel_emergency_disarm();
    goxel_pidfile_drop(goxel_config_string(daemon->config, GOXEL_OPT_PROCESS_PID_FILE), daemon->pid_fd);
    daemon->pid_fd = -1;
    goxel_events_close(&daemon->events);
    goxel_log_close();
}

/* As the service user: both lie in folders of its own, and are its to write and remove. */

static int open_log(void *ctx, struct goxel_detail *detail)
{
    const struct goxel_daemon *daemon = ctx;

    return goxel_daemon_open_log(daemon, daemon->config, detail);
}

static int make_pid_file(void *ctx, struct goxel_detail *detail)
{
    struct goxel_daemon *daemon = ctx;

    return goxel_pidfile_take(goxel_config_string(daemon->config, GOXEL_OPT_PROCESS_PID_FILE), detail,
                              &daemon->pid_fd);
}

static int take_pid_file(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const char *path = goxel_config_string(daemon->config, GOXEL_OPT_PROCESS_PID_FILE);
    int code = 0;

    if (!goxel_config_bool(daemon->config, GOXEL_OPT_PROCESS_CREATE_PID_FILE))
        path = NULL;
    else if (daemon->pid_fd < 0)
        code = goxel_privileges_act_as(&daemon->identity, make_pid_file, daemon, detail);
    if (!code)
        goxel_emergency_arm(path);
    return code;
}

static int start_process(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_config *config = daemon->config;
    int code;

    umask((mode_t)goxel_config_int(config, GOXEL_OPT_SECURITY_UMASK));
    code = goxel_daemon_set_limits(config, detail);
    if (!code)
        code = open_events(daemon, detail);
    if (!code)
        code = goxel_privileges_act_as(&daemon->identity, open_log, daemon, detail);
    if (!code) {
        goxel_log(GOXEL_LOG_INFO, "starting version=%s revision=%s%s", GOXEL_VERSION, GOXEL_REVISION,
                  daemon->restart.reexeced ? " after=exec" : "");
        goxel_daemon_warn_limits(config);
    }
    if (!code && !daemon->reload_ok)
        goxel_log(GOXEL_LOG_ERROR, "configuration invalid file=%s: going on with what was in effect",
                  daemon->config_path);
    if (!code)
        code = take_pid_file(daemon, detail);
    if (code)
        stop_process(daemon);
    return code;
}

/* ---- detach ---- */

static int start_detach(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const char *folder = goxel_config_string(daemon->config, GOXEL_OPT_PROCESS_WORKING_DIRECTORY);
    int code;

    if (!goxel_config_bool(daemon->config, GOXEL_OPT_PROCESS_DAEMONIZE) || daemon->test_mode ||
        daemon->restart.reexeced)
        return 0;
    code = goxel_detach(detail, &daemon->ready_fd);
    if (!code && daemon->pid_fd >= 0)
        code = goxel_pidfile_rewrite(goxel_config_string(daemon->config, GOXEL_OPT_PROCESS_PID_FILE),
                                     daemon->pid_fd, detail);
    if (!code && chdir(folder))
        code = goxel_fail_errno(detail, DAEMON_ERROR_CHDIR_FAILED, errno, "chdir", folder);
    return code;
}

static void stop_detach(struct goxel_daemon *daemon)
{
    (void)daemon; /* nobody can go back to a terminal */
}

/* ---- privileges ---- */

/* From here on every path is seen from inside. */
static int enter_root(struct goxel_daemon *daemon, struct goxel_config *inside, struct goxel_detail *detail)
{
    struct goxel_config *outside = daemon->config;
    size_t len = strlen(goxel_config_string(outside, GOXEL_OPT_SECURITY_CHROOT_DIRECTORY));
    /* What was taken off the socket's path, which may have been written with more slashes. */
    size_t socket_len = strlen(goxel_config_string(outside, GOXEL_OPT_SOCKETS_UNIX_PATH)) -
                        strlen(goxel_config_string(inside, GOXEL_OPT_SOCKETS_UNIX_PATH));

    if (daemon->config_path)
        memmove(daemon->config_path, daemon->config_path + len, strlen(daemon->config_path + len) + 1);
    pthread_mutex_lock(&daemon->lock);
    daemon->config = inside;
    pthread_mutex_unlock(&daemon->lock);
    goxel_config_unref(outside);
    daemon->rooted = true;
    if (goxel_config_bool(inside, GOXEL_OPT_PROCESS_CREATE_PID_FILE))
        goxel_emergency_arm(goxel_config_string(inside, GOXEL_OPT_PROCESS_PID_FILE));
    for (size_t i = 0; i < daemon->listener_count; i++)
        goxel_listener_rebase(&daemon->listeners[i], socket_len);
    return goxel_daemon_open_log(daemon, inside, detail);
}

static int drop(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const char *root = goxel_config_string(daemon->config, GOXEL_OPT_SECURITY_CHROOT_DIRECTORY);
    struct goxel_config *inside = NULL;
    int code = 0;

    (void)goxel_memory_usage(); /* opens what cannot be seen from inside */
    if (confines(daemon))
        code = goxel_config_rebase(daemon->config, root, detail, &inside);
    if (!code)
        code = goxel_privileges_drop(daemon->config, &daemon->identity, daemon->test_mode, detail);
    if (!code && inside)
        return enter_root(daemon, inside, detail);
    goxel_config_unref(inside);
    return code;
}

static void stop_privileges(struct goxel_daemon *daemon)
{
    goxel_policy_unref(daemon->policy);
    daemon->policy = NULL;
    goxel_daemon_close_sockets(daemon);
}

static int start_privileges(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int code = goxel_daemon_open_sockets(daemon, detail);

    if (!code && daemon->restart.reexeced)
        goxel_privileges_settle();
    if (!code && !daemon->restart.reexeced)
        code = drop(daemon, detail);
    if (!code && !daemon->restart.reexeced)
        code = goxel_folders_prove(daemon, detail);
    if (!code)
        code = goxel_daemon_take_policy(daemon, detail);
    if (code)
        stop_privileges(daemon);
    else
        goxel_folders_warn(daemon->config);
    return code;
}

/* ---- core ---- */

static void log_opened(void *ctx, const char *id, const char *name, int code,
                       const struct goxel_detail *detail)
{
    if (code)
        goxel_log(GOXEL_LOG_ERROR, "project not opened id=%s name=%s error=%s reason=%s", id,
                  GOXEL_QUOTED(name), goxel_error_symbol(code), GOXEL_QUOTED(detail->text));
    else
        goxel_log(GOXEL_LOG_INFO, "project opened id=%s name=%s", id, GOXEL_QUOTED(name));
    goxel_daemon_progress(ctx);
}

/* A project that is damaged does not keep the others from being opened. */
static int open_projects(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    struct goxel_store_settings settings = goxel_daemon_store_settings(daemon->config);
    int code = goxel_store_open(goxel_config_string(daemon->config, GOXEL_OPT_STORAGE_DIRECTORY),
                                daemon->workspace, &settings, detail, &daemon->store);
    struct goxel_detail damage;

    if (code)
        return code;
    goxel_store_on_progress(daemon->store, goxel_daemon_progress, daemon);
    goxel_daemon_progress(daemon);
    goxel_detail_init(&damage);
    code = goxel_store_open_all(daemon->store, log_opened, daemon, &damage);
    /* Without its list nothing could be kept at the end either. */
    if (code && goxel_store_is_refused(daemon->store))
        return goxel_fail(detail, DAEMON_ERROR_GOXEL_INIT_FAILED, "storage.directory: %s", damage.text);
    if (code)
        goxel_log(GOXEL_LOG_ERROR, "storage.directory: %s reason=%s", goxel_error_text(code),
                  GOXEL_QUOTED(damage.text));
    return 0;
}

static void store_figures(void *ctx, struct goxel_store_figures *ret_figures)
{
    const struct goxel_daemon *daemon = ctx;
    struct goxel_store_stats stats;

    goxel_store_get_stats(daemon->store, &stats);
    *ret_figures = (struct goxel_store_figures){.records = stats.journal.records,
                                                .groups = stats.journal.groups,
                                                .bytes = stats.journal.bytes,
                                                .failures = stats.journal.failures,
                                                .unflushed = stats.journal.unflushed,
                                                .seconds = (double)stats.journal.ns / 1e9,
                                                .damaged = stats.damaged,
                                                .scrubbed = stats.scrubbed,
                                                .projects = stats.projects,
                                                .loaded = stats.loaded,
                                                .refused = goxel_workspace_count_damaged(daemon->workspace),
                                                .disk_bytes = stats.bytes};
}

static int start_front(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_config *config = daemon->config;
    const struct goxel_front_options options = {
        .ops = {goxel_daemon_config, goxel_daemon_write_pending, goxel_daemon_last_reload, goxel_daemon_wake,
                goxel_restart_figures, store_figures, goxel_daemon_policy},
        .ctx = daemon,
        .rpc = daemon->rpc,
        .pool = daemon->pool,
        .machine = daemon->machine,
        .requests = daemon->requests,
        .health = daemon->health,
        .feed = daemon->feed,
        .www = goxel_config_bool(config, GOXEL_OPT_WWW_ENABLED)
                   ? goxel_config_string(config, GOXEL_OPT_WWW_DIRECTORY)
                   : NULL,
        .io_threads = (unsigned)goxel_config_int(config, GOXEL_OPT_PERFORMANCE_IO_THREADS),
        .max_connections = (unsigned)goxel_config_int(config, GOXEL_OPT_PERFORMANCE_MAX_CONNECTIONS),
    };
    int code = goxel_front_create(&options, daemon->listeners, daemon->listener_count, detail,
                                  &daemon->front);

    if (!code)
        daemon->listener_count = 0; /* the front's */
    return code;
}

static int start_monitor(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_monitor_options options = {
        .config = goxel_daemon_config,
        .wake = goxel_daemon_wake,
        .ctx = daemon,
        .front = daemon->front,
        .pool = daemon->pool,
        .health = daemon->health,
        .requests = daemon->requests,
        .feed = daemon->feed,
        .rpc = daemon->rpc,
    };

    return goxel_monitor_create(&options, detail, &daemon->monitor);
}

static void stop_core(struct goxel_daemon *daemon)
{
    goxel_monitor_destroy(daemon->monitor);
    daemon->monitor = NULL;
    /* Nobody sends requests any more. Workers make records, and the journal ends their calls, which know the front. */
    goxel_pool_destroy(daemon->pool);
    daemon->pool = NULL;
    goxel_store_stop(daemon->store);
    goxel_front_destroy(daemon->front);
    daemon->front = NULL;
    goxel_rpc_destroy(daemon->rpc);
    daemon->rpc = NULL;
    goxel_store_close(daemon->store);
    daemon->store = NULL;
    goxel_workspace_destroy(daemon->workspace);
    daemon->workspace = NULL;
}

static int start_engine(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_pool_options pool = {
        .workers = (unsigned)goxel_config_int(daemon->config, GOXEL_OPT_WORKERS_COUNT),
        .queue_size = (unsigned)goxel_config_int(daemon->config, GOXEL_OPT_WORKERS_QUEUE_SIZE),
    };
    struct goxel_rpc_options rpc = {
        .machine = daemon->machine,
        .requests = daemon->requests,
        .config = goxel_daemon_config,
        .ctx = daemon,
    };
    int code;

    daemon->workspace = goxel_workspace_create();
    if (!daemon->workspace)
        return goxel_fail(detail, DAEMON_ERROR_GOXEL_INIT_FAILED, "out of memory");
    goxel_news_desk_init(&daemon->news, daemon->feed);
    goxel_workspace_set_watcher(daemon->workspace, &daemon->news.watcher);
    code = open_projects(daemon, detail);
    if (!code)
        code = goxel_pool_create(&pool, detail, &daemon->pool);
    if (code)
        return code;
    rpc.workspace = daemon->workspace;
    rpc.pool = daemon->pool;
    daemon->rpc = goxel_rpc_create(&rpc);
    return daemon->rpc ? 0 : goxel_fail(detail, DAEMON_ERROR_GOXEL_INIT_FAILED, "out of memory");
}

static int start_core(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int code = start_engine(daemon, detail);

    if (!code)
        code = start_front(daemon, detail);
    if (!code)
        code = start_monitor(daemon, detail);
    if (code)
        stop_core(daemon);
    return code;
}

/* ---- the table ---- */

static const struct {
    const char *name;
    int (*start)(struct goxel_daemon *daemon, struct goxel_detail *detail);
    void (*stop)(struct goxel_daemon *daemon); /* forgiving: parts that are gone already, too */
} phases[] = {
    {"environment", start_environment, stop_environment},
    {"process", start_process, stop_process},
    {"detach", start_detach, stop_detach},
    {"privileges", start_privileges, stop_privileges},
    {"core", start_core, stop_core},
};
#define PHASES (sizeof(phases) / sizeof(phases[0]))

bool goxel_daemon_started(void *ctx, struct goxel_detail *detail)
{
    const struct goxel_daemon *daemon = ctx;

    if (daemon->phases_done == PHASES && daemon->front)
        return true;
    goxel_fail(detail, DAEMON_ERROR_TRANSITION_FAILED, "start-up is not complete");
    return false;
}

void goxel_daemon_undo(struct goxel_daemon *daemon, enum goxel_phase down_to)
{
    while (daemon->phases_done > (size_t)down_to)
        phases[--daemon->phases_done].stop(daemon);
}

int goxel_daemon_start(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    for (size_t i = 0; i < PHASES; i++) {
        int code = phases[i].start(daemon, detail);

        if (code) {
            if (!strcmp(goxel_config_string(daemon->config, GOXEL_OPT_LOGGING_TARGET), "file") &&
                daemon->phases_done >= GOXEL_PHASE_PROCESS)
                goxel_log(GOXEL_LOG_ERROR, "start failed phase=%s error=%s reason=%s", phases[i].name,
                          goxel_error_symbol(code), GOXEL_QUOTED(detail ? detail->text : ""));
            goxel_daemon_undo(daemon, GOXEL_PHASE_NONE);
            return code;
        }
        daemon->phases_done = i + 1;
        goxel_log(GOXEL_LOG_DEBUG, "start-up phase=%s", phases[i].name);
    }
    return 0;
}
