/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON without HTTP around it: a stream reads messages, gives them to workers and writes their replies.
 *
 *              ┌── first byte of HTTP ──► libmicrohttpd
 *   undecided ─┴─► reading ──a message──► handed over ──resumed──► its reply waits to be sent ──► reading
 *                     └── end of input, or nothing more is taken ──► closing ──► gone
 *
 * A stream's messages are carried out one after the other, so that each sees what came before it, and replies have the order of
 * their messages. Replies may wait for the client to read them; when too many do, nothing more is read, and the client's own
 * socket tells it to wait.
 *
 * Events that the client has subscribed to are told between replies (lifecycle/feed.h), and only while none waits: who does
 * not read misses events, and no replies.
 *
 * A socket is looked at once for what the stream waits for and then not again (EPOLLONESHOT): a client that vanishes while
 * a worker has its message is noticed when the reply is due, and wakes nobody until then.
 *
 * Deadlines are the connection's (http/conn.c): the acceptor's thread shuts the socket down, and the stream reads its end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "http/access.h"
#include "http/stream.h"

/* A stream with that many replies, or bytes of them, to be sent takes no further message. */
#define OWED_MAX 256
#define OWED_BYTES_MAX ((size_t)4 << 20)
/* A client that takes its reply slower than this (16 KB a second) is let go. */
#define SEND_BYTES_A_MS 16
/* After the last reply: so long, and so much, is read for nothing, so that the client gets to see the reply. */
#define LINGER_MS 2000
#define LINGER_BYTES ((uint64_t)256 << 20)
/* So many bytes of events are told at once. */
#define EVENTS_BYTES ((size_t)16 << 10)
/* At the end: how long a client may take to read events that are on their way. */
#define LAST_WORDS_MS 1000

static struct goxel_front *front_of(const struct stream *stream)
{
    return stream->streams->front;
}

static int64_t timeout_of(const struct stream *stream, enum goxel_option option)
{
    const struct goxel_front_options *options = &front_of(stream)->options;
    struct goxel_config *config = options->ops.config(options->ctx);
    int64_t timeout_ms = goxel_config_int(config, option);

    goxel_config_unref(config);
    return timeout_ms;
}

/* ---- the end of exchanges and streams ---- */

void stream_end_exchange(struct exchange *exchange)
{
    exchange_discharge(exchange);
    access_leave(exchange);
    exchange_unref(exchange);
}

static void drop_reply(struct stream *stream)
{
    struct reply *reply = stream->replies;

    stream->replies = reply->next;
    if (!stream->replies)
        stream->last = &stream->replies;
    stream->owed--;
    stream->owed_events -= reply->events;
    stream->owed_bytes -= reply->len;
    stream->sent = 0;
    stream->send_by_ms = 0;
    atomic_fetch_sub(&front_of(stream)->bytes, reply->len);
    free(reply->text);
    free(reply);
}

/* What it listened to ends, and `subscriber` begins; NULL: nothing does. */
static void listen_to(struct stream *stream, struct goxel_subscriber *subscriber)
{
    struct streams *streams = stream->streams;

    if (stream->subscriber && !subscriber) {
        *stream->of_listener = stream->next_listener;
        if (stream->next_listener)
            stream->next_listener->of_listener = stream->of_listener;
        atomic_fetch_sub(&streams->listener_count, 1);
    } else if (!stream->subscriber && subscriber) {
        stream->next_listener = streams->listeners;
        if (stream->next_listener)
            stream->next_listener->of_listener = &stream->next_listener;
        stream->of_listener = &streams->listeners;
        streams->listeners = stream;
        atomic_fetch_add(&streams->listener_count, 1);
    }
    goxel_feed_unsubscribe(stream->subscriber);
    stream->subscriber = subscriber;
    stream->refreshed = true;
}

/* Nothing that comes or waits matters any more. */
static void give_up(struct stream *stream)
{
    stream->broken = true;
    stream->left_len = 0;
    while (stream->replies)
        drop_reply(stream);
    if (stream->partial)
        stream_end_exchange(stream->partial);
    stream->partial = NULL;
}

void stream_destroy(struct stream *stream)
{
    int fd = stream->conn->fd;

    give_up(stream);
    listen_to(stream, NULL);
    free(stream->kept);
    (void)epoll_ctl(stream->streams->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    conn_destroy(stream->conn);
    close(fd);
    free(stream);
}

/* ---- phases ---- */

/* False: it was cut. */
static bool enter(struct stream *stream, enum conn_phase phase, struct exchange *exchange, int64_t timeout_ms)
{
    struct conn *conn = stream->conn;

    stream->phase = phase;
    pthread_mutex_lock(&conn->lock);
    bool entered = conn_enter(conn, phase, timeout_ms);
    conn->exchange = exchange;
    pthread_mutex_unlock(&conn->lock);
    return entered;
}

static enum conn_phase phase_of(const struct stream *stream)
{
    if (stream->replies)
        return CONN_SENDING;
    if (stream->running)
        return CONN_BUSY;
    if (stream->closing)
        return CONN_SENDING;
    return stream->partial ? CONN_BODY : CONN_IDLE;
}

/* A client that sends more has no more time for that to take what it was sent. */
static int64_t sending_ms(struct stream *stream)
{
    int64_t now_ms = goxel_clock_ms();

    if (!stream->replies)
        return LINGER_MS;
    if (!stream->send_by_ms)
        stream->send_by_ms = now_ms + timeout_of(stream, GOXEL_OPT_SOCKETS_SEND_TIMEOUT_MS) +
                             (int64_t)stream->replies->len / SEND_BYTES_A_MS;
    return stream->send_by_ms > now_ms ? stream->send_by_ms - now_ms : 1;
}

static int64_t phase_ms(struct stream *stream, enum conn_phase phase)
{
    if (phase == CONN_SENDING)
        return sending_ms(stream);
    if (phase == CONN_BUSY || (phase == CONN_IDLE && stream->subscriber))
        return 0; /* the request has a deadline of its own; who listens need not ask */
    return timeout_of(stream, phase == CONN_BODY ? GOXEL_OPT_SOCKETS_BODY_TIMEOUT_MS
                                                 : GOXEL_OPT_SOCKETS_RECEIVE_TIMEOUT_MS);
}

static void enter_phase(struct stream *stream)
{
    enum conn_phase phase = phase_of(stream);

    if (stream->phase == phase && !stream->refreshed)
        return;
    stream->refreshed = false;
    if (!enter(stream, phase, stream->running, phase_ms(stream, phase)))
        give_up(stream);
}

/* ---- replies ---- */

/* It is counted, and others are refused on its account, but it is there already and will be sent. */
static void add_reply(struct stream *stream, char *text, size_t len, bool events)
{
    struct reply *reply = calloc(1, sizeof(*reply));

    if (!reply) {
        free(text);
        give_up(stream);
        return;
    }
    reply->text = text;
    reply->len = len;
    reply->events = events;
    atomic_fetch_add(&front_of(stream)->bytes, len);
    *stream->last = reply;
    stream->last = &reply->next;
    stream->owed++;
    stream->owed_events += events;
    stream->owed_bytes += len;
}

/* What its calls made of the subscription. */
static void take_subscription(struct stream *stream, struct exchange *exchange)
{
    struct goxel_rpc_call *call = &exchange->call;

    if (!call->events.changed || stream->broken)
        return;
    listen_to(stream, call->events.subscriber);
    call->events.subscriber = NULL;
}

/* The exchange is DONE: its reply, if there is one, is the next to be sent. */
static void finish_message(struct stream *stream, struct exchange *exchange)
{
    size_t len;
    char *text;
    bool abandoned;
    int failed;

    pthread_mutex_lock(&exchange->lock);
    abandoned = exchange->abandoned; /* what the call has is still its own then */
    if (exchange->reply.failed || (exchange->reply.len && goxel_buf_putc(&exchange->reply, '\n'))) {
        exchange_fail(exchange, exchange->reply.failed, NULL);
        goxel_buf_putc(&exchange->reply, '\n');
    }
    failed = exchange->reply.failed;
    stream->closing |= exchange->unparsable;
    text = goxel_buf_take(&exchange->reply, &len);
    pthread_mutex_unlock(&exchange->lock);
    if (!abandoned)
        take_subscription(stream, exchange);
    atomic_fetch_add_explicit(&front_of(stream)->stats.messages, 1, memory_order_relaxed);
    exchange_log(exchange, goxel_clock_ns() - exchange->start_ns);
    if (!abandoned)
        access_settle_message(exchange);
    stream_end_exchange(exchange);
    stream->refreshed = true;
    if (failed)
        give_up(stream); /* one that waits for a reply must not be left without */
    if (len && !stream->broken)
        add_reply(stream, text, len, false);
    else
        free(text);
}

static void send_replies(struct stream *stream)
{
    while (stream->replies) {
        const struct reply *reply = stream->replies;
        ssize_t sent = send(stream->conn->fd, reply->text + stream->sent, reply->len - stream->sent,
                            MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
            give_up(stream);
        if (sent < 0)
            return;
        stream->sent += (size_t)sent;
        if (stream->sent < reply->len)
            continue;
        drop_reply(stream);
        stream->refreshed = true;
    }
}

/* ---- events ---- */

static void put_event(struct goxel_buf *out, const struct goxel_told *told)
{
    goxel_buf_printf(
        out, "{\"jsonrpc\":\"2.0\",\"method\":\"event\",\"params\":{\"event\":\"%s\",\"id\":\"%s\",\"data\":",
        told->event, told->id);
    goxel_buf_append(out, told->data, told->len);
    goxel_buf_puts(out, "}}\n");
}

/* False: there is nothing to tell, or no room for it. */
static bool add_events(struct stream *stream)
{
    struct goxel_buf lines;
    size_t len;
    char *text;

    if (!stream->subscriber || stream->replies || stream->closing || stream->broken ||
        !goxel_feed_has(stream->subscriber))
        return false;
    if (!access_may_listen(stream->conn, stream->conn->authenticated ? stream->conn->token : NULL)) {
        give_up(stream);
        return false;
    }
    goxel_buf_init(&lines, SIZE_MAX);
    goxel_feed_take(stream->subscriber, EVENTS_BYTES, put_event, &lines);
    if (lines.failed)
        give_up(stream); /* one that waits for an event must not be left without */
    text = goxel_buf_take(&lines, &len);
    if (len && !stream->broken)
        add_reply(stream, text, len, true);
    else
        free(text);
    return len > 0;
}

static void tell_events(struct stream *stream)
{
    while (add_events(stream))
        send_replies(stream);
    if (!stream->subscriber || !atomic_load(&stream->streams->over))
        return;
    listen_to(stream, NULL);
    if (stream->owed && stream->owed == stream->owed_events)
        stream->send_by_ms = goxel_clock_ms() + LAST_WORDS_MS;
}

/* ---- messages ---- */

static struct exchange *begin_message(struct stream *stream)
{
    struct exchange *exchange = exchange_create(stream->conn, "/rpc");

    if (!exchange) {
        give_up(stream);
        return NULL;
    }
    memcpy(exchange->method, "STREAM", sizeof("STREAM"));
    exchange->is_message = true;
    goxel_json_frame_init(&stream->frame, goxel_json_limits_default.depth);
    stream->partial = exchange;
    stream->refreshed = true;
    return exchange;
}

/* It is answered without being carried out, and nothing behind it is looked at. */
static void refuse_message(struct stream *stream, int code)
{
    struct exchange *exchange = stream->partial;

    stream->partial = NULL;
    stream->closing = true;
    exchange_fail(exchange, code, &exchange->detail);
    finish_message(stream, exchange);
}

/* To a worker, whether it is a message or not: the parser says what is wrong with it. */
static void hand_over(struct stream *stream)
{
    struct exchange *exchange = stream->partial;

    stream->partial = NULL;
    stream->running = exchange;
    exchange->call.events.feed = front_of(stream)->options.feed;
    exchange->call.events.subscribed = stream->subscriber != NULL;
    if (!enter(stream, CONN_BUSY, exchange, 0)) {
        stream->running = NULL;
        (void)enter(stream, CONN_BUSY, NULL, 0);
        stream_end_exchange(exchange);
        give_up(stream);
    } else if (exchange_call(exchange)) {
        stream->running = NULL;
        (void)enter(stream, CONN_BUSY, NULL, 0);
        finish_message(stream, exchange);
    }
}

static void consume(struct stream *stream, size_t size)
{
    stream->left += size;
    stream->left_len -= size;
}

/* Takes what is left up to the end of a message. */
static void take_left(struct stream *stream)
{
    enum goxel_json_framed framed;
    size_t used;
    int code;

    if (!stream->partial)
        consume(stream, goxel_json_space(stream->left, stream->left_len));
    if (!stream->left_len || (!stream->partial && !begin_message(stream)))
        return;
    framed = goxel_json_frame_take(&stream->frame, stream->left, stream->left_len, &used);
    code = stream->conn->refused ? stream->conn->refused : exchange_keep(stream->partial, stream->left, used);
    consume(stream, used);
    if (code) {
        refuse_message(stream, code);
    } else if (framed != GOXEL_JSON_FRAME_MORE) {
        stream->closing = framed == GOXEL_JSON_FRAME_BROKEN;
        hand_over(stream);
    }
}

/* ---- reading ---- */

/* One piece, if there is one. */
static void read_piece(struct stream *stream)
{
    ssize_t got;

    do {
        got = recv(stream->conn->fd, stream->streams->piece, STREAM_PIECE_BYTES, MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        stream->left = stream->streams->piece;
        stream->left_len = (size_t)got;
    } else if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
        stream->eof = true;
    }
}

/* What the next turn begins with cannot stay where the next stream reads. */
static void keep_left(struct stream *stream)
{
    const char *piece = stream->streams->piece;

    if (stream->left_len && (stream->left < piece || stream->left >= piece + STREAM_PIECE_BYTES))
        return;
    free(stream->kept);
    stream->kept = stream->left_len ? malloc(stream->left_len) : NULL;
    if (stream->kept)
        stream->left = memcpy(stream->kept, stream->left, stream->left_len);
    else if (stream->left_len)
        give_up(stream);
}

static bool takes_messages(const struct stream *stream)
{
    return !stream->running && !stream->closing && !stream->broken && stream->owed < OWED_MAX &&
           stream->owed_bytes < OWED_BYTES_MAX;
}

static void take_messages(struct stream *stream, bool may_read)
{
    while (takes_messages(stream)) {
        if (!stream->left_len && may_read && !stream->eof)
            read_piece(stream);
        may_read = false;
        if (stream->left_len)
            take_left(stream);
        else if (stream->eof && stream->partial)
            hand_over(stream);
        else
            return;
        send_replies(stream);
    }
}

/* Everything is said; what the client still sends must not make the system take its replies away. */
static void linger(struct stream *stream, bool may_read)
{
    if (!stream->closing || stream->replies || stream->running || stream->broken)
        return;
    stream->left_len = 0;
    (void)shutdown(stream->conn->fd, SHUT_WR);
    if (!may_read || stream->eof)
        return;
    read_piece(stream);
    stream->lingered += stream->left_len;
    stream->left_len = 0;
    stream->eof |= stream->lingered > LINGER_BYTES;
}

/* ---- turns ---- */

static bool is_over(const struct stream *stream)
{
    if (stream->running)
        return false;
    return stream->broken || (stream->eof && !stream->replies && !stream->left_len && !stream->partial);
}

static void arm(struct stream *stream)
{
    bool reads = (takes_messages(stream) && !stream->left_len) ||
                 (stream->closing && !stream->replies && !stream->running);
    struct epoll_event event = {.data.ptr = stream};

    event.events = (reads && !stream->eof ? EPOLLIN | EPOLLRDHUP : 0u) | (stream->replies ? EPOLLOUT : 0u);
    if (event.events == stream->armed || stream->broken)
        return;
    stream->armed = event.events;
    event.events |= EPOLLONESHOT;
    if (epoll_ctl(stream->streams->epoll_fd, EPOLL_CTL_MOD, stream->conn->fd, &event))
        give_up(stream);
}

/* While the front drains, whoever has got all its replies is told that nothing more is read. What was sent already is. */
static void stop_reading(const struct stream *stream)
{
    if (atomic_load(&front_of(stream)->draining) && stream->decided && !stream->eof &&
        phase_of(stream) == CONN_IDLE)
        (void)shutdown(stream->conn->fd, SHUT_RD);
}

/* Does all that can be done now; the stream may be gone afterwards. */
static void advance(struct stream *stream, bool may_read)
{
    send_replies(stream);
    take_messages(stream, may_read);
    tell_events(stream);
    linger(stream, may_read);
    keep_left(stream);
    if (!stream->broken)
        enter_phase(stream);
    stop_reading(stream);
    if (!is_over(stream))
        arm(stream);
    if (is_over(stream))
        stream_destroy(stream);
}

static void leave_to_http(struct stream *stream)
{
    struct conn *conn = stream->conn;
    int64_t header_ms = timeout_of(stream, GOXEL_OPT_SOCKETS_HEADER_TIMEOUT_MS);

    (void)epoll_ctl(stream->streams->epoll_fd, EPOLL_CTL_DEL, conn->fd, NULL);
    pthread_mutex_lock(&conn->lock);
    conn->stream = NULL;
    pthread_mutex_unlock(&conn->lock);
    free(stream);
    acceptor_hand_over(conn, header_ms);
}

/* A method of HTTP begins with a capital letter, and no JSON does. */
void stream_on_event(struct stream *stream)
{
    char first = '\0';

    stream->armed = 0;
    if (!stream->decided && recv(stream->conn->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
        (errno == EAGAIN || errno == EINTR)) {
        arm(stream);
    } else if (first >= 'A' && first <= 'Z') {
        leave_to_http(stream);
    } else {
        stream->decided = true;
        advance(stream, true);
    }
}

void stream_on_news(struct stream *stream)
{
    advance(stream, false);
}

void stream_on_ready(struct stream *stream)
{
    struct exchange *exchange = stream->running;

    stream->running = NULL;
    (void)enter(stream, CONN_BUSY, NULL, 0);
    finish_message(stream, exchange);
    advance(stream, false);
}
