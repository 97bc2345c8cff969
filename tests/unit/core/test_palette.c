/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of core/palette: entries and their texts, properties kept as they came, fewer colours. */
#include "core/palette.h"

#include "base/error.h"
#include "core/naive.h"
#include "unit.h"

static bool has_property(const struct goxel_palette_entry *entry, size_t i, const char *key,
                         const char *value)
{
    const char *found_key, *found_value;

    return goxel_palette_entry_property(entry, i, &found_key, &found_value) && strcmp(found_key, key) == 0 &&
           strcmp(found_value, value) == 0;
}

static void entries_keep_their_order(void)
{
    struct goxel_palette palette = {.count = 0};

    CU_ASSERT_EQUAL(goxel_palette_add(&palette, rgba(1, 2, 3, 4), "one", 3), 0);
    CU_ASSERT_EQUAL(goxel_palette_add(&palette, rgba(5, 6, 7, 8), NULL, 0), 0);
    CU_ASSERT_EQUAL(goxel_palette_add(&palette, rgba(1, 2, 3, 4), "three, cut", 5), 0);
    CU_ASSERT_EQUAL(palette.count, 3);
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_name(&palette.entries[0]), "one");
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_name(&palette.entries[1]), "");
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_name(&palette.entries[2]), "three");
    goxel_palette_remove(&palette, 0);
    CU_ASSERT_EQUAL(palette.count, 2);
    CU_ASSERT(same_color(palette.entries[0].color, rgba(5, 6, 7, 8)));
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_name(&palette.entries[1]), "three");
    goxel_palette_finish(&palette);
    CU_ASSERT_EQUAL(palette.count, 0);
    goxel_palette_finish(&palette);
    goxel_palette_finish(NULL);
}

static void properties_are_kept_as_they_came(void)
{
    struct goxel_palette palette = {.count = 0}, copy = {.count = 0};
    struct goxel_palette_entry *entry;
    const char *key, *value;

    CU_ASSERT_EQUAL_FATAL(goxel_palette_add(&palette, rgba(1, 2, 3, 255), NULL, 0), 0);
    entry = &palette.entries[0];
    CU_ASSERT_PTR_NULL(goxel_palette_entry_get(entry, "_type"));
    CU_ASSERT_FALSE(goxel_palette_entry_property(entry, 0, &key, &value));
    CU_ASSERT_EQUAL(goxel_palette_entry_set(entry, "_type", "_metal"), 0);
    CU_ASSERT_EQUAL(goxel_palette_entry_set(entry, "_rough", "0.10000"), 0);
    CU_ASSERT_EQUAL(goxel_palette_entry_set(entry, "", ""), 0);
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_name(entry), "");
    CU_ASSERT(has_property(entry, 0, "_type", "_metal"));
    CU_ASSERT(has_property(entry, 1, "_rough", "0.10000"));
    CU_ASSERT(has_property(entry, 2, "", ""));
    CU_ASSERT_FALSE(goxel_palette_entry_property(entry, 3, &key, &value));
    CU_ASSERT_EQUAL(goxel_palette_entry_set(entry, "_type", "a longer value"), 0);
    CU_ASSERT(has_property(entry, 0, "_type", "a longer value"));
    CU_ASSERT(has_property(entry, 1, "_rough", "0.10000"));
    CU_ASSERT_EQUAL(goxel_palette_entry_set(entry, "_rough", ""), 0);
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_get(entry, "_rough"), "");
    CU_ASSERT(has_property(entry, 2, "", ""));

    CU_ASSERT_EQUAL(goxel_palette_copy(&palette, &copy), 0);
    CU_ASSERT(goxel_palette_equal(&palette, &copy));
    CU_ASSERT_EQUAL(goxel_palette_entry_set(&copy.entries[0], "_rough", "1"), 0);
    CU_ASSERT_FALSE(goxel_palette_equal(&palette, &copy));
    goxel_palette_finish(&palette);
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_get(&copy.entries[0], "_type"), "a longer value");
    goxel_palette_finish(&copy);
}

static void palettes_have_ceilings(void)
{
    static char text[GOXEL_PALETTE_TEXT_MAX + 1];
    struct goxel_palette palette = {.count = 0};

    memset(text, 'x', GOXEL_PALETTE_TEXT_MAX);
    CU_ASSERT_EQUAL(goxel_palette_add(&palette, rgba(0, 0, 0, 255), text, GOXEL_PALETTE_TEXT_MAX),
                    GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(goxel_palette_add(&palette, rgba(0, 0, 0, 255), text, GOXEL_PALETTE_TEXT_MAX - 1), 0);
    CU_ASSERT_EQUAL(goxel_palette_entry_set(&palette.entries[0], "k", "v"), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(goxel_palette_entry_set(&palette.entries[0], text, "v"), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(palette.entries[0].text_len, GOXEL_PALETTE_TEXT_MAX);
    while (palette.count < GOXEL_PALETTE_ENTRIES_MAX &&
           !goxel_palette_add(&palette, rgba(1, 1, 1, 1), NULL, 0))
        continue;
    CU_ASSERT_EQUAL(goxel_palette_add(&palette, rgba(1, 1, 1, 1), NULL, 0), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(palette.count, GOXEL_PALETTE_ENTRIES_MAX);
    goxel_palette_finish(&palette);
}

static void nearest_is_the_least_far(void)
{
    struct goxel_palette palette = {.count = 0};

    CU_ASSERT_EQUAL(goxel_palette_nearest(&palette, rgba(1, 2, 3, 4)), -1);
    goxel_palette_add(&palette, rgba(0, 0, 0, 255), NULL, 0);
    goxel_palette_add(&palette, rgba(255, 0, 0, 255), NULL, 0);
    goxel_palette_add(&palette, rgba(255, 0, 0, 0), NULL, 0);
    goxel_palette_add(&palette, rgba(255, 0, 0, 255), NULL, 0);
    CU_ASSERT_EQUAL(goxel_palette_nearest(&palette, rgba(255, 0, 0, 255)), 1); /* the first of equals */
    CU_ASSERT_EQUAL(goxel_palette_nearest(&palette, rgba(255, 0, 0, 100)), 2);
    CU_ASSERT_EQUAL(goxel_palette_nearest(&palette, rgba(100, 0, 0, 255)), 0);
    goxel_palette_finish(&palette);
}

/* Of few colours all come back; of many none is far from what stands for it. */
static void reduction_stands_for_all(void)
{
    struct goxel_palette palette = {.count = 0};
    struct goxel_color_count few[] = {{rgba(9, 8, 7, 255), 5}, {rgba(1, 2, 3, 4), 1}}, many[512];

    CU_ASSERT_EQUAL(goxel_palette_reduce(&palette, few, 2, 256), 0);
    CU_ASSERT_EQUAL(palette.count, 2);
    CU_ASSERT_NOT_EQUAL(goxel_palette_nearest(&palette, rgba(9, 8, 7, 255)),
                        goxel_palette_nearest(&palette, rgba(1, 2, 3, 4)));
    CU_ASSERT(same_color(palette.entries[goxel_palette_nearest(&palette, rgba(9, 8, 7, 255))].color,
                         rgba(9, 8, 7, 255)));
    for (unsigned i = 0; i < 512; i++)
        many[i] = (struct goxel_color_count){rgba(i % 8 * 32, i / 8 % 8 * 32, i / 64 * 32, 255),
                                             INT64_MAX / 512};
    CU_ASSERT_EQUAL(goxel_palette_reduce(&palette, many, 512, 64), 0);
    CU_ASSERT_EQUAL(palette.count, 64);
    for (unsigned i = 0; i < 512; i++) {
        struct goxel_color to = palette.entries[goxel_palette_nearest(&palette, many[i].color)].color;

        CU_ASSERT(abs(to.r - many[i].color.r) <= 32 && abs(to.g - many[i].color.g) <= 32 &&
                  abs(to.b - many[i].color.b) <= 32 && to.a == 255);
    }
    CU_ASSERT_EQUAL(goxel_palette_reduce(&palette, many, 512, 1), 0);
    CU_ASSERT_EQUAL(palette.count, 1);
    CU_ASSERT(same_color(palette.entries[0].color, rgba(112, 112, 112, 255)));
    CU_ASSERT_EQUAL(goxel_palette_reduce(&palette, many, 0, 256), 0);
    CU_ASSERT_EQUAL(palette.count, 0);
    goxel_palette_finish(&palette);
}

static void allocations_may_fail(void)
{
    struct goxel_color_count colors[] = {{rgba(1, 2, 3, 255), 1}, {rgba(4, 5, 6, 255), 2}};
    int code = GOXEL_ERROR_OUT_OF_MEMORY;

    for (int n = 0; code && n < 100; n++) {
        struct goxel_palette palette = {.count = 0}, copy = {.count = 0};

        unit_fail_allocation(n);
        code = goxel_palette_add(&palette, rgba(1, 2, 3, 4), "name", 4);
        if (!code)
            code = goxel_palette_entry_set(&palette.entries[0], "key", "value");
        if (!code)
            code = goxel_palette_copy(&palette, &copy);
        if (!code)
            code = goxel_palette_reduce(&copy, colors, 2, 2);
        unit_fail_allocation(-1);
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        goxel_palette_finish(&palette);
        goxel_palette_finish(&copy);
    }
    CU_ASSERT_EQUAL(code, 0);
}

static const struct unit_test tests[] = {
    {"entries keep their order", entries_keep_their_order},
    {"properties are kept as they came", properties_are_kept_as_they_came},
    {"palettes have ceilings", palettes_have_ceilings},
    {"nearest is the least far", nearest_is_the_least_far},
    {"a reduction stands for all", reduction_stands_for_all},
    {"allocations may fail", allocations_may_fail},
    {NULL, NULL},
};

const struct unit_suite suite_palette = {"palette", tests};
