/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The acceptor: one thread that takes clients from all listeners and hands them to libmicrohttpd, or to the streams' thread.
 *
 * It alone admits. Up to max_connections are served; up to GOXEL_FRONT_SURPLUS more are let in to be
 * answered 503; beyond that nobody is accepted until a connection ends, and the backlog waits. A probe
 * comes in beside all of them, through a slot of its own. It also wakes to enforce the connections'
 * deadlines.
 *
 * The end: INTAKE_PAUSED leaves everybody to the backlog of listeners that stay as they are.
 * INTAKE_STOPPED fences the listeners off (goxel_listener_refuse_new), takes from each what its backlog
 * still holds, and closes it. Either is reported in `intake_is`; deadlines go on until `quit`.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/thread.h"
#include "http/internal.h"

#define ACCEPTS_A_TURN 64
#define DEADLINE_TICK_MS 100 /* how exact a deadline is */
#define SURPLUS_HEADER_MS 500
#define ACCEPT_PAUSE_MS 100 /* after accept(2) ran out of descriptors or memory */

void acceptor_wake(struct goxel_front *front)
{
    uint64_t one = 1;

    (void)!write(front->wake_fd, &one, sizeof(one));
}

/* 0, or what every request of one more connection from there will be told. */
static int admission(struct goxel_front *front, const struct goxel_config *config,
                     const struct sockaddr_storage *addr)
{
    int64_t per_address = goxel_config_int(config, GOXEL_OPT_PERFORMANCE_MAX_CONNECTIONS_PER_ADDRESS);

    if (atomic_load(&front->conn_count) >= front->options.max_connections)
        return GOXEL_ERROR_OVERLOADED;
    if (per_address && conn_count_from(front, addr) >= (size_t)per_address)
        return GOXEL_ERROR_OVERLOADED;
    return 0;
}

static bool is_full(struct goxel_front *front)
{
    size_t most = (size_t)front->options.max_connections + GOXEL_FRONT_SURPLUS;

    if (atomic_load(&front->conn_count) < most)
        return false;
    atomic_store(&front->full, true);
    /* One may have ended between the look and the flag. */
    return atomic_load(&front->conn_count) >= most;
}

/* One out of the store may hold clients that came while our predecessor had it fenced. */
static bool may_be_fenced(const struct goxel_front *front, const struct goxel_listener *listener)
{
    return atomic_load(&front->intake_wanted) == INTAKE_STOPPED || listener->keeper == GOXEL_KEEPER_STORE;
}

/* An accepted socket inherits the fence of its listener, which would drop the client's own packets. */
static void lift_fence(int fd, int family)
{
    int off = 0;

    if (family == AF_INET)
        (void)setsockopt(fd, IPPROTO_IP, IP_MINTTL, &off, sizeof(off));
    else if (family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, &off, sizeof(off));
}

void acceptor_hand_over(struct conn *conn, int64_t header_ms)
{
    const struct sockaddr_storage addr = conn->addr;
    struct goxel_front *front = conn->front;
    int fd = conn->fd;

    pthread_mutex_lock(&conn->lock);
    conn_enter(conn, CONN_IDLE, header_ms);
    pthread_mutex_unlock(&conn->lock);
    if (MHD_add_connection(front->mhd, fd, (const struct sockaddr *)&addr, conn->addr_len) != MHD_YES) {
        goxel_log(GOXEL_LOG_WARN, "connection dropped reason=\"libmicrohttpd refused it\" errno=%d", errno);
        if (conn_find(front, fd) == conn)
            conn_destroy(conn);
    }
}

/* What is spoken on a client's listener; TCP speaks HTTP. */
static const char *protocol_of(const struct goxel_config *config, const struct sockaddr_storage *addr)
{
    return addr->ss_family == AF_UNIX ? goxel_config_string(config, GOXEL_OPT_SOCKETS_UNIX_PROTOCOL) : "http";
}

/* Who is only to be told that there are too many must not keep others from being told. */
static int64_t first_timeout(const struct goxel_config *config, const struct conn *conn,
                             enum goxel_option option)
{
    int64_t timeout_ms = goxel_config_int(config, option);

    return conn->refused && timeout_ms > SURPLUS_HEADER_MS ? SURPLUS_HEADER_MS : timeout_ms;
}

static void give_client(struct conn *conn, const struct goxel_config *config)
{
    const char *protocol = protocol_of(config, &conn->addr);

    if (!strcmp(protocol, "http"))
        acceptor_hand_over(conn, first_timeout(config, conn, GOXEL_OPT_SOCKETS_HEADER_TIMEOUT_MS));
    else
        streams_take(conn, !strcmp(protocol, "auto"),
                     first_timeout(config, conn, GOXEL_OPT_SOCKETS_RECEIVE_TIMEOUT_MS));
}

static void take_client(struct goxel_front *front, int fd, const struct sockaddr_storage *addr, socklen_t len)
{
    struct goxel_config *config = front->options.ops.config(front->options.ctx);
    int refused = admission(front, config, addr);
    struct conn *conn = conn_create(front, fd, addr, len, false);

    if (conn) {
        conn->refused = refused;
        goxel_stats_count_connection(&front->stats, refused != 0);
        give_client(conn, config);
    } else {
        close(fd);
    }
    goxel_config_unref(config);
}

/* The probe that waits, if one does; one that came too late is closed. */
static void take_probe(struct goxel_front *front, bool open)
{
    const struct sockaddr_storage addr = {.ss_family = AF_UNIX};
    int fd = atomic_exchange(&front->probe_fd, -1);
    struct conn *conn = fd >= 0 && open ? conn_create(front, fd, &addr, sizeof(addr.ss_family), true) : NULL;
    struct goxel_config *config;

    if (fd < 0)
        return;
    if (!conn) {
        close(fd);
        return;
    }
    config = front->options.ops.config(front->options.ctx);
    acceptor_hand_over(conn, goxel_config_int(config, GOXEL_OPT_SOCKETS_HEADER_TIMEOUT_MS));
    goxel_config_unref(config);
}

/* Accepts up to a turn's worth. 0: more may wait; EAGAIN: none waits; another errno: trouble. */
static int accept_some(struct goxel_front *front, struct goxel_listener *listener)
{
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        struct sockaddr_storage addr = {0};
        socklen_t len = sizeof(addr);
        int fd;

        if (is_full(front))
            return 0;
        fd = accept4(listener->fd, (struct sockaddr *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            if (may_be_fenced(front, listener))
                lift_fence(fd, addr.ss_family);
            take_client(front, fd, &addr, len);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return errno == EWOULDBLOCK ? EAGAIN : errno;
        }
    }
    return 0;
}

static void accept_ready(struct goxel_front *front, const struct pollfd *polls, int64_t *pause_until_ms)
{
    for (size_t i = 0; i < front->listener_count; i++) {
        int err;

        if (!(polls[i].revents & POLLIN))
            continue;
        err = accept_some(front, &front->listeners[i]);
        if (err && err != EAGAIN) {
            goxel_log(GOXEL_LOG_WARN, "accept failed listener=%s errno=%d", front->listeners[i].name, err);
            *pause_until_ms = goxel_clock_ms() + ACCEPT_PAUSE_MS;
        }
    }
}

/* Fenced listeners are emptied, then closed. True when all are. */
static bool finish_listeners(struct goxel_front *front)
{
    bool all = true;

    for (size_t i = 0; i < front->listener_count; i++) {
        struct goxel_listener *listener = &front->listeners[i];
        int err = 0;

        if (listener->fd < 0)
            continue;
        while (!err && !is_full(front) && !atomic_load(&front->quit))
            err = accept_some(front, listener);
        if (err == EAGAIN) {
            pthread_mutex_lock(&front->lock);
            goxel_listener_close(listener);
            pthread_mutex_unlock(&front->lock);
        } else {
            all = false;
        }
    }
    return all;
}

static void reach(struct goxel_front *front, enum intake intake)
{
    if (atomic_exchange(&front->intake_is, intake) != (int)intake)
        front->options.ops.wake(front->options.ctx);
}

static void stop_accepting_step(struct goxel_front *front, bool *fenced)
{
    if (!*fenced) {
        pthread_mutex_lock(&front->lock);
        for (size_t i = 0; i < front->listener_count; i++)
            goxel_listener_refuse_new(&front->listeners[i]);
        pthread_mutex_unlock(&front->lock);
        *fenced = true;
    }
    if (finish_listeners(front))
        reach(front, INTAKE_STOPPED);
}

/* Waits for clients, a wake-up, or the next look at the deadlines. */
static void wait_for_work(struct goxel_front *front, struct pollfd *polls, bool listening)
{
    size_t conns = atomic_load(&front->conn_count) + atomic_load(&front->probe_count);
    int timeout = conns || !listening ? DEADLINE_TICK_MS : -1;
    nfds_t count = front->listener_count;

    for (size_t i = 0; i < count; i++)
        polls[i] = (struct pollfd){.fd = listening ? front->listeners[i].fd : -1, .events = POLLIN};
    polls[count] = (struct pollfd){.fd = front->wake_fd, .events = POLLIN};
    if (poll(polls, count + 1, timeout) > 0 && (polls[count].revents & POLLIN)) {
        uint64_t wakes;

        (void)!read(front->wake_fd, &wakes, sizeof(wakes));
    }
}

/* Events wake this thread more often than deadlines pass. */
static void look_at_deadlines(struct goxel_front *front, int64_t *looked_ms)
{
    int64_t now_ms = goxel_clock_ms();

    if (now_ms - *looked_ms < DEADLINE_TICK_MS / 2)
        return;
    *looked_ms = now_ms;
    conns_expire(front, now_ms);
}

static void *acceptor(void *arg)
{
    struct goxel_front *front = arg;
    struct pollfd polls[GOXEL_LISTENERS_MAX + 1];
    int64_t pause_until_ms = 0, looked_ms = 0;
    bool fenced = false;

    while (!atomic_load(&front->quit)) {
        bool listening = atomic_load(&front->intake_wanted) == INTAKE_OPEN && !is_full(front) &&
                         goxel_clock_ms() >= pause_until_ms;
        int wanted;

        wait_for_work(front, polls, listening);
        look_at_deadlines(front, &looked_ms);
        watches_turn(front);
        wanted = atomic_load(&front->intake_wanted);
        take_probe(front, wanted <= INTAKE_OPEN);
        if (wanted == INTAKE_STOPPED)
            stop_accepting_step(front, &fenced);
        else if (wanted == INTAKE_PAUSED)
            reach(front, INTAKE_PAUSED);
        else if (listening)
            accept_ready(front, polls, &pause_until_ms);
    }
    return NULL;
}

int acceptor_start(struct goxel_front *front, struct goxel_detail *detail)
{
    int err;

    front->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (front->wake_fd < 0)
        return goxel_fail_errno(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, errno, "eventfd", "");
    err = goxel_thread_start(&front->acceptor, acceptor, front);
    if (err)
        return goxel_fail_errno(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, err, "pthread_create", "");
    front->acceptor_runs = true;
    return 0;
}

void acceptor_stop(struct goxel_front *front)
{
    if (front->acceptor_runs) {
        atomic_store(&front->quit, true);
        acceptor_wake(front);
        pthread_join(front->acceptor, NULL);
        front->acceptor_runs = false;
    }
    take_probe(front, false);
    if (front->wake_fd >= 0)
        close(front->wake_fd);
    front->wake_fd = -1;
}

/* ---- what the lifecycle thread asks of it ---- */

void goxel_front_open(struct goxel_front *front)
{
    int closed = INTAKE_CLOSED;

    atomic_compare_exchange_strong(&front->intake_wanted, &closed, INTAKE_OPEN);
    acceptor_wake(front);
}

void goxel_front_pause(struct goxel_front *front)
{
    int open = INTAKE_OPEN;

    atomic_compare_exchange_strong(&front->intake_wanted, &open, INTAKE_PAUSED);
    acceptor_wake(front);
}

void goxel_front_stop_accepting(struct goxel_front *front)
{
    atomic_store(&front->intake_wanted, INTAKE_STOPPED);
    acceptor_wake(front);
}

bool goxel_front_has_stopped_accepting(struct goxel_front *front)
{
    int wanted = atomic_load(&front->intake_wanted);

    return wanted > INTAKE_OPEN && atomic_load(&front->intake_is) == wanted;
}

size_t goxel_front_listeners(struct goxel_front *front, struct goxel_listener *ret_listeners)
{
    size_t count = 0;

    pthread_mutex_lock(&front->lock);
    for (size_t i = 0; !front->released && i < front->listener_count; i++) {
        if (front->listeners[i].fd >= 0)
            ret_listeners[count++] = front->listeners[i];
    }
    pthread_mutex_unlock(&front->lock);
    return count;
}

void goxel_front_release(struct goxel_front *front)
{
    front->released = true;
}

int goxel_front_probe(struct goxel_front *front, struct goxel_detail *detail, int *ret_fd)
{
    int fds[2], none = -1;

    if (atomic_load(&front->intake_wanted) > INTAKE_OPEN)
        return goxel_fail(detail, GOXEL_ERROR_SHUTTING_DOWN, "no new connections are taken");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "socketpair", "");
    if (fcntl(fds[1], F_SETFL, O_NONBLOCK) ||
        !atomic_compare_exchange_strong(&front->probe_fd, &none, fds[1])) {
        close(fds[0]);
        close(fds[1]);
        return goxel_fail(detail, GOXEL_ERROR_OVERLOADED, "an earlier probe still waits for the acceptor");
    }
    acceptor_wake(front);
    *ret_fd = fds[0];
    return 0;
}
