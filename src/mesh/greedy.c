/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quads as large as they come, layer after layer of each axis. */
#include "mesh/layers.h"

static int make_quads(const struct goxel_mesh *mesh, struct goxel_mesh_desk *desk)
{
    int code = 0;

    for (size_t i = 0; i < desk->sweep.count && !code; i++)
        code = goxel_quad_make(&mesh->options, &desk->sweep.quads[i], &desk->weld);
    return code;
}

static int make(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk)
{
    return goxel_layers_make(mesh, part, desk, make_quads);
}

const struct goxel_mesh_maker goxel_mesh_greedy = {
    .corners = 4, .begin = goxel_layers_begin, .unit_end = goxel_layers_unit_end, .make = make};
