/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Different colours, numbered in the order in which they came.
 *
 * Used by: format.  Uses: core/color.h.
 *
 * Life: all zero to begin with, ended by goxel_color_set_finish; one thread at a time.
 */
#ifndef GOXEL_FORMAT_COLOR_SET_H
#define GOXEL_FORMAT_COLOR_SET_H

#include <stddef.h>
#include <stdint.h>

#include "core/color.h"

struct goxel_color_set {
    struct goxel_color *colors; /* by number */
    size_t count;
    size_t room;
    uint32_t
        *places; /* numbers plus one, 0: free; a power of two of them, at least twice as many as colours */
    size_t place_count;
    uint64_t factor;
    size_t last; /* number of the colour that was asked for last */
};

/* 0 or GOXEL_ERROR_OUT_OF_MEMORY, and nothing changed then. */
int goxel_color_set_add(struct goxel_color_set *set, struct goxel_color color, size_t *ret_number);
/* One that was added. */
size_t goxel_color_set_find(struct goxel_color_set *set, struct goxel_color color);
void goxel_color_set_finish(struct goxel_color_set *set);

#endif
