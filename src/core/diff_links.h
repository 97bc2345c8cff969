/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In what two volumes differ, as pairs of links: for what core/diff.h is too far away from.
 *
 * Used by: core/diff, core/patch, core/effects_voxels, store/bricks.  Uses: core/diff, core/tree.
 */
#ifndef GOXEL_CORE_DIFF_LINKS_H
#define GOXEL_CORE_DIFF_LINKS_H

#include "core/diff.h"
#include "core/tree.h"

/*
 * Calls `visit` for every two links that are not the same one at the same place: at level 0 bricks, tiles and
 * nothing, whose voxels may yet be equal; above it tiles and nothing, which differ in every voxel. The volumes may
 * be of different levels. A non-zero return ends the walk and is returned. The cancel's code.
 */
typedef int goxel_diff_visit(void *ctx, goxel_link before, goxel_link after, struct goxel_pos corner,
                             int level);
int goxel_volume_diff(const struct goxel_volume *before, const struct goxel_volume *after,
                      struct goxel_cancel *cancel, goxel_diff_visit *visit, void *ctx);

/* The first index from `from` on at which two bricks' colours differ; GOXEL_BRICK_VOXELS: none. */
size_t goxel_colors_differ(const struct goxel_color *before, const struct goxel_color *after, size_t from);

#endif
