/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which voxels of a brick: a bit each, sixteen to a row. What is done to many voxels at once is done to
 * rows.
 *
 * Used by: the files of core that look for voxels.  Uses: core/tree.h, core/mask.h.
 */
#ifndef GOXEL_CORE_ROWS_H
#define GOXEL_CORE_ROWS_H

#include "core/mask.h"
#include "core/tree.h"

#define GOXEL_ROWS 256 /* y + 16 z; bit x of each */

struct goxel_rows {
    uint16_t bits[GOXEL_ROWS];
};

/* What matches of a link of level 0. */
void goxel_rows_match(goxel_link link, const struct goxel_match *match, struct goxel_rows *ret_rows);

/* False: nothing of what a tile or brick holds can match. */
bool goxel_link_may_match(goxel_link link, const struct goxel_match *match);

/* Without what lies outside of the box; the brick's corner tells where the rows are. */
void goxel_rows_clip(struct goxel_rows *rows, struct goxel_pos corner, const struct goxel_box *box);

/* The bits of a row between two places in it, both inclusive. */
static inline uint16_t goxel_row_between(int first, int last)
{
    return (uint16_t)((0xffffu >> (15 - last)) & (0xffffu << first));
}

int goxel_rows_count(const struct goxel_rows *rows); /* bits that are set */

/* The part of a mask: a brick of the mask's colour where bits are set, a tile, or nothing. Out of memory. */
int goxel_rows_encode(const struct goxel_rows *rows, goxel_link *ret_link);

#endif
