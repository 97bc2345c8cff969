/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Voxels of bricks: one at a time, a brick at a time, and all of them in order. A brick is looked up
 * by its key, owned before it is written, and dropped with its last voxel.
 */
#include "core/volume.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/box.h"
#include "core/brickmap.h"

/* ---- life ---- */

struct goxel_volume *goxel_volume_create(void)
{
    struct goxel_volume *volume = calloc(1, sizeof(*volume));

    if (volume)
        goxel_brickmap_init(&volume->map);
    return volume;
}

struct goxel_volume *goxel_volume_copy(const struct goxel_volume *volume)
{
    struct goxel_volume *copy = calloc(1, sizeof(*copy));

    if (copy && goxel_brickmap_copy(&volume->map, &copy->map)) {
        free(copy);
        return NULL;
    }
    return copy;
}

void goxel_volume_destroy(struct goxel_volume *volume)
{
    if (!volume)
        return;
    goxel_brickmap_finish(&volume->map);
    free(volume);
}

void goxel_volume_clear(struct goxel_volume *volume)
{
    goxel_brickmap_finish(&volume->map);
}

int64_t goxel_volume_count(const struct goxel_volume *volume)
{
    return volume->map.voxels;
}

int64_t goxel_volume_bricks(const struct goxel_volume *volume)
{
    return (int64_t)volume->map.used;
}

/* ---- one voxel ---- */

struct goxel_color goxel_volume_get_at(const struct goxel_volume *volume, struct goxel_pos pos)
{
    struct goxel_brick_slot *slot = NULL;

    if (goxel_pos_valid(pos))
        slot = goxel_brickmap_find(&volume->map, goxel_brick_key(pos));
    return slot ? slot->brick->voxels[goxel_brick_index(pos)] : (struct goxel_color){0, 0, 0, 0};
}

/* Like find, but asks the slot of the last write first. A stale `recent` does no harm: the key tells. */
static struct goxel_brick_slot *find_to_write(struct goxel_volume *volume, uint64_t key)
{
    struct goxel_brick_slot *slot;

    if (volume->recent < volume->map.capacity) {
        slot = &volume->map.slots[volume->recent];
        if (slot->brick && slot->key == key)
            return slot;
    }
    slot = goxel_brickmap_find(&volume->map, key);
    if (slot)
        volume->recent = (size_t)(slot - volume->map.slots);
    return slot;
}

/* The first voxel where there is no brick. */
static int set_in_new_brick(struct goxel_volume *volume, struct goxel_pos pos, struct goxel_color color)
{
    struct goxel_brick *brick;
    int result = goxel_brickmap_reserve(&volume->map, 1);

    if (result)
        return result;
    brick = goxel_brick_create();
    if (!brick)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    brick->voxels[goxel_brick_index(pos)] = color;
    brick->count = 1;
    goxel_brickmap_put(&volume->map, goxel_brick_key(pos), brick);
    return 0;
}

/* Makes the slot's brick ours alone. */
static int own_brick(struct goxel_brick_slot *slot)
{
    struct goxel_brick *copy;

    if (goxel_brick_is_sole(slot->brick))
        return 0;
    copy = goxel_brick_copy(slot->brick);
    if (!copy)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_brick_unref(slot->brick);
    slot->brick = copy;
    return 0;
}

int goxel_volume_set_at(struct goxel_volume *volume, struct goxel_pos pos, struct goxel_color color)
{
    struct goxel_brick_slot *slot;
    struct goxel_color old;
    uint64_t key;
    int more;

    if (!goxel_pos_valid(pos))
        return GOXEL_ERROR_INVALID_COORDINATES;
    color = goxel_color_normal(color);
    key = goxel_brick_key(pos);
    slot = find_to_write(volume, key);
    if (!slot)
        return color.a ? set_in_new_brick(volume, pos, color) : 0;
    old = slot->brick->voxels[goxel_brick_index(pos)];
    if (goxel_color_equal(old, color))
        return 0;
    more = (color.a != 0) - (old.a != 0);
    if (slot->brick->count + more == 0) {
        goxel_brickmap_put(&volume->map, key, NULL);
        return 0;
    }
    if (own_brick(slot))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    slot->brick->voxels[goxel_brick_index(pos)] = color;
    slot->brick->count += more;
    volume->map.voxels += more;
    return 0;
}

/* ---- whole bricks ---- */

int goxel_volume_set_brick(struct goxel_volume *volume, struct goxel_pos pos,
                           const struct goxel_color *voxels)
{
    struct goxel_brick *brick;
    int result;

    if (!goxel_pos_valid(pos) || !goxel_pos_aligned(pos))
        return GOXEL_ERROR_INVALID_COORDINATES;
    result = goxel_brickmap_reserve(&volume->map, 1);
    if (result)
        return result;
    brick = goxel_brick_create();
    if (!brick)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        brick->voxels[i] = goxel_color_normal(voxels[i]);
        brick->count += voxels[i].a != 0;
    }
    goxel_brickmap_put(&volume->map, goxel_brick_key(pos), brick);
    return 0;
}

int goxel_volume_share_brick(struct goxel_volume *volume, struct goxel_pos pos,
                             const struct goxel_volume *from, struct goxel_pos from_pos)
{
    struct goxel_brick_slot *slot;
    struct goxel_brick *brick;
    int result;

    if (!goxel_pos_valid(pos) || !goxel_pos_aligned(pos) || !goxel_pos_valid(from_pos) ||
        !goxel_pos_aligned(from_pos))
        return GOXEL_ERROR_INVALID_COORDINATES;
    slot = goxel_brickmap_find(&from->map, goxel_brick_key(from_pos));
    brick = slot ? slot->brick : NULL; /* before reserve, which may move the slots of `from` */
    result = goxel_brickmap_reserve(&volume->map, brick != NULL);
    if (result)
        return result;
    goxel_brickmap_put(&volume->map, goxel_brick_key(pos), goxel_brick_ref(brick));
    return 0;
}

/* ---- looking at all of it ---- */

int goxel_volume_views(const struct goxel_volume *volume, struct goxel_brick_view **ret_views,
                       size_t *ret_count)
{
    struct goxel_brick_slot *slots;
    struct goxel_brick_view *views = NULL;
    size_t count = volume->map.used;
    int result = goxel_brickmap_sorted(&volume->map, &slots);

    if (result)
        return result;
    if (count > 0) {
        views = malloc(count * sizeof(*views));
        if (!views) {
            free(slots);
            return GOXEL_ERROR_OUT_OF_MEMORY;
        }
    }
    for (size_t i = 0; i < count; i++) {
        views[i] = (struct goxel_brick_view){goxel_brick_pos(slots[i].key), slots[i].brick->voxels,
                                             slots[i].brick->count};
    }
    free(slots);
    *ret_views = views;
    *ret_count = count;
    return 0;
}

struct walk {
    const struct goxel_box *box; /* NULL: all */
    struct goxel_cancel *cancel;
    goxel_voxel_visit *visit;
    void *ctx;
};

static int walk_brick(const struct walk *walk, const struct goxel_brick_slot *slot)
{
    struct goxel_box part = goxel_box_of_brick(goxel_brick_pos(slot->key));
    struct goxel_pos pos;
    int result = goxel_cancel_check(walk->cancel);

    if (result || (walk->box && !goxel_box_intersect(&part, walk->box, &part)))
        return result;
    for (pos.z = part.min.z; pos.z <= part.max.z; pos.z++) {
        for (pos.y = part.min.y; pos.y <= part.max.y; pos.y++) {
            for (pos.x = part.min.x; pos.x <= part.max.x; pos.x++) {
                struct goxel_color color = slot->brick->voxels[goxel_brick_index(pos)];

                if (color.a && (result = walk->visit(walk->ctx, pos, color)))
                    return result;
            }
        }
    }
    return 0;
}

/* A small box: look its bricks up. */
static int walk_box(const struct goxel_brickmap *map, const struct walk *walk)
{
    const struct goxel_box *box = walk->box;
    struct goxel_pos pos;

    for (pos.z = goxel_coord_align(box->min.z); pos.z <= box->max.z; pos.z += GOXEL_BRICK_SIZE) {
        for (pos.y = goxel_coord_align(box->min.y); pos.y <= box->max.y; pos.y += GOXEL_BRICK_SIZE) {
            for (pos.x = goxel_coord_align(box->min.x); pos.x <= box->max.x; pos.x += GOXEL_BRICK_SIZE) {
                struct goxel_brick_slot *slot = goxel_brickmap_find(map, goxel_brick_key(pos));
                int result = slot ? walk_brick(walk, slot) : 0;

                if (result)
                    return result;
            }
        }
    }
    return 0;
}

/* A large box, or none: sort what there is. */
static int walk_map(const struct goxel_brickmap *map, const struct walk *walk)
{
    struct goxel_brick_slot *slots;
    int result = goxel_brickmap_sorted(map, &slots);

    if (result)
        return result;
    for (size_t i = 0; i < map->used && !result; i++)
        result = walk_brick(walk, &slots[i]);
    free(slots);
    return result;
}

int goxel_volume_visit(const struct goxel_volume *volume, const struct goxel_box *box,
                       struct goxel_cancel *cancel, goxel_voxel_visit *visit, void *ctx)
{
    struct walk walk = {box, cancel, visit, ctx};

    if (box && !goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    if (box && goxel_box_bricks(box) <= goxel_volume_bricks(volume))
        return walk_box(&volume->map, &walk);
    return walk_map(&volume->map, &walk);
}

static int extend(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct goxel_box *bounds = ctx;

    (void)color;
    bounds->min = (struct goxel_pos){goxel_min(bounds->min.x, pos.x), goxel_min(bounds->min.y, pos.y),
                                     goxel_min(bounds->min.z, pos.z)};
    bounds->max = (struct goxel_pos){goxel_max(bounds->max.x, pos.x), goxel_max(bounds->max.y, pos.y),
                                     goxel_max(bounds->max.z, pos.z)};
    return 0;
}

bool goxel_volume_bounds(const struct goxel_volume *volume, struct goxel_box *ret_box)
{
    struct goxel_box bounds = {{INT32_MAX, INT32_MAX, INT32_MAX}, {INT32_MIN, INT32_MIN, INT32_MIN}};
    struct walk walk = {NULL, NULL, extend, &bounds};

    if (volume->map.used == 0)
        return false;
    for (size_t i = 0; i < volume->map.capacity; i++) {
        const struct goxel_brick_slot *slot = &volume->map.slots[i];
        struct goxel_box brick;

        if (!slot->brick)
            continue;
        brick = goxel_box_of_brick(goxel_brick_pos(slot->key));
        if (!goxel_box_within(&brick, &bounds)) /* most lie inside what is known already */
            walk_brick(&walk, slot);
    }
    *ret_box = bounds;
    return true;
}

bool goxel_volume_equal(const struct goxel_volume *a, const struct goxel_volume *b)
{
    if (a->map.voxels != b->map.voxels || a->map.used != b->map.used)
        return false;
    for (size_t i = 0; i < a->map.capacity; i++) {
        const struct goxel_brick *brick = a->map.slots[i].brick;
        const struct goxel_brick_slot *other;

        if (!brick)
            continue;
        other = goxel_brickmap_find(&b->map, a->map.slots[i].key);
        if (!other)
            return false;
        if (other->brick != brick && memcmp(other->brick->voxels, brick->voxels, sizeof(brick->voxels)) != 0)
            return false;
    }
    return true;
}
