/* SPDX-License-Identifier: GPL-3.0-or-later */
/* project.diff: in what two versions of a project differ, layer by layer. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "rpc/methods/methods.h"

/* The project as it was in the version that a parameter names, a reference; without it as it is. */
static int version_of(struct goxel_invocation *in, const char *name, struct goxel_project **ret_project)
{
    const struct goxel_value *version = goxel_arg(in, name);
    int code;

    if (!version->given) {
        *ret_project = goxel_project_ref(in->project);
        return 0;
    }
    code = goxel_head_version_at(goxel_slot_head(in->slot), in->project, (uint64_t)version->integer,
                                 &in->call->cancel, ret_project, in->detail);
    if (code != GOXEL_ERROR_BAD_PROJECT_STATE)
        return code;
    return goxel_fail_node(in->detail, code, name, version->node,
                           "a version that a step leads from or to (project.get_history lists them)");
}

/* NULL: the layer, or the selection, is not there. */
static int compare(struct goxel_invocation *in, const struct goxel_volume *before,
                   const struct goxel_volume *after, struct goxel_changes *ret_changes)
{
    struct goxel_volume *nothing = before && after ? NULL : goxel_volume_create();
    int code = nothing || (before && after) ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    if (!code)
        code = goxel_volume_changes(before ? before : nothing, after ? after : nothing, &in->call->cancel,
                                    ret_changes);
    goxel_volume_destroy(nothing);
    return code;
}

static void put_difference(struct goxel_json_writer *w, const struct goxel_changes *changes)
{
    goxel_put_changes(w, changes);
    if (goxel_changes_any(changes))
        goxel_put_box(w, "bounds", &changes->box);
    else
        goxel_json_put_null(w, "bounds");
}

static bool is_set_otherwise(const struct goxel_layer *before, const struct goxel_layer *after)
{
    return strcmp(before->name, after->name) != 0 || before->visible != after->visible;
}

/* What a layer shows; of no layer (NULL), nothing. */
static int see(struct goxel_invocation *in, const struct goxel_project *project,
               const struct goxel_layer *layer, struct goxel_sight *ret_sight)
{
    return layer ? goxel_layer_see(project, layer, &in->call->cancel, ret_sight) : 0;
}

static int compare_layers(struct goxel_invocation *in, const struct goxel_project *from,
                          const struct goxel_layer *before, const struct goxel_project *to,
                          const struct goxel_layer *after, struct goxel_changes *changes)
{
    struct goxel_sight old = {NULL, NULL}, new = {NULL, NULL};
    int code = see(in, from, before, &old);

    if (!code)
        code = see(in, to, after, &new);
    if (!code)
        code = compare(in, old.volume, new.volume, changes);
    goxel_sight_finish(&old);
    goxel_sight_finish(&new);
    return code;
}

/* One row, of what is there before, after, or both times; none if it is the same. */
static int put_layer(struct goxel_invocation *in, const struct goxel_project *from,
                     const struct goxel_project *to, int id)
{
    const struct goxel_layer *before = goxel_project_layer(from, id), *after = goxel_project_layer(to, id),
                             *shown = after ? after : before;
    struct goxel_changes changes = {0};
    int code = compare_layers(in, from, before, to, after, &changes);

    if (code)
        return code;
    if (before && after && !goxel_changes_any(&changes) && !is_set_otherwise(before, after))
        return 0;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_int(in->out, "id", shown->id);
    goxel_json_put_string(in->out, "name", shown->name);
    goxel_json_put_string(in->out, "change", !before ? "added" : !after ? "removed" : "edited");
    put_difference(in->out, &changes);
    goxel_json_put_end(in->out);
    return 0;
}

static int put_layers(struct goxel_invocation *in, const struct goxel_project *from,
                      const struct goxel_project *to)
{
    int code = 0;

    goxel_json_put_array(in->out, "layers");
    for (size_t i = 0; i < to->layer_count && !code; i++)
        code = put_layer(in, from, to, to->layers[i]->id);
    for (size_t i = 0; i < from->layer_count && !code; i++) {
        if (!goxel_project_layer(to, from->layers[i]->id))
            code = put_layer(in, from, to, from->layers[i]->id);
    }
    goxel_json_put_end(in->out);
    return code;
}

static int put_diff(struct goxel_invocation *in, const struct goxel_project *from,
                    const struct goxel_project *to)
{
    struct goxel_changes selected = {0};
    int code;

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_int(in->out, "from", goxel_arg_int(in, "from", 0));
    goxel_json_put_int(in->out, "to", goxel_arg_int(in, "to", (int64_t)in->project->version));
    code = put_layers(in, from, to);
    if (!code)
        code = compare(in, from->selection, to->selection, &selected);
    goxel_json_put_object(in->out, "selection");
    put_difference(in->out, &selected);
    goxel_json_put_end(in->out);
    goxel_json_put_end(in->out);
    return code;
}

int goxel_project_diff_run(struct goxel_invocation *in)
{
    struct goxel_project *from = NULL, *to = NULL;
    int code = version_of(in, "from", &from);

    if (!code)
        code = version_of(in, "to", &to);
    if (!code)
        code = put_diff(in, from, to);
    goxel_project_unref(to);
    goxel_project_unref(from);
    return code;
}
