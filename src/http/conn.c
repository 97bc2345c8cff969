/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of connections: who is there, in which phase, until when.
 *
 * libmicrohttpd's own time-outs are whole seconds of silence; a client that sends a byte now and then
 * lives for ever under them. Total deadlines for header and body are enforced here, by the acceptor's
 * thread: it answers 408 on the bare socket, which is safe because libmicrohttpd writes nothing in
 * these phases, and shuts the socket down, upon which libmicrohttpd closes the connection.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/internal.h"

static const char expired_body[] = "{\"type\":\"about:blank\",\"title\":\"Request Timeout\",\"status\":408,"
                                   "\"detail\":\"the request took too long to arrive\"}\n";

static void unlink_conn(struct goxel_front *front, struct conn *conn)
{
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        front->conns = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
    front->by_fd[conn->fd] = NULL;
    atomic_fetch_sub(&front->conn_count, 1);
}

static void free_conn(struct conn *conn)
{
    pthread_mutex_destroy(&conn->lock);
    free(conn);
}

struct conn *conn_create(struct goxel_front *front, int fd, const struct sockaddr_storage *addr)
{
    struct conn *conn = (size_t)fd < front->fd_count ? calloc(1, sizeof(*conn)) : NULL;
    struct conn *stale;

    if (!conn)
        return NULL;
    conn->front = front;
    conn->fd = fd;
    conn->addr = *addr;
    pthread_mutex_init(&conn->lock, NULL);
    if (addr->ss_family == AF_UNIX) {
        struct ucred cred;
        socklen_t len = sizeof(cred);

        if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len)) {
            conn->pid = cred.pid;
            conn->uid = cred.uid;
        }
    }
    pthread_mutex_lock(&front->lock);
    /* libmicrohttpd may close a connection it had no memory for without a word: its number comes back here. */
    stale = front->by_fd[fd];
    if (stale)
        unlink_conn(front, stale);
    conn->next = front->conns;
    if (conn->next)
        conn->next->prev = conn;
    front->conns = conn;
    front->by_fd[fd] = conn;
    atomic_fetch_add(&front->conn_count, 1);
    pthread_mutex_unlock(&front->lock);
    if (stale)
        free_conn(stale);
    return conn;
}

void conn_destroy(struct conn *conn)
{
    struct goxel_front *front = conn->front;

    pthread_mutex_lock(&front->lock);
    unlink_conn(front, conn);
    pthread_mutex_unlock(&front->lock);
    free_conn(conn);
    if (atomic_exchange(&front->full, false))
        acceptor_wake(front);
    if (atomic_load(&front->draining))
        front->options.ops.wake(front->options.ctx);
}

struct conn *conn_find(struct goxel_front *front, int fd)
{
    pthread_mutex_lock(&front->lock);
    struct conn *conn = fd >= 0 && (size_t)fd < front->fd_count ? front->by_fd[fd] : NULL;
    pthread_mutex_unlock(&front->lock);
    return conn;
}

void conn_enter(struct conn *conn, enum conn_phase phase, int64_t timeout_ms)
{
    if (conn->phase == CONN_EXPIRED)
        return;
    conn->phase = phase;
    conn->since_ms = goxel_clock_ms();
    conn->deadline_ms = timeout_ms ? conn->since_ms + timeout_ms : 0;
}

void conn_peer(const struct conn *conn, char *ret_text, size_t size)
{
    char host[INET6_ADDRSTRLEN + 20], port[8];
    bool v6 = conn->addr.ss_family == AF_INET6;

    if (conn->addr.ss_family == AF_UNIX ||
        getnameinfo((const struct sockaddr *)&conn->addr, sizeof(conn->addr), host, sizeof(host), port,
                    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
        snprintf(ret_text, size, "unix");
    else
        snprintf(ret_text, size, v6 ? "[%s]:%s" : "%s:%s", host, port);
}

static bool same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    if (a->ss_family != b->ss_family)
        return false;
    if (a->ss_family == AF_INET)
        return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
               ((const struct sockaddr_in *)b)->sin_addr.s_addr;
    if (a->ss_family == AF_INET6)
        return !memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
                       &((const struct sockaddr_in6 *)b)->sin6_addr, sizeof(struct in6_addr));
    return false;
}

size_t conn_count_from(struct goxel_front *front, const struct sockaddr_storage *addr)
{
    size_t count = 0;

    pthread_mutex_lock(&front->lock);
    for (const struct conn *conn = front->conns; conn; conn = conn->next)
        count += same_address(&conn->addr, addr);
    pthread_mutex_unlock(&front->lock);
    return count;
}

static void send_expired(const struct conn *conn)
{
    char reply[512];
    int len = snprintf(reply, sizeof(reply),
                       "HTTP/1.1 408 Request Timeout\r\nContent-Type: application/problem+json\r\n"
                       "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                       sizeof(expired_body) - 1, expired_body);

    (void)send(conn->fd, reply, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);
    goxel_stats_count_reply(&conn->front->stats, 408, 0);
}

/* Cuts a connection whose time is up. A client that waits silently for its next request gets no 408. */
static void expire(struct conn *conn)
{
    if (conn->phase != CONN_IDLE || !conn->served)
        send_expired(conn);
    conn->phase = CONN_EXPIRED;
    conn->deadline_ms = 0;
    shutdown(conn->fd, SHUT_RDWR);
}

void conns_expire(struct goxel_front *front, int64_t now_ms)
{
    pthread_mutex_lock(&front->lock);
    for (struct conn *conn = front->conns; conn; conn = conn->next) {
        pthread_mutex_lock(&conn->lock);
        if (conn->deadline_ms && now_ms >= conn->deadline_ms)
            expire(conn);
        pthread_mutex_unlock(&conn->lock);
    }
    pthread_mutex_unlock(&front->lock);
}

/*
 * Ends what is idle and has been silent for GOXEL_FRONT_QUIET_MS: reading is shut down, so that bytes
 * that did arrive are still read and answered. Returns milliseconds until the next one is due.
 */
int64_t conns_release_quiet(struct goxel_front *front, int64_t drain_since_ms, int64_t now_ms)
{
    int64_t next = GOXEL_FRONT_QUIET_MS;

    pthread_mutex_lock(&front->lock);
    for (struct conn *conn = front->conns; conn; conn = conn->next) {
        pthread_mutex_lock(&conn->lock);
        if (conn->phase == CONN_IDLE) {
            int64_t since = conn->since_ms > drain_since_ms ? conn->since_ms : drain_since_ms;
            int64_t left = since + GOXEL_FRONT_QUIET_MS - now_ms;

            if (left <= 0)
                shutdown(conn->fd, SHUT_RD);
            else if (left < next)
                next = left;
        }
        pthread_mutex_unlock(&conn->lock);
    }
    pthread_mutex_unlock(&front->lock);
    return next;
}

void conns_cut(struct goxel_front *front)
{
    pthread_mutex_lock(&front->lock);
    for (struct conn *conn = front->conns; conn; conn = conn->next) {
        pthread_mutex_lock(&conn->lock);
        conn->phase = CONN_EXPIRED;
        conn->deadline_ms = 0;
        shutdown(conn->fd, SHUT_RDWR);
        pthread_mutex_unlock(&conn->lock);
    }
    pthread_mutex_unlock(&front->lock);
}
