/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boxes that cover the solid: all of it, nothing else, nothing twice. */
#include "mesh/boxes.h"

#include "base/error.h"
#include "core/shelf.h"
#include "samples.h"

struct covered {
    const struct goxel_box *boxes;
    size_t count;
    uint8_t alpha_min;
    int64_t voxels, outside;
};

static int look(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct covered *covered = ctx;
    bool inside = false;

    if (color.a < covered->alpha_min)
        return 0;
    covered->voxels++;
    for (size_t i = 0; i < covered->count && !inside; i++)
        inside = goxel_box_contains(&covered->boxes[i], pos);
    covered->outside += !inside;
    return 0;
}

static int64_t size_of(const struct goxel_box *box)
{
    return ((int64_t)box->max.x - box->min.x + 1) * ((int64_t)box->max.y - box->min.y + 1) *
           ((int64_t)box->max.z - box->min.z + 1);
}

static bool are_in_order(const struct goxel_box *a, const struct goxel_box *b)
{
    if (a->min.z != b->min.z)
        return a->min.z < b->min.z;
    if (a->min.y != b->min.y)
        return a->min.y < b->min.y;
    return a->min.x < b->min.x;
}

/* Every voxel is in a box, and the boxes are as large as there are voxels: so none is in two, and nothing else in any. */
static void check(const struct goxel_volume *volume, uint8_t alpha_min)
{
    struct goxel_box *boxes = NULL;
    size_t count = 0;
    int64_t size = 0;
    struct covered covered;

    CU_ASSERT_EQUAL_FATAL(goxel_mesh_boxes(volume, alpha_min, 1000000, NULL, NULL, &boxes, &count), 0);
    covered = (struct covered){boxes, count, alpha_min, 0, 0};
    CU_ASSERT_EQUAL(goxel_volume_visit(volume, NULL, NULL, look, &covered), 0);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT(size_of(&boxes[i]) > 0);
        CU_ASSERT(i == 0 || are_in_order(&boxes[i - 1], &boxes[i]));
        size += size_of(&boxes[i]);
    }
    CU_ASSERT_EQUAL(covered.outside, 0);
    CU_ASSERT_EQUAL(size, covered.voxels);
    CU_ASSERT(count <= (size_t)covered.voxels);
    CU_ASSERT((boxes == NULL) == (count == 0));
    free(boxes);
}

static void all_of_the_solid_is_covered(void)
{
    static const uint8_t alphas[] = {1, 127, 255};

    for (const struct sample *sample = samples; sample->name; sample++) {
        struct goxel_volume *volume = sample_make(sample);

        for (size_t i = 0; i < 3; i++)
            check(volume, alphas[i]);
        goxel_volume_destroy(volume);
    }
}

static size_t count_boxes(const struct goxel_volume *volume)
{
    struct goxel_box *boxes = NULL;
    size_t count = 0;

    CU_ASSERT_EQUAL(goxel_mesh_boxes(volume, 1, SIZE_MAX, NULL, NULL, &boxes, &count), 0);
    free(boxes);
    return count;
}

static void a_box_is_one(void)
{
    static const struct goxel_box boxes[] = {{{0, 0, 0}, {511, 511, 511}},
                                             {{-300, -7, 5}, {211, 504, 516}},
                                             {{-1000, -1000, -1000}, {999, 999, 999}},
                                             {{3, 3, 3}, {3, 3, 3}}};

    for (size_t i = 0; i < 4; i++) {
        struct goxel_volume *volume = goxel_volume_create();
        struct goxel_box *got = NULL;
        size_t count = 0;

        CU_ASSERT_EQUAL(goxel_volume_fill(volume, &boxes[i], rgba(1, 2, 3, 255), NULL), 0);
        CU_ASSERT_EQUAL_FATAL(goxel_mesh_boxes(volume, 1, 1, NULL, NULL, &got, &count), 0);
        CU_ASSERT_EQUAL_FATAL(count, 1);
        CU_ASSERT_EQUAL(memcmp(got, &boxes[i], sizeof(*got)), 0);
        free(got);
        goxel_volume_destroy(volume);
    }
}

static void there_are_few_of_them(void)
{
    struct goxel_volume *sphere = sample_sphere(64), *stairs = sample_make(&samples[14]);

    CU_ASSERT(count_boxes(sphere) < 3500);
    CU_ASSERT(count_boxes(stairs) <= 20);
    goxel_volume_destroy(sphere);
    goxel_volume_destroy(stairs);
}

static void there_is_a_ceiling(void)
{
    struct goxel_volume *volume = sample_make(&samples[6]);
    struct goxel_detail detail;
    struct goxel_box *boxes = NULL;
    size_t count = 0, all = count_boxes(volume);

    CU_ASSERT_EQUAL(goxel_mesh_boxes(volume, 1, all, NULL, NULL, &boxes, &count), 0);
    CU_ASSERT_EQUAL(count, all);
    free(boxes);
    boxes = NULL;
    for (size_t most = 0; most < all; most += all / 7 + 1) {
        CU_ASSERT_EQUAL(goxel_mesh_boxes(volume, 1, most, NULL, &detail, &boxes, &count), GOXEL_ERROR_QUOTA);
        CU_ASSERT_EQUAL(detail.limit, (int64_t)most);
    }
    CU_ASSERT_EQUAL(goxel_mesh_boxes(volume, 1, all - 1, NULL, NULL, &boxes, &count), GOXEL_ERROR_QUOTA);
    CU_ASSERT_PTR_NULL(boxes);
    goxel_volume_destroy(volume);
}

static void an_end_and_missing_memory_leave_nothing(void)
{
    struct goxel_volume *volume = sample_make(&samples[12]);
    struct goxel_box *boxes = NULL;
    struct goxel_cancel cancel;
    size_t count = 0;
    long failed = 0, made;

    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_REQUEST_TIMEOUT);
    CU_ASSERT_EQUAL(goxel_mesh_boxes(volume, 1, 1000, &cancel, NULL, &boxes, &count),
                    GOXEL_ERROR_REQUEST_TIMEOUT);
    /* Sorting does without memory where there is none. */
    do {
        int code;

        unit_fail_allocation(failed);
        code = goxel_mesh_boxes(volume, 1, 1000, NULL, NULL, &boxes, &count);
        made = unit_fail_allocation(-1);
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        CU_ASSERT((code == 0) == (boxes != NULL));
        free(boxes);
        boxes = NULL;
    } while (made > failed++);
    CU_ASSERT(failed > 5);
    goxel_volume_destroy(volume);
}

static void bricks_that_are_away_are_loaded(void)
{
    struct goxel_volume *volume = sample_make(&samples[7]);
    struct shelf *shelf = shelf_make();
    struct goxel_volume *away = shelf_volume(shelf, volume, true);
    struct goxel_box *boxes = NULL;
    size_t count = 0;

    CU_ASSERT_EQUAL(count_boxes(away), count_boxes(volume));
    shelf->good = 0;
    goxel_volume_destroy(away);
    away = shelf_volume(shelf, volume, true);
    CU_ASSERT_EQUAL(goxel_mesh_boxes(away, 1, 100000, NULL, NULL, &boxes, &count), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_PTR_NULL(boxes);
    goxel_volume_destroy(away);
    goxel_volume_destroy(volume);
    shelf_end(shelf);
}

const struct unit_suite boxes_suite = {
    "boxes",
    (const struct unit_test[]){
        {"all of the solid is covered", all_of_the_solid_is_covered},
        {"a box is one", a_box_is_one},
        {"there are few of them", there_are_few_of_them},
        {"there is a ceiling", there_is_a_ceiling},
        {"an end and missing memory leave nothing", an_end_and_missing_memory_leave_nothing},
        {"bricks that are away are loaded", bricks_that_are_away_are_loaded},
        {NULL, NULL},
    },
};
