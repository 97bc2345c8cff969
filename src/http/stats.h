/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The statistics: counters of the front, and one table of metrics written as Prometheus text, JSON or a log line.
 *
 * Used by: http.  Uses: rpc, lifecycle, work, base.
 *
 * The text is the Prometheus exposition format 0.0.4 (prometheus.io, "Exposition formats"); names
 * follow its conventions: base units in the name, `_total` on counters. No client text in labels.
 *
 * Life: the counters are embedded in the front and updated by any thread without a lock.
 */
#ifndef GOXEL_HTTP_STATS_H
#define GOXEL_HTTP_STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

#define GOXEL_STATS_BUCKETS 14   /* finite bounds of the duration histogram */
#define GOXEL_STATS_STATUSES 600 /* HTTP statuses are below it */

struct goxel_stats {
    atomic_uint_fast64_t accepted, refused; /* connections */
    atomic_uint_fast64_t replies[GOXEL_STATS_STATUSES];
    atomic_uint_fast64_t buckets[GOXEL_STATS_BUCKETS + 1]; /* not cumulative; the last is +Inf */
    atomic_uint_fast64_t duration_us;                      /* of all replies together */
    atomic_uint_fast64_t abandoned;                        /* answered 503 at the end of a drain */
    atomic_uint_fast64_t unauthorised, forbidden;          /* requests refused because of who asks, */
    atomic_uint_fast64_t rate_limited, busy_limited;       /* or of how much the client asks already */
    atomic_uint_fast64_t messages;                         /* of streams, answered or notifications alone */
};

void goxel_stats_count_connection(struct goxel_stats *stats, bool refused);
void goxel_stats_count_reply(struct goxel_stats *stats, unsigned status, int64_t duration_ns);

struct goxel_front;

void goxel_stats_write_text(struct goxel_front *front, struct goxel_buf *buf);
void goxel_stats_write_json(struct goxel_front *front, struct goxel_json_writer *w); /* one object */
void goxel_stats_write_line(struct goxel_front *front, struct goxel_buf *buf); /* metrics without labels */

#endif
