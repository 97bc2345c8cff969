/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Voxels pulled out along an axis, or pushed in.
 *
 * Used by: rpc.  Uses: core/volume.h.
 *
 * What is pulled is a mask of voxels, as a flood from a voxel of the face gives it. Nothing has to be a face,
 * though: each column along the axis is swept by itself.
 */
#ifndef GOXEL_CORE_EXTRUDE_H
#define GOXEL_CORE_EXTRUDE_H

#include "core/volume.h"

#define GOXEL_EXTRUDE_MAX (1 << 21) /* voxels, the whole range */

struct goxel_extrude {
    int axis;     /* 0, 1, 2: x, y, z */
    int sign;     /* 1 or −1: the way along it */
    int distance; /* voxels; below 0: inwards */
};

/*
 * Outwards, each voxel that the mask selects and that is not empty is repeated `distance` times, in place of
 * whatever is there; where several would come, the nearest one behind does, and selected voxels stay
 * themselves. Inwards, it goes, with the −`distance` − 1 voxels behind it. On failure the volume is as it was:
 * GOXEL_ERROR_VALIDATION (axis, sign, or a distance beyond GOXEL_EXTRUDE_MAX), GOXEL_ERROR_INVALID_COORDINATES
 * (outwards, out of the range), GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_extrude(struct goxel_volume *volume, const struct goxel_volume *mask,
                         const struct goxel_extrude *extrude, struct goxel_cancel *cancel);

/* Bricks that this touches, at most. */
int64_t goxel_volume_extrude_bricks(const struct goxel_volume *mask, const struct goxel_extrude *extrude);

#endif
