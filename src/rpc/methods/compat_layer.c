/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compatible family's layers. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "core/layers.h"
#include "rpc/methods/compat.h"

enum { LAYER_ALL = -2, LAYER_REQUIRED = -3 }; /* 0 and −1: the active one */

static int find_layer(const struct goxel_compat *compat, int at, const char *name, int64_t fallback,
                      int64_t *ret_id, struct goxel_layer **ret_layer)
{
    const struct goxel_project *project = compat->in->project;
    char text[32];
    int code;

    *ret_id = fallback;
    if (fallback == LAYER_REQUIRED && !goxel_loose_get(&compat->params, name, at))
        return goxel_fail_node(compat->params.detail, GOXEL_ERROR_INVALID_PARAMS, name, NULL,
                               "a layer: its id, or 0 for the active one");
    code = goxel_loose_int(&compat->params, name, at, INT32_MIN, INT32_MAX, ret_id);
    if (code || *ret_id == LAYER_ALL)
        return code;
    if (*ret_id == 0 || *ret_id == -1)
        *ret_id = project->scene->active_layer_id;
    *ret_layer = *ret_id > 0 ? goxel_project_layer(project, (int)*ret_id) : NULL;
    if (*ret_layer)
        return 0;
    (void)snprintf(text, sizeof(text), "%lld", (long long)*ret_id);
    return goxel_fail_value(compat->params.detail, GOXEL_ERROR_LAYER_NOT_FOUND, name, text,
                            "a layer of the project (goxel.list_layers names them), or 0: the active one");
}

static int find_one(const struct goxel_compat *compat, int at, const char *name, int fallback,
                    struct goxel_layer **ret_layer)
{
    int64_t id = 0;
    int code;

    *ret_layer = NULL;
    code = find_layer(compat, at, name, fallback, &id, ret_layer);
    if (!code && !*ret_layer)
        code = goxel_fail_value(compat->params.detail, GOXEL_ERROR_LAYER_NOT_FOUND, name, "-2", "one layer");
    return code;
}

int goxel_compat_edited_layer(const struct goxel_compat *compat, int at, struct goxel_layer **ret_layer)
{
    int code = find_one(compat, at, "layer_id", 0, ret_layer);

    return code ? code : goxel_edit_layer(compat->in, ret_layer);
}

int goxel_compat_read_layer(const struct goxel_compat *compat, int at, struct goxel_layer **ret_layer)
{
    int64_t id = 0;

    *ret_layer = NULL;
    return find_layer(compat, at, "layer_id", -1, &id, ret_layer);
}

int goxel_compat_list_layers(struct goxel_invocation *in)
{
    const struct goxel_project *project = in->project;
    struct goxel_json_writer *w = in->out;

    goxel_json_put_object(w, NULL);
    goxel_json_put_count(w, "count", project->layer_count);
    goxel_json_put_array(w, "layers");
    for (size_t i = 0; i < project->layer_count; i++) {
        goxel_json_put_object(w, NULL);
        goxel_json_put_int(w, "id", project->layers[i]->id);
        goxel_json_put_string(w, "name", project->layers[i]->name);
        goxel_json_put_bool(w, "visible", project->layers[i]->visible);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
    goxel_json_put_end(w);
    return 0;
}

int goxel_compat_create_layer(struct goxel_invocation *in)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    const char *wanted = "New Layer";
    struct goxel_color color = {255, 255, 255, 255};
    struct goxel_layer *layer = NULL;
    char name[GOXEL_NAME_MAX + 1];
    bool visible = true;
    int next = 0, code = goxel_loose_text(&compat.params, "name", 0, &wanted);

    if (!code)
        code = goxel_name_check(wanted, strlen(wanted), "name", in->detail);
    if (!code && (goxel_loose_get(&compat.params, "r", 1) || goxel_loose_get(&compat.params, "color", -1)))
        code = goxel_loose_color(&compat.params, 1, 3, &color, &next);
    if (!code)
        code = goxel_loose_bool(&compat.params, "visible", 4, &visible);
    if (code)
        return code;
    goxel_free_layer_name(in->edit, wanted, ".", name);
    code = goxel_check_layer_name(in, NULL, name);
    if (code)
        return code;
    code = goxel_project_add_layer(in->edit, name, -1, &layer, in->detail);
    if (code)
        return code;
    layer->visible = visible;
    in->changed = true;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "success", true);
    goxel_json_put_int(in->out, "id", layer->id);
    goxel_json_put_string(in->out, "name", layer->name);
    goxel_json_put_bool(in->out, "visible", visible);
    goxel_put_color(in->out, "color", color);
    goxel_json_put_end(in->out);
    return 0;
}

static int put_success(struct goxel_invocation *in)
{
    in->changed = true;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "success", true);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_compat_delete_layer(struct goxel_invocation *in)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    const char *name = NULL;
    struct goxel_layer *layer = NULL;
    int code = goxel_loose_text(&compat.params, "layer_name", 1, &name);

    if (code)
        return code;
    if (name && !goxel_loose_get(&compat.params, "layer_id", 0)) {
        layer = goxel_project_layer_named(in->edit, name);
        if (!layer)
            code = goxel_fail_value(in->detail, GOXEL_ERROR_LAYER_NOT_FOUND, "layer_name", name,
                                    "a layer of the project (goxel.list_layers names them)");
    } else {
        code = find_one(&compat, 0, "layer_id", LAYER_REQUIRED, &layer);
    }
    if (!code && in->edit->layer_count == 1)
        code = goxel_fail(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE, "the last layer of a project stays");
    if (!code)
        code = goxel_drop_layer(in, layer, false, NULL);
    return code ? code : put_success(in);
}

int goxel_compat_merge_layers(struct goxel_invocation *in)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    struct goxel_layer *source = NULL, *target = NULL;
    struct goxel_changes changes = {0};
    int code = find_one(&compat, 0, "source_layer_id", LAYER_REQUIRED, &source);

    if (!code)
        code = find_one(&compat, 1, "target_layer_id", LAYER_REQUIRED, &target);
    if (!code && source == target)
        code = goxel_fail(in->detail, GOXEL_ERROR_INVALID_PARAMS, "source and target are one layer");
    if (!code)
        code = goxel_merge_layer(in, source, target, source->mode, &changes);
    if (!code)
        code = goxel_drop_layer(in, source, false, NULL);
    return code ? code : put_success(in);
}

int goxel_compat_set_layer_visibility(struct goxel_invocation *in)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    struct goxel_layer *layer = NULL;
    bool visible = true;
    int code = find_one(&compat, 0, "layer_id", LAYER_REQUIRED, &layer);

    if (!code)
        code = goxel_loose_bool(&compat.params, "visible", 1, &visible);
    if (code)
        return code;
    in->changed = layer->visible != visible;
    if ((code = goxel_own_layer(in, &layer)))
        return code;
    layer->visible = visible;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "success", true);
    goxel_json_put_bool(in->out, "visible", visible);
    goxel_json_put_end(in->out);
    return 0;
}
