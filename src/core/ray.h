/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The first voxel on a ray.
 *
 * Used by: rpc.  Uses: core/volume.h.
 *
 * A voxel at p fills the half-open cube [p, p + 1). Volumes are only read: any number of threads may ask
 * at once.
 */
#ifndef GOXEL_CORE_RAY_H
#define GOXEL_CORE_RAY_H

#include "core/volume.h"

#define GOXEL_RAY_ORIGIN_MAX ((int64_t)1 << 32) /* in voxels on each axis: beyond, numbers get coarse */

struct goxel_ray {
    double origin[3];    /* in voxels */
    double direction[3]; /* of any length but 0 */
    double distance;     /* how far to look, in voxels; infinity is fine */
};

struct goxel_hit {
    struct goxel_pos pos; /* the voxel */
    struct goxel_color color;
    int axis, sign;  /* the face by which the ray came in, as where it looks to (2, 1: the top); sign 0: the
                        origin lies inside the voxel */
    double distance; /* from the origin, in voxels */
};

/*
 * *ret_found tells whether there is a voxel that is not empty, and *ret_hit which, untouched if not. A
 * ray through an edge turns first on the axis that comes first. Empty space is skipped in pieces as
 * large as the tree has them. GOXEL_ERROR_VALIDATION: NaN anywhere, an infinite origin or direction or
 * one of length 0, an origin beyond GOXEL_RAY_ORIGIN_MAX, a negative distance. The cancel's code.
 */
int goxel_volume_ray(const struct goxel_volume *volume, const struct goxel_ray *ray,
                     struct goxel_cancel *cancel, bool *ret_found, struct goxel_hit *ret_hit);

#endif
