/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compatible family's voxels. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/box.h"
#include "core/connect.h"
#include "core/mask.h"
#include "core/paint.h"
#include "rpc/methods/compat.h"

/* ---- edits: each alone, or as an operation of a batch ---- */

struct edited {
    struct goxel_pos pos;
    struct goxel_color color;
    int64_t done, failed; /* voxels, or operations */
    const char *kind;     /* of a shape */
    int layer_id;
    /* Of a list: the first that failed, if any did. */
    struct {
        int code;
        size_t index;
        struct goxel_detail detail;
    } first;
};

typedef int editor(const struct goxel_compat *compat, struct edited *ret_edited);

/* The bricks of all operations of a request add up. */
static int charge(const struct goxel_compat *compat, int64_t bricks)
{
    compat->in->bricks += bricks;
    return goxel_check_edit_bricks(compat->in, compat->in->bricks + (int64_t)compat->touched->count);
}

static int set(const struct goxel_compat *compat, struct goxel_volume *volume, const struct edited *edited)
{
    int code = goxel_keyset_add(compat->touched, goxel_brick_key(edited->pos));

    if (!code)
        code = charge(compat, 0);
    compat->in->changed = true;
    return code ? code : goxel_volume_set_at(volume, edited->pos, edited->color);
}

/* Position, colour, layer: in that order where they are in an array. */
static int read_colored(const struct goxel_compat *compat, struct edited *edited,
                        struct goxel_layer **ret_layer)
{
    int next = 0, code = goxel_loose_pos(&compat->params, 0, &edited->pos);

    if (!code)
        code = goxel_loose_color(&compat->params, 3, 4, &edited->color, &next);
    if (!code)
        code = goxel_color_check(edited->color, "color", compat->params.detail);
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
    return code ? code : set(compat, layer->volume, edited);
}

static int take_away(const struct goxel_compat *compat, struct edited *edited)
{
    struct goxel_layer *layer;
    int code = goxel_loose_pos(&compat->params, 0, &edited->pos);

    if (!code)
        code = goxel_compat_edited_layer(compat, 3, &layer);
    if (code)
        return code;
    edited->layer_id = layer->id;
    edited->done = goxel_volume_get_at(layer->volume, edited->pos).a > 0;
    return edited->done ? set(compat, layer->volume, edited) : 0; /* to no colour */
}

static int fail_empty(const struct goxel_compat *compat)
{
    return goxel_fail(compat->params.detail, GOXEL_ERROR_NO_VOXEL, "there is no voxel at that position");
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
    return set(compat, layer->volume, edited);
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
        return goxel_fail_flood(compat->in, code);
    edited->done = goxel_volume_count(mask);
    compat->in->changed = true;
    code = charge(compat, goxel_volume_bricks(mask));
    if (!code)
        code = goxel_volume_paint_mask(layer->volume, mask, GOXEL_MODE_REPLACE, edited->color,
                                       &compat->in->call->cancel);
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
        code = goxel_fail_value(compat->params.detail, GOXEL_ERROR_INVALID_PARAMS, "shape_type", *ret_kind,
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
            code = goxel_fail(compat->params.detail, GOXEL_ERROR_INVALID_COORDINATES,
                              "%s: the shape reaches beyond %d to %d", centers[i], GOXEL_COORD_MIN,
                              GOXEL_COORD_MAX);
        min[i] = (int32_t)(center - size / 2);
        max[i] = (int32_t)(center - size / 2 + size - 1);
    }
    if (!code)
        *ret_shape = goxel_shape_in_box(
            kind, 2, &(struct goxel_box){{min[0], min[1], min[2]}, {max[0], max[1], max[2]}});
    return code;
}

/* Alone first, so that it is known how much it is. */
static int lay_on(const struct goxel_compat *compat, struct goxel_volume *volume,
                  const struct goxel_shape *shape, struct edited *edited)
{
    struct goxel_brush brush = {.mode = GOXEL_MODE_OVER, .color = edited->color};
    struct goxel_cancel *cancel = &compat->in->call->cancel;
    struct goxel_volume *alone = goxel_volume_create();
    int code = alone ? charge(compat, goxel_paint_bricks(shape, 1, &brush)) : GOXEL_ERROR_OUT_OF_MEMORY;

    if (!code)
        code = goxel_paint_shapes(alone, shape, 1, &brush, cancel);
    if (!code)
        code = goxel_volume_merge(volume, alone, GOXEL_MODE_OVER, cancel, NULL);
    if (!code)
        edited->done = goxel_volume_count(alone);
    compat->in->changed = true;
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
        code = goxel_color_check(edited->color, "color", compat->params.detail);
    if (!code)
        code = goxel_compat_edited_layer(compat, next, &layer);
    return code ? code : lay_on(compat, layer->volume, &wanted, edited);
}

/* How often the deadline is looked at. */
#define CANCEL_STEP 1024

/* What makes the whole request fail, and not one voxel or operation of it alone. */
static bool ends_all(int code)
{
    return code == GOXEL_ERROR_OUT_OF_MEMORY || code == GOXEL_ERROR_QUOTA;
}

/* One of the list; *ret_code: what it failed with, if the others can go on. */
static int edit_listed(const struct goxel_compat *compat, const struct goxel_json *node, editor *edit,
                       struct goxel_detail *detail, int *ret_code)
{
    struct goxel_invocation *in = compat->in;
    struct goxel_compat one = {in, {node, detail}, compat->touched};
    struct goxel_detail *outer = in->detail;
    struct edited ignored = {.done = 0};

    goxel_detail_init(detail);
    in->detail = detail;
    *ret_code = edit(&one, &ignored);
    in->detail = outer;
    if (!ends_all(*ret_code))
        return 0;
    *outer = *detail;
    return *ret_code;
}

/* What is wrong changes nothing and is counted. */
static int edit_all(const struct goxel_compat *compat, const struct goxel_json *list, editor *edit,
                    struct edited *edited)
{
    struct goxel_detail detail;
    int code = 0, failed = 0;

    for (size_t i = 0; i < goxel_json_length(list) && !code; i++) {
        if (i % CANCEL_STEP == 0 && (code = goxel_cancel_check(&compat->in->call->cancel)))
            break;
        code = edit_listed(compat, goxel_json_at(list, i), edit, &detail, &failed);
        edited->done += failed == 0;
        edited->failed += failed != 0;
        if (failed && !edited->first.code) {
            edited->first.code = failed;
            edited->first.index = i;
            edited->first.detail = detail;
        }
    }
    return code;
}

static int add_all(const struct goxel_compat *compat, struct edited *edited)
{
    const struct goxel_json *list = goxel_loose_get(&compat->params, "voxels", 0);

    if (goxel_loose_type(list) == GOXEL_JSON_OBJECT) /* they are the parameters themselves */
        list = compat->params.node;
    if (goxel_loose_type(list) != GOXEL_JSON_ARRAY)
        return goxel_fail_node(compat->params.detail, GOXEL_ERROR_INVALID_PARAMS, "voxels", list,
                               "an array of {position, color} or {x, y, z, r, g, b, a}");
    return edit_all(compat, list, add, edited);
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

static void put_first(struct goxel_json_writer *w, const struct edited *edited)
{
    if (!edited->first.code)
        return;
    goxel_json_put_count(w, "first_failed", edited->first.index);
    goxel_rpc_put_error(w, "first_error", edited->first.code, &edited->first.detail, NULL, 0);
}

static void put_counts(struct goxel_json_writer *w, const struct edited *edited)
{
    goxel_json_put_int(w, "added", edited->done);
    goxel_json_put_int(w, "failed", edited->failed);
    put_first(w, edited);
}

static void put_operations(struct goxel_json_writer *w, const struct edited *edited)
{
    goxel_json_put_int(w, "total_operations", edited->done + edited->failed);
    goxel_json_put_int(w, "successful_operations", edited->done);
    put_first(w, edited);
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

static int run_typed(const struct goxel_compat *compat, struct edited *edited)
{
    const struct operation *operation;
    const char *type = NULL;
    int code = goxel_loose_text(&compat->params, "type", -1, &type);

    if (code)
        return code;
    operation = type ? find_operation(type) : NULL;
    if (!operation)
        return goxel_fail_node(
            compat->params.detail, GOXEL_ERROR_INVALID_PARAMS, "type",
            goxel_loose_get(&compat->params, "type", -1),
            "add_voxel, add_voxels, remove_voxel, paint_voxels, flood_fill or procedural_shape");
    return operation->edit(compat, edited);
}

#define OPERATIONS_MAX 10000

static int run_batch(const struct goxel_compat *compat, struct edited *edited)
{
    const struct goxel_json *list = goxel_loose_get(&compat->params, "operations", 0);

    if (goxel_loose_type(list) != GOXEL_JSON_ARRAY)
        return goxel_fail_node(compat->params.detail, GOXEL_ERROR_INVALID_PARAMS, "operations", list,
                               "an array of {type, …}");
    if (goxel_json_length(list) > OPERATIONS_MAX)
        return goxel_fail_limit(compat->params.detail, GOXEL_ERROR_QUOTA, "operations", OPERATIONS_MAX,
                                (int64_t)goxel_json_length(list));
    return edit_all(compat, list, run_typed, edited);
}

static int run(struct goxel_invocation *in, editor *edit, putter *put)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    struct edited edited = {.done = 0};
    struct goxel_keyset touched;
    int code;

    goxel_keyset_init(&touched);
    compat.touched = &touched;
    code = edit(&compat, &edited);
    goxel_keyset_finish(&touched);
    if (code)
        return code;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "success", true);
    put(in->out, &edited);
    goxel_json_put_end(in->out);
    return 0;
}

/* The one that the method is called after. */
int goxel_compat_operation(struct goxel_invocation *in)
{
    const char *dot = strrchr(in->method->name, '.');
    const struct operation *operation = find_operation(dot ? dot + 1 : in->method->name);

    return run(in, operation->edit, operation->put);
}

int goxel_compat_batch_operations(struct goxel_invocation *in)
{
    return run(in, run_batch, put_operations);
}
