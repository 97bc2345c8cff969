/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A quad for each face, a few bricks at a time: with all of their faces, so that vertices are shared around corners. */
#include "mesh/internal.h"
#include "mesh/quad.h"

#define CELLS_AT_ONCE 8 /* of noise they have 50,000 faces */

/* A plane of one brick. */
struct plane {
    const struct goxel_mesh *mesh;
    struct goxel_weld *weld;
    goxel_link link;          /* what stands there */
    int32_t first_u, first_v; /* of the brick */
    struct goxel_quad quad;   /* as its faces are, but for place and colour */
    size_t index;             /* in the brick, of its first voxel */
};

static int make_row(struct plane *plane, int v, unsigned bits)
{
    const struct goxel_side_axes *axes = &goxel_side_axes[plane->quad.axis];
    size_t index = plane->index + (size_t)v * axes->step_v;
    struct goxel_quad *quad = &plane->quad;
    int code = 0;

    quad->v0 = plane->first_v + v;
    quad->v1 = quad->v0 + 1;
    for (; bits && !code; bits &= bits - 1) {
        int u = __builtin_ctz(bits);

        quad->u0 = plane->first_u + u;
        quad->u1 = quad->u0 + 1;
        quad->color = goxel_sight_color(&plane->mesh->sight,
                                        goxel_link_get_here(plane->link, index + (size_t)u * axes->step_u));
        code = goxel_quad_make(&plane->mesh->options, quad, plane->weld);
    }
    return code;
}

static int make_axis(const struct goxel_mesh *mesh, const struct goxel_cell *cell, goxel_link link, int axis,
                     struct goxel_weld *weld)
{
    const struct goxel_side_axes *axes = &goxel_side_axes[axis];
    struct plane plane = {mesh,
                          weld,
                          link,
                          goxel_pos_axis(cell->corner, axes->u),
                          goxel_pos_axis(cell->corner, axes->v),
                          {.axis = (uint8_t)axis},
                          0};
    struct goxel_sides sides;
    int code = 0;

    goxel_sides_read(mesh->volume, &mesh->sight, link, cell->corner, axis, &sides);
    for (uint32_t left = sides.planes; left && !code; left &= left - 1) {
        int i = __builtin_ctz(left);

        plane.quad.plus = i & 1;
        plane.quad.w = goxel_pos_axis(cell->corner, axis) + (i >> 1) + (i & 1);
        plane.index = (size_t)(i >> 1) * axes->step_w;
        for (int v = 0; v < GOXEL_BRICK_SIZE && !code; v++)
            code = make_row(&plane, v, sides.rows[i][v]);
    }
    return code;
}

static int make_cell(const struct goxel_mesh *mesh, const struct goxel_cell *cell, struct goxel_weld *weld)
{
    goxel_link link = goxel_link_loaded(cell->link);
    int code = 0;

    for (int axis = 0; axis < 3 && !code; axis++) {
        if (cell->axes >> axis & 1)
            code = make_axis(mesh, cell, link, axis, weld);
    }
    return code;
}

int goxel_faces_begin(struct goxel_mesh *mesh, struct goxel_cancel *cancel)
{
    mesh->entries = mesh->cells.count;
    return goxel_cancel_check(cancel);
}

size_t goxel_faces_unit_end(const struct goxel_mesh *mesh, size_t first)
{
    return first + CELLS_AT_ONCE < mesh->entries ? first + CELLS_AT_ONCE : mesh->entries;
}

static int make(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk)
{
    int code = 0;

    for (uint32_t i = part->begin; i < part->end && !code; i++) {
        code = goxel_cancel_check(desk->cancel);
        if (!code)
            code = make_cell(mesh, &mesh->cells.list[i], &desk->weld);
    }
    return code;
}

const struct goxel_mesh_maker goxel_mesh_faces = {
    .corners = 4, .begin = goxel_faces_begin, .unit_end = goxel_faces_unit_end, .make = make};
