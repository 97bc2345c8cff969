/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mesh/quad.h"

static const struct goxel_color no_color = {255, 255, 255, 255};

int goxel_quad_make(const struct goxel_mesh_options *options, const struct goxel_quad *quad,
                    struct goxel_weld *weld)
{
    const struct goxel_side_axes *axes = &goxel_side_axes[quad->axis];
    /* u, v and the axis are a right-handed system but for y: there the same corners are seen the other way round. */
    bool reverse = quad->plus == (quad->axis == 1);
    struct goxel_mesh_vertex vertex = {.color = options->colors ? quad->color : no_color};
    uint32_t corners[4];
    int code = 0;

    vertex.pos[axes->w] = (float)quad->w;
    if (options->normals)
        vertex.normal[axes->w] = quad->plus ? 127 : -127;
    for (int i = 0; i < 4 && !code; i++) {
        bool far_u = i == 1 || i == 2, far_v = i >= 2;

        vertex.pos[axes->u] = (float)(far_u ? quad->u1 : quad->u0);
        vertex.pos[axes->v] = (float)(far_v ? quad->v1 : quad->v0);
        code = goxel_weld_vertex(weld, &vertex, &corners[reverse ? 3 - i : i]);
    }
    return code ? code : goxel_weld_quad(weld, corners);
}
