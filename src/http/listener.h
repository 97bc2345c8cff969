/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A listening socket, TCP or Unix, and its orderly end.
 *
 * Used by: http/acceptor, daemon (opens them before privileges are dropped).  Uses: base.
 *
 * Life: opened, or adopted from a supervisor or an earlier image of the daemon, by the lifecycle thread;
 * then owned by the front, whose acceptor thread alone uses and closes it, until the front gives it
 * back for a re-exec.
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

/* Who else holds the socket, and so decides whether new clients may still come when we end. */
enum goxel_socket_keeper {
    GOXEL_KEEPER_NONE,       /* nobody: it ends with us */
    GOXEL_KEEPER_STORE,      /* systemd's descriptor store: a successor may get it */
    GOXEL_KEEPER_SUPERVISOR, /* a .socket unit: it outlives us */
};

struct goxel_listener {
    int fd; /* -1 when closed */
    enum goxel_socket_keeper keeper;
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

struct goxel_unix_options {
    int backlog;
    mode_t mode;          /* as for chmod(2) */
    uid_t owner;          /* (uid_t)-1: as it comes */
    gid_t group;          /* (gid_t)-1: as it comes */
    bool unlink_existing; /* replace a stale socket (nobody answers) */
};

/*
 * A live socket, or anything that is no socket, is never replaced: DAEMON_ERROR_SOCKET_CREATE_FAILED. Nobody
 * can connect before owner, group and mode are set.
 */
int goxel_listener_open_unix(const char *path, const struct goxel_unix_options *options,
                             struct goxel_detail *detail, struct goxel_listener *ret_listener);

/*
 * Is `fd`, which somebody handed to us, the listening stream socket for this address or path? Told by
 * getsockname(2); port 0 fits every port; a Unix socket whose path is gone fits nothing. If so it becomes
 * *ret_listener: not blocking, close-on-exec, tuned, with our backlog, and without a fence that a
 * predecessor left. If not, nothing has changed. A .socket unit's Unix socket keeps its owner and mode.
 */
bool goxel_listener_adopt_tcp(int fd, const char *spec, const struct goxel_tcp_options *options,
                              enum goxel_socket_keeper keeper, struct goxel_listener *ret_listener);
bool goxel_listener_adopt_unix(int fd, const char *path, const struct goxel_unix_options *options,
                               enum goxel_socket_keeper keeper, struct goxel_listener *ret_listener);

/*
 * From here on no client gets a new connection, while those whose connect() succeeded can still be
 * accepted: TCP drops new SYNs (IP_MINTTL and IPV6_MINHOPCOUNT of 255 do not match a client's 64),
 * Unix unlinks the path. A socket in the store keeps its path; a supervisor's stays as it is: whoever
 * comes then starts the service again.
 */
void goxel_listener_refuse_new(struct goxel_listener *listener);

/* What a socket is bound to: "127.0.0.1:7890" (port 0 has become a number), "[::1]:7890", a path. */
void goxel_listener_describe(int fd, char *ret_name, size_t size);

/* The process is now confined to a folder whose path has `len` bytes: ours begins after them. */
void goxel_listener_rebase(struct goxel_listener *listener, size_t len);

/* Closed ones too; unlinks the path if it is still ours, unless somebody keeps the socket. */
void goxel_listener_close(struct goxel_listener *listener);

#endif
