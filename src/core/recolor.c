/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tile is one colour, a palette a few; only what has neither is looked at voxel by voxel. */
#include "core/recolor.h"

#include <string.h>

#include "base/error.h"
#include "core/memo.h"
#include "core/rewrite.h"
#include "core/rows.h"

struct recolor {
    const struct goxel_match *match;
    struct goxel_color color;
    struct goxel_memo memo;
};

static int recolor_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    const struct recolor *recolor = ctx;

    (void)corner;
    (void)level;
    if (goxel_link_is_node(old))
        return GOXEL_DESCEND;
    if (old == 0 || !goxel_link_may_match(old, recolor->match))
        *ret_link = goxel_link_ref(old);
    else if (goxel_link_is_tile(old))
        *ret_link = goxel_link_of_color(recolor->color);
    else
        return GOXEL_DESCEND;
    return GOXEL_REWRITTEN;
}

/* True: some of them changed. */
static bool recolor_all(const struct recolor *recolor, struct goxel_color *colors, size_t count)
{
    bool changed = false;

    for (size_t i = 0; i < count; i++) {
        if (goxel_match_color(recolor->match, colors[i])) {
            changed |= goxel_color_bits(colors[i]) != goxel_color_bits(recolor->color);
            colors[i] = recolor->color;
        }
    }
    return changed;
}

static int recolor_palette(const struct recolor *recolor, goxel_link old, goxel_link *ret_link)
{
    const struct goxel_brick *brick = goxel_link_brick(old);
    struct goxel_color colors[GOXEL_BRICK_COLORS_8];

    memcpy(colors, brick->colors, brick->used * sizeof(*colors));
    recolor_all(recolor, colors, brick->used);
    return goxel_link_recolor(old, colors, ret_link);
}

static int recolor_voxels(const struct recolor *recolor, goxel_link old, goxel_link *ret_link)
{
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    const struct goxel_color *before = goxel_link_read(old, voxels);

    if (before != voxels)
        memcpy(voxels, before, sizeof(voxels));
    if (recolor_all(recolor, voxels, GOXEL_BRICK_VOXELS))
        return goxel_link_encode(voxels, ret_link);
    *ret_link = goxel_link_ref(old);
    return 0;
}

static int recolor_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    struct recolor *recolor = ctx;
    int result;

    (void)corner;
    if (goxel_memo_find(&recolor->memo, old, 0, ret_link))
        return 0;
    if (goxel_link_is_brick(old) && goxel_link_brick(old)->state != GOXEL_BRICK_RGBA)
        result = recolor_palette(recolor, old, ret_link);
    else
        result = recolor_voxels(recolor, old, ret_link);
    if (!result)
        goxel_memo_keep(&recolor->memo, old, 0, *ret_link);
    return result;
}

int goxel_volume_recolor(struct goxel_volume *volume, const struct goxel_box *box,
                         const struct goxel_match *match, struct goxel_color color,
                         struct goxel_cancel *cancel)
{
    static const struct goxel_rewrite how = {.whole = recolor_whole, .brick = recolor_brick};
    struct recolor recolor = {.match = match, .color = goxel_color_normal(color)};
    struct goxel_box bounds;
    int result;

    if (!goxel_match_valid(match))
        return GOXEL_ERROR_VALIDATION;
    if (box && !goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    /* Nothing grows: a box that reaches far beyond the volume is no reason to. */
    if (!goxel_volume_bounds(volume, &bounds) || (box && !goxel_box_intersect(&bounds, box, &bounds)))
        return 0;
    result = goxel_volume_rewrite(volume, box ? &bounds : NULL, &how, &recolor, cancel);
    goxel_memo_end(&recolor.memo);
    return result;
}
