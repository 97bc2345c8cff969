/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is wrong with a configuration, as lines for people: `FILE:LINE: OPTION: reason`.
 *
 * Used by: config.  Uses: base/buf.
 *
 * Life: one for each load. Lines are kept until `goxel_report_flush`, which sorts them by the line
 * they speak of: a file is read twice, and its reader wants to go from top to bottom.
 */
#ifndef GOXEL_CONFIG_REPORT_H
#define GOXEL_CONFIG_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Lines of a kind that are worth reading; the rest is counted, and said to be there. */
#define GOXEL_REPORT_LINES_MAX 100

/* Where a value came from; line 0 for what has no lines, as an argument on the command line. */
struct goxel_origin {
    const char *source; /* NULL: a default */
    unsigned line;
};

struct goxel_report_lines {
    struct goxel_buf text;
    struct {
        size_t start, length;
        unsigned line;
    } at[GOXEL_REPORT_LINES_MAX];
    size_t count; /* may be above the maximum */
};

struct goxel_report {
    struct goxel_report_lines errors, warnings;
};

void goxel_report_init(struct goxel_report *report);
void goxel_report_finish(struct goxel_report *report);

void goxel_report_error(struct goxel_report *report, struct goxel_origin origin, const char *option,
                        const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void goxel_report_warning(struct goxel_report *report, struct goxel_origin origin, const char *option,
                          const char *fmt, ...) __attribute__((format(printf, 4, 5)));

bool goxel_report_bad(const struct goxel_report *report); /* any error? */
/* Enough said: a reader may stop here. */
bool goxel_report_full(const struct goxel_report *report);
void goxel_report_flush(struct goxel_report *report, struct goxel_buf *errors,
                        struct goxel_buf *warnings); /* either may be NULL */

#endif
