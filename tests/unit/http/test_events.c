/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GET /events of a front in this process: what is heard, and how it ends. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lifecycle/tell.h"
#include "rig.h"
#include "unit.h"

#define LISTEN "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"

/* A client that has got the header and the first bytes. */
static int listener(const struct rig *rig)
{
    int fd = rig_connect(rig);
    char text[4096] = "";
    size_t len = 0;
    ssize_t got;

    rig_write(fd, LISTEN);
    while (!strstr(text, "\n\n") && (got = recv(fd, text + len, sizeof(text) - 1 - len, 0)) > 0)
        len += (size_t)got;
    CU_ASSERT_EQUAL(rig_status(text), 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\r\nContent-Type: text/event-stream\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "retry: "));
    return fd;
}

static size_t subscribers(const struct rig *rig)
{
    struct goxel_feed_figures figures;

    goxel_feed_figures(rig->feed, &figures);
    return figures.subscribers;
}

static void a_drain_ends_what_was_told(void)
{
    struct rig rig;
    const char *heard;
    int fd;

    rig_start(&rig, "", 16);
    fd = listener(&rig);
    CU_ASSERT_EQUAL(subscribers(&rig), 1);
    goxel_tell_move(rig.feed, DAEMON_STATE_RUNNING, DAEMON_STATE_STOPPING);
    (void)goxel_front_drain(rig.front, GOXEL_FRONT_QUIET_MS);
    heard = rig_read_all(fd);
    CU_ASSERT_PTR_NOT_NULL(strstr(heard, "event: state\nid: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(heard, "\"state\":\"STOPPING\",\"from\":\"RUNNING\"}\n\n"));
    close(fd);
    while (subscribers(&rig))
        poll(NULL, 0, 1);
    /* Who comes now is told to come again. */
    CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, LISTEN)), 503);
    rig_stop(&rig);
}

static void a_front_that_goes_takes_its_listeners_along(void)
{
    struct rig rig;
    int fds[8];

    rig_start(&rig, "", 32);
    for (size_t i = 0; i < 8; i++)
        fds[i] = listener(&rig);
    CU_ASSERT_EQUAL(subscribers(&rig), 8);
    goxel_front_destroy(rig.front);
    rig.front = NULL;
    CU_ASSERT_EQUAL(subscribers(&rig), 0);
    for (size_t i = 0; i < 8; i++) {
        (void)rig_read_all(fds[i]);
        close(fds[i]);
    }
    goxel_tell_move(rig.feed, DAEMON_STATE_RUNNING, DAEMON_STATE_STOPPING); /* nobody is woken */
    rig_stop(&rig);
}

static void listeners_have_a_ceiling(void)
{
    struct rig rig;
    const char *reply;
    int fds[2];

    rig_start(&rig, "", 4);
    for (size_t i = 0; i < 2; i++)
        fds[i] = listener(&rig);
    reply = rig_ask(&rig, "GET /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    CU_ASSERT_EQUAL(rig_status(reply), 503);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\r\nRetry-After: "));
    reply = rig_ask(&rig, "GET /stats HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\ngoxel_event_subscribers 2\n"));
    for (size_t i = 0; i < 2; i++)
        close(fds[i]);
    rig_stop(&rig);
}

const struct unit_suite events_suite = {
    "events",
    (const struct unit_test[]){
        {"a drain ends what was told", a_drain_ends_what_was_told},
        {"a front that goes takes its listeners along", a_front_that_goes_takes_its_listeners_along},
        {"listeners have a ceiling", listeners_have_a_ceiling},
        {NULL, NULL},
    },
};
