/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * voxel.query: one walk over the voxels serves all forms of the answer. The walk goes on past
 * the limit to count, so that a client knows how much there is; behind a cursor it knows that from the first page, and the
 * walk ends with the first voxel that is left over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/hash.h"
#include "core/match.h"
#include "rpc/methods/methods.h"
#include "rpc/packed.h"

#define DEFAULT_LIMIT 10000

#define ENOUGH 1 /* what ends a walk */

struct query {
    struct goxel_invocation *in;
    const struct goxel_region *region; /* NULL: everywhere */
    const struct goxel_match *match;   /* NULL: any colour */
    int64_t offset, limit;
    bool all; /* several layers: tell which */
    enum { FORM_LIST, FORM_COUNT, FORM_PACKED } form;
    bool paged;                /* it goes on behind `at` */
    struct goxel_cursor_at at; /* of a reply that is cut: where */
    /* under way */
    int layer_id;
    int64_t matches, given;
    bool more;
    struct goxel_voxel *voxels; /* FORM_PACKED: what was given so far */
    size_t capacity;
};

static int keep_voxel(struct query *query, struct goxel_pos pos, struct goxel_color color)
{
    int code = goxel_array_reserve(&query->voxels, &query->capacity, (size_t)query->given + 1,
                                   sizeof(*query->voxels));

    if (!code)
        query->voxels[query->given] = (struct goxel_voxel){pos, color};
    return code;
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
    if (query->matches++ < query->offset || query->form == FORM_COUNT)
        return 0;
    if (query->given >= query->limit) {
        query->more = true;
        return query->paged ? ENOUGH : 0;
    }
    code = query->form == FORM_PACKED ? keep_voxel(query, pos, color) : list_voxel(query, pos, color);
    query->given++;
    query->at.pos = pos;
    query->at.layer_id = query->layer_id;
    return code;
}

static int walk_layer(struct query *query, const struct goxel_layer *layer, const struct goxel_pos *after)
{
    const struct goxel_box *box = query->region ? &query->region->box : NULL;
    struct goxel_cancel *cancel = &query->in->call->cancel;
    struct goxel_sight sight;
    int code = goxel_layer_see(query->in->project, layer, cancel, &sight);

    if (code)
        return code;
    query->layer_id = layer->id;
    code = goxel_volume_visit_after(sight.volume, box, after, cancel, visit, query);
    goxel_sight_finish(&sight);
    return code;
}

static int walk(struct query *query)
{
    const struct goxel_project *project = query->in->project;
    const struct goxel_pos after = query->at.pos;
    int first = query->paged ? query->at.layer_id : 0; /* the layer that it goes on in; 0: it began already */
    struct goxel_layer *one = NULL;
    int code = 0;

    if (!query->all && (code = goxel_drawn_layer(query->in, "layer_id", &one)))
        return code;
    for (size_t i = 0; !code && i < project->layer_count; i++) {
        const struct goxel_layer *layer = project->layers[i];
        bool here = first && layer->id == first;

        if ((one && layer != one) || (first && !here))
            continue;
        first = 0;
        code = walk_layer(query, layer, here ? &after : NULL);
    }
    return code == ENOUGH ? 0 : code;
}

/* ---- pages ---- */

/* All that pages have in common: every parameter but how much of it to give. */
static int hash_question(const struct goxel_invocation *in, uint64_t *ret_hash)
{
    static const char others[] = "project limit cursor";
    const struct goxel_param *params = in->method->params;
    uint64_t hash = goxel_hash(0, in->method->name, strlen(in->method->name));
    struct goxel_json_writer w;
    struct goxel_buf text;
    int code;

    goxel_buf_init(&text, (size_t)64 << 10);
    goxel_json_writer_init(&w, &text);
    goxel_json_put_object(&w, NULL);
    for (size_t i = 0; params[i].name; i++) {
        if (in->args[i].given && !goxel_word_in(others, params[i].name, strlen(params[i].name)))
            goxel_json_put_node(&w, params[i].name, in->args[i].node);
    }
    goxel_json_put_end(&w);
    code = text.failed;
    if (!code)
        *ret_hash = goxel_hash(hash, text.data, text.len);
    goxel_buf_finish(&text);
    return code;
}

static int fail_cursor(const struct goxel_invocation *in, const char *expected)
{
    return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, "cursor",
                            goxel_arg_text(in, "cursor", NULL), "%s", expected);
}

/* In place of what the project is now. */
static int take_version(struct goxel_invocation *in, const struct goxel_cursor_at *at)
{
    struct goxel_project *kept;

    if (in->project->version == at->version && goxel_head_epoch(goxel_slot_head(in->slot)) == at->epoch)
        return 0;
    kept = goxel_cursors_find(&in->rpc->cursors, in->slot, at->epoch, at->version);
    if (!kept)
        return goxel_fail_value(
            in->detail, GOXEL_ERROR_CONCURRENT, "cursor", goxel_arg_text(in, "cursor", NULL),
            "one that was used within %d s: its version is not kept any more, begin again "
            "without a cursor",
            GOXEL_CURSOR_MS / 1000);
    goxel_project_unref((struct goxel_project *)in->project);
    in->project = kept;
    goxel_transfer_see(in);
    return 0;
}

static int read_cursor(struct goxel_invocation *in, struct query *query)
{
    const struct goxel_value *cursor = goxel_arg(in, "cursor");
    struct goxel_cursor_at at = {.count = 0};
    uint64_t question = 0;
    int code;

    if (in->outer)
        return cursor->given ? fail_cursor(in, "none in a batch, which reads what it edits") : 0;
    if ((code = hash_question(in, &question)))
        return code;
    if (cursor->given) {
        if (!goxel_cursor_read(cursor->text.bytes, &at) || strcmp(at.project, goxel_slot_id(in->slot)) != 0)
            return fail_cursor(in, "one that a reply about this project has given");
        if (at.question != question)
            return fail_cursor(in, "the other parameters, but for limit, as they were when it was given");
        if ((code = take_version(in, &at)))
            return code;
        query->paged = true;
        query->offset = 0;
    }
    query->at = at;
    query->at.question = question;
    return 0;
}

/* Of a reply that is cut. Where the limit is 0 there is no page to go on behind. False: there is none. */
static bool make_cursor(struct query *query, char ret_text[GOXEL_CURSOR_TEXT])
{
    struct goxel_invocation *in = query->in;

    if (!query->more || !query->given || in->outer)
        return false;
    (void)snprintf(query->at.project, sizeof(query->at.project), "%s", goxel_slot_id(in->slot));
    if (!query->paged)
        query->at.epoch = goxel_head_epoch(goxel_slot_head(in->slot));
    query->at.version = in->project->version;
    goxel_cursors_keep(&in->rpc->cursors, in->slot, query->at.epoch, in->project);
    goxel_cursor_write(&query->at, ret_text);
    return true;
}

static void put_cursor(struct query *query)
{
    char text[GOXEL_CURSOR_TEXT];

    if (make_cursor(query, text))
        goxel_json_put_string(query->in->out, "cursor", text);
}

/* What a list needs to know: where to look, and how much of it to give. */
static int read_range(struct goxel_invocation *in, struct query *query)
{
    const struct goxel_value *region = goxel_arg(in, "region"), *layer = goxel_arg(in, "layer_id");
    int64_t most = goxel_config_int(in->config, GOXEL_OPT_LIMITS_MAX_RESULT_VOXELS);
    int64_t usual = in->call->transfer ? most : DEFAULT_LIMIT; /* of raw voxels as many as there may be */
    int code;

    query->in = in;
    query->region = region->given ? &region->region : NULL;
    query->offset = goxel_arg_int(in, "offset", 0);
    query->limit = goxel_arg_int(in, "limit", most < usual ? most : usual);
    query->all = layer->given && layer->layer.kind == GOXEL_LAYER_ALL;
    code = goxel_check_result_voxels(in, query->limit);
    return code ? code : read_cursor(in, query);
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

/* Of all that match: the first page has seen them. */
static void count_pages(struct query *query)
{
    if (!query->paged)
        query->at.count = query->matches;
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
    count_pages(query);
    goxel_json_put_count(w, "count", (uint64_t)query->at.count);
    goxel_json_put_bool(w, "truncated", query->more);
    if (!code)
        put_cursor(query);
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

/* ---- GET /projects/NAME/voxels ---- */

struct raw {
    struct query *query;
    struct goxel_packed packed;
};

static int fill_raw(void *ctx, struct goxel_buf *bytes)
{
    struct raw *raw = ctx;
    struct query *query = raw->query;
    int code = walk(query);

    return code ? code
                : goxel_packed_write_raw(query->voxels, (size_t)query->given, bytes, query->in->detail,
                                         &raw->packed);
}

static void tell_raw(struct raw *raw)
{
    struct goxel_transfer *transfer = raw->query->in->call->transfer;
    const struct goxel_packed *packed = &raw->packed;
    char text[GOXEL_CURSOR_TEXT];

    count_pages(raw->query);
    goxel_transfer_tell(transfer, "Goxel-Count", "%lld", (long long)packed->count);
    goxel_transfer_tell(transfer, "Goxel-Total", "%lld", (long long)raw->query->at.count);
    goxel_transfer_tell(transfer, "Goxel-Origin", "%d,%d,%d", packed->origin.x, packed->origin.y,
                        packed->origin.z);
    goxel_transfer_tell(transfer, "Goxel-Checksum", "%08x", packed->checksum);
    if (make_cursor(raw->query, text))
        goxel_transfer_tell(transfer, "Goxel-Cursor", "%s", text);
}

int goxel_resource_get_voxels(struct goxel_invocation *in)
{
    struct query query = {.form = FORM_PACKED};
    struct raw raw = {.query = &query};
    int code = read_range(in, &query);

    in->call->transfer->media_type = GOXEL_MEDIA_PACKED;
    if (code || goxel_transfer_known(in))
        return code;
    code = goxel_send_out(in, true, fill_raw, &raw);
    if (!code)
        tell_raw(&raw);
    free(query.voxels);
    return code;
}
