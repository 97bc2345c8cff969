/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bricks by position: a hash table of counted references, and edits of many bricks that are either
 * complete or did not happen.
 *
 * Used by: core/volume, core/fill, core/merge.  Uses: base/error, core/volume.h (positions and colours).
 *
 * A brick is shared by reference count and written only by its sole owner: whoever wants to change
 * a shared one changes a copy. A map owns one reference for each of its slots.
 *
 * Life: a brick dies with its last reference, in whichever thread gives it back; a map is embedded
 * in a volume, `init` to `finish`, and has that volume's rules for threads.
 */
#ifndef GOXEL_CORE_BRICKMAP_H
#define GOXEL_CORE_BRICKMAP_H

#include <stdatomic.h>

#include "core/volume.h"

/* ---- bricks ---- */

struct goxel_brick {
    atomic_size_t refs;
    int count; /* voxels that are not empty; a brick in a map has at least one */
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];
};

struct goxel_brick *goxel_brick_create(void);                          /* empty; NULL: out of memory */
struct goxel_brick *goxel_brick_copy(const struct goxel_brick *brick); /* NULL: out of memory */
struct goxel_brick *goxel_brick_ref(struct goxel_brick *brick);        /* one more; NULL is fine */
void goxel_brick_unref(struct goxel_brick *brick);                     /* NULL is fine */

/* Nobody else holds it: it may be written in place. */
static inline bool goxel_brick_is_sole(struct goxel_brick *brick)
{
    return atomic_load_explicit(&brick->refs, memory_order_acquire) == 1;
}

static inline bool goxel_color_equal(struct goxel_color a, struct goxel_color b)
{
    return a.r == b.r && a.g == b.g && a.b == b.b && a.a == b.a;
}

/* The one way to say empty: alpha 0 with any colour becomes all zero. */
static inline struct goxel_color goxel_color_normal(struct goxel_color color)
{
    return color.a ? color : (struct goxel_color){0, 0, 0, 0};
}

/* ---- keys ---- */

/*
 * The brick that a valid position lies in: 17 bits for each axis, z on top, counted from
 * GOXEL_COORD_MIN. Keys in ascending order are bricks in ascending (z, y, x).
 */
static inline uint64_t goxel_brick_key(struct goxel_pos pos)
{
    uint64_t x = (uint32_t)(pos.x - GOXEL_COORD_MIN) / GOXEL_BRICK_SIZE;
    uint64_t y = (uint32_t)(pos.y - GOXEL_COORD_MIN) / GOXEL_BRICK_SIZE;
    uint64_t z = (uint32_t)(pos.z - GOXEL_COORD_MIN) / GOXEL_BRICK_SIZE;

    return z << 34 | y << 17 | x;
}

/* The smallest corner of the brick. */
static inline struct goxel_pos goxel_brick_pos(uint64_t key)
{
    return (struct goxel_pos){
        (int32_t)(key & 0x1ffff) * GOXEL_BRICK_SIZE + GOXEL_COORD_MIN,
        (int32_t)(key >> 17 & 0x1ffff) * GOXEL_BRICK_SIZE + GOXEL_COORD_MIN,
        (int32_t)(key >> 34) * GOXEL_BRICK_SIZE + GOXEL_COORD_MIN,
    };
}

/* Where a valid position lies in its brick. */
static inline size_t goxel_brick_index(struct goxel_pos pos)
{
    return (uint32_t)(pos.x & 15) | (uint32_t)(pos.y & 15) << 4 | (uint32_t)(pos.z & 15) << 8;
}

/* ---- the map ---- */

struct goxel_brick_slot {
    uint64_t key;
    struct goxel_brick *brick; /* NULL: a free slot */
};

struct goxel_brickmap {
    struct goxel_brick_slot *slots; /* `capacity` of them, NULL before the first */
    size_t capacity;                /* a power of two, or 0 */
    size_t used;
    int64_t voxels; /* of all bricks together */
    uint64_t seed;  /* of the hash, so that nobody outside can aim at one chain */
};

void goxel_brickmap_init(struct goxel_brickmap *map);
void goxel_brickmap_finish(struct goxel_brickmap *map); /* gives all references back; forgiving */

/* `ret_map` is finished or fresh; it shares every brick. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_brickmap_copy(const struct goxel_brickmap *map, struct goxel_brickmap *ret_map);

/* NULL: no brick there. The slot is valid until a brick is put or removed. */
struct goxel_brick_slot *goxel_brickmap_find(const struct goxel_brickmap *map, uint64_t key);

/* Room for `more` bricks. GOXEL_ERROR_QUOTA above GOXEL_VOLUME_BRICKS_MAX, GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_brickmap_reserve(struct goxel_brickmap *map, size_t more);

/*
 * Puts a brick in place of what is there, taking over the caller's reference; NULL or a brick without
 * voxels leaves the place free. A new place must have been reserved: this cannot fail.
 */
void goxel_brickmap_put(struct goxel_brickmap *map, uint64_t key, struct goxel_brick *brick);

/* The used slots in ascending order of their keys, freed with free(3), as *ret_slots. NULL if empty. */
int goxel_brickmap_sorted(const struct goxel_brickmap *map, struct goxel_brick_slot **ret_slots);

/* ---- edits ---- */

/*
 * Bricks to be put, collected first. Whatever fails while collecting, the map has not changed yet;
 * `apply` reserves and then puts them all. Starts zeroed, ends with `finish`, applied or not.
 */
struct goxel_brick_edit {
    struct goxel_brick_slot *rows; /* brick NULL: to be removed */
    size_t count;
    size_t capacity;
};

/* Takes over the caller's reference, also on failure (GOXEL_ERROR_OUT_OF_MEMORY). */
int goxel_brick_edit_add(struct goxel_brick_edit *edit, uint64_t key, struct goxel_brick *brick);
int goxel_brick_edit_apply(struct goxel_brick_edit *edit, struct goxel_brickmap *map);
void goxel_brick_edit_finish(struct goxel_brick_edit *edit);

/* ---- what a volume is made of: for volume.c, fill.c and merge.c alone ---- */

struct goxel_volume {
    struct goxel_brickmap map;
    size_t recent; /* slot of the last write: neighbours tend to follow */
};

#endif
