/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neighbours have the same colour more often than not: the last one is looked at first. */
#include "format/color_set.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define PLACES_MIN 64

static uint32_t bits_of(struct goxel_color color)
{
    uint32_t bits;

    memcpy(&bits, &color, sizeof(bits));
    return bits;
}

/* Where the colour is, or would go: by the upper bits of a product whose factor nobody knows who chooses colours. */
static size_t find_place(const struct goxel_color_set *set, struct goxel_color color)
{
    size_t mask = set->place_count - 1;
    uint32_t bits = bits_of(color);
    size_t place = (size_t)(bits * set->factor >> 32) & mask;

    while (set->places[place] && bits_of(set->colors[set->places[place] - 1]) != bits)
        place = (place + 1) & mask;
    return place;
}

static int grow(struct goxel_color_set *set)
{
    size_t count = set->place_count ? 2 * set->place_count : PLACES_MIN;
    struct goxel_color *colors = realloc(set->colors, count / 2 * sizeof(*colors));
    uint32_t *places;

    if (!colors)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    set->colors = colors;
    places = calloc(count, sizeof(*places));
    if (!places)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    free(set->places);
    set->places = places;
    set->place_count = count;
    set->room = count / 2;
    if (!set->factor)
        set->factor = ((uintptr_t)places ^ (uintptr_t)set << 20) * UINT64_C(0x9fb21c651e98df25) | 1;
    for (size_t i = 0; i < set->count; i++)
        places[find_place(set, set->colors[i])] = (uint32_t)i + 1;
    return 0;
}

static bool is_last(const struct goxel_color_set *set, struct goxel_color color)
{
    return set->count && bits_of(set->colors[set->last]) == bits_of(color);
}

int goxel_color_set_add(struct goxel_color_set *set, struct goxel_color color, size_t *ret_number)
{
    size_t place;

    if (is_last(set, color)) {
        *ret_number = set->last;
        return 0;
    }
    if (set->count == set->room && grow(set))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    place = find_place(set, color);
    if (!set->places[place]) {
        set->colors[set->count++] = color;
        set->places[place] = (uint32_t)set->count;
    }
    *ret_number = set->last = set->places[place] - 1;
    return 0;
}

size_t goxel_color_set_find(struct goxel_color_set *set, struct goxel_color color)
{
    if (!is_last(set, color))
        set->last = set->places[find_place(set, color)] - 1;
    return set->last;
}

void goxel_color_set_finish(struct goxel_color_set *set)
{
    free(set->colors);
    free(set->places);
    *set = (struct goxel_color_set){0};
}
