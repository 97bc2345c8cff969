/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever is asked for in half voxels has to come out in whole ones. */
#include "core/lattice.h"

#include <math.h>
#include <string.h>

/* How far a matrix may be off: Goxel turns layers with sines and cosines in single precision. */
#define TURN_TOLERANCE 1e-5
#define MOVE_TOLERANCE 1e-3

const struct goxel_lattice goxel_lattice_identity = {{0, 1, 2}, {1, 1, 1}, {0, 0, 0}};

bool goxel_lattice_apply(const struct goxel_lattice *lattice, struct goxel_pos pos, struct goxel_pos *ret_pos)
{
    int64_t in[3] = {pos.x, pos.y, pos.z}, out[3];

    for (int i = 0; i < 3; i++) {
        if (__builtin_add_overflow(lattice->sign[i] * in[lattice->source[i]], lattice->move[i], &out[i]) ||
            out[i] < GOXEL_COORD_MIN || out[i] > GOXEL_COORD_MAX)
            return false;
    }
    *ret_pos = (struct goxel_pos){(int32_t)out[0], (int32_t)out[1], (int32_t)out[2]};
    return true;
}

static bool within(int64_t value, int64_t limit)
{
    return value >= -limit && value <= limit;
}

static bool is_axis(int axis)
{
    return axis >= 0 && axis <= 2;
}

bool goxel_lattice_translation(const int64_t move[3], struct goxel_lattice *ret_lattice)
{
    struct goxel_lattice lattice = goxel_lattice_identity;

    for (int i = 0; i < 3; i++) {
        if (!within(move[i], GOXEL_LATTICE_MOVE_MAX))
            return false;
        lattice.move[i] = move[i];
    }
    *ret_lattice = lattice;
    return true;
}

/*
 * The middle of a voxel, 2 p + 1, goes to centre ± (2 q + 1 − centre of the axis it comes from), which is to
 * be the middle of another.
 */
bool goxel_lattice_rotation(int axis, int64_t quarter_turns, const int64_t centre[3],
                            struct goxel_lattice *ret_lattice)
{
    struct goxel_lattice lattice = goxel_lattice_identity;
    int turns = (int)(quarter_turns & 3), u = (axis + 1) % 3, v = (axis + 2) % 3;

    if (!is_axis(axis) || !within(centre[u], GOXEL_LATTICE_HALVES_MAX) ||
        !within(centre[v], GOXEL_LATTICE_HALVES_MAX) || ((centre[u] ^ centre[v]) & 1))
        return false;
    lattice.source[u] = turns & 1 ? v : u;
    lattice.source[v] = turns & 1 ? u : v;
    lattice.sign[u] = turns == 1 || turns == 2 ? -1 : 1;
    lattice.sign[v] = turns == 2 || turns == 3 ? -1 : 1;
    for (int i = 0; i < 3; i++) {
        if (i != axis)
            lattice.move[i] = (centre[i] - lattice.sign[i] * centre[lattice.source[i]] + lattice.sign[i] -
                               1) /
                              2;
    }
    *ret_lattice = lattice;
    return true;
}

bool goxel_lattice_mirror(int axis, int64_t plane, struct goxel_lattice *ret_lattice)
{
    struct goxel_lattice lattice = goxel_lattice_identity;

    if (!is_axis(axis) || !within(plane, GOXEL_LATTICE_HALVES_MAX))
        return false;
    lattice.sign[axis] = -1;
    lattice.move[axis] = plane - 1;
    *ret_lattice = lattice;
    return true;
}

struct goxel_lattice goxel_lattice_compose(const struct goxel_lattice *outer,
                                           const struct goxel_lattice *inner)
{
    struct goxel_lattice both;

    for (int i = 0; i < 3; i++) {
        int axis = outer->source[i];

        both.source[i] = inner->source[axis];
        both.sign[i] = outer->sign[i] * inner->sign[axis];
        both.move[i] = outer->sign[i] * inner->move[axis] + outer->move[i];
    }
    return both;
}

struct goxel_lattice goxel_lattice_inverse(const struct goxel_lattice *lattice)
{
    struct goxel_lattice inverse;

    for (int i = 0; i < 3; i++) {
        int axis = lattice->source[i];

        inverse.source[axis] = i;
        inverse.sign[axis] = lattice->sign[i];
        inverse.move[axis] = -lattice->sign[i] * lattice->move[i];
    }
    return inverse;
}

/* ---- matrices ---- */

static bool near(double a, double b)
{
    return fabs(a - b) < TURN_TOLERANCE;
}

/* Row i of the matrix has a single 1 or -1, in a column that no other row has. */
static bool row_to_lattice(const float mat[16], int i, struct goxel_lattice *lattice)
{
    double move = mat[12 + i];
    int ones = 0;

    for (int j = 0; j < 3; j++) {
        double entry = mat[4 * j + i];

        if (near(fabs(entry), 1)) {
            lattice->source[i] = j;
            lattice->sign[i] = entry > 0 ? 1 : -1;
            ones++;
        } else if (!near(entry, 0)) {
            return false;
        }
    }
    /* No move beyond the range's width leads back into it. */
    if (ones != 1 || !(fabs(move) <= 2.0 * GOXEL_COORD_MAX) || fabs(move - round(move)) > MOVE_TOLERANCE)
        return false;
    lattice->move[i] = (int64_t)llround(move);
    return true;
}

bool goxel_lattice_of_matrix(const float mat[16], struct goxel_lattice *ret_lattice)
{
    struct goxel_lattice lattice;

    for (int i = 0; i < 3; i++) {
        if (!row_to_lattice(mat, i, &lattice) || !near(mat[4 * i + 3], 0))
            return false;
    }
    if (!near(mat[15], 1) || lattice.source[0] == lattice.source[1] ||
        lattice.source[1] == lattice.source[2] || lattice.source[0] == lattice.source[2])
        return false;
    *ret_lattice = lattice;
    return true;
}

void goxel_lattice_to_matrix(const struct goxel_lattice *lattice, float ret_mat[16])
{
    memset(ret_mat, 0, 16 * sizeof(float));
    for (int i = 0; i < 3; i++) {
        ret_mat[4 * lattice->source[i] + i] = (float)lattice->sign[i];
        ret_mat[12 + i] = (float)lattice->move[i];
    }
    ret_mat[15] = 1;
}
