/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * voxel.add_batch: everything is read and checked before the edit begins, so that no other edit waits for
 * a parser.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "core/accessor.h"
#include "core/box.h"
#include "rpc/keyset.h"
#include "rpc/methods/methods.h"
#include "rpc/packed.h"

/* How many voxels may pass between two looks at the deadline. */
#define CANCEL_STEP 4096

struct batch {
    struct goxel_voxel *voxels;
    size_t count;
};

/* [x, y, z, r, g, b, a = 255] */
static int read_row(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                    struct goxel_voxel *voxel)
{
    size_t len = goxel_json_length(node);
    int32_t xyz[3] = {0};
    int64_t rgba[4] = {0, 0, 0, 255};
    char inner[GOXEL_FIELD_SIZE];
    int code;

    if (len != 6 && len != 7)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node,
                               "[x, y, z, r, g, b] or [… b, a]");
    for (size_t i = 0; i < len; i++) {
        goxel_field_index(inner, field, i);
        code = i < 3 ? goxel_value_coord(goxel_json_at(node, i), inner, detail, &xyz[i])
                     : goxel_value_int(goxel_json_at(node, i), inner, 0, 255, NULL, &rgba[i - 3]);
        if (code && i >= 3)
            return goxel_fail_node(detail, GOXEL_ERROR_INVALID_COLOR, inner, goxel_json_at(node, i),
                                   "an integer from 0 to 255");
        if (code)
            return code;
    }
    voxel->pos = (struct goxel_pos){xyz[0], xyz[1], xyz[2]};
    voxel->color = (struct goxel_color){(uint8_t)rgba[0], (uint8_t)rgba[1], (uint8_t)rgba[2],
                                        (uint8_t)rgba[3]};
    return 0;
}

/* {x, y, z, color} */
static int read_object(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                       struct goxel_voxel *voxel)
{
    const struct {
        const char *name;
        int32_t *to;
    } axes[] = {{"x", &voxel->pos.x}, {"y", &voxel->pos.y}, {"z", &voxel->pos.z}};
    const struct goxel_json *color;
    char inner[GOXEL_FIELD_SIZE];
    int code;

    if ((code = goxel_value_members(node, field, "x y z color", detail)))
        return code;
    for (size_t i = 0; i < 3; i++) {
        goxel_field_member(inner, field, axes[i].name);
        if ((code = goxel_value_coord(goxel_json_get(node, axes[i].name), inner, detail, axes[i].to)))
            return code;
    }
    color = goxel_json_get(node, "color");
    goxel_field_member(inner, field, "color");
    if (!color)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, inner, NULL, "a colour");
    return goxel_value_color(color, inner, detail, &voxel->color);
}

static int read_list(struct goxel_invocation *in, struct batch *batch)
{
    const struct goxel_json *list = goxel_arg(in, "voxels")->node;
    size_t count = goxel_json_length(list);
    char field[GOXEL_FIELD_SIZE];
    int code = 0;

    if ((int64_t)count > GOXEL_PACKED_MAX)
        return goxel_fail_limit(in->detail, GOXEL_ERROR_QUOTA, "voxels", GOXEL_PACKED_MAX, (int64_t)count);
    batch->voxels = calloc(count + 1, sizeof(*batch->voxels));
    if (!batch->voxels)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; !code && i < count; i++) {
        const struct goxel_json *node = goxel_json_at(list, i);

        goxel_field_index(field, "voxels", i);
        if (goxel_json_type(node) == GOXEL_JSON_ARRAY)
            code = read_row(node, field, in->detail, &batch->voxels[i]);
        else
            code = read_object(node, field, in->detail, &batch->voxels[i]);
        if (!code)
            code = goxel_color_check(batch->voxels[i].color, field, in->detail);
    }
    batch->count = count;
    return code;
}

static int read_packed(struct goxel_invocation *in, struct batch *batch)
{
    const struct goxel_value *data = goxel_arg(in, "data"), *checksum = goxel_arg(in, "checksum"),
                             *origin = goxel_arg(in, "origin");
    struct goxel_packed packed = {
        .zlib = strcmp(goxel_arg_text(in, "compression", "none"), "zlib") == 0,
        .count = goxel_arg_int(in, "count", 0),
        .has_checksum = checksum->given,
    };

    packed.base64 = data->text.bytes;
    packed.base64_len = data->text.len;
    if (checksum->given)
        packed.checksum = (uint32_t)checksum->integer;
    if (origin->given)
        packed.origin = origin->pos;
    batch->count = (size_t)packed.count;
    return goxel_packed_read(&packed, in->detail, &batch->voxels);
}

static int fail_form(const struct goxel_invocation *in, const char *name, bool given, bool packed)
{
    if (!packed && goxel_arg(in, "data")->given && !goxel_arg(in, "format")->given)
        return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, "format", NULL,
                                "\"packed\", as data is given");
    goxel_fail(in->detail, GOXEL_ERROR_INVALID_PARAMS, "%s %s with format \"%s\"", name,
               given ? "is not allowed" : "is required", packed ? "packed" : "list");
    if (in->detail)
        (void)snprintf(in->detail->field, sizeof(in->detail->field), "%s", name);
    return GOXEL_ERROR_INVALID_PARAMS;
}

/* Each form has parameters of its own: one that belongs to the other is a mistake, not a decoration. */
static int check_form(const struct goxel_invocation *in, bool packed)
{
    static const struct {
        const char *name;
        bool packed, required;
    } params[] = {{"voxels", false, true}, {"compression", true, false}, {"count", true, true},
                  {"data", true, true},    {"checksum", true, false},    {"origin", true, false}};

    for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
        bool given = goxel_arg(in, params[i].name)->given;

        if (given ? params[i].packed != packed : params[i].required && params[i].packed == packed)
            return fail_form(in, params[i].name, given, packed);
    }
    return 0;
}

static int check_bricks(const struct goxel_invocation *in, const struct batch *batch)
{
    struct goxel_keyset bricks;
    int code = 0;

    /* No more bricks than voxels: mostly that settles it, but where bricks add up. */
    if (!in->outer && !goxel_check_edit_bricks(in, (int64_t)batch->count))
        return 0;
    goxel_keyset_init(&bricks);
    for (size_t i = 0; !code && i < batch->count; i++)
        code = goxel_keyset_add(&bricks, goxel_brick_key(batch->voxels[i].pos));
    if (!code)
        code = goxel_check_edit_bricks(in, (int64_t)bricks.count);
    goxel_keyset_finish(&bricks);
    return code;
}

struct tally {
    int64_t added, replaced, kept;
};

static int draw(struct goxel_invocation *in, const struct batch *batch, bool keep,
                struct goxel_volume *volume, struct tally *tally)
{
    struct goxel_accessor accessor = goxel_accessor_make(volume);
    struct goxel_reach reach = goxel_edit_reach(in);
    int code = 0;

    for (size_t i = 0; !code && i < batch->count; i++) {
        const struct goxel_voxel *voxel = &batch->voxels[i];
        bool there = goxel_accessor_get(&accessor, voxel->pos).a > 0;

        if (i % CANCEL_STEP == 0 && (code = goxel_cancel_check(&in->call->cancel)))
            break;
        if ((there && keep) || !goxel_reach_has(&reach, voxel->pos)) {
            tally->kept++;
            continue;
        }
        code = goxel_accessor_set(&accessor, voxel->pos, voxel->color);
        *(there ? &tally->replaced : &tally->added) += 1;
    }
    return code;
}

static int draw_batch(struct goxel_invocation *in, const struct batch *batch)
{
    bool keep = strcmp(goxel_arg_text(in, "merge_mode", "replace"), "keep") == 0;
    struct goxel_layer *layer;
    struct tally tally = {0};
    int code = goxel_edited_layer(in, &layer);

    if (code || (code = draw(in, batch, keep, layer->volume, &tally)))
        return code;
    in->changed = tally.added + tally.replaced > 0;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_count(in->out, "count", batch->count);
    goxel_json_put_int(in->out, "added", tally.added);
    goxel_json_put_int(in->out, "replaced", tally.replaced);
    goxel_json_put_int(in->out, "kept", tally.kept);
    goxel_json_put_int(in->out, "layer_id", layer->id);
    goxel_json_put_end(in->out);
    return 0;
}

/* What was read, with `code`; all of it, or nothing. */
static int add(struct goxel_invocation *in, struct batch *batch, int code)
{
    if (!code)
        code = check_bricks(in, batch);
    if (!code && !(code = goxel_invocation_edit(in)))
        code = goxel_invocation_end(in, draw_batch(in, batch));
    free(batch->voxels);
    return code;
}

int goxel_voxel_add_batch(struct goxel_invocation *in)
{
    bool packed = strcmp(goxel_arg_text(in, "format", "list"), "packed") == 0;
    struct batch batch = {0};
    int code = check_form(in, packed);

    if (!code)
        code = packed ? read_packed(in, &batch) : read_list(in, &batch);
    return add(in, &batch, code);
}

/* POST /projects/NAME/voxels: the same of a body of packed voxels. */
int goxel_resource_add_voxels(struct goxel_invocation *in)
{
    struct goxel_spool *body = &in->call->transfer->body;
    const struct goxel_value *checksum = goxel_arg(in, "checksum"), *origin = goxel_arg(in, "origin");
    struct goxel_packed packed = {.count = (int64_t)(body->len / GOXEL_PACKED_BYTES),
                                  .has_checksum = checksum->given,
                                  .checksum = checksum->given ? (uint32_t)checksum->integer : 0};
    struct batch batch = {.count = (size_t)packed.count};
    int code = goxel_spool_bytes(body, in->detail, &packed.raw);

    if (code)
        return code;
    if (body->len % GOXEL_PACKED_BYTES || body->len == 0)
        return goxel_fail_at(in->detail, GOXEL_ERROR_INVALID_DATA, 0, (int64_t)body->len,
                             "the body is not one or more voxels of %d bytes", GOXEL_PACKED_BYTES);
    if (origin->given)
        packed.origin = origin->pos;
    in->request = goxel_hash(in->request, packed.raw, body->len); /* what was asked for is the body, too */
    code = goxel_packed_read(&packed, in->detail, &batch.voxels);
    goxel_spool_finish(body);
    return add(in, &batch, code);
}
