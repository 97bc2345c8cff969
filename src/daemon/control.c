/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is read here was written by another process, which may not be ours: the PID file's number is
 * believed as far as daemon/pidfile vouches for it, and text is made printable.
 */
#include "daemon/control.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "daemon/pidfile.h"
#include "daemon/talk.h"

#define REPLY_MAX (1u << 20)
#define HEALTH_TIMEOUT_MS 5000
#define PROGRESS_TIMEOUT_MS 500
#define RELOAD_TIMEOUT_MS 60000
#define STOP_SURPLUS_MS 60000
#define SECOND_MS 1000
#define POLL_MS 50

enum { STATUS_RUNNING = 0, STATUS_DEAD = 1, STATUS_STOPPED = 3, STATUS_UNKNOWN = 4 };

/* ---- saying ---- */

static int say(int code, const struct goxel_detail *detail)
{
    struct goxel_buf line;

    goxel_buf_init(&line, 4096);
    goxel_detail_print(&line, code, detail);
    fprintf(stderr, "goxel-daemon: %s\n", line.data ? line.data : goxel_error_text(code));
    goxel_buf_finish(&line);
    return goxel_error_exit(code);
}

/* What may have another owner is a question of permission, and is told as one. */
static int settle(int code, const struct goxel_detail *detail)
{
    return detail->errnum == EACCES || detail->errnum == EPERM ? DAEMON_ERROR_PERMISSION_DENIED : code;
}

/* Nobody listens there. */
static bool is_nobody(const struct goxel_detail *detail)
{
    return detail->errnum == ENOENT || detail->errnum == ECONNREFUSED || detail->errnum == ENOTDIR;
}

/* ---- its PID file ---- */

struct holder {
    bool by_file; /* there is to be a PID file */
    const char *path;
    enum goxel_pidfile_state state;
    pid_t pid; /* 0: unknown */
    char name[32];
};

static int find_holder(const struct goxel_config *config, struct goxel_detail *detail,
                       struct holder *ret_holder)
{
    struct holder holder = {
        .by_file = goxel_config_bool(config, GOXEL_OPT_PROCESS_CREATE_PID_FILE),
        .path = goxel_config_string(config, GOXEL_OPT_PROCESS_PID_FILE),
    };
    int code = holder.by_file ? goxel_pidfile_holder(holder.path, detail, &holder.state, &holder.pid) : 0;

    if (code)
        return settle(code, detail);
    if (holder.pid)
        snprintf(holder.name, sizeof(holder.name), "PID %ld", (long)holder.pid);
    else
        snprintf(holder.name, sizeof(holder.name), "PID unknown");
    *ret_holder = holder;
    return 0;
}

/* Says that none runs, where the file says so. */
static bool is_absent(const struct holder *holder, FILE *out, int *ret_status)
{
    if (!holder->by_file || holder->state == GOXEL_PIDFILE_HELD)
        return false;
    if (holder->state == GOXEL_PIDFILE_STALE)
        fprintf(out, "goxel-daemon: not running, but %s was left behind\n", holder->path);
    else
        fputs("goxel-daemon: not running\n", out);
    *ret_status = holder->state == GOXEL_PIDFILE_STALE ? STATUS_DEAD : STATUS_STOPPED;
    return true;
}

/* ---- its replies ---- */

static int ask_daemon(const struct goxel_config *config, const char *method, const char *target,
                      int64_t timeout_ms, struct goxel_buf *body, struct goxel_detail *detail,
                      unsigned *ret_status)
{
    int fd = -1;
    int code = goxel_talk_connect(config, timeout_ms, detail, &fd);

    if (code)
        return code;
    code = goxel_talk(fd, method, target, timeout_ms, body, detail, ret_status);
    close(fd);
    return code;
}

/* An object, or NULL: it came from outside. */
static struct goxel_json *parse_object(const struct goxel_buf *body)
{
    struct goxel_json *root = NULL;

    if (!body->len || goxel_json_parse(body->data, body->len, &goxel_json_limits_default, NULL, &root))
        return NULL;
    if (goxel_json_type(root) == GOXEL_JSON_OBJECT)
        return root;
    goxel_json_free(root);
    return NULL;
}

static const struct goxel_json *member(const struct goxel_json *object, const char *key,
                                       enum goxel_json_type type)
{
    const struct goxel_json *value = object && goxel_json_type(object) == GOXEL_JSON_OBJECT
                                         ? goxel_json_get(object, key)
                                         : NULL;

    return value && goxel_json_type(value) == type ? value : NULL;
}

/* The text of a string, fit for a terminal; "" if it is none. */
#define TEXT_SIZE 512
static const char *text_of(const struct goxel_json *node, char ret_text[TEXT_SIZE])
{
    size_t len = 0;
    const char *text = node && goxel_json_type(node) == GOXEL_JSON_STRING ? goxel_json_string(node, &len)
                                                                          : "";

    (void)goxel_utf8_printable(ret_text, TEXT_SIZE, text, len);
    return ret_text;
}

/* ---- status ---- */

static void print_failed_checks(const struct goxel_json *checks)
{
    struct goxel_json_iter it = {0};
    const char *sign = ": ";
    char text[TEXT_SIZE];

    while (checks && goxel_json_next(checks, &it)) {
        const struct goxel_json *ok = member(it.value, "ok", GOXEL_JSON_BOOL);

        if (!ok || goxel_json_bool(ok))
            continue;
        (void)goxel_utf8_printable(text, sizeof(text), it.key, strlen(it.key));
        printf("%s%s", sign, text);
        if (text_of(member(it.value, "reason", GOXEL_JSON_STRING), text)[0])
            printf(" (%s)", text);
        sign = ", ";
    }
}

/* ", RUNNING, healthy" */
static void print_health(const struct goxel_json *root)
{
    const struct goxel_json *healthy = member(root, "healthy", GOXEL_JSON_BOOL);
    char text[TEXT_SIZE];

    printf(", %s", text_of(member(root, "state", GOXEL_JSON_STRING), text));
    if (text_of(member(root, "phase", GOXEL_JSON_STRING), text)[0])
        printf(" (%s)", text);
    printf(", %s", goxel_json_bool(healthy) ? "healthy" : "unhealthy");
    if (!goxel_json_bool(healthy))
        print_failed_checks(member(root, "checks", GOXEL_JSON_OBJECT));
}

/* Asks and prints the rest of the line; false: it does not answer as a daemon of ours does. */
static bool print_answer(const struct goxel_config *config, struct goxel_detail *detail)
{
    struct goxel_json *root = NULL;
    struct goxel_buf body;
    unsigned status = 0;
    bool fine;
    int code;

    goxel_buf_init(&body, REPLY_MAX);
    code = ask_daemon(config, "GET", "/health", HEALTH_TIMEOUT_MS, &body, detail, &status);
    if (!code)
        root = parse_object(&body);
    fine = root && member(root, "state", GOXEL_JSON_STRING) && member(root, "healthy", GOXEL_JSON_BOOL);
    if (fine)
        print_health(root);
    else if (!code)
        goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "HTTP status %u, and no health that can be read",
                   status);
    goxel_json_free(root);
    goxel_buf_finish(&body);
    return fine;
}

/* Where only the socket can tell. */
static int status_by_socket(const struct goxel_config *config, struct goxel_detail *detail)
{
    int fd = -1;
    int code = goxel_talk_connect(config, HEALTH_TIMEOUT_MS, detail, &fd);

    if (code && is_nobody(detail)) {
        puts("goxel-daemon: not running");
        return STATUS_STOPPED;
    }
    if (code) {
        (void)say(settle(code, detail), detail);
        return STATUS_UNKNOWN;
    }
    close(fd);
    printf("goxel-daemon: running");
    if (!print_answer(config, detail))
        printf(", does not answer: %s", detail->text);
    putchar('\n');
    return STATUS_RUNNING;
}

int goxel_control_status(const struct goxel_config *config, bool ask)
{
    struct goxel_detail detail;
    struct holder holder;
    int code, status;

    goxel_detail_init(&detail);
    code = find_holder(config, &detail, &holder);
    if (code) {
        (void)say(code, &detail);
        return STATUS_UNKNOWN;
    }
    if (is_absent(&holder, stdout, &status))
        return status;
    if (!holder.by_file)
        return status_by_socket(config, &detail);
    printf("goxel-daemon: running, %s", holder.name);
    if (ask && !print_answer(config, &detail))
        printf(", does not answer: %s", detail.text);
    putchar('\n');
    return STATUS_RUNNING;
}

/* ---- stop ---- */

struct waiting {
    const struct goxel_config *config;
    struct holder holder;
    bool ask;
    bool on_terminal;
    int64_t began_ms, limit_ms;
};

/* One line, written over and over. */
static void show_progress(struct waiting *w)
{
    struct goxel_json *root = NULL;
    struct goxel_buf body;
    char phase[TEXT_SIZE];
    unsigned status;

    goxel_buf_init(&body, REPLY_MAX);
    if (w->ask && !ask_daemon(w->config, "GET", "/health", PROGRESS_TIMEOUT_MS, &body, NULL, &status))
        root = parse_object(&body);
    else
        w->ask = false; /* it has stopped listening */
    (void)text_of(member(root, "phase", GOXEL_JSON_STRING), phase);
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
    return say(GOXEL_ERROR_OPERATION_TIMEOUT, &detail);
}

static struct waiting begin_waiting(const struct goxel_config *config, const struct holder *holder, bool ask)
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
static int pin_holder(const struct goxel_config *config, struct holder *holder, struct goxel_detail *detail,
                      int *ret_pidfd)
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
        code = find_holder(config, detail, holder);
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
static int stop_by_socket(const struct goxel_config *config, const struct holder *holder,
                          struct goxel_detail *detail)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000};
    struct waiting w = begin_waiting(config, holder, false);
    unsigned status = 0;
    int code = ask_daemon(config, "POST", "/shutdown", HEALTH_TIMEOUT_MS, NULL, detail, &status);

    if (code && is_nobody(detail)) {
        puts("goxel-daemon: not running");
        return EXIT_SUCCESS;
    }
    if (code)
        return say(settle(code, detail), detail);
    if (status != 202) {
        code = status == 401 || status == 403 ? DAEMON_ERROR_PERMISSION_DENIED : GOXEL_ERROR_GENERAL;
        goxel_fail(detail, code, "POST /shutdown was answered with HTTP status %u", status);
        return say(code, detail);
    }
    for (int fd = -1; !goxel_talk_connect(config, HEALTH_TIMEOUT_MS, NULL, &fd);) {
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
    struct holder holder;
    struct waiting w;
    int pidfd = -1, status;
    int code;

    goxel_detail_init(&detail);
    code = find_holder(config, &detail, &holder);
    if (!code && !holder.by_file)
        return stop_by_socket(config, &holder, &detail);
    if (!code)
        code = pin_holder(config, &holder, &detail, &pidfd);
    if (code)
        return say(code, &detail);
    if (is_absent(&holder, stdout, &status))
        return EXIT_SUCCESS;
    w = begin_waiting(config, &holder, ask);
    if (!pidfd_send_signal(pidfd, SIGTERM, NULL, 0) || errno == ESRCH) {
        status = wait_for_end(&w, pidfd);
    } else {
        code = settle(goxel_fail_errno(&detail, GOXEL_ERROR_GENERAL, errno, "stop", holder.name), &detail);
        status = say(code, &detail);
    }
    close(pidfd);
    return status;
}

/* ---- reload ---- */

/* What an HTTP status of POST /reload means, as an error with its exit status. */
static int code_of_status(unsigned status)
{
    static const struct {
        unsigned status;
        int code;
    } rows[] = {
        {200, 0},
        {401, GOXEL_ERROR_UNAUTHORISED},
        {403, DAEMON_ERROR_PERMISSION_DENIED},
        {409, DAEMON_ERROR_INVALID_STATE_TRANSITION},
        {422, DAEMON_ERROR_CONFIG_INVALID},
        {503, GOXEL_ERROR_OVERLOADED},
        {504, GOXEL_ERROR_OPERATION_TIMEOUT},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].status == status)
            return rows[i].code;
    }
    return GOXEL_ERROR_GENERAL;
}

static void print_pending(const struct goxel_json *root)
{
    const struct goxel_json *pending = member(root, "pending_restart", GOXEL_JSON_ARRAY);
    char option[TEXT_SIZE], level[TEXT_SIZE];

    for (size_t i = 0; pending && i < goxel_json_length(pending); i++) {
        const struct goxel_json *item = goxel_json_at(pending, i);

        fprintf(stderr, "goxel-daemon: waits for a restart: %s (%s)\n",
                text_of(member(item, "option", GOXEL_JSON_STRING), option),
                text_of(member(item, "level", GOXEL_JSON_STRING), level));
    }
}

static void print_errors(const struct goxel_json *errors)
{
    char text[TEXT_SIZE];

    for (size_t i = 0; i < goxel_json_length(errors); i++)
        fprintf(stderr, "goxel-daemon: %s\n", text_of(goxel_json_at(errors, i), text));
}

/* A report goes out as it came; of a problem (RFC 9457) the detail is told. */
static int tell_outcome(unsigned http_status, const struct goxel_buf *body)
{
    struct goxel_json *root = parse_object(body);
    const struct goxel_json *errors = member(root, "errors", GOXEL_JSON_ARRAY);
    int code = code_of_status(http_status);
    struct goxel_detail detail;
    char text[TEXT_SIZE];

    if (!code && !errors)
        code = GOXEL_ERROR_INVALID_DATA;
    goxel_detail_init(&detail);
    if (errors) {
        (void)fwrite(body->data, 1, body->len, stdout);
        (void)fflush(stdout);
        print_pending(root);
        print_errors(errors);
    } else {
        (void)text_of(member(root, "detail", GOXEL_JSON_STRING), text);
        goxel_fail(&detail, code, "HTTP status %u%s%s", http_status, text[0] ? ", " : "", text);
    }
    goxel_json_free(root);
    return code ? say(code, &detail) : EXIT_SUCCESS;
}

int goxel_control_reload(const struct goxel_config *config, bool ask)
{
    struct goxel_detail detail;
    struct goxel_buf body;
    struct holder holder;
    unsigned http_status = 0;
    int code, status;

    (void)ask; /* nobody can reload without asking */
    goxel_detail_init(&detail);
    code = find_holder(config, &detail, &holder);
    if (code)
        return say(code, &detail);
    if (is_absent(&holder, stderr, &status))
        return STATUS_STOPPED;
    goxel_buf_init(&body, REPLY_MAX);
    code = ask_daemon(config, "POST", "/reload", RELOAD_TIMEOUT_MS, &body, &detail, &http_status);
    if (code && !holder.by_file && is_nobody(&detail)) {
        fputs("goxel-daemon: not running\n", stderr);
        status = STATUS_STOPPED;
    } else {
        status = code ? say(settle(code, &detail), &detail) : tell_outcome(http_status, &body);
    }
    goxel_buf_finish(&body);
    return status;
}
