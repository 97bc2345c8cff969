/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Syslog, seen from a service of our own at the other end of a datagram socket. The other sinks are
 * tested in test_log.c, through the log that is made of them.
 */
#include "base/sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "scratch.h"
#include "unit.h"

static int service = -1;

static void start_service(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    (void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", scratch_path("syslog"));
    service = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CU_ASSERT_FATAL(service >= 0);
    CU_ASSERT_EQUAL_FATAL(bind(service, (struct sockaddr *)&at, sizeof(at)), 0);
}

static void stop_service(void)
{
    CU_ASSERT_EQUAL(close(service), 0);
    CU_ASSERT_EQUAL(unlink(scratch_path("syslog")), 0);
    service = -1;
}

/* The next line that arrived, in a buffer that is used again; "" if there is none. */
static const char *receive(void)
{
    static char line[8192];
    ssize_t n = recv(service, line, sizeof(line) - 1, 0);

    line[n > 0 ? n : 0] = '\0';
    return line;
}

/* What follows "<PRI>Mon dd hh:mm:ss " in the next line. */
static const char *receive_text(void)
{
    const char *line = receive(), *head = strchr(line, '>');

    return head && strlen(head) > 17 ? head + 17 : line;
}

static bool open_syslog(void)
{
    struct goxel_log_options options = {
        .level = GOXEL_LOG_INFO, .target = GOXEL_LOG_SYSLOG, .ident = "unit", .facility = "local3"};

    if (!scratch_open())
        return false;
    options.socket = scratch_path("syslog");
    if (goxel_log_configure(&options, NULL) == 0)
        return true;
    CU_FAIL("no log");
    scratch_close();
    return false;
}

static void close_syslog(void)
{
    goxel_log_close();
    scratch_close();
}

/* "unit[PID]: TEXT" of this process. */
static const char *told(const char *text)
{
    static char line[256];

    (void)snprintf(line, sizeof(line), "unit[%ld]: %s", (long)getpid(), text);
    return line;
}

/* RFC 3164, section 4.1: priority, local time without a year, tag. */
static void a_line_is_as_in_rfc_3164(void)
{
    time_t before = time(NULL), then;
    struct tm date;
    const char *line, *rest;
    int priority = 0, head = 0;

    if (!open_syslog())
        return;
    start_service();
    goxel_log(GOXEL_LOG_WARN, "careful a=%d\nb", 7);
    line = receive();
    CU_ASSERT_EQUAL(sscanf(line, "<%d>%n", &priority, &head), 1);
    CU_ASSERT_EQUAL(priority, (19 << 3) + 4);
    (void)localtime_r(&before, &date); /* the year, and whether it is summer */
    rest = strptime(line + head, "%b %e %H:%M:%S", &date);
    CU_ASSERT_PTR_EQUAL_FATAL(rest, line + head + 15);
    then = mktime(&date);
    CU_ASSERT(then >= before && then <= time(NULL));
    CU_ASSERT_EQUAL(*rest, ' ');
    CU_ASSERT_STRING_EQUAL(rest + 1, told("careful a=7\\x0ab"));
    CU_ASSERT_STRING_EQUAL(receive(), "");
    stop_service();
    close_syslog();
}

static void a_long_line_is_one_datagram(void)
{
    static char longer[9000];
    const char *line;

    if (!open_syslog())
        return;
    start_service();
    memset(longer, 'x', sizeof(longer) - 1);
    goxel_log(GOXEL_LOG_INFO, "%s", longer);
    line = receive();
    CU_ASSERT(strlen(line) > 4000 && strlen(line) < GOXEL_OUTLET_LINE_MAX);
    CU_ASSERT_STRING_EQUAL(line + strlen(line) - 4, "x\xe2\x80\xa6");
    CU_ASSERT_STRING_EQUAL(receive(), "");
    stop_service();
    close_syslog();
}

static void a_service_may_come_later(void)
{
    if (!open_syslog())
        return;
    goxel_log(GOXEL_LOG_INFO, "one");
    goxel_log(GOXEL_LOG_INFO, "two");
    start_service();
    goxel_log(GOXEL_LOG_INFO, "three");
    CU_ASSERT_STRING_EQUAL(receive_text(), told("log lines lost count=2"));
    CU_ASSERT_STRING_EQUAL(receive_text(), told("three"));
    goxel_log(GOXEL_LOG_INFO, "four");
    CU_ASSERT_STRING_EQUAL(receive_text(), told("four"));
    stop_service();
    close_syslog();
}

static void a_service_may_be_started_anew(void)
{
    if (!open_syslog())
        return;
    start_service();
    goxel_log(GOXEL_LOG_INFO, "one");
    CU_ASSERT_STRING_EQUAL(receive_text(), told("one"));
    stop_service();
    start_service();
    goxel_log(GOXEL_LOG_INFO, "two");
    CU_ASSERT_STRING_EQUAL(receive_text(), told("two"));
    stop_service();
    goxel_log(GOXEL_LOG_INFO, "three");
    goxel_log(GOXEL_LOG_INFO, "four");
    start_service();
    goxel_log(GOXEL_LOG_INFO, "five");
    CU_ASSERT_STRING_EQUAL(receive_text(), told("log lines lost count=2"));
    CU_ASSERT_STRING_EQUAL(receive_text(), told("five"));
    stop_service();
    close_syslog();
}

/* Far more lines than a socket holds; how many of them are there to be received. */
static int log_too_much(int *ret_logged)
{
    int arrived = 0;

    *ret_logged = 5000;
    for (int i = 0; i < *ret_logged; i++)
        goxel_log(GOXEL_LOG_INFO, "line %d", i);
    while (receive()[0])
        arrived++;
    return arrived;
}

static void a_service_that_hangs_costs_lines_only(void)
{
    int arrived, logged;
    char notice[64];

    if (!open_syslog())
        return;
    start_service();
    goxel_log(GOXEL_LOG_INFO, "one");
    arrived = log_too_much(&logged) - 1;
    CU_ASSERT(arrived > 0 && arrived < logged);
    goxel_log(GOXEL_LOG_INFO, "after");
    (void)snprintf(notice, sizeof(notice), "log lines lost count=%d", logged - arrived);
    CU_ASSERT_STRING_EQUAL(receive_text(), told(notice));
    CU_ASSERT_STRING_EQUAL(receive_text(), told("after"));
    stop_service();
    close_syslog();
}

/* One that hung, was killed with its socket full, and is there again. */
static void a_hanging_service_may_be_replaced(void)
{
    const char *notice = told("log lines lost count=");

    if (!open_syslog())
        return;
    start_service();
    for (int i = 0; i < 5000; i++)
        goxel_log(GOXEL_LOG_INFO, "line %d", i);
    stop_service();
    start_service();
    goxel_log(GOXEL_LOG_INFO, "after");
    CU_ASSERT_EQUAL(strncmp(receive_text(), notice, strlen(notice)), 0);
    CU_ASSERT_STRING_EQUAL(receive_text(), told("after"));
    stop_service();
    close_syslog();
}

/* The child's log goes on when it cannot see the socket any more, until the service is started anew. */
static int log_confined(int go, int done)
{
    char byte = 0;

    if (chroot(scratch_path("jail")) != 0 || chdir("/") != 0)
        return 1;
    goxel_log(GOXEL_LOG_INFO, "inside");
    if (write(done, &byte, 1) != 1 || read(go, &byte, 1) != 1)
        return 2;
    goxel_log(GOXEL_LOG_INFO, "lost");
    return 0;
}

static void a_change_of_root_keeps_the_connection(void)
{
    int go[2], done[2], status = -1;
    char wanted[64], byte = 0;
    pid_t child;

    if (geteuid() != 0) {
        unit_skip("chroot(2) needs root");
        return;
    }
    if (!open_syslog())
        return;
    start_service();
    CU_ASSERT_EQUAL_FATAL(mkdir(scratch_path("jail"), 0700), 0);
    CU_ASSERT_FATAL(pipe(go) == 0 && pipe(done) == 0);
    goxel_log(GOXEL_LOG_INFO, "before");
    CU_ASSERT_STRING_EQUAL(receive_text(), told("before"));
    child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0)
        _exit(log_confined(go[0], done[1]));
    (void)close(done[1]); /* a child that fails ends the wait */
    CU_ASSERT_EQUAL(read(done[0], &byte, 1), 1);
    (void)snprintf(wanted, sizeof(wanted), "unit[%ld]: inside", (long)child);
    CU_ASSERT_STRING_EQUAL(receive_text(), wanted);
    stop_service();
    start_service();
    CU_ASSERT_EQUAL(write(go[1], &byte, 1), 1);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CU_ASSERT_STRING_EQUAL(receive(), "");
    (void)close(go[0]);
    (void)close(go[1]);
    (void)close(done[0]);
    stop_service();
    close_syslog();
}

static void a_path_that_no_socket_can_have(void)
{
    struct goxel_log_options options = {.target = GOXEL_LOG_SYSLOG};
    struct goxel_detail detail;
    struct goxel_sink sink;
    char path[200];

    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    options.socket = path;
    CU_ASSERT_EQUAL(goxel_sink_open(&options, &detail, &sink), DAEMON_ERROR_LOGGING_INIT_FAILED);
    CU_ASSERT_EQUAL(detail.errnum, ENAMETOOLONG);
}

/* Each allocation of a sink fails in turn: nothing is left open. */
static void failed_allocations(void)
{
    struct goxel_log_options options = {.target = GOXEL_LOG_SYSLOG, .socket = "/nowhere/log"};
    int code = DAEMON_ERROR_LOGGING_INIT_FAILED;
    struct goxel_sink sink;
    int failures = 0;

    for (long n = 0; n < 100 && code != 0; n++) {
        (void)unit_fail_allocation(n);
        code = goxel_sink_open(&options, NULL, &sink);
        (void)unit_fail_allocation(-1);
        failures += code != 0;
    }
    CU_ASSERT_EQUAL_FATAL(code, 0);
    CU_ASSERT(failures >= 2);
    goxel_sink_close(&sink);
    CU_ASSERT_EQUAL(sink.outlet.fd, -1);
    goxel_sink_close(&sink);
}

static const struct unit_test tests[] = {
    {"a line is as in RFC 3164", a_line_is_as_in_rfc_3164},
    {"a long line is one datagram", a_long_line_is_one_datagram},
    {"a service may come later", a_service_may_come_later},
    {"a service may be started anew", a_service_may_be_started_anew},
    {"a service that hangs costs lines only", a_service_that_hangs_costs_lines_only},
    {"a hanging service may be replaced", a_hanging_service_may_be_replaced},
    {"a change of root keeps the connection", a_change_of_root_keeps_the_connection},
    {"a path that no socket can have", a_path_that_no_socket_can_have},
    {"failed allocations", failed_allocations},
    {NULL, NULL},
};

const struct unit_suite sink_suite = {"sink", tests};
