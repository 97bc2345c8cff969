/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which row of a project's database has what stands at a place: a hash table, in place of an index in the file.
 *
 * Used by: store/database, store/bricks.  Uses: base.
 *
 * A row of the table takes 24 bytes, and a half of them is free at least: 16 MB for a project of 330,000 bricks. What
 * is in the file cannot disagree with it, as it is made from what was read and verified.
 *
 * Life: embedded; zeroed is empty. One thread.
 */
#ifndef GOXEL_STORE_PLACE_MAP_H
#define GOXEL_STORE_PLACE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct goxel_placed {
    uint64_t key; /* core/place_key.h */
    int64_t layer;
    int64_t row; /* 0: the place of the table is free */
};

struct goxel_place_map {
    struct goxel_placed *table;
    size_t size, count; /* size: a power of two, or 0 */
};

void goxel_place_map_finish(struct goxel_place_map *map);
/* 0: none. */
int64_t goxel_place_map_find(const struct goxel_place_map *map, int64_t layer, uint64_t key);
/* Room for so many more. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_place_map_reserve(struct goxel_place_map *map, size_t more);
/* The row that it had before, or 0. There is room. */
int64_t goxel_place_map_put(struct goxel_place_map *map, int64_t layer, uint64_t key, int64_t row);
void goxel_place_map_remove(struct goxel_place_map *map, int64_t layer, uint64_t key);

#endif
