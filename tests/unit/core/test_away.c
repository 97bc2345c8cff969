/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bricks that are away read as those in memory do, whatever is asked and whatever is done: each operation comes to the
 * same for a volume and for its copy on a shelf, by many threads at once too; and where the shelf fails, it says so.
 */
#include "core/away.h"

#include <math.h>
#include <pthread.h>

#include "core/accessor.h"
#include "core/colors.h"
#include "core/connect.h"
#include "core/cursor.h"
#include "core/diff.h"
#include "core/extrude.h"
#include "core/head.h"
#include "core/hollow.h"
#include "core/paint.h"
#include "core/patch.h"
#include "core/ray.h"
#include "core/recolor.h"
#include "core/reduce.h"
#include "core/scale.h"
#include "core/select.h"
#include "core/slice.h"
#include "edits.h"
#include "region.h"
#include "shelf.h"

#define LOW (-32) /* the volumes have bricks from here on, four on each axis */
#define BRICKS 4
#define EDGE (16 * BRICKS)

static const struct goxel_box everything = {{LOW, LOW, LOW},
                                            {LOW + EDGE - 1, LOW + EDGE - 1, LOW + EDGE - 1}};

/* ---- bricks of every kind ---- */

enum kind { NOTHING, TILE, ONE_VOXEL, FEW_4, FULL_4, FEW_8, FULL_8, SOME_RGBA, FULL_RGBA, KINDS };

static void fill_kind(enum kind kind, uint64_t *state, struct goxel_color *ret_voxels)
{
    static const struct {
        int part; /* of 100 voxels */
        unsigned colors;
    } kinds[KINDS] = {
        [TILE] = {100, 1},
        [FEW_4] = {2, 8},
        [FULL_4] = {100, 15},
        [FEW_8] = {10, 150},
        [FULL_8] = {100, 90},
        [SOME_RGBA] = {60, 1 << 24},
        [FULL_RGBA] = {100, 1 << 24},
    };

    memset(ret_voxels, 0, GOXEL_BRICK_BYTES);
    if (kind == ONE_VOXEL)
        ret_voxels[random_below(state, GOXEL_BRICK_VOXELS)] = rgba(9, 8, 7, 255);
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS && kinds[kind].part; i++) {
        unsigned color = random_next(state) % kinds[kind].colors;

        if (random_below(state, 100) < kinds[kind].part)
            ret_voxels[i] = rgba(color & 255, color >> 8 & 255, color >> 16, color & 1 ? 120 : 255);
    }
}

static struct goxel_volume *make_volume(uint64_t seed)
{
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    struct goxel_volume *volume = goxel_volume_create();

    for (int i = 0; i < BRICKS * BRICKS * BRICKS; i++) {
        struct goxel_pos corner = {LOW + i % BRICKS * 16, LOW + i / BRICKS % BRICKS * 16,
                                   LOW + i / BRICKS / BRICKS * 16};

        fill_kind((enum kind)random_below(&seed, KINDS), &seed, voxels);
        CU_ASSERT_EQUAL_FATAL(goxel_volume_set_brick(volume, corner, voxels), 0);
    }
    return volume;
}

/* A smaller one, for what is laid on and compared with. */
static struct goxel_volume *make_other(uint64_t seed)
{
    struct goxel_volume *volume = make_volume(seed);

    CU_ASSERT_EQUAL(goxel_volume_crop(volume, &(struct goxel_box){{-20, -32, -7}, {20, 25, 31}}, NULL), 0);
    return volume;
}

static struct goxel_pos near_pos(uint64_t *state)
{
    int x = LOW - 2 + random_below(state, EDGE + 4), y = LOW - 2 + random_below(state, EDGE + 4);

    return at(x, y, LOW - 2 + random_below(state, EDGE + 4));
}

static struct goxel_box near_box(uint64_t *state)
{
    struct goxel_pos a = near_pos(state), b = near_pos(state);

    return (struct goxel_box){{goxel_min(a.x, b.x), goxel_min(a.y, b.y), goxel_min(a.z, b.z)},
                              {goxel_max(a.x, b.x), goxel_max(a.y, b.y), goxel_max(a.z, b.z)}};
}

/* ---- what is asked: everything that comes of it goes into the digest ---- */

static void add(uint64_t *digest, uint64_t number)
{
    *digest = (*digest ^ number) * UINT64_C(0x9e3779b97f4a7c15);
    *digest ^= *digest >> 29;
}

static int add_voxel(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    return digest_voxel(ctx, pos, color);
}

static void ask_every_voxel(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    (void)state;
    for (FOR_BOX(pos, &everything))
        add(digest, goxel_color_bits(goxel_volume_get_at(volume, pos)));
}

static void ask_lists(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    struct goxel_pos positions[1000];
    struct goxel_color colors[1000];

    for (int i = 0; i < 1000; i++)
        positions[i] = near_pos(state);
    goxel_volume_get_many(volume, positions, 1000, colors);
    for (int i = 0; i < 1000; i++)
        add(digest, goxel_color_bits(colors[i]));
}

static void ask_reader(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    struct goxel_reader reader = goxel_reader_make(volume);
    struct goxel_pos pos = near_pos(state);

    for (int i = 0; i < 5000; i++) {
        pos.x += random_below(state, 7) - 3;
        pos.y += random_below(state, 7) - 3;
        add(digest, goxel_color_bits(goxel_reader_get(&reader, pos)));
        if (i % 50 == 0)
            pos = near_pos(state);
    }
}

static void ask_cursor(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    struct goxel_box box = near_box(state);
    struct goxel_cursor cursor;

    for (int boxed = 0; boxed < 2; boxed++) {
        goxel_cursor_begin(&cursor, volume, boxed ? &box : NULL);
        while (goxel_cursor_next(&cursor))
            digest_voxel(digest, cursor.pos, cursor.color);
    }
}

/* Of two bricks at once: none is read to the end before the other one is. */
static void ask_two_cursors(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    struct goxel_cursor one, two;

    (void)state;
    goxel_cursor_begin(&one, volume, NULL);
    goxel_cursor_begin(&two, volume, NULL);
    for (int i = 0; i < 20000 && goxel_cursor_next(&one); i++) {
        digest_voxel(digest, one.pos, one.color);
        for (int k = 0; k < 3 && goxel_cursor_next(&two); k++)
            digest_voxel(digest, two.pos, two.color);
    }
}

static void ask_bricks(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
    struct goxel_cursor cursor;

    (void)state;
    goxel_cursor_begin(&cursor, volume, NULL);
    while (goxel_cursor_next_brick(&cursor)) {
        const struct goxel_color *voxels = goxel_link_read(cursor.link, buffer);

        for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
            add(digest, goxel_color_bits(voxels[i]));
        add(digest, goxel_color_bits(goxel_link_get(cursor.link, 5)));
    }
}

static void ask_views(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS], color = {0};
    struct goxel_brick_view *views = NULL;
    size_t count = 0;

    (void)state;
    add(digest, (uint64_t)goxel_volume_views(volume, &views, &count));
    for (size_t i = 0; i < count; i++) {
        const struct goxel_color *voxels = goxel_brick_view_read(&views[i], buffer);

        add(digest, (uint64_t)views[i].count + goxel_brick_view_uniform(&views[i], &color));
        digest_voxel(digest, views[i].pos, color);
        for (size_t k = 0; k < GOXEL_BRICK_VOXELS; k++)
            add(digest, goxel_color_bits(voxels[k]));
    }
    free(views);
}

static void ask_visit(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    struct goxel_box box = near_box(state);

    add(digest, (uint64_t)goxel_volume_visit(volume, NULL, NULL, add_voxel, digest));
    add(digest, (uint64_t)goxel_volume_visit(volume, &box, NULL, add_voxel, digest));
}

static void ask_numbers(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    struct goxel_box bounds = {{0, 0, 0}, {0, 0, 0}}, box = near_box(state);
    int64_t count = 0;

    add(digest, goxel_volume_bounds(volume, &bounds));
    digest_voxel(digest, bounds.min, rgba(0, 0, 0, 0));
    digest_voxel(digest, bounds.max, rgba(0, 0, 0, 0));
    add(digest, (uint64_t)goxel_volume_count(volume));
    add(digest, (uint64_t)goxel_volume_bricks(volume));
    add(digest, (uint64_t)goxel_volume_count_in(volume, &box, NULL, &count));
    add(digest, (uint64_t)count);
}

static void ask_colors(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    static const struct goxel_colors_options options[] = {{1, 0, SIZE_MAX}, {64, 30, SIZE_MAX}};
    struct goxel_box box = near_box(state);

    for (int i = 0; i < 4; i++) {
        struct goxel_color_count *colors = NULL;
        size_t count = 0;

        add(digest, (uint64_t)goxel_volume_colors(volume, i & 1 ? &box : NULL, &options[i / 2], NULL, &colors,
                                                  &count));
        for (size_t k = 0; k < count; k++)
            digest_voxel(digest, at((int)colors[k].count, 0, 0), colors[k].color);
        free(colors);
    }
}

static void ask_find(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    const struct goxel_match matches[] = {{rgba(9, 8, 7, 255), 0}, {rgba(5, 0, 0, 120), 4}, goxel_match_any};
    struct goxel_box box = near_box(state);

    for (int i = 0; i < 3; i++)
        add(digest,
            (uint64_t)goxel_volume_find(volume, i ? &box : NULL, &matches[i], NULL, add_voxel, digest));
}

/* Adds a volume that was made, and ends it. */
static void add_made(int code, struct goxel_volume *made, uint64_t *digest)
{
    add(digest, (uint64_t)code);
    if (code)
        return;
    add(digest, (uint64_t)goxel_volume_count(made));
    add(digest, (uint64_t)goxel_volume_visit(made, NULL, NULL, add_voxel, digest));
    goxel_volume_destroy(made);
}

static void ask_mask(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    const struct goxel_match match = {rgba(5, 0, 0, 255), 8};
    struct goxel_box box = near_box(state);
    struct goxel_volume *mask = NULL;
    int code = goxel_volume_mask(volume, NULL, &match, NULL, &mask);

    add_made(code, mask, digest);
    code = goxel_volume_mask(volume, &box, &goxel_match_any, NULL, &mask);
    add_made(code, mask, digest);
}

static void ask_flood(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    for (int i = 0; i < 6; i++) {
        const struct goxel_flood flood = {
            .seed = at(LOW + random_below(state, EDGE), LOW + random_below(state, EDGE), i),
            .box = everything,
            .tolerance = i & 1 ? 255 : 10,
            .neighbours = i & 2 ? 6 : 26,
        };
        struct goxel_volume *mask = NULL;
        int code = goxel_volume_flood(volume, &flood, NULL, &mask);

        add_made(code, mask, digest);
    }
}

static void ask_components(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    struct goxel_component *components = NULL;
    size_t count = 0;

    (void)state;
    add(digest, (uint64_t)goxel_volume_components(volume, NULL, 6, 1 << 20, NULL, &components, &count));
    for (size_t i = 0; i < count; i++) {
        add(digest, (uint64_t)components[i].voxels);
        digest_voxel(digest, components[i].bounds.min, rgba(0, 0, 0, 0));
        digest_voxel(digest, components[i].seed, rgba(0, 0, 0, 0));
    }
    free(components);
}

static void ask_rays(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    for (int i = 0; i < 100; i++) {
        struct goxel_pos from = near_pos(state), to = near_pos(state);
        const struct goxel_ray ray = {
            {from.x * 3, from.y * 3, from.z * 3},
            {to.x - from.x * 3 + 0.5, to.y - from.y * 3 + 0.25, to.z - from.z * 3 + 0.125},
            INFINITY,
        };
        struct goxel_hit hit;
        bool found = false;

        add(digest, (uint64_t)goxel_volume_ray(volume, &ray, NULL, &found, &hit) + found);
        if (found)
            digest_voxel(digest, hit.pos, hit.color);
    }
}

static void ask_slices(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    static const size_t pixels = (size_t)EDGE * EDGE;
    struct goxel_color *colors = malloc(pixels * sizeof(*colors));

    for (int axis = 0; axis < 3; axis++) {
        const struct goxel_slice slice = {axis, LOW + random_below(state, EDGE), everything};

        add(digest, (uint64_t)goxel_volume_slice(volume, &slice, NULL, colors));
        for (size_t i = 0; i < pixels; i++)
            add(digest, goxel_color_bits(colors[i]));
    }
    free(colors);
}

static void ask_transforms(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    static const struct goxel_lattice lattices[] = {{{0, 1, 2}, {1, 1, 1}, {32, -16, 0}},
                                                    {{2, 0, 1}, {1, -1, 1}, {3, 0, -7}}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct goxel_volume *moved = NULL;
        int code = goxel_volume_transform(volume, &lattices[i], NULL, NULL, &moved);

        add_made(code, moved, digest);
    }
}

static int add_change(void *ctx, struct goxel_pos pos, struct goxel_color before, struct goxel_color after)
{
    return digest_voxel(ctx, pos, before) + digest_voxel(ctx, pos, after);
}

static void ask_changes(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest)
{
    struct goxel_volume *other = make_other(*state);
    struct goxel_changes changes = {0};

    add(digest, (uint64_t)goxel_volume_diff_voxels(volume, other, NULL, add_change, digest));
    add(digest, (uint64_t)goxel_volume_changes(other, volume, NULL, &changes));
    add(digest, (uint64_t)(changes.added + changes.removed * 3 + changes.recoloured * 7));
    add(digest, goxel_volume_equal(volume, other));
    goxel_volume_destroy(other);
}

typedef void ask(const struct goxel_volume *volume, uint64_t *state, uint64_t *digest);

static ask *const questions[] = {
    ask_every_voxel, ask_lists,      ask_reader,  ask_cursor, ask_two_cursors, ask_bricks,
    ask_views,       ask_visit,      ask_numbers, ask_colors, ask_find,        ask_mask,
    ask_flood,       ask_components, ask_rays,    ask_slices, ask_transforms,  ask_changes,
};
#define QUESTIONS (sizeof(questions) / sizeof(questions[0]))

static uint64_t answer(size_t question, const struct goxel_volume *volume, uint64_t seed)
{
    uint64_t digest = 1;

    questions[question](volume, &seed, &digest);
    return digest;
}

/* ---- what is done: the code, and the volume afterwards ---- */

static int set_some(struct goxel_volume *volume, uint64_t *state)
{
    int code = 0;

    for (int i = 0; i < 300 && !code; i++)
        code = goxel_volume_set_at(volume, near_pos(state), random_color(state));
    return code;
}

static int set_near(struct goxel_volume *volume, uint64_t *state)
{
    struct goxel_accessor near = goxel_accessor_make(volume);
    struct goxel_pos pos = near_pos(state);
    int code = 0;

    for (int i = 0; i < 2000 && !code; i++) {
        pos = at(pos.x + random_below(state, 5) - 2, pos.y + random_below(state, 5) - 2, pos.z);
        if (i % 100 == 0)
            pos = near_pos(state);
        if (random_below(state, 2))
            code = goxel_accessor_set(&near, pos, random_color(state));
        else
            code = goxel_accessor_set(&near, pos, goxel_accessor_get(&near, at(pos.x, pos.y, pos.z + 9)));
    }
    return code;
}

/* Voxel by voxel, to the last one of bricks. */
static int remove_near(struct goxel_volume *volume, uint64_t *state)
{
    struct goxel_pos pos = near_pos(state);
    struct goxel_box box = {pos, {pos.x + 20, pos.y + 20, pos.z + 17}};
    int code = 0;

    for (FOR_BOX(where, &box))
        code = code ? code : goxel_volume_set_at(volume, where, rgba(0, 0, 0, 0));
    return code;
}

static int share_bricks(struct goxel_volume *volume, uint64_t *state)
{
    int code = 0;

    for (int i = 0; i < 20 && !code; i++) {
        struct goxel_pos from = near_pos(state), to = near_pos(state);

        code = goxel_volume_share_brick(volume, at(to.x & -16, to.y & -16, to.z & -16), volume,
                                        at(from.x & -16, from.y & -16, from.z & -16));
    }
    return code;
}

static int fill_boxes(struct goxel_volume *volume, uint64_t *state)
{
    int code = 0;

    for (int i = 0; i < 4 && !code; i++) {
        struct goxel_box box = near_box(state);

        code = goxel_volume_fill(volume, &box, random_color(state), NULL);
    }
    return code;
}

static int paint(struct goxel_volume *volume, uint64_t *state)
{
    int code = 0;

    for (int mode = 1; mode < GOXEL_MODES_END && !code; mode++) {
        struct goxel_pos center = near_pos(state);
        const struct goxel_shape shape = {
            GOXEL_SHAPE_SPHERE, 2, {center.x, center.y, center.z}, {25, 18, 21}};
        const struct goxel_brush brush = {
            .mode = (enum goxel_mode)mode, .color = random_color(state), .smoothness = mode % 2 ? 0 : 3};

        code = goxel_paint_shapes(volume, &shape, 1, &brush, NULL);
    }
    return code;
}

static int paint_masks(struct goxel_volume *volume, uint64_t *state)
{
    struct goxel_volume *was = goxel_volume_copy(volume), *mask = NULL;
    const struct goxel_match match = {rgba(8, 0, 0, 255), 40};
    struct goxel_box box = near_box(state);
    int code = goxel_volume_mask(volume, &box, &match, NULL, &mask);

    for (int mode = 1; mode < GOXEL_MODES_END && !code; mode++) {
        if (mode != GOXEL_MODE_INTERSECT && mode != GOXEL_MODE_INTERSECT_FILL)
            code = goxel_volume_paint_mask(volume, mask, (enum goxel_mode)mode, random_color(state), NULL);
    }
    if (!code)
        code = goxel_volume_fill(volume, &box, rgba(1, 2, 3, 255), NULL);
    if (!code)
        code = goxel_volume_confine(volume, was, mask, NULL);
    if (!code)
        code = goxel_volume_paint_mask(volume, was, GOXEL_MODE_INTERSECT, rgba(0, 0, 0, 200), NULL);
    goxel_volume_destroy(mask);
    goxel_volume_destroy(was);
    return code;
}

static struct goxel_color darker(void *ctx, struct goxel_color color)
{
    (void)ctx;
    return (struct goxel_color){color.r / 2, color.g, color.b, color.r & 1 ? color.a : 0};
}

static int recolor(struct goxel_volume *volume, uint64_t *state)
{
    const struct goxel_match match = {rgba(4, 0, 0, 255), 20};
    struct goxel_box box = near_box(state);
    struct goxel_palette palette = {0};
    int code = goxel_volume_recolor(volume, NULL, &match, rgba(77, 1, 1, 255), NULL);

    if (!code)
        code = goxel_volume_map_colors(volume, &box, darker, NULL, NULL);
    if (!code)
        code = goxel_volume_recolor(volume, &box, &match, rgba(0, 0, 0, 0), NULL);
    for (int i = 0; i < 5; i++)
        goxel_palette_add(&palette, rgba((unsigned)i * 50, 10, 10, 255), "c", 1);
    if (!code)
        code = goxel_volume_reduce(volume, &box, &palette, NULL);
    goxel_palette_finish(&palette);
    return code;
}

static int merge_over(struct goxel_volume *volume, uint64_t *state)
{
    struct goxel_volume *other = make_other(*state);
    int code = 0;

    for (int mode = 1; mode < GOXEL_MODES_END && !code; mode++)
        code = goxel_volume_merge(volume, other, (enum goxel_mode)mode, NULL, NULL);
    goxel_volume_destroy(other);
    return code;
}

static int merge_under(struct goxel_volume *volume, uint64_t *state)
{
    struct goxel_volume *other = make_other(*state), *above;
    int code = 0;

    for (int mode = 1; mode < GOXEL_MODES_END && !code; mode++)
        code = goxel_volume_merge(other, volume, (enum goxel_mode)mode, NULL, NULL);
    above = goxel_volume_copy(other);
    if (!code)
        code = goxel_volume_merge(volume, above, GOXEL_MODE_OVER, NULL, NULL);
    goxel_volume_destroy(above);
    goxel_volume_destroy(other);
    return code;
}

static int crop(struct goxel_volume *volume, uint64_t *state)
{
    struct goxel_box box = near_box(state);

    return goxel_volume_crop(volume, &box, NULL);
}

static int hollow(struct goxel_volume *volume, uint64_t *state)
{
    return goxel_volume_hollow(volume, 1 + random_below(state, 3), NULL);
}

static int extrude(struct goxel_volume *volume, uint64_t *state)
{
    struct goxel_volume *mask = NULL;
    struct goxel_box box = near_box(state);
    int code = goxel_volume_mask(volume, &box, &goxel_match_any, NULL, &mask);

    for (int i = 0; i < 6 && !code; i++) {
        const struct goxel_extrude how = {i % 3, i & 1 ? 1 : -1, random_below(state, 50) - 20};

        code = goxel_volume_extrude(volume, mask, &how, NULL);
    }
    goxel_volume_destroy(mask);
    return code;
}

static int twice(struct goxel_volume *volume, uint64_t *state)
{
    (void)state;
    return goxel_volume_double(volume, NULL);
}

static int half(struct goxel_volume *volume, uint64_t *state)
{
    (void)state;
    return goxel_volume_halve(volume, NULL);
}

static int select_all(struct goxel_volume *volume, uint64_t *state)
{
    const struct goxel_match match = {rgba(4, 0, 0, 255), 20};
    struct goxel_volume *selection = goxel_volume_create();
    struct goxel_box box = near_box(state);
    int code = goxel_select_color(selection, volume, NULL, &match, GOXEL_SELECT_ADD, NULL);

    if (!code)
        code = goxel_select_box(selection, &box, GOXEL_SELECT_SUB, NULL);
    if (!code) /* with what is no mask, too */
        code = goxel_select_mask(volume, selection, GOXEL_SELECT_INTERSECT, NULL);
    goxel_volume_destroy(selection);
    return code;
}

static int find_only(void *ctx, uint32_t number, struct goxel_volume **ret_volume)
{
    (void)number;
    *ret_volume = ctx;
    return 0;
}

/* Forth, back, and forth again by patches: to a version with few voxels changed, and with many. */
static int patch(struct goxel_volume *volume, uint64_t *state)
{
    struct goxel_volume *was = goxel_volume_copy(volume), *next = goxel_volume_copy(volume);
    struct goxel_buf patches;
    int code = set_some(next, state);

    if (!code)
        code = fill_boxes(next, state);
    goxel_volume_seal(next);
    goxel_buf_init(&patches, UINT32_MAX);
    if (!code)
        code = goxel_patches_add(&patches, 1, volume, next);
    CU_ASSERT(goxel_patches_retained(patches.data, patches.len) >= 0);
    for (int i = 0; i < 3 && !code; i++)
        code = goxel_patches_apply(patches.data, patches.len, i != 1, find_only, volume);
    goxel_patches_release(patches.data, patches.len);
    goxel_buf_finish(&patches);
    goxel_volume_destroy(next);
    goxel_volume_destroy(was);
    return code;
}

typedef int edit(struct goxel_volume *volume, uint64_t *state);

static edit *const edits_done[] = {
    set_some,    set_near, remove_near, share_bricks, fill_boxes, paint, paint_masks, recolor, merge_over,
    merge_under, crop,     hollow,      extrude,      twice,      half,  select_all,  patch,
};
#define EDITS (sizeof(edits_done) / sizeof(edits_done[0]))

/* Of a copy; what it comes to is the caller's. */
static int do_edit(size_t which, const struct goxel_volume *volume, uint64_t seed,
                   struct goxel_volume **ret_volume)
{
    int code;

    *ret_volume = goxel_volume_copy(volume);
    code = edits_done[which](*ret_volume, &seed);
    goxel_volume_seal(*ret_volume);
    return code;
}

/* ---- the same ---- */

static int count_states(void *ctx, goxel_link link, struct goxel_pos corner, int level)
{
    int *counts = ctx;

    (void)corner;
    (void)level;
    counts[goxel_link_is_tile(link) ? 4 : goxel_link_brick(link)->state]++;
    return 0;
}

static void all_kinds_are_met(void)
{
    struct goxel_volume *volume = make_volume(5);
    struct shelf *shelf = shelf_make();
    struct goxel_volume *away = shelf_volume(shelf, volume, true),
                        *partly = shelf_volume(shelf, volume, false);
    int here[5] = {0}, there[5] = {0}, some[5] = {0};

    goxel_tree_walk(volume, NULL, count_states, here);
    goxel_tree_walk(away, NULL, count_states, there);
    goxel_tree_walk(partly, NULL, count_states, some);
    for (int state = 0; state < 3; state++)
        CU_ASSERT(here[state] > 2 && there[state] == 0 && some[state] > 0);
    CU_ASSERT(here[GOXEL_BRICK_AWAY] == 0 && some[GOXEL_BRICK_AWAY] > 9);
    CU_ASSERT_EQUAL(there[GOXEL_BRICK_AWAY], here[0] + here[1] + here[2]);
    CU_ASSERT(here[4] > 0 && there[4] == here[4]);
    CU_ASSERT_EQUAL(shelf->loads, 0);
    goxel_volume_destroy(volume);
    goxel_volume_destroy(away);
    goxel_volume_destroy(partly);
    shelf_end(shelf);
}

static void every_question_is_answered_the_same(void)
{
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct goxel_volume *volume = make_volume(seed);
        struct shelf *shelf = shelf_make();
        struct goxel_volume *away = shelf_volume(shelf, volume, seed == 1);

        for (size_t i = 0; i < QUESTIONS; i++) {
            bool same = answer(i, volume, seed) == answer(i, away, seed);

            CU_ASSERT(same);
            if (!same)
                printf("question %zu, seed %d\n", i, (int)seed);
        }
        CU_ASSERT(shelf->loads > 0 && !shelf->source.failed);
        goxel_volume_destroy(volume);
        goxel_volume_destroy(away);
        shelf_end(shelf);
    }
}

static void every_edit_comes_to_the_same(void)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct goxel_volume *volume = make_volume(seed);
        struct shelf *shelf = shelf_make();
        struct goxel_volume *away = shelf_volume(shelf, volume, seed == 1);

        for (size_t i = 0; i < EDITS; i++) {
            struct goxel_volume *left, *right;
            int code = do_edit(i, volume, seed, &left);
            bool same = do_edit(i, away, seed, &right) == code && goxel_volume_equal(left, right) &&
                        volume_digest(left) == volume_digest(right) &&
                        goxel_volume_bricks(left) == goxel_volume_bricks(right);

            CU_ASSERT(same && code == 0);
            if (!same)
                printf("edit %zu, seed %d: %d\n", i, (int)seed, code);
            goxel_volume_destroy(left);
            goxel_volume_destroy(right);
        }
        CU_ASSERT(goxel_volume_equal(volume, away)); /* nothing changed what was copied */
        CU_ASSERT(!shelf->source.failed);
        goxel_volume_destroy(volume);
        goxel_volume_destroy(away);
        shelf_end(shelf);
    }
}

static int count_change(void *ctx, struct goxel_pos pos, struct goxel_color before, struct goxel_color after)
{
    (void)pos;
    (void)before;
    (void)after;
    ++*(int *)ctx;
    return 0;
}

static void twins_do_not_differ(void)
{
    struct goxel_volume *volume = make_volume(8);
    struct shelf *shelf = shelf_make();
    struct goxel_volume *away = shelf_volume(shelf, volume, true),
                        *again = shelf_volume(shelf, volume, false);
    struct goxel_buf patches;
    int changes = 0;

    CU_ASSERT_EQUAL(goxel_volume_diff_voxels(volume, away, NULL, count_change, &changes), 0);
    CU_ASSERT_EQUAL(goxel_volume_diff_voxels(again, away, NULL, count_change, &changes), 0);
    CU_ASSERT_EQUAL(changes, 0);
    CU_ASSERT(goxel_volume_equal(volume, away) && goxel_volume_equal(away, again));
    goxel_buf_init(&patches, UINT32_MAX);
    CU_ASSERT_EQUAL(goxel_patches_add(&patches, 1, volume, away), 0);
    CU_ASSERT_EQUAL(patches.len, 0);
    goxel_buf_finish(&patches);
    goxel_volume_destroy(volume);
    goxel_volume_destroy(away);
    goxel_volume_destroy(again);
    shelf_end(shelf);
}

/* ---- projects ---- */

static struct goxel_project *make_project(void)
{
    struct goxel_project *project = new_project();

    for (size_t i = 0; i < 2; i++) {
        struct goxel_layer *own = goxel_project_own_layer(project, project->layers[i]);

        goxel_volume_destroy(own->volume);
        own->volume = make_volume(i + 20);
    }
    project->selection = make_other(4);
    return project;
}

/* The same version, on the shelf. */
static struct goxel_project *shelf_project(struct shelf *shelf, const struct goxel_project *project)
{
    struct goxel_project *away = goxel_project_copy(project);

    for (size_t i = 0; i < away->layer_count; i++) {
        struct goxel_layer *own = goxel_project_own_layer(away, away->layers[i]);
        struct goxel_volume *volume = shelf_volume(shelf, own->volume, true);

        goxel_volume_destroy(own->volume);
        own->volume = volume;
    }
    goxel_volume_destroy(away->selection);
    away->selection = shelf_volume(shelf, project->selection, true);
    return away;
}

static struct goxel_project *edited(const struct goxel_project *before, uint64_t seed)
{
    static const struct goxel_note note = {.name = "edit"};
    struct goxel_project *after = goxel_project_copy(before);

    edit_voxels(after, &seed);
    edit_box(after, &seed);
    edit_selection(after, &seed);
    goxel_project_touch(after);
    after->version = before->version + 1;
    CU_ASSERT_EQUAL_FATAL(goxel_history_record(after, before, &note), 0);
    return after;
}

static void pictures_are_the_same(void)
{
    struct goxel_project *project = make_project();
    struct shelf *shelf = shelf_make();
    struct goxel_project *away = shelf_project(shelf, project), *left, *right;
    struct goxel_volume *here = NULL, *there = NULL;

    CU_ASSERT_EQUAL(goxel_project_flatten(project, NULL, &here), 0);
    CU_ASSERT_EQUAL(goxel_project_flatten(away, NULL, &there), 0);
    CU_ASSERT(goxel_volume_equal(here, there));
    left = goxel_project_copy(project);
    right = goxel_project_copy(away);
    CU_ASSERT_EQUAL(goxel_project_merge_layers(left, left->layers[1]->id, left->layers[0]->id, NULL), 0);
    CU_ASSERT_EQUAL(goxel_project_merge_layers(right, right->layers[1]->id, right->layers[0]->id, NULL), 0);
    CU_ASSERT(goxel_volume_equal(left->layers[0]->volume, right->layers[0]->volume));
    goxel_volume_destroy(here);
    goxel_volume_destroy(there);
    goxel_project_unref(left);
    goxel_project_unref(right);
    goxel_project_unref(project);
    goxel_project_unref(away);
    shelf_end(shelf);
}

/* From version to version, wherever the voxels of either lie, and from nothing. */
static void effects_are_the_same(void)
{
    struct goxel_project *before = make_project();
    struct shelf *shelf = shelf_make();
    struct goxel_project *away = shelf_project(shelf, before), *made;

    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct goxel_project *after = edited(before, seed), *away_after = edited(away, seed);
        struct goxel_project *gone = shelf_project(shelf, away_after);
        struct goxel_buf bytes, mixed;

        goxel_buf_init(&bytes, (size_t)1 << 30);
        goxel_buf_init(&mixed, (size_t)1 << 30);
        CU_ASSERT_EQUAL(goxel_effects_write(&bytes, seed < 20 ? away : NULL, away_after), 0);
        CU_ASSERT_EQUAL(goxel_effects_write(&mixed, seed < 20 ? before : NULL, gone), 0);
        CU_ASSERT(bytes.len == mixed.len && memcmp(bytes.data, mixed.data, bytes.len) == 0);
        made = seed < 20 ? goxel_project_copy(away) : goxel_project_create("");
        CU_ASSERT_EQUAL(goxel_effects_apply(bytes.data, bytes.len, made, NULL), 0);
        for (size_t i = 0; i < after->layer_count; i++)
            CU_ASSERT(same_volume(made->layers[i]->volume, after->layers[i]->volume));
        CU_ASSERT(same_volume(made->selection, after->selection));
        goxel_buf_finish(&bytes);
        goxel_buf_finish(&mixed);
        goxel_project_unref(made);
        goxel_project_unref(gone);
        goxel_project_unref(after);
        goxel_project_unref(away_after);
    }
    goxel_project_unref(before);
    goxel_project_unref(away);
    shelf_end(shelf);
}

static bool same_layers(const struct goxel_project *a, const struct goxel_project *b)
{
    bool same = same_volume(a->selection, b->selection);

    for (size_t i = 0; i < a->layer_count; i++)
        same = same && same_volume(a->layers[i]->volume, b->layers[i]->volume);
    return same;
}

/* Steps on a version that is away, and more that is away after each: back to the beginning, and forth again. */
static void history_leads_back_and_forth(void)
{
    struct goxel_project *versions[6] = {make_project()}, *now;
    struct shelf *shelf = shelf_make();

    now = shelf_project(shelf, versions[0]);
    for (size_t i = 1; i < 6; i++) {
        struct goxel_project *next = edited(now, i);

        versions[i] = edited(versions[i - 1], i);
        goxel_project_unref(now);
        now = shelf_project(shelf, next);
        goxel_project_unref(next);
    }
    CU_ASSERT(same_layers(now, versions[5]));
    for (size_t i = 5; i-- > 0;) {
        CU_ASSERT_EQUAL(goxel_history_undo(now, NULL), 0);
        CU_ASSERT(same_layers(now, versions[i]));
    }
    for (size_t i = 1; i < 6; i++) {
        CU_ASSERT_EQUAL(goxel_history_redo(now, NULL), 0);
        CU_ASSERT(same_layers(now, versions[i]));
    }
    for (size_t i = 0; i < 6; i++)
        goxel_project_unref(versions[i]);
    goxel_project_unref(now);
    shelf_end(shelf);
}

/* ---- failing ---- */

/* After so many loads, or with what is not what it had been. Whatever comes of it, the source says so. */
static void failures_are_told_and_nothing_crashes(void)
{
    static const struct {
        int good;
        bool wrong;
    } cases[] = {{0, false}, {1, false}, {7, true}, {40, false}};
    struct goxel_volume *volume = make_volume(3);

    for (size_t i = 0; i < (QUESTIONS + EDITS) * 4; i++) {
        struct shelf *shelf = shelf_make();
        struct goxel_volume *away = shelf_volume(shelf, volume, true), *changed = NULL;
        uint64_t failures = goxel_away_failures();
        size_t which = i / 4;

        shelf->good = cases[i % 4].good;
        shelf->wrong = cases[i % 4].wrong;
        if (which < QUESTIONS)
            answer(which, away, 6);
        else
            do_edit(which - QUESTIONS, away, 6, &changed);
        CU_ASSERT_EQUAL(shelf->source.failed != 0, shelf->loads > shelf->good);
        CU_ASSERT_EQUAL(goxel_away_check(failures, NULL), shelf->source.failed);
        CU_ASSERT_EQUAL(shelf->damaged, shelf->wrong && shelf->loads > shelf->good); /* told once */
        CU_ASSERT(shelf->loads <= shelf->good + 1); /* it is not tried again */
        goxel_volume_destroy(changed);
        goxel_volume_destroy(away);
        shelf_end(shelf);
    }
    goxel_volume_destroy(volume);
}

static void projects_survive_failures(void)
{
    struct goxel_project *project = make_project();

    for (int good = 0; good < 100; good += 33) {
        struct shelf *shelf = shelf_make();
        struct goxel_project *away = shelf_project(shelf, project), *after = edited(away, 3);
        struct goxel_volume *picture = NULL;
        struct goxel_buf bytes;

        goxel_project_unref(away);
        away = shelf_project(shelf, after);
        shelf->loads = 0;
        shelf->good = good;
        goxel_project_flatten(away, NULL, &picture);
        goxel_buf_init(&bytes, (size_t)1 << 30);
        goxel_effects_write(&bytes, project, away);
        goxel_history_undo(after, NULL);
        goxel_history_redo(after, NULL);
        CU_ASSERT(shelf->source.failed);
        goxel_buf_finish(&bytes);
        goxel_volume_destroy(picture);
        goxel_project_unref(away);
        goxel_project_unref(after);
        shelf_end(shelf);
    }
    goxel_project_unref(project);
}

/* A volume of one brick that is away. */
static struct goxel_volume *one_brick(struct shelf *shelf, struct goxel_color voxel, int count)
{
    struct goxel_volume *volume = goxel_volume_create(), *away;

    for (int i = 0; i < count; i++)
        CU_ASSERT_EQUAL(goxel_volume_set_at(volume, at(i, 1, 1), voxel), 0);
    goxel_volume_seal(volume);
    away = shelf_volume(shelf, volume, true);
    goxel_volume_destroy(volume);
    return away;
}

static void writes_fail_and_change_nothing(void)
{
    for (int count = 1; count <= 3; count += 2) {
        struct shelf *shelf = shelf_make();
        struct goxel_volume *away = one_brick(shelf, rgba(1, 2, 3, 255), count);
        struct goxel_accessor near = goxel_accessor_make(away);

        shelf->good = 0;
        CU_ASSERT_EQUAL(goxel_volume_set_at(away, at(0, 1, 1), rgba(0, 0, 0, 0)), GOXEL_ERROR_FILE_ACCESS);
        CU_ASSERT_EQUAL(goxel_volume_set_at(away, at(5, 5, 5), rgba(9, 9, 9, 9)), GOXEL_ERROR_FILE_ACCESS);
        CU_ASSERT_EQUAL(goxel_volume_set_at(away, at(5, 5, 5), rgba(0, 0, 0, 0)), GOXEL_ERROR_FILE_ACCESS);
        CU_ASSERT_EQUAL(goxel_accessor_set(&near, at(1, 1, 1), rgba(0, 0, 0, 0)), GOXEL_ERROR_FILE_ACCESS);
        CU_ASSERT_EQUAL(goxel_tree_change(away, at(1, 1, 1), rgba(7, 0, 0, 1)), GOXEL_ERROR_FILE_ACCESS);
        CU_ASSERT_EQUAL(shelf->loads, 1); /* it is not tried again */
        CU_ASSERT(shelf->source.failed);
        CU_ASSERT_EQUAL(goxel_volume_count(away), count);
        shelf->good = -1; /* mended */
        atomic_store(&shelf->source.failed, 0);
        CU_ASSERT(same_color(goxel_volume_get_at(away, at(0, 1, 1)), rgba(1, 2, 3, 255)));
        CU_ASSERT_EQUAL(goxel_volume_set_at(away, at(0, 1, 1), rgba(0, 0, 0, 0)), 0);
        CU_ASSERT_EQUAL(goxel_volume_count(away), count - 1);
        goxel_volume_destroy(away);
        shelf_end(shelf);
    }
}

static void other_voxels_than_there_were_are_no_voxels(void)
{
    struct shelf *shelf = shelf_make();
    struct goxel_volume *away = one_brick(shelf, rgba(1, 2, 3, 255), 4);

    shelf->good = 0;
    shelf->wrong = true;
    CU_ASSERT_EQUAL(goxel_volume_set_at(away, at(0, 1, 1), rgba(0, 0, 0, 0)), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT(same_color(goxel_volume_get_at(away, at(0, 1, 1)), rgba(0, 0, 0, 0)));
    CU_ASSERT(shelf->source.failed);
    goxel_volume_destroy(away);
    shelf_end(shelf);
}

/* Nothing is wrong with what is there: whoever tries again has it. */
static void missing_memory_is_no_failure_of_the_source(void)
{
    struct shelf *shelf = shelf_make();
    struct goxel_volume *away = one_brick(shelf, rgba(1, 2, 3, 255), 4);
    uint64_t failures = goxel_away_failures();
    struct goxel_detail detail;

    shelf->good = 0;
    shelf->short_of = true;
    CU_ASSERT(same_color(goxel_volume_get_at(away, at(0, 1, 1)), rgba(0, 0, 0, 0)));
    CU_ASSERT_EQUAL(goxel_away_check(failures, &detail), GOXEL_ERROR_OUT_OF_MEMORY);
    CU_ASSERT_EQUAL(goxel_volume_set_at(away, at(0, 1, 1), rgba(0, 0, 0, 0)), GOXEL_ERROR_OUT_OF_MEMORY);
    shelf->good = -1;
    failures = goxel_away_failures();
    CU_ASSERT(same_color(goxel_volume_get_at(away, at(0, 1, 1)), rgba(1, 2, 3, 255)));
    CU_ASSERT_EQUAL(goxel_away_check(failures, NULL), 0);
    CU_ASSERT(shelf->source.failed == 0 && shelf->damaged == 0);
    goxel_volume_destroy(away);
    shelf_end(shelf);
}

/* An edit of what could not be read is none, although the operation did not say so. */
static void edits_of_what_cannot_be_read_are_none(void)
{
    static const struct goxel_note note = {.name = "edit"};
    struct goxel_project *project = make_project(), *away, *published;
    struct shelf *shelf = shelf_make();
    struct goxel_head *head;
    struct goxel_edit editing;

    away = shelf_project(shelf, project);
    head = goxel_head_create(away);
    for (int round = 0; round < 2; round++) {
        shelf->short_of = true;
        shelf->good = round ? -1 : 0;
        CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &editing), 0);
        edit_box(editing.project, &(uint64_t){5});
        goxel_project_merge_layers(editing.project, editing.project->layers[1]->id,
                                   editing.project->layers[0]->id, NULL);
        CU_ASSERT_EQUAL(goxel_head_commit(head, &editing, &note, NULL),
                        round ? 0 : GOXEL_ERROR_OUT_OF_MEMORY);
        published = goxel_head_snapshot(head);
        CU_ASSERT_EQUAL(published == away, round == 0);
        goxel_project_unref(published);
    }
    goxel_head_destroy(head);
    goxel_project_unref(away);
    goxel_project_unref(project);
    shelf_end(shelf);
}

/* ---- life ---- */

static void bricks_that_are_away_are_small(void)
{
    struct shelf *shelf = shelf_make(), *other = shelf_make();
    struct goxel_volume *away = one_brick(shelf, rgba(1, 2, 3, 255), 4);
    const struct goxel_brick *brick = goxel_link_brick(goxel_tree_find(away, at(0, 0, 0)));

    CU_ASSERT_NOT_EQUAL(shelf->source.serial, other->source.serial);
    CU_ASSERT_EQUAL(brick->state, GOXEL_BRICK_AWAY);
    CU_ASSERT_EQUAL(brick->count, 4);
    CU_ASSERT(goxel_brick_bytes(brick) <= 32);
    CU_ASSERT(goxel_brick_here(shelf->rows[0]) == shelf->rows[0]);
    CU_ASSERT_EQUAL(goxel_brick_here(brick)->count, 4);
    goxel_volume_destroy(away);
    if (unit_fail_allocation(0) >= 0) {
        CU_ASSERT_PTR_NULL(goxel_brick_away(&shelf->source, 9, 1));
        unit_fail_allocation(-1);
    }
    shelf_end(shelf);
    shelf_end(other);
}

/* What was loaded stays for as many others as is said, and what is asked for again is not loaded again. */
static void what_was_loaded_stays_for_a_while(void)
{
    struct goxel_volume *volume = make_volume(12);
    struct shelf *shelf = shelf_make();
    struct goxel_volume *away = shelf_volume(shelf, volume, true);
    struct goxel_brick *bricks[2 * GOXEL_AWAY_RING];
    int64_t used = shelf->used;

    for (int i = 0; i < 2 * GOXEL_AWAY_RING; i++)
        bricks[i] = goxel_link_brick(shelf_put(shelf, shelf->rows[i % used]));
    for (int round = 0; round < 40; round++) {
        const struct goxel_brick *brick = bricks[round], *first = goxel_brick_here(brick);
        int loads;

        for (int i = 1; i <= GOXEL_AWAY_RING / 2; i++)
            goxel_brick_here(bricks[(round + i * 7) % (2 * GOXEL_AWAY_RING)]);
        CU_ASSERT(first->count == brick->count && first->state == shelf->rows[round % used]->state);
        loads = shelf->loads;
        CU_ASSERT(goxel_brick_here(brick) == first && goxel_brick_here(brick) == first);
        CU_ASSERT_EQUAL(shelf->loads, loads);
    }
    for (int i = 0; i < 2 * GOXEL_AWAY_RING; i++)
        goxel_brick_unref(bricks[i]);
    goxel_volume_destroy(volume);
    goxel_volume_destroy(away);
    shelf_end(shelf);
}

/* ---- threads ---- */

#define READERS 3

struct reading {
    const struct goxel_volume *volume;
    const uint64_t *answers;
    size_t first;
    int wrong;
};

static void *read_all(void *ctx)
{
    struct reading *reading = ctx;

    for (size_t i = 0; i < QUESTIONS; i++) {
        size_t question = (reading->first + i) % QUESTIONS;

        reading->wrong += answer(question, reading->volume, 9) != reading->answers[question];
    }
    return NULL;
}

/* One volume, several threads, each in its own order; and they end, with what they keep. */
static void threads_share_a_volume(void)
{
    struct goxel_volume *volume = make_volume(9);
    struct shelf *shelf = shelf_make();
    struct goxel_volume *away = shelf_volume(shelf, volume, true);
    struct reading readings[READERS];
    pthread_t threads[READERS];
    uint64_t answers[QUESTIONS];

    for (size_t i = 0; i < QUESTIONS; i++)
        answers[i] = answer(i, volume, 9);
    for (size_t i = 0; i < READERS; i++) {
        readings[i] = (struct reading){away, answers, i * 6, 0};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, read_all, &readings[i]), 0);
    }
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        CU_ASSERT_EQUAL(readings[i].wrong, 0);
    }
    CU_ASSERT(!shelf->source.failed);
    goxel_volume_destroy(volume);
    goxel_volume_destroy(away);
    shelf_end(shelf);
}

static const struct unit_test tests[] = {
    {"all kinds are met", all_kinds_are_met},
    {"every question is answered the same", every_question_is_answered_the_same},
    {"every edit comes to the same", every_edit_comes_to_the_same},
    {"twins do not differ", twins_do_not_differ},
    {"pictures are the same", pictures_are_the_same},
    {"effects are the same", effects_are_the_same},
    {"history leads back and forth", history_leads_back_and_forth},
    {"failures are told and nothing crashes", failures_are_told_and_nothing_crashes},
    {"projects survive failures", projects_survive_failures},
    {"writes fail and change nothing", writes_fail_and_change_nothing},
    {"other voxels than there were are no voxels", other_voxels_than_there_were_are_no_voxels},
    {"missing memory is no failure of the source", missing_memory_is_no_failure_of_the_source},
    {"edits of what cannot be read are none", edits_of_what_cannot_be_read_are_none},
    {"bricks that are away are small", bricks_that_are_away_are_small},
    {"what was loaded stays for a while", what_was_loaded_stays_for_a_while},
    {"threads share a volume", threads_share_a_volume},
    {NULL, NULL},
};

const struct unit_suite suite_away = {"away", tests};
