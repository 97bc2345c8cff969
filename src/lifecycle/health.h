/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The registry of health checks: what was found, not how.
 *
 * Used by: daemon (reports), http (reads).  Uses: base.
 *
 * `threshold` consecutive failures of a check make it count as failed; one success heals it; a check
 * that has not run yet counts as ok.
 *
 * Life: one a daemon. Thread-safe.
 */
#ifndef GOXEL_LIFECYCLE_HEALTH_H
#define GOXEL_LIFECYCLE_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

enum goxel_check {
    GOXEL_CHECK_RESPONSIVE, /* threads answer and workers get on */
    GOXEL_CHECK_MEMORY,     /* within limits.max_memory_mb */
    GOXEL_CHECK_QUEUE,      /* the request queue is not full */
    GOXEL_CHECK_SCRIPT,     /* the operator's own program says so */
    GOXEL_CHECK_COUNT
};

struct goxel_health;

struct goxel_health *goxel_health_create(unsigned threshold); /* NULL: out of memory */
void goxel_health_destroy(struct goxel_health *health);       /* NULL is fine */
void goxel_health_set_threshold(struct goxel_health *health, unsigned threshold);

const char *goxel_check_name(enum goxel_check check); /* "responsive" … */

/* A reason and its NUL; a longer one is cut between characters. */
#define GOXEL_HEALTH_REASON_MAX 256

/* The outcome of one run: `took_ms` milliseconds; `reason` is copied and made printable ("" when ok). */
void goxel_health_report(struct goxel_health *health, enum goxel_check check, bool ok, int64_t took_ms,
                         const char *reason);
bool goxel_health_check_ok(struct goxel_health *health, enum goxel_check check);
bool goxel_health_ok(struct goxel_health *health); /* all checks */

struct goxel_check_figures {
    bool ok;           /* as goxel_health_check_ok */
    unsigned in_a_row; /* failures since the last success */
    uint64_t runs;     /* how often it ran */
    uint64_t failures; /* and failed */
    int64_t took_ms;   /* the last run */
};
void goxel_health_figures(struct goxel_health *health, enum goxel_check check,
                          struct goxel_check_figures *ret_figures);

/* {"NAME": {"ok", "last_ms", "took_ms", "reason"}, …}; last_ms: milliseconds since it ran, null if never. */
void goxel_health_write(struct goxel_health *health, struct goxel_json_writer *w, const char *key);

#endif
