/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Maps of the voxel lattice onto itself: moves, quarter turns, mirrors, and one after another.
 *
 * Used by: core, rpc.  Uses: core/volume.h (struct goxel_lattice, and what is done with it).
 *
 * Axes are 0, 1, 2 for x, y, z. A voxel at p is the cube from p to p + 1; centres and planes are given in
 * half voxels, so that 2 p + 1 is the middle of the voxel p, and 2 p the side that it has in common with
 * p − 1.
 */
#ifndef GOXEL_CORE_LATTICE_H
#define GOXEL_CORE_LATTICE_H

#include "core/volume.h"

#define GOXEL_LATTICE_HALVES_MAX ((int64_t)1 << 23) /* a centre and a plane, away from the origin */
#define GOXEL_LATTICE_MOVE_MAX ((int64_t)1 << 22)   /* voxels on each axis: no longer way leads back */

/* These are false, and nothing is written, for numbers beyond the two above, and for an axis that is none. */

bool goxel_lattice_translation(const int64_t move[3], struct goxel_lattice *ret_lattice);

/* Each quarter turn takes x to y, y to z or z to x, about the axis that is left; negative ones back. Also false
 * if the centre's two coordinates that matter are not both whole or both half: no voxel would meet one. */
bool goxel_lattice_rotation(int axis, int64_t quarter_turns, const int64_t centre[3],
                            struct goxel_lattice *ret_lattice);

/* Left and right of a plane across the axis change places. */
bool goxel_lattice_mirror(int axis, int64_t plane, struct goxel_lattice *ret_lattice);

/* First `inner`, then `outer`. */
struct goxel_lattice goxel_lattice_compose(const struct goxel_lattice *outer,
                                           const struct goxel_lattice *inner);
/* What takes everything back. */
struct goxel_lattice goxel_lattice_inverse(const struct goxel_lattice *lattice);

/*
 * A layer's matrix (core/project.h), which maps positions of voxels. False, and nothing is written: it does more than move
 * by whole voxels, turn by right angles and mirror, or moves further than any way leads back. The other way is exact
 * for moves of less than 2^24.
 */
bool goxel_lattice_of_matrix(const float mat[16], struct goxel_lattice *ret_lattice);
void goxel_lattice_to_matrix(const struct goxel_lattice *lattice, float ret_mat[16]);

#endif
