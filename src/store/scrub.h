/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking whether what lies on the disk is still what was written: all projects in turn, a little at a time.
 *
 * Used by: store/checkpoints.  Uses: store.
 *
 * A disk that loses something tells nobody until it is read, which may be years later, and the backups are no better by
 * then. What is found is told in the log and counted; the project is not served from the next time that it is loaded.
 *
 * Life: embedded; zeroed is the beginning. One thread.
 */
#ifndef GOXEL_STORE_SCRUB_H
#define GOXEL_STORE_SCRUB_H

#include "store/internal.h"

#define GOXEL_SCRUB_ROWS 256                   /* at a time: of bricks, about a megabyte */
#define GOXEL_SCRUB_PAUSE_MS INT64_C(21600000) /* six hours, after all have had their turn */

struct goxel_scrub {
    uint64_t number; /* of the project that it is at */
    int64_t cursor;  /* in its rows */
    int64_t from_ms; /* there is nothing to do before that time (goxel_clock_ms) */
};

void goxel_scrub_some(struct goxel_scrub *scrub, struct goxel_store *store);

#endif
