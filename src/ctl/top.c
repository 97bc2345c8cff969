/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command top: two looks at the statistics, and what happened between them, again and again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "ctl/args.h"
#include "ctl/figures.h"
#include "ctl/print.h"
#include "ctl/reply.h"
#include "ctl/screen.h"

#define FRAME_MAX (1u << 20)

/* What a method did between two looks. */
struct activity {
    const char *name;
    double calls, errors; /* in a second */
    double ms;            /* in a call */
    double total;         /* calls so far */
};

/* What all of it comes from. */
struct span {
    const struct ctl_figures *before, *now;
    double seconds;
};

static double rate(const struct span *span, size_t offset)
{
    return ctl_figures_rate(*(const double *)((const char *)span->before + offset),
                            *(const double *)((const char *)span->now + offset), span->seconds);
}
#define RATE(span, member) rate(span, offsetof(struct ctl_figures, member))

/* The busiest first; then the daemon's order, which the names keep. */
static int by_calls(const void *a, const void *b)
{
    const struct activity *x = a, *y = b;

    if (x->calls != y->calls)
        return x->calls < y->calls ? 1 : -1;
    if (x->total != y->total)
        return x->total < y->total ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* Methods that were ever called; NULL: out of memory. */
static struct activity *activities(const struct span *span, size_t *ret_count)
{
    const struct ctl_figures *now = span->now;
    struct activity *rows = calloc(now->method_count ? now->method_count : 1, sizeof(*rows));
    size_t count = 0;

    for (size_t i = 0; rows && i < now->method_count; i++) {
        const struct ctl_method_figures *method = &now->methods[i];
        const struct ctl_method_figures *before = ctl_figures_method(span->before, i, method->name);
        double calls = ctl_figures_rate(before->calls, method->calls, span->seconds);

        if (method->calls <= 0)
            continue;
        rows[count++] = (struct activity){
            .name = method->name,
            .calls = calls,
            .errors = ctl_figures_rate(before->errors, method->errors, span->seconds),
            .ms = calls > 0 ? ctl_figures_rate(before->seconds, method->seconds, span->seconds) / calls * 1e3
                            : 0,
            .total = method->calls,
        };
    }
    if (rows)
        qsort(rows, count, sizeof(*rows), by_calls);
    *ret_count = count;
    return rows;
}

/* ---- for people ---- */

static void put_head(const struct span *span, struct goxel_buf *frame)
{
    const struct ctl_figures *now = span->now;
    char uptime[32];

    goxel_buf_printf(frame, "goxel-daemon %s  %s%s%s  %s%s%s  up %s\n\n", now->version,
                     ctl_color(ctl_color_of_state(now->state)), now->state, ctl_color(CTL_PLAIN),
                     ctl_color(now->healthy == 1 ? CTL_GREEN : CTL_RED),
                     now->healthy == 1 ? "healthy" : "UNHEALTHY", ctl_color(CTL_PLAIN),
                     ctl_duration(uptime, now->uptime));
}

static void put_load(const struct span *span, struct goxel_buf *frame)
{
    const struct ctl_figures *now = span->now;
    char memory[32], written[32], unflushed[32];

    goxel_buf_printf(frame, "requests     %.1f/s, %.1f errors/s, %.1f refused/s, %.0f connections\n",
                     RATE(span, requests), RATE(span, errors), RATE(span, refused), now->connections);
    goxel_buf_printf(frame, "workers      %.0f of %.0f busy, queue %.0f of %.0f, at most %.0f so far\n",
                     now->busy, now->workers, now->queued, now->queue_size, now->queue_peak);
    goxel_buf_printf(frame, "process      %s, CPU %.0f %%, %.0f descriptors\n",
                     ctl_bytes(memory, now->memory), RATE(span, cpu_seconds) * 100, now->fds);
    goxel_buf_printf(frame,
                     "journal      %.1f groups/s, %.1f records/s, %s/s, %s since the last checkpoint\n\n",
                     RATE(span, groups), RATE(span, records), ctl_bytes(written, RATE(span, written)),
                     ctl_bytes(unflushed, now->unflushed));
}

static int put_methods(const struct span *span, struct goxel_buf *frame)
{
    size_t count;
    struct activity *rows = activities(span, &count);

    if (!rows)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_buf_printf(frame, "%s%-28s %10s %10s %10s %12s%s\n", ctl_color(CTL_BOLD), "METHOD", "CALLS/S",
                     "ERRORS/S", "MS/CALL", "CALLS", ctl_color(CTL_PLAIN));
    for (size_t i = 0; i < count; i++)
        goxel_buf_printf(frame, "%-28s %10.1f %10.1f %10.2f %12.0f\n", rows[i].name, rows[i].calls,
                         rows[i].errors, rows[i].ms, rows[i].total);
    free(rows);
    return frame->failed;
}

static int put_frame(const struct span *span, struct goxel_buf *frame)
{
    put_head(span, frame);
    put_load(span, frame);
    return put_methods(span, frame);
}

/* ---- for programs ---- */

static void put_figures_json(const struct span *span, struct goxel_json_writer *w)
{
    const struct ctl_figures *now = span->now;
    const struct {
        const char *key;
        double value;
    } rows[] = {
        {"interval_s", span->seconds},
        {"uptime_s", now->uptime},
        {"requests_per_s", RATE(span, requests)},
        {"errors_per_s", RATE(span, errors)},
        {"refused_per_s", RATE(span, refused)},
        {"connections", now->connections},
        {"workers", now->workers},
        {"workers_busy", now->busy},
        {"queue", now->queued},
        {"queue_capacity", now->queue_size},
        {"queue_peak", now->queue_peak},
        {"memory_bytes", now->memory},
        {"cpu", RATE(span, cpu_seconds)},
        {"open_fds", now->fds},
        {"journal_groups_per_s", RATE(span, groups)},
        {"journal_records_per_s", RATE(span, records)},
        {"journal_bytes_per_s", RATE(span, written)},
        {"journal_unflushed_bytes", now->unflushed},
    };

    goxel_json_put_string(w, "version", now->version);
    goxel_json_put_string(w, "state", now->state);
    goxel_json_put_bool(w, "healthy", now->healthy == 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        goxel_json_put_double(w, rows[i].key, rows[i].value);
}

static int put_json(const struct span *span, struct goxel_buf *json)
{
    struct goxel_json_writer w;
    size_t count;
    struct activity *rows = activities(span, &count);

    if (!rows)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_json_writer_init(&w, json);
    goxel_json_put_object(&w, NULL);
    put_figures_json(span, &w);
    goxel_json_put_array(&w, "methods");
    for (size_t i = 0; i < count; i++) {
        goxel_json_put_object(&w, NULL);
        goxel_json_put_string(&w, "method", rows[i].name);
        goxel_json_put_double(&w, "calls_per_s", rows[i].calls);
        goxel_json_put_double(&w, "errors_per_s", rows[i].errors);
        goxel_json_put_double(&w, "ms_per_call", rows[i].ms);
        goxel_json_put_double(&w, "calls", rows[i].total);
        goxel_json_put_end(&w);
    }
    goxel_json_put_end(&w);
    goxel_json_put_end(&w);
    free(rows);
    return json->failed;
}

/* ---- looking ---- */

/* The first look tells what is wrong. */
static enum ctl_exit first_look(struct ctl *ctl, struct ctl_figures *ret_figures)
{
    struct ctl_answer answer = {0};
    enum ctl_exit status = ctl_ask(ctl, "GET", "/stats", NULL, 0, &answer);
    int code = status ? 0 : ctl_figures_read(answer.root, goxel_clock_ms(), ret_figures);

    ctl_answer_finish(&answer);
    return code ? ctl_say(code, NULL) : status;
}

static int look(struct ctl *ctl, struct goxel_detail *detail, struct ctl_figures *ret_figures)
{
    struct ctl_answer answer = {0};
    int code = ctl_get(ctl, "/stats", detail, &answer);

    if (!code && answer.status >= 300)
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "GET /stats: HTTP status %u", answer.status);
    if (!code)
        code = ctl_figures_read(answer.root, goxel_clock_ms(), ret_figures);
    ctl_answer_finish(&answer);
    return code;
}

static int show(const struct ctl *ctl, const struct span *span, bool full)
{
    struct goxel_buf out;
    int code;

    goxel_buf_init(&out, FRAME_MAX);
    code = ctl->args->json ? put_json(span, &out) : put_frame(span, &out);
    if (!code && ctl->args->json)
        code = ctl_print_written(&out);
    else if (!code && full)
        ctl_screen_show(&out);
    else if (!code)
        (void)fwrite(out.data, 1, out.len, stdout);
    goxel_buf_finish(&out);
    return code;
}

/* A daemon that is away may come back. */
static void show_failure(const struct goxel_detail *detail)
{
    struct goxel_buf out;

    goxel_buf_init(&out, FRAME_MAX);
    goxel_buf_printf(&out, "%s%s%s\n", ctl_color(CTL_RED), detail->text, ctl_color(CTL_PLAIN));
    if (!out.failed)
        ctl_screen_show(&out);
    goxel_buf_finish(&out);
}

/* One turn: the interval, a look, the picture. On a full screen only memory is a reason to give up. */
static int turn(struct ctl *ctl, struct ctl_figures *before, bool full, struct goxel_detail *detail)
{
    struct ctl_figures now = {0};
    int code = look(ctl, detail, &now);

    if (ctl_screen_stop)
        code = 0;
    else if (code && full && code != GOXEL_ERROR_OUT_OF_MEMORY)
        show_failure(detail);
    else if (!code)
        code = show(ctl, &(struct span){before, &now, (double)(now.at_ms - before->at_ms) / 1e3}, full);
    if (now.at_ms) {
        ctl_figures_finish(before);
        *before = now;
    }
    return full && code != GOXEL_ERROR_OUT_OF_MEMORY ? 0 : code;
}

enum ctl_exit ctl_top(struct ctl *ctl)
{
    bool full = ctl_has_screen() && !ctl->args->json;
    struct ctl_figures before = {0};
    struct goxel_detail detail;
    enum ctl_exit status = first_look(ctl, &before);
    int code = 0;

    if (status)
        return status;
    goxel_detail_init(&detail);
    ctl_screen_begin(full);
    ctl_client_heed(ctl->client, &ctl_screen_stop);
    if (full)
        code = show(ctl, &(struct span){&before, &before, 0}, full);
    while (!code && ctl_screen_wait(goxel_clock_ms() + ctl->args->interval_ms)) {
        code = turn(ctl, &before, full, &detail);
        if (!full)
            break;
    }
    ctl_screen_end();
    ctl_figures_finish(&before);
    return code ? ctl_tell(code, &detail) : CTL_DONE;
}
