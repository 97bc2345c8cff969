/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A box of one colour: what lies outside is shared, and what lies inside becomes tiles. */
#include <string.h>

#include "base/error.h"
#include "core/rewrite.h"

/*
 * What a brick that the box cuts became. Each axis is cut below, above, both or not, and always at the
 * same place: where the same thing stood before, the same thing comes out, as along a whole face.
 */
struct cut {
    bool known;
    goxel_link before, after; /* owned by the old tree and the new one */
};

#define CUTS 64 /* 4³ */

struct fill {
    const struct goxel_box *box;
    goxel_link tile; /* nothing when clearing */
    struct cut cuts[CUTS];
};

/* The colours that stood there, with those of the box painted over. */
static int paint(const struct fill *fill, goxel_link old, const struct goxel_box *part, goxel_link *ret_link)
{
    struct goxel_color voxels[GOXEL_BRICK_VOXELS], color = goxel_link_color(fill->tile);
    const struct goxel_color *before = goxel_link_read(old, voxels);
    struct goxel_pos pos;

    if (before != voxels)
        memcpy(voxels, before, sizeof(voxels));
    for (pos.z = part->min.z; pos.z <= part->max.z; pos.z++) {
        for (pos.y = part->min.y; pos.y <= part->max.y; pos.y++) {
            for (pos.x = part->min.x; pos.x <= part->max.x; pos.x++)
                voxels[goxel_brick_index(pos)] = color;
        }
    }
    return goxel_link_encode(voxels, ret_link);
}

static int cut_index(struct goxel_pos corner, const struct goxel_box *part)
{
    int last = GOXEL_BRICK_SIZE - 1;

    return (part->min.x > corner.x) | (part->max.x < corner.x + last) << 1 | (part->min.y > corner.y) << 2 |
           (part->max.y < corner.y + last) << 3 | (part->min.z > corner.z) << 4 |
           (part->max.z < corner.z + last) << 5;
}

static int fill_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    struct fill *fill = ctx;
    struct goxel_box part = goxel_level_box(corner, 0);
    struct cut *cut;
    int result;

    goxel_box_intersect(&part, fill->box, &part);
    cut = &fill->cuts[cut_index(corner, &part)];
    if (cut->known && cut->before == old) {
        *ret_link = goxel_link_ref(cut->after);
        return 0;
    }
    result = paint(fill, old, &part, ret_link);
    if (!result)
        *cut = (struct cut){true, old, *ret_link};
    return result;
}

static int fill_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    const struct fill *fill = ctx;
    struct goxel_box all = goxel_level_box(corner, level);

    if (old != fill->tile && !goxel_box_within(&all, fill->box))
        return GOXEL_DESCEND;
    *ret_link = fill->tile;
    return GOXEL_REWRITTEN;
}

int goxel_volume_fill(struct goxel_volume *volume, const struct goxel_box *box, struct goxel_color color,
                      struct goxel_cancel *cancel)
{
    static const struct goxel_rewrite how = {fill_whole, fill_brick};
    struct fill fill = {.box = box, .tile = goxel_link_of_color(color)};
    struct goxel_box whole; /* bricks: what the box cuts of them is minded here */

    if (!goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    whole.min = (struct goxel_pos){goxel_coord_align(box->min.x), goxel_coord_align(box->min.y),
                                   goxel_coord_align(box->min.z)};
    whole.max = (struct goxel_pos){box->max.x | (GOXEL_BRICK_SIZE - 1), box->max.y | (GOXEL_BRICK_SIZE - 1),
                                   box->max.z | (GOXEL_BRICK_SIZE - 1)};
    if (color.a && goxel_box_bricks(box) > (int64_t)GOXEL_VOLUME_BRICKS_MAX)
        return GOXEL_ERROR_QUOTA;
    return goxel_volume_rewrite(volume, &whole, &how, &fill, cancel);
}
