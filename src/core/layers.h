/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is done with layers as wholes.
 *
 * Used by: rpc.  Uses: base, core/project.
 *
 * Everything here works on a project that the caller owns (a copy, see core/project.h), and fails halfway where
 * memory runs out: the caller then drops the copy. GOXEL_ERROR_LAYER_NOT_FOUND, GOXEL_ERROR_OUT_OF_MEMORY and the
 * cancel's code may come from each; what else is said there.
 */
#ifndef GOXEL_CORE_LAYERS_H
#define GOXEL_CORE_LAYERS_H

#include "core/project.h"

/* To the order `position`, 0 at the bottom; past the end: to the top. */
int goxel_project_move_layer(struct goxel_project *project, int id, size_t position);

/*
 * A layer like it, or one that shows whatever it shows (a clone), right above it and active; *ret_layer (NULL: not
 * wanted) is the project's own. GOXEL_ERROR_QUOTA, also of goxel_project_check_shapes, with the layer left in the project.
 */
int goxel_project_duplicate_layer(struct goxel_project *project, int id, struct goxel_layer **ret_layer,
                                  struct goxel_detail *detail);
int goxel_project_clone_layer(struct goxel_project *project, int id, struct goxel_layer **ret_layer,
                              struct goxel_detail *detail);

/*
 * A clone, or a layer of a shape, becomes a plain one with the voxels that it shows. GOXEL_ERROR_BAD_PROJECT_STATE
 * if it cannot be drawn. A plain layer is left alone.
 */
int goxel_project_make_plain(struct goxel_project *project, int id, struct goxel_cancel *cancel);

/*
 * What `source` shows comes over the voxels of `target`, a plain layer (GOXEL_ERROR_BAD_PROJECT_STATE), as when
 * both are drawn. The source stays. GOXEL_ERROR_VALIDATION if they are the same.
 */
int goxel_project_merge_layers(struct goxel_project *project, int source, int target,
                               struct goxel_cancel *cancel);

/*
 * Removes a layer; its clones become plain first, and show what they showed. GOXEL_ERROR_BAD_PROJECT_STATE if one
 * of them cannot be drawn. The estimate of what that costs: bricks.
 */
int goxel_project_delete_layer(struct goxel_project *project, int id, struct goxel_cancel *cancel);
int64_t goxel_project_delete_layer_bricks(const struct goxel_project *project, int id);

#endif
