/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A box of one colour. The new tree is built beside the old one, with everything outside the box
 * shared and tiles for all that lies inside, and takes its place when nothing can fail any more.
 */
#include <string.h>

#include "base/error.h"
#include "core/tree.h"

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
    struct goxel_cancel *cancel;
    struct goxel_tally tally; /* of the new tree */
    struct cut cuts[CUTS];
};

static int fill_link(struct fill *fill, goxel_link old, struct goxel_pos corner, int level,
                     goxel_link *ret_link);

static int fill_node(struct fill *fill, goxel_link old, struct goxel_pos corner, int level,
                     goxel_link *ret_link)
{
    struct goxel_node *node = goxel_node_create(0);
    int result = node ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    for (int i = 0; i < GOXEL_NODE_LINKS && !result; i++)
        result = fill_link(fill, goxel_link_below(old, i), goxel_node_corner(corner, level, i), level - 1,
                           &node->links[i]);
    if (result) {
        goxel_link_unref((uintptr_t)node);
        return result;
    }
    node->open = goxel_link_is_node(old) && goxel_link_node(old)->open;
    *ret_link = goxel_node_finish(node);
    return 0;
}

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

static int fill_brick(struct fill *fill, goxel_link old, struct goxel_pos corner,
                      const struct goxel_box *part, goxel_link *ret_link)
{
    struct cut *cut = &fill->cuts[cut_index(corner, part)];
    goxel_link link;

    if (cut->known && cut->before == old) {
        link = goxel_link_ref(cut->after);
    } else {
        int result = paint(fill, old, part, &link);

        if (result)
            return result;
        *cut = (struct cut){true, old, link};
    }
    goxel_tally_add(&fill->tally, old, 0, -1);
    goxel_tally_add(&fill->tally, link, 0, 1);
    *ret_link = link;
    return 0;
}

/* What a link becomes, a reference of its own. On failure *ret_link is as it was. */
static int fill_link(struct fill *fill, goxel_link old, struct goxel_pos corner, int level,
                     goxel_link *ret_link)
{
    struct goxel_box all = goxel_level_box(corner, level), part;
    int result;

    if (old == fill->tile || !goxel_box_intersect(&all, fill->box, &part)) {
        *ret_link = goxel_link_ref(old);
        return 0;
    }
    result = goxel_cancel_check(fill->cancel);
    if (result)
        return result;
    if (goxel_box_within(&all, fill->box)) {
        goxel_tally_add(&fill->tally, old, level, -1);
        goxel_tally_add(&fill->tally, fill->tile, level, 1);
        *ret_link = fill->tile;
        return 0;
    }
    if (level > 0)
        return fill_node(fill, old, corner, level, ret_link);
    return fill_brick(fill, old, corner, &part, ret_link);
}

static int fill_octants(struct fill *fill, struct goxel_volume *volume)
{
    goxel_link octants[GOXEL_OCTANTS] = {0};
    int result = 0;

    for (int i = 0; i < GOXEL_OCTANTS && !result; i++)
        result = fill_link(fill, volume->octants[i], goxel_octant_corner(i, volume->level), volume->level,
                           &octants[i]);
    if (!result && fill->tally.bricks > (int64_t)GOXEL_VOLUME_BRICKS_MAX)
        result = GOXEL_ERROR_QUOTA;
    if (!result) {
        goxel_tree_replace(volume, octants, fill->tally);
        return 0;
    }
    for (int i = 0; i < GOXEL_OCTANTS; i++)
        goxel_link_unref(octants[i]);
    return result;
}

int goxel_volume_fill(struct goxel_volume *volume, const struct goxel_box *box, struct goxel_color color,
                      struct goxel_cancel *cancel)
{
    struct fill fill = {
        .box = box, .tile = goxel_link_of_color(color), .cancel = cancel, .tally = volume->tally};
    int result = 0;

    if (!goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    if (color.a && goxel_box_bricks(box) > (int64_t)GOXEL_VOLUME_BRICKS_MAX)
        return GOXEL_ERROR_QUOTA;
    if (color.a)
        result = goxel_tree_reach(volume, box->min);
    if (color.a && !result)
        result = goxel_tree_reach(volume, box->max);
    return result ? result : fill_octants(&fill, volume);
}
