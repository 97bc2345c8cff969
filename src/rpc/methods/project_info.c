/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `project` that only look: get_info, list. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "rpc/keyset.h"
#include "rpc/methods/methods.h"

/* ---- project.get_info ---- */

/* Colours told apart, in at most 32 MiB: from there on there are just "more". */
#define COLORS_MAX ((size_t)1 << 20)

static int add_color(struct goxel_color color, uint32_t *last, struct goxel_keyset *set)
{
    uint32_t bits;

    memcpy(&bits, &color, sizeof(bits));
    /* Neighbours are mostly alike, and an empty voxel is all zero. */
    if (bits == 0 || bits == *last)
        return 0;
    *last = bits;
    return goxel_keyset_add(set, bits);
}

static int add_brick_colors(const struct goxel_brick_view *view, struct goxel_keyset *set)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS], one;
    const struct goxel_color *voxels;
    uint32_t last = 0;
    int code = 0;

    if (goxel_brick_view_uniform(view, &one))
        return add_color(one, &last, set);
    voxels = goxel_brick_view_read(view, buffer);
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS && !code; i++)
        code = add_color(voxels[i], &last, set);
    return code;
}

static int add_volume_colors(const struct goxel_invocation *in, const struct goxel_volume *volume,
                             struct goxel_keyset *set)
{
    struct goxel_brick_view *views = NULL;
    size_t count = 0;
    int code = goxel_volume_views(volume, &views, &count);

    for (size_t i = 0; !code && i < count && set->count <= COLORS_MAX; i++) {
        code = goxel_cancel_check(&in->call->cancel);
        /* Bricks of one fill share their voxels. */
        if (!code && !(i > 0 && views[i].id == views[i - 1].id))
            code = add_brick_colors(&views[i], set);
    }
    free(views);
    return code;
}

/* A clone has no others than its base. */
static int add_layer_colors(const struct goxel_invocation *in, const struct goxel_layer *layer,
                            struct goxel_keyset *set)
{
    struct goxel_sight sight;
    int code;

    if (layer->base_id && goxel_project_layer(in->project, layer->base_id))
        return 0;
    code = goxel_layer_see(in->project, layer, &in->call->cancel, &sight);
    if (code)
        return code;
    code = add_volume_colors(in, sight.volume, set);
    goxel_sight_finish(&sight);
    return code;
}

static int count_colors(const struct goxel_invocation *in, size_t *ret_count)
{
    struct goxel_keyset set;
    int code = 0;

    goxel_keyset_init(&set);
    for (size_t i = 0; !code && i < in->project->layer_count && set.count <= COLORS_MAX; i++)
        code = add_layer_colors(in, in->project->layers[i], &set);
    if (!code)
        *ret_count = set.count;
    goxel_keyset_finish(&set);
    return code;
}

static bool project_bounds(const struct goxel_project *project, struct goxel_box *ret_box)
{
    bool any = false;
    struct goxel_box all = {0}, box;

#define WIDEN(axis) \
    (all.min.axis = box.min.axis < all.min.axis ? box.min.axis : all.min.axis, \
     all.max.axis = box.max.axis > all.max.axis ? box.max.axis : all.max.axis)
    for (size_t i = 0; i < project->layer_count; i++) {
        if (!goxel_layer_bounds(project, project->layers[i], &box))
            continue;
        if (!any)
            all = box;
        WIDEN(x);
        WIDEN(y);
        WIDEN(z);
        any = true;
    }
#undef WIDEN
    if (any)
        *ret_box = all;
    return any;
}

void goxel_put_dimensions(struct goxel_json_writer *w, const char *key, const struct goxel_project *project)
{
    int width = 0, height = 0, depth = 0;
    struct goxel_box box;

    if (!goxel_project_size(project, &width, &height, &depth)) {
        if (!project_bounds(project, &box)) {
            goxel_json_put_null(w, key);
            return;
        }
        width = box.max.x - box.min.x + 1;
        height = box.max.y - box.min.y + 1;
        depth = box.max.z - box.min.z + 1;
    }
    goxel_json_put_object(w, key);
    goxel_json_put_int(w, "width", width);
    goxel_json_put_int(w, "height", height);
    goxel_json_put_int(w, "depth", depth);
    goxel_json_put_end(w);
}

static void put_extent(struct goxel_json_writer *w, const struct goxel_project *project)
{
    struct goxel_box box;
    uint64_t bricks = 0;

    for (size_t i = 0; i < project->layer_count; i++)
        bricks += (uint64_t)goxel_volume_bricks(project->layers[i]->volume);
    goxel_json_put_count(w, "size", bricks * GOXEL_BRICK_BYTES);
    goxel_put_dimensions(w, "dimensions", project);
    if (project_bounds(project, &box))
        goxel_put_box(w, "bounds", &box);
    else
        goxel_json_put_null(w, "bounds");
}

static void put_time(struct goxel_json_writer *w, const char *key, int64_t wall_ms)
{
    char text[GOXEL_TIME_TEXT_SIZE];

    goxel_time_text(wall_ms, text);
    goxel_json_put_string(w, key, text);
}

int goxel_project_get_info_run(struct goxel_invocation *in)
{
    const struct goxel_project *project = in->project;
    struct goxel_json_writer *w = in->out;
    size_t colors = 0;
    int code = count_colors(in, &colors);

    if (code)
        return code;
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "project_id", goxel_slot_id(in->slot));
    goxel_json_put_string(w, "name", project->name);
    goxel_json_put_string(w, "path", project->path);
    put_time(w, "created", project->created_ms);
    put_time(w, "modified", project->modified_ms);
    put_extent(w, project);
    goxel_json_put_object(w, "statistics");
    goxel_json_put_count(w, "total_voxels", (uint64_t)goxel_project_voxels(project));
    goxel_json_put_count(w, "layers", project->layer_count);
    goxel_json_put_count(w, "colors_used", colors < COLORS_MAX ? colors : COLORS_MAX);
    goxel_json_put_bool(w, "colors_used_is_exact", colors <= COLORS_MAX);
    goxel_json_put_end(w);
    goxel_json_put_bool(w, "is_modified", goxel_project_is_modified(project));
    goxel_json_put_bool(w, "read_only", project->read_only);
    goxel_json_put_bool(w, "is_current", goxel_workspace_is_current(in->rpc->options.workspace, in->slot));
    goxel_json_put_count(w, "version", project->version);
    goxel_json_put_count(w, "epoch", goxel_head_epoch(goxel_slot_head(in->slot)));
    goxel_json_put_int(w, "active_layer_id", project->scene->active_layer_id);
    goxel_json_put_end(w);
    return 0;
}

/* ---- project.list ---- */

/* None of them is loaded for it but those that the journal has changed since their summary: after a crash, for a while. */
static int put_listed(struct goxel_invocation *in, struct goxel_slot *slot, bool current)
{
    struct goxel_summary summary;
    struct goxel_detail damage;
    int code = goxel_slot_summary(in->rpc->options.workspace, slot, &summary);

    if (code)
        return code;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "project_id", goxel_slot_id(slot));
    goxel_json_put_string(in->out, "name", summary.name);
    goxel_json_put_string(in->out, "path", summary.path);
    goxel_json_put_count(in->out, "layers", summary.layers);
    goxel_json_put_count(in->out, "total_voxels", (uint64_t)summary.voxels);
    goxel_json_put_bool(in->out, "is_modified", summary.modified);
    goxel_json_put_bool(in->out, "read_only", summary.read_only);
    goxel_json_put_bool(in->out, "is_current", current);
    goxel_json_put_bool(in->out, "is_open", !summary.closed);
    goxel_json_put_bool(in->out, "in_memory", goxel_slot_is_loaded(slot));
    if (goxel_slot_damage(slot, &damage))
        goxel_json_put_string(in->out, "damaged", damage.text);
    goxel_json_put_end(in->out);
    goxel_summary_finish(&summary);
    return 0;
}

int goxel_project_list_run(struct goxel_invocation *in)
{
    struct goxel_workspace *workspace = in->rpc->options.workspace;
    struct goxel_slot **slots = NULL, *only = NULL;
    size_t count = 0, listed = 0, current = SIZE_MAX;
    int code = 0;

    if (goxel_arg(in, "project")->given)
        code = goxel_workspace_find(workspace, goxel_arg_text(in, "project", NULL), &only, in->detail);
    if (!code)
        code = goxel_workspace_list(workspace, &slots, &count);
    if (!code) {
        goxel_json_put_object(in->out, NULL);
        goxel_json_put_array(in->out, "projects");
    }
    for (size_t i = 0; i < count; i++) {
        if (goxel_workspace_is_current(workspace, slots[i]))
            current = i;
        if (!code && (!only || only == slots[i])) {
            code = put_listed(in, slots[i], current == i);
            listed++;
        }
    }
    if (!code) {
        goxel_json_put_end(in->out);
        goxel_json_put_count(in->out, "count", listed);
        goxel_json_put_string(in->out, "current_project",
                              current == SIZE_MAX ? NULL : goxel_slot_id(slots[current]));
        goxel_json_put_end(in->out);
    }
    for (size_t i = 0; i < count; i++)
        goxel_slot_unref(slots[i]);
    free(slots);
    if (only)
        goxel_slot_unref(only);
    return code;
}
