/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Some layers of a project, or a box of it: what stays, what becomes plain, and that the whole one is as it was. */
#include "core/excerpt.h"

#include <string.h>

#include "base/error.h"
#include "naive.h"

static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 255};

/* Layers 1 (red at 1), 2 (blue at 2, hidden), 3, a clone of the first, 10 on, and 4, a clone of that, another 10 on. */
static struct goxel_project *four(void)
{
    struct goxel_project *project = goxel_project_create("p");

    for (int id = 1; id <= 4; id++) {
        struct goxel_layer *layer = NULL;

        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
        if (id <= 2)
            CU_ASSERT_EQUAL(goxel_volume_set_at(layer->volume, at(id, 0, 0), id == 2 ? blue : red), 0);
        layer->visible = id != 2;
        if (id > 2) {
            layer->base_id = id == 3 ? 1 : 3;
            layer->mat[12] = 10;
        }
    }
    project->preview = goxel_preview_create((const uint8_t *)"picture", 7);
    goxel_project_seal(project);
    return project;
}

/* What is seen at (x, 0, 0). */
static struct goxel_color seen(const struct goxel_project *project, int x)
{
    struct goxel_volume *picture = NULL;
    struct goxel_color color;

    CU_ASSERT_EQUAL_FATAL(goxel_project_flatten(project, NULL, &picture), 0);
    color = goxel_volume_get_at(picture, at(x, 0, 0));
    goxel_volume_destroy(picture);
    return color;
}

static bool is(struct goxel_color a, struct goxel_color b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

/* The excerpt of those layers (0 ends them), or of a box. */
static struct goxel_project *take(const struct goxel_project *project, const int *ids,
                                  const struct goxel_box *box, size_t wanted_left_out)
{
    struct goxel_excerpt excerpt = {.layers = ids, .has_box = box != NULL};
    struct goxel_project *part = NULL;
    size_t left_out = 99;

    while (ids && ids[excerpt.count])
        excerpt.count++;
    if (box)
        excerpt.box = *box;
    CU_ASSERT_EQUAL_FATAL(goxel_project_excerpt(project, &excerpt, NULL, &part, &left_out), 0);
    CU_ASSERT_EQUAL(left_out, wanted_left_out);
    CU_ASSERT_PTR_NULL(part->preview);
    return part;
}

static void layers_are_chosen(void)
{
    struct goxel_project *project = four(), *part = take(project, (const int[]){2, 0}, NULL, 0);

    CU_ASSERT_EQUAL(part->layer_count, 1);
    CU_ASSERT_EQUAL(part->layers[0]->id, 2);
    CU_ASSERT_TRUE(part->layers[0]->visible); /* who names it wants to see it */
    CU_ASSERT_EQUAL(part->scene->active_layer_id, 2);
    CU_ASSERT(is(seen(part, 2), blue) && seen(part, 1).a == 0);
    CU_ASSERT_EQUAL(goxel_project_voxels(part), 1);
    goxel_project_unref(part);
    CU_ASSERT_EQUAL(project->layer_count, 4);
    CU_ASSERT_FALSE(project->layers[1]->visible);
    CU_ASSERT_PTR_NOT_NULL(project->preview);
    goxel_project_unref(project);
}

/* A clone shows what it showed, whether its base comes along or not. */
static void clones_stay_what_they_show(void)
{
    struct goxel_project *project = four(), *part = take(project, (const int[]){4, 0}, NULL, 0);

    CU_ASSERT_EQUAL(part->layer_count, 1);
    CU_ASSERT_TRUE(goxel_layer_is_plain(part->layers[0]));
    CU_ASSERT(is(seen(part, 21), red) && seen(part, 11).a == 0);
    goxel_project_unref(part);
    part = take(project, (const int[]){4, 3, 0}, NULL, 0);
    CU_ASSERT_EQUAL(part->layer_count, 2);
    CU_ASSERT_EQUAL(part->layers[0]->id, 3); /* in the project's order */
    CU_ASSERT_TRUE(goxel_layer_is_plain(part->layers[0]));
    CU_ASSERT_EQUAL(part->layers[1]->base_id, 3);
    CU_ASSERT(is(seen(part, 11), red) && is(seen(part, 21), red) && seen(part, 1).a == 0);
    goxel_project_unref(part);
    goxel_project_unref(project);
}

static void a_box_is_cut_out(void)
{
    const struct goxel_box box = {{2, -5, -5}, {15, 5, 5}};
    struct goxel_project *project = four(), *part = take(project, NULL, &box, 0);

    CU_ASSERT_EQUAL(part->layer_count, 4);
    CU_ASSERT(is(seen(part, 11), red));
    CU_ASSERT(seen(part, 1).a == 0 && seen(part, 21).a == 0 && seen(part, 2).a == 0); /* the last is hidden */
    CU_ASSERT_EQUAL(goxel_project_voxels(part), 2);
    CU_ASSERT(is(seen(project, 21), red));
    goxel_project_unref(part);
    part = take(project, (const int[]){1, 0}, &box, 0);
    CU_ASSERT_EQUAL(goxel_project_voxels(part), 0);
    CU_ASSERT_EQUAL(part->layer_count, 1);
    goxel_project_unref(part);
    goxel_project_unref(project);
}

/* A shape of a name that nobody draws has no voxels to be cut. */
static void what_cannot_be_drawn_is_left_out(void)
{
    const struct goxel_box box = {{0, 0, 0}, {100, 0, 0}};
    struct goxel_project *project = four(), *part;

    memcpy(project->layers[1]->shape, "torus", sizeof("torus"));
    part = take(project, NULL, &box, 1);
    CU_ASSERT_EQUAL(part->layer_count, 3);
    goxel_project_unref(part);
    part = take(project, (const int[]){2, 1, 0}, NULL, 0); /* nothing cuts it */
    CU_ASSERT_EQUAL(part->layer_count, 2);
    CU_ASSERT_STRING_EQUAL(part->layers[1]->shape, "torus");
    goxel_project_unref(part);
    goxel_project_unref(project);
}

static void what_is_refused(void)
{
    const int ids[] = {1, 7};
    struct goxel_excerpt excerpt = {.layers = ids, .count = 2};
    struct goxel_project *project = four(), *part = NULL;
    struct goxel_cancel cancel;
    size_t left_out = 0;

    CU_ASSERT_EQUAL(goxel_project_excerpt(project, &excerpt, NULL, &part, &left_out),
                    GOXEL_ERROR_LAYER_NOT_FOUND);
    excerpt = (struct goxel_excerpt){.has_box = true, .box = {{1, 0, 0}, {0, 0, 0}}};
    CU_ASSERT_EQUAL(goxel_project_excerpt(project, &excerpt, NULL, &part, &left_out),
                    GOXEL_ERROR_INVALID_COORDINATES);
    excerpt.box.max.x = 9;
    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_REQUEST_TIMEOUT);
    CU_ASSERT_EQUAL(goxel_project_excerpt(project, &excerpt, &cancel, &part, &left_out),
                    GOXEL_ERROR_REQUEST_TIMEOUT);
    CU_ASSERT_PTR_NULL(part);
    goxel_project_unref(project);
}

#define CLONES 65 /* of so many bricks that they are too many together */

/* A layer of 2,048 bricks, and clones of it side by side. */
static struct goxel_project *crowd(void)
{
    struct goxel_project *project = goxel_project_create("p");

    for (int id = 1; id <= 1 + CLONES; id++) {
        struct goxel_layer *layer = NULL;

        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
        for (int i = 0; id == 1 && i < 2048; i++)
            CU_ASSERT_EQUAL_FATAL(goxel_volume_set_at(layer->volume, at(i % 64 * 16, i / 64 * 16, 0), red),
                                  0);
        if (id > 1) {
            layer->base_id = 1;
            layer->mat[14] = (float)(16 * id);
        }
    }
    goxel_project_seal(project);
    return project;
}

/* Clones that are made plain take memory; what a box leaves of them is little, also on the way. */
static void clones_have_a_ceiling(void)
{
    const struct goxel_box box = {{0, 0, 0}, {20, 10, 16 * CLONES}};
    struct goxel_project *project = crowd(), *part = NULL;
    int ids[CLONES];
    const struct goxel_excerpt excerpt = {.layers = ids, .count = CLONES};
    size_t left_out = 0;

    for (int i = 0; i < CLONES; i++)
        ids[i] = i + 2;
    CU_ASSERT_EQUAL(goxel_project_excerpt(project, &excerpt, NULL, &part, &left_out), GOXEL_ERROR_QUOTA);
    CU_ASSERT_PTR_NULL(part);
    part = take(project, NULL, &box, 0);
    CU_ASSERT_EQUAL(part->layer_count, 1 + CLONES);
    CU_ASSERT_EQUAL(goxel_project_voxels(part), 2 * CLONES); /* the last one is above the box */
    goxel_project_unref(part);
    goxel_project_unref(project);
}

static void failed_allocations_leave_nothing(void)
{
    const int ids[] = {2, 4};
    const struct goxel_excerpt excerpt = {
        .layers = ids, .count = 2, .has_box = true, .box = {{0, 0, 0}, {20, 1, 1}}};
    struct goxel_project *project = four(), *part = NULL;
    int result = GOXEL_ERROR_OUT_OF_MEMORY, n;
    size_t left_out = 0;

    for (n = 0; result && n < 1000; n++) {
        unit_fail_allocation(n);
        result = goxel_project_excerpt(project, &excerpt, NULL, &part, &left_out);
        unit_fail_allocation(-1);
        CU_ASSERT(result == 0 || result == GOXEL_ERROR_OUT_OF_MEMORY);
    }
    CU_ASSERT_EQUAL_FATAL(result, 0);
    CU_ASSERT(n > 3);
    CU_ASSERT_EQUAL(goxel_project_voxels(part), 1);
    CU_ASSERT_EQUAL(project->layer_count, 4);
    goxel_project_unref(part);
    goxel_project_unref(project);
}

static const struct unit_test tests[] = {
    {"layers are chosen", layers_are_chosen},
    {"clones stay what they show", clones_stay_what_they_show},
    {"a box is cut out", a_box_is_cut_out},
    {"what cannot be drawn is left out", what_cannot_be_drawn_is_left_out},
    {"what is refused", what_is_refused},
    {"clones have a ceiling", clones_have_a_ceiling},
    {"failed allocations leave nothing", failed_allocations_leave_nothing},
    {NULL, NULL},
};

const struct unit_suite suite_excerpt = {"excerpt", tests};
