/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks: what an answer promises holds, also while other requests come in between. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "rpc/methods/methods.h"
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
    shot.call.grant = GOXEL_GRANT_EVERYTHING;
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
        code = goxel_invocation_end(in, 0);
    return code;
}

static int edit_expired(struct goxel_invocation *in)
{
    int code;

    goxel_cancel_raise(&in->call->cancel, GOXEL_ERROR_REQUEST_TIMEOUT);
    code = goxel_invocation_edit(in);
    if (!code)
        code = goxel_invocation_end(in, 0);
    return code;
}

static int close_then_read(struct goxel_invocation *in)
{
    int code;

    goxel_workspace_remove(in->rpc->options.workspace, in->slot);
    code = goxel_invocation_read(in);
    if (!code)
        code = goxel_invocation_end(in, 0);
    return code;
}

static int read_expired(struct goxel_invocation *in)
{
    int code;

    goxel_cancel_raise(&in->call->cancel, GOXEL_ERROR_REQUEST_TIMEOUT);
    code = goxel_invocation_read(in);
    if (!code)
        code = goxel_invocation_end(in, 0);
    return code;
}

/* Found its project, then another closed it while it waited to write: what it holds is old. */
static int close_then_save(struct goxel_invocation *in)
{
    goxel_workspace_remove(in->rpc->options.workspace, in->slot);
    return goxel_project_save_run(in);
}

static const struct goxel_param save_params[] = {
    {"path", GOXEL_PARAM_STRING, .fallback = "none", .meaning = "a path"},
    {"create_backup", GOXEL_PARAM_BOOL, .fallback = "false", .meaning = "backup"},
    {"compress", GOXEL_PARAM_BOOL, .fallback = "none", .meaning = "compress"},
    {"format", GOXEL_PARAM_STRING, .fallback = "none", .meaning = "a format"},
    {"project", GOXEL_PARAM_PROJECT, .fallback = "current", .meaning = "a project"},
    {.name = NULL},
};

static const struct goxel_param project_params[] = {
    {"project", GOXEL_PARAM_PROJECT, .fallback = "current", .meaning = "a project"},
    {.name = NULL},
};

static const struct goxel_method methods[] = {
    {"close_then_edit", "", "", project_params, GOXEL_LOCK_OWN, GOXEL_STATE_BIT(DAEMON_STATE_RUNNING),
     close_then_edit, .access = GOXEL_ACCESS_EDIT},
    {"edit_expired", "", "", project_params, GOXEL_LOCK_OWN, GOXEL_STATE_BIT(DAEMON_STATE_RUNNING),
     edit_expired, .access = GOXEL_ACCESS_EDIT},
    {"close_then_read", "", "", project_params, GOXEL_LOCK_OWN, GOXEL_STATE_BIT(DAEMON_STATE_RUNNING),
     close_then_read, .access = GOXEL_ACCESS_EDIT},
    {"read_expired", "", "", project_params, GOXEL_LOCK_OWN, GOXEL_STATE_BIT(DAEMON_STATE_RUNNING),
     read_expired, .access = GOXEL_ACCESS_EDIT},
    {"close_then_save", "", "", save_params, GOXEL_LOCK_OWN, GOXEL_STATE_BIT(DAEMON_STATE_RUNNING),
     close_then_save, .access = GOXEL_ACCESS_EDIT},
    {.name = NULL},
};

static void add_project(const char *name)
{
    struct goxel_project *project = goxel_project_create(name);

    CU_ASSERT_PTR_NOT_NULL_FATAL(project);
    CU_ASSERT_EQUAL_FATAL(goxel_workspace_add(rig.workspace, project, NULL, NULL), 0);
}

static void edits_do_not_get_lost(void)
{
    rig_start_with(&rig, methods, "");
    add_project("a");
    CHECK(rig_call(&rig, "edit_expired", NULL), "-32002 ");
    CHECK(rig_call(&rig, "close_then_edit", NULL), "-1001 project");
    rig_stop(&rig);
}

static void waiting_has_an_end(void)
{
    rig_start_with(&rig, methods, "");
    add_project("a");
    CHECK(rig_call(&rig, "read_expired", NULL), "-32002 ");
    CHECK(rig_call(&rig, "close_then_read", NULL), "-1001 project");
    add_project("b");
    CHECK(rig_call(&rig, "close_then_save", "['b.gox']"), "-1001 project");
    CU_ASSERT_FALSE(rig_has_file(rig.root, "b.gox"));
    rig_stop(&rig);
}

static void *close_p1(void *arg)
{
    (void)arg;
    shoot("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"project.close\",\"params\":{\"save_changes\":false,"
          "\"project\":\"p1\"}}");
    return NULL;
}

/* A save on its way holds the save lock: the closing that is answered first would be overtaken by it. */
static void closing_waits_for_a_save(void)
{
    struct goxel_invocation in = {.rpc = NULL};
    pthread_mutex_t *lock;
    pthread_t closer;

    rig_start(&rig);
    rig_do(&rig, "project.create", NULL);
    in.rpc = rig.rpc;
    CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(rig.workspace, "p1", &in.slot, NULL), 0);
    lock = goxel_save_lock(&in);
    pthread_mutex_lock(lock);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&closer, NULL, close_p1, NULL), 0);
    /* However long it has run: it has not closed. */
    for (int i = 0; i < 1000; i++) {
        sched_yield();
        if (goxel_slot_is_closed(in.slot))
            break;
    }
    CU_ASSERT_FALSE(goxel_slot_is_closed(in.slot));
    pthread_mutex_unlock(lock);
    pthread_join(closer, NULL);
    CU_ASSERT(goxel_slot_is_closed(in.slot));
    goxel_slot_unref(in.slot);
    rig_stop(&rig);
}

static struct goxel_memory one_mib(void)
{
    return (struct goxel_memory){.resident = 1 << 20};
}

static struct goxel_memory ten_mib(void)
{
    return (struct goxel_memory){.resident = (10 << 20) + 1};
}

/* Growing methods are those that hold on to memory; whoever gives it back, or only looks, is served. */
static void above_the_memory_limit_nothing_grows(void)
{
    static const char *const growing[] = {"project.create",   "project.open",    "project.restore",
                                          "voxel.add",        "voxel.add_batch", "voxel.fill",
                                          "layer.create",     "layer.merge",     "layer.duplicate",
                                          "voxel.shape",      "voxel.line",      "voxel.stroke",
                                          "voxel.flood_fill", "voxel.transform", "voxel.copy",
                                          "voxel.extrude",    "selection.set",   "selection.add",
                                          "import.model",     "import.image",    NULL};
    static const struct {
        const char *method, *params;
    } calls[] = {
        {"project.create", "['q']"},
        {"project.open", "['m.gox']"},
        {"voxel.add", "[0,0,0,'#102030']"},
        {"voxel.add_batch", "[[[0,0,1,1,1,1]]]"},
        {"voxel.fill", "[{'min':[0,0,0],'max':[1,1,1]},[1,2,3]]"},
        {"layer.create", "['roof']"},
        {"import.model", "{'data':'MSAyIDMgZmY4MDAwCg==','format':'txt'}"},
    };
    size_t count = 0;

    for (const struct goxel_method *method = goxel_methods; method->name; method++)
        count += (method->states & GOXEL_METHOD_GROWS) && !(method->states & GOXEL_METHOD_LOOSE);
    for (size_t i = 0; growing[i]; i++) {
        const struct goxel_method *method = goxel_methods;

        while (method->name && strcmp(method->name, growing[i]) != 0)
            method++;
        CU_ASSERT(method->name && (method->states & GOXEL_METHOD_GROWS));
        count--;
    }
    CU_ASSERT_EQUAL(count, 0);

    rig_start_with(&rig, goxel_methods, "limits { max_memory_mb = 10 }\n");
    rig.rpc->memory = one_mib; /* whatever a sanitizer takes */
    rig_do(&rig, "project.create", "['p']");
    rig_do(&rig, "voxel.add", "[1,2,3,'#ffffff']");
    rig_do(&rig, "project.save", "['m.gox']");
    rig.rpc->memory = ten_mib;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        CHECK(rig_call(&rig, calls[i].method, calls[i].params), "-1007 limits.max_memory_mb");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"limit\":10,\"given\":11"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "close projects (project.close), or raise limits.max_memory_mb"));
    CHECK(rig_call(&rig, "batch.execute", "[[{'method':'layer.create'}]]"), "-1007 operations[0]");
    rig_do(&rig, "batch.execute", "[[{'method':'layer.set_visibility','params':[1,false]}]]");
    /* Its own mistake is told first. */
    CHECK(rig_call(&rig, "voxel.add", "[0,0,0]"), "-32602 color");
    CHECK(rig_call(&rig, "voxel.query", "{'return_format':'count'}"), "{'count':1,'truncated':false}");
    rig_do(&rig, "project.save", "['m.gox']");
    rig_do(&rig, "voxel.remove", "[1,2,3]");
    rig_do(&rig, "voxel.clear", "['all']");
    rig_do(&rig, "project.close", "[false]");
    rig_stop(&rig);

    /* 0 is no limit. */
    rig_start(&rig);
    rig.rpc->memory = ten_mib;
    rig_do(&rig, "project.create", "['p']");
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"edits are serialised", edits_are_serialised},
    {"saves do not overtake", saves_do_not_overtake},
    {"edits do not get lost", edits_do_not_get_lost},
    {"waiting has an end", waiting_has_an_end},
    {"closing waits for a save", closing_waits_for_a_save},
    {"above the memory limit nothing grows", above_the_memory_limit_nothing_grows},
    {NULL, NULL},
};

const struct unit_suite invoke_suite = {"invoke", tests};
