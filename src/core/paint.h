/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Painting: shapes laid on a volume with a brush.
 *
 * Used by: core/flatten, rpc.  Uses: core/shape, core/modes.
 *
 * Many shapes, and their mirror images, are one: a voxel gets as much of the colour as the shape that covers it
 * most, once. Where several overlap, nothing is laid on twice. (Goxel lays mirrored shapes on one after another.)
 */
#ifndef GOXEL_CORE_PAINT_H
#define GOXEL_CORE_PAINT_H

#include "core/modes.h"
#include "core/shape.h"

/* Shapes, mirror images included, that one painting takes. */
#define GOXEL_PAINT_SHAPES_MAX 65536

struct goxel_brush {
    enum goxel_mode mode;
    struct goxel_color color;
    double smoothness;            /* voxels, 0 to GOXEL_SMOOTHNESS_MAX: how wide the edge is */
    unsigned symmetry;            /* bits 1, 2, 4: mirrored in x, y, z as well */
    double origin[3];             /* through which the mirrors go; a voxel's corner is at whole numbers */
    const struct goxel_box *clip; /* nothing outside changes; NULL: no clip */
    const struct goxel_volume *within; /* a mask: nothing changes where it is empty; NULL: none */
};
#define GOXEL_SMOOTHNESS_MAX 1024.0

/*
 * Lays on the union of shapes, at least one, each valid. Modes that intersect empty what lies outside of all of
 * them. On failure the volume is as it was: GOXEL_ERROR_VALIDATION (a mode, shape, mirror or smoothness that is
 * none), GOXEL_ERROR_INVALID_COORDINATES (clip), GOXEL_ERROR_QUOTA (GOXEL_PAINT_SHAPES_MAX, GOXEL_VOLUME_BRICKS_MAX),
 * GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_paint_shapes(struct goxel_volume *volume, const struct goxel_shape *shapes, size_t count,
                       const struct goxel_brush *brush, struct goxel_cancel *cancel);

/* Bricks that this may touch, from above: for limits that are looked at before the work begins. */
int64_t goxel_paint_bricks(const struct goxel_shape *shapes, size_t count, const struct goxel_brush *brush);

/* What is drawn with: a shape of `size` voxels on each axis (1 and more), around the voxel it is held at. */
struct goxel_stamp {
    enum goxel_shape_kind kind;
    int axis;
    int size[3];
};

/*
 * The shapes of a stroke: the stamp at every voxel of straight lines from point to point. A line goes one voxel
 * further along its longest axis each time, so that the voxels of a stamp of size 1 touch at least at corners. An
 * even size reaches one voxel further down than up. *ret_shapes is freed with free(3). GOXEL_ERROR_VALIDATION (no
 * point, a size below 1 or beyond the range), GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_QUOTA
 * (GOXEL_PAINT_SHAPES_MAX), GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_stroke_shapes(const struct goxel_stamp *stamp, const struct goxel_pos *points, size_t count,
                        struct goxel_shape **ret_shapes, size_t *ret_count);

/* ---- confining ---- */

/*
 * Gives back what `before` has, where the mask is empty: whatever was done to the volume since it was like that
 * is confined to the mask. On failure the volume is as it was. GOXEL_ERROR_OUT_OF_MEMORY, GOXEL_ERROR_QUOTA, the cancel's code.
 */
int goxel_volume_confine(struct goxel_volume *volume, const struct goxel_volume *before,
                         const struct goxel_volume *mask, struct goxel_cancel *cancel);
#endif
