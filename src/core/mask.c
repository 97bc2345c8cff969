/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Masks made and painted by. The trees of volume and mask are gone down together; tiles stay tiles. */
#include "core/mask.h"

#include <string.h>

#include "base/error.h"
#include "core/memo.h"
#include "core/rewrite.h"
#include "core/rows.h"

/* ---- made ---- */

struct masking {
    const struct goxel_box *box; /* NULL: all */
    const struct goxel_match *match;
    struct goxel_memo memo; /* of bricks that the box does not cut */
};

static int mask_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    const struct masking *masking = ctx;
    struct goxel_box all = goxel_level_box(corner, level), part = all;

    *ret_link = 0;
    if (masking->box && !goxel_box_intersect(&all, masking->box, &part))
        return GOXEL_REWRITTEN;
    if (goxel_link_is_node(old))
        return GOXEL_DESCEND;
    if (!goxel_link_may_match(old, masking->match))
        return GOXEL_REWRITTEN;
    if (goxel_link_is_brick(old) || memcmp(&part, &all, sizeof(all)) != 0)
        return GOXEL_DESCEND;
    *ret_link = goxel_link_of_color(goxel_mask_color);
    return GOXEL_REWRITTEN;
}

static int mask_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    struct masking *masking = ctx;
    struct goxel_box all = goxel_level_box(corner, 0);
    bool cut = masking->box && !goxel_box_within(&all, masking->box);
    struct goxel_rows rows;
    int result;

    if (!cut && goxel_memo_find(&masking->memo, old, 0, ret_link))
        return 0;
    goxel_rows_match(old, masking->match, &rows);
    if (cut)
        goxel_rows_clip(&rows, corner, masking->box);
    result = goxel_rows_encode(&rows, ret_link);
    if (!result && !cut)
        goxel_memo_keep(&masking->memo, old, 0, *ret_link);
    return result;
}

int goxel_volume_mask(const struct goxel_volume *volume, const struct goxel_box *box,
                      const struct goxel_match *match, struct goxel_cancel *cancel,
                      struct goxel_volume **ret_mask)
{
    static const struct goxel_rewrite how = {.whole = mask_whole, .brick = mask_brick};
    struct masking masking = {.box = box, .match = match};
    struct goxel_volume *mask;
    int result;

    if (!goxel_match_valid(match))
        return GOXEL_ERROR_VALIDATION;
    if (box && !goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    mask = goxel_volume_copy(volume);
    result = mask ? goxel_volume_rewrite(mask, NULL, &how, &masking, cancel) : GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_memo_end(&masking.memo);
    if (result) {
        goxel_volume_destroy(mask);
        return result;
    }
    goxel_volume_seal(mask);
    *ret_mask = mask;
    return 0;
}

/* ---- painted by ---- */

struct painting {
    const struct goxel_volume *mask;
    enum goxel_mode mode;
    const struct goxel_mode_traits *traits;
    struct goxel_color color;
    struct goxel_memo memo; /* by the brick and its part of the mask */
};

static goxel_link painted(const struct painting *painting, goxel_link uniform)
{
    return goxel_link_of_color(goxel_mode_lay(painting->mode, goxel_link_color(uniform), painting->color));
}

static int paint_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    const struct painting *painting = ctx;
    goxel_link mask = goxel_tree_at(painting->mask, corner, level);
    bool uniform = old == 0 || goxel_link_is_tile(old);

    if (mask == 0)
        *ret_link = painting->traits->everywhere ? 0 : goxel_link_ref(old);
    else if (old == 0 && painting->traits->stays_empty)
        *ret_link = 0;
    else if (goxel_link_is_tile(mask) && (uniform || painting->color.a >= painting->traits->hides_from))
        *ret_link = painted(painting, uniform ? old : 0);
    else
        return GOXEL_DESCEND;
    return GOXEL_REWRITTEN;
}

static int paint_palette(const struct painting *painting, goxel_link old, const struct goxel_brick *brick,
                         goxel_link *ret_link)
{
    struct goxel_color colors[GOXEL_BRICK_COLORS_8];

    for (int i = 0; i < brick->used; i++)
        colors[i] = goxel_mode_lay(painting->mode, brick->colors[i], painting->color);
    return goxel_link_recolor(old, brick, colors, ret_link);
}

static int paint_voxels(const struct painting *painting, goxel_link old, goxel_link mask,
                        goxel_link *ret_link)
{
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    const struct goxel_color *before = goxel_link_read(old, voxels);
    struct goxel_rows rows;
    bool changed = false;

    goxel_rows_match(mask, &goxel_match_any, &rows);
    if (before != voxels)
        memcpy(voxels, before, sizeof(voxels));
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        bool selected = rows.bits[i / 16] >> i % 16 & 1;
        struct goxel_color was = voxels[i];

        if (selected)
            voxels[i] = goxel_mode_lay(painting->mode, was, painting->color);
        else if (painting->traits->everywhere)
            voxels[i] = (struct goxel_color){0, 0, 0, 0};
        changed |= goxel_color_bits(was) != goxel_color_bits(voxels[i]);
    }
    if (changed)
        return goxel_link_encode(voxels, ret_link);
    *ret_link = goxel_link_ref(old);
    return 0;
}

static int paint_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    struct painting *painting = ctx;
    goxel_link mask = goxel_tree_at(painting->mask, corner, 0);
    const struct goxel_brick *brick;
    int result;

    if (goxel_memo_find(&painting->memo, old, mask, ret_link))
        return 0;
    brick = goxel_link_is_tile(mask) && goxel_link_is_brick(old) ? goxel_link_here(old) : NULL;
    if (brick && brick->state != GOXEL_BRICK_RGBA)
        result = paint_palette(painting, old, brick, ret_link);
    else
        result = paint_voxels(painting, old, mask, ret_link);
    if (!result)
        goxel_memo_keep(&painting->memo, old, mask, *ret_link);
    return result;
}

/* The mask is as high as the volume, at least. */
static int paint_raised(struct goxel_volume *volume, struct painting *painting, struct goxel_cancel *cancel)
{
    static const struct goxel_rewrite how = {.whole = paint_whole, .brick = paint_brick};
    const struct goxel_box *where = NULL; /* what is there is enough for modes that leave the rest empty */
    struct goxel_box box;
    int result;

    if (!painting->traits->stays_empty) {
        if (!goxel_volume_bounds(painting->mask, &box))
            return 0;
        box.min = (struct goxel_pos){goxel_coord_align(box.min.x), goxel_coord_align(box.min.y),
                                     goxel_coord_align(box.min.z)};
        box.max = (struct goxel_pos){box.max.x | 15, box.max.y | 15, box.max.z | 15}; /* whole bricks */
        where = &box;
    }
    result = goxel_volume_rewrite(volume, where, &how, painting, cancel);
    goxel_memo_end(&painting->memo);
    return result;
}

int goxel_volume_paint_mask(struct goxel_volume *volume, const struct goxel_volume *mask,
                            enum goxel_mode mode, struct goxel_color color, struct goxel_cancel *cancel)
{
    struct painting painting = {
        .mode = mode, .traits = goxel_mode_traits(mode), .color = goxel_color_normal(color)};
    struct goxel_volume *raised;
    int result;

    if (!painting.traits)
        return GOXEL_ERROR_VALIDATION;
    raised = goxel_volume_copy(mask);
    if (!raised)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    result = goxel_tree_raise(raised, volume->level);
    painting.mask = raised;
    if (!result)
        result = paint_raised(volume, &painting, cancel);
    goxel_volume_destroy(raised);
    return result;
}
