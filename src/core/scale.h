/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Twice as large, and half as large.
 *
 * Used by: rpc.  Uses: core/volume.h.
 *
 * Both are about the origin: the voxel p of the small one stands for 2 p and 2 p + 1 on each axis of the
 * large one. Tiles stay tiles.
 */
#ifndef GOXEL_CORE_SCALE_H
#define GOXEL_CORE_SCALE_H

#include "core/volume.h"

/*
 * Every voxel becomes eight. On failure the volume is as it was: GOXEL_ERROR_INVALID_COORDINATES (some of it
 * would leave the range), GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_double(struct goxel_volume *volume, struct goxel_cancel *cancel);
int64_t goxel_volume_double_bricks(const struct goxel_volume *volume); /* that this makes, at most */

/*
 * Eight voxels become one: of the colour that most of those that are there have, of equally many the smallest
 * by r, g, b, a; empty where more than half of the eight are. It undoes doubling. On failure the
 * volume is as it was: GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_halve(struct goxel_volume *volume, struct goxel_cancel *cancel);

#endif
