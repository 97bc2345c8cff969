/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One volume laid over another. What comes out as it went in is shared, tiles stay tiles, and only
 * where two bricks meet are there colours to compute. Those cost memory, so that a file of a few
 * kilobytes that shares bricks a million times must not ask for a million different ones here.
 */
#include <string.h>

#include "base/error.h"
#include "core/modes.h"
#include "core/tree.h"

struct merge {
    enum goxel_mode mode;
    const struct goxel_mode_traits *traits;
    struct goxel_cancel *cancel;
    struct goxel_tally tally; /* of the new tree */
    size_t computed;          /* by those before, too */
    /* The last pair and what came of it: a shared brick meets the same one again and again. */
    goxel_link below, above, merged; /* owned by the new tree */
};

/* A reference to what the two give: one of them if nothing new came out. */
static int merge_colors(enum goxel_mode mode, goxel_link below, goxel_link above, goxel_link *ret_link)
{
    struct goxel_color lower[GOXEL_BRICK_VOXELS], upper[GOXEL_BRICK_VOXELS], both[GOXEL_BRICK_VOXELS];
    const struct goxel_color *left = goxel_link_read(below, lower), *right = goxel_link_read(above, upper);

    memcpy(both, left, sizeof(both));
    goxel_mode_combine_all(mode, both, right, GOXEL_BRICK_VOXELS);
    if (memcmp(both, right, sizeof(both)) == 0)
        *ret_link = goxel_link_ref(above);
    else if (memcmp(both, left, sizeof(both)) == 0)
        *ret_link = goxel_link_ref(below);
    else
        return goxel_link_encode(both, ret_link);
    return 0;
}

/* `sole`: nobody else has the brick below. It was computed for this picture, and goes for the new one. */
static int merge_bricks(struct merge *merge, goxel_link below, goxel_link above, bool sole,
                        goxel_link *ret_link)
{
    goxel_link merged;
    int result;

    if (below == merge->below && above == merge->above) {
        merged = goxel_link_ref(merge->merged);
    } else {
        if (merge->computed >= GOXEL_COMPUTED_BRICKS_MAX)
            return GOXEL_ERROR_QUOTA;
        result = merge_colors(merge->mode, below, above, &merged);
        if (result)
            return result;
        sole = sole && goxel_link_is_here(below) && goxel_brick_is_sole(goxel_link_brick(below));
        merge->computed += goxel_link_is_brick(merged) && merged != below && merged != above && !sole;
        merge->below = below;
        merge->above = above;
        merge->merged = merged;
    }
    goxel_tally_add(&merge->tally, below, 0, -1);
    goxel_tally_add(&merge->tally, merged, 0, 1);
    *ret_link = merged;
    return 0;
}

static int merge_links(struct merge *merge, goxel_link below, goxel_link above, int level, bool sole,
                       goxel_link *ret_link);

/* What is open stays so, whichever of the two it comes from. */
static uint64_t open_below(goxel_link link)
{
    return goxel_link_is_node(link) ? goxel_link_node(link)->open : 0;
}

static int merge_nodes(struct merge *merge, goxel_link below, goxel_link above, int level, bool sole,
                       goxel_link *ret_link)
{
    struct goxel_node *node = goxel_node_create(0);
    int result = node ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    sole = sole && goxel_link_is_node(below) && goxel_node_is_sole(goxel_link_node(below)) &&
           !goxel_link_node(below)->from;
    for (int i = 0; i < GOXEL_NODE_LINKS && !result; i++)
        result = merge_links(merge, goxel_link_below(below, i), goxel_link_below(above, i), level - 1, sole,
                             &node->links[i]);
    if (result) {
        goxel_link_unref(goxel_link_of_node(node));
        return result;
    }
    node->open = open_below(below) | open_below(above);
    *ret_link = goxel_node_finish(node);
    return 0;
}

/* What the two give where one of them alone decides it; false: both matter. The reference is not counted yet. */
static bool is_simple(const struct merge *merge, goxel_link below, goxel_link above, goxel_link *ret_link)
{
    const struct goxel_mode_traits *traits = merge->traits;
    struct goxel_color color = goxel_link_color(above);

    if (above == 0)
        *ret_link = traits->keeps_under_empty ? below : 0;
    else if (below == 0)
        *ret_link = traits->stays_empty ? 0 : above;
    else if (traits->hides_from == 0)
        *ret_link = above;
    else if (goxel_link_is_tile(above) && color.a >= traits->hides_from)
        *ret_link = goxel_link_of_color(
            goxel_mode_combine(merge->mode, color, color)); /* as with any below */
    else if (goxel_link_is_tile(below) && goxel_link_is_tile(above))
        *ret_link = goxel_link_of_color(goxel_mode_combine(merge->mode, goxel_link_color(below), color));
    else
        return false;
    return true;
}

/* What comes of two links, a reference of its own; nothing on failure. */
static int merge_links(struct merge *merge, goxel_link below, goxel_link above, int level, bool sole,
                       goxel_link *ret_link)
{
    bool simple = is_simple(merge, below, above, ret_link);
    int result;

    if (simple && *ret_link == below) {
        (void)goxel_link_ref(below);
        return 0;
    }
    result = goxel_cancel_check(merge->cancel);
    if (result) {
        *ret_link = 0;
        return result;
    }
    if (!simple)
        return level > 0 ? merge_nodes(merge, below, above, level, sole, ret_link)
                         : merge_bricks(merge, below, above, sole, ret_link);
    (void)goxel_link_ref(*ret_link);
    goxel_tally_add(&merge->tally, below, level, -1);
    goxel_tally_add(&merge->tally, *ret_link, level, 1);
    return 0;
}

static int merge_octants(struct merge *merge, struct goxel_volume *volume, const struct goxel_volume *above)
{
    goxel_link octants[GOXEL_OCTANTS] = {0};
    int result = 0;

    for (int i = 0; i < GOXEL_OCTANTS && !result; i++)
        result = merge_links(merge, volume->octants[i], above->octants[i], volume->level, true, &octants[i]);
    if (!result && merge->tally.bricks > (int64_t)GOXEL_VOLUME_BRICKS_MAX)
        result = GOXEL_ERROR_QUOTA;
    if (!result) {
        goxel_tree_replace(volume, octants, merge->tally);
        return 0;
    }
    for (int i = 0; i < GOXEL_OCTANTS; i++)
        goxel_link_unref(octants[i]);
    return result;
}

int goxel_volume_merge(struct goxel_volume *volume, const struct goxel_volume *above, enum goxel_mode mode,
                       struct goxel_cancel *cancel, size_t *computed)
{
    struct merge merge = {
        .mode = mode,
        .traits = goxel_mode_traits(mode),
        .cancel = cancel,
        .tally = volume->tally,
        .computed = computed ? *computed : 0,
    };
    struct goxel_volume *raised = goxel_volume_copy(above); /* costs nothing, and may be raised */
    int result = raised ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    if (!result)
        result = goxel_tree_raise(raised, volume->level);
    if (!result)
        result = goxel_tree_raise(volume, raised->level);
    if (!result)
        result = merge_octants(&merge, volume, raised);
    goxel_volume_destroy(raised);
    if (computed)
        *computed = merge.computed;
    return result;
}
