/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers: their order, copies, clones and what becomes of them; and a failed allocation leaves the old version whole. */
#include "core/layers.h"

#include "base/error.h"
#include "naive.h"

static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 255};

/* Three layers, ids 1 to 3, bottom to top, with a voxel each at (id, 0, 0); the third is a clone of the first, 10 on. */
static struct goxel_project *three(void)
{
    struct goxel_project *project = goxel_project_create("p");

    for (int id = 1; id <= 3; id++) {
        struct goxel_layer *layer = NULL;

        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
        CU_ASSERT_EQUAL(layer->id, id);
        CU_ASSERT_EQUAL(goxel_volume_set_at(layer->volume, at(id, 0, 0), id == 2 ? blue : red), 0);
        if (id == 3) {
            layer->base_id = 1;
            layer->mat[12] = 10;
        }
    }
    goxel_project_seal(project);
    return project;
}

static bool order_is(const struct goxel_project *project, int a, int b, int c)
{
    return project->layer_count == 3 && project->layers[0]->id == a && project->layers[1]->id == b &&
           project->layers[2]->id == c;
}

/* What the picture has at (x, 0, 0). */
static struct goxel_color seen(const struct goxel_project *project, int x)
{
    struct goxel_volume *picture = NULL;
    struct goxel_color color;

    CU_ASSERT_EQUAL_FATAL(goxel_project_flatten(project, NULL, &picture), 0);
    color = goxel_volume_get_at(picture, at(x, 0, 0));
    goxel_volume_destroy(picture);
    return color;
}

static void layers_are_moved(void)
{
    struct goxel_project *project = three();

    CU_ASSERT_EQUAL(goxel_project_move_layer(project, 1, 1), 0);
    CU_ASSERT(order_is(project, 2, 1, 3));
    CU_ASSERT_EQUAL(goxel_project_move_layer(project, 2, SIZE_MAX), 0);
    CU_ASSERT(order_is(project, 1, 3, 2));
    CU_ASSERT_EQUAL(goxel_project_move_layer(project, 2, 0), 0);
    CU_ASSERT(order_is(project, 2, 1, 3));
    CU_ASSERT_EQUAL(goxel_project_move_layer(project, 1, 1), 0);
    CU_ASSERT(order_is(project, 2, 1, 3));
    CU_ASSERT_EQUAL(goxel_project_move_layer(project, 9, 0), GOXEL_ERROR_LAYER_NOT_FOUND);
    goxel_project_unref(project);
}

static void a_copy_goes_its_own_way(void)
{
    struct goxel_project *project = three();
    struct goxel_layer *copy = NULL, *of_clone = NULL;

    CU_ASSERT_EQUAL(goxel_project_duplicate_layer(project, 2, &copy, NULL), 0);
    CU_ASSERT_PTR_EQUAL(project->layers[2], copy);
    CU_ASSERT_EQUAL(copy->id, 4);
    CU_ASSERT_EQUAL(project->scene->active_layer_id, 4);
    CU_ASSERT_EQUAL(goxel_volume_set_at(copy->volume, at(2, 0, 0), red), 0);
    CU_ASSERT(same_color(goxel_volume_get_at(goxel_project_layer(project, 2)->volume, at(2, 0, 0)), blue));
    CU_ASSERT_EQUAL(goxel_project_duplicate_layer(project, 3, &of_clone, NULL), 0);
    CU_ASSERT(of_clone->base_id == 1 && of_clone->mat[12] == 10);
    CU_ASSERT_EQUAL(goxel_project_duplicate_layer(project, 77, &copy, NULL), GOXEL_ERROR_LAYER_NOT_FOUND);
    goxel_project_unref(project);
}

static void a_clone_shows_its_base(void)
{
    struct goxel_project *project = three();
    struct goxel_layer *clone = NULL;

    CU_ASSERT_EQUAL(goxel_project_clone_layer(project, 2, &clone, NULL), 0);
    clone->mat[12] = 100;
    CU_ASSERT(same_color(seen(project, 102), blue));
    CU_ASSERT_EQUAL(
        goxel_volume_set_at(goxel_project_own_layer(project, goxel_project_layer(project, 2))->volume,
                            at(2, 0, 0), red),
        0);
    CU_ASSERT(same_color(seen(project, 102), red));
    CU_ASSERT_EQUAL(goxel_project_make_plain(project, clone->id, NULL), 0);
    clone = goxel_project_layer(project, 4);
    CU_ASSERT_EQUAL(clone->base_id, 0);
    CU_ASSERT(same_color(goxel_volume_get_at(clone->volume, at(102, 0, 0)), red));
    CU_ASSERT(same_color(seen(project, 102), red));
    goxel_project_unref(project);
}

static void merging_is_seeing_both(void)
{
    struct goxel_project *project = three();

    CU_ASSERT_EQUAL(goxel_project_merge_layers(project, 3, 2, NULL), 0);
    CU_ASSERT(same_color(goxel_volume_get_at(goxel_project_layer(project, 2)->volume, at(11, 0, 0)), red));
    CU_ASSERT_EQUAL(goxel_project_merge_layers(project, 2, 2, NULL), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_project_merge_layers(project, 2, 3, NULL), GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_EQUAL(goxel_project_merge_layers(project, 2, 9, NULL), GOXEL_ERROR_LAYER_NOT_FOUND);
    CU_ASSERT_EQUAL(goxel_project_merge_layers(project, 9, 2, NULL), GOXEL_ERROR_LAYER_NOT_FOUND);
    CU_ASSERT_EQUAL(project->layer_count, 3);
    goxel_project_unref(project);
}

static void clones_outlive_their_base(void)
{
    struct goxel_project *project = three();

    CU_ASSERT_EQUAL(goxel_project_delete_layer_bricks(project, 1), 1);
    CU_ASSERT_EQUAL(goxel_project_delete_layer_bricks(project, 2), 0);
    CU_ASSERT_EQUAL(goxel_project_delete_layer(project, 1, NULL), 0);
    CU_ASSERT_EQUAL(project->layer_count, 2);
    CU_ASSERT(same_color(seen(project, 11), red));
    CU_ASSERT_EQUAL(seen(project, 1).a, 0);
    CU_ASSERT_EQUAL(goxel_project_delete_layer(project, 1, NULL), GOXEL_ERROR_LAYER_NOT_FOUND);
    goxel_project_unref(project);
}

/* ---- memory ---- */

static int duplicate(struct goxel_project *project)
{
    return goxel_project_duplicate_layer(project, 2, NULL, NULL);
}

static int clone_it(struct goxel_project *project)
{
    return goxel_project_clone_layer(project, 2, NULL, NULL);
}

static int make_plain(struct goxel_project *project)
{
    return goxel_project_make_plain(project, 3, NULL);
}

static int merge(struct goxel_project *project)
{
    return goxel_project_merge_layers(project, 3, 2, NULL);
}

static int delete_base(struct goxel_project *project)
{
    return goxel_project_delete_layer(project, 1, NULL);
}

/* As a head does it: on a copy, which is thrown away when the edit fails. */
static void failures_leave_the_old_version_whole(void)
{
    static int (*const edits[])(struct goxel_project * project) = {duplicate, clone_it, make_plain, merge,
                                                                   delete_base};
    struct goxel_project *version = three();

    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        int result = GOXEL_ERROR_OUT_OF_MEMORY, failures = -1;

        for (int n = 0; result && n < 1000; n++) {
            struct goxel_project *edit;

            unit_fail_allocation(n);
            edit = goxel_project_copy(version);
            result = edit ? edits[i](edit) : GOXEL_ERROR_OUT_OF_MEMORY;
            unit_fail_allocation(-1);
            CU_ASSERT(result == 0 || result == GOXEL_ERROR_OUT_OF_MEMORY);
            if (edit)
                goxel_project_unref(edit);
            CU_ASSERT(order_is(version, 1, 2, 3));
            CU_ASSERT(same_color(seen(version, 1), red) && same_color(seen(version, 2), blue) &&
                      same_color(seen(version, 11), red));
            failures++;
        }
        CU_ASSERT_EQUAL(result, 0);
        CU_ASSERT(failures > 3);
    }
    goxel_project_unref(version);
}

static const struct unit_test tests[] = {
    {"layers are moved", layers_are_moved},
    {"a copy goes its own way", a_copy_goes_its_own_way},
    {"a clone shows its base", a_clone_shows_its_base},
    {"merging is seeing both", merging_is_seeing_both},
    {"clones outlive their base", clones_outlive_their_base},
    {"failures leave the old version whole", failures_leave_the_old_version_whole},
    {NULL, NULL},
};

const struct unit_suite suite_layers = {"layers", tests};
