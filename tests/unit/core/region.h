/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tests of operations on regions share: a random volume with the plain array that says the same,
 * and an operation that is tried with every allocation failing in turn.
 */
#ifndef GOXEL_TESTS_CORE_REGION_H
#define GOXEL_TESTS_CORE_REGION_H

#include "base/error.h"
#include "naive.h"

#define NAIVE_END (NAIVE_MIN + NAIVE_SIZE) /* one past the last coordinate */

struct twin {
    struct goxel_volume *volume;
    struct naive *naive;
    uint64_t seed, state;
};

/* Few colours, near each other in pairs, some translucent, often none. */
static inline struct goxel_color few_colors(uint64_t *state)
{
    static const struct goxel_color colors[] = {
        {255, 0, 0, 255}, {250, 3, 0, 255}, {0, 200, 0, 255}, {0, 200, 0, 120},
        {1, 2, 3, 9},     {0, 0, 0, 0},     {0, 0, 0, 0},     {0, 0, 0, 0},
    };

    return colors[random_below(state, 8)];
}

static inline void twin_set(struct twin *twin, struct goxel_pos pos, struct goxel_color color)
{
    naive_set(twin->naive, pos, color);
    CU_ASSERT_EQUAL_FATAL(goxel_volume_set_at(twin->volume, pos, color), 0);
}

static inline void twin_fill(struct twin *twin, const struct goxel_box *box, struct goxel_color color)
{
    naive_fill(twin->naive, box, color);
    CU_ASSERT_EQUAL_FATAL(goxel_volume_fill(twin->volume, box, color, NULL), 0);
}

/* Boxes of few colours, then single voxels; every second one is sealed. */
static inline struct twin twin_random(uint64_t seed, int boxes, int voxels)
{
    struct twin twin = {goxel_volume_create(), calloc(1, sizeof(struct naive)), seed, seed};

    for (int i = 0; i < boxes; i++) {
        struct goxel_box box = random_box(&twin.state);

        twin_fill(&twin, &box, few_colors(&twin.state));
    }
    for (int i = 0; i < voxels; i++) {
        struct goxel_pos pos = random_pos(&twin.state);

        twin_set(&twin, pos, few_colors(&twin.state));
    }
    if (seed & 1)
        goxel_volume_seal(twin.volume);
    return twin;
}

static inline void twin_end(struct twin *twin)
{
    goxel_volume_destroy(twin->volume);
    free(twin->naive);
}

static inline bool naive_inside(struct goxel_pos pos)
{
    return pos.x >= NAIVE_MIN && pos.x < NAIVE_END && pos.y >= NAIVE_MIN && pos.y < NAIVE_END &&
           pos.z >= NAIVE_MIN && pos.z < NAIVE_END;
}

/* Empty outside of the array. */
static inline struct goxel_color naive_get(struct naive *naive, struct goxel_pos pos)
{
    return naive_inside(pos) ? *naive_at(naive, pos) : rgba(0, 0, 0, 0);
}

/* for (FOR_BOX(pos, &box)) … in (z, y, x) order */
#define FOR_BOX(pos, box) \
    struct goxel_pos pos = (box)->min; \
    pos.z <= (box)->max.z; \
    pos.x < (box)->max.x \
        ? (void)pos.x++ \
        : (void)(pos.x = (box)->min.x, pos.y < (box)->max.y ? pos.y++ : (pos.y = (box)->min.y, pos.z++))

static const struct goxel_box naive_box = {{NAIVE_MIN, NAIVE_MIN, NAIVE_MIN},
                                           {NAIVE_END - 1, NAIVE_END - 1, NAIVE_END - 1}};

/* A mask of the array's positions that are picked, and the same in a volume. */
static inline struct twin twin_mask(uint64_t seed)
{
    struct twin twin = {goxel_volume_create(), calloc(1, sizeof(struct naive)), seed, seed ^ 0x3a5c};

    for (int i = 0; i < 4; i++) {
        struct goxel_box box = random_box(&twin.state);

        twin_fill(&twin, &box, rgba(255, 255, 255, i == 3 ? 0 : 255));
    }
    for (int i = 0; i < 300; i++)
        twin_set(&twin, random_pos(&twin.state), rgba(255, 255, 255, i & 1 ? 255 : 0));
    return twin;
}

/*
 * Runs an edit with each allocation failing in turn, until none does: as long as it fails, it says so and
 * the volume is as it was. Then once with a raised cancel on a fresh copy.
 */
typedef int region_edit(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx);
static inline void region_fails_whole(const struct goxel_volume *volume, region_edit *edit, void *ctx)
{
    struct goxel_volume *copy = goxel_volume_copy(volume);
    struct goxel_cancel cancel;
    int result = GOXEL_ERROR_OUT_OF_MEMORY;
    bool whole = true;

    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(edit(copy, &cancel, ctx), GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT(goxel_volume_equal(copy, volume));
    for (int n = 0; result && n < 5000; n++) {
        unit_fail_allocation(n);
        result = edit(copy, NULL, ctx);
        unit_fail_allocation(-1);
        whole = whole &&
                (!result || (result == GOXEL_ERROR_OUT_OF_MEMORY && goxel_volume_equal(copy, volume)));
    }
    CU_ASSERT(whole);
    CU_ASSERT_EQUAL(result, 0);
    goxel_volume_destroy(copy);
}

#endif
