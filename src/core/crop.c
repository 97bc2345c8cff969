/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies outside of a box goes: whole links of it at once, and of the bricks that the box cuts a part. */
#include <string.h>

#include "base/error.h"
#include "core/rewrite.h"

static int crop_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    struct goxel_box all = goxel_level_box(corner, level), part;

    if (old != 0 && goxel_box_within(&all, ctx)) {
        *ret_link = goxel_link_ref(old);
        return GOXEL_REWRITTEN;
    }
    if (old != 0 && goxel_box_intersect(&all, ctx, &part))
        return GOXEL_DESCEND;
    *ret_link = 0;
    return GOXEL_REWRITTEN;
}

static int crop_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS], kept[GOXEL_BRICK_VOXELS] = {{0, 0, 0, 0}};
    const struct goxel_color *voxels = goxel_link_read(old, buffer);
    struct goxel_box part = goxel_level_box(corner, 0);
    struct goxel_pos pos;

    goxel_box_intersect(&part, ctx, &part);
    for (pos.z = part.min.z; pos.z <= part.max.z; pos.z++) {
        for (pos.y = part.min.y; pos.y <= part.max.y; pos.y++) {
            size_t row;

            pos.x = part.min.x;
            row = goxel_brick_index(pos);
            memcpy(kept + row, voxels + row, (size_t)(part.max.x - part.min.x + 1) * sizeof(kept[0]));
        }
    }
    return goxel_link_encode(kept, ret_link);
}

int goxel_volume_crop(struct goxel_volume *volume, const struct goxel_box *box, struct goxel_cancel *cancel)
{
    static const struct goxel_rewrite how = {.whole = crop_whole, .brick = crop_brick};
    struct goxel_box kept = *box; /* not const, as contexts are not */

    if (!goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    return goxel_volume_rewrite(volume, NULL, &how, &kept, cancel);
}
