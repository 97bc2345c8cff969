/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mesh/corners.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "mesh/order.h"

#define EDGE 8
#define PLACE_BITS 19 /* of a block along an axis: one more than voxels have */
#define PLACE_MASK ((1u << PLACE_BITS) - 1)
#define TABLE_MIN 64

struct goxel_corners *goxel_corners_create(void)
{
    struct goxel_corners *corners = calloc(1, sizeof(*corners));

    if (corners)
        pthread_mutex_init(&corners->lock, NULL);
    return corners;
}

void goxel_corners_destroy(struct goxel_corners *corners)
{
    if (!corners)
        return;
    free(corners->blocks);
    free(corners->table);
    free(corners->order);
    pthread_mutex_destroy(&corners->lock);
    free(corners);
}

/* ---- blocks ---- */

static uint64_t key_of(struct goxel_pos pos)
{
    return (uint64_t)((pos.x - GOXEL_COORD_MIN) / EDGE) |
           (uint64_t)((pos.y - GOXEL_COORD_MIN) / EDGE) << PLACE_BITS |
           (uint64_t)((pos.z - GOXEL_COORD_MIN) / EDGE) << 2 * PLACE_BITS;
}

/* The place in the table of a block, or that where it would be. */
static size_t find_place(const struct goxel_corners *corners, uint64_t key)
{
    size_t mask = corners->table_size - 1, place = key * UINT64_C(0x9e3779b97f4a7c15) >> 32 & mask;

    while (corners->table[place] && corners->blocks[corners->table[place] - 1].key != key)
        place = (place + 1) & mask;
    return place;
}

/* NULL: there is none. */
static const struct goxel_corner_block *find_block(const struct goxel_corners *corners, struct goxel_pos pos)
{
    uint32_t number = corners->table[find_place(corners, key_of(pos))];

    return number ? &corners->blocks[number - 1] : NULL;
}

static int grow_table(struct goxel_corners *corners)
{
    size_t size = corners->table_size ? 2 * corners->table_size : TABLE_MIN;
    uint32_t *table = calloc(size, sizeof(*table));

    if (!table)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    free(corners->table);
    corners->table = table;
    corners->table_size = size;
    for (uint32_t i = 0; i < corners->block_count; i++)
        table[find_place(corners, corners->blocks[i].key)] = i + 1;
    return 0;
}

static int reserve(struct goxel_corners *corners)
{
    size_t room = corners->block_room + corners->block_room / 2 + 32;
    struct goxel_corner_block *blocks;

    if (2 * corners->block_count >= corners->table_size && grow_table(corners) != 0)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (corners->block_count < corners->block_room)
        return 0;
    blocks = realloc(corners->blocks, room * sizeof(*blocks));
    if (!blocks)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    corners->blocks = blocks;
    corners->block_room = room;
    return 0;
}

/* The block of that key becomes the last one. */
static int go_to_block(struct goxel_corners *corners, uint64_t key)
{
    int code = reserve(corners);
    size_t place;

    if (code)
        return code;
    place = find_place(corners, key);
    if (!corners->table[place]) {
        corners->blocks[corners->block_count++] = (struct goxel_corner_block){.key = key};
        corners->table[place] = (uint32_t)corners->block_count;
    }
    corners->last = corners->table[place] - 1;
    return 0;
}

int goxel_corners_mark(struct goxel_corners *corners, struct goxel_pos pos)
{
    uint64_t key = key_of(pos);
    int code = 0;

    if (corners->block_count == 0 || corners->blocks[corners->last].key != key)
        code = go_to_block(corners, key);
    if (!code)
        corners->blocks[corners->last].bits[pos.z & 7] |= UINT64_C(1) << ((pos.x & 7) + 8 * (pos.y & 7));
    return code;
}

/* ---- numbers ---- */

static unsigned ones(uint64_t bits)
{
    return (unsigned)__builtin_popcountll(bits);
}

static void number_block(struct goxel_corner_block *block, uint64_t *count)
{
    unsigned rank = 0;

    block->first = (uint32_t)*count;
    for (int z = 0; z < EDGE; z++) {
        block->ranks[z] = (uint16_t)rank;
        rank += ones(block->bits[z]);
    }
    *count += rank;
}

int goxel_corners_settle(struct goxel_corners *corners)
{
    size_t count = corners->block_count;
    struct goxel_order_key *keys;

    if (count == 0)
        return 0;
    keys = malloc(2 * count * sizeof(*keys));
    corners->order = malloc(count * sizeof(*corners->order));
    if (!keys || !corners->order) {
        free(keys);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < count; i++)
        keys[i] = (struct goxel_order_key){corners->blocks[i].key, (uint32_t)i};
    goxel_order_sort(keys, keys + count, count);
    for (size_t i = 0; i < count; i++) {
        corners->order[i] = keys[i].cell;
        number_block(&corners->blocks[keys[i].cell], &corners->count);
    }
    free(keys);
    return 0;
}

static uint32_t number_in(const struct goxel_corner_block *block, int z, int bit)
{
    return block->first + block->ranks[z] + ones(block->bits[z] & ((UINT64_C(1) << bit) - 1));
}

uint32_t goxel_corners_number(const struct goxel_corners *corners, struct goxel_pos pos)
{
    return number_in(find_block(corners, pos), pos.z & 7, (pos.x & 7) + 8 * (pos.y & 7));
}

/* ---- lines ---- */

/* Of the line along an axis that a corner is on, what of it is in its block: a bit for each of eight places. */
static unsigned line_bits(const struct goxel_corner_block *block, struct goxel_pos pos, int axis)
{
    uint64_t slice = block->bits[pos.z & 7];
    unsigned bits = 0;

    if (axis == 0)
        return slice >> 8 * (pos.y & 7) & 0xff;
    for (int i = 0; i < EDGE; i++) {
        uint64_t bit = axis == 1 ? slice >> (8 * i + (pos.x & 7))
                                 : block->bits[i] >> ((pos.x & 7) + 8 * (pos.y & 7));

        bits |= (unsigned)(bit & 1) << i;
    }
    return bits;
}

static int32_t *along(struct goxel_pos *pos, int axis)
{
    return axis == 0 ? &pos->x : axis == 1 ? &pos->y : &pos->z;
}

/* Goes to the next block with corners on the line before `end`; its bits there. NULL: there is none. */
static const struct goxel_corner_block *next_on_line(const struct goxel_corners *corners,
                                                     struct goxel_pos *pos, int axis, int32_t end,
                                                     unsigned *ret_bits)
{
    int32_t *at = along(pos, axis);

    while (*at < end) {
        const struct goxel_corner_block *block = find_block(corners, *pos);
        int first = *at & 7;
        int32_t start = *at - first;
        unsigned bits = block ? line_bits(block, *pos, axis) >> first << first : 0;

        if (end - start < EDGE)
            bits &= (1u << (end - start)) - 1;
        *at = start + EDGE;
        if (bits) {
            *ret_bits = bits;
            return block;
        }
    }
    return NULL;
}

size_t goxel_corners_between(const struct goxel_corners *corners, struct goxel_pos pos, int axis,
                             int32_t length, uint32_t *ret_list)
{
    const struct goxel_corner_block *block;
    int32_t end = *along(&pos, axis) + length;
    size_t count = 0;
    unsigned bits;

    ++*along(&pos, axis);
    while ((block = next_on_line(corners, &pos, axis, end, &bits))) {
        for (; bits; bits &= bits - 1) {
            struct goxel_pos in = pos;

            *along(&in, axis) = __builtin_ctz(bits);
            ret_list[count++] = number_in(block, in.z & 7, (in.x & 7) + 8 * (in.y & 7));
        }
    }
    return count;
}

/* ---- all of a block ---- */

struct goxel_corner_walk goxel_corner_walk_make(const struct goxel_corners *corners, size_t place)
{
    const struct goxel_corner_block *block = &corners->blocks[corners->order[place]];
    struct goxel_pos pos = {(int32_t)(block->key & PLACE_MASK) * EDGE + GOXEL_COORD_MIN,
                            (int32_t)(block->key >> PLACE_BITS & PLACE_MASK) * EDGE + GOXEL_COORD_MIN,
                            (int32_t)(block->key >> 2 * PLACE_BITS) * EDGE + GOXEL_COORD_MIN};

    return (struct goxel_corner_walk){block, pos, 0, block->bits[0]};
}

bool goxel_corner_walk_next(struct goxel_corner_walk *walk, struct goxel_pos *ret_pos)
{
    int bit;

    while (!walk->left) {
        if (++walk->z == EDGE)
            return false;
        walk->left = walk->block->bits[walk->z];
    }
    bit = __builtin_ctzll(walk->left);
    walk->left &= walk->left - 1;
    *ret_pos = (struct goxel_pos){walk->pos.x + (bit & 7), walk->pos.y + (bit >> 3), walk->pos.z + walk->z};
    return true;
}
