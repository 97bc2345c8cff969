/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One JSON stream, and the thread that has all of them.
 *
 * Used by: http/stream.c, http/streams.c.  Uses: base.  Nobody else includes it; what the rest of http/ asks for is in
 * http/internal.h.
 *
 * Life: a stream is made by the acceptor with its connection, and is the thread's from then on, which ends it.
 */
#ifndef GOXEL_HTTP_STREAM_H
#define GOXEL_HTTP_STREAM_H

#include "http/internal.h"

#define STREAM_PIECE_BYTES ((size_t)64 << 10) /* what is read at once */

struct streams {
    struct goxel_front *front;
    pthread_t thread;
    bool runs;
    int epoll_fd, wake_fd;
    atomic_bool quit;
    pthread_mutex_t lock;         /* below */
    struct stream *ready;         /* whose exchange is DONE */
    atomic_size_t listener_count; /* written by the thread */
    atomic_bool news;             /* something was published */
    atomic_bool over;             /* nothing will be told any more */
    /* the thread's own */
    struct stream *listeners; /* that have a subscriber */
    char piece[STREAM_PIECE_BYTES];
};

/* All that is kept of an exchange once it is DONE. */
struct reply {
    struct reply *next;
    char *text;  /* ends in a newline */
    size_t len;  /* counted in front->bytes */
    bool events; /* it is none, but events that were told between replies */
};

/* The thread's own, but for `next_ready`. */
struct stream {
    struct streams *streams;
    struct conn *conn;
    struct stream *next_ready;           /* streams->lock */
    bool decided;                        /* it is JSON that is spoken */
    bool eof;                            /* nothing more will come */
    bool closing;                        /* no further message is taken */
    bool broken;                         /* nothing can be sent any more, or there is no memory to go on */
    bool refreshed;                      /* the phase's time begins anew */
    uint32_t armed;                      /* what epoll waits for */
    enum conn_phase phase;               /* the one entered last */
    struct goxel_json_frame frame;       /* of `partial` */
    struct exchange *partial;            /* whose message is arriving */
    struct exchange *running;            /* whom somebody else has */
    struct goxel_subscriber *subscriber; /* NULL: it listens to no events */
    struct stream *next_listener, **of_listener; /* of those who do; where it hangs there */
    struct reply *replies, **last;               /* to be sent */
    size_t owed, owed_bytes;                     /* of them */
    size_t owed_events;                          /* those that are none */
    size_t sent;                                 /* bytes of the first */
    int64_t send_by_ms;                          /* when it has to be through, 0: nobody waits yet */
    uint64_t lingered;                           /* bytes read for nothing */
    const char *left;                            /* read and not looked at */
    size_t left_len;
    char *kept; /* where `left` is between two turns */
};

/* What the thread calls; the stream may be gone after each. */
void stream_on_event(struct stream *stream); /* epoll has reported what it was armed for */
void stream_on_ready(struct stream *stream); /* it was resumed */
void stream_on_news(struct stream *stream);  /* a listener: something was published, or is not any more */
void stream_destroy(struct stream *stream);  /* with its connection; nobody has an exchange of it */
/* The exchange is not the stream's any more. */
void stream_end_exchange(struct exchange *exchange);

#endif
