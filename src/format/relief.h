/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A picture becomes voxels: it lies on the ground, its lower left corner at the origin, and each pixel is a column.
 *
 * Used by: format.  Uses: format/png.h (pictures), core.
 *
 * x goes to the right, y up in the picture, and z up from it: seen from above it looks as it does on a screen.
 */
#ifndef GOXEL_FORMAT_RELIEF_H
#define GOXEL_FORMAT_RELIEF_H

#include "core/project.h"
#include "format/png.h"

struct goxel_relief_mode {
    const char *name; /* "picture" */
    int depth;        /* unless told otherwise */
    int depth_max;
    int (*height)(struct goxel_color color, int depth); /* of a column, in voxels */
};

#define GOXEL_RELIEF_DEPTH_MAX 4096

/* The table, its first row the default; ends with a row whose name is NULL. */
extern const struct goxel_relief_mode goxel_relief_modes[];

struct goxel_relief {
    const struct goxel_relief_mode *mode;
    int depth;     /* 1 … mode->depth_max */
    int alpha_min; /* 1 … 255: pixels below have no column */
};

/* Bricks that it fills, counted without making one. */
int64_t goxel_relief_bricks(const struct goxel_relief *relief, const struct goxel_picture *picture);

/*
 * A project with the one layer "Image" that has the columns in the pixels' colours, alpha included.
 * GOXEL_ERROR_OUT_OF_MEMORY, GOXEL_ERROR_QUOTA, the cancel's code.
 */
int goxel_relief_make(const struct goxel_relief *relief, const struct goxel_picture *picture,
                      struct goxel_cancel *cancel, struct goxel_project **ret_project);

#endif
