/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Restart in place, and recovery: the next image of the daemon takes over process, PID file and listeners.
 *
 *   POST /restart   RUNNING ── check ──► STOPPING ── seven phases ──► STARTING, exec
 *   health monitor  RUNNING ──► ERROR ── cool-down, check, phases in a hurry ──► STARTING, exec
 *                                 └── too many attempts ──► STOPPING, the end
 *
 * The check asks the program on the disk, which may be a newer one, whether it takes the configuration, while
 * everything still runs. What goes from image to image: listeners and the locked PID file as descriptors from 3 on,
 * named as systemd names them, and a memfd with attempts, figures and the history of requests.
 */
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
#include "daemon/daemon.h"
#include "daemon/emergency.h"

#define STATE_NAME "goxel-state"
#define PID_NAME "goxel-pid"
#define STATE_MAX (256u << 10)
#define CHECK_LIMIT_MS 10000
#define LOOK_AGAIN_MS 20
#define FIRST_FD 3 /* SD_LISTEN_FDS_START */

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

static size_t argument_count(const struct goxel_daemon *daemon)
{
    size_t count = 0;

    while (daemon->argv && daemon->argv[count])
        count++;
    return count;
}

/*
 * The program with its arguments, and `more` (NULL: nothing). A configuration that was named by a relative
 * path is named once more: the daemon may be in another folder now. Only the array is the caller's to free.
 */
static const char **make_arguments(const struct goxel_daemon *daemon, const char *more)
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

/* What the next image takes over from this one, and so cannot have otherwise. */
static const enum goxel_option carried[] = {
    GOXEL_OPT_PROCESS_PID_FILE,
    GOXEL_OPT_PROCESS_CREATE_PID_FILE,
    GOXEL_OPT_PROCESS_USER,
    GOXEL_OPT_PROCESS_GROUP,
    GOXEL_OPT_SECURITY_ENABLE_CHROOT,
    GOXEL_OPT_SECURITY_DROP_CAPABILITIES,
    GOXEL_OPT_SECURITY_ALLOWED_CAPABILITIES,
    GOXEL_OPT_SECURITY_NO_NEW_PRIVILEGES,
};

static void note_carried(void *ctx, enum goxel_option option, bool applied)
{
    const enum goxel_option **found = ctx;

    (void)applied;
    for (size_t i = 0; i < sizeof(carried) / sizeof(carried[0]); i++) {
        if (carried[i] == option)
            *found = &carried[i];
    }
}

/* Whoever asks would be told that it happened, and the file would go on to say what is not so. */
static int check_carried(const struct goxel_daemon *daemon, struct goxel_config *wanted,
                         struct goxel_detail *detail)
{
    const enum goxel_option *found = NULL;
    struct goxel_config *effective = NULL;
    int code = goxel_config_merge(daemon->config, wanted, note_carried, &found, &effective);

    goxel_config_unref(effective);
    if (code || !found)
        return code;
    return goxel_fail(
        detail, DAEMON_ERROR_TRANSITION_FAILED,
        "%s has changed, and a restart in place keeps the old value: stop the daemon and start it, "
        "or change it back",
        goxel_option_name(*found));
}

/* By ourselves first, because this says what is wrong: the first line of it. */
static int check_here(const struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    struct goxel_config *config = NULL;
    struct goxel_buf errors;
    int code;

    goxel_buf_init(&errors, STATE_MAX);
    code = goxel_daemon_load(daemon, &errors, NULL, &config, detail);
    if (code && errors.len)
        goxel_fail(detail, code, "%.*s", (int)strcspn(errors.data, "\n"), errors.data);
    if (!code)
        code = check_carried(daemon, config, detail);
    goxel_buf_finish(&errors);
    goxel_config_unref(config);
    return code;
}

static int begin_check(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const char **argv = make_arguments(daemon, "--check-config");
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

/* ---- from image to image ---- */

static int64_t number(const struct goxel_json *state, const char *key)
{
    const struct goxel_json *node = goxel_json_get(state, key);

    return node && goxel_json_type(node) == GOXEL_JSON_INT ? goxel_json_int(node) : 0;
}

static void write_state(struct goxel_daemon *daemon, struct goxel_buf *buf)
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
    goxel_requests_save(daemon->requests, &w, "requests");
    goxel_json_put_end(&w);
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
    goxel_requests_restore(daemon->requests, goxel_json_get(state, "requests"));
    return 0;
}

static int load_state(struct goxel_daemon *daemon, int fd, struct goxel_detail *detail)
{
    struct goxel_json *state = NULL;
    struct goxel_buf text;
    int code;

    goxel_buf_init(&text, STATE_MAX);
    (void)lseek(fd, 0, SEEK_SET);
    code = goxel_file_read_fd(fd, STATE_NAME, &text, detail);
    if (!code)
        code = goxel_json_parse(text.data ? text.data : "", text.len, &goxel_json_limits_default, detail,
                                &state);
    if (!code)
        code = read_state(daemon, state, detail);
    goxel_json_free(state);
    goxel_buf_finish(&text);
    return code;
}

int goxel_restart_adopt(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int code = 0;

    for (size_t i = 0; i < daemon->inherited.count && !code; i++) {
        int *fd = &daemon->inherited.fds[i].fd;

        if (!strcmp(daemon->inherited.fds[i].name, STATE_NAME)) {
            code = load_state(daemon, *fd, detail);
            close(*fd);
            *fd = -1;
        } else if (!strcmp(daemon->inherited.fds[i].name, PID_NAME)) {
            daemon->pid_fd = *fd;
            *fd = -1;
        }
    }
    return code;
}

static int make_state(struct goxel_daemon *daemon, struct goxel_detail *detail, int *ret_fd)
{
    struct goxel_buf text;
    int fd = memfd_create(STATE_NAME, MFD_CLOEXEC);
    int code = 0;

    if (fd < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_GENERAL, errno, "memfd_create", "");
    goxel_buf_init(&text, STATE_MAX);
    write_state(daemon, &text);
    if (text.failed)
        code = goxel_fail(detail, text.failed, "the state for the next image");
    else if (write(fd, text.data, text.len) != (ssize_t)text.len)
        code = goxel_fail_errno(detail, GOXEL_ERROR_GENERAL, errno, "write", STATE_NAME);
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
    const char **argv = make_arguments(daemon, NULL);
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

int goxel_restart_exec(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    struct cargo cargo = {.count = 0};
    int state_fd = -1, code;

    pthread_mutex_lock(&daemon->lock);
    if (daemon->restart.goal == GOXEL_GOAL_RECOVER) {
        daemon->restart.figures.recoveries++;
        daemon->restart.figures.attempts++;
        daemon->restart.last_recovery_ms = goxel_clock_ms();
    } else {
        daemon->restart.figures.restarts++;
    }
    pthread_mutex_unlock(&daemon->lock);
    code = make_state(daemon, detail, &state_fd);
    if (!code) {
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
    }
    goxel_log(GOXEL_LOG_ERROR, "exec failed reason=\"%s\"", detail->text);
    /* Descriptors are no longer where they were. */
    goxel_emergency_exit(goxel_error_exit(code), detail->text);
}
