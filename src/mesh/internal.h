/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mesh in the making: what its meshers share.
 *
 * Used by: mesh.  Uses: the other headers of mesh.
 */
#ifndef GOXEL_MESH_INTERNAL_H
#define GOXEL_MESH_INTERNAL_H

#include "mesh/around.h"
#include "mesh/cells.h"
#include "mesh/corners.h"
#include "mesh/kept.h"
#include "mesh/order.h"
#include "mesh/sweep.h"
#include "mesh/weld.h"

/* A part of the work that is done at a time: some of a list, which is the mesher's affair. */
struct goxel_part {
    uint32_t begin, end;
    bool corners; /* vertices of blocks of corners; the list are those */
    uint32_t vertex_count, face_count;
    uint64_t first_vertex, first_face;
    struct goxel_kept kept; /* of NULLs: it is to be made again */
};

struct goxel_mesh {
    struct goxel_volume *volume;
    struct goxel_mesh_options options;
    const struct goxel_mesh_maker *maker;
    struct goxel_sight sight;
    struct goxel_cells cells;
    struct goxel_order order; /* not of FACES */
    size_t entries;           /* of the list that parts are of */
    uint32_t *units;          /* where they begin, and one more at the end; while counting */
    size_t unit_count;
    struct goxel_part *parts;
    size_t part_count, part_room;
    size_t
        corner_parts; /* of those, how many have vertices alone, the first ones; the others have faces alone. 0: each has both */
    struct goxel_corners *corners; /* of MANIFOLD and SMOOTH */
    atomic_size_t kept;            /* bytes */
    struct goxel_mesh_size size;
};

/* What one job works with, and what comes of it. */
struct goxel_mesh_desk {
    struct goxel_cancel *cancel;
    struct goxel_weld weld;
    struct goxel_sweep sweep;
    struct goxel_part *parts; /* of the unit that was counted; first vertices and faces are within it */
    size_t part_count, part_room;
    struct goxel_mesh_size size; /* of all of those */
    uint32_t *points;            /* around a quad of MANIFOLD */
    size_t point_room;
    int code;
    struct goxel_detail detail;
};

/*
 * How a mesh is made. Both `mark` and `make` go through a part of the list, or as much of it as is to be in one: its end is where
 * the next one begins.
 */
struct goxel_mesh_maker {
    int corners;
    int (*begin)(struct goxel_mesh *mesh, struct goxel_cancel *cancel); /* once there are cells: the list */
    size_t (*unit_end)(const struct goxel_mesh *mesh, size_t first);    /* of what one job counts */
    /* Marks the corners that are vertices. NULL: vertices are shared within parts alone. */
    int (*mark)(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk);
    /* If there is `mark`: the vertex at a corner, of which all but the place is to be changed. */
    void (*vertex)(const struct goxel_mesh *mesh, struct goxel_reader *reader, struct goxel_pos pos,
                   struct goxel_mesh_vertex *vertex);
    int (*make)(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk);
};

/* Of FACES and SMOOTH: the list is that of cells. */
int goxel_faces_begin(struct goxel_mesh *mesh, struct goxel_cancel *cancel);
size_t goxel_faces_unit_end(const struct goxel_mesh *mesh, size_t first);

extern const struct goxel_mesh_maker goxel_mesh_faces, goxel_mesh_greedy, goxel_mesh_manifold,
    goxel_mesh_smooth;

#endif
