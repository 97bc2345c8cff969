/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signalfd, eventfd and timerfd in one poll; see the header. */
#include "daemon/events.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/error.h"

int goxel_events_open(struct goxel_events *events, const int *signals, struct goxel_detail *detail)
{
    sigset_t set;

    sigemptyset(&set);
    for (; *signals; signals++)
        sigaddset(&set, *signals);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    events->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    events->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    events->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (events->signal_fd < 0 || events->wake_fd < 0 || events->timer_fd < 0) {
        int err = errno;

        goxel_events_close(events);
        return goxel_fail_errno(detail, DAEMON_ERROR_SIGNAL_SETUP_FAILED, err, "signalfd, eventfd or timerfd",
                                "");
    }
    return 0;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void goxel_events_close(struct goxel_events *events)
{
    close_fd(&events->signal_fd);
    close_fd(&events->wake_fd);
    close_fd(&events->timer_fd);
}

void goxel_events_wake(const struct goxel_events *events)
{
    uint64_t one = 1;

    /* Only a counter at its maximum refuses, and then the reader is awake anyway. */
    (void)!write(events->wake_fd, &one, sizeof(one));
}

void goxel_events_tick_every(const struct goxel_events *events, int64_t interval_ms)
{
    struct timespec interval = {interval_ms / 1000, interval_ms % 1000 * 1000000};
    struct itimerspec spec = {interval, interval};

    timerfd_settime(events->timer_fd, 0, &spec, NULL);
}

static bool take_count(int fd)
{
    uint64_t count;

    return read(fd, &count, sizeof(count)) == sizeof(count);
}

struct goxel_event goxel_events_wait(const struct goxel_events *events, int64_t timeout_ms)
{
    struct pollfd polls[] = {
        {.fd = events->signal_fd, .events = POLLIN},
        {.fd = events->wake_fd, .events = POLLIN},
        {.fd = events->timer_fd, .events = POLLIN},
    };
    struct signalfd_siginfo info;

    if (timeout_ms > INT_MAX)
        timeout_ms = INT_MAX;
    if (poll(polls, sizeof(polls) / sizeof(polls[0]), (int)timeout_ms) <= 0)
        return (struct goxel_event){.kind = GOXEL_EVENT_NONE};
    if ((polls[0].revents & POLLIN) && read(events->signal_fd, &info, sizeof(info)) == sizeof(info))
        return (struct goxel_event){
            .kind = GOXEL_EVENT_SIGNAL,
            .signal = (int)info.ssi_signo,
            .pid = (pid_t)info.ssi_pid,
            .uid = info.ssi_uid,
        };
    if ((polls[1].revents & POLLIN) && take_count(events->wake_fd))
        return (struct goxel_event){.kind = GOXEL_EVENT_WAKE};
    if ((polls[2].revents & POLLIN) && take_count(events->timer_fd))
        return (struct goxel_event){.kind = GOXEL_EVENT_TICK};
    return (struct goxel_event){.kind = GOXEL_EVENT_NONE};
}
