/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever is asked for in half voxels has to come out in whole ones. */
#include "core/lattice.h"

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
