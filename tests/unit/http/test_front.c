/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front in this process: exchanges, hand-over, deadlines, admission, and the steps of its end. */
#include "http/front.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
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
        {"admin calls wait for their outcome", admin_calls_wait_for_their_outcome},
        {"long paths are judged whole", long_paths_are_judged_whole},
        {"a client that leaves is forgotten", a_client_that_leaves_is_forgotten},
        {"deadlines are total", deadlines_are_total},
        {"surplus connections are told so", surplus_connections_are_told_so},
        {"an end answers everybody", an_end_answers_everybody},
        {"wrong set-ups are refused", wrong_set_ups_are_refused},
        {NULL, NULL},
    },
};
