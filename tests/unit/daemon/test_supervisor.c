/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a supervisor hears, through a real NOTIFY_SOCKET, and what it hands to us. */
#include "daemon/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "unit.h"
#include "base/scratch.h"

/* ---- a supervisor ---- */

struct heard {
    char text[512];
    int fd; /* the descriptor that came along, -1 if none */
};

/* `name` as in NOTIFY_SOCKET: a path, or @ and an abstract name. */
static int listen_at(const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    CU_ASSERT_TRUE_FATAL(fd >= 0 && len < sizeof(at.sun_path));
    memcpy(at.sun_path, name, len);
    if (name[0] == '@')
        at.sun_path[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(
        bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    setenv("WATCHDOG_USEC", "30000000", 1);
    return fd;
}

static int open_supervisor(void)
{
    CU_ASSERT_TRUE_FATAL(scratch_open());
    return listen_at(scratch_path("notify"));
}

static void stop_listening(int fd)
{
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    close(fd);
}

static void close_supervisor(int fd)
{
    stop_listening(fd);
    scratch_close();
}

/* The next datagram; an empty text: there is none. */
static struct heard hear(int fd)
{
    struct heard heard = {.fd = -1};
    struct iovec part = {heard.text, sizeof(heard.text) - 1};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * 4)];
    } control;
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.room,
        .msg_controllen = sizeof(control.room),
    };
    struct cmsghdr *rights;

    if (recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
        return heard;
    rights = CMSG_FIRSTHDR(&message);
    if (rights && rights->cmsg_type == SCM_RIGHTS && rights->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(&heard.fd, CMSG_DATA(rights), sizeof(int));
    return heard;
}

static void assert_heard(int fd, const char *text)
{
    struct heard heard = hear(fd);

    CU_ASSERT_STRING_EQUAL(heard.text, text);
    CU_ASSERT_EQUAL(heard.fd, -1);
}

/* Sends until its queue is full: a sender has a limit of its own, so one follows another. Returns how many it took. */
static unsigned fill(int supervisor)
{
    struct sockaddr_un at;
    socklen_t len = sizeof(at);
    unsigned count = 0, before;
    int senders[16];
    size_t used = 0;

    CU_ASSERT_EQUAL_FATAL(getsockname(supervisor, (struct sockaddr *)&at, &len), 0);
    do {
        senders[used] = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        CU_ASSERT_TRUE_FATAL(senders[used] >= 0);
        for (before = count; sendto(senders[used], "X=1", 3, 0, (struct sockaddr *)&at, len) == 3;)
            count++;
        used++;
    } while (count > before && used < sizeof(senders) / sizeof(senders[0]));
    CU_ASSERT_EQUAL(count, before);
    while (used)
        close(senders[--used]);
    return count;
}

static void empty(int supervisor, unsigned count)
{
    while (count--)
        assert_heard(supervisor, "X=1");
    assert_heard(supervisor, "");
}

/* ---- notifications ---- */

static void tell_all(int supervisor)
{
    struct heard heard;
    long long usec = 0;
    int end = 0;
    int64_t before_us = goxel_clock_ns() / 1000;

    CU_ASSERT_TRUE(goxel_supervisor_present());
    goxel_supervisor_ready();
    assert_heard(supervisor, "READY=1");
    goxel_supervisor_reloading();
    heard = hear(supervisor);
    CU_ASSERT_EQUAL(sscanf(heard.text, "RELOADING=1\nMONOTONIC_USEC=%lld%n", &usec, &end), 1);
    CU_ASSERT_EQUAL(heard.text[end], '\0');
    CU_ASSERT_TRUE(usec >= before_us && usec <= goxel_clock_ns() / 1000);
    goxel_supervisor_stopping();
    assert_heard(supervisor, "STOPPING=1");
    goxel_supervisor_extend(2500);
    assert_heard(supervisor, "EXTEND_TIMEOUT_USEC=2500000");
    goxel_supervisor_watchdog();
    assert_heard(supervisor, "WATCHDOG=1");
    unsetenv("WATCHDOG_USEC");
    goxel_supervisor_watchdog(); /* nobody asked for it */
    assert_heard(supervisor, "");
    CU_ASSERT_PTR_NOT_NULL(getenv("NOTIFY_SOCKET")); /* for the image that may follow */
}

static void through_a_path(void)
{
    int supervisor = open_supervisor();

    tell_all(supervisor);
    close_supervisor(supervisor);
}

static void through_an_abstract_name(void)
{
    char name[64];
    int supervisor;

    snprintf(name, sizeof(name), "@goxel-test-%ld", (long)getpid());
    supervisor = listen_at(name);
    tell_all(supervisor);
    stop_listening(supervisor);
}

static void status_when_it_changes(void)
{
    int supervisor = open_supervisor();
    char text[1024], expected[600];

    goxel_supervisor_status("%d projects", 3);
    assert_heard(supervisor, "STATUS=3 projects");
    goxel_supervisor_status("%d projects", 3);
    assert_heard(supervisor, "");
    goxel_supervisor_status("%d projects", 4);
    assert_heard(supervisor, "STATUS=4 projects");

    /* A reason with a line feed in it is not another field. */
    goxel_supervisor_status("script: %s", "no\nSTOPPING=1");
    assert_heard(supervisor, "STATUS=script: no\\x0aSTOPPING=1");

    /* Cut where a character ends. */
    memset(text, 'a', sizeof(text));
    for (size_t i = 0; i + 1 < sizeof(text) - 1; i += 2)
        memcpy(text + 1 + i, "\xc3\xa4", 2);
    text[sizeof(text) - 1] = '\0';
    goxel_supervisor_status("%s", text);
    {
        struct heard heard = hear(supervisor);
        size_t len = strlen(heard.text);

        snprintf(expected, sizeof(expected), "STATUS=%.*s", (int)(len - strlen("STATUS=")), text);
        CU_ASSERT_STRING_EQUAL(heard.text, expected);
        CU_ASSERT_EQUAL(len % 2, strlen("STATUS=a") % 2);
        CU_ASSERT_TRUE(len > 200);
    }
    close_supervisor(supervisor);
}

static void nobody_is_there(void)
{
    static const char *const wrong[] = {"", "relative", "@", "/nowhere/goxel-test", NULL};
    char text[256];

    unsetenv("NOTIFY_SOCKET");
    CU_ASSERT_FALSE(goxel_supervisor_present());
    goxel_supervisor_ready();
    goxel_supervisor_status("nobody reads this");
    goxel_supervisor_store(STDIN_FILENO, "x");
    for (const char *const *name = wrong; *name; name++) {
        setenv("NOTIFY_SOCKET", *name, 1);
        CU_ASSERT_EQUAL(goxel_supervisor_present(), (*name)[0] == '/');
        goxel_supervisor_stopping();
        goxel_supervisor_watchdog();
    }
    memset(text, 'x', sizeof(text));
    text[0] = '/';
    text[sizeof(text) - 1] = '\0';
    setenv("NOTIFY_SOCKET", text, 1);
    goxel_supervisor_ready();
    unsetenv("NOTIFY_SOCKET");
}

/* The socket is only there while we talk, so nothing is left behind. */
static void keeps_no_descriptor(void)
{
    int supervisor = open_supervisor();
    int before = dup(STDIN_FILENO), after;

    close(before);
    goxel_supervisor_ready();
    goxel_supervisor_store(STDIN_FILENO, "x");
    after = dup(STDIN_FILENO);
    CU_ASSERT_EQUAL(after, before);
    close(after);
    close_supervisor(supervisor);
}

static void a_full_queue_holds_nobody_up(void)
{
    int supervisor = open_supervisor();
    unsigned count = fill(supervisor);

    CU_ASSERT_TRUE(count > 0);
    goxel_log_set_level(GOXEL_LOG_ERROR); /* it complains, as it should */
    goxel_supervisor_status("unheard");
    goxel_supervisor_watchdog();
    goxel_supervisor_extend(1000);
    goxel_supervisor_reloading();
    goxel_supervisor_ready();
    goxel_supervisor_store(STDIN_FILENO, "unheard");
    goxel_log_set_level(GOXEL_LOG_INFO);
    empty(supervisor, count);

    /* The last state comes before what is new; a status that was not heard is told again. */
    goxel_supervisor_status("unheard");
    assert_heard(supervisor, "READY=1");
    assert_heard(supervisor, "STATUS=unheard");
    goxel_supervisor_watchdog();
    assert_heard(supervisor, "WATCHDOG=1");
    assert_heard(supervisor, "");
    close_supervisor(supervisor);
}

static void a_state_waits_for_room(void)
{
    int supervisor = open_supervisor();
    unsigned count = fill(supervisor);
    pid_t child = fork();
    int status;

    CU_ASSERT_TRUE_FATAL(child >= 0);
    if (child == 0) {
        goxel_supervisor_ready();
        _exit(0);
    }
    /* Whether it is already waiting or comes to a queue with room: it has to arrive. */
    while (count--)
        assert_heard(supervisor, "X=1");
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    assert_heard(supervisor, "READY=1");
    close_supervisor(supervisor);
}

/* ---- the descriptor store ---- */

static void stored_and_forgotten(void)
{
    int supervisor = open_supervisor();
    int pipe_fds[2];
    struct heard heard;
    char byte = 0;

    CU_ASSERT_EQUAL_FATAL(pipe2(pipe_fds, O_CLOEXEC), 0);
    goxel_supervisor_store(pipe_fds[1], "[::1]:7890\n\xc3\xa4");
    heard = hear(supervisor);
    CU_ASSERT_STRING_EQUAL(heard.text, "FDSTORE=1\nFDNAME=[__1]_7890___");
    CU_ASSERT_TRUE_FATAL(heard.fd >= 0);
    CU_ASSERT_EQUAL(write(heard.fd, "x", 1), 1); /* it is that pipe */
    CU_ASSERT_EQUAL(read(pipe_fds[0], &byte, 1), 1);
    CU_ASSERT_EQUAL(byte, 'x');
    close(heard.fd);
    goxel_supervisor_forget("[::1]:7890");
    assert_heard(supervisor, "FDSTOREREMOVE=1\nFDNAME=[__1]_7890");
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    close_supervisor(supervisor);
}

/* ---- the watchdog ---- */

static void watchdog_interval(void)
{
    char pid[16];

    CU_ASSERT_EQUAL(goxel_supervisor_watchdog_ms(), 0);
    setenv("WATCHDOG_USEC", "30000000", 1);
    CU_ASSERT_EQUAL(goxel_supervisor_watchdog_ms(), 15000);
    snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    CU_ASSERT_EQUAL(goxel_supervisor_watchdog_ms(), 15000);
    CU_ASSERT_PTR_NOT_NULL(getenv("WATCHDOG_USEC"));
    snprintf(pid, sizeof(pid), "%ld", (long)getppid());
    setenv("WATCHDOG_PID", pid, 1);
    CU_ASSERT_EQUAL(goxel_supervisor_watchdog_ms(), 0); /* somebody else's */
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "10", 1);
    CU_ASSERT_EQUAL(goxel_supervisor_watchdog_ms(), 1);
    setenv("WATCHDOG_USEC", "soon", 1);
    CU_ASSERT_EQUAL(goxel_supervisor_watchdog_ms(), 0);
    unsetenv("WATCHDOG_USEC");
}

/* ---- descriptors that are handed over: in a child, whose low descriptors may be anything ---- */

static void set_listen(long pid, int count, const char *names)
{
    char text[32];

    snprintf(text, sizeof(text), "%ld", pid);
    setenv("LISTEN_PID", text, 1);
    snprintf(text, sizeof(text), "%d", count);
    setenv("LISTEN_FDS", text, 1);
    if (names)
        setenv("LISTEN_FDNAMES", names, 1);
}

static void lay_out(int count)
{
    int null = open("/dev/null", O_RDWR);

    for (int fd = 3; fd < 3 + count; fd++)
        dup2(null, fd);
    for (int fd = 3 + count; fd < 256; fd++)
        close(fd);
}

static bool is_clean(void)
{
    return !getenv("LISTEN_PID") && !getenv("LISTEN_FDS") && !getenv("LISTEN_FDNAMES");
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* What each returns is the step that failed, 0 for none. */

static int take_two(void)
{
    struct goxel_inherited in;

    lay_out(2);
    set_listen(getpid(), 2, "goxel:127.0.0.1_7890");
    goxel_supervisor_take(&in);
    if (in.count != 2 || in.fds[0].fd != 3 || in.fds[1].fd != 4)
        return 1;
    if (strcmp(in.fds[0].name, "goxel") != 0 || strcmp(in.fds[1].name, "127.0.0.1_7890") != 0)
        return 2;
    if (!(fcntl(3, F_GETFD) & FD_CLOEXEC) || !(fcntl(4, F_GETFD) & FD_CLOEXEC))
        return 3;
    return is_clean() ? 0 : 4;
}

static int take_a_strangers(void)
{
    struct goxel_inherited in;

    lay_out(2);
    set_listen(getppid(), 2, "a:b");
    goxel_supervisor_take(&in);
    if (in.count != 0 || !is_open(3) || !is_open(4))
        return 1;
    return is_clean() ? 0 : 2;
}

static int take_without_names(void)
{
    struct goxel_inherited in;

    lay_out(2);
    set_listen(getpid(), 2, NULL);
    goxel_supervisor_take(&in);
    if (in.count != 2)
        return 1;
    return is_clean() ? 0 : 2;
}

static int take_with_too_few_names(void)
{
    struct goxel_inherited in;

    lay_out(2);
    set_listen(getpid(), 2, "one");
    goxel_supervisor_take(&in);
    if (in.count != 2 || in.fds[0].name[0] || in.fds[1].name[0])
        return 1;
    return is_clean() ? 0 : 2;
}

static int take_too_many(void)
{
    struct goxel_inherited in;

    lay_out(GOXEL_SUPERVISOR_FDS_MAX + 2);
    set_listen(getpid(), GOXEL_SUPERVISOR_FDS_MAX + 2, NULL);
    goxel_supervisor_take(&in);
    if (in.count != GOXEL_SUPERVISOR_FDS_MAX || !is_open(2 + GOXEL_SUPERVISOR_FDS_MAX))
        return 1;
    return is_open(3 + GOXEL_SUPERVISOR_FDS_MAX) || is_open(4 + GOXEL_SUPERVISOR_FDS_MAX) ? 2 : 0;
}

static int take_what_is_not_there(void)
{
    struct goxel_inherited in;

    lay_out(1);
    set_listen(getpid(), 3, NULL);
    goxel_supervisor_take(&in);
    if (in.count != 0)
        return 1;
    return is_clean() ? 0 : 2;
}

static int take_nothing(void)
{
    struct goxel_inherited in = {.count = 7};

    goxel_supervisor_take(&in);
    return in.count ? 1 : 0;
}

static void handed_over(void)
{
    static int (*const cases[])(void) = {
        take_two,      take_a_strangers,       take_without_names, take_with_too_few_names,
        take_too_many, take_what_is_not_there, take_nothing,
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pid_t child = fork();
        int status = -1;

        CU_ASSERT_TRUE_FATAL(child >= 0);
        if (child == 0) {
            goxel_log_set_level(GOXEL_LOG_ERROR);
            _exit(cases[i]());
        }
        CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
        CU_ASSERT_TRUE(WIFEXITED(status));
        if (WEXITSTATUS(status) != 0)
            fprintf(stderr, "case %zu failed at step %d\n", i, WEXITSTATUS(status));
        CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
    }
}

const struct unit_suite supervisor_suite = {
    "supervisor",
    (const struct unit_test[]){
        {"everything it hears, through a path", through_a_path},
        {"and through an abstract name", through_an_abstract_name},
        {"the status, when it changes", status_when_it_changes},
        {"nobody is there", nobody_is_there},
        {"no descriptor is kept", keeps_no_descriptor},
        {"a full queue holds nobody up", a_full_queue_holds_nobody_up},
        {"a state waits for room", a_state_waits_for_room},
        {"descriptors are stored and forgotten", stored_and_forgotten},
        {"the watchdog's interval", watchdog_interval},
        {"descriptors that are handed over", handed_over},
        {NULL, NULL},
    },
};
