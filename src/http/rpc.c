/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POST /rpc and /rpc/{project}, and the messages of streams: through the bounded queue to a worker, and back with the reply. */
#include <stddef.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "http/access.h"
#include "http/internal.h"
#include "http/route.h"

struct exchange *exchange_of_call(struct goxel_rpc_call *call)
{
    return (struct exchange *)((char *)call - offsetof(struct exchange, call));
}

/* 204 for notifications alone; 200 also for JSON-RPC errors; else what the whole message failed with. */
static void fill_reply(struct exchange *exchange, const void *unused)
{
    struct goxel_rpc_call *call = &exchange->call;

    (void)unused;
    exchange->unparsable = goxel_error_rpc(call->code) == goxel_error_rpc(GOXEL_ERROR_JSON_SYNTAX);
    if (call->reply.failed) {
        exchange_fail(exchange, call->reply.failed, NULL);
        return;
    }
    if (!call->reply.len) {
        exchange_reply(exchange, MHD_HTTP_NO_CONTENT, NULL);
        return;
    }
    exchange_reply(exchange, call->code ? (unsigned)goxel_error_http(call->code) : MHD_HTTP_OK,
                   "application/json");
    goxel_buf_finish(&exchange->reply);
    exchange->reply = call->reply;
    goxel_buf_init(&call->reply, 0);
}

static void on_done(struct goxel_rpc_call *call)
{
    exchange_done(exchange_of_call(call), fill_reply, NULL);
}

static void write_stats(struct goxel_rpc_call *call, struct goxel_json_writer *w)
{
    goxel_stats_write_json(exchange_of_call(call)->front, w);
}

static void run(struct goxel_task *task)
{
    struct exchange *exchange = (struct exchange *)((char *)task - offsetof(struct exchange, task));

    goxel_rpc_run(&exchange->call);
}

static int give(struct exchange *exchange)
{
    struct goxel_rpc_call *call = &exchange->call;
    int64_t timeout_ms = goxel_config_int(exchange->config, GOXEL_OPT_PERFORMANCE_REQUEST_TIMEOUT_MS);

    call->body = exchange->body.data;
    call->body_len = exchange->body.len;
    call->project = exchange->project[0] ? exchange->project : NULL;
    call->request_id = exchange->id;
    call->done = on_done;
    call->write_stats = write_stats;
    call->authenticate = access_authenticate;
    call->grant = exchange->grant;
    call->tools = exchange->is_message;
    call->trigger = (struct goxel_trigger){
        .kind = GOXEL_TRIGGER_RPC,
        .pid = exchange->conn->pid,
        .uid = exchange->conn->uid,
    };
    conn_peer(exchange->conn, call->trigger.peer, sizeof(call->trigger.peer));
    goxel_cancel_init(&call->cancel, goxel_clock_ms() + timeout_ms);
    exchange->task.run = run;
    return goxel_pool_submit(exchange->front->options.pool, &exchange->task);
}

void rpc_post(struct exchange *exchange)
{
    exchange_hand_over(exchange, give);
}

int exchange_call(struct exchange *exchange)
{
    int code = access_admit_message(exchange);

    if (!code)
        return exchange_hand_over(exchange, give);
    exchange_fail(exchange, code, &exchange->detail);
    return code;
}
