/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listening sockets: addresses, stale and live Unix sockets, and the fence at the end. */
#include "http/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "unit.h"

static const struct goxel_tcp_options plain = {.backlog = 16, .nodelay = true};

/* A non-blocking connect to where the listener is; the descriptor. *ret_err is 0, EINPROGRESS, … */
static int connect_to(const struct goxel_listener *listener, int *ret_err)
{
    struct sockaddr_storage addr;
    socklen_t len = sizeof(addr);
    int fd = socket(listener->family, SOCK_STREAM | SOCK_NONBLOCK, 0);

    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL_FATAL(getsockname(listener->fd, (struct sockaddr *)&addr, &len), 0);
    *ret_err = connect(fd, (struct sockaddr *)&addr, len) ? errno : 0;
    if (*ret_err == EINPROGRESS) {
        struct pollfd polled = {.fd = fd, .events = POLLOUT};
        socklen_t size = sizeof(*ret_err);

        if (poll(&polled, 1, 200) == 1)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, ret_err, &size);
    }
    return fd;
}

static void tcp_addresses(void)
{
    static const char *const good[] = {"127.0.0.1:0", "[::1]:0"};
    static const char *const bad[] = {
        "",         "127.0.0.1",    "127.0.0.1:", ":80",       "localhost:80",
        "::1:0:zz", "1.2.3.4.5:80", "[::1]",      "[::1:7890", "127.0.0.1:http"};
    struct goxel_listener listener;
    struct goxel_detail detail;
    int err, fd;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        goxel_detail_init(&detail);
        int code = goxel_listener_open_tcp(good[i], &plain, &detail, &listener);

        if (code && (detail.errnum == EAFNOSUPPORT || detail.errnum == EADDRNOTAVAIL))
            continue; /* no IPv6 here */
        CU_ASSERT_EQUAL_FATAL(code, 0);
        CU_ASSERT_PTR_NULL(strstr(listener.name, ":0")); /* a real port by now */
        fd = connect_to(&listener, &err);
        CU_ASSERT_EQUAL(err, 0);
        close(fd);
        goxel_listener_close(&listener);
        CU_ASSERT_EQUAL(listener.fd, -1);
        goxel_listener_close(&listener);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(goxel_listener_open_tcp(bad[i], &plain, &detail, &listener),
                        DAEMON_ERROR_SOCKET_CREATE_FAILED);
}

static void a_port_in_use_is_named(void)
{
    struct goxel_listener first, second;
    struct goxel_detail detail;

    CU_ASSERT_EQUAL_FATAL(goxel_listener_open_tcp("127.0.0.1:0", &plain, NULL, &first), 0);
    CU_ASSERT_EQUAL(goxel_listener_open_tcp(first.name, &plain, &detail, &second),
                    DAEMON_ERROR_SOCKET_CREATE_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, first.name));
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "in use"));
    goxel_listener_close(&first);
}

static void a_fenced_port_lets_nobody_new_in(void)
{
    struct goxel_listener listener;
    int err, before, after, accepted;

    CU_ASSERT_EQUAL_FATAL(goxel_listener_open_tcp("127.0.0.1:0", &plain, NULL, &listener), 0);
    before = connect_to(&listener, &err);
    CU_ASSERT_EQUAL(err, 0);
    goxel_listener_refuse_new(&listener);
    after = connect_to(&listener, &err);
    CU_ASSERT_EQUAL(err, EINPROGRESS); /* dropped, not refused */
    accepted = accept(listener.fd, NULL, NULL);
    CU_ASSERT(accepted >= 0); /* the one who was in time */
    CU_ASSERT(accept(listener.fd, NULL, NULL) < 0 && errno == EAGAIN);
    close(accepted);
    close(before);
    close(after);
    goxel_listener_close(&listener);
}

static void unix_sockets(void)
{
    char folder[] = "/tmp/goxel-test-XXXXXX", path[64];
    struct goxel_listener first, second;
    struct goxel_detail detail;
    struct stat st;
    int err, fd;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/sock", folder);
    CU_ASSERT_EQUAL_FATAL(
        goxel_listener_open_unix(path, &(struct goxel_unix_options){16, 0640, (uid_t)-1, (gid_t)-1, true},
                                 NULL, &first),
        0);
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0640);
    fd = connect_to(&first, &err);
    CU_ASSERT_EQUAL(err, 0);
    close(fd);

    /* A live one is never taken. */
    CU_ASSERT_EQUAL(
        goxel_listener_open_unix(path, &(struct goxel_unix_options){16, 0600, (uid_t)-1, (gid_t)-1, true},
                                 &detail, &second),
        DAEMON_ERROR_SOCKET_CREATE_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "listening"));

    /* A dead one is, unless that is switched off. */
    close(first.fd);
    CU_ASSERT_EQUAL(
        goxel_listener_open_unix(path, &(struct goxel_unix_options){16, 0600, (uid_t)-1, (gid_t)-1, false},
                                 &detail, &second),
        DAEMON_ERROR_SOCKET_CREATE_FAILED);
    CU_ASSERT_EQUAL_FATAL(
        goxel_listener_open_unix(path, &(struct goxel_unix_options){16, 0600, (uid_t)-1, (gid_t)-1, true},
                                 NULL, &second),
        0);

    /* Nor is one that speaks otherwise. */
    close(second.fd);
    unlink(path);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    memcpy(addr.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    CU_ASSERT_EQUAL(
        goxel_listener_open_unix(path, &(struct goxel_unix_options){16, 0600, (uid_t)-1, (gid_t)-1, true},
                                 &detail, &first),
        DAEMON_ERROR_SOCKET_CREATE_FAILED);
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    close(fd);
    unlink(path);
    CU_ASSERT_EQUAL_FATAL(
        goxel_listener_open_unix(path, &(struct goxel_unix_options){16, 0600, (uid_t)-1, (gid_t)-1, true},
                                 NULL, &second),
        0);

    /* Fencing unlinks, and closing does not unlink what somebody else put there since. */
    goxel_listener_refuse_new(&second);
    CU_ASSERT_NOT_EQUAL(stat(path, &st), 0);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    goxel_listener_close(&second);
    CU_ASSERT_EQUAL(stat(path, &st), 0);

    /* What is no socket stays. */
    CU_ASSERT_EQUAL(
        goxel_listener_open_unix(path, &(struct goxel_unix_options){16, 0600, (uid_t)-1, (gid_t)-1, true},
                                 &detail, &second),
        DAEMON_ERROR_SOCKET_CREATE_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "no socket"));
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

const struct unit_suite listener_suite = {
    "listener",
    (const struct unit_test[]){
        {"TCP addresses", tcp_addresses},
        {"a port in use is named", a_port_in_use_is_named},
        {"a fenced port lets nobody new in", a_fenced_port_lets_nobody_new_in},
        {"Unix sockets", unix_sockets},
        {NULL, NULL},
    },
};
