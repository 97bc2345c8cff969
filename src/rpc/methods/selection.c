/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Methods of the family `selection`. A project has one selection: places, whether there are voxels or not. It is part
 * of the content, so that undo and redo, a restart and the history know it; edits keep to it with `within`.
 */
#include <stdlib.h>

#include "base/error.h"
#include "core/select.h"
#include "rpc/methods/methods.h"

/* What is meant by the parameters. */
enum by { BY_BOX, BY_COLOR, BY_SEED };

/* A parameter that would not do anything is a mistake. */
static int check_unused(const struct goxel_invocation *in, enum by by)
{
    static const struct {
        const char *name;
        enum by from; /* with this, and those above */
        const char *expected;
    } params[] = {
        {"tolerance", BY_COLOR, "nothing without color or seed"},
        {"layer_id", BY_COLOR, "nothing without color or seed"},
        {"connectivity", BY_SEED, "nothing without seed"},
    };

    for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
        const struct goxel_value *value = goxel_arg(in, params[i].name);

        if (value->given && by < params[i].from)
            return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, params[i].name, value->node, "%s",
                                   params[i].expected);
    }
    return 0;
}

static int read_by(const struct goxel_invocation *in, enum by *ret_by)
{
    const struct goxel_value *color = goxel_arg(in, "color"), *seed = goxel_arg(in, "seed");

    if (!color->given && !seed->given && !goxel_arg(in, "region")->given)
        return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, "region", NULL,
                                "region, color or seed");
    if (color->given && seed->given)
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "seed", seed->node,
                               "either color or seed");
    *ret_by = seed->given ? BY_SEED : color->given ? BY_COLOR : BY_BOX;
    return check_unused(in, *ret_by);
}

static int select_box(struct goxel_invocation *in, enum goxel_select how)
{
    const struct goxel_box *box = &goxel_arg(in, "region")->region.box;
    bool grows = how == GOXEL_SELECT_SET || how == GOXEL_SELECT_ADD;
    int code = grows ? goxel_check_edit_bricks(in, goxel_box_bricks(box)) : 0;

    return code ? code : goxel_select_box(in->edit->selection, box, how, &in->call->cancel);
}

static int select_color(struct goxel_invocation *in, const struct goxel_volume *volume, enum goxel_select how)
{
    const struct goxel_value *region = goxel_arg(in, "region");
    struct goxel_match match = {goxel_arg(in, "color")->color, (int)goxel_arg_int(in, "tolerance", 0)};
    int code = goxel_color_check(match.color, "color", in->detail);

    return code ? code
                : goxel_select_color(in->edit->selection, volume, region->given ? &region->region.box : NULL,
                                     &match, how, &in->call->cancel);
}

static int select_flood(struct goxel_invocation *in, const struct goxel_volume *volume, enum goxel_select how)
{
    struct goxel_flood flood;
    int code = goxel_arg_flood(in, goxel_arg(in, "seed")->pos, &flood);

    return code ? code
                : goxel_fail_flood(
                      in, goxel_select_flood(in->edit->selection, volume, &flood, how, &in->call->cancel));
}

static int apply(struct goxel_invocation *in, enum by by, enum goxel_select how)
{
    struct goxel_volume *volume = NULL;
    int code;

    if (by == BY_BOX)
        return select_box(in, how);
    code = goxel_looked_at(in, &volume);
    if (code)
        return code;
    code = by == BY_COLOR ? select_color(in, volume, how) : select_flood(in, volume, how);
    goxel_volume_destroy(volume);
    return code;
}

/* What is left of it: no selection and an empty one are the same. */
static void drop_empty(struct goxel_project *project)
{
    if (!project->selection || goxel_volume_count(project->selection) > 0)
        return;
    goxel_volume_destroy(project->selection);
    project->selection = NULL;
}

static void put_selection(struct goxel_invocation *in)
{
    const struct goxel_volume *selection = in->project->selection;

    goxel_json_put_count(in->out, "count", selection ? (uint64_t)goxel_volume_count(selection) : 0);
    goxel_put_bounds(in->out, selection);
}

static int change(struct goxel_invocation *in, enum goxel_select how)
{
    struct goxel_changes changes = {0};
    struct goxel_volume *before;
    enum by by = BY_BOX;
    int code = read_by(in, &by);

    if (code)
        return code;
    if (!in->edit->selection && !(in->edit->selection = goxel_volume_create()))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    before = goxel_volume_copy(in->edit->selection);
    code = before ? apply(in, by, how) : GOXEL_ERROR_OUT_OF_MEMORY;
    if (!code)
        code = goxel_volume_changes(before, in->edit->selection, &in->call->cancel, &changes);
    goxel_volume_destroy(before);
    if (code)
        return code;
    in->changed = goxel_changes_any(&changes);
    drop_empty(in->edit);
    goxel_json_put_object(in->out, NULL);
    put_selection(in);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_selection_set(struct goxel_invocation *in)
{
    return change(in, GOXEL_SELECT_SET);
}

int goxel_selection_add(struct goxel_invocation *in)
{
    return change(in, GOXEL_SELECT_ADD);
}

int goxel_selection_sub(struct goxel_invocation *in)
{
    return change(in, GOXEL_SELECT_SUB);
}

int goxel_selection_intersect(struct goxel_invocation *in)
{
    return change(in, GOXEL_SELECT_INTERSECT);
}

int goxel_selection_clear(struct goxel_invocation *in)
{
    in->changed = in->edit->selection != NULL;
    goxel_volume_destroy(in->edit->selection);
    in->edit->selection = NULL;
    goxel_json_put_object(in->out, NULL);
    put_selection(in);
    goxel_json_put_end(in->out);
    return 0;
}

/* ---- selection.get ---- */

struct listing {
    struct goxel_json_writer *w;
    int64_t skip, left;
};

/* What ends the walk when all is listed that was wanted; no error's code. */
#define ENOUGH 1

static int list_position(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct listing *listing = ctx;

    (void)color;
    if (listing->skip > 0) {
        listing->skip--;
        return 0;
    }
    if (listing->left == 0)
        return ENOUGH;
    listing->left--;
    goxel_put_pos(listing->w, NULL, pos);
    return listing->w->buf->failed; /* a reply that is too long already need not be finished */
}

int goxel_selection_get(struct goxel_invocation *in)
{
    const struct goxel_volume *selection = in->project->selection;
    int64_t most = goxel_config_int(in->config, GOXEL_OPT_LIMITS_MAX_RESULT_VOXELS);
    struct listing listing = {
        .w = in->out,
        .skip = goxel_arg_int(in, "offset", 0),
        .left = goxel_arg_int(in, "limit", most < 10000 ? most : 10000),
    };
    int code = goxel_check_result_voxels(in, listing.left);

    if (code)
        return code;
    goxel_json_put_object(in->out, NULL);
    put_selection(in);
    goxel_json_put_array(in->out, "positions");
    if (selection)
        code = goxel_volume_visit(selection, NULL, &in->call->cancel, list_position, &listing);
    goxel_json_put_end(in->out);
    goxel_json_put_bool(in->out, "truncated", code == ENOUGH);
    goxel_json_put_end(in->out);
    if (code == ENOUGH || code == GOXEL_ERROR_MESSAGE_SIZE)
        return 0; /* the dispatcher sees a full buffer and says so */
    return code;
}
