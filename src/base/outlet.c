/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Before each write poll(2) tells whether there is room. For a pipe that is enough as long as nobody
 * else fills it in between, and for a terminal as long as little is written at a time; so both are
 * opened a second time where that is permitted, as an open file of our own that is non-blocking.
 */
#include "base/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/*
 * What a terminal that cannot be opened again takes when it says it has room: mostly that much. It is the
 * one target left that may block, where /proc is missing and nobody reads the terminal.
 */
#define TERMINAL_BYTES 128

_Static_assert(GOXEL_OUTLET_LINE_MAX <= PIPE_BUF, "a writable pipe takes a line whole");

static struct goxel_outlet outlet_of(int fd, bool owned)
{
    struct goxel_outlet outlet = {.fd = fd, .owned = owned, .at_a_time = GOXEL_OUTLET_LINE_MAX};
    struct stat info;

    if (fstat(fd, &info) == 0) {
        outlet.is_file = S_ISREG(info.st_mode);
        outlet.is_socket = S_ISSOCK(info.st_mode);
        if (!owned && S_ISCHR(info.st_mode))
            outlet.at_a_time = TERMINAL_BYTES;
    }
    return outlet;
}

struct goxel_outlet goxel_outlet_own(int fd)
{
    return outlet_of(fd, true);
}

struct goxel_outlet goxel_outlet_share(int fd)
{
    struct goxel_outlet shared = outlet_of(fd, false);
    char path[32];
    int own;

    /* A file would lose its offset, and a socket cannot be opened. */
    if (shared.is_file || shared.is_socket)
        return shared;
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return own < 0 ? shared : outlet_of(own, true);
}

/* A datagram socket may be connected as often as one likes; it never waits for that. */
static bool reach(int fd, const char *peer)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    (void)memcpy(to.sun_path, peer, strlen(peer) + 1);
    return connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0;
}

int goxel_outlet_dial(const char *peer, struct goxel_outlet *ret_outlet)
{
    int fd;

    if (strlen(peer) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
        return ENAMETOOLONG;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    *ret_outlet = goxel_outlet_own(fd);
    ret_outlet->peer = peer;
    (void)reach(fd, peer);
    return 0;
}

void goxel_outlet_close(struct goxel_outlet *outlet)
{
    if (outlet->owned && outlet->fd >= 0)
        (void)close(outlet->fd);
    *outlet = (struct goxel_outlet)GOXEL_OUTLET_CLOSED;
}

static bool is_ready(int fd, int patience_ms)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};

    return poll(&room, 1, patience_ms) > 0; /* an error is for the write to name */
}

/* Waits once: *patience_ms is then used up. */
static bool await_room(const struct goxel_outlet *outlet, int *patience_ms)
{
    int patience = *patience_ms;

    if (outlet->is_file || is_ready(outlet->fd, 0))
        return true;
    *patience_ms = 0;
    return patience > 0 && is_ready(outlet->fd, patience);
}

static ssize_t write_some(const struct goxel_outlet *outlet, const char *bytes, size_t len)
{
    if (outlet->is_socket)
        return send(outlet->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return write(outlet->fd, bytes, len < outlet->at_a_time ? len : outlet->at_a_time);
}

/* The other end is gone, or has never been there. */
static bool is_parting(int errnum)
{
    return errnum == ECONNREFUSED || errnum == ENOTCONN || errnum == ECONNRESET;
}

static int write_all(const struct goxel_outlet *outlet, const char *line, size_t len, int patience_ms,
                     size_t *ret_done)
{
    bool may_dial = outlet->peer != NULL;

    while (*ret_done < len) {
        int errnum;
        ssize_t n;

        if (!await_room(outlet, &patience_ms))
            return EAGAIN;
        n = write_some(outlet, line + *ret_done, len - *ret_done);
        errnum = n < 0 ? errno : 0;
        if (n >= 0) {
            *ret_done += (size_t)n;
        } else if (may_dial && is_parting(errnum)) {
            may_dial = false;
            if (!reach(outlet->fd, outlet->peer))
                return errnum;
        } else if (errnum != EINTR) {
            return errnum;
        }
    }
    return 0;
}

/*
 * SIGPIPE is held back during the write and, if it is ours, taken away again: whether the process
 * ignores it is not to be decided here.
 */
int goxel_outlet_write(const struct goxel_outlet *outlet, const char *line, size_t len, int patience_ms,
                       size_t *ret_done)
{
    static const struct timespec at_once = {0, 0};
    sigset_t pipe_only, pending, before;
    bool was_pending;
    int errnum;

    *ret_done = 0;
    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    was_pending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    errnum = write_all(outlet, line, len, patience_ms, ret_done);
    if (errnum == EPIPE && !was_pending)
        (void)sigtimedwait(&pipe_only, NULL, &at_once);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return errnum;
}
