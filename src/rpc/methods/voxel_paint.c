/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `voxel` that lay a colour on with a brush: shapes, lines, strokes, floods. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/connect.h"
#include "core/mask.h"
#include "core/paint.h"
#include "rpc/methods/methods.h"

struct painting {
    const struct goxel_shape *shapes;
    size_t count;
    struct goxel_brush brush;
};

int goxel_arg_axis(const struct goxel_invocation *in, const char *name)
{
    return goxel_arg_text(in, name, "z")[0] - 'x';
}

static enum goxel_shape_kind arg_kind(const struct goxel_invocation *in)
{
    enum goxel_shape_kind kind = GOXEL_SHAPE_CUBE;

    (void)goxel_shape_named(goxel_arg_text(in, "shape", "cube"), &kind);
    return kind;
}

static unsigned arg_symmetry(const struct goxel_invocation *in)
{
    const char *axes = goxel_arg_text(in, "symmetry", "none");
    unsigned symmetry = 0;

    if (strcmp(axes, "none") == 0)
        return 0;
    for (; *axes; axes++)
        symmetry |= 1u << (*axes - 'x');
    return symmetry;
}

static int read_brush(const struct goxel_invocation *in, struct goxel_brush *ret_brush)
{
    const struct goxel_value *origin = goxel_arg(in, "symmetry_origin");
    struct goxel_brush brush = {
        .mode = GOXEL_MODE_OVER,
        .color = goxel_arg(in, "color")->color,
        .smoothness = goxel_arg_number(in, "smoothness", 0),
        .symmetry = arg_symmetry(in),
    };
    int code = goxel_color_check(brush.color, "color", in->detail);

    if (code)
        return code;
    (void)goxel_mode_find(goxel_arg_text(in, "mode", "over"), &brush.mode);
    if (origin->given)
        memcpy(brush.origin, origin->point, sizeof(brush.origin));
    *ret_brush = brush;
    return 0;
}

static int paint(struct goxel_invocation *in, struct goxel_layer *layer, void *ctx)
{
    const struct painting *painting = ctx;

    return goxel_paint_shapes(layer->volume, painting->shapes, painting->count, &painting->brush,
                              &in->call->cancel);
}

static int fail_long(const struct goxel_invocation *in)
{
    return goxel_fail(in->detail, GOXEL_ERROR_QUOTA,
                      "more than %d stamps, mirror images included: draw it in parts",
                      GOXEL_PAINT_SHAPES_MAX);
}

static int lay(struct goxel_invocation *in, const struct goxel_shape *shapes, size_t count)
{
    struct painting painting = {.shapes = shapes, .count = count};
    int code = read_brush(in, &painting.brush);

    if (code)
        return code;
    if (count << __builtin_popcount(painting.brush.symmetry) > GOXEL_PAINT_SHAPES_MAX)
        return fail_long(in);
    code = goxel_check_edit_bricks(in, goxel_paint_bricks(shapes, count, &painting.brush));
    return code ? code : goxel_edit_voxels(in, paint, &painting);
}

/* ---- voxel.shape ---- */

/* By center and size. */
static int read_sized(const struct goxel_invocation *in, struct goxel_shape *shape)
{
    const struct goxel_value *center = goxel_arg(in, "center"), *size = goxel_arg(in, "size");

    if (!center->given || !size->given)
        return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, center->given ? "size" : "center",
                                NULL, "center and size, or box in their place");
    memcpy(shape->center, center->point, sizeof(shape->center));
    for (int i = 0; i < 3; i++)
        shape->half[i] = size->point[i] / 2;
    if (!goxel_shape_valid(shape))
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "size", size->node,
                               "three extents above 0, in voxels, near enough to the coordinate range");
    return 0;
}

int goxel_voxel_shape(struct goxel_invocation *in)
{
    const struct goxel_value *box = goxel_arg(in, "box");
    struct goxel_shape shape = {.kind = arg_kind(in), .axis = goxel_arg_axis(in, "axis")};
    const char *other = goxel_arg(in, "center")->given ? "center" : "size";
    int code;

    if (box->given && goxel_arg(in, other)->given)
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, other, goxel_arg(in, other)->node,
                               "either box, or center and size");
    if (box->given)
        shape = goxel_shape_in_box(shape.kind, shape.axis, &box->region.box);
    else if ((code = read_sized(in, &shape)))
        return code;
    return lay(in, &shape, 1);
}

/* ---- voxel.line, voxel.stroke ---- */

static int stroke(struct goxel_invocation *in, const struct goxel_pos *points, size_t count)
{
    int size = (int)goxel_arg_int(in, "size", 1);
    struct goxel_stamp stamp = {
        .kind = arg_kind(in), .axis = goxel_arg_axis(in, "axis"), .size = {size, size, size}};
    struct goxel_shape *shapes = NULL;
    size_t stamps = 0;
    int code = goxel_stroke_shapes(&stamp, points, count, &shapes, &stamps);

    if (code == GOXEL_ERROR_QUOTA)
        return fail_long(in);
    if (!code)
        code = lay(in, shapes, stamps);
    free(shapes);
    return code;
}

int goxel_voxel_line(struct goxel_invocation *in)
{
    const struct goxel_pos ends[] = {goxel_arg(in, "from")->pos, goxel_arg(in, "to")->pos};

    return stroke(in, ends, 2);
}

int goxel_voxel_stroke(struct goxel_invocation *in)
{
    const struct goxel_value *list = goxel_arg(in, "points");
    struct goxel_pos *points = NULL;
    size_t count = goxel_json_length(list->node);
    int code;

    if (count == 0)
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "points", list->node,
                               "one position at least");
    if (count > GOXEL_PAINT_SHAPES_MAX)
        return fail_long(in);
    if ((code = goxel_arg_positions(in, "points", &points)))
        return code;
    code = stroke(in, points, count);
    free(points);
    return code;
}

/* ---- voxel.flood_fill ---- */

int goxel_arg_flood(const struct goxel_invocation *in, struct goxel_pos seed, struct goxel_flood *ret_flood)
{
    static const struct goxel_box everywhere = {
        {GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
        {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX},
    };
    const struct goxel_value *region = goxel_arg(in, "region");
    int neighbours = 0, code = goxel_arg_connectivity(in, &neighbours);

    if (code)
        return code;
    *ret_flood = (struct goxel_flood){
        .seed = seed,
        .box = region->given ? region->region.box : everywhere,
        .tolerance = (int)goxel_arg_int(in, "tolerance", 0),
        .neighbours = neighbours,
    };
    if (!goxel_box_contains(&ret_flood->box, seed))
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_COORDINATES, "region", region->node,
                               "a box with the position in it");
    return 0;
}

int goxel_arg_connectivity(const struct goxel_invocation *in, int *ret_neighbours)
{
    int64_t neighbours = goxel_arg_int(in, "connectivity", 6);

    if (neighbours != 6 && neighbours != 18 && neighbours != 26)
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "connectivity",
                               goxel_arg(in, "connectivity")->node, "6, 18 or 26");
    *ret_neighbours = (int)neighbours;
    return 0;
}

int goxel_fail_flood(const struct goxel_invocation *in, int code)
{
    if (code != GOXEL_ERROR_QUOTA)
        return code;
    return goxel_fail(in->detail, code, "the flood reaches too far: give it a smaller region");
}

static int flood(struct goxel_invocation *in, struct goxel_layer *layer, void *ctx)
{
    struct goxel_volume *mask = NULL;
    int code = goxel_volume_flood(layer->volume, ctx, &in->call->cancel, &mask);

    if (code)
        return goxel_fail_flood(in, code);
    code = goxel_check_edit_bricks(in, goxel_volume_bricks(mask));
    if (!code)
        code = goxel_volume_paint_mask(layer->volume, mask, GOXEL_MODE_REPLACE, goxel_arg(in, "color")->color,
                                       &in->call->cancel);
    goxel_volume_destroy(mask);
    return code;
}

int goxel_voxel_flood_fill(struct goxel_invocation *in)
{
    struct goxel_flood how;
    int code = goxel_color_check(goxel_arg(in, "color")->color, "color", in->detail);

    if (!code)
        code = goxel_arg_flood(in, goxel_arg_xyz(in), &how);
    return code ? code : goxel_edit_voxels(in, flood, &how);
}
