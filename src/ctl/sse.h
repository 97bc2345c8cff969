/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Server-sent events out of the pieces that they come in (WHATWG HTML, 9.2.6).
 *
 * Used by: ctl alone.  Uses: base.
 *
 * Life: embedded, init to finish; one thread. What comes is a stranger's: an event has CTL_SSE_MAX bytes at most.
 */
#ifndef GOXEL_CTL_SSE_H
#define GOXEL_CTL_SSE_H

#include <stdbool.h>

#include "base/buf.h"

#define CTL_SSE_MAX ((size_t)256 << 10)
#define CTL_SSE_NAME_MAX 63 /* bytes of a kind or an id; a longer one counts as none */

struct ctl_sse {
    struct goxel_buf line, data;
    bool after_cr;                      /* a LF that comes next ends no other line */
    char event[CTL_SSE_NAME_MAX + 1];   /* of the one that is coming; "": "message" */
    char last_id[CTL_SSE_NAME_MAX + 1]; /* of the last that came, with data or without; "": none */
    /* One has come whole: its kind, and its data with a NUL behind it. False: that is enough. */
    bool (*told)(void *ctx, const char *event, const char *data, size_t len);
    void *ctx;
};

void ctl_sse_init(struct ctl_sse *sse,
                  bool (*told)(void *ctx, const char *event, const char *data, size_t len), void *ctx);
void ctl_sse_finish(struct ctl_sse *sse);

/* Another stream begins; where the last one ended is still known. */
void ctl_sse_begin(struct ctl_sse *sse);
/* The next bytes. False: it is enough, or they are too many (line.failed or data.failed says so). */
bool ctl_sse_take(struct ctl_sse *sse, const char *bytes, size_t len);

#endif
