/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a volume promises: against a plain array, at its edges, and when memory runs out. */
#include "core/volume.h"

#include "base/error.h"
#include "naive.h"

static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 255}, none = {0, 0, 0, 0};

/* ---- one voxel ---- */

static void new_volume_is_empty(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_box box = {{1, 2, 3}, {4, 5, 6}}, before = box;

    CU_ASSERT_EQUAL(goxel_volume_count(volume), 0);
    CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 0);
    CU_ASSERT_FALSE(goxel_volume_bounds(volume, &box));
    CU_ASSERT_EQUAL(memcmp(&box, &before, sizeof(box)), 0);
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(0, 0, 0)), none));
    goxel_volume_destroy(volume);
    goxel_volume_destroy(NULL);
}

static void voxel_is_set_changed_and_removed(void)
{
    struct goxel_volume *volume = goxel_volume_create();

    CU_ASSERT_EQUAL(goxel_volume_set_at(volume, at(-1, 0, 16), red), 0);
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(-1, 0, 16)), red));
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(15, 0, 16)), none));
    CU_ASSERT_EQUAL(goxel_volume_set_at(volume, at(-1, 0, 16), blue), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 1);
    CU_ASSERT_EQUAL(goxel_volume_set_at(volume, at(-1, 0, 16), rgba(9, 9, 9, 0)), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 0);
    CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 0);
    goxel_volume_destroy(volume);
}

static void empty_keeps_no_colour(void)
{
    struct goxel_volume *volume = goxel_volume_create();

    goxel_volume_set_at(volume, at(0, 0, 0), red);
    goxel_volume_set_at(volume, at(1, 0, 0), rgba(7, 8, 9, 0));
    goxel_volume_set_at(volume, at(2, 0, 0), red);
    goxel_volume_set_at(volume, at(2, 0, 0), rgba(7, 8, 9, 0));
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(1, 0, 0)), none));
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(2, 0, 0)), none));
    goxel_volume_destroy(volume);
}

static void coordinates_end_where_they_should(void)
{
    static const int edges[] = {GOXEL_COORD_MIN, GOXEL_COORD_MAX};
    static const int beyond[] = {GOXEL_COORD_MIN - 1, GOXEL_COORD_MAX + 1, INT32_MIN, INT32_MAX};
    struct goxel_volume *volume = goxel_volume_create();

    for (int i = 0; i < 8; i++) {
        struct goxel_pos pos = at(edges[i & 1], edges[i >> 1 & 1], edges[i >> 2]);

        CU_ASSERT_EQUAL(goxel_volume_set_at(volume, pos, rgba(1, 2, 3, (unsigned)i + 1)), 0);
    }
    for (int i = 0; i < 8; i++) {
        struct goxel_pos pos = at(edges[i & 1], edges[i >> 1 & 1], edges[i >> 2]);

        CU_ASSERT(same_color(goxel_volume_get_at(volume, pos), rgba(1, 2, 3, (unsigned)i + 1)));
    }
    for (int axis = 0; axis < 3; axis++) {
        for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
            struct goxel_pos pos = at(axis == 0 ? beyond[i] : 0, axis == 1 ? beyond[i] : 0,
                                      axis == 2 ? beyond[i] : 0);

            CU_ASSERT_EQUAL(goxel_volume_set_at(volume, pos, red), GOXEL_ERROR_INVALID_COORDINATES);
            CU_ASSERT(same_color(goxel_volume_get_at(volume, pos), none));
        }
    }
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 8);
    goxel_volume_destroy(volume);
}

static void random_voxels_match_reference(void)
{
    static const uint64_t seeds[] = {0x5eed0001, 0x5eed0002, 0x5eed0003};

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        struct goxel_volume *volume = goxel_volume_create();
        struct naive *naive = calloc(1, sizeof(*naive));
        uint64_t state = seeds[s];

        for (int i = 0; i < 60000; i++) {
            struct goxel_pos pos = random_pos(&state);
            struct goxel_color color = i > 40000 ? none : random_color(&state);

            naive_set(naive, pos, color);
            goxel_volume_set_at(volume, pos, color);
        }
        CU_ASSERT(naive_matches(naive, volume, seeds[s]));
        free(naive);
        goxel_volume_destroy(volume);
    }
}

/* Bricks come and go far apart: the tree grows, and what was removed leaves its neighbours alone. */
static void many_bricks_come_and_go(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    int wrong = 0;

    for (int i = 0; i < 3000; i++)
        goxel_volume_set_at(volume, at(i * 16, -i * 32, i % 7 * 160), red);
    for (int i = 0; i < 3000; i += 3)
        goxel_volume_set_at(volume, at(i * 16, -i * 32, i % 7 * 160), none);
    for (int i = 0; i < 3000; i++) {
        struct goxel_color want = i % 3 == 0 ? none : red;

        wrong += !same_color(goxel_volume_get_at(volume, at(i * 16, -i * 32, i % 7 * 160)), want);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 2000);
    goxel_volume_clear(volume);
    CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 0);
    CU_ASSERT_EQUAL(goxel_volume_set_at(volume, at(0, 0, 0), red), 0);
    goxel_volume_destroy(volume);
}

/* ---- copies ---- */

static void copy_and_original_part_ways(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *copy;

    goxel_volume_set_at(volume, at(0, 0, 0), red);
    goxel_volume_set_at(volume, at(100, 0, 0), red);
    copy = goxel_volume_copy(volume);
    CU_ASSERT(goxel_volume_equal(volume, copy));
    goxel_volume_set_at(copy, at(1, 0, 0), blue);
    goxel_volume_set_at(volume, at(0, 0, 0), none);
    CU_ASSERT_FALSE(goxel_volume_equal(volume, copy));
    CU_ASSERT(same_color(goxel_volume_get_at(copy, at(0, 0, 0)), red));
    CU_ASSERT(same_color(goxel_volume_get_at(copy, at(1, 0, 0)), blue));
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(0, 0, 0)), none));
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(1, 0, 0)), none));
    goxel_volume_destroy(volume);
    CU_ASSERT(same_color(goxel_volume_get_at(copy, at(100, 0, 0)), red));
    goxel_volume_destroy(copy);
}

/* Shared until written. */
static bool shares_first_brick(const struct goxel_volume *a, const struct goxel_volume *b)
{
    struct goxel_brick_view *left = NULL, *right = NULL;
    size_t left_count = 0, right_count = 0;
    bool shared;

    goxel_volume_views(a, &left, &left_count);
    goxel_volume_views(b, &right, &right_count);
    shared = left_count > 0 && right_count > 0 && left[0].id == right[0].id;
    free(left);
    free(right);
    return shared;
}

static void bricks_are_shared_until_written(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *copy;

    goxel_volume_set_at(volume, at(0, 0, 0), red);
    copy = goxel_volume_copy(volume);
    CU_ASSERT(shares_first_brick(volume, copy));
    goxel_volume_set_at(copy, at(0, 0, 0), red); /* no change */
    goxel_volume_set_at(copy, at(5, 5, 5), none);
    CU_ASSERT(shares_first_brick(volume, copy));
    goxel_volume_set_at(copy, at(0, 0, 0), blue);
    CU_ASSERT_FALSE(shares_first_brick(volume, copy));
    goxel_volume_destroy(copy);
    goxel_volume_destroy(volume);
}

static void equal_looks_at_voxels_not_history(void)
{
    struct goxel_volume *a = goxel_volume_create(), *b = goxel_volume_create();

    CU_ASSERT(goxel_volume_equal(a, b));
    for (int i = 0; i < 200; i++) {
        goxel_volume_set_at(a, at(i * 16, 0, 0), red);
        goxel_volume_set_at(b, at((199 - i) * 16, 0, 0), red);
        goxel_volume_set_at(b, at(0, 0, 160), blue);
    }
    CU_ASSERT_FALSE(goxel_volume_equal(a, b));
    goxel_volume_set_at(b, at(0, 0, 160), none);
    CU_ASSERT(goxel_volume_equal(a, b));
    goxel_volume_set_at(b, at(0, 0, 0), blue);
    CU_ASSERT_FALSE(goxel_volume_equal(a, b));
    goxel_volume_set_at(b, at(0, 0, 0), none);
    goxel_volume_set_at(b, at(0, 0, 16), red); /* as many bricks and voxels, elsewhere */
    CU_ASSERT_FALSE(goxel_volume_equal(a, b));
    goxel_volume_destroy(a);
    goxel_volume_destroy(b);
}

/* ---- whole bricks ---- */

static void brick_replaces_what_was_there(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_color *voxels = calloc(GOXEL_BRICK_VOXELS, sizeof(*voxels));

    goxel_volume_set_at(volume, at(-16, 0, 0), red);
    voxels[1 + 16 * 2 + 256 * 3] = blue;
    voxels[5] = rgba(1, 2, 3, 0);
    CU_ASSERT_EQUAL(goxel_volume_set_brick(volume, at(-16, 0, 0), voxels), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 1);
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(-15, 2, 3)), blue));
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(-11, 0, 0)), none));
    CU_ASSERT_EQUAL(goxel_volume_set_brick(volume, at(-15, 0, 0), voxels), GOXEL_ERROR_INVALID_COORDINATES);
    CU_ASSERT_EQUAL(goxel_volume_set_brick(volume, at(GOXEL_COORD_MAX + 1, 0, 0), voxels),
                    GOXEL_ERROR_INVALID_COORDINATES);
    voxels[1 + 16 * 2 + 256 * 3] = none;
    CU_ASSERT_EQUAL(goxel_volume_set_brick(volume, at(-16, 0, 0), voxels), 0);
    CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 0);
    free(voxels);
    goxel_volume_destroy(volume);
}

static void shared_brick_costs_nothing_and_stays_apart(void)
{
    struct goxel_volume *from = goxel_volume_create(), *volume = goxel_volume_create();
    struct goxel_brick_view *views = NULL;
    size_t count = 0, same = 0;

    goxel_volume_set_at(from, at(3, 0, 0), red);
    for (int i = 0; i < 1000; i++)
        CU_ASSERT_EQUAL(goxel_volume_share_brick(volume, at(i * 16, -16, 0), from, at(0, 0, 0)), 0);
    CU_ASSERT_EQUAL(goxel_volume_views(volume, &views, &count), 0);
    for (size_t i = 0; i < count; i++)
        same += views[i].id == views[0].id;
    CU_ASSERT_EQUAL(count, 1000);
    CU_ASSERT_EQUAL(same, 1000);
    free(views);
    goxel_volume_set_at(volume, at(4, -16, 0), blue);
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(20, -16, 0)), none));
    CU_ASSERT_EQUAL(goxel_volume_share_brick(volume, at(0, -16, 0), from, at(160, 0, 0)),
                    0); /* an empty one */
    CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 999);
    CU_ASSERT_EQUAL(goxel_volume_share_brick(volume, at(1, 0, 0), from, at(0, 0, 0)),
                    GOXEL_ERROR_INVALID_COORDINATES);
    goxel_volume_destroy(volume);
    goxel_volume_destroy(from);
}

/* ---- looking at all of it ---- */

struct seen {
    struct goxel_pos last;
    int count, out_of_order, stop_after;
};

static int64_t rank(struct goxel_pos pos)
{
    struct goxel_pos brick = at((pos.x + 1024) / 16, (pos.y + 1024) / 16, (pos.z + 1024) / 16);
    int64_t inside = ((pos.z & 15) * 16 + (pos.y & 15)) * 16 + (pos.x & 15);

    return (((int64_t)brick.z << 32) + ((int64_t)brick.y << 16) + brick.x) * 4096 + inside;
}

static int note(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct seen *seen = ctx;

    seen->out_of_order += color.a == 0 || (seen->count > 0 && rank(pos) <= rank(seen->last));
    seen->last = pos;
    seen->count++;
    return seen->count == seen->stop_after ? 42 : 0;
}

static void visit_goes_in_order_and_stops(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_box inner = {{-20, -3, -17}, {5, 30, 16}}, wrong = {{1, 0, 0}, {0, 0, 0}};
    struct goxel_box wide = {{-1000, -1000, -1000}, {1000, 1000, 1000}};
    struct seen seen = {0};
    uint64_t state = 0x5eed0010;
    int inside = 0, total = 0;

    for (int i = 0; i < 5000; i++)
        goxel_volume_set_at(volume, random_pos(&state), red);
    for (int z = NAIVE_MIN; z < -NAIVE_MIN; z++)
        for (int y = NAIVE_MIN; y < -NAIVE_MIN; y++)
            for (int x = NAIVE_MIN; x < -NAIVE_MIN; x++) {
                bool full = goxel_volume_get_at(volume, at(x, y, z)).a != 0;

                total += full;
                inside += full && goxel_box_contains(&inner, at(x, y, z));
            }
    CU_ASSERT_EQUAL(goxel_volume_visit(volume, NULL, NULL, note, &seen), 0);
    CU_ASSERT_EQUAL(seen.count, total);
    CU_ASSERT_EQUAL(seen.out_of_order, 0);
    seen = (struct seen){0};
    CU_ASSERT_EQUAL(goxel_volume_visit(volume, &inner, NULL, note, &seen), 0);
    CU_ASSERT_EQUAL(seen.count, inside);
    CU_ASSERT_EQUAL(seen.out_of_order, 0);
    seen = (struct seen){0};
    CU_ASSERT_EQUAL(goxel_volume_visit(volume, &wide, NULL, note, &seen), 0);
    CU_ASSERT_EQUAL(seen.count, total);
    seen = (struct seen){.stop_after = 7};
    CU_ASSERT_EQUAL(goxel_volume_visit(volume, &inner, NULL, note, &seen), 42);
    CU_ASSERT_EQUAL(seen.count, 7);
    CU_ASSERT_EQUAL(goxel_volume_visit(volume, &wrong, NULL, note, &seen), GOXEL_ERROR_INVALID_COORDINATES);
    goxel_volume_destroy(volume);
}

static void visit_honours_cancel(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_cancel cancel;
    struct seen seen = {0};

    goxel_volume_set_at(volume, at(0, 0, 0), red);
    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_volume_visit(volume, NULL, &cancel, note, &seen), GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(seen.count, 0);
    goxel_volume_destroy(volume);
}

static void views_are_sorted_and_counted(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_brick_view *views = NULL;
    size_t count = 0;
    int wrong = 0;

    CU_ASSERT_EQUAL(goxel_volume_views(volume, &views, &count), 0);
    CU_ASSERT_PTR_NULL(views);
    CU_ASSERT_EQUAL(count, 0);
    for (int i = 0; i < 100; i++) {
        goxel_volume_set_at(volume, at(i * 7 % 10 * 16, -i / 10 * 16, -32), red);
        goxel_volume_set_at(volume, at(i * 7 % 10 * 16 + 1, -i / 10 * 16, 32), red);
    }
    CU_ASSERT_EQUAL(goxel_volume_views(volume, &views, &count), 0);
    CU_ASSERT_EQUAL(count, (size_t)goxel_volume_bricks(volume));
    for (size_t i = 0; i < count; i++)
        wrong += views[i].count != 1 || (i > 0 && rank(views[i].pos) <= rank(views[i - 1].pos));
    CU_ASSERT_EQUAL(wrong, 0);
    free(views);
    goxel_volume_destroy(volume);
}

/* ---- memory ---- */

static void failed_copy_is_null(void)
{
    struct goxel_volume *volume = goxel_volume_create();

    goxel_volume_set_at(volume, at(0, 0, 0), red);
    unit_fail_allocation(0);
    CU_ASSERT_PTR_NULL(goxel_volume_copy(volume));
    unit_fail_allocation(0);
    CU_ASSERT_PTR_NULL(goxel_volume_create());
    unit_fail_allocation(-1);
    goxel_volume_destroy(volume);
}

/* A list as long as none, as one read at a time, and as several; of every state, of tiles, and of no valid place. */
static void many_at_once_are_as_one_by_one(void)
{
    static const struct goxel_box tile = {{-64, -64, -64}, {-1, -1, -1}};
    static struct goxel_pos positions[1000];
    static struct goxel_color colors[1001];
    struct goxel_volume *volume = goxel_volume_create();
    uint64_t state = 0x5eed0540;

    goxel_volume_fill(volume, &tile, rgba(1, 2, 3, 4), NULL);
    for (int i = 0; i < 5000; i++) { /* a brick of few colours, one of many, one of all */
        int x = random_below(&state, 48), limit = x < 16 ? 10 : x < 32 ? 200 : 100000;

        goxel_volume_set_at(volume, at(x, random_below(&state, 16), random_below(&state, 16)),
                            rgba((unsigned)random_below(&state, limit) & 255,
                                 (unsigned)random_below(&state, limit) >> 8 & 255, 1, 255));
    }
    for (int sealed = 0; sealed < 2; sealed++) {
        for (size_t i = 0; i < 1000; i++)
            positions[i] = i % 50 ? at(random_below(&state, 60) - 5, random_below(&state, 20) - 2,
                                       random_below(&state, 20) - 2)
                                  : at(GOXEL_COORD_MAX + (i % 100 != 0), (int)i,
                                       GOXEL_COORD_MIN - (i % 100 == 0));
        for (size_t count = 0; count <= 1000; count = count * 3 + 1) {
            memset(colors, 0x77, sizeof(colors));
            goxel_volume_get_many(volume, positions, count, colors);
            for (size_t i = 0; i < count; i++)
                CU_ASSERT(same_color(colors[i], goxel_volume_get_at(volume, positions[i])));
            CU_ASSERT_EQUAL(colors[count].r, 0x77);
        }
        goxel_volume_seal(volume);
    }
    goxel_volume_destroy(volume);
}

static const struct unit_test tests[] = {
    {"a new volume is empty", new_volume_is_empty},
    {"a voxel is set, changed and removed", voxel_is_set_changed_and_removed},
    {"an empty voxel keeps no colour", empty_keeps_no_colour},
    {"coordinates end where they should", coordinates_end_where_they_should},
    {"random voxels match the reference", random_voxels_match_reference},
    {"many bricks come and go", many_bricks_come_and_go},
    {"a copy and its original part ways", copy_and_original_part_ways},
    {"bricks are shared until written", bricks_are_shared_until_written},
    {"equal looks at voxels, not at history", equal_looks_at_voxels_not_history},
    {"a brick replaces what was there", brick_replaces_what_was_there},
    {"a shared brick costs nothing and stays apart", shared_brick_costs_nothing_and_stays_apart},
    {"visit goes in order and stops when told", visit_goes_in_order_and_stops},
    {"visit honours cancel", visit_honours_cancel},
    {"views are sorted and counted", views_are_sorted_and_counted},
    {"many at once are as one by one", many_at_once_are_as_one_by_one},
    {"a failed copy is NULL", failed_copy_is_null},
    {NULL, NULL},
};

const struct unit_suite suite_volume = {"volume", tests};
