/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Effects: what a change made of a project, as bytes that stand for themselves.
 *
 * Used by: store, core/step_bytes.  Uses: base, core/project.
 *
 * A step of the history (core/step.h) leads both ways and holds references; effects lead forwards alone and are the
 * same in every process. They tell what is there afterwards and never what was done: whoever applies them needs
 * neither the operation nor the release that did it. From nothing to a version they are all of it but its history.
 *
 *     version, state   varints
 *     modified         8 bytes, milliseconds since 1970
 *     parts            a byte, a bit for each part that follows, in this order:
 *      1 about         name, path, time of creation, saved state, next layer's id, read-only
 *      2 preview       a run of bytes, empty for none
 *      4 scene         box, active layer and camera, light, materials, cameras, palette
 *      8 layers        all of them from bottom to top: their ids, and what is new of them but voxels
 *     16 voxels        varint: how many places; places; 8 bytes: a digest of the voxels of all places afterwards
 *
 *     A place is: varint, the layer's id or 0 for the selection; 8 bytes, its key (core/place_key.h), above that two
 *     bits that say what follows: 0 one colour all over (4 bytes; all zero: nothing), 1 voxels (a byte, one less than
 *     how many; of each its index, 2 bytes, and its colour, 4), 2 a brick with a palette (a byte, one less than how
 *     many colours; the colours; 4096 bytes, each an index of a colour), 3 a brick of 4096 colours.
 *
 * Any thread; nothing is kept.
 */
#ifndef GOXEL_CORE_EFFECTS_H
#define GOXEL_CORE_EFFECTS_H

#include "base/bytes.h"
#include "core/project.h"

enum goxel_part {
    GOXEL_PART_ABOUT = 1,
    GOXEL_PART_PREVIEW = 2,
    GOXEL_PART_SCENE = 4,
    GOXEL_PART_LAYERS = 8,
    GOXEL_PART_VOXELS = 16,
    GOXEL_PARTS = 31
};

/* What differs, and where: it falls off when effects are written. */
#define GOXEL_EXTENT_LAYERS_MAX 16
struct goxel_extent {
    unsigned parts; /* enum goxel_part */
    /* The smallest with all voxels of layers that differ, but for bricks that are away and gone: all of those. */
    struct goxel_box box;                /* goxel_box_nowhere: there is none */
    size_t layer_count;                  /* of how many layers there are such voxels; of those, the first: */
    int layers[GOXEL_EXTENT_LAYERS_MAX]; /* their ids */
};

/*
 * Appends what leads from `before` (NULL: nothing) to `after`, both sealed. Costs what differs. The buffer's failure:
 * GOXEL_ERROR_MESSAGE_SIZE above its ceiling, GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_effects_write(struct goxel_buf *buf, const struct goxel_project *before,
                        const struct goxel_project *after);
/* The same, and what there is to say of it to somebody who has not got the bytes. */
int goxel_effects_write_told(struct goxel_buf *buf, const struct goxel_project *before,
                             const struct goxel_project *after, struct goxel_extent *ret_extent);

/*
 * Makes a private copy of `before`, or for NULL a project from goxel_project_create, what `after` was, but for the
 * history. GOXEL_ERROR_INVALID_DATA (with the offset) if the bytes are no effects, or not of that project: what comes
 * of them is compared with the digest. GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY. On failure the project is
 * something in between, to be dropped.
 */
int goxel_effects_apply(const void *bytes, size_t len, struct goxel_project *project,
                        struct goxel_detail *detail);

/* The version that they lead to; false: they are none. */
bool goxel_effects_version(const void *bytes, size_t len, uint64_t *ret_version);

/* What leads from nothing to all of the project but its voxels. The same failures. */
int goxel_effects_write_head(struct goxel_buf *buf, const struct goxel_project *project);

/* The name that they give the project; false: they give it none. */
bool goxel_effects_name(const void *bytes, size_t len, char ret_name[GOXEL_NAME_MAX + 1]);

/* ---- pieces, for steps of the history (core/step_bytes.c) ---- */

/* Failures stay in the buffer. */
void goxel_effects_put_scene(struct goxel_buf *buf, const struct goxel_scene *scene);
void goxel_effects_put_layer(struct goxel_buf *buf,
                             const struct goxel_layer *layer); /* without id and voxels */

/* As the project's scene; a layer without voxels, the caller's. GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_effects_take_scene(struct goxel_reading *in, struct goxel_project *project);
int goxel_effects_take_layer(struct goxel_reading *in, int id, struct goxel_layer **ret_layer);

#endif
