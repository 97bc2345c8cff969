/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Twice and half, voxel by voxel. */
#include "core/scale.h"

#include "region.h"

static int half(int coord)
{
    return coord < 0 ? (coord - 1) / 2 : coord / 2;
}

static void doubles_match_the_array(void)
{
    for (uint64_t seed = 0xd0b1; seed < 0xd0b7; seed++) {
        struct twin twin = twin_random(seed, 10, 3000);
        struct goxel_volume *before = goxel_volume_copy(twin.volume);
        const struct goxel_box box = {{2 * NAIVE_MIN, 2 * NAIVE_MIN, 2 * NAIVE_MIN},
                                      {2 * NAIVE_END - 1, 2 * NAIVE_END - 1, 2 * NAIVE_END - 1}};
        int64_t wrong = 0;

        CU_ASSERT_EQUAL(goxel_volume_double(twin.volume, NULL), 0);
        for (FOR_BOX(pos, &box))
            wrong += !same_color(goxel_volume_get_at(twin.volume, pos),
                                 *naive_at(twin.naive, at(half(pos.x), half(pos.y), half(pos.z))));
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT_EQUAL(goxel_volume_count(twin.volume), 8 * goxel_volume_count(before));
        CU_ASSERT(goxel_volume_bricks(twin.volume) <= goxel_volume_double_bricks(before));
        CU_ASSERT_EQUAL(goxel_volume_halve(twin.volume, NULL), 0);
        CU_ASSERT(goxel_volume_equal(twin.volume, before));
        CU_ASSERT(naive_matches(twin.naive, twin.volume, seed));
        goxel_volume_destroy(before);
        twin_end(&twin);
    }
}

/* By a list of the eight, sorted. */
static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct goxel_color));
}

static struct goxel_color voted(struct naive *naive, struct goxel_pos pos)
{
    struct goxel_color list[8], best = rgba(0, 0, 0, 0);
    int count = 0, run = 0, longest = 0;

    for (int i = 0; i < 8; i++) {
        struct goxel_color color = naive_get(
            naive, at(2 * pos.x + (i & 1), 2 * pos.y + (i >> 1 & 1), 2 * pos.z + (i >> 2)));

        if (color.a)
            list[count++] = color;
    }
    if (count < 4)
        return best;
    qsort(list, (size_t)count, sizeof(list[0]), by_bytes);
    for (int i = 0; i < count; i++) {
        run = i > 0 && same_color(list[i], list[i - 1]) ? run + 1 : 1;
        if (run > longest) {
            longest = run;
            best = list[i];
        }
    }
    return best;
}

static void halves_match_the_array(void)
{
    for (uint64_t seed = 0x4a1f; seed < 0x4a25; seed++) {
        struct twin twin = twin_random(seed, 10, 40000);
        struct naive *expected = calloc(1, sizeof(*expected));

        for (FOR_BOX(pos, &naive_box))
            naive_set(expected, pos, voted(twin.naive, pos));
        CU_ASSERT_EQUAL(goxel_volume_halve(twin.volume, NULL), 0);
        CU_ASSERT(naive_matches(expected, twin.volume, seed));
        free(expected);
        twin_end(&twin);
    }
}

static void the_range_is_an_end(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    int low = GOXEL_COORD_MIN / 2, high = GOXEL_COORD_MAX / 2;

    goxel_volume_set_at(volume, at(low, high, low), rgba(1, 2, 3, 255));
    CU_ASSERT_EQUAL(goxel_volume_double(volume, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 8);
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, at(GOXEL_COORD_MIN, GOXEL_COORD_MAX, GOXEL_COORD_MIN)).g, 2);
    CU_ASSERT_EQUAL(goxel_volume_double(volume, NULL), GOXEL_ERROR_INVALID_COORDINATES);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 8);
    CU_ASSERT_EQUAL(goxel_volume_halve(volume, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, at(low, high, low)).g, 2);
    goxel_volume_set_at(volume, at(low, high + 1, low), rgba(1, 2, 3, 255));
    CU_ASSERT_EQUAL(goxel_volume_double(volume, NULL), GOXEL_ERROR_INVALID_COORDINATES);
    goxel_volume_destroy(volume);
}

static void tiles_are_wholes(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    const struct goxel_box large = {{-1024, -1024, 0}, {1023, 1023, 511}};

    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &large, rgba(1, 2, 3, 255), NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_double(volume, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), (int64_t)4096 * 4096 * 1024);
    CU_ASSERT_EQUAL(goxel_volume_double(volume, NULL), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), (int64_t)4096 * 4096 * 1024);
    CU_ASSERT_EQUAL(goxel_volume_halve(volume, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), (int64_t)2048 * 2048 * 512);
    goxel_volume_destroy(volume);
}

static int twice(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    (void)ctx;
    return goxel_volume_double(volume, cancel);
}

static int halve(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    (void)ctx;
    return goxel_volume_halve(volume, cancel);
}

static void failures_change_nothing(void)
{
    struct twin twin = twin_random(0xfa15, 4, 100);

    region_fails_whole(twin.volume, twice, NULL);
    region_fails_whole(twin.volume, halve, NULL);
    twin_end(&twin);
}

static const struct unit_test tests[] = {
    {"doubles match the array", doubles_match_the_array}, {"halves match the array", halves_match_the_array},
    {"the range is an end", the_range_is_an_end},         {"tiles are wholes", tiles_are_wholes},
    {"failures change nothing", failures_change_nothing}, {NULL, NULL},
};

const struct unit_suite suite_scale = {"scale", tests};
