/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `layer` that change layers as wholes: names, places, copies, merging. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "core/layers.h"
#include "core/modes.h"
#include "rpc/methods/methods.h"

/* ---- layer.rename ---- */

/* A material that came with the layer is known by its name, and goes with it (see layer.c): it keeps to it. */
static int rename_material(struct goxel_invocation *in, const struct goxel_layer *layer, const char *name)
{
    const struct goxel_scene *scene = in->edit->scene;
    struct goxel_scene *own;

    if (layer->material < 0 || (size_t)layer->material >= scene->material_count ||
        strcmp(scene->materials[layer->material].name, layer->name) != 0)
        return 0;
    own = goxel_project_own_scene(in->edit);
    if (!own)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_name_copy(own->materials[layer->material].name, name, strlen(name));
    return 0;
}

int goxel_layer_rename_run(struct goxel_invocation *in)
{
    const char *name = goxel_arg_text(in, "name", NULL);
    struct goxel_layer *layer = NULL;
    int code = goxel_invocation_layer(in, "layer_id", &layer);

    if (code || (code = goxel_check_layer_name(in, layer, name)))
        return code;
    in->changed = strcmp(layer->name, name) != 0;
    if (in->changed && ((code = rename_material(in, layer, name)) || (code = goxel_own_layer(in, &layer))))
        return code;
    if (in->changed)
        goxel_name_copy(layer->name, name, strlen(name));
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_int(in->out, "id", layer->id);
    goxel_json_put_string(in->out, "name", layer->name);
    goxel_json_put_end(in->out);
    return 0;
}

/* ---- layer.reorder ---- */

int goxel_layer_reorder_run(struct goxel_invocation *in)
{
    size_t position = (size_t)goxel_arg_int(in, "position", 0);
    struct goxel_layer *layer = NULL;
    int code = goxel_invocation_layer(in, "layer_id", &layer);

    if (code || (code = goxel_check_layer_position(in, in->edit->layer_count - 1)))
        return code;
    in->changed = goxel_layer_order(in->edit, layer) != position;
    if ((code = goxel_project_move_layer(in->edit, layer->id, position)))
        return code;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_int(in->out, "id", layer->id);
    goxel_json_put_count(in->out, "order", goxel_layer_order(in->edit, layer));
    goxel_json_put_end(in->out);
    return 0;
}

/* ---- layer.duplicate ---- */

/* "NAME copy" may be taken. */
static void choose_name(const struct goxel_project *project, struct goxel_layer *copy)
{
    char wanted[GOXEL_NAME_MAX + 1], name[GOXEL_NAME_MAX + 1];

    memcpy(wanted, copy->name, sizeof(wanted));
    copy->name[0] = '\0'; /* what it is called now is not taken by another */
    goxel_free_layer_name(project, wanted, " ", name);
    memcpy(copy->name, name, sizeof(name));
}

int goxel_layer_duplicate_run(struct goxel_invocation *in)
{
    const char *name = goxel_arg_text(in, "name", NULL);
    struct goxel_layer *layer = NULL, *copy = NULL;
    int code = goxel_invocation_layer(in, "layer_id", &layer);

    if (!code && name)
        code = goxel_check_layer_name(in, NULL, name);
    if (code || (code = goxel_project_duplicate_layer(in->edit, layer->id, &copy, in->detail)))
        return code;
    if (name)
        goxel_name_copy(copy->name, name, strlen(name));
    else
        choose_name(in->edit, copy);
    in->changed = true;
    goxel_put_layer(in->out, in->edit, copy, true);
    return 0;
}

/* ---- layer.clear ---- */

int goxel_layer_clear_run(struct goxel_invocation *in)
{
    struct goxel_layer *layer;
    int code = goxel_edited_layer(in, &layer);
    int64_t removed;

    if (code)
        return code;
    removed = goxel_volume_count(layer->volume);
    goxel_volume_clear(layer->volume);
    in->changed = removed > 0;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_int(in->out, "id", layer->id);
    goxel_json_put_count(in->out, "removed", (uint64_t)removed);
    goxel_json_put_end(in->out);
    return 0;
}

/* ---- layer.merge ---- */

static int show(struct goxel_invocation *in, const struct goxel_layer *source,
                struct goxel_volume **ret_shown)
{
    int code = goxel_check_edit_bricks(in, goxel_layer_shown_bricks(in->edit, source));

    if (!code)
        code = goxel_layer_shown(in->edit, source, &in->call->cancel, ret_shown);
    if (code == GOXEL_ERROR_BAD_PROJECT_STATE)
        return goxel_fail(in->detail, code, "layer %d cannot be made voxels", source->id);
    return code;
}

int goxel_merge_layer(struct goxel_invocation *in, const struct goxel_layer *source,
                      struct goxel_layer *target, enum goxel_mode mode, struct goxel_changes *ret_changes)
{
    struct goxel_cancel *cancel = &in->call->cancel;
    struct goxel_volume *shown = NULL, *before = NULL;
    int code = goxel_edit_layer(in, &target);

    if (!code)
        code = show(in, source, &shown);
    if (!code && !(before = goxel_volume_copy(target->volume)))
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    if (!code)
        code = goxel_volume_merge(target->volume, shown, mode, cancel, NULL);
    if (!code)
        code = goxel_volume_changes(before, target->volume, cancel, ret_changes);
    goxel_volume_destroy(before);
    goxel_volume_destroy(shown);
    return code;
}

int goxel_layer_merge_run(struct goxel_invocation *in)
{
    const struct goxel_value *wanted = goxel_arg(in, "mode");
    bool drop = goxel_arg_bool(in, "delete_source", false);
    struct goxel_layer *source = NULL, *target = NULL;
    struct goxel_changes changes = {0};
    enum goxel_mode mode;
    int code = goxel_invocation_layer(in, "source_id", &source), ids[2];

    if (code || (code = goxel_invocation_layer(in, "target_id", &target)))
        return code;
    if (source == target)
        return goxel_fail_node(in->detail, GOXEL_ERROR_VALIDATION, "target_id",
                               goxel_arg(in, "target_id")->node, "another layer than source_id");
    mode = source->mode;
    if (wanted->given)
        (void)goxel_mode_find(wanted->text.bytes, &mode);
    ids[0] = source->id;
    ids[1] = target->id;
    if ((code = goxel_merge_layer(in, source, target, mode, &changes)))
        return code;
    if (drop && (code = goxel_drop_layer(in, source, false, NULL)))
        return code;
    in->changed = drop || goxel_changes_any(&changes);
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_int(in->out, "source_id", ids[0]);
    goxel_json_put_int(in->out, "target_id", ids[1]);
    goxel_json_put_string(in->out, "mode", goxel_mode_traits(mode)->name);
    goxel_put_changes(in->out, &changes);
    goxel_json_put_bool(in->out, "source_deleted", drop);
    goxel_json_put_int(in->out, "active_layer_id", in->edit->scene->active_layer_id);
    goxel_json_put_end(in->out);
    return 0;
}
