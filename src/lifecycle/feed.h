/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happened: the last of it, numbered, for whoever listens.
 *
 * Used by: daemon and rpc (publish), http (listens).  Uses: base.
 *
 *     publish ──► ring of the last events ──► subscriber: where it is in the ring, and what it wants ──► take
 *                   ceilings of goxel/limits.h      └── what it has not taken is not there any more: a reset
 *
 * No event is copied for a subscriber: the ring is the backlog of all of them, and a slow one costs as much as a fast
 * one. What an event says as JSON is written when the first of them takes it.
 *
 * An event's id is the feed's epoch, random, and the event's number, from 1. Whoever comes with the id of one it has
 * had gets what followed it; if that is gone, or the id is of another feed (the daemon began anew), it gets a reset, which
 * says that it has to read anew what it knows, and what happens from then on.
 *
 * Life: one feed a daemon, made before anything that publishes, ended after the last subscriber. Thread-safe; a
 * subscriber belongs to one thread at a time.
 */
#ifndef GOXEL_LIFECYCLE_FEED_H
#define GOXEL_LIFECYCLE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "goxel/limits.h"

enum goxel_feed_kind {
    GOXEL_FEED_PROJECT, /* a project came, changed or went */
    GOXEL_FEED_STATE,   /* what GET /state tells has changed */
    GOXEL_FEED_HEALTH,  /* a check failed or healed */
    GOXEL_FEED_KINDS
};
#define GOXEL_FEED_ALL ((1u << GOXEL_FEED_KINDS) - 1)

const char *goxel_feed_kind_name(enum goxel_feed_kind kind); /* "project" … */
/* The bit of that name; 0: there is none. */
unsigned goxel_feed_kind_bit(const char *name, size_t len);

struct goxel_feed;
struct goxel_subscriber;

/* At most so many subscribers, and no more than GOXEL_SUBSCRIBERS_MAX. NULL: out of memory. */
struct goxel_feed *goxel_feed_create(size_t subscribers_max);
void goxel_feed_destroy(struct goxel_feed *feed); /* NULL is fine */

/*
 * Who is told that there is more: with each event, by the thread that publishes it, under the feed's lock; it wakes
 * others and calls nothing of the feed. NULL: nobody; when this returns, nobody is.
 */
void goxel_feed_set_wake(struct goxel_feed *feed, void (*wake)(void *ctx), void *ctx);

/* What is published. */
struct goxel_feed_item {
    enum goxel_feed_kind kind;
    const void *payload; /* copied */
    size_t size;
    /* The members of its JSON beside "at", which comes first: into the object that is open. Under the feed's lock. */
    void (*write)(struct goxel_json_writer *w, const void *payload);
    /* Is it about the project of that name or id? NULL: it is about none, and for everybody. Under the feed's lock. */
    bool (*concerns)(const void *payload, const char *project);
};
/* Costs a copy, whether somebody listens or not. Where memory is short it is as if it were gone already. */
void goxel_feed_publish(struct goxel_feed *feed, const struct goxel_feed_item *item);

/* ---- listening ---- */

struct goxel_feed_filter {
    unsigned kinds;                   /* bits, 1 << kind */
    char project[GOXEL_NAME_MAX + 1]; /* name or id; "": all */
};

#define GOXEL_FEED_ID_SIZE 40 /* of an id's text with its NUL */

/*
 * `last_id`: of the last event that it has had; NULL or "": it wants what comes from here on. Any text may be tried.
 * GOXEL_ERROR_OVERLOADED: there are as many as may be. GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_feed_subscribe(struct goxel_feed *feed, const struct goxel_feed_filter *filter, const char *last_id,
                         struct goxel_detail *detail, struct goxel_subscriber **ret_subscriber);
void goxel_feed_unsubscribe(struct goxel_subscriber *subscriber); /* NULL is fine */

/* One that is taken; valid in the call. */
struct goxel_told {
    const char *event; /* the kind's name, or "reset" */
    const char *id;
    const char *data; /* a JSON object */
    size_t len;
};
typedef void goxel_feed_put(struct goxel_buf *out, const struct goxel_told *told);

/* Appends those that it wants and has not had, until there are none or `out` has `enough` bytes. */
void goxel_feed_take(struct goxel_subscriber *subscriber, size_t enough, goxel_feed_put *put,
                     struct goxel_buf *out);
bool goxel_feed_has(struct goxel_subscriber *subscriber); /* is there any to be taken? */
/* All that it wants up to this one it has had: what to begin with the next time. */
void goxel_feed_position(struct goxel_subscriber *subscriber, char ret_id[GOXEL_FEED_ID_SIZE]);

struct goxel_feed_figures {
    size_t subscribers;
    uint64_t published[GOXEL_FEED_KINDS];
    uint64_t resets;      /* that subscribers got */
    size_t events, bytes; /* in memory */
};
void goxel_feed_figures(struct goxel_feed *feed, struct goxel_feed_figures *ret_figures);

#endif
