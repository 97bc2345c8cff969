/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --reload: what the daemon reports may be another's text, and is written anew before a terminal gets it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/control.h"
#include "daemon/control_internal.h"

#define RELOAD_TIMEOUT_MS 60000
/* Escapes are longer than what they stand for. */
#define REPORT_MAX (8 * (size_t)CONTROL_REPLY_MAX)

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
    const struct goxel_json *pending = control_member(root, "pending_restart", GOXEL_JSON_ARRAY);
    char option[CONTROL_TEXT_SIZE], level[CONTROL_TEXT_SIZE];

    for (size_t i = 0; pending && i < goxel_json_length(pending); i++) {
        const struct goxel_json *item = goxel_json_at(pending, i);

        fprintf(stderr, "goxel-daemon: waits for a restart: %s (%s)\n",
                control_text(control_member(item, "option", GOXEL_JSON_STRING), option),
                control_text(control_member(item, "level", GOXEL_JSON_STRING), level));
    }
}

static void print_errors(const struct goxel_json *errors)
{
    char text[CONTROL_TEXT_SIZE];

    for (size_t i = 0; i < goxel_json_length(errors); i++)
        fprintf(stderr, "goxel-daemon: %s\n", control_text(goxel_json_at(errors, i), text));
}

/* Written anew: what came is another's, down to its white space. A script gets every character as it is. */
static int print_report(const struct goxel_json *root)
{
    bool person = isatty(STDOUT_FILENO);
    struct goxel_json_writer w;
    struct goxel_buf json, shown;
    const struct goxel_buf *out = person ? &shown : &json;
    int code;

    goxel_buf_init(&json, REPORT_MAX);
    goxel_buf_init(&shown, REPORT_MAX);
    goxel_json_writer_init(&w, &json);
    goxel_json_put_node(&w, NULL, root);
    if (person)
        goxel_json_put_printable(&shown, json.data, json.len);
    goxel_buf_putc(person ? &shown : &json, '\n');
    code = json.failed ? json.failed : shown.failed;
    if (!code)
        (void)fwrite(out->data, 1, out->len, stdout);
    (void)fflush(stdout);
    goxel_buf_finish(&json);
    goxel_buf_finish(&shown);
    return code;
}

/* Of a problem (RFC 9457) the detail is told. */
static int tell_outcome(unsigned http_status, const struct goxel_buf *body)
{
    struct goxel_json *root = control_parse(body);
    const struct goxel_json *errors = control_member(root, "errors", GOXEL_JSON_ARRAY);
    int code = code_of_status(http_status);
    struct goxel_detail detail;
    char text[CONTROL_TEXT_SIZE];

    if (!code && !errors)
        code = GOXEL_ERROR_INVALID_DATA;
    goxel_detail_init(&detail);
    if (errors) {
        int failed = print_report(root);

        code = code ? code : failed;
        print_pending(root);
        print_errors(errors);
    } else {
        (void)control_text(control_member(root, "detail", GOXEL_JSON_STRING), text);
        goxel_fail(&detail, code, "HTTP status %u%s%s", http_status, text[0] ? ", " : "", text);
    }
    goxel_json_free(root);
    return code ? control_say(code, &detail) : EXIT_SUCCESS;
}

int goxel_control_reload(const struct goxel_config *config)
{
    struct goxel_detail detail;
    struct goxel_buf body;
    struct control_holder holder;
    unsigned http_status = 0;
    int code, status;

    goxel_detail_init(&detail);
    code = control_find(config, &detail, &holder);
    if (code)
        return control_say(code, &detail);
    if (control_is_absent(&holder, stderr, &status))
        return STATUS_STOPPED;
    goxel_buf_init(&body, CONTROL_REPLY_MAX);
    code = control_ask(config, "POST", "/reload", RELOAD_TIMEOUT_MS, &body, &detail, &http_status);
    if (code && !holder.by_file && control_is_nobody(&detail)) {
        fputs("goxel-daemon: not running\n", stderr);
        status = STATUS_STOPPED;
    } else {
        status = code ? control_say(control_settle(code, &detail), &detail)
                      : tell_outcome(http_status, &body);
    }
    goxel_buf_finish(&body);
    return status;
}
