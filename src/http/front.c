/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between libmicrohttpd and our exchanges: its callbacks, the reading of a request, start and end.
 *
 * libmicrohttpd runs without a listening socket and never comes near its own connection limit
 * (reaching it can deadlock 0.9.75), is never quiesced (that can abort), and is stopped only when no
 * connection is suspended (that aborts too).
 */
#include "http/front.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "http/access.h"
#include "http/internal.h"
#include "http/route.h"

/* Header bytes and one piece of a body of a connection. */
#define CONNECTION_MEMORY ((size_t)32 << 10)
/* A refused body up to this size is read for nothing, so that the client gets to see the answer. */
#define DISCARD_MAX ((uint64_t)256 << 20)
/* A client that takes its reply slower than this (16 KB a second) is let go. */
#define SEND_BYTES_A_MS 16

/* ---- reading a request ---- */

static int64_t timeout_of(const struct exchange *exchange, enum goxel_option option)
{
    return goxel_config_int(exchange->config, option);
}

static bool enter_phase(struct conn *conn, enum conn_phase phase, int64_t timeout_ms)
{
    pthread_mutex_lock(&conn->lock);
    bool entered = conn_enter(conn, phase, timeout_ms);
    pthread_mutex_unlock(&conn->lock);
    return entered;
}

/* A refusal that must not wait for the body: its framing is in doubt, the client asked first, or it is endless. */
static bool refuse_at_once(const struct exchange *exchange)
{
    const char *expect = exchange_header(exchange, MHD_HTTP_HEADER_EXPECT);

    return exchange->refused == GOXEL_ERROR_BAD_HTTP || (expect && !strcasecmp(expect, "100-continue")) ||
           (exchange->refused == GOXEL_ERROR_MESSAGE_SIZE &&
            (exchange->transfer || (uint64_t)exchange->detail.given > DISCARD_MAX));
}

/* The reply goes out; how long that may take grows with its length. */
static enum MHD_Result send_reply(struct exchange *exchange)
{
    uint64_t len = exchange_is_file(exchange) ? transfer_reply_len(exchange) : exchange->reply.len;
    int64_t timeout_ms = timeout_of(exchange, GOXEL_OPT_SOCKETS_SEND_TIMEOUT_MS) +
                         (int64_t)(len / SEND_BYTES_A_MS);

    if (!enter_phase(exchange->conn, CONN_SENDING, timeout_ms))
        return MHD_NO;
    return exchange_send(exchange);
}

/* The headers are complete: judge them. */
static enum MHD_Result begin(struct exchange *exchange, struct MHD_Connection *mhd, const char *method,
                             const char *version)
{
    int found;

    exchange->begun = true;
    exchange->mhd = mhd;
    snprintf(exchange->method, sizeof(exchange->method), "%s", method);
    found = route_find(exchange, method, exchange->target);
    if (exchange->route && exchange->route->body_max)
        exchange->body.ceiling = exchange->route->body_max;
    if (exchange->route && exchange->route->transfers && !found)
        found = transfer_create(exchange);
    exchange->refused = guard_check(exchange, mhd, version, found);
    if (!enter_phase(exchange->conn, CONN_BODY, timeout_of(exchange, GOXEL_OPT_SOCKETS_BODY_TIMEOUT_MS)))
        return MHD_NO;
    if (exchange->refused && refuse_at_once(exchange)) {
        exchange_fail(exchange, exchange->refused, &exchange->detail);
        return send_reply(exchange);
    }
    return MHD_YES;
}

/* How long a file may take grows with what has come of it. */
static int keep_file(struct exchange *exchange, const char *bytes, size_t size)
{
    struct conn *conn = exchange->conn;

    pthread_mutex_lock(&conn->lock);
    if (conn->phase == CONN_BODY)
        conn->deadline_ms += (int64_t)size / SEND_BYTES_A_MS;
    pthread_mutex_unlock(&conn->lock);
    return transfer_keep(exchange, bytes, size);
}

/* A piece of the body. */
static enum MHD_Result receive(struct exchange *exchange, const char *bytes, size_t *size)
{
    if (!exchange->refused) {
        exchange->refused = exchange->transfer ? keep_file(exchange, bytes, *size)
                                               : exchange_keep(exchange, bytes, *size);
        if (exchange->refused)
            goxel_buf_finish(&exchange->body);
    }
    if (exchange->refused && (exchange->discarded += *size) > DISCARD_MAX)
        return MHD_NO;
    *size = 0;
    return MHD_YES;
}

/* The request is complete: answer it, or hand it over. */
static void dispatch(struct exchange *exchange)
{
    if (exchange->refused)
        exchange_fail(exchange, exchange->refused, &exchange->detail);
    else if (exchange->preflight)
        cors_answer(exchange);
    else if (exchange->route->get && strcmp(exchange->method, "POST"))
        exchange->route->get(exchange);
    else
        exchange->route->post(exchange);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *bytes, size_t *size, void **req_cls)
{
    struct exchange *exchange = *req_cls;

    (void)cls, (void)url;
    if (!exchange)
        return MHD_NO; /* out of memory at the request line */
    if (!exchange->begun)
        return begin(exchange, mhd, method, version);
    if (*size)
        return receive(exchange, bytes, size);
    if (!exchange->handed_over) {
        if (!enter_phase(exchange->conn, CONN_BUSY, 0))
            return MHD_NO;
        dispatch(exchange);
        if (exchange->handed_over) /* libmicrohttpd comes again when it has been resumed */
            return MHD_YES;
    }
    return send_reply(exchange);
}

/* ---- the life of a connection and its requests ---- */

static struct conn *conn_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

/* The request line is here. What is returned comes back as *req_cls. */
static void *on_request_line(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    struct conn *conn = conn_of(mhd);
    struct exchange *exchange = conn ? exchange_create(conn, uri) : NULL;

    (void)cls;
    if (!exchange)
        return NULL;
    pthread_mutex_lock(&conn->lock);
    conn->exchange = exchange;
    /* A new client's time for the header began when it came; that of a known one begins now. */
    if (conn->served)
        conn_enter(conn, CONN_HEADER, timeout_of(exchange, GOXEL_OPT_SOCKETS_HEADER_TIMEOUT_MS));
    else if (conn->phase == CONN_IDLE)
        conn->phase = CONN_HEADER;
    pthread_mutex_unlock(&conn->lock);
    return exchange;
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **req_cls,
                         enum MHD_RequestTerminationCode why)
{
    struct exchange *exchange = *req_cls;
    struct conn *conn;
    int64_t duration_ns;

    (void)cls, (void)mhd, (void)why;
    if (!exchange)
        return;
    conn = exchange->conn;
    duration_ns = goxel_clock_ns() - exchange->start_ns;
    if (exchange->sent && !conn->probe) {
        /* How long somebody listened is no measure of how soon he was answered. */
        goxel_stats_count_reply(&exchange->front->stats, exchange->status,
                                exchange->goes_on ? 0 : duration_ns);
        exchange_log(exchange, duration_ns);
    }
    exchange_discharge(exchange);
    access_leave(exchange);
    pthread_mutex_lock(&conn->lock);
    conn->exchange = NULL;
    conn->served++;
    conn_enter(conn, CONN_IDLE, timeout_of(exchange, GOXEL_OPT_SOCKETS_HEADER_TIMEOUT_MS));
    pthread_mutex_unlock(&conn->lock);
    exchange_unref(exchange);
    *req_cls = NULL;
}

/* libmicrohttpd's own limit on silence, in whole seconds: a second line behind our deadlines. */
static void limit_silence(struct goxel_front *front, struct MHD_Connection *mhd)
{
    struct goxel_config *config = front->options.ops.config(front->options.ctx);
    int64_t receive_ms = goxel_config_int(config, GOXEL_OPT_SOCKETS_RECEIVE_TIMEOUT_MS);
    int64_t send_ms = goxel_config_int(config, GOXEL_OPT_SOCKETS_SEND_TIMEOUT_MS);
    int64_t most_ms = receive_ms > send_ms ? receive_ms : send_ms;

    goxel_config_unref(config);
    MHD_set_connection_option(mhd, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)((most_ms + 999) / 1000));
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct goxel_front *front = cls;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd,
                                                                       MHD_CONNECTION_INFO_CONNECTION_FD);

        *socket_context = info ? conn_find(front, info->connect_fd) : NULL;
        limit_silence(front, mhd);
    } else if (*socket_context) {
        conn_destroy(*socket_context);
        *socket_context = NULL;
    }
}

/* ---- start and end ---- */

static void on_mhd_log(void *cls, const char *fmt, va_list args)
{
    char line[512];

    (void)cls;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    vsnprintf(line, sizeof(line), fmt, args);
#pragma GCC diagnostic pop
    line[strcspn(line, "\n")] = '\0';
    goxel_log(GOXEL_LOG_DEBUG, "libmicrohttpd message=%s", GOXEL_QUOTED(line));
}

static int start_mhd(struct goxel_front *front, struct goxel_detail *detail)
{
    const struct goxel_front_options *options = &front->options;
    unsigned threads = options->io_threads;
    const struct MHD_OptionItem pool[] = {
        /* A pool of one is none: the option is then left out. */
        {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };

    front->mhd = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
            MHD_USE_ERROR_LOG,
        0, NULL, NULL, on_request, front, MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, front,
        MHD_OPTION_URI_LOG_CALLBACK, on_request_line, front, MHD_OPTION_NOTIFY_COMPLETED, on_completed, front,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, front, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
        threads * (options->max_connections + 2 * GOXEL_FRONT_SURPLUS), MHD_OPTION_STRICT_FOR_CLIENT, 0,
        MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
    if (!front->mhd)
        return goxel_fail_errno(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, errno, "MHD_start_daemon", "");
    return 0;
}

int goxel_front_check(struct goxel_detail *detail)
{
    if (MHD_is_feature_supported(MHD_FEATURE_EPOLL) == MHD_YES &&
        MHD_is_feature_supported(MHD_FEATURE_THREADS) == MHD_YES)
        return 0;
    return goxel_fail(detail, DAEMON_ERROR_INVALID_ENVIRONMENT,
                      "libmicrohttpd %s was built without epoll or threads", MHD_get_version());
}

static int make_table(struct goxel_front *front, struct goxel_detail *detail)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit))
        return goxel_fail_errno(detail, DAEMON_ERROR_RESOURCE_LIMIT_FAILED, errno, "getrlimit", "");
    front->fd_count = limit.rlim_cur > (1u << 20) ? (1u << 20) : (size_t)limit.rlim_cur;
    front->by_fd = calloc(front->fd_count, sizeof(struct conn *));
    if (!front->by_fd)
        return goxel_fail(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, "out of memory");
    return 0;
}

/* Under the feed's lock. */
static void on_news(void *ctx)
{
    watches_on_news(ctx);
    streams_on_news(((struct goxel_front *)ctx)->streams);
}

int goxel_front_create(const struct goxel_front_options *options, const struct goxel_listener *listeners,
                       size_t count, struct goxel_detail *detail, struct goxel_front **ret_front)
{
    struct goxel_front *front;
    int code;

    if (count > GOXEL_LISTENERS_MAX)
        return goxel_fail_limit(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, "listening sockets",
                                GOXEL_LISTENERS_MAX, (int64_t)count);
    front = calloc(1, sizeof(*front));
    if (!front)
        return goxel_fail(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, "out of memory");
    front->options = *options;
    front->wake_fd = -1;
    atomic_init(&front->probe_fd, -1);
    front->started_ms = goxel_wall_ms();
    front->started_mono_ms = goxel_clock_ms();
    pthread_mutex_init(&front->lock, NULL);
    watches_init(&front->watches);
    if (options->www)
        front->www = goxel_www_read(options->www);
    front->clients = goxel_clients_create();
    code = front->clients ? make_table(front, detail)
                          : goxel_fail(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, "out of memory");
    if (!code)
        code = start_mhd(front, detail);
    if (!code) {
        memcpy(front->listeners, listeners, count * sizeof(*listeners));
        front->listener_count = count;
        code = streams_start(front, detail);
    }
    if (!code)
        code = acceptor_start(front, detail);
    if (!code)
        goxel_feed_set_wake(options->feed, on_news, front);
    if (code) {
        front->released = true; /* still the caller's */
        goxel_front_destroy(front);
        return code;
    }
    *ret_front = front;
    return 0;
}

int64_t goxel_front_drain(struct goxel_front *front, int64_t quiet_ms)
{
    int64_t now = goxel_clock_ms();

    if (!atomic_exchange(&front->draining, true))
        front->drain_since_ms = now;
    watches_end(front);
    streams_end_events(front->streams);
    return conns_release_quiet(front, quiet_ms, front->drain_since_ms, now);
}

size_t goxel_front_abandon(struct goxel_front *front)
{
    size_t count;

    atomic_store(&front->abandoned, true);
    count = conns_abandon(front);
    atomic_fetch_add(&front->stats.abandoned, count);
    return count;
}

void goxel_front_disconnect(struct goxel_front *front)
{
    watches_end(front);
    conns_cut(front);
}

size_t goxel_front_connections(struct goxel_front *front)
{
    return atomic_load(&front->conn_count);
}

void goxel_front_dump(struct goxel_front *front, struct goxel_buf *buf)
{
    goxel_stats_write_line(front, buf);
}

void goxel_front_destroy(struct goxel_front *front)
{
    if (!front)
        return;
    goxel_feed_set_wake(front->options.feed, NULL, NULL);
    watches_end(front);
    acceptor_stop(front);
    streams_stop(front);
    if (front->mhd)
        MHD_stop_daemon(front->mhd);
    for (size_t i = 0; !front->released && i < front->listener_count; i++)
        goxel_listener_close(&front->listeners[i]);
    while (front->conns)
        conn_destroy(front->conns);
    free(front->by_fd);
    goxel_clients_destroy(front->clients);
    goxel_www_destroy(front->www);
    watches_finish(&front->watches);
    pthread_mutex_destroy(&front->lock);
    free(front);
}
