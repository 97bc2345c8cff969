/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `--stop`: one signal to the process that is pinned by a descriptor, and the wait for its end. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "daemon/control.h"
#include "daemon/control_internal.h"
#include "daemon/talk.h"

#define PROGRESS_TIMEOUT_MS 500
#define STOP_SURPLUS_MS 60000
#define SECOND_MS 1000
#define POLL_MS 50

struct waiting {
    const struct goxel_config *config;
    struct control_holder holder;
    bool ask;
    bool on_terminal;
    int64_t began_ms, limit_ms;
};

/* One line, written over and over. */
static void show_progress(struct waiting *w)
{
    struct goxel_json *root = NULL;
    struct goxel_buf body;
    char phase[CONTROL_TEXT_SIZE];
    unsigned status;

    goxel_buf_init(&body, CONTROL_REPLY_MAX);
    if (w->ask && !control_ask(w->config, "GET", "/health", PROGRESS_TIMEOUT_MS, &body, NULL, &status))
        root = control_parse(&body);
    else
        w->ask = false; /* it has stopped listening */
    (void)control_text(control_member(root, "phase", GOXEL_JSON_STRING), phase);
    printf("\r\033[Kgoxel-daemon: %s stops%s%s, %lld s", w->holder.name, phase[0] ? ", " : "", phase,
           (long long)((goxel_clock_ms() - w->began_ms) / SECOND_MS));
    (void)fflush(stdout);
    goxel_json_free(root);
    goxel_buf_finish(&body);
}

static int say_stopped(const struct waiting *w, const char *how)
{
    printf("%sgoxel-daemon: %s\n", w->on_terminal ? "\r\033[K" : "", how);
    return EXIT_SUCCESS;
}

static int say_overdue(const struct waiting *w)
{
    struct goxel_detail detail;

    if (w->on_terminal)
        putchar('\n');
    goxel_fail(&detail, GOXEL_ERROR_OPERATION_TIMEOUT, "%s still runs after %lld s; its log may say why",
               w->holder.name, (long long)(w->limit_ms / SECOND_MS));
    return control_say(GOXEL_ERROR_OPERATION_TIMEOUT, &detail);
}

static struct waiting begin_waiting(const struct goxel_config *config, const struct control_holder *holder,
                                    bool ask)
{
    return (struct waiting){
        .config = config,
        .holder = *holder,
        .ask = ask,
        .on_terminal = isatty(STDOUT_FILENO) == 1,
        .began_ms = goxel_clock_ms(),
        .limit_ms = goxel_config_int(config, GOXEL_OPT_PERFORMANCE_SHUTDOWN_GRACE_MS) +
                    goxel_config_int(config, GOXEL_OPT_PERFORMANCE_SHUTDOWN_TIMEOUT_MS) + STOP_SURPLUS_MS,
    };
}

/* Until the process is gone, its parent's reaping apart. */
static int wait_for_end(struct waiting *w, int pidfd)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};

    for (;;) {
        int64_t left = w->began_ms + w->limit_ms - goxel_clock_ms();

        if (w->on_terminal && left > SECOND_MS)
            left = SECOND_MS;
        if (poll(&end, 1, left > 0 ? (int)left : 0) > 0)
            return say_stopped(w, "stopped");
        if (goxel_clock_ms() - w->began_ms >= w->limit_ms)
            return say_overdue(w);
        if (w->on_terminal)
            show_progress(w);
    }
}

/*
 * A descriptor of the process that holds the file, -1 when nobody holds it any more. The number is looked up again
 * once the process is pinned, so that it cannot have been given to another meanwhile.
 */
static int pin_holder(const struct goxel_config *config, struct control_holder *holder,
                      struct goxel_detail *detail, int *ret_pidfd)
{
    int code = 0, pidfd = -1;

    while (!code && holder->state == GOXEL_PIDFILE_HELD) {
        pid_t pid = holder->pid;

        if (!pid)
            return goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS,
                              "somebody holds %s, and the PID in it is not theirs; stop it by hand",
                              holder->path);
        pidfd = pidfd_open(pid, 0);
        if (pidfd < 0 && errno != ESRCH)
            return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "pidfd_open", "");
        code = control_find(config, detail, holder);
        if (!code && pidfd >= 0 && holder->state == GOXEL_PIDFILE_HELD && holder->pid == pid)
            break;
        if (!code && pidfd < 0 && holder->state == GOXEL_PIDFILE_HELD && holder->pid == pid)
            code = goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS,
                              "somebody holds %s, and there is no process %ld here; stop it where it runs",
                              holder->path, (long)pid);
        if (pidfd >= 0)
            close(pidfd);
        pidfd = -1;
    }
    if (!code)
        *ret_pidfd = pidfd;
    return code;
}

/* Without a PID file nothing tells the end but that nobody listens any more. */
static int stop_by_socket(const struct goxel_config *config, const struct control_holder *holder,
                          struct goxel_detail *detail)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000};
    struct waiting w = begin_waiting(config, holder, false);
    unsigned status = 0;
    int code = control_ask(config, "POST", "/shutdown", CONTROL_TIMEOUT_MS, NULL, detail, &status);

    if (code && control_is_nobody(detail)) {
        puts("goxel-daemon: not running");
        return EXIT_SUCCESS;
    }
    if (code)
        return control_say(control_settle(code, detail), detail);
    if (status != 202) {
        code = status == 401 || status == 403 ? DAEMON_ERROR_PERMISSION_DENIED : GOXEL_ERROR_GENERAL;
        goxel_fail(detail, code, "POST /shutdown was answered with HTTP status %u", status);
        return control_say(code, detail);
    }
    for (int fd = -1; !goxel_talk_connect(config, CONTROL_TIMEOUT_MS, NULL, &fd);) {
        close(fd);
        if (goxel_clock_ms() - w.began_ms >= w.limit_ms)
            return say_overdue(&w);
        (void)nanosleep(&pause, NULL);
    }
    return say_stopped(&w, "no longer listens; without a PID file its end cannot be seen");
}

int goxel_control_stop(const struct goxel_config *config, bool ask)
{
    struct goxel_detail detail;
    struct control_holder holder;
    struct waiting w;
    int pidfd = -1, status;
    int code;

    goxel_detail_init(&detail);
    code = control_find(config, &detail, &holder);
    if (!code && !holder.by_file)
        return stop_by_socket(config, &holder, &detail);
    if (!code)
        code = pin_holder(config, &holder, &detail, &pidfd);
    if (code)
        return control_say(code, &detail);
    if (control_is_absent(&holder, stdout, &status))
        return EXIT_SUCCESS;
    w = begin_waiting(config, &holder, ask);
    if (!pidfd_send_signal(pidfd, SIGTERM, NULL, 0) || errno == ESRCH) {
        status = wait_for_end(&w, pidfd);
    } else {
        code = control_settle(goxel_fail_errno(&detail, GOXEL_ERROR_GENERAL, errno, "stop", holder.name),
                              &detail);
        status = control_say(code, &detail);
    }
    close(pidfd);
    return status;
}
