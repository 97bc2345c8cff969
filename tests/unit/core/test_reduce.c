/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Volumes in the colours of a palette, voxel by voxel; what is in it already stays shared. */
#include "core/reduce.h"

#include "core/colors.h"
#include "core/tree.h"
#include "region.h"

/* By the sum of squares, the first one of several that are as near. */
static struct goxel_color nearest(const struct goxel_color *colors, size_t count, struct goxel_color color)
{
    int best = INT32_MAX;
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        int r = colors[i].r - color.r, g = colors[i].g - color.g, b = colors[i].b - color.b,
            a = colors[i].a - color.a, far = r * r + g * g + b * b + a * a;

        if (far < best) {
            best = far;
            found = i;
        }
    }
    return colors[found];
}

static struct goxel_palette palette_of(const struct goxel_color *colors, size_t count)
{
    struct goxel_palette palette = {0};

    for (size_t i = 0; i < count; i++)
        CU_ASSERT_EQUAL(goxel_palette_add(&palette, colors[i], NULL, 0), 0);
    return palette;
}

static void voxels_get_the_nearest_entry(void)
{
    static const struct goxel_color colors[] = {{0, 0, 0, 255},  {200, 20, 0, 255}, {0, 180, 9, 255},
                                                {0, 180, 9, 90}, {0, 0, 0, 0},      {90, 90, 200, 255}};

    for (uint64_t seed = 0x9ed0; seed < 0x9ed8; seed++) {
        struct goxel_palette palette = palette_of(colors, 6);
        struct twin twin = twin_random(seed, 12, 4000);
        struct goxel_box box = random_box(&twin.state);

        for (int i = 0; i < 20000; i++) /* bricks of many colours */
            twin_set(&twin, random_pos(&twin.state), random_color(&twin.state));
        goxel_volume_seal(twin.volume);
        for (FOR_BOX(pos, seed & 1 ? &box : &naive_box)) {
            struct goxel_color c = *naive_at(twin.naive, pos);

            if (c.a)
                naive_set(twin.naive, pos, nearest(colors, 6, c));
        }
        CU_ASSERT_EQUAL(goxel_volume_reduce(twin.volume, seed & 1 ? &box : NULL, &palette, NULL), 0);
        CU_ASSERT(naive_matches(twin.naive, twin.volume, seed));
        twin_end(&twin);
        goxel_palette_finish(&palette);
    }
}

/* The way of a format that has few colours: what there is, fewer of them, and the volume in those. */
static void a_volume_comes_down_to_so_many(void)
{
    static const struct goxel_colors_options all = {.bin_size = 1, .merge = 0, .colors = 1 << 16};
    struct twin twin = twin_random(0x9ee0, 12, 4000);
    struct goxel_color_count *colors = NULL;
    struct goxel_palette palette = {0};
    struct goxel_volume *before;
    size_t count = 0;

    for (int i = 0; i < 20000; i++)
        twin_set(&twin, random_pos(&twin.state), random_color(&twin.state));
    for (size_t most = 200; most >= 2; most = most / 10) {
        CU_ASSERT_EQUAL_FATAL(goxel_volume_colors(twin.volume, NULL, &all, NULL, &colors, &count), 0);
        CU_ASSERT(count > most);
        CU_ASSERT_EQUAL(goxel_palette_reduce(&palette, colors, count, most), 0);
        free(colors);
        CU_ASSERT_EQUAL(goxel_volume_reduce(twin.volume, NULL, &palette, NULL), 0);
        CU_ASSERT_EQUAL_FATAL(goxel_volume_colors(twin.volume, NULL, &all, NULL, &colors, &count), 0);
        CU_ASSERT(count > 0 && count <= most);
        free(colors);
    }
    goxel_volume_seal(twin.volume);
    before = goxel_volume_copy(twin.volume);
    CU_ASSERT_EQUAL(goxel_volume_reduce(twin.volume, NULL, &palette, NULL),
                    0); /* nothing is left to change */
    CU_ASSERT_EQUAL(goxel_tree_find(twin.volume, at(0, 0, 0)), goxel_tree_find(before, at(0, 0, 0)));
    CU_ASSERT(goxel_volume_equal(before, twin.volume));
    goxel_volume_destroy(before);
    goxel_palette_finish(&palette);
    twin_end(&twin);
}

static void wrong_ones_are_refused(void)
{
    static const struct goxel_color red = {255, 0, 0, 255};
    const struct goxel_box wrong = {{0, 0, 0}, {-1, 0, 0}};
    struct goxel_palette none = {0}, palette = palette_of(&red, 1);
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_cancel cancel;

    CU_ASSERT_EQUAL(goxel_volume_reduce(volume, NULL, &palette, NULL), 0);
    goxel_volume_set_at(volume, at(-1, 2, 3), rgba(9, 9, 9, 9));
    CU_ASSERT_EQUAL(goxel_volume_reduce(volume, NULL, &none, NULL), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_volume_reduce(volume, &wrong, &palette, NULL), GOXEL_ERROR_INVALID_COORDINATES);
    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_volume_reduce(volume, NULL, &palette, &cancel), GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(-1, 2, 3)), rgba(9, 9, 9, 9)));
    goxel_volume_destroy(volume);
    goxel_palette_finish(&palette);
}

static int reduce(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    return goxel_volume_reduce(volume, NULL, ctx, cancel);
}

static void failures_change_nothing(void)
{
    static const struct goxel_color colors[] = {{255, 0, 0, 255}, {0, 255, 0, 255}};
    struct goxel_palette palette = palette_of(colors, 2);
    struct twin twin = twin_random(0xfa17, 8, 500);

    region_fails_whole(twin.volume, reduce, &palette);
    twin_end(&twin);
    goxel_palette_finish(&palette);
}

static const struct unit_test tests[] = {
    {"voxels get the nearest entry", voxels_get_the_nearest_entry},
    {"a volume comes down to so many", a_volume_comes_down_to_so_many},
    {"wrong ones are refused", wrong_ones_are_refused},
    {"failures change nothing", failures_change_nothing},
    {NULL, NULL},
};

const struct unit_suite suite_reduce = {"reduce", tests};
