/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What differs between two volumes, against arrays, and that nothing else is looked at. */
#include "base/error.h"
#include "core/diff_links.h"
#include "twins.h"

static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 255}, none = {0, 0, 0, 0};

/* ---- against arrays ---- */

struct follow {
    struct naive *naive; /* is `before`, and becomes `after` */
    int64_t added, removed, recoloured;
    struct goxel_box box;
    int wrong;
};

static int follow_change(void *ctx, struct goxel_pos pos, struct goxel_color before, struct goxel_color after)
{
    struct follow *follow = ctx;
    struct goxel_color *voxel = naive_at(follow->naive, pos);

    follow->wrong += !same_color(*voxel, before) || same_color(before, after); /* a second visit is wrong */
    *voxel = after;
    follow->added += !before.a;
    follow->removed += !after.a;
    follow->recoloured += before.a && after.a;
    goxel_box_widen(&follow->box, &(struct goxel_box){pos, pos});
    return 0;
}

static void every_change_is_visited_once(void)
{
    const uint64_t seed = 0x5eed0a01;
    uint64_t state = seed;

    for (int i = 0; i < 60; i++) {
        struct twins twins = twins_make(&state);
        struct follow follow = {.naive = twins.old, .box = goxel_box_nowhere};
        struct goxel_changes changes = {.added = -1};

        CU_ASSERT_EQUAL(goxel_volume_diff_voxels(twins.before, twins.after, NULL, follow_change, &follow), 0);
        CU_ASSERT_EQUAL(follow.wrong, 0);
        CU_ASSERT(naive_matches(twins.old, twins.after, seed));
        CU_ASSERT_EQUAL(goxel_volume_changes(twins.before, twins.after, NULL, &changes), 0);
        CU_ASSERT_EQUAL(changes.added, follow.added);
        CU_ASSERT_EQUAL(changes.removed, follow.removed);
        CU_ASSERT_EQUAL(changes.recoloured, follow.recoloured);
        CU_ASSERT(memcmp(&changes.box, &follow.box, sizeof(follow.box)) == 0);
        twins_end(&twins);
    }
}

/* ---- what is looked at ---- */

static int count_pair(void *ctx, goxel_link before, goxel_link after, struct goxel_pos corner, int level)
{
    int *pairs = ctx;

    CU_ASSERT_NOT_EQUAL(before, after);
    CU_ASSERT(!goxel_link_is_node(before) && !goxel_link_is_node(after));
    CU_ASSERT(goxel_pos_aligned(corner) && level <= GOXEL_LEVEL_MAX);
    pairs[level]++;
    return 0;
}

static int pairs_in_all(const struct goxel_volume *before, const struct goxel_volume *after,
                        int pairs[GOXEL_LEVEL_MAX + 1])
{
    int all = 0;

    memset(pairs, 0, sizeof(int) * (GOXEL_LEVEL_MAX + 1));
    CU_ASSERT_EQUAL(goxel_volume_diff(before, after, NULL, count_pair, pairs), 0);
    for (int i = 0; i <= GOXEL_LEVEL_MAX; i++)
        all += pairs[i];
    return all;
}

static void what_is_shared_is_skipped(void)
{
    struct goxel_volume *before = goxel_volume_create(), *after;
    int pairs[GOXEL_LEVEL_MAX + 1];
    uint64_t state = 0x5eed0a02;

    for (int i = 0; i < 20000; i++)
        goxel_volume_set_at(before, random_pos(&state), random_color(&state));
    goxel_volume_seal(before);
    after = goxel_volume_copy(before);
    CU_ASSERT_EQUAL(pairs_in_all(before, after, pairs), 0);
    goxel_volume_set_at(after, at(1, 2, 3), rgba(9, 9, 9, 9));
    goxel_volume_set_at(after, at(-1, 2, 3), rgba(9, 9, 9, 9));
    CU_ASSERT_EQUAL(pairs_in_all(before, after, pairs), 2);
    CU_ASSERT_EQUAL(pairs[0], 2);
    goxel_volume_destroy(after);
    goxel_volume_destroy(before);
}

static void tiles_are_compared_at_their_level(void)
{
    struct goxel_volume *before = goxel_volume_create(), *after = goxel_volume_create();
    struct goxel_changes changes;
    int pairs[GOXEL_LEVEL_MAX + 1];

    goxel_volume_fill(before, &twins_tiles, red, NULL);
    CU_ASSERT_EQUAL(pairs_in_all(before, after, pairs), 12); /* 256³ each, against nothing */
    CU_ASSERT_EQUAL(pairs[2], 12);
    CU_ASSERT_EQUAL(goxel_volume_changes(before, after, NULL, &changes), 0);
    CU_ASSERT_EQUAL(changes.removed, 12LL << 24);
    CU_ASSERT(memcmp(&changes.box, &twins_tiles, sizeof(twins_tiles)) == 0);

    /* One voxel less than a tile is a difference of one brick. */
    goxel_volume_fill(after, &twins_tiles, red, NULL);
    goxel_volume_set_at(after, at(-1, -200, 17), none);
    goxel_volume_seal(after);
    CU_ASSERT_EQUAL(pairs_in_all(before, after, pairs), 1);
    CU_ASSERT_EQUAL(pairs[0], 1);
    CU_ASSERT_EQUAL(goxel_volume_changes(before, after, NULL, &changes), 0);
    CU_ASSERT_EQUAL(changes.removed, 1);
    CU_ASSERT_EQUAL(changes.added + changes.recoloured, 0);
    CU_ASSERT(changes.box.min.x == -1 && changes.box.min.y == -200 && changes.box.max.z == 17);
    goxel_volume_destroy(after);
    goxel_volume_destroy(before);
}

static void volumes_of_different_height_are_compared(void)
{
    static const struct goxel_pos far[] = {
        {GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN}, {GOXEL_COORD_MAX, -5, 70000}, {-3000, 1, -1}};

    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        struct goxel_volume *low = goxel_volume_create(), *high;
        int pairs[GOXEL_LEVEL_MAX + 1];
        struct goxel_changes changes;

        goxel_volume_set_at(low, at(-1, -1, -1), red);
        goxel_volume_set_at(low, at(3, -1, 3), red);
        high = goxel_volume_copy(low);
        goxel_volume_set_at(high, far[i], blue);
        goxel_volume_set_at(high, at(-1, -1, -1), blue);
        CU_ASSERT_EQUAL(low->level, 0);
        CU_ASSERT(high->level > 2);
        CU_ASSERT_EQUAL(pairs_in_all(low, high, pairs), 2);
        CU_ASSERT_EQUAL(pairs_in_all(high, low, pairs), 2);
        CU_ASSERT_EQUAL(goxel_volume_changes(low, high, NULL, &changes), 0);
        CU_ASSERT(changes.added == 1 && changes.removed == 0 && changes.recoloured == 1);
        CU_ASSERT_EQUAL(goxel_volume_changes(high, low, NULL, &changes), 0);
        CU_ASSERT(changes.added == 0 && changes.removed == 1 && changes.recoloured == 1);
        goxel_volume_destroy(high);
        goxel_volume_destroy(low);
    }
}

static void equal_voxels_are_no_change(void)
{
    static struct goxel_color voxels[GOXEL_BRICK_VOXELS] = {{1, 2, 3, 4}};
    struct goxel_volume *a = goxel_volume_create(), *b = goxel_volume_create();
    struct follow follow = {.wrong = 0};
    struct goxel_changes changes;

    goxel_volume_set_brick(a, at(-16, 0, 0), voxels);
    goxel_volume_set_at(b, at(-16, 0, 0), rgba(1, 2, 3, 4)); /* open, and another brick */
    goxel_volume_set_at(b, at(5000, 0, 0), red);
    goxel_volume_set_at(b, at(5000, 0, 0), none); /* a high tree with nothing in it */
    CU_ASSERT_EQUAL(goxel_volume_diff_voxels(a, b, NULL, follow_change, &follow), 0);
    CU_ASSERT_EQUAL(follow.added + follow.removed + follow.recoloured, 0);
    CU_ASSERT_EQUAL(goxel_volume_changes(a, b, NULL, &changes), 0);
    CU_ASSERT_EQUAL(changes.added + changes.removed + changes.recoloured, 0);
    goxel_volume_destroy(a);
    goxel_volume_destroy(b);
}

/* ---- ends ---- */

static int stop_at_third(void *ctx, struct goxel_pos pos, struct goxel_color before, struct goxel_color after)
{
    int *visits = ctx;

    (void)pos;
    (void)before;
    (void)after;
    return ++*visits == 3 ? 77 : 0;
}

static void a_walk_ends_when_it_is_told_to(void)
{
    struct goxel_volume *before = goxel_volume_create(), *after = goxel_volume_create();
    struct goxel_changes changes = {.added = -7};
    struct goxel_cancel cancel;
    int visits = 0;

    goxel_volume_fill(after, &twins_tiles, red, NULL);
    CU_ASSERT_EQUAL(goxel_volume_diff_voxels(before, after, NULL, stop_at_third, &visits), 77);
    CU_ASSERT_EQUAL(visits, 3);
    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_volume_diff_voxels(before, after, &cancel, stop_at_third, &visits),
                    GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(visits, 3);
    CU_ASSERT_EQUAL(goxel_volume_changes(before, after, &cancel, &changes), GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(changes.added, -7);
    goxel_volume_destroy(after);
    goxel_volume_destroy(before);
}

static const struct unit_test tests[] = {
    {"every change is visited once", every_change_is_visited_once},
    {"what is shared is skipped", what_is_shared_is_skipped},
    {"tiles are compared at their level", tiles_are_compared_at_their_level},
    {"volumes of different height are compared", volumes_of_different_height_are_compared},
    {"equal voxels are no change", equal_voxels_are_no_change},
    {"a walk ends when it is told to", a_walk_ends_when_it_is_told_to},
    {NULL, NULL},
};

const struct unit_suite suite_diff = {"diff", tests};
