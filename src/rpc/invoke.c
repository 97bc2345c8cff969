/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands between the dispatcher and a handler: the project is found, to be read or edited as the row says,
 * ceilings are looked up, parameters are handed out by name.
 */
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "core/away.h"
#include "rpc/method.h"

const struct goxel_value *goxel_arg(const struct goxel_invocation *in, const char *name)
{
    size_t i = 0;

    while (in->method->params[i].name && strcmp(in->method->params[i].name, name) != 0)
        i++;
    assert(in->method->params[i].name);
    return &in->args[i];
}

const struct goxel_value *goxel_arg_if_given(const struct goxel_invocation *in, const char *name)
{
    for (size_t i = 0; in->method->params[i].name; i++) {
        if (strcmp(in->method->params[i].name, name) == 0)
            return in->args[i].given ? &in->args[i] : NULL;
    }
    return NULL;
}

bool goxel_arg_bool(const struct goxel_invocation *in, const char *name, bool fallback)
{
    const struct goxel_value *value = goxel_arg(in, name);

    return value->given ? value->flag : fallback;
}

int64_t goxel_arg_int(const struct goxel_invocation *in, const char *name, int64_t fallback)
{
    const struct goxel_value *value = goxel_arg(in, name);

    return value->given ? value->integer : fallback;
}

double goxel_arg_number(const struct goxel_invocation *in, const char *name, double fallback)
{
    const struct goxel_value *value = goxel_arg(in, name);

    return value->given ? value->number : fallback;
}

const char *goxel_arg_text(const struct goxel_invocation *in, const char *name, const char *fallback)
{
    const struct goxel_value *value = goxel_arg(in, name);

    return value->given ? value->text.bytes : fallback;
}

int goxel_rpc_load(const struct goxel_rpc *rpc, struct goxel_slot *slot, struct goxel_detail *detail)
{
    int code = goxel_slot_load(rpc->options.workspace, slot, detail);

    return code == GOXEL_ERROR_INVALID_DATA ? GOXEL_ERROR_PROJECT_DAMAGED : code;
}

/* goxel_workspace_find, with what to do when there is none, and goxel_rpc_load. */
static int find_project(const struct goxel_rpc *rpc, const char *name, struct goxel_slot **ret_slot,
                        struct goxel_detail *detail)
{
    struct goxel_slot *slot = NULL;
    int code = goxel_workspace_find(rpc->options.workspace, name, &slot, detail);

    if (!code && (code = goxel_rpc_load(rpc, slot, detail)))
        goxel_slot_unref(slot);
    else if (!code)
        *ret_slot = slot;
    if (code != GOXEL_ERROR_PROJECT_NOT_FOUND)
        return code;
    if (!name)
        return goxel_fail(detail, code,
                          "no project is open: create one with project.create or open one with project.open");
    return goxel_fail_value(detail, code, "project", name,
                            "the id or name of a project (project.list names them)");
}

static int find_slot(struct goxel_invocation *in)
{
    if (in->method->states & GOXEL_METHOD_LOOSE)
        return goxel_compat_find(in);
    return find_project(in->rpc, goxel_arg_text(in, "project", in->call->project), &in->slot, in->detail);
}

static int check_version(const struct goxel_invocation *in)
{
    const struct goxel_value *wanted = goxel_arg_if_given(in, "if_version");
    char text[32];

    if (!wanted || (uint64_t)wanted->integer == in->edit->version)
        return 0;
    (void)snprintf(text, sizeof(text), "%lld", (long long)wanted->integer);
    return goxel_fail_value(in->detail, GOXEL_ERROR_CONCURRENT, "if_version", text,
                            "%llu, which the project is at: look at it again",
                            (unsigned long long)in->edit->version);
}

/*
 * While an edit waited for its turn, time may have run out, and another request may have closed the project: an
 * edit accepted then would be lost although it was answered. A project is closed in the turn of an edit, so
 * one look in one's own turn settles it.
 */
static int check_open(const struct goxel_invocation *in)
{
    int code = goxel_cancel_check(&in->call->cancel);

    if (!code && !goxel_slot_is_open(in->slot))
        code = goxel_fail_value(in->detail, GOXEL_ERROR_PROJECT_NOT_FOUND, "project", goxel_slot_id(in->slot),
                                "an open project");
    return code;
}

static int check_edit(const struct goxel_invocation *in)
{
    int code;

    if (in->edit->read_only)
        return goxel_fail(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE,
                          "the project was opened read-only: open its file without read_only to edit it");
    code = check_version(in);
    return code ? code : goxel_transfer_check(in, in->edit);
}

/* An operation of a batch reads and edits what the batch does. */
static int work_on_outer(struct goxel_invocation *in)
{
    in->edit = in->outer->edit;
    in->project = in->outer->edit;
    return goxel_cancel_check(&in->call->cancel);
}

int goxel_invocation_read(struct goxel_invocation *in)
{
    struct goxel_project *own = NULL;
    int code;

    if (in->outer)
        return work_on_outer(in);
    if (!in->slot) /* an empty project stands in for none */
        return 0;
    if ((code = goxel_pending_read(in, &own)))
        return code;
    in->project = goxel_slot_snapshot(in->slot);
    if (own && own->version >= in->project->version) {
        goxel_project_unref((struct goxel_project *)in->project);
        in->project = own;
    } else {
        goxel_project_unref(own);
    }
    goxel_transfer_see(in);
    code = check_open(in);
    return code ? goxel_invocation_end(in, code) : 0;
}

/* The reply waits until it lasts; the worker does not. */
static int commit(struct goxel_invocation *in, bool changed)
{
    const struct goxel_value *group = goxel_arg_if_given(in, "group");
    struct goxel_note note = {.name = in->method->name, .group = group ? group->text.bytes : NULL};
    struct goxel_head *head = goxel_slot_head(in->slot);
    struct goxel_pending *pending = NULL;
    int code = goxel_pending_edit(in, &pending);

    if (code) {
        goxel_head_abort(head, &in->editing);
        return code;
    }
    in->editing.detail = in->detail;
    code = in->ends_group ? goxel_head_end_group(head, &in->editing, &pending->promise)
                          : goxel_head_commit(head, &in->editing, changed ? &note : NULL, &pending->promise);
    if (code)
        goxel_pending_take_back(pending);
    return code;
}

/*
 * In the turn of the edit, which is ended. What is still on its way is answered when it lasts, and fails as it does: a
 * note that says nothing lasts after it. An error cannot be kept back as a reply is, and waits here for the same.
 */
static int answer(struct goxel_invocation *in, const struct goxel_key *key, bool settled)
{
    struct goxel_head *head = goxel_slot_head(in->slot);
    int code = 0;

    if (settled || key->request != in->request)
        goxel_head_abort(head, &in->editing);
    else if (key->result)
        code = commit(in, false);
    else
        code = goxel_head_commit(head, &in->editing, NULL, NULL);
    if (!code)
        code = goxel_repeat_answer(in, key);
    in->edit = NULL;
    in->project = NULL;
    return code ? code : GOXEL_METHOD_REPEATED;
}

int goxel_invocation_edit(struct goxel_invocation *in)
{
    struct goxel_key *key;
    bool settled = false;
    int code;

    if (in->outer)
        return work_on_outer(in);
    goxel_workspace_wait(in->rpc->options.workspace);
    code = goxel_head_begin(goxel_slot_head(in->slot), &in->editing);
    if (code)
        return code;
    in->edit = in->editing.project;
    in->project = in->edit;
    goxel_transfer_see(in);
    code = check_open(in);
    if (!code && (key = goxel_repeat_find(in, &settled))) {
        code = answer(in, key, settled);
        goxel_key_unref(key);
        return code;
    }
    if (!code)
        code = check_edit(in);
    return code ? goxel_invocation_end(in, code) : 0;
}

/* What is answered of an edit that had nothing to do holds only if what it was begun with does. */
static bool hangs_on_others(const struct goxel_invocation *in)
{
    return !goxel_head_is_published(goxel_slot_head(in->slot), in->editing.base);
}

int goxel_invocation_check(const struct goxel_invocation *in, int code)
{
    int failed;

    if (in->slot && goxel_slot_damage(in->slot, in->detail))
        return GOXEL_ERROR_PROJECT_DAMAGED;
    failed = goxel_away_check(in->failures, in->detail);
    return failed ? failed : code;
}

int goxel_invocation_end(struct goxel_invocation *in, int code)
{
    if (in->outer)
        return goxel_invocation_check(in, code);
    if (in->edit)
        code = goxel_invocation_check(in, code);
    if (in->edit && code == 0)
        code = goxel_repeat_remember(in);
    if (!in->edit)
        goxel_project_unref((struct goxel_project *)in->project); /* a reference of this call's own */
    else if (code == 0 && (in->changed || in->ends_group || in->editing.key || hangs_on_others(in)))
        code = commit(in, in->changed);
    else
        goxel_head_abort(goxel_slot_head(in->slot), &in->editing);
    in->edit = NULL;
    in->project = NULL;
    in->changed = false;
    in->ends_group = false;
    return code;
}

static int run_on_project(struct goxel_invocation *in)
{
    bool edit = in->method->lock == GOXEL_LOCK_EDIT;
    int code = edit ? goxel_invocation_edit(in) : goxel_invocation_read(in);

    if (code)
        return code;
    return goxel_invocation_end(in, in->method->run(in));
}

int goxel_invocation_run(struct goxel_invocation *in)
{
    int code;

    in->failures = goxel_away_failures();
    if (in->method->lock == GOXEL_LOCK_NONE)
        return goxel_invocation_check(in, in->method->run(in));
    if ((code = goxel_repeat_begin(in)) || (code = find_slot(in)))
        return code;
    code = in->method->lock == GOXEL_LOCK_OWN ? in->method->run(in) : run_on_project(in);
    code = goxel_invocation_check(in, code);
    goxel_slot_unref(in->slot);
    in->slot = NULL;
    return code == GOXEL_METHOD_REPEATED ? 0 : code;
}

int goxel_invocation_run_inside(struct goxel_invocation *in)
{
    int code = goxel_check_memory(in);

    if (code)
        return code;
    return in->method->lock == GOXEL_LOCK_OWN ? in->method->run(in) : run_on_project(in);
}

int goxel_invocation_find_layer(const struct goxel_invocation *in, const struct goxel_layer_name *wanted,
                                const char *field, struct goxel_layer **ret_layer)
{
    bool current = wanted->kind == GOXEL_LAYER_CURRENT, named = wanted->kind == GOXEL_LAYER_NAME;
    struct goxel_layer *layer = NULL;
    char text[32];

    if (current)
        layer = goxel_project_layer(in->project, in->project->scene->active_layer_id);
    else if (named)
        layer = goxel_project_layer_named(in->project, wanted->name);
    else if (wanted->id > 0 && wanted->id <= INT_MAX)
        layer = goxel_project_layer(in->project, (int)wanted->id);
    if (layer) {
        *ret_layer = layer;
        return 0;
    }
    (void)snprintf(text, sizeof(text), "%lld", (long long)wanted->id);
    return goxel_fail_value(in->detail, GOXEL_ERROR_LAYER_NOT_FOUND, field,
                            current ? "current"
                            : named ? wanted->name
                                    : text,
                            "a layer of the project (layer.get_list names them)");
}

int goxel_invocation_layer(const struct goxel_invocation *in, const char *param,
                           struct goxel_layer **ret_layer)
{
    static const struct goxel_layer_name active = {.kind = GOXEL_LAYER_CURRENT};
    const struct goxel_value *value = goxel_arg(in, param);

    return goxel_invocation_find_layer(in, value->given ? &value->layer : &active, param, ret_layer);
}

int goxel_expect_edit_bricks(const struct goxel_invocation *in, int64_t bricks)
{
    int64_t limit = goxel_config_int(in->config, GOXEL_OPT_LIMITS_MAX_EDIT_BRICKS);
    int64_t before = in->outer ? in->outer->bricks : 0;

    if (bricks <= limit - before)
        return 0;
    goxel_fail_limit(in->detail, GOXEL_ERROR_QUOTA, "limits.max_edit_bricks", limit, before + bricks);
    if (in->detail)
        (void)snprintf(in->detail->expected, sizeof(in->detail->expected),
                       "less at a time: split the box (a brick is 16x16x16 voxels), or raise "
                       "limits.max_edit_bricks");
    return GOXEL_ERROR_QUOTA;
}

int goxel_check_edit_bricks(const struct goxel_invocation *in, int64_t bricks)
{
    int code = goxel_expect_edit_bricks(in, bricks);

    if (!code && in->outer)
        in->outer->bricks += bricks;
    return code;
}

int goxel_check_memory(const struct goxel_invocation *in)
{
    static const int64_t mib = 1 << 20;
    int64_t limit = goxel_config_int(in->config, GOXEL_OPT_LIMITS_MAX_MEMORY_MB);
    bool asked = limit > 0 && (in->method->states & GOXEL_METHOD_GROWS);
    int64_t resident = asked ? in->rpc->memory().resident : 0;

    if (resident <= limit * mib)
        return 0;
    goxel_fail_limit(in->detail, GOXEL_ERROR_OUT_OF_MEMORY, "limits.max_memory_mb", limit,
                     (resident + mib - 1) / mib);
    if (in->detail)
        (void)snprintf(in->detail->expected, sizeof(in->detail->expected),
                       "less in memory: close projects (project.close), or raise limits.max_memory_mb");
    return GOXEL_ERROR_OUT_OF_MEMORY;
}

int goxel_check_result_voxels(const struct goxel_invocation *in, int64_t voxels)
{
    int64_t limit = goxel_config_int(in->config, GOXEL_OPT_LIMITS_MAX_RESULT_VOXELS);

    if (voxels <= limit)
        return 0;
    return goxel_fail_limit(in->detail, GOXEL_ERROR_QUOTA, "limits.max_result_voxels", limit, voxels);
}
