/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shells of random things, layer by layer in the array. */
#include "core/hollow.h"

#include "region.h"

/* Marks what has an empty neighbour, or is empty itself, so many times over. */
static void naive_hollow(struct naive *naive, int thickness)
{
    struct naive *inner = malloc(sizeof(*inner)), *next = malloc(sizeof(*next));

    memcpy(inner, naive, sizeof(*inner));
    for (int i = 0; i < thickness; i++) {
        memset(next, 0, sizeof(*next));
        for (FOR_BOX(pos, &naive_box)) {
            if (naive_at(inner, pos)->a && naive_get(inner, at(pos.x - 1, pos.y, pos.z)).a &&
                naive_get(inner, at(pos.x + 1, pos.y, pos.z)).a &&
                naive_get(inner, at(pos.x, pos.y - 1, pos.z)).a &&
                naive_get(inner, at(pos.x, pos.y + 1, pos.z)).a &&
                naive_get(inner, at(pos.x, pos.y, pos.z - 1)).a &&
                naive_get(inner, at(pos.x, pos.y, pos.z + 1)).a)
                *naive_at(next, pos) = rgba(1, 1, 1, 1);
        }
        memcpy(inner, next, sizeof(*inner));
    }
    for (FOR_BOX(pos, &naive_box)) {
        if (naive_at(inner, pos)->a)
            naive_set(naive, pos, rgba(0, 0, 0, 0));
    }
    free(inner);
    free(next);
}

static void shells_match_the_array(void)
{
    int changed = 0;

    for (uint64_t seed = 0x4011; seed < 0x401b; seed++) {
        struct twin twin = twin_random(seed, 20, (int)(seed & 1) * 200);
        int thickness = 1 + (int)(seed % 5);
        int64_t before;

        if (seed & 2)
            twin_fill(&twin, &(struct goxel_box){{-33, -32, -32}, {31, 30, 33}}, rgba(1, 2, 3, 255));
        before = goxel_volume_count(twin.volume);
        naive_hollow(twin.naive, thickness);
        CU_ASSERT_EQUAL(goxel_volume_hollow(twin.volume, thickness, NULL), 0);
        CU_ASSERT(naive_matches(twin.naive, twin.volume, seed));
        changed += goxel_volume_count(twin.volume) < before;
        twin_end(&twin);
    }
    CU_ASSERT(changed >= 5);
}

static void tiles_are_wholes(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    const struct goxel_box large = {{-1024, 0, 0}, {1023, 1023, 1023}};

    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &large, rgba(1, 2, 3, 255), NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_hollow(volume, 2, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), (int64_t)2048 * 1024 * 1024 - (int64_t)2044 * 1020 * 1020);
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, at(0, 2, 2)).a, 0);
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, at(0, 1, 2)).a, 255);
    goxel_volume_destroy(volume);
}

static void the_range_is_an_end(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_pos max = at(GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX);
    const struct goxel_box corner = {{max.x - 31, max.y - 31, max.z - 31}, max};

    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &corner, rgba(1, 2, 3, 255), NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_hollow(volume, 1, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 32 * 32 * 32 - 30 * 30 * 30);
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, max).a, 255);
    CU_ASSERT_EQUAL(goxel_volume_hollow(volume, 0, NULL), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_volume_hollow(volume, GOXEL_HOLLOW_MAX + 1, NULL), GOXEL_ERROR_VALIDATION);
    goxel_volume_destroy(volume);
}

static int hollow(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    (void)ctx;
    return goxel_volume_hollow(volume, 2, cancel);
}

static void failures_change_nothing(void)
{
    struct twin twin = twin_random(0xfa14, 4, 100);

    twin_fill(&twin, &(struct goxel_box){{-20, -20, -20}, {20, 21, 22}}, rgba(1, 2, 3, 255));
    region_fails_whole(twin.volume, hollow, NULL);
    twin_end(&twin);
}

static const struct unit_test tests[] = {
    {"shells match the array", shells_match_the_array},
    {"tiles are wholes", tiles_are_wholes},
    {"the range is an end", the_range_is_an_end},
    {"failures change nothing", failures_change_nothing},
    {NULL, NULL},
};

const struct unit_suite suite_hollow = {"hollow", tests};
