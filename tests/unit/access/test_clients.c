/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time is a number here: nothing waits. */
#include "access/clients.h"

#include <string.h>

#include "base/error.h"
#include "unit.h"

static struct goxel_clients *clients;

static struct goxel_client_key key_of(unsigned number)
{
    struct goxel_client_key key = {.kind = GOXEL_CLIENT_ADDRESS};

    memcpy(key.bytes, &number, sizeof(number));
    return key;
}

static int enter(unsigned number, const struct goxel_client_limits *limits, int64_t now_ms,
                 int64_t *ret_wait_ms, struct goxel_client **ret_client)
{
    const struct goxel_client_key key = key_of(number);

    return goxel_clients_enter(clients, &key, limits, now_ms, NULL, ret_wait_ms, ret_client);
}

/* One request, from its beginning to its end. */
static int ask(unsigned number, const struct goxel_client_limits *limits, int64_t now_ms,
               int64_t *ret_wait_ms)
{
    struct goxel_client *client = NULL;
    int code = enter(number, limits, now_ms, ret_wait_ms, &client);

    CU_ASSERT_EQUAL(code != 0, client == NULL);
    goxel_clients_leave(clients, client);
    return code;
}

static void begin(void)
{
    clients = goxel_clients_create();
    CU_ASSERT_PTR_NOT_NULL_FATAL(clients);
}

static void end(void)
{
    goxel_clients_destroy(clients);
}

static void a_burst_then_the_rate(void)
{
    static const struct goxel_client_limits limits = {.rate = 10, .burst = 3};
    int64_t wait_ms = 0;

    begin();
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(ask(1, &limits, 1000, &wait_ms), 0);
    CU_ASSERT_EQUAL(ask(1, &limits, 1000, &wait_ms), GOXEL_ERROR_CLIENT_RATE);
    CU_ASSERT_EQUAL(wait_ms, 100);
    CU_ASSERT_EQUAL(ask(2, &limits, 1000, &wait_ms), 0); /* another one has a bucket of its own */
    CU_ASSERT_EQUAL(ask(1, &limits, 1060, &wait_ms), GOXEL_ERROR_CLIENT_RATE);
    CU_ASSERT_EQUAL(wait_ms, 40);
    CU_ASSERT_EQUAL(ask(1, &limits, 1100, &wait_ms), 0); /* what was refused has cost nothing */
    CU_ASSERT_EQUAL(ask(1, &limits, 1100, &wait_ms), GOXEL_ERROR_CLIENT_RATE);
    for (int i = 0; i < 3; i++) /* after a long silence the burst, and no more */
        CU_ASSERT_EQUAL(ask(1, &limits, INT64_MAX / 2, &wait_ms), 0);
    CU_ASSERT_EQUAL(ask(1, &limits, INT64_MAX / 2, &wait_ms), GOXEL_ERROR_CLIENT_RATE);
    end();
}

static void so_many_at_the_same_time(void)
{
    static const struct goxel_client_limits limits = {.burst = 1, .concurrent = 2};
    struct goxel_client *first = NULL, *second = NULL, *third = NULL;
    int64_t wait_ms = 0;

    begin();
    CU_ASSERT_EQUAL(enter(1, &limits, 0, &wait_ms, &first), 0);
    CU_ASSERT_EQUAL(enter(1, &limits, 0, &wait_ms, &second), 0);
    CU_ASSERT_EQUAL(enter(1, &limits, 0, &wait_ms, &third), GOXEL_ERROR_CLIENT_BUSY);
    CU_ASSERT_TRUE(wait_ms > 0);
    CU_ASSERT_EQUAL(ask(2, &limits, 0, &wait_ms), 0);
    goxel_clients_leave(clients, first);
    CU_ASSERT_EQUAL(enter(1, &limits, 0, &wait_ms, &third), 0);
    goxel_clients_leave(clients, second);
    goxel_clients_leave(clients, third);
    end();
}

static void kinds_are_told_apart(void)
{
    static const struct goxel_client_limits limits = {.rate = 1, .burst = 1};
    struct goxel_client_key user = key_of(1);
    struct goxel_client *client = NULL;
    int64_t wait_ms = 0;

    begin();
    user.kind = GOXEL_CLIENT_USER;
    CU_ASSERT_EQUAL(ask(1, &limits, 0, &wait_ms), 0);
    CU_ASSERT_EQUAL(goxel_clients_enter(clients, &user, &limits, 0, NULL, &wait_ms, &client), 0);
    goxel_clients_leave(clients, client);
    CU_ASSERT_EQUAL(ask(1, &limits, 0, &wait_ms), GOXEL_ERROR_CLIENT_RATE);
    end();
}

static void the_longest_idle_goes_for_a_new_one(void)
{
    static const struct goxel_client_limits limits = {.rate = 1, .burst = 1};
    int64_t wait_ms = 0;

    begin();
    for (unsigned i = 0; i < GOXEL_CLIENTS_MAX; i++)
        CU_ASSERT_EQUAL(ask(i, &limits, 0, &wait_ms), 0);
    CU_ASSERT_EQUAL(ask(GOXEL_CLIENTS_MAX, &limits, 0, &wait_ms), 0);
    for (unsigned i = 1; i <= GOXEL_CLIENTS_MAX; i++) /* only 0 is forgotten */
        CU_ASSERT_EQUAL(ask(i, &limits, 0, &wait_ms), GOXEL_ERROR_CLIENT_RATE);
    CU_ASSERT_EQUAL(ask(0, &limits, 0, &wait_ms), 0);
    end();
}

static void who_is_busy_is_kept(void)
{
    static const struct goxel_client_limits limits = {.burst = 1, .concurrent = 1};
    static struct goxel_client *busy[GOXEL_CLIENTS_MAX];
    struct goxel_client *other = NULL;
    int64_t wait_ms = 0;

    begin();
    for (unsigned i = 0; i < GOXEL_CLIENTS_MAX; i++)
        CU_ASSERT_EQUAL(enter(i, &limits, 0, &wait_ms, &busy[i]), 0);
    CU_ASSERT_EQUAL(enter(GOXEL_CLIENTS_MAX, &limits, 0, &wait_ms, &other), GOXEL_ERROR_OVERLOADED);
    CU_ASSERT_EQUAL(enter(7, &limits, 0, &wait_ms, &other), GOXEL_ERROR_CLIENT_BUSY);
    goxel_clients_leave(clients, busy[7]);
    CU_ASSERT_EQUAL(enter(GOXEL_CLIENTS_MAX, &limits, 0, &wait_ms, &other), 0);
    goxel_clients_leave(clients, other);
    for (unsigned i = 0; i < GOXEL_CLIENTS_MAX; i++)
        goxel_clients_leave(clients, i == 7 ? NULL : busy[i]);
    end();
}

/* A reload may set limits where there were none, or take them away. */
static void limits_change_under_way(void)
{
    static const struct goxel_client_limits concurrent = {.burst = 5, .concurrent = 9},
                                            rate = {.rate = 1, .burst = 2};
    struct goxel_client *client = NULL;
    int64_t wait_ms = 0;

    begin();
    CU_ASSERT_EQUAL(enter(1, &concurrent, 0, &wait_ms, &client), 0);
    CU_ASSERT_EQUAL(ask(1, &rate, 10, &wait_ms), 0);
    CU_ASSERT_EQUAL(ask(1, &rate, 10, &wait_ms), 0);
    CU_ASSERT_EQUAL(ask(1, &rate, 10, &wait_ms), GOXEL_ERROR_CLIENT_RATE);
    goxel_clients_leave(clients, client);
    end();
}

static const struct unit_test tests[] = {
    {"a burst, then the rate", a_burst_then_the_rate},
    {"so many at the same time", so_many_at_the_same_time},
    {"kinds are told apart", kinds_are_told_apart},
    {"the longest idle goes for a new one", the_longest_idle_goes_for_a_new_one},
    {"who is busy is kept", who_is_busy_is_kept},
    {"limits change under way", limits_change_under_way},
    {NULL, NULL},
};

const struct unit_suite clients_suite = {"clients", tests};
