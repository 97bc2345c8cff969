/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A project gets another's content: whose ids, what stays, and what happens where memory is short. */
#include "core/replace.h"

#include <limits.h>

#include "base/error.h"
#include "core/head.h"
#include "naive.h"

/* So many layers with a voxel each at (x, index, 0), the last a clone of the first, the second active. */
static struct goxel_project *make(int layers, int x)
{
    struct goxel_project *project = goxel_project_create("p");

    for (int i = 0; i < layers; i++) {
        struct goxel_layer *layer = NULL;

        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
        CU_ASSERT_EQUAL(goxel_volume_set_at(layer->volume, at(x, i, 0), (struct goxel_color){1, 2, 3, 255}),
                        0);
        if (i == layers - 1)
            layer->base_id = 1;
    }
    project->scene->active_layer_id = 2;
    goxel_project_seal(project);
    return project;
}

static void layers_get_ids_of_their_own(void)
{
    struct goxel_head *head;
    struct goxel_project *project = make(3, 0), *model = make(4, 7);
    struct goxel_edit edit;
    struct goxel_note note = {.name = "replace"};

    head = goxel_head_create(project);
    goxel_project_unref(project);
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    edit.project->selection = goxel_volume_create();
    CU_ASSERT_EQUAL(goxel_project_replace(edit.project, model), 0);
    goxel_project_unref(model);
    CU_ASSERT_EQUAL(edit.project->layer_count, 4);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(edit.project->layers[i]->id, 4 + i);
        CU_ASSERT_EQUAL(goxel_volume_get_at(edit.project->layers[i]->volume, at(7, i, 0)).a, 255);
    }
    CU_ASSERT_EQUAL(edit.project->layers[3]->base_id, 4);
    CU_ASSERT_EQUAL(edit.project->scene->active_layer_id, 5);
    CU_ASSERT_EQUAL(edit.project->next_layer_id, 8);
    CU_ASSERT_PTR_NULL(edit.project->selection);
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, &note, NULL), 0);

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    CU_ASSERT_EQUAL(goxel_head_undo(head, &edit, 1, NULL), 0);
    CU_ASSERT_EQUAL(edit.project->layer_count, 3);
    CU_ASSERT_EQUAL(edit.project->layers[2]->base_id, 1);
    CU_ASSERT_EQUAL(edit.project->scene->active_layer_id, 2);
    CU_ASSERT_EQUAL(edit.project->next_layer_id, 8);
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, NULL, NULL), 0);
    goxel_head_destroy(head);
}

static void ids_run_out(void)
{
    struct goxel_project *project = make(2, 0), *model = make(3, 1);

    project->next_layer_id = INT_MAX - 2;
    CU_ASSERT_EQUAL(goxel_project_replace(project, model), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(project->layers[1]->id, 2);
    CU_ASSERT_EQUAL(model->layers[2]->base_id, 1);
    goxel_project_unref(project);
    goxel_project_unref(model);
}

static void without_memory_nothing_changes(void)
{
    struct goxel_project *project = make(2, 0), *model = make(3, 1);
    int code;

    if (unit_fail_allocation(0) < 0) {
        unit_skip("allocations cannot be made to fail here");
    } else {
        code = goxel_project_replace(project, model);
        unit_fail_allocation(-1);
        CU_ASSERT_EQUAL(code, GOXEL_ERROR_OUT_OF_MEMORY);
        CU_ASSERT_EQUAL(project->layer_count, 2);
        CU_ASSERT_EQUAL(model->layers[0]->id, 1);
    }
    goxel_project_unref(project);
    goxel_project_unref(model);
}

static const struct unit_test tests[] = {
    {"layers get ids of their own", layers_get_ids_of_their_own},
    {"ids run out", ids_run_out},
    {"without memory nothing changes", without_memory_nothing_changes},
    {NULL, NULL},
};

const struct unit_suite suite_replace = {"replace", tests};
