/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mesh/quad.h"

static const struct goxel_color white = {255, 255, 255, 255};

/* By goxel_side_axes. */
static struct goxel_pos find_corner(const struct goxel_quad *quad, int32_t u, int32_t v)
{
    if (quad->axis == 0)
        return (struct goxel_pos){quad->w, u, v};
    if (quad->axis == 1)
        return (struct goxel_pos){u, quad->w, v};
    return (struct goxel_pos){u, v, quad->w};
}

void goxel_quad_corners(const struct goxel_quad *quad, struct goxel_pos ret_corners[4])
{
    /* u, v and the axis are a right-handed system but for y: there the same corners are seen the other way round. */
    bool reverse = quad->plus == (quad->axis == 1);

    ret_corners[0] = find_corner(quad, quad->u0, quad->v0);
    ret_corners[reverse ? 3 : 1] = find_corner(quad, quad->u1, quad->v0);
    ret_corners[2] = find_corner(quad, quad->u1, quad->v1);
    ret_corners[reverse ? 1 : 3] = find_corner(quad, quad->u0, quad->v1);
}

int goxel_quad_make(const struct goxel_mesh_options *options, const struct goxel_quad *quad,
                    struct goxel_weld *weld)
{
    struct goxel_mesh_vertex vertex = {.color = options->colors ? quad->color : white};
    struct goxel_pos corners[4];
    uint32_t numbers[4];
    int code = 0;

    if (options->normals)
        vertex.normal[quad->axis] = quad->plus ? 127 : -127;
    goxel_quad_corners(quad, corners);
    for (int i = 0; i < 4 && !code; i++) {
        vertex.pos[0] = (float)corners[i].x;
        vertex.pos[1] = (float)corners[i].y;
        vertex.pos[2] = (float)corners[i].z;
        code = goxel_weld_vertex(weld, &vertex, &numbers[i]);
    }
    return code ? code : goxel_weld_quad(weld, numbers);
}
