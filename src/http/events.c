/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GET /events: what happens, as server-sent events (WHATWG HTML, 9.2), for as long as the client listens.
 *
 *              ┌────── there is more, or it is time for a sign of life, or all is over ──────┐
 *              ▼                                                                            │ acceptor
 *   awake: libmicrohttpd asks for bytes ──there are none──► asleep: the connection is suspended
 *              └── nothing left, and all is over ──► the end of the stream
 *
 * A watch costs no thread: its connection is suspended while there is nothing to say. Whoever publishes wakes the acceptor's
 * thread, once for however many events come meanwhile, and that wakes those who want to know.
 *
 * A client that does not read is not waited for: when it has not taken what was written within sockets.send_timeout_ms it is
 * cut as with any reply, and one that takes it too slowly is told that it has missed something (lifecycle/feed.h).
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "http/access.h"
#include "http/internal.h"
#include "http/route.h"

/* After so long in silence a sign of life: proxies keep the connection, and a client that has vanished is noticed. */
#define BEAT_MS 15000
/* How long a browser waits before it comes again. */
#define RETRY_MS 2000
#define PIECE_BYTES ((size_t)16 << 10)
/* At the end: how long a client may take to read what is on its way. */
#define LAST_WORDS_MS 1000

/* Life: made with its request, ended by libmicrohttpd with its response, on the connection's thread. */
struct watch {
    struct goxel_front *front;
    struct watch *prev, *next; /* front->watches.lock */
    struct conn *conn;         /* NULL: it is not in the list any more */
    struct MHD_Connection *mhd;
    struct goxel_subscriber *subscriber;
    bool revoked;   /* what lets it listen is gone */
    bool has_token; /* it was begun with the token of that digest */
    uint8_t token[GOXEL_TOKEN_DIGEST];
    int64_t send_ms;       /* how long the client may take to read */
    bool asleep;           /* front->watches.lock */
    int64_t asleep_ms;     /* monotonic: since when; front->watches.lock */
    bool beats;            /* it was woken to give a sign of life; front->watches.lock */
    struct goxel_buf text; /* not sent yet, from `sent` on */
    size_t sent;
};

static const struct reply_header stream_headers[] = {
    {"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"},
    {"X-Accel-Buffering", "no"}, /* nginx */
    {"Connection", "close"},       {NULL, NULL},
};

/* ---- the list ---- */

void watches_init(struct watches *watches)
{
    pthread_mutex_init(&watches->lock, NULL);
}

void watches_finish(struct watches *watches)
{
    pthread_mutex_destroy(&watches->lock);
}

static void link_watch(struct watch *watch)
{
    struct watches *watches = &watch->front->watches;

    watch->conn->watch = watch;
    pthread_mutex_lock(&watches->lock);
    atomic_fetch_add(&watches->count, 1);
    watch->next = watches->first;
    if (watch->next)
        watch->next->prev = watch;
    watches->first = watch;
    pthread_mutex_unlock(&watches->lock);
}

void watch_leave(struct watch *watch)
{
    struct watches *watches;

    if (!watch || !watch->conn)
        return;
    watches = &watch->front->watches;
    watch->conn->watch = NULL;
    pthread_mutex_lock(&watches->lock);
    watch->conn = NULL;
    atomic_fetch_sub(&watches->count, 1);
    if (watch->prev)
        watch->prev->next = watch->next;
    else
        watches->first = watch->next;
    if (watch->next)
        watch->next->prev = watch->prev;
    pthread_mutex_unlock(&watches->lock);
}

static void set_send_deadline(struct watch *watch, int64_t timeout_ms)
{
    pthread_mutex_lock(&watch->conn->lock);
    (void)conn_enter(watch->conn, CONN_SENDING, timeout_ms);
    pthread_mutex_unlock(&watch->conn->lock);
}

/* ---- what is said ---- */

static void put_event(struct goxel_buf *out, const struct goxel_told *told)
{
    goxel_buf_printf(out, "event: %s\nid: %s\ndata: ", told->event, told->id);
    goxel_buf_append(out, told->data, told->len);
    goxel_buf_puts(out, "\n\n");
}

/* No event, but a browser remembers the id: it has had all of what it wants up to there. */
static void put_position(struct watch *watch)
{
    char id[GOXEL_FEED_ID_SIZE];

    goxel_feed_position(watch->subscriber, id);
    goxel_buf_printf(&watch->text, "id: %s\n\n", id);
}

static void put_beat(struct watch *watch)
{
    goxel_buf_puts(&watch->text, ": still here\n");
    put_position(watch);
}

/* The next bytes are there, if there are any. */
static void fill(struct watch *watch)
{
    if (watch->sent < watch->text.len)
        return;
    goxel_buf_clear(&watch->text);
    watch->sent = 0;
    watch->revoked = !access_may_listen(watch->conn, watch->has_token ? watch->token : NULL);
    if (watch->revoked)
        return;
    goxel_feed_take(watch->subscriber, PIECE_BYTES, put_event, &watch->text);
    if (!watch->text.len && watch->beats)
        put_beat(watch);
    watch->beats = false;
}

static size_t take_text(struct watch *watch, char *to, size_t max)
{
    size_t len = watch->text.len - watch->sent;

    if (len > max)
        len = max;
    memcpy(to, watch->text.data + watch->sent, len);
    watch->sent += len;
    return len;
}

/* As long as that lasts there is no deadline, and no memory for what is said. */
static void fall_asleep(struct watch *watch)
{
    goxel_buf_finish(&watch->text);
    goxel_buf_init(&watch->text, SIZE_MAX);
    set_send_deadline(watch, 0);
    watch->asleep = true;
    watch->asleep_ms = goxel_clock_ms();
    MHD_suspend_connection(watch->mhd);
}

/* libmicrohttpd has sent all that it got. */
static ssize_t read_watch(void *cls, uint64_t at, char *to, size_t max)
{
    struct watch *watch = cls;
    struct watches *watches = &watch->front->watches;
    ssize_t result = 0;

    (void)at;
    pthread_mutex_lock(&watches->lock);
    fill(watch);
    if (watch->text.failed) {
        result = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (watch->text.len) {
        result = (ssize_t)take_text(watch, to, max);
        set_send_deadline(watch, atomic_load(&watches->over) ? LAST_WORDS_MS : watch->send_ms);
    } else if (watch->revoked || atomic_load(&watches->over)) {
        result = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        fall_asleep(watch);
    }
    pthread_mutex_unlock(&watches->lock);
    return result;
}

/* ---- waking ---- */

static bool has_reason(struct watch *watch, bool news, bool over, int64_t now_ms)
{
    watch->beats = now_ms - watch->asleep_ms >= BEAT_MS;
    return over || watch->beats || (news && goxel_feed_has(watch->subscriber));
}

static void wake_up(struct watch *watch)
{
    watch->asleep = false;
    MHD_resume_connection(watch->mhd);
}

void watches_turn(struct goxel_front *front)
{
    struct watches *watches = &front->watches;
    bool news = atomic_exchange(&watches->news, false), over = atomic_load(&watches->over);
    int64_t now_ms = goxel_clock_ms();

    pthread_mutex_lock(&watches->lock);
    for (struct watch *watch = watches->first; watch; watch = watch->next) {
        if (watch->asleep && has_reason(watch, news, over, now_ms))
            wake_up(watch);
    }
    pthread_mutex_unlock(&watches->lock);
}

void watches_on_news(struct goxel_front *front)
{
    /* Who comes just now has not looked yet, and will see it. */
    if (atomic_load(&front->watches.count) && !atomic_exchange(&front->watches.news, true))
        acceptor_wake(front);
}

void watches_end(struct goxel_front *front)
{
    struct watches *watches = &front->watches;

    if (atomic_exchange(&watches->over, true))
        return;
    pthread_mutex_lock(&watches->lock);
    for (struct watch *watch = watches->first; watch; watch = watch->next) {
        if (watch->asleep)
            wake_up(watch);
        else
            set_send_deadline(watch, LAST_WORDS_MS);
    }
    pthread_mutex_unlock(&watches->lock);
}

/* ---- the request ---- */

static void watch_end(void *cls)
{
    watch_leave(cls);
    watch_destroy(cls);
}

void watch_destroy(struct watch *watch)
{
    if (!watch)
        return;
    goxel_feed_unsubscribe(watch->subscriber);
    goxel_buf_finish(&watch->text);
    free(watch);
}

struct MHD_Response *watch_respond(struct exchange *exchange)
{
    struct watch *watch = exchange->watch;
    struct MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES,
                                                                      read_watch, watch, watch_end);

    if (!response)
        return NULL;
    exchange->watch = NULL;
    link_watch(watch);
    return response;
}

struct query {
    struct exchange *exchange;
    struct goxel_feed_filter filter;
    const char *last_id;
    bool has_events, has_project;
    int code;
};

static int fail_twice(struct query *query, const char *key)
{
    return goxel_fail_value(&query->exchange->detail, GOXEL_ERROR_INVALID_PARAMS, key, NULL,
                            "it once: several are one list, with commas between them");
}

static int read_kinds(struct query *query, const char *names)
{
    query->filter.kinds = 0;
    for (const char *at = names;; at++) {
        size_t len = strcspn(at, ",");
        unsigned bit = goxel_feed_kind_bit(at, len);

        if (!bit)
            return goxel_fail_value(&query->exchange->detail, GOXEL_ERROR_INVALID_PARAMS, "events", names,
                                    "some of project, state and health, with commas between them");
        query->filter.kinds |= bit;
        at += len;
        if (!*at)
            return 0;
    }
}

static int read_project(struct query *query, const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > GOXEL_NAME_MAX)
        return goxel_fail_value(&query->exchange->detail, GOXEL_ERROR_INVALID_PARAMS, "project", name,
                                "the name or id of a project, 1 to %d bytes", GOXEL_NAME_MAX);
    memcpy(query->filter.project, name, len + 1);
    return 0;
}

static enum MHD_Result read_argument(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct query *query = cls;

    (void)kind;
    value = value ? value : "";
    if (!strcmp(key, "events"))
        query->code = query->has_events ? fail_twice(query, key) : read_kinds(query, value);
    else if (!strcmp(key, "project"))
        query->code = query->has_project ? fail_twice(query, key) : read_project(query, value);
    else if (!strcmp(key, "last_event_id"))
        query->last_id = value;
    else
        query->code = goxel_fail_value(&query->exchange->detail, GOXEL_ERROR_INVALID_PARAMS, "query", key,
                                       "events, project or last_event_id");
    query->has_events |= !strcmp(key, "events");
    query->has_project |= !strcmp(key, "project");
    return query->code ? MHD_NO : MHD_YES;
}

/* A browser that comes again sends the header, and the same query as before. */
static void read_query(struct query *query)
{
    struct MHD_Connection *mhd = query->exchange->mhd;
    const char *last_id;

    MHD_get_connection_values(mhd, MHD_GET_ARGUMENT_KIND, read_argument, query);
    last_id = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Last-Event-ID");
    if (last_id && last_id[0])
        query->last_id = last_id;
}

static struct watch *watch_create(struct exchange *exchange, struct goxel_subscriber *subscriber)
{
    struct watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        return NULL;
    watch->front = exchange->front;
    watch->conn = exchange->conn;
    watch->mhd = exchange->mhd;
    watch->subscriber = subscriber;
    watch->has_token = exchange->token_name != NULL;
    memcpy(watch->token, exchange->token, sizeof(watch->token));
    watch->send_ms = goxel_config_int(exchange->config, GOXEL_OPT_SOCKETS_SEND_TIMEOUT_MS);
    goxel_buf_init(&watch->text, SIZE_MAX);
    return watch;
}

static int begin(struct exchange *exchange)
{
    struct query query = {.exchange = exchange, .filter = {.kinds = GOXEL_FEED_ALL}};
    struct goxel_subscriber *subscriber = NULL;
    int code;

    read_query(&query);
    code = query.code;
    if (!code && atomic_load(&exchange->front->watches.over))
        code = GOXEL_ERROR_SHUTTING_DOWN;
    if (!code)
        code = goxel_feed_subscribe(exchange->front->options.feed, &query.filter, query.last_id,
                                    &exchange->detail, &subscriber);
    if (code)
        return code;
    exchange->watch = watch_create(exchange, subscriber);
    if (!exchange->watch) {
        goxel_feed_unsubscribe(subscriber);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    goxel_buf_printf(&exchange->watch->text, "retry: %d\n", RETRY_MS);
    if (!query.last_id || !query.last_id[0])
        put_position(exchange->watch);
    else
        goxel_buf_puts(&exchange->watch->text, "\n");
    return 0;
}

void events_get(struct exchange *exchange)
{
    int code = strcmp(exchange->method, "HEAD") ? begin(exchange) : 0;

    if (code) {
        exchange_fail(exchange, code, &exchange->detail);
        return;
    }
    exchange_reply(exchange, MHD_HTTP_OK, "text/event-stream");
    exchange->headers = stream_headers;
}
