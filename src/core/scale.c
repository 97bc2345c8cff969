/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A link of one tree has an eighth of a link of the same level in the other: where that is of one colour, so is
 * this. Both trees are gone down together; what is made is a new one.
 */
#include "core/scale.h"

#include <string.h>

#include "base/error.h"
#include "core/memo.h"

struct scaling {
    struct goxel_cancel *cancel;
    struct goxel_tally tally; /* of the new tree */
    struct goxel_memo memo;   /* of bricks doubled, by the brick and its eighth */
};

static int count_in(struct scaling *scaling, goxel_link link, int level)
{
    goxel_tally_add(&scaling->tally, link, level, 1);
    return scaling->tally.bricks > (int64_t)GOXEL_VOLUME_BRICKS_MAX ? GOXEL_ERROR_QUOTA : 0;
}

/* Place i of 2³, as x + 2 y + 4 z, times `by`, within 4³. */
static int spread(int i, int by)
{
    return (i & 1) * by | (i >> 1 & 1) * by << 2 | (i >> 2) * by << 4;
}

/* ---- twice ---- */

/* Eighth i of a link of level 0, each voxel as eight. */
static int double_brick(goxel_link old, int eighth, goxel_link *ret_link)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS], voxels[GOXEL_BRICK_VOXELS];
    const struct goxel_color *from = goxel_link_read(old, buffer);
    int x = (eighth & 1) * 8, y = (eighth >> 1 & 1) * 8, z = (eighth >> 2) * 8;

    for (int i = 0; i < GOXEL_BRICK_VOXELS; i++)
        voxels[i] = from[(x + (i & 15) / 2) | (y + (i >> 4 & 15) / 2) << 4 | (z + (i >> 8) / 2) << 8];
    return goxel_link_encode(voxels, ret_link);
}

/* What stands twice as large where eighth i of a link does; on failure what is there so far. */
static int double_link(struct scaling *scaling, goxel_link old, int eighth, int level, goxel_link *ret_link)
{
    struct goxel_node *node;
    int result = goxel_cancel_check(scaling->cancel);

    *ret_link = 0;
    if (result || old == 0)
        return result;
    if (goxel_link_is_tile(old)) {
        *ret_link = old;
        return count_in(scaling, old, level);
    }
    if (level == 0) {
        if (!goxel_memo_find(&scaling->memo, old, (uint64_t)eighth, ret_link)) {
            result = double_brick(old, eighth, ret_link);
            if (result)
                return result;
            goxel_memo_keep(&scaling->memo, old, (uint64_t)eighth, *ret_link);
        }
        return count_in(scaling, *ret_link, level);
    }
    node = goxel_node_create(0);
    if (!node)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (int i = 0; i < GOXEL_NODE_LINKS && !result; i++) {
        int x = i & 3, y = i >> 2 & 3, z = i >> 4;
        int from = spread(eighth, 2) + (x >> 1 | (y >> 1) << 2 | (z >> 1) << 4);

        result = double_link(scaling, goxel_link_below(old, from), (x & 1) | (y & 1) << 1 | (z & 1) << 2,
                             level - 1, &node->links[i]);
    }
    *ret_link = goxel_node_finish(node);
    return result;
}

/* ---- half ---- */

static struct goxel_color most_of(const struct goxel_color eight[8])
{
    struct goxel_color best = {0, 0, 0, 0};
    int there = 0, most = 0;
    uint32_t differ = 0;

    for (int i = 1; i < 8; i++)
        differ |= goxel_color_bits(eight[i]) ^ goxel_color_bits(eight[0]);
    if (!differ)
        return eight[0];
    for (int i = 0; i < 8; i++) {
        int same = 0;

        if (!eight[i].a)
            continue;
        there++;
        for (int k = 0; k < 8; k++)
            same += goxel_color_bits(eight[k]) == goxel_color_bits(eight[i]);
        if (same > most || (same == most && memcmp(&eight[i], &best, sizeof(best)) < 0)) {
            most = same;
            best = eight[i];
        }
    }
    return there >= 4 ? best : (struct goxel_color){0, 0, 0, 0};
}

static void halve_into(goxel_link old, int eighth, struct goxel_color *voxels)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
    const struct goxel_color *from = goxel_link_read(old, buffer);
    int x = (eighth & 1) * 8, y = (eighth >> 1 & 1) * 8, z = (eighth >> 2) * 8;

    for (int i = 0; i < 512; i++) {
        struct goxel_color eight[8];
        int at = (i & 7) * 2 | (i >> 3 & 7) << 5 | (i >> 6) << 9;

        for (int k = 0; k < 8; k++)
            eight[k] = from[at + ((k & 1) | (k >> 1 & 1) << 4 | (k >> 2) << 8)];
        voxels[(x + (i & 7)) | (y + (i >> 3 & 7)) << 4 | (z + (i >> 6)) << 8] = most_of(eight);
    }
}

static bool all_same(const goxel_link olds[8])
{
    for (int i = 0; i < 8; i++) {
        if (olds[i] != olds[0] || goxel_link_is_node(olds[0]) || goxel_link_is_brick(olds[0]))
            return false;
    }
    return true;
}

/* What stands half as large where eight links of the level do, x + 2 y + 4 z; on failure what is there so far. */
static int halve_links(struct scaling *scaling, const goxel_link olds[8], int level, goxel_link *ret_link)
{
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    struct goxel_node *node;
    int result = goxel_cancel_check(scaling->cancel);

    *ret_link = 0;
    if (result)
        return result;
    if (all_same(olds)) {
        *ret_link = olds[0];
        return count_in(scaling, olds[0], level);
    }
    if (level == 0) {
        for (int i = 0; i < 8; i++)
            halve_into(olds[i], i, voxels);
        result = goxel_link_encode(voxels, ret_link);
        return result ? result : count_in(scaling, *ret_link, 0);
    }
    node = goxel_node_create(0);
    if (!node)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (int i = 0; i < GOXEL_NODE_LINKS && !result; i++) {
        int x = (i & 3) * 2, y = (i >> 2 & 3) * 2, z = (i >> 4) * 2; /* of eight on an edge */
        int which = x >> 2 | (y >> 2) << 1 | (z >> 2) << 2, first = (x & 3) | (y & 3) << 2 | (z & 3) << 4;
        goxel_link below[8];

        for (int k = 0; k < 8; k++)
            below[k] = goxel_link_below(olds[which], first + spread(k, 1));
        result = halve_links(scaling, below, level - 1, &node->links[i]);
    }
    *ret_link = goxel_node_finish(node);
    return result;
}

/* ---- volumes: of octant i, eighth i is the one that touches the origin ---- */

/* The volume takes what was made, or that ends. */
static int finish(struct goxel_volume *volume, struct goxel_volume *made, struct scaling *scaling, int result)
{
    made->tally = scaling->tally;
    if (!result) {
        goxel_tree_swap(volume, made);
        goxel_volume_seal(volume);
    }
    goxel_volume_clear(made);
    goxel_memo_end(&scaling->memo);
    return result;
}

static bool fits(const struct goxel_volume *volume)
{
    struct goxel_box bounds;
    const struct goxel_box most = {{GOXEL_COORD_MIN / 2, GOXEL_COORD_MIN / 2, GOXEL_COORD_MIN / 2},
                                   {GOXEL_COORD_MAX / 2, GOXEL_COORD_MAX / 2, GOXEL_COORD_MAX / 2}};

    return !goxel_volume_bounds(volume, &bounds) || goxel_box_within(&bounds, &most);
}

int64_t goxel_volume_double_bricks(const struct goxel_volume *volume)
{
    return 8 * goxel_volume_bricks(volume);
}

int goxel_volume_double(struct goxel_volume *volume, struct goxel_cancel *cancel)
{
    struct goxel_volume made = {.level = goxel_min(volume->level + 1, GOXEL_LEVEL_MAX)};
    struct scaling scaling = {.cancel = cancel};
    int result = 0;

    if (!fits(volume))
        return GOXEL_ERROR_INVALID_COORDINATES;
    result = goxel_tree_raise(volume, made.level);
    for (int i = 0; i < GOXEL_OCTANTS && !result; i++)
        result = double_link(&scaling, volume->octants[i], i, made.level, &made.octants[i]);
    return finish(volume, &made, &scaling, result);
}

int goxel_volume_halve(struct goxel_volume *volume, struct goxel_cancel *cancel)
{
    struct goxel_volume made = {.level = volume->level};
    struct scaling scaling = {.cancel = cancel};
    int result = 0;

    for (int i = 0; i < GOXEL_OCTANTS && !result; i++) {
        goxel_link olds[8] = {0};

        olds[i] = volume->octants[i];
        result = halve_links(&scaling, olds, made.level, &made.octants[i]);
    }
    return finish(volume, &made, &scaling, result);
}
