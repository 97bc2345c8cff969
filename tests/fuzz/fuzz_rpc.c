/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a JSON-RPC message, or as the call of a tool, to a small project: the reply is one valid JSON text, or empty.
 *
 * The allowed root does not exist, so that no file is touched; this program is the lifecycle thread.
 */
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/rpc.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ceilings low enough that the work stays short. */
static const char configuration[] = "storage { allowed_roots = {\"/nonexistent/goxel\"} }\n"
                                    "limits { max_edit_bricks = 64 max_result_voxels = 2000 }\n";

static struct goxel_rpc_options options;
static struct goxel_config *config;
static atomic_bool ended;

static struct goxel_config *give_config(void *ctx)
{
    (void)ctx;
    return goxel_config_ref(config);
}

static void on_done(struct goxel_rpc_call *call)
{
    (void)call;
    atomic_store(&ended, true);
}

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz-rpc: %s\n", what);
    abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct goxel_pool_options pool = {.workers = 1, .queue_size = 1};
    static const struct goxel_machine_ops moves = {.started = NULL};
    static const struct goxel_requests_ops posts = {.wake = NULL};
    struct goxel_buf errors, warnings;

    (void)argc;
    (void)argv;
    goxel_buf_init(&errors, 65536);
    goxel_buf_init(&warnings, 65536);
    require(!goxel_config_parse(configuration, strlen(configuration), "fuzz.conf", NULL, 0, &errors,
                                &warnings, &config),
            "configuration");
    goxel_buf_finish(&errors);
    goxel_buf_finish(&warnings);
    require(!goxel_pool_create(&pool, NULL, &options.pool), "pool");
    options.machine = goxel_machine_create(&moves, NULL);
    options.requests = goxel_requests_create(&posts, NULL);
    options.config = give_config;
    require(options.machine && options.requests, "memory");
    goxel_machine_move(options.machine, DAEMON_STATE_STARTING, NULL);
    goxel_machine_move(options.machine, DAEMON_STATE_RUNNING, NULL);
    return 0;
}

static void answer_posts(void)
{
    static const struct goxel_request_result outcome = {.report = "{}", .report_len = 2};
    struct goxel_request_run run;

    for (int kind = 0; kind < GOXEL_REQUEST_COUNT; kind++) {
        if (goxel_requests_take(options.requests, (enum goxel_request_kind)kind, &run))
            goxel_requests_finish(options.requests, &run, "", &outcome);
    }
}

static void run_message(struct goxel_rpc *rpc, const char *body, size_t len)
{
    struct goxel_rpc_call call;

    goxel_rpc_call_init(&call, rpc);
    call.grant = GOXEL_GRANT_EVERYTHING;
    call.body = body;
    call.body_len = len;
    call.done = on_done;
    call.tools = true;
    atomic_store(&ended, false);
    goxel_rpc_run(&call);
    while (!atomic_load(&ended)) {
        answer_posts();
        sched_yield();
    }
    require(!call.reply.failed, "the reply failed");
    require(call.reply.len == 0 ||
                !goxel_json_scan(call.reply.data, call.reply.len, &goxel_json_limits_default, NULL),
            "the reply is no JSON");
    goxel_rpc_call_finish(&call);
}

/* A call that was parked is done before its worker is back. */
static void await_idle_pool(void)
{
    struct goxel_pool_stats stats;

    for (;;) {
        goxel_pool_get_stats(options.pool, &stats);
        if (!stats.busy && !stats.queued)
            return;
        sched_yield();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char start[] =
        "[{\"jsonrpc\":\"2.0\",\"method\":\"project.create\",\"params\":[\"p\"]},"
        "{\"jsonrpc\":\"2.0\",\"method\":\"voxel.add\",\"params\":[1,2,3,\"#102030\"]},"
        "{\"jsonrpc\":\"2.0\",\"method\":\"layer.create\",\"params\":[\"l\",true,0.5]}]";
    struct goxel_rpc *rpc;

    options.workspace = goxel_workspace_create();
    rpc = goxel_rpc_create(&options);
    require(options.workspace && rpc, "memory");
    run_message(rpc, start, strlen(start));
    run_message(rpc, (const char *)data, size);
    await_idle_pool();
    goxel_rpc_destroy(rpc);
    goxel_workspace_destroy(options.workspace);
    return 0;
}
