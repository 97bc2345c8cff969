/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the lifecycle thread sleeps on. */
#include "daemon/events.h"

#include <unistd.h>

#include "unit.h"

static void signals_wakes_and_ticks(void)
{
    const int signals[] = {SIGUSR1, SIGUSR2, 0};
    struct goxel_events events = GOXEL_EVENTS_CLOSED;
    struct goxel_event event;
    sigset_t mask;

    CU_ASSERT_EQUAL_FATAL(goxel_events_open(&events, signals, NULL), 0);
    CU_ASSERT_EQUAL(goxel_events_wait(&events, 0).kind, GOXEL_EVENT_NONE);
    goxel_events_wake(&events);
    goxel_events_wake(&events);
    kill(getpid(), SIGUSR1);
    event = goxel_events_wait(&events, -1);
    CU_ASSERT_EQUAL(event.kind, GOXEL_EVENT_SIGNAL); /* before the wake-ups */
    CU_ASSERT_EQUAL(event.signal, SIGUSR1);
    CU_ASSERT_EQUAL(event.pid, getpid());
    CU_ASSERT_EQUAL(event.uid, getuid());
    CU_ASSERT_EQUAL(goxel_events_wait(&events, -1).kind, GOXEL_EVENT_WAKE); /* both in one */
    CU_ASSERT_EQUAL(goxel_events_wait(&events, 0).kind, GOXEL_EVENT_NONE);
    goxel_events_tick_every(&events, 1);
    CU_ASSERT_EQUAL(goxel_events_wait(&events, -1).kind, GOXEL_EVENT_TICK);
    goxel_events_close(&events);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    CU_ASSERT_TRUE(sigismember(&mask, SIGUSR1)); /* a late one does no harm */
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
    goxel_events_close(&events);
}

const struct unit_suite events_suite = {
    "events",
    (const struct unit_test[]){
        {"signals, wake-ups and ticks", signals_wakes_and_ticks},
        {NULL, NULL},
    },
};
