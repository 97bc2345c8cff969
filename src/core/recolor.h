/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One colour in place of another.
 *
 * Used by: rpc.  Uses: core/match.h.
 */
#ifndef GOXEL_CORE_RECOLOR_H
#define GOXEL_CORE_RECOLOR_H

#include "core/match.h"

/* What becomes of a normal colour that is not empty; alpha 0 removes. The same for the same colour, every time. */
typedef struct goxel_color goxel_color_map(void *ctx, struct goxel_color color);

/*
 * Every voxel in the box (NULL: all) gets what `map` makes of its colour; it is asked once for each colour of a
 * palette. Bricks of which nothing changes stay shared. On failure the volume is as it was:
 * GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_map_colors(struct goxel_volume *volume, const struct goxel_box *box, goxel_color_map *map,
                            void *ctx, struct goxel_cancel *cancel);

/*
 * Every voxel in the box (NULL: all) that matches gets the colour; alpha 0 removes it. Bricks without such a
 * voxel stay shared, and one with a palette gets another palette. On failure the volume is as it was:
 * GOXEL_ERROR_VALIDATION (empty voxels cannot be meant), GOXEL_ERROR_INVALID_COORDINATES,
 * GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_recolor(struct goxel_volume *volume, const struct goxel_box *box,
                         const struct goxel_match *match, struct goxel_color color,
                         struct goxel_cancel *cancel);

#endif
