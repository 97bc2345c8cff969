/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is kept at hand is never old: runs of accesses against a plain array, and what an accessor refuses. */
#include "core/accessor.h"

#include "base/error.h"
#include "naive.h"

static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 255}, none = {0, 0, 0, 0};

static struct goxel_pos near(uint64_t *state, struct goxel_pos pos)
{
    int *axes[] = {&pos.x, &pos.y, &pos.z};

    for (int i = 0; i < 3; i++) {
        *axes[i] += random_below(state, 3) - 1;
        if (*axes[i] < NAIVE_MIN || *axes[i] >= NAIVE_MIN + NAIVE_SIZE)
            *axes[i] = 0;
    }
    return pos;
}

static void random_walks_match_reference(void)
{
    static const uint64_t seeds[] = {0x5eed0401, 0x5eed0402, 0x5eed0403};

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        struct goxel_volume *volume = goxel_volume_create();
        struct naive *naive = calloc(1, sizeof(*naive));
        struct goxel_accessor accessor = goxel_accessor_make(volume);
        struct goxel_pos pos = {0, 0, 0};
        uint64_t state = seeds[s];
        int wrong = 0;

        for (int i = 0; i < 100000; i++) {
            struct goxel_color color = random_color(&state);

            pos = i % 100 == 0 ? random_pos(&state) : near(&state, pos);
            if (i % 1000 == 999) {
                goxel_volume_seal(volume);
                goxel_accessor_forget(&accessor);
            }
            wrong += !same_color(goxel_accessor_get(&accessor, pos), *naive_at(naive, pos));
            naive_set(naive, pos, color);
            wrong += goxel_accessor_set(&accessor, pos, color) != 0;
            wrong += !same_color(goxel_accessor_get(&accessor, pos), *naive_at(naive, pos));
        }
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT(naive_matches(naive, volume, seeds[s]));
        free(naive);
        goxel_volume_destroy(volume);
    }
}

static void reader_sees_every_state(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_box tile = {{-64, -64, -64}, {-1, -1, -1}};
    struct goxel_reader reader;
    uint64_t state = 0x5eed0410;
    int wrong = 0;

    goxel_volume_fill(volume, &tile, red, NULL);
    for (int i = 0; i < 3000; i++)
        goxel_volume_set_at(volume, random_pos(&state), i % 3 ? random_color(&state) : blue);
    for (int sealed = 0; sealed < 2; sealed++) {
        reader = goxel_reader_make(volume);
        for (int i = 0; i < 100000; i++) {
            struct goxel_pos pos = random_pos(&state);

            wrong += !same_color(goxel_reader_get(&reader, pos), goxel_volume_get_at(volume, pos));
        }
        goxel_volume_seal(volume);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    goxel_volume_destroy(volume);
}

static void last_voxel_takes_its_brick_along(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_accessor accessor = goxel_accessor_make(volume);

    CU_ASSERT_EQUAL(goxel_accessor_set(&accessor, at(-5, 0, 0), red), 0);
    CU_ASSERT_EQUAL(goxel_accessor_set(&accessor, at(-6, 0, 0), red), 0);
    CU_ASSERT_EQUAL(goxel_accessor_set(&accessor, at(-5, 0, 0), none), 0);
    CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 1);
    CU_ASSERT_EQUAL(goxel_accessor_set(&accessor, at(-6, 0, 0), rgba(7, 7, 7, 0)), 0);
    CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 0);
    CU_ASSERT_EQUAL(goxel_accessor_set(&accessor, at(-6, 0, 0), blue), 0);
    CU_ASSERT(same_color(goxel_accessor_get(&accessor, at(-6, 0, 0)), blue));
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 1);
    goxel_volume_destroy(volume);
}

static void range_holds_here_too(void)
{
    static const int beyond[] = {GOXEL_COORD_MIN - 1, GOXEL_COORD_MAX + 1, INT32_MIN, INT32_MAX};
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_accessor accessor = goxel_accessor_make(volume);

    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(goxel_accessor_set(&accessor, at(0, beyond[i], 0), red),
                        GOXEL_ERROR_INVALID_COORDINATES);
        CU_ASSERT(same_color(goxel_accessor_get(&accessor, at(0, beyond[i], 0)), none));
        CU_ASSERT_EQUAL(goxel_accessor_set(&accessor, at(0, beyond[i], 0), red),
                        GOXEL_ERROR_INVALID_COORDINATES);
    }
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 0);
    goxel_volume_destroy(volume);
}

/* A copy that was there before the accessor is not written, whatever the accessor has at hand. */
static void older_copies_stay(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *copy;
    struct goxel_accessor accessor = goxel_accessor_make(volume);

    goxel_accessor_set(&accessor, at(1, 1, 1), red);
    copy = goxel_volume_copy(volume);
    goxel_accessor_forget(&accessor);
    goxel_accessor_get(&accessor, at(1, 1, 1));
    goxel_accessor_set(&accessor, at(1, 1, 1), blue);
    CU_ASSERT(same_color(goxel_volume_get_at(copy, at(1, 1, 1)), red));
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(1, 1, 1)), blue));
    goxel_volume_destroy(copy);
    goxel_volume_destroy(volume);
}

static const struct unit_test tests[] = {
    {"random walks match the reference", random_walks_match_reference},
    {"a reader sees every state", reader_sees_every_state},
    {"the last voxel takes its brick along", last_voxel_takes_its_brick_along},
    {"the range holds here too", range_holds_here_too},
    {"older copies stay", older_copies_stay},
    {NULL, NULL},
};

const struct unit_suite suite_accessor = {"accessor", tests};
