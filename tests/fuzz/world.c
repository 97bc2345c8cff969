/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz/world.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "base/log.h"
#include "fuzz/fuzz.h"

/* Ceilings low enough that the work stays short. */
static const char configuration[] = "storage { allowed_roots = {\"/nonexistent/goxel\"} }\n"
                                    "limits { max_edit_bricks = 64 max_result_voxels = 2000 }\n";

static struct goxel_rpc_options options;
static struct goxel_config *config;
static struct goxel_feed *feed;
static struct goxel_buf reply;
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

void world_start(void)
{
    static const struct goxel_pool_options pool = {.workers = 1, .queue_size = 1};
    static const struct goxel_machine_ops moves = {.started = NULL};
    static const struct goxel_requests_ops posts = {.wake = NULL};
    struct goxel_buf errors, warnings;

    goxel_buf_init(&errors, 65536);
    goxel_buf_init(&warnings, 65536);
    EXPECT(!goxel_config_parse(configuration, strlen(configuration), "fuzz.conf", NULL, 0, &errors, &warnings,
                               &config));
    goxel_buf_finish(&errors);
    goxel_buf_finish(&warnings);
    EXPECT(!goxel_pool_create(&pool, NULL, &options.pool));
    options.machine = goxel_machine_create(&moves, NULL);
    options.requests = goxel_requests_create(&posts, NULL);
    options.config = give_config;
    feed = goxel_feed_create(GOXEL_BATCH_MAX);
    EXPECT(options.machine && options.requests && feed);
    goxel_machine_move(options.machine, DAEMON_STATE_STARTING, NULL);
    goxel_machine_move(options.machine, DAEMON_STATE_RUNNING, NULL);
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

const struct goxel_buf *world_send(struct goxel_rpc *rpc, const char *message, size_t len)
{
    struct goxel_rpc_call call;

    goxel_rpc_call_init(&call, rpc);
    call.body = message;
    call.body_len = len;
    call.done = on_done;
    call.tools = true;
    call.events.feed = feed;
    call.grant = GOXEL_GRANT_EVERYTHING;
    atomic_store(&ended, false);
    goxel_rpc_run(&call);
    while (!atomic_load(&ended)) {
        answer_posts();
        sched_yield();
    }
    await_idle_pool();
    EXPECT(!call.reply.failed);
    EXPECT(call.reply.len == 0 ||
           !goxel_json_scan(call.reply.data, call.reply.len, &goxel_json_limits_default, NULL));
    goxel_buf_finish(&reply);
    reply = call.reply;
    goxel_buf_init(&call.reply, 0);
    goxel_rpc_call_finish(&call);
    return &reply;
}

struct goxel_rpc *world_create(void)
{
    static const char start[] =
        "[{\"jsonrpc\":\"2.0\",\"method\":\"project.create\",\"params\":[\"p\"]},"
        "{\"jsonrpc\":\"2.0\",\"method\":\"voxel.add\",\"params\":[1,2,3,\"#102030\"]},"
        "{\"jsonrpc\":\"2.0\",\"method\":\"layer.create\",\"params\":[\"l\",true,0.5]}]";
    struct goxel_rpc *rpc;

    goxel_log_set_level(GOXEL_LOG_ERROR); /* whatever the last messages made of it */
    options.workspace = goxel_workspace_create();
    rpc = goxel_rpc_create(&options);
    EXPECT(options.workspace && rpc);
    world_send(rpc, start, strlen(start));
    return rpc;
}

void world_destroy(struct goxel_rpc *rpc)
{
    goxel_rpc_destroy(rpc);
    goxel_workspace_destroy(options.workspace);
}
