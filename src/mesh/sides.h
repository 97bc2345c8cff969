/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The faces of one brick that can be seen, as bits: a plane at a time, sixteen to a row.
 *
 * Used by: the files of mesh.  Uses: mesh/cells.h, core.
 *
 *     axis       planes   rows   bits of a row
 *     0 (x)      x        z      y
 *     1 (y)      y        z      x
 *     2 (z)      z        y      x
 */
#ifndef GOXEL_MESH_SIDES_H
#define GOXEL_MESH_SIDES_H

#include "core/rows.h"
#include "mesh/cells.h"

/* The axes of bits, rows and planes; what a step along each is in the index of a brick. */
struct goxel_side_axes {
    uint8_t u, v, w;
    uint16_t step_u, step_v, step_w;
};
extern const struct goxel_side_axes goxel_side_axes[3];

#define GOXEL_SIDE_PLANES 32 /* 2 plane + 1 for those towards more of the axis, + 0 for those towards less */

struct goxel_sides {
    uint32_t planes; /* a bit for each that has a face */
    uint16_t rows[GOXEL_SIDE_PLANES][GOXEL_BRICK_SIZE];
};

/*
 * The faces across one axis; rows of planes without a bit in `planes` are zero. `link` is what stands at the cell: the cell's
 * own, or a copy in memory of a brick that is away. Loads what is away beside it (core/away.h).
 */
void goxel_sides_read(const struct goxel_volume *volume, const struct goxel_sight *sight, goxel_link link,
                      struct goxel_pos corner, int axis, struct goxel_sides *ret_sides);

/* Rows along x of the voxels of at least some alpha: y + 16 z. */
void goxel_sides_rows(goxel_link link, uint8_t least, uint16_t ret_rows[GOXEL_ROWS]);

/* Rows become bits, and bits rows. */
void goxel_sides_turn(struct goxel_sides *sides);

/* The same link, or that of a brick in memory for one that is away, good until this thread has loaded a few others. */
static inline goxel_link goxel_link_loaded(goxel_link link)
{
    if (__builtin_expect(goxel_link_is_away(link), 0))
        link = goxel_link_of_brick((struct goxel_brick *)goxel_brick_loaded(goxel_link_brick(link)));
    return link;
}

#endif
