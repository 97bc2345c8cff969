/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links and nodes, the way down to what is written, and the walk over all of it. */
#include "core/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* ---- links ---- */

goxel_link goxel_link_ref(goxel_link link)
{
    if (goxel_link_is_brick(link))
        goxel_brick_ref(goxel_link_brick(link));
    else if (goxel_link_is_node(link))
        atomic_fetch_add_explicit(&goxel_link_node(link)->refs, 1, memory_order_relaxed);
    return link;
}

/*
 * What the links name is about to be counted, one after the other, and a counter waits for its own line of memory
 * and everything before it: called for all at once.
 */
static void expect_counting(const goxel_link *links)
{
    for (int i = 0; i < GOXEL_NODE_LINKS; i++) {
        if (links[i] & GOXEL_LINK_BITS)
            __builtin_prefetch((const void *)(uintptr_t)(links[i] & ~(goxel_link)GOXEL_LINK_BITS), 1);
    }
}

/* What the node counts. */
static void unref_links(struct goxel_node *node)
{
    if (node->from) {
        goxel_link_unref(node->links[node->counted]);
        goxel_link_unref(goxel_link_of_node(node->from));
        return;
    }
    expect_counting(node->links);
    for (int i = 0; i < GOXEL_NODE_LINKS; i++)
        goxel_link_unref(node->links[i]);
}

void goxel_link_unref(goxel_link link)
{
    struct goxel_node *node;

    if (goxel_link_is_brick(link))
        goxel_brick_unref(goxel_link_brick(link));
    if (!goxel_link_is_node(link))
        return;
    node = goxel_link_node(link);
    if (atomic_fetch_sub_explicit(&node->refs, 1, memory_order_acq_rel) != 1)
        return;
    unref_links(node);
    free(node);
}

void goxel_tally_add(struct goxel_tally *tally, goxel_link link, int level, int sign)
{
    if (goxel_link_is_node(link)) {
        for (int i = 0; i < GOXEL_NODE_LINKS; i++)
            goxel_tally_add(tally, goxel_link_node(link)->links[i], level - 1, sign);
    } else if (goxel_link_is_brick(link)) {
        tally->voxels += sign * goxel_link_brick(link)->count;
        tally->bricks += sign;
    } else if (link) {
        int64_t bricks = (int64_t)1 << 6 * level;

        tally->voxels += sign * bricks * GOXEL_BRICK_VOXELS;
        tally->bricks += sign * bricks;
    }
}

int goxel_link_encode(const struct goxel_color *voxels, goxel_link *ret_link)
{
    int count = goxel_colors_count(voxels);
    struct goxel_brick *brick = NULL;
    enum goxel_brick_need need = goxel_brick_encode(voxels, count, &brick);

    if (need == GOXEL_NEED_TILE) {
        *ret_link = goxel_link_of_color(voxels[0]);
        return 0;
    }
    if (need == GOXEL_NEED_RGBA && (brick = goxel_brick_create(GOXEL_BRICK_RGBA))) {
        memcpy(brick->colors, voxels, GOXEL_BRICK_BYTES);
        brick->count = (uint16_t)count;
    }
    if (!brick)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_link = goxel_link_of_brick(brick);
    return 0;
}

/* Entries from the second one on: colours, no two the same. */
static bool all_different(const struct goxel_color *colors, int used)
{
    for (int i = 1; i < used; i++) {
        if (!colors[i].a)
            return false;
        for (int k = 1; k < i; k++) {
            if (goxel_color_bits(colors[i]) == goxel_color_bits(colors[k]))
                return false;
        }
    }
    return true;
}

/* The same indices, where the palette stays one; what is empty stays it. */
static int replace_palette(const struct goxel_brick *brick, const struct goxel_color *colors, int used,
                           goxel_link *ret_link)
{
    struct goxel_brick *copy = goxel_brick_create((enum goxel_brick_state)brick->state);

    if (!copy)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    memcpy(copy->colors, brick->colors, goxel_brick_bytes(brick) - sizeof(*brick));
    memcpy(copy->colors + 1, colors + 1, (size_t)(used - 1) * sizeof(copy->colors[0]));
    copy->count = brick->count;
    copy->used = brick->used;
    *ret_link = goxel_link_of_brick(copy);
    return 0;
}

int goxel_link_recolor(goxel_link link, const struct goxel_brick *brick, const struct goxel_color *colors,
                       goxel_link *ret_link)
{
    bool fills = colors[0].a && brick->count < GOXEL_BRICK_VOXELS; /* what is empty */
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    uint8_t indices[GOXEL_BRICK_VOXELS];
    int used = brick->used;

    if (!fills && memcmp(colors + 1, brick->colors + 1, (size_t)(used - 1) * sizeof(*colors)) == 0) {
        *ret_link = goxel_link_ref(link);
        return 0;
    }
    if (!fills && all_different(colors, used))
        return replace_palette(brick, colors, used, ret_link);
    goxel_brick_indices(brick, indices);
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
        voxels[i] = colors[indices[i]];
    return goxel_link_encode(voxels, ret_link);
}

const struct goxel_color *goxel_link_read(goxel_link link, struct goxel_color buffer[GOXEL_BRICK_VOXELS])
{
    struct goxel_color color = goxel_link_color(link);

    if (goxel_link_is_brick(link))
        return goxel_brick_read(goxel_link_brick(link), buffer);
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
        buffer[i] = color;
    return buffer;
}

struct goxel_color goxel_link_get_away(goxel_link link, size_t index)
{
    return goxel_brick_get(goxel_link_here(link), index);
}

/* ---- nodes ---- */

struct goxel_node *goxel_node_create(goxel_link all)
{
    struct goxel_node *node = malloc(sizeof(*node));

    if (!node)
        return NULL;
    atomic_init(&node->refs, 1);
    atomic_init(&node->busy, false);
    atomic_init(&node->from, NULL);
    node->open = 0;
    for (int i = 0; i < GOXEL_NODE_LINKS; i++)
        node->links[i] = all;
    return node;
}

goxel_link goxel_node_finish(struct goxel_node *node)
{
    goxel_link first = node->links[0];

    if (goxel_link_is_node(first) || goxel_link_is_brick(first))
        return goxel_link_of_node(node);
    for (int i = 1; i < GOXEL_NODE_LINKS; i++) {
        if (node->links[i] != first)
            return goxel_link_of_node(node);
    }
    if (node->from)
        goxel_link_unref(goxel_link_of_node(node->from));
    free(node);
    return first;
}

/* Makes the node count all of its links: it takes them over from a node that nobody else has. */
static void count_all(struct goxel_node *node)
{
    struct goxel_node *from = atomic_load_explicit(&node->from, memory_order_relaxed);

    if (!from)
        return;
    atomic_store_explicit(&node->from, NULL, memory_order_relaxed);
    if (goxel_node_is_sole(from)) {
        goxel_link_unref(from->links[node->counted]);
        free(from);
        return;
    }
    expect_counting(node->links);
    for (int i = 0; i < GOXEL_NODE_LINKS; i++) {
        if (i != node->counted)
            goxel_link_ref(node->links[i]);
    }
    goxel_link_unref(goxel_link_of_node(from));
}

/*
 * A node that is shared becomes one that others can count in place of its links. False: what is below may be open
 * yet, or somebody else who copies it is at it.
 */
static bool lends(struct goxel_node *node)
{
    if (node->open || atomic_exchange_explicit(&node->busy, true, memory_order_acquire))
        return false;
    count_all(node);
    atomic_store_explicit(&node->busy, false, memory_order_release);
    return true;
}

/* For an edit of what is below link i. */
static struct goxel_node *copy_node(struct goxel_node *node, int i)
{
    struct goxel_node *copy = goxel_node_create(0);

    if (!copy)
        return NULL;
    memcpy(copy->links, node->links, sizeof(copy->links));
    if (lends(node)) {
        atomic_fetch_add_explicit(&node->refs, 1, memory_order_relaxed);
        atomic_init(&copy->from, node);
        copy->counted = (uint8_t)i;
        goxel_link_ref(copy->links[i]);
        return copy;
    }
    copy->open = node->open;
    expect_counting(copy->links);
    for (int k = 0; k < GOXEL_NODE_LINKS; k++)
        goxel_link_ref(copy->links[k]);
    return copy;
}

/* Makes the link a node of the volume's own, to change what is below link i: fresh, of tiles, a copy, or what it is. */
static struct goxel_node *own_node(goxel_link *link, int i)
{
    struct goxel_node *node;

    if (goxel_link_is_node(*link)) {
        if (goxel_node_is_sole(goxel_link_node(*link)))
            return goxel_link_node(*link);
        node = copy_node(goxel_link_node(*link), i);
    } else {
        node = goxel_node_create(*link);
    }
    if (!node)
        return NULL;
    goxel_link_unref(*link);
    *link = goxel_link_of_node(node);
    return node;
}

/* ---- the way down ---- */

/* One level more: each octant becomes the link of its new node that touches the origin. */
static int raise_once(struct goxel_volume *volume)
{
    struct goxel_node *nodes[GOXEL_OCTANTS] = {NULL};

    for (int i = 0; i < GOXEL_OCTANTS; i++) {
        if (volume->octants[i] == 0 || (nodes[i] = goxel_node_create(0)))
            continue;
        while (i-- > 0)
            free(nodes[i]);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    for (int i = 0; i < GOXEL_OCTANTS; i++) {
        if (!nodes[i])
            continue;
        nodes[i]->open = (uint64_t)1 << goxel_octant_near(i); /* as what was there may be */
        nodes[i]->links[goxel_octant_near(i)] = volume->octants[i];
        volume->octants[i] = goxel_link_of_node(nodes[i]);
    }
    volume->level++;
    return 0;
}

int goxel_tree_raise(struct goxel_volume *volume, int level)
{
    int result = 0;

    while (!result && volume->level < level)
        result = raise_once(volume);
    return result;
}

int goxel_tree_reach(struct goxel_volume *volume, struct goxel_pos pos)
{
    int result = 0;

    while (!result && !goxel_tree_covers(volume, pos))
        result = raise_once(volume);
    return result;
}

goxel_link *goxel_tree_own(struct goxel_volume *volume, struct goxel_pos pos, int level)
{
    struct goxel_node *way[GOXEL_LEVEL_MAX];
    int length = 0, counting = 0; /* nodes of the way, and those of them that count all of their links */
    goxel_link *link;

    if (goxel_tree_reach(volume, pos) || goxel_tree_raise(volume, level))
        return NULL;
    link = &volume->octants[goxel_octant_index(pos)];
    for (int at = volume->level; at > level; at--) {
        int i = goxel_node_index(pos, at);
        struct goxel_node *node = own_node(link, i);

        if (!node)
            return NULL;
        way[length++] = node;
        if (!node->from || node->counted != i || level > 0) {
            while (counting < length)
                count_all(way[counting++]);
        }
        node->open |= (uint64_t)1 << i;
        link = &node->links[i];
    }
    return link;
}

int goxel_tree_put(struct goxel_volume *volume, struct goxel_pos pos, int level, goxel_link link)
{
    goxel_link *place = goxel_tree_own(volume, pos, level);

    if (!place)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_tally_add(&volume->tally, *place, level, -1);
    goxel_tally_add(&volume->tally, link, level, 1);
    goxel_link_unref(*place);
    *place = link;
    return 0;
}

#define LINE 64 /* bytes that come from memory at once */

static void fetch(const void *bytes, size_t len)
{
    for (size_t at = 0; at < len; at += LINE)
        __builtin_prefetch((const uint8_t *)bytes + at);
}

/* What it was copied from may be gone already: nobody looks at what is fetched. */
static void fetch_node(struct goxel_node *node)
{
    struct goxel_node *from = atomic_load_explicit(&node->from, memory_order_relaxed);

    fetch(node, sizeof(*node));
    if (from) {
        __builtin_prefetch(from, 1);
        __builtin_prefetch(&from->links[node->counted]);
    }
}

goxel_link goxel_tree_fetch(const struct goxel_volume *volume, struct goxel_pos pos)
{
    goxel_link link;

    if (!goxel_tree_covers(volume, pos))
        return 0;
    link = volume->octants[goxel_octant_index(pos)];
    for (goxel_way way = goxel_way_from(pos, volume->level); goxel_link_is_node(link);
         way = goxel_way_down(way)) {
        fetch_node(goxel_link_node(link));
        link = goxel_link_node(link)->links[goxel_way_index(way)];
    }
    if (goxel_link_is_brick(link))
        fetch(goxel_link_brick(link), goxel_brick_state_bytes(goxel_link_state(link)));
    return link;
}

/* An RGBA brick with the voxels of what stands there. */
static struct goxel_brick *open_copy(goxel_link link)
{
    struct goxel_brick *brick = goxel_brick_create(GOXEL_BRICK_RGBA);
    const struct goxel_color *voxels;

    if (!brick)
        return NULL;
    voxels = goxel_link_read(link, brick->colors);
    if (voxels != brick->colors)
        memcpy(brick->colors, voxels, GOXEL_BRICK_BYTES);
    if (link)
        brick->count = goxel_link_is_brick(link) ? goxel_link_brick(link)->count : GOXEL_BRICK_VOXELS;
    return brick;
}

/* Changes a voxel of a brick that others have too, or a ring, and leaves it sealed. False: it must be opened. */
static bool change_shared(struct goxel_volume *volume, goxel_link *link, size_t index,
                          struct goxel_color color)
{
    struct goxel_brick *brick = goxel_link_brick(*link), *with;
    const struct goxel_brick *here;

    if (!goxel_link_is_brick(*link))
        return false;
    here = goxel_link_here(*link);
    if (here->state == GOXEL_BRICK_RGBA || (here == brick && goxel_brick_is_sole(brick)))
        return false;
    with = goxel_brick_with(here, index, goxel_color_normal(color));
    if (!with)
        return false;
    volume->tally.voxels += with->count - brick->count;
    goxel_brick_unref(brick);
    *link = goxel_link_of_brick(with);
    return true;
}

static bool writable(goxel_link link)
{
    return goxel_link_is_brick(link) && goxel_link_brick(link)->state == GOXEL_BRICK_RGBA &&
           goxel_brick_is_sole(goxel_link_brick(link));
}

/* The brick at a link of the volume's own, open. It may have no voxel yet. NULL: out of memory. */
static struct goxel_brick *open_brick(struct goxel_volume *volume, goxel_link *link)
{
    struct goxel_brick *brick;

    if (!writable(*link)) {
        brick = open_copy(*link);
        if (!brick)
            return NULL;
        volume->tally.bricks += *link == 0;
        goxel_link_unref(*link);
        *link = goxel_link_of_brick(brick);
    }
    brick = goxel_link_brick(*link);
    volume->opened += !brick->open;
    brick->open = true;
    return brick;
}

int goxel_tree_change(struct goxel_volume *volume, struct goxel_pos pos, struct goxel_color color)
{
    size_t index = goxel_brick_index(pos);
    goxel_link *link, old = goxel_tree_find(volume, pos);
    struct goxel_brick *brick;
    int code = goxel_link_load(old);

    if (code)
        return code;
    if (old == 0 && volume->tally.bricks >= (int64_t)GOXEL_VOLUME_BRICKS_MAX)
        return GOXEL_ERROR_QUOTA;
    if (volume->opened >= GOXEL_VOLUME_OPEN_MAX)
        goxel_volume_seal(volume);
    link = goxel_tree_own(volume, pos, 0);
    if (!link)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (change_shared(volume, link, index, color))
        return 0;
    brick = open_brick(volume, link);
    if (!brick)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_tree_write(volume, brick, index, color);
    return 0;
}

void goxel_tree_replace(struct goxel_volume *volume, const goxel_link octants[GOXEL_OCTANTS],
                        struct goxel_tally tally)
{
    for (int i = 0; i < GOXEL_OCTANTS; i++) {
        goxel_link_unref(volume->octants[i]);
        volume->octants[i] = octants[i];
    }
    volume->tally = tally;
}

/* ---- the walk ---- */

struct walk {
    const struct goxel_box *box; /* NULL: all */
    goxel_link_visit *visit;
    void *ctx;
};

static int walk_link(const struct walk *walk, goxel_link link, struct goxel_pos corner, int level)
{
    struct goxel_box all = goxel_level_box(corner, level);
    int result = 0;

    if (link == 0 || (walk->box && !goxel_box_intersect(&all, walk->box, &all)))
        return 0;
    if (!goxel_link_is_node(link))
        return walk->visit(walk->ctx, link, corner, level);
    for (int i = 0; i < GOXEL_NODE_LINKS && !result; i++)
        result = walk_link(walk, goxel_link_node(link)->links[i], goxel_node_corner(corner, level, i),
                           level - 1);
    return result;
}

int goxel_tree_walk(const struct goxel_volume *volume, const struct goxel_box *box, goxel_link_visit *visit,
                    void *ctx)
{
    struct walk walk = {box, visit, ctx};
    int result = 0;

    for (int i = 0; i < GOXEL_OCTANTS && !result; i++)
        result = walk_link(&walk, volume->octants[i], goxel_octant_corner(i, volume->level), volume->level);
    return result;
}
