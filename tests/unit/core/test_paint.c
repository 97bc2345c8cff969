/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shapes, strokes, crops and what confines an edit: at the edges of what they take, and with memory failing. Beside
 * a slow reference they are in tests/engine.
 */
#include "core/paint.h"

#include <math.h>

#include "core/tree.h"
#include "region.h"

static const struct goxel_color red = {255, 0, 0, 255};

static struct goxel_shape sphere(double radius)
{
    return (struct goxel_shape){GOXEL_SHAPE_SPHERE, 2, {0, 0, 0}, {radius, radius, radius}};
}

static void shapes_have_names(void)
{
    enum goxel_shape_kind kind;

    for (int i = 0; i < GOXEL_SHAPE_KINDS; i++) {
        CU_ASSERT(goxel_shape_named(goxel_shape_name((enum goxel_shape_kind)i), &kind));
        CU_ASSERT_EQUAL((int)kind, i);
    }
    CU_ASSERT(!goxel_shape_named("torus", &kind));
    CU_ASSERT(!goxel_shape_named("", &kind));
}

static void wrong_shapes_are_refused(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    const struct goxel_brush brush = {.mode = GOXEL_MODE_OVER, .color = red};
    const struct goxel_box empty = {{0, 0, 0}, {0, -1, 0}};
    struct goxel_shape shapes[7], good = sphere(3);
    struct goxel_brush wrong[] = {brush, brush, brush, brush, brush};

    for (int i = 0; i < 7; i++)
        shapes[i] = good;
    shapes[0].half[1] = 0;
    shapes[1].half[2] = -1;
    shapes[2].half[0] = NAN;
    shapes[3].center[0] = INFINITY;
    shapes[4].half[0] = 1e300;
    shapes[5].axis = 3;
    shapes[6].kind = GOXEL_SHAPE_KINDS;
    for (int i = 0; i < 7; i++) {
        CU_ASSERT(!goxel_shape_valid(&shapes[i]));
        CU_ASSERT_EQUAL(goxel_paint_shapes(volume, &shapes[i], 1, &brush, NULL), GOXEL_ERROR_VALIDATION);
        CU_ASSERT_EQUAL(goxel_paint_bricks(&shapes[i], 1, &brush), 0);
    }
    wrong[0].mode = GOXEL_MODES_END;
    wrong[1].mode = (enum goxel_mode)0;
    wrong[2].smoothness = -1;
    wrong[3].smoothness = NAN;
    wrong[4].smoothness = GOXEL_SMOOTHNESS_MAX * 2;
    for (int i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(goxel_paint_shapes(volume, &good, 1, &wrong[i], NULL), GOXEL_ERROR_VALIDATION);
    wrong[0] = brush;
    wrong[0].clip = &empty;
    CU_ASSERT_EQUAL(goxel_paint_shapes(volume, &good, 1, &wrong[0], NULL), GOXEL_ERROR_INVALID_COORDINATES);
    CU_ASSERT_EQUAL(goxel_paint_shapes(volume, &good, 0, &brush, NULL), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 0);
    goxel_volume_destroy(volume);
}

/* What lies beyond the range is not there; what reaches into it is. */
static void the_range_cuts_shapes(void)
{
    const struct goxel_brush brush = {.mode = GOXEL_MODE_OVER, .color = red};
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_shape shape = {GOXEL_SHAPE_CUBE, 0, {GOXEL_COORD_MAX + 1.0, 0, GOXEL_COORD_MIN}, {2, 2, 3}};
    struct goxel_box box;

    CU_ASSERT(goxel_shape_bounds(&shape, 0, &box));
    CU_ASSERT(box.min.x == GOXEL_COORD_MAX - 1 && box.max.x == GOXEL_COORD_MAX &&
              box.min.z == GOXEL_COORD_MIN);
    CU_ASSERT_EQUAL(goxel_paint_shapes(volume, &shape, 1, &brush, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 2 * 4 * 3);
    shape.center[0] += 3;
    CU_ASSERT(!goxel_shape_bounds(&shape, 0, &box));
    CU_ASSERT_EQUAL(goxel_paint_shapes(volume, &shape, 1, &brush, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 2 * 4 * 3);
    goxel_volume_destroy(volume);
}

/* The whole range at once: tiles inside, and the estimate tells before what it would be. */
static void large_ones_are_tiles(void)
{
    const struct goxel_brush brush = {.mode = GOXEL_MODE_OVER, .color = red};
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_shape cube = {GOXEL_SHAPE_CUBE, 0, {0, 0, 0}, {512, 512, 512}}, ball = sphere(300);

    CU_ASSERT(goxel_paint_bricks(&cube, 1, &brush) >= 64 * 64 * 64);
    CU_ASSERT_EQUAL(goxel_paint_shapes(volume, &cube, 1, &brush, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), (int64_t)1024 * 1024 * 1024);
    for (int i = 0; i < GOXEL_OCTANTS; i++) /* 512³ each: of a node's 64 links of 256³ eight */
        CU_ASSERT(goxel_link_is_tile(
            goxel_tree_at(volume, at(i & 1 ? -256 : 0, i & 2 ? -256 : 0, i & 4 ? -256 : 0), 2)));
    CU_ASSERT_EQUAL(goxel_paint_shapes(volume, &ball, 1,
                                       &(struct goxel_brush){.mode = GOXEL_MODE_SUB, .color = red}, NULL),
                    0);
    CU_ASSERT(llabs(goxel_volume_count(volume) - ((int64_t)1024 * 1024 * 1024 - 113097335)) < 100000);
    CU_ASSERT(goxel_link_is_tile(goxel_tree_at(volume, at(-512, -512, -512), 2)));
    CU_ASSERT_EQUAL(goxel_tree_at(volume, at(0, 0, 0), 1), 0);
    goxel_volume_destroy(volume);
}

/* A half turn of the one is the other: the mirrored shape covers what mirrored voxels say. */
static void mirrors_are_one_painting(void)
{
    const struct goxel_brush brush = {
        .mode = GOXEL_MODE_OVER, .color = {9, 8, 7, 100}, .symmetry = 7, .origin = {0.5, 1, -2}};
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_shape shape = sphere(4.3);
    int wrong = 0;

    shape.center[0] = 3; /* so that the images overlap */
    CU_ASSERT_EQUAL(goxel_paint_shapes(volume, &shape, 1, &brush, NULL), 0);
    CU_ASSERT(goxel_volume_count(volume) > 300);
    for (FOR_BOX(pos, &((const struct goxel_box){{-12, -12, -12}, {12, 12, 12}}))) {
        struct goxel_color color = goxel_volume_get_at(volume, pos);

        wrong += color.a != 0 && color.a != 100; /* never laid on twice */
        wrong += !same_color(color, goxel_volume_get_at(volume, at(-pos.x, pos.y, pos.z)));
        wrong += !same_color(color, goxel_volume_get_at(volume, at(pos.x, 1 - pos.y, pos.z)));
        wrong += !same_color(color, goxel_volume_get_at(volume, at(pos.x, pos.y, -5 - pos.z)));
    }
    CU_ASSERT_EQUAL(wrong, 0);
    goxel_volume_destroy(volume);
}

static void strokes_touch(void)
{
    static const struct goxel_pos points[] = {{-20, 3, 5}, {30, -9, 5}, {30, -9, 5}, {31, 40, 60}};
    const struct goxel_stamp dot = {GOXEL_SHAPE_CUBE, 0, {1, 1, 1}};
    const struct goxel_brush brush = {.mode = GOXEL_MODE_OVER, .color = red};
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_shape *shapes = NULL;
    size_t count = 0;

    CU_ASSERT_EQUAL_FATAL(goxel_stroke_shapes(&dot, points, 4, &shapes, &count), 0);
    for (size_t i = 1; i < count; i++) {
        for (int k = 0; k < 3; k++)
            CU_ASSERT(fabs(shapes[i].center[k] - shapes[i - 1].center[k]) <= 1);
    }
    CU_ASSERT_EQUAL(goxel_paint_shapes(volume, shapes, count, &brush, NULL), 0);
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(goxel_volume_get_at(volume, points[i]).r, 255);
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 51 + 55); /* a voxel for each step of the longest axis */
    free(shapes);
    goxel_volume_destroy(volume);
}

static void wrong_strokes_are_refused(void)
{
    static const struct goxel_pos far[] = {{GOXEL_COORD_MIN, 0, 0}, {GOXEL_COORD_MAX, 0, 0}},
                                  out = {0, 0, GOXEL_COORD_MAX + 1};
    const struct goxel_stamp dot = {GOXEL_SHAPE_CUBE, 0, {1, 1, 1}}, none = {GOXEL_SHAPE_CUBE, 0, {1, 0, 1}};
    struct goxel_shape *shapes = NULL;
    size_t count = 0;

    CU_ASSERT_EQUAL(goxel_stroke_shapes(&dot, far, 0, &shapes, &count), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_stroke_shapes(&none, far, 1, &shapes, &count), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_stroke_shapes(&dot, far, 2, &shapes, &count), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(goxel_stroke_shapes(&dot, &out, 1, &shapes, &count), GOXEL_ERROR_INVALID_COORDINATES);
    unit_fail_allocation(0);
    CU_ASSERT_EQUAL(goxel_stroke_shapes(&dot, far, 1, &shapes, &count), GOXEL_ERROR_OUT_OF_MEMORY);
    unit_fail_allocation(-1);
    CU_ASSERT_PTR_NULL(shapes);
}

/* ---- crop and confine ---- */

static void crops_leave_the_box(void)
{
    const struct goxel_box range = {{GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
                                    {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX}};
    const struct goxel_box wrong = {{0, 0, 0}, {0, 0, -1}};

    for (uint64_t seed = 0xc409; seed < 0xc415; seed++) {
        struct twin twin = twin_random(seed, 12, 4000);
        struct goxel_box box = random_box(&twin.state);

        CU_ASSERT_EQUAL(goxel_volume_crop(twin.volume, &range, NULL), 0);
        CU_ASSERT(naive_matches(twin.naive, twin.volume, seed));
        CU_ASSERT_EQUAL(goxel_volume_crop(twin.volume, &wrong, NULL), GOXEL_ERROR_INVALID_COORDINATES);
        for (FOR_BOX(pos, &naive_box)) {
            if (!goxel_box_contains(&box, pos))
                naive_set(twin.naive, pos, rgba(0, 0, 0, 0));
        }
        CU_ASSERT_EQUAL(goxel_volume_crop(twin.volume, &box, NULL), 0);
        CU_ASSERT(naive_matches(twin.naive, twin.volume, seed));
        twin_end(&twin);
    }
}

static void edits_are_confined(void)
{
    for (uint64_t seed = 0xc0f1; seed < 0xc0fd; seed++) {
        struct twin before = twin_random(seed, 12, 2000), mask = twin_mask(seed);
        struct twin after = twin_random(seed + 1000, 12, 2000);

        for (FOR_BOX(pos, &naive_box)) {
            if (!naive_at(mask.naive, pos)->a)
                naive_set(after.naive, pos, *naive_at(before.naive, pos));
        }
        CU_ASSERT_EQUAL(goxel_volume_confine(after.volume, before.volume, mask.volume, NULL), 0);
        CU_ASSERT(naive_matches(after.naive, after.volume, seed));
        twin_end(&before);
        twin_end(&mask);
        twin_end(&after);
    }
}

/* ---- memory ---- */

struct trial {
    struct goxel_shape shapes[2];
    struct goxel_brush brush;
    struct goxel_box box;
    const struct goxel_volume *before, *mask;
};

static int paint(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    const struct trial *trial = ctx;

    return goxel_paint_shapes(volume, trial->shapes, 2, &trial->brush, cancel);
}

static int crop(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    const struct trial *trial = ctx;

    return goxel_volume_crop(volume, &trial->box, cancel);
}

static int confine(struct goxel_volume *volume, struct goxel_cancel *cancel, void *ctx)
{
    const struct trial *trial = ctx;

    return goxel_volume_confine(volume, trial->before, trial->mask, cancel);
}

static void failures_change_nothing(void)
{
    struct twin twin = twin_random(0xfa19, 8, 500), mask = twin_mask(0xfa19),
                before = twin_random(0xfa1b, 8, 500);
    struct trial trial = {.shapes = {sphere(20), sphere(9)},
                          .box = {{-20, -20, -20}, {20, 21, 22}},
                          .before = before.volume,
                          .mask = mask.volume};

    trial.shapes[1].kind = GOXEL_SHAPE_CYLINDER;
    for (int mode = GOXEL_MODE_OVER; mode < GOXEL_MODES_END; mode += 5) { /* over, intersect */
        trial.brush = (struct goxel_brush){.mode = (enum goxel_mode)mode,
                                           .color = {10, 200, 90, 200},
                                           .smoothness = mode % 3,
                                           .symmetry = (unsigned)mode & 7,
                                           .within = mode & 1 ? mask.volume : NULL};
        region_fails_whole(twin.volume, paint, &trial);
    }
    region_fails_whole(twin.volume, crop, &trial);
    region_fails_whole(twin.volume, confine, &trial);
    twin_end(&twin);
    twin_end(&mask);
    twin_end(&before);
}

static const struct unit_test tests[] = {
    {"shapes have names", shapes_have_names},
    {"wrong shapes are refused", wrong_shapes_are_refused},
    {"the range cuts shapes", the_range_cuts_shapes},
    {"large ones are tiles", large_ones_are_tiles},
    {"mirrors are one painting", mirrors_are_one_painting},
    {"strokes touch", strokes_touch},
    {"wrong strokes are refused", wrong_strokes_are_refused},
    {"crops leave the box", crops_leave_the_box},
    {"edits are confined", edits_are_confined},
    {"failures change nothing", failures_change_nothing},
    {NULL, NULL},
};

const struct unit_suite suite_paint = {"paint", tests};
