/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Methods of the family `layer`.
 *
 * Goxel's layers have no opacity: it is the alpha of their material's base colour. A layer made with
 * an opacity below 1 therefore gets a material of its own, named like it, which goes when it goes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/layers.h"
#include "rpc/methods/methods.h"

double goxel_layer_opacity(const struct goxel_project *project, const struct goxel_layer *layer)
{
    const struct goxel_material *material = goxel_layer_material(project, layer);

    /* Kept as a float: 0.3 shall read 0.3 again. */
    return material ? round((double)material->color[3] * 1e6) / 1e6 : 1;
}

void goxel_layer_replace_volume(struct goxel_layer *layer, struct goxel_volume *volume)
{
    goxel_volume_destroy(layer->volume);
    layer->volume = volume;
}

int goxel_check_plain_layer(const struct goxel_invocation *in, const struct goxel_layer *layer)
{
    if (goxel_layer_is_plain(layer))
        return 0;
    return goxel_fail(
        in->detail, GOXEL_ERROR_BAD_PROJECT_STATE,
        "layer %d is a %s: its voxels cannot be edited, but those of a new layer that it is merged "
        "into (layer.create, layer.merge)",
        layer->id, layer->base_id ? "clone" : "shape");
}

int goxel_own_layer(const struct goxel_invocation *in, struct goxel_layer **layer)
{
    struct goxel_layer *own = goxel_project_own_layer(in->edit, *layer);

    if (!own)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *layer = own;
    return 0;
}

int goxel_edit_layer(const struct goxel_invocation *in, struct goxel_layer **layer)
{
    int code = goxel_check_plain_layer(in, *layer);

    return code ? code : goxel_own_layer(in, layer);
}

int goxel_edited_layer(const struct goxel_invocation *in, struct goxel_layer **ret_layer)
{
    int code = goxel_invocation_layer(in, "layer_id", ret_layer);

    return code ? code : goxel_edit_layer(in, ret_layer);
}

#define NAME_STEM (GOXEL_NAME_MAX - 12) /* bytes of a name in front of a separator and any number */

void goxel_free_layer_name(const struct goxel_project *project, const char *name, const char *separator,
                           char ret_name[GOXEL_NAME_MAX + 1])
{
    char stem[GOXEL_NAME_MAX + 1];

    goxel_name_copy(stem, name, strlen(name) > NAME_STEM ? NAME_STEM : strlen(name));
    goxel_name_copy(ret_name, name, strlen(name));
    for (int i = 2; goxel_project_layer_named(project, ret_name); i++)
        (void)snprintf(ret_name, GOXEL_NAME_MAX + 1, "%.*s%s%d", NAME_STEM, stem, separator, i);
}

size_t goxel_layer_order(const struct goxel_project *project, const struct goxel_layer *layer)
{
    size_t order = 0;

    while (order < project->layer_count && project->layers[order] != layer)
        order++;
    return order;
}

/* ---- layer.create ---- */

/* Its index in the project's materials. */
static int add_opacity(struct goxel_invocation *in, double opacity, int *ret_material)
{
    struct goxel_project *project = in->edit;
    struct goxel_material material = goxel_material_default;
    int code;

    material.color[3] = (float)opacity;
    code = goxel_project_add_material(project, &material);
    if (code == GOXEL_ERROR_QUOTA)
        return goxel_fail_limit(in->detail, code, "materials of a project", GOXEL_MATERIALS_MAX,
                                (int64_t)project->scene->material_count + 1);
    if (code)
        return code;
    *ret_material = (int)project->scene->material_count - 1;
    return 0;
}

void goxel_put_layer(struct goxel_json_writer *w, const struct goxel_project *project,
                     const struct goxel_layer *layer, bool listed)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_int(w, "id", layer->id);
    goxel_json_put_string(w, "name", layer->name);
    goxel_json_put_bool(w, "visible", layer->visible);
    goxel_json_put_double(w, "opacity", goxel_layer_opacity(project, layer));
    if (listed)
        goxel_json_put_count(w, "voxel_count", (uint64_t)goxel_layer_voxels(project, layer));
    goxel_json_put_count(w, "order", goxel_layer_order(project, layer));
    goxel_json_put_bool(w, "is_active", layer->id == project->scene->active_layer_id);
    goxel_json_put_end(w);
}

int goxel_check_layer_name(const struct goxel_invocation *in, const struct goxel_layer *layer,
                           const char *name)
{
    const struct goxel_layer *other = goxel_project_layer_named(in->edit, name);

    if (other && other != layer)
        return goxel_fail_value(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE, "name", name,
                                "a name that no layer of the project has");
    /* These would name other layers. */
    if (strcmp(name, "current") == 0 || strcmp(name, "all") == 0)
        return goxel_fail_value(in->detail, GOXEL_ERROR_VALIDATION, "name", name,
                                "not \"current\" and not \"all\"");
    return 0;
}

int goxel_check_layer_position(const struct goxel_invocation *in, size_t most)
{
    const struct goxel_value *position = goxel_arg(in, "position");

    if (position->given && position->integer > (int64_t)most)
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "position", position->node,
                               "an integer from 0 to %zu", most);
    return 0;
}

static int check_new_layer(const struct goxel_invocation *in)
{
    const char *name = goxel_arg_text(in, "name", NULL);
    int code = name ? goxel_check_layer_name(in, NULL, name) : 0;

    return code ? code : goxel_check_layer_position(in, in->edit->layer_count);
}

int goxel_layer_create_run(struct goxel_invocation *in)
{
    double opacity = goxel_arg_number(in, "opacity", 1);
    struct goxel_layer *layer = NULL;
    int material = -1, code = check_new_layer(in);

    if (!code && opacity < 1)
        code = add_opacity(in, opacity, &material);
    if (code)
        return code;
    code = goxel_project_add_layer(in->edit, goxel_arg_text(in, "name", NULL),
                                   (int)goxel_arg_int(in, "position", -1), &layer, in->detail);
    if (code)
        return code;
    if (material >= 0) {
        memcpy(in->edit->scene->materials[material].name, layer->name, sizeof(layer->name));
        layer->material = material;
    }
    layer->visible = goxel_arg_bool(in, "visible", true);
    in->changed = true;
    goxel_put_layer(in->out, in->edit, layer, false);
    return 0;
}

/* ---- layer.delete ---- */

static bool is_used(const struct goxel_project *project, int material)
{
    for (size_t i = 0; i < project->layer_count; i++) {
        if (project->layers[i]->material == material)
            return true;
    }
    return false;
}

/* The material that came with a layer, if no other layer has it. */
static int drop_material(struct goxel_invocation *in, int index, const char *layer_name)
{
    struct goxel_project *project = in->edit;
    struct goxel_scene *scene;

    if (index < 0 || (size_t)index >= project->scene->material_count ||
        strcmp(project->scene->materials[index].name, layer_name) != 0 || is_used(project, index))
        return 0;
    scene = goxel_project_own_scene(project);
    if (!scene)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    scene->material_count--;
    memmove(scene->materials + index, scene->materials + index + 1,
            (scene->material_count - (size_t)index) * sizeof(scene->materials[0]));
    for (size_t i = 0; i < project->layer_count; i++) {
        struct goxel_layer *layer = project->layers[i];
        int code = layer->material > index ? goxel_own_layer(in, &layer) : 0;

        if (code)
            return code;
        layer->material -= layer->material > index;
    }
    return 0;
}

static int fail_shown(const struct goxel_invocation *in, const struct goxel_layer *layer, int code)
{
    if (code != GOXEL_ERROR_BAD_PROJECT_STATE)
        return code;
    return goxel_fail(in->detail, code, "layer %d is a %s that cannot be made voxels: %s", layer->id,
                      layer->base_id ? "clone" : "shape",
                      layer->base_id ? "delete it first" : "delete it without merge_down");
}

static int find_below(struct goxel_invocation *in, const struct goxel_layer *layer, int *ret_below)
{
    size_t order = goxel_layer_order(in->edit, layer);

    if (order == 0)
        return goxel_fail(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE,
                          "layer %d is the lowest: nothing to merge into", layer->id);
    *ret_below = in->edit->layers[order - 1]->id;
    return goxel_check_plain_layer(in, in->edit->layers[order - 1]);
}

/* Clones of the layer show the same after it is gone; a layer merged into the one below likewise. */
static int delete_layer(struct goxel_invocation *in, const struct goxel_layer *layer, bool merge,
                        int *ret_below)
{
    int64_t bricks = goxel_project_delete_layer_bricks(in->edit, layer->id);
    int code = merge ? find_below(in, layer, ret_below) : 0;

    if (merge)
        bricks += goxel_layer_shown_bricks(in->edit, layer);
    if (!code)
        code = goxel_check_edit_bricks(in, bricks);
    for (size_t i = 0; !code && i < in->edit->layer_count; i++) {
        struct goxel_layer *clone = in->edit->layers[i];

        if (clone->base_id == layer->id)
            code = fail_shown(in, clone, goxel_project_make_plain(in->edit, clone->id, &in->call->cancel));
    }
    if (!code && merge)
        code = fail_shown(in, layer,
                          goxel_project_merge_layers(in->edit, layer->id, *ret_below, &in->call->cancel));
    return code ? code : goxel_project_delete_layer(in->edit, layer->id, &in->call->cancel);
}

int goxel_drop_layer(struct goxel_invocation *in, const struct goxel_layer *layer, bool merge, int *ret_below)
{
    int material = layer->material, code;
    char name[GOXEL_NAME_MAX + 1];

    memcpy(name, layer->name, sizeof(name));
    code = delete_layer(in, layer, merge, ret_below);
    return code ? code : drop_material(in, material, name);
}

int goxel_layer_delete_run(struct goxel_invocation *in)
{
    struct goxel_layer *layer = NULL;
    int code = goxel_invocation_layer(in, "layer_id", &layer), id, below = 0;

    if (code)
        return code;
    if (in->edit->layer_count == 1)
        return goxel_fail(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE, "the last layer of a project stays");
    id = layer->id;
    if ((code = goxel_drop_layer(in, layer, goxel_arg_bool(in, "merge_down", false), &below)))
        return code;
    in->changed = true;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_int(in->out, "deleted", id);
    if (below)
        goxel_json_put_int(in->out, "merged_into", below);
    else
        goxel_json_put_null(in->out, "merged_into");
    goxel_json_put_int(in->out, "active_layer_id", in->edit->scene->active_layer_id);
    goxel_json_put_end(in->out);
    return 0;
}

/* ---- the rest ---- */

int goxel_layer_get_list_run(struct goxel_invocation *in)
{
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_array(in->out, "layers");
    for (size_t i = 0; i < in->project->layer_count; i++)
        goxel_put_layer(in->out, in->project, in->project->layers[i], true);
    goxel_json_put_end(in->out);
    goxel_json_put_int(in->out, "active_layer_id", in->project->scene->active_layer_id);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_layer_set_active_run(struct goxel_invocation *in)
{
    struct goxel_layer *layer = NULL;
    int code = goxel_invocation_layer(in, "layer_id", &layer);

    if (code)
        return code;
    in->changed = in->edit->scene->active_layer_id != layer->id;
    if (in->changed) {
        struct goxel_scene *scene = goxel_project_own_scene(in->edit);

        if (!scene)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        scene->active_layer_id = layer->id;
    }
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_int(in->out, "active_layer_id", layer->id);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_layer_set_visibility_run(struct goxel_invocation *in)
{
    bool visible = goxel_arg_bool(in, "visible", true);
    struct goxel_layer *layer = NULL;
    int code = goxel_invocation_layer(in, "layer_id", &layer);

    if (code)
        return code;
    in->changed = layer->visible != visible;
    if (in->changed) {
        if ((code = goxel_own_layer(in, &layer)))
            return code;
        layer->visible = visible;
    }
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_int(in->out, "id", layer->id);
    goxel_json_put_bool(in->out, "visible", visible);
    goxel_json_put_end(in->out);
    return 0;
}
