/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `project` that begin and end a project's life without a file: create, close, delete. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "rpc/files.h"
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
    format = goxel_format_of_path(path, GOXEL_FORMAT_OUT);
    if (!format || !format->native)
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

int goxel_new_project(const char *name, struct goxel_detail *detail, struct goxel_project **ret_project)
{
    struct goxel_project *project = goxel_project_create(name);
    struct goxel_layer *layer;
    int code = project ? goxel_project_add_layer(project, NULL, -1, &layer, detail)
                       : GOXEL_ERROR_OUT_OF_MEMORY;

    if (code)
        goxel_project_unref(project);
    else
        *ret_project = project;
    return code;
}

static int build_project(const struct goxel_invocation *in, const struct dimensions *dimensions, char *path,
                         struct goxel_project **ret_project)
{
    int code = goxel_new_project("", in->detail, ret_project);

    if (code)
        return code;
    if (dimensions->width)
        goxel_project_set_size(*ret_project, (int)dimensions->width, (int)dimensions->height,
                               (int)dimensions->depth);
    (*ret_project)->path = path;
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
    struct goxel_project *made;
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
        goxel_project_unref(project);
        return code;
    }
    made = goxel_slot_snapshot(slot);
    goxel_time_text(made->created_ms, time);
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "project_id", goxel_slot_id(slot));
    goxel_json_put_string(in->out, "name", made->name);
    goxel_json_put_string(in->out, "created_at", time);
    goxel_json_put_int(in->out, "active_layer_id", made->scene->active_layer_id);
    goxel_json_put_end(in->out);
    goxel_project_unref(made);
    goxel_slot_unref(slot);
    return 0;
}

/* ---- project.rename ---- */

/* In the turn of the edit. *ret_reserved: the name waits for it to last. */
static int rename_project(struct goxel_invocation *in, const char *name, bool *ret_reserved)
{
    int code = 0;

    in->changed = strcmp(in->edit->name, name) != 0;
    if (in->changed)
        code = goxel_workspace_reserve_name(in->rpc->options.workspace, in->slot, name, in->detail);
    if (code)
        return code;
    *ret_reserved = in->changed;
    goxel_name_copy(in->edit->name, name, strlen(name));
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "project_id", goxel_slot_id(in->slot));
    goxel_json_put_string(in->out, "name", name);
    goxel_json_put_end(in->out);
    return 0;
}

/* Nobody finds it by a name that it would not have after a crash: this waits until it lasts. */
int goxel_project_rename_run(struct goxel_invocation *in)
{
    bool reserved = false;
    int code = goxel_invocation_edit(in);

    if (code)
        return code;
    code = goxel_invocation_end(in, rename_project(in, goxel_arg_text(in, "name", NULL), &reserved));
    if (!code && reserved)
        code = goxel_pending_wait(in);
    if (reserved)
        goxel_workspace_rename(in->rpc->options.workspace, in->slot, !code);
    return code;
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
    (void)goxel_invocation_end(in, 0);
    if (!modified)
        return 0;
    if ((code = goxel_save_project(in, &save, &saved)))
        return code;
    *ret_saved = true;
    return 0;
}

/* The content of the last save, or of the beginning, is put back: an edit as others are, which redo takes back. */
static int revert(struct goxel_invocation *in, struct goxel_edit *edit)
{
    struct goxel_head *head = goxel_slot_head(in->slot);
    size_t steps = 0;
    bool forwards = false;
    int code;

    if (!goxel_head_find_state(head, edit->project, edit->project->saved_state, &steps, &forwards)) {
        goxel_head_abort(head, edit);
        return goxel_fail(
            in->detail, GOXEL_ERROR_BAD_PROJECT_STATE,
            "the history does not reach back to the last save: say save_changes true, or delete the project (project.delete)");
    }
    code = (forwards ? goxel_head_redo : goxel_head_undo)(head, edit, steps, in->detail);
    if (!code)
        return goxel_head_commit(head, edit, NULL, NULL);
    goxel_head_abort(head, edit);
    return code;
}

static int refuse_unsaved(struct goxel_detail *detail)
{
    (void)goxel_fail_value(detail, GOXEL_ERROR_BAD_PROJECT_STATE, "save_changes", NULL,
                           "true, which saves them first, or false, which undoes them");
    if (detail)
        (void)snprintf(detail->text, sizeof(detail->text), "unsaved changes: say save_changes %s",
                       detail->expected);
    return GOXEL_ERROR_BAD_PROJECT_STATE;
}

/* The project is as it was saved then, or as it is because nobody said otherwise. */
static int settle_changes(struct goxel_invocation *in)
{
    const struct goxel_value *save = goxel_arg(in, "save_changes");
    struct goxel_head *head = goxel_slot_head(in->slot);
    struct goxel_edit edit;
    bool modified;
    int code = goxel_head_begin(head, &edit);

    if (code)
        return code;
    modified = goxel_project_is_modified(edit.project);
    if (!goxel_slot_is_open(in->slot))
        code = goxel_fail_value(in->detail, GOXEL_ERROR_PROJECT_NOT_FOUND, "project", goxel_slot_id(in->slot),
                                "a project that is not deleted");
    else if (modified && !save->given)
        code = refuse_unsaved(in->detail);
    else if (modified && save->flag)
        code = goxel_fail(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE,
                          "the project was changed while it was saved: close it again");
    else if (modified)
        return revert(in, &edit);
    goxel_head_abort(head, &edit);
    return code;
}

static void put_ended(struct goxel_invocation *in)
{
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "project_id", goxel_slot_id(in->slot));
    goxel_json_put_string(in->out, "name", GOXEL_SLOT_NAME(in->slot));
}

int goxel_project_close_run(struct goxel_invocation *in)
{
    pthread_mutex_t *lock = goxel_save_lock(in);
    bool saved = false;
    int code;

    pthread_mutex_lock(lock);
    code = save_if_wanted(in, &saved);
    if (!code)
        code = settle_changes(in);
    pthread_mutex_unlock(lock);
    if (code)
        return code;
    goxel_workspace_shut(in->rpc->options.workspace, in->slot);
    put_ended(in);
    goxel_json_put_bool(in->out, "saved", saved);
    goxel_json_put_end(in->out);
    return 0;
}

/* ---- project.delete ---- */

static bool is_left_over(const struct goxel_slot *slot, const struct goxel_project *project, const char *path)
{
    return goxel_slot_is_closed(slot) && !goxel_project_is_modified(project) && project->path &&
           strcmp(project->path, path) == 0;
}

/* In the turn of an edit, so that another one either comes before, and goes with it, or finds the project gone. */
static int take_out(struct goxel_invocation *in, const char *path)
{
    struct goxel_head *head = goxel_slot_head(in->slot);
    struct goxel_edit edit;
    int code = goxel_head_begin(head, &edit);

    if (code)
        return code;
    if (!goxel_slot_is_open(in->slot))
        code = path ? 0
                    : goxel_fail_value(in->detail, GOXEL_ERROR_PROJECT_NOT_FOUND, "project",
                                       goxel_slot_id(in->slot), "a project that is not deleted");
    else if ((!path || is_left_over(in->slot, edit.project, path)) &&
             !(code = goxel_transfer_check(in, edit.project)))
        code = goxel_workspace_close(in->rpc->options.workspace, in->slot, in->detail);
    goxel_head_abort(head, &edit);
    return code;
}

/* What is damaged is in nobody's turn: nobody can edit it. */
int goxel_delete_project(struct goxel_invocation *in, const char *path)
{
    struct goxel_workspace *workspace = in->rpc->options.workspace;
    pthread_mutex_t *lock = goxel_save_lock(in);
    int code;

    pthread_mutex_lock(lock); /* no save outlives its project */
    code = goxel_slot_fetch(workspace, in->slot, in->detail);
    if (!code)
        code = take_out(in, path);
    else if (code == GOXEL_ERROR_INVALID_DATA)
        code = path ? 0 : goxel_workspace_close(workspace, in->slot, in->detail);
    pthread_mutex_unlock(lock);
    return code;
}

int goxel_project_delete_run(struct goxel_invocation *in)
{
    const char *name = goxel_arg_text(in, "project", NULL);
    int code;

    if (!name)
        return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, "project", NULL,
                                "the id or name of the project to delete");
    code = goxel_workspace_find(in->rpc->options.workspace, name, &in->slot, in->detail);
    if (code)
        return code;
    code = goxel_delete_project(in, NULL);
    if (!code) {
        put_ended(in);
        goxel_json_put_end(in->out);
    }
    goxel_slot_unref(in->slot);
    in->slot = NULL;
    return code;
}
