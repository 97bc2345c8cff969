/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The 16³ voxels at the bottom of the tree, in the least memory that they need.
 *
 * Used by: core/tree.h, and through it the files of core that work on volumes.  Uses: core/volume.h (colours);
 * core/away.h has what lies elsewhere.
 *
 *     state       voxels are                       bytes     colours beside empty
 *     tile        no brick: a word in the parent       0     one all over
 *     PALETTE_4   half a byte each                  2128     1 to 15
 *     PALETTE_8   a byte each                       5136     16 to 255
 *     RGBA        the colours themselves           16400     any
 *     AWAY        not in memory (core/away.h)         32     any
 *
 * A brick is shared by reference count and never changes while anybody shares it. Its sole owner may
 * write it when it is RGBA: it is open then, until `goxel_brick_encode` chooses its state anew. A
 * palette begins with the empty colour, used or not: which voxels are there is seen without a look at the palette.
 * The others follow in the order of first appearance, so that equal voxels come to equal bytes.
 *
 * Of a brick that is AWAY, its life, its count and its bytes are asked for here, and all of its colours
 * (goxel_brick_read); everything else is for bricks in memory, which goxel_brick_here gives.
 *
 * Life: a brick dies with its last reference, in whichever thread gives it back.
 */
#ifndef GOXEL_CORE_BRICK_H
#define GOXEL_CORE_BRICK_H

#include <stdatomic.h>
#include <string.h>

#include "core/volume.h"

enum goxel_brick_state { GOXEL_BRICK_RGBA, GOXEL_BRICK_PALETTE_8, GOXEL_BRICK_PALETTE_4, GOXEL_BRICK_AWAY };

#define GOXEL_BRICK_COLORS_8 256
#define GOXEL_BRICK_COLORS_4 16

struct goxel_brick {
    atomic_size_t refs;
    uint16_t count; /* voxels that are not empty; at least one in a tree */
    uint8_t state;  /* enum goxel_brick_state */
    bool open;      /* written since its state was chosen; RGBA */
    uint16_t used;  /* colours in the palette, the empty one among them */
    /* RGBA: the voxels. AWAY: see core/away.c. Otherwise the palette, and then the indices, the lower half byte first. */
    _Alignas(16) struct goxel_color colors[];
};

/* Without what it holds: whoever makes one fills count and colours. NULL: out of memory. */
struct goxel_brick *goxel_brick_create(enum goxel_brick_state state);
size_t goxel_brick_state_bytes(unsigned state);            /* what a brick of that state takes of memory */
size_t goxel_brick_bytes(const struct goxel_brick *brick); /* what it takes of memory */
struct goxel_brick *goxel_brick_ref(struct goxel_brick *brick); /* one more */
void goxel_brick_unref(struct goxel_brick *brick);

/* Nobody else holds it. */
static inline bool goxel_brick_is_sole(struct goxel_brick *brick)
{
    return atomic_load_explicit(&brick->refs, memory_order_acquire) == 1;
}

/* The four bytes as one number, to compare and to hash. */
static inline uint32_t goxel_color_bits(struct goxel_color color)
{
    uint32_t bits;

    memcpy(&bits, &color, sizeof(bits));
    return bits;
}

/* The one way to say empty: alpha 0 with any colour becomes all zero. */
static inline struct goxel_color goxel_color_normal(struct goxel_color color)
{
    return color.a ? color : (struct goxel_color){0, 0, 0, 0};
}

/* Where a valid position lies in its brick. */
static inline size_t goxel_brick_index(struct goxel_pos pos)
{
    return (uint32_t)(pos.x & 15) | (uint32_t)(pos.y & 15) << 4 | (uint32_t)(pos.z & 15) << 8;
}

/* Of a brick that is known to be of a state, where the voxel has its colour, or the index of it. */
static inline const void *goxel_brick_place(const struct goxel_brick *brick, unsigned state, size_t index)
{
    if (state == GOXEL_BRICK_RGBA)
        return brick->colors + index;
    if (state == GOXEL_BRICK_PALETTE_8)
        return (const uint8_t *)(brick->colors + GOXEL_BRICK_COLORS_8) + index;
    return (const uint8_t *)(brick->colors + GOXEL_BRICK_COLORS_4) + index / 2;
}

/* Which of `colors` the voxel has. */
static inline size_t goxel_brick_entry(const struct goxel_brick *brick, unsigned state, size_t index)
{
    if (state == GOXEL_BRICK_RGBA)
        return index;
    if (state == GOXEL_BRICK_PALETTE_8)
        return *(const uint8_t *)goxel_brick_place(brick, state, index);
    return *(const uint8_t *)goxel_brick_place(brick, state, index) >> 4 * (index & 1) & 15;
}

static inline struct goxel_color goxel_brick_get_as(const struct goxel_brick *brick, unsigned state,
                                                    size_t index)
{
    return brick->colors[goxel_brick_entry(brick, state, index)];
}

static inline struct goxel_color goxel_brick_get(const struct goxel_brick *brick, size_t index)
{
    return goxel_brick_get_as(brick, brick->state, index);
}

/* All of its colours: its own where they lie ready, or written to the buffer, as always those that were AWAY. */
const struct goxel_color *goxel_brick_read(const struct goxel_brick *brick,
                                           struct goxel_color buffer[GOXEL_BRICK_VOXELS]);

/* The palette's indices, a byte each. Only of a brick that has a palette. */
void goxel_brick_indices(const struct goxel_brick *brick, uint8_t ret_indices[GOXEL_BRICK_VOXELS]);

/*
 * The state that GOXEL_BRICK_VOXELS normal colours need, `count` of them not empty: a tile of the first
 * one, a palette (in *ret_brick, a fresh brick), or RGBA; or memory, for the palette.
 */
enum goxel_brick_need { GOXEL_NEED_TILE, GOXEL_NEED_PALETTE, GOXEL_NEED_RGBA, GOXEL_NEED_MEMORY };
enum goxel_brick_need goxel_brick_encode(const struct goxel_color *voxels, int count,
                                         struct goxel_brick **ret_brick);

/*
 * A brick with a palette, and one of its voxels of another normal colour: fresh, and in the state that it needs. NULL:
 * no palette has that many colours, or it is of one all over, or out of memory.
 */
struct goxel_brick *goxel_brick_with(const struct goxel_brick *brick, size_t index, struct goxel_color color);

/*
 * A brick of a palette and its indices, a byte each, if they are as goxel_brick_encode would have made them. NULL: they are
 * not, or out of memory.
 */
struct goxel_brick *goxel_brick_of_palette(const struct goxel_color *colors, unsigned used,
                                           const uint8_t indices[GOXEL_BRICK_VOXELS]);

/*
 * A brick of two colours, not both the same: rows[y + 16 z] has a bit for each x, set where the voxel is of the
 * second. Neither all nor none of the bits are set. NULL: out of memory.
 */
struct goxel_brick *goxel_brick_of_bits(const uint16_t rows[GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE],
                                        struct goxel_color clear, struct goxel_color set);

int goxel_colors_count(const struct goxel_color *voxels); /* of GOXEL_BRICK_VOXELS, those not empty */

#endif
