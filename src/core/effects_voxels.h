/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part `voxels` of effects, and what stands at one place.
 *
 * Used by: core/effects, core/patch, store.  Uses: core/project, core/tree.h, base/bytes.
 */
#ifndef GOXEL_CORE_EFFECTS_VOXELS_H
#define GOXEL_CORE_EFFECTS_VOXELS_H

#include "base/bytes.h"
#include "core/effects.h"
#include "core/project.h"
#include "core/tree.h"

/*
 * *ret_any: something differs. Box and layers of the extent, which is empty, are where voxels do, those of layers that
 * are gone among them. The buffer's failure, GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_effects_put_voxels(struct goxel_buf *buf, const struct goxel_project *before,
                             const struct goxel_project *after, struct goxel_extent *extent, bool *ret_any);

/* GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_effects_take_voxels(struct goxel_reading *in, struct goxel_project *project,
                              struct goxel_detail *detail);

/*
 * What stands at a place of some level, a byte for its kind before it; and back, the caller's. Failures stay in the buffer; of reading
 * GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_OUT_OF_MEMORY.
 */
void goxel_effects_put_link(struct goxel_buf *buf, goxel_link link);
int goxel_effects_take_link(struct goxel_reading *in, int level, struct goxel_detail *detail,
                            goxel_link *ret_link);

/* It is the key of a cube of its level (core/place_key.h), where such a cube can be. */
bool goxel_key_is_good(uint64_t key);

#endif
