/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the lifecycle thread sleeps on: signals, wake-ups from other threads, and a periodic tick.
 *
 * Used by: daemon.  Uses: base.  The Linux-only calls (signalfd, eventfd, timerfd) are behind this header.
 *
 * Life: one a process, opened in start-up phase 2 while there is a single thread, because the blocked
 * signals are inherited by every later one. `wake` may be called by any thread until `close`. The
 * signals stay blocked after `close`: one that comes when the end is nearly reached must not turn it
 * into a death by signal.
 */
#ifndef GOXEL_DAEMON_EVENTS_H
#define GOXEL_DAEMON_EVENTS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/detail.h"

struct goxel_events {
    int signal_fd, wake_fd, timer_fd; /* -1 when closed */
};

#define GOXEL_EVENTS_CLOSED \
    { \
        .signal_fd = -1, .wake_fd = -1, .timer_fd = -1 \
    }

struct goxel_event {
    enum { GOXEL_EVENT_NONE, GOXEL_EVENT_SIGNAL, GOXEL_EVENT_WAKE, GOXEL_EVENT_TICK } kind;
    int signal; /* with its sender */
    pid_t pid;
    uid_t uid;
};

/*
 * Blocks the signals (an array that ends with 0) and routes them here. SIGPIPE and SIGXFSZ are ignored from then on:
 * a write that nobody takes, or beyond a limit of the file size, is an error of that write. DAEMON_ERROR_SIGNAL_SETUP_FAILED.
 */
int goxel_events_open(struct goxel_events *events, const int *signals, struct goxel_detail *detail);
void goxel_events_close(struct goxel_events *events); /* closed ones too */

void goxel_events_wake(const struct goxel_events *events);
void goxel_events_tick_every(const struct goxel_events *events, int64_t interval_ms);

/*
 * Sleeps until something happened or `timeout_ms` (-1: for ever) has passed; signals come before
 * wake-ups and ticks. GOXEL_EVENT_NONE after the time-out.
 */
struct goxel_event goxel_events_wait(const struct goxel_events *events, int64_t timeout_ms);

#endif
