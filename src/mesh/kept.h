/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What came of the parts of a mesh, kept for the passes after the first one as far as there is room: a mesh that is not large is
 * made once, whatever the number of passes.
 *
 * Used by: mesh.  Uses: mesh/weld.h.
 */
#ifndef GOXEL_MESH_KEPT_H
#define GOXEL_MESH_KEPT_H

#include <stdatomic.h>

#include "mesh/weld.h"

/* Bytes of one mesh. Parts for which there is no room are made again for each pass. */
#define GOXEL_KEPT_MAX ((size_t)16 << 20)

/* In one block, which the first of these is, to be freed; NULL: nothing is kept. */
struct goxel_kept {
    struct goxel_mesh_vertex *vertices;
    uint32_t *faces;
    struct goxel_color *colors; /* NULL: faces have none */
};

/*
 * A copy of a piece with faces of so many corners, if it is not empty, and *bytes, to which its size is added, stays within
 * GOXEL_KEPT_MAX. Any thread. GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_kept_make(const struct goxel_weld *weld, int corners, atomic_size_t *bytes,
                    struct goxel_kept *ret_kept);

/* Adds to all of its indices. */
void goxel_kept_move(struct goxel_kept *kept, size_t indices, uint64_t first_vertex);

#endif
