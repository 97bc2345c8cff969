/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the daemon of a configuration listens, and a connection to it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/talk.h"

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    };
    socklen_t len;
    char name[128]; /* for messages */
};

/* A daemon that listens everywhere listens on loopback too. */
static void avoid_wildcard(struct address *address)
{
    if (address->any.sa_family == AF_INET && address->v4.sin_addr.s_addr == htonl(INADDR_ANY))
        address->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (address->any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr))
        address->v6.sin6_addr = in6addr_loopback;
}

/* `host` without brackets. */
static int resolve(const char *host, const char *port, struct goxel_detail *detail,
                   struct address *ret_address)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;

    if (!strcmp(port, "0"))
        return goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS,
                          "the daemon took any free TCP port: configure one, or sockets.unix, to reach it");
    if (getaddrinfo(host, port, &hints, &found))
        return goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS, "%s: not an address", host);
    memcpy(&ret_address->v6, found->ai_addr, found->ai_addrlen); /* the wider of the two */
    ret_address->len = found->ai_addrlen;
    freeaddrinfo(found);
    avoid_wildcard(ret_address);
    snprintf(ret_address->name, sizeof(ret_address->name), strchr(host, ':') ? "[%s]:%s" : "%s:%s", host,
             port);
    return 0;
}

static int first_tcp(const struct goxel_config *config, struct goxel_detail *detail,
                     struct address *ret_address)
{
    const char *const *items;
    char text[96], *port;
    size_t len;

    if (!goxel_config_list(config, GOXEL_OPT_SOCKETS_TCP_LISTEN, &items)) {
        snprintf(text, sizeof(text), "%d", (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_PORT));
        return resolve(goxel_config_string(config, GOXEL_OPT_SOCKETS_TCP_BIND_ADDRESS), text, detail,
                       ret_address);
    }
    snprintf(text, sizeof(text), "%s", items[0]);
    port = strrchr(text, ':');
    if (!port)
        return goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS, "%s: not an address", text);
    *port++ = '\0';
    len = strlen(text);
    if (text[0] != '[' || text[len - 1] != ']')
        return resolve(text, port, detail, ret_address);
    text[len - 1] = '\0';
    return resolve(text + 1, port, detail, ret_address);
}

static int choose(const struct goxel_config *config, struct goxel_detail *detail, struct address *ret_address)
{
    const char *path = goxel_config_string(config, GOXEL_OPT_SOCKETS_UNIX_PATH);
    size_t size = sizeof(ret_address->local.sun_path);

    if (!goxel_config_unix_http(config)) {
        if (goxel_config_bool(config, GOXEL_OPT_SOCKETS_TCP_ENABLED))
            return first_tcp(config, detail, ret_address);
        return goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS,
                          "the daemon speaks no HTTP: sockets.unix.protocol is jsonrpc, and there is no TCP");
    }
    if (strlen(path) >= size)
        return goxel_fail_limit(detail, GOXEL_ERROR_FILE_ACCESS, "sockets.unix.path (bytes)",
                                (int64_t)size - 1, (int64_t)strlen(path));
    ret_address->local.sun_family = AF_UNIX;
    memcpy(ret_address->local.sun_path, path, strlen(path) + 1);
    ret_address->len = sizeof(ret_address->local);
    snprintf(ret_address->name, sizeof(ret_address->name), "%s", path);
    return 0;
}

/* Both kinds of socket hold a blocking connect(2) to the time limit of sending. */
static int connect_within(int fd, const struct address *address, int64_t timeout_ms)
{
    struct timeval limit = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    int errnum;

    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)))
        return errno;
    errnum = connect(fd, &address->any, address->len) ? errno : 0;
    limit = (struct timeval){0};
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    return errnum;
}

int goxel_talk_connect(const struct goxel_config *config, int64_t timeout_ms, struct goxel_detail *detail,
                       int *ret_fd)
{
    struct address address = {0};
    int code = choose(config, detail, &address);
    int fd, errnum;

    if (code)
        return code;
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "socket", address.name);
    errnum = connect_within(fd, &address, timeout_ms > 0 ? timeout_ms : 1);
    if (!errnum) {
        *ret_fd = fd;
        return 0;
    }
    close(fd);
    if (errnum == EAGAIN || errnum == EINPROGRESS)
        return goxel_fail(detail, GOXEL_ERROR_OPERATION_TIMEOUT, "connect %s: no answer in time",
                          address.name);
    return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errnum, "connect", address.name);
}
