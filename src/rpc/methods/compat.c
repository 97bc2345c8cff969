/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compatible family but for voxels and layers: projects, and what is asked of the daemon itself. */
#include "rpc/methods/compat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "rpc/files.h"

/* ---- the project ---- */

/* Under the lock: it is the one of this family from here on. The project is the workspace's, or gone. */
static int add_own(struct goxel_invocation *in, struct goxel_project *project, const char *name)
{
    int code = goxel_add_project(in, project, NULL, name, &in->slot);

    if (code)
        goxel_project_unref(project);
    else
        (void)snprintf(in->rpc->own_project, sizeof(in->rpc->own_project), "%s", goxel_slot_id(in->slot));
    return code;
}

/* Somebody else may have made one meanwhile. */
static int make_own(struct goxel_invocation *in)
{
    struct goxel_project *project = NULL;
    int code;

    pthread_mutex_lock(&in->rpc->own_lock);
    code = goxel_workspace_find(in->rpc->options.workspace, NULL, &in->slot, in->detail);
    if (code == GOXEL_ERROR_PROJECT_NOT_FOUND &&
        !(code = goxel_new_project(GOXEL_SCRATCH, in->detail, &project)))
        code = add_own(in, project, GOXEL_SCRATCH);
    pthread_mutex_unlock(&in->rpc->own_lock);
    return code;
}

/* Who reads where no project is reads an empty one; who edits makes one. */
static int begin_own(struct goxel_invocation *in)
{
    struct goxel_project *empty = NULL;
    int code;

    if (in->method->lock != GOXEL_LOCK_READ)
        return make_own(in);
    code = goxel_new_project(GOXEL_SCRATCH, in->detail, &empty);
    in->project = empty;
    return code;
}

static void let_go(struct goxel_invocation *in)
{
    goxel_slot_unref(in->slot);
    in->slot = NULL;
}

int goxel_compat_find(struct goxel_invocation *in)
{
    struct goxel_loose params = goxel_loose_make(in->params, in->detail);
    const char *name = in->call->project;
    int code = goxel_loose_text(&params, "project", -1, &name);

    if (!code)
        code = goxel_workspace_find(in->rpc->options.workspace, name, &in->slot, in->detail);
    if (code == GOXEL_ERROR_PROJECT_NOT_FOUND && !name)
        code = begin_own(in);
    else if (code == GOXEL_ERROR_PROJECT_NOT_FOUND)
        code = goxel_fail_value(in->detail, code, "project", name,
                                "the id or name of a project (project.list names them)");
    if (!code && in->slot)
        code = goxel_rpc_load(in->rpc, in->slot, in->detail);
    if (code)
        let_go(in);
    return code;
}

struct goxel_compat goxel_compat_begin(struct goxel_invocation *in)
{
    return (struct goxel_compat){.in = in, .params = goxel_loose_make(in->params, in->detail)};
}

/* Nobody else's project, whatever it is called. The new one must find room before the old one goes. */
static int delete_own(struct goxel_invocation *in)
{
    struct goxel_workspace *workspace = in->rpc->options.workspace;
    int code = goxel_workspace_has_room(workspace, in->detail);

    if (code || !in->rpc->own_project[0] ||
        goxel_workspace_find(workspace, in->rpc->own_project, &in->slot, NULL) != 0)
        return code;
    code = goxel_delete_project(in, NULL);
    let_go(in);
    return code == GOXEL_ERROR_PROJECT_NOT_FOUND ? 0 : code; /* somebody else did that */
}

/*
 * The last one of this family goes: which that is the daemon knows until it ends. The project is the workspace's from
 * here on, or gone; `ret_name` gets the name that it was given.
 */
static int replace_own(struct goxel_invocation *in, struct goxel_project *project, const char *name,
                       char ret_name[GOXEL_NAME_MAX + 1])
{
    bool bad = goxel_name_check(name, strlen(name), "name", NULL) != 0;
    int code;

    pthread_mutex_lock(&in->rpc->own_lock);
    code = delete_own(in);
    if (code)
        goxel_project_unref(project);
    else if (!(code = add_own(in, project, bad ? GOXEL_SCRATCH : name)))
        goxel_slot_name(in->slot, ret_name);
    pthread_mutex_unlock(&in->rpc->own_lock);
    let_go(in);
    return code;
}

/* ---- projects ---- */

#define SIZE 64 /* of a new project, on each axis */

static int read_sizes(const struct goxel_loose *params, int64_t sizes[3])
{
    static const char *const names[3] = {"width", "height", "depth"};
    const struct goxel_json *size = goxel_loose_get(params, "size", -1);
    struct goxel_loose listed = {size, params->detail};
    bool is_list = goxel_loose_type(size) == GOXEL_JSON_ARRAY;
    int code = 0;

    for (int i = 0; i < 3 && !code; i++) {
        sizes[i] = SIZE;
        code = goxel_loose_int(is_list ? &listed : params, names[i], is_list ? i : i + 1, 1,
                               GOXEL_COORD_MAX + 1, &sizes[i]);
    }
    return code;
}

int goxel_compat_create_project(struct goxel_invocation *in)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    struct goxel_project *project = NULL;
    const char *name = "New Project";
    char given[GOXEL_NAME_MAX + 1];
    int64_t sizes[3] = {0};
    int code = goxel_loose_text(&compat.params, "name", 0, &name);

    if (!code)
        code = read_sizes(&compat.params, sizes);
    if (!code)
        code = goxel_new_project(GOXEL_SCRATCH, in->detail, &project);
    if (code)
        return code;
    goxel_project_set_size(project, (int)sizes[0], (int)sizes[1], (int)sizes[2]);
    code = replace_own(in, project, name, given);
    if (code)
        return code;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "success", true);
    goxel_json_put_string(in->out, "name", given);
    goxel_json_put_int(in->out, "width", sizes[0]);
    goxel_json_put_int(in->out, "height", sizes[1]);
    goxel_json_put_int(in->out, "depth", sizes[2]);
    goxel_json_put_end(in->out);
    return 0;
}

static int read_path(const struct goxel_compat *compat, const char *other, const char **ret_path)
{
    int code;

    *ret_path = NULL;
    code = goxel_loose_text(&compat->params, "path", 0, ret_path);
    if (!code && !*ret_path && other)
        code = goxel_loose_text(&compat->params, other, -1, ret_path);
    if (!code && !*ret_path)
        code = goxel_fail_node(compat->in->detail, GOXEL_ERROR_INVALID_PARAMS, "path", NULL,
                               "the path of a file");
    return code;
}

static int put_path(struct goxel_invocation *in, const char *path, const char *format)
{
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "success", true);
    goxel_json_put_string(in->out, "path", path);
    if (format)
        goxel_json_put_string(in->out, "format", format);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_compat_load_project(struct goxel_invocation *in)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    const struct goxel_choice all = {.options = NULL};
    struct goxel_warnings warnings = {.count = 0};
    struct goxel_project *project = NULL;
    char whole[PATH_MAX], given[GOXEL_NAME_MAX + 1];
    const char *path;
    int code = read_path(&compat, "file_path", &path);

    if (!code)
        code = goxel_read_project(in, &all, path, whole, &warnings, &project);
    if (!code)
        code = replace_own(in, project, GOXEL_SCRATCH, given);
    return code ? code : put_path(in, path, NULL);
}

static int save(struct goxel_invocation *in, bool tell_format)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    const char *path, *format = NULL;
    struct goxel_save wanted = {.path = NULL};
    struct goxel_saved saved;
    int code = read_path(&compat, NULL, &path);

    if (!code && tell_format)
        code = goxel_loose_text(&compat.params, "format", 1, &format);
    if (!code && format)
        code = goxel_format_choose(path, format, GOXEL_FORMAT_OUT, in->detail, &wanted.format);
    if (code)
        return code;
    wanted.path = path;
    code = goxel_save_in_turn(in, &wanted, &saved);
    return code ? code : put_path(in, path, tell_format ? saved.format->name : NULL);
}

int goxel_compat_save_project(struct goxel_invocation *in)
{
    return save(in, false);
}

int goxel_compat_export_model(struct goxel_invocation *in)
{
    return save(in, true);
}

int goxel_compat_get_status(struct goxel_invocation *in)
{
    const struct goxel_project *project = in->project;
    int width = SIZE, height = SIZE, depth = SIZE;
    struct goxel_json_writer *w = in->out;

    (void)goxel_project_size(project, &width, &height, &depth);
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "version", GOXEL_VERSION);
    goxel_json_put_count(w, "layer_count", project->layer_count);
    goxel_json_put_bool(w, "read_only", project->read_only);
    goxel_json_put_int(w, "width", width);
    goxel_json_put_int(w, "height", height);
    goxel_json_put_int(w, "depth", depth);
    goxel_json_put_end(w);
    return 0;
}

/* ---- the daemon ---- */

int goxel_compat_echo(struct goxel_invocation *in)
{
    if (in->params)
        goxel_json_put_node(in->out, NULL, in->params);
    else
        goxel_json_put_null(in->out, NULL);
    return 0;
}

int goxel_compat_ping(struct goxel_invocation *in)
{
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "pong", true);
    goxel_json_put_int(in->out, "timestamp", goxel_wall_ms() / 1000);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_compat_version(struct goxel_invocation *in)
{
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "version", GOXEL_VERSION);
    goxel_json_put_string(in->out, "type", "daemon");
    goxel_json_put_string(in->out, "protocol", "JSON-RPC 2.0");
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_compat_status(struct goxel_invocation *in)
{
    char host[256] = "";

    (void)gethostname(host, sizeof(host) - 1);
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "status", "running");
    goxel_json_put_int(in->out, "pid", getpid());
    goxel_json_put_int(in->out, "current_time", goxel_wall_ms() / 1000);
    goxel_json_put_string(in->out, "hostname", host);
    goxel_json_put_string(in->out, "version", GOXEL_VERSION);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_compat_list_methods(struct goxel_invocation *in)
{
    const struct goxel_rpc *rpc = in->rpc;

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_count(in->out, "count", rpc->count);
    goxel_json_put_array(in->out, "methods");
    for (size_t i = 0; i < rpc->count; i++) {
        goxel_json_put_object(in->out, NULL);
        goxel_json_put_string(in->out, "method", rpc->methods[i].name);
        goxel_json_put_string(in->out, "description", rpc->methods[i].summary);
        goxel_json_put_end(in->out);
    }
    goxel_json_put_end(in->out);
    goxel_json_put_end(in->out);
    return 0;
}
