/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Solid things become shells.
 *
 * Used by: rpc.  Uses: core/volume.h.
 */
#ifndef GOXEL_CORE_HOLLOW_H
#define GOXEL_CORE_HOLLOW_H

#include "core/volume.h"

#define GOXEL_HOLLOW_MAX 256 /* voxels of thickness */

/*
 * Removes every voxel from which each way of `thickness` steps from face to face leads to voxels only: what
 * is left is so thick along the axes. With 1, those go whose six neighbours are all there. The inside of a
 * tile is never looked at. On failure the volume is as it was: GOXEL_ERROR_VALIDATION (a thickness below 1
 * or above GOXEL_HOLLOW_MAX), GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_hollow(struct goxel_volume *volume, int thickness, struct goxel_cancel *cancel);

#endif
