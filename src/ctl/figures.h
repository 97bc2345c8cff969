/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The figures of a daemon at one moment, out of GET /stats, and what became of them in between.
 *
 * Used by: ctl/top alone.  Uses: ctl/reply.h, base.
 */
#ifndef GOXEL_CTL_FIGURES_H
#define GOXEL_CTL_FIGURES_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

#define CTL_METHODS_MAX 1024
#define CTL_METHOD_NAME_SIZE 64

struct ctl_method_figures {
    char name[CTL_METHOD_NAME_SIZE]; /* printable */
    double calls, errors, seconds;   /* so far */
};

/* Life: the caller's, zeroed; filled by `read`, ended by `finish`, which takes a zeroed one. */
struct ctl_figures {
    int64_t at_ms; /* monotonic */
    char state[32], version[64];
    double healthy, uptime;
    double workers, busy, queued, queue_size, queue_peak, refused;
    double connections, requests, errors;
    double memory, fds, cpu_seconds;
    double groups, records, written, unflushed;
    struct ctl_method_figures *methods; /* in the daemon's order */
    size_t method_count;
};

/* `stats` is the JSON of GET /stats; what is missing counts as 0. GOXEL_ERROR_OUT_OF_MEMORY. */
int ctl_figures_read(const struct goxel_json *stats, int64_t at_ms, struct ctl_figures *ret_figures);
void ctl_figures_finish(struct ctl_figures *figures);

/* A counter's growth in a second. One that fell began anew with a restart: what it has counts. */
double ctl_figures_rate(double before, double now, double seconds);

/* The method of that name in an earlier look, or one with nothing but zeros. */
const struct ctl_method_figures *ctl_figures_method(const struct ctl_figures *figures, size_t hint,
                                                    const char *name);

#endif
