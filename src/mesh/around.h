/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The eight voxels around a corner of the lattice.
 *
 * Used by: the files of mesh.  Uses: mesh/cells.h, core.
 */
#ifndef GOXEL_MESH_AROUND_H
#define GOXEL_MESH_AROUND_H

#include "core/accessor.h"
#include "mesh/cells.h"

/* Voxel i lies on the side of more x if bit 0 of i is set, of more y with bit 1, and of more z with bit 2. */
struct goxel_around {
    unsigned there;               /* a bit for each that is */
    struct goxel_color colors[8]; /* as shown */
};

void goxel_around_read(struct goxel_reader *reader, const struct goxel_sight *sight, struct goxel_pos pos,
                       struct goxel_around *ret_around);

/* Which voxels of a brick are there, and of those that touch it: rows[1 + z][1 + y], bit 1 + x. */
struct goxel_padded {
    uint32_t rows[GOXEL_BRICK_SIZE + 2][GOXEL_BRICK_SIZE + 2];
};

void goxel_padded_read(const struct goxel_volume *volume, const struct goxel_sight *sight, goxel_link link,
                       struct goxel_pos corner, struct goxel_padded *ret_padded);

/* As `there`, of the corner that has so many voxels of the brick before it along each axis. */
static inline unsigned goxel_padded_around(const struct goxel_padded *padded, int x, int y, int z)
{
    return (padded->rows[z][y] >> x & 3) | (padded->rows[z][y + 1] >> x & 3) << 2 |
           (padded->rows[z + 1][y] >> x & 3) << 4 | (padded->rows[z + 1][y + 1] >> x & 3) << 6;
}

#endif
