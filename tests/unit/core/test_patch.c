/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patches lead from either of two states to the other, in few bytes, and give back what they keep. */
#include "core/patch.h"

#include "base/error.h"
#include "twins.h"

static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 255};

#define NUMBER 7

static int find_only(void *ctx, uint32_t number, struct goxel_volume **ret_volume)
{
    *ret_volume = number == NUMBER ? ctx : NULL;
    return 0;
}

static struct goxel_buf patches_between(const struct goxel_volume *before, const struct goxel_volume *after)
{
    struct goxel_buf patches;

    goxel_buf_init(&patches, UINT32_MAX);
    CU_ASSERT_EQUAL(goxel_patches_add(&patches, NUMBER, before, after), 0);
    return patches;
}

static void patches_end(struct goxel_buf *patches)
{
    goxel_patches_release(patches->data, patches->len);
    goxel_buf_finish(patches);
}

static int apply(const struct goxel_buf *patches, bool forwards, struct goxel_volume *volume)
{
    return goxel_patches_apply(patches->data, patches->len, forwards, find_only, volume);
}

/* A copy of `from` with the patches applied is what `to` is, sealed and tallied right. */
static bool leads_to(const struct goxel_buf *patches, bool forwards, const struct goxel_volume *from,
                     const struct goxel_volume *to)
{
    struct goxel_volume *volume = goxel_volume_copy(from);
    int64_t bricks;
    bool same;

    goxel_volume_seal(volume);
    CU_ASSERT_EQUAL(apply(patches, forwards, volume), 0);
    bricks = goxel_volume_bricks(volume);
    same = goxel_volume_equal(volume, to) && bricks == goxel_volume_bricks(to);
    CU_ASSERT_EQUAL(volume->opened, 0);
    goxel_volume_seal(volume);
    same = same && goxel_volume_equal(volume, to);
    goxel_volume_destroy(volume);
    return same;
}

static void patches_lead_both_ways(void)
{
    const uint64_t seed = 0x5eed0b01;
    uint64_t state = seed;

    for (int i = 0; i < 40; i++) {
        struct twins twins = twins_make(&state);
        struct goxel_buf patches = patches_between(twins.before, twins.after);
        struct goxel_volume *volume = goxel_volume_copy(twins.before);

        goxel_volume_seal(twins.after);
        CU_ASSERT(leads_to(&patches, true, twins.before, twins.after));
        CU_ASSERT(leads_to(&patches, false, twins.after, twins.before));
        CU_ASSERT_EQUAL(apply(&patches, true, volume), 0);
        CU_ASSERT(naive_matches(twins.new, volume, seed));
        CU_ASSERT_EQUAL(apply(&patches, false, volume), 0);
        CU_ASSERT(naive_matches(twins.old, volume, seed));
        goxel_volume_destroy(volume);
        patches_end(&patches);
        CU_ASSERT(naive_matches(twins.old, twins.before, seed));
        CU_ASSERT(naive_matches(twins.new, twins.after, seed));
        twins_end(&twins);
    }
}

/* What is kept is the brick itself, which nobody may write meanwhile. */
static void what_patches_keep_outlives_the_volumes(void)
{
    struct goxel_volume *before = goxel_volume_create(), *after, *volume;
    uint64_t state = 0x5eed0b02, digest;
    struct goxel_buf patches;

    for (int i = 0; i < 20000; i++)
        goxel_volume_set_at(before, random_pos(&state), random_color(&state));
    goxel_volume_seal(before);
    after = goxel_volume_create();
    digest = volume_digest(before);
    patches = patches_between(before, after);
    goxel_volume_destroy(before);
    CU_ASSERT_EQUAL(apply(&patches, false, after), 0);
    CU_ASSERT_EQUAL(volume_digest(after), digest);
    for (int i = 0; i < 2000; i++)
        goxel_volume_set_at(after, random_pos(&state), red);
    volume = goxel_volume_create();
    CU_ASSERT_EQUAL(apply(&patches, false, volume), 0);
    patches_end(&patches);
    CU_ASSERT_EQUAL(volume_digest(volume), digest);
    goxel_volume_destroy(volume);
    goxel_volume_destroy(after);
}

/* ---- sizes ---- */

static void a_few_voxels_are_named(void)
{
    static const struct {
        int voxels;
        size_t bytes;
        int64_t retained;
    } rows[] = {
        {0, 0, 0},
        {1, 16 + 10, 0},
        {2, 16 + 20, 0},
        {GOXEL_PATCH_SPARSE_MAX, 16 + 10 * GOXEL_PATCH_SPARSE_MAX, 0},
        {GOXEL_PATCH_SPARSE_MAX + 1, 16 + 16, 16 + 64 + 2048}, /* 4-bit indices */
        {GOXEL_BRICK_VOXELS, 16 + 16, 16 + 64 + 2048},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_volume *before = goxel_volume_create(), *after;
        struct goxel_buf patches;

        goxel_volume_set_at(before, at(-16, -16, -16), red);
        goxel_volume_seal(before);
        after = goxel_volume_copy(before);
        for (int n = 0; n < rows[i].voxels; n++)
            goxel_volume_set_at(after, at(-16 + (n & 15), -16 + (n >> 4 & 15), -16 + (n >> 8)), blue);
        goxel_volume_seal(after);
        patches = patches_between(before, after);
        CU_ASSERT_EQUAL(patches.len, rows[i].bytes);
        CU_ASSERT_EQUAL(goxel_patches_retained(patches.data, patches.len), rows[i].retained);
        CU_ASSERT(leads_to(&patches, true, before, after));
        CU_ASSERT(leads_to(&patches, false, after, before));
        patches_end(&patches);
        goxel_volume_destroy(after);
        goxel_volume_destroy(before);
    }
}

static void equal_voxels_make_no_patch(void)
{
    static struct goxel_color voxels[GOXEL_BRICK_VOXELS] = {{1, 2, 3, 4}};
    struct goxel_volume *a = goxel_volume_create(), *b = goxel_volume_create();
    struct goxel_buf patches;

    goxel_volume_set_brick(a, at(0, 0, -16), voxels);
    goxel_volume_set_brick(b, at(0, 0, -16), voxels);
    patches = patches_between(a, b);
    CU_ASSERT_EQUAL(patches.len, 0);
    patches_end(&patches);
    goxel_volume_destroy(a);
    goxel_volume_destroy(b);
}

static void large_tiles_are_a_word_each(void)
{
    struct goxel_volume *before = goxel_volume_create(), *after = goxel_volume_create();
    struct goxel_buf patches;

    goxel_volume_fill(before, &twins_tiles, red, NULL);
    goxel_volume_set_at(after, at(0, 0, 0), blue); /* a low tree */
    goxel_volume_seal(after);
    patches = patches_between(before, after);
    CU_ASSERT(patches.len < 200 * 32); /* 11 tiles of 256³ whole, 3 levels of 63 to the voxel */
    CU_ASSERT(leads_to(&patches, true, before, after));
    CU_ASSERT(leads_to(&patches, false, after, before));
    patches_end(&patches);
    goxel_volume_destroy(after);
    goxel_volume_destroy(before);
}

static void levels_grow_and_shrink(void)
{
    struct goxel_volume *low = goxel_volume_create(), *high;
    struct goxel_buf patches;

    goxel_volume_set_at(low, at(-1, -1, -1), red);
    high = goxel_volume_copy(low);
    goxel_volume_set_at(high, at(GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN), blue);
    goxel_volume_set_at(high, at(GOXEL_COORD_MAX, GOXEL_COORD_MIN, GOXEL_COORD_MAX), blue);
    goxel_volume_seal(high);
    patches = patches_between(low, high);
    CU_ASSERT_EQUAL(patches.len, 2 * (16 + 10));
    CU_ASSERT(leads_to(&patches, true, low, high));
    CU_ASSERT(leads_to(&patches, false, high, low));
    patches_end(&patches);
    goxel_volume_destroy(high);
    goxel_volume_destroy(low);
}

/* ---- other volumes, ceilings, memory ---- */

static void only_volumes_that_are_found_change(void)
{
    struct goxel_volume *empty = goxel_volume_create(), *full = goxel_volume_create();
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_buf patches;

    goxel_volume_set_at(full, at(1, 1, 1), red);
    goxel_buf_init(&patches, UINT32_MAX);
    CU_ASSERT_EQUAL(goxel_patches_add(&patches, 3, full, empty), 0);
    CU_ASSERT_EQUAL(goxel_patches_add(&patches, NUMBER, empty, full), 0);
    CU_ASSERT_EQUAL(goxel_patches_add(&patches, UINT32_MAX, full, empty), 0);
    CU_ASSERT_EQUAL(apply(&patches, true, volume), 0);
    CU_ASSERT(goxel_volume_equal(volume, full));
    patches_end(&patches);
    goxel_volume_destroy(volume);
    goxel_volume_destroy(full);
    goxel_volume_destroy(empty);
}

static void the_ceiling_is_told(void)
{
    struct goxel_volume *empty = goxel_volume_create(), *tiles = goxel_volume_create();
    struct goxel_buf patches;

    goxel_volume_fill(tiles, &twins_tiles, red, NULL);
    goxel_buf_init(&patches, 100);
    CU_ASSERT_EQUAL(goxel_patches_add(&patches, NUMBER, empty, tiles), GOXEL_ERROR_QUOTA);
    CU_ASSERT(patches.len <= 100);
    patches_end(&patches);
    goxel_volume_destroy(tiles);
    goxel_volume_destroy(empty);
}

static void failed_allocations_leak_nothing(void)
{
    uint64_t state = 0x5eed0b03;
    struct twins twins = twins_make(&state);
    struct goxel_buf patches;
    int code = GOXEL_ERROR_OUT_OF_MEMORY, failures = 0;

    for (int n = 0; code; n++) { /* leaks are the sanitizer's to find */
        goxel_buf_init(&patches, UINT32_MAX);
        unit_fail_allocation(n);
        code = goxel_patches_add(&patches, NUMBER, twins.before, twins.after);
        unit_fail_allocation(-1);
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        failures += code != 0;
        patches_end(&patches);
    }
    CU_ASSERT(failures > 0);
    patches = patches_between(twins.before, twins.after);
    code = GOXEL_ERROR_OUT_OF_MEMORY;
    failures = 0;
    for (int n = 0; code; n++) {
        struct goxel_volume *volume = goxel_volume_copy(twins.before);

        unit_fail_allocation(n);
        code = apply(&patches, true, volume);
        unit_fail_allocation(-1);
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        if (!code)
            CU_ASSERT(goxel_volume_equal(volume, twins.after));
        failures += code != 0;
        goxel_volume_destroy(volume);
    }
    CU_ASSERT(failures > 10);
    CU_ASSERT(naive_matches(twins.old, twins.before, 0));
    patches_end(&patches);
    twins_end(&twins);
}

static const struct unit_test tests[] = {
    {"patches lead both ways", patches_lead_both_ways},
    {"what patches keep outlives the volumes", what_patches_keep_outlives_the_volumes},
    {"a few voxels are named, more are kept", a_few_voxels_are_named},
    {"equal voxels make no patch", equal_voxels_make_no_patch},
    {"large tiles are a word each", large_tiles_are_a_word_each},
    {"levels grow and shrink", levels_grow_and_shrink},
    {"only volumes that are found change", only_volumes_that_are_found_change},
    {"the ceiling is told", the_ceiling_is_told},
    {"failed allocations leak nothing", failed_allocations_leak_nothing},
    {NULL, NULL},
};

const struct unit_suite suite_patch = {"patch", tests};
