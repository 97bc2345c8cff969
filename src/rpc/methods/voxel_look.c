/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `voxel` that tell where voxels are, and how they hang together. */
#include <stdlib.h>

#include "base/error.h"
#include "core/box.h"
#include "core/connect.h"
#include "rpc/methods/methods.h"

/* How many positions may pass between two looks at the deadline. */
#define CANCEL_STEP 4096

int goxel_drawn_layer(const struct goxel_invocation *in, const char *param, struct goxel_layer **ret_layer)
{
    struct goxel_layer *layer = NULL;
    int code = goxel_invocation_layer(in, param, &layer);

    if (code)
        return code;
    if (!goxel_layer_is_drawn(in->project, layer))
        return goxel_fail(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE,
                          "layer %d is a %s that cannot be drawn: nothing is known of its voxels", layer->id,
                          layer->base_id ? "clone" : "shape");
    *ret_layer = layer;
    return 0;
}

int goxel_looked_at(struct goxel_invocation *in, struct goxel_volume **ret_volume)
{
    const struct goxel_value *wanted = goxel_arg(in, "layer_id");
    struct goxel_layer *layer = NULL;
    int code;

    if (wanted->given && wanted->layer.kind == GOXEL_LAYER_ALL)
        return goxel_project_flatten(in->project, &in->call->cancel, ret_volume);
    code = goxel_drawn_layer(in, "layer_id", &layer);
    return code ? code : goxel_layer_shown(in->project, layer, &in->call->cancel, ret_volume);
}

/* ---- voxel.get_batch ---- */

int goxel_arg_positions(const struct goxel_invocation *in, const char *name, struct goxel_pos **ret_positions)
{
    const struct goxel_json *list = goxel_arg(in, name)->node;
    size_t count = goxel_json_length(list);
    struct goxel_pos *positions = calloc(count + 1, sizeof(*positions));
    char field[GOXEL_FIELD_SIZE];
    int code = positions ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    for (size_t i = 0; !code && i < count; i++) {
        goxel_field_index(field, name, i);
        code = goxel_value_pos(goxel_json_at(list, i), field, in->detail, &positions[i]);
    }
    if (code)
        free(positions);
    else
        *ret_positions = positions;
    return code;
}

/* One layer after the other, so that each is drawn once at most. `layer` NULL: the topmost that has a voxel there. */
static int find_all(struct goxel_invocation *in, const struct goxel_layer *layer,
                    const struct goxel_pos *positions, size_t count, struct goxel_found *found)
{
    const struct goxel_project *project = in->project;
    int code = 0;

    for (size_t i = 0; layer && i < count; i++)
        found[i].layer = layer;
    for (size_t i = project->layer_count; !code && i-- > 0;) {
        code = goxel_cancel_check(&in->call->cancel);
        if (!code && (!layer || project->layers[i] == layer))
            code = goxel_find_voxels(in, project->layers[i], positions, count, found);
    }
    return code;
}

static int put_all(struct goxel_invocation *in, const struct goxel_pos *positions, size_t count,
                   const struct goxel_found *found)
{
    uint64_t there = 0;
    int code = 0;

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_array(in->out, "voxels");
    for (size_t i = 0; i < count && !code; i++) {
        if (i % CANCEL_STEP == 0)
            code = goxel_cancel_check(&in->call->cancel);
        goxel_put_voxel(in->out, positions[i], &found[i]);
        there += found[i].color.a > 0;
    }
    goxel_json_put_end(in->out);
    goxel_json_put_count(in->out, "count", count);
    goxel_json_put_count(in->out, "found", there);
    goxel_json_put_end(in->out);
    return code;
}

/* Of each position what voxel.get says of it. */
static int look_at_all(struct goxel_invocation *in, const struct goxel_layer *layer,
                       const struct goxel_pos *positions, size_t count)
{
    struct goxel_found *found = calloc(count + 1, sizeof(*found));
    int code = found ? find_all(in, layer, positions, count, found) : GOXEL_ERROR_OUT_OF_MEMORY;

    if (!code)
        code = put_all(in, positions, count, found);
    free(found);
    return code;
}

int goxel_voxel_get_batch(struct goxel_invocation *in)
{
    const struct goxel_value *wanted = goxel_arg(in, "layer_id");
    size_t count = goxel_json_length(goxel_arg(in, "positions")->node);
    struct goxel_pos *positions = NULL;
    struct goxel_layer *layer = NULL;
    int code = goxel_check_result_voxels(in, (int64_t)count);

    if (!code && (!wanted->given || wanted->layer.kind != GOXEL_LAYER_ALL))
        code = goxel_drawn_layer(in, "layer_id", &layer);
    if (code || (code = goxel_arg_positions(in, "positions", &positions)))
        return code;
    code = look_at_all(in, layer, positions, count);
    free(positions);
    return code;
}

/* ---- voxel.bounding_box ---- */

void goxel_put_bounds(struct goxel_json_writer *w, const struct goxel_volume *volume)
{
    struct goxel_box box;

    if (volume && goxel_volume_bounds(volume, &box))
        goxel_put_box(w, "bounds", &box);
    else
        goxel_json_put_null(w, "bounds");
}

int goxel_voxel_bounding_box(struct goxel_invocation *in)
{
    struct goxel_volume *volume = NULL;
    struct goxel_box box;
    bool any;
    int code = goxel_looked_at(in, &volume);

    if (code)
        return code;
    any = goxel_volume_bounds(volume, &box);
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "empty", !any);
    goxel_put_bounds(in->out, volume);
    if (any)
        goxel_put_pos(in->out, "dimensions", goxel_box_size(&box));
    else
        goxel_json_put_null(in->out, "dimensions");
    goxel_json_put_count(in->out, "voxel_count", (uint64_t)goxel_volume_count(volume));
    goxel_json_put_end(in->out);
    goxel_volume_destroy(volume);
    return 0;
}

/* ---- voxel.connected ---- */

/* So many parts are told apart at most: dust has as many as voxels. */
#define COMPONENTS_MAX ((size_t)1 << 20)

static void put_components(struct goxel_invocation *in, const struct goxel_component *components,
                           size_t count)
{
    size_t limit = (size_t)goxel_arg_int(in, "limit", 1000), listed = limit < count ? limit : count;

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_array(in->out, "components");
    for (size_t i = 0; i < listed; i++) {
        goxel_json_put_object(in->out, NULL);
        goxel_json_put_count(in->out, "voxel_count", (uint64_t)components[i].voxels);
        goxel_put_box(in->out, "bounds", &components[i].bounds);
        goxel_put_pos(in->out, "seed", components[i].seed);
        goxel_json_put_end(in->out);
    }
    goxel_json_put_end(in->out);
    goxel_json_put_count(in->out, "count", count);
    goxel_json_put_bool(in->out, "truncated", listed < count);
    goxel_json_put_end(in->out);
}

int goxel_voxel_connected(struct goxel_invocation *in)
{
    const struct goxel_value *region = goxel_arg(in, "region");
    struct goxel_component *components = NULL;
    struct goxel_volume *volume = NULL;
    int neighbours = 0, code = goxel_arg_connectivity(in, &neighbours);
    size_t count = 0;

    if (code || (code = goxel_looked_at(in, &volume)))
        return code;
    code = goxel_volume_components(volume, region->given ? &region->region.box : NULL, neighbours,
                                   COMPONENTS_MAX, &in->call->cancel, &components, &count);
    goxel_volume_destroy(volume);
    if (code == GOXEL_ERROR_QUOTA)
        return goxel_fail(in->detail, code,
                          "more than %zu parts, or too much to look at: give a smaller region",
                          COMPONENTS_MAX);
    if (code)
        return code;
    put_components(in, components, count);
    free(components);
    return 0;
}
