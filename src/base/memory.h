/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much memory the process has.
 *
 * Used by: store, rpc, http, daemon.  Uses: base/clock.
 *
 * Thread-safe. The kernel is asked at most every GOXEL_MEMORY_FRESH_MS, so that asking is cheap enough
 * for every request. /proc/self/statm (proc(5)) is opened at the first question of a process, and stays
 * readable when the process is confined later. A child asks anew, once what its parent knew is stale.
 */
#ifndef GOXEL_BASE_MEMORY_H
#define GOXEL_BASE_MEMORY_H

#include <stdint.h>

#define GOXEL_MEMORY_FRESH_MS 50

struct goxel_memory {
    int64_t resident, virtual; /* bytes; 0 if unknown */
};

struct goxel_memory goxel_memory_usage(void);
struct goxel_memory goxel_memory_now(void); /* the kernel is asked in any case */

#endif
