/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compatible family but for voxels: projects, layers, and what is asked of the daemon itself. */
#include "rpc/methods/compat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "core/layers.h"
#include "rpc/files.h"

/* ---- the project ---- */

static int make_project(struct goxel_detail *detail, struct goxel_project **ret_project)
{
    struct goxel_project *project = goxel_project_create(GOXEL_SCRATCH);
    struct goxel_layer *layer;
    int code = project ? goxel_project_add_layer(project, NULL, -1, &layer, detail)
                       : GOXEL_ERROR_OUT_OF_MEMORY;

    if (code)
        goxel_project_unref(project);
    else
        *ret_project = project;
    return code;
}

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
    if (code == GOXEL_ERROR_PROJECT_NOT_FOUND && !(code = make_project(in->detail, &project)))
        code = add_own(in, project, GOXEL_SCRATCH);
    pthread_mutex_unlock(&in->rpc->own_lock);
    return code;
}

/* The one that is named, or the current one. */
static int find(struct goxel_compat *compat, bool make)
{
    struct goxel_invocation *in = compat->in;
    struct goxel_workspace *workspace = in->rpc->options.workspace;
    const char *name = in->call->project;
    int code = goxel_loose_text(&compat->params, "project", -1, &name);

    if (code)
        return code;
    code = goxel_workspace_find(workspace, name, &in->slot, in->detail);
    if (code == GOXEL_ERROR_PROJECT_NOT_FOUND && !name && make)
        code = make_own(in);
    else if (code == GOXEL_ERROR_PROJECT_NOT_FOUND && name)
        code = goxel_fail_value(in->detail, code, "project", name, "the id or name of a project");
    compat->nameless = !name;
    return code ? code : goxel_slot_load(workspace, in->slot, in->detail);
}

/* As the dispatcher does it for the others. */
static int end(struct goxel_invocation *in, int code)
{
    code = goxel_invocation_check(in, code);
    goxel_slot_unref(in->slot);
    in->slot = NULL;
    return code;
}

static struct goxel_compat begin(struct goxel_invocation *in)
{
    return (struct goxel_compat){.in = in, .params = goxel_loose_make(in->params, in->detail)};
}

static int read_nothing(struct goxel_compat *compat, goxel_compat_handler *handler)
{
    struct goxel_project *project = NULL;
    int code = make_project(compat->in->detail, &project);

    if (code)
        return code;
    compat->in->project = project;
    code = handler(compat);
    compat->in->project = NULL;
    goxel_project_unref(project);
    return code;
}

int goxel_compat_read(struct goxel_invocation *in, goxel_compat_handler *handler)
{
    struct goxel_compat compat = begin(in);
    int code = find(&compat, false);

    if (code == GOXEL_ERROR_PROJECT_NOT_FOUND && compat.nameless)
        return read_nothing(&compat, handler);
    if (!code && !(code = goxel_invocation_read(in)))
        code = goxel_invocation_end(in, handler(&compat));
    return end(in, code);
}

int goxel_compat_edit(struct goxel_invocation *in, goxel_compat_handler *handler)
{
    struct goxel_compat compat = begin(in);
    int code = find(&compat, true);

    if (!code && !(code = goxel_invocation_edit(in)))
        code = goxel_invocation_end(in, handler(&compat));
    return end(in, code);
}

/*
 * The last one of this family goes, and never another's: which that is the daemon knows until it ends. The project is the
 * workspace's from here on, or gone; `ret_name` gets the name that it was given.
 */
static int replace_own(struct goxel_invocation *in, struct goxel_project *project, const char *name,
                       char ret_name[GOXEL_NAME_MAX + 1])
{
    struct goxel_rpc *rpc = in->rpc;
    int code = 0;

    pthread_mutex_lock(&rpc->own_lock);
    if (rpc->own_project[0] &&
        goxel_workspace_find(rpc->options.workspace, rpc->own_project, &in->slot, NULL) == 0)
        code = end(in, goxel_delete_project(in, NULL));
    if (code == GOXEL_ERROR_PROJECT_NOT_FOUND) /* somebody else did that */
        code = 0;
    if (code) {
        goxel_project_unref(project);
    } else {
        code = add_own(in, project,
                       goxel_name_check(name, strlen(name), "name", NULL) ? GOXEL_SCRATCH : name);
        if (!code)
            goxel_slot_name(in->slot, ret_name);
        code = in->slot ? end(in, code) : code;
    }
    pthread_mutex_unlock(&rpc->own_lock);
    return code;
}

/* ---- layers ---- */

enum { LAYER_ALL = -2, LAYER_REQUIRED = -3 }; /* 0 and −1: the active one */

static int find_layer(const struct goxel_compat *compat, int at, const char *name, int64_t fallback,
                      int64_t *ret_id, struct goxel_layer **ret_layer)
{
    const struct goxel_project *project = compat->in->project;
    char text[32];
    int code;

    *ret_id = fallback;
    if (fallback == LAYER_REQUIRED && !goxel_loose_get(&compat->params, name, at))
        return goxel_fail_node(compat->in->detail, GOXEL_ERROR_INVALID_PARAMS, name, NULL,
                               "a layer: its id, or 0 for the active one");
    code = goxel_loose_int(&compat->params, name, at, INT32_MIN, INT32_MAX, ret_id);
    if (code || *ret_id == LAYER_ALL)
        return code;
    if (*ret_id == 0 || *ret_id == -1)
        *ret_id = project->scene->active_layer_id;
    *ret_layer = *ret_id > 0 ? goxel_project_layer(project, (int)*ret_id) : NULL;
    if (*ret_layer)
        return 0;
    (void)snprintf(text, sizeof(text), "%lld", (long long)*ret_id);
    return goxel_fail_value(compat->in->detail, GOXEL_ERROR_LAYER_NOT_FOUND, name, text,
                            "a layer of the project (goxel.list_layers names them), or 0: the active one");
}

static int find_one(const struct goxel_compat *compat, int at, const char *name, int fallback,
                    struct goxel_layer **ret_layer)
{
    int64_t id = 0;
    int code;

    *ret_layer = NULL;
    code = find_layer(compat, at, name, fallback, &id, ret_layer);
    if (!code && !*ret_layer)
        code = goxel_fail_value(compat->in->detail, GOXEL_ERROR_LAYER_NOT_FOUND, name, "-2", "one layer");
    return code;
}

int goxel_compat_edited_layer(const struct goxel_compat *compat, int at, struct goxel_layer **ret_layer)
{
    int code = find_one(compat, at, "layer_id", 0, ret_layer);

    return code ? code : goxel_edit_layer(compat->in, ret_layer);
}

int goxel_compat_read_layer(const struct goxel_compat *compat, int at, struct goxel_layer **ret_layer)
{
    int64_t id = 0;

    *ret_layer = NULL;
    return find_layer(compat, at, "layer_id", -1, &id, ret_layer);
}

static int list_layers(struct goxel_compat *compat)
{
    const struct goxel_project *project = compat->in->project;
    struct goxel_json_writer *w = compat->in->out;

    goxel_json_put_object(w, NULL);
    goxel_json_put_count(w, "count", project->layer_count);
    goxel_json_put_array(w, "layers");
    for (size_t i = 0; i < project->layer_count; i++) {
        goxel_json_put_object(w, NULL);
        goxel_json_put_int(w, "id", project->layers[i]->id);
        goxel_json_put_string(w, "name", project->layers[i]->name);
        goxel_json_put_bool(w, "visible", project->layers[i]->visible);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
    goxel_json_put_end(w);
    return 0;
}

/* A name that is taken gets a number: there a client could have two of one name. */
static void free_layer_name(const struct goxel_project *project, const char *wanted,
                            char ret_name[GOXEL_NAME_MAX + 1])
{
    char name[GOXEL_NAME_MAX + 32];

    (void)snprintf(name, sizeof(name), "%s", wanted);
    for (int n = 2; goxel_project_layer_named(project, name); n++)
        (void)snprintf(name, sizeof(name), "%.*s.%d", GOXEL_NAME_MAX - 12, wanted, n);
    goxel_name_copy(ret_name, name, strlen(name));
}

static int create_layer(struct goxel_compat *compat)
{
    struct goxel_invocation *in = compat->in;
    const char *wanted = "New Layer";
    struct goxel_color color = {255, 255, 255, 255};
    struct goxel_layer *layer = NULL;
    char name[GOXEL_NAME_MAX + 1];
    bool visible = true;
    int next = 0, code = goxel_loose_text(&compat->params, "name", 0, &wanted);

    if (!code)
        code = goxel_name_check(wanted, strlen(wanted), "name", in->detail);
    if (!code && (goxel_loose_get(&compat->params, "r", 1) || goxel_loose_get(&compat->params, "color", -1)))
        code = goxel_loose_color(&compat->params, 1, 3, &color, &next);
    if (!code)
        code = goxel_loose_bool(&compat->params, "visible", 4, &visible);
    if (code)
        return code;
    free_layer_name(in->edit, wanted, name);
    code = goxel_project_add_layer(in->edit, name, -1, &layer, in->detail);
    if (code)
        return code;
    layer->visible = visible;
    in->changed = true;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "success", true);
    goxel_json_put_int(in->out, "id", layer->id);
    goxel_json_put_string(in->out, "name", layer->name);
    goxel_json_put_bool(in->out, "visible", visible);
    goxel_put_color(in->out, "color", color);
    goxel_json_put_end(in->out);
    return 0;
}

static int put_success(struct goxel_invocation *in)
{
    in->changed = true;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "success", true);
    goxel_json_put_end(in->out);
    return 0;
}

static int delete_layer(struct goxel_compat *compat)
{
    struct goxel_invocation *in = compat->in;
    const char *name = NULL;
    struct goxel_layer *layer = NULL;
    int code = goxel_loose_text(&compat->params, "layer_name", 1, &name);

    if (code)
        return code;
    if (name && !goxel_loose_get(&compat->params, "layer_id", 0)) {
        layer = goxel_project_layer_named(in->edit, name);
        if (!layer)
            code = goxel_fail_value(in->detail, GOXEL_ERROR_LAYER_NOT_FOUND, "layer_name", name,
                                    "a layer of the project (goxel.list_layers names them)");
    } else {
        code = find_one(compat, 0, "layer_id", LAYER_REQUIRED, &layer);
    }
    if (!code && in->edit->layer_count == 1)
        code = goxel_fail(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE, "the last layer of a project stays");
    if (!code)
        code = goxel_check_edit_bricks(in, goxel_project_delete_layer_bricks(in->edit, layer->id));
    if (!code)
        code = goxel_project_delete_layer(in->edit, layer->id, &in->call->cancel);
    return code ? code : put_success(in);
}

static int merge_layers(struct goxel_compat *compat)
{
    struct goxel_invocation *in = compat->in;
    struct goxel_layer *source = NULL, *target = NULL;
    int code = find_one(compat, 0, "source_layer_id", LAYER_REQUIRED, &source);

    if (!code)
        code = find_one(compat, 1, "target_layer_id", LAYER_REQUIRED, &target);
    if (!code && source == target)
        code = goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "target_layer_id",
                               goxel_loose_get(&compat->params, "target_layer_id", 1),
                               "another layer than the source");
    if (!code)
        code = goxel_project_merge_layers(in->edit, source->id, target->id, &in->call->cancel);
    if (!code)
        code = goxel_project_delete_layer(in->edit, source->id, &in->call->cancel);
    return code ? code : put_success(in);
}

static int set_layer_visibility(struct goxel_compat *compat)
{
    struct goxel_invocation *in = compat->in;
    struct goxel_layer *layer = NULL, *own;
    bool visible = true;
    int code = find_one(compat, 0, "layer_id", LAYER_REQUIRED, &layer);

    if (!code)
        code = goxel_loose_bool(&compat->params, "visible", 1, &visible);
    if (code)
        return code;
    own = goxel_project_own_layer(in->edit, layer);
    if (!own)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    in->changed = own->visible != visible;
    own->visible = visible;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "success", true);
    goxel_json_put_bool(in->out, "visible", visible);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_compat_list_layers(struct goxel_invocation *in)
{
    return goxel_compat_read(in, list_layers);
}

int goxel_compat_create_layer(struct goxel_invocation *in)
{
    return goxel_compat_edit(in, create_layer);
}

int goxel_compat_delete_layer(struct goxel_invocation *in)
{
    return goxel_compat_edit(in, delete_layer);
}

int goxel_compat_merge_layers(struct goxel_invocation *in)
{
    return goxel_compat_edit(in, merge_layers);
}

int goxel_compat_set_layer_visibility(struct goxel_invocation *in)
{
    return goxel_compat_edit(in, set_layer_visibility);
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
    struct goxel_compat compat = begin(in);
    struct goxel_project *project = NULL;
    const char *name = "New Project";
    char given[GOXEL_NAME_MAX + 1];
    int64_t sizes[3] = {0};
    int code = goxel_loose_text(&compat.params, "name", 0, &name);

    if (!code)
        code = read_sizes(&compat.params, sizes);
    if (!code)
        code = make_project(in->detail, &project);
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
    struct goxel_compat compat = begin(in);
    struct goxel_warnings warnings = {.count = 0};
    struct goxel_project *project = NULL;
    char whole[PATH_MAX], given[GOXEL_NAME_MAX + 1];
    const char *path;
    int code = read_path(&compat, "file_path", &path);

    if (!code)
        code = goxel_read_project(in, path, whole, &warnings, &project);
    if (!code)
        code = replace_own(in, project, GOXEL_SCRATCH, given);
    return code ? code : put_path(in, path, NULL);
}

static int save(struct goxel_invocation *in, bool tell_format)
{
    struct goxel_compat compat = begin(in);
    const char *path, *format = NULL;
    struct goxel_save wanted = {.path = NULL};
    struct goxel_saved saved;
    pthread_mutex_t *lock;
    int code = read_path(&compat, NULL, &path);

    if (!code && tell_format)
        code = goxel_loose_text(&compat.params, "format", 1, &format);
    if (!code && format && !(wanted.format = goxel_format_named(format)))
        code = goxel_fail_value(in->detail, GOXEL_ERROR_FORMAT_NOT_SUPPORTED, "format", format,
                                "a format that project.save writes");
    if (!code)
        code = find(&compat, true);
    if (code)
        return in->slot ? end(in, code) : code;
    wanted.path = path;
    lock = goxel_save_lock(in);
    pthread_mutex_lock(lock);
    code = goxel_save_project(in, &wanted, &saved);
    pthread_mutex_unlock(lock);
    code = end(in, code);
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

static int get_status(struct goxel_compat *compat)
{
    const struct goxel_project *project = compat->in->project;
    int width = SIZE, height = SIZE, depth = SIZE;
    struct goxel_json_writer *w = compat->in->out;

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

int goxel_compat_get_status(struct goxel_invocation *in)
{
    return goxel_compat_read(in, get_status);
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
