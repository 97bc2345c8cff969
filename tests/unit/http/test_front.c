/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front in this process: exchanges, hand-over, deadlines, admission, and the steps of its end. */
#include "http/front.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "rig.h"
#include "unit.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
#define POST(path) "POST " path " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

static const char ping[] = "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                           "Content-Length: 47\r\nConnection: close\r\n\r\n"
                           "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\"}";

static void requests_are_answered(void)
{
    struct rig rig;
    const char *reply;

    rig_start(&rig, "", 16);
    reply = rig_ask(&rig, GET("/health"));
    CU_ASSERT_EQUAL(rig_status(reply), 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\"state\":\"RUNNING\",\"healthy\":true"));
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\"pending_restart\":[]"));
    reply = rig_ask(&rig, "HEAD /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    CU_ASSERT_EQUAL(rig_status(reply), 200);
    CU_ASSERT_STRING_EQUAL(strstr(reply, "\r\n\r\n"), "\r\n\r\n");
    CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, GET("/nowhere"))), 404);
    reply = rig_ask(&rig, ping);
    CU_ASSERT_EQUAL(rig_status(reply), 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\"pong\":true"));
    goxel_health_report(rig.health, GOXEL_CHECK_QUEUE, false, 0, "full");
    CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, GET("/health"))), 503);
    CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, GET("/health/live"))), 200);
    rig_stop(&rig);
}

/* Ready only while it serves, alive as long as its threads answer. */
static void health_follows_the_state(void)
{
    static const struct {
        enum goxel_state state;
        int status;
    } rows[] = {
        {DAEMON_STATE_RUNNING, 200},
        {DAEMON_STATE_RELOADING, 200},
        {DAEMON_STATE_ERROR, 503},
        {DAEMON_STATE_STOPPING, 503},
    };
    struct rig rig;

    rig_start(&rig, "", 16);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char state[40];
        const char *reply;

        if (i)
            CU_ASSERT_EQUAL(goxel_machine_move(rig.machine, rows[i].state, NULL), 0);
        reply = rig_ask(&rig, GET("/health"));
        snprintf(state, sizeof(state), "\"state\":\"%s\",", goxel_state_name(rows[i].state));
        CU_ASSERT_EQUAL(rig_status(reply), rows[i].status);
        CU_ASSERT_PTR_NOT_NULL(strstr(reply, state));
        CU_ASSERT_EQUAL(strstr(reply, "\"phase\":") != NULL, rows[i].state == DAEMON_STATE_STOPPING);
        CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, GET("/health/live"))), 200);
    }
    goxel_health_report(rig.health, GOXEL_CHECK_RESPONSIVE, false, 0, "hangs");
    CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, GET("/health/live"))), 503);
    rig_stop(&rig);
}

static void health_tells_checks_and_attempts(void)
{
    struct rig rig;
    const char *reply;

    rig_start(&rig, "", 16);
    rig.figures = (struct goxel_restart_figures){.restarts = 5, .recoveries = 4, .attempts = 2};
    goxel_health_report(rig.health, GOXEL_CHECK_SCRIPT, false, 7, "out of cheese");
    reply = rig_ask(&rig, GET("/health"));
    for (int check = 0; check < GOXEL_CHECK_COUNT; check++) {
        char text[80];

        snprintf(text, sizeof(text), "\"%s\":{\"ok\":%s,", goxel_check_name(check),
                 check == GOXEL_CHECK_SCRIPT ? "false" : "true");
        CU_ASSERT_PTR_NOT_NULL(strstr(reply, text));
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\"reason\":\"out of cheese\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\"attempts\":2,"));
    CU_ASSERT_PTR_NULL(strstr(reply, "recoveries"));
    rig_stop(&rig);
}

static void finish(struct rig *rig, enum goxel_request_kind kind, int code, const char *report)
{
    const struct goxel_request_result result = {code, report, report ? strlen(report) : 0, NULL};
    struct goxel_request_run run;

    while (!goxel_requests_take(rig->requests, kind, &run))
        poll(NULL, 0, 1);
    goxel_requests_finish(rig->requests, &run, "", &result);
}

/* What the lifecycle thread says becomes the reply of who asked. */
static void admin_calls_wait_for_their_outcome(void)
{
    static const struct {
        const char *request;
        enum goxel_request_kind kind;
        int code;
        const char *report;
        int status;
    } rows[] = {
        {POST("/reload"), GOXEL_REQUEST_RELOAD, 0, "{\"applied\":[]}", 200},
        {POST("/reload"), GOXEL_REQUEST_RELOAD, DAEMON_ERROR_CONFIG_INVALID, "{\"errors\":[\"x\"]}", 422},
        {POST("/reload"), GOXEL_REQUEST_RELOAD, DAEMON_ERROR_INVALID_STATE_TRANSITION, NULL, 409},
        {POST("/restart"), GOXEL_REQUEST_RESTART, 0, "{\"state\":\"STOPPING\"}", 202},
        {POST("/restart"), GOXEL_REQUEST_RESTART, DAEMON_ERROR_INVALID_STATE_TRANSITION, NULL, 409},
        {POST("/shutdown"), GOXEL_REQUEST_STOP, 0, "{\"state\":\"STOPPING\"}", 202},
        {POST("/log-level"), GOXEL_REQUEST_VERBOSITY, 0, "{\"level\":\"debug\"}", 200},
    };
    struct rig rig;

    rig_start(&rig, "", 16);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int fd = rig_connect(&rig);
        const char *reply;

        rig_write(fd, rows[i].request);
        finish(&rig, rows[i].kind, rows[i].code, rows[i].report);
        reply = rig_read_all(fd);
        CU_ASSERT_EQUAL(rig_status(reply), rows[i].status);
        if (rows[i].report)
            CU_ASSERT_PTR_NOT_NULL(strstr(reply, rows[i].report));
        close(fd);
    }
    rig_stop(&rig);
}

/* What a body asks for would not happen: nothing happens. */
static void restarts_take_no_body(void)
{
    struct rig rig;

    rig_start(&rig, "", 16);
    CU_ASSERT_EQUAL(
        rig_status(rig_ask(&rig, "POST /restart HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                 "Content-Type: application/json\r\nContent-Length: 14\r\n\r\n"
                                 "{\"force\":true}")),
        400);
    CU_ASSERT_FALSE(goxel_requests_pending(rig.requests, GOXEL_REQUEST_RESTART));
    rig_stop(&rig);
}

/* The whole path counts, not what fits a log line. */
static void long_paths_are_judged_whole(void)
{
    char request[1400], path[1024];
    struct rig rig;

    rig_start(&rig, "", 16);
    memset(path, 'a', sizeof(path));
    for (size_t len = 254; len <= 1000; len += 746) {
        snprintf(request, sizeof(request),
                 "POST /rpc/%.*s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", (int)len, path);
        /* An empty message is no JSON; a name that is too long is no name. */
        CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, request)), len < 256 ? 400 : 414);
    }
    CU_ASSERT_EQUAL(
        rig_status(rig_ask(&rig, "POST /log-level HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                 "Content-Type: application/json\r\nContent-Length: 1025\r\n"
                                 "Expect: 100-continue\r\n\r\n")),
        413);
    rig_stop(&rig);
}

static void a_client_that_leaves_is_forgotten(void)
{
    struct rig rig;
    int fd;

    rig_start(&rig, "", 16);
    fd = rig_connect(&rig);
    rig_write(fd, POST("/reload"));
    while (!goxel_requests_pending(rig.requests, GOXEL_REQUEST_RELOAD))
        poll(NULL, 0, 1);
    close(fd); /* while its connection is suspended */
    finish(&rig, GOXEL_REQUEST_RELOAD, 0, "{}");
    while (goxel_front_connections(rig.front))
        poll(NULL, 0, 1);
    CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, GET("/health"))), 200);
    rig_stop(&rig);
}

static void deadlines_are_total(void)
{
    struct rig rig;
    int fd;

    rig_start(&rig, "sockets { header_timeout_ms = 50 body_timeout_ms = 50 }", 16);
    fd = rig_connect(&rig);
    rig_write(fd, "GET /health HTTP/1.1\r\nHost: ");
    CU_ASSERT_EQUAL(rig_status(rig_read_all(fd)), 408);
    close(fd);
    fd = rig_connect(&rig);
    rig_write(fd, "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  "Content-Length: 100\r\n\r\n{");
    CU_ASSERT_EQUAL(rig_status(rig_read_all(fd)), 408);
    close(fd);
    /* Served once, then silent: no 408 that nobody asked for. */
    fd = rig_connect(&rig);
    rig_write(fd, "GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CU_ASSERT_PTR_NULL(strstr(rig_read_all(fd), " 408 "));
    close(fd);
    rig_stop(&rig);
}

static void surplus_connections_are_told_so(void)
{
    struct rig rig;
    int fds[2];

    rig_start(&rig, "", 2);
    for (int i = 0; i < 2; i++)
        fds[i] = rig_connect(&rig);
    while (goxel_front_connections(rig.front) < 2)
        poll(NULL, 0, 1);
    const char *reply = rig_ask(&rig, ping);
    CU_ASSERT_EQUAL(rig_status(reply), 503);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "Retry-After: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\"code\":-32000"));
    for (int i = 0; i < 2; i++)
        close(fds[i]);
    while (goxel_front_connections(rig.front))
        poll(NULL, 0, 1);
    CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, ping)), 200);
    rig_stop(&rig);
}

static void an_end_answers_everybody(void)
{
    struct rig rig;
    int waiting, early, asking, silent;
    char byte;

    rig_start(&rig, "", 16);
    waiting = rig_connect(&rig);
    rig_write(waiting, POST("/reload"));
    while (!goxel_requests_pending(rig.requests, GOXEL_REQUEST_RELOAD))
        poll(NULL, 0, 1);
    early = rig_connect(&rig);
    asking = rig_connect(&rig);
    silent = rig_connect(&rig);

    goxel_front_stop_accepting(rig.front);
    while (!goxel_front_has_stopped_accepting(rig.front))
        poll(NULL, 0, 1);
    CU_ASSERT_EQUAL(goxel_front_connections(rig.front), 4); /* the backlog was taken */
    goxel_front_drain(rig.front, GOXEL_FRONT_QUIET_MS);
    rig_write(early, "GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const char *reply = rig_read_all(early); /* ends although it did not ask for it */
    CU_ASSERT_EQUAL(rig_status(reply), 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "Connection: close"));

    rig_write(asking, "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      "Content-Length: 100\r\nExpect: 100-continue\r\n\r\n");
    CU_ASSERT_EQUAL(recv(asking, &byte, 1, 0), 1); /* of "100 Continue": the header has been read */
    CU_ASSERT_EQUAL(goxel_front_abandon(rig.front), 2);
    reply = rig_read_all(waiting);
    CU_ASSERT_EQUAL(rig_status(reply), 503);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig_read_all(asking), " 503 Service Unavailable"));
    finish(&rig, GOXEL_REQUEST_RELOAD, 0, "{}"); /* too late, and harmless */
    goxel_front_disconnect(rig.front);
    CU_ASSERT_EQUAL(recv(silent, &byte, 1, 0), 0); /* no reset */
    close(waiting);
    close(early);
    close(asking);
    close(silent);
    rig_stop(&rig);
}

static void await_stopped(struct rig *rig)
{
    while (!goxel_front_has_stopped_accepting(rig->front))
        poll(NULL, 0, 1);
}

/* Every client that connects gets a whole reply. */
struct crowd {
    const struct rig *rig;
    atomic_bool stop;
    atomic_uint served, lost;
};

static bool is_served(const struct rig *rig)
{
    const struct timeval limit = {.tv_sec = 60};
    struct sockaddr_in addr = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(rig->port, NULL, 10)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    static const char request[] = GET("/version");
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char reply[4096];
    size_t len = 0;
    ssize_t got;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    got = connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -1 : 0;
    if (!got && send(fd, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request))
        got = -1;
    while (got >= 0 && (got = recv(fd, reply + len, sizeof(reply) - 1 - len, 0)) > 0)
        len += (size_t)got;
    reply[len] = '\0';
    close(fd);
    return !got && rig_status(reply) == 200 && strstr(reply, "\"api\":\"14.6\"}\n");
}

static void *crowd_client(void *arg)
{
    struct crowd *crowd = arg;

    while (!atomic_load(&crowd->stop))
        atomic_fetch_add(is_served(crowd->rig) ? &crowd->served : &crowd->lost, 1);
    return NULL;
}

static void await_served(struct crowd *crowd, unsigned more)
{
    unsigned from = atomic_load(&crowd->served);

    while (atomic_load(&crowd->served) < from + more && !atomic_load(&crowd->lost))
        poll(NULL, 0, 1);
}

/* Nor is a connection of our own taken by a front that is held. */
static void refuses_probes(struct rig *rig)
{
    int fd;

    CU_ASSERT_EQUAL(goxel_front_probe(rig->front, NULL, &fd), GOXEL_ERROR_SHUTTING_DOWN);
}

/* Pauses, drains, and gives its listeners to a front of its own: a re-exec in small. */
static void succeed(struct rig *rig)
{
    struct goxel_listener listeners[GOXEL_LISTENERS_MAX];
    size_t count;

    goxel_front_pause(rig->front);
    await_stopped(rig);
    int late = rig_connect(rig); /* succeeds, and waits */
    rig_write(late, GET("/version"));
    while (goxel_front_drain(rig->front, 1000), goxel_front_connections(rig->front))
        poll(NULL, 0, 1);
    count = goxel_front_listeners(rig->front, listeners);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    goxel_front_release(rig->front);
    CU_ASSERT_EQUAL(goxel_front_listeners(rig->front, listeners), 0);
    goxel_front_destroy(rig->front);
    CU_ASSERT(recv(late, &(char){0}, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN); /* neither served nor cut */
    rig->held = true;
    rig_serve(rig, listeners, count);
    refuses_probes(rig);
    CU_ASSERT_EQUAL(goxel_front_connections(rig->front), 0); /* not before it may */
    goxel_front_accept(rig->front);
    CU_ASSERT_EQUAL(rig_status(rig_read_all(late)), 200);
    close(late);
}

static void a_pause_loses_nobody(void)
{
    struct rig rig;
    struct crowd crowd = {.rig = &rig};
    pthread_t clients[6];

    rig_start(&rig, "", 64);
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&clients[i], NULL, crowd_client, &crowd), 0);
    for (int i = 0; i < 5; i++) {
        await_served(&crowd, 50);
        succeed(&rig);
    }
    await_served(&crowd, 50);
    atomic_store(&crowd.stop, true);
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
        pthread_join(clients[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&crowd.lost), 0);
    rig_stop(&rig);
}

/* Stops serving without closing its listener. */
static void give_up(struct rig *rig, struct goxel_listener *ret_listeners)
{
    goxel_front_pause(rig->front);
    await_stopped(rig);
    CU_ASSERT_EQUAL_FATAL(goxel_front_listeners(rig->front, ret_listeners), 1);
    goxel_front_release(rig->front);
    goxel_front_destroy(rig->front);
}

/* Who came through the fence of a predecessor, its handshake being under way, can talk to its successor. */
static void the_store_may_hold_fenced_clients(void)
{
    const struct goxel_tcp_options tcp = {.backlog = 64};
    struct goxel_listener listeners[GOXEL_LISTENERS_MAX];
    struct rig rig;
    struct sockaddr_in addr;
    socklen_t len = sizeof(addr);
    int far = 255, near = 64, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    rig_start(&rig, "", 16);
    give_up(&rig, listeners);
    goxel_listener_refuse_new(&listeners[0]);
    CU_ASSERT_EQUAL(getsockname(listeners[0].fd, (struct sockaddr *)&addr, &len), 0);
    CU_ASSERT_EQUAL(setsockopt(fd, IPPROTO_IP, IP_TTL, &far, sizeof(far)), 0);
    CU_ASSERT_EQUAL(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    CU_ASSERT_EQUAL(setsockopt(fd, IPPROTO_IP, IP_TTL, &near, sizeof(near)), 0);
    CU_ASSERT_TRUE_FATAL(
        goxel_listener_adopt_tcp(listeners[0].fd, "127.0.0.1:0", &tcp, GOXEL_KEEPER_STORE, &listeners[0]));
    rig_serve(&rig, listeners, 1);
    rig_write(fd, GET("/version"));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 20}, sizeof(struct timeval));
    CU_ASSERT_EQUAL(rig_status(rig_read_all(fd)), 200);
    close(fd);
    rig_stop(&rig);
}

static void a_stop_after_a_pause_is_a_stop(void)
{
    struct goxel_listener listeners[GOXEL_LISTENERS_MAX];
    struct rig rig;
    int fd;

    rig_start(&rig, "", 16);
    CU_ASSERT_FALSE(goxel_front_has_stopped_accepting(rig.front));
    CU_ASSERT_EQUAL(goxel_front_listeners(rig.front, listeners), 1);
    CU_ASSERT_STRING_EQUAL(strrchr(listeners[0].name, ':') + 1, rig.port);
    goxel_front_pause(rig.front);
    await_stopped(&rig);
    fd = rig_connect(&rig);
    CU_ASSERT_EQUAL(goxel_front_connections(rig.front), 0);
    CU_ASSERT_EQUAL(goxel_front_listeners(rig.front, listeners), 1);
    goxel_front_stop_accepting(rig.front);
    await_stopped(&rig);
    CU_ASSERT_EQUAL(goxel_front_connections(rig.front), 1); /* the backlog was taken */
    CU_ASSERT_EQUAL(goxel_front_listeners(rig.front, listeners), 0);
    goxel_front_pause(rig.front); /* too late */
    CU_ASSERT(goxel_front_has_stopped_accepting(rig.front));
    rig_write(fd, GET("/version"));
    CU_ASSERT_EQUAL(rig_status(rig_read_all(fd)), 200);
    close(fd);
    rig_stop(&rig);
}

/* How long a silent client is kept is the caller's to say. */
static void a_drain_takes_its_quiet_time(void)
{
    struct rig rig;
    int64_t next;
    char byte;
    int fd;

    rig_start(&rig, "", 16);
    fd = rig_connect(&rig);
    while (!goxel_front_connections(rig.front))
        poll(NULL, 0, 1);
    next = goxel_front_drain(rig.front, 3600 * 1000);
    CU_ASSERT(next > 3000 * 1000 && next <= 3600 * 1000);
    CU_ASSERT(recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
    goxel_front_drain(rig.front, 0);
    CU_ASSERT_EQUAL(recv(fd, &byte, 1, 0), 0);
    close(fd);
    rig_stop(&rig);
}

/* The figures that clients make, as they are dumped. */
static void read_figures(struct rig *rig, unsigned long long ret_figures[4])
{
    static const char *const names[4] = {
        "goxel_connections=", "goxel_connections_accepted_total=", "goxel_connections_refused_total=",
        "goxel_http_request_duration_seconds_count="};
    struct goxel_buf line;

    goxel_buf_init(&line, 64 << 10);
    goxel_front_dump(rig->front, &line);
    for (int i = 0; i < 4; i++) {
        const char *at = strstr(line.data, names[i]);

        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        ret_figures[i] = strtoull(at + strlen(names[i]), NULL, 10);
    }
    goxel_buf_finish(&line);
}

static int open_probe(struct rig *rig)
{
    const struct timeval limit = {.tv_sec = 20};
    int fd = -1;

    CU_ASSERT_EQUAL_FATAL(goxel_front_probe(rig->front, NULL, &fd), 0);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    return fd;
}

/* The status of GET /version over a probe. */
static int ask_probe(struct rig *rig)
{
    int fd = open_probe(rig), status;

    rig_write(fd, GET("/version"));
    status = rig_status(rig_read_all(fd));
    close(fd);
    return status;
}

static void probes_come_in_when_nobody_does(void)
{
    enum { PLACES = 2, FULL = PLACES + GOXEL_FRONT_SURPLUS, MOST = FULL + 60 };
    unsigned long long before[4], after[4];
    struct rig rig;
    int fds[MOST], count = 0, fd;
    char byte;

    rig_start(&rig, "", PLACES);
    /* With its header sent nobody is in a hurry; whoever was too slow with that is replaced. */
    while (goxel_front_connections(rig.front) < FULL && count < MOST) {
        fds[count] = rig_connect(&rig);
        rig_write(fds[count++], "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                "Content-Length: 10\r\n\r\n");
        for (int i = 0; i < 50 && goxel_front_connections(rig.front) < (size_t)count; i++)
            poll(NULL, 0, 1);
    }
    CU_ASSERT_EQUAL(goxel_front_connections(rig.front), FULL);
    read_figures(&rig, before);
    for (int i = 0; i < 20; i++)
        CU_ASSERT_EQUAL(ask_probe(&rig), 200);
    fd = open_probe(&rig);
    rig_write(fd, "GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CU_ASSERT_EQUAL(recv(fd, &byte, 1, 0), 1);
    read_figures(&rig, after); /* while one is open */
    CU_ASSERT_EQUAL(memcmp(before, after, sizeof(before)), 0);
    close(fd);
    while (count)
        close(fds[--count]);
    rig_stop(&rig);
}

/* Our own connections have their time too, when there is no other. */
static void probes_have_deadlines(void)
{
    unsigned long long figures[4];
    struct rig rig;
    int fd;

    rig_start(&rig, "sockets { header_timeout_ms = 50 }", 16);
    fd = open_probe(&rig);
    CU_ASSERT_EQUAL(rig_status(rig_read_all(fd)), 408);
    read_figures(&rig, figures);
    CU_ASSERT_EQUAL(figures[3], 0);
    close(fd);
    rig_stop(&rig);
}

static void probes_are_not_taken_for_clients(void)
{
    struct rig rig;
    struct goxel_detail detail;
    struct rlimit limit, none;
    int fd;

    rig_start(&rig, "performance { max_connections_per_address = 1 }", 16);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(ask_probe(&rig), 200);

    /* No descriptor left. */
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_NOFILE, &none), 0);
    CU_ASSERT_EQUAL(goxel_front_probe(rig.front, &detail, &fd), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
    CU_ASSERT_EQUAL(detail.errnum, EMFILE);
    CU_ASSERT_EQUAL(ask_probe(&rig), 200);

    goxel_front_pause(rig.front);
    CU_ASSERT_EQUAL(goxel_front_probe(rig.front, &detail, &fd), GOXEL_ERROR_SHUTTING_DOWN);
    goxel_front_stop_accepting(rig.front);
    CU_ASSERT_EQUAL(goxel_front_probe(rig.front, &detail, &fd), GOXEL_ERROR_SHUTTING_DOWN);
    rig_stop(&rig);
}

static void wrong_set_ups_are_refused(void)
{
    struct goxel_listener listeners[GOXEL_LISTENERS_MAX + 1] = {0};
    const struct goxel_front_options options = {0};
    struct goxel_front *front = NULL;

    CU_ASSERT_EQUAL(goxel_front_check(NULL), 0);
    CU_ASSERT_EQUAL(goxel_front_create(&options, listeners, GOXEL_LISTENERS_MAX + 1, NULL, &front),
                    DAEMON_ERROR_SOCKET_CREATE_FAILED);
    CU_ASSERT_PTR_NULL(front);
    goxel_front_destroy(NULL);
}

const struct unit_suite front_suite = {
    "front",
    (const struct unit_test[]){
        {"requests are answered", requests_are_answered},
        {"health follows the state", health_follows_the_state},
        {"health tells checks and attempts", health_tells_checks_and_attempts},
        {"admin calls wait for their outcome", admin_calls_wait_for_their_outcome},
        {"restarts take no body", restarts_take_no_body},
        {"long paths are judged whole", long_paths_are_judged_whole},
        {"a client that leaves is forgotten", a_client_that_leaves_is_forgotten},
        {"deadlines are total", deadlines_are_total},
        {"surplus connections are told so", surplus_connections_are_told_so},
        {"an end answers everybody", an_end_answers_everybody},
        {"a pause loses nobody", a_pause_loses_nobody},
        {"the store may hold fenced clients", the_store_may_hold_fenced_clients},
        {"a stop after a pause is a stop", a_stop_after_a_pause_is_a_stop},
        {"a drain takes its quiet time", a_drain_takes_its_quiet_time},
        {"probes come in when nobody does", probes_come_in_when_nobody_does},
        {"probes have deadlines", probes_have_deadlines},
        {"probes are not taken for clients", probes_are_not_taken_for_clients},
        {"wrong set-ups are refused", wrong_set_ups_are_refused},
        {NULL, NULL},
    },
};
