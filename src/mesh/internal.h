/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mesh in the making: what its meshers share.
 *
 * Used by: mesh.  Uses: mesh/cells.h, mesh/weld.h.
 */
#ifndef GOXEL_MESH_INTERNAL_H
#define GOXEL_MESH_INTERNAL_H

#include "mesh/cells.h"
#include "mesh/order.h"
#include "mesh/sweep.h"
#include "mesh/weld.h"

/* A part of the work that is done at a time: some of a list, which is the mesher's affair. */
struct goxel_part {
    uint32_t begin, end;
    uint32_t vertex_count, face_count;
    uint64_t first_vertex, first_face;
};

struct goxel_mesh {
    struct goxel_volume *volume;
    struct goxel_mesh_options options;
    const struct goxel_mesh_maker *maker;
    struct goxel_sight sight;
    struct goxel_cells cells;
    struct goxel_order order; /* not of FACES */
    size_t entries;           /* of the list that parts are of */
    struct goxel_part *parts;
    size_t part_count, part_room;
    struct goxel_mesh_size size;
};

/* What one thread works with. */
struct goxel_mesh_desk {
    struct goxel_weld weld;
    struct goxel_sweep sweep;
};

struct goxel_mesh_maker {
    int corners;
    int (*begin)(struct goxel_mesh *mesh, struct goxel_cancel *cancel); /* once there are cells: the list */
    size_t (*unit_end)(const struct goxel_mesh *mesh, size_t first);    /* of what one thread counts */
    /* Makes a part, or as much of it as is to be in one: its end is where the next one begins. */
    int (*make)(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk);
};

extern const struct goxel_mesh_maker goxel_mesh_faces, goxel_mesh_greedy;

#endif
