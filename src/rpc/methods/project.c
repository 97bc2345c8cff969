/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `project` that touch no file: create, close, get_info, list. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "rpc/files.h"
#include "rpc/keyset.h"
#include "rpc/methods/methods.h"

/* Between finding a free name and taking it another request may take it. */
#define NAME_TRIES 8

struct dimensions {
    int64_t width, height, depth; /* 0: none */
};

static int read_dimensions(const struct goxel_invocation *in, struct dimensions *ret_dimensions)
{
    const struct goxel_value *value = goxel_arg(in, "dimensions");
    struct dimensions read = {0};
    const struct {
        const char *name;
        int64_t *to;
    } members[] = {{"width", &read.width}, {"height", &read.height}, {"depth", &read.depth}};
    char field[GOXEL_FIELD_SIZE];
    int code;

    if (!value->given)
        return 0;
    if ((code = goxel_value_members(value->node, "dimensions", "width height depth", in->detail)))
        return code;
    for (size_t i = 0; i < 3; i++) {
        goxel_field_member(field, "dimensions", members[i].name);
        /* The box begins at the origin. */
        if ((code = goxel_value_int(goxel_json_get(value->node, members[i].name), field, 1,
                                    GOXEL_COORD_MAX + 1, in->detail, members[i].to)))
            return code;
    }
    *ret_dimensions = read;
    return 0;
}

/* `name` and `project` say the same; NULL: neither was given. */
static int read_new_name(const struct goxel_invocation *in, const char **ret_name)
{
    const char *name = goxel_arg_text(in, "name", NULL), *project = goxel_arg_text(in, "project", NULL);

    if (name && project && strcmp(name, project) != 0)
        return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, "project", project,
                                "the same as name: %s", name);
    *ret_name = name ? name : project;
    return 0;
}

/* Where a save would go, if the path is given: it must be allowed now. The caller frees it. */
static int read_save_path(const struct goxel_invocation *in, char **ret_path)
{
    const char *path = goxel_arg_text(in, "path", NULL);
    const struct goxel_format *format;
    struct goxel_place place = {0};
    char *copy;
    int code;

    if (!path)
        return 0;
    format = goxel_format_of_path(path);
    if (!format || !goxel_format_is_native(format))
        return goxel_fail_value(in->detail, GOXEL_ERROR_FORMAT_NOT_SUPPORTED, "path", path,
                                "a name that ends in .gox");
    if ((code = goxel_place_open(in->config, path, in->detail, &place)))
        return code;
    copy = strdup(place.path);
    goxel_place_close(&place);
    if (!copy)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_path = copy;
    return 0;
}

static int build_project(const struct goxel_invocation *in, const struct dimensions *dimensions, char *path,
                         struct goxel_project **ret_project)
{
    struct goxel_project *project = goxel_project_create("");
    struct goxel_layer *layer;
    int code = project ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    if (!code)
        code = goxel_project_add_layer(project, NULL, -1, &layer, in->detail);
    if (code) {
        goxel_project_destroy(project);
        return code;
    }
    if (dimensions->width)
        goxel_project_set_size(project, (int)dimensions->width, (int)dimensions->height,
                               (int)dimensions->depth);
    project->path = path;
    *ret_project = project;
    return 0;
}

int goxel_add_project(const struct goxel_invocation *in, struct goxel_project *project, const char *name,
                      const char *fallback, struct goxel_slot **ret_slot)
{
    struct goxel_workspace *workspace = in->rpc->options.workspace;
    int code = 0;

    for (int i = 0; i < (name ? 1 : NAME_TRIES); i++) {
        if (name)
            goxel_name_copy(project->name, name, strlen(name));
        else
            goxel_workspace_free_name(workspace, fallback, project->name);
        code = goxel_workspace_add(workspace, project, ret_slot, in->detail);
        if (code != GOXEL_ERROR_BAD_PROJECT_STATE)
            break;
    }
    return code;
}

int goxel_project_create_run(struct goxel_invocation *in)
{
    struct dimensions dimensions = {0};
    struct goxel_project *project = NULL;
    struct goxel_slot *slot = NULL;
    const struct goxel_project *made;
    const char *name = NULL;
    char time[GOXEL_TIME_TEXT_SIZE], *path = NULL;
    int code;

    if ((code = read_new_name(in, &name)) || (code = read_dimensions(in, &dimensions)))
        return code;
    if (goxel_arg(in, "options")->given &&
        (code = goxel_value_members(goxel_arg(in, "options")->node, "options", "", in->detail)))
        return code;
    if ((code = read_save_path(in, &path)))
        return code;
    if ((code = build_project(in, &dimensions, path, &project))) {
        free(path);
        return code;
    }
    if ((code = goxel_add_project(in, project, name, "Untitled", &slot))) {
        goxel_project_destroy(project);
        return code;
    }
    made = goxel_slot_read(slot);
    goxel_time_text(made->created_ms, time);
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "project_id", goxel_slot_id(slot));
    goxel_json_put_string(in->out, "name", made->name);
    goxel_json_put_string(in->out, "created_at", time);
    goxel_json_put_int(in->out, "active_layer_id", made->active_layer_id);
    goxel_json_put_end(in->out);
    goxel_slot_done(slot);
    goxel_slot_unref(slot);
    return 0;
}

/* ---- project.close ---- */

static int save_if_wanted(struct goxel_invocation *in, bool *ret_saved)
{
    struct goxel_save save = {0};
    struct goxel_saved saved;
    bool modified;
    int code;

    if (!goxel_arg_bool(in, "save_changes", false))
        return 0;
    if ((code = goxel_invocation_read(in)))
        return code;
    modified = goxel_project_is_modified(in->project);
    goxel_invocation_unlock(in, 0);
    if (!modified)
        return 0;
    if ((code = goxel_save_project(in, &save, &saved)))
        return code;
    *ret_saved = true;
    return 0;
}

/*
 * Under the write lock, so that an edit either comes before, and counts as modified, or after, and
 * finds the project closed.
 */
static int take_out(struct goxel_invocation *in, bool saved)
{
    const struct goxel_value *save = goxel_arg(in, "save_changes");
    struct goxel_project *project = goxel_slot_edit(in->slot);
    int code = 0;

    if (goxel_project_is_modified(project) && (!save->given || save->flag))
        code = goxel_fail(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE,
                          save->given ? "the project was changed while it was saved"
                                      : "unsaved changes: say save_changes true or false");
    if (!code) {
        goxel_workspace_remove(in->rpc->options.workspace, in->slot);
        goxel_json_put_object(in->out, NULL);
        goxel_json_put_string(in->out, "project_id", goxel_slot_id(in->slot));
        goxel_json_put_string(in->out, "name", project->name);
        goxel_json_put_bool(in->out, "saved", saved);
        goxel_json_put_end(in->out);
    }
    goxel_slot_done(in->slot);
    return code;
}

int goxel_project_close_run(struct goxel_invocation *in)
{
    bool saved = false;
    int code = save_if_wanted(in, &saved);

    return code ? code : take_out(in, saved);
}

/* ---- project.get_info ---- */

static int add_brick_colors(const struct goxel_brick_view *view, struct goxel_keyset *set)
{
    uint32_t last = 0, color;
    int code;

    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        memcpy(&color, &view->voxels[i], sizeof(color));
        /* Neighbours are mostly alike, and an empty voxel is all zero. */
        if (color == 0 || color == last)
            continue;
        if ((code = goxel_keyset_add(set, color)))
            return code;
        last = color;
    }
    return 0;
}

static int add_layer_colors(const struct goxel_invocation *in, const struct goxel_layer *layer,
                            struct goxel_keyset *set)
{
    struct goxel_brick_view *views = NULL;
    size_t count = 0;
    int code = goxel_volume_views(layer->volume, &views, &count);

    for (size_t i = 0; !code && i < count; i++) {
        /* Bricks of one fill share their voxels. */
        if (i > 0 && views[i].voxels == views[i - 1].voxels)
            continue;
        if (!(code = goxel_cancel_check(&in->call->cancel)))
            code = add_brick_colors(&views[i], set);
    }
    free(views);
    return code;
}

static int count_colors(const struct goxel_invocation *in, uint64_t *ret_count)
{
    struct goxel_keyset set;
    int code = 0;

    goxel_keyset_init(&set);
    for (size_t i = 0; !code && i < in->project->layer_count; i++)
        code = add_layer_colors(in, in->project->layers[i], &set);
    if (!code)
        *ret_count = set.count;
    goxel_keyset_finish(&set);
    return code;
}

static bool project_bounds(const struct goxel_project *project, struct goxel_box *ret_box)
{
    bool any = false;
    struct goxel_box all = {0}, box;

#define WIDEN(axis) \
    (all.min.axis = box.min.axis < all.min.axis ? box.min.axis : all.min.axis, \
     all.max.axis = box.max.axis > all.max.axis ? box.max.axis : all.max.axis)
    for (size_t i = 0; i < project->layer_count; i++) {
        if (!goxel_volume_bounds(project->layers[i]->volume, &box))
            continue;
        if (!any)
            all = box;
        WIDEN(x);
        WIDEN(y);
        WIDEN(z);
        any = true;
    }
#undef WIDEN
    if (any)
        *ret_box = all;
    return any;
}

void goxel_put_dimensions(struct goxel_json_writer *w, const char *key, const struct goxel_project *project)
{
    int width = 0, height = 0, depth = 0;
    struct goxel_box box;

    if (!goxel_project_size(project, &width, &height, &depth)) {
        if (!project_bounds(project, &box)) {
            goxel_json_put_null(w, key);
            return;
        }
        width = box.max.x - box.min.x + 1;
        height = box.max.y - box.min.y + 1;
        depth = box.max.z - box.min.z + 1;
    }
    goxel_json_put_object(w, key);
    goxel_json_put_int(w, "width", width);
    goxel_json_put_int(w, "height", height);
    goxel_json_put_int(w, "depth", depth);
    goxel_json_put_end(w);
}

static void put_extent(struct goxel_json_writer *w, const struct goxel_project *project)
{
    struct goxel_box box;
    uint64_t bricks = 0;

    for (size_t i = 0; i < project->layer_count; i++)
        bricks += (uint64_t)goxel_volume_bricks(project->layers[i]->volume);
    goxel_json_put_count(w, "size", bricks * GOXEL_BRICK_BYTES);
    goxel_put_dimensions(w, "dimensions", project);
    if (project_bounds(project, &box))
        goxel_put_box(w, "bounds", &box);
    else
        goxel_json_put_null(w, "bounds");
}

static void put_time(struct goxel_json_writer *w, const char *key, int64_t wall_ms)
{
    char text[GOXEL_TIME_TEXT_SIZE];

    goxel_time_text(wall_ms, text);
    goxel_json_put_string(w, key, text);
}

int goxel_project_get_info_run(struct goxel_invocation *in)
{
    const struct goxel_project *project = in->project;
    struct goxel_json_writer *w = in->out;
    uint64_t colors = 0;
    int code = count_colors(in, &colors);

    if (code)
        return code;
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "project_id", goxel_slot_id(in->slot));
    goxel_json_put_string(w, "name", project->name);
    goxel_json_put_string(w, "path", project->path);
    put_time(w, "created", project->created_ms);
    put_time(w, "modified", project->modified_ms);
    put_extent(w, project);
    goxel_json_put_object(w, "statistics");
    goxel_json_put_count(w, "total_voxels", (uint64_t)goxel_project_voxels(project));
    goxel_json_put_count(w, "layers", project->layer_count);
    goxel_json_put_count(w, "colors_used", colors);
    goxel_json_put_end(w);
    goxel_json_put_bool(w, "is_modified", goxel_project_is_modified(project));
    goxel_json_put_bool(w, "read_only", project->read_only);
    goxel_json_put_bool(w, "is_current", goxel_workspace_is_current(in->rpc->options.workspace, in->slot));
    goxel_json_put_count(w, "version", project->version);
    goxel_json_put_int(w, "active_layer_id", project->active_layer_id);
    goxel_json_put_end(w);
    return 0;
}

/* ---- project.list ---- */

static void put_listed(struct goxel_invocation *in, struct goxel_slot *slot, bool current)
{
    const struct goxel_project *project = goxel_slot_read(slot);

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "project_id", goxel_slot_id(slot));
    goxel_json_put_string(in->out, "name", project->name);
    goxel_json_put_string(in->out, "path", project->path);
    goxel_json_put_count(in->out, "layers", project->layer_count);
    goxel_json_put_count(in->out, "total_voxels", (uint64_t)goxel_project_voxels(project));
    goxel_json_put_bool(in->out, "is_modified", goxel_project_is_modified(project));
    goxel_json_put_bool(in->out, "read_only", project->read_only);
    goxel_json_put_bool(in->out, "is_current", current);
    goxel_json_put_end(in->out);
    goxel_slot_done(slot);
}

int goxel_project_list_run(struct goxel_invocation *in)
{
    struct goxel_workspace *workspace = in->rpc->options.workspace;
    struct goxel_slot **slots = NULL, *only = NULL;
    size_t count = 0, listed = 0, current = SIZE_MAX;
    int code = 0;

    if (goxel_arg(in, "project")->given)
        code = goxel_workspace_find(workspace, goxel_arg_text(in, "project", NULL), &only, in->detail);
    if (!code)
        code = goxel_workspace_list(workspace, &slots, &count);
    if (!code) {
        goxel_json_put_object(in->out, NULL);
        goxel_json_put_array(in->out, "projects");
    }
    for (size_t i = 0; i < count; i++) {
        if (goxel_workspace_is_current(workspace, slots[i]))
            current = i;
        if (!only || only == slots[i]) {
            put_listed(in, slots[i], current == i);
            listed++;
        }
    }
    if (!code) {
        goxel_json_put_end(in->out);
        goxel_json_put_count(in->out, "count", listed);
        goxel_json_put_string(in->out, "current_project",
                              current == SIZE_MAX ? NULL : goxel_slot_id(slots[current]));
        goxel_json_put_end(in->out);
    }
    for (size_t i = 0; i < count; i++)
        goxel_slot_unref(slots[i]);
    free(slots);
    if (only)
        goxel_slot_unref(only);
    return code;
}
