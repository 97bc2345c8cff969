/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours of Minecraft's blocks: rows, families, and what is made of something. */
#include "format/blocks.h"

#include <string.h>

#include "unit.h"

static bool looks(const char *name, unsigned rgba)
{
    struct goxel_color color = {0};

    return goxel_block_color(name, strlen(name), &color) &&
           ((unsigned)color.r << 24 | (unsigned)color.g << 16 | (unsigned)color.b << 8 | color.a) == rgba;
}

static bool same_looks(const char *a, const char *b)
{
    struct goxel_color left = {0}, right = {0};

    return goxel_block_color(a, strlen(a), &left) && goxel_block_color(b, strlen(b), &right) &&
           memcmp(&left, &right, sizeof(left)) == 0;
}

static void rows_are_sorted(void)
{
    size_t i = 0;

    for (; goxel_block_row(i + 1); i++)
        CU_ASSERT(strcmp(goxel_block_row(i), goxel_block_row(i + 1)) < 0);
    CU_ASSERT(i > 400);
}

static void names_have_colors(void)
{
    CU_ASSERT(looks("minecraft:stone", 0x7d7d7dff));
    CU_ASSERT(looks("stone", 0x7d7d7dff));
    CU_ASSERT(looks("minecraft:oak_log[axis=y]", 0x6d5532ff));
    CU_ASSERT(looks("minecraft:light_blue_wool", 0x3aafd9ff));
    CU_ASSERT(looks("minecraft:blue_wool", 0x35399dff));
    CU_ASSERT(looks("minecraft:red_terracotta", 0x8f3d2eff));
    CU_ASSERT(looks("minecraft:lime_stained_glass_pane", 0x5ea9198c));
    CU_ASSERT(looks("minecraft:water[level=0]", 0x3f76e4a0));
    CU_ASSERT(looks("minecraft:dark_oak_leaves", 0x447024ff));
    CU_ASSERT(looks("minecraft:air", 0));
    CU_ASSERT(looks("cave_air", 0));
}

static void things_look_like_what_they_are_made_of(void)
{
    CU_ASSERT(same_looks("oak_stairs[facing=east]", "oak_planks"));
    CU_ASSERT(same_looks("stone_brick_stairs", "stone_bricks"));
    CU_ASSERT(same_looks("deepslate_tile_wall", "deepslate_tiles"));
    CU_ASSERT(same_looks("quartz_slab", "quartz_block"));
    CU_ASSERT(same_looks("waxed_cut_copper_slab", "cut_copper"));
    CU_ASSERT(same_looks("stripped_birch_log", "birch_planks"));
    CU_ASSERT(same_looks("potted_poppy", "poppy"));
    CU_ASSERT(same_looks("warped_fence_gate", "warped_planks"));
    CU_ASSERT(same_looks("infested_cracked_stone_bricks", "stone_bricks"));
    CU_ASSERT(same_looks("tube_coral_wall_fan", "tube_coral"));
}

static void others_have_a_color_of_their_own(void)
{
    static const char *const names[] = {
        "",
        "_",
        "other:stone",
        "minecraft:",
        "no_such_block",
        "waxed_",
        "stripped_",
        "_stairs",
        "a_name_that_is_longer_than_any_that_a_block_of_minecraft_has_ever_had_so_far"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct goxel_color color = {0}, again = {0};

        CU_ASSERT_FALSE(goxel_block_color(names[i], strlen(names[i]), &color));
        CU_ASSERT_EQUAL(color.a, 255);
        CU_ASSERT_FALSE(goxel_block_color(names[i], strlen(names[i]), &again));
        CU_ASSERT(memcmp(&color, &again, sizeof(color)) == 0);
    }
}

static bool number_looks(unsigned number, unsigned data, const char *name)
{
    struct goxel_color got = {0}, want = {0};

    return goxel_block_color_of_number(number, data, &got) && goxel_block_color(name, strlen(name), &want) &&
           memcmp(&got, &want, sizeof(got)) == 0;
}

static void old_numbers_have_names(void)
{
    struct goxel_color color;
    int unknown = 0;

    CU_ASSERT(number_looks(0, 0, "air"));
    CU_ASSERT(number_looks(5, 4, "acacia_planks"));
    CU_ASSERT(number_looks(17, 6, "birch_log"));
    CU_ASSERT(number_looks(35, 14, "red_wool"));
    CU_ASSERT(number_looks(57, 0, "diamond_block"));
    CU_ASSERT(number_looks(95, 3, "light_blue_stained_glass"));
    CU_ASSERT(number_looks(103, 0, "melon"));
    CU_ASSERT(number_looks(126, 5, "dark_oak_planks"));
    CU_ASSERT(number_looks(133, 0, "emerald_block"));
    CU_ASSERT(number_looks(152, 0, "redstone_block"));
    CU_ASSERT(number_looks(159, 0, "white_terracotta"));
    CU_ASSERT(number_looks(162, 1, "dark_oak_log"));
    CU_ASSERT(number_looks(171, 15, "black_carpet"));
    CU_ASSERT(number_looks(198, 0, "end_rod"));
    CU_ASSERT(number_looks(219, 0, "white_shulker_box"));
    CU_ASSERT(number_looks(235, 0, "white_glazed_terracotta"));
    CU_ASSERT(number_looks(251, 1, "orange_concrete"));
    CU_ASSERT(number_looks(255, 0, "structure_block"));
    for (unsigned i = 0; i < 4096; i++)
        unknown += !goxel_block_color_of_number(i, i & 15, &color);
    CU_ASSERT_EQUAL(unknown, 4096 - 256 + 2);
}

static const struct unit_test tests[] = {
    {"rows are sorted", rows_are_sorted},
    {"names have colours", names_have_colors},
    {"things look like what they are made of", things_look_like_what_they_are_made_of},
    {"others have a colour of their own", others_have_a_color_of_their_own},
    {"old numbers have names", old_numbers_have_names},
    {NULL, NULL},
};

const struct unit_suite suite_blocks = {"blocks", tests};
