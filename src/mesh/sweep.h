/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quads as large as they come, of the faces of one layer of bricks.
 *
 * Used by: mesh/greedy.c, mesh/manifold.c.  Uses: mesh/order.h, mesh/quad.h, mesh/runs.h.
 *
 * All planes of the layer are swept at once, row of bricks after row of bricks, so that nothing is in memory but one such row
 * and the quads that end at it: whatever the size of a plane, its quads may be as large.
 *
 * Life: all zero to begin with, ended by goxel_sweep_finish; what it found lasts until the next layer. One thread at a time.
 */
#ifndef GOXEL_MESH_SWEEP_H
#define GOXEL_MESH_SWEEP_H

#include "mesh/order.h"
#include "mesh/quad.h"
#include "mesh/runs.h"

struct goxel_sweep_cell;

struct goxel_sweep {
    struct goxel_quad *quads; /* what was found */
    size_t count, room;
    size_t numbers[GOXEL_SIDE_PLANES]; /* how many of each plane */

    struct goxel_sweep_cell *cells; /* of the row of bricks at hand */
    size_t cell_count, cell_room;
    struct goxel_runs open[GOXEL_SIDE_PLANES], row, spare;
    struct goxel_order_key *keys;
    size_t key_room;
};

/* What the faces are of. */
struct goxel_sweep_source {
    const struct goxel_volume *volume;
    const struct goxel_sight *sight;
    const struct goxel_cells *cells;
    bool
        colors; /* quads are of one colour; otherwise of whatever colours they meet, and shown as opaque white */
    struct goxel_cancel *cancel;
};

/*
 * The quads of those entries of one layer, all of it or its rest. Ends after a row of bricks with which there are `most` quads or more:
 * *ret_end is the first entry that was left out. GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_sweep_layer(struct goxel_sweep *sweep, const struct goxel_sweep_source *source, int axis,
                      const uint32_t *entries, size_t count, size_t most, size_t *ret_end);
void goxel_sweep_finish(struct goxel_sweep *sweep);

#endif
