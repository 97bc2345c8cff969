/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Minecraft's blocks look like from afar: one colour each.
 *
 * Used by: format.  Uses: core/color.h.
 *
 * The colours are our own choice. Names have rows of their own or belong to a family (a dye's name before `wool`, a wood's before `planks`); what is
 * made of something (`_stairs`, `_slab`, `_wall`, …) looks like what it is made of. Block states (`[axis=y]`) make no difference.
 *
 * Thread-safe.
 */
#ifndef GOXEL_FORMAT_BLOCKS_H
#define GOXEL_FORMAT_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/color.h"

/*
 * The colour of a block, "minecraft:" before it or not; alpha 0: there is nothing (air). False: nobody knows it, and the colour is one that follows
 * from its name.
 */
bool goxel_block_color(const char *name, size_t len, struct goxel_color *ret_color);

/*
 * The same by the numbers that blocks had before Minecraft 1.13: 0 to 4095, and four bits that told variants of a family apart.
 * Source: "Java Edition data values/Pre-flattening" (minecraft.wiki).
 */
bool goxel_block_color_of_number(unsigned number, unsigned data, struct goxel_color *ret_color);

/* The rows that have one name each: in the order of strcmp(3), so that they can be searched. NULL: there are no more. */
const char *goxel_block_row(size_t i);

/* ---- palettes ---- */

/* The blocks that a file speaks of by index. Life: all zero at first, ended by `finish`. */
struct goxel_block_entry {
    struct goxel_color color;
    bool unknown;
};
struct goxel_blocks {
    struct goxel_block_entry *entries; /* owned */
    size_t count;
};
/* So many entries of nothing. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_blocks_init(struct goxel_blocks *blocks, size_t count);
void goxel_blocks_set(struct goxel_blocks *blocks, size_t i, const char *name, size_t len);
void goxel_blocks_finish(struct goxel_blocks *blocks);

/* Indices of one palette are below. */
#define GOXEL_BLOCKS_MAX 65536

#endif
