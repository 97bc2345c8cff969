/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ring of events under one mutex, which is held for moments: the number of an event says where in it it is. */
#include "lifecycle/feed.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/error.h"

#define TEXT_MAX ((size_t)64 << 10) /* of one event */

struct event {
    int64_t at_ms; /* wall clock */
    enum goxel_feed_kind kind;
    void (*write)(struct goxel_json_writer *w, const void *payload);
    bool (*concerns)(const void *payload, const char *project);
    char *text; /* owned; NULL: nobody has wanted it yet */
    size_t text_len;
    size_t size; /* of the payload */
    max_align_t payload[];
};

enum reset { RESET_NONE, RESET_RESTARTED, RESET_TOO_OLD, RESET_TOO_SLOW };

struct goxel_subscriber {
    struct goxel_feed *feed;
    struct goxel_feed_filter filter;
    uint64_t next;    /* number of the event to look at */
    enum reset reset; /* what it has to be told first */
};

struct goxel_feed {
    pthread_mutex_t lock; /* of all that follows */
    char epoch[17];
    struct event *ring[GOXEL_FEED_EVENTS_MAX]; /* by number; NULL: there was no memory for it */
    uint64_t first, end;                       /* the oldest that is there, and the number of the next */
    size_t bytes;
    size_t subscribers_max;
    struct goxel_feed_figures figures;
    void (*wake)(void *ctx);
    void *wake_ctx;
};

static const char *const names[GOXEL_FEED_KINDS] = {"project", "state", "health"};

const char *goxel_feed_kind_name(enum goxel_feed_kind kind)
{
    return names[kind];
}

unsigned goxel_feed_kind_bit(const char *name, size_t len)
{
    for (unsigned kind = 0; kind < GOXEL_FEED_KINDS; kind++) {
        if (strlen(names[kind]) == len && !memcmp(names[kind], name, len))
            return 1u << kind;
    }
    return 0;
}

/* ---- life ---- */

struct goxel_feed *goxel_feed_create(size_t subscribers_max)
{
    struct goxel_feed *feed = calloc(1, sizeof(*feed));
    uint64_t epoch;

    if (!feed)
        return NULL;
    /* Without randomness the time will do: two daemons that began in the same millisecond are no two of one place. */
    if (getrandom(&epoch, sizeof(epoch), GRND_NONBLOCK) != (ssize_t)sizeof(epoch))
        epoch = (uint64_t)goxel_wall_ms();
    (void)snprintf(feed->epoch, sizeof(feed->epoch), "%016llx", (unsigned long long)epoch);
    pthread_mutex_init(&feed->lock, NULL);
    feed->first = feed->end = 1;
    feed->subscribers_max = subscribers_max < GOXEL_SUBSCRIBERS_MAX ? subscribers_max : GOXEL_SUBSCRIBERS_MAX;
    return feed;
}

static struct event **place_of(struct goxel_feed *feed, uint64_t number)
{
    return &feed->ring[number % GOXEL_FEED_EVENTS_MAX];
}

static size_t bytes_of(const struct event *event)
{
    return event ? sizeof(*event) + event->size + event->text_len : 0;
}

static void drop_oldest(struct goxel_feed *feed)
{
    struct event **place = place_of(feed, feed->first++);

    feed->bytes -= bytes_of(*place);
    if (*place)
        free((*place)->text);
    free(*place);
    *place = NULL;
}

void goxel_feed_destroy(struct goxel_feed *feed)
{
    if (!feed)
        return;
    while (feed->first < feed->end)
        drop_oldest(feed);
    pthread_mutex_destroy(&feed->lock);
    free(feed);
}

void goxel_feed_set_wake(struct goxel_feed *feed, void (*wake)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&feed->lock);
    feed->wake = wake;
    feed->wake_ctx = ctx;
    pthread_mutex_unlock(&feed->lock);
}

/* ---- publishing ---- */

/* Texts are written after their event came, so that one who takes may make it more than there should be. */
static void trim(struct goxel_feed *feed)
{
    while (feed->first < feed->end && feed->bytes > GOXEL_FEED_BYTES_MAX)
        drop_oldest(feed);
}

static struct event *event_create(const struct goxel_feed_item *item)
{
    struct event *event = malloc(sizeof(*event) + item->size);

    if (!event)
        return NULL;
    *event = (struct event){.at_ms = goxel_wall_ms(),
                            .kind = item->kind,
                            .write = item->write,
                            .concerns = item->concerns,
                            .size = item->size};
    memcpy(event->payload, item->payload, item->size);
    return event;
}

void goxel_feed_publish(struct goxel_feed *feed, const struct goxel_feed_item *item)
{
    struct event *event = event_create(item);

    pthread_mutex_lock(&feed->lock);
    if (feed->end - feed->first == GOXEL_FEED_EVENTS_MAX)
        drop_oldest(feed);
    *place_of(feed, feed->end++) = event;
    feed->bytes += bytes_of(event);
    /* One that is not there is gone, and all before it. */
    while (!event && feed->first < feed->end)
        drop_oldest(feed);
    trim(feed);
    feed->figures.published[item->kind]++;
    if (feed->wake)
        feed->wake(feed->wake_ctx);
    pthread_mutex_unlock(&feed->lock);
}

/* ---- subscribers ---- */

static void put_id(const struct goxel_feed *feed, uint64_t number, char ret_id[GOXEL_FEED_ID_SIZE])
{
    (void)snprintf(ret_id, GOXEL_FEED_ID_SIZE, "%s-%llu", feed->epoch, (unsigned long long)number);
}

/* False: it is no id of this feed, nor one that it will have given. */
static bool read_id(const struct goxel_feed *feed, const char *text, uint64_t *ret_number)
{
    size_t len = strlen(feed->epoch);
    uint64_t number = 0;

    if (strncmp(text, feed->epoch, len) || text[len] != '-' || !text[len + 1])
        return false;
    for (text += len + 1; *text >= '0' && *text <= '9' && number < feed->end; text++)
        number = 10 * number + (uint64_t)(*text - '0');
    *ret_number = number;
    return !*text && number < feed->end;
}

static void place_subscriber(struct goxel_subscriber *subscriber, const char *last_id)
{
    const struct goxel_feed *feed = subscriber->feed;
    uint64_t last = feed->end - 1;

    if (last_id && last_id[0] && !read_id(feed, last_id, &last))
        subscriber->reset = RESET_RESTARTED;
    subscriber->next = last + 1;
    if (!subscriber->reset && subscriber->next < feed->first)
        subscriber->reset = RESET_TOO_OLD;
}

int goxel_feed_subscribe(struct goxel_feed *feed, const struct goxel_feed_filter *filter, const char *last_id,
                         struct goxel_detail *detail, struct goxel_subscriber **ret_subscriber)
{
    struct goxel_subscriber *subscriber = calloc(1, sizeof(*subscriber));
    bool room;

    if (!subscriber)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "a subscriber");
    subscriber->feed = feed;
    subscriber->filter = *filter;
    pthread_mutex_lock(&feed->lock);
    room = feed->figures.subscribers < feed->subscribers_max;
    feed->figures.subscribers += room;
    place_subscriber(subscriber, last_id);
    pthread_mutex_unlock(&feed->lock);
    if (!room) {
        free(subscriber);
        return goxel_fail_limit(detail, GOXEL_ERROR_OVERLOADED, "subscribers", (int64_t)feed->subscribers_max,
                                (int64_t)feed->subscribers_max + 1);
    }
    *ret_subscriber = subscriber;
    return 0;
}

void goxel_feed_unsubscribe(struct goxel_subscriber *subscriber)
{
    if (!subscriber)
        return;
    pthread_mutex_lock(&subscriber->feed->lock);
    subscriber->feed->figures.subscribers--;
    pthread_mutex_unlock(&subscriber->feed->lock);
    free(subscriber);
}

static bool is_wanted(const struct goxel_subscriber *subscriber, const struct event *event)
{
    const struct goxel_feed_filter *filter = &subscriber->filter;

    if (!(filter->kinds & 1u << event->kind))
        return false;
    return !filter->project[0] || !event->concerns || event->concerns(event->payload, filter->project);
}

/* On to the next event that it wants. False: there is none, nor a reset. */
static bool seek(struct goxel_subscriber *subscriber)
{
    struct goxel_feed *feed = subscriber->feed;

    if (!subscriber->reset && subscriber->next < feed->first)
        subscriber->reset = RESET_TOO_SLOW;
    while (!subscriber->reset && subscriber->next < feed->end &&
           !is_wanted(subscriber, *place_of(feed, subscriber->next)))
        subscriber->next++;
    return subscriber->reset || subscriber->next < feed->end;
}

bool goxel_feed_has(struct goxel_subscriber *subscriber)
{
    bool has;

    pthread_mutex_lock(&subscriber->feed->lock);
    has = seek(subscriber);
    pthread_mutex_unlock(&subscriber->feed->lock);
    return has;
}

void goxel_feed_position(struct goxel_subscriber *subscriber, char ret_id[GOXEL_FEED_ID_SIZE])
{
    pthread_mutex_lock(&subscriber->feed->lock);
    put_id(subscriber->feed, subscriber->next - 1, ret_id);
    pthread_mutex_unlock(&subscriber->feed->lock);
}

/* ---- taking ---- */

static void put_time(struct goxel_json_writer *w, int64_t at_ms)
{
    char text[GOXEL_TIME_TEXT_SIZE];

    goxel_time_text(at_ms, text);
    goxel_json_put_string(w, "at", text);
}

/* What it says as JSON is there then. False: there is no memory for it. */
static bool has_text(struct goxel_feed *feed, struct event *event)
{
    struct goxel_json_writer w;
    struct goxel_buf text;

    if (event->text)
        return true;
    goxel_buf_init(&text, TEXT_MAX);
    goxel_json_writer_init(&w, &text);
    goxel_json_put_object(&w, NULL);
    put_time(&w, event->at_ms);
    event->write(&w, event->payload);
    goxel_json_put_end(&w);
    if (text.failed) {
        goxel_buf_finish(&text);
        return false;
    }
    event->text = goxel_buf_take(&text, &event->text_len);
    feed->bytes += event->text_len;
    return true;
}

static void put_event(struct goxel_subscriber *subscriber, goxel_feed_put *put, struct goxel_buf *out)
{
    struct goxel_feed *feed = subscriber->feed;
    struct event *event = *place_of(feed, subscriber->next);
    char id[GOXEL_FEED_ID_SIZE];

    if (!has_text(feed, event)) {
        subscriber->reset = RESET_TOO_SLOW;
        return;
    }
    put_id(feed, subscriber->next++, id);
    put(out, &(struct goxel_told){names[event->kind], id, event->text, event->text_len});
}

/* From here on it gets what comes. */
static void put_reset(struct goxel_subscriber *subscriber, goxel_feed_put *put, struct goxel_buf *out)
{
    static const char *const reasons[] = {
        [RESET_RESTARTED] = "restarted", [RESET_TOO_OLD] = "too_old", [RESET_TOO_SLOW] = "too_slow"};
    char id[GOXEL_FEED_ID_SIZE], at[GOXEL_TIME_TEXT_SIZE], data[128];
    int len;

    goxel_time_text(goxel_wall_ms(), at);
    len = snprintf(data, sizeof(data), "{\"at\":\"%s\",\"reason\":\"%s\"}", at, reasons[subscriber->reset]);
    subscriber->reset = RESET_NONE;
    subscriber->next = subscriber->feed->end;
    subscriber->feed->figures.resets++;
    put_id(subscriber->feed, subscriber->next - 1, id);
    put(out, &(struct goxel_told){"reset", id, data, (size_t)len});
}

void goxel_feed_take(struct goxel_subscriber *subscriber, size_t enough, goxel_feed_put *put,
                     struct goxel_buf *out)
{
    struct goxel_feed *feed = subscriber->feed;

    pthread_mutex_lock(&feed->lock);
    while (!out->failed && out->len < enough && seek(subscriber)) {
        if (subscriber->reset)
            put_reset(subscriber, put, out);
        else
            put_event(subscriber, put, out);
        trim(feed);
    }
    pthread_mutex_unlock(&feed->lock);
}

void goxel_feed_figures(struct goxel_feed *feed, struct goxel_feed_figures *ret_figures)
{
    pthread_mutex_lock(&feed->lock);
    *ret_figures = feed->figures;
    ret_figures->events = (size_t)(feed->end - feed->first);
    ret_figures->bytes = feed->bytes;
    pthread_mutex_unlock(&feed->lock);
}
