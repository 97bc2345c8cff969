/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Few boxes that cover the solid, for whoever wants to know what can be collided with.
 *
 * Used by: rpc, convert.  Uses: core, base.
 *
 * Runs along x that go on along y are rectangles, and rectangles that go on along z are boxes. Memory and time are those of
 * what is there: space of one colour costs its rows of bricks, not its voxels.
 */
#ifndef GOXEL_MESH_BOXES_H
#define GOXEL_MESH_BOXES_H

#include "base/cancel.h"
#include "base/detail.h"
#include "core/volume.h"

/*
 * Every voxel of alpha `alpha_min` (1–255) or more is in one box, and no other place is in any. *ret_boxes has *ret_count of them, in
 * ascending (z, y, x) of their smallest corners, and is freed with free(3); NULL and 0 if there is none. Any thread.
 * GOXEL_ERROR_QUOTA (more than `most`), GOXEL_ERROR_OUT_OF_MEMORY, what goxel_away_check fails with, the cancel's code.
 */
int goxel_mesh_boxes(const struct goxel_volume *volume, uint8_t alpha_min, size_t most,
                     struct goxel_cancel *cancel, struct goxel_detail *detail, struct goxel_box **ret_boxes,
                     size_t *ret_count);

#endif
