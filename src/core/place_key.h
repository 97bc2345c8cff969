/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A place in a volume as one number: the smallest corner of a cube of some level.
 *
 * Used by: core/patch, core/effects_voxels, store/bricks.  Uses: core/tree.h.
 *
 *     bits 0–16, 17–33, 34–50   x, y, z in bricks from the smallest coordinate
 *     bits 51–54                the level (core/tree.h)
 */
#ifndef GOXEL_CORE_PLACE_KEY_H
#define GOXEL_CORE_PLACE_KEY_H

#include "core/tree.h"

#define GOXEL_KEY_AXIS_BITS 17
#define GOXEL_KEY_BITS 55 /* what lies above is free */

static inline uint64_t goxel_key_part(int32_t coord, int axis)
{
    return (uint64_t)((coord - GOXEL_COORD_MIN) / GOXEL_BRICK_SIZE) << axis * GOXEL_KEY_AXIS_BITS;
}

static inline uint64_t goxel_key_of(struct goxel_pos corner, int level)
{
    return goxel_key_part(corner.x, 0) | goxel_key_part(corner.y, 1) | goxel_key_part(corner.z, 2) |
           (uint64_t)level << 3 * GOXEL_KEY_AXIS_BITS;
}

static inline int32_t goxel_key_coord(uint64_t key, int axis)
{
    uint64_t part = key >> axis * GOXEL_KEY_AXIS_BITS & ((1u << GOXEL_KEY_AXIS_BITS) - 1);

    return (int32_t)part * GOXEL_BRICK_SIZE + GOXEL_COORD_MIN;
}

static inline struct goxel_pos goxel_key_corner(uint64_t key)
{
    return (struct goxel_pos){goxel_key_coord(key, 0), goxel_key_coord(key, 1), goxel_key_coord(key, 2)};
}

static inline int goxel_key_level(uint64_t key)
{
    return (int)(key >> 3 * GOXEL_KEY_AXIS_BITS & 15);
}

#endif
