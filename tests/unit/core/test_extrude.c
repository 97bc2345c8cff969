/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Voxels pulled and pushed, one by one in the array. */
#include "core/extrude.h"

#include "region.h"

static struct goxel_pos moved(struct goxel_pos pos, const struct goxel_extrude *extrude, int by)
{
    int step = extrude->sign * by;

    return at(pos.x + (extrude->axis == 0 ? step : 0), pos.y + (extrude->axis == 1 ? step : 0),
              pos.z + (extrude->axis == 2 ? step : 0));
}

/* Each place looks back for the nearest source, itself included. */
static void naive_pull(struct twin *twin, struct twin *mask, const struct goxel_extrude *extrude)
{
    struct naive *before = malloc(sizeof(*before));

    memcpy(before, twin->naive, sizeof(*before));
    for (FOR_BOX(pos, &naive_box)) {
        for (int k = 0; k <= extrude->distance; k++) {
            struct goxel_pos from = moved(pos, extrude, -k);

            if (naive_get(mask->naive, from).a && naive_get(before, from).a) {
                naive_set(twin->naive, pos, naive_get(before, from));
                break;
            }
        }
    }
    free(before);
}

static void naive_push(struct twin *twin, struct twin *mask, const struct goxel_extrude *extrude)
{
    struct naive *before = malloc(sizeof(*before));

    memcpy(before, twin->naive, sizeof(*before));
    for (FOR_BOX(pos, &naive_box)) {
        for (int k = 0; k < -extrude->distance; k++) {
            struct goxel_pos from = moved(pos, extrude, k);

            if (naive_get(mask->naive, from).a && naive_get(before, from).a)
                naive_set(twin->naive, pos, rgba(0, 0, 0, 0));
        }
    }
    free(before);
}

/* So that nothing leaves the array. */
static void leave_room(struct twin *twin, const struct goxel_extrude *extrude)
{
    struct goxel_box box = naive_box;
    int *low = extrude->axis == 0 ? &box.min.x : extrude->axis == 1 ? &box.min.y : &box.min.z;
    int *high = extrude->axis == 0 ? &box.max.x : extrude->axis == 1 ? &box.max.y : &box.max.z;

    if (extrude->distance <= 0)
        return;
    if (extrude->sign > 0)
        *low = *high - extrude->distance + 1;
    else
        *high = *low + extrude->distance - 1;
    twin_fill(twin, &box, rgba(0, 0, 0, 0));
}

static void columns_match_the_array(void)
{
    static const int distances[] = {1, 5, 16, 33, 0, -1, -4, -17, -40};

    for (int i = 0; i < 54; i++) {
        struct goxel_extrude extrude = {i % 3, i / 3 % 2 ? 1 : -1, distances[i / 6]};
        uint64_t seed = 0xe8a0 + (uint64_t)i;
        struct twin twin = twin_random(seed, 10, 2000), mask = twin_mask(seed);

        leave_room(&twin, &extrude);
        if (extrude.distance > 0)
            naive_pull(&twin, &mask, &extrude);
        else
            naive_push(&twin, &mask, &extrude);
        CU_ASSERT_EQUAL(goxel_volume_extrude(twin.volume, mask.volume, &extrude, NULL), 0);
        CU_ASSERT(naive_matches(twin.naive, twin.volume, seed));
        twin_end(&mask);
        twin_end(&twin);
    }
}

/* A face of four bricks, pulled across half of the range, is a few bricks many times over. */
static void long_ways_are_shared(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *mask = goxel_volume_create();
    const struct goxel_box face = {{3, 4, 0}, {34, 20, 0}};
    const struct goxel_extrude up = {2, 1, 1000000}, cut = {2, 1, -GOXEL_EXTRUDE_MAX};
    struct goxel_extrude beyond = {2, 1, GOXEL_COORD_MAX + 1};
    struct goxel_brick_view *views = NULL;
    size_t count = 0, different = 0;

    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &face, rgba(1, 2, 3, 255), NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_fill(mask, &face, rgba(255, 255, 255, 255), NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_extrude(volume, mask, &beyond, NULL), GOXEL_ERROR_INVALID_COORDINATES);
    CU_ASSERT_EQUAL(goxel_volume_extrude(volume, mask, &up, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), (int64_t)32 * 17 * 1000001);
    CU_ASSERT(goxel_volume_bricks(volume) <= goxel_volume_extrude_bricks(mask, &up));
    CU_ASSERT_EQUAL(goxel_volume_views(volume, &views, &count), 0);
    for (size_t i = 6; i < count; i++) /* rows of six are one above the other */
        different += views[i].id != views[i - 6].id;
    CU_ASSERT(different <= 12);
    free(views);
    CU_ASSERT_EQUAL(goxel_volume_fill(mask, &(struct goxel_box){{3, 4, 1000000}, {34, 20, 1000000}},
                                      rgba(255, 255, 255, 255), NULL),
                    0);
    CU_ASSERT_EQUAL(goxel_volume_extrude(volume, mask, &cut, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 0);
    goxel_volume_destroy(mask);
    goxel_volume_destroy(volume);
}

static void wrong_ways_are_refused(void)
{
    static const struct goxel_extrude wrong[] = {{3, 1, 1},
                                                 {-1, 1, 1},
                                                 {0, 0, 1},
                                                 {0, 2, 1},
                                                 {0, 1, GOXEL_EXTRUDE_MAX + 1},
                                                 {0, 1, -GOXEL_EXTRUDE_MAX - 1}};
    struct goxel_volume *volume = goxel_volume_create();

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CU_ASSERT_EQUAL(goxel_volume_extrude(volume, volume, &wrong[i], NULL), GOXEL_ERROR_VALIDATION);
    goxel_volume_destroy(volume);
}

struct way {
    const struct goxel_volume *mask;
    struct goxel_extrude extrude;
};

static int extrude(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    const struct way *way = ctx;

    return goxel_volume_extrude(volume, way->mask, &way->extrude, cancel);
}

static void failures_change_nothing(void)
{
    struct twin twin = twin_random(0xfa16, 4, 100), mask = twin_mask(0xfa16);
    struct way pull = {mask.volume, {1, -1, 20}}, push = {mask.volume, {0, 1, -20}};

    region_fails_whole(twin.volume, extrude, &pull);
    region_fails_whole(twin.volume, extrude, &push);
    twin_end(&mask);
    twin_end(&twin);
}

static const struct unit_test tests[] = {
    {"columns match the array", columns_match_the_array},
    {"long ways are shared", long_ways_are_shared},
    {"wrong ways are refused", wrong_ways_are_refused},
    {"failures change nothing", failures_change_nothing},
    {NULL, NULL},
};

const struct unit_suite suite_extrude = {"extrude", tests};
