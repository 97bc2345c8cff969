/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bricks whose voxels are not in memory but in a row of some source, and how they are read.
 *
 * Used by: core/brick, core/tree.h, and through it the files of core that work on volumes; whoever has a source (the
 * store).  Uses: core/brick.h.
 *
 *     tree ── link ── brick that is AWAY: count, source, row ── goxel_brick_here ──┬─ ring of the thread
 *                                                                                  └─ load of the source
 *
 * Such a brick stands in a tree as any other, is shared and counted as any other, and never changes: what writes
 * there makes one in memory in its place. Whoever has a source puts it there (goxel_tree_put at level 0).
 *
 * What was loaded lately is kept by the thread that asked for it, in a ring of GOXEL_AWAY_RING bricks, by the serial
 * of the source and the row: a row that was left is not used again by the same source for other voxels.
 *
 * What cannot be loaded reads as a brick without voxels, and counts as a failure of the thread. Whoever lets operations
 * loose on volumes with such bricks asks for that afterwards (goxel_away_check), and throws away what came of them. Memory
 * that was missing may be there the next time; with any other error the source is `failed`, and nothing more is loaded
 * from it: whoever has the source may clear that once it is mended.
 *
 * Life: a source is counted, by its maker and by each of its bricks. What the rings hold are bricks, not the source.
 * Any thread.
 */
#ifndef GOXEL_CORE_AWAY_H
#define GOXEL_CORE_AWAY_H

#include "base/detail.h"
#include "core/brick.h"

/* Where bricks lie that are not in memory. Embedded in what knows more of it. */
struct goxel_source {
    atomic_size_t refs;
    uint64_t serial; /* no two sources of this process have the same */
    atomic_int
        failed; /* the error of a row that could not be read, or was not what it had been; 0: none was */
    /*
     * The voxels of a row, in a sealed brick in memory: a reference of the caller's own. Any thread, several at a
     * time. GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_OUT_OF_MEMORY.
     */
    int (*load)(struct goxel_source *source, int64_t row, struct goxel_brick **ret_brick);
    /* A row is not what it had been, GOXEL_ERROR_INVALID_DATA or the count of voxels told so. NULL as for `left`. */
    void (*damaged)(struct goxel_source *source, int64_t row);
    /*
     * A brick that was away in this row is gone, once for each that was made. Any thread, perhaps in the middle of an
     * edit, with the locks of its head: it may note that down, and waits for nothing. NULL: nobody wants to know.
     */
    void (*left)(struct goxel_source *source, int64_t row);
    void (*end)(struct goxel_source *source); /* the last reference is gone; as `left` */
};

/* With one reference, the caller's. */
void goxel_source_init(struct goxel_source *source,
                       int (*load)(struct goxel_source *source, int64_t row, struct goxel_brick **ret_brick),
                       void (*damaged)(struct goxel_source *source, int64_t row),
                       void (*left)(struct goxel_source *source, int64_t row),
                       void (*end)(struct goxel_source *source));
void goxel_source_unref(struct goxel_source *source); /* NULL is fine */

/*
 * A brick that lies in a row of the source, which it counts; `count` of its voxels are not empty, as in struct
 * goxel_brick. NULL: out of memory.
 */
struct goxel_brick *goxel_brick_away(struct goxel_source *source, int64_t row, uint16_t count);

/* Lets go of a brick's row as the brick ends: for goxel_brick_unref alone, which frees it. */
void goxel_brick_leave(struct goxel_brick *brick);

#define GOXEL_AWAY_RING 32 /* bricks that a thread keeps: few enough to be looked through */

/*
 * The brick of a row that is away, in memory. It is valid until this thread has asked for GOXEL_AWAY_RING / 2 others, and
 * nobody counts it. What `load` fails with; GOXEL_ERROR_INVALID_DATA if it is not of as many voxels; what the source
 * failed with before.
 */
int goxel_brick_load(const struct goxel_brick *brick, const struct goxel_brick **ret_here);

/* How often that failed on this thread. */
uint64_t goxel_away_failures(void);
/* 0, or what it failed with last if that was more often than so: what came of operations since may lack voxels. */
int goxel_away_check(uint64_t failures, struct goxel_detail *detail);

/* The same; where it fails, a brick without voxels. */
const struct goxel_brick *goxel_brick_loaded(const struct goxel_brick *brick) __attribute__((cold));

/* The brick itself, or what was loaded for it. Never to be counted. */
static inline const struct goxel_brick *goxel_brick_here(const struct goxel_brick *brick)
{
    return __builtin_expect(brick->state == GOXEL_BRICK_AWAY, 0) ? goxel_brick_loaded(brick) : brick;
}

#endif
