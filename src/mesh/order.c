/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mesh/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define PLACE_BITS 17
#define STRIPE_BITS 9
#define STRIPE_BRICKS (GOXEL_ORDER_STRIPE / GOXEL_BRICK_SIZE)
#define DIGIT 256

_Static_assert((GOXEL_COORD_MAX - GOXEL_COORD_MIN) / GOXEL_BRICK_SIZE < 1 << PLACE_BITS,
               "a place in its bits");

/* ---- sorting ---- */

/* By one byte, the others staying as they are. False: all have the same, and nothing was done. */
static bool sort_digit(const struct goxel_order_key *keys, struct goxel_order_key *sorted, size_t count,
                       int shift)
{
    size_t places[DIGIT] = {0}, at = 0;

    for (size_t i = 0; i < count; i++)
        places[keys[i].key >> shift & (DIGIT - 1)]++;
    if (places[keys[0].key >> shift & (DIGIT - 1)] == count)
        return false;
    for (int digit = 0; digit < DIGIT; digit++) {
        size_t here = places[digit];

        places[digit] = at;
        at += here;
    }
    for (size_t i = 0; i < count; i++)
        sorted[places[keys[i].key >> shift & (DIGIT - 1)]++] = keys[i];
    return true;
}

void goxel_order_sort(struct goxel_order_key *keys, struct goxel_order_key *room, size_t count)
{
    struct goxel_order_key *from = keys, *to = room;

    for (int shift = 0; shift < 64 && count > 1; shift += 8) {
        if (sort_digit(from, to, count, shift)) {
            struct goxel_order_key *was = from;

            from = to;
            to = was;
        }
    }
    if (from != keys)
        memcpy(keys, from, count * sizeof(*keys));
}

/* ---- the order ---- */

/* Layer, stripe, row, and the place in it. */
static uint64_t key_of(struct goxel_pos corner, int axis)
{
    const struct goxel_side_axes *axes = &goxel_side_axes[axis];
    uint64_t u = goxel_order_place(corner, axes->u), key = goxel_order_place(corner, axis);

    key = key << STRIPE_BITS | (u + STRIPE_BRICKS / 2) / STRIPE_BRICKS;
    key = key << PLACE_BITS | goxel_order_place(corner, axes->v);
    return key << PLACE_BITS | u;
}

static size_t count_entries(const struct goxel_cells *cells)
{
    size_t count = 0;

    for (size_t i = 0; i < cells->count; i++)
        count += (size_t)__builtin_popcount(cells->list[i].axes);
    return count;
}

static void fill(const struct goxel_cells *cells, struct goxel_order_key *keys, struct goxel_order *order)
{
    size_t end = 0;

    for (int axis = 0; axis < 3; axis++) {
        size_t count = 0;

        for (size_t i = 0; i < cells->count; i++) {
            if (cells->list[i].axes >> axis & 1)
                keys[count++] = (struct goxel_order_key){key_of(cells->list[i].corner, axis), (uint32_t)i};
        }
        goxel_order_sort(keys, keys + cells->count, count);
        for (size_t i = 0; i < count; i++)
            order->cells[end++] = keys[i].cell;
        order->ends[axis] = end;
    }
}

int goxel_order_make(const struct goxel_cells *cells, struct goxel_order *ret_order)
{
    size_t count = count_entries(cells);
    struct goxel_order_key *keys;

    if (count == 0)
        return 0;
    keys = malloc(2 * cells->count * sizeof(*keys));
    ret_order->cells = malloc(count * sizeof(*ret_order->cells));
    if (!keys || !ret_order->cells) {
        free(keys);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    fill(cells, keys, ret_order);
    free(keys);
    return 0;
}

void goxel_order_finish(struct goxel_order *order)
{
    free(order->cells);
}

int goxel_order_axis(const struct goxel_order *order, size_t entry)
{
    int axis = 0;

    while (entry >= order->ends[axis])
        axis++;
    return axis;
}

static uint64_t layer_of(const struct goxel_order *order, const struct goxel_cells *cells, size_t entry,
                         int axis)
{
    return key_of(cells->list[order->cells[entry]].corner, axis) >> 2 * PLACE_BITS;
}

/* By halves: a layer may be long, and it is asked for by each of its parts. */
size_t goxel_order_layer_end(const struct goxel_order *order, const struct goxel_cells *cells, size_t entry)
{
    int axis = goxel_order_axis(order, entry);
    uint64_t layer = layer_of(order, cells, entry, axis);
    size_t within = entry, end = order->ends[axis];

    while (end - within > 1) {
        size_t middle = within + (end - within) / 2;

        if (layer_of(order, cells, middle, axis) == layer)
            within = middle;
        else
            end = middle;
    }
    return end;
}
