/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An edit confined to a mask: three trees are gone down together, what the edit left alone is skipped, and only
 * bricks that it changed under the edge of the mask are taken apart.
 */
#include "base/error.h"
#include "core/paint.h"
#include "core/rewrite.h"

struct confining {
    const struct goxel_volume *before, *mask; /* as high as the volume */
};

static int confine_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    const struct confining *confining = ctx;
    goxel_link before = goxel_tree_at(confining->before, corner, level),
               mask = goxel_tree_at(confining->mask, corner, level);

    if (old != before && mask != 0 && !goxel_link_is_tile(mask))
        return GOXEL_DESCEND;
    *ret_link = goxel_link_ref(mask == 0 ? before : old);
    return GOXEL_REWRITTEN;
}

static int confine_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    const struct confining *confining = ctx;
    struct goxel_color olds[GOXEL_BRICK_VOXELS], befores[GOXEL_BRICK_VOXELS], masks[GOXEL_BRICK_VOXELS];
    struct goxel_color both[GOXEL_BRICK_VOXELS];
    const struct goxel_color *now = goxel_link_read(old, olds),
                             *before = goxel_link_read(goxel_tree_at(confining->before, corner, 0), befores),
                             *mask = goxel_link_read(goxel_tree_at(confining->mask, corner, 0), masks);

    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
        both[i] = mask[i].a ? now[i] : before[i];
    return goxel_link_encode(both, ret_link);
}

/* `before` and `mask` are copies, which may be raised. The box: where any of the three may have something. */
static int confine_raised(struct goxel_volume *volume, struct goxel_volume *before, struct goxel_volume *mask,
                          struct goxel_cancel *cancel)
{
    static const struct goxel_rewrite how = {.whole = confine_whole, .brick = confine_brick};
    struct confining confining = {before, mask};
    int level = goxel_max(volume->level, goxel_max(before->level, mask->level));
    struct goxel_box all = {goxel_octant_corner(GOXEL_OCTANTS - 1, level), {0, 0, 0}};
    int code = goxel_tree_raise(volume, level);

    all.max = (struct goxel_pos){-all.min.x - 1, -all.min.y - 1, -all.min.z - 1};
    if (!code)
        code = goxel_tree_raise(before, level);
    if (!code)
        code = goxel_tree_raise(mask, level);
    return code ? code : goxel_volume_rewrite(volume, &all, &how, &confining, cancel);
}

int goxel_volume_confine(struct goxel_volume *volume, const struct goxel_volume *before,
                         const struct goxel_volume *mask, struct goxel_cancel *cancel)
{
    struct goxel_volume *was = goxel_volume_copy(before), *where = goxel_volume_copy(mask);
    int code = was && where ? confine_raised(volume, was, where, cancel) : GOXEL_ERROR_OUT_OF_MEMORY;

    goxel_volume_destroy(was);
    goxel_volume_destroy(where);
    return code;
}
