/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lattices against what they do to the middles of voxels, in half voxels. */
#include "core/lattice.h"

#include "region.h"

static void middle_of(struct goxel_pos pos, int64_t middle[3])
{
    middle[0] = 2 * (int64_t)pos.x + 1;
    middle[1] = 2 * (int64_t)pos.y + 1;
    middle[2] = 2 * (int64_t)pos.z + 1;
}

/* A quarter turn at a time: the offset (u, v) from the centre becomes (−v, u). */
static void turns_go_about_their_centre(void)
{
    static const int64_t centres[][3] = {{0, 0, 0}, {1, 1, 1}, {-7, 5, 13}, {8, -20, 6}};
    uint64_t state = 0x7a71;

    for (int i = 0; i < 4 * 3 * 9; i++) {
        const int64_t *centre = centres[i / 27];
        int axis = i % 3, u = (axis + 1) % 3, v = (axis + 2) % 3, turns = i / 3 % 9 - 4;
        struct goxel_lattice lattice;

        CU_ASSERT(goxel_lattice_rotation(axis, turns, centre, &lattice));
        for (int k = 0; k < 20; k++) {
            struct goxel_pos pos = random_pos(&state), to = {0, 0, 0};
            int64_t from[3], got[3];

            middle_of(pos, from);
            for (int turn = 0; turn < ((turns % 4) + 4) % 4; turn++) {
                int64_t a = from[u] - centre[u], b = from[v] - centre[v];

                from[u] = centre[u] - b;
                from[v] = centre[v] + a;
            }
            CU_ASSERT(goxel_lattice_apply(&lattice, pos, &to));
            middle_of(to, got);
            CU_ASSERT(memcmp(got, from, sizeof(got)) == 0);
        }
    }
}

static void mirrors_and_moves_are_exact(void)
{
    const int64_t move[3] = {5, -100, 1 << 21};
    struct goxel_lattice lattice, back;
    struct goxel_pos to = {0, 0, 0};

    for (int axis = 0; axis < 3; axis++) {
        for (int64_t plane = -5; plane <= 5; plane++) {
            int64_t from[3], got[3];

            CU_ASSERT(goxel_lattice_mirror(axis, plane, &lattice));
            CU_ASSERT(goxel_lattice_apply(&lattice, at(3, 4, 5), &to));
            middle_of(at(3, 4, 5), from);
            middle_of(to, got);
            from[axis] = 2 * plane - from[axis];
            CU_ASSERT(memcmp(got, from, sizeof(got)) == 0);
        }
    }
    CU_ASSERT(goxel_lattice_translation(move, &lattice));
    CU_ASSERT(goxel_lattice_apply(&lattice, at(1, 2, GOXEL_COORD_MIN), &to) == false);
    CU_ASSERT(goxel_lattice_translation((const int64_t[3]){5, -100, 7}, &lattice));
    CU_ASSERT(goxel_lattice_apply(&lattice, at(1, 2, 3), &to));
    CU_ASSERT(to.x == 6 && to.y == -98 && to.z == 10);
    CU_ASSERT(goxel_lattice_translation((const int64_t[3]){-5, 100, -7}, &back));
    back = goxel_lattice_compose(&back, &lattice);
    CU_ASSERT(memcmp(&back, &goxel_lattice_identity, sizeof(back)) == 0);
}

static void one_after_another(void)
{
    const int64_t centre[3] = {3, 5, 7};
    struct goxel_lattice turn, mirror, both;
    struct goxel_pos one = {0, 0, 0}, two = {0, 0, 0}, at_once = {0, 0, 0};

    CU_ASSERT(goxel_lattice_rotation(0, 1, centre, &turn));
    CU_ASSERT(goxel_lattice_mirror(1, 4, &mirror));
    both = goxel_lattice_compose(&mirror, &turn);
    CU_ASSERT(goxel_lattice_apply(&turn, at(9, -4, 2), &one));
    CU_ASSERT(goxel_lattice_apply(&mirror, one, &two));
    CU_ASSERT(goxel_lattice_apply(&both, at(9, -4, 2), &at_once));
    CU_ASSERT(memcmp(&two, &at_once, sizeof(two)) == 0);
}

/* All 48 turns and mirrors, with a move: back again, and as a matrix. */
static void every_lattice_has_an_inverse_and_a_matrix(void)
{
    int count = 0;

    for (int i = 0; i < 27 * 8; i++) {
        struct goxel_lattice lattice = {{i % 3, i / 3 % 3, i / 9 % 3}, {1, 1, 1}, {5, -7, 1 << 20}}, back,
                             again;
        float mat[16];

        if (lattice.source[0] == lattice.source[1] || lattice.source[1] == lattice.source[2] ||
            lattice.source[0] == lattice.source[2])
            continue;
        for (int axis = 0; axis < 3; axis++)
            lattice.sign[axis] = i / 27 >> axis & 1 ? -1 : 1;
        back = goxel_lattice_inverse(&lattice);
        again = goxel_lattice_compose(&back, &lattice);
        CU_ASSERT(memcmp(&again, &goxel_lattice_identity, sizeof(again)) == 0);
        goxel_lattice_to_matrix(&lattice, mat);
        CU_ASSERT(goxel_lattice_of_matrix(mat, &again));
        CU_ASSERT(memcmp(&again, &lattice, sizeof(again)) == 0);
        mat[0] += 0.5f;
        CU_ASSERT_FALSE(goxel_lattice_of_matrix(mat, &again));
        count++;
    }
    CU_ASSERT_EQUAL(count, 48);
}

static void wrong_lattices_are_refused(void)
{
    struct goxel_lattice lattice = goxel_lattice_identity;

    CU_ASSERT(!goxel_lattice_rotation(3, 1, (const int64_t[3]){0, 0, 0}, &lattice));
    CU_ASSERT(!goxel_lattice_rotation(-1, 1, (const int64_t[3]){0, 0, 0}, &lattice));
    CU_ASSERT(!goxel_lattice_rotation(2, 1, (const int64_t[3]){1, 0, 0}, &lattice));
    CU_ASSERT(!goxel_lattice_rotation(2, 1, (const int64_t[3]){INT64_MAX, 1, 0}, &lattice));
    CU_ASSERT(!goxel_lattice_mirror(0, INT64_MIN, &lattice));
    CU_ASSERT(!goxel_lattice_mirror(4, 0, &lattice));
    CU_ASSERT(!goxel_lattice_translation((const int64_t[3]){0, INT64_MIN, 0}, &lattice));
    CU_ASSERT(memcmp(&lattice, &goxel_lattice_identity, sizeof(lattice)) == 0);
}

static const struct unit_test tests[] = {
    {"turns go about their centre", turns_go_about_their_centre},
    {"mirrors and moves are exact", mirrors_and_moves_are_exact},
    {"one after another", one_after_another},
    {"every lattice has an inverse and a matrix", every_lattice_has_an_inverse_and_a_matrix},
    {"wrong lattices are refused", wrong_lattices_are_refused},
    {NULL, NULL},
};

const struct unit_suite suite_lattice = {"lattice", tests};
