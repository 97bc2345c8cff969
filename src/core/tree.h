/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a volume is made of: a persistent sparse tree.
 *
 * Used by: core/accessor.h, and the files of core that work on volumes.  Uses: core/brick.h, core/away.h.
 *
 *     volume ──┬─ octant x+ y+ z+ ──┬─ nothing
 *              ├─ octant x− y+ z+   ├─ tile                       one colour, 256³
 *              ├─ …                 └─ node, 4³ links of 64³ ──┬─ nothing
 *              └─ octant x− y− z−                              ├─ tile     64³
 *                                                              └─ node ──┬─ nothing
 *         level 2                    level 2                             ├─ tile     16³
 *                                                              level 1   └─ brick    16³
 *
 * The signs of a position choose one of eight octants, all of one level: an octant of level n is
 * 16·4ⁿ voxels on an edge and touches the origin. The level grows with what is in the volume, up to
 * GOXEL_LEVEL_MAX. A link is a word: nothing, the colour of a tile, or a counted reference to a brick
 * (level 0) or a node (above).
 *
 * What holds:
 * - What is shared, by any count above one on the way from the volume, never changes. A write copies
 *   that part of the way, and only that; what the volume owns alone is written in place.
 * - A tile is never of the empty colour, and no brick is without voxels. (A node may be left empty or
 *   of one colour by writes; sealing takes such nodes away.)
 * - Every way from a volume to an open brick that it owns alone is open: that is what sealing follows.
 * - `voxels` and `bricks` are what is there. A tile counts as the bricks that it stands for.
 */
#ifndef GOXEL_CORE_TREE_H
#define GOXEL_CORE_TREE_H

#include "core/away.h"
#include "core/box.h"
#include "core/brick.h"

/* ---- links ---- */

/*
 * 0: nothing. Otherwise the lowest bit says node, the three above it brick, and none of them a tile, with its colour in
 * the upper half: nothing is as a tile of the empty colour. A link to a brick has the brick's state in bits 2–3, so
 * that one voxel is read without a look at the head of the brick, which in memory lies far from most of them; bit 1
 * says that the voxels are in memory, and so the way to them is none longer for those that are away.
 */
typedef uint64_t goxel_link;

#define GOXEL_LINK_NODE 1u /* and a pointer, as is a brick */
#define GOXEL_LINK_HERE 2u
#define GOXEL_LINK_STATE 2   /* the first bit of the state */
#define GOXEL_LINK_BRICK 14u /* any of these: HERE, or the state AWAY */
#define GOXEL_LINK_BITS 15u

struct goxel_node;

static inline bool goxel_link_is_node(goxel_link link)
{
    return link & GOXEL_LINK_NODE;
}

static inline bool goxel_link_is_brick(goxel_link link)
{
    return link & GOXEL_LINK_BRICK;
}

static inline bool goxel_link_is_tile(goxel_link link)
{
    return link != 0 && (link & (GOXEL_LINK_NODE | GOXEL_LINK_BRICK)) == 0;
}

/* A tile of a colour; nothing for alpha 0. */
static inline goxel_link goxel_link_of_color(struct goxel_color color)
{
    return (goxel_link)goxel_color_bits(goxel_color_normal(color)) << 32;
}

static inline struct goxel_color goxel_link_color(goxel_link link)
{
    uint32_t bits = (uint32_t)(link >> 32);
    struct goxel_color color;

    memcpy(&color, &bits, sizeof(color));
    return color;
}

static inline goxel_link goxel_link_of_brick(struct goxel_brick *brick)
{
    goxel_link state = brick->state;

    return (uintptr_t)brick | state << GOXEL_LINK_STATE | (state == GOXEL_BRICK_AWAY ? 0 : GOXEL_LINK_HERE);
}

static inline struct goxel_brick *goxel_link_brick(goxel_link link)
{
    return (struct goxel_brick *)(uintptr_t)(link & ~(goxel_link)GOXEL_LINK_BITS);
}

static inline goxel_link goxel_link_of_node(struct goxel_node *node)
{
    return node ? (uintptr_t)node + GOXEL_LINK_NODE : 0;
}

static inline struct goxel_node *goxel_link_node(goxel_link link)
{
    return (struct goxel_node *)(uintptr_t)(link - GOXEL_LINK_NODE);
}

goxel_link goxel_link_ref(goxel_link link); /* one more reference, to whatever it is */
void goxel_link_unref(goxel_link link);

/* What hangs on a link: voxels, and bricks with tiles counted as the bricks they stand for. */
struct goxel_tally {
    int64_t voxels, bricks;
};
void goxel_tally_add(struct goxel_tally *tally, goxel_link link, int level, int sign);

/* What brick of level 0 the colours make, normal ones; owned by the caller. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_link_encode(const struct goxel_color *voxels, goxel_link *ret_link);

/*
 * A brick with a palette, in which each colour becomes another: a normal one for each that the brick uses, in
 * the order of the palette. `brick` is what goxel_link_here gives for the link. A reference to the link itself if
 * nothing changes. GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_link_recolor(goxel_link link, const struct goxel_brick *brick, const struct goxel_color *colors,
                       goxel_link *ret_link);

/* The colours of what stands at level 0: the brick's own (never of one that is away), or written to the buffer. */
const struct goxel_color *goxel_link_read(goxel_link link, struct goxel_color buffer[GOXEL_BRICK_VOXELS]);

static inline unsigned goxel_link_state(goxel_link link)
{
    return link >> GOXEL_LINK_STATE & 3;
}

/* A brick that is in memory. */
static inline bool goxel_link_is_here(goxel_link link)
{
    return link & GOXEL_LINK_HERE;
}

/* A brick that is not. */
static inline bool goxel_link_is_away(goxel_link link)
{
    return goxel_link_state(link) == GOXEL_BRICK_AWAY; /* of nothing else are there such bits */
}

/* As goxel_brick_here, of a link that is a brick. */
static inline const struct goxel_brick *goxel_link_here(goxel_link link)
{
    const struct goxel_brick *brick = goxel_link_brick(link);

    return __builtin_expect(goxel_link_is_away(link), 0) ? goxel_brick_loaded(brick) : brick;
}

/* Makes sure that it can be read; costs nothing if it is in memory. What goxel_brick_load fails with. */
static inline int goxel_link_load(goxel_link link)
{
    const struct goxel_brick *here;

    return __builtin_expect(goxel_link_is_away(link), 0) ? goxel_brick_load(goxel_link_brick(link), &here)
                                                         : 0;
}

/*
 * One colour of a brick that is away. To callers it is as pure as a look at memory, so that a loop keeps what it knows
 * of the tree across the call, which hardly ever comes.
 */
struct goxel_color goxel_link_get_away(goxel_link link, size_t index) __attribute__((cold, pure));

/* One colour of what stands at level 0, and is not away. */
static inline struct goxel_color goxel_link_get_here(goxel_link link, size_t index)
{
    return goxel_link_is_here(link)
               ? goxel_brick_get_as(goxel_link_brick(link), goxel_link_state(link), index)
               : goxel_link_color(link);
}

/* The same, wherever it is. Of what is in memory nothing but that is asked. */
static inline struct goxel_color goxel_link_get(goxel_link link, size_t index)
{
    if (!goxel_link_is_here(link) && __builtin_expect(goxel_link_is_away(link), 0))
        return goxel_link_get_away(link, index);
    return goxel_link_get_here(link, index);
}

/* ---- nodes ---- */

#define GOXEL_NODE_LINKS 64 /* 4³: x + 4 y + 16 z */

/*
 * A node counts a reference for each of its links, with one exception: the nodes on the way to a brick that an edit
 * changed, and no other, each count the link that goes there and, in place of the rest, the node that they were copied
 * from, which counts all of its own. So an edit of one brick does not go to the heads of 63 others, and of as many
 * nodes on every level, to count them up, and down again when the old version goes. What is kept beyond its time is one
 * brick and a node of each level, until the next edit comes by. As soon as a second brick below a node changes, it
 * and those above it count all of theirs.
 */
struct goxel_node {
    atomic_size_t refs;
    _Atomic(struct goxel_node *) from; /* NULL: the node counts all of its links */
    uint8_t counted;                   /* the link that it counts by itself, if there is `from` */
    atomic_bool busy;                  /* somebody changes `from` of a node that is shared */
    uint64_t open; /* a bit for each link below which something was written since it was sealed */
    goxel_link links[GOXEL_NODE_LINKS];
};

/* Every link as given, none of them counted. NULL: out of memory. */
struct goxel_node *goxel_node_create(goxel_link all);

/* The node as a link; if it holds nothing, or one tile all over, that instead, and the node is gone. */
goxel_link goxel_node_finish(struct goxel_node *node);

static inline bool goxel_node_is_sole(struct goxel_node *node)
{
    return atomic_load_explicit(&node->refs, memory_order_acquire) == 1;
}

/* What stands at place i below a link that may be a node; a tile and nothing have the same all over. */
static inline goxel_link goxel_link_below(goxel_link link, int i)
{
    return goxel_link_is_node(link) ? goxel_link_node(link)->links[i] : link;
}

/* ---- places ---- */

#define GOXEL_LEVEL_MAX 8 /* 16·4⁸ is 2²⁰, the coordinate range of an octant */
#define GOXEL_OCTANTS 8

/* log2 of the edge of what a link of the level covers. */
static inline int goxel_level_shift(int level)
{
    return 4 + 2 * level;
}

/*
 * A way down: where a position lies, a coordinate in 21 bits beside the other, turned round so that the two bits of
 * each that choose a link of the next node are at 0, 21 and 42.
 */
typedef uint64_t goxel_way;

static inline goxel_way goxel_way_from(struct goxel_pos pos, int level)
{
    const uint32_t all = 0x1fffff;
    goxel_way way = (goxel_way)((uint32_t)pos.x & all) | (goxel_way)((uint32_t)pos.y & all) << 21 |
                    (goxel_way)((uint32_t)pos.z & all) << 42;
    int turn = 2 + 2 * level;

    return way >> turn | way << (64 - turn);
}

static inline goxel_way goxel_way_down(goxel_way way)
{
    return way << 2 | way >> 62;
}

/* The link: the product has the three pairs side by side in its uppermost bits. */
static inline int goxel_way_index(goxel_way way)
{
    goxel_way pairs = way & (UINT64_C(3) | UINT64_C(3) << 21 | UINT64_C(3) << 42);

    return (int)(pairs * (UINT64_C(1) << 58 | UINT64_C(1) << 39 | UINT64_C(1) << 20) >> 58);
}

/* Which link of a node of the level a position belongs to. */
static inline int goxel_node_index(struct goxel_pos pos, int level)
{
    return goxel_way_index(goxel_way_from(pos, level));
}

/* The smallest corner of link i of a node of the level at `corner`. */
static inline struct goxel_pos goxel_node_corner(struct goxel_pos corner, int level, int i)
{
    int edge = 1 << goxel_level_shift(level - 1);

    return (struct goxel_pos){corner.x + (i & 3) * edge, corner.y + (i >> 2 & 3) * edge,
                              corner.z + (i >> 4) * edge};
}

static inline int goxel_octant_index(struct goxel_pos pos)
{
    return (int)((uint32_t)pos.x >> 31 | (uint32_t)pos.y >> 31 << 1 | (uint32_t)pos.z >> 31 << 2);
}

static inline struct goxel_pos goxel_octant_corner(int octant, int level)
{
    int edge = 1 << goxel_level_shift(level);

    return (struct goxel_pos){octant & 1 ? -edge : 0, octant & 2 ? -edge : 0, octant & 4 ? -edge : 0};
}

/* The link of an octant's node that touches the origin: where the octant goes when the level grows. */
static inline int goxel_octant_near(int octant)
{
    return (octant & 1 ? 3 : 0) | (octant & 2 ? 3 : 0) << 2 | (octant & 4 ? 3 : 0) << 4;
}

static inline struct goxel_box goxel_level_box(struct goxel_pos corner, int level)
{
    int last = (1 << goxel_level_shift(level)) - 1;

    return (struct goxel_box){corner, {corner.x + last, corner.y + last, corner.z + last}};
}

/* ---- the tree ---- */

struct goxel_volume {
    goxel_link octants[GOXEL_OCTANTS];
    int level;
    struct goxel_tally tally;
    int64_t opened; /* bricks opened since it was sealed */
};

/* The octants reach as far as that. Never for an invalid position. */
static inline bool goxel_tree_covers(const struct goxel_volume *volume, struct goxel_pos pos)
{
    /* From the smallest corner of all octants: less than their edge twice. */
    uint32_t edge = UINT32_C(1) << goxel_level_shift(volume->level);
    uint32_t x = (uint32_t)pos.x + edge, y = (uint32_t)pos.y + edge, z = (uint32_t)pos.z + edge;

    return ((x | y | z) & ~(2 * edge - 1)) == 0;
}

/* What stands at a position: a tile of any level, a brick, or nothing. */
static inline goxel_link goxel_tree_find(const struct goxel_volume *volume, struct goxel_pos pos)
{
    goxel_link link;

    if (!goxel_tree_covers(volume, pos))
        return 0;
    link = volume->octants[goxel_octant_index(pos)];
    for (goxel_way way = goxel_way_from(pos, volume->level); goxel_link_is_node(link);
         way = goxel_way_down(way))
        link = goxel_link_node(link)->links[goxel_way_index(way)];
    return link;
}

/*
 * What covers the cube of `level` at `corner`: a node of that level or what stands in its place. The tree must be
 * at least that high, or higher where it has anything (goxel_tree_raise).
 */
static inline goxel_link goxel_tree_at(const struct goxel_volume *volume, struct goxel_pos corner, int level)
{
    goxel_link link;

    if (!goxel_tree_covers(volume, corner))
        return 0;
    link = volume->octants[goxel_octant_index(corner)];
    for (int at = volume->level; at > level && goxel_link_is_node(link); at--)
        link = goxel_link_node(link)->links[goxel_node_index(corner, at)];
    return link;
}

/* Makes the octants reach a valid position. GOXEL_ERROR_OUT_OF_MEMORY; no voxel changes either way. */
int goxel_tree_reach(struct goxel_volume *volume, struct goxel_pos pos);
int goxel_tree_raise(struct goxel_volume *volume, int level); /* to that level at least */

/*
 * The link of a level at a valid position, to be written: every node on the way is the volume's alone,
 * and open. It is valid until the next change. NULL: out of memory; no voxel changes either way.
 */
goxel_link *goxel_tree_own(struct goxel_volume *volume, struct goxel_pos pos, int level);

/*
 * Puts what is the caller's, taking it over on success, in place of all that stands in the link of that level at
 * a valid position. GOXEL_ERROR_OUT_OF_MEMORY, and no voxel changes. It does not ask for GOXEL_VOLUME_BRICKS_MAX.
 */
int goxel_tree_put(struct goxel_volume *volume, struct goxel_pos pos, int level, goxel_link link);

/*
 * Another colour at a valid position, where there is no open brick yet and a voxel is left. The first voxel that
 * changes in a palette which other versions share is changed in a palette, which is all that most edits of one
 * voxel come to; the second one opens the brick. GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY, what goxel_brick_load fails with,
 * and no voxel changes.
 */
int goxel_tree_change(struct goxel_volume *volume, struct goxel_pos pos, struct goxel_color color);

/*
 * As goxel_tree_find, and what a change there would copy and count is fetched into the cache, all of it at once: an
 * edit somewhere in a large volume waits for memory, and for little else.
 */
goxel_link goxel_tree_fetch(const struct goxel_volume *volume, struct goxel_pos pos);

/*
 * As goxel_tree_find, and in *ret_open the brick if it may be written: it and all of the way to it are open, and
 * nobody else's; NULL otherwise. (A link that its node does not count is never open there.)
 */
static inline goxel_link goxel_tree_find_open(const struct goxel_volume *volume, struct goxel_pos pos,
                                              struct goxel_brick **ret_open)
{
    bool open = true;
    goxel_link link;

    *ret_open = NULL;
    if (!goxel_tree_covers(volume, pos))
        return 0;
    link = volume->octants[goxel_octant_index(pos)];
    for (goxel_way way = goxel_way_from(pos, volume->level); goxel_link_is_node(link);
         way = goxel_way_down(way)) {
        struct goxel_node *node = goxel_link_node(link);

        int i = goxel_way_index(way);

        open = open && node->open >> i & 1 && goxel_node_is_sole(node);
        link = node->links[i];
    }
    if (open && goxel_link_is_brick(link) && goxel_link_brick(link)->open &&
        goxel_brick_is_sole(goxel_link_brick(link)))
        *ret_open = goxel_link_brick(link);
    return link;
}

/* Writes a voxel of an open brick. False, and nothing is written: it would be without voxels. */
static inline bool goxel_tree_write(struct goxel_volume *volume, struct goxel_brick *brick, size_t index,
                                    struct goxel_color color)
{
    int more = (color.a != 0) - (brick->colors[index].a != 0);

    if (more) {
        if (brick->count + more == 0)
            return false;
        brick->count = (uint16_t)(brick->count + more);
        volume->tally.voxels += more;
    }
    brick->colors[index] = goxel_color_normal(color);
    return true;
}

/* Takes over octants of the volume's level in place of those it has, with what hangs on them. */
void goxel_tree_replace(struct goxel_volume *volume, const goxel_link octants[GOXEL_OCTANTS],
                        struct goxel_tally tally);

/* Each becomes what the other was. */
static inline void goxel_tree_swap(struct goxel_volume *a, struct goxel_volume *b)
{
    struct goxel_volume was = *a;

    *a = *b;
    *b = was;
}

/*
 * Every tile and brick that touches the box (NULL: all), in the order of the tree. A non-zero return
 * ends the walk and is returned. The volume must not change meanwhile.
 */
typedef int goxel_link_visit(void *ctx, goxel_link link, struct goxel_pos corner, int level);
int goxel_tree_walk(const struct goxel_volume *volume, const struct goxel_box *box, goxel_link_visit *visit,
                    void *ctx);

#endif
