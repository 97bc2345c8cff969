/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of http/ share: the front, its connections, and the exchange of one request.
 *
 * Used by: http only.
 *
 * Threads: the acceptor (accepts, enforces deadlines), libmicrohttpd's threads and the streams' (each connection
 * belongs to one of them), workers and the lifecycle thread (finish exchanges).
 * Lock order: front->lock, then conn->lock, then exchange->lock; none is held into a worker.
 */
#ifndef GOXEL_HTTP_INTERNAL_H
#define GOXEL_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "access/clients.h"
#include "access/policy.h"
#include "http/files.h"
#include "http/front.h"
#include "http/stats.h"
#include "rpc/transfer.h"

/*
 * A client's connection. Made by the acceptor, ended by libmicrohttpd's closing callback, or by the streams' thread, before
 * the descriptor is closed: whoever finds it in the list under front->lock may use the descriptor.
 *
 *   IDLE ──request line──► HEADER ──► BODY ──complete──► BUSY ──reply──► SENDING ──sent──► IDLE
 *     └───── deadline ───────┴─────────┴──────────────────────────────────┴──► EXPIRED: cut, and nothing
 *                                                                               more is answered
 *
 * A stream knows no HEADER, and goes on from SENDING or BUSY as it comes; what holds for it, too, is that in IDLE and BODY
 * nobody writes to the socket.
 */
enum conn_phase { CONN_IDLE, CONN_HEADER, CONN_BODY, CONN_BUSY, CONN_SENDING, CONN_EXPIRED };

/* "/projects/", a project's name and an extension with every byte escaped, and "/voxels". */
#define GOXEL_TARGET_MAX (24 + 3 * GOXEL_RESOURCE_NAME_MAX)

/* Bodies and replies of all connections together, in bytes; beyond it further bodies are answered 503. */
#define GOXEL_BYTES_MAX ((uint64_t)1 << 30)

struct conn {
    struct goxel_front *front;
    struct conn *prev, *next; /* front->lock */
    int fd;
    bool probe;  /* our own, and in no figure and no log */
    int refused; /* 0, or why every request of it is refused */
    struct sockaddr_storage addr;
    socklen_t addr_len;
    char peer[64]; /* "127.0.0.1:50312", "[::1]:50312", "unix" */
    pid_t pid;     /* of a Unix client */
    uid_t uid;
    gid_t gid;
    bool authenticated; /* a message of its stream has shown the token below; the streams' thread */
    uint8_t token[GOXEL_TOKEN_DIGEST]; /* its digest */
    pthread_mutex_t lock;              /* below */
    enum conn_phase phase;
    int64_t since_ms;    /* monotonic start of the phase */
    int64_t deadline_ms; /* 0: none */
    uint64_t served;
    struct exchange *exchange; /* the one under way, or NULL */
    struct stream *stream;     /* NULL: it is libmicrohttpd's */
    struct watch *watch;       /* that it sends; NULL: none. On its own thread */
};

/*
 * One request and its reply. A counted reference is held by the connection, until libmicrohttpd is
 * done with it, and by whoever works on it; the last one frees it. `done` hands it back exactly once.
 */
enum exchange_stage { EXCHANGE_RECEIVING, EXCHANGE_WAITING, EXCHANGE_DONE };

/* One of a static list that ends with a NULL name. */
struct reply_header {
    const char *name, *value;
};

struct exchange {
    atomic_int refs;
    struct goxel_front *front;
    struct conn *conn; /* valid while the connection holds its reference */
    struct MHD_Connection *mhd;
    struct goxel_config *config;
    struct goxel_policy *policy; /* as it was when the request began */
    const struct route *route;
    char method[16];               /* cut */
    char target[GOXEL_TARGET_MAX]; /* the raw path without its query; "" if longer */
    bool unclean;                  /* the target, or its query, has spaces or control characters */
    char project[GOXEL_RESOURCE_NAME_MAX + 1]; /* the path's segment that names one, decoded */
    uint64_t id;                               /* from 1; 0 on a probe */
    int64_t start_ns;
    struct goxel_buf body;
    struct transfer *transfer; /* of a route of resources, whose body goes there; else NULL */
    bool body_encoded;         /* Content-Encoding: gzip or deflate */
    uint64_t discarded;        /* bytes of the body that were read for nothing */
    uint64_t charged;          /* bytes counted in front->bytes */
    unsigned retry_after_s;    /* 0: no such header */
    unsigned wait_s;           /* after a refusal because of the client's limits */
    struct goxel_grant grant;
    struct goxel_client *client; /* who has it under way, where there are limits; NULL: nobody */
    const char *token_name;      /* that was shown, the policy's; NULL: none */
    const char *origin;          /* of security.allowed_origins, libmicrohttpd's; NULL: none */
    bool preflight;              /* a browser asks what that origin may ask */
    bool wrong_token;            /* one was shown that is not known */
    bool is_message;             /* of a stream */
    bool authenticated; /* it is a message that has shown the token below; until it is DONE the worker's */
    uint8_t token[GOXEL_TOKEN_DIGEST];
    bool begun;  /* the handler has seen it once: headers are judged */
    int refused; /* 0, or the error to answer with */
    struct goxel_detail detail;
    struct goxel_rpc_call call;
    struct goxel_task task;
    struct goxel_waiter waiter;
    pthread_mutex_t lock; /* below */
    enum exchange_stage stage;
    bool handed_over; /* the connection's thread: it has been */
    bool sent;        /* the same: what it says has been queued */
    bool abandoned;   /* it was answered in place of its call, which may go on */
    unsigned status;
    const char *content_type;
    const struct reply_header *headers; /* beside those that follow from the fields here */
    const char *etag;                   /* NULL: none; as long as the exchange, at least */
    struct goxel_buf reply;
    bool encoded;    /* it is gzip */
    bool varies;     /* by Accept-Encoding */
    bool told;       /* the transfer has its results, and its headers go with the reply */
    bool takes_gzip; /* the client does */
    bool compressed; /* the call's reply is gzip */
    void (*fill)(struct exchange *exchange, const void *arg); /* while that is being compressed */
    bool unparsable;                                          /* the body was no JSON that we take */
    bool goes_on;                                             /* what is sent is a stream of events, */
    struct watch *watch; /* which this is until the response has it; NULL: no */
};

/* Who listens to events over HTTP: events.c. */
struct watches {
    pthread_mutex_t lock; /* below; a connection's may be taken under it */
    struct watch *first;
    atomic_size_t count;
    atomic_bool news; /* something was published */
    atomic_bool over; /* nothing will be told any more, and what was told is sent */
};

/* What the acceptor does with new clients. It only moves on, and is past PAUSED when it stops. */
enum intake { INTAKE_CLOSED, INTAKE_OPEN, INTAKE_PAUSED, INTAKE_STOPPED };

struct streams;
struct goxel_front {
    struct goxel_front_options options;
    struct MHD_Daemon *mhd;
    int64_t started_ms; /* wall clock */
    int64_t started_mono_ms;
    struct goxel_stats stats;
    struct goxel_www *www; /* of the web console, NULL: there is none */
    struct goxel_clients *clients;
    atomic_uint_fast64_t next_id;
    atomic_uint_fast64_t bytes;   /* of bodies and replies in memory */
    atomic_uint_fast64_t spooled; /* the same of transfers, wherever they are */
    /* acceptor */
    pthread_t acceptor;
    bool acceptor_runs;
    int wake_fd;                                          /* eventfd: something changed for the acceptor */
    struct goxel_listener listeners[GOXEL_LISTENERS_MAX]; /* changed by the acceptor, under `lock` */
    size_t listener_count;
    bool released;                       /* lifecycle thread: the listeners are somebody else's */
    atomic_int intake_wanted, intake_is; /* enum intake */
    atomic_int probe_fd;                 /* our end of a probe that waits to be taken, or -1 */
    atomic_bool quit, draining;
    atomic_bool abandoned; /* whatever would wait from here on is answered 503 */
    atomic_bool full;      /* the acceptor waits for a connection to end */
    struct streams *streams;
    struct watches watches;
    int64_t drain_since_ms; /* lifecycle thread */
    /* connections */
    pthread_mutex_t lock;
    struct conn *conns;
    struct conn **by_fd; /* fd_count of them */
    size_t fd_count;
    atomic_size_t conn_count; /* of clients */
    atomic_size_t probe_count;
};

/* conn.c */
struct conn *conn_create(struct goxel_front *front, int fd, const struct sockaddr_storage *addr,
                         socklen_t len, bool probe);
void conn_destroy(struct conn *conn); /* out of the list too */
struct conn *conn_find(struct goxel_front *front, int fd);
/* Moves on (conn->lock is held), with a deadline unless timeout_ms is 0. False: the connection was cut before. */
bool conn_enter(struct conn *conn, enum conn_phase phase, int64_t timeout_ms);
/* By its client: both ways, or the one that we read from where the system does not tell more. Does not wait. */
bool conn_is_closed(const struct conn *conn);
size_t conn_count_from(struct goxel_front *front, const struct sockaddr_storage *addr);
void conns_expire(struct goxel_front *front, int64_t now_ms);
int64_t conns_release_quiet(struct goxel_front *front, int64_t quiet_ms, int64_t drain_since_ms,
                            int64_t now_ms);
size_t conns_abandon(struct goxel_front *front); /* 503 to all who wait or are still asking; how many */
void conns_cut(struct goxel_front *front);

/* acceptor.c */
int acceptor_start(struct goxel_front *front, struct goxel_detail *detail);
void acceptor_wake(struct goxel_front *front);
void acceptor_stop(struct goxel_front *front);
/* libmicrohttpd has the connection from here on, with that time for its first header; it may end before this returns. */
void acceptor_hand_over(struct conn *conn, int64_t header_ms);

/*
 * streams.c: connections whose clients send JSON without HTTP around it, and those that have not yet said what they
 * speak; all of them on one thread.
 */
int streams_start(struct goxel_front *front, struct goxel_detail *detail);
void streams_stop(
    struct goxel_front *front); /* ends those that are left, and the thread; none is waited for */
/*
 * The connection is the streams' from here on, and may end before this returns. `detect`: one that begins as HTTP does goes on
 * to libmicrohttpd. Closed at once if there is no memory for it.
 */
void streams_take(struct conn *conn, bool detect, int64_t idle_ms);
/* The exchange that the stream had handed over is DONE. Any thread, once for each. */
void stream_resume(struct stream *stream);
void streams_on_news(struct streams *streams);    /* as watches_on_news */
void streams_end_events(struct streams *streams); /* as watches_end; what else is said on a stream goes on */

/* exchange.c */
struct exchange *exchange_create(struct conn *conn, const char *uri);
void exchange_ref(struct exchange *exchange);
void exchange_unref(struct exchange *exchange);

/* A reply of the given status begins; the body is appended to exchange->reply. */
void exchange_reply(struct exchange *exchange, unsigned status, const char *content_type);
/* The reply is an error: problem+json, or a JSON-RPC error where that is what the client waits for. */
void exchange_fail(struct exchange *exchange, int code, const struct goxel_detail *detail);

/*
 * Somebody else has the exchange from here on: `give` gets it going and returns 0, or an error, which
 * becomes the reply. The connection is suspended and a reference taken, both before that.
 */
void exchange_hand_over(struct exchange *exchange, int (*give)(struct exchange *exchange));
/* Hands it back: `fill` writes the reply, unless it was abandoned; the reference is dropped. */
void exchange_done(struct exchange *exchange, void (*fill)(struct exchange *exchange, const void *arg),
                   const void *arg);
void exchange_fill_failure(struct exchange *exchange,
                           const void *code);        /* exchange_fail, with its own detail */
bool exchange_is_waiting(struct exchange *exchange); /* for its call */
bool exchange_abandon(struct exchange *exchange);    /* 503 now; false if it was not waiting */
/* `bytes` more in memory because of it, until discharged. False: GOXEL_BYTES_MAX is reached, nothing was counted. */
bool exchange_charge(struct exchange *exchange, uint64_t bytes);
void exchange_discharge(struct exchange *exchange);
/* Appends to the body, within the ceilings of one body and of all together; an error is in exchange->detail, too. */
int exchange_keep(struct exchange *exchange, const char *bytes, size_t size);
/* A line for the log, if it is configured. */
void exchange_log(const struct exchange *exchange, int64_t duration_ns);
struct exchange *exchange_of_call(struct goxel_rpc_call *call); /* rpc.c */
/* For streams: to a worker, as POST /rpc does. 0, or the error that became the reply of one that did not go there. */
int exchange_call(struct exchange *exchange);

/* rpc.c: the call's fields that follow from the exchange; `task` is what a worker is to do. */
int exchange_submit(struct exchange *exchange, void (*run)(struct goxel_task *task),
                    void (*done)(struct goxel_rpc_call *call));
/*
 * On any thread, by whoever completes the call: exchange_done, at once or, where the reply is worth compressing and the
 * client takes it, by a worker that does that first.
 */
void exchange_finish_call(struct exchange *exchange,
                          void (*fill)(struct exchange *exchange, const void *arg));
/* The call's reply becomes that of the exchange. */
void exchange_take_reply(struct exchange *exchange, unsigned status);
/* What the client has sent in that header, NULL: nothing. */
const char *exchange_header(const struct exchange *exchange, const char *name);

/*
 * resource.c: what a transfer needs beside. Made when the header is there (GOXEL_ERROR_OUT_OF_MEMORY), ended with the exchange.
 */
int transfer_create(struct exchange *exchange);
void transfer_destroy(struct exchange *exchange);         /* NULL is fine */
size_t transfer_ceiling(const struct exchange *exchange); /* bytes of a body */
/* As exchange_keep, for it. */
int transfer_keep(struct exchange *exchange, const char *bytes, size_t size);
void transfer_add_headers(const struct exchange *exchange, struct MHD_Response *response);
/* Is the reply a spool's, or a part of it: how long it is, and the bytes, with how many are in memory (NULL: out of that). */
bool exchange_is_file(const struct exchange *exchange);
uint64_t transfer_reply_len(const struct exchange *exchange);
struct MHD_Response *transfer_response(struct exchange *exchange, uint64_t *ret_held);

/* Queues the reply with libmicrohttpd. */
enum MHD_Result exchange_send(struct exchange *exchange);

/* events.c: GET /events. */
void watches_init(struct watches *watches);
void watches_finish(struct watches *watches);
void watches_on_news(
    struct goxel_front *front); /* there is something to tell: any thread, waits for nobody */
void watches_turn(
    struct goxel_front *front); /* the acceptor's thread: wakes those that have something to say */
void watches_end(struct goxel_front *front); /* all are ended, when they have said what they have to */
/* What is sent in place of the exchange's reply; the watch is the response's then. NULL: out of memory. */
struct MHD_Response *watch_respond(struct exchange *exchange);
void watch_leave(struct watch *watch);   /* its connection is going; NULL is fine */
void watch_destroy(struct watch *watch); /* one that no response has; NULL is fine */

/* guard.c: 0, or why the request is refused; `found` is what the route said. */
int guard_check(struct exchange *exchange, struct MHD_Connection *mhd, const char *version, int found);

/* cors.c: answers a browser that asks beforehand; and the headers that every reply has where pages of others may ask. */
void cors_answer(struct exchange *exchange);
void cors_add_headers(const struct exchange *exchange, struct MHD_Response *response);

#endif
