/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mesh/layers.h"

#define UNIT_ENTRIES 512 /* at least, unless there are no more */
#define PART_QUADS 16384 /* more begin another part */

int goxel_layers_begin(struct goxel_mesh *mesh, struct goxel_cancel *cancel)
{
    int code = goxel_order_make(&mesh->cells, &mesh->order);

    mesh->entries = mesh->order.ends[2];
    return code ? code : goxel_cancel_check(cancel);
}

/* Whole layers, so that all of a small model is one unit, with vertices shared all over. */
size_t goxel_layers_unit_end(const struct goxel_mesh *mesh, size_t first)
{
    size_t end = first;

    while (end < mesh->entries && end - first < UNIT_ENTRIES)
        end = goxel_order_layer_end(&mesh->order, &mesh->cells, end);
    return end;
}

int goxel_layers_make(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk,
                      goxel_quads_use *use)
{
    const struct goxel_sweep_source source = {mesh->volume, &mesh->sight, &mesh->cells, mesh->options.colors,
                                              desk->cancel};
    size_t at = part->begin, quads = 0;
    int code = 0;

    while (at < part->end && quads < PART_QUADS && !code) {
        size_t layer = goxel_order_layer_end(&mesh->order, &mesh->cells, at), count = 0;

        if (layer > part->end)
            layer = part->end;
        code = goxel_sweep_layer(&desk->sweep, &source, goxel_order_axis(&mesh->order, at),
                                 mesh->order.cells + at, layer - at, PART_QUADS - quads, &count);
        at += count;
        quads += desk->sweep.count;
        if (!code)
            code = use(mesh, desk);
    }
    part->end = (uint32_t)at;
    return code;
}
