/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Time. Deadlines and durations come from the monotonic clock, dates from the wall clock.
 *
 * Used by: every folder.  Uses: nothing.  Thread-safe.
 */
#ifndef GOXEL_BASE_CLOCK_H
#define GOXEL_BASE_CLOCK_H

#include <stdint.h>

int64_t goxel_clock_ms(void); /* monotonic milliseconds */
int64_t goxel_clock_ns(void); /* monotonic nanoseconds */
int64_t goxel_wall_ms(void);  /* milliseconds since 1970-01-01 UTC */

/* "2026-11-23T03:29:22.123Z" (RFC 3339, UTC) and its NUL. */
#define GOXEL_TIME_TEXT_SIZE 32
void goxel_time_text(int64_t wall_ms, char ret_text[GOXEL_TIME_TEXT_SIZE]);

#endif
