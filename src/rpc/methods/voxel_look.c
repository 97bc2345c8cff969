/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `voxel` that tell where voxels are, and how they hang together. */
#include <stdlib.h>

#include "base/error.h"
#include "core/box.h"
#include "core/connect.h"
#include "rpc/methods/methods.h"

/* How many positions may pass between two looks at the deadline. */
#define CANCEL_STEP 4096

int goxel_looked_at(struct goxel_invocation *in, struct goxel_volume **ret_volume)
{
    const struct goxel_value *wanted = goxel_arg(in, "layer_id");
    struct goxel_layer *layer = NULL;
    struct goxel_volume *volume;
    int code;

    if (wanted->given && wanted->layer.kind == GOXEL_LAYER_ALL)
        return goxel_project_flatten(in->project, &in->call->cancel, ret_volume);
    if ((code = goxel_invocation_layer(in, "layer_id", &layer)))
        return code;
    volume = goxel_volume_copy(layer->volume);
    if (!volume)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_volume = volume;
    return 0;
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

/* Of each position what voxel.get says of it. `layer` NULL: the topmost that has a voxel there. */
static int put_all(struct goxel_invocation *in, const struct goxel_layer *layer,
                   const struct goxel_pos *positions, size_t count)
{
    uint64_t found = 0;
    int code = 0;

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_array(in->out, "voxels");
    for (size_t i = 0; i < count && !code; i++) {
        if (i % CANCEL_STEP == 0)
            code = goxel_cancel_check(&in->call->cancel);
        found += goxel_put_voxel(in->out, layer ? layer : goxel_topmost_at(in->project, positions[i]),
                                 positions[i]);
    }
    goxel_json_put_end(in->out);
    goxel_json_put_count(in->out, "count", count);
    goxel_json_put_count(in->out, "found", found);
    goxel_json_put_end(in->out);
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
        code = goxel_invocation_layer(in, "layer_id", &layer);
    if (code || (code = goxel_arg_positions(in, "positions", &positions)))
        return code;
    code = put_all(in, layer, positions, count);
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
