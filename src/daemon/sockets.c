/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The listening sockets of the configuration: each is taken from what was handed to us, or opened.
 *
 * Handed to us by a .socket unit, by systemd's descriptor store, or by an earlier image of ourselves: who keeps a
 * socket besides us is told by the name it comes with. What nobody asked for is closed.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/daemon.h"

/*
 * Names in the descriptor store and between images begin with one of these, and go on with the address, so that
 * each can be taken out of the store alone. Whatever has another name is a .socket unit's.
 */
static const char *const prefixes[] = {
    [GOXEL_KEEPER_NONE] = "own-",
    [GOXEL_KEEPER_STORE] = "stored-",
    [GOXEL_KEEPER_SUPERVISOR] = "kept-",
};

static enum goxel_socket_keeper keeper_of(const char *name)
{
    for (int keeper = GOXEL_KEEPER_NONE; keeper < GOXEL_KEEPER_SUPERVISOR; keeper++) {
        if (!strncmp(name, prefixes[keeper], strlen(prefixes[keeper])))
            return (enum goxel_socket_keeper)keeper;
    }
    return GOXEL_KEEPER_SUPERVISOR;
}

void goxel_listener_hand_on(const struct goxel_listener *listener, char ret_name[GOXEL_HAND_ON_MAX])
{
    snprintf(ret_name, GOXEL_HAND_ON_MAX, "%s%s", prefixes[listener->keeper], listener->name);
    for (char *at = ret_name; *at; at++) {
        if (*at == ':' || *at < ' ' || *at > '~')
            *at = '_'; /* what a name of systemd cannot hold */
    }
}

/* One wish of the configuration: a TCP address or the Unix path. */
struct wish {
    const char *tcp; /* NULL: Unix */
    const char *path;
    struct goxel_tcp_options tcp_options;
    struct goxel_unix_options unix_options;
};

static bool adopt(const struct wish *wish, int fd, enum goxel_socket_keeper keeper,
                  struct goxel_listener *ret_listener)
{
    return wish->tcp ? goxel_listener_adopt_tcp(fd, wish->tcp, &wish->tcp_options, keeper, ret_listener)
                     : goxel_listener_adopt_unix(fd, wish->path, &wish->unix_options, keeper, ret_listener);
}

static bool adopt_any(struct goxel_daemon *daemon, const struct wish *wish,
                      struct goxel_listener *ret_listener)
{
    for (size_t i = 0; i < daemon->inherited.count; i++) {
        int fd = daemon->inherited.fds[i].fd;

        if (fd >= 0 && adopt(wish, fd, keeper_of(daemon->inherited.fds[i].name), ret_listener)) {
            daemon->inherited.fds[i].fd = -1;
            return true;
        }
    }
    return false;
}

static int open_one(struct goxel_daemon *daemon, const struct wish *wish, struct goxel_detail *detail)
{
    struct goxel_listener *listener = &daemon->listeners[daemon->listener_count];
    const char *how = "taken";
    int code = 0;

    if (!adopt_any(daemon, wish, listener)) {
        how = "opened";
        code = wish->tcp ? goxel_listener_open_tcp(wish->tcp, &wish->tcp_options, detail, listener)
                         : goxel_listener_open_unix(wish->path, &wish->unix_options, detail, listener);
    }
    if (code && daemon->restart.reexeced && daemon->inherited.count) {
        /* Others were handed over: those who come that way are not to be turned away because of this one. */
        goxel_log(GOXEL_LOG_ERROR, "not listening address=%s reason=%s", wish->tcp ? wish->tcp : wish->path,
                  GOXEL_QUOTED(detail->text));
        return 0;
    }
    if (code)
        return code;
    daemon->listener_count++;
    goxel_log(GOXEL_LOG_INFO, "listening address=%s socket=%s", listener->name, how);
    return 0;
}

static int open_tcp(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_config *config = daemon->config;
    struct wish wish = {
        .tcp_options =
            {
                .backlog = (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_BACKLOG),
                .nodelay = goxel_config_bool(config, GOXEL_OPT_SOCKETS_TCP_NODELAY),
                .keepalive = goxel_config_bool(config, GOXEL_OPT_SOCKETS_TCP_KEEPALIVE),
                .keepalive_idle = (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_KEEPALIVE_IDLE),
                .keepalive_interval = (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_KEEPALIVE_INTERVAL),
                .keepalive_count = (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_KEEPALIVE_COUNT),
            },
    };
    const char *address = goxel_config_string(config, GOXEL_OPT_SOCKETS_TCP_BIND_ADDRESS);
    const char *const *specs;
    size_t count = goxel_config_list(config, GOXEL_OPT_SOCKETS_TCP_LISTEN, &specs);
    char shorthand[96];
    const char *one = shorthand;
    int code = 0;

    if (!goxel_config_bool(config, GOXEL_OPT_SOCKETS_TCP_ENABLED))
        return 0;
    if (!count) {
        snprintf(shorthand, sizeof(shorthand), strchr(address, ':') ? "[%s]:%d" : "%s:%d", address,
                 (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_PORT));
        specs = &one;
        count = 1;
    }
    if (count > GOXEL_LISTENERS_MAX - 1)
        return goxel_fail_limit(detail, DAEMON_ERROR_SOCKET_CREATE_FAILED, "sockets.tcp.listen",
                                GOXEL_LISTENERS_MAX - 1, (int64_t)count);
    for (size_t i = 0; i < count && !code; i++) {
        wish.tcp = specs[i];
        code = open_one(daemon, &wish, detail);
    }
    return code;
}

static int open_unix(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_config *config = daemon->config;
    const struct goxel_identity *identity = &daemon->identity;
    const gid_t own_group = identity->changes ? identity->gid : (gid_t)-1;
    const struct wish wish = {
        .path = goxel_config_string(config, GOXEL_OPT_SOCKETS_UNIX_PATH),
        .unix_options =
            {
                .backlog = (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_UNIX_BACKLOG),
                .mode = (mode_t)goxel_config_int(config, GOXEL_OPT_SOCKETS_UNIX_PERMISSIONS),
                .owner = identity->changes ? identity->uid : (uid_t)-1,
                .group = identity->socket_group != (gid_t)-1 ? identity->socket_group : own_group,
                .unlink_existing = goxel_config_bool(config, GOXEL_OPT_SOCKETS_UNIX_UNLINK_EXISTING),
            },
    };

    return goxel_config_bool(config, GOXEL_OPT_SOCKETS_UNIX_ENABLED) ? open_one(daemon, &wish, detail) : 0;
}

static void close_strangers(struct goxel_daemon *daemon)
{
    char address[sizeof(daemon->listeners[0].name)];

    for (size_t i = 0; i < daemon->inherited.count; i++) {
        if (daemon->inherited.fds[i].fd < 0)
            continue;
        goxel_listener_describe(daemon->inherited.fds[i].fd, address, sizeof(address));
        goxel_log(GOXEL_LOG_WARN,
                  "socket closed address=%s name=%s: it was handed to us, but the configuration has no "
                  "such address",
                  GOXEL_QUOTED(address), GOXEL_QUOTED(daemon->inherited.fds[i].name));
        if (keeper_of(daemon->inherited.fds[i].name) == GOXEL_KEEPER_STORE)
            goxel_supervisor_forget(daemon->inherited.fds[i].name);
        close(daemon->inherited.fds[i].fd);
        daemon->inherited.fds[i].fd = -1;
    }
}

/* So that a successor finds them open: after a crash, a restart of the service, an upgrade. */
static void store(struct goxel_daemon *daemon)
{
    for (size_t i = 0; goxel_supervisor_present() && i < daemon->listener_count; i++) {
        struct goxel_listener *listener = &daemon->listeners[i];
        char name[GOXEL_HAND_ON_MAX];

        if (listener->keeper != GOXEL_KEEPER_NONE)
            continue;
        listener->keeper = GOXEL_KEEPER_STORE;
        goxel_listener_hand_on(listener, name);
        goxel_supervisor_store(listener->fd, name);
    }
}

int goxel_daemon_open_sockets(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int code = open_tcp(daemon, detail);

    if (!code)
        code = open_unix(daemon, detail);
    if (!code && !daemon->listener_count)
        code = goxel_fail(detail, DAEMON_ERROR_CONFIG_INVALID,
                          "nothing to listen on: enable sockets.tcp or sockets.unix");
    if (code) {
        goxel_daemon_close_sockets(daemon);
        return code;
    }
    close_strangers(daemon);
    store(daemon);
    return 0;
}

void goxel_daemon_close_sockets(struct goxel_daemon *daemon)
{
    while (daemon->listener_count)
        goxel_listener_close(&daemon->listeners[--daemon->listener_count]);
}
