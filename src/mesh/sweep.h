/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quads as large as they come, of the faces of one layer of bricks.
 *
 * Used by: mesh/greedy.c, mesh/manifold.c.  Uses: mesh/order.h, mesh/quad.h.
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

/* A quad that is open: it has the faces between u0 and u1 from row v0 on. */
struct goxel_sweep_open {
    int32_t u0, u1, v0;
    uint32_t color; /* goxel_color_bits */
};

struct goxel_sweep_list {
    struct goxel_sweep_open *list;
    size_t count, room;
};

struct goxel_sweep_cell;

struct goxel_sweep {
    struct goxel_quad *quads; /* what was found */
    size_t count, room;
    size_t numbers[GOXEL_SIDE_PLANES]; /* how many of each plane */

    struct goxel_sweep_cell *cells; /* of the row of bricks at hand */
    size_t cell_count, cell_room;
    struct goxel_sweep_list open[GOXEL_SIDE_PLANES];
    struct goxel_sweep_list runs, next;
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
};

/*
 * The quads of those entries of one layer, all of it or its rest. Ends after a row of bricks with which there are `most` quads or more:
 * *ret_end is the first entry that was left out. GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_sweep_layer(struct goxel_sweep *sweep, const struct goxel_sweep_source *source, int axis,
                      const uint32_t *entries, size_t count, size_t most, size_t *ret_end);
void goxel_sweep_finish(struct goxel_sweep *sweep);

#endif
