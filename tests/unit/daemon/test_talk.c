/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small HTTP client against replies of every kind, and where it connects to. */
#include "daemon/talk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "unit.h"
#include "unit/base/scratch.h"

#define LONG_MS 20000

/* Talks to a peer that has sent `reply` already, and then ended the connection or not. */
static int talk(const char *reply, bool end, struct goxel_buf *body, unsigned *status,
                struct goxel_detail *detail)
{
    int ends[2], code;

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    CU_ASSERT_EQUAL(write(ends[1], reply, strlen(reply)), (ssize_t)strlen(reply));
    if (end)
        CU_ASSERT_EQUAL(shutdown(ends[1], SHUT_WR), 0);
    code = goxel_talk(ends[0], "GET", "/health", end ? LONG_MS : 100, body, detail, status);
    close(ends[0]);
    close(ends[1]);
    return code;
}

static void good_replies(void)
{
    static const struct {
        const char *reply;
        bool end;
        unsigned status;
        const char *body;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, 200, "hello"},
        {"HTTP/1.1 200 OK\r\ncontent-length:5 \r\n\r\nhello and more", false, 200, "hello"},
        {"HTTP/1.0 503 Service Unavailable\r\n\r\nuntil the end", true, 503, "until the end"},
        {"HTTP/1.1 204\r\nDate: today\r\nContent-Length: 0\r\n\r\n", false, 204, ""},
        {"HTTP/1.1 422 \r\nA: b: c\r\n\r\n", true, 422, ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_buf body;
        unsigned status = 0;

        goxel_buf_init(&body, 100);
        CU_ASSERT_EQUAL(talk(rows[i].reply, rows[i].end, &body, &status, NULL), 0);
        CU_ASSERT_EQUAL(status, rows[i].status);
        CU_ASSERT_STRING_EQUAL(body.data ? body.data : "", rows[i].body);
        goxel_buf_finish(&body);
        CU_ASSERT_EQUAL(talk(rows[i].reply, rows[i].end, NULL, &status, NULL), 0); /* dropped */
    }
}

static void bad_replies(void)
{
    static const struct {
        const char *reply;
        const char *reason;
    } rows[] = {
        {"", "closed"},
        {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "begin"},
        {"\r\n\r\n", "empty line"},
        {"HTTP/2 200 OK\r\n\r\n", "begin"},
        {"HTTP/1.1 2\r\n\r\n", "status"},
        {"HTTP/1.1 2000 OK\r\n\r\n", "status"},
        {"HTTP/1.1 abc OK\r\n\r\n", "status"},
        {"HTTP/1.1 100 Continue\r\n\r\n", "status"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "early"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5", "early"},
        {"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "Content-Length"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "Content-Length"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", "Content-Length"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "chunks"},
        {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "colon"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_detail detail;
        unsigned status = 7;

        goxel_detail_init(&detail);
        CU_ASSERT_EQUAL(talk(rows[i].reply, true, NULL, &status, &detail), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, rows[i].reason));
        CU_ASSERT_EQUAL(status, 7);
    }
}

static void ceilings(void)
{
    static char header[(16 << 10) + 100] = "HTTP/1.1 200 OK\r\nA: ";
    struct goxel_detail detail;
    struct goxel_buf body;
    char target[1000];
    unsigned status;
    int ends[2];

    goxel_buf_init(&body, 4);
    CU_ASSERT_EQUAL(talk("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true, &body, &status, &detail),
                    GOXEL_ERROR_MESSAGE_SIZE);
    CU_ASSERT(detail.has_limit);
    goxel_buf_finish(&body);

    memset(header + strlen(header), 'x', sizeof(header) - strlen(header) - 1);
    CU_ASSERT_EQUAL(talk(header, true, NULL, &status, &detail), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "too long"));

    memset(target, 'x', sizeof(target) - 1);
    target[sizeof(target) - 1] = '\0';
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    CU_ASSERT_EQUAL(goxel_talk(ends[0], "GET", target, LONG_MS, NULL, NULL, &status),
                    GOXEL_ERROR_MESSAGE_SIZE);
    close(ends[0]);
    close(ends[1]);
}

static void silence_has_an_end(void)
{
    static const char *const replies[] = {"", "HTTP/1.1 200 OK\r\n",
                                          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
                                          "HTTP/1.1 200 OK\r\n\r\n"};
    unsigned status;

    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++)
        CU_ASSERT_EQUAL(talk(replies[i], false, NULL, &status, NULL), GOXEL_ERROR_OPERATION_TIMEOUT);
}

static void what_is_sent(void)
{
    static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    static const struct {
        const char *method, *request;
    } rows[] = {
        {"GET", "GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"},
        {"POST", "POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char got[256] = "";
        unsigned status = 0;
        int ends[2];

        CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        CU_ASSERT_EQUAL(write(ends[1], reply, sizeof(reply) - 1), (ssize_t)sizeof(reply) - 1);
        CU_ASSERT_EQUAL(goxel_talk(ends[0], rows[i].method, "/x", LONG_MS, NULL, NULL, &status), 0);
        CU_ASSERT(read(ends[1], got, sizeof(got) - 1) > 0);
        CU_ASSERT_STRING_EQUAL(got, rows[i].request);
        close(ends[0]);
        close(ends[1]);
    }
}

/* No SIGPIPE, and an answer that was there before the end is taken. */
static void a_peer_that_left(void)
{
    unsigned status = 0;
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    close(ends[1]);
    CU_ASSERT_EQUAL(goxel_talk(ends[0], "GET", "/x", LONG_MS, NULL, NULL, &status), GOXEL_ERROR_INVALID_DATA);
    close(ends[0]);

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    CU_ASSERT_EQUAL(write(ends[1], "HTTP/1.1 503 x\r\n\r\n", 18), 18);
    close(ends[1]);
    CU_ASSERT_EQUAL(goxel_talk(ends[0], "GET", "/x", LONG_MS, NULL, NULL, &status), 0);
    CU_ASSERT_EQUAL(status, 503);
    close(ends[0]);
}

/* ---- connecting ---- */

static struct goxel_config *parse(const char *text)
{
    struct goxel_config *config = NULL;
    struct goxel_buf errors;

    goxel_buf_init(&errors, 4096);
    (void)goxel_config_parse(text, strlen(text), "test", NULL, 0, &errors, NULL, &config);
    if (!config)
        printf("\n%s", errors.data ? errors.data : "");
    goxel_buf_finish(&errors);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    return config;
}

static int connect_with(const char *text, int64_t timeout_ms, struct goxel_detail *detail)
{
    struct goxel_config *config = parse(text);
    int fd = -1;
    int code = goxel_talk_connect(config, timeout_ms, detail, &fd);

    CU_ASSERT_EQUAL(fd >= 0, !code);
    if (fd >= 0)
        close(fd);
    goxel_config_unref(config);
    return code;
}

static void over_a_path(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct goxel_detail detail;
    char text[400];
    int fd, waiting[2];

    if (!scratch_open())
        return;
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", scratch_path("sock"));
    snprintf(text, sizeof(text), "sockets { unix { path = \"%s\" } }", address.sun_path);
    CU_ASSERT_EQUAL(connect_with(text, LONG_MS, &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(detail.errnum, ENOENT);
    CU_ASSERT_STRING_EQUAL(detail.path, address.sun_path);

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    CU_ASSERT_EQUAL(connect_with(text, LONG_MS, &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(detail.errnum, ECONNREFUSED);
    CU_ASSERT_EQUAL(listen(fd, 1), 0);
    CU_ASSERT_EQUAL(connect_with(text, LONG_MS, &detail), 0);
    /* A queue that nobody empties: one of these two, or both, fill it. */
    for (size_t i = 0; i < 2; i++) {
        waiting[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(waiting[i], (struct sockaddr *)&address, sizeof(address));
    }
    CU_ASSERT_EQUAL(connect_with(text, 50, &detail), GOXEL_ERROR_OPERATION_TIMEOUT);
    close(waiting[0]);
    close(waiting[1]);
    close(fd);
    scratch_close();
}

/* A socket that speaks no HTTP is not tried, even if it is the only one. */
static void not_without_http(void)
{
    struct goxel_detail detail;

    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(
        connect_with("sockets { unix { protocol = jsonrpc } tcp { enabled = false } }", LONG_MS, &detail),
        GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "sockets.unix.protocol"));
}

/* A listener on loopback, of either family; -1: there is no such family here. */
static int listen_on(int family, int *ret_port)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.any = {.sa_family = (sa_family_t)family}};
    socklen_t len = family == AF_INET ? sizeof(address.v4) : sizeof(address.v6);
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (family == AF_INET)
        address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        address.v6.sin6_addr = in6addr_loopback;
    if (fd >= 0 && (bind(fd, &address.any, len) || listen(fd, 8) || getsockname(fd, &address.any, &len))) {
        close(fd);
        fd = -1;
    }
    *ret_port = ntohs(family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    return fd;
}

/* `options` has "PORT" where the port goes. */
static void write_tcp(const char *options, int port, char *text, size_t size)
{
    const char *at = strstr(options, "PORT");

    snprintf(text, size,
             "security { allow_remote_without_token = true } "
             "sockets { unix { enabled = false } tcp { %.*s%d%s } }",
             (int)(at - options), options, port, at + 4);
}

static void check_tcp(int family, const char *const *options)
{
    int port = 0, fd = listen_on(family, &port);
    struct goxel_detail detail;
    char text[300];

    if (fd < 0) {
        unit_skip("no such address family here");
        return;
    }
    for (; *options; options++) {
        write_tcp(*options, port, text, sizeof(text));
        CU_ASSERT_EQUAL(connect_with(text, LONG_MS, &detail), 0);
    }
    close(fd);
    CU_ASSERT_EQUAL(connect_with(text, LONG_MS, &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(detail.errnum, ECONNREFUSED);
}

static void over_tcp(void)
{
    check_tcp(AF_INET, (const char *const[]){"port = PORT", "bind_address = \"0.0.0.0\" port = PORT",
                                             "listen = {\"127.0.0.1:PORT\", \"127.0.0.1:1\"}",
                                             "listen = {\"0.0.0.0:PORT\"}", NULL});
}

static void over_ipv6(void)
{
    check_tcp(AF_INET6, (const char *const[]){"bind_address = \"::1\" port = PORT",
                                              "listen = {\"[::1]:PORT\"}", "listen = {\"[::]:PORT\"}", NULL});
}

static void a_port_that_is_not_known(void)
{
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(connect_with("sockets { unix { enabled = false } tcp { port = 0 } }", LONG_MS, &detail),
                    GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "any free TCP port"));
}

const struct unit_suite talk_suite = {
    "talk",
    (const struct unit_test[]){
        {"good replies", good_replies},
        {"bad replies", bad_replies},
        {"ceilings", ceilings},
        {"silence has an end", silence_has_an_end},
        {"what is sent", what_is_sent},
        {"a peer that left", a_peer_that_left},
        {"over a path", over_a_path},
        {"not without HTTP", not_without_http},
        {"over TCP", over_tcp},
        {"over IPv6", over_ipv6},
        {"a port that is not known", a_port_that_is_not_known},
        {NULL, NULL},
    },
};
