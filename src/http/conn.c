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
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "http/internal.h"

/* Probes are counted apart: they take no client's place. */
static atomic_size_t *count_of(const struct conn *conn)
{
    return conn->probe ? &conn->front->probe_count : &conn->front->conn_count;
}

static void unlink_conn(struct goxel_front *front, struct conn *conn)
{
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        front->conns = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
    front->by_fd[conn->fd] = NULL;
    atomic_fetch_sub(count_of(conn), 1);
}

static void free_conn(struct conn *conn)
{
    pthread_mutex_destroy(&conn->lock);
    free(conn);
}

/* Once: every request of it says so. */
static void name_peer(struct conn *conn)
{
    char host[INET6_ADDRSTRLEN + 20], port[8];
    bool v6 = conn->addr.ss_family == AF_INET6;

    if (conn->addr.ss_family == AF_UNIX ||
        getnameinfo((const struct sockaddr *)&conn->addr, sizeof(conn->addr), host, sizeof(host), port,
                    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
        snprintf(conn->peer, sizeof(conn->peer), "unix");
    else
        snprintf(conn->peer, sizeof(conn->peer), v6 ? "[%s]:%s" : "%s:%s", host, port);
}

struct conn *conn_create(struct goxel_front *front, int fd, const struct sockaddr_storage *addr,
                         socklen_t len, bool probe)
{
    struct conn *conn = (size_t)fd < front->fd_count ? calloc(1, sizeof(*conn)) : NULL;
    struct conn *stale;

    if (!conn)
        return NULL;
    conn->front = front;
    conn->fd = fd;
    conn->probe = probe;
    conn->addr = *addr;
    conn->addr_len = len;
    name_peer(conn);
    pthread_mutex_init(&conn->lock, NULL);
    if (addr->ss_family == AF_UNIX) {
        struct ucred cred;
        socklen_t size = sizeof(cred);

        conn->uid = (uid_t)-1; /* nobody, as long as it is not known */
        conn->gid = (gid_t)-1;
        if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size)) {
            conn->pid = cred.pid;
            conn->uid = cred.uid;
            conn->gid = cred.gid;
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
    atomic_fetch_add(count_of(conn), 1);
    pthread_mutex_unlock(&front->lock);
    if (stale)
        free_conn(stale);
    return conn;
}

void conn_destroy(struct conn *conn)
{
    struct goxel_front *front = conn->front;

    watch_leave(conn->watch);
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

bool conn_enter(struct conn *conn, enum conn_phase phase, int64_t timeout_ms)
{
    if (conn->phase == CONN_EXPIRED)
        return false;
    conn->phase = phase;
    conn->since_ms = goxel_clock_ms();
    conn->deadline_ms = timeout_ms ? conn->since_ms + timeout_ms : 0;
    return true;
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

bool conn_is_closed(const struct conn *conn)
{
    bool tells_all = conn->addr.ss_family == AF_UNIX;
    struct pollfd fd = {.fd = conn->fd, .events = tells_all ? 0 : POLLRDHUP};

    return poll(&fd, 1, 0) == 1;
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

/* Calls `visit` for every connection, under its lock. */
static void visit_all(struct goxel_front *front, void (*visit)(struct conn *conn, void *arg), void *arg)
{
    pthread_mutex_lock(&front->lock);
    for (struct conn *conn = front->conns; conn; conn = conn->next) {
        pthread_mutex_lock(&conn->lock);
        visit(conn, arg);
        pthread_mutex_unlock(&conn->lock);
    }
    pthread_mutex_unlock(&front->lock);
}

static void cut(struct conn *conn, void *unused)
{
    (void)unused;
    conn->phase = CONN_EXPIRED;
    conn->deadline_ms = 0;
    shutdown(conn->fd, SHUT_RDWR);
}

static void say_line(const struct conn *conn, int code)
{
    struct goxel_buf line;

    goxel_buf_init(&line, 1024);
    goxel_rpc_refuse(code, NULL, &line);
    goxel_buf_putc(&line, '\n');
    if (!line.failed)
        (void)send(conn->fd, line.data, line.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    goxel_buf_finish(&line);
}

static void say_http(const struct conn *conn, int code)
{
    unsigned status = (unsigned)goxel_error_http(code);
    char body[256], reply[512];
    int len = snprintf(body, sizeof(body),
                       "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"detail\":\"%s\"}\n",
                       MHD_get_reason_phrase_for(status), status, goxel_error_text(code));

    len = snprintf(reply, sizeof(reply),
                   "HTTP/1.1 %u %s\r\nContent-Type: application/problem+json\r\n%sContent-Length: %d\r\n"
                   "Connection: close\r\n\r\n%s",
                   status, MHD_get_reason_phrase_for(status),
                   status == MHD_HTTP_SERVICE_UNAVAILABLE ? "Retry-After: 1\r\n" : "", len, body);
    (void)send(conn->fd, reply, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (!conn->probe)
        goxel_stats_count_reply(&conn->front->stats, status, 0);
}

/* A last word on the bare socket; only in phases in which nobody else writes there. */
static void refuse(struct conn *conn, int code)
{
    if (conn->stream)
        say_line(conn, code);
    else
        say_http(conn, code);
    cut(conn, NULL);
}

/*
 * A client that waits silently for its next request gets no 408, nor one that does not take its reply, nor one of whom
 * nobody knows what it speaks.
 */
static void expire(struct conn *conn, void *now_ms)
{
    if (!conn->deadline_ms || *(const int64_t *)now_ms < conn->deadline_ms)
        return;
    if (conn->phase == CONN_SENDING || (conn->phase == CONN_IDLE && (conn->served || conn->stream)))
        cut(conn, NULL);
    else
        refuse(conn, GOXEL_ERROR_HTTP_DEADLINE);
}

void conns_expire(struct goxel_front *front, int64_t now_ms)
{
    visit_all(front, expire, &now_ms);
}

/* How long nothing has come from the client; a request line that is under way shows only in the socket. */
static int64_t silence_ms(const struct conn *conn, int64_t now_ms)
{
    int64_t silence = now_ms - conn->since_ms;
    struct tcp_info info;
    socklen_t len = sizeof(info);

    if (conn->addr.ss_family != AF_UNIX && !getsockopt(conn->fd, IPPROTO_TCP, TCP_INFO, &info, &len) &&
        (int64_t)info.tcpi_last_data_recv < silence)
        silence = info.tcpi_last_data_recv;
    return silence;
}

struct release {
    int64_t quiet_ms, drain_since_ms, now_ms;
    int64_t next_ms;
};

static void release_quiet(struct conn *conn, void *arg)
{
    struct release *release = arg;
    int64_t drained = release->now_ms - release->drain_since_ms;
    int64_t silence, left;

    if (conn->phase != CONN_IDLE)
        return;
    silence = silence_ms(conn, release->now_ms);
    left = release->quiet_ms - (silence < drained ? silence : drained);
    if (left <= 0)
        shutdown(conn->fd, SHUT_RD);
    else if (left < release->next_ms)
        release->next_ms = left;
}

/*
 * Ends what is idle and has been silent for `quiet_ms`: reading is shut down, so that bytes
 * that did arrive are still read and answered. Returns milliseconds until the next one is due.
 */
int64_t conns_release_quiet(struct goxel_front *front, int64_t quiet_ms, int64_t drain_since_ms,
                            int64_t now_ms)
{
    struct release release = {quiet_ms, drain_since_ms, now_ms, quiet_ms};

    visit_all(front, release_quiet, &release);
    return release.next_ms;
}

static void abandon(struct conn *conn, void *count)
{
    if (conn->phase == CONN_HEADER || conn->phase == CONN_BODY) {
        refuse(conn, GOXEL_ERROR_SHUTTING_DOWN);
        *(size_t *)count += !conn->probe;
    } else if (conn->exchange) {
        *(size_t *)count += exchange_abandon(conn->exchange);
    }
}

size_t conns_abandon(struct goxel_front *front)
{
    size_t count = 0;

    visit_all(front, abandon, &count);
    return count;
}

void conns_cut(struct goxel_front *front)
{
    visit_all(front, cut, NULL);
}
