/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing changes no voxel, and leaves no more memory than the colours need. */
#include "core/tree.h"

#include "base/error.h"
#include "naive.h"

static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 255}, none = {0, 0, 0, 0};

/* Different for different numbers, one of them translucent. */
static struct goxel_color color_of(unsigned number)
{
    return rgba(number & 255, 255 - (number & 255), number >> 8, number == 3 ? 9 : 255);
}

/* Writes all of the brick at `corner`, scattered, in so many colours; some voxels stay empty, or none. */
static void write_brick(struct goxel_volume *volume, struct goxel_pos corner, unsigned colors, bool holes,
                        struct goxel_color ret_voxels[GOXEL_BRICK_VOXELS])
{
    for (unsigned k = 0; k < GOXEL_BRICK_VOXELS; k++) {
        unsigned i = k * 1229 % GOXEL_BRICK_VOXELS; /* every voxel once */
        struct goxel_pos pos = {corner.x + (int)(i & 15), corner.y + (int)(i >> 4 & 15),
                                corner.z + (int)(i >> 8)};

        ret_voxels[i] = holes && k % 5 == 4 ? none : color_of(k % 1000 % colors);
        if (ret_voxels[i].a)
            CU_ASSERT_EQUAL(goxel_volume_set_at(volume, pos, ret_voxels[i]), 0);
    }
}

static int brick_differs(const struct goxel_volume *volume, struct goxel_pos corner,
                         const struct goxel_color *voxels)
{
    int wrong = 0;

    for (int i = 0; i < GOXEL_BRICK_VOXELS; i++)
        wrong += !same_color(goxel_volume_get_at(volume, at(corner.x + (i & 15), corner.y + (i >> 4 & 15),
                                                            corner.z + (i >> 8))),
                             voxels[i]);
    return wrong;
}

/* Of so many colours, and empty voxels among them perhaps. */
static const char *state_for(unsigned colors, bool holes)
{
    return colors == 1 && !holes ? "tile" : colors <= 15 ? "palette 4" : colors <= 255 ? "palette 8" : "rgba";
}

static const char *state_of(const struct goxel_volume *volume, struct goxel_pos pos)
{
    static const char *const names[] = {[GOXEL_BRICK_RGBA] = "rgba",
                                        [GOXEL_BRICK_PALETTE_8] = "palette 8",
                                        [GOXEL_BRICK_PALETTE_4] = "palette 4"};
    goxel_link link = goxel_tree_find(volume, pos);

    return goxel_link_is_brick(link) ? names[goxel_link_brick(link)->state] : link ? "tile" : "nothing";
}

static void every_state_keeps_every_voxel(void)
{
    static const unsigned counts[] = {1, 2, 15, 16, 17, 255, 256, 257};
    static struct goxel_color voxels[GOXEL_BRICK_VOXELS], buffer[GOXEL_BRICK_VOXELS];

    for (size_t i = 0; i < 2 * sizeof(counts) / sizeof(counts[0]); i++) {
        struct goxel_volume *volume = goxel_volume_create();
        struct goxel_pos corner = at(-16, 32, -48);
        struct goxel_brick_view *views = NULL;
        unsigned colors = counts[i / 2];
        size_t count = 0;
        int64_t there;

        write_brick(volume, corner, colors, i % 2, voxels);
        there = goxel_volume_count(volume);
        CU_ASSERT_STRING_EQUAL(state_of(volume, corner), "rgba");
        for (int again = 0; again < 2; again++) {
            goxel_volume_seal(volume);
            CU_ASSERT_STRING_EQUAL(state_of(volume, corner), state_for(colors, i % 2));
            CU_ASSERT_EQUAL(brick_differs(volume, corner, voxels), 0);
            CU_ASSERT_EQUAL(goxel_volume_count(volume), there);
            CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 1);
        }
        CU_ASSERT_EQUAL(goxel_volume_views(volume, &views, &count), 0);
        CU_ASSERT_EQUAL(count, 1);
        CU_ASSERT_EQUAL(views[0].count, there);
        CU_ASSERT_EQUAL(memcmp(goxel_brick_view_read(&views[0], buffer), voxels, sizeof(voxels)), 0);
        free(views);
        voxels[77] = rgba(9, 9, 9, 9); /* and it opens again */
        goxel_volume_set_at(volume, at(corner.x + 13, corner.y + 4, corner.z), voxels[77]);
        CU_ASSERT_EQUAL(brick_differs(volume, corner, voxels), 0);
        goxel_volume_destroy(volume);
    }
}

static void whole_bricks_are_made_sealed(void)
{
    static struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    struct goxel_volume *written = goxel_volume_create(), *put = goxel_volume_create();

    for (unsigned colors = 1; colors < 300; colors += 23) {
        write_brick(written, at(0, -16, 0), colors, false, voxels);
        CU_ASSERT_EQUAL(goxel_volume_set_brick(put, at(0, -16, 0), voxels), 0);
        CU_ASSERT_STRING_EQUAL(state_of(put, at(0, -16, 0)), state_for(colors, false));
        CU_ASSERT(goxel_volume_equal(written, put)); /* one open, the other not */
        CU_ASSERT(goxel_volume_equal(put, written));
    }
    goxel_volume_destroy(written);
    goxel_volume_destroy(put);
}

static void equal_bricks_become_tiles(void)
{
    struct goxel_volume *volume = goxel_volume_create();

    for (int z = -64; z < 0; z++)
        for (int y = 0; y < 64; y++)
            for (int x = -64; x < 0; x++)
                goxel_volume_set_at(volume, at(x, y, z), blue);
    goxel_volume_seal(volume);
    CU_ASSERT_EQUAL(volume->level, 1);
    CU_ASSERT(goxel_link_is_tile(volume->octants[goxel_octant_index(at(-1, 0, -1))]));
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 64 * 64 * 64);
    CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 64);
    goxel_volume_destroy(volume);
}

static void what_was_emptied_is_gone(void)
{
    struct goxel_volume *volume = goxel_volume_create();

    goxel_volume_set_at(volume, at(0, 0, 0), red);
    goxel_volume_set_at(volume, at(GOXEL_COORD_MAX, GOXEL_COORD_MIN, 0), red);
    goxel_volume_set_at(volume, at(GOXEL_COORD_MAX, GOXEL_COORD_MIN, 0), none);
    goxel_volume_seal(volume);
    CU_ASSERT_EQUAL(volume->level, 0);
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(0, 0, 0)), red));
    goxel_volume_set_at(volume, at(0, 0, 0), none);
    goxel_volume_seal(volume);
    for (int i = 0; i < GOXEL_OCTANTS; i++)
        CU_ASSERT_EQUAL(volume->octants[i], 0);
    goxel_volume_destroy(volume);
}

/* ---- memory ---- */

static size_t link_bytes(goxel_link link)
{
    static const size_t bricks[] = {
        [GOXEL_BRICK_RGBA] = 16384, [GOXEL_BRICK_PALETTE_8] = 5120, [GOXEL_BRICK_PALETTE_4] = 2112};
    size_t bytes = 0;

    if (goxel_link_is_brick(link))
        return sizeof(struct goxel_brick) + bricks[goxel_link_brick(link)->state];
    if (!goxel_link_is_node(link))
        return 0;
    for (int i = 0; i < GOXEL_NODE_LINKS; i++)
        bytes += link_bytes(goxel_link_node(link)->links[i]);
    return bytes + sizeof(struct goxel_node);
}

static size_t volume_bytes(const struct goxel_volume *volume)
{
    size_t bytes = sizeof(*volume);

    for (int i = 0; i < GOXEL_OCTANTS; i++)
        bytes += link_bytes(volume->octants[i]);
    return bytes;
}

static void one_colour_costs_next_to_nothing(void)
{
    static const struct goxel_box boxes[] = {{{0, 0, 0}, {511, 511, 511}},
                                             {{-256, -256, -256}, {255, 255, 255}}};

    for (int i = 0; i < 2; i++) {
        struct goxel_volume *volume = goxel_volume_create();

        CU_ASSERT_EQUAL(goxel_volume_fill(volume, &boxes[i], red, NULL), 0);
        CU_ASSERT_EQUAL(goxel_volume_count(volume), (int64_t)512 * 512 * 512);
        CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 32 * 32 * 32);
        CU_ASSERT(volume_bytes(volume) <= 64 << 10);
        goxel_volume_destroy(volume);
    }
}

/* Bytes for each voxel of the filled bricks, times a thousand. */
static void palettes_keep_their_promise(void)
{
    static const struct {
        unsigned colors;
        size_t most;
    } rows[] = {{15, 600}, {255, 1300}, {4000, 4200}};

    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct goxel_volume *volume = goxel_volume_create();

        for (int i = 0; i < 64; i++) {
            struct goxel_color voxels[GOXEL_BRICK_VOXELS];

            write_brick(volume, at((i & 3) * 16, (i >> 2 & 3) * 16, (i >> 4) * 16), rows[row].colors, true,
                        voxels);
        }
        goxel_volume_seal(volume);
        CU_ASSERT(volume_bytes(volume) * 1000 <= rows[row].most * 64 * GOXEL_BRICK_VOXELS);
        goxel_volume_destroy(volume);
    }
}

/* ---- what stays open ---- */

static void a_ceiling_seals(void)
{
    struct goxel_volume *volume = goxel_volume_create();

    goxel_volume_set_at(volume, at(0, 0, 0), red);
    goxel_volume_set_at(volume, at(16, 0, 0), red);
    CU_ASSERT_EQUAL(volume->opened, 2);
    volume->opened = GOXEL_VOLUME_OPEN_MAX; /* as if there had been so many */
    goxel_volume_set_at(volume, at(0, 0, 0), blue);
    CU_ASSERT_EQUAL(volume->opened, GOXEL_VOLUME_OPEN_MAX); /* open already */
    goxel_volume_set_at(volume, at(32, 0, 0), red);
    CU_ASSERT_EQUAL(volume->opened, 1);
    CU_ASSERT_STRING_EQUAL(state_of(volume, at(0, 0, 0)), "palette 4");
    CU_ASSERT_STRING_EQUAL(state_of(volume, at(32, 0, 0)), "rgba");
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(0, 0, 0)), blue));
    CU_ASSERT(same_color(goxel_volume_get_at(volume, at(32, 0, 0)), red));
    goxel_volume_destroy(volume);
}

static void what_is_shared_stays_as_it_is(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *copy;
    goxel_link before;

    goxel_volume_set_at(volume, at(-1, 0, 0), red);
    goxel_volume_set_at(volume, at(100, 0, 0), blue);
    copy = goxel_volume_copy(volume);
    before = goxel_tree_find(copy, at(100, 0, 0));
    goxel_volume_set_at(volume, at(101, 0, 0), blue);
    goxel_volume_seal(volume);
    CU_ASSERT_EQUAL(goxel_tree_find(copy, at(100, 0, 0)), before);
    CU_ASSERT_STRING_EQUAL(state_of(copy, at(100, 0, 0)), "rgba");
    CU_ASSERT_STRING_EQUAL(state_of(volume, at(100, 0, 0)), "palette 4");
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 3);
    CU_ASSERT_EQUAL(goxel_volume_count(copy), 2);
    goxel_volume_destroy(volume);
    goxel_volume_seal(copy); /* the last owner */
    CU_ASSERT_STRING_EQUAL(state_of(copy, at(100, 0, 0)), "palette 4");
    CU_ASSERT_STRING_EQUAL(state_of(copy, at(-1, 0, 0)), "palette 4");
    CU_ASSERT(same_color(goxel_volume_get_at(copy, at(-1, 0, 0)), red));
    goxel_volume_destroy(copy);
}

/* Without memory the bricks stay open, and the next time does the rest. */
static void without_memory_nothing_is_lost(void)
{
    static struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    static const unsigned colors[] = {2, 200, 1};

    for (int n = 0; n < 3; n++) {
        struct goxel_volume *volume = goxel_volume_create();
        uint64_t digest;

        for (int i = 0; i < 3; i++)
            write_brick(volume, at(i * 16 - 32, 0, 0), colors[i], false, voxels);
        digest = volume_digest(volume);
        unit_fail_allocation(n);
        goxel_volume_seal(volume);
        unit_fail_allocation(-1);
        CU_ASSERT_EQUAL(volume_digest(volume), digest);
        goxel_volume_seal(volume);
        CU_ASSERT_EQUAL(volume_digest(volume), digest);
        for (int i = 0; i < 3; i++)
            CU_ASSERT_STRING_EQUAL(state_of(volume, at(i * 16 - 32, 0, 0)), state_for(colors[i], false));
        goxel_volume_destroy(volume);
    }
}

static const struct unit_test tests[] = {
    {"every state keeps every voxel", every_state_keeps_every_voxel},
    {"whole bricks are made sealed", whole_bricks_are_made_sealed},
    {"equal bricks become tiles", equal_bricks_become_tiles},
    {"what was emptied is gone", what_was_emptied_is_gone},
    {"one colour costs next to nothing", one_colour_costs_next_to_nothing},
    {"palettes keep their promise", palettes_keep_their_promise},
    {"a ceiling seals", a_ceiling_seals},
    {"what is shared stays as it is", what_is_shared_stays_as_it_is},
    {"without memory nothing is lost", without_memory_nothing_is_lost},
    {NULL, NULL},
};

const struct unit_suite suite_seal = {"seal", tests};
