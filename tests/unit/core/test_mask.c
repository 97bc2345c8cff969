/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Masks made of volumes, and volumes painted by masks, voxel by voxel. */
#include "core/mask.h"

#include "region.h"

static void masks_select_what_matches(void)
{
    for (uint64_t seed = 0x3a51; seed < 0x3a59; seed++) {
        struct twin twin = twin_random(seed, 12, 4000);
        struct naive *expected = calloc(1, sizeof(*expected));
        const struct goxel_match match = {{252, 1, 0, 255}, (int)(seed & 3) * 80};
        struct goxel_box box = random_box(&twin.state);
        struct goxel_volume *mask = NULL;

        for (FOR_BOX(pos, seed & 1 ? &box : &naive_box)) {
            struct goxel_color c = *naive_at(twin.naive, pos);

            if (c.a && abs(c.r - 252) <= match.tolerance && abs(c.g - 1) <= match.tolerance &&
                c.b <= match.tolerance && 255 - c.a <= match.tolerance)
                naive_set(expected, pos, rgba(255, 255, 255, 255));
        }
        CU_ASSERT_EQUAL(goxel_volume_mask(twin.volume, seed & 1 ? &box : NULL, &match, NULL, &mask), 0);
        CU_ASSERT(naive_matches(expected, mask, seed));
        goxel_volume_destroy(mask);
        free(expected);
        twin_end(&twin);
    }
}

static void every_mode_paints_by_voxels(void)
{
    static const struct goxel_color colors[] = {{10, 200, 30, 255}, {10, 200, 30, 100}, {9, 9, 9, 0}};

    for (int mode = GOXEL_MODE_OVER; mode < GOXEL_MODES_END; mode++) {
        for (size_t i = 0; i < sizeof(colors) / sizeof(colors[0]); i++) {
            uint64_t seed = (uint64_t)(mode * 16) + i;
            struct twin twin = twin_random(seed + 1, 12, 3000), mask = twin_mask(seed + 1);
            bool everywhere = mode == GOXEL_MODE_INTERSECT || mode == GOXEL_MODE_INTERSECT_FILL;

            for (FOR_BOX(pos, &naive_box)) {
                struct goxel_color *voxel = naive_at(twin.naive, pos);

                if (mode == GOXEL_MODE_MULT_ALPHA && colors[i].a == 0)
                    continue; /* a brush without colour does nothing, as in Goxel */
                if (naive_at(mask.naive, pos)->a)
                    *voxel = goxel_mode_combine((enum goxel_mode)mode, *voxel, colors[i]);
                else if (everywhere)
                    *voxel = rgba(0, 0, 0, 0);
            }
            CU_ASSERT_EQUAL(
                goxel_volume_paint_mask(twin.volume, mask.volume, (enum goxel_mode)mode, colors[i], NULL), 0);
            CU_ASSERT(naive_matches(twin.naive, twin.volume, seed));
            twin_end(&mask);
            twin_end(&twin);
        }
    }
}

/* 16 × 10⁹ voxels in sixteen tiles; a palette changes as a palette. */
static void tiles_are_wholes(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *mask = NULL;
    const struct goxel_box large = {{0, 0, 0}, {4095, 4095, 1023}};
    const struct goxel_match red = {{255, 0, 0, 255}, 0};

    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &large, red.color, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_mask(volume, NULL, &red, NULL, &mask), 0);
    CU_ASSERT(goxel_volume_count(mask) == goxel_volume_count(volume));
    CU_ASSERT_EQUAL(goxel_volume_paint_mask(volume, mask, GOXEL_MODE_OVER, rgba(0, 0, 255, 128), NULL), 0);
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(4095, 7, 1023)), rgba(127, 0, 128, 255)));
    CU_ASSERT_EQUAL(goxel_volume_paint_mask(volume, mask, GOXEL_MODE_SUB, rgba(0, 0, 0, 255), NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 0);
    goxel_volume_destroy(mask);
    goxel_volume_destroy(volume);
}

static void masks_reach_the_range(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *mask = goxel_volume_create();
    struct goxel_pos low = at(GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN);
    struct goxel_pos high = at(GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX);

    goxel_volume_set_at(mask, low, goxel_mask_color);
    goxel_volume_set_at(mask, high, goxel_mask_color);
    goxel_volume_set_at(volume, at(3, 3, 3), rgba(1, 1, 1, 255));
    CU_ASSERT_EQUAL(goxel_volume_paint_mask(volume, mask, GOXEL_MODE_OVER, rgba(5, 6, 7, 255), NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 3);
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, low).g, 6);
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, high).b, 7);
    CU_ASSERT_EQUAL(goxel_volume_paint_mask(volume, mask, GOXEL_MODE_INTERSECT, goxel_mask_color, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 2);
    goxel_volume_destroy(mask);
    goxel_volume_destroy(volume);
}

static void wrong_masks_are_refused(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *mask = NULL;
    const struct goxel_match none = {{1, 1, 1, 0}, 0};
    const struct goxel_box bad = {{0, 0, 1}, {0, 0, 0}};

    CU_ASSERT_EQUAL(goxel_volume_mask(volume, NULL, &none, NULL, &mask), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_volume_mask(volume, &bad, &goxel_match_any, NULL, &mask),
                    GOXEL_ERROR_INVALID_COORDINATES);
    CU_ASSERT_PTR_NULL(mask);
    CU_ASSERT_EQUAL(goxel_volume_paint_mask(volume, volume, GOXEL_MODES_END, none.color, NULL),
                    GOXEL_ERROR_VALIDATION);
    goxel_volume_destroy(volume);
}

static int paint(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    return goxel_volume_paint_mask(volume, ctx, GOXEL_MODE_OVER, rgba(4, 5, 6, 77), cancel);
}

static int mask_of(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    struct goxel_volume *mask = NULL;
    int result = goxel_volume_mask(volume, ctx, &goxel_match_any, cancel, &mask);

    CU_ASSERT_EQUAL(mask == NULL, result != 0);
    goxel_volume_destroy(mask);
    return result == 0 ? 0 : result;
}

static void failures_change_nothing(void)
{
    struct twin twin = twin_random(0xfa12, 8, 500), mask = twin_mask(0xfa12);
    struct goxel_box box = {{-20, -20, -20}, {20, 21, 22}};

    region_fails_whole(twin.volume, paint, mask.volume);
    region_fails_whole(twin.volume, mask_of, &box);
    twin_end(&mask);
    twin_end(&twin);
}

static const struct unit_test tests[] = {
    {"masks select what matches", masks_select_what_matches},
    {"every mode paints by voxels", every_mode_paints_by_voxels},
    {"tiles are wholes", tiles_are_wholes},
    {"masks reach the range", masks_reach_the_range},
    {"wrong masks are refused", wrong_masks_are_refused},
    {"failures change nothing", failures_change_nothing},
    {NULL, NULL},
};

const struct unit_suite suite_mask = {"mask", tests};
