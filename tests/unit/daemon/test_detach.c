/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Detaching: what the caller sees of it, and what the daemon is afterwards. */
#include "daemon/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "forked.h"
#include "unit.h"
#include "unit/base/scratch.h"

/* What the third process tells the test. */
struct told {
    pid_t pid, parent, session;
    bool heard;
};

struct start {
    int status;
    const char *text;
    bool silent; /* dies without a report */
    int tell[2]; /* pipe: the third process writes, the test reads */
    int go[2];   /* pipe: the third waits for its end before it reports */
};

/* In the first process until goxel_detach, in the third after it. */
static int start_daemon(void *ctx)
{
    struct start *start = ctx;
    struct told told = {0};
    struct goxel_detail detail;
    sigset_t all;
    char byte;
    int fd = -1;

    close(start->go[1]); /* the test's end alone counts */
    printf("before\n");
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    if (goxel_detach(&detail, &fd))
        return 98;
    told = (struct told){.pid = getpid(), .parent = getppid(), .session = getsid(0)};
    if (!start->silent) {
        (void)!write(start->tell[1], &told, sizeof(told));
        (void)!read(start->go[0], &byte, 1);
        told.heard = goxel_detach_report(fd, start->status, start->text);
    }
    (void)!write(start->tell[1], &told, sizeof(told));
    _exit(0);
}

static void open_pipes(struct start *start)
{
    CU_ASSERT_EQUAL_FATAL(pipe2(start->tell, O_CLOEXEC), 0);
    CU_ASSERT_EQUAL_FATAL(pipe2(start->go, O_CLOEXEC), 0);
}

static void close_pipes(struct start *start)
{
    close(start->tell[0]);
    close(start->go[0]);
}

/* Lets it report, and returns the first process's status; *ret_told is the third's last word. */
static int finish(struct start *start, pid_t first, struct told *ret_told)
{
    close(start->tell[1]);
    close(start->go[1]);
    while (read(start->tell[0], ret_told, sizeof(*ret_told)) == (ssize_t)sizeof(*ret_told))
        continue;
    close_pipes(start);
    return forked_wait(first);
}

static void check_file(const char *name, const char *expected)
{
    char *text = scratch_read(name);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

static void the_outcome_reaches_the_caller(void)
{
    static const struct {
        int status;
        const char *text, *seen;
    } rows[] = {
        {0, NULL, ""},
        {0, "", ""},
        {26, "goxel-daemon: a port is taken", "goxel-daemon: a port is taken\n"},
        {1, "two\nlines", "two\nlines\n"},
    };

    if (!scratch_open())
        return;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct start start = {.status = rows[i].status, .text = rows[i].text};
        struct told told = {0};
        pid_t first;
        int status;

        open_pipes(&start);
        first = forked_start(start_daemon, &start);
        status = finish(&start, first, &told);
        CU_ASSERT(WIFEXITED(status));
        CU_ASSERT_EQUAL(WEXITSTATUS(status), rows[i].status);
        check_file("err", rows[i].seen);
        check_file("out", "before\n"); /* once */
        CU_ASSERT(told.heard);
        CU_ASSERT_NOT_EQUAL(told.pid, first);
        CU_ASSERT_NOT_EQUAL(told.parent, first);
        CU_ASSERT_NOT_EQUAL(told.session, getsid(0));
        CU_ASSERT_NOT_EQUAL(told.session, told.pid); /* no leader: it can get no terminal */
    }
    scratch_close();
}

static void a_daemon_that_dies_is_told(void)
{
    struct start start = {.silent = true};
    struct told told = {0};
    pid_t first;
    int status;

    if (!scratch_open())
        return;
    open_pipes(&start);
    first = forked_start(start_daemon, &start);
    status = finish(&start, first, &told);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), goxel_error_exit(GOXEL_ERROR_GENERAL));
    check_file("err", "goxel-daemon: the daemon ended during its start; its log may say why\n");
    scratch_close();
}

/* The caller had everything blocked, as a daemon has; the person who waits can end it all the same. */
static void the_caller_can_be_interrupted(void)
{
    struct start start = {.status = 0};
    struct told told = {.heard = true};
    pid_t first;
    int status;

    if (!scratch_open())
        return;
    open_pipes(&start);
    first = forked_start(start_daemon, &start);
    CU_ASSERT_EQUAL(read(start.tell[0], &told, sizeof(told)), (ssize_t)sizeof(told));
    (void)kill(first, SIGTERM);
    status = forked_wait(first);
    CU_ASSERT(WIFSIGNALED(status));
    CU_ASSERT_EQUAL(WTERMSIG(status), SIGTERM);
    (void)finish(&start, first, &told);
    CU_ASSERT_FALSE(told.heard);
    scratch_close();
}

static void reports_are_bounded_and_quiet(void)
{
    static char text[2 * GOXEL_DETACH_TEXT_MAX];
    char got[sizeof(text)];
    sigset_t pending;
    int ends[2];

    CU_ASSERT_FALSE(goxel_detach_report(-1, 0, NULL));
    memset(text, 'x', sizeof(text) - 1);
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    CU_ASSERT(goxel_detach_report(ends[1], 3, text));
    CU_ASSERT_EQUAL(read(ends[0], got, sizeof(got)), PIPE_BUF);
    CU_ASSERT_EQUAL(read(ends[0], got, 1), 0); /* closed */
    close(ends[0]);

    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    CU_ASSERT_FALSE(goxel_detach_report(ends[1], 0, NULL)); /* and this process lives */
    CU_ASSERT_EQUAL(sigpending(&pending), 0);
    CU_ASSERT_EQUAL(sigismember(&pending, SIGPIPE), 0);
}

static bool is_null(int fd)
{
    char name[32], target[64] = "";

    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    return readlink(name, target, sizeof(target) - 1) > 0 && !strcmp(target, "/dev/null");
}

static int give_streams_up(void *ctx)
{
    (void)ctx;
    if (goxel_detach_streams(NULL))
        return 1;
    return is_null(0) && is_null(1) && is_null(2) ? 0 : 2;
}

static void streams_become_null(void)
{
    int status;

    if (!scratch_open())
        return;
    status = forked_run(give_streams_up, NULL);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
    scratch_close();
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* The number of what was wrong. */
static int tidy(void *ctx)
{
    static const int numbers[] = {3, 4, 5, 100};
    int keep = *(int *)ctx;

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (dup2(STDERR_FILENO, numbers[i]) < 0)
            return 97;
    }
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    goxel_detach_tidy(keep);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (is_open(numbers[i]) != (numbers[i] < 3 + keep))
            return numbers[i];
    }
    return is_null(0) && is_null(1) && is_open(2) && !is_null(2) ? 0 : 1;
}

static void descriptors_are_tidied(void)
{
    if (!scratch_open())
        return;
    for (int keep = 0; keep <= 2; keep++) {
        int status = forked_run(tidy, &keep);

        CU_ASSERT(WIFEXITED(status));
        CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
    }
    scratch_close();
}

const struct unit_suite detach_suite = {
    "detach",
    (const struct unit_test[]){
        {"the outcome reaches the caller", the_outcome_reaches_the_caller},
        {"a daemon that dies is told", a_daemon_that_dies_is_told},
        {"the caller can be interrupted", the_caller_can_be_interrupted},
        {"reports are bounded and quiet", reports_are_bounded_and_quiet},
        {"streams become null", streams_become_null},
        {"descriptors are tidied", descriptors_are_tidied},
        {NULL, NULL},
    },
};
