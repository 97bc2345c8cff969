/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tile is one colour, a palette a few; only what has neither is looked at voxel by voxel. */
#include "core/recolor.h"

#include "base/error.h"
#include "core/memo.h"
#include "core/rewrite.h"

struct recoloring {
    goxel_color_map *map;
    void *ctx;
    struct goxel_memo memo;
};

/* A run of one colour is asked about once. */
struct run {
    struct goxel_color from, to; /* empty stays empty */
};

static struct goxel_color mapped(const struct recoloring *recoloring, struct run *run,
                                 struct goxel_color color)
{
    if (goxel_color_bits(color) != goxel_color_bits(run->from)) {
        run->from = color;
        run->to = color.a ? goxel_color_normal(recoloring->map(recoloring->ctx, color)) : color;
    }
    return run->to;
}

static int map_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    struct run run = {{0}, {0}};

    (void)corner;
    (void)level;
    if (goxel_link_is_node(old) || goxel_link_is_brick(old))
        return GOXEL_DESCEND;
    *ret_link = goxel_link_of_color(mapped(ctx, &run, goxel_link_color(old)));
    return GOXEL_REWRITTEN;
}

static int map_palette(const struct recoloring *recoloring, goxel_link old, const struct goxel_brick *brick,
                       goxel_link *ret_link)
{
    struct goxel_color colors[GOXEL_BRICK_COLORS_8];
    struct run run = {{0}, {0}};

    for (int i = 0; i < brick->used; i++)
        colors[i] = mapped(recoloring, &run, brick->colors[i]);
    return goxel_link_recolor(old, brick, colors, ret_link);
}

static int map_voxels(const struct recoloring *recoloring, goxel_link old, goxel_link *ret_link)
{
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    const struct goxel_color *before = goxel_link_read(old, voxels);
    struct run run = {{0}, {0}};
    uint32_t changed = 0;

    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        struct goxel_color color = before[i]; /* it may be the same memory */

        voxels[i] = mapped(recoloring, &run, color);
        changed |= goxel_color_bits(voxels[i]) ^ goxel_color_bits(color);
    }
    if (changed)
        return goxel_link_encode(voxels, ret_link);
    *ret_link = goxel_link_ref(old);
    return 0;
}

static int map_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    struct recoloring *recoloring = ctx;
    const struct goxel_brick *brick;
    int result;

    (void)corner;
    if (goxel_memo_find(&recoloring->memo, old, 0, ret_link))
        return 0;
    brick = goxel_link_is_brick(old) ? goxel_link_here(old) : NULL;
    if (brick && brick->state != GOXEL_BRICK_RGBA)
        result = map_palette(recoloring, old, brick, ret_link);
    else
        result = map_voxels(recoloring, old, ret_link);
    if (!result)
        goxel_memo_keep(&recoloring->memo, old, 0, *ret_link);
    return result;
}

int goxel_volume_map_colors(struct goxel_volume *volume, const struct goxel_box *box, goxel_color_map *map,
                            void *ctx, struct goxel_cancel *cancel)
{
    static const struct goxel_rewrite how = {.whole = map_whole, .brick = map_brick};
    struct recoloring recoloring = {.map = map, .ctx = ctx};
    struct goxel_box bounds;
    int result;

    if (box && !goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    /* Nothing grows: a box that reaches far beyond the volume is no reason to. */
    if (!goxel_volume_bounds(volume, &bounds) || (box && !goxel_box_intersect(&bounds, box, &bounds)))
        return 0;
    result = goxel_volume_rewrite(volume, box ? &bounds : NULL, &how, &recoloring, cancel);
    goxel_memo_end(&recoloring.memo);
    return result;
}

/* ---- one colour in place of another ---- */

struct replacement {
    const struct goxel_match *match;
    struct goxel_color color;
};

static struct goxel_color replaced(void *ctx, struct goxel_color color)
{
    const struct replacement *replacement = ctx;

    return goxel_match_color(replacement->match, color) ? replacement->color : color;
}

int goxel_volume_recolor(struct goxel_volume *volume, const struct goxel_box *box,
                         const struct goxel_match *match, struct goxel_color color,
                         struct goxel_cancel *cancel)
{
    struct replacement replacement = {match, color};

    if (!goxel_match_valid(match))
        return GOXEL_ERROR_VALIDATION;
    return goxel_volume_map_colors(volume, box, replaced, &replacement, cancel);
}
