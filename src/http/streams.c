/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread of all streams: it waits for what streams wait for, and for exchanges that workers are done with, and for
 * nothing else. What comes in between is a stream's own (http/stream.c), and none of it blocks.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/thread.h"
#include "http/stream.h"

#define EVENTS_A_TURN 64

static void take_ready(struct streams *streams)
{
    struct stream *stream;

    pthread_mutex_lock(&streams->lock);
    stream = streams->ready;
    streams->ready = NULL;
    pthread_mutex_unlock(&streams->lock);
    while (stream) {
        struct stream *next = stream->next_ready;

        stream_on_ready(stream);
        stream = next;
    }
}

static void tell_listeners(struct streams *streams)
{
    struct stream *stream = atomic_exchange(&streams->news, false) ? streams->listeners : NULL;

    while (stream) {
        struct stream *next = stream->next_listener;

        stream_on_news(stream);
        stream = next;
    }
}

static void *run(void *arg)
{
    struct streams *streams = arg;
    struct epoll_event events[EVENTS_A_TURN];

    while (!atomic_load(&streams->quit)) {
        int count = epoll_wait(streams->epoll_fd, events, EVENTS_A_TURN, -1);

        for (int i = 0; i < count; i++) {
            uint64_t wakes;

            if (events[i].data.ptr)
                stream_on_event(events[i].data.ptr);
            else
                (void)!read(streams->wake_fd, &wakes, sizeof(wakes));
        }
        take_ready(streams);
        tell_listeners(streams);
    }
    return NULL;
}

/* ---- what other threads do ---- */

static void wake(struct streams *streams)
{
    uint64_t one = 1;

    (void)!write(streams->wake_fd, &one, sizeof(one));
}

void stream_resume(struct stream *stream)
{
    struct streams *streams = stream->streams;

    pthread_mutex_lock(&streams->lock);
    stream->next_ready = streams->ready;
    streams->ready = stream;
    if (!stream->next_ready)
        wake(streams);
    pthread_mutex_unlock(&streams->lock);
}

void streams_on_news(struct streams *streams)
{
    if (atomic_load(&streams->listener_count) && !atomic_exchange(&streams->news, true))
        wake(streams);
}

void streams_end_events(struct streams *streams)
{
    if (atomic_exchange(&streams->over, true))
        return;
    atomic_store(&streams->news, true);
    wake(streams);
}

void streams_take(struct conn *conn, bool detect, int64_t idle_ms)
{
    struct streams *streams = conn->front->streams;
    struct stream *stream = calloc(1, sizeof(*stream));
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = stream};
    int fd = conn->fd;

    if (stream) {
        stream->streams = streams;
        stream->conn = conn;
        stream->last = &stream->replies;
        stream->decided = !detect;
        stream->armed = EPOLLIN | EPOLLRDHUP;
        pthread_mutex_lock(&conn->lock);
        conn->stream = stream;
        conn_enter(conn, CONN_IDLE, idle_ms);
        pthread_mutex_unlock(&conn->lock);
        if (!epoll_ctl(streams->epoll_fd, EPOLL_CTL_ADD, fd, &event))
            return;
    }
    conn_destroy(conn);
    close(fd);
    free(stream);
}

int streams_start(struct goxel_front *front, struct goxel_detail *detail)
{
    struct streams *streams = calloc(1, sizeof(*streams));
    struct epoll_event event = {.events = EPOLLIN};
    int err;

    if (!streams)
        return goxel_fail(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, "out of memory");
    front->streams = streams;
    streams->front = front;
    pthread_mutex_init(&streams->lock, NULL);
    streams->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    streams->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (streams->epoll_fd < 0 || streams->wake_fd < 0 ||
        epoll_ctl(streams->epoll_fd, EPOLL_CTL_ADD, streams->wake_fd, &event))
        return goxel_fail_errno(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, errno, "epoll", "");
    err = goxel_thread_start(&streams->thread, run, streams);
    if (err)
        return goxel_fail_errno(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, err, "pthread_create", "");
    streams->runs = true;
    return 0;
}

static struct stream *find_any(struct goxel_front *front)
{
    struct stream *stream = NULL;

    pthread_mutex_lock(&front->lock);
    for (const struct conn *conn = front->conns; conn && !stream; conn = conn->next)
        stream = conn->stream;
    pthread_mutex_unlock(&front->lock);
    return stream;
}

/* The acceptor and the streams' own thread have ended. A worker may still have an exchange, but nobody to resume. */
static void destroy_all(struct goxel_front *front)
{
    struct stream *stream;

    while ((stream = find_any(front))) {
        if (stream->running) {
            (void)exchange_abandon(stream->running);
            stream_end_exchange(stream->running);
        }
        stream_destroy(stream);
    }
}

void streams_stop(struct goxel_front *front)
{
    struct streams *streams = front->streams;

    if (!streams)
        return;
    if (streams->runs) {
        atomic_store(&streams->quit, true);
        wake(streams);
        pthread_join(streams->thread, NULL);
    }
    destroy_all(front);
    if (streams->epoll_fd >= 0)
        close(streams->epoll_fd);
    if (streams->wake_fd >= 0)
        close(streams->wake_fd);
    pthread_mutex_destroy(&streams->lock);
    free(streams);
    front->streams = NULL;
}
