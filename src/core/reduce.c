/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nearest entry is searched once for each colour of a palette; for voxels without one, of late ones it is known. */
#include "core/reduce.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/memo.h"
#include "core/rewrite.h"

#define KNOWN 4096 /* a power of two */

struct reduction {
    const struct goxel_palette *palette;
    struct goxel_memo memo;
    struct {
        struct goxel_color from, to; /* of alpha 0: nothing is known yet */
    } known[KNOWN];
};

static struct goxel_color reduced(struct reduction *reduction, struct goxel_color color)
{
    size_t i = goxel_color_bits(color) * UINT32_C(0x9e3779b1) >> 20;

    if (!color.a)
        return color;
    if (goxel_color_bits(reduction->known[i].from) != goxel_color_bits(color)) {
        int nearest = goxel_palette_nearest(reduction->palette, color);

        reduction->known[i].from = color;
        reduction->known[i].to = goxel_color_normal(reduction->palette->entries[nearest].color);
    }
    return reduction->known[i].to;
}

static int reduce_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    (void)corner;
    (void)level;
    if (goxel_link_is_node(old) || goxel_link_is_brick(old))
        return GOXEL_DESCEND;
    *ret_link = goxel_link_of_color(reduced(ctx, goxel_link_color(old)));
    return GOXEL_REWRITTEN;
}

static int reduce_palette(struct reduction *reduction, goxel_link old, goxel_link *ret_link)
{
    const struct goxel_brick *brick = goxel_link_brick(old);
    struct goxel_color colors[GOXEL_BRICK_COLORS_8];

    for (int i = 0; i < brick->used; i++)
        colors[i] = reduced(reduction, brick->colors[i]);
    return goxel_link_recolor(old, colors, ret_link);
}

static int reduce_voxels(struct reduction *reduction, goxel_link old, goxel_link *ret_link)
{
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    const struct goxel_color *before = goxel_link_read(old, voxels);
    uint32_t changed = 0;

    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        struct goxel_color color = before[i];

        voxels[i] = reduced(reduction, color);
        changed |= goxel_color_bits(voxels[i]) ^ goxel_color_bits(color);
    }
    if (changed)
        return goxel_link_encode(voxels, ret_link);
    *ret_link = goxel_link_ref(old);
    return 0;
}

static int reduce_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    struct reduction *reduction = ctx;
    int result;

    (void)corner;
    if (goxel_memo_find(&reduction->memo, old, 0, ret_link))
        return 0;
    if (goxel_link_is_brick(old) && goxel_link_brick(old)->state != GOXEL_BRICK_RGBA)
        result = reduce_palette(reduction, old, ret_link);
    else
        result = reduce_voxels(reduction, old, ret_link);
    if (!result)
        goxel_memo_keep(&reduction->memo, old, 0, *ret_link);
    return result;
}

int goxel_volume_reduce(struct goxel_volume *volume, const struct goxel_box *box,
                        const struct goxel_palette *palette, struct goxel_cancel *cancel)
{
    static const struct goxel_rewrite how = {.whole = reduce_whole, .brick = reduce_brick};
    struct reduction *reduction;
    struct goxel_box bounds;
    int result;

    if (palette->count == 0)
        return GOXEL_ERROR_VALIDATION;
    if (box && !goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    /* Nothing grows: a box that reaches far beyond the volume is no reason to. */
    if (!goxel_volume_bounds(volume, &bounds) || (box && !goxel_box_intersect(&bounds, box, &bounds)))
        return 0;
    reduction = calloc(1, sizeof(*reduction));
    if (!reduction)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    reduction->palette = palette;
    result = goxel_volume_rewrite(volume, box ? &bounds : NULL, &how, reduction, cancel);
    goxel_memo_end(&reduction->memo);
    free(reduction);
    return result;
}
