/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One volume over another, and moved, turned, mirrored. */
#include "core/volume.h"

#include "base/error.h"
#include "naive.h"

static const struct goxel_color red = {255, 0, 0, 255};

/* What Goxel 0.11 makes of two layers, read from its own export. */
static void colours_blend_as_in_goxel(void)
{
    static const struct {
        struct goxel_color below, above, merged;
    } cases[] = {
        {{10, 20, 30, 255}, {200, 100, 0, 255}, {200, 100, 0, 255}},
        {{10, 20, 30, 255}, {200, 100, 0, 0}, {10, 20, 30, 255}},
        {{10, 20, 30, 0}, {200, 100, 0, 1}, {200, 100, 0, 1}},
        {{10, 20, 30, 255}, {200, 100, 0, 128}, {105, 60, 14, 255}},
        {{10, 20, 30, 100}, {200, 100, 1, 50}, {82, 50, 18, 130}},
        {{255, 255, 255, 254}, {255, 255, 255, 254}, {255, 255, 255, 254}},
        {{255, 0, 255, 1}, {0, 255, 0, 1}, {127, 127, 127, 1}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_volume *below = goxel_volume_create(), *above = goxel_volume_create();

        goxel_volume_set_at(below, at(1, 1, 1), cases[i].below);
        goxel_volume_set_at(above, at(1, 1, 1), cases[i].above);
        goxel_volume_set_at(above, at(2, 1, 1), red);
        CU_ASSERT_EQUAL(goxel_volume_merge(below, above, GOXEL_MODE_OVER, NULL, NULL), 0);
        CU_ASSERT(same_color(goxel_volume_get_at(below, at(1, 1, 1)), cases[i].merged));
        CU_ASSERT(same_color(goxel_volume_get_at(below, at(2, 1, 1)), red));
        goxel_volume_destroy(below);
        goxel_volume_destroy(above);
    }
}

static void fill_random(struct goxel_volume *volume, struct naive *naive, uint64_t *state)
{
    for (int i = 0; i < 12; i++) {
        struct goxel_box box = random_box(state);
        struct goxel_color color = random_color(state);

        naive_fill(naive, &box, color);
        goxel_volume_fill(volume, &box, color, NULL);
    }
    for (int i = 0; i < 5000; i++) {
        struct goxel_pos pos = random_pos(state);
        struct goxel_color color = random_color(state);

        naive_set(naive, pos, color);
        goxel_volume_set_at(volume, pos, color);
    }
}

/* Over, by its definition in rational numbers, and rounded down. */
static struct goxel_color blend(struct goxel_color below, struct goxel_color above)
{
    unsigned a = above.a * 255u, b = below.a * (255u - above.a);

    if (a + b == 0)
        return rgba(0, 0, 0, 0);
    return rgba((above.r * a + below.r * b) / (a + b), (above.g * a + below.g * b) / (a + b),
                (above.b * a + below.b * b) / (a + b), above.a + b / 255);
}

static void random_volumes_match_reference(void)
{
    static const uint64_t seeds[] = {0x5eed0201, 0x5eed0202};

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        struct goxel_volume *below = goxel_volume_create(), *above = goxel_volume_create(), *before;
        struct naive *under = calloc(1, sizeof(*under)), *over = calloc(1, sizeof(*over));
        uint64_t state = seeds[s];

        fill_random(below, under, &state);
        fill_random(above, over, &state);
        before = goxel_volume_copy(above);
        CU_ASSERT_EQUAL(goxel_volume_merge(below, above, GOXEL_MODE_OVER, NULL, NULL), 0);
        for (int i = 0; i < NAIVE_SIZE * NAIVE_SIZE * NAIVE_SIZE; i++)
            (&under->voxels[0][0][0])[i] = blend((&under->voxels[0][0][0])[i], (&over->voxels[0][0][0])[i]);
        CU_ASSERT(naive_matches(under, below, seeds[s]));
        CU_ASSERT(goxel_volume_equal(above, before));
        goxel_volume_destroy(before);
        goxel_volume_destroy(below);
        goxel_volume_destroy(above);
        free(under);
        free(over);
    }
}

static void equal_pairs_share_the_result(void)
{
    struct goxel_volume *below = goxel_volume_create(), *above = goxel_volume_create();
    struct goxel_box box = {{0, 0, 0}, {255, 255, 15}};
    struct goxel_brick_view *views = NULL;
    size_t count = 0, different = 0;

    goxel_volume_fill(below, &box, red, NULL);
    goxel_volume_fill(above, &box, rgba(0, 0, 255, 100), NULL);
    for (int i = 0; i < 16; i++) /* here and there the lower brick is the same and the upper one is not */
        goxel_volume_set_at(above, at(i * 16, i * 16, 0), rgba(0, 255, 0, 255));
    CU_ASSERT_EQUAL(goxel_volume_merge(below, above, GOXEL_MODE_OVER, NULL, NULL), 0);
    goxel_volume_views(below, &views, &count);
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;

        while (views[k].id != views[i].id)
            k++;
        different += k == i;
    }
    CU_ASSERT_EQUAL(count, 256);
    CU_ASSERT(different <= 16 + 17); /* sixteen interrupt the others at most so often, in any order */
    for (int i = 0; i < 16; i++) {
        CU_ASSERT(same_color(goxel_volume_get_at(below, at(i * 16, i * 16, 0)), rgba(0, 255, 0, 255)));
        CU_ASSERT(
            same_color(goxel_volume_get_at(below, at((i + 1) % 16 * 16, i * 16, 0)), rgba(155, 0, 100, 255)));
    }
    free(views);
    goxel_volume_destroy(below);
    goxel_volume_destroy(above);
}

static void tiles_cost_nothing(void)
{
    struct goxel_volume *below = goxel_volume_create(), *above = goxel_volume_create();
    struct goxel_box large = {{-256, -256, -256}, {255, 255, 255}}, part = {{-64, 0, 0}, {63, 127, 63}};
    size_t computed = 0;

    goxel_volume_fill(below, &large, red, NULL);
    goxel_volume_fill(above, &part, rgba(0, 0, 255, 100), NULL);
    CU_ASSERT_EQUAL(goxel_volume_merge(below, above, GOXEL_MODE_OVER, NULL, &computed), 0);
    CU_ASSERT_EQUAL(computed, 0);
    CU_ASSERT_EQUAL(goxel_volume_count(below), (int64_t)512 * 512 * 512);
    CU_ASSERT(same_color(goxel_volume_get_at(below, at(-64, 127, 63)), rgba(155, 0, 100, 255)));
    CU_ASSERT(same_color(goxel_volume_get_at(below, at(-65, 127, 63)), red));
    goxel_volume_destroy(below);
    goxel_volume_destroy(above);
}

/* The ceiling is on what one picture holds, however many volumes it is made of. */
static void a_picture_has_a_ceiling(void)
{
    struct goxel_volume *below = goxel_volume_create(), *above = goxel_volume_create(), *moved = NULL;
    struct goxel_volume *picture = goxel_volume_create();
    const struct goxel_lattice askew = {{0, 1, 2}, {1, 1, 1}, {8, 0, 0}};
    struct goxel_box box = {{0, 0, 0}, {15, 15, 15}};
    size_t computed = GOXEL_COMPUTED_BRICKS_MAX - 3;

    goxel_volume_fill(below, &box, red, NULL);
    goxel_volume_fill(above, &box, rgba(0, 0, 255, 100), NULL);
    goxel_volume_set_at(below, at(0, 0, 0), rgba(1, 2, 3, 255)); /* a tile over a tile would cost nothing */
    CU_ASSERT_EQUAL(goxel_volume_transform(below, &askew, NULL, &computed, &moved), 0);
    CU_ASSERT_EQUAL(computed, GOXEL_COMPUTED_BRICKS_MAX - 1);
    CU_ASSERT_EQUAL(goxel_volume_merge(picture, below, GOXEL_MODE_OVER, NULL, &computed), 0);
    CU_ASSERT_EQUAL(goxel_volume_merge(picture, above, GOXEL_MODE_OVER, NULL, &computed), 0);
    CU_ASSERT_EQUAL(computed, GOXEL_COMPUTED_BRICKS_MAX);
    goxel_volume_destroy(moved);
    moved = NULL;
    CU_ASSERT_EQUAL(goxel_volume_transform(below, &askew, NULL, &computed, &moved), GOXEL_ERROR_QUOTA);
    CU_ASSERT_PTR_NULL(moved);
    computed--;
    CU_ASSERT_EQUAL(goxel_volume_merge(picture, above, GOXEL_MODE_OVER, NULL, &computed),
                    0); /* in place of the last */
    CU_ASSERT_EQUAL(computed, GOXEL_COMPUTED_BRICKS_MAX - 1);
    goxel_volume_destroy(picture);
    goxel_volume_destroy(below);
    goxel_volume_destroy(above);
}

static void failed_merge_changes_nothing(void)
{
    struct goxel_volume *below = goxel_volume_create(), *above = goxel_volume_create(), *before;
    struct goxel_box left = {{0, 0, 0}, {60, 20, 20}}, right = {{30, 0, 0}, {90, 20, 20}};
    struct goxel_cancel cancel;
    int result = GOXEL_ERROR_OUT_OF_MEMORY;

    goxel_volume_fill(below, &left, red, NULL);
    goxel_volume_fill(above, &right, rgba(0, 0, 255, 100), NULL);
    before = goxel_volume_copy(below);
    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_volume_merge(below, above, GOXEL_MODE_OVER, &cancel, NULL),
                    GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT(goxel_volume_equal(below, before));
    for (int n = 0; result && n < 1000; n++) {
        unit_fail_allocation(n);
        result = goxel_volume_merge(below, above, GOXEL_MODE_OVER, NULL, NULL);
        unit_fail_allocation(-1);
        CU_ASSERT_EQUAL(goxel_volume_equal(below, before), result != 0);
    }
    CU_ASSERT_EQUAL(result, 0);
    goxel_volume_destroy(before);
    goxel_volume_destroy(below);
    goxel_volume_destroy(above);
}

/* ---- transform ---- */

static const struct goxel_lattice lattices[] = {
    {{0, 1, 2}, {1, 1, 1}, {16, -32, 48}},  /* whole bricks */
    {{0, 1, 2}, {1, 1, 1}, {5, -20, 7}},    /* a move */
    {{1, 0, 2}, {-1, 1, 1}, {0, 0, 0}},     /* a turn around z */
    {{0, 1, 2}, {-1, 1, 1}, {-1, 0, 0}},    /* a mirror */
    {{2, 0, 1}, {1, -1, -1}, {3, 100, -9}}, /* all of it */
};

static void transform_moves_every_voxel(void)
{
    for (size_t i = 0; i < sizeof(lattices) / sizeof(lattices[0]); i++) {
        struct goxel_volume *volume = goxel_volume_create(), *moved = NULL;
        uint64_t state = 0x5eed0301;
        int wrong = 0;

        for (int k = 0; k < 2000; k++)
            goxel_volume_set_at(volume, random_pos(&state), rgba(1, 2, 3, 255));
        CU_ASSERT_EQUAL(goxel_volume_transform(volume, &lattices[i], NULL, NULL, &moved), 0);
        CU_ASSERT_EQUAL(goxel_volume_count(moved), goxel_volume_count(volume));
        for (int k = 0; k < 2000; k++) {
            struct goxel_pos pos = random_pos(&state), to = {0, 0, 0};

            wrong += !goxel_lattice_apply(&lattices[i], pos, &to);
            wrong += !same_color(goxel_volume_get_at(volume, pos), goxel_volume_get_at(moved, to));
        }
        CU_ASSERT_EQUAL(wrong, 0);
        goxel_volume_destroy(moved);
        goxel_volume_destroy(volume);
    }
}

static void lattice_turns_the_right_way(void)
{
    struct goxel_pos to = {0, 0, 0};

    CU_ASSERT(goxel_lattice_apply(&lattices[4], at(1, 2, 3), &to));
    CU_ASSERT_EQUAL(to.x, 3 + 3);
    CU_ASSERT_EQUAL(to.y, -1 + 100);
    CU_ASSERT_EQUAL(to.z, -2 - 9);
}

static void transform_out_of_range_is_refused(void)
{
    static const struct goxel_lattice far[] = {
        {{0, 1, 2}, {1, 1, 1}, {GOXEL_COORD_MAX + 1, 0, 0}},
        {{0, 1, 2}, {1, 1, 1}, {0, GOXEL_COORD_MIN - 15, 0}},
        {{0, 1, 2}, {1, 1, 1}, {0, 0, INT64_MAX}},
    };
    struct goxel_volume *volume = goxel_volume_create(), *moved = NULL;

    goxel_volume_set_at(volume, at(1, 1, 1), red);
    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++)
        CU_ASSERT_EQUAL(goxel_volume_transform(volume, &far[i], NULL, NULL, &moved),
                        GOXEL_ERROR_INVALID_COORDINATES);
    CU_ASSERT_PTR_NULL(moved);
    goxel_volume_destroy(volume);
}

/* Nothing, tiles of two levels, a brick, in all pairs and modes: as each of the voxels for itself. */
static void tiles_combine_as_their_voxels_do(void)
{
    static const struct goxel_color colors[] = {{0, 0, 0, 0},      {9, 200, 30, 255}, {9, 200, 30, 255},
                                                {9, 200, 30, 255}, {50, 60, 7, 1},    {50, 60, 7, 1},
                                                {8, 9, 10, 254},   {200, 9, 30, 255}};
    static const struct goxel_box whole = {{-64, -64, -64}, {-1, -1, -1}},
                                  part = {{-32, -32, -32}, {-17, -17, -17}};
    static const struct goxel_box inside = {{-30, -30, -30}, {-20, -20, -20}};
    const struct goxel_box *boxes[] = {&whole, &whole, &part, &inside, &whole, &inside, &part, &whole};
    const struct goxel_pos looked[] = {{-64, -64, -64}, {-32, -32, -32}, {-25, -25, -25}};
    int wrong = 0;

    for (int mode = 1; mode < GOXEL_MODES_END; mode++) {
        for (int pair = 0; pair < 64; pair++) {
            struct goxel_volume *below = goxel_volume_create(), *above = goxel_volume_create(), *was;

            goxel_volume_fill(below, boxes[pair / 8], colors[pair / 8], NULL);
            goxel_volume_fill(above, boxes[pair % 8], colors[pair % 8], NULL);
            was = goxel_volume_copy(below);
            CU_ASSERT_EQUAL(goxel_volume_merge(below, above, (enum goxel_mode)mode, NULL, NULL), 0);
            for (int i = 0; i < 3; i++)
                wrong += !same_color(goxel_volume_get_at(below, looked[i]),
                                     goxel_mode_combine((enum goxel_mode)mode,
                                                        goxel_volume_get_at(was, looked[i]),
                                                        goxel_volume_get_at(above, looked[i])));
            goxel_volume_destroy(was);
            goxel_volume_destroy(below);
            goxel_volume_destroy(above);
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static const struct unit_test tests[] = {
    {"tiles combine as their voxels do", tiles_combine_as_their_voxels_do},
    {"a picture has a ceiling", a_picture_has_a_ceiling},
    {"tiles cost nothing", tiles_cost_nothing},
    {"colours blend as in Goxel", colours_blend_as_in_goxel},
    {"random volumes match the reference", random_volumes_match_reference},
    {"equal pairs of bricks share the result", equal_pairs_share_the_result},
    {"a failed merge changes nothing", failed_merge_changes_nothing},
    {"transform moves every voxel", transform_moves_every_voxel},
    {"a lattice turns the right way", lattice_turns_the_right_way},
    {"a transform out of range is refused", transform_out_of_range_is_refused},
    {NULL, NULL},
};

const struct unit_suite suite_merge = {"merge", tests};
