/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which voxels of a brick are there: in every state, from none to all, on every machine alike. */
#include "core/places.h"

#include "core/tree.h"
#include "naive.h"

/* So many voxels at random places, of so many colours, as the brick that they make; NULL: they make none. */
static struct goxel_brick *scatter(uint64_t *state, int voxels, unsigned colors,
                                   struct goxel_color ret_colors[GOXEL_BRICK_VOXELS])
{
    goxel_link link = 0;

    memset(ret_colors, 0, GOXEL_BRICK_BYTES);
    for (int i = 0; i < voxels; i++) {
        unsigned color = random_next(state) % colors;

        ret_colors[random_below(state, GOXEL_BRICK_VOXELS)] = rgba(color & 255, color >> 8, 0, 200);
    }
    CU_ASSERT_EQUAL_FATAL(goxel_link_encode(ret_colors, &link), 0);
    return goxel_link_is_brick(link) ? goxel_link_brick(link) : NULL;
}

/* Bits that are not as the colours say. */
static int wrong_bits(const uint64_t *mask, const struct goxel_color *colors)
{
    int wrong = 0;

    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
        wrong += (mask[i / 64] >> i % 64 & 1) != (colors[i].a != 0);
    return wrong;
}

/* Places that are not the next one that is there. */
static int wrong_places(const uint16_t *list, unsigned count, const struct goxel_color *colors)
{
    unsigned at = 0;
    int wrong = 0;

    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        if (colors[i].a)
            wrong += at == count || list[at++] != i;
    }
    return wrong + (at != count);
}

static void masks_and_lists_say_what_is_there(void)
{
    static const int amounts[] = {1, 2, 60, 122, 1000, 1100, 3000, 20000, 60000};
    static const unsigned colors[] = {1, 10, 200, 4000};
    static struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    static struct goxel_color read[GOXEL_BRICK_VOXELS];
    uint64_t state = 11;
    bool seen[3] = {false};

    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        for (size_t k = 0; k < sizeof(colors) / sizeof(colors[0]); k++) {
            struct goxel_brick *brick = scatter(&state, amounts[i], colors[k], voxels);
            uint64_t mask[GOXEL_PLACES_WORDS];
            uint16_t list[GOXEL_PLACES_MAX];

            if (!brick)
                continue;
            seen[brick->state] = true;
            goxel_places_of_colors(voxels, mask);
            CU_ASSERT_EQUAL(wrong_bits(mask, voxels), 0);
            goxel_places_of_brick_plainly(brick, mask);
            CU_ASSERT_EQUAL(wrong_bits(mask, voxels), 0);
            goxel_places_of_brick(brick, mask);
            CU_ASSERT_EQUAL(wrong_bits(mask, voxels), 0);
            CU_ASSERT_EQUAL(wrong_places(list, goxel_places_list(mask, list), voxels), 0);
            CU_ASSERT_EQUAL(memcmp(goxel_brick_read(brick, read), voxels, sizeof(voxels)), 0);
            goxel_brick_unref(brick);
        }
    }
    CU_ASSERT_TRUE(seen[GOXEL_BRICK_RGBA] && seen[GOXEL_BRICK_PALETTE_8] && seen[GOXEL_BRICK_PALETTE_4]);
}

static const struct unit_test tests[] = {
    {"masks and lists say what is there", masks_and_lists_say_what_is_there},
    {NULL, NULL},
};

const struct unit_suite suite_places = {"places", tests};
