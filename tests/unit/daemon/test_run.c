/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole daemon in a child process, from its start to its end, seen through its Unix socket. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "rig.h"
#include "unit.h"
#include "unit/base/scratch.h"

/* Far beyond what anything here takes: a daemon that hangs fails the test rather than stops the run. */
#define CEILING_MS 60000
#define LOOK_AGAIN_MS 5

#define REQUEST(line) line " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#define CONF "workers { count = 2 }\n"

static pid_t start(struct rig *rig)
{
    pid_t parent = getpid(), pid;

    (void)fflush(NULL);
    pid = fork();
    CU_ASSERT_FATAL(pid >= 0);
    if (pid == 0) {
        int code;

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(EXIT_FAILURE);
        code = goxel_daemon_run(&rig->daemon, NULL);
        rig_free(rig);
        exit(goxel_error_exit(code)); /* leaks are an exit status of their own */
    }
    return pid;
}

/* The exit status, or -1. */
static int await_end(pid_t pid)
{
    struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    int status = 0;

    CU_ASSERT_FATAL(end.fd >= 0);
    if (poll(&end, 1, CEILING_MS) != 1)
        (void)kill(pid, SIGKILL);
    (void)close(end.fd);
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool has_ended(pid_t pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

/* The whole reply to a request on a connection of its own; "" while nobody listens. */
static const char *ask(const char *request)
{
    static char reply[64 << 10];
    const struct timeval limit = {.tv_sec = CEILING_MS / 1000};
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t len = 0;
    ssize_t got;

    CU_ASSERT_FATAL(fd >= 0);
    (void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%.107s", scratch_path("sock"));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 &&
        send(fd, request, strlen(request), MSG_NOSIGNAL) > 0) {
        while (len < sizeof(reply) - 1 && (got = recv(fd, reply + len, sizeof(reply) - 1 - len, 0)) > 0)
            len += (size_t)got;
    }
    reply[len] = '\0';
    (void)close(fd);
    return reply;
}

/* Asks until the reply has `part` in it, which it must before the daemon ends. */
static bool await_reply(pid_t pid, const char *request, const char *part)
{
    for (int i = 0; i < CEILING_MS / LOOK_AGAIN_MS && !has_ended(pid); i++) {
        if (strstr(ask(request), part))
            return true;
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
    }
    return false;
}

static bool serves(pid_t pid)
{
    return await_reply(pid, REQUEST("GET /health"), "HTTP/1.1 200 ");
}

static bool exists(const char *name)
{
    struct stat info;

    return lstat(scratch_path(name), &info) == 0;
}

static long pid_in_file(void)
{
    char *text = scratch_read("pid");
    long pid = text ? strtol(text, NULL, 10) : -1;

    free(text);
    return pid;
}

/* It has ended well, and left the log alone. */
static void assert_ends(pid_t pid)
{
    CU_ASSERT_EQUAL(await_end(pid), 0);
    CU_ASSERT_FALSE(exists("pid"));
    CU_ASSERT_FALSE(exists("sock"));
    CU_ASSERT_TRUE(exists("log"));
}

static void signals_reload_and_stop(void)
{
    struct rig rig;
    pid_t pid;

    if (!rig_open(&rig, CONF, NULL))
        return;
    pid = start(&rig);
    CU_ASSERT_TRUE(serves(pid));
    CU_ASSERT_EQUAL(pid_in_file(), pid);
    scratch_write("conf", "workers { count = 3 }\nperformance { io_threads = 3 }\n");
    CU_ASSERT_EQUAL(kill(pid, SIGHUP), 0);
    CU_ASSERT_TRUE(await_reply(pid, REQUEST("GET /state"), "RUNNING>RELOADING>RUNNING"));
    CU_ASSERT_PTR_NOT_NULL(strstr(ask(REQUEST("GET /health")), "performance.io_threads"));
    CU_ASSERT_EQUAL(kill(pid, SIGTERM), 0);
    assert_ends(pid);
    rig_close(&rig);
}

static void a_client_reloads_and_stops(void)
{
    const char *reply;
    struct rig rig;
    pid_t pid;

    if (!rig_open(&rig, CONF, NULL))
        return;
    pid = start(&rig);
    CU_ASSERT_TRUE(serves(pid));
    scratch_write("conf", "workers { count = 0 }\n");
    reply = ask(REQUEST("POST /reload"));
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "HTTP/1.1 422 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, ":1: workers.count: "));
    CU_ASSERT_TRUE(serves(pid));
    scratch_write("conf", "workers { count = 3 }\n");
    reply = ask(REQUEST("POST /reload"));
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "HTTP/1.1 200 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\"applied\":[\"workers.count\"]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(ask(REQUEST("POST /shutdown")), "HTTP/1.1 202 "));
    assert_ends(pid);
    rig_close(&rig);
}

/* During the grace time it says that it goes, and still serves; a second signal ends that. */
static void a_second_signal_is_impatience(void)
{
    struct rig rig;
    pid_t pid;

    if (!rig_open(&rig, "performance { shutdown_grace_ms = 3600000 }\n", NULL))
        return;
    pid = start(&rig);
    CU_ASSERT_TRUE(serves(pid));
    CU_ASSERT_EQUAL(kill(pid, SIGTERM), 0);
    CU_ASSERT_TRUE(await_reply(pid, REQUEST("GET /health"), "HTTP/1.1 503 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(ask(REQUEST("GET /version")), "HTTP/1.1 200 "));
    CU_ASSERT_EQUAL(kill(pid, SIGTERM), 0);
    assert_ends(pid);
    rig_close(&rig);
}

static void a_second_daemon_leaves_the_first_alone(void)
{
    struct rig rig;
    pid_t first, second;

    if (!rig_open(&rig, CONF, NULL))
        return;
    first = start(&rig);
    CU_ASSERT_TRUE(serves(first));
    second = start(&rig);
    CU_ASSERT_EQUAL(await_end(second), goxel_error_exit(DAEMON_ERROR_ALREADY_RUNNING));
    CU_ASSERT_EQUAL(pid_in_file(), first);
    CU_ASSERT_TRUE(serves(first));
    CU_ASSERT_EQUAL(kill(first, SIGINT), 0);
    assert_ends(first);
    rig_close(&rig);
}

const struct unit_suite run_suite = {
    "run",
    (const struct unit_test[]){
        {"signals reload and stop", signals_reload_and_stop},
        {"a client reloads and stops", a_client_reloads_and_stops},
        {"a second signal is impatience", a_second_signal_is_impatience},
        {"a second daemon leaves the first alone", a_second_daemon_leaves_the_first_alone},
        {NULL, NULL},
    },
};
