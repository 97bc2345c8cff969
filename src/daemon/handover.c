/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one image of the daemon leaves to the next, and how it is found again. See the header. */
#include "daemon/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/emergency.h"

#define STATE_NAME "goxel-state"
#define PID_NAME "goxel-pid"
#define STATE_MAX (4u << 20)
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define FIRST_FD 3 /* SD_LISTEN_FDS_START */

/* ---- arguments ---- */

static size_t argument_count(const struct goxel_daemon *daemon)
{
    size_t count = 0;

    while (daemon->argv && daemon->argv[count])
        count++;
    return count;
}

const char **goxel_handover_arguments(const struct goxel_daemon *daemon, const char *more)
{
    size_t count = argument_count(daemon), at = 0;
    const char **argv = calloc(count + 5, sizeof(*argv));
    bool named = !daemon->config_path;

    if (!argv)
        return NULL;
    argv[at++] = daemon->program;
    for (size_t i = 1; i < count; i++) {
        named = named || !strcmp(daemon->argv[i], daemon->config_path);
        argv[at++] = daemon->argv[i];
    }
    if (!named) {
        argv[at++] = "--config";
        argv[at++] = daemon->config_path;
    }
    argv[at] = more;
    return argv;
}

/* ---- state ---- */

static int64_t number(const struct goxel_json *state, const char *key)
{
    const struct goxel_json *node = goxel_json_get(state, key);

    return node && goxel_json_type(node) == GOXEL_JSON_INT ? goxel_json_int(node) : 0;
}

static void write_state(struct goxel_daemon *daemon, const struct goxel_buf *config, struct goxel_buf *buf)
{
    const struct goxel_restart *restart = &daemon->restart;
    struct goxel_json_writer w;

    goxel_json_writer_init(&w, buf);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_int(&w, "uid", geteuid());
    goxel_json_put_int(&w, "restarts", (int64_t)restart->figures.restarts);
    goxel_json_put_int(&w, "recoveries", (int64_t)restart->figures.recoveries);
    goxel_json_put_int(&w, "attempts", restart->figures.attempts);
    goxel_json_put_int(&w, "last_recovery_ms", restart->last_recovery_ms);
    goxel_json_put_string_len(&w, "config", config->data ? config->data : "", config->len);
    goxel_settings_write(daemon->settings, &w, "settings");
    goxel_requests_save(daemon->requests, &w, "requests");
    goxel_json_put_end(&w);
}

/* What this version does not take is left out: nothing of it is worth a restart that fails. */
static int read_settings(struct goxel_daemon *daemon, const struct goxel_json *saved)
{
    struct goxel_json_iter it = {0};

    if (!saved || goxel_json_type(saved) != GOXEL_JSON_OBJECT)
        return 0;
    daemon->settings = goxel_settings_create();
    if (!daemon->settings)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    while (goxel_json_next(saved, &it))
        (void)goxel_settings_set(daemon->settings, it.key, it.value, NULL);
    return 0;
}

static int read_state(struct goxel_daemon *daemon, const struct goxel_json *state,
                      struct goxel_detail *detail)
{
    if (goxel_json_type(state) != GOXEL_JSON_OBJECT || number(state, "uid") != geteuid())
        return goxel_fail(detail, DAEMON_ERROR_INVALID_ENVIRONMENT,
                          "the state that was handed over is not of this user; unset LISTEN_FDS");
    daemon->restart.reexeced = true;
    daemon->restart.figures.restarts = (uint64_t)number(state, "restarts");
    daemon->restart.figures.recoveries = (uint64_t)number(state, "recoveries");
    daemon->restart.figures.attempts = (unsigned)number(state, "attempts");
    daemon->restart.last_recovery_ms = number(state, "last_recovery_ms");
    return read_settings(daemon, goxel_json_get(state, "settings"));
}

static int load_state(struct goxel_daemon *daemon, int fd, struct goxel_detail *detail)
{
    struct goxel_buf text;
    int code;

    goxel_buf_init(&text, STATE_MAX);
    (void)lseek(fd, 0, SEEK_SET);
    code = goxel_file_read_fd(fd, STATE_NAME, &text, detail);
    if (!code)
        code = goxel_json_parse(text.data ? text.data : "", text.len, &goxel_json_limits_default, detail,
                                &daemon->restart.handed);
    if (!code)
        code = read_state(daemon, daemon->restart.handed, detail);
    goxel_buf_finish(&text);
    return code;
}

/* The descriptor of that name, which is the caller's from here on; -1: none. */
static int take_named(struct goxel_daemon *daemon, const char *name)
{
    for (size_t i = 0; i < daemon->inherited.count; i++) {
        int fd = daemon->inherited.fds[i].fd;

        if (fd >= 0 && !strcmp(daemon->inherited.fds[i].name, name)) {
            daemon->inherited.fds[i].fd = -1;
            return fd;
        }
    }
    return -1;
}

int goxel_handover_take(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int fd = take_named(daemon, STATE_NAME), code = 0;

    if (fd < 0)
        return 0; /* a PID file without it is nobody's: closed as a stranger */
    if (fcntl(fd, F_GET_SEALS) != SEALS)
        code = goxel_fail(detail, DAEMON_ERROR_INVALID_ENVIRONMENT,
                          "the state that was handed over is not sealed; unset LISTEN_FDS");
    if (!code)
        code = load_state(daemon, fd, detail);
    close(fd);
    if (!code)
        daemon->pid_fd = take_named(daemon, PID_NAME);
    return code;
}

/* What was in effect in the earlier image; NULL: it cannot be told. */
static struct goxel_config *carried_config(const struct goxel_daemon *daemon)
{
    const struct goxel_json *node = goxel_json_get(daemon->restart.handed, "config");
    struct goxel_config *config = NULL;
    const char *text;
    size_t len;

    if (!node || goxel_json_type(node) != GOXEL_JSON_STRING)
        return NULL;
    text = goxel_json_string(node, &len);
    return goxel_config_parse(text, len, "handed over", NULL, 0, NULL, NULL, &config) ? NULL : config;
}

static void note_pending(void *ctx, enum goxel_option option, bool applied)
{
    struct goxel_daemon *daemon = ctx;

    if (!applied)
        daemon->pending[daemon->pending_count++] = option;
}

int goxel_handover_settle(struct goxel_daemon *daemon, int code, struct goxel_detail *detail)
{
    struct goxel_config *carried = daemon->restart.reexeced ? carried_config(daemon) : NULL;
    struct goxel_config *effective = NULL;

    if (!carried)
        return code; /* a first image; or the earlier one was of another version */
    if (code) {
        daemon->config = carried;
        daemon->reload_ok = false;
        return 0;
    }
    daemon->pending = calloc(GOXEL_OPTION_COUNT, sizeof(*daemon->pending));
    if (daemon->pending)
        code = goxel_config_merge(carried, daemon->config, GOXEL_LEVEL_REEXEC, note_pending, daemon,
                                  &effective);
    else
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_config_unref(carried);
    if (code)
        return goxel_fail(detail, code, "the configuration that was handed over");
    goxel_config_unref(daemon->config);
    daemon->config = effective;
    return 0;
}

void goxel_handover_restore(struct goxel_daemon *daemon)
{
    if (daemon->restart.handed)
        goxel_requests_restore(daemon->requests, goxel_json_get(daemon->restart.handed, "requests"));
    goxel_json_free(daemon->restart.handed);
    daemon->restart.handed = NULL;
}

static int make_state(struct goxel_daemon *daemon, struct goxel_detail *detail, int *ret_fd)
{
    struct goxel_buf text, config;
    int fd = memfd_create(STATE_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int code = 0;

    if (fd < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_GENERAL, errno, "memfd_create", "");
    goxel_buf_init(&text, STATE_MAX);
    goxel_buf_init(&config, GOXEL_CONFIG_FILE_MAX);
    goxel_config_print(daemon->config, &config);
    write_state(daemon, &config, &text);
    goxel_buf_finish(&config);
    if (text.failed)
        code = goxel_fail(detail, text.failed, "the state for the next image");
    else if (write(fd, text.data, text.len) != (ssize_t)text.len)
        code = goxel_fail_errno(detail, GOXEL_ERROR_GENERAL, errno, "write", STATE_NAME);
    else if (fcntl(fd, F_ADD_SEALS, SEALS))
        code = goxel_fail_errno(detail, GOXEL_ERROR_GENERAL, errno, "sealing", STATE_NAME);
    goxel_buf_finish(&text);
    if (code)
        close(fd);
    else
        *ret_fd = fd;
    return code;
}

/* What is handed over, in its order. */
struct cargo {
    int fds[GOXEL_LISTENERS_MAX + 2];
    size_t count;
    char names[(GOXEL_LISTENERS_MAX + 2) * (GOXEL_HAND_ON_MAX + 1)];
};

static void load_cargo(struct cargo *cargo, int fd, const char *name)
{
    size_t len = strlen(cargo->names);

    snprintf(cargo->names + len, sizeof(cargo->names) - len, "%s%s", len ? ":" : "", name);
    cargo->fds[cargo->count++] = fd;
}

/* To 3, 4, …, without close-on-exec. Out of each other's way first. */
static int place_cargo(struct cargo *cargo, struct goxel_detail *detail)
{
    int above = FIRST_FD + (int)cargo->count;

    for (size_t i = 0; i < cargo->count; i++) {
        if (cargo->fds[i] < above)
            cargo->fds[i] = fcntl(cargo->fds[i], F_DUPFD_CLOEXEC, above);
        if (cargo->fds[i] < 0)
            return goxel_fail_errno(detail, GOXEL_ERROR_GENERAL, errno, "fcntl", "F_DUPFD_CLOEXEC");
    }
    for (size_t i = 0; i < cargo->count; i++) {
        if (dup2(cargo->fds[i], FIRST_FD + (int)i) < 0)
            return goxel_fail_errno(detail, GOXEL_ERROR_GENERAL, errno, "dup2", "");
    }
    return 0;
}

static int announce_cargo(const struct cargo *cargo, struct goxel_detail *detail)
{
    char count[16], pid[16];

    snprintf(count, sizeof(count), "%zu", cargo->count);
    snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    if (setenv("LISTEN_FDS", count, 1) || setenv("LISTEN_PID", pid, 1) ||
        setenv("LISTEN_FDNAMES", cargo->names, 1))
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "environment");
    return 0;
}

static int exec_with(struct goxel_daemon *daemon, struct cargo *cargo, struct goxel_detail *detail)
{
    const char **argv = goxel_handover_arguments(daemon, NULL);
    int code = argv ? announce_cargo(cargo, detail)
                    : goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "arguments");

    if (!code)
        code = goxel_privileges_carry(detail);
    if (!code)
        code = place_cargo(cargo, detail);
    if (!code) {
        /* Blocked here and there: the next image finds it pending. */
        if (daemon->shutdown.stop_came)
            kill(getpid(), SIGTERM);
        execv(daemon->program, (char *const *)argv);
        code = goxel_fail_errno(detail, GOXEL_ERROR_GENERAL, errno, "execv", daemon->program);
    }
    free(argv);
    return code;
}

static void count(struct goxel_daemon *daemon)
{
    struct goxel_restart *restart = &daemon->restart;

    pthread_mutex_lock(&daemon->lock);
    if (restart->goal == GOXEL_GOAL_RECOVER) {
        restart->figures.recoveries++;
        restart->figures.attempts++;
        restart->last_recovery_ms = goxel_clock_ms();
    } else {
        restart->figures.restarts++;
    }
    pthread_mutex_unlock(&daemon->lock);
}

int goxel_handover_exec(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    struct cargo cargo = {.count = 0};
    int state_fd = -1, code = 0;

    if (access(daemon->program, X_OK))
        code = goxel_fail_errno(detail, GOXEL_ERROR_GENERAL, errno,
                                "the next image cannot be started:", daemon->program);
    if (!code) {
        count(daemon);
        code = make_state(daemon, detail, &state_fd);
    }
    if (code) {
        goxel_log(GOXEL_LOG_ERROR, "exec failed reason=%s", GOXEL_QUOTED(detail->text));
        return code;
    }
    load_cargo(&cargo, state_fd, STATE_NAME);
    if (daemon->pid_fd >= 0)
        load_cargo(&cargo, daemon->pid_fd, PID_NAME);
    for (size_t i = 0; i < daemon->listener_count; i++) {
        char name[GOXEL_HAND_ON_MAX];

        goxel_listener_hand_on(&daemon->listeners[i], name);
        load_cargo(&cargo, daemon->listeners[i].fd, name);
    }
    goxel_log(GOXEL_LOG_INFO, "exec program=%s listeners=%zu", daemon->program, daemon->listener_count);
    code = exec_with(daemon, &cargo, detail);
    /* Descriptors are no longer where they were: there is no way back. */
    goxel_emergency_exit(goxel_error_exit(code), detail->text);
}
