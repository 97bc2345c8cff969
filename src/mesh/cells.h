/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bricks of a volume that may have faces which can be seen, and what can be seen of voxels at all.
 *
 * Used by: the files of mesh.  Uses: core.
 *
 * Bricks inside of what is opaque, and all but the outermost of tiles, are no cells: a list costs the surface of what is there.
 */
#ifndef GOXEL_MESH_CELLS_H
#define GOXEL_MESH_CELLS_H

#include "core/tree.h"

/* Which voxels are there, and which of them hide what is behind. */
struct goxel_sight {
    uint8_t least; /* alpha, at least 1 */
    bool opaque;   /* all that are there hide; otherwise those of alpha 255 */
    bool cut;      /* all that are there are shown with alpha 255 */
};

static inline bool goxel_sight_there(const struct goxel_sight *sight, struct goxel_color color)
{
    return color.a >= sight->least;
}

static inline bool goxel_sight_hides(const struct goxel_sight *sight, struct goxel_color color)
{
    return color.a >= (sight->opaque ? sight->least : 255);
}

/* As a voxel that is there is shown. */
static inline struct goxel_color goxel_sight_color(const struct goxel_sight *sight, struct goxel_color color)
{
    if (sight->cut)
        color.a = 255;
    return color;
}

struct goxel_cell {
    goxel_link link; /* a brick, or a tile that stands there */
    struct goxel_pos corner;
    uint8_t axes; /* bit i: there may be faces across axis i */
};

struct goxel_cells {
    struct goxel_cell *list; /* in the order of the tree */
    size_t count, room;
};

/* GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code; *cells is to be finished in any case. */
int goxel_cells_find(const struct goxel_volume *volume, const struct goxel_sight *sight,
                     struct goxel_cancel *cancel, struct goxel_cells *cells);
void goxel_cells_finish(struct goxel_cells *cells);

/* What stands one brick further along an axis; nothing beyond the range. */
goxel_link goxel_cell_beside(const struct goxel_volume *volume, struct goxel_pos corner, int axis, int sign);

#endif
