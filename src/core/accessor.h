/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs of voxels near each other: the brick of the last access is kept at hand.
 *
 * Used by: core, and whoever walks voxel by voxel.  Uses: core/tree.h, which is open for this alone.
 *
 *     struct goxel_accessor near = goxel_accessor_make(volume);
 *
 *     goxel_accessor_set(&near, pos, color);
 *
 * Life: on the stack of one thread; there is nothing to end. It is good until the volume is copied,
 * sealed or destroyed, or changed by anything but this accessor; `goxel_accessor_forget` makes it good
 * again. To read a volume that somebody else may read too, take `goxel_reader`.
 */
#ifndef GOXEL_CORE_ACCESSOR_H
#define GOXEL_CORE_ACCESSOR_H

#include "core/tree.h"

/* ---- reading ---- */

struct goxel_reader {
    const struct goxel_volume *volume;
    struct goxel_pos near; /* some place in the brick at hand */
    goxel_link link;       /* what stands there: a tile, a brick in memory or nothing */
};

/* Where nothing is. A reader that has met a brick that is away goes there: such a brick is asked for each time. */
static const struct goxel_pos goxel_reader_nowhere = {INT32_MIN, INT32_MIN, INT32_MIN};

/* In the same brick. */
static inline bool goxel_pos_near(struct goxel_pos a, struct goxel_pos b)
{
    return (((a.x ^ b.x) | (a.y ^ b.y) | (a.z ^ b.z)) & ~(GOXEL_BRICK_SIZE - 1)) == 0;
}

static inline struct goxel_reader goxel_reader_make(const struct goxel_volume *volume)
{
    return (struct goxel_reader){volume, goxel_reader_nowhere, 0};
}

/* As goxel_volume_get_at. */
static inline struct goxel_color goxel_reader_get(struct goxel_reader *reader, struct goxel_pos pos)
{
    if (__builtin_expect(!goxel_pos_near(reader->near, pos), 0)) {
        goxel_link link = goxel_tree_find(reader->volume, pos);

        if (!goxel_link_is_here(link) && __builtin_expect(goxel_link_is_away(link), 0)) {
            *reader = goxel_reader_make(reader->volume);
            return goxel_link_get_away(link, goxel_brick_index(pos));
        }
        reader->near = pos;
        reader->link = link;
    }
    return goxel_link_get_here(reader->link, goxel_brick_index(pos));
}

/* ---- reading and writing ---- */

struct goxel_accessor {
    struct goxel_volume *volume;
    struct goxel_reader reader;
    struct goxel_brick *open; /* the brick at hand, if it may be written in place */
};

static inline void goxel_accessor_forget(struct goxel_accessor *accessor)
{
    accessor->reader = goxel_reader_make(accessor->volume);
    accessor->open = NULL;
}

static inline struct goxel_accessor goxel_accessor_make(struct goxel_volume *volume)
{
    return (struct goxel_accessor){volume, goxel_reader_make(volume), NULL};
}

/* As goxel_volume_get_at. */
static inline struct goxel_color goxel_accessor_get(struct goxel_accessor *accessor, struct goxel_pos pos)
{
    if (__builtin_expect(!goxel_pos_near(accessor->reader.near, pos), 0))
        accessor->open = NULL;
    return goxel_reader_get(&accessor->reader, pos);
}

/*
 * Where there is no open brick at hand: goxel_volume_set_at, and then the brick that it wrote. The position
 * comes as numbers: a struct on its way to a function is read back wider than it was written, which waits
 * until every write before it has reached the cache, and so would a walk at random, step by step.
 */
int goxel_accessor_reach(struct goxel_accessor *accessor, int32_t x, int32_t y, int32_t z,
                         struct goxel_color color);

/* As goxel_volume_set_at. */
static inline int goxel_accessor_set(struct goxel_accessor *accessor, struct goxel_pos pos,
                                     struct goxel_color color)
{
    if (__builtin_expect(accessor->open && goxel_pos_near(accessor->reader.near, pos), 1) &&
        goxel_tree_write(accessor->volume, accessor->open, goxel_brick_index(pos), color))
        return 0;
    return goxel_accessor_reach(accessor, pos.x, pos.y, pos.z, color);
}

#endif
