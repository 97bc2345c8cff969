/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The end of an edit: every open brick gets the state that it needs, and nodes that writes left empty
 * or of one colour go. Nothing here changes a voxel, so that whatever memory lacks is just left open.
 */
#include "core/tree.h"

/* What the brick comes to. It stays open if there is no memory for less. */
static goxel_link seal_brick(struct goxel_brick *brick)
{
    struct goxel_brick *sealed = NULL;
    goxel_link link = goxel_link_of_brick(brick);

    switch (goxel_brick_encode(brick->colors, brick->count, &sealed)) {
    case GOXEL_NEED_TILE:
        link = goxel_link_of_color(brick->colors[0]);
        break;
    case GOXEL_NEED_PALETTE:
        link = goxel_link_of_brick(sealed);
        break;
    case GOXEL_NEED_RGBA:
        if (goxel_brick_is_sole(brick)) /* what is shared does not change, not even here */
            brick->open = false;
        return link;
    default:
        return link;
    }
    goxel_brick_unref(brick);
    return link;
}

/* True if all below is sealed. What another volume shares is not touched: its last owner may seal it. */
static bool seal_link(goxel_link *link)
{
    struct goxel_node *node;

    if (goxel_link_is_brick(*link)) {
        if (goxel_link_brick(*link)->open)
            *link = seal_brick(goxel_link_brick(*link));
        return !goxel_link_is_brick(*link) || !goxel_link_brick(*link)->open;
    }
    if (!goxel_link_is_node(*link) || !goxel_link_node(*link)->open)
        return true;
    node = goxel_link_node(*link);
    if (!goxel_node_is_sole(node))
        return false;
    for (uint64_t left = node->open; left; left &= left - 1) {
        int i = __builtin_ctzll(left);

        node->open ^= (uint64_t)seal_link(&node->links[i]) << i;
    }
    *link = goxel_node_finish(node);
    return !goxel_link_is_node(*link) || !node->open;
}

/* Everything lies in the links that touch the origin: one level less would do. */
static bool too_high(const struct goxel_volume *volume)
{
    for (int octant = 0; octant < GOXEL_OCTANTS; octant++) {
        goxel_link link = volume->octants[octant];

        if (link && !goxel_link_is_node(link))
            return false;
        for (int i = 0; i < GOXEL_NODE_LINKS; i++) {
            if (i != goxel_octant_near(octant) && goxel_link_below(link, i))
                return false;
        }
    }
    return volume->level > 0;
}

static void lower_once(struct goxel_volume *volume)
{
    for (int octant = 0; octant < GOXEL_OCTANTS; octant++) {
        goxel_link link = volume->octants[octant];

        volume->octants[octant] = goxel_link_ref(goxel_link_below(link, goxel_octant_near(octant)));
        goxel_link_unref(link);
    }
    volume->level--;
}

void goxel_volume_seal(struct goxel_volume *volume)
{
    for (int octant = 0; octant < GOXEL_OCTANTS; octant++)
        seal_link(&volume->octants[octant]);
    while (too_high(volume))
        lower_once(volume);
    volume->opened = 0;
}
