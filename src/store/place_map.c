/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/place_map.h"

#include <stdlib.h>

#include "base/error.h"

void goxel_place_map_finish(struct goxel_place_map *map)
{
    free(map->table);
    *map = (struct goxel_place_map){.count = 0};
}

static size_t place_of(const struct goxel_place_map *map, int64_t layer, uint64_t key)
{
    uint64_t hash = (key ^ (uint64_t)layer << 55 ^ (uint64_t)layer >> 9) * UINT64_C(0x9e3779b97f4a7c15);

    return (size_t)(hash >> 32) & (map->size - 1);
}

/* Where the place stands, or the free one where it would. */
static struct goxel_placed *look(const struct goxel_place_map *map, int64_t layer, uint64_t key)
{
    size_t at = place_of(map, layer, key);

    while (map->table[at].row && (map->table[at].key != key || map->table[at].layer != layer))
        at = (at + 1) & (map->size - 1);
    return &map->table[at];
}

int64_t goxel_place_map_find(const struct goxel_place_map *map, int64_t layer, uint64_t key)
{
    return map->size ? look(map, layer, key)->row : 0;
}

int goxel_place_map_reserve(struct goxel_place_map *map, size_t more)
{
    struct goxel_place_map larger = {.size = map->size ? map->size : 64};

    while (larger.size / 2 < map->count + more)
        larger.size *= 2;
    if (larger.size == map->size)
        return 0;
    larger.table = calloc(larger.size, sizeof(*larger.table));
    if (!larger.table)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < map->size; i++) {
        if (map->table[i].row)
            (void)goxel_place_map_put(&larger, map->table[i].layer, map->table[i].key, map->table[i].row);
    }
    free(map->table);
    *map = larger;
    return 0;
}

int64_t goxel_place_map_put(struct goxel_place_map *map, int64_t layer, uint64_t key, int64_t row)
{
    struct goxel_placed *placed = look(map, layer, key);
    int64_t old = placed->row;

    map->count += old == 0;
    *placed = (struct goxel_placed){key, layer, row};
    return old;
}

/* Those behind it that would not be found any more move up. */
void goxel_place_map_remove(struct goxel_place_map *map, int64_t layer, uint64_t key)
{
    size_t mask = map->size - 1, hole, at;

    if (!map->size || !look(map, layer, key)->row)
        return;
    hole = (size_t)(look(map, layer, key) - map->table);
    for (at = (hole + 1) & mask; map->table[at].row; at = (at + 1) & mask) {
        size_t home = place_of(map, map->table[at].layer, map->table[at].key);

        if (((at - home) & mask) >= ((at - hole) & mask)) {
            map->table[hole] = map->table[at];
            hole = at;
        }
    }
    map->table[hole].row = 0;
    map->count--;
}
