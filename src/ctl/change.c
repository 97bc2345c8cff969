/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands that change the daemon as a whole: reload, stop, restart, log-level.
 *
 * The end of a daemon is waited for by its process, not by asking until nobody answers: where systemd listens in its
 * place, a question would start it again.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "ctl/args.h"
#include "ctl/print.h"
#include "ctl/reply.h"

#define LOOK_MS 100 /* between two looks at what is waited for */

/* ---- reload ---- */

static void print_options(const char *name, enum ctl_color color, const struct goxel_json *options)
{
    char text[CTL_TEXT_SIZE];

    for (size_t i = 0; options && i < goxel_json_length(options); i++) {
        const struct goxel_json *item = goxel_json_at(options, i);
        size_t len;

        if (goxel_json_type(item) == GOXEL_JSON_OBJECT) {
            ctl_print_field(name, color, "%s", ctl_member_text(item, "option", text));
        } else if (goxel_json_type(item) == GOXEL_JSON_STRING) {
            const char *option = goxel_json_string(item, &len);

            ctl_print_field(name, color, "%s", ctl_printable(text, sizeof(text), option, len));
        }
    }
}

static void print_errors(const struct goxel_json *errors)
{
    char text[CTL_TEXT_SIZE];

    for (size_t i = 0; i < goxel_json_length(errors); i++) {
        const struct goxel_json *item = goxel_json_at(errors, i);
        size_t len = 0;
        const char *line = goxel_json_type(item) == GOXEL_JSON_STRING ? goxel_json_string(item, &len) : "";

        fprintf(stderr, "goxelctl: %s\n", ctl_printable(text, sizeof(text), line, len));
    }
}

static enum ctl_exit print_report(const struct ctl *ctl, const struct ctl_answer *answer)
{
    const struct goxel_json *applied = ctl_member(answer->root, "applied", GOXEL_JSON_ARRAY);
    const struct goxel_json *pending = ctl_member(answer->root, "pending_restart", GOXEL_JSON_ARRAY);
    const struct goxel_json *errors = ctl_member(answer->root, "errors", GOXEL_JSON_ARRAY);
    int code = ctl->args->json ? ctl_print_json(answer->root, false) : 0;

    if (code)
        return ctl_say(code, NULL);
    if (!ctl->args->json) {
        print_options("applied", CTL_GREEN, applied);
        print_options("restart", CTL_YELLOW, pending);
        if (answer->status == 200 && applied && pending && !goxel_json_length(applied) &&
            !goxel_json_length(pending))
            puts("nothing has changed");
    }
    if (errors)
        print_errors(errors);
    return answer->status == 200 ? CTL_DONE : CTL_REFUSED;
}

enum ctl_exit ctl_reload(struct ctl *ctl)
{
    struct ctl_answer answer = {0};
    enum ctl_exit status = ctl_ask(ctl, "POST", "/reload", NULL, 422, &answer);

    if (!status)
        status = print_report(ctl, &answer);
    ctl_answer_finish(&answer);
    return status;
}

/* ---- log-level ---- */

static enum ctl_exit print_level(const struct ctl *ctl, const struct ctl_answer *answer, const char *key)
{
    struct goxel_json_writer w;
    struct goxel_buf json;
    char text[CTL_TEXT_SIZE];
    int code = 0;

    (void)ctl_member_text(answer->root, key, text);
    goxel_buf_init(&json, 4096);
    goxel_json_writer_init(&w, &json);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "level", text);
    goxel_json_put_end(&w);
    if (ctl->args->json)
        code = ctl_print_written(&json);
    else
        puts(text);
    goxel_buf_finish(&json);
    return code ? ctl_say(code, NULL) : CTL_DONE;
}

enum ctl_exit ctl_log_level(struct ctl *ctl)
{
    const char *wanted = ctl->args->count ? ctl->args->words[0] : NULL;
    struct ctl_answer answer = {0};
    struct goxel_detail detail;
    enum goxel_log_level level;
    enum ctl_exit status;
    char body[64];

    if (wanted && !goxel_log_level_parse(wanted, &level)) {
        goxel_fail_value(&detail, GOXEL_ERROR_USAGE, "LEVEL", wanted, "error, warn, info or debug");
        return ctl_say(GOXEL_ERROR_USAGE, &detail);
    }
    if (wanted)
        snprintf(body, sizeof(body), "{\"level\":\"%s\"}", goxel_log_level_name(level));
    status = wanted ? ctl_ask(ctl, "POST", "/log-level", body, 0, &answer)
                    : ctl_ask(ctl, "GET", "/state", NULL, 0, &answer);
    if (!status)
        status = print_level(ctl, &answer, wanted ? "level" : "log_level");
    ctl_answer_finish(&answer);
    return status;
}

/* ---- waiting ---- */

/* What is waited for, and how far it got; shown on a terminal. */
struct waiting {
    const char *what;
    int64_t begin_ms, deadline_ms;
    int64_t shown_s;
    bool shows;
};

static void begin_waiting(struct waiting *waiting, const struct ctl *ctl, const char *what)
{
    *waiting = (struct waiting){.what = what, .begin_ms = goxel_clock_ms(), .shown_s = 0};
    waiting->deadline_ms = waiting->begin_ms + ctl->args->timeout_ms;
    waiting->shows = isatty(STDERR_FILENO) == 1;
}

static void show_waiting(struct waiting *waiting)
{
    int64_t seconds = (goxel_clock_ms() - waiting->begin_ms) / 1000;

    if (!waiting->shows || seconds == waiting->shown_s)
        return;
    waiting->shown_s = seconds;
    fprintf(stderr, "\rwaiting until it has %s: %d s ", waiting->what, (int)seconds);
}

/* How it went; the line of waiting makes room for others. */
static enum ctl_exit end_waiting(const struct ctl *ctl, struct waiting *waiting, bool done)
{
    if (waiting->shown_s)
        fputs("\r\033[K", stderr);
    if (done && !ctl->args->json)
        printf("%s after %.1f s\n", waiting->what, (double)(goxel_clock_ms() - waiting->begin_ms) / 1e3);
    if (!done)
        fprintf(stderr, "goxelctl: it was accepted, but it is not yet known to have %s after %g s\n",
                waiting->what, (double)ctl->args->timeout_ms / 1e3);
    return done ? CTL_DONE : CTL_NOBODY;
}

/* What the daemon said to a request that takes time. */
static enum ctl_exit print_accepted(const struct ctl *ctl, const struct ctl_answer *answer, bool last)
{
    char text[CTL_TEXT_SIZE];
    int code = 0;

    if (ctl->args->json)
        code = ctl_print_json(answer->root, false);
    else if (last)
        printf("accepted: %s\n", ctl_member_text(answer->root, "state", text));
    (void)fflush(stdout);
    return code ? ctl_say(code, NULL) : CTL_DONE;
}

/* ---- stop ---- */

/* The process that the socket leads to, or -1. */
static int find_process(struct ctl *ctl)
{
    struct ctl_answer answer = {0};
    double pid = 0;

    if (ctl->args->no_wait || !ctl_rpc_quietly(ctl, "system.get_status", &answer))
        return -1;
    pid = ctl_member_number(answer.result, "pid");
    ctl_answer_finish(&answer);
    if (!ctl_client_place(ctl->client)->socket[0] || !(pid > 1 && pid < INT32_MAX))
        return -1;
    return pidfd_open((pid_t)pid, 0);
}

static enum ctl_exit wait_for_end(struct ctl *ctl, int process)
{
    struct pollfd end = {.fd = process, .events = POLLIN};
    struct waiting waiting;

    begin_waiting(&waiting, ctl, "stopped");
    for (;;) {
        int64_t left = waiting.deadline_ms - goxel_clock_ms();
        int count = poll(&end, 1, left <= 0 ? 0 : left < LOOK_MS ? (int)left : LOOK_MS);

        if (count > 0 || left <= 0)
            return end_waiting(ctl, &waiting, count > 0);
        show_waiting(&waiting);
    }
}

enum ctl_exit ctl_stop(struct ctl *ctl)
{
    struct ctl_answer answer = {0};
    int process = find_process(ctl);
    enum ctl_exit status = ctl_ask(ctl, "POST", "/shutdown", NULL, 0, &answer);

    if (!status)
        status = print_accepted(ctl, &answer, process < 0);
    ctl_answer_finish(&answer);
    if (!status && process >= 0)
        status = wait_for_end(ctl, process);
    if (process >= 0)
        close(process);
    return status;
}

/* ---- restart ---- */

/* Since when the one serves that answers now; it began after `begin_ms` if that is less than what went by since. */
static bool is_new(struct ctl *ctl, int64_t begin_ms)
{
    struct ctl_answer answer = {0};
    char state[CTL_TEXT_SIZE];
    bool serves;

    if (!ctl_rpc_quietly(ctl, "system.get_status", &answer))
        return false;
    serves = !strcmp(ctl_member_text(answer.result, "state", state), "RUNNING") &&
             ctl_member_number(answer.result, "uptime_ms") < (double)(goxel_clock_ms() - begin_ms);
    ctl_answer_finish(&answer);
    return serves;
}

static enum ctl_exit wait_for_restart(struct ctl *ctl, int64_t begin_ms)
{
    struct waiting waiting;

    begin_waiting(&waiting, ctl, "restarted");
    for (;;) {
        int64_t left = waiting.deadline_ms - goxel_clock_ms();
        bool done;

        ctl_client_hurry(ctl->client, left < 1000 ? left : 1000);
        done = is_new(ctl, begin_ms);
        if (done || left <= 0)
            return end_waiting(ctl, &waiting, done);
        show_waiting(&waiting);
        (void)poll(NULL, 0, LOOK_MS);
    }
}

enum ctl_exit ctl_restart(struct ctl *ctl)
{
    struct ctl_answer answer = {0};
    int64_t begin_ms = goxel_clock_ms();
    enum ctl_exit status = ctl_ask(ctl, "POST", "/restart", NULL, 0, &answer);

    if (!status)
        status = print_accepted(ctl, &answer, ctl->args->no_wait);
    ctl_answer_finish(&answer);
    return status || ctl->args->no_wait ? status : wait_for_restart(ctl, begin_ms);
}
