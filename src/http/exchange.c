/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One request and its reply, from the request line to the last byte sent.
 *
 *   RECEIVING ──handed over──► WAITING ──done, abandoned──► DONE
 *
 * In RECEIVING and in DONE the reply is the connection's thread's, in WAITING that of whoever has the lock; to resume is what
 * hands it back, so that nobody waits there for who has just done so.
 *
 * What holds: the connection is suspended (a stream takes no further message) exactly in WAITING; only the move
 * WAITING → DONE resumes it; in WAITING the worker's reference exists, be it on its way to the worker still.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "http/access.h"
#include "http/internal.h"
#include "http/route.h"

#define REPLY_MAX ((size_t)128 << 20) /* above rpc's own ceiling */
#define RETRY_AFTER_S 1
#define CHALLENGE "Bearer realm=\"goxel-daemon\"" /* RFC 6750, 3 */

struct exchange *exchange_create(struct conn *conn, const char *uri)
{
    struct goxel_front *front = conn->front;
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    size_t len = strcspn(uri, "?");

    if (!exchange)
        return NULL;
    atomic_init(&exchange->refs, 1);
    pthread_mutex_init(&exchange->lock, NULL);
    exchange->front = front;
    exchange->conn = conn;
    exchange->config = front->options.ops.config(front->options.ctx);
    exchange->policy = front->options.ops.policy(front->options.ctx);
    exchange->id = conn->probe ? 0 : atomic_fetch_add(&front->next_id, 1) + 1;
    exchange->start_ns = goxel_clock_ns();
    if (len < sizeof(exchange->target))
        memcpy(exchange->target, uri, len);
    for (const char *at = uri; *at && !exchange->unclean; at++)
        exchange->unclean = iscntrl((unsigned char)*at) || *at == ' ';
    goxel_detail_init(&exchange->detail);
    goxel_buf_init(&exchange->body,
                   (size_t)goxel_config_int(exchange->config, GOXEL_OPT_PERFORMANCE_MAX_MESSAGE_SIZE));
    goxel_buf_init(&exchange->reply, REPLY_MAX);
    goxel_rpc_call_init(&exchange->call, front->options.rpc);
    return exchange;
}

void exchange_ref(struct exchange *exchange)
{
    atomic_fetch_add(&exchange->refs, 1);
}

void exchange_unref(struct exchange *exchange)
{
    if (!exchange || atomic_fetch_sub(&exchange->refs, 1) != 1)
        return;
    goxel_rpc_call_finish(&exchange->call);
    watch_destroy(exchange->watch);
    transfer_destroy(exchange);
    goxel_buf_finish(&exchange->body);
    goxel_buf_finish(&exchange->reply);
    goxel_config_unref(exchange->config);
    goxel_policy_unref(exchange->policy);
    pthread_mutex_destroy(&exchange->lock);
    free(exchange);
}

bool exchange_charge(struct exchange *exchange, uint64_t bytes)
{
    struct goxel_front *front = exchange->front;

    if (atomic_fetch_add(&front->bytes, bytes) + bytes > GOXEL_BYTES_MAX) {
        atomic_fetch_sub(&front->bytes, bytes);
        return false;
    }
    exchange->charged += bytes;
    return true;
}

void exchange_discharge(struct exchange *exchange)
{
    atomic_fetch_sub(&exchange->front->bytes, exchange->charged);
    exchange->charged = 0;
}

int exchange_keep(struct exchange *exchange, const char *bytes, size_t size)
{
    int code;

    if (!exchange_charge(exchange, size))
        return goxel_fail(&exchange->detail, GOXEL_ERROR_OVERLOADED, "too many bytes are under way");
    code = goxel_buf_append(&exchange->body, bytes, size);
    if (code)
        goxel_fail_limit(&exchange->detail, code, "body (bytes)", (int64_t)exchange->body.ceiling,
                         (int64_t)(exchange->body.len + size));
    return code;
}

/* What is said here is true now, and for who asked. */
static const struct reply_header usual_headers[] = {
    {"Cache-Control", "no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {NULL, NULL},
};

void exchange_reply(struct exchange *exchange, unsigned status, const char *content_type)
{
    goxel_buf_clear(&exchange->reply);
    exchange->status = status;
    exchange->content_type = content_type;
    exchange->headers = usual_headers;
    exchange->etag = NULL;
    exchange->retry_after_s = 0;
    exchange->encoded = false;
    exchange->varies = false;
    exchange->told = false;
}

static void write_problem(struct exchange *exchange, int code, const struct goxel_detail *detail)
{
    struct goxel_json_writer w;
    struct goxel_buf text;

    goxel_buf_init(&text, 2048);
    goxel_detail_print(&text, code, detail);
    goxel_json_writer_init(&w, &exchange->reply);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "type", "about:blank");
    goxel_json_put_string(&w, "title", MHD_get_reason_phrase_for(exchange->status));
    goxel_json_put_int(&w, "status", exchange->status);
    goxel_json_put_string(&w, "detail", text.data);
    if (detail && detail->warnings.count)
        goxel_warnings_put(&w, &detail->warnings);
    goxel_json_put_end(&w);
    goxel_buf_putc(&exchange->reply, '\n');
    goxel_buf_finish(&text);
}

/* Errors of load and state belong to the call; the others to the transport, if that has a way to tell them. */
static bool told_as_json_rpc(const struct exchange *exchange, int code)
{
    int rpc = goxel_error_rpc(code);

    if (exchange->conn->stream)
        return true;
    return exchange->route && exchange->route->json_rpc && rpc <= -32000 && rpc >= -32003 &&
           code != GOXEL_ERROR_HTTP_DEADLINE;
}

void exchange_fail(struct exchange *exchange, int code, const struct goxel_detail *detail)
{
    unsigned status = (unsigned)goxel_error_http(code);

    if (told_as_json_rpc(exchange, code)) {
        exchange_reply(exchange, status, "application/json");
        goxel_rpc_refuse(code, detail, &exchange->reply);
    } else {
        exchange_reply(exchange, status, "application/problem+json");
        write_problem(exchange, code, detail);
    }
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
        exchange->retry_after_s = RETRY_AFTER_S;
    else if (status == MHD_HTTP_TOO_MANY_REQUESTS)
        exchange->retry_after_s = exchange->wait_s;
}

static void suspend(struct exchange *exchange)
{
    if (!exchange->conn->stream)
        MHD_suspend_connection(exchange->mhd);
}

static void resume(struct exchange *exchange)
{
    if (exchange->conn->stream)
        stream_resume(exchange->conn->stream);
    else
        MHD_resume_connection(exchange->mhd);
}

void exchange_fill_failure(struct exchange *exchange, const void *code)
{
    exchange_fail(exchange, *(const int *)code, &exchange->detail);
}

void exchange_hand_over(struct exchange *exchange, int (*give)(struct exchange *exchange))
{
    int code;

    exchange_ref(exchange);
    exchange->handed_over = true;
    pthread_mutex_lock(&exchange->lock);
    exchange->stage = EXCHANGE_WAITING;
    suspend(exchange);
    pthread_mutex_unlock(&exchange->lock);
    /* Not under the lock: whoever gets it would run into it, and to wait costs more than many a call. */
    if (atomic_load(&exchange->front->abandoned))
        code = GOXEL_ERROR_SHUTTING_DOWN;
    else
        code = give(exchange);
    if (code)
        exchange_done(exchange, exchange_fill_failure, &code);
}

void exchange_done(struct exchange *exchange, void (*fill)(struct exchange *exchange, const void *arg),
                   const void *arg)
{
    pthread_mutex_lock(&exchange->lock);
    if (exchange->stage == EXCHANGE_WAITING) {
        fill(exchange, arg);
        exchange->stage = EXCHANGE_DONE;
        resume(exchange);
    }
    pthread_mutex_unlock(&exchange->lock);
    exchange_unref(exchange);
}

bool exchange_is_waiting(struct exchange *exchange)
{
    bool waiting;

    pthread_mutex_lock(&exchange->lock);
    waiting = exchange->stage == EXCHANGE_WAITING;
    pthread_mutex_unlock(&exchange->lock);
    return waiting;
}

bool exchange_abandon(struct exchange *exchange)
{
    bool waited;

    pthread_mutex_lock(&exchange->lock);
    goxel_cancel_raise(&exchange->call.cancel, GOXEL_ERROR_SHUTTING_DOWN);
    waited = exchange->stage == EXCHANGE_WAITING;
    if (waited) {
        exchange->abandoned = true;
        exchange_fail(exchange, GOXEL_ERROR_SHUTTING_DOWN, NULL);
        exchange->stage = EXCHANGE_DONE;
        resume(exchange);
    }
    pthread_mutex_unlock(&exchange->lock);
    return waited;
}

static void add_headers(const struct exchange *exchange, struct MHD_Response *response)
{
    char seconds[16];

    if (exchange->content_type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, exchange->content_type);
    for (const struct reply_header *header = exchange->headers; header->name; header++)
        MHD_add_response_header(response, header->name, header->value);
    if (exchange->etag)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, exchange->etag);
    if (exchange->encoded)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    if (exchange->varies)
        MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    if (exchange->told)
        transfer_add_headers(exchange, response);
    if (exchange->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, exchange->route->methods);
    if (exchange->retry_after_s) {
        snprintf(seconds, sizeof(seconds), "%u", exchange->retry_after_s);
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
    if (exchange->status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                                exchange->wrong_token ? CHALLENGE ", error=\"invalid_token\"" : CHALLENGE);
    cors_add_headers(exchange, response);
    if (atomic_load(&exchange->front->draining) || exchange->conn->refused ||
        exchange->refused == GOXEL_ERROR_BAD_HTTP || exchange->refused == GOXEL_ERROR_MESSAGE_SIZE)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

/* What it has to say, all at once, of which `ret_held` bytes are in memory. NULL: out of memory. */
static struct MHD_Response *respond(struct exchange *exchange, uint64_t *ret_held)
{
    struct MHD_Response *response;
    size_t len = 0;
    char *body;

    if (exchange_is_file(exchange))
        return transfer_response(exchange, ret_held);
    body = goxel_buf_take(&exchange->reply, &len);
    response = MHD_create_response_from_buffer_with_free_callback(len, body, free);
    if (!response)
        free(body);
    *ret_held = len;
    return response;
}

enum MHD_Result exchange_send(struct exchange *exchange)
{
    struct MHD_Response *response;
    enum MHD_Result result;
    uint64_t held = 0;

    if (exchange->reply.failed)
        exchange_fail(exchange, exchange->reply.failed, NULL);
    exchange->sent = true;
    exchange->goes_on = exchange->watch != NULL;
    response = exchange->goes_on ? watch_respond(exchange) : respond(exchange, &held);
    if (!response)
        return MHD_NO;
    /* It is there already: counted, and others refused on its account, but sent. */
    (void)exchange_charge(exchange, held);
    add_headers(exchange, response);
    result = MHD_queue_response(exchange->mhd, exchange->status, response);
    MHD_destroy_response(response);
    return result;
}

const char *exchange_header(const struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->mhd, MHD_HEADER_KIND, name);
}

void exchange_log(const struct exchange *exchange, int64_t duration_ns)
{
    if (!goxel_config_bool(exchange->config, GOXEL_OPT_LOGGING_ACCESS_LOG))
        return;
    goxel_log(GOXEL_LOG_INFO, "access id=%llu peer=%s method=%s path=%s status=%u body=%zu ms=%.3f%s%s",
              (unsigned long long)exchange->id, exchange->conn->peer, exchange->method, exchange->target,
              exchange->status, exchange->body.len, (double)duration_ns / 1e6,
              exchange->token_name ? " token=" : "", exchange->token_name ? exchange->token_name : "");
}
