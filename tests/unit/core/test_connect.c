/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Floods and components against a search from voxel to voxel. */
#include "core/connect.h"

#include "region.h"

static const int kinds[] = {6, 18, 26};

static bool near(struct goxel_color a, struct goxel_color b, int by)
{
    if (!a.a || !b.a)
        return !a.a && !b.a;
    return abs(a.r - b.r) <= by && abs(a.g - b.g) <= by && abs(a.b - b.b) <= by && abs(a.a - b.a) <= by;
}

/* Marks what is reached in `seen` and returns how much; a list of places, breadth first. */
static int64_t naive_flood(struct naive *naive, const struct goxel_flood *flood, struct naive *seen, bool any,
                           struct goxel_box *bounds)
{
    struct goxel_pos *list = malloc(sizeof(*list) * NAIVE_SIZE * NAIVE_SIZE * NAIVE_SIZE);
    struct goxel_color seed = *naive_at(naive, flood->seed);
    int64_t first = 0, count = 0;
    int most = flood->neighbours == 6 ? 1 : flood->neighbours == 18 ? 2 : 3;

    list[count++] = flood->seed;
    naive_set(seen, flood->seed, rgba(255, 255, 255, 255));
    *bounds = (struct goxel_box){flood->seed, flood->seed};
    while (first < count) {
        struct goxel_pos from = list[first++];
        const struct goxel_box around = {at(-1, -1, -1), at(1, 1, 1)};

        for (FOR_BOX(step, &around)) {
            struct goxel_pos to = at(from.x + step.x, from.y + step.y, from.z + step.z);

            if (abs(step.x) + abs(step.y) + abs(step.z) > most || !naive_inside(to) ||
                !goxel_box_contains(&flood->box, to) || naive_at(seen, to)->a)
                continue;
            if (any ? !naive_at(naive, to)->a : !near(*naive_at(naive, to), seed, flood->tolerance))
                continue;
            naive_set(seen, to, rgba(255, 255, 255, 255));
            list[count++] = to;
            bounds->min = at(to.x < bounds->min.x ? to.x : bounds->min.x,
                             to.y < bounds->min.y ? to.y : bounds->min.y,
                             to.z < bounds->min.z ? to.z : bounds->min.z);
            bounds->max = at(to.x > bounds->max.x ? to.x : bounds->max.x,
                             to.y > bounds->max.y ? to.y : bounds->max.y,
                             to.z > bounds->max.z ? to.z : bounds->max.z);
        }
    }
    free(list);
    return count;
}

static void floods_match_the_array(void)
{
    int larger = 0;

    for (uint64_t seed = 0xf100d; seed < 0xf100d + 40; seed++) {
        struct twin twin = twin_random(seed, (int)(seed % 4) * 5, (int)(seed % 3) * 30000);
        struct naive *seen = calloc(1, sizeof(*seen));
        struct goxel_flood flood = {
            .box = random_box(&twin.state), .tolerance = (int)(seed % 5) * 20, .neighbours = kinds[seed % 3]};
        struct goxel_volume *mask = NULL;
        struct goxel_box bounds;

        if (seed % 4 == 0)
            flood.box = naive_box;
        flood.seed = flood.box.min;
        for (int i = 0; i < 20 && !naive_at(twin.naive, flood.seed)->a; i++) {
            struct goxel_pos pos = random_pos(&twin.state);

            if (goxel_box_contains(&flood.box, pos))
                flood.seed = pos;
        }
        larger += naive_flood(twin.naive, &flood, seen, false, &bounds) > 100;
        CU_ASSERT_EQUAL_FATAL(goxel_volume_flood(twin.volume, &flood, NULL, &mask), 0);
        CU_ASSERT(naive_matches(seen, mask, seed));
        goxel_volume_destroy(mask);
        free(seen);
        twin_end(&twin);
    }
    CU_ASSERT(larger > 10);
}

/* Each component is a flood from its seed, and there is none besides. */
static void components_match_the_array(void)
{
    for (uint64_t seed = 0xc0b; seed < 0xc0b + 18; seed++) {
        struct twin twin = twin_random(seed, (int)(seed % 3), 60000 - (int)(seed % 5) * 14000);
        struct naive *seen = calloc(1, sizeof(*seen));
        struct goxel_flood flood = {.box = random_box(&twin.state), .neighbours = kinds[seed % 3]};
        struct goxel_component *got = NULL;
        int64_t last = INT64_MAX, wrong = 0, left = 0;
        size_t count = 0;

        CU_ASSERT_EQUAL_FATAL(
            goxel_volume_components(twin.volume, &flood.box, flood.neighbours, SIZE_MAX, NULL, &got, &count),
            0);
        for (size_t i = 0; i < count; i++) {
            struct goxel_box bounds;

            flood.seed = got[i].seed;
            wrong += !goxel_box_contains(&flood.box, got[i].seed) || !naive_at(twin.naive, got[i].seed)->a ||
                     naive_at(seen, got[i].seed)->a;
            wrong += naive_flood(twin.naive, &flood, seen, true, &bounds) != got[i].voxels;
            wrong += memcmp(&bounds, &got[i].bounds, sizeof(bounds)) != 0 || got[i].voxels > last;
            last = got[i].voxels;
        }
        for (FOR_BOX(pos, &flood.box))
            left += naive_at(twin.naive, pos)->a && !naive_at(seen, pos)->a;
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT_EQUAL(left, 0);
        free(got);
        free(seen);
        twin_end(&twin);
    }
}

/* Billions of voxels, filled and empty, across the origin and askew. */
static void tiles_are_wholes(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *mask = NULL;
    const struct goxel_box large = {{-1029, -1024, 0}, {1103, 1215, 1007}},
                           hole = {{0, 0, 16}, {895, 895, 911}};
    struct goxel_flood flood = {.seed = {1100, 0, 0}, .box = large, .neighbours = 6};
    struct goxel_component *parts = NULL;
    int64_t all = (int64_t)2133 * 2240 * 1008, inner = (int64_t)896 * 896 * 896;
    size_t count = 0;

    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &large, rgba(1, 2, 3, 255), NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &hole, rgba(0, 0, 0, 0), NULL), 0);
    goxel_volume_set_at(volume, at(5, 5, 20), rgba(9, 9, 9, 255));
    CU_ASSERT_EQUAL(goxel_volume_flood(volume, &flood, NULL, &mask), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(mask), all - inner);
    goxel_volume_destroy(mask);
    flood.seed = at(895, 895, 911);
    CU_ASSERT_EQUAL(goxel_volume_flood(volume, &flood, NULL, &mask), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(mask), inner - 1);
    goxel_volume_destroy(mask);
    CU_ASSERT_EQUAL(goxel_volume_components(volume, NULL, 26, 2, NULL, &parts, &count), 0);
    CU_ASSERT_EQUAL_FATAL(count, 2);
    CU_ASSERT_EQUAL(parts[0].voxels, all - inner);
    CU_ASSERT_EQUAL(memcmp(&parts[0].bounds, &large, sizeof(large)), 0);
    CU_ASSERT_EQUAL(parts[1].voxels, 1);
    free(parts);
    goxel_volume_destroy(volume);
}

static void floods_end_at_the_range(void)
{
    const struct goxel_box range = {{GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
                                    {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX}};
    struct goxel_flood flood = {.seed = {0, 0, 0}, .box = range, .neighbours = 26};
    struct goxel_volume *volume = goxel_volume_create(), *mask = NULL;

    CU_ASSERT_EQUAL(goxel_volume_flood(volume, &flood, NULL, &mask), GOXEL_ERROR_QUOTA);
    CU_ASSERT_PTR_NULL(mask);
    goxel_volume_set_at(volume, range.min, rgba(5, 5, 5, 255));
    goxel_volume_set_at(volume, range.max, rgba(5, 5, 5, 255));
    CU_ASSERT_EQUAL(goxel_volume_flood(volume, &flood, NULL, &mask), GOXEL_ERROR_QUOTA);
    flood.seed = range.max;
    CU_ASSERT_EQUAL(goxel_volume_flood(volume, &flood, NULL, &mask), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(mask), 1);
    CU_ASSERT_EQUAL(goxel_volume_get_at(mask, range.max).a, 255);
    goxel_volume_destroy(mask);
    goxel_volume_destroy(volume);
}

static void wrong_floods_are_refused(void)
{
    const struct goxel_box box = {{0, 0, 0}, {9, 9, 9}};
    const struct goxel_flood wrong[] = {
        {{0, 0, 0}, box, 0, 7},
        {{0, 0, 0}, box, -1, 6},
        {{0, 0, 0}, box, 256, 6},
        {{0, 0, 10}, box, 0, 6},
        {{0, 0, 0}, {{1, 0, 0}, {0, 0, 0}}, 0, 6},
    };
    static const int codes[] = {GOXEL_ERROR_VALIDATION, GOXEL_ERROR_VALIDATION, GOXEL_ERROR_VALIDATION,
                                GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_INVALID_COORDINATES};
    struct goxel_volume *volume = goxel_volume_create(), *mask = NULL;
    struct goxel_component *parts = NULL;
    size_t count = 5;

    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(goxel_volume_flood(volume, &wrong[i], NULL, &mask), codes[i]);
    CU_ASSERT_EQUAL(goxel_volume_components(volume, NULL, 8, 9, NULL, &parts, &count),
                    GOXEL_ERROR_VALIDATION);
    for (int i = 0; i < 10; i++)
        goxel_volume_set_at(volume, at(2 * i, 0, 0), rgba(1, 1, 1, 255));
    CU_ASSERT_EQUAL(goxel_volume_components(volume, NULL, 26, 9, NULL, &parts, &count), GOXEL_ERROR_QUOTA);
    CU_ASSERT_PTR_NULL(parts);
    CU_ASSERT_EQUAL(count, 5);
    CU_ASSERT_EQUAL(goxel_volume_components(volume, NULL, 26, 10, NULL, &parts, &count), 0);
    CU_ASSERT_EQUAL(count, 10);
    free(parts);
    goxel_volume_destroy(volume);
}

static int components_of(const struct goxel_volume *volume, struct goxel_cancel *cancel)
{
    struct goxel_component *parts = NULL;
    size_t count = 0;
    int result = goxel_volume_components(volume, NULL, 6, SIZE_MAX, cancel, &parts, &count);

    free(parts);
    return result;
}

static int flood_of(const struct goxel_volume *volume, struct goxel_cancel *cancel)
{
    const struct goxel_flood flood = {
        .box = naive_box, .seed = {1, 1, 1}, .tolerance = 255, .neighbours = 18};
    struct goxel_volume *mask = NULL;
    int result = goxel_volume_flood(volume, &flood, cancel, &mask);

    CU_ASSERT_EQUAL(mask == NULL, result != 0);
    goxel_volume_destroy(mask);
    return result;
}

static void searches_may_fail(void)
{
    int (*const searches[])(const struct goxel_volume *, struct goxel_cancel *) = {flood_of, components_of};
    struct twin twin = twin_random(0xbad, 4, 3000);
    struct goxel_cancel cancel;

    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    for (int i = 0; i < 2; i++) {
        int result = GOXEL_ERROR_OUT_OF_MEMORY;

        CU_ASSERT_EQUAL(searches[i](twin.volume, &cancel), GOXEL_ERROR_SHUTTING_DOWN);
        for (int n = 0; result && n < 5000; n++) {
            unit_fail_allocation(n);
            result = searches[i](twin.volume, NULL);
            unit_fail_allocation(-1);
            CU_ASSERT(result == 0 || result == GOXEL_ERROR_OUT_OF_MEMORY);
        }
        CU_ASSERT_EQUAL(result, 0);
    }
    twin_end(&twin);
}

static const struct unit_test tests[] = {
    {"floods match the array", floods_match_the_array},
    {"components match the array", components_match_the_array},
    {"tiles are wholes", tiles_are_wholes},
    {"floods end at the range", floods_end_at_the_range},
    {"wrong floods are refused", wrong_floods_are_refused},
    {"searches may fail", searches_may_fail},
    {NULL, NULL},
};

const struct unit_suite suite_connect = {"connect", tests};
