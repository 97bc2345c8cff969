/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What hangs together.
 *
 * Used by: core, rpc.  Uses: core/volume.h.
 *
 * Voxels touch by their faces (6 neighbours), by edges too (18), or by corners as well (26). Volumes are
 * only read. Space of one colour is taken as a whole, however large, and rows of a brick at a time:
 * costs are linear in the rows of bricks that are reached.
 */
#ifndef GOXEL_CORE_CONNECT_H
#define GOXEL_CORE_CONNECT_H

#include "core/volume.h"

/* Bricks that a search may look into, a kilobyte for each; tiles and empty space are not counted. */
#define GOXEL_CONNECT_BRICKS_MAX ((size_t)1 << 20)

struct goxel_flood {
    struct goxel_pos seed; /* in the box */
    struct goxel_box box;  /* nothing outside is reached */
    int tolerance;         /* 0–255 for each channel, alpha too, against the seed's colour */
    int neighbours;        /* 6, 18 or 26 */
};

/*
 * A mask of everything that can be reached from the seed over voxels of nearly its colour (core/match.h);
 * from an empty one, over empty space. Ended by goxel_volume_destroy. GOXEL_ERROR_INVALID_COORDINATES
 * (the box, or a seed outside), GOXEL_ERROR_VALIDATION (tolerance or neighbours), GOXEL_ERROR_QUOTA (the
 * mask would have more bricks than a volume may, or too many are looked into), GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_flood(const struct goxel_volume *volume, const struct goxel_flood *flood,
                       struct goxel_cancel *cancel, struct goxel_volume **ret_mask);

struct goxel_component {
    int64_t voxels;
    struct goxel_box bounds; /* exact */
    struct goxel_pos seed;   /* one of its voxels, to flood it from */
};

/*
 * The parts that voxels of any colour form in a box (NULL: all), the largest first and equal ones by their
 * smallest corner and seed (z, y, x); an array freed with free(3), NULL and 0 if there are none.
 * GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_VALIDATION (neighbours), GOXEL_ERROR_QUOTA (more than
 * `most`, or too many bricks), GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_components(const struct goxel_volume *volume, const struct goxel_box *box, int neighbours,
                            size_t most, struct goxel_cancel *cancel, struct goxel_component **ret_components,
                            size_t *ret_count);

#endif
