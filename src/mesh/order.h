/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cells in the order in which planes across an axis are gone through: layer after layer, and row after row in each.
 *
 * Used by: the files of mesh.  Uses: mesh/sides.h.
 */
#ifndef GOXEL_MESH_ORDER_H
#define GOXEL_MESH_ORDER_H

#include "mesh/sides.h"

/* Quads end at every so many voxels along u, so that no row is without end; half of that from the origin, for the first time. */
#define GOXEL_ORDER_STRIPE 8192

struct goxel_order {
    uint32_t *cells; /* indices of cells, those with faces across axis 0 first, then 1, then 2 */
    size_t ends[3];  /* of each axis */
};

/* GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_order_make(const struct goxel_cells *cells, struct goxel_order *ret_order);
void goxel_order_finish(struct goxel_order *order);

/* The axis of an entry, and the end of the layer (of one stripe) that it is in. */
int goxel_order_axis(const struct goxel_order *order, size_t entry);
size_t goxel_order_layer_end(const struct goxel_order *order, const struct goxel_cells *cells, size_t entry);

/* A list to be sorted, and room for as much again. */
struct goxel_order_key {
    uint64_t key;
    uint32_t cell;
};
void goxel_order_sort(struct goxel_order_key *keys, struct goxel_order_key *room, size_t count);

/* A brick's place along an axis, from 0. */
static inline uint64_t goxel_order_place(struct goxel_pos corner, int axis)
{
    int32_t coord = axis == 0 ? corner.x : axis == 1 ? corner.y : corner.z;

    return (uint64_t)(coord - GOXEL_COORD_MIN) / GOXEL_BRICK_SIZE;
}

#endif
