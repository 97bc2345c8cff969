/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk that edits are made of. What comes out as it went in is shared, up to whole octants. */
#include "core/rewrite.h"

#include <string.h>

#include "base/error.h"

struct rewrite {
    const struct goxel_box *box; /* NULL: all there is */
    const struct goxel_rewrite *how;
    void *ctx;
    struct goxel_cancel *cancel;
    struct goxel_tally tally; /* of the tree, with what was rewritten so far */
};

/* What was made in place of `old`, now counted. As many again may go elsewhere, but no more. */
static int settle(struct rewrite *rewrite, goxel_link old, int level, goxel_link link, goxel_link *ret_link)
{
    if (link != old) {
        goxel_tally_add(&rewrite->tally, old, level, -1);
        goxel_tally_add(&rewrite->tally, link, level, 1);
    }
    *ret_link = link;
    return rewrite->tally.bricks > 2 * (int64_t)GOXEL_VOLUME_BRICKS_MAX ? GOXEL_ERROR_QUOTA : 0;
}

/* Of a brick that the box cuts: `link`, taken over, inside, and `old` outside. */
static int mix(goxel_link old, goxel_link link, const struct goxel_box *part, goxel_link *ret_link)
{
    struct goxel_color voxels[GOXEL_BRICK_VOXELS], buffer[GOXEL_BRICK_VOXELS];
    const struct goxel_color *before = goxel_link_read(old, voxels), *after = goxel_link_read(link, buffer);
    size_t width = (size_t)(part->max.x - part->min.x + 1);
    struct goxel_pos pos = part->min;
    bool changed = false;
    int result = 0;

    if (before != voxels)
        memcpy(voxels, before, sizeof(voxels));
    for (pos.z = part->min.z; pos.z <= part->max.z; pos.z++) {
        for (pos.y = part->min.y; pos.y <= part->max.y; pos.y++) {
            size_t row = goxel_brick_index(pos), bytes = width * sizeof(voxels[0]);

            changed = changed || memcmp(voxels + row, after + row, bytes) != 0;
            memcpy(voxels + row, after + row, bytes);
        }
    }
    if (changed)
        result = goxel_link_encode(voxels, ret_link);
    else
        *ret_link = goxel_link_ref(old);
    goxel_link_unref(link);
    return result;
}

static int rewrite_brick(struct rewrite *rewrite, goxel_link old, struct goxel_pos corner,
                         const struct goxel_box *cut, goxel_link *ret_link)
{
    goxel_link link;
    int result = rewrite->how->brick(rewrite->ctx, old, corner, &link);

    if (!result && cut && link != old)
        result = mix(old, link, cut, &link);
    return result ? result : settle(rewrite, old, 0, link, ret_link);
}

static int rewrite_link(struct rewrite *rewrite, goxel_link old, struct goxel_pos corner, int level,
                        goxel_link *ret_link);

static bool same_links(const struct goxel_node *node, goxel_link old)
{
    return goxel_link_is_node(old) &&
           memcmp(node->links, goxel_link_node(old)->links, sizeof(node->links)) == 0;
}

static int rewrite_node(struct rewrite *rewrite, goxel_link old, struct goxel_pos corner, int level,
                        goxel_link *ret_link)
{
    struct goxel_node *node = goxel_node_create(0);
    int result = node ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    for (int i = 0; i < GOXEL_NODE_LINKS && !result; i++)
        result = rewrite_link(rewrite, goxel_link_below(old, i), goxel_node_corner(corner, level, i),
                              level - 1, &node->links[i]);
    if (result || same_links(node, old)) {
        goxel_link_unref(goxel_link_of_node(node));
        if (!result)
            *ret_link = goxel_link_ref(old);
        return result;
    }
    node->open = goxel_link_is_node(old) ? goxel_link_node(old)->open : 0;
    *ret_link = goxel_node_finish(node);
    return 0;
}

/* What a link becomes, a reference of its own; it may be there on failure, too. */
static int rewrite_link(struct rewrite *rewrite, goxel_link old, struct goxel_pos corner, int level,
                        goxel_link *ret_link)
{
    struct goxel_box all = goxel_level_box(corner, level), part = all;
    goxel_link link;
    bool cut;
    int result;

    if (rewrite->box ? !goxel_box_intersect(&all, rewrite->box, &part) : old == 0) {
        *ret_link = goxel_link_ref(old);
        return 0;
    }
    result = goxel_cancel_check(rewrite->cancel);
    if (result)
        return result;
    cut = rewrite->box && !goxel_box_within(&all, rewrite->box);
    result = rewrite->how->whole(rewrite->ctx, old, corner, level, &link);
    if (result < 0)
        return result;
    if (result == GOXEL_REWRITTEN) {
        if (!cut || link == old)
            return settle(rewrite, old, level, link, ret_link);
        goxel_link_unref(link);
    }
    if (level > 0)
        return rewrite_node(rewrite, old, corner, level, ret_link);
    return rewrite_brick(rewrite, old, corner, cut ? &part : NULL, ret_link);
}

static int rewrite_octants(struct rewrite *rewrite, struct goxel_volume *volume)
{
    goxel_link octants[GOXEL_OCTANTS] = {0};
    int result = 0;

    for (int i = 0; i < GOXEL_OCTANTS && !result; i++)
        result = rewrite_link(rewrite, volume->octants[i], goxel_octant_corner(i, volume->level),
                              volume->level, &octants[i]);
    if (!result && rewrite->tally.bricks > (int64_t)GOXEL_VOLUME_BRICKS_MAX)
        result = GOXEL_ERROR_QUOTA;
    if (!result) {
        goxel_tree_replace(volume, octants, rewrite->tally);
        return 0;
    }
    for (int i = 0; i < GOXEL_OCTANTS; i++)
        goxel_link_unref(octants[i]);
    return result;
}

int goxel_volume_rewrite(struct goxel_volume *volume, const struct goxel_box *box,
                         const struct goxel_rewrite *how, void *ctx, struct goxel_cancel *cancel)
{
    struct rewrite rewrite = {box, how, ctx, cancel, volume->tally};
    int result = 0;

    if (box && !goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    if (box)
        result = goxel_tree_reach(volume, box->min);
    if (box && !result)
        result = goxel_tree_reach(volume, box->max);
    return result ? result : rewrite_octants(&rewrite, volume);
}
