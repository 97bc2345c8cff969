/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open addressing with linear probing, at most half full. There are no tombstones: a removal moves
 * the rest of its chain back, so that a map that shrank is as quick as one that never grew.
 */
#include "core/brickmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define FIRST_CAPACITY 16

/* ---- bricks ---- */

struct goxel_brick *goxel_brick_create(void)
{
    struct goxel_brick *brick = calloc(1, sizeof(*brick));

    if (brick)
        atomic_init(&brick->refs, 1);
    return brick;
}

struct goxel_brick *goxel_brick_copy(const struct goxel_brick *brick)
{
    struct goxel_brick *copy = malloc(sizeof(*copy));

    if (!copy)
        return NULL;
    atomic_init(&copy->refs, 1);
    copy->count = brick->count;
    memcpy(copy->voxels, brick->voxels, sizeof(copy->voxels));
    return copy;
}

struct goxel_brick *goxel_brick_ref(struct goxel_brick *brick)
{
    if (brick)
        atomic_fetch_add_explicit(&brick->refs, 1, memory_order_relaxed);
    return brick;
}

void goxel_brick_unref(struct goxel_brick *brick)
{
    /* Release and acquire: everything done with the brick by others happens before it is freed. */
    if (brick && atomic_fetch_sub_explicit(&brick->refs, 1, memory_order_acq_rel) == 1)
        free(brick);
}

/* ---- the map ---- */

void goxel_brickmap_init(struct goxel_brickmap *map)
{
    memset(map, 0, sizeof(*map));
    map->seed = (uintptr_t)map; /* address space randomisation: different in every process */
}

void goxel_brickmap_finish(struct goxel_brickmap *map)
{
    for (size_t i = 0; i < map->capacity; i++)
        goxel_brick_unref(map->slots[i].brick);
    free(map->slots);
    map->slots = NULL;
    map->capacity = map->used = 0;
    map->voxels = 0;
}

int goxel_brickmap_copy(const struct goxel_brickmap *map, struct goxel_brickmap *ret_map)
{
    struct goxel_brick_slot *slots = NULL;

    if (map->used > 0) {
        slots = malloc(map->capacity * sizeof(*slots));
        if (!slots)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        memcpy(slots, map->slots, map->capacity * sizeof(*slots));
        for (size_t i = 0; i < map->capacity; i++)
            goxel_brick_ref(slots[i].brick);
    }
    *ret_map = *map;
    ret_map->slots = slots;
    ret_map->capacity = slots ? map->capacity : 0;
    return 0;
}

/* Where the chain of a key begins. Two rounds of multiply and fold, so that every bit counts. */
static size_t home(const struct goxel_brickmap *map, uint64_t key)
{
    uint64_t hash = (key ^ map->seed) * UINT64_C(0x9e3779b97f4a7c15);

    hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return (size_t)(hash ^ hash >> 32) & (map->capacity - 1);
}

/* The slot of the key, or the free one where it would go. There is one: the map is never full. */
static struct goxel_brick_slot *probe(const struct goxel_brickmap *map, uint64_t key)
{
    size_t i = home(map, key);

    while (map->slots[i].brick && map->slots[i].key != key)
        i = (i + 1) & (map->capacity - 1);
    return &map->slots[i];
}

struct goxel_brick_slot *goxel_brickmap_find(const struct goxel_brickmap *map, uint64_t key)
{
    struct goxel_brick_slot *slot;

    if (map->used == 0)
        return NULL;
    slot = probe(map, key);
    return slot->brick ? slot : NULL;
}

int goxel_brickmap_reserve(struct goxel_brickmap *map, size_t more)
{
    struct goxel_brickmap grown = *map;

    if (more > GOXEL_VOLUME_BRICKS_MAX || map->used > GOXEL_VOLUME_BRICKS_MAX - more)
        return GOXEL_ERROR_QUOTA;
    while (grown.capacity < (map->used + more) * 2)
        grown.capacity = grown.capacity ? grown.capacity * 2 : FIRST_CAPACITY;
    if (grown.capacity == map->capacity)
        return 0;
    grown.slots = calloc(grown.capacity, sizeof(*grown.slots));
    if (!grown.slots)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].brick)
            *probe(&grown, map->slots[i].key) = map->slots[i];
    }
    free(map->slots);
    *map = grown;
    return 0;
}

/* Frees the slot and moves up whoever behind it would not be found any more. */
static void close_gap(struct goxel_brickmap *map, struct goxel_brick_slot *slot)
{
    size_t mask = map->capacity - 1;
    size_t gap = (size_t)(slot - map->slots);

    for (size_t i = (gap + 1) & mask; map->slots[i].brick; i = (i + 1) & mask) {
        size_t from_home = (i - home(map, map->slots[i].key)) & mask;
        size_t from_gap = (i - gap) & mask;

        if (from_home >= from_gap) {
            map->slots[gap] = map->slots[i];
            gap = i;
        }
    }
    map->slots[gap].brick = NULL;
    map->used--;
}

void goxel_brickmap_put(struct goxel_brickmap *map, uint64_t key, struct goxel_brick *brick)
{
    struct goxel_brick_slot *slot = goxel_brickmap_find(map, key);
    struct goxel_brick *old = slot ? slot->brick : NULL;

    if (brick && brick->count == 0) {
        goxel_brick_unref(brick);
        brick = NULL;
    }
    map->voxels += (brick ? brick->count : 0) - (old ? old->count : 0);
    if (brick && !slot) {
        slot = probe(map, key);
        slot->key = key;
        map->used++;
    }
    if (brick)
        slot->brick = brick;
    else if (slot)
        close_gap(map, slot);
    goxel_brick_unref(old);
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t left = ((const struct goxel_brick_slot *)a)->key;
    uint64_t right = ((const struct goxel_brick_slot *)b)->key;

    return (left > right) - (left < right);
}

int goxel_brickmap_sorted(const struct goxel_brickmap *map, struct goxel_brick_slot **ret_slots)
{
    struct goxel_brick_slot *slots = NULL;
    size_t count = 0;

    if (map->used > 0) {
        slots = malloc(map->used * sizeof(*slots));
        if (!slots)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        for (size_t i = 0; i < map->capacity; i++) {
            if (map->slots[i].brick)
                slots[count++] = map->slots[i];
        }
        qsort(slots, count, sizeof(*slots), compare_keys);
    }
    *ret_slots = slots;
    return 0;
}

/* ---- edits ---- */

int goxel_brick_edit_add(struct goxel_brick_edit *edit, uint64_t key, struct goxel_brick *brick)
{
    if (edit->count == edit->capacity) {
        size_t capacity = edit->capacity ? edit->capacity * 2 : FIRST_CAPACITY;
        struct goxel_brick_slot *rows = realloc(edit->rows, capacity * sizeof(*rows));

        if (!rows) {
            goxel_brick_unref(brick);
            return GOXEL_ERROR_OUT_OF_MEMORY;
        }
        edit->rows = rows;
        edit->capacity = capacity;
    }
    edit->rows[edit->count++] = (struct goxel_brick_slot){key, brick};
    return 0;
}

int goxel_brick_edit_apply(struct goxel_brick_edit *edit, struct goxel_brickmap *map)
{
    size_t fresh = 0;
    int result;

    for (size_t i = 0; i < edit->count; i++)
        fresh += edit->rows[i].brick && !goxel_brickmap_find(map, edit->rows[i].key);
    result = goxel_brickmap_reserve(map, fresh);
    if (result)
        return result;
    for (size_t i = 0; i < edit->count; i++)
        goxel_brickmap_put(map, edit->rows[i].key, edit->rows[i].brick);
    edit->count = 0;
    return 0;
}

void goxel_brick_edit_finish(struct goxel_brick_edit *edit)
{
    for (size_t i = 0; i < edit->count; i++)
        goxel_brick_unref(edit->rows[i].brick);
    free(edit->rows);
    memset(edit, 0, sizeof(*edit));
}
