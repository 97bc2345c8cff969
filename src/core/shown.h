/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the layers of a version show, as far as somebody has asked: nothing of it has to be drawn again.
 *
 * Used by: core/flatten, core/head, core/project.  Uses: core/volume.
 *
 * Life: a version gets its set when the first layer is kept, and ends it. Any number of threads may find and keep; whoever
 * comes first with a layer is the one who keeps it. What was found is valid as long as the version.
 */
#ifndef GOXEL_CORE_SHOWN_H
#define GOXEL_CORE_SHOWN_H

#include "core/project.h"

struct goxel_shown {
    int layer_id;
    int64_t voxels;
    bool any; /* voxels, in `bounds` */
    struct goxel_box bounds;
    struct goxel_volume *volume; /* owned; NULL: it is more than is kept */
    size_t cost;                 /* of keeping that, in bricks */
};

/* What a volume has to say of itself; no layer's, and without the volume. */
struct goxel_shown goxel_shown_of(const struct goxel_volume *volume);

/* NULL: not known. */
const struct goxel_shown *goxel_shown_find(const struct goxel_project *project, int layer_id);

/*
 * Keeps a copy of what a layer shows, of which so many bricks were computed; the way to those that are shared counts as
 * well. A project that is no version keeps nothing, a version no more than GOXEL_PICTURE_BRICKS_MAX bricks: of what is
 * beyond it, just what goxel_shown_of says. Without memory nothing is kept.
 */
void goxel_shown_keep(const struct goxel_project *project, int layer_id, struct goxel_volume *volume,
                      size_t computed);

/* A version begins with what the one before it knew of shapes that they have in common: of these nothing is drawn again. */
void goxel_shown_inherit(const struct goxel_project *project, const struct goxel_project *before);

void goxel_shown_set_destroy(struct goxel_shown_set *set); /* NULL is fine */

#endif
