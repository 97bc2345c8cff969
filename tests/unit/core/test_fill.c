/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boxes of one colour: the right voxels, one brick for all whole ones, and all or nothing. */
#include "core/volume.h"

#include "base/error.h"
#include "naive.h"

static const struct goxel_color red = {255, 0, 0, 255}, none = {0, 0, 0, 0};

static void boxes_count_their_bricks(void)
{
    static const struct {
        struct goxel_box box;
        int64_t bricks;
    } cases[] = {
        {{{0, 0, 0}, {0, 0, 0}}, 1},
        {{{0, 0, 0}, {15, 15, 15}}, 1},
        {{{0, 0, 0}, {16, 15, 15}}, 2},
        {{{-1, -1, -1}, {0, 0, 0}}, 8},
        {{{-16, -32, -17}, {-1, -1, 16}}, 1 * 2 * 4},
        {{{GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
          {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX}},
         (int64_t)1 << 51},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CU_ASSERT_EQUAL(goxel_box_bricks(&cases[i].box), cases[i].bricks);
}

static void wrong_boxes_are_refused(void)
{
    static const struct goxel_box wrong[] = {
        {{1, 0, 0}, {0, 5, 5}},
        {{0, 1, 0}, {5, 0, 5}},
        {{0, 0, 1}, {5, 5, 0}},
        {{GOXEL_COORD_MIN - 1, 0, 0}, {0, 0, 0}},
        {{0, 0, 0}, {0, 0, GOXEL_COORD_MAX + 1}},
    };
    struct goxel_volume *volume = goxel_volume_create();

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        CU_ASSERT_FALSE(goxel_box_valid(&wrong[i]));
        CU_ASSERT_EQUAL(goxel_volume_fill(volume, &wrong[i], red, NULL), GOXEL_ERROR_INVALID_COORDINATES);
    }
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 0);
    goxel_volume_destroy(volume);
}

static void random_boxes_match_reference(void)
{
    static const uint64_t seeds[] = {0x5eed0101, 0x5eed0102, 0x5eed0103};

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        struct goxel_volume *volume = goxel_volume_create(), *copy = goxel_volume_create();
        struct naive *naive = calloc(1, sizeof(*naive));
        uint64_t state = seeds[s];

        for (int i = 0; i < 60; i++) {
            struct goxel_box box = random_box(&state);
            struct goxel_color color = i % 3 == 2 ? none : random_color(&state);
            struct goxel_pos pos = random_pos(&state);

            naive_fill(naive, &box, color);
            CU_ASSERT_EQUAL(goxel_volume_fill(volume, &box, color, NULL), 0);
            naive_set(naive, pos, red); /* into bricks that may be shared */
            CU_ASSERT_EQUAL(goxel_volume_set_at(volume, pos, red), 0);
            if (i % 7 == 0) { /* … with another volume too */
                goxel_volume_destroy(copy);
                copy = goxel_volume_copy(volume);
            }
            if (i % 10 == 9)
                CU_ASSERT(naive_matches(naive, volume, seeds[s]));
        }
        free(naive);
        goxel_volume_destroy(copy);
        goxel_volume_destroy(volume);
    }
}

static void whole_bricks_share_one(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_box box = {{-1, 0, 0}, {160, 159, 159}}; /* ten bricks each way, and a bit on both sides */
    struct goxel_brick_view *views = NULL;
    size_t count = 0, shared = 0;

    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &box, red, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), (int64_t)162 * 160 * 160);
    CU_ASSERT_EQUAL(goxel_volume_views(volume, &views, &count), 0);
    CU_ASSERT_EQUAL(count, 12 * 10 * 10);
    for (size_t i = 0; i < count; i++)
        shared += views[i].id == views[1].id;
    CU_ASSERT_EQUAL(shared, 1000);
    free(views);
    goxel_volume_destroy(volume);
}

/* What a box cuts along a face is one brick too, as long as the same thing stood there before. */
static void faces_share_their_bricks(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_box box = {{3, 5, 7}, {258, 260, 262}};
    struct goxel_brick_view *views = NULL;
    size_t count = 0, different = 0;

    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &box, red, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), (int64_t)256 * 256 * 256);
    CU_ASSERT_EQUAL(goxel_volume_views(volume, &views, &count), 0);
    CU_ASSERT_EQUAL(count, 17 * 17 * 17);
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;

        while (views[k].id != views[i].id)
            k++;
        different += k == i;
    }
    CU_ASSERT_EQUAL(different, 27);
    free(views);
    goxel_volume_destroy(volume);
}

static void clearing_walks_what_exists(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_box all = {{GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
                            {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX}};

    goxel_volume_set_at(volume, at(5, 5, 5), red);
    goxel_volume_set_at(volume, at(-5000, 5, 5), red);
    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &all, rgba(1, 1, 1, 0), NULL),
                    0); /* 2^51 bricks: it must not look */
    CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 0);
    goxel_volume_destroy(volume);
}

static void box_beyond_the_ceiling_is_refused(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_box all = {{GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
                            {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX}};

    goxel_volume_set_at(volume, at(5, 5, 5), red);
    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &all, red, NULL), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 1);
    goxel_volume_destroy(volume);
}

static void cancelled_fill_changes_nothing(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *before;
    struct goxel_box box = {{-20, -20, -20}, {20, 20, 20}};
    struct goxel_cancel cancel;

    goxel_volume_set_at(volume, at(0, 0, 0), red);
    before = goxel_volume_copy(volume);
    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_REQUEST_TIMEOUT);
    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &box, rgba(1, 2, 3, 255), &cancel),
                    GOXEL_ERROR_REQUEST_TIMEOUT);
    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &box, none, &cancel), GOXEL_ERROR_REQUEST_TIMEOUT);
    CU_ASSERT(goxel_volume_equal(volume, before));
    goxel_volume_destroy(before);
    goxel_volume_destroy(volume);
}

/* Every allocation of a fill and of a clearing fails in turn, until one goes through. */
static void failed_allocation_changes_nothing(void)
{
    struct goxel_box box = {{-20, -20, -20}, {20, 20, 20}};

    for (int clearing = 0; clearing < 2; clearing++) {
        int result = GOXEL_ERROR_OUT_OF_MEMORY, n = 0;

        for (; result && n < 1000; n++) {
            struct goxel_volume *volume = goxel_volume_create(), *before;
            struct goxel_box half = {{-25, -25, -25}, {25, 25, 1}};

            goxel_volume_fill(volume, &half, rgba(1, 2, 3, 4), NULL);
            before = goxel_volume_copy(volume);
            unit_fail_allocation(n);
            result = goxel_volume_fill(volume, &box, clearing ? none : red, NULL);
            unit_fail_allocation(-1);
            CU_ASSERT(result == 0 || result == GOXEL_ERROR_OUT_OF_MEMORY);
            CU_ASSERT_EQUAL(goxel_volume_equal(volume, before), result != 0);
            goxel_volume_destroy(volume);
            goxel_volume_destroy(before);
        }
        CU_ASSERT_EQUAL(result, 0);
        CU_ASSERT(n > 10);
    }
}

static const struct unit_test tests[] = {
    {"boxes count their bricks", boxes_count_their_bricks},
    {"wrong boxes are refused", wrong_boxes_are_refused},
    {"random boxes match the reference", random_boxes_match_reference},
    {"whole bricks share one", whole_bricks_share_one},
    {"faces share their bricks", faces_share_their_bricks},
    {"clearing walks what exists, not the box", clearing_walks_what_exists},
    {"a box beyond the ceiling is refused", box_beyond_the_ceiling_is_refused},
    {"a cancelled fill changes nothing", cancelled_fill_changes_nothing},
    {"a failed allocation changes nothing", failed_allocation_changes_nothing},
    {NULL, NULL},
};

const struct unit_suite suite_fill = {"fill", tests};
