/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `voxel` that touch one voxel or one box. */
#include <stdlib.h>

#include "base/error.h"
#include "rpc/methods/methods.h"

struct goxel_pos goxel_arg_xyz(const struct goxel_invocation *in)
{
    return (struct goxel_pos){(int32_t)goxel_arg_int(in, "x", 0), (int32_t)goxel_arg_int(in, "y", 0),
                              (int32_t)goxel_arg_int(in, "z", 0)};
}

static void put_xyz(struct goxel_json_writer *w, struct goxel_pos pos)
{
    goxel_json_put_int(w, "x", pos.x);
    goxel_json_put_int(w, "y", pos.y);
    goxel_json_put_int(w, "z", pos.z);
}

/* Gives one place the color, and begins the result. `there`: only if there is a voxel. */
static int set_one(struct goxel_invocation *in, bool there)
{
    struct goxel_color color = goxel_arg(in, "color")->color;
    struct goxel_reach reach = goxel_edit_reach(in);
    struct goxel_pos pos = goxel_arg_xyz(in);
    struct goxel_layer *layer;
    int code = goxel_color_check(color, "color", in->detail);

    if (code || (code = goxel_edited_layer(in, &layer)))
        return code;
    in->changed = goxel_reach_has(&reach, pos) && (!there || goxel_volume_get_at(layer->volume, pos).a > 0);
    if (in->changed && (code = goxel_volume_set_at(layer->volume, pos, color)))
        return code;
    goxel_json_put_object(in->out, NULL);
    put_xyz(in->out, pos);
    goxel_put_color(in->out, "color", color);
    goxel_json_put_int(in->out, "layer_id", layer->id);
    return 0;
}

int goxel_voxel_add(struct goxel_invocation *in)
{
    int code = set_one(in, false);

    if (code)
        return code;
    if (!in->changed)
        goxel_json_put_bool(in->out, "kept", true);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_voxel_paint(struct goxel_invocation *in)
{
    int code = set_one(in, true);

    if (code)
        return code;
    goxel_json_put_bool(in->out, "painted", in->changed);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_voxel_remove(struct goxel_invocation *in)
{
    static const struct goxel_color empty = {0, 0, 0, 0};
    struct goxel_reach reach = goxel_edit_reach(in);
    struct goxel_pos pos = goxel_arg_xyz(in);
    struct goxel_layer *layer;
    int code = goxel_edited_layer(in, &layer);

    if (code)
        return code;
    in->changed = goxel_volume_get_at(layer->volume, pos).a > 0 && goxel_reach_has(&reach, pos);
    if (in->changed && (code = goxel_volume_set_at(layer->volume, pos, empty)))
        return code;
    goxel_json_put_object(in->out, NULL);
    put_xyz(in->out, pos);
    goxel_json_put_int(in->out, "layer_id", layer->id);
    goxel_json_put_bool(in->out, "removed", in->changed);
    goxel_json_put_end(in->out);
    return 0;
}

void goxel_put_voxel(struct goxel_json_writer *w, struct goxel_pos pos, const struct goxel_found *found)
{
    goxel_json_put_object(w, NULL);
    put_xyz(w, pos);
    goxel_json_put_bool(w, "exists", found->color.a > 0);
    if (found->color.a > 0)
        goxel_put_color(w, "color", found->color);
    else
        goxel_json_put_null(w, "color");
    if (found->layer)
        goxel_json_put_int(w, "layer_id", found->layer->id);
    else
        goxel_json_put_null(w, "layer_id");
    goxel_json_put_end(w);
}

int goxel_find_voxels(struct goxel_invocation *in, const struct goxel_layer *layer,
                      const struct goxel_pos *positions, size_t count, struct goxel_found *found)
{
    struct goxel_sight sight;
    int code = goxel_layer_see(in->project, layer, &in->call->cancel, &sight);

    if (code)
        return code;
    for (size_t i = 0; i < count; i++) {
        struct goxel_color color = {0, 0, 0, 0};

        if (!found[i].color.a)
            color = goxel_volume_get_at(sight.volume, positions[i]);
        if (color.a)
            found[i] = (struct goxel_found){layer, color};
    }
    goxel_sight_finish(&sight);
    return 0;
}

int goxel_voxel_get(struct goxel_invocation *in)
{
    const struct goxel_value *wanted = goxel_arg(in, "layer_id");
    const struct goxel_project *project = in->project;
    struct goxel_pos pos = goxel_arg_xyz(in);
    struct goxel_found found = {.layer = NULL};
    struct goxel_layer *layer = NULL;
    int code = 0;

    if (wanted->given && wanted->layer.kind == GOXEL_LAYER_ALL) {
        for (size_t i = project->layer_count; !code && !found.layer && i-- > 0;)
            code = goxel_find_voxels(in, project->layers[i], &pos, 1, &found);
    } else if (!(code = goxel_drawn_layer(in, "layer_id", &layer))) {
        found.layer = layer;
        code = goxel_find_voxels(in, layer, &pos, 1, &found);
    }
    if (!code)
        goxel_put_voxel(in->out, pos, &found);
    return code;
}

/* ---- voxel.fill ---- */

enum fill_mode { FILL_REPLACE, FILL_KEEP, FILL_PAINT };

static enum fill_mode arg_fill_mode(const struct goxel_invocation *in)
{
    switch (goxel_arg_text(in, "mode", "replace")[0]) {
    case 'k':
        return FILL_KEEP;
    case 'p':
        return FILL_PAINT;
    default:
        return FILL_REPLACE;
    }
}

/* Walks the voxels that were there: puts them back (keep), or gives them the colour (paint). */
struct repaint {
    struct goxel_reach reach;
    struct goxel_volume *to;
    const struct goxel_color *color; /* NULL: its own */
    int64_t seen;
};

static int repaint_voxel(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct repaint *repaint = ctx;

    if (!goxel_reach_has(&repaint->reach, pos))
        return 0; /* what is done there is taken back */
    repaint->seen++;
    return goxel_volume_set_at(repaint->to, pos, repaint->color ? *repaint->color : color);
}

/* Fills a copy, so that a fill that fails halfway leaves no half. *ret_seen: voxels in the box before. */
static int fill_copy(struct goxel_invocation *in, const struct goxel_layer *layer,
                     const struct goxel_box *box, struct goxel_color color, enum fill_mode mode,
                     struct goxel_volume **ret_volume, int64_t *ret_seen)
{
    struct repaint repaint = {.reach = goxel_edit_reach(in),
                              .to = goxel_volume_copy(layer->volume),
                              .color = mode == FILL_PAINT ? &color : NULL};
    int code = repaint.to ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    if (!code && mode != FILL_PAINT)
        code = goxel_volume_fill(repaint.to, box, color, &in->call->cancel);
    if (!code && mode != FILL_REPLACE)
        code = goxel_volume_visit(layer->volume, box, &in->call->cancel, repaint_voxel, &repaint);
    if (!code)
        code = goxel_edit_confine(in, repaint.to, layer->volume);
    if (code) {
        goxel_volume_destroy(repaint.to);
        return code;
    }
    *ret_volume = repaint.to;
    *ret_seen = repaint.seen;
    return 0;
}

static uint64_t box_voxels(const struct goxel_box *box)
{
    return (uint64_t)(box->max.x - box->min.x + 1) * (uint64_t)(box->max.y - box->min.y + 1) *
           (uint64_t)(box->max.z - box->min.z + 1);
}

/* Voxels of the box that the edit reaches. */
static int box_reached(const struct goxel_invocation *in, const struct goxel_box *box, uint64_t *ret_voxels)
{
    struct goxel_reach reach = goxel_edit_reach(in);
    int64_t selected = 0;
    int code = 0;

    if (reach.everywhere) {
        *ret_voxels = box_voxels(box);
        return 0;
    }
    if (reach.selection)
        code = goxel_volume_count_in(reach.selection, box, &in->call->cancel, &selected);
    *ret_voxels = (uint64_t)selected;
    return code;
}

int goxel_voxel_fill(struct goxel_invocation *in)
{
    const struct goxel_box *box = &goxel_arg(in, "region")->region.box;
    struct goxel_color color = goxel_arg(in, "color")->color;
    enum fill_mode mode = arg_fill_mode(in);
    struct goxel_volume *filled = NULL;
    struct goxel_layer *layer;
    int64_t added, seen = 0;
    uint64_t set = 0;
    int code = goxel_color_check(color, "color", in->detail);

    if (code || (code = goxel_check_edit_bricks(in, goxel_box_bricks(box))) ||
        (code = goxel_edited_layer(in, &layer)) || (code = box_reached(in, box, &set)) ||
        (code = fill_copy(in, layer, box, color, mode, &filled, &seen)))
        return code;
    added = goxel_volume_count(filled) - goxel_volume_count(layer->volume);
    if (mode != FILL_REPLACE)
        set = (uint64_t)(mode == FILL_KEEP ? added : seen);
    goxel_layer_replace_volume(layer, filled);
    in->changed = set > 0;
    goxel_json_put_object(in->out, NULL);
    goxel_put_box(in->out, "region", box);
    goxel_put_color(in->out, "color", color);
    goxel_json_put_count(in->out, "filled", set);
    goxel_json_put_int(in->out, "added", added);
    goxel_json_put_int(in->out, "layer_id", layer->id);
    goxel_json_put_end(in->out);
    return 0;
}

/* ---- voxel.clear ---- */

/* The layers to be cleared: one, or all of them. */
struct clearing {
    size_t first, end; /* by order */
};

/* Clearing everything costs nothing; clearing a box costs the bricks that are in it. */
static int check_clear(const struct goxel_invocation *in, const struct clearing *clearing)
{
    const struct goxel_value *region = goxel_arg(in, "region");
    int64_t bricks = 0;

    for (size_t i = clearing->first; region->given && i < clearing->end; i++) {
        int64_t there = goxel_volume_bricks(in->edit->layers[i]->volume),
                box = goxel_box_bricks(&region->region.box);

        bricks += there < box ? there : box;
    }
    return goxel_check_edit_bricks(in, bricks);
}

static int clear_layer(struct goxel_invocation *in, const struct goxel_layer *layer, int64_t *removed)
{
    static const struct goxel_color empty = {0, 0, 0, 0};
    const struct goxel_value *region = goxel_arg(in, "region");
    int64_t count = goxel_volume_count(layer->volume);
    struct goxel_layer *own = count > 0 ? goxel_project_own_layer(in->edit, layer) : NULL;
    struct goxel_volume *before = own ? goxel_volume_copy(own->volume) : NULL;
    int code = 0;

    if (count == 0)
        return 0;
    if (!before)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (region->given)
        code = goxel_volume_fill(own->volume, &region->region.box, empty, &in->call->cancel);
    else
        goxel_volume_clear(own->volume);
    if (!code)
        code = goxel_edit_confine(in, own->volume, before);
    goxel_volume_destroy(before);
    *removed += count - goxel_volume_count(own->volume);
    return code;
}

static int choose_layers(const struct goxel_invocation *in, struct clearing *ret_clearing)
{
    bool all = goxel_arg_text(in, "scope", "layer")[0] == 'a';
    struct goxel_layer *layer;
    int code;

    /* A misspelled region must not become "everything". */
    if (!goxel_arg(in, "scope")->given && !goxel_arg(in, "region")->given)
        return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, "scope", NULL,
                                "layer, all, or a region in its place");
    if (all && goxel_arg(in, "layer_id")->given)
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "layer_id",
                               goxel_arg(in, "layer_id")->node, "no layer with scope \"all\"");
    if (all) {
        *ret_clearing = (struct clearing){0, in->edit->layer_count};
        return 0;
    }
    if ((code = goxel_edited_layer(in, &layer)))
        return code;
    ret_clearing->first = 0;
    while (in->edit->layers[ret_clearing->first] != layer)
        ret_clearing->first++;
    ret_clearing->end = ret_clearing->first + 1;
    return 0;
}

int goxel_voxel_clear(struct goxel_invocation *in)
{
    struct clearing clearing = {0, 0};
    int64_t removed = 0;
    int code = choose_layers(in, &clearing);

    if (!code)
        code = check_clear(in, &clearing);
    for (size_t i = clearing.first; i < clearing.end && !code; i++)
        code = clear_layer(in, in->edit->layers[i], &removed);
    if (code)
        return code;
    in->changed = removed > 0;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_int(in->out, "removed", removed);
    goxel_json_put_count(in->out, "layers", clearing.end - clearing.first);
    goxel_json_put_end(in->out);
    return 0;
}
