/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Selections added, taken away and intersected, by everything that selects. */
#include "core/select.h"

#include "region.h"

static const struct goxel_color white = {255, 255, 255, 255};

static void naive_select(struct naive *selection, struct naive *other, enum goxel_select how)
{
    for (FOR_BOX(pos, &naive_box)) {
        bool was = naive_at(selection, pos)->a, is = naive_at(other, pos)->a;
        bool now = how == GOXEL_SELECT_SET   ? is
                   : how == GOXEL_SELECT_ADD ? was || is
                   : how == GOXEL_SELECT_SUB ? was && !is
                                             : was && is;

        naive_set(selection, pos, now ? white : rgba(0, 0, 0, 0));
    }
}

static void masks_are_combined(void)
{
    for (int how = GOXEL_SELECT_SET; how <= GOXEL_SELECT_INTERSECT; how++) {
        for (uint64_t seed = 1; seed < 5; seed++) {
            struct twin a = twin_mask(seed), b = twin_mask(seed + 100);

            naive_select(a.naive, b.naive, (enum goxel_select)how);
            CU_ASSERT_EQUAL(goxel_select_mask(a.volume, b.volume, (enum goxel_select)how, NULL), 0);
            CU_ASSERT(naive_matches(a.naive, a.volume, seed));
            naive_select(a.naive, a.naive, (enum goxel_select)how);
            CU_ASSERT_EQUAL(goxel_select_mask(a.volume, a.volume, (enum goxel_select)how, NULL), 0);
            CU_ASSERT(naive_matches(a.naive, a.volume, seed));
            twin_end(&a);
            twin_end(&b);
        }
    }
}

static void boxes_are_combined(void)
{
    for (int how = GOXEL_SELECT_SET; how <= GOXEL_SELECT_INTERSECT; how++) {
        for (uint64_t seed = 1; seed < 5; seed++) {
            struct twin a = twin_mask(seed);
            struct naive *other = calloc(1, sizeof(*other));
            struct goxel_box box = random_box(&a.state);

            naive_fill(other, &box, white);
            naive_select(a.naive, other, (enum goxel_select)how);
            CU_ASSERT_EQUAL(goxel_select_box(a.volume, &box, (enum goxel_select)how, NULL), 0);
            CU_ASSERT(naive_matches(a.naive, a.volume, seed));
            free(other);
            twin_end(&a);
        }
    }
}

static void colours_and_floods_are_combined(void)
{
    const struct goxel_match match = {{255, 0, 0, 255}, 10};

    for (int how = GOXEL_SELECT_SET; how <= GOXEL_SELECT_INTERSECT; how++) {
        struct twin a = twin_mask(7), b = twin_random(8, 12, 2000);
        struct naive *other = calloc(1, sizeof(*other));
        const struct goxel_flood flood = {
            .seed = {1, 1, 1}, .box = naive_box, .tolerance = 255, .neighbours = 6};
        struct goxel_volume *reached = NULL;

        for (FOR_BOX(pos, &naive_box)) {
            struct goxel_color c = *naive_at(b.naive, pos);

            if (c.a >= 245 && c.r >= 245 && c.g <= 10 && c.b <= 10)
                naive_set(other, pos, white);
        }
        naive_select(a.naive, other, (enum goxel_select)how);
        CU_ASSERT_EQUAL(goxel_select_color(a.volume, b.volume, NULL, &match, (enum goxel_select)how, NULL),
                        0);
        CU_ASSERT(naive_matches(a.naive, a.volume, 7));
        CU_ASSERT_EQUAL(goxel_volume_flood(b.volume, &flood, NULL, &reached), 0);
        for (FOR_BOX(pos, &naive_box))
            naive_set(other, pos, goxel_volume_get_at(reached, pos));
        naive_select(a.naive, other, (enum goxel_select)how);
        CU_ASSERT_EQUAL(goxel_select_flood(a.volume, b.volume, &flood, (enum goxel_select)how, NULL), 0);
        CU_ASSERT(naive_matches(a.naive, a.volume, 8));
        goxel_volume_destroy(reached);
        free(other);
        twin_end(&a);
        twin_end(&b);
    }
}

static void the_range_costs_nothing(void)
{
    const struct goxel_box range = {{GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
                                    {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX}};
    struct goxel_volume *selection = goxel_volume_create();

    goxel_volume_set_at(selection, range.min, white);
    CU_ASSERT_EQUAL(goxel_select_box(selection, &range, GOXEL_SELECT_INTERSECT, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(selection), 1);
    CU_ASSERT_EQUAL(goxel_select_box(selection, &range, GOXEL_SELECT_ADD, NULL), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(goxel_select_box(selection, &range, GOXEL_SELECT_SET, NULL), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(goxel_volume_count(selection), 1);
    CU_ASSERT_EQUAL(goxel_select_box(selection, &range, GOXEL_SELECT_SUB, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(selection), 0);
    CU_ASSERT_EQUAL(goxel_select_box(selection, &range, (enum goxel_select)4, NULL), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_select_mask(selection, selection, (enum goxel_select)4, NULL),
                    GOXEL_ERROR_VALIDATION);
    goxel_volume_destroy(selection);
}

struct ask {
    const struct goxel_volume *volume;
    enum goxel_select how;
};

static int by_color(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    const struct ask *ask = ctx;

    return goxel_select_color(volume, ask->volume, NULL, &goxel_match_any, ask->how, cancel);
}

static int by_box(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    const struct ask *ask = ctx;

    return goxel_select_box(volume, &(struct goxel_box){{-20, -3, -9}, {11, 12, 13}}, ask->how, cancel);
}

static void failures_change_nothing(void)
{
    struct twin a = twin_mask(0xfa17), b = twin_random(0xfa18, 4, 50);

    for (int how = GOXEL_SELECT_SET; how <= GOXEL_SELECT_INTERSECT; how++) {
        struct ask ask = {b.volume, (enum goxel_select)how};

        region_fails_whole(a.volume, by_color, &ask);
        region_fails_whole(a.volume, by_box, &ask);
    }
    twin_end(&a);
    twin_end(&b);
}

static const struct unit_test tests[] = {
    {"masks are combined", masks_are_combined},
    {"boxes are combined", boxes_are_combined},
    {"colours and floods are combined", colours_and_floods_are_combined},
    {"the range costs nothing", the_range_costs_nothing},
    {"failures change nothing", failures_change_nothing},
    {NULL, NULL},
};

const struct unit_suite suite_select = {"select", tests};
