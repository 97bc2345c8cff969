/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Datagrams to the supervisor, and what it handed to us.
 *
 * sd_notify(3) sends on a socket that blocks: with a supervisor that does not read, it stood still at the
 * twelfth datagram (systemd 252, net.unix.max_dgram_qlen of 10), and the lifecycle thread with it. So the
 * datagrams are sent here; the rest is libsystemd's.
 */
#include "daemon/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"

#define STATUS_MAX 256
#define STATE_MAX 64

static struct {
    char status[STATUS_MAX]; /* the last one that was told */
    char owed[STATE_MAX];    /* a state that the supervisor has not heard yet */
} told;

static const char *address(void)
{
    const char *name = getenv("NOTIFY_SOCKET");

    return name && (name[0] == '/' || name[0] == '@') && name[1] ? name : NULL;
}

bool goxel_supervisor_present(void)
{
    return address() != NULL;
}

/* ---- one datagram ---- */

/* A new socket each time: it is rare, and a supervisor may start anew behind the same path. */
static int connect_to(const char *name)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    int fd, errnum;

    if (len >= sizeof(to.sun_path))
        return -ENAMETOOLONG;
    memcpy(to.sun_path, name, len);
    if (name[0] == '@')
        to.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)&to,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) == 0)
        return fd;
    errnum = errno;
    close(fd);
    return -errnum;
}

static int send_once(int socket_fd, const char *text, int fd)
{
    struct iovec part = {(char *)text, strlen(text)};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.room = {0}};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (fd >= 0) {
        struct cmsghdr *rights;

        message.msg_control = control.room;
        message.msg_controllen = sizeof(control.room);
        rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(rights), &fd, sizeof(int));
    }
    return sendmsg(socket_fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Returns 0 or a negative errno; -EAGAIN: its queue is still full. */
static int tell(const char *text, int fd, int64_t wait_ms)
{
    int64_t until_ms = goxel_clock_ms() + wait_ms;
    const char *name = address();
    int socket_fd, result;

    if (!name)
        return 0;
    socket_fd = connect_to(name);
    if (socket_fd < 0)
        return socket_fd;
    for (;;) {
        struct pollfd room = {.fd = socket_fd, .events = POLLOUT};
        int64_t left_ms = until_ms - goxel_clock_ms();

        result = send_once(socket_fd, text, fd);
        if (result == -EINTR)
            continue;
        if (result != -EAGAIN || left_ms <= 0)
            break;
        (void)poll(&room, 1, (int)left_ms);
    }
    close(socket_fd);
    return result;
}

static void complain(const char *what, int result)
{
    goxel_log(GOXEL_LOG_WARN, "supervisor socket=%s untold=%.*s reason=%s", getenv("NOTIFY_SOCKET"),
              (int)strcspn(what, "\n"), what, GOXEL_QUOTED(strerror(-result)));
}

/* What is owed goes first, so that the order holds. */
static bool settle(void)
{
    if (told.owed[0] && tell(told.owed, -1, 0) != 0)
        return false;
    told.owed[0] = '\0';
    return true;
}

/* For what comes again anyway. Returns whether it was told. */
static bool mention(const char *text)
{
    return settle() && tell(text, -1, 0) == 0;
}

static void state(const char *text)
{
    int result = tell(text, -1, GOXEL_SUPERVISOR_WAIT_MS);

    /* Of two states only the later one matters. */
    told.owed[0] = '\0';
    if (!result)
        return;
    snprintf(told.owed, sizeof(told.owed), "%s", text);
    complain(text, result);
}

/* ---- what is told ---- */

void goxel_supervisor_ready(void)
{
    state("READY=1");
}

void goxel_supervisor_reloading(void)
{
    char text[STATE_MAX];

    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)(goxel_clock_ns() / 1000));
    state(text);
}

void goxel_supervisor_stopping(void)
{
    state("STOPPING=1");
}

void goxel_supervisor_status(const char *fmt, ...)
{
    char raw[STATUS_MAX], status[STATUS_MAX], text[STATUS_MAX + sizeof("STATUS=")];
    va_list args;

    if (!address())
        return;
    va_start(args, fmt);
    vsnprintf(raw, sizeof(raw), fmt, args);
    va_end(args);
    /* A line feed in it would begin another field; malformed UTF-8 systemd throws away. */
    goxel_utf8_printable(status, sizeof(status), raw, strlen(raw));
    if (!strcmp(status, told.status))
        return;
    snprintf(text, sizeof(text), "STATUS=%s", status);
    if (mention(text))
        memcpy(told.status, status, sizeof(told.status));
}

void goxel_supervisor_extend(int64_t ms)
{
    char text[STATE_MAX];

    snprintf(text, sizeof(text), "EXTEND_TIMEOUT_USEC=%lld", (long long)ms * 1000);
    (void)mention(text);
}

void goxel_supervisor_watchdog(void)
{
    if (goxel_supervisor_watchdog_ms() > 0)
        (void)mention("WATCHDOG=1");
}

int64_t goxel_supervisor_watchdog_ms(void)
{
    uint64_t usec;
    int64_t ms;

    if (sd_watchdog_enabled(0, &usec) <= 0)
        return 0;
    ms = (int64_t)(usec / 2000);
    return ms > 0 ? ms : 1;
}

/* ---- the descriptor store ---- */

static void write_store(char *text, size_t size, const char *field, const char *name)
{
    size_t len = (size_t)snprintf(text, size, "%s\nFDNAME=", field);

    for (; *name && len + 1 < size; name++)
        text[len++] = *name > ' ' && *name < 0x7f && *name != ':' ? *name : '_';
    text[len] = '\0';
}

static void tell_store(const char *field, const char *name, int fd)
{
    char text[STATE_MAX + sizeof(((struct goxel_inherited *)0)->fds[0].name)];
    int result;

    write_store(text, sizeof(text), field, name);
    (void)settle();
    result = tell(text, fd, GOXEL_SUPERVISOR_WAIT_MS);
    if (result)
        complain(text, result);
}

void goxel_supervisor_store(int fd, const char *name)
{
    tell_store("FDSTORE=1", name, fd);
}

void goxel_supervisor_forget(const char *name)
{
    tell_store("FDSTOREREMOVE=1", name, -1);
}

/* ---- what was handed to us ---- */

static void free_names(char **names)
{
    for (char **name = names; name && *name; name++)
        free(*name);
    free(names);
}

void goxel_supervisor_take(struct goxel_inherited *ret_inherited)
{
    char **names = NULL;
    int count = sd_listen_fds_with_names(0, &names);

    /* As many names as descriptors, it says; without them the descriptors are as good. */
    if (count < 0)
        count = sd_listen_fds(0);
    if (count < 0)
        goxel_log(GOXEL_LOG_WARN, "supervisor descriptors=unusable reason=%s",
                  GOXEL_QUOTED(strerror(-count)));
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");

    ret_inherited->count = 0;
    for (int i = 0; i < count; i++) {
        size_t n = ret_inherited->count;
        const char *name = names && names[i] ? names[i] : "";

        if (n == GOXEL_SUPERVISOR_FDS_MAX) {
            goxel_log(GOXEL_LOG_WARN, "supervisor descriptors=%d taken=%d", count, GOXEL_SUPERVISOR_FDS_MAX);
            for (; i < count; i++)
                close(SD_LISTEN_FDS_START + i);
            break;
        }
        ret_inherited->fds[n].fd = SD_LISTEN_FDS_START + i;
        snprintf(ret_inherited->fds[n].name, sizeof(ret_inherited->fds[n].name), "%s", name);
        ret_inherited->count++;
    }
    free_names(names);
}
