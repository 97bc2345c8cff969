/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arithmetic of boxes and bricks.
 *
 * Used by: core/tree.h, and through it the files of core that work on volumes; rpc.  Uses: core/volume.h.
 *
 * Coordinates that come in here are valid already, so that nothing can overflow.
 */
#ifndef GOXEL_CORE_BOX_H
#define GOXEL_CORE_BOX_H

#include "core/volume.h"

static inline int32_t goxel_min(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static inline int32_t goxel_max(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* The brick's smallest coordinate for one inside it. */
static inline int32_t goxel_coord_align(int32_t coord)
{
    return coord - (coord & (GOXEL_BRICK_SIZE - 1));
}

/* One number for each brick, below 2^60. */
static inline uint64_t goxel_brick_key(struct goxel_pos pos)
{
    return (uint64_t)((pos.x - GOXEL_COORD_MIN) / GOXEL_BRICK_SIZE) |
           (uint64_t)((pos.y - GOXEL_COORD_MIN) / GOXEL_BRICK_SIZE) << 20 |
           (uint64_t)((pos.z - GOXEL_COORD_MIN) / GOXEL_BRICK_SIZE) << 40;
}

/* The bricks that a box touches, as a box. */
static inline struct goxel_box goxel_box_align(const struct goxel_box *box)
{
    int32_t last = GOXEL_BRICK_SIZE - 1;

    return (struct goxel_box){
        {goxel_coord_align(box->min.x), goxel_coord_align(box->min.y), goxel_coord_align(box->min.z)},
        {box->max.x | last, box->max.y | last, box->max.z | last}};
}

/* By z, then y, then x: less than, equal to or greater than 0, as qsort(3) wants it. */
int goxel_pos_compare(struct goxel_pos a, struct goxel_pos b);

bool goxel_pos_aligned(struct goxel_pos pos);
/* Touches nothing: what goxel_box_widen makes a box of begins with it. */
extern const struct goxel_box goxel_box_nowhere;
void goxel_box_widen(struct goxel_box *box, const struct goxel_box *by); /* the smallest one around both */

bool goxel_box_within(const struct goxel_box *inner, const struct goxel_box *outer);

/* What both have in common; false if nothing. */
bool goxel_box_intersect(const struct goxel_box *a, const struct goxel_box *b, struct goxel_box *ret_box);

/* Voxels on each axis. */
static inline struct goxel_pos goxel_box_size(const struct goxel_box *box)
{
    return (struct goxel_pos){box->max.x - box->min.x + 1, box->max.y - box->min.y + 1,
                              box->max.z - box->min.z + 1};
}

/* Voxels of a box that is not all of the range (2^63 is no int64_t). */
int64_t goxel_box_voxels(const struct goxel_box *box);

#endif
