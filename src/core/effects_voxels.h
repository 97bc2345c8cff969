/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part `voxels` of effects. Used by: core/effects.  Uses: core/project, base/bytes. */
#ifndef GOXEL_CORE_EFFECTS_VOXELS_H
#define GOXEL_CORE_EFFECTS_VOXELS_H

#include "base/bytes.h"
#include "core/project.h"

/* *ret_any: something differs. The buffer's failure, GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_effects_put_voxels(struct goxel_buf *buf, const struct goxel_project *before,
                             const struct goxel_project *after, bool *ret_any);

/* GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_effects_take_voxels(struct goxel_reading *in, struct goxel_project *project,
                              struct goxel_detail *detail);

#endif
