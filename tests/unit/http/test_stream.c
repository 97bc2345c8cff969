/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON streams of a front in this process: what speaks what, and an end in the middle of it. */
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "rig.h"
#include "unit.h"
#include "unit/base/scratch.h"

#define PING(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"system.ping\"}"
#define RELOAD(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"system.reload\"}"

/* In place of the rig's own front one on a Unix socket. */
static void start(struct rig *rig, const char *config)
{
    const struct goxel_unix_options options = {16, 0600, (uid_t)-1, (gid_t)-1, true};
    struct goxel_listener listener;

    CU_ASSERT_TRUE_FATAL(scratch_open());
    rig_start(rig, config, 16);
    goxel_front_destroy(rig->front);
    CU_ASSERT_EQUAL_FATAL(goxel_listener_open_unix(scratch_path("socket"), &options, NULL, &listener), 0);
    rig_serve(rig, &listener, 1);
}

static void stop(struct rig *rig)
{
    rig_stop(rig);
    scratch_close();
}

static int connect_to(void)
{
    const struct timeval limit = {.tv_sec = 20};
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CU_ASSERT_FATAL(fd >= 0);
    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", scratch_path("socket"));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    return fd;
}

/* One line; the buffer is reused by the next call. */
static const char *read_line(int fd)
{
    static char line[4096];
    size_t len = 0;

    while (len < sizeof(line) - 1 && recv(fd, line + len, 1, 0) == 1 && line[len] != '\n')
        len++;
    line[len] = '\0';
    return line;
}

static void finish_reload(struct rig *rig)
{
    const struct goxel_request_result result = {0, "{}", 2, NULL};
    struct goxel_request_run run;

    while (!goxel_requests_take(rig->requests, GOXEL_REQUEST_RELOAD, &run))
        poll(NULL, 0, 1);
    goxel_requests_finish(rig->requests, &run, "", &result);
}

static void await_reload(struct rig *rig)
{
    while (!goxel_requests_pending(rig->requests, GOXEL_REQUEST_RELOAD))
        poll(NULL, 0, 1);
}

static void the_first_byte_decides(void)
{
    struct rig rig;
    int fds[2];

    start(&rig, "");
    for (int i = 0; i < 2; i++)
        fds[i] = connect_to();
    rig_write(fds[0], "G");
    rig_write(fds[1], " ");
    rig_write(fds[0], "ET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    rig_write(fds[1], PING(1));
    CU_ASSERT_EQUAL(rig_status(rig_read_all(fds[0])), 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(read_line(fds[1]), "\"id\":1,\"result\""));
    for (int i = 0; i < 2; i++)
        close(fds[i]);
    stop(&rig);
}

/* A message that waits for somebody keeps those behind it, and nobody else. */
static void messages_wait_for_those_before_them(void)
{
    struct rig rig;
    int waiting, other;

    start(&rig, "");
    waiting = connect_to();
    other = connect_to();
    rig_write(waiting, RELOAD(1) PING(2));
    await_reload(&rig);
    rig_write(other, PING(3));
    CU_ASSERT_PTR_NOT_NULL(strstr(read_line(other), "\"id\":3,"));
    CU_ASSERT_EQUAL(recv(waiting, &(char){0}, 1, MSG_DONTWAIT), -1);
    finish_reload(&rig);
    CU_ASSERT_PTR_NOT_NULL(strstr(read_line(waiting), "\"id\":1,\"result\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(read_line(waiting), "\"id\":2,\"result\""));
    close(waiting);
    close(other);
    stop(&rig);
}

static void a_drain_ends_streams(void)
{
    struct rig rig;
    int waiting, half, idle;

    start(&rig, "");
    waiting = connect_to();
    half = connect_to();
    idle = connect_to();
    rig_write(idle, PING(1));
    (void)read_line(idle);
    rig_write(half, PING(1) "[");
    (void)read_line(half);
    rig_write(waiting, RELOAD(1) PING(2));
    await_reload(&rig);
    goxel_front_stop_accepting(rig.front);
    while (!goxel_front_has_stopped_accepting(rig.front))
        poll(NULL, 0, 1);
    goxel_front_drain(rig.front, 0);
    CU_ASSERT_STRING_EQUAL(rig_read_all(idle), "");
    CU_ASSERT_EQUAL(send(idle, "{", 1, MSG_NOSIGNAL), -1); /* nothing is taken and then left unanswered */
    rig_write(half, "]");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig_read_all(half), "-32600"));
    finish_reload(&rig);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig_read_all(waiting), "\"id\":2,\"result\""));
    while (goxel_front_connections(rig.front))
        poll(NULL, 0, 1);
    close(waiting);
    close(half);
    close(idle);
    stop(&rig);
}

static void an_end_answers_everybody(void)
{
    struct rig rig;
    int waiting, half;

    start(&rig, "");
    waiting = connect_to();
    half = connect_to();
    rig_write(half, PING(1) "{\"jsonrpc\":");
    (void)read_line(half);
    rig_write(waiting, RELOAD(1) PING(2));
    await_reload(&rig);
    /* One thread has both, and was through with the half one before. */
    CU_ASSERT_EQUAL(goxel_front_abandon(rig.front), 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig_read_all(half), "\"id\":null,\"error\":{\"code\":-32001"));
    CU_ASSERT_PTR_NOT_NULL(strstr(read_line(waiting), "\"code\":-32001"));
    CU_ASSERT_PTR_NOT_NULL(strstr(read_line(waiting), "\"code\":-32001"));
    finish_reload(&rig); /* too late, and harmless */
    close(waiting);
    close(half);
    stop(&rig);
}

/* The end of the front does not wait for a call that hangs, and the call may end later. */
static void a_front_may_go_before_a_call(void)
{
    struct rig rig;
    int fd;

    start(&rig, "");
    fd = connect_to();
    rig_write(fd, RELOAD(1));
    await_reload(&rig);
    goxel_front_destroy(rig.front);
    rig.front = NULL;
    CU_ASSERT_STRING_EQUAL(rig_read_all(fd), "");
    finish_reload(&rig);
    close(fd);
    stop(&rig);
}

/* Keeps a worker, or a place in the queue, until it is let go. */
struct hog {
    struct goxel_task task;
    sem_t begun, let_go;
};

static void run_hog(struct goxel_task *task)
{
    struct hog *hog = (struct hog *)task;

    sem_post(&hog->begun);
    sem_wait(&hog->let_go);
}

static void submit_hog(struct rig *rig, struct hog *hog)
{
    *hog = (struct hog){.task.run = run_hog};
    sem_init(&hog->begun, 0, 0);
    sem_init(&hog->let_go, 0, 0);
    CU_ASSERT_EQUAL_FATAL(goxel_pool_submit(rig->pool, &hog->task), 0);
}

/* As 503 is for HTTP: each message is refused for itself, notifications too, as nobody has read them. */
static void a_full_queue_is_told(void)
{
    struct hog running, queued;
    struct rig rig;
    int fd;

    start(&rig, "workers { count = 1 queue_size = 1 }");
    fd = connect_to();
    submit_hog(&rig, &running);
    sem_wait(&running.begun);
    submit_hog(&rig, &queued);
    rig_write(fd, PING(1) PING(2));
    for (int i = 0; i < 2; i++)
        CU_ASSERT_PTR_NOT_NULL(strstr(read_line(fd), "\"id\":null,\"error\":{\"code\":-32000"));
    sem_post(&running.let_go);
    sem_wait(&queued.begun);
    sem_post(&queued.let_go);
    rig_write(fd, PING(3));
    CU_ASSERT_PTR_NOT_NULL(strstr(read_line(fd), "\"id\":3,\"result\""));
    close(fd);
    stop(&rig);
}

static const struct unit_test tests[] = {
    {"the first byte decides", the_first_byte_decides},
    {"messages wait for those before them", messages_wait_for_those_before_them},
    {"a drain ends streams", a_drain_ends_streams},
    {"an end answers everybody", an_end_answers_everybody},
    {"a full queue is told", a_full_queue_is_told},
    {"a front may go before a call", a_front_may_go_before_a_call},
    {NULL, NULL},
};

const struct unit_suite stream_suite = {"stream", tests};
