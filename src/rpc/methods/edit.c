/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every edit of voxels has in common: its layer, the selection that it may be confined to, and what it says of
 * itself. Results are counted by comparing the layer with what it was, so that they tell what happened, whichever
 * operation did it, and whatever the selection took back.
 */
#include "base/error.h"
#include "core/paint.h"
#include "rpc/methods/methods.h"

struct goxel_reach goxel_edit_reach(const struct goxel_invocation *in)
{
    return (struct goxel_reach){!goxel_arg_if_given(in, "within"), in->edit->selection};
}

bool goxel_reach_has(const struct goxel_reach *reach, struct goxel_pos pos)
{
    return reach->everywhere || (reach->selection && goxel_volume_get_at(reach->selection, pos).a > 0);
}

int goxel_edit_confine(struct goxel_invocation *in, struct goxel_volume *volume,
                       const struct goxel_volume *before)
{
    struct goxel_reach reach = goxel_edit_reach(in);
    struct goxel_volume *nothing = NULL;
    int code;

    if (reach.everywhere)
        return 0;
    if (!reach.selection && !(nothing = goxel_volume_create()))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    code = goxel_volume_confine(volume, before, nothing ? nothing : reach.selection, &in->call->cancel);
    goxel_volume_destroy(nothing);
    return code;
}

void goxel_put_changes(struct goxel_json_writer *w, const struct goxel_changes *changes)
{
    goxel_json_put_count(w, "added", (uint64_t)changes->added);
    goxel_json_put_count(w, "removed", (uint64_t)changes->removed);
    goxel_json_put_count(w, "recolored", (uint64_t)changes->recoloured);
}

bool goxel_changes_any(const struct goxel_changes *changes)
{
    return changes->added || changes->removed || changes->recoloured;
}

/* Confines what was done, and counts what is left of it. */
static int settle(struct goxel_invocation *in, const struct goxel_layer *layer,
                  const struct goxel_volume *before, struct goxel_changes *changes)
{
    int code = goxel_edit_confine(in, layer->volume, before);

    if (!code)
        code = goxel_volume_changes(before, layer->volume, &in->call->cancel, changes);
    return code;
}

int goxel_edit_voxels(struct goxel_invocation *in, goxel_voxel_change *change, void *ctx)
{
    struct goxel_changes changes = {0};
    struct goxel_volume *before;
    struct goxel_layer *layer;
    int code = goxel_edited_layer(in, &layer);

    if (code)
        return code;
    before = goxel_volume_copy(layer->volume);
    code = before ? change(in, layer, ctx) : GOXEL_ERROR_OUT_OF_MEMORY;
    if (!code)
        code = settle(in, layer, before, &changes);
    goxel_volume_destroy(before);
    if (code)
        return code;
    in->changed = goxel_changes_any(&changes);
    goxel_json_put_object(in->out, NULL);
    goxel_put_changes(in->out, &changes);
    goxel_json_put_int(in->out, "layer_id", layer->id);
    goxel_json_put_end(in->out);
    return 0;
}
