/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is read here was written by another process, which may not be ours: the PID file's number is
 * believed as far as daemon/pidfile vouches for it, and text is made printable.
 */
#include "daemon/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/utf8.h"
#include "daemon/control_internal.h"
#include "daemon/talk.h"

/* ---- saying ---- */

int control_say(int code, const struct goxel_detail *detail)
{
    struct goxel_buf line;

    goxel_buf_init(&line, 4096);
    goxel_detail_print(&line, code, detail);
    fprintf(stderr, "goxel-daemon: %s\n", line.data ? line.data : goxel_error_text(code));
    goxel_buf_finish(&line);
    return goxel_error_exit(code);
}

int control_settle(int code, const struct goxel_detail *detail)
{
    return detail->errnum == EACCES || detail->errnum == EPERM ? DAEMON_ERROR_PERMISSION_DENIED : code;
}

bool control_is_nobody(const struct goxel_detail *detail)
{
    return detail->errnum == ENOENT || detail->errnum == ECONNREFUSED || detail->errnum == ENOTDIR;
}

/* ---- its PID file ---- */

int control_find(const struct goxel_config *config, struct goxel_detail *detail,
                 struct control_holder *ret_holder)
{
    struct control_holder holder = {
        .by_file = goxel_config_bool(config, GOXEL_OPT_PROCESS_CREATE_PID_FILE),
        .path = goxel_config_string(config, GOXEL_OPT_PROCESS_PID_FILE),
    };
    int code = holder.by_file ? goxel_pidfile_holder(holder.path, detail, &holder.state, &holder.pid) : 0;

    if (code)
        return control_settle(code, detail);
    if (holder.pid)
        snprintf(holder.name, sizeof(holder.name), "PID %ld", (long)holder.pid);
    else
        snprintf(holder.name, sizeof(holder.name), "PID unknown");
    *ret_holder = holder;
    return 0;
}

bool control_is_absent(const struct control_holder *holder, FILE *out, int *ret_status)
{
    if (!holder->by_file || holder->state == GOXEL_PIDFILE_HELD)
        return false;
    if (holder->state == GOXEL_PIDFILE_STALE)
        fprintf(out, "goxel-daemon: not running, but %s was left behind\n", holder->path);
    else
        fprintf(out, "goxel-daemon: not running: nobody holds %s\n", holder->path);
    *ret_status = holder->state == GOXEL_PIDFILE_STALE ? STATUS_DEAD : STATUS_STOPPED;
    return true;
}

/* ---- its replies ---- */

int control_ask(const struct goxel_config *config, const char *method, const char *target, int64_t timeout_ms,
                struct goxel_buf *body, struct goxel_detail *detail, unsigned *ret_status)
{
    int fd = -1;
    int code = goxel_talk_connect(config, timeout_ms, detail, &fd);

    if (code)
        return code;
    code = goxel_talk(fd, method, target, timeout_ms, body, detail, ret_status);
    close(fd);
    return code;
}

struct goxel_json *control_parse(const struct goxel_buf *body)
{
    struct goxel_json *root = NULL;

    if (!body->len || goxel_json_parse(body->data, body->len, &goxel_json_limits_default, NULL, &root))
        return NULL;
    if (goxel_json_type(root) == GOXEL_JSON_OBJECT)
        return root;
    goxel_json_free(root);
    return NULL;
}

const struct goxel_json *control_member(const struct goxel_json *object, const char *key,
                                        enum goxel_json_type type)
{
    const struct goxel_json *value = object && goxel_json_type(object) == GOXEL_JSON_OBJECT
                                         ? goxel_json_get(object, key)
                                         : NULL;

    return value && goxel_json_type(value) == type ? value : NULL;
}

const char *control_text(const struct goxel_json *node, char ret_text[CONTROL_TEXT_SIZE])
{
    size_t len = 0;
    const char *text = node && goxel_json_type(node) == GOXEL_JSON_STRING ? goxel_json_string(node, &len)
                                                                          : "";

    (void)goxel_utf8_printable(ret_text, CONTROL_TEXT_SIZE, text, len);
    return ret_text;
}

/* ---- status ---- */

static void print_failed_checks(const struct goxel_json *checks)
{
    struct goxel_json_iter it = {0};
    const char *sign = ": ";
    char text[CONTROL_TEXT_SIZE];

    while (checks && goxel_json_next(checks, &it)) {
        const struct goxel_json *ok = control_member(it.value, "ok", GOXEL_JSON_BOOL);

        if (!ok || goxel_json_bool(ok))
            continue;
        (void)goxel_utf8_printable(text, sizeof(text), it.key, strlen(it.key));
        printf("%s%s", sign, text);
        if (control_text(control_member(it.value, "reason", GOXEL_JSON_STRING), text)[0])
            printf(" (%s)", text);
        sign = ", ";
    }
}

/* ", RUNNING, healthy" */
static void print_health(const struct goxel_json *root)
{
    const struct goxel_json *healthy = control_member(root, "healthy", GOXEL_JSON_BOOL);
    char text[CONTROL_TEXT_SIZE];

    printf(", %s", control_text(control_member(root, "state", GOXEL_JSON_STRING), text));
    if (control_text(control_member(root, "phase", GOXEL_JSON_STRING), text)[0])
        printf(" (%s)", text);
    printf(", %s", goxel_json_bool(healthy) ? "healthy" : "unhealthy");
    if (!goxel_json_bool(healthy))
        print_failed_checks(control_member(root, "checks", GOXEL_JSON_OBJECT));
}

/* Asks and prints the rest of the line; false: it does not answer as a daemon of ours does. */
static bool print_answer(const struct goxel_config *config, struct goxel_detail *detail)
{
    struct goxel_json *root = NULL;
    struct goxel_buf body;
    unsigned status = 0;
    bool fine;
    int code;

    goxel_buf_init(&body, CONTROL_REPLY_MAX);
    code = control_ask(config, "GET", "/health", CONTROL_TIMEOUT_MS, &body, detail, &status);
    if (!code)
        root = control_parse(&body);
    fine = root && control_member(root, "state", GOXEL_JSON_STRING) &&
           control_member(root, "healthy", GOXEL_JSON_BOOL);
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
    int code = goxel_talk_connect(config, CONTROL_TIMEOUT_MS, detail, &fd);

    if (code && control_is_nobody(detail)) {
        puts("goxel-daemon: not running");
        return STATUS_STOPPED;
    }
    if (code) {
        (void)control_say(control_settle(code, detail), detail);
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
    struct control_holder holder;
    int code, status;

    goxel_detail_init(&detail);
    code = control_find(config, &detail, &holder);
    if (code) {
        (void)control_say(code, &detail);
        return STATUS_UNKNOWN;
    }
    if (control_is_absent(&holder, stdout, &status))
        return status;
    if (!holder.by_file)
        return status_by_socket(config, &detail);
    printf("goxel-daemon: running, %s", holder.name);
    if (ask && !print_answer(config, &detail))
        printf(", does not answer: %s", detail.text);
    putchar('\n');
    return STATUS_RUNNING;
}
