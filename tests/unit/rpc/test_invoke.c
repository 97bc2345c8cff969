/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks: what an answer promises holds, also while other requests come in between. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "rig.h"

static struct rig rig;

/* One request of its own on the calling thread; true if it succeeded. */
struct shot {
    struct goxel_rpc_call call;
    bool done;
};

static void on_done(struct goxel_rpc_call *call)
{
    ((struct shot *)call)->done = true;
}

static bool shoot(const char *message)
{
    struct shot shot = {.done = false};
    bool ok;

    goxel_rpc_call_init(&shot.call, rig.rpc);
    shot.call.body = message;
    shot.call.body_len = strlen(message);
    shot.call.done = on_done;
    goxel_rpc_run(&shot.call);
    ok = shot.done && !strstr(shot.call.reply.data, "\"error\"");
    goxel_rpc_call_finish(&shot.call);
    return ok;
}

#define ROUNDS 200

static atomic_int added;

static void *add_voxels(void *arg)
{
    char message[160];

    for (int i = 0; i < ROUNDS; i++) {
        snprintf(message, sizeof(message),
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"voxel.add\",\"params\":[%d,%d,0,[1,2,3]]}", i,
                 *(int *)arg);
        if (shoot(message))
            atomic_fetch_add(&added, 1);
    }
    return NULL;
}

static void edits_are_serialised(void)
{
    pthread_t threads[4];
    int rows[4] = {0, 1, 2, 3};

    rig_start(&rig);
    rig_do(&rig, "project.create", NULL);
    atomic_store(&added, 0);
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, add_voxels, &rows[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&added), 4 * ROUNDS);
    CHECK(rig_call(&rig, "voxel.query", "{'return_format':'count'}"), "{'count':800,'truncated':false}");
    rig_stop(&rig);
}

static void *save_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++)
        shoot("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"project.save\",\"params\":[\"s.gox\"]}");
    return NULL;
}

/* The file holds at least what is_modified = false says. */
static void saves_do_not_overtake(void)
{
    pthread_t savers[2], editor;
    int row = 0;

    rig_start(&rig);
    rig_do(&rig, "project.create", NULL);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&editor, NULL, add_voxels, &row), 0);
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&savers[i], NULL, save_often, NULL), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(savers[i], NULL);
    pthread_join(editor, NULL);
    rig_do(&rig, "project.save", "['s.gox']");
    rig_do(&rig, "project.open", "['s.gox']");
    CHECK(rig_call(&rig, "voxel.query", "{'return_format':'count'}"), "{'count':200,'truncated':false}");
    rig_stop(&rig);
}

/* A request that found the project before it was closed must not be told that its edit succeeded. */
static int close_then_edit(struct goxel_invocation *in)
{
    int code;

    goxel_workspace_remove(in->rpc->options.workspace, in->slot);
    code = goxel_invocation_edit(in);
    if (!code)
        goxel_invocation_unlock(in, 0);
    return code;
}

static int edit_expired(struct goxel_invocation *in)
{
    int code;

    goxel_cancel_raise(&in->call->cancel, GOXEL_ERROR_REQUEST_TIMEOUT);
    code = goxel_invocation_edit(in);
    if (!code)
        goxel_invocation_unlock(in, 0);
    return code;
}

static const struct goxel_param project_params[] = {
    {"project", GOXEL_PARAM_PROJECT, .fallback = "current", .meaning = "a project"},
    {.name = NULL},
};

static const struct goxel_method methods[] = {
    {"close_then_edit", "", "", project_params, GOXEL_LOCK_OWN, GOXEL_STATE_BIT(DAEMON_STATE_RUNNING),
     close_then_edit},
    {"edit_expired", "", "", project_params, GOXEL_LOCK_OWN, GOXEL_STATE_BIT(DAEMON_STATE_RUNNING),
     edit_expired},
    {.name = NULL},
};

static void edits_do_not_get_lost(void)
{
    struct goxel_project *project;

    rig_start_with(&rig, methods, "");
    project = goxel_project_create("p");
    CU_ASSERT_PTR_NOT_NULL_FATAL(project);
    CU_ASSERT_EQUAL_FATAL(goxel_workspace_add(rig.workspace, project, NULL, NULL), 0);
    CHECK(rig_call(&rig, "edit_expired", NULL), "-32002 ");
    CHECK(rig_call(&rig, "close_then_edit", NULL), "-1001 project");
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"edits are serialised", edits_are_serialised},
    {"saves do not overtake", saves_do_not_overtake},
    {"edits do not get lost", edits_do_not_get_lost},
    {NULL, NULL},
};

const struct unit_suite invoke_suite = {"invoke", tests};
