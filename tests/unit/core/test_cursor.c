/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every voxel once, and no other: volumes of every state of a brick against a plain array, whole and in boxes. */
#include "core/cursor.h"

#include "naive.h"

/* Those inside the box (NULL: all) come with their colours, as many of them as there are. */
static bool sees_exactly(struct naive *naive, const struct goxel_volume *volume, const struct goxel_box *box)
{
    struct naive *rest = malloc(sizeof(*rest));
    struct goxel_cursor cursor;
    bool same = true;

    *rest = *naive;
    goxel_cursor_begin(&cursor, volume, box);
    while (same && goxel_cursor_next(&cursor)) {
        struct goxel_color *expected = naive_at(rest, cursor.pos);

        same = cursor.color.a && same_color(cursor.color, *expected) &&
               (!box || goxel_box_contains(box, cursor.pos));
        *expected = (struct goxel_color){0, 0, 0, 0};
    }
    for (int i = 0; same && i < NAIVE_SIZE * NAIVE_SIZE * NAIVE_SIZE; i++) {
        struct goxel_pos pos = at(NAIVE_MIN + i % NAIVE_SIZE, NAIVE_MIN + i / NAIVE_SIZE % NAIVE_SIZE,
                                  NAIVE_MIN + i / NAIVE_SIZE / NAIVE_SIZE);

        same = naive_at(rest, pos)->a == 0 || (box && !goxel_box_contains(box, pos));
    }
    free(rest);
    return same;
}

static void set_both(struct naive *naive, struct goxel_volume *volume, struct goxel_pos pos,
                     struct goxel_color color)
{
    naive_set(naive, pos, color);
    CU_ASSERT_EQUAL_FATAL(goxel_volume_set_at(volume, pos, color), 0);
}

/* `voxels` of them, of so many colours, empty one of them: bricks of the state that this takes. */
static void check_colors(uint64_t seed, int voxels, int colors)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct naive *naive = calloc(1, sizeof(*naive));
    uint64_t state = seed;
    int wrong = 0;

    for (int i = 0; i < voxels; i++) {
        unsigned k = (unsigned)random_below(&state, colors);

        set_both(naive, volume, random_pos(&state), rgba(k & 255, k >> 8, 7, k ? 255 : 0));
    }
    for (int sealed = 0; sealed < 2; sealed++) {
        wrong += !sees_exactly(naive, volume, NULL);
        for (int i = 0; i < 20; i++) {
            struct goxel_box box = random_box(&state);

            wrong += !sees_exactly(naive, volume, &box);
        }
        goxel_volume_seal(volume);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    free(naive);
    goxel_volume_destroy(volume);
}

static void every_state_is_seen_whole(void)
{
    static const int colors[] = {2, 9, 200, 60000};

    for (size_t i = 0; i < sizeof(colors) / sizeof(colors[0]); i++) {
        check_colors(0x5eed0500 + i, 3000, colors[i]);   /* few voxels in a brick */
        check_colors(0x5eed0510 + i, 400000, colors[i]); /* most of them */
    }
}

static void tile_counts_as_its_voxels(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_box tile = {{-64, 0, 0}, {-1, 63, 63}}, part = {{-70, 5, 6}, {-3, 20, 6}};
    struct goxel_cursor cursor;
    int bricks = 0, voxels = 0;

    CU_ASSERT_EQUAL_FATAL(goxel_volume_fill(volume, &tile, rgba(1, 2, 3, 255), NULL), 0);
    goxel_cursor_begin(&cursor, volume, NULL);
    while (goxel_cursor_next_brick(&cursor)) {
        CU_ASSERT(goxel_link_is_tile(cursor.link) && goxel_box_contains(&tile, cursor.corner));
        bricks++;
    }
    CU_ASSERT_EQUAL(bricks, 64);
    goxel_cursor_begin(&cursor, volume, &part);
    while (goxel_cursor_next(&cursor))
        voxels += goxel_box_contains(&part, cursor.pos) && same_color(cursor.color, rgba(1, 2, 3, 255));
    CU_ASSERT_EQUAL(voxels, 62 * 16);
    goxel_volume_destroy(volume);
}

static void far_corners_and_nothing(void)
{
    struct goxel_pos corners[] = {{GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
                                  {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX}};
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_cursor cursor;
    int seen = 0;

    goxel_cursor_begin(&cursor, volume, NULL);
    CU_ASSERT_FALSE(goxel_cursor_next(&cursor));
    CU_ASSERT_FALSE(goxel_cursor_next(&cursor)); /* the end stays the end */
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL_FATAL(goxel_volume_set_at(volume, corners[i], rgba(1, 1, 1, 255)), 0);
    goxel_cursor_begin(&cursor, volume, NULL);
    while (goxel_cursor_next(&cursor))
        seen |= 1 << (memcmp(&cursor.pos, &corners[1], sizeof(cursor.pos)) == 0);
    CU_ASSERT_EQUAL(seen, 3);
    goxel_volume_destroy(volume);
}

static const struct unit_test tests[] = {
    {"every state of a brick is seen whole", every_state_is_seen_whole},
    {"a tile counts as its voxels", tile_counts_as_its_voxels},
    {"the far corners, and nothing", far_corners_and_nothing},
    {NULL, NULL},
};
const struct unit_suite suite_cursor = {"cursor", tests};
