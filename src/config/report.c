/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lines carry names and values from a file that may hold anything: each passes one door that
 * makes it printable and cuts it.
 */
#include "config/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define LINE_BYTES_MAX 6000 /* a path of 4096 bytes and the reason after it */

void goxel_report_init(struct goxel_report *report)
{
    memset(report, 0, sizeof(*report));
    goxel_buf_init(&report->errors.text, GOXEL_REPORT_LINES_MAX * (LINE_BYTES_MAX + 1));
    goxel_buf_init(&report->warnings.text, GOXEL_REPORT_LINES_MAX * (LINE_BYTES_MAX + 1));
}

void goxel_report_finish(struct goxel_report *report)
{
    goxel_buf_finish(&report->errors.text);
    goxel_buf_finish(&report->warnings.text);
}

static void __attribute__((format(printf, 4, 0)))
add(struct goxel_report_lines *lines, struct goxel_origin origin, const char *option, const char *fmt,
    va_list args)
{
    char reason[1024] = "";
    char raw[LINE_BYTES_MAX] = "";
    char line[LINE_BYTES_MAX];
    char number[16] = "";
    size_t index = lines->count++;

    if (index >= GOXEL_REPORT_LINES_MAX)
        return;
    if (origin.line > 0)
        (void)snprintf(number, sizeof(number), ":%u", origin.line);
    (void)vsnprintf(reason, sizeof(reason), fmt, args);
    (void)snprintf(raw, sizeof(raw), "%s%s: %s: %s", origin.source ? origin.source : "default", number,
                   option, reason);
    (void)goxel_utf8_printable(line, sizeof(line), raw, strlen(raw));
    lines->at[index].line = origin.line;
    lines->at[index].start = lines->text.len;
    (void)goxel_buf_puts(&lines->text, line);
    (void)goxel_buf_putc(&lines->text, '\n');
    lines->at[index].length = lines->text.len - lines->at[index].start;
}

void goxel_report_error(struct goxel_report *report, struct goxel_origin origin, const char *option,
                        const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    add(&report->errors, origin, option, fmt, args);
    va_end(args);
}

void goxel_report_warning(struct goxel_report *report, struct goxel_origin origin, const char *option,
                          const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    add(&report->warnings, origin, option, fmt, args);
    va_end(args);
}

bool goxel_report_bad(const struct goxel_report *report)
{
    return report->errors.count > 0;
}

bool goxel_report_full(const struct goxel_report *report)
{
    return report->errors.count >= GOXEL_REPORT_LINES_MAX;
}

/* Stable, so that lines without a number keep their order; there are few. */
static void flush_lines(const struct goxel_report_lines *lines, struct goxel_buf *out)
{
    size_t order[GOXEL_REPORT_LINES_MAX];
    size_t shown = lines->count < GOXEL_REPORT_LINES_MAX ? lines->count : GOXEL_REPORT_LINES_MAX;

    for (size_t i = 0; i < shown; i++) {
        size_t k = i;

        for (; k > 0 && lines->at[order[k - 1]].line > lines->at[i].line; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    for (size_t i = 0; i < shown; i++) {
        if (lines->at[order[i]].length > 0)
            (void)goxel_buf_append(out, lines->text.data + lines->at[order[i]].start,
                                   lines->at[order[i]].length);
    }
    if (lines->count > shown)
        (void)goxel_buf_printf(out, "and %zu more\n", lines->count - shown);
}

void goxel_report_flush(struct goxel_report *report, struct goxel_buf *errors, struct goxel_buf *warnings)
{
    if (errors)
        flush_lines(&report->errors, errors);
    if (warnings)
        flush_lines(&report->warnings, warnings);
}
