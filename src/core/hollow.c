/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mask of all voxels loses its outermost layer as often as the shell is to be thick; what is left of it goes. */
#include "core/hollow.h"

#include "base/error.h"
#include "core/rewrite.h"
#include "core/rows.h"

static const struct goxel_pos steps[6] = {{-1, 0, 0}, {1, 0, 0},  {0, -1, 0},
                                          {0, 1, 0},  {0, 0, -1}, {0, 0, 1}};

/* The voxels that touch one face of a cube from outside; false: beyond the range. */
static bool beside(struct goxel_pos corner, int level, struct goxel_pos step, struct goxel_box *ret_slab)
{
    struct goxel_box slab = goxel_level_box(corner, level);
    int edge = 1 << goxel_level_shift(level);

    if (step.x)
        slab.min.x = slab.max.x = step.x < 0 ? corner.x - 1 : corner.x + edge;
    if (step.y)
        slab.min.y = slab.max.y = step.y < 0 ? corner.y - 1 : corner.y + edge;
    if (step.z)
        slab.min.z = slab.max.z = step.z < 0 ? corner.z - 1 : corner.z + edge;
    *ret_slab = slab;
    return goxel_box_valid(&slab);
}

/* Every voxel of the slab is there. */
static bool is_full(goxel_link link, struct goxel_pos corner, int level, const struct goxel_box *slab)
{
    struct goxel_box all = goxel_level_box(corner, level), part;
    struct goxel_rows rows;
    int first, last;

    if (!goxel_box_intersect(&all, slab, &part))
        return true;
    if (link == 0 || goxel_link_is_tile(link))
        return link != 0;
    if (goxel_link_is_brick(link)) {
        goxel_rows_match(link, &goxel_match_any, &rows);
        goxel_rows_clip(&rows, corner, &part);
        return goxel_rows_count(&rows) == goxel_box_voxels(&part);
    }
    first = goxel_node_index(part.min, level);
    last = goxel_node_index(part.max, level);
    for (int i = first; i <= last; i++) {
        if (!is_full(goxel_link_node(link)->links[i], goxel_node_corner(corner, level, i), level - 1, &part))
            return false;
    }
    return true;
}

static bool slab_is_full(const struct goxel_volume *volume, const struct goxel_box *slab)
{
    /* A slab beside a cube lies in one octant. */
    int octant = goxel_octant_index(slab->min);

    return goxel_tree_covers(volume, slab->min) &&
           is_full(volume->octants[octant], goxel_octant_corner(octant, volume->level), volume->level, slab);
}

/* A tile that has nothing empty beside it stays; of another one, what does not lie at its faces stays. */
static int erode_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    const struct goxel_volume *before = ctx;
    struct goxel_box slab;

    if (old != 0 && !goxel_link_is_tile(old))
        return GOXEL_DESCEND;
    for (int i = 0; i < 6 && old; i++) {
        if (!beside(corner, level, steps[i], &slab) || !slab_is_full(before, &slab))
            return GOXEL_DESCEND;
    }
    *ret_link = old;
    return GOXEL_REWRITTEN;
}

/* The rows of the brick beside, none beyond the range. */
static void rows_beside(const struct goxel_volume *volume, struct goxel_pos corner, struct goxel_pos step,
                        struct goxel_rows *ret_rows)
{
    struct goxel_pos pos = {corner.x + GOXEL_BRICK_SIZE * step.x, corner.y + GOXEL_BRICK_SIZE * step.y,
                            corner.z + GOXEL_BRICK_SIZE * step.z};

    goxel_rows_match(goxel_pos_valid(pos) ? goxel_tree_find(volume, pos) : 0, &goxel_match_any, ret_rows);
}

static int erode_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    const struct goxel_volume *before = ctx;
    struct goxel_rows near[6], rows, left;

    goxel_rows_match(old, &goxel_match_any, &rows);
    for (int i = 0; i < 6; i++)
        rows_beside(before, corner, steps[i], &near[i]);
    for (int row = 0; row < GOXEL_ROWS; row++) {
        int y = row & 15, z = row >> 4;
        unsigned bits = rows.bits[row];

        bits &= (unsigned)rows.bits[row] << 1 | near[0].bits[row] >> 15;
        bits &= rows.bits[row] >> 1 | (unsigned)near[1].bits[row] << 15;
        bits &= y > 0 ? rows.bits[row - 1] : near[2].bits[row + 15];
        bits &= y < 15 ? rows.bits[row + 1] : near[3].bits[row - 15];
        bits &= z > 0 ? rows.bits[row - 16] : near[4].bits[row + 240];
        bits &= z < 15 ? rows.bits[row + 16] : near[5].bits[row - 240];
        left.bits[row] = (uint16_t)bits;
    }
    return goxel_rows_encode(&left, ret_link);
}

static int erode(struct goxel_volume *mask, struct goxel_cancel *cancel)
{
    static const struct goxel_rewrite how = {.whole = erode_whole, .brick = erode_brick};
    struct goxel_volume *before = goxel_volume_copy(mask);
    int result = before ? goxel_volume_rewrite(mask, NULL, &how, before, cancel) : GOXEL_ERROR_OUT_OF_MEMORY;

    goxel_volume_destroy(before);
    return result;
}

int goxel_volume_hollow(struct goxel_volume *volume, int thickness, struct goxel_cancel *cancel)
{
    struct goxel_volume *mask = NULL;
    int result;

    if (thickness < 1 || thickness > GOXEL_HOLLOW_MAX)
        return GOXEL_ERROR_VALIDATION;
    result = goxel_volume_mask(volume, NULL, &goxel_match_any, cancel, &mask);
    for (int i = 0; i < thickness && !result && goxel_volume_count(mask) > 0; i++)
        result = erode(mask, cancel);
    if (!result)
        result = goxel_volume_paint_mask(volume, mask, GOXEL_MODE_SUB, goxel_mask_color, cancel);
    goxel_volume_destroy(mask);
    return result;
}
