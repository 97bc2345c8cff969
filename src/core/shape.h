/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shapes in voxel space: which voxels they cover, and how much of each.
 *
 * Used by: core/paint, core/flatten, rpc.  Uses: core/volume.h.
 *
 * A voxel is looked at where its centre is, at half a voxel from its corner. A shape says how deep inside a point
 * lies (Goxel's shape functions): with half extents s and the point p as seen from the centre,
 *
 *     cube       min over the axes of s − |p|
 *     sphere     r − |p|, r the radius of the ellipsoid of s in the direction of p
 *     cylinder   the same in the plane across its axis, or s − |p| along it, whichever is less
 *
 * Without smoothness a voxel is covered where that is not negative (surfaces count, up to GOXEL_SHAPE_ROUNDING);
 * with smoothness w it is covered by the part clamp(depth / w, −1, 1) / 2 + 1/2.
 */
#ifndef GOXEL_CORE_SHAPE_H
#define GOXEL_CORE_SHAPE_H

#include "core/volume.h"

enum goxel_shape_kind { GOXEL_SHAPE_CUBE, GOXEL_SHAPE_SPHERE, GOXEL_SHAPE_CYLINDER, GOXEL_SHAPE_KINDS };

#define GOXEL_SHAPE_ROUNDING 1e-9 /* of the extent: what double precision may lose */

struct goxel_shape {
    enum goxel_shape_kind kind;
    int axis;         /* of a cylinder: 0, 1, 2 for x, y, z */
    double center[3]; /* a voxel's corner is at whole numbers */
    double half[3];   /* half extents, above 0 */
};

const char *goxel_shape_name(enum goxel_shape_kind kind); /* "cube" */
bool goxel_shape_named(const char *name, enum goxel_shape_kind *ret_kind);

/* Finite, with extents above 0 and at most the coordinate range, and near enough to it to be computed exactly. */
bool goxel_shape_valid(const struct goxel_shape *shape);

/* The largest of its kind in a valid box of voxels. */
struct goxel_shape goxel_shape_in_box(enum goxel_shape_kind kind, int axis, const struct goxel_box *box);

/* Mirrored at the plane through `origin` across the axis. */
struct goxel_shape goxel_shape_mirrored(const struct goxel_shape *shape, int axis, double origin);

/* The voxels that it may touch, inside the coordinate range; false: none. */
bool goxel_shape_bounds(const struct goxel_shape *shape, double smoothness, struct goxel_box *ret_box);

/* What it does with a box of voxels; MIXED where it is not sure. */
enum goxel_shape_cover { GOXEL_COVER_NONE, GOXEL_COVER_MIXED, GOXEL_COVER_ALL };
enum goxel_shape_cover goxel_shape_cover(const struct goxel_shape *shape, double smoothness,
                                         const struct goxel_box *box);

/* The part of a voxel that is covered, 0 to 1. */
double goxel_shape_part(const struct goxel_shape *shape, double smoothness, struct goxel_pos pos);

/* Without smoothness: sets bit x of rows[y + 16 z] for the voxels of a brick that it covers, and clears none. */
void goxel_shape_rows(const struct goxel_shape *shape, struct goxel_pos corner,
                      uint16_t rows[GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE]);

#endif
