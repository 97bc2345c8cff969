/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the lifecycle thread sleeps on. */
#include "daemon/events.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forked.h"
#include "unit.h"
#include "unit/base/scratch.h"

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

/* Standard output is a file, which may not become longer than a byte, and then a pipe without a reader. */
static int write_in_vain(void *ctx)
{
    const int none[] = {0};
    const struct rlimit limit = {1, 1};
    struct goxel_events events = GOXEL_EVENTS_CLOSED;
    int ends[2];

    (void)ctx;
    (void)signal(SIGPIPE, SIG_DFL);
    (void)signal(SIGXFSZ, SIG_DFL);
    if (goxel_events_open(&events, none, NULL))
        return 1;
    if (setrlimit(RLIMIT_FSIZE, &limit) || write(STDOUT_FILENO, "ab", 2) != 1)
        return 2;
    if (write(STDOUT_FILENO, "c", 1) != -1 || errno != EFBIG)
        return 3;
    if (pipe2(ends, O_CLOEXEC) || close(ends[0]))
        return 4;
    if (write(ends[1], "d", 1) != -1 || errno != EPIPE)
        return 5;
    (void)close(ends[1]);
    goxel_events_close(&events);
    return 42;
}

static void writes_in_vain_are_errors(void)
{
    int status;

    if (!scratch_open())
        return;
    status = forked_run(write_in_vain, NULL);
    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 42);
    scratch_close();
}

const struct unit_suite events_suite = {
    "events",
    (const struct unit_test[]){
        {"signals, wake-ups and ticks", signals_wakes_and_ticks},
        {"writes in vain are errors", writes_in_vain_are_errors},
        {NULL, NULL},
    },
};
