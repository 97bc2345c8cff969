/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `voxel` that make something else of the voxels that are there. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "core/connect.h"
#include "core/extrude.h"
#include "core/hollow.h"
#include "core/lattice.h"
#include "core/mask.h"
#include "core/recolor.h"
#include "core/scale.h"
#include "rpc/methods/methods.h"

/* ---- voxel.replace_color ---- */

static int recolor(struct goxel_invocation *in, struct goxel_layer *layer, void *ctx)
{
    const struct goxel_value *region = goxel_arg(in, "region");
    const struct goxel_match *match = ctx;
    int64_t bricks = goxel_volume_bricks(layer->volume);
    int code;

    if (region->given && goxel_box_bricks(&region->region.box) < bricks)
        bricks = goxel_box_bricks(&region->region.box);
    code = goxel_check_edit_bricks(in, bricks);
    return code ? code
                : goxel_volume_recolor(layer->volume, region->given ? &region->region.box : NULL, match,
                                       goxel_arg(in, "to")->color, &in->call->cancel);
}

int goxel_voxel_replace_color(struct goxel_invocation *in)
{
    struct goxel_match match = {goxel_arg(in, "from")->color, (int)goxel_arg_int(in, "tolerance", 0)};
    int code = goxel_color_check(match.color, "from", in->detail);

    if (!code)
        code = goxel_color_check(goxel_arg(in, "to")->color, "to", in->detail);
    return code ? code : goxel_edit_voxels(in, recolor, &match);
}

/* ---- voxel.hollow ---- */

static int hollow(struct goxel_invocation *in, struct goxel_layer *layer, void *ctx)
{
    int code = goxel_check_edit_bricks(in, goxel_volume_bricks(layer->volume));

    (void)ctx;
    return code ? code
                : goxel_volume_hollow(layer->volume, (int)goxel_arg_int(in, "thickness", 1),
                                      &in->call->cancel);
}

int goxel_voxel_hollow(struct goxel_invocation *in)
{
    return goxel_edit_voxels(in, hollow, NULL);
}

/* ---- voxel.transform ---- */

static int fail_outside(const struct goxel_invocation *in, const char *field, int code)
{
    if (code != GOXEL_ERROR_INVALID_COORDINATES)
        return code;
    return goxel_fail_value(in->detail, code, field, NULL, "all voxels inside the coordinate range, %d to %d",
                            GOXEL_COORD_MIN, GOXEL_COORD_MAX);
}

/* The point `center` in half voxels: core/lattice.h knows no other. */
static int read_center(const struct goxel_invocation *in, int64_t ret_halves[3])
{
    const struct goxel_value *center = goxel_arg(in, "center");

    for (int i = 0; i < 3; i++) {
        double halves = center->given ? center->point[i] * 2 : 0;

        if (halves != floor(halves))
            return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "center", center->node,
                                   "whole numbers and halves: 0.5 is the middle of the voxel 0");
        ret_halves[i] = (int64_t)halves;
    }
    return 0;
}

/* First the mirror, then the turn, then the move. */
static int read_lattice(const struct goxel_invocation *in, struct goxel_lattice *ret_lattice)
{
    const struct goxel_value *center = goxel_arg(in, "center"), *translate = goxel_arg(in, "translate");
    struct goxel_lattice lattice = goxel_lattice_identity, next;
    int64_t halves[3], move[3];
    int axis, code = read_center(in, halves);

    if (code)
        return code;
    axis = goxel_arg_axis(in, "mirror");
    if (goxel_arg(in, "mirror")->given && goxel_lattice_mirror(axis, halves[axis], &next))
        lattice = next;
    if (goxel_arg(in, "rotate")->given) {
        if (!goxel_lattice_rotation(goxel_arg_axis(in, "rotate"), goxel_arg_int(in, "turns", 1), halves,
                                    &next))
            return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "center", center->node,
                                   "on the two axes that turn, both whole numbers or both halves");
        lattice = goxel_lattice_compose(&next, &lattice);
    }
    if (translate->given) {
        memcpy(move, (const int64_t[]){translate->pos.x, translate->pos.y, translate->pos.z}, sizeof(move));
        (void)goxel_lattice_translation(move, &next);
        lattice = goxel_lattice_compose(&next, &lattice);
    }
    *ret_lattice = lattice;
    return 0;
}

static int scale(struct goxel_invocation *in, struct goxel_volume *volume)
{
    const char *how = goxel_arg_text(in, "scale", "none");
    int code;

    if (how[0] == 'h')
        return goxel_volume_halve(volume, &in->call->cancel);
    if (how[0] != 'd')
        return 0;
    code = goxel_check_edit_bricks(in, goxel_volume_double_bricks(volume));
    return code ? code : fail_outside(in, "scale", goxel_volume_double(volume, &in->call->cancel));
}

static int transform(struct goxel_invocation *in, struct goxel_layer *layer, void *ctx)
{
    const struct goxel_lattice *lattice = ctx;
    struct goxel_volume *volume = NULL;
    int code = goxel_check_edit_bricks(in, goxel_volume_bricks(layer->volume));

    if (!code)
        code = scale(in, layer->volume);
    if (!code)
        code = fail_outside(in, goxel_arg(in, "translate")->given ? "translate" : "center",
                            goxel_volume_transform(layer->volume, lattice, &in->call->cancel, NULL, &volume));
    if (!code)
        goxel_layer_replace_volume(layer, volume);
    return code;
}

int goxel_voxel_transform(struct goxel_invocation *in)
{
    static const char *const kinds[] = {"translate", "rotate", "mirror", "scale"};
    struct goxel_lattice lattice;
    bool any = false;
    int code;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        any |= goxel_arg(in, kinds[i])->given;
    if (!any)
        return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, "translate", NULL,
                                "translate, rotate, mirror or scale");
    code = read_lattice(in, &lattice);
    return code ? code : goxel_edit_voxels(in, transform, &lattice);
}

/* ---- voxel.copy ---- */

struct copying {
    const struct goxel_box *from;
    struct goxel_box to;
    struct goxel_lattice lattice;
};

/* What lies in the box, moved to where it goes. */
static int cut(struct goxel_invocation *in, const struct copying *copying, struct goxel_volume **ret_piece)
{
    struct goxel_layer *source = NULL;
    struct goxel_volume *piece = NULL;
    int code = goxel_drawn_layer(in, "source_id", &source);

    if (code || (code = goxel_layer_shown(in->project, source, &in->call->cancel, &piece)))
        return code;
    code = goxel_volume_crop(piece, copying->from, &in->call->cancel);
    if (!code)
        code = goxel_volume_transform(piece, &copying->lattice, &in->call->cancel, NULL, ret_piece);
    goxel_volume_destroy(piece);
    return code;
}

static int copy(struct goxel_invocation *in, struct goxel_layer *layer, void *ctx)
{
    static const struct goxel_color none = {0, 0, 0, 0};
    const struct copying *copying = ctx;
    enum goxel_mode mode = GOXEL_MODE_OVER;
    struct goxel_volume *piece = NULL;
    int code = cut(in, copying, &piece);

    (void)goxel_mode_find(goxel_arg_text(in, "mode", "over"), &mode);
    if (!code)
        code = goxel_check_edit_bricks(in, goxel_volume_bricks(piece));
    if (!code && mode == GOXEL_MODE_REPLACE) { /* of the box alone, not of all that is elsewhere */
        code = goxel_volume_fill(layer->volume, &copying->to, none, &in->call->cancel);
        mode = GOXEL_MODE_OVER;
    }
    if (!code)
        code = goxel_volume_merge(layer->volume, piece, mode, &in->call->cancel, NULL);
    goxel_volume_destroy(piece);
    return code;
}

int goxel_voxel_copy(struct goxel_invocation *in)
{
    const struct goxel_box *box = &goxel_arg(in, "region")->region.box;
    const struct goxel_value *to = goxel_arg(in, "to");
    struct copying copying = {.from = box};
    int64_t move[3] = {(int64_t)to->pos.x - box->min.x, (int64_t)to->pos.y - box->min.y,
                       (int64_t)to->pos.z - box->min.z};

    (void)goxel_lattice_translation(move, &copying.lattice);
    copying.to.min = to->pos;
    if (!goxel_lattice_apply(&copying.lattice, box->max, &copying.to.max))
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_COORDINATES, "to", to->node,
                               "the whole box inside the coordinate range, %d to %d", GOXEL_COORD_MIN,
                               GOXEL_COORD_MAX);
    return goxel_edit_voxels(in, copy, &copying);
}

/* ---- voxel.extrude ---- */

struct extruding {
    struct goxel_pos seed;
    struct goxel_extrude how;
};

/* The box of one voxel's thickness across the axis. */
static struct goxel_box plane_box(int axis, int64_t at)
{
    int32_t min[3] = {GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
            max[3] = {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX};

    min[axis] = max[axis] = (int32_t)at;
    return (struct goxel_box){{min[0], min[1], min[2]}, {max[0], max[1], max[2]}};
}

static int plane_mask(struct goxel_invocation *in, const struct goxel_volume *volume, int axis, int64_t at,
                      struct goxel_volume **ret_mask)
{
    struct goxel_box box = plane_box(axis, at);

    return goxel_volume_mask(volume, &box, &goxel_match_any, &in->call->cancel, ret_mask);
}

/* Takes away from a plane what has a voxel in front of it: that is no face. */
static int uncover(struct goxel_invocation *in, const struct goxel_volume *volume,
                   const struct extruding *extruding, int64_t at, struct goxel_volume *plane)
{
    static const struct goxel_color none = {0, 0, 0, 0};
    struct goxel_volume *front = NULL, *moved = NULL;
    struct goxel_lattice back = goxel_lattice_identity;
    int axis = extruding->how.axis, code;

    if (at + extruding->how.sign < GOXEL_COORD_MIN || at + extruding->how.sign > GOXEL_COORD_MAX)
        return 0;
    back.move[axis] = -extruding->how.sign;
    code = plane_mask(in, volume, axis, at + extruding->how.sign, &front);
    if (!code)
        code = goxel_volume_transform(front, &back, &in->call->cancel, NULL, &moved);
    if (!code)
        code = goxel_volume_paint_mask(plane, moved, GOXEL_MODE_REPLACE, none, &in->call->cancel);
    goxel_volume_destroy(moved);
    goxel_volume_destroy(front);
    return code;
}

/* The voxels of the layer that have a free face in the direction, in the plane of the seed. */
static int free_faces(struct goxel_invocation *in, const struct goxel_volume *volume,
                      const struct extruding *extruding, struct goxel_volume **ret_faces)
{
    const int32_t seed[3] = {extruding->seed.x, extruding->seed.y, extruding->seed.z};
    int axis = extruding->how.axis;
    struct goxel_box box = plane_box(axis, seed[axis]);
    struct goxel_volume *faces = NULL, *mask = NULL;
    int code = plane_mask(in, volume, axis, seed[axis], &mask);

    if (!code)
        code = uncover(in, volume, extruding, seed[axis], mask);
    if (!code && !(faces = goxel_volume_copy(volume)))
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    if (!code)
        code = goxel_volume_crop(faces, &box, &in->call->cancel);
    if (!code)
        code = goxel_volume_merge(faces, mask, GOXEL_MODE_INTERSECT, &in->call->cancel, NULL);
    goxel_volume_destroy(mask);
    if (code)
        goxel_volume_destroy(faces);
    else
        *ret_faces = faces;
    return code;
}

/* The face that the seed is on: what is connected with it, in its plane, over colours near to its own. */
static int find_face(struct goxel_invocation *in, const struct goxel_volume *volume,
                     const struct extruding *extruding, struct goxel_volume **ret_mask)
{
    const int32_t seed[3] = {extruding->seed.x, extruding->seed.y, extruding->seed.z};
    struct goxel_flood flood = {
        .seed = extruding->seed,
        .box = plane_box(extruding->how.axis, seed[extruding->how.axis]),
        .tolerance = (int)goxel_arg_int(in, "tolerance", 255),
        .neighbours = 6,
    };
    struct goxel_volume *faces = NULL;
    int code = free_faces(in, volume, extruding, &faces);

    if (code)
        return code;
    if (!goxel_volume_get_at(faces, extruding->seed).a)
        code = goxel_fail(in->detail, GOXEL_ERROR_VALIDATION,
                          "there is no voxel at [%d, %d, %d] whose face in that direction is free", seed[0],
                          seed[1], seed[2]);
    else
        code = goxel_fail_flood(in, goxel_volume_flood(faces, &flood, &in->call->cancel, ret_mask));
    goxel_volume_destroy(faces);
    return code;
}

static int extrude(struct goxel_invocation *in, struct goxel_layer *layer, void *ctx)
{
    const struct extruding *extruding = ctx;
    struct goxel_volume *face = NULL;
    int code = find_face(in, layer->volume, extruding, &face);

    if (code)
        return code;
    code = goxel_check_edit_bricks(in, goxel_volume_extrude_bricks(face, &extruding->how));
    if (!code)
        code = fail_outside(in, "distance",
                            goxel_volume_extrude(layer->volume, face, &extruding->how, &in->call->cancel));
    goxel_volume_destroy(face);
    return code;
}

int goxel_voxel_extrude(struct goxel_invocation *in)
{
    const char *direction = goxel_arg_text(in, "direction", NULL);
    struct extruding extruding = {
        .seed = goxel_arg_xyz(in),
        .how = {direction[1] - 'x', direction[0] == '+' ? 1 : -1, (int)goxel_arg_int(in, "distance", 1)},
    };

    return goxel_edit_voxels(in, extrude, &extruding);
}
