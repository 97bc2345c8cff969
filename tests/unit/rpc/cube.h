/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small piece of space as an array, for what tests compute voxel by voxel: positions from -CUBE_R to CUBE_R on each
 * axis. Two of them compare with memcmp.
 */
#ifndef GOXEL_TESTS_RPC_CUBE_H
#define GOXEL_TESTS_RPC_CUBE_H

#include "rig.h"

#define CUBE_R 12
#define CUBE_N (2 * CUBE_R + 1)
#define CUBE_VOXELS (CUBE_N * CUBE_N * CUBE_N)

struct cube {
    struct goxel_color at[CUBE_VOXELS];
};

struct goxel_pos cube_pos(int index);
int cube_index(struct goxel_pos pos); /* of one that is inside */
bool cube_has(struct goxel_pos pos);
struct goxel_color cube_get(const struct cube *cube, struct goxel_pos pos); /* outside: empty */

/* A layer of the current project, and its selection; asserts that nothing lies outside of the cube. */
void cube_read(struct rig *rig, int layer_id, struct cube *ret_cube);
void cube_read_selection(struct rig *rig, struct cube *ret_cube);

/* Puts some 400 voxels of a few colours, not further out than `radius`, into the active layer; the same for one seed. */
void cube_scatter(struct rig *rig, int radius, unsigned seed);

/* A rig with a project, and where `radius` is not 0 with what cube_scatter puts into it, which is read. */
void cube_start(struct rig *rig, int radius, struct cube *ret_cube);

/* What can be reached from the seed by brute force: sets the indices in `ret_reached`. */
void cube_flood(const struct cube *cube, struct goxel_pos seed, int tolerance, int neighbours,
                bool ret_reached[CUBE_VOXELS]);

#endif
