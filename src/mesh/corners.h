/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Corners of voxels that are vertices of a mesh: which there are, and their numbers in all of it.
 *
 * Used by: mesh/manifold.c, mesh/smooth.c.  Uses: core.
 *
 *     goxel_corners_mark …           in whatever order
 *     goxel_corners_settle           numbers them: blocks in ascending (z, y, x), and so inside of each
 *     goxel_corners_number …         any number of threads
 *
 * A corner is a position from the smallest one to behind the last voxel. A bit each, 8³ to a block of 96 bytes; blocks without any do
 * not exist.
 *
 * Life: made by goxel_corners_create, ended by goxel_corners_destroy. One thread at a time until it is settled, any after that.
 */
#ifndef GOXEL_MESH_CORNERS_H
#define GOXEL_MESH_CORNERS_H

#include <pthread.h>

#include "core/volume.h"

struct goxel_corner_block {
    uint64_t key;
    uint64_t bits[8];  /* z; bit x + 8 y */
    uint16_t ranks[8]; /* of the first one of each, in the block */
    uint32_t first;    /* number of its first one */
};

struct goxel_corners {
    pthread_mutex_t lock; /* for callers of goxel_corners_mark, several of whom may share it */
    struct goxel_corner_block *blocks;
    size_t block_count, block_room;
    uint32_t *table; /* of blocks, by their keys: their number plus one, or 0 */
    size_t table_size;
    uint32_t *order; /* of blocks, as they are numbered */
    size_t last;     /* block that was marked last */
    uint64_t count;  /* of corners, once settled */
};

struct goxel_corners *goxel_corners_create(void);          /* NULL: out of memory */
void goxel_corners_destroy(struct goxel_corners *corners); /* NULL is fine */

int goxel_corners_mark(struct goxel_corners *corners, struct goxel_pos pos); /* GOXEL_ERROR_OUT_OF_MEMORY */
/* GOXEL_ERROR_OUT_OF_MEMORY. More than UINT32_MAX corners are counted, but not numbered. */
int goxel_corners_settle(struct goxel_corners *corners);

/* Of one that was marked. */
uint32_t goxel_corners_number(const struct goxel_corners *corners, struct goxel_pos pos);

/*
 * The numbers of those that were marked strictly between a corner and the one `length` further along an axis, in that order; the
 * list has room for length − 1. How many.
 */
size_t goxel_corners_between(const struct goxel_corners *corners, struct goxel_pos pos, int axis,
                             int32_t length, uint32_t *ret_list);
/* The corners of a block, by its place in the order of numbers. */
struct goxel_corner_walk {
    const struct goxel_corner_block *block;
    struct goxel_pos pos; /* of the block */
    int z;
    uint64_t left; /* of that z */
};
struct goxel_corner_walk goxel_corner_walk_make(const struct goxel_corners *corners, size_t place);
bool goxel_corner_walk_next(struct goxel_corner_walk *walk, struct goxel_pos *ret_pos);

#endif
