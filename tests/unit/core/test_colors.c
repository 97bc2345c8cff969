/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histograms, colours that join, voxels found and counted, against the array. */
#include "core/colors.h"

#include "region.h"

#define MANY 4096

static int compare(const void *a, const void *b)
{
    const struct goxel_color_count *left = a, *right = b;

    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return memcmp(&left->color, &right->color, 4);
}

/* By a list that is searched from its beginning. */
static size_t naive_colors(struct naive *naive, const struct goxel_box *box, int bin,
                           struct goxel_color_count *colors)
{
    size_t count = 0;

    for (FOR_BOX(pos, box)) {
        struct goxel_color color = naive_get(naive, pos);
        size_t i = 0;

        if (!color.a)
            continue;
        color = rgba(color.r / bin * bin, color.g / bin * bin, color.b / bin * bin, color.a / bin * bin);
        while (i < count && !same_color(colors[i].color, color))
            i++;
        if (i == count)
            colors[count++] = (struct goxel_color_count){color, 0};
        colors[i].count++;
    }
    qsort(colors, count, sizeof(*colors), compare);
    return count;
}

static bool near(struct goxel_color a, struct goxel_color b, int by)
{
    return abs(a.r - b.r) <= by && abs(a.g - b.g) <= by && abs(a.b - b.b) <= by && abs(a.a - b.a) <= by;
}

/* Each joins the first of those before it that stayed and is near. */
static size_t naive_merge(struct goxel_color_count *colors, size_t count, int by)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        size_t k = 0;

        while (k < kept && !near(colors[i].color, colors[k].color, by))
            k++;
        if (k < kept)
            colors[k].count += colors[i].count;
        else
            colors[kept++] = colors[i];
    }
    qsort(colors, kept, sizeof(*colors), compare);
    return kept;
}

static void histograms_match_the_array(void)
{
    static const struct goxel_colors_options all[] = {
        {1, 0, MANY},  {16, 0, MANY},   {256, 0, MANY}, {1, 5, MANY},
        {1, 60, MANY}, {10, 255, MANY}, {7, 40, MANY},
    };
    struct goxel_color_count *expected = malloc(MANY * sizeof(*expected)), *got = NULL;

    for (uint64_t seed = 0xc0101; seed < 0xc0105; seed++) {
        struct twin twin = twin_random(seed, 10, 3000);

        for (int i = 0; i < 900; i++) /* bricks with many colours */
            twin_set(&twin, at(i % 20, i / 20 - 16, -3), random_color(&twin.state));
        if (seed & 2)
            goxel_volume_seal(twin.volume);
        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
            struct goxel_box box = i % 2 ? random_box(&twin.state) : naive_box;
            size_t count = naive_colors(twin.naive, &box, all[i].bin_size, expected), got_count = 0;

            if (all[i].merge)
                count = naive_merge(expected, count, all[i].merge);
            CU_ASSERT_EQUAL(
                goxel_volume_colors(twin.volume, i % 2 ? &box : NULL, &all[i], NULL, &got, &got_count), 0);
            CU_ASSERT_EQUAL_FATAL(got_count, count);
            for (size_t k = 0; k < count; k++)
                CU_ASSERT(same_color(got[k].color, expected[k].color) && got[k].count == expected[k].count);
            free(got);
        }
        twin_end(&twin);
    }
    free(expected);
}

static void colours_have_a_ceiling(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_color_count *colors = NULL;
    struct goxel_colors_options options = {1, 0, 100};
    size_t count = 7;

    for (int i = 0; i < 101; i++)
        goxel_volume_set_at(volume, at(i, 0, 0), rgba(i, 0, 0, 255));
    CU_ASSERT_EQUAL(goxel_volume_colors(volume, NULL, &options, NULL, &colors, &count), GOXEL_ERROR_QUOTA);
    CU_ASSERT_PTR_NULL(colors);
    CU_ASSERT_EQUAL(count, 7);
    options.colors = 101;
    CU_ASSERT_EQUAL(goxel_volume_colors(volume, NULL, &options, NULL, &colors, &count), 0);
    CU_ASSERT_EQUAL(count, 101);
    free(colors);
    goxel_volume_clear(volume);
    CU_ASSERT_EQUAL(goxel_volume_colors(volume, NULL, &options, NULL, &colors, &count), 0);
    CU_ASSERT_EQUAL(count, 0);
    CU_ASSERT_PTR_NULL(colors);
    goxel_volume_destroy(volume);
}

static void wrong_questions_are_refused(void)
{
    static const struct goxel_colors_options wrong[] = {{0, 0, 9}, {257, 0, 9}, {1, -1, 9}, {1, 256, 9}};
    static const struct goxel_match wrong_matches[] = {
        {{1, 2, 3, 0}, 0}, {{1, 2, 3, 255}, -1}, {{1, 2, 3, 255}, 256}};
    const struct goxel_colors_options right = {1, 0, 9};
    const struct goxel_box bad = {{1, 0, 0}, {0, 0, 0}};
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_color_count *colors = NULL;
    size_t count = 0;
    int64_t voxels = 0;

    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(goxel_volume_colors(volume, NULL, &wrong[i], NULL, &colors, &count),
                        GOXEL_ERROR_VALIDATION);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(goxel_volume_find(volume, NULL, &wrong_matches[i], NULL, NULL, NULL),
                        GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_volume_colors(volume, &bad, &right, NULL, &colors, &count),
                    GOXEL_ERROR_INVALID_COORDINATES);
    CU_ASSERT_EQUAL(goxel_volume_find(volume, &bad, &goxel_match_any, NULL, NULL, NULL),
                    GOXEL_ERROR_INVALID_COORDINATES);
    CU_ASSERT_EQUAL(goxel_volume_count_in(volume, &bad, NULL, &voxels), GOXEL_ERROR_INVALID_COORDINATES);
    goxel_volume_destroy(volume);
}

struct found {
    struct naive *naive;
    const struct goxel_box *box;
    int64_t count, most;
    bool right;
};

static int note(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct found *found = ctx;

    found->right = found->right && goxel_box_contains(found->box, pos) &&
                   same_color(color, naive_get(found->naive, pos));
    return ++found->count == found->most ? 42 : 0;
}

static void voxels_are_found_and_counted(void)
{
    for (uint64_t seed = 0xf0101; seed < 0xf0109; seed++) {
        struct twin twin = twin_random(seed, 12, 3000);
        struct goxel_match match = {{252, 1, 0, 255}, (int)(seed & 3) * 60};
        struct goxel_box box = random_box(&twin.state);
        struct found found = {twin.naive, &box, 0, INT64_MAX, true};
        int64_t expected = 0, all = 0, got = -1;

        for (FOR_BOX(pos, &box)) {
            struct goxel_color color = naive_get(twin.naive, pos);

            all += color.a != 0;
            expected += color.a && near(color, match.color, match.tolerance);
        }
        CU_ASSERT_EQUAL(goxel_volume_count_in(twin.volume, &box, NULL, &got), 0);
        CU_ASSERT_EQUAL(got, all);
        CU_ASSERT_EQUAL(goxel_volume_find(twin.volume, &box, &match, NULL, note, &found), 0);
        CU_ASSERT(found.right);
        CU_ASSERT_EQUAL(found.count, expected);
        found = (struct found){twin.naive, &box, 0, 1, true};
        if (all)
            CU_ASSERT_EQUAL(goxel_volume_find(twin.volume, &box, &goxel_match_any, NULL, note, &found), 42);
        CU_ASSERT_EQUAL(found.count, all != 0);
        twin_end(&twin);
    }
}

/* 16 × 10⁹ voxels. */
static void tiles_are_wholes(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    const struct goxel_box box = {{0, 0, 0}, {4095, 4095, 1023}}, part = {{5, 5, 5}, {4090, 4090, 1000}};
    const struct goxel_colors_options options = {1, 0, 9};
    struct goxel_color_count *colors = NULL;
    size_t count = 0;
    int64_t voxels = 0;

    CU_ASSERT_EQUAL(goxel_volume_fill(volume, &box, rgba(9, 8, 7, 255), NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_colors(volume, &part, &options, NULL, &colors, &count), 0);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT_EQUAL(colors[0].count, (int64_t)4086 * 4086 * 996);
    CU_ASSERT_EQUAL(goxel_volume_count_in(volume, &part, NULL, &voxels), 0);
    CU_ASSERT_EQUAL(voxels, colors[0].count);
    free(colors);
    goxel_volume_destroy(volume);
}

static void questions_may_fail(void)
{
    struct twin twin = twin_random(0xfa11, 6, 2000);
    const struct goxel_colors_options options = {1, 3, MANY};
    struct goxel_color_count *colors = NULL;
    struct goxel_cancel cancel;
    int result = GOXEL_ERROR_OUT_OF_MEMORY;
    size_t count = 0;
    int64_t voxels = 77;

    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_volume_colors(twin.volume, NULL, &options, &cancel, &colors, &count),
                    GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_volume_count_in(twin.volume, &naive_box, &cancel, &voxels),
                    GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(voxels, 77);
    CU_ASSERT_EQUAL(goxel_volume_find(twin.volume, NULL, &goxel_match_any, &cancel, note, NULL),
                    GOXEL_ERROR_SHUTTING_DOWN);
    for (int i = 0; i < 300; i++)
        goxel_volume_set_at(twin.volume, at(i, 0, 0), rgba(i, i / 2, 0, 255));
    for (int n = 0; result && n < 100; n++) {
        unit_fail_allocation(n);
        result = goxel_volume_colors(twin.volume, NULL, &options, NULL, &colors, &count);
        unit_fail_allocation(-1);
        CU_ASSERT(result == 0 || (result == GOXEL_ERROR_OUT_OF_MEMORY && !colors));
    }
    CU_ASSERT_EQUAL(result, 0);
    free(colors);
    twin_end(&twin);
}

static const struct unit_test tests[] = {
    {"histograms match the array", histograms_match_the_array},
    {"colours have a ceiling", colours_have_a_ceiling},
    {"wrong questions are refused", wrong_questions_are_refused},
    {"voxels are found and counted", voxels_are_found_and_counted},
    {"tiles are wholes", tiles_are_wholes},
    {"questions may fail", questions_may_fail},
    {NULL, NULL},
};

const struct unit_suite suite_colors = {"colors", tests};
