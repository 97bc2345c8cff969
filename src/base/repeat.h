/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which lines come again and again: the rule behind the repetition of base/log.h.
 *
 * Used by: base/log.  Uses: base/log.h for burst and window.
 *
 * The most recent lines are remembered, a fixed number of them. One that is pushed out by others is
 * forgotten; what was held back of it is reported then, so that no line is lost without a number.
 *
 * Life: embedded by its owner, zeroed at first, which also keeps its threads apart. Times are
 * monotonic milliseconds.
 */
#ifndef GOXEL_BASE_REPEAT_H
#define GOXEL_BASE_REPEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

#define GOXEL_REPEAT_LINES 32
#define GOXEL_REPEAT_LINE_MAX 4096 /* with its NUL; a longer one is never held back */

struct goxel_repeat {
    struct goxel_repeat_line {
        uint64_t hash;
        size_t len;
        enum goxel_log_level level;
        int64_t since_ms;   /* when its window began */
        uint64_t turn;      /* of its last coming */
        unsigned long seen; /* in the window; 0: nothing is remembered here */
        unsigned long held; /* of these */
    } lines[GOXEL_REPEAT_LINES];
    uint64_t turn;
    char texts[GOXEL_REPEAT_LINES][GOXEL_REPEAT_LINE_MAX];
};

/* `count` lines like this one were held back. */
typedef void goxel_repeat_report(void *ctx, enum goxel_log_level level, const char *text,
                                 unsigned long count);

/* Whether the line is to be written now. Reports what its coming brings to an end. */
bool goxel_repeat_admit(struct goxel_repeat *repeat, enum goxel_log_level level, const char *text,
                        int64_t now_ms, goxel_repeat_report *report, void *ctx);
/* Reports what was held back in windows that are over. */
void goxel_repeat_tick(struct goxel_repeat *repeat, int64_t now_ms, goxel_repeat_report *report, void *ctx);
/* Reports everything that was held back, and forgets all lines. */
void goxel_repeat_end(struct goxel_repeat *repeat, goxel_repeat_report *report, void *ctx);

#endif
