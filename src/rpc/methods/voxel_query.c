/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * voxel.query: one walk over the voxels serves all three forms of the answer. The walk goes on past
 * the limit to count, so that a client knows how much there is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/match.h"
#include "rpc/methods/methods.h"
#include "rpc/packed.h"

#define DEFAULT_LIMIT 10000

struct query {
    struct goxel_invocation *in;
    const struct goxel_region *region; /* NULL: everywhere */
    const struct goxel_match *match;   /* NULL: any colour */
    int64_t offset, limit;
    bool all; /* several layers: tell which */
    enum { FORM_LIST, FORM_COUNT, FORM_PACKED } form;
    /* under way */
    int layer_id;
    int64_t matches, given;
    struct goxel_voxel *voxels; /* FORM_PACKED: what was given so far */
    size_t capacity;
};

static int keep_voxel(struct query *query, struct goxel_pos pos, struct goxel_color color)
{
    if ((size_t)query->given == query->capacity) {
        size_t capacity = query->capacity ? query->capacity * 2 : 1024;
        struct goxel_voxel *voxels = realloc(query->voxels, capacity * sizeof(*voxels));

        if (!voxels)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        query->voxels = voxels;
        query->capacity = capacity;
    }
    query->voxels[query->given] = (struct goxel_voxel){pos, color};
    return 0;
}

static int list_voxel(struct query *query, struct goxel_pos pos, struct goxel_color color)
{
    struct goxel_json_writer *w = query->in->out;

    goxel_json_put_object(w, NULL);
    goxel_json_put_int(w, "x", pos.x);
    goxel_json_put_int(w, "y", pos.y);
    goxel_json_put_int(w, "z", pos.z);
    goxel_put_color(w, "color", color);
    if (query->all)
        goxel_json_put_int(w, "layer_id", query->layer_id);
    goxel_json_put_end(w);
    return w->buf->failed; /* a reply that is too long already need not be finished */
}

static int visit(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct query *query = ctx;
    int code;

    if (query->region && query->region->ball && !goxel_region_contains(query->region, pos))
        return 0;
    if (query->match && !goxel_match_color(query->match, color))
        return 0;
    if (query->matches++ < query->offset || query->given >= query->limit || query->form == FORM_COUNT)
        return 0;
    code = query->form == FORM_PACKED ? keep_voxel(query, pos, color) : list_voxel(query, pos, color);
    query->given++;
    return code;
}

static int walk(struct query *query)
{
    const struct goxel_project *project = query->in->project;
    const struct goxel_box *box = query->region ? &query->region->box : NULL;
    struct goxel_layer *one = NULL;
    int code = 0;

    if (!query->all && (code = goxel_invocation_layer(query->in, "layer_id", &one)))
        return code;
    for (size_t i = 0; !code && i < project->layer_count; i++) {
        const struct goxel_layer *layer = project->layers[i];

        if (one && layer != one)
            continue;
        query->layer_id = layer->id;
        code = goxel_volume_visit(layer->volume, box, &query->in->call->cancel, visit, query);
    }
    return code;
}

/* What a list needs to know: where to look, and how much of it to give. */
static int read_range(struct goxel_invocation *in, struct query *query)
{
    const struct goxel_value *region = goxel_arg(in, "region"), *layer = goxel_arg(in, "layer_id");
    int64_t most = goxel_config_int(in->config, GOXEL_OPT_LIMITS_MAX_RESULT_VOXELS);

    query->in = in;
    query->region = region->given ? &region->region : NULL;
    query->offset = goxel_arg_int(in, "offset", 0);
    query->limit = goxel_arg_int(in, "limit", most < DEFAULT_LIMIT ? most : DEFAULT_LIMIT);
    query->all = layer->given && layer->layer.kind == GOXEL_LAYER_ALL;
    return goxel_check_result_voxels(in, query->limit);
}

static int read_query(struct goxel_invocation *in, struct query *query, struct goxel_match *match)
{
    const struct goxel_value *filter = goxel_arg(in, "filter"), *layer = goxel_arg(in, "layer_id");
    const char *form = goxel_arg_text(in, "return_format", "list");
    const struct goxel_json *wanted;
    int code = read_range(in, query);

    query->form = form[0] == 'l' ? FORM_LIST : form[0] == 'c' ? FORM_COUNT : FORM_PACKED;
    if (query->form == FORM_PACKED && query->all)
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "layer_id", layer->node,
                               "one layer: packed voxels do not tell theirs");
    if (code || !filter->given)
        return code;
    if ((code = goxel_value_members(filter->node, "filter", "color", in->detail)))
        return code;
    wanted = goxel_json_get(filter->node, "color");
    if (!wanted)
        return 0;
    query->match = match;
    return goxel_value_color(wanted, "filter.color", in->detail, &match->color);
}

static int put_packed(struct query *query)
{
    struct goxel_json_writer *w = query->in->out;
    struct goxel_packed packed = {0};
    struct goxel_buf base64;
    char checksum[16];
    int code;

    goxel_buf_init(&base64, GOXEL_REPLY_MAX);
    code = goxel_packed_write(query->voxels, (size_t)query->given, &base64, query->in->detail, &packed);
    if (code == GOXEL_ERROR_MESSAGE_SIZE)
        code = goxel_fail(query->in->detail, GOXEL_ERROR_QUOTA,
                          "the reply would be too long: ask for fewer voxels");
    if (!code) {
        (void)snprintf(checksum, sizeof(checksum), "%08x", packed.checksum);
        goxel_json_put_object(w, "packed");
        goxel_json_put_int(w, "count", packed.count);
        goxel_json_put_string(w, "compression", "zlib");
        goxel_json_put_string_len(w, "data", base64.data, base64.len);
        goxel_json_put_string(w, "checksum", checksum);
        goxel_put_pos(w, "origin", packed.origin);
        goxel_json_put_end(w);
    }
    goxel_buf_finish(&base64);
    return code;
}

static int answer(struct query *query)
{
    struct goxel_json_writer *w = query->in->out;
    int code;

    goxel_json_put_object(w, NULL);
    if (query->form == FORM_LIST)
        goxel_json_put_array(w, "voxels");
    code = walk(query);
    if (code == GOXEL_ERROR_MESSAGE_SIZE)
        code = 0; /* the dispatcher sees the full buffer and says so */
    if (query->form == FORM_LIST)
        goxel_json_put_end(w);
    if (!code && query->form == FORM_PACKED)
        code = put_packed(query);
    goxel_json_put_count(w, "count", (uint64_t)query->matches);
    goxel_json_put_bool(w, "truncated",
                        query->form != FORM_COUNT && query->offset + query->given < query->matches);
    goxel_json_put_end(w);
    free(query->voxels);
    return code;
}

int goxel_voxel_query(struct goxel_invocation *in)
{
    struct goxel_match match = {.tolerance = 0};
    struct query query = {0};
    int code = read_query(in, &query, &match);

    return code ? code : answer(&query);
}

int goxel_voxel_find_by_color(struct goxel_invocation *in)
{
    struct goxel_match match = {goxel_arg(in, "color")->color, (int)goxel_arg_int(in, "tolerance", 0)};
    struct query query = {.match = &match, .form = FORM_LIST};
    int code = goxel_color_check(match.color, "color", in->detail);

    if (!code)
        code = read_range(in, &query);
    return code ? code : answer(&query);
}
