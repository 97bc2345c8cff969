/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The feed: who gets what, what is told to those who come late or are slow, and that nothing of it grows. */
#include "lifecycle/feed.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

struct payload {
    int value;
    char project[16]; /* "": about none */
};

static void write_payload(struct goxel_json_writer *w, const void *payload)
{
    goxel_json_put_int(w, "value", ((const struct payload *)payload)->value);
}

static bool concerns(const void *payload, const char *project)
{
    return !strcmp(((const struct payload *)payload)->project, project);
}

static void tell(struct goxel_feed *feed, enum goxel_feed_kind kind, const char *project, int value)
{
    struct payload payload = {.value = value};
    struct goxel_feed_item item = {kind, &payload, sizeof(payload), write_payload,
                                   kind == GOXEL_FEED_PROJECT ? concerns : NULL};

    (void)snprintf(payload.project, sizeof(payload.project), "%s", project);
    goxel_feed_publish(feed, &item);
}

static struct goxel_subscriber *listen_to(struct goxel_feed *feed, unsigned kinds, const char *project,
                                          const char *last_id)
{
    struct goxel_feed_filter filter = {.kinds = kinds};
    struct goxel_subscriber *subscriber = NULL;

    (void)snprintf(filter.project, sizeof(filter.project), "%s", project);
    CU_ASSERT_EQUAL_FATAL(goxel_feed_subscribe(feed, &filter, last_id, NULL, &subscriber), 0);
    return subscriber;
}

/* "project 7 reset too_old state 3": the events, and what they say. */
static void put_short(struct goxel_buf *out, const struct goxel_told *told)
{
    const char *value = strstr(told->data, "\"value\":"), *reason = strstr(told->data, "\"reason\":\"");

    CU_ASSERT_EQUAL(strlen(told->data), told->len);
    CU_ASSERT_EQUAL(strncmp(told->data, "{\"at\":\"20", 9), 0);
    goxel_buf_printf(out, "%s%s", out->len ? " " : "", told->event);
    if (reason)
        goxel_buf_printf(out, " %.*s", (int)strcspn(reason + 10, "\""), reason + 10);
    if (value)
        goxel_buf_printf(out, " %ld", strtol(value + strlen("\"value\":"), NULL, 10));
}

/* All that there is to take; the text is reused by the next call. */
static const char *taken(struct goxel_subscriber *subscriber)
{
    static char text[1 << 18];
    struct goxel_buf out;

    goxel_buf_init(&out, sizeof(text) - 1);
    goxel_feed_take(subscriber, SIZE_MAX, put_short, &out);
    CU_ASSERT_EQUAL(out.failed, 0);
    (void)snprintf(text, sizeof(text), "%s", out.len ? out.data : "");
    goxel_buf_finish(&out);
    return text;
}

static void check_taken(struct goxel_subscriber *subscriber, const char *expected)
{
    CU_ASSERT_EQUAL(goxel_feed_has(subscriber), expected[0] != '\0');
    CU_ASSERT_STRING_EQUAL(taken(subscriber), expected);
    CU_ASSERT_FALSE(goxel_feed_has(subscriber));
}

static void who_listens_gets_what_it_wants_in_order(void)
{
    struct goxel_feed *feed = goxel_feed_create(8);
    struct goxel_subscriber *all, *states, *castle;

    tell(feed, GOXEL_FEED_STATE, "", 1); /* before anybody listens */
    all = listen_to(feed, GOXEL_FEED_ALL, "", NULL);
    states = listen_to(feed, 1u << GOXEL_FEED_STATE, "", "");
    castle = listen_to(feed, GOXEL_FEED_ALL, "castle", NULL);
    check_taken(all, "");
    tell(feed, GOXEL_FEED_PROJECT, "castle", 2);
    tell(feed, GOXEL_FEED_PROJECT, "tower", 3);
    tell(feed, GOXEL_FEED_STATE, "", 4);
    tell(feed, GOXEL_FEED_HEALTH, "", 5);
    check_taken(all, "project 2 project 3 state 4 health 5");
    check_taken(all, "");
    check_taken(states, "state 4");
    check_taken(castle, "project 2 state 4 health 5");
    goxel_feed_unsubscribe(all);
    goxel_feed_unsubscribe(states);
    goxel_feed_unsubscribe(castle);
    goxel_feed_unsubscribe(NULL);
    goxel_feed_destroy(feed);
    goxel_feed_destroy(NULL);
}

static void enough_is_enough(void)
{
    struct goxel_feed *feed = goxel_feed_create(8);
    struct goxel_subscriber *subscriber = listen_to(feed, GOXEL_FEED_ALL, "", NULL);
    struct goxel_buf out;

    for (int i = 1; i <= 3; i++)
        tell(feed, GOXEL_FEED_STATE, "", i);
    goxel_buf_init(&out, 4096);
    goxel_feed_take(subscriber, 1, put_short, &out);
    CU_ASSERT_STRING_EQUAL(out.data, "state 1");
    goxel_buf_finish(&out);
    check_taken(subscriber, "state 2 state 3");
    goxel_feed_unsubscribe(subscriber);
    goxel_feed_destroy(feed);
}

static void nothing_is_missed_and_nothing_comes_twice_after_a_break(void)
{
    struct goxel_feed *feed = goxel_feed_create(8);
    struct goxel_subscriber *subscriber = listen_to(feed, GOXEL_FEED_ALL, "", NULL);
    char id[GOXEL_FEED_ID_SIZE];

    tell(feed, GOXEL_FEED_STATE, "", 1);
    tell(feed, GOXEL_FEED_STATE, "", 2);
    CU_ASSERT_STRING_EQUAL(taken(subscriber), "state 1 state 2");
    goxel_feed_position(subscriber, id);
    goxel_feed_unsubscribe(subscriber);
    tell(feed, GOXEL_FEED_STATE, "", 3);
    subscriber = listen_to(feed, GOXEL_FEED_ALL, "", id);
    tell(feed, GOXEL_FEED_STATE, "", 4);
    check_taken(subscriber, "state 3 state 4");
    goxel_feed_unsubscribe(subscriber);
    goxel_feed_destroy(feed);
}

/* What is passed over counts as had, so that a break in a quiet time costs nothing. */
static void the_position_moves_over_what_is_not_wanted(void)
{
    struct goxel_feed *feed = goxel_feed_create(8);
    struct goxel_subscriber *subscriber = listen_to(feed, 1u << GOXEL_FEED_HEALTH, "", NULL);
    char id[GOXEL_FEED_ID_SIZE];

    for (int i = 0; i < 2 * GOXEL_FEED_EVENTS_MAX; i++) {
        tell(feed, GOXEL_FEED_STATE, "", i);
        CU_ASSERT_FALSE(goxel_feed_has(subscriber));
    }
    goxel_feed_position(subscriber, id);
    goxel_feed_unsubscribe(subscriber);
    tell(feed, GOXEL_FEED_HEALTH, "", 1);
    subscriber = listen_to(feed, 1u << GOXEL_FEED_HEALTH, "", id);
    check_taken(subscriber, "health 1");
    goxel_feed_unsubscribe(subscriber);
    goxel_feed_destroy(feed);
}

static void check_reset(struct goxel_feed *feed, const char *last_id, const char *reason)
{
    struct goxel_subscriber *subscriber = listen_to(feed, GOXEL_FEED_ALL, "", last_id);
    struct goxel_feed_figures before, after;
    char expected[64];

    goxel_feed_figures(feed, &before);
    (void)snprintf(expected, sizeof(expected), "reset %s", reason);
    check_taken(subscriber, expected);
    tell(feed, GOXEL_FEED_STATE, "", 9);
    check_taken(subscriber, "state 9");
    goxel_feed_figures(feed, &after);
    CU_ASSERT_EQUAL(after.resets, before.resets + 1);
    goxel_feed_unsubscribe(subscriber);
}

static void what_is_gone_is_told_as_a_reset(void)
{
    static const char *const foreign[] = {"1",
                                          "0123456789abcdef-1",
                                          "0123456789abcdef",
                                          "-",
                                          "%n",
                                          "nonsense",
                                          "0123456789abcdef-18446744073709551616"};
    struct goxel_feed *feed = goxel_feed_create(8);
    struct goxel_subscriber *subscriber = listen_to(feed, GOXEL_FEED_ALL, "", NULL);
    char first[GOXEL_FEED_ID_SIZE], text[2 * GOXEL_FEED_ID_SIZE];

    goxel_feed_position(subscriber, first);
    goxel_feed_unsubscribe(subscriber);
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        check_reset(feed, foreign[i], "restarted");
    /* Of this feed, but not a number that it has given. */
    (void)snprintf(text, sizeof(text), "%s99999999999999999999999999", first);
    check_reset(feed, text, "restarted");
    (void)snprintf(text, sizeof(text), "%sx", first);
    check_reset(feed, text, "restarted");
    for (int i = 0; i < GOXEL_FEED_EVENTS_MAX; i++)
        tell(feed, GOXEL_FEED_STATE, "", i);
    check_reset(feed, first, "too_old");
    goxel_feed_destroy(feed);
}

static void who_is_too_slow_gets_a_reset_and_goes_on(void)
{
    struct goxel_feed *feed = goxel_feed_create(8);
    struct goxel_subscriber *slow = listen_to(feed, GOXEL_FEED_ALL, "", NULL);
    struct goxel_subscriber *exact = listen_to(feed, GOXEL_FEED_ALL, "", NULL);

    for (int i = 0; i < GOXEL_FEED_EVENTS_MAX; i++)
        tell(feed, GOXEL_FEED_STATE, "", i);
    CU_ASSERT_EQUAL(strncmp(taken(exact), "state 0 state 1 ", 16), 0);
    tell(feed, GOXEL_FEED_STATE, "", 1);
    check_taken(slow, "reset too_slow");
    check_taken(exact, "state 1");
    tell(feed, GOXEL_FEED_STATE, "", 2);
    check_taken(slow, "state 2");
    goxel_feed_unsubscribe(slow);
    goxel_feed_unsubscribe(exact);
    goxel_feed_destroy(feed);
}

static void write_much(struct goxel_json_writer *w, const void *payload)
{
    goxel_json_put_string_len(w, "much", payload, 20000);
}

static void put_nothing(struct goxel_buf *out, const struct goxel_told *told)
{
    (void)out;
    (void)told;
}

static void bytes_have_a_ceiling_whoever_listens(void)
{
    static char much[20000];
    const struct goxel_feed_item item = {GOXEL_FEED_STATE, much, sizeof(much), write_much, NULL};
    struct goxel_feed *feed = goxel_feed_create(8);
    struct goxel_subscriber *slow = listen_to(feed, GOXEL_FEED_ALL, "", NULL);
    struct goxel_subscriber *quick = listen_to(feed, GOXEL_FEED_ALL, "", NULL);
    struct goxel_feed_figures figures;
    struct goxel_buf out;

    memset(much, 'a', sizeof(much));
    goxel_buf_init(&out, 16);
    for (int i = 0; i < 500; i++) {
        goxel_feed_publish(feed, &item);
        goxel_feed_take(quick, SIZE_MAX, put_nothing, &out);
        goxel_feed_figures(feed, &figures);
        CU_ASSERT_TRUE(figures.bytes <= GOXEL_FEED_BYTES_MAX);
    }
    CU_ASSERT_TRUE(figures.events > 0 && figures.events < 500);
    CU_ASSERT_EQUAL(figures.resets, 0);
    check_taken(slow, "reset too_slow");
    goxel_buf_finish(&out);
    goxel_feed_unsubscribe(slow);
    goxel_feed_unsubscribe(quick);
    goxel_feed_destroy(feed);
}

static void subscribers_have_a_ceiling(void)
{
    struct goxel_feed *feed = goxel_feed_create(2);
    struct goxel_feed_filter filter = {.kinds = GOXEL_FEED_ALL};
    struct goxel_subscriber *first = listen_to(feed, GOXEL_FEED_ALL, "", NULL), *third = NULL;
    struct goxel_subscriber *second = listen_to(feed, GOXEL_FEED_ALL, "", NULL);
    struct goxel_feed_figures figures;
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(goxel_feed_subscribe(feed, &filter, NULL, &detail, &third), GOXEL_ERROR_OVERLOADED);
    CU_ASSERT_EQUAL(detail.limit, 2);
    goxel_feed_figures(feed, &figures);
    CU_ASSERT_EQUAL(figures.subscribers, 2);
    goxel_feed_unsubscribe(first);
    third = listen_to(feed, GOXEL_FEED_ALL, "", NULL);
    goxel_feed_unsubscribe(second);
    goxel_feed_unsubscribe(third);
    goxel_feed_figures(feed, &figures);
    CU_ASSERT_EQUAL(figures.subscribers, 0);
    goxel_feed_destroy(feed);
}

static void a_missing_byte_of_memory_is_a_reset(void)
{
    struct goxel_feed *feed = goxel_feed_create(2);
    struct goxel_subscriber *subscriber = listen_to(feed, GOXEL_FEED_ALL, "", NULL);

    if (unit_fail_allocation(-1) < 0) {
        unit_skip("allocations cannot be made to fail");
    } else {
        tell(feed, GOXEL_FEED_STATE, "", 1);
        unit_fail_allocation(0);
        tell(feed, GOXEL_FEED_STATE, "", 2);
        unit_fail_allocation(-1);
        check_taken(subscriber, "reset too_slow");
        tell(feed, GOXEL_FEED_STATE, "", 3);
        check_taken(subscriber, "state 3");
    }
    goxel_feed_unsubscribe(subscriber);
    goxel_feed_destroy(feed);
}

static void kinds_have_names(void)
{
    for (int kind = 0; kind < GOXEL_FEED_KINDS; kind++) {
        const char *name = goxel_feed_kind_name(kind);

        CU_ASSERT_EQUAL(goxel_feed_kind_bit(name, strlen(name)), 1u << kind);
        CU_ASSERT_EQUAL(goxel_feed_kind_bit(name, strlen(name) - 1), 0);
    }
    CU_ASSERT_EQUAL(goxel_feed_kind_bit("reset", 5), 0);
    CU_ASSERT_EQUAL(goxel_feed_kind_bit("", 0), 0);
}

/* ---- many threads ---- */

#define WRITERS 4
#define EACH 2000

struct crowd {
    struct goxel_feed *feed;
    atomic_int woken, writing;
};

static void on_wake(void *ctx)
{
    atomic_fetch_add(&((struct crowd *)ctx)->woken, 1);
}

static void *publish_many(void *arg)
{
    struct crowd *crowd = arg;

    for (int i = 0; i < EACH; i++)
        tell(crowd->feed, GOXEL_FEED_STATE, "", i);
    atomic_fetch_sub(&crowd->writing, 1);
    return NULL;
}

static void *read_all(void *arg)
{
    struct crowd *crowd = arg;
    struct goxel_subscriber *subscriber = listen_to(crowd->feed, GOXEL_FEED_ALL, "", NULL);
    struct goxel_buf out;

    goxel_buf_init(&out, 16);
    while (atomic_load(&crowd->writing) || goxel_feed_has(subscriber))
        goxel_feed_take(subscriber, SIZE_MAX, put_nothing, &out);
    goxel_buf_finish(&out);
    goxel_feed_unsubscribe(subscriber);
    return NULL;
}

static void many_threads_publish_and_listen(void)
{
    struct crowd crowd = {.feed = goxel_feed_create(8)};
    struct goxel_feed_figures figures;
    pthread_t writers[WRITERS], readers[WRITERS];

    atomic_store(&crowd.writing, WRITERS);
    goxel_feed_set_wake(crowd.feed, on_wake, &crowd);
    for (int i = 0; i < WRITERS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&readers[i], NULL, read_all, &crowd), 0);
        CU_ASSERT_EQUAL_FATAL(pthread_create(&writers[i], NULL, publish_many, &crowd), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        (void)pthread_join(writers[i], NULL);
        (void)pthread_join(readers[i], NULL);
    }
    goxel_feed_figures(crowd.feed, &figures);
    CU_ASSERT_EQUAL(figures.published[GOXEL_FEED_STATE], WRITERS * EACH);
    CU_ASSERT_EQUAL(atomic_load(&crowd.woken), WRITERS * EACH);
    CU_ASSERT_EQUAL(figures.subscribers, 0);
    goxel_feed_set_wake(crowd.feed, NULL, NULL);
    tell(crowd.feed, GOXEL_FEED_STATE, "", 1);
    CU_ASSERT_EQUAL(atomic_load(&crowd.woken), WRITERS * EACH);
    goxel_feed_destroy(crowd.feed);
}

const struct unit_suite feed_suite = {
    "feed",
    (const struct unit_test[]){
        {"who listens gets what it wants, in order", who_listens_gets_what_it_wants_in_order},
        {"enough is enough", enough_is_enough},
        {"after a break nothing is missed and nothing comes twice",
         nothing_is_missed_and_nothing_comes_twice_after_a_break},
        {"the position moves over what is not wanted", the_position_moves_over_what_is_not_wanted},
        {"what is gone is told as a reset", what_is_gone_is_told_as_a_reset},
        {"who is too slow gets a reset and goes on", who_is_too_slow_gets_a_reset_and_goes_on},
        {"bytes have a ceiling, whoever listens", bytes_have_a_ceiling_whoever_listens},
        {"subscribers have a ceiling", subscribers_have_a_ceiling},
        {"a missing byte of memory is a reset", a_missing_byte_of_memory_is_a_reset},
        {"kinds have names", kinds_have_names},
        {"many threads publish and listen", many_threads_publish_and_listen},
        {NULL, NULL},
    },
};
