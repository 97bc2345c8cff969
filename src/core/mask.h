/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Masks: volumes that select voxels of others. What is not empty in a mask is selected.
 *
 * Used by: core, rpc.  Uses: core/match.h, core/modes.h.
 */
#ifndef GOXEL_CORE_MASK_H
#define GOXEL_CORE_MASK_H

#include "core/match.h"
#include "core/modes.h"

/* Opaque white: what masks are made of. */
extern const struct goxel_color goxel_mask_color;

/*
 * A mask of the voxels in the box (NULL: all) that match. GOXEL_ERROR_VALIDATION (empty voxels cannot be
 * meant), GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_mask(const struct goxel_volume *volume, const struct goxel_box *box,
                      const struct goxel_match *match, struct goxel_cancel *cancel,
                      struct goxel_volume **ret_mask);

/*
 * Lays a colour on everything that the mask selects, as a shape with those voxels would be (core/modes.h):
 * intersect and intersect_fill empty what lies outside, the others leave it alone. What is filled by a
 * flood, or emptied by a selection, is painted like that. On failure the volume is as it was:
 * GOXEL_ERROR_VALIDATION (no such mode), GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_paint_mask(struct goxel_volume *volume, const struct goxel_volume *mask,
                            enum goxel_mode mode, struct goxel_color color, struct goxel_cancel *cancel);

#endif
