/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Projects and their layers: names, order, the active layer, sizes. */
#include "core/project.h"

#include <limits.h>

#include "base/error.h"
#include "naive.h"

static const struct goxel_color red = {255, 0, 0, 255};

/* ---- names ---- */

static void names_are_checked(void)
{
    static const struct {
        const char *name;
        size_t len;
        bool good;
    } cases[] = {
        {"a", 1, true},
        {"Burg Hülshoff \xf0\x9f\x8f\xb0", 19, true},
        {"", 0, false},
        {"a\nb", 3, false},
        {"a\0b", 3, false},
        {"\x7f", 1, false},
        {"\xc2\x85", 2, false},     /* a C1 control */
        {"\xc2\xa0", 2, true},      /* the first character behind them */
        {"\xc3", 1, false},         /* cut */
        {"\xc0\xaf", 2, false},     /* overlong */
        {"\xed\xa0\x80", 3, false}, /* a surrogate */
        {"\xff", 1, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_detail detail;
        int result = goxel_name_check(cases[i].name, cases[i].len, "name", &detail);

        CU_ASSERT_EQUAL(result, cases[i].good ? 0 : GOXEL_ERROR_VALIDATION);
        if (result)
            CU_ASSERT_STRING_EQUAL(detail.field, "name");
    }
}

static void names_end_at_255_bytes(void)
{
    char name[300], copy[GOXEL_NAME_MAX + 1];

    memset(name, 'x', sizeof(name));
    CU_ASSERT_EQUAL(goxel_name_check(name, 255, "name", NULL), 0);
    CU_ASSERT_EQUAL(goxel_name_check(name, 256, "name", NULL), GOXEL_ERROR_VALIDATION);
    goxel_name_copy(copy, name, 300);
    CU_ASSERT_EQUAL(strlen(copy), 255);
    memcpy(name + 253, "\xf0\x9f\x8f\xb0", 4); /* it would straddle the end */
    goxel_name_copy(copy, name, 300);
    CU_ASSERT_EQUAL(strlen(copy), 253);
    memcpy(name + 251, "\xf0\x9f\x8f\xb0", 4); /* it fits to the byte */
    name[255] = 'x';
    goxel_name_copy(copy, name, 300);
    CU_ASSERT_EQUAL(strlen(copy), 255);
    goxel_name_copy(copy, "abc", 2);
    CU_ASSERT_STRING_EQUAL(copy, "ab");
}

/* ---- life ---- */

static void versions_tell_modified(void)
{
    struct goxel_project *project = goxel_project_create("p");

    CU_ASSERT_STRING_EQUAL(project->name, "p");
    CU_ASSERT_EQUAL(project->scene->active_layer_id, 0);
    CU_ASSERT_EQUAL(project->scene->active_camera, -1);
    CU_ASSERT_FALSE(goxel_project_is_modified(project));
    project->modified_ms = 0;
    goxel_project_touch(project);
    CU_ASSERT(goxel_project_is_modified(project));
    CU_ASSERT(project->modified_ms >= project->created_ms);
    project->saved_state = project->state;
    CU_ASSERT_FALSE(goxel_project_is_modified(project));
    goxel_project_unref(project);
    goxel_project_unref(NULL);
}

static void size_is_a_box(void)
{
    struct goxel_project *project = goxel_project_create("p");
    int width = -1, height = -1, depth = -1;

    CU_ASSERT_FALSE(goxel_project_size(project, &width, &height, &depth));
    CU_ASSERT_EQUAL(width, -1);
    goxel_project_set_size(project, 64, 33, 7);
    CU_ASSERT(goxel_project_size(project, &width, &height, &depth));
    CU_ASSERT_EQUAL(width, 64);
    CU_ASSERT_EQUAL(height, 33);
    CU_ASSERT_EQUAL(depth, 7);
    /* The cube [-1, 1]³ goes to [0, 64] × [0, 7] × [0, 33]: z is up. */
    CU_ASSERT_EQUAL(project->scene->box[12] - project->scene->box[0], 0);
    CU_ASSERT_EQUAL(project->scene->box[13] + project->scene->box[5], 7);
    CU_ASSERT_EQUAL(project->scene->box[14] + project->scene->box[10], 33);
    project->scene->box[0] = 1e30f; /* as a file may have it */
    CU_ASSERT(goxel_project_size(project, &width, &height, &depth));
    CU_ASSERT_EQUAL(width, INT_MAX);
    goxel_project_unref(project);
}

/* ---- layers ---- */

static void expect_order(const struct goxel_project *project, const char *names)
{
    char got[2048] = "";

    for (size_t i = 0; i < project->layer_count; i++)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", i ? " " : "",
                 project->layers[i]->name);
    CU_ASSERT_STRING_EQUAL(got, names);
}

static void layers_go_where_they_are_put(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = NULL;

    CU_ASSERT_EQUAL(goxel_project_add_layer(project, "b", -1, NULL, NULL), 0);
    CU_ASSERT_EQUAL(goxel_project_add_layer(project, "a", 0, &layer, NULL), 0);
    CU_ASSERT_EQUAL(project->scene->active_layer_id, layer->id);
    CU_ASSERT(layer->visible);
    CU_ASSERT_EQUAL(layer->material, -1);
    CU_ASSERT_EQUAL(goxel_project_add_layer(project, "d", 99, NULL, NULL), 0);
    CU_ASSERT_EQUAL(goxel_project_add_layer(project, "c", 2, NULL, NULL), 0);
    expect_order(project, "a b c d");
    CU_ASSERT_PTR_EQUAL(goxel_project_layer(project, 2), layer);
    CU_ASSERT_PTR_EQUAL(goxel_project_layer_named(project, "a"), layer);
    CU_ASSERT_PTR_NULL(goxel_project_layer(project, 5));
    CU_ASSERT_PTR_NULL(goxel_project_layer_named(project, "A"));
    goxel_project_unref(project);
}

static void removing_moves_the_active_layer(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = NULL;

    for (int i = 0; i < 3; i++)
        goxel_project_add_layer(project, NULL, -1, NULL, NULL);
    CU_ASSERT_EQUAL(goxel_project_remove_layer(project, 9), GOXEL_ERROR_LAYER_NOT_FOUND);
    CU_ASSERT_EQUAL(goxel_project_remove_layer(project, 1), 0); /* not the active one */
    CU_ASSERT_EQUAL(project->scene->active_layer_id, 3);
    CU_ASSERT_EQUAL(goxel_project_remove_layer(project, 3), 0);
    CU_ASSERT_EQUAL(project->scene->active_layer_id, 2);
    goxel_project_add_layer(project, "top", -1, &layer, NULL);
    CU_ASSERT_EQUAL(layer->id, 4); /* no id is used again */
    project->scene->active_layer_id = 2;
    CU_ASSERT_EQUAL(goxel_project_remove_layer(project, 2), 0); /* none below */
    CU_ASSERT_EQUAL(project->scene->active_layer_id, 4);
    CU_ASSERT_EQUAL(goxel_project_remove_layer(project, 4), 0);
    CU_ASSERT_EQUAL(project->scene->active_layer_id, 0);
    CU_ASSERT_EQUAL(project->layer_count, 0);
    goxel_project_unref(project);
}

static void unnamed_layers_get_the_first_free_number(void)
{
    struct goxel_project *project = goxel_project_create("p");

    goxel_project_add_layer(project, NULL, -1, NULL, NULL);
    goxel_project_add_layer(project, "Layer.3", -1, NULL, NULL);
    goxel_project_add_layer(project, "Layer.02", -1, NULL, NULL);
    goxel_project_add_layer(project, "Layer.4 old", -1, NULL, NULL);
    goxel_project_add_layer(project, "", -1, NULL, NULL);
    goxel_project_add_layer(project, NULL, -1, NULL, NULL);
    expect_order(project, "Layer.1 Layer.3 Layer.02 Layer.4 old Layer.2 Layer.4");
    goxel_project_unref(project);
}

static void layers_have_a_ceiling(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_detail detail;
    int result = 0;

    for (int i = 0; i < GOXEL_LAYERS_MAX && !result; i++)
        result = goxel_project_add_layer(project, "x", -1, NULL, NULL);
    CU_ASSERT_EQUAL(result, 0);
    CU_ASSERT_EQUAL(goxel_project_add_layer(project, NULL, -1, NULL, &detail), GOXEL_ERROR_QUOTA);
    CU_ASSERT(detail.has_limit);
    CU_ASSERT_EQUAL(detail.limit, GOXEL_LAYERS_MAX);
    CU_ASSERT_EQUAL(project->layer_count, GOXEL_LAYERS_MAX);
    goxel_project_unref(project);
}

static void last_id_is_not_passed(void)
{
    struct goxel_project *project = goxel_project_create("p");

    project->next_layer_id = INT_MAX;
    CU_ASSERT_EQUAL(goxel_project_add_layer(project, NULL, -1, NULL, NULL), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(project->layer_count, 0);
    goxel_project_unref(project);
}

static void materials_and_cameras_are_copied(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_material material = {.name = "m", .metallic = 0.25f};
    struct goxel_camera camera = {.name = "c", .dist = 4};
    int result = 0;

    for (int i = 0; i < GOXEL_MATERIALS_MAX && !result; i++) {
        material.roughness = (float)i;
        result = goxel_project_add_material(project, &material);
    }
    CU_ASSERT_EQUAL(result, 0);
    CU_ASSERT_EQUAL(goxel_project_add_material(project, &material), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(goxel_project_add_camera(project, &camera), 0);
    CU_ASSERT_EQUAL(project->scene->materials[1000].roughness, 1000);
    CU_ASSERT_STRING_EQUAL(project->scene->cameras[0].name, "c");
    goxel_project_unref(project);
}

static void failed_allocation_adds_nothing(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_material material = {.name = "m"};
    struct goxel_camera camera = {.name = "c"};

    for (int n = 0; n < 3; n++) {
        unit_fail_allocation(n);
        CU_ASSERT_EQUAL(goxel_project_add_layer(project, NULL, -1, NULL, NULL), GOXEL_ERROR_OUT_OF_MEMORY);
    }
    unit_fail_allocation(0);
    CU_ASSERT_EQUAL(goxel_project_add_material(project, &material), GOXEL_ERROR_OUT_OF_MEMORY);
    unit_fail_allocation(0);
    CU_ASSERT_EQUAL(goxel_project_add_camera(project, &camera), GOXEL_ERROR_OUT_OF_MEMORY);
    unit_fail_allocation(0);
    CU_ASSERT_PTR_NULL(goxel_project_create("q"));
    unit_fail_allocation(-1);
    CU_ASSERT_EQUAL(project->layer_count, 0);
    CU_ASSERT_EQUAL(project->scene->material_count, 0);
    CU_ASSERT_EQUAL(goxel_project_add_layer(project, NULL, -1, NULL, NULL), 0);
    CU_ASSERT_EQUAL(project->layers[0]->id, 1); /* what failed used up no id */
    goxel_project_unref(project);
}

static void voxels_are_those_of_all_layers(void)
{
    struct goxel_project *project = goxel_project_create("p");

    CU_ASSERT_EQUAL(goxel_project_voxels(project), 0);
    for (int i = 0; i < 3; i++) {
        struct goxel_layer *layer = NULL;

        goxel_project_add_layer(project, NULL, -1, &layer, NULL);
        goxel_volume_set_at(layer->volume, at(0, 0, 0), red);
        goxel_volume_set_at(layer->volume, at(i, 0, 0), red);
    }
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 5);
    goxel_project_unref(project);
}

static const struct unit_test tests[] = {
    {"names are checked", names_are_checked},
    {"names end at 255 bytes", names_end_at_255_bytes},
    {"versions tell modified", versions_tell_modified},
    {"the size is a box", size_is_a_box},
    {"layers go where they are put", layers_go_where_they_are_put},
    {"removing moves the active layer", removing_moves_the_active_layer},
    {"unnamed layers get the first free number", unnamed_layers_get_the_first_free_number},
    {"layers have a ceiling", layers_have_a_ceiling},
    {"the last id is not passed", last_id_is_not_passed},
    {"materials and cameras are copied", materials_and_cameras_are_copied},
    {"a failed allocation adds nothing", failed_allocation_adds_nothing},
    {"voxels are those of all layers", voxels_are_those_of_all_layers},
    {NULL, NULL},
};

const struct unit_suite suite_project = {"project", tests};
