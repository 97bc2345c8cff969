/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A volume in the colours of a palette.
 *
 * Used by: formats and methods that need few colours.  Uses: core/recolor, core/palette.
 */
#ifndef GOXEL_CORE_REDUCE_H
#define GOXEL_CORE_REDUCE_H

#include "core/palette.h"
#include "core/volume.h"

/*
 * Every voxel in the box (NULL: all) gets the entry that goxel_palette_nearest says; one of alpha 0 removes it.
 * Bricks whose colours are in the palette stay shared. The palette for it comes of goxel_volume_histogram and
 * goxel_palette_reduce. On failure the volume is as it was: GOXEL_ERROR_VALIDATION (no entry),
 * GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_reduce(struct goxel_volume *volume, const struct goxel_box *box,
                        const struct goxel_palette *palette, struct goxel_cancel *cancel);

#endif
