/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quads as large as they come, layer after layer of each axis. */
#include "mesh/internal.h"

#define UNIT_ENTRIES 512 /* at least, unless there are no more */
#define PART_QUADS 16384 /* more begin another part */

static int begin(struct goxel_mesh *mesh, struct goxel_cancel *cancel)
{
    int code = goxel_order_make(&mesh->cells, &mesh->order);

    mesh->entries = mesh->order.ends[2];
    return code ? code : goxel_cancel_check(cancel);
}

/* Whole layers, so that all of a small model is one unit. */
static size_t unit_end(const struct goxel_mesh *mesh, size_t first)
{
    size_t end = first;

    while (end < mesh->entries && end - first < UNIT_ENTRIES)
        end = goxel_order_layer_end(&mesh->order, &mesh->cells, end);
    return end;
}

static int make_quads(const struct goxel_mesh *mesh, struct goxel_mesh_desk *desk)
{
    int code = 0;

    for (size_t i = 0; i < desk->sweep.count && !code; i++)
        code = goxel_quad_make(&mesh->options, &desk->sweep.quads[i], &desk->weld);
    return code;
}

static int make(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk)
{
    const struct goxel_sweep_source source = {mesh->volume, &mesh->sight, &mesh->cells, mesh->options.colors};
    size_t at = part->begin;
    int code = 0;

    while (at < part->end && desk->weld.face_count < PART_QUADS && !code) {
        size_t layer = goxel_order_layer_end(&mesh->order, &mesh->cells, at), count;

        if (layer > part->end)
            layer = part->end;
        code = goxel_sweep_layer(&desk->sweep, &source, goxel_order_axis(&mesh->order, at),
                                 mesh->order.cells + at, layer - at, PART_QUADS - desk->weld.face_count,
                                 &count);
        at += count;
        if (!code)
            code = make_quads(mesh, desk);
    }
    part->end = (uint32_t)at;
    return code;
}

const struct goxel_mesh_maker goxel_mesh_greedy = {4, begin, unit_end, make};
