/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of a mesh that are made of layers of bricks, across each of the axes.
 *
 * Used by: mesh/greedy.c, mesh/manifold.c.  Uses: mesh/internal.h, mesh/sweep.h.
 */
#ifndef GOXEL_MESH_LAYERS_H
#define GOXEL_MESH_LAYERS_H

#include "mesh/internal.h"

int goxel_layers_begin(struct goxel_mesh *mesh, struct goxel_cancel *cancel);
size_t goxel_layers_unit_end(const struct goxel_mesh *mesh, size_t first);

/* What becomes of the quads that lie on the desk. */
typedef int goxel_quads_use(const struct goxel_mesh *mesh, struct goxel_mesh_desk *desk);

/*
 * Sweeps the layers of a part, and ends it where there are enough quads for one: at the same place for the same part, and for what
 * became of it. GOXEL_ERROR_OUT_OF_MEMORY, what `use` returns.
 */
int goxel_layers_make(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk,
                      goxel_quads_use *use);

#endif
