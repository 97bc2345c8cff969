/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening, adopting, fencing off and closing listening sockets; see the header for the order of an end. */
#include "http/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"

static int fail_socket(struct goxel_detail *detail, int errnum, const char *what, const char *name)
{
    if (errnum == EADDRINUSE)
        return goxel_fail(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED,
                          "%s: the address is in use; stop the program that has it or choose another port",
                          name);
    return goxel_fail_errno(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, errnum, what, name);
}

/* Splits "ADDRESS:PORT" or "[V6]:PORT"; the host is written without its brackets. */
static bool split_spec(const char *spec, char *ret_host, size_t size, const char **ret_port)
{
    const char *colon = strrchr(spec, ':');
    size_t len = colon ? (size_t)(colon - spec) : 0;

    if (len >= 2 && spec[0] == '[' && spec[len - 1] == ']') {
        spec++;
        len -= 2;
    }
    if (!colon || !colon[1] || !len || len >= size)
        return false;
    memcpy(ret_host, spec, len);
    ret_host[len] = '\0';
    *ret_port = colon + 1;
    return true;
}

/* The numeric address of `spec`, for freeaddrinfo(3); NULL if it is none. */
static struct addrinfo *resolve(const char *spec)
{
    const struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *info = NULL;
    char host[64];
    const char *port;

    if (!split_spec(spec, host, sizeof(host), &port) || getaddrinfo(host, port, &hints, &info))
        return NULL;
    return info;
}

static void set_option(int fd, int level, int option, int value)
{
    /* Tuning only: a system without it still serves. Accepted sockets inherit all of them. */
    (void)setsockopt(fd, level, option, &value, sizeof(value));
}

static void tune(int fd, int family, const struct goxel_tcp_options *options)
{
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (family == AF_INET6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, options->nodelay);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, options->keepalive);
    if (options->keepalive && options->keepalive_idle)
        set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, options->keepalive_idle);
    if (options->keepalive && options->keepalive_interval)
        set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, options->keepalive_interval);
    if (options->keepalive && options->keepalive_count)
        set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, options->keepalive_count);
}

void goxel_listener_describe(int fd, char *ret_name, size_t size)
{
    struct sockaddr_storage addr = {0};
    socklen_t len = sizeof(addr);
    char host[INET6_ADDRSTRLEN], port[8];

    if (getsockname(fd, (struct sockaddr *)&addr, &len))
        snprintf(ret_name, size, "no socket");
    else if (addr.ss_family == AF_UNIX)
        snprintf(ret_name, size, "%.*s", (int)sizeof(struct sockaddr_un) - (int)sizeof(sa_family_t),
                 ((const struct sockaddr_un *)&addr)->sun_path);
    else if (!getnameinfo((struct sockaddr *)&addr, len, host, sizeof(host), port, sizeof(port),
                          NI_NUMERICHOST | NI_NUMERICSERV))
        snprintf(ret_name, size, addr.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
    else
        snprintf(ret_name, size, "address family %d", (int)addr.ss_family);
}

int goxel_listener_open_tcp(const char *spec, const struct goxel_tcp_options *options,
                            struct goxel_detail *detail, struct goxel_listener *ret_listener)
{
    struct goxel_listener listener = {.fd = -1};
    struct addrinfo *info = resolve(spec);
    int code;

    if (!info)
        return goxel_fail_value(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, "sockets.tcp", spec,
                                "an IP address and a port, as 127.0.0.1:7890 or [::1]:7890");
    listener.family = info->ai_family;
    snprintf(listener.name, sizeof(listener.name), "%s", spec);
    listener.fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (listener.fd < 0) {
        code = fail_socket(detail, errno, "socket", spec);
        goto out;
    }
    tune(listener.fd, listener.family, options);
    if (bind(listener.fd, info->ai_addr, info->ai_addrlen)) {
        code = fail_socket(detail, errno, "bind", spec);
        goto out;
    }
    if (listen(listener.fd, options->backlog)) {
        code = fail_socket(detail, errno, "listen", spec);
        goto out;
    }
    goxel_listener_describe(listener.fd, listener.name, sizeof(listener.name));
    *ret_listener = listener;
    listener.fd = -1;
    code = 0;
out:
    if (listener.fd >= 0)
        close(listener.fd);
    freeaddrinfo(info);
    return code;
}

/* 0 if nobody answers there any more; what cannot be told is not taken. */
static int check_stale(const struct sockaddr_un *addr, struct goxel_detail *detail)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int err;

    if (fd < 0)
        return fail_socket(detail, errno, "socket", addr->sun_path);
    err = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) ? errno : 0;
    close(fd);
    if (err == ECONNREFUSED || err == ENOENT)
        return 0;
    if (err && err != EAGAIN && err != EPROTOTYPE)
        return fail_socket(detail, err, "connect", addr->sun_path);
    return goxel_fail(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, "%s: another program is listening there",
                      addr->sun_path);
}

/* Makes room for our socket at the path. */
static int clear_path(const struct sockaddr_un *addr, bool unlink_existing, struct goxel_detail *detail)
{
    const char *path = addr->sun_path;
    struct stat st;
    int code;

    if (lstat(path, &st))
        return errno == ENOENT ? 0 : fail_socket(detail, errno, "lstat", path);
    if (!S_ISSOCK(st.st_mode))
        return goxel_fail(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED,
                          "%s exists and is no socket; move it away", path);
    code = check_stale(addr, detail);
    if (code)
        return code;
    if (!unlink_existing)
        return goxel_fail(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED,
                          "%s: a stale socket is in the way, and sockets.unix.unlink_existing is off", path);
    if (unlink(path) && errno != ENOENT)
        return fail_socket(detail, errno, "unlink", path);
    return 0;
}

/*
 * The socket that is at the path now, in a descriptor that stands for it alone: its folder may be the service
 * user's, who can put a link in its place at any time. -1 with errno: ENOTSOCK, too.
 */
static int open_path(const char *path, struct stat *ret_st)
{
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), err = 0;
    struct stat st;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st))
        err = errno;
    else if (!S_ISSOCK(st.st_mode))
        err = ENOTSOCK;
    if (err) {
        close(fd);
        errno = err;
        return -1;
    }
    *ret_st = st;
    return fd;
}

/* fchmod(2) takes no descriptor of O_PATH, and chmod(2) no empty path. */
static int change_mode(int fd, mode_t mode)
{
    char link[40];

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    return chmod(link, mode);
}

/*
 * Gives the socket behind the descriptor its owner, group and mode; errno if that is not allowed. On the
 * way nobody may connect who may not in the end.
 */
static int settle(int fd, const struct stat *st, const struct goxel_unix_options *options)
{
    mode_t mode = st->st_mode & 07777;
    bool new_owner = (options->owner != (uid_t)-1 && options->owner != st->st_uid) ||
                     (options->group != (gid_t)-1 && options->group != st->st_gid);

    if (!new_owner && mode == options->mode)
        return 0;
    if (st->st_nlink > 1)
        return EMLINK; /* somebody else's socket, perhaps, which was linked here */
    if ((mode & options->mode) != mode) {
        mode &= options->mode;
        if (change_mode(fd, mode))
            return errno;
    }
    if (new_owner && fchownat(fd, "", options->owner, options->group, AT_EMPTY_PATH))
        return errno;
    return mode != options->mode && change_mode(fd, options->mode) ? errno : 0;
}

static int fail_settle(struct goxel_detail *detail, int errnum, const char *path)
{
    if (errnum == EPERM)
        return goxel_fail(
            detail, DAEMON_ERROR_SOCKET_CREATE_FAILED,
            "%s: its owner or group may not be set; name a group in sockets.unix.group that the "
            "daemon's user belongs to, or start as root; of a systemd service see docs/security.md",
            path);
    return fail_socket(detail, errnum, "owner and mode of", path);
}

/* Binds, and settles what has come of it; 0 or a failure, with nothing left behind. */
static int bind_unix(struct goxel_listener *listener, const struct sockaddr_un *addr,
                     const struct goxel_unix_options *options, struct goxel_detail *detail)
{
    /* With the mode it is to have, so that only a folder with rules of its own needs /proc; nobody listens yet. */
    mode_t before = umask(~options->mode & 0777);
    int err = bind(listener->fd, (const struct sockaddr *)addr, sizeof(*addr)) ? errno : 0;
    struct stat st;
    int fd;

    umask(before);
    if (err)
        return fail_socket(detail, err, "bind", listener->name);
    fd = open_path(addr->sun_path, &st);
    if (fd < 0) {
        err = errno;
        if (err != ENOTSOCK)
            unlink(addr->sun_path);
        return fail_socket(detail, err, "what was made at", listener->name);
    }
    memcpy(listener->path, addr->sun_path, sizeof(listener->path));
    listener->device = st.st_dev;
    listener->inode = st.st_ino;
    err = settle(fd, &st, options);
    close(fd);
    return err ? fail_settle(detail, err, listener->name) : 0;
}

int goxel_listener_open_unix(const char *path, const struct goxel_unix_options *options,
                             struct goxel_detail *detail, struct goxel_listener *ret_listener)
{
    struct goxel_listener listener = {.fd = -1, .family = AF_UNIX};
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int code;

    if (strlen(path) >= sizeof(addr.sun_path))
        return goxel_fail_limit(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, "sockets.unix.path (bytes)",
                                sizeof(addr.sun_path) - 1, (int64_t)strlen(path));
    memcpy(addr.sun_path, path, strlen(path) + 1);
    snprintf(listener.name, sizeof(listener.name), "%s", path);
    code = clear_path(&addr, options->unlink_existing, detail);
    if (code)
        return code;
    listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener.fd < 0)
        return fail_socket(detail, errno, "socket", path);
    code = bind_unix(&listener, &addr, options, detail);
    if (!code && listen(listener.fd, options->backlog))
        code = fail_socket(detail, errno, "listen", path);
    if (code) {
        goxel_listener_close(&listener);
        return code;
    }
    *ret_listener = listener;
    return 0;
}

/* ---- sockets that somebody hands to us ---- */

/* A listening stream socket? Its own address is written then. */
static bool is_listening(int fd, struct sockaddr_storage *ret_addr, socklen_t *ret_len)
{
    int listening = 0, type = 0;
    socklen_t len = sizeof(int);

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) || !listening)
        return false;
    len = sizeof(int);
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) || type != SOCK_STREAM)
        return false;
    memset(ret_addr, 0, sizeof(*ret_addr));
    *ret_len = sizeof(*ret_addr);
    return !getsockname(fd, (struct sockaddr *)ret_addr, ret_len);
}

static bool fits_v4(const struct sockaddr_in *is, const struct sockaddr_in *want)
{
    return is->sin_addr.s_addr == want->sin_addr.s_addr &&
           (!want->sin_port || is->sin_port == want->sin_port);
}

/* The scope tells links apart, and is kept for addresses of a link only. */
static bool fits_v6(const struct sockaddr_in6 *is, const struct sockaddr_in6 *want)
{
    return !memcmp(&is->sin6_addr, &want->sin6_addr, sizeof(is->sin6_addr)) &&
           (!want->sin6_port || is->sin6_port == want->sin6_port) &&
           (!IN6_IS_ADDR_LINKLOCAL(&want->sin6_addr) || is->sin6_scope_id == want->sin6_scope_id);
}

static bool fits(const struct sockaddr_storage *is, const struct sockaddr *want)
{
    if (is->ss_family != want->sa_family)
        return false;
    if (is->ss_family == AF_INET)
        return fits_v4((const struct sockaddr_in *)is, (const struct sockaddr_in *)want);
    return is->ss_family == AF_INET6 &&
           fits_v6((const struct sockaddr_in6 *)is, (const struct sockaddr_in6 *)want);
}

/* One that blocked would hold up the acceptor: rather none. */
static bool set_flags(int fd)
{
    int status = fcntl(fd, F_GETFL), flags = fcntl(fd, F_GETFD);

    return status >= 0 && flags >= 0 && !fcntl(fd, F_SETFD, flags | FD_CLOEXEC) &&
           !fcntl(fd, F_SETFL, status | O_NONBLOCK);
}

static void set_backlog(int fd, int backlog)
{
    /* It listens already: with its former backlog if this fails. */
    (void)listen(fd, backlog);
}

static void fence(const struct goxel_listener *listener, int ttl)
{
    if (listener->family == AF_INET)
        set_option(listener->fd, IPPROTO_IP, IP_MINTTL, ttl);
    else if (listener->family == AF_INET6)
        set_option(listener->fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, ttl);
}

bool goxel_listener_adopt_tcp(int fd, const char *spec, const struct goxel_tcp_options *options,
                              enum goxel_socket_keeper keeper, struct goxel_listener *ret_listener)
{
    struct goxel_listener listener = {.fd = fd, .keeper = keeper};
    struct addrinfo *info = resolve(spec);
    struct sockaddr_storage addr;
    socklen_t len;
    bool ours = info && is_listening(fd, &addr, &len) && fits(&addr, info->ai_addr) && set_flags(fd);

    if (info)
        freeaddrinfo(info);
    if (!ours)
        return false;
    listener.family = addr.ss_family;
    snprintf(listener.name, sizeof(listener.name), "%s", spec);
    tune(fd, listener.family, options);
    set_backlog(fd, options->backlog);
    fence(&listener, 0);
    goxel_listener_describe(listener.fd, listener.name, sizeof(listener.name));
    *ret_listener = listener;
    return true;
}

static bool fits_path(const struct sockaddr_storage *addr, socklen_t len, const char *path)
{
    const struct sockaddr_un *un = (const struct sockaddr_un *)addr;
    size_t size = len > offsetof(struct sockaddr_un, sun_path) ? len - offsetof(struct sockaddr_un, sun_path)
                                                               : 0;

    /* A path as long as it may be comes without a NUL; an abstract name begins with one. */
    return addr->ss_family == AF_UNIX && size && un->sun_path[0] &&
           strnlen(un->sun_path, size) == strlen(path) && !memcmp(un->sun_path, path, strlen(path));
}

bool goxel_listener_adopt_unix(int fd, const char *path, const struct goxel_unix_options *options,
                               enum goxel_socket_keeper keeper, struct goxel_listener *ret_listener)
{
    struct goxel_listener listener = {.fd = fd, .keeper = keeper, .family = AF_UNIX};
    struct sockaddr_storage addr;
    struct stat st;
    socklen_t len;
    int at_path, err = 0;

    if (strlen(path) >= sizeof(listener.path) || !is_listening(fd, &addr, &len) ||
        !fits_path(&addr, len, path))
        return false;
    at_path = open_path(path, &st);
    if (at_path < 0)
        return false;
    if (!set_flags(fd)) {
        close(at_path);
        return false;
    }
    snprintf(listener.name, sizeof(listener.name), "%s", path);
    snprintf(listener.path, sizeof(listener.path), "%s", path);
    listener.device = st.st_dev;
    listener.inode = st.st_ino;
    if (keeper != GOXEL_KEEPER_SUPERVISOR)
        err = settle(at_path, &st, options);
    close(at_path);
    if (err)
        goxel_log(GOXEL_LOG_WARN,
                  "unix socket path=%s errno=%d message=\"its owner, group or mode could not be set\"", path,
                  err);
    set_backlog(fd, options->backlog);
    *ret_listener = listener;
    return true;
}

/* ---- the end ---- */

static void unlink_ours(struct goxel_listener *listener)
{
    struct stat st;

    if (listener->path[0] && !lstat(listener->path, &st) && st.st_dev == listener->device &&
        st.st_ino == listener->inode)
        unlink(listener->path);
    listener->path[0] = '\0';
}

void goxel_listener_refuse_new(struct goxel_listener *listener)
{
    if (listener->keeper == GOXEL_KEEPER_SUPERVISOR)
        return;
    if (listener->family != AF_UNIX)
        fence(listener, 255);
    else if (listener->keeper == GOXEL_KEEPER_NONE)
        unlink_ours(listener);
}

void goxel_listener_rebase(struct goxel_listener *listener, size_t len)
{
    if (listener->path[0])
        memmove(listener->path, listener->path + len, strlen(listener->path + len) + 1);
}

void goxel_listener_close(struct goxel_listener *listener)
{
    if (listener->fd >= 0)
        close(listener->fd);
    listener->fd = -1;
    if (listener->keeper == GOXEL_KEEPER_NONE)
        unlink_ours(listener);
}
