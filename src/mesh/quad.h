/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A rectangle of faces of one direction, and how it becomes a part of a mesh.
 *
 * Used by: the files of mesh.  Uses: mesh/sides.h, mesh/weld.h.
 */
#ifndef GOXEL_MESH_QUAD_H
#define GOXEL_MESH_QUAD_H

#include "mesh/sides.h"
#include "mesh/weld.h"

struct goxel_quad {
    uint8_t axis;             /* that its plane is across */
    bool plus;                /* it is seen from where that axis is more */
    int32_t w;                /* where that is */
    int32_t u0, v0, u1, v1;   /* from its first corner to behind its last voxel, by goxel_side_axes */
    struct goxel_color color; /* as shown */
};

static inline int32_t goxel_pos_axis(struct goxel_pos pos, int axis)
{
    return axis == 0 ? pos.x : axis == 1 ? pos.y : pos.z;
}

/* Its corners, counterclockwise as seen from outside. */
void goxel_quad_corners(const struct goxel_quad *quad, struct goxel_pos ret_corners[4]);

/* GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_quad_make(const struct goxel_mesh_options *options, const struct goxel_quad *quad,
                    struct goxel_weld *weld);

#endif
