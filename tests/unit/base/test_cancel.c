/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cancel.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/error.h"
#include "unit.h"

static void nothing_cancels_by_itself(void)
{
    struct goxel_cancel cancel;

    CU_ASSERT_EQUAL(goxel_cancel_check(NULL), 0);
    goxel_cancel_init(&cancel, 0);
    CU_ASSERT_EQUAL(goxel_cancel_check(&cancel), 0);
    goxel_cancel_init(&cancel, goxel_clock_ms() + 3600000);
    CU_ASSERT_EQUAL(goxel_cancel_check(&cancel), 0);
}

static void a_deadline_that_has_passed_cancels(void)
{
    struct goxel_cancel cancel;

    goxel_cancel_init(&cancel, goxel_clock_ms() - 1);
    CU_ASSERT_EQUAL(goxel_cancel_check(&cancel), GOXEL_ERROR_REQUEST_TIMEOUT);
    goxel_cancel_init(&cancel, goxel_clock_ms());
    CU_ASSERT_EQUAL(goxel_cancel_check(&cancel), GOXEL_ERROR_REQUEST_TIMEOUT);
}

static void the_first_reason_stays(void)
{
    struct goxel_cancel cancel;

    goxel_cancel_init(&cancel, goxel_clock_ms() - 1);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_OVERLOADED);
    CU_ASSERT_EQUAL(goxel_cancel_check(&cancel), GOXEL_ERROR_SHUTTING_DOWN);
    goxel_cancel_init(&cancel, goxel_clock_ms() - 1);
    (void)goxel_cancel_check(&cancel);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_cancel_check(&cancel), GOXEL_ERROR_REQUEST_TIMEOUT);
}

static void *raise_it(void *cancel)
{
    goxel_cancel_raise(cancel, GOXEL_ERROR_SHUTTING_DOWN);
    return NULL;
}

static void another_thread_may_raise_it(void)
{
    struct goxel_cancel cancel;
    pthread_t thread;

    goxel_cancel_init(&cancel, 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, raise_it, &cancel), 0);
    while (goxel_cancel_check(&cancel) == 0)
        ;
    CU_ASSERT_EQUAL(goxel_cancel_check(&cancel), GOXEL_ERROR_SHUTTING_DOWN);
    (void)pthread_join(thread, NULL);
}

struct client {
    bool gone;
    int asked;
};

static bool is_gone(void *ctx)
{
    struct client *client = ctx;

    client->asked++;
    return client->gone;
}

static void who_is_gone_is_waited_for_no_more(void)
{
    struct client client = {.gone = false};
    struct goxel_cancel cancel;

    goxel_cancel_init(&cancel, 0);
    goxel_cancel_watch(&cancel, is_gone, &client);
    for (int i = 0; i < 1000; i++)
        CU_ASSERT_EQUAL(goxel_cancel_check(&cancel), 0);
    CU_ASSERT(client.asked >= 1 && client.asked < 1000);
    client.gone = true;
    while (goxel_cancel_check(&cancel) == 0)
        ;
    client.gone = false;
    CU_ASSERT_EQUAL(goxel_cancel_check(&cancel), GOXEL_ERROR_CLIENT_GONE);
    goxel_cancel_init(&cancel, 0); /* of the next request, which has another client */
    CU_ASSERT_EQUAL(goxel_cancel_check(&cancel), 0);
}

static const struct unit_test tests[] = {
    {"nothing cancels by itself", nothing_cancels_by_itself},
    {"a deadline that has passed cancels", a_deadline_that_has_passed_cancels},
    {"the first reason stays", the_first_reason_stays},
    {"another thread may raise it", another_thread_may_raise_it},
    {"who is gone is waited for no more", who_is_gone_is_waited_for_no_more},
    {NULL, NULL},
};

const struct unit_suite cancel_suite = {"cancel", tests};
