/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POST /rpc and /rpc/{project}, and the messages of streams: through the bounded queue to a worker, and back with the reply. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/gzip.h"
#include "http/access.h"
#include "http/coding.h"
#include "http/internal.h"
#include "http/route.h"

#define PATIENCE_NS INT64_C(1000000000)

struct exchange *exchange_of_call(struct goxel_rpc_call *call)
{
    return (struct exchange *)((char *)call - offsetof(struct exchange, call));
}

void exchange_take_reply(struct exchange *exchange, unsigned status)
{
    struct goxel_rpc_call *call = &exchange->call;

    exchange_reply(exchange, status, "application/json");
    goxel_buf_finish(&exchange->reply);
    exchange->reply = call->reply;
    exchange->encoded = exchange->compressed;
    goxel_buf_init(&call->reply, 0);
}

/* 204 for notifications alone; 200 also for JSON-RPC errors; else what the whole message failed with. */
static void fill_reply(struct exchange *exchange, const void *unused)
{
    struct goxel_rpc_call *call = &exchange->call;

    (void)unused;
    exchange->unparsable = goxel_error_rpc(call->code) == goxel_error_rpc(GOXEL_ERROR_JSON_SYNTAX);
    if (call->reply.failed)
        exchange_fail(exchange, call->reply.failed, NULL);
    else if (!call->reply.len)
        exchange_reply(exchange, MHD_HTTP_NO_CONTENT, NULL);
    else
        exchange_take_reply(exchange, call->code ? (unsigned)goxel_error_http(call->code) : MHD_HTTP_OK);
}

/* ---- compressed ---- */

static struct exchange *exchange_of_task(struct goxel_task *task)
{
    return (struct exchange *)((char *)task - offsetof(struct exchange, task));
}

/* Without memory for it, it goes out as it is. */
static void compress_reply(struct goxel_task *task)
{
    struct exchange *exchange = exchange_of_task(task);
    struct goxel_buf *reply = &exchange->call.reply, packed;
    struct goxel_gzip *gzip = goxel_gzip_create(goxel_gzip_to_buf, &packed);

    goxel_buf_init(&packed, reply->len);
    if (gzip && !goxel_gzip_put(gzip, reply->data, reply->len, true, NULL)) {
        goxel_buf_finish(reply);
        *reply = packed;
        exchange->compressed = true;
    } else {
        goxel_buf_finish(&packed);
    }
    goxel_gzip_destroy(gzip);
    exchange_done(exchange, exchange->fill, NULL);
}

void exchange_finish_call(struct exchange *exchange, void (*fill)(struct exchange *exchange, const void *arg))
{
    const struct goxel_buf *reply = &exchange->call.reply;

    /* Who was told already that the daemon stops needs no reply, and maybe there is no worker any more. */
    if (!exchange->takes_gzip || reply->failed || reply->len < GOXEL_GZIP_MIN ||
        !exchange_is_waiting(exchange)) {
        exchange_done(exchange, fill, NULL);
        return;
    }
    exchange->fill = fill;
    exchange->task.run = compress_reply;
    goxel_pool_resubmit(exchange->front->options.pool, &exchange->task);
}

/* ---- the call ---- */

static void on_done(struct goxel_rpc_call *call)
{
    exchange_finish_call(exchange_of_call(call), fill_reply);
}

/* In place of the encoded body, within the same ceilings. */
static int decode(struct exchange *exchange)
{
    struct goxel_buf plain;
    int code;

    goxel_buf_init(&plain, exchange->body.ceiling);
    code = goxel_gunzip(exchange->body.data, exchange->body.len, &exchange->call.cancel, goxel_gzip_to_buf,
                        &plain, &exchange->detail);
    goxel_buf_finish(&exchange->body);
    exchange->body = plain;
    exchange->call.body = plain.data;
    exchange->call.body_len = plain.len;
    return code;
}

static void write_stats(struct goxel_rpc_call *call, struct goxel_json_writer *w)
{
    goxel_stats_write_json(exchange_of_call(call)->front, w);
}

static void run(struct goxel_task *task)
{
    struct exchange *exchange = exchange_of_task(task);
    int code = exchange->body_encoded ? decode(exchange) : 0;

    if (code)
        exchange_done(exchange, exchange_fill_failure, &code);
    else
        goxel_rpc_run(&exchange->call);
}

/*
 * A client that has closed its connection is gone; so is one that has closed its half of it, where the two are the same to us: HTTP
 * over TCP, whose clients wait with that. Nobody is taken for gone who might be done soon.
 */
static bool is_gone(struct goxel_rpc_call *call)
{
    struct exchange *exchange = exchange_of_call(call);
    bool gone = false;

    if (goxel_clock_ns() - exchange->start_ns < PATIENCE_NS)
        return false;
    pthread_mutex_lock(&exchange->lock);
    if (exchange->stage == EXCHANGE_WAITING) /* else there may be no connection */
        gone = conn_is_closed(exchange->conn);
    pthread_mutex_unlock(&exchange->lock);
    return gone;
}

int exchange_submit(struct exchange *exchange, void (*run_it)(struct goxel_task *task),
                    void (*done)(struct goxel_rpc_call *call))
{
    struct goxel_rpc_call *call = &exchange->call;
    int64_t timeout_ms = goxel_config_int(exchange->config, GOXEL_OPT_PERFORMANCE_REQUEST_TIMEOUT_MS);

    call->request_id = exchange->id;
    call->done = done;
    call->write_stats = write_stats;
    call->is_gone = is_gone;
    call->authenticate = access_authenticate;
    call->grant = exchange->grant;
    call->config = exchange->config;
    call->trigger = (struct goxel_trigger){
        .kind = GOXEL_TRIGGER_RPC,
        .pid = exchange->conn->pid,
        .uid = exchange->conn->uid,
    };
    memcpy(call->trigger.peer, exchange->conn->peer, sizeof(call->trigger.peer));
    pthread_mutex_lock(&exchange->lock);
    if (exchange->stage == EXCHANGE_WAITING) /* else it was abandoned */
        goxel_cancel_init(&call->cancel, goxel_clock_ms() + timeout_ms);
    pthread_mutex_unlock(&exchange->lock);
    exchange->takes_gzip = !exchange->conn->stream &&
                           coding_takes_gzip(exchange_header(exchange, MHD_HTTP_HEADER_ACCEPT_ENCODING));
    exchange->task.run = run_it;
    return goxel_pool_submit(exchange->front->options.pool, &exchange->task);
}

static int give(struct exchange *exchange)
{
    struct goxel_rpc_call *call = &exchange->call;

    call->body = exchange->body.data;
    call->body_len = exchange->body.len;
    call->project = exchange->project[0] ? exchange->project : NULL;
    call->tools = exchange->is_message;
    return exchange_submit(exchange, run, on_done);
}

void rpc_post(struct exchange *exchange)
{
    exchange_hand_over(exchange, give);
}

int exchange_call(struct exchange *exchange)
{
    int code = access_admit_message(exchange);

    if (code)
        exchange_fail(exchange, code, &exchange->detail);
    else
        exchange_hand_over(exchange, give);
    return code;
}
