/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Positions and boxes, the part of core/volume.h and core/box.h that needs no volume. */
#include "core/box.h"

static bool coord_valid(int32_t coord)
{
    return coord >= GOXEL_COORD_MIN && coord <= GOXEL_COORD_MAX;
}

bool goxel_pos_valid(struct goxel_pos pos)
{
    return coord_valid(pos.x) && coord_valid(pos.y) && coord_valid(pos.z);
}

int goxel_pos_compare(struct goxel_pos a, struct goxel_pos b)
{
    if (a.z != b.z)
        return a.z < b.z ? -1 : 1;
    if (a.y != b.y)
        return a.y < b.y ? -1 : 1;
    return (a.x > b.x) - (a.x < b.x);
}

bool goxel_pos_aligned(struct goxel_pos pos)
{
    return ((pos.x | pos.y | pos.z) & (GOXEL_BRICK_SIZE - 1)) == 0;
}

bool goxel_box_valid(const struct goxel_box *box)
{
    return goxel_pos_valid(box->min) && goxel_pos_valid(box->max) && box->min.x <= box->max.x &&
           box->min.y <= box->max.y && box->min.z <= box->max.z;
}

bool goxel_box_contains(const struct goxel_box *box, struct goxel_pos pos)
{
    return pos.x >= box->min.x && pos.x <= box->max.x && pos.y >= box->min.y && pos.y <= box->max.y &&
           pos.z >= box->min.z && pos.z <= box->max.z;
}

bool goxel_box_within(const struct goxel_box *inner, const struct goxel_box *outer)
{
    return goxel_box_contains(outer, inner->min) && goxel_box_contains(outer, inner->max);
}

const struct goxel_box goxel_box_nowhere = {{INT32_MAX, INT32_MAX, INT32_MAX},
                                            {INT32_MIN, INT32_MIN, INT32_MIN}};

void goxel_box_widen(struct goxel_box *box, const struct goxel_box *by)
{
    box->min = (struct goxel_pos){goxel_min(box->min.x, by->min.x), goxel_min(box->min.y, by->min.y),
                                  goxel_min(box->min.z, by->min.z)};
    box->max = (struct goxel_pos){goxel_max(box->max.x, by->max.x), goxel_max(box->max.y, by->max.y),
                                  goxel_max(box->max.z, by->max.z)};
}

bool goxel_box_intersect(const struct goxel_box *a, const struct goxel_box *b, struct goxel_box *ret_box)
{
    struct goxel_box both = {
        {goxel_max(a->min.x, b->min.x), goxel_max(a->min.y, b->min.y), goxel_max(a->min.z, b->min.z)},
        {goxel_min(a->max.x, b->max.x), goxel_min(a->max.y, b->max.y), goxel_min(a->max.z, b->max.z)},
    };

    if (both.min.x > both.max.x || both.min.y > both.max.y || both.min.z > both.max.z)
        return false;
    *ret_box = both;
    return true;
}

int64_t goxel_box_voxels(const struct goxel_box *box)
{
    return (int64_t)((uint64_t)((int64_t)box->max.x - box->min.x + 1) *
                     (uint64_t)((int64_t)box->max.y - box->min.y + 1) *
                     (uint64_t)((int64_t)box->max.z - box->min.z + 1));
}

static int64_t bricks_between(int32_t min, int32_t max)
{
    return (goxel_coord_align(max) - goxel_coord_align(min)) / GOXEL_BRICK_SIZE + 1;
}

int64_t goxel_box_bricks(const struct goxel_box *box)
{
    return bricks_between(box->min.x, box->max.x) * bricks_between(box->min.y, box->max.y) *
           bricks_between(box->min.z, box->max.z);
}
