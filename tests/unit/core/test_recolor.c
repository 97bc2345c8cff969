/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One colour in place of another, voxel by voxel; what is shared stays so. */
#include "core/recolor.h"

#include "region.h"

static void colours_are_replaced(void)
{
    static const struct goxel_color into[] = {{7, 7, 7, 255}, {250, 3, 0, 255}, {0, 0, 0, 0}};

    for (uint64_t seed = 0x4ec0; seed < 0x4ecc; seed++) {
        struct twin twin = twin_random(seed, 12, 4000);
        const struct goxel_match match = {{255, 0, 0, 255}, (int)(seed % 4) * 70};
        struct goxel_color color = into[seed % 3];
        struct goxel_box box = random_box(&twin.state);

        for (FOR_BOX(pos, seed & 1 ? &box : &naive_box)) {
            struct goxel_color c = *naive_at(twin.naive, pos);

            if (c.a && 255 - c.r <= match.tolerance && c.g <= match.tolerance && c.b <= match.tolerance &&
                255 - c.a <= match.tolerance)
                naive_set(twin.naive, pos, color);
        }
        CU_ASSERT_EQUAL(goxel_volume_recolor(twin.volume, seed & 1 ? &box : NULL, &match, color, NULL), 0);
        CU_ASSERT(naive_matches(twin.naive, twin.volume, seed));
        twin_end(&twin);
    }
}

/* Every state of a brick, and one that is there many times. */
static void bricks_stay_shared(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_brick_view *before = NULL, *after = NULL;
    const struct goxel_box box = {{0, 0, 0}, {160, 16, 15}};
    size_t count = 0, kept = 0, alike = 0;

    for (int i = 0; i < 300; i++) /* without red: a palette of many, far away */
        goxel_volume_set_at(volume, at(1000 + i % 16, i / 16 % 16, i / 256), rgba(0, 1 + i / 2, i % 2, 255));
    goxel_volume_seal(volume);
    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &box, rgba(255, 0, 0, 255), NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_views(volume, &before, &count), 0);
    CU_ASSERT_EQUAL(goxel_volume_recolor(volume, NULL, &(struct goxel_match){{255, 0, 0, 255}, 0},
                                         rgba(0, 0, 9, 255), NULL),
                    0);
    free(before);
    CU_ASSERT_EQUAL(goxel_volume_views(volume, &before, &count), 0);
    CU_ASSERT_EQUAL(goxel_volume_recolor(volume, NULL, &(struct goxel_match){{255, 0, 0, 255}, 20},
                                         rgba(0, 0, 9, 255), NULL),
                    0);
    CU_ASSERT_EQUAL(goxel_volume_views(volume, &after, &count), 0);
    for (size_t i = 0; i < count; i++) {
        kept += before[i].id == after[i].id;
        alike += i > 0 && after[i].pos.y == 16 && after[i - 1].pos.y == 16 && after[i].id == after[i - 1].id;
    }
    CU_ASSERT_EQUAL(kept, count);
    /* The ten whole ones of the box's upper edge, one or two made again if their row went to another. */
    CU_ASSERT(alike >= 7 && alike <= 9);
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(159, 16, 15)), rgba(0, 0, 9, 255)));
    free(before);
    free(after);
    goxel_volume_destroy(volume);
}

static void tiles_are_wholes(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    const struct goxel_box large = {{0, 0, 0}, {4095, 4095, 1023}};
    const struct goxel_box range = {{GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
                                    {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX}};

    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &large, rgba(1, 2, 3, 255), NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_recolor(volume, &range, &goxel_match_any, rgba(9, 9, 9, 255), NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), (int64_t)4096 * 4096 * 1024);
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, large.max).r, 9);
    goxel_volume_destroy(volume);
}

static void wrong_colours_are_refused(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    const struct goxel_match wrong = {{1, 2, 3, 0}, 0}, far = {{1, 2, 3, 4}, 300};
    const struct goxel_box bad = {{0, 0, 0}, {0, 0, GOXEL_COORD_MAX + 1}};

    CU_ASSERT_EQUAL(goxel_volume_recolor(volume, NULL, &wrong, rgba(1, 1, 1, 1), NULL),
                    GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_volume_recolor(volume, NULL, &far, rgba(1, 1, 1, 1), NULL), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_volume_recolor(volume, &bad, &goxel_match_any, rgba(1, 1, 1, 1), NULL),
                    GOXEL_ERROR_INVALID_COORDINATES);
    goxel_volume_destroy(volume);
}

static int recolor(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    return goxel_volume_recolor(volume, ctx, &(struct goxel_match){{0, 200, 0, 200}, 100}, rgba(1, 2, 3, 4),
                                cancel);
}

static void failures_change_nothing(void)
{
    struct twin twin = twin_random(0xfa13, 8, 500);
    struct goxel_box box = {{-20, -20, -20}, {20, 21, 22}};

    region_fails_whole(twin.volume, recolor, NULL);
    region_fails_whole(twin.volume, recolor, &box);
    twin_end(&twin);
}

static const struct unit_test tests[] = {
    {"colours are replaced", colours_are_replaced},
    {"bricks stay shared", bricks_stay_shared},
    {"tiles are wholes", tiles_are_wholes},
    {"wrong colours are refused", wrong_colours_are_refused},
    {"failures change nothing", failures_change_nothing},
    {NULL, NULL},
};

const struct unit_suite suite_recolor = {"recolor", tests};
