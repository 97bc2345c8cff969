/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A listening socket, TCP or Unix, and its orderly end.
 *
 * Used by: http/acceptor, daemon (opens them before anything else can fail).  Uses: base.
 *
 * Life: opened by the daemon's lifecycle thread, then owned by the front, whose acceptor thread alone
 * uses and closes it.
 */
#ifndef GOXEL_HTTP_LISTENER_H
#define GOXEL_HTTP_LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/detail.h"

/* Listening sockets of one daemon. */
#define GOXEL_LISTENERS_MAX 32

struct goxel_listener {
    int fd; /* -1 when closed */
    int family;
    char name[128];                                         /* "127.0.0.1:7890", "[::1]:7890", a path */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* Unix only */
    dev_t device;                                           /* of the path, to unlink ours only */
    ino_t inode;
};

struct goxel_tcp_options {
    int backlog;
    bool nodelay, keepalive;
    int keepalive_idle, keepalive_interval, keepalive_count; /* seconds, seconds, probes; 0: the system's */
};

/* `spec` is "ADDRESS:PORT" or "[V6]:PORT", port 0 any. DAEMON_ERROR_SOCKET_CREATE_FAILED names address and reason. */
int goxel_listener_open_tcp(const char *spec, const struct goxel_tcp_options *options,
                            struct goxel_detail *detail, struct goxel_listener *ret_listener);

/*
 * A stale socket (nobody answers) is replaced if `unlink_existing`; a live one, or anything that is
 * no socket, is DAEMON_ERROR_SOCKET_CREATE_FAILED. `mode` as for chmod(2).
 */
int goxel_listener_open_unix(const char *path, mode_t mode, int backlog, bool unlink_existing,
                             struct goxel_detail *detail, struct goxel_listener *ret_listener);

/*
 * From here on no client gets a new connection, while those whose connect() succeeded can still be
 * accepted: TCP drops new SYNs (IP_MINTTL and IPV6_MINHOPCOUNT of 255 do not match a client's 64),
 * Unix unlinks the path.
 */
void goxel_listener_refuse_new(struct goxel_listener *listener);

void goxel_listener_close(
    struct goxel_listener *listener); /* closed ones too; unlinks our path if still there */

#endif
