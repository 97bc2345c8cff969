/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compatible family's voxels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/colors.h"
#include "core/connect.h"
#include "core/paint.h"
#include "rpc/methods/compat.h"

/* ---- edits: each alone, or as an operation of a batch ---- */

struct edited {
    struct goxel_pos pos;
    struct goxel_color color;
    int64_t done, failed; /* voxels */
    const char *kind;     /* of a shape */
    int layer_id;
};

typedef int editor(const struct goxel_compat *compat, struct edited *ret_edited);

/* Position, colour, layer: in that order where they are in an array. */
static int read_colored(const struct goxel_compat *compat, struct edited *edited,
                        struct goxel_layer **ret_layer)
{
    int next = 0, code = goxel_loose_pos(&compat->params, 0, &edited->pos);

    if (!code)
        code = goxel_loose_color(&compat->params, 3, 4, &edited->color, &next);
    if (!code)
        code = goxel_color_check(edited->color, "color", compat->in->detail);
    if (!code)
        code = goxel_compat_edited_layer(compat, next, ret_layer);
    if (!code)
        edited->layer_id = (*ret_layer)->id;
    return code;
}

static int add(const struct goxel_compat *compat, struct edited *edited)
{
    struct goxel_layer *layer;
    int code = read_colored(compat, edited, &layer);

    edited->done = 1;
    return code ? code : goxel_volume_set_at(layer->volume, edited->pos, edited->color);
}

static int take_away(const struct goxel_compat *compat, struct edited *edited)
{
    static const struct goxel_color empty = {0, 0, 0, 0};
    struct goxel_layer *layer;
    int code = goxel_loose_pos(&compat->params, 0, &edited->pos);

    if (!code)
        code = goxel_compat_edited_layer(compat, 3, &layer);
    if (code)
        return code;
    edited->layer_id = layer->id;
    edited->done = goxel_volume_get_at(layer->volume, edited->pos).a > 0;
    return edited->done ? goxel_volume_set_at(layer->volume, edited->pos, empty) : 0;
}

static int fail_empty(const struct goxel_compat *compat)
{
    return goxel_fail(compat->in->detail, GOXEL_ERROR_NO_VOXEL, "there is no voxel at that position");
}

static int paint(const struct goxel_compat *compat, struct edited *edited)
{
    struct goxel_layer *layer;
    int code = read_colored(compat, edited, &layer);

    if (code)
        return code;
    if (!goxel_volume_get_at(layer->volume, edited->pos).a)
        return fail_empty(compat);
    edited->done = 1;
    return goxel_volume_set_at(layer->volume, edited->pos, edited->color);
}

/* The voxels of a mask get the colour. */
static int recolor(const struct goxel_compat *compat, struct goxel_volume *volume,
                   const struct goxel_volume *mask, struct goxel_color color)
{
    struct goxel_brush brush = {.mode = GOXEL_MODE_PAINT, .color = color, .within = mask};
    struct goxel_shape shape;
    struct goxel_box box;
    int code;

    if (!goxel_volume_bounds(mask, &box))
        return 0;
    shape = goxel_shape_in_box(GOXEL_SHAPE_CUBE, 2, &box);
    code = goxel_check_edit_bricks(compat->in, goxel_paint_bricks(&shape, 1, &brush));
    return code ? code : goxel_paint_shapes(volume, &shape, 1, &brush, &compat->in->call->cancel);
}

static int flood(const struct goxel_compat *compat, struct edited *edited)
{
    struct goxel_flood wanted = {.box = {{GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
                                         {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX}},
                                 .neighbours = 6};
    struct goxel_volume *mask = NULL;
    struct goxel_layer *layer;
    int code = read_colored(compat, edited, &layer);

    if (code)
        return code;
    if (!goxel_volume_get_at(layer->volume, edited->pos).a)
        return fail_empty(compat);
    wanted.seed = edited->pos;
    code = goxel_volume_flood(layer->volume, &wanted, &compat->in->call->cancel, &mask);
    if (code)
        return code;
    edited->done = goxel_volume_count(mask);
    code = recolor(compat, layer->volume, mask, edited->color);
    goxel_volume_destroy(mask);
    return code;
}

/* Voxels p with center − size / 2 <= p < center + size / 2 on each axis. */
static int read_shape(const struct goxel_compat *compat, struct goxel_shape *ret_shape, const char **ret_kind)
{
    static const char *const sizes[3] = {"size_x", "size_y", "size_z"}, *const centers[3] = {"center_x",
                                                                                             "center_y",
                                                                                             "center_z"};
    /* Together as well, as others have them. */
    const struct goxel_loose listed[2] = {
        {goxel_loose_get(&compat->params, "size", -1), compat->params.detail},
        {goxel_loose_get(&compat->params, "center", -1), compat->params.detail}};
    enum goxel_shape_kind kind = GOXEL_SHAPE_CUBE;
    int32_t min[3] = {0}, max[3] = {0};
    int code;

    *ret_kind = "cube";
    code = goxel_loose_text(&compat->params, "shape_type", 0, ret_kind);
    if (!code && !goxel_shape_named(*ret_kind, &kind))
        code = goxel_fail_value(compat->in->detail, GOXEL_ERROR_INVALID_PARAMS, "shape_type", *ret_kind,
                                "cube, sphere or cylinder");
    for (int i = 0; i < 3 && !code; i++) {
        int64_t size = 10, center = 0;

        code = goxel_loose_int(&compat->params, sizes[i], 1 + i, 1, GOXEL_COORD_MAX, &size);
        if (!code)
            code = goxel_loose_int(&compat->params, centers[i], 4 + i, INT32_MIN, INT32_MAX, &center);
        if (!code)
            code = goxel_loose_int(&listed[0], "size", i, 1, GOXEL_COORD_MAX, &size);
        if (!code)
            code = goxel_loose_int(&listed[1], "center", i, INT32_MIN, INT32_MAX, &center);
        if (!code && (center - size < GOXEL_COORD_MIN || center + size > GOXEL_COORD_MAX))
            code = goxel_fail(compat->in->detail, GOXEL_ERROR_INVALID_COORDINATES,
                              "%s: the shape reaches beyond %d to %d", centers[i], GOXEL_COORD_MIN,
                              GOXEL_COORD_MAX);
        if (code)
            break; /* a centre that was refused is no number to reckon with */
        min[i] = (int32_t)(center - size / 2);
        max[i] = (int32_t)(center - size / 2 + size - 1);
    }
    if (!code)
        *ret_shape = goxel_shape_in_box(
            kind, 2, &(struct goxel_box){{min[0], min[1], min[2]}, {max[0], max[1], max[2]}});
    return code;
}

/* What the shape has alone, so that it is known how much that is. */
static int lay_on(const struct goxel_compat *compat, struct goxel_volume *volume,
                  const struct goxel_shape *shape, struct edited *edited)
{
    struct goxel_brush brush = {.mode = GOXEL_MODE_OVER, .color = edited->color};
    struct goxel_volume *alone = goxel_volume_create();
    int code = alone ? goxel_check_edit_bricks(compat->in, goxel_paint_bricks(shape, 1, &brush))
                     : GOXEL_ERROR_OUT_OF_MEMORY;

    if (!code)
        code = goxel_paint_shapes(alone, shape, 1, &brush, &compat->in->call->cancel);
    if (!code)
        code = goxel_paint_shapes(volume, shape, 1, &brush, &compat->in->call->cancel);
    if (alone)
        edited->done = goxel_volume_count(alone);
    goxel_volume_destroy(alone);
    return code;
}

static int shape(const struct goxel_compat *compat, struct edited *edited)
{
    struct goxel_shape wanted = {.kind = GOXEL_SHAPE_CUBE};
    bool colored = goxel_loose_get(&compat->params, "r", 7) || goxel_loose_get(&compat->params, "color", -1);
    struct goxel_layer *layer;
    int next = 11, code = read_shape(compat, &wanted, &edited->kind);

    edited->color = (struct goxel_color){0, 0, 0, 255};
    if (!code && colored)
        code = goxel_loose_color(&compat->params, 7, 4, &edited->color, &next);
    if (!code)
        code = goxel_color_check(edited->color, "color", compat->in->detail);
    if (!code)
        code = goxel_compat_edited_layer(compat, next, &layer);
    return code ? code : lay_on(compat, layer->volume, &wanted, edited);
}

/* One of the list; what is none is counted. */
static int add_listed(const struct goxel_compat *compat, const struct goxel_json *node, struct edited *edited)
{
    struct goxel_compat one = {compat->in, {node, NULL}, false};
    struct edited ignored = {.done = 0};
    int code = add(&one, &ignored);

    edited->done += code == 0;
    edited->failed += code != 0;
    return code == GOXEL_ERROR_OUT_OF_MEMORY ? code : 0;
}

static int add_all(const struct goxel_compat *compat, struct edited *edited)
{
    const struct goxel_json *list = goxel_loose_get(&compat->params, "voxels", 0);
    int code = 0;

    if (goxel_loose_type(list) == GOXEL_JSON_OBJECT) /* they are the parameters themselves */
        list = compat->params.node;
    if (goxel_loose_type(list) != GOXEL_JSON_ARRAY)
        return goxel_fail_node(compat->in->detail, GOXEL_ERROR_INVALID_PARAMS, "voxels", list,
                               "an array of {position, color} or {x, y, z, r, g, b, a}");
    for (size_t i = 0; i < goxel_json_length(list) && !code; i++)
        code = add_listed(compat, goxel_json_at(list, i), edited);
    return code;
}

/* ---- what is answered to them ---- */

typedef void putter(struct goxel_json_writer *w, const struct edited *edited);

static void put_place(struct goxel_json_writer *w, const struct edited *edited)
{
    goxel_json_put_int(w, "x", edited->pos.x);
    goxel_json_put_int(w, "y", edited->pos.y);
    goxel_json_put_int(w, "z", edited->pos.z);
    goxel_json_put_int(w, "layer_id", edited->layer_id);
}

static void put_added(struct goxel_json_writer *w, const struct edited *edited)
{
    put_place(w, edited);
    goxel_put_color(w, "color", edited->color);
}

static void put_counts(struct goxel_json_writer *w, const struct edited *edited)
{
    goxel_json_put_int(w, "added", edited->done);
    goxel_json_put_int(w, "failed", edited->failed);
}

static void put_painted(struct goxel_json_writer *w, const struct edited *edited)
{
    goxel_json_put_int(w, "painted", edited->done);
}

static void put_filled(struct goxel_json_writer *w, const struct edited *edited)
{
    goxel_json_put_int(w, "voxels_filled", edited->done);
}

static void put_shape(struct goxel_json_writer *w, const struct edited *edited)
{
    goxel_json_put_string(w, "shape_type", edited->kind);
    goxel_json_put_int(w, "voxels_created", edited->done);
}

/* What an operation of a batch may be, and what is answered if it stands alone. */
static const struct operation {
    const char *name;
    editor *edit;
    putter *put;
} operations[] = {
    {"add_voxel", add, put_added},          {"add_voxels", add_all, put_counts},
    {"remove_voxel", take_away, put_place}, {"paint_voxels", paint, put_painted},
    {"flood_fill", flood, put_filled},      {"procedural_shape", shape, put_shape},
};

static const struct operation *find_operation(const char *name)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    }
    return NULL;
}

/* The one that the method is called after. */
static int run_operation(struct goxel_compat *compat)
{
    struct goxel_invocation *in = compat->in;
    const char *dot = strrchr(in->method->name, '.');
    const struct operation *operation = find_operation(dot ? dot + 1 : in->method->name);
    struct edited edited = {.done = 0};
    int code = operation->edit(compat, &edited);

    if (code)
        return code;
    in->changed = edited.done > 0;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "success", true);
    operation->put(in->out, &edited);
    goxel_json_put_end(in->out);
    return 0;
}

#define OPERATIONS_MAX 10000

/* False: it failed, and what it would have changed is as it was. */
static int run_listed(struct goxel_compat *compat, const struct goxel_json *node, bool *ret_done)
{
    struct goxel_compat one = {compat->in, {node, NULL}, false};
    const struct operation *operation;
    struct edited edited = {.done = 0};
    const char *type = NULL;
    int code = goxel_loose_text(&one.params, "type", -1, &type);

    operation = !code && type ? find_operation(type) : NULL;
    code = operation ? operation->edit(&one, &edited) : GOXEL_ERROR_INVALID_PARAMS;
    *ret_done = code == 0;
    compat->in->changed |= edited.done > 0 && !code;
    return code == GOXEL_ERROR_OUT_OF_MEMORY ? code : goxel_cancel_check(&compat->in->call->cancel);
}

static int run_batch(struct goxel_compat *compat)
{
    struct goxel_invocation *in = compat->in;
    const struct goxel_json *list = goxel_loose_get(&compat->params, "operations", 0);
    size_t count = goxel_loose_type(list) == GOXEL_JSON_ARRAY ? goxel_json_length(list) : SIZE_MAX,
           successful = 0;
    int code = 0;

    if (count == SIZE_MAX)
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "operations", list,
                               "an array of {type, …}");
    if (count > OPERATIONS_MAX)
        return goxel_fail_limit(in->detail, GOXEL_ERROR_QUOTA, "operations", OPERATIONS_MAX, (int64_t)count);
    for (size_t i = 0; i < count && !code; i++) {
        bool done = false;

        code = run_listed(compat, goxel_json_at(list, i), &done);
        successful += done;
    }
    if (code)
        return code;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "success", true);
    goxel_json_put_count(in->out, "total_operations", count);
    goxel_json_put_count(in->out, "successful_operations", successful);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_compat_operation(struct goxel_invocation *in)
{
    return goxel_compat_edit(in, run_operation);
}

int goxel_compat_batch_operations(struct goxel_invocation *in)
{
    return goxel_compat_edit(in, run_batch);
}

/* ---- reads ---- */

static int get(struct goxel_compat *compat)
{
    struct goxel_json_writer *w = compat->in->out;
    struct goxel_color color = {0, 0, 0, 0};
    struct goxel_layer *layer = NULL;
    struct goxel_pos pos = {0};
    int code = goxel_loose_pos(&compat->params, 0, &pos);

    if (!code)
        code = goxel_compat_read_layer(compat, 3, &layer);
    if (code)
        return code;
    for (size_t i = compat->in->project->layer_count; i-- > 0 && !color.a;) {
        const struct goxel_layer *one = compat->in->project->layers[i];

        if (!layer || one == layer)
            color = goxel_volume_get_at(one->volume, pos);
    }
    goxel_json_put_object(w, NULL);
    goxel_json_put_int(w, "x", pos.x);
    goxel_json_put_int(w, "y", pos.y);
    goxel_json_put_int(w, "z", pos.z);
    goxel_json_put_bool(w, "exists", color.a > 0);
    goxel_put_color(w, "color", color);
    goxel_json_put_end(w);
    return 0;
}

int goxel_compat_get_voxel(struct goxel_invocation *in)
{
    return goxel_compat_read(in, get);
}

static bool is_wanted(const struct goxel_layer *one, const struct goxel_layer *layer)
{
    return !layer || one == layer;
}

/* Around both. */
static void widen(struct goxel_box *box, const struct goxel_box *other, bool first)
{
    if (first) {
        *box = *other;
        return;
    }
    box->min.x = other->min.x < box->min.x ? other->min.x : box->min.x;
    box->min.y = other->min.y < box->min.y ? other->min.y : box->min.y;
    box->min.z = other->min.z < box->min.z ? other->min.z : box->min.z;
    box->max.x = other->max.x > box->max.x ? other->max.x : box->max.x;
    box->max.y = other->max.y > box->max.y ? other->max.y : box->max.y;
    box->max.z = other->max.z > box->max.z ? other->max.z : box->max.z;
}

static int bounding_box(struct goxel_compat *compat)
{
    const struct goxel_project *project = compat->in->project;
    struct goxel_json_writer *w = compat->in->out;
    struct goxel_box box = {{0, 0, 0}, {0, 0, 0}}, other;
    struct goxel_layer *layer = NULL;
    bool empty = true;
    int code = goxel_compat_read_layer(compat, 0, &layer);

    if (code)
        return code;
    for (size_t i = 0; i < project->layer_count; i++) {
        if (is_wanted(project->layers[i], layer) && goxel_volume_bounds(project->layers[i]->volume, &other)) {
            widen(&box, &other, empty);
            empty = false;
        }
    }
    goxel_json_put_object(w, NULL);
    goxel_json_put_bool(w, "empty", empty);
    if (!empty) {
        goxel_put_pos(w, "min", box.min);
        goxel_put_pos(w, "max", box.max);
        goxel_put_pos(w, "dimensions",
                      (struct goxel_pos){box.max.x - box.min.x + 1, box.max.y - box.min.y + 1,
                                         box.max.z - box.min.z + 1});
    }
    goxel_json_put_end(w);
    return 0;
}

int goxel_compat_get_bounding_box(struct goxel_invocation *in)
{
    return goxel_compat_read(in, bounding_box);
}

/* ---- lists of voxels ---- */

#define LIMIT 10000

struct listing {
    struct goxel_json_writer *w;
    struct goxel_box box;
    bool bounded, filtered;
    struct goxel_color color;
    int64_t offset, limit, seen, given;
    struct goxel_box bounds; /* of what was given */
};

static int read_box(const struct goxel_compat *compat, bool required, struct listing *listing)
{
    const struct goxel_loose *params = &compat->params;
    const struct goxel_json *min = goxel_loose_get(params, "min", 0),
                            *max = goxel_loose_get(params, "max", 1);
    int code;

    if (!min && !max && !required)
        return 0;
    code = goxel_loose_point(min, "min", params->detail, &listing->box.min);
    if (!code)
        code = goxel_loose_point(max, "max", params->detail, &listing->box.max);
    if (!code && (listing->box.min.x > listing->box.max.x || listing->box.min.y > listing->box.max.y ||
                  listing->box.min.z > listing->box.max.z))
        code = goxel_fail_node(params->detail, GOXEL_ERROR_INVALID_COORDINATES, "max", max, "not below min");
    listing->bounded = true;
    return code;
}

static int read_listing(const struct goxel_compat *compat, bool region, struct listing *listing)
{
    const struct goxel_loose *params = &compat->params;
    const struct goxel_json *color = goxel_loose_get(params, "color_filter", -1);
    int code = region ? read_box(compat, true, listing) : 0;

    if (!code && color) {
        listing->filtered = true;
        code = goxel_loose_color_of(color, "color_filter", params->detail, &listing->color);
    }
    if (!code)
        code = goxel_loose_int(params, "offset", -1, 0, INT64_MAX, &listing->offset);
    if (!code)
        code = goxel_loose_int(params, "limit", -1, 0, INT64_MAX, &listing->limit);
    return code ? code : goxel_check_result_voxels(compat->in, listing->limit);
}

static int list_voxel(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct listing *listing = ctx;
    struct goxel_box at = {pos, pos};

    if (listing->filtered && memcmp(&listing->color, &color, sizeof(color)) != 0)
        return 0;
    if (listing->seen++ < listing->offset || listing->given >= listing->limit)
        return 0;
    widen(&listing->bounds, &at, listing->given++ == 0);
    goxel_json_put_object(listing->w, NULL);
    goxel_json_put_int(listing->w, "x", pos.x);
    goxel_json_put_int(listing->w, "y", pos.y);
    goxel_json_put_int(listing->w, "z", pos.z);
    goxel_put_color(listing->w, "color", color);
    goxel_json_put_end(listing->w);
    return listing->w->buf->failed;
}

static int list(struct goxel_compat *compat, bool region)
{
    const struct goxel_project *project = compat->in->project;
    struct listing listing = {.w = compat->in->out, .limit = LIMIT};
    struct goxel_layer *layer = NULL;
    int code = goxel_compat_read_layer(compat, region ? 2 : 0, &layer);

    if (!code)
        code = read_listing(compat, region, &listing);
    if (code)
        return code;
    goxel_json_put_object(listing.w, NULL);
    goxel_json_put_array(listing.w, "voxels");
    for (size_t i = 0; i < project->layer_count && !code; i++) {
        if (is_wanted(project->layers[i], layer))
            code = goxel_volume_visit(project->layers[i]->volume, listing.bounded ? &listing.box : NULL,
                                      &compat->in->call->cancel, list_voxel, &listing);
    }
    if (code)
        return code;
    goxel_json_put_end(listing.w);
    goxel_json_put_int(listing.w, "count", listing.given);
    goxel_json_put_bool(listing.w, "truncated", listing.seen > listing.offset + listing.given);
    if (listing.given)
        goxel_put_box(listing.w, "bbox", &listing.bounds);
    else
        goxel_json_put_null(listing.w, "bbox");
    goxel_json_put_end(listing.w);
    return 0;
}

static int list_region(struct goxel_compat *compat)
{
    return list(compat, true);
}

static int list_layer(struct goxel_compat *compat)
{
    return list(compat, false);
}

int goxel_compat_get_voxels_region(struct goxel_invocation *in)
{
    return goxel_compat_read(in, list_region);
}

int goxel_compat_get_layer_voxels(struct goxel_invocation *in)
{
    return goxel_compat_read(in, list_layer);
}
