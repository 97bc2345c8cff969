/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Start-up: a table of phases walked up, and down again from where one failed.
 *
 *   environment   the system has what we need; no other daemon; run-time directories
 *   process       limits, signals, log, PID file
 *   core          engine, workers, sockets, front
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/pidfile.h"

/* Descriptors beyond connections: listeners, log, epoll, files in work, and room to spare. */
#define DESCRIPTORS_BASE 128
#define DESCRIPTORS_A_WORKER 4

/* ---- environment ---- */

static int check_system(struct goxel_detail *detail)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC | O_DIRECTORY, .resolve = RESOLVE_NO_MAGICLINKS};
    long fd = syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof(how));

    if (fd < 0 && errno == ENOSYS)
        return goxel_fail(detail, DAEMON_ERROR_INVALID_ENVIRONMENT, "Linux 5.6 or newer is needed (openat2)");
    if (fd >= 0)
        close((int)fd);
    return goxel_front_check(detail);
}

/* Makes the folders above a path, as `mkdir -p` does. */
static int make_parents(const char *path, struct goxel_detail *detail)
{
    char folder[4097];

    if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
        return goxel_fail_limit(detail, DAEMON_ERROR_CONFIG_INVALID, "path (bytes)",
                                (int64_t)sizeof(folder) - 1, (int64_t)strlen(path));
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0755) && errno != EEXIST)
            return goxel_fail_errno(detail, DAEMON_ERROR_PERMISSION_DENIED, errno, "mkdir", folder);
        *slash = '/';
    }
    return 0;
}

static int make_directories(const struct goxel_config *config, struct goxel_detail *detail)
{
    const struct {
        bool wanted;
        enum goxel_option path;
    } rows[] = {
        {goxel_config_bool(config, GOXEL_OPT_PROCESS_CREATE_PID_FILE), GOXEL_OPT_PROCESS_PID_FILE},
        {goxel_config_bool(config, GOXEL_OPT_SOCKETS_UNIX_ENABLED), GOXEL_OPT_SOCKETS_UNIX_PATH},
        {!strcmp(goxel_config_string(config, GOXEL_OPT_LOGGING_TARGET), "file"), GOXEL_OPT_LOGGING_FILE},
    };
    int code = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !code; i++) {
        if (rows[i].wanted)
            code = make_parents(goxel_config_string(config, rows[i].path), detail);
    }
    return code;
}

/* Nobody can save there; the folder may come later, so that it is no error. */
static void warn_of_roots(const struct goxel_config *config)
{
    const char *const *roots;
    size_t count = goxel_config_list(config, GOXEL_OPT_STORAGE_ALLOWED_ROOTS, &roots);

    for (size_t i = 0; i < count; i++) {
        if (access(roots[i], R_OK | W_OK | X_OK))
            goxel_log(GOXEL_LOG_WARN, "storage.allowed_roots: %s: %s", roots[i], strerrordesc_np(errno));
    }
}

static int start_environment(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int code = check_system(detail);

    if (!code && goxel_config_bool(daemon->config, GOXEL_OPT_PROCESS_CREATE_PID_FILE))
        code = goxel_pidfile_check(goxel_config_string(daemon->config, GOXEL_OPT_PROCESS_PID_FILE), detail);
    return code ? code : make_directories(daemon->config, detail);
}

static void stop_environment(struct goxel_daemon *daemon)
{
    (void)daemon; /* folders stay */
}

/* ---- process ---- */

static rlim_t descriptors_needed(const struct goxel_config *config)
{
    int64_t wanted = goxel_config_int(config, GOXEL_OPT_LIMITS_MAX_FILE_DESCRIPTORS);
    int64_t needed = goxel_config_int(config, GOXEL_OPT_PERFORMANCE_MAX_CONNECTIONS) + GOXEL_FRONT_SURPLUS +
                     goxel_config_int(config, GOXEL_OPT_WORKERS_COUNT) * DESCRIPTORS_A_WORKER +
                     DESCRIPTORS_BASE;

    return (rlim_t)(wanted ? wanted : needed);
}

static int set_limits(const struct goxel_config *config, struct goxel_detail *detail)
{
    rlim_t core = (rlim_t)goxel_config_int(config, GOXEL_OPT_LIMITS_MAX_CORE_SIZE_MB) << 20;
    rlim_t needed = descriptors_needed(config);
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit))
        return goxel_fail_errno(detail, DAEMON_ERROR_RESOURCE_LIMIT_FAILED, errno, "getrlimit", "");
    if (needed > limit.rlim_max)
        return goxel_fail_limit(detail, DAEMON_ERROR_RESOURCE_LIMIT_FAILED, "file descriptors (hard limit)",
                                (int64_t)limit.rlim_max, (int64_t)needed);
    if (needed > limit.rlim_cur || goxel_config_int(config, GOXEL_OPT_LIMITS_MAX_FILE_DESCRIPTORS))
        limit.rlim_cur = needed;
    if (setrlimit(RLIMIT_NOFILE, &limit))
        return goxel_fail_errno(detail, DAEMON_ERROR_RESOURCE_LIMIT_FAILED, errno, "setrlimit", "");
    if (!getrlimit(RLIMIT_CORE, &limit)) {
        limit.rlim_cur = core < limit.rlim_max ? core : limit.rlim_max;
        (void)setrlimit(RLIMIT_CORE, &limit);
    }
    return 0;
}

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
    goxel_pidfile_drop(goxel_config_string(daemon->config, GOXEL_OPT_PROCESS_PID_FILE), daemon->pid_fd);
    daemon->pid_fd = -1;
    goxel_events_close(&daemon->events);
    goxel_log_close();
}

static int start_process(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_config *config = daemon->config;
    int code;

    umask((mode_t)goxel_config_int(config, GOXEL_OPT_SECURITY_UMASK));
    code = set_limits(config, detail);
    if (!code)
        code = open_events(daemon, detail);
    if (!code)
        code = goxel_daemon_open_log(config, detail);
    if (!code)
        warn_of_roots(config);
    if (!code && goxel_config_bool(config, GOXEL_OPT_PROCESS_CREATE_PID_FILE))
        code = goxel_pidfile_take(goxel_config_string(config, GOXEL_OPT_PROCESS_PID_FILE), detail,
                                  &daemon->pid_fd);
    if (code)
        stop_process(daemon);
    return code;
}

/* ---- core ---- */

static int open_tcp(const struct goxel_config *config, struct goxel_detail *detail,
                    struct goxel_listener listeners[], size_t *count)
{
    const struct goxel_tcp_options options = {
        .backlog = (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_BACKLOG),
        .nodelay = goxel_config_bool(config, GOXEL_OPT_SOCKETS_TCP_NODELAY),
        .keepalive = goxel_config_bool(config, GOXEL_OPT_SOCKETS_TCP_KEEPALIVE),
        .keepalive_idle = (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_KEEPALIVE_IDLE),
        .keepalive_interval = (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_KEEPALIVE_INTERVAL),
        .keepalive_count = (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_KEEPALIVE_COUNT),
    };
    const char *address = goxel_config_string(config, GOXEL_OPT_SOCKETS_TCP_BIND_ADDRESS);
    const char *const *specs;
    size_t specs_count = goxel_config_list(config, GOXEL_OPT_SOCKETS_TCP_LISTEN, &specs);
    char shorthand[96];
    const char *one = shorthand;

    if (!goxel_config_bool(config, GOXEL_OPT_SOCKETS_TCP_ENABLED))
        return 0;
    if (!specs_count) {
        snprintf(shorthand, sizeof(shorthand), strchr(address, ':') ? "[%s]:%d" : "%s:%d", address,
                 (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_PORT));
        specs = &one;
        specs_count = 1;
    }
    if (specs_count > GOXEL_LISTENERS_MAX - 1)
        return goxel_fail_limit(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, "sockets.tcp.listen",
                                GOXEL_LISTENERS_MAX - 1, (int64_t)specs_count);
    for (size_t i = 0; i < specs_count; i++) {
        int code = goxel_listener_open_tcp(specs[i], &options, detail, &listeners[*count]);

        if (code)
            return code;
        ++*count;
    }
    return 0;
}

static int open_unix(const struct goxel_config *config, struct goxel_detail *detail,
                     struct goxel_listener listeners[], size_t *count)
{
    const struct goxel_unix_options options = {
        .backlog = (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_UNIX_BACKLOG),
        .mode = (mode_t)goxel_config_int(config, GOXEL_OPT_SOCKETS_UNIX_PERMISSIONS),
        .owner = (uid_t)-1,
        .group = (gid_t)-1,
        .unlink_existing = goxel_config_bool(config, GOXEL_OPT_SOCKETS_UNIX_UNLINK_EXISTING),
    };
    int code;

    if (!goxel_config_bool(config, GOXEL_OPT_SOCKETS_UNIX_ENABLED))
        return 0;
    code = goxel_listener_open_unix(goxel_config_string(config, GOXEL_OPT_SOCKETS_UNIX_PATH), &options,
                                    detail, &listeners[*count]);
    if (!code)
        ++*count;
    return code;
}

static int start_front(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_config *config = daemon->config;
    const struct goxel_front_options options = {
        .ops = {goxel_daemon_config, goxel_daemon_write_pending, goxel_daemon_last_reload, goxel_daemon_wake},
        .ctx = daemon,
        .rpc = daemon->rpc,
        .pool = daemon->pool,
        .machine = daemon->machine,
        .requests = daemon->requests,
        .health = daemon->health,
        .io_threads = (unsigned)goxel_config_int(config, GOXEL_OPT_PERFORMANCE_IO_THREADS),
        .max_connections = (unsigned)goxel_config_int(config, GOXEL_OPT_PERFORMANCE_MAX_CONNECTIONS),
    };
    struct goxel_listener listeners[GOXEL_LISTENERS_MAX];
    size_t count = 0;
    int code = open_tcp(config, detail, listeners, &count);

    if (!code)
        code = open_unix(config, detail, listeners, &count);
    if (!code && !count)
        code = goxel_fail(detail, DAEMON_ERROR_CONFIG_INVALID,
                          "nothing to listen on: enable sockets.tcp or sockets.unix");
    if (!code)
        code = goxel_front_create(&options, listeners, count, detail, &daemon->front);
    for (size_t i = 0; i < count; i++) {
        if (code)
            goxel_listener_close(&listeners[i]);
        else
            goxel_log(GOXEL_LOG_INFO, "listening address=%s", listeners[i].name);
    }
    return code;
}

static void stop_core(struct goxel_daemon *daemon)
{
    goxel_front_destroy(daemon->front);
    daemon->front = NULL;
    goxel_pool_destroy(daemon->pool);
    daemon->pool = NULL;
    goxel_rpc_destroy(daemon->rpc);
    daemon->rpc = NULL;
    goxel_workspace_destroy(daemon->workspace);
    daemon->workspace = NULL;
}

static int start_core(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_pool_options pool = {
        .workers = (unsigned)goxel_config_int(daemon->config, GOXEL_OPT_WORKERS_COUNT),
        .queue_size = (unsigned)goxel_config_int(daemon->config, GOXEL_OPT_WORKERS_QUEUE_SIZE),
    };
    int code = 0;

    daemon->workspace = goxel_workspace_create();
    if (!daemon->workspace)
        code = goxel_fail(detail, DAEMON_ERROR_GOXEL_INIT_FAILED, "out of memory");
    if (!code)
        code = goxel_pool_create(&pool, detail, &daemon->pool);
    if (!code) {
        const struct goxel_rpc_options rpc = {
            .workspace = daemon->workspace,
            .pool = daemon->pool,
            .machine = daemon->machine,
            .requests = daemon->requests,
            .config = goxel_daemon_config,
            .ctx = daemon,
        };

        daemon->rpc = goxel_rpc_create(&rpc);
        if (!daemon->rpc)
            code = goxel_fail(detail, DAEMON_ERROR_GOXEL_INIT_FAILED, "out of memory");
    }
    if (!code)
        code = start_front(daemon, detail);
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
            goxel_daemon_undo(daemon, GOXEL_PHASE_NONE);
            return code;
        }
        daemon->phases_done = i + 1;
        goxel_log(GOXEL_LOG_DEBUG, "start-up phase=%s", phases[i].name);
    }
    return 0;
}
