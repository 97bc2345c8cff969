/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one way to change many voxels at once: a new tree is made beside the old one, sharing whatever
 * stays, and takes its place when nothing can fail any more.
 *
 * Used by: the files of core that edit volumes.  Uses: core/tree.h.
 */
#ifndef GOXEL_CORE_REWRITE_H
#define GOXEL_CORE_REWRITE_H

#include "core/tree.h"

enum { GOXEL_DESCEND = 0, GOXEL_REWRITTEN = 1 };

struct goxel_rewrite {
    /*
     * What becomes of all that `old` stands for, nothing included: GOXEL_REWRITTEN with a reference of
     * the caller's own in *ret_link; GOXEL_DESCEND, to look closer (at level 0: `brick` is asked); or a
     * negative code. It should be quick: of links that the box cuts, only "stays as it is" counts.
     */
    int (*whole)(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link);

    /*
     * What the brick, or the tile or nothing in its place, becomes: a reference of the caller's own,
     * best `old` itself where no voxel changes; sealed if it is a new one. 0 or a negative code.
     */
    int (*brick)(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link);
};

/*
 * Asks about everything within the box, in the order of the tree; of bricks that the box cuts, the
 * voxels outside stay whatever `brick` says. Whoever minds them himself hands in a box of whole bricks.
 * NULL: everything that there is; then nothing is asked about empty space. The cancel is polled for
 * every link.
 *
 * GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_QUOTA (GOXEL_VOLUME_BRICKS_MAX), GOXEL_ERROR_OUT_OF_MEMORY, the
 * cancel's code, or what `how` returned: the volume is as it was.
 */
int goxel_volume_rewrite(struct goxel_volume *volume, const struct goxel_box *box,
                         const struct goxel_rewrite *how, void *ctx, struct goxel_cancel *cancel);

#endif
