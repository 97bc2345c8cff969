/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A part of a project: some of its layers, or what lies in a box of it.
 *
 * Used by: rpc, convert.  Uses: core/layers.h.
 */
#ifndef GOXEL_CORE_EXCERPT_H
#define GOXEL_CORE_EXCERPT_H

#include "core/project.h"

struct goxel_excerpt {
    const int *layers; /* ids */
    size_t count;      /* 0: all layers */
    bool has_box;
    struct goxel_box box;
};

/*
 * A project like it, without the other layers and without what lies outside of the box; the caller's. A layer that was chosen by its id is
 * visible. Clones and shapes become plain where what they hang on goes, or a box cuts them; those that cannot be drawn are left out then,
 * and *ret_left_out tells how many. What stays whole is shared. GOXEL_ERROR_LAYER_NOT_FOUND, GOXEL_ERROR_INVALID_COORDINATES,
 * GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_project_excerpt(const struct goxel_project *project, const struct goxel_excerpt *excerpt,
                          struct goxel_cancel *cancel, struct goxel_project **ret_project,
                          size_t *ret_left_out);

#endif
