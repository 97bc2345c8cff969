/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Corners: numbered in ascending (z, y, x) of their blocks, found again by their places, and along lines. */
#include "mesh/corners.h"

#include "core/naive.h"

#define MARKS 3000
#define EDGE 40 /* around the origin, and at the ends of the range */

static struct goxel_pos random_corner(uint64_t *state, int around)
{
    return at(around + random_below(state, EDGE), random_below(state, EDGE) - EDGE / 2,
              around + random_below(state, EDGE));
}

static struct goxel_corners *make_corners(int around, struct goxel_pos *marked)
{
    struct goxel_corners *corners = goxel_corners_create();
    uint64_t state = 99;

    CU_ASSERT_PTR_NOT_NULL_FATAL(corners);
    for (int i = 0; i < MARKS; i++) {
        marked[i] = random_corner(&state, around);
        CU_ASSERT_EQUAL(goxel_corners_mark(corners, marked[i]), 0);
    }
    CU_ASSERT_EQUAL_FATAL(goxel_corners_settle(corners), 0);
    return corners;
}

static bool is_marked(const struct goxel_pos *marked, struct goxel_pos pos)
{
    for (int i = 0; i < MARKS; i++) {
        if (marked[i].x == pos.x && marked[i].y == pos.y && marked[i].z == pos.z)
            return true;
    }
    return false;
}

/* Every walk over the blocks gives those that were marked, once, in the order of their numbers. */
static void check_walk(const struct goxel_corners *corners, const struct goxel_pos *marked)
{
    uint64_t count = 0;
    struct goxel_pos pos;

    for (size_t i = 0; i < corners->block_count; i++) {
        struct goxel_corner_walk walk = goxel_corner_walk_make(corners, i);

        while (goxel_corner_walk_next(&walk, &pos)) {
            CU_ASSERT(is_marked(marked, pos));
            CU_ASSERT_EQUAL(goxel_corners_number(corners, pos), count);
            count++;
        }
    }
    CU_ASSERT_EQUAL(count, corners->count);
    for (int i = 0; i < MARKS; i++)
        CU_ASSERT(goxel_corners_number(corners, marked[i]) < count);
}

/* Of a line everything that is marked and strictly between, in order. */
static void check_line(const struct goxel_corners *corners, const struct goxel_pos *marked,
                       struct goxel_pos pos, int axis, int length)
{
    uint32_t list[EDGE];
    size_t count = goxel_corners_between(corners, pos, axis, length, list), found = 0;

    for (int i = 1; i < length; i++) {
        struct goxel_pos next = at(pos.x + (axis == 0 ? i : 0), pos.y + (axis == 1 ? i : 0),
                                   pos.z + (axis == 2 ? i : 0));

        if (!is_marked(marked, next))
            continue;
        CU_ASSERT(found < count && list[found] == goxel_corners_number(corners, next));
        found++;
    }
    CU_ASSERT_EQUAL(found, count);
}

static void corners_are_found_again(void)
{
    static const int places[] = {-EDGE / 2, GOXEL_COORD_MIN, GOXEL_COORD_MAX + 2 - EDGE};

    for (size_t i = 0; i < 3; i++) {
        struct goxel_pos *marked = calloc(MARKS, sizeof(*marked));
        struct goxel_corners *corners = make_corners(places[i], marked);
        uint64_t state = 5;

        check_walk(corners, marked);
        for (int k = 0; k < 300; k++)
            check_line(corners, marked, random_corner(&state, places[i]), k % 3,
                       1 + random_below(&state, EDGE - 1));
        goxel_corners_destroy(corners);
        free(marked);
    }
    goxel_corners_destroy(NULL);
}

static void none_is_none(void)
{
    struct goxel_corners *corners = goxel_corners_create();

    CU_ASSERT_EQUAL(goxel_corners_settle(corners), 0);
    CU_ASSERT_EQUAL(corners->count, 0);
    goxel_corners_destroy(corners);
}

const struct unit_suite corners_suite = {
    "corners",
    (const struct unit_test[]){
        {"corners are found again", corners_are_found_again},
        {"none is none", none_is_none},
        {NULL, NULL},
    },
};
