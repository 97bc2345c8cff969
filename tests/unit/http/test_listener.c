/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listening sockets: addresses, stale and live Unix sockets, and the fence at the end. */
#include "http/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
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

static int option_of(int fd, int level, int option)
{
    int value = -1;
    socklen_t len = sizeof(value);

    CU_ASSERT_EQUAL(getsockopt(fd, level, option, &value, &len), 0);
    return value;
}

/* One who comes now is let in and can talk: no fence is left on either socket. */
static void check_open(const struct goxel_listener *listener)
{
    struct pollfd polled;
    int err, client = connect_to(listener, &err), fd;
    char byte = 0;

    CU_ASSERT_EQUAL(err, 0);
    fd = accept(listener->fd, NULL, NULL);
    CU_ASSERT(fd >= 0);
    CU_ASSERT_EQUAL(write(client, "x", 1), 1);
    polled = (struct pollfd){.fd = fd, .events = POLLIN};
    CU_ASSERT_EQUAL(poll(&polled, 1, 20000), 1);
    CU_ASSERT_EQUAL(read(fd, &byte, 1), 1);
    CU_ASSERT_EQUAL(byte, 'x');
    close(fd);
    close(client);
}

/* As another program would hand it over: blocking, inherited by children, with a backlog of one. */
static int bare_socket(const struct sockaddr *addr, socklen_t len, bool listening)
{
    int fd = socket(addr->sa_family, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, addr, len) || (listening && listen(fd, 1))) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static int bare_tcp(int family, bool listening)
{
    const struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    return family == AF_INET ? bare_socket((const struct sockaddr *)&v4, sizeof(v4), listening)
                             : bare_socket((const struct sockaddr *)&v6, sizeof(v6), listening);
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage addr;
    socklen_t len = sizeof(addr);

    CU_ASSERT_EQUAL(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
    return ntohs(((const struct sockaddr_in *)&addr)->sin_port); /* at the same place in both families */
}

static void adopt_one(int family, const char *host)
{
    const struct goxel_tcp_options options = {
        .backlog = 16, .nodelay = true, .keepalive = true, .keepalive_idle = 77};
    struct goxel_listener listener = {.fd = -1};
    int fd = bare_tcp(family, true);
    char spec[80], any[80];

    if (fd < 0)
        return; /* no IPv6 here */
    snprintf(spec, sizeof(spec), "%s:%u", host, port_of(fd));
    snprintf(any, sizeof(any), "%s:0", host);
    CU_ASSERT_TRUE_FATAL(goxel_listener_adopt_tcp(fd, spec, &options, GOXEL_KEEPER_NONE, &listener));
    CU_ASSERT_EQUAL(listener.fd, fd);
    CU_ASSERT_EQUAL(listener.family, family);
    CU_ASSERT_STRING_EQUAL(listener.name, spec);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    CU_ASSERT_EQUAL(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), 77);
    CU_ASSERT_NOT_EQUAL(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 0);
    check_open(&listener);

    /* A predecessor had fenced it off; its port may be any. */
    goxel_listener_refuse_new(&listener);
    CU_ASSERT_TRUE_FATAL(goxel_listener_adopt_tcp(fd, any, &options, GOXEL_KEEPER_STORE, &listener));
    CU_ASSERT_EQUAL(listener.keeper, GOXEL_KEEPER_STORE);
    CU_ASSERT_STRING_EQUAL(listener.name, spec);
    check_open(&listener);
    goxel_listener_close(&listener);
}

static void tcp_sockets_are_adopted(void)
{
    adopt_one(AF_INET, "127.0.0.1");
    adopt_one(AF_INET6, "[::1]");
}

/* Connections that wait when nobody accepts: their number is the backlog's doing. */
static void the_backlog_is_ours(void)
{
    struct goxel_listener listener;
    int fd = bare_tcp(AF_INET, true), clients[8], err;

    CU_ASSERT_TRUE_FATAL(goxel_listener_adopt_tcp(fd, "127.0.0.1:0", &plain, GOXEL_KEEPER_NONE, &listener));
    for (int i = 0; i < 8; i++) {
        clients[i] = connect_to(&listener, &err);
        CU_ASSERT_EQUAL(err, 0);
    }
    for (int i = 0; i < 8; i++)
        close(clients[i]);
    goxel_listener_close(&listener);
}

/* It is as it was, whatever it is. */
static void check_strange(int fd, const char *spec, const char *path)
{
    const struct goxel_unix_options options = {16, 0600, (uid_t)-1, (gid_t)-1, true};
    struct goxel_listener listener, before;

    CU_ASSERT_FATAL(fd >= 0);
    memset(&listener, 0x5a, sizeof(listener));
    memset(&before, 0x5a, sizeof(before));
    if (spec)
        CU_ASSERT_FALSE(goxel_listener_adopt_tcp(fd, spec, &plain, GOXEL_KEEPER_NONE, &listener));
    if (path)
        CU_ASSERT_FALSE(goxel_listener_adopt_unix(fd, path, &options, GOXEL_KEEPER_NONE, &listener));
    CU_ASSERT_EQUAL(memcmp(&listener, &before, sizeof(listener)), 0);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
}

static void strange_tcp_sockets_are_not_adopted(void)
{
    const struct sockaddr_in everywhere = {.sin_family = AF_INET};
    int fd = bare_tcp(AF_INET, true), other;
    char spec[80];

    static const char *const wrong[] = {
        "0.0.0.0:0", "127.0.0.2:0", "[::1]:0", "[::]:0", "[::ffff:127.0.0.1]:0", "localhost:0", ""};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        check_strange(fd, wrong[i], NULL);
    snprintf(spec, sizeof(spec), "127.0.0.1:%u", port_of(fd) ^ 1);
    check_strange(fd, spec, NULL);
    check_strange(fd, NULL, "/tmp/sock");
    close(fd);

    /* One that is open to the world is not the one for this machine alone. */
    fd = bare_socket((const struct sockaddr *)&everywhere, sizeof(everywhere), true);
    check_strange(fd, "127.0.0.1:0", NULL);
    check_strange(fd, "[::]:0", NULL);
    CU_ASSERT_TRUE(
        goxel_listener_adopt_tcp(fd, "0.0.0.0:0", &plain, GOXEL_KEEPER_NONE, &(struct goxel_listener){0}));
    close(fd);

    fd = bare_tcp(AF_INET, false);
    check_strange(fd, "127.0.0.1:0", NULL); /* does not listen */
    close(fd);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    check_strange(fd, "127.0.0.1:0", NULL); /* no stream */
    close(fd);
    fd = open("/dev/null", O_RDWR);
    check_strange(fd, "127.0.0.1:0", "/dev/null"); /* no socket at all */
    close(fd);
    other = bare_tcp(AF_INET6, true);
    if (other >= 0) {
        check_strange(other, "127.0.0.1:0", NULL);
        check_strange(other, "[::]:0", NULL);
        close(other);
    }
}

/* The address of a link is told apart by its link. */
static void links_are_told_apart(void)
{
    struct sockaddr_in6 addr = {.sin6_family = AF_INET6, .sin6_scope_id = if_nametoindex("lo")};
    char spec[80];
    int fd;

    CU_ASSERT_EQUAL(inet_pton(AF_INET6, "fe80::7890", &addr.sin6_addr), 1);
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    /* An address that no interface has; needs a right that not everybody has. */
    if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &(int){1}, sizeof(int)) ||
        bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 1)) {
        if (fd >= 0)
            close(fd);
        unit_skip("no link-local IPv6 address can be bound");
        return;
    }
    check_strange(fd, "[fe80::7890]:0", NULL);
    snprintf(spec, sizeof(spec), "[fe80::7890%%%u]:0", addr.sin6_scope_id + 1);
    check_strange(fd, spec, NULL);
    CU_ASSERT_TRUE(goxel_listener_adopt_tcp(fd, "[fe80::7890%lo]:0", &plain, GOXEL_KEEPER_NONE,
                                            &(struct goxel_listener){0}));
    close(fd);
}

/* Whoever keeps the socket beside us decides how it ends. */
static void kept_tcp_sockets_outlive_us(void)
{
    struct goxel_listener listener;
    int fd = bare_tcp(AF_INET, true), kept = dup(fd), waiting, late, err;
    struct goxel_listener theirs = {.fd = kept, .family = AF_INET};

    /* A supervisor's: who comes waits for the next start. */
    CU_ASSERT_TRUE_FATAL(
        goxel_listener_adopt_tcp(fd, "127.0.0.1:0", &plain, GOXEL_KEEPER_SUPERVISOR, &listener));
    waiting = connect_to(&listener, &err);
    goxel_listener_refuse_new(&listener);
    late = connect_to(&listener, &err);
    CU_ASSERT_EQUAL(err, 0);
    close(late);
    goxel_listener_close(&listener);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), -1);
    late = connect_to(&theirs, &err);
    CU_ASSERT_EQUAL(err, 0);
    close(late);
    close(waiting);

    /* The store's: fenced, until a successor lifts it. */
    fd = dup(kept);
    CU_ASSERT_TRUE_FATAL(goxel_listener_adopt_tcp(fd, "127.0.0.1:0", &plain, GOXEL_KEEPER_STORE, &listener));
    goxel_listener_refuse_new(&listener);
    goxel_listener_close(&listener);
    late = connect_to(&theirs, &err);
    CU_ASSERT_EQUAL(err, EINPROGRESS);
    close(late);
    CU_ASSERT_TRUE_FATAL(goxel_listener_adopt_tcp(kept, "127.0.0.1:0", &plain, GOXEL_KEEPER_STORE, &theirs));
    for (int i = 0; i < 3; i++) {
        int old = accept(kept, NULL, NULL); /* who waited all the time */

        CU_ASSERT(old >= 0);
        close(old);
    }
    check_open(&theirs);
    goxel_listener_close(&theirs);
}

struct folder {
    char name[32], path[64];
};

static void make_folder(struct folder *folder)
{
    snprintf(folder->name, sizeof(folder->name), "/tmp/goxel-test-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder->name));
    snprintf(folder->path, sizeof(folder->path), "%s/sock", folder->name);
}

static void remove_folder(struct folder *folder)
{
    unlink(folder->path);
    CU_ASSERT_EQUAL(rmdir(folder->name), 0);
}

static int bare_unix(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};

    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
    return bare_socket((const struct sockaddr *)&addr, sizeof(addr), true);
}

static mode_t mode_of(const char *path)
{
    struct stat st;

    return stat(path, &st) ? (mode_t)-1 : st.st_mode & 07777;
}

static void unix_sockets_are_adopted(void)
{
    const struct goxel_unix_options options = {16, 0640, (uid_t)-1, (gid_t)-1, true};
    struct goxel_listener listener, successor;
    struct folder folder;
    int fd;

    make_folder(&folder);
    fd = bare_unix(folder.path);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(chmod(folder.path, 0606), 0);

    /* A supervisor's stays as it is. */
    CU_ASSERT_TRUE_FATAL(
        goxel_listener_adopt_unix(fd, folder.path, &options, GOXEL_KEEPER_SUPERVISOR, &listener));
    CU_ASSERT_EQUAL(mode_of(folder.path), 0606);
    check_open(&listener);
    listener.fd = dup(fd);
    goxel_listener_refuse_new(&listener);
    CU_ASSERT_EQUAL(mode_of(folder.path), 0606);
    check_open(&listener);
    goxel_listener_close(&listener);
    CU_ASSERT_EQUAL(mode_of(folder.path), 0606);

    /* The store's too, but its mode is ours. */
    CU_ASSERT_TRUE_FATAL(goxel_listener_adopt_unix(fd, folder.path, &options, GOXEL_KEEPER_STORE, &listener));
    CU_ASSERT_EQUAL(listener.fd, fd);
    CU_ASSERT_STRING_EQUAL(listener.name, folder.path);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    CU_ASSERT_EQUAL(mode_of(folder.path), 0640);
    listener.fd = dup(fd);
    goxel_listener_refuse_new(&listener);
    check_open(&listener); /* who comes now is the successor's */
    goxel_listener_close(&listener);
    CU_ASSERT_EQUAL(mode_of(folder.path), 0640);

    /* One that was handed over and is nobody else's ends with us. */
    CU_ASSERT_TRUE_FATAL(goxel_listener_adopt_unix(fd, folder.path, &options, GOXEL_KEEPER_NONE, &successor));
    check_open(&successor);
    goxel_listener_close(&successor);
    CU_ASSERT_EQUAL(mode_of(folder.path), (mode_t)-1);
    remove_folder(&folder);
}

static void strange_unix_sockets_are_not_adopted(void)
{
    char longer[80], longest[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
    struct sockaddr_un abstract = {.sun_family = AF_UNIX, .sun_path = "\0goxel-test"};
    struct folder folder;
    int fd, err;

    make_folder(&folder);
    fd = bare_unix(folder.path);
    snprintf(longer, sizeof(longer), "%ss", folder.path);
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    check_strange(fd, "127.0.0.1:0", NULL);
    check_strange(fd, NULL, longer);
    check_strange(fd, NULL, longest);
    check_strange(fd, NULL, folder.name);
    check_strange(fd, NULL, "");

    /* The path is gone, or something else is there: nobody could reach us. */
    unlink(folder.path);
    check_strange(fd, NULL, folder.path);
    err = open(folder.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CU_ASSERT(err >= 0);
    close(err);
    check_strange(fd, NULL, folder.path);
    CU_ASSERT_EQUAL(mode_of(folder.path), 0600);
    unlink(folder.path);
    close(fd);

    snprintf(abstract.sun_path + 1, sizeof(abstract.sun_path) - 1, "goxel-test-%ld", (long)getpid());
    fd = bare_socket((const struct sockaddr *)&abstract, sizeof(abstract), true);
    check_strange(fd, NULL, "");
    check_strange(fd, NULL, abstract.sun_path + 1);
    close(fd);
    remove_folder(&folder);
}

/* As long as an address may be: it has no room for a NUL in the kernel's answer. */
static void the_longest_path_is_one(void)
{
    const struct goxel_unix_options options = {16, 0600, (uid_t)-1, (gid_t)-1, true};
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    struct goxel_listener first, second;
    struct folder folder;
    int fd;

    make_folder(&folder);
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    memcpy(path, folder.name, strlen(folder.name));
    path[strlen(folder.name)] = '/';
    CU_ASSERT_EQUAL_FATAL(goxel_listener_open_unix(path, &options, NULL, &first), 0);
    fd = dup(first.fd);
    CU_ASSERT_TRUE_FATAL(goxel_listener_adopt_unix(fd, path, &options, GOXEL_KEEPER_NONE, &second));
    CU_ASSERT_STRING_EQUAL(second.path, path);
    close(first.fd);
    check_open(&second);
    goxel_listener_close(&second);
    CU_ASSERT_EQUAL(mode_of(path), (mode_t)-1);
    remove_folder(&folder);
}

static void unix_sockets_get_owner_and_group(void)
{
    struct goxel_unix_options options = {16, 0660, 4711, 4712, true};
    struct goxel_listener listener;
    struct goxel_detail detail;
    struct folder folder;
    struct stat st;

    make_folder(&folder);
    if (geteuid()) {
        /* What is not allowed is said, and nothing stays behind. */
        CU_ASSERT_EQUAL(goxel_listener_open_unix(folder.path, &options, &detail, &listener),
                        DAEMON_ERROR_SOCKET_CREATE_FAILED);
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, folder.path));
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "sockets.unix.group"));
        remove_folder(&folder);
        unit_skip("only root can give a socket away");
        return;
    }
    CU_ASSERT_EQUAL_FATAL(goxel_listener_open_unix(folder.path, &options, NULL, &listener), 0);
    CU_ASSERT_EQUAL(stat(folder.path, &st), 0);
    CU_ASSERT(st.st_uid == 4711 && st.st_gid == 4712);
    CU_ASSERT_EQUAL(mode_of(folder.path), 0660);

    /* The next image has others, or leaves them. */
    options = (struct goxel_unix_options){16, 0600, (uid_t)-1, 4713, true};
    CU_ASSERT_TRUE_FATAL(
        goxel_listener_adopt_unix(listener.fd, folder.path, &options, GOXEL_KEEPER_NONE, &listener));
    CU_ASSERT_EQUAL(stat(folder.path, &st), 0);
    CU_ASSERT(st.st_uid == 4711 && st.st_gid == 4713);
    CU_ASSERT_EQUAL(mode_of(folder.path), 0600);
    goxel_listener_close(&listener);
    remove_folder(&folder);
}

/* ---- links that somebody puts in the place of a socket ---- */

/* While set, what is at `from` goes to `to` as soon as it is a socket, and a link to `target` comes in its place. */
static struct {
    const char *from, *to, *target;
} swap;

static void swap_now(void)
{
    struct stat st;

    if (!swap.from || lstat(swap.from, &st) || !S_ISSOCK(st.st_mode))
        return;
    CU_ASSERT_EQUAL(rename(swap.from, swap.to), 0);
    CU_ASSERT_EQUAL(symlink(swap.target, swap.from), 0);
    swap.from = NULL;
}

/* Called after bind(2): in the place of the C library's. */
mode_t umask(mode_t mask)
{
    swap_now();
    return (mode_t)syscall(SYS_umask, mask);
}

/* Called between two changes of the mode. */
int fchownat(int dirfd, const char *path, uid_t owner, gid_t group, int flags)
{
    swap_now();
    return (int)syscall(SYS_fchownat, dirfd, path, owner, group, flags);
}

/* A folder with a file beside the socket, whose mode is to stay. */
struct trap {
    struct folder folder;
    char away[sizeof(((struct folder *)0)->path) + 8], target[sizeof(((struct folder *)0)->path) + 8];
};

static void set_trap(struct trap *trap)
{
    int fd;

    make_folder(&trap->folder);
    snprintf(trap->away, sizeof(trap->away), "%s.away", trap->folder.path);
    snprintf(trap->target, sizeof(trap->target), "%s.target", trap->folder.path);
    fd = open(trap->target, O_CREAT | O_WRONLY | O_CLOEXEC, 0604);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(fchmod(fd, 0604), 0);
    close(fd);
    swap.from = trap->folder.path;
    swap.to = trap->away;
    swap.target = trap->target;
}

static void remove_trap(struct trap *trap)
{
    struct stat st;

    CU_ASSERT_PTR_NULL(swap.from); /* it was sprung */
    CU_ASSERT_EQUAL(stat(trap->target, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 07777, 0604);
    CU_ASSERT(st.st_uid == geteuid() && st.st_gid == getegid());
    CU_ASSERT_EQUAL(unlink(trap->target), 0);
    CU_ASSERT_EQUAL(unlink(trap->away), 0);
    CU_ASSERT_EQUAL(lstat(trap->folder.path, &st), 0); /* the link is not ours to remove */
    CU_ASSERT(S_ISLNK(st.st_mode));
    remove_folder(&trap->folder);
}

static void a_link_in_its_place_is_not_followed(void)
{
    const struct goxel_unix_options options = {16, 0660, (uid_t)-1, (gid_t)-1, true};
    struct goxel_listener listener;
    struct goxel_detail detail;
    struct trap trap;

    set_trap(&trap);
    CU_ASSERT_EQUAL(goxel_listener_open_unix(trap.folder.path, &options, &detail, &listener),
                    DAEMON_ERROR_SOCKET_CREATE_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, trap.folder.path));
    remove_trap(&trap);
}

static void a_link_is_not_followed_in_adoption(void)
{
    const struct goxel_unix_options options = {16, 0660, (uid_t)-1, 4713, true};
    struct goxel_listener listener;
    struct trap trap;
    struct stat st;
    int fd;

    if (geteuid()) {
        unit_skip("only root can give a socket away");
        return;
    }
    set_trap(&trap);
    swap.from = NULL;
    fd = bare_unix(trap.folder.path);
    CU_ASSERT_EQUAL(chmod(trap.folder.path, 0606), 0);
    swap.from = trap.folder.path;
    CU_ASSERT_TRUE_FATAL(
        goxel_listener_adopt_unix(fd, trap.folder.path, &options, GOXEL_KEEPER_NONE, &listener));
    CU_ASSERT_EQUAL(stat(trap.away, &st), 0); /* the socket that was judged has it all */
    CU_ASSERT_EQUAL(st.st_gid, 4713);
    CU_ASSERT_EQUAL(st.st_mode & 07777, 0660);
    goxel_listener_close(&listener);
    remove_trap(&trap);
}

/* A link of the other kind: another's socket under our name. */
static void a_socket_with_two_names_keeps_its_mode(void)
{
    const struct goxel_unix_options options = {16, 0660, (uid_t)-1, (gid_t)-1, true};
    struct goxel_listener listener;
    struct folder folder;
    char other[sizeof(folder.path) + 8];
    int fd;

    make_folder(&folder);
    snprintf(other, sizeof(other), "%s.other", folder.path);
    fd = bare_unix(folder.path);
    CU_ASSERT_EQUAL(chmod(folder.path, 0600), 0);
    CU_ASSERT_EQUAL(link(folder.path, other), 0);
    CU_ASSERT_TRUE_FATAL(goxel_listener_adopt_unix(fd, folder.path, &options, GOXEL_KEEPER_NONE, &listener));
    CU_ASSERT_EQUAL(mode_of(other), 0600);
    goxel_listener_close(&listener);
    CU_ASSERT_EQUAL(unlink(other), 0);
    remove_folder(&folder);
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
        {"TCP sockets are adopted", tcp_sockets_are_adopted},
        {"the backlog is ours", the_backlog_is_ours},
        {"strange TCP sockets are not adopted", strange_tcp_sockets_are_not_adopted},
        {"links are told apart", links_are_told_apart},
        {"kept TCP sockets outlive us", kept_tcp_sockets_outlive_us},
        {"Unix sockets", unix_sockets},
        {"Unix sockets are adopted", unix_sockets_are_adopted},
        {"strange Unix sockets are not adopted", strange_unix_sockets_are_not_adopted},
        {"the longest path is one", the_longest_path_is_one},
        {"Unix sockets get owner and group", unix_sockets_get_owner_and_group},
        {"a link in its place is not followed", a_link_in_its_place_is_not_followed},
        {"a link is not followed in adoption", a_link_is_not_followed_in_adoption},
        {"a socket with two names keeps its mode", a_socket_with_two_names_keeps_its_mode},
        {NULL, NULL},
    },
};
