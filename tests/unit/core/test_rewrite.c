/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many voxels at once: what is asked for, what is shared, tallies, and all or nothing. */
#include "core/rewrite.h"

#include "base/error.h"
#include "naive.h"

static const struct goxel_color red = {255, 0, 0, 255};

/* Turns red and green around wherever there is a voxel, and fills the empty places of the box with `fresh`. */
struct turn {
    const struct goxel_box *box; /* NULL: all */
    struct goxel_color fresh;
    int wholes, bricks, cancel_at;
    struct goxel_cancel *cancel;
};

static struct goxel_color turned(const struct turn *turn, struct goxel_color color)
{
    if (!color.a)
        return turn->fresh;
    return rgba(color.g, color.r, color.b, color.a);
}

static int turn_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    struct turn *turn = ctx;
    struct goxel_box all = goxel_level_box(corner, level);

    turn->wholes++;
    if (turn->cancel && turn->wholes == turn->cancel_at)
        goxel_cancel_raise(turn->cancel, GOXEL_ERROR_SHUTTING_DOWN);
    if (goxel_link_is_node(old) || goxel_link_is_brick(old))
        return GOXEL_DESCEND;
    if (turn->box && !goxel_box_within(&all, turn->box))
        return GOXEL_DESCEND;
    *ret_link = goxel_link_of_color(turned(turn, goxel_link_color(old)));
    return GOXEL_REWRITTEN;
}

static int turn_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    struct turn *turn = ctx;
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];

    turn->bricks++;
    memmove(voxels, goxel_link_read(old, voxels), sizeof(voxels));
    for (int i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        struct goxel_pos pos = at(corner.x + (i & 15), corner.y + (i >> 4 & 15), corner.z + (i >> 8));

        if (!turn->box || goxel_box_contains(turn->box, pos))
            voxels[i] = turned(turn, voxels[i]);
    }
    return goxel_link_encode(voxels, ret_link);
}

static const struct goxel_rewrite turning = {turn_whole, turn_brick};

static void naive_turn(struct naive *naive, const struct turn *turn)
{
    for (int i = 0; i < NAIVE_SIZE * NAIVE_SIZE * NAIVE_SIZE; i++) {
        struct goxel_pos pos = at(NAIVE_MIN + i % NAIVE_SIZE, NAIVE_MIN + i / NAIVE_SIZE % NAIVE_SIZE,
                                  NAIVE_MIN + i / (NAIVE_SIZE * NAIVE_SIZE));

        if (!turn->box || goxel_box_contains(turn->box, pos))
            naive_set(naive, pos, turned(turn, *naive_at(naive, pos)));
    }
}

static void random_rewrites_match_reference(void)
{
    static const uint64_t seeds[] = {0x5eed0501, 0x5eed0502};

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        struct goxel_volume *volume = goxel_volume_create(), *copy = goxel_volume_create();
        struct naive *naive = calloc(1, sizeof(*naive));
        uint64_t state = seeds[s];

        for (int i = 0; i < 40; i++) {
            struct goxel_box box = random_box(&state);
            struct goxel_pos pos = random_pos(&state);
            struct goxel_color color = random_color(&state);
            struct turn turn = {.box = i % 4 ? &box : NULL, .fresh = i % 4 ? random_color(&state) : red};

            if (!turn.box)
                turn.fresh.a = 0;
            turn.fresh = turn.fresh.a ? turn.fresh : rgba(0, 0, 0, 0);
            naive_set(naive, pos, color);
            CU_ASSERT_EQUAL(goxel_volume_set_at(volume, pos, color), 0); /* leaves a brick open */
            if (i % 3 == 0) {
                goxel_volume_destroy(copy);
                copy = goxel_volume_copy(volume);
            }
            naive_turn(naive, &turn);
            CU_ASSERT_EQUAL(goxel_volume_rewrite(volume, turn.box, &turning, &turn, NULL), 0);
            if (i % 8 == 7)
                CU_ASSERT(naive_matches(naive, volume, seeds[s]));
            if (i % 11 == 0)
                goxel_volume_seal(volume);
        }
        free(naive);
        goxel_volume_destroy(copy);
        goxel_volume_destroy(volume);
    }
}

/* Nothing changes, brick by brick or at the top. */
static int same_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    const int *stop = ctx;

    (void)corner;
    if (level > *stop || (level == 0 && *stop < 0))
        return GOXEL_DESCEND;
    *ret_link = goxel_link_ref(old);
    return GOXEL_REWRITTEN;
}

static int same_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    (void)ctx;
    (void)corner;
    *ret_link = goxel_link_ref(old);
    return 0;
}

static void what_stays_is_shared_at_every_level(void)
{
    static const struct goxel_rewrite same = {same_whole, same_brick};
    struct goxel_volume *volume = goxel_volume_create(), *before;
    struct goxel_box box = {{0, 0, 0}, {100, 100, 100}};

    goxel_volume_fill(volume, &box, red, NULL);
    for (int i = 0; i < 10; i++)
        goxel_volume_set_at(volume, at(i * 1000, -i * 500, i), red);
    goxel_volume_seal(volume);
    before = goxel_volume_copy(volume);
    for (int stop = -1; stop <= GOXEL_LEVEL_MAX; stop++) {
        CU_ASSERT_EQUAL(goxel_volume_rewrite(volume, NULL, &same, &stop, NULL), 0);
        CU_ASSERT_EQUAL(memcmp(volume, before, sizeof(*volume)), 0);
    }
    goxel_volume_destroy(before);
    goxel_volume_destroy(volume);
}

static void only_what_the_box_touches_is_asked_for(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *before;
    struct goxel_box far = {{4992, 4992, 5000}, {5007, 5007, 5000}}, near = {{-3, 0, 0}, {3, 0, 0}};
    struct turn turn = {.box = &far, .fresh = red};

    for (int i = 0; i < 1000; i++)
        goxel_volume_set_at(volume, at(i % 10 * 16, i / 10 % 10 * 16, i / 100 * 16), red);
    goxel_volume_seal(volume);
    before = goxel_volume_copy(volume);
    CU_ASSERT_EQUAL(goxel_volume_rewrite(volume, &far, &turning, &turn, NULL),
                    0); /* where the tree was not */
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 1000 + 256);
    CU_ASSERT_EQUAL(turn.bricks, 1);
    CU_ASSERT(turn.wholes < 10);
    CU_ASSERT_EQUAL(goxel_tree_find(volume, at(0, 16, 32)), goxel_tree_find(before, at(0, 16, 32)));
    turn = (struct turn){.box = &near};
    CU_ASSERT_EQUAL(goxel_volume_rewrite(volume, &near, &turning, &turn, NULL), 0);
    CU_ASSERT_EQUAL(turn.bricks, 2); /* one of them nothing */
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(0, 0, 0)), rgba(0, 255, 0, 255)));
    CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 1001);
    goxel_volume_destroy(before);
    goxel_volume_destroy(volume);
}

static void the_ceiling_and_the_box_are_checked(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_box all = {{GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
                            {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX}};
    struct goxel_box wrong = {{1, 0, 0}, {0, 0, 0}},
                     corner = {all.min, {all.min.x, all.min.y, all.min.z + 5}};
    struct turn turn = {.box = &all, .fresh = red};

    goxel_volume_set_at(volume, at(5, 5, 5), red);
    CU_ASSERT_EQUAL(goxel_volume_rewrite(volume, &all, &turning, &turn, NULL), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 1);
    CU_ASSERT_EQUAL(goxel_volume_rewrite(volume, &wrong, &turning, &turn, NULL),
                    GOXEL_ERROR_INVALID_COORDINATES);
    turn.box = &corner;
    CU_ASSERT_EQUAL(goxel_volume_rewrite(volume, &corner, &turning, &turn, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 7);
    CU_ASSERT(same_color(goxel_volume_get_at(volume, corner.max), red));
    goxel_volume_destroy(volume);
}

/* Shared bricks, open ones, tiles and empty space, all of which the box cuts. */
static struct goxel_volume *mixed_volume(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_box half = {{-25, -25, -25}, {25, 25, 1}};

    goxel_volume_fill(volume, &half, rgba(1, 2, 3, 4), NULL);
    goxel_volume_set_at(volume, at(3, 3, 3), red);
    return volume;
}

static void cancelled_anywhere_changes_nothing(void)
{
    struct goxel_box box = {{-20, -20, -20}, {20, 20, 20}};
    int result = GOXEL_ERROR_SHUTTING_DOWN;

    for (int n = 1; result && n < 1000; n++) {
        struct goxel_volume *volume = mixed_volume(), *before = goxel_volume_copy(volume);
        struct goxel_cancel cancel;
        struct turn turn = {.box = &box, .fresh = red, .cancel_at = n, .cancel = &cancel};

        goxel_cancel_init(&cancel, 0);
        result = goxel_volume_rewrite(volume, &box, &turning, &turn, &cancel);
        CU_ASSERT(result == 0 || result == GOXEL_ERROR_SHUTTING_DOWN);
        CU_ASSERT_EQUAL(goxel_volume_equal(volume, before), result != 0);
        goxel_volume_destroy(volume);
        goxel_volume_destroy(before);
    }
    CU_ASSERT_EQUAL(result, 0);
}

static void failed_allocation_changes_nothing(void)
{
    struct goxel_box box = {{-20, -20, -20}, {20, 20, 70}}; /* the tree has to grow, too */
    int result = GOXEL_ERROR_OUT_OF_MEMORY, n = 0;

    for (; result && n < 1000; n++) {
        struct goxel_volume *volume = mixed_volume(), *before = goxel_volume_copy(volume);
        struct turn turn = {.box = &box, .fresh = red};

        unit_fail_allocation(n);
        result = goxel_volume_rewrite(volume, &box, &turning, &turn, NULL);
        unit_fail_allocation(-1);
        CU_ASSERT(result == 0 || result == GOXEL_ERROR_OUT_OF_MEMORY);
        CU_ASSERT_EQUAL(goxel_volume_equal(volume, before), result != 0);
        goxel_volume_destroy(volume);
        goxel_volume_destroy(before);
    }
    CU_ASSERT_EQUAL(result, 0);
    CU_ASSERT(n > 10);
}

static const struct unit_test tests[] = {
    {"random rewrites match the reference", random_rewrites_match_reference},
    {"what stays is shared at every level", what_stays_is_shared_at_every_level},
    {"only what the box touches is asked for", only_what_the_box_touches_is_asked_for},
    {"the ceiling and the box are checked", the_ceiling_and_the_box_are_checked},
    {"cancelled anywhere, nothing changes", cancelled_anywhere_changes_nothing},
    {"a failed allocation changes nothing", failed_allocation_changes_nothing},
    {NULL, NULL},
};

const struct unit_suite suite_rewrite = {"rewrite", tests};
