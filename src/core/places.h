/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which voxels of a brick are there: a bit for each, and the list of those.
 *
 * Used by: core/cursor, core/brick.  Uses: core/brick.h.  Any thread; nothing is allocated.
 */
#ifndef GOXEL_CORE_PLACES_H
#define GOXEL_CORE_PLACES_H

#include "core/brick.h"

/* Bit i % 64 of word i / 64: the voxel of index i is not empty. */
#define GOXEL_PLACES_WORDS (GOXEL_BRICK_VOXELS / 64)

/* Fewer voxels than that are found first and looked at then; more cost less all at once, empty ones too. */
#define GOXEL_PLACES_FEW 1024

void goxel_places_of_brick(const struct goxel_brick *brick, uint64_t ret_mask[GOXEL_PLACES_WORDS]);
/* The same, as machines without AVX2 find it. */
void goxel_places_of_brick_plainly(const struct goxel_brick *brick, uint64_t ret_mask[GOXEL_PLACES_WORDS]);
/* Of GOXEL_BRICK_VOXELS normal colours. */
void goxel_places_of_colors(const struct goxel_color *colors, uint64_t ret_mask[GOXEL_PLACES_WORDS]);

/* The indices whose bits are set, in ascending order; how many. What lies behind them in the list is written, too. */
#define GOXEL_PLACES_MAX (GOXEL_BRICK_VOXELS + 2)
unsigned goxel_places_list(const uint64_t mask[GOXEL_PLACES_WORDS], uint16_t ret_list[GOXEL_PLACES_MAX]);

#endif
